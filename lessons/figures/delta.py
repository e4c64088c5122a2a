"""Deltaの表のバージョンと、ログの行と、表の中身のファイル（レッスン14）。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, MUTED, ORANGE, box, canvas, label

# バージョンごとの、したこと、ログの行、読むファイル
VERSIONS = (
    ("表を作る", "Aを加える", "A"),
    ("全部を良性に", "Aを外し、Bを加える", "B"),
    ("元に戻す", "Bを外し、Aを加える", "A"),
    ("1件だけ直す", "Aを外し、Cを加える", "C"),
)
FILES = "ABC"
TOP, STEP = 7.2, 1.5  # いちばん上の行の高さと、行の間


def versions() -> None:
    """4つのバージョンを上から並べ、ログの行と、そのバージョンが読むファイルを横に置く。

    読むファイルは太い枠、前のバージョンのために残っているファイルは灰色にする。
    """
    ax = canvas(9.8, 9.1)
    label(ax, (0.1, 8.6), "バージョン", color=MUTED, align="left")
    label(ax, (3.2, 8.6), "ログの行", color=MUTED, align="left")
    label(ax, (8.2, 8.6), "ファイル", color=MUTED)
    made: set[str] = set()
    for number, (done, written, read) in enumerate(VERSIONS):
        middle = TOP - STEP * number
        made.add(read)
        label(ax, (0.1, middle), f"{number}  {done}", align="left")
        box(ax, (3.1, middle - 0.45), (3.7, 0.9), written, color=ORANGE)
        for place, name in enumerate(FILES):
            if name in made:
                _file(ax, (7.1 + 0.9 * place, middle - 0.4), name, read=name == read)
    _file(ax, (0.2, 0.2), "A", read=True)
    label(ax, (1.1, 0.6), "このバージョンが読む", align="left")
    _file(ax, (5.5, 0.2), "A", read=False)
    label(ax, (6.4, 0.6), "残っているだけ", align="left")
    plt.show()


def _file(ax, corner: tuple[float, float], name: str, *, read: bool) -> None:
    box(ax, corner, (0.7, 0.8), name, color=BLUE if read else GRAY, strong=read)
