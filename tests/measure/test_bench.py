"""測定: 通しで動き、途中の失敗が、ほかの測定を失わせないこと。"""

import json
import shutil

import pytest

from tools.course.legs import LEGS
from tools.measure import bench, bounds, project_copy

LESSON = "00_check_environment"  # 軽く、本の表紙が指すので、これだけで本ができる


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """(c) が失敗する1回分を測った後の、終了コードとJSON。"""

    def fail(*_):
        raise project_copy.CommandFailed("わざと失敗しました。")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "RESULT", tmp_path_factory.mktemp("bench") / "bench.json")
        patch.setattr(bench, "warm", fail)
        patch.setattr(bench, "system_java", lambda: None)
        code = bench.main(["--rounds", "1", "--lessons", LESSON])
        return code, json.loads(bench.RESULT.read_text(encoding="utf-8"))


def test_a_failed_step_is_told_and_the_others_go_on(measured):
    code, result = measured
    assert code == 1
    assert result["failures"] == {"(c)": "わざと失敗しました。"}
    assert set(result["seconds"]) == {"b", "d"}


def test_every_section_is_written(measured):
    _, result = measured
    assert result["lessons"] == [LESSON] and result["date"] and result["machine"]
    assert all(seconds > 0 for values in result["seconds"].values() for seconds in values)
    assert result["server_start_seconds"][0] > 0
    assert all(result["memory_mb"].values())
    assert result["page_bytes"][LESSON] > 10_000
    assert set(result["legs"]) == set(LEGS)
    assert result["nbval"][LESSON] > 0


def test_time_is_split_by_what_takes_it(measured):
    one = measured[1]["bounds"][LESSON]
    assert set(one["seconds"]) == set(bounds.KINDS)
    assert all(seconds > 0 for seconds in one["seconds"].values())
    assert any("spark" in cell["line"] or "import" in cell["line"] for cell in one["cells"])
    assert len(bounds.lines({LESSON: one})) == 1 + bounds.SLOWEST


def test_results_are_written_as_they_come(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "RESULT", tmp_path / "bench.json")
    record = bench.Record([LESSON])
    record.keep("page_bytes", lambda: {LESSON: 1})
    assert json.loads(bench.RESULT.read_text("utf-8"))["page_bytes"] == {LESSON: 1}
    record.keep("legs", lambda: {}["無い鍵"])
    kept = json.loads(bench.RESULT.read_text("utf-8"))
    assert kept["page_bytes"] == {LESSON: 1} and "無い鍵" in kept["failures"]["legs"]
    assert "続けます" in capsys.readouterr().err


@pytest.mark.parametrize("git", [True, False])
def test_the_copy_has_what_the_project_has(tmp_path, monkeypatch, git):
    source, target = tmp_path / "元", tmp_path / "写し"
    for name in ("LICENSE", "lessons/11_a.py", "_build/html/index.html", ".venv/bin/python"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    shutil.copy(project_copy.ROOT / ".gitignore", source)
    if git:
        project_copy.subprocess.run(["git", "init", "-q", source], check=True)
    else:
        monkeypatch.setattr(project_copy.shutil, "which", lambda _: None)
    project_copy.copy_tree(source, target)
    found = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert found == {".gitignore", "LICENSE", "lessons/11_a.py"}
