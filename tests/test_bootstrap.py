"""何もないPCでの準備: 失敗は日本語の一文になり、作りかけを信じない。"""

import re
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tools import bootstrap

ROOT = Path(__file__).resolve().parent.parent
Version = namedtuple("Version", "major minor micro releaselevel serial")


@pytest.fixture
def clone(tmp_path):
    """環境をまだ作っていない写し。"""
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("tools", "jupyter"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(clone, *arguments, **environment):
    import os

    return subprocess.run(
        [sys.executable, "tools/bootstrap.py", *arguments],
        cwd=clone,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_unsupported_python(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", Version(*version, 0, "final", 0))
    with pytest.raises(bootstrap.SetupError, match=r"make PYTHON=python3\.12 book"):
        bootstrap.check_python()


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_python(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", Version(*version, 0, "final", 0))
    bootstrap.check_python()


def test_full_disk(monkeypatch):
    usage = shutil.disk_usage(ROOT)._replace(free=100 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(bootstrap.SetupError, match="空きが100MBしかありません"):
        bootstrap.check_space()


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("OSError: [Errno 28] No space left on device", "ディスクの空きがありません"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "SHA-256"),
        ("error: Hash mismatch for `six==1.17.0`", "SHA-256"),
        ("error: Failed to fetch: dns error", "ネットワークの接続"),
    ],
)
def test_explanations(log, message):
    assert message in bootstrap.explain(log)


def test_wrong_hash_is_refused_and_not_trusted_later(clone):
    lock = clone / "uv.lock"
    text = lock.read_text(encoding="utf-8")
    start = text.index('name = "uv"\n')
    end = text.index("[[package]]", start)
    wrong = re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, text[start:end])
    lock.write_text(text[:start] + wrong + text[end:], encoding="utf-8")
    for _ in range(2):
        done = run(clone, "tools.workspace", "status")
        assert done.returncode == 1
        assert "uv.lock の記録（SHA-256）と違います" in done.stderr
        assert not (clone / ".uv" / "requirement.txt").exists()
        assert not (clone / ".venv").exists()


def test_no_network_is_told_and_not_trusted_later(clone):
    offline = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
    }
    done = run(clone, "tools.workspace", "status", **offline)
    assert done.returncode == 1
    assert "ネットワークの接続を確かめて" in done.stderr
    assert not (clone / ".uv" / "requirement.txt").exists()
    assert not (clone / ".venv").exists()


def test_lock_names_no_registry_and_hashes_everything():
    text = (ROOT / "uv.lock").read_text(encoding="utf-8")
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    assert hosts == {"index.invalid", "files.invalid"}
    files = re.findall(r"\{ url = [^}]*\}", text)
    assert len(files) > 500
    assert all('hash = "sha256:' in file for file in files)
