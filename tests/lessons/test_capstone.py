"""修了課題: 合格の線を20の会社で確かめ、誤った6つの仕事が、落ちるべきブロックで落ちることを確かめる。"""

import contextlib
import functools
import io
import tomllib

import capstone
import churn_gate
import churn_ops
import churn_steps
import matplotlib
import numpy as np
import pandas as pd
import pytest
from checks import lesson_70, retry
from checks.project import Item, Project
from churn_steps import FEATURES, THRESHOLD
from sklearn.metrics import roc_auc_score

from tools.course.lesson import LESSONS, ROOT, SOLUTIONS, group_exercises, read_lesson

NUMBERS = range(1, 21)  # 受講番号。会社は、番号ごとに違う
LESSON = "70_capstone.py"
CALENDAR = ["season", "after_rise"]


# --- 合格の線 -------------------------------------------------------------------


def dated(rows, rise_month):
    """季節の波と、値上げの後かを足した行。"""
    wave = np.cos(2 * np.pi * (rows["month"].dt.month - 8) / 12)
    summer = rows["month"].dt.month.isin([7, 8, 9]).astype(float)
    rise = (rows["month"] >= f"{rise_month}-01").astype(float)
    return rows.assign(season=wave, summer=summer, after_rise=rise)


def fitted(rows, extra=()):
    model = churn_steps.make_model(churn_steps.candidates()["logistic"])
    if extra:
        model[0].transformers += [("calendar", "passthrough", list(extra))]
    return model.fit(rows[[*FEATURES, *extra]], rows["churned"])


@functools.cache
def company(number):
    """会社の、正しく直した行。季節と値上げの列と、クーポンの列も持つ。"""
    handed = capstone.handed_table(number)
    coupon = handed.drop_duplicates("customer_id").set_index("customer_id")["retention_coupon"]
    rows = dated(capstone.right_rows(number), capstone.settings(number)["price_rise_month"])
    return rows.assign(coupon=rows["customer_id"].map(coupon).astype(float))


def between(number, first, last):
    return churn_steps.rows_between(company(number), (f"{first}-01", f"{last}-01"))


@functools.cache
def measured(number, first, last, extra=()):
    """（見込み÷本当、6月末のAUC、0.3125での損得、0.5での損得）。損得は、いちばん良い選び方との比。"""
    model = fitted(between(number, first, last), extra)
    july, june = (between(number, month, month) for month in ("2027-07", "2027-06"))
    truth = capstone.july_truth(number).loc[july["customer_id"]]
    told = churn_gate.chance(model, july)
    yen, best = truth["yen"].to_numpy(), truth["yen"].clip(lower=0).sum()
    gains = [yen[told >= line].sum() / best for line in (THRESHOLD, 0.5)]
    auc = roc_auc_score(june["churned"], churn_gate.chance(model, june))
    return told.mean() / truth["chance"].mean(), auc, *gains


@pytest.mark.parametrize(
    ("first", "extra"),
    [
        ("2026-06", tuple(CALENDAR)),
        ("2026-06", ("summer", "after_rise")),
        ("2026-08", tuple(CALENDAR)),  # 3か月の値のそろわない、初めの2か月を捨てる（32）
    ],
)
def test_right_models_pass_in_every_company(first, extra):
    for number in NUMBERS:
        level, auc, gain, _ = measured(number, first, "2027-05", extra)
        assert lesson_70.LEVEL[0] <= level <= lesson_70.LEVEL[1], (number, level)
        assert lesson_70.AUC[0] <= auc <= lesson_70.AUC[1], (number, auc)
        assert gain >= lesson_70.GAIN, (number, gain)


@pytest.mark.parametrize(
    ("first", "last", "extra"),
    [
        ("2026-06", "2026-12", ()),  # 前任者のモデル
        ("2027-03", "2027-05", ()),  # 52の手順（審査の前の3か月）
        ("2026-06", "2027-05", ()),  # すべての月。季節も値上げも知らない
        ("2026-06", "2027-05", ("after_rise",)),  # 値上げだけを知っている
    ],
)
def test_models_that_miss_a_change_fall_in_every_company(first, last, extra):
    for number in NUMBERS:
        assert measured(number, first, last, extra)[0] < lesson_70.LEVEL[0], number


def test_trees_do_not_add_the_two_changes():
    """解答 4 の「値上げの後の夏という、まだ見たことのない組み合わせを低く見積もります」。"""
    for number in range(1, 6):
        rows = between(number, "2026-06", "2027-05")
        july = between(number, "2027-07", "2027-07")
        trees = churn_steps.make_model(churn_steps.candidates()["boosting"])
        trees[0].transformers += [("calendar", "passthrough", CALENDAR)]
        trees.fit(rows[[*FEATURES, *CALENDAR]], rows["churned"])
        truth = capstone.july_truth(number)["chance"].mean()
        assert churn_gate.chance(trees, july).mean() < lesson_70.LEVEL[0] * truth, number


def test_leak_falls_at_three_places_in_every_company():
    for number in NUMBERS:
        level, auc, gain, _ = measured(number, "2026-06", "2027-05", ("coupon",))
        assert level < lesson_70.LEVEL[0] and gain < lesson_70.GAIN, (number, level, gain)
        assert auc > lesson_70.AUC[1], (number, auc)


def test_threshold_of_half_falls_in_every_company():
    for number in NUMBERS:
        assert measured(number, "2026-06", "2027-05", tuple(CALENDAR))[3] < lesson_70.GAIN, number


def test_price_rise_and_moved_column_can_be_found_in_every_company():
    for number in NUMBERS:
        rows = company(number)
        fresh = rows[rows["tenure_months"] == 1]
        fees = fresh.groupby("month")["monthly_fee"].mean()
        rise = pd.Timestamp(capstone.settings(number)["price_rise_month"])
        assert fees.diff().idxmax() == rise, number
        after = fresh["month"] >= rise
        gap = fresh.loc[after, "monthly_fee"].mean() - fresh.loc[~after, "monthly_fee"].mean()
        assert abs(gap - capstone.settings(number)["price_rise_yen"]) <= 300, (number, gap)
        before, after = (fresh[fresh["after_rise"] == part] for part in (0, 1))
        psi = {name: churn_ops.psi(before[name], after[name]) for name in FEATURES}
        assert [name for name, value in psi.items() if value > 0.1] == ["monthly_fee"], number


def test_gate_sometimes_refuses_a_right_model():
    """本文の「ゲートは、正しい候補も、たまに断ります」。"""
    refused = []
    for number in NUMBERS:
        rows = between(number, "2026-06", "2027-05")
        champion = fitted(churn_steps.rows_between(rows, capstone.LEARNED))
        june = between(number, "2027-06", "2027-06")
        refused.append(bool(churn_gate.gate(fitted(rows, CALENDAR), champion, june)))
    assert 1 <= sum(refused) <= 6


# --- 会社 -----------------------------------------------------------------------


def test_every_number_has_its_own_company():
    first, again, other = (capstone.handed_table(n) for n in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert len(first) != len(other)
    assert not set(capstone.asked_people(1)) & set(capstone.asked_people(2))
    for wrong in (0, 10_000, 2.0, "2", True, None):
        with pytest.raises(ValueError, match="受講番号は1から9999まで"):
            capstone.settings(wrong)


def test_truth_is_the_chance_that_a_call_can_reach():
    """本当の確率の平均は、電話が間に合う解約の割合に合う（答えの出た月で確かめる）。"""
    for number in (1, 2, 3):
        rows = capstone.right_rows(number)
        truth = capstone.july_truth(number)
        july = rows[rows["month"] == capstone.JULY]
        assert set(july["customer_id"]) == set(truth.index) and july["churned"].isna().all()
        assert truth["chance"].between(0, 1).all()
        assert ((truth["yen"] > 0) == (truth["chance"] > THRESHOLD)).all()


# --- 点 -------------------------------------------------------------------------


def failing():
    retry("だめです。")


def test_points_are_added_and_a_must_empties_its_block():
    project = Project({1: "甲", 2: "乙"})
    state = {}

    @project.judge(1)
    def _(a):
        tests = [Item("い", 3, state["い"]), Item("ろ", 4, state["ろ"], must=True)]
        return project.grade(1, tests, "できました。")

    names = {"a": 1, "check": project}

    def said():
        return str(eval("check(1)", names))  # noqa: S307

    assert project.points() == {"甲": 0, "乙": 0}
    state.update(い=lambda: None, ろ=lambda: None)
    assert said() == "【正解】7点です。できました。" and project.points() == {"甲": 7, "乙": 0}
    state["い"] = failing
    assert said() == "【もう一歩】7点のうち4点です。「い」: だめです。"
    state.update(い=lambda: None, ろ=failing)
    assert said() == "【もう一歩】7点のうち0点です。◎「ろ」: だめです。"
    state["い"] = failing
    assert (
        said() == "【もう一歩】7点のうち0点です。◎「ろ」: だめです。ほかに「い」も通っていません。"
    )
    state.update(い=lambda: None, ろ=lambda: None)
    assert "【正解】" in said()
    names["a"] = ...
    assert "【未回答】" in said() and project.points() == {"甲": 0, "乙": 0}


# --- 修了証 ---------------------------------------------------------------------


@pytest.fixture
def drawn(monkeypatch):
    """``certificate`` が描いた図の数と、表示した文を返す関数。"""
    figures = []
    monkeypatch.setattr(capstone, "draw_certificate", lambda *given: figures.append(given))

    def run(name, points, number=2):
        figures.clear()
        with contextlib.redirect_stdout(io.StringIO()) as text:
            capstone.certificate(name, points, number)
        return len(figures), text.getvalue()

    return run


def test_empty_work_gets_zero_and_no_certificate(drawn):
    assert drawn("花子", dict.fromkeys(capstone.FULL, 0)) == (
        0, "0点です。確認のセルを実行してから、もう一度動かしてください。\n",
    )  # fmt: skip
    fresh = Project(dict(enumerate(capstone.FULL, 1)))
    assert drawn("花子", fresh.points())[0] == 0


def test_certificate_needs_seventy_points_and_no_empty_block(drawn):
    count, text = drawn("花子", capstone.FULL | {"再現": 0})
    assert count == 0 and "92点" in text and "0点のブロックがあります: 再現。" in text
    low = {name: max(1, full - 5) for name, full in capstone.FULL.items()}
    count, text = drawn("花子", low)
    assert count == 0 and f"あと{70 - sum(low.values())}点です。" in text
    just = capstone.FULL | {"学習と審査": 1, "8月の一覧": 1, "変化を見つける": 12}
    assert sum(just.values()) == 70 and drawn("花子", just)[0] == 1


def test_check_word_follows_the_name_the_points_and_the_number():
    word = capstone.check_word("花子", capstone.FULL, 2)
    assert len(word) == 12 and word == capstone.check_word("花子", dict(capstone.FULL), 2)
    others = [
        capstone.check_word("太郎", capstone.FULL, 2),
        capstone.check_word("花子", capstone.FULL, 3),
        capstone.check_word("花子", capstone.FULL | {"再現": 4}, 2),
    ]
    assert len({word, *others}) == 4


@pytest.mark.parametrize("name", ["", "長" * 25, "二つの\n行", None])
def test_name_that_does_not_fit_is_told(drawn, name):
    figures, said = drawn(name, capstone.FULL)
    assert figures == 0 and "1字から24字まで" in said


@pytest.mark.parametrize("points", [{}, {**capstone.FULL, "再現": 999}])
def test_points_written_by_hand_in_another_shape_are_told(drawn, points):
    figures, said = drawn("受講者", points)
    assert figures == 0 and "check.points()" in said


def test_certificate_says_what_it_is_and_fits_the_page(monkeypatch):
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    monkeypatch.setattr(plt, "show", lambda: None)
    capstone.certificate("とても長い名前の受講者" * 2 + "です", capstone.FULL, 9999)
    figure = plt.gcf()
    texts = [one for one in (*figure.texts, *figure.axes[0].texts) if one.get_text()]
    said = "\n".join(one.get_text() for one in texts)
    assert "自分で採点した記録です。資格でも、会社の証明でもありません。" in said and "偽造" in said
    assert "受講番号 9999" in said and f"本 {capstone.BOOK}" in said and "100点" in said
    figure.canvas.draw()
    for one in texts:
        box = one.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width, one.get_text()
    plt.close("all")


def test_book_number_is_the_number_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == capstone.BOOK


def test_full_points_are_ninety_and_ten():
    *blocks, own = capstone.FULL.values()
    assert (len(blocks), sum(blocks), own) == (8, 90, 10)


# --- 正直な仕事と、誤った6つの仕事 -----------------------------------------------

RANDOM = """
answered = seen.dropna(subset="churned").sample(frac=1, random_state=0)
learned, judged = answered[: len(answered) * 8 // 10], answered[len(answered) * 8 // 10 :]
candidate ="""
LEAK = 'features.assign(retention_coupon=features["retention_coupon"].astype(float))'
# 名前 → （練習 → 書き換える所の組、ブロック → 失う点）
PROJECTS = {
    "正直な仕事": ({}, {}),
    "漏れる列を使う": (
        {
            1: [('"retention_coupon"', '"survey_score"')],
            2: [('"churned"]]', '"churned", "retention_coupon"]]')],
            4: [
                ('["season", "after_rise"]', '["retention_coupon"]'),
                ("seen = features.assign(season=wave, ", f"seen = {LEAK}.assign("),
            ],
            5: [("if reasons:", "if False:")],  # 断られた訳を、考えずに切り替える
        },
        # 並びが良すぎ、見込みは低すぎ、ゲートに断られたまま切り替え、一覧は損をする
        {"データの検査": 2, "特徴量の表": 4, "学習と審査": 7 + 3, "登録と切り替え": 8, "8月の一覧": 12},
    ),
    "行をランダムに分ける": (
        {
            4: [("candidate = churn_steps.make_model", RANDOM + " churn_steps.make_model")],
            8: [("june = judged.assign(probability=churn_gate.chance(candidate, judged))",
                 'june = seen[seen["month"] == "2027-06-01"]\n'
                 "june = june.assign(probability=churn_gate.chance(candidate, june))")],
        },
        {"学習と審査": 18},  # 同じ月を両方で見た審査は、ブロックごと信じられない
    ),
    "余分な行を除かない": (
        {1: [('len(handed) - len(rows)', "0")], 2: [(".drop_duplicates()", "")]},
        # 2回届いた人が、表にも一覧にも予測の記録にも2度載り、6月末の人数も合わない
        {"データの検査": 2, "特徴量の表": 10, "学習と審査": 18, "8月の一覧": 3, "再現": 4,
         "公平性とカード": 8},
    ),
    "分かれ目を0.5にする": ({6: [("churn_steps.THRESHOLD", "0.5")]}, {"8月の一覧": 12}),
    "見送りのバージョンを本番にする": (
        {5: [('"production", version', '"production", "2"')]},
        # 一覧と記録の番号も、カードに載せた数も、本番のモデルのものでない
        {"登録と切り替え": 8, "8月の一覧": 3, "再現": 4, "公平性とカード": 8},
    ),
    "カードの数を手で打つ": (
        {8: [("card = model_card.render_card(record)",
              "card = model_card.render_card(record).replace("
              "f\"AUC: {found['測った数']['AUC']:.3f}\", 'AUC: 0.861')")]},
        {"公平性とカード": 8},
    ),
}  # fmt: skip


def opened(number):
    """受講番号 ``number`` で、練習の手前まで動かした、修了課題の名前空間。"""
    matplotlib.use("Agg")
    names = {"__name__": "capstone_lesson", "check": lesson_70.check}
    for cell in read_lesson(LESSONS / LESSON).cells:
        if cell.kind == "code" and not cell.role[0] and "check" not in cell.source:
            source = cell.source.replace("my_number = 2", f"my_number = {number}")
            exec(compile(source, cell.title or "セル", "exec"), names)  # noqa: S102
    return names


@pytest.fixture(scope="module")
def office():
    return opened(2)


def worked(office, patches):
    """解答を書き換えながら9つのブロックを解いた、ブロックごとの点。"""
    office["spark"].sql("DROP TABLE IF EXISTS scored_rows")
    exercises = group_exercises(read_lesson(LESSONS / LESSON), read_lesson(SOLUTIONS / LESSON))
    for number, exercise in sorted(exercises.items()):
        source = exercise.answer.code.source
        for before, after in patches.get(number, []):
            assert before in source, (number, before)
            source = source.replace(before, after)
        exec(compile(source, f"練習 {number}", "exec"), office)  # noqa: S102
        eval(f"check({number})", office)  # noqa: S307
    return lesson_70.check.points()


@pytest.mark.parametrize("name", PROJECTS)
def test_projects_get_the_points_they_deserve(office, name):
    patches, lost = PROJECTS[name]
    points = worked(office, patches)
    assert points == {block: full - lost.get(block, 0) for block, full in capstone.FULL.items()}
    assert (capstone.verdict(points) == "合格です。") == (name == "正直な仕事")


@pytest.mark.parametrize("number", [1, 3])
def test_answers_are_right_in_companies_of_other_prices(number):
    """値上げの額は番号を3で割った余り、月は2で割った余りで決まる（本の2番と合わせて、3通りの額）。"""
    assert worked(opened(number), {}) == capstone.FULL


REFUSED = 12  # 正しい候補が、ゲートに断られる会社


@pytest.mark.parametrize("written", [True, False])
def test_refused_candidate_needs_a_written_reason(written):
    """断られた候補を本番にするには、訳がいる。訳を書く解答なら、断られた会社でも満点になる。"""
    names = opened(REFUSED)
    points = worked(names, {} if written else {5: [("if reasons:", "if False:")]})
    lost = {} if written else {"登録と切り替え": 8}
    assert names["reasons"]
    assert points == {block: full - lost.get(block, 0) for block, full in capstone.FULL.items()}


def test_keeping_the_predecessor_s_model_is_not_a_switch():
    """前任者の一覧でも「損得」に届く会社がある。モデルを替えない仕事は、登録と切り替えで落とす。"""
    kept = [
        ('"production", version', '"production", "1"'),
        ("version = capstone.register_once", "registered = capstone.register_once"),
        ("model_version(model_name, version", "model_version(model_name, registered"),
        ("tag(model_name, version", "tag(model_name, registered"),
        ("about = (", 'version = "1"\nabout = ('),
    ]
    points = worked(opened(8), {5: kept, 6: [("chance(candidate", "chance(champion")]})
    assert points["8月の一覧"] == 12 and points["登録と切り替え"] == 0


def test_refused_candidate_is_not_written_as_accepted():
    """嘘の記録は、訳の書き忘れより軽くない。"""
    names = opened(REFUSED)
    points = worked(names, {5: [('"見送り" if reasons else "合格"', '"合格"')]})
    assert points == capstone.FULL | {"登録と切り替え": 0}
