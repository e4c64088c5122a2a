"""文章の検査。textlint が無ければ、最初のテストが package-lock.json のとおりに入れる。"""

import pytest
import yaml

from tools.checks import prose
from tools.checks.lint import Finding
from tools.course.lesson import lesson_paths, read_lesson

PLANTED = [
    ("prh", "このモデルは精度が高いです。"),
    ("prh", "表を調べることができます。試せば分かることができるでしょう。学習することができます。"),
    ("prh", "学習を行います。"),
    ("prh", "それでは見ていきましょう。"),
    ("prh", "平均(mean)を求めます。"),
    ("prh", "> **注意** サーバを止めます。"),
    ("prh", "**データ・フレーム** に移します。"),
    ("prh", "<details><summary>ア. 精度を見ます。</summary>"),
    ("max-ten", "表を、朝に、昼に、夜に、また読みます。"),
    ("sentence-length", "表を読みます" + "と書いて表を読みます" * 10 + "。"),
    ("no-mix-dearu-desumasu", "これは表である。"),
    ("ja-no-mixed-period", "表を読みます"),
    ("no-exclamation-question-mark", "できました！"),
    ("ja-space-between-half-and-full-width", "手元の Spark で読みます。"),
    ("ja-space-around-code", "次に `fit` を呼びます。"),
    ("no-dropping-the-ra", "ここから表が見れます。"),
    ("no-doubled-joshi", "表は列は数えます。"),
]
GOOD = """\
# 表を読む

朝、電話がきます。「先週の件数が違うのですが、なぜですか？」。

> **注意** サーバーレスでは、自動ロギングが最初から動くとは限りません。
> 使う前に呼びます。

- 表を読む。
- 表に書けます。

**再現率**（recall）は、見つけられた割合です。
ノートブックを実行し、`fit`を呼ぶと、結果が`scores`に入るかもしれません。

| 列 | 意味 |
|---|---|
| `day` | 日付 |
"""


LESSON = """\
# %% [markdown]
# # 題
#
# モデルの精度です。

# %% 確認 1
precise = '精度'
assert precise, f'{precise} の精度が低いです。'
print('モデルの customer_id を `fit` で数えます。')
"""
TERMS = yaml.safe_load(prose.GLOSSARY.read_text(encoding="utf-8"))
VARIANTS = [v for term in TERMS for v in term.get("variants", []) if not v.startswith("/")]
PAGES = {
    "planted.md": "\n\n".join(sentence for _, sentence in PLANTED),
    "good.md": GOOD,
    "11_lesson.py": LESSON,
    "variants.md": "\n\n".join(f"{variant}と書きました。" for variant in VARIANTS),
    "terms.md": "\n\n".join(f"{term['ja']}と書きました。" for term in TERMS),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str, list[tuple[int, str]]]:
    """PAGES の名前ごとに、見つかった (行, 規則)。PATH には動かない node と npm を置く。"""
    folder = tmp_path_factory.mktemp("pages")
    for name in ("node", "npm"):
        (folder / name).write_text("#!/bin/sh\nexit 1\n")
        (folder / name).chmod(0o755)
    for name, text in PAGES.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=":")
        findings = prose.lint_prose([folder / name for name in PAGES])
    pages: dict[str, list[tuple[int, str]]] = {name: [] for name in PAGES}
    for finding in findings:
        pages[finding.path.name].append((finding.line, finding.rule))
    return pages


def test_prose_of_the_book():
    assert [str(finding) for finding in prose.lint_prose(prose.prose_sources())] == []


@pytest.mark.parametrize("position", range(len(PLANTED)), ids=lambda n: PLANTED[n][0])
def test_planted_sentence_is_found_at_its_line(found, position):
    assert (1 + 2 * position, PLANTED[position][0]) in found["planted.md"]


def test_good_prose_is_left_alone(found):
    assert found["good.md"] == []


def test_lesson_prose_and_messages_are_found_at_source_lines(found):
    assert found["11_lesson.py"] == [(4, "prh"), (8, "prh")]


def test_every_wrong_spelling_is_found(found):
    lines = {line for line, rule in found["variants.md"] if rule == "prh"}
    assert [variant for n, variant in enumerate(VARIANTS) if 1 + 2 * n not in lines] == []


def test_every_term_passes(found):
    assert found["terms.md"] == []


def test_glossary_entries_are_complete_and_unique():
    names = [term["ja"] for term in TERMS]
    assert len(names) == len(set(names))
    for term in TERMS:
        assert term.keys() - {"yomi", "aliases", "variants"} == {"ja", "en", "definition"}
        assert not {term["ja"], *term.get("variants", [])} & set(term.get("aliases", [])), term
        assert term["definition"].endswith("。"), term


@pytest.mark.parametrize("path", lesson_paths(), ids=lambda path: path.stem)
def test_extraction_keeps_every_line_in_place(path):
    source = path.read_text(encoding="utf-8").splitlines()
    extracted = prose.extract(path).splitlines()
    assert len(extracted) == len(source)
    for cell in read_lesson(path).cells:
        if cell.kind == "markdown":
            first = cell.source.splitlines()[0]
            assert extracted[cell.line - 1] == first and source[cell.line - 1].endswith(first)


def test_page_marks_are_blanked_without_moving_lines(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "(top)=\n# 題\n\n:::{note}\n文。\n:::\n\n```{tip} 題\n文。\n```\n", encoding="utf-8"
    )
    assert prose.extract(page) == "\n# 題\n\n\n文。\n\n\n\n文。\n\n"


def test_broken_textlint_is_told_in_japanese(tmp_path, monkeypatch):
    (tmp_path / "page.md").write_text("文です。\n", encoding="utf-8")
    monkeypatch.setattr(prose, "prh_rules", lambda: {"version": 1, "rules": [{"expected": 1}]})
    with pytest.raises(prose.ProseError, match="textlint を動かせませんでした"):
        prose.lint_prose([tmp_path / "page.md"])


def test_exit_codes_and_summary(monkeypatch, capsys):
    page = prose.BOOK / "index.md"
    monkeypatch.setattr(prose, "lint_prose", lambda _: [])
    assert prose.main([str(page)]) == 0
    assert capsys.readouterr().out == "1 ファイルの文章を調べました。直すところは 0 件です。\n"
    monkeypatch.setattr(prose, "lint_prose", lambda _: [Finding(page, 3, "prh", "精度 => 正解率")])
    assert prose.main([str(page)]) == 1
    assert capsys.readouterr().out.startswith("book/index.md:3: [prh] 精度 => 正解率\n")
