"""候補を41のゲートで審査し、合格なら ``champion`` にする。

``--model_name`` と ``--model_version`` は、MLflow 3のデプロイジョブが渡す2つの引数である。
渡されなければ、その月の候補を審査する。
"""

import os
import sys

sys.path.append(os.getcwd())  # 隣のファイルを読む。作業フォルダーが、このフォルダーの時

import churn_gate
import churn_steps
import mlflow
from churn_steps import FEATURES
from monthly import champion_version, load, recorded, rows_of, run


def gate(spark, options):
    name, version = options.model_name, options.model_version
    if not version:
        result, version = recorded(spark, options.month, "train")
        if result != "候補":
            return "なし", "候補がない"
    rows = rows_of(spark, options.month, 1)
    champion, tests = load_basis(spark, options)
    reasons = churn_gate.gate(load(name, version), champion, rows, tests)
    client = mlflow.MlflowClient()
    client.set_model_version_tag(name, version, "gate", "見送り" if reasons else "合格")
    if reasons:
        return "見送り", "、".join(reasons)
    client.set_registered_model_alias(name, "champion", version)
    return "昇格", f"バージョン{version}"


def load_basis(spark, options):
    """比べるモデルと、使うテスト。最初の1つは、何もしないモデルと比べる（41）。"""
    version = champion_version(options.model_name)
    if version is not None:
        return load(options.model_name, version), churn_gate.TESTS
    rows = rows_of(spark, options.month, 4, 2)
    nothing = churn_steps.make_model(churn_steps.candidates()["baseline"])
    tests = {key: test for key, test in churn_gate.TESTS.items() if key != "できすぎ"}
    return nothing.fit(rows[FEATURES], rows["churned"]), tests


if __name__ == "__main__":
    run("gate", gate)
