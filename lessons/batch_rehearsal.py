"""foreachBatch に渡す関数を、ストリームを動かさずに試す。"""

from __future__ import annotations

import logging
import types
from collections.abc import Callable

import pandas as pd

COLUMNS = "region STRING, day STRING, calls INT, sent INT"
BEFORE = [
    ("関東", "2027-06-07", 140, 1),
    ("近畿", "2027-06-07", 70, 2),
    ("中部", "2027-06-07", 60, 1),
    ("九州・沖縄", "2027-06-07", 33, 1),
    ("中国・四国", "2027-06-07", 24, 1),  # この組は届かない
]
ARRIVED = [
    ("関東", "2027-06-07", 150, 2),  # 訂正
    ("近畿", "2027-06-07", 75, 1),  # 訂正の後に届いた、古いもの
    ("中部", "2027-06-07", 60, 1),  # 同じもの
    ("九州・沖縄", "2027-06-07", 31, 3),  # 訂正。間の1つは届いていない
    ("関東", "2027-06-08", 131, 1),
    ("関東", "2027-06-08", 135, 2),  # 同じ回に、訂正も届いた
    ("中国・四国", "2027-06-08", 20, 2),
    ("中国・四国", "2027-06-08", 25, 1),
    ("近畿", "2027-06-08", 71, 1),
    ("近畿", "2027-06-08", 71, 1),  # 同じ回に、同じもの
]


def rehearse(function: Callable, spark) -> pd.DataFrame | Exception:
    """表 ``reports`` を作り直し、``function`` に1回分の行を渡した後の、表の中身。

    列は region、day、calls、sent。``attrs["function"]`` は動かした関数。``function`` が止まれば、その例外を返す。
    ``function`` からは、ノートブックの ``spark`` に届かない（foreachBatch のときと同じ）。
    """
    before = spark.createDataFrame(BEFORE, COLUMNS)
    before.write.mode("overwrite").option("overwriteSchema", "true").saveAsTable("reports")
    views = _views(spark)
    logging.disable(logging.ERROR)  # 止まった時の長い記録を、画面に出さない
    try:
        _alone(function)(spark.createDataFrame(ARRIVED, COLUMNS), 0)
    except Exception as error:
        print(f"止まりました。{type(error).__name__}: {str(error)[:200]}")
        return error
    finally:  # 次に試す時に、前の一時ビューを読まないようにする
        logging.disable(logging.NOTSET)
        for name in _views(spark) - views:
            spark.catalog.dropTempView(name)
    after = spark.table("reports").orderBy("region", "day", "sent", "calls").toPandas()
    after.attrs["function"] = function
    return after


def _views(spark) -> set[str]:
    """いまある一時ビューの名前。"""
    return {row["viewName"] for row in spark.sql("SHOW VIEWS").collect() if row["isTemporary"]}


def _alone(function: Callable) -> Callable:
    """``function`` の、Sparkのセッションだけが見えないコピー。"""
    if not isinstance(function, types.FunctionType):
        return function
    seen = {
        name: value
        for name, value in function.__globals__.items()
        if type(value).__name__ != "SparkSession"
    }
    copied = types.FunctionType(
        function.__code__, seen, function.__name__, function.__defaults__, function.__closure__
    )
    copied.__kwdefaults__ = function.__kwdefaults__
    return copied
