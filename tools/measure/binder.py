"""Binderの1回分を再現し、最初のセルまでの秒数と、使うメモリーを測る。

使い方::

    python -m tools.measure.binder [番号…]      番号は、同時に開く授業（既定は17と35）

リポジトリーの写しで ``start`` に、Binderと同じ形のコマンドを渡す。
CPUを1つ、メモリーを2GBに制限した中で授業を同時に開き、解答の入ったノートブックを最後のセルまで動かす。
制限できないPC（cgroup v1に書けない）では、制限せずに測る。
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from jupyter_client.session import Session as Messages
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tools.course.export import solution_notebook
from tools.course.lesson import lesson_paths, read_lesson
from tools.course.work import copy_lessons
from tools.measure.memory import MemoryWatch
from tools.measure.project_copy import clean_environment, project_copy
from tools.workspace.provision import ROOT
from tools.workspace.server import free_port
from tools.workspace.startup import make_parts

# 上限は、mybinder.orgが1回分に課しているもの。
MEMORY_LIMIT, CPU_LIMIT = 2 * 2**30, 1
CPU_PRIORITY = "102400"  # 既定の100倍。PCのほかの処理に邪魔されずに測る
TARGET_SECONDS, TARGET_MEMORY = 15, 1.6 * 2**30
CGROUP = Path("/sys/fs/cgroup")
JVM = "Sparkのサーバー（JVM）"
KINDS = {
    "SparkConnectServer": JVM,
    "pyspark.daemon": "SparkのPython",
    "ipykernel_launcher": "ノートブックのカーネル",
    "_capture_modules": "MLflowが部品を調べるPython",
    "tools.workspace": "サーバーの監視役",
    "jupyterlab": "JupyterLab",
}


# --- 制限と、メモリーの見張り -------------------------------------------------


@contextlib.contextmanager
def limits() -> Iterator[list[Path]]:
    """CPUとメモリーを制限したcgroup。書けなければ空のリスト。"""
    groups = [CGROUP / kind / f"binder-{os.getpid()}" for kind in ("memory", "cpu")]
    memory, cpu = groups
    with contextlib.ExitStack() as stack:
        try:
            for group in groups:
                group.mkdir()
                stack.callback(group.rmdir)
            (memory / "memory.limit_in_bytes").write_text(str(MEMORY_LIMIT))
            period = int((cpu / "cpu.cfs_period_us").read_text())
            (cpu / "cpu.cfs_quota_us").write_text(str(period * CPU_LIMIT))
            (cpu / "cpu.shares").write_text(CPU_PRIORITY)
        except OSError:
            groups = []
        yield groups


class Usage:
    """``process`` とその子孫のPSS（いくつかのプロセスが共有するページは頭割り）を、種類ごとに足す。

    ``held`` は、そのうちファイルの写しでない（足りない時にも空けられない）分の最大。
    """

    def __init__(self, process: int) -> None:
        self.root = psutil.Process(process)
        self.held = 0

    def sample(self) -> Counter[str]:
        found: Counter[str] = Counter()
        held = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in [self.root, *self.root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error, OSError):
                    line = " ".join(process.cmdline())
                    kind = next((name for mark, name in KINDS.items() if mark in line), "そのほか")
                    if kind == JVM and kind in found:
                        continue  # 子を作る一瞬だけ、同じメモリーを指すプロセスが2つある
                    sizes = proportional_sizes(process.pid)
                    found[kind] += sizes["Pss:"]
                    held += sizes["Pss_Anon:"]
        self.held = max(self.held, held)
        return found


def proportional_sizes(process: int) -> dict[str, int]:
    """プロセスのPSSと、その内訳（バイト）。"""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    words = [line.split() for line in lines if line.startswith("Pss")]
    return {name: int(kilobytes) * 1024 for name, kilobytes, _ in words}


# --- 1回分 --------------------------------------------------------------------


@dataclass(frozen=True)
class Session:
    """動いているJupyterのサーバー。"""

    process: subprocess.Popen
    address: str
    token: str

    async def call(self, where: str, **body: object) -> dict:
        """RESTのAPIを呼ぶ。``body`` があればPOSTする。"""
        request = self.request(
            self.address + where,
            method="POST" if body else "GET",
            body=json.dumps(body) if body else None,
        )
        return json.loads((await AsyncHTTPClient().fetch(request)).body)

    def request(self, url: str, **options: object) -> HTTPRequest:
        headers = {"Authorization": f"token {self.token}"}
        return HTTPRequest(url, headers=headers, request_timeout=120, **options)

    async def wait_until_ready(self) -> None:
        while True:
            with contextlib.suppress(HTTPClientError, OSError):
                await self.call("/api/status")
                return
            if self.process.poll() is not None:
                raise RuntimeError("1回分を始められませんでした。")
            await asyncio.sleep(0.05)

    async def open_notebook(self, path: str) -> WebSocketClientConnection:
        """ノートブックを開き、カーネルとの接続を返す。"""
        kernel = {"name": "python3"}
        opened = await self.call(
            "/api/sessions", path=path, name=path, type="notebook", kernel=kernel
        )
        url = f"{self.address}/api/kernels/{opened['kernel']['id']}/channels"
        request = self.request(url.replace("http", "ws", 1))
        return await websocket_connect(request, max_message_size=2**27)


async def execute(kernel: WebSocketClientConnection, code: str) -> str:
    """セルを1つ動かし、表示した文字を返す。失敗したら ``RuntimeError``。"""
    message = Messages().msg("execute_request", {"code": code, "silent": False})
    await kernel.write_message(json.dumps({**message, "channel": "shell"}, default=str))
    printed = ""
    while (text := await kernel.read_message()) is not None:
        answer = json.loads(text)
        if answer["parent_header"].get("msg_id") != message["msg_id"]:
            continue
        content = answer["content"]
        match answer["msg_type"]:
            case "stream":
                printed += content["text"]
            case "error":
                raise RuntimeError("\n".join(content["traceback"]))
            case "status" if content["execution_state"] == "idle":
                return printed
    raise RuntimeError("カーネルとの接続が切れました。")


@contextlib.contextmanager
def session(project: Path, groups: list[Path], **environment: str) -> Iterator[Session]:
    """``start`` にBinderと同じ形のコマンドを渡して1回分を始め、終わりに止める。"""
    port, token = free_port(), secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", f"--port={port}"]
    command += ["--no-browser", "--allow-root", "--ServerApp.base_url=/user/binder/"]
    command += [f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0"]

    def join() -> None:
        for group in groups:
            (group / "cgroup.procs").write_text(str(os.getpid()))

    with (project / "session.log").open("wb") as log:
        process = subprocess.Popen(
            [project / "start", *command],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=join,  # noqa: PLW1509
        )
    try:
        yield Session(process, f"http://127.0.0.1:{port}/user/binder", token)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            tree = psutil.Process(process.pid).children(recursive=True)
            process.terminate()
            psutil.wait_procs(tree, 60)
        process.wait(60)


# --- 測る ---------------------------------------------------------------------


async def measure(project: Path, groups: list[Path], notebooks: list[Path]) -> dict:
    """ノートブックを同時に開いて動かし、秒数とバイト数を返す。"""
    started = time.monotonic()
    with session(project, groups, **clean_environment()) as server:
        usage = Usage(server.process.pid)
        with MemoryWatch(usage.sample) as watch:
            await server.wait_until_ready()

            async def run(path: Path) -> float:
                kernel = await server.open_notebook(f"work/{path.name}")
                seconds = 0.0
                for cell in nbformat.read(path, as_version=4).cells:
                    if cell.cell_type == "code":
                        await execute(kernel, cell.source)
                        if not seconds:
                            seconds = time.monotonic() - started
                            print(f"{path.stem}  最初のセルの結果まで {seconds:.1f}秒", flush=True)
                print(f"{path.stem}  最後のセルまで {time.monotonic() - started:.0f}秒", flush=True)
                return seconds

            try:
                first = await asyncio.gather(*map(run, notebooks))
            except BaseException:
                peak = watch.fullest.total() / 2**20
                print(f"失敗するまでの最大のメモリー {peak:.0f}MB", flush=True)
                raise
            finished = time.monotonic() - started
            end = watch.look()
        return {
            "first": max(first),
            "all": finished,
            "peak": watch.fullest,
            "held": usage.held,
            "end": end,
        }


def simulate(numbers: list[str]) -> dict:
    """リポジトリーの写しに、解答の入ったノートブックを置いて測る。"""
    make_parts()
    with project_copy() as project, limits() as groups:
        (project / ".venv").symlink_to(ROOT / ".venv")
        work = project / "work"
        copy_lessons(work)
        notebooks = []
        for path in lesson_paths():
            if path.stem.startswith(tuple(numbers)):
                notebooks.append(work / f"{path.stem}.ipynb")
                nbformat.write(solution_notebook(read_lesson(path)), notebooks[-1])
        if not groups:
            print("CPUとメモリーを制限できないので、制限せずに測ります。")
        try:
            return asyncio.run(measure(project, groups, notebooks))
        except BaseException:
            print((project / "session.log").read_text(encoding="utf-8"), file=sys.stderr)
            raise


def report(result: dict) -> str:
    """測った値と目標を、表にする。"""
    peak, target = result["peak"], f"目標は{TARGET_MEMORY / 2**20:.0f}MB以下"
    lines = [
        f"最初のセルの結果まで {result['first']:.1f}秒（目標は{TARGET_SECONDS}秒以内）",
        f"すべてのセルが終わるまで {result['all']:.0f}秒",
        f"最大のメモリー {peak.total() / 2**20:.0f}MB（{target}）",
        *(f"  {kind} {size / 2**20:.0f}MB" for kind, size in peak.most_common()),
        f"足りない時にも空けられない分の最大 {result['held'] / 2**20:.0f}MB（上限は2048MB）",
        f"すべてのセルが終わった時 {result['end'].total() / 2**20:.0f}MB",
    ]
    return "\n".join(lines)


def main() -> int:
    """測って、表を表示する。目標に届かなければ1を返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.measure.binder", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("numbers", nargs="*", default=["17", "35"], metavar="番号")
    result = simulate(parser.parse_args().numbers)
    print(report(result))
    return int(result["first"] > TARGET_SECONDS or result["peak"].total() > TARGET_MEMORY)


if __name__ == "__main__":
    raise SystemExit(main())
