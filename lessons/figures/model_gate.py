"""候補のモデルが、ゲートの6つのテストを通って、昇格か見送りに分かれる図。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, MUTED, ORANGE, arrow, box, canvas, label


def draw_gate() -> None:
    """上の3つの箱がゲートに入る。下へ出る矢印は、昇格への1本と、見送りへの1本。"""
    ax = canvas(10, 8.4)
    for x, text in ((0.2, "候補"), (3.5, "champion"), (6.8, "審査の行")):
        box(ax, (x, 7.1), (3, 1.1), text, color=GRAY)
        arrow(ax, (x + 1.5, 7.1), (x + 1.5, 6))
    box(ax, (0.2, 3.5), (9.6, 2.5), "", color=BLUE, strong=True)
    label(ax, (5, 5.4), "ゲート: どのテストも、断る理由を返す")
    label(ax, (5, 4.3), "点数・できすぎ・スライス\n最低限・不変・向き", color=BLUE)
    arrow(ax, (2, 3.5), (2, 1.4), color=GREEN)
    arrow(ax, (7.2, 3.5), (7.2, 1.4), color=ORANGE)
    label(ax, (2.2, 2.5), "理由が\n1つもない", color=MUTED, align="left")
    label(ax, (7.4, 2.5), "理由がある\n途中で止まった\n基準がない", color=MUTED, align="left")
    box(ax, (0.2, 0.2), (3.6, 1.2), "championにする", color=GREEN)
    box(ax, (5.4, 0.2), (3.6, 1.2), "見送り（理由を残す）", color=ORANGE)
    plt.show()
