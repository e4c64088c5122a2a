"""実行済みの授業を、スライドの並びに直す。

見出しがスライドになり、コードと出力、図、表、箇条書き、練習が載る。地の文は発表者のノートに入る。
見出しに【自習】の付いた節と練習は落とす（理解度チェックだけは、時間外の縦の列として残す）。
スライドごとの秒は、tools/course/times.py の式で数えた量で、教室の分を分けたものである。
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from nbformat import NotebookNode

from tools.book import BookError, slide_blocks
from tools.book.slide_blocks import Block, Layout, arrange
from tools.book.slide_events import Event, minutes, read_events, sections
from tools.course.lesson import RIGHT
from tools.course.times import QUIZ, Load, Times

HEIGHT = 770  # 見出しが1行のときに、中身に使える高さ（px）
HEADING_LINE = 78  # 見出しが1行増えるごとに減る高さ
HEADING_COLUMNS = 54  # 見出し1行の桁
TERMS_HEIGHT = 70  # 用語の帯の高さ
LEAD_LINE, LEAD_GAP, LEAD_COLUMNS = 51, 10, 98  # 見出しの下の文の、行の高さ、下の余白、1行の桁
LEAD_SENTENCES, LEAD_LINES = 2, 2  # 見出しの下に段落を丸ごと置くときの、文と行の上限
ANSWER_SHARE = 0.25  # 練習の時間のうち、答え合わせに使う割合
MERGED_LINES = 14  # 出力のないコードを次のコードとまとめるときの、合わせた行の上限

_EXERCISE = re.compile(r"^練習 (\d+)")
_TERM = re.compile(r"\*\*([^*\n]+)\*\*（([A-Za-z][^、。）\n]*)")
_QUESTION = re.compile(r"^\*\*問 (\d+)\.\*\*\s*")
_CHOICE = re.compile(
    r"<details><summary>([ア-ン])\. (.+?)</summary>\s*(.*?)\s*</details>", re.DOTALL
)
_HINT = re.compile(r"<details><summary>(.*?)</summary>(.*?)</details>", re.DOTALL)


@dataclass
class Slide:
    """スライド1枚。

    ``kind`` は title（授業の題）、statement（見出しだけ）、content、exercise、answer、quiz、question。
    ``notes`` は発表者のノートの Markdown、``load`` は話して解く量、``seconds`` はそれを秒に直したもの。
    """

    kind: str
    heading: str
    kicker: str = ""
    layout: Layout | None = None
    notes: list[str] = field(default_factory=list)
    load: float = 0.0
    seconds: int = 0
    terms: list[tuple[str, str]] = field(default_factory=list)
    lead: list[str] = field(default_factory=list)
    choices: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class _Unit:
    """1枚に載せるもの。before は見せる前に、after は見せた後に話す文。"""

    blocks: list[Block]
    load: Load
    before: list[Event] = field(default_factory=list)
    after: list[Event] = field(default_factory=list)
    lead: str = ""  # すぐ前の段落

    @property
    def has_result(self) -> bool:
        return any(block.kind != "code" for block in self.blocks)

    @property
    def lines(self) -> int:
        return sum(len(block.lines) for block in self.blocks if block.kind == "code")


def lesson_slides(notebook: NotebookNode, times: Times) -> list[Slide]:
    """実行済みの授業 ``notebook`` のスライド。秒の合計は、教室の分（無ければ計算した分）になる。

    見出しで始まらない授業なら BookError を送る。
    """
    slides: list[Slide] = []
    title = section = ""
    carried: list[Event] = []  # スライドにならない節の文。次のスライドで話す
    parts = list(sections(read_events(notebook)))
    for events, later in zip(parts, [*parts[1:], []], strict=True):
        heading = events[0]
        if heading.kind == "quiz":
            slides += _quiz(heading.text, title)
            continue
        if heading.kind != "heading":
            raise BookError("授業が見出しで始まっていません。")
        if heading.level == 1:
            title = heading.text
            notes = [event.text for event in events[1:] if event.text]
            made = [Slide("title", title, notes=notes, load=minutes(events))]
        else:
            section = heading.text if heading.level == 2 else section
            kicker = title if heading.level == 2 else f"{title}　›　{section}"
            opens = bool(later) and later[0].level > heading.level
            made = _made(events, kicker, opens)
        if made:
            made[0].notes[:0] = [event.text for event in carried if event.kind == "prose"]
            made[0].load += minutes(carried)
            carried = []
        else:
            carried += events
        slides += made
    slides[-1].load += minutes(carried)
    share_seconds(slides, 60 * (times.in_class or round(times.unmarked)))
    return slides


def _made(events: list[Event], kicker: str, opens: bool) -> list[Slide]:
    """節一つのスライド。``opens`` は、下に小さい節があるか。"""
    if _EXERCISE.match(events[0].text):
        return _exercise(events, kicker)
    slides = _content(events, kicker)
    bare = len(slides) == 1 and slides[0].kind == "statement" and not slides[0].lead
    return [] if opens and bare else slides


def share_seconds(slides: list[Slide], seconds: int) -> None:
    """``seconds`` を量に応じて5秒きざみで分ける。合計はちょうど ``seconds`` になる（5の倍数のとき）。"""
    total, step, given, loaded = sum(slide.load for slide in slides), 5, 0, 0.0
    for slide in slides:
        loaded += slide.load
        until = round(seconds / step * loaded / total) * step if total else 0
        slide.seconds, given = until - given, until


# ---- 節をスライドにする ----


def _content(events: list[Event], kicker: str) -> list[Slide]:
    """節一つのスライド。中身も文も無い節は、スライドにしない。"""
    heading = events[0].text
    units, spoken = _units(events[1:])
    slides: list[Slide] = []
    for unit in units:
        slides += _unit_slides(unit, heading, kicker, first=not slides)
    if not slides and spoken:
        notes = [event.text for event in spoken]
        lead = [line for text in notes for line in text.split("\n") if _TERM.search(line)]
        slides = [Slide("statement", heading, kicker, notes=notes, lead=lead)]
    if slides:
        rest = minutes(events) - sum(slide.load for slide in slides)
        slides[0].load += rest  # 見出しと、見せないコード
    return slides


def _units(events: list[Event]) -> tuple[list[_Unit], list[Event]]:
    """1枚に載せるものの並び。載せるものが無ければ、文だけを後ろに返す。

    結果（出力、図、表）のすぐ後の段落は、その結果の読み方として同じスライドに付ける。
    ほかの文は、次に見せるものの前置きとする。
    """
    units: list[_Unit] = []
    waiting: list[Event] = []
    lead = ""
    for event in events:
        if event.kind == "prose":
            lead = re.sub(r"^> ?", "", event.text, flags=re.MULTILINE)
        match event.kind:
            case "prose" if event.first and units and units[-1].has_result and not waiting:
                units[-1].after.append(event)
            case "prose" | "hint" | "code-note":
                waiting.append(event)
            case "code" | "show":
                unit = _Unit(event.blocks, event.load, waiting, lead=lead)
                waiting, lead = [], ""
                if units and _fit_together(units[-1], unit):
                    units[-1] = _merged(units[-1], unit)
                else:
                    units.append(unit)
    if units:
        units[-1].after += waiting
        waiting = []
    return units, waiting


def _fit_together(first: _Unit, second: _Unit) -> bool:
    """出力のないコード ``first`` を、次のものと1枚に載せられるか。"""
    if first.has_result or first.after or any(block.kind != "code" for block in second.blocks[:1]):
        return False
    pages = arrange([*first.blocks, *second.blocks], HEIGHT - TERMS_HEIGHT)
    comfortable = len(pages) == 1 and pages[0].sizes.mono >= slide_blocks.COMFORTABLE
    return comfortable and first.lines + second.lines <= MERGED_LINES


def _merged(first: _Unit, second: _Unit) -> _Unit:
    return _Unit(
        [*first.blocks, *second.blocks],
        first.load + second.load,
        first.before + second.before,
        lead=second.lead or first.lead,
    )


def _unit_slides(unit: _Unit, heading: str, kicker: str, first: bool) -> list[Slide]:
    """載せるもの1つのスライド。入りきらなければ続きのスライドに分け、話す文も前と後に分ける。

    すぐ前の段落を見出しの下に置き、何のためのスライドかが分かるようにする。
    段落が長ければ、その最後の1文だけを置く（見出しがあるので、節の1枚目には置かない）。
    それでも中身が入らなければ、どちらも置かない。
    """
    lead = unit.lead
    if lead.count("\n") >= LEAD_SENTENCES or _lead_lines(lead) > LEAD_LINES:
        lead = "" if first else lead.split("\n")[-1]
    lead = "" if lead.startswith("（") else lead
    spoken = "\n".join(event.text for event in (*unit.before, *unit.after))
    whole = room(heading) - (TERMS_HEIGHT if _TERM.search(spoken) else 0)
    height = whole - LEAD_LINE * _lead_lines(lead) - (LEAD_GAP if lead else 0)
    pages = arrange(unit.blocks, height)
    if lead and any(page.height > height for page in pages):
        lead, pages = "", arrange(unit.blocks, whole)
    slides = [Slide("content", heading, kicker, layout) for layout in pages]
    for slide, events in ((slides[0], unit.before), (slides[-1], unit.after)):
        slide.notes += [event.text for event in events]
        slide.load += minutes(events)
    slides[0].load += unit.load.minutes
    slides[0].lead = [lead] if lead else []
    for slide in slides:
        slide.terms = _TERM.findall("\n".join(slide.notes))
    return slides


def _lead_lines(lead: str) -> int:
    return -(-slide_blocks.columns(lead) // LEAD_COLUMNS)


def room(heading: str) -> int:
    """見出しの下で、中身に使える高さ。"""
    lines = -(-slide_blocks.columns(heading) // HEADING_COLUMNS)
    return HEIGHT - HEADING_LINE * (lines - 1)


def _exercise(events: list[Event], kicker: str) -> list[Slide]:
    """練習と、答え合わせ。ヒント、解答の説明、よくある間違いはノートに入れる。"""
    heading = events[0].text
    stub = next(number for number, event in enumerate(events) if event.kind == "stub")
    asked = [event for event in events[1:stub] if event.kind in {"prose", "show"}]
    blocks = [
        slide_blocks.prose(event.text) if event.kind == "prose" else event.blocks[0]
        for event in asked
    ]
    pages = arrange([*_joined(blocks), *events[stub].blocks], room(heading))
    slides = [Slide("exercise", heading, kicker, layout) for layout in pages]
    slides[0].notes = [_hint_note(event.text) for event in events if event.kind == "hint"]
    load = minutes(events)
    slides[0].load = load * (1 - ANSWER_SHARE)

    answer = [event.blocks[0] for event in events if event.kind == "answer"]
    number = _EXERCISE.match(heading)[1]
    notes = [event.text for event in events if event.kind == "answer-text"]
    mistakes = [event.text for event in events if event.kind == "wrong-text"]
    if mistakes:
        notes += ["**よくある間違い**", *mistakes]
    notes += [event.text for event in events[stub + 1 :] if event.kind in {"prose", "show", "code"}]
    answers = [
        Slide("answer", f"練習 {number}の解答", kicker, layout)
        for layout in arrange(answer, HEIGHT)
    ]
    answers[0].notes = notes
    answers[0].load = load * ANSWER_SHARE
    return [*slides, *answers]


def _joined(blocks: list[Block]) -> Iterator[Block]:
    """続いた文を1つにまとめる。"""
    for kind, group in groupby(blocks, attrgetter("kind")):
        found = list(group)
        if kind == "prose":
            shown = "".join(one.html for one in found)
            found = [Block("prose", shown, tuple(n for one in found for n in one.lines))]
        yield from found


def _hint_note(text: str) -> str:
    summary, body = _HINT.search(text).groups()
    return f"**{summary}**\n\n{body.strip()}"


# ---- 理解度チェック ----


def _quiz(source: str, kicker: str) -> list[Slide]:
    """理解度チェックの、最初の1枚と、問いごとの1枚。時間は数えない。"""
    questions: list[Slide] = []
    for part in re.split(r"\n\n(?=\*\*問 \d+\.\*\*|<details>)", source):
        if part.startswith("<details>"):
            questions[-1].choices += _CHOICE.findall(part)
        elif match := _QUESTION.match(part):
            questions.append(Slide("question", f"問 {match[1]}", kicker))
            questions[-1].lead = [part[match.end() :]]
    for one in questions:
        one.notes = [f"**{key}** {why}" for key, _, why in one.choices if not why.startswith(RIGHT)]
    cover = Slide("quiz", QUIZ, kicker)
    cover.notes = ["時間外です。時間があれば下へ、なければ右へ進みます。"]
    cover.lead = [f"{len(questions)}問（下矢印のキーで1問ずつ）"]
    return [cover, *questions]
