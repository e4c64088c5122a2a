"""入力を調べる: 前の月からのPSIが線を超えた列があれば止め、人が表を調べる（51と52）。"""

import os
import sys

sys.path.append(os.getcwd())  # 隣のファイルを読む。作業フォルダーが、このフォルダーの時

import churn_ops
from churn_steps import FEATURES
from monthly import rows_of, run

LINE = 0.25  # 51で全員の粗い目安にした線


def inputs(spark, options):
    rows = rows_of(spark, options.month, 1, 0)
    is_now = rows["month"] == options.month
    before, now = rows[~is_now], rows[is_now]
    psi = {name: churn_ops.psi(before[name], now[name]) for name in FEATURES}
    moved = [name for name, value in psi.items() if not value <= LINE]
    if moved:
        raise RuntimeError(f"表を調べてください。前の月から大きく動いた列: {'、'.join(moved)}")
    return "異常なし", f"PSIは最大{max(psi.values()):.2f}"


if __name__ == "__main__":
    run("inputs", inputs)
