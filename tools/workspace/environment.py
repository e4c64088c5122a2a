"""ワークスペースの中で動く処理に渡す、環境変数。"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools.workspace.server import Server
from tools.workspace.store import STORE


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
    # Sparkにつないだままforkすると、子の中のgRPCが、子を異常終了させることがある。
    environment.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
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
