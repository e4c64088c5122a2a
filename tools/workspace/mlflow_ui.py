"""手元の記録を見せる、MLflowの画面のサーバー。

使い方（``make mlflow`` が、ワークスペースの記録を選んで動かす）::

    MLFLOW_TRACKING_URI=sqlite:///… python -m tools.workspace.mlflow_ui [--port 5000]

MLflowの画面は、初めて開くと、生成AIのための「GenAI」の側を見せる。
ここでは、授業が使う「Model training」の側を見せる。見る人が選び直せば、それに従う。
"""

from __future__ import annotations

import argparse
import logging
import os
import warnings

import uvicorn
from flask import Response, request
from mlflow import MlflowClient
from mlflow.server import app as flask_app
from mlflow.server.constants import BACKEND_STORE_URI_ENV_VAR
from mlflow.server.fastapi_app import app

# 画面は、選んだ側をブラウザーのこの名前の所に覚えている。
FIRST_SIDE = b"<script>localStorage['mlflow.workflowType_v1'] ??= '\"machine_learning\"'</script>"


@flask_app.after_request
def show_training_side(response: Response) -> Response:
    """画面の入り口のページに、まだ選んでいなければ「Model training」の側を選ぶ行を足す。"""
    if request.path == "/":
        response.direct_passthrough = False
        response.set_data(response.get_data().replace(b"<head>", b"<head>" + FIRST_SIDE, 1))
        response.headers.pop("ETag", None)
    return response


MOST = 1000  # 数えるランの数の上限


def directions(client: MlflowClient, address: str) -> str:
    """どの記録を、どのURLで見られるかの案内。ランのあるエクスペリメントを、新しく変わったものから並べる。"""
    experiments = []
    for one in client.search_experiments(order_by=["last_update_time DESC"]):
        if runs := len(client.search_runs([one.experiment_id], max_results=MOST)):
            place = f"{address}/#/experiments/{one.experiment_id}/runs"
            experiments.append(f"  {one.name}（ラン{runs}件）\n    {place}")
    if not experiments:
        return (
            f"{address}/#/experiments をブラウザーで開いてください。\n"
            "まだランがありません。レッスンのノートブックを動かすと、ここに並びます。"
        )
    lines = [
        "見たいもののURLを、ブラウザーで開いてください。",
        "",
        "エクスペリメント（ランの一覧）",
        *experiments,
    ]
    models = client.search_registered_models()
    lines += ["登録モデル（バージョンとエイリアス）"] if models else []
    lines += [f"  {one.name}\n    {address}/#/models/{one.name}" for one in models]
    return "\n".join(lines)


def main() -> int:
    """コマンドラインの入口。止められるまで戻らない。"""
    parser = argparse.ArgumentParser(
        prog="python -m tools.workspace.mlflow_ui", description=__doc__
    )
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--address", help="ブラウザーから見た住所（省くと、このPCの住所）")
    options = parser.parse_args()
    store = os.environ["MLFLOW_TRACKING_URI"]
    os.environ.setdefault(BACKEND_STORE_URI_ENV_VAR, store)
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    warnings.simplefilter("ignore")  # MLflowの中の、開発者に向けた注意
    address = options.address or f"http://127.0.0.1:{options.port}"
    print(directions(MlflowClient(store), address), flush=True)
    print("止める時は Ctrl-C です。", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
