"""レッスン25の答えを判定する。"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

import pandas as pd

from checks import (
    Answer,
    Exercises,
    function,
    mapping,
    number,
    retry,
    same_rows,
    sequence,
    table,
    text,
    unanswered,
    whole,
    words,
)
from checks.joins_25 import COLUMNS, judge_join

check = Exercises()


# --- 練習1 --------------------------------------------------------------------


@check.judge(1)
def _(fixed_join):
    if hasattr(fixed_join.value, "toPandas"):
        retry("`fixed_join`が表です。動かした結果ではなく、SQLの文字列のまま残します。")
    sql = text(fixed_join)
    if "Ellipsis" in sql:
        unanswered("まだ空いている所があります。3つの`...`を、文字列に書き換えて実行してください。")
    judge_join(sql)
    return "予測の日に手に入った数字だけで、学習用の表ができました。"


# --- 練習2 --------------------------------------------------------------------

KEYS = ["customer_id", "month_end"]
SHIFT = 1000.0


def some_usage() -> pd.DataFrame:
    """3人の利用。行の並びを混ぜ、見出しの番号は混ぜた後の順にする。

    始まる月は人によって違い、年をまたぎ、間の月が抜け、12を超える行のある人がいる。
    """
    months = pd.date_range("2024-11-30", periods=18, freq="ME")
    rows = [(11, month) for month in months if month.month != 6]
    rows += [(12, month) for month in months[[13, 14, 16]]]
    usage = pd.DataFrame([*rows, (13, months[14])], columns=KEYS)
    position = pd.Series(range(len(usage)))
    usage["orders"] = (position * 5 % 4).astype(float)
    usage["app_days"] = (position * 7 % 10).astype(float)
    usage["complaints_3m"] = (position % 3).astype(float)
    usage["churned"] = (usage["month_end"] == months[-1]).astype(float)
    return usage.sample(frac=1, random_state=0).reset_index(drop=True)


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
    if not isinstance(build.received[0], pd.DataFrame) or not build.received[0].equals(given):
        retry(
            "渡した`usage`の中身が書き換わります。`usage`は読むだけにして、結果の表に列を足します。"
        )
    if result.value is None:
        retry("`build_features_v2`が何も返しません。`return`を書きましたか。")
    if isinstance(result.value, pd.Series):
        retry("`build_features_v2`が1つの列だけを返しています。列を足した表を返します。")
    made = table(result, [*KEYS, *COLUMNS, "months_used"], spark=False)
    right = shifted_features(given)
    right["months_used"] = right.groupby("customer_id").cumcount() + 1
    if not set(made["customer_id"]) <= set(right["customer_id"]):
        retry("渡していない顧客の行が返ります。引数の`usage`でなく、外の表を使っていませんか。")
    if len(made) != len(right):
        retry(f"{len(right)}行の表を渡すと、{len(made)}行が返ります。行は増やさず、減らしません。")
    copied = made.assign(total_orders=made["total_orders"] + SHIFT)
    if sorted(copied["total_orders"].tolist()) == sorted(right["total_orders"].tolist()):
        retry(
            "`build_features`の決まりを変えても、値が変わりません。"
            "関数の中で、`build_features(usage)`と名前で呼び、その結果を使います。"
        )
    same_rows(result, made[[*KEYS, *COLUMNS]], right[[*KEYS, *COLUMNS]], KEYS)
    if made["months_used"].isna().any():
        retry("`months_used`に、値の無い行があります。どの行にも番号が付くようにします。")
    if any(isinstance(value, str) for value in made["months_used"]):
        retry("`months_used`が文字列です。`astype(str)`などで文字にせず、数のまま入れます。")
    made["months_used"] = [number(Answer("months_used", value)) for value in made["months_used"]]
    compare_months(made, right, given)
    return "2つのチームは、同じ関数から同じ値を受け取れます。"


def compare_months(made: pd.DataFrame, right: pd.DataFrame, given: pd.DataFrame) -> None:
    """``months_used`` が合わなければ、その原因を言って退ける。"""
    months = made.set_index(KEYS)["months_used"].sort_index()
    wanted = right.set_index(KEYS)["months_used"].sort_index()
    by_customer = wanted.groupby("customer_id")
    calendar = right["month_end"].dt.year * 12 + right["month_end"].dt.month
    first = calendar.groupby(right["customer_id"]).transform("min")
    as_given = given.groupby("customer_id").cumcount() + 1
    numbered = right.assign(
        calendar=calendar - first + 1,
        as_given=as_given,
        in_place=as_given.to_numpy(),
        shifted=right["months_used"].reset_index(drop=True),
    ).set_index(KEYS)
    in_given_order = "渡された表の並びのまま数えています。月の順に並んだ表で数えます。"
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
        (numbered["as_given"], in_given_order),
        (numbered["in_place"], in_given_order),
        (
            numbered["shifted"],
            "ほかの行の番号が入っています。`reset_index`で見出しの番号が変わると、"
            "元の表に足した時に行がずれます。",
        ),
        (
            numbered["calendar"],
            "行の無い月まで数えています。行を古い順に数え、間が抜けても番号を続けます。",
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
        "orders": 140,
        "app_days": 110,
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
    if any(
        isinstance(part.value, float)
        and 0 < part.value < 1
        or isinstance(part.value, str)
        and part.value.strip().endswith(("%", "％"))
        for part in parts.values()
    ):
        retry("`mismatches`が割合になっています。違う行の数を入れます。")
    counts = {name: whole(part) for name, part in parts.items()}
    if counts == {name: rows - count for name, count in right.items()}:
        retry("`mismatches`が、値の同じ行の数です。違う行を数えます。")
    wrong = [name for name in COLUMNS if counts[name] != right[name]]
    if wrong:
        retry(
            f"`mismatches`の`{wrong[0]}`の数が合いません。2つの表の同じ列を、行ごとに比べましたか。"
        )
    tenth = f"違う行の数を、全体の{rows:,}行の1割と比べてください。"
    if not sequence(skewed_columns, ordered=False, empty=True):
        retry(f"`skewed_columns`が空です。{tenth}")
    found = words(skewed_columns, COLUMNS)
    surplus = [name for name in COLUMNS if name in found and right[name] <= 0.1 * rows]
    lacking = [name for name in COLUMNS if name not in found and right[name] > 0.1 * rows]
    if surplus or lacking:
        name, side = (surplus[0], "入っています") if surplus else (lacking[0], "入っていません")
        retry(f"`{name}`が`skewed_columns`に{side}。{tenth}")
    return (
        "注文の合計は今年から数え、苦情は1件も届いていません。注文回数も、1割を超える行で違います。"
    )
