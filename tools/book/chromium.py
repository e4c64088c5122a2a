"""組み立てた本を開くChromium。"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATH = next(filter(None, map(shutil.which, NAMES)), None)  # 無ければNone
FLAGS = ["--disable-gpu", "--disable-quic"]  # ほかは、Playwrightが付ける


class NoChromium(Exception):
    """Chromiumが無い。文言は利用者に見せる日本語。"""


@contextmanager
def opened() -> Iterator[Browser]:
    """画面を出さずに動くChromium。出る時に閉じる。無ければNoChromiumを送る。"""
    if PATH is None:
        raise NoChromium(
            "Chromiumが見つかりません。ChromiumかGoogle Chromeを入れてから、もう一度実行してください。"
        )
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=PATH, args=FLAGS) as browser:
            yield browser
