"""レッスン14の答えを判定する。"""

import numpy as np
import pandas as pd
from pyspark.sql import SparkSession
from sklearn.datasets import load_breast_cancer

from checks import Answer, Exercises, plan, retry, same_rows, table, whole

check = Exercises()

TABLE = "delta_and_spark.cell_samples"
USED = ["sample_id", "mean_radius", "mean_area", "worst_radius", "worst_area", "diagnosis"]
MISTAKEN = 99  # 練習2のバージョン1が、誤って書き換えた最後の番号


def cells() -> pd.DataFrame:
    """授業が表にしたデータの、判定に使う列。"""
    raw = load_breast_cancer(as_frame=True).frame
    raw.columns = raw.columns.str.replace(" ", "_")
    diagnosis = raw["target"].map({0: "悪性", 1: "良性"})
    return raw.assign(sample_id=range(len(raw)), diagnosis=diagnosis)[USED]


def check_source(right: pd.DataFrame) -> None:
    """退ける前に呼ぶ。読み手が表を書き換えていたら、条件でなく、表のことを言う。"""
    spark = SparkSession.builder.getOrCreate()
    advice = (
        "表を保存するセルと`samples`を作るセルを実行してから、答えのセルを実行し直してください。"
    )
    if not spark.catalog.tableExists(TABLE):
        retry(f"表`cell_samples`が見つかりません。{advice}")
    now = spark.table(TABLE).toPandas().sort_values("sample_id")
    if not set(USED) <= set(now.columns) or not np.array_equal(
        now[USED].astype(str).to_numpy(), right.astype(str).to_numpy()
    ):
        retry(f"表`cell_samples`の中身が、はじめに保存したときと違います。{advice}")


@check.judge(1)
def _(large_counts):
    given = table(large_counts, ["diagnosis", "n_samples"], spark=True)
    rows = cells()
    area = rows["worst_area"]
    right = counts(rows[area > 750])
    if not same_counts(given, right):
        check_source(rows)
    reasons = [
        (rows, "すべての検体を数えています。`worst_area`の条件を、数える前に付けます。"),
        (rows[area >= 750], "「超える」に、ちょうど750の検体は入りません。"),
        (rows[area <= 750], "750を超えない検体を数えています。条件の向きを見てください。"),
        (rows[area < 750], "750を超えない検体を数えています。条件の向きを見てください。"),
        (
            rows[rows["mean_area"] > 750],
            "`mean_area`で絞っています。似た名前の列と取り違えています。",
        ),
    ]
    for wrong, reason in reasons:
        if same_counts(given, counts(wrong)):
            retry(reason)
    same_rows(large_counts, given, right, "diagnosis")
    return "大きな核を持つ検体の多くは悪性ですが、良性もあります。"


def counts(rows: pd.DataFrame) -> pd.DataFrame:
    """診断ごとの件数。"""
    return rows.groupby("diagnosis").size().reset_index(name="n_samples")


def same_counts(given: pd.DataFrame, right: pd.DataFrame) -> bool:
    """診断ごとの件数が同じか。"""
    numbers = pd.to_numeric(given["n_samples"], errors="coerce")
    found = dict(zip(given["diagnosis"], numbers, strict=True))
    return found == dict(zip(right["diagnosis"], right["n_samples"], strict=True))


@check.judge(2)
def _(changed):
    number = whole(changed)
    rows = cells()
    malignant = int((rows["diagnosis"] == "悪性").sum())
    right = int((rows.loc[rows["sample_id"] <= MISTAKEN, "diagnosis"] == "悪性").sum())
    reasons = {
        -right: "大きさは合っています。増えた数でなく、変わった数なので、正の数にします。",
        MISTAKEN + 1: "それは書き換えた行の数です。もとから良性だった検体は、診断が変わりません。",
        MISTAKEN + 1 - right: "書き換えた行のうち、もとから良性だった検体を数えています。",
        malignant: "それは、はじめにあった悪性の数です。`rechecked`のバージョン1には、まだ残っています。",
        malignant - right: "それは、バージョン1に残った悪性の数です。バージョン0にはいくつありましたか。",
        malignant - 1: "それは、いまの表の悪性の数です。いまの表は、もう直した後です。",
        right - 1: (
            "1件少なくなっています。99番も、バージョン1の`UPDATE`で診断が変わった1件です。"
            "番号で絞ったのなら、境目も見てください。"
        ),
        len(rows) - malignant: "それは、バージョン0の良性の数です。変わったのは、悪性だった検体です。",
        1: "バージョン0と、いまの表を比べています。間違えた直後のバージョン1と比べます。",
        0: (
            "いまの表どうしか、同じバージョンどうしを比べているか、悪性に絞らずに全部の行を数えています。"
            "バージョンは`VERSION AS OF`で選びます。"
        ),
    }
    if number != right:
        retry(
            reasons.get(
                number,
                "件数が合いません。`rechecked`のバージョン0とバージョン1に、悪性が何件ずつあったかを比べてください。",
            )
        )
    return "書き換えた行の数と、診断が変わった検体の数は違います。"


WANTED = ["sample_id", "mean_radius", "diagnosis"]


@check.judge(3)
def _(to_send, large_samples):
    sent = table(to_send, WANTED, spark=True)
    if "cell_samples" not in plan(to_send):
        retry("`to_send`が、表`cell_samples`を読む手順になっていません。`samples`から始めます。")
    if isinstance(large_samples.value, list | tuple):
        retry("`large_samples`は行のリストです。`toPandas()`でpandasの表にします。")
    got = table(large_samples, WANTED, spark=False)
    rows = cells()
    for answer, given in ((to_send, sent), (large_samples, got)):
        _check_rows(answer, given, rows)
    index = large_samples.value.index
    if index.name is None and sorted(map(str, index)) != sorted(map(str, range(len(index)))):
        retry(
            "`large_samples`の行の番号が飛んでいます。"
            "pandasで絞ったのなら、その前に、要らない行も手元に集まっています。"
            "`to_send`をpandasに渡した結果を、そのまま入れます。"
        )
    return "使う3列と、使う行だけが手元に来ました。"


def _check_rows(answer: Answer, given: pd.DataFrame, rows: pd.DataFrame) -> None:
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
