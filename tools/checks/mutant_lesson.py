"""授業一つを上から動かし、練習ごとに、解答の変異を確認にかける（``tools.checks.mutants`` が呼ぶ）。

    python -m tools.checks.mutant_lesson LESSON SOLUTION RESULT

結果は RESULT に JSON で書く。ワークスペースの環境変数が決まった、使い捨てのプロセスで動かす。
"""

from __future__ import annotations

import ast
import contextlib
import copy
import importlib
import io
import json
import linecache
import logging
import os
import signal
import sys
import time
import types
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from tools.checks.mutations import Mutation, Names, effect_calls, mutate, without_effects
from tools.checks.snapshot import Incomparable, same, snapshot
from tools.course.lesson import Exercise, LessonError, group_exercises, read_lesson

LIMIT = 20  # 変異一つを動かす秒数と、確認の秒数。解答が遅い練習では、もっと待つ
SLOWER = 10  # 変異を待つのは、解答にかかった時間の何倍までか
VALUE_LIMIT = 120  # 答えの値を取り出す秒数
CELL_LIMIT = 600  # 授業のセルか解答を動かす秒数
ACCEPTED, STOPPED, LATE = "正解", "止まった", "時間切れ"
CONTAINERS = (list, tuple, set, frozenset, dict)
PLAIN = (np.ndarray, np.generic, pd.DataFrame, pd.Series, pd.Index)


class Late(BaseException):
    """時間切れ。読み手のコードの ``except Exception`` には捕まらない。"""


@dataclass(frozen=True)
class Outcome:
    """解答か変異を動かした結果。``value`` は、比べられない答えでは ``None``。"""

    verdict: str
    message: str = ""
    value: Any = None

    @property
    def accepted(self) -> bool:
        return self.verdict == ACCEPTED


@contextlib.contextmanager
def alarm(seconds: int) -> Iterator[list[bool]]:
    """``seconds`` 秒で ``Late`` を送る。渡す並びには、送ったかどうかが残る。"""
    late: list[bool] = []

    def ring(*_: object) -> None:
        late.append(True)
        raise Late

    previous = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield late
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """授業と読み手のコードが表示するものを出さない。"""
    nowhere = io.StringIO()
    with (
        warnings.catch_warnings(action="ignore"),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


def copied(names: dict) -> dict:
    """変数の写し。数、文字列、並び、pandas、NumPyだけを写し、ほかは同じものを指す。"""
    memo: dict[int, Any] = {}
    waiting, seen = list(names.values()), set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, CONTAINERS) and not hasattr(value, "asDict"):
            waiting += list(value)
        elif not isinstance(value, PLAIN):
            memo[id(value)] = value
    return copy.deepcopy(names, memo)


class Rehearsal:
    """授業一つの変異試験。"""

    def __init__(self, lesson: Path, solution: Path) -> None:
        self.lesson = read_lesson(lesson)
        self.exercises = group_exercises(self.lesson, read_lesson(solution))
        sys.modules["__main__"] = types.ModuleType("__main__")
        self.space = vars(sys.modules["__main__"])
        self.clear()
        name = f"checks.lesson_{lesson.stem[:2]}"
        self.check = importlib.import_module(name).check

    def clear(self) -> None:
        self.space.clear()
        self.space.update(vars(types.ModuleType("__main__")), display=lambda *_, **__: None)

    def run(self) -> dict[str, dict]:
        """すべての練習の変異を動かす。"""
        found = {}
        for cell in self.lesson.cells:
            role, number = cell.role
            if role == "練習":
                found[str(number)] = self.try_exercise(number)
            elif cell.kind == "code" and role != "確認":
                self.execute(cell.source, f"<{self.lesson.path.name}:{cell.line}>", CELL_LIMIT)
        return found

    def restart(self, last: int) -> None:
        """練習 ``last`` の手前まで、授業と解答を動かし直し、そこを材料の元にする。"""
        self.clear()
        for cell in self.lesson.cells:
            role, number = cell.role
            if (role, number) == ("練習", last):
                break
            source = self.exercises[number].answer.code.source if role == "練習" else cell.source
            if cell.kind == "code" and role != "確認":
                self.execute(source, f"<{self.lesson.path.name}:{cell.line}>", CELL_LIMIT)
        self.saved = copied(self.space)

    def execute(self, source: str, name: str, seconds: int) -> None:
        """コードを、時間を限って動かす。"""
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        try:
            with alarm(seconds), quiet():
                exec(compile(source, name, "exec"), self.space)  # noqa: S102
        finally:
            self.tidy()

    @staticmethod
    def tidy() -> None:
        """開いたままの図とランを閉じる。"""
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        if "mlflow" in sys.modules:
            while sys.modules["mlflow"].active_run():
                sys.modules["mlflow"].end_run()

    # --- 練習一つ -------------------------------------------------------------

    def try_exercise(self, number: int) -> dict:
        """練習の変異を動かして数える。終わると、解答を動かした後の状態になっている。"""
        exercise = self.exercises[number]
        if exercise.answer is None:
            raise LessonError(f"{self.lesson.path.name}: 練習 {number} に解答がありません。")
        source = exercise.answer.code.source
        tree = ast.parse(source)
        careful = any(effect_calls(tree)) or any(isinstance(n, ast.With) for n in ast.walk(tree))
        seed = f"{self.lesson.path.stem} {number}"
        self.saved = copied(self.space)
        started = time.monotonic()
        self.answer(number)
        self.limit = max(LIMIT, round(SLOWER * (time.monotonic() - started)))
        mutations = mutate(source, self.names(exercise), seed)
        result = self.judge(number, mutations, careful=careful)
        if result is None:  # 変異が、写していない材料を書き換えた
            careful = True
            self.restart(number)
            result = self.judge(number, mutations, careful=True)
        if careful:
            self.restart(number)
            self.execute(source, f"<練習 {number}>", CELL_LIMIT)
        return result

    def judge(self, number: int, mutations: list[Mutation], *, careful: bool) -> dict | None:
        """変異を一つずつ動かす。終わりに解答が通らなくなっていれば ``None``。

        ``careful`` なら、変異ごとに解答がまだ通ることを確かめ、通らなければ動かし直す。
        値を作らない文の変異は、前に解いた時の名札や表が残っていて通ることがある。
        誤答で崩した後に試し、それでも通れば、動かし直した授業でもう一度試して決める。
        """
        right, steady = self.baseline(number)
        wrong = self.disturbance(number) if careful else None
        counts = {"mutants": len(mutations), "changed": 0, "rejected": 0, "stopped": 0, "late": 0}
        result = {**counts, "survivors": [], "refused": []}
        for mutation in mutations:
            if wrong and mutation.effect:
                self.attempt(number, wrong)
            outcome = self.attempt(number, mutation.code)
            if careful and mutation.effect and outcome.accepted:
                self.restart(number)
                outcome = self.attempt(number, mutation.code)
                right, steady = self.measure(number)
            known = steady and right.value is not None and outcome.value is not None
            equal = known and same(right.value, outcome.value)
            result["stopped"] += outcome.verdict == STOPPED
            result["late"] += outcome.verdict == LATE
            if equal and not mutation.effect:
                result["refused"] += [] if outcome.accepted else [mutation.change]
            else:
                result["changed"] += 1
                result["rejected"] += not outcome.accepted
                result["survivors"] += [mutation.change] if outcome.accepted else []
            if careful and not self.healthy(number, right, steady):
                self.restart(number)
                right, steady = self.baseline(number)
        return result if self.healthy(number, right, steady) else None

    def baseline(self, number: int) -> tuple[Outcome, bool]:
        """``measure`` の結果。解答が受け入れられなければ ``LessonError``。"""
        right, steady = self.measure(number)
        if not right.accepted:
            raise LessonError(f"練習 {number} の解答が{right.verdict}です: {right.message}")
        return right, steady

    def measure(self, number: int) -> tuple[Outcome, bool]:
        """解答を2回動かした（結果、2回の値が同じか）。

        授業を動かし直すと、時刻や乱数から作る印が変わるので、値はその度に取り直す。
        """
        right = self.answer(number)
        return right, same(right.value, self.answer(number).value)

    def healthy(self, number: int, right: Outcome, steady: bool) -> bool:
        """解答が、初めと同じ値で受け入れられるか。"""
        now = self.answer(number)
        return now.accepted and (not steady or same(right.value, now.value))

    def disturbance(self, number: int) -> str | None:
        """表や名札を誤った状態にする誤答。値を作らない文を外した解答が、その後で通らないもの。"""
        source = self.exercises[number].answer.code.source
        rest = without_effects(source)
        for part in self.exercises[number].wrong if rest != ast.unparse(ast.parse(source)) else []:
            self.attempt(number, part.code.source)
            if not self.attempt(number, rest).accepted:
                return part.code.source
        return None

    def answer(self, number: int) -> Outcome:
        """解答を動かして確認にかける。必ず終わるので、混んだ機械でも終わるまで待つ。"""
        return self.attempt(number, self.exercises[number].answer.code.source, CELL_LIMIT)

    def attempt(self, number: int, source: str, limit: int | None = None) -> Outcome:
        """材料を元に戻し、答えの変数を消してから、コードを動かして確認にかける。

        ``limit`` 秒（省くと、変異を待つ秒数）で終わらなければ時間切れ。
        """
        limit = limit or self.limit
        self.space.clear()
        self.space.update(copied(self.saved))
        names = self.check.answers(number)
        for name in names:
            self.space.pop(name, None)
        try:
            self.execute(source, f"<練習 {number}>", limit)
        except Late:
            return Outcome(LATE)
        except BaseException as error:  # 変異は何を送ってくるか分からない
            return Outcome(STOPPED, repr(error))
        value = self.value(names)
        try:
            with alarm(limit) as late, quiet():
                verdict = eval("check(n)", self.space, {"check": self.check, "n": number})  # noqa: S307
        except Late:
            return Outcome(LATE)
        finally:
            self.tidy()
        return Outcome(LATE if late else verdict.kind, verdict.message, value)

    def value(self, names: list[str]) -> Any:
        """答えの値。比べられないか、取り出すのに時間がかかりすぎれば ``None``。"""
        try:
            with alarm(VALUE_LIMIT), quiet():
                return ("答え", *(snapshot(self.space[name]) for name in names))
        except (Incomparable, Late):
            return None
        except Exception as error:  # Sparkの表は、取り出す時に初めて止まることがある
            return ("答え", STOPPED, type(error).__name__)

    def names(self, exercise: Exercise) -> Names:
        """解答を動かした後の変数から作る、取り違えの相手。答えの変数は相手にしない。"""
        kinds, tables = {}, []
        answers = self.check.answers(exercise.number)
        skipped = {"check", "display", *answers}
        for name, value in self.space.items():
            if name.startswith("_") or isinstance(value, types.ModuleType) or name in skipped:
                continue
            kinds[name] = f"{type(value).__module__}.{type(value).__qualname__}"
            with contextlib.suppress(Exception):  # 列名を間違えたSparkの表は、ここで初めて止まる
                columns = getattr(value, "columns", None)
                if isinstance(columns, pd.Index | list):
                    tables.append([str(column) for column in columns])
        parts = [exercise.answer, *exercise.wrong]
        near = [text for part in parts for text in _strings(part.code.source)]
        others = [
            text
            for cell in self.lesson.cells
            if cell.kind == "code"
            for text in _strings(cell.source)
            if len(text) <= 20
        ]
        strings = list(dict.fromkeys(near if len(set(near)) >= 4 else near + others))
        return Names(kinds, tables, strings, answers)


def _strings(source: str) -> list[str]:
    """コードの中の、空でない文字列。f文字列の一部は除く。"""
    tree = ast.parse(source)
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in parts
        and node.value.strip()
    ]


def main() -> int:
    """授業一つを動かし、結果をファイルに書く。"""
    lesson, solution, result = (Path(argument).resolve() for argument in sys.argv[1:])
    sys.path.insert(0, str(lesson.parent))
    os.chdir(lesson.parent)
    logging.disable(logging.CRITICAL)
    found = Rehearsal(lesson, solution).run()
    result.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
