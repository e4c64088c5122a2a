"""JupyterLabを開く。"""

import json
import os
from pathlib import Path

import pytest

from tools.workspace import lab

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_lab_opens_for_root(monkeypatch, user, allowed):
    started = []
    monkeypatch.setattr(lab, "run", lambda command, **_: started.extend(command))
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    lab.open_lab([])
    assert ("--allow-root" in started) == allowed
    assert not [option for option in started if "ip=" in option or "token" in option]


def test_lab_speaks_japanese():
    settings = ROOT / "jupyter" / "labconfig" / "default_setting_overrides.json"
    overrides = json.loads(settings.read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/translation-extension:plugin"]["locale"] == "ja_JP"
