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
    mapping,
    near,
    number,
    numeric,
    retry,
    sequence,
    share,
    whole,
    word,
)
from checks.answers import kind_of

check = Exercises()

FEATURES = churn_steps.FEATURES
LIST, OTHER = "logistic_balanced", "logistic"  # 練習2の、元の名簿と、選び直すモデル
CLOSE = 5e-4


@cache
def _features():
    return churn_steps.workshop_features()


@cache
def _rows(months):
    """表のうち ``months`` の範囲の行。"""
    return churn_steps.rows_between(_features(), months)


@cache
def _model(name):
    """33と同じに学習したモデル。"""
    from mlflow.utils.autologging_utils import disable_autologging

    train = _rows(churn_steps.TRAIN)
    with disable_autologging():  # 自動ロギングが有効でも、ランを作らない
        model = churn_steps.make_model(churn_steps.candidates()[name])
        return model.fit(train[FEATURES], train["churned"])


@cache
def _probability(name, months=churn_steps.VALID):
    """モデル ``name`` が、``months`` の行に出す確率。"""
    return _model(name).predict_proba(_rows(months)[FEATURES])[:, 1]


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
    every = _features()
    if near(value, every["survey_score"].mean(), 1e-4):
        retry("すべての月の平均で埋めています。埋める値は、どのデータから決めるのでしたか。")
    early = every.loc[pd.to_datetime(every["month"]) <= churn_steps.TRAIN[1], "survey_score"]
    if near(value, early.mean(), 1e-5):
        retry("4月と5月の行も入った平均です。訓練データは、6月から10月までの`train`です。")
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


@check.judge(2)
def _(same_size, *, valid):
    first, second = sequence(same_size, 2, form="`(しきい値, 人数)`の形の、2つの数の組")
    if number(first) > 1 >= number(second):
        retry("2つの順番が逆のようです。しきい値、人数の順に入れます。")
    threshold, both = share(first), whole(second)
    old, new = _probability(LIST) >= 0.5, _probability(OTHER)
    size = int(old.sum())
    right = np.sort(new)[-size]
    chosen = new >= right
    right_both = int((old & chosen).sum())
    for neighbour in np.sort(new)[[-size - 1, -size + 1]]:
        if near(threshold, neighbour, 1e-9):
            retry("しきい値が、1人分ずれています。上から数えて、何番目の確率かを見てください。")
    good = near(threshold, right, CLOSE), both == right_both
    if all(good):
        return (
            f"{size:,}人のうち{right_both:,}人が、どちらの名簿にも入っています。"
            "重みを付けなくても、しきい値を下げればほとんど同じ人に届きます。"
        )
    _expect_untouched(valid=valid)
    if near(threshold, 0.5, CLOSE):
        retry("0.5のままでは人数が合いません。`logistic`で同じ人数になる所まで下げます。")
    for message, value in _other_thresholds(size):
        if near(threshold, value, CLOSE):
            retry(message)
    if good[0]:
        people = _other_counts(old, chosen)
        retry(people.get(both, "しきい値は合っています。両方の名簿に入る行を数え直してください。"))
    if good[1]:
        retry("人数は合っています。しきい値は、`logistic`で選んだ人の、いちばん低い確率です。")
    retry(
        "値が合いません。`logistic_balanced`で確率0.5以上の人数を数え、"
        "`logistic`の確率を高い順に並べて、同じ人数を選びます。"
    )


def _other_thresholds(size):
    """取り違えたときの、（文、しきい値）。"""
    for name, months in {"テスト": churn_steps.TEST, "訓練": churn_steps.TRAIN}.items():
        yield f"{name}データで求めた値です。検証データ`valid`を使います。", _threshold_of(months)
    yield (
        "`logistic_balanced`の名簿の、いちばん低い確率です。`logistic`の確率から求めます。",
        np.sort(_probability(LIST))[-size],
    )
    yield (
        "小さいほうから数えています。確率の高いほうから同じ人数を選びます。",
        np.sort(_probability(OTHER))[size - 1],
    )


def _other_counts(old, chosen):
    """取り違えたときの人数 → 文。"""
    rows, both = _rows(churn_steps.VALID), old & chosen
    over_half = old & (_probability(OTHER) >= 0.5)
    return {
        int(old.sum()): "名簿1つの人数です。両方の名簿に入る行を数えます。",
        int((old | chosen).sum()): "どちらかに入る行の数です。両方の名簿に入る行を数えます。",
        int((chosen & ~old).sum()): "片方だけに入る行の数です。両方の名簿に入る行を数えます。",
        int(over_half.sum()): "人数を、0.5のままの名簿で数えています。選び直した名簿で数えます。",
        int(rows.loc[both, "customer_id"].nunique()): (
            "同じ顧客の11月と12月を、まとめて1人と数えています。行の数を数えます。"
        ),
        int((both & (rows["churned"] == 1)).sum()): (
            "解約した人だけを数えています。解約したかどうかにかかわらず、行の数を数えます。"
        ),
    }


@cache
def _threshold_of(months):
    """``months`` の行で、2つの名簿の人数が同じになるしきい値。"""
    size = int((_probability(LIST, months) >= 0.5).sum())
    return np.sort(_probability(OTHER, months))[-size]


DECISIONS = {"memo_count": "疑う", "saved_recipes": "使う", "push_opens": "待つ"}
LOOK = {
    "memo_count": "訓練の月で解約した人としなかった人の平均、それに3月とほかの月の平均を比べてください。",
    "saved_recipes": "解約した人としなかった人で平均は違いますが、月ごとの平均はどう動いていますか。",
    "push_opens": "訓練の月（2025年6月から10月）に、0でない値があるか見てください。",
}


@check.judge(3)
def _(decisions):
    given = mapping(decisions, list(DECISIONS))
    chosen = {name: word(part, ["使う", "疑う", "待つ"]) for name, part in given.items()}
    wrong = [name for name, right in DECISIONS.items() if chosen[name] != right]
    if wrong:
        retry(f"`{wrong[0]}`を見直します。{LOOK[wrong[0]]}")
    return (
        "対応メモは、解約の手続きの間にも書かれます。"
        "予測する時点までのメモだけを数え直せば、使えるかもしれません。"
    )
