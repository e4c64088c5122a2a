"""手元のワークスペース: Spark Connectサーバー1つ、Deltaの表、MLflowの記録。

使い方::

    python -m tools.workspace run -- COMMAND…   要るものを起動してCOMMANDを実行し、起動したものだけを止める
    python -m tools.workspace start | stop | status
    python -m tools.workspace lab [-- 引数]      JupyterLabを開く
    python -m tools.workspace mlflow             MLflowの画面を開く
    python -m tools.workspace doctor             足りないものと、次にすることを表示する
    python -m tools.workspace kernel             VS Codeなどから選べるカーネルを登録する

Databricksのサーバーレスと同じく、授業はSpark Connectのクライアントとして動く。
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tools.bootstrap import told
from tools.workspace import doctor
from tools.workspace.lab import install_kernel, open_lab, open_mlflow
from tools.workspace.provision import WorkspaceError
from tools.workspace.run import run
from tools.workspace.sessions import start, status, stop
from tools.workspace.startup import make_parts


def parse(arguments: list[str]) -> argparse.Namespace:
    """``do`` に、選んだ動作の関数が入った指定。"""
    parser = argparse.ArgumentParser(prog="python -m tools.workspace", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(required=True, metavar="動作")

    def add(name: str, text: str, do: Callable[[argparse.Namespace], int]) -> Callable:
        action = actions.add_parser(name, help=text)
        action.set_defaults(do=do)
        return action.add_argument

    option = add("run", "ワークスペースの中でコマンドを実行する", run_command)
    option("--shared", action="store_true", help="ほかのノートブックと同じサーバーを使う")
    option("--small", action="store_true", help="1回だけの、メモリーの少ないサーバーを使う")
    option("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    option = add("start", "サーバーを起動したままにする", lambda given: start(given.port))
    option("--port", type=int, help="ポート番号（省くと空きを選ぶ）")
    add("stop", "起動したままのサーバーを止める", lambda _: stop())
    add("status", "動いているかを表示する", lambda _: status())
    option = add("lab", "JupyterLabで授業を開く", lambda given: open_lab(rest(given.command)))
    option("command", nargs=argparse.REMAINDER, metavar="-- 引数")
    option = add("mlflow", "MLflowの画面を開く", lambda given: open_mlflow(given.port))
    option("--port", type=int, default=5000)
    add("prepare", "部品をそろえる", lambda _: make_parts() or 0)
    add("doctor", "足りないものと、次にすることを表示する", lambda _: doctor.main())
    add("kernel", "ノートブックから選べるカーネルを登録する", lambda _: install_kernel())
    return parser.parse_args(arguments)


def rest(command: list[str]) -> list[str]:
    """区切りの ``--`` の後。"""
    return command[1:] if command[:1] == ["--"] else command


def run_command(given: argparse.Namespace) -> int:
    """``run`` の後のコマンドを動かす。"""
    command = rest(given.command)
    if not command:
        raise WorkspaceError("実行するコマンドがありません。run -- の後に書いてください。")
    return run(command, shared=given.shared, small=given.small)


def main(arguments: list[str] | None = None) -> int:
    """コマンドラインの入口。失敗は日本語の一文にして、終了コード1を返す。"""
    try:
        given = parse(sys.argv[1:] if arguments is None else arguments)
        return given.do(given)
    except (WorkspaceError, OSError) as error:
        print(f"エラー: {told(error)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
