"""ストリームのチェックポイントを置くフォルダー。

この本で、動いている場所によって分けてよいのは、ここの ``checkpoint_folder`` だけ（tools/checks/serverless.py）。
"""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from pyspark.errors import ParseException

VOLUME = "checkpoints"
_places: dict[str, Path] = {}  # スキーマの名前 → チェックポイントを並べるフォルダー


def checkpoint_folder(spark, name: str) -> Path:
    """チェックポイント ``name`` を置くフォルダー。同じ名前なら、いつも同じ所を返す。

    Databricksでは、いまのスキーマのボリューム ``checkpoints`` の中。ボリュームは、なければ作る。
    手元のSparkには ``CREATE VOLUME`` という文がないので、一時フォルダーの中にする。
    一時フォルダーは、ノートブックを終えると消える。
    """
    schema = spark.catalog.currentDatabase()
    if schema not in _places:
        try:
            spark.sql(f"CREATE VOLUME IF NOT EXISTS {VOLUME}")
            _places[schema] = Path("/Volumes", spark.catalog.currentCatalog(), schema, VOLUME)
        except ParseException:
            _places[schema] = Path(_local_folder().name, schema)
    return _places[schema] / name


@functools.cache
def _local_folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="checkpoints-", ignore_cleanup_errors=True)
