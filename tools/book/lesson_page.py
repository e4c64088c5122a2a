"""実行済みの授業を、本のページにするノートブックに直す。用語集へのつなぎもここで付ける。"""

from __future__ import annotations

import html
import re

from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from tools.book.images import size
from tools.book.markup import badge_list
from tools.course import site
from tools.course.export import PICTURE
from tools.course.lesson import FIGURE, LESSONS, LessonError, is_figure, notebook_cell
from tools.course.times import Times

DOWNLOAD = "notebooks.zip"  # レッスンのページから取り寄せるファイル

SHOWN = {"text", "stub", "check"}
FOLDED = {"answer-text", "answer", "judged-answer", "wrong-text", "wrong", "judged-wrong"}
HIDDEN = {"judged-stub", "other-text", "other", "judged-other", "evidence"}

PLACES = {"local": "手元のPC", "databricks": "Databricks（実機では未確認）"}


def lesson_page(name: str, notebook: NotebookNode, times: Times) -> NotebookNode:
    """実行済みのノートブックを、ページ用のノートブックに直す。

    見せるセルはそのまま、解答と誤答は練習ごとに一つの畳んだ枠にまとめ、
    図を描くだけのコードは畳み、隠すセルは落とす。役の分からないセルがあれば LessonError を送る。
    """
    cells: list[NotebookNode] = []
    folded: list[NotebookNode] = []
    for cell in notebook.cells:
        role = cell.metadata.get("textbook", {}).get("role")
        if role in SHOWN:
            cells += answer_block(name, folded)
            folded = []
            cells += figure_block(cell) if is_figure(cell) else [shown(cell, role)]
        elif role in FOLDED:
            folded.append(cell)
        elif role not in HIDDEN:
            raise LessonError(f"{name}: 役の分からないセルがあります（{role}）。")
    cells += answer_block(name, folded)
    refuse_stderr(name, cells)
    heading, _, rest = cells[0].source.partition("\n")
    top = badges(notebook.metadata.get("textbook", {}), times) + launch_links(name)
    cells[0].source = f"{heading}\n\n{top}\n{rest}"
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kept = {k: v for k, v in notebook.metadata.items() if k in {"kernelspec", "language_info"}}
    return new_notebook(cells=cells, metadata=kept)


def shown(cell: NotebookNode, role: str) -> NotebookNode:
    """ページに見せるセル。役はタグ（HTML では class）にし、実行の記録は落とす。"""
    metadata = {"tags": [role]}
    if "mystnb" in cell.metadata:
        metadata["mystnb"] = cell.metadata["mystnb"]
    if cell.cell_type == "markdown":
        source = PICTURE.sub(screen_picture, cell.source)
        return notebook_cell("markdown", source, metadata)
    page_cell = notebook_cell("code", cell.source, metadata)
    page_cell.outputs = [NotebookNode(output) for output in cell.get("outputs", [])]
    for output in page_cell.outputs:
        if "execution_count" in output:
            output.execution_count = None
    return page_cell


def screen_picture(picture: re.Match) -> str:
    """画面の写真を、画面で見る大きさ（写真の画素の半分）で置く。"""
    alt, name = picture.groups()
    width = size(LESSONS / name)[0] // 2
    return f"```{{image}} {name}\n:alt: {alt}\n:width: {width}px\n```"


def figure_block(cell: NotebookNode) -> list[NotebookNode]:
    """図を描くコードを畳んだ枠と、その外に見せる図（描く関数を作るだけのセルには無い）。"""
    code, picture = shown(cell, FIGURE), shown(cell, FIGURE)
    code.outputs = []
    picture.metadata.tags.append("remove-input")
    summary = "<summary>図を描くコード</summary>"
    block = [raw(f'<details class="figure-code">\n{summary}'), code, raw("</details>")]
    return [*block, picture] if picture.outputs else block


def refuse_stderr(name: str, cells: list[NotebookNode]) -> None:
    """ページに出るセルに警告などが残っていれば LessonError を送る。"""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise LessonError(
                    f"{name}: 標準エラー出力が残っています。\n{cell.source}\n→ {output.text.strip()}"
                )


def answer_block(name: str, folded: list[NotebookNode]) -> list[NotebookNode]:
    """練習一つ分の解答、確認の返事、よくある間違いを、畳んだ枠にまとめる。"""
    if not folded:
        return []
    roles = [cell.metadata.textbook.role for cell in folded]
    number = folded[0].metadata.textbook.exercise
    for role, label in {"answer": "解答", "judged-answer": "正解の確認", "wrong": "誤答"}.items():
        if role not in roles:
            raise LessonError(f"{name}: 練習 {number} に{label}がありません。")
    summary = f"<summary>解答 {number}</summary>"
    return [
        raw(f'<details class="answer" id="answer-{number}">\n{summary}'),
        *[folded_part(cell) for cell in folded if "answer" in cell.metadata.textbook.role],
        raw('<p class="answer-label">よくある間違い</p>'),
        *[folded_part(cell) for cell in folded if "wrong" in cell.metadata.textbook.role],
        raw("</details>"),
    ]


def folded_part(cell: NotebookNode) -> NotebookNode:
    """枠の中の1つ。誤答の出力は落とし、確認の返事は、ノートブックで見えるものと同じにする。"""
    role = cell.metadata.textbook.role
    if role.startswith("judged-"):
        return raw(cell.outputs[0].data["text/html"])
    if role.endswith("-text"):
        return shown(cell, "text")
    code = shown(cell, role)
    if role == "wrong":
        code.outputs = []
    return code


def raw(source: str) -> NotebookNode:
    """HTML をそのまま置くセル。"""
    return notebook_cell("markdown", source, {})


def link_terms(page: NotebookNode, terms: dict[str, str]) -> set[str]:
    """太字の用語のうち、ページで最初に出るものを用語集につなぎ、つないだ用語を返す。"""
    waiting = dict(terms)

    def link(match: re.Match) -> str:
        entry = waiting.pop(match[1], None)
        if entry is None:
            return match[0]
        # 前後が日本語の時、記号で終わる太字は ** では閉じないので、要素で書く
        return f"<strong>{{term}}`{match[1]} <{entry}>`</strong>"

    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\*\*([^*\n]+)\*\*", link, cell.source)
    return set(terms) - set(waiting)


def badges(metadata: dict, times: Times) -> str:
    """教室と自習の時間、動く場所、環境のバージョンを示す札。"""
    labels = times.labels
    labels += [PLACES[place] for place in metadata.get("runs_on", [])]
    if version := metadata.get("environment_version"):
        labels.append(f"サーバーレス環境 バージョン{version}と同じバージョン")
    return badge_list("この授業について", labels)


def launch_links(name: str) -> str:
    """レッスンを動かす場所への入口。"""
    links = {
        "Databricksで動かす": "../free_edition.html",
        "Binderで開く": site.binder(f"{name}.ipynb"),
        "Codespacesで開く": site.codespaces(),
        "ダウンロード（zip）": f"../{DOWNLOAD}",
    }
    items = "".join(
        f'<li><a href="{html.escape(to)}">{text}</a></li>' for text, to in links.items()
    )
    return f'<nav class="launch" aria-label="このレッスンを動かす"><ul>{items}</ul></nav>\n'
