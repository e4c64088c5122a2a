"""プログラムを、決めた所にだけ書け、決めたポートにだけつなげる状態にしてから動かす。

使い方::

    python confine.py HOME PORT,PORT… PROGRAM [引数…]

``HOME`` の外への書き込みと、``PORT`` のほかへのTCPの接続を、LinuxのLandlockで断る。
使う権限は要らず、断られる状態は ``PROGRAM`` とその子に引き継がれる。
標準ライブラリーだけで動くので、授業の環境のPythonからも使える。
番号は Linux の include/uapi/linux/landlock.h による。
"""

import ctypes
import os
import struct
import sys

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # x86_64 と aarch64 で同じ
PATH_BENEATH, NET_PORT = 1, 2
NEEDED_VERSION = 4  # Linux 6.7 から。TCPの制限が加わったバージョン
WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
REMOVE_AND_MAKE = sum(1 << bit for bit in range(4, 13))
WRITING = WRITE_FILE | TRUNCATE | REMOVE_AND_MAKE | 1 << 13  # 13 はフォルダーをまたぐ移動
CONNECT_TCP = 1 << 1
NO_NEW_PRIVILEGES = 38
DEVICES = ("/dev/null", "/dev/zero", "/dev/tty")

LIBC = ctypes.CDLL(None, use_errno=True)


def available():
    """書き込みと通信の両方を断れるバージョンのLandlockが、このPCにあるか。"""
    return sys.platform == "linux" and LIBC.syscall(CREATE_RULESET, None, 0, 1) >= NEEDED_VERSION


def confine(home, ports):
    """このプロセスを、``home`` の中にだけ書け、``ports`` にだけつなげる状態にする。"""
    ruleset = _call(CREATE_RULESET, struct.pack("=QQ", WRITING, CONNECT_TCP), 16, 0)
    _allow_path(ruleset, home, WRITING)
    for device in filter(os.path.exists, DEVICES):
        _allow_path(ruleset, device, WRITE_FILE | TRUNCATE)
    for port in ports:
        _call(ADD_RULE, ruleset, NET_PORT, struct.pack("=QQ", CONNECT_TCP, port), 0)
    if LIBC.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    _call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _allow_path(ruleset, path, access):
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", access, descriptor), 0)
    os.close(descriptor)


def _call(*arguments):
    answer = LIBC.syscall(*arguments)
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer


if __name__ == "__main__":
    home, ports, *command = sys.argv[1:]
    confine(home, [int(port) for port in ports.split(",")])
    os.execv(command[0], command)  # noqa: S606
