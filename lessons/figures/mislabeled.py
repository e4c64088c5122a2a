"""レッスン11の図。書き間違いの混ざった診断で学習したモデルの、2通りの点数。"""

import cell_samples
import matplotlib.pyplot as plt
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from figures.font import use_japanese_font

SHARES = (0, 10, 20, 30, 40)  # 診断を逆に書いた記録の割合（%）


def scores() -> tuple[list[float], list[float], float]:
    """2通りの点数と基準（%）。

    間違いの割合ごとの、学習に使った記録と一致した割合と、新しい検体で当たった割合。
    基準は、新しい検体の全部に「良性」と答えたときに当たる割合。
    """
    X_train, X_test, y_train, y_test = cell_samples.split(cell_samples.load())
    order = np.random.RandomState(0).permutation(len(y_train))
    seen, unseen = [], []
    for share in SHARES:
        written = y_train.to_numpy().copy()
        wrong = order[: len(written) * share // 100]
        written[wrong] = 1 - written[wrong]
        model = DecisionTreeClassifier(random_state=0).fit(X_train, written)
        seen.append(100 * model.score(X_train, written))
        unseen.append(100 * model.score(X_test, y_test))
    return seen, unseen, 100 * (y_test == 0).mean()


def mislabeled() -> None:
    """横に書き間違いの割合、縦に2通りの点数を取った折れ線を描き、基準の点線を添える。"""
    use_japanese_font()
    seen, unseen, baseline = scores()
    _, ax = plt.subplots(figsize=(4.8, 3.4), layout="constrained")
    ax.plot(SHARES, seen, "s--", color="tab:orange")
    ax.plot(SHARES, unseen, "o-", color="tab:blue")
    ax.axhline(baseline, color="gray", ls=":")
    ax.text(0, baseline - 1, "全部「良性」と答える基準", va="top", fontsize=11)
    ax.text(20, 102, "学習に使った記録と一致した割合", ha="center", va="bottom", fontsize=11)
    ax.text(19, unseen[2] - 4, "新しい検体で当たった割合", ha="right", va="top", fontsize=11)
    ax.set(xlabel="診断を書き間違えた記録の割合（%）", ylabel="割合（%）")
    ax.set(xticks=SHARES, yticks=range(40, 101, 10), ylim=(40, 110))
    ax.spines[["top", "right"]].set_visible(False)
    plt.show()
