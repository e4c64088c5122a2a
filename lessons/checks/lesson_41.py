"""レッスン41の答えを判定する。"""

import math

import numpy as np
import pandas as pd

from checks import Exercises, function, mapping, near, number, retry, sequence, whole, word

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

SCORE, TOO_GOOD, DIRECTION, UNKNOWN = "点数", "できすぎ", "向き", "測れない"
GOOD = {"low": -0.004, "auc_gain": 0.001, "falls": {"苦情": 0.01, "注文": 0.03}}
NAN = float("nan")


def changed(**values):
    """良い候補の値の、一部を替えたもの。``...`` を渡したキーは除く。"""
    return {key: value for key, value in (GOOD | values).items() if value is not ...}


# 場合の説明、渡す値、理由に入るべき言葉、入っていてもよい言葉。
CASES = (
    ("すべて測れた良い候補", GOOD, set(), set()),
    ("lowが-0.02の候補", changed(low=-0.02), {SCORE}, set()),
    ("lowがちょうど-0.013の候補", changed(low=-0.013), set(), set()),
    ("lowが正の候補", changed(low=0.002), set(), set()),
    ("lowとauc_gainが0の候補", changed(low=0.0, auc_gain=0), set(), set()),
    ("auc_gainが0.06の候補", changed(auc_gain=0.06), {TOO_GOOD}, set()),
    ("auc_gainがちょうど0.05の候補", changed(auc_gain=0.05), set(), set()),
    ("auc_gainが負の候補", changed(auc_gain=-0.2), set(), set()),
    ("fallsの後の値が0.3の候補", changed(falls={"苦情": 0.01, "注文": 0.3}), {DIRECTION}, set()),
    ("fallsの前の値が0.3の候補", changed(falls={"苦情": 0.3, "注文": 0.01}), {DIRECTION}, set()),
    ("fallsの値が0.21の候補", changed(falls={"月額": 0.21}), {DIRECTION}, set()),
    ("fallsの値がちょうど0.2の候補", changed(falls={"月額": 0.2}), set(), set()),
    ("fallsの値が整数の0の候補", changed(falls={"苦情": 0}), set(), set()),
    ("3つとも破る候補", {"low": -1.0, "auc_gain": 0.5, "falls": {"苦情": 1}}, {SCORE, TOO_GOOD, DIRECTION}, set()),
    ("lowがNaNの候補", changed(low=NAN), {UNKNOWN}, {SCORE}),
    ("auc_gainがNaNの候補", changed(auc_gain=NAN), {UNKNOWN}, {TOO_GOOD}),
    ("fallsが空の候補", changed(falls={}), {UNKNOWN}, {DIRECTION}),
    ("lowが無く、auc_gainが0.06の候補", changed(low=..., auc_gain=0.06), {UNKNOWN, TOO_GOOD}, {SCORE}),
    ("auc_gainがNoneで、lowが-0.02の候補", changed(auc_gain=None, low=-0.02), {UNKNOWN, SCORE}, {TOO_GOOD}),
    ("auc_gainが無い候補", changed(auc_gain=...), {UNKNOWN}, {TOO_GOOD}),
    ("fallsが無く、lowが-0.02の候補", changed(falls=..., low=-0.02), {UNKNOWN, SCORE}, {DIRECTION}),
    ("fallsがNoneの候補", changed(falls=None), {UNKNOWN}, {DIRECTION}),
    ("fallsの前がNaNで、後が0.3の候補", changed(falls={"苦情": NAN, "注文": 0.3}), {UNKNOWN, DIRECTION}, set()),
    ("fallsの前が0.3で、後がNoneの候補", changed(falls={"苦情": 0.3, "注文": None}), {UNKNOWN, DIRECTION}, set()),
    ("fallsの前がNoneで、後が0.3の候補", changed(falls={"苦情": None, "注文": 0.3}), {UNKNOWN, DIRECTION}, set()),
    ("fallsの後だけがNaNの候補", changed(falls={"苦情": 0.01, "注文": NAN}), {UNKNOWN}, {DIRECTION}),
    ("lowが文字列の候補", changed(low="-0.004"), {UNKNOWN}, {SCORE}),
    ("空の辞書", {}, {UNKNOWN}, {SCORE, TOO_GOOD, DIRECTION}),
    ("scoresがNoneのとき", None, {UNKNOWN}, set()),
)  # fmt: skip


@check.judge(1)
def _(closed_gate):
    gate = function(closed_gate, ["scores"])
    for case, scores, wanted, allowed in CASES:
        reply = gate(scores, said=f"closed_gate（{case}）")
        if reply.value is None:
            retry(f"「{case}」で`None`が返ります。`return reasons`を忘れた道がありませんか。")
        options = [SCORE, TOO_GOOD, DIRECTION, UNKNOWN]
        found = {word(part, options) for part in sequence(reply, ordered=False, empty=True)}
        if missing := wanted - found:
            retry(_open(case, missing))
        if extra := found - wanted - allowed:
            retry(
                f"「{case}」で、理由に「{'、'.join(sorted(extra))}」が入ります。条件の境目と、調べる値を見てください。"
            )
    return "測れないものを通す道が、なくなりました。"


def _open(case, missing):
    if UNKNOWN not in missing:
        return (
            f"「{case}」の理由に「{'、'.join(sorted(missing))}」がありません。"
            "途中で`return`せずに、測れた値を最後まで調べていますか。"
        )
    if "NaN" in case:
        return f"「{case}」が、測れないと言われません。NaNとの比較は、どの向きでも偽になります。"
    if "文字列" in case:
        return f"「{case}」が、測れないと言われません。数に直せる文字列も、測れた値ではありません。"
    if "falls" in case:
        return f"「{case}」が、測れないと言われません。`for`が1度も回らないときと、値の1つずつを見てください。"
    return f"「{case}」が、測れないと言われません。値がないときに、どの道を通りますか。"


# --- 練習2 --------------------------------------------------------------------

PASS, SLICE = "通す", "スライス"
VERDICTS = {"A": PASS, "B": SCORE, "C": TOO_GOOD, "D": SLICE, "E": DIRECTION, "F": PASS}
LOOK = {
    "A": "`A`のずれは、人数の少ないスライスのものです。揺れの3倍と比べましたか。",
    "B": "`B`のAUCは上がっていますが、許す幅と比べるのは、どの列ですか。",
    "C": "`C`は良すぎないかを見てください。",
    "D": "`D`の予測と実際の差を、揺れの3倍と、実際の2割の両方と比べてください。",
    "E": "`E`の最後の列を見てください。",
    "F": "`F`のずれは揺れの3倍を超えますが、条件はもう1つあります。",
}


@check.judge(2)
def _(verdicts):
    options = [PASS, SCORE, TOO_GOOD, SLICE, DIRECTION]
    also = {"合格": PASS, "切り口": SLICE, "良すぎ": TOO_GOOD}
    given = mapping(verdicts, list(VERDICTS), lambda part: word(part, options, also))
    for name, right in VERDICTS.items():
        if given[name] != right:
            wrong_line = given[name] == SCORE and name != "C"
            retry(
                f"`{name}`の差の下の端は、0ではなく、許す幅の線と比べます。"
                if wrong_line
                else LOOK[name]
            )
    return (
        "AUCの下がった候補が通り、上がった候補が断られました。線は、結果を見る前に決めてあります。"
    )


# --- 練習3 --------------------------------------------------------------------

THRESHOLD = 0.3125


def people_rows(people, each, seed):
    """``people`` 人が ``each`` 行ずつある表と、2つのモデルの確率。同じ人の行は、よく似ている。"""
    rng = np.random.default_rng(seed)
    ids = np.repeat(np.arange(people) * 3 + 100_001, each)
    base = np.repeat(rng.random(people), each)
    churned = (np.repeat(rng.random(people), each) < base).astype(float)
    old = np.clip(base + np.repeat(rng.normal(0, 0.2, people), each), 0.01, 0.99)
    new = np.clip(base + np.repeat(rng.normal(0, 0.1, people), each), 0.01, 0.99)
    new[::9] = THRESHOLD  # ちょうど分かれ目の人にも電話する
    order = rng.permutation(len(ids))
    rows = pd.DataFrame({"customer_id": ids, "churned": churned})
    return rows.iloc[order].set_index(order + 5000), old[order], new[order]


def interval(rows, old, new, unit="customer_id", times=4000):
    """損得の差の合計の範囲。``unit`` が None なら、行を引き直す。"""
    yen = 4800 * rows["churned"].to_numpy() - 1500
    gain = yen * ((new >= THRESHOLD).astype(int) - (old >= THRESHOLD))
    if unit:
        gain = pd.Series(gain).groupby(rows[unit].to_numpy()).sum().to_numpy()
    drawn = np.random.default_rng(9).integers(len(gain), size=(times, len(gain)))
    return np.quantile(gain[drawn].sum(axis=1), [0.025, 0.975])


# 全員の差が同じ表: 説明、解約したか、いまのモデルの確率、候補の確率、1人の差（円）。引き直しても合計は変わらない。
CONSTANT = (
    ("全員が解約し、候補だけが全員に電話する表", 1.0, 0.1, 0.9, 3300),
    ("誰も解約せず、候補だけが全員に電話する表", 0.0, 0.1, 0.9, -1500),
    ("候補の確率が全員ちょうど0.3125の表", 0.0, 0.1, THRESHOLD, -1500),
    ("いまのモデルの確率が全員ちょうど0.3125の表", 1.0, THRESHOLD, 0.1, -3300),
)


def check_constant(measure):
    """全員の差が同じ表で、合計をそのまま返すか。"""
    rows = pd.DataFrame({"customer_id": np.arange(50) + 100_001, "churned": 0.0})
    for case, churned, old, new, each in CONSTANT:
        one = rows.assign(churned=churned)
        reply = measure(
            one, np.full(50, old), np.full(50, new), said=f"yen_gain_interval（{case}）"
        )
        low, high = (number(part) for part in sequence(reply, 2, form="`(下の端, 上の端)`の組"))
        if near(low, -each * 50, 0.5) and near(high, -each * 50, 0.5):
            retry("差の向きが逆です。候補の損得から、いまのモデルの損得を引きます。")
        if near(low, each, 0.5) and near(high, each, 0.5):
            retry("1人あたりの平均になっています。損得の差の合計の範囲を返します。")
        if not (near(low, each * 50, 0.5) and near(high, each * 50, 0.5)):
            retry(f"「{case}」の範囲が合いません。1人の損得と、電話する人の条件を見てください。")


@check.judge(3)
def _(yen_gain_interval):
    measure = function(yen_gain_interval, ["rows", "old", "new"])
    check_constant(measure)
    widths = []
    for people, each, seed in ((300, 1, 1), (120, 6, 2), (200, 4, 3)):
        rows, old, new = people_rows(people, each, seed)
        same = [
            number(part)
            for part in sequence(measure(rows, old, old, said="同じ確率を2つ渡す呼び出し"), 2)
        ]
        if not all(near(value, 0, 1e-6) for value in same):
            retry(
                "同じ確率を2つ渡しても、範囲が0になりません。"
                "2つのモデルの損得を別々に引き直さず、先に行ごとの差を取ります。"
            )
        reply = measure(rows, old, new, said="yen_gain_interval(rows, old, new)")
        low, high = (number(part) for part in sequence(reply, 2, form="`(下の端, 上の端)`の組"))
        if not measure.received[0].equals(rows):
            retry("渡された`rows`が書き換わります。列を足すときは`assign`を使います。")
        right = interval(rows, old, new)
        problem = _why(low, high, right)
        if problem:
            retry(problem)
        widths.append((high - low) / (right[1] - right[0]))
    if not 0.92 <= np.mean(widths) <= 1.08:
        how = "狭" if np.mean(widths) < 1 else "広"
        retry(f"範囲が少し{how}すぎます。端は0.025と0.975の分位点です。")
    return "同じモデルどうしなら、範囲は0です。円に替えても、差を取ってから引き直すことは変わりません。"


def _why(low, high, right):
    """範囲が、正しい範囲 ``right`` と合わない時の文。合っていれば None。"""
    width = right[1] - right[0]

    def close(wanted, share=0.13):
        return all(abs(a - b) <= share * width for a, b in zip((low, high), wanted, strict=True))

    if close(right):
        return None
    if close(right[::-1]):
        return "下の端と上の端の順が逆です。小さいほうを先に返します。"
    if (high - low) < 0.75 * width and near((low + high) / 2, right.mean(), 0.2 * width):
        return "範囲が狭すぎます。引き直すのは行ではなく、顧客です。端は0.025と0.975の分位点です。"
    return "範囲が合いません。1行ずつの損得の差と、顧客ごとの合計を、小さい表で確かめてください。"


# --- 練習4 --------------------------------------------------------------------

WIDTHS = (2, 2.5, 3, 3.5, 4)
CHURN, GAP = 0.09, 0.018


def people_needed(width):
    """2割のずれが、``width`` と揺れの積を超える、いちばん少ない人数。"""
    return math.floor(width**2 * CHURN * (1 - CHURN) / GAP**2 + 1e-9) + 1


@check.judge(4)
def _(design, *, quiet_ratios):
    first, second = sequence(design, 2, form="`(倍数, 人数)`の組")
    width, people = number(first), whole(second)
    refused = {one: (quiet_ratios > one).any(axis=1).mean() for one in WIDTHS}
    right = next(one for one in WIDTHS if refused[one] <= 0.05)
    if width not in WIDTHS:
        retry("倍数は、2、2.5、3、3.5、4の中から選びます。")
    if width < right:
        retry(
            "その倍数では、何も外れていない世界の5%より多くが断られます。"
            "スライスごとではなく、世界ごとに「どれか1つでも超えたか」を数えます。"
        )
    if width > right:
        retry("もっと小さい倍数でも、断られる割合は5%以下です。")
    wanted = people_needed(width)
    if people != wanted:
        if people == wanted - 1:
            retry("人数が1人足りません。端数は切り上げます。")
        if people in {people_needed(one) for one in WIDTHS}:
            retry("人数が、別の倍数で計算されています。選んだ倍数を使います。")
        retry("人数が合いません。`0.018 > 倍数 × √(0.09 × 0.91 ÷ 人数)`を、人数について解きます。")
    return (
        "線を広げるほど、ずれを見つけるのに多くの人数が必要です（この人数でも、見つかるのは半々です）。"
        "小さいスライスをいくつも並べるより、困る所を先に選びます。"
    )
