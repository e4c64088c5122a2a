"""道具の部屋: 矢印は下へだけ、輪は無く、長いファイルも無い。どれも import の文から読む。"""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400  # 行
# 部屋 → import してよい部屋（自分の部屋のほかに）。checks と measure は、どこからも使わない。
DOOR = "bootstrap"
BELOW = {
    DOOR: set(),
    "workspace": {DOOR},
    "course": {DOOR, "workspace"},
    "book": {DOOR, "workspace", "course"},
    "checks": {DOOR, "workspace", "course"},
    "measure": {DOOR, "workspace", "course", "book"},
}


def arrows(root: Path) -> dict[str, set[str]]:
    """``root`` の道具のモジュール → それが import する道具のモジュール。関数の中の import も数える。"""
    files = {name_of(path, root): path for path in (root / "tools").rglob("*.py")}
    found = {}
    for name, path in files.items():
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, (
                    f"{name}: 「from .」でなく、tools からの名前で import します。"
                )
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                imported |= inner & files.keys() or {node.module}
        found[name] = {one for one in imported if one.split(".")[0] == "tools"} - {"tools"}
    return found


def name_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    return module.split(".")[1]


def upward(found: dict[str, set[str]]) -> list[str]:
    """してはいけない import の一覧。"""
    return [
        f"{name} → {one}"
        for name, imported in sorted(found.items())
        for one in sorted(imported)
        if room(one) not in BELOW[room(name)] | {room(name)}
    ]


def circle(found: dict[str, set[str]]) -> list[str]:
    """互いに import し合うモジュールの輪。無ければ空。"""
    try:
        TopologicalSorter(found).prepare()
    except CycleError as error:
        return error.args[1]
    return []


@pytest.fixture(scope="module")
def found():
    return {name: imported for name, imported in arrows(ROOT).items() if name != "tools"}


def test_every_tool_is_in_a_room(found):
    assert {room(name) for name in found} == BELOW.keys()
    assert {name for name in found if name.count(".") == 1} == {f"tools.{one}" for one in BELOW}


def test_arrows_run_only_downwards(found):
    assert upward(found) == []


def test_no_module_imports_itself_around_a_circle(found):
    assert circle(found) == []


def test_readme_names_every_module():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    trees = (
        ("bootstrap.py", "tools/**/[a-z]*.py"),
        ("exercises ", "lessons/checks/[a-z]*.py"),
        ("churn ", "lessons/[a-z]*.py"),
        ("ci ", ".github/workflows/*.yml"),
    )
    for first, files in trees:
        tree = next(block for block in text.split("```") if f"\n  {first}" in block)
        named = set(re.findall(r"\w+", re.sub(r"[ぁ-ー一-龠、。]+", " ", tree)))
        written = {path.stem for path in ROOT.glob(files)}
        assert {name for name in written if not re.search(r"_\d\d$", name)} <= named


def test_no_file_is_too_long():
    lines = {
        path.name: len(path.read_text(encoding="utf-8").splitlines())
        for path in (ROOT / "tools").rglob("*.py")
    }
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_wrong_arrows_and_circles_are_seen(tmp_path):
    sources = {
        "workspace/server": "def start():\n    from tools.course import lesson",
        "course/lesson": "import tools.workspace.server",
        "book/build": "from tools.checks.lint import main",
        "checks/lint": "from tools.course.lesson import read",
    }
    for name, source in sources.items():
        path = tmp_path / "tools" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    found = arrows(tmp_path)
    assert upward(found) == [
        "tools.book.build → tools.checks.lint",
        "tools.workspace.server → tools.course.lesson",
    ]
    assert set(circle(found)) == {"tools.workspace.server", "tools.course.lesson"}
