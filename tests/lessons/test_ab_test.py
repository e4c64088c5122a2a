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


def wrong_calls(once, times=300, seed=1):
    """効き目のない試験を ``times`` 回動かし、比べ方ごとに、有意になった割合。"""
    rng = np.random.default_rng(seed)
    return np.mean([once(rng) for _ in range(times)], axis=0)


def test_daily_looks_find_what_the_text_says(lesson):
    """毎日見る割合が、種を替えた5回で26%から31%。"""
    world = lesson["two_worlds"]("2026-05-01", 0)

    def once(rng):
        card = rng.random(len(world)) < 0.5
        path = lesson["daily"](lesson["run"](world, card, rng), card)
        return path.min() < 0.05, path[-1] < 0.05

    daily, last = np.array([wrong_calls(once, 1000, seed) for seed in range(5)]).T
    assert [round(100 * x) for x in (daily.min(), daily.max())] == [26, 31]
    assert last.max() < 0.065


@pytest.mark.parametrize("seed", (1, 2))
def test_only_the_reached_people_look_better_without_effect(lesson, seed):
    settings = {"first_month": "2025-09", "seed": seed, **PLANNED}
    usage = churn.make_tables(duplicate_rate=0, pii=False, **settings)["usage_monthly"]
    august = usage[usage["month"] == "2026-08-01"].sort_values("customer_id")
    reached = august["app_days"].to_numpy() >= 15
    world = lesson["two_worlds"]("2026-08-01", 0, seed=seed, **PLANNED)

    def once(rng):
        card = rng.random(len(world)) < 0.5
        left = lesson["run"](world, card, rng) <= 30
        return [lesson["compare"](left, ~card, who) < 0.05 for who in (card, card & reached)]

    everyone, only_reached = wrong_calls(once)
    assert everyone < 0.08 and only_reached > 0.9


@pytest.mark.parametrize("seed", (1, 2))
def test_a_ramp_is_fair_only_month_by_month(lesson, seed):
    truth = churn.make_truth(first_month="2026-01", season=1.0, seed=seed, **PLANNED)
    plan = {
        month: (truth.loc[truth["month"] == month, "probability"].to_numpy(), share)
        for month, share in [("2026-08-01", 0.1), ("2026-11-01", 0.5)]
    }
    pooled, monthly = wrong_calls(lambda rng: lesson["two_ways"](lesson["ramp"](plan, rng)))
    assert pooled > 0.95 and monthly < 0.08


def test_assignment_is_a_fair_draw_for_every_test(lesson):
    """ハッシュ値で分けた人数の比が、正しいくじと同じだけ揺れる。"""
    world = lesson["two_worlds"]("2026-05-01", 0)
    shares = [drawn(lesson, world, test).mean() for test in range(300)]
    assert np.mean(shares) == pytest.approx(0.5, abs=0.003)
    assert np.std(shares) == pytest.approx(np.sqrt(0.25 / len(world)), rel=0.15)
