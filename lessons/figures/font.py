"""図の日本語を、同梱の書体（M PLUS 1 Regular、SIL Open Font License 1.1）で描くためのモジュール。

Databricks、Binder、手元のPCのどこでも、書体を追加で入れずに同じ図になる。
"""

from pathlib import Path

import matplotlib
from matplotlib import font_manager

FONT_PATH = Path(__file__).parent / "fonts" / "Mplus1-Regular.otf"


def use_japanese_font() -> str:
    """これから描く図の書体を同梱の日本語書体にし、その名前を返す。

    書体のファイルが無い時は FileNotFoundError になる。
    """
    if not FONT_PATH.is_file():
        raise FileNotFoundError(
            f"書体 {FONT_PATH.name} が見つかりません。"
            "lessons フォルダーの figures も、中の fonts ごと一緒に置いてください。"
        )
    font_manager.fontManager.addfont(FONT_PATH)
    name = font_manager.FontProperties(fname=FONT_PATH).get_name()
    matplotlib.rcParams["font.family"] = name
    return name
