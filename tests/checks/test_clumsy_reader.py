"""不器用な読み手: セルを2度ずつ動かし、壊れた答えと間違いの後で正しく答え、散らかして次へ進む。

書き出したノートブックだけの木と、1つのワークスペースで、授業を番号の順に続ける。
"""

import pytest
from nbformat.v4 import new_code_cell

from tools.checks import databricks
from tools.checks.rehearse import rehearse
from tools.course.lesson import lesson_paths

# 答えの変数に、どの練習の答えでもない値を入れる。返事は日本語で、正解ではない。
STRANGE = """
import decimal as _decimal
import re as _re
import numpy as _numpy
import pandas as _pandas
from sklearn.tree import DecisionTreeClassifier as _Tree


def _broken(*arguments):
    return {{}}["no such key"]


def _leaving(*arguments):
    raise SystemExit("bye")


_values = [
    None, ..., -12345, 10**400, -0.123, float("nan"), float("inf"), _decimal.Decimal("sNaN"),
    "", "ありえない答え", "３", "not a word", b"x", [], [None], {{}}, {{1: 2}}, set(), (1, 2), 3j,
    len, int, print, object(), ValueError("could not convert"), _broken, _leaving,
    lambda *arguments: None, lambda *arguments: arguments, lambda: ..., _Tree, _Tree(),
    _numpy.array([]), _numpy.array([[1, 2]]), _pandas.DataFrame(), _pandas.Series(["x", None]),
    _pandas.DataFrame({{"a": [1]}}), _pandas.Timestamp("1999-01-01"), _pandas.NaT,
]
if "spark" in globals():
    _values += [spark.range(2), spark.sql("SELECT CAST('x' AS INT) AS n"), spark.range(1).first()]
for _value in _values:
    for _name in check.answers({number}):
        globals()[_name] = _value
    _verdict = check({number})
    _plain = _re.sub("`[^`]*`|「[^」]*」", "", _verdict.message)
    assert _verdict.kind != "正解", (_value, _verdict)
    assert _re.search("[ぁ-ヿ]", _plain), (_value, _verdict)
    assert not _re.search(r"(?:[A-Za-z]{{2,}}[ ,.:]+){{3,}}", _plain), (_value, _verdict)
"""
# 次の授業が始まる前の状態を、読み手のできるやり方で乱す。
MESS = """
import contextlib
import mlflow
from pyspark.sql import SparkSession

client = mlflow.MlflowClient()
for experiment in client.search_experiments():
    for run in client.search_runs([experiment.experiment_id], max_results=1):
        tags = {k: v for k, v in run.data.tags.items() if not k.startswith("mlflow.log-model")}
        client.create_run(experiment.experiment_id, tags=tags)
for model in client.search_registered_models():
    versions = client.search_model_versions(f"name = '{model.name}'")
    newest = max(versions, key=lambda version: int(version.version))
    extra = client.create_model_version(model.name, newest.source, newest.run_id)
    for alias in client.get_registered_model(model.name).aliases:
        client.set_registered_model_alias(model.name, alias, extra.version)
spark = SparkSession.builder.getOrCreate()
for schema in ["churn", spark.catalog.currentDatabase()]:
    with contextlib.suppress(Exception):
        for table in spark.catalog.listTables(schema):
            if not table.isTemporary:
                spark.sql(f"DROP TABLE {schema}.{table.name}")
while mlflow.active_run():
    mlflow.end_run()
mlflow.start_run(run_name="開いたまま")
"""


@pytest.fixture(scope="module")
def place():
    with databricks.open_place(databricks.ALONE) as opened:
        yield opened


@pytest.mark.parametrize("name", [path.stem for path in lesson_paths()])
def test_every_lesson_survives_a_clumsy_reader(place, name):
    notebook = rehearse(databricks.learner_notebook(place, name), name, clumsy=True, trial=STRANGE)
    notebook.cells.append(new_code_cell(MESS))
    assert databricks.run_notebook(place, notebook) == ""
