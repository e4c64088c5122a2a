"""本の中の検索に使うファイルを、組み立てたページから作る。

索引は、節ごとの題と本文と、用語集の言葉をそのまま並べたもので、語には切らない。
問いの言葉を本文から探すのも、表記の揺れをそろえるのも、読者のブラウザーで動く
_search/engine.js だけなので、本と問いで語の切り方が食い違うことがない。
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bs4 import BeautifulSoup, Tag

from tools import ROOT
from tools.course.files import read_yaml

BUNDLE = "search/search.js"
SCRIPTS = ("engine.js", "panel.js")
# 畳んだもの（解答、ヒント、選択肢、図を描くコード）と、本文でないもの。
UNSEARCHED_TAGS = ["details", "nav", "script", "style"]
UNSEARCHED_CLASSES = ["badges", "launch", "headerlink", "tag_check", "verdict"]
HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
BLOCKS = ["p", "li", "tr", "th", "td", "dt", "dd", "div", "pre", "br"]


def bundle(book: Path, pages: Mapping[str, str]) -> bytes:
    """検索を開いた時に読む、1つのJavaScript。

    pages は {ページの名前: HTML}、book は用語集のあるフォルダー。
    fetch を使わないので、ファイルを直接開いた時も読める。
    """
    articles = {name: article_of(page) for name, page in pages.items()}
    taught = lessons_of_terms({name: page for name, page in articles.items() if "/" in name})
    data = {
        "terms": [
            {**term, **taught[term["name"]]}
            for term in glossary_terms(book / "glossary.yml")
            if term["name"] in taught
        ],
        "synonyms": [*synonyms(book / "synonyms.yml"), *rewrites(book / "words.yml")],
        "pages": [searchable(name, article) for name, article in articles.items()],
    }
    scripts = [(ROOT / "_search" / name).read_text(encoding="utf-8") for name in SCRIPTS]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return "\n".join([*scripts, f"bookSearch.start({text});\n"]).encode()


def article_of(page: str) -> Tag:
    """本文の木。コードの色分けのspanは、木にする前に外す（読む時間が3分の1になる）。"""
    article = re.search(r'<article class="bd-article".*?</article>', page, re.DOTALL)[0]
    return BeautifulSoup(re.sub(r"</?span\b[^>]*>", "", article), "html.parser").article


def searchable(name: str, article: Tag) -> dict:
    """ページの住所、題、節（id、題、本文、コードと出力）の並び。article は空になる。"""
    for tag in article.find_all(UNSEARCHED_TAGS) + article.find_all(class_=UNSEARCHED_CLASSES):
        tag.decompose()
    for tag in article.find_all(BLOCKS):
        tag.append("\n")
    title = squeeze(article.find("h1").get_text())
    found = [
        part
        for section in reversed(article.find_all("section"))
        for part in reversed(parts(section))
    ]
    return {"url": f"{name}.html", "title": title, "sections": found[::-1]}


def parts(section: Tag) -> list[list[str]]:
    """節と、節の中の用語。どれも [id, 題, 本文, コードと出力] で、節を元の木から外す。"""
    section.extract()
    terms = []
    for term in section.find_all("dt", id=True):
        meaning = squeeze(term.find_next_sibling("dd").extract().get_text())
        terms.append([term["id"], squeeze(term.extract().get_text()), meaning, ""])
    heading = section.find(HEADINGS)
    title = squeeze(heading.extract().get_text()) if heading else ""
    code = " ".join(
        squeeze(block.extract().get_text()) for block in section.select("pre, table.dataframe")
    )
    return [[section.get("id", ""), title, squeeze(section.get_text()), code], *terms]


def squeeze(text: str) -> str:
    """続く空白を1つにする。日本語の間の改行は、何も置かずに詰める。"""
    text = re.sub(r"(?<=[。」）])\s+", "", text)
    return " ".join(text.split())


def lessons_of_terms(lessons: dict[str, Tag]) -> dict[str, dict]:
    """{用語: 用語集の住所と、その用語を教える節}。

    教える節は、英語を添えて紹介した最初の節。どこでも添えていなければ、最初に用語集へつないだ節。
    """
    found: dict[str, dict] = {}
    introduced = set()
    for name, article in lessons.items():
        for link in article.find_all("a", href=re.compile(r"glossary\.html#term-")):
            if link.parent.name != "strong":
                continue
            term = link.get_text()
            after = str(link.parent.next_sibling or "")
            if term in introduced or (term in found and not re.match(r"\s*（[A-Za-z]", after)):
                continue
            if re.match(r"\s*（[A-Za-z]", after):
                introduced.add(term)
            found[term] = {
                "url": link["href"].removeprefix("../"),
                "page": f"{name}.html",
                "section": link.find_parent("section")["id"],
            }
    return found


def glossary_terms(path: Path) -> Iterator[dict]:
    """用語ごとの、名前、英語、定義、同じ意味で打たれる言葉（よみ、別名、使わない書き方）。"""
    for entry in read_yaml(path):
        words = [entry.get("yomi"), entry["en"], *entry.get("aliases", [])]
        words += map(plain, entry.get("variants", []))
        yield {
            "name": entry["ja"],
            "en": entry["en"],
            "definition": entry["definition"],
            "words": [word for word in words if word],
        }


def synonyms(path: Path) -> Iterator[tuple[str, str]]:
    """(読者の言葉, 本の言葉) の組。"""
    for used, typed in read_yaml(path).items():
        yield from ((word, used) for word in typed)


def rewrites(path: Path) -> Iterator[tuple[str, str]]:
    """(本で使わない言葉, 本で使う言葉) の組。置き換えが1語のものだけ。"""
    for entry in read_yaml(path):
        avoid = entry["avoid"] if isinstance(entry["avoid"], list) else [entry["avoid"]]
        if re.fullmatch(r"[ァ-ヶー一-龠A-Za-z -]+", entry["use"]):
            yield from ((word, entry["use"]) for word in map(plain, avoid) if word)


def plain(word: str) -> str:
    """正規表現（/…/）で書いた言葉を、ふつうの言葉に直す。直せなければ空文字列。"""
    if not word.startswith("/"):
        return word
    word = re.sub(r"\(\?.*?\)| \?", "", word.strip("/"))
    return word if re.fullmatch(r"[\w /-]+", word) else ""
