"""レッスン53の答えを判定する。"""

import copy

import churn_ops
import numpy as np

from checks import Exercises, function, mapping, retry, sequence, whole, word

check = Exercises()

DECISIONS = ("続ける", "戻す", "止める", "学習し直す")


# --- 練習1 --------------------------------------------------------------------

USUAL = [0.100, 0.104, 0.096]
# （呼び名、前の平均、今の平均、いつも、実際÷見込み）
NIGHTS = [
    ("いつもの夜", 0.101, 0.103, USUAL, None),
    ("今だけが1.5倍の夜", 0.100, 0.150, USUAL, None),
    ("今だけが0.7倍の夜", 0.100, 0.070, USUAL, None),
    ("前も今も0.8倍の夜", 0.080, 0.081, USUAL, None),
    ("前も今も1.3倍の夜", 0.130, 0.131, USUAL, None),
    ("前が0.8倍で、今はその1.5倍の夜", 0.080, 0.120, USUAL, None),
    ("実際が見込みの1.6倍だった夜", 0.102, 0.104, USUAL, 1.6),
    ("実際が見込みの0.5倍だった夜", 0.099, 0.101, USUAL, 0.5),
    ("実際が見込みの1.05倍だった夜", 0.101, 0.102, USUAL, 1.05),
    ("今だけが1.5倍で、実際も1.6倍だった夜", 0.100, 0.150, USUAL, 1.6),
    ("前も今も0.8倍で、実際も1.6倍だった夜", 0.080, 0.081, USUAL, 1.6),
    ("平均が0.5前後の会社の、いつもの夜", 0.500, 0.510, [0.49, 0.51], None),
    ("前が1.08倍、今がその0.85倍の夜", 0.108, 0.0918, USUAL, 1.25),
    ("前が1.12倍の夜", 0.112, 0.112, USUAL, None),
    ("前が0.88倍の夜", 0.088, 0.088, USUAL, None),
    ("今が前の1.22倍の夜", 0.100, 0.122, USUAL, None),
    ("今が前の0.78倍の夜", 0.100, 0.078, USUAL, None),
    ("実際が見込みの1.32倍だった夜", 0.100, 0.100, USUAL, 1.32),
    ("実際が見込みの0.68倍だった夜", 0.100, 0.100, USUAL, 0.68),
    ("1人も解約しなかった月の夜", 0.100, 0.100, USUAL, 0.0),
    ("前が0.93倍、今がその1.23倍の夜", 0.093, 0.1144, USUAL, None),
    ("いつもの平均が偏っている会社の夜", 0.115, 0.115, [0.10, 0.10, 0.10, 0.16], None),
]


def rule(
    order=("止める", "戻す", "学習し直す"),
    usually=np.mean,
    table="前",
    pair="前",
    both=True,
    unknown=lambda ratio: ratio is None,
):
    """書き方を1か所ずつ替えた決まり。``table`` と ``pair`` は、止める・戻すで見る相手。"""

    def decided(before, now, usual, ratio):
        middle = usually(usual)
        seen = now if table == "今" else before
        values = {
            "止める": (seen / middle, 0.1),
            "戻す": (now / (middle if pair == "いつも" else before), 0.2),
            "学習し直す": (1 if unknown(ratio) else ratio or 0, 0.3),
        }
        out = {
            name: value > 1 + width or (both and value < 1 - width)
            for name, (value, width) in values.items()
        }
        return next((name for name in order if out[name]), "続ける")

    return decided


ORDER = "表の順（表、バージョン、世の中）に確かめます。"
MISTAKES = [
    (
        "戻すかどうかを、今の平均といつもの平均で決めています。比べるのは、同じ夜の、前のバージョンの平均です。",
        [rule(pair="いつも")],
    ),
    (
        "止めるかどうかを、今の平均で決めています。見るのは、前のバージョンの平均です。",
        [rule(table="今")],
    ),
    (
        f"戻すかどうかを先に確かめています。表が壊れた夜には、今÷前も当てになりません。{ORDER}",
        [rule(("戻す", "止める", "学習し直す"))],
    ),
    (
        f"実際÷見込みを、先に確かめています。{ORDER}",
        [rule(("学習し直す", "止める", "戻す")), rule(("止める", "学習し直す", "戻す"))],
    ),
    (
        "「いつも」は、`usual`の全部の平均です。1つだけや、真ん中の値を使っていませんか。",
        [rule(usually=one) for one in (np.median, max, min, lambda x: x[0], lambda x: x[-1])],
    ),
    ("高いほうだけを見ています。幅は上と下の両方にあります。", [rule(both=False)]),
    (
        "実際÷見込みが0の夜を、飛ばしています。"
        "0は「1人も解約しなかった」という結果で、まだ分からない`None`とは違います。",
        [rule(unknown=lambda ratio: not ratio)],
    ),
    (
        "`None`は「まだ分からない」です。0とみなさず、この決まりを飛ばします。",
        [rule(unknown=lambda ratio: False)],
    ),
]
SIGNS = {
    "止める": "前のバージョンも、いつもから大きくずれています。ほかの決まりより先に確かめます。",
    "戻す": "前のバージョンはいつもどおりで、今だけが違います。",
    "学習し直す": "今夜の2つの信号は静かで、分かった実際÷見込みだけが外れています。",
    "続ける": "どの信号も、決めた幅の内側です。",
}


@check.judge(1)
def _(decide):
    run = function(decide, ["before", "now", "usual", "actual_ratio"])
    nights = sorted(NIGHTS, key=lambda night: night[-1] is None)  # Noneで止まる答えを、後で見る
    given, right = [], []
    for said, *night in nights:
        unknown = "、実際÷見込みはまだNone" if night[-1] is None else ""
        given.append(word(run(*night, said=f"decide（{said}{unknown}）"), DECISIONS))
        right.append(churn_ops.decide(*night))
    for (said, *_), mine, theirs in zip(nights, given, right, strict=True):
        if mine == theirs:
            continue
        for cause, rules in MISTAKES:
            if any(given == [one(*night) for _, *night in nights] for one in rules):
                retry(f"{said}に「{mine}」を返しました。{cause}")
        retry(f"{said}に「{mine}」を返しました。{SIGNS[theirs]}")
    return "表、バージョン、世の中の順に確かめ、分からないものは飛ばせています。"


# --- 練習2 --------------------------------------------------------------------

USE, SKIP, DROP = "使う", "見送り", "取り下げ"
LOGS = [
    ("順に使った記録", [(1, USE), (2, USE), (3, USE)]),
    ("2を見送った記録", [(1, USE), (2, SKIP), (3, USE)]),
    ("見送りが続いた記録", [(1, USE), (2, USE), (3, SKIP), (4, SKIP), (5, USE)]),
    ("3を取り下げた記録", [(1, USE), (2, USE), (3, USE), (3, DROP), (2, USE), (4, USE)]),
    ("取り下げた直後の記録", [(1, USE), (2, USE), (3, USE), (3, DROP), (2, USE)]),
    ("取り下げた後、また使った記録",
     [(1, USE), (2, USE), (2, DROP), (1, USE), (2, USE), (3, USE)]),
    ("前のものをまた使った記録", [(1, USE), (2, USE), (1, USE), (3, USE)]),
    ("取り下げが続いた記録",
     [(1, USE), (2, USE), (2, DROP), (1, USE), (3, USE), (3, DROP), (1, USE), (4, USE)]),
    ("最初のバージョンだけの記録", [(1, USE)]),
    ("見送りだけがある記録", [(1, USE), (2, SKIP)]),
    ("取り下げたものしか残らない記録", [(1, USE), (1, DROP), (2, USE)]),
    ("番号の飛ぶ記録", [(7, USE), (12, USE), (20, SKIP), (31, USE)]),
]  # fmt: skip


@check.judge(2)
def _(last_good):
    run = function(last_good, ["log"])
    for said, log in LOGS:
        right = churn_ops.last_good(log)
        answer = run(log, said=f"last_good（{said}）")
        if right is None:
            if answer.value is not None:
                retry(
                    f"{said}では、戻す先がありません。`None`を返します。"
                    "いま使っているものと、取り下げたものは選びません。"
                )
            continue
        if answer.value is None:
            retry(f"{said}で`None`が返りました。使ったことがあり、取り下げていないものを探します。")
        given = whole(answer)
        if given == right:
            continue
        events = dict(log)
        used = [version for version, event in log if event == USE]
        if given == used[-1]:
            retry(
                f"{said}で、いま使っているバージョンが返りました。戻す先は、それより前のものです。"
            )
        if events.get(given) == SKIP or given not in used:
            retry(
                f"{said}で、使ったことのないバージョンが返りました。番号ではなく、記録から選びます。"
            )
        if events[given] == DROP:
            retry(f"{said}で、取り下げたバージョンが返りました。")
        retry(
            f"{said}で、戻す先が違います。"
            "良いバージョンのうち、いちばん後に使い始めたものを選びます。"
            "取り下げた後にまた使ったものは、良いバージョンです。"
        )
    return "見送ったものにも、取り下げたものにも戻りません。"


# --- 練習3 --------------------------------------------------------------------

STATES = [
    ("3を取り下げるとき", {"champion": 3, "production": 3},
     [(1, USE), (2, USE), (3, USE)], 3),
    ("見送った4を飛ばすとき", {"champion": 5, "production": 5},
     [(2, USE), (3, USE), (4, SKIP), (5, USE)], 5),
    ("ほかのエイリアスもあるとき", {"shadow": 1, "champion": 3, "production": 3},
     [(1, USE), (2, USE), (3, USE)], 3),
    ("championが別の番号のとき", {"champion": 6, "production": 5},
     [(1, USE), (5, USE)], 5),
    ("もう3を使っていないとき", {"champion": 3, "production": 2},
     [(1, USE), (2, USE), (3, USE), (3, DROP), (2, USE)], 3),
    ("戻す先がないとき", {"champion": 1, "production": 1}, [(1, USE)], 1),
]  # fmt: skip


def version(answer):
    """バージョンの番号。"""
    if answer.value is None:
        retry(f"{answer}が`None`です。戻す先がないときは、エイリアスも記録も変えません。")
    return whole(answer)


def states(answer):
    """``rollback`` が返した、エイリアスと記録。"""
    form = "`(aliases, log)`の形の、2つの値の組"
    aliases, log = sequence(answer, 2, form=form)
    rows = [sequence(part, 2, form="`(バージョン, 出来事)`の組") for part in sequence(log)]
    return mapping(aliases, of=version), [(version(v), word(e, (USE, SKIP, DROP))) for v, e in rows]


@check.judge(3)
def _(rollback):
    run = function(rollback, ["aliases", "log", "bad"])
    for said, aliases, log, bad in STATES:
        right = churn_ops.rollback(aliases, log, bad)
        given = states(run(copy.deepcopy(aliases), list(log), bad, said=f"rollback（{said}）"))
        if run.received[:2] != [aliases, log]:
            retry(f"{said}、受け取った`aliases`か`log`を書き換えています。新しいものを作ります。")
        if right == (aliases, log):
            if given != right:
                retry(f"{said}は、エイリアスも記録も変えません。")
            continue
        if given[0].get("champion", 0) not in (0, aliases["champion"]):
            retry(f"{said}、`champion`が動きました。動かすのは`production`だけです。")
        if {**given[0], "production": 0} != {**aliases, "production": 0}:
            retry(
                f"{said}、`production`のほかのエイリアスが変わりました。"
                "受け取った`aliases`をコピーして、`production`だけを替えます。"
            )
        if given[0] != right[0]:
            retry(
                f"{said}、`production`の戻す先が違います。"
                "番号の引き算ではなく、`churn_ops.last_good(log)`で決めます。"
            )
        if given[1] != right[1]:
            retry(
                f"{said}、記録が合いません。前からの記録を残し、"
                "取り下げたものと、使い始めたものを、この順に足します。"
            )
        again = states(run(*copy.deepcopy(right), bad, said=f"rollback（{said}、2度目）"))
        if again != right:
            retry(f"{said}、2度目の呼び出しで、また変わりました。`bad`をいま使っているかを見ます。")
    return "やり直されても1度だけ戻り、`champion`も記録も守られます。"


# --- 練習4 --------------------------------------------------------------------


def expected(rate, n):
    return 60 * rate**n


@check.judge(4)
def _(months_in_a_row, months_wrong, *, rates):
    rate = float(rates["500人"][0].rstrip("%")) / 100
    right = next(n for n in range(1, 13) if expected(rate, n) <= 1)
    n, wrong = whole(months_in_a_row), whole(months_wrong)
    if n < 1:
        retry(f"{months_in_a_row}は、1か月以上の整数です。")
    if n < right:
        retry(
            f"{n}か月では、5年間に誤って動く回数の見込みが{expected(rate, n):.1f}回です。"
            "1回以下になるまで増やします。"
        )
    if n > right:
        retry(
            f"{n}か月でも1回以下ですが、もっと小さい`n`で足ります。"
            "長く待つほど、外れたモデルを使い続けます。"
        )
    if wrong == n:
        retry(
            "学習し直した月末の一覧が、数に入っていません。"
            "新しいモデルは、その月末の一覧には間に合いません。"
        )
    if wrong != n + 1:
        retry(
            f"{n}か月続いたと分かる月末と、新しいモデルの一覧を配る月末までに、"
            "前のモデルの一覧を何回配るかを数えます。"
        )
    return "誤って動く回数と、外れたまま使う月数は、片方を減らすともう片方が増えます。"
