"""レッスン34の答えを判定する。"""

import functools
import re
import unicodedata

import churn_steps
import numpy as np
import pandas as pd

from checks import Exercises, mapping, near, number, retry, run, share, text, whole, word, yen

check = Exercises()

NAMES = list(churn_steps.candidates())
THRESHOLDS = np.arange(5, 96) / 100
# 「見直す時」に、出来事の条件か、決まった時を言う言葉があるか
WHEN = (
    "たら|だら|れば|なら|とき|時|場合|際|次第|タイミング|段階|たび|度に|ごと|おき|後|あと|翌|次"
    "|[たるい]月|[たるい]年|[たるい]日|なった|になる|決ま|来月|来年|月末|月初|年末|年度|半年|四半期"
    "|回り|回っ|回る|超え|越え|割|切り|切っ|倍|半分|以上|以下|未満|より[低高少多大小]|続|増え|減っ|減る"
    "|変わ|変更|改定|改訂|交代|転じ|外れ|始ま|開始|終わ|終了|上昇|低下|悪化|下が|上が|落ち|届か|届い"
    "|見つか|出た|入った|加わ|(?:る|[低高悪な多]い)と(?!思|考|い|言)"
    r"|\d+(?:年|か月|ヶ月|カ月|ヵ月|月|週|日|回)|毎[年月週日回].*(?:直し|直す|やり)"
)
DECISION = ["ラン", "しきい値", "選ぶ理由", "見直す時"]
# 問題文をコピーしただけの所は、書いたことにしない
COPIED = r"(?:比べた値を)?算用数字[をで]1つ以上入れて|どうなったら(?:\(または、いつ\))?選び直すか|\d+字以上(?:にする|にします)?"
GOAL = 200_000
NOVEMBER, DECEMBER, JANUARY = [(day, day) for day in ("2025-11-01", "2025-12-01", "2026-01-01")]


@functools.lru_cache
def features():
    """特徴量の表の全部の行。授業の変数が書き換わっていても、表から作り直す。"""
    from pyspark.sql import SparkSession

    rows = SparkSession.builder.getOrCreate().table("churn_features").toPandas()
    return rows.sort_values(["customer_id", "month"], ignore_index=True)


@functools.lru_cache
def rows_of(months=churn_steps.VALID):
    """``months`` の行。"""
    return churn_steps.rows_between(features(), months).reset_index(drop=True)


@functools.lru_cache
def model_of(batch, name):
    """目印 ``batch`` の、``name`` という名前のランのモデル。"""
    import mlflow

    run_id = next(r.info.run_id for r in runs_of(batch) if r.info.run_name == name)
    return mlflow.sklearn.load_model(f"runs:/{run_id}/model")


@functools.lru_cache
def probability(batch, name, months=churn_steps.VALID):
    """目印 ``batch`` の、``name`` という名前のランのモデルが、``months`` の行に出す確率。"""
    return model_of(batch, name).predict_proba(rows_of(months)[churn_steps.FEATURES])[:, 1]


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


def gain(contacted, cost=1500, months=churn_steps.VALID):
    """``months`` の行のうち、``contacted`` の人に声をかけた損得（円）。"""
    hits = contacted & (rows_of(months)["churned"] == 1).to_numpy()
    return int(4800 * hits.sum() - cost * contacted.sum())


def first_near(given, causes):
    """``causes``（文、値）の順に見て、最初に ``given`` と合うものの文。無ければ ``None``。"""
    return next((message for message, value in causes if near(given, value, 0.5)), None)


@check.judge(1)
def _(best_accuracy_id, *, batch):
    if isinstance(best_accuracy_id.value, str) and best_accuracy_id.value.strip() in NAMES:
        retry(f"{best_accuracy_id}にランの名前が入っています。IDは、`run_id`の列にあります。")
    chosen = run(best_accuracy_id)
    scores = {r.info.run_id: r.data.metrics["val_accuracy"] for r in runs_of(batch)}
    if chosen.info.run_id not in scores:
        retry(
            "今回のまとまりのランではありません。"
            "`filter_string`で、タグの`batch`が変数`batch`と同じものに絞りましたか。"
        )
    score = scores[chosen.info.run_id]
    if score < max(scores.values()):
        retry(
            f"選んだ`{chosen.info.run_name}`の検証データの正解率は{score:.3f}で、もっと高いランがあります。"
            "`order_by`で並べたか、並べる指標（`metrics.val_accuracy`）と向きは合っているかを見てください。"
        )
    return f"`{chosen.info.run_name}`です。正解率が1位でも、金額では1位ではありませんでした。"


@check.judge(2)
def _(logistic_gain, *, batch):
    given = yen(logistic_gain)
    p = probability(batch, "logistic")
    contacted = p >= 0.3125
    right = gain(contacted)
    if near(given, right, 0.5):
        return f"0.3125で声をかけると、2か月で{right:,}円の得になります。"
    hits = (contacted & (rows_of()["churned"] == 1).to_numpy()).sum()
    people = contacted.sum()

    def elsewhere(months):
        return gain(probability(batch, "logistic", months) >= 0.3125, months=months)

    def causes():  # 起きやすい順。後のものは、前のどれにも合わない時だけ計算する
        yield ("確率0.5以上の人に声をかけた金額です。`predict`の境目は0.5です。", gain(p >= 0.5))
        yield (
            "`boosting`の金額です。使うのは`logistic`です。",
            gain(probability(batch, "boosting") >= 0.3125),
        )
        yield (
            "`logistic_balanced`の金額です。使うのは`logistic`です。",
            gain(probability(batch, "logistic_balanced") >= 0.3125),
        )
        yield (
            "検証データで選んだしきい値の金額です。ここでは0.3125を使います。",
            max(gain(p >= t) for t in THRESHOLDS),
        )
        yield (
            "当たった人の費用を、2回引いています。3,300円は、費用を引いた後の値でした。",
            3300 * hits - 1500 * people,
        )
        yield (
            "誤報の人の費用しか引いていません。当たった人への電話にも費用がかかります。",
            4800 * hits - 1500 * (people - hits),
        )
        yield (
            "費用を引いていません。声をかけた人の一人ずつに、1,500円がかかります。",
            4800 * hits,
        )
        yield (
            "解約しなかった人にも4,800円を数えています。利益が守られるのは、当たった人だけです。",
            3300 * people,
        )
        yield (
            "確率が0.3125より低い人に声をかけています。比べる向きを見てください。",
            gain(p < 0.3125),
        )
        yield (
            "`predict_proba`の0列目（続ける確率）で選んでいます。解約の確率は1列目です。",
            gain(1 - p >= 0.3125),
        )
        yield (
            "12月末の行だけの金額です。検証データは、11月末と12月末の行です。",
            elsewhere(DECEMBER),
        )
        yield (
            "11月末の行だけの金額です。検証データは、11月末と12月末の行です。",
            elsewhere(NOVEMBER),
        )
        yield ("テストデータの金額です。検証データ`valid`を使います。", elsewhere(churn_steps.TEST))
        yield ("訓練データの金額です。検証データ`valid`を使います。", elsewhere(churn_steps.TRAIN))

    if near(given * 10_000, right, 5_000) or near(given * 1_000, right, 500):
        retry("単位が円になっていません。万円や千円に直さず、円のまま入れます。")
    if near(-given, right, 0.5):
        retry("符号が逆です。得なら正の数になります。")
    if near(given * 2, right, 1):
        retry("1か月あたりの平均です。検証データの2か月分の合計を求めます。")
    retry(
        first_near(given, causes())
        or "金額が合いません。検証データか、使うモデル、0.3125の境目、費用を引く人数を見直してください。"
    )


@check.judge(3)
def _(n_hit_top100, *, batch):
    given = whole(n_hit_top100)
    if not 0 <= given <= 100:
        retry("100人のうちの人数なので、0から100の数になります。何を数えたか見てください。")

    def scored(months, name="boosting"):
        return rows_of(months).assign(p=probability(batch, name, months))

    def hits(rows):
        return int(rows.nlargest(100, "p")["churned"].sum())

    december, both = scored(DECEMBER), scored(churn_steps.VALID)
    right = hits(december)
    if given == right:
        by_lot = december["churned"].mean() * 100
        return f"くじで選べば{by_lot:.0f}人ほどのところ、{right}人でした。"
    mixed = both.nlargest(100, "p")
    late = mixed[pd.to_datetime(mixed["month"]) == DECEMBER[0]]
    causes = [
        ("11月末の人も混ざっています。先に12月末の行だけを選びます。", hits(both)),
        (
            "11月末も混ぜて100人を選んでから、12月末に絞っています。"
            "先に12月末の行に絞り、その中から100人を選びます。",
            late["churned"].sum(),
        ),
        (
            "並べずに先頭の100人を数えています。確率の高い順に100人を選びます。",
            december.head(100)["churned"].sum(),
        ),
        (
            "確率の低い100人を数えています。並べる向きを見てください。",
            december.nsmallest(100, "p")["churned"].sum(),
        ),
        (
            "`logistic`で選んだ人数です。使うモデルは`boosting`です。",
            hits(scored(DECEMBER, "logistic")),
        ),
        ("11月末の行から選んでいます。使うのは12月末の行です。", hits(scored(NOVEMBER))),
        (
            "1月末の行から選んでいます。1月に解約したかは、12月末の行の`churned`に入っています。",
            hits(scored(JANUARY)),
        ),
        ("続けた人を数えています。解約した人（`churned`が1）を数えます。", 100 - right),
    ]
    retry(
        first_near(given, causes)
        or "人数が合いません。12月末の行に絞ってから、`boosting`の確率の高い順に100人を選び、"
        "その人の`churned`を数えます。"
    )


@check.judge(4)
def _(new_threshold, *, batch):
    given = number(new_threshold)
    position = int(np.abs(THRESHOLDS - given).argmin())
    if not near(given, THRESHOLDS[position], 1e-6):
        what = (
            "損得や順番や百分率でなく、しきい値（0から1の数）を入れます。"
            if not 0 <= given <= 1
            else "計算式で求めず、`thresholds`のそれぞれで損得を計算して選びます。"
        )
        retry(f"0.05から0.95まで0.01刻みの`thresholds`の中に、この値はありません。{what}")

    p = probability(batch, "boosting")
    gains = [gain(p >= t, cost=2400) for t in THRESHOLDS]
    if gains[position] < max(gains):
        retry(
            f"このしきい値では{gains[position]:,}円です。もっと得になるしきい値があります。"
            "費用を2,400円にして、声をかけた人全員の分を引きましたか。"
            "使うのは、`boosting`の確率と検証データ`valid`です。"
        )
    return f"損得は{gains[position]:,}円です。費用が上がると、境目も上がりました。"


@check.judge(5)
def _(decision, *, batch):
    parts = mapping(decision, DECISION)
    name = word(parts["ラン"], NAMES)
    threshold = share(parts["しきい値"])
    p = probability(batch, name)
    yen_gained = gain(p >= threshold)
    if yen_gained <= GOAL:
        reachable = max(gain(p >= t) for t in THRESHOLDS) > GOAL
        retry(
            f"`{name}`としきい値`{number(parts['しきい値'])}`では{yen_gained:,}円です。"
            + (
                "20万円を超えるしきい値を、`gains`の表から選びます。"
                if reachable
                else "このランは、どのしきい値でも20万円に届きません。別のランを選びます。"
            )
        )
    reason, review = written(parts["選ぶ理由"], 20), written(parts["見直す時"], 15)
    if not any(letter.isdecimal() for letter in re.sub("(?i)F1", "", reason)):
        retry(
            "「選ぶ理由」に、比べた値がありません。"
            "どの値がいくつだったかを、算用数字で書き足します（`F1`の1は数えません）。"
        )
    if not re.search(WHEN, review):
        retry(
            "「見直す時」から、いつ、どうなったら見直すのかが読み取れません。"
            "「〜したら」のように、出来事か数字で書きます。"
        )
    return "形はそろいました。別の人が同じ判断にたどり着けるかは、声に出して読んで確かめます。"


def written(part, length):
    """文の答え。空白と、問題文のコピーを除いて返す。短いものと、文でないものは退ける。"""
    key = re.search("選ぶ理由|見直す時", part.name)[0]
    given = re.sub(r"\s", "", text(part))
    if len(given) < length:
        retry(f"「{key}」は、空白を除いて{len(given)}字です。{length}字以上にします。")
    own = re.sub(COPIED, "", unicodedata.normalize("NFKC", given))
    if own != unicodedata.normalize("NFKC", given) and len(own) < length:
        retry(f"「{key}」が、問題文のコピーになっています。自分の決めたことを書きます。")
    if len({letter for letter in own if letter.isalpha()}) < 6:
        retry(f"「{key}」が、同じ文字か数字の並びです。別の人が読んで分かる文にします。")
    return own
