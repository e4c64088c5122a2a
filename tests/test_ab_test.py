"""43の規則と線が、種と会社を替えた、効き目のない世界と、ある世界で約束を守ること。"""

import churn
import numpy as np
import pytest
from checks import lesson_43
from lesson_code import answer, functions_of

PLANNED = {"n_customers": 12_000}  # 授業の試験と同じ大きさの会社


@pytest.fixture(scope="module")
def lesson():
    """授業の関数と、練習の解答の関数。"""
    names = functions_of("43")
    for exercise in (2, 3, 4):
        answer("43", exercise, names)
    return names


def report(lesson, world, card, day, rng):
    """効き目の決まった世界で試験を1回動かした、``day`` 日の報告。"""
    left = lesson["run"](world, card, rng) <= day
    groups = (~card, card)
    return lesson_43.report_of(
        day, [int(g.sum()) for g in groups], [int(left[g].sum()) for g in groups]
    )


def drawn(lesson, world, test):
    """``test`` という名前の試験で、カードを入れる人。"""
    return np.array(
        [lesson["arm"](number, f"test {test}") == "あり" for number in world["customer_id"]]
    )


@pytest.mark.parametrize("seed", range(100, 103))
def test_rule_is_wrong_at_most_six_percent(lesson, seed):
    reports = lesson_43.quiet_reports(1200, seed)
    assert lesson_43.wrong_share(lesson["verdict"], reports) <= 0.06


def test_rule_is_wrong_at_most_six_percent_in_quiet_companies(lesson):
    """確率の違う顧客を、授業のハッシュ値で分けても。"""
    wrong, rng = [], np.random.default_rng(0)
    for seed in range(3):
        world = lesson["two_worlds"]("2026-05-01", 0, seed=seed)
        for test in range(200):
            card = drawn(lesson, world, f"{seed}-{test}")
            said = lesson["verdict"](report(lesson, world, card, 30, rng))
            wrong.append(said in (lesson_43.SPREAD, lesson_43.STOP))
    assert len(wrong) == 600 and np.mean(wrong) <= 0.06


def test_rule_finds_the_planned_effect_and_never_the_opposite(lesson):
    said, rng = [], np.random.default_rng(0)
    for seed in range(3):
        world = lesson["two_worlds"]("2026-08-01", -0.4, seed=seed, **PLANNED)
        assert 2 * lesson["needed"](0.125, 0.095) < len(world)
        for _ in range(60):
            card = rng.random(len(world)) < 0.5
            said.append(lesson["verdict"](report(lesson, world, card, 30, rng)))
    assert said.count(lesson_43.SPREAD) / len(said) >= 0.8
    assert lesson_43.STOP not in said


def test_rule_stops_a_test_that_lost_its_people(lesson):
    rng = np.random.default_rng(0)
    for seed in range(3):
        settings = {"first_month": "2025-09", "seed": seed, **PLANNED}
        usage = churn.make_tables(duplicate_rate=0, pii=False, **settings)["usage_monthly"]
        august = usage[usage["month"] == "2026-08-01"].sort_values("customer_id")
        world = lesson["two_worlds"]("2026-08-01", 0, seed=seed, **PLANNED)
        card = drawn(lesson, world, seed)
        kept = ~card | (august["app_days"].to_numpy() >= 15)
        part = world[kept].reset_index(drop=True)
        for day in (5, 30):
            said = lesson["verdict"](report(lesson, part, card[kept], day, rng))
            assert said == lesson_43.REDO


def test_lines_for_many_looks_hold_in_other_worlds(lesson):
    given = lesson_43.quiet_paths(3000, 50)
    for seed in (60, 61, 62):
        fresh = lesson_43.quiet_paths(3000, seed)
        for days in lesson_43.SCHEDULES:
            rate = lesson_43.crossing(fresh, days, lesson["line_for"](given, days))
            assert lesson_43.STRICT < rate <= 0.06
        assert lesson_43.crossing(fresh, lesson_43.SCHEDULES[-1], 0.05) > 0.2


def test_assignment_is_a_fair_draw_for_every_test(lesson):
    """ハッシュ値で分けた人数の比が、正しいくじと同じだけ揺れる。"""
    world = lesson["two_worlds"]("2026-05-01", 0)
    shares = [drawn(lesson, world, test).mean() for test in range(300)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.003)
    assert np.std(shares) == pytest.approx(np.sqrt(0.25 / len(world)), rel=0.15)
