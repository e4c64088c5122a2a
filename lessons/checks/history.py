"""エラーで止まったセルを覚え、前の値を新しい答えと取り違えないようにする。"""

from __future__ import annotations

import ast
import contextlib
import re

from checks.errors import explain

_ASSIGNED = re.compile(r"^(?:def\s+|class\s+)?([^\W\d]\w*)\s*(?:=(?!=)|\(|:)", re.M)


def assigned_names(source: str) -> set[str]:
    """セルの最も外側で作られる名前。文として読めないセルでは、行の先頭から読み取る。"""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set(_ASSIGNED.findall(source))
    names: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names


class History:
    """ノートブックのセルの成否。``problems`` は、作れずに止まった名前 → その説明。"""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}
        self._before: dict[str, object] = {}

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
        names = assigned_names(getattr(info, "raw_cell", "") or "")
        self._before = {name: namespace[name] for name in names if name in namespace}

    def end(self, namespace: dict, result: object) -> None:
        """止まったセルが作るはずだった名前のうち、値の変わらなかったものを覚える。"""
        info = getattr(result, "info", None)
        error = getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None)
        for name in assigned_names(getattr(info, "raw_cell", "") or ""):
            self.problems.pop(name, None)
            unchanged = name not in namespace or namespace[name] is self._before.get(name, self)
            if error is not None and unchanged:
                self.problems[name] = explain(error, namespace)
        self._before = {}

    def stopped(self, names: list[str]) -> str:
        """``names`` を作るセルが止まったままなら、その説明。そうでなければ空文字列。"""
        return next((self.problems[name] for name in names if name in self.problems), "")
