"""Databricksをまねた場所と、そこで授業を動かした記録。動かすのは ``tools/checks/databricks.py``。"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from tools import bootstrap
from tools.course.lesson import (
    LESSONS,
    ROOT,
    SOLUTIONS,
    bare_code,
    lesson_paths,
    read_by,
    read_source,
)

RESULTS = ROOT / "book" / "legs.json"
LOCAL = ROOT / "_build" / "legs.json"  # このPCで動かした記録


@dataclass(frozen=True)
class Leg:
    """ノートブックを動かす場所一つ。``group`` は、その環境を決める pyproject.toml のグループ。"""

    name: str
    title: str
    group: str = ""

    def python(self) -> str:
        """この場所のPython。環境がまだ無ければ作る（PCにあれば、Databricksと同じバージョンで）。"""
        if not self.group:
            return sys.executable
        return bootstrap.python_of(bootstrap.ensure_environment(self.group, only=True))


LEGS = {
    leg.name: leg
    for leg in (
        Leg("databricks-6", "環境6を再現", "environment-6"),
        Leg("databricks-5", "環境5を再現", "environment-5"),
    )
}


def fingerprint(leg: Leg, name: str) -> str:
    """結果を左右するもの（授業と解答のコード、モジュール、バージョン）の指紋。文章を直しても変わらない。"""
    digest = hashlib.sha256(leg.name.encode())
    sources = [folder / f"{name}.py" for folder in (LESSONS, SOLUTIONS)]
    for path in (*sources, *read_by(read_source(sources[0]))):
        text = read_source(path)
        digest.update((bare_code(text) if path.suffix == ".py" else text).encode())
    digest.update((ROOT / "uv.lock").read_bytes())
    return digest.hexdigest()[:16]


def read_results(path: Path = RESULTS) -> dict[str, dict[str, dict]]:
    """{授業: {場所: {"date", "seconds", "key", "python", "confined"}}}。記録が無ければ空。"""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def record(path: Path, name: str, leg: Leg, result: dict | None) -> None:
    """結果を ``path`` に書き足す。``None`` なら、前の記録を消す。無くなった授業の記録も消す。"""
    existing = {lesson.stem for lesson in lesson_paths()}
    results = {known: legs for known, legs in read_results(path).items() if known in existing}
    legs = results.setdefault(name, {})
    legs.pop(leg.name, None)
    if result:
        legs[leg.name] = result
    path.parent.mkdir(exist_ok=True)
    bootstrap.replace_file(str(path), json.dumps(results, indent=1, sort_keys=True) + "\n")


def is_done(leg: Leg, name: str) -> bool:
    """このPCで、今のコードとバージョンのまま動いたことがあるか。"""
    return read_results(LOCAL).get(name, {}).get(leg.name, {}).get("key") == fingerprint(leg, name)
