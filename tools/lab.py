"""授業を ``work/`` に写し、ワークスペースの中でJupyterLab（日本語表示）を開く。

``work/`` は読み手の作業場で、git は見ない。書き込んだノートブックを上書きすることはない。
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import jupytext
import nbformat

from tools import workspace
from tools.lesson import LESSONS, lesson_paths, module_paths
from tools.provision import ROOT

WORK = ROOT / "work"


def copy_lessons(folder: Path = WORK) -> list[Path]:
    """まだ無い授業をノートブックにして ``folder`` に置き、置いたものを返す。"""
    folder.mkdir(exist_ok=True)
    for module in module_paths():
        shutil.copyfile(module, folder / module.name)
    shutil.copytree(LESSONS / "fonts", folder / "fonts", dirs_exist_ok=True)
    added = []
    for path in lesson_paths():
        target = folder / f"{path.stem}.ipynb"
        if not target.exists():
            nbformat.write(jupytext.read(path, fmt="py:percent"), target)
            added.append(target)
    return added


def main() -> int:
    """JupyterLabを開き、終わるまで待つ。"""
    added = copy_lessons()
    kept = len(lesson_paths()) - len(added)
    print(f"授業を{len(added)}件、workフォルダーに置きました。")
    if kept:
        print(
            f"前からある{kept}件はそのままです。新しく始める時は、そのファイルの名前を変えてください。"
        )
    os.environ["JUPYTER_CONFIG_PATH"] = str(ROOT / "jupyter")
    return workspace.main(
        [
            "run",
            "--shared",
            "--",
            sys.executable,
            "-m",
            "jupyter",
            "lab",
            "--notebook-dir",
            str(WORK),
            *sys.argv[1:],
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
