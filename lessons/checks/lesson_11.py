"""「生成AIの時代にデータサイエンスを学ぶ意義」の答えを判定する。"""

import numpy as np
import pandas as pd

from checks import Exercises, flag, function, mapping, retry, whole, word

check = Exercises()

# 項目 → (候補, 正しい候補, 見る場所)
QUESTION = {
    "unit": (["店舗", "会員", "来館1回"], "会員", "電話は、何ごとに1本かけますか。"),
    "population": (
        ["過去の全会員", "退会した会員", "月末に契約中の会員"],
        "月末に契約中の会員",
        "一覧を作る日に残っているのは誰ですか。",
    ),
    "event": (
        ["満足していない", "退会の手続きをする", "電話に出る"],
        "退会の手続きをする",
        "記録に残り、やめることを表すのはどれですか。",
    ),
}


@check.judge(1)
def _(question):
    given = mapping(question, [*QUESTION, "horizon_days"])
    for name, (options, right, hint) in QUESTION.items():
        chosen = word(given[name], options)
        if chosen != right:
            retry(f"`{name}`の「{chosen}」を見直してください。{hint}")
    days = whole(given["horizon_days"])
    if days <= 14:
        retry(f"`horizon_days`の{days}日では、電話の準備が間に合いません。準備は何日かかりますか。")
    if days > 31:
        retry(
            f"`horizon_days`の{days}日では、次の一覧が当てる退会まで入ります。何日後に作り直しますか。"
        )
    if days < 31:
        return (
            "誰の、いつまでの、何を当てるかが決まりました。"
            f"ただし{days}日より後、31日目までの退会は、どの一覧にも入りません。"
        )
    return "誰の、いつまでの、何を当てるかが決まり、答え合わせができます。"


@check.judge(2)
def _(needs_human, *, radius):
    if not isinstance(radius, pd.Series):
        retry(
            "`radius`が別のものに変わっています。`radius`を作ったセルを動かし直し、"
            "試す値は`needs_human(30)`のように渡します。"
        )
    low, middle, high = radius.min(), radius.median(), radius.max()
    before = radius.copy()
    ask = function(needs_human, 1)
    between = [float(middle), float((low + middle) / 2 + 1e-4)]
    beyond = [0, 1e6, -float(middle)]
    edges = {float(low): False, float(high): False}
    edges |= {float(np.nextafter(low, 0)): True, float(np.nextafter(high, 1e6)): True}
    replies = {value: _reply(ask, value) for value in [*between, *beyond, *edges]}
    if not radius.equals(before):
        radius[:] = before
        retry("関数の中で`radius`を書き換えています。両端の値を読むだけにします。")
    if all(replies[value] for value in between) and not any(replies[value] for value in beyond):
        retry("`True`と`False`が逆です。範囲から外れていれば`True`です。")
    if not all(replies[value] for value in beyond):
        retry(
            "小さすぎる値か大きすぎる値に`False`を返します。外れ方は、小さい側と大きい側の2つです。"
        )
    if any(replies[value] for value in between):
        retry(
            "範囲の中の値に`True`を返します。同じ値が記録にあるかではなく、範囲の両端と比べます。"
        )
    if any(replies[value] != right for value, right in edges.items()):
        retry(
            "端の値ちょうどか、端のすぐ外で合いません。"
            "等号を見直し、丸めた値や別の列でなく、`radius.min()`などと比べます。"
        )
    return "モデルに任せる範囲を、モデルの外から決めました。"


def _reply(ask, value):
    reply = ask(value, said=f"needs_human({value:.4g})")
    if reply.value is None:
        retry(
            f"{reply}が、何も返しません。`print`ではなく`return`を使い、範囲の中の値でも返しますか。"
        )
    return flag(reply)
