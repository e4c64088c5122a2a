"""書き出したノートブックの形と、解答が混じらないこと。"""

import json
import re
import shutil
import subprocess
import zipfile
from copy import deepcopy
from io import BytesIO
from pathlib import Path

import nbformat
import pytest

from tools.checks import lint
from tools.course import export, site
from tools.course.lesson import (
    SOLUTIONS,
    group_exercises,
    is_figure,
    lesson_paths,
    present,
    read_lesson,
)

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = [path.stem for path in lesson_paths()]
FORBIDDEN = ("```{", ":::", "{term}", "{doc}")


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    return export.export(tmp_path_factory.mktemp("授業 ノート"))


def notebook(tree: Path, name: str, folder: str = "lessons") -> nbformat.NotebookNode:
    return nbformat.read(tree / folder / f"{name}.ipynb", as_version=4)


def without_links(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [c for c in notebook.cells if export.ADDED not in c.metadata.get("tags", [])]


@pytest.mark.parametrize("folder", ["lessons", "solutions"])
@pytest.mark.parametrize("name", NAMES)
def test_notebooks_are_valid_small_and_plain(tree, name, folder):
    path = tree / folder / f"{name}.ipynb"
    assert path.stat().st_size <= 10 * 2**20
    book = notebook(tree, name, folder)
    nbformat.validate(book)
    for cell in book.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        if cell.cell_type == "markdown":
            assert not [mark for mark in FORBIDDEN if mark in cell.source]


@pytest.mark.parametrize("name", NAMES)
def test_metadata_is_what_databricks_and_jupyter_read(tree, name):
    book = notebook(tree, name)
    assert book.metadata.kernelspec.name == "python3"
    assert book.metadata.language_info.name == "python"
    databricks = book.metadata["application/vnd.databricks.v1+notebook"]
    assert databricks["environmentMetadata"] == {
        "base_environment": "",
        "environment_version": "6",
    }
    assert databricks["language"] == "python"
    assert databricks["notebookName"] == name
    nuids = [c.metadata["application/vnd.databricks.v1+cell"]["nuid"] for c in book.cells]
    assert len(set(nuids)) == len(nuids)
    shown = {
        c.metadata["application/vnd.databricks.v1+cell"]["title"]
        for c in book.cells
        if c.metadata["application/vnd.databricks.v1+cell"]["showTitle"]
    }
    assert shown == {c.metadata.title for c in book.cells if "title" in c.metadata}


@pytest.mark.parametrize("name", NAMES)
def test_round_trip_gives_the_source_back(tree, name):
    back = without_links(notebook(tree, name))
    source = present(read_lesson(ROOT / "lessons" / f"{name}.py")).cells
    assert [(c.cell_type, c.source) for c in back] == [(c.kind, c.source) for c in source]
    for mine, original in zip(back, source, strict=True):
        for key in ("title", "mystnb", "tags"):
            assert mine.metadata.get(key) == original.metadata.get(key)


@pytest.mark.parametrize("name", NAMES)
def test_only_figure_code_is_closed_in_jupyterlab(tree, name):
    closed = {"source_hidden": True}
    for cell in notebook(tree, name).cells:
        assert cell.metadata.get("jupyter") == (closed if is_figure(cell) else None)


def answer_lines(name: str) -> set[str]:
    """解答と誤答のファイルにだけある行。"""
    lesson = (ROOT / "lessons" / f"{name}.py").read_text(encoding="utf-8").splitlines()
    cells = read_lesson(SOLUTIONS / f"{name}.py").cells
    lines = {line.strip() for cell in cells for line in cell.source.splitlines()}
    shown = {line.strip().removeprefix("#").strip() for line in lesson}
    return {line for line in lines if len(line) >= 10} - {line.strip() for line in lesson} - shown


def leaks(text: str, name: str) -> list[str]:
    """``text`` に混じっている、解答の行。"""
    present = {line.strip() for line in text.splitlines()}
    return sorted(present & answer_lines(name))


@pytest.mark.parametrize("name", NAMES)
def test_learner_notebooks_hold_no_answers(tree, name):
    book = notebook(tree, name)
    assert not leaks("\n".join(cell.source for cell in book.cells), name)
    assert "solution" not in json.dumps(book.metadata)
    titles = [cell.metadata.get("title", "") for cell in book.cells]
    assert not [title for title in titles if title.startswith(("解答", "誤答", "裏付け"))]
    stubs = [cell for cell in book.cells if cell.metadata.get("title", "").startswith("練習")]
    assert stubs
    assert all("..." in cell.source for cell in stubs)


@pytest.mark.parametrize("name", NAMES)
def test_a_planted_answer_is_found(tree, name):
    filled = notebook(tree, name, "solutions")
    assert leaks("\n".join(cell.source for cell in filled.cells), name)


@pytest.mark.parametrize("name", NAMES)
def test_solution_notebooks_are_the_lesson_with_the_answers_filled_in(tree, name):
    lesson = read_lesson(ROOT / "lessons" / f"{name}.py")
    exercises = group_exercises(lesson, read_lesson(SOLUTIONS / f"{name}.py"))
    filled = notebook(tree, name, "solutions").cells
    titles = [cell.metadata.get("title", "") for cell in filled]
    assert not [title for title in titles if title.startswith("練習")]
    for number, exercise in exercises.items():
        position = titles.index(f"解答 {number}")
        assert filled[position].source == exercise.answer.code.source
        assert titles[position + 1] == f"確認 {number}"


@pytest.mark.parametrize("name", NAMES)
def test_each_check_is_followed_by_a_link_to_its_answer_in_the_book(tree, html, name):
    cells = notebook(tree, name).cells
    page = (html / "lessons" / f"{name}.html").read_text(encoding="utf-8")
    checks = [n for n, c in enumerate(cells) if c.metadata.get("title", "").startswith("確認")]
    assert checks
    for position in checks:
        number = cells[position].metadata.title.split()[1]
        address = re.search(r"\]\((.+?)\)", cells[position + 1].source)[1]
        assert address == f"{site.book()}lessons/{name}.html#answer-{number}"
        assert f'id="answer-{number}"' in page


def test_the_same_sources_give_the_same_bytes():
    assert export.tree() == export.tree()
    assert export.archive() == export.archive()


def test_an_inserted_cell_leaves_the_other_ids_alone():
    lesson = deepcopy(read_lesson(lesson_paths()[1]))  # 読んだ授業は、ほかの試験と共有している
    before = [cell.id for cell in export.learner_notebook(lesson).cells]
    lesson.cells.insert(3, lesson.cells[0])
    after = [cell.id for cell in export.learner_notebook(lesson).cells]
    assert len(set(after)) == len(after)
    assert [one for one in after if one in set(before)] == before


def test_every_file_has_a_name_databricks_accepts(tree):
    for folder in (tree / "lessons", tree / "solutions"):
        stems = {path.stem for path in folder.glob("*.ipynb")}
        assert not stems & {path.stem for path in folder.glob("*.py")}
        for path in folder.rglob("*"):
            assert re.fullmatch(r"[\w.-]+", path.name, re.ASCII)


def test_export_removes_what_is_no_longer_made(tree):
    stray = tree / "lessons" / "99_old.ipynb"
    stray.write_text("{}")
    export.export(tree)
    assert not stray.exists()


def test_the_list_links_to_every_lesson(tree):
    text = (tree / "README.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\((lessons/.+?)\)", text)
    assert links == [f"lessons/{name}.ipynb" for name in NAMES]
    assert all((tree / link).exists() for link in links)


def test_the_archive_holds_the_learners_part(tree):
    with zipfile.ZipFile(BytesIO(export.archive())) as packed:
        names = {name.partition("/")[2] for name in packed.namelist()}
    wanted = {p.relative_to(tree).as_posix() for p in tree.rglob("*") if p.is_file()}
    assert names == {name for name in wanted if not name.startswith("solutions/")}


def test_exported_notebooks_pass_the_serverless_lint(tree):
    for path in sorted(tree.glob("*/*.ipynb")):
        assert lint.lint_notebook(path) == []


@pytest.mark.parametrize("compact", [False, True])
def test_lint_finds_what_a_learner_wrote_into_a_notebook(tree, tmp_path, compact):
    shutil.copytree(tree / "lessons", tmp_path / "lessons")
    path = tmp_path / "lessons" / f"{NAMES[1]}.ipynb"
    book = nbformat.read(path, as_version=4)
    book.cells.append(nbformat.v4.new_code_cell("frame = 1\nframe.rdd.map(str)"))
    text = json.dumps(book) if compact else nbformat.writes(book)
    path.write_text(text, encoding="utf-8")
    (finding,) = lint.lint_notebook(path)
    assert finding.rule == "RDD"
    if not compact:
        assert "frame.rdd.map" in text.splitlines()[finding.line - 1]


def test_lint_reads_notebooks_from_the_command_line(tree, tmp_path):
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{", encoding="utf-8")
    assert lint.main([str(broken)]) == 1
    assert lint.main([str(tree / "lessons" / f"{NAMES[0]}.ipynb")]) == 0


def test_the_repository_address_stands_in_one_place():
    listed = subprocess.run(
        ["git", "grep", "--untracked", "-l", site.owner_and_name()],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    assert listed == ["pyproject.toml"]


def test_a_fork_links_to_itself(monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "someone/fork")
    assert site.book() == "https://someone.github.io/fork/"
    assert site.binder("17_x.ipynb") == (
        "https://mybinder.org/v2/gh/someone/fork/main?urlpath=lab%2Ftree%2Fwork%2F17_x.ipynb"
    )
