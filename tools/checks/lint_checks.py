"""判定のモジュール（lessons/checks/lesson_NN.py）と、それを使う授業が、合っているかを調べる。"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.checks.lint_cells import JAPANESE, tree
from tools.checks.syntax import Problem, dotted, literal
from tools.course.lesson import Lesson, group_exercises, read_lesson

RULES = {"判定": "{}"}


def placed(lesson: Lesson) -> Iterator[Problem]:
    """判定のimportは、練習より前の1つのセルだけ、まとめの1行は最後のセルにあるか。"""
    number = lesson.path.stem[:2]
    wanted = f"from checks.lesson_{number} import check"
    sources = [cell.source.strip() for cell in lesson.cells]
    stubs = [i for i, cell in enumerate(lesson.cells) if cell.role[0] == "練習"]
    imports = [i for i, text in enumerate(sources) if re.search(r"^from checks\b", text, re.M)]
    if len(imports) != 1 or sources[imports[0]] != wanted or imports > stubs:
        yield 1, "練習", (1, f"の前に `{wanted}` だけのセルを1つ置きます。")
    if sources[-1] != "check.summary()" or sources.count("check.summary()") != 1:
        text = "まとめの `check.summary()` を最後のセルにします。"
        yield lesson.cells[-1].line, "確認", ("の", text)


def judged_by(path: Path) -> list[Lesson]:
    """``path`` が、ある授業の答えを判定するモジュールなら、その授業。"""
    number = re.match(r"lesson_(\d\d)$", path.stem)
    lessons = path.parent.parent.glob(f"{number[1]}_*.py") if number else ()
    return [read_lesson(lesson) for lesson in lessons]


def check(lesson: Lesson, judges: ast.Module) -> Iterator[Problem]:
    """``judges`` が、``lesson`` の練習の一つずつを、雛形が作る変数の名前で判定しているか。"""
    exercises = group_exercises(lesson)
    found = {number: judge for judge in judges.body for number in _number(judge)}
    for number in exercises.keys() ^ found.keys():
        line = found[number].lineno if number in found else 1
        yield line, "判定", (f"練習 {number} が、授業と判定の片方にしかありません。",)
    for number in exercises.keys() & found.keys():
        stub = exercises[number].stub
        made = _made(tree(stub.code)) if stub else set()
        for argument in found[number].args.args:
            if argument.arg not in made:
                text = f"練習 {number} の雛形は `{argument.arg}` を作りません。`*` の後に置きます。"
                yield argument.lineno, "判定", (text,)
    yield from _sentences(judges)
    yield from _named_twice(judges)


def _number(node: ast.stmt) -> list[int]:
    """``@check.judge(1)`` の付いた関数なら、その番号。"""
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    return [
        call.args[0].value
        for call in decorators
        if isinstance(call, ast.Call) and dotted(call.func) == "check.judge"
    ]


def _made(stub: ast.Module) -> set[str]:
    names = {node.name for node in stub.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    stores = (node for node in ast.walk(stub) if isinstance(node, ast.Name))
    return names | {node.id for node in stores if isinstance(node.ctx, ast.Store)}


def _named_twice(judges: ast.Module) -> Iterator[Problem]:
    """同じ名前の定数を2度決めていないか。前の練習の判定も、後のほうの値を見てしまう。"""
    seen = set()
    for node in judges.body:
        for target in node.targets if isinstance(node, ast.Assign) else []:
            for name in (one.id for one in ast.walk(target) if isinstance(one, ast.Name)):
                if name in seen:
                    text = f"`{name}` は前にも決めています。判定はどれも、後のほうの値を見ます。"
                    yield node.lineno, "判定", (text,)
                seen.add(name)


def _sentences(judges: ast.Module) -> Iterator[Problem]:
    """読み手に見せる文は、日本語で、「。」で終わり、「！」を付けない。"""
    for node in ast.walk(judges):
        if isinstance(node, ast.Assert):
            yield node.lineno, "判定", ("assert は `python -O` で消えます。`retry` を使います。",)
        is_call = isinstance(node, ast.Call) and dotted(node.func) in {"retry", "unanswered"}
        message = literal(node.args[0]) if is_call and node.args else ""
        if message and not (JAPANESE.search(message) and message.endswith(("。", "{}"))):
            yield node.lineno, "判定", ("文言を、「。」で終わる日本語にします。",)
        if re.search("[！!]", message.replace("!=", "")):
            yield node.lineno, "判定", ("文言から「！」を取ります。",)
