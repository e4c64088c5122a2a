"""本を作るための道具。1つのモジュールが1つの仕事を受け持つ。"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # リポジトリーのフォルダー

# jsonschema が使いもしない文法（rfc3987_syntax）を読むだけで2秒かかるので、無いことにする。
sys.modules.setdefault("rfc3987_syntax", None)
