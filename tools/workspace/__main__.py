"""コマンドラインの入口。使い方は ``sessions`` にある。"""

from tools.workspace.sessions import main

if __name__ == "__main__":
    raise SystemExit(main())
