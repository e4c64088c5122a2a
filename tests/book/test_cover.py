"""表紙: 見本は実行結果から作られ、入口は1つの授業を開き、札は正しい数を言う。"""

import base64
import shutil
import subprocess

import nbformat
import pytest
from bs4 import BeautifulSoup
from synthetic import PIXEL, executed_lesson

from tools.book import cover
from tools.course.lesson import ROOT, LessonError, lesson_paths, read_lesson
from tools.course.times import Times, advanced_hours, course_totals, times


@pytest.fixture(scope="module")
def front(html):
    return BeautifulSoup((html / "index.html").read_text(encoding="utf-8"), "html.parser")


def lessons_with_cover(*names: str) -> dict[str, nbformat.NotebookNode]:
    """名前の授業。どれも、タグ figure のセルが表紙の図でもある。"""
    found = {}
    for name in names:
        found[name] = executed_lesson(f"{name[:2]}. 足し算")
        for cell in found[name].cells:
            if "figure" in cell.metadata.get("tags", []):
                cell.metadata.tags.append(cover.COVER)
    return found


def test_front_page_shows_a_figure_and_a_reply_of_a_lesson(front, html):
    specimen = front.select_one(".specimen")
    link, image = specimen.select_one("a.reference"), specimen.select_one("img")
    name = link["href"].removeprefix("lessons/").removesuffix(".html")
    notebook = nbformat.read(ROOT / "_build" / "executed" / f"{name}.ipynb", as_version=4)
    marked = next(c for c in notebook.cells if cover.COVER in c.metadata.get("tags", []))
    assert image["alt"] == marked.metadata.mystnb.image.alt
    assert (html / image["src"]).read_bytes() in cover.picture({name: notebook}).values()
    reply = specimen.select_one(".verdict.retry").get_text()
    page = (html / "lessons" / f"{name}.html").read_text(encoding="utf-8")
    assert reply in BeautifulSoup(page, "html.parser").get_text()


def test_first_thing_to_do_is_one_lesson_in_one_click(front, html):
    read, run = front.select(".start a")
    assert read["href"].startswith("lessons/") and (html / read["href"]).exists()
    name = read["href"].removeprefix("lessons/").removesuffix(".html")
    minutes = times(read_lesson(ROOT / "lessons" / f"{name}.py")).self_study
    assert read.get_text().endswith(f"（自習{minutes}分）")
    assert f"{name}.ipynb" in run["href"]


def test_front_page_tells_the_price_the_time_and_the_edition(front):
    badges = [item.get_text() for item in front.select(".badges li")]
    found = {path.stem: times(read_lesson(path)) for path in lesson_paths()}
    in_class, self_study = course_totals(found)
    assert "無料" in badges
    assert f"教室で{in_class / 60:g}時間、全部解くと約{self_study / 60:.0f}時間" in badges
    more = advanced_hours(found)
    assert [f"発展はさらに{more}"] * bool(more) == [b for b in badges if b.startswith("発展")]
    assert cover.edition(ROOT) in badges


def test_advanced_lessons_do_not_lengthen_the_course():
    course = {"15_one": Times(90, 300, 80.0)}
    assert "発展" not in cover.facts(course)
    badges = cover.facts({**course, "41_more": Times(45, 90, 40.0), "51_two": Times(40, 90, 39.0)})
    assert "<li>教室で1.5時間、全部解くと約5時間</li><li>発展はさらに約3時間</li>" in badges


def test_edition_needs_no_history(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    without = cover.edition(tmp_path)
    assert without.startswith("第") and without.endswith("版")
    git = ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    when = "2026-02-03T04:05:06+0900"
    commit = [*git, "commit", "-q", "--allow-empty", "-m", "x", f"--date={when}"]
    subprocess.run(commit, env={"GIT_COMMITTER_DATE": when, "PATH": "/usr/bin:/bin"}, check=True)
    assert cover.edition(tmp_path) == f"{without}（2026年2月3日）"


def test_specimen_is_made_from_the_marked_cell():
    lessons = lessons_with_cover("15_one")
    text = cover.specimen(lessons)
    assert "![横軸は年、縦軸は件数の折れ線](cover.png)" in text
    assert "**練習 1: 合計を求める**" in text and "check(1)" in text
    assert "値が小さいようです。" in text
    assert cover.picture(lessons) == {"cover.png": base64.b64decode(PIXEL)}


def test_unexecuted_lesson_leaves_no_specimen():
    lessons = {"15_one": executed_lesson("15. 足し算")}
    assert cover.specimen(lessons) == ""
    assert cover.picture(lessons) == {}
    assert cover.first_lesson(lessons, {}, "14_other") == ""


def test_two_marked_cells_are_refused():
    with pytest.raises(LessonError, match="15_one、16_two"):
        cover.specimen(lessons_with_cover("15_one", "16_two"))
