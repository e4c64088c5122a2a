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
    """よくある書き方の誤り → その時の値。"""
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    own = np.unique(np.quantile(reference, inner))
    both = np.quantile(pd.concat([reference, current]), inner)
    ten = np.unique(np.quantile(reference, np.arange(1, 10) / 10))
    width = np.linspace(reference.min(), reference.max(), bins + 1)[1:-1]
    a, b = shares(reference, current, own)
    filled = (a > 0) & (b > 0)
    sizes = len(reference), len(current)

    def cut_at(edges, side="left"):
        return distance(*shares(reference, current, np.unique(edges), side))

    return {
        "区切りを今月の列から求めています。基準の列の等分点で区切ります。": cut_at(
            np.quantile(current, inner)
        ),
        "区切りを、2つの列を合わせて求めています。基準の列だけから求めます。": cut_at(both),
        "区切りが、値の幅を等分しています。人数が等しくなる分位点で区切ります。": cut_at(width),
        "区切りの数が、いつも同じです。区間の数は`bins`で決めます。": cut_at(ten),
        "区切りちょうどの値が、上の区間に入っています。下の区間に入れます。": cut_at(own, "right"),
        "向きが逆のようです。今月から基準を引きます。": -distance(a, b),
        "割合が0の区間を飛ばしています。0.0001とみなして、合計に入れます。": distance(
            a[filled], b[filled]
        ),
        "0.0001を、どの区間にも足しています。みなすのは、割合が0の区間だけです。": distance(
            a + 1e-4, b + 1e-4
        ),
        "比の対数を掛けていません。": (b - a).sum(),
        "人数のまま計算しています。区間ごとの割合に直してから比べます。": distance(
            a * sizes[0], b * sizes[1]
        ),
    }


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
    given = {}
    for said, *case in columns():
        answer = run(*case, said=f"psi（{said}）")
        value = answer.value
        if isinstance(value, float | np.floating) and not math.isfinite(value):
            retry(
                f"{said}で、値が数になりません。"
                "割合が0の区間では、対数を計算する前に0.0001とみなします。"
            )
        given[said] = number(answer)
    right = {said: churn_ops.psi(*case) for said, *case in columns()}
    wrong = [said for said in right if not near(given[said], right[said], 1e-6)]
    if not wrong:
        return "同じ列なら0で、離れるほど大きくなります。どの区間が0でも、止まりません。"
    causes = {said: mistaken(*case) for said, *case in columns()}
    for cause in causes[wrong[0]]:
        # どの例でも、その誤りをした時の値と同じなら、それが原因
        if all(near(given[said], causes[said][cause], 1e-6) for said in given):
            retry(f"{wrong[0]}で、値が合いません。{cause}")
    retry(
        f"{wrong[0]}で、値が合いません。区切り、区間ごとの割合、合計の順に、"
        "問題文の4つと見比べてください。"
    )


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
SILENT, FEE = {"B", "C"}, {"D", "E"}


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
            "新規の月額の中央値が、いくらになったかを見てください。"
        )
    if wrong == SILENT:
        retry(
            "入力の静かな2つの会社が逆のようです。"
            "見込み（`predicted`）と実際（`churned`）の平均を比べてください。"
        )
    retry(
        f"{len(wrong)}つの会社で原因が違います。"
        "まず、新規のPSIがいちばん大きい列と、その値を、会社ごとに書き出してください。"
    )


# --- 練習4 --------------------------------------------------------------------

CHANGED, QUIET, TINY = "2026-10-01", "2026-11-01", ("2026-04-01", "2027-02-01")
CONSTANT = {"tenure_months", "orders_change"}  # 新規では全員が同じ値なので、鳴るはずのない列
# ``quiet`` の11月に、誤った作りのときだけ一緒に鳴る列
OTHER_COMPANY, OLD_CUSTOMERS = {"monthly_fee", "plan", "region"}, {"orders", "app_days"}


@functools.lru_cache
def worlds():
    """試す表。

    ``changed`` は、10月に値上げをし、広告で知った新規が6月から毎月少しずつ増えた世界。
    ``quiet`` は、はじめから月額とプランと地域が違う会社で、4月から10月まで新規が広告ばかりになり、
    11月に戻る。その11月、前からの顧客の1割が使うのをやめる（新規には、何も起きていない）。
    ``tiny`` は何も起きない小さな会社。緩い線なら鳴る列が多い種と月を選んでいる。
    """
    changed = churn_worlds.make_world(n_customers=4_000, seed=5, **churn_worlds.PRICE_RISE)
    elapsed = (12 * (changed["month"].dt.year - 2026) + changed["month"].dt.month - 5).clip(0)
    joined = np.random.default_rng(0).random(len(changed)) < 0.09 * elapsed
    quiet = churn_worlds.make_world(n_customers=4_000, seed=5)
    new, month = quiet["tenure_months"] == 1, quiet["month"]
    stopped = ~new & (month == QUIET) & (quiet["customer_id"] % 10 == 0)
    return {
        "changed": changed.assign(
            channel=changed["channel"].mask(joined & (changed["tenure_months"] == 1), "広告")
        ),
        "quiet": quiet.assign(
            monthly_fee=quiet["monthly_fee"] + 2000,
            plan=quiet["plan"] + "プラン",
            region=quiet["region"] + "地方",
            channel=quiet["channel"].mask(new & month.between("2026-04-01", "2026-10-01"), "広告"),
            orders=quiet["orders"].mask(stopped, 0),
            app_days=quiet["app_days"].mask(stopped, 0),
        ),
        "tiny": churn_worlds.make_world(n_customers=800, seed=22),
    }


def rang(run, world, month, said):
    """``watch`` が、``month`` に鳴ったという列。"""
    answer = run(worlds()[world], month, said=f"watch（{said}、{month[:7]}）")
    found = set(sequence(answer, of=text, ordered=False, empty=True))
    if not found <= set(churn_ops.FEATURES):
        retry("見張る13列に無い名前が返りました。鳴った列の名前のリストを返します。")
    if found & CONSTANT:
        retry(
            f"{said}の{month[:7]}に、`{min(found & CONSTANT)}`が鳴りました。"
            "新規では全員が同じ値の列です。顔ぶれの入れ替わる、前からの顧客も見ていませんか。"
        )
    return found


@check.judge(4)
def _(watch):
    run = function(watch, ["rows", "month"])
    changed = rang(run, "changed", CHANGED, "値上げの世界")
    if "monthly_fee" not in changed:
        retry(
            "値上げの世界の2026年10月に、`monthly_fee`が鳴りません。"
            "月額が上がるのは新しい契約だけです。誰を見ますか。"
        )
    quiet = rang(run, "quiet", QUIET, "新規には何も起きていない会社")
    if quiet >= OTHER_COMPANY:
        retry(
            "はじめから月額やプランの違う会社で、何も起きない月に`monthly_fee`や`plan`が鳴りました。"
            "基準は、本文の行ではなく、`rows`から選びます。"
        )
    if quiet >= OLD_CUSTOMERS:
        retry(
            "前からの顧客の1割が使わなくなった月に、`orders`と`app_days`が鳴りました。"
            "見るのは、その月に契約した人だけです。"
        )
    if "channel" in quiet:
        retry(
            "4月から10月まで新規が広告ばかりだった会社で、元の割合に戻った11月に`channel`が鳴りました。"
            "基準に、見張り始めた後の月が入っていませんか。"
        )
    if "channel" not in changed:
        retry(
            "広告で知った新規が6月から増え、10月に半分を大きく超えた世界で、`channel`が鳴りません。"
            "誰を、どの月と比べるかは直っています。線が高すぎないか見てください。"
        )
    tiny = [name for month in TINY for name in rang(run, "tiny", month, "小さな会社")]
    for found, said in ((quiet, "何も起きない月に"), (tiny, "何も起きない小さな会社で、2か月に")):
        if len(found) > 1:
            retry(
                f"{said}{len(found)}回鳴りました。誰を、どの月と比べるかは直っています。"
                "線が低いか、ほかの人数で引いた線です。"
                "その会社の、その月の人数から、年に1回になる線を引きます。"
            )
    return "値上げの月にも、ゆっくりした変化にも鳴り、何もない月は小さな会社でも静かです。"
