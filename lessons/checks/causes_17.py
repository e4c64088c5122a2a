"""レッスン17の点数が合わない原因を探す。判定は ``lesson_17`` にある。"""

from checks import near
from checks.models_17 import scores


def same(metrics, expected):
    """小数第3位までの丸めの差を除いて、指標がそろっているか。"""
    return all(near(metrics.get(name, 9), value, 5e-4) for name, value in expected.items())


def listed(names, most=100):
    names = sorted(map(str, names))
    return "、".join(f"`{name}`" for name in names[:most]) + ("など" if len(names) > most else "")


MEASURED = (  # 測り方の違い。合わない指標だけを比べる。
    ({"auc_from": "answer"}, "予測した答えから計算されています。悪性である確率から計算します。"),
    ({"measured": "train"}, "訓練データで測った値です。`log_cv`で、5組の交差検証で測ります。"),
    (
        {"measured": "test"},
        "テストデータで測った値です。候補を比べる間は、テストデータを開けません。",
    ),
    ({"measured": "unshuffled"}, "混ぜずに分けた5組の値です。本文の`cv`を渡します。"),
    ({"measured": "three"}, "3組の交差検証の値です。本文の`cv`を渡します。"),
)
LEARNED = (  # モデルの違い。指標がそろって動く。
    ({"max_depth": None}, "木の深さを制限しないモデル"),
    ({"n_estimators": 100}, "木が100本のモデル"),
    ({"seed": 42}, "乱数の種（`random_state`）が違うモデル"),
    ({"prefix": ""}, "測定値の30列をすべて使ったモデル"),
    ({"prefix": "worst_"}, "`worst_`の10列を使ったモデル"),
)


def why_scores_differ(metrics, expected):
    wrong = [name for name, value in expected.items() if not near(metrics[name], value, 5e-4)]
    for settings, message in MEASURED:
        if same(metrics, {name: scores(**settings)[name] for name in wrong}):
            return f"指標{listed(wrong)}が、{message}"
    for settings, message in LEARNED:
        if same(metrics, scores(**settings)):
            return f"{message}の点数になっています。モデルと列を、問題文と見比べてください。"
    if sorted(map(_rounded, expected.values())) == sorted(_rounded(metrics[n]) for n in expected):
        return "指標の値と名前の組み合わせが、入れ替わっています。"
    if all(near(metrics[n] / 100, value, 5e-4) for n, value in expected.items()):
        return "指標が百分率になっています。0から1の値のまま残します。"
    if all(near(metrics[n], value, 0.0051) for n, value in expected.items()):
        return "指標が近い値に丸められています。丸めずに残します。"
    if len(wrong) < len(expected):
        return (
            f"指標{listed(wrong)}が合いません。計算のしかたを、本文の`log_cv`と見比べてください。"
            "計算が同じなら、モデルの条件（`random_state`も）を見ます。"
        )
    return (
        "4つの指標がどれも、問題文の条件で測った値と合いません。"
        "モデルに渡した条件（`random_state`も）と、`log_cv`に渡した列を見てください。"
    )


def _rounded(value):
    return round(value, 3)
