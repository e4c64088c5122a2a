"""レッスン16の答えが合わない原因を探す。判定は ``lesson_16`` にある。"""

from collections import Counter
from contextlib import suppress

import numpy as np

from checks import steps, untracked
from checks.models_16 import churn_model, folds, other_scores, probe_rows, solver_settings

CLOSE = 5e-4  # 計算の順序で動く確率と点数の幅


def listed(names):
    return "、".join(f"`{name}`" for name in names)


def kinds_of(model):
    return [step if isinstance(step, str) else type(step).__name__ for step in steps(model)]


def far(given, right, width=CLOSE):
    given, right = np.asarray(given, dtype=float), np.asarray(right, dtype=float)
    return given.shape != right.shape or not np.allclose(given, right, rtol=0, atol=width)


# --- 交差検証 -----------------------------------------------------------------


def why_models_differ(models):
    _, select, classifier = steps(models[0])
    if len(select.get_support(indices=True)) != 20:
        return "残した列の数が違います。`SelectKBest`の`k`を見てください。"
    if select.score_func.__name__ != "f_classif":
        return "列の選び方が違います。`SelectKBest`に渡した採点のしかたを見てください。"
    return "段の並びは合っていますが、各回のモデルが違います。部品に付けた指定と、答えの列を見てください。"


# --- 列ごとの手当て -----------------------------------------------------------


def bare_columns(model):
    """学習の終わらなかった ``ColumnTransformer`` で、リストにしていない列名。"""
    prepare = model.steps[0][1]
    if hasattr(prepare, "transformers_"):
        return []
    return [
        columns for *_, columns in getattr(prepare, "transformers", ()) if isinstance(columns, str)
    ]


def _groups(model):
    """学習した ``ColumnTransformer`` の組（部品の段、段の種類、列の名前）。"""
    prepare = model.steps[0][1]
    found = []
    with suppress(Exception):
        for _, part, columns in prepare.transformers_:
            places = (
                range(len(prepare.feature_names_in_))[columns]
                if isinstance(columns, slice)
                else columns
            )
            names = [
                name if isinstance(name, str) else prepare.feature_names_in_[name]
                for name in places
            ]
            if not isinstance(part, str):
                found.append((steps(part), kinds_of(part), names))
    return found


def payment_handling(model):
    """支払い方法の手当てが問題文と違えば、それを言う文。"""
    groups = _groups(model)
    count = Counter(name for *_, names in groups for name in set(names))
    twice = [name for name, times in count.items() if times > 1]
    if twice:
        return f"列{listed(twice)}が、2つの組に入っています。どの列も、入れる組は1つにします。"
    for parts, kinds, names in groups:
        if "payment" not in names:
            continue
        if "OrdinalEncoder" in kinds:
            return "`OrdinalEncoder`は、値を番号に替えるだけです。`OneHotEncoder`で広げます。"
        for part in parts:
            if getattr(part, "drop", None) is not None:
                return "`OneHotEncoder`に`drop`の指定が付き、値の1つが列になりません。"
        if "SimpleImputer" in kinds:
            return _filling(parts[kinds.index("SimpleImputer")], kinds)
    return ""


def _filling(imputer, kinds):
    if "OneHotEncoder" in kinds[: kinds.index("SimpleImputer")]:
        return "`payment`を埋める段が、`OneHotEncoder`の後にあります。先に埋めます。"
    if imputer.strategy != "constant":
        return f"`payment`の埋め方が`{imputer.strategy}`です。`constant`にして「不明」で埋めます。"
    if imputer.fill_value != "不明":
        given = "ありません" if imputer.fill_value is None else f"「{imputer.fill_value}」です"
        return f"`payment`を埋める`fill_value`が{given}。「不明」にします。"
    if imputer.add_indicator:
        return "`payment`を埋める`SimpleImputer`に、`add_indicator`の指定が付いています。"
    return ""


def _other_handling(model):
    """年齢と日数、プランと拠点の手当てが ``model`` と違えば、それを言う文。"""
    for parts, kinds, names in _groups(model):
        if any(getattr(part, "add_indicator", False) for part in parts):
            return "年齢と日数に、欠けた印の列が加わっています。`model`と同じ手当てにします。"
        if kinds == ["StandardScaler", "SimpleImputer"]:
            return "年齢と日数を、埋める前に標準化しています。`model`と同じ順にします。"
        if any(getattr(part, "drop", None) is not None for part in parts):
            return f"列{listed(names)}の`OneHotEncoder`に、`drop`の指定が付いています。"
        if kinds == ["SimpleImputer"] and {"age", "app_days"} & set(names):
            return NOT_SCALED  # 標準化しないと学習が収束せず、確率では見分けられない
    return ""


NOT_SCALED = "年齢と日数を、標準化していません。`model`の数値の列の手当てを残します。"
VARIANTS = (
    ({"fill": "mean"}, "年齢と日数の欠けを、平均で埋めています。`model`と同じ埋め方にします。"),
    ({"scaled": False}, NOT_SCALED),
)


def _test_part(everyone):
    """授業と同じ分け方の、テストデータの表と答え。"""
    from sklearn.model_selection import train_test_split

    parts = train_test_split(*everyone, test_size=0.25, stratify=everyone[1], random_state=0)
    return parts[1], parts[3]


def same_model(model, table, answers, **settings):
    probes = probe_rows(table)
    with suppress(Exception), untracked():
        solving = solver_settings(model.steps[-1][1])
        right = churn_model(**settings, **solving).fit(table, answers).predict_proba(probes)[:, 1]
        return not far(model.predict_proba(probes)[:, 1], right)
    return False


def why_payment_differs(model, table, answers, everyone):
    probes = probe_rows(table)
    felt = []
    for name in probes.columns:
        moved = probes.assign(**{name: np.roll(probes[name].to_numpy(), 1)})
        with suppress(Exception), untracked():
            if far(model.predict_proba(moved), model.predict_proba(probes), 1e-9):
                felt.append(name)
    wanted = ["plan", "depot", "payment", "age", "app_days"]
    lost = [name for name in wanted if name not in felt]
    if lost:
        return (
            f"列{listed(lost)}が、モデルに届いていません。`ColumnTransformer`の組を見てください。"
        )
    if set(felt) - set(wanted):
        return f"列{listed(sorted(set(felt) - set(wanted)))}が加わっています。加えるのは`payment`だけです。"
    if everyone and same_model(model, *everyone):
        return "テストデータまで渡して学習しています。`fit`に渡すのは、訓練データだけです。"
    handled = payment_handling(model) or _other_handling(model)
    if handled:
        return handled
    if everyone:
        if same_model(model, *_test_part(everyone)):
            return "テストデータで学習しています。`fit`に渡すのは、訓練データです。"
    for settings, message in VARIANTS:
        if same_model(model, table, answers, **settings):
            return message
    if same_model(model, table, 1 - answers):
        return "解約した人としなかった人が入れ替わっています。答えには`churn_train`を渡します。"
    classifier = model.steps[-1][1]
    plain = {"C": 1.0, "class_weight": None, "fit_intercept": True}
    changed = [name for name, value in plain.items() if getattr(classifier, name, value) != value]
    if changed:
        return f"分類器に{listed(changed)}の指定が付いています。問題文の`LogisticRegression()`のままにします。"
    return (
        "予測する確率が、問題文のとおりに作った時と違います。"
        "`model`の2つの組をそのまま残したか、`fit`に顧客の訓練データの表と答えを渡したかを見てください。"
    )


# --- 設定の値を選ぶ -----------------------------------------------------------


def why_not_searched(search):
    """学習が終わっていない ``GridSearchCV`` の、原因と次にすること。"""
    given = getattr(search, "param_grid", None) or getattr(search, "param_distributions", None)
    grids = given if isinstance(given, list) else [given]
    known = search.estimator.get_params() if hasattr(search.estimator, "get_params") else {}
    for name, values in (pair for grid in grids if isinstance(grid, dict) for pair in grid.items()):
        if name not in known:
            return (
                f"候補の名前`{name}`が、もとにしたパイプラインにありません。"
                "`model.get_params()`で、使える名前を見られます。"
            )
        if name.endswith("add_indicator") and not all(
            isinstance(v, bool | np.bool_) for v in values
        ):
            return "`add_indicator`の候補は、引用符の無い`True`と`False`にします。"
    return "`fit`をまだ呼んでいないか、`fit`がエラーで止まっています。"


def why_measure_differs(search, tried, source, measured, everyone):
    place = int(search.best_index_)

    def matches(rows=source, **settings):
        right = folds(*rows, *tried[place], **settings)
        return any(not far(scores[place], right) for scores in measured.values())

    first = next(iter(measured.values()))
    if np.isnan(first).any():
        return "点数が計算できなかった組（NaN）があります。候補の値と`scoring`を見てください。"
    strategy = search.estimator.get_params().get("prepare__number__fill__strategy", "median")
    if strategy != "median":
        return (
            f"もとにしたパイプラインの埋め方が`{strategy}`です。"
            "`model`を作ったセルを実行し直してから、もう一度比べてください。"
        )
    if first.shape[1] != 5:
        return f"組が{first.shape[1]}個です。分け方には`cv`を渡します。"
    seed = getattr(search.cv, "random_state", 0)
    if isinstance(seed, int) and seed:
        return f"組の分け方の種が{seed}です。授業の`cv`を渡します。"
    for name, right in other_scores(*source, *tried[place]).items():
        if any(not far(scores[place], right) for scores in measured.values()):
            return f"点数が、AUCではなく{name}になっています。`scoring`を見てください。"
    if matches(cv=5):
        return "組の分け方が違います。`cv`を渡しましたか。"
    if everyone and matches(_test_part(everyone)):
        return "テストデータを渡しています。`fit`に渡すのは、訓練データの表と答えだけです。"
    if everyone and matches(everyone):
        return "テストデータまで渡しています。`fit`に渡すのは、訓練データの表と答えだけです。"
    if matches(payment=True):
        return "練習2のパイプラインをもとにしています。もとにするのは`model`です。"
    return (
        "測り直した点数と合いません。"
        "もとにしたパイプライン、`scoring`、`cv`、`fit`に渡した表と答えを、問題文と見比べてください。"
    )
