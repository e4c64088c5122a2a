"""解答を小さく変えた変異を確認にかけ、値の違う変異が退けられるかを数える。

    python -m tools.checks.mutants [授業の番号か名前の先頭…] [--force]

結果は ``book/mutants.json`` に残す。練習と解答と確認が前回と同じ授業は、動かし直さない。
授業は、それぞれ1回だけのサーバーと記録で動かすので、ほかの表や記録には触らない。
確認が受け入れても正しい変異は、理由とともに ``tests/equivalent_mutants.yml`` に書く。
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from tools.course import files
from tools.course.lesson import (
    ROOT,
    SOLUTIONS,
    LessonError,
    bare_code,
    group_exercises,
    imported_modules,
    lesson_paths,
    read_lesson,
    read_source,
)
from tools.workspace.environment import outer_environment
from tools.workspace.server import die_with_parent

RESULTS = ROOT / "book" / "mutants.json"
EQUIVALENT = ROOT / "tests" / "equivalent_mutants.yml"
GOAL = 0.95
LESSON_TIMEOUT = 3600  # 秒

Exercises = dict[str, dict]  # 練習の番号 → 変異の数と生き残り


# --- 対象と指紋 ---------------------------------------------------------------


def fingerprint(lesson: Path, solution: Path | None = None) -> str:
    """練習と解答と、この授業だけの確認のコードの指紋。書き方や文章を直しても変わらない。

    どの授業も使う確認の言葉（``checks`` が読み込むモジュール）は入れない。
    言葉を一つ直すたびに全授業を動かし直すと、``make test`` が時間に収まらない。
    言葉の働きは ``tests/lessons/test_vocabulary.py`` が守る。
    """
    solution = solution or SOLUTIONS / lesson.name
    exercises = group_exercises(read_lesson(lesson), read_lesson(solution))
    sources = [
        part.code.source
        for _, exercise in sorted(exercises.items())
        for part in (exercise.stub, exercise.answer)
        if part
    ]
    shared = imported_modules("import checks", lesson.parent)
    modules = imported_modules(f"import checks.lesson_{lesson.stem[:2]}", lesson.parent) - shared
    sources += [read_source(path) for path in sorted(modules)]
    normal = [*map(bare_code, sources)]
    return hashlib.sha256(json.dumps(normal).encode()).hexdigest()


# --- 動かす -------------------------------------------------------------------


def run_lesson(lesson: Path, solution: Path | None = None) -> Exercises:
    """授業の変異を、別のプロセスと1回だけのサーバーで動かす。"""
    solution = solution or SOLUTIONS / lesson.name
    environment = outer_environment() | {"MPLBACKEND": "Agg", "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        result = Path(folder, "result.json")
        done = subprocess.run(
            [
                sys.executable, "-m", "tools.workspace", "run", "--small", "--",
                sys.executable, "-m", "tools.checks.mutant_lesson", lesson, solution, result,
            ],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LESSON_TIMEOUT,
            check=False,
            preexec_fn=die_with_parent,  # noqa: PLW1509
        )  # fmt: skip
        if done.returncode != 0:
            lines = [line for line in done.stderr.splitlines() if not line.startswith("\tat ")]
            last = "\n".join(lines[-15:])
            raise LessonError(f"{lesson.name}: 変異を動かせませんでした。\n{last}")
        return json.loads(result.read_text(encoding="utf-8"))


# --- 記録 ---------------------------------------------------------------------


def read_results(path: Path = RESULTS) -> dict[str, dict]:
    """{授業: {"key", "exercises"}}。記録が無ければ空。"""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def record(name: str, key: str, exercises: Exercises, path: Path = RESULTS) -> None:
    """結果を書き足す。無くなった授業の記録は消す。"""
    existing = {lesson.stem for lesson in lesson_paths()}
    results = {known: one for known, one in read_results(path).items() if known in existing}
    results[name] = {"key": key, "exercises": exercises}
    text = json.dumps(results, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    files.write(path, text.encode())


def recorded(lesson: Path) -> Exercises | None:
    """前回の結果。授業の練習か解答か確認が変わっていれば ``None``。"""
    known = read_results().get(lesson.stem, {})
    return known["exercises"] if known.get("key") == fingerprint(lesson) else None


# --- 同じ働きの変異 -----------------------------------------------------------


def equivalents(path: Path = EQUIVALENT) -> dict[tuple[str, str, str], str]:
    """受け入れてよい変異（授業、練習、要約）→ 理由。同じ理由の要約は、並びで書ける。"""
    known = {}
    for one in files.read_yaml(path) or []:
        if set(one) != {"lesson", "exercise", "change", "reason"} or not one["reason"].strip():
            raise LessonError(f"{path.name}: 授業、練習、変異、理由のどれかがありません: {one}")
        changes = one["change"] if isinstance(one["change"], list) else [one["change"]]
        for change in changes:
            known[one["lesson"], str(one["exercise"]), change] = one["reason"]
    return known


def survivors(name: str, number: str, exercise: dict, known: dict) -> list[str]:
    """受け入れてはいけないのに、受け入れられた変異。"""
    return [change for change in exercise["survivors"] if (name, number, change) not in known]


def rate(name: str, number: str, exercise: dict, known: dict) -> float:
    """値を変えた変異のうち、退けた割合。同じ働きのものは除く。"""
    bad = len(survivors(name, number, exercise, known))
    judged = exercise["rejected"] + bad
    return exercise["rejected"] / judged if judged else 1.0


def problems(name: str, exercises: Exercises, known: dict) -> list[str]:
    """目標に届かない練習と、同じ働きの変異として書かれているのに、生き残りに現れないもの。"""
    found = []
    for number, exercise in exercises.items():
        if (rejected := rate(name, number, exercise, known)) < GOAL:
            said = f"{name} 練習 {number}: 退けたのは{rejected:.1%}です。生き残り:"
            found.append("\n      ".join([said, *survivors(name, number, exercise, known)]))
    for lesson, number, change in known:
        if lesson == name and change not in exercises.get(number, {}).get("survivors", []):
            text = f"同じ働きの変異「{change}」は、もう生き残りにありません。"
            found.append(f"{name} 練習 {number}: {text}")
    return found


# --- 表示 ---------------------------------------------------------------------

HEADER = "授業 練習  変異  値を変えた  退けた（止まった・時間切れ）   割合  同じ働き  生き残り"


def table(name: str, exercises: Exercises, known: dict) -> list[str]:
    """授業一つの表の行と、生き残りの一覧。"""
    lines = []
    for number, one in exercises.items():
        bad = survivors(name, number, one, known)
        lines.append(
            f"{name[:2]:>4} {number:>4} {one['mutants']:5} {one['changed']:11} {one['rejected']:7}"
            f"（{one['stopped']:3}・{one['late']:3}）{'':10}"
            f"{rate(name, number, one, known):7.1%} {len(one['survivors']) - len(bad):9} {len(bad):9}"
        )
        lines += [f"          生き残り: {change}" for change in bad]
        lines += [f"          同じ値を退けた: {change}" for change in one["refused"]]
    return lines


def main(arguments: list[str] | None = None) -> int:
    """コマンドラインの入口。目標に届かない練習があれば1を返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.checks.mutants", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="授業", help="番号か名前の先頭（省くと全部）")
    parser.add_argument("--force", action="store_true", help="前回の結果があっても動かし直す")
    options = parser.parse_args(arguments)
    chosen = [p for p in lesson_paths() if p.stem.startswith(tuple(options.names or [""]))]
    if not chosen:
        print(f"エラー: {'、'.join(options.names)} で始まる授業がありません。", file=sys.stderr)
        return 1
    known_results = [] if options.force else [(path.stem, recorded(path)) for path in chosen]
    results = {name: exercises for name, exercises in known_results if exercises}
    waiting = [path for path in chosen if path.stem not in results]
    failures = []
    writing = threading.Lock()

    def run_one(lesson: Path) -> None:
        started, key = time.monotonic(), fingerprint(lesson)
        exercises = run_lesson(lesson)
        with writing:
            results[lesson.stem] = exercises
            record(lesson.stem, key, exercises)
            print(f"完了  {lesson.stem}  {time.monotonic() - started:.0f}秒", flush=True)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for future in [pool.submit(run_one, lesson) for lesson in waiting]:
            try:
                future.result()
            except (LessonError, subprocess.TimeoutExpired) as error:
                failures.append(str(error))
    known = equivalents()
    print(HEADER)
    for name, exercises in sorted(results.items()):
        print("\n".join(table(name, exercises, known)))
        failures += problems(name, exercises, known)
    for failure in failures:
        print(f"エラー: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
