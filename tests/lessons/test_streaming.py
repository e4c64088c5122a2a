"""レッスン54の材料と道具が、Sparkのストリームと同じ働きをすること。"""

import shutil
from pathlib import Path

import batch_rehearsal
import checkpoints
import numpy as np
import pandas as pd
import prediction_log
import pytest
from checks import lesson_54
from checks.answers import Retry
from pyspark.errors import AnalysisException, ParseException
from pyspark.sql import functions as F

SCHEMA = "streaming_tested"


@pytest.fixture
def schema(spark, monkeypatch):
    before = spark.catalog.currentDatabase()
    spark.sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    spark.sql(f"USE {SCHEMA}")
    yield
    spark.sql(f"USE {before}")
    spark.sql(f"DROP SCHEMA {SCHEMA} CASCADE")


class FakeSpark:
    """``CREATE VOLUME`` に ``error`` で答えるSpark。"""

    def __init__(self, error: Exception | None = None, schema: str = "tested") -> None:
        self.error, self.schema, self.statements = error, schema, []
        self.catalog = self

    def currentDatabase(self) -> str:  # noqa: N802
        return self.schema

    def currentCatalog(self) -> str:  # noqa: N802
        return "workspace"

    def sql(self, statement: str) -> None:
        self.statements.append(statement)
        if self.error:
            raise self.error


@pytest.fixture(autouse=True)
def fresh_places(monkeypatch):
    monkeypatch.setattr(checkpoints, "_places", {})


def test_checkpoint_is_in_a_volume_where_there_are_volumes():
    spark = FakeSpark()
    places = [checkpoints.checkpoint_folder(spark, name) for name in ("a", "a", "b")]
    assert places == [Path("/Volumes/workspace/tested/checkpoints", name) for name in "aab"]
    assert spark.statements == ["CREATE VOLUME IF NOT EXISTS checkpoints"]
    spark.schema = "another"
    assert checkpoints.checkpoint_folder(spark, "a").parts[3] == "another"


def test_checkpoint_is_in_a_temporary_folder_where_there_are_none(spark, schema):
    one, again, two = (checkpoints.checkpoint_folder(spark, name) for name in ("a", "a", "b"))
    assert one == again != two and one.parent == two.parent and one.parent.name == SCHEMA
    other = checkpoints.checkpoint_folder(FakeSpark(ParseException("no volume")), "a")
    assert other != one and "/Volumes" not in str(other)


def test_other_errors_are_not_taken_for_a_place_without_volumes():
    with pytest.raises(AnalysisException, match="denied"):
        checkpoints.checkpoint_folder(FakeSpark(AnalysisException("denied")), "a")


def test_quiet_week_arrives_once_and_the_accidents_are_those_told():
    quiet, week, events = (
        prediction_log.arrivals(False), prediction_log.arrivals(True), prediction_log.events(),
    )  # fmt: skip
    late = pd.to_datetime(quiet["arrived"]) - quiet["predicted_at"].dt.normalize()
    assert quiet["prediction_id"].is_unique and (late == pd.Timedelta(days=1)).all()
    assert set(week["prediction_id"]) == set(events["prediction_id"])
    twice = week[week["prediction_id"].duplicated(keep=False)]
    assert set(twice["predicted_at"].dt.normalize()) == {prediction_log.TWICE}
    late = pd.to_datetime(week["arrived"]) - week["predicted_at"].dt.normalize()
    [days] = {*late[late > pd.Timedelta(days=2)].dt.days}
    assert days == 1 + prediction_log.LATE_BY
    changed = (
        quiet.set_index("prediction_id")["probability"]
        != events.set_index("prediction_id")["probability"]
    )
    days = events.set_index("prediction_id")["predicted_at"].dt.normalize()[changed]
    assert set(days) == {prediction_log.THOUSANDS}


SIZE, seen = 1, []


def save(batch, batch_id):
    batch.limit(SIZE).write.mode("append").saveAsTable("reports")
    seen.append("session" in globals())


def test_rehearsal_hides_the_session_and_nothing_else(spark, schema, monkeypatch):
    monkeypatch.setitem(globals(), "session", spark)
    rows = batch_rehearsal.rehearse(save, spark)
    assert len(rows) == len(batch_rehearsal.BEFORE) + 1 and seen == [False]
    assert globals()["session"] is spark

    def looks(batch, batch_id):
        batch.createOrReplaceTempView("rehearsed")
        batch.sparkSession.table("rehearsed").count()

    before = batch_rehearsal._views(spark)
    assert len(batch_rehearsal.rehearse(looks, spark)) == len(batch_rehearsal.BEFORE)
    assert batch_rehearsal._views(spark) == before

    def stops(batch, batch_id):
        raise ValueError("止まる")

    assert isinstance(batch_rehearsal.rehearse(stops, spark), ValueError)
    assert rows.attrs["function"] is save


def test_delta_table_is_answered_with_what_to_write(spark, schema):
    def merges(batch, batch_id):
        from delta.tables import DeltaTable

        old = DeltaTable.forName(batch.sparkSession, "reports").alias("old")
        merge = old.merge(batch.alias("new"), "old.region = new.region AND old.day = new.day")
        merge.whenNotMatchedInsertAll().execute()

    with pytest.raises(Retry, match="`MERGE`"):
        lesson_54.stopped(batch_rehearsal.rehearse(merges, spark))


def test_waiting_rules_are_those_of_spark(spark, schema, tmp_path):
    """練習2の決まりは、毎朝1度ずつ動かしたストリームと同じ。"""
    delivery = np.diag([380, 365, 350, 390, 400])
    for morning, day, count in [(2, 1, 12), (3, 0, 5), (3, 2, 20), (4, 2, 8)]:
        delivery[morning, day] = count
    spark.sql("DROP TABLE IF EXISTS delivered")
    for row in delivery:
        days = np.repeat(np.arange(5), row)
        times = pd.Timestamp("2027-07-05") + pd.to_timedelta(days, "D") + pd.Timedelta(hours=18)
        rows = spark.createDataFrame(pd.DataFrame({"at": times}))
        rows.write.mode("append").saveAsTable("delivered")
        (
            spark.readStream.table("delivered")
            .withWatermark("at", "1 day").groupBy(F.window("at", "1 day").alias("part"))
            .agg(F.count("*").alias("n")).selectExpr("dayofmonth(part.start) - 5 AS day", "n")
            .writeStream.option("checkpointLocation", str(tmp_path / "windows"))
            .trigger(availableNow=True).toTable("windows").awaitTermination()
        )  # fmt: skip
    counted = spark.table("windows").toPandas().set_index("day")["n"].sort_index()
    closed, dropped = lesson_54.waited(pd.DataFrame(delivery), 1)
    assert counted.index.tolist() == [*range(closed)] and closed == 3
    assert delivery[:, :closed].sum() - counted.sum() == dropped == 5

    mornings, days = delivery.nonzero()
    rows = pd.DataFrame({"day": days, "arrived": mornings + 1}).apply(
        lambda column: pd.Timestamp("2027-07-05") + pd.to_timedelta(column, "D")
    )
    rows = rows.loc[np.repeat(rows.index, delivery[mornings, days])]
    assert prediction_log.dropped_rows(rows, 1) == dropped


def test_skipped_changes_stay_in_the_copy(spark, schema, tmp_path):
    spark.sql("DROP TABLE IF EXISTS source")
    spark.range(5).coalesce(1).write.mode("overwrite").saveAsTable("source")

    def copy(skip: bool) -> list[int]:
        source = spark.readStream.option("skipChangeCommits", str(skip).lower()).table("source")
        (
            source.writeStream.option("checkpointLocation", str(tmp_path / "copied"))
            .trigger(availableNow=True).toTable("copied").awaitTermination()
        )  # fmt: skip
        return sorted(spark.table("copied").toPandas()["id"])

    assert copy(skip=False) == [0, 1, 2, 3, 4]
    spark.sql("UPDATE source SET id = 9 WHERE id = 3").collect()
    spark.range(5, 6).write.mode("append").saveAsTable("source")
    with pytest.raises(Exception, match="DELTA_SOURCE_TABLE_IGNORE_CHANGES"):
        copy(skip=False)
    assert copy(skip=True) == [0, 1, 2, 3, 4, 5]


def test_rows_are_read_again_without_the_checkpoint(spark, schema, tmp_path):
    spark.sql("DROP TABLE IF EXISTS source")
    spark.range(3).coalesce(1).write.saveAsTable("source")

    def copied() -> int:
        (
            spark.readStream.option("startingVersion", 0).table("source")
            .writeStream.option("checkpointLocation", str(tmp_path / "copied"))
            .trigger(availableNow=True).toTable("copied").awaitTermination()
        )  # fmt: skip
        return spark.table("copied").count()

    assert (copied(), copied()) == (3, 3)
    shutil.rmtree(tmp_path / "copied")
    assert copied() == 6
