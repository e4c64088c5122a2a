"""32と35のコードが、人数と場所を変えても同じ結果を作ること。"""

import json
import time

import pytest

from tools.book import scale_table
from tools.course.lesson import read_lesson
from tools.measure import scale

CUSTOMERS = (4_000, 40_000)


@pytest.fixture(scope="module")
def found():
    return list(scale.measure_all(CUSTOMERS))


def at(found, place):
    return {one.customers: one for one in found if one.place == place}


def test_rows_and_memory_grow_as_expected(found):
    local = at(found, "local")
    assert list(local) == list(CUSTOMERS)
    for one in local.values():
        assert one.usage_rows > one.feature_rows > one.predicted_rows > 0
        assert one.feature_rows == pytest.approx(5 * one.customers, rel=0.05)


def test_the_cluster_makes_the_same_rows(found):
    if scale.full_jdk() is None:
        pytest.skip("クラスターの作業役を動かせるJDK 17か21がありません")
    local, cluster = at(found, "local"), at(found, "cluster")
    assert {number: one.digest for number, one in cluster.items()} == {
        number: one.digest for number, one in local.items()
    }
    assert local[4_000].digest != local[40_000].digest


def test_a_changed_feature_changes_the_digest(monkeypatch):
    cells = [
        cell.source
        for cell in read_lesson(scale.FEATURES_LESSON).cells
        if "scale" in cell.metadata.get("tags", [])
    ]
    assert any("three_months" in source for source in cells)
    assert not any("toPandas" in source or "collect(" in source for source in cells)


def test_saved_measurements_meet_the_goals():
    """付録の表の元。400万人までの伸びは12倍以内、サーバーのメモリーはほぼ平ら。"""
    saved = json.loads(scale.RESULT.read_text("utf-8"))
    found = [scale.Measurement(**one) for one in saved["measurements"]]
    for place in scale.PLACES:
        rows = at(found, place)
        assert list(rows) == list(scale.CUSTOMERS)
        assert scale.growth(list(rows.values()), place) <= 12
        assert rows[4_000_000].driver_megabytes <= 1.3 * rows[400_000].driver_megabytes
    assert at(found, "local")[4_000_000].digest == at(found, "cluster")[4_000_000].digest
    assert saved["date"] <= time.strftime("%Y-%m-%d") and saved["machine"]


def test_page_says_which_place_was_faster():
    def measured(place, customers, seconds):
        return scale.Measurement(place, customers, 1, 1, 1, "", seconds, 1.0, 1)

    local, cluster = scale.PLACES
    found = [measured(local, 4, 1.0), measured(local, 400, 9.0), measured(local, 40, 3.0)]
    found += [measured(cluster, 4, 2.0), measured(cluster, 400, 5.0), measured(cluster, 40, 2.0)]
    said = scale_table.faster_places(found)
    assert said.index("4人") < said.index(scale.PLACES[local])
    assert f"400人と40人では{scale.PLACES[cluster]}" in said


def test_a_lesson_without_scale_cells_is_refused():
    with pytest.raises(SystemExit, match="タグ scale"):
        scale.run_scale_cells(scale.LESSONS / "31_problem_and_setup.py", {})


def test_measurements_before_a_failure_are_kept(tmp_path, monkeypatch):
    def measure_all(customers):
        yield scale.Measurement("local", customers[0], 1, 1, 1, "", 1.0, 1.0, 1)
        raise SystemExit("わざと失敗しました。")

    monkeypatch.setattr(scale, "measure_all", measure_all)
    monkeypatch.setattr(scale, "KEPT", tmp_path / "scale.json")
    monkeypatch.setattr("sys.argv", ["scale", "--customers", "4000", "40000"])
    with pytest.raises(SystemExit, match="わざと"):
        scale.main()
    kept = json.loads(scale.KEPT.read_text("utf-8"))
    assert [one["customers"] for one in kept["measurements"]] == [4_000]
