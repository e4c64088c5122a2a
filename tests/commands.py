"""試験のために、``folder`` をワークスペースにして ``tools.workspace`` を動かす。"""

import subprocess
import sys

from projects import ROOT

from tools.workspace.environment import outer_environment


def environment(folder, **more):
    """外側のワークスペースと make を引き継がない環境変数。"""
    outer = outer_environment().items()
    inherited = {name: value for name, value in outer if not name.startswith(("MAKE", "MFLAGS"))}
    return {**inherited, "WORKSPACE_DIR": str(folder), **more}


def workspace_command(*arguments):
    return [sys.executable, "-m", "tools.workspace", *arguments]


def call(folder, *arguments, **more):
    return subprocess.run(
        workspace_command(*arguments),
        cwd=ROOT,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
