"""発展のレッスンが、前のレッスンで作った道具を使えるようにする。

どの関数も、まずそのレッスンの本文か練習で書く。ここにあるのは、同じ働きをする完成品である。
"""

from __future__ import annotations

from collections.abc import Sequence

import churn_worlds
import numpy as np
import pandas as pd
from churn_steps import FEATURES, rows_between

# --- 51: 入力を見張る -----------------------------------------------------------


def psi(reference: pd.Series, current: pd.Series, bins: int = 10) -> float:
    """列の分布が基準からどれだけ離れたか（Population Stability Index）。同じなら0。

    数の列は基準の ``bins`` 等分点で、言葉の列は基準にある言葉で分ける。
    空の値と知らない言葉は、合わせて1つの区間とする。割合が0の区間は0.0001とみなす。
    """
    (before, count), (after, _) = (_places(reference, x, bins) for x in (reference, current))
    return float(_psi_of(*(np.bincount(places, minlength=count) for places in (before, after))))


def quiet_psi(reference: pd.DataFrame, size: int, times: int = 1000, seed: int = 0) -> pd.DataFrame:
    """何も変わらない月のPSI。1行が1回の引き直しで、列は ``FEATURES``。

    ``reference`` の行を混ぜて引いた ``size`` 行を「今月」、残りを「基準」とする。
    1人が何行もある表では、行どうしが似ているので使えない。
    """
    rng = np.random.default_rng(seed)
    found = {}
    for name in FEATURES:
        places, count = _places(reference[name], reference[name], 10)
        everyone = np.bincount(places, minlength=count)
        drawn = rng.multivariate_hypergeometric(everyone, size, times)  # 引いた行の、区間ごとの数
        found[name] = _psi_of(everyone - drawn, drawn)
    return pd.DataFrame(found)


def alarm_lines(quiet: pd.DataFrame, per_year: float = 1) -> pd.Series:
    """列ごとのしきい値。全部の列を毎月見て、何もない年に鳴る回数の平均が ``per_year`` になる。"""
    return quiet.quantile(1 - per_year / (12 * quiet.shape[1]))


def monitor_rows(reference: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """月と列ごとに、基準からのPSI。列の名前はDatabricksのデータプロファイリングに合わせる。"""
    return pd.DataFrame(
        {
            "month": month,
            "column_name": name,
            "drift_type": "BASELINE",
            "population_stability_index": psi(reference[name], current[name]),
        }
        for month, current in rows.groupby("month")
        for name in FEATURES
    )


def open_monitor(spark) -> None:
    """51の表を、一時ビュー ``drift_metrics`` で読めるようにする。表がなければ、同じものを作る。"""
    name = "drift_monitoring.features_drift_metrics"
    if spark.catalog.tableExists(name):
        return spark.table(name).createOrReplaceTempView("drift_metrics")
    rows = churn_worlds.make_world(**churn_worlds.PRICE_RISE)
    slices = {None: rows, "tenure_months = 1": churn_worlds.newcomers(rows)}
    found = [
        monitor_rows(
            rows_between(part, churn_worlds.REFERENCE), rows_between(part, churn_worlds.WATCHED)
        ).assign(slice_key=key, slice_value=key and "true")
        for key, part in slices.items()
    ]
    spark.createDataFrame(pd.concat(found)).selectExpr(
        "named_struct('start', DATE(month), 'end', DATE(add_months(month, 1))) AS window",
        "column_name", "drift_type", "slice_key", "slice_value", "population_stability_index",
    ).createOrReplaceTempView("drift_metrics")  # fmt: skip


# --- 53: 戻すかどうか -----------------------------------------------------------


def decide(
    before: float, now: float, usual: Sequence[float], actual_ratio: float | None = None
) -> str:
    """今夜することを、「続ける」「戻す」「止める」「学習し直す」から選ぶ。

    ``before`` と ``now`` は、同じ表に、前のバージョンと今のバージョンが付けた確率の平均。
    ``usual`` は、前のバージョンのこれまでの夜の平均。``actual_ratio`` は翌月末に分かる
    「実際÷見込み」で、まだ分からなければ ``None``。
    """
    if not 0.9 <= before / np.mean(usual) <= 1.1:
        return "止める"
    if not 0.8 <= now / before <= 1.2:
        return "戻す"
    if actual_ratio is not None and not 0.7 <= actual_ratio <= 1.3:
        return "学習し直す"
    return "続ける"


def last_good(log: Sequence[tuple[int, str]]) -> int | None:
    """戻す先のバージョン。いま使っているものより前に使い、取り下げていない中で、いちばん後のもの。

    ``log`` は起きた順の（バージョン, 出来事）。出来事は「使う」「見送り」「取り下げ」。
    """
    used = [version for version, event in log if event == "使う"]
    newest = dict(log)
    good = [version for version in used if version != used[-1] and newest[version] == "使う"]
    return good[-1] if good else None


def rollback(aliases: dict[str, int], log: list, bad: int) -> tuple[dict[str, int], list]:
    """``bad`` から、最後に良かったバージョンへ ``production`` を戻した後の、エイリアスと記録。

    もう ``bad`` を使っていないか、戻す先がなければ、何も変えない。
    """
    good = last_good(log)
    if aliases["production"] != bad or good is None:
        return aliases, log
    return {**aliases, "production": good}, [*log, (bad, "取り下げ"), (good, "使う")]


def _places(reference: pd.Series, values: pd.Series, bins: int) -> tuple[np.ndarray, int]:
    """``values`` のそれぞれが何番目の区間に入るかと、区間の数。いちばん後は、空と知らない言葉。"""
    known = reference.dropna()
    if pd.api.types.is_numeric_dtype(reference):
        edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
        last = len(edges) + 1
        return np.where(values.isna(), last, np.searchsorted(edges, values)), last + 1
    words = sorted(known.unique())
    places = pd.Categorical(values, words).codes.astype(int)
    return np.where(places < 0, len(words), places), len(words) + 1


def _psi_of(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """区間ごとの人数（いちばん後の軸）からPSIを求める。"""
    a, b = (np.maximum(x / x.sum(axis=-1, keepdims=True), 1e-4) for x in (before, after))
    return ((b - a) * np.log(b / a)).sum(axis=-1)
