"""レッスン16の答えを判定する。"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from checks import Exercises, estimator, explain, fitted, near, retry, steps, untracked
from checks.causes_16 import (
    bare_columns,
    far,
    kinds_of,
    listed,
    payment_handling,
    same_model,
    why_measure_differs,
    why_models_differ,
    why_not_searched,
    why_payment_differs,
)
from checks.models_16 import (
    all_customers,
    coin,
    customer_sources,
    folds,
    gene_data,
    honest_runs,
    indicated,
    measured_scores,
    noise_table,
    solver_settings,
    splitter,
)

check = Exercises()

PARTS = {
    "StandardScaler": "標準化",
    "SelectKBest": "列選び",
    "LogisticRegression": "ロジスティック回帰",
}


def _pipeline(answer, names):
    """段の名前が ``names`` のパイプライン。学習を終えたかは問わない。"""
    value = estimator(answer)
    if not hasattr(value, "steps"):
        retry(
            f"{answer}は`{type(value).__name__}`だけです。前処理の段とつないだパイプラインを入れます。"
        )
    if not value.steps:
        retry(f"{answer}に、段が1つもありません。")
    classes = [name for name, step in value.steps if isinstance(step, type)]
    if classes:
        retry(f"{answer}の段{listed(classes)}がクラスのままです。かっこを付けて、部品を作ります。")
    given = [name for name, _ in value.steps]
    if given != names:
        retry(
            f"段の名前が{listed(given)}です。"
            f"段の数、順序、名前を、問題文の{listed(names)}にそろえてください。"
        )
    return value


# --- 練習 1 -------------------------------------------------------------------


@check.judge(1)
def _(honest_result):
    result, models = _cross_validated(honest_result)
    _judge_steps(models)
    _judge_rows_learned(models)
    genes, _ = gene_data()
    with untracked():
        given = [model.predict_proba(genes)[:, 1] for model in models]
    honest = honest_runs(**solver_settings(steps(models[0])[-1]))
    right = [chance for chance, _ in honest]
    if far(given, right):
        if not far(1 - np.array(given), right):
            retry("再発した人としなかった人が入れ替わっています。答えには`recurred`を渡します。")
        retry(why_models_differ(models))
    accuracy = [score for _, score in honest]
    scores = [list(value) for key, value in result.items() if str(key).startswith("test_")]
    if not any(not far(score, accuracy, 0.011) for score in scores):
        if any(not far(score, np.round(accuracy, 1), 1e-9) for score in scores):
            retry("点数が丸められています。`cross_validate`の戻り値を、そのまま入れます。")
        retry("各回のモデルは合っていますが、点数が正解率ではありません。`scoring`を見てください。")
    return (
        f"正解率の平均は{np.mean(accuracy):.2f}で、研究班の報告より低く、0.5よりは高い値です。"
        "漏れを止めても、手がかりは残りました。"
    )


def _cross_validated(answer):
    """``cross_validate`` の戻り値を（辞書、学習済みのパイプライン5つ）に分ける。"""
    value = answer.value
    if isinstance(value, pd.DataFrame):
        value = value.to_dict("list")
    if hasattr(value, "fit"):
        retry(f"{answer}がパイプラインのままです。`cross_validate`にかけた戻り値を入れます。")
    if not isinstance(value, Mapping):
        if isinstance(value, list | tuple | np.ndarray | pd.Series) and len(value) == 5:
            if all(hasattr(one, "fit") for one in value):
                retry(
                    f"{answer}が各回のパイプラインだけになっています。"
                    "`cross_validate`の戻り値を、そのまま入れます。"
                )
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
    kinds = kinds_of(models[0])
    missing = [kind for kind in PARTS if kind not in kinds]
    if missing:
        words = "、".join(PARTS[kind] for kind in missing)
        outside = (
            "" if "LogisticRegression" in missing else "外で済ませた手順は、採点側も見ています。"
        )
        retry(
            f"パイプラインの中に、{words}の段がありません。いまの段は{listed(kinds)}です。{outside}"
        )
    if kinds != list(PARTS):
        retry(f"段の並びが{listed(kinds)}です。問題文の3つだけを、この順につなぎます。")


def _judge_rows_learned(models):
    """標準化の段が覚えた平均から、どの表のどの行で学習したかを確かめる。"""
    genes, recurred = gene_data()
    if not all(hasattr(steps(model)[0], "mean_") for model in models):
        retry(
            "`estimator`の中に、まだ学習していないパイプラインがあります。"
            "`cross_validate`が返したものを、そのまま残します。"
        )
    given = [steps(model)[0].mean_ for model in models]
    width = len(given[0])
    if width == 30:
        retry("検査データで学習しています。渡すのは、遺伝子の表`genes`です。")
    if any(np.shape(mean) != (genes.shape[1],) for mean in given):
        retry(f"渡した表は{width}列で、`genes`と違います。列を選ぶ前の表を渡します。")
    if _same_folds(given, genes, recurred):
        return
    whole = np.mean(given, axis=0)
    if np.allclose(whole, noise_table().mean(axis=0), rtol=0, atol=1e-7):
        retry("コインの例の`noise`で学習しています。渡すのは、遺伝子の表`genes`です。")
    if not np.allclose(whole, genes.mean(axis=0), rtol=0, atol=1e-7):
        retry(
            "`scaler`が覚えた平均が、`genes`の平均と違います。先に手を加えた表を渡していませんか。"
        )
    if _same_folds(given, genes, coin()):
        retry("答えに、コインの表裏の`coin`を渡しています。渡すのは`recurred`です。")
    retry("渡した表は合っていますが、組の分け方が違います。`cv`と、答えに渡した列を見てください。")


def _same_folds(given, genes, answers):
    """``given`` が、``answers`` で5組に分けたときの、学習側の平均か。"""
    right = [genes[learn].mean(axis=0) for learn, _ in splitter().split(genes, answers)]
    return np.allclose(given, right, rtol=0, atol=1e-7)


# --- 練習 2 -------------------------------------------------------------------

FILL = "欠けを「不明」で埋める段が、パイプラインの中で`OneHotEncoder`の前にあるか見てください。"


@check.judge(2)
def _(payment_model, *, customers, customer_train, churn_train):
    model = _pipeline(payment_model, ["prepare", "classifier"])
    if kinds_of(model)[-1] != "LogisticRegression":
        retry(f"分類器が`{kinds_of(model)[-1]}`です。`model`と同じロジスティック回帰にします。")
    bare = bare_columns(model)
    if bare:
        retry(
            f'列名{listed(bare)}が文字列のままなので、`fit`が止まります。`["payment"]`の形のリストにします。'
        )
    fitted(payment_model)
    sources = customer_sources(customers, customer_train, churn_train)
    table, _ = sources[0]
    fill = payment_handling(model) or FILL
    typical = table.dropna().iloc[[0]]
    blank = typical.assign(payment=[np.nan]).astype({"payment": object})
    named = typical.assign(payment=["不明"])
    _chance(model, table.dropna(subset=["payment"]), "訓練データの顧客")
    missing = _chance(model, blank, "支払い方法の欠けた顧客", fill)
    _chance(model, typical.assign(depot=["新しい拠点"]), "初めて見る拠点の顧客")
    if far(missing, _chance(model, named, "支払い方法が「不明」の顧客", fill), 1e-9):
        retry(f"支払い方法の欠けた顧客と「不明」の顧客で、確率が違います。{fill}")
    if not any(same_model(model, *source) for source in sources):
        retry(why_payment_differs(model, *sources[-1], all_customers(customers)))
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


# --- 練習 3 -------------------------------------------------------------------


@check.judge(3)
def _(tuned, *, customers, customer_train, churn_train):
    if isinstance(tuned.value, Mapping | pd.DataFrame) and "params" in tuned.value:
        retry(
            f"{tuned}が点数の一覧だけになっています。"
            "`.cv_results_`を付けず、`GridSearchCV`そのものを入れます。"
        )
    search = estimator(tuned)
    if not hasattr(search, "cv_results_"):
        if hasattr(search, "param_grid") or hasattr(search, "param_distributions"):
            retry(f"{tuned}は、まだ学習していません。{why_not_searched(search)}")
        retry(
            f"{tuned}は`{type(search).__name__}`です。学習を終えた`GridSearchCV`そのものを入れます。"
        )
    tried = _combinations(search)
    if not hasattr(search, "best_estimator_"):
        retry(
            "選んだ値で学習し直したモデルがありません。"
            "`refit`の指定（`refit=False`など）を外すか、選ぶのに使う点数の名前を書きます。"
        )
    sources = customer_sources(customers, customer_train, churn_train)
    _judge_measure(search, tried, sources, all_customers(customers))
    return "AUCの平均は、`C`だけを選んだときより上がりました。"


def _combinations(search):
    """試した順の（C、欠けた印を加えるか）。6通りがそろっていなければ退ける。"""
    params = search.cv_results_["params"]
    names = sorted({name for one in params for name in one})
    indicator = [name for name in names if name.split("__")[-1] == "add_indicator"]
    strength = [name for name in names if name.split("__")[-1] == "C"]
    for found, said in ((strength, "C"), (indicator, "add_indicator")):
        if len(found) != 1:
            count = f"{len(found)}個あります" if found else "ありません"
            retry(f"候補に`{said}`を指す名前が{count}。いま比べた名前は{listed(names)}です。")
    wanted = [(value, flag) for value in (0.01, 0.1, 1) for flag in (False, True)]
    tried = [(one.get(strength[0]), one.get(indicator[0])) for one in params]
    if any(value is None or flag is None for value, flag in tried):
        retry(
            "片方の値だけを変えた組があります。候補が別々の辞書に分かれていませんか。"
            "1つの辞書に2つの名前を並べると、全部を掛け合わせます。"
        )
    strange = [value for value, _ in tried if not any(near(float(value), w) for w, _ in wanted)]
    if strange:
        retry(f"`C`の候補に、問題文に無い値{strange[0]:g}が入っています。")
    flags = {bool(flag) for _, flag in tried}
    if len(flags) == 1:
        retry(f"`add_indicator`の候補が`{flags.pop()}`だけです。`True`と`False`の両方を比べます。")
    same = [[near(float(v), w) and bool(f) == g for w, g in wanted] for v, f in tried]
    lost = [pair for pair, found in zip(wanted, np.any(same, axis=0), strict=True) if not found]
    if lost:
        value, flag = lost[0]
        retry(
            f"`C`が{value:g}で`add_indicator`が`{flag}`の組を、比べていません。2つの候補を全部掛け合わせます。"
        )
    if len(tried) != len(wanted):
        retry("同じ組み合わせを、2回以上比べています。候補に同じ値が並んでいないか見てください。")
    return tried


def _judge_measure(search, tried, sources, everyone):
    """2つの組み合わせの組ごとの点数と、選ばれたモデルの確率を、測り直して比べる。"""
    sample = sorted({int(search.best_index_), 0})
    measured = measured_scores(search)
    for table, answers in sources:
        right = {place: folds(table, answers, *tried[place]) for place in sample}
        for name, scores in measured.items():
            if all(not far(scores[place], right[place]) for place in sample):
                _judge_choice(search, tried, name, scores, (table, answers))
                return
    retry(why_measure_differs(search, tried, sources[-1], measured, everyone))


def _judge_choice(search, tried, name, scores, source):
    best = scores.mean(axis=1)
    other = isinstance(search.refit, str) and name != "score" and search.refit != name
    if other or best[search.best_index_] < best.max() - 1e-9:
        retry("AUCの平均で選ばれていません。`refit`に書いた点数の名前を見てください。")
    table, answers = source
    model = indicated(*tried[search.best_index_])
    with untracked():
        right = model.fit(table, answers).predict_proba(table)[:, 1]
        given = search.best_estimator_.predict_proba(table)[:, 1]
    if not far(given, right):
        return
    if not far(1 - given, right):
        retry("解約した人としなかった人が入れ替わっています。答えには`churn_train`を渡します。")
    retry(
        "点数は近い値ですが、モデルの確率が違います。もとにしたパイプラインと、`fit`に渡した表を見てください。"
    )
