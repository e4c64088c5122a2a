"""JVMの監視役: 頼んだ側が強制終了しても、JVMを残さない。"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

from tools.bootstrap import told
from tools.workspace import provision
from tools.workspace.leases import PIN, SERVER_FILE, retire_if_unused, write_private
from tools.workspace.provision import ROOT, WorkspaceError
from tools.workspace.server import JAVA_OPTIONS, SMALL, SMALL_JAVA_OPTIONS, Server, running_jvm


def supervise(
    store: Path, lock: int, port: int | None, *, temporary: bool, small: bool, detached: bool
) -> int:
    """JVMの監視役。頼んだ側が消えたら（標準入力が閉じたら）JVMを止めて片付ける。

    ``detached`` なら普段のサーバーで、借り手がいなくなったら止める。
    結果は標準出力の1行のJSONで知らせる。
    """
    finished = threading.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: finished.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    archive = provision.archive_path(JAVA_OPTIONS)
    options = [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off"] if archive.exists() else []
    changes = SMALL if small else {}
    options += SMALL_JAVA_OPTIONS if small else []
    jvm_of = running_jvm(store, lock, port, options=options, temporary=temporary, changes=changes)
    try:
        with jvm_of as (server, jvm):
            try:
                if detached:
                    write_private(SERVER_FILE, json.dumps(asdict(server)))
                print(json.dumps(asdict(server)), flush=True)
                if not detached:
                    threading.Thread(
                        target=lambda: (sys.stdin.buffer.read(), finished.set()), daemon=True
                    ).start()
                while not finished.wait(0.2) and jvm.poll() is None:
                    if detached and retire_if_unused():
                        break
            finally:
                if detached:
                    # JVMが倒れた後に留め金が残ると、次のサーバーが止まらなくなる。
                    for mark in (SERVER_FILE, PIN):
                        mark.unlink(missing_ok=True)
        return 0
    except (WorkspaceError, OSError) as error:
        print(json.dumps({"error": told(error)}), flush=True)
        return 1
    finally:
        if temporary:
            shutil.rmtree(store, ignore_errors=True)


def spawn_supervisor(
    store: Path,
    lock: int,
    *,
    temporary: bool = False,
    small: bool = False,
    port: int | None = None,
    detached: bool = False,
) -> tuple[Server, subprocess.Popen]:
    """監視役を起動し、サーバーが使えるようになるまで待つ。"""
    how = {"store": str(store), "lock": lock, "port": port}
    how |= {"temporary": temporary, "small": small, "detached": detached}
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "tools.workspace.supervisor", json.dumps(how)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL if detached else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if detached else None,
        pass_fds=[lock],
        start_new_session=True,
    )
    os.close(lock)
    line = supervisor.stdout.readline()
    answer = json.loads(line) if line else {"error": "サーバーの監視役が起動しませんでした。"}
    if "error" in answer:
        supervisor.wait()
        raise WorkspaceError(answer["error"])
    return Server(**answer), supervisor


if __name__ == "__main__":
    how = json.loads(sys.argv[1])
    raise SystemExit(supervise(Path(how.pop("store")), **how))
