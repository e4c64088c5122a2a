"""コマンドを、ワークスペースの環境の中で動かす。"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from tools.workspace import provision
from tools.workspace.environment import command_environment
from tools.workspace.sessions import borrowed_server, private_server
from tools.workspace.store import STORE, prepare_store, set_aside_moved_store


def run(command: list[str], *, shared: bool = False, small: bool = False) -> int:
    """``command`` をワークスペースの中で実行し、その終了コードを返す。

    ``SPARK_REMOTE`` が決まっていれば、そのサーバーをそのまま使う。
    普段のサーバーが動いていれば借りる。``shared`` なら、無ければ起動して借りる。
    そうでなければ、この ``run`` だけのサーバーを使う。
    ``small`` なら、いつもこの ``run`` だけの小さなサーバーを使い、表も記録も終わりに消す。
    """
    if os.environ.get("SPARK_REMOTE"):
        return run_without_spark(command)
    if small:
        with private_server(temporary=True, small=True) as server:
            return become(command, command_environment(server))
    with borrowed_server(launch=shared) as server:
        if server:
            return become(command, command_environment(server))
    with private_server() as server:
        return wait_for(command, command_environment(server))


def run_without_spark(command: list[str]) -> int:
    """Sparkのサーバーを起動せず、MLflowの記録だけを使うコマンドを実行する。"""
    if "MLFLOW_TRACKING_URI" not in os.environ:
        provision.ensure_parts()
        set_aside_moved_store()
        prepare_store(STORE)
    return wait_for(command, command_environment(None))


def become(command: list[str], environment: dict[str, str]) -> int:
    """このプロセスを ``command`` に変える。待つだけのPythonが、メモリーを使い続けないように。"""
    sys.stdout.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Pythonが無視していた合図を元に戻す
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606
    except FileNotFoundError:
        return unknown_command(command[0])


def unknown_command(name: str) -> int:
    print(f"コマンド {name} が見つかりません。つづりを確かめてください。", file=sys.stderr)
    return 127


def wait_for(command: list[str], environment: dict[str, str]) -> int:
    """コマンドの終わりを待つ。受け取った合図は、コマンドに届ける。"""
    try:
        child = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        return unknown_command(command[0])

    def forward(number: int, _frame: object) -> None:
        # 端末のCtrl-Cは、コマンドにも直接届いている。
        if not (number == signal.SIGINT and in_foreground()):
            child.send_signal(number)

    previous = {
        number: signal.signal(number, forward)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        code = child.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def in_foreground() -> bool:
    """端末の前面で動いているか。"""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False
