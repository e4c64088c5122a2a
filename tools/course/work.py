"""授業を ``work/`` に写し、ワークスペースの中でJupyterLab（日本語表示）を開く。

``work/`` は読み手の作業場で、git は見ない。書き込んだノートブックを上書きすることはない。
``--prepare`` なら、開かずに準備だけをする。
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat

from tools.course import export
from tools.course.files import write
from tools.course.lesson import lesson_paths, read_lesson
from tools.workspace import sessions
from tools.workspace.provision import ROOT

WORK = ROOT / "work"
LIST = "README.md"  # 授業の一覧。JupyterLabは、Markdownの見た目で開く。


def copy_lessons(folder: Path = WORK) -> list[Path]:
    """授業の一覧と、まだ無い授業のノートブックを ``folder`` に置き、置いた授業を返す。"""
    lessons = [read_lesson(path) for path in lesson_paths()]
    for name, content in export.modules().items():
        write(folder / name, content)
    write(folder / LIST, export.lesson_list(lessons).encode())
    added = []
    for lesson in lessons:
        target = folder / f"{lesson.path.stem}.ipynb"
        if not target.exists():
            nbformat.write(export.learner_notebook(lesson), target)
            added.append(target)
    return added


def main(arguments: list[str]) -> int:
    """授業を置き、JupyterLabを開いて終わるまで待つ。"""
    added = copy_lessons()
    kept = len(lesson_paths()) - len(added)
    print(f"授業を{len(added)}件、workフォルダーに置きました。", flush=True)
    if kept:
        print(
            f"前からある{kept}件はそのままです。新しく始める時は、そのファイルの名前を変えてください。",
            flush=True,
        )
    if arguments == ["--prepare"]:
        return sessions.main(["prepare"])
    os.environ["JUPYTER_CONFIG_PATH"] = str(ROOT / "jupyter")
    command = [sys.executable, "-m", "jupyter", "lab", "--notebook-dir", str(WORK)]
    command += [f"--LabApp.default_url=/lab/tree/{LIST}", *arguments]
    if os.geteuid() == 0:  # コンテナやWSL。開くのはこのPCの中だけで、合言葉も要る
        command.append("--allow-root")
    return sessions.main(["run", "--shared", "--", *command])


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
