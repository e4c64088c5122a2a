"""用語集と出典の、本文との食い違いと古さ。"""

import datetime
import re
import warnings

import yaml
from bs4 import BeautifulSoup
from facts import stale

from tools.book import appendix
from tools.course.lesson import ROOT, lesson_paths

GLOSSARY = yaml.safe_load((ROOT / "book" / "glossary.yml").read_text(encoding="utf-8"))
FACTS = yaml.safe_load((ROOT / "book" / "sources.yml").read_text(encoding="utf-8"))


def texts() -> str:
    pages = [*lesson_paths(), *(ROOT / "book").glob("*.md")]
    return "\n".join(path.read_text(encoding="utf-8") for path in pages)


def undefined(entries: list[dict], text: str) -> set[str]:
    """英語を添えて太字で紹介したのに、用語集にない用語。"""
    introduced = set(re.findall(r"\*\*([^*\n]+)\*\*（[a-z][^）]*）", text))
    return introduced - {one["ja"] for one in entries}


def test_every_introduced_term_is_defined():
    text = texts()
    assert undefined(GLOSSARY, text) == set()
    assert undefined(GLOSSARY, "これを **新しい言葉**（new word）と呼びます。") == {"新しい言葉"}


def test_terms_are_defined_once():
    words = [one["ja"] for one in GLOSSARY]
    assert len(words) == len(set(words))


def test_words_to_be_sorted_have_a_reading():
    for one in GLOSSARY:
        assert ("yomi" in one) == bool(
            re.match("[ぁ-ヿ一-龠].*", one["ja"]) and re.search("[一-龠]", one["ja"])
        )
        assert re.fullmatch("[ぁ-ゖー]+", one.get("yomi", "よみ"))


def test_glossary_is_in_japanese_order():
    words = ["校正", "コード", "勾配", "か", "がく", "かくう", "ロール", "ろうる", "A"]
    readings = ["こうせい", "コード", "こうばい", "か", "がく", "かくう", "ロール", "ろうる", "A"]
    order = sorted(zip(words, readings, strict=True), key=lambda one: appendix.collation(one[1]))
    assert [word for word, _ in order] == [
        "A",
        "か",
        "がく",
        "かくう",
        "校正",
        "勾配",
        "コード",
        "ろうる",
        "ロール",
    ]
    assert [appendix.row_of(one) for one in ("がく", "ッ", "ヴ", "ワン", "F1")] == [
        "か行",
        "た行",
        "あ行",
        "わ行",
        "英字",
    ]


def test_facts_have_a_source_and_a_date():
    for one in FACTS:
        assert set(one) == {"where", "fact", "source", "checked"}
        assert one["source"].strip() and isinstance(one["checked"], datetime.date)


def test_facts_name_pages_that_exist():
    places = {path.stem[:2] for path in lesson_paths()}
    places |= {path.stem for path in (ROOT / "book").glob("*.md")}
    for one in FACTS:
        assert one["where"] and set(one["where"]) <= places, one["fact"]


def test_facts_are_listed_under_every_page_that_uses_them(html):
    page = BeautifulSoup((html / "sources.html").read_text(encoding="utf-8"), "html.parser")
    listed = [
        (section.h2.get_text()[:2], item.get_text())
        for section in page.select("article section section")
        for item in section.select("li")
    ]
    assert len(listed) == sum(len(one["where"]) for one in FACTS)
    under_32 = [text for number, text in listed if number == "32"]
    assert any("from_utc_timestamp" in text and "確認日: 2026" in text for text in under_32)
    assert {number for number, _ in listed if number.isdigit()} == {
        place for one in FACTS for place in one["where"] if place.isdigit()
    }


def test_stale_facts_are_reported():
    old = {"fact": "古い事実", "source": "文書", "checked": datetime.date(2026, 1, 1)}
    assert stale([old], datetime.date(2026, 6, 30)) == []
    assert stale([old], datetime.date(2026, 7, 1)) == ["古い事実"]
    for fact in stale(FACTS, datetime.date.today()):
        warnings.warn(f"確認から180日を過ぎました: {fact}", stacklevel=1)
