"""グループごとの差の図: 偶然だけで開く差、月ごとの帯、害のある世界。"""

from collections.abc import Mapping

import churn_gate
import matplotlib.pyplot as plt
import model_card
import numpy as np
import pandas as pd
from churn_steps import THRESHOLD
from matplotlib.axes import Axes

from figures.drawing import BLUE, GRAY, INCHES, INK, ORANGE, SIZE
from figures.font import use_japanese_font

BAND = "#d9d9d9"


def draw_chance_gaps(gaps: pd.Series, actual: float) -> None:
    """名前を付け直した差 ``gaps`` の分布。``actual`` 以上の部分に色を付ける。"""
    use_japanese_font()
    _, ax = plt.subplots(figsize=(INCHES, 3), layout="constrained")
    edges = np.arange(0, 0.5, 0.02)
    edges = np.sort(np.append(edges[np.abs(edges - actual) > 0.01], actual))
    _, _, bars = ax.hist(gaps, bins=edges, color=GRAY)
    for left, bar in zip(edges, bars, strict=False):
        bar.set_facecolor(ORANGE if left >= actual - 1e-9 else GRAY)
    ax.axvline(actual, color=INK, linestyle="--")
    ax.annotate(
        "実際の差", (actual, ax.get_ylim()[1]), (6, -14), textcoords="offset points", fontsize=SIZE
    )
    ticks = [0, 0.1, 0.2, 0.3, 0.4]
    ax.set_xticks(ticks, [f"{100 * tick:.0f}" for tick in ticks], fontsize=SIZE)
    ax.set_xlabel("付け直した名前で開いた差（ポイント）", fontsize=SIZE)
    ax.set_ylabel("回数（1,000回のうち）", fontsize=SIZE)
    plt.show()


def _draw_band(ax: Axes, rows: pd.DataFrame, probability: np.ndarray) -> None:
    """地方ごとの再現率の点と、名前を付け直した時の95%の帯。"""
    left = (rows["churned"] == 1).to_numpy()
    hits = (probability >= THRESHOLD)[left].astype(float)
    groups = rows["region"].to_numpy()[left]
    low, high = model_card.shuffled_shares(hits, groups).quantile([0.025, 0.975]).to_numpy()
    recall = model_card.by_group(rows, probability, "region")["再現率"]
    places = np.arange(len(recall))
    ax.barh(places, high - low, left=low, height=0.55, color=BAND)
    ax.plot(recall, places, "o", color=BLUE)
    ax.set_yticks(places, recall.index, fontsize=SIZE)
    ax.set_xlim(0, 0.75)
    ax.set_xticks([0, 0.2, 0.4, 0.6], ["0", "20", "40", "60"], fontsize=SIZE)
    ax.set_xlabel("再現率（%）", fontsize=SIZE)


def draw_bands(lists: Mapping[str, tuple[pd.DataFrame, np.ndarray]]) -> None:
    """一覧の名前 →（行, 確率）ごとに、再現率と帯を並べる。"""
    use_japanese_font()
    _, axes = plt.subplots(1, len(lists), figsize=(6, 3.2), sharey=True, layout="constrained")
    for ax, (name, (rows, probability)) in zip(axes, lists.items(), strict=True):
        _draw_band(ax, rows, probability)
        ax.set_title(name, fontsize=SIZE)
    plt.show()


def draw_harm(rows: pd.DataFrame, probability: np.ndarray) -> None:
    """左に再現率と帯、右に予測と実際（外れた地方は橙）。"""
    use_japanese_font()
    _, (left, right) = plt.subplots(1, 2, figsize=(6, 3.2), sharey=True, layout="constrained")
    _draw_band(left, rows, probability)
    left.set_title("再現率", fontsize=SIZE)
    names = sorted(set(rows["region"]))
    table = churn_gate.slice_gaps(rows, probability).loc[names]
    places = np.arange(len(names))
    colors = table["外れ"].map({True: ORANGE, False: GRAY})
    right.hlines(places, table["予測"], table["実際"], colors, linewidth=2)
    right.scatter(table["実際"], places, c=colors, label="実際")
    right.scatter(
        table["予測"], places, marker="s", c="white", edgecolors=colors, label="予測", zorder=3
    )
    right.set_title("確率の当たり方", fontsize=SIZE)
    right.set_xlim(0, 0.2)
    right.set_xticks([0, 0.05, 0.1, 0.15], ["0", "5", "10", "15"], fontsize=SIZE)
    right.set_xlabel("解約の割合（%）", fontsize=SIZE)
    right.legend(fontsize=SIZE, loc="upper left", handletextpad=0.2)
    plt.show()
