"""発展のレッスンの道具 lessons/churn_ops.py と、52の判断の働き。"""

import churn_gate
import churn_ops
import churn_steps
import churn_worlds
import model_card
import numpy as np
import pandas as pd
import pytest
from checks import lesson_51, lesson_53
from churn_gate import chance
from churn_steps import FEATURES, rows_between
from lesson_code import answer, functions_of

SEEDS = range(1, 21)


def written(number, exercise):
    """レッスン ``number`` の「解答 ``exercise``」で、読み手が書く関数。"""
    return answer(number, exercise, {"np": np, "pd": pd, "churn_ops": churn_ops})


# --- 51: 入力を見張る -----------------------------------------------------------


def test_psi_of_known_shares():
    """2つの区間の割合が 0.5・0.5 から 0.8・0.2 に変わった時の値と、逆向き。"""
    even, uneven = pd.Series([0.0, 1.0] * 50), pd.Series([0.0] * 80 + [1.0] * 20)
    right = 0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5)
    assert churn_ops.psi(even, uneven) == pytest.approx(right)
    assert churn_ops.psi(uneven, even) == pytest.approx(right)
    assert churn_ops.psi(even, even) == 0


def test_psi_of_new_values_is_finite():
    known = pd.Series(["広告", "検索"] * 50)
    assert 0 < churn_ops.psi(known, pd.Series(["SNS"] * 10)) < 20
    assert churn_ops.psi(known, known) == 0
    numbers = pd.Series(np.arange(100.0))
    assert 0 < churn_ops.psi(numbers, numbers + 1000) < 20
    assert churn_ops.psi(numbers, numbers.mask(numbers < 50)) > 1  # 空も1つの区間


def test_quiet_psi_is_about_the_theory():
    """混ぜた表のPSIの平均は、(区間の数 − 1)(1/n + 1/m) の近くになる。"""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({name: rng.normal(size=1000) for name in FEATURES})
    quiet = churn_ops.quiet_psi(rows, 200, times=300)
    assert list(quiet) == FEATURES and len(quiet) == 300
    assert quiet.mean().mean() == pytest.approx(9 * (1 / 800 + 1 / 200), rel=0.05)
    one = rows["orders"].sample(frac=1, random_state=1).reset_index(drop=True)
    assert churn_ops.psi(one[200:], one[:200]) < quiet["orders"].max()


def test_alarm_lines_ring_once_a_year():
    rng = np.random.default_rng(0)
    quiet = pd.DataFrame(rng.chisquare(9, size=(20_000, 13)))
    fresh = rng.chisquare(9, size=(20_000, 13))
    for per_year in (1, 3):
        rings = (fresh > churn_ops.alarm_lines(quiet, per_year).to_numpy()).mean() * 12 * 13
        assert rings == pytest.approx(per_year, rel=0.15)


@pytest.fixture(scope="module")
def quiet_worlds():
    return {seed: churn_worlds.make_world(seed=seed) for seed in SEEDS}


def watch(rows, months):
    """新規の13列を ``months`` に見張って、鳴った（月, 列）。"""
    new = churn_worlds.newcomers(rows)
    reference = rows_between(new, churn_worlds.REFERENCE)
    watched = rows_between(new, months)
    size = len(watched) // watched["month"].nunique()
    lines = churn_ops.alarm_lines(churn_ops.quiet_psi(reference, size))
    found = churn_ops.monitor_rows(reference, watched)
    over = found["population_stability_index"] > found["column_name"].map(lines)
    return {(row.month, row.column_name) for row in found[over].itertuples()}


def test_quiet_world_rings_at_most_once_a_year(quiet_worlds):
    """平均は年に1回まで。0回が5社、1回が11社、2回が4社（51の本文）。"""
    rings = [len(watch(rows, churn_worlds.WATCHED)) for rows in quiet_worlds.values()]
    assert np.mean(rings) <= 1, rings
    assert np.bincount(rings).tolist() == [5, 11, 4]


def test_quiet_ratio_stays_inside_the_lines(quiet_worlds):
    """何も起きない年の「実際÷見込み」は、51と53の線（0.7と1.3）を超えない。"""
    model = churn_steps.make_model(churn_steps.candidates()["logistic"])
    for seed, rows in quiet_worlds.items():
        learned = rows_between(rows, churn_worlds.LEARNED)
        fitted = model.fit(learned[FEATURES], learned["churned"])
        used = rows_between(rows, churn_worlds.WATCHED).dropna(subset="churned")
        sums = used.assign(p=chance(fitted, used)).groupby("month")[["churned", "p"]].sum()
        ratios = sums["churned"] / sums["p"]
        assert len(ratios) == 11 and ratios.between(0.7, 1.3).all(), (seed, ratios)


def test_price_rise_is_found_in_its_month():
    october = ("2026-10-01", "2026-10-01")
    for seed in SEEDS:
        rows = churn_worlds.make_world(seed=seed, months=19, **churn_worlds.PRICE_RISE)
        assert (pd.Timestamp(october[0]), "monthly_fee") in watch(rows, october), seed


def test_reader_writes_the_same_psi_and_lines():
    psi, line = written("51", 1), written("51", 2)
    for _, reference, current, bins in lesson_51.columns():
        right = churn_ops.psi(reference, current, bins)
        assert psi(reference, current, bins) == pytest.approx(right)
    for per_year, quiet in lesson_51.quiet_tables():
        pd.testing.assert_series_equal(
            line(quiet, per_year), churn_ops.alarm_lines(quiet, per_year), check_names=False
        )


def test_monitor_table(spark, run_lesson):
    """51が残す表と、表がない時に ``open_monitor`` が作るものが、同じであること。"""
    run_lesson("51", exercises=False)
    table = "drift_monitoring.features_drift_metrics"
    keys = ["slice_key", "column_name", "start"]

    def rows(name):
        found = spark.sql(f"SELECT *, window.start FROM {name}").drop("window").toPandas()
        return found.fillna("").sort_values(keys, ignore_index=True)

    saved = rows(table)
    churn_ops.open_monitor(spark)
    pd.testing.assert_frame_equal(rows("drift_metrics"), saved)
    spark.sql(f"DROP TABLE {table}")
    try:
        churn_ops.open_monitor(spark)
        pd.testing.assert_frame_equal(rows("drift_metrics"), saved)
    finally:
        spark.catalog.dropTempView("drift_metrics")


# --- 52: 学習し直すかどうかの判断 -------------------------------------------------

AUGUST = pd.Timestamp("2026-08-01")
WINDOWS = [1, 3, 6, 12]


@pytest.fixture(scope="module")
def retraining():
    """52の関数。"""
    return functions_of("52")


def first_champion(retraining, rows):
    return retraining["fit"](rows_between(rows, churn_worlds.LEARNED))


def decisions(retraining, rows, cleared=()):
    """見張る12か月の、月 → 判断。昇格したら、その後の比べる相手が替わる。"""
    champion, jumps = first_champion(retraining, rows), retraining["jumps_of"](rows)
    found = {}
    for month in pd.date_range(*churn_worlds.WATCHED, freq="MS"):
        decision, _, promoted = retraining["decide"](rows, month, champion, jumps, cleared)
        champion = champion if promoted is None else promoted
        found[f"{month:%Y-%m}"] = decision
    return found


@pytest.mark.parametrize(("seed", "promoted"), [(1, "2026-12"), (4, "2027-01")])
def test_retraining_waits_for_the_answers(retraining, seed, promoted):
    """何も起きない世界では差し替えず、値上げの世界では、値上げ後の答えで学べてから差し替える。"""
    assert set(decisions(retraining, churn_worlds.make_world(seed=seed)).values()) == {"何もしない"}
    found = decisions(retraining, churn_worlds.make_world(seed=seed, **churn_worlds.PRICE_RISE))
    assert [month for month, one in found.items() if one == "昇格"] == [promoted]
    assert found["2026-11"] == "見送り"
    assert all(found[month] == "何もしない" for month in found if month <= "2026-10")


@pytest.mark.parametrize(("seed", "window"), [*((one, 3) for one in (1, 2, 3, 4, 5, 7, 8)), (6, 6)])
def test_eight_companies_of_the_lesson(retraining, quiet_worlds, seed, window):
    """52の本文の、8つの会社。悪いほうの世界での損が最小の窓と、何も起きない1年のずれ。"""
    quiet, price = quiet_worlds[seed], churn_worlds.make_world(seed=seed, **churn_worlds.PRICE_RISE)
    losses = pd.DataFrame(
        {
            number: [retraining["backtest"](rows, window).mean() for window in WINDOWS]
            for number, rows in enumerate((quiet, price))
        },
        WINDOWS,
    )
    assert (losses - losses.min()).max(axis=1).idxmin() == window
    champion = first_champion(retraining, quiet)
    months = pd.date_range(*churn_worlds.WATCHED, freq="MS")
    calm = [retraining["off"](champion, retraining["judge_rows"](quiet, one)) for one in months]
    assert 0.065 < max(calm) < 0.165


def broken(months, **settings):
    """``months`` の月額が千円の単位で届いた世界。"""
    rows = churn_worlds.make_world(n_customers=6000, **settings)
    rows.loc[rows["month"].isin(pd.to_datetime(months)), "monthly_fee"] /= 1000
    return rows


LASTING = pd.date_range("2026-08-01", "2027-03-01", freq="MS")


@pytest.mark.parametrize(
    ("months", "settings"),
    [(["2026-08-01"], {}), (["2026-08-01"], churn_worlds.PRICE_RISE), (LASTING, {})],
)
def test_a_broken_table_stops_until_a_person_clears_it(retraining, months, settings):
    """壊れが1か月でも、続いても、値上げと重なっても、解くまで候補を作らない。"""
    found = decisions(retraining, broken(months, **settings))
    stopped = [month for month, one in found.items() if one == "表を調べる"]
    assert stopped == [f"{month:%Y-%m}" for month in LASTING]
    assert "昇格" not in found.values()


def test_clearing_without_repair_promotes_a_broken_model(retraining):
    found = decisions(retraining, broken(LASTING), cleared=[AUGUST])
    assert "昇格" in found.values() and "表を調べる" not in found.values()


def test_the_first_watched_month_is_also_checked(retraining):
    found = decisions(retraining, broken(pd.date_range("2026-04-01", "2027-03-01", freq="MS")))
    assert set(found.values()) == {"表を調べる"}


def test_unmeasured_months_are_not_learnt(retraining):
    rows = churn_worlds.make_world(n_customers=2000, **churn_worlds.PRICE_RISE)
    decide, champion = retraining["decide"], first_champion(retraining, rows)
    december = pd.Timestamp("2026-12-01")
    jumps = pd.Series(0.0, pd.date_range("2026-04-01", "2026-12-01", freq="MS"))
    assert decide(rows, december, champion, jumps)[0] != "表を調べる"
    unknown = jumps.mask(jumps.index == AUGUST)
    for measured in (jumps.iloc[:0], jumps.iloc[:-1], jumps.drop(AUGUST), unknown):
        assert decide(rows, december, champion, measured)[0] == "表を調べる"
    assert decide(rows, december, champion, jumps.mask(jumps == 0, 0.25))[0] != "表を調べる"


# --- 53: 戻すかどうか -----------------------------------------------------------


def test_reader_writes_the_same_decisions():
    decide, last_good, rollback = (written("53", number) for number in (1, 2, 3))
    for _, *night in lesson_53.NIGHTS:
        assert decide(*night) == churn_ops.decide(*night)
    for _, log in lesson_53.LOGS:
        assert last_good(log) == churn_ops.last_good(log)
    for _, *state in lesson_53.STATES:
        assert rollback(*state) == churn_ops.rollback(*state)


def test_rollback_skips_bad_versions():
    log = [(1, "使う"), (2, "見送り"), (3, "使う"), (3, "取り下げ"), (1, "使う"), (4, "使う")]
    assert churn_ops.last_good(log) == 1
    aliases = {"champion": 4, "production": 4}
    after, new_log = churn_ops.rollback(aliases, log, 4)
    assert after == {"champion": 4, "production": 1}
    assert new_log[len(log) :] == [(4, "取り下げ"), (1, "使う")]
    assert churn_ops.rollback(after, new_log, 4) == (after, new_log)
    assert churn_ops.last_good([(1, "使う")]) is None


@pytest.fixture(scope="module")
def nightly():
    """53の関数。"""
    return functions_of("53")


@pytest.mark.parametrize("seed", SEEDS)
def test_version_and_data_are_told_apart(nightly, quiet_worlds, seed):
    """53の2つの夜（悪いバージョン、千円の表）を、半分の顧客で、正しく判断する。"""
    rows = quiet_worlds[seed]
    rows = rows[rows["customer_id"] % 2 == 0]
    recent = rows_between(rows, ("2026-08-01", "2026-12-01"))
    in_thousands = nightly["in_thousands"]
    learned = {1: rows_between(rows, churn_worlds.LEARNED), 2: recent, 3: in_thousands(recent)}
    models = {version: nightly["train"](part) for version, part in learned.items()}

    def mean(version, part):
        return chance(models[version], part).mean()

    half_year = rows_between(rows, ("2026-08-01", "2027-01-01"))
    usual = {v: [mean(v, part) for _, part in half_year.groupby("month")] for v in (1, 2)}
    tonight = rows[rows["month"] == "2027-02-01"]
    nights = {
        "続ける": (1, 2, tonight),
        "戻す": (2, 3, tonight),
        "止める": (1, 2, in_thousands(tonight)),
    }
    for right, (before, now, part) in nights.items():
        found = churn_ops.decide(mean(before, part), mean(now, part), usual[before])
        assert found == right, (mean(before, part) / np.mean(usual[before]), mean(now, part))


# --- 62: 偶然の差と、本物の害 ----------------------------------------------------


def region_gaps(model, rows):
    """8月末の一覧の、地方の再現率の差、比、P値、九州・沖縄の確率が外れているか。"""
    p, left = chance(model, rows), (rows["churned"] == 1).to_numpy()
    hits = (p >= churn_steps.THRESHOLD)[left].astype(float)
    groups = rows["region"].to_numpy()[left]
    recall = model_card.by_group(rows, p, "region")["再現率"]
    off = churn_gate.slice_gaps(rows, p).loc["九州・沖縄", "外れ"]
    by_chance = model_card.gap_by_chance(hits, groups)
    return np.ptp(recall), recall.min() / recall.max(), by_chance, off


def test_region_gaps_are_chance_and_the_stuck_meter_is_harm(quiet_worlds):
    """62の本文の、20の会社: 偶然の差、比、P値と、31日で止まった記録の見逃し。"""
    quiet, stuck = [], []
    for rows in quiet_worlds.values():
        learned = rows_between(rows, churn_worlds.LEARNED)
        model = churn_steps.make_model(churn_steps.candidates()["logistic"])
        model = model.fit(learned[FEATURES], learned["churned"])
        august = rows[rows["month"] == "2026-08-01"]
        there = august["region"] == "九州・沖縄"
        full = august.assign(app_days=august["app_days"].mask(there, 31.0))
        assert august.loc[there, "app_days"].nunique() > 20 > full.loc[there, "app_days"].nunique()
        quiet.append(region_gaps(model, august))
        stuck.append(region_gaps(model, full))
    gap, ratio, p, off = (np.array(values) for values in zip(*quiet, strict=True))
    assert (gap >= 0.2).sum() == 8 and (gap > 0.1).all() and (ratio < 0.8).all()
    assert (p < 0.05).sum() == 1 and not off.any()
    _, _, p, off = (np.array(values) for values in zip(*stuck, strict=True))
    assert (p >= 0.05).sum() == 6 and (~off.astype(bool)).sum() == 4
