"""検索: 本にある言葉で、その言葉のあるページに着けるか。

問いは、組み立てた本と用語集から作る。読者の打ちそうな問いだけは、手で選んで tests/book/queries.yml に置く。
"""

import gzip
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from bs4 import Tag
from projects import book_pages
from searching import find, index_of, indexed_texts, squeeze

from tools.book import search

ROOT = Path(__file__).resolve().parent.parent.parent
GLOSSARY = yaml.safe_load((ROOT / "book" / "glossary.yml").read_text(encoding="utf-8"))
READERS = yaml.safe_load(Path(__file__).with_name("queries.yml").read_text(encoding="utf-8"))
TOP, RARE = 3, 3
SHARE = 0.98


def visible(path: Path) -> Tag:
    """ページの本文のうち、開いた時に見えている所。"""
    article = search.article_of(path.read_text(encoding="utf-8"))
    for folded in article.select(
        "details, .headerlink, .badges, .launch, .tag_check, .verdict, nav"
    ):
        folded.decompose()
    return article


@pytest.fixture(scope="module")
def articles(html) -> dict[str, Tag]:
    """{ページの住所: 見えている本文}。検索のページは除く。"""
    return {
        path.relative_to(html).as_posix(): visible(path)
        for path in book_pages(html)
        if path.name != "search.html"
    }


def rare(articles: dict[str, Tag], words_of) -> dict[str, set[str]]:
    """{言葉: それのあるページ}。3ページ以下にしか無いもの。"""
    found = defaultdict(set)
    for url, article in articles.items():
        for word in words_of(article):
            found[word].add(url)
    return {word: pages for word, pages in found.items() if len(pages) <= RARE}


def headings(article: Tag) -> set[str]:
    return {tag.get_text().strip() for tag in article.select("h1, h2, h3, h4")}


def katakana(article: Tag) -> set[str]:
    return set(re.findall(r"[ァ-ヺー]{3,}", article.get_text()))


def compounds(article: Tag) -> set[str]:
    return set(re.findall(r"[一-龠々]{3,}", article.get_text()))


def missed(html: Path, expected: dict[str, set[str]]) -> dict[str, list[str]]:
    """上位3件に、本来のページの1つも無い問いと、その3件。"""
    return {
        query: urls
        for (query, pages), found in zip(expected.items(), find(html, [*expected]), strict=True)
        if not pages & set(urls := reached(found))
    }


def reached(found: dict) -> list[str]:
    """定義を見せた用語の用語集と、上位3件のページ。"""
    glossary = [term["url"].partition("#")[0] for term in found["terms"]]
    return [*dict.fromkeys(glossary), *(page["url"] for page in found["pages"][:TOP])]


def report(name: str, expected: dict[str, set[str]], failed: dict[str, list[str]]) -> float:
    """届いた割合。届かなかった問いを印字する。"""
    print(f"{name}: {len(expected)}のうち{len(expected) - len(failed)}")
    for query, urls in failed.items():
        print(
            f"  {query} → {'、'.join(urls) or '無し'}（本来は{'、'.join(sorted(expected[query]))}）"
        )
    return 1 - len(failed) / len(expected)


@pytest.mark.parametrize("words_of", [headings, katakana, compounds])
def test_rare_words_find_their_page(html, articles, words_of):
    expected = rare(articles, words_of)
    assert len(expected) > 50
    assert report(words_of.__name__, expected, missed(html, expected)) >= SHARE


def test_terms_and_other_names_find_the_lesson(html):
    """用語、英語、別名、使わない書き方のどれを打っても、定義と、教えるレッスンが出る。"""
    terms = {term["name"]: term for term in index_of(html)["terms"]}
    assert set(terms) == {entry["ja"] for entry in GLOSSARY}
    pages, meanings = defaultdict(set), defaultdict(set)
    for name, term in terms.items():
        for word in [name, *term["words"]]:
            pages[word].add(term["page"])
            meanings[word].add(name)
    assert report("用語", pages, missed(html, pages)) >= SHARE
    for word, found in zip(meanings, find(html, [*meanings]), strict=True):
        assert meanings[word] & {term["name"] for term in found["terms"]}, word


def test_readers_find_their_page(html):
    expected = {query: set(pages) for query, pages in READERS.items()}
    assert len(expected) >= 50
    assert report("読者の問い", expected, missed(html, expected)) >= SHARE


def test_synonyms_lead_to_words_of_the_book(html):
    known = search.synonyms(ROOT / "book" / "synonyms.yml")
    text = "".join(text for _, text in indexed_texts(html))
    assert not [used for _, used in known if squeeze(used) not in text]


def test_spelling_makes_no_difference(html):
    """全角と半角、大文字と小文字、長音、ひらがなの違いで、結果は変わらない。"""
    groups = [
        ["サーバーレス", "サーバレス", "ｻｰﾊﾞｰﾚｽ", "さーばーれす"],
        ["toPandas", "topandas", "ＴＯＰＡＮＤＡＳ"],
        ["A/Bテスト", "Ａ／Ｂテスト", "a/bテスト"],
        ["ROC曲線", "ｒｏｃ曲線", "ROC 曲線", "ROC曲線とは"],
    ]
    for group in groups:
        found = find(html, group)
        assert found[0]["pages"]
        for query, one in zip(group, found, strict=True):
            assert one["pages"][0]["url"] == found[0]["pages"][0]["url"], query


def test_slips_of_the_finger_make_no_difference(html):
    """1字足りない、多い、違う、隣と入れ替わった言葉。"""
    slips = {
        "パイプライン": ["パイプラン", "パイプラインン", "パイプラァン", "パプイライン"],
        "threshold": ["treshold", "thresshold", "threshord", "threhsold"],
    }
    for word, typed in slips.items():
        expected, *found = find(html, [word, *typed])
        for slip, one in zip(typed, found, strict=True):
            assert one["pages"][0]["url"] == expected["pages"][0]["url"], slip


def test_words_the_book_lacks_do_not_hide_the_rest(html):
    for query in ("リネージ", "toPandas", "混同行列"):
        alone, mixed = find(html, [query, f"{query} ぬるぽがっ zzqqx 鰻重"])
        assert mixed["pages"][0]["url"] == alone["pages"][0]["url"], query


def test_half_typed_words_are_found(html):
    for typed in ("リネー", "クラスタリ", "toPan", "交差検"):
        [found] = find(html, [typed])
        assert found["pages"] and found["pages"][0]["marked"], typed


def test_nothing_is_found_for_what_is_not_there(html):
    for one in find(html, ["ぬるぽがっ", "鰻重", "   ", "。、", "zzqqx"]):
        assert one == {"terms": [], "pages": []}


# ---- 索引に入るもの、入らないもの ----


def folded_phrases(path: Path) -> set[str]:
    """畳んだ所だけにある文や行。"""
    article = search.article_of(path.read_text(encoding="utf-8"))
    folded = [tag.extract() for tag in article.select("details") if not tag.find_parent("details")]
    shown = squeeze(article.get_text())
    texts = [part.get_text() for tag in folded for part in tag.select("summary, p, li, td, pre")]
    phrases = {squeeze(line) for text in texts for line in re.split(r"\n|(?<=。)", text)}
    return {phrase for phrase in phrases if len(phrase) >= 10 and phrase not in shown}


def leaks(html: Path, texts: list[tuple[str, str]]) -> set[str]:
    """畳んだ所だけにあるはずなのに、索引に入っている文や行。"""
    return {
        phrase for url, text in texts for phrase in folded_phrases(html / url) if phrase in text
    }


def test_answers_hints_and_choices_are_not_in_the_index(html):
    texts = indexed_texts(html)
    assert not leaks(html, texts)
    url, text = next(one for one in texts if one[0].startswith("lessons/1"))
    assert leaks(html, [(url, text + max(folded_phrases(html / url), key=len))])


def test_everything_else_is_in_the_index(html, articles):
    for url, text in indexed_texts(html):
        sentences = {
            squeeze(one)
            for part in articles[url].select("p, li, td, dd, h1, h2, h3, h4")
            for one in re.split(r"(?<=。)", part.get_text())
        }
        absent = {one for one in sentences if one not in text}
        assert len(absent) <= len(sentences) * 0.02, (url, absent)


def test_index_is_light(html):
    assert len(gzip.compress((html / search.BUNDLE).read_bytes(), 9)) <= 400_000


def test_patterns_become_plain_words():
    assert search.plain("リコール") == "リコール"
    assert search.plain("/学習データ(?!セット)/") == "学習データ"
    assert search.plain("/Delta ?テーブル/") == "Deltaテーブル"
    assert search.plain("/[Dd]ataframe/") == ""


def test_sections_and_terms_are_told_apart():
    page = (
        '<article class="bd-article"><section id="a"><h1>題<a class="headerlink">#</a></h1>'
        "<p>前書き。\n続き</p><div><pre><span>x</span> = 1</pre></div>"
        '<section id="b"><h2>節</h2><p>本文</p><dl><dt id="t">語</dt><dd>意味</dd></dl>'
        "<details><summary>解答</summary><p>ひみつ</p></details></section></section></article>"
    )
    assert search.searchable("p", search.article_of(page)) == {
        "url": "p.html",
        "title": "題",
        "sections": [
            ["a", "題", "前書き。続き", "x = 1"],
            ["b", "節", "本文", ""],
            ["t", "語", "意味", ""],
        ],
    }
