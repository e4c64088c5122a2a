"""点の付く課題。ブロックごとに、通った項目の点を足す。

    check = Project({1: "データの検査", 2: "特徴量の表"})

    @check.judge(1)
    def _(inspection):
        return check.grade(1, [Item("余分な行", 2, lambda: …), …], "正解の後に続ける文。")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checks.answers import Retry, retry
from checks.exercises import Exercises


@dataclass(frozen=True)
class Item:
    """採点する項目。``test`` は、だめなら ``retry`` で退ける。

    ``must`` の項目を落とすと、そのブロックはほかの項目も0点になる。
    """

    name: str
    points: int
    test: Callable[[], None]
    must: bool = False


class Project(Exercises):
    """点の付く課題。``points()`` は、ブロックの名前 → いまの点。"""

    def __init__(self, blocks: Mapping[int, str]) -> None:
        super().__init__()
        self.blocks = dict(blocks)
        self._points: dict[int, int] = {}

    def points(self) -> dict[str, int]:
        """ブロックごとの点。確認していないブロックは0点。"""
        return {name: self._points.get(number, 0) for number, name in self.blocks.items()}

    def grade(self, number: int, items: Sequence[Item], message: str) -> str:
        """項目を1つずつ試し、点を残す。1つでも通らなければ、理由を1つ（``must`` を先に）言って退ける。"""
        lost = {}
        for item in sorted(items, key=lambda item: not item.must):
            try:
                item.test()
            except Retry as reason:
                lost[item] = reason
        full = sum(item.points for item in items)
        got = full - sum(item.points for item in lost)
        got = 0 if any(item.must for item in lost) else got
        self._points[number] = got
        if lost:
            first, *others = lost
            mark = "◎" if first.must else ""
            rest = "".join(f"「{item.name}」" for item in others)
            more = f"ほかに{rest}も通っていません。" if rest else ""
            retry(f"{full}点のうち{got}点です。{mark}「{first.name}」: {lost[first]}{more}")
        return f"{full}点です。{message}"

    def _decide(self, number: int, namespace: dict) -> tuple[str, str]:
        self._points.pop(number, None)  # 前の点は、答えを書き換えたら残さない
        return super()._decide(number, namespace)
