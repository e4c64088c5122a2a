"""構文木から、授業の検査に要るところを読む。"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# 見つけた問題の、(行, 規則, 説明に差し込む語)
Problem = tuple[int, str, tuple[str, ...]]


def dotted(node: ast.AST) -> str:
    """`a.b.c` を文字列で返す。呼び出しや添字が混じれば空文字列。"""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (left := dotted(node.value)):
        return f"{left}.{node.attr}"
    return ""


def chain(node: ast.AST) -> list[str]:
    """`a.b(…).c(…)` の属性名を、外側から順に返す。"""
    return [link.attr for link in _links(node) if isinstance(link, ast.Attribute)]


def chain_calls(node: ast.AST) -> list[ast.Call]:
    """`a.b(…).c(…)` のメソッドの呼び出しを、外側から順に返す。"""
    calls = (link for link in _links(node) if isinstance(link, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Attribute)]


def _links(node: ast.AST) -> Iterator[ast.AST]:
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        yield node
        node = node.func if isinstance(node, ast.Call) else node.value


def literal(node: ast.AST | None) -> str:
    """文字列の定数の中身。f 文字列の差し込みは {} にする。ほかは空文字列。"""
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(part) or "{}" for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def sql_text(node: ast.Call) -> str:
    """`….sql(文)` の文。読めなければ空文字列。"""
    is_sql = isinstance(node.func, ast.Attribute) and node.func.attr == "sql" and node.args
    return literal(node.args[0]) if is_sql else ""


def keywords(node: ast.Call) -> dict[str, ast.AST]:
    """名前を付けて渡した引数。"""
    return {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}


def is_constant(node: ast.AST | None, value: object) -> bool:
    """``value``（True、None など）そのものを書いた所か。"""
    return isinstance(node, ast.Constant) and node.value is value
