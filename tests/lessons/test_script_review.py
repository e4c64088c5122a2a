"""44のスクリプト: 本文に載せたコード、直したもの、1か所だけ誤ったもの、種を替えた会社。"""

import inspect
import re

import churn
import churn_steps
import mlflow
import pytest
import script_review
import train_churn
from checks import lesson_44
from lesson_code import answer, functions_of

from tools.course.lesson import LESSONS

SEEDS = (1, 2, 3)
LESSON = LESSONS / "44_review_generated_code.py"


def tables(seed=0):
    """44の本文の表と、3月末の行。"""
    settings = {"seed": seed} if seed else {}
    contracts = churn.make_tables(**settings)["contracts"]
    coupon = contracts[["customer_id", "retention_coupon"]].astype({"retention_coupon": float})
    plain = churn_steps.workshop_features(**settings).merge(coupon)
    raw = plain.assign(monthly_fee=plain["monthly_fee"].map("{:,.0f}円".format))
    return raw, churn_steps.rows_between(raw, churn_steps.SCORE).assign(churned=0)


@pytest.fixture(scope="module")
def names():
    """44の関数と、小さな表。"""
    found = functions_of("44")
    found["raw"], found["march"] = tables()
    found["small"] = found["raw"][found["raw"]["customer_id"] % 20 == 0]
    return found


@pytest.fixture(scope="module")
def everything(names):
    """解答のテストを集めたもの。"""
    answer("44", 1, names)
    parts = ("split", "tune", "promote", "columns", "clean", "job")
    return [names[f"{part}_test"] for part in parts]


def test_script_on_the_page_is_the_script_that_runs():
    text = re.sub(r"^# ?", "", LESSON.read_text(encoding="utf-8"), flags=re.M)
    shown = re.findall(r"```python\n(.*?)```", text, re.S)
    assert squeezed("".join(shown)) == squeezed(inspect.getsource(train_churn))


def squeezed(text):
    return [line for line in text.splitlines() if line.strip()]


def test_right_scripts_are_accepted(names, everything):
    for _, changed, _ in lesson_44.GOOD:
        assert names["review"](script_review.with_parts(changed), everything) == []


@pytest.mark.parametrize("part", script_review.PARTS)
def test_each_fault_is_caught_by_one_test(names, everything, part):
    other_ways = [{part: made} for _, made in lesson_44.FAULTS.get(part, ())]
    for changed in ({part: getattr(train_churn, part)}, *other_ways):
        assert len(names["review"](script_review.with_parts(changed), everything)) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_story_holds_in_other_companies(names, monkeypatch, seed):
    for name, table in zip(("raw", "march"), tables(seed), strict=True):
        monkeypatch.setitem(names, name, table)
    given, repaired = (names["result"](one) for one in (train_churn, script_review.fixed()))
    assert given[0] > repaired[0] + 0.03
    assert not given[1] and repaired[1]
    assert given[2] < 0.05 < 0.08 < repaired[2] and given[3] < repaired[3] / 3


@pytest.mark.parametrize("seed", SEEDS)
def test_price_rise_shows_only_when_split_by_month(seed):
    """44の本文の「実際の7割ほど」と「ほぼ合って見える」。"""
    settings = {"seed": seed, "price_rise_month": "2025-12", "price_rise_yen": 1500}
    rows = churn_steps.workshop_features(n_customers=6000, **settings).dropna(subset=["churned"])
    ratios = []
    for script in (script_review.fixed(), script_review.with_fault("split")):
        train, test = script.split(rows)
        columns = script.features(rows)
        model, _ = script.tune(train, test, columns)
        predicted = model.predict_proba(test[columns])[:, 1].mean()
        ratios.append(predicted / test["churned"].mean())
    assert 0.65 < ratios[0] < 0.75 and 0.95 < ratios[1] < 1.05


def test_fake_registry_is_called_like_the_real_one():
    for name in ("search_model_versions", "get_model_version", "set_registered_model_alias"):
        fake, real = (
            list(inspect.signature(getattr(kind, name)).parameters)
            for kind in (script_review.FakeRegistry, mlflow.MlflowClient)
        )
        assert real[: len(fake)] == fake, name


def test_nothing_is_promoted_when_nothing_passed():
    registry = script_review.FakeRegistry({"1": "見送り", "2": ""})
    script_review.fixed().promote(registry, "churn_model")
    assert registry.aliases == {}


def test_unreadable_fee_stops_the_fixed_script():
    raw, _ = tables()
    with pytest.raises(ValueError, match="要確認"):
        script_review.fixed().clean(raw.assign(monthly_fee="要確認"))
