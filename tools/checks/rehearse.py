"""受講者のノートブックを、読み手が答えていく順に動かす形にする。"""

from __future__ import annotations

import copy

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tools.course.lesson import LESSONS, SOLUTIONS, Exercise, group_exercises, read_lesson


def rehearse(
    notebook: NotebookNode, name: str, clumsy: bool = False, trial: str = ""
) -> NotebookNode:
    """``notebook`` の確認の後に、解答と、判定が替わったことの確かめを足した写しを返す。

    まず手つかずのまま確認する。``clumsy`` なら、どのコードセルも2度ずつ動かし、
    解答の前に、誤答を一つずつ試す。``trial`` は、誤答の前に動かすコード（{number} は練習の番号）。
    """
    lesson, solutions = (read_lesson(folder / f"{name}.py") for folder in (LESSONS, SOLUTIONS))
    exercises = group_exercises(lesson, solutions)
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        role, _, number = cell.metadata.get("title", "").partition(" ")
        again = 2 if clumsy and cell.cell_type == "code" else 1
        cells += [copy.deepcopy(cell) for _ in range(again)]
        if role == "確認":
            cells += _attempts(exercises[int(number)], clumsy, trial)
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position:03}"
    rehearsed = copy.deepcopy(notebook)
    rehearsed.cells = cells
    return rehearsed


def _attempts(exercise: Exercise, clumsy: bool, trial: str) -> list[NotebookNode]:
    number = exercise.number
    cells = [_judged(number, "未回答", f"練習 {number}")]
    cells += [new_code_cell(trial.format(number=number))] if trial else []
    for part in exercise.wrong if clumsy else []:
        title = part.code.title
        cells += [new_code_cell(part.code.source), _judged(number, "もう一歩", title)]
    answer = exercise.answer.code.source
    cells += [new_code_cell(answer) for _ in range(2 if clumsy else 1)]
    return [*cells, _judged(number, "正解", f"解答 {number}")]


def _judged(number: int, wanted: str, title: str) -> NotebookNode:
    return new_code_cell(
        f"_verdict = check({number})\n"
        f"assert _verdict.kind == {wanted!r}, f'{title}への返事: {{_verdict}}'"
    )
