"""組み立てと実行: 失敗の種類を言い分け、ほかの授業の結果を残す。"""

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import time

import nbformat
import psutil
import pytest
from projects import execute

from tools.course import execute as execute_tool
from tools.course.lesson import LessonError, lesson_paths
from tools.course.weave import weave
from tools.workspace import provision
from tools.workspace import server as spark_server
from tools.workspace.startup import make_parts
from tools.workspace.supervisor import spawn_supervisor

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 5
#     runs_on: [local]
#     environment_version: 6
# ---
"""
LESSON = """
# %% [markdown]
# # 題
#
# 導入です。

# %%
expected = 5

# %%
from checks import Exercises, number, retry, unanswered

check = Exercises()


@check.judge(1)
def _(answer, *, expected):
    if number(answer) != expected:
        retry("数が合いません。端も数えましたか。")
    return "端まで数えました。"


# %% [markdown]
# ### 練習 1: 数える

# %% 練習 1
answer = ...

# %% 確認 1
check(1)
"""
SOLUTION = """
# %% [markdown]
# 数えます。

# %% 解答 1
answer = 5

# %% [markdown]
# 端を忘れました。

# %% 誤答 1
answer = 4

# %% 別解 1
answer = 5.0
"""
IMPORT = "\n# %%\nimport helper\n"
PLANTED = {
    "90_good": ("", ""),
    "91_error": ("expected = 5", "expected = 1 / 0"),
    "92_stub_is_an_answer": ("answer = ...", "answer = 5"),
    "93_english": ("数が合いません。端も数えましたか。", "this is not the right number"),
    "94_not_told_apart": ('retry("', 'unanswered("'),
    "95_mixed_praise": ("端まで数えました。", "正解です: you have counted all of them"),
    "96_dead_kernel": ("expected = 5", "import os; os._exit(1)"),
    "97_slow": ("expected = 5", "import time; time.sleep(60)"),
    "98_exits": ("expected = 5", "raise SystemExit"),
}
PLANTED_SOLUTIONS = {
    "80_wrong_passes": ("answer = 4", "answer = 5"),
    "81_answer_rejected": ("answer = 5\n", "answer = 6\n"),
    "82_other_rejected": ("answer = 5.0", "answer = 5.5"),
}


def add(project, name, lesson=LESSON, solution=SOLUTION):
    (project / "lessons" / f"{name}.py").write_text(HEADER + lesson, encoding="utf-8")
    (project / "solutions" / f"{name}.py").write_text(HEADER + solution, encoding="utf-8")


def test_failures_are_told_apart_and_leave_the_others_usable(project):
    for name, (old, new) in PLANTED.items():
        assert old in LESSON
        add(project, name, lesson=LESSON.replace(old, new) if old else LESSON)
    for name, (old, new) in PLANTED_SOLUTIONS.items():
        assert old in SOLUTION
        add(project, name, solution=SOLUTION.replace(old, new))
    done = execute(project, "--cell-timeout", "8")
    assert done.returncode == 1
    assert [path.stem for path in (project / "_build" / "executed").iterdir()] == ["90_good"]
    assert "完了    90_good" in done.stdout
    expected = {
        "80_wrong_passes": "誤答 1 への返事はもう一歩のはずですが、正解でした",
        "81_answer_rejected": "解答 1 への返事は正解のはずですが、もう一歩でした: 数が合いません",
        "82_other_rejected": "別解 1 への返事は正解のはずですが、もう一歩でした",
        "91_error": "ZeroDivisionError",
        "92_stub_is_an_answer": "練習 1 への返事は未回答のはずですが、正解でした",
        "93_english": "日本語ではありません",
        "94_not_told_apart": "誤答 1 への返事はもう一歩のはずですが、未回答でした",
        "95_mixed_praise": "日本語ではありません",
        "96_dead_kernel": "カーネルが途中で終わりました",
        "97_slow": "8秒たっても終わりません（時間切れ）",
        "98_exits": "から後が動いていません",
    }
    for name, message in expected.items():
        assert f"失敗    {name}" in done.stdout
        report = done.stderr.partition(f"lessons/{name}.py:")[2].partition("  lessons/")[0]
        assert message in report, done.stderr
    assert "「expected = 1 / 0」で失敗しました" in done.stderr
    assert "_build/failed/91_error.ipynb" in done.stderr
    assert (project / "_build" / "failed" / "91_error.ipynb").exists()


def test_dead_server_is_told(project, tmp_path):
    code = """
        import os
        import signal
        import time

        os.kill(int(os.environ["VICTIM"]), signal.SIGKILL)
        time.sleep(60)
    """
    add(project, "90_kills", LESSON.replace("expected = 5", textwrap.dedent(code)))
    waiting = [f"{number}_waits" for number in range(91, 91 + 2 * os.cpu_count())]
    for name in waiting:
        add(project, name, LESSON.replace("expected = 5", "import time; time.sleep(120)"))
    store = tmp_path / "store"
    make_parts()
    lock = spark_server.lock_store(store)
    server, supervisor = spawn_supervisor(store, lock, temporary=True)
    started = time.monotonic()
    done = execute(
        project,
        SPARK_REMOTE=server.remote,
        SPARK_CONNECT_AUTHENTICATE_TOKEN=server.token,
        VICTIM=str(server.jvm),
    )
    supervisor.communicate(timeout=30)
    assert done.returncode == 1
    assert done.stderr.count("Sparkサーバーが途中で止まりました") == 1 + len(waiting)
    assert "カーネルが途中で" not in done.stderr
    assert f"実行中  {waiting[-1]}" not in done.stdout
    assert time.monotonic() - started < 60


def test_interrupt_cancels_the_queue(project):
    names = [f"{number}_waits" for number in range(90, 91 + 2 * os.cpu_count())]
    for name in names:
        add(project, name, LESSON.replace("expected = 5", "import time; time.sleep(120)"))
    with subprocess.Popen(
        [sys.executable, "-m", "tools.course.execute"],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # 背景で動く試験は、SIGINTを無視する設定を受け継いでいることがある
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:
        kernels = wait_for_kernels(running.pid)
        running.send_signal(signal.SIGINT)
        out, error = running.communicate(timeout=60)
    assert running.returncode == 130
    assert error.strip().startswith("途中で止めました。")
    assert "Traceback" not in error
    assert f"実行中  {names[-1]}" not in out
    assert not [one for one in kernels if one.is_running()]


def wait_for_kernels(parent: int) -> list[psutil.Process]:
    """``parent`` の起動したカーネルが現れるまで待つ。"""
    while True:
        kernels = []
        for one in psutil.Process(parent).children(recursive=True):
            with contextlib.suppress(psutil.Error):  # 終わったばかりの子
                if "ipykernel_launcher" in one.cmdline():
                    kernels.append(one)
        if kernels:
            return kernels
        time.sleep(0.1)


SURROUNDED = """
import os

import matplotlib.pyplot as plt
import mlflow
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
store = os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"]
with mlflow.start_run() as run:
    mlflow.log_text("あ", "note.txt")
assert run.info.artifact_uri.startswith(store)
plt.plot([1, 2])
plt.show()
expected = 2 + spark.range(3).count()
"""


def test_surroundings_do_not_change_the_result(project, tmp_path):
    """利用者の環境変数に、長いTMPDIR、つながらない中継サーバー、別の記録先、別の描き方が残っていても。"""
    add(project, "90_good", LESSON.replace("expected = 5", SURROUNDED))
    provision.ensure_parts()
    (project / ".workspace").mkdir()
    (project / ".workspace" / "parts").symlink_to(provision.PARTS)
    long = tmp_path / ("長" * 30)
    long.mkdir()
    dead = "http://127.0.0.1:9"
    done = execute(
        project,
        TMPDIR=str(long),
        http_proxy=dead,
        https_proxy=dead,
        SPARK_REMOTE="",
        MLFLOW_TRACKING_URI=dead,
        MLFLOW_RUN_ID="gone",
        MPLBACKEND="Agg",
    )
    assert done.returncode == 0, done.stderr
    assert "image/svg+xml" in (project / "_build" / "executed" / "90_good.ipynb").read_text()


def test_only_changed_lessons_run_again(project):
    for name in ("90_first", "91_second"):
        add(project, name, IMPORT + LESSON)
    (project / "lessons" / "helper.py").write_text("x = 1\n")
    assert execute(project).returncode == 0
    assert execute(project).stdout.split() == ["変更なし", "90_first", "変更なし", "91_second"]

    add(project, "90_first", IMPORT + LESSON.replace("導入です", "別の導入です"))
    assert "変更なし  90_first" in execute(project).stdout
    woven = nbformat.read(project / "_build" / "executed" / "90_first.ipynb", as_version=4)
    assert any("別の導入です" in cell.source for cell in woven.cells)
    assert any("端も数えましたか" in str(cell.get("outputs")) for cell in woven.cells)

    add(project, "90_first", IMPORT + LESSON.replace("expected = 5", "expected = 5.0"))
    changed = execute(project).stdout
    assert "完了    90_first" in changed
    assert "変更なし  91_second" in changed

    (project / "lessons" / "helper.py").write_text("x = 2\n")
    changed = execute(project).stdout
    assert "完了    90_first" in changed
    assert "完了    91_second" in changed

    (project / "lessons" / "91_second.py").unlink()
    execute(project)
    assert not (project / "_build" / "executed" / "91_second.ipynb").exists()


def test_unknown_lesson(project):
    add(project, "90_good")
    done = execute(project, "77")
    assert done.returncode == 1
    assert "77 で始まる授業がありません" in done.stderr


def test_lesson_that_is_not_python_names_its_line(project):
    broken = LESSON.replace("expected = 5", "expected = = 5")
    line = (HEADER + broken).split("\n").index("expected = = 5") + 1
    add(project, "90_a", broken)
    done = execute(project)
    assert done.returncode == 1
    assert f"90_a.pyの{line}行目: コードとして読めません" in done.stderr
    assert "Traceback" not in done.stderr


def test_module_that_is_not_python_names_its_line(project):
    add(project, "90_a", LESSON.replace("expected = 5", "import helper\n\nexpected = 5"))
    (project / "lessons" / "helper.py").write_text("a = 1\nb = = 2\n", encoding="utf-8")
    done = execute(project)
    assert done.returncode == 1
    assert "helper.pyの2行目: コードとして読めません" in done.stderr
    assert "Traceback" not in done.stderr


def test_byte_order_mark_is_not_a_part_of_the_lesson(project):
    add(project, "90_a", LESSON.replace("expected = 5", "import helper\n\nexpected = 5"))
    for path in (project / "lessons" / "90_a.py", project / "lessons" / "helper.py"):
        text = path.read_text(encoding="utf-8") if path.exists() else "a = 1\n"
        path.write_text(text, encoding="utf-8-sig")
    notebook = weave(project / "lessons" / "90_a.py", project / "solutions" / "90_a.py")
    assert notebook.cells[1].source.startswith("# 90. 題")
    assert execute_tool.fingerprint(notebook)


def test_comments_stay_comments(project):
    comments = ["# copy を作る", "# なぜ?", "# echo", "# !なぜ", "# %timeit"]
    add(project, "90_a", LESSON.replace("expected = 5", "\n".join([*comments, "expected = 5"])))
    notebook = weave(project / "lessons" / "90_a.py", project / "solutions" / "90_a.py")
    assert any(cell.source.split("\n")[:5] == comments for cell in notebook.cells)


def test_exercise_without_solution(project):
    add(project, "90_a", solution=SOLUTION.replace("# %% 解答 1", "# %%"))
    with pytest.raises(LessonError, match="練習 1 に 解答 1 がありません"):
        weave(project / "lessons" / "90_a.py", project / "solutions" / "90_a.py")
    add(project, "90_a", solution=SOLUTION.replace("# %% 誤答 1", "# %%"))
    with pytest.raises(LessonError, match="誤答 1 がありません"):
        weave(project / "lessons" / "90_a.py", project / "solutions" / "90_a.py")
    add(project, "90_a", solution=SOLUTION.replace("# %% 別解 1", "# %%"))
    with pytest.raises(LessonError, match="別解 1 がありません"):
        weave(project / "lessons" / "90_a.py", project / "solutions" / "90_a.py")
    (project / "solutions" / "90_a.py").unlink()
    with pytest.raises(LessonError, match="同じ名前の解答"):
        weave(project / "lessons" / "90_a.py", project / "solutions" / "90_a.py")


def test_weaving_is_deterministic(project):
    add(project, "90_a")
    pair = project / "lessons" / "90_a.py", project / "solutions" / "90_a.py"
    assert nbformat.writes(weave(*pair)) == nbformat.writes(weave(*pair))


def test_result_follows_the_font_and_the_kernel(monkeypatch, tmp_path):
    woven = weave(lesson_paths()[0])
    key = execute_tool.fingerprint(woven)
    assert execute_tool.fingerprint(woven) == key
    with monkeypatch.context() as patched:
        (tmp_path / "config.py").write_text("# 別の設定")
        patched.setattr(execute_tool, "KERNEL_CONFIG", tmp_path / "config.py")
        assert execute_tool.fingerprint(woven) != key
    with monkeypatch.context() as patched:
        (tmp_path / "figures" / "fonts").mkdir(parents=True)
        (tmp_path / "figures" / "fonts" / "other.otf").write_bytes(b"")
        patched.setattr(execute_tool, "LESSONS", tmp_path)
        assert execute_tool.fingerprint(woven) != key
