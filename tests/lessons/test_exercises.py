"""``check(n)`` そのもの: 答えの見つけ方、3つの返事、止まったセル、壊れたノートブック。"""

import html
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

LESSONS = Path(__file__).resolve().parent.parent.parent / "lessons"
JUDGES = """\
from checks import Exercises, function, number, retry, whole

check = Exercises()

@check.judge(1)
def _(rate, *, customers):
    if number(rate) != 3:
        retry("数が合いません。`rate`の分母を見てください。")
    return "3件です。"

@check.judge(2)
def _(first, second):
    if (whole(first), whole(second)) != (1, 2):
        retry("順が違います。")
    return "そろいました。"

@check.judge(3)
def _(double):
    if number(function(double, 1)(4)) != 8:
        retry("倍になっていません。")
    return "倍になりました。"

@check.judge(4)
def _(name, *, customers):
    return customers[name.value]

@check.judge(5)
def _(name):
    retry(f"{name.value}です。")
"""


@pytest.fixture
def shell():
    """判定の用意が済んだノートブック。"""
    shell = InteractiveShell.instance()
    module = types.ModuleType("judges_for_test")
    exec(JUDGES, module.__dict__)  # noqa: S102
    sys.modules["judges_for_test"] = module
    assert shell.run_cell("from judges_for_test import check; customers = [1, 0, 1]").success
    yield shell
    del sys.modules["judges_for_test"]
    InteractiveShell.clear_instance()


def said(shell, number, *cells):
    """セルを順に動かしてから確認した返事。"""
    for cell in cells:
        shell.run_cell(cell)
    result = shell.run_cell(f"check({number})")
    assert result.success
    return str(result.result)


def test_never_run_and_left_in_place_are_told_apart(shell):
    assert "【未回答】練習 1 のセルがまだ動いていません" in said(shell, 1)
    assert "【未回答】まだ答えが入っていません" in said(shell, 1, "rate = ...")
    assert "【もう一歩】数が合いません" in said(shell, 1, "rate = 2")
    assert said(shell, 1, "rate = 3") == "【正解】3件です。"


def test_each_missing_answer_is_named(shell):
    assert "練習 2 のセルがまだ動いていません" in said(shell, 2)
    assert "`second`がまだありません" in said(shell, 2, "first = 1")
    assert "`second`に、まだ`...`が残っています" in said(shell, 2, "second = ...")
    assert "`second`に、まだ`...`が残っています" in said(shell, 2, "second = [1, ...]")
    assert "`first`と`second`に、まだ`...`が残っています" in said(shell, 2, "first = [...]")


def test_a_cell_that_stopped_is_not_solved_by_its_old_values(shell):
    assert "【正解】" in said(shell, 1, "rate = 3")
    stopped = said(shell, 1, "rate = total / 3")
    assert stopped.startswith("【もう一歩】練習 1 のセルは、途中で止まっています。")
    assert "`total`という名前がまだありません" in stopped and "`rate = total / 3`" in stopped
    assert "【もう一歩】" in said(shell, 1, "rate = (3")
    assert "【もう一歩】" in said(shell, 1, "rate = ３")
    assert "【正解】" in said(shell, 1, "rate = 3")


def test_an_error_after_a_new_answer_does_not_refuse_it(shell):
    assert "【正解】" in said(shell, 1, "rate = 2", "rate = 3.0\nprint(rat)")
    assert "途中で止まっています" in said(shell, 2, "first, second = 1, 2", "first = 1 / 0")


@pytest.mark.parametrize(
    "repaired", ["  rate = 3", "globals()['rate'] = 3", "for rate in (1, 2, 3):\n    pass"]
)
def test_a_repaired_cell_is_believed(shell, repaired):
    assert "途中で止まっています" in said(shell, 1, "rate = 6番")
    assert "【正解】" in said(shell, 1, repaired)


def test_the_same_cell_is_followed_while_it_is_edited(shell):
    def edited(source, number=1):
        shell.run_cell(source, cell_id="exercise")
        return str(shell.run_cell(f"check({number})", cell_id="check").result)

    assert "`...`を書き換えて" in edited("rate = ...")
    assert "名前がまだありません" in edited("rate = total")
    assert "`rata`のつづり" in edited("rata = 3")
    assert "途中で止まっています" in edited("rate['a'] = 三")
    assert "途中で止まっています" in edited("x = 1\n  rate = 3")
    assert "【正解】" in edited("rate = 3")


def test_a_misspelled_name_is_pointed_out(shell):
    assert "答えを入れる名前は`second`です。`secnd`のつづり" in said(
        shell, 2, "first = 1\nsecnd = 2"
    )
    assert "練習 2 のセルがまだ動いていません" in said(shell, 2, "del first, secnd", "other = 2")


def test_a_cell_that_stopped_first_is_told_with_its_line(shell):
    message = said(shell, 3, "def double(x):\n    retrun 2 * x\n")
    assert (
        "【もう一歩】練習 3 のセルは、途中で止まっています。Pythonの文として読めません" in message
    )
    assert "2行目" in message
    message = said(shell, 3, "def double(x):\n    y = 2 * x\n    return yy\n")
    assert "`double(4)`が、途中で止まりました" in message and "`return yy`" in message


@pytest.mark.parametrize(
    "cell",
    [
        "list = 3; max = 4; print = None; str = 5; len = 1; isinstance = 0; int = str; dict = {}",
        "import builtins; Exception = None; sum = []",
        "number = retry = whole = function = None",
        "Answer = Exercises = 1",
    ],
)
def test_shadowed_names_fool_nothing(shell, cell):
    shell.run_cell(cell)
    assert "【もう一歩】" in said(shell, 1, "rate = 2")
    assert "【正解】" in said(shell, 1, "rate = 3")
    assert "【正解】" in said(shell, 3, "double = lambda x: x + x")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise SystemExit", "exit"),
        ("import sys; sys.exit('bye')", "exit"),
        ("return double(x)", "自分自身"),
        ("return x['a']", "値の種類"),
        ("raise KeyboardInterrupt", "終わらない繰り返し"),
        ("print('うるさい'); return 9", "倍になっていません"),
        ("...", "まだ書かれていません"),
        ("return ...", "まだ`...`が残っています"),
    ],
)
def test_what_a_reader_function_does_is_survived(shell, capsys, body, expected):
    shell.run_cell(f"def double(x):\n    {body}\n")
    capsys.readouterr()
    verdict = shell.user_ns["check"]
    result = eval("check(3)", shell.user_ns)  # noqa: S307
    assert expected in str(result), result
    assert "うるさい" not in capsys.readouterr().out
    assert verdict.summary()


@pytest.mark.parametrize(
    "hostile",
    [
        "def __getattr__(self, k): return self.__dict__['d'][k]",
        "def __getattr__(self, k): return getattr(self, k + 'x')",
        "__class__ = property(lambda self: 1 / 0)",
        "def __iter__(self): raise OSError('a b c d e')",
    ],
)
def test_an_answer_that_cannot_be_touched_is_survived(shell, hostile):
    shell.run_cell(f"class Hostile(list):\n    {hostile}\nrate = Hostile([1])")
    assert "【もう一歩】" in said(shell, 1)
    assert "【もう一歩】" in said(shell, 2, "first = second = rate")


def test_lost_materials_ask_for_the_lesson_to_be_run(shell):
    message = said(shell, 1, "rate = 3", "del customers")
    assert "`customers`がありません" in message and "上から実行" in message


def test_a_broken_material_is_told_in_japanese(shell):
    message = said(shell, 4, "name = 'a'")
    assert message.startswith("【もう一歩】答えの形を読み取れませんでした")
    assert not re.search("[A-Za-z]{4,} [A-Za-z]{4,}", message)


def test_summary_counts_and_points_back(shell):
    said(shell, 1, "rate = 3")
    said(shell, 2, "first, second = 2, 1")
    result = shell.run_cell("check.summary()").result
    assert str(result) == ("練習 5問: 正解 1、もう一歩 1、未回答 3。もう一度見るのは、練習 2です。")
    said(shell, 2, "first, second = 1, 2")
    said(shell, 3, "double = lambda x: 2 * x")
    assert str(shell.run_cell("check.summary()").result) == (
        "練習 5問: 正解 3、もう一歩 0、未回答 2。"
    )


def test_an_unknown_number_is_told(shell):
    assert "番号は 1、2、3、4、5 です" in said(shell, 9)
    assert "番号は 1、2、3、4、5 です" in said(shell, "'いち'")


def test_a_verdict_shows_its_colour_and_its_word(shell):
    shell.run_cell("rate = 2")
    verdict = shell.run_cell("check(1)").result
    shown = verdict._repr_html_()
    assert "もう一歩" in shown and "background:#" in shown
    assert "<code>rate</code>の分母" in shown
    plain = html.unescape(re.sub("<[^>]+>", "", shown)).strip()
    assert plain == "もう一歩数が合いません。rateの分母を見てください。"


def test_a_verdict_escapes_what_the_reader_typed(shell):
    shell.run_cell("name = '<script>alert(1)</script>'")
    assert "<script>" not in shell.run_cell("check(5)").result._repr_html_()


def test_checking_outside_a_notebook_and_without_asserts(tmp_path):
    code = JUDGES + "customers = []\nrate = 2\nprint(check(1))\nrate = ...\nprint(check(1))\n"
    done = subprocess.run(
        [sys.executable, "-O", "-c", code],
        cwd=LESSONS,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "【もう一歩】" in done.stdout and "【未回答】" in done.stdout


def test_the_checks_leave_the_notebook_alone(shell):
    import logging
    import warnings

    shell.run_cell("import numpy as np; np.random.seed(1); before = np.random.get_state()[1].sum()")
    names = set(shell.user_ns)
    filters = list(warnings.filters)
    said(shell, 1, "rate = 3")
    assert set(shell.user_ns) - names <= {"rate", "_0"}
    assert shell.run_cell("np.random.get_state()[1].sum() == before").result
    assert warnings.filters == filters and logging.root.manager.disable == 0
