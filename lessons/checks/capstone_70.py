"""修了課題の判定（``lesson_70.py``）が使う、正しい値と、答えの読み取り。"""

import functools

import capstone
import churn_steps
import mlflow
import numpy as np
import pandas as pd
from churn_gate import chance
from churn_steps import FEATURES
from mlflow.exceptions import MlflowException

from checks import Answer, near, number, numeric, retry, table

KEY = ["customer_id", "month"]


def dated(rows, *columns):
    """``month`` をそろえた表。列が足りなければ退ける。"""
    frame = table(rows, columns=[*KEY, *columns], spark=False, extra=True)
    given = rows.value
    full = given if isinstance(given, pd.DataFrame) and {*KEY, *columns} <= {*given} else frame
    return full.assign(month=pd.to_datetime(full["month"]))


@functools.lru_cache(maxsize=2)
def facts(my_number):
    """受け取った表の、乱れの数。"""
    handed = capstone.handed_table(my_number)
    rows = handed.drop_duplicates()
    people = rows.drop_duplicates("customer_id")
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    after = rows["month"] + pd.DateOffset(months=1)
    gone = people["cancelled_at"].dropna()
    japan = gone.dt.tz_convert("Asia/Tokyo")
    return {
        "余分な行": len(handed) - len(rows),
        "全角の月額の人": int((~people["monthly_fee"].map(str.isascii)).sum()),
        "月がずれる解約": int((gone.dt.month != japan.dt.month).sum()),
        "間に合わない行": int(
            ((left >= after) & (left < after + pd.Timedelta(hours=churn_steps.CALLS_START))).sum()
        ),
    }


def handed_columns():
    return [*KEY, *FEATURES, "active_days", "cancelled_at", "retention_coupon", *capstone.PERSONAL]


@functools.lru_cache
def small_company(seed):
    """（直す前の表、正しく直した行）。小さな会社で、3人の解約の時刻は、ちょうど境目にある。

    月の数は ``seed`` で変わる（終わりの月を書いた関数を見つけるため）。
    """
    company = capstone.settings(1) | {"n_customers": 150, "seed": seed, "months": 12 + seed}
    handed, right = capstone.make_handed(**company), churn_steps.workshop_features(**company)
    right = right.assign(month=pd.to_datetime(right["month"]))
    gone = right[right["churned"] == 1].iloc[:3]
    hours = (0, churn_steps.CALLS_START, None)  # 翌月の1日の0時、9時、翌々月の1日の0時
    for (place, row), hour in zip(gone.iterrows(), hours, strict=True):
        after = row["month"] + pd.DateOffset(months=2 if hour is None else 1)
        japan = after + pd.Timedelta(hours=hour or 0)
        mine = handed["customer_id"] == row["customer_id"]
        utc = (japan - pd.Timedelta(hours=9)).tz_localize("UTC")
        handed.loc[mine, "cancelled_at"] = utc
        if hour is None:
            right.loc[place, "churned"] = 0.0
    return handed, right.drop(gone.index[0])


def pairs(rows, right, names):
    """同じ人の同じ月の行を並べた、（列の名前、答えの列、正しい列）。"""
    first = rows.drop_duplicates(KEY).rename(columns={name: f"{name} given" for name in names})
    both = right.merge(first[[*KEY, *(f"{name} given" for name in names)]], on=KEY)
    return [(name, both[f"{name} given"], both[name]) for name in names]


def people_of(rows):
    """（顧客番号、月）の集合。"""
    return set(zip(rows["customer_id"], rows["month"], strict=True))


def rate_of(my_number, *months):
    rows = capstone.right_rows(my_number)
    return rows.loc[rows["month"].isin(pd.to_datetime(months)), "churned"].mean()


def registered(model_name):
    """（クライアント、エイリアス → バージョン）。"""
    client = mlflow.MlflowClient()
    try:
        aliases = client.get_registered_model(model_name).aliases
    except MlflowException:
        retry("登録モデルが見つかりません。`open_company`のセルから実行し直してください。")
    return client, {alias: int(found) for alias, found in aliases.items()}


@functools.lru_cache(maxsize=4)
def loaded(source, model_name, version):
    """登録したモデル。``source`` は、作り直した登録モデルと取り違えないための印。"""
    return mlflow.sklearn.load_model(f"models:/{model_name}/{version}")


def model_of(model_name, version):
    client, _ = registered(model_name)
    found = client.get_model_version(model_name, str(version))
    return loaded(found.source, model_name, int(version))


def same_model(model, other, rows):
    """2つのモデルが、``rows`` に同じ確率を付けるか。``rows`` が表でなければ、比べずに真とする。"""
    if not isinstance(rows, pd.DataFrame):
        return True
    if set(model.feature_names_in_) != set(getattr(other, "feature_names_in_", ())):
        return False
    return np.allclose(told_by(model, rows), chance(other, rows))


def told_by(model, rows):
    missing = [name for name in model.feature_names_in_ if name not in rows.columns]
    if missing:
        retry(f"モデルが読む列`{missing[0]}`がありません。計算し直せるように、列を残します。")
    return chance(model, rows)


# --- 7: 再現 ------------------------------------------------------------------


def rows_at(table_version):
    """表 ``scored_rows`` の、そのバージョンの行。無ければ ``None``。"""
    from pyspark.sql import SparkSession

    query = f"SELECT * FROM scored_rows VERSION AS OF {table_version}"
    try:
        return SparkSession.builder.getOrCreate().sql(query).toPandas()
    except Exception:
        return None


def again(model_name, model_version, table_version, people):
    """記録した番号から計算し直した、``people`` の確率。"""
    client, _ = registered(model_name)
    every = {str(one.version) for one in client.search_model_versions(f"name = '{model_name}'")}
    if str(model_version) not in every:
        retry("`model_version`を、エイリアスの名前などでなく、登録したバージョンの番号にします（61）。")
    rows = rows_at(table_version)
    if rows is None:
        retry("`table_version`の番号の`scored_rows`を読めません。保存した後に、番号を調べます。")
    rows = rows.drop_duplicates("customer_id").set_index("customer_id")
    lost = [person for person in people if person not in rows.index]
    if lost:
        retry(f"その番号の`scored_rows`に、顧客{lost[0]}の行がありません。")
    return told_by(model_of(model_name, model_version), rows.loc[people])


def same_chances(given: Answer, right, people):
    """``given``（顧客番号 → 確率）が、``right`` と同じでなければ退ける。"""
    values = given.value.to_dict() if isinstance(given.value, pd.Series) else given.value
    if not isinstance(values, dict):
        retry(f"{given}を、顧客番号をキー、確率を値とする辞書にします。")
    values = {int(person): value for person, value in values.items()}
    if set(values) != set(people):
        retry("尋ねられた3人の顧客番号が、過不足なくキーになっていません。")
    for person, probability in zip(people, right, strict=True):
        told = number(Answer(f"{given.name}[{person}]", values[person]))
        if not near(told, probability, 1e-6):
            retry("計算し直した値と違います。記録した番号の表とモデルから計算します。")


# --- 8: 公平性とカード ---------------------------------------------------------


@functools.lru_cache(maxsize=2)
def june_rows(my_number):
    """6月末の、正しい行。顧客番号 → 答えと地方。"""
    rows = capstone.right_rows(my_number)
    june = rows[rows["month"] == pd.Timestamp("2027-06-01")]
    return june.set_index("customer_id")[["churned", "region"]]


def june_measured(june: Answer, my_number, model_name):
    """``june`` から測り直した数。6月末の全員の答えと、本番のモデルの確率でなければ退ける。"""
    table(june, ["customer_id", "churned", "region", "probability"], spark=False, extra=True)
    rows = table(june, spark=False)
    right = june_rows(my_number)
    if rows["customer_id"].duplicated().any() or set(rows["customer_id"]) != set(right.index):
        retry("`june`が、`features`の6月末の全員（1人1行）ではありません。")
    right = right.loc[rows["customer_id"]]
    if not (rows["churned"].to_numpy() == right["churned"].to_numpy()).all():
        retry("`june`の答え`churned`が、6月末の行の答えと違います。")
    if not (rows["region"].to_numpy() == right["region"].to_numpy()).all():
        retry("`june`の`region`が、6月末の行の地方と違います。")
    _, aliases = registered(model_name)
    model = model_of(model_name, aliases.get("production", 1))
    if not np.allclose(told_by(model, rows), numeric("`probability`", rows["probability"])):
        retry("`june`の`probability`が、`production`のモデルが付ける確率と違います。")
    return capstone.measured(rows)


def card_numbers(measured, model_name):
    """カードに書いてよい数。"""
    _, aliases = registered(model_name)
    months = [str(month)[:7] for month in pd.period_range("2026-06", "2027-08", freq="M")]
    other = [*months, churn_steps.THRESHOLD, 0.05, *range(1, 21), "95%", *aliases.values()]
    return {**measured, "そのほか": other}
