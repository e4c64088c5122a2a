"""授業のノートブックを ``work/`` に置く。

``work/`` は読み手の作業場で、git は見ない。書き込んだノートブックを上書きすることはない。
"""

from __future__ import annotations

from pathlib import Path

import nbformat

from tools.course import export
from tools.course.files import write
from tools.course.lesson import lesson_paths, read_lesson
from tools.workspace.lab import FIRST_PAGE, WORK


def copy_lessons(folder: Path = WORK) -> list[Path]:
    """授業の一覧と、まだ無い授業のノートブックを ``folder`` に置き、置いた授業を返す。"""
    lessons = [read_lesson(path) for path in lesson_paths()]
    for name, content in export.modules().items():
        write(folder / name, content)
    write(folder / FIRST_PAGE, export.lesson_list(lessons).encode())
    added = []
    for lesson in lessons:
        target = folder / f"{lesson.path.stem}.ipynb"
        if not target.exists():
            nbformat.write(export.learner_notebook(lesson), target)
            added.append(target)
    return added


def main() -> int:
    """授業を置き、置いた数を知らせる。"""
    added = copy_lessons()
    kept = len(lesson_paths()) - len(added)
    print(f"授業を{len(added)}件、workフォルダーに置きました。", flush=True)
    if kept:
        print(
            f"前からある{kept}件はそのままです。新しく始める時は、そのファイルの名前を変えてください。",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
