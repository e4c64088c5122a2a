"""BinderとCodespacesの設定: きれいな写しで、書いてあるとおりの命令を動かす。"""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
import yaml
from playwright.sync_api import expect
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from tools import bootstrap
from tools.book import chromium
from tools.course.lesson import lesson_paths, read_lesson
from tools.course.times import times
from tools.measure import binder
from tools.measure.project_copy import copy_tree
from tools.workspace import lab, provision
from tools.workspace.server import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
# 取り寄せ先と証明書の設定、取り寄せた物の控えだけを、外から引き継ぐ。
INHERITED = re.compile(r"(PIP|UV|SSL|REQUESTS|CURL)_\w+|\w+_proxy", re.IGNORECASE)
needs_browser = pytest.mark.skipif(
    chromium.PATH is None, reason="Chromiumが見つからないので、JupyterLabの画面の試験を飛ばします。"
)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """追いかけているファイルだけの、環境をまだ作っていない写し。"""
    folder = tmp_path_factory.mktemp("binder") / "repository"
    copy_tree(ROOT, folder)
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """何も設定していない利用者の環境変数。"""
    home = tmp_path_factory.mktemp("home")
    kept = {name: value for name, value in os.environ.items() if INHERITED.fullmatch(name)}
    cache = Path.home() / ".cache"
    return {
        "UV_CACHE_DIR": str(cache / "uv"),
        "PIP_CACHE_DIR": str(cache / "pip"),
        **kept,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{sys.base_prefix}/bin:/usr/bin:/bin",
    }


def run(command, clone, environment):
    done = subprocess.run(
        command,
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(clone, environment):
    """``postBuild`` を済ませた写し。"""
    run(["./postBuild"], clone, environment)
    return clone


@pytest.fixture(scope="module")
def session(built, environment):
    """``start`` で始めた1回分。サーバーはこの試験の環境で動く。"""
    with binder.session(built, [], **environment) as server:
        asyncio.run(server.wait_until_ready())
        yield server


def part_names(folder: Path) -> set[str]:
    """部品の名前。書庫の名前は、置き場所によって違う所を除く。"""
    return {re.sub(r"-\w+\.jsa$", ".jsa", path.name) for path in folder.iterdir()}


def test_post_build_leaves_nothing_to_wait_for(built):
    parts = part_names(built / ".workspace" / "parts")
    assert parts == part_names(provision.PARTS)
    notebooks = {path.stem for path in (built / "work").glob("*.ipynb")}
    assert notebooks == {path.stem for path in lesson_paths()}


def test_list_links_to_every_lesson(session):
    text = asyncio.run(session.call("/api/contents/work/README.md?type=file"))["content"]
    for path in lesson_paths():
        lesson = read_lesson(path)
        title = lesson.cells[0].source.partition("\n")[0].removeprefix("# ")
        line = next(line for line in text.splitlines() if f"({path.stem}.ipynb)" in line)
        assert title in line
        minutes = lesson.metadata["textbook"].get("minutes")
        in_class = f"教室{minutes}分、" if minutes else ""
        assert line.endswith(f"（{in_class}自習{times(lesson).self_study}分）")
        found = asyncio.run(session.call(f"/api/contents/work/{path.stem}.ipynb"))
        assert found["type"] == "notebook"


def see_list_and_open_a_lesson(url):
    """一覧が日本語の画面に見え、題を選ぶとノートブックが開く。"""
    with chromium.opened() as browser:
        page = browser.new_page(locale="en-US")
        page.set_default_timeout(60_000)
        page.goto(url)
        expect(page.get_by_role("menuitem", name="ファイル")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("heading", name="授業の一覧")).to_be_visible(timeout=60_000)
        page.get_by_role("link", name="MLflowによる実験管理").click()
        expect(page.locator(".jp-Notebook")).to_be_visible(timeout=60_000)


@needs_browser
def test_session_opens_the_list_in_japanese(session):
    address = f"{session.address}/lab/tree/work/{lab.FIRST_PAGE}?token={session.token}"
    see_list_and_open_a_lesson(address)


def test_notebook_runs_in_the_workspace_with_its_own_environment(session, built):
    code = """
import json, os, sys
import churn, mlflow
from pyspark.sql import SparkSession
count = SparkSession.builder.getOrCreate().range(4).count()
print(json.dumps([sys.prefix, os.getcwd(), mlflow.get_tracking_uri(), count]))
"""

    async def open_and_run():
        kernel = await session.open_notebook("work/17_mlflow_tracking.ipynb")
        return json.loads(await binder.execute(kernel, code))

    prefix, folder, tracking, count = asyncio.run(open_and_run())
    assert Path(prefix).resolve() == built / ".venv"
    assert Path(folder) == built / "work"
    assert tracking.startswith(f"sqlite:///{built}/.workspace/")
    assert count == 4
    server = psutil.Process(session.process.pid)
    assert Path(server.cmdline()[0]) == Path(sys.executable)


def test_killed_session_leaves_nothing_behind(built, environment):
    workspace = built / ".workspace"
    before = set(workspace.glob("temporary-*"))
    with binder.session(built, [], **environment) as server:
        asyncio.run(server.wait_until_ready())
        assert set(workspace.glob("temporary-*")) > before
        tree = psutil.Process(server.process.pid).children(recursive=True)
        assert any("SparkConnectServer" in " ".join(process.cmdline()) for process in tree)
        server.process.kill()
        assert not psutil.wait_procs(tree, 30)[1]
    assert set(workspace.glob("temporary-*")) == before


def test_environment_file_fixes_only_python():
    settings = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert settings["channels"] == ["conda-forge"]
    versions = dict(re.fullmatch(r"([\w-]+)(.*)", one).groups() for one in settings["dependencies"])
    python = versions.pop("python")
    assert set(versions.values()) == {""}
    minor = int(re.fullmatch(r"=3\.(\d+)", python)[1])
    assert bootstrap.OLDEST <= (3, minor) <= bootstrap.NEWEST


# --- Codespaces ---------------------------------------------------------------


@pytest.fixture(scope="module")
def devcontainer():
    return json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))


def test_devcontainer_runs_the_same_python(devcontainer):
    settings = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    version = devcontainer["image"].rpartition(":")[2]
    assert f"python={version}" in settings["dependencies"]


@pytest.fixture(scope="module")
def created(devcontainer, built, environment):
    """``postCreateCommand`` を済ませた写し。"""
    run(shlex.split(devcontainer["postCreateCommand"]), built, environment)
    return built


def test_kernel_of_the_clone_is_offered(created, environment):
    kernels = Path(environment["HOME"], ".local", "share", "jupyter", "kernels")
    spec = json.loads((kernels / "databricks-book" / "kernel.json").read_text(encoding="utf-8"))
    assert Path(spec["argv"][0]) == created / ".venv" / "bin" / "python"


def test_lab_is_ready_behind_a_forwarded_port(created, environment):
    """``make lab`` が一覧を開く。ポートを中継する住所からだけ、カーネルと話せる。"""
    port = free_port()
    settings = Path(environment["HOME"], ".jupyter", "jupyter_server_config.json")
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(json.dumps({"ServerApp": {"allow_root": True, "open_browser": False}}))
    forwarded = {"CODESPACE_NAME": "a-b", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.test"}
    more = {"JUPYTER_PORT": str(port), "JUPYTER_TOKEN": "t", **forwarded}
    process = subprocess.Popen(
        ["make", "lab"],  # noqa: S607
        cwd=created,
        env={**environment, **more},
        stdin=subprocess.DEVNULL,
    )
    server = binder.Session(process, f"http://127.0.0.1:{port}", "t")

    async def visit():
        await server.wait_until_ready()
        browser = AsyncHTTPClient()
        home = await browser.fetch(
            server.request(server.address, follow_redirects=False), raise_error=False
        )
        assert home.headers["Location"].startswith(f"/lab/tree/{lab.FIRST_PAGE}")
        page = await browser.fetch(f"{server.address}/lab?token=t")
        cookies = [one.partition(";")[0] for one in page.headers.get_list("Set-Cookie")]

        async def connect(origin):
            headers = {"Cookie": "; ".join(cookies), "Origin": origin}
            url = f"ws://127.0.0.1:{port}/api/events/subscribe"
            (await websocket_connect(HTTPRequest(url, headers=headers))).close()

        await connect(f"https://a-b-{port}.app.test")
        with pytest.raises(HTTPClientError, match="403"):
            await connect(f"https://other-{port}.app.test")

    try:
        asyncio.run(visit())
    finally:
        tree = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        psutil.wait_procs(tree, 60)
        process.wait(60)
