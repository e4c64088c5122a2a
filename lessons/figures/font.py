"""図の日本語を、同梱の書体（Noto Sans CJK JPの一部、SIL Open Font License 1.1）で描くためのモジュール。

Databricks、Binder、手元のPCのどこでも、書体を追加で入れずに同じ図になる。
JIS X 0213の第1〜第3水準とWindowsの字を描ける。足りない記号は、matplotlibの書体が1字ずつ補う。
"""

from pathlib import Path

import matplotlib
from matplotlib import font_manager, style

FONT_PATH = Path(__file__).parent / "fonts" / "LessonSansJP-Regular.otf"
FALLBACK = "DejaVu Sans"  # matplotlibに付いている書体


def use_japanese_font() -> list[str]:
    """これから描く図の書体を同梱の日本語書体にし、使う書体の名前を、試す順に返す。

    ``plt.style.use`` で見た目を変えても、書体はそのまま残る。
    書体のファイルが無い時は FileNotFoundError になる。
    """
    if not FONT_PATH.is_file():
        raise FileNotFoundError(
            f"書体 {FONT_PATH.name} が見つかりません。"
            "lessons フォルダーの figures も、中の fonts ごと一緒に置いてください。"
        )
    name = font_manager.FontProperties(fname=FONT_PATH).get_name()
    if name not in font_manager.get_font_names():
        font_manager.fontManager.addfont(FONT_PATH)
    families = [name, FALLBACK]
    for settings in (matplotlib.rcParams, matplotlib.rcParamsDefault, *style.library.values()):
        if "font.family" in settings:
            settings["font.family"] = families
    return families
