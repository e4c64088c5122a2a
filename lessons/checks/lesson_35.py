"""レッスン35の答えを判定する。"""

import functools
import re
import uuid

import numpy as np
import pandas as pd

from checks import Exercises, explain, fitted, near, number, retry, same_rows, table, text

check = Exercises()


def registered():
    """登録したモデルの名前と、そのバージョン（新しい順）。"""
    import mlflow
    from pyspark.sql import SparkSession

    catalog = SparkSession.builder.getOrCreate().catalog
    name = f"{catalog.currentCatalog()}.{catalog.currentDatabase()}.churn_model"
    versions = mlflow.MlflowClient().search_model_versions(f"name = '{name}'")
    if not versions:
        retry("登録したモデルが見つかりません。このレッスンのセルを、上から実行してください。")
    return name, sorted(versions, key=lambda version: -int(version.version))


def version_of(versions, material, belongs):
    """``versions`` のうち ``material`` の番号のバージョン。書き換わっていたら、``belongs`` に合うランの最も新しいバージョン。"""
    import mlflow

    fitting = (v for v in versions if belongs(mlflow.get_run(v.run_id).data.tags))
    named = [v for v in versions if str(v.version) == str(material)]
    if named and belongs(mlflow.get_run(named[0].run_id).data.tags):
        return str(material)
    found = next(fitting, None)
    if found is None:
        retry("登録したバージョンが見つかりません。モデルを登録するセルから、もう一度実行してください。")
    return str(found.version)


@functools.lru_cache
def rebuilt(name, version):
    """署名で入力を調べるモデル。授業の変数が書き換わっていても、登録したバージョンから読み直す。"""
    import mlflow

    return mlflow.pyfunc.load_model(f"models:/{name}/{version}")


@check.judge(1)
def _(fixed):
    name, versions = registered()
    checker = rebuilt(name, str(versions[0].version))
    right = checker.input_example.head(2)
    if isinstance(fixed.value, pd.Series):
        retry(f"{fixed}は列（Series）です。2人分の行と、全部の列がある表（DataFrame）を入れます。")
    if isinstance(fixed.value, pd.DataFrame) and fixed.value.columns.has_duplicates:
        doubled = fixed.value.columns[fixed.value.columns.duplicated()][0]
        retry(f"{fixed}に、`{doubled}`という名前の列が2つ以上あります。1つだけ残します。")
    frame = table(fixed, list(right.columns), spark=False, extra=True)
    for name in right.select_dtypes("number"):
        if frame[name].map(lambda value: isinstance(value, str)).any():
            retry(f"`{name}`に文字が残っています。単位を外し、数に直します。")
    if len(frame) != len(right):
        retry(f"{fixed}は{len(frame)}行です。営業部が持ってきた2人分の行を、そのまま残します。")
    if sorted(map(str, frame["tenure_months"].astype(float))) != sorted(
        map(str, right["tenure_months"])
    ):
        retry(
            f"{fixed}の`tenure_months`が、営業部が持ってきた2人と合いません。"
            "2人分の行をそのまま残し、直す2か所のほかは変えません。"
        )
    for name in ("orders", "app_days"):
        if frame[name].isna().any():
            retry(
                f"`{name}`に空の値（NaN）があります。元の値が消えています。"
                "`orders`は「回」を外してから数に直し、`app_days`は列の名前だけを替えます。"
            )
    same_rows(fixed, frame, right, "tenure_months")
    for name in right.select_dtypes("number"):
        if pd.api.types.infer_dtype(frame[name]) == "integer":
            retry(
                f"`{name}`が整数です。署名の型は`double`（小数）なので、"
                "値が合っていても、小数に直します。"
            )
    try:
        checker.predict(frame)
    except Exception:  # MLflowかscikit-learnが断ったもの
        retry(
            "値は合っていますが、`checker.predict`がまだ断ります。"
            "`info.signature`の型と、`fixed.dtypes`を見比べてください。"
        )
    return "署名を見れば、作った人に聞かなくても直せました。"


@check.judge(2)
def _(practice_model, *, previous_version, selected_version):
    import mlflow

    if isinstance(practice_model.value, mlflow.pyfunc.PyFuncModel):
        retry(
            "pyfuncとして読み込んだモデルなので、確率を返せません。"
            "scikit-learnのモデルとして読み込みます。"
        )
    model = fitted(practice_model)
    model_name, versions = registered()
    previous = version_of(
        versions, previous_version, lambda tags: tags.get("mlflow.runName") == "logistic"
    )
    selected = version_of(versions, selected_version, lambda tags: "selected_threshold" in tags)
    aliases = mlflow.MlflowClient().get_registered_model(model_name).aliases
    restore = ""
    if str(aliases.get("production")) != selected:
        now = "別のバージョンに動いています" if "production" in aliases else "どのバージョンにも付いていません"
        restore = (
            f"本番のエイリアス`production`が、{now}。"
            "「練習」の下の、本番のエイリアスを合わせるセルをもう一度実行すると戻ります。"
        )
    if "practice" not in aliases:
        other = next((name for name in aliases if name.casefold() == "practice"), None)
        now = f"いまのエイリアスは`{other}`です。" if other else ""
        retry(
            f"`practice`のエイリアスが、どのバージョンにも付いていません。{now}"
            f"エイリアスのつづりと、大文字か小文字かを確かめてください。{restore}"
        )
    if str(aliases["practice"]) != previous:
        changed = (
            "変数`previous_version`が書き換わっています。登録するセルから実行し直します。"
            if str(previous_version) != previous
            else "付ける相手のバージョンを確かめてください。"
        )
        retry(f"`practice`のエイリアスが、前のバージョンに付いていません。{changed}{restore}")
    rows = rebuilt(model_name, previous).input_example
    expected = mlflow.sklearn.load_model(f"models:/{model_name}/{previous}")
    same_kind = type(model) is type(expected) and hasattr(model, "predict_proba")
    if not same_kind or not np.allclose(model.predict_proba(rows), expected.predict_proba(rows)):
        retry(
            "エイリアスは前のバージョンに付いていますが、`practice_model`が前のバージョンのモデルではありません。"
            f"エイリアスを付けた後に、`practice`のエイリアスから読み込みましたか。{restore}"
        )
    if restore:
        retry(f"`practice`は前のバージョンを指しています。ただし、{restore}")
    return "本番のエイリアスはそのままで、前のバージョンを試せました。"


SCHEMA = "customer_id BIGINT, called_on STRING, result STRING"
# 一度目が途中で止まった後の表と、二度目に流す今日の分。
# 結果は、どちら向きにも、練習の表に無い値にも変わる。日付も練習の表とは違う。
BEFORE = {
    (1, "2026-05-06"): "不在",
    (1, "2026-05-07"): "不在",
    (1, "2026-05-08"): "折り返し",
    (2, "2026-05-06"): "継続",
    (2, "2026-05-07"): "継続",
    (3, "2026-05-07"): "折り返し",
    (4, "2026-05-07"): "継続",
    (6, "2026-05-07"): "不在",
}
TODAY = {
    (1, "2026-05-07"): "継続",
    (2, "2026-05-07"): "不在",
    (3, "2026-05-07"): "解約",
    (4, "2026-05-07"): "継続",
    (5, "2026-05-07"): "不在",
    (6, "2026-05-07"): "折り返し",
}
WITH = r"(?:WITH\s+.*?\)\s*)?"  # MERGEの前に置ける、WITHで名前を付けた表
EVOLVE = r"(?:WITH\s+SCHEMA\s+EVOLUTION\s+)?"


@check.judge(3)
def _(merge_calls):
    sql = re.sub(r"--[^\n]*|/\*.*?\*/", " ", text(merge_calls), flags=re.DOTALL)
    target = re.match(rf"\s*{WITH}MERGE\s+{EVOLVE}INTO\s+(\S+)", sql, re.I | re.DOTALL)
    if target is None:
        retry("`MERGE INTO`を使うSQLの文を1つ、文字列で入れてください。")
    if target[1].replace("`", "").split(".")[-1].lower() != "call_results":
        retry("入れる先の表が違います。今日の分を、`call_results`に入れます。")
    if not re.search(r"\btoday_calls\b", sql, re.I):
        retry("今日の分`today_calls`を使っていません。`USING`に書く表を見てください。")
    found, problem = merged(sql)
    if problem:
        retry(f"`merge_calls`を試すと、途中で止まりました。{problem}。{stuck(sql, problem)}")
    if cause := mistake(sql, [tuple(row) for row in found]):
        retry(cause)
    return "前の日の結果も、今日の新しい結果も残りました。"


def stuck(sql, problem):
    """SQLが止まった時に、次に見る所。"""
    if "同じ名前の列" in problem:
        return "表に`AS old`のような別名を付け、列を`old.customer_id`の形で書きます。"
    if re.search(r"\bNOT\s+MATCHED\b.*\bWHEN\s+MATCHED\b", sql, re.I | re.DOTALL):
        return "`WHEN MATCHED`は、`WHEN NOT MATCHED`より先に書きます。"
    return ""


def mistake(sql, found):
    """``sql`` を流した後の行 ``found`` にある、最初の誤り。無ければ空文字列。"""
    results = {row[:2]: row[2] for row in found}
    if len(found) == len(results) and results == BEFORE | TODAY:
        return ""
    if re.search(r"\d{4}\D?\d\d\D?\d\d", sql):
        return (
            "文の中に日付を書くと、ほかの日の`today_calls`では正しく動きません。"
            "日付は、2つの表の`called_on`どうしを比べます。"
        )
    others = BEFORE.keys() - TODAY.keys()
    if not others <= results.keys() and re.search(r"\bBY\s+SOURCE\b", sql, re.I):
        return "今日の分に無い行が消えました。`BY SOURCE`の後で、行を消していませんか。"
    if any(results.get(key) != BEFORE[key] for key in others):
        return "ほかの日の行が、消えたか書き換わりました。どの列が同じなら、同じ行としますか。"
    if len(found) > len(results):
        return (
            "同じ顧客の同じ日の行が2つになりました。`ON`の条件を見てください。"
            "二度目に結果が変わっていた時にも、前の行と同じ行だと分かりますか。"
        )
    if not results.keys() <= BEFORE.keys() | TODAY.keys():
        return (
            "どちらの表にも無い、顧客と日付の組の行ができました。`INSERT`の列の順を見てください。"
        )
    again, first = BEFORE.keys() & TODAY.keys(), TODAY.keys() - BEFORE.keys()
    if not again <= results.keys():
        return "前からあった今日の行が消えました。`WHEN MATCHED`の後に何をするかを見てください。"
    if not first <= results.keys():
        return "今日の分に、表に入らない行があります。前に無かった行をどうするかを見てください。"
    if any(results[key] != TODAY[key] for key in again):
        if all(results[key] in (TODAY[key], BEFORE[key]) for key in again):
            return (
                "二度目に結果が変わったのに、前の結果のままの行があります。"
                "どの結果から、どの結果に変わっても、新しいほうに置き換えます。"
                "`WHEN MATCHED`の所を見てください。"
            )
        return (
            "二度目に変わった結果が、今日の分と違う値になりました。"
            "`UPDATE`で入れる値に、`today_calls`の列を使っていますか。"
        )
    return "前に無かった行の`result`が、今日の分と違います。`INSERT`の列と値を見てください。"


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
        spark.sql(f"CREATE TABLE {calls} AS SELECT /*+ COALESCE(1) */ * FROM {calls}_rows")
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
    each = 4800 * top - 1500

    def expected(chosen):
        return (4800 * chosen - 1500).sum()

    # 合計を円に直しても、1人ずつ円に直してから合計してもよい。
    if near(given, each.sum(), 1) or given in (each.round().sum(), np.trunc(each).sum()):
        return f"80人に絞ると、見込みは{expected(top):,.0f}円です。"
    known = {
        "確率の低い順に選んでいます。並べる向きを確かめてください。": expected(p.nsmallest(80)),
        "全員の合計です。80人を選んでから合計します。": expected(p),
        "費用を引いていません。選んだ80人の一人ずつに、1,500円がかかります。": 4800 * top.sum(),
        "費用を1人分しか引いていません。1,500円は、選んだ80人の一人ずつにかかります。": (
            4800 * top.sum() - 1500
        ),
        "1人あたりの平均です。80人の合計を求めます。": expected(top) / 80,
        "並べずに80人を選んでいます。確率の高い順に並べてから選びます。": expected(p.head(80)),
        "80人のつもりが79人です。人数を見てください。": expected(p.nlargest(79)),
        "80人のつもりが81人です。人数を見てください。": expected(p.nlargest(81)),
        "確率を丸めてから計算しています。丸めない確率を使います。": expected(top.round(2)),
    }
    retry(
        next(
            (message for message, amount in known.items() if near(given, amount, 1)),
            "金額が合いません。確率の高い80人だけを選んでから合計しましたか。費用は1人ずつ引きます。",
        )
    )
