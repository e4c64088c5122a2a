"""レッスン42のバンドル: 食い違いの検査、項目の検査、手元での実行、書き出したプロジェクト。"""

import os
import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
from bundle_check import VERSIONS, check_bundle
from bundle_project import MAIN, PROJECT, merged, order, read_files, resolve, run_job
from mlflow.exceptions import MlflowException

from tools.checks import lint
from tools.course import export
from tools.course.legs import LEGS
from tools.course.lesson import LESSONS

FILES = read_files()
JOB, ASSETS = "resources/monthly.job.yml", "resources/assets.yml"

# --- 食い違いの検査 --------------------------------------------------------------

# 壊し方: ファイル、前、後、見つけた文の一部
BROKEN = {
    "閉じ忘れ": (MAIN, 'default: "6"', 'default: "6', "YAMLを読めません"),
    "タブ": (MAIN, "  dev:", "\tdev:", "YAMLを読めません"),
    "同じキー": (MAIN, "  name: hidamari_churn", "  name: a\n  name: b", "2度"),
    "空のファイル": (JOB, None, "", "形が違います"),
    "tasksが辞書": (JOB, "        - task_key: features", "          features:", ""),
    "task_keyがない": (JOB, "- task_key: gate", "- task_ky: gate", "task_key"),
    "targetsがない": (MAIN, "targets:", "target:", "targets"),
    "輪": (
        JOB,
        "task_key: features\n",
        "task_key: features\n          depends_on: [{task_key: score}]\n",
        "順を決められない",
    ),
    "ないタスクを待つ": (JOB, "[{task_key: gate}]", "[{task_key: gates}]", "`gates`"),
    "同じ名前のタスク": (JOB, "- task_key: outcomes", "- task_key: inputs", "2つあります"),
    "環境がない": (JOB, "          environment_key: lesson\n", "", "`environment_key`がありません"),
    "宣言のない環境": (JOB, "- environment_key: lesson", "- environment_key: other", "`lesson`"),
    "古い環境": (MAIN, 'default: "6"', 'default: "4"', "environment_version"),
    "数の環境": (JOB, "${var.environment_version}", "6", "environment_version"),
    "client": (JOB, "environment_version:", "client:", "environment_version"),
    "スクリプトがない": (JOB, "../src/train.py", "../src/training.py", "src/training.py"),
    "フォルダーが違う": (JOB, "../src/gate.py", "src/gate.py", "resources/src/gate.py"),
    "ノートブックがない": (
        JOB,
        "spark_python_task: {python_file: ../src/score.py, parameters: *names}",
        "notebook_task: {notebook_path: ../src/score.ipynb}",
        "src/score.ipynb",
    ),
    "2つのタスク": (
        JOB,
        "spark_python_task: {python_file: ../src/score.py, parameters: *names}",
        "spark_python_task: {python_file: ../src/score.py}\n          sql_task: {}",
        "2つです",
    ),
    "宣言のない変数": (ASSETS, "${var.schema}", "${var.schemas}", "var.schemas"),
    "値のない変数": (MAIN, "      schema: churn_monthly\n", "      catalog: main\n", "var.schema"),
    "余分な変数": (MAIN, "schema: churn_monthly_dev", "schemata: x", "`schemata`"),
    "ないリソース": (JOB, "resources.schemas.churn.name", "resources.schemas.main.name", "main"),
    "ない項目": (JOB, "resources.schemas.churn.name", "resources.schemas.churn.title", "title"),
    "リソースの名前": (ASSETS, "    churn_model:", "    model:", "churn_model.name"),
    "ない引数": (JOB, "{{job.parameters.model}}", "{{job.parameters.models}}", "`models`"),
    "同じスキーマ": (MAIN, "churn_monthly_dev", "churn_monthly", "同じスキーマ"),
    "cronが5つ": (JOB, "0 0 6 2 * ?", "0 6 2 * *", "5つ"),
    "?が2つ": (JOB, "0 0 6 2 * ?", "0 0 6 ? * ?", "片方"),
    "?がない": (JOB, "0 0 6 2 * ?", "0 0 6 2 * *", "片方"),
    "知らない時間帯": (JOB, "Asia/Tokyo", "Asia/Tokio", "Asia/Tokio"),
    "時間帯がない": (JOB, "        timezone_id: Asia/Tokyo\n", "", "時間帯"),
    "止まったスケジュール": (
        JOB, "Asia/Tokyo", "Asia/Tokyo\n        pause_status: PAUSED", "PAUSED",
    ),
    "読まれないファイル": (MAIN, "resources/*.yml", "resources/*.job.yml", "assets.yml"),
    "トークン": (MAIN, "書き込み先のカタログ", "dapi" + "0123456789abcdef" * 2, "トークン"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bundle_is_found(name):
    path, before, after, wanted = BROKEN[name]
    text = after if before is None else FILES[path].replace(before, after)
    assert text != FILES[path]
    problems = check_bundle(FILES | {path: text})
    assert problems and wanted in "\n".join(problems)


def test_missing_files_are_found():
    for path in FILES:
        if (
            path == MAIN
            or path.startswith(("src/", "resources/"))
            and path not in {JOB, "src/monthly.py"}
        ):
            assert check_bundle({name: FILES[name] for name in FILES if name != path}), path


def test_files_as_they_are():
    assert check_bundle(FILES) == []
    code = (LESSONS / "bundle_check.py").read_text(encoding="utf-8").splitlines()
    code = [line for line in code if line.strip() and '"""' not in line]
    assert len([line for line in code if not line.startswith(("from", "import", "#"))]) <= 80


def test_what_may_differ_is_accepted():
    """正しい書き方の違いと、ほかの検査に任せる誤りは、食い違いとしない。"""
    for path, before, after in (
        (JOB, "0 0 6 2 * ?", "0 30 6 ? * MON 2027"),
        (JOB, "Asia/Tokyo", "UTC"),
        (JOB, "${var.date}", "${resources.jobs.monthly.id}"),
        (MAIN, 'default: "6"', 'default: "5"'),
        (MAIN, "      schema: churn_monthly\n", "      schema: a\n      catalog: b\n"),
        (MAIN, "resources/*.yml", "resources/*"),
        (JOB, "max_concurrent_runs", "max_concurrent_run"),  # 項目の名前は、パッケージが調べる
    ):
        assert before in FILES[path]
        assert check_bundle(FILES | {path: FILES[path].replace(before, after)}) == []


# --- 項目の検査 -----------------------------------------------------------------


def test_environment_versions_are_those_of_the_legs():
    assert set(VERSIONS) == {leg.group.removeprefix("environment-") for leg in LEGS.values()}


def test_fields_are_checked_by_the_package():
    reason = "databricks-bundlesがないので、項目の名前は調べません。"
    jobs = pytest.importorskip("databricks.bundles.jobs", reason=reason)
    experiments = pytest.importorskip("databricks.bundles.experiments", reason=reason)
    job = merged(FILES)["resources"]["jobs"]["monthly"]
    jobs.Job.from_dict(job)
    task = job["tasks"][0]
    with pytest.raises(ValueError, match="max_concurrent_run"):
        jobs.Job.from_dict({**job, "max_concurrent_run": job["max_concurrent_runs"]})
    with pytest.raises(TypeError, match="python_file"):
        jobs.Job.from_dict({**job, "tasks": [{**task, "spark_python_task": {}}]})
    jobs.Job.from_dict({**job, "tasks": [{**task, "depends_on": [{"task_key": "nowhere"}]}]})
    with pytest.raises(ValueError, match="description"):
        experiments.MlflowExperiment.from_dict({"name": "/Users/me/x", "description": "y"})


# --- 手元での実行 ---------------------------------------------------------------


@pytest.fixture
def job(spark):
    """使い捨てのスキーマに書くジョブと、そのモデルの名前。"""
    catalog, schema = spark.catalog.currentCatalog(), "bundle_test"
    name = f"{catalog}.{schema}.churn_model"

    def clean():
        spark.sql("USE default")
        spark.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        try:
            mlflow.MlflowClient().delete_registered_model(name)
        except MlflowException as error:
            assert error.error_code == "RESOURCE_DOES_NOT_EXIST"

    clean()
    spark.sql(f"CREATE SCHEMA {schema}")
    user = spark.sql("SELECT current_user()").first()[0]
    given = {"catalog": catalog, "schema": schema}
    yield resolve(merged(FILES), "dev", given, user)["jobs"]["monthly"], name
    clean()


def state(spark, name):
    tables = ("ops_log", "churn_features", "predictions")
    history = {table: spark.sql(f"DESCRIBE HISTORY {table}").count() for table in tables}
    versions = mlflow.MlflowClient().search_model_versions(f"name = '{name}'")
    return history, len(versions)


def results(spark, month):
    rows = spark.table("ops_log").where(f"month = '{month}'").collect()
    return {row["task"]: row["result"] for row in rows}


def test_job_runs_and_repeats(spark, job, capsys):
    """最後まで動き、2度目は何も変えない。途中で止まった後のやり直しは、続きだけを動かす。"""
    monthly, name = job
    argv, path = sys.argv, sys.path[:]
    run_job(monthly, {"date": "2026-09-01"})
    assert (sys.argv, sys.path) == (argv, path)
    first = results(spark, "2026-08")
    assert first["outcomes"] == "学習し直す" and first["gate"] == "昇格" and len(first) == 6
    before = state(spark, name)
    run_job(monthly, {"date": "2026-09-01"})
    assert state(spark, name) == before
    assert capsys.readouterr().out.count("済み") == 6
    spark.sql("DELETE FROM ops_log WHERE task IN ('train', 'gate', 'score')")
    run_job(monthly, {"date": "2026-09-01"})
    assert results(spark, "2026-08") == first
    assert state(spark, name)[1] == 1
    assert spark.table("predictions").count() == len(
        {row["customer_id"] for row in spark.table("predictions").collect()}
    )


def test_bad_candidate_leaves_the_champion(spark, job):
    """値上げの後の月: 学習し直すが、候補は断られ、予測は前のモデルで続ける。"""
    monthly, name = job
    for date in ("2026-09-01", "2026-12-01"):
        run_job(monthly, {"date": date})
    november = results(spark, "2026-11")
    assert (november["outcomes"], november["train"], november["gate"]) == (
        "学習し直す", "候補", "見送り",
    )  # fmt: skip
    client = mlflow.MlflowClient()
    assert str(client.get_registered_model(name).aliases["champion"]) == "1"
    assert {row["version"] for row in spark.table("predictions").collect()} == {"1"}
    gate = [task for task in monthly["tasks"] if task["task_key"] == "gate"]
    given = gate[0]["spark_python_task"]["parameters"]
    given += [f"--model_name={name}", "--model_version=1"]  # デプロイジョブが渡す2つ
    run_job({**monthly, "tasks": [{**gate[0], "depends_on": []}]}, {"date": "2026-12-01"})
    assert results(spark, "2026-11")["gate 1"] == "昇格"


def test_job_stops_where_it_fails(spark, job):
    monthly, _ = job
    with pytest.raises(RuntimeError, match="行がありません"):
        run_job(monthly, {"date": "2030-01-01"})
    assert not spark.catalog.tableExists("ops_log")  # 記録を書く前に止まった


def test_order_of_the_job():
    tasks = merged(FILES)["resources"]["jobs"]["monthly"]["tasks"]
    assert order(tasks) == order(reversed(tasks)) or set(order(tasks)) == set(order(tasks[::-1]))
    with pytest.raises(ValueError, match="順を決められない"):
        order([{"task_key": "a", "depends_on": [{"task_key": "a"}]}])


# --- 書き出したプロジェクト -------------------------------------------------------


def test_exported_project_stands_alone(tmp_path):
    """``project`` だけを取り出しても、その試験が通る。飛ばした試験は、理由を言う。"""
    for name, content in export.project().items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "tests"],
        cwd=tmp_path / "project", env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout or "項目の名前は調べません" in done.stdout


def test_project_is_published_beside_the_lessons():
    files = export.tree()
    project = {name: files[name] for name in files if name.startswith("project/")}
    assert {"project/databricks.yml", "project/.github/workflows/ci.yml"} <= project.keys()
    assert {f"project/src/{name}.py" for name in ("churn", "churn_steps", "churn_gate")} <= {
        *project
    }
    assert "project/tests/bundle_check.py" in project
    for name, content in project.items():
        assert files[f"lessons/bundle/{name.removeprefix('project/')}"] == content
    assert not [name for name in project if "__pycache__" in name]


def test_project_root_is_the_folder_read_by_the_lesson():
    assert Path(PROJECT) == LESSONS / "bundle"


@pytest.mark.parametrize("path", lint.project_scripts(), ids=lambda path: path.stem)
def test_scripts_follow_the_rules_of_serverless(path):
    assert lint.lint_module(path) == []
