"""レッスン17の答えを判定する。"""

import ast
import re
import unicodedata

from checks import Exercises, retry, run
from checks.causes_17 import listed, same, why_scores_differ
from checks.models_17 import fold_aucs, scores

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
    if kind and "n_features" in found.data.params:
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
            f"選んだランの列の数は{n_features}です。`batch`のほかに、`n_features`でも絞りましたか。"
        )
    scores = [rival.data.metrics.get("cv_auc", 0) for rival in rivals]
    score = found.data.metrics.get("cv_auc", 0)
    if score == min(scores):
        retry(
            "選んだランは、絞り込んだ中で`cv_auc`が最も低いランです。"
            "`order_by`に並べる向きを書いたか、表のどの行を取ったかを見てください。"
        )
    if score < max(scores):
        retry(
            "絞り込みは合っていますが、`cv_auc`がもっと高いランがあります。"
            "`order_by`に書いた指標の名前と、表のどの行を取ったかを見てください。"
        )
    said = f"10列に限ると、AUCの平均が最も高いのは`{found.info.run_name}`です。"
    newest = max(rivals, key=lambda rival: rival.info.start_time)
    fullest = max(rivals, key=lambda rival: rival.data.metrics.get("train_accuracy", 0))
    if found.info.run_id in (newest.info.run_id, fullest.info.run_id):
        return said
    return f"{said}新しいランでも、訓練データの点数が最も高いランでもありませんでした。"


@check.judge(3)
def _(decision_run_id):
    found = _existing(decision_run_id)
    name = found.info.run_name
    if "cv_auc" not in found.data.metrics or found.data.params.get("n_features") is None:
        retry(
            f"{decision_run_id}は、本文の`train_and_log`で作ったランではありません。"
            "新しいランを作らず、`start_run`に`run_id`を渡して、元のランを開きます。"
        )
    if found.data.params["n_features"] != "10":
        retry(f"`{name}`は30列を使うランです。測れるのは10列だけなので、10列のランから選びます。")
    if name not in DEPTHS or found.data.tags.get("batch") == "colleague":
        retry(f"`{name}`は、3つの候補に入っていません。候補の名前は問題文にあります。")
    tags, params = found.data.tags, found.data.params
    for tag in ("decision", "reason"):
        if tag not in tags:
            where = "パラメータではなく、タグに書きます。" if tag in params else ""
            now = f"いま付いているタグは{listed(_own_tags(found))}です。"
            retry(f"選んだランに、タグ`{tag}`がありません。{where}{now}")
    if tags["decision"] != "adopted":
        retry(
            f"タグ`decision`が「{tags['decision']}」になっています。"
            "後から同じ文字で探せるように、問題文のつづりのまま書きます。"
        )
    wins = {other: _wins(name, other) for other in DEPTHS if other != name}
    lost = [other for other, count in wins.items() if count == 0]
    if lost:
        retry(f"`{name}`のAUCは、5組とも`{lost[0]}`より低くなっています。選び直してください。")
    _judge_reason(tags["reason"], *_nearest(name, wins))
    _close(found, decision_run_id)
    return "揺れの中の差でも、何を見て決めたかを、半年後の同僚が読めるようになりました。"


DEPTHS = {"rf_v1": 5, "rf_v2": 1, "rf_final": None}  # 10列のラン → 木の深さ


def _wins(name, other):
    """``name`` のAUCが ``other`` より高かった組の数。"""
    return int((fold_aucs(DEPTHS[name]) > fold_aucs(DEPTHS[other])).sum())


def _nearest(name, wins):
    """AUCの平均が近いほうのランの名前と、それより高かった組の数。"""
    mean = fold_aucs(DEPTHS[name]).mean()
    rival = min(wins, key=lambda other: abs(fold_aucs(DEPTHS[other]).mean() - mean))
    return rival, wins[rival]


def _judge_reason(written, rival, wins):
    if _is_collection(written):
        retry("タグ`reason`に、リストや辞書が入っています。選んだ理由を、1つの文で書いてください。")
    reason = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", written).strip())
    if len(reason) < 20:
        spaces = "続けた空白は1字と数えます。" if len(written.strip()) >= 20 else ""
        retry(
            f"タグ`reason`が{len(reason)}字です。{spaces}"
            "何と比べて、どの値で決めたのかが伝わるように書いてください。"
        )
    if not re.search(rf"{rival}(?![0-9A-Za-z_])", reason):
        retry(
            "タグ`reason`に、AUCの平均がいちばん近いランの名前がありません。"
            "本文の表で、`cv_auc`を見比べてください。"
        )
    counts = _counts(reason.replace(rival, ""))
    if not counts:
        retry("タグ`reason`に、組の数が見つかりません。「5組のうち2組」の形で書きます。")
    if wins not in counts:
        retry(
            "タグ`reason`の組の数が、数え直した値と合いません。"
            "`folds_of`の`auc`の列を、選んだランのほうが高い組だけ数えます。"
        )


def _counts(reason):
    """文の中の組の数。「5組のうち」「5組中」のような、全体の数は除く。"""
    reason = reason.translate(str.maketrans("一二三四五", "12345"))
    reason = re.sub(r"5 ?(?:組|つの組|回|つ) ?(?=のうち|の中|中)", "", reason)
    found = re.findall(r"(?<![\d.])(\d) ?(?:/ ?5|組|つ|回|勝|個|of)", reason)
    found += re.findall(r"組の?数?[はが:=] ?(\d)(?![.\d])", reason)
    return {int(count) for count in found}


def _is_collection(written):
    """文字列でないものを渡すと、MLflow は書いたとおりの文字にして残す。"""
    try:
        return isinstance(ast.literal_eval(written.strip()), list | tuple | dict | set)
    except (SyntaxError, ValueError):
        return False
