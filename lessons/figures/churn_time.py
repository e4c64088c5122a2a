"""解約を予測する時間の図。一覧が届くまでの流れ、見てよい窓、月の分け方。"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from figures.drawing import (
    BLUE,
    GRAY,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    arrow,
    box,
    canvas,
    label,
    polyline,
)


def draw_call_timeline() -> None:
    """3月の記録から、4月の答えまでの時間の線。

    記録が締まる3月31日の夜、一覧を作る4月1日の午前、電話する4月2日からを左から並べる。
    4月1日の9時より前に済む解約は、答えに入らない。
    """
    ax = canvas(10, 5.2)
    closed, nine, call, end = 3.5, 5.1, 6.1, 9.8
    arrow(ax, (0.1, 3), (9.95, 3), color=INK)
    for x, text in ((closed, "3/31\n夜"), (nine, "4/1\n9時"), (call, "4/2"), (end - 0.25, "4/30")):
        polyline(ax, [(x, 2.85), (x, 3.15)], color=INK)
        label(ax, (x, 2.35), text)
    box(ax, (0.2, 3.5), (closed - 0.2, 0.9), "使ってよい記録")
    box(ax, (nine, 3.5), (call - nine - 0.1, 0.9), "一覧", color=GRAY)
    box(ax, (call, 3.5), (end - call, 0.9), "電話できる期間", color=GREEN)
    box(ax, (nine, 0.7), (end - nine, 0.9), "答え: ここで解約するか", color=ORANGE)
    box(ax, (closed, 0.7), (nine - closed, 0.9), "未明", color=GRAY)
    label(ax, ((closed + nine) / 2, 0.3), "電話が間に合わない", color=MUTED)
    plt.show()


def draw_visible_window() -> None:
    """9月末の行から見てよい月と、まだ見えない月。当月と前の2か月の窓、前の2か月だけの窓を示す。"""
    ax = canvas(10, 5.6)
    months = ("6月", "7月", "8月", "9月", "10月", "11月")
    colors = (GRAY, BLUE, BLUE, BLUE, ORANGE, ORANGE)
    _row(ax, months, colors, (0.2, 2.5), 1.45)
    now = 0.2 + 1.6 * 4 - 0.08
    polyline(ax, [(now, 0.2), (now, 4.6)], color=INK)
    label(ax, (now, 5.1), "9月末に立つ")
    for text, first, last, height in (("three_months", 1, 3, 3.8), ("two_before", 1, 2, 1.9)):
        left, right = 0.2 + 1.6 * first, 0.2 + 1.6 * last + 1.45
        polyline(ax, [(left, height), (right, height)], color=BLUE)
        label(ax, ((left + right) / 2, height + (0.35 if height > 3 else -0.4)), text, color=BLUE)
    label(ax, (now + 0.2, 1.9), "まだ起きていない", color=ORANGE, align="left")
    label(ax, (now + 0.2, 1.2), "（10月の解約が答え）", color=MUTED, align="left")
    plt.show()


def draw_month_bands() -> None:
    """2025年4月から2026年3月までの12か月を、使い道ごとに塗り分けた帯。"""
    ax = canvas(12.2, 3.6)
    months = [f"{(3 + number) % 12 + 1}" for number in range(12)]
    colors = [GRAY] * 2 + [BLUE] * 5 + [GREEN] * 2 + [ORANGE] * 2 + [GRAY]
    _row(ax, months, colors, (0.1, 1.4), 0.9, gap=0.1)
    for text, first, last in (
        ("使わない", 0, 1), ("訓練", 2, 6), ("検証", 7, 8), ("テスト", 9, 10), ("予測", 11, 11),
    ):  # fmt: skip
        label(ax, (0.1 + (first + last + 0.9) / 2, 2.8), text)
    label(ax, (0.1, 0.7), "2025年", color=MUTED, align="left")
    label(ax, (9.1, 0.7), "2026年", color=MUTED, align="left")
    plt.show()


def _row(
    ax: Axes, texts: Sequence[str], colors: Sequence[str], corner: tuple[float, float],
    width: float, *, gap: float = 0.15,
) -> None:  # fmt: skip
    """月の箱を、左下の角 ``corner`` から横に並べる。"""
    for number, (text, color) in enumerate(zip(texts, colors, strict=True)):
        box(ax, (corner[0] + number * (width + gap), corner[1]), (width, 0.9), text, color=color)
