"""別のプロセスで動かす、MLflowの追跡サーバー。"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tools.workspace.provision import WorkspaceError
from tools.workspace.server import free_port

# コマンドを動かし、それが終わるか、こちらが（強制終了でも）消えたら、子も含めて止める。
WHILE_STDIN_IS_OPEN = '("$@"; kill 0) & cat; kill 0'
SERVER_TIMEOUT = 180  # 秒
# 授業は、サーバーに仕事を頼む機能を使わない。止めておけば、そのための7つのプロセスが動かない。
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@contextlib.contextmanager
def mlflow_server(store: Path) -> Iterator[int]:
    """MLflowの追跡サーバーを、別のプロセスで動かす。ポート番号を返す。"""
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--backend-store-uri", f"sqlite:///{store / 'mlflow.db'}",
        "--artifacts-destination", str(store / "artifacts"), "--workers", "1",
    ]  # fmt: skip
    log = store / "mlflow.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            ["sh", "-c", WHILE_STDIN_IS_OPEN, "sh", *command],
            env={**os.environ, **QUIET},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        if not becomes_healthy(server, port):
            raise WorkspaceError(
                "MLflowのサーバーを起動できませんでした。"
                f"\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
            )
        yield port
    finally:
        server.stdin.close()
        server.wait()


def becomes_healthy(server: subprocess.Popen, port: int) -> bool:
    """MLflowのサーバーが答えるまで待つ。先に終わったか、``SERVER_TIMEOUT`` 秒を過ぎたら False。"""
    deadline = time.monotonic() + SERVER_TIMEOUT
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
            return True
        time.sleep(0.1)
    return False
