"""起動し直したPythonで、読み手の関数を動かす。"""

import builtins
import contextlib
import copy
import inspect
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any


def restarted(function: Callable, many: int) -> Callable:
    """``function`` が前の呼び出しの結果を覚えていれば、それを忘れた写し。元の物は変えない。

    覚えた物とみなすのは、``functools.cache`` と、``many`` 件以上の辞書・リスト・集合である。
    """
    function = inspect.unwrap(function)
    if not isinstance(function, FunctionType):
        return function
    home, names = function.__globals__, {}

    def forgotten(value: Any) -> Any:
        if isinstance(getattr(value, "__wrapped__", None), FunctionType):
            value = inspect.unwrap(value)
        if isinstance(value, FunctionType) and value.__globals__ is home:
            defaults = tuple(map(forgotten, value.__defaults__ or ()))
            again = FunctionType(value.__code__, names, value.__name__, defaults, value.__closure__)
            again.__kwdefaults__ = value.__kwdefaults__
            again.__dict__.update({name: forgotten(one) for name, one in vars(value).items()})
            return again
        if isinstance(value, dict | list | set) and _entries(value) >= many:
            value = copy.copy(value)
            value.clear()
        return value

    names.update({name: forgotten(value) for name, value in home.items()})
    return forgotten(function)


@contextlib.contextmanager
def other_hash() -> Iterator[None]:
    """組み込みの ``hash`` が、起動し直したPythonのように違う値を返す間。"""
    kept = builtins.hash
    builtins.hash = lambda value: kept((value, "起動し直した")) >> 1
    try:
        yield
    finally:
        builtins.hash = kept


def _entries(value: dict | list | set) -> int:
    """入れ物の中の件数。辞書の中の入れ物は、その中も数える。"""
    if not isinstance(value, dict):
        return len(value)
    return sum(len(one) if isinstance(one, dict | list | set) else 1 for one in value.values())
