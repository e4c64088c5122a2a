"""条件を変えたくり返し: 小さな授業で通しで動き、違いを見逃さないこと。"""

import json
import shutil

import nbformat
import pytest

from tools.book.trials_table import Run, trials_table
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


def result(name, problems):
    return Run(name, "2026-11-27", 2, 3, problems)


def test_results_are_written_as_they_come(tmp_path, monkeypatch, capsys):
    answers = iter([[], ["違うセル"], []])
    monkeypatch.setattr(trials, "run", lambda one, *_: result(one.name, next(answers)))
    monkeypatch.setattr(trials, "KEPT", tmp_path / "trials.json")
    assert trials.main(["--only", "2", "5"]) == 1
    found = json.loads(trials.KEPT.read_text("utf-8"))
    assert [one["problems"] for one in found["runs"]] == [[], ["違うセル"], []]
    assert found["machine"]
    assert "違うセル" in capsys.readouterr().out


def test_later_runs_replace_only_their_own_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(trials, "run", lambda one, *_: result(one.name, []))
    monkeypatch.setattr(trials, "RESULT", tmp_path / "trials.json")
    assert trials.main(["--save", "--only", "9", "3"]) == 0
    trials.save(result(trials.CONDITIONS[2].name, ["違うセル"]), trials.RESULT)
    rows = json.loads(trials.RESULT.read_text("utf-8"))["runs"]
    assert [row["name"] for row in rows] == [trials.CONDITIONS[k].name for k in (0, 2, 8)]
    assert [row["problems"] for row in rows] == [[], ["違うセル"], []]
    assert trials_table(tmp_path / "none.json") == "この表の記録は、まだありません。"
    table = trials_table(trials.RESULT)
    assert "| 順を混ぜる（1） | 違いあり | 0分02秒 | 3MB | 2026-11-27 |" in table
    assert "3回のうち2回" in table


def test_first_failure_stops_and_is_written(tmp_path, monkeypatch, capsys):
    failed = result("何も変えない", ["授業が失敗しました。"])
    monkeypatch.setattr(trials, "run", lambda *_: failed)
    monkeypatch.setattr(trials, "KEPT", tmp_path / "trials.json")
    assert trials.main([]) == 1
    rows = json.loads(trials.KEPT.read_text("utf-8"))["runs"]
    assert [row["problems"] for row in rows] == [failed.problems]
    assert "1回目が終わらなかった" in capsys.readouterr().err


def test_unknown_lesson_is_told_before_anything_runs(monkeypatch, capsys):
    monkeypatch.setattr(trials, "run", lambda *_: pytest.fail("動かしてはいけない"))
    with pytest.raises(SystemExit):
        trials.main(["99"])
    assert "99 で始まる授業がありません" in capsys.readouterr().err
