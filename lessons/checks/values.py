"""数、言葉、並び、日付の答えを、人が実際に書く形のまま受け取る。

どの関数も ``Answer`` を受け取り、ふつうのPythonの値を返す。
受け取れない時は、何が起きていてどう直すかを言って退ける。
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

import numpy as np
import pandas as pd

from checks.answers import Answer, is_row, is_spark_table, kind_of, retry, shown

Reader = Callable[[Answer], Any]
LIST = "`[…, …]`の形のリスト"


# --- 数 -----------------------------------------------------------------------


def unwrapped(answer: Answer) -> Any:
    """値を1つだけ含む配列・列・表・行から、その値を取り出す。空なら、そう言って退ける。"""
    value = answer.value
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index | np.ndarray):
        if value.size == 0:
            retry(f"{answer}が空です。条件に合う行が残っているか見てください。")
        if value.size == 1:
            return np.asarray(value, dtype=object).reshape(-1)[0]
    if is_row(value) and len(value) == 1:
        return value[0]
    return value.item() if isinstance(value, np.generic) else value


def number(answer: Answer) -> float | int:
    """数を1つ。int、float、NumPy、Decimal、Fractionを受け取る。真偽値、NaN、無限大は退ける。"""
    value = unwrapped(answer)
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, bool) or not isinstance(
        value, int | float | decimal.Decimal | fractions.Fraction
    ):
        retry(_not_a_number(answer, value))
    if isinstance(value, int):
        return value
    value = _to_float(value)
    if math.isnan(value):
        retry(f"{answer}がNaN（値なし）です。空の列や、0÷0の計算がないか見てください。")
    if math.isinf(value):
        retry(f"{answer}が無限大です。0で割っていないか見てください。")
    return value


def _to_float(value: float | decimal.Decimal | fractions.Fraction) -> float:
    if isinstance(value, decimal.Decimal) and value.is_nan():
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _not_a_number(answer: Answer, value: object) -> str:
    if value is None:
        return (
            f"{answer}が`None`です。"
            "`print`や`show`の戻り値を入れていないか、`return`を忘れていないか見てください。"
        )
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        if text.endswith("%"):
            return f"{answer}が文字列です。引用符と書式で文字にせず、計算した数のまま入れます。"
        if re.fullmatch(r"[-+]?[\d,]*\.?\d+\s*\D{0,3}", text):
            return f"{answer}が文字列です。引用符と単位を外して、数だけを入れます。"
        return f"{answer}は文字列です。数を1つ入れます。"
    if isinstance(value, bool):
        return f"{answer}が真偽値です。数を1つ入れます。"
    if value is pd.NaT or value is pd.NA:
        return f"{answer}が空の値です。空の列を計算していないか見てください。"
    if isinstance(value, tuple) and len(value) == 1:
        return f"{answer}が組（タプル）です。行の終わりの余分なカンマを取ります。"
    if isinstance(value, tuple) and not is_row(value):
        return f"{answer}が組（タプル）です。数の中の桁区切りのカンマを取り、数を1つ入れます。"
    if is_spark_table(value):
        return (
            f"{answer}がSparkの表のままです。行数なら`count()`、値なら`first()[0]`で、数にします。"
        )
    if callable(value):
        return f"{answer}が{kind_of(value)}のままです。呼び出した結果を入れます。"
    return f"{answer}は{kind_of(value)}です。数を1つ取り出して入れます。"


def whole(answer: Answer) -> int:
    """整数を1つ。31.0のような、端数のない小数も受け取る。"""
    value = number(answer)
    if value != int(value):
        retry(f"{answer}は`{value:.12g}`で、整数ではありません。問題文が求める数か見てください。")
    return int(value)


def share(answer: Answer) -> float:
    """0から1の割合か確率を1つ。"""
    value = unwrapped(answer)
    percent = isinstance(value, str) and re.search("%", unicodedata.normalize("NFKC", value))
    if percent or 1 < number(answer) <= 100:
        retry(f"{answer}は割合なので、0から1の間の数にします。百分率なら、100で割ります。")
    if not 0 <= number(answer) <= 1:
        retry(f"{answer}は{shown(value)}です。割合なので、0から1の間の数になります。")
    return float(number(answer))


def yen(answer: Answer) -> float:
    """金額（円）を1つ。"""
    value = unwrapped(answer)
    if isinstance(value, tuple) and not is_row(value):
        retry(f"{answer}に桁区切りのカンマが入り、2つの数の組になっています。カンマを取ります。")
    return number(answer)


def near(value: float, right: float, tolerance: float = 1e-6) -> bool:
    """``value`` が ``right`` から ``tolerance`` までしか離れていないか。"""
    try:
        return math.isclose(value, right, rel_tol=1e-12, abs_tol=tolerance * (1 + 1e-9))
    except OverflowError:  # 小数では表せないほど大きな整数
        return value == right


def rounds_to(value: float, right: float, digits: int = 2) -> bool:
    """``value`` が、``right`` そのものか、それを小数 ``digits`` 桁以上で丸めた値か。"""
    rounded = (round(right, places) for places in range(digits, 13))
    return near(value, right) or any(near(value, one, 1e-12) for one in rounded)


def flag(answer: Answer) -> bool:
    """真偽値を1つ。"""
    value = unwrapped(answer)
    if not isinstance(value, bool):
        how = "引用符を付けずに、" if isinstance(value, str) else ""
        retry(f"{answer}は{shown(value)}です。{how}`True`か`False`にします。")
    return value


# --- 言葉 ---------------------------------------------------------------------


def plain(text: str) -> str:
    """全角と半角、大文字と小文字、空白、かぎかっこの違いを除いた文字列。"""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s「」『』\"'`]", "", text).casefold()


def text(answer: Answer) -> str:
    """文字列を1つ。前後の空白を除く。"""
    value = unwrapped(answer)
    if not isinstance(value, str):
        retry(f"{answer}は{kind_of(value)}です。引用符で囲んだ文字列を1つ入れます。")
    if not value.strip():
        retry(f"{answer}が空の文字列です。引用符の中に書きます。")
    return value.strip()


def word(answer: Answer, options: Iterable[str], also: Mapping[str, str] | None = None) -> str:
    """``options`` の言葉を1つ。``also`` は、ほかの言い方 → ``options`` の言葉。"""
    options = list(options)
    meaning = {plain(option): option for option in options}
    meaning |= {plain(other): option for other, option in (also or {}).items()}
    value = text(answer)
    if plain(value) not in meaning:
        retry(f"{answer}は{shown(value)}です。{'、'.join(options)}のどれかを入れます。")
    return meaning[plain(value)]


def words(
    answer: Answer,
    options: Iterable[str],
    also: Mapping[str, str] | None = None,
    form: str = LIST,
) -> set[str]:
    """順序を問わない、``options`` の言葉の集まり。``form`` は、問題文が求める形。"""
    options = list(options)
    return {word(part, options, also) for part in sequence(answer, ordered=False, form=form)}


# --- 並び ---------------------------------------------------------------------


def sequence(
    answer: Answer,
    length: int | None = None,
    of: Reader | None = None,
    ordered: bool = True,
    empty: bool = False,
    form: str = LIST,
) -> list[Any]:
    """値の並び。``of`` を渡すと、要素の一つずつをそれで読み取る（無ければ ``Answer`` のまま）。

    リスト、タプル、配列、列のほか、順序を問わない時は集合も受け取る。``empty`` は、空でもよいか。
    ``form`` は、並びでない答えに求める形。
    """
    value = answer.value
    if isinstance(value, set | frozenset | dict) and ordered:
        retry(f"{answer}は{kind_of(value)}です。順序があるので、{form}にします。")
    if isinstance(value, str) or value is None:
        retry(f"{answer}は{kind_of(value)}です。{form}にします。")
    if is_spark_table(value):
        retry(f"{answer}がSparkの表のままです。`collect()`などで、値のリストにします。")
    if isinstance(value, Iterator):
        retry(f"{answer}は、1度しか取り出せない並びです。`list(…)`でリストにします。")
    if isinstance(value, pd.DataFrame):
        if len(value.columns) != 1:
            retry(f"{answer}は{len(value.columns)}列のpandasの表です。列を1つ選びます。")
        value = value.iloc[:, 0]
    if not isinstance(value, Iterable):
        retry(f"{answer}は{kind_of(value)}です。{form}にします。")
    items = list(value)
    if all(is_row(item) and len(item) == 1 for item in items):
        items = [item[0] for item in items]
    if not items and length != 0 and not empty:
        retry(f"{answer}が空です。条件に合うものが残っているか見てください。")
    if length is not None and len(items) != length:
        retry(f"{answer}の要素は{len(items)}個です。{length}個にします。")
    if isinstance(value, Set | dict):
        parts = [answer.member(item) for item in items]
    else:
        parts = [answer.part(position, item) for position, item in enumerate(items)]
    return [of(part) for part in parts] if of else parts


def pairs(answer: Answer, length: int | None = None) -> list[tuple[Answer, Answer]]:
    """2つの値の組の並び。辞書とSeriesは、キーと値の組として受け取る。"""
    value = answer.value
    if isinstance(value, Mapping | pd.Series):
        answer = Answer(answer.name, list(value.items()))
    return [tuple(sequence(part, 2)) for part in sequence(answer, length, ordered=False)]


def mapping(answer: Answer, keys: Sequence[Any] | None = None, of: Reader | None = None) -> dict:
    """辞書。``keys`` を渡すと過不足を調べ、その順に並べる。文字列のキーは表記の揺れを除いて探す。

    Series、Row、（キー、値）の組のリストも受け取る。
    """
    value = answer.value
    if is_row(value):
        value = value.asDict()
    elif isinstance(value, pd.Series):
        value = value.to_dict()
    elif isinstance(value, list | tuple) and all(
        isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str | int)
        for item in value
    ):
        value = _paired(value, keys)
    if not isinstance(value, Mapping):
        retry(f'{answer}は{kind_of(value)}です。`{{"…": …}}`の形の辞書にします。')
    given = {_key(key): part for key, part in value.items()}
    if keys is None:
        keys = list(value)
    missing = [key for key in keys if _key(key) not in given]
    extra = [key for key in value if _key(key) not in {_key(wanted) for wanted in keys}]
    if missing:
        retry(f"{answer}にキー{'、'.join(map(shown, missing))}がありません。")
    if extra:
        retry(f"{answer}に、問題文に無いキー{'、'.join(map(shown, extra))}があります。")
    parts = {key: answer.part(key, given[_key(key)]) for key in keys}
    return {key: of(part) for key, part in parts.items()} if of else parts


def _paired(items: Sequence[Any], keys: Sequence[Any] | None) -> object:
    """（キー、値）の組のリストなら辞書にする。``keys`` が1つも無ければ、ただの組のリスト。"""
    wanted = {_key(key) for key in keys or []}
    if keys is None or any(_key(item[0]) in wanted for item in items):
        return dict(items)
    return items


def _key(key: object) -> object:
    if isinstance(key, np.generic):
        key = key.item()
    return plain(key) if isinstance(key, str) else key


# --- 日付 ---------------------------------------------------------------------


def day(answer: Answer) -> datetime.date:
    """日付を1つ。文字列（2026-03-01、2026/3/1、2026年3月1日）と、日付の型を受け取る。"""
    value = _moment(unwrapped(answer))
    if value is None:
        retry(f'{answer}を日付として読めません。`"2026-03-01"`の形で入れます。')
    return value


def month(answer: Answer) -> tuple[int, int]:
    """年と月を1つ。その月の日付なら何日でもよく、``2026-03`` の形も受け取る。"""
    value = unwrapped(answer)
    if isinstance(value, str) and re.fullmatch(r"\s*\d{4}[-/年]\d{1,2}月?\s*", value):
        value = "-".join([*re.findall(r"\d+", value), "1"])
    if isinstance(value, pd.Period):
        value = value.to_timestamp()
    moment = _moment(value)
    if moment is None:
        retry(f'{answer}を月として読めません。`"2026-03-01"`の形で入れます。')
    return moment.year, moment.month


def _moment(value: object) -> datetime.date | None:
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    if isinstance(value, str):
        found = re.fullmatch(
            r"\s*(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?(?:[T ][\d:.]+)?\s*",
            unicodedata.normalize("NFKC", value),
        )
        if found:
            try:
                return datetime.date(*map(int, found.groups()))
            except ValueError:
                return None
    return None
