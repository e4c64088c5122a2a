"""lessons/model_card.py: 62で読み手が書く関数と同じ働きをし、打ったカードを見つける。"""

import copy

import churn_steps
import model_card
import numpy as np
import pandas as pd
import pytest
from checks import lesson_62
from lesson_code import answer, functions_of

RECORD = {
    "題": "解約予測 バージョン2",
    "モデル": {"種類": "ロジスティック回帰", "学習した月": "2025-06から2025-10", "学習した行": 15918},
    "使う場面": ["翌月の電話の一覧を作る"],
    "使ってはいけない場面": ["料金を決める", "ほかの会社に使う"],
    "測った数": {"測った月末": "2026-08", "AUC": 0.8461, "満足度": None},
    "グループごとの差": {
        "切り口": "地方",
        "行": {
            "甲": {"人数": 364, "選ばれた割合": 0.093, "解約": 31, "再現率": 0.226, "下の端": 0.114, "上の端": 0.398},
            "乙": {"人数": 12, "選ばれた割合": 0.0, "解約": 0, "再現率": np.nan, "下の端": np.nan, "上の端": np.nan},
        },
        "差": 0.198, "偶然": 0.379, "回数": 1000,
    },
    "測っていないこと": ["性別による差"],
    "残った差と判断": ["2026-10: 次の月も測る（小林）"],
}  # fmt: skip


def names():
    gap = functions_of("62")["gap"]
    return {"np": np, "pd": pd, "churn_steps": churn_steps, "model_card": model_card, "gap": gap}


# --- 授業で書くものと同じ働き --------------------------------------------------


def test_reader_writes_the_same_gap_by_chance():
    gap_by_chance = answer("62", 1, names())
    for _, shares, size in lesson_62.CASES:
        hits, groups = lesson_62.draws(shares, size)
        wanted = model_card.gap_by_chance(hits, groups)  # 同じ差の、引き算の丸めだけが違う
        assert gap_by_chance(hits, groups) == pytest.approx(wanted, abs=0.02)


def test_reader_writes_the_same_by_group():
    by_group = answer("62", 3, names())
    for seed, nobody, column in ((1, None, "region"), (2, "中部", "region"), (3, None, "plan")):
        rows, p = lesson_62.people(seed, 300, nobody)
        pd.testing.assert_frame_equal(
            by_group(rows, p, column), model_card.by_group(rows, p, column), check_dtype=False
        )


def test_lesson_shows_the_same_card():
    assert functions_of("62")["render_card"](RECORD) == model_card.render_card(RECORD)


# --- グループごとの差 -----------------------------------------------------------


def test_recall_range_stays_between_zero_and_one():
    for found, churned in ((0, 3), (3, 3), (7, 31)):
        low, high = model_card.recall_range(found, churned)
        assert 0 <= low <= found / churned <= high <= 1
    assert np.isnan(model_card.recall_range(0, 0)).all()


def test_false_alarms_of_the_permutation_are_five_percent():
    """名前に意味のない世界で、P値が0.05より小さくなるのは20回に1回ほど。"""
    rng = np.random.default_rng(0)
    groups = rng.choice(["甲", "乙", "丙"], 200)
    found = [
        model_card.gap_by_chance((rng.random(200) < 0.4).astype(float), groups, times=200) < 0.05
        for _ in range(400)
    ]
    assert 0.02 < np.mean(found) < 0.08


# --- モデルカード ---------------------------------------------------------------


def test_rendered_card_has_no_problem():
    card = model_card.render_card(RECORD)
    assert model_card.card_problems(card, RECORD) == []
    assert (
        "満足度: 記録なし" in card and "乙: 再現率記録なし（記録なしから記録なし、解約0人）" in card
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("再現率23%", "再現率32%", "記録にない数: 32%"),
        ("AUC: 0.846", "AUC: 0.86", "記録にない数: 0.86"),
        ("15,918", "15,900", "記録にない数: 15,900"),
        ("20ポイント", "15ポイント", "記録にない数: 15ポイント"),
        ("2026-08", "2026-07", "記録にない数: 07"),
        ("## 測っていないこと\n\n- 性別による差\n\n", "", "見出し「測っていないこと」がない"),
        ("- 性別による差", "", "「測っていないこと」が空"),
        ("- ほかの会社に使う\n", "", "「使ってはいけない場面」が2つない"),
    ],
)
def test_typed_or_incomplete_card_is_found(old, new, problem):
    card = model_card.render_card(RECORD)
    assert old in card
    assert model_card.card_problems(card.replace(old, new), RECORD) == [problem]


def test_old_card_is_found_against_a_newer_record():
    newer = copy.deepcopy(RECORD)
    newer["グループごとの差"]["行"]["甲"] |= {"再現率": 0.318, "下の端": 0.2, "上の端": 0.466}
    problems = model_card.card_problems(model_card.render_card(RECORD), newer)
    assert problems == ["記録にない数: 23%", "記録にない数: 11%", "記録にない数: 40%"]


def test_rounded_whole_numbers_need_a_unit():
    """単位のない整数は、割合を丸めた値では通らない。"""
    assert model_card.card_problems("1人", {"割合": 0.9}, []) == ["記録にない数: 1"]
    assert model_card.card_problems("90%", {"割合": 0.9}, []) == []


def test_record_without_a_heading_stops():
    broken = {key: value for key, value in RECORD.items() if key != "測っていないこと"}
    with pytest.raises(KeyError):
        model_card.render_card(broken)
