"""JupyterLabに渡す授業の写し。"""

import json
import os
from pathlib import Path

import nbformat
import pytest

from tools.course import work
from tools.course.lesson import lesson_paths

ROOT = Path(__file__).resolve().parent.parent.parent


def test_lessons_are_copied_without_answers_and_never_overwritten(tmp_path):
    folder = tmp_path / "work"
    added = work.copy_lessons(folder)
    assert [path.stem for path in added] == [path.stem for path in lesson_paths()]
    for path in added:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        titles = [cell.metadata.get("title", "") for cell in notebook.cells]
        assert not [title for title in titles if title.startswith(("解答", "誤答"))]
    assert (folder / "figures" / "__init__.py").exists()
    assert (folder / "figures" / "fonts" / "LessonSansJP-Regular.otf").exists()

    added[0].write_text("書き込み", encoding="utf-8")
    assert work.copy_lessons(folder) == []
    assert added[0].read_text(encoding="utf-8") == "書き込み"


@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_lab_opens_for_root(monkeypatch, user, allowed):
    started = []
    monkeypatch.setattr(work, "copy_lessons", lambda: [])
    monkeypatch.setattr(work.sessions, "main", started.extend)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    work.main([])
    assert ("--allow-root" in started) == allowed
    assert not [option for option in started if "ip=" in option or "token" in option]


def test_lab_speaks_japanese():
    settings = ROOT / "jupyter" / "labconfig" / "default_setting_overrides.json"
    overrides = json.loads(settings.read_text(encoding="utf-8"))
    assert overrides["@jupyterlab/translation-extension:plugin"]["locale"] == "ja_JP"
