"""``check(1)`` の中身。答えを名前で見つけ、判定し、結果を見せる。"""

from __future__ import annotations

import contextlib
import html
import inspect
import io
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.answers import Answer, Retry, Unanswered, has_ellipsis, kind_of
from checks.errors import explain
from checks.history import History

UNANSWERED, RETRY, CORRECT = "未回答", "もう一歩", "正解"
# 画面での種類の名前と、地の色。明るい画面でも暗い画面でも、白い字が読める濃さにする。
LOOKS = {
    UNANSWERED: ("unanswered", "#56616b"),
    RETRY: ("retry", "#9a4a12"),
    CORRECT: ("correct", "#1c6b3a"),
}

Judge = Callable[..., str]


@dataclass(frozen=True)
class Verdict:
    """確認の結果。``kind`` は「未回答」「もう一歩」「正解」のどれか。"""

    kind: str
    number: int
    message: str

    def __str__(self) -> str:
        return f"【{self.kind}】{self.message}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _line(self.kind, self.kind, self.message)


@dataclass(frozen=True)
class Summary:
    """ここまでの結果のまとめ。"""

    verdicts: tuple[Verdict, ...]

    def __str__(self) -> str:
        counts = "、".join(
            f"{kind} {sum(verdict.kind == kind for verdict in self.verdicts)}"
            for kind in (CORRECT, RETRY, UNANSWERED)
        )
        text = f"練習 {len(self.verdicts)}問: {counts}"
        again = [str(v.number) for v in self.verdicts if v.kind == RETRY]
        return f"{text}。もう一度見るのは、練習 {'、'.join(again)}です。" if again else f"{text}。"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        solved = all(verdict.kind == CORRECT for verdict in self.verdicts)
        return _line(CORRECT if solved else UNANSWERED, "まとめ", str(self))


def _line(kind: str, label: str, message: str) -> str:
    """色と言葉の両方で結果が分かる、1行のHTML。"""
    name, color = LOOKS[kind]
    body = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(message, quote=False))
    return (
        f'<div class="verdict {name}" style="border-left:4px solid {color};padding:.3em .8em">'
        f'<strong style="background:{color};color:#fff;border-radius:.3em;padding:.1em .5em;'
        f'margin-right:.5em;white-space:nowrap">{label}</strong>{body}</div>'
    )


class Exercises:
    """授業1つの練習。``check(1)`` で練習1を判定し、``check.summary()`` でまとめる。"""

    def __init__(self) -> None:
        self._judges: dict[int, Judge] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._history = History.of_this_notebook()

    def judge(self, number: int) -> Callable[[Judge], Judge]:
        """練習 ``number`` を判定する関数を登録する。引数の名前が、変数の名前になる。"""

        def register(judge: Judge) -> Judge:
            self._judges[number] = judge
            return judge

        return register

    @property
    def numbers(self) -> list[int]:
        """練習の番号。"""
        return sorted(self._judges)

    def answers(self, number: int) -> list[str]:
        """練習 ``number`` の答えを入れる変数の名前。"""
        return _names(self._judges[number])[0]

    def __call__(self, number: int) -> Verdict:
        """練習 ``number`` を判定する。例外は送らない。"""
        if number not in self._judges:
            choices = "、".join(map(str, self.numbers))
            return Verdict(UNANSWERED, 0, f"その番号の練習はありません。番号は {choices} です。")
        namespace = sys._getframe(1).f_globals
        try:
            kind, message = self._decide(number, namespace)
        except BaseException:  # 触れるだけで例外を送る答えもある
            kind, message = RETRY, "答えの形を読み取れません。問題文が求める形と見比べてください。"
        self._verdicts[number] = Verdict(kind, number, message)
        return self._verdicts[number]

    def summary(self) -> Summary:
        """まだ確認していない練習を未回答と数えて、結果をまとめる。"""
        nothing = "まだ確認していません。"
        return Summary(
            tuple(
                self._verdicts.get(number, Verdict(UNANSWERED, number, nothing))
                for number in self.numbers
            )
        )

    def _decide(self, number: int, namespace: dict) -> tuple[str, str]:
        judge = self._judges[number]
        answers, materials = _names(judge)
        stopped = self._history.stopped(answers, namespace)
        if stopped:
            return RETRY, f"練習 {number} のセルは、途中で止まっています。{stopped}。"
        missing = [name for name in answers if name not in namespace]
        if missing:
            return UNANSWERED, self._spelling(missing) or _not_run(number, missing, answers)
        empty = [name for name in answers if has_ellipsis(namespace[name])]
        if empty:
            return UNANSWERED, self._spelling(empty) or _not_filled(empty, answers, namespace)
        lost = [name for name in materials if name not in namespace]
        if lost:
            text = f"授業が用意する{_listed(lost)}がありません。"
            return (
                RETRY,
                f"{text}このレッスンのセルを上から実行してから、もう一度確認してください。",
            )
        with _quiet():
            try:
                message = judge(
                    *(Answer(name, namespace[name]) for name in answers),
                    **{name: namespace[name] for name in materials},
                )
            except Retry as reason:
                return RETRY, str(reason)
            except Unanswered as reason:
                return UNANSWERED, str(reason)
            except KeyboardInterrupt:
                text = "確認を途中で止めました。終わらない繰り返しがないか見てください。"
                return RETRY, text
            except BaseException as error:  # 読み手のコードは、何を送ってくるか分からない
                return RETRY, _unreadable(error, answers, namespace)
        return CORRECT, message

    def _spelling(self, names: list[str]) -> str:
        for name in names:
            if other := self._history.misspelled(name):
                return f"答えを入れる名前は`{name}`です。`{other}`のつづりを見てください。"
        return ""


def _names(judge: Judge) -> tuple[list[str], list[str]]:
    """判定する関数が使う、答えの名前と材料の名前。"""
    parameters = inspect.signature(judge).parameters.values()
    materials = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    return [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY], materials


def _listed(names: list[str]) -> str:
    return "と".join(f"`{name}`" for name in names)


def _not_run(number: int, missing: list[str], answers: list[str]) -> str:
    if missing == answers:
        return (
            f"練習 {number} のセルがまだ動いていません。"
            "答えを書いて実行してから、もう一度確認してください。"
        )
    return f"{_listed(missing)}がまだありません。練習 {number} のセルで、この名前に入れてください。"


def _not_filled(empty: list[str], answers: list[str], namespace: dict) -> str:
    if empty == answers and all(namespace[name] is ... for name in empty):
        return "まだ答えが入っていません。`...`を書き換えて、セルを実行してください。"
    return f"{_listed(empty)}に、まだ`...`が残っています。書き換えて、セルを実行してください。"


def _unreadable(error: BaseException, answers: list[str], namespace: dict) -> str:
    """判定の途中で止まった時の文。答えの形が、思っていたものと違う。"""
    kinds = "、".join(f"`{name}`は{kind_of(namespace[name])}" for name in answers)
    return f"答えの形を読み取れませんでした。問題文が求める形と見比べてください。いま{kinds}です。{explain(error, namespace)}。"


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """読み手のコードが表示するものと、警告と、Sparkの記録を出さない。"""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    nowhere = io.StringIO()
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
        ):
            yield
    finally:
        logging.disable(disabled)
