"""本: 読者に届くページと索引を、組み立てた結果そのもので確かめる。"""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from projects import book_pages
from searching import indexed_texts, squeeze
from synthetic import executed_lesson

from tools.book import BookError, appendix, build, lesson_page, markup
from tools.course.lesson import LessonError, is_figure, lesson_paths, read_lesson
from tools.course.times import Times, times, totals
from tools.workspace import provision

ROOT = Path(__file__).resolve().parent.parent.parent
LESSONS = lesson_paths()
JAPANESE = re.compile(r"[ぁ-ヿ一-龠]")
MEGABYTE = 1_000_000


# ---- 決まりを破っている所を返す関数 ----


def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def english_parts(page: BeautifulSoup) -> list[str]:
    """本文の外にある、日本語を含まない表示や読み上げの語。題と目次の語（コードを含む）は除く。"""
    names = {
        tag.get_text() for tag in page.select("h1, h2, h3, nav a, .prev-next-title, .logo__title")
    }
    names = {name.strip("\n #") for name in names} | {"Ctrl", "K"}
    names |= {re.sub(r"^[\d.]+ ", "", name) for name in names}
    found = [
        value
        for tag in page.find_all(True)
        for key, value in tag.attrs.items()
        if key in {"title", "aria-label", "placeholder", "alt", "data-bs-title"}
    ]
    for tag in page.select("article, script, style, head, nav code"):
        tag.decompose()
    found += [text.strip() for text in page.stripped_strings]
    return [
        text
        for text in found
        if re.search(r"[A-Za-z]{2}", text) and not JAPANESE.search(text) and text not in names
    ]


def foreign_parts(folder: Path) -> list[str]:
    """開いただけで別の場所へ取りに行く参照。"""
    found = []
    for path in folder.rglob("*.html"):
        for tag in soup_of(path).select("[src], link[href], [srcset], object[data], form[action]"):
            for key in ("src", "href", "srcset", "data", "action"):
                if re.match(r"(https?:)?//", tag.get(key, "")):
                    found.append(f"{path.name}: {tag[key]}")
    for path in folder.rglob("*.css"):
        found += re.findall(
            r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^\"')]+", path.read_text(encoding="utf-8")
        )
    for path in folder.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        found += re.findall(
            r"(?:import|fetch|\.src\s*=|\.href\s*=)\s*\(?[\"'`](?:https?:)?//[^\"'`]+", text
        )
    return found


def pictures_without_words(page: BeautifulSoup) -> list[str]:
    """日本語の説明が無い図。"""
    return [
        str(image)
        for image in page.select("article img")
        if not JAPANESE.search(image.get("alt", ""))
    ]


def answer_problems(page: BeautifulSoup, exercises: int) -> list[str]:
    """解答の枠の足りない所。"""
    blocks = page.select("details.answer")
    found = []
    if len(blocks) != exercises:
        found.append(f"解答の枠が{len(blocks)}個あります。練習は{exercises}個です。")
    for number, block in enumerate(blocks, 1):
        reply = block.select_one(".verdict.correct")
        expected = {
            "閉じている": not block.has_attr("open"),
            "題": block.summary.get_text() == f"解答 {number}",
            "節の直下": block.parent.name == "section",
            "コード": bool(block.select("div.cell_input")),
            "正解の返事": bool(reply) and reply.get_text().startswith("正解"),
            "よくある間違い": "よくある間違い" in block.get_text(),
            "誤答への返事": bool(block.select(".verdict.retry")),
            "見出しが無い": not block.select("h1, h2, h3, h4, section"),
        }
        found += [f"解答 {number}: {name}" for name, kept in expected.items() if not kept]
    return found


def figure_problems(page: BeautifulSoup, figures: int) -> list[str]:
    """図を描くコードの枠の足りない所。"""
    blocks = page.select("details.figure-code")
    found = []
    if len(blocks) != figures:
        found.append(f"図を描くコードの枠が{len(blocks)}個あります。図のセルは{figures}個です。")
    for number, block in enumerate(blocks, 1):
        expected = {
            "閉じている": not block.has_attr("open"),
            "題": block.summary.get_text() == "図を描くコード",
            "コード": bool(block.select("div.cell_input")),
            "図は外": not block.select("img, div.cell_output"),
        }
        found += [f"図を描くコード {number}: {name}" for name, kept in expected.items() if not kept]
    return found


def weight(path: Path, page: BeautifulSoup) -> int:
    """ページと図の大きさ（バイト）。"""
    pictures = {(path.parent / image["src"]).resolve() for image in page.select("article img")}
    return path.stat().st_size + sum(picture.stat().st_size for picture in pictures)


# ---- 組み立てた本 ----


@pytest.fixture(scope="module")
def pages(html) -> dict[Path, BeautifulSoup]:
    return {path: soup_of(path) for path in book_pages(html)}


def page_of(html: Path, lesson: Path) -> Path:
    return html / "lessons" / f"{lesson.stem}.html"


def test_every_page_says_it_is_japanese(pages):
    assert {page.html["lang"] for page in pages.values()} == {"ja"}


def test_interface_is_japanese(html):
    found = {path.name: english_parts(soup_of(path)) for path in book_pages(html)}
    assert not {name: parts for name, parts in found.items() if parts}


def test_pictures_have_japanese_words(pages):
    assert not [part for page in pages.values() for part in pictures_without_words(page)]


def test_nothing_comes_from_another_host(html):
    assert not foreign_parts(html)


def test_ids_are_unique(pages):
    for path, page in pages.items():
        ids = [tag["id"] for tag in page.select("[id]")]
        assert len(ids) == len(set(ids)), path


def test_sources_are_not_published(html):
    assert not (html / "_sources").exists()
    assert not list(html.rglob("searchindex.js"))
    assert not list(html.rglob("*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_lesson_page(html, lesson):
    path = page_of(html, lesson)
    page = soup_of(path)
    source = read_lesson(lesson)
    exercises = sum(cell.role[0] == "練習" for cell in source.cells)
    assert not answer_problems(page, exercises)
    assert not figure_problems(page, sum(map(is_figure, source.cells)))
    assert weight(path, page) <= MEGABYTE

    header = source.metadata["textbook"]
    labels = [label.get_text() for label in page.select("h1 + ul.badges li")]
    expected = [f"教室{header['minutes']}分"] if "minutes" in header else []
    expected.append(f"自習{times(source).self_study}分")
    assert [label for label in labels if re.fullmatch(r"\D+\d+分", label)] == expected
    assert ("手元のPC" in labels) == ("local" in header["runs_on"])
    assert ("Databricks（実機では未確認）" in labels) == ("databricks" in header["runs_on"])
    assert f"サーバーレス環境 バージョン{header['environment_version']}と同じバージョン" in labels


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_hidden_cells_stay_hidden(html, lesson):
    notebook = nbformat.read(ROOT / "_build" / "executed" / f"{lesson.stem}.ipynb", as_version=4)
    hidden, shown = set(), ""
    for cell in notebook.cells:
        if cell.metadata.textbook.role in lesson_page.HIDDEN:
            hidden.update(
                squeeze(line) for line in cell.source.splitlines() if len(squeeze(line)) >= 15
            )
        else:
            shown += squeeze(cell.source)
    text = squeeze(soup_of(page_of(html, lesson)).get_text())
    assert not {line for line in hidden if line in text and line not in shown}
    assert "_expect(" not in text


def test_front_page_adds_up_the_minutes(html):
    courses = soup_of(html / "index.html").select(".course")
    for firsts, course in zip(["1", "2", "3", "4567"], courses, strict=True):
        block = [lesson for lesson in LESSONS if lesson.stem[0] in firsts]
        found = [times(read_lesson(lesson)) for lesson in block]
        in_class, self_study = totals(found)
        told = f"{len(block)}授業、教室{in_class}分、自習{self_study}分"
        assert told in course.get_text()
        assert in_class == 90 or firsts == "4567"
        assert len(course.select("li a")) == len(block)
        for one, item in zip(found, course.select("li"), strict=True):
            assert item.get_text().endswith(f"（教室{one.in_class}分、自習{one.self_study}分）")


def test_front_page_tells_the_hours(html):
    course = [lesson for lesson in LESSONS if lesson.stem[0] in "123"]
    hours = sum(times(read_lesson(lesson)).self_study for lesson in course) / 60
    said = re.search(
        r"教室で4\.5時間、練習まで全部解くと約(\d+)時間です。",
        soup_of(html / "index.html").get_text(),
    )
    assert abs(int(said[1]) - hours) <= 0.5


def test_advanced_lessons_are_counted_apart():
    course = {"00_a": Times(None, 5, 5.0), "15_b": Times(90, 600, 80.0)}
    hours = "教室で1.5時間、練習まで全部解くと約10時間です。"
    assert appendix.course_hours(course) == hours
    everything = {**course, "41_c": Times(40, 80, 39.0), "62_d": Times(40, 100, 40.0)}
    assert appendix.course_hours(everything) == (
        f"{hours}\n発展は別に数え、全部解くとさらに約3時間です。"
    )
    shown = appendix.course_list(everything, "4567")
    assert "2授業、教室80分、自習180分" in shown
    assert shown.count("lessons/") == 2


def test_pages_link_only_to_lessons_that_exist():
    text = "前\n- 検査: [[41_tests]]\n- 両方: [[41_tests]]と[[52_more]]\n後"
    lessons = {"41_tests": executed_lesson("41. モデルの検査")}
    assert appendix.fill(text, ROOT, lessons, {}) == "前\n- 検査: [](lessons/41_tests.ipynb)\n後"
    assert appendix.fill(text, ROOT, {}, {}) == "前\n後"


def test_instructor_guide_lists_the_times(html):
    guide = soup_of(html / "instructor_guide.html")
    (table,) = (
        one for one in guide.select("table") if "自習" in one.select_one("thead").get_text()
    )
    rows = table.select("tbody tr")
    shown = [[cell.get_text().strip() for cell in row.select("td")[1:]] for row in rows]
    found = [times(read_lesson(lesson)) for lesson in LESSONS]
    assert shown == [
        [f"{one.in_class}分", f"{one.self_study}分", f"{one.unmarked:.1f}分"]
        for one in found
        if one.in_class
    ]


def test_internal_links(html):
    command = [
        Path(sys.executable).with_name("lychee"),
        "--offline",
        "--no-progress",
        "--include-fragments",
    ]
    command += ["--exclude-path", "_static", "--root-dir", str(html), str(html)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


# ---- 見本の授業で、組み立て方を確かめる ----


@pytest.fixture(scope="module")
def sample(tmp_path_factory) -> Path:
    """見本の授業4つを持つ、組み立て済みの材料一式。"""
    root = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(ROOT / name, root)
    for name in ("_static", "_templates", "locale", "book"):
        shutil.copytree(ROOT / name, root / name)
    (root / "book" / "glossary.yml").write_text(TERM.format("交差検証"), encoding="utf-8")
    (root / "lessons").mkdir()
    (root / "_build" / "executed").mkdir(parents=True)
    for name, title in {
        "00_check_environment": "環境を確かめる",
        "14_tables": "表を読む",
        "16_pipeline": "部品をつなぐ",
        "31_problem": "課題を決める",
    }.items():
        put_lesson(root, name, title)
    build.build(root)
    return root


SOURCE = "# ---\n# jupyter:\n#   textbook:\n#     minutes: 10\n# ---\n\n# %% [markdown]\n# # 題\n"
TERM = "- {{ja: {0}, en: term, definition: 説明です。}}\n"


def put_lesson(root: Path, name: str, title: str) -> None:
    (root / "lessons" / f"{name}.py").write_text(SOURCE, encoding="utf-8")
    nbformat.write(
        executed_lesson(title, exercises=2), root / "_build" / "executed" / f"{name}.ipynb"
    )


def sample_page(root: Path, name: str = "lessons/14_tables") -> BeautifulSoup:
    return soup_of(root / "_build" / "html" / f"{name}.html")


def test_roles_become_parts_of_the_page(sample):
    page = sample_page(sample)
    assert not answer_problems(page, 2)
    text = page.get_text()
    assert "ひみつの仕掛け" not in text
    assert "うらづけ" not in text
    assert "まだ答えが入っていません" not in text
    assert "型を変えた書き方" not in text and "型の違う合計" not in text
    block = page.select_one("details.answer")
    assert "解答の出力" in block.get_text()
    assert "値が小さいようです。+と<符号>を見てください。" in block.get_text()
    outside = [cell.get_text() for cell in page.select("section > .cell")]
    assert any("total_1 = ..." in cell for cell in outside)
    assert any("check(1)" in cell for cell in outside)


def test_both_times_are_shown(sample):
    labels = [label.get_text() for label in sample_page(sample).select(".badges li")]
    assert labels[:2] == ["教室10分", "自習5分"]
    assert "1授業、教室10分、自習5分" in sample_page(sample, "index").get_text()


def test_figure_code_is_folded_and_the_figure_is_not(sample):
    page = sample_page(sample)
    assert not figure_problems(page, 1)
    image = page.find("img", alt="横軸は年、縦軸は件数の折れ線")
    assert not image.find_parent("details")
    assert "plt.show" not in image.find_parent("div", class_="cell").get_text()
    assert page.select_one("details.figure-code").find_next("img") is image


def test_parts_without_lessons_are_left_out(sample):
    captions = [
        tag.get_text() for tag in sample_page(sample).select(".bd-sidebar-primary .caption-text")
    ]
    assert "実践演習" in captions
    assert not [caption for caption in captions if "Part 2" in caption]


def test_gaps_between_sentences_are_closed():
    page = '<p>一つめ。\n二つめの <strong>語</strong> です。</p><pre>"終わり。\n次</pre>'
    closed = '<p>一つめ。二つめの<strong>語</strong>です。</p><pre>"終わり。\n次</pre>'
    assert markup.close_gaps(page) == closed
    term = '<strong><a href="#t"><span>語</span></a></strong>{}です。'
    assert markup.close_gaps(term.format(" ")) == term.format("")
    question = "<p><strong>問 1.</strong> 次のどれですか。</p>"
    assert markup.close_gaps(question) == question
    label = "<blockquote>\n<div><p><strong>注意</strong>{}文です。</p></div></blockquote>"
    assert markup.close_gaps(label.format(" ")) == label.format("\u3000")
    code = '<p>ここで、{}<code class="literal"><span class="pre">.first()</span></code>を使います。</p>'
    assert markup.close_gaps(code.format("")) == code.format("<wbr>")


def test_removed_and_renamed_lessons_leave_no_trace(sample):
    put_lesson(sample, "15_extra", "余分な授業")
    build.build(sample)
    assert "余分な授業" in sample_page(sample).get_text()
    (sample / "lessons" / "15_extra.py").unlink()
    put_lesson(sample, "16_pipeline", "新しい題")
    build.build(sample)
    assert not (sample / "_build" / "html" / "lessons" / "15_extra.html").exists()
    for path in (sample / "_build" / "html").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "余分な授業" not in text
        assert "部品をつなぐ" not in text
    assert "新しい題" in sample_page(sample).get_text()
    assert not any("余分な授業" in text for _, text in indexed_texts(sample / "_build" / "html"))


def test_failed_build_keeps_the_last_book(sample):
    before = sample_page(sample, "how_to_use").get_text()
    page = sample / "book" / "how_to_use.md"
    original = page.read_text(encoding="utf-8")
    page.write_text(original + "\n[行き先](nowhere.md)\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(BookError, match="(?s)本を組み立てられませんでした.*how_to_use"):
            build.build(sample)
    assert sample_page(sample, "how_to_use").get_text() == before
    page.write_text(original, encoding="utf-8")
    build.build(sample)


def test_unfinished_lessons_are_named(sample, capsys):
    (sample / "lessons" / "41_waiting.py").write_text("")
    build.stage_sources(sample, sample / "_build" / "stage")
    assert "41_waiting" in capsys.readouterr().err
    (sample / "lessons" / "41_waiting.py").unlink()


def test_terms_are_linked_and_orphans_are_refused(sample):
    assert "交差検証" in [link.get_text() for link in sample_page(sample).select("strong a")]
    glossary = sample / "book" / "glossary.yml"
    original = glossary.read_text(encoding="utf-8")
    glossary.write_text(original + TERM.format("迷子の言葉"), encoding="utf-8")
    stage = sample / "_build" / "stage"
    with pytest.raises(BookError, match="紹介されていません: 迷子の言葉。"):
        build.stage_sources(sample, stage)
    (sample / "lessons" / "41_waiting.py").write_text("")
    build.stage_sources(sample, stage)  # まだ実行していない授業が、紹介するかもしれない
    (sample / "lessons" / "41_waiting.py").unlink()
    glossary.write_text(original, encoding="utf-8")


def test_unknown_insertion_names_the_page(sample):
    page = sample / "book" / "how_to_use.md"
    original = page.read_text(encoding="utf-8")
    page.write_text(original + "\n<!-- 生成: 目次 -->\n", encoding="utf-8")
    with pytest.raises(BookError, match="how_to_use.md: 差し込むものの名前が分かりません: 目次"):
        build.stage_sources(sample, sample / "_build" / "stage")
    page.write_text(original, encoding="utf-8")


def test_nothing_executed_is_an_error(tmp_path):
    with pytest.raises(BookError, match="make book"):
        build.build(tmp_path)


def test_two_builds_take_turns(tmp_path):
    finished = threading.Event()

    def second():
        with contextlib.suppress(BookError):
            build.build(tmp_path)
        finished.set()

    with provision.exclusive("book"):
        threading.Thread(target=second).start()
        assert not finished.wait(0.5)
    assert finished.wait(60)


def test_unknown_role_and_warnings_are_refused():
    notebook = executed_lesson("題")
    notebook.cells[3].outputs[0].name = "stderr"
    with pytest.raises(LessonError, match="標準エラー出力"):
        lesson_page.lesson_page("14_tables", notebook, Times(10, 5, 1.0))
    notebook.cells[3].metadata.textbook.role = "somewhere"
    with pytest.raises(LessonError, match="役の分からない"):
        lesson_page.lesson_page("14_tables", notebook, Times(10, 5, 1.0))


def test_page_without_a_title_is_refused():
    with pytest.raises(BookError, match="大見出し"):
        build.title_of("14_tables", "文章から始まるページ")


@pytest.mark.parametrize("role", ["answer", "judged-answer", "wrong"])
def test_exercise_without_a_part_is_refused(role):
    notebook = executed_lesson("題")
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.textbook.role != role]
    with pytest.raises(LessonError, match="練習 1"):
        lesson_page.lesson_page("14_tables", notebook, Times(10, 5, 1.0))


def test_command_fails_in_japanese(monkeypatch, capsys):
    def fail(**_):
        raise BookError("だめでした。")

    monkeypatch.setattr(build, "build", fail)
    assert build.main([]) == 1
    assert "だめでした。" in capsys.readouterr().err
    monkeypatch.setattr(build, "build", lambda **_: (_ for _ in ()).throw(OSError("満杯")))
    assert build.main([]) == 1
    assert "空き容量" in capsys.readouterr().err


def test_serving_tells_what_to_do(tmp_path, capsys):
    with pytest.raises(BookError, match="make book"):
        build.serve(0, tmp_path)
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").write_text("本")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BookError, match="使用中"):
            build.serve(taken.getsockname()[1], tmp_path)


def test_served_book_is_readable(site):
    with urllib.request.urlopen(site) as answer:
        assert "手を動かして学ぶ" in answer.read().decode()


# ---- 決まりを破ったら、気付けること ----


def planted(markup: str, place: str = "article") -> BeautifulSoup:
    page = BeautifulSoup(
        f"<html><body><nav></nav><{place}>{markup}</{place}></body></html>", "html.parser"
    )
    assert isinstance(page, Tag)
    return page


def test_planted_failures_are_found(sample, tmp_path):
    assert english_parts(planted('<button title="Search">検索</button>', "div")) == ["Search"]
    assert english_parts(planted("<p>Show code</p>", "div")) == ["Show code"]
    assert pictures_without_words(planted('<img src="a.png" alt="../_images/a.png">'))

    (tmp_path / "a.html").write_text('<script src="https://cdn.example/x.js"></script>')
    (tmp_path / "a.css").write_text("@import url(https://fonts.example/a.css)")
    (tmp_path / "a.js").write_text('import("https://cdn.example/y.js")')
    assert len(foreign_parts(tmp_path)) == 3

    page = sample_page(sample)
    page.select_one("details.answer")["open"] = ""
    page.select_one(".verdict.retry").decompose()
    page.select_one("details.figure-code")["open"] = ""
    page.select_one("details.figure-code").append(page.select_one("article img"))
    assert len(answer_problems(page, 2)) == 2
    assert len(figure_problems(page, 2)) == 3
    assert answer_problems(page, 3)
