"""レッスン11の図。引き止めの案内AとBを送った客の、残った割合。"""

import matplotlib.pyplot as plt

from figures.font import use_japanese_font

GROUPS = ("全体", "1年未満の客", "1年以上の客")
SENT = {"A": (500, 100, 400), "B": (500, 400, 100)}  # 送った人数
STAYED = {"A": (380, 40, 340), "B": (290, 200, 90)}  # 3か月後に残っていた人数


def draw_campaigns() -> None:
    """横に全体と2種類の客、縦に残った割合を取り、案内AとBの棒を並べる。"""
    use_japanese_font()
    _, ax = plt.subplots(figsize=(4.8, 3.4), layout="constrained")
    for name, shift in [("A", -0.2), ("B", 0.2)]:
        shares = [100 * n / of for n, of in zip(STAYED[name], SENT[name], strict=True)]
        places = [place + shift for place in range(len(GROUPS))]
        bars = ax.bar(places, shares, 0.38, label=f"案内{name}")
        notes = [f"{share:.0f}%\n{of}人" for share, of in zip(shares, SENT[name], strict=True)]
        ax.bar_label(bars, notes, padding=2, fontsize=11)
    ax.set_xticks(range(len(GROUPS)), GROUPS, fontsize=11)
    ax.set_ylabel("残った割合（%）", fontsize=11)
    ax.set_ylim(0, 132)
    ax.set_yticks(range(0, 101, 20))
    ax.legend(loc="upper left", ncols=2, frameon=False, fontsize=11)
    plt.show()
