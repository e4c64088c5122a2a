"""実際を調べる: 答えの届いた最も新しい月で、見込みが外れていれば学習し直す（52）。"""

import os
import sys

sys.path.append(os.getcwd())  # 隣のファイルを読む。作業フォルダーが、このフォルダーの時

from churn_gate import chance
from monthly import champion_version, load, rows_of, run

LINE = 0.3  # 52で決めた、学習し直す合図


def outcomes(spark, options):
    version = champion_version(options.model_name)
    if version is None:
        return "学習し直す", "まだモデルがない"
    rows = rows_of(spark, options.month, 1)
    off = abs(rows["churned"].sum() / chance(load(options.model_name, version), rows).sum() - 1)
    return ("何もしない" if off <= LINE else "学習し直す"), f"ずれ{off:.2f}"


if __name__ == "__main__":
    run("outcomes", outcomes)
