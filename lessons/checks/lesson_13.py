"""レッスン13の答えを判定する。"""

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession

from checks import Answer, Exercises, mapping, plan, retry, same_rows, table, whole, word

check = Exercises()

SOURCE, SAVED = "databricks_overview.deliveries", "databricks_overview.trips_by_rain"
START = "「練習1を始められます。」と表示するセル"


def deliveries() -> pd.DataFrame:
    """授業が保存した表の、判定に使う列。"""
    rng = np.random.RandomState(0)
    distance = rng.gamma(3, 4, 1000).round(1)
    parcels, rain = rng.randint(1, 40, 1000), rng.randint(0, 2, 1000)
    return pd.DataFrame({"distance": distance, "parcels": parcels, "rain": rain})


@check.judge(1)
def _(total_parcels, by_rain, depots):
    rows = deliveries()
    _check_total(total_parcels, rows)
    _check_counts(by_rain, rows)
    _check_depots(depots)
    return "手元では止まらない`.cache()`が、どの行にも残っていないことを目で確かめてください。"


def _check_source(rows: pd.DataFrame) -> None:
    """退ける前に呼ぶ。読み手が元の表を書き換えていたら、答えでなく、表のことを言う。"""
    spark = SparkSession.builder.getOrCreate()
    now = spark.table(SOURCE).toPandas() if spark.catalog.tableExists(SOURCE) else pd.DataFrame()
    columns = ["parcels", "rain"]
    if not set(columns) <= set(now.columns) or not np.array_equal(
        now.sort_values(columns)[columns].to_numpy(), rows.sort_values(columns)[columns].to_numpy()
    ):
        retry(
            "表`deliveries`の中身が、授業で保存したときと違います。"
            f"`records`を作るセルと{START}を実行してから、答えのセルを実行し直してください。"
        )


def _check_total(answer: Answer, rows: pd.DataFrame) -> None:
    total = whole(answer)
    if total == rows["parcels"].sum():
        return
    _check_source(rows)
    if total == len(rows):
        retry("`total_parcels`が、便の数になっています。1便にはいくつもの荷物が載っています。")
    if total == rows.loc[rows["distance"] <= 25, "parcels"].sum():
        retry(
            "`total_parcels`が、25km以下の便だけの合計です。元のコードは、すべての便を合計します。"
        )
    retry("`total_parcels`が合いません。どの列を、どの行について合計したか見てください。")


def _check_counts(answer: Answer, rows: pd.DataFrame) -> None:
    spark = SparkSession.builder.getOrCreate()
    save = "`saveAsTable`で表`trips_by_rain`に保存し、次の行で、その表を`spark.table`で読みます。"
    if answer.value is None:
        retry(f"`by_rain`が`None`です。保存の命令は何も返しません。{save}")
    given = table(answer, ["rain", "count"], spark=True)
    if not spark.catalog.tableExists(SAVED):
        retry(f"表`trips_by_rain`がまだありません。{save}")
    steps = plan(answer)
    cached = "InMemoryRelation" in steps
    if "deliveries" in steps and not cached:
        retry(f"`by_rain`が、元の表から数え直しています。{save}")
    if "trips_by_rain" not in steps and not cached:
        retry(f"`by_rain`が、保存した表を読んでいません。{save}")
    if cached:
        retry(
            "`by_rain`が、`.cache()`か`.persist()`でメモリーに置いた結果を読んでいます。"
            "いまの行にその呼び出しがなければ、前に実行したときの結果が残っています。"
            f"{START}から実行し直してください。"
        )
    right = rows.groupby("rain").size().reset_index(name="count")
    for one in (answer, Answer("trips_by_rain", spark.table(SAVED))):
        given = given if one is answer else table(one, ["rain", "count"])
        if sorted(map(tuple, given.astype(str).to_numpy())) != sorted(
            map(tuple, right.astype(str).to_numpy())
        ):
            _check_source(rows)
        if len(given) == 1:
            retry(f"{one}に、`rain`の片方しかありません。行を絞らずに、`rain`ごとに数えます。")
        same_rows(one, given, right, "rain")


def _check_depots(answer: Answer) -> None:
    given = table(answer, ["depot_id", "name"], spark=True)
    if set(given["depot_id"]) == {"東", "西"}:
        retry("`depots`の列の名前が入れ替わっています。値の順と同じ順に並べます。")
    if any(isinstance(value, str) for value in given["depot_id"]):
        retry("`depots`の`depot_id`が文字列です。元のコードと同じ、引用符の無い数にします。")
    same_rows(
        answer, given, [{"depot_id": 1, "name": "東"}, {"depot_id": 2, "name": "西"}], "depot_id"
    )


LAYERS = ["データ層", "ML層", "管理層"]
SHORT = {"データ": "データ層", "ML": "ML層", "管理": "管理層"}
LINES = {
    "a": ("データ層", "列を集計しているのは、表の部品、学習の部品、記録の部品のどれですか。"),
    "b": ("管理層", "この1行で、学習は進みますか。後から読むために何をしていますか。"),
    "c": ("ML層", "`fit`は、どの部品の命令でしたか。"),
    "d": ("データ層", "バージョン番号が付いているのは、表ですか、学習の記録ですか。"),
    "e": ("管理層", "並べているのは、表の行ですか、学習の記録ですか。"),
    "f": ("ML層", "試した結果を書き残していますか。この1行がしているのは何ですか。"),
}


@check.judge(2)
def _(layers):
    given = mapping(layers, list(LINES), lambda part: word(part, LAYERS, SHORT))
    wrong = [name for name, (layer, _) in LINES.items() if given[name] != layer]
    if wrong:
        hint = f"`{wrong[0]}`: {LINES[wrong[0]][1]}"
        retry(f"合わない行が{len(wrong)}つあります。{hint}「3つの層で見る」の表も見てください。")
    return "どの部品の命令かを見れば、層を見分けられます。"
