"""実行済みの授業と book/ の文書から、本（HTML）を組み立てる。

    python -m tools.book                     _build/html/ に本を組み立てる
    python -m tools.book serve [--port 8000] 組み立てた本を手元で開く

材料を _build/stage/ に並べ、Jupyter Book で HTML にし、検索の索引を添える。
すべて成功したときだけ _build/html/ を入れ替えるので、失敗しても前の本は残る。
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

from tools import ROOT
from tools.book import BookError, appendix, cover, decks, search
from tools.book.images import sized
from tools.book.lesson_page import DOWNLOAD, lesson_page, link_terms
from tools.book.markup import close_gaps
from tools.book.stylesheet import stylesheet
from tools.course import export
from tools.course.files import read_yaml, write_all
from tools.course.lesson import LessonError, lesson_paths, read_lesson
from tools.course.times import times
from tools.workspace import npm, provision

UNPUBLISHED = {"searchindex.js", "searchtools.js", "language_data.js", "objects.inv", ".buildinfo"}
STYLE = "_static/site.css"  # どのページも読み込む、ただ1つのスタイル

# 重いimportだけを先に済ませ、材料が並ぶまで待つ
JUPYTER_BOOK = """
import tools, sphinx.application, myst_nb.sphinx_, sphinx_book_theme
from jupyter_book.cli.main import main
input()
main()
"""


# ---- 組み立ての流れ ----


def build(root: Path = ROOT, extra: Callable[[], dict[str, bytes]] = dict) -> Path:
    """root の材料から本を組み立て、root/_build/html を返す。

    extra は、本に添えて読者に渡すファイル（名前 → 中身）を作る関数。Jupyter Book を待つ間に動かす。
    授業が未実行、材料の形が違う、Jupyter Book の警告が一つでもある、のどれかなら
    BookError か LessonError を送る。そのとき root/_build/html は前のまま残る。
    ほかの処理が組み立てていれば、終わるまで待つ。
    """
    out = root / "_build" / "html"
    with provision.exclusive("book"):
        stage, work = (root / "_build" / name for name in ("stage", "book"))
        with jupyter_book(stage, work) as process, ThreadPoolExecutor(1) as pool:
            pages = stage_sources(root, stage)
            rendering = pool.submit(render, process, work, navigation_key(stage, pages))
            more = extra()
            rendered = rendering.result()
        names = published(rendered, stage, pages)
        files = {name: (rendered / name).read_bytes() for name in names}
        shown = {
            name: sized(close_gaps(content.decode()), (rendered / name).parent)
            for name, content in files.items()
            if name.endswith(".html")
        }
        own = sorted((stage / "_static").glob("*.css"))
        files[STYLE] = stylesheet(rendered / "_static", own, shown.values()).encode()
        version = f'{STYLE}?v={hashlib.sha256(files[STYLE]).hexdigest()[:8]}"'
        files |= {name: page.replace(f'{STYLE}"', version).encode() for name, page in shown.items()}
        files[search.BUNDLE] = search.bundle(
            root / "book", {name: shown[f"{name}.html"] for name in pages}
        )
        files |= more
        write_all(out, files)
    return out


def downloads() -> dict[str, bytes]:
    """レッスンのページから取り寄せるファイルと、授業のスライド。"""
    slides = {f"{decks.FOLDER}/{name}": content for name, content in decks.files().items()}
    return {DOWNLOAD: export.archive(), **slides}


@contextlib.contextmanager
def jupyter_book(stage: Path, work: Path) -> Iterator[subprocess.Popen]:
    """stage から work に本を作る、始める合図（1行）を待っているJupyter Book。警告も失敗とする。"""
    options = ["--path-output", str(work), "-W", "-n", "--keep-going", "-q"]
    with subprocess.Popen(
        [sys.executable, "-c", JUPYTER_BOOK, "build", str(stage), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def render(process: subprocess.Popen, work: Path, key: str) -> Path:
    """待っている Jupyter Book を動かし、HTML のフォルダーを返す。

    前回が成功していて key も同じなら、変わったページだけを書き直す。
    それ以外は最初から作る。Sphinx は他のページの目次を書き直さず、
    失敗の後では読み終えたページの警告を繰り返さないからである。
    """
    success = work / "success"
    if not success.exists() or success.read_text() != key:
        shutil.rmtree(work, ignore_errors=True)
    success.unlink(missing_ok=True)
    _, errors = process.communicate("\n")
    if process.returncode:
        raise BookError(f"本を組み立てられませんでした。\n{errors.strip()}")
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


def published(rendered: Path, stage: Path, pages: dict[str, str]) -> list[str]:
    """読者に渡すファイル（rendered から見た名前）。

    材料の無くなったページと図、Sphinx の索引（解答の語を含む）、使わない画面部品は渡さない。
    """
    shown_pages = {f"{name}.html" for name in (*pages, "search")}
    parts = {path.relative_to(stage).as_posix() for path in (stage / "_static").rglob("*")}
    parts = {name for name in parts if not name.endswith(".css")}
    for name in shown_pages:
        page = (rendered / name).read_text(encoding="utf-8")
        parts.update(re.findall(r"(_(?:images|static)/[^\"?]+)", page))
    names = []
    for path in filter(Path.is_file, rendered.rglob("*")):
        name = path.relative_to(rendered).as_posix()
        if not (
            (path.suffix == ".html" and name not in shown_pages)
            or (name.startswith(("_images/", "_static/")) and name not in parts)
            or path.name in UNPUBLISHED
        ):
            names.append(name)
    return names


# ---- 材料を並べる ----


def stage_sources(root: Path, stage: Path) -> dict[str, str]:
    """材料を stage に並べ、{ページの名前: 題} を返す。中身の同じファイルには触れない。"""
    lessons = executed_lessons(root)
    found = {name: times(read_lesson(root / "lessons" / f"{name}.py")) for name in lessons}
    folders = [root / name for name in ("_static", "_templates", "locale")]
    copied = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    copied += [root / "_config.yml", *export.picture_paths(root / "lessons")]
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in copied}
    titles: dict[str, str] = {}
    terms = appendix.glossary_entries(root / "book" / "glossary.yml")
    linked: set[str] = set()
    for name, notebook in lessons.items():
        page = lesson_page(name, notebook, found[name])
        linked |= link_terms(page, terms)
        files[f"lessons/{name}.ipynb"] = nbformat.writes(page).encode()
        titles[f"lessons/{name}"] = title_of(name, page.cells[0].source)
    orphans = sorted(set(terms) - linked)
    if orphans and len(lessons) == len(lesson_paths(root / "lessons")):
        raise BookError(
            f"用語集の言葉が、どの授業でも紹介されていません: {'、'.join(orphans)}。"
            "授業で最初に使う所を太字にするか、用語集から除いてください。"
        )
    files |= cover.picture(lessons)
    for path in (root / "book").glob("*.md"):
        try:
            text = appendix.fill(path.read_text(encoding="utf-8"), root, lessons, found)
        except BookError as error:
            raise BookError(f"{path.name}: {error}") from error
        files[path.name] = text.encode()
        titles[path.stem] = title_of(path.name, text)
    toc = present_parts(read_yaml(root / "_toc.yml"), titles)
    files["_toc.yml"] = yaml.safe_dump(toc, allow_unicode=True, sort_keys=False).encode()
    write_all(stage, files)
    return titles


def executed_lessons(root: Path) -> dict[str, NotebookNode]:
    """{授業の名前: 実行済みのノートブック}。まだ実行していない授業は知らせて飛ばす。"""
    found, waiting = {}, []
    for lesson in lesson_paths(root / "lessons"):
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
            print(f"本ができました: {build(extra=downloads) / 'index.html'}")
    except (BookError, LessonError, npm.NpmError) as error:
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
