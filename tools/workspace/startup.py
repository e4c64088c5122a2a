"""サーバーの起動に要るものを、起動の前にそろえる。"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.bootstrap import check_path, check_space
from tools.workspace import provision
from tools.workspace.environment import command_environment
from tools.workspace.provision import PARTS, ROOT, WORKSPACE, WorkspaceError
from tools.workspace.server import JAVA_OPTIONS, RECORD_TIMEOUT, keep_log, lock_store, running_jvm

NEEDED_DISK = 300  # MB


def make_parts() -> None:
    """起動に要る部品をそろえる。2回目からは、jarの中身を確かめるだけで終わる。"""
    check_path(str(WORKSPACE))
    require_space(WORKSPACE)
    provision.ensure_parts()
    with provision.exclusive("archive"):
        archive = provision.archive_path(JAVA_OPTIONS)
        if not archive.exists():
            record_archive(archive)


def record_archive(archive: Path) -> None:
    """よく使う操作を一度走らせ、JVMが読んだクラスを書庫に記録する（次からの起動が速くなる）。"""
    print("サーバーの起動を速くする準備をしています（初回だけ、1分ほど）。", file=sys.stderr)
    with provision.scratch("archive") as folder:
        store = folder / "store"
        new = folder / archive.name
        lock = lock_store(store)
        options = [f"-XX:ArchiveClassesAtExit={new}"]
        try:
            with running_jvm(store, lock, options=options, patience=RECORD_TIMEOUT) as (server, _):
                subprocess.run(
                    [sys.executable, "-m", "tools.workspace.warmup"],
                    env=command_environment(server),
                    cwd=ROOT,
                    check=True,
                    capture_output=True,
                    timeout=RECORD_TIMEOUT,
                )
        except subprocess.SubprocessError as error:
            raise WorkspaceError(
                "サーバーを速くする準備の途中で、操作が失敗しました。もう一度実行してください"
                f"（記録: {keep_log(store)}）。"
            ) from error
        finally:
            os.close(lock)
        if new.exists():
            for old in PARTS.glob("server-*.jsa"):
                old.unlink()
            os.replace(new, archive)


def require_space(folder: Path) -> int:
    """``folder`` のあるディスクに、起動に要る空きがあることを確かめ、空き（MB）を返す。"""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return check_space(folder, NEEDED_DISK)
