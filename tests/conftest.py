"""試験で共に使うもの。"""

import builtins
import os
import tempfile
import threading
from functools import partial
from http.server import ThreadingHTTPServer

import pytest
from projects import empty_project

from tools.book import build, chromium
from tools.course.lesson import LESSONS
from tools.course.weave import weave


def pytest_configure(config):
    """利用者のIPythonの設定を、ノートブックの試験（nbval）に持ち込まない。"""
    folder = tempfile.TemporaryDirectory(prefix="ipython-")
    config.add_cleanup(folder.cleanup)
    os.environ["IPYTHONDIR"] = folder.name


@pytest.fixture
def project(tmp_path):
    """道具だけを写した、授業の無いプロジェクト。パスに空白と日本語を含む。"""
    return empty_project(tmp_path / "授業 ノート")


@pytest.fixture(scope="session")
def html():
    """組み立てた本のフォルダー。"""
    return build.build(extra=build.downloads)


@pytest.fixture(scope="session")
def site(html):
    """本を手元だけに見せるサーバーの住所。"""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(build.QuietHandler, directory=str(html)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser(html):  # 開いている間はasyncioを使えないので、本を先に組み立てる
    """Chromium。無い場所では、使う試験を飛ばす。"""
    try:
        with chromium.opened() as browser:
            yield browser
    except chromium.NoChromium as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()


@pytest.fixture
def run_lesson(monkeypatch):
    """授業を解答つきで（``exercises`` が偽なら練習の前まで）上から実行し、できた変数を返す関数。"""
    monkeypatch.setattr(builtins, "display", lambda *_: None, raising=False)
    import matplotlib

    matplotlib.use("Agg")

    def run(name, exercises=True):
        path = next(LESSONS.glob(f"{name}_*.py"))
        names = {"__name__": f"lesson_{name}"}
        for cell in weave(path).cells:
            if not exercises and cell.source.startswith("from checks."):
                break
            if cell.cell_type == "code":
                exec(compile(cell.source, cell.id, "exec"), names)  # noqa: S102
        return names

    return run
