"""付録「検証状況」の、条件を変えてくり返した実行の表。動かすのは ``tools/measure/trials.py``。"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tools.course.lesson import ROOT

RESULT = ROOT / "book" / "trials.json"


@dataclass(frozen=True)
class Run:
    """1回の結果。``problems`` が空なら、基準の1回と同じだった。"""

    name: str  # 条件
    date: str  # 動かした日（ISO 8601）
    seconds: int  # 授業全体の実行とnbval
    megabytes: int  # コマンドとその子の、最大の常駐メモリーの合計
    problems: list[str]


def trials_table(path: Path) -> str:
    """条件ごとの結果、秒数、メモリーの表（tools.measure.trials の結果から）。"""
    if not path.exists():
        return "この表の記録は、まだありません。"
    result = json.loads(path.read_text(encoding="utf-8"))
    runs = [Run(**one) for one in result["runs"]]
    lines = ["| 条件 | 結果 | 時間 | 最大メモリー | 動かした日 |", "|---|---|---:|---:|---|"]
    for one in runs:
        minutes, seconds = divmod(one.seconds, 60)
        verdict = "違いあり" if one.problems else "同じ"
        time = f"{minutes}分{seconds:02}秒"
        lines.append(f"| {one.name} | {verdict} | {time} | {one.megabytes:,}MB | {one.date} |")
    same = sum(not one.problems for one in runs)
    lines += [
        "",
        f"{len(runs)}回のうち{same}回が、何も変えない1回と同じ出力でした。",
        f"PCは{result['machine']}です。",
    ]
    return "\n".join(lines)
