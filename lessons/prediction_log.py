"""レッスン54で毎朝届く、電話窓口の予測の記録。1行が1回の予測。

何も起きない週と、何が起きたか分かっている週を作る。どちらも、出した予測そのものは同じである。
"""

from __future__ import annotations

from functools import cache

import churn_steps
import numpy as np
import pandas as pd
from churn_gate import chance
from churn_worlds import LEARNED
from sklearn.pipeline import Pipeline

DAYS = pd.date_range("2027-06-07", "2027-06-15")  # 月曜から、次の週の火曜まで
TWICE, LATE, THOUSANDS = pd.to_datetime(["2027-06-11", "2027-06-12", "2027-06-13"])
LATE_REGION, LATE_BY = "中国・四国", 3  # 土曜の分が、3日遅れて届く
CALLS = 400  # 1日の予測の数のめやす
# 遅れる日数と、その割合
DELAYS = {0: 0.955, 1: 0.02, 2: 0.012, 3: 0.009, 4: 0.0035, 6: 0.0003, 9: 0.0002}
SCHEMA = (
    "prediction_id BIGINT, customer_id BIGINT, region STRING, predicted_at TIMESTAMP,"
    " probability DOUBLE, arrived DATE"
)


@cache
def _model_and_people() -> tuple[Pipeline, pd.DataFrame]:
    """いま使っているモデルと、5月末に契約中だった顧客。"""
    people = churn_steps.make_features(n_customers=3_000, months=27)
    learned = churn_steps.rows_between(people, LEARNED)
    model = churn_steps.make_model(churn_steps.candidates()["logistic"])
    model.fit(learned[churn_steps.FEATURES], learned["churned"])
    return model, churn_steps.rows_between(people, ("2027-05-01", "2027-05-01"))


@cache
def _week(thousands: bool) -> pd.DataFrame:
    """窓口が出した予測のすべて。``thousands`` なら、日曜の月額は千円の単位で入っていた。"""
    model, now = _model_and_people()
    rng = np.random.default_rng(54)
    day = np.repeat(DAYS, rng.poisson(CALLS, len(DAYS)))
    rows = now.iloc[rng.integers(len(now), size=len(day))].reset_index(drop=True)
    if thousands:
        wrong = day == THOUSANDS
        rows["monthly_fee"] = rows["monthly_fee"].where(~wrong, rows["monthly_fee"] / 1000)
    minutes = pd.to_timedelta(rng.integers(9 * 60, 18 * 60, len(day)), "min")
    return pd.DataFrame(
        {
            "prediction_id": np.arange(1, len(day) + 1),
            "customer_id": rows["customer_id"],
            "region": rows["region"],
            "predicted_at": day + minutes,
            "probability": chance(model, rows),
        }
    )


def arrivals(accident: bool) -> pd.DataFrame:
    """届いた行。``arrived`` は届いた朝の日付。

    ``accident`` がFalseなら、すべての行が次の朝に1度だけ届く。
    Trueなら、金曜の分は土曜の朝と日曜の朝に2度届き、土曜の中国・四国の分は3日遅れて届き、
    日曜の予測は、月額が千円の単位のまま計算されている。
    """
    rows = _week(thousands=accident).copy()
    day = rows["predicted_at"].dt.normalize()
    rows["arrived"] = day + pd.Timedelta(days=1)
    if accident:
        late = (day == LATE) & (rows["region"] == LATE_REGION)
        rows.loc[late, "arrived"] += pd.Timedelta(days=LATE_BY)
        again = rows[day == TWICE].assign(arrived=TWICE + pd.Timedelta(days=2))
        rows = pd.concat([rows, again])
    rows["arrived"] = rows["arrived"].dt.date
    return rows.sort_values(["arrived", "prediction_id"], ignore_index=True)


def events() -> pd.DataFrame:
    """事故のあった週に、窓口が本当に出した予測。1回が1行。"""
    return _week(thousands=True).copy()


def month_of_arrivals() -> pd.DataFrame:
    """事故のない月に届いた行。``day`` は予測した日、``arrived`` は届いた朝（どちらも0時の時刻）。"""
    rng = np.random.default_rng(5)
    days = pd.date_range("2027-05-01", "2027-05-31")
    day = np.repeat(days, rng.poisson(CALLS, len(days)))
    late = rng.choice(list(DELAYS), size=len(day), p=list(DELAYS.values()))
    return pd.DataFrame({"day": day, "arrived": day + pd.to_timedelta(late + 1, "D")})


def dropped_rows(rows: pd.DataFrame, wait_days: int) -> int:
    """毎朝1度、``wait_days`` 日のウォーターマークで日ごとに数えるとき、捨てられる行の数。

    ``rows`` は ``month_of_arrivals`` の形。どの日も、いちばん新しい行は18時とする。
    """
    newest = rows.groupby("arrived")["day"].max().cummax().shift()  # 前の朝までの、新しい日
    line = rows["arrived"].map(newest) + pd.Timedelta(hours=18) - pd.Timedelta(days=wait_days)
    return int((rows["day"] + pd.Timedelta(days=1) <= line).sum())
