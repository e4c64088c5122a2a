"""授業の関数と解答を、ノートブックを動かさずに使う。"""

import ast
from pathlib import Path

from tools.course.lesson import LESSONS, SOLUTIONS, read_lesson


def functions_of(number: str) -> dict:
    """番号が ``number`` の授業の、import、関数、大文字の名前の決まった値だけを動かした名前空間。"""
    names = {}
    path = _path(LESSONS, number)
    for cell in read_lesson(path).cells:
        if cell.kind == "code" and not cell.role[0]:
            kept = [node for node in ast.parse(cell.source).body if _is_definition(node)]
            exec(compile(ast.Module(kept, []), path.name, "exec"), names)  # noqa: S102
    return names


def answer(number: str, exercise: int, names: dict):
    """番号が ``number`` の授業の「解答 ``exercise``」を ``names`` の中で動かし、読み手が書く関数を返す。"""
    path = _path(SOLUTIONS, number)
    (cell,) = [c for c in read_lesson(path).cells if c.role == ("解答", exercise)]
    exec(compile(cell.source, path.name, "exec"), names)  # noqa: S102
    return list(names.values())[-1]


def _path(folder: Path, number: str) -> Path:
    return next(folder.glob(f"{number}_*.py"))


def _is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return all(isinstance(to, ast.Name) and to.id.isupper() for to in node.targets)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)
