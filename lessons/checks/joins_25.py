"""レッスン25の、時点をそろえた結合のSQLを、小さな表で動かして判定する。"""

from __future__ import annotations

import re

import pandas as pd

from checks.answers import Answer, retry
from checks.errors import explain
from checks.tables import same_rows, table

COLUMNS = ["orders", "app_days", "complaints_3m", "total_orders"]
# 同じ日、月の途中、年の替わり目、間の空いた顧客、何年も前の行しかない顧客、1人に2つ以上の時点
# （同じ月の2日と、年の違う同じ月を含む）、すべての値が0の行、答えの空の行を含む、小さな表。
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
    (4, "2024-12-31"),
    (4, "2025-12-31"),
    (4, "2026-01-31"),
    (5, "2019-05-31"),
    (5, "2019-06-30"),
]
ALL_ZERO = (2, "2026-01-31")
# 顧客、予測する時点、付くはずの月末、翌月に解約したか。
LABELS = [
    (1, "2025-12-31", "2025-12-31", 0.0),
    (1, "2026-01-31", "2026-01-31", 1.0),
    (1, "2026-02-14", "2026-01-31", 0.0),
    (1, "2026-02-28", "2026-02-28", None),
    (2, "2026-01-31", "2026-01-31", 0.0),
    (2, "2026-03-10", "2026-01-31", 1.0),
    (3, "2026-02-14", "2025-11-30", 0.0),
    (4, "2025-01-20", "2024-12-31", 1.0),
    (4, "2026-01-20", "2025-12-31", 0.0),
    (5, "2026-02-28", "2019-06-30", 1.0),
]
JOINED = ["customer_id", "as_of", "month_end", *COLUMNS, "churned"]
SQL_ADVICE = {
    "UNRESOLVED_ROUTINE": "その名前の関数がありません。つづりを見てください。",
    "AMBIGUOUS_REFERENCE": "両方の表にある列名です。`l.`か`f.`を前に付けます。",
    "PARSE_SYNTAX_ERROR": "SQLとして読めません。"
    "空欄の前の`AND`、`PARTITION BY`、`WHERE`はもう書いてあるので、続きだけを書きます。",
    "DATATYPE_MISMATCH": "条件の形が合いません。`列 <= 列`のように、成り立つかどうかを答える条件にします。",
    "CAST_INVALID_INPUT": "引用符で囲むと、列でなく文字になります。列の名前は囲まずに書きます。",
}
# 空欄に入れたものが原因の、SQLの中の形。
BLANKS = (
    (
        r"\bwhere\s+where\b",
        "`WHERE`が2つ続いています。`keep`には、`WHERE`の後の条件だけを書きます。",
    ),
    (
        r"\band\s*\)|\bpartition\s+by\s+order\b|\bwhere\s*$",
        "空の文字列の空欄があります。`condition`、`groups`、`keep`の3つに書きます。",
    ),
    (
        r"\b(and|by|where)\s+None\b",
        "`None`の入った空欄があります。`condition`、`groups`、`keep`に、文字列を入れます。",
    ),
    (
        r"\bpartition\s+by\s*[\[(]\s*'",
        "`groups`がリストか組のままです。2つの列をコンマで区切った、1つの文字列にします。",
    ),
    (
        r"\blimit\s+\d+$",
        "`LIMIT`は行を途中で切ります。`labels`のすべての行に付けるので、外します。",
    ),
)


def values(position: int) -> dict[str, float]:
    """``FEATURES`` の ``position`` 番目の行の、特徴量の値。1つの行のほかは、列ごとに違い、新しい行ほど小さい。"""
    some = FEATURES[position] != ALL_ZERO
    return {name: some * (20.0 * place - position) for place, name in enumerate(COLUMNS, 1)}


def without_comments(sql: str) -> str:
    """注釈と、前後の空白と、終わりの ``;`` を除いたSQL。"""
    return re.sub(r"(?s)--[^\n]*|/\*.*?\*/", " ", sql).strip().rstrip(";").rstrip()


def sql_advice(sql: str, error: Exception) -> str:
    """SQLが動かない原因を言う文。"""
    said = str(error)
    unknown = re.search(r"with name ((?:`[^`]+`\.?)+)", said)
    if "UNRESOLVED_COLUMN" in said and unknown:
        name = unknown[1].replace("`", "")
        table_name, _, column = name.rpartition(".")
        known = {"l": JOINED[:2] + JOINED[-1:], "f": JOINED[:1] + JOINED[2:-1]}
        if column == "position" or column in known.get(table_name.lower(), ()):
            return f"`{name}`は、そこでは使えません。`l.`と`f.`は、`numbered`のかっこの中だけで使えます。"
        return f"`{name}`という列はありません。つづりと、`l`と`f`のどちらの表の列かを見てください。"
    code = re.sub(r"'[^']*'", "", without_comments(sql))
    wide = re.search(r"[、，．≦≧＝＜＞（）＊’‘“”]", code)
    if wide:
        return f"SQLで使えない記号「{wide[0]}」があります。コンマも`<=`も、半角で書きます。"
    if code.count("(") != code.count(")"):
        return "開くかっこと閉じるかっこの数が合いません。空欄の中のかっこを見てください。"
    if re.search(r"=<|=>", code):
        return "比べる記号の順が違います。等号は後に書き、`<=`や`>=`とします。"
    advice = (text for kind, text in SQL_ADVICE.items() if kind in said)
    return next(advice, f"{explain(error)}。")


def run_join(sql: str) -> pd.DataFrame:
    """``labels`` と ``customer_features`` を小さな表に見立てて、読み手のSQLを動かす。

    名前の付け替えは文の中だけで済ませ、一時的な表にも、置いた表にも触らない。
    """
    from pyspark.sql import SparkSession

    sql = re.sub(r"(?i)\b(?:\w+\.)+(labels|customer_features)\b", r"\1", sql.strip().rstrip(";"))
    features = ", ".join(
        f"({customer}L, DATE '{day}', {', '.join(f'{value}D' for value in values(row).values())})"
        for row, (customer, day) in enumerate(FEATURES)
    )
    labels = ", ".join(
        f"({c}L, DATE '{as_of}', CAST({'NULL' if churned is None else churned} AS DOUBLE))"
        for c, as_of, _, churned in LABELS
    )
    query = f"""
        WITH labels AS (SELECT * FROM VALUES {labels} AS t(customer_id, as_of, churned)),
        customer_features AS (
            SELECT * FROM VALUES {features} AS t(customer_id, month_end, {", ".join(COLUMNS)})
        )
        SELECT * FROM (
            {sql}
        )
    """
    return SparkSession.builder.getOrCreate().sql(query).toPandas()


def judge_join(sql: str) -> None:
    """読み手のSQLを小さな表で動かし、時点をそろえた結合でなければ退ける。"""
    for mistaken, said in BLANKS:
        if re.search(f"(?i){mistaken}", without_comments(sql)):
            retry(said)
    try:
        made = run_join(sql)
    except Exception as error:
        retry(f"SQLが動きません。{sql_advice(sql, error)}")
    made = made.loc[:, ~made.columns.duplicated()]
    made = table(Answer("fixed_join", made), JOINED, extra=True)
    for name in ("as_of", "month_end"):
        made[name] = pd.to_datetime(made[name]).dt.strftime("%Y-%m-%d")
    compare_join(made, dated=bool(re.search(r"[\"']20\d\d-", sql)))


def compare_join(made: pd.DataFrame, dated: bool) -> None:
    """時点をそろえた結合でなければ、その原因を言って退ける。``dated`` は、決まった日付が書かれているか。"""
    if made["month_end"].isna().all():
        said = "決まった日付でなく、`l.as_of`と比べていますか。" if dated else ""
        retry(
            "試しの`labels`（授業とは日付が違います）では、1行も特徴量が付きません。"
            f"{said}`condition`の日付の条件と、`keep`を見てください。"
        )
    owners = {values(row)["total_orders"]: c for row, (c, _) in enumerate(FEATURES)}
    if any(
        owners.get(total, customer) != customer
        for customer, total in zip(made["customer_id"], made["total_orders"], strict=True)
    ):
        retry(
            "ほかの顧客の特徴量が付いています。`AND`は`OR`より先に結び付くので、"
            "`condition`の中に`OR`があれば、全体をかっこで囲みます。"
        )
    compare_order(made)
    made_ends = made.dropna(subset=["month_end"]).groupby(["customer_id", "as_of"])["month_end"]
    compare_rows(made_ends.agg(list).to_dict(), dated)
    right = [
        {"customer_id": c, "as_of": as_of, "month_end": end, **values(FEATURES.index((c, end)))}
        | {"churned": churned}
        for c, as_of, end, churned in LABELS
    ]
    same_rows(Answer("fixed_join", made), made, right, ["customer_id", "as_of"])


def compare_order(made: pd.DataFrame) -> None:
    """予測の時点より後の特徴量が付いていれば、その原因を言って退ける。"""
    late = made[made["month_end"] > made["as_of"]]
    if late.empty:
        return
    said = "予測の時点より後の特徴量が付いています。"
    if (late["month_end"].str[:7] == late["as_of"].str[:7]).all():
        retry(f"{said}`condition`で、月に丸めて比べていませんか。日付のまま比べます。")
    if (made["month_end"] >= made["as_of"]).all():
        retry(f"{said}`condition`で、2つの日付を比べる向きを見てください。")
    retry(f"{said}`condition`が、`as_of`以前の日付だけを選ぶ条件か見てください。")


def compare_rows(chosen: dict[tuple, list[str]], dated: bool) -> None:
    """行が足りないか、余るか、古ければ、その原因を言って退ける。"""
    right = {(c, as_of): end for c, as_of, end, _ in LABELS}
    churned = {(c, as_of): answer for c, as_of, _, answer in LABELS}
    days = {key: (pd.Timestamp(key[1]) - pd.Timestamp(end)).days for key, end in right.items()}
    same_day = {key for key in right if days[key] == 0}
    lost = set(right) - set(chosen)
    older = {key for key in chosen if max(chosen[key]) < right[key]}
    if dated and lost | older:
        retry(
            "決まった日付の条件があると、ほかの時点では行が消えたり、古い行が付いたりします。"
            "2つの表の日付どうしを比べます。"
        )
    if older == same_day and not lost:
        retry("予測する日と同じ日の特徴量が付きません。「以前」には同じ日も入ります。")
    if lost | older == {key for key in right if (key[0], right[key]) == ALL_ZERO}:
        retry(
            "注文などの値が0の行が落ちています。"
            "`condition`と`keep`に、日付と番号のほかの条件がありませんか。"
        )
    if older:
        retry(
            "いちばん新しい行ではない月末が付いています。`condition`が新しい行まで落としていないか、"
            "`groups`が顧客と時点の組か、`keep`が番号1を残すかを見てください。"
        )
    kept = set(right) - lost
    if lost and kept == same_day:
        retry(
            "予測する日が月の途中だと、行が消えます。"
            "`condition`か`keep`が、予測する日と同じ日だけを選んでいませんか。以前の日をすべて選びます。"
        )
    if lost and kept and min(map(days.get, lost)) > max(map(days.get, kept)):
        retry(
            "しばらく前の行しかない顧客が消えます。"
            "`condition`に、期間を区切る条件がありませんか。古くても、いちばん新しい行を付けます。"
        )
    if lost and {churned[key] for key in lost}.isdisjoint(churned[key] for key in kept):
        retry(
            "`churned`の値によって、行が消えています。"
            "`condition`と`keep`では、答えを見ずに、どの`labels`の行も残します。"
        )
    if lost:
        retry(
            f"試しの`labels`の{len(right)}行のうち、{len(kept)}行にしか特徴量が付きません。"
            "`groups`が顧客と時点の組か、`condition`で絞ってから番号を振るか、"
            "余計な条件がないかを見てください。"
        )
    if any(len(ends) > 1 for ends in chosen.values()):
        retry(
            "1つの答えに、特徴量の行が2つ以上付いています。"
            "`groups`に余計な列がないか、`keep`が1行だけを残すかを見てください。"
        )
