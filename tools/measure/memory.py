"""動いている間の、メモリーの最大を見る。"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable


class MemoryWatch(threading.Thread):
    """``with`` の間、0.2秒ごとに ``sample`` を呼ぶ。

    ``sample`` が返すのは、名前 → 大きさ。``peak`` は名前ごとの最大で、
    ``fullest`` は、合計が最大だった時の内訳である。
    """

    def __init__(self, sample: Callable[[], Counter[str]]) -> None:
        super().__init__(daemon=True)
        self.sample = sample
        self.finished = threading.Event()
        self.peak: Counter[str] = Counter()
        self.fullest: Counter[str] = Counter()

    def look(self) -> Counter[str]:
        """今の大きさを見て、返す。"""
        found = self.sample()
        self.peak |= found
        self.fullest = max(self.fullest, found, key=Counter.total)
        return found

    def run(self) -> None:
        while not self.finished.wait(0.2):
            self.look()

    def __enter__(self) -> MemoryWatch:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.finished.set()
        self.join()
