"""3つの部分からなる名前と、そこへたどり着くのに必要な権限。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, MUTED, ORANGE, arrow, box, canvas, label

WHAT = (2.5, 1.5)  # 表やモデルの箱の幅と高さ


def draw_grants() -> None:
    """グループから、カタログ、スキーマを通って、ビューとモデルへ矢印を引く図。

    矢印が境目を越える手前に、越えるための権限の名前を書く。住所のある表へは、どこからも矢印を引かない。
    """
    ax = canvas(10, 9.4)
    box(ax, (0.1, 0.1), (9.8, 6.9), "", color=GRAY)
    box(ax, (0.6, 0.4), (8.8, 4.6), "", color=BLUE)
    label(ax, (5, 6.6), "カタログ prod", color=MUTED)
    label(ax, (5, 4.6), "スキーマ prod.churn", color=MUTED)
    places = {
        "orders_safe\n（ビュー）": (0.9, BLUE),
        "orders\n（住所あり）": (3.75, ORANGE),
        "churn_model\n（モデル）": (6.6, GREEN),
    }
    for text, (x, color) in places.items():
        box(ax, (x, 0.7), WHAT, text, color=color)
    for who, x, last in (("analysts", 1.3, "SELECT"), ("app", 7.0, "EXECUTE")):
        box(ax, (x - 0.4, 8.3), (2.1, 0.9), who, color=GRAY, strong=True)
        arrow(ax, (x, 8.3), (x, 2.2), color=BLUE, width=2)
        for edge, privilege in ((7.0, "USE CATALOG"), (5.0, "USE SCHEMA"), (2.2, last)):
            label(ax, (x + 0.2, edge + 0.55), privilege, align="left")
    plt.show()
