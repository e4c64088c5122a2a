"""データの生成器の試験。行が凍っていること、罠の答え、本当のモデル、誤った引数。"""

import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import churn
import churn_steps
import pandas as pd
import pytest
from churn_digests import ARGUMENTS, digest, digests
from pyspark.sql import SparkSession
from sklearn.metrics import roc_auc_score

ROOT = Path(__file__).parent.parent.parent
FROZEN = json.loads((Path(__file__).parent / "churn_digests.json").read_text("utf-8"))
NO_TRAPS = ARGUMENTS["罠なし"]


@pytest.fixture(scope="module")
def tables():
    return churn.make_tables()


@pytest.fixture(scope="module")
def truth():
    return churn.make_truth()


# --- 凍っていること ------------------------------------------------------------


def test_rows_are_frozen_in_environment_6():
    assert digests() == FROZEN


def test_rows_are_frozen_in_environment_5():
    run = subprocess.run(
        [
            sys.executable,
            "tools/bootstrap.py",
            "--only",
            "environment-5",
            "tests.lessons.churn_digests",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "lessons")},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(run.stdout)
    assert answer["numpy"].startswith("2.1.") and answer["pandas"].startswith("2.2.")
    assert answer["digests"] == FROZEN


def test_customers_do_not_depend_on_how_many_are_made(tables):
    more = churn.make_tables(n_customers=churn.BLOCK + 1_000)
    for name, table in tables.items():
        part = more[name][more[name]["customer_id"].isin(tables["customers"]["customer_id"])]
        pd.testing.assert_frame_equal(part.reset_index(drop=True), table)


@pytest.mark.parametrize("label", ["顧客を増やす", "A/Bテスト", "スキーマの変更"])
def test_spark_makes_the_same_rows(label):
    spark = SparkSession.builder.getOrCreate()
    arguments = ARGUMENTS[label]
    frames = churn.make_spark_tables(spark, **arguments)
    for name, expected in churn.make_tables(**arguments).items():
        made = frames[name].toPandas()
        for column, kind in expected.dtypes.items():
            if getattr(kind, "tz", None):
                made[column] = made[column].dt.tz_localize("UTC")
            elif kind.kind == "M":
                made[column] = pd.to_datetime(made[column])
        order = list(expected.columns[:3])
        made, expected = (
            table.sort_values(order, kind="stable", ignore_index=True) for table in (made, expected)
        )
        assert list(made.columns) == list(expected.columns)
        assert digest(made) == digest(expected), name


# --- 罠 ------------------------------------------------------------------------


def test_duplicates(tables):
    usage = tables["usage_monthly"]
    copies = usage.duplicated()
    assert copies.mean() == pytest.approx(0.02, abs=0.005)
    clean = churn.make_tables(duplicate_rate=0)["usage_monthly"]
    pd.testing.assert_frame_equal(usage[~copies].reset_index(drop=True), clean)
    assert not clean.duplicated(["customer_id", "month"]).any()


def test_full_width_digits(tables):
    fee = tables["contracts"]["monthly_fee"]
    clean = churn.make_tables(full_width_rate=0)["contracts"]["monthly_fee"]
    wide = ~fee.map(str.isascii)
    assert wide.mean() == pytest.approx(0.15, abs=0.02)
    assert clean.map(str.isascii).all()
    assert fee.map(lambda text: unicodedata.normalize("NFKC", text)).equals(clean)


def test_month_edge(tables, truth):
    cancelled = tables["contracts"].set_index("customer_id")["cancelled_at"].dropna()
    left = truth[truth["churned"].eq(1) & (truth["month"] < truth["month"].max())]
    left = left.set_index("customer_id")["month"] + pd.DateOffset(months=1)
    japanese = cancelled.dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    assert japanese.dt.strftime("%Y-%m").equals(left.reindex(japanese.index).dt.strftime("%Y-%m"))
    wrong = cancelled.dt.strftime("%Y-%m") != japanese.dt.strftime("%Y-%m")
    assert wrong.mean() == pytest.approx(0.25, abs=0.03)
    honest = churn.make_tables(month_edge_rate=0)["contracts"]["cancelled_at"].dropna()
    assert (honest.dt.day == honest.dt.tz_convert("Asia/Tokyo").dt.day).mean() > 0.5
    assert (honest.dt.tz_localize(None) >= "2025-05-01").all()


def test_missing_scores_are_not_at_random(tables):
    observed = tables["usage_monthly"].drop_duplicates()
    full = churn.make_tables(missing_not_at_random=False)["usage_monthly"].drop_duplicates()
    keys = ["customer_id", "month"]
    both = observed.merge(full, on=keys, suffixes=("", "_full"))
    assert both["survey_score_full"].notna().all()
    answered = both["survey_score"].notna()
    assert (both["survey_score"] == both["survey_score_full"])[answered].all()
    rates = answered.groupby(both["survey_score_full"]).mean()
    assert rates.is_monotonic_increasing
    assert rates[1.0] == pytest.approx(churn.ANSWER_RATES[0], abs=0.03)


def test_personal_data_is_fake_and_optional(tables):
    customers = tables["customers"]
    assert customers["email"].str.endswith("@example.com").all()
    assert customers["phone"].str.startswith("000-0000-").all()
    clean = churn.make_tables(pii=False)["customers"]
    pd.testing.assert_frame_equal(customers.drop(columns=["name", "email", "phone"]), clean)


def test_leaking_column_is_too_good_and_then_empty(tables, truth):
    coupon = tables["contracts"][["customer_id", "retention_coupon"]]
    rows = truth.merge(coupon)
    known = rows[rows["month"] == "2026-02-01"]
    honest = roc_auc_score(known["churned"], known["reachable_probability"])
    assert roc_auc_score(known["churned"], known["retention_coupon"]) > honest + 0.05
    last = rows[rows["month"] == "2026-03-01"]
    assert last["retention_coupon"].mean() < 0.05
    assert "retention_coupon" not in churn.make_tables(leak=False)["contracts"]


def test_traps_never_change_who_leaves(truth):
    columns = ["customer_id", "month", "churned", "probability"]
    pd.testing.assert_frame_equal(churn.make_truth(**NO_TRAPS)[columns], truth[columns])


def test_cleaned_tables_give_the_same_features():
    features = churn_steps.make_features()
    again = churn_steps.make_features(duplicate_rate=0.5, full_width_rate=1, month_edge_rate=0)
    pd.testing.assert_frame_equal(features, again)


def test_workshop_features_leave_out_what_calls_cannot_reach(tables):
    everyone, in_time = churn_steps.make_features(), churn_steps.workshop_features()
    keys = ["customer_id", "month"]
    out = everyone.merge(in_time[keys], how="left", indicator=True).query("_merge == 'left_only'")
    assert (out["churned"] == 1).all()
    pd.testing.assert_frame_equal(
        in_time, everyone.merge(in_time[keys]).sort_values(keys, ignore_index=True)
    )
    left = tables["contracts"].set_index("customer_id")["cancelled_at"].dt.tz_convert("Asia/Tokyo")
    left = left.dt.tz_localize(None)
    calls_start = out["month"] + pd.DateOffset(months=1, hours=churn_steps.CALLS_START)
    assert (out["customer_id"].map(left) < calls_start).all()
    kept = in_time[in_time["churned"] == 1]
    calls_start = kept["month"] + pd.DateOffset(months=1, hours=churn_steps.CALLS_START)
    assert (kept["customer_id"].map(left) >= calls_start).all()


def test_call_trial_changes_only_those_who_were_called():
    trial, nobody = (
        churn_steps.call_trial(effect, n_customers=60_000)
        for effect in (churn_steps.TRIAL_EFFECT, 0)
    )
    pd.testing.assert_frame_equal(trial.drop(columns="churned"), nobody.drop(columns="churned"))
    alone = ~trial["called"]
    assert trial["called"].mean() == pytest.approx(0.5, abs=0.02)
    assert trial["churned"][alone].equals(nobody["churned"][alone])
    assert (trial["churned"] <= nobody["churned"]).all()
    leaving = nobody["called"] & (nobody["churned"] == 1)
    assert 1 - trial["churned"][leaving].mean() == pytest.approx(0.40, abs=0.04)


# --- 本当のモデル --------------------------------------------------------------


def test_truth_is_calibrated_and_reachable_is_the_best(truth):
    many = churn.make_truth(n_customers=60_000)
    assert many["churned"].mean() == pytest.approx(0.12, abs=0.01)
    assert truth["churned"].mean() == pytest.approx(0.12, abs=0.01)
    for column in ("probability", "reachable_probability"):
        tenth = pd.qcut(many[column], 10)
        groups = many.groupby(tenth, observed=True)
        assert groups["churned"].mean().to_numpy() == pytest.approx(
            groups[column].mean().to_numpy(), abs=0.012
        )
    true = roc_auc_score(many["churned"], many["probability"])
    reachable = roc_auc_score(many["churned"], many["reachable_probability"])
    assert 0.8 < reachable < true < 0.85


def test_nothing_is_recorded_after_a_customer_left(tables):
    rows = tables["usage_monthly"].merge(tables["contracts"])
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    month_end = rows["month"] + pd.DateOffset(months=1)
    assert not (left < month_end).any()
    assert (rows["started_on"] < month_end).all()


def churn_rates(**arguments):
    truth = churn.make_truth(n_customers=40_000, **arguments)
    return truth.groupby("month")["probability"].mean()


def test_changes_start_in_their_month():
    plain = churn_rates()
    for arguments in (
        {"price_rise_month": "2025-10", "price_rise_yen": 800},
        {"channel_shift_month": "2025-10"},
    ):
        changed = churn_rates(**arguments)
        assert changed[:"2025-09"].equals(plain[:"2025-09"])
        assert (changed["2025-10":] > plain["2025-10":] + 0.01).all()


def test_season():
    difference = churn_rates(season=0.5) - churn_rates()
    assert difference["2025-08-01"] > 0.03
    assert difference["2026-02-01"] < -0.02


def test_ab_test_only_moves_group_b():
    arguments = {"n_customers": 40_000, "ab_start_month": "2025-12", "ab_effect": -0.5}
    group = churn.make_tables(**arguments)["contracts"][["customer_id", "ab_group"]]
    assert (group["ab_group"] == "B").mean() == pytest.approx(0.5, abs=0.01)
    truth = churn.make_truth(**arguments).merge(group)
    rates = truth.pivot_table(index="month", columns="ab_group", values="churned")
    before, after = rates.loc["2025-06":"2025-11"].mean(), rates.loc["2025-12":].mean()
    assert before["B"] == pytest.approx(before["A"], abs=0.01)
    assert after["B"] < after["A"] - 0.02


def test_schema_version_2(tables):
    usage = churn.make_tables(schema_version=2)["usage_monthly"]
    assert "app_days" not in usage and set(usage["device"]) == {"アプリ", "ブラウザー"}
    assert usage["active_days"].equals(tables["usage_monthly"]["app_days"])


# --- 誤った引数 ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_customers", 0),
        ("n_customers", 4000.0),
        ("n_customers", True),
        ("months", 0),
        ("months", "12"),
        ("first_month", "2025-13"),
        ("first_month", "2025年4月"),
        ("first_month", 202504),
        ("seed", -1),
        ("seed", 2**63),
        ("churn_rate", 0),
        ("churn_rate", 12),
        ("duplicate_rate", -0.1),
        ("full_width_rate", 1.1),
        ("month_edge_rate", None),
        ("missing_not_at_random", 1),
        ("pii", "no"),
        ("leak", None),
        ("price_rise_month", "2024-01"),
        ("price_rise_yen", 500),
        ("channel_shift_month", "2026-04"),
        ("season", float("nan")),
        ("ab_start_month", "来月"),
        ("ab_effect", 0.5),
        ("schema_version", 3),
    ],
)
def test_bad_arguments_are_named(name, value):
    with pytest.raises(ValueError, match=rf"\b{name} .*ください。"):
        churn.make_tables(**{name: value})
    with pytest.raises(ValueError, match=name):
        churn.make_spark_tables(None, **{name: value})


def test_unknown_argument():
    with pytest.raises(TypeError, match="n_customer"):
        churn.make_tables(n_customer=10)


# --- データカード --------------------------------------------------------------


def test_data_card_tells_the_known_answers(tables, truth):
    card = (ROOT / "book" / "data_card.md").read_text("utf-8")
    usage, contracts = tables["usage_monthly"], tables["contracts"]
    clean = usage.drop_duplicates()
    cancelled = contracts["cancelled_at"].notna()
    moments = contracts["cancelled_at"].dropna()
    edge = moments.dt.month != moments.dt.tz_convert("Asia/Tokyo").dt.month
    coupon = contracts["retention_coupon"]
    wide = ~contracts["monthly_fee"].map(str.isascii)
    true, reachable = (
        roc_auc_score(truth["churned"], truth[column])
        for column in ("probability", "reachable_probability")
    )
    trial, nobody = churn_steps.call_trial(), churn_steps.call_trial(0)
    leaving = nobody["called"] & (nobody["churned"] == 1)
    saved = (trial["churned"][leaving] == 0).sum()
    for sentence in (
        f"{len(usage):,}行のうち{usage.duplicated().sum()}行が余分",
        f"{len(contracts):,}件のうち{wide.sum()}件",
        f"{cancelled.sum():,}件のうち{edge.sum()}件",
        f"{len(clean):,}行のうち{clean['survey_score'].isna().sum():,}行が空",
        f"解約した{cancelled.sum():,}人のうち{coupon[cancelled].sum():,}人にクーポン、"
        f"契約中の{(~cancelled).sum():,}人では{coupon[~cancelled].sum()}人",
        f"本当の確率を使う | {true:.3f}",
        f"最良の確率を使う | {reachable:.3f}",
        f"すべての顧客 | −{-churn.INTERCEPT}",
        f"この{edge.sum()}人の最後の行",
        f"{len(churn_steps.workshop_features()):,}行が残ります",
        f"対数オッズに−{-churn_steps.TRIAL_EFFECT}を足します",
        f"解約するはずだった{leaving.sum()}人のうち、{saved}人が残りました",
    ):
        assert sentence in card
    for name, table in tables.items():
        part = card.split(f"### {name}\n")[1].split("\n#")[0]
        described = re.findall(r"^\| ([a-z_、]+) \|", part, re.MULTILINE)
        assert [word for words in described for word in words.split("、")] == list(table)


def test_columns_without_effect_do_not_matter(truth):
    rows = truth.merge(churn.make_tables()["customers"])
    assert abs(rows["probability"].corr(rows["birth_year"])) < 0.03
    assert abs(rows["probability"].corr(rows["household_size"])) < 0.03
