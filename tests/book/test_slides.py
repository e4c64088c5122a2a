"""授業のスライド: 本に入ったデッキそのものを、教室で開くように確かめる。"""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from tools.book import BookError, decks, slide_blocks, slides
from tools.course.lesson import SELF_STUDY, lesson_paths, present, read_lesson
from tools.course.times import QUIZ, Times, times

LESSONS = lesson_paths()
IDS = [path.stem for path in LESSONS]
PARTS = ["part_1", "part_2", "part_3"]
SMALLEST = 24  # 教室の後ろから読める字（1920×1080のときのpx）

# デッキ1つの全スライドで、枠や画面からはみ出す所と、小さすぎる字と図を返す。
MEASURE = """
([smallest, count]) => {
  const found = [];
  for (const slide of Reveal.getSlides().slice(0, count)) {
    const place = Reveal.getIndices(slide);
    Reveal.slide(place.h, place.v || 0, 99);
    const page = slide.getBoundingClientRect();
    const report = (what, tag) => found.push(
      `${slide.querySelector("h1, h2").textContent}: ${what} <${tag.tagName} ${tag.className}>`);
    for (const tag of slide.querySelectorAll("*:not(aside, aside *)")) {
      const box = tag.getBoundingClientRect();
      if (!box.width) continue;
      if (box.left < page.left || box.right > page.right - 40 || box.top < page.top
          || box.bottom > page.bottom - 40) report("画面の外", tag);
      const holds = tag.matches(".main, .group, .prose, pre, .terms, .kicker");
      if (holds && (tag.scrollHeight > tag.clientHeight + 1 || tag.scrollWidth > tag.clientWidth + 1))
        report("枠からはみ出す", tag);
      if (tag.matches("pre, code, td, th, li, p") && parseFloat(getComputedStyle(tag).fontSize) < smallest)
        report("字が小さい", tag);
      if (tag.matches("img") && tag.clientHeight < 400) report("図が小さい", tag);
    }
  }
  return found;
}
"""


def soup(html, name: str) -> BeautifulSoup:
    return parsed(html / "slides" / f"{name}.html")


@cache
def parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def sheets(page: BeautifulSoup) -> list:
    """スライド。縦の列の枠は数えない。"""
    return [tag for tag in page.select("section") if not tag.section]


def seconds(page: BeautifulSoup) -> int:
    return sum(int(sheet["data-timing"]) for sheet in sheets(page))


def kinds(found: list) -> set[str]:
    return {tag["class"][0] for tag in found}


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


# ---- 授業と同じか ----


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_lesson_has_its_slides(html, lesson):
    """教室で使う見出し、コード、図は載り、【自習】の見出しとコードは載らない。"""
    page, cells = soup(html, lesson.stem), read_lesson(lesson).cells
    shown = {squeeze(tag.get_text()) for tag in page.select("h1, h2")}
    code = {squeeze(tag.get_text()) for tag in page.select("pre.code")}
    inside, level, headings, answered = True, 9, 0, False
    for cell in cells:
        if cell.kind == "markdown":
            for mark, text in re.findall(r"^(#+) (.+)$", cell.source, re.MULTILINE):
                answered = False
                if len(mark) <= level:
                    inside, level = not text.endswith(SELF_STUDY), 9
                    level = level if inside else len(mark)
                heading = squeeze(re.sub(r"[`*]", "", text)).removesuffix(SELF_STUDY)
                if not inside and heading != QUIZ:
                    assert heading not in shown
                headings += heading in shown
        elif cell.role[0] == "確認":
            answered = True  # この後のコードは次の練習の準備で、ノートに入る
        elif (
            not answered
            and cell.role[0] in {"", "練習"}
            and "figure" not in cell.metadata.get("tags", [])
        ):
            hidden = "check" in cell.source or "slide" in cell.metadata
            expected = inside and not hidden
            assert (squeeze(cell.source) in code) == expected or hidden, cell.source
    assert headings >= 3
    assert SELF_STUDY not in page.get_text()


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_minutes_add_up(html, lesson):
    found = times(read_lesson(lesson))
    minutes = found.in_class or round(found.unmarked)
    assert seconds(soup(html, lesson.stem)) == minutes * 60


@pytest.mark.parametrize("part", PARTS)
def test_part_is_its_lessons(html, part):
    page = soup(html, part)
    assert seconds(page) == 90 * 60
    lessons = [path for path in LESSONS if path.stem.startswith(part[-1])]
    titles = [tag.h1.get_text() for tag in page.select("section.title")]
    assert titles == [soup(html, path.stem).h1.get_text() for path in lessons]
    assert len(page.select(".lessons a")) == len(lessons)
    assert len(sheets(page)) == 1 + sum(len(sheets(soup(html, path.stem))) for path in lessons)


def test_advanced_lessons_have_no_deck_of_the_part():
    """発展は1つずつ選んで教えるので、授業のデッキだけを作る。"""
    found = [decks.Deck(name, name, 45, []) for name in ("35_a", "41_b", "51_c")]
    chapters = [{"glob": "lessons/3*"}, {"glob": "lessons/[4-7]*"}]
    workshop, advanced = (
        decks.part_deck({"caption": "部", "chapters": [one]}, found) for one in chapters
    )
    assert workshop.name == "part_3" and advanced is None


def test_loads_are_what_the_lesson_counts():
    for deck in decks.all_decks()[0]:
        source = read_lesson(next(path for path in LESSONS if path.stem == deck.name))
        loaded = sum(slide.load for slide in deck.slides)
        assert loaded == pytest.approx(times(present(source)).unmarked)


@pytest.mark.parametrize("lesson", LESSONS, ids=IDS)
def test_no_answer_before_its_question(html, lesson):
    page = soup(html, lesson.stem)
    for sheet in page.select("section.question"):
        right, why = sheet.select(".right"), sheet.select(".why")
        assert len(right) == len(why) == 1
        assert "fragment" in right[0]["class"] and "fragment" in why[0]["class"]
        assert right[0].find_parent("li") and why[0].find_previous("li")
        asked = sheet.get_text().replace(sheet.aside.get_text(), "")
        assert not re.search("正解です", asked)
    for before, sheet in pairwise(sheets(page)):
        if "answer" in sheet["class"]:
            assert set(before["class"]) & {"exercise", "answer"}
            assert "fragment" in sheet.select_one(".main")["class"]
    answers = sum("answer" in sheet["class"] for sheet in sheets(page))
    stubs = [tag.get_text() for tag in page.select(".exercise h2")]
    assert answers >= len(set(stubs))
    quiz = len(
        re.findall(r"^\*\*問 \d+\.", "\n".join(c.source for c in read_lesson(lesson).cells), re.M)
    )
    assert len(page.select("section.question")) == quiz


# ---- ブラウザーで ----


@pytest.fixture(scope="module")
def opened(browser, site):
    """教室の画面。終わるときに、よそへの要求と画面の誤りが無かったことを確かめる。"""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, base_url=site)
    asked, errors = [], []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(request.url))
    yield page
    context.close()
    assert not [url for url in asked if not url.startswith((site, "data:"))]
    assert not errors


def open_deck(page, name: str) -> None:
    page.goto(f"slides/{name}.html")
    page.wait_for_function("window.Reveal && Reveal.isReady()")


def test_no_slide_overflows(opened, html):
    found = {}
    for name in [*IDS, *PARTS]:
        open_deck(opened, name)
        count = 1 if name in PARTS else 999  # 部のデッキは、表紙のほかは授業のデッキと同じ
        if faults := opened.evaluate(MEASURE, [SMALLEST, count]):
            found[name] = faults
    assert not found


def test_answer_appears_on_the_next_step(opened, html):
    both = "section.question, section.answer"
    name = next(name for name in IDS if len(kinds(soup(html, name).select(both))) == 2)
    open_deck(opened, name)
    for kind, answer in [("question", ".right"), ("question", ".why"), ("answer", ".main")]:
        opened.evaluate(
            """(kind) => {
              const at = Reveal.getIndices(document.querySelector(`section.${kind}`));
              Reveal.slide(at.h, at.v || 0, -1);
            }""",
            kind,
        )
        shown = opened.locator(f"section.{kind}.present {answer}").first
        seen = "(tag) => getComputedStyle(tag).visibility"
        assert shown.evaluate(seen) == "hidden"
        opened.keyboard.press("Space")
        assert shown.evaluate(seen) == "visible"


def test_speaker_sees_notes_and_timer_in_japanese(opened):
    open_deck(opened, "part_1")
    opened.evaluate("Reveal.slide(3)")
    with opened.context.expect_page() as waiting:
        opened.keyboard.press("s")
    speaker = waiting.value
    speaker.wait_for_selector(".speaker-controls-notes:not(.hidden) .value p")
    notes = speaker.locator(".speaker-controls-notes .value").inner_text()
    assert re.match(r"\d+分\d\d秒から、", notes)
    speaker.wait_for_selector(".pacing", state="visible")
    english = re.findall(r"[A-Za-z]{3,}", speaker.evaluate("document.body.innerText"))
    assert not set(english) & {"Upcoming", "Time", "Click", "Reset", "Notes", "Layout", "Default"}
    speaker.close()


def test_prints_one_page_per_step(opened, html):
    name = IDS[1]
    opened.goto(f"slides/{name}.html?view=print")
    opened.wait_for_function("document.querySelectorAll('.pdf-page').length > 0")
    page = soup(html, name)
    steps = len(page.select("section.question, section.answer"))
    assert opened.locator(".pdf-page").count() == len(sheets(page)) + steps
    assert opened.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    faults = opened.evaluate("""() => [...document.querySelectorAll(".pdf-page")].flatMap((page) => {
      const left = page.querySelector("h1, h2").getBoundingClientRect().left - page.getBoundingClientRect().left;
      const small = [...page.querySelectorAll("img")].filter((image) => image.clientHeight < 400);
      return left < 60 || small.length ? [page.textContent.trim().slice(0, 40)] : [];
    })""")
    assert opened.locator(".pdf-page img").count() and not faults


def test_cover_leads_to_each_lesson(opened):
    open_deck(opened, PARTS[0])
    link = opened.locator(".lessons a").last
    link.click()
    opened.wait_for_selector("section.title.present")
    title = opened.locator("section.title.present h1").text_content()
    assert link.text_content().startswith(f"{title}（")


def test_contents_list_every_deck(opened, html):
    opened.goto("slides/index.html")
    links = opened.locator("li a").evaluate_all(
        "(tags) => tags.map((tag) => tag.getAttribute('href'))"
    )
    assert links == [f"{name}.html" for name in [*PARTS, *IDS]]
    opened.goto("instructor_guide.html")
    opened.locator("a[href='slides/index.html']").first.click()
    assert opened.locator("h1").inner_text() == "授業のスライド"


# ---- 作り方 ----


def cell(kind, source: str, role: str = "text", outputs=(), **metadata):
    made = {"md": new_markdown_cell, "code": new_code_cell, "raw": new_raw_cell}[kind](source)
    made.metadata = nbformat.from_dict({"textbook": {"role": role}, **metadata})
    if outputs:
        made.outputs = list(outputs)
    return made


def printed(text: str):
    return new_output("stream", name="stdout", text=text)


def made_of(*cells):
    notebook = new_notebook(cells=[cell("md", "# 12. 題\n\n導入です。"), *cells])
    return slides.lesson_slides(notebook, Times(5, 5, 5.0))


def test_prose_is_said_where_it_belongs():
    """結果のすぐ後の段落はその結果で、次の段落は次のもので話す。"""
    _, first, second = made_of(
        cell("md", "## 節\n\n前置きです。"),
        cell("code", "print(1)", outputs=[printed("1")]),
        cell("md", "1が出ました。\n\n**平均**（mean、平らにした値）を出します。\n次は2です。"),
        cell("code", "print(2)", outputs=[printed("2")]),
        cell("md", "2が出ました。"),
    )
    assert first.notes == ["前置きです。", "1が出ました。"]
    assert second.notes[-1] == "2が出ました。"
    assert second.terms == [("平均", "mean")]


def test_short_paragraph_before_stands_under_the_heading():
    """長い段落は最後の1文だけにし、見出しで分かる節の1枚目には置かない。"""
    long = "一つめです。\n二つめです。\n三つめです。"
    _, first, second, third = made_of(
        cell("md", f"## 節\n\n{long}"),
        cell("code", "print(1)", outputs=[printed("1")]),
        cell("md", f"1です。\n\n{long}"),
        cell("code", "print(2)", outputs=[printed("2")]),
        cell("md", "2です。\n\n> **注意** 四つめです。\n> 五つめです。"),
        cell("code", "print(3)", outputs=[printed("3")]),
    )
    assert [first.lead, second.lead] == [[], ["三つめです。"]]
    assert third.lead == ["**注意** 四つめです。\n五つめです。"]


def test_code_without_output_joins_the_next():
    _, only = made_of(
        cell("md", "## 節\n\n文です。"),
        cell("code", "import a"),
        cell("code", "print(a)", outputs=[printed("1")]),
    )
    assert [block.kind for block in only.layout.groups[0]] == ["code", "code", "text"]


def test_hint_sends_code_to_the_notes():
    _, only = made_of(
        cell("md", "## 節\n\n文です。"),
        cell("code", "secret()", slide="notes"),
        cell("code", "print(1)", outputs=[printed("1")]),
    )
    assert not [b for b in only.layout.groups[0] if "secret" in b.html]
    assert any("secret()" in note for note in only.notes)


def test_photograph_stands_on_a_slide():
    name = sorted((LESSONS[0].parent / "pictures").glob("*.png"))[0].name
    _, only = made_of(
        cell("md", f"## 節\n\n画面です。\n\n![説明](pictures/{name})\n\n読み方です。")
    )
    (block,) = only.layout.groups[0]
    assert (block.kind, block.alt) == ("figure", "説明")
    assert only.notes == ["画面です。", "読み方です。"]


def test_heading_without_content_is_said_on_the_next_slide():
    _, only = made_of(cell("md", "## 練習\n\n一言。\n\n### 小さな節\n\n- 項目"))
    assert only.heading == "小さな節" and only.notes == ["一言。"]


def test_what_does_not_fit_is_split_and_nothing_is_lost():
    code, table = slide_blocks.code("x\n" * 19), slide_blocks.printed("y\n" * 19)
    pages = slide_blocks.arrange([code, table, table], 300)
    shown = [block for page in pages for group in page.groups for block in group]
    assert len(pages) == 3 and shown == [code, table, table]


def test_katakana_words_stay_in_one_line():
    shown = slide_blocks.inline("どのバージョンか`コード`")
    assert '<span class="word">バージョン</span>' in shown


def test_seconds_follow_the_load():
    made = [slides.Slide("content", str(load), load=load) for load in (1, 0, 2, 3.3)]
    slides.share_seconds(made, 300)
    assert [one.seconds for one in made] == [50, 0, 95, 155]


def test_lesson_without_heading_is_refused():
    with pytest.raises(BookError, match="見出し"):
        slides.lesson_slides(new_notebook(cells=[cell("md", "文です。")]), Times(5, 5, 5.0))


def test_unexecuted_lesson_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(decks, "EXECUTED", tmp_path)
    with pytest.raises(BookError, match="先に `make book`"):
        decks.files()


def test_changed_words_of_the_library_are_told(monkeypatch):
    monkeypatch.setitem(decks.WORDS, "reveal.js", {"no such words": "訳"})
    with pytest.raises(BookError, match="no such words"):
        decks.reveal()
