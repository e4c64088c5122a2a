"""授業にかかる時間: 教室の分、自習の分、教室で話す部分の分。

教室の分は授業の先頭に書いてある（``minutes``）。ほかの2つは、授業の中身から計算する::

    本文の字数 ÷ 500 ＋ コードの行数 ÷ 20 ＋ 練習1つ4分 ＋ 理解度チェック1問1分

手順を自分で決める修了課題（教室の分が ``LONG`` 以上の授業）では、練習を1つ14分とする（測った値ではなく、見積もり）。

自習の分は、授業全体をこの式で数え、いちばん近い5の倍数に丸める（2.5は切り上げ、最小は5）。
教室で話す部分の分は、見出しに【自習】の付いた節と練習を除いて同じ式で数え、丸めない。

- 字数は、読んで見える字の数である。見出しの ``#``、表の罫線、リンク先、空白、【自習】は数えない。
  畳んだ ``<details>`` の中と、理解度チェックの節の文も数えない。
- コードは、授業のセルと、文章の中のコードの、空でない行である。
  練習と確認のセル、図だけを描くセル（タグ ``figure``）は数えない。
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from functools import cache
from itertools import pairwise
from operator import add

from markdown_it.token import Token

from tools.course.lesson import MARKDOWN, SELF_STUDY, Cell, Lesson, is_advanced, is_figure

QUIZ = "理解度チェック"
STEP = 5
LONG = 100  # 教室の分がこれ以上なら、修了課題
NOWHERE, ANYTHING = 7, 8  # 見出しの段（1〜6）より深い数: 節の外、見出しでないもの


@dataclass(frozen=True)
class Load:
    """読むものと解くものの量。"""

    characters: int = 0
    code_lines: int = 0
    exercises: int = 0
    questions: int = 0
    blocks: int = 0  # 修了課題の練習

    def __add__(self, other: Load) -> Load:
        return Load(*map(add, astuple(self), astuple(other)))

    @property
    def minutes(self) -> float:
        """この量を読んで解く分。丸めない。"""
        solving = 4 * self.exercises + 14 * self.blocks + self.questions
        return self.characters / 500 + self.code_lines / 20 + solving


@dataclass(frozen=True)
class Times:
    """授業一つの時間。in_class は、教室で扱わない授業では None。"""

    in_class: int | None
    self_study: int
    unmarked: float

    @property
    def labels(self) -> list[str]:
        """読者に見せる札。「教室15分」と「自習40分」。"""
        in_class = [f"教室{self.in_class}分"] if self.in_class else []
        return [*in_class, f"自習{self.self_study}分"]


def times(lesson: Lesson) -> Times:
    """授業一つの時間を出す。"""
    pieces = list(_pieces(lesson))
    minutes = _in_class(lesson)
    return Times(
        minutes if isinstance(minutes, int) else None,
        rounded(sum((load for load, _ in pieces), Load()).minutes),
        sum((load for load, marked in pieces if not marked), Load()).minutes,
    )


def _in_class(lesson: Lesson) -> object:
    return lesson.metadata.get("textbook", {}).get("minutes")


def totals(found: Iterable[Times]) -> tuple[int, int]:
    """授業を合わせた、教室の分と自習の分。"""
    found = list(found)
    return sum(one.in_class or 0 for one in found), sum(one.self_study for one in found)


def course_totals(found: dict[str, Times]) -> tuple[int, int]:
    """講座の3つの部を合わせた、教室の分と自習の分。"""
    return totals(one for name, one in found.items() if one.in_class and not is_advanced(name))


def advanced_hours(found: dict[str, Times]) -> str:
    """発展を全部解く時間の目安。講座とは別に数える。発展の授業が無ければ空。"""
    minutes = totals(one for name, one in found.items() if is_advanced(name))[1]
    return f"約{minutes / 60:.0f}時間" if minutes else ""


def rounded(minutes: float) -> int:
    """いちばん近い5の倍数。ちょうど間なら切り上げ、5より小さくしない。"""
    return max(STEP, STEP * int(minutes / STEP + 0.5))


def class_exercises(lesson: Lesson) -> int:
    """教室で解く練習（見出しに【自習】の無いもの）の数。"""
    return sum(load.exercises + load.blocks for load, marked in _pieces(lesson) if not marked)


@dataclass
class Place:
    """授業を上から読む時に、いまいる所。"""

    _marked: int = NOWHERE  # 印の付いた節か理解度チェックの中なら、その見出しの段
    _quiz: int = NOWHERE

    @property
    def is_marked(self) -> bool:
        """【自習】の節の中か。"""
        return self._marked < NOWHERE

    @property
    def is_quiz(self) -> bool:
        """理解度チェックの中か。"""
        return self._quiz < NOWHERE

    def enter(self, level: int, heading: str) -> None:
        """``level`` 段の見出し ``heading`` に進む。"""
        if level <= self._marked:
            self._marked = level if heading.endswith(SELF_STUDY) else NOWHERE
        if level <= self._quiz:
            self._quiz = level if heading.removesuffix(SELF_STUDY) == QUIZ else NOWHERE


def _pieces(lesson: Lesson) -> Iterator[tuple[Load, bool]]:
    """授業を、上から順に (量, 【自習】の中か) に分ける。"""
    place = Place()
    for cell in lesson.cells:
        if cell.kind == "code":
            solved = cell.role[0] == "練習"
            load = exercise_load(_in_class(lesson)) if solved else code_load(cell)
            yield load, place.is_marked
            continue
        for token, level in _shown(cell.source):
            place.enter(level, token.content.strip())
            yield (question_load(token) if place.is_quiz else prose_load(token)), place.is_marked


@cache
def _shown(source: str) -> list[tuple[Token, int]]:
    """畳んだ所の外にある文とコード。見出しには段を添え、ほかは ANYTHING を添える。"""
    found, depth = [], 0
    for before, token in pairwise([None, *MARKDOWN.parse(source)]):
        if token.type == "html_block":
            depth += token.content.count("<details") - token.content.count("</details>")
        elif token.type in {"inline", "fence", "code_block"} and not depth:
            heading = before is not None and before.type == "heading_open"
            found.append((token, int(before.tag[1]) if heading else ANYTHING))
    return found


def exercise_load(minutes: object) -> Load:
    """練習一つの量。``minutes`` は、授業の教室の分。"""
    return Load(blocks=1) if is_capstone(minutes) else Load(exercises=1)


def is_capstone(minutes: object) -> bool:
    """教室の分が ``minutes`` の授業は、修了課題か。"""
    return isinstance(minutes, int) and minutes >= LONG


def code_load(cell: Cell) -> Load:
    """練習でないコードのセル一つの量。"""
    if cell.role[0] == "確認":
        return Load()
    return Load(code_lines=0 if is_figure(cell) else _lines(cell.source))


def prose_load(token: Token) -> Load:
    """文かコード一つ（markdown-it の inline、fence、code_block）の量。"""
    if token.type != "inline":
        return Load(code_lines=_lines(token.content))
    parts = [child.content for child in token.children if child.type in {"text", "code_inline"}]
    text = "".join(parts).removesuffix(SELF_STUDY)
    return Load(characters=len(re.sub(r"\s", "", text)))


def question_load(token: Token) -> Load:
    """理解度チェックの中の、文かコード一つの量。"""
    return Load(questions=bool(re.match(r"\*\*問 \d+\.\*\*", token.content)))


def _lines(source: str) -> int:
    return sum(bool(line.strip()) for line in source.splitlines())
