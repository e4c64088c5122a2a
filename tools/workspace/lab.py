"""ノートブックとMLflowの画面を開く。"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from tools.workspace.provision import ROOT, WORKSPACE
from tools.workspace.run import run, run_without_spark
from tools.workspace.server import PortTaken, port_is_open

WORK = ROOT / "work"  # 読み手の作業場
FIRST_PAGE = "README.md"  # 授業の一覧。JupyterLabは、Markdownの見た目で開く


def open_lab(arguments: list[str]) -> int:
    """作業場をJupyterLab（日本語表示）で開き、終わるまで待つ。``arguments`` はJupyterLabに渡す。"""
    os.environ["JUPYTER_CONFIG_PATH"] = str(ROOT / "jupyter")
    command = [sys.executable, "-m", "jupyter", "lab", "--notebook-dir", str(WORK)]
    command += [f"--LabApp.default_url=/lab/tree/{FIRST_PAGE}", *arguments]
    if os.geteuid() == 0:  # コンテナやWSL。開くのはこのPCの中だけで、合言葉も要る
        command.append("--allow-root")
    return run(command, shared=True)


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
