"""リネージと監査の図: 半年の間に替わったもの、予測1件のつながり、残る期間。"""

import matplotlib.pyplot as plt

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


def draw_timeline() -> None:
    """特徴量の表のバージョンと、``production`` のモデルが、10月から3月までにいつ替わったか。"""
    ax = canvas(10, 6.4)
    left, width = 1.5, 8.3  # 10月1日の位置と、6か月の幅
    month = width / 6
    for number, name in enumerate(("10月", "11月", "12月", "1月", "2月", "3月")):
        label(ax, (left + month * (number + 0.5), 0.35), name, color=MUTED)
    polyline(ax, [(left, 0.75), (left + width, 0.75)])
    corrected, replaced = left + month * 1.32, left + month * 3
    for y, name, change, texts, color in (
        (3.0, "表", corrected, ("表2", "表3"), BLUE),
        (1.2, "モデル", replaced, ("モデル1", "モデル2"), GREEN),
    ):
        label(ax, (left - 0.2, y + 0.5), name, align="right")
        box(ax, (left, y), (change - left, 1), texts[0], color=color)
        box(ax, (change, y), (left + width - change, 1), texts[1], color=color)
    label(ax, (corrected + 0.1, 4.4), "11月10日に訂正", align="left", color=BLUE)
    label(ax, (replaced, 2.6), "12月31日に昇格", color=GREEN)
    for x, day, side in (
        (left + 0.15, "10月1日の予測", "left"),
        (left + width - 0.5, "手紙", "center"),
    ):
        ax.plot([x, x], [0.75, 5.3], color=ORANGE, linewidth=2)
        label(ax, (x, 5.75), day, color=ORANGE, align=side)
    plt.show()


def draw_trace() -> None:
    """予測1件のつながり。破線は、``toPandas()`` を通る所。"""
    ax = canvas(10, 8.6)
    wide = (3.4, 1.15)
    box(ax, (0.1, 7.2), wide, "元の4つの表", color=GRAY)
    box(ax, (0.1, 4.9), wide, "特徴量の表\nバージョン1", color=BLUE)
    box(ax, (0.1, 2.4), wide, "特徴量の表\nバージョン2", color=BLUE)
    box(ax, (6.4, 7.2), wide, "コード\n（ダイジェスト）", color=GRAY)
    box(ax, (6.4, 4.9), wide, "ランと\nモデル1", color=GREEN)
    box(ax, (6.4, 2.4), wide, "予測の1行\n0.41", color=ORANGE, strong=True)
    box(ax, (6.4, 0.1), wide, "電話の一覧", color=GRAY)
    arrow(ax, (1.8, 7.2), (1.8, 6.05))
    arrow(ax, (1.8, 4.9), (1.8, 3.55))
    label(ax, (1.95, 4.22), "9月末の行を足す", align="left", color=MUTED)
    arrow(ax, (8.1, 7.2), (8.1, 6.05))
    arrow(ax, (8.1, 4.9), (8.1, 3.55))
    arrow(ax, (8.1, 2.4), (8.1, 1.25))
    for y in (5.47, 2.97):
        arrow(ax, (3.5, y), (6.4, y), color=ORANGE, dashed=True)
        label(ax, (4.95, y + 0.4), "toPandas()", color=ORANGE)
    plt.show()


def draw_retention() -> None:
    """11月10日の訂正から、何日後まで残るか。縦の線は、手紙の届いた125日後。"""
    ax = canvas(10, 6.6)
    left, width, days = 3.6, 6.2, 420
    rows = [
        ("直す前の行", 7, "7日", BLUE),
        ("変更履歴", 30, "30日", BLUE),
        ("リネージの表、監査ログ", 365, "1年ほど", GREEN),
        ("予測の表", None, "消すまで", GRAY),
        ("月ごとのコピー", None, "決めた日まで", GRAY),
    ]
    asked = left + width * 125 / days
    for number, (name, until, text, color) in enumerate(rows):
        y = 4.5 - number
        label(ax, (left - 0.2, y + 0.3), name, align="right")
        length = width if until is None else max(width * until / days, 0.3)
        box(ax, (left, y), (length, 0.6), "", color=color)
        short = until is not None and until < 100
        place = (left + length + 0.15, y + 0.3) if short else (asked + 0.2, y + 0.3)
        label(ax, place, text, align="left", color=INK)
    ax.plot([asked, asked], [0.3, 5.5], color=ORANGE, linewidth=2)
    label(ax, (asked, 5.9), "手紙（125日後）", color=ORANGE)
    plt.show()
