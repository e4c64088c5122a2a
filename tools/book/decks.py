"""授業のスライドから、部ごとと授業ごとのデッキ（reveal.js の HTML）を作る。

    python -m tools.book.decks      _build/slides/ に作る

`make book` は、同じものを本の slides/ に入れる。
デッキは自分のフォルダーの中だけで動く。reveal.js は npm から取り寄せたものを添え、画面の英語を日本語にする。
"""

from __future__ import annotations

import hashlib
import html
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import nbformat

from tools.book import BookError, slide_blocks
from tools.book.markup import close_gaps
from tools.book.slide_blocks import Block, inline, markdown
from tools.book.slides import Slide, lesson_slides
from tools.course.export import in_part
from tools.course.files import read_yaml, write_all
from tools.course.lesson import RIGHT, ROOT, LessonError, is_advanced, lesson_paths, read_lesson
from tools.course.times import times
from tools.workspace import npm

FOLDER = "slides"  # 本の中と _build/ の中の、置き場所
OUT = ROOT / "_build" / FOLDER
EXECUTED = ROOT / "_build" / "executed"
STYLE = Path(__file__).with_suffix(".css")
REVEAL = ("reset.css", "reveal.css", "reveal.js", "plugin/notes.js")

# reveal.js の画面に出る英語。1つでも見つからなければ、訳し直す。
WORDS = {
    "reveal.js": {
        'aria-label="above slide"': 'aria-label="上のスライド"',
        'aria-label="below slide"': 'aria-label="下のスライド"',
        "`previous slide`": "`前のスライド`",
        "`next slide`": "`次のスライド`",
    },
    "plugin/notes.js": {
        '<html lang="en">': '<html lang="ja">',
        "reveal.js - Speaker View": "発表者の画面",
        "Loading speaker view...": "開いています…",
        ">Upcoming<": ">次<",
        "Time <span": "経過 <span",
        "Click to Reset": "押すと、この1枚の始めに合わせる",
        "Pacing – Time to finish current slide": "この1枚に残っている時間",
        '<h4 class="label">Notes</h4>': '<h4 class="label">ノート</h4>',
        "'Default'": "'ふつう'",
        "'Wide'": "'横長'",
        "'Tall'": "'縦長'",
        "'Notes only'": "'ノートだけ'",
        "'Layout'": "'並べ方'",
        "'en-US', { hour12: true,": "'ja-JP', { hour12: false,",
        "0:00 AM": "0:00",
        "Cross origin error.<br>The speaker window can only be opened from the same origin.": (
            "ファイルを直接開いたときは、発表者の画面を使えません。<br>"
            "公開された本か、make serve で開いた本から使ってください。"
        ),
        "Error connecting to main window.<br>Please try closing and reopening the speaker view.": (
            "スライドの画面につながりません。<br>この画面を閉じて、スライドの画面で S を押してください。"
        ),
        "Speaker view popup failed to open. Please make sure popups are allowed and reopen the speaker view.": (
            "発表者の画面を開けませんでした。ポップアップを許して、もう一度 S を押してください。"
        ),
    },
}

HEAD = """\
<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
"""

PAGE = """\
{head}<link rel="stylesheet" href="reveal/reset.css">
<link rel="stylesheet" href="reveal/reveal.css">
<link rel="stylesheet" href="deck.css">
</head>
<body>
<div class="reveal"><div class="slides">
{slides}
</div></div>
<script src="reveal/reveal.js"></script>
<script src="reveal/plugin/notes.js"></script>
<script>
Reveal.initialize({{
  width: 1920, height: 1080, display: "flex", margin: 0, center: false, hash: true, transition: "none",
  backgroundTransition: "none", slideNumber: "c/t", controlsTutorial: false, help: false,
  defaultTiming: 0, scrollActivationWidth: 0, pdfMaxPagesPerSlide: 1, plugins: [RevealNotes],
}});
</script>
</body>
</html>
"""


@dataclass(frozen=True)
class Deck:
    """デッキ一つ。``name`` は拡張子の無いファイル名、``minutes`` は教室の分（無ければ0）。"""

    name: str
    title: str
    minutes: int
    slides: list[Slide]


def files() -> dict[str, bytes]:
    """デッキと、それが使うもの全部（名前 → 中身）。

    実行済みの授業が無いか、スライドにできなければ BookError、reveal.js を用意できなければ NpmError を送る。
    """
    lessons, parts = all_decks()
    found = {f"reveal/{name}": content for name, content in reveal().items()}
    found["deck.css"] = f"{STYLE.read_text(encoding='utf-8')}\n{slide_blocks.code_css()}\n".encode()
    for deck in [*parts, *lessons]:
        page, pictures = render(deck)
        found[f"{deck.name}.html"] = page.encode()
        found |= pictures
    found["index.html"] = contents(parts, lessons).encode()
    return found


def all_decks() -> tuple[list[Deck], list[Deck]]:
    """授業ごとのデッキと、部ごとのデッキ。本と同じく、まだ実行していない授業は飛ばす。"""
    lessons = []
    for path in lesson_paths():
        executed = EXECUTED / f"{path.stem}.ipynb"
        if not executed.exists():
            continue
        notebook = nbformat.v4.reads(executed.read_text(encoding="utf-8"))  # 検査は本がする
        found = times(read_lesson(path))
        slides = lesson_slides(notebook, found)
        lessons.append(Deck(path.stem, slides[0].heading, found.in_class or 0, slides))
    if not lessons:
        raise BookError("実行済みの授業がありません。先に `make book` で授業を実行してください。")
    toc = read_yaml(ROOT / "_toc.yml")
    return lessons, [deck for part in toc["parts"] if (deck := part_deck(part, lessons))]


def part_deck(part: dict, lessons: list[Deck]) -> Deck | None:
    """目次の部のデッキ。教室で通して扱う授業が無ければ None（発展は、1つずつ選んで教える）。"""
    inside = [
        deck
        for deck in lessons
        if deck.minutes and not is_advanced(deck.name) and in_part(part, deck.name)
    ]
    if not inside:
        return None
    kicker, _, heading = part["caption"].rpartition(": ")
    cover = Slide("part", heading, kicker)
    cover.lead = [f"{deck.title}（{deck.minutes}分）" for deck in inside]
    slides = [cover, *(slide for deck in inside for slide in deck.slides)]
    minutes = sum(deck.minutes for deck in inside)
    return Deck(f"part_{inside[0].name[0]}", part["caption"], minutes, slides)


def reveal() -> dict[str, bytes]:
    """reveal.js のファイル。画面に出る言葉は日本語にする。訳す所が変わっていれば BookError を送る。"""
    folder = npm.install() / "reveal.js"
    found = {"LICENSE": (folder / "LICENSE").read_bytes()}
    for name in REVEAL:
        text = (folder / "dist" / name).read_text(encoding="utf-8")
        for english, japanese in WORDS.get(name, {}).items():
            if english not in text:
                raise BookError(
                    f"reveal.js の {name} に「{english}」がありません。tools/book/decks.py の WORDS を直してください。"
                )
            text = text.replace(english, japanese)
        found[name] = text.encode()
    return found


# ---- HTML ----


def head(title: str) -> str:
    """デッキと一覧のページの、``<head>`` の始め。"""
    return HEAD.format(title=html.escape(title))


def render(deck: Deck) -> tuple[str, dict[str, bytes]]:
    """デッキの HTML と、それが使う図。"""
    pictures: dict[str, bytes] = {}
    shown, spent = [], 0
    for is_quiz, slides in groupby(deck.slides, lambda one: one.kind in {"quiz", "question"}):
        column = []
        for slide in slides:
            column.append(section(slide, spent, pictures))
            spent += slide.seconds
        shown += ["<section>", *column, "</section>"] if is_quiz else column
    return PAGE.format(head=head(deck.title), slides="\n".join(shown)), pictures


def section(slide: Slide, spent: int, pictures: dict[str, bytes]) -> str:
    """スライド1枚の HTML。"""
    timing = f' data-timing="{slide.seconds}"'
    identity = f' id="lesson-{slide.heading[:2]}"' if slide.kind == "title" else ""
    kicker = f'<p class="kicker">{inline(slide.kicker)}</p>' if slide.kicker else ""
    level = 1 if slide.kind in {"title", "part"} else 2
    heading = f"<h{level}>{inline(slide.heading)}</h{level}>"
    return (
        f'<section class="{slide.kind}"{identity}{timing}>\n'
        f"<header>{kicker}{heading}</header>\n{body(slide, pictures)}{notes(slide, spent)}</section>"
    )


def body(slide: Slide, pictures: dict[str, bytes]) -> str:
    """見出しの下の中身。"""
    match slide.kind:
        case "part":
            items = "".join(
                f'<li><a href="#lesson-{line[:2]}">{inline(line)}</a></li>' for line in slide.lead
            )
            return f'<ul class="lessons">{items}</ul>\n'
        case "question":
            return question(slide)
    shown = "".join(f'<div class="lead">{markdown(line)}</div>\n' for line in slide.lead)
    if slide.layout:
        shown += main(slide, pictures)
    if slide.terms:
        items = "".join(f"<li><b>{inline(ja)}</b> {html.escape(en)}</li>" for ja, en in slide.terms)
        shown += f'<ul class="terms" aria-label="ここで出る言葉">{items}</ul>\n'
    return shown


def main(slide: Slide, pictures: dict[str, bytes]) -> str:
    """コード、出力、図、表を並べた所。"""
    layout = slide.layout
    hidden = " fragment" if slide.kind == "answer" else ""
    shape = "stack" if len(layout.groups) == 1 else "side"
    inner = "".join(
        f'<div class="group">{"".join(block_html(one, pictures) for one in group)}</div>'
        for group in layout.groups
    )
    sizes = layout.sizes
    style = (
        f"--prose-size: {sizes.prose}px; --mono-size: {sizes.mono}px; --table-size: {sizes.table}px"
    )
    return f'<div class="main {shape}{hidden}" style="{style}">{inner}</div>\n'


def block_html(block: Block, pictures: dict[str, bytes]) -> str:
    """載せるもの一つの HTML。図は ``pictures`` に足し、参照だけを返す。"""
    if block.kind == "prose":
        return f'<div class="prose">{block.html}</div>'
    if not block.picture:
        return block.html
    suffix, content = block.picture
    name = f"images/{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
    pictures[name] = content
    return f'<img src="{name}" alt="{html.escape(block.alt)}">'


def question(slide: Slide) -> str:
    """理解度チェックの問い。正解の印と説明は、次の段で出る。"""
    items, reason = [], ""
    for key, text, why in slide.choices:
        mark = ""
        if why.startswith(RIGHT):
            mark = '<span class="fragment right" data-fragment-index="0">正解</span>'
            said = why.removeprefix(RIGHT).lstrip()
            reason = f'<div class="why fragment" data-fragment-index="0">{markdown(said)}</div>'
        items.append(f"<li><b>{key}</b> <span>{inline(text)}</span>{mark}</li>")
    asked = markdown(slide.lead[0])
    return f'<div class="lead">{asked}</div>\n<ul class="choices">{"".join(items)}</ul>\n{reason}\n'


def notes(slide: Slide, spent: int) -> str:
    """発表者のノート。先頭に、この1枚の時間を置く。"""
    said = "".join(markdown(text) for text in slide.notes)
    if slide.seconds:
        start = f"{spent // 60}分{spent % 60:02}秒"
        said = f'<p class="time">{start}から、{length(slide.seconds)}</p>{said}'
    return f'<aside class="notes">{said}</aside>\n' if said else ""


def length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return (f"{minutes}分" if minutes else "") + (f"{rest}秒" if rest else "")


def contents(parts: list[Deck], lessons: list[Deck]) -> str:
    """デッキの一覧のページ。"""

    def listed(decks: list[Deck]) -> str:
        return "".join(
            f'<li><a href="{deck.name}.html">{inline(deck.title)}</a>'
            + (f" <span>{deck.minutes}分、" if deck.minutes else " <span>")
            + f"{len(deck.slides)}枚</span></li>"
            for deck in decks
        )

    page = CONTENTS.format(
        head=head("授業のスライド"), parts=listed(parts), lessons=listed(lessons)
    )
    return close_gaps(page)


CONTENTS = """\
{head}<link rel="stylesheet" href="deck.css">
</head>
<body class="contents">
<main>
<h1>授業のスライド</h1>
<p>レッスンと同じ材料から作った、教室で映すためのスライドです。
<a href="../instructor_guide.html">講師ガイドに戻る</a></p>
<h2>部ごと</h2>
<ul>{parts}</ul>
<h2>使い方</h2>
<table>
<tr><th>→ ←（スペース）</th><td>次へ、前へ。スペースは、理解度チェックの問いにも入ります</td></tr>
<tr><th>↓ ↑</th><td>理解度チェックの問いに入る、戻る</td></tr>
<tr><th>S</th><td>発表者の画面（話すこと、次のスライド、経過時間、この1枚に残っている時間）</td></tr>
<tr><th>F</th><td>全画面（Escで戻る）</td></tr>
<tr><th>O</th><td>一覧</td></tr>
<tr><th>B</th><td>画面を黒くする</td></tr>
</table>
<p>PDFにするには、住所の<code>.html</code>の後に<code>?view=print</code>を付けて開き、ブラウザーの印刷で「PDFに保存」を選びます。
ノートも載せるなら<code>?view=print&amp;showNotes=separate-page</code>です。</p>
<h2>レッスンごと</h2>
<ul>{lessons}</ul>
</main>
</body>
</html>
"""


def main_command() -> int:
    """コマンドの入口。終了コードを返す。"""
    try:
        write_all(OUT, files())
    except (LessonError, BookError, npm.NpmError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"スライドができました: {OUT / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main_command())
