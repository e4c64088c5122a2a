"""グループごとの差とモデルカード。62で書いた関数を、後のレッスンから使えるようにする。

表 ``rows`` は ``churn_steps`` の特徴量の表と同じ列と答え ``churned`` を持つ（1行が1人の顧客）。
確率は、解約する確率（0〜1）の配列で、表の行と同じ順に並ぶ。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from churn_steps import THRESHOLD
from scipy import stats

# --- グループごとの差 -----------------------------------------------------------


def recall_range(found: int, churned: int) -> tuple[float, float]:
    """再現率の95%の範囲（ウィルソンの方法）。解約した人がいなければ、両方ともNaN。"""
    if churned == 0:
        return np.nan, np.nan
    return tuple(stats.binomtest(found, churned).proportion_ci(method="wilson"))


def by_group(rows: pd.DataFrame, probability: np.ndarray, column: str) -> pd.DataFrame:
    """``column`` のグループごとの、人数、選ばれた割合、解約した人数、再現率とその範囲。

    選ばれた人は、確率が ``churn_steps.THRESHOLD`` 以上の人。
    """
    called, left = probability >= THRESHOLD, rows["churned"].to_numpy() == 1
    found = {}
    for name in sorted(set(rows[column])):
        mine = (rows[column] == name).to_numpy()
        churned, hits = (mine & left).sum(), (mine & left & called).sum()
        recall = hits / churned if churned else np.nan
        low, high = recall_range(hits, churned)
        found[name] = [mine.sum(), called[mine].mean(), churned, recall, low, high]
    columns = ["人数", "選ばれた割合", "解約", "再現率", "下の端", "上の端"]
    table = pd.DataFrame.from_dict(found, orient="index", columns=columns)
    return table.astype({"人数": int, "解約": int})


def shares(hits: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """グループの番号 ``codes``（0から）ごとの、``hits``（0か1）の割合。"""
    return np.bincount(codes, hits) / np.bincount(codes)


def shuffled_shares(
    hits: np.ndarray, groups: Sequence[str], times: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """グループの名前をランダムに付け直した時の割合。1行が1回の付け直しで、列がグループ。"""
    codes, names = pd.factorize(np.asarray(groups), sort=True)
    return pd.DataFrame(_shuffled(hits, codes, times, seed), columns=names)


def gap_by_chance(
    hits: np.ndarray, groups: Sequence[str], times: int = 1000, seed: int = 0
) -> float:
    """グループどうしの割合の、いちばん大きい差。それ以上の差が、名前の付け直しだけで出る割合を返す。"""
    codes, _ = pd.factorize(np.asarray(groups), sort=True)
    gaps = np.ptp(_shuffled(hits, codes, times, seed), axis=1)
    return float((gaps >= np.ptp(shares(hits, codes)) - 1e-12).mean())


def _shuffled(hits: np.ndarray, codes: np.ndarray, times: int, seed: int) -> np.ndarray:
    """グループの番号をランダムに付け直した時の割合。1行が1回の付け直し。"""
    rng = np.random.default_rng(seed)
    return np.array([shares(hits, rng.permutation(codes)) for _ in range(times)])


# --- モデルカード ---------------------------------------------------------------

HEADINGS = (
    "モデル", "使う場面", "使ってはいけない場面", "測った数", "グループごとの差",
    "測っていないこと", "残った差と判断",
)  # fmt: skip
NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)(%|ポイント)?")


def percent(value: float | None) -> str:
    """百分率。値がなければ「記録なし」。"""
    return "記録なし" if value is None or np.isnan(value) else f"{value:.0%}"


def written(value: float | str | None) -> str:
    """カードに書く値。小数は第3位まで、整数は3桁ごとに区切り、値がなければ「記録なし」。"""
    if value is None:
        return "記録なし"
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def group_line(name: str, row: Mapping) -> str:
    """グループ1つの行。``row`` は ``by_group`` の1行。"""
    span = f"{percent(row['下の端'])}から{percent(row['上の端'])}"
    recall = f"再現率{percent(row['再現率'])}（{span}、解約{row['解約']:,}人）"
    return f"{name}: {recall}、選ばれた割合{percent(row['選ばれた割合'])}（{row['人数']:,}人）"


def gap_line(gaps: Mapping) -> str:
    """グループの差と、その差が偶然で出る割合。"""
    return (
        f"{gaps['切り口']}の再現率の差は{100 * gaps['差']:.0f}ポイント。名前を{gaps['回数']:,}回付け直すと、"
        f"{percent(gaps['偶然'])}の回で、この差以上になった"
    )


def render_card(record: Mapping) -> str:
    """記録からカード（Markdown）を作る。

    ``record`` のキーは「題」と ``HEADINGS``。「グループごとの差」は辞書で、「切り口」「行」
    （グループの名前 → ``by_group`` の1行）「差」「偶然」（P値）「回数」を持つ。
    ほかの見出しは、項目 → 値の辞書か、文のリスト。キーがなければ ``KeyError``。
    """
    parts = [f"# モデルカード: {record['題']}"]
    for heading in HEADINGS:
        body = record[heading]
        if heading == "グループごとの差":
            body = [*(group_line(*item) for item in body["行"].items()), gap_line(body)]
        elif isinstance(body, dict):
            body = [f"{name}: {written(value)}" for name, value in body.items()]
        parts.append("\n".join([f"## {heading}", "", *(f"- {line}" for line in body)]))
    return "\n\n".join(parts) + "\n"


def card_problems(text: str, record: Mapping, headings: Sequence[str] = HEADINGS) -> list[str]:
    """カードの困る所。空なら、見出しがそろい、どの数も ``record`` の値か、それを丸めた値。"""
    sections = sections_of(text)
    problems = [f"見出し「{name}」がない" for name in headings if name not in sections]
    problems += [f"「{name}」が空" for name in headings if sections.get(name) == []]
    if len(sections.get("使ってはいけない場面", [1, 1])) < 2:
        problems.append("「使ってはいけない場面」が2つない")
    known = list(_values(record))
    for number, unit in NUMBER.findall(re.sub(r"(?m)^\s*\d+\. ", "", text)):
        if not _is_recorded(number.rstrip(","), unit, known):
            problems.append(f"記録にない数: {number.rstrip(',')}{unit}")
    return problems


def sections_of(text: str) -> dict[str, list[str]]:
    """``##`` の見出し → その下の、空でない行。"""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("#"):
            lines = found.setdefault(line.lstrip("#").strip(), [])
        elif line.strip():
            lines.append(line.strip())
    return found


def _values(part: object) -> Iterator[float | str]:
    """記録の中の数と、文字列（辞書のキーも）の中の数字。"""
    if isinstance(part, Mapping):
        part = [one for pair in part.items() for one in pair]
    if isinstance(part, str):
        yield from (number.replace(",", "") for number, _ in NUMBER.findall(part))
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _values(one)
    elif isinstance(part, int | float | np.number) and np.isfinite(part):
        yield abs(float(part))


def _is_recorded(number: str, unit: str, known: Sequence[float | str]) -> bool:
    plain = number.replace(",", "")
    if plain in known:
        return True
    digits = len(plain.partition(".")[2])
    scale = 100 if unit else 1
    width = 0.5 * 10.0**-digits if digits or unit else 0  # 単位のない整数は、丸めた値を許さない
    return any(
        abs(value * scale - float(plain)) <= width + 1e-9
        for value in known
        if not isinstance(value, str)
    )
