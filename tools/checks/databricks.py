"""書き出したノートブックを、Databricksをまねた2つの場所で、最後まで動かす。

使い方::

    python -m tools.checks.databricks [--leg 名前…] [--force] [--record] [授業の番号か名前の先頭…]

databricks-6   サーバーレス環境バージョン6のパッケージだけの環境で動かす
databricks-5   サーバーレス環境バージョン5のパッケージだけの環境で動かす

どちらでも、授業は ``mlflow-skinny`` と ``pyspark-client`` しか持たず、
別のプロセスのMLflowサーバーとSpark Connectサーバーにつながる。
書けるのは一時のホームだけ、つなげるのは2つのサーバーのポートだけである（``confine``）。
どの場所でも、動かすのは受講者用のノートブックで、確認は手つかずのまま1度、解答を入れて1度動かす。
環境変数は必要なものだけを渡す。

コードもバージョンも前回と同じ授業は、動かし直さない（前回の記録は ``_build/legs.json``）。
``--record`` を付けた時だけ、選んだ授業と場所の結果を ``book/legs.json`` に記録する。付録「検証状況」の表になる。
"""

from __future__ import annotations

import argparse
import asyncio
import concurrent.futures
import contextlib
import datetime
import itertools
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from tools.checks import confine
from tools.checks.rehearse import rehearse
from tools.course import export
from tools.course.legs import LEGS, LOCAL, RESULTS, Leg, fingerprint, is_done, read_results, record
from tools.course.lesson import LessonError, lesson_paths
from tools.workspace.environment import command_environment, outer_environment
from tools.workspace.mlflow_server import mlflow_server
from tools.workspace.provision import WorkspaceError, socket_folder
from tools.workspace.server import WORKER_PYTHON, Server
from tools.workspace.sessions import private_server

CELL_TIMEOUT = 300  # 秒
# 書き出した木だけを別の場所に写し、JupyterLabのように開く。試験（不器用な読み手）が使う。
ALONE = Leg("alone", "書き出した木だけ")


@dataclass(frozen=True)
class Place:
    """動かす準備のできた場所。``variables`` は、カーネルに渡す環境変数のすべて。"""

    leg: Leg
    python: str
    tree: Path
    variables: dict[str, str]
    ports: tuple[int, ...]


# --- サーバー -----------------------------------------------------------------


@contextlib.contextmanager
def open_place(leg: Leg) -> Iterator[Place]:
    """``leg`` の場所を用意し、使い終わったら片付ける。"""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leg-")))
        tree = export.export(folder / "授業 ノート")
        python = leg.python()
        os.environ[WORKER_PYTHON] = python
        stack.callback(os.environ.pop, WORKER_PYTHON)
        server = stack.enter_context(private_server(temporary=True))
        variables = base_variables(server)
        if leg.group:
            port = stack.enter_context(mlflow_server(Path(server.store)))
            variables["MLFLOW_TRACKING_URI"] = f"http://127.0.0.1:{port}"
            yield Place(leg, python, tree, variables, (server.port, port))
        else:
            inherited = command_environment(server, outer_environment())
            variables |= {k: v for k, v in inherited.items() if "MLFLOW" in k}
            yield Place(leg, python, tree, variables, ())


def base_variables(server: Server) -> dict[str, str]:
    """どの場所でも渡す環境変数。"""
    return {
        "JPY_PARENT_PID": str(os.getpid()),  # これが消えたら、カーネルも終わる
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "SPARK_REMOTE": server.remote,
        "SPARK_CONNECT_AUTHENTICATE_TOKEN": server.token,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


# --- ノートブックを動かす -----------------------------------------------------


def kernel_command(place: Place, home: Path) -> list[str]:
    """カーネルを動かすコマンド。環境変数は、渡すものだけにする。"""
    variables = {**place.variables, "HOME": str(home), "TMPDIR": str(home / "tmp")}
    if place.leg.group:
        # Databricksでは、ノートブックのフォルダーは sys.path にあるが、作業フォルダーとは限らない。
        variables["PYTHONPATH"] = str(place.tree / "lessons")
    command = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
    if place.ports and confine.available():
        ports = ",".join(map(str, place.ports))
        command += [place.python, confine.__file__, str(home), ports]
    return [*command, place.python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


def kernel_manager(command: list[str], sockets: Path) -> type[AsyncKernelManager]:
    """``command`` でカーネルを動かす管理役。通信には ``sockets`` のソケットを使う。"""

    class Manager(AsyncKernelManager):
        transport = "ipc"
        kernel_spec = KernelSpec(argv=command, language="python")

        def _ip_default(self) -> str:
            return str(sockets / uuid.uuid4().hex[:8])

        def _connection_file_default(self) -> str:
            return str(sockets / "kernel.json")

    return Manager


def learner_notebook(place: Place, name: str) -> nbformat.NotebookNode:
    """``place`` に置いた、授業 ``name`` の受講者用のノートブック。"""
    return nbformat.read(place.tree / "lessons" / f"{name}.ipynb", as_version=4)


def run_notebook(place: Place, notebook: nbformat.NotebookNode) -> str:
    """ノートブックを一つ、新しいプロセスで最後まで動かす。失敗したら説明、成功なら空文字列。"""
    with socket_folder() as home:
        for name in ("tmp", "run"):
            (home / name).mkdir()
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            kernel_manager_class=kernel_manager(kernel_command(place, home), home / "run"),
            resources={
                "metadata": {"path": str(home if place.leg.group else place.tree / "lessons")}
            },
        )
        try:
            asyncio.run(client.async_execute())
        except CellExecutionError as error:
            return f"{error.ename}: {error.evalue}\n{failed_source(notebook)}"
        except CellTimeoutError:
            return f"セルが{CELL_TIMEOUT}秒たっても終わりません。"
        except (DeadKernelError, RuntimeError) as error:
            return f"カーネルが途中で終わりました（{error}）。"
    return ""


def failed_source(notebook: nbformat.NotebookNode) -> str:
    """エラーになったセルのコード。"""
    for cell in notebook.cells:
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return cell.source
    return ""


# --- 結果 ---------------------------------------------------------------------


def run_leg(leg: Leg, names: list[str]) -> int:
    """``names`` の授業を ``leg`` の場所で動かし、結果を残す。失敗の数を返す。"""
    if leg.group and not confine.available():
        print("このPCではLandlockを使えないので、通信と書き込みを塞がずに動かします。")
    failures = 0
    with open_place(leg) as place, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:

        def run_one(name: str) -> tuple[str, float]:
            started = time.monotonic()
            problem = run_notebook(place, rehearse(learner_notebook(place, name), name))
            return problem, time.monotonic() - started

        show = "import platform; print(platform.python_version())"
        version = subprocess.check_output([place.python, "-c", show], text=True).strip()
        running = {pool.submit(run_one, name): name for name in names}
        for future in concurrent.futures.as_completed(running):
            name, (problem, seconds) = running[future], future.result()
            state = "失敗" if problem else "完了"
            print(f"{state}      {leg.name:<12}  {name}  {seconds:.1f}秒", flush=True)
            if problem:
                failures += 1
                print(problem, file=sys.stderr, flush=True)
            result = {
                "date": datetime.date.today().isoformat(),
                "seconds": round(seconds, 1),
                "key": fingerprint(leg, name),
                "python": version,
                "confined": bool(place.ports) and confine.available(),
            }
            record(LOCAL, name, leg, None if problem else result)
    return failures


def main(arguments: list[str] | None = None) -> int:
    """コマンドラインの入口。失敗した授業があれば1を返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.checks.databricks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="授業", help="番号か名前の先頭（省くと全部）")
    parser.add_argument("--leg", action="append", choices=LEGS, help="場所（省くと全部）")
    parser.add_argument("--force", action="store_true", help="前回の結果があっても動かし直す")
    parser.add_argument("--record", action="store_true", help="結果を book/legs.json に記録する")
    options = parser.parse_args(arguments)
    chosen = [p.stem for p in lesson_paths() if p.stem.startswith(tuple(options.names or [""]))]
    legs = [LEGS[name] for name in options.leg or LEGS]
    failures = 0
    try:
        if not chosen:
            raise LessonError(f"{'、'.join(options.names)} で始まる授業がありません。")
        for leg in legs:
            waiting = [name for name in chosen if options.force or not is_done(leg, name)]
            print(f"{leg.name}: {leg.title}で、{len(waiting)}件を動かします。", flush=True)
            failures += run_leg(leg, waiting) if waiting else 0
    except (LessonError, WorkspaceError) as error:
        print(f"エラー: {error}", file=sys.stderr)
        return 1
    if options.record:
        known = read_results(LOCAL)
        for name, leg in itertools.product(chosen, legs):
            record(RESULTS, name, leg, known.get(name, {}).get(leg.name))
    print(f"失敗は{failures}件です。" if failures else "すべて最後まで動きました。")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
