"""文章の中の、ほかの授業へのリンク（``[[NN_題]]``）。"""

import re

import pytest

from tools.course.lesson import lesson_paths, present, read_lesson

HEADER = (
    "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: Python 3\n"
    "#     language: python\n#     name: python3\n# ---\n\n"
)
FROM = HEADER + (
    "# %% [markdown]\n# # 元の授業\n#\n# - テスト: [[41_tests]]\n"
    "# - 再学習: [[52_retraining]]\n# - 両方: [[41_tests]]と[[52_retraining]]\n#\n# 続きの文です。\n\n"
    '# %%\nprint("[[41_tests]]")\n'
)


@pytest.fixture
def lesson(tmp_path):
    path = tmp_path / "22_from.py"
    path.write_text(FROM, encoding="utf-8")
    return path


def test_a_link_appears_when_its_lesson_exists(lesson):
    other = HEADER + "# %% [markdown]\n# # モデルのテスト\n#\n# 本文です。\n"
    (lesson.parent / "41_tests.py").write_text(other, encoding="utf-8")
    text, code = present(read_lesson(lesson)).cells
    assert text.source.splitlines() == [
        "# 22. 元の授業", "", "- テスト: [41. モデルのテスト](41_tests.ipynb)", "", "続きの文です。",
    ]  # fmt: skip
    assert code.source == 'print("[[41_tests]]")'


def test_lines_to_missing_lessons_are_dropped(lesson):
    text = present(read_lesson(lesson)).cells[0].source
    assert text.splitlines() == ["# 22. 元の授業", "", "", "続きの文です。"]


def test_links_of_this_book_lead_to_lessons():
    stems = {path.stem for path in lesson_paths()}
    for path in lesson_paths():
        for cell in present(read_lesson(path)).cells:
            if cell.kind == "markdown":
                assert not re.search(r"\[\[\d\d_", cell.source), f"{path.name} {cell.line}行目"
                targets = {part.partition(".ipynb)")[0] for part in cell.source.split("](")[1:]}
                assert {name for name in targets if name[:2].isdigit()} <= stems, path.name
