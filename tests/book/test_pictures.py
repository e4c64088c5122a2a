"""授業に載せたMLflowの画面の写真が、目録と合い、名指す言葉が今の画面にもあること。

画面には、写真を撮る時と同じく、一時のワークスペースで動かした授業の記録だけを見せる。
"""

import re
import shutil
import warnings
from importlib import metadata
from itertools import takewhile

import pytest
from mlflow import MlflowClient

from tools.book import BookError, chromium, pictures
from tools.book.screens import PICTURES
from tools.course import export
from tools.course.lesson import lesson_paths, read_lesson
from tools.workspace import mlflow_ui, provision

MANIFEST = pictures.read_manifest()
MARKS = "①②③④⑤⑥⑦⑧⑨"
KILOBYTES = 100
needs_browser = pytest.mark.skipif(
    chromium.PATH is None, reason="Chromiumが見つからないので、画面の試験を飛ばします。"
)


def sections() -> dict[str, str]:
    """写真を載せた節。授業の番号 → 節の文章（Databricksの画面を言う引用は除く）。"""
    found = {}
    for path in lesson_paths():
        text = "\n".join(c.source for c in read_lesson(path).cells if c.kind == "markdown")
        shown = [s for s in re.split(r"(?m)^(?=## )", text) if export.PICTURE.search(s)]
        lines = [line for s in shown for line in s.splitlines() if not line.startswith(">")]
        if lines:
            found[path.name[:2]] = "\n".join(lines)
    return found


SECTIONS = sections()


def test_manifest_is_of_the_installed_mlflow():
    assert MANIFEST["mlflow"] == metadata.version("mlflow"), "make pictures で撮り直してください。"


def test_pictures_manifest_and_lessons_name_the_same_files():
    used = [name for text in SECTIONS.values() for _, name in export.PICTURE.findall(text)]
    taken = [path.relative_to(export.LESSONS).as_posix() for path in export.picture_paths()]
    wanted = sorted(f"pictures/{picture.name}.png" for picture in PICTURES)
    assert sorted(used) == taken == wanted
    assert sorted(MANIFEST["pictures"]) == sorted(picture.name for picture in PICTURES)


@pytest.mark.parametrize("number", SECTIONS)
def test_pictures_are_small_described_and_numbered(number):
    text = SECTIONS[number]
    for alt, name in export.PICTURE.findall(text):
        assert (export.LESSONS / name).stat().st_size <= KILOBYTES * 1024
        marks = [mark for mark in MARKS if mark in alt]
        assert re.search("[ぁ-ヿ]", alt)
        assert marks
        assert marks == list(takewhile(marks.__contains__, MARKS))
    spoken = re.sub(export.PICTURE, "", text)
    assert {m for m in MARKS if m in spoken} == {m for m in MARKS if m in text}


@pytest.mark.parametrize("number", SECTIONS)
def test_every_label_in_the_text_was_seen_on_the_screen(number):
    seen = {
        label
        for name, labels in MANIFEST["pictures"].items()
        if name.startswith(number)
        for label in labels
    }
    spoken = set(re.findall(r"「([A-Za-z][ -~]*)」", SECTIONS[number]))
    assert spoken <= seen, (
        "画面で見ていない言葉です。tools/book/screens.pyに、その言葉を見る所を足します。"
    )


def test_pictures_are_of_the_lessons_as_they_are_now():
    """コードが変わった授業の写真は、数が古いかもしれない。落とさずに知らせる。"""
    for number, key in MANIFEST["lessons"].items():
        if pictures.lesson_key(number) != key:
            warnings.warn(
                f"レッスン{number}のコードが、写真を撮った後で変わりました。"
                f"python -m tools.book.pictures {number} で撮り直してください。",
                stacklevel=1,
            )


# --- 今の画面 -----------------------------------------------------------------


@pytest.fixture(scope="module")
def opened():
    """写真を撮る授業の記録だけがある画面と、記録。"""
    with pictures.recorded(sorted({picture.lesson for picture in PICTURES})) as opened:
        yield opened


@pytest.fixture
def page(opened):
    return opened[0]


@pytest.fixture
def records(opened):
    return opened[1]


@needs_browser
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_labels_are_still_on_the_screen(picture, page, records):
    screen, _ = pictures.look(picture, page, records)
    assert sorted(set(screen.labels)) == MANIFEST["pictures"][picture.name]


@needs_browser
def test_the_screen_opens_on_the_side_of_model_training(page):
    page.goto("/health")
    page.evaluate("localStorage.clear()")
    page.goto("/#/experiments")
    page.get_by_role("link", name="Model registry").wait_for()


@needs_browser
def test_a_renamed_label_is_reported(page, records, monkeypatch):
    monkeypatch.setattr("tools.book.screens.PATIENCE", 2000)
    monkeypatch.setattr(page, "goto", lambda path: type(page).goto(page, "/health"))
    with pytest.raises(BookError, match="make pictures"):
        PICTURES[1].take(pictures.Screen(page), records)


def test_directions_list_ready_experiments_first(tmp_path):
    database = shutil.copy(provision.make_mlflow_template(), tmp_path / "mlflow.db")
    client = MlflowClient(f"sqlite:///{database}")
    assert "まだランがありません" in mlflow_ui.directions(client, "http://x")
    for name in ("old", "empty", "new"):
        client.create_experiment(name)
    for name in ("old", "new"):
        client.create_run(client.get_experiment_by_name(name).experiment_id)
    text = mlflow_ui.directions(client, "http://x")
    assert "empty" not in text
    newest = client.get_experiment_by_name("new").experiment_id
    assert f"new（ラン1件）\n    http://x/#/experiments/{newest}/runs" in text


@pytest.mark.parametrize("number", SECTIONS)
def test_notebooks_carry_the_pictures(number):
    lesson = read_lesson(next(path for path in lesson_paths() if path.name.startswith(number)))
    used = export.PICTURE.findall(SECTIONS[number])
    for make in export.MAKERS.values():
        cells = make(lesson).cells
        embedded = [cell for cell in cells if "data:image/png;base64," in cell.source]
        assert sum(cell.source.count("data:image/png") for cell in embedded) == len(used)
        assert all(export.ADDED in cell.metadata.tags for cell in embedded)
    assert {name for _, name in used} <= export.modules().keys()
