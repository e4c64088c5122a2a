"""レッスン11の図。解約しそうな客の一覧を作る日と、電話をかける日。"""

import matplotlib.pyplot as plt

from figures.drawing import GRAY, MUTED, ORANGE, arrow, box, canvas, label

CYCLE, PREPARING = 30, 14  # 一覧を作る間隔と、電話の準備にかかる日数
LEFT, DAY = 1.75, 0.145  # 0日目の位置と、1日の幅


def call_days() -> None:
    """続けて作る2つの一覧の、準備と電話を、日数の線の上に並べる。2つ目の電話の日は書かない。"""
    ax = canvas(9.4, 3.5)
    for name, made, height in [("この一覧", 0, 2.1), ("次の一覧", CYCLE, 0.75)]:
        call = made + PREPARING + 1
        label(ax, (0, height + 0.3), name, align="left")
        box(ax, (_place(made), height), (PREPARING * DAY, 0.6), f"準備{PREPARING}日", color=GRAY)
        box(ax, (_place(call) - DAY, height), (0.3, 0.6), "", color=ORANGE, strong=True)
        label(ax, (_place(made) - 0.1, height + 0.9), f"{made}日目")
        day = f"{call}日目" if made == 0 else "？日目"
        label(ax, (_place(call), height + 0.9), f"{day}に電話", color=ORANGE)
    arrow(ax, (LEFT, 0.4), (9.3, 0.4))
    label(ax, (9.3, 0.1), "時間", color=MUTED, align="right")
    plt.show()


def _place(day: float) -> float:
    """``day`` 日目の、横の位置。"""
    return LEFT + DAY * day
