"""元の列から特徴量、モデル、予測までのつながり（リネージ）。"""

import matplotlib.pyplot as plt

from figures.drawing import BLUE, GRAY, GREEN, ORANGE, arrow, box, canvas

SIZE = (2.9, 1.15)  # 箱の幅と高さ
LEFT, MIDDLE, RIGHT = 0.1, 3.55, 7.0
# 名前 → 箱の左下の角と色。左の列から順に、元の列、特徴量、使われた先。
PLACES = {
    "customers.email": (LEFT, 6.95, ORANGE),
    "customers.birth_year": (LEFT, 5.25, BLUE),
    "customers.plan": (LEFT, 3.55, BLUE),
    "orders.yen": (LEFT, 1.85, BLUE),
    "orders.ship_to": (LEFT, 0.15, ORANGE),
    "features.age": (MIDDLE, 5.25, GRAY),
    "features.plan": (MIDDLE, 3.55, GRAY),
    "features.spend_3m": (MIDDLE, 1.85, GRAY),
    "monthly_report": (RIGHT, 5.25, GREEN),
    "churn_model v1": (RIGHT, 3.55, GREEN),
    "predictions": (RIGHT, 1.85, GREEN),
    "delivery_routes": (RIGHT, 0.15, GREEN),
}


def draw_lineage(edges: list[tuple[str, str]]) -> None:
    """つながり ``edges``（元と先の組のリスト）を、左から右への矢印で描く。

    手紙で聞かれた ``customers.email`` と ``orders.ship_to`` は、つながりが無くても橙色の箱で描く。
    """
    ax = canvas(10, 8.3)
    for name, (x, y, color) in PLACES.items():
        box(ax, (x, y), SIZE, name.replace(".", "\n.").replace(" v1", "\nv1"), color=color)
    width, height = SIZE
    for source, target in edges:
        (x, y, _), (to_x, to_y, _) = PLACES[source], PLACES[target]
        if x == to_x:  # 同じ列の中では、上の箱から下の箱へ
            arrow(ax, (x + width / 2, y), (to_x + width / 2, to_y + height))
        else:
            arrow(ax, (x + width, y + height / 2), (to_x, to_y + height / 2))
    plt.show()
