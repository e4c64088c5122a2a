"""lessons/churn_gate.py: 41で読み手が見る関数と同じ働きをし、ほかの種でも正しく断る。"""

import ast

import churn
import churn_gate
import churn_steps
import pandas as pd
import pytest
from lesson_code import functions_of
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from tools.course.lesson import LESSONS, read_lesson

FEATURES, THOUSAND = churn_steps.FEATURES, 1000


def fit(rows, name="boosting", **steps):
    model = churn_steps.make_model(churn_steps.candidates()[name]).set_params(**steps)
    return model.fit(rows[FEATURES], rows["churned"])


def world(seed):
    """種 ``seed`` の、訓練、訓練と検証、審査の行。クーポンの列も持つ。"""
    settings = {"seed": seed}
    coupon = churn.make_tables(**settings)["contracts"][["customer_id", "retention_coupon"]]
    rows = churn_steps.workshop_features(**settings).merge(
        coupon.astype({"retention_coupon": float})
    )
    train, valid, test = (
        churn_steps.rows_between(rows, months)
        for months in (churn_steps.TRAIN, churn_steps.VALID, churn_steps.TEST)
    )
    return train, pd.concat([train, valid]), test


def planted(train):
    """壊れ方の名前 → 断ってほしい理由とモデル。"""
    leaky = HistGradientBoostingClassifier(max_iter=80, max_leaf_nodes=8, random_state=0)
    columns = [*churn_steps.NUMERIC, "retention_coupon"]
    own_mean = make_pipeline(
        FunctionTransformer(functions_of("41")["centered"]),
        churn_steps.make_model(churn_steps.candidates()["boosting"]),
    )
    return {
        "千円": ("点数", fit(train.assign(monthly_fee=train["monthly_fee"] / THOUSAND))),
        "漏れ": ("できすぎ", leaky.fit(train[columns], train["churned"])),
        "新規なし": ("スライス", fit(train[train["tenure_months"] > 3])),
        "知らない言葉": ("最低限", fit(train, preprocess__word__handle_unknown="error")),
        "渡された表の平均": ("不変", own_mean.fit(train[FEATURES], train["churned"])),
        "苦情なし": ("向き", fit(train.assign(complaints_3m=0.0))),
    }


@pytest.mark.parametrize("seed", range(1, 7))
def test_planted_models_are_refused_for_the_right_reason(seed):
    """41の本文の、6つの会社。壊した36個は狙った理由で断られ、正しい12個は1個だけが断られる。"""
    train, more, rows = world(seed)
    champion = fit(train)
    for name, (reason, model) in planted(train).items():
        only = {reason: churn_gate.TESTS[reason]}
        assert churn_gate.gate(model, champion, rows, only), (seed, name)
    good = {"12月まで": fit(more), "ロジスティック回帰": fit(train, "logistic")}
    refused = {name: churn_gate.gate(model, champion, rows) for name, model in good.items()}
    expected = {name: [] for name in good}
    if seed == 5:
        expected["ロジスティック回帰"] = ["スライス: 契約3か月以内"]
    assert refused == expected


class Broken:
    feature_names_in_ = FEATURES

    def predict_proba(self, rows):
        raise KeyError("orders")


class Unknown(Broken):
    def predict_proba(self, rows):
        return pd.DataFrame({"no": float("nan"), "yes": float("nan")}, rows.index).to_numpy()


def test_what_cannot_be_measured_is_refused():
    train, _, rows = world(1)
    champion = fit(train, "logistic")
    assert churn_gate.gate(champion, None, rows)
    assert churn_gate.gate(champion, champion, rows, tests={})
    for broken in (Broken(), Unknown()):
        assert len(churn_gate.gate(broken, champion, rows)) == len(churn_gate.TESTS)
    assert churn_gate.gate(champion, champion, rows.drop(columns="churned"))


def test_the_lesson_shows_the_same_functions():
    """授業の関数は、説明の文字列、型、決まった値の名前を除いて、モジュールと同じである。"""
    cells = read_lesson(next(LESSONS.glob("41_*.py"))).cells
    shown = "\n".join(cell.source for cell in cells if cell.kind == "code")
    values = {"TOO_GOOD": 0.05, "FALLS": 0.2, "RISE": 0.001}
    ours, theirs = (functions(text, values) for text in (shown, source_of(churn_gate)))
    assert {name: ours[name] for name in theirs} == theirs


def source_of(module):
    with open(module.__file__, encoding="utf-8") as file:
        return file.read()


def functions(text, values):
    """関数の名前 → 説明と型を除いた中身。"""

    class Plain(ast.NodeTransformer):
        def visit_Name(self, node):
            return ast.Constant(values[node.id]) if node.id in values else node

        def visit_arg(self, node):
            return ast.arg(node.arg)

    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            node.body = [one for one in node.body if not is_docstring(one)]
            found[node.name] = ast.unparse(Plain().visit(node))
    return found


def is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
