"""授業と解答のファイルが、書き方の決まりを守っているかを調べる。

    python -m tools.checks.lint [ファイル…]      ファイルを省くと、授業・解答・モジュールのすべて

ファイルには、書き出したノートブック（.ipynb）も渡せる。
見つけたことを `ファイル:行: [規則] 説明。置き換え` と表示し、一つでもあれば終了コード 1 を返す。
ここには授業全体の形と練習の規則がある。
セル一つずつの規則は tools/checks/lint_cells.py に、教室の時間の規則は tools/checks/lint_times.py に、
動くコードの規則は tools/checks/serverless.py にある。
"""

from __future__ import annotations

import ast
import re
import statistics
import symtable
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

import yaml

from tools.checks import lint_cells, lint_checks, lint_quiz, lint_times, serverless, syntax
from tools.checks.lint_cells import MARKDOWN, tree, wide_spaces
from tools.checks.syntax import Problem, sql_text
from tools.course.lesson import (
    LESSONS,
    ROOT,
    SOLUTIONS,
    Cell,
    Lesson,
    LessonError,
    group_exercises,
    is_figure,
    lesson_paths,
    module_names,
    module_paths,
    project_paths,
    read_lesson,
    read_notebook,
    read_source,
)

# 規則の名前と、説明・置き換え。{} には見つけたものが入る。
RULES = {
    **lint_cells.RULES,
    **lint_checks.RULES,
    **lint_quiz.RULES,
    **lint_times.RULES,
    "ファイル": "{}",
    "ヘッダー": "先頭の YAML の {} が決まりと違います。{}にします。",
    "題": "題がありません。最初の Markdown セルを `{}` の1行で始め、ほかに `# ` を書きません。",
    "導入": "題だけで導入がありません。困りごとと、このページでできることを題の下に書きます。",
    "見出し": "見出し「{}」が急に深くなっています。一段ずつ深くします。",
    "節": "節の並びが「{}」です。「{}」の順にします。",
    "セルの題": "題「{}」は使えません。{}",
    "練習": "練習 {} {}",
    "確認": "確認 {} {}",
    "解答": "{}",
    "練習の変数": "`{}` は練習で作る変数です。練習を飛ばすと動かないので、別の変数を使います。",
    "図の変数": "`{}` は畳んだ図のセルで作ります。読み手に見えるセルで作ります。",
    "スキーマ": '表を使う前に `spark.sql("{}")` を実行していません。この行を足します。',
}

MAX_MEDIAN = 5
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
RUNS_ON = {"local", "databricks"}
GOALS, EXERCISES, SUMMARY = "このレッスンで学ぶこと", "練習", "まとめ"


@dataclass(frozen=True, order=True)
class Finding:
    """見つけた問題一つ。line は元ファイルの行（1から数える）。"""

    path: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        path = self.path.resolve()
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        return f"{shown}:{self.line}: [{self.rule}] {self.message}"


def lint_lesson(lesson_path: Path, solution_path: Path | None = None) -> list[Finding]:
    """授業一つとその解答を調べる。solution_path が無ければ solutions の同じ名前のファイル。"""
    solution_path = solution_path or SOLUTIONS / lesson_path.name
    lesson, findings = _read(lesson_path)
    solutions, problems = _read(solution_path)
    findings += problems
    if lesson:
        rules = (_header, _textbook, _frame, _median, _exercises, _leaks, _schema)
        problems = [*lint_cells.check(lesson, module_names())]
        problems += chain.from_iterable(rule(lesson) for rule in rules)
        problems += lint_quiz.check(lesson, _headings(lesson))
        problems += lint_times.check(lesson, _headings(lesson))
        findings += [_finding(lesson_path, problem) for problem in problems]
    if lesson and solutions:
        problems = [*lint_cells.check(solutions, module_names()), *_header(solutions)]
        problems += _solutions(lesson, solutions)
        findings += [_finding(solution_path, problem) for problem in problems]
    return sorted(findings)


def lint_module(path: Path) -> list[Finding]:
    """授業が import するモジュール一つを調べる。"""
    text = read_source(path)
    try:
        code = ast.parse(text)
        known = module_names() | {one.stem for one in project_paths() if one.parent == path.parent}
        problems = [*serverless.check(code, known, path.stem), *wide_spaces(text)]
        for lesson in lint_checks.judged_by(path):
            problems += lint_checks.check(lesson, code)
    except SyntaxError as error:
        problems = [(error.lineno or 1, "構文", (error.msg,))]
    return sorted(_finding(path, problem) for problem in problems)


def lint_notebook(path: Path) -> list[Finding]:
    """書き出したノートブック一つの、セルと動くコードを調べる。"""
    notebook, findings = _read(path, read_notebook)
    if notebook:
        problems = lint_cells.check(notebook, module_names(path.parent))
        findings += [_finding(path, problem) for problem in problems]
    return sorted(findings)


def lint_workshop(paths: list[Path]) -> list[Finding]:
    """実践演習の授業を合わせて調べる。見つけたことは、最初の授業の問題とする。"""
    lessons = [lesson for lesson, _ in map(_read, paths) if lesson]
    return [_finding(paths[0], problem) for problem in lint_times.check_workshop(lessons)]


def main(arguments: list[str]) -> int:
    """調べた結果を表示し、終了コードを返す。解答を渡された時は、その授業と一緒に調べる。"""
    everything = [*lesson_paths(), *lesson_paths(SOLUTIONS), *module_paths(), *project_scripts()]
    paths = [Path(argument).resolve() for argument in arguments] or everything
    targets = {LESSONS / path.name if path.parent == SOLUTIONS else path for path in paths}
    findings = []
    for path in sorted(targets):
        if path.suffix == ".ipynb":
            findings += lint_notebook(path)
        else:
            findings += lint_lesson(path) if re.match(r"\d\d_", path.name) else lint_module(path)
    lessons = sorted(targets & {*lesson_paths()})
    workshop = [path for path in lesson_paths() if path.name.startswith(lint_times.WORKSHOP)]
    if targets >= {*workshop}:
        findings += lint_workshop(workshop)
    over = lint_times.over(lesson for lesson, _ in map(_read, lessons) if lesson)
    summary = f"{len(targets)} ファイルを調べました。直すところは {len(findings)} 件です。"
    print(*findings, *over, summary, sep="\n")
    return 1 if findings else 0


def project_scripts() -> list[Path]:
    """バンドルの、ジョブが動かすスクリプト（試験は、サーバーレスでは動かさない）。"""
    return [path for path in project_paths() if path.suffix == ".py" and path.parent.name == "src"]


def _read(
    path: Path, reader: Callable[[Path], Lesson] = read_lesson
) -> tuple[Lesson | None, list[Finding]]:
    """読めた授業か、読めない理由。"""
    try:
        return reader(path), []
    except FileNotFoundError:
        text = f"{path.name} がありません。授業と解答を同じ名前で作ります。"
    except LessonError as error:
        text = str(error)
    return None, [_finding(path, (1, "ファイル", (text,)))]


def _finding(path: Path, problem: Problem) -> Finding:
    line, rule, words = problem
    return Finding(path, line, rule, RULES[rule].format(*words))


def _yaml(lesson: Lesson) -> dict:
    """先頭の YAML。jupytext が足す項目を見分けるため、書かれたまま読む。"""
    match = re.match(r"# ---\n(.*?)^# ---$", lesson.text, re.S | re.M)
    text = re.sub(r"^# ?", "", match[1], flags=re.M) if match else ""
    return (yaml.safe_load(text) or {}).get("jupyter", {})


def _is_check_environment(lesson: Lesson) -> bool:
    return lesson.path.name.startswith("00_")


def _header(lesson: Lesson) -> Iterator[Problem]:
    header = _yaml(lesson)
    if header.get("kernelspec") != KERNELSPEC:
        yield 1, "ヘッダー", ("kernelspec", f"`{KERNELSPEC}` ")
    for key in header.keys() - {"kernelspec", "textbook"}:
        yield 1, "ヘッダー", (key, "kernelspec と textbook だけ")


def _textbook(lesson: Lesson) -> Iterator[Problem]:
    textbook = _yaml(lesson).get("textbook", {})
    minutes = textbook.get("minutes")
    if _is_check_environment(lesson):
        if minutes is not None:
            yield 1, "ヘッダー", ("textbook.minutes", "00 では無し")
    elif type(minutes) is not int or minutes <= 0:
        yield 1, "ヘッダー", ("textbook.minutes", "1以上の整数")
    runs_on = textbook.get("runs_on")
    if not isinstance(runs_on, list) or not runs_on or set(runs_on) - RUNS_ON:
        yield 1, "ヘッダー", ("textbook.runs_on", "`[local, databricks]` ")
    if type(textbook.get("environment_version")) is not int:
        yield 1, "ヘッダー", ("textbook.environment_version", "整数")
    for key in textbook.keys() - {"minutes", "runs_on", "environment_version"}:
        yield 1, "ヘッダー", (f"textbook.{key}", "minutes、runs_on、environment_version だけ")


def _headings(lesson: Lesson) -> list[tuple[int, int, str]]:
    """見出しの (行, 段, 文字)。"""
    found = []
    for cell in lesson.cells:
        tokens = MARKDOWN.parse(cell.source) if cell.kind == "markdown" else []
        for token, inline in pairwise(tokens):
            if token.type == "heading_open":
                found.append((cell.line + token.map[0], int(token.tag[1]), inline.content))
    return found


def _frame(lesson: Lesson) -> Iterator[Problem]:
    headings = _headings(lesson)
    first = lesson.cells[0] if lesson.cells else Cell("markdown", "", "", 1, {})
    h1 = [line for line, level, _ in headings if level == 1]
    if h1 != [first.line] or first.kind != "markdown":
        yield (h1[1] if len(h1) > 1 else 1), "題", ("# …",)
    elif not first.source.partition("\n")[2].strip():
        yield first.line, "導入", ()
    for (_, before, _), (line, level, text) in pairwise(headings):
        if level > before + 1:
            yield line, "見出し", (text,)
    wanted = [GOALS, *([EXERCISES] if group_exercises(lesson) else [])]
    wanted += [SUMMARY] if _is_check_environment(lesson) else [lint_quiz.QUIZ, SUMMARY]
    sections = [text for _, level, text in headings if level == 2]
    frame = [text for text in sections if text in {GOALS, EXERCISES, lint_quiz.QUIZ, SUMMARY}]
    if frame != wanted or sections[0] != GOALS or sections[-1] != SUMMARY:
        yield 1, "節", (" → ".join(sections), " → ".join([GOALS, "（本文）", *wanted[1:]]))


def _median(lesson: Lesson) -> Iterator[Problem]:
    code = (c.source for c in lesson.cells if c.kind == "code" and c.role[0] != "確認")
    lines = [sum(map(bool, map(str.strip, source.splitlines()))) for source in code]
    if lines and (median := statistics.median(lines)) > MAX_MEDIAN:
        yield 1, "セルの長さ", ("コードセルの中央値", median, MAX_MEDIAN)


def _exercises(lesson: Lesson) -> Iterator[Problem]:
    for cell in lesson.cells:
        is_word = re.match("練習|確認|解答|誤答|別解|.*裏付け", cell.title)
        if is_word and cell.role[0] not in {"練習", "確認"}:
            yield cell.line, "セルの題", (cell.title, "`練習 1` `確認 1` の形で書きます。")
    yield from _duplicates(lesson)
    exercises = group_exercises(lesson)
    if [*exercises] != [*range(1, len(exercises) + 1)]:
        yield 1, "練習", ([*exercises], "の番号が順ではありません。1 から順に付けます。")
    if exercises:
        yield from lint_checks.placed(lesson)
    for number, exercise in exercises.items():
        if exercise.stub is None or exercise.check is None:
            yield 1, "練習", (number, "に確認の相手がありません。練習と確認を組で書きます。")
            continue
        stub, check = exercise.stub.code, exercise.check.code
        heading = rf"^### 練習 {number}: \S"
        if not exercise.stub.prose or not re.search(heading, exercise.stub.prose.source, re.M):
            yield stub.line, "練習", (number, f"の前に `### 練習 {number}: …` を書きます。")
        if not any(syntax.is_constant(node, ...) for node in ast.walk(tree(stub))):
            yield stub.line, "練習", (number, "に `...` がありません。答えを入れる所に書きます。")
        if lesson.cells.index(check) != lesson.cells.index(stub) + 1:
            yield check.line, "確認", (number, f"は、練習 {number} のすぐ後に置きます。")
        if check.source.strip() != f"check({number})":
            yield check.line, "確認", (number, f"は `check({number})` の1行だけにします。")


def _duplicates(lesson: Lesson) -> Iterator[Problem]:
    counts = Counter(cell.title for cell in lesson.cells if cell.role[0])
    for cell in lesson.cells:
        if counts[cell.title] > 1:
            yield cell.line, "セルの題", (cell.title, "同じ題が二つあります。片方を消します。")


def _schema(lesson: Lesson) -> Iterator[Problem]:
    calls = [node for cell in lesson.cells for node in ast.walk(tree(cell))]
    calls = sorted((n for n in calls if isinstance(n, ast.Call)), key=lambda n: n.lineno)
    missing = {"CREATE SCHEMA IF NOT EXISTS …": r"CREATE SCHEMA IF NOT", "USE …": r"USE\s"}
    for call in calls:
        sql = sql_text(call)
        missing = {k: v for k, v in missing.items() if not re.match(v, sql.strip(), re.I)}
        uses = syntax.chain(call)[:1] in (["saveAsTable"], ["table"], ["writeTo"])
        if uses or re.match(r"\s*CREATE\s+(OR\s+REPLACE\s+)?TABLE", sql, re.I):
            for statement in missing:
                yield call.lineno, "スキーマ", (statement,)
            return


def _leaks(lesson: Lesson) -> Iterator[Problem]:
    """練習や畳んだ図のセルで入れた変数を、その外で、入れ直さずに使っていないか。"""
    made: dict[str, str] = {}  # 変数 → 外で使うと破る規則
    for cell in lesson.cells:
        role, _ = cell.role
        rule = "練習の変数" if role == "練習" else "図の変数" if is_figure(cell) else ""
        for statement in tree(cell).body if role != "確認" else []:
            loads, stores = _names(statement)
            for name in sorted(loads & made.keys()):
                if made[name] != rule:
                    yield statement.lineno, made[name], (name,)
            drawer = rule == "図の変数" and isinstance(statement, ast.FunctionDef)
            for name in stores:
                made.pop(name, None)
                made |= {name: rule} if rule and not drawer else {}


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """文が読む名前と、後に残す名前。for などの中で作ってすぐ読む名前は、読む側に入れない。"""
    top = symtable.symtable(ast.unparse(statement), "", "exec")
    stores = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    tables, loads = [top], set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        seen = (s for s in table.get_symbols() if s.is_referenced())
        loads |= {s.get_name() for s in seen if table is top or s.is_global()}
    simple = isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Expr)
    return (loads if simple else loads - stores), stores


def _solutions(lesson: Lesson, solutions: Lesson) -> Iterator[Problem]:
    title = next((text for _, level, text in _headings(lesson) if level == 1), "")
    headings = _headings(solutions)
    if [(level, text) for _, level, text in headings] != [(1, f"解答: {title}")]:
        line = headings[0][0] if headings else 1
        yield line, "解答", (f"見出しは最初の `# 解答: {title}` だけを書きます。",)
    yield from _duplicates(solutions)
    exercises = group_exercises(lesson)
    parts = {id(part.code): part for part in solutions.parts()}
    evidence = solutions.evidence()
    for cell in solutions.cells:
        if cell.kind == "markdown":
            continue
        role, number = cell.role
        if cell in evidence:
            if not any(isinstance(node, ast.Assert) for node in ast.walk(tree(cell))):
                yield cell.line, "解答", (f"{cell.title} に assert がありません。",)
        elif role not in {"解答", "誤答", "別解"}:
            words = "`解答 1` `誤答 1` `別解 1` `裏付け` の形で書きます。"
            yield cell.line, "セルの題", (cell.title, words)
        elif number not in exercises:
            yield cell.line, "解答", (f"{cell.title} の練習が授業にありません。消します。",)
        elif role == "別解":
            continue
        elif not (prose := parts[id(cell)].prose) or prose.source.startswith("#"):
            yield cell.line, "解答", (f"{cell.title} の前に、考え方の Markdown セルを書きます。",)
    together = group_exercises(lesson, solutions)
    for number in exercises:
        for name in {f"解答 {number}", f"誤答 {number}"} & {*together[number].missing}:
            yield 1, "解答", (f"{name} がありません。足します。",)
        if len(together[number].others) < 2:
            yield 1, "解答", (f"別解 {number} が足りません。書き方の違う正解を2つ以上書きます。",)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
