"""発展のレッスンが使う、何も起きない世界と、何が起きたか分かっている世界。"""

from __future__ import annotations

import churn_steps
import pandas as pd

LEARNED = ("2025-06-01", "2025-10-01")  # いま使っているモデルが学習した月（33の訓練の月）
REFERENCE = ("2025-06-01", "2026-03-01")  # 51で見張る基準にする月
WATCHED = ("2026-04-01", "2027-03-01")  # 51で見張る12か月
PRICE_RISE = {"price_rise_month": "2026-10", "price_rise_yen": 1500}


def make_world(**settings) -> pd.DataFrame:
    """2025年4月から2027年3月までの、月末に契約中だった顧客の行。``month`` は時刻の型。

    ``settings`` は ``churn.Settings`` の項目で、何も渡さなければ、何も起きない世界になる。
    """
    rows = churn_steps.make_features(**{"n_customers": 12_000, "months": 24, **settings})
    return rows.assign(month=pd.to_datetime(rows["month"]))


def newcomers(rows: pd.DataFrame) -> pd.DataFrame:
    """その月に契約した人の行。"""
    return rows[rows["tenure_months"] == 1]
