"""レッスン35の答えを判定する。"""

import functools
import re
import uuid

import numpy as np
import pandas as pd

from checks import Exercises, estimator, explain, near, number, retry, same_rows, table, text

check = Exercises()


@check.judge(1)
def _(fixed, *, checker):
    right = checker.input_example.head(2)
    frame = table(fixed, list(right.columns), spark=False, extra=True)
    for name in right.select_dtypes("number"):
        if frame[name].map(lambda value: isinstance(value, str)).any():
            retry(f"`{name}`に文字が残っています。単位を外し、数に直します。")
    same_rows(fixed, frame, right, "tenure_months")
    try:
        checker.predict(frame)
    except Exception:  # MLflowかscikit-learnが断ったもの
        whole = [name for name in frame if pd.api.types.infer_dtype(frame[name]) == "integer"]
        for name in whole:
            retry(
                f"`{name}`が整数です。署名の型は`double`（小数）なので、"
                "値が合っていても、整数のままでは断られます。"
            )
        retry(
            "値は合っていますが、`checker.predict`がまだ断ります。"
            "`info.signature`の型と、`fixed.dtypes`を見比べてください。"
        )
    return "署名を見れば、作った人に聞かなくても直せました。"


@check.judge(2)
def _(practice_model, *, model_name, previous_version, selected_version):
    import mlflow

    if isinstance(practice_model.value, mlflow.pyfunc.PyFuncModel):
        retry(
            "pyfuncとして読み込んだモデルなので、確率を返せません。"
            "scikit-learnのモデルとして読み込みます。"
        )
    model = estimator(practice_model)
    aliases = mlflow.MlflowClient().get_registered_model(model_name).aliases
    restore = ""
    if str(aliases.get("production")) != str(selected_version):
        restore = (
            "本番の名札`production`が動いています。"
            "「練習」の下の、本番の名札を合わせるセルをもう一度実行すると戻ります。"
        )
    if "practice" not in aliases:
        retry(f"`practice`の名札が、どの版にも付いていません。{restore}")
    if str(aliases["practice"]) != str(previous_version):
        retry(
            f"`practice`の名札が、前の版に付いていません。付ける相手の版を確かめてください。{restore}"
        )
    rows = mlflow.pyfunc.load_model(f"models:/{model_name}/{previous_version}").input_example
    expected = mlflow.sklearn.load_model(f"models:/{model_name}/{previous_version}")
    same_kind = type(model) is type(expected) and hasattr(model, "predict_proba")
    if not same_kind or not np.allclose(model.predict_proba(rows), expected.predict_proba(rows)):
        retry(
            "名札は前の版に付いていますが、`practice_model`が前の版のモデルではありません。"
            f"名札を付けた後に、`practice`の名札から読み込みましたか。{restore}"
        )
    if restore:
        retry(f"`practice`は前の版を指しています。ただし、{restore}")
    return "本番の名札はそのままで、前の版を試せました。"


SCHEMA = "customer_id BIGINT, called_on STRING, result STRING"
# 一度目が途中で止まった後の表と、二度目に流す今日の分。
BEFORE = {
    (1, "2026-04-01"): "不在",
    (1, "2026-04-02"): "不在",
    (1, "2026-04-03"): "折り返し",
    (2, "2026-04-01"): "継続",
    (2, "2026-04-02"): "継続",
}
TODAY = {(1, "2026-04-02"): "継続", (2, "2026-04-02"): "継続", (3, "2026-04-02"): "不在"}


@check.judge(3)
def _(merge_calls):
    sql = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text(merge_calls), flags=re.DOTALL)
    target = re.match(r"\s*MERGE\s+(?:WITH\s+SCHEMA\s+EVOLUTION\s+)?INTO\s+(\S+)", sql, re.I)
    if target is None:
        retry("`MERGE INTO`で始まるSQLの文を、文字列で入れてください。")
    if target[1].replace("`", "").split(".")[-1].lower() != "call_results":
        retry("入れる先の表が違います。今日の分を、`call_results`に入れます。")
    if not re.search(r"\btoday_calls\b", sql, re.I):
        retry("今日の分`today_calls`を使っていません。`USING`に書く表を見てください。")
    found, problem = merged(sql)
    if problem:
        retry(f"`merge_calls`を試すと、途中で止まりました。{problem}。")
    results = {row[:2]: row[2] for row in found}
    others = BEFORE.keys() - TODAY.keys()
    if len(found) == len(TODAY) and results == TODAY:
        retry("今日の分に無い行が、消えました。消す条件を書いていないか見てください。")
    if any(results.get(key) != BEFORE[key] for key in others):
        retry("ほかの日の行が、消えたか書き換わりました。どの列が同じなら、同じ行としますか。")
    if len(found) > len(results):
        retry(
            "同じ顧客の同じ日の行が2つになりました。"
            "二度目に結果が変わっていた時にも、前の行と同じ行だと分かりますか。"
        )
    if not TODAY.keys() <= results.keys():
        retry("今日の分に、表に入らない行があります。前に無かった行をどうするかを見てください。")
    if any(results[key] != TODAY[key] for key in TODAY):
        retry(
            "二度目に結果が変わった人の行が、前のままです。"
            "同じ行が見つかった時に何をするかを見てください。"
        )
    if set(results) != set(BEFORE) | set(TODAY):
        retry(
            "どちらの表にも無い、顧客と日付の組の行ができました。`INSERT`の列の順を見てください。"
        )
    return "前の日の結果も、今日の新しい結果も残りました。"


@functools.lru_cache
def merged(sql):
    """試すための表に ``sql`` を流した結果の行と、止まったならその理由。表は後に残さない。"""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    mark = uuid.uuid4().hex[:8]
    calls, today = f"call_results_{mark}", f"today_calls_{mark}"
    for name, rows in ((calls, BEFORE), (today, TODAY)):
        frame = spark.createDataFrame([(*key, value) for key, value in rows.items()], SCHEMA)
        frame.createOrReplaceTempView(f"{name}_rows")
    sql = re.sub(r"\bcall_results\b", calls, sql, flags=re.I)
    sql = re.sub(r"\btoday_calls\b", f"{today}_rows", sql, flags=re.I)
    try:
        spark.sql(f"CREATE TABLE {calls} AS SELECT * FROM {calls}_rows")
        spark.sql(sql.rstrip().rstrip(";")).collect()
        return sorted(map(tuple, spark.table(calls).collect()), key=str), ""
    except Exception as error:  # 読み手の文は、どんな理由で断られるか分からない
        return [], explain(error)
    finally:
        spark.sql(f"DROP TABLE IF EXISTS {calls}")
        for name in (calls, today):
            spark.catalog.dropTempView(f"{name}_rows")


@check.judge(4)
def _(gain_of_80):
    from pyspark.sql import SparkSession

    given = number(gain_of_80)
    rows = SparkSession.builder.getOrCreate().table("churn_predictions")
    p = rows.where("month = '2026-03-01'").select("churn_probability").toPandas()
    p = p["churn_probability"]
    top = p.nlargest(80)

    def expected(chosen):
        return (4800 * chosen - 1500).sum()

    if near(given, expected(top), 40):  # 1人ずつ円に丸めても、ずれは40円まで
        return f"80人に絞ると、見込みは{expected(top):,.0f}円です。"
    known = {
        "確率の低い順に選んでいます。並べる向きを確かめてください。": expected(p.nsmallest(80)),
        "全員の合計です。80人を選んでから合計します。": expected(p),
        "費用を引いていません。選んだ80人の一人ずつに、1,500円がかかります。": 4800 * top.sum(),
        "費用を1人分しか引いていません。1,500円は、選んだ80人の一人ずつにかかります。": (
            4800 * top.sum() - 1500
        ),
        "1人あたりの平均です。80人の合計を求めます。": expected(top) / 80,
    }
    retry(
        next(
            (message for message, amount in known.items() if near(given, amount, 1)),
            "金額が合いません。確率の高い80人だけを選んでから合計しましたか。費用は1人ずつ引きます。",
        )
    )
