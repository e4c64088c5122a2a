"""レッスン12の図。仕事の課題から、機械学習の種類を見分ける道順。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, MUTED, ORANGE, arrow, box, canvas, label

QUESTIONS = (  # 問い、箱の下の高さ
    ("知りたい答えが\n過去の記録にある？", 8.4),
    ("試した結果を見て\n選び方を直す？", 4.75),
    ("探すものは？", 1.1),
)
KINDS = (  # 矢印の始まりの高さ、箱の下の高さ、答え、種類、例、色
    (9.15, 9.55, "はい、区分を当てる", "分類", "解約、迷惑メール", BLUE),
    (9.15, 7.3, "はい、数を当てる", "回帰", "住宅の価格", BLUE),
    (5.5, 4.95, "はい", "強化学習", "おすすめのレシピ", ORANGE),
    (1.85, 2.4, "似た集まり", "クラスタリング", "買い方の似た客", GREEN),
    (1.85, 0.1, "ほかと違うもの", "異常検知", "不正な注文", GREEN),
)


def learning_kinds() -> None:
    """左に3つの問い、右に5つの種類と例を置き、答えごとに矢印でつなぐ。"""
    ax = canvas(9.6, 11.4)
    for question, height in QUESTIONS:
        box(ax, (0.1, height), (3.7, 1.5), question, color=GRAY)
        if height != QUESTIONS[-1][1]:
            arrow(ax, (1.9, height), (1.9, height - 2.15))
            label(ax, (2.1, height - 1.05), "いいえ", color=MUTED, align="left")
    for start, height, answer, kind, example, color in KINDS:
        arrow(ax, (3.8, start), (5.9, height + 0.55))
        label(ax, (5.9, height + 1.4), answer, color=MUTED, align="left")
        box(ax, (5.9, height), (3.6, 1.1), f"{kind}\n{example}", color=color)
    plt.show()
