"""モデルのバージョンとエイリアスの、時間に沿った動きの図。"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from figures.drawing import BLUE, ORANGE, canvas, label, polyline

START, STEP, ROW = 3.4, 1.9, 1.5  # 最初の出来事の横の位置、出来事の間、バージョンの行の間
SHIFT = 0.17  # 重ならないように、2本の線を上下にずらす幅


def alias_timeline(log: Mapping[str, tuple[int, int]], versions: int = 3) -> None:
    """登録した ``versions`` 個のバージョンと、``champion``・``production`` の動きを描く。

    ``log`` は、出来事の名前 → その直後に ``champion`` と ``production`` が指すバージョン。
    1から3のバージョンを下から並べ、エイリアスの指す先を折れ線で描く。灰色の線は、登録した後も
    残り続けるバージョンを表す。
    """
    end = START + STEP * (len(log) - 1) + 1.1
    top = ROW * versions + 1.9
    ax = canvas(end + 0.2, top + 0.4)

    def height(version: int) -> float:
        return 1.3 + ROW * (version - 0.5)

    polyline(ax, [(START - 0.6, 1.4), (end, 1.4)])
    for version in range(1, versions + 1):
        label(ax, (0.1, height(version)), f"バージョン{version}", align="left")
        polyline(ax, [(START - 0.6, height(version)), (end, height(version))], color="#dcdcdc")
    for number, event in enumerate(log):
        label(ax, (START + STEP * number, 0.75), f"{number + 1}\n{event}")
    aliases = (("champion", ORANGE, SHIFT, START), ("production", BLUE, -SHIFT, START + 4.2))
    for place, (name, color, shift, x) in enumerate(aliases):
        _steps(ax, [height(pair[place]) + shift for pair in log.values()], end, color)
        polyline(ax, [(x - 0.6, top), (x, top)], color=color)
        label(ax, (x + 0.2, top), name, color=color, align="left")
    plt.show()


def _steps(ax: Axes, heights: list[float], end: float, color: str) -> None:
    """出来事の所で上下する折れ線。"""
    points = []
    for number, y in enumerate(heights):
        x = START + STEP * number
        points += [(x, y), (end if number == len(heights) - 1 else x + STEP, y)]
    polyline(ax, points, color=color)
