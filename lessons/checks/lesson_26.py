"""レッスン26の答えを判定する。"""

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
    names = _names(order)
    for known in [*_edited(cases), CASES]:  # 見積もりを書き換えて試していれば、その数で
        now = total_value(names, known)
        if now >= total_value(_by(known, lambda case: -case.ratio), known) - 1e-6:
            return f"{int(now):,}万円になりました。順番は{'、'.join(names)}です。"
    retry(f"合計は{int(now):,}万円で、まだ上があります。{_advice(names)}")


def _names(answer: Answer) -> list[str]:
    """10の候補を1回ずつ並べた名前。"""
    if isinstance(answer.value, Iterator):
        retry(f"{answer}がリストではありません。`list(…)`で囲んで、リストにします。")
    parts = sequence(answer)
    if all(isinstance(part.value, Number) for part in parts):
        retry(f"{answer}に数が並んでいます。番号や計算した値ではなく、候補の名前を並べます。")
    names = [word(part, CASES) for part in parts]
    twice = [name for name in CASES if names.count(name) > 1]
    if twice:
        retry(f"{answer}に「{twice[0]}」が2回以上あります。10の候補を1回ずつ並べます。")
    missing = [name for name in CASES if name not in names]
    if missing:
        retry(f"{answer}に「{missing[0]}」がありません。10の候補を、1つも除かずに並べます。")
    return names


def _edited(cases: object) -> list[Cases]:
    """読み手が見積もりを書き換えた表。候補がそろっていて、数として読めるものだけ。"""
    columns = ["name", *Case._fields]
    if not isinstance(cases, pd.DataFrame) or not set(columns) <= set(cases.columns):
        return []
    try:
        rows = {name: Case(float(v), float(w)) for name, v, w in cases[columns].to_numpy()}
    except (TypeError, ValueError):
        return []
    usable = rows.keys() == CASES.keys() and all(case.weeks > 0 for case in rows.values())
    return [rows] if usable else []


def total_value(names: list[str], cases: Cases, horizon: int = 104) -> float:
    """この順に作ったとき、期間内に生む価値の合計（万円）。"""
    total, finished = 0.0, 0.0
    for name in names:
        finished += cases[name].weeks
        total += max(horizon - finished, 0) * 12 / 52 * cases[name].value
    return total


def _by(cases: Cases, measure) -> list[str]:
    return sorted(cases, key=lambda name: measure(cases[name]))


def _advice(names: list[str]) -> str:
    if names == list(CASES):
        return "表の順のままです。並べる物差しを1つ決めてください。"
    if names == _by(CASES, lambda case: case.ratio):
        return "物差しは合っています。並べる向きを見てください。"
    ordered = [CASES[name] for name in names]
    for column, label in {"value": "価値", "weeks": "手間"}.items():
        values = [getattr(case, column) for case in ordered]
        if values in (sorted(values), sorted(values, reverse=True)):
            return f"{label}だけで並べています。価値と手間の両方を使う物差しにしてください。"
    return "並べる物差しを見直してください。1週間の手間は、候補ごとにどれだけの価値を生みますか。"
