"""モデルのゲート。41で書いた関数を、後のレッスンから使えるようにする。

表 ``rows`` は ``churn_steps`` の特徴量の表と同じ列と答え ``churned`` を持つ（1行が、1人の顧客の1か月）。
確率は、解約する確率（0〜1）の配列で、表の行と同じ順に並ぶ。
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

MARGIN = 0.013  # 対数損失が悪くなっても許す幅。33で、何もしないモデルから縮めた分の2割ほど
TOO_GOOD = 0.05  # これを超えるAUCの伸びは、答えが漏れていないかを人が調べる
WIDTH, GAP = 3, 0.2  # スライスのずれを疑う線: 偶然の揺れの倍数と、実際の割合に対する割合
FALLS, RISE = 0.2, 0.001  # 逆に動いてもよい行の割合と、平均で上がってほしい確率
# 確率が上がるはずの変え方: 名前 → (変える行の条件, 列, 足す値)
CHANGES = {
    "問い合わせが苦情なら": ("tickets_3m > complaints_3m", "complaints_3m", 1),
    "注文が1回少なければ": ("orders > 0", "orders", -1),
    "月額が1,000円高ければ": ("monthly_fee > 0", "monthly_fee", 1000),
}
Test = Callable[..., str]


def chance(model, rows: pd.DataFrame) -> np.ndarray:
    """``model`` が ``rows`` の1人ずつに答える、解約の確率。"""
    return model.predict_proba(rows[list(model.feature_names_in_)])[:, 1]


def losses(answers: pd.Series, probability: np.ndarray) -> pd.Series:
    """1行ずつの対数損失。``answers`` は1か0。"""
    told = np.where(answers == 1, probability, 1 - probability)
    return pd.Series(-np.log(np.clip(told, 1e-15, 1)), answers.index)


def paired_gain_interval(
    rows: pd.DataFrame, old: np.ndarray, new: np.ndarray
) -> tuple[float, float, float]:
    """対数損失が ``old`` から ``new`` でいくつ縮んだか。（95%の下の端、差、上の端）。

    正なら良くなった。同じ行どうしの差を、顧客を単位に500回引き直す。
    """
    gains = losses(rows["churned"], old) - losses(rows["churned"], new)
    _, person = np.unique(rows["customer_id"], return_inverse=True)
    total, size = np.bincount(person, gains), np.bincount(person)
    drawn = np.random.default_rng(0).integers(len(size), size=(500, len(size)))
    means = total[drawn].sum(axis=1) / size[drawn].sum(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return low, gains.mean(), high


def slices_of(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """先に決めておいたスライス。名前 → そのスライスの行か。"""
    new = (rows["tenure_months"] <= 3).to_numpy()
    slices = {"全員": np.full(len(rows), True), "契約3か月以内": new, "契約4か月以上": ~new}
    for column in ("channel", "region"):
        slices |= {name: (rows[column] == name).to_numpy() for name in sorted(set(rows[column]))}
    return slices


def slice_gaps(rows: pd.DataFrame, probability: np.ndarray) -> pd.DataFrame:
    """スライスごとの人数、予測と実際の割合、偶然の揺れ（標準偏差）、外れているか。"""
    found = []
    for name, chosen in slices_of(rows).items():
        p, actual = probability[chosen], rows["churned"].to_numpy()[chosen].mean()
        spread = np.sqrt((p * (1 - p)).sum()) / len(p)
        gap = abs(p.mean() - actual)
        outside = not (gap <= WIDTH * spread or gap <= GAP * actual)
        found.append((name, len(p), p.mean(), actual, spread, outside))
    columns = ["スライス", "人数", "予測", "実際", "揺れ", "外れ"]
    return pd.DataFrame(found, columns=columns).set_index("スライス")


def score_test(candidate, champion, rows: pd.DataFrame) -> str:
    """対数損失が、許す幅より悪くなっていないか。テストは断る理由を返し、合格なら空の文字列。"""
    low, gain, _ = paired_gain_interval(rows, chance(champion, rows), chance(candidate, rows))
    return "" if low >= -MARGIN else f"差{gain:+.3f}、下の端{low:+.3f}"


def too_good_test(candidate, champion, rows: pd.DataFrame) -> str:
    """AUCが上がりすぎていないか。"""
    old, new = (roc_auc_score(rows["churned"], chance(m, rows)) for m in (champion, candidate))
    return "" if new - old <= TOO_GOOD else f"AUCの差{new - old:+.3f}"


def slice_test(candidate, champion, rows: pd.DataFrame) -> str:
    """外れていて、しかも ``champion`` より外れの大きいスライスがないか。"""
    ours, theirs = (slice_gaps(rows, chance(model, rows)) for model in (candidate, champion))
    gap, before = ((table["予測"] - table["実際"]).abs() for table in (ours, theirs))
    return "、".join(ours.index[ours["外れ"] & ~(gap <= before)])


def minimum_test(candidate, champion, rows: pd.DataFrame) -> str:
    """満足度が空で、初めて見るプランの人にも、確率を返すか。"""
    p = chance(candidate, rows.head(50).assign(survey_score=np.nan, plan="新しいプラン"))
    return "" if ((p >= 0) & (p <= 1)).all() else "確率でない値が返る"


def invariance_test(candidate, champion, rows: pd.DataFrame) -> str:
    """一緒に渡す人が変わっても、同じ人には同じ確率を返すか。"""
    alone = [chance(candidate, rows.iloc[[place]])[0] for place in range(5)]
    together = chance(candidate, rows.head(200))[:5]
    return "" if np.allclose(alone, together) else "一緒に渡す人で確率が変わる"


def moves(model, rows: pd.DataFrame, where: str, column: str, step: float) -> np.ndarray:
    """``where`` に合う行（500行まで）の ``column`` に ``step`` を足した時の、確率の動き。"""
    part = rows.query(where).head(500)
    return chance(model, part.assign(**{column: part[column] + step})) - chance(model, part)


def direction_test(candidate, champion, rows: pd.DataFrame) -> str:
    """確率が上がるはずの変え方で、下がる行が少なく、平均で上がるか。"""
    wrong = []
    for name, change in CHANGES.items():
        moved = moves(candidate, rows, *change)
        if not ((moved < 0).mean() <= FALLS and moved.mean() >= RISE):
            wrong.append(name)
    return "、".join(wrong)


TESTS: dict[str, Test] = {
    "点数": score_test, "できすぎ": too_good_test, "スライス": slice_test,
    "最低限": minimum_test, "不変": invariance_test, "向き": direction_test,
}  # fmt: skip


def gate(candidate, champion, rows: pd.DataFrame, tests: Mapping[str, Test] = TESTS) -> list[str]:
    """``candidate`` を断る理由のリスト。空なら合格。

    途中で止まったテストも、``champion`` やテストがないことも、断る理由になる。例外は送らない。
    """
    if champion is None or not tests:
        return ["基準: 比べるモデルか、テストがない"]
    reasons = []
    for name, test in tests.items():
        try:
            reason = test(candidate, champion, rows)
        except Exception as error:
            reason = f"途中で止まった（{type(error).__name__}）"
        if reason != "":
            reasons.append(f"{name}: {reason}")
    return reasons
