"""授業の変異の動かし方と、どの授業の確認も変異を退けること。"""

import shutil
import time
import types

import pandas as pd
import pytest

from tools.checks import mutant_lesson, mutants
from tools.course.lesson import LESSONS, LessonError, lesson_paths


def test_only_running_and_checking_are_limited(monkeypatch):
    """値を取り出すのに時間のかかる答えは、時間切れにしない。"""

    def slow(value):
        time.sleep(1.5)
        return value

    class Check:
        def answers(self, number):
            return ["answer"]

        def __call__(self, number):
            return types.SimpleNamespace(kind="正解", message="")

    one = mutant_lesson.Rehearsal.__new__(mutant_lesson.Rehearsal)
    one.space, one.saved, one.check = {}, {}, Check()
    monkeypatch.setattr(mutant_lesson, "snapshot", slow)
    one.limit = 1
    assert one.attempt(1, "answer = 3") == mutant_lesson.Outcome("正解", "", ("答え", 3))
    monkeypatch.setattr(mutant_lesson, "VALUE_LIMIT", 1)
    assert one.attempt(1, "answer = 3") == mutant_lesson.Outcome("正解", "", None)
    assert one.attempt(1, "while True: pass").verdict == mutant_lesson.LATE


def test_materials_are_copied_but_models_and_functions_are_not():
    rows, table = [1], pd.DataFrame({"a": [1]})
    opaque = object()
    names = {"rows": rows, "also": {"rows": rows}, "table": table, "opaque": [opaque], "f": len}
    copy = mutant_lesson.copied(names)
    copy["rows"].append(2)
    copy["table"].loc[0, "a"] = 9
    assert rows == [1] and table.loc[0, "a"] == 1
    assert copy["also"]["rows"] is copy["rows"]
    assert copy["opaque"][0] is opaque and copy["f"] is len


def test_endless_code_is_stopped():
    started = time.monotonic()
    with pytest.raises(mutant_lesson.Late), mutant_lesson.alarm(1):
        while True:
            pass
    assert time.monotonic() - started < 5


# --- 小さな授業 ---------------------------------------------------------------

LESSON = """\
# %%
values, log = [3, 4, 5], []

def record(value):
    log.append(value)
    return value

# %%
import uuid

class Run:
    # 動かし直すまで残る記録。``decision`` は、一度書くと書き換えられない。
    def __init__(self):
        self.name, self.tags = uuid.uuid4().hex, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def write(self, tags):
        self.tags = {**self.tags, **tags, **{k: v for k, v in self.tags.items() if k == "decision"}}

class Broken:
    @property
    def columns(self):
        raise ValueError("間違えた列名のまま作った表")

run, broken = Run(), Broken()

# %% 練習 1
total = ...

# %% 確認 1
check(1)

# %% 練習 2
shares = ...

# %% 確認 2
check(2)

# %% 練習 3
def double(x):
    return ...

# %% 確認 3
check(3)

# %% 練習 4
last = ...

# %% 確認 4
check(4)

# %% 練習 5
noted = ...

# %% 確認 5
check(5)

# %%
assert total == 12 and log == [12] and last == 12
"""
SOLUTION = """\
# %% 解答 1
total = sum(values)

# %% 誤答 1
total = len(values)

# %% 解答 2
shares = {"a": values[0] / 12, "b": values[1] / 12}

# %% 解答 3
def double(x):
    return x * 2

# %% 解答 4
record(12)
last = 12

# %% 解答 5
with run:
    run.write({"decision": "採用", "reason": "理由"})
noted = run.name

# %% 誤答 5
with run:
    run.write({"decision": "採用", "reason": "なんとなく"})
noted = run.name
"""
CHECKS = """\
from checks import Exercises, function, mapping, near, number, retry, share

check = Exercises()


@check.judge(1)
def _(total):
    return "なんでも正解です。"


@check.judge(2)
def _(shares):
    given = mapping(shares, ["a", "b"], share)
    if not near(given["a"], 3 / 12) or not near(given["b"], 4 / 12):
        retry("割合が合いません。")
    return "合っています。"


@check.judge(3)
def _(double):
    if number(function(double, 1)(7)) != 14:
        retry("2倍になっていません。")
    return "合っています。"


@check.judge(4)
def _(last, *, log):
    if number(last) != 12:
        retry("違います。")
    return "合っています。"


@check.judge(5)
def _(noted, *, run):
    if noted.value != run.name or run.tags != {"decision": "採用", "reason": "理由"}:
        retry("違います。")
    return "合っています。"
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("授業")
    for name, text in {"lessons": LESSON, "solutions": SOLUTION}.items():
        (folder / name).mkdir()
        (folder / name / "99_small.py").write_text(text, encoding="utf-8")
    shutil.copytree(LESSONS / "checks", folder / "lessons" / "checks")
    (folder / "lessons" / "checks" / "lesson_99.py").write_text(CHECKS, encoding="utf-8")
    return folder / "lessons" / "99_small.py", folder / "solutions" / "99_small.py"


@pytest.fixture(scope="module")
def found(small):
    return mutants.run_lesson(*small)


def test_a_check_that_accepts_anything_turns_red(found):
    assert found["1"]["survivors"] and found["1"]["rejected"] == found["1"]["stopped"]
    (problem,) = [one for one in mutants.problems("99_small", found, {}) if "練習 1:" in one]
    assert "生き残り" in problem and found["1"]["survivors"][0] in problem


def test_a_good_check_stays_green(found):
    for number in ("2", "3"):
        one = found[number]
        assert one["survivors"] == [] and one["changed"] == one["rejected"] >= 3
        assert not any(
            f"練習 {number}:" in text for text in mutants.problems("99_small", found, {})
        )


def test_calls_that_nobody_looks_at_survive(found):
    """``record(12)`` を変えても、確認は ``log`` を見ていない。"""
    assert any("record" in change for change in found["4"]["survivors"])


def test_marks_of_an_earlier_answer_do_not_save_a_mutant(found):
    """前に解いた時の名札が残っていても、名札を書かない変異や違う名札を書く変異は退ける。

    その後は、動かし直した新しい記録で続ける。記録の名前は、動かし直すたびに変わる。
    """
    one = found["5"]
    assert one["survivors"] == [] and one["rejected"] == one["changed"] >= 6
    assert one["stopped"] < one["rejected"]


def test_equivalent_mutants_need_a_reason_and_a_use(found, tmp_path):
    listed = {("99_small", "1", change): "理由" for change in found["1"]["survivors"]}
    assert mutants.rate("99_small", "1", found["1"], listed) == 1
    assert not any("練習 1:" in one for one in mutants.problems("99_small", found, listed))
    listed["99_small", "1", "もう無い変異"] = "理由"
    assert any("もう無い変異" in one for one in mutants.problems("99_small", found, listed))
    path = tmp_path / "equivalent.yml"
    path.write_text("- {lesson: a, exercise: 1, change: [b, c], reason: d}", encoding="utf-8")
    assert mutants.equivalents(path) == {("a", "1", "b"): "d", ("a", "1", "c"): "d"}
    path.write_text("- {lesson: a, exercise: 1, change: b, reason: ' '}", encoding="utf-8")
    with pytest.raises(LessonError, match="理由"):
        mutants.equivalents(path)


def test_the_fingerprint_follows_exercises_answers_and_checks(small):
    lesson, solution = small
    key = mutants.fingerprint(lesson, solution)
    for path, old, new, same_key in [
        (lesson, "total = ...", "total  =  ...", True),
        (lesson, "[3, 4, 5]", "[3, 4, 6]", True),
        (solution, "len(values)", "max(values)", True),
        (lesson, "total = ...", "total = [...]", False),
        (solution, "sum(values)", "max(values)", False),
        (lesson.parent / "checks" / "lesson_99.py", "!= 14", "== 15", False),
        (lesson.parent / "checks" / "values.py", "1 + 1e-9", "1 + 1e-8", True),
    ]:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new), encoding="utf-8")
        assert (mutants.fingerprint(lesson, solution) == key) == same_key, new
        path.write_text(text, encoding="utf-8")


# --- 実際の授業 ---------------------------------------------------------------


@pytest.mark.parametrize("lesson", lesson_paths(), ids=lambda path: path.stem)
def test_checks_reject_mutants(lesson):
    """記録が今の練習と解答と確認のものならそれで、違えばその場で動かして調べる。"""
    exercises = mutants.recorded(lesson) or mutants.run_lesson(lesson)
    assert mutants.problems(lesson.stem, exercises, mutants.equivalents()) == []


def test_equivalent_mutants_belong_to_lessons():
    names = {path.stem for path in lesson_paths()}
    assert {lesson for lesson, _, _ in mutants.equivalents()} <= names
