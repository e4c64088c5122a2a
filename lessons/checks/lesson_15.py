"""レッスン15の答えを判定する。"""

import functools
from typing import Any, NamedTuple

import cell_samples
import numpy as np
import pandas as pd
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from checks import (
    Answer,
    Exercises,
    fitted,
    mapping,
    near,
    number,
    retry,
    rounds_to,
    share,
    steps,
    whole,
    word,
)

check = Exercises()

NEIGHBORS = 15  # 練習1の会社のモデルが、多数決を取る検体の数


class Data(NamedTuple):
    """授業と同じ分け方のデータ。``y`` は悪性が1。"""

    X_train: pd.DataFrame
    X_test: pd.DataFrame
    y_train: pd.Series
    y_test: pd.Series


@functools.cache
def data() -> Data:
    """データを作り直す。読み手が授業の変数を書き換えていても、判定は変わらない。"""
    return Data(*cell_samples.split(cell_samples.load()))


@functools.cache
def report() -> tuple[np.ndarray, np.ndarray]:
    """会社の報告書の、実際の答えと予測。良性が1。"""
    X_train, X_test, y_train, y_test = data()
    model = KNeighborsClassifier(n_neighbors=NEIGHBORS).fit(X_train, 1 - y_train)
    return 1 - y_test.to_numpy(), model.predict(X_test)


@check.judge(1)
def _(malignant_recall):
    answer, predicted = report()
    given = malignant_recall.value
    if isinstance(given, int | np.integer) and given == ((answer == 0) & (predicted == 0)).sum():
        retry("それは、悪性のうち当てた件数です。実際に悪性だった検体の数で割ります。")
    value = share(malignant_recall)
    right = recall_score(answer, predicted, pos_label=0)
    X_train, X_test, y_train, y_test = data()
    tree = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
    benign = recall_score(answer, predicted)
    reasons = [
        (
            benign,
            "報告書と同じ値です。1を陽性としたままなら、測っているのは良性のほうです。"
            "セルの中で`answer`を入れ替えているなら、2回目の実行で元に戻っていないかも見てください。",
        ),
        (
            1 - benign,
            "それは、良性のうち悪性と予測した割合です。分母を、実際に悪性の検体にします。",
        ),
        (1 - right, "それは、悪性のうち見逃した割合です。当てたほうの割合にします。"),
        (
            precision_score(answer, predicted, pos_label=0),
            "それは悪性の適合率です。`recall_score`か、`answer`と`predicted`の順を見てください。",
        ),
        (precision_score(answer, predicted), "それは良性の適合率です。"),
        (f1_score(answer, predicted, pos_label=0), "それは悪性のF1です。再現率だけを求めます。"),
        ((answer == predicted).mean(), "それは正解率です。分母を、実際に悪性の検体だけにします。"),
        (
            recall_score(answer, predicted, average="macro"),
            "それは、悪性と良性の再現率の平均です。悪性だけの値を取り出します。",
        ),
        (
            recall_score(y_test, tree.predict(X_test)),
            "それは、本文の決定木の再現率です。会社のモデルの`answer`と`predicted`を使います。",
        ),
    ]
    if rounds_to(value, right):
        return f"がんの発見率は、報告書より低い{right:.3f}でした。"
    for wrong, reason in reasons:
        if near(value, wrong, 0.0006):
            retry(reason)
    retry(
        "値が合いません。`answer`と`predicted`の両方で、悪性はどちらの数字ですか。"
        "片方だけを入れ替えていないかも見てください。"
    )


MODELS = ["A", "B", "C"]
OTHER_NAMES = {f"モデル{name}": name for name in MODELS}
# 場面 → 選ぶモデルと、迷ったときに見直す問い
SCENES = {
    "screening": ("B", "誤報と見逃しの、どちらが取り返しのつかない間違いですか。"),
    "freezing": ("A", "誤報と見逃しの、どちらで本人が困りますか。"),
    "ranking": ("A", "しきい値をまだ決めないとき、順番の良さを表すのはどの列ですか。"),
    "sorting": ("C", "2つの間違いの重さに、違いはありますか。"),
    "brake": ("B", "誤報と見逃しの、どちらが事故になりますか。"),
}


@check.judge(2)
def _(choices):
    given = mapping(choices, list(SCENES), lambda part: word(part, MODELS, OTHER_NAMES))
    wrong = [scene for scene, (model, _) in SCENES.items() if given[scene] != model]
    if len(set(given.values())) == 1:
        retry(
            "どの場面にも同じモデルを選んでいます。"
            "困る間違いが違えば、見る列が変わり、その列でいちばん高いモデルも変わります。"
        )
    if wrong:
        retry(
            f"{len(wrong)}つの場面が合いません。`{wrong[0]}`では、{SCENES[wrong[0]][1]}"
            "見る列を1つ決めてから、その列でいちばん高いモデルを探してください。"
        )
    return "同じモデルでも、場面が変われば良し悪しが変わります。"


DEPTHS = range(1, 8)


@functools.cache
def best() -> int:
    """交差検証のAUCが最も高い深さ。"""
    X_train, _, y_train, _ = data()

    def auc(depth: int) -> float:
        model = DecisionTreeClassifier(max_depth=depth, random_state=0)
        return cross_val_score(model, X_train, y_train, cv=5, scoring="roc_auc").mean()

    return max(DEPTHS, key=auc)


@functools.cache
def right_tree(depth: int) -> DecisionTreeClassifier:
    """訓練データの全部で学習した、その深さの決定木。"""
    X_train, _, y_train, _ = data()
    return DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X_train, y_train)


def chances(model: Any, rows: pd.DataFrame | None = None) -> np.ndarray:
    """検体（無ければテストデータ）が悪性である確率。列の順序は、学習したときに合わせる。"""
    rows = data().X_test if rows is None else rows
    columns = list(getattr(model, "feature_names_in_", rows.columns))
    return model.predict_proba(rows[columns])[:, -1]


def same_tree(one: Any, other: Any) -> bool:
    """テストデータの検体に、同じ確率を付けるか。"""
    return np.allclose(chances(one), chances(other))


@check.judge(3)
def _(best_depth, final_tree, test_auc, *, opened):
    _check_depth(best_depth)
    _check_tree(final_tree)
    _check_opened(final_tree, opened)
    _check_auc(test_auc)
    found = roc_auc_score(data().y_test, chances(right_tree(best())))
    return f"テストデータのAUCは{found:.3f}で、基準モデルの0.5を上回りました。"


def _check_depth(answer: Answer) -> None:
    depth = number(answer)
    if 0 < depth < 1:
        retry("`best_depth`がAUCの値です。その値を出した深さのほうを入れます。")
    if whole(answer) not in DEPTHS:
        retry(
            "`best_depth`が、1から7の中にありません。並びの位置は0から数えるので、深さとは違います。"
        )
    if depth == best():
        return
    _, X_test, _, y_test = data()
    tested = max(DEPTHS, key=lambda one: roc_auc_score(y_test, chances(right_tree(one))))
    if depth == tested:
        retry(
            "`best_depth`が、`cv_auc`の最も高い深さではありません。"
            "本文の図の正解率や、テストデータの点数で選んでいないか見てください。"
        )
    if depth == best() - 1:
        retry(
            "`best_depth`が、`cv_auc`の最も高い深さではありません。"
            "並びの位置を入れたのなら、位置は0から、深さは1から数えます。"
        )
    retry(
        "`best_depth`が、`cv_auc`の最も高い深さではありません。深さごとの`cv_auc`を見比べてください。"
    )


def _check_tree(answer: Answer) -> None:
    model = fitted(answer)
    model = getattr(model, "best_estimator_", model)
    tree = steps(model)[-1]
    if not isinstance(tree, DecisionTreeClassifier):
        retry(f"`final_tree`は決定木ではなく、`{type(tree).__name__}`です。")
    if tree.max_depth != best():
        retry("`final_tree`の`max_depth`が、選んだ深さと違います。")
    if isinstance(tree.random_state, bool) or tree.random_state != 0:
        retry("`final_tree`の`random_state`が0ではありません。")
    X_train, _, y_train, _ = data()
    if tree.n_features_in_ != X_train.shape[1]:
        retry("`final_tree`の学習に使った列の数が、`X_train`と違います。")
    if tree.tree_.n_node_samples[0] != len(X_train):
        retry(
            "`final_tree`の学習に使った検体の数が、訓練データと違います。`X_train`の全部を使います。"
        )
    if roc_auc_score(y_train, chances(model, X_train)) < 0.5:
        retry("`final_tree`が、良性を1として学習しています。`y_train`は悪性が1です。")
    if not same_tree(model, right_tree(best())):
        retry(
            "`final_tree`が、その深さの決定木と違う予測をします。"
            "`max_depth`と`random_state`のほかの設定と、`fit`に渡したデータを見てください。"
        )


def _check_opened(answer: Answer, opened: Any) -> None:
    again = "`opened = []`のあるセルから実行し直してください。"
    if not isinstance(opened, list) or not all(hasattr(one, "predict_proba") for one in opened):
        retry(f"`opened`が、開けた木のリストではなくなっています。{again}")
    if not opened:
        retry(
            "`open_test`を、まだ呼んでいません。`final_tree`を渡し、返った値を`test_auc`に入れます。"
        )
    if any(not same_tree(one, answer.value) for one in opened):
        if len(opened) == 1:
            retry(f"`open_test`に渡した木が、`final_tree`ではありません。{again}")
        retry(
            f"`final_tree`のほかの木も、テストデータで開けています。選ぶのは開ける前です。{again}"
        )


def _check_auc(answer: Answer) -> None:
    value = share(answer)
    X_train, X_test, y_train, y_test = data()
    tree = right_tree(best())
    if rounds_to(value, roc_auc_score(y_test, chances(tree))):
        return
    reasons = [
        (tree.score(X_test, y_test), "正解率です。"),
        (
            cross_val_score(tree, X_train, y_train, cv=5, scoring="roc_auc").mean(),
            "`cv_auc`の値です。",
        ),
        (roc_auc_score(y_train, chances(tree, X_train)), "訓練データのAUCです。"),
        (
            roc_auc_score(y_test, tree.predict(X_test)),
            "確率でなく、`predict`の答えから求めたAUCです。",
        ),
    ]
    found = next((reason for wrong, reason in reasons if near(value, wrong, 0.0003)), "")
    said = f"`test_auc`が、{found}" if found else "`test_auc`が合いません。"
    retry(f"{said}`open_test(final_tree)`が返した値を入れます。")
