"""予測1件を、記録から作り直す。61で書いた関数を、後のレッスンから使えるようにする。

予測の表は1行が1件の予測で、列に ``customer_id``、``month``（月の1日）、``probability``、
``model_version``、``table_version``、``made_at``（予測した時刻）を持つ。
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import mlflow
import pandas as pd
from churn_steps import FEATURES

ReadFeatures = Callable[[object, object], pd.DataFrame]
LoadModel = Callable[[object], object]


def features_reader(spark, table: str) -> ReadFeatures:
    """表 ``table`` の、決めたバージョンの、決めた月の行を読む関数。顧客の順に並ぶ。

    前のバージョンのファイルがもう無ければ、返した関数がSparkの例外を送る。
    """

    def read(version, month) -> pd.DataFrame:
        return spark.sql(f"""
            SELECT * FROM {table} VERSION AS OF {version}
            WHERE month = '{month}' ORDER BY customer_id
        """).toPandas()

    return read


def model_loader(name: str) -> LoadModel:
    """登録モデル ``name`` の、決めたバージョンを読み込む関数。1度読んだものは覚えておく。"""

    @functools.lru_cache
    def load(version):
        return mlflow.sklearn.load_model(f"models:/{name}/{version}")

    return load


def explain(
    predictions: pd.DataFrame,
    customer_id: int,
    at,
    read_features: ReadFeatures,
    load_model: LoadModel,
) -> dict | None:
    """``at`` に使っていた予測の記録（``stored``）と、同じ表とモデルで計算し直した値（``rebuilt``）。

    使っていたのは、``made_at`` が ``at`` までの中で、いちばん新しい行。無ければ ``None``。
    ``at`` は ``made_at`` と比べられる時刻、``read_features(table_version, month)`` は特徴量の表、
    ``load_model(model_version)`` は ``predict_proba`` のあるモデルを返す関数。
    """
    mine = predictions["customer_id"] == customer_id
    known = predictions[mine & (predictions["made_at"] <= at)]
    if known.empty:
        return None
    row = known.sort_values("made_at").iloc[-1]
    rows = read_features(row["table_version"], row["month"])
    one = rows[rows["customer_id"] == customer_id]
    model = load_model(row["model_version"])
    return {
        "month": row["month"],
        "model_version": row["model_version"],
        "table_version": row["table_version"],
        "stored": row["probability"],
        "rebuilt": model.predict_proba(one[FEATURES])[0, 1],
    }
