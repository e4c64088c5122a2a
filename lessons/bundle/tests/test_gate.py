"""ゲートのタスクが、壊した候補を断り、正しい候補を通すこと。小さな表で試す。"""

import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "src"))

import churn_worlds
import gate
from train import fit

MONTH = pd.Timestamp("2027-05-01")


@pytest.fixture(scope="module")
def rows():
    world = churn_worlds.make_world(n_customers=4000, months=26, **churn_worlds.PRICE_RISE)
    return {back: world[world["month"] == MONTH - pd.DateOffset(months=back)] for back in range(5)}


def judged(monkeypatch, rows, candidate):
    """``champion`` のない場所で、候補を審査した結果。"""
    moved = []
    client = SimpleNamespace(
        set_model_version_tag=lambda *tag: moved.append(tag),
        set_registered_model_alias=lambda *alias: moved.append(alias),
    )
    monkeypatch.setattr(gate, "champion_version", lambda name: None)
    monkeypatch.setattr(gate, "load", lambda name, version: candidate)
    monkeypatch.setattr(gate.mlflow, "MlflowClient", lambda: client)
    monkeypatch.setattr(
        gate,
        "rows_of",
        lambda spark, month, first, last=None: pd.concat(
            [rows[back] for back in range(last or first, first + 1)]
        ),
    )
    options = SimpleNamespace(model_name="m", model_version="7", month=MONTH)
    return gate.gate(None, options)[0], moved


def learned(rows):
    return pd.concat([rows[back] for back in (2, 3, 4)])


def test_good_candidate_is_promoted(monkeypatch, rows):
    result, moved = judged(monkeypatch, rows, fit(learned(rows)))
    assert result == "昇格"
    assert moved == [("m", "7", "gate", "合格"), ("m", "champion", "7")]


def test_broken_candidate_is_refused(monkeypatch, rows):
    """月額が千円の単位の表で学習した候補。"""
    train = learned(rows)
    candidate = fit(train.assign(monthly_fee=train["monthly_fee"] / 1000))
    result, moved = judged(monkeypatch, rows, candidate)
    assert result == "見送り"
    assert moved == [("m", "7", "gate", "見送り")]


def test_candidate_that_stops_is_refused(monkeypatch, rows):
    result, moved = judged(monkeypatch, rows, SimpleNamespace())
    assert (result, moved) == ("見送り", [("m", "7", "gate", "見送り")])
