"""候補を学習し、登録する。学習し直さない月は、何もしない。"""

import os
import sys

sys.path.append(os.getcwd())  # 隣のファイルを読む。作業フォルダーが、このフォルダーの時

import contextlib
import io

import churn_steps
import mlflow
import pandas as pd
import sklearn
from churn_steps import FEATURES
from mlflow.models import infer_signature
from monthly import month_name, recorded, rows_of, run


def fit(rows, name="logistic"):
    model = churn_steps.make_model(churn_steps.candidates()[name])
    return model.fit(rows[FEATURES], rows["churned"])


def train(spark, options):
    result, reason = recorded(spark, options.month, "outcomes")
    if result != "学習し直す":
        return "なし", reason
    version = registered(options) or register(options, rows_of(spark, options.month, 4, 2))
    return "候補", version


def registered(options):
    """その月の候補が、もう登録してあれば、そのバージョン。途中で止まり、やり直した時に使う。"""
    client = mlflow.MlflowClient()
    for found in client.search_model_versions(f"name = '{options.model_name}'"):
        tags = client.get_model_version(options.model_name, found.version).tags
        if tags.get("month") == month_name(options.month):
            return str(found.version)
    return None


def register(options, rows):
    if mlflow.get_experiment_by_name(options.experiment) is None:
        mlflow.create_experiment(options.experiment)
    mlflow.set_experiment(options.experiment)
    model, example = fit(rows), rows[FEATURES].head(3)
    month = month_name(options.month)
    with mlflow.start_run(run_name=month), contextlib.redirect_stderr(io.StringIO()):
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(example, model.predict_proba(example)),
            pyfunc_predict_fn="predict_proba",
            pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"],
        )
        made = mlflow.register_model(info.model_uri, options.model_name, tags={"month": month})
    return str(made.version)


if __name__ == "__main__":
    run("train", train)
