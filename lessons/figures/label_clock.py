"""答えが1か月遅れて届くことと、12月末に学習し直す時に使える行の図。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, ORANGE, arrow, box, canvas, label, polyline

WIDTH = 1.55  # 1か月の幅
FIRST = 0.3  # 8月1日の場所


def draw_label_clock() -> None:
    """8月から1月までの線。行は月末に置く。答えは次の月末に届き、12月末の縦線の左だけが使える。"""
    ax = canvas(10, 8.4)
    ends = {8 + number: FIRST + WIDTH * (number + 1) for number in range(5)}  # 8月末から12月末まで
    polyline(ax, [(FIRST, 7.2), (FIRST + WIDTH * 6, 7.2)])
    for number in range(7):
        x = FIRST + WIDTH * number
        polyline(ax, [(x, 7), (x, 7.4)])
        if number < 6:
            label(ax, (x + WIDTH / 2, 7.7), f"{(7 + number) % 12 + 1}月")
    rise = FIRST + WIDTH * 2
    polyline(ax, [(rise, 7.4), (rise, 2.4)], color=ORANGE)
    label(ax, (rise - 0.1, 6.6), "値上げ", color=ORANGE, align="right")
    for month, y in ((10, 5.7), (11, 4.5)):
        x = ends[month]
        box(ax, (x - 0.75, y - 0.4), (1.5, 0.8), f"{month}月末", color=GRAY)
        arrow(ax, (x + 0.75, y), (x + WIDTH, y))
        label(ax, (x + WIDTH + 0.1, y), "答え", align="left")
    now = ends[12]
    polyline(ax, [(now, 7.4), (now, 2.4)], color=BLUE)
    label(ax, (now - 0.15, 3.1), "12月末に学習し直す", align="right", color=BLUE)
    box(ax, (ends[8] - 0.75, 1.1), (WIDTH * 2 + 1.5, 1.2), "8月末から10月末\nで学習", color=BLUE)
    box(ax, (ends[11] - 0.75, 1.1), (1.5, 1.2), "11月末\nで審査", color=GREEN)
    box(ax, (now - 0.75, 1.1), (1.5, 1.2), "12月末は\n答えなし", color=GRAY)
    plt.show()
