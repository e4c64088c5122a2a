"""レッスン34の答えを判定する。"""

import functools
import re
import unicodedata

import churn_steps
import numpy as np
import pandas as pd

from checks import (
    Exercises,
    function,
    mapping,
    near,
    number,
    retry,
    sequence,
    share,
    text,
    whole,
    word,
    yen,
)

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
# 「選ぶ理由」に、何を比べた値かを言う言葉があるか
COMPARED = (
    "損得|利益|得|円|AUC|対数損失|log|ロス|ブライア|正解率|適合率|再現率|F1|電話|人|当たり|解約"
    "|確率|割合|見込み|差|範囲|区間|しきい値"
)
DECISION = ["ラン", "しきい値", "選ぶ理由", "使わない理由", "見直す時"]
# 問題文をコピーしただけの所は、書いたことにしない
COPIED = (
    r"(?:比べた値を、?)?何の値か分かるように算用数字[でを]1つ以上入れて"
    r"|選ばなかったランの名前を1つ挙げ、?その理由を算用数字の値と一緒に"
    r"|どうなったら(?:\(または、いつ\))?選び直すか|\d+字以上(?:にする|にします)?"
)
GOAL = 150_000
NEW_COST = 2100


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


@check.judge(1)
def _(new_plan, *, batch):
    first, second = sequence(new_plan, 2, form="`(人数, 損得)`の形の、2つの数の組")
    people, money = whole(first), yen(second)
    p = probability(batch, "boosting")
    limit = NEW_COST / 4800
    right = p >= limit
    size, value = int(right.sum()), gain(right, NEW_COST)
    if people == size and near(money, value, 0.5):
        return (
            f"分かれ目が{limit:.4f}に上がり、電話は{size}人に減りました。"
            "検証データから選び直さなくても、しきい値が決まります。"
        )
    if people == value and near(money, size, 0.5):
        retry("2つの順番が逆のようです。人数、損得の順に入れます。")
    if people == size:
        hits = int((right & (rows_of()["churned"] == 1).to_numpy()).sum())
        retry(_money_of(money, size, hits, value))
    others = [one for one in _other_calls(batch) if people == one[1].sum()]
    others.sort(key=lambda one: not near(money, gain(one[1], NEW_COST, one[2]), 0.5))
    if others:  # 人数の合うものが2つあれば、損得も合うほう
        retry(others[0][0])
    if near(money, value, 0.5):
        retry("損得は合っています。人数は、新しい分かれ目以上の確率の人の数です。")
    retry(
        "人数が合いません。新しい費用から分かれ目を計算し、"
        "検証データで、その確率以上の人を`boosting`の確率から数えます。"
    )


def _money_of(money, size, hits, value):
    """人数は合っているのに損得が違うときの文。"""
    causes = {
        4800 * hits - 1500 * size: "1,500円の費用で計算しています。新しい費用は2,100円です。",
        4800 * hits: "費用を引いていません。電話した人の一人ずつに、2,100円がかかります。",
        4800 * hits - NEW_COST * (size - hits): (
            "誤報の人の費用しか引いていません。当たった人への電話にも費用がかかります。"
        ),
        12000 * hits - NEW_COST * size: (
            "電話した人の全員が思いとどまる計算です。思いとどまるのは4割です。"
        ),
        -value: "符号が逆です。得なら正の数、損なら負の数になります。",
    }
    for wrong, message in causes.items():
        if near(money, wrong, 0.5):
            return message
    if near(money * 10_000, value, 5_000) or near(money * 1_000, value, 500):
        return "単位が円になっていません。万円や千円に直さず、円のまま入れます。"
    if near(money * 2, value, 1):
        return "1か月あたりの平均です。検証データの2か月分の合計を求めます。"
    return "人数は合っています。損得は、当たった人の利益から、電話した全員の費用を引きます。"


def _other_calls(batch):
    """取り違えたときの、（文、声をかける人、月）。"""
    p, limit, valid = probability(batch, "boosting"), NEW_COST / 4800, churn_steps.VALID
    old = "前の費用の分かれ目のままです。2,100円の費用で計算し直します。"
    yield old, p >= churn_steps.THRESHOLD, valid
    yield "確率0.5以上の人数です。分かれ目は、費用から計算します。", p >= 0.5, valid
    share_of_all = "12,000円で割っています。電話した全員が思いとどまるわけではありません。"
    yield share_of_all, p >= NEW_COST / 12_000, valid
    net = "費用を引いた後の利益で割っています。割るのは、費用を引く前の、平均で守られる利益です。"
    yield net, p >= NEW_COST / (4800 - NEW_COST), valid
    other_model = "`logistic`の人数です。使うのは`boosting`です。"
    yield other_model, probability(batch, "logistic") >= limit, valid
    for name, months in {"テスト": churn_steps.TEST, "訓練": churn_steps.TRAIN}.items():
        called = probability(batch, "boosting", months) >= limit
        yield f"{name}データの人数です。検証データ`valid`を使います。", called, months
    yield "分かれ目より低い確率の人数です。比べる向きを見てください。", p < limit, valid
    gains = [gain(p >= t, NEW_COST) for t in THRESHOLDS]
    best = THRESHOLDS[int(np.argmax(gains))]
    peak = "損得の頂上のしきい値です。頂上ではなく、費用から計算した分かれ目を使います。"
    yield peak, p >= best, valid


# 練習2の、その月の表。行は確率の順でなく、番号も位置も並びと合わない。分かれ目以上の人は4人。
MONTH = pd.DataFrame(
    {
        "customer_id": [907, 310, 555, 128, 742, 261, 633, 419],
        "month": pd.Timestamp("2026-05-01"),
        "probability": [0.35, 0.08, 0.62, 0.305, 0.41, 0.02, 0.33, 0.2],
        "churned": float("nan"),
    },
    index=[40, 12, 7, 33, 21, 5, 18, 2],
)
SAFE = MONTH[MONTH["probability"] < churn_steps.THRESHOLD]


@check.judge(2)
def _(pick):
    choose = function(pick, ["scored", "limit"])
    few = _picked(choose, MONTH, 2, "pick（分かれ目以上の人が上限より多い月）")
    many = _picked(choose, MONTH, 6, "pick（分かれ目以上の人が上限より少ない月）")
    worth = set(MONTH["customer_id"]) - set(SAFE["customer_id"])
    if many - worth:
        retry(
            "上限に余りがある月の名簿に、分かれ目より確率の低い人が入っています。"
            "その人に電話すると、見込みの損得は増えますか、減りますか。"
        )
    if many != worth or len(few) < 2:
        retry(
            "電話すれば得の見込める人が足りません。分かれ目の確率と、人数の区切り方を見てください。"
        )
    if few != set(MONTH.nlargest(2, "probability")["customer_id"]):
        retry("上限に収めた名簿から、もっと確率の高い人がこぼれています。並べる順を見てください。")
    if _picked(choose, SAFE, 3, "pick（全員が分かれ目より低い月）"):
        retry("全員が分かれ目より低い月には、誰にも電話しないのが、いちばん損をしません。")
    return "人手が余る月も、足りない月も、見込みの損得がいちばん大きい名簿です。"


def _picked(choose, scored, limit, said):
    """``scored`` と ``limit`` から作った名簿の、顧客番号。"""
    people = sequence(choose(scored, limit, said=said), of=whole, ordered=False, empty=True)
    if not set(people) <= set(scored["customer_id"]):
        retry(
            "渡した表にいない番号が返りました。"
            "引数の`scored`から選び、`customer_id`の列を返していますか。"
        )
    if len(people) != len(set(people)):
        retry("同じ人が2度入っています。1人を1度だけ入れます。")
    if len(people) > limit:
        retry("上限より多い人数の名簿が返りました。`limit`人までに区切ります。")
    return set(people)


@check.judge(3)
def _(fixed, *, batch):
    p, rows = probability(batch, "logistic_balanced"), rows_of(churn_steps.TRAIN)
    form = f"検証データと同じ{len(p):,}行の、確率の並び"
    given = np.array(sequence(fixed, len(p), share, form=form))
    left = int((rows["churned"] == 1).sum())
    k = (len(rows) - left) / left
    if _same(given, _deflated(p, k)):
        before, after = gain(p >= churn_steps.THRESHOLD), gain(given >= churn_steps.THRESHOLD)
        return (
            f"0.3125で電話した損得が、{before:,}円から{after:,}円になりました。"
            "順番が良いモデルなら、確率は後からでも直せます。"
        )
    for message, value in _other_fixes(p, k, left, len(rows)):
        if _same(given, value):
            retry(message)
    order = np.argsort(given, kind="stable"), np.argsort(p, kind="stable")
    if np.array_equal(*order):
        retry("順番は元のままですが、値が違います。`k`の値と、式のかっこの位置を見てください。")
    retry("値が合いません。検証データの`logistic_balanced`の確率を、行の順を変えずに直します。")


def _deflated(p, k):
    return p / (p + (1 - p) * k)


def _same(given, right):
    return bool(np.allclose(given, right, rtol=0, atol=5e-4))


def _other_fixes(p, k, left, size):
    """取り違えたときの、（文、直した確率）。"""
    yield "まだ直していない確率のままです。", p
    yield "`k`が逆です。続けた人の数を、解約した人の数で割ります。", _deflated(p, 1 / k)
    yield "`k`を、全部の行の数を解約した人の数で割って求めています。", _deflated(p, size / left)
    valid = rows_of()["churned"]
    on_valid = (valid == 0).sum() / (valid == 1).sum()
    yield "`k`を検証データから求めています。訓練データで数えます。", _deflated(p, on_valid)
    every = features()["churned"]
    on_every = (every == 0).sum() / (every == 1).sum()
    yield "`k`をすべての月から求めています。訓練の月だけで数えます。", _deflated(p, on_every)
    yield "確率を`k`で割っただけです。問題文の式を使います。", p / k
    yield "続ける確率（1列目）を直しています。解約の確率を使います。", _deflated(1 - p, k)
    yield "直した後の、続ける確率になっています。", 1 - _deflated(p, k)


@check.judge(4)
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
                "検証データの損得が15万円を超えるしきい値にします。"
                if reachable
                else "このランは、どのしきい値でも15万円に届きません。別のランを選びます。"
            )
        )
    reason, refusal = written(parts["選ぶ理由"], 20), written(parts["使わない理由"], 20)
    review = written(parts["見直す時"], 15)
    if not has_value(reason):
        retry(
            "「選ぶ理由」に、比べた値がありません。"
            "何の値がいくつだったかを、算用数字で書き足します（`F1`の1は数えません）。"
        )
    if refusal == reason:
        retry("「使わない理由」が「選ぶ理由」と同じです。選ばなかったランのことを書きます。")
    named = [other for other in NAMES if re.search(rf"(?i)(?<![a-z_]){other}(?![a-z_])", refusal)]
    if not set(named) - {name}:
        retry(
            "「使わない理由」に、選ばなかったランの名前がありません。`logistic`のように書きます。"
        )
    if not has_value(refusal):
        retry(
            "「使わない理由」に、比べた値がありません。"
            "そのランの何の値がいくつだったかを、算用数字で書き足します。"
        )
    if not re.search(WHEN, review):
        retry(
            "「見直す時」から、いつ、どうなったら見直すのかが読み取れません。"
            "「〜したら」のように、出来事か数字で書きます。"
        )
    return (
        "形はそろいました。中身が正しいかは判定していません。"
        "書いた値を本文の表と照らし、別の人が同じ判断にたどり着けるか、声に出して読んでください。"
    )


def has_value(sentence):
    """何の値かを言う言葉と、算用数字があるか。``F1`` の1は数えない。"""
    numbers = re.sub("(?i)F1", "", sentence)
    return any(letter.isdecimal() for letter in numbers) and bool(re.search(COMPARED, sentence))


def written(part, length):
    """文の答え。空白と、問題文のコピーを除いて返す。短いものと、文でないものは退ける。"""
    key = re.search("選ぶ理由|使わない理由|見直す時", part.name)[0]
    given = re.sub(r"\s", "", text(part))
    if len(given) < length:
        retry(f"「{key}」は、空白を除いて{len(given)}字です。{length}字以上にします。")
    own = re.sub(COPIED, "", unicodedata.normalize("NFKC", given))
    if own != unicodedata.normalize("NFKC", given) and len(own) < length:
        retry(f"「{key}」が、問題文のコピーになっています。自分の決めたことを書きます。")
    if len({letter for letter in own if letter.isalpha()}) < 6:
        retry(f"「{key}」が、同じ文字か数字の並びです。別の人が読んで分かる文にします。")
    return own
