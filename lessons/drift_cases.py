"""レッスン51の練習3で原因を見分ける、5つの会社の、ある月の月末の表。"""

from functools import cache

import churn_steps
import pandas as pd
from churn_gate import chance
from churn_worlds import LEARNED, PRICE_RISE, make_world

SIZE = {"n_customers": 5_000, "months": 20, "seed": 51}
CAUSES = ("何もない", "値上げ", "広告", "季節", "単位")


@cache
def _cases() -> dict[str, pd.DataFrame]:
    quiet = make_world(**SIZE)
    learned = churn_steps.rows_between(quiet, LEARNED)
    october = quiet[quiet["month"] == "2026-10-01"]
    months = {
        "A": _month("2026-10-01", channel_shift_month="2026-10"),
        "B": october,
        "C": _month("2026-02-01", season=0.8),
        "D": _month("2026-10-01", **PRICE_RISE),
        "E": october.assign(monthly_fee=october["monthly_fee"] / 1000),
    }
    model = churn_steps.make_model(churn_steps.candidates()["logistic"])
    model.fit(learned[churn_steps.FEATURES], learned["churned"])
    return {"基準": learned, **{name: _predicted(model, rows) for name, rows in months.items()}}


def _month(month: str, **settings) -> pd.DataFrame:
    rows = make_world(**SIZE, **settings)
    return rows[rows["month"] == month]


def _predicted(model, rows: pd.DataFrame) -> pd.DataFrame:
    predicted = chance(model, rows)
    return rows.drop(columns="month").assign(predicted=predicted).reset_index(drop=True)


def load() -> dict[str, pd.DataFrame]:
    """会社の名前（AからE）→ 月末に契約中の顧客の行。``基準`` は、どの会社にも共通の、学習した月の行。

    ``predicted`` は解約の確率、``churned`` は翌月末に分かった結果。
    """
    return {name: rows.copy() for name, rows in _cases().items()}
