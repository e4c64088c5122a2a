"""レッスン62の答えを判定する。"""

import re

import churn_steps
import model_card
import numpy as np
import pandas as pd

from checks import Exercises, function, mapping, near, number, retry, table, text, word

check = Exercises()


# --- 練習1 --------------------------------------------------------------------


def draws(shares, size):
    """グループの大きさ ``size`` と割合 ``shares`` から作る、載っていたかと名前の配列。"""
    names = np.repeat([f"地方{place}" for place in range(len(size))], size)
    hits = np.concatenate(
        [
            np.arange(people) < round(people * share)
            for share, people in zip(shares, size, strict=True)
        ]
    ).astype(float)
    order = np.random.default_rng(62).permutation(len(hits))
    return hits[order], names[order]


# 呼び名、グループの割合、グループの人数
CASES = (
    ("割合のまったく同じ2つのグループ", (0.5, 0.5), (40, 40)),
    ("少し違う3つのグループ", (0.3, 0.4, 0.45), (40, 60, 80)),
    ("4人しかいないグループのある表", (0.0, 0.35, 0.4), (4, 100, 120)),
    ("低いほうに外れたグループのある表", (0.1, 0.45, 0.45, 0.5), (30, 80, 80, 60)),
    ("一覧に載った人が1人だけの表", (0.0, 0.1), (10, 10)),
    ("人数の違う6つのグループ", (0.42, 0.34, 0.36, 0.23, 0.37, 0.4), (33, 65, 45, 31, 46, 134)),
)
TOLERANCE = 0.06  # 1,000回の付け直しの、偶然の揺れの4倍ほど


def by_average(hits, groups):
    """差を、全体の割合からいちばん離れたグループとの差で測ったP値。"""
    shuffled = model_card.shuffled_shares(hits, groups).to_numpy()
    _, real = _shares(hits, groups)
    away = np.abs(real - hits.mean()).max()
    return (np.abs(shuffled - hits.mean()).max(axis=1) >= away - 1e-12).mean()


def strictly(hits, groups):
    """本当の差と同じ大きさの回を数えないP値。"""
    shuffled = model_card.shuffled_shares(hits, groups).to_numpy()
    _, real = _shares(hits, groups)
    return (np.ptp(shuffled, axis=1) > np.ptp(real) + 1e-12).mean()


def typed(line):
    """本当の差を、渡された表からではなく、打った値 ``line`` にしたP値。"""
    return lambda hits, groups: (_gaps(hits, groups) >= line).mean()


def _gaps(hits, groups):
    return np.ptp(model_card.shuffled_shares(hits, groups).to_numpy(), axis=1)


def redrawn(hits, groups):
    """名前を並べ替えずに、重複を許して引き直したP値。"""
    codes, names = pd.factorize(np.asarray(groups), sort=True)
    rng = np.random.default_rng(0)
    drawn = [rng.choice(codes, len(codes)) for _ in range(1000)]
    with np.errstate(invalid="ignore"):
        share = [
            np.bincount(one, hits, len(names)) / np.bincount(one, None, len(names)) for one in drawn
        ]
    gaps = np.nanmax(share, axis=1) - np.nanmin(share, axis=1)
    return (gaps >= np.ptp(_shares(hits, groups)[1]) - 1e-12).mean()


def hits_redrawn(hits, groups):
    """載っていたかのほうを、重複を許して引き直したP値。"""
    codes, _ = pd.factorize(np.asarray(groups), sort=True)
    rng = np.random.default_rng(0)
    share = [model_card.shares(rng.choice(hits, len(hits)), codes) for _ in range(1000)]
    return (np.ptp(share, axis=1) >= np.ptp(_shares(hits, groups)[1]) - 1e-12).mean()


def _shares(hits, groups):
    codes, names = pd.factorize(np.asarray(groups), sort=True)
    return names, model_card.shares(hits, codes)


AGAIN = (
    "`rng.choice`は、同じものを何度も選びます。"
    "名前の数も、載っていた人の数も変えずに、並べ替えます。"
)
TYPED = "本当の差が、打った値のままです。渡された`hits`と`groups`から計算します。"
MISTAKES = (
    (redrawn, AGAIN),
    (hits_redrawn, AGAIN),
    (typed(0.2 - 1e-12), TYPED),
    (typed(0.2 + 1e-12), TYPED),
    (typed(0.198), TYPED),
    (strictly, "本当の差とちょうど同じ差になった回も、数に入れます。"),
    (by_average, "差は、全体の割合からの離れ方ではなく、グループどうしの最大と最小の差です。"),
    (
        lambda hits, groups: 1 - model_card.gap_by_chance(hits, groups),
        "本当の差に届かない回を数えています。数えるのは、本当の差以上になった回です。",
    ),
)


@check.judge(1)
def _(gap_by_chance):
    run = function(gap_by_chance, ["hits", "groups"])
    found = []
    for case, shares, size in CASES:
        hits, groups = draws(shares, size)
        answer = run(hits, groups, said=f"gap_by_chance（{case}）")
        p = number(answer)
        if not (np.array_equal(run.received[0], hits) and np.array_equal(run.received[1], groups)):
            retry(
                "渡された`hits`か`groups`の順が変わります。"
                "`rng.shuffle`は元の配列を並べ替えます。`rng.permutation`は新しい配列を返します。"
            )
        if p > 1:
            retry(
                f"{case}で1より大きい数が返りました。0から1の割合にします"
                "（回数なら付け直した1,000回で、百分率なら100で割ります）。"
            )
        found.append((case, hits, groups, p))
    again = run(*found[1][1:3], said=f"gap_by_chance（{found[1][0]}、2度目）")
    if number(again) != found[1][3]:
        retry("同じ引数で2度呼ぶと、違う値が返ります。乱数の種を関数の中で決めます。")
    values = [p for *_, p in found]
    inside = [p for p in values if 0 < p < 1]
    if len(set(values)) > 1 and inside and all(near(100 * p, round(100 * p)) for p in inside):
        retry(
            "どの表でも、P値が0.01の刻みになっています。"
            "付け直すのは1,000回です（返す値も丸めません）。"
        )
    wrong = [
        (case, p)
        for case, hits, groups, p in found
        if not near(p, model_card.gap_by_chance(hits, groups), TOLERANCE)
    ]
    if not wrong:
        return "名前に意味のない世界を作り、そこで開く差と比べられます。"
    for mistake, message in MISTAKES:
        theirs = [mistake(hits, groups) for _, hits, groups, _ in found]
        if all(near(mine, one, TOLERANCE) for mine, one in zip(values, theirs, strict=True)):
            retry(f"「{wrong[0][0]}」で、P値が合いません。{message}")
    if set(values) <= {0.0, 1.0}:
        retry(
            "どの表でも0か1が返ります。付け直すのは毎回違う並びですか"
            "（繰り返しの中で同じ種の`rng`を作ると、毎回同じ並びになります）。"
            "`hits`と`groups`を一緒に並べ替えると、組が変わらず、差も動きません。"
        )
    if len(set(values)) == 1:
        retry(
            f"どの表を渡しても、同じ{values[0]:.3g}が返ります。"
            "本文の`found`や`region`ではなく、引数の`hits`と`groups`から計算します。"
        )
    retry(
        f"「{wrong[0][0]}」で、P値が合いません。"
        "`groups`を重なりなく並べ替えて差を計算し直し、本当の差以上になった回の割合を返します。"
    )


# --- 練習2 --------------------------------------------------------------------

CAUSES = ("表", "モデル", "人数", "中身", "偶然")
LOOK = {
    "表": "入力の記録が、ほかのグループと同じかを見てください。",
    "モデル": "予測と実際のずれを、揺れの3倍と、実際の2割の両方と比べてください。",
    "人数": "解約した人がいちばん少ないグループの人数を、10人と比べてください。",
    "中身": "P値を、0.05を切り口の数で割った値と比べてください。",
}


def cause_of(one):
    """本文の表のとおりに決めた原因。``one`` は ``measurements`` の1行。"""
    off = abs(one["予測"] - one["実際"])
    if one["入力の記録"] != "同じ":
        return "表"
    if off > 3 * one["揺れ"] and off > 0.2 * one["実際"]:
        return "モデル"
    if one["最少の解約"] < 10:
        return "人数"
    return "中身" if one["P値"] < 0.05 / one["切り口の数"] else "偶然"


@check.judge(2)
def _(causes, *, measurements):
    also = {"データ": "表", "人数不足": "人数", "元の差": "中身"}
    given = mapping(causes, list(measurements.index), lambda part: word(part, CAUSES, also))
    for name, one in measurements.iterrows():
        right = cause_of(one)
        if given[name] != right:
            first = min(right, given[name], key=CAUSES.index)  # 順に確かめて、食い違う所
            retry(f"`{name}`を「{given[name]}」としています。{LOOK[first]}")
    return (
        "P値が0.2を超えても、BとGには直す所があります。"
        "P値が0.05より小さくても、Eは判断を待ち、Dは差があるとは言えません。"
    )


# --- 練習3 --------------------------------------------------------------------

COLUMNS = ["人数", "選ばれた割合", "解約", "再現率", "下の端", "上の端"]
LINE = churn_steps.THRESHOLD


def people(seed, size, nobody):
    """4つの地方の表と確率。``nobody`` の地方では誰も解約しない。ちょうど分かれ目の人もいる。"""
    rng = np.random.default_rng(seed)
    areas = rng.choice(["中部", "関東", "近畿", "九州・沖縄"], size, p=[0.1, 0.5, 0.3, 0.1])
    probability = np.round(rng.beta(1, 3, size), 3)
    churned = (rng.random(size) < probability).astype(float)
    churned[areas == nobody] = 0
    probability[::7] = LINE
    rows = pd.DataFrame(
        {"region": areas, "plan": rng.choice(["甲", "乙"], size), "churned": churned}
    )
    return rows.set_index(rng.permutation(size) + 5000), probability


@check.judge(3)
def _(by_group):
    run = function(by_group, ["rows", "probability", "column"])
    for case, seed, size, nobody, column in (
        ("4つの地方の表", 1, 400, None, "region"),
        ("2つのプランの表", 2, 300, None, "plan"),
        ("中部で誰も解約しない表", 3, 260, "中部", "region"),
    ):
        rows, p = people(seed, size, nobody)
        said = f"by_group（{case}）"
        answer = run(rows, p, column, said=said)
        if not run.received[0].equals(rows):
            retry("渡された`rows`が書き換わります。列を足すなら`assign`で新しい表を作ります。")
        given = table(answer)
        right = model_card.by_group(rows, p, column)
        if missing := [name for name in COLUMNS if name not in given.columns]:
            retry(f"{case}の答えに、列「{missing[0]}」がありません。")
        given = _named(given, right, column, case)
        _compare(given, right, rows, p, column, case)
    return "分母がグループの中に収まり、測れないグループは0にならず、NaNになりました。"


def _named(given, right, column, case):
    """行の名前がグループの名前の、``right`` と同じ順の表。"""
    for name in given.columns:
        if set(given[name]) == set(right.index):
            retry(
                f"{case}で、グループの名前が列「{name}」に入っています。"
                f"`set_index`などで、行の名前にします。"
            )
    if set(given.index) != set(right.index) or len(given) != len(right):
        retry(f"{case}で、行の名前がグループの名前になっていません（1つのグループに1行です）。")
    return given.loc[right.index, COLUMNS].astype(float)


def _compare(given, right, rows, p, column, case):
    """列ごとに比べ、違う列の原因を言う。"""
    same = {
        name: np.allclose(given[name], right[name], atol=1e-6, equal_nan=True) for name in COLUMNS
    }
    empty = right["再現率"].isna()
    if given.loc[empty, ["再現率", "下の端", "上の端"]].notna().any(axis=None):
        retry(
            f"{case}で、解約した人のいないグループに値が入っています。測れないので、NaNにします。"
        )
    if not same["人数"] or not same["解約"]:
        retry(
            f"{case}で、人数か解約した人数が合いません。行の番号ではなく、順番で確率と組にします。"
        )
    if not same["選ばれた割合"]:
        retry(f"{case}で、選ばれた割合が合いません。{_selected_reason(given, rows, p, column)}")
    if not same["再現率"]:
        retry(f"{case}で、再現率が合いません。{_recall_reason(given, rows, p, column)}")
    if not (same["下の端"] and same["上の端"]):
        retry(
            f"{case}で、範囲の端が合いません。"
            "`model_card.recall_range`に、見つけた人数、解約した人数の順で渡します。"
        )


def _shares_by(rows, column, chosen, among):
    """グループごとの、``among`` の人のうち ``chosen`` の人の割合。"""
    groups = rows[column].to_numpy()
    return pd.Series(chosen[among]).groupby(groups[among]).mean()


def _selected_reason(given, rows, p, column):
    everyone = np.full(len(rows), True)
    for called, reason in (
        (p > LINE, "確率がちょうど0.3125の人も、選ばれた人です。"),
        (p >= 0.5, "線は0.5ではなく、`churn_steps.THRESHOLD`です。"),
    ):
        if np.allclose(given["選ばれた割合"], _shares_by(rows, column, called, everyone)):
            return reason
    if not given["選ばれた割合"].fillna(0).any():
        return (
            "どのグループも0か値なしです。`rows`の行の番号は0から並ばないので、"
            "`to_numpy()`で配列にし、順番で確率と組にします。"
        )
    if given["選ばれた割合"].nunique() == 1:
        return "どのグループも同じ値です。そのグループの人だけで割合を計算します。"
    return "選ばれた人の条件と、分母を見てください。"


def _recall_reason(given, rows, p, column):
    left, called = rows["churned"].to_numpy() == 1, p >= LINE
    if near(np.nansum(given["再現率"]), called[left].mean(), 0.001):
        return "全部足すと、全体の再現率になります。分母は、そのグループで解約した人です。"
    precision = _shares_by(rows, column, left, called).reindex(given.index)
    if np.allclose(given["再現率"], precision, equal_nan=True):
        return "一覧に載った人のうちの解約した人（適合率）になっています。"
    return "分子は、そのグループで解約し、一覧に載っていた人です。"


# --- 練習4 --------------------------------------------------------------------

LISTS = ("使う場面", "使ってはいけない場面", "測っていないこと")
HEADINGS = ("使う場面", "使ってはいけない場面", "測った数", "測っていないこと")
RECORDS = (
    ("授業の記録", {
        "題": "遅れ予測 バージョン3", "使う場面": ["明日の配達から、早めに連絡する先を選ぶ"],
        "使ってはいけない場面": ["配達員の評価に使う", "雪の日の配達時刻を約束する"],
        "AUC": 0.8137, "配達": 12480, "再現率": {"平日": 0.412, "週末": 0.358, "祝日": None},
        "測っていないこと": ["連絡を受けた人が、予定を変えられたか"],
    }),
    ("来月の記録", {
        "題": "遅れ予測 バージョン5", "使う場面": ["明日の配達を選ぶ", "応援の人数を決める"],
        "使ってはいけない場面": ["配達員の評価に使う", "保険料を決める", "ほかの国で使う"],
        "AUC": 0.7764, "配達": 9371, "再現率": {"午前": 0.294, "午後": 0.519},
        "測っていないこと": ["連絡の効果", "夜の配達"],
    }),
    ("1つのグループだけの記録", {
        "題": "遅れ予測 バージョン8", "使う場面": ["明日の配達を選ぶ"],
        "使ってはいけない場面": ["配達員の評価に使う", "料金を決める"],
        "AUC": 0.6921, "配達": 845, "再現率": {"全員": None},
        "測っていないこと": ["連絡の効果"],
    }),
    ("1人も見つけられなかったグループのある記録", {
        "題": "遅れ予測 バージョン9", "使う場面": ["明日の配達を選ぶ"],
        "使ってはいけない場面": ["配達員の評価に使う", "料金を決める"],
        "AUC": 0.7135, "配達": 3260, "再現率": {"晴れ": 0.453, "大雪": 0.0},
        "測っていないこと": ["連絡の効果"],
    }),
)  # fmt: skip


@check.judge(4)
def _(make_card):
    run = function(make_card, ["record"])
    for case, record in RECORDS:
        answer = run(record, said=f"make_card（{case}）")
        if run.received[0] != record:
            retry("渡された`record`が書き換わります。")
        card = text(answer)
        first = card.splitlines()[0].strip()
        if first != f"# {record['題']}":
            retry(f"{case}のカードの1行目が、`# `と題ではありません。")
        _check_missing(case, card, record)
        _check_numbers(case, card, record)
        sections = model_card.sections_of(card)
        for heading in LISTS:
            joined = "\n".join(sections[heading])
            if missing := [one for one in record[heading] if one not in joined]:
                retry(f"{case}の「{heading}」に、「{missing[0]}」がありません。")
            if len(sections[heading]) < len(record[heading]):
                retry(f"{case}の「{heading}」は、文を1行に1つずつ書きます。")
        _check_measured(case, sections["測った数"], record)
    return "記録を替えれば、カードの数も替わります。打った数は、1つもありません。"


def _check_missing(case, card, record):
    """値のないグループの行に、「記録なし」と書いてあるか。"""
    for name in (name for name, value in record["再現率"].items() if value is None):
        mine = [line for line in card.splitlines() if name in line]
        if mine and not any("記録なし" in line for line in mine):
            retry(
                f"{case}の「{name}」の再現率は、値が`None`です。"
                "0や空にせず、その行に「記録なし」と書きます。"
            )


def _check_numbers(case, card, record):
    """見出しがそろい、記録にない数がないか。"""
    problems = model_card.card_problems(card, record, HEADINGS)
    if not problems:
        return
    if case != "授業の記録" and any(one.startswith("記録にない数") for one in problems):
        unknown = next(one for one in problems if one.startswith("記録にない数"))
        retry(
            f"{case}で作ったカードに、記録にない数「{unknown.partition(': ')[2]}」があります。"
            "授業の記録の数を打っているか、丸め方や単位が違います。値は`record`から取ります。"
        )
    if "「使ってはいけない場面」が2つない" in problems:
        retry(f"{case}の「使ってはいけない場面」が1行だけです。リストの文を1行に1つずつ書きます。")
    retry(f"{case}で作ったカードに困る所があります: {problems[0]}。")


def _check_measured(case, lines, record):
    """「測った数」に、AUC、配達の数、グループごとの再現率があるか。"""
    plain = [line.replace(",", "") for line in lines]
    numbers = {float(one) for line in plain for one in re.findall(r"\d+\.\d+", line)}
    if not numbers & {round(record["AUC"], digits) for digits in (2, 3)}:
        retry(
            f"{case}の「測った数」に、小数第2位か3位までのAUCがありません"
            "（丸めずに書いていないかも見てください）。"
        )
    if not any(str(record["配達"]) in line for line in plain):
        retry(f"{case}の「測った数」に、配達の数がありません。")
    for name, value in record["再現率"].items():
        mine = [line for line in lines if name in line]
        if not mine:
            retry(f"{case}の「測った数」に、グループ「{name}」の行がありません。")
        if value == 0 and any("記録なし" in line for line in mine):
            retry(
                f"{case}の「{name}」の再現率は0で、値があります。"
                "「記録なし」とするのは、値が`None`のときだけです。"
            )
        wanted = "記録なし" if value is None else rf"(?<![\d.]){value:.0%}"
        if not any(re.search(wanted, line.replace(" ", "")) for line in mine):
            what = "「記録なし」" if value is None else "百分率の整数（`41%`のように）"
            retry(f"{case}の「{name}」の再現率は、{what}で書きます。")
    if sum("記録なし" in line for line in lines) > sum(
        value is None for value in record["再現率"].values()
    ):
        retry(f"{case}で、記録のある値まで「記録なし」になっています。")
