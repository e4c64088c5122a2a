"""変更が本番に届くまでの、4つの段。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, INK, MUTED, ORANGE, arrow, box, canvas, label

STAGES = (
    ("変更を提案する", "ファイルを調べ、\n部品を試す", "鍵は\n使わない", GRAY),
    ("mainに取り込む", "devに出し、\nジョブを1度動かす", "devの鍵", BLUE),
    ("タグを付ける", "人が承認してから、\nprodに出す", "prodの鍵", ORANGE),
    ("毎月2日の朝", "合格した候補を\nchampionにする", "届いた\n答え", GREEN),
)


def draw_stages() -> None:
    """上から順に進む。1つでも落ちれば、下の段は動かない。右は、その段で初めて使えるもの。"""
    step, wide, tall = 2.2, 7.6, 1.6
    ax = canvas(10, step * (len(STAGES) - 1) + tall + 0.3)
    for number, (title, work, needs, color) in enumerate(STAGES):
        bottom = step * (len(STAGES) - 1 - number) + 0.1
        box(ax, (0.2, bottom), (wide, tall), "", color=color)
        label(ax, (0.5, bottom + tall / 2), title, align="left", color=INK)
        label(ax, (3.8, bottom + tall / 2), work, align="left", color=INK)
        label(ax, (wide + 0.4, bottom + tall / 2), needs, color=MUTED, align="left")
        if number < len(STAGES) - 1:
            arrow(ax, (0.2 + wide / 2, bottom), (0.2 + wide / 2, bottom - step + tall))
    plt.show()
