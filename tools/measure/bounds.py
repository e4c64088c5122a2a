"""授業の時間を、何が占めるかを測る。

    python -m tools.measure.bounds [授業の番号か名前の先頭…]

授業を1つずつ、動いているサーバーで実行し、カーネルの起動、import、Spark、MLflow（モデルの保存を含む）、
そのほかの秒数と、セルごとの秒数を ``_build/bounds.json`` に書く。
失敗した授業は伝えて飛ばす。
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import xml.etree.ElementTree as ET
from datetime import datetime
from pathlib import Path

import nbformat

from tools.course import execute
from tools.course import legs as legs_record
from tools.course.lesson import LESSONS, lesson_paths, notebook_cell
from tools.course.weave import weave
from tools.measure.project_copy import module, timed
from tools.workspace.provision import ROOT
from tools.workspace.sessions import server_for_build

RESULT = ROOT / "_build" / "bounds.json"
STOPWATCH = Path(__file__).with_name("stopwatch.py")
KINDS = {
    "kernel": "カーネルの起動",
    "imports": "import",
    "spark": "Spark",
    "mlflow": "MLflow",
    "rest": "そのほか",
}
SLOWEST = 10  # 並べるセルの数


# --- 測る ---------------------------------------------------------------------


def measure(path: Path) -> dict:
    """授業1つの、行き先ごとの秒数とセルごとの秒数。"""
    import papermill

    notebook = weave(path)
    clock = notebook_cell("code", STOPWATCH.read_text(encoding="utf-8"), {})
    report = notebook_cell("code", "_stopwatch.report()", {})
    clock.id, report.id = "stopwatch", "report"
    notebook.cells = [clock, *notebook.cells, report]
    with tempfile.TemporaryDirectory(prefix="bounds-") as folder:
        source, target = Path(folder, "woven.ipynb"), Path(folder, "executed.ipynb")
        nbformat.write(notebook, source)
        papermill.execute_notebook(
            source,
            target,
            progress_bar=False,
            execution_timeout=execute.CELL_TIMEOUT,
            start_timeout=execute.KERNEL_TIMEOUT,
        )
        return summarize(nbformat.read(target, as_version=4))


def summarize(notebook: nbformat.NotebookNode) -> dict:
    """papermillがノートブックとセルに書いた時刻と、時計のセルが表示した秒数をまとめる。"""
    whole = notebook.metadata.papermill
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    starts = [
        datetime.fromisoformat(each.start_time) for each in (whole, ran[0].metadata.papermill)
    ]
    seconds = {"kernel": (starts[1] - starts[0]).total_seconds()}
    seconds |= json.loads(ran[-1].outputs[0].text)
    seconds["rest"] = whole.duration - sum(seconds.values())
    return {
        "seconds": {kind: round(value, 2) for kind, value in seconds.items()},
        "cells": [
            {"line": cell.source.strip().split("\n")[0], "seconds": round(each, 2)}
            for cell in ran[1:-1]
            if (each := cell.metadata.papermill.duration) is not None
        ],
    }


def nbval(project: Path, names: list[str]) -> tuple[dict[str, float], list[str]]:
    """``project`` の実行済みの授業をnbvalにかけ、授業ごとの秒数と、出力の違ったセルを返す。"""
    paths = [f"_build/executed/{name}.ipynb" for name in names]
    with tempfile.TemporaryDirectory(prefix="nbval-") as folder:
        report = Path(folder, "report.xml")
        tests = module("pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *paths)
        command = module("tools.workspace", "run", "--", *tests)
        timed(command, project, may_fail=True, IPYTHONDIR=folder)
        cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 自分で動かしたpytestの記録
    seconds = dict.fromkeys(names, 0.0)
    for case in cases:
        name = next(name for name in names if name in case.get("classname"))
        seconds[name] = round(seconds[name] + float(case.get("time")), 2)
    different = [
        f"{case.get('classname')} {case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    return seconds, different


def legs(names: list[str]) -> dict[str, dict[str, float]]:
    """``book/legs.json`` に記録してある、Databricksと同じ環境ごとの、授業の秒数。"""
    known = legs_record.read_results()
    return {
        leg: {name: known[name][leg]["seconds"] for name in names if leg in known.get(name, {})}
        for leg in legs_record.LEGS
    }


# --- 表示 ---------------------------------------------------------------------


def lines(measured: dict[str, dict]) -> list[str]:
    """授業ごとの内訳と、時間のかかるセル。"""
    found = []
    for name, one in measured.items():
        parts = "、".join(f"{KINDS[kind]} {value:.1f}" for kind, value in one["seconds"].items())
        found.append(f"{name}  {sum(one['seconds'].values()):.1f}秒（{parts}）")
    cells = [
        (cell["seconds"], name, cell["line"])
        for name in measured
        for cell in measured[name]["cells"]
    ]
    found += [
        f"時間のかかるセル  {seconds:.1f}秒  {name}  {line}"
        for seconds, name, line in sorted(cells, reverse=True)[:SLOWEST]
    ]
    return found


def main() -> int:
    """測りながら書く。失敗した授業があれば1を返す。"""
    failed = False
    measured: dict[str, dict] = {}
    RESULT.parent.mkdir(exist_ok=True)
    chosen = tuple(sys.argv[1:]) or ("",)
    with server_for_build() as server, contextlib.ExitStack() as stack:
        execute.use_environment(server)
        stack.enter_context(contextlib.chdir(LESSONS))
        stack.enter_context(execute.jupyter_folders())
        for path in lesson_paths():
            if not path.stem.startswith(chosen):
                continue
            try:
                measured[path.stem] = measure(path)
            except Exception as error:
                failed = True
                print(f"{path.stem} を測れませんでした: {error}", file=sys.stderr, flush=True)
            RESULT.write_text(json.dumps(measured, ensure_ascii=False), encoding="utf-8")
    print("\n".join(lines(measured)))
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
