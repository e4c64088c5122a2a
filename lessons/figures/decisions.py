"""月ごとの判断を、世界ごとに並べる図。"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd

from figures.drawing import BLUE, GRAY, GREEN, INCHES, ORANGE, SIZE
from figures.font import use_japanese_font

# 判断 → (印の形、色、大きさ)
MARKS = {
    "何もしない": (".", GRAY, 60),
    "表を調べる": ("X", ORANGE, 110),
    "見送り": ("v", BLUE, 100),
    "昇格": ("*", GREEN, 220),
}


def draw_decisions(histories: Mapping[str, pd.DataFrame]) -> None:
    """``histories`` は、世界の名前 → 列「月」と「判断」を持つ表。横が月、縦が世界。"""
    use_japanese_font()
    _, ax = plt.subplots(figsize=(INCHES + 1, 0.8 + 0.7 * len(histories)), layout="constrained")
    for place, history in enumerate(reversed(histories.values())):
        for decision, (marker, color, size) in MARKS.items():
            chosen = [n for n, found in enumerate(history["判断"]) if found == decision]
            name = decision if place == 0 else None
            ax.scatter(chosen, [place] * len(chosen), size, color, marker, label=name)
    ax.set_yticks(range(len(histories)), list(reversed(histories)), fontsize=SIZE)
    months = [month[-2:].lstrip("0") for month in history["月"]]
    ax.set_xticks(range(len(months)), months, fontsize=SIZE)
    ax.set_xlabel("判断した月末（2026年4月末から2027年3月末まで）", fontsize=SIZE)
    ax.set_ylim(-0.6, len(histories) - 0.4)
    ax.legend(ncols=4, fontsize=10, loc="lower center", bbox_to_anchor=(0.42, 1), frameon=False)
    plt.show()
