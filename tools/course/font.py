"""授業の図の書体を作り直す。Noto Sans CJK JP から、日本で使う字だけを取り出す。

使い方::

    python -m tools.course.font [NotoSansCJK-Regular.ttc]

元の書体は Debian・Ubuntu の fonts-noto-cjk に入っている。
取り出すのは、JIS X 0213 の第1〜第3水準と、Windows（CP932）の字と、ラテン文字や記号。
元の書体に無い字は、matplotlib に付いている DejaVu Sans が補う。
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from itertools import product
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

from tools.course.lesson import LESSONS

SOURCE = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
FACE = "Noto Sans CJK JP"
FAMILY = "Lesson Sans JP"  # 元の書体が入ったPCでも取り違えない名前
FONT = LESSONS / "figures" / "fonts" / "LessonSansJP-Regular.otf"
OTHERS = [(0x20, 0x7E), (0xA0, 0x17F), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x22FF)]
SAME_SHAPE = {0x2985: 0xFF5F, 0x2986: 0xFF60}  # 元の書体が片方の符号にだけ持つ字（二重の丸かっこ）


def japanese() -> set[str]:
    """JIS X 0213 の1面（第1〜第3水準と非漢字）と、CP932の字。制御文字と外字の領域は除く。"""
    found = set()
    for codec, leads, trails in (
        ("euc_jis_2004", range(0xA1, 0xFF), range(0xA1, 0xFF)),
        ("cp932", range(0x81, 0xFD), range(0x40, 0xFD)),
    ):
        for pair in product(leads, trails):
            text = bytes(pair).decode(codec, errors="ignore")
            if len(text) == 1 and unicodedata.category(text) not in ("Cc", "Co"):
                found.add(text)
    return found


def make(source: Path, target: Path) -> None:
    """``source`` から書体を取り出し、``target`` に置く。"""
    faces = [face["name"].getDebugName(4) for face in TTCollection(source).fonts]
    font = TTFont(source, fontNumber=faces.index(FACE), recalcTimestamp=False)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap |= {
                code: table.cmap[same] for code, same in SAME_SHAPE.items() if same in table.cmap
            }
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True)
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    wanted = subset.Subsetter(options)
    wanted.populate(unicodes={code for first, last in OTHERS for code in range(first, last + 1)})
    wanted.populate(unicodes=map(ord, japanese()))
    wanted.subset(font)
    for number, text in {1: FAMILY, 3: FONT.stem, 4: FAMILY, 6: FONT.stem}.items():
        for name in [name for name in font["name"].names if name.nameID == number]:
            name.string = text
    font["CFF "].cff.fontNames = [FONT.stem]
    font.save(target)


def main(arguments: list[str] | None = None) -> int:
    """コマンドラインの入口。元の書体が無ければ1を返す。"""
    parser = argparse.ArgumentParser(prog="python -m tools.course.font", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("source", nargs="?", type=Path, default=SOURCE)
    source = parser.parse_args(arguments).source
    if not source.is_file():
        print(
            f"エラー: 元の書体 {source} がありません。fonts-noto-cjk を入れてください。",
            file=sys.stderr,
        )
        return 1
    make(source, FONT)
    print(f"書体を作りました: {FONT}（{FONT.stat().st_size:,}バイト）")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
