"""レッスン25の答えを判定する。"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator

import pandas as pd

from checks import (
    Answer,
    Exercises,
    explain,
    function,
    mapping,
    number,
    retry,
    same_rows,
    table,
    text,
    unanswered,
    whole,
    words,
)

check = Exercises()

COLUMNS = ["orders", "app_days", "complaints_3m", "total_orders"]


# --- 練習1 --------------------------------------------------------------------

# 同じ日、月の途中、年の替わり目、間の空いた顧客、1人に2つの時点を含む、小さな表。
FEATURES = [
    (1, "2025-11-30"),
    (1, "2025-12-31"),
    (1, "2026-01-31"),
    (1, "2026-02-28"),
    (1, "2026-03-31"),
    (2, "2025-12-31"),
    (2, "2026-01-31"),
    (3, "2025-10-31"),
    (3, "2025-11-30"),
    (3, "2026-02-28"),
]
# 顧客、予測する時点、付くはずの月末、翌月に解約したか。
LABELS = [
    (1, "2025-12-31", "2025-12-31", 0.0),
    (1, "2026-01-31", "2026-01-31", 1.0),
    (1, "2026-02-14", "2026-01-31", 0.0),
    (2, "2026-01-31", "2026-01-31", 0.0),
    (2, "2026-03-10", "2026-01-31", 1.0),
    (3, "2026-02-14", "2025-11-30", 0.0),
]
MONTH_END_LABELS = {key[:2] for key in LABELS if key[1] == key[2]}
JOINED = ["customer_id", "as_of", "month_end", *COLUMNS, "churned"]
SQL_ADVICE = {
    "UNRESOLVED_COLUMN": "その場所では使えない列名があります。`l.`と`f.`は、かっこの中だけで使えます。",
    "UNRESOLVED_ROUTINE": "その名前の関数がありません。つづりを見てください。",
    "AMBIGUOUS_REFERENCE": "両方の表にある列名です。`l.`か`f.`を前に付けます。",
    "PARSE_SYNTAX_ERROR": "SQLとして読めません。"
    "空欄の前の`AND`、`PARTITION BY`、`WHERE`はもう書いてあるので、続きだけを書きます。",
    "DATATYPE_MISMATCH": "条件の形が合いません。`列 <= 列`のように、成り立つかどうかを答える条件にします。",
}


def values(position: int) -> dict[str, float]:
    """``FEATURES`` の ``position`` 番目の行の、特徴量の値。列ごとに違い、新しい行ほど小さい。"""
    return {name: 20.0 * place - position for place, name in enumerate(COLUMNS, 1)}


def run_join(spark: object, sql: str) -> pd.DataFrame:
    """``labels`` と ``customer_features`` を小さな表に見立てて、読み手のSQLを動かす。

    名前の付け替えは文の中だけで済ませ、一時的な表にも、置いた表にも触らない。
    """
    sql = re.sub(r"(?i)\b(?:\w+\.)+(labels|customer_features)\b", r"\1", sql.strip().rstrip(";"))
    features = ", ".join(
        f"({customer}L, DATE '{day}', {', '.join(f'{value}D' for value in values(row).values())})"
        for row, (customer, day) in enumerate(FEATURES)
    )
    labels = ", ".join(f"({c}L, DATE '{as_of}', {churned}D)" for c, as_of, _, churned in LABELS)
    return spark.sql(f"""
        WITH labels AS (SELECT * FROM VALUES {labels} AS t(customer_id, as_of, churned)),
        customer_features AS (
            SELECT * FROM VALUES {features} AS t(customer_id, month_end, {", ".join(COLUMNS)})
        )
        SELECT * FROM (
            {sql}
        )
    """).toPandas()


@check.judge(1)
def _(fixed_join, *, spark):
    if hasattr(fixed_join.value, "toPandas"):
        retry("`fixed_join`が表です。動かした結果ではなく、SQLの文字列のまま残します。")
    sql = text(fixed_join)
    if "Ellipsis" in sql:
        unanswered("まだ空いている所があります。3つの`...`を、文字列に書き換えて実行してください。")
    if re.search(r"(?i)\bwhere\s+where\b", sql):
        retry("`WHERE`が2つ続いています。`keep`には、`WHERE`の後の条件だけを書きます。")
    try:
        made = run_join(spark, sql)
    except Exception as error:
        advice = (said for kind, said in SQL_ADVICE.items() if kind in str(error))
        retry(f"SQLが動きません。{next(advice, f'{explain(error)}。')}")
    made = made.loc[:, ~made.columns.duplicated()]
    made = table(Answer("fixed_join", made), JOINED, extra=True)
    for name in ("as_of", "month_end"):
        made[name] = pd.to_datetime(made[name]).dt.strftime("%Y-%m-%d")
    compare_join(made)
    return "予測の日に手に入った数字だけで、学習用の表ができました。"


def compare_join(made: pd.DataFrame) -> None:
    """時点をそろえた結合でなければ、その原因を言って退ける。"""
    if made["month_end"].isna().all():
        retry("1行も特徴量が付きません。`condition`の日付の条件と、`keep`を見てください。")
    if (made["month_end"] > made["as_of"]).any():
        retry(
            "予測の時点より後の特徴量が付いています。`condition`で、2つの日付を比べる向きを見てください。"
        )
    chosen = made.groupby(["customer_id", "as_of"])["month_end"].agg(list).to_dict()
    lost = {key[:2] for key in LABELS} - set(chosen)
    if lost and not lost & MONTH_END_LABELS:
        retry(
            "予測する日が月の途中だと、行が消えます。"
            "`condition`が、1つの日だけを選んでいませんか。以前の日をすべて選びます。"
        )
    if lost:
        retry(
            f"試しの`labels`の{len(LABELS)}行のうち、{len(chosen)}行にしか特徴量が付きません。"
            "`groups`が顧客と時点の組か、`keep`がいちばん新しい行を残すかを見てください。"
        )
    if len(made) > len(LABELS):
        retry(
            "1つの答えに、特徴量の行が2つ以上付いています。"
            "`groups`に余計な列がないか、`keep`が1行だけを残すかを見てください。"
        )
    wrong = {(c, as_of) for c, as_of, end, _ in LABELS if chosen[c, as_of] != [end]}
    if wrong and wrong <= MONTH_END_LABELS:
        retry("予測する日と同じ日の特徴量が付きません。「以前」には同じ日も入ります。")
    if wrong:
        retry("いちばん新しい行ではない月末が付いています。番号を振る順と、`keep`を見てください。")
    right = [
        {"customer_id": c, "as_of": as_of, "month_end": end, **values(FEATURES.index((c, end)))}
        | {"churned": churned}
        for c, as_of, end, churned in LABELS
    ]
    same_rows(Answer("fixed_join", made), made, right, ["customer_id", "as_of"])


# --- 練習2 --------------------------------------------------------------------

KEYS = ["customer_id", "month_end"]
SHIFT = 1000.0


def some_usage() -> pd.DataFrame:
    """行の並びを混ぜた、3人の利用。始まる月は人によって違い、年をまたぐ。"""
    months = pd.to_datetime(["2025-11-30", "2025-12-31", "2026-01-31", "2026-02-28"])
    rows = [(11, month) for month in months] + [(12, month) for month in months[1:]]
    usage = pd.DataFrame([*rows, (13, months[2])], columns=KEYS)
    usage["orders"] = [2.0, 0.0, 3.0, 1.0, 4.0, 0.0, 2.0, 1.0]
    usage["app_days"] = [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0]
    usage["complaints_3m"] = [0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0]
    usage["churned"] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    return usage.iloc[[3, 6, 0, 7, 5, 2, 4, 1]]


def shifted_features(usage: pd.DataFrame) -> pd.DataFrame:
    """``build_features`` と同じ行。呼ばれたことが値で分かるよう、注文の合計だけを変える。"""
    rows = usage.sort_values(KEYS)
    features = rows[[*KEYS, "orders", "app_days", "complaints_3m"]].copy()
    features["total_orders"] = rows.groupby("customer_id")["orders"].cumsum() + SHIFT
    return features


@contextlib.contextmanager
def replaced(value: object, **names: object) -> Iterator[None]:
    """関数 ``value`` から見える名前を、その間だけ別のものにする。"""
    inner = getattr(value, "func", value)
    namespace = getattr(inner, "__globals__", vars(sys.modules["__main__"]))
    before = {name: namespace[name] for name in names if name in namespace}
    namespace.update(names)
    try:
        yield
    finally:
        for name in names:
            namespace.pop(name, None)
        namespace.update(before)


@check.judge(2)
def _(build_features_v2, *, features):
    build = function(build_features_v2, ["usage"])
    outside = features.copy() if isinstance(features, pd.DataFrame) else features
    given = some_usage()
    with replaced(build_features_v2.value, build_features=shifted_features, features=outside):
        result = build(given, said="build_features_v2(usage)")
    if result.value is None:
        retry("`build_features_v2`が何も返しません。`return`を書きましたか。")
    if isinstance(result.value, pd.Series):
        retry("`build_features_v2`が1つの列だけを返しています。列を足した表を返します。")
    made = table(result, [*KEYS, *COLUMNS, "months_used"])
    right = shifted_features(given)
    right["months_used"] = right.groupby("customer_id").cumcount() + 1
    if not set(made["customer_id"]) <= set(right["customer_id"]):
        retry("渡していない顧客の行が返ります。引数の`usage`でなく、外の表を使っていませんか。")
    if len(made) != len(right):
        retry(f"{len(right)}行の表を渡すと、{len(made)}行が返ります。行は増やさず、減らしません。")
    copied = made.assign(total_orders=made["total_orders"] + SHIFT)
    if sorted(copied["total_orders"].tolist()) == sorted(right["total_orders"].tolist()):
        retry(
            "`build_features`の決まりを変えても、値が変わりません。中で`build_features(usage)`を呼びます。"
        )
    same_rows(result, made[[*KEYS, *COLUMNS]], right[[*KEYS, *COLUMNS]], KEYS)
    if made["months_used"].isna().any():
        retry("`months_used`に、値の無い行があります。どの行にも番号が付くようにします。")
    made["months_used"] = [number(Answer("months_used", value)) for value in made["months_used"]]
    compare_months(made, right, given)
    return "2つのチームは、同じ関数から同じ値を受け取れます。"


def compare_months(made: pd.DataFrame, right: pd.DataFrame, given: pd.DataFrame) -> None:
    """``months_used`` が合わなければ、その原因を言って退ける。"""
    months = made.set_index(KEYS)["months_used"].sort_index()
    wanted = right.set_index(KEYS)["months_used"].sort_index()
    by_customer = wanted.groupby("customer_id")
    causes = (
        (wanted - 1, "番号が0から始まっています。最初の月を1とします。"),
        (
            by_customer.transform("count") + 1 - wanted,
            "新しい月から数えています。古い月から数えます。",
        ),
        (
            by_customer.transform("count"),
            "どの月にも月の総数が入っています。月ごとの番号にします。",
        ),
        (
            given.assign(n=given.groupby("customer_id").cumcount() + 1).set_index(KEYS)["n"],
            "渡された表の並びのまま数えています。月の順に並んだ表で数えます。",
        ),
    )
    if months.tolist() == wanted.tolist():
        return
    for mistaken, said in causes:
        if months.tolist() == mistaken.sort_index().tolist():
            retry(f"`months_used`が合いません。{said}")
    retry("`months_used`が合いません。顧客ごとに、古い月から1、2、3と数えたか見てください。")


# --- 練習3 --------------------------------------------------------------------


def differences(usage: pd.DataFrame) -> tuple[dict[str, int], int]:
    """列ごとの、値の違う行の数と、2月末の行の数。元の利用から数え直す。"""
    month = pd.to_datetime(usage["month_end"])
    february = usage[month == "2026-02-28"]
    older = usage[month < "2026-01-01"].groupby("customer_id")["orders"].sum()
    counts = {
        "orders": 110,
        "app_days": 0,
        "complaints_3m": int((february["complaints_3m"] > 0).sum()),
        "total_orders": int((february["customer_id"].map(older) > 0).sum()),
    }
    return counts, len(february)


@check.judge(3)
def _(mismatches, skewed_columns, *, usage):
    if not isinstance(usage, pd.DataFrame) or not {*KEYS, *COLUMNS[:3]} <= set(usage.columns):
        retry("授業の`usage`が書き換わっています。最初のセルから実行し直してください。")
    right, rows = differences(usage)
    parts = mapping(mismatches, COLUMNS)
    if any(isinstance(part.value, float) and 0 < part.value < 1 for part in parts.values()):
        retry("`mismatches`が割合になっています。違う行の数を入れます。")
    counts = {name: whole(part) for name, part in parts.items()}
    if counts == {name: rows - count for name, count in right.items()}:
        retry("`mismatches`が、値の同じ行の数です。違う行を数えます。")
    wrong = [name for name in COLUMNS if counts[name] != right[name]]
    if wrong:
        retry(
            f"`mismatches`の`{wrong[0]}`の数が合いません。2つの表の同じ列を、行ごとに比べましたか。"
        )
    found = words(skewed_columns, COLUMNS)
    surplus = [name for name in COLUMNS if name in found and right[name] <= 0.1 * rows]
    lacking = [name for name in COLUMNS if name not in found and right[name] > 0.1 * rows]
    if surplus or lacking:
        name, side = (surplus[0], "入っています") if surplus else (lacking[0], "入っていません")
        retry(
            f"`{name}`が`skewed_columns`に{side}。"
            f"違う行の数を、全体の{rows:,}行の1割と比べてください。"
        )
    return "注文の合計は今年から数え、苦情は1件も届いていません。注文回数の違いは一部の行だけです。"
