"""コマンドラインの入口。使い方は ``build`` にある。"""

from tools.book.build import main

if __name__ == "__main__":
    raise SystemExit(main())
