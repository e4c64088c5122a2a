"""本のページ: Markdownの印が残らず、図は線のままで、軽く開く。"""

import gzip
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt
from mdit_py_plugins.myst_blocks import myst_block_plugin
from nbformat import read
from projects import book_pages
from traitlets.config import PyFileConfigLoader

from tools.book.images import size, sized
from tools.book.stylesheet import prune, words_of_page

ROOT = Path(__file__).resolve().parent.parent.parent
STAGE = ROOT / "_build" / "stage"
FIGURE_BYTES = 150_000
FIRST_BYTES = 100_000  # ページを開く時に読み込む量（gzip）
MARKS = re.compile(r"\*\*|~~|`|\$|\{\w[\w:-]*\}|\[\[|\]\(|^:::|^#+ |<!--|^\s*%", re.MULTILINE)
MYST = MarkdownIt("commonmark").use(myst_block_plugin)


def stray_marks(page: BeautifulSoup) -> list[str]:
    """文章に残ったMarkdownの印と、その前後。"""
    for tag in page.select("pre, code, script, style, table.dataframe"):
        tag.decompose()
    return [
        text[max(0, mark.start() - 20) : mark.end() + 20]
        for part in page.select("article")
        for text in part.strings
        for mark in MARKS.finditer(text)
    ]


def swallowed_lines(source: str) -> list[str]:
    """MySTが注釈とみなして捨てる行。"""
    return [token.content for token in MYST.parse(source) if token.type == "myst_line_comment"]


def figure_problems(path: Path) -> list[str]:
    """図の、大きさと字と参照の、決まりを破る所。"""
    text = path.read_text(encoding="utf-8")
    kept = {
        f"{len(text.encode()):,}バイト": len(text.encode()) <= FIGURE_BYTES,
        "書体に頼る字": "<text" not in text,
        "よそへの参照": not re.search(r'(?:href|src)="(?!#|data:)', text),
        "描いた日時": "<dc:date>" not in text,
    }
    return [name for name, good in kept.items() if not good]


def loose_images(page: BeautifulSoup) -> list[str]:
    """大きさか、後で読み込む印の無い図。"""
    return [
        image["src"]
        for image in page.select("article img")
        if not (image.get("width") and image.get("height") and image.get("loading") == "lazy")
    ]


def blocking_parts(page: BeautifulSoup) -> list[str]:
    """画面を描くのを待たせるもののうち、決めた1つのスタイルでないもの。"""
    styles = [link["href"] for link in page.select('link[rel="stylesheet"]')]
    scripts = [
        script["src"]
        for script in page.select("script[src]")
        if not script.has_attr("defer") and script.get("type") != "module"
    ]
    return scripts + [href for href in styles if "_static/site.css?v=" not in href]


def first_bytes(html: Path, path: Path, page: BeautifulSoup) -> int:
    """ページと、そのスタイルとスクリプトの大きさ（gzip、バイト）。"""
    parts = [tag["href"] for tag in page.select('link[rel="stylesheet"]')]
    parts += [tag["src"] for tag in page.select("script[src]")]
    files = [path, *((path.parent / part.partition("?")[0]).resolve() for part in parts)]
    return sum(len(gzip.compress(file.read_bytes())) for file in files)


@pytest.fixture(scope="module")
def pages(html) -> dict[str, BeautifulSoup]:
    """{ページの名前: ページ}。"""
    return {
        path.relative_to(html).as_posix(): BeautifulSoup(path.read_bytes(), "html.parser")
        for path in book_pages(html)
    }


def broken(pages: dict[str, BeautifulSoup], find) -> dict[str, list[str]]:
    """決まりを破るページと、その所。"""
    return {name: found for name, page in pages.items() if (found := find(page))}


def test_images_have_their_size(pages):
    assert not broken(pages, loose_images)


def test_nothing_holds_up_the_first_paint(pages):
    assert not broken(pages, blocking_parts)


def test_pages_are_light(html, pages):
    sizes = {name: first_bytes(html, html / name, page) for name, page in pages.items()}
    assert not {name: found for name, found in sizes.items() if found > FIRST_BYTES}


def test_figures_stay_sharp(html, pages):
    outputs = [
        (html / name).parent / image["src"]
        for name, page in pages.items()
        for image in page.select(".cell_output img")
    ]
    assert outputs
    assert {path.suffix for path in outputs} == {".svg"}
    found = {path.name: figure_problems(path) for path in outputs}
    assert not {name: problems for name, problems in found.items() if problems}


@pytest.mark.parametrize("chosen", [None, "svg"])
def test_only_the_book_asks_for_svg(monkeypatch, chosen):
    monkeypatch.delenv("BOOK_FIGURES", raising=False)
    if chosen:
        monkeypatch.setenv("BOOK_FIGURES", chosen)
    loader = PyFileConfigLoader("ipython_kernel_config.py", path=str(ROOT / "jupyter"))
    settings = loader.load_config().get("InlineBackend", {})
    assert settings.get("figure_formats") == ({chosen} if chosen else None)


def test_unused_parts_of_the_theme_are_not_published(html):
    published = sum(path.stat().st_size for path in (html / "_static").rglob("*"))
    assert published < 500_000
    assert not list(html.rglob("fontawesome*"))


def test_no_line_is_swallowed(html):
    sources = {path.name: path.read_text("utf-8") for path in STAGE.glob("*.md")}
    for path in STAGE.glob("lessons/*.ipynb"):
        cells = [cell for cell in read(path, 4).cells if cell.cell_type == "markdown"]
        sources |= {f"{path.name} {number}": cell.source for number, cell in enumerate(cells)}
    found = {name: swallowed_lines(source) for name, source in sources.items()}
    assert not {name: lines for name, lines in found.items() if lines}


def test_no_markdown_is_left_in_the_text(pages):
    assert not broken(pages, stray_marks)


# ---- 決まりを破ったら、気付けること ----


def article(markup: str) -> BeautifulSoup:
    return BeautifulSoup(f"<article>{markup}</article>", "html.parser")


@pytest.mark.parametrize(
    "text",
    [
        "この**解約**は",
        "`churn`を",
        "$x$です",
        "{term}解約",
        "[題](a.md)",
        "% 割引",
        "[[14_x]]",
        "# 題",
    ],
)
def test_planted_marks_are_found(text):
    assert stray_marks(article(f"<p>{text}</p>"))
    assert not stray_marks(article(f"<pre>{text}</pre>"))
    assert not stray_marks(article("<p>解約は20%で、2*3です。</p>"))


def test_planted_line_is_found():
    assert swallowed_lines("割引は\n\n% 引きの値です。") == [" 引きの値です。"]
    assert not swallowed_lines("20% 引き\n\n```\n% コード\n```")


def test_planted_images_and_parts_are_found(tmp_path):
    assert loose_images(article('<img src="a.svg" width="1" height="1">')) == ["a.svg"]
    assert blocking_parts(article('<script src="a.js"></script>')) == ["a.js"]
    assert blocking_parts(article('<link rel="stylesheet" href="a.css">')) == ["a.css"]
    bad = tmp_path / "a.svg"
    bad.write_text('<svg><text>字</text><image href="a.png"/><dc:date>2026</dc:date></svg>')
    assert len(figure_problems(bad)) == 3
    bad.write_text(" " * (FIGURE_BYTES + 1))
    assert len(figure_problems(bad)) == 1


def test_sizes_are_written_in_pixels(tmp_path):
    (tmp_path / "a.svg").write_text('<svg width="72pt" height="36.6pt" viewBox="0 0 1 1"></svg>')
    assert size(tmp_path / "a.svg") == (96, 49)
    page = '<img alt="図" src="a.svg" /><img src="data:x"><img src="a.svg" width="5">'
    assert sized(page, tmp_path) == (
        '<img alt="図" src="a.svg" width="96" height="49" loading="lazy">'
        '<img src="data:x"><img src="a.svg" width="5">'
    )


def test_only_used_rules_are_kept():
    words = words_of_page('<p class="note big" id="top"><b>語</b></p>')
    style = """
    /* 説明 */ @font-face{font-family:x} @import "a.css"; :root{--a:1}
    p.note,.lost{color:red} .fa-sun{color:red} #top>b::before{content:","} #lost{color:red}
    p:not(.lost):hover{top:0} :is(.lost,.note) b{left:0} :is(.lost) b{right:0} table{width:0}
    @media print{.big{top:1px}.lost{top:0}} @media screen{.lost{top:0}} @keyframes spin{to{top:0}}
    """
    assert prune(style, words) == (
        ':root{--a:1}p.note{color:red}#top>b::before{content:","}p:not(.lost):hover{top:0}'
        ":is(.lost,.note) b{left:0}@media print{.big{top:1px}}@keyframes spin{to{top:0}}"
    )
