"""ファイルどうしの食い違い、始まる時刻、項目の名前を、ワークスペースにつながずに調べる。"""

import sys
from pathlib import Path

import pandas as pd
import pytest

PROJECT = Path(__file__).resolve().parent.parent
sys.path.append(str(PROJECT / "src"))

from bundle_check import check_bundle
from bundle_project import merged, read_files
from monthly import month_of

FILES = read_files(PROJECT)
WHOLE = merged(FILES)


def test_files_agree():
    assert check_bundle(FILES) == []


@pytest.mark.parametrize("month", pd.date_range("2027-01-01", "2028-12-01", freq="MS"))
def test_job_starts_in_the_month_it_means(month):
    """日本時間の始まる時刻と、スクリプトが数える月（UTCの日付の前の月）が合う。"""
    schedule = WHOLE["resources"]["jobs"]["monthly"]["schedule"]
    _, minute, hour, day = map(int, schedule["quartz_cron_expression"].split()[:4])
    start = month.replace(day=day, hour=hour, minute=minute)
    date = start.tz_localize(schedule["timezone_id"]).tz_convert("UTC").date()
    assert month_of(date) == month - pd.DateOffset(months=1)


def test_fields():
    """項目の名前と必須の項目。パッケージがなければ、理由を表示して飛ばす。"""
    reason = "databricks-bundlesがないので、項目の名前は調べません。"
    jobs = pytest.importorskip("databricks.bundles.jobs", reason=reason)
    from databricks.bundles.experiments import MlflowExperiment
    from databricks.bundles.registered_models import RegisteredModel
    from databricks.bundles.schemas import Schema

    kinds = {
        "jobs": jobs.Job,
        "schemas": Schema,
        "registered_models": RegisteredModel,
        "experiments": MlflowExperiment,
    }
    for kind, found in WHOLE["resources"].items():
        for one in found.values():
            kinds[kind].from_dict(one)
