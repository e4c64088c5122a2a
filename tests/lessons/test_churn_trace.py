"""予測を作り直す道具 lessons/churn_trace.py と、61の判定の材料。"""

import churn_trace
import pandas as pd
import pytest
from checks import lesson_61
from churn_steps import FEATURES
from lesson_code import answer


@pytest.fixture(scope="module")
def written():
    """61の「解答 1」で、読み手が書く関数。"""
    return answer("61", 1, {"pd": pd, "FEATURES": FEATURES})


def explained(explain, person, at):
    readers = (lesson_61.read_features, lesson_61.load_model)
    return explain(lesson_61.predictions(), person, pd.Timestamp(at), *readers)


@pytest.mark.parametrize(("said", "person", "at"), lesson_61.CALLS)
def test_reader_writes_the_same_explanation(written, said, person, at):
    assert explained(written, person, at) == explained(churn_trace.explain, person, at)


def test_explanation_follows_the_recorded_numbers():
    """モデルを戻した日は、午前と午後で、別の表とモデルから作り直す。"""
    found = {
        at: explained(churn_trace.explain, 103, f"2026-10-01 {at}") for at in ("10:00", "15:00")
    }
    numbers = {at: (one["model_version"], one["table_version"]) for at, one in found.items()}
    assert numbers == {"10:00": ("2", 4), "15:00": ("1", 5)}
    for one in found.values():
        assert one["rebuilt"] == pytest.approx(one["stored"])


def test_explanation_finds_an_altered_prediction():
    found = explained(churn_trace.explain, lesson_61.ALTERED, "2026-10-02")
    assert found["stored"] == pytest.approx(found["rebuilt"] / 2)
    assert explained(churn_trace.explain, 104, "2026-10-02") is None
    assert explained(churn_trace.explain, 105, "2026-09-30") is None


def test_wrong_numbers_give_different_values():
    """判定の材料は、表、月、モデル、人のどれを取り違えても、違う確率になる。"""
    months, models = ("2026-08-01", "2026-09-01"), "123"
    values = [
        lesson_61.probability(person, pd.Timestamp(month).date(), model, table)
        for person in lesson_61.PEOPLE
        for month in months
        for model in models
        for table in lesson_61.TABLES
    ]
    known = pd.Series(values).dropna()
    assert len(known) == 5 * 2 * 3 * 4 - 6 and known.round(9).is_unique


def test_trace_of_every_person(spark, run_lesson):
    """61の予測は、全員が、記録した表とモデルから最後の桁まで同じに作り直せる（消した1人を含む）。"""
    names = run_lesson("61", exercises=False)
    read, load = names["read_features"], names["load_model"]
    at, predictions = names["called_at"], names["predictions"]
    month = read(2, "2026-09-01")
    for person in [names["person"], *predictions["customer_id"].sample(20, random_state=0)]:
        found = churn_trace.explain(predictions, person, at, lambda *_: month, load)
        assert found["stored"] == found["rebuilt"]
    assert churn_trace.explain(predictions, 1, at, read, load) is None
