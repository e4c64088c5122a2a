"""時点をそろえた結合で、使ってよい行と、漏れる行。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, INK, MUTED, ORANGE, arrow, box, canvas, label, polyline

MONTHS = ("10月", "11月", "12月", "1月", "2月", "3月", "8月")  # 3月と8月の間は省く
AS_OF = 2  # 12月末。MONTHS の何番目か
LEVEL = 2.6  # 行の箱の下の端
SIZE = (1.0, 0.9)  # 行の箱の幅と高さ


def draw_point_in_time() -> None:
    """1人の顧客の月末の行を、古い順に左から並べた図。12月末に予測する。

    予測の時点までの行が青、後の行が橙。付ける行と、最新の行を付ける結合が選ぶ行を、矢印で指す。
    """
    ax = canvas(10, 6.2)
    places = [0.2 + 1.2 * number for number in range(len(MONTHS) - 1)]
    places = [x if number <= AS_OF else x + 0.3 for number, x in enumerate(places)] + [8.7]
    for number, (month, x) in enumerate(zip(MONTHS, places, strict=True)):
        box(ax, (x, LEVEL), SIZE, month, color=BLUE if number <= AS_OF else ORANGE)
    label(ax, (8.2, LEVEL + SIZE[1] / 2), "…")
    now = places[AS_OF] + SIZE[0] + 0.25
    polyline(ax, [(now, 0.3), (now, 5.3)], color=INK)
    label(ax, (now, 5.8), "12月末に予測する")
    label(ax, (now - 0.2, 1.9), "使ってよい行", color=BLUE, align="right")
    label(ax, (now + 0.2, 1.9), "まだ無い行（付けると漏れる）", color=ORANGE, align="left")
    label(ax, (now + 0.2, 0.9), "当てたい答え: 1月に解約したか", color=MUTED, align="left")
    for text, x, width, start, end, color in (
        ("付ける行", 0.2, 2.4, 2.2, places[AS_OF] + 0.4, BLUE),
        ("最新の行を付ける結合", 4.6, 4.2, 8.3, places[-1] + 0.4, ORANGE),
    ):
        box(ax, (x, 4.3), (width, 0.8), text, color=color)
        arrow(ax, (start, 4.3), (end, LEVEL + SIZE[1]), color=color, width=2)
    plt.show()
