"""付録「動かない書き方 → 動く書き方」の組を、規則で調べ、左右とも実行する。"""

import ast
import datetime
import json
import os
import subprocess
import sys
import warnings

import pytest
import yaml
from facts import stale
from test_lint import rules_of, with_code

from tools.book import appendix, markup
from tools.checks import prose, serverless
from tools.course.lesson import ROOT

PATH = ROOT / "book" / "serverless.yml"
DATA = yaml.safe_load(PATH.read_text(encoding="utf-8"))
PAIRS = [*DATA["stops"], *DATA["goes_on"]]
IDS = [pair["id"] for pair in PAIRS]

# 組を上から順に実行し、左右の結果を引数のファイルに書く。止まるはずの左は、2度目まで試す。
RUNNER = """
import contextlib, io, json, os, pathlib, sys
import yaml
from mlflow import MlflowClient

data = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
assumed = {}
exec(data["setup"], assumed)
spark, client = assumed["spark"], MlflowClient()
assumed["model_name"] = f"{spark.catalog.currentCatalog()}.rewrites.tested_{os.getpid()}"
client.create_registered_model(assumed["model_name"])
client.create_model_version(assumed["model_name"], source=pathlib.Path.cwd().as_uri())

def run(code):
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(code, dict(assumed))
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        for query in spark.streams.active:
            query.stop()

results = {}
try:
    for pair in [*data["stops"], *data["goes_on"]]:
        left = run(pair["left"])
        if left is None and "fails_locally" in pair:
            left = run(pair["left"])
        right = [run(pair["right"]), run(pair["right"])]
        results[pair["id"]] = {"left": left, "right": right}
finally:
    client.delete_registered_model(assumed["model_name"])
    spark.sql("DROP SCHEMA rewrites CASCADE")
pathlib.Path(sys.argv[2]).write_text(json.dumps(results), encoding="utf-8")
"""


def rules_in(code: str) -> set[str]:
    return {rule for _, rule, _ in serverless.check(ast.parse(code), set())}


def problems_of(pair: dict) -> list[str]:
    """書かれ方の足りない所。"""
    found = []
    for one, other in [("error", "happens"), ("fails_locally", "passes_locally")]:
        if (one in pair) == (other in pair):
            found.append(f"{one} と {other} のどちらか一つを書きます")
    if "error" in pair and "source" not in pair:
        found.append("error の source を書きます")
    if ("source" in pair) != isinstance(pair.get("checked"), datetime.date):
        found.append("source と checked を組で書きます")
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> dict:
    """組の id ごとの、左右を実行した結果。止まれば表示された文、止まらなければ None。"""
    folder = tmp_path_factory.mktemp("pairs")
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER, PATH, folder / "results.json"],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "results.json").read_text(encoding="utf-8"))


def test_every_rule_has_one_pair():
    assert sorted(pair["rule"] for pair in PAIRS) == sorted(serverless.RULES)
    assert len(set(IDS)) == len(IDS)


def test_settings_in_the_text_are_the_allowed_ones():
    [pair] = [pair for pair in PAIRS if pair["rule"] == "Spark設定"]
    listed = {line[3:-1] for line in pair["text"].splitlines() if line.startswith("- `")}
    assert listed == serverless.ALLOWED_CONF


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_pair_says_what_happens_and_where_it_was_found(pair):
    assert problems_of(pair) == []


def test_incomplete_pair_is_found():
    assert len(problems_of({"error": "x", "happens": "x"})) == 3


def test_stale_sources_are_reported():
    facts = [{"fact": p["error"], "checked": p["checked"]} for p in PAIRS if "error" in p]
    for fact in stale(facts, datetime.date.today()):
        warnings.warn(f"確認から180日を過ぎました: {fact}", stacklevel=1)


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_left_is_flagged_with_its_rule_only(pair, tmp_path):
    assert rules_in(pair["left"]) == {pair["rule"]}
    assert rules_of(tmp_path, with_code(pair["left"])) == {pair["rule"]}


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_right_passes_the_lint(pair, tmp_path):
    assert rules_of(tmp_path, with_code(pair["right"])) == set()


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_left_does_what_the_page_says(pair, results):
    outcome = results[pair["id"]]["left"]
    if "fails_locally" in pair:
        assert outcome and pair["fails_locally"] in outcome
    else:
        assert outcome is None


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_right_runs_twice(pair, results):
    assert results[pair["id"]]["right"] == [None, None]


def test_page_is_made_from_the_pairs():
    text = "".join(appendix.rewrites(PATH, part) for part in ("setup", "stops", "goes_on"))
    assert DATA["setup"] in text
    for pair in PAIRS:
        assert f"(rewrite-{pair['id']})=\n### {pair['title']}" in text
        assert pair["left"] in text and pair["right"] in text
        assert markup.verbatim(pair.get("error", "")) in text or "error" not in pair
        assert "passes_locally" not in pair or markup.inline(pair["passes_locally"]) in text


def test_texts_are_good_japanese(tmp_path):
    page = tmp_path / "serverless.md"
    texts = [pair[key] for pair in PAIRS for key in ("title", "text", "happens") if key in pair]
    texts = [text if text.rstrip().endswith(("。", "）")) else f"### {text}" for text in texts]
    texts += [
        f"手元では止まりません。\n{p['passes_locally']}" for p in PAIRS if "passes_locally" in p
    ]
    page.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    assert [str(finding) for finding in prose.lint_prose([page])] == []


def test_packages_are_those_of_both_environments():
    packages = serverless.common_packages()
    assert {"numpy", "pandas", "scipy", "pyarrow", "sklearn", "matplotlib"} <= packages
    assert {"mlflow", "pyspark", "joblib", "typing_extensions"} <= packages
    assert not packages & {"seaborn", "plotly", "statsmodels", "scikit-learn", "mlflow_skinny"}
    for name, fix in {"seaborn": "matplotlib で描きます。", "statsmodels": "scipy か"}.items():
        [(_, rule, words)] = serverless.check(ast.parse(f"import {name}"), set())
        assert rule == "import" and words[1].startswith(fix)
