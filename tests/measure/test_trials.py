"""条件を変えたくり返し: 小さな授業で通しで動き、違いを見逃さないこと。"""

import json
import shutil

import nbformat
import pytest

from tools.course.execute import EXECUTED
from tools.course.lesson import lesson_paths
from tools.measure import trials

LESSON = "00_check_environment"


def test_every_condition_at_once_gives_the_outputs_of_the_book(tmp_path):
    shutil.copytree(EXECUTED, tmp_path / "reference")
    for other in set((tmp_path / "reference").glob("*.ipynb")):
        if other.stem != LESSON:
            other.unlink()
    found = trials.run(trials.CONDITIONS[-1], [LESSON], tmp_path / "reference")
    assert found.problems == []
    assert found.seconds > 0 and found.megabytes > 100


def test_twenty_conditions_cover_what_they_promise():
    found = trials.CONDITIONS
    assert len(found) == 20 and len({one.name for one in found}) == 20
    changed = {name for one in found for name in one.environment}
    assert changed == {"LC_ALL", "LANG", "TZ", "PYTHONHASHSEED"}
    assert {one.workers for one in found} == {1, 2}
    assert any(one.offline for one in found) and any(one.busy for one in found)


def test_orders_keep_every_lesson():
    names = [path.stem for path in lesson_paths()]
    orders = [one.sorted(names) for one in trials.CONDITIONS]
    assert all(sorted(order) == sorted(names) for order in orders)
    assert len({tuple(order) for order in orders}) == 8  # 前から、後ろから、6つの混ぜ方


def notebook(path, *texts):
    outputs = [nbformat.v4.new_output("stream", text=text) for text in texts]
    cells = [nbformat.v4.new_code_cell("x", outputs=[output]) for output in outputs]
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def test_a_changed_output_is_seen_and_a_run_id_is_not(tmp_path):
    notebook(tmp_path / "one" / "10_a.ipynb", "答えは3", "0123456789abcdef0123456789abcdef")
    notebook(tmp_path / "two" / "10_a.ipynb", "答えは4", "fedcba9876543210fedcba9876543210")
    assert trials.differences(tmp_path / "one", tmp_path / "two") == ["10_a コードセル1"]
    shutil.copy(tmp_path / "one" / "10_a.ipynb", tmp_path / "two")
    assert trials.differences(tmp_path / "one", tmp_path / "two") == []


def test_results_are_written_as_they_come(tmp_path, monkeypatch, capsys):
    answers = iter([[], ["違うセル"], []])
    monkeypatch.setattr(trials, "run", lambda one, *_: trials.Run(one.name, 2, 3, next(answers)))
    result = tmp_path / "trials.json"
    assert trials.main(["--runs", "3", "--result", str(result)]) == 1
    found = json.loads(result.read_text("utf-8"))
    assert [one["problems"] for one in found["runs"]] == [[], ["違うセル"], []]
    assert found["date"] and found["machine"]
    assert "違うセル" in capsys.readouterr().out


def test_first_failure_stops_and_is_written(tmp_path, monkeypatch, capsys):
    failed = trials.Run("何も変えない", 1, 1, ["授業が失敗しました。"])
    monkeypatch.setattr(trials, "run", lambda *_: failed)
    result = tmp_path / "trials.json"
    assert trials.main(["--result", str(result)]) == 1
    assert json.loads(result.read_text("utf-8"))["runs"][0]["problems"] == failed.problems
    assert "1回目が終わらなかった" in capsys.readouterr().err


def test_unknown_lesson_is_told_before_anything_runs(monkeypatch, capsys):
    monkeypatch.setattr(trials, "run", lambda *_: pytest.fail("動かしてはいけない"))
    with pytest.raises(SystemExit):
        trials.main(["99"])
    assert "99 で始まる授業がありません" in capsys.readouterr().err
