"""本全体のPDF: 全ページがあり、番号、しおり、リンク、書体が読む人の役に立つこと。"""

import re
from collections import Counter
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from tools.book import BookError, chromium, pdf
from tools.course import site

SHOWN = ("index", "how_to_use", "lessons/15", "lessons/16", "license")  # 小さな本に入れるページ
ANSWER = "正解です。"
needs_browser = pytest.mark.skipif(
    chromium.PATH is None, reason="Chromiumが見つからないので、印刷の試験を飛ばします。"
)


@pytest.fixture(scope="module")
def whole(html):
    """全ページをつないだHTML。"""
    return pdf.combined(html)


@pytest.fixture(scope="module")
def small(html, tmp_path_factory) -> Path:
    """数ページだけの本のPDF。"""
    root = tmp_path_factory.mktemp("小さな 本")
    folder = root / "_build" / "html"
    folder.mkdir(parents=True)
    for path in html.iterdir():
        (folder / path.name).symlink_to(path)
    front = pdf.soup_of(html / "index.html")
    for link in front.select(".bd-docs-nav a"):
        if not link["href"].startswith(SHOWN):
            link.decompose()
    for caption in front.select(".bd-docs-nav .caption"):
        if not caption.find_next_sibling("ul").a:
            caption.decompose()
    (folder / "index.html").unlink()
    (folder / "index.html").write_text(str(front), encoding="utf-8")
    return pdf.make(root)


@pytest.fixture(scope="module")
def document(small):
    with pikepdf.open(small) as document:
        yield document


@pytest.fixture(scope="module")
def sheets(small) -> list[str]:
    """紙ごとの文。空白を除く。"""
    pages = pypdfium2.PdfDocument(small)
    return [re.sub(r"\s", "", page.get_textpage().get_text_bounded()) for page in pages]


def bookmarks(document) -> list[tuple[int, str, int]]:
    """しおりの（深さ、題、紙の番号）。"""
    found = []

    def walk(items, depth):
        for item in items:
            place = item.destination or item.action.D
            place = document.Root.Dests[place] if isinstance(place, pikepdf.Name) else place
            found.append((depth, item.title, pikepdf.Page(place[0]).index + 1))
            walk(item.children, depth + 1)

    with document.open_outline() as outline:
        walk(outline.root, 0)
    return found


# ---- つないだHTML ----


def test_every_page_is_joined_in_order(html, whole):
    names = [page["data-page"] for page in whole.select("[data-page]")]
    lessons = [f"lessons/{path.stem}" for path in sorted((html / "lessons").glob("*.html"))]
    pages = {path.stem for path in html.glob("*.html")} - {"search"}
    assert [name for name in names if name.startswith("lessons/")] == lessons
    assert {name for name in names if not name.startswith("lessons/")} == pages
    assert len(names) == len(set(names))


def test_links_stay_in_the_file_or_are_public(whole):
    ids = Counter(tag["id"] for tag in whole.select("[id]:not(svg *)"))
    assert [name for name, count in ids.items() if count > 1] == []
    assert not whole.select("script")
    for link in whole.select("a[href]"):
        target = link["href"]
        assert target.startswith(("http://", "https://")) or target[1:] in ids, target
    for image in whole.select("img"):
        assert image["src"].startswith("file:") or image["src"].startswith("data:")


def test_folded_text_waits_at_the_end_of_the_lesson(html, whole):
    for page in whole.select('[data-page^="lessons/"]'):
        source = (html / f"{page['data-page']}.html").read_text(encoding="utf-8")
        backs = page.select(".back")
        assert page.contents[-1] is backs[-1] and len(backs) == 1
        assert len(page.select(".back .unfolded")) == source.count("<details")
        assert str(backs[0]).count(ANSWER) == str(page).count(ANSWER) == source.count(ANSWER)
        headings = {heading.get_text() for heading in backs[0].select("h4")}
        assert headings >= set(re.findall(r"<summary>(解答 \d+)</summary>", source))
        targets = {link["href"][1:] for link in page.select(".see a")}
        assert targets == {tag["id"] for tag in backs[0].select("h4")}


# ---- 印刷したもの ----


@needs_browser
def test_contents_and_guides_give_the_right_numbers(small, document, sheets):
    made = pdf.soup_of(small.with_name("book.html"))
    opened = {title: number for depth, title, number in bookmarks(document) if depth == 1}
    contents = "".join(sheets[1:3])
    assert len(opened) == len(made.select(".list-line")) == len(SHOWN)
    for line in made.select(".list-line"):
        title = line.a.get_text()
        number = opened[title]
        shown = re.sub(r"\s", "", title)
        assert f"{shown}{number}" in contents
        assert sheets[number - 1].startswith(f"{shown}{number}")
    answers = [number for _, title, number in bookmarks(document) if title == "解答 1"]
    text = "".join(sheets)
    assert len(answers) == 2
    for number in answers:
        assert f"解答1は{number}ページ" in text


@needs_browser
def test_bookmarks_follow_the_headings(small, document):
    made = pdf.soup_of(small.with_name("book.html"))
    headings = [re.sub(r"\s", "", tag.get_text()) for tag in made.select("h1, h2, h3, h4, h5, h6")]
    found = bookmarks(document)
    assert [re.sub(r"\s", "", title) for _, title, _ in found] == headings
    assert [number for *_, number in found] == sorted(number for *_, number in found)


@needs_browser
def test_answers_start_on_a_new_sheet(document, sheets):
    starts = [number for _, title, number in bookmarks(document) if title == "ヒントと解答"]
    assert len(starts) == 2
    for number in starts:
        assert re.match(r"\d\d\..{3,40}ヒントと解答", sheets[number - 1])
        assert "ヒントと解答" not in sheets[number - 2]


@needs_browser
def test_no_heading_is_left_at_the_bottom(document, sheets):
    titles = {re.sub(r"\s", "", title) for _, title, _ in bookmarks(document)} | {"よくある間違い"}
    assert [text[-40:] for text in sheets if text.endswith(tuple(titles))] == []


@needs_browser
def test_links_are_live(document):
    kinds = Counter()
    for page in document.pages:
        for note in page.get("/Annots", []):
            if note.Subtype == "/Link" and "/Dest" in note:
                assert note.Dest in document.Root.Dests
                kinds["中"] += 1
            elif note.Subtype == "/Link":
                assert str(note.A.URI).startswith("https://"), note.A.URI
                kinds["外"] += 1
    assert kinds["中"] > 30 and kinds["外"] > 3


@needs_browser
def test_fonts_are_embedded(document):
    fonts = [font for page in document.pages for font in page.Resources.get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        if font.Subtype != "/Type3":  # Type3は、字の形そのものを持つ
            described = font.get("/DescendantFonts", [font])[0].FontDescriptor
            assert any(name.startswith("/FontFile") for name in described.keys()), font.BaseFont


@needs_browser
def test_sheets_are_a4_and_bright(small):
    for page in pypdfium2.PdfDocument(small):
        assert page.get_size() == pytest.approx((595, 842), abs=1)
        assert page.render(scale=0.2).to_numpy().mean() > 200


@needs_browser
def test_nothing_sticks_out(whole, tmp_path):
    """どのページの表、コード、図も、紙の幅に入る。"""
    path = tmp_path / "book.html"
    path.write_text(str(whole), encoding="utf-8")
    with chromium.opened() as browser:
        page = pdf.laid_out(browser, path)
        wide = page.evaluate(
            """(width) => [...document.querySelectorAll(".bd-article *")]
              .filter((one) => one.getBoundingClientRect().right > width + 1)
              .map((one) => one.closest("[data-page]").id + ": " + one.outerHTML.slice(0, 80))""",
            pdf.PAPER["width"],
        )
    assert wide == []


def test_no_browser_is_told_in_one_sentence(html, monkeypatch, capsys):
    monkeypatch.setattr(chromium, "PATH", None)
    assert pdf.main() == 1
    told = capsys.readouterr().err
    assert told.startswith("Chromiumが見つかりません。") and told.count("\n") == 1


def test_no_book_is_told(tmp_path):
    with pytest.raises(BookError, match="make book"):
        pdf.make(tmp_path)


def test_published_book_offers_the_file(html):
    page = pdf.soup_of(html / "how_to_use.html")
    assert page.select(f'article a[href="{site.pdf()}"]')
    steps = (pdf.ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    assert re.search(r"make pdf\n +cp _build/pdf/\*\.pdf _build/html/\n", steps)
