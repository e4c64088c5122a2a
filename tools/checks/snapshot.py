"""答えの値を、型の細かな違いと実行のたびに変わるものを除いて、比べられる形にする。"""

from __future__ import annotations

import datetime
import decimal
import fractions
import math
import re
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

RUN_ID = re.compile(r"[0-9a-f]{32}")
# 中の小数を、丸めた答えと見分けない入れ物。表、モデル、ランの中は、端数まで比べる。
ROUNDED = {"答え", "並び", "辞書", "集合"}
PER_RUN = ("time", "_id", "uri")  # 実行のたびに変わる属性と列の名前の終わり
PER_FIT = ("time_", "results_")  # 学習のたびに変わる、モデルの属性の名前の終わり
UNSEEN = ("n_jobs", "verbose")  # 学習の結果を変えない設定


class Incomparable(Exception):
    """関数のように、値を比べられない答え。"""


def snapshot(value: Any) -> Any:
    """``value`` を、数・文字列・組だけの形にする。比べられなければ ``Incomparable``。"""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, bool | int | float | decimal.Decimal | fractions.Fraction):
        return float(value)
    if isinstance(value, str):
        return _run(value) if RUN_ID.fullmatch(value) else value
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, datetime.date):
        return f"{value.isoformat()}T00:00:00"
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index | np.ndarray):
        return _table(value)
    if hasattr(value, "toPandas") and hasattr(value, "schema"):
        frame = value.toPandas()
        rows = [tuple(map(snapshot, row)) for row in frame.itertuples(index=False, name=None)]
        return ("Sparkの表", tuple(frame.columns), tuple(sorted(rows, key=_order)))
    if hasattr(value, "asDict"):
        value = value.asDict()
    if isinstance(value, Mapping):
        pairs = [(snapshot(key), snapshot(part)) for key, part in value.items()]
        return ("辞書", tuple(sorted(pairs, key=lambda pair: _order(pair[0]))))
    if isinstance(value, set | frozenset):
        return ("集合", tuple(sorted(map(snapshot, value), key=_order)))
    if isinstance(value, list | tuple | range):
        return ("並び", tuple(map(snapshot, value)))
    if isinstance(value, type):
        return ("クラス", value.__qualname__)
    return _object(value)


def same(left: Any, right: Any, rounded: bool = True) -> bool:
    """2つの ``snapshot`` が同じか。

    ``rounded`` なら、小数は0.1%と0.005の小さい方までの違いを同じとする。
    丸めた正解を受け入れる確認からは、見分けられない違いだからである。整数は区別する。
    """
    if left == right:
        return True
    if isinstance(left, float) and isinstance(right, float):
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        whole = left.is_integer() and right.is_integer()
        slack = min(abs(left) * 1e-3, 5e-3) if rounded and not whole else 1e-12
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=slack)
    if isinstance(left, tuple) and isinstance(right, tuple):
        if left and isinstance(left[0], str):
            rounded = rounded and left[0] in ROUNDED
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(same(*pair, rounded) for pair in pairs)
    return type(left) is type(right) and left == right


def _order(value: Any) -> str:
    """並べ替えの手がかり。端数の違いで順が変わらないようにする。"""
    if isinstance(value, float):
        return f"{value:.9g}"
    return f"({','.join(map(_order, value))})" if isinstance(value, tuple) else repr(value)


def _table(value: Any) -> tuple:
    """pandasの表と列、NumPyの配列。行の順は区別し、列の順と、名前の無い見出しは区別しない。"""
    if isinstance(value, pd.DataFrame):
        if any(value.index.names):
            value = value.reset_index()
        names = sorted(map(str, value.columns))
        frame = value.set_axis(list(map(str, value.columns)), axis=1)
        kept = [name for name in names if not name.endswith(PER_RUN)]
        return ("表", tuple(names), *(_table(frame[name]) for name in kept))
    if isinstance(value, np.ndarray) and value.ndim != 1:
        return ("配列", value.shape, _items(value.ravel()))
    return ("並び", _items(value))


def _items(values: Any) -> tuple:
    """配列か列の要素。数だけのNumPyの配列は、まとめて小数にする（学習した値は、数が多い）。"""
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
        return tuple(values.astype(float).tolist())
    return tuple(map(snapshot, values.tolist()))


def _object(value: Any) -> Any:
    if hasattr(value, "toarray"):
        return _table(value.toarray())
    if hasattr(value, "get_params"):
        return _model(value)
    run_id = getattr(getattr(value, "info", None), "run_id", None)
    if isinstance(run_id, str):
        return _run(run_id)
    if hasattr(value, "aliases") and hasattr(value, "version"):
        return ("モデルのバージョン", value.name, str(value.version), tuple(sorted(value.aliases)))
    if type(value).__name__ == "Column" and type(value).__module__.startswith("pyspark"):
        return ("Sparkの式", str(value))
    if hasattr(value, "unwrap_python_model"):
        return ("pyfunc", value.metadata.run_id)
    raise Incomparable(type(value).__name__)


def _model(model: Any) -> tuple:
    """モデルの種類と設定と、学習で決まった属性。パイプラインは段ごとに見る。"""
    settings = {k: v for k, v in model.get_params(deep=False).items() if k not in UNSEEN}
    learned = {
        name: part
        for name, part in vars(model).items()
        if name.endswith("_") and not name.startswith("_") and not name.endswith(PER_FIT)
    }
    if type(model).__name__ == "FunctionTransformer":
        settings = {k: getattr(v, "__qualname__", v) for k, v in settings.items()}
    return (type(model).__name__, _known(settings), _known(learned))


def _known(parts: dict[str, Any]) -> tuple:
    """比べられる属性だけを、名前の順に残す。木は、分かれ目を比べる。"""
    found = []
    for name, part in sorted(parts.items()):
        if type(part).__name__ == "Tree":
            part = [part.feature, part.threshold, part.value]
        try:
            found.append((name, snapshot(part)))
        except Incomparable as reason:
            found.append((name, str(reason)))
    return tuple(found)


def _run(run_id: str) -> Any:
    """MLflowのランの、記録の中身。ランのIDでなければ、その文字列。"""
    mlflow = sys.modules.get("mlflow")
    if mlflow is None:
        return run_id
    try:
        run = mlflow.get_run(run_id)
    except mlflow.exceptions.MlflowException:
        return run_id
    data, inputs = run.data, run.inputs.dataset_inputs if run.inputs else []
    tags = {name: tag for name, tag in data.tags.items() if not name.startswith("mlflow.")}
    datasets = sorted(
        (one.dataset.name, one.dataset.digest, *sorted((tag.key, tag.value) for tag in one.tags))
        for one in inputs
    )
    return (
        "ラン",
        run.info.run_name,
        run.info.experiment_id,
        run.info.status,
        *map(snapshot, (data.params, data.metrics, tags, datasets)),
    )
