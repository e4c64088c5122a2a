"""レッスン24が使う、架空の配達の記録。

1行が1便で、列は ``distance``（距離、km）、``parcels``（荷物の数）、``rain``（雨なら1）、
``late``（遅れたら1）。遠い便、荷物の多い便、雨の便ほど遅れやすい。
"""

import numpy as np
import pandas as pd


def make(size: int, seed: int) -> pd.DataFrame:
    """``size`` 便の記録。同じ ``seed`` なら同じ記録になる。"""
    rng = np.random.RandomState(seed)
    rows = pd.DataFrame(
        {
            "distance": rng.gamma(3, 4, size).round(1),
            "parcels": rng.randint(1, 40, size).astype(float),
            "rain": rng.randint(0, 2, size).astype(float),
        }
    )
    risk = -5.0 + 0.15 * rows["distance"] + 0.06 * rows["parcels"] + 1.2 * rows["rain"]
    return rows.assign(late=(rng.uniform(size=size) < 1 / (1 + np.exp(-risk))).astype(float))


def received() -> list[pd.DataFrame]:
    """3回に分けて届いた記録。便の番号 ``delivery_id`` の順に並ぶ。

    2回目は、6割ほどの行の距離がメートルで入っている。3回目は、それをキロメートルにそろえたもの。
    """
    first = make(200, seed=1)
    third = pd.concat([first, make(1800, seed=2)], ignore_index=True)
    in_meters = np.random.RandomState(0).uniform(size=len(third)) < 0.6
    second = third.assign(distance=third["distance"].where(~in_meters, third["distance"] * 1000))
    return [rows.assign(delivery_id=range(len(rows))) for rows in (first, second, third)]
