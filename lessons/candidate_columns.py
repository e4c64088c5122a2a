"""社内の部署から届いた、手がかりの候補の列。レッスン33の練習で、使うかどうかを調べる。"""

from functools import cache

import churn_steps
import numpy as np
import pandas as pd


@cache
def _table() -> pd.DataFrame:
    rows = churn_steps.workshop_features()
    left = (rows["churned"] == 1).to_numpy()
    rng = np.random.default_rng(33)
    recipes = rng.poisson(0.4 + 0.7 * rows["orders"])
    opens = rng.poisson(np.where(left, 0.8, 2.0))
    return rows[["customer_id", "month", "churned"]].assign(
        memo_count=rng.poisson(np.where(left, 1.6, 0.2)),
        saved_recipes=recipes,
        push_opens=np.where(rows["month"] >= "2026-01-01", opens, 0),
    )


def load() -> pd.DataFrame:
    """顧客と月ごとの、3つの列の値。

    ``memo_count`` は解約の手続きで増える。``saved_recipes`` は注文の回数に応じて決まる。
    ``push_opens`` は2026年1月に始まった通知の値で、それより前は0である。
    """
    return _table().copy()
