"""5つの段階が、どの計算機で動き、その間をどれだけのデータが通るか。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, ORANGE, arrow, box, canvas, label

WIDTH, HEIGHT = 10, 10
MIDDLE = 6.1  # 段階の箱の中央


def draw_five_steps() -> None:
    """5つの段階を3つの層に分けて描く。

    データは下から上へ進み、通る量を矢印の本数と太さで表す。
    表の行を手分けして読むのは、下のデータ層の計算機だけ。上へ渡るのは、選んだ行と列、条件と点数である。
    """
    ax = canvas(WIDTH, HEIGHT)
    _band(ax, 8.15, 1.75, "管理層", GREEN)
    _band(ax, 5.25, 1.75, "ML層", ORANGE)
    _band(ax, 0.1, 4.0, "データ層", BLUE)
    _step(ax, 8.45, "5 MLflow\n記録のサーバー", GREEN)
    _step(ax, 5.55, "4 scikit-learn\nノートブックの1台", ORANGE)
    _step(ax, 0.35, "1 Delta Lake\n表のファイル", BLUE)
    for x in (3.05, 4.62, 6.19, 7.76):
        box(ax, (x, 2.6), (1.4, 0.8), "計算機", color=BLUE)
        arrow(ax, (x + 0.7, 1.5), (x + 0.7, 2.55), color=BLUE, width=3.2)
    label(ax, (0.35, 2.0), "手分けして\n読む", align="left")
    label(ax, (MIDDLE, 3.75), "2 Spark DataFrame")
    arrow(ax, (MIDDLE, 4.15), (MIDDLE, 5.2), color=ORANGE, width=3.2)
    label(ax, (MIDDLE - 0.3, 4.68), "3 .toPandas()", align="right")
    label(ax, (MIDDLE + 0.3, 4.68), "選んだ行と列", align="left")
    arrow(ax, (MIDDLE, 7.05), (MIDDLE, 8.1), color=GRAY, width=1.2)
    label(ax, (MIDDLE + 0.3, 7.58), "条件と点数", align="left")
    plt.show()


def _band(ax, bottom: float, height: float, name: str, color: str) -> None:
    box(ax, (0.1, bottom), (WIDTH - 0.2, height), "", color=color)
    label(ax, (0.35, bottom + height - 0.4), name, color=color, align="left", fontsize=12)


def _step(ax, bottom: float, text: str, color: str) -> None:
    box(ax, (3.05, bottom), (6.11, 1.15), text, color=color, strong=True)
