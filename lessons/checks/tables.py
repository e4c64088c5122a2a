"""表の答え。pandas の表と Spark の表を、行の順序を問わずに比べる。"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import io
import math
import numbers
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from checks.answers import Answer, is_row, is_spark_table, kind_of, retry, shown
from checks.errors import explain
from checks.values import plain


def table(
    answer: Answer,
    columns: Sequence[str] | None = None,
    spark: bool | None = None,
    extra: bool = False,
) -> pd.DataFrame:
    """表の答えを pandas の表にする。形は（行数, 列数）。

    ``columns`` は要る列（順序は問わない）、``extra`` はほかの列もあってよいか。
    ``spark`` は、Spark の表（True）か pandas の表（False）でなければならない時に渡す。
    """
    value = answer.value
    if spark and not is_spark_table(value):
        retry(f"{answer}は{kind_of(value)}です。Sparkの表（DataFrame）のまま入れます。")
    if is_spark_table(value):
        if spark is False:
            retry(f"{answer}がSparkの表のままです。`toPandas()`でpandasの表にします。")
        try:
            frame = value.toPandas()
        except Exception as error:  # 読み手の式は、計算して初めて止まることがある
            retry(f"{answer}を計算すると、途中で止まります。{explain(error)}。")
    else:
        frame = _as_frame(answer)
    doubled = frame.columns[frame.columns.duplicated()]
    if len(doubled):
        retry(f"{answer}に、同じ名前の列`{doubled[0]}`が2つあります。")
    if columns is None:
        return frame
    if not set(columns) <= set(frame.columns):
        frame = _with_index(frame, set(columns))
    missing = [name for name in columns if name not in frame.columns]
    surplus = [str(name) for name in frame.columns if name not in columns]
    if missing:
        listed = "、".join(f"`{name}`" for name in missing)
        now = "、".join(f"`{name}`" for name in frame.columns)
        retry(f"{answer}に列{listed}がありません。いまの列は{now or '無し'}です。")
    doubled = [name for name in columns if list(frame.columns).count(name) > 1]
    if doubled:
        retry(f"{answer}に、列`{doubled[0]}`が2つ以上あります。1つだけ残します。")
    if surplus and not extra:
        listed = "、".join(f"`{name}`" for name in surplus)
        retry(f"{answer}に、余分な列{listed}があります。")
    return frame[list(columns)]


def numeric(named: Answer | str, column: pd.Series) -> pd.Series:
    """数の列を float にする（空はNaN）。文字や真偽値が混ざっていれば、``named`` と呼んで退ける。"""
    for value in column.dropna():
        if isinstance(value, bool | np.bool_) or not isinstance(
            value, numbers.Real | decimal.Decimal
        ):
            retry(f"{named}に{kind_of(value)}が混ざっています。どの行も数のまま入れます。")
    return pd.to_numeric(column, errors="coerce").astype(float)


def plan(answer: Answer) -> str:
    """Sparkの表の、計算の手順。どの表を読むか、メモリーに置いた結果を読むかが書かれている。"""
    with contextlib.redirect_stdout(io.StringIO()) as text:
        answer.value.explain(extended=True)
    return text.getvalue()


def _as_frame(answer: Answer) -> pd.DataFrame:
    value = answer.value
    if isinstance(value, pd.DataFrame):
        return value.copy()
    if isinstance(value, pd.Series):
        return value.to_frame()
    if isinstance(value, list) and value and all(is_row(row) for row in value):
        return pd.DataFrame([row.asDict() for row in value])
    if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
        return pd.DataFrame(value)
    if value is None:
        retry(
            f"{answer}が`None`です。`show`や`display`や保存の戻り値を入れていないか見てください。"
        )
    retry(f"{answer}は{kind_of(value)}です。表（DataFrame）を入れます。")


def _with_index(frame: pd.DataFrame, columns: set[str]) -> pd.DataFrame:
    """groupby のあとのように、要る列が見出しに入っていれば、列に戻す。"""
    named = [name for name in frame.index.names if name in columns]
    return frame.reset_index(level=named) if named else frame


def cell(value: object) -> object:
    """表の値を、型の揺れ（NumPy、Decimal、日付の型、空の表し方）を除いて比べられる形にする。"""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, decimal.Decimal):
        value = float(value)
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, datetime.datetime):
        midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return value.date() if midnight else value.replace(tzinfo=None)
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, np.ndarray | list | tuple):
        return tuple(cell(part) for part in value)
    return value


def same_cell(given: object, right: object, tolerance: float = 1e-6) -> bool:
    """表の値2つが同じか。数は ``tolerance`` までの違いを許す。"""
    given, right = cell(given), cell(right)
    if isinstance(given, bool) or isinstance(right, bool):
        return given == right
    if isinstance(given, int | float) and isinstance(right, int | float):
        return math.isclose(given, right, rel_tol=1e-9, abs_tol=tolerance)
    return type(given) is type(right) and given == right


def same_rows(
    answer: Answer,
    given: pd.DataFrame,
    right: pd.DataFrame | Iterable[dict],
    key: str | Sequence[str],
    tolerance: float = 1e-6,
) -> None:
    """``given`` と ``right`` の行が同じでなければ、最初に違う所を言って退ける。

    ``key`` は行を決める列。正しい値は見せない。行の順序と列の順序は問わない。
    """
    right = right if isinstance(right, pd.DataFrame) else pd.DataFrame(list(right))
    keys = [key] if isinstance(key, str) else list(key)
    for column in right.columns:
        if _kinds(right[column]) == {float} and str in _kinds(given[column]):
            retry(f"{answer}の`{column}`が文字列です。数の列にします。")
    found = _by_key(given, keys)
    wanted = _by_key(right, keys)
    doubled = next(
        (name for name, rows in found.items() if len(rows) > len(wanted.get(name, rows[:1]))), None
    )
    if len(given) != len(right):
        more = f"{_said(keys, doubled)}の行が2つ以上あります。" if doubled is not None else ""
        retry(
            f"{answer}の行数が合いません。いまは{len(given):,}行です。{more}条件と、まとめ方を見てください。"
        )
    strange = next((name for name in found if name not in wanted), None)
    if strange is not None:
        retry(
            f"{answer}に、あるはずのない{_said(keys, strange)}の行があります。条件を見てください。"
        )
    if doubled is not None:
        retry(f"{answer}に、{_said(keys, doubled)}の行が多すぎます。まとめ方を見てください。")
    for name, rows in found.items():
        for given_row, right_row in zip(_sorted(rows), _sorted(wanted[name]), strict=True):
            for column in right.columns:
                if not same_cell(given_row[column], right_row[column], tolerance):
                    retry(
                        f"{answer}の、{_said(keys, name)}の行で、"
                        f"`{column}`が合いません。いまは{shown(cell(given_row[column]))}です。"
                    )


def _kinds(column: pd.Series) -> set[type]:
    """列に入っている値の種類。数は float にまとめ、空は数えない。"""
    values = (cell(value) for value in column)
    return {
        float if isinstance(value, int | float) else type(value)
        for value in values
        if value is not None
    }


def _by_key(frame: pd.DataFrame, keys: list[str]) -> dict[tuple, list[dict]]:
    rows: dict[tuple, list[dict]] = {}
    for row in frame.to_dict("records"):
        name = tuple(_rounded(cell(row[column])) for column in keys)
        rows.setdefault(name, []).append(row)
    return rows


def _rounded(value: object) -> object:
    """行を決める列の数。1 と 1.0 と True を同じ行とみなし、端数の揺れを除く。"""
    return round(float(value), 9) if isinstance(value, int | float) else value


def _sorted(rows: list[dict]) -> list[dict]:
    return sorted(rows, key=lambda row: repr([cell(value) for value in row.values()]))


def _said(keys: list[str], name: tuple) -> str:
    return "、".join(
        f"`{column}`が{shown(int(value) if isinstance(value, float) and value.is_integer() else value)}"
        for column, value in zip(keys, name, strict=True)
    )
