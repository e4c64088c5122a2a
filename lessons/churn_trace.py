"""予測1件を、記録から作り直す。61で書いた関数を、後のレッスンから使えるようにする。

61と62が使う登録モデルも、ここで用意する。予測の表は1行が1件の予測で、列に ``customer_id``、``month``（月の1日）、``probability``、
``model_version``、``table_version``、``made_at``（予測した時刻）を持つ。
"""

from __future__ import annotations

import contextlib
import functools
import io
import logging
from collections.abc import Callable

import mlflow
import pandas as pd
import sklearn
from churn_steps import FEATURES
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature

ReadFeatures = Callable[[object, object], pd.DataFrame]
LoadModel = Callable[[object], object]


def open_registry(spark, lesson: str) -> str:
    """``lesson`` という名前のエクスペリメントを開き、登録モデルの名前を返す。

    登録モデルは、いまのスキーマの ``churn_model``。前に動かした時のバージョンは消す。
    """
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.end_run()
    path = f"/Users/{spark.sql('SELECT current_user()').first()[0]}/{lesson}"
    if mlflow.get_experiment_by_name(path) is None:
        mlflow.create_experiment(path)
    mlflow.set_experiment(path)
    name = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.churn_model"
    try:
        mlflow.MlflowClient().delete_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
    return name


def log_model(model, rows: pd.DataFrame, name: str) -> str:
    """開いているランに ``model`` を残し、登録モデル ``name`` に足す。返すのは、バージョンの番号。

    署名は ``rows`` の ``FEATURES`` の列から作る。読み込んだモデルは、確率を返す。
    """
    example = rows[FEATURES].head(3)
    with contextlib.redirect_stderr(io.StringIO()):
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(example, model.predict_proba(example)),
            pyfunc_predict_fn="predict_proba",
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
        )
        return str(mlflow.register_model(info.model_uri, name).version)


def features_reader(spark, table: str) -> ReadFeatures:
    """表 ``table`` の、決めたバージョンの、決めた月の行を読む関数。顧客の順に並ぶ。

    バージョンの中身は変わらないので、1度読んだものは覚えておく。
    前のバージョンのファイルがもう無ければ、返した関数がSparkの例外を送る。
    """

    @functools.lru_cache
    def read(table_version, month) -> pd.DataFrame:
        query = f"SELECT * FROM {table} VERSION AS OF {table_version} WHERE month = '{month}'"
        return spark.sql(query).toPandas().sort_values("customer_id", ignore_index=True)

    return read


def model_loader(name: str) -> LoadModel:
    """登録モデル ``name`` の、決めたバージョンを読み込む関数。1度読んだものは覚えておく。"""

    @functools.lru_cache
    def load(model_version):
        return mlflow.sklearn.load_model(f"models:/{name}/{model_version}")

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
