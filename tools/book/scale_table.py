"""付録「規模を変えて動かす」の表。測るのは ``tools/measure/scale.py``。"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tools.course.lesson import ROOT

RESULT = ROOT / "book" / "scale.json"
PLACES = {"local": "1つのプロセス", "cluster": "作業役2つのクラスター"}


@dataclass(frozen=True)
class Measurement:
    """1回の測定。``digest`` は、行の順によらない中身の要約。"""

    place: str  # PLACES の名前
    customers: int
    usage_rows: int
    feature_rows: int
    predicted_rows: int
    digest: str
    features_seconds: float
    scoring_seconds: float
    driver_megabytes: int  # サーバーのJVMの、最大の常駐メモリー


def scale_table(path: Path) -> str:
    """人数とクラスターを変えた測定（tools.measure.scale の結果）の表と、時間の倍率。"""
    result = json.loads(path.read_text(encoding="utf-8"))
    found = [Measurement(**one) for one in result["measurements"]]
    lines = [
        "| 場所 | 顧客 | 利用の行 | 特徴量を作る | 予測して保存 | サーバーの最大メモリー |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {PLACES[one.place]} | {one.customers:,}人 | {one.usage_rows:,} "
        f"| {one.features_seconds}秒 | {one.scoring_seconds}秒 | {one.driver_megabytes}MB |"
        for one in found
    ]
    lines += ["", f"測定日は{result['date']}、PCは{result['machine']}です。"]
    for place in dict.fromkeys(one.place for one in found):
        sizes = [one.customers for one in found if one.place == place]
        lines.append(
            f"{PLACES[place]}では、{sizes[-2]:,}人から{sizes[-1]:,}人に増やすと、"
            f"時間は{growth(found, place):.1f}倍になりました。"
        )
    return "\n".join([*lines, faster_places(found)])


def faster_places(found: list[Measurement]) -> str:
    """人数ごとに、2つの時間の合計が短かった場所を言う文。"""
    sizes: dict[str, list[str]] = {}
    for size in dict.fromkeys(one.customers for one in found):
        same = [one for one in found if one.customers == size]
        fastest = min(same, key=lambda one: one.features_seconds + one.scoring_seconds)
        sizes.setdefault(PLACES[fastest.place], []).append(f"{size:,}人")
    shown = "、".join(f"{'と'.join(people)}では{place}" for place, people in sizes.items())
    return f"2つの時間の合計が短かったのは、{shown}でした。"


def growth(found: list[Measurement], place: str) -> float:
    """最後の2つの人数の間で、時間が何倍になったか。"""
    times = [one.features_seconds + one.scoring_seconds for one in found if one.place == place]
    return times[-1] / times[-2]
