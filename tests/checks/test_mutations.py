"""解答の変異の作り方と、答えの値の比べ方。"""

import numpy as np
import pandas as pd
import pytest

from tools.checks.mutant_lesson import alarm
from tools.checks.mutations import Names, mutate, without_effects
from tools.checks.snapshot import Incomparable, same, snapshot

NAMES = Names(
    variables={"train": "表", "valid": "表", "rate": "数", "make": "関数"},
    tables=[["churned", "month"], ["fee", "plan"]],
    strings=["分類", "回帰"],
)


def codes(source, kind=None, limit=1000):
    found = mutate(source, NAMES, "種", limit)
    return {one.code for one in found if kind in (None, one.kind)}


@pytest.mark.parametrize(
    ("kind", "source", "expected"),
    [
        ("数", "x = 10", {"x = 11", "x = 9", "x = 20"}),
        ("数", "x = 0", {"x = 1", "x = -1"}),
        ("数", "x = 0.5", {"x = 1.5", "x = -0.5", "x = 1.0", "x = 0.55"}),
        ("真偽", "x = True", {"x = False"}),
        ("文字列", "x = '分類'", {"x = '回帰'"}),
        ("文字列", "x = {'分類': 1}", set()),
        ("列名", "x = train['churned']", {"x = train['month']"}),
        ("列名", "x = 'sum(fee) AS total'", {"x = 'sum(plan) AS total'"}),
        ("文字列の中の数", "x = '2026-03-01'", {f"x = '{day}'" for day in (
            "2027-03-01", "2025-03-01", "2026-04-01", "2026-02-01", "2026-03-02", "2026-03-00"
        )}),
        ("文字列の中の演算", "x = 'a > 1 AND b'", {"x = 'a >= 1 AND b'", "x = 'a > 1 OR b'"}),
        ("比較", "x = 1 < 2", {"x = 1 <= 2", "x = 1 > 2"}),
        ("比較", "x = 1 not in y", {"x = 1 in y"}),
        ("算術", "x = a + b", {"x = a - b"}),
        ("算術", "x = ~a", {"x = a"}),
        ("論理", "x = a and b", {"x = a or b"}),
        ("論理", "x = not a", {"x = a"}),
        ("論理", "x = [a for a in b if a]", {"x = [a for a in b if not a]"}),
        ("名前", "x = train", {"x = valid"}),
        ("名前", "f(lambda a, b: a)", {"f(lambda a, b: b)"}),
        ("関数", "x = a.min()", {"x = a.max()"}),
        ("呼び出し", "x = a.f(1)", {"x = a"}),
        ("呼び出し", "x = f(a)", {"x = a"}),
        ("呼び出し", "f(a)", {"a", "pass"}),
        ("引数", "x = f(a, b=c)", {"x = f(a)"}),
        ("範囲", "x = range(n)", {"x = range(n + 1)"}),
        ("範囲", "x = a[:n]", {"x = a[:n + 1]"}),
        ("入れ替え", "x = [a, b]", {"x = [b, a]"}),
        ("入れ替え", "x = {'k': a, 'l': b}", {"x = {'k': b, 'l': a}"}),
        ("要素", "x = {'k': a, 'l': b}", {"x = {'k': a}", "x = {'l': b}"}),
        ("要素", "x = a and b", {"x = a", "x = b"}),
    ],
)  # fmt: skip
def test_each_kind_of_mutation(kind, source, expected):
    assert codes(source, kind) == expected


def test_the_choice_is_repeatable_and_mixed():
    source = "x = {'a': 1, 'b': 2, 'c': train['churned'].min() + 3 * 4 < 5}\nf(x, y=True)"
    chosen = mutate(source, NAMES, "種", 12)
    assert chosen == mutate(source, NAMES, "種", 12)
    assert chosen != mutate(source, NAMES, "別の種", 12)
    assert len({one.kind for one in chosen}) >= 8
    assert len({one.change for one in mutate(source, NAMES, "種", 1000)}) == len(codes(source))
    assert all((one.effect) == ("f(x, y=True)" not in one.code) for one in chosen)


def test_effects_are_removed_inside_blocks_but_not_inside_functions():
    source = """\
with run as one:
    tag(one)
    value = one.f()
for x in y:
    log(x)
def g():
    log(1)
"""
    assert (
        without_effects(source).split()
        == """
with run as one:
    None
    value = one.f()
for x in y:
    None
def g():
    log(1)
""".split()
    )


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        (0.41667, 0.41675, True),
        (0.41667, 0.4200, False),
        (1200, 1201, False),
        (123456.78, 123457.78, False),
        (np.int64(3), 3.0, True),
        (float("nan"), float("nan"), True),
        ("イ", "ウ", False),
        ([1, 2], [2, 1], False),
        ({1, 2}, {2, 1}, True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (pd.Series([0.41667]), [0.41667], True),
        (pd.DataFrame({"a": [1], "b": [2]}), pd.DataFrame({"b": [2], "a": [1]}), True),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [2, 1]}), False),
        (pd.DataFrame({"a": [0.41667]}), pd.DataFrame({"a": [0.41675]}), False),
        (pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-01").date(), True),
    ],
)
def test_values_are_compared_as_answers(left, right, equal):
    assert same(snapshot(("答え", left)), snapshot(("答え", right))) == equal


def test_models_are_compared_by_settings_and_what_they_learned():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    X, y = [[0.0], [1.0], [2.0], [4.0]], [0, 0, 1, 1]
    tree = snapshot(DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y))
    assert same(tree, snapshot(DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y)))
    moved = [[0.0], [1.0], [2.5], [4.0]]
    assert not same(
        tree, snapshot(DecisionTreeClassifier(max_depth=1, random_state=0).fit(moved, y))
    )
    pipelines = [make_pipeline(scaler, LogisticRegression()) for scaler in
                 (StandardScaler(), StandardScaler(), MinMaxScaler())]  # fmt: skip
    first, again, other = map(snapshot, pipelines)
    assert same(first, again) and not same(first, other)
    assert not same(first, snapshot(pipelines[0].fit(X, y)))


def test_deep_answers_are_compared_quickly():
    """モデルの入れ子は深い。深さ1つごとに倍の時間がかかると、終わらない。"""
    deep = ["底"]
    for _ in range(40):
        deep = [{"one": deep, "two": {("three", 3)}}]
    with alarm(10):
        assert same(snapshot(deep), snapshot(deep))


def test_functions_cannot_be_compared():
    with pytest.raises(Incomparable):
        snapshot([len, lambda x: x])
