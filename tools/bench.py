"""授業の実行時間とメモリーを、1回の測定の中で交互に測り、比を表とJSONにする。

(a) 授業ごとに、速さの設定を変えないSparkを起動する（Deltaは configure_spark_with_delta_pip、PCにあるJavaを使う）
(b) tools.execute を、サーバーが止まった状態から動かす
(c) tools.execute を、サーバーが動いていて、一度使われた後に動かす（授業を直しては実行する時と同じ）
(d) 文章を1か所直した後の、tools.execute と tools.book
(e) 授業のコードを、人数とクラスターを変えて動かす（``--scale`` の時だけ。tools.scale が測る）

プロジェクトの写しの中で測るので、手元の表や本には触らない。結果は ``_build/bench.json`` に置く。
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import nbformat
import psutil

from tools import provision, scale, workspace
from tools import server as spark_server
from tools.export import modules
from tools.lesson import LESSONS, lesson_paths
from tools.provision import ROOT
from tools.weave import weave

RESULT = ROOT / "_build" / "bench.json"
COPIED = (
    "tools", "lessons", "solutions", "book", "_static", "_templates", "locale", "jupyter",
    "_config.yml", "_toc.yml", "pyproject.toml", "uv.lock",
)  # fmt: skip

CLASSIC_STARTUP = """
from delta import configure_spark_with_delta_pip
from pyspark.sql import SparkSession
configure_spark_with_delta_pip(
    SparkSession.builder
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.sql.sources.default", "delta")
).getOrCreate()
"""


def system_java() -> str | None:
    """(a) に使う、PCに入っているJavaの JAVA_HOME。"""
    if home := os.environ.get("JAVA_HOME"):
        return home
    java = shutil.which("java")
    return str(Path(java).resolve().parent.parent) if java else None


def clean_environment(**more: str) -> dict[str, str]:
    """測定ごとに同じになる環境変数。"""
    binaries = Path(sys.executable).parent
    path = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    fixed = {"PATH": path, "MLFLOW_DISABLE_TELEMETRY": "true", "TZ": "UTC"}
    return workspace.outer_environment() | fixed | more


@contextlib.contextmanager
def project_copy() -> Iterator[Path]:
    """プロジェクトの写し。ワークスペースは部品だけを共有し、表は空から始める。"""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        project = Path(folder, "project")
        project.mkdir()
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, project / name, ignore=shutil.ignore_patterns("__pycache__")
                )
            elif source.exists():
                shutil.copy(source, project / name)
        (project / ".workspace").mkdir()
        (project / ".workspace" / "parts").symlink_to(provision.PARTS)
        yield project


def timed(
    command: list[str], project: Path, environment: dict[str, str], *, may_fail: bool = False
) -> float:
    """コマンドにかかった秒数。失敗したら出力を見せて止まる。"""
    started = time.monotonic()
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 and not may_fail:
        raise SystemExit(
            f"測定の途中で失敗しました: {' '.join(command)}\n{done.stdout}{done.stderr}"
        )
    return time.monotonic() - started


def module(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", name, *arguments]


# --- 4つの測り方 --------------------------------------------------------------


def classic(
    project: Path, java_home: str, lessons: list[Path]
) -> tuple[dict[str, float], dict[str, int]]:
    """(a) 授業の名前 → 秒と、授業の名前 → 失敗したセルの数。

    列名の誤りに気づく時が違うなど、Spark Connectでだけ動くセルがあるので、
    失敗しても次のセルへ進む。そのぶん (a) の仕事は少し減り、比は控えめに出る。
    """
    seconds, failures = {}, {}
    for path in lessons:
        with tempfile.TemporaryDirectory(prefix="classic-") as folder:
            home = Path(folder)
            startup = home / "ipython" / "profile_default" / "startup"
            startup.mkdir(parents=True)
            (startup / "00_spark.py").write_text(CLASSIC_STARTUP, encoding="utf-8")
            notebook = weave(path, project / "solutions" / path.name)
            for cell in notebook.cells:
                cell.metadata["tags"] = ["raises-exception"]
            nbformat.write(notebook, home / "in.ipynb")
            for name in {Path(name).parts[0] for name in modules()}:
                (home / name).symlink_to(LESSONS / name)
            environment = clean_environment(
                JAVA_HOME=java_home,
                IPYTHONDIR=str(home / "ipython"),
                MLFLOW_TRACKING_URI=f"sqlite:///{home / 'mlflow.db'}",
            )
            command = [
                "papermill",
                "--no-progress-bar",
                "--start-timeout",
                "300",
                "in.ipynb",
                "out.ipynb",
            ]
            seconds[path.stem] = timed(command, home, environment, may_fail=True)
            done = nbformat.read(home / "out.ipynb", as_version=4).cells
            failures[path.stem] = sum(
                output.output_type == "error" for cell in done for output in cell.get("outputs", [])
            )
    return seconds, failures


def cold(project: Path) -> float:
    """(b) サーバーの起動と終了を含む秒数。"""
    return timed(module("tools.execute", "--force"), project, clean_environment())


def warm(project: Path) -> float:
    """(c) サーバーが動いていて、一度使われた後の秒数。"""
    environment = clean_environment()
    timed(module("tools.workspace", "start"), project, environment)
    try:
        timed(module("tools.execute", "--force"), project, environment)
        return timed(module("tools.execute", "--force"), project, environment)
    finally:
        timed(module("tools.workspace", "stop"), project, environment)


def markdown_edit(project: Path) -> float:
    """(d) 1つの授業の文章を直し、本ができるまでの秒数。"""
    environment = clean_environment()
    timed(module("tools.book"), project, environment)
    path = lesson_paths(project / "lessons")[-1]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("です。", "なのです。", 1), encoding="utf-8")
    seconds = timed(module("tools.execute"), project, environment)
    return seconds + timed(module("tools.book"), project, environment)


# --- メモリー、起動、ページの重さ ---------------------------------------------


class MemoryWatch(threading.Thread):
    """サーバーとカーネルのRSSを0.2秒ごとに見る。最大の値をMBで持つ。"""

    def __init__(self, project: Path) -> None:
        super().__init__(daemon=True)
        self.mark = str(project)
        self.finished = threading.Event()
        self.server = self.kernel = self.together = 0.0

    def run(self) -> None:
        while not self.finished.wait(0.2):
            servers, kernels = [0.0], [0.0]
            for process in psutil.process_iter(["cmdline", "memory_info"]):
                line = " ".join(process.info["cmdline"] or [])
                if not process.info["memory_info"]:
                    continue
                megabytes = process.info["memory_info"].rss / 2**20
                if "SparkConnectServer" in line and self.mark in line:
                    servers.append(megabytes)
                elif "ipykernel_launcher" in line:
                    kernels.append(megabytes)
            self.server = max(self.server, *servers)
            self.kernel = max(self.kernel, *kernels)
            self.together = max(self.together, max(servers) + max(kernels))


def server_start_seconds(project: Path, times: int) -> list[float]:
    """JVMを起動してからポートが開くまでの秒数。"""
    found = []
    archive = provision.archive_path(spark_server.JAVA_OPTIONS)
    for number in range(times):
        store = project / f"start-{number}"
        lock = spark_server.lock_store(store)
        started = time.monotonic()
        options = [f"-XX:SharedArchiveFile={archive}"]
        with spark_server.running_jvm(store, lock, options=options):
            found.append(time.monotonic() - started)
        os.close(lock)
    return found


def page_weights(project: Path) -> dict[str, int]:
    """授業のページ名 → HTMLと図の合計バイト数（共通の書体・スタイル・検索の索引を除く）。"""
    weights = {}
    for page in sorted((project / "_build" / "html" / "lessons").glob("[0-9]*.html")):
        html = page.read_text(encoding="utf-8")
        figures = set(re.findall(r'src="(\.\./_images/[^"]+)"', html))
        weights[page.stem] = page.stat().st_size + sum(
            (page.parent / figure).stat().st_size for figure in figures
        )
    return weights


def clean_clone_seconds() -> float:
    """きれいな写しで ``make book`` が終わるまでの秒数（パッケージのキャッシュは温かいまま）。"""
    with tempfile.TemporaryDirectory(prefix="clone-") as folder:
        git = shutil.which("git")
        subprocess.run([git, "clone", "--quiet", ROOT, f"{folder}/book"], check=True)
        environment = clean_environment(PATH=os.environ["PATH"])
        environment.pop("VIRTUAL_ENV", None)
        return timed(["make", "book"], Path(folder, "book"), environment)


# --- 表 -----------------------------------------------------------------------


def measure(rounds: int, with_clone: bool, with_scale: bool) -> dict:
    """すべてを測り、結果の辞書を返す。"""
    workspace.make_parts()
    java_home = system_java()
    samples: dict[str, list[float]] = {"a": [], "b": [], "c": [], "d": []}
    lessons: dict[str, list[float]] = {}
    failures: dict[str, int] = {}
    with project_copy() as project:
        paths = lesson_paths(project / "lessons")
        watch = MemoryWatch(project)
        watch.start()
        if java_home:
            print("(a) の部品を取り寄せます（測定には含めません）。", flush=True)
            classic(project, java_home, paths[:1])
        steps: list[tuple[str, Callable[[], float]]] = [
            ("b", lambda: cold(project)),
            ("c", lambda: warm(project)),
            ("d", lambda: markdown_edit(project)),
        ]
        for number in range(rounds):
            if java_home:
                times, failures = classic(project, java_home, paths)
                for name, seconds in times.items():
                    lessons.setdefault(name, []).append(seconds)
                samples["a"].append(sum(values[-1] for values in lessons.values()))
                print(f"{number + 1}回目 (a) {samples['a'][-1]:.1f}秒", flush=True)
            for name, step in steps:
                samples[name].append(step())
                print(f"{number + 1}回目 ({name}) {samples[name][-1]:.1f}秒", flush=True)
        watch.finished.set()
        result = {
            "date": date.today().isoformat(),
            "machine": f"{platform.system()} {platform.machine()}、{os.cpu_count()}コア、"
            f"{psutil.virtual_memory().total // 2**30}GB、Python {platform.python_version()}",
            "seconds": samples,
            "classic_lessons": lessons,
            "classic_failed_cells": failures,
            "server_start_seconds": server_start_seconds(project, 5),
            "memory_mb": {
                "server": round(watch.server),
                "kernel": round(watch.kernel),
                "server_and_one_kernel": round(watch.together),
            },
            "page_bytes": page_weights(project),
        }
    if with_clone:
        result["clean_clone_seconds"] = clean_clone_seconds()
    if with_scale:
        result["scale"] = [asdict(one) for one in scale.measure_all()]
    return result


def show(result: dict) -> None:
    """結果を表にして表示する。"""
    names = {
        "a": "授業ごとに既定のSpark",
        "b": "サーバーの起動から",
        "c": "起動済みのサーバーで2度目",
        "d": "文章を1か所直した後",
    }
    print(f"\n{result['date']}  {result['machine']}")
    base = result["seconds"]["a"]
    if not base:
        print("(a) は測っていません。PCにJavaがありません。")
    if failed := sum(result["classic_failed_cells"].values()):
        print(f"(a) では、Spark Connectでだけ動く{failed}個のセルが途中で終わりました。")
    for key, name in names.items():
        values = result["seconds"][key]
        if values:
            middle = statistics.median(values)
            spread = f"{min(values):.1f}〜{max(values):.1f}"
            times = f"{statistics.median(base) / middle:.2f}倍" if base and key in "bc" else ""
            print(f"({key}) {name}  中央値 {middle:.1f}秒（{spread}）  {times}")
    start = result["server_start_seconds"]
    print(
        f"サーバーのポートが開くまで  中央値 {statistics.median(start):.2f}秒（最短 {min(start):.2f}秒）"
    )
    memory = result["memory_mb"]
    print(
        f"最大のメモリー  サーバー {memory['server']}MB、カーネル {memory['kernel']}MB、"
        f"サーバーとカーネル1つ {memory['server_and_one_kernel']}MB"
    )
    for page, size in result["page_bytes"].items():
        print(f"ページの重さ  {page}  {size / 1000:.0f}kB")
    if "clean_clone_seconds" in result:
        print(f"きれいな写しから本まで  {result['clean_clone_seconds']:.0f}秒")
    for one in result.get("scale", []):
        print(f"(e) {scale.line(scale.Measurement(**one))}")


def main() -> int:
    """測って、表を表示し、JSONを書く。"""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rounds", type=int, default=3, help="繰り返す回数（既定は3）")
    parser.add_argument("--clone", action="store_true", help="きれいな写しから本までの時間も測る")
    parser.add_argument("--scale", action="store_true", help="人数とクラスターを変えた時間も測る")
    options = parser.parse_args()
    result = measure(options.rounds, options.clone, options.scale)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    show(result)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
