"""読み手の作業場に置く、授業の写し。"""

import nbformat

from tools.course import work
from tools.course.lesson import lesson_paths


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
