"""データの生成器が作る表のSHA-256を、引数の組ごとに表示する。

    python -m tests.lessons.churn_digests

numpyとpandasだけで動く。pandasのバージョンで変わる書き出し方に頼らず、列の値のバイト列から計算する。
"""

import hashlib
import json
import sys

import churn
import numpy as np
import pandas as pd

# 名前 → churn.Settings の引数。罠と変化を1つずつ切り替える。
ARGUMENTS = {
    "既定": {},
    "顧客を増やす": {"n_customers": 120_000, "months": 3},
    "月と種を変える": {"n_customers": 1_500, "months": 30, "first_month": "2023-11", "seed": 7},
    "解約を増やす": {"churn_rate": 0.25},
    "罠なし": {
        "duplicate_rate": 0,
        "full_width_rate": 0,
        "month_edge_rate": 0,
        "missing_not_at_random": False,
        "pii": False,
        "leak": False,
    },
    "値上げ": {"price_rise_month": "2025-10", "price_rise_yen": 800},
    "経路の変化": {"channel_shift_month": "2025-10"},
    "季節": {"season": 0.5},
    "A/Bテスト": {"ab_start_month": "2025-12", "ab_effect": -0.4},
    "スキーマの変更": {"schema_version": 2},
}


def digest(table: pd.DataFrame) -> str:
    """列の名前と値から計算したSHA-256。"""
    found = hashlib.sha256()
    for name, column in table.items():
        if column.dtype == object:
            values = "\0".join(column).encode()
        elif isinstance(column.dtype, pd.DatetimeTZDtype) or column.dtype.kind == "M":
            moments = column.dt.tz_localize(None) if column.dt.tz else column
            values = moments.to_numpy().astype("datetime64[s]").astype("<i8").tobytes()
        elif column.dtype.kind == "f":
            # 確率は、計算機によって最後の桁が違いうる。
            values = np.round(column.to_numpy(), 9).astype("<f8").tobytes()
        else:
            values = column.to_numpy().astype("<i8").tobytes()
        found.update(name.encode() + b"\0" + values)
    return found.hexdigest()


def digests() -> dict[str, dict[str, str]]:
    """引数の組の名前 → 表の名前 → SHA-256。"""
    return {
        label: {
            name: digest(table)
            for name, table in [
                *churn.make_tables(**arguments).items(),
                ("truth", churn.make_truth(**arguments)),
            ]
        }
        for label, arguments in ARGUMENTS.items()
    }


if __name__ == "__main__":
    json.dump(
        {"numpy": np.__version__, "pandas": pd.__version__, "digests": digests()},
        sys.stdout,
        ensure_ascii=False,
        indent=1,
    )
