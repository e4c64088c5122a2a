"""測った結果のファイル。日付と機械を添えて書く。"""

from __future__ import annotations

import json
import os
import platform
from datetime import date
from pathlib import Path

import psutil


def heading() -> dict[str, str]:
    """測った日（``date``）と、測った機械（``machine``）。"""
    memory = psutil.virtual_memory().total // 2**30
    machine = f"{platform.system()} {platform.machine()}、{os.cpu_count()}コア、{memory}GB"
    return {"date": date.today().isoformat(), "machine": machine}


def write_result(path: Path, result: dict) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
