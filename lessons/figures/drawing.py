"""箱と矢印で描く図の、共通の形と色。

座標は、横が0から ``width``、縦が0から ``height`` で、左下が原点。
スマートフォンの幅でも読めるように、図の幅は4.8インチ、文字は11ポイントを下回らない。
"""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from figures.font import use_japanese_font

INCHES = 4.8  # 図の幅
SIZE = 11  # 文字の大きさ（ポイント）

INK = "#2b2b2b"
MUTED = "#767676"
BLUE, ORANGE, GREEN, GRAY = "#1f6fb2", "#c65d00", "#2f7d4f", "#8a8a8a"  # 枠と線
TINTS = {BLUE: "#e3eef8", ORANGE: "#fbeadb", GREEN: "#e2f1e7", GRAY: "#f0f0f0"}  # 枠の色 → 中の色


def canvas(width: float, height: float) -> Axes:
    """軸の無い、白い描画面。縦横の比は ``width``:``height``。"""
    use_japanese_font()
    _, ax = plt.subplots(figsize=(INCHES, INCHES * height / width), layout="constrained")
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")
    return ax


def box(
    ax: Axes, corner: tuple[float, float], size: tuple[float, float], text: str,
    *, color: str = BLUE, fontsize: float = SIZE, strong: bool = False,
) -> None:  # fmt: skip
    """左下の角 ``corner`` に、幅と高さ ``size`` の角の丸い箱。``strong`` なら枠を太くする。"""
    (x, y), (width, height) = corner, size
    ax.add_patch(
        FancyBboxPatch(
            corner, width, height, boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=TINTS[color], edgecolor=color, linewidth=2.2 if strong else 1.2,
        )
    )  # fmt: skip
    label(ax, (x + width / 2, y + height / 2), text, fontsize=fontsize)


def arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float],
    *, color: str = GRAY, width: float = 1.4, dashed: bool = False, bend: float = 0,
) -> None:  # fmt: skip
    """``start`` から ``end`` への矢印。``bend`` は曲がり（0ならまっすぐ）。"""
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, color=color, linewidth=width,
            linestyle="--" if dashed else "-", connectionstyle=f"arc3,rad={bend}",
            shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip


def label(
    ax: Axes, place: tuple[float, float], text: str,
    *, color: str = INK, fontsize: float = SIZE, align: str = "center",
) -> None:  # fmt: skip
    """``place`` の高さの真ん中に置く文字。``align`` は "center"、"left"、"right"。"""
    ax.text(*place, text, ha=align, va="center", color=color, fontsize=fontsize, linespacing=1.35)


def polyline(ax: Axes, points: Sequence[tuple[float, float]], *, color: str = GRAY) -> None:
    """矢じりの無い折れ線。"""
    ax.plot(*zip(*points, strict=True), color=color, linewidth=1.4)
