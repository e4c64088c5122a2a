"""実行済みの授業と book/ の文書から、本（HTML）を組み立てる。

    python -m tools.book                     _build/html/ に本を組み立てる
    python -m tools.book serve [--port 8000] 組み立てた本を手元で開く

材料を _build/stage/ に並べ、Jupyter Book で HTML にし、Pagefind で索引を付ける。
すべて成功したときだけ _build/html/ を入れ替えるので、失敗しても前の本は残る。
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from fnmatch import fnmatch
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType

import nbformat
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pagefind.index import IndexConfig, PagefindIndex

from tools import databricks, export, scale, site
from tools.files import remove_others, write
from tools.lesson import LessonError

ROOT = Path(__file__).resolve().parent.parent
DOWNLOAD = "notebooks.zip"

SHOWN = {"text", "stub", "check"}
FOLDED = {"answer-text", "answer", "accepted", "wrong-text", "wrong", "rejected"}
HIDDEN = {"rejected-stub", "evidence"}

UNPUBLISHED = {"searchindex.js", "searchtools.js", "language_data.js", "objects.inv", ".buildinfo"}

# jsonschema が使いもしない文法（rfc3987_syntax）を読むだけで2秒かかるので、無いことにする。
JUPYTER_BOOK = """
import sys
sys.modules["rfc3987_syntax"] = None
from jupyter_book.cli.main import main
main()
"""

REPRODUCED = "再現して確かめたもの"
DOCUMENTED = "文書で確かめたもの（再現していません）"

PLACES = {"local": "手元のPC", "databricks": "Databricks Free Edition（実機では未確認）"}


class BookError(Exception):
    """本を組み立てられない。文言は利用者に見せる日本語。"""


# ---- 組み立ての流れ ----


def build(root: Path = ROOT, extra: Mapping[str, bytes] = MappingProxyType({})) -> Path:
    """root の材料から本を組み立て、root/_build/html を返す。

    extra は、本に添えて読者に渡すファイル（名前 → 中身）。
    授業が未実行、材料の形が違う、Jupyter Book の警告が一つでもある、のどれかなら
    BookError を送る。そのとき root/_build/html は前のまま残る。
    """
    stage, work, out = (root / "_build" / name for name in ("stage", "book", "html"))
    pages = stage_sources(root, stage)
    rendered = render(stage, work, navigation_key(stage, pages))
    asyncio.run(index(rendered, pages))
    names = published(rendered, pages)
    for name in names:
        content = (rendered / name).read_bytes()
        if name.suffix == ".html":
            content = close_gaps(content.decode()).encode()
        write(out / name, content)
    for name, content in extra.items():
        write(out / name, content)
    remove_others(out, names | {Path(name) for name in extra})
    return out


def downloads() -> dict[str, bytes]:
    """レッスンのページから取り寄せるファイル。"""
    return {DOWNLOAD: export.archive()}


def render(stage: Path, work: Path, key: str) -> Path:
    """Jupyter Book を動かし、HTML のフォルダーを返す。警告も失敗とする。

    前回が成功していて key も同じなら、変わったページだけを書き直す。
    それ以外は最初から作る。Sphinx は他のページの目次を書き直さず、
    失敗の後では読み終えたページの警告を繰り返さないからである。
    """
    success = work / "success"
    if not success.exists() or success.read_text() != key:
        shutil.rmtree(work, ignore_errors=True)
    success.unlink(missing_ok=True)
    options = ["--path-output", str(work), "-W", "-n", "--keep-going", "-q"]
    run = subprocess.run(
        [sys.executable, "-c", JUPYTER_BOOK, "build", str(stage), *options],
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    if run.returncode:
        raise BookError(f"本を組み立てられませんでした。\n{run.stderr.strip()}")
    success.write_text(key)
    return work / "_build" / "html"


def navigation_key(stage: Path, pages: dict[str, str]) -> str:
    """全ページに効く材料の要約。"""
    digest = hashlib.sha256(repr(sorted(pages.items())).encode())
    for path in sorted(stage.rglob("*")):
        name = path.relative_to(stage).as_posix()
        if path.is_file() and name.startswith(("_", "locale/")):
            digest.update(name.encode() + path.read_bytes())
    return digest.hexdigest()


def published(rendered: Path, pages: dict[str, str]) -> set[Path]:
    """読者に渡すファイル（rendered から見た名前）。

    材料の無くなったページと図、Sphinx の索引（解答の語を含む）、使わない画面部品は渡さない。
    """
    shown_pages = {f"{name}.html" for name in (*pages, "search")}
    figures: set[str] = set()
    for name in shown_pages:
        figures.update(
            re.findall(r"_images/([^\"]+)", (rendered / name).read_text(encoding="utf-8"))
        )
    names = set()
    for path in rendered.rglob("*"):
        name = path.relative_to(rendered)
        stray = (
            (path.suffix == ".html" and name.as_posix() not in shown_pages)
            or (path.parent.name == "_images" and path.name not in figures)
            or path.name in UNPUBLISHED
        )
        if path.is_file() and not stray:
            names.add(name)
    return names


async def index(rendered: Path, pages: dict[str, str]) -> None:
    """Pagefind の索引を作る。畳んだもの（解答、ヒント、選択肢の説明）は入れない。"""
    config = IndexConfig(
        root_selector="article.bd-article",
        exclude_selectors=["details", ".badges", ".launch", ".headerlink", ".tag_check"],
        output_path=str(rendered / "pagefind"),
    )
    shutil.rmtree(rendered / "pagefind", ignore_errors=True)
    async with PagefindIndex(config=config) as pagefind:
        for name in sorted(pages):
            page = close_gaps((rendered / f"{name}.html").read_text(encoding="utf-8"))
            await pagefind.add_html_file(content=indexable(page), url=f"/{name}.html")


def indexable(page: str) -> str:
    """索引に渡す写し。読者に見せるページには使わない。

    Pagefind は見出しの id で節ごとの結果を出すので、節の id を見出しへ移す。
    また、漢字だけの見出しや用語は中国語とみなされ1字ずつに切られるので、かなの入った文で言い直す。
    """
    page = re.sub(
        r'<section id="([^"]+)">((?:\s|<span[^>]*></span>)*)<h(\d)>',
        r'<section>\2<h\3 id="\1">',
        page,
    )

    def restate(match: re.Match) -> str:
        name = re.sub(r'<a class="headerlink".*?</a>|<[^>]+>', "", match[0])
        if re.search(r"[ぁ-ヿ]", name) or not re.search(r"[一-龠]", name):
            return match[0]
        return f"{match[0]}<p>「{name}」についてです。</p>"

    return re.sub(r"<(h[1-6]|dt)\b[^>]*>.*?</\1>", restate, page, flags=re.DOTALL)


def close_gaps(page: str) -> str:
    """日本語の文の間と、太字の前後に出る空白を消す。コードには触れない。

    材料は一文ごとに改行し、太字の前後に空白を置く。どちらも画面では隙間に見える。
    """
    pieces = re.split(r"(<pre.*?</pre>)", page, flags=re.DOTALL)
    for number in range(0, len(pieces), 2):
        piece = re.sub(r"([。」）])\n\s*", r"\1", pieces[number])
        piece = re.sub(r"(?<=[^\x00-\x7f]) (?=<strong>)", "", piece)
        pieces[number] = re.sub(r"(?<=[^\x00-\x7f]</strong>) (?=[^\x00-\x7f])", "", piece)
    return "".join(pieces)


# ---- 材料を並べる ----


def stage_sources(root: Path, stage: Path) -> dict[str, str]:
    """材料を stage に並べ、{ページの名前: 題} を返す。中身の同じファイルには触れない。"""
    lessons = executed_lessons(root)
    files: dict[str, bytes] = {}
    titles: dict[str, str] = {}
    for folder in ("_static", "_templates", "locale"):
        for path in (root / folder).rglob("*"):
            if path.is_file():
                files[path.relative_to(root).as_posix()] = path.read_bytes()
    files["_config.yml"] = (root / "_config.yml").read_bytes()
    terms = glossary_entries(root / "book" / "glossary.yml")
    linked: set[str] = set()
    for name, notebook in lessons.items():
        page = lesson_page(name, notebook)
        linked |= link_terms(page, terms)
        files[f"lessons/{name}.ipynb"] = nbformat.writes(page).encode()
        titles[f"lessons/{name}"] = title_of(name, page.cells[0].source)
    if len(lessons) == len(lesson_sources(root)):
        refuse_orphans(set(terms) - linked)
    for path in (root / "book").glob("*.md"):
        text = fill(path.read_text(encoding="utf-8"), root, lessons)
        files[path.name] = text.encode()
        titles[path.stem] = title_of(path.name, text)
    toc = present_parts(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8")), titles)
    files["_toc.yml"] = yaml.safe_dump(toc, allow_unicode=True, sort_keys=False).encode()

    for name, content in files.items():
        write(stage / name, content)
    remove_others(stage, {Path(name) for name in files})
    return titles


def lesson_sources(root: Path) -> list[Path]:
    """授業のファイル。番号の順。"""
    return sorted((root / "lessons").glob("[0-9][0-9]_*.py"))


def executed_lessons(root: Path) -> dict[str, NotebookNode]:
    """{授業の名前: 実行済みのノートブック}。まだ実行していない授業は知らせて飛ばす。"""
    found, waiting = {}, []
    for lesson in lesson_sources(root):
        path = root / "_build" / "executed" / f"{lesson.stem}.ipynb"
        if path.exists():
            found[lesson.stem] = nbformat.read(path, as_version=4)
        else:
            waiting.append(lesson.stem)
    if not found:
        raise BookError("実行済みの授業がありません。先に `make book` で授業を実行してください。")
    if waiting:
        print(f"まだ実行していない授業は本に入りません: {', '.join(waiting)}", file=sys.stderr)
    return found


def present_parts(toc: dict, titles: dict[str, str]) -> dict:
    """ページが一つも無い glob と部を、目次から除く。"""
    parts = []
    for part in toc["parts"]:
        chapters = [
            chapter
            for chapter in part["chapters"]
            if "file" in chapter or any(fnmatch(name, chapter["glob"]) for name in titles)
        ]
        if chapters:
            parts.append({**part, "chapters": chapters})
    return {**toc, "parts": parts}


def title_of(name: str, text: str) -> str:
    """1行目の大見出し。無ければ BookError を送る。"""
    mark, _, title = text.partition("\n")[0].partition(" ")
    if mark != "#" or not title:
        raise BookError(f"{name}: 1行目を大見出し（# で始まる行）にしてください。")
    return title


# ---- 授業のページ ----


def lesson_page(name: str, notebook: NotebookNode) -> NotebookNode:
    """実行済みのノートブックを、ページ用のノートブックに直す。

    見せるセルはそのまま、解答と誤答は練習ごとに一つの畳んだ枠にまとめ、
    隠すセルは落とす。役の分からないセルがあれば BookError を送る。
    """
    cells: list[NotebookNode] = []
    folded: list[NotebookNode] = []
    for cell in notebook.cells:
        role = cell.metadata.get("textbook", {}).get("role")
        if role in SHOWN:
            cells += answer_block(name, folded)
            folded = []
            cells.append(shown(cell, role))
        elif role in FOLDED:
            folded.append(cell)
        elif role not in HIDDEN:
            raise BookError(f"{name}: 役の分からないセルがあります（{role}）。")
    cells += answer_block(name, folded)
    refuse_stderr(name, cells)
    heading, _, rest = cells[0].source.partition("\n")
    top = badges(notebook.metadata.get("textbook", {})) + launch_links(name)
    cells[0].source = f"{heading}\n\n{top}\n{rest}"
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kept = {
        key: notebook.metadata[key]
        for key in ("kernelspec", "language_info")
        if key in notebook.metadata
    }
    return new_notebook(cells=cells, metadata=kept)


def link_terms(page: NotebookNode, terms: dict[str, str]) -> set[str]:
    """太字の用語のうち、ページで最初に出るものを用語集につなぎ、つないだ用語を返す。"""
    waiting = dict(terms)

    def link(match: re.Match) -> str:
        entry = waiting.pop(match[1], None)
        return match[0] if entry is None else f"**{{term}}`{match[1]} <{entry}>`**"

    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\*\*([^*\n]+)\*\*", link, cell.source)
    return set(terms) - set(waiting)


def refuse_orphans(orphans: set[str]) -> None:
    """どの授業からもつながれていない用語があれば BookError を送る。"""
    if orphans:
        raise BookError(
            f"用語集の言葉が、どの授業でも紹介されていません: {'、'.join(sorted(orphans))}。"
            "授業で最初に使う所を太字にするか、用語集から除いてください。"
        )


def shown(cell: NotebookNode, role: str) -> NotebookNode:
    """ページに見せるセル。役はタグ（HTML では class）にし、実行の記録は落とす。"""
    metadata = {"tags": [role]}
    if "mystnb" in cell.metadata:
        metadata["mystnb"] = cell.metadata["mystnb"]
    if cell.cell_type == "markdown":
        return new_markdown_cell(cell.source, metadata=metadata)
    outputs = [NotebookNode(output) for output in cell.get("outputs", [])]
    for output in outputs:
        if "execution_count" in output:
            output.execution_count = None
    return new_code_cell(cell.source, metadata=metadata, outputs=outputs)


def refuse_stderr(name: str, cells: list[NotebookNode]) -> None:
    """ページに出るセルに警告などが残っていれば BookError を送る。"""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise BookError(
                    f"{name}: 標準エラー出力が残っています。\n{cell.source}\n→ {output.text.strip()}"
                )


def answer_block(name: str, folded: list[NotebookNode]) -> list[NotebookNode]:
    """練習一つ分の解答、確認の返事、よくある間違いを、畳んだ枠にまとめる。"""
    if not folded:
        return []
    by_role: dict[str, list[NotebookNode]] = {role: [] for role in FOLDED}
    for cell in folded:
        by_role[cell.metadata.textbook.role].append(cell)
    number = folded[0].metadata.textbook.exercise
    for role, label in {"answer": "解答", "accepted": "正解の確認", "wrong": "誤答"}.items():
        if not by_role[role]:
            raise BookError(f"{name}: 練習 {number} に{label}がありません。")

    block = [
        raw(f'<details class="answer" id="answer-{number}">\n<summary>解答 {number}</summary>')
    ]
    block += [shown(cell, "text") for cell in by_role["answer-text"]]
    block += [shown(cell, "answer") for cell in by_role["answer"]]
    block += [reply(cell, "accepted") for cell in by_role["accepted"]]
    block.append(raw('<p class="answer-label">よくある間違い</p>'))
    for cell in folded:
        match cell.metadata.textbook.role:
            case "wrong-text":
                block.append(shown(cell, "text"))
            case "wrong":
                code = shown(cell, "wrong")
                code.outputs = []
                block.append(code)
            case "rejected":
                block.append(reply(cell, "rejected"))
    return [*block, raw("</details>")]


def reply(cell: NotebookNode, kind: str) -> NotebookNode:
    """確認が返した文。"""
    text = "".join(output.text for output in cell.outputs if output.output_type == "stream")
    return raw(labelled(kind, "確認の返事", inline(text)))


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


def raw(source: str) -> NotebookNode:
    """HTML をそのまま置くセル。"""
    return new_markdown_cell(source)


def badges(metadata: dict) -> str:
    """所要時間、動く場所、環境の版を示す札。"""
    labels = []
    if "minutes" in metadata:
        labels.append(f"{metadata['minutes']}分")
    labels += [PLACES[place] for place in metadata.get("runs_on", [])]
    if "environment_version" in metadata:
        labels.append(f"サーバーレス環境 バージョン{metadata['environment_version']}と同じ版")
    items = "".join(f"<li>{label}</li>" for label in labels)
    return f'<ul class="badges" aria-label="この授業について">{items}</ul>\n'


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


# ---- book/ の文書に差し込むもの ----


def fill(text: str, root: Path, lessons: dict[str, NotebookNode]) -> str:
    """「<!-- 生成: 名前 引数 -->」を、その名前の表や一覧に、「{{ 名前 }}」を公開先の住所に置き換える。"""
    makers = {
        "授業": partial(course_list, lessons),
        "用語集": partial(glossary, root / "book" / "glossary.yml"),
        "出典": partial(sources, root / "book" / "sources.yml"),
        "書き換え": partial(rewrites, root / "book" / "serverless.yml"),
        "困りごと": partial(troubles, root / "book" / "troubles.yml"),
        "検証状況": partial(verification, lessons),
        "規模": partial(scale_table, root / "book" / "scale.json"),
    }

    def replace(match: re.Match) -> str:
        name, *arguments = match[1].split()
        if name not in makers:
            raise BookError(f"差し込むものの名前が分かりません: {name}")
        return makers[name](*arguments)

    for name, address in site.ADDRESSES.items():
        text = text.replace(f"{{{{ {name} }}}}", address())
    return re.sub(r"<!-- 生成: (.+?) -->", replace, text)


def course_list(lessons: dict[str, NotebookNode], first: str) -> str:
    """番号が first で始まる授業の一覧と、数と分の合計。"""
    block = {
        name: notebook.metadata.textbook.get("minutes", 0)
        for name, notebook in lessons.items()
        if name.startswith(first)
    }
    lines = [
        '<div class="course">',
        f'<p class="minutes">{len(block)}つの授業、{sum(block.values())}分</p>',
        "",
        *[f"- [](lessons/{name}.ipynb)（{minutes}分）" for name, minutes in block.items()],
        "",
        "</div>",
    ]
    return "\n".join(lines)


def glossary_entries(path: Path) -> dict[str, str]:
    """{用語: 用語集での見出し}。"""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {
        one["ja"]: one["ja"] if one["ja"] == one["en"] else f"{one['ja']}（{one['en']}）"
        for one in entries
    }


def glossary(path: Path) -> str:
    """用語と定義の一覧。"""
    headings = glossary_entries(path)
    lines = ["```{glossary}"]
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        definition = textwrap.indent(entry["definition"].strip(), "  ")
        lines += [headings[entry["ja"]], definition, ""]
    return "\n".join([*lines, "```"])


def sources(path: Path) -> str:
    """事実ごとの、出典と確認日の一覧。"""
    facts = yaml.safe_load(path.read_text(encoding="utf-8"))
    return "\n".join(
        f"- {one['fact']}\\\n  出典: {one['source']}。確認日: {one['checked']}" for one in facts
    )


def troubles(path: Path) -> str:
    """エラーの文から引く、困りごとと直し方。"""
    lines = []
    for group in yaml.safe_load(path.read_text(encoding="utf-8")):
        lines.append(f"## {group['group']}")
        for one in group["entries"]:
            evidence = DOCUMENTED if "documented" in one else REPRODUCED
            items = "".join(f"<li>{label}</li>" for label in [*one["where"], evidence])
            lines += [
                f"### {one['title']}",
                f'<ul class="badges" aria-label="出る場所と、確かめ方">{items}</ul>',
                error_text(one["error"]) if "error" in one else "",
                one["meaning"],
                "\n".join(f"1. {step}" for step in one["steps"]),
                f"出典: {one['documented']}。" if "documented" in one else "",
            ]
    return "\n\n".join(filter(None, lines))


def error_text(text: str) -> str:
    """画面に出る文。長い行は折り返し、文の中の記号はそのまま見せる。"""
    lines = html.escape(text.strip(), quote=False).replace("\n", "<br>")
    return f'<p class="reply rejected"><code>{lines}</code></p>'


def rewrites(path: Path, part: str) -> str:
    """動かない書き方と動く書き方の組。part は setup（先に実行するコード）か、組の並びの名前。"""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if part == "setup":
        return f"```python\n{data['setup']}```"
    return "\n\n".join(map(rewrite, data[part]))


def rewrite(pair: dict) -> str:
    """組一つの節。"""
    if "error" in pair:
        remote = labelled("rejected", "Databricksの表示", verbatim(pair["error"]))
    else:
        remote = labelled("rejected", "Databricksでは", inline(pair["happens"]))
    if "fails_locally" in pair:
        local = labelled("rejected", "手元の表示", verbatim(pair["fails_locally"]))
    else:
        local = labelled("accepted", "手元では", inline(f"止まりません。{pair['passes_locally']}"))
    parts = [f"(rewrite-{pair['id']})=\n### {pair['title']}", pair["text"]]
    parts += ["**直す前**", f"```python\n{pair['left']}```", remote, local]
    parts += ["**直した後**", f"```python\n{pair['right']}```"]
    if "source" in pair:
        parts.append(f"出典: {pair['source']}。{pair['checked']}に確認。")
    return "\n\n".join(parts)


def scale_table(path: Path) -> str:
    """人数とクラスターを変えた測定（tools.scale の結果）の表と、時間の倍率。"""
    result = json.loads(path.read_text(encoding="utf-8"))
    found = [scale.Measurement(**one) for one in result["measurements"]]
    lines = [
        "| 場所 | 顧客 | 利用の行 | 特徴量を作る | 予測して保存 | サーバーの最大メモリー |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {scale.PLACES[one.place]} | {one.customers:,}人 | {one.usage_rows:,} "
        f"| {one.features_seconds}秒 | {one.scoring_seconds}秒 | {one.driver_megabytes}MB |"
        for one in found
    ]
    lines += ["", f"測定日は{result['date']}、PCは{result['machine']}です。"]
    for place in dict.fromkeys(one.place for one in found):
        sizes = [one.customers for one in found if one.place == place]
        lines.append(
            f"{scale.PLACES[place]}では、{sizes[-2]:,}人から{sizes[-1]:,}人に増やすと、"
            f"時間は{scale.growth(found, place):.1f}倍になりました。"
        )
    return "\n".join(lines)


def verification(lessons: dict[str, NotebookNode]) -> str:
    """授業と動かした場所の表。場所ごとに、最後まで動いた日。"""
    legs = list(databricks.LEGS.values())
    recorded = databricks.read_results()
    titles = ["授業", "手元のPC", *(leg.title for leg in legs), "実機"]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for name, notebook in lessons.items():
        cells = [f"[](lessons/{name}.ipynb)", f"○ {notebook.metadata.textbook.seconds:.0f}秒"]
        cells += [verdict(leg, name, recorded.get(name, {}).get(leg.name)) for leg in legs]
        lines.append(f"| {' | '.join([*cells, '未確認'])} |")
    return "\n".join(lines)


def verdict(leg: databricks.Leg, name: str, record: dict | None) -> str:
    """場所一つでの結果。動かした後にコードが変わっていれば、そう書く。"""
    if record is None:
        return "未実行"
    if record["key"] != databricks.fingerprint(leg, name):
        return "変更後は未実行"
    shown = f"○ {record['date']}".replace("-", "\u2011").replace(" ", "\u00a0")  # 行を分けない
    return shown if record["confined"] or not leg.group else f"{shown}（通信を塞がずに）"


# ---- 手元で読む ----


def serve(port: int, root: Path = ROOT) -> None:
    """組み立てた本を 127.0.0.1 の port で見せる。止められるまで戻らない。"""
    folder = root / "_build" / "html"
    if not (folder / "index.html").exists():
        raise BookError("本がまだありません。先に `make book` で組み立ててください。")
    try:
        server = ThreadingHTTPServer(
            ("127.0.0.1", port), partial(QuietHandler, directory=str(folder))
        )
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise BookError(
            f"{port}番のポートは使用中です。"
            f"`make serve PORT={port + 1}` のように別の番号を指定してください。"
        ) from error
    print(
        f"http://127.0.0.1:{server.server_port}/ で読めます。終えるには Ctrl-C を押してください。",
        flush=True,
    )
    with server:
        server.serve_forever()


class QuietHandler(SimpleHTTPRequestHandler):
    """要求を一つずつ表示しない。"""

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def main(arguments: list[str] | None = None) -> int:
    """コマンドの入口。終了コードを返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.book", description="本を組み立てる")
    commands = parser.add_subparsers(dest="command")
    reader = commands.add_parser("serve", help="組み立てた本を手元で開く")
    reader.add_argument("--port", type=int, default=8000, help="ポート番号（既定は 8000）")
    options = parser.parse_args(arguments)
    try:
        if options.command == "serve":
            serve(options.port)
        else:
            print(f"本ができました: {build(extra=downloads()) / 'index.html'}")
    except (BookError, LessonError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"ファイルを扱えませんでした。空き容量と権限を見てください（{error}）。",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
