"""試験で共に使うもの。"""

import threading
from functools import partial
from http.server import ThreadingHTTPServer

import pytest
from projects import empty_project

from tools import book, chromium


@pytest.fixture
def project(tmp_path):
    """道具だけを写した、授業の無いプロジェクト。パスに空白と日本語を含む。"""
    return empty_project(tmp_path / "授業 ノート")


@pytest.fixture(scope="session")
def html():
    """組み立てた本のフォルダー。"""
    return book.build(extra=book.downloads)


@pytest.fixture(scope="session")
def site(html):
    """本を手元だけに見せるサーバーの住所。"""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(book.QuietHandler, directory=str(html)))
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
