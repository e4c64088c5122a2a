"""改行をCRLFにする設定のPCでも、取り寄せたファイルの改行はLFのまま。"""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def test_checkout_keeps_line_ends(tmp_path):
    origin = tmp_path / "origin"
    origin.mkdir()
    for name in (
        ".gitattributes",
        "start",
        "Makefile",
        "lessons/figures/fonts/LessonSansJP-Regular.otf",
    ):
        (origin / name).parent.mkdir(parents=True, exist_ok=True)
        (origin / name).write_bytes((ROOT / name).read_bytes())
    git(origin, "init", "--quiet")
    git(origin, "add", "--all")
    git(origin, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "1")
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "--quiet", "origin", "copy")
    for path in origin.rglob("*"):
        if path.is_file() and ".git" not in path.relative_to(origin).parts:
            copied = tmp_path / "copy" / path.relative_to(origin)
            assert copied.read_bytes() == path.read_bytes()
