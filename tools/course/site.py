"""公開先の住所。リポジトリーの住所は ``pyproject.toml`` だけに書き、ほかはここから作る。"""

from __future__ import annotations

import os
import tomllib
from urllib.parse import quote

from tools import ROOT

PDF = "databricks-data-science-book.pdf"  # 本全体を1つにしたファイル


def repository() -> str:
    """リポジトリーの住所。GitHub Actionsの中では、動かしているリポジトリー（写しでも正しくなる）。"""
    if name := os.environ.get("GITHUB_REPOSITORY"):
        return f"https://github.com/{name}"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def owner_and_name() -> str:
    return repository().removeprefix("https://github.com/")


def book() -> str:
    """公開した本の住所（末尾の斜線つき）。"""
    owner, name = owner_and_name().split("/")
    return f"https://{owner}.github.io/{name}/"


def pdf() -> str:
    """公開した本の、PDFの住所。"""
    return book() + PDF


def binder(notebook: str = "README.md") -> str:
    """Binderで ``work/`` の中の ``notebook`` を開く住所。"""
    path = quote(f"lab/tree/work/{notebook}", safe="")
    return f"https://mybinder.org/v2/gh/{owner_and_name()}/main?urlpath={path}"


def codespaces() -> str:
    """GitHub Codespacesを作る画面の住所。"""
    return f"https://codespaces.new/{owner_and_name()}"


ADDRESSES = {one.__name__: one for one in (repository, book, pdf, binder, codespaces)}
