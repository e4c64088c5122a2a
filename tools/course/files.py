"""材料のYAMLを読み、作ったファイルを、フォルダーに過不足なく置く。"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

# Cで書かれた読み手は、Pythonのものの10倍速い。PyYAMLをソースから作った所には無いこともある。
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """YAMLのファイルの中身。"""
    return yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 どちらも、値だけを読む安全な読み手


def write(path: Path, content: bytes) -> None:
    """中身が変わるときだけ書く。更新時刻は Sphinx が読み直しの要否に使う。"""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """``files``（名前 → 中身）を folder に置き、ほかのファイルと空のフォルダーを消す。"""
    for name, content in files.items():
        write(folder / name, content)
    kept = {folder / name for name in files}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in kept:
            path.unlink()
