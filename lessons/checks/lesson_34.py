"""レッスン34の答えを判定する。"""

import functools
import re

import churn_steps
import numpy as np
import pandas as pd

from checks import Exercises, mapping, near, number, retry, run, share, text, whole, word, yen

check = Exercises()

NAMES = list(churn_steps.candidates())
THRESHOLDS = np.arange(5, 96) / 100
# 「見直す時」に、時か出来事を言う言葉があるか
WHEN = (
    "たら|だら|れば|なら|時|とき|場合|ごと|毎|月|週|年|日|後|以降|まで|次|改定|改訂|変わ|変更"
    "|回|以上|以下|未満|超え|越え|割|減|増え|下が|上が|落ち|続|始ま|終わ|出た|入った|届"
)
DECISION = ["ラン", "しきい値", "選ぶ理由", "見直す時"]


@functools.lru_cache
def validation():
    """検証データの行。授業の変数が書き換わっていても、表から作り直す。"""
    from pyspark.sql import SparkSession

    rows = SparkSession.builder.getOrCreate().table("churn_features").toPandas()
    rows = churn_steps.rows_between(rows, churn_steps.VALID)
    return rows.sort_values(["customer_id", "month"], ignore_index=True)


@functools.lru_cache
def probability(batch, name):
    """目印 ``batch`` の、``name`` という名前のランのモデルが、検証データに出す確率。"""
    import mlflow

    run_id = next(r.info.run_id for r in runs_of(batch) if r.info.run_name == name)
    model = mlflow.sklearn.load_model(f"runs:/{run_id}/model")
    return model.predict_proba(validation()[churn_steps.FEATURES])[:, 1]


def runs_of(batch):
    """目印 ``batch`` の、比べる5つのラン。"""
    import mlflow

    found = mlflow.search_runs(
        filter_string=f"tags.batch = '{batch}'", output_format="list", search_all_experiments=True
    )
    found = [r for r in found if r.info.run_name in NAMES]
    if {r.info.run_name for r in found} != set(NAMES):
        retry(
            "比べる5つのランが見つかりません。このレッスンのセルを、上からもう一度実行してください。"
        )
    return found


def gain(contacted, cost=1500):
    """``contacted`` の人に声をかけた損得（円）。"""
    hits = contacted & (validation()["churned"] == 1).to_numpy()
    return int(4800 * hits.sum() - cost * contacted.sum())


@check.judge(1)
def _(best_f1_id, *, batch):
    if isinstance(best_f1_id.value, str) and best_f1_id.value.strip() in NAMES:
        retry(f"{best_f1_id}にランの名前が入っています。IDは、`run_id`の列にあります。")
    chosen = run(best_f1_id)
    f1 = {r.info.run_id: r.data.metrics["val_f1"] for r in runs_of(batch)}
    if chosen.info.run_id not in f1:
        retry(
            "今回のまとまりのランではありません。"
            "`filter_string`で、タグの`batch`が変数`batch`と同じものに絞りましたか。"
        )
    if f1[chosen.info.run_id] < max(f1.values()):
        retry(
            f"選んだ`{chosen.info.run_name}`のF1は{f1[chosen.info.run_id]:.3f}で、もっと高いランがあります。"
            "並べる指標と、並べる向きを確かめてください。"
        )
    return f"`{chosen.info.run_name}`です。F1が1位でも、金額では1位ではありませんでした。"


@check.judge(2)
def _(logistic_gain, *, batch):
    given = yen(logistic_gain)
    contacted = probability(batch, "logistic") >= 0.3125
    right = gain(contacted)
    answers = (validation()["churned"] == 1).to_numpy()
    known = {
        gain(probability(batch, "logistic") >= 0.5): (
            "確率0.5以上の人に声をかけた金額です。`predict`の境目は0.5です。"
        ),
        gain(
            probability(batch, "boosting") >= 0.3125
        ): "`boosting`の金額です。使うのは`logistic`です。",
        int(3300 * (answers & contacted).sum() - 1500 * contacted.sum()): (
            "当たった人の費用を、2回引いています。3,300円は、費用を引いた後の値でした。"
        ),
        int(4800 * (answers & contacted).sum() - 1500 * (~answers & contacted).sum()): (
            "空振りの人の費用しか引いていません。当たった人への電話にも費用がかかります。"
        ),
        max(gain(probability(batch, "logistic") >= t) for t in THRESHOLDS): (
            "検証データで選んだしきい値の金額です。ここでは0.3125を使います。"
        ),
    }
    if near(given, right, 0.5):
        return f"0.3125で声をかけると、2か月で{right:,}円の得になります。"
    retry(
        next(
            (message for amount, message in known.items() if near(given, amount, 0.5)),
            "金額が合いません。使うモデル、0.3125の境目、費用を引く人数を見直してください。",
        )
    )


@check.judge(3)
def _(n_hit_top100, *, batch):
    given = whole(n_hit_top100)
    if not 0 <= given <= 100:
        retry("100人のうちの人数なので、0から100の数になります。何を数えたか見てください。")
    rows = validation().assign(p=probability(batch, "boosting"))
    december = rows[pd.to_datetime(rows["month"]) == pd.Timestamp("2025-12-01")]
    right = int(december.nlargest(100, "p")["churned"].sum())
    if given == right:
        by_lot = december["churned"].mean() * 100
        return f"くじで選べば{by_lot:.0f}人ほどのところ、{right}人でした。"
    if given == int(rows.nlargest(100, "p")["churned"].sum()):
        retry("11月末の人も混ざっています。先に12月末の行だけを選びます。")
    if given == int(december.nsmallest(100, "p")["churned"].sum()):
        retry("確率の低い100人を数えています。並べる向きを見てください。")
    retry(
        "人数が合いません。使うモデルは`boosting`ですか。"
        "確率の高い順に並べてから100人を選び、その人の`churned`を数えます。"
    )


@check.judge(4)
def _(new_threshold, *, batch):
    given = number(new_threshold)
    position = int(np.abs(THRESHOLDS - given).argmin())
    if not near(given, THRESHOLDS[position], 1e-6):
        retry("`thresholds`の中の値ではありません。損得や順番でなく、しきい値そのものを入れます。")
    gains = [gain(probability(batch, "boosting") >= t, cost=2400) for t in THRESHOLDS]
    if gains[position] < max(gains):
        retry(
            f"このしきい値では{gains[position]:,}円です。もっと得になるしきい値があります。"
            "費用を2,400円にして、しきい値ごとの損得を計算し直しましたか。"
            "費用は、声をかけた人全員の分を引きます。"
        )
    return f"損得は{gains[position]:,}円です。費用が上がると、境目も上がりました。"


@check.judge(5)
def _(decision, *, batch):
    parts = mapping(decision, DECISION)
    name = word(parts["ラン"], NAMES)
    threshold = share(parts["しきい値"])
    yen_gained = gain(probability(batch, name) >= threshold)
    if yen_gained <= 200_000:
        retry(
            f"`{name}`としきい値`{number(parts['しきい値'])}`では{yen_gained:,}円です。"
            "20万円を超えるしきい値を、`gains`の表から選びます。"
        )
    reason, review = text(parts["選ぶ理由"]), text(parts["見直す時"])
    if not any(letter.isdigit() for letter in reason):
        retry(
            "「選ぶ理由」に数字がありません。何と比べて、どの値が良いのかを算用数字で書き足します。"
        )
    for key, written, length in [("選ぶ理由", reason, 20), ("見直す時", review, 15)]:
        if len(written) < length:
            retry(f"「{key}」は{len(written)}字です。{length}字以上にします。")
        if len(set(written)) < 8:
            retry(f"「{key}」が、同じ文字の繰り返しです。別の人が読んで分かる文にします。")
    if not re.search(WHEN, review):
        retry(
            "「見直す時」から、どうなったら見直すのかが読み取れません。「〜したら」の形で書きます。"
        )
    return "形はそろいました。別の人が同じ判断にたどり着けるかは、声に出して読んで確かめます。"
