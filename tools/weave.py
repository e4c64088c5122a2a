"""授業と解答を、セルの題で1つのノートブックに組み立てる。

練習は「手つかず → 確認が退ける → 誤答ごとに確認が退ける → 解答 → 確認が受け入れる」の順に並ぶ。
各セルの ``metadata["textbook"]["role"]`` が役割を表す:

text                    授業の文章とコード
stub, check             読み手が見る練習と確認（確認はここでは動かさない）
rejected-stub           手つかずの練習を確認にかける（ページには出さない）
wrong-text, wrong, rejected   誤答の説明、誤答、確認が退けた文言
answer-text, answer, accepted 解答の説明、解答、確認が受け入れた文言
evidence                本文の主張の裏付けと、確認を動かす仕掛け（ページには出さない）
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from tools.lesson import (
    SOLUTIONS,
    Cell,
    Exercise,
    Lesson,
    LessonError,
    group_exercises,
    read_lesson,
)

JUDGE = Path(__file__).with_name("judge.py")


def weave(lesson_path: Path, solution_path: Path | None = None) -> nbformat.NotebookNode:
    """授業 ``lesson_path`` に解答を組み込んだ、実行前のノートブックを返す。

    解答は同じ名前の ``solutions/`` のファイルから取る。
    練習・確認・解答・誤答のどれかが欠けていれば ``LessonError``。
    """
    solution_path = solution_path or SOLUTIONS / lesson_path.name
    if not solution_path.exists():
        raise LessonError(f"{lesson_path.name}: 同じ名前の解答が solutions にありません。")
    lesson, solution = read_lesson(lesson_path), read_lesson(solution_path)
    exercises = group_exercises(lesson, solution)
    for number, exercise in sorted(exercises.items()):
        if exercise.missing:
            raise LessonError(
                f"{lesson_path.name}: 練習 {number} に {'、'.join(exercise.missing)} がありません。"
            )
    cells = [_code(JUDGE.read_text(encoding="utf-8"), "evidence")]
    for cell in lesson.cells:
        match cell.role:
            case ("練習", number):
                cells.append(_copy(cell, "stub", number))
            case ("確認", number):
                cells += _exercise_cells(exercises[number], cell, number)
            case _:
                cells.append(_copy(cell, "text"))
    cells += [_copy(cell, "evidence") for cell in solution.evidence()]
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position:03}"
    return new_notebook(cells=cells, metadata=_metadata(lesson))


def _exercise_cells(exercise: Exercise, check: Cell, number: int) -> list[nbformat.NotebookNode]:
    """確認の位置に並べる、試験つきの練習一つ分。"""
    cells = [
        _shown_check(check, number),
        _rejection(check, exercise.stub.code, number, "rejected-stub"),
    ]
    for part in exercise.wrong:
        cells += [_copy(part.prose, "wrong-text", number)] if part.prose else []
        cells += [
            _copy(part.code, "wrong", number),
            _rejection(check, part.code, number, "rejected"),
        ]
    answer = exercise.answer
    cells += [_copy(answer.prose, "answer-text", number)] if answer.prose else []
    cells.append(_copy(answer.code, "answer", number))
    source = f"_expect_accepted({number}, {check.source!r})"
    cells.append(_code(source, "accepted", number, f"{check.title}（{answer.code.title}）"))
    return cells


def _rejection(check: Cell, tried: Cell, number: int, role: str) -> nbformat.NotebookNode:
    unanswered = role == "rejected-stub"
    source = f"_expect_rejected({number}, {tried.title!r}, {check.source!r}, {unanswered})"
    return _code(source, role, number, f"{check.title}（{tried.title}）")


def _shown_check(check: Cell, number: int) -> nbformat.NotebookNode:
    """読み手に見せる確認。動かすのは別のセルなので、実行されない raw セルにする。"""
    return new_raw_cell(
        check.source, metadata={**check.metadata, "textbook": _mark("check", number)}
    )


def _copy(cell: Cell, role: str, number: int | None = None) -> nbformat.NotebookNode:
    make = new_code_cell if cell.kind == "code" else new_markdown_cell
    return make(cell.source, metadata={**cell.metadata, "textbook": _mark(role, number)})


def _code(
    source: str, role: str, number: int | None = None, title: str = "確認の仕掛け"
) -> nbformat.NotebookNode:
    return new_code_cell(source, metadata={"title": title, "textbook": _mark(role, number)})


def _mark(role: str, number: int | None) -> dict:
    return {"role": role, "exercise": number} if number else {"role": role}


def _metadata(lesson: Lesson) -> dict:
    kept = {
        name: lesson.metadata[name]
        for name in ("kernelspec", "textbook")
        if name in lesson.metadata
    }
    return {"language_info": {"name": "python"}, **kept}
