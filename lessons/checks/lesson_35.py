"""レッスン35の答えを判定する。"""

import functools
import re
import uuid

import pandas as pd

from checks import Exercises, explain, retry, same_rows, sequence, table, text, whole

check = Exercises()


# --- 練習1 --------------------------------------------------------------------

SCHEMA = "customer_id BIGINT, called_on STRING, result STRING, model_version STRING"
# 1度目が途中で止まった後の表と、2度目に実行する今日の分。キー → (結果, モデルのバージョン)
# 結果は、どちら向きにも、練習の表に無い値にも変わる。バージョンだけ変わる行もある。日付も練習の表とは違う。
BEFORE = {
    (1, "2026-05-06"): ("不在", "3"),
    (1, "2026-05-07"): ("不在", "3"),
    (1, "2026-05-08"): ("折り返し", "4"),
    (2, "2026-05-06"): ("継続", "3"),
    (2, "2026-05-07"): ("継続", "4"),
    (3, "2026-05-07"): ("折り返し", "3"),
    (4, "2026-05-07"): ("継続", "4"),
    (6, "2026-05-07"): ("不在", "3"),
    (7, "2026-05-07"): ("不在", "3"),
}
TODAY = {
    (1, "2026-05-07"): ("継続", "4"),
    (2, "2026-05-07"): ("不在", "4"),
    (3, "2026-05-07"): ("解約", "3"),
    (4, "2026-05-07"): ("継続", "4"),
    (5, "2026-05-07"): ("不在", "4"),
    (6, "2026-05-07"): ("折り返し", "3"),
    (7, "2026-05-07"): ("不在", "4"),
}
WITH = r"(?:WITH\s+.*?\)\s*)?"  # MERGEの前に置ける、WITHで名前を付けた表
EVOLVE = r"(?:WITH\s+SCHEMA\s+EVOLUTION\s+)?"
# いちばん多い形の文。表に流さなくても、結合するだけで結果が決まる。
USUAL = re.compile(
    r"\s*MERGE\s+INTO\s+call_results(?:(?:\s+AS)?\s+(?!USING\b)(?P<old>\w+))?"
    r"\s+USING\s+today_calls(?:(?:\s+AS)?\s+(?!ON\b)(?P<new>\w+))?"
    r"\s+ON\s+(?P<same>(?:(?!\bWHEN\b).)+?)"
    r"(?P<replace>\s+WHEN\s+MATCHED\s+THEN\s+UPDATE\s+SET\s+\*)?"
    r"(?P<add>\s+WHEN\s+NOT\s+MATCHED\s+THEN\s+INSERT\s+\*)?\s*;?\s*",
    re.IGNORECASE | re.DOTALL,
)


@check.judge(1)
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
    """``sql`` を実行した後の行 ``found`` にある、最初の誤り。無ければ空文字列。"""
    results = {row[:2]: row[2:] for row in found}
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
            "2度目に結果が変わっていたときにも、前の行と同じ行だと分かりますか。"
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
        if all(results[key][0] == TODAY[key][0] for key in again):
            return (
                "結果は新しくなったのに、前の`model_version`のままの行があります。"
                "根拠になったモデルも、新しいほうに置き換えます。"
            )
        if all(results[key][0] in (TODAY[key][0], BEFORE[key][0]) for key in again):
            return (
                "2度目に結果が変わったのに、前の結果のままの行があります。"
                "どの結果から、どの結果に変わっても、新しいほうに置き換えます。"
                "`WHEN MATCHED`の所を見てください。"
            )
        return (
            "2度目に変わった結果が、今日の分と違う値になりました。"
            "`UPDATE`で入れる値に、`today_calls`の列を使っていますか。"
        )
    return "前に無かった行の値が、今日の分と違います。`INSERT`の列と値を見てください。"


@functools.lru_cache
def merged(sql):
    """``sql`` を実行した後の表の行と、止まったならその理由。試すための表は後に残さない。"""
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    mark = uuid.uuid4().hex[:8]
    calls, today = f"call_results_{mark}", f"today_calls_{mark}"
    for name, rows in ((calls, BEFORE), (today, TODAY)):
        frame = spark.createDataFrame([(*key, *value) for key, value in rows.items()], SCHEMA)
        frame.createOrReplaceTempView(f"{name}_rows")
    try:
        rows = joined(spark, sql, f"{calls}_rows", f"{today}_rows")
        if rows is not None:
            return rows, ""
        sql = re.sub(r"\bcall_results\b", calls, sql, flags=re.I)
        sql = re.sub(r"\btoday_calls\b", f"{today}_rows", sql, flags=re.I)
        spark.sql(f"CREATE TABLE {calls} AS SELECT /*+ COALESCE(1) */ * FROM {calls}_rows")
        spark.sql(sql.rstrip().rstrip(";")).collect()
        return sorted(map(tuple, spark.table(calls).collect()), key=str), ""
    except Exception as error:  # 読み手の文は、どんな理由で断られるか分からない
        return [], explain(error)
    finally:
        spark.sql(f"DROP TABLE IF EXISTS {calls}")
        for name in (calls, today):
            spark.catalog.dropTempView(f"{name}_rows")


def joined(spark, sql, calls, today):
    """``USUAL`` の形の文の結果。表を作らず、``ON`` の条件で結合して求める。

    ほかの形の文、結合が止まる文、1つの行に2つ以上の新しい行が重なる文なら None。
    """
    form = USUAL.fullmatch(sql)
    if form is None or not (form["replace"] or form["add"]):
        return None
    old, new = form["old"] or "call_results", form["new"] or "today_calls"
    try:
        pairs = spark.sql(
            f"SELECT {old}.customer_id, {old}.called_on, {new}.customer_id, {new}.called_on "
            f"FROM {calls} AS {old} JOIN {today} AS {new} ON {form['same']}"
        ).collect()
    except Exception:  # 理由は、本当に実行した時の文で言う
        return None
    partner = {tuple(pair[:2]): tuple(pair[2:]) for pair in pairs}
    if form["replace"] and len(partner) < len(pairs):
        return None
    rows = []
    for key, value in BEFORE.items():
        kept = partner[key] if form["replace"] and key in partner else key
        rows.append((*kept, *(TODAY[kept] if kept is not key else value)))
    if form["add"]:
        known = {tuple(pair[2:]) for pair in pairs}
        rows += [(*key, *value) for key, value in TODAY.items() if key not in known]
    return sorted(rows, key=str)


# --- 練習2 --------------------------------------------------------------------


@functools.lru_cache
def predicted(version):
    """``version`` のモデルの予測。行の名前は顧客番号。同じバージョンの行は、2度と変わらない。"""
    from pyspark.sql import SparkSession

    rows = SparkSession.builder.getOrCreate().table("churn_predictions")
    rows = rows.where(rows["model_version"] == version).toPandas()
    if rows.empty:
        retry(
            "表に、2つのモデルの予測がそろっていません。表を作るセルから、上から実行してください。"
        )
    return rows.set_index("customer_id")


@check.judge(2)
def _(afternoon, *, fallback_version, selected_version, morning_calls):
    given = sequence(afternoon, of=whole, ordered=False)
    back, chosen = predicted(fallback_version), predicted(selected_version)
    morning = set(morning_calls)
    held = set(back.index[back["call_group"] == "対照群"])
    worth = set(back.index[back["contact"]])
    right = worth - held - morning
    if not set(given) <= set(back.index):
        retry(f"{afternoon}に、3月末の顧客でない番号があります。`customer_id`を入れます。")
    if set(given) & morning:
        retry("午前に電話した人が入っています。同じ人に、1日に2度電話することになります。")
    if set(given) & held:
        retry("対照群の人が入っています。電話すると、5月に効き目を数えられなくなります。")
    if not set(given) <= worth:
        if set(given) <= set(chosen.index[chosen["contact"]]):
            retry(
                "選んだモデルの判断で選んでいます。午後からは、戻す先のモデルの判断で電話します。"
            )
        retry(
            "戻す先のモデルなら声をかけない人が入っています。モデルのバージョンと`contact`を見てください。"
        )
    if set(given) != right:
        retry("午後に電話する人が足りません。条件で除きすぎていないか見てください。")
    if len(given) != len(right):
        retry(f"{afternoon}に、同じ顧客番号が2度入っています。1人を1度だけ入れます。")
    return "2度の電話もなく、対照群も保ったまま、戻す先の判断に替わりました。"


# --- 練習3 --------------------------------------------------------------------


def registered():
    """登録したモデルの名前と、そのいちばん新しいバージョン。"""
    import mlflow
    from pyspark.sql import SparkSession

    catalog = SparkSession.builder.getOrCreate().catalog
    name = f"{catalog.currentCatalog()}.{catalog.currentDatabase()}.churn_model"
    versions = mlflow.MlflowClient().search_model_versions(f"name = '{name}'")
    if not versions:
        retry("登録したモデルが見つかりません。このレッスンのセルを、上から実行してください。")
    return name, max(int(version.version) for version in versions)


@functools.lru_cache
def rebuilt(name, version):
    """署名で入力を調べるモデル。授業の変数が書き換わっていても、登録したバージョンから読み直す。"""
    import mlflow

    return mlflow.pyfunc.load_model(f"models:/{name}/{version}")


@check.judge(3)
def _(fixed):
    model = rebuilt(*registered())
    right = model.input_example.head(2).assign(orders=lambda rows: rows["orders"] + 1)
    if isinstance(fixed.value, pd.Series):
        retry(f"{fixed}は列（Series）です。2人分の行と、全部の列がある表（DataFrame）を入れます。")
    frame = table(fixed, list(right.columns), spark=False, extra=True)
    for name in right.select_dtypes("number"):
        if frame[name].map(lambda value: isinstance(value, str)).any():
            retry(f"`{name}`に文字が残っています。単位を外し、数に直します。")
    if len(frame) != len(right):
        retry(f"{fixed}は{len(frame)}行です。営業部が持ってきた2人分の行を、そのまま残します。")
    for name in ("orders", "app_days"):
        if frame[name].isna().any():
            retry(
                f"`{name}`に空の値（NaN）があります。元の値が消えています。"
                "`orders`は「回」を外してから数に直し、`app_days`は列の名前だけを替えます。"
            )
    if (frame["monthly_fee"].astype(float) < 1000).all():
        retry(
            "署名には断られませんが、`monthly_fee`の単位が違います。"
            "入力例の同じ列と、大きさを比べてください。"
        )
    same_rows(fixed, frame, right, "tenure_months")
    for name in right.select_dtypes("number"):
        if pd.api.types.infer_dtype(frame[name]) == "integer":
            retry(
                f"`{name}`が整数です。署名の型は`double`（小数）なので、"
                "値が合っていても、小数に直します。"
            )
    try:
        model.predict(frame)
    except Exception:  # MLflowかscikit-learnが断ったもの
        retry(
            "値は合っていますが、`model.predict`がまだ断ります。"
            "`model.metadata.signature`の型と、`fixed.dtypes`を見比べてください。"
        )
    return "署名が断る所も、断らない所も直りました。"
