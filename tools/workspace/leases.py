"""普段のサーバーの看板と、借り手の印。"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from tools.workspace import provision
from tools.workspace.provision import WORKSPACE
from tools.workspace.server import Server, lock_store, port_is_open
from tools.workspace.store import STORE

SERVER_FILE = WORKSPACE / "server.json"
LEASES = WORKSPACE / "leases"
PIN = LEASES / "pin"


def write_private(path: Path, text: str) -> None:
    """本人だけが読めるファイルを、途中の姿を見せずに書く。"""
    new = path.with_suffix(f".{os.getpid()}")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def running_server() -> Server | None:
    """普段のサーバー。残骸だけなら片付けて ``None``。"""
    try:
        server = Server(**json.loads(SERVER_FILE.read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    if (lock := lock_store(STORE)) is None:
        return server if port_is_open(server.port) else None
    SERVER_FILE.unlink(missing_ok=True)
    PIN.unlink(missing_ok=True)
    os.close(lock)
    return None


@contextlib.contextmanager
def lease() -> Iterator[None]:
    """普段のサーバーを借りている印。

    持ち主が強制終了しても、錠が外れて分かる。``become`` でほかのコマンドになっても、掛かったまま残る。
    """
    LEASES.mkdir(parents=True, exist_ok=True)
    path = LEASES / f"{os.getpid()}-{secrets.token_hex(4)}"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.set_inheritable(file.fileno(), True)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def in_use() -> bool:
    """借り手がいるか、``start`` で留められているか。持ち主の消えた印は片付ける。"""
    for path in LEASES.glob("*"):
        with contextlib.suppress(FileNotFoundError), path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            if path == PIN:
                return True
            path.unlink()
    return False


def retire_if_unused() -> bool:
    """借り手がいなければ、新しい借り手が来ないように看板を下ろす。"""
    with provision.exclusive("start"):
        if in_use():
            return False
        SERVER_FILE.unlink(missing_ok=True)
        return True
