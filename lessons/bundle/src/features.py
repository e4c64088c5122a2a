"""特徴量の表を作る: その月と、その前の4か月の行。答えは、届いた月にだけ入れる。"""

import os
import sys

sys.path.append(os.getcwd())  # 隣のファイルを読む。作業フォルダーが、このフォルダーの時

import churn_steps
import churn_worlds
import pandas as pd
from monthly import months_before, run


def features(spark, options):
    """会社の元の表の代わりに、値上げのあった世界を作る（仕事では、ここで元の表を読む）。"""
    world = churn_worlds.make_world(n_customers=4000, months=26, **churn_worlds.PRICE_RISE)
    first = options.month - pd.DateOffset(months=4)
    rows = world[world["month"].between(first, options.month)]
    if rows["month"].nunique() < 5:
        raise RuntimeError(f"{options.month:%Y-%m}までの5か月分の行がありません。")
    known = rows["churned"].where(rows["month"] < options.month)
    rows = rows.assign(month=rows["month"].dt.date, churned=known).astype(object)
    rows = rows.where(rows.notna(), None)
    only = months_before(options.month, 4, 0)
    table = spark.createDataFrame(rows, churn_steps.FEATURE_TABLE_SCHEMA)
    table.write.mode("overwrite").option("replaceWhere", only).saveAsTable("churn_features")
    return "作成", f"{len(rows):,}行"


if __name__ == "__main__":
    run("features", features)
