"""実践演習のレッスンを、どれからでも始められるようにする。

前のレッスンが残したものがあればそれを使い、なければ同じものを用意する。
用意するのは一時ビューとMLflowのランだけで、カタログの表には書き込まない。
"""

from __future__ import annotations

import functools
import logging
import uuid

import churn
import mlflow
import pandas as pd
import sklearn
from mlflow.entities import Run
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from sklearn.base import ClassifierMixin
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMERIC = [
    "tenure_months", "monthly_fee", "household_size", "orders", "orders_change", "app_days",
    "add_on_yen", "survey_score", "tickets_3m", "complaints_3m",
]
CATEGORICAL = ["plan", "channel", "region"]
FEATURES = NUMERIC + CATEGORICAL
FEATURE_TABLE_SCHEMA = ", ".join(
    [
        "customer_id BIGINT NOT NULL",
        "month DATE NOT NULL",
        *(f"{name} DOUBLE" for name in NUMERIC),
        *(f"{name} STRING" for name in CATEGORICAL),
        "churned DOUBLE",
    ]
)
THRESHOLD = 1500 / 4800  # 31が費用と守れる利益から計算する、声をかける確率の分かれ目
TRIAL_EFFECT = -0.85  # こかげ便の電話が対数オッズに足す値。4割ほどが思いとどまる
EXTRA = "extra"  # 比べる5つに入らないランの、タグ batch の値
CALLS_START = 9  # 月の1日に、電話をかけられるようになる時（日本時間）
# 月の範囲（両端を含む）。4月と5月は、直近3か月の値がそろわないので学習に使わない。
# 3月は翌月の結果をまだ知らない。
TRAIN = ("2025-06-01", "2025-10-01")
VALID = ("2025-11-01", "2025-12-01")
TEST = ("2026-01-01", "2026-02-01")
SCORE = ("2026-03-01", "2026-03-01")


def open_raw_tables(spark, **settings) -> None:
    """4つの元の表に、SQLで読むための名前（一時ビュー）を付ける。

    名前は ``customers``、``contracts``、``usage_monthly``、``support_tickets``。
    ``settings`` は ``churn.Settings`` の項目で、誤った値は日本語の ``ValueError`` になる。
    """
    for name, table in churn.make_spark_tables(spark, **settings).items():
        table.createOrReplaceTempView(name)


def make_features(**settings) -> pd.DataFrame:
    """月末に契約中だった顧客の行。顧客と月の順に並ぶ。

    ``churned`` は翌月に解約すれば1、続けば0、最後の月は欠損。
    ``settings`` は ``churn.Settings`` の項目。
    """
    return _rows(**settings)[["customer_id", "month", *FEATURES, "churned"]]


def workshop_features(**settings) -> pd.DataFrame:
    """32が ``churn_features`` に残す行。``make_features`` から、電話が間に合わない行を除いたもの。

    間に合わないのは、翌月の1日の ``CALLS_START`` 時（日本時間）より前に解約が済んだ行。
    """
    rows = _rows(**settings)
    rows = rows[~_too_late(rows)].reset_index(drop=True)
    return rows[["customer_id", "month", *FEATURES, "churned"]]


def call_trial(effect: float = TRIAL_EFFECT, **settings) -> pd.DataFrame:
    """姉妹サービス「こかげ便」で2025年10月に試した、電話の結果。1行が1人。

    9月末に、直近3か月の苦情があるか注文が0回の人を、くじで2組に分けた。
    10月1日の ``CALLS_START`` 時より前に解約が済んだ人は、どちらの組からも除いてある。
    ``called`` は電話した組ならTrue、``churned`` は10月のうちに解約すれば1、続けば0。
    ``effect`` は電話した組の対数オッズに足す値で、0なら、同じ人たちに誰も電話しなかった世界になる。
    """
    kokage = {
        "n_customers": 12_000, "months": 7, "seed": 1, "ab_start_month": "2025-09", **settings,
    }
    september, nobody = (
        rows[rows["month"] == "2025-09-01"]
        for rows in (_rows(**kokage, ab_effect=effect), _rows(**kokage))
    )
    # 電話の前に解約が済むかは、電話の効果によらない。誰も電話しない世界で決める。
    early = september["customer_id"].isin(nobody.loc[_too_late(nobody), "customer_id"])
    asked = (september["complaints_3m"] > 0) | (september["orders"] == 0)
    trial = september.loc[asked & ~early, ["customer_id", "ab_group", "churned"]]
    trial = trial.assign(called=trial["ab_group"] == "B").reset_index(drop=True)
    return trial[["customer_id", "called", "churned"]]


def _too_late(rows: pd.DataFrame) -> pd.Series:
    """翌月の電話が間に合わない行か。"""
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo")
    return (rows["churned"] == 1) & (left.dt.day == 1) & (left.dt.hour < CALLS_START)


def _rows(**settings) -> pd.DataFrame:
    """特徴量と答えのほかに、元の表の列も持つ行。"""
    clean = {"duplicate_rate": 0, "full_width_rate": 0, "pii": False, "leak": False}
    tables = churn.make_tables(**{**settings, **clean})
    rows = tables["usage_monthly"].merge(_monthly_tickets(tables["support_tickets"]), "left")
    rows = rows.merge(tables["contracts"]).merge(tables["customers"])
    rows = rows.sort_values(["customer_id", "month"], ignore_index=True)
    by_customer = rows.groupby("customer_id")

    earlier = pd.concat([by_customer["orders"].shift(1), by_customer["orders"].shift(2)], axis=1)
    rows["orders_change"] = (rows["orders"] - earlier.mean(axis=1)).fillna(0)
    for name in ("tickets", "complaints"):
        rows[name] = rows[name].fillna(0)
        recent = [by_customer[name].shift(back).fillna(0) for back in (0, 1, 2)]
        rows[f"{name}_3m"] = sum(recent)

    month = _month_number(rows["month"])
    rows["tenure_months"] = month - _month_number(rows["started_on"]) + 1
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo")
    rows["churned"] = (_month_number(left) == month + 1).astype(float)
    rows.loc[month == month.max(), "churned"] = float("nan")
    rows[NUMERIC] = rows[NUMERIC].astype(float)
    return rows


def open_features(spark) -> None:
    """``churn_features`` を読めるようにする。32が作った表がなければ、同じ中身の一時ビューにする。"""
    features = workshop_features()
    if spark.catalog.tableExists("churn_features"):
        saved = spark.table("churn_features")
        if saved.columns == list(features.columns) and saved.count() == len(features):
            return
    features["month"] = features["month"].dt.date
    features = features.astype(object).where(features.notna(), None)
    spark.createDataFrame(features, FEATURE_TABLE_SCHEMA).createOrReplaceTempView("churn_features")


def _monthly_tickets(tickets: pd.DataFrame) -> pd.DataFrame:
    """顧客・月ごとの、問い合わせと苦情の数。"""
    rows = pd.DataFrame(
        {
            "customer_id": tickets["customer_id"],
            "month": tickets["created_on"] - pd.to_timedelta(tickets["created_on"].dt.day - 1, "D"),
            "tickets": 1,
            "complaints": tickets["category"].isin(["配送", "品質"]).astype(int),
        }
    )
    return rows.groupby(["customer_id", "month"], as_index=False).sum()


def _month_number(dates: pd.Series) -> pd.Series:
    return dates.dt.year * 12 + dates.dt.month


def rows_between(features: pd.DataFrame, months: tuple[str, str]) -> pd.DataFrame:
    """``months``（``TRAIN`` など）の範囲の行。"""
    first, last = (pd.Timestamp(month) for month in months)
    return features[pd.to_datetime(features["month"]).between(first, last)]


def candidates() -> dict[str, ClassifierMixin]:
    """33で比べるモデル。ランの名前 → 分類器。"""
    return {
        "baseline": DummyClassifier(strategy="prior"),
        "logistic": LogisticRegression(max_iter=1000),
        "logistic_balanced": LogisticRegression(max_iter=1000, class_weight="balanced"),
        "forest": RandomForestClassifier(n_estimators=200, min_samples_leaf=20, random_state=0),
        "boosting": HistGradientBoostingClassifier(
            learning_rate=0.05, max_iter=150, max_leaf_nodes=8, random_state=0
        ),
    }


def make_model(classifier: ClassifierMixin) -> Pipeline:
    """33のパイプライン。"""
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    preprocess = ColumnTransformer([("number", numbers, NUMERIC), ("word", words, CATEGORICAL)])
    return Pipeline([("preprocess", preprocess), ("model", classifier)])


def experiment_path(spark) -> str:
    """実践演習のエクスペリメントの名前。"""
    return f"/Users/{spark.sql('SELECT current_user()').first()[0]}/churn"


def open_runs(spark) -> str:
    """33が記録したランの目印（タグ ``batch`` の値）。そろった記録がなければ、学習して記録する。

    目印は、5つの名前それぞれの、最も新しい完全なランにだけ残す。
    ほかのラン（同じ名前の古いラン、足したラン、途中のラン）の目印は ``EXTRA`` に替える。
    """
    mlflow.end_run()  # 開いたままのランがあれば閉じる
    _open_experiment(experiment_path(spark))
    batches: dict[str, list[Run]] = {}
    for run in _newest_runs("attributes.status = 'FINISHED' AND tags.lesson = '33'"):
        batches.setdefault(run.data.tags.get("batch", EXTRA), []).append(run)
    batches.pop(EXTRA, None)
    for batch, runs in batches.items():
        chosen = _complete_runs(runs)
        if len(chosen) == len(candidates()):
            _unmark_others(batch, chosen)
            return batch
    logger = logging.getLogger("mlflow")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        return _train_runs(workshop_features())
    finally:
        logger.setLevel(level)
        mlflow.sklearn.autolog(disable=True)


def _open_experiment(path: str) -> None:
    experiment = mlflow.get_experiment_by_name(path)
    if experiment is None:
        mlflow.create_experiment(path)
    elif experiment.lifecycle_stage == "deleted":
        mlflow.MlflowClient().restore_experiment(experiment.experiment_id)
    mlflow.set_experiment(path)


def _newest_runs(condition: str) -> list[Run]:
    """条件に合うラン。始まりの新しい順に並ぶ。"""
    newest = ["attributes.start_time DESC"]
    return mlflow.search_runs(filter_string=condition, order_by=newest, output_format="list")


def _complete_runs(runs: list[Run]) -> set[str]:
    """``runs``（新しい順）から、名前ごとに最初の完全なランを1つずつ選んだID。"""
    chosen: dict[str, str] = {}
    for run in runs:
        name = run.info.run_name
        if name in candidates() and name not in chosen and _is_complete(run):
            chosen[name] = run.info.run_id
    return set(chosen.values())


def _is_complete(run: Run) -> bool:
    """34と35が使うものがそろったランか。"""
    wanted = {"val_accuracy", "val_auc", "val_f1", "val_log_loss"}
    if run.info.run_name != "baseline":
        wanted.add("training_roc_auc")
    return wanted <= set(run.data.metrics) and _has_model(run.info.run_id)


@functools.lru_cache
def _has_model(run_id: str) -> bool:
    """``FEATURES`` から確率を返す、署名のあるscikit-learnのモデルが残っているか。"""
    try:
        info = mlflow.models.get_model_info(f"runs:/{run_id}/model")
    except (MlflowException, OSError):
        return False
    names = info.signature.inputs.input_names() if info.signature else []
    returns = info.flavors.get("python_function", {}).get("predict_fn")
    return "sklearn" in info.flavors and set(names) == set(FEATURES) and returns == "predict_proba"


def _unmark_others(batch: str, chosen: set[str]) -> None:
    for run in _newest_runs(f"tags.batch = '{batch}'"):
        if run.info.run_id not in chosen:
            mlflow.MlflowClient().set_tag(run.info.run_id, "batch", EXTRA)


def _train_runs(features: pd.DataFrame) -> str:
    batch = uuid.uuid4().hex
    train, valid = rows_between(features, TRAIN), rows_between(features, VALID)
    for name, classifier in candidates().items():
        baseline = name == "baseline"
        mlflow.sklearn.autolog(disable=baseline, pos_label=1, log_models=False, silent=True)
        with mlflow.start_run(run_name=name, tags={"batch": batch, "lesson": "33"}):
            if baseline:
                mlflow.log_param("model__strategy", classifier.strategy)
            model = classifier if baseline else make_model(classifier)
            model.fit(train[FEATURES], train["churned"])
            mlflow.sklearn.autolog(disable=True)  # 検証の指標は、決めた名前で自分で残す
            _log_scores_and_model(model, valid)
    return batch


def _log_scores_and_model(model, valid: pd.DataFrame) -> None:
    """検証の指標と、確率を返すモデルを、開いているランに残す。"""
    answers, predicted = valid["churned"], model.predict(valid[FEATURES])
    probability = model.predict_proba(valid[FEATURES])[:, 1]
    mlflow.log_metrics(
        {
            "val_accuracy": accuracy_score(answers, predicted),
            "val_auc": roc_auc_score(answers, probability),
            "val_f1": f1_score(answers, predicted),
            "val_log_loss": log_loss(answers, probability),
        }
    )
    example = valid[FEATURES].head(3)
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict_proba(example)),
        input_example=example,
        pyfunc_predict_fn="predict_proba",
        pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"],
    )


def open_selection(spark) -> tuple[str, float]:
    """34が選んだランのIDと、声をかける確率のしきい値。まだ選んでいなければ、34と同じものを選ぶ。"""
    runs = _newest_runs(f"tags.batch = '{open_runs(spark)}'")
    for run in runs:
        threshold = _threshold(run.data.tags.get("selected_threshold", ""))
        if threshold is not None:
            return run.info.run_id, threshold
    run_id = next(run.info.run_id for run in runs if run.info.run_name == "boosting")
    mlflow.MlflowClient().set_tag(run_id, "selected_threshold", str(THRESHOLD))
    return run_id, THRESHOLD


def _threshold(written: str) -> float | None:
    """タグの文字列が0から1の間の数なら、その数。"""
    try:
        value = float(written)
    except ValueError:
        return None
    return value if 0 < value < 1 else None
