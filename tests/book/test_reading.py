"""読んだ所の記録を、実際のブラウザーで付け、確かめ、消す。"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST = 10_000  # バイト
FULL = """
for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2)) {
  try { localStorage.setItem("full" + size, "x".repeat(size)); } catch {}
}
"""


@pytest.fixture
def page(browser, site):
    """初めて本を開く読者。終わるときに、画面の誤りが無かったことを確かめる。"""
    context = browser.new_context(locale="ja-JP", base_url=site)
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


@pytest.fixture(scope="module")
def lessons(html) -> list[str]:
    """理解度チェックのある授業のページ。番号の順。"""
    return [
        f"lessons/{path.name}"
        for path in sorted((html / "lessons").glob("*.html"))
        if "理解度チェック" in path.read_text(encoding="utf-8")
    ]


def choices(page: Page, reason: str):
    """理解度チェックの選択肢のうち、説明が reason で始まる（または始まらない）ものの見出し。"""
    quiz = page.locator("section", has=page.locator(":scope > h2", has_text="理解度チェック"))
    return quiz.locator(f"details:{reason} > summary")


RIGHT = "has(> p:first-of-type:text('正解です。'))"
WRONG = "not(:has(> p:first-of-type:text('正解です。')))"


def test_size_is_small():
    assert len((ROOT / "_static" / "reading.js").read_bytes()) <= LONGEST


def test_every_quiz_is_scored(page, lessons):
    for lesson in lessons:
        page.goto(lesson)
        right = choices(page, RIGHT)
        right.evaluate_all("(summaries) => summaries.forEach((summary) => summary.click())")
        count = right.count()
        assert count >= 3, lesson
        expect(page.locator(".quiz-score")).to_have_text(
            f"{count}問のうち{count}問を、最初の選択で正解しました。"
        )


def test_first_choice_counts_and_is_remembered(page, lessons):
    page.goto(lessons[0])
    choices(page, WRONG).first.click()
    choices(page, RIGHT).first.focus()
    page.keyboard.press("Enter")
    choices(page, RIGHT).nth(1).focus()
    page.keyboard.press("Space")
    for _ in ("選んだ時", "開き直した時"):
        score = page.locator(".quiz-score")
        expect(score).to_contain_text("問のうち1問を、最初の選択で正解しました。残りは")
        expect(score).to_have_attribute("role", "status")
        expect(page.locator(".first-choice")).to_have_text(
            ["最初の選択（外れ）", "最初の選択（正解）"]
        )
        page.reload()
    page.goto("index.html")
    expect(page.locator(f'.course a[href="{lessons[0]}"]')).to_contain_text("理解度チェック 1/")


def test_changed_choice_is_forgotten(page, lessons):
    """選択肢の文が変わったら、選ばなかったことにする。ほかのタブの記録もすぐに映る。"""
    page.goto(lessons[0])
    choices(page, RIGHT).first.click()
    other = page.context.new_page()
    other.goto("license.html")
    other.evaluate(
        """() => {
          const [key] = Object.keys(localStorage).filter((name) => name.startsWith("reading "));
          const text = localStorage.getItem(key);
          localStorage.setItem(key, text.replace(/"chosen":{"0":"/, "$&直す前の"));
        }"""
    )
    expect(page.locator(".quiz-score")).to_have_text(
        "問いごとに、最初に押した選択肢で点を数えます。"
    )
    expect(page.locator(".first-choice")).to_have_count(0)


def test_read_lessons_and_the_next_one_are_shown(page, lessons):
    first, second = lessons[:2]
    page.goto("index.html")
    expect(page.locator(".reading")).to_be_hidden()
    page.goto(first)
    page.locator("article h2", has_text="まとめ").evaluate("(heading) => heading.scrollIntoView()")
    page.goto("index.html")
    panel = page.get_by_role("region", name="読んだ所の記録")
    expect(panel).to_contain_text("前回の続き: ")
    panel.get_by_role("link").click()
    expect(page.locator("article h2", has_text="まとめ")).to_be_in_viewport()
    box = page.get_by_label("このレッスンを読み終えた")
    box.focus()
    page.keyboard.press("Space")
    page.reload()
    expect(box).to_be_checked()

    page.goto("index.html")
    expect(panel).to_contain_text("レッスンのうち1を読み終えました。")
    expect(panel).to_contain_text("次のレッスン: ")
    expect(panel.get_by_role("link")).to_have_attribute(
        "href", page.url.replace("index.html", f"{second}#")
    )
    for part in (".course", ".bd-docs-nav"):
        expect(page.locator(f'{part} a[href="{first}"] .read-mark')).to_have_text("✓ 読み終えた")
        expect(page.locator(f'{part} a[href="{second}"] .read-mark')).to_have_text("次のレッスン")


def test_restart_forgets_everything(page, lessons):
    page.goto(lessons[0])
    page.get_by_label("このレッスンを読み終えた").check()
    choices(page, RIGHT).first.click()
    page.goto("index.html")
    restart = page.get_by_role("button", name="最初からやり直す")
    page.once("dialog", lambda asked: asked.dismiss())
    restart.click()
    expect(page.locator(".read-mark").first).to_be_visible()
    page.once("dialog", lambda asked: asked.accept())
    restart.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("記録を消しました。")).to_be_focused()
    expect(page.locator(".reading")).to_be_hidden()
    expect(page.locator(".read-mark")).to_have_count(0)
    page.goto(lessons[0])
    expect(page.get_by_label("このレッスンを読み終えた")).not_to_be_checked()
    expect(page.locator(".first-choice")).to_have_count(0)


@pytest.mark.parametrize("reason", ["禁止", "満杯", "壊れた記録"])
def test_book_reads_without_storage(browser, site, html, lessons, reason):
    """記録を残せないブラウザーでも、配色、検索、理解度チェックが動く。"""
    context = browser.new_context(locale="ja-JP", base_url=site, color_scheme="light")
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("license.html")
    if reason == "満杯":
        page.evaluate(FULL)
    if reason == "壊れた記録":
        page.evaluate("localStorage.setItem('reading /', '{')")
    book = page
    if reason == "禁止":
        page.set_content(f'<iframe sandbox="allow-scripts" src="{site}{lessons[0]}"></iframe>')
        page.add_style_tag(
            content="iframe { position: fixed; inset: 0; width: 100%; height: 100% }"
        )
        book = page.frame_locator("iframe")
        frame = page.frames[1]
    else:
        page.goto(lessons[0])
        frame = page.main_frame
    choices(book, RIGHT).first.click()
    expect(book.locator(".quiz-score")).to_contain_text("問のうち1問を、最初の選択で正解しました。")
    told = 0 if reason == "壊れた記録" else 1
    expect(book.locator(".quiz-score", has_text="記録を残せない")).to_have_count(told)
    book.get_by_label("このレッスンを読み終えた").check()
    expect(book.locator(".read-box", has_text="記録を残せない")).to_have_count(told)
    assert frame.evaluate("document.documentElement.dataset.theme") == "light"
    book.locator("body").press("Control+k")
    expect(book.locator("#pst-search-dialog input")).to_be_visible()
    context.close()
    assert not errors


def test_file_is_read_and_remembered(page, html, lessons):
    page.goto((html / lessons[0]).as_uri())
    page.get_by_label("このレッスンを読み終えた").check()
    page.goto((html / "index.html").as_uri())
    expect(page.locator(".reading")).to_contain_text("レッスンのうち1を読み終えました。")
