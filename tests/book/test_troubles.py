"""ページ「動かない時は」: 項目を1つずつ起こし、載せた文が本当に出ることを確かめる。

文書で確かめた項目（documented）だけは、起こさない。
"""

import ast
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from commands import call, environment
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Error, Page

from tools.book import appendix, chromium
from tools.checks import prose
from tools.checks.syntax import literal
from tools.course.lesson import ROOT, lesson_paths
from tools.workspace import provision
from tools.workspace.server import free_port

PATH = ROOT / "book" / "troubles.yml"
GROUPS = yaml.safe_load(PATH.read_text(encoding="utf-8"))
ENTRIES = [entry for group in GROUPS for entry in group["entries"]]
PLACES = {"手元のPC", "Binder・Codespaces", "Databricks"}
KINDS = {"python", "shell", "screen", "message_in", "documented"}
REQUIRED, OPTIONAL = {"title", "where", "meaning", "steps"}, {"error"}
ANSI = re.compile(r"\x1b\[[0-9;]*m")

# free_edition.md の「片付ける」を試すために、消えるはずのものと、残るはずのものを作る。
BEFORE_CLEANING = """
import mlflow
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
for schema in ("churn", "my_own"):
    spark.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    spark.range(3).write.mode("overwrite").saveAsTable(f"{schema}.numbers")
    mlflow.MlflowClient().create_registered_model(f"spark_catalog.{schema}.churn_model")
"""
AFTER_CLEANING = """
names = {model.name for model in client.search_registered_models()}
print({row[0] for row in spark.sql("SHOW SCHEMAS").collect()} & {"churn", "my_own"})
print(names & {"spark_catalog.churn.churn_model", "spark_catalog.my_own.churn_model"})
"""


def entries(kind: str) -> list[dict]:
    return [entry for entry in ENTRIES if kind in entry]


def appears(error: str, text: str) -> bool:
    """``error`` のどの行も ``text`` にあるか。行の中の「…」は、どんな文でもよい。"""
    return all(
        re.search(".*".join(map(re.escape, line.split("…"))), text, re.S)
        for line in error.strip().splitlines()
    )


def cleaning_cells() -> list[str]:
    """free_edition.md の「片付ける」の2つのセル。"""
    page = (ROOT / "book" / "free_edition.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", page.split("片付ける\n")[1], re.S)


# ---- 起こす ----


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """部品だけが共通の、使い捨てのワークスペース。読み手の表には触らない。"""
    provision.ensure_parts()
    folder = tmp_path_factory.mktemp("troubles") / ".workspace"
    folder.mkdir()
    (folder / "parts").symlink_to(provision.PARTS)
    return folder


@pytest.fixture(scope="module")
def cells(folder) -> dict[str, str]:
    """{項目の題: ノートブックのセルに出た文}。片付けの結果は「片付け」に入る。"""
    codes = {entry["title"]: entry["python"] for entry in entries("python")}
    codes |= {"準備": BEFORE_CLEANING}
    first, second = cleaning_cells()
    codes |= {"見る": first, "消す": second, "片付け": AFTER_CLEANING}
    notebook = new_notebook(
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}}
    )
    for title, code in codes.items():
        notebook.cells.append(new_code_cell(code, metadata={"trouble": title}))
    path = folder.parent / "notebook.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "jupyter", "execute", "--allow-errors", "--inplace", str(path)]
    done = call(folder, "run", "--", *command, PYTHONPATH="")
    assert done.returncode == 0, done.stderr
    return {
        cell.metadata.trouble: "\n".join(map(shown, cell.outputs))
        for cell in nbformat.read(path, as_version=4).cells
        if "trouble" in cell.metadata
    }


def shown(output: nbformat.NotebookNode) -> str:
    """セルの出力の文。エラーは、最後の行（名前: 説明）。"""
    if output.output_type == "error":
        return ANSI.sub("", f"{output.ename}: {output.evalue}")
    return output.get("text", "")


@pytest.fixture(scope="module")
def screens(tmp_path_factory) -> dict[str, str]:
    """{JupyterLabで起こしたこと: その時に開いた窓の文}。"""
    if chromium.PATH is None:
        pytest.skip("Chromiumが見つからないので、JupyterLabの画面の試験を飛ばします。")
    folder = tmp_path_factory.mktemp("screens")
    stop_myself = new_code_cell("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(
        new_notebook(cells=[stop_myself], metadata={"kernelspec": kernel}), folder / "a.ipynb"
    )
    port = free_port()
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root",
            f"--notebook-dir={folder}", f"--port={port}", "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
        ],
        env={**os.environ, "JUPYTER_CONFIG_PATH": str(ROOT / "jupyter")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        with chromium.opened() as browser:
            page = browser.new_page()
            open_notebook(page, f"http://127.0.0.1:{port}/lab/tree/a.ipynb")
            page.click(".jp-Notebook .jp-InputArea-editor")
            page.keyboard.press("Shift+Enter")
            found = {"カーネルを強制終了する": dialog(page)}
            server.kill()
            found["JupyterLabを止める"] = dialog(page)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
    return found


def open_notebook(page: Page, address: str) -> None:
    """JupyterLabが動き始めるのを待ってノートブックを開き、カーネルが待機するまで待つ。"""
    deadline = time.monotonic() + 60
    while True:
        try:
            page.goto(address)
            break
        except Error:
            assert time.monotonic() < deadline, "JupyterLabが動き始めません。"
            time.sleep(0.2)
    page.wait_for_selector("#jp-main-statusbar >> text=アイドル", timeout=60_000)


def dialog(page: Page) -> str:
    """次に開く窓の文。読んだ窓は閉じる。"""
    window = page.wait_for_selector(".jp-Dialog", timeout=60_000)
    text = window.inner_text()
    page.locator(".jp-Dialog button").last.click()
    page.wait_for_selector(".jp-Dialog", state="detached")
    return text


@pytest.fixture
def clone(tmp_path) -> Path:
    """環境をまだ作っていない、リポジトリーの写し。"""
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("tools", "jupyter"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def ids(entry: dict) -> str:
    return entry["title"]


@pytest.mark.parametrize("entry", entries("python"), ids=ids)
def test_cell_shows_the_error(cells, entry):
    assert appears(entry["error"], cells[entry["title"]]), cells[entry["title"]]


@pytest.mark.parametrize("entry", entries("shell"), ids=ids)
def test_command_shows_the_error(clone, folder, entry):
    done = subprocess.run(
        ["/bin/bash", "-c", entry["shell"]],
        cwd=clone,
        env=environment(folder, BOOK_PYTHON=sys.executable, LC_ALL="C.UTF-8"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert appears(entry["error"], done.stdout), done.stdout


@pytest.mark.parametrize("entry", entries("screen"), ids=ids)
def test_screen_shows_the_error(screens, entry):
    assert appears(entry["error"], screens[entry["screen"]]), screens


@pytest.mark.parametrize("entry", entries("message_in"), ids=ids)
def test_message_is_still_in_the_source(entry):
    tree = ast.parse((ROOT / entry["message_in"]).read_text(encoding="utf-8"))
    assert any(appears(entry["error"], literal(node)) for node in ast.walk(tree))


# ---- 項目の形 ----


@pytest.mark.parametrize("entry", ENTRIES, ids=ids)
def test_entry_is_whole(entry):
    (kind,) = KINDS & set(entry)
    assert REQUIRED <= set(entry) <= REQUIRED | OPTIONAL | {kind}
    assert set(entry["where"]) <= PLACES
    assert entry["meaning"].strip() and entry["steps"]
    assert "error" in entry or kind == "documented"
    assert entry[kind].strip()


def test_titles_tell_the_entries_apart():
    titles = [entry["title"] for entry in ENTRIES]
    assert len(titles) == len(set(titles)) >= 20


@pytest.mark.parametrize(
    ("error", "text", "expected"),
    [
        ("名前 … がない", "エラー: 名前 churn がない。", True),
        ("名前 … がない", "エラー: 名前 churn がある。", False),
        ("1行目\n2行目", "2行目の後に1行目", True),
        ("1行目\n2行目", "1行目だけ", False),
        ("値（1）", "値1", False),
    ],
)
def test_matching_can_fail(error, text, expected):
    assert appears(error, text) is expected


def test_page_tells_reproduced_from_documented():
    page = appendix.troubles(PATH)
    assert page.count(appendix.DOCUMENTED) == page.count("出典: ") == len(entries("documented"))
    assert page.count(appendix.REPRODUCED) == len(ENTRIES) - len(entries("documented"))


def test_page_keeps_every_sign_of_the_error():
    page = BeautifulSoup(appendix.troubles(PATH), "html.parser")
    found = [tag.get_text("\n") for tag in page.select("p.reply.rejected > code")]
    assert found == [entry["error"].strip() for entry in ENTRIES if "error" in entry]


def test_page_reads_well(tmp_path):
    page = tmp_path / "troubles.md"
    page.write_text(f"# 動かない時は\n\n{appendix.troubles(PATH)}\n", encoding="utf-8")
    assert [str(finding) for finding in prose.lint_prose([page])] == []


# ---- free_edition.md の「片付ける」 ----


def made_by_lessons() -> tuple[set[str], set[str]]:
    """授業が作るスキーマと、登録するモデル（スキーマ.モデル）。"""
    schemas, models = set(), set()
    for path in lesson_paths():
        text = path.read_text(encoding="utf-8")
        found = re.findall(r"CREATE SCHEMA IF NOT EXISTS (\w+)", text)
        schemas |= set(found)
        named = re.findall(r"model_name = f?\".*\.(\w+)\"", text)
        makers = r"model_name = (churn_trace\.open_registry|capstone\.open_company)\("
        if re.search(makers, text):  # 名前はモジュールが付ける
            named.append("churn_model")
        models |= {f"{found[0]}.{one}" for one in named}
    return schemas, models


def test_cleaning_names_everything_lessons_make():
    names = {}
    for node in ast.walk(ast.parse(cleaning_cells()[0])):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List):
            names[node.targets[0].id] = set(ast.literal_eval(node.value))
    assert (names["schemas"], names["models"]) == made_by_lessons()


def test_cleaning_removes_only_what_it_names(cells):
    assert "spark_catalog.churn: ['numbers']" in cells["見る"]
    assert "my_own" not in cells["見る"]
    assert "model_registry_demo.late_modelは消しませんでした" in cells["消す"]
    assert "片付けました。" in cells["消す"]
    assert cells["片付け"] == "{'my_own'}\n{'spark_catalog.my_own.churn_model'}\n"
