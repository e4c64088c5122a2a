"""どの列が、どの月に鳴ったかの図。"""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.colors import ListedColormap

from figures.drawing import INCHES, INK, SIZE
from figures.font import use_japanese_font


def draw_alarms(panels: Mapping[str, pd.DataFrame]) -> None:
    """鳴った所を塗った表を、上から順に並べる。

    ``panels`` は、題 → 鳴ったかの表（行が列の名前、列が時刻の型の月）。
    """
    use_japanese_font()
    height = sum(0.19 * len(rang) + 0.75 for rang in panels.values())
    fig, _ = plt.subplots(len(panels), figsize=(INCHES, height), layout="constrained")
    for ax, (title, rang) in zip(fig.axes, panels.items(), strict=True):
        ax.imshow(rang, cmap=ListedColormap(["#ececec", "#c65d00"]), vmin=0, vmax=1, aspect="auto")
        ax.set_title(f"{title}（{int(rang.to_numpy().sum())}回）", fontsize=SIZE, color=INK)
        ax.set_yticks(range(len(rang)), rang.index, fontsize=SIZE)
        ax.set_xticks(range(rang.shape[1]), [month.month for month in rang], fontsize=SIZE)
        ax.set_xticks([x + 0.5 for x in range(rang.shape[1] - 1)], minor=True)
        ax.set_yticks([y + 0.5 for y in range(len(rang) - 1)], minor=True)
        ax.grid(which="minor", color="white", linewidth=1.5)
        ax.tick_params(which="both", length=0)
        for side in ax.spines.values():
            side.set_visible(False)
    fig.axes[-1].set_xlabel("月（2026年4月から）", fontsize=SIZE)
    plt.show()
