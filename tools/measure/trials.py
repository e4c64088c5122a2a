"""条件を変えながら、授業全体とnbvalを何度も動かし、結果が同じかを調べる。

使い方::

    python -m tools.measure.trials [--only 条件の番号…] [--save] [授業の番号か名前の先頭…]

1回ごとに、プロジェクトの写しを新しく作り、条件を1つ変えて、授業を実行する。
その出力と、続けて動かすnbvalの出力を、初めの1回（何も変えない）の結果と比べる。
やり直しはしない。結果は、1回終わるごとに ``_build/trials.json`` に書く。
``--save`` なら ``book/trials.json`` に書く（付録「検証状況」の表になる）。
``--only`` で何回かに分けて動かすと、どちらのファイルでも、同じ条件の行だけが置き換わる。
"""

from __future__ import annotations

import argparse
import configparser
import contextlib
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

import nbformat
import psutil

from tools.book.trials_table import RESULT, Run
from tools.course.lesson import lesson_paths
from tools.measure.memory import MemoryWatch
from tools.measure.project_copy import clean_environment, module, project_copy
from tools.measure.result import heading, write_result
from tools.workspace.provision import ROOT
from tools.workspace.startup import make_parts

KEPT = ROOT / "_build" / "trials.json"
# 新しい名前空間では、ループバックも止まった状態から始まる。
OFFLINE = [*"unshare --map-root-user --net sh -c".split(), 'ip link set lo up && exec "$@"', "sh"]
JAPANESE_FOLDER = "授業 ノート"


@dataclass(frozen=True)
class Condition:
    """1回に変えるもの。``order`` は、前から・後ろからのほかは、並べ替えの種。"""

    name: str
    order: str = "前から"
    workers: int = 2
    folder: str = "project"
    environment: dict[str, str] = field(default_factory=dict)
    offline: bool = False
    busy: bool = False

    def sorted(self, names: list[str]) -> list[str]:
        if self.order == "前から":
            return names
        if self.order == "後ろから":
            return names[::-1]
        return random.Random(self.order).sample(names, len(names))  # noqa: S311


C_LOCALE = {"LC_ALL": "C", "LANG": "C"}
JAPANESE_LOCALE = {"LC_ALL": "ja_JP.UTF-8", "LANG": "ja_JP.UTF-8"}
TOKYO = {"TZ": "Asia/Tokyo"}

CONDITIONS = (
    Condition("何も変えない"),
    Condition("後ろから", order="後ろから"),
    Condition("順を混ぜる（1）", order="1"),
    Condition("順を混ぜる（2）", order="2"),
    Condition("1つずつ", workers=1),
    Condition("1つずつ、後ろから", order="後ろから", workers=1),
    Condition("Cロケール", environment=C_LOCALE),
    Condition("Cロケール、順を混ぜる", order="3", environment=C_LOCALE),
    Condition("日本語のロケール", environment=JAPANESE_LOCALE),
    Condition("日本の時刻", environment=TOKYO),
    Condition("日本の時刻、後ろから", order="後ろから", environment=TOKYO),
    Condition("ネットワークなし", offline=True),
    Condition("ネットワークなし、順を混ぜる", order="4", offline=True),
    Condition("空白と日本語のあるフォルダー", folder=JAPANESE_FOLDER),
    Condition("空白と日本語のあるフォルダー、1つずつ", folder=JAPANESE_FOLDER, workers=1),
    Condition("ほかの仕事がCPUを使う", busy=True),
    Condition("ハッシュの種が0", environment={"PYTHONHASHSEED": "0"}),
    Condition("ハッシュの種が1、後ろから", order="後ろから", environment={"PYTHONHASHSEED": "1"}),
    Condition("ハッシュの種が4242、順を混ぜる", order="5", environment={"PYTHONHASHSEED": "4242"}),
    Condition(
        "上のすべて",
        order="6",
        workers=1,
        folder=JAPANESE_FOLDER,
        environment=C_LOCALE | TOKYO | {"PYTHONHASHSEED": "7"},
        offline=True,
        busy=True,
    ),
)


# --- 出力を比べる -------------------------------------------------------------


def replacements(path: Path = ROOT / "tests" / "sanitize.cfg") -> list[tuple[re.Pattern, str]]:
    """実行のたびに変わってよいもの（nbvalと同じ決まり）。"""
    rules = configparser.RawConfigParser()
    rules.read(path, encoding="utf-8")
    return [(re.compile(rules[name]["regex"]), rules[name]["replace"]) for name in rules.sections()]


def outputs(notebook: Path) -> list[list[str]]:
    """コードセルごとの、変わってよいものを除いた出力の文字列。"""

    def cleaned(text: object) -> str:
        text = str(text)
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    rules = replacements()
    return [
        [
            cleaned(text)
            for output in cell.outputs
            for text in ([output.text] if "text" in output else output.get("data", output).values())
        ]
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code"
    ]


def differences(reference: Path, other: Path) -> list[str]:
    """2つのフォルダーの、同じ名前のノートブックで、出力が違うセル（``名前 番号``）。"""
    found = []
    for notebook in sorted(reference.glob("*.ipynb")):
        pairs = zip(outputs(notebook), outputs(other / notebook.name), strict=True)
        found += [
            f"{notebook.stem} コードセル{number}"
            for number, (one, two) in enumerate(pairs, start=1)
            if one != two
        ]
    return found


# --- 1回動かす ----------------------------------------------------------------


def spin() -> None:
    while True:
        pass


@contextlib.contextmanager
def busy_cpus(wanted: bool) -> Iterator[None]:
    """``wanted`` なら、``with`` の間、CPUの数だけ計算を続ける。"""
    loads = [multiprocessing.Process(target=spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for load in loads if wanted else []:
        load.start()
    try:
        yield
    finally:
        for load in loads if wanted else []:
            load.terminate()


def tree_memory(process: int) -> Counter[str]:
    """``process`` とその子が使っているメモリー（バイト）。"""
    found = Counter()
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(process)
        for one in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                found["process"] += one.memory_info().rss
    return found


def run_command(command: list[str], project: Path, condition: Condition) -> tuple[str, int]:
    """コマンドを動かし、失敗したときの出力（できれば空）と、メモリーの最大（バイト）を返す。"""
    command = [*OFFLINE, *command] if condition.offline else command
    process = subprocess.Popen(
        command,
        cwd=project,
        env=clean_environment(**condition.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    with MemoryWatch(lambda: tree_memory(process.pid)) as watch:
        said, _ = process.communicate()
    return said if process.returncode else "", watch.peak["process"]


def run(condition: Condition, names: list[str], reference: Path) -> Run:
    """``condition`` で、授業 ``names`` を1回動かす。``reference`` が空なら、その結果を基準として残す。"""
    order = condition.sorted(names)
    with project_copy(condition.folder) as project, busy_cpus(condition.busy):
        executed = project / "_build" / "executed"
        workers = str(condition.workers)
        started = time.monotonic()
        said, memory = run_command(
            [*module("tools.course.execute", *order), "--workers", workers], project, condition
        )
        problems = [said] if said else []
        if not problems and not reference.exists():
            shutil.copytree(executed, reference)
        elif not problems:
            problems += differences(reference, executed)
            shutil.copytree(reference, executed, dirs_exist_ok=True)
        if not problems:
            notebooks = [f"_build/executed/{name}.ipynb" for name in order]
            options = f"-q -p no:cacheprovider -n {workers} --dist loadfile".split()
            command = module(
                "tools.workspace", "run", "--", *module("pytest", *options), *notebooks
            )
            said, more = run_command(command, project, condition)
            problems, memory = [said] if said else [], max(memory, more)
        seconds = time.monotonic() - started
    today = date.today().isoformat()
    return Run(condition.name, today, round(seconds), round(memory / 2**20), problems)


def save(one: Run, path: Path) -> None:
    """``path`` の、同じ条件の行を ``one`` に置き換える。行の順は ``CONDITIONS`` のとおり。"""
    runs = json.loads(path.read_text(encoding="utf-8"))["runs"] if path.exists() else []
    rows = {row["name"]: row for row in [*runs, asdict(one)]}
    named = [condition.name for condition in CONDITIONS if condition.name in rows]
    machine = heading()["machine"]
    write_result(path, {"machine": machine, "runs": [rows[name] for name in named]})


def main(arguments: list[str] | None = None) -> int:
    """コマンドラインの入口。1回でも失敗するか、出力が違えば1を返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.measure.trials", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="授業", help="番号か名前の先頭（省くと全部）")
    numbers = range(1, len(CONDITIONS) + 1)
    parser.add_argument(
        "--only", type=int, nargs="+", choices=numbers, default=numbers, metavar="番号",
        help="動かす条件（省くと全部）。基準の1番は、いつも動かす",
    )  # fmt: skip
    parser.add_argument("--save", action="store_true", help="book/trials.json に書く")
    options = parser.parse_args(arguments)
    prefixes = tuple(options.names or [""])
    names = [path.stem for path in lesson_paths() if path.stem.startswith(prefixes)]
    if not names:
        parser.error(f"{'、'.join(prefixes)} で始まる授業がありません。")
    make_parts()
    path = RESULT if options.save else KEPT
    same = True
    with tempfile.TemporaryDirectory(prefix="trials-") as folder:
        for number in sorted({1, *options.only}):
            one = run(CONDITIONS[number - 1], names, Path(folder, "reference"))
            same = same and not one.problems
            mark = "違いがありました" if one.problems else "同じ"
            print(f"{number:2} {one.name}: {one.seconds}秒、{one.megabytes}MB、{mark}", flush=True)
            print(*one.problems, sep="\n", end="" if not one.problems else "\n", flush=True)
            save(one, path)
            if number == 1 and one.problems:
                print("基準になる1回目が終わらなかったので、ここで止めます。", file=sys.stderr)
                break
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
