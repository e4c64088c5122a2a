"""授業の時間: 式の項の一つずつ、丸め、印の範囲、実際の授業で見せている分。"""

from pathlib import Path

import pytest

from tools.checks import lint, lint_times
from tools.course import export
from tools.course.lesson import SELF_STUDY, Cell, Lesson, lesson_paths, read_lesson
from tools.course.times import Times, class_exercises, rounded, times, totals

FOLDED = "<details><summary>ヒント</summary>\n\n" + "隠" * 500 + "\n\n</details>"
CHOICES = "<details><summary>ア. 甲</summary>\n\n" + "正" * 500 + "\n\n</details>\n" + FOLDED
CODE = "x = 1\n\ny = 2\n"


def cell(source: str, kind: str = "markdown", title: str = "", **metadata: object) -> Cell:
    return Cell(kind, title, source, 1, metadata)


def lesson(*cells: Cell | str, minutes: object = 10, name: str = "11_a.py") -> Lesson:
    """小さな授業。文字列は Markdown セルにする。"""
    made = [one if isinstance(one, Cell) else cell(one) for one in cells]
    return Lesson(Path(name), "", {"textbook": {"minutes": minutes}}, made)


def unmarked(*cells: Cell | str) -> float:
    return times(lesson(*cells)).unmarked


def exercise(number: int, mark: str = "") -> list[Cell]:
    """本文の無い練習一つ。見出しは4字になる。"""
    return [
        cell(f"### 練習 {number}:{mark}"),
        cell("x = ...\n" * 20, "code", f"練習 {number}"),
        cell("check(1)\n" * 20, "code", f"確認 {number}"),
    ]


@pytest.mark.parametrize(
    ("source", "characters"),
    [
        ("字" * 500, 500),
        ("字 字\n\n字\t字", 4),
        ("## 見出し", 3),
        ("- 一つ\n- **二つ**\n\n1. 三つ", 6),
        ("| 甲 | 乙 |\n|---|---|\n| 丙 | `x = 1` |", 6),
        ("[行き先](https://example.com/とても長い所)を見る", 6),
        ("一行目<br>二行目", 6),
        (f"前\n\n{FOLDED}\n\n後", 2),
        (f"前\n\n{FOLDED}\n{FOLDED}\n\n後", 2),
        ("<details><summary>外</summary>\n\n" + FOLDED + "\n\n中\n\n</details>\n\n後", 1),
    ],
)
def test_characters_that_are_seen(source, characters):
    assert unmarked(source) == pytest.approx(characters / 500)


def test_block_of_the_capstone_is_longer_than_an_exercise():
    """修了課題の練習は1つ14分で、教室で9題を解く。"""
    cells = [part for number in range(1, 10) for part in exercise(number)]
    plain, capstone = lesson(*cells), lesson(*cells, minutes=120, name="70_a.py")
    assert times(capstone).unmarked - times(plain).unmarked == 9 * 10
    assert [problem[1] for problem in lint_times.check(plain, [])] == ["教室の練習"]
    assert not [*lint_times.check(capstone, [])]
    assert [*lint_times.check(lesson(*exercise(1), minutes=120, name="70_a.py"), [])]


def test_mark_itself_is_not_counted():
    assert times(lesson("## " + "字" * 3749 + SELF_STUDY)).self_study == 5
    assert times(lesson("## " + "字" * 3750 + SELF_STUDY)).self_study == 10


@pytest.mark.parametrize(
    ("one", "lines"),
    [
        (cell(CODE, "code"), 2),
        (cell(CODE, "code", "下ごしらえ"), 2),
        (cell(CODE, "code", tags=["scale"]), 2),
        (cell(CODE, "code", tags=["figure"]), 0),
        (cell(CODE, "code", "確認 1"), 0),
        (cell(f"```python\n{CODE}```"), 2),
        (cell(f"<details><summary>例</summary>\n\n```python\n{CODE}```\n\n</details>"), 0),
    ],
)
def test_lines_of_code(one, lines):
    assert unmarked(one) == pytest.approx(lines / 20)


def test_exercise_takes_four_minutes_whatever_its_stub_and_check():
    assert unmarked(*exercise(1)) == pytest.approx(4 + 4 / 500)


@pytest.mark.parametrize("mark", ["", SELF_STUDY])
def test_question_takes_one_minute_whatever_its_text(mark):
    questions = "\n\n".join(f"**問 {n}.** {'問' * 100}\n\n{CHOICES}" for n in (1, 2, 3))
    quiz = f"## 理解度チェック{mark}\n\n{questions}"
    assert times(lesson(quiz, "## まとめ\n\n" + "字" * 1997)).self_study == rounded(3 + 4)
    assert unmarked(quiz, "## まとめ") == pytest.approx((0 if mark else 3) + 3 / 500)


def test_formula_adds_its_parts():
    code = cell("x = 1\n" * 40, "code")
    parts = ["字" * 1000, code, *exercise(1), *exercise(2)]
    assert unmarked(*parts) == pytest.approx(2 + 2 + 8 + 8 / 500)
    assert times(lesson(*parts)) == Times(10, 10, unmarked(*parts))


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [(0, 5), (2.4, 5), (7.4, 5), (7.5, 10), (12.5, 15), (12.49, 10), (52, 50), (53, 55)],
)
def test_rounding(minutes, shown):
    assert rounded(minutes) == shown


def test_mark_reaches_to_the_next_heading_of_its_level():
    page = [
        "# 題",
        f"## 飛ばす節{SELF_STUDY}\n\n" + "字" * 500,
        cell(CODE, "code"),
        "### 下の小見出し\n\n" + "字" * 500,
        cell(CODE, "code"),
        "## 話す節",
        f"### 飛ばす項{SELF_STUDY}\n\n" + "字" * 500,
        "### 話す項\n\n" + "字" * 500,
    ]
    assert unmarked(*page) == pytest.approx((1 + 3 + 3 + 500) / 500)
    assert times(lesson(*page)).self_study == 5


def test_mark_ends_at_a_shallower_heading_in_the_same_cell():
    assert unmarked(f"### 項{SELF_STUDY}\n\n字字\n\n## 節\n\n字") == pytest.approx(2 / 500)
    assert unmarked(f"## 甲{SELF_STUDY}\n\n字\n\n## 乙{SELF_STUDY}\n\n字\n\n# 丙") == 1 / 500


def test_marked_exercise_is_not_for_class():
    page = ["## 練習", *exercise(1), *exercise(2, SELF_STUDY), *exercise(3), "## まとめ"]
    assert class_exercises(lesson(*page)) == 2
    assert unmarked(*page) == pytest.approx(8 + (2 + 4 + 4 + 3) / 500)


def test_minutes_that_are_not_given():
    assert times(lesson("# 題", minutes=None)).labels == ["自習5分"]
    assert times(lesson("# 題", minutes="10")).in_class is None
    assert times(lesson("# 題")).labels == ["教室10分", "自習5分"]
    assert totals([Times(10, 25, 9.0), Times(None, 5, 1.0)]) == (10, 30)


# ---- 規則 ----


@pytest.mark.parametrize(("in_class", "found"), [(0, 1), (1, 0), (2, 0), (3, 1)])
def test_one_or_two_exercises_in_class(in_class, found):
    page = [part for n in range(1, in_class + 1) for part in exercise(n)]
    page += exercise(9, SELF_STUDY)
    assert len(list(lint_times.check(lesson(*page), []))) == found
    assert not list(lint_times.check(lesson(*page, minutes=None), []))
    assert not list(lint_times.check(lesson(*page, name="31_a.py"), []))


@pytest.mark.parametrize(("in_class", "found"), [(4, 1), (5, 0), (8, 0), (9, 1)])
def test_five_to_eight_exercises_in_the_workshop(in_class, found):
    page = [part for n in range(1, in_class) for part in exercise(n)]
    lessons = [lesson(*exercise(1), name="31_a.py"), lesson(*page, name="32_b.py")]
    assert len(list(lint_times.check_workshop(lessons))) == found


def test_lessons_over_their_minutes_are_listed():
    short, long = lesson("字" * 5000), lesson("字" * 6000, name="12_b.py")
    assert lint_times.over([short]) == []
    title, line = lint_times.over([short, long])
    assert line == "  12_b: 教室10分に対して12.0分（2.0分超えています）"


def test_list_is_printed_but_is_no_failure(monkeypatch, capsys):
    monkeypatch.setattr(lint, "lint_lesson", lambda path: [])
    monkeypatch.setattr(lint_times, "over", lambda lessons: ["超えている授業"])
    assert lint.main([str(lesson_paths()[0])]) == 0
    assert "超えている授業" in capsys.readouterr().out


# ---- 実際の授業 ----

LESSONS = [read_lesson(path) for path in lesson_paths()]


@pytest.mark.parametrize("block", "123")
def test_blocks_fill_ninety_minutes(block):
    found = [times(one) for one in LESSONS if one.path.name.startswith(block)]
    assert totals(found)[0] == 90


def test_workshop_holds_the_rule():
    paths = [path for path in lesson_paths() if path.name.startswith(lint_times.WORKSHOP)]
    assert lint.lint_workshop(paths) == []


@pytest.mark.parametrize("one", LESSONS, ids=lambda one: one.path.stem)
def test_list_of_notebooks_shows_both_times(one):
    line = next(n for n in export.lesson_list(LESSONS).splitlines() if f"({one.path.stem}." in n)
    minutes = one.metadata["textbook"].get("minutes")
    in_class = f"教室{minutes}分、" if minutes else ""
    assert line.endswith(f"（{in_class}自習{times(one).self_study}分）")


@pytest.mark.parametrize("one", LESSONS, ids=lambda one: one.path.stem)
def test_marks_leave_something_for_class_and_something_for_home(one):
    found = times(one)
    assert 0 < found.unmarked <= found.self_study + 2.5
    marked = sum(SELF_STUDY in source.source for source in one.cells if source.kind == "markdown")
    assert bool(marked) == bool(found.in_class)
