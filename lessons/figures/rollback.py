"""自動ロールバックの図: 信号と決めること、12晩の演習。"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.patches import Rectangle

from figures.drawing import BLUE, GRAY, GREEN, INCHES, INK, ORANGE, SIZE, TINTS
from figures.font import use_japanese_font

USUAL, PAIR = (0.9, 1.1), (0.8, 1.2)  # 前÷いつも、今÷前の、続ける幅
LEFT, RIGHT, BOTTOM, TOP = 0.75, 1.25, 0.6, 1.75  # 図の端


def draw_signals(before_usual: pd.Series, now_before: pd.Series) -> None:
    """夜ごとの点を、横に前÷いつも、縦に今÷前を取って置く。地の色が、決めること。"""
    use_japanese_font()
    _, ax = plt.subplots(figsize=(INCHES, 4), layout="constrained")
    low, high = USUAL
    for x, width in ((LEFT, low - LEFT), (high, RIGHT - high)):
        ax.add_patch(Rectangle((x, BOTTOM), width, TOP - BOTTOM, color=TINTS[ORANGE]))
        ax.text(x + width / 2, TOP - 0.1, "止める", ha="center", fontsize=SIZE, color=ORANGE)
    for y, height in ((BOTTOM, PAIR[0] - BOTTOM), (PAIR[1], TOP - PAIR[1])):
        ax.add_patch(Rectangle((low, y), high - low, height, color=TINTS[BLUE]))
    ax.text(1, TOP - 0.1, "戻す", ha="center", fontsize=SIZE, color=BLUE)
    box = Rectangle((low, PAIR[0]), high - low, PAIR[1] - PAIR[0], color=TINTS[GREEN])
    ax.add_patch(box)
    ax.text(1, PAIR[0] + 0.05, "続ける", ha="center", fontsize=SIZE, color=GREEN)
    places = {"いつもの夜": (-6, -16, "center"), "値上げ": (8, 4, "left")}  # 点から文字までの横と縦
    for name in before_usual.index:
        x, y, side = places.get(name, (0, 9, "center"))
        point = (before_usual[name], now_before[name])
        ax.plot(*point, "o", color=INK)
        ax.annotate(name, point, (x, y), textcoords="offset points", ha=side, fontsize=SIZE)
    ax.set(xlim=(LEFT, RIGHT), ylim=(BOTTOM, TOP))
    ax.set_xlabel("前のバージョンの平均 ÷ いつも", fontsize=SIZE)
    ax.set_ylabel("今の平均 ÷ 前の平均", fontsize=SIZE)
    plt.show()


def draw_drill(runs: Mapping[str, pd.DataFrame]) -> None:
    """決まりごとに、12晩の昼に使ったバージョンと、夜に決めたこと。

    ``runs`` は、決まりの名前 → 行が晩、列に「昼のバージョン」「決定」「朝のバージョン」のある表。
    """
    use_japanese_font()
    fig, axes = plt.subplots(
        len(runs), figsize=(INCHES, 2.1 * len(runs) + 0.4), sharex=True, layout="constrained"
    )
    marks = {"戻す": ("v", BLUE), "止める": ("s", ORANGE), "続ける": ("o", GRAY)}
    for ax, (name, run) in zip(axes, runs.items(), strict=True):
        ax.axvspan(6.5, 8.5, color=TINTS[ORANGE], linewidth=0)
        ax.axvspan(9.5, 12.5, color=TINTS[GREEN], linewidth=0)
        ax.step(run.index, run["昼のバージョン"], where="mid", color="#bbbbbb", linewidth=1.5)
        for decision, (mark, color) in marks.items():
            some = run[run["決定"] == decision]
            ax.plot(
                some.index, some["昼のバージョン"], mark, color=color, markersize=8, label=decision
            )
        ax.set_title(name, fontsize=SIZE)
        ax.set(ylim=(0.4, 3.6), xlim=(0.5, 12.5), ylabel="バージョン")
        ax.yaxis.label.set_fontsize(SIZE)
        ax.set_yticks([1, 2, 3], [f"{n}" for n in (1, 2, 3)], fontsize=SIZE)
        ax.set_xticks(range(1, 13), range(1, 13), fontsize=SIZE)
    fig.legend(
        *axes[0].get_legend_handles_labels(), fontsize=SIZE, ncols=3, loc="outside upper center"
    )
    axes[-1].set_xlabel("晩（橙の地は千円の表、緑の地は値上げの後）", fontsize=SIZE)
    plt.show()
