"""ストリームの図: チェックポイント、記録の届き方、窓を閉じる線。"""

import matplotlib.pyplot as plt
import pandas as pd

from figures.drawing import (
    BLUE,
    GRAY,
    GREEN,
    INCHES,
    INK,
    MUTED,
    ORANGE,
    SIZE,
    arrow,
    box,
    canvas,
    label,
)
from figures.font import use_japanese_font


def draw_checkpoint() -> None:
    """元の表の変更を順に読み、どこまで書いたかをチェックポイントに残す。"""
    ax = canvas(10, 5.8)
    label(ax, (1.7, 5.45), "元の表", color=MUTED)
    for i, (text, color) in enumerate(
        [("火〜金の朝\n読み終えた", GRAY), ("土〜月の朝", BLUE), ("火・水の朝\nまだ届かない", GRAY)]
    ):
        box(ax, (0.2, 3.8 - 1.5 * i), (3, 1.2), text, color=color, strong=color == BLUE)
    box(ax, (4.2, 2.4), (2.2, 1), "1回分", color=BLUE)
    box(ax, (7.3, 2.4), (2.5, 1), "書き込み先", color=GREEN)
    box(ax, (3.9, 0.3), (2.8, 1), "チェックポイント", color=ORANGE, strong=True)
    arrow(ax, (3.2, 2.9), (4.2, 2.9), color=BLUE)
    arrow(ax, (6.4, 2.9), (7.3, 2.9), color=BLUE)
    arrow(ax, (5.3, 2.4), (5.3, 1.3), color=ORANGE)
    label(ax, (5.55, 1.85), "「月の朝まで読んだ」", color=ORANGE, align="left")
    plt.show()


def draw_arrivals(rows: pd.DataFrame) -> None:
    """横に予測した日、縦に届いた朝。翌朝に初めて届いたものは灰色、ほかは橙。

    ``rows`` は ``prediction_log.arrivals`` の表。丸の大きさは件数。
    """
    use_japanese_font()
    _, ax = plt.subplots(figsize=(INCHES, 4.2), layout="constrained")
    day = rows["predicted_at"].dt.normalize()
    counts = rows.groupby([day, pd.to_datetime(rows["arrived"])]).size()
    days = sorted(set(day))
    for (predicted, arrived), count in counts.items():
        x, late = days.index(predicted), (arrived - predicted).days - 1
        color = ORANGE if late else GRAY
        ax.scatter(x, x + late, s=count / 1.6, color=color, zorder=3)
        if late:
            text = f"もう1度（{count}件）" if count > 100 else f"{late}日遅れ（{count}件）"
            ax.annotate(
                text, (x, x + late), (-12, 8), textcoords="offset points", ha="right",
                fontsize=SIZE, color=ORANGE,
            )  # fmt: skip
    names = "月火水木金土日月火"
    ax.set_xticks(range(len(days)), names, fontsize=SIZE)
    ax.set_yticks(range(len(days)), [f"{name}の朝" for name in names[1:] + "水"], fontsize=SIZE)
    ax.set(xlim=(-0.6, len(days) - 0.4), ylim=(-0.6, len(days) - 0.2))
    ax.set_xlabel("予測した日", fontsize=SIZE)
    ax.set_ylabel("届いた朝", fontsize=SIZE)
    ax.grid(color="#eeeeee")
    plt.show()


def draw_watermark() -> None:
    """日曜の夕方までの行が届いた時の、閉じた窓と、まだ開いている窓。"""
    ax = canvas(10, 4.6)
    for i, (name, closed) in enumerate([("金", True), ("土", True), ("日", False), ("月", False)]):
        color, text = (GRAY, "閉じた") if closed else (BLUE, "開いている" if i == 2 else "これから")
        box(ax, (0.3 + 2.4 * i, 1.5), (2.3, 1.1), f"{name}\n{text}", color=color)
    newest, line = 0.3 + 2.4 * 2.75, 0.3 + 2.4 * 2.7
    for bottom, top in ((0.9, 1.5), (2.6, 3.1)):
        ax.plot([line, line], [bottom, top], color=ORANGE, linewidth=2)
    ax.plot([newest, newest], [2.6, 3.6], color=INK, linewidth=1, linestyle=":")
    label(ax, (newest, 4.1), "いちばん新しい行（日曜の夕方）")
    label(ax, (line, 0.5), "ウォーターマーク（その1時間前）", color=ORANGE)
    plt.show()
