"""バンドルのプロジェクト（フォルダー ``bundle``）を読み、ジョブを手元で動かす（レッスン42）。"""

from __future__ import annotations

import posixpath
import re
import runpy
import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent / "bundle"
MAIN = "databricks.yml"
SHOWN = {".yml", ".py", ".txt", ".md"}
PLACES = {"spark_python_task": "python_file", "notebook_task": "notebook_path"}


def read_files(folder: Path = PROJECT) -> dict[str, str]:
    """プロジェクトのファイル。フォルダーから見たパス → 中身の文字列。"""
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in SHOWN)
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}


class Loader(yaml.SafeLoader):
    """同じキーが2度ある時に、後のものを黙って使わずに止まる。"""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            problem = f"キー {twice} が2度あります"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


def load(files: Mapping[str, str], path: str) -> Any:
    """``path`` のYAML。読めなければ、場所を言う ``yaml.YAMLError``。"""
    try:
        return yaml.load(files[path], Loader)  # noqa: S506 値だけを読む読み手から作った
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1
        raise yaml.YAMLError(f"{path}の{line}行目のあたり（{error.problem}）") from error


def included(files: Mapping[str, str]) -> list[str]:
    """``databricks.yml`` の ``include`` に当てはまるファイル。"""
    patterns = load(files, MAIN).get("include") or []
    return [path for path in files if any(fnmatch(path, pattern) for pattern in patterns)]


def merged(files: Mapping[str, str]) -> dict:
    """1つにまとめた設定。スクリプトのパスは、プロジェクトのフォルダーから見たパスに直す。

    YAMLとして読めなければ ``yaml.YAMLError``。
    """
    whole = load(files, MAIN)
    resources = whole.setdefault("resources", {})
    for path in included(files):
        for kind, found in load(files, path)["resources"].items():
            if both := resources.get(kind, {}).keys() & found.keys():
                raise yaml.YAMLError(f"{kind}の{min(both)}が、2つのファイルにあります")
            resources[kind] = resources.get(kind, {}) | found
            for job in found.values() if kind == "jobs" else []:
                for task in job.get("tasks") or []:
                    for key in PLACES.keys() & task.keys():
                        place = posixpath.join(posixpath.dirname(path), task[key][PLACES[key]])
                        task[key] = task[key] | {PLACES[key]: posixpath.normpath(place)}
    return whole


def resolve(whole: Mapping, target: str, variables: Mapping = {}, user: str = "利用者") -> dict:  # noqa: B006
    """``target`` に出す時の設定。``${…}`` を値に替える。分からないものは、そのまま残す。"""
    values = {"bundle.name": whole["bundle"]["name"], "bundle.target": target}
    values["workspace.current_user.userName"] = user
    place = whole["targets"][target] or {}
    given = {
        name: (one or {}).get("default") for name, one in (whole.get("variables") or {}).items()
    }
    given |= {name: v for name, v in (place.get("variables") or {}).items() if name in given}
    values |= {f"var.{name}": value for name, value in (given | dict(variables)).items()}
    for kind, found in whole["resources"].items():
        for name, one in found.items():
            values |= {f"resources.{kind}.{name}.{key}": value for key, value in one.items()}
    return _filled(whole["resources"], values)


def _filled(part: Any, values: Mapping, depth: int = 5) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, values) for value in part]
    if not isinstance(part, str) or depth == 0:
        return part

    def value_of(found: re.Match) -> str:
        value = values.get(found[1])
        return str(value) if isinstance(value, str | int) else found[0]

    new = re.sub(r"\$\{([^}]*)\}", value_of, part)
    return part if new == part else _filled(new, values, depth - 1)


def order(tasks: Iterable[Mapping]) -> list[str]:
    """``depends_on`` を守って動かせる順の、タスクの名前。並べられなければ ``ValueError``。"""
    waiting = {t["task_key"]: {d["task_key"] for d in t.get("depends_on") or []} for t in tasks}
    done: list[str] = []
    while ready := [name for name, needs in waiting.items() if needs <= set(done)]:
        done += ready
        waiting = {name: needs for name, needs in waiting.items() if name not in ready}
    if waiting:
        raise ValueError(f"動かす順を決められないタスク: {'、'.join(waiting)}")
    return done


def remove_traces(spark: Any, client: Any, model_name: str) -> None:
    """前に動かした跡を消す: いまのスキーマの表、登録モデル、開いたままのラン。なければ何もしない。"""
    import mlflow
    from mlflow.exceptions import MlflowException

    mlflow.end_run()
    for table in ("ops_log", "churn_features", "predictions"):
        spark.sql(f"DROP TABLE IF EXISTS {table}")
    try:
        client.delete_registered_model(model_name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise


def run_job(job: Mapping, parameters: Mapping[str, str] | None = None) -> None:
    """``resolve`` したジョブのスクリプトを、このプロセスの中で、``depends_on`` の順に動かす。

    ``parameters`` は、ジョブの引数のうち、既定と替えるもの。途中で例外が出たら、後のタスクは動かさない。
    """
    values = {one["name"]: one["default"] for one in job.get("parameters") or []}
    values |= parameters or {}
    tasks = {task["task_key"]: task["spark_python_task"] for task in job["tasks"]}
    before = sys.argv, sys.path[:]
    try:
        for name in order(job["tasks"]):
            script = PROJECT / tasks[name]["python_file"]
            given = [
                re.sub(r"\{\{job\.parameters\.(\w+)\}\}", lambda found: values[found[1]], text)
                for text in tasks[name].get("parameters") or []
            ]
            sys.argv, sys.path[0:0] = [str(script), *given], [str(script.parent)]
            runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv, sys.path[:] = before
