"""同じファイルから、開発と本番の2つの場所に出す図。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, MUTED, ORANGE, arrow, box, canvas, label


def draw_targets() -> None:
    """上の1つのファイルの組から、左の開発と右の本番へ。違うのは、変数の値と、動き始め方だけ。"""
    ax = canvas(10, 8.6)
    box(ax, (0.6, 6.6), (8.8, 1.8), "", color=GRAY, strong=True)
    label(ax, (5, 7.95), "Gitにあるファイル")
    label(ax, (5, 7.15), "databricks.yml、resources、src、tests", color=MUTED)
    for x, name, color in ((2.5, "-t dev", BLUE), (7.5, "-t prod", ORANGE)):
        arrow(ax, (x, 6.6), (x, 4.9), color=color)
        label(ax, (x + 0.2, 5.75), name, color=color, align="left")
    box(
        ax,
        (0.2, 1.9),
        (4.6, 3),
        "開発（dev）\nchurn_monthly_dev\n予定の時刻には\n動かない",
        color=BLUE,
    )
    box(ax, (5.2, 1.9), (4.6, 3), "本番（prod）\nchurn_monthly\n毎月2日の6時に\n動く", color=ORANGE)
    for x in (2.5, 7.5):
        arrow(ax, (x, 1.9), (x, 1.3), color=GREEN)
        box(ax, (x - 2.3, 0.2), (4.6, 1.1), "モデルを学習し、審査する", color=GREEN)
    plt.show()
