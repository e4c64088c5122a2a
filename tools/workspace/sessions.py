"""手元のワークスペース: Spark Connectサーバー1つ、Deltaの表、MLflowの記録。

使い方::

    python -m tools.workspace run -- COMMAND…   要るものを起動してCOMMANDを実行し、起動したものだけを止める
    python -m tools.workspace start | stop | status
    python -m tools.workspace mlflow             MLflowの画面を開く
    python -m tools.workspace doctor             足りないものと、次にすることを表示する
    python -m tools.workspace kernel             VS Codeなどから選べるカーネルを登録する

Databricksのサーバーレスと同じく、授業はSpark Connectのクライアントとして動く。

サーバーには2種類ある。「普段の」サーバーはノートブックどうしで共有し、使う者がいなくなると止まる
（``start`` は、止まらないように留める）。``run`` だけのサーバーは、その ``run`` とともに消える。
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import fcntl
import itertools
import json
import os
import pwd
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tools.bootstrap import path_problem
from tools.workspace import provision
from tools.workspace.provision import PARTS, ROOT, WORKSPACE, WorkspaceError
from tools.workspace.server import (
    DAILY,
    JAVA_OPTIONS,
    RECORD_TIMEOUT,
    RUN,
    SMALL,
    SMALL_JAVA_OPTIONS,
    STOP_TIMEOUT,
    PortTaken,
    Server,
    held_by_run,
    keep_log,
    lock_store,
    port_is_open,
    running_jvm,
)

STORE = WORKSPACE / "store"
SERVER_FILE = WORKSPACE / "server.json"
LEASES = WORKSPACE / "leases"
PIN = LEASES / "pin"


# --- 監視役 --------------------------------------------------------------------


def supervise(
    store: Path, lock: int, port: int | None, *, temporary: bool, small: bool, detached: bool
) -> int:
    """JVMの監視役。頼んだ側が消えたら（標準入力が閉じたら）JVMを止めて片付ける。

    ``detached`` なら普段のサーバーで、借り手がいなくなったら止める。
    結果は標準出力の1行のJSONで知らせる。
    """
    finished = threading.Event()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: finished.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    archive = provision.archive_path(JAVA_OPTIONS)
    options = [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off"] if archive.exists() else []
    changes = SMALL if small else {}
    options += SMALL_JAVA_OPTIONS if small else []
    jvm_of = running_jvm(store, lock, port, options=options, temporary=temporary, changes=changes)
    try:
        with jvm_of as (server, jvm):
            try:
                if detached:
                    write_private(SERVER_FILE, json.dumps(asdict(server)))
                print(json.dumps(asdict(server)), flush=True)
                if not detached:
                    threading.Thread(
                        target=lambda: (sys.stdin.buffer.read(), finished.set()), daemon=True
                    ).start()
                while not finished.wait(0.2) and jvm.poll() is None:
                    if detached and retire_if_unused():
                        break
            finally:
                if detached:
                    # JVMが倒れた後に留め金が残ると、次のサーバーが止まらなくなる。
                    for mark in (SERVER_FILE, PIN):
                        mark.unlink(missing_ok=True)
        return 0
    except WorkspaceError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return 1
    finally:
        if temporary:
            shutil.rmtree(store, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """本人だけが読めるファイルを、途中の姿を見せずに書く。"""
    new = path.with_suffix(f".{os.getpid()}")
    new.touch(mode=0o600)
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)


def set_aside_moved_store() -> None:
    """フォルダーごと動かされた（写された）保管庫を、脇に置く。

    表の目録とMLflowの記録は、ファイルの場所を初めからの道で覚えている。
    そのまま使うと、写しの書き込みが元の表に届いたり、記録したモデルが見つからなかったりする。
    """
    place, here = STORE / "place.txt", str(STORE.resolve())
    with provision.exclusive("store"):
        made_at = place.read_text(encoding="utf-8") if place.exists() else ""
        if made_at == here:
            return
        if made_at:
            lock = lock_store(STORE)
            if lock is None:
                raise WorkspaceError(
                    "フォルダーが動かされましたが、前の場所のサーバーがまだ動いています。"
                    "開いているノートブックを閉じてから、もう一度実行してください。"
                )
            aside = next(
                path
                for number in itertools.count(1)
                if not (path := STORE.with_name(f"store-moved-{number}")).exists()
            )
            print(
                f"ワークスペースが {made_at} から動かされたか、コピーされています。"
                f"前の表とMLflowの記録は {aside} に残し、新しい表と記録で始めます。",
                file=sys.stderr,
            )
            STORE.rename(aside)
            os.close(lock)
        STORE.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.write_text(here, encoding="utf-8")


def prepare_store(store: Path) -> None:
    """MLflowの記録の置き場所を、移行済みのひな形から作る。"""
    database = store / "mlflow.db"
    if not database.exists():
        new = store / f"mlflow.{os.getpid()}.db"
        shutil.copyfile(provision.make_mlflow_template(), new)
        with contextlib.closing(sqlite3.connect(new)) as connection, connection:
            # ひな形は別のフォルダーで作ったので、最初からある実験の置き場所をここに直す
            connection.execute(
                "UPDATE experiments SET artifact_location = ? || '/' || experiment_id",
                (str(store / "artifacts"),),
            )
        os.replace(new, database)


# --- 普段のサーバー -----------------------------------------------------------


def running_server() -> Server | None:
    """普段のサーバー。残骸だけなら片付けて ``None``。"""
    try:
        server = Server(**json.loads(SERVER_FILE.read_text(encoding="utf-8")))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    if (lock := lock_store(STORE)) is None:
        return server if port_is_open(server.port) else None
    SERVER_FILE.unlink(missing_ok=True)
    PIN.unlink(missing_ok=True)
    os.close(lock)
    return None


@contextlib.contextmanager
def lease() -> Iterator[None]:
    """普段のサーバーを借りている印。

    持ち主が強制終了しても、錠が外れて分かる。``become`` でほかのコマンドになっても、掛かったまま残る。
    """
    LEASES.mkdir(parents=True, exist_ok=True)
    path = LEASES / f"{os.getpid()}-{secrets.token_hex(4)}"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        os.set_inheritable(file.fileno(), True)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def in_use() -> bool:
    """借り手がいるか、``start`` で留められているか。持ち主の消えた印は片付ける。"""
    for path in LEASES.glob("*"):
        with contextlib.suppress(FileNotFoundError), path.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            if path == PIN:
                return True
            path.unlink()
    return False


def retire_if_unused() -> bool:
    """借り手がいなければ、新しい借り手が来ないように看板を下ろす。"""
    with provision.exclusive("start"):
        if in_use():
            return False
        SERVER_FILE.unlink(missing_ok=True)
        return True


def launch_daily(port: int | None = None) -> Server | None:
    """普段のサーバーを起動する。保管庫が使用中なら ``None``。"""
    make_parts()
    set_aside_moved_store()
    deadline = time.monotonic() + STOP_TIMEOUT
    while (lock := lock_store(STORE, DAILY)) is None:
        if held_by_run(STORE) or time.monotonic() > deadline:
            return None
        time.sleep(0.1)  # 前の普段のサーバーが止まりかけている
    remove_leftovers()
    prepare_store(STORE)
    return spawn_supervisor(STORE, lock, port=port, detached=True)[0]


def spawn_supervisor(
    store: Path,
    lock: int,
    *,
    temporary: bool = False,
    small: bool = False,
    port: int | None = None,
    detached: bool = False,
) -> tuple[Server, subprocess.Popen]:
    """監視役を起動し、サーバーが使えるようになるまで待つ。"""
    arguments = ["--store", str(store), "--lock", str(lock)]
    arguments += ["--port", str(port)] if port else []
    arguments += ["--temporary"] if temporary else []
    arguments += ["--small"] if small else []
    arguments += ["--detached"] if detached else []
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "tools.workspace", "supervise", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL if detached else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if detached else None,
        pass_fds=[lock],
        start_new_session=True,
    )
    os.close(lock)
    line = supervisor.stdout.readline()
    answer = json.loads(line) if line else {"error": "サーバーの監視役が起動しませんでした。"}
    if "error" in answer:
        supervisor.wait()
        raise WorkspaceError(answer["error"])
    return Server(**answer), supervisor


@contextlib.contextmanager
def borrowed_server(*, launch: bool = False) -> Iterator[Server | None]:
    """普段のサーバーを借りる。無ければ ``launch`` なら起動する。借りられなければ ``None``。"""
    with contextlib.ExitStack() as stack:
        with provision.exclusive("start"):
            server = running_server() or (launch_daily() if launch else None)
            if server:
                stack.enter_context(lease())
        yield server


@contextlib.contextmanager
def server_for_build() -> Iterator[Server]:
    """授業をまとめて実行する時のサーバー。

    ``start`` で留めたサーバーがあれば借りる。
    開いているノートブックの表には触らないよう、留めていないサーバーは借りない。
    """
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(borrowed_server()) if PIN.exists() else None
        yield server or stack.enter_context(private_server(temporary=True))


@contextlib.contextmanager
def private_server(*, temporary: bool = False, small: bool = False) -> Iterator[Server]:
    """自分だけが使い、終わりに止めるサーバー。``temporary`` なら、表と記録も消す。

    ``small`` なら、1コアで足りる小さなサーバーにする。
    """
    make_parts()
    remove_leftovers()
    if not temporary:
        set_aside_moved_store()
    store = STORE
    lock = None if temporary else lock_store(store, RUN)
    if lock is None and not temporary:
        temporary = True
        print(
            "ほかの処理がワークスペースを使用中です。"
            "この実行には一時の置き場所を使い、終わったら消します。",
            file=sys.stderr,
        )
    if temporary:
        store = Path(tempfile.mkdtemp(dir=WORKSPACE, prefix="temporary-"))
        lock = lock_store(store, RUN)
    prepare_store(store)
    server, supervisor = spawn_supervisor(store, lock, temporary=temporary, small=small)
    os.set_inheritable(supervisor.stdin.fileno(), True)  # ``become`` の後も、監視役が見ている
    try:
        yield server
    finally:
        supervisor.stdin.close()
        supervisor.wait()


def remove_leftovers() -> None:
    """強制終了した処理が残した一時の保管庫を消す。使用中のものには触らない。"""
    for folder in WORKSPACE.glob("temporary-*"):
        if (lock := lock_store(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def make_parts() -> None:
    """起動に要る部品をそろえる。2回目からは、jarの中身を確かめるだけで終わる。"""
    if problem := path_problem(str(WORKSPACE)):
        raise WorkspaceError(problem)
    require_user_name()
    require_space(WORKSPACE)
    provision.ensure_parts()
    with provision.exclusive("archive"):
        archive = provision.archive_path(JAVA_OPTIONS)
        if not archive.exists():
            record_archive(archive)


def record_archive(archive: Path) -> None:
    """よく使う操作を一度走らせ、JVMが読んだクラスを書庫に記録する（次からの起動が速くなる）。"""
    print("サーバーの起動を速くする準備をしています（初回だけ、1分ほど）。", file=sys.stderr)
    with provision.scratch("archive") as folder:
        store = folder / "store"
        new = folder / archive.name
        lock = lock_store(store)
        options = [f"-XX:ArchiveClassesAtExit={new}"]
        try:
            with running_jvm(store, lock, options=options, patience=RECORD_TIMEOUT) as (server, _):
                subprocess.run(
                    [sys.executable, "-m", "tools.workspace.warmup"],
                    env=command_environment(server),
                    cwd=ROOT,
                    check=True,
                    capture_output=True,
                    timeout=RECORD_TIMEOUT,
                )
        except subprocess.SubprocessError as error:
            raise WorkspaceError(
                "サーバーを速くする準備の途中で、操作が失敗しました。もう一度実行してください"
                f"（記録: {keep_log(store)}）。"
            ) from error
        finally:
            os.close(lock)
        if new.exists():
            for old in PARTS.glob("server-*.jsa"):
                old.unlink()
            os.replace(new, archive)


def require_user_name() -> None:
    """利用者番号に名前があることを確かめる。無いと、JavaがHadoopの利用者を決められずに止まる。"""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        raise WorkspaceError(
            f"利用者番号{os.getuid()}に名前がないので、Sparkを起動できません。"
            "コンテナなら、名前のある利用者で動かすか、/etc/passwd にこの番号の行を足してください。"
        ) from None


def require_space(folder: Path, megabytes: int = 300) -> None:
    """``folder`` のあるディスクに空きがあることを確かめる。"""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    free = shutil.disk_usage(folder).free // 2**20
    if free < megabytes:
        raise WorkspaceError(
            f"ディスクの空きが{free}MBしかありません。{megabytes}MB以上空けてから、もう一度実行してください。"
        )


# --- コマンドに渡す環境 -------------------------------------------------------


def outer_environment() -> dict[str, str]:
    """今の環境変数から、ワークスペースの中で動く処理に渡したものを除いたもの。"""
    inner = ("SPARK_", "MLFLOW_", "_MLFLOW_")
    return {name: value for name, value in os.environ.items() if not name.startswith(inner)}


def command_environment(
    server: Server | None, outer: dict[str, str] | None = None
) -> dict[str, str]:
    """授業を動かすための環境変数。利用者が ``outer``（省くと今の環境変数）で決めた値は変えない。"""
    environment = dict(os.environ if outer is None else outer)
    store = Path(server.store) if server else STORE
    database = f"sqlite:///{store / 'mlflow.db'}"
    tracking = environment.setdefault("MLFLOW_TRACKING_URI", database)
    environment.setdefault("MLFLOW_REGISTRY_URI", tracking)
    environment.setdefault("_MLFLOW_SERVER_ARTIFACT_ROOT", str(store / "artifacts"))
    environment.setdefault("MLFLOW_BACKEND_STORE_URI", tracking)
    environment.setdefault("MLFLOW_DEFAULT_ARTIFACT_ROOT", str(store / "artifacts"))
    environment.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    environment.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    # tqdmが、入れなくてよい部品を勧める警告
    environment.setdefault("PYTHONWARNINGS", "ignore:IProgress not found")
    environment.setdefault("TZ", "UTC")  # Databricksのサーバーレスと同じ
    environment.pop("MLFLOW_RUN_ID", None)  # 残っていると、前の実行に書き足してしまう
    bypassed = without_proxy(environment)
    environment |= {"no_proxy": bypassed, "NO_PROXY": bypassed}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment.setdefault(name, "1")
    if server:
        environment["SPARK_REMOTE"] = server.remote
        environment["SPARK_CONNECT_AUTHENTICATE_TOKEN"] = server.token
    binaries = str(Path(sys.executable).parent)
    environment["PATH"] = os.pathsep.join([binaries, environment.get("PATH", "")])
    return environment


def without_proxy(environment: dict[str, str]) -> str:
    """中継サーバーを通さない相手（コンマ区切り）。利用者が決めた相手に、このPC自身を足す。"""
    named = [environment.get(name, "") for name in ("no_proxy", "NO_PROXY")]
    hosts = [host for value in named for host in value.split(",") if host]
    return ",".join(dict.fromkeys([*hosts, "localhost", "127.0.0.1"]))


def run(command: list[str], *, shared: bool = False, small: bool = False) -> int:
    """``command`` をワークスペースの中で実行し、その終了コードを返す。

    ``SPARK_REMOTE`` が決まっていれば、そのサーバーをそのまま使う。
    普段のサーバーが動いていれば借りる。``shared`` なら、無ければ起動して借りる。
    そうでなければ、この ``run`` だけのサーバーを使う。
    ``small`` なら、いつもこの ``run`` だけの小さなサーバーを使い、表も記録も終わりに消す。
    """
    if os.environ.get("SPARK_REMOTE"):
        return run_without_spark(command)
    if small:
        with private_server(temporary=True, small=True) as server:
            return become(command, command_environment(server))
    with borrowed_server(launch=shared) as server:
        if server:
            return become(command, command_environment(server))
    with private_server() as server:
        return wait_for(command, command_environment(server))


def run_without_spark(command: list[str]) -> int:
    """Sparkのサーバーを起動せず、MLflowの記録だけを使うコマンドを実行する。"""
    if "MLFLOW_TRACKING_URI" not in os.environ:
        provision.ensure_parts()
        set_aside_moved_store()
        prepare_store(STORE)
    return wait_for(command, command_environment(None))


def become(command: list[str], environment: dict[str, str]) -> int:
    """このプロセスを ``command`` に変える。待つだけのPythonが、メモリーを使い続けないように。"""
    sys.stdout.flush()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Pythonが無視していた合図を元に戻す
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(command[0], command, environment)  # noqa: S606
    except FileNotFoundError:
        return unknown_command(command[0])


def unknown_command(name: str) -> int:
    print(f"コマンド {name} が見つかりません。つづりを確かめてください。", file=sys.stderr)
    return 127


def wait_for(command: list[str], environment: dict[str, str]) -> int:
    """コマンドの終わりを待つ。受け取った合図は、コマンドに届ける。"""
    try:
        child = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        return unknown_command(command[0])

    def forward(number: int, _frame: object) -> None:
        # 端末のCtrl-Cは、コマンドにも直接届いている。
        if not (number == signal.SIGINT and in_foreground()):
            child.send_signal(number)

    previous = {
        number: signal.signal(number, forward)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        code = child.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def in_foreground() -> bool:
    """端末の前面で動いているか。"""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


# --- 日々の操作 ---------------------------------------------------------------


def start(port: int | None) -> int:
    """普段のサーバーを起動し、``stop`` まで止まらないように留める。"""
    if port and port_is_open(port):
        raise PortTaken(port)
    with provision.exclusive("start"):
        already = running_server()
        server = already or launch_daily(port)
        if server is None:
            raise WorkspaceError(
                "ほかの処理がワークスペースを使用中です。終わるのを待ってから、もう一度実行してください。"
            )
        LEASES.mkdir(parents=True, exist_ok=True)
        PIN.touch()
    state = "もう動いています" if already else "ワークスペースを起動しました"
    print(f"{state}（ポート{server.port}）。止める時は make stop です。")
    return 0


def stop() -> int:
    """``start`` で留めたサーバーを止める。借り手がいれば、いなくなった時に止まる。"""
    with provision.exclusive("start"):
        server = running_server()
        PIN.unlink(missing_ok=True)
        if server and in_use():
            print("ほかのノートブックが使用中です。すべて閉じると止まります。")
            return 0
    if server is None:
        print("起動したままのワークスペースはありません。")
        return 0
    deadline = time.monotonic() + STOP_TIMEOUT + 5
    while (lock := lock_store(STORE)) is None:
        if not is_running(server.supervisor) and is_running(server.jvm):
            os.kill(server.jvm, signal.SIGTERM)
        if time.monotonic() > deadline:
            raise WorkspaceError(
                f"サーバーが止まりません。プロセス {server.jvm} を強制終了してください。"
            )
        time.sleep(0.05)
    os.close(lock)
    print("ワークスペースを止めました。表と記録は残っています。")
    return 0


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def status() -> int:
    """動いているかどうかを表示する。"""
    if server := running_server():
        print(f"ワークスペースは動いています（ポート{server.port}、プロセス{server.jvm}）。")
    else:
        print("ワークスペースは止まっています。make start で起動できます。")
    return 0


def open_mlflow(port: int) -> int:
    """MLflowの画面を、止められるまで動かす。"""
    if port_is_open(port):
        raise PortTaken(port)
    command = [sys.executable, "-m", "tools.workspace.mlflow_ui", "--port", str(port)]
    if "CODESPACE_NAME" in os.environ:
        # Codespacesが転送する住所は、MLflowから見ると、よその住所である。
        domain = os.environ["GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN"]
        host = f"{os.environ['CODESPACE_NAME']}-{port}.{domain}"
        hosts = ["localhost", "localhost:*", "127.0.0.1", "127.0.0.1:*", host]
        os.environ.setdefault("MLFLOW_SERVER_ALLOWED_HOSTS", ",".join(hosts))
        os.environ.setdefault("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", f"https://{host}")
        command += ["--address", f"https://{host}"]
    return run_without_spark(command)


def install_kernel() -> int:
    """VS Codeなどのノートブックから選べるカーネルを、利用者のJupyterに登録する。"""
    from jupyter_client.kernelspec import KernelSpecManager

    spec = {
        "argv": [
            sys.executable, "-m", "tools.workspace", "run", "--shared", "--",
            sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}",
        ],
        "display_name": "Databricksデータサイエンス（手元のワークスペース）",
        "language": "python",
        "env": {"PYTHONPATH": str(ROOT), "WORKSPACE_DIR": str(WORKSPACE)},
        "interrupt_mode": "signal",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(spec, ensure_ascii=False, indent=1)
        Path(folder, "kernel.json").write_text(text, encoding="utf-8")
        KernelSpecManager().install_kernel_spec(folder, "databricks-book", user=True)
    print(f"カーネル「{spec['display_name']}」を登録しました。")
    return 0


# --- コマンドライン -----------------------------------------------------------


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.workspace", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="action", required=True, metavar="動作")
    run_parser = commands.add_parser("run", help="ワークスペースの中でコマンドを実行する")
    run_parser.add_argument(
        "--shared", action="store_true", help="ほかのノートブックと同じサーバーを使う"
    )
    run_parser.add_argument(
        "--small", action="store_true", help="1回だけの、メモリーの少ないサーバーを使う"
    )
    run_parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    start_parser = commands.add_parser("start", help="サーバーを起動したままにする")
    start_parser.add_argument("--port", type=int, help="ポート番号（省くと空きを選ぶ）")
    commands.add_parser("stop", help="起動したままのサーバーを止める")
    mlflow_parser = commands.add_parser("mlflow", help="MLflowの画面を開く")
    mlflow_parser.add_argument("--port", type=int, default=5000)
    commands.add_parser("status", help="動いているかを表示する")
    commands.add_parser("prepare", help="部品をそろえる")
    commands.add_parser("doctor", help="足りないものと、次にすることを表示する")
    commands.add_parser("kernel", help="ノートブックから選べるカーネルを登録する")
    inner = commands.add_parser("supervise")
    inner.add_argument("--store", type=Path, required=True)
    inner.add_argument("--lock", type=int, required=True)
    inner.add_argument("--port", type=int)
    inner.add_argument("--temporary", action="store_true")
    inner.add_argument("--small", action="store_true")
    inner.add_argument("--detached", action="store_true")
    return parser.parse_args(arguments)


def dispatch(options: argparse.Namespace) -> int:
    match options.action:
        case "run":
            command = options.command[1:] if options.command[:1] == ["--"] else options.command
            if not command:
                raise WorkspaceError("実行するコマンドがありません。run -- の後に書いてください。")
            return run(command, shared=options.shared, small=options.small)
        case "start":
            return start(options.port)
        case "stop":
            return stop()
        case "status":
            return status()
        case "mlflow":
            return open_mlflow(options.port)
        case "prepare":
            make_parts()
            return 0
        case "doctor":
            from tools.workspace import doctor

            return doctor.main()
        case "kernel":
            return install_kernel()
        case _:
            return supervise(
                options.store,
                options.lock,
                options.port,
                temporary=options.temporary,
                small=options.small,
                detached=options.detached,
            )


def main(arguments: list[str] | None = None) -> int:
    """コマンドラインの入口。失敗は日本語の一文にして、終了コード1を返す。"""
    try:
        return dispatch(parse(sys.argv[1:] if arguments is None else arguments))
    except WorkspaceError as error:
        print(f"エラー: {error}", file=sys.stderr)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(
            "エラー: ディスクの空きがありません。空きを作ってから、もう一度実行してください。",
            file=sys.stderr,
        )
    return 1
