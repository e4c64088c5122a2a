"""理解度チェックの、問と選択肢を調べる。選択肢は折りたたみの見出しに、正誤と理由はその中に書く。"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.checks.syntax import Problem
from tools.course import times
from tools.course.lesson import RIGHT, SELF_STUDY, Lesson

RULES = {"理解度チェック": "{}"}
QUIZ = times.QUIZ + SELF_STUDY


def check(lesson: Lesson, headings: list[tuple[int, int, str]]) -> Iterator[Problem]:
    """問と選択肢の問題。headings は、見出しの (行, 段, 文字)。"""
    rule = "理解度チェック"
    sources = "\n".join(cell.source for cell in lesson.cells if cell.kind == "markdown")
    section = re.search(rf"^## {QUIZ}$(.*?)(?=^## |\Z)", sources, re.S | re.M)
    if not section:
        return
    line = next((line for line, _, text in headings if text == QUIZ), 1)
    _, *questions = re.split(r"^\*\*問 (\d+)\.\*\*", section[1], flags=re.M)
    numbers = [int(number) for number in questions[::2]]
    if numbers != [*range(1, len(numbers) + 1)] or not 3 <= len(numbers) <= 5:
        yield line, rule, (f"問の番号が {numbers} です。`**問 1.**` から順に3〜5問を書きます。",)
    choice = re.compile(r"<summary>([ア-ン])\. (.+?)</summary>(.*?)</details>", re.S)
    right = []
    for number, body in zip(numbers, questions[1::2], strict=True):
        lengths, found = [], []
        for letter, text, reason in choice.findall(body):
            lengths.append(len(re.sub(r"<.*?>", "", text)))
            if reason.strip().startswith(RIGHT):
                found.append((letter, lengths[-1]))
            elif not reason.strip() or RIGHT in reason:
                message = f"問 {number} の{letter}に、選びたくなる訳と食い違いを書きます。"
                yield line, rule, (message,)
        if len(lengths) < 2 or len(found) != 1:
            message = f"選択肢は2つ以上書き、1つだけ、中を「{RIGHT}」で始めます。"
            yield line, rule, (f"問 {number} の{message}",)
            continue
        right += found[0][0]
        if found[0][1] > 3 + sorted(lengths)[-2] and found[0][1] == max(lengths):
            yield line, rule, (f"問 {number} は、正解がいちばん長い選択肢です。長さで当たります。",)
    if len(right) > 2 and len(set(right)) == 1:
        yield line, rule, (f"正解がすべて{right[0]}です。位置を散らします。",)
