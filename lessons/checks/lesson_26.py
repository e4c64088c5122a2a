"""レッスン26の答えを判定する。"""

import math
from collections.abc import Iterator
from numbers import Number
from typing import NamedTuple

import pandas as pd

from checks import Answer, Exercises, retry, sequence, word
from checks.answers import kind_of
from checks.values import plain

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

TEAMS = ["DS/ML", "DE", "BI", "セキュリティ", "プラットフォーム", "使う側"]
REGISTER, USE, REPORT = "モデルを登録する", "予測を使うと決める", "効果を報告する"
# 授業の下書き。
DRAFT = {
    "元の表を集める": ["C", "AR", "I", "C", "I", "I"],
    "特徴量を決める": ["AR", "R", "C", "I", "I", "C"],
    REGISTER: ["R", "I", "I", "I", "R", "I"],
    "権限を渡す": ["I", "C", "I", "AR", "R", "I"],
    USE: ["I", "I", "I", "I", "I", "A"],
    REPORT: ["AR", "I", "A", "I", "I", "I"],
}
# 会議で決まった番号 → (仕事, チーム → 文字)
DECIDED = {
    1: (REGISTER, {"DS/ML": "AR"}),
    2: (USE, {"使う側": "AR", "DS/ML": "C"}),
    3: (REPORT, {"使う側": "A", "DS/ML": "R", "BI": "R"}),
}


@check.judge(1)
def _(fixed, *, raci):
    given = _letters(fixed)
    if _as_letters(raci) != _draft():
        retry(
            "下書きの`raci`が書き換わっています。`raci`を作ったセルを実行し直し、"
            "`raci.copy()`で作ったコピーを直します。"
        )
    if given == _draft():
        retry("下書きのままです。会議で決まった3つを、表のマスに移します。")
    wanted = _draft()
    for number, (job, row) in DECIDED.items():
        for team, letters in row.items():
            wanted[job, team] = set(letters)
            if given[job, team] != set(letters):
                retry(_look(number, job, team, given[job, team], set(letters)))
    changed = [cell for cell in wanted if given[cell] != wanted[cell]]
    if changed:
        job, team = changed[0]
        retry(
            f"「{job}」の{team}が、下書きと変わっています。決まったこと以外は下書きのままにします。"
        )
    return "どの仕事にも決める人が1つだけいて、予測を使う人も名乗り出るようになりました。"


def _look(number: int, job: str, team: str, given: set[str], right: set[str]) -> str:
    """決まったことと合わないマスの、見直す所。"""
    start = f"決まったことの{number}と、「{job}」の{team}が合いません。"
    if "A" in given - right:
        return f"{start}最後に決めるのは、このチームですか。"
    if "A" in right - given:
        return f"{start}最後に決めるチームに、Aを入れます。"
    if "R" in right - given:
        return f"{start}手を動かすチームに、Rを入れます。"
    if "R" in given - right:
        return f"{start}手を動かすのは、このチームですか。"
    if right == {"C"}:
        return f"{start}決める前に相談を受ける文字を入れます。"
    return f"{start}決めたことに無い文字が残っています。"


def _draft() -> dict[tuple[str, str], set[str]]:
    return {
        (job, team): set(letters)
        for job, row in DRAFT.items()
        for team, letters in zip(TEAMS, row, strict=True)
    }


def _as_letters(frame: object) -> dict[tuple[str, str], set[str]] | None:
    """仕事とチームの組ごとの、文字の集まり。表の形が違えば ``None``。"""
    if (
        not isinstance(frame, pd.DataFrame)
        or sorted(map(str, frame.index)) != sorted(DRAFT)
        or sorted(map(str, frame.columns)) != sorted(TEAMS)
    ):
        return None
    return {
        (job, team): set(plain(str(frame.loc[job, team])).upper()) - set("/,、・&+")
        for job in DRAFT
        for team in TEAMS
    }


def _letters(answer: Answer) -> dict[tuple[str, str], set[str]]:
    """直した表の文字。"""
    value = answer.value
    if value is None:
        retry(f"{answer}が`None`です。1マスを直す文と、表を入れる文を分けます。")
    if not isinstance(value, pd.DataFrame):
        retry(f"{answer}は{kind_of(value)}です。`raci.copy()`で作った表を直して入れます。")
    extra = [str(name) for name in value.index if name not in DRAFT]
    extra += [str(name) for name in value.columns if name not in TEAMS]
    if extra:
        retry(
            f"{answer}に、下書きに無い行か列「{extra[0]}」があります。名前のつづりを見てください。"
        )
    letters = _as_letters(value)
    if letters is None:
        retry(f"{answer}の行か列が足りません。下書きの6行6列のまま、マスの文字だけを直します。")
    strange = [cell for cell, found in letters.items() if not found or not found <= set("RACI")]
    if strange:
        retry(
            f"「{strange[0][0]}」の{strange[0][1]}に、R、A、C、Iのどれでもないものが入っています。"
        )
    return letters


# --- 練習2 --------------------------------------------------------------------


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
        return "表の順のままです。並べる基準を1つ決めてください。"
    if names == _by(cases, lambda case: case.ratio):
        return "並べる基準は合っています。並べる向きを見てください。"
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
    return f"並べる基準を見直してください。{ask}"
