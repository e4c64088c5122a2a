"""レッスン17の正しい点数を作り直す。判定は ``lesson_17`` にある。"""

import functools

from checks import untracked


@functools.cache
def split():
    """授業と同じ ``X_train, X_test, y_train, y_test``。"""
    import cell_samples

    return cell_samples.split(cell_samples.load())


def starting(prefix):
    return [name for name in split()[0].columns if name.startswith(prefix)]


@functools.cache
def scores(prefix="mean_", measured="folds", auc_from="chance", seed=0, **conditions):
    """木を10本にした時の指標。

    ``measured`` は点数の測り方（授業の5組 ``folds``、混ぜずに分けた5組 ``unshuffled``、3組 ``three``、
    訓練データ ``train``、テストデータ ``test``）、``auc_from`` はAUCを測る値（確率 ``chance``、答え ``answer``）。
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import make_scorer, roc_auc_score

    X, X_test, y, y_test = split()
    features = starting(prefix)
    settings = {"n_estimators": 10, "max_depth": 5, **conditions}
    scoring = {"accuracy": "accuracy", "auc": "roc_auc", "f1": "f1", "recall": "recall"}
    if auc_from == "answer":
        scoring["auc"] = make_scorer(roc_auc_score)
    with untracked():
        model = RandomForestClassifier(**settings, random_state=seed)
        if measured in ("train", "test"):
            rows, answers = (X, y) if measured == "train" else (X_test, y_test)
            return _once(model.fit(X[features], y), rows[features], answers, scoring)
        return _folds(model, X[features], y, measured, scoring)


def _folds(model, X, y, measured, scoring):
    from sklearn.model_selection import StratifiedKFold, cross_validate

    cv = {
        "folds": StratifiedKFold(n_splits=5, shuffle=True, random_state=0),
        "unshuffled": StratifiedKFold(n_splits=5),
        "three": StratifiedKFold(n_splits=3, shuffle=True, random_state=0),
    }[measured]
    found = cross_validate(model, X, y, cv=cv, scoring=scoring)
    return {f"cv_{name}": found[f"test_{name}"].mean() for name in scoring}


def _once(model, X, y, scoring):
    from sklearn.metrics import check_scoring

    return {f"cv_{name}": check_scoring(model, how)(model, X, y) for name, how in scoring.items()}


@functools.cache
def fold_aucs(max_depth):
    """木100本、10列の森の、組ごとのAUC。"""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    X, _, y, _ = split()
    with untracked():
        return cross_val_score(
            RandomForestClassifier(n_estimators=100, max_depth=max_depth, random_state=0),
            X[starting("mean_")], y, scoring="roc_auc",
            cv=StratifiedKFold(n_splits=5, shuffle=True, random_state=0),
        )  # fmt: skip
