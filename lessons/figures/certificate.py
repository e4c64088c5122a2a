"""修了課題の図: 9つのブロックのつながりと、修了証。"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle

from figures.drawing import BLUE, GREEN, INK, MUTED, ORANGE, SIZE, TINTS, arrow, box, canvas
from figures.font import use_japanese_font

NOTES = (
    "自分で採点した記録です。資格でも、会社の証明でもありません。",
    "本人に目の前で動かし直してもらえば点は分かりますが、偽造もできます。",
)


def draw_blocks() -> None:
    """9つのブロックが、どのブロックの結果を使うか。"""
    ax = canvas(10, 7.4)
    size = (2.8, 1.1)
    places = {
        "1 検査": (0.3, 6.1), "2 特徴量": (3.6, 6.1), "3 変化": (6.9, 6.1),
        "4 学習と審査": (3.6, 4.2), "5 登録": (6.9, 4.2),
        "6 一覧": (6.9, 2.3), "7 再現": (3.6, 2.3), "8 カード": (0.3, 2.3),
        "9 報告": (3.6, 0.4),
    }  # fmt: skip
    for text, corner in places.items():
        color = ORANGE if text == "9 報告" else GREEN if text == "6 一覧" else BLUE
        box(ax, corner, size, text, color=color, strong=text == "6 一覧")
    for start, end in (
        ((3.1, 6.65), (3.6, 6.65)), ((6.4, 6.65), (6.9, 6.65)), ((5, 6.1), (5, 5.3)),
        ((8.3, 6.1), (6, 5.3)), ((6.4, 4.75), (6.9, 4.75)), ((8.3, 4.2), (8.3, 3.4)),
        ((6.9, 2.85), (6.4, 2.85)), ((7.1, 4.2), (2.9, 3.4)), ((1.7, 2.3), (4, 1.5)),
        ((5, 2.3), (5, 1.5)), ((8.3, 2.3), (6, 1.5)),
    ):  # fmt: skip
        arrow(ax, start, end)
    plt.show()


def draw_certificate(
    name: str, points: Mapping[str, int], full: Mapping[str, int], edition: str, word: str
) -> None:
    """ブロックの棒、点、版、確認の言葉を載せた修了証。"""
    use_japanese_font()
    fig, ax = plt.subplots(figsize=(6, 5.6))
    fig.subplots_adjust(left=0.32, right=0.9, top=0.74, bottom=0.24)
    places = range(len(full))[::-1]
    ax.barh(places, list(full.values()), color=TINTS[BLUE])
    ax.barh(places, [points[key] for key in full], color=BLUE)
    for place, (key, most) in zip(places, full.items(), strict=True):
        ax.text(most + 0.3, place, f"{points[key]}/{most}", va="center", fontsize=SIZE)
    ax.set_yticks(places, list(full), fontsize=SIZE)
    ax.set_xticks([])
    ax.set_xlim(0, 21)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    fig.text(0.5, 0.915, "修了証", ha="center", fontsize=20, color=INK)
    fig.text(0.5, 0.85, f"{name} さん", ha="center", fontsize=14, color=INK)
    total = f"手を動かして学ぶDatabricksデータサイエンス 修了課題  {sum(points.values())}点"
    fig.text(0.5, 0.785, total, ha="center", fontsize=SIZE, color=INK)
    lines = [f"確認の言葉  {word}", edition, *NOTES]
    for line, (text, color) in enumerate(zip(lines, [INK, MUTED, INK, INK], strict=True)):
        fig.text(0.5, 0.19 - 0.045 * line, text, ha="center", fontsize=SIZE, color=color)
    border = Rectangle((0.02, 0.02), 0.96, 0.96, transform=fig.transFigure, fill=False, color=BLUE)
    fig.add_artist(border)
    plt.show()
