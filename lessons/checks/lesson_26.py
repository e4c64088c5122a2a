"""レッスン26の答えを判定する。"""

import math
from collections.abc import Iterator
from numbers import Number
from typing import NamedTuple

import pandas as pd

from checks import Answer, Exercises, mapping, retry, sequence, word

check = Exercises()

TEAMS = ["DS/ML", "DE", "BI", "セキュリティ", "プラットフォーム"]
# 本文の、5つのチームの表での呼び名
LONG_NAMES = {
    "DS/ML": ["DS", "ML", "データサイエンス・機械学習", "データサイエンス", "機械学習"],
    "DE": ["データエンジニアリング"],
    "BI": ["BI/アナリティクス", "アナリティクス"],
    "セキュリティ": ["セキュリティ/インフラ", "インフラ"],
}
OTHER_NAMES = {name: team for team, names in LONG_NAMES.items() for name in names}
OTHER_NAMES |= {f"{team}({name})": team for name, team in OTHER_NAMES.items()}

# 事故 → (チーム, 見る場所)
ACCIDENTS = {
    "a": ("DE", "表にデータが届くまでを受け持つのはどこですか"),
    "b": ("DS/ML", "モデルの効果を測るのはどこですか"),
    "c": ("セキュリティ", "権限と監査を守るのはどこですか"),
    "d": ("プラットフォーム", "共通の基盤を動かし続けるのはどこですか"),
    "e": ("BI", "数字を画面にして届けるのはどこですか"),
    "f": ("DE", "使える表に整えるのはどこですか"),
}


@check.judge(1)
def _(owners):
    given = mapping(owners, list(ACCIDENTS), lambda part: word(part, TEAMS, OTHER_NAMES))
    wrong = [key for key, (team, _) in ACCIDENTS.items() if given[key] != team]
    if wrong:
        hint = f"`{wrong[0]}`: {ACCIDENTS[wrong[0]][1]}。"
        retry(f"合わない事故が{len(wrong)}つあります。{hint}5つのチームの表を見てください。")
    return "持ち主が決まっていれば、事故の夜に電話する相手が分かります。"


class Case(NamedTuple):
    """候補の、1か月の価値（万円）と、作る手間（週）。"""

    value: float
    weeks: float

    @property
    def ratio(self) -> float:
        """手間1週当たりの価値。"""
        return self.value / self.weeks


Cases = dict[str, Case]
# 授業が作る候補
CASES = {
    "解約の改善": Case(120, 4),
    "返品の見込み": Case(90, 6),
    "在庫の予測": Case(200, 20),
    "電話の要約": Case(40, 3),
    "献立の提案": Case(60, 10),
    "値引きの最適化": Case(180, 16),
    "不正注文": Case(70, 5),
    "求人の応募": Case(15, 4),
    "広告の配分": Case(110, 6),
    "設備の故障": Case(80, 14),
}


@check.judge(2)
def _(order, *, cases):
    names, now = _names(order), _estimates(cases)
    changed = [name for name in CASES if now and now[name] != CASES[name]]
    trying = now if 2 * len(changed) < len(CASES) else None  # 見積もりを替えて試している
    if _is_best(names, CASES):
        return f"{_said(names, CASES, now)}順番は{'、'.join(names)}です。{_left(names, now)}"
    if trying and _is_best(names, trying):
        return f"{_said(names, trying, now)}順番は{'、'.join(names)}です。"
    if changed and not trying:
        retry(
            f"`cases`の価値か手間が、{len(changed)}の候補で授業の表と違います。"
            "`cases`を作ったセルを実行してから、並べ直してください。"
            "元の列には上書きせず、`assign`で別の列を足します。"
        )
    known = trying or CASES
    retry(f"{_said(names, known, now)}まだ上があります。{_advice(names, known)}")


def _is_best(names: list[str], cases: Cases) -> bool:
    best = _by(cases, lambda case: -case.ratio)
    return total_value(names, cases) >= total_value(best, cases) - 1e-6


def _said(names: list[str], known: Cases, now: Cases | None) -> str:
    """``known`` で数えた合計。読み手の表が授業と違えば、どちらの見積もりかも言う。"""
    which = ""
    if now != CASES:
        which = "授業の表の見積もりで、" if known is CASES else "書き換えた見積もりで、"
    return f"{which}合計は{int(total_value(names, known)):,}万円です。"


def _left(names: list[str], now: Cases | None) -> str:
    """授業の表では最も良い順番が、書き換えた表ではそうでない時の、次の一歩。"""
    if not now or _is_best(names, now):
        return ""
    return (
        f"ただし、いまの`cases`は授業の表と違い、その数では{int(total_value(names, now)):,}万円で、"
        "まだ上があります。書き換えて試すなら、`cases`から並べる式で`order`を作り直します。"
    )


def _names(answer: Answer) -> list[str]:
    """10の候補を1回ずつ並べた名前。"""
    if isinstance(answer.value, Iterator):
        retry(f"{answer}がリストではありません。`list(…)`で囲んで、リストにします。")
    if answer.value is None:
        retry(
            f"{answer}が`None`です。`sort()`や`inplace=True`は、並べた結果を返しません。"
            "`sorted`や`sort_values`が返すものから作ります。"
        )
    parts = sequence(answer, empty=True)
    if parts and all(isinstance(part.value, Number) for part in parts):
        retry(f"{answer}に数が並んでいます。番号や計算した値ではなく、候補の名前を並べます。")
    names = [word(part, CASES) for part in parts]
    twice = [name for name in CASES if names.count(name) > 1]
    if twice:
        retry(f"{answer}に「{twice[0]}」が2回以上あります。10の候補を1回ずつ並べます。")
    missing = [name for name in CASES if name not in names]
    if missing:
        retry(f"{answer}に「{missing[0]}」がありません。10の候補を、1つも除かずに並べます。")
    return names


def _estimates(cases: object) -> Cases | None:
    """読み手の表の見積もり。候補がそろっていて、数として読める時だけ。"""
    columns = ["name", *Case._fields]
    if not isinstance(cases, pd.DataFrame) or not set(columns) <= set(cases.columns):
        return None
    try:
        rows = {name: Case(float(v), float(w)) for name, v, w in cases[columns].to_numpy()}
    except (TypeError, ValueError):
        return None
    finite = all(math.isfinite(case.value) and 0 < case.weeks < math.inf for case in rows.values())
    return rows if finite and len(cases) == len(CASES) and rows.keys() == CASES.keys() else None


def total_value(names: list[str], cases: Cases, horizon: int = 104) -> float:
    """この順に作ったとき、期間内に生む価値の合計（万円）。"""
    total, finished = 0.0, 0.0
    for name in names:
        finished += cases[name].weeks
        total += max(horizon - finished, 0) * 12 / 52 * cases[name].value
    return total


def _by(cases: Cases, measure) -> list[str]:
    return sorted(cases, key=lambda name: measure(cases[name]))


def _advice(names: list[str], cases: Cases) -> str:
    if names == list(CASES):
        return "表の順のままです。並べる物差しを1つ決めてください。"
    if names == _by(cases, lambda case: case.ratio):
        return "物差しは合っています。並べる向きを見てください。"
    ask = "1週間の手間は、候補ごとにどれだけの価値を生みますか。"
    ordered = [cases[name] for name in names]
    for column, label, ways, other in [
        ("value", "価値", ("小さい", "大きい"), "手間"),
        ("weeks", "手間", ("少ない", "多い"), "価値"),
    ]:
        values = [getattr(case, column) for case in ordered]
        for way, backward in zip(ways, (False, True), strict=True):
            if values == sorted(values, reverse=backward):
                return f"{label}の{way}順と同じ並びで、{other}の違いがほとんど効いていません。{ask}"
    return f"並べる物差しを見直してください。{ask}"
