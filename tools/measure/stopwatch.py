"""授業のカーネルの中で、時間の行き先を数える（``tools/measure/bounds.py`` が、最初のセルとして動かす）。

10ミリ秒ごとに呼び出しの列を見て、一番外側の行き先に、過ぎた時間を足す。
MLflowがモデルを残す間のimportはMLflowに、自動ロギングに包まれた ``fit`` もMLflowに入る。
"""

import json
import sys
import threading
import time
from collections import Counter

_PLACES = {"<frozen importlib": "imports", "/pyspark/": "spark", "/mlflow/": "mlflow"}


class _Stopwatch(threading.Thread):
    """セルの動いている間だけを数える。"""

    def __init__(self):
        super().__init__(daemon=True)
        self.seconds = Counter(dict.fromkeys(_PLACES.values(), 0.0))

    def run(self):
        main = threading.main_thread().ident
        before = time.monotonic()
        while True:
            time.sleep(0.01)
            now = time.monotonic()
            if place := self.place(sys._current_frames()[main]):
                self.seconds[place] += now - before
            before = now

    @staticmethod
    def place(frame):
        found = None
        while frame is not None:
            if frame.f_code.co_name == "run_code":  # IPythonがセルを動かす所
                return found
            for mark, name in _PLACES.items():
                if mark in frame.f_code.co_filename:
                    found = name
            frame = frame.f_back
        return None

    def report(self):
        print(json.dumps(self.seconds))


_stopwatch = _Stopwatch()
_stopwatch.start()
