"""レッスン16の正しいデータとモデルを作り直す。判定は ``lesson_16`` にある。"""

import functools
from contextlib import suppress

import numpy as np
import pandas as pd

from checks import retry, untracked


def splitter():
    from sklearn.model_selection import StratifiedKFold

    return StratifiedKFold(n_splits=5, shuffle=True, random_state=0)


@functools.cache
def gene_data():
    """授業と同じ遺伝子の表と、再発したかどうか。"""
    recurred = np.random.RandomState(3).permutation([0, 1] * 50)
    genes = np.random.RandomState(8).normal(size=(100, 2000))
    genes[recurred == 1, :3] += 1.0
    return genes, recurred


def coin():
    """コインの例の、表裏。"""
    return np.random.RandomState(0).permutation([0, 1] * 50)


@functools.cache
def noise_table():
    """コインの例の、ランダムな数。"""
    return np.random.RandomState(5).normal(size=(100, 2000))


@functools.cache
def honest_runs(**settings):
    """漏れのない手順の、各回の（確率、正解率）。"""
    from sklearn.feature_selection import SelectKBest, f_classif
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    genes, recurred = gene_data()
    found = []
    with untracked():
        for learn, grade in splitter().split(genes, recurred):
            model = make_pipeline(
                StandardScaler(), SelectKBest(f_classif, k=20), LogisticRegression(**settings)
            ).fit(genes[learn], recurred[learn])
            chance = model.predict_proba(genes)[:, 1]
            found.append((chance, model.score(genes[grade], recurred[grade])))
    return found


def customer_sources(customers, customer_train, churn_train):
    """顧客の訓練データ。どちらかの変数が書き換えられていても、もう一方から作り直す。"""
    from sklearn.model_selection import train_test_split

    needed = ["plan", "depot", "payment", "age", "app_days"]
    found = []
    with suppress(Exception):
        answers = pd.Series(np.asarray(churn_train), index=customer_train.index).astype(int)
        if answers.nunique() == 2:
            found.append((customer_train[needed], answers))
    with suppress(Exception):
        table, _, answers, _ = train_test_split(
            customers[needed],
            customers["churned"],
            test_size=0.25,
            stratify=customers["churned"],
            random_state=0,
        )
        if not found or not (found[0][0].equals(table) and (found[0][1] == answers).all()):
            found.append((table, answers))
    if not found:
        retry(
            "顧客のデータが、授業で作った時と変わっています。"
            "「文字の列と欠けた値を、列ごとに整える」のセルを上から実行し直してください。"
        )
    return found


def all_customers(customers):
    """分ける前の顧客の（表、答え）。変数が書き換えられていれば空。"""
    with suppress(Exception):
        return customers.drop(columns="churned"), customers["churned"].astype(int)
    return ()


def churn_model(fill="median", scaled=True, payment=True, **settings):
    """授業の ``model`` に、支払い方法の列を加えたもの（``payment`` が偽なら加えない）。"""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    scaler = StandardScaler() if scaled else "passthrough"
    number = Pipeline([("fill", SimpleImputer(strategy=fill)), ("scaler", scaler)])
    onehot = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    groups = [("number", number, ["age", "app_days"]), ("category", onehot, ["plan", "depot"])]
    if payment:
        constant = SimpleImputer(strategy="constant", fill_value="不明")
        groups.append(("payment", Pipeline([("fill", constant), ("onehot", onehot)]), ["payment"]))
    return Pipeline(
        [("prepare", ColumnTransformer(groups)), ("classifier", LogisticRegression(**settings))]
    )


def probe_rows(table):
    """確率を比べる顧客。訓練データに、欠けと初めて見る拠点を混ぜる。"""
    extra = table.head(40).copy()
    extra["depot"] = "新しい拠点"
    extra.loc[extra.index[::2], "age"] = np.nan
    extra.loc[extra.index[::3], "app_days"] = np.nan
    return pd.concat([table, extra], ignore_index=True)


def indicated(strength, indicator, payment=False):
    model = churn_model(payment=payment, C=float(strength))
    return model.set_params(prepare__number__fill__add_indicator=bool(indicator))


def folds(table, answers, strength, indicator, scoring="roc_auc", cv=None, payment=False):
    from sklearn.model_selection import cross_val_score

    model = indicated(strength, indicator, payment)
    with untracked():
        return cross_val_score(model, table, answers, cv=cv or splitter(), scoring=scoring)


def other_scores(table, answers, strength, indicator):
    """AUCでない点数の名前 → 組ごとの点数。"""
    from sklearn.metrics import make_scorer, roc_auc_score
    from sklearn.model_selection import cross_validate

    scoring = {
        "正解率": "accuracy",
        "平均適合率": "average_precision",
        "F1": "f1",
        "再現率": "recall",
        "予測した答えから測った値": make_scorer(roc_auc_score),
    }
    with untracked():
        found = cross_validate(
            indicated(strength, indicator), table, answers, cv=splitter(), scoring=scoring
        )
    return {name: found[f"test_{name}"] for name in scoring}


def solver_settings(classifier):
    """ロジスティック回帰の解き方の指定。結果の決まりは変わらないので、何でもよい。"""
    if getattr(classifier, "solver", "liblinear") == "liblinear":
        return {}
    names = ("solver", "tol", "max_iter", "random_state")
    return {name: getattr(classifier, name) for name in names}


def measured_scores(search):
    """点数の名前 → 組み合わせごと、組ごとの点数。"""
    results = search.cv_results_
    names = [key.removeprefix("split0_test_") for key in results if key.startswith("split0_test_")]
    splits = range(
        sum(key.endswith(f"_test_{names[0]}") for key in results if key.startswith("split"))
    )
    return {
        name: np.column_stack([results[f"split{number}_test_{name}"] for number in splits])
        for name in names
    }
