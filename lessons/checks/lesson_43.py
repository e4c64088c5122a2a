"""レッスン43の答えを判定する。"""

import functools
import math

import numpy as np
from scipy.stats import norm

from checks import (
    Answer,
    Exercises,
    Function,
    function,
    near,
    number,
    retry,
    sequence,
    share,
    word,
    words,
)
from checks.restart import other_hash, restarted

check = Exercises()


# --- 練習1 --------------------------------------------------------------------

IDEAS = {
    "A": (4_900, 0.125, 0),
    "B": (1_700, 0.12, 480),
    "C": (400, 0.25, 480),
    "D": (1_700, 0.12, 240),
}
GAIN, WORTH = 120, 12_000  # 1人あたりの得と、解約を1人減らして守れる利益（円）


def needed(before, after, power=0.8, sides=2):
    """1組に必要な人数。端数は切り上げない。"""
    z = norm.ppf(1 - 0.05 / sides) + norm.ppf(power)
    return z**2 * (before * (1 - before) + after * (1 - after)) / (before - after) ** 2


def sizes_for(worth=WORTH, **how):
    """4つの案の、1組に必要な人数。"""
    return [needed(rate, rate - (cost + GAIN) / worth, **how) for _, rate, cost in IDEAS.values()]


RIGHT_SIZES = sizes_for()


@check.judge(1)
def _(sizes, testable):
    form = "AからDの順の、4つの人数のリスト"
    given = sequence(sizes, 4, number, form=form)
    if not _alike(given, RIGHT_SIZES):
        for message, wrong in _other_sizes():
            if _alike(given, wrong):
                retry(message)
        name = next(
            name
            for name, one, right in zip(IDEAS, given, RIGHT_SIZES, strict=True)
            if not _alike([one], [right])
        )
        retry(f"{name}の人数が合いません。費用から差を計算し、いまの解約率から引いていますか。")
    chosen = words(testable, IDEAS, form='`["A", "B"]`のような、案の記号のリスト')
    able = {
        name for name, size in zip(IDEAS, RIGHT_SIZES, strict=True) if 2 * size <= IDEAS[name][0]
    }
    if chosen == able:
        return (
            "1人あたりの費用が高いほど、見逃したくない差が大きくなり、必要な人数は減ります。"
            "費用のかからない案は、小さな差を見つけるために、たくさんの人数が必要です。"
        )
    if chosen == {n for n, s in zip(IDEAS, RIGHT_SIZES, strict=True) if s <= IDEAS[n][0]}:
        retry(
            "人数は合っていますが、試せない案が入っています。必要な人数は1組の分です。何組に分けますか。"
        )
    retry("人数は合っています。2組分の人数を、対象の人数と比べてください。")


def _alike(given, right):
    """どれも1%までの違いか。切り上げや丸めは問わない。"""
    return all(
        near(one, wanted, abs(wanted) / 100) for one, wanted in zip(given, right, strict=True)
    )


def _other_sizes():
    """取り違えたときの、（文、4つの人数）。"""
    yield "2組を合わせた人数です。1組の人数を入れます。", [2 * size for size in RIGHT_SIZES]
    yield (
        "守れる利益に4,800円を使っています。解約が1人減れば、12,000円が守られます。",
        sizes_for(worth=4_800),
    )
    yield "検出力が0.9です。0.8で計算します。", sizes_for(power=0.9)
    yield (
        "片側の線（0.95の点）で計算しています。減る側も増える側も見るので、0.975の点を使います。",
        sizes_for(sides=1),
    )
    ratio = [needed(rate, rate * (1 - (cost + GAIN) / WORTH)) for _, rate, cost in IDEAS.values()]
    yield "差を、いまの解約率に掛けています。ポイントの差なので、引き算にします。", ratio


# --- 練習2 --------------------------------------------------------------------

REDO, WAIT, SPREAD, STOP, UNSURE = "やり直し", "待つ", "広げる", "やめる", "決められない"
REPLIES = (REDO, WAIT, SPREAD, STOP, UNSURE)
LAST = 30

# 場合の説明、いまの日と決めた日、2組の人数、2組の解約、正しい返事、合わない時に見る所
ON_TIME = (LAST, LAST)
CASES = (
    ("決めた日に、解約が有意に減った試験", ON_TIME, (850, 850), (112, 80), SPREAD, "有意かどうかと、減ったかどうか"),
    ("14日目に、解約が有意に減っている試験", (14, LAST), (850, 850), (70, 40), WAIT, "決めた日かどうかを、P値より先に調べているか"),
    ("29日目に、解約が有意に増えている試験", (29, LAST), (850, 850), (80, 112), WAIT, "決めた日かどうかを、P値より先に調べているか"),
    ("14日目に見ると決めた試験の14日目", (14, 14), (850, 850), (70, 40), SPREAD, "いまの日を、`report`の決めた日と比べているか"),
    ("60日目に見ると決めた試験の30日目", (30, 60), (850, 850), (112, 80), WAIT, "いまの日を、`report`の決めた日と比べているか"),
    ("決めた日に、解約が有意に増えた試験", ON_TIME, (850, 850), (80, 112), STOP, "増えたか減ったかの向き"),
    ("決めた日に、300人ずつで差が有意でない試験", ON_TIME, (300, 300), (36, 27), UNSURE, "有意な差がないときの返事"),
    ("決めた日に、P値が0.07の試験", ON_TIME, (850, 850), (105, 82), UNSURE, "有意の線"),
    ("決めた日に、P値が0.053の試験", ON_TIME, (850, 850), (106, 81), UNSURE, "有意の線"),
    ("決めた日に、P値が0.04で解約の減った試験", ON_TIME, (850, 850), (107, 81), SPREAD, "有意の線"),
    ("決めた日に、カードの組の4割近くがいなくなった試験", ON_TIME, (2422, 1536), (290, 140), REDO, "人数の比を、結果より先に調べているか"),
    ("5日目に、カードの組の4割近くがいなくなった試験", (5, LAST), (2422, 1536), (60, 30), REDO, "人数の比を、何日目でも先に調べているか"),
    ("なしの組の4割近くがいなくなった試験", ON_TIME, (1536, 2422), (184, 240), REDO, "人数の比を、結果より先に調べているか"),
    ("決めた日に、人数の比のP値が0.00002の小さな試験", ON_TIME, (300, 205), (40, 24), REDO, "人数の差でなく、人数の比のP値"),
    ("165人と135人（人数の比のP値は0.08）の試験", ON_TIME, (165, 135), (20, 15), UNSURE, "割合のずれでなく、人数の比のP値"),
    ("人数の比のP値が0.02の試験", ON_TIME, (2350, 2510), (300, 230), SPREAD, "人数の比の線（0.001）"),
    ("人数の比のP値が0.0015の試験", ON_TIME, (2350, 2572), (300, 310), UNSURE, "人数の比の線（0.001）"),
    ("人数の比のP値が0.0007の試験", ON_TIME, (2350, 2589), (300, 310), REDO, "人数の比の線（0.001）"),
    ("解約が6割の試験", ON_TIME, (2600, 2400), (1560, 1524), STOP, "人数ではなく割合で比べているか"),
)  # fmt: skip
WORLDS, DAYS = 400, (10, 20, 30)
LIMIT = 0.06  # 誤って決めてよい割合


def report_of(day, people, left, last=LAST):
    """練習2の関数に渡す辞書。"""
    return {"日": day, "決めた日": last, "人数": tuple(people), "解約": tuple(left)}


@functools.cache
def quiet_reports(worlds=WORLDS, seed=0):
    """効き目のない世界の試験ごとの、``DAYS`` の報告の並び。"""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(worlds):
        b = int(rng.binomial(1700, 0.5))
        people = (1700 - b, b)
        left = [np.cumsum(rng.multinomial(n, [0.004] * LAST + [0.88])[:LAST]) for n in people]
        found.append([report_of(d, people, [int(x[d - 1]) for x in left]) for d in DAYS])
    return found


def wrong_share(judge, reports):
    """効き目のない世界で、``judge`` が1度でも「広げる」か「やめる」と言った試験の割合。"""
    return np.mean([any(judge(one) in (SPREAD, STOP) for one in test) for test in reports])


@check.judge(2)
def _(verdict):
    judge = function(verdict, ["report"])
    for case, (day, last), people, left, right, hint in CASES:
        reply = _reply(judge, report_of(day, people, left, last), case)
        if reply != right:
            if (reply, right) == (WAIT, SPREAD):
                hint = "いまの日を、`report`の決めた日とどう比べているか"
            retry(f"「{case}」の返事が合いません。{hint}を見てください。")
    rate = wrong_share(lambda one: _reply(judge, one, "効き目のない世界"), quiet_reports())
    if rate > LIMIT:
        retry(
            f"効き目のない世界{WORLDS}回のうち{rate:.1%}で、広げるかやめるかを決めています。"
            "決める前の検査が、すべての試験で働いているか見てください。"
        )
    return (
        f"効き目のない世界{WORLDS}回のうち、誤って決めたのは{rate:.1%}でした。"
        "P値だけを3回見て決めると、この割合はおよそ2倍になります。"
    )


def _reply(judge: Function, report, case):
    """``report`` への返事。辞書の書き換えと、言葉でない返事は退ける。"""
    reply = judge(report, said=f"verdict（{case}）")
    if judge.received != [report]:
        retry("渡した辞書の中身が書き換わります。辞書は読むだけにして、返事を返します。")
    if reply.value is None:
        retry(f"「{case}」で`None`が返ります。どの道を通っても`return`で返事を返していますか。")
    return word(Answer(f"verdict（{case}）", reply.value), REPLIES)


# --- 練習3 --------------------------------------------------------------------

ARMS = ("あり", "なし")
PEOPLE = range(100_001, 101_201)
SHARES = (0.5, 0.1, 0.25, 0.9, 0.02, 0, 1)
TOLERANCE = 0.06  # 1,200人の割合の、偶然で動く幅（標準誤差の4倍あまり）


@check.judge(3)
def _(assign):
    choose = function(assign, ["customer_id", "salt", "share"])
    half = _with_card(choose, "spring-2027", 0.5)
    if half != _with_card(choose, "spring-2027", 0.5):
        retry("同じ引数でも、動かすたびに違う組になります。乱数を使わずに決められますか。")
    if half != _with_card(_tomorrow(assign), "spring-2027", 0.5):
        retry(
            "前に返した組を覚えておく作りで、Pythonを起動し直すと忘れて、別の組になります。"
            "番号と名前だけから、計算し直せるようにします。"
        )
    with other_hash():
        elsewhere = _with_card(_tomorrow(assign), "spring-2027", 0.5)
    if half != elsewhere:
        retry(
            "Pythonを起動し直すと、組が変わります。"
            "組み込みの`hash`は、文字列の値を起動のたびに変えるので、`hashlib`を使います。"
        )
    for wanted in SHARES:
        found = len(_with_card(choose, "spring-2027", wanted)) / len(PEOPLE)
        if not near(found, wanted, TOLERANCE * 2 * math.sqrt(wanted * (1 - wanted))):
            retry(
                f"`share`が{wanted}のとき、「あり」の人は{found:.1%}です。"
                "`share`が割合としてそのまま効くか、比べる数の範囲と細かさを見てください。"
            )
    other = _with_card(choose, "spring-2028", 0.5)
    same = sum((one in half) == (one in other) for one in PEOPLE) / len(PEOPLE)
    if not near(same, 0.5, TOLERANCE):
        retry(
            f"試験の名前を替えても、{same:.0%}の人が同じ組（半々なら5割ほどのはず）です。"
            "`salt`を、顧客番号とつないでからハッシュ値にしていますか。"
        )
    few = _with_card(choose, "spring-2027", 0.1)
    if few - half:
        retry(
            f"`share`を0.1から0.5に増やすと、{len(few - half)}人が「あり」から「なし」に移ります。"
            "`share`をハッシュ値の材料にせず、最後に比べるだけにします。"
        )
    odd = sum(one % 2 for one in half) / len(half)
    if not near(odd, 0.5, TOLERANCE):
        retry(
            "顧客番号の奇数と偶数で、組が偏っています。番号そのものではなく、ハッシュ値で分けます。"
        )
    return "1割の人はそのままに、残りの人を足して5割に広げられます。"


def _tomorrow(assign):
    """起動し直したPythonの ``assign``。"""
    return Function(Answer(assign.name, restarted(assign.value, len(PEOPLE))))


def _with_card(choose: Function, salt, wanted):
    """``PEOPLE`` のうち、「あり」になった人。"""
    said = f'assign(顧客番号, "{salt}", {wanted})'
    replies = {one: choose(one, salt, wanted, said=said) for one in PEOPLE}
    return {one for one, reply in replies.items() if word(reply, ARMS) == "あり"}


# --- 練習4 --------------------------------------------------------------------

STRICT = 0.025  # これに届かない線は、効き目まで見逃す
SCHEDULES = ([30], [7, 14, 21, 28, 30], [10, 20, 30], list(range(1, 31)))


@functools.cache
def quiet_paths(tests, seed):
    """効き目のない世界の、試験と日ごとのP値。"""
    rng = np.random.default_rng(seed)
    b = rng.binomial(1700, 0.5, tests)[:, None]
    a = 1700 - b
    chances = [0.004] * LAST + [0.88]
    left_a, left_b = (rng.multinomial(n[:, 0], chances)[:, :LAST].cumsum(axis=1) for n in (a, b))
    pooled = (left_a + left_b) / 1700
    error = np.sqrt(pooled * (1 - pooled) * (1 / a + 1 / b))
    return 2 * norm.sf(np.abs(left_b / b - left_a / a) / np.maximum(error, 1e-9))


def crossing(paths, days, line):
    """``days`` のどこかで、P値が ``line`` より小さくなった試験の割合。"""
    return float((paths[:, [day - 1 for day in days]] < line).any(axis=1).mean())


def mixed(paths, days):
    """日ごとに試験を混ぜ、続く日のP値が似なくなった表。"""
    return np.random.default_rng(0).permuted(paths, axis=0)


def masked(paths, days):
    """見ない日のP値を、すべて1にした表。"""
    hidden = np.ones_like(paths)
    columns = [day - 1 for day in days]
    hidden[:, columns] = paths[:, columns]
    return hidden


# 渡す表の言い方、作り方、見る日、合わない時に見る所
TABLES = (
    *(("", lambda paths, days: paths, days, "") for days in SCHEDULES),
    (
        "日ごとに別の人で試した表で",
        mixed,
        SCHEDULES[1],
        "渡された`paths`から、線を計算し直していますか。",
    ),
    (
        "見ない日のP値をすべて1にした表で",
        masked,
        SCHEDULES[1],
        "見る日の列だけから線を引いていますか。7日目は、何番目の列ですか。",
    ),
)


@check.judge(4)
def _(line_for):
    draw = function(line_for, ["paths", "days"])
    given, fresh = quiet_paths(2000, 1), quiet_paths(4000, 2)
    for said, change, days, hint in TABLES:
        when = "毎日" if len(days) == LAST else f"{'、'.join(map(str, days))}日に"
        plan = f"{said}、{when}見る" if said else f"{when}見る"
        table = change(given, days)
        line = share(_line(draw(table, list(days), said=f"line_for（{plan}）"), plan))
        rate = crossing(change(fresh, days), days, line)
        if rate > LIMIT or rate < STRICT:
            seen = f"{plan}線`{line:.4g}`では、誤りが{rate:.1%}です。"
            retry(seen + (hint or _cause(table, days, line, rate)))
    return (
        "別に作った効き目のない世界でも、誤りは5%ほどに収まりました。"
        "見る回数が多いほど線は厳しくなり、本当の効き目も見つけにくくなります。"
    )


def _line(reply, plan):
    """線の返らない関数を退ける。"""
    if reply.value is None:
        retry(
            f"{plan}とき、`None`が返ります。"
            "`return`があるか、刻んで探すなら、刻みが粗くて線を飛び越えていないかを見てください。"
        )
    return reply


def _cause(table, days, line, rate):
    """線が甘いか厳しいときの、次に見る場所。"""
    seen = table[:, [day - 1 for day in days]]
    causes = {
        "最後の日だけから線を引いています。見る日のすべてを使います。": seen[:, -1],
        "すべてのP値を混ぜています。1回の試験を1つの数にしてから、線を引きます。": seen,
        "見ない日のP値まで使っています。`days`の列だけを選びます。": table.min(axis=1),
        "試験ごとの平均を使っています。1日でも線を下回れば、その試験は止まります。": seen.mean(
            axis=1
        ),
    }
    for message, values in causes.items():
        if near(line, float(np.quantile(values, 0.05)), 1e-6):
            return message
    if rate < STRICT:
        return (
            "厳しすぎて、効き目まで見逃します。"
            "見る日のP値は似ているので、回数で割るほど厳しくせずに済みます。"
            "線を少しずつ下げて探すなら、刻みを細かくします。"
        )
    return "試験ごとの、見る日の中でいちばん小さいP値から線を引きます。"
