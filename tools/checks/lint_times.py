"""教室の時間の規則を調べる。

見出しに付ける【自習】と、教室で解く練習の数を決まりとして調べる。
教室で話す部分が教室の分に収まらない授業は、決まりの違反とはせず、一覧にして知らせる。
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tools.checks.syntax import Problem
from tools.course.lesson import SELF_STUDY, Lesson
from tools.course.times import class_exercises, is_capstone, times

# 規則の名前と、説明・置き換え。{} には見つけたものが入る。
RULES = {
    "印": "見出し「{}」の" + SELF_STUDY + "は、`##`か`###`の見出しの終わりに1つだけ付けます。",
    "教室の練習": "{}の、教室で解く練習（" + SELF_STUDY + "の無いもの）が{}題です。{}題にします。",
}

WORKSHOP = "3"  # 実践演習の、番号の1桁目
IN_LESSON, IN_WORKSHOP, IN_CAPSTONE = (1, 2), (5, 8), (9, 9)
SHORT = 5  # 教室の分がこれ以下の授業では、練習をすべて宿題にしてよい


def check(lesson: Lesson, headings: list[tuple[int, int, str]]) -> Iterator[Problem]:
    """授業一つの問題。headings は、見出しの (行, 段, 文字)。"""
    for line, level, text in headings:
        bare = text.removesuffix(SELF_STUDY)
        if SELF_STUDY in bare or (bare != text and level not in {2, 3}):
            yield line, "印", (text,)
    minutes = times(lesson).in_class
    if minutes and not lesson.path.name.startswith(WORKSHOP):
        low, high = IN_CAPSTONE if is_capstone(minutes) else IN_LESSON
        low = 0 if minutes <= SHORT else low
        yield from _count("この授業", class_exercises(lesson), low, high)


def check_workshop(lessons: Iterable[Lesson]) -> Iterator[Problem]:
    """実践演習の授業を合わせて見つかる問題。"""
    yield from _count("実践演習", sum(map(class_exercises, lessons)), *IN_WORKSHOP)


def over(lessons: Iterable[Lesson]) -> list[str]:
    """教室で話す部分が、教室の分を超えている授業の一覧。"""
    lines = []
    for lesson in lessons:
        found = times(lesson)
        if found.in_class and found.unmarked > found.in_class:
            lines.append(
                f"  {lesson.path.stem}: 教室{found.in_class}分に対して{found.unmarked:.1f}分"
                f"（{found.unmarked - found.in_class:.1f}分超えています）"
            )
    return [f"{SELF_STUDY}の無い部分が教室の分を超えている授業:", *lines] if lines else []


def _count(whose: str, found: int, low: int, high: int) -> Iterator[Problem]:
    if not low <= found <= high:
        yield 1, "教室の練習", (whose, found, f"{low}〜{high}")
