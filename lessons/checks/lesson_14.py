"""レッスン14の答えを判定する。"""

from functools import cache

import cell_samples
import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from checks import Answer, Exercises, plan, retry, same_rows, table, whole

check = Exercises()

SCHEMA = "delta_and_spark"
REQUESTED = 62  # 練習1の依頼書の検体
SAME_RADIUS = {36, 62}  # 依頼書と同じ半径の検体
FOLLOWED = (118, 300)  # 練習3で良性に直す検体。1番目の条件を打ち間違えた
FOLLOWUP_HISTORY = ["WRITE", "UPDATE", "UPDATE"]  # 練習3の、バージョン1から3の操作
GOOD_VERSION = 1  # 練習3の、打ち間違いの直前のバージョン
ADDED_FROM = 300  # 練習3のバージョン1で足した、最初の検体
AGAIN = "練習のセルを、最初の行から実行し直してください。"


@cache
def cells() -> pd.DataFrame:
    """授業が表にしたデータ。"""
    return cell_samples.load()


# --- 書き換えた表 ---------------------------------------------------------------


def changed_samples(name: str) -> set[int]:
    """表 ``name`` で、診断が悪性から良性に変わった検体。ほかの所が変わっていれば退ける。"""
    spark = SparkSession.builder.getOrCreate()
    if not spark.catalog.tableExists(f"{SCHEMA}.{name}"):
        retry(f"表`{name}`が見つかりません。{AGAIN}")
    now = spark.table(f"{SCHEMA}.{name}").toPandas()
    if not {"sample_id", "diagnosis"} <= set(now.columns):
        retry(f"表`{name}`の列が変わっています。{AGAIN}")
    ids = sorted(now["sample_id"])
    if ids == [*range(ADDED_FROM)] and name == "followup":
        retry(
            f"表`{name}`に、{ADDED_FROM}番からの検体がありません。戻す先が早すぎないか見てください。"
        )
    if ids != list(cells()["sample_id"]):
        retry(f"表`{name}`の行が増えたか減ったかしています。{AGAIN}")
    strange = [one for one in now["diagnosis"].unique() if one not in ("悪性", "良性")]
    if strange:
        retry(
            f"表`{name}`に、「悪性」でも「良性」でもない診断があります。`SET`の後を見てください。"
        )
    diagnosis = now.set_index("sample_id").sort_index()["diagnosis"]
    before = cells()["diagnosis"]
    if ((before == "良性") & (diagnosis == "悪性")).any():
        retry(f"表`{name}`で、良性だった検体が悪性に変わっています。`SET`の後を見てください。")
    return {int(one) for one in before.index[before != diagnosis]}


def malignant(last: int | None = None) -> set[int]:
    """はじめに悪性だった検体。``last`` を渡すと、その番号まで。"""
    rows = cells()
    found = rows.loc[rows["diagnosis"] == "悪性", "sample_id"]
    return {int(one) for one in found if last is None or one <= last}


@check.judge(1)
def _(matched):
    number = whole(matched)
    changed = changed_samples("rechecked")
    if changed != {REQUESTED}:
        retry(_wrong_update(changed))
    if number == 0:
        retry(
            "`matched`が0件です。`UPDATE`の後では、「悪性」を含む条件に当てはまらなくなります。"
            "先に数えます。"
        )
    if number == 2:
        retry("`matched`が2件です。半径だけの件数でなく、`UPDATE`に使った条件の件数を入れます。")
    if number != 1:
        retry("`matched`が1ではありません。`UPDATE`に使った条件の件数を入れます。")
    if _operations("rechecked")[-2:] == ["CREATE OR REPLACE TABLE AS SELECT", "UPDATE"]:
        return "悪性は1件だけ減り、表のバージョンが1つ増えました。"
    return "悪性は1件だけ減り、ほかの検体は変わっていません。"


def _wrong_update(changed: set[int]) -> str:
    if not changed:
        if changed_samples("cell_samples"):
            return (
                "書き換わったのは、元の表`cell_samples`です。"
                "`RESTORE`でバージョン0に戻してから、`rechecked`のほうを直します。"
            )
        return (
            "表`rechecked`の診断が、まだ1件も変わっていません。"
            "数えた後で`UPDATE`を実行したか、条件に当てはまる行があるかを見てください。"
        )
    if changed == malignant():
        return "すべての検体が良性になっています。`UPDATE`に`WHERE`を付けて、実行し直してください。"
    if changed == SAME_RADIUS:
        return "半径の同じ検体が、2件とも変わっています。`mean_area`を見て、1件に決めます。"
    if changed < SAME_RADIUS:
        return (
            "半径は合っていますが、依頼書の検体ではありません。2件の`mean_area`を見比べてください。"
        )
    return (
        f"診断の変わった検体が{len(changed):,}件あり、依頼書の1件と合いません。"
        "`UPDATE`の条件を見てください。"
    )


@check.judge(3)
def _(good_version):
    number = whole(good_version)
    changed = changed_samples("followup")
    history = _operations("followup")
    if history[1:4] != FOLLOWUP_HISTORY:
        retry(f"表`followup`の履歴が、はじめの4つのバージョンと違います。{AGAIN}")
    if changed != set(FOLLOWED):
        retry(_wrong_repair(changed, len(history) > 4))
    if number == 0:
        retry("`good_version`が0です。それでは、検体を足す前に戻ります。")
    if number == GOOD_VERSION + 1:
        retry("`good_version`が、打ち間違いをしたバージョンです。その直前の番号にします。")
    if number != GOOD_VERSION:
        retry("`good_version`が、打ち間違いの直前の番号ではありません。表の条件を見てください。")
    return "正しい2件の直しだけが残りました。間違いも、履歴には残っています。"


def _operations(name: str) -> list[str]:
    """表 ``name`` の、バージョンの順に並べた操作の名前。"""
    spark = SparkSession.builder.getOrCreate()
    history = spark.sql(f"DESCRIBE HISTORY {SCHEMA}.{name}").select("version", "operation")
    return [row["operation"] for row in history.orderBy("version").collect()]


def _wrong_repair(changed: set[int], started: bool) -> str:
    mistyped, last = FOLLOWED
    if not started:
        return "表`followup`を、まだ戻していません。`good_version`の後に、表を戻す行を書きます。"
    if changed == malignant():
        return "すべての検体が良性になっています。`UPDATE`の`WHERE`を見てください。"
    if changed >= malignant(mistyped):
        return (
            f"{mistyped}番より前の検体が、良性のままです。"
            "戻す先が打ち間違いより前か、入れ直した条件が`=`かを見てください。"
        )
    if changed < set(FOLLOWED):
        listed = "と".join(f"{one}番" for one in FOLLOWED if one not in changed)
        return f"{listed}が悪性のままです。戻したことで外れた直しも、入れ直します。"
    return f"{mistyped}番と{last}番のほかにも、診断の変わった検体があります。{AGAIN}"


# --- 読むだけの表 ---------------------------------------------------------------

SOURCE = f"{SCHEMA}.cell_samples"
USED = ["sample_id", "mean_radius", "worst_radius", "diagnosis"]
WANTED = ["sample_id", "mean_radius", "diagnosis"]


def check_source(right: pd.DataFrame) -> None:
    """退ける前に呼ぶ。読み手が表を書き換えていたら、条件でなく、表のことを言う。"""
    spark = SparkSession.builder.getOrCreate()
    advice = (
        "表を保存するセルと`samples`を作るセルを実行してから、答えのセルを実行し直してください。"
    )
    if not spark.catalog.tableExists(SOURCE):
        retry(f"表`cell_samples`が見つかりません。{advice}")
    now = spark.table(SOURCE).toPandas().sort_values("sample_id")
    if not set(USED) <= set(now.columns) or not np.array_equal(
        now[USED].astype(str).to_numpy(), right[USED].astype(str).to_numpy()
    ):
        retry(f"表`cell_samples`の中身が、はじめに保存したときと違います。{advice}")


@check.judge(2)
def _(to_send, large_samples):
    sent = table(to_send, WANTED, spark=True)
    if "cell_samples" not in plan(to_send):
        retry("`to_send`が、表`cell_samples`を読む手順になっていません。`samples`から始めます。")
    if isinstance(large_samples.value, list | tuple):
        retry("`large_samples`は行のリストです。`toPandas()`でpandasの表にします。")
    got = table(large_samples, WANTED, spark=False)
    for answer, given in ((to_send, sent), (large_samples, got)):
        _check_rows(answer, given)
    index = large_samples.value.index
    if index.name is None and sorted(map(str, index)) != sorted(map(str, range(len(index)))):
        retry(
            "`large_samples`の行の番号が飛んでいます。"
            "pandasで絞ったのなら、その前に、要らない行もpandasに渡しています。"
            "`to_send`をpandasに渡した結果を、そのまま入れます。"
        )
    return "使う3列と、使う行だけをpandasに渡しました。"


def _check_rows(answer: Answer, given: pd.DataFrame) -> None:
    rows = cells()
    right = rows.loc[rows["mean_radius"] > 15, WANTED]
    ids = set(given["sample_id"])
    if ids != set(right["sample_id"]) or len(given) != len(right):
        check_source(rows)
        if ids == set(rows.loc[rows["mean_radius"] >= 15, "sample_id"]):
            retry(f"{answer}に、`mean_radius`がちょうど15の検体が入っています。")
        if ids == set(rows["sample_id"]):
            retry(f"{answer}に、すべての検体が入っています。`where`で行を絞ります。")
        if ids == set(rows.loc[rows["worst_radius"] > 15, "sample_id"]):
            retry(f"{answer}が、`worst_radius`で絞られています。条件の列を見てください。")
        retry(
            f"{answer}の行が合いません。いまは{len(given):,}行です。"
            "`mean_radius`の最小値と最大値を見て、条件を確かめてください。"
        )
    names = dict(zip(right["sample_id"], right["diagnosis"], strict=True))
    if list(given["diagnosis"]) != [names[one] for one in given["sample_id"]]:
        check_source(rows)
    same_rows(answer, given, right, "sample_id", tolerance=0.051)
