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
import errno
import sys
from pathlib import Path

from tools.workspace.lab import install_kernel, open_lab, open_mlflow
from tools.workspace.provision import WorkspaceError
from tools.workspace.run import run
from tools.workspace.sessions import start, status, stop
from tools.workspace.startup import make_parts
from tools.workspace.supervisor import supervise


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
    lab_parser = commands.add_parser("lab", help="JupyterLabで授業を開く")
    lab_parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="-- 引数")
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
        case "lab":
            return open_lab(options.arguments[options.arguments[:1] == ["--"] :])
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


if __name__ == "__main__":
    raise SystemExit(main())
