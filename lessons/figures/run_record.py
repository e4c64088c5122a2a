"""1つのランに入るものと、ランから読み戻せるもの。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, ORANGE, arrow, box, canvas, label

CONTENTS = (
    ("パラメータ", "条件"),
    ("指標", "点数"),
    ("タグ", "目印と理由"),
    ("データの記録", "表のバージョン、列"),
    ("アーティファクト", "図、組ごとの点数"),
    ("モデル", "読み戻して予測"),
)


def draw_run_record() -> None:
    """表のバージョンから学習し、条件、点数、データの記録、モデルが1つのランに入る図。"""
    ax = canvas(10, 10.4)
    box(ax, (1.1, 9.0), (7.8, 1.2), "Deltaの表の、あるバージョン", color=GRAY)
    arrow(ax, (5, 9.0), (5, 8.15))
    label(ax, (5.25, 8.6), "読んで、学習する", align="left")
    box(ax, (0.2, 1.9), (9.6, 6.2), "", color=BLUE)
    label(ax, (5, 7.6), "1つのラン（run）")
    for number, (name, inside) in enumerate(CONTENTS):
        row, column = divmod(number, 2)
        color = ORANGE if name == "モデル" else GREEN
        corner = (0.5 + 4.6 * column, 5.5 - 1.7 * row)
        box(ax, corner, (4.4, 1.5), f"{name}\n{inside}", color=color)
    arrow(ax, (7.3, 2.1), (7.3, 1.25))
    box(ax, (1.1, 0.1), (7.8, 1.15), "新しい検体をまとめて予測", color=GRAY)
    plt.show()
