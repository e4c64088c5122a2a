"""「環境を確かめる」が使う道具: 検査の○×と次にすること、Sparkへの接続、バージョンの照らし合わせ。"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib.metadata import distributions
from typing import Any

# MLflowに、記録先の長いURLを表示させない。
os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"

RECONNECT = (
    "手元のPCなら、ターミナルで make doctor を実行し、出てきた文に従います。"
    "Databricksなら、画面の右上でサーバーレスにつなぎ直します。"
)
RECORD = (
    "Sparkの行が×なら、先にそちらを直します。"
    "手元のPCなら、ターミナルの make lab から開き直します。"
    "Databricksなら、接続をいったん切り、つなぎ直してから上から動かします。"
)
# 検査の名前 → うまくいかない時に、次にすること
ADVICE = {
    "Sparkにつなぐ": RECONNECT,
    "カタログ": RECONNECT,
    "スキーマ": RECONNECT,
    "バージョンを照らし合わせる": (
        "手元のPCなら、ターミナルの make lab から開き直します。"
        "Databricksなら、右端の「環境」（Environment）を開き、"
        "「ベース環境」（Base environment）で標準（Standard）の6を選びます。"
    ),
    "Deltaの表に書いて読む": (
        "Sparkの行が×なら、先にそちらを直します。"
        "手元のPCなら、make stop の後に make lab で開き直します。"
        "Databricksなら、スキーマを作る権限があるかを管理者に聞きます。"
    ),
    "MLflowの記録先": RECORD,
    "MLflowに書いて読む": RECORD,
}

Pins = dict[str, tuple[str, str]]  # 名前 → 環境バージョン6と5でのバージョン
OTHER = "その他"
PYTHONS = ("3.11.", "3.12.", "3.13.")  # この本の授業が動くPython
_found: dict[str, str] = {}  # つながったSparkのバージョン
failed: list[str] = []  # ×になった検査の名前


def step(name: str, check: Callable[..., object], *arguments: object) -> None:
    """検査を1つ試し、うまくいけば○と結果を、いかなければ×と「次にすること」を表示する。"""
    try:
        print(f"○ {name}: {check(*arguments)}")
    except (Exception, KeyboardInterrupt) as error:
        failed.append(name)
        reason = " ".join(str(error).split())[:60]
        print(f"× {name}（{type(error).__name__}: {reason}）")
        print(f"  次にすること: {ADVICE[name]}")


def connect() -> Any:
    """Sparkにつながるかを表示し、セッションを返す。つながらなければ ``None``。"""
    sessions = []
    step("Sparkにつなぐ", _connect, sessions)
    return sessions[0] if sessions else None


def show_versions(pins: Pins) -> None:
    """入っているバージョンと、それがどの環境バージョンのものかを並べる。"""
    found = _installed()
    for name, pin in pins.items():
        label = _label(found.get(name), pin)
        if label == OTHER and name == "Python" and found[name].startswith(PYTHONS):
            label = "使えるバージョン"
        print(f"{name:<14}{found.get(name) or 'なし':<12}{label}")


def compare(pins: Pins) -> str:
    """どのバージョンも環境バージョン6か5のものなら、そう言う。違えば、名前を並べた ``LookupError``。"""
    found = _installed()
    others = [
        name
        for name, pin in pins.items()
        if name != "Python" and _label(found.get(name), pin) == OTHER
    ]
    if not found["Python"].startswith(PYTHONS):
        others.append("Python")
    if others:
        raise LookupError("、".join(others))
    return "Pythonは3.11から3.13、ほかは環境6か環境5のバージョンです"


def tracking_store() -> str:
    """MLflowの記録先の種類。"""
    import mlflow

    kind = mlflow.get_tracking_uri().split(":")[0]
    kinds = {"sqlite": "SQLite", "file": "フォルダー", "databricks": "Databricks"}
    return kinds.get(kind, "MLflowのサーバー")


def _connect(sessions: list) -> str:
    from pyspark.sql import SparkSession

    _found.clear()
    session = SparkSession.builder.getOrCreate()
    _found["Spark"] = session.version
    sessions.append(session)
    return f"バージョンは{session.version}"


def _installed() -> dict[str, str]:
    """入っているバージョン。MLflowは、機能を絞った mlflow-skinny だけのこともある。"""
    found = {item.metadata["Name"]: item.version for item in reversed([*distributions()])}
    found["mlflow"] = found.get("mlflow") or found.get("mlflow-skinny")
    return found | _found | {"Python": platform.python_version()}


def _label(version: str | None, pin: tuple[str, str]) -> str:
    named = zip(("環境6", "環境5"), pin, strict=True)
    matches = [name for name, one in named if f"{version}.".startswith(f"{one}.")]
    return "・".join(matches) or OTHER
