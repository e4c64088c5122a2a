"""授業と解答を、セルの題で1つのノートブックに組み立てる。

練習は「手つかず → 誤答ごと → 別解ごと → 解答」の順に試し、その都度、読み手と同じ ``check(n)`` を動かす。
各セルの ``metadata["textbook"]["role"]`` が役割を表す:

text                    授業の文章とコード
stub, check             読み手が見る練習と確認（確認はここでは動かさない）
judged-stub             手つかずの練習の判定（ページには出さない）
wrong-text, wrong, judged-wrong      誤答の説明、誤答、その判定
other-text, other, judged-other      別解の説明、別解、その判定（ページには出さない）
answer-text, answer, judged-answer   解答の説明、解答、その判定
evidence                本文の主張の裏付けと、判定を試す仕掛け（ページには出さない）
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nbformat
from nbformat.v4 import new_notebook

from tools.course.lesson import (
    SOLUTIONS,
    Cell,
    Exercise,
    LessonError,
    Part,
    group_exercises,
    notebook_cell,
    present,
    read_lesson,
    require_code,
)

JUDGE = Path(__file__).with_name("judge.py")


def weave(lesson_path: Path, solution_path: Path | None = None) -> nbformat.NotebookNode:
    """授業 ``lesson_path`` に解答を組み込んだ、実行前のノートブックを返す。

    解答は同じ名前の ``solutions/`` のファイルから取る。
    練習・確認・解答・誤答・別解のどれかが欠けているか、コードとして読めなければ ``LessonError``。
    """
    solution_path = solution_path or SOLUTIONS / lesson_path.name
    if not solution_path.exists():
        raise LessonError(f"{lesson_path.name}: 同じ名前の解答が solutions にありません。")
    lesson, solution = present(read_lesson(lesson_path)), read_lesson(solution_path)
    for source in (lesson, solution):
        for cell in source.cells:
            if cell.kind == "code":
                require_code(source.path, cell.source, cell.line)
    exercises = group_exercises(lesson, solution)
    for number, exercise in sorted(exercises.items()):
        if exercise.missing:
            raise LessonError(
                f"{lesson_path.name}: 練習 {number} に {'、'.join(exercise.missing)} がありません。"
            )
    cells = [_copy(_made("判定を試す仕掛け", JUDGE.read_text(encoding="utf-8")), "evidence")]
    for cell in lesson.cells:
        match cell.role:
            case ("練習", number):
                cells.append(_copy(cell, "stub", number))
            case ("確認", number):
                cells += _exercise_cells(exercises[number])
            case _:
                cells.append(_copy(cell, "text"))
    cells += [_copy(cell, "evidence") for cell in solution.evidence()]
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position:03}"
    metadata = {"language_info": {"name": "python"}, **lesson.metadata}
    return new_notebook(cells=cells, metadata=metadata)


def _exercise_cells(exercise: Exercise) -> list[nbformat.NotebookNode]:
    """確認の位置に並べる、試験つきの練習一つ分。"""
    # 読み手に見せる確認。動かすのは別のセルなので、実行されない raw セルにする。
    shown = replace(exercise.check.code, kind="raw")
    cells = [
        _copy(shown, "check", exercise.number),
        _judged(exercise, exercise.stub.code, "judged-stub", "未回答"),
    ]
    for part in exercise.wrong:
        cells += _tried(exercise, part, "wrong", "もう一歩")
    for part in exercise.others:
        cells += _tried(exercise, part, "other", "正解")
    return [*cells, *_tried(exercise, exercise.answer, "answer", "正解")]


def _tried(exercise: Exercise, part: Part, role: str, wanted: str) -> list[nbformat.NotebookNode]:
    """説明、答え、その判定。"""
    prose = [_copy(part.prose, f"{role}-text", exercise.number)] if part.prose else []
    answer = _copy(part.code, role, exercise.number)
    return [*prose, answer, _judged(exercise, part.code, f"judged-{role}", wanted)]


def _judged(exercise: Exercise, tried: Cell, role: str, wanted: str) -> nbformat.NotebookNode:
    """確認を動かし、``wanted`` の結果になることを確かめるセル。"""
    check = exercise.check.code
    source = f"_expect({check.source.strip()}, {wanted!r}, {tried.title!r})"
    return _copy(_made(f"{check.title}（{tried.title}）", source), role, exercise.number)


def _made(title: str, source: str) -> Cell:
    """授業と解答のファイルに無いセル。"""
    return Cell("code", title, source, 0, {"title": title})


def _copy(cell: Cell, role: str, number: int | None = None) -> nbformat.NotebookNode:
    mark = {"role": role, "exercise": number} if number else {"role": role}
    return notebook_cell(cell.kind, cell.source, {**cell.metadata, "textbook": mark})
