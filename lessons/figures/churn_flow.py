"""解約の予測が、元の表から電話の結果まで流れる図。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, MUTED, ORANGE, arrow, box, canvas, label, polyline

LEFT, WIDE, TALL, STEP = 0.9, 4.7, 1.1, 1.65  # 箱の左端、幅、高さ、次の箱までの縦の間
GROUPS, RESULT = 10.2 - STEP * 5, 10.2 - STEP * 6  # 2つの組の箱と、結果の箱の、下の端の高さ


def draw_scoring_flow() -> None:
    """元の表、特徴量、モデル、予測、一覧と下り、ランダムに分けた2組の結果が、次の月の記録に戻る。

    箱の右に、それぞれの決まりを添える。左の線は、結果が次の月の記録になること。
    """
    ax = canvas(10, 12.1)
    steps = (
        ("元の4つの表", "月末の夜に締まる", GRAY),
        ("特徴量 churn_features", "32で作った", BLUE),
        ("モデルのバージョン", "エイリアスが\n1つを指す", ORANGE),
        ("予測 churn_predictions", "行を足すだけ", BLUE),
        ("いま使う一覧 call_list", "ビュー", BLUE),
    )
    for number, (text, note, color) in enumerate(steps):
        bottom = 10.2 - STEP * number
        box(ax, (LEFT, bottom), (WIDE, TALL), text, color=color)
        label(ax, (LEFT + WIDE + 0.3, bottom + 0.65), note, color=MUTED, align="left")
        arrow(ax, (LEFT + WIDE / 2, bottom), (LEFT + WIDE / 2, bottom - STEP + TALL))
    polyline(ax, [(LEFT + WIDE, 5.4), (9, 5.4), (9, 4)])
    arrow(ax, (9, 4), (9, GROUPS + TALL))
    label(ax, (8.8, 4.4), "ランダムに\n分ける", color=MUTED, align="right")
    box(ax, (LEFT, GROUPS), (WIDE, TALL), "電話する組", color=GREEN)
    box(ax, (6.2, GROUPS), (3.6, TALL), "電話しない組", color=GRAY)
    box(ax, (LEFT, RESULT), (8.9, TALL), "5月1日から、2組の解約率を数える", color=GREEN)
    for x in (LEFT + WIDE / 2, 9):
        arrow(ax, (x, GROUPS), (x, RESULT + TALL))
    polyline(ax, [(LEFT, RESULT + 0.55), (0.3, RESULT + 0.55), (0.3, 10.75)], color=ORANGE)
    arrow(ax, (0.3, 10.75), (LEFT, 10.75), color=ORANGE)
    label(ax, (0.1, 11.7), "4月の結果は、次の月の記録に戻る", color=ORANGE, align="left")
    plt.show()
