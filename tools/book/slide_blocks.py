"""スライドに載せるもの（コード、出力、表、図、文）と、その大きさ。

大きさは 1920×1080 のスライドでの px で、字数と行数から見積もる。
tests/book/test_slides.py が、見積もりに頼らず、Chromiumではみ出しが無いことを測る。
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup
from markdown_it.token import Token
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from tools.book.images import picture
from tools.book.markup import close_gaps
from tools.course.export import PICTURE
from tools.course.lesson import LESSONS, MARKDOWN

WIDTH = 1728  # 中身に使える幅
GAP = 28  # 上下か左右に並ぶものの間
SIZES = (44, 40, 38, 36, 34, 32, 30, 28, 26, 24)  # 字の大きさの候補。大きいものから試す
LARGEST = {"mono": 36, "table": 40}  # これより大きくしない
SMALLEST = SIZES[-1]
COMFORTABLE = 28  # まとめて載せても読みやすい大きさ
FIGURE_ROOM = (760, 480)  # コードの横か下に置く図に残す、幅と高さ
PROSE_ROOM = 860  # コードの横に置く文に残す幅
STYLE = "a11y-high-contrast-light"

_PANEL = 48  # コードと出力の枠の、内側の余白（左右か上下の合計）
_CODE_LINE, _PROSE_LINE, _ROW = 1.45, 1.6, 1.65  # 字の大きさに対する、行の高さ
_BREAK = 0.4  # 段落の間（行の高さの割合）
_COLUMN = 0.602  # 等幅の半角1字の幅
_CELL_PADDING = 1.6  # 表の1マスの、左右の余白の合計（em）
_FULL, _HALF = 1.0, 0.6  # 文の書体の、全角と半角の1字の幅（em）
_INDENT = 1.2  # 箇条書きの字下げ（em）
_RAGGED = 2.5  # 文節で改行するために、行の終わりに空く幅（em）
_UNEVEN = 1.2  # 折り返す表で、列の幅の偏りと文節のために増える行
_KATAKANA = re.compile(r"[ァ-ヴー]{3,12}")
_HIGHLIGHTER = HtmlFormatter(style=STYLE, nowrap=True)
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\([^)\s]*\)")


@dataclass(frozen=True)
class Block:
    """スライドに載せるもの一つ。

    ``kind`` は code、text（印字）、table、figure、prose のどれか。
    ``lines`` は、行ごとの幅。コードと印字では半角の桁、表と文では字の大きさ（em）の倍数で数える。
    表では、``lines`` のどれもが表の幅で、行の数が表の行の数を表す。文では、0の行が段落の間を表す。
    ``flows`` は、幅に入らなければ折り返してよいか。
    """

    kind: str
    html: str
    lines: tuple[float, ...] = ()
    flows: bool = False
    picture: tuple[str, bytes] | None = None  # (拡張子, 中身)
    alt: str = ""

    def natural(self, points: int) -> float:
        """折り返さないときの幅。"""
        widest = max(self.lines, default=0) * points
        return widest if self.kind == "table" else widest * _COLUMN + _PANEL

    def height(self, points: int, width: float) -> float:
        """字の大きさが ``points`` で、幅 ``width`` に置いたときの高さ。"""
        match self.kind:
            case "figure":
                return FIGURE_ROOM[1]
            case "table":
                wide = self.natural(points) / width
                folds = math.ceil(wide if wide <= 1 else wide * _UNEVEN)
                return len(self.lines) * (_ROW + (folds - 1) * _CODE_LINE) * points + 8
            case "prose":
                room = width / points - _RAGGED
                rows = sum(math.ceil(n / room) if n else _BREAK for n in self.lines)
                return rows * _PROSE_LINE * points
        room = max(1, (width - _PANEL) / (points * _COLUMN))
        rows = sum(math.ceil(max(n, 1) / room) for n in self.lines)
        return rows * _CODE_LINE * points + _PANEL


@dataclass(frozen=True)
class Sizes:
    """字の大きさ（px）: 文、コードと印字、表。"""

    prose: int
    mono: int
    table: int

    def of(self, block: Block) -> int:
        return {"prose": self.prose, "table": self.table}.get(block.kind, self.mono)


@dataclass(frozen=True)
class Layout:
    """スライド1枚の並べ方。``groups`` は、1つなら上から、2つなら左と右に置くもの。"""

    sizes: Sizes
    groups: tuple[tuple[Block, ...], ...]

    @property
    def height(self) -> float:
        """上から並べたときの高さ。左右に並べたものは、高さに収まると分かっているので0。"""
        return _height(self.groups[0], self.sizes, WIDTH) if len(self.groups) == 1 else 0


def arrange(blocks: Sequence[Block], height: float) -> list[Layout]:
    """``blocks`` を高さ ``height`` に、なるべく大きな字で並べる。

    上から並べて入らなければ、コードとほかのものを左右に置く。それでも入らなければ2枚以上に分ける。
    """
    sides = _sides(blocks)
    for points in SIZES:
        sizes = _sizes(blocks, points)
        if _height(blocks, sizes, WIDTH) <= height:
            return [Layout(sizes, (tuple(blocks),))]
        if len(sides) == 2 and points >= COMFORTABLE and _side_by_side(sides, points, height):
            return [Layout(Sizes(points, *_largest(points)), sides)]
    if len(sides) == 2:
        return [page for side in sides for page in arrange(side, height)]
    if len(blocks) > 1:
        half = len(blocks) // 2
        return [*arrange(blocks[:half], height), *arrange(blocks[half:], height)]
    return [Layout(_sizes(blocks, SMALLEST), (tuple(blocks),))]


def _largest(points: int) -> tuple[int, int]:
    return min(points, LARGEST["mono"]), min(points, LARGEST["table"])


def _sizes(blocks: Sequence[Block], points: int) -> Sizes:
    """文を ``points`` にし、コードと表は、それ以下でスライドの幅に入る最も大きな字にする。"""

    def fitting(top: int, *kinds: str) -> int:
        wide = [one for one in blocks if one.kind in kinds and not one.flows]
        sizes = (size for size in SIZES if size <= top)
        return next((n for n in sizes if all(one.natural(n) <= WIDTH for one in wide)), SMALLEST)

    mono, table = _largest(points)
    return Sizes(points, fitting(mono, "code", "text"), fitting(table, "table"))


def _sides(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], ...]:
    """コードと、ほかのもの。先に出るほうを左に置く。"""
    code = tuple(block for block in blocks if block.kind == "code")
    rest = tuple(block for block in blocks if block.kind != "code")
    ordered = (code, rest) if blocks and blocks[0].kind == "code" else (rest, code)
    return tuple(side for side in ordered if side)


def _side_by_side(sides: Sequence[Sequence[Block]], points: int, height: float) -> bool:
    """左右に置けるか。文と図は、残りの幅に広げる。"""
    sizes = Sizes(points, *_largest(points))
    widths = [max(_least_width(block, sizes) for block in side) for side in sides]
    if sum(widths) + GAP > WIDTH:
        return False
    return all(
        _height(side, sizes, WIDTH - GAP - other) <= height
        for side, other in zip(sides, reversed(widths), strict=True)
    )


def _least_width(block: Block, sizes: Sizes) -> float:
    fixed = {"figure": FIGURE_ROOM[0], "prose": PROSE_ROOM}
    return fixed.get(block.kind) or block.natural(sizes.of(block))


def _height(blocks: Sequence[Block], sizes: Sizes, width: float) -> float:
    heights = [block.height(sizes.of(block), width) for block in blocks]
    return sum(heights) + GAP * (len(blocks) - 1)


# ---- 中身を作る ----


def columns(text: str) -> int:
    """等幅の字で数えた桁。全角は2桁。"""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def ems(text: str) -> float:
    """文の書体で数えた幅（em）。"""
    return sum(
        _HALF if unicodedata.east_asian_width(char) in ("Na", "N", "H") else _FULL for char in text
    )


def code_css() -> str:
    """コードの色の CSS。"""
    return _HIGHLIGHTER.get_style_defs(".code")


def code(source: str) -> Block:
    """コード。"""
    source = re.sub(r"\n{3,}", "\n\n", source.strip("\n"))
    shown = highlight(source, PythonLexer(stripnl=False), _HIGHLIGHTER)
    return Block(
        "code",
        f'<pre class="code"><code>{shown.rstrip()}</code></pre>',
        tuple(map(columns, source.split("\n"))),
    )


def printed(text: str) -> Block:
    """印字された文字。"""
    text = text.rstrip()
    return Block(
        "text",
        f'<pre class="output">{html.escape(text, quote=False)}</pre>',
        tuple(map(columns, text.split("\n"))),
    )


def table(source: str, flows: bool = False) -> Block:
    """HTML の中の表。飾りの属性は落とす。``flows`` なら、長い文の入った表として折り返す。"""
    found = BeautifulSoup(source, "html.parser").table
    for tag in [found, *found.find_all(True)]:
        tag.attrs = {k: v for k, v in tag.attrs.items() if k in {"colspan", "rowspan"}}
    rows = [[cell.get_text(" ") for cell in row.find_all(["th", "td"])] for row in found("tr")]
    for cell in found.find_all("td"):
        if not flows and re.fullmatch(
            r"[-−+]?[\d,.]+(e-?\d+)?[%円]?|NaN|-", cell.get_text().strip()
        ):
            cell["class"] = "number"
    count = max(map(len, rows))
    widest = [max(ems(row[i]) if i < len(row) else 0 for row in rows) for i in range(count)]
    width = sum(widest) + count * _CELL_PADDING
    if flows:
        found["class"] = "flows"
    return Block("table", close_gaps(str(found)), (width,) * len(rows), flows)


def prose(source: str) -> Block:
    """スライドに文として載せる Markdown。"""
    lines = [
        ems(re.sub(r"[*`]", "", line.lstrip("-0123456789. "))) + _INDENT * line.startswith("-")
        for paragraph in re.split(r"\n\s*\n", _LINK.sub(r"\1", source).strip())
        for line in _joined(paragraph)
    ]
    return Block("prose", markdown(source), tuple(lines))


def _joined(paragraph: str) -> list[str]:
    """段落の行。箇条書きは項目ごと、ふつうの文は続けて1行にし、段落の間の空きを足す。"""
    lines = paragraph.split("\n")
    if not lines[0].lstrip().startswith(("-", "1.")):
        lines = ["".join(lines)]
    return [*lines, ""]


def markdown(source: str) -> str:
    """Markdown の HTML。本の中へのリンクは、題だけを残す。"""
    return _keep_words(close_gaps(MARKDOWN.render(_LINK.sub(r"\1", source)).strip()))


def inline(source: str) -> str:
    """見出しなど、1行の Markdown の HTML。"""
    return _keep_words(MARKDOWN.renderInline(_LINK.sub(r"\1", source)))


def _keep_words(page: str) -> str:
    """カタカナの語の途中で行が変わらないようにする（Chromium の auto-phrase は、ときどき途中で変える）。"""
    pieces = re.split(r"(<pre.*?</pre>|<[^>]+>)", page, flags=re.DOTALL)
    pieces[::2] = [_KATAKANA.sub(r'<span class="word">\g<0></span>', text) for text in pieces[::2]]
    return "".join(pieces)


def markdown_block(token: Token, source: str) -> Block:
    """箇条書き、表、コードの Markdown。"""
    match token.type:
        case "table_open":
            return table(markdown(source), flows=True)
        case "fence" | "code_block":
            return code(token.content) if token.info == "python" else printed(token.content)
    return prose(source)


def figure(suffix: str, content: bytes, alt: str) -> Block:
    """図。``suffix`` は png か svg。"""
    return Block("figure", "", picture=(suffix, content), alt=alt)


def photograph(source: str) -> Block | None:
    """画面の写真だけの段落なら、その写真。"""
    match = PICTURE.fullmatch(source.strip())
    return match and figure("png", (LESSONS / match[2]).read_bytes(), match[1])


def outputs(cell: NotebookNode) -> list[Block]:
    """実行したセルの出力。"""
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    found = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if output.output_type == "stream":
            found.append(printed(output.text))
        elif shown := picture(data):
            found.append(figure(*shown, alt))
        elif "<table" in data.get("text/html", ""):
            found.append(table(data["text/html"]))
        elif "text/plain" in data:
            found.append(printed(data["text/plain"]))
    return found
