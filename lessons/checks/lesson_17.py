"""レッスン17の答えを判定する。"""

import functools
import json

from checks import Exercises, near, retry, run, untracked

check = Exercises()

# 授業と同じデータを、同じ分け方で作り直す。


@functools.cache
def _tumors():
    from sklearn.datasets import load_breast_cancer

    cancer = load_breast_cancer(as_frame=True)
    tumors = cancer.data.rename(columns=lambda name: name.replace(" ", "_"))
    return tumors.assign(malignant=(cancer.target == 0).astype(float))


@functools.cache
def _split():
    """訓練データと検証データ。"""
    from sklearn.model_selection import train_test_split

    tumors = _tumors()
    rest, _ = train_test_split(tumors, test_size=0.2, stratify=tumors["malignant"], random_state=42)
    return train_test_split(rest, test_size=0.25, stratify=rest["malignant"], random_state=42)


def _starting(prefix):
    return [name for name in _tumors().columns if name.startswith(prefix)]


@functools.cache
def _scores(prefix="mean_", graded="valid", hard_auc=False, **conditions):
    """木を10本にした時の指標。

    ``graded`` は成績を測るデータ、``hard_auc`` は確率でなく予測した答えからAUCを測るか。
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    train, valid = _split()
    features = _starting(prefix) if prefix else list(_tumors().columns[:-1])
    rows = train if graded == "train" else valid
    settings = {"n_estimators": 10, "max_depth": 5, **conditions}
    with untracked():
        model = RandomForestClassifier(**settings, random_state=0).fit(
            train[features], train["malignant"]
        )
        answers, predicted = rows["malignant"], model.predict(rows[features])
        probability = predicted if hard_auc else model.predict_proba(rows[features])[:, 1]
    return {
        "val_accuracy": accuracy_score(answers, predicted),
        "val_auc": roc_auc_score(answers, probability),
        "val_f1": f1_score(answers, predicted),
    }


# --- ランの読み取り -----------------------------------------------------------


def _is_open(found):
    """ノートブックで開いたままのランか。"""
    import mlflow

    active = mlflow.active_run()
    return active is not None and active.info.run_id == found.info.run_id


def _close(found, answer):
    if _is_open(found):
        retry(
            f"{answer}の記録は合っていますが、ランが開いたままです。"
            "`mlflow.end_run()`で閉じてから、もう一度確認してください。"
        )


def _existing(answer):
    found = run(answer)
    if found.info.lifecycle_stage == "deleted":
        retry(f"{answer}のランは、削除されています。")
    return found


def _same(metrics, expected):
    """小数第3位までの丸めの差を除いて、指標がそろっているか。"""
    return all(near(metrics.get(name, 9), value, 5e-4) for name, value in expected.items())


def _listed(names):
    return "、".join(f"`{name}`" for name in sorted(names))


def _now(kind, names):
    return (
        f"いま残っている{kind}は{_listed(names)}です。"
        if names
        else f"{kind}は1つも残っていません。"
    )


# --- 練習 ---------------------------------------------------------------------


@check.judge(1)
def _(few_trees_id):
    found = _existing(few_trees_id)
    params, metrics = found.data.params, found.data.metrics
    conditions = {"n_estimators": 10, "max_depth": 5}
    missing = [name for name in conditions if name not in params]
    if missing:
        other = [name for name in missing if name in metrics or name in found.data.tags]
        where = "指標やタグではなく、パラメータに残します。" if other else ""
        retry(
            f"ランに、パラメータ{_listed(missing)}が残っていません。{where}"
            f"{_now('パラメータ', params)}"
        )
    for name, value in conditions.items():
        if _as_number(params[name]) != value:
            retry(
                f"パラメータ`{name}`が「{params[name]}」と記録されています。問題文の条件と見比べてください。"
            )
    expected = _scores()
    missing = [name for name in expected if name not in metrics]
    if missing:
        other = [name for name in missing if name in params or name in found.data.tags]
        where = "パラメータやタグではなく、指標に残します。" if other else ""
        retry(f"ランに、指標{_listed(missing)}が残っていません。{where}{_now('指標', metrics)}")
    if not _same(metrics, expected):
        retry(_why_scores_differ(metrics, expected))
    _close(found, few_trees_id)
    return "AUCは、木が100本のときの値を下回りました。"


def _as_number(written):
    try:
        return float(written)
    except ValueError:
        return None


def _why_scores_differ(metrics, expected):
    if _same(metrics, _scores(graded="train")):
        return "指標が、訓練データで測った値になっています。検証データで測ります。"
    if _same(metrics, _scores(max_depth=None)):
        return "木の深さを制限しないモデルの成績になっています。モデルに渡した条件を、記録した条件と見比べてください。"
    if _same(metrics, _scores(n_estimators=100)):
        return "木が100本のモデルの成績になっています。モデルに渡した条件を、記録した条件と見比べてください。"
    if _same(metrics, _scores(prefix="")):
        return "測定値の30列をすべて使った成績になっています。使うのは`mean_features`の10列です。"
    if sorted(map(_rounded, expected.values())) == sorted(_rounded(metrics[n]) for n in expected):
        return "指標の値と名前の組み合わせが、入れ替わっています。"
    if _same(metrics, _scores(hard_auc=True)):
        return "`val_auc`が、予測した答えから計算されています。悪性である確率から計算します。"
    wrong = [name for name, value in expected.items() if not near(metrics[name], value, 5e-4)]
    if "val_auc" not in wrong:
        return f"指標{_listed(wrong)}だけが合いません。計算のしかたを、本文の`evaluate`と見比べてください。"
    return (
        "指標が、問題文の条件で学習した値と合いません。"
        "モデルに渡した条件（`random_state`も）、学習に使ったデータと列、測ったデータを見てください。"
    )


def _rounded(value):
    return round(value, 3)


def _in_batch(found, batch):
    """今回のまとまりで10列を使ったラン。変数が書き換えられていれば、選んだランのまとまりで探す。"""
    import mlflow

    def search(value):
        found_runs = mlflow.search_runs(
            [found.info.experiment_id], f"tags.batch = '{value}'", output_format="list"
        )
        return [one for one in found_runs if one.data.params.get("n_features") == "10"]

    known = isinstance(batch, str) and batch.isalnum()
    rivals = search(batch) if known else []
    own = found.data.tags.get("batch", "")
    return rivals or (search(own) if own != "colleague" else [])


@check.judge(2)
def _(best_run_id, *, batch):
    found = _existing(best_run_id)
    rivals = _in_batch(found, batch)
    batches = {rival.data.tags["batch"] for rival in rivals}
    if found.data.tags.get("batch") not in batches:
        retry(
            "選んだランは、今回のまとまりに入っていません。"
            "タグの`batch`が変数`batch`と同じランだけに絞りましたか。"
        )
    n_features = found.data.params.get("n_features")
    if n_features != "10":
        retry(
            f"選んだランの特徴量の数は{n_features}です。"
            "`batch`のほかに、`n_features`でも絞りましたか。"
        )
    scores = [rival.data.metrics.get("val_auc", 0) for rival in rivals]
    score = found.data.metrics.get("val_auc", 0)
    if score == min(scores):
        retry(
            "選んだランは、絞り込んだ中で`val_auc`が最も低いランです。"
            "`order_by`に並べる向きを書いたか、表のどの行を取ったかを見てください。"
        )
    if score < max(scores):
        retry(
            "絞り込みは合っていますが、`val_auc`がもっと高いランがあります。"
            "`order_by`に書いた指標の名前と、表のどの行を取ったかを見てください。"
        )
    return (
        f"10列に限ると、検証データのAUCが最も高いのは`{found.info.run_name}`です。"
        "新しいランでも、訓練データの成績が最も高いランでもありませんでした。"
    )


@check.judge(3)
def _(worst_run_id):
    found = _existing(worst_run_id)
    inputs = [entry.dataset for entry in found.inputs.dataset_inputs] if found.inputs else []
    if not inputs:
        retry(
            "ランに、データの記録が1つも残っていません。"
            "作った記録を、ランが開いている間に`log_input`に渡しましたか。"
        )
    if len(inputs) > 1:
        retry(
            f"ランに、データの記録が{len(inputs)}つ残っています（名前は{_listed({d.name for d in inputs})}）。"
            "新しいランを作り、求められた1つだけを残します。"
        )
    if _same(found.data.metrics, _scores()):
        retry("練習1のランに書き足しています。新しいランを作ります。")
    dataset = inputs[0]
    if dataset.name != "tumors":
        retry(f"データの記録の名前が`{dataset.name}`です。名前は`tumors`にします。")
    schema = json.loads(dataset.schema or "{}").get("mlflow_colspec", [])
    columns = [column.get("name") for column in schema]
    wanted = {*_starting("worst_"), "malignant"}
    missing, surplus = wanted - set(columns), set(map(str, columns)) - wanted
    if "malignant" in missing and len(missing) == 1:
        retry("記録に、答えの列の`malignant`がありません。")
    if not columns:
        retry(
            "データの記録に、列の名前が残っていません。列の名前が付いた表から記録を作ってください。"
        )
    if missing:
        retry(
            f"記録された列に、求められた11列のうち{len(missing)}列がありません。いまは{len(columns)}列です。"
        )
    if surplus:
        some = sorted(surplus)[:3]
        retry(
            f"記録に、使わない列（{_listed(some)}など）が混ざっています。いまは{len(columns)}列です。"
        )
    _judge_rows(dataset, columns)
    _close(found, worst_run_id)
    return "モデルより先に、使った列の名前が残りました。"


def _judge_rows(dataset, columns):
    """記録した中身が、訓練データと同じか。列の順序、行の順序、見出しの番号、答えの型は問わない。"""
    train, valid = _split()
    profile = json.loads(dataset.profile or "{}")
    if dataset.digest in _digests(train, columns):
        return
    if "num_rows" not in profile:
        retry(
            "この記録からは、どの行を使ったかが分かりません。pandasの表から記録を作ってください。"
        )
    if dataset.digest in _digests(valid, columns):
        retry("列は合っていますが、記録したのは検証データです。学習に使うのは訓練データです。")
    rows = profile["num_rows"]
    if rows != len(train):
        retry(
            f"列は合っていますが、行数が{rows:,}行で、訓練データの行数と違います。どの表を渡しましたか。"
        )
    retry("列と行数は合っていますが、値が訓練データと違います。`train`の値を変えずに渡しましたか。")


def _digests(rows, columns):
    """行の順序、見出しの番号、答えの型をいろいろに変えた、中身のダイジェスト。"""
    from mlflow.data.digest_utils import compute_pandas_digest

    for ordered in (rows, rows.sort_index()):
        for kind in (float, int, bool):
            frame = ordered[columns].astype({"malignant": kind})
            yield compute_pandas_digest(frame)
            yield compute_pandas_digest(frame.reset_index(drop=True))
            yield compute_pandas_digest(frame.set_axis(frame.index + 1))  # 患者の番号


@check.judge(4)
def _(decision_run_id, *, chosen_id):
    found = _existing(decision_run_id)
    if found.info.run_id != chosen_id or not _was_chosen(found):
        if not _is_chosen_id(chosen_id):
            if not _was_chosen(found):
                retry(
                    "`chosen_id`が、本文で選んだランのIDではなくなっています。"
                    "「選んだ後で、一度だけテストする」のセルを実行し直してから、もう一度試してください。"
                )
        elif found.info.run_id != chosen_id:
            retry(
                f"{decision_run_id}は、本文で選んだランのIDではありません。"
                "新しいランを作らず、`start_run`に`run_id`を渡して、元のランを開きます。"
            )
    tags, params = found.data.tags, found.data.params
    for name in ("decision", "reason"):
        if name not in tags:
            where = "パラメータではなく、タグに書きます。" if name in params else ""
            retry(f"選んだランに、タグ`{name}`がありません。{where}")
    if tags["decision"] != "adopted":
        retry(
            f"タグ`decision`が「{tags['decision']}」になっています。"
            "後から同じ文字で探せるように、問題文のつづりのまま書きます。"
        )
    reason = tags["reason"].strip()
    if len(reason) < 20:
        retry(
            f"タグ`reason`が{len(reason)}字です。"
            "何と比べて、どの値で決めたのかが伝わるように書いてください。"
        )
    if len(set(reason)) < 6:
        retry("タグ`reason`が、同じ文字の繰り返しになっています。選んだ理由を文で書いてください。")
    _close(found, decision_run_id)
    return "成績の数字からは分からない判断の理由が、条件や成績と同じ場所に残りました。"


def _was_chosen(found):
    """本文で選び、テストデータで測ったランか。"""
    return found.info.run_name == "train_final2" and "test_auc" in found.data.metrics


def _is_chosen_id(value):
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        return isinstance(value, str) and _was_chosen(mlflow.get_run(value))
    except MlflowException:
        return False
