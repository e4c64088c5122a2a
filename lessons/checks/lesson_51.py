"""レッスン51の答えを判定する。"""

import functools
import math

import churn_ops
import churn_worlds
import numpy as np
import pandas as pd
from drift_cases import CAUSES

from checks import Exercises, function, mapping, near, number, retry, sequence, text, word

check = Exercises()


# --- 練習1 --------------------------------------------------------------------


@functools.lru_cache
def columns():
    """試す（呼び名、基準、今月、区間の数）。形、人数、割合が0の区間、区切りの上の値を変える。"""
    rng = np.random.default_rng(51)
    fee, higher = rng.lognormal(8.6, 0.4, 500), rng.lognormal(8.7, 0.5, 400)
    visits, fewer = rng.binomial(4, 0.7, 600), rng.binomial(4, 0.5, 300)
    cases = [
        ("同じ列どうし", fee, fee, 10),
        ("人数の違う2つの列", fee, higher, 10),
        ("5つの値しかない列", visits, fewer, 10),
        ("区間が4つのとき", fee, higher, 4),
        ("今月が1つも入らない区間のある列", fee, fee[fee > np.median(fee)] * 2, 10),
        ("今月が安いほうにしかない列", fee, fee[fee < np.median(fee)] / 2, 10),
    ]
    named = pd.RangeIndex(7, 7 + 10_000)  # 行の名前は0から始まらない
    return [
        (said, pd.Series(a, named[: len(a)], float), pd.Series(b, named[: len(b)], float), bins)
        for said, a, b, bins in cases
    ]


def mistaken(reference, current, bins):
    """よくある書き方の誤りと、その時の値。"""
    both = pd.concat([reference, current])
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    own = np.unique(np.quantile(reference, inner))
    width = np.linspace(reference.min(), reference.max(), bins + 1)[1:-1]
    edges = {
        "区切りを今月の列から求めています。基準の列の等分点で区切ります。": np.unique(
            np.quantile(current, inner)
        ),
        "区切りを、2つの列を合わせて求めています。基準の列だけから求めます。": np.unique(
            np.quantile(both, inner)
        ),
        "区切りが、値の幅を等分しています。人数が等しくなる分位点で区切ります。": width,
    }
    for said, cut in edges.items():
        yield said, distance(*shares(reference, current, cut))
    a, b = shares(reference, current, own, side="right")
    yield "区切りちょうどの値が、上の区間に入っています。下の区間に入れます。", distance(a, b)
    a, b = shares(reference, current, own)
    yield "向きが逆のようです。今月から基準を引きます。", -distance(a, b)
    filled = (a > 0) & (b > 0)
    yield (
        "割合が0の区間を飛ばしています。0.0001とみなして、合計に入れます。",
        distance(a[filled], b[filled]),
    )
    yield "比の対数を掛けていません。", (b - a).sum()
    sizes = len(reference), len(current)
    yield (
        "人数のまま計算しています。区間ごとの割合に直してから比べます。",
        distance(a * sizes[0], b * sizes[1]),
    )


def shares(reference, current, edges, side="left"):
    count = len(edges) + 1
    return [
        np.bincount(np.searchsorted(edges, x, side=side), minlength=count) / len(x)
        for x in (reference, current)
    ]


def distance(a, b):
    a, b = np.maximum(a, 1e-4), np.maximum(b, 1e-4)
    return float(((b - a) * np.log(b / a)).sum())


@check.judge(1)
def _(psi):
    run = function(psi, ["reference", "current", "bins"])
    for said, reference, current, bins in columns():
        answer = run(reference, current, bins, said=f"psi（{said}）")
        value = answer.value
        if isinstance(value, float | np.floating) and not math.isfinite(value):
            retry(
                f"{said}で、値が数になりません。"
                "割合が0の区間では、対数を計算する前に0.0001とみなします。"
            )
        given, right = number(answer), churn_ops.psi(reference, current, bins)
        if near(given, right, 1e-6):
            continue
        for cause, wrong in mistaken(reference, current, bins):
            if near(given, wrong, 1e-6) and not near(wrong, right, 1e-6):
                retry(f"{said}で、値が合いません。{cause}")
        retry(
            f"{said}で、値が合いません。区切り、区間ごとの割合、合計の順に、"
            "問題文の4つと見比べてください。"
        )
    return "同じ列なら0で、離れるほど大きくなります。どの区間が0でも、止まりません。"


# --- 練習2 --------------------------------------------------------------------


@functools.lru_cache
def quiet_tables():
    """試す（1年に鳴ってよい回数、何も変わらない月のPSI）。列の数も、列ごとの大きさも違う。"""
    rng = np.random.default_rng(52)
    names = [f"列{number}" for number in range(13)]
    return [
        (
            per_year,
            pd.DataFrame(
                rng.chisquare(9, (20_000, count)) * np.linspace(0.002, 0.01, count),
                columns=names[:count],
            ),
        )
        for per_year, count in ((1, 13), (2, 13), (1, 4), (3, 6))
    ]


@check.judge(2)
def _(line):
    run = function(line, ["quiet", "per_year"])
    for per_year, quiet in quiet_tables():
        said = f"{quiet.shape[1]}列で年に{per_year}回まで"
        lines = mapping(run(quiet, per_year, said=f"line（{said}）"), list(quiet), number)
        over = quiet.gt(pd.Series(lines)).mean()
        rings = 12 * over.sum()
        if near(rings, 12 * per_year, 0.3 * per_year):
            retry(f"{said}のつもりが、月に{per_year}回ほど鳴ります。1年は12か月です。")
        if near(rings, quiet.shape[1] * per_year, 0.05 * per_year):
            retry(
                f"{said}のつもりが、1列につき年に{per_year}回、全部で{rings:.0f}回鳴ります。"
                "列の数も、確かめの回数に入ります。"
            )
        if rings > 1.03 * per_year:
            retry(
                f"{said}のつもりが、何もない年に{rings:.1f}回鳴ります。"
                "1年の確かめの回数のうち、何回まで超えてよいかを考えます。"
            )
        if rings < 0.97 * per_year:
            retry(
                f"{said}なら、線はもっと低くできます。いまは年に{rings:.1f}回しか鳴らず、"
                "小さな変化を見逃します。"
            )
        if over.max() > 1.5 * over.min():
            retry(f"{said}で、鳴りやすい列と鳴りにくい列があります。線は、列ごとに引きます。")
    return "列の数と許せる回数を変えても、何もない年に鳴る回数は決めたとおりです。"


# --- 練習3 --------------------------------------------------------------------

RIGHT = {"A": "広告", "B": "何もない", "C": "季節", "D": "値上げ", "E": "単位"}
QUIET, FEE = {"B", "C"}, {"D", "E"}


@check.judge(3)
def _(causes):
    given = mapping(causes, list(RIGHT), lambda part: word(part, CAUSES))
    wrong = {name for name in RIGHT if given[name] != RIGHT[name]}
    if not wrong:
        return "入力だけ、結果だけでは、5つを見分けられません。"
    if len(set(given.values())) < len(CAUSES):
        retry("5つの原因は、5つの会社に1つずつです。同じ原因が2度出てきます。")
    if wrong == FEE:
        retry(
            "月額が動いた2つの会社が逆のようです。"
            "新規の月額の真ん中の値が、いくらになったかを見てください。"
        )
    if wrong == QUIET:
        retry(
            "入力の静かな2つの会社が逆のようです。"
            "見込み（`predicted`）と実際（`churned`）の平均を比べてください。"
        )
    retry(
        f"{len(wrong)}つの会社で原因が違います。"
        "まず、新規のPSIがしきい値を超えた列を、会社ごとに書き出してください。"
    )


# --- 練習4 --------------------------------------------------------------------

SEED, QUIET_MONTHS = 15, ("2026-04-01", "2026-06-01", "2027-01-01")


@functools.lru_cache
def worlds():
    """試す表。``slow`` は、広告で知った新規が、2026年6月から毎月少しずつ増えていく。"""
    quiet = churn_worlds.make_world(n_customers=6_000, seed=SEED)
    elapsed = (12 * (quiet["month"].dt.year - 2026) + quiet["month"].dt.month - 5).clip(0)
    joined = np.random.default_rng(0).random(len(quiet)) < 0.07 * elapsed
    return {
        "quiet": quiet,
        "tiny": churn_worlds.make_world(n_customers=800, seed=SEED),
        "price": churn_worlds.make_world(n_customers=6_000, seed=SEED, **churn_worlds.PRICE_RISE),
        "slow": quiet.assign(
            channel=quiet["channel"].mask(joined & (quiet["tenure_months"] == 1), "広告")
        ),
    }


def rang(run, world, month, said):
    """``watch`` が、``month`` に鳴ったという列。"""
    answer = run(worlds()[world], month, said=f"watch（{said}、{month[:7]}）")
    return set(sequence(answer, of=text, ordered=False, empty=True))


@check.judge(4)
def _(watch):
    run = function(watch, ["rows", "month"])
    october = rang(run, "price", "2026-10-01", "値上げの世界")
    if not october <= set(churn_ops.FEATURES):
        retry("見張る13列に無い名前が返りました。鳴った列の名前のリストを返します。")
    if "monthly_fee" not in october:
        retry(
            "値上げの世界の2026年10月に、`monthly_fee`が鳴りません。"
            "月額が上がるのは新しい契約だけです。誰を見ますか。"
        )
    if "channel" not in rang(run, "slow", "2026-11-01", "広告の新規が増える世界"):
        retry(
            "広告で知った新規が6月から毎月少しずつ増える世界で、11月にも`channel`が鳴りません。"
            "基準に、変化の途中の月が入っていませんか。"
        )
    for world, said in {"quiet": "何も起きない世界", "tiny": "何も起きない、小さな会社"}.items():
        found = [rang(run, world, month, said) for month in QUIET_MONTHS]
        if sum(map(len, found)) > 1:
            retry(
                f"{said}で、3か月に{sum(map(len, found))}回鳴りました。"
                + (
                    "顔ぶれがゆっくり入れ替わる人たちを、見ていませんか。"
                    if world == "quiet"
                    else "人数が少ないほど、何も変わらなくてもPSIは揺れます。"
                    "しきい値は、その会社の人数から計算します。"
                )
            )
    return "値上げの月にも、ゆっくりした変化にも鳴り、何もない月は小さな会社でも静かです。"
