"""授業に載せるMLflowの画面の写真を、授業自身の記録から撮り直す。

使い方::

    python -m tools.book.pictures [授業の番号…]

一時のワークスペースで授業を動かし、その記録をMLflowの画面で開いて撮る（``tools/book/screens.py``）。
写真は ``lessons/pictures/`` に、目録（MLflowのバージョン、授業の鍵、画面で見た言葉）は
``book/pictures.json`` に書く。ほかのどのコマンドも、この2つを書き換えない。
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata

from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image
from playwright.sync_api import Page

from tools.book import BookError, chromium
from tools.book.screens import PICTURES, Picture, Records, Screen
from tools.course.files import write
from tools.course.lesson import (
    LESSONS,
    Cell,
    bare_code,
    imported_modules,
    lesson_paths,
    read_lesson,
    read_source,
)
from tools.workspace.environment import command_environment, outer_environment
from tools.workspace.mlflow_server import becomes_healthy
from tools.workspace.provision import ROOT, WorkspaceError
from tools.workspace.server import free_port
from tools.workspace.sessions import private_server

FOLDER = LESSONS / "pictures"
MANIFEST = ROOT / "book" / "pictures.json"
SCALE = 2  # 画面の1pxを、写真の何画素にするか
COLORS = 96
SETTLE = 700  # ミリ秒。動きのある部品が止まるまで待つ時間
PERSON = "sato"  # 写真に写る利用者の名前（17の佐藤さん）


def code_cells(number: str) -> list[Cell]:
    """番号が ``number`` の授業の、コードのセル。"""
    path = next(path for path in lesson_paths() if path.name.startswith(number))
    return [cell for cell in read_lesson(path).cells if cell.kind == "code"]


def lesson_key(number: str) -> str:
    """授業の記録を左右するコードの指紋。文章、判定、図を直しても変わらない。"""
    sources = [cell.source for cell in code_cells(number)]
    for path in sorted(imported_modules("\n".join(sources))):
        if not {"checks", "figures"} & set(path.parts):
            sources.append(read_source(path))
    code = "\0".join(map(bare_code, sources))
    return hashlib.sha256(code.encode()).hexdigest()[:16]


def run_lessons(numbers: list[str], environment: dict[str, str]) -> None:
    """授業のコードを、練習は手つかずのまま、``environment`` のワークスペースで動かす。"""
    from nbclient import NotebookClient

    for number in numbers:
        cells = [new_code_cell(cell.source) for cell in code_cells(number)]
        resources = {"metadata": {"path": str(LESSONS)}}
        client = NotebookClient(new_notebook(cells=cells), timeout=300, resources=resources)
        client.execute(env=environment)


@contextlib.contextmanager
def serving(environment: dict[str, str]) -> Iterator[str]:
    """``environment`` の記録を見せる画面のサーバーを動かす。URLを返す。"""
    port = free_port()
    command = [sys.executable, "-m", "tools.workspace.mlflow_ui", "--port", str(port)]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        if not becomes_healthy(server, port):
            raise WorkspaceError("MLflowの画面のサーバーを起動できませんでした。")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def recorded(numbers: list[str]) -> Iterator[tuple[Page, Records]]:
    """授業 ``numbers`` を一時のワークスペースで動かし、その記録を見る画面と、記録を返す。"""
    from mlflow import MlflowClient

    with private_server(temporary=True) as server:
        outer = outer_environment() | {"HADOOP_USER_NAME": PERSON, "LOGNAME": PERSON}
        environment = command_environment(server, outer)
        run_lessons(numbers, environment)
        store = environment["MLFLOW_TRACKING_URI"]
        with serving(environment) as address, chromium.opened() as browser:
            page = browser.new_page(
                base_url=address, device_scale_factor=SCALE, locale="en-US", color_scheme="light"
            )
            yield page, Records(MlflowClient(store, store))


def look(picture: Picture, page: Page, records: Records) -> tuple[Screen, tuple]:
    """写真の画面を、初めて開いた時のように開く。開いた画面と、写す範囲を返す。"""
    page.goto("/health")
    page.evaluate("localStorage.clear()")
    screen = Screen(page)
    return screen, picture.take(screen, records)


def shoot(screen: Screen, area: tuple) -> bytes:
    """印を描いて ``area`` を写した、色数を減らしたPNG。"""
    screen.draw_marks()
    screen.page.mouse.move(0, 0)
    screen.page.wait_for_timeout(SETTLE)
    clip = dict(zip(("x", "y", "width", "height"), area, strict=True))
    taken = Image.open(io.BytesIO(screen.page.screenshot(clip=clip)))
    buffer = io.BytesIO()
    small = taken.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    small.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def read_manifest() -> dict:
    """目録。{"mlflow": バージョン, "lessons": {番号: 鍵}, "pictures": {名前: 見た言葉}}"""
    return json.loads(MANIFEST.read_text(encoding="utf-8"))


def take(chosen: list[Picture]) -> None:
    """写真 ``chosen`` を撮り、写真と目録を書く。無くなった写真は消す。"""
    before = read_manifest() if MANIFEST.exists() else {"lessons": {}, "pictures": {}}
    lessons, seen = dict(before["lessons"]), dict(before["pictures"])
    numbers = sorted({picture.lesson for picture in chosen})
    with recorded(numbers) as (page, records):
        for picture in chosen:
            screen, area = look(picture, page, records)
            write(FOLDER / f"{picture.name}.png", shoot(screen, area))
            seen[picture.name] = sorted(set(screen.labels))
            print(f"撮りました  {picture.name}", flush=True)
    lessons |= {number: lesson_key(number) for number in numbers}
    names = {picture.name for picture in PICTURES}
    manifest = {
        "mlflow": metadata.version("mlflow"),
        "lessons": lessons,
        "pictures": {name: labels for name, labels in seen.items() if name in names},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    write(MANIFEST, f"{text}\n".encode())
    for path in FOLDER.glob("*.png"):
        if path.stem not in names:
            path.unlink()


def main(arguments: list[str]) -> int:
    """コマンドラインの入口。"""
    chosen = [one for one in PICTURES if not arguments or one.lesson in arguments]
    try:
        if not chosen:
            raise BookError(
                f"{'、'.join(arguments)} の写真がありません。授業の番号を17のように書いてください。"
            )
        take(chosen)
    except (BookError, WorkspaceError, chromium.NoChromium) as error:
        print(f"エラー: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
