"""OSに名前の登録がない利用者番号（コンテナが割り当てた番号など）で、JVMのプログラムを始める。

Sparkが使うHadoopは、利用者の名前をOSに尋ね、無ければ起動を断る。そこで、PySparkの入口
（PythonGatewayServer）だけを持つJVMを起動し、名前を渡してから、本来のプログラムを始める。
"""

from __future__ import annotations

import contextlib
import logging
import os
import pwd
import struct
import subprocess
import threading
import time
from pathlib import Path

from tools.bootstrap import NAMELESS

GATEWAY = "org.apache.spark.api.python.PythonGatewayServer"
ADDRESS = "_PYSPARK_DRIVER_CONN_INFO_PATH"  # 入口の番号と合い言葉を書かせるファイルの、環境変数


def has_no_name() -> bool:
    """今の利用者番号に、名前の登録がないか。"""
    try:
        pwd.getpwuid(os.getuid())
    except KeyError:
        return True
    return False


def start_named(jvm: subprocess.Popen, address: Path, program: str, log: Path) -> None:
    """入口だけの ``jvm`` に利用者の名前を渡し、``program`` の ``main`` を裏で始める。

    ``jvm`` の標準入力はパイプ。``main`` が失敗したら、理由を ``log`` に足し、JVMを終わらせる。
    """
    threading.Thread(target=_call_main, args=(jvm, address, program, log), daemon=True).start()


def _call_main(jvm: subprocess.Popen, address: Path, program: str, log: Path) -> None:
    from py4j.java_gateway import GatewayParameters, JavaGateway
    from py4j.protocol import Py4JError

    while not address.exists():
        if jvm.poll() is not None:
            return
        time.sleep(0.02)
    written = address.read_bytes()
    port, length = struct.unpack_from("!ii", written)
    token = written[8 : 8 + length].decode()
    logging.getLogger("py4j").setLevel(logging.CRITICAL)  # JVMを止めた時に、切れたことを書く
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token))
    try:
        users = gateway.jvm.org.apache.hadoop.security.UserGroupInformation
        users.setLoginUser(users.createRemoteUser(NAMELESS))
        nothing = gateway.new_array(gateway.jvm.java.lang.String, 0)
        getattr(gateway.jvm, program).main(nothing)
    except Py4JError as error:
        with contextlib.suppress(FileNotFoundError), log.open("a", encoding="utf-8") as file:
            file.write(str(error))
    with contextlib.suppress(OSError):
        jvm.stdin.close()  # 入口は、標準入力が閉じると終わる
