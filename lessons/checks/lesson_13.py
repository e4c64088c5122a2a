"""レッスン13の答えを判定する。"""

import functools

import numpy as np
import pandas as pd
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from checks import Answer, Exercises, near, retry, run, share, untracked, word, words

check = Exercises()

FEATURES = ["distance", "parcels", "rain"]
SAME_TRIPS = "2つの正解率は、同じ便（25km以下、雨の日、10〜12月）で測ります。"


@functools.cache
def deliveries() -> pd.DataFrame:
    """授業が保存した表と同じ行。"""
    rng = np.random.RandomState(19)
    month, distance = rng.randint(1, 13, 6000), rng.gamma(3, 4, 6000).round(1)
    parcels, rain = rng.randint(1, 40, 6000), rng.randint(0, 2, 6000)
    risk = np.where(rain == 1, -4.0 + 0.3 * distance, -5.5 + 0.13 * parcels)
    late = (rng.uniform(size=6000) < 1 / (1 + np.exp(-risk))).astype(int)
    columns = {"month": month, "distance": distance, "parcels": parcels, "rain": rain, "late": late}
    return pd.DataFrame({"delivery_id": range(6000)} | columns)


@functools.cache
def accuracy(learned: str, graded: str) -> float:
    """条件 ``learned`` の便で学習したモデルの、条件 ``graded`` の便での正解率。"""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows, tests = deliveries().query(learned), deliveries().query(graded)
    with untracked():
        model = make_pipeline(StandardScaler(), LogisticRegression())
        model.fit(rows[FEATURES], rows["late"])
        return model.score(tests[FEATURES], tests["late"])


SHORT, RAINY = "distance <= 25", "distance <= 25 and rain == 1"
LEARNED, GRADED = " and month <= 9", " and month > 9"


@check.judge(1)
def _(rainy_run_id, all_days_accuracy, for_rain):
    _check_run(rainy_run_id)
    _check_all_days(all_days_accuracy)
    if word(for_rain, ["全部の日", "雨の日だけ"], {"雨の日": "雨の日だけ"}) != "雨の日だけ":
        retry(
            "`for_rain`が、2つの正解率と合いません。"
            "本文のランに記録した正解率は、雨でない日の便も入れて測ったものです。"
            "比べるのは、同じ便で測った2つです。"
        )
    return (
        "本文のランの正解率は、雨の日だけのモデルのランより高く見えます。"
        "ところが同じ便で測り直すと、順序が逆になりました。"
    )


def _check_run(answer: Answer) -> None:
    found = run(answer)
    params, metrics = found.data.params, found.data.metrics
    if params.get("where", "").replace(" ", "") == "distance<=25" and _same(
        metrics.get("accuracy"), accuracy(SHORT + LEARNED, SHORT + GRADED)
    ):
        retry(f"{answer}は、本文のランです。新しいランに記録し、そのIDを入れます。")
    for name, where, others in (
        ("where", "パラメータ", metrics),
        ("accuracy", "指標", params),
    ):
        if name not in (params if where == "パラメータ" else metrics):
            method = "log_params" if where == "パラメータ" else "log_metric"
            how = f"いまは別の種類で残っています。`{method}`を使います。" if name in others else ""
            retry(f"{answer}のランに、{where}`{name}`が残っていません。{how}")
    _check_rows(params)
    _check_metric(metrics["accuracy"])
    if found.info.status == "RUNNING":
        retry(f"{answer}のランが開いたままです。`mlflow.end_run()`で閉じます。")


def _check_rows(params: dict[str, str]) -> None:
    """記録した行の条件と月で読み直すと、学習に使った行になるか。"""
    selected = _read("where", params["where"])
    if selected == _ids(RAINY + LEARNED) and "train" not in params:
        return
    _check_where(selected)
    if "train" not in params:
        retry(
            "ランに、学習に使った月が残っていません。"
            "本文のランと同じように、パラメータ`train`にも記録します。"
        )
    if selected & _read("train", params["train"]) != _ids(RAINY + LEARNED):
        retry(
            "記録した`where`と`train`で表を読み直すと、学習に使うはずの行と違います。"
            "学習に使うのは何月から何月ですか。"
        )


def _read(name: str, condition: str) -> set[int]:
    """記録した条件に合う便。"""
    spark = SparkSession.builder.getOrCreate()
    try:
        table = spark.createDataFrame(deliveries()).where(condition)
        return set(table.select("delivery_id").toPandas()["delivery_id"])
    except PySparkException:
        retry(
            f"記録した`{name}`を、表の条件として読めません。"
            "`distance <= 25`のように、列の名前から始まる文字列で記録します。"
        )


def _ids(condition: str) -> set[int]:
    return set(deliveries().query(condition)["delivery_id"])


def _check_where(found: set[int]) -> None:
    """記録した条件で読み直すと、選んだ行か、学習に使った行になるか。"""
    if found in (_ids(RAINY), _ids(RAINY + LEARNED)):
        return
    if not found:
        retry("記録した`where`で表を読み直すと、1行も残りません。")
    rows = deliveries()[deliveries()["delivery_id"].isin(found)]
    if set(rows["rain"]) != {1}:
        retry("記録した`where`で表を読み直すと、雨でない日の便が入ります。")
    if rows["distance"].max() > 25:
        retry("記録した`where`で表を読み直すと、25kmを超える便が入ります。")
    retry("記録した`where`で表を読み直すと、学習に使うはずの行と違います。")


def _check_metric(score: float) -> None:
    right = accuracy(RAINY + LEARNED, RAINY + GRADED)
    if _same(score, right):
        return
    reasons = {
        (SHORT + LEARNED, SHORT + GRADED): "本文のモデルの正解率です。",
        (SHORT + LEARNED, RAINY + GRADED): "本文の`model`を測った値です。",
        (RAINY + LEARNED, SHORT + GRADED): "雨でない日の便も入れて測った値です。",
        (RAINY + LEARNED, RAINY + LEARNED): "学習に使った便で測った値です。",
        (RAINY, RAINY + GRADED): "測るのに使う10〜12月の便でも学習した時の値です。",
        ("rain == 1" + LEARNED, "rain == 1" + GRADED): "25kmを超える便も入った時の値です。",
    }
    for rows, reason in reasons.items():
        if _same(score, accuracy(*rows)):
            retry(f"ランに記録した`accuracy`は、{reason}問題文の1から3を見てください。")
    retry(
        "ランに記録した`accuracy`が合いません。"
        "学習した月、測った月、モデルと前処理が、本文と同じか見てください。"
    )


def _check_all_days(answer: Answer) -> None:
    score = share(answer)
    if _same(score, accuracy(SHORT + LEARNED, RAINY + GRADED)):
        return
    reasons = {
        (SHORT + LEARNED, SHORT + GRADED): "本文のランに記録した正解率です。",
        (RAINY + LEARNED, RAINY + GRADED): (
            "雨の日だけのモデルの正解率です。"
            "本文の`model`を上書きしていたら、「5つの段階をたどる」のセルを実行し直します。"
        ),
        (SHORT + LEARNED, RAINY + LEARNED): "学習に使った便で測った値です。",
        (SHORT + LEARNED, RAINY): "10〜12月に絞らずに測った値です。",
        (SHORT + LEARNED, "rain == 1" + GRADED): "25kmを超える便も入れて測った値です。",
    }
    for rows, reason in reasons.items():
        if _same(score, accuracy(*rows)):
            retry(f"{answer}は、{reason}{SAME_TRIPS}")
    retry(f"{answer}が合いません。本文の`model`を使ったか見てください。{SAME_TRIPS}")


def _same(given: float | None, right: float) -> bool:
    """3桁に丸めた値と、解き方の端数の揺れを許す。"""
    return given is not None and near(given, right, 0.0006)


OPTIONS = ["荷物の合計", "最長の距離", "距離の平均", "距離の中央値", "お客さまの人数"]


@check.judge(2)
def _(late_rate, need_rows):
    rate = share(late_rate)
    if near(rate, 0.2625, 0.00005):
        retry(
            "`late_rate`が、4つの割合の平均のままです。"
            "400便の営業所と3,200便の営業所が、同じ重さになっていないか見てください。"
        )
    if not near(rate, 1210 / 6000, 0.0005):
        retry("`late_rate`が合いません。分子は遅れた便、分母は便で、どちらも4つの合計です。")
    given = words(need_rows, OPTIONS)
    if "距離の平均" in given:
        retry(
            "`距離の平均`には、便の数が添えてあります。平均に便の数を掛けると、何が分かりますか。"
        )
    for name, hint in {
        "荷物の合計": "4つの合計に、あと何をすれば全体の合計になりますか。",
        "最長の距離": "4つの中でいちばん長いものは、全体でもいちばん長いですか。",
    }.items():
        if name in given:
            retry(f"`{name}`は、小計から求められます。{hint}")
    for name, hint in {
        "距離の中央値": "1、2、9の中央値は2、3、4の中央値は3.5です。5つを合わせた中央値は、2と3.5から分かりますか。",
        "お客さまの人数": "2つの営業所を使う人は、足すと何回数えられますか。",
    }.items():
        if name not in given:
            retry(f"`need_rows`に足りないものがあります。{hint}")
    return "小計に分けて計算できるかどうかは、求める値の種類で決まります。"
