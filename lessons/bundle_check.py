"""バンドルのファイルどうしの食い違いを、Databricksにつながずに調べる（レッスン42）。"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from zoneinfo import ZoneInfo

import yaml
from bundle_project import MAIN, PLACES, included, merged, order, resolve

VERSIONS = ("5", "6")  # この本で確かめた、サーバーレスの環境バージョン
NEEDS_ENVIRONMENT = {"spark_python_task", "python_wheel_task", "dbt_task"}
# 値の決まらなかった ``${…}``。出す時に決まるもの（利用者の名前やID）は除く。
UNKNOWN = r"\$\{(?!workspace\.|resources\.\w+\.\w+\.(?:id|full_name|url)\})([^}]*)\}"


def check_bundle(files: Mapping[str, str]) -> list[str]:
    """``files``（パス → 中身）の食い違いのリスト。見つからなければ空。例外は送らない。"""
    try:
        whole = merged(files)
        found = [*_files(files), *_targets(whole)]
        for target in whole["targets"]:
            resources = resolve(whole, target)
            unknown = re.findall(UNKNOWN, str(resources))
            found += [f"{target}: `${{{name}}}`の値が決まりません" for name in unknown]
            for name, job in (resources.get("jobs") or {}).items():
                found += [f"ジョブ{name}: {problem}" for problem in _job(job, files)]
        return [*dict.fromkeys(found)]
    except yaml.YAMLError as error:
        return [f"YAMLを読めません: {error}"]
    except KeyError as error:
        return [f"必要なものがありません: {error}"]
    except (AttributeError, TypeError, IndexError) as error:
        return [f"YAMLの形が違います。字下げと`-`を見てください: {error}"]


def _files(files: Mapping[str, str]) -> Iterator[str]:
    for path, text in files.items():
        if path.startswith("resources/") and path not in included(files):
            yield f"{path}: `include`のどの行にも当てはまりません"
        if re.search(r"\bdapi[0-9a-f]{16}", text):
            yield f"{path}: アクセストークンが書かれています"


def _targets(whole: Mapping) -> Iterator[str]:
    for name, place in whole["targets"].items():
        known = (whole.get("variables") or {}).keys()
        for extra in ((place or {}).get("variables") or {}).keys() - known:
            yield f"{MAIN}: {name}の変数`{extra}`が、`variables`にありません"
    for one, other in combinations(whole["targets"], 2):
        for name in sorted(schemas(resolve(whole, one)) & schemas(resolve(whole, other))):
            yield f"{MAIN}: {one}と{other}が、同じスキーマ`{name}`に書きます"


def schemas(resources: Mapping) -> set[str]:
    """``resolve`` した設定が書き込むスキーマ。"""
    return {f"{s['catalog_name']}.{s['name']}" for s in resources.get("schemas", {}).values()}


def _job(job: Mapping, files: Mapping[str, str]) -> Iterator[str]:
    yield from _schedule(job["schedule"]) if "schedule" in job else ()
    known = {one["environment_key"]: one["spec"] for one in job.get("environments") or []}
    for key, spec in known.items():
        if "client" in spec or spec.get("environment_version") not in VERSIONS:
            yield f"環境`{key}`の`environment_version`は、文字列の{'か'.join(VERSIONS)}にします"
    parameters = {one["name"] for one in job.get("parameters") or []}
    for name in sorted(set(re.findall(r"job\.parameters\.(\w+)", str(job["tasks"]))) - parameters):
        yield f"ジョブの引数`{name}`が、`parameters`にありません"
    names = [task["task_key"] for task in job["tasks"]]
    lost = [f"{name}: 同じ名前のタスクが2つあります" for name in names if names.count(name) > 1]
    for task in job["tasks"]:
        for other in (one["task_key"] for one in task.get("depends_on") or []):
            if other not in names:
                lost.append(f"{task['task_key']}: `depends_on`の`{other}`というタスクがありません")
        yield from (f"{task['task_key']}: {problem}" for problem in _task(task, known, files))
    yield from lost
    try:
        order([] if lost else job["tasks"])
    except ValueError as error:
        yield str(error)


def _task(task: Mapping, known: Mapping, files: Mapping[str, str]) -> Iterator[str]:
    kinds = {key for key in task if key.endswith("_task")}
    if len(kinds) != 1:
        yield f"動かすもの（`…_task`）が{len(kinds)}つです。1つにします"
    if kinds & NEEDS_ENVIRONMENT and "environment_key" not in task:
        yield "`environment_key`がありません"
    if task.get("environment_key", next(iter(known), None)) not in {*known, None}:
        yield f"環境`{task['environment_key']}`が、`environments`にありません"
    for kind in PLACES.keys() & kinds:
        if task[kind][PLACES[kind]] not in files:
            yield f"ファイル`{task[kind][PLACES[kind]]}`がありません"


def _schedule(schedule: Mapping) -> Iterator[str]:
    fields = str(schedule["quartz_cron_expression"]).split()
    if len(fields) not in (6, 7):
        yield f"`quartz_cron_expression`が{len(fields)}つに分かれます。秒から始まる6つか7つです"
    elif (fields[3] == "?") == (fields[5] == "?"):
        yield "`quartz_cron_expression`の日と曜日は、使わない片方だけを`?`にします"
    try:
        ZoneInfo(schedule["timezone_id"])
    except (KeyError, ValueError):
        yield f"時間帯`{schedule.get('timezone_id', '（なし）')}`が分かりません"
    if schedule.get("pause_status") == "PAUSED":
        yield "スケジュールが、本番でも止まります（`PAUSED`）"
