"""レッスン25の答えを判定する。"""

from __future__ import annotations

import pandas as pd
import screen_features

from checks import Exercises, mapping, retry, sequence, text, unanswered, whole, word, words
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
JANUARY, STALE = "今年の1月から数えた", "先月末までしか数えていない"


def differences(usage: pd.DataFrame) -> tuple[dict[str, int], int]:
    """列ごとの、値の違う行の数と、8月末の行の数。元の利用から数え直す。"""
    august = usage[pd.to_datetime(usage["month_end"]) == "2025-08-31"]
    counts = {
        **screen_features.OFF_BY_ONE,
        "complaints_3m": 0,
        "total_orders": int((august["orders"] > 0).sum()),
    }
    return counts, len(august)


@check.judge(2)
def _(mismatches, skewed_columns, cause, *, usage):
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
    if word(cause, [JANUARY, STALE]) == JANUARY:
        retry(
            "`cause`の数え方では、`delivered`の値と合わない行があります。"
            "本文の話で決めずに、`suspects`の列ごとに、同じ値の行を数えてください。"
        )
    return "オンラインの置き場所へのコピーを、先月末から更新し忘れていました。"
