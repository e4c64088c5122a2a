"""実践演習のレッスンが残すものと、lessons/churn_steps.py が代わりに用意するものが等しいこと。"""

import shutil

import churn_steps
import mlflow
import numpy as np
import pandas as pd
import pytest

from tools.workspace import provision


@pytest.fixture
def empty_store(tmp_path, monkeypatch):
    """何も記録されていないMLflow。"""
    shutil.copy(provision.make_mlflow_template(), tmp_path / "mlflow.db")
    monkeypatch.setenv("_MLFLOW_SERVER_ARTIFACT_ROOT", str(tmp_path / "artifacts"))
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    mlflow.set_registry_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    yield
    mlflow.set_tracking_uri(before[0])
    mlflow.set_registry_uri(before[1])


def recorded(batch):
    """目印 ``batch`` のランの、名前ごとの検証の指標と、モデルの主なパラメータ。"""
    runs = mlflow.search_runs(filter_string=f"tags.batch = '{batch}'", search_all_experiments=True)
    runs = runs.set_index("tags.mlflow.runName").sort_index()
    metrics = runs.filter(regex=r"^metrics\.val_(accuracy|auc|f1|log_loss)$").astype(float)
    assert len(metrics.columns) == 4
    parameters = runs.filter(regex=r"^params\.model__").fillna("None")
    return metrics.sort_index(axis=1), parameters.sort_index(axis=1)


def predictions(batch, rows):
    """目印 ``batch`` のランの、名前ごとの、``predict`` が返す解約の確率。"""
    runs = mlflow.search_runs(filter_string=f"tags.batch = '{batch}'", search_all_experiments=True)
    return {
        run["tags.mlflow.runName"]: mlflow.pyfunc.load_model(
            f"runs:/{run['run_id']}/model"
        ).predict(rows)[:, 1]
        for _, run in runs.iterrows()
    }


def test_features(spark, run_lesson):
    run_lesson("32")
    saved = spark.table("churn_features")
    assert dict(saved.dtypes) == dict(
        part.lower().split()[:2] for part in churn_steps.FEATURE_TABLE_SCHEMA.split(", ")
    )
    left = saved.toPandas().sort_values(["customer_id", "month"], ignore_index=True)
    left["month"] = pd.to_datetime(left["month"])
    expected = churn_steps.workshop_features()
    pd.testing.assert_frame_equal(left[list(expected)], expected, check_dtype=False)


def test_features_are_made_when_the_table_is_missing(spark):
    spark.sql("CREATE SCHEMA IF NOT EXISTS churn_steps_test")
    spark.sql("USE churn_steps_test")
    try:
        churn_steps.open_features(spark)
        made = spark.table("churn_features").toPandas()
        assert not any(
            table.name == "churn_features" and not table.isTemporary
            for table in spark.catalog.listTables()
        )
    finally:
        spark.catalog.dropTempView("churn_features")
        spark.sql("DROP SCHEMA churn_steps_test CASCADE")
        spark.sql("USE default")
    made = made.sort_values(["customer_id", "month"], ignore_index=True)
    made["month"] = pd.to_datetime(made["month"])
    pd.testing.assert_frame_equal(made, churn_steps.workshop_features(), check_dtype=False)


def test_runs(spark, run_lesson, empty_store):
    made = churn_steps.open_runs(spark)
    assert churn_steps.open_runs(spark) == made
    lesson = run_lesson("33")["batch"]
    assert churn_steps.open_runs(spark) == lesson != made
    for ours, theirs in zip(recorded(made), recorded(lesson), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)
    rows = churn_steps.rows_between(churn_steps.workshop_features(), churn_steps.VALID)
    ours, theirs = (predictions(batch, rows[churn_steps.FEATURES]) for batch in (made, lesson))
    assert set(ours) == set(theirs) == set(churn_steps.candidates())
    for name, probability in ours.items():
        np.testing.assert_allclose(probability, theirs[name], rtol=1e-9)


def start_run(batch, name):
    return mlflow.start_run(run_name=name, tags={"batch": batch, "lesson": "33"})


def record_again(batch, name):
    """``name`` という名前で、学習し直した完全なランを足し、そのIDを返す。"""
    features = churn_steps.workshop_features()
    train, valid = (
        churn_steps.rows_between(features, months)
        for months in (churn_steps.TRAIN, churn_steps.VALID)
    )
    model = churn_steps.make_model(churn_steps.candidates()["logistic"])
    model.fit(train[churn_steps.FEATURES], train["churned"])
    with start_run(batch, name) as run:
        mlflow.log_metric("training_roc_auc", 0.5)
        churn_steps._log_scores_and_model(model, valid)
    return run.info.run_id


def be_clumsy(batch):
    """33のセルを2回動かし、練習でまとまりにランを足し、ランを開いたままにする。"""
    with start_run(batch, "forest"):
        names = ("val_accuracy", "val_auc", "val_f1", "val_log_loss", "training_roc_auc")
        mlflow.log_metrics(dict.fromkeys(names, 1))
    record_again(batch, "tree")
    newest = record_again(batch, "logistic")
    start_run(batch, "boosting")
    return newest


def marked(batch):
    """目印 ``batch`` の、（ランの名前, ID）の並び。"""
    runs = mlflow.search_runs(filter_string=f"tags.batch = '{batch}'")
    return sorted(zip(runs["tags.mlflow.runName"], runs["run_id"], strict=True))


def test_extra_runs_lose_the_mark(spark, empty_store):
    batch = churn_steps.open_runs(spark)
    with mlflow.start_run(run_name="selected elsewhere"):
        mlflow.set_tags({"lesson": "33", "selected_threshold": "0.9"})
    expected = {**dict(marked(batch)), "logistic": be_clumsy(batch)}
    assert churn_steps.open_runs(spark) == batch
    assert mlflow.active_run() is None
    assert marked(batch) == sorted(expected.items())
    mlflow.MlflowClient().set_tag(expected["forest"], "selected_threshold", "not a number")
    assert churn_steps.open_selection(spark) == (expected["boosting"], churn_steps.THRESHOLD)


def test_models_that_return_classes_are_not_used(spark, empty_store):
    batch = churn_steps.open_runs(spark)
    forest = dict(marked(batch))["forest"]
    rows = churn_steps.rows_between(churn_steps.workshop_features(), churn_steps.VALID)
    rows = rows[churn_steps.FEATURES].head(3)
    model = mlflow.sklearn.load_model(f"runs:/{forest}/model")
    with start_run(batch, "forest") as run:
        mlflow.log_metrics({name: 1 for name in mlflow.get_run(forest).data.metrics})
        signature = mlflow.models.infer_signature(rows, model.predict(rows))
        mlflow.sklearn.log_model(model, name="model", signature=signature, pip_requirements=[])
    assert churn_steps.open_runs(spark) == batch
    assert dict(marked(batch))["forest"] == forest != run.info.run_id


def test_half_a_batch_is_not_used(spark, empty_store):
    batch = churn_steps.open_runs(spark)
    record_again("half", "logistic")
    assert churn_steps.open_runs(spark) == batch
    mlflow.delete_experiment(
        mlflow.get_experiment_by_name(churn_steps.experiment_path(spark)).experiment_id
    )
    assert churn_steps.open_runs(spark) == batch


def test_selection(spark, run_lesson, empty_store):
    run_id, threshold = churn_steps.open_selection(spark)
    assert churn_steps.open_selection(spark) == (run_id, threshold)
    mlflow.MlflowClient().delete_tag(run_id, "selected_threshold")
    be_clumsy(mlflow.get_run(run_id).data.tags["batch"])
    run_lesson("34")
    assert churn_steps.open_selection(spark) == (run_id, threshold)


def test_the_production_alias_is_put_right(spark, run_lesson, empty_store):
    run_id, _ = churn_steps.open_selection(spark)
    batch = mlflow.get_run(run_id).data.tags["batch"]
    be_clumsy(batch)
    churn_steps.open_runs(spark)
    forest = dict(marked(batch))["forest"]
    name = f"{spark.catalog.currentCatalog()}.churn.churn_model"
    wrong = mlflow.register_model(f"runs:/{forest}/model", name)
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(name, "production", wrong.version)
    run_lesson("35", exercises=False)
    assert client.get_model_version_by_alias(name, "production").run_id == run_id
