"""本のページに置く、小さなHTMLを作る。"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable


def labelled(kind: str, label: str, body: str) -> str:
    """名札の付いた文。"""
    return f'<p class="reply {kind}"><span class="reply-label">{label}</span> {body}</p>'


def inline(text: str) -> str:
    """文の HTML。バッククォートの中はコードとして見せる。"""
    escaped = html.escape(text.strip(), quote=False)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escaped).replace("\n", "<br>")


def verbatim(text: str) -> str:
    """画面に出る文をそのまま見せる HTML。"""
    return f"<code>{html.escape(text, quote=False)}</code>"


def badge_list(label: str, items: Iterable[str]) -> str:
    """札を並べた一覧。``label`` は、読み上げる時の一覧の名前。"""
    shown = "".join(f"<li>{item}</li>" for item in items)
    return f'<ul class="badges" aria-label="{label}">{shown}</ul>\n'


def close_gaps(page: str) -> str:
    """日本語の文の間と、太字の前後に出る空白を消す。コードの塊には触れない。

    材料は一文ごとに改行し、太字の前後に空白を置く。どちらも画面では隙間に見える。
    引用の名札（「注意」など）の後だけは、文と分かれて見えるように全角で空ける。
    点や閉じかっこで始まるコードの前では、行を折れるようにする（折れないと、前の行が早く終わる）。
    """
    pieces = re.split(r"(<pre.*?</pre>)", page, flags=re.DOTALL)
    for number in range(0, len(pieces), 2):
        piece = re.sub(r"([。」）])\n\s*", r"\1", pieces[number])
        piece = re.sub(r"(<blockquote>\s*(?:<div>)?<p><strong>[^<]+</strong>) ", "\\1\u3000", piece)
        piece = re.sub(r"(?<=[、。ぁ-ん])(?=<code[^>]*>(?:<span[^>]*>)?[.)\]])", "<wbr>", piece)
        piece = re.sub(r"(?<=[^\x00-\x7f]) (?=<strong>)", "", piece)
        pieces[number] = re.sub(
            r"([^\x00-\x7f](?:</span></a>)?</strong>) (?=[^\x00-\x7f])", r"\1", piece
        )
    return "".join(pieces)
