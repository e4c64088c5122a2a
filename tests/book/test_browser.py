"""本を実際のブラウザーで開き、読者と同じように読み、探し、開く。"""

from urllib.parse import urlsplit

import axe
import pytest
from playwright.sync_api import Page, expect
from projects import book_pages

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


@pytest.fixture(params=SIZES)
def page(request, browser, site):
    """一人の読者。終わるときに、余計な要求と画面の誤りが無かったことを確かめる。"""
    width, height = SIZES[request.param]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale="ja-JP",
        color_scheme="light",
        base_url=site,
    )
    page = context.new_page()
    hosts, errors = set(), []
    page.on("request", lambda asked: hosts.add(urlsplit(asked.url).netloc))
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert hosts <= {urlsplit(site).netloc, ""}
    assert not errors


def is_phone(page: Page) -> bool:
    return page.viewport_size["width"] < 600


@pytest.fixture(scope="module")
def lesson(html) -> str:
    """解答のある授業のページ。"""
    return next(
        f"lessons/{path.name}"
        for path in sorted((html / "lessons").glob("*.html"))
        if 'details class="answer"' in path.read_text(encoding="utf-8")
    )


def test_no_page_scrolls_sideways(page, html):
    for path in book_pages(html):
        page.goto(path.relative_to(html).as_posix())
        page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], path.name


def test_dark_mode(page, lesson):
    page.goto(lesson)
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    button = page.locator(".theme-switch-button").locator("visible=true").first
    for _ in range(3):
        button.click()
        if page.evaluate("document.documentElement.dataset.theme") == "dark":
            break
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate(background) != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_answer_opens_by_keyboard(page, lesson):
    page.goto(lesson)
    answer = page.locator("details.answer").first
    reply = answer.locator(".verdict.correct")
    expect(reply).to_be_hidden()
    answer.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(reply).to_be_visible()
    page.keyboard.press("Enter")
    expect(reply).to_be_hidden()


def open_search(page: Page):
    """検索の窓を開き、入力欄を返す。"""
    page.keyboard.press("Control+k")
    box = page.locator("#pst-search-dialog input")
    expect(box).to_be_focused()
    return box


def test_search_by_keyboard(page, lesson):
    page.goto(lesson)
    box = open_search(page)
    box.press_sequentially("交差検")
    results = page.locator("#pst-search-dialog .search-results")
    expect(results.locator(".search-pages mark").first).to_contain_text("交差検")
    box.press_sequentially("証")
    expect(results.get_by_role("status")).to_contain_text("「交差検証」の検索結果")
    expect(results.locator(".search-term")).to_contain_text("cross-validation")
    hit = results.locator(".search-hit").first
    while not hit.evaluate("hit => hit === document.activeElement"):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    expect(hit).to_be_focused()
    target = hit.get_attribute("href").partition("#")[2]
    assert target
    page.keyboard.press("Enter")
    expect(page.locator(f"#{target}")).to_be_in_viewport()
    expect(page.locator("#pst-search-dialog")).to_be_hidden()


def test_search_by_pointer(page, lesson):
    page.goto(lesson)
    page.locator(".search-button__button").locator("visible=true").first.click()
    page.locator("#pst-search-dialog input").fill("リネージ")
    results = page.locator("#pst-search-dialog .search-results")
    results.locator(".search-term a").last.click()
    expect(page.locator("article h1")).to_be_visible()
    assert "lessons/23" in page.url and "#" in page.url


def test_search_from_its_own_page(page):
    page.goto("search.html?q=特徴量")
    results = page.locator("article .search-results")
    box = page.locator("article .bd-search input")
    expect(box).to_have_value("特徴量")
    expect(results.locator(".search-hit").first).to_be_visible()
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    box.fill("ぬるぽがっ")
    expect(results.get_by_role("status")).to_contain_text("「ぬるぽがっ」は見つかりませんでした")
    box.fill("モデル")
    box.press("Enter")
    assert "q=%E3%83%A2" in page.url
    before = results.locator(".search-pages > li").count()
    results.locator(".search-more").click()
    assert results.locator(".search-pages > li").count() > before


def test_enter_in_the_window_opens_the_search_page(page, lesson):
    page.goto(lesson)
    open_search(page).fill("主キー")
    page.keyboard.press("Enter")
    expect(page.locator("article .search-hit").first).to_be_visible()
    assert "search.html?q=" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_search_screens_have_no_serious_fault(page, lesson, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(lesson)
    open_search(page).fill("データリーク")
    expect(page.locator(".search-term")).to_be_visible()
    assert not axe.problems(page)
    page.goto("search.html?q=モデル")
    expect(page.locator(".search-more")).to_be_visible()
    assert not axe.problems(page)
    page.locator("article .bd-search input").fill("ぬるぽがっ")
    expect(page.get_by_role("status")).to_contain_text("見つかりませんでした")
    assert not axe.problems(page)


def test_index_is_read_only_when_search_opens(page, lesson):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(lesson)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "search/search.js" in url]
    open_search(page).fill("標準化")
    expect(page.locator(".search-hit").first).to_be_visible()
    assert len([url for url in asked if "search/search.js" in url]) == 1


def test_opened_as_a_file(page, html):
    page.goto((html / "index.html").as_uri())
    expect(page.locator("article h1")).to_be_visible()
    open_search(page).fill("リーク")
    page.locator(".search-hit").first.click()
    expect(page.locator("article h1")).to_be_visible()
    assert "/lessons/" in page.url


def test_contents_are_reachable(page):
    page.goto("index.html")
    if is_phone(page):
        page.locator(".primary-toggle").locator("visible=true").first.click()
    link = (
        page.locator(".bd-sidebar-primary nav a, #pst-primary-sidebar-modal nav a")
        .locator("visible=true")
        .first
    )
    link.click()
    expect(page.locator("article h1")).to_be_visible()
    assert not page.url.endswith("index.html")


def test_code_is_copied(page, lesson, site):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    page.goto(lesson)
    block = page.locator("article div.highlight").first
    block.hover()
    block.locator(".copy-code").click()
    expect(block.locator(".copy-code")).to_have_text("コピーしました")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == block.locator("pre").inner_text().strip()
