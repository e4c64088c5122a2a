"""読み手の関数を、止まっても、表示しても、引数を書き換えても困らないように動かす。"""

from __future__ import annotations

import contextlib
import copy
import inspect
import signal
from collections.abc import Iterator, Sequence
from typing import Any

from checks.answers import (
    Answer,
    has_ellipsis,
    is_spark_table,
    kind_of,
    retry,
    safe_repr,
    unanswered,
)
from checks.errors import explain

LIMIT = 60  # 秒。読み手の関数の1回の呼び出しを待つ長さ


class TooLong(BaseException):
    """読み手の関数が終わらない。"""


class Function:
    """読み手の関数。呼び出すと、結果を ``Answer`` で返す。

    ``received`` は、いちばん後の呼び出しで渡した引数の写し。書き換えられたかを調べられる。
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.received: list[Any] = []

    def __call__(self, *arguments: Any, said: str = "") -> Answer:
        """引数の写しを渡して動かす。``said`` は、文言の中でのその呼び出しの言い方。

        例外と ``exit()`` は、入力とエラーの種類と読み手の行を言って退ける。
        """
        called = said or f"{self.answer.name}({', '.join(map(_written, arguments))})"
        self.received = [copied(argument) for argument in arguments]
        try:
            with _within(LIMIT):
                result = self.answer.value(*self.received)
        except KeyboardInterrupt:
            raise
        except TooLong:
            retry(f"`{called}`が、いつまでも終わりません。終わらない繰り返しがないか見てください。")
        except BaseException as error:  # 読み手のコードは、何を送ってくるか分からない
            namespace = getattr(self.answer.value, "__globals__", None)
            retry(f"`{called}`が、途中で止まりました。{explain(error, namespace)}。")
        if has_ellipsis(result):
            unanswered(
                f"{self.answer}の中に、まだ`...`が残っています。書き換えて実行してください。"
            )
        return Answer(called, result)


def function(answer: Answer, parameters: int | Sequence[str] | None = None) -> Function:
    """関数の答え。``parameters`` は、引数の数か、引数の名前（この順に渡せること）。"""
    value = answer.value
    if isinstance(value, type) or not callable(value) or hasattr(value, "get_params"):
        text = "`def`で作った関数そのものを、この名前にします。"
        retry(f"{answer}は{kind_of(value)}で、関数ではありません。{text}")
    if _is_empty(value):
        unanswered(f"{answer}の中身が、まだ書かれていません。")
    if parameters is not None:
        count = parameters if isinstance(parameters, int) else len(parameters)
        try:
            inspect.signature(value).bind(*range(count))
        except TypeError:
            retry(f"{answer}は、引数{count}個で呼び出せません。`def`の行の引数を見てください。")
        except ValueError:  # 組み込み関数には、引数の記録がないものがある
            pass
    return Function(answer)


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[None]:
    """``seconds`` 秒を超えたら ``TooLong`` を送る。合図を使えない所（Windowsなど）では、待ち続ける。"""

    def stop(*_: object) -> None:
        raise TooLong

    try:
        before = signal.signal(signal.SIGALRM, stop)
    except (AttributeError, ValueError):
        yield
        return
    left = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *left)
        signal.signal(signal.SIGALRM, before)


def copied(value: Any) -> Any:
    """読み手が書き換えても元に響かないコピー。コピーできないもの（Sparkの表など）は、そのまま渡す。"""
    if is_spark_table(value):
        return value
    try:
        return copy.deepcopy(value)
    except Exception:
        return value


def _is_empty(value: Any) -> bool:
    """``def f(x): ...`` や ``pass`` のような、何もせずに ``None`` を返すだけの関数か。"""
    code = getattr(value, "__code__", None)
    return (
        code is not None
        and code.co_code == (lambda: None).__code__.co_code
        and not any(
            constant is not None and constant is not ... and not isinstance(constant, str)
            for constant in code.co_consts
        )
        and getattr(value, "__name__", "") != "<lambda>"
    )


def _written(value: object) -> str:
    """文言の中に置く引数。長いものは種類で言う。"""
    written = safe_repr(value)
    return written if 0 < len(written) <= 30 and "\n" not in written else kind_of(value)
