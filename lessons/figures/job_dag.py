"""ジョブのタスクを、動かせる順に上から並べた図。"""

from collections.abc import Iterable, Mapping

import matplotlib.pyplot as plt

from figures.drawing import BLUE, arrow, box, canvas

SIZE, STEP, CENTER = (2.6, 0.9), 1.6, 5  # 箱の幅と高さ、次の段までの縦の間、図の真ん中


def draw_dag(tasks: Iterable[Mapping]) -> None:
    """``tasks`` はジョブの ``tasks``。同じ高さの箱は、同時に動かせる。"""
    needs = {t["task_key"]: [d["task_key"] for d in t.get("depends_on") or []] for t in tasks}
    depth: dict[str, int] = {}
    while len(depth) < len(needs):
        for name, before in needs.items():
            if all(one in depth for one in before):
                depth[name] = max((depth[one] + 1 for one in before), default=0)
    rows = [
        [name for name in needs if depth[name] == row] for row in range(max(depth.values()) + 1)
    ]
    ax = canvas(2 * CENTER, STEP * len(rows) - 0.4)
    width, height = SIZE
    places = {}
    for row, names in enumerate(rows):
        for number, name in enumerate(names):
            x = CENTER + (number - (len(names) - 1) / 2) * 1.3 * width
            places[name] = x, STEP * (len(rows) - 1 - row) + 0.1
            box(ax, (x - width / 2, places[name][1]), SIZE, name, color=BLUE)
    for name, before in needs.items():
        for one in before:
            (x, y), (to_x, to_y) = places[one], places[name]
            arrow(ax, (x, y), (to_x, to_y + height))
    plt.show()
