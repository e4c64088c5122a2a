"""``champion`` で、その月末に契約中の人の確率を予測し、一覧の元になる表に書く。"""

import os
import sys

sys.path.append(os.getcwd())  # 隣のファイルを読む。作業フォルダーが、このフォルダーの時

from churn_gate import chance
from churn_steps import THRESHOLD
from monthly import champion_version, load, months_before, rows_of, run


def score(spark, options):
    version = champion_version(options.model_name)
    if version is None:
        raise RuntimeError("審査に合格したモデルが、まだありません。")
    rows = rows_of(spark, options.month, 0)
    probability = chance(load(options.model_name, version), rows)
    found = rows[["customer_id"]].assign(
        month=rows["month"].dt.date, probability=probability, version=str(version)
    )
    schema = "customer_id BIGINT, month DATE, probability DOUBLE, version STRING"
    only = months_before(options.month, 0)
    table = spark.createDataFrame(found, schema)
    table.write.mode("overwrite").option("replaceWhere", only).saveAsTable("predictions")
    return "予測", f"{len(found):,}人、声をかけるのは{(probability >= THRESHOLD).sum()}人"


if __name__ == "__main__":
    run("score", score)
