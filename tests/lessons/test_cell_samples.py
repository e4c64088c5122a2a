"""レッスン14と15の本文が作るものと、lessons/cell_samples.py が返すものが等しいこと。"""

import builtins

import cell_samples
import pandas as pd
import pytest
from pyspark.sql import SparkSession

from tools.course.lesson import LESSONS, read_lesson


@pytest.fixture
def run_until(monkeypatch):
    """授業のコードセルを、``word`` のあるセルまで上から実行し、できた変数を返す関数。"""
    monkeypatch.setattr(builtins, "display", lambda *_: None, raising=False)

    def run(number, word):
        path = next(LESSONS.glob(f"{number}_*.py"))
        names = {"__name__": f"lesson_{number}"}
        for cell in read_lesson(path).cells:
            if cell.kind == "code":
                exec(compile(cell.source, f"{path.name}:{cell.line}", "exec"), names)  # noqa: S102
                if word in cell.source:
                    return names
        raise AssertionError(f"{path.name} に {word} のセルがない。")

    return run


def test_samples(run_until):
    made = run_until("14", 'saveAsTable("cell_samples")')["cells"]
    saved = SparkSession.builder.getOrCreate().table("delta_and_spark.cell_samples")
    expected = cell_samples.load()
    pd.testing.assert_frame_equal(made, expected)
    pd.testing.assert_frame_equal(saved.orderBy("sample_id").toPandas(), expected)


def test_split(run_until):
    names = run_until("15", "train_test_split(")
    X_train, X_test, y_train, y_test = cell_samples.split(cell_samples.load())
    assert (len(X_train), len(X_test)) == (426, 143)
    pd.testing.assert_frame_equal(names["X_train"], X_train)
    pd.testing.assert_frame_equal(names["X_test"], X_test)
    pd.testing.assert_series_equal(names["y_train"], y_train, check_names=False)
    pd.testing.assert_series_equal(names["y_test"], y_test, check_names=False)
