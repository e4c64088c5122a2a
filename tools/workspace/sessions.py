"""普段のサーバーを起動し、貸し、止める。その ``run`` だけのサーバーも動かす。

サーバーには2種類ある。「普段の」サーバーはノートブックどうしで共有し、使う者がいなくなると止まる
（``start`` は、止まらないように留める）。``run`` だけのサーバーは、その ``run`` とともに消える。
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from tools.workspace import provision
from tools.workspace.leases import LEASES, PIN, in_use, lease, running_server
from tools.workspace.provision import WORKSPACE, WorkspaceError
from tools.workspace.server import (
    RUN,
    STOP_TIMEOUT,
    PortTaken,
    Server,
    held_by_run,
    lock_store,
    port_is_open,
)
from tools.workspace.startup import make_parts
from tools.workspace.store import STORE, prepare_store, remove_leftovers, set_aside_moved_store
from tools.workspace.supervisor import spawn_supervisor


def launch_daily(port: int | None = None) -> Server | None:
    """普段のサーバーを起動する。保管庫が使用中なら ``None``。"""
    make_parts()
    set_aside_moved_store()
    deadline = time.monotonic() + STOP_TIMEOUT
    while (lock := lock_store(STORE)) is None:
        if held_by_run(STORE) or time.monotonic() > deadline:
            return None
        time.sleep(0.1)  # 前の普段のサーバーが止まりかけている
    remove_leftovers()
    prepare_store(STORE)
    return spawn_supervisor(STORE, lock, port=port, detached=True)[0]


@contextlib.contextmanager
def borrowed_server(*, launch: bool = False) -> Iterator[Server | None]:
    """普段のサーバーを借りる。無ければ ``launch`` なら起動する。借りられなければ ``None``。"""
    with contextlib.ExitStack() as stack:
        with provision.exclusive("start"):
            server = running_server() or (launch_daily() if launch else None)
            if server:
                stack.enter_context(lease())
        yield server


@contextlib.contextmanager
def server_for_build() -> Iterator[Server]:
    """授業をまとめて実行する時のサーバー。

    ``start`` で留めたサーバーがあれば借りる。
    開いているノートブックの表には触らないよう、留めていないサーバーは借りない。
    """
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(borrowed_server()) if PIN.exists() else None
        yield server or stack.enter_context(private_server(temporary=True))


@contextlib.contextmanager
def private_server(*, temporary: bool = False, small: bool = False) -> Iterator[Server]:
    """自分だけが使い、終わりに止めるサーバー。``temporary`` なら、表と記録も消す。

    ``small`` なら、1コアで足りる小さなサーバーにする。
    """
    make_parts()
    remove_leftovers()
    if not temporary:
        set_aside_moved_store()
    store = STORE
    lock = None if temporary else lock_store(store, RUN)
    if lock is None and not temporary:
        temporary = True
        print(
            "ほかの処理がワークスペースを使用中です。"
            "この実行には一時の置き場所を使い、終わったら消します。",
            file=sys.stderr,
        )
    if temporary:
        store = Path(tempfile.mkdtemp(dir=WORKSPACE, prefix="temporary-"))
        lock = lock_store(store, RUN)
    prepare_store(store)
    server, supervisor = spawn_supervisor(store, lock, temporary=temporary, small=small)
    os.set_inheritable(supervisor.stdin.fileno(), True)  # ``become`` の後も、監視役が見ている
    try:
        yield server
    finally:
        supervisor.stdin.close()
        supervisor.wait()


def start(port: int | None) -> int:
    """普段のサーバーを起動し、``stop`` まで止まらないように留める。"""
    if port and port_is_open(port):
        raise PortTaken(port)
    with provision.exclusive("start"):
        already = running_server()
        server = already or launch_daily(port)
        if server is None:
            raise WorkspaceError(
                "ほかの処理がワークスペースを使用中です。終わるのを待ってから、もう一度実行してください。"
            )
        LEASES.mkdir(parents=True, exist_ok=True)
        PIN.touch()
    state = "もう動いています" if already else "ワークスペースを起動しました"
    print(f"{state}（ポート{server.port}）。止める時は make stop です。")
    return 0


def stop() -> int:
    """``start`` で留めたサーバーを止める。借り手がいれば、いなくなった時に止まる。"""
    with provision.exclusive("start"):
        server = running_server()
        PIN.unlink(missing_ok=True)
        if server and in_use():
            print("ほかのノートブックが使用中です。すべて閉じると止まります。")
            return 0
    if server is None:
        print("起動したままのワークスペースはありません。")
        return 0
    deadline = time.monotonic() + STOP_TIMEOUT + 5
    while (lock := lock_store(STORE)) is None:
        if not psutil.pid_exists(server.supervisor) and psutil.pid_exists(server.jvm):
            os.kill(server.jvm, signal.SIGTERM)
        if time.monotonic() > deadline:
            raise WorkspaceError(
                f"サーバーが止まりません。プロセス {server.jvm} を強制終了してください。"
            )
        time.sleep(0.05)
    os.close(lock)
    print("ワークスペースを止めました。表と記録は残っています。")
    return 0


def status() -> int:
    """動いているかどうかを表示する。"""
    if server := running_server():
        print(f"ワークスペースは動いています（ポート{server.port}、プロセス{server.jvm}）。")
    else:
        print("ワークスペースは止まっています。make start で起動できます。")
    return 0
