"""学習スクリプトの6つの部品と、点検の問いの図。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, INK, arrow, box, canvas, label

POINTS = (
    ("JOB", "いまの文書が勧める項目か"),
    ("clean", "失敗したら、誰が気づくか"),
    ("features", "予測する夜に、分かる列か"),
    ("split", "テストは、訓練より後の月か"),
    ("tune", "選んだ行で、点数を付けていないか"),
    ("promote", "断る道があるか"),
)


def draw_review_points() -> None:
    """上から順に並ぶ6つの部品の箱と、右に添えた問い。"""
    step = 1.3
    ax = canvas(10, step * len(POINTS) + 0.1)
    for place, (name, question) in enumerate(POINTS):
        bottom = step * (len(POINTS) - 1 - place) + 0.2
        box(ax, (0.2, bottom), (2.6, 0.9), name, color=BLUE)
        label(ax, (3.1, bottom + 0.45), question, color=INK, align="left")
        if place > 1:  # JOBは、順に動く部品ではない
            arrow(ax, (1.5, bottom + step), (1.5, bottom + 0.9))
    plt.show()
