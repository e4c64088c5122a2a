"""モデルのコードと、その周りの9つの部分が、何を渡し合うかの図（レッスン21）。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, ORANGE, arrow, box, canvas, label, polyline

WIDE, TALL = 3.6, 2.15  # 箱の大きさ
LEFT, MIDDLE, RIGHT = 0.1, 4.2, 8.3  # 箱の左端
DATA, SERVE, WATCH, BASE = 10.6, 7.3, 3.8, 0.2  # 段ごとの、箱の下端

# 部分の名前と、2024年9月のひだまり便での様子
PARTS = {
    (LEFT, DATA): ("データ収集\n（手でコピー）", ORANGE),
    (MIDDLE, DATA): ("データ検証\n× なし", ORANGE),
    (RIGHT, DATA): ("特徴量エンジ\nニアリング\n（担当者の手作業）", ORANGE),
    (MIDDLE, SERVE): ("インフラストラ\nクチャの提供\n（メールに添付）", BLUE),
    (MIDDLE, WATCH): ("分析ツール\n× なし", GREEN),
    (RIGHT, WATCH): ("モニタリング\n× なし", GREEN),
    (LEFT, BASE): ("設定管理\n（コードに直書き）", BLUE),
    (MIDDLE, BASE): ("プロセス管理\nツール\n（思い出して実行）", BLUE),
    (RIGHT, BASE): ("計算リソース\n管理\n（担当者のPC）", BLUE),
}


def surroundings() -> None:
    """9つの部分を、データの側、動かす側、見る側の3色で描き、何を次の箱に渡すかを矢印で示す。

    箱の2行目より下は、2024年9月のひだまり便の様子で、×は無いもの。
    """
    ax = canvas(12, 13.5)
    for corner, (text, color) in PARTS.items():
        box(ax, corner, (WIDE, TALL), text, color=color, strong="×" in text)
    box(ax, (9, SERVE + 0.4), (2.2, 1.4), "モデルの\nコード", color=GRAY)
    label(ax, (LEFT, 13.15), "データの側", color=ORANGE, align="left")
    label(ax, (RIGHT, 6.3), "見る側", color=GREEN, align="left")
    label(ax, (LEFT, 2.75), "動かす側（下の3つは、上の箱を動かす）", color=BLUE, align="left")

    arrow(ax, (LEFT + WIDE, 11.7), (MIDDLE, 11.7))
    arrow(ax, (MIDDLE + WIDE, 11.7), (RIGHT, 11.7))
    arrow(ax, (10.1, DATA), (10.1, SERVE + 1.8))
    label(ax, (9.9, 9.85), "特徴量", align="right")
    arrow(ax, (9, 8.4), (MIDDLE + WIDE, 8.4))
    label(ax, (8.4, 7.9), "予測")
    arrow(ax, (MIDDLE, 8.4), (2.9, 8.4))
    label(ax, (2, 8.4), "使う人")
    arrow(ax, (MIDDLE + WIDE - 0.5, SERVE), (RIGHT, WATCH + 1.8))
    label(ax, (7.2, 6.35), "記録", align="right")
    arrow(ax, (RIGHT, 4.9), (MIDDLE + WIDE, 4.9))
    polyline(ax, [(MIDDLE, 4.9), (0.5, 4.9), (0.5, 7)])
    arrow(ax, (0.5, 7), (0.5, DATA))
    label(ax, (0.8, 5.7), "原因を調べ、\n直す", align="left")
    plt.show()
