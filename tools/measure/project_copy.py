"""測るために、プロジェクトの写しを作り、その中でコマンドを動かす。

写すのは、gitが追いかけているもの（まだ ``git add`` していない新しいファイルも）。
gitの無い場所では、``.gitignore`` にある名前を除いた木を写す。
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools.workspace.environment import outer_environment
from tools.workspace.provision import PARTS, ROOT


class CommandFailed(Exception):
    """写しの中で動かしたコマンドが失敗した。文言は利用者に見せる日本語。"""


def copy_tree(source: Path, target: Path) -> None:
    """``source`` のプロジェクトを、できたものを除いて ``target`` に写す。"""
    if not (source / ".git").exists() or not shutil.which("git"):
        ignored = (source / ".gitignore").read_text(encoding="utf-8").split()
        names = [".git", *(name.strip("/") for name in ignored)]
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*names))
        return
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=source,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, target / name)


@contextlib.contextmanager
def project_copy(name: str = "project") -> Iterator[Path]:
    """``name`` のフォルダーに作る、プロジェクトの写し。ワークスペースは部品だけを共有し、表は空から始める。"""
    with tempfile.TemporaryDirectory(prefix="copy-") as folder:
        project = Path(folder, name)
        copy_tree(ROOT, project)
        (project / ".workspace").mkdir()
        (project / ".workspace" / "parts").symlink_to(PARTS)
        yield project


def clean_environment(**more: str) -> dict[str, str]:
    """測定ごとに同じになる環境変数。"""
    binaries = Path(sys.executable).parent
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    fixed = {"PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true", "TZ": "UTC"}
    return outer_environment() | fixed | more


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


def timed(command: list[str], project: Path, *, may_fail: bool = False, **more: str) -> float:
    """コマンドにかかった秒数。``more`` は環境変数。失敗したら、出力を添えた ``CommandFailed`` を送る。"""
    environment = clean_environment(**more)
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 and not may_fail:
        raise CommandFailed(f"失敗したコマンド: {' '.join(command)}\n{done.stdout}{done.stderr}")
    return time.monotonic() - started
