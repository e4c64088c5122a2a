"""レッスン33の答えを判定する。

正しい値は、授業の変数ではなく、``churn_steps`` から表とモデルを作り直して求める。
読み手が表やモデルを書き換えていても、判定は変わらない。
"""

from functools import cache

import churn_steps
import numpy as np
import pandas as pd

from checks import (
    Exercises,
    near,
    number,
    numeric,
    retry,
    run,
    sequence,
    share,
    steps,
    whole,
)
from checks.answers import kind_of

check = Exercises()

FEATURES = churn_steps.FEATURES
SCORES = ("val_accuracy", "val_auc", "val_f1")


@cache
def _rows(months):
    """表のうち ``months`` の範囲の行。"""
    return churn_steps.rows_between(churn_steps.make_features(), months)


@cache
def _model(name):
    """33と同じに学習したモデル。``tree`` は練習3のもの。"""
    from mlflow.utils.autologging_utils import disable_autologging
    from sklearn.tree import DecisionTreeClassifier

    classifier = churn_steps.candidates().get(
        name, DecisionTreeClassifier(max_depth=4, random_state=0)
    )
    train = _rows(churn_steps.TRAIN)
    with disable_autologging():  # 自動ロギングが有効でも、ランを作らない
        return churn_steps.make_model(classifier).fit(train[FEATURES], train["churned"])


@cache
def _counts(name, months=churn_steps.VALID):
    """モデル ``name`` が声をかける人のうち、（解約した人、しなかった人）の数。"""
    rows = _rows(months)
    left = rows["churned"].to_numpy() == 1
    flagged = _model(name).predict(rows[FEATURES]) == 1
    return int((flagged & left).sum()), int((flagged & ~left).sum())


def _precision_recall(name, months=churn_steps.VALID):
    hits, misses = _counts(name, months)
    return hits / (hits + misses), hits / int((_rows(months)["churned"] == 1).sum())


def _expect_untouched(columns=(*churn_steps.NUMERIC, "churned"), **frames):
    """読み手の ``train`` か ``valid`` の列が変わっていれば、そう言って退ける。"""
    for name, frame in frames.items():
        right = _rows({"train": churn_steps.TRAIN, "valid": churn_steps.VALID}[name])
        try:
            same = all(np.array_equal(frame[c], right[c], equal_nan=True) for c in columns)
        except Exception:  # 表ではないか、列が無い
            same = False
        if not same:
            retry(
                f"`{name}`が、元の値から書き換わっています。"
                f"`{name}`を作ったセルを実行し直してから、練習のセルを実行してください。"
            )


@check.judge(1)
def _(scores, *, valid):
    given = sequence(scores, 2, _portion, form="`(適合率, 再現率)`の形の、2つの数の組")
    precision, recall = _precision_recall("boosting")
    if _same_shares(given, (precision, recall)):
        return "0.5では、当たる割合は高くても、解約する人のほとんどを見逃しています。"
    if _same_shares(given, (recall, precision)):
        retry("2つの順番が逆のようです。適合率の分母は、解約と予測した人の数です。")
    if _same_shares(given, _precision_recall("boosting", churn_steps.TRAIN)):
        retry("訓練データで測った値のようです。学習に使っていない検証データで測ります。")
    if _same_shares(given, _precision_recall("boosting", churn_steps.TEST)):
        retry("テストデータで測った値のようです。検証データで測ります。")
    for name in ("logistic", "logistic_balanced"):
        if _same_shares(given, _precision_recall(name)):
            retry(f'`{name}`の値のようです。`models["boosting"]`で測ります。')
    if _same_shares(given, _kept_precision_recall()):
        retry("解約しなかった人の側の割合のようです。予測も答えも1の人を数えます。")
    _expect_untouched(valid=valid)
    if _same_shares(given[:1], (precision,)):
        retry("適合率は合っています。再現率の分母は、実際に解約した人の数です。")
    if _same_shares(given[1:], (recall,)):
        retry("再現率は合っています。適合率の分母は、解約と予測した人の数です。")
    retry("値が合いません。検証データを使いましたか。2つの割合の分母を見直してください。")


def _portion(part):
    """割合。割る前の人数なら、そう言って退ける。"""
    if not isinstance(part.value, str) and number(part) in _people():
        retry(f"{part}は、割る前の人数のようです。人数を、分母の人数で割ります。")
    return share(part)


def _people():
    """練習1で数える人数（0人と1人は、割合と見分けられない）。"""
    hits, misses = _counts("boosting")
    left = int((_rows(churn_steps.VALID)["churned"] == 1).sum())
    return {hits, misses, hits + misses, left, left - hits} - {0, 1}


def _kept_precision_recall():
    """答えと予測の0と1を入れ替えたときの、適合率と再現率。"""
    hits, misses = _counts("boosting")
    rows = _rows(churn_steps.VALID)
    left = int((rows["churned"] == 1).sum())
    kept = len(rows) - left
    return (kept - misses) / (len(rows) - hits - misses), (kept - misses) / kept


def _same_shares(given, right):
    """小数第2位までの丸めを許して、同じ割合か。"""
    return all(
        near(a, b, 5e-4) or near(a, round(b, 2), 1e-9) for a, b in zip(given, right, strict=True)
    )


@check.judge(2)
def _(filled, *, valid):
    right, values = _rows(churn_steps.VALID)["survey_score"], filled.value
    if not isinstance(values, pd.Series):
        retry(f"{filled}は{kind_of(values)}です。pandasの列（Series）にします。")
    if len(values) != len(right):
        retry(f"{filled}は{len(values):,}行です。検証データと同じ{len(right):,}行にします。")
    if set(values.index) == set(right.index):
        values = values.reindex(right.index)
    values = numeric(filled, pd.Series(values.to_numpy(), right.index))
    if values.isna().any():
        retry(f"{filled}に、まだ空があります。検証データの満足度の空を、すべて埋めます。")
    hole = right.isna()
    if ((values - right)[~hole].abs() > 1e-4).any():
        kept = values[~hole].sort_values(ignore_index=True)
        if np.allclose(kept, right[~hole].sort_values(ignore_index=True), atol=1e-4):
            retry(f"{filled}の行の順が、検証データと違います。並べ替えずに埋めます。")
        retry("答えていた人の満足度まで変わっています。埋めるのは空の所だけです。")
    used, train = values[hole], _rows(churn_steps.TRAIN)["survey_score"]
    if used.max() - used.min() > 1e-4:
        retry("空を埋めた値が、1つにそろっていません。どの空も同じ平均で埋めます。")
    value = used.iloc[0]
    if near(value, right.mean(), 1e-4):
        retry("検証データの平均で埋めています。埋める値は、どのデータから決めるのでしたか。")
    if near(value, churn_steps.make_features()["survey_score"].mean(), 1e-4):
        retry("すべての月の平均で埋めています。埋める値は、どのデータから決めるのでしたか。")
    if near(value, train.median(), 1e-4):
        retry("中央値か、整数に丸めた平均で埋めています。平均を、丸めずに使います。")
    if not near(value, train.mean(), 1e-5):
        if any(near(value, round(train.mean(), digits), 1e-6) for digits in (1, 2, 3, 4)):
            retry("平均を丸めて埋めています。丸めずに使います。")
        retry("埋めた値が合いません。訓練データの満足度の平均を使います。")
    _expect_untouched(["survey_score"], valid=valid)
    for name, column in valid.select_dtypes("number").items():
        if np.array_equal(column, values):
            retry(
                f"`valid`に列`{name}`を足しています。`valid`は書き換えず、埋めた列だけを{filled}に"
                "入れます。`valid`を作ったセルを実行し直してください。"
            )
    return "検証データを見ずに、埋める値が決まりました。"


@check.judge(3)
def _(tree_run_id, *, train, valid):
    found = run(tree_run_id)
    metrics = found.data.metrics
    _check_run(found)
    missing = [name for name in SCORES if name not in metrics]
    if missing:
        retry(f"ランに指標{_listed(missing)}が残っていません。`val_`の付く3つの指標を残します。")
    if not _wrong_scores(metrics, churn_steps.TRAIN):
        retry("訓練データで測った値が残っています。`val_`の指標は、検証データで測ります。")
    _check_model(found.info.run_id, train)
    _check_scores(metrics, valid)
    return f"AUCは{metrics['val_auc']:.3f}で、集めた木には届きませんでした。"


def _listed(names):
    return "、".join(f"`{name}`" for name in names)


def _check_run(found):
    """ランの状態、入れ物、名前、タグ。"""
    import mlflow
    from pyspark.sql import SparkSession

    path = churn_steps.experiment_path(SparkSession.builder.getOrCreate())
    experiment = mlflow.get_experiment_by_name(path)
    again = "ランを作り直し、新しいIDを入れてください。"
    if found.info.lifecycle_stage == "deleted":
        retry(f"消したランのIDです。{again}")
    if found.info.status == "RUNNING":
        retry("ランが開いたままです。`mlflow.end_run()`を実行して、閉じてください。")
    if found.info.status != "FINISHED":
        retry(f"途中で止まったランです。止まった原因を直します。{again}")
    if experiment is None or found.info.experiment_id != experiment.experiment_id:
        retry(
            "ランが、別のエクスペリメントに入っています。"
            f"「記録を始める」のセルを実行してください。次に、{again}"
        )
    if found.info.run_name != "tree":
        retry(f"ランの名前が`{found.info.run_name}`です。`run_name`は`tree`にします。{again}")
    own = [name for name in found.data.tags if not name.startswith(("mlflow.", "estimator_"))]
    if own:
        retry(
            f"ランにタグ{_listed(sorted(own))}が付いています。"
            f"`train_and_log`や`tags`は使いません。{again}"
        )


def _check_scores(metrics, valid):
    """残した指標が、求めた木を検証データで測った値か。"""
    wrong = _wrong_scores(metrics, churn_steps.VALID)
    if not wrong:
        return
    _expect_untouched(valid=valid)
    if wrong == ["val_auc"] and near(metrics["val_auc"], _flagged_auc(), 5e-4):
        retry(
            "`val_auc`を、0か1の予測から計算しています。"
            "AUCは、`predict_proba`の2列目の確率から計算します。"
        )
    retry(
        f"残したモデルは合っていますが、指標{_listed(wrong)}の値が、検証データで測った値と違います。"
        "測った値を、書き写さずに残します。"
    )


def _wrong_scores(metrics, months):
    """``months`` で測った値と違う指標の名前。"""
    right = _scores(months)
    return [name for name in SCORES if not near(metrics[name], right[name], 5e-4)]


def _flagged_auc():
    """0か1の予測から計算した、検証データのAUC。"""
    from sklearn.metrics import roc_auc_score

    rows = _rows(churn_steps.VALID)
    return roc_auc_score(rows["churned"], _model("tree").predict(rows[FEATURES]))


@cache
def _scores(months):
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    rows, tree = _rows(months), _model("tree")
    answers, predicted = rows["churned"], tree.predict(rows[FEATURES])
    auc = roc_auc_score(answers, tree.predict_proba(rows[FEATURES])[:, 1])
    found = (accuracy_score(answers, predicted), auc, f1_score(answers, predicted))
    return dict(zip(SCORES, found, strict=True))


def _check_model(run_id, train):
    """ランに残したモデルが、求めた木か。"""
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        model = mlflow.sklearn.load_model(f"runs:/{run_id}/model")
    except (MlflowException, OSError):
        retry(
            "ランに、`model`という名前のモデルが残っていません。"
            "`log_scores_and_model`か`log_model`で、学習したパイプラインを保存します。"
        )
    parts = steps(model)
    tree, rows = parts[-1], _rows(churn_steps.VALID)[FEATURES]
    if type(tree).__name__ != "DecisionTreeClassifier":
        retry(
            f"残したモデルの分類器が`{type(tree).__name__}`です。"
            "`DecisionTreeClassifier`を`make_model`に渡します。"
        )
    if len(parts) < 2:
        retry("分類器だけが残っています。`make_model`で作ったパイプラインごと保存します。")
    if not hasattr(tree, "tree_"):
        retry("残したモデルは、まだ学習していません。`fit`の後に保存します。")
    for name, value in {"max_depth": 4, "random_state": 0}.items():
        if getattr(tree, name) != value:
            retry(f"残した木の`{name}`が、問題文と違います。")
    try:
        same = np.allclose(model.predict_proba(rows), _model("tree").predict_proba(rows), atol=1e-6)
    except Exception:  # 別の列で学習したモデルは、ここで止まる
        same = False
    if not same:
        _explain_model(model, tree, train)


def _explain_model(model, tree, train):
    """残した木の確率が違う原因を、分かる範囲で言って退ける。"""
    if set(getattr(model, "feature_names_in_", FEATURES)) != set(FEATURES):
        retry("残したモデルが学習した列が、`FEATURES`と違います。`train[FEATURES]`で学習します。")
    plain = type(tree)().get_params()
    extra = [name for name, value in tree.get_params().items() if repr(value) != repr(plain[name])]
    extra = [name for name in extra if name not in ("max_depth", "random_state")]
    if extra:
        retry(f"残した木に、問題文に無い{_listed(extra)}を指定しています。")
    _expect_untouched(train=train)
    learned = tree.tree_.n_node_samples[0]
    if learned == len(_rows(churn_steps.VALID)):
        retry("残した木は、検証データで学習しています。訓練データで学習します。")
    if learned != len(_rows(churn_steps.TRAIN)):
        retry(f"残した木が学習したのは{learned:,}行で、訓練データの行数と違います。")
    retry(
        "残したモデルの確率が合いません。学習に使ったデータと、前処理を見直してください。"
        "`make_model`には、分類器だけを渡します。"
    )


@check.judge(4)
def _(increase, *, valid):
    given = tuple(sequence(increase, 2, whole, form="`(見つかる人, 誤報)`の形の、2つの数の組"))
    before, after = _counts("logistic"), _counts("logistic_balanced")
    right = after[0] - before[0], after[1] - before[1]
    if given == right:
        return f"{right[0]}人を見つけるために、誤報が{right[1]}人増えました。"
    if given == (right[1], right[0]):
        retry("2つの順番が逆のようです。見つかる人、誤報の順に入れます。")
    if given == (-right[0], -right[1]):
        retry("引く順が逆のようです。替えた後の人数から、替える前の人数を引きます。")
    if given == after:
        retry("替えた後の人数のようです。替える前からいくつ増えたかを求めます。")
    if given == before:
        retry("替える前の人数のようです。替えた後に、いくつ増えたかを求めます。")
    for name, months in {"訓練": churn_steps.TRAIN, "テスト": churn_steps.TEST}.items():
        before, after = (_counts(model, months) for model in ("logistic", "logistic_balanced"))
        if given == (after[0] - before[0], after[1] - before[1]):
            retry(f"{name}データで数えた人数のようです。検証データで数えます。")
    _expect_untouched(valid=valid)
    if given[0] == right[0] and given[1] == sum(right):
        retry(
            "誤報に、声をかけた人すべての増え方が入っています。解約しなかった人だけを数えます。"
        )
    if given[0] == right[0]:
        retry("見つかる人は合っています。誤報は、声をかけた人のうち、解約しなかった人です。")
    if given[1] == right[1]:
        retry("誤報は合っています。見つかる人は、声をかけた人のうち、解約した人です。")
    retry("人数が合いません。解約した人としなかった人に分けて、検証データで数えてください。")
