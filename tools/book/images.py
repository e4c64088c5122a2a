"""ページの図に、大きさと、要る時に読み込む印を付ける。"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Mapping
from pathlib import Path

PIXELS = {"pt": 96 / 72, "px": 1.0, "": 1.0, "in": 96.0}  # 単位ごとの画素の数


def sized(page: str, folder: Path) -> str:
    """``folder`` に置くページの、図の大きさ（画素）を書き入れたもの。

    読み込む前から場所を空けておけるので、読んでいる途中で文章が動かない。
    """

    def add(match: re.Match) -> str:
        source = re.search(r'\bsrc="([^":{]+)"', match[1])
        if source is None or "width=" in match[1]:
            return match[0]
        width, height = size((folder / source[1]).resolve())
        return f'<img{match[1]} width="{width}" height="{height}" loading="lazy">'

    return re.sub(r"<img\b([^>]*?)\s*/?>", add, page)


def picture(data: Mapping[str, str]) -> tuple[str, bytes] | None:
    """セルの出力 ``data``（種類 → 中身）の図の、(拡張子, 中身)。SVGがあれば、PNGより先に選ぶ。"""
    if "image/svg+xml" in data:
        return "svg", data["image/svg+xml"].encode()
    if "image/png" in data:
        return "png", base64.b64decode(data["image/png"])
    return None


def size(path: Path) -> tuple[int, int]:
    """図（SVGかPNG）の、幅と高さ（画素）。"""
    if path.suffix == ".svg":
        head = re.search(r"<svg\b[^>]*>", path.read_text(encoding="utf-8"))[0]
        found = [re.search(rf'\b{name}="([\d.]+)([a-z]*)"', head) for name in ("width", "height")]
        return tuple(round(float(one[1]) * PIXELS[one[2]]) for one in found)
    return struct.unpack(">II", path.read_bytes()[16:24])
