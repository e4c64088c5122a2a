"""這う、歩く、走るの3つの段階で、上の段階がどの部品の上に立つかの図（レッスン22）。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GREEN, ORANGE, arrow, box, canvas, label, polyline

LEFT, MIDDLE, RIGHT = 0.4, 4.3, 8.2  # 箱の左端
WIDE, TALL = 3.1, 1.5  # 箱の大きさ
CRAWL, WALK, RUN = 0.4, 4.4, 8.4  # 段階ごとの、箱の下端

STAGES = {
    "這う": (
        CRAWL,
        BLUE,
        ("実験の記録と\nモデルの登録", "手動の\nデプロイ", "基本的な\nモニタリング"),
    ),
    "歩く": (WALK, GREEN, ("自動テスト", "CI/CD", "A/Bテスト")),
    "走る": (RUN, ORANGE, ("自動再学習", "自動\nロールバック", "リアルタイム\nモニタリング")),
}


def three_stages() -> None:
    """3つの段階を下から這う、歩く、走るの順に積み、部品が上のどれを支えるかを矢印で示す。

    太い矢印は、自動ロールバックを支える3つ。
    """
    ax = canvas(12, 11.3)
    for stage, (bottom, color, parts) in STAGES.items():
        box(ax, (0.1, bottom - 0.3), (11.5, TALL + 1.3), "", color=color)
        label(ax, (0.4, bottom + TALL + 0.55), stage, color=color, align="left", fontsize=13)
        for left, part in zip((LEFT, MIDDLE, RIGHT), parts, strict=True):
            box(ax, (left, bottom), (WIDE, TALL), part, color=color, strong="ロール" in part)

    for left in (LEFT, MIDDLE, RIGHT):
        arrow(ax, (left + WIDE / 2, CRAWL + TALL), (left + WIDE / 2, WALK))
    arrow(ax, (LEFT + WIDE / 2, WALK + TALL), (LEFT + WIDE / 2, RUN))
    polyline(ax, [(RIGHT + WIDE, CRAWL + 0.75), (11.85, CRAWL + 0.75), (11.85, RUN + 0.75)])
    arrow(ax, (11.85, RUN + 0.75), (RIGHT + WIDE, RUN + 0.75))

    strong = {"color": ORANGE, "width": 2.6}
    arrow(ax, (LEFT + WIDE - 0.1, CRAWL + TALL), (MIDDLE + 0.3, RUN), **strong)
    arrow(ax, (LEFT + WIDE - 0.4, WALK + TALL), (MIDDLE, RUN + 0.5), **strong)
    arrow(ax, (RIGHT + 0.1, CRAWL + TALL), (MIDDLE + WIDE - 0.3, RUN), **strong)
    plt.show()
