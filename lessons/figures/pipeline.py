"""パイプラインの中を、学習の時と予測の時に何が流れるか。"""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from figures.drawing import BLUE, GREEN, ORANGE, arrow, box, canvas, label

FIT, PREDICT = 2.1, 7.9  # 2つの列の、真ん中の横の位置
WIDE, TALL = 3.6, 1.9  # 段の箱の大きさ
SCALER, CLASSIFIER = 6.1, 2.2  # 2つの段の、箱の下の端の高さ


def draw_fit_and_predict() -> None:
    """左の列に ``fit`` の時、右の列に ``predict`` の時の流れ。破線は、覚えた値の受け渡し。"""
    ax = canvas(10, 10.1)
    _column(
        ax, FIT, ORANGE, ("fit", "訓練データの表", "答え（y_train）"),
        "平均と標準偏差を\n覚えて、標準化", "答えを見て\n係数を決める",
    )  # fmt: skip
    arrow(ax, (FIT, 0.9), (FIT, CLASSIFIER))
    _column(
        ax, PREDICT, BLUE, ("predict", "新しいデータの表", "判定"),
        "覚えた値で\n標準化", "決めた係数で\n計算",
    )  # fmt: skip
    arrow(ax, (PREDICT, CLASSIFIER), (PREDICT, 0.9))
    _handed_over(ax, SCALER, "平均と\n標準偏差", 0.85)
    _handed_over(ax, CLASSIFIER, "係数", 0.5)
    plt.show()


def _column(
    ax: Axes, x: float, color: str, names: tuple[str, str, str], scaler: str, classifier: str
) -> None:
    """1つの列。``names`` は、見出し、上から入る表、下に書くもの。"""
    title, table, below = names
    label(ax, (x, 9.7), title, color=color)
    label(ax, (x, 9.0), table)
    arrow(ax, (x, 8.7), (x, SCALER + TALL))
    for bottom, text in ((SCALER, f"scaler\n{scaler}"), (CLASSIFIER, f"classifier\n{classifier}")):
        box(ax, (x - WIDE / 2, bottom), (WIDE, TALL), text, color=color, strong=True)
    arrow(ax, (x, SCALER), (x, CLASSIFIER + TALL))
    label(ax, (x + 0.2, (SCALER + CLASSIFIER + TALL) / 2), "標準化\nした表", align="left")
    label(ax, (x, 0.5), below)


def _handed_over(ax: Axes, bottom: float, text: str, below: float) -> None:
    """学習の段から予測の段への破線と、その ``below`` だけ下に、渡すものの名前。"""
    y = bottom + TALL / 2
    arrow(ax, (FIT + WIDE / 2, y), (PREDICT - WIDE / 2, y), color=GREEN, width=2, dashed=True)
    label(ax, ((FIT + PREDICT) / 2, y - below), text, color=GREEN)
