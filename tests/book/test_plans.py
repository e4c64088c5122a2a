"""講師ガイドの表: 発展の時間割と、認定試験の範囲との対応。"""

import re

import pytest
from synthetic import executed_lesson

from tools.book import appendix
from tools.course.files import read_yaml
from tools.course.lesson import ROOT, lesson_paths
from tools.course.times import Times

GUIDE = (ROOT / "book" / "instructor_guide.md").read_text(encoding="utf-8")
EXAMS = read_yaml(ROOT / "book" / "exams.yml")
FOUND = {"51_a": Times(45, 90, 44.0), "53_b": Times(35, 80, 34.0), "70_c": Times(120, 200, 99.0)}


def rows(*stops):
    return appendix.timetable(FOUND, "半日", *stops).splitlines()[4:]


def test_plan_adds_the_minutes_of_its_lessons():
    assert rows("51", "休憩10", "53", "70") == [
        "| 0分 | [](lessons/51_a.ipynb) | 45分 |",
        "| 45分 | 休憩 | 10分 |",
        "| 55分 | [](lessons/53_b.ipynb) | 35分 |",
        "| 90分 | [](lessons/70_c.ipynb) | 120分 |",
        "| 210分 | 終わり | |",
    ]


def test_missing_lessons_leave_no_trace_in_a_plan():
    assert rows("42", "休憩10", "51", "休憩10", "61", "昼休み60", "62") == [
        "| 0分 | [](lessons/51_a.ipynb) | 45分 |",
        "| 45分 | 終わり | |",
    ]
    assert rows("51", "休憩10", "61", "昼休み60", "53")[1:3] == [
        "| 45分 | 休憩 | 10分 |",
        "| 55分 | [](lessons/53_b.ipynb) | 35分 |",
    ]
    assert rows("51", "休憩10", "聞き合い30")[1:] == [
        "| 45分 | 休憩 | 10分 |",
        "| 55分 | 聞き合い | 30分 |",
        "| 85分 | 終わり | |",
    ]
    assert appendix.timetable(FOUND, "半日", "42", "休憩10", "聞き合い30") == ""


def test_plans_of_the_guide_use_advanced_lessons_only():
    plans = re.findall(r"<!-- 生成: 時間割 (\S+) (.+?) -->", GUIDE)
    assert plans
    for title, stops in plans:
        assert title
        for stop in stops.split():
            assert re.fullmatch(r"[4-7]\d|(休憩|昼休み|聞き合い)\d+", stop), stop


def test_exam_table_skips_lessons_that_do_not_exist(tmp_path):
    path = tmp_path / "exams.yml"
    path.write_text(
        "- exam: x\n  domains:\n  - name: 甲\n    share: 60\n    topics:\n"
        "    - {topic: 表, lessons: [14_a, 99_b]}\n"
        "    - {topic: 木, lessons: [99_b], note: 考え方だけ}\n",
        encoding="utf-8",
    )
    table = appendix.exam_table(path, {"14_a": executed_lesson("表")}, "x").splitlines()[2:]
    assert table == [
        "| 甲（60%） | 表 | [](lessons/14_a.ipynb) |",
        "|  | 木 | 扱いません |",
    ]


@pytest.mark.parametrize("exam", EXAMS, ids=lambda one: one["exam"])
def test_exam_tables_name_lessons_by_their_names(exam):
    """番号の同じ授業があれば、名前も同じ。まだ無い授業は、発展の番号を持つ。"""
    stems = {path.stem[:2]: path.stem for path in lesson_paths()}
    topics = [topic for domain in exam["domains"] for topic in domain["topics"]]
    for name in (name for topic in topics for name in topic["lessons"]):
        assert stems.get(name[:2], name) == name
        assert name[:2] in stems or name[0] in "4567"
    assert sum(domain["share"] for domain in exam["domains"]) == 100
    assert f"<!-- 生成: 認定試験 {exam['exam']} -->" in GUIDE


def test_advanced_lessons_are_placed_in_an_exam_or_a_plan():
    stops = " ".join(re.findall(r"<!-- 生成: 時間割 (.+?) -->", GUIDE)) + GUIDE
    for path in lesson_paths():
        if path.stem[0] in "4567":
            assert path.stem[:2] in stops, path.stem
