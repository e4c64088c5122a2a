"""実行済みの授業を上から読み、教室で使う部分を出来事の並びにする。

出来事は、見出し、段落、見せるもの（コードと出力、図、表、箇条書き）、ヒント、練習、解答など。
見出しに【自習】の付いた節と練習は飛ばす。理解度チェックは、印があっても丸ごと1つの出来事にする。
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from markdown_it.token import Token
from nbformat import NotebookNode

from tools.book import slide_blocks
from tools.book.slide_blocks import Block
from tools.course.lesson import MARKDOWN, SELF_STUDY, Cell, is_figure
from tools.course.times import QUIZ, Load, Place, code_load, exercise_load, prose_load

HINT = "slide"  # 授業のセルに置く手がかり。"notes" なら、コードを載せずにノートへ送る

_CHECKING = re.compile(r"^from checks\.|^check\.", re.MULTILINE)


@dataclass
class Event:
    """授業を上から読んだときの1つ: heading、prose、show、hint、code、stub、answer、aside。"""

    kind: str
    text: str = ""
    level: int = 0
    load: Load = field(default_factory=Load)
    blocks: list[Block] = field(default_factory=list)
    first: bool = False  # Markdown のセルの最初の段落か


def read_events(notebook: NotebookNode) -> Iterator[Event]:
    """教室で使う部分の出来事。【自習】の節は飛ばし、理解度チェックは丸ごと1つにする。"""
    place = Place()
    questions: list[str] = []
    for cell in notebook.cells:
        role = cell.metadata.textbook.role
        if cell.cell_type == "markdown" and role == "text":
            for event in _markdown_events(cell.source):
                if event.kind == "heading":
                    place.enter(event.level, event.text)
                    if questions and not place.is_quiz:
                        yield Event("quiz", "\n\n".join(questions), 2)
                        questions = []
                    if event.text.removesuffix(SELF_STUDY) == QUIZ:
                        continue
                if place.is_quiz:
                    questions.append(event.text)
                elif not place.is_marked:
                    yield event
        elif not (place.is_marked or place.is_quiz):
            solving = exercise_load(notebook.metadata.get("textbook", {}).get("minutes"))
            yield from _cell_events(cell, role, solving)
    if questions:
        yield Event("quiz", "\n\n".join(questions), 2)


def _markdown_events(source: str) -> Iterator[Event]:
    """Markdown のセルを、見出し、段落、箇条書き、表、畳んだ所に分ける。"""
    lines, first, folded = source.split("\n"), True, []
    for token, inner in _top_level(source):
        text = "\n".join(lines[slice(*token.map)]).strip("\n")
        if folded or (token.type == "html_block" and "<details" in text):
            folded.append(text)
            whole = "\n\n".join(folded)
            if whole.count("<details") == whole.count("</details>"):
                yield Event("hint", whole)
                folded = []
            continue
        load = sum(map(prose_load, inner), Load())
        match token.type:
            case "heading_open":
                yield Event("heading", inner[0].content, int(token.tag[1]), load)
                first = True
                continue
            case "paragraph_open" if photograph := slide_blocks.photograph(text):
                yield Event("show", blocks=[photograph])
            case "paragraph_open" | "blockquote_open":
                yield Event("prose", text, load=load, first=first)
            case _:
                block = slide_blocks.markdown_block(token, text)
                yield Event("show", text, load=load, blocks=[block])
        first = False


def _top_level(source: str) -> Iterator[tuple[Token, list[Token]]]:
    """いちばん外側の要素と、その中の文とコード。"""
    current: Token | None = None
    inner: list[Token] = []
    for token in MARKDOWN.parse(source):
        if token.level == 0 and token.nesting >= 0:
            current, inner = token, []
        if token.type in {"inline", "fence", "code_block"}:
            inner.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield current, inner


def _cell_events(cell: NotebookNode, role: str, solving: Load) -> Iterator[Event]:
    """コードのセルと、解答・誤答の説明。``solving`` は、練習一つの量。"""
    source = cell.source
    match role:
        case "text":
            load = code_load(Cell("code", cell.metadata.get("title", ""), source, 0, cell.metadata))
            fenced = f"```python\n{source}\n```"
            if cell.metadata.get(HINT) == "notes":
                yield Event("code-note", fenced, load=load)
                return
            if _CHECKING.search(source):
                yield Event("aside", load=load)
                return
            shown = [] if is_figure(cell) else [slide_blocks.code(source)]
            blocks = [*shown, *slide_blocks.outputs(cell)]
            yield Event("code" if blocks else "aside", fenced, load=load, blocks=blocks)
        case "stub":
            yield Event("stub", load=solving, blocks=[slide_blocks.code(source)])
        case "answer":
            yield Event("answer", blocks=[slide_blocks.code(source)])
        case "answer-text" | "wrong-text":
            yield Event(role, source)


def sections(events: Iterable[Event]) -> Iterator[list[Event]]:
    """見出しで始まる並びに分ける。"""
    section: list[Event] = []
    for event in events:
        if event.kind in {"heading", "quiz"} and section:
            yield section
            section = []
        section.append(event)
    if section:
        yield section


def minutes(events: Iterable[Event]) -> float:
    """話して解く分。丸めない。"""
    return sum((event.load for event in events), Load()).minutes
