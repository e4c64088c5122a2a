"""レッスン16の答えを判定する。"""

from collections.abc import Mapping
from contextlib import suppress

import numpy as np
import pandas as pd

from checks import Exercises, estimator, explain, fitted, near, retry, steps, untracked
from checks.models_16 import (
    all_customers,
    churn_model,
    customer_sources,
    folds,
    honest_runs,
    indicated,
    knn,
    measured_scores,
    probe_rows,
    samples,
    solver_settings,
    splitter,
    survey_data,
)

check = Exercises()

PARTS = {
    "StandardScaler": "標準化",
    "SelectKBest": "列選び",
    "LogisticRegression": "ロジスティック回帰",
}
CLOSE = 5e-4  # 計算の順序で動く確率と点数の幅


def _pipeline(answer):
    """学習を終えたパイプライン。"""
    value = estimator(answer)
    if not hasattr(value, "steps"):
        retry(
            f"{answer}は`{type(value).__name__}`だけです。前処理の段とつないだパイプラインを入れます。"
        )
    if not value.steps:
        retry(f"{answer}に、段が1つもありません。")
    classes = [name for name, step in value.steps if isinstance(step, type)]
    if classes:
        retry(f"{answer}の段{_listed(classes)}がクラスのままです。かっこを付けて、部品を作ります。")
    fitted(answer)
    return value


def _names_match(answer, value, names):
    given = [name for name, _ in value.steps]
    if given != names:
        retry(
            f"段の名前が{_listed(given)}です。"
            f"段の数、順序、名前を、問題文の{_listed(names)}にそろえてください。"
        )


def _listed(names):
    return "、".join(f"`{name}`" for name in names)


def _kinds(model):
    return [step if isinstance(step, str) else type(step).__name__ for step in steps(model)]


def _far(given, right, width=CLOSE):
    given, right = np.asarray(given, dtype=float), np.asarray(right, dtype=float)
    return given.shape != right.shape or not np.allclose(given, right, rtol=0, atol=width)


# --- 練習 1 -------------------------------------------------------------------


@check.judge(1)
def _(knn_pipeline):
    model = _pipeline(knn_pipeline)
    _names_match(knn_pipeline, model, ["scaler", "classifier"])
    kinds = _kinds(model)
    wanted = ["StandardScaler", "KNeighborsClassifier"]
    if kinds != wanted:
        retry(f"段の部品が{_listed(kinds)}です。問題文の2つを、この順につないだか見てください。")
    names = getattr(model, "feature_names_in_", samples()[0].columns)
    if set(names) != set(samples()[0].columns):
        retry("学習に使った列が、検査データの測定値の30列と違います。どの表を渡しましたか。")
    grade = pd.concat(samples()[:2])
    with untracked():
        given = model.predict_proba(grade[list(names)])
        right = knn().predict_proba(grade)
    if model.named_steps["classifier"].n_neighbors != 5:
        retry("多数決に使う件数が違います。`n_neighbors`を見てください。")
    mean = pd.Series(model.named_steps["scaler"].mean_, index=list(names))
    for rows, message in (
        ("all", "分ける前の表で学習しています。テストデータを入れず、訓練データだけを渡します。"),
        ("test", "テストデータで学習しています。渡すのは訓練データです。"),
        (
            "scaled",
            "先に標準化した表で学習しています。標準化は段がするので、測ったままの表を渡します。",
        ),
    ):
        if np.allclose(mean[grade.columns], knn(rows=rows)[0].mean_, rtol=1e-7, atol=1e-9):
            retry(message)
    if not np.allclose(mean[grade.columns], knn()[0].mean_, rtol=1e-7):
        retry("`scaler`が覚えた平均が、訓練データの平均と違います。`fit`に渡した表を見てください。")
    if _far(given, right, 1e-6):
        if given.shape == right.shape and not _far(given[:, ::-1], right, 1e-6):
            retry("悪性と良性が入れ替わっています。答えには`y_train`を渡します。")
        retry(
            "覚えた平均は合っていますが、判定が違います。"
            "`fit`に渡した答えと、2つの部品に付けた指定を見てください。"
        )
    return "前処理の書き方は変わらず、モデルの段だけが替わりました。"


# --- 練習 2 -------------------------------------------------------------------


@check.judge(2)
def _(honest_result):
    result, models = _cross_validated(honest_result)
    _judge_steps(models)
    _judge_rows_learned(models)
    survey, _ = survey_data()
    with untracked():
        given = [model.predict_proba(survey)[:, 1] for model in models]
    honest = honest_runs(**solver_settings(steps(models[0])[-1]))
    right = [chance for chance, _ in honest]
    if _far(given, right):
        if not _far(1 - np.array(given), right):
            retry("離職した人としなかった人が入れ替わっています。答えには`reply`を渡します。")
        retry(_why_models_differ(models))
    accuracy = [score for _, score in honest]
    scores = [list(value) for key, value in result.items() if str(key).startswith("test_")]
    if not any(not _far(score, accuracy, 0.011) for score in scores):
        retry("各回のモデルは合っていますが、点数が正解率ではありません。`scoring`を見てください。")
    return "平均は同僚の点数より低く、0.5よりは高い値です。漏れを止めても、手がかりは残りました。"


def _cross_validated(answer):
    """``cross_validate`` の戻り値を（辞書、学習済みのパイプライン5つ）に分ける。"""
    value = answer.value
    if isinstance(value, pd.DataFrame):
        value = value.to_dict("list")
    if hasattr(value, "fit"):
        retry(f"{answer}がパイプラインのままです。`cross_validate`にかけた戻り値を入れます。")
    if not isinstance(value, Mapping):
        if isinstance(value, list | tuple | np.ndarray | pd.Series) and len(value) == 5:
            retry(
                f"{answer}が点数だけになっています。`cross_validate`の戻り値を、そのまま入れます。"
            )
        retry(f"{answer}が、`cross_validate`の戻り値ではありません。戻り値をそのまま入れます。")
    if "estimator" not in value:
        retry(
            f"{answer}に、各回の学習済みパイプラインがありません。"
            "`cross_validate`に`return_estimator=True`を付けます。"
        )
    models = list(value["estimator"])
    if len(models) != 5:
        retry(f"交差検証が{len(models)}回分あります。`cv`を分け方として渡したか見てください。")
    return value, models


def _judge_steps(models):
    kinds = _kinds(models[0])
    missing = [kind for kind in PARTS if kind not in kinds]
    if missing:
        words = "、".join(PARTS[kind] for kind in missing)
        outside = (
            "" if "LogisticRegression" in missing else "外で済ませた手順は、採点側も見ています。"
        )
        retry(
            f"パイプラインの中に、{words}の段がありません。いまの段は{_listed(kinds)}です。{outside}"
        )
    if kinds != list(PARTS):
        retry(f"段の並びが{_listed(kinds)}です。問題文の3つだけを、この順につなぎます。")


def _judge_rows_learned(models):
    """標準化の段が覚えた平均から、どの表のどの行で学習したかを確かめる。"""
    survey, reply = survey_data()
    given = [steps(model)[0].mean_ for model in models]
    if any(np.shape(mean) != (survey.shape[1],) for mean in given):
        retry("渡した表の列の数が、`survey`と違います。列を選ぶ前の表を渡します。")
    right = [survey[learn].mean(axis=0) for learn, _ in splitter().split(survey, reply)]
    if np.allclose(given, right, rtol=0, atol=1e-7):
        return
    if not np.allclose(np.mean(given, axis=0), survey.mean(axis=0), rtol=0, atol=1e-7):
        retry(
            "`scaler`が覚えた平均が、`survey`の平均と違います。先に手を加えた表を渡していませんか。"
        )
    retry("渡した表は合っていますが、組の分け方が違います。`cv`と、答えに渡した列を見てください。")


def _why_models_differ(models):
    _, select, classifier = steps(models[0])
    if len(select.get_support(indices=True)) != 20:
        return "残した列の数が違います。`SelectKBest`の`k`を見てください。"
    if select.score_func.__name__ != "f_classif":
        return "列の選び方が違います。`SelectKBest`に渡した採点のしかたを見てください。"
    return "段の並びは合っていますが、各回のモデルが違います。部品に付けた指定と、答えの列を見てください。"


# --- 練習 3 -------------------------------------------------------------------

VARIANTS = (
    ({"fill": "mean"}, "年齢と日数の欠けを、平均で埋めています。`model`と同じ埋め方にします。"),
    ({"scaled": False}, "年齢と日数を、標準化していません。`model`の数値の列の手当てを残します。"),
)
FILL = "欠けを「不明」で埋める段が、パイプラインの中で`OneHotEncoder`の前にあるか見てください。"


@check.judge(3)
def _(payment_model, *, customers, customer_train, churn_train):
    model = _pipeline(payment_model)
    _names_match(payment_model, model, ["prepare", "classifier"])
    if _kinds(model)[-1] != "LogisticRegression":
        retry(f"分類器が`{_kinds(model)[-1]}`です。`model`と同じロジスティック回帰にします。")
    sources = customer_sources(customers, customer_train, churn_train)
    table, _ = sources[0]
    typical = table.dropna().iloc[[0]]
    blank = typical.assign(payment=[np.nan]).astype({"payment": object})
    named = typical.assign(payment=["不明"])
    _chance(model, table.dropna(subset=["payment"]), "訓練データの顧客")
    missing = _chance(model, blank, "支払い方法の欠けた顧客", FILL)
    _chance(model, typical.assign(prefecture=["海外"]), "初めて見る県の顧客")
    if _far(missing, _chance(model, named, "支払い方法が「不明」の顧客", FILL), 1e-9):
        retry(f"支払い方法の欠けた顧客と「不明」の顧客で、確率が違います。{FILL}")
    if not any(_same_model(model, *source) for source in sources):
        retry(_why_payment_differs(model, *sources[-1], all_customers(customers)))
    return "モデルに支払い方法の列が届き、欠けた人は「不明」という1つの値になりました。"


def _chance(model, rows, said, unknown="`OneHotEncoder`の、知らない値の扱いを見てください。"):
    """解約する確率。止まれば、どの顧客で止まったかを言って退ける。``unknown`` は、知らない値で止まった時の文。"""
    try:
        with untracked():
            return model.predict_proba(rows)[:, 1]
    except Exception as error:
        hint = ""
        if "unknown categories" in str(error):
            hint = unknown
        elif "NaN" in str(error):
            hint = "欠けた値が、埋められないままモデルに届いています。"
        elif isinstance(error, KeyError | AttributeError) or "columns are missing" in str(error):
            hint = "学習に使った列が、授業の表と違います。"
        retry(f"{said}で、予測が止まりました。{hint or explain(error) + '。'}")


def _same_model(model, table, answers, **settings):
    probes = probe_rows(table)
    with suppress(Exception), untracked():
        solving = solver_settings(model.steps[-1][1])
        right = churn_model(**settings, **solving).fit(table, answers).predict_proba(probes)[:, 1]
        return not _far(model.predict_proba(probes)[:, 1], right)
    return False


def _why_payment_differs(model, table, answers, everyone):
    probes = probe_rows(table)
    felt = []
    for name in probes.columns:
        moved = probes.assign(**{name: np.roll(probes[name].to_numpy(), 1)})
        with suppress(Exception), untracked():
            if _far(model.predict_proba(moved), model.predict_proba(probes), 1e-9):
                felt.append(name)
    wanted = ["plan", "prefecture", "payment", "age", "visits"]
    lost = [name for name in wanted if name not in felt]
    if lost:
        return (
            f"列{_listed(lost)}が、モデルに届いていません。`ColumnTransformer`の組を見てください。"
        )
    if set(felt) - set(wanted):
        return f"列{_listed(sorted(set(felt) - set(wanted)))}が加わっています。加えるのは`payment`だけです。"
    if everyone and _same_model(model, *everyone):
        return "テストデータまで渡して学習しています。`fit`に渡すのは、訓練データだけです。"
    for settings, message in VARIANTS:
        if _same_model(model, table, answers, **settings):
            return message
    if _same_model(model, table, 1 - answers):
        return "解約した人としなかった人が入れ替わっています。答えには`churn_train`を渡します。"
    classifier = model.steps[-1][1]
    plain = {"C": 1.0, "class_weight": None, "fit_intercept": True}
    changed = [name for name, value in plain.items() if getattr(classifier, name, value) != value]
    if changed:
        return f"分類器に{_listed(changed)}の指定が付いています。問題文の`LogisticRegression()`のままにします。"
    return (
        "予測する確率が、問題文のとおりに作った時と違います。"
        "`model`の2つの組をそのまま残したか、`fit`に顧客の訓練データの表と答えを渡したかを見てください。"
    )


# --- 練習 4 -------------------------------------------------------------------


@check.judge(4)
def _(tuned, *, customers, customer_train, churn_train):
    search = estimator(tuned)
    if not hasattr(search, "cv_results_"):
        if hasattr(search, "param_grid"):
            retry(f"{tuned}は、まだ学習していません。`fit`を呼びます。")
        retry(
            f"{tuned}は`{type(search).__name__}`です。学習を終えた`GridSearchCV`そのものを入れます。"
        )
    tried = _combinations(search)
    if not hasattr(search, "best_index_"):
        retry("どの組み合わせも選ばれていません。`refit`の指定を見てください。")
    sources = customer_sources(customers, customer_train, churn_train)
    _judge_measure(search, tried, sources, all_customers(customers))
    return "ROC AUCの平均は、`C`だけを選んだときより上がりました。"


def _combinations(search):
    """試した順の（C、欠けた印を加えるか）。6通りがそろっていなければ退ける。"""
    params = search.cv_results_["params"]
    names = sorted({name for one in params for name in one})
    indicator = [name for name in names if name.split("__")[-1] == "add_indicator"]
    strength = [name for name in names if name.split("__")[-1] == "C"]
    for found, said in ((strength, "C"), (indicator, "add_indicator")):
        if len(found) != 1:
            count = f"{len(found)}個あります" if found else "ありません"
            retry(f"候補に`{said}`を指す名前が{count}。いま比べた名前は{_listed(names)}です。")
    wanted = [(value, flag) for value in (0.01, 0.1, 1) for flag in (False, True)]
    tried = [(one.get(strength[0]), one.get(indicator[0])) for one in params]
    for value in {value for value, _ in tried}:
        if not any(near(float(value or 0), right) for right, _ in wanted):
            retry(
                f"`C`の候補に、問題文に無い値{value:g}が入っています。"
                if value
                else "`C`の無い組があります。"
            )
    same = [[near(float(v), w) and bool(f) == g for w, g in wanted] for v, f in tried]
    if not np.any(same, axis=0).all() or len(tried) != 6:
        retry(
            f"比べたのは{len(tried)}通りです。`C`の3通りと`add_indicator`の2通りを、全部掛け合わせます。"
        )
    return tried


def _judge_measure(search, tried, sources, everyone):
    """2つの組み合わせの組ごとの点数と、選ばれたモデルの確率を、測り直して比べる。"""
    sample = sorted({int(search.best_index_), 0})
    measured = measured_scores(search)
    for table, answers in sources:
        right = {place: folds(table, answers, *tried[place]) for place in sample}
        for name, scores in measured.items():
            if all(not _far(scores[place], right[place]) for place in sample):
                _judge_choice(search, tried, name, scores, (table, answers))
                return
    retry(_why_measure_differs(search, tried, sources[-1], measured, everyone))


def _judge_choice(search, tried, name, scores, source):
    best = scores.mean(axis=1)
    other = isinstance(search.refit, str) and name != "score" and search.refit != name
    if other or best[search.best_index_] < best.max() - 1e-9:
        retry("ROC AUCの平均で選ばれていません。`refit`に書いた点数の名前を見てください。")
    if not hasattr(search, "best_estimator_"):
        return
    table, answers = source
    model = indicated(*tried[search.best_index_])
    with untracked():
        right = model.fit(table, answers).predict_proba(table)[:, 1]
        given = search.best_estimator_.predict_proba(table)[:, 1]
    if not _far(given, right):
        return
    if not _far(1 - given, right):
        retry("解約した人としなかった人が入れ替わっています。答えには`churn_train`を渡します。")
    retry(
        "点数は近い値ですが、モデルの確率が違います。もとにしたパイプラインと、`fit`に渡した表を見てください。"
    )


def _why_measure_differs(search, tried, source, measured, everyone):
    place = int(search.best_index_)

    def matches(rows=source, **settings):
        right = folds(*rows, *tried[place], **settings)
        return any(not _far(scores[place], right) for scores in measured.values())

    if matches(scoring="accuracy"):
        return "点数が正解率になっています。`scoring`を見てください。"
    first = next(iter(measured.values()))
    if first.shape[1] != 5:
        return f"組が{first.shape[1]}個です。分け方には`cv`を渡します。"
    if matches(cv=5):
        return "組の分け方が違います。`cv`を渡しましたか。"
    if everyone and matches(everyone):
        return "テストデータまで渡しています。`fit`に渡すのは、訓練データの表と答えだけです。"
    if matches(payment=True):
        return "練習3のパイプラインをもとにしています。もとにするのは`model`です。"
    return (
        "測り直した点数と合いません。"
        "もとにしたパイプライン、`scoring`、`cv`、`fit`に渡した表と答えを、問題文と見比べてください。"
    )
