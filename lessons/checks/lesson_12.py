"""レッスン12の答えを判定する。"""

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from checks import Answer, Exercises, mapping, near, number, retry, untracked, whole, word

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
    "loan": Task(
        "分類",
        "返済されたかどうかは記録にありますか。",
        "返済されるかどうかは、区分ですか、数ですか。",
    ),
    "bento": Task(
        "回帰", "過去の販売数は記録にありますか。", "明日の販売数は、区分ですか、数ですか。"
    ),
    "readers": Task(
        "クラスタリング",
        "どの読者がどの集まりかという答えは、記録にありますか。",
        "探すのは、似た読者の集まりですか、ほかと違う読者ですか。",
    ),
    "pump": Task(
        "異常検知",
        "故障の記録はありますか。",
        "探すのは、似た日の集まりですか、ほかと違う日ですか。",
    ),
    "stars": Task(
        "分類",
        "過去の感想に付いた星は記録にありますか。",
        "当てるのは、星の数ですか、星4以上かどうかですか。",
    ),
    "elevator": Task(
        "強化学習", "選び方の良し悪しは、過去の記録にありますか、動かすと分かりますか。"
    ),
    "rent": Task(
        "回帰", "過去の家賃は記録にありますか。", "新しい部屋の家賃は、区分ですか、数ですか。"
    ),
    "stores": Task(
        "クラスタリング",
        "どの店がどの担当かという答えは、まとめる前からありますか。",
        "探すのは、似た店の集まりですか、ほかと違う店ですか。",
    ),
}
CHANGED = {
    "pump": Task(
        "分類",
        "記録に増えた列は、知りたい答えそのものですか。",
        "故障する日かどうかは、区分ですか、数ですか。",
    ),
    "stars": Task(
        "回帰",
        "過去の感想に付いた星は記録にありますか。",
        "4.3のような平均は、区分ですか、数ですか。",
    ),
    "stores": Task(
        "分類",
        "どの店がどの担当かという答えは、記録にありますか。",
        "店を入れる担当は、区分ですか、数ですか。",
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


COLUMNS, GROUPS = ("visits", "payment"), range(2, 8)


@functools.cache
def other_members() -> pd.DataFrame:
    """授業が作る、別のカフェの会員。"""
    rng = np.random.RandomState(7)
    centers = [(2, 800), (2, 3600), (9, 600), (10, 2400)]
    rows = [rng.normal(center, (0.9, 260), size=(60, 2)) for center in centers]
    return pd.DataFrame(np.vstack(rows), columns=COLUMNS)


@functools.cache
def spread_by_groups(n_init: int = 10, columns: tuple[str, ...] = COLUMNS) -> dict[int, float]:
    """組の数 → 離れ方の合計。"""
    even = StandardScaler().fit_transform(other_members()[[*columns]])
    with untracked():
        return {k: KMeans(k, n_init=n_init, random_state=0).fit(even).inertia_ for k in GROUPS}


@check.judge(2)
def _(spreads, n_groups, *, other):
    _check_spreads(spreads, other)
    given = number(n_groups)
    if given in GROUPS and given != 4:
        retry(
            "`n_groups`が合いません。1組増やすごとに前の何割に減るかを並べます。"
            "最後に大きく減ったとき、減った後は何組ですか。"
        )
    if whole(n_groups) != 4:
        retry("`n_groups`には、試した組の数（2から7）のどれかを入れます。")
    return "4組までは大きく減り、5組目からは少ししか減りません。"


def _check_spreads(answer: Answer, other: object) -> None:
    keys = list(answer.value) if isinstance(answer.value, Mapping | pd.Series) else []
    if keys and all(isinstance(key, str) and key.strip().isdecimal() for key in keys):
        retry(f"{answer}のキーが文字列です。引用符の付かない整数にします。")
    given = mapping(answer, GROUPS, number)
    right = spread_by_groups()
    if _near_all(given, right):
        return
    if _near_all({k: -value for k, value in given.items()}, right):
        retry("離れ方の符号が逆です。離れ方の合計は正の数です。")
    if _near_all({k: value * len(other_members()) for k, value in given.items()}, right):
        retry("離れ方が1人当たりになっています。平均ではなく合計を入れます。")
    if min(given.values()) > 10 * right[2]:
        retry("離れ方が大きすぎます。回数と円の桁を、先に`StandardScaler`でそろえましたか。")
    if all(near(given[k], value, 1e-6 * value) for k, value in spread_by_groups(1).items()):
        retry("離れ方が十分に小さくなっていない組があります。`n_init=10`を渡しましたか。")
    if _near_all(given, right, loosely=True):
        retry("離れ方が少しだけ違います。`random_state=0`を渡しましたか。")
    if _near_all({k: value**2 for k, value in given.items()}, right, loosely=True):
        retry("離れ方が平方根になっています。距離の2乗の合計を、そのまま入れます。")
    for column in COLUMNS:
        if _near_all(given, spread_by_groups(columns=(column,))):
            retry(f"離れ方が`{column}`の1列だけのものです。`visits`と`payment`の2列を使います。")
    off = [k for k in GROUPS if not near(given[k], right[k], 0.5)]
    if len(off) == 1:
        retry(
            f"合わないのは{off[0]}組の値だけです。"
            "その組の数で、`n_init=10, random_state=0`を渡して`fit`した値ですか。"
        )
    retry(f"離れ方の値が合いません。{_changed(other)}")


def _near_all(given: dict[int, float], right: dict[int, float], loosely: bool = False) -> bool:
    """丸めと、標本の標準偏差で桁をそろえた違いを許して、同じか。"""
    members = len(other_members())
    rounded = all(value % 1 == 0 for value in given.values())
    tolerance = 0.5 if rounded or loosely else 0.06
    return any(
        all(near(given[k], scale * right[k], tolerance) for k in GROUPS)
        for scale in (1, (members - 1) / members)
    )


def _changed(other: object) -> str:
    """``other`` が授業で作ったときと違えば、そのこと。同じなら、ほかに見る場所。"""
    rerun = "`other`を作るセルを実行してから、練習のセルを実行し直してください。"
    if not isinstance(other, pd.DataFrame) or not set(COLUMNS) <= set(other.columns):
        return f"`other`が、2列の表でなくなっています。{rerun}"
    extra = [str(name) for name in other.columns if name not in COLUMNS]
    if extra:
        return (
            f"`other`に列`{extra[0]}`が増えていて、離れ方にその列も入っていませんか。"
            "`visits`と`payment`の2列を選んでから桁をそろえます。"
        )
    if not np.array_equal(other[[*COLUMNS]].to_numpy(), other_members().to_numpy()):
        return f"`other`の中身が、授業で作ったときと違います。{rerun}"
    return (
        "本文の`guests`や`scaled`でなく、`other`を`StandardScaler`の`fit_transform`に渡しましたか。"
        "`KMeans`には`n_init=10, random_state=0`を渡します。"
    )


AT_MOST = 30


@functools.cache
def scored_payments() -> tuple[np.ndarray, np.ndarray]:
    """授業と同じ取引の、変わり具合と、不正なら1の列。"""
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
