"""レッスン21の答えを判定する。"""

from collections import Counter
from typing import NamedTuple

import pandas as pd

from checks import Answer, Exercises, function, mapping, number, retry, sequence, text, word
from checks.answers import kind_of
from checks.functions import Function
from checks.values import plain

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

RATIO, FEE_MEAN, MEAN, AUC = "実際÷見込み", "新しい契約の月額", "予測の平均", "AUC"
OTHER_NUMBERS = {
    "実際/見込み": RATIO,
    "実際 / 見込み": RATIO,
    "新しい契約の月額（円）": FEE_MEAN,
    "予測の平均値": MEAN,
}
FALLING = {AUC, MEAN}  # 下回ると鳴る指標
NEEDS_ANSWERS = {AUC, RATIO}  # 解約の答えが出てから計算できる指標
SOON, LATER = "その月の末", "翌月の末"
OTHER_TIMES = {
    "月末": SOON,
    "当月の末": SOON,
    "当月末": SOON,
    "その月末": SOON,
    "翌月末": LATER,
    "来月の末": LATER,
    "次の月の末": LATER,
}
NORMAL_MONTHS = [f"2024-{month:02}" for month in range(5, 10)]
AFTER = ["2024-10", "2024-11", "2024-12", "2025-01", "2025-02"]
IN_THOUSANDS_ROW = "千円の7月"


class Purpose(NamedTuple):
    """使い道ごとの、見る指標、知りたい行、ほかの指標を選んだ時の助言。"""

    watch: str
    rows: list[str]
    advice: dict[str, str]


PURPOSES = {
    "予算": Purpose(
        RATIO,
        AFTER,
        {
            AUC: "AUCが見るのは順番です。人数を足し合わせる予算では、確率の大きさの外れを知る指標を選びます。",
            FEE_MEAN: "入力が変わっても、見込みが外れたとは限りません。見込みが少なすぎることを確かめる指標を選びます。",
            MEAN: "予測の平均は、10月に見込みが外れても、ほとんど動いていません。",
        },
    ),
    "契約の変化": Purpose(
        FEE_MEAN,
        AFTER,
        {
            AUC: "AUCは、解約の答えが出ないと計算できません。",
            RATIO: "実際と見込みの比は、解約の答えが出ないと計算できません。",
            MEAN: "予測の平均は、10月に新しい契約の様子が変わっても、ほとんど動いていません。",
        },
    ),
    "電話の一覧": Purpose(
        MEAN,
        [IN_THOUSANDS_ROW],
        {
            AUC: "AUCは、解約の答えが出ないと計算できないので、配る前に間に合いません。",
            RATIO: "実際と見込みの比は、解約の答えが出ないと計算できないので、配る前に間に合いません。",
            FEE_MEAN: "新しい契約の月額の警報は、上回ったときに鳴ります。千円の表では小さくなるので鳴りません。",
        },
    ),
}


@check.judge(1)
def _(plan, *, numbers):
    _check_numbers(numbers)
    rows = mapping(plan, list(PURPOSES), lambda part: sequence(part, 3))
    for purpose, (watch_part, when_part, limit_part) in rows.items():
        wanted = PURPOSES[purpose]
        watch = word(watch_part, [AUC, RATIO, FEE_MEAN, MEAN], OTHER_NUMBERS)
        if watch != wanted.watch:
            retry(f"「{purpose}」の指標を見直してください。{wanted.advice[watch]}")
        when = word(when_part, [SOON, LATER], OTHER_TIMES)
        if when != (LATER if watch in NEEDS_ANSWERS else SOON):
            retry(
                f"「{purpose}」の分かる時を見直してください。"
                f"{watch}を計算するのに、翌月の解約の答えが必要かどうかで決まります。"
            )
        _check_limit(purpose, watch, number(limit_part), numbers[watch])
    return "普段は静かで、知りたい時には鳴ります。早い知らせと、確かな答えの両方がそろいました。"


def _check_numbers(numbers: object) -> None:
    rows = [*NORMAL_MONTHS, *AFTER, IN_THOUSANDS_ROW]
    columns = [AUC, RATIO, FEE_MEAN, MEAN]
    if (
        not isinstance(numbers, pd.DataFrame)
        or not set(rows) <= set(numbers.index)
        or not set(columns) <= set(numbers.columns)
    ):
        retry("`numbers`の行か列が足りません。「何を見張れば気づけたか」から実行し直してください。")


def _check_limit(purpose: str, watch: str, limit: float, column: pd.Series) -> None:
    """普段の月では鳴らず、知りたい行では鳴るしきい値か。"""
    rings = column < limit if watch in FALLING else column > limit
    false_alarms = [month for month in NORMAL_MONTHS if rings[month]]
    missed = [row for row in PURPOSES[purpose].rows if not rings[row]]
    if false_alarms:
        also = "知りたい行では鳴りません。鳴る向きを見てください。" if missed else ""
        retry(
            f"「{purpose}」のしきい値では、普段の{false_alarms[0]}にも鳴ります。{also or 'もう少し緩めます。'}"
        )
    if missed:
        retry(
            f"「{purpose}」のしきい値では、{missed[-1]}の行で鳴りません。"
            f"`numbers`の{watch}の列で、普段の5か月と、知りたい行の間を見てください。"
        )


# --- 練習2 --------------------------------------------------------------------

FEE, ORDERS, CHANNEL = "monthly_fee", "orders", "channel"
COLUMNS = (FEE, ORDERS, CHANNEL)
LIMIT_FEE = (
    "1つ目の条件は、1000円より小さい行があるかどうかです。境目と、比べる向きを見てください。"
)
LIMIT_ORDERS = (
    "2つ目の条件は、空の割合が1割より大きいかどうかです。境目と、比べる向きを見てください。"
)
MEAN_FEE = "平均では、1行の間違いは薄まって見えません。1行でも見つかる調べ方にします。"
ANY_ORDERS = "空が1割までは、問題にしません。空があるかではなく、空の割合を調べます。"
BACKWARD = (
    "使われていない言葉ではなく、知らない言葉を探します。引き算の、どちらから引くかを見てください。"
)
TOGETHER = "問題が2つ以上ある表です。`elif`や途中の`return`で、残りを飛ばしていませんか。"
WORDS = ["広告", "検索", "店頭", "紹介"] * 5
FEES = [2980.0, 3980.0, 4980.0, 5980.0, 8980.0] * 4


def empty(count: int, rows: int = 20) -> list[float | None]:
    """初めの ``count`` 行が空の、注文回数の列。"""
    return [None] * count + [float(row % 4) for row in range(rows - count)]


def batch(**columns: list) -> pd.DataFrame:
    """正常な20行の表の、いくつかの列を替えた表。行の数は、短い列に合わせる。"""
    made = {ORDERS: empty(0), FEE: FEES, CHANNEL: WORDS} | columns
    rows = min(map(len, made.values()))
    return pd.DataFrame({name: values[:rows] for name, values in made.items()})


IN_THOUSANDS = [fee / 1000 for fee in FEES]
MANY = {ORDERS: [2.0] * 1501, CHANNEL: WORDS * 76, FEE: [2980.0] * 1500 + [900.0]}
HALF, NEW_WORD = empty(10), ["AD" if word == "広告" else word for word in WORDS]
NOBODY = ["検索", "紹介", "広告", "検索"] * 5
AGAIN = "もう一度渡した正常な表"
# 表の名前、表、問題のある列、合わない時の助言。1つの列の問題を先に、組み合わせを後に試す。
BATCHES = (
    ("正常な表", batch(), set(), "渡された`batch`を調べているかと、条件の向きを見てください。"),
    ("月額が千円の単位の表", batch(monthly_fee=IN_THOUSANDS), {FEE}, LIMIT_FEE),
    (AGAIN, batch(), set(), LIMIT_FEE),
    ("1行だけ、月額が900円の表", batch(monthly_fee=[*FEES[:7], 900.0, *FEES[8:]]), {FEE}, MEAN_FEE),
    ("最後の1行だけ、月額が999円の表", batch(monthly_fee=[*FEES[:19], 999.0]), {FEE}, LIMIT_FEE),
    ("1行だけ、月額が0円の表", batch(monthly_fee=[*FEES[:7], 0.0, *FEES[8:]]), {FEE}, LIMIT_FEE),
    ("1行だけ、月額が負の数の表", batch(monthly_fee=[*FEES[:7], -980.0, *FEES[8:]]), {FEE}, LIMIT_FEE),
    ("1,501行の、最後の1行だけ月額が900円の表", batch(**MANY), {FEE}, "表の初めのほうの行だけを調べていませんか。"),
    ("全員の月額が、ちょうど1000円の表", batch(monthly_fee=[1000.0] * 20), set(), LIMIT_FEE),
    ("注文回数の半分が空の表", batch(orders=HALF), {ORDERS}, LIMIT_ORDERS),
    ("注文回数の20行に1行が空の表", batch(orders=empty(1)), set(), ANY_ORDERS),
    ("注文回数の20行に3行が空の表", batch(orders=empty(3)), {ORDERS}, LIMIT_ORDERS),
    ("注文回数の、ちょうど1割が空の表", batch(orders=empty(2)), set(), LIMIT_ORDERS),
    ("注文回数の19行に2行が空の表", batch(orders=empty(2, rows=19)), {ORDERS}, LIMIT_ORDERS),
    ("ほかの列だけが空の表", batch(app_days=[None] * 20), set(), "`orders`の列だけを調べます。"),
    ("知ったきっかけに、知らない言葉が入った表", batch(channel=NEW_WORD), {CHANNEL}, BACKWARD),
    ("最後の1行だけ、知らない言葉の表", batch(channel=[*WORDS[:19], "SNS"]), {CHANNEL}, BACKWARD),
    ("「広告メール」という言葉の入った表", batch(channel=["広告メール", *WORDS[1:]]), {CHANNEL}, "`churn.CHANNELS`の言葉とまったく同じでなければ、知らない言葉です。"),
    ("「検索広告」という言葉の入った表", batch(channel=["検索広告", *WORDS[1:]]), {CHANNEL}, "`churn.CHANNELS`の言葉とまったく同じでなければ、知らない言葉です。"),
    ("店頭の人が1人もいない表", batch(channel=NOBODY), set(), BACKWARD),
    ("店頭の代わりに知らない言葉の表", batch(channel=["検索", "紹介", "広告", "?"] * 5), {CHANNEL}, BACKWARD),
    ("月額と注文回数がおかしい表", batch(monthly_fee=IN_THOUSANDS, orders=HALF), {FEE, ORDERS}, TOGETHER),
    ("月額ときっかけがおかしい表", batch(monthly_fee=IN_THOUSANDS, channel=NEW_WORD), {FEE, CHANNEL}, TOGETHER),
    ("注文回数ときっかけがおかしい表", batch(orders=HALF, channel=NEW_WORD), {ORDERS, CHANNEL}, TOGETHER),
    ("3つの列がおかしい表", batch(monthly_fee=IN_THOUSANDS, orders=HALF, channel=NEW_WORD), set(COLUMNS), TOGETHER),
)  # fmt: skip


@check.judge(2)
def _(check_batch):
    find = function(check_batch, ["batch"])
    for name, one, right, advice in BATCHES:
        reply = find(one, said=f"check_batch（{name}）")
        _check_untouched(find, "batch", one)
        if name == AGAIN and sentences(reply, name):
            retry("前に渡した表の問題が、残ったまま返ります。リストは、`def`の中で作ります。")
        found = named(reply, name)
        for column in COLUMNS:
            if column in found - right:
                retry(f"「{name}」を渡すと、`{column}`も問題だと返ります。{advice}")
            if column in right - found:
                retry(f"「{name}」を渡しても、`{column}`の問題が返りません。{advice}")
    return "壊れた表は止まり、よくある表は通ります。"


def _check_untouched(find: Function, name: str, given: pd.DataFrame) -> None:
    """渡した表の値が消えるか変わっていれば退ける。列を足すのはよい。"""
    left = find.received[0]
    if not set(given) <= set(left) or not left[list(given)].equals(given):
        retry(
            f"渡された`{name}`の中身が、関数の中で書き換わります。`{name}.copy()`で作ったコピーを使います。"
        )


def named(reply: Answer, name: str) -> set[str]:
    """返事の文に書かれた、問題のある列。1つの文に1つの列、1つの列に1つの文でなければ退ける。"""
    found: list[str] = []
    for sentence in sentences(reply, name):
        columns = [column for column in COLUMNS if column in plain(sentence)]
        if not columns:
            retry(
                f"「{name}」に返った文のどれかに、列の名前がありません。"
                "`monthly_fee`のような、表の列の名前のまま書きます。"
            )
        if len(columns) > 1:
            retry(f"「{name}」に返った1つの文に、列の名前が2つ以上あります。列ごとに文を分けます。")
        if plain(sentence).strip("。.、,:!?・") == columns[0]:
            retry(f"返ったのが、列の名前（`{columns[0]}`）だけです。何が問題かも書きます。")
        found += columns
    twice = [column for column, count in Counter(found).items() if count > 1]
    if twice:
        retry(
            f"「{name}」に、`{twice[0]}`の文が2つ以上返ります。1つの列の問題は1つの文にまとめます。"
        )
    return set(found)


def sentences(reply: Answer, name: str) -> list[str]:
    if reply.value is None:
        retry(
            f"「{name}」を渡すと、`None`が返ります。最後に`return`でリストを返します。"
            "`append`の戻り値を変数に入れていないかも見てください。"
        )
    if isinstance(reply.value, dict | pd.DataFrame):
        retry(f"「{name}」に返ったのが、辞書か表です。文のリストを返します。")
    if isinstance(reply.value, str):
        retry(f"「{name}」に返ったのが、1つの文字列です。文の数によらず、リストで返します。")
    return sequence(Answer("check_batch(…)", reply.value), of=_sentence, ordered=False, empty=True)


def _sentence(part: Answer) -> str:
    if not isinstance(part.value, str):
        retry(f"{part}が{kind_of(part.value)}です。問題を言う文を、引用符で囲んで入れます。")
    return text(part)
