"""レッスン12の答えを判定する。"""

import functools
import itertools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.tree import DecisionTreeClassifier

from checks import Answer, Exercises, mapping, number, retry, sequence, untracked, whole, word

check = Exercises()

# 種類 → (大きな種類, 英語)
KINDS = {
    "分類": ("教師あり", "classification"),
    "回帰": ("教師あり", "regression"),
    "クラスタリング": ("教師なし", "clustering"),
    "異常検知": ("教師なし", "anomaly detection"),
    "強化学習": ("", "reinforcement learning"),
}
OTHER_NAMES = {english: kind for kind, (_, english) in KINDS.items()}
OTHER_NAMES |= {f"{kind}({english})": kind for kind, (_, english) in KINDS.items()}
OTHER_NAMES |= {
    form.format(family=family, kind=kind): kind
    for kind, (family, _) in KINDS.items()
    for form in (
        "{family}({kind})",
        "{family}学習({kind})",
        "{family}学習の{kind}",
        "{kind}({family})",
        "{kind}({family}学習)",
    )
    if family
}


class Task(NamedTuple):
    """仕分ける課題の、正しい種類と、間違え方ごとの問い返し。"""

    kind: str
    record: str  # 大きな種類を取り違えた時
    form: str = ""  # 大きな種類は合っていて、その中で取り違えた時


TASKS = {
    "refund": Task(
        "分類",
        "返金になったかどうかは記録にありますか。",
        "返金になるかどうかは、区分ですか、数ですか。",
    ),
    "freezer": Task(
        "異常検知",
        "故障の記録はありますか。",
        "探すのは、似た日の集まりですか、ほかと違う日ですか。",
    ),
    "stars": Task(
        "分類",
        "過去の感想に付いた星は記録にありますか。",
        "当てるのは、星の数ですか、星4以上かどうかですか。",
    ),
    "coupon": Task(
        "強化学習", "出し分け方の良し悪しは、過去の記録にありますか、出してみると分かりますか。"
    ),
    "minutes": Task(
        "回帰",
        "過去の配達にかかった分数は記録にありますか。",
        "次の配達の分数は、区分ですか、数ですか。",
    ),
    "towns": Task(
        "クラスタリング",
        "どの町がどの曜日かという答えは、まとめる前からありますか。",
        "探すのは、似た町の集まりですか、ほかと違う町ですか。",
    ),
}
CHANGED = {
    "freezer": Task(
        "分類",
        "記録に増えた列は、知りたい答えそのものですか。",
        "その日に故障するかは、区分ですか、数ですか。",
    ),
    "stars": Task(
        "回帰",
        "過去の感想に付いた星は記録にありますか。",
        "4.3のような平均は、区分ですか、数ですか。",
    ),
    "towns": Task(
        "分類",
        "どの町がどの曜日かという答えは、記録にありますか。",
        "町を入れる曜日は、区分ですか、数ですか。",
    ),
}


@check.judge(1)
def _(kinds, changed):
    wrong = _missed(kinds, TASKS) + _missed(_without_the_rest(changed), CHANGED)
    if wrong:
        retry(f"合わない課題が{len(wrong)}つあります。{wrong[0]}")
    return "答えの列の有無と、当てるものの形が決め手でした。"


def _missed(answer: Answer, tasks: dict[str, Task]) -> list[str]:
    given = mapping(answer, list(tasks), lambda part: word(part, KINDS, OTHER_NAMES))
    return [
        f"{answer}の`{name}`を見直してください。{_hint(task, given[name])}"
        for name, task in tasks.items()
        if given[name] != task.kind
    ]


def _hint(task: Task, given: str) -> str:
    """間違えた種類ごとの、問い返し。"""
    if given == "強化学習":
        return "選んだ行動の結果を受け取り、次の選び方を直していく課題ですか。"
    same_family = KINDS[given][0] == KINDS[task.kind][0]
    return task.form if same_family else task.record


def _without_the_rest(changed: Answer) -> Answer:
    """条件の変わらない課題まで並べた答えから、変わった課題だけを取り出す。"""
    if not isinstance(changed.value, Mapping):
        return changed
    same = TASKS.keys() - CHANGED.keys()
    return Answer(changed.name, {k: v for k, v in changed.value.items() if k not in same})


COLUMNS, ADDED = ("app_days", "months"), "complaints"


@check.judge(2)
def _(answers, gained, *, past, new, by_tree):
    _check_materials(past, new)
    given = sequence(answers, of=_zero_or_one, form="300人についての0か1の並び")
    if len(given) != len(new):
        retry(f"`answers`は{len(given)}人分です。採点に使う`new`の{len(new)}人について答えます。")
    if given not in _trees(past, new, (*COLUMNS, ADDED), 3):
        retry(_what_is_wrong(given, past, new))
    listed = np.array(given) == 1
    churned = new["churned"].to_numpy() == 1
    found, before = (listed & churned).sum(), ((np.asarray(by_tree) == 1) & churned).sum()
    more = whole(gained)
    if more != found - before:
        retry(_wrong_difference(more, listed, churned, np.asarray(by_tree) == 1))
    return (
        f"一覧は{(np.asarray(by_tree) == 1).sum()}人から{listed.sum()}人に増え、"
        f"見つかる解約は{before}人から{found}人に増えました。苦情を記録する価値がありそうです。"
    )


def _zero_or_one(answer: Answer) -> float:
    """決定木の答え1つ。真偽値は0か1として読む。"""
    is_flag = isinstance(answer.value, bool | np.bool_)
    return int(answer.value) if is_flag else number(answer)


def _trees(past: pd.DataFrame, new: pd.DataFrame, columns: tuple, depth: int | None) -> list:
    """決定木の答え。列の並べ方で同点の区切りの選び方が変わるので、並べ方ごとに1つずつ。"""
    found = []
    with untracked():
        for order in itertools.permutations(columns):
            tree = DecisionTreeClassifier(max_depth=depth, random_state=0)
            tree.fit(past[[*order]], past["churned"])
            found.append(tree.predict(new[[*order]]).tolist())
    return found


def _check_materials(past: object, new: object) -> None:
    """``past`` と ``new`` が、授業の分け方のままか。"""
    wanted = {*COLUMNS, ADDED, "churned"}
    for name, rows in {"past": past, "new": new}.items():
        same = isinstance(rows, pd.DataFrame) and wanted <= set(rows.columns) and len(rows) == 300
        if not same:
            retry(
                f"`{name}`の中身が、授業で作ったときと違います。"
                "`members`を作るセルから実行し直し、練習のセルも実行してください。"
            )


def _what_is_wrong(given: list[int], past: pd.DataFrame, new: pd.DataFrame) -> str:
    """答えの並びがどうやって出たものかを当て、次に見る場所を言う。"""
    all_three = (*COLUMNS, ADDED)
    if set(given) == {0}:
        return "`answers`が全員0です。`predict`が返した答えを入れましたか。"
    if set(given) - {0, 1}:
        return "`answers`に、0と1のほかの数が混ざっています。`predict`が返す答えを入れます。"
    if given == new["churned"].tolist():
        return (
            "`answers`が、実際の結果と300人とも同じです。"
            "手がかりの列に、答えの`churned`が入っていませんか。"
        )
    if given in _trees(past, past, all_three, 3):
        return "`answers`が、規則作りに使った`past`の人への答えです。`predict`には`new`を渡します。"
    if given in _trees(new, new, all_three, 3):
        return "採点に使う`new`で規則を作っています。`fit`に渡すのはどちらの記録ですか。"
    if any(given in _trees(past, new, all_three, depth) for depth in (1, 2, 4, 5, None)):
        return "質問の回数が違うようです。`max_depth`を見てください。"
    for size in (1, 2):
        for columns in itertools.combinations(all_three, size):
            if any(given in _trees(past, new, columns, depth) for depth in (2, 3)):
                left = next(column for column in all_three if column not in columns)
                return f"`{left}`が手がかりに入っていないようです。`fit`に渡した列は3つありますか。"
    return (
        "`answers`が、問題文の決定木の答えと違います。"
        "`fit`には`past`の3列と`churned`を、`predict`には`new`の3列を渡しますか。"
    )


def _wrong_difference(
    more: int, listed: np.ndarray, churned: np.ndarray, before: np.ndarray
) -> str:
    """見つけた人数の差の、数え間違い。"""
    found = int((listed & churned).sum() - (before & churned).sum())
    if more == -found:
        return "`gained`の引き算の向きが逆です。"
    if more == listed.sum() - before.sum():
        return "`gained`が、一覧の人数の差になっています。一覧の中で、解約した人だけを数えます。"
    if more == (listed & churned).sum():
        return "`gained`が、3列の一覧で見つかる人数のままです。2列の決定木の人数を引きましたか。"
    if more == (listed == churned).sum() - (before == churned).sum():
        return "`gained`が、当たった人数の差です。一覧に入れて、解約した人だけを数えます。"
    return "`gained`が合いません。`new`の中で、一覧に入れた人のうち`churned`が1の人を数えます。"


AT_MOST = 30


@functools.cache
def scored_payments() -> tuple[np.ndarray, np.ndarray]:
    """授業と同じ注文の、変わり具合と、不正なら1の列。"""
    rng = np.random.RandomState(3)
    amount = np.exp(np.r_[rng.normal(8, 0.6, 988), rng.normal(9.6, 0.7, 12)]).round()
    hour = np.r_[rng.normal(14, 3, 988) % 24, rng.uniform(0, 6, 12)].round(1)
    payments = pd.DataFrame({"amount": amount, "hour": hour})
    with untracked():
        detector = IsolationForest(random_state=0).fit(payments)
    return -detector.score_samples(payments), np.r_[np.zeros(988, int), np.ones(12, int)]


@check.judge(3)
def _(limit, *, strangeness):
    threshold = number(limit)
    values, fraud = scored_payments()
    sent = values >= threshold
    if sent.sum() != AT_MOST and not _same_values(strangeness, values):
        retry(
            "`strangeness`の中身が、授業で作ったときと違います。"
            "`payments`を作るセルから実行し直し、`limit`を決め直してください。"
        )
    if threshold > values.max() or threshold < values.min():
        scale = f"{values.min():.2f}から{values.max():.2f}まで"
        if values.min() <= -threshold <= values.max():
            retry(f"`limit`の符号が逆です。`strangeness`は{scale}の、正の値です。")
        instead = "件数や順番ではなく、" if threshold >= 1 and threshold % 1 == 0 else ""
        retry(
            f"このしきい値では、{sent.sum()}件が回ります。"
            f"{instead}{scale}ある`strangeness`の値で決めます。"
        )
    if sent.sum() > AT_MOST:
        retry(
            f"調査係に{sent.sum()}件が回ります。{AT_MOST}件に収まるまで、しきい値を上げてください。"
        )
    if sent.sum() < AT_MOST:
        retry(f"回るのは{sent.sum()}件で、{AT_MOST}件まで調べられます。しきい値を下げます。")
    return f"30件のうち{fraud[sent].sum()}件が不正で、{fraud[~sent].sum()}件は見逃しました。"


def _same_values(given: object, right: np.ndarray) -> bool:
    """並べ替えを除いて、同じ値か。"""
    try:
        return np.allclose(np.sort(np.asarray(given, dtype=float).ravel()), np.sort(right))
    except (TypeError, ValueError):
        return False
