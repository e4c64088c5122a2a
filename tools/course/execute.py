"""組み立てた授業を papermill で一度だけ実行し、``_build/executed/`` に置く。

使い方::

    python -m tools.course.execute [授業の番号か名前の先頭…] [--force]

コードも道具も前回と同じ授業は、実行し直さない。文章だけを直した時は、前回の出力に新しい文章を合わせる。
``_build/executed/`` に入るのは成功した授業だけで、失敗した授業の途中経過は ``_build/failed/`` に残す。
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import hashlib
import json
import logging
import os
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import psutil

from tools.course.lesson import LESSONS, LessonError, lesson_paths, read_by
from tools.course.weave import weave
from tools.workspace import provision
from tools.workspace import server as spark_server
from tools.workspace.environment import command_environment, outer_environment
from tools.workspace.provision import ROOT, WorkspaceError
from tools.workspace.sessions import server_for_build

EXECUTED = ROOT / "_build" / "executed"
FAILED = ROOT / "_build" / "failed"
CELL_TIMEOUT = 300  # 秒。--cell-timeout で変えられる
KERNEL_TIMEOUT = 120  # 秒
KERNEL_CONFIG = ROOT / "jupyter" / "ipython_kernel_config.py"
SERVER_LOST = "Sparkサーバーが途中で止まりました。もう一度実行してください。"
KERNEL_MEMORY = 700 * 2**20  # バイト。カーネル1つの見込み
TOOLS = (
    "course/execute.py",
    "workspace/environment.py",
    "workspace/provision.py",
    "workspace/server.py",
    "workspace/sessions.py",
    "workspace/store.py",
    "workspace/supervisor.py",
)


@dataclass
class Task:
    """実行する授業一つ。``key`` は実行結果を左右するものすべての指紋。"""

    path: Path
    notebook: nbformat.NotebookNode
    key: str

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def result(self) -> Path:
        return EXECUTED / f"{self.name}.ipynb"


# --- 何を実行し直すか ---------------------------------------------------------


def fingerprint(notebook: nbformat.NotebookNode) -> str:
    """実行結果を左右するもの（コード、モジュール、書体、バージョン、jarの指紋を含む道具）のSHA-256。"""
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    digest = hashlib.sha256(json.dumps(sources).encode())
    files = [*read_by("\n".join(sources)), ROOT / "uv.lock", KERNEL_CONFIG]
    files += sorted(LESSONS.glob("figures/fonts/*.otf"))
    files += [ROOT / "tools" / name for name in TOOLS]
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def plan(names: list[str]) -> list[Task]:
    """名前の先頭が ``names`` のどれかに合う授業（空なら全部）を、``names`` の順に組み立てる。"""
    paths = [p for name in names or [""] for p in lesson_paths() if p.stem.startswith(name)]
    if not paths:
        raise LessonError(
            f"{'、'.join(names)} で始まる授業がありません。lessons の中を確かめてください。"
        )
    notebooks = {path: weave(path) for path in dict.fromkeys(paths)}
    return [Task(path, notebook, fingerprint(notebook)) for path, notebook in notebooks.items()]


def reuse(task: Task) -> bool:
    """前回の結果が使えるなら、今の文章に合わせて置き直す。"""
    if not task.result.exists():
        return False
    old = nbformat.read(task.result, as_version=4)
    if old.metadata.textbook.get("key") != task.key:
        return False
    outputs = iter(cell for cell in old.cells if cell.cell_type == "code")
    for cell in task.notebook.cells:
        if cell.cell_type == "code":
            previous = next(outputs)
            cell.outputs, cell.execution_count = previous.outputs, previous.execution_count
    save(task, task.notebook, old.metadata.textbook.seconds)
    return True


def save(task: Task, notebook: nbformat.NotebookNode, seconds: float) -> None:
    """結果を、途中の姿を見せずに置く。中身が同じなら触らない。"""
    textbook = {**task.notebook.metadata.get("textbook", {}), "key": task.key, "seconds": seconds}
    notebook.metadata["textbook"] = textbook
    text = nbformat.writes(notebook)
    if task.result.exists() and task.result.read_text(encoding="utf-8") == text:
        return
    EXECUTED.mkdir(parents=True, exist_ok=True)
    new = task.result.with_suffix(f".{os.getpid()}")
    new.write_text(text, encoding="utf-8")
    os.replace(new, task.result)


def remove_orphans() -> None:
    """授業が無くなった実行結果を消す。"""
    names = {path.stem for path in lesson_paths()}
    for path in EXECUTED.glob("*.ipynb"):
        if path.stem not in names:
            path.unlink()


# --- 実行 ---------------------------------------------------------------------


def kill_kernels() -> None:
    """動いているカーネルを、すべて止める。"""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "ipykernel_launcher" in process.cmdline():
                process.kill()


def execute(task: Task, lost: threading.Event, cell_timeout: int) -> str | None:
    """授業を一つ実行する。失敗したら、その説明を返す。``lost`` は、サーバーが消えた印。``cell_timeout`` は秒。"""
    import papermill
    from jupyter_client.manager import AsyncKernelManager
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    class LocalKernelManager(AsyncKernelManager):
        """TCPのポートを使わないカーネル。並べて起動しても番号がぶつからない。"""

        transport = "ipc"

        def _ip_default(self) -> str:
            return os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], uuid.uuid4().hex[:8])

    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lesson-") as folder:
        source, target = Path(folder, "woven.ipynb"), Path(folder, "executed.ipynb")
        nbformat.write(task.notebook, source)
        try:
            papermill.execute_notebook(
                source,
                target,
                progress_bar=False,
                execution_timeout=cell_timeout,
                start_timeout=KERNEL_TIMEOUT,
                kernel_manager_class=LocalKernelManager,
                coalesce_streams=True,
            )
        except papermill.PapermillExecutionError as error:
            problem = (
                f"{cell_name(task, error.cell_index)}で失敗しました。\n"
                f"      {error.ename}: {error.evalue.strip()}"
            )
        except CellTimeoutError:
            problem = f"セルが{cell_timeout}秒たっても終わりません（時間切れ）。"
        except (DeadKernelError, RuntimeError) as error:
            problem = f"カーネルが途中で終わりました（{error}）。メモリーの空きを確かめてください。"
        else:
            executed = nbformat.read(target, as_version=4)
            skipped = first_skipped(executed)
            if skipped is None:
                save(task, clean(executed), round(time.monotonic() - started, 1))
                (FAILED / task.result.name).unlink(missing_ok=True)
                return None
            problem = (
                f"{cell_name(task, skipped)}から後が動いていません。"
                "その前のセルに `exit()` や `raise SystemExit` がないか見てください。"
            )
        if lost.is_set():
            problem = SERVER_LOST
        return problem + keep_failure(task, target)


def first_skipped(notebook: nbformat.NotebookNode) -> int | None:
    """動かなかった最初のコードセルの位置。すべて動いていれば ``None``。

    papermill は、``SystemExit`` で止まったノートブックを、終わりまで動いたものとして返す。
    """
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            return index
    return None


def cell_name(task: Task, index: int) -> str:
    """失敗したセルを、読み手が探せる言葉で指す。"""
    cell = task.notebook.cells[index]
    title = cell.metadata.get("title") or next(
        (line for line in cell.source.splitlines() if line.strip()), ""
    )
    return f"{index + 1}番目のセル「{title}」"


def keep_failure(task: Task, target: Path) -> str:
    """失敗したノートブックを残し、その場所を伝える文を返す。"""
    if not target.exists():
        return ""
    FAILED.mkdir(parents=True, exist_ok=True)
    kept = FAILED / task.result.name
    kept.write_bytes(target.read_bytes())
    return f"\n      途中までの結果: {kept.relative_to(ROOT)}"


def clean(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """実行のたびに変わる記録（時刻、この計算機のパス）を除く。"""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if cell.metadata.get("tags") == []:
            del cell.metadata["tags"]
    return notebook


@contextlib.contextmanager
def jupyter_folders() -> Iterator[None]:
    """利用者のIPythonとmatplotlibの設定を使わず、ソケットを短いパスに置き、図をSVGで残す。"""
    with provision.socket_folder() as folder:
        chosen = {"IPYTHONDIR": f"{folder}/ipython", "JUPYTER_RUNTIME_DIR": f"{folder}/run"}
        for path in chosen.values():
            os.mkdir(path)
        chosen["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        chosen["BOOK_FIGURES"] = "svg"
        os.environ.update(chosen)
        yield
        for name in chosen:
            del os.environ[name]


def execute_all(
    tasks: list[Task], cell_timeout: int = CELL_TIMEOUT, workers: int | None = None
) -> int:
    """授業を順に、``workers`` 個まで並べて実行し、失敗の数を返す。

    表の大きな授業は番号の後ろにあり、番号の順なら、サーバーが温まってから始まる。
    """
    room = psutil.virtual_memory().available // KERNEL_MEMORY
    workers = max(1, min(len(tasks), workers or os.cpu_count() or 1, room))
    failures = 0
    lost = threading.Event()
    is_open = spark_server.port_is_open
    remote = urlsplit(os.environ["SPARK_REMOTE"])
    port = remote.port if remote.hostname in ("localhost", "127.0.0.1") else None
    # papermill の cwd はスレッドの間で混ざるので、作業フォルダーは先に移しておく。
    with (
        contextlib.chdir(LESSONS),
        jupyter_folders(),
        concurrent.futures.ThreadPoolExecutor(workers) as pool,
    ):
        started: dict[str, float] = {}

        def run_one(task: Task) -> str | None:
            started[task.name] = time.monotonic()
            if lost.is_set():
                return SERVER_LOST
            tell(f"実行中  {task.name}")
            return execute(task, lost, cell_timeout)

        running = {pool.submit(run_one, task): task for task in tasks}
        try:
            waiting = set(running)
            while waiting:  # ほかのスレッドが受け取ったCtrl-Cにも、1秒のうちに気づく
                done, waiting = concurrent.futures.wait(
                    waiting, 1, concurrent.futures.FIRST_COMPLETED
                )
                if port and not (is_open(port) or is_open(port)):  # 混んでいる時の1回は許す
                    lost.set()
                if lost.is_set():  # 待ち続けないように。起動しかけていたカーネルも止める
                    kill_kernels()
                for future in done:
                    task, problem = running[future], future.result()
                    seconds = time.monotonic() - started[task.name]
                    tell(f"{'失敗' if problem else '完了'}    {task.name}  {seconds:.1f}秒")
                    if problem:
                        failures += 1
                        place = task.path.relative_to(ROOT)
                        print(f"  {place}: {problem}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            logging.disable()  # 止めたカーネルについての、nbclientの報告
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(future.done() for future in running):  # 起動しかけていたカーネルも止める
                kill_kernels()
                time.sleep(0.2)
            raise
    return failures


def use_environment(server: spark_server.Server) -> None:
    """授業を ``server`` につなぎ、利用者がSparkやMLflowに決めた行き先は使わない。"""
    chosen = command_environment(server, outer_environment())
    os.environ.clear()
    os.environ.update(chosen)


def tell(line: str) -> None:
    """1行を表示する。改行まで一度に書き、ほかのスレッドの行と混ざらないようにする。"""
    print(f"{line}\n", end="", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """コマンドラインの入口。失敗した授業があれば1を返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.course.execute", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "names", nargs="*", metavar="授業", help="番号か名前の先頭。この順に動かす（省くと全部）"
    )
    parser.add_argument("--force", action="store_true", help="前回の結果があっても実行し直す")
    parser.add_argument("--cell-timeout", type=int, default=CELL_TIMEOUT, metavar="秒")
    parser.add_argument("--workers", type=int, metavar="数", help="並べて動かす数（省くとCPUの数）")
    options = parser.parse_args(arguments)
    try:
        with provision.exclusive("execute"):
            remove_orphans()
            tasks = plan(options.names)
            waiting = [task for task in tasks if options.force or not reuse(task)]
            for task in tasks:
                if task not in waiting:
                    print(f"変更なし  {task.name}", flush=True)
            if not waiting:
                return 0
            with contextlib.ExitStack() as stack:
                if not os.environ.get("SPARK_REMOTE"):
                    use_environment(stack.enter_context(server_for_build()))
                return 1 if execute_all(waiting, options.cell_timeout, options.workers) else 0
    except (LessonError, WorkspaceError) as error:
        print(f"エラー: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "途中で止めました。終わった授業の結果は残っているので、もう一度実行すると続きから始まります。",
            file=sys.stderr,
        )
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
