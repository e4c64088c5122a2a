"""「生成AIの時代にデータサイエンスを学ぶ意義」の答えを判定する。"""

import numpy as np
import pandas as pd

from checks import Answer, Exercises, flag, function, mapping, retry, whole, word

check = Exercises()

CYCLE, CALL = 30, 15  # 一覧を作る間隔と、電話をかける日

# 項目 → (候補, 正しい候補, 見る場所)
CHOICES = {
    "相手": (
        ["契約した全員", "契約中の全員", "解約した全員"],
        "契約中の全員",
        "一覧を作る日に、電話をかけて引き止められるのは誰ですか。",
    ),
    "出来事": (
        ["不満がある", "注文を休む", "解約する"],
        "解約する",
        "記録に残って答え合わせができ、「やめる」ことそのものを表すのはどれですか。",
    ),
}
FIRST, LAST = "何日目から", "何日目まで"


@check.judge(1)
def _(question):
    given = mapping(question, [*CHOICES, FIRST, LAST])
    for name, (options, right, hint) in CHOICES.items():
        chosen = word(given[name], options)
        if chosen != right:
            retry(f"`{name}`の「{chosen}」を見直してください。{hint}")
    _check_days(given[FIRST], given[LAST])
    return "誰の、いつの、何を当てるかが決まり、どの日の解約も1つの一覧だけに入ります。"


def _check_days(first_day: Answer, last_day: Answer) -> None:
    """どの日の解約も、電話の間に合う一覧の1つだけに入るか。"""
    first, last = whole(first_day), whole(last_day)
    if first > last:
        retry(f"{first}日目から{last}日目まで、では期間になりません。2つの順を見直してください。")
    if first < CALL:
        retry(f"{first}日目の解約には、電話が間に合いません。この一覧の電話は何日目ですか。")
    if first > CALL:
        retry(
            f"{first}日目より前に、この一覧の電話が間に合うのに、問いに入らない解約があります。"
            "この一覧の電話は何日目ですか。"
        )
    if last < CYCLE + CALL - 1:
        retry(
            f"{last + 1}日目の解約は、どの一覧で間に合いますか。"
            "次の一覧の電話が何日目かを、図の「？」に書き入れてください。"
        )
    if last >= CYCLE + CALL:
        retry(
            f"{last}日目の解約は、次の一覧にも入ります。"
            "次の一覧の電話が何日目かを、図の「？」に書き入れてください。"
        )


@check.judge(2)
def _(needs_human, *, radius):
    if not isinstance(radius, pd.Series):
        retry(
            "`radius`が別のものに変わっています。`radius`を作ったセルを実行し直し、"
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
