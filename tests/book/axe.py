"""開いているページを axe で調べる。"""

from functools import cache

from playwright.sync_api import Page

from tools.workspace import npm

SERIOUS = {"serious", "critical"}
RUN = """axe.run(document, { resultTypes: ["violations"] }).then((found) =>
  found.violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target }) => [impact, `${id}: ${target}`])))"""


@cache
def script() -> str:
    return (npm.install(dev=True) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def problems(page: Page) -> list[str]:
    """重大な（serious と critical の）問題。"""
    page.evaluate(script())
    return [text for impact, text in page.evaluate(RUN) if impact in SERIOUS]
