"""授業のコードを、人数とクラスターを変えて動かし、同じ結果になるか、何秒かかるかを測る。

    python -m tools.measure.scale [--customers 4000 400000 4000000] [--save]

結果は、1つ測るたびに ``_build/scale.json`` に書くので、途中で失敗しても残る。

32と35の授業から、タグ ``scale`` の付いたセルをそのまま実行する。
32は4つの元の表から特徴量の表を作り、35は特徴量の表から予測の表を作る。
``--save`` なら、結果を ``book/scale.json`` に書く（付録「規模を変えて動かす」の表になる）。

クラスターは ``local-cluster[2,1,1024]``（作業役のプロセスが2つ、それぞれ1コアと1024MB）。
作業役は ``jdk.incubator.vector`` のあるJDK 17か21でしか起動しないので、無ければ飛ばす。
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import psutil

from tools.book.scale_table import PLACES, RESULT, Measurement, growth
from tools.course.lesson import LESSONS, read_lesson
from tools.measure.memory import MemoryWatch
from tools.measure.project_copy import module
from tools.measure.result import heading, write_result
from tools.workspace import provision, server
from tools.workspace.environment import command_environment
from tools.workspace.provision import ROOT
from tools.workspace.startup import make_parts

KEPT = ROOT / "_build" / "scale.json"
CUSTOMERS = (4_000, 400_000, 4_000_000)
FEATURES_LESSON = LESSONS / "32_prepare_features.py"
SCORING_LESSON = LESSONS / "35_register_and_score.py"
# 授業の小さな表のための設定を、Sparkの既定に戻す。
DEFAULTS = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.shuffle.partitions": "32",
}


# --- クラスターに使うJDK --------------------------------------------------------


def full_jdk() -> Path | None:
    """作業役を起動できるJDK。JAVA_HOME、PATH、よくある置き場所の順に探す。"""
    candidates = [Path(os.environ["JAVA_HOME"])] if "JAVA_HOME" in os.environ else []
    if java := shutil.which("java"):
        candidates.append(Path(java).resolve().parent.parent)
    candidates += sorted(Path("/usr/lib/jvm").glob("*"))
    candidates += sorted(Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home"))
    return next((jdk for jdk in candidates if can_run_executors(jdk)), None)


def can_run_executors(jdk: Path) -> bool:
    """JDK 17か21で、Sparkが作業役に求めるモジュールがあるか。"""
    try:
        modules = subprocess.run(
            [jdk / "bin" / "java", "--list-modules"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return False
    return bool(re.search(r"^jdk\.incubator\.vector@(17|21)\b", modules, re.MULTILINE))


# --- サーバー -----------------------------------------------------------------


@contextlib.contextmanager
def scale_server(place: str) -> Iterator[server.Server]:
    """測定だけに使うサーバー。終わると表ごと消える。"""
    make_parts()
    changes, jdk = dict(DEFAULTS), None
    if place == "cluster":
        jdk = full_jdk()
        jars = os.pathsep.join(str(jar.path) for jar in provision.JARS)
        changes |= {
            "spark.master": "local-cluster[2,1,1024]",
            "spark.executor.memory": "1g",
            "spark.executor.extraClassPath": jars,
        }
    with contextlib.ExitStack() as stack:
        store = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-")))
        lock = server.lock_store(store)
        stack.callback(os.close, lock)
        how = {"temporary": True, "jdk": jdk, "changes": changes}
        yield stack.enter_context(server.running_jvm(store, lock, **how))[0]


def resident(process: int) -> Counter[str]:
    """プロセスの常駐メモリー（MB）。"""
    with contextlib.suppress(psutil.NoSuchProcess):
        return Counter(rss=psutil.Process(process).memory_info().rss // 2**20)
    return Counter()


# --- 授業のセル ---------------------------------------------------------------


def run_scale_cells(lesson: Path, names: dict) -> dict:
    """授業の ``scale`` のセルを上から順に実行し、できた変数を返す。"""
    cells = [cell for cell in read_lesson(lesson).cells if "scale" in cell.metadata.get("tags", [])]
    if not cells:
        raise SystemExit(f"{lesson.name} に、タグ scale の付いたセルがありません。")
    for cell in cells:
        source = "\n" * (cell.line - 1) + cell.source
        exec(compile(source, str(lesson), "exec"), names)  # noqa: S102
    return names


def digest(table) -> tuple[int, str]:
    """行数と、行の順によらない中身の要約。確率は9桁に丸める。"""
    from pyspark.sql import functions as F

    columns = [F.round(name, 9) if kind == "double" else F.col(name) for name, kind in table.dtypes]
    rows, mixed, total = table.select(
        F.count("*"),
        F.bit_xor(F.xxhash64(*columns)),
        F.sum(F.xxhash64(*columns).cast("decimal(38,0)")),
    ).first()[:]
    return rows, f"{mixed & (2**64 - 1):016x}{int(total) & (2**64 - 1):016x}"


def train_model():
    """測定に使うモデルとしきい値。どの人数でも同じになるよう、既定の4,000人で学習する。

    モデルは、35がレジストリから読むものと同じで、署名の検査が効き、確率を返す。
    """
    import churn_steps
    import mlflow
    from mlflow.models import infer_signature

    features = churn_steps.workshop_features()
    train = churn_steps.rows_between(features, churn_steps.TRAIN)
    inputs = train[churn_steps.FEATURES]
    model = churn_steps.make_model(churn_steps.candidates()["boosting"])
    model.fit(inputs, train["churned"])
    with tempfile.TemporaryDirectory() as folder:
        mlflow.sklearn.save_model(
            model,
            f"{folder}/model",
            signature=infer_signature(inputs, model.predict_proba(inputs)),
            pyfunc_predict_fn="predict_proba",
            pip_requirements=["scikit-learn"],
        )
        return mlflow.pyfunc.load_model(f"{folder}/model"), churn_steps.THRESHOLD


def measure(place: str, customers: int, jvm: int) -> Measurement:
    """1つの人数で、元の表を作り（時間に含めない）、32と35のセルを動かす。

    ``SPARK_REMOTE`` のサーバーにつなぐ。``jvm`` は、そのプロセス番号。
    """
    from pyspark.sql import SparkSession

    sys.path.insert(0, str(LESSONS))
    import churn

    model, threshold = train_model()
    spark = SparkSession.builder.getOrCreate()
    spark.sql(f"CREATE SCHEMA churn_{customers}")
    spark.sql(f"USE churn_{customers}")
    for name, table in churn.make_spark_tables(spark, n_customers=customers).items():
        table.write.saveAsTable(name)
    with MemoryWatch(partial(resident, jvm)) as watch:
        started = time.monotonic()
        run_scale_cells(FEATURES_LESSON, {"spark": spark, "__name__": "scale"})
        features_seconds = time.monotonic() - started
        feature_rows, features_digest = digest(spark.table("churn_features"))
        names = {"spark": spark, "model": model, "threshold": threshold, "model_version": "1"}
        started = time.monotonic()
        run_scale_cells(SCORING_LESSON, {**names, "__name__": "scale"})
        scoring_seconds = time.monotonic() - started
        predicted_rows, predictions_digest = digest(spark.table("churn_predictions"))
    usage_rows = spark.table("usage_monthly").count()
    spark.sql(f"DROP SCHEMA churn_{customers} CASCADE")
    return Measurement(
        place=place,
        customers=customers,
        usage_rows=usage_rows,
        feature_rows=feature_rows,
        predicted_rows=predicted_rows,
        digest=features_digest + predictions_digest,
        features_seconds=round(features_seconds, 1),
        scoring_seconds=round(scoring_seconds, 1),
        driver_megabytes=watch.peak["rss"],
    )


def measure_apart(place: str, customers: int, one: server.Server) -> Measurement:
    """別のプロセスで測る。クライアントのメモリーも接続も、前の測定から持ち越さない。"""
    command = module("tools.measure.scale", "one", place, str(customers), str(one.jvm))
    environment = {**command_environment(one), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(
            f"{PLACES[place]}の{customers:,}人で失敗しました。上の記録を見てください。"
        )
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def measure_all(customers: tuple[int, ...] = CUSTOMERS) -> Iterator[Measurement]:
    """1つのプロセスと、JDKがあればクラスターで、人数を変えて測り、1つずつ返す。"""
    places = ["local", "cluster"] if full_jdk() else ["local"]
    for place in places:
        with scale_server(place) as one:
            for number in customers:
                measured = measure_apart(place, number, one)
                print(line(measured), flush=True)
                yield measured
    if len(places) == 1:
        print("クラスターでは測りません。JDK 17か21を入れ、JAVA_HOMEで指してください。")


# --- 表示 ---------------------------------------------------------------------


def line(one: Measurement) -> str:
    return (
        f"{PLACES[one.place]}  {one.customers:,}人（利用{one.usage_rows:,}行）  "
        f"特徴量 {one.features_seconds}秒、予測 {one.scoring_seconds}秒、"
        f"サーバーのメモリー {one.driver_megabytes}MB"
    )


def save(path: Path, found: list[Measurement]) -> None:
    write_result(path, heading() | {"measurements": [asdict(one) for one in found]})


def main() -> int:
    """測って表示し、``--save`` なら付録の元になるファイルを書く。"""
    if sys.argv[1:2] == ["one"]:
        place, customers, jvm = sys.argv[2:]
        print(json.dumps(asdict(measure(place, int(customers), int(jvm)))))
        return 0
    parser = argparse.ArgumentParser(prog="python -m tools.measure.scale", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--customers", type=int, nargs="+", default=CUSTOMERS, help="人数")
    parser.add_argument("--save", action="store_true", help="book/scale.json に書く")
    options = parser.parse_args()
    found = []
    for one in measure_all(tuple(options.customers)):
        found.append(one)
        save(KEPT, found)
    if len(options.customers) > 1:
        for place in dict.fromkeys(one.place for one in found):
            print(f"{PLACES[place]}  最後の2つの人数で、時間は{growth(found, place):.1f}倍")
    same = all(
        len({one.digest for one in found if one.customers == number}) == 1
        for number in options.customers
    )
    print("どこで動かしても同じ結果です。" if same else "場所によって結果が違います。")
    if options.save:
        save(RESULT, found)
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
