"""エラーで止まったセルを覚え、前の値を新しい答えと取り違えないようにする。"""

from __future__ import annotations

import ast
import contextlib
import difflib
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from checks.errors import explain

_ASSIGNED = re.compile(r"^\s*(?:def\s+|class\s+)?([^\W\d]\w*)\s*(?:=(?!=)|\(|:)", re.M)
_NOTHING = object()


def assigned_names(source: str) -> set[str]:
    """セルの最も外側で作るか、書き換える名前。文として読めなければ、行の先頭から読み取る。"""
    try:
        body = ast.parse(textwrap.dedent(source)).body
    except (SyntaxError, ValueError):
        return set(_ASSIGNED.findall(source))
    names: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(getattr(node, "ctx", None), ast.Store):
                while isinstance(node, ast.Subscript | ast.Attribute):
                    node = node.value
                if isinstance(node, ast.Name):
                    names.add(node.id)
    return names


@dataclass(frozen=True)
class Problem:
    """止まったセルの説明と、その時に名前が指していた値。"""

    said: str
    value: object


class History:
    """ノートブックのセルの成否。"""

    def __init__(self) -> None:
        self._problems: dict[str, Problem] = {}
        self._before: dict[str, object] = {}
        self._cells: dict[str, str] = {}  # 名前 → それを作ったセル
        self._last: set[str] = set()  # 名前を作った最後のセルが、作った名前

    @classmethod
    def of_this_notebook(cls) -> History:
        """IPython の上なら、これから動くセルを見守る。そうでなければ、何も覚えない。"""
        history = cls()
        with contextlib.suppress(Exception):  # IPython の外か、見守りを許さないノートブック
            from IPython import get_ipython

            shell = get_ipython()
            shell.events.register("pre_run_cell", lambda info: history.begin(shell.user_ns, info))
            shell.events.register("post_run_cell", lambda done: history.end(shell.user_ns, done))
        return history

    def begin(self, namespace: dict, info: object) -> None:
        """セルを動かす前の値を控える。"""
        names = self._names(info)
        self._before = {name: namespace[name] for name in names if name in namespace}

    def end(self, namespace: dict, result: object) -> None:
        """止まったセルが作るはずだった名前のうち、値の変わらなかったものを覚える。"""
        info = getattr(result, "info", None)
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        made = assigned_names(getattr(info, "raw_cell", "") or "")
        for name in self._names(info):
            self._problems.pop(name, None)
            value = namespace.get(name, _NOTHING)
            if error is not None and value is self._before.get(name, _NOTHING):
                self._problems[name] = Problem(explain(error, namespace), value)
        self._before = {}
        self._cells |= dict.fromkeys(made, getattr(info, "cell_id", None))
        self._last = made or self._last

    def stopped(self, names: Iterable[str], namespace: dict) -> str:
        """``names`` を作るセルが止まったままなら、その説明。そうでなければ空文字列。"""
        for name in names:
            problem = self._problems.get(name)
            if problem and namespace.get(name, _NOTHING) is problem.value:
                return problem.said
        return ""

    def misspelled(self, name: str) -> str:
        """最後に作った名前のうち、``name`` の書き間違いらしいもの。無ければ空文字列。"""
        if name in self._last:
            return ""
        return next(iter(difflib.get_close_matches(name, self._last, 1, 0.75)), "")

    def _names(self, info: object) -> set[str]:
        """セルが作る名前と、同じセルが前に作った名前。"""
        cell = getattr(info, "cell_id", None)
        before = {name for name, maker in self._cells.items() if cell and maker == cell}
        return before | assigned_names(getattr(info, "raw_cell", "") or "")
