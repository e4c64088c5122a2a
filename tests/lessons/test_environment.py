"""「環境を確かめる」の道具が、うまくいかない時に、長いエラーの代わりに次にすることを言うこと。"""

import ast

import environment
import pytest

from tools.course.lesson import LESSONS, read_lesson

PINS = {"Python": ("3.12", "3.12"), "numpy": ("2.3", "2.1"), "mlflow": ("3.12", "3.8")}


def installed(**versions):
    return lambda: {"Python": "3.11.9", "numpy": "2.3.4", "mlflow": "3.8.1"} | versions


def test_every_step_of_the_lesson_has_advice():
    lesson = read_lesson(LESSONS / "00_check_environment.py")
    calls = [
        node
        for cell in lesson.cells
        if cell.kind == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "step"
    ]
    names = {"Sparkにつなぐ", *(call.args[0].value for call in calls)}
    assert names == environment.ADVICE.keys()


@pytest.mark.parametrize("error", [RuntimeError("no\n  way"), KeyboardInterrupt("no way")])
def test_a_failed_step_says_what_to_do(capsys, error):
    def fail():
        raise error

    environment.step("スキーマ", fail)
    assert capsys.readouterr().out == (
        f"× スキーマ（{type(error).__name__}: no way）\n  次にすること: {environment.RECONNECT}\n"
    )


def test_no_connection_leaves_no_session_and_no_version(capsys, monkeypatch):
    from pyspark.sql import SparkSession

    class Broken:
        def getOrCreate(self):
            raise ConnectionError("server is down")

    monkeypatch.setattr(environment, "_found", {"Spark": "4.2.0"})
    monkeypatch.setattr(SparkSession, "builder", Broken())
    assert environment.connect() is None
    assert capsys.readouterr().out.startswith("× Sparkにつなぐ（ConnectionError: server is down）")
    environment.show_versions({"Spark": ("4.2", "4.1")})
    assert capsys.readouterr().out.split()[-1] == "その他"


def test_versions_are_compared_with_both_environments(capsys, monkeypatch):
    monkeypatch.setattr(environment, "_installed", installed())
    environment.show_versions(PINS)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[-1] for row in rows] == ["使えるバージョン", "環境6", "環境5"]
    assert environment.compare(PINS).startswith("Pythonは3.11から3.13")


@pytest.mark.parametrize(
    ("versions", "named"),
    [
        ({"Python": "3.14.0"}, "Python"),
        ({"numpy": "2.30.1"}, "numpy"),
        ({"numpy": "1.26.4", "mlflow": None}, "numpy、mlflow"),
    ],
)
def test_other_versions_are_named(monkeypatch, versions, named):
    monkeypatch.setattr(environment, "_installed", installed(**versions))
    with pytest.raises(LookupError, match=f"^{named}$"):
        environment.compare(PINS)
