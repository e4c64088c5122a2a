"""授業と解答のファイルを読み、セルと練習にまとめる。

percent 形式を読むところはここだけに置く。検査も組み立ても、ここで読んだものを使う。
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import jupytext
import nbformat
from markdown_it import MarkdownIt

from tools import ROOT

LESSONS = ROOT / "lessons"
SOLUTIONS = ROOT / "solutions"
# 「# copy を作る」のような注釈を、マジックに変えさせない。
FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
MARKDOWN = MarkdownIt("commonmark").enable("table")
FIGURE = "figure"  # 図を描くだけのセルのタグ
ADVANCED = "4567"  # 発展の、番号の1桁目
PROJECT = "bundle"  # レッスン42が読むバンドルの、授業のフォルダーの中での名前
SELF_STUDY = "【自習】"  # 教室で飛ばす節と練習の、見出しの終わりに付ける印
RIGHT = "正解です。"  # 理解度チェックの、正解の選択肢の説明はこれで始まる

_MARKER = re.compile(r"^#\s*%%(?!%)")
_ROLE = re.compile(r"^(練習|確認|解答|誤答|別解) ([1-9]\d*)([a-z]?)$")
_SOURCE = re.compile(r'^ +"source": \[')
_LESSON_NAME = re.compile(r"^\d\d_\w+\.py$")
_LINK = re.compile(r"\[\[(\d\d_\w+)\]\]")
_TITLE = re.compile(r"^# # (.+)$", re.MULTILINE)


class LessonError(Exception):
    """ファイルを授業として読めない。文言は利用者に見せる日本語。"""


@dataclass(frozen=True)
class Cell:
    """セル一つ。

    kind は "markdown" か "code"（動かさずに見せるコードは "raw"）、title は見出し行に書いた題（無ければ空）。
    line は source の1行目が元ファイルの何行目にあるか（1から数える。ファイルに無いセルは0）。
    """

    kind: str
    title: str
    source: str
    line: int
    metadata: dict

    @property
    def role(self) -> tuple[str, int]:
        """("練習", 1) のような役と番号。役の無いセルは ("", 0)。"""
        match = _ROLE.match(self.title)
        return (match[1], int(match[2])) if match else ("", 0)


def is_figure(cell: Cell | nbformat.NotebookNode) -> bool:
    """図を描くだけなので、コードを畳んで見せるセルか。"""
    return FIGURE in cell.metadata.get("tags", [])


@dataclass(frozen=True)
class Part:
    """題の付いたコードセルと、その直前の文章（無ければ None）。"""

    code: Cell
    prose: Cell | None


@dataclass
class Exercise:
    """練習一つ分。まだ見つかっていない部分は None のまま残る。"""

    number: int
    stub: Part | None = None
    check: Part | None = None
    answer: Part | None = None
    wrong: list[Part] = field(default_factory=list)
    others: list[Part] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """足りないセルの題。"""
        parts = {
            "練習": self.stub,
            "確認": self.check,
            "解答": self.answer,
            "誤答": self.wrong,
            "別解": self.others,
        }
        return [f"{role} {self.number}" for role, part in parts.items() if not part]


@dataclass(frozen=True)
class Lesson:
    """読み込んだファイル一つ。metadata はノートブックのもの（kernelspec, textbook）。"""

    path: Path
    text: str
    metadata: dict
    cells: list[Cell]

    def parts(self) -> list[Part]:
        """題の付いたコードセルを、直前の文章と組にして順に返す。"""
        found = []
        for before, cell in zip([None, *self.cells], self.cells, strict=False):
            if cell.kind == "code" and cell.title:
                prose = before if before is not None and before.kind == "markdown" else None
                found.append(Part(cell, prose))
        return found

    def evidence(self) -> list[Cell]:
        """本文の主張を確かめる「裏付け」のセル。"""
        return [cell for cell in self.cells if cell.title.split(" ")[0] == "裏付け"]


def lesson_paths(folder: Path = LESSONS) -> list[Path]:
    """番号で始まる授業（または解答）のファイルを、番号の順に返す。"""
    return sorted(path for path in folder.glob("*.py") if _LESSON_NAME.match(path.name))


def is_advanced(name: str) -> bool:
    """名前が ``NN_題`` の授業が、講座の3つの部の後で1つずつ選んで学ぶ、発展の授業か。"""
    return name[0] in ADVANCED


def module_paths(folder: Path = LESSONS) -> list[Path]:
    """授業が import するモジュール（パッケージの中も）を返す。"""
    project = set((folder / PROJECT).rglob("*.py"))
    return sorted(set(folder.rglob("*.py")) - set(lesson_paths(folder)) - project)


def project_paths(folder: Path = LESSONS) -> list[Path]:
    """レッスン42のバンドルのファイル。"""
    files = (path for path in (folder / PROJECT).rglob("*") if path.is_file())
    return sorted(path for path in files if path.suffix != ".pyc")


def read_by(source: str, folder: Path = LESSONS) -> list[Path]:
    """``source`` が import するモジュールと、そのモジュールが読むバンドルのファイル。"""
    modules = imported_modules(source, folder)
    reads_project = folder / "bundle_project.py" in modules
    return sorted(modules) + (project_paths(folder) if reads_project else [])


def module_names(folder: Path = LESSONS) -> set[str]:
    """授業が ``import`` の最初に書ける、モジュールとパッケージの名前。"""
    return {path.relative_to(folder).with_suffix("").parts[0] for path in module_paths(folder)}


def imported_modules(source: str, folder: Path = LESSONS) -> set[Path]:
    """``source`` が import するモジュール。モジュールの中の import もたどる。"""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        for path in (p for name in _imports(waiting.pop()) for p in _module_files(name, folder)):
            if path.exists() and path not in found:
                found.add(path)
                waiting.append(read_source(path))
                require_code(path, waiting[-1])
    return found


def require_code(path: Path, source: str, line: int = 1) -> None:
    """``path`` の ``line`` 行目からの ``source`` が、Pythonとして読めなければ ``LessonError``。"""
    try:
        _tree(source)
    except SyntaxError as error:
        where = line + (error.lineno or 1) - 1
        raise LessonError(
            f"{path.name}の{where}行目: コードとして読めません（{error.msg}）。"
        ) from None


@cache
def _imports(source: str) -> list[str]:
    """``source`` の import に書かれた名前。"""
    names = []
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
    return names


@cache
def bare_code(source: str) -> str:
    """注釈と書き方の違いを除いたコード。"""
    return ast.unparse(_tree(source))


@cache
def _tree(source: str) -> ast.Module:
    return ast.parse(source)


def _module_files(name: str, folder: Path) -> list[Path]:
    """``a.b`` を import する時に読まれるかもしれないファイル。"""
    parts = name.split(".")
    stems = [folder.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)]
    return [path for stem in stems for path in (stem.with_suffix(".py"), stem / "__init__.py")]


def read_source(path: Path) -> str:
    """授業・解答・モジュールのファイルの中身。先頭のBOMは除く。"""
    return path.read_text(encoding="utf-8-sig")


def read_lesson(path: Path) -> Lesson:
    """percent 形式のファイルを読む。

    読めなければ LessonError を送る。
    """
    return _parse(path, read_source(path))


@cache
def _parse(path: Path, text: str) -> Lesson:
    try:
        notebook = jupytext.reads(text, fmt=FORMAT)
    except Exception as error:  # jupytext は YAML の誤りなどをそのまま送ってくる
        raise LessonError(f"{path}: 先頭の YAML を読めません（{error}）。") from error
    lines = text.splitlines()
    markers = [number for number, line in enumerate(lines, 1) if _MARKER.match(line)]
    if len(markers) != len(notebook.cells):
        raise LessonError(
            f"{path}: セルの区切りを数えられません。"
            "最初の `# %%` より前や文字列の中に、セルの中身や `# %%` がないか見てください。"
        )
    cells = [
        Cell(
            kind=cell.cell_type,
            title=cell.metadata.get("title", ""),
            source=cell.source,
            line=_first_line(lines, marker, cell.source),
            metadata={k: v for k, v in cell.metadata.items() if k != "lines_to_next_cell"},
        )
        for marker, cell in zip(markers, notebook.cells, strict=True)
    ]
    metadata = {k: v for k, v in notebook.metadata.items() if k in {"kernelspec", "textbook"}}
    return Lesson(path, text, metadata, cells)


def present(lesson: Lesson) -> Lesson:
    """読み手に見せる形の授業。本やノートブックにする直前に、1度だけ通す。

    先頭の見出しには、ファイルの番号を付ける。本文が「レッスン14」と呼ぶ番号である。
    文章の ``[[NN_題]]`` は、その授業へのリンクにする。授業がまだ無ければ、その行ごと落とす。
    """
    cells = [
        replace(cell, source=_link(cell.source, lesson.path.parent))
        if cell.kind == "markdown"
        else cell
        for cell in lesson.cells
    ]
    heading = re.sub(r"^# ", f"# {lesson.path.name[:2]}. ", cells[0].source)
    return replace(lesson, cells=[replace(cells[0], source=heading), *cells[1:]])


def _link(source: str, folder: Path) -> str:
    """``[[NN_題]]`` を、題の付いたリンクにした文章。"""
    titles = {
        name: _TITLE.search(read_source(path))
        for name in _LINK.findall(source)
        if (path := folder / f"{name}.py").exists()
    }
    links = {name: f"[{name[:2]}. {title[1]}]({name}.ipynb)" for name, title in titles.items()}
    return link_lessons(source, links)


def link_lessons(source: str, links: Mapping[str, str]) -> str:
    """``[[NN_題]]`` を、``links`` にあるリンクに替える。``links`` に無い授業を名指す行は落とす。"""
    lines = [line for line in source.split("\n") if set(_LINK.findall(line)) <= set(links)]
    return _LINK.sub(lambda found: links[found[1]], "\n".join(lines))


def read_notebook(path: Path) -> Lesson:
    """書き出したノートブック（.ipynb）を読む。line は、JSONの中でのコードの行を指す。

    読めなければ LessonError を送る。
    """
    text = path.read_text(encoding="utf-8")
    try:
        notebook = nbformat.reads(text, as_version=4)
    except Exception as error:  # nbformat は JSON の誤りなどをそのまま送ってくる
        raise LessonError(f"{path}: ノートブックとして読めません（{error}）。") from error
    starts = [n for n, line in enumerate(text.splitlines(), 1) if _SOURCE.match(line)]
    if len(starts) != len(notebook.cells):  # 1行に詰めたJSON
        starts = [0] * len(notebook.cells)
    cells = [
        Cell(cell.cell_type, cell.metadata.get("title", ""), cell.source, start + 1, cell.metadata)
        for cell, start in zip(notebook.cells, starts, strict=True)
    ]
    return Lesson(path, text, dict(notebook.metadata), cells)


def notebook_cell(kind: str, source: str, metadata: Mapping) -> nbformat.NotebookNode:
    """ノートブックのセル。idは空のまま返す。

    nbformatの ``new_code_cell`` などは1つずつ検査するので遅い。検査は、ノートブックを書く時にまとめて受ける。
    """
    empty = {"outputs": [], "execution_count": None} if kind == "code" else {}
    fields = {"id": "", "cell_type": kind, "source": source, "metadata": dict(metadata)}
    return nbformat.from_dict({**fields, **empty})


def heading_of(source: str) -> str:
    """授業やページの Markdown の、1行目の大見出しの題。"""
    return source.partition("\n")[0].removeprefix("# ")


def group_exercises(lesson: Lesson, solutions: Lesson | None = None) -> dict[int, Exercise]:
    """授業の練習を番号でまとめ、解答・誤答・別解を付ける。足りないものは missing で分かる。"""
    exercises: dict[int, Exercise] = {}
    parts = lesson.parts() + (solutions.parts() if solutions else [])
    for part in parts:
        role, number = part.code.role
        if not role:
            continue
        exercise = exercises.setdefault(number, Exercise(number))
        match role:
            case "練習":
                exercise.stub = part
            case "確認":
                exercise.check = part
            case "解答":
                exercise.answer = part
            case "誤答":
                exercise.wrong.append(part)
            case "別解":
                exercise.others.append(part)
    return exercises


def _first_line(lines: list[str], marker: int, source: str) -> int:
    """source の1行目が何行目にあるか。空のセルでは区切りの行。"""
    first = source.partition("\n")[0].strip()
    if not first:
        return marker
    return next(n for n, line in enumerate(lines[marker:], marker + 1) if first in line)
