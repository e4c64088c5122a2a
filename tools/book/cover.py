"""表紙に載せるもの: 授業の見本（図、練習、確認の返事）、最初の授業への入口、札。

見本にする図は、授業のセルにタグ ``cover`` を付けて選ぶ。ほかは、その授業の実行結果から取る。
その授業をまだ実行していなければ、見本も入口も載せない。
"""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

from nbformat import NotebookNode

from tools.book import images
from tools.book.markup import badge_list
from tools.course import site
from tools.course.lesson import ROOT, LessonError
from tools.course.times import Times, advanced_hours, course_totals

COVER = "cover"  # 表紙の図にするセルのタグ


def specimen(lessons: dict[str, NotebookNode]) -> str:
    """図と、その授業の最初の練習と、よくある間違いへの確認の返事を並べたもの。"""
    if not (found := _chosen(lessons)):
        return ""
    name, number = found[0]
    cells = lessons[name].cells
    section = _headings(cells[:number], "## ")[-1]
    roles = [cell.metadata.textbook.role for cell in cells]
    practice = roles.index("stub")
    check, wrong = (cells[roles.index(role, practice)] for role in ("check", "judged-wrong"))
    alt = cells[number].metadata.mystnb.image.alt
    return "\n\n".join(
        [
            '<div class="specimen">\n<div>',
            f"**{section}**",
            f"![{alt}]({_picture(cells[number])[0]})",
            "</div>\n<div>",
            f"**{_headings(cells[:practice], '### ')[-1]}**",
            f"```python\n{check.source}\n```",
            wrong.outputs[0].data["text/html"],
            f"[](lessons/{name}.ipynb)の1節と、練習に間違えて答えた時の返事です。",
            "</div>\n</div>",
        ]
    )


def picture(lessons: dict[str, NotebookNode]) -> dict[str, bytes]:
    """{見本の図のファイルの名前: 中身}。"""
    return dict(_picture(lessons[name].cells[number]) for name, number in _chosen(lessons))


def first_lesson(lessons: dict[str, NotebookNode], times: dict[str, Times], name: str) -> str:
    """授業一つを、読む入口と、Binderで動かす入口。"""
    if name not in lessons:
        return ""
    minutes = times[name].self_study
    return (
        '<div class="start">\n\n'
        f"[まず1つ読む: {title(lessons[name])}（自習{minutes}分）](lessons/{name}.ipynb)\n"
        f"[同じ授業をBinderで動かす]({site.binder(f'{name}.ipynb')})\n\n</div>"
    )


def facts(times: dict[str, Times]) -> str:
    """値段、時間、版を示す札。"""
    in_class, self_study = course_totals(times)
    hours = [f"教室で{in_class / 60:g}時間、全部解くと約{self_study / 60:.0f}時間"]
    if more := advanced_hours(times):
        hours.append(f"発展はさらに{more}")
    return badge_list("この本について", ["無料", "登録なしで読める", *hours, edition()])


def edition(root: Path = ROOT) -> str:
    """版の番号と、手元の履歴で分かる時は、最後に直した日。"""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    command = ["git", "-C", str(root), "log", "-1", "--format=%cd", "--date=format:%Y年%-m月%-d日"]
    try:
        date = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):  # gitが無いか、履歴の無い写し
        date = ""
    return f"第{project['version'].removesuffix('.0')}版" + (f"（{date}）" if date else "")


def title(notebook: NotebookNode) -> str:
    """授業の題。"""
    return _headings(notebook.cells, "# ")[0]


def _chosen(lessons: dict[str, NotebookNode]) -> list[tuple[str, int]]:
    """見本にする図の、授業の名前と、セルの位置。1つか、その授業が未実行なら空。"""
    found = [
        (name, number)
        for name, notebook in lessons.items()
        for number, cell in enumerate(notebook.cells)
        if COVER in cell.metadata.get("tags", [])
    ]
    if len(found) > 1:
        names = "、".join(name for name, _ in found)
        raise LessonError(f"表紙に載せる図は1つです。タグ`{COVER}`を1つだけ残します: {names}")
    return found


def _picture(cell: NotebookNode) -> tuple[str, bytes]:
    """見本の図の、ファイルの名前と中身。"""
    for output in cell.outputs:
        if found := images.picture(output.get("data", {})):
            return f"{COVER}.{found[0]}", found[1]
    raise LessonError(f"タグ`{COVER}`を付けたセルに、図がありません。")


def _headings(cells: list[NotebookNode], mark: str) -> list[str]:
    """決まった段の見出し。上から順に。"""
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    lines = "\n".join(texts).splitlines()
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]
