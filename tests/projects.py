"""試験のために、プロジェクトの写しを作って動かす。"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def empty_project(folder: Path) -> Path:
    """道具だけを写した、授業の無いプロジェクト。"""
    for name in ("lessons", "solutions"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    judging = shutil.ignore_patterns("__pycache__", "lesson_*.py")
    shutil.copytree(ROOT / "lessons" / "checks", folder / "lessons" / "checks", ignore=judging)
    shutil.copytree(ROOT / "jupyter", folder / "jupyter")
    shutil.copy(ROOT / "uv.lock", folder)
    return folder


def project_with(folder: Path, prefix: str) -> Path:
    """名前が ``prefix`` で始まる授業を持つプロジェクトの写し。"""
    empty_project(folder)
    for kind in ("lessons", "solutions"):
        for path in (ROOT / kind).glob(f"{prefix}*.py"):
            shutil.copy(path, folder / kind)
    for path in (ROOT / "lessons" / "checks").glob(f"lesson_{prefix}*.py"):
        shutil.copy(path, folder / "lessons" / "checks")
    shutil.copytree(ROOT / "lessons" / "figures", folder / "lessons" / "figures")
    return folder


def python(
    project: Path, *arguments: str, timeout: int, **more: str
) -> subprocess.CompletedProcess:
    """``project`` でPythonを動かす。``timeout`` は秒、``more`` は環境変数。"""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def execute(project: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """``project`` の授業を実行する。``more`` は環境変数。"""
    return python(project, "-m", "tools.course.execute", *arguments, timeout=600, **more)


def book_pages(html: Path) -> list[Path]:
    """組み立てた本のページ。スライドは tests/book/test_slides.py が調べる。"""
    return [path for path in sorted(html.rglob("*.html")) if path.parent.name != "slides"]
