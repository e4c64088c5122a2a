"""読み手の答えと、それを退ける時の例外。"""

from __future__ import annotations

import datetime
import decimal
import fractions
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pandas as pd


class Retry(Exception):
    """もう一歩の答え。文言は、次に見る場所を言う日本語。"""


class Unanswered(Exception):
    """まだ答えていない。文言は、次にすることを言う日本語。"""


def retry(message: str) -> NoReturn:
    """答えを退け、``message`` を読み手に見せる。"""
    raise Retry(message)


def unanswered(message: str = "まだ答えが入っていません。`...`を書き換えてください。") -> NoReturn:
    """まだ答えていないことにして、``message`` を読み手に見せる。"""
    raise Unanswered(message)


@dataclass(frozen=True)
class Answer:
    """読み手の答え1つ。``name`` は文言の中での呼び名（``rate`` や ``question["対象"]``）。"""

    name: str
    value: Any

    def __str__(self) -> str:
        return f"`{self.name}`"

    def part(self, key: object, value: object) -> Answer:
        """答えの一部分。``key`` は、その場所を指す添え字。"""
        written = safe_repr(key)
        return Answer(f"{self.name}[{written if len(written) <= 30 else '…'}]", value)

    def member(self, value: object) -> Answer:
        """順序の無い集まりの要素。番号では指せない。"""
        return Member(self.name, value)


@dataclass(frozen=True)
class Member(Answer):
    """集合の要素1つ。"""

    def __str__(self) -> str:
        return f"`{self.name}`の中の1つ"


def is_spark_table(value: object) -> bool:
    """Spark の DataFrame か（Spark Connect のものも）。"""
    # 値ではなく型を見る。誤った列を選んだ表は、schema を読むだけで例外を送る。
    return all(hasattr(type(value), name) for name in ("toPandas", "schema", "collect"))


def is_row(value: object) -> bool:
    """Spark の Row か。"""
    return isinstance(value, tuple) and hasattr(value, "asDict")


KINDS = (
    (bool, "真偽値"),
    (np.bool_, "真偽値"),
    (str, "文字列"),
    (bytes, "バイト列"),
    (complex, "複素数"),
    (type, "クラス"),
    (list, "リスト"),
    (dict, "辞書"),
    (frozenset, "集合"),
    (set, "集合"),
    (np.ndarray, "NumPyの配列"),
    (pd.DataFrame, "pandasの表"),
    (pd.Series, "pandasの列（Series）"),
    (pd.Index, "pandasの見出し（Index）"),
    ((datetime.date, np.datetime64), "日付"),
    ((int, float, np.number, decimal.Decimal, fractions.Fraction), "数"),
)


def kind_of(value: object) -> str:
    """値の種類を、読み手に見せる言葉で言う。"""
    if value is None:
        return "`None`"
    if is_row(value):
        return "Sparkの行（Row）"
    if isinstance(value, tuple):
        return "組（タプル）"
    for kinds, name in KINDS:
        if isinstance(value, kinds):
            return name
    if is_spark_table(value):
        return "Sparkの表（DataFrame）"
    if hasattr(type(value), "get_params"):  # Spark の列は、どんな属性でも持っていると答える
        return f"モデル（{type(value).__name__}）"
    if callable(value) and hasattr(value, "__name__"):
        return "関数"
    return f"`{type(value).__name__}`"


def shown(value: object) -> str:
    """文言の中に置ける短い表示。1行に収まらないものは種類を言う。"""
    if isinstance(value, Answer):
        value = value.value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        return f"「{value}」" if len(value) <= 30 and "\n" not in value else "長い文字列"
    if isinstance(value, int | float | decimal.Decimal | fractions.Fraction | datetime.date):
        written = f"{value:.6g}" if isinstance(value, float) else str(value)
        return f"`{written}`" if len(written) <= 30 else "桁の多い数"
    written = safe_repr(value) if isinstance(value, list | tuple | dict | set) else ""
    if written and len(written) <= 40 and "object at" not in written and "np." not in written:
        return f"`{written}`"
    return kind_of(value)


def safe_repr(value: object) -> str:
    """``repr``。値の側の誤りで作れなければ、空文字列。"""
    try:
        return repr(value)
    except Exception:
        return ""


def has_ellipsis(value: object, depth: int = 3) -> bool:
    """``...`` のままの所が、値かその中にあるか。"""
    if value is ...:
        return True
    if depth == 0:
        return False
    try:
        return _holds_ellipsis(value, depth)
    except Exception:  # 中を見ることのできないもの
        return False


def _holds_ellipsis(value: object, depth: int) -> bool:
    if isinstance(value, dict):
        return any(has_ellipsis(part, depth - 1) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return any(has_ellipsis(part, depth - 1) for part in value)
    if hasattr(value, "get_params") and not isinstance(value, type):
        try:
            return has_ellipsis(list(value.get_params().values()), depth - 1)
        except Exception:  # 段が `...` のパイプラインは、ここで止まる
            return has_ellipsis(list(vars(value).values()), depth - 1)
    return False
