"""授業と解答のセル一つずつの書き方を調べる。

Markdown は markdown-it の読み取った形で、コードは構文木で見る。
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import pairwise

from markdown_it.token import Token

from tools.checks import serverless
from tools.checks.syntax import Problem, chain, dotted
from tools.course.lesson import MARKDOWN, Cell, Lesson, is_figure

# 規則の名前と、説明・置き換え。{} には見つけたものが入る。
RULES = {
    **serverless.RULES,
    "セルの長さ": "{}が {} 行あります。{} 行までにします。",
    "コメント": "コメントが {} 行あります。説明は Markdown のセルに移します。",
    "マジック": "`{}` はノートブックの外で動きません。Python で書きます。",
    "構文": "Python として読めません（{}）。このセルだけで読める形にします。",
    "記法": "`{}` は JupyterLab や Databricks で形になりません。ふつうの Markdown で書きます。",
    "消える行": "`%` で始まる行は、本のページで消えます。言い換えるか、`` ` `` で囲みます。",
    "数式": "`$` が2つある行は、ノートブックでは数式になります。「ドル」と書くか、`` ` `` で囲みます。",
    "強調": "`**` が太字になりません。かっこや句読点を `**` の外に出します。",
    "折りたたみ": "`<summary>…</summary>` の後と `</details>` の前に、空の行を入れます。",
    "折りたたみの題": "`<summary>` の中の `` ` `` はそのまま表示されます。`<code>…</code>` と書きます。",
    "改行": "{}改行は「。」の後だけに入れ、1行に1文を書きます。",
    "文字": "{}があります。{}にします。",
    "図の説明": '図の説明がありません。`# %% mystnb={{"image": {{"alt": "説明"}}}}` と書きます。',
    "図のコード": '図を描くコードが {} 行あります。計算のセルと分け、`# %% tags=["figure"]` で畳みます。',
    "図の終わり": "図のほかに文字が出ます。セルの最後を `plt.show()` にします。",
}

MAX_LINES, MAX_COMMENTS, MAX_DRAWING_LINES = 20, 2, 6
DRAWING = set("plt.show plt.subplots plt.figure plot from_estimator from_predictions".split())
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
LIST_ITEM = r"\s*(?:[-*+]|\d+[.)]) "


def check(lesson: Lesson, lesson_modules: set[str]) -> Iterator[Problem]:
    """すべてのセルの問題を (行, 規則, 差し込む語) で返す。"""
    yield from wide_spaces(lesson.text)
    code = ast.Module([], [])
    for cell in lesson.cells:
        if cell.kind == "markdown":
            yield from _markdown(cell)
            yield from _breaks(cell)
            continue
        if (lines := len(cell.source.splitlines())) > MAX_LINES:
            yield cell.line, "セルの長さ", ("セル", lines, MAX_LINES)
        try:
            ast.parse(cell.source)
        except SyntaxError as error:
            magic = re.search(r"^\s*[%!].*", cell.source, re.M)
            rule, word = ("マジック", magic[0].strip()) if magic else ("構文", error.msg)
            yield cell.line + (error.lineno or 1) - 1, rule, (word,)
        else:
            code.body += tree(cell).body
            yield from _comments(cell)
            yield from _figure(cell)
            yield from _unfolded(cell)
    yield from serverless.check(code, lesson_modules)


def tree(cell: Cell) -> ast.Module:
    """元ファイルの行番号を付けた構文木。読めなければ空。"""
    try:
        return ast.increment_lineno(ast.parse(cell.source), cell.line - 1)
    except SyntaxError:
        return ast.Module([], [])


def wide_spaces(text: str) -> Iterator[Problem]:
    """全角の空白がある行。"""
    for number, line in enumerate(text.splitlines(), 1):
        if "\u3000" in line:
            yield number, "文字", ("全角の空白", "半角の空白")


def _markdown(cell: Cell) -> Iterator[Problem]:
    for token in MARKDOWN.parse(cell.source):
        line = cell.line + token.map[0] if token.map else cell.line
        if token.type == "fence" and token.info.startswith("{"):
            yield line, "記法", ("```" + token.info,)
        elif token.type == "html_block":
            yield from _tags(line, token.content)
        elif token.type == "inline":
            yield from _inline(line, token)
    lines = ["", *cell.source.splitlines(), ""]
    for number, (before, line, after) in enumerate(zip(lines, lines[1:], lines[2:], strict=False)):
        opened = "</summary>" in line and (after.strip() or not line.endswith("</summary>"))
        closed = "</details>" in line and (before.strip() or line.strip() != "</details>")
        if opened or closed:
            yield cell.line + number, "折りたたみ", ()
        if "<summary>" in line and "`" in line:
            yield cell.line + number, "折りたたみの題", ()


def _inline(line: int, token: Token) -> Iterator[Problem]:
    for offset, text in enumerate(token.content.split("\n")):
        bare = re.sub(r"`[^`]*`", "", text)
        if text.startswith("%"):
            yield line + offset, "消える行", ()
        if bare.count("$") > 1:
            yield line + offset, "数式", ()
    if match := re.search(r"^(:::.*|\([\w-]+\)=$)", token.content, re.M):
        yield line, "記法", (match[0],)
    for child, following in pairwise([*token.children, Token("", "", 0)]):
        line += child.type == "softbreak"
        if child.type == "text" and "**" in child.content:
            yield line, "強調", ()
        if child.type == "text" and re.search(r"[０-９Ａ-Ｚａ-ｚ]", child.content):
            yield line, "文字", ("全角の英数字", "半角")
        if following.type == "code_inline" and (role := re.search(r"\{[\w:-]+\}$", child.content)):
            yield line, "記法", (role[0],)
        if child.type == "html_inline":
            yield from _tags(line, child.content)


def _tags(line: int, html: str) -> Iterator[Problem]:
    for tag in re.findall(r"</?(?!(?:details|summary|code|br)\b)\w[^>]*>", html):
        yield line, "記法", (tag,)


def _breaks(cell: Cell) -> Iterator[Problem]:
    lines = [re.sub(r"^(> ?)+", "", line) for line in _without_fences(cell.source)]
    for number, (line, following) in enumerate(pairwise([*lines, ""]), cell.line):
        if not JAPANESE.search(line) or re.match(r"\s*[#|<]", line):
            continue
        bare = re.sub(r"`[^`]*`", "x", line)
        bare = re.sub(r"^不?正解です。|「[^「」]*」|（[^（）]*）", "", bare)
        if re.search(r"。[^\s」』）*。]", bare) and not re.match(LIST_ITEM, line):
            yield number, "改行", ("1行に2文あります。",)
        goes_on = following.strip() and not re.match(rf"\s*[#|<]|{LIST_ITEM}", following)
        if goes_on and not line.rstrip("* ").endswith(tuple("。」）？:：")):
            yield number, "改行", ("文の途中で改行しています。",)


def _without_fences(source: str) -> list[str]:
    """コードブロックの中を空にした行。"""
    lines = source.splitlines()
    for token in MARKDOWN.parse(source):
        if token.type == "fence":
            start, end = token.map
            lines[start:end] = [""] * (end - start)
    return lines


def _comments(cell: Cell) -> Iterator[Problem]:
    tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
    comments = sum(token.type == tokenize.COMMENT for token in tokens)
    if comments > MAX_COMMENTS:
        yield cell.line, "コメント", (comments,)


def _unfolded(cell: Cell) -> Iterator[Problem]:
    """図を描く長いコードが、畳まれずに読み手の前にあるか。練習と解答は畳まない。"""
    lines = sum(bool(line.strip()) for line in cell.source.splitlines())
    if lines > MAX_DRAWING_LINES and not is_figure(cell) and not cell.role[0]:
        if _calls([tree(cell)]) & DRAWING:
            yield cell.line, "図のコード", (lines,)


def _calls(nodes: list[ast.AST]) -> set[str]:
    """呼び出している関数とメソッドの名前。"""
    calls = [n for node in nodes for n in ast.walk(node) if isinstance(n, ast.Call)]
    return {dotted(call.func) for call in calls}.union(*map(chain, calls))


def _figure(cell: Cell) -> Iterator[Problem]:
    """図を出すセル。関数の中で描く図は、呼び出すセルの plt.show() で数える。"""
    body = [node for node in tree(cell).body if not isinstance(node, ast.FunctionDef)]
    if not _calls(body) & DRAWING:
        return
    alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
    if not JAPANESE.search(alt):
        yield cell.line, "図の説明", ()
    last = body[-1]
    ends_quietly = r"(.*\.)?(show|close|log_figure)|print|display"
    if isinstance(last, ast.Expr) and not (
        isinstance(last.value, ast.Call) and re.fullmatch(ends_quietly, dotted(last.value.func))
    ):
        yield last.lineno, "図の終わり", ()
