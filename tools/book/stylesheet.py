"""テーマのスタイルから、本のページで使うものだけを取り出し、1つにまとめる。

テーマは、使わない部品のスタイルと絵文字の書体（合わせて2MB余り）を、どのページにも読み込ませる。
絵文字（Font Awesome）は使わず、_static/icons.css が同じ名前の印を描く。
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import tinycss2
from tinycss2.ast import Node

THEME = ("basic", "styles/pydata-sphinx-theme", "pygments", "styles/sphinx-book-theme", "mystnb.*")
SCRIPTS = ("scripts/pydata-sphinx-theme.js", "scripts/sphinx-book-theme.js", "*.js")
ICONS = re.compile(r"fa[bsrl]?$|fa-")
NESTING = {"media", "supports"}
DROPPED = {"import", "font-face", "charset"}


def stylesheet(static: Path, own: Iterable[Path], pages: Iterable[str]) -> str:
    """テーマのスタイルのうち ``pages`` で使うものに、本のスタイル ``own`` を続けたもの。

    ``static`` は、Sphinx が書き出した ``_static`` フォルダー。
    """
    words = {word for page in pages for word in words_of_page(page)}
    for pattern in SCRIPTS:  # 書かれている語はどれも、スクリプトがページに足すかもしれない名前
        for script in static.glob(pattern):
            words |= set(re.findall(r"[\w-]+", script.read_text(encoding="utf-8")))
    theme = [path for name in THEME for path in static.glob(f"{name}.css")]
    parts = [prune(path.read_text(encoding="utf-8"), words) for path in theme]
    return "\n".join(parts + [path.read_text(encoding="utf-8") for path in own])


def words_of_page(page: str) -> set[str]:
    """ページにある、要素、class、id の名前。"""
    found = set(re.findall(r"<([a-z][\w-]*)", page))
    for value in re.findall(r'\b(?:class|id)="([^"]*)"', page):
        found.update(value.split())
    return found


def prune(style: str, words: set[str]) -> str:
    """``style`` のうち、``words`` だけで当てはまりうる規則。"""
    return "".join(_kept(tinycss2.parse_stylesheet(style, True, True), words))


def _kept(rules: Iterable[Node], words: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "at-rule" and rule.at_keyword in NESTING:
            inner = "".join(_kept(tinycss2.parse_rule_list(rule.content, True, True), words))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.type == "at-rule":
            name = tinycss2.serialize(rule.prelude).strip()
            if rule.at_keyword not in DROPPED and not ICONS.match(name):
                yield rule.serialize()
        elif rule.type == "qualified-rule":
            selectors = [one for one in _split(rule.prelude) if _used(one, words)]
            if selectors:
                heads = ",".join(tinycss2.serialize(one).strip() for one in selectors)
                yield f"{heads}{{{tinycss2.serialize(rule.content).strip()}}}"


def _split(tokens: Iterable[Node]) -> list[list[Node]]:
    """コンマで分けた並び。"""
    parts: list[list[Node]] = [[]]
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _used(selector: list[Node], words: set[str]) -> bool:
    """選択子の要素、class、id が、どれも ``words`` にあるか。``:not(…)`` の中は問わない。"""
    before = ""
    for token in selector:
        if token.type == "function" and token.lower_name in ("is", "where"):
            if not any(_used(one, words) for one in _split(token.arguments)):
                return False
        elif token.type == "hash" and token.value not in words:
            return False
        elif token.type == "ident" and before != ":":
            if token.value not in words or (before == "." and ICONS.match(token.value)):
                return False
        before = token.value if token.type == "literal" else ""
    return True
