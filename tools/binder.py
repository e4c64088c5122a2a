"""Binderの1回分を手元で再現し、最初のセルまでの秒数と、使うメモリーを測る。

リポジトリーの写しで ``start`` に、Binderと同じ形のコマンドを渡す。
メモリーを2GBに制限した中で2つの授業を同時に開き、解答の入ったノートブックを最後のセルまで動かす。
制限できないPC（cgroup v1に書けない）では、制限せずに測るだけにする。
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from tools import bench, lab, workspace
from tools.export import solution_notebook
from tools.lesson import lesson_paths, read_lesson
from tools.provision import ROOT
from tools.server import free_port

GIGABYTE = 2**30
LIMIT = 2 * GIGABYTE  # mybinder.org の1回分の上限
TARGET_SECONDS, TARGET_MEMORY = 15, 1.6 * GIGABYTE
MEMORY_CGROUP = Path("/sys/fs/cgroup/memory")
PARTS = {
    "SparkConnectServer": "Sparkのサーバー（JVM）",
    "ipykernel_launcher": "カーネル",
    "tools.workspace": "監視役",
    "jupyterlab": "JupyterLab",
}


# --- メモリー -----------------------------------------------------------------


@contextlib.contextmanager
def memory_limit() -> Iterator[Path | None]:
    """メモリーを ``LIMIT`` に制限するcgroup。書けなければ ``None``。"""
    group = MEMORY_CGROUP / f"binder-{os.getpid()}"
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(LIMIT))
    except OSError:
        yield None
        return
    try:
        yield group
    finally:
        group.rmdir()


class Watch(threading.Thread):
    """1回分のすべてのプロセスのPSS（共有するページを頭割りにした大きさ）を0.2秒ごとに足す。"""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = psutil.Process(root)
        self.finished = threading.Event()
        self.peak: Counter[str] = Counter()  # 合計が最大だった時の内訳

    def run(self) -> None:
        while not self.finished.wait(0.2):
            now = self.sample()
            if now.total() > self.peak.total():
                self.peak = now

    def sample(self) -> Counter[str]:
        found: Counter[str] = Counter()
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in [self.root, *self.root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error, OSError):
                    found[kind(process)] += proportional_size(process.pid)
        return found


def kind(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    return next((name for mark, name in PARTS.items() if mark in line), "そのほか")


def proportional_size(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


# --- 1回分 --------------------------------------------------------------------


@contextlib.contextmanager
def session(project: Path, group: Path | None) -> Iterator[tuple[subprocess.Popen, str, str]]:
    """``start`` を動かし、(プロセス, サーバーの住所, トークン) を渡す。終わりに止める。"""
    port, token = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--no-browser", "--allow-root", "--ServerApp.base_url=/user/binder/"]
    command += [f"--ServerApp.token={token}", f"--ServerApp.port_retries=0"]

    def join() -> None:
        if group:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    with (project / "session.log").open("wb") as log:
        process = subprocess.Popen(
            [project / "start", *command],
            cwd=project,
            env=bench.clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=join,
        )
    try:
        yield process, f"http://127.0.0.1:{port}/user/binder", token
    finally:
        tree = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(60)
        psutil.wait_procs(tree, 60)


async def wait_until_ready(process: subprocess.Popen, address: str, token: str) -> None:
    while True:
        try:
            await call(address, token, "/api/status")
            return
        except (HTTPClientError, OSError):
            if process.poll() is not None:
                raise SystemExit("1回分を始められませんでした。") from None
            await asyncio.sleep(0.05)


async def call(address: str, token: str, where: str, **body: object) -> dict:
    request = HTTPRequest(
        address + where,
        method="POST" if body else "GET",
        body=json.dumps(body) if body else None,
        headers={"Authorization": f"token {token}"},
        request_timeout=60,
    )
    return json.loads((await AsyncHTTPClient().fetch(request)).body)


async def run_notebook(address: str, token: str, path: Path, started: float) -> float:
    """ノートブックを開き、すべてのセルを動かす。最初のセルの結果が出るまでの秒数を返す。"""
    kernel = {"name": "python3"}
    opened = await call(
        address, token, "/api/sessions",
        path=f"work/{path.name}", name=path.name, type="notebook", kernel=kernel,
    )  # fmt: skip
    url = f"{address}/api/kernels/{opened['kernel']['id']}/channels".replace("http", "ws", 1)
    request = HTTPRequest(url, headers={"Authorization": f"token {token}"}, request_timeout=120)
    channel = await websocket_connect(request, max_message_size=2**27)
    first = 0.0
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            await execute(channel, cell.source, path.name)
            first = first or time.monotonic() - started
    channel.close()
    return first


async def execute(channel: object, code: str, name: str) -> None:
    """セルを1つ動かし、終わるまで待つ。"""
    number = uuid.uuid4().hex
    header = {
        "msg_id": number, "msg_type": "execute_request", "username": "", "session": number,
        "date": "", "version": "5.3",
    }  # fmt: skip
    message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell"}
    content = {"code": code, "silent": False, "store_history": True, "stop_on_error": True}
    await channel.write_message(json.dumps({**message, "content": content, "buffers": []}))
    while (text := await channel.read_message()) is not None:
        answer = json.loads(text)
        if answer["parent_header"].get("msg_id") != number:
            continue
        if answer["msg_type"] == "error":
            raise SystemExit(f"{name} のセルが失敗しました。\n" + "\n".join(answer["content"]["traceback"]))
        if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
            return
    raise SystemExit(f"{name} のカーネルとの接続が切れました。")


async def simulate(prefixes: list[str]) -> dict:
    workspace.make_parts()
    with bench.project_copy() as project, memory_limit() as group:
        (project / ".venv").symlink_to(ROOT / ".venv")
        shutil.copy(ROOT / "start", project)
        paths = prepare_notebooks(project, prefixes)
        started = time.monotonic()
        with session(project, group) as (process, address, token):
            watch = Watch(process.pid)
            watch.start()
            try:
                await wait_until_ready(process, address, token)
                ready = time.monotonic() - started
                firsts = await asyncio.gather(
                    *(run_notebook(address, token, path, started) for path in paths)
                )
            except BaseException:
                print((project / "session.log").read_text()[-5000:], file=sys.stderr)
                raise
            finished = time.monotonic() - started
            alive = watch.sample()
            watch.finished.set()
            watch.join()
            result = {
                "ready": ready,
                "first": max(firsts),
                "firsts": firsts,
                "all": finished,
                "peak": watch.peak,
                "alive": alive,
            }
            if group:
                for name in ("memory.max_usage_in_bytes", "memory.failcnt"):
                    result[name] = int((group / name).read_text())
        return result


def prepare_notebooks(project: Path, prefixes: list[str]) -> list[Path]:
    work = project / "work"
    lab.copy_lessons(work)
    paths = []
    for path in lesson_paths():
        if path.stem.startswith(tuple(prefixes)):
            paths.append(work / f"{path.stem}.ipynb")
            nbformat.write(solution_notebook(read_lesson(path)), paths[-1])
    return paths


def show(result: dict) -> None:
    print(json.dumps(result, ensure_ascii=False, indent=1))
    peak = result["peak"]
    print({k: round(v / 2**20) for k, v in peak.items()}, round(peak.total() / 2**20))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.binder", description=__doc__)
    parser.add_argument("lessons", nargs="*", default=["17", "35"])
    options = parser.parse_args()
    show(asyncio.run(simulate(options.lessons)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
