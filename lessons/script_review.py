"""学習スクリプトの点検の道具: 直したスクリプト、1か所だけ誤ったスクリプト、偽のモデルレジストリ。

スクリプトは、``train_churn`` の6つの部品（``PARTS``）を持つ。
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

import train_churn
import train_churn_fixed

PARTS = ("JOB", "clean", "features", "split", "tune", "promote")


def fixed() -> SimpleNamespace:
    """6か所を直したスクリプト。"""
    return with_parts({})


def with_fault(part: str) -> SimpleNamespace:
    """``part`` だけが、直す前のままのスクリプト。"""
    return with_parts({part: getattr(train_churn, part)})


def with_parts(changed: Mapping[str, object]) -> SimpleNamespace:
    """直したスクリプトの、``changed`` にある部品だけを取り替えたもの。"""
    parts = {part: getattr(train_churn_fixed, part) for part in PARTS}
    return SimpleNamespace(**{**parts, **changed})


class FakeRegistry:
    """``MlflowClient`` の代わりに渡す、偽のモデルレジストリ。``gates`` は番号 → タグ ``gate`` の値。

    Unity Catalogと同じく、タグは ``search_model_versions`` では分からず、``get_model_version`` で読む。
    ``aliases`` に、付けたエイリアスと番号が残る。
    """

    def __init__(self, gates: Mapping[str, str]) -> None:
        self.gates = dict(gates)
        self.aliases: dict[str, str] = {}

    def search_model_versions(self, filter_string: str) -> list[SimpleNamespace]:
        return [SimpleNamespace(version=version, tags={}) for version in self.gates]

    def get_model_version(self, name: str, version: str) -> SimpleNamespace:
        gate = self.gates[str(version)]
        return SimpleNamespace(version=str(version), tags={"gate": gate} if gate else {})

    def set_registered_model_alias(self, name: str, alias: str, version: str) -> None:
        self.aliases[alias] = str(version)
