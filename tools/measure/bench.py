"""授業の実行時間とメモリーを、1回の測定の中で交互に測り、比を表とJSONにする。

(a) 授業ごとに、速さの設定を変えないSparkを起動する（Deltaは configure_spark_with_delta_pip、PCにあるJavaを使う）
(b) tools.course.execute を、サーバーが止まった状態から動かす
(c) tools.course.execute を、サーバーが動いていて、一度使われた後に動かす（授業を直しては実行する時と同じ）
(d) 文章を1か所直した後の、tools.course.execute と tools.book
(e) 授業のコードを、人数とクラスターを変えて動かす（``--scale`` の時だけ。tools.measure.scale が測る）

授業の時間を何が占めるか（tools.measure.bounds が測る）、nbvalにかかる時間、
Databricksと同じ環境で動かした時の記録も並べる。

プロジェクトの写しの中で測るので、手元の表や本には触らない。
結果は、1つ測るたびに ``_build/bench.json`` に書く。どれかに失敗しても、ほかは続ける。
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
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import nbformat
import psutil

from tools.course.export import modules
from tools.course.lesson import LESSONS, lesson_paths
from tools.course.weave import weave
from tools.measure import bounds, scale
from tools.measure.memory import MemoryWatch
from tools.measure.project_copy import CommandFailed, module, project_copy, timed
from tools.measure.result import heading, write_result
from tools.workspace import provision
from tools.workspace import server as spark_server
from tools.workspace.provision import ROOT
from tools.workspace.startup import make_parts

RESULT = ROOT / "_build" / "bench.json"
COVER_LESSON = "00"  # 本の表紙が指す授業。無ければ本ができない

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
            more = {
                "JAVA_HOME": java_home,
                "IPYTHONDIR": str(home / "ipython"),
                "MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow.db'}",
            }
            command = "papermill --no-progress-bar --start-timeout 300 in.ipynb out.ipynb".split()
            seconds[path.stem] = timed(command, home, may_fail=True, **more)
            done = nbformat.read(home / "out.ipynb", as_version=4).cells
            failures[path.stem] = sum(
                output.output_type == "error" for cell in done for output in cell.get("outputs", [])
            )
    return seconds, failures


@contextlib.contextmanager
def running_server(project: Path) -> Iterator[None]:
    """``project`` のサーバーを、起動したままにする。"""
    timed(module("tools.workspace", "start"), project)
    try:
        yield
    finally:
        timed(module("tools.workspace", "stop"), project)


def cold(project: Path, names: list[str]) -> float:
    """(b) サーバーの起動と終了を含む秒数。"""
    return timed(module("tools.course.execute", "--force", *names), project)


def warm(project: Path, names: list[str]) -> float:
    """(c) サーバーが動いていて、一度使われた後の秒数。"""
    again = module("tools.course.execute", "--force", *names)
    with running_server(project):
        timed(again, project)
        return timed(again, project)


def markdown_edit(project: Path, names: list[str]) -> float:
    """(d) 1つの授業の文章を直し、本ができるまでの秒数。"""
    execute, book = module("tools.course.execute", *names, COVER_LESSON), module("tools.book")
    timed(execute, project)
    timed(book, project)
    path = project / "lessons" / f"{names[-1]}.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("です。", "なのです。", 1), encoding="utf-8")
    return timed(execute, project) + timed(book, project)


# --- メモリー、起動、ページの重さ ---------------------------------------------


MEMORY = ("server", "kernel", "server_and_one_kernel")


def server_and_kernel(project: Path) -> Counter[str]:
    """``project`` のサーバーと、いちばん大きいカーネルのRSS（MB）。"""
    found = Counter()
    for process in psutil.process_iter(["cmdline", "cwd", "memory_info"]):
        line = " ".join(process.info["cmdline"] or [])
        if not process.info["memory_info"]:
            continue
        megabytes = process.info["memory_info"].rss / 2**20
        if "SparkConnectServer" in line and str(project) in line:
            found |= Counter(server=megabytes)
        elif "ipykernel_launcher" in line and str(project) in (process.info["cwd"] or ""):
            found |= Counter(kernel=megabytes)
    return found + Counter(server_and_one_kernel=found.total())


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
        figures = re.findall(r'src="(\.\./_images/[^"]+)"', html)
        files = {page, *(page.parent / figure for figure in figures)}
        weights[page.stem] = sum(file.stat().st_size for file in files)
    return weights


def clean_clone_seconds() -> float:
    """きれいな写しで ``make book`` が終わるまでの秒数（パッケージのキャッシュは温かいまま）。"""
    with tempfile.TemporaryDirectory(prefix="clone-") as folder:
        subprocess.run(["git", "clone", "--quiet", ROOT, f"{folder}/book"], check=True)
        command = ["env", "-u", "VIRTUAL_ENV", "make", "book"]
        return timed(command, Path(folder, "book"), PATH=os.environ["PATH"])


# --- 測って、書く -------------------------------------------------------------


class Record:
    """測った結果。1つ測るたびに ``RESULT`` に書く。"""

    def __init__(self, names: list[str]) -> None:
        self.result: dict = heading() | {"lessons": names, "seconds": {}, "failures": {}}
        self.result["machine"] += f"、Python {platform.python_version()}"

    def write(self) -> None:
        write_result(RESULT, self.result)

    def attempt(self, name: str, step: Callable[[], None]) -> None:
        """1つ測って書く。失敗したら伝えて残し、次へ進む。"""
        try:
            step()
        except (Exception, SystemExit) as error:
            self.result["failures"][name] = str(error)
            print(f"{name} で失敗しました。ほかの測定は続けます。\n{error}", file=sys.stderr)
        self.write()

    def keep(self, name: str, measured: Callable[[], object]) -> None:
        """``measured`` の返すものを、``name`` の節に入れる。"""
        self.attempt(name, lambda: self.result.update({name: measured()}))

    def sample(self, name: str, number: int, measured: Callable[[], float]) -> None:
        """``number`` 回目の秒数を足す。"""

        def step() -> None:
            seconds = measured()
            self.result["seconds"].setdefault(name, []).append(seconds)
            print(f"{number}回目 ({name}) {seconds:.1f}秒", flush=True)

        self.attempt(f"({name})", step)


def classic_round(project: Path, java_home: str, names: list[str], result: dict) -> float:
    """(a) の1回分の秒数。授業ごとの秒数も ``result`` に残す。"""
    paths = [project / "lessons" / f"{name}.py" for name in names]
    if "classic_lessons" not in result:
        print("(a) の部品を取り寄せます（測定には含めません）。", flush=True)
        classic(project, java_home, paths[:1])
    times, result["classic_failed_cells"] = classic(project, java_home, paths)
    for name, seconds in times.items():
        result.setdefault("classic_lessons", {}).setdefault(name, []).append(seconds)
    return sum(times.values())


def measure_bounds(project: Path, names: list[str], result: dict) -> None:
    """授業の時間の内訳。測れなかった授業があっても、測れた分を ``result`` に残す。"""
    written = project / bounds.RESULT.relative_to(ROOT)
    try:
        timed(module("tools.measure.bounds", *names), project)
    finally:
        if written.exists():
            result["bounds"] = json.loads(written.read_text(encoding="utf-8"))


def measure_nbval(project: Path, names: list[str], result: dict) -> None:
    """nbvalの秒数。出力の違うセルがあれば、秒数を残してから知らせる。"""
    timed(module("tools.course.execute", *names), project)
    result["nbval"], different = bounds.nbval(project, names)
    if different:
        raise CommandFailed("2度目の実行で出力が違うセルがあります。\n" + "\n".join(different))


def measure_parts(record: Record, project: Path, names: list[str]) -> None:
    """動いているサーバーでの、授業の時間の内訳と、nbvalの秒数。"""
    with running_server(project):
        record.attempt("bounds", lambda: measure_bounds(project, names, record.result))
        record.attempt("nbval", lambda: measure_nbval(project, names, record.result))


def measure_scale(record: Record) -> None:
    for one in scale.measure_all():
        record.result.setdefault("scale", []).append(asdict(one))
        record.write()


def measure(names: list[str], rounds: int, with_clone: bool, with_scale: bool) -> dict:
    """すべてを測り、結果の辞書を返す。``names`` は測る授業。"""
    make_parts()
    java_home = system_java()
    record = Record(names)
    with project_copy() as project:
        with MemoryWatch(partial(server_and_kernel, project)) as watch:
            for number in range(1, rounds + 1):
                if java_home:
                    record.sample(
                        "a", number, lambda: classic_round(project, java_home, names, record.result)
                    )
                record.sample("b", number, lambda: cold(project, names))
                record.sample("c", number, lambda: warm(project, names))
                record.sample("d", number, lambda: markdown_edit(project, names))
            record.attempt("server", lambda: measure_parts(record, project, names))
            record.keep("server_start_seconds", lambda: server_start_seconds(project, rounds))
        record.keep("memory_mb", lambda: {name: round(watch.peak[name]) for name in MEMORY})
        record.keep("legs", lambda: bounds.legs(names))
        record.keep("page_bytes", lambda: page_weights(project))
    if with_clone:
        record.keep("clean_clone_seconds", clean_clone_seconds)
    if with_scale:
        record.attempt("scale", lambda: measure_scale(record))
    return record.result


# --- 表 -----------------------------------------------------------------------


def show(result: dict) -> None:
    """測れたものを表にして表示する。"""
    names = {
        "a": "授業ごとに既定のSpark",
        "b": "サーバーの起動から",
        "c": "起動済みのサーバーで2度目",
        "d": "文章を1か所直した後",
    }
    print(f"\n{result['date']}  {result['machine']}")
    base = result["seconds"].get("a")
    if not base:
        print("(a) は測っていません。PCにJavaがないか、途中で失敗しました。")
    if failed := sum(result.get("classic_failed_cells", {}).values()):
        print(f"(a) では、Spark Connectでだけ動く{failed}個のセルが途中で終わりました。")
    for key, values in result["seconds"].items():
        middle = statistics.median(values)
        spread = f"{min(values):.1f}〜{max(values):.1f}"
        times = f"{statistics.median(base) / middle:.2f}倍" if base and key in "bc" else ""
        print(f"({key}) {names[key]}  中央値 {middle:.1f}秒（{spread}）  {times}")
    if start := result.get("server_start_seconds"):
        middle = statistics.median(start)
        print(f"サーバーのポートが開くまで  中央値 {middle:.2f}秒（最短 {min(start):.2f}秒）")
    if memory := result.get("memory_mb"):
        print(
            f"最大のメモリー  サーバー {memory['server']}MB、カーネル {memory['kernel']}MB、"
            f"サーバーとカーネル1つ {memory['server_and_one_kernel']}MB"
        )
    for page, size in result.get("page_bytes", {}).items():
        print(f"ページの重さ  {page}  {size / 1000:.0f}kB")
    print("\n".join(bounds.lines(result.get("bounds", {}))))
    for place, lessons in {"nbval": result.get("nbval", {}), **result.get("legs", {})}.items():
        each = "、".join(f"{name[:2]} {seconds:.0f}" for name, seconds in lessons.items())
        print(f"{place}  合計 {sum(lessons.values()):.0f}秒（{each}）")
    if "clean_clone_seconds" in result:
        print(f"きれいな写しから本まで  {result['clean_clone_seconds']:.0f}秒")
    for one in result.get("scale", []):
        print(f"(e) {scale.line(scale.Measurement(**one))}")
    if result["failures"]:
        print(f"測れなかったもの: {'、'.join(result['failures'])}")


def main(arguments: list[str] | None = None) -> int:
    """測って、JSONを書き、表を表示する。測れなかったものがあれば1を返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.measure.bench", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--rounds", type=int, default=3, help="繰り返す回数（既定は3）")
    parser.add_argument(
        "--lessons", nargs="+", default=[""], metavar="授業", help="測る授業の番号（既定は全部）"
    )
    parser.add_argument("--clone", action="store_true", help="きれいな写しから本までの時間も測る")
    parser.add_argument("--scale", action="store_true", help="人数とクラスターを変えた時間も測る")
    options = parser.parse_args(arguments)
    names = [path.stem for path in lesson_paths() if path.stem.startswith(tuple(options.lessons))]
    if not names:
        parser.error("その番号の授業がありません。lessons の中を確かめてください。")
    result = measure(names, options.rounds, options.clone, options.scale)
    show(result)
    return 1 if result["failures"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
