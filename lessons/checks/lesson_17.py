"""レッスン17の答えを判定する。"""

import ast
import json
import re

from checks import Exercises, retry, run
from checks.causes_17 import listed, same, why_scores_differ
from checks.models_17 import altered_rows, digests, scores, split, starting

check = Exercises()

# --- ランの読み取り -----------------------------------------------------------


def _close(found, answer):
    if found.info.status == "RUNNING":
        retry(
            f"{answer}の記録は合っていますが、ランが開いたままです。"
            "`mlflow.end_run()`で閉じてから、もう一度確認してください"
            "（`MlflowClient`で作ったランは、`set_terminated`で閉じます）。"
        )


def _not_failed(found):
    if found.info.status in ("FAILED", "KILLED"):
        retry(
            f"ランが、途中で止まったもの（`{found.info.status}`）として残っています。"
            "`with`の中のエラーを直し、新しいランで記録し直します。"
        )


def _existing(answer):
    found = run(answer)
    if found.info.lifecycle_stage == "deleted":
        retry(f"{answer}のランは、削除されています。")
    return found


def _own_tags(found):
    return [name for name in found.data.tags if not name.startswith("mlflow.")]


def _from_lesson(found):
    """本文で作ったランなら、それを言う文。"""
    kind = found.data.tags.get("batch")
    if kind == "colleague":
        return "これは、本文で同僚のランとして作ったものです。新しいランを作ります。"
    if kind and "split_random_state" in found.data.params:
        return "これは、本文の`train_and_log`で作ったランです。新しいランを作ります。"
    if found.info.run_name == "autolog":
        return "これは、本文で自動ロギングを試したランです。新しいランを作ります。"
    return ""


def _now(kind, names):
    return (
        f"いま残っている{kind}は{listed(names)}です。"
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
            _from_lesson(found)
            or f"ランに、パラメータ{listed(missing)}が残っていません。{where}"
            f"{_now('パラメータ', params)}"
        )
    for name, value in conditions.items():
        if _as_number(params[name]) != value:
            retry(
                _from_lesson(found)
                or f"パラメータ`{name}`が「{params[name]}」と記録されています。問題文の条件と見比べてください。"
            )
    expected = scores()
    missing = [name for name in expected if name not in metrics]
    if missing:
        other = [name for name in missing if name in params or name in found.data.tags]
        where = "パラメータやタグではなく、指標に残します。" if other else ""
        retry(f"ランに、指標{listed(missing)}が残っていません。{where}{_now('指標', metrics)}")
    if not same(metrics, expected):
        retry(why_scores_differ(metrics, expected))
    _not_failed(found)
    _close(found, few_trees_id)
    return "AUCは、木が100本のときの値を下回りました。"


def _as_number(written):
    try:
        return float(written)
    except ValueError:
        return None


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
    said = f"10列に限ると、検証データのAUCが最も高いのは`{found.info.run_name}`です。"
    train_auc = [rival.data.metrics.get("train_auc", 0) for rival in rivals]
    newest = max(rivals, key=lambda rival: rival.info.start_time)
    if newest.info.run_id == found.info.run_id or found.data.metrics.get("train_auc", 0) >= max(
        train_auc
    ):
        return said
    return f"{said}新しいランでも、訓練データの成績が最も高いランでもありませんでした。"


@check.judge(3)
def _(worst_run_id):
    found = _existing(worst_run_id)
    inputs = [entry.dataset for entry in found.inputs.dataset_inputs] if found.inputs else []
    if not inputs:
        retry(
            "ランに、データの記録が1つも残っていません。"
            "作った記録を、ランが開いている間に`log_input`に渡しましたか。"
        )
    if found.data.tags.get("batch") and "split_random_state" in found.data.params:
        retry("本文の`train_and_log`のランに書き足しています。新しいランを作ります。")
    if len(inputs) > 1:
        retry(
            f"ランに、データの記録が{len(inputs)}つ残っています（名前は{listed({d.name for d in inputs})}）。"
            "新しいランを作り、求められた1つだけを残します。"
        )
    if same(found.data.metrics, scores()):
        retry("練習1のランに書き足しています。新しいランを作ります。")
    dataset = inputs[0]
    if dataset.name != "tumors":
        retry(f"データの記録の名前が`{dataset.name}`です。名前は`tumors`にします。")
    schema = json.loads(dataset.schema or "null") or {}
    columns = [column.get("name") for column in schema.get("mlflow_colspec", [])]
    profile = json.loads(dataset.profile or "null") or {}
    _judge_columns(columns, profile)
    said = _judge_rows(dataset.digest, columns, profile)
    _not_failed(found)
    _close(found, worst_run_id)
    return f"モデルより先に、使った列の名前が残りました。{said}"


def _judge_columns(columns, profile):
    wanted = {*starting("worst_"), "malignant"}
    missing, surplus = wanted - set(columns), set(map(str, columns)) - wanted
    if not columns and "num_rows" in profile:
        count = profile.get("num_elements", 0) // max(profile["num_rows"], 1)
        if count == len(wanted) + 1:
            retry(
                f"記録した表が{count}列です。`malignant`が2回入っていないか見てください"
                "（`describe_data`は、渡した列に`malignant`を足します）。"
            )
        retry("記録した表に、同じ名前の列が2つあるなどして、列の名前が残りませんでした。")
    if not columns:
        retry(
            "データの記録に、列の名前が残っていません。列の名前が付いた表から記録を作ってください。"
        )
    if missing == {"malignant"}:
        retry("記録に、答えの列の`malignant`がありません。")
    if set(columns) - {"malignant"} == set(starting("mean_")):
        retry("記録されたのは`mean_`の10列です。`worst_`で始まる列を選びます。")
    if missing:
        retry(
            f"記録された列に、{listed(missing, 3)}がありません。"
            f"いまの列は{listed(columns, 3)}（全部で{len(columns)}列）です。"
        )
    if surplus:
        retry(
            f"記録に、使わない列（{listed(surplus, 3)}）が混ざっています。いまは{len(columns)}列です。"
        )


def _judge_rows(digest, columns, profile):
    """記録した中身が、訓練データと同じか。列の順序、行の順序、見出しの番号、答えの型は問わない。

    行を混ぜるとダイジェストも変わるので、見分けられる違いだけを退け、ほかは確かめられないと伝える。
    """
    train = split()["train"]
    if digest in digests(train, columns):
        return ""
    if "num_rows" not in profile:
        retry(
            "この記録には行数が残っておらず、どの行を使ったかが分かりません。"
            "本文の`describe_data`のように、pandasの表から記録を作ってください。"
        )
    if digest in digests(split()["valid"], columns):
        retry("列は合っていますが、記録したのは検証データです。学習に使うのは訓練データです。")
    rows = profile["num_rows"]
    if rows != len(train):
        retry(
            f"列は合っていますが、行数が{rows:,}行で、訓練データの行数と違います。どの表を渡しましたか。"
        )
    for table, message in altered_rows():
        if digest in digests(table, columns):
            retry(f"列と行数は合っていますが、{message}")
    return (
        "ただし、行の並びか値が`train`と違うので、ダイジェストを`train`と比べることはできません。"
    )


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
            if _tags(chosen_id).get("decision") == "adopted":
                retry(
                    "タグは`chosen_id`のランに付いています。"
                    f"{decision_run_id}にも、同じランのIDを入れます。"
                )
            retry(
                f"{decision_run_id}は、本文で選んだランのIDではありません。"
                "新しいランを作らず、`start_run`に`run_id`を渡して、元のランを開きます。"
            )
    tags, params = found.data.tags, found.data.params
    for name in ("decision", "reason"):
        if name not in tags:
            where = "パラメータではなく、タグに書きます。" if name in params else ""
            now = f"いま付いているタグは{listed(_own_tags(found))}です。"
            retry(f"選んだランに、タグ`{name}`がありません。{where}{now}")
    if tags["decision"] != "adopted":
        retry(
            f"タグ`decision`が「{tags['decision']}」になっています。"
            "後から同じ文字で探せるように、問題文のつづりのまま書きます。"
        )
    _judge_reason(tags["reason"])
    others = _also_adopted(found)
    if others:
        retry(
            f"選んでいないラン（{listed(others)}）にも、`adopted`が付いています。"
            '`mlflow.MlflowClient().delete_tag(ランのID, "decision")`で外してください。'
        )
    _close(found, decision_run_id)
    return "成績の数字からは分からない判断の理由が、条件や成績と同じ場所に残りました。"


def _judge_reason(written):
    if _is_collection(written):
        retry("タグ`reason`に、リストや辞書が入っています。選んだ理由を、1つの文で書いてください。")
    reason = re.sub(r"\s+", " ", written.strip())
    if len(reason) < 20:
        spaces = "続けた空白は1字と数えます。" if len(written.strip()) >= 20 else ""
        retry(
            f"タグ`reason`が{len(reason)}字です。{spaces}"
            "何と比べて、どの値で決めたのかが伝わるように書いてください。"
        )
    if len(set(reason)) < 6:
        retry("タグ`reason`が、同じ文字の繰り返しになっています。選んだ理由を文で書いてください。")


def _is_collection(written):
    """文字列でないものを渡すと、MLflow は書いたとおりの文字にして残す。"""
    try:
        return isinstance(ast.literal_eval(written.strip()), list | tuple | dict | set)
    except (SyntaxError, ValueError):
        return False


def _also_adopted(found):
    """同じまとまりで、ほかに採用の印が付いたランの名前。"""
    import mlflow

    batch = found.data.tags.get("batch", "")
    rivals = mlflow.search_runs(
        [found.info.experiment_id],
        f"tags.batch = '{batch}' and tags.decision = 'adopted'",
        output_format="list",
    )
    return [one.info.run_name for one in rivals if one.info.run_id != found.info.run_id]


def _tags(run_id):
    import mlflow

    return mlflow.get_run(run_id).data.tags


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
