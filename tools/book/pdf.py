"""組み立てた本（_build/html）の全ページを、A4のPDF1つにする。

    python -m tools.book.pdf     _build/pdf/ にPDFを作る

ページを1枚のHTMLにつなぎ、Chromiumで印刷する。目次などのページ番号は、印刷したPDFから
読み取って書き込み、番号が変わらなくなるまで印刷し直して決める。
畳んだもの（ヒント、解答、選択肢の説明、図を描くコード）は、レッスンの終わりに改ページして置く。
"""

from __future__ import annotations

import copy
import io
import posixpath
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pikepdf
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Page

from tools import ROOT
from tools.book import BookError, chromium, cover
from tools.course import site
from tools.course.files import write

STYLE = Path(__file__).with_suffix(".css")
HIDDEN = ".headerlink, .launch, .start, script, noscript, .toctree-wrapper"
CHOICE = re.compile(r"[ア-ン]\. ")
MAX_PRINTS = 4
LARGEST = 25  # MB
PAPER = {"width": 658, "height": 987}  # 余白を除いたA4（96dpiの画素）


def make(root: Path = ROOT) -> Path:
    """root の組み立て済みの本からPDFを作り、そのファイルを返す。

    本が無ければ BookError、Chromium が無ければ chromium.NoChromium を送る。
    """
    html = root / "_build" / "html"
    if not (html / "index.html").exists():
        raise BookError("本がまだありません。先に `make book` で組み立ててください。")
    whole = root / "_build" / "pdf" / "book.html"
    path = whole.with_name(site.PDF)
    with chromium.opened() as browser:
        write(whole, str(combined(html)).encode())
        content = printed(browser, whole)
    if len(content) > LARGEST * 1_000_000:
        raise BookError(f"PDFが{LARGEST}MBを超えました。図や写真を小さくしてください。")
    write(path, content)
    return path


# ---- 1枚のHTMLにつなぐ ----


def combined(html: Path) -> BeautifulSoup:
    """表紙、目次、すべてのページを、本の並びでつないだHTML。"""
    front = soup_of(html / "index.html")
    parts = contents(front)
    pages = {name: article(html, name) for _, names in parts for name in names}
    link_pages(pages)
    whole = BeautifulSoup('<!DOCTYPE html><html lang="ja" data-theme="light"/>', "html.parser")
    head, body = element("head"), element("body")
    whole.html.extend([head, body])
    title = page_title(pages["index"])
    head.extend([element("meta", charset="utf-8"), element("title", title)])
    for link in front.select('link[rel="stylesheet"]'):
        style = (html / urlsplit(link["href"]).path).as_uri()
        head.append(element("link", rel="stylesheet", href=style))
    head.append(element("style", STYLE.read_text(encoding="utf-8") + running_titles(pages)))

    body.append(cover_page(title, pages["index"]))
    body.append(table_of_contents(parts, pages))
    for caption, names in parts:
        for name in names:
            # 部の題は、しおりの親になるように、最初のページだけ見出しにする
            kind = "h1" if name == names[0] else "p"
            pages[name].insert(0, element(kind, caption, "part"))
            body.append(pages[name])
    return whole


def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def element(name: str, text: str = "", kind: str = "", **attributes: str) -> Tag:
    """文だけの要素。kind は class。"""
    made = Tag(name=name, attrs={**({"class": kind} if kind else {}), **attributes})
    if text:
        made.string = text
    return made


def contents(front: BeautifulSoup) -> list[tuple[str, list[str]]]:
    """本の並び。(部の題, ページの名前の並び) を横の目次から読む。表紙は最初の部に入れる。"""
    parts = []
    for caption in front.select(".bd-docs-nav .caption"):
        links = caption.find_next_sibling("ul").select("a[href]")
        names = [posixpath.splitext(unquote(link["href"]))[0] for link in links]
        parts.append((caption.get_text(strip=True), names))
    parts[0][1].insert(0, "index")
    return parts


def anchor(name: str, part: str = "") -> str:
    """つないだHTMLの中での、ページ（の一部）のid。"""
    return name.replace("/", "-") + (f"--{part}" if part else "")


def article(html: Path, name: str) -> Tag:
    """ページの本文。見出しを1段下げ、idにページの名前を付け、畳んだものを開く。"""
    page = soup_of(html / f"{name}.html").select_one("article.bd-article").extract()
    page.name, page["id"], page["data-page"] = "section", "", name
    for tag in page.select(HIDDEN):
        tag.decompose()
    if name.startswith("lessons/"):
        move_folded(page)
    for tag in page.find_all(re.compile("^h[1-5]$")):
        tag.name = f"h{int(tag.name[1]) + 1}"
    for tag in [page, *page.select("[id]:not(svg *)")]:
        tag["id"] = anchor(name, tag["id"])
    for tag in page.select("details, summary"):
        tag.name, tag["class"] = ("div", "unfolded") if tag.name == "details" else ("p", "choice")
    for image in page.select("img"):
        image["src"] = (html / name).parent.joinpath(unquote(image["src"])).resolve().as_uri()
        del image["loading"]
    return page


def move_folded(page: Tag) -> None:
    """畳んだものを、レッスンの終わりの「ヒントと解答」へ移し、元の所には行き先を書く。"""
    back = element("section", kind="back")
    back.append(element("h2", "ヒントと解答"))
    heading = question = None
    for tag in page.select("h2, h3, p, details"):
        if tag.name in {"h2", "h3"}:
            heading = tag.get_text()
        elif tag.name == "p" and (found := re.match(r"問 (\d+)\.", tag.get_text())):
            question = tag
            place = f"quiz-{found[1]}"
        elif tag.name == "details" and not tag.find_parent("details"):
            label = tag.summary.get_text()
            if CHOICE.match(label):
                if not question.select(".see"):
                    back.append(element("h3", f"理解度チェック 問 {place[5:]}", id=place))
                    question.append(see("答えは", place))
                shown = copy.copy(tag.summary)
                shown.name, shown["class"] = "p", "choice"
                tag.insert_before(shown)
            else:
                place = tag.get("id") or f"folded-{len(back.contents)}"
                tag.insert_before(see(f"{label}は", place))
                tag.summary.extract()
                title = label if label.startswith("解答") else f"{heading}（{label}）"
                back.append(element("h3", title, id=place))
                del tag["id"]
            back.append(tag.extract())
    if back.details:
        page.append(back)


def see(before: str, target: str) -> Tag:
    """「〜は45ページ」という案内。"""
    line = element("span", before, "see")
    line.extend([page_number(target), "ページ"])
    return line


def page_number(target: str) -> Tag:
    """同じページの target がある紙の番号。印刷してから書き込む。"""
    return element("a", "000", "page-number", href=f"#{target}")


def cover_page(title: str, index: Tag) -> Tag:
    """表紙。"""
    made = element("section", kind="cover")
    made.append(element("p", title, "cover-title"))
    made.extend(copy.copy(opening) for opening in index.select(".opening"))
    made.append(element("p", cover.edition(ROOT), "cover-note"))
    made.append(element("p", kind="cover-note"))
    made.contents[-1].append(element("a", site.book(), href=site.book()))
    return made


def table_of_contents(parts: list[tuple[str, list[str]]], pages: dict[str, Tag]) -> Tag:
    """ページ番号の付いた目次。"""
    made = element("nav", kind="list")
    made.append(element("p", "目次", "list-title"))
    for caption, names in parts:
        made.append(element("p", caption, "list-part"))
        for name in names:
            line = element("p", kind="list-line")
            line.append(element("a", page_title(pages[name]), href=f"#{anchor(name)}"))
            line.extend([element("span", kind="leader"), page_number(anchor(name))])
            made.append(line)
    return made


def page_title(page: Tag) -> str:
    return page.h2.get_text(strip=True)


def running_titles(pages: dict[str, Tag]) -> str:
    """紙の上に、ページの題を出す決まり。"""
    rules = []
    for name, page in pages.items():
        title = page_title(page).replace("\\", r"\\").replace('"', r"\"")
        rules.append(f'@page {anchor(name)} {{ @top-left {{ content: "{title}" }} }}')
        rules.append(f"#{anchor(name)} {{ page: {anchor(name)} }}")
    return "\n".join(rules)


def link_pages(pages: dict[str, Tag]) -> None:
    """本の中へのリンクをPDFの中へ、本に添えたファイルへのリンクを公開した本へ向ける。"""
    ids = {tag["id"] for page in pages.values() for tag in page.select("[id]")}
    for name, page in pages.items():
        for link in page.select("a[href]"):
            to = urlsplit(link["href"])
            if to.scheme or to.netloc:
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(to.path)))
            target = posixpath.splitext(path)[0] if to.path else name
            if target in pages:
                part = anchor(target, unquote(to.fragment))
                link["href"] = f"#{part if part in ids else anchor(target)}"
            else:
                link["href"] = site.book() + path


# ---- 印刷する ----

# はみ出す表とコードを、紙の幅に縮める。
FIT = """() => {
  for (const part of document.querySelectorAll(".bd-article :is(table, pre)")) {
    const room = part.parentElement.clientWidth;
    if (part.scrollWidth > room) part.style.zoom = room / part.scrollWidth;
  }
}"""

FILL = """(numbers) => {
  for (const link of document.querySelectorAll(".page-number")) {
    link.textContent = numbers[link.hash.slice(1)] ?? link.textContent;
  }
}"""


def laid_out(browser: Browser, whole: Path) -> Page:
    """whole を、印刷する紙の幅に並べた画面。"""
    page = browser.new_page(color_scheme="light", locale="ja-JP", viewport=PAPER)
    page.emulate_media(media="print")
    page.goto(whole.as_uri())
    page.evaluate(FIT)
    return page


def printed(browser: Browser, whole: Path) -> bytes:
    """whole を印刷したPDF。ページ番号が決まるまで印刷し直す。"""
    numbers: dict[str, int] = {}
    for _ in range(MAX_PRINTS):
        # 同じ画面を2度印刷すると、紙の分け方が変わることがあるので、開き直す
        page = laid_out(browser, whole)
        page.evaluate(FILL, numbers)
        content = page.pdf(
            prefer_css_page_size=True, print_background=True, outline=True, tagged=True
        )
        page.close()
        with pikepdf.open(io.BytesIO(content)) as document:
            found = page_numbers(document)
            if found == numbers:
                return packed(document)
        numbers = found
    raise BookError("PDFのページ番号が決まりませんでした。`make book` からやり直してください。")


def page_numbers(document: pikepdf.Pdf) -> dict[str, int]:
    """PDFの中のリンク先の名前と、その紙の番号（1から）。"""
    places = document.Root.Dests.items()
    return {name[1:]: pikepdf.Page(place[0]).index + 1 for name, place in places}


def packed(document: pikepdf.Pdf) -> bytes:
    """しおりの題を直し、小さくまとめたPDF。"""
    with document.open_outline() as outline:
        single_titles(outline.root)
    buffer = io.BytesIO()
    document.save(buffer, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()


def single_titles(items: list[pikepdf.OutlineItem]) -> None:
    """2度続けて入った題を1度にする。Chromium は、紙の先頭に来た見出しの題をそうする。"""
    for item in items:
        half = item.title[: len(item.title) // 2]
        item.title = half if item.title == half * 2 else item.title
        single_titles(item.children)


def main() -> int:
    """コマンドの入口。終了コードを返す。"""
    try:
        print(f"PDFができました: {make()}")
    except (BookError, chromium.NoChromium) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
