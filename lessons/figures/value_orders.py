"""候補を作る順番で、生まれる価値がどう変わるかの図（レッスン26）。"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from figures.font import use_japanese_font

HORIZON = 104  # 週
MONTHS_PER_WEEK = 12 / 52


def value_orders(cases: pd.DataFrame) -> None:
    """3通りの順番で作った時の、価値の合計の伸びを重ねる。

    ``cases`` は、候補の名前 ``name``、1か月の価値 ``value``（万円）、作る手間 ``weeks``（週）の表。
    """
    use_japanese_font()
    orders = {
        "最も良い順": cases.iloc[np.argsort(-cases["value"] / cases["weeks"], kind="stable")],
        "手間の少ない順": cases.sort_values("weeks", kind="stable"),
        "価値の大きい順": cases.sort_values("value", ascending=False, kind="stable"),
    }
    weeks = np.arange(0, HORIZON + 1, 2)
    _, ax = plt.subplots(figsize=(4.8, 3.6), layout="constrained")
    for (name, order), style in zip(orders.items(), ("-", "--", ":"), strict=True):
        ax.plot(weeks, [_total(order, week) for week in weeks], style, label=name, linewidth=2)
    ax.set_xlabel("始めてからの週", fontsize=11)
    ax.set_ylabel("それまでの価値の合計（万円）", fontsize=11)
    ax.tick_params(labelsize=10)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.legend(fontsize=11)
    plt.show()


def _total(order: pd.DataFrame, week: float) -> float:
    """``week`` 週までに生まれた価値。候補は1つずつ作り、できた後は毎月価値を生む。"""
    running = (week - order["weeks"].cumsum()).clip(lower=0) * MONTHS_PER_WEEK
    return float((running * order["value"]).sum())
