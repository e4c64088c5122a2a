"""同じ授業が、よそのサーバーや古いMLflowの置き場所でも動く。"""

import nbformat
from projects import execute, project_with

from tools.workspace import provision
from tools.workspace import server as spark_server


def texts(project, name):
    """実行結果の、文字の出力。"""
    notebook = nbformat.read(project / "_build" / "executed" / f"{name}.ipynb", as_version=4)
    return [
        output.get("text") or output.get("data", {}).get("text/plain")
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]


def test_tracking_lesson_passes_on_the_folder_store(tmp_path):
    project = project_with(tmp_path / "project", "17_")
    store = tmp_path / "folder-store"
    uri = store.as_uri()
    done = execute(project, MLFLOW_TRACKING_URI=uri, MLFLOW_REGISTRY_URI=uri)
    assert done.returncode == 0, done.stderr
    assert list(store.glob("*/meta.yaml")), "フォルダーに実験が記録されていません。"


def test_lesson_runs_on_a_server_started_by_hand(tmp_path):
    """手で起動したサーバーに、SPARK_REMOTE だけを替えて接続する。"""
    project = project_with(tmp_path / "project", "13_")
    store = tmp_path / "second"
    provision.ensure_parts()
    with spark_server.running_jvm(store, spark_server.lock_store(store)) as (second, _):
        done = execute(project, SPARK_REMOTE=f"{second.remote}/;token={second.token}")
    assert done.returncode == 0, done.stderr
    assert list((store / "warehouse").rglob("_delta_log")), "2つ目のサーバーに表がありません。"
    assert texts(project, "13_databricks_overview")
