"""授業が図を描く時に使うもの。

- ``use_japanese_font``: 図の日本語を、同梱の書体で描けるようにする。
- ``drawing``: 箱と矢印で描く図の、共通の形と色。
- ほかのモジュール: 授業が1回の呼び出しで見せる図。題材ごとに1つ。
"""

from figures.font import use_japanese_font

__all__ = ["use_japanese_font"]
