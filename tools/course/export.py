"""授業を、Databricks・JupyterLab・Colabでそのまま開けるノートブックに書き出す。

使い方::

    python -m tools.course.export

``_build/notebooks/`` が、``notebooks`` ブランチとして公開する木そのものになる::

    README.md                 授業の一覧
    lessons/NN_題.ipynb        受講者用（解答も出力も無い）
    solutions/NN_題.ipynb      講師用（練習に解答が入っている）
    project/databricks.yml    レッスン42のバンドル。Gitフォルダーから、そのまま出せる

どちらのフォルダーにも、授業が import するモジュール、書体、文章に載せた写真を一緒に置く。
写真は隣のファイルを指し（Databricksの文書にある、相対パスの画像）、
ノートブックだけを持ち出しても見られるように、写しを畳んで埋め込む。
同じ材料からは、いつも同じバイト列ができる。
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import sys
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from tools.course import site
from tools.course.files import read_yaml, write_all
from tools.course.lesson import (
    LESSONS,
    PROJECT,
    ROOT,
    SOLUTIONS,
    Cell,
    Lesson,
    LessonError,
    group_exercises,
    heading_of,
    imported_modules,
    is_figure,
    lesson_paths,
    module_paths,
    notebook_cell,
    present,
    project_paths,
    read_lesson,
    read_source,
)
from tools.course.times import times

NOTEBOOKS = ROOT / "_build" / "notebooks"
LICENSES = ("LICENSE", "LICENSE-TEXT", "LICENSE-DATA")
ADDED = "book-link"  # 書き出す時に足したセルのタグ
PICTURE = re.compile(r"!\[([^\]]*)\]\((pictures/\w+\.png)\)")  # 文章に載せた、画面の写真


def learner_notebook(lesson: Lesson) -> NotebookNode:
    """受講者用のノートブック。確認の後に、解答の載った本のページへのリンクを足す。"""
    cells = []
    for cell in present(lesson).cells:
        cells += _with_pictures(cell)
        if cell.role[0] == "確認":
            cells.append(_answer_link(lesson.path.stem, cell.role[1]))
    return _notebook(lesson, cells)


def solution_notebook(lesson: Lesson) -> NotebookNode:
    """講師用のノートブック。練習のセルを、説明を添えた解答に替える。

    解答のない練習があれば ``LessonError``。
    """
    exercises = group_exercises(lesson, read_lesson(SOLUTIONS / lesson.path.name))
    cells = []
    for cell in present(lesson).cells:
        role, number = cell.role
        if role != "練習":
            cells += _with_pictures(cell)
            continue
        answer = exercises[number].answer
        if answer is None:
            raise LessonError(f"{lesson.path.name}: 解答 {number} が solutions にありません。")
        cells += [_copy(part) for part in (answer.prose, answer.code) if part]
    return _notebook(lesson, cells)


def _copy(cell: Cell) -> NotebookNode:
    closed = {"jupyter": {"source_hidden": True}} if is_figure(cell) else {}
    return notebook_cell(cell.kind, cell.source, {**cell.metadata, **closed})


def _with_pictures(cell: Cell) -> list[NotebookNode]:
    """セルの写し。写真があれば、その写しを埋め込んだ、畳んだセルを添える。"""
    copies = [
        f"![{alt}](data:image/png;base64,{base64.b64encode((LESSONS / name).read_bytes()).decode()})"
        for alt, name in PICTURE.findall(cell.source if cell.kind == "markdown" else "")
    ]
    if not copies:
        return [_copy(cell)]
    summary = "<summary>写真が出ない時は、ここを開く</summary>"
    folded = "\n\n".join([f"<details>{summary}", *copies, "</details>"])
    return [_copy(cell), notebook_cell("markdown", folded, {"tags": [ADDED]})]


def _answer_link(stem: str, number: int) -> NotebookNode:
    page = f"{site.book()}lessons/{stem}.html#answer-{number}"
    text = f"解答 {number} と、よくある間違いは、[本のページ]({page})に畳んであります。"
    return notebook_cell("markdown", text, {"tags": [ADDED]})


def _notebook(lesson: Lesson, cells: list[NotebookNode]) -> NotebookNode:
    seen: Counter[str] = Counter()
    for cell in cells:
        text = "\0".join([lesson.path.stem, cell.cell_type, cell.source])
        seen[text] += 1
        digest = hashlib.sha256(f"{text}\0{seen[text]}".encode()).digest()[:16]
        cell.id = digest.hex()
        cell.metadata["application/vnd.databricks.v1+cell"] = _databricks_cell(cell, digest)
    return new_notebook(cells=cells, metadata=_metadata(lesson))


def _databricks_cell(cell: NotebookNode, digest: bytes) -> dict:
    """Databricksがセルに書く記録。題の付いたセルは、題が見えるようにする。"""
    title = cell.metadata.get("title", "")
    return {
        "cellMetadata": {},
        "inputWidgets": {},
        "nuid": str(uuid.UUID(bytes=digest)),
        "showTitle": bool(title),
        "tableResultSettingsMap": {},
        "title": title,
    }


def _metadata(lesson: Lesson) -> dict:
    """カーネルの名前と、Databricksがノートブックに書く記録（環境バージョンを含む）。"""
    textbook = lesson.metadata["textbook"]
    return {
        "application/vnd.databricks.v1+notebook": {
            "computePreferences": None,
            "dashboards": [],
            "environmentMetadata": {
                "base_environment": "",
                "environment_version": str(textbook["environment_version"]),
            },
            "inputWidgetPreferences": None,
            "language": "python",
            "notebookMetadata": {"pythonIndentUnit": 4},
            "notebookName": lesson.path.stem,
            "widgets": {},
        },
        "kernelspec": lesson.metadata["kernelspec"],
        "language_info": {"name": "python"},
        "textbook": textbook,
    }


MAKERS = {"lessons": learner_notebook, "solutions": solution_notebook}


# --- 木を作る -----------------------------------------------------------------


def lesson_list(lessons: list[Lesson], prefix: str = "") -> str:
    """授業の一覧（Markdown）。``prefix`` は、一覧から見たノートブックのフォルダー。"""
    toc = read_yaml(ROOT / "_toc.yml")
    lines = ["# 授業の一覧", "", "題を選ぶと、ノートブックが開きます。", ""]
    for part in toc["parts"]:
        inside = [lesson for lesson in lessons if in_part(part, lesson.path.stem)]
        items = [_list_item(lesson, prefix) for lesson in inside]
        if items:
            lines += [f"## {part['caption']}", "", *items, ""]
    if prefix:
        lines += ["レッスン42が読むバンドルは、[project](project/README.md)にもあります。"]
    lines += [
        f"結果の載ったページと解答は、[本]({site.book()})にあります。",
        f"Databricksで動かす手順は、[こちらのページ]({site.book()}free_edition.html)にあります。",
    ]
    return "\n".join(lines) + "\n"


def in_part(part: dict, name: str) -> bool:
    """目次の部 ``part`` に、授業 ``name`` が入るか。"""
    globs = (chapter.get("glob", "") for chapter in part["chapters"])
    return any(fnmatch(f"lessons/{name}", glob) for glob in globs)


def _list_item(lesson: Lesson, prefix: str) -> str:
    title = heading_of(present(lesson).cells[0].source)
    labels = "、".join(times(lesson).labels)
    return f"- [{title}]({prefix}{lesson.path.stem}.ipynb)（{labels}）"


def picture_paths(folder: Path = LESSONS) -> list[Path]:
    """授業の文章に載せる、画面の写真。"""
    return sorted((folder / "pictures").glob("*.png"))


def project() -> dict[str, bytes]:
    """レッスン42のバンドル。名前 → 中身。スクリプトと試験が import する授業のモジュールも入る。"""
    folder = LESSONS / PROJECT
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in project_paths()}
    added: set[Path] = set()
    for part in ("src", "tests"):  # 試験は、src のモジュールも読める
        texts = (read_source(path) for path in sorted((folder / part).glob("*.py")))
        new = imported_modules("\n".join(texts)) - added
        files |= {f"{part}/{path.name}": path.read_bytes() for path in new}
        added |= new
    return files


def modules() -> dict[str, bytes]:
    """授業と同じフォルダーに置くもの（モジュール、書体、写真、バンドル）。名前 → 中身。"""
    fonts = sorted((LESSONS / "figures" / "fonts").iterdir())
    paths = [*module_paths(), *fonts, *picture_paths()]
    files = {path.relative_to(LESSONS).as_posix(): path.read_bytes() for path in paths}
    return files | {f"{PROJECT}/{name}": content for name, content in project().items()}


def tree(folders: Iterable[str] = tuple(MAKERS)) -> dict[str, bytes]:
    """公開する木のファイル。名前 → 中身。``folders`` は、入れるフォルダー。"""
    lessons = [read_lesson(path) for path in lesson_paths()]
    files = {"README.md": lesson_list(lessons, "lessons/").encode()}
    files |= {name: (ROOT / name).read_bytes() for name in LICENSES}
    files |= {f"project/{name}": content for name, content in project().items()}
    beside = modules()
    for folder in folders:
        files |= {f"{folder}/{name}": content for name, content in beside.items()}
        for lesson in lessons:
            name = f"{folder}/{lesson.path.stem}.ipynb"
            files[name] = nbformat.writes(MAKERS[folder](lesson)).encode()
    return files


def archive() -> bytes:
    """受講者に渡すもの（解答を除いた木）を固めたzip。"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in sorted(tree(("lessons",)).items()):
            info = zipfile.ZipInfo(f"databricks-notebooks/{name}")
            packed.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def export(folder: Path = NOTEBOOKS) -> Path:
    """木を ``folder`` に置く。``folder`` にあった、木に無いファイルは消す。"""
    write_all(folder, tree())
    return folder


def main() -> int:
    """コマンドラインの入口。"""
    try:
        print(f"ノートブックを書き出しました: {export()}")
    except LessonError as error:
        print(f"エラー: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
