"""本のページを axe で調べる。重大な、または深刻な問題が無い。"""

import axe
import pytest
from projects import book_pages

OPEN_ALL = "document.querySelectorAll('details').forEach((part) => (part.open = true))"
# 色分けの種類がどれも調べ済みのコードは、除いて速くする。残すコードの種類を返す。
SKIP_SEEN = """(seen) => {
  for (const code of document.querySelectorAll("div.highlight")) {
    const place = code.closest(".cell_input, .cell_output, details")?.className;
    const kinds = [...code.querySelectorAll("span")].map((part) => `${place} ${part.className}`);
    if (kinds.every((kind) => seen.includes(kind))) code.remove();
    seen = [...new Set([...seen, ...kinds])];
  }
  return seen;
}"""


def opened_problems(page) -> list[str]:
    """いま開いているページの、重大な問題。畳んだ所も開いて調べる。"""
    page.evaluate(OPEN_ALL)
    return axe.problems(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_problem(browser, site, html, scheme):
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        locale="ja-JP",
        color_scheme=scheme,
        base_url=site,
        reduced_motion="reduce",
    )
    page = context.new_page()
    found, seen = {}, []
    for path in book_pages(html):
        name = path.relative_to(html).as_posix()
        page.goto(name)
        seen = page.evaluate(SKIP_SEEN, seen)
        found[name] = opened_problems(page)
    context.close()
    assert found
    assert not {name: texts for name, texts in found.items() if texts}


def test_planted_problem_is_found(browser):
    page = browser.new_page()
    page.set_content(
        '<html lang="ja"><title>題</title><main><h1>題</h1><details>'
        '<summary>答え</summary><p style="color:#ccc;background:#fff">薄い字</p></details></main>'
    )
    assert len(opened_problems(page)) == 1
    page.close()
