"""レッスン21の答えを判定する。"""

import re
from collections import Counter

import pandas as pd

from checks import Answer, Exercises, function, mapping, retry, sequence, text, word
from checks.answers import kind_of
from checks.functions import Function
from checks.values import plain

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

CAUSES = {
    "a": ("特徴量エンジニアリング", "学習と予測で、計算が違います。"),
    "b": ("プロセス管理ツール", "決まった日に動かす仕事が、人の記憶に頼っています。"),
    "c": ("データ検証", "入ってきた時点で、値の範囲がいつもと違います。"),
    "d": ("モニタリング", "動いている間の見込みと実際を、誰も比べていません。"),
    "e": ("計算リソース管理", "仕事の量に、計算機の量が合っていません。"),
    "f": ("設定管理", "何を使って学習したかが、残っていません。"),
}
# 問題文の候補の順に並べる。
PARTS = [
    "データ検証",
    "モニタリング",
    "特徴量エンジニアリング",
    "プロセス管理ツール",
    "計算リソース管理",
    "設定管理",
]
SHORT = {
    "プロセス管理": "プロセス管理ツール",
    "特徴量エンジニアリング(特徴量の作成)": "特徴量エンジニアリング",
    "計算資源管理": "計算リソース管理",
    "監視": "モニタリング",
    "データの検証": "データ検証",
    "設定の管理": "設定管理",
}


@check.judge(1)
def _(causes):
    chosen = mapping(causes, list(CAUSES), lambda part: word(part, PARTS, SHORT))
    twice = [part for part, count in Counter(chosen.values()).items() if count > 1]
    if twice:
        retry(f"「{twice[0]}」を2回以上使っています。どの名前も1回ずつ使います。")
    wrong = [key for key, (part, _) in CAUSES.items() if chosen[key] != part]
    if wrong:
        retry(
            f"合わない事故が{len(wrong)}つあります。`{wrong[0]}`は、{CAUSES[wrong[0]][1]}"
            "9つの部分の表の「何をするか」と見比べてください。"
        )
    return "どの事故も、モデルのコードの外で起きています。"


# --- 練習2 --------------------------------------------------------------------

FEE, ORDERS, CHANNEL = "monthly_fee", "orders", "channel"
HINTS = {
    FEE: "条件1の、最小値と1000円の比べ方を見てください。",
    ORDERS: "条件2の、空の割合と1割の比べ方を見てください。",
    CHANNEL: "条件3の、知らない言葉を見つける条件を見てください。",
}
# 正常な表だけを渡した時の、余分な警報の原因。
FALSE_ALARMS = {
    FEE: "渡された`batch`の最小値を調べているかと、条件1の比べる向きを見てください。",
    ORDERS: "空は値のない所で、0回は空ではありません。空の数え方と、条件2の比べる向きを見てください。",
    CHANNEL: "渡された`batch`の言葉を調べているかと、条件3の引き算の向きを見てください。",
}
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


NORMAL, AGAIN, LONG = (
    "正常な表",
    "もう一度渡した正常な表",
    "1,501行の、最後の1行だけ月額が900円の表",
)
IN_THOUSANDS = [fee / 1000 for fee in FEES]
MANY = {ORDERS: [2.0] * 1501, CHANNEL: WORDS * 76, FEE: [2980.0] * 1500 + [900.0]}
HALF, NEW_WORD = empty(10), ["AD" if word == "広告" else word for word in WORDS]
# 表の名前、表、問題のある列。1つの列の問題を先に、組み合わせを後に試す。
BATCHES = (
    (NORMAL, batch(), set()),
    ("月額が千円の単位の表", batch(monthly_fee=IN_THOUSANDS), {FEE}),
    (AGAIN, batch(), set()),
    ("1行だけ、月額が900円の表", batch(monthly_fee=[*FEES[:7], 900.0, *FEES[8:]]), {FEE}),
    ("最後の1行だけ、月額が999円の表", batch(monthly_fee=[*FEES[:19], 999.0]), {FEE}),
    ("1行だけ、月額が0円の表", batch(monthly_fee=[*FEES[:7], 0.0, *FEES[8:]]), {FEE}),
    ("1行だけ、月額が負の数の表", batch(monthly_fee=[*FEES[:7], -980.0, *FEES[8:]]), {FEE}),
    (LONG, batch(**MANY), {FEE}),
    ("全員の月額が、ちょうど1000円の表", batch(monthly_fee=[1000.0] * 20), set()),
    ("注文回数の半分が空の表", batch(orders=HALF), {ORDERS}),
    ("注文回数の20行に3行が空の表", batch(orders=empty(3)), {ORDERS}),
    ("注文回数の20行に1行が空の表", batch(orders=empty(1)), set()),
    ("注文回数の、ちょうど1割が空の表", batch(orders=empty(2)), set()),
    ("注文回数の19行に2行が空の表", batch(orders=empty(2, rows=19)), {ORDERS}),
    ("ほかの列だけが空の表", batch(app_days=[None] * 20), set()),
    ("知ったきっかけに、知らない言葉が入った表", batch(channel=NEW_WORD), {CHANNEL}),
    ("最後の1行だけ、知らない言葉の表", batch(channel=[*WORDS[:19], "SNS"]), {CHANNEL}),
    ("「広告メール」という言葉の入った表", batch(channel=["広告メール", *WORDS[1:]]), {CHANNEL}),
    ("「検索広告」という言葉の入った表", batch(channel=["検索広告", *WORDS[1:]]), {CHANNEL}),
    ("店頭の人が1人もいない表", batch(channel=["検索", "紹介", "広告", "検索"] * 5), set()),
    ("店頭の代わりに知らない言葉の表", batch(channel=["検索", "紹介", "広告", "?"] * 5), {CHANNEL}),
    ("月額と注文回数がおかしい表", batch(monthly_fee=IN_THOUSANDS, orders=HALF), {FEE, ORDERS}),
    ("月額ときっかけがおかしい表", batch(monthly_fee=IN_THOUSANDS, channel=NEW_WORD), {FEE, CHANNEL}),
    ("注文回数ときっかけがおかしい表", batch(orders=HALF, channel=NEW_WORD), {ORDERS, CHANNEL}),
    (
        "3つの列がおかしい表",
        batch(monthly_fee=IN_THOUSANDS, orders=HALF, channel=NEW_WORD),
        {FEE, ORDERS, CHANNEL},
    ),
)  # fmt: skip


@check.judge(2)
def _(check_batch):
    find = function(check_batch, ["batch"])
    for name, one, right in BATCHES:
        reply = find(one, said=f"check_batch（{name}）")
        _check_untouched(find, "batch", one)
        if name == AGAIN and sentences(reply, name):
            retry("前に渡した表の問題が、残ったまま返ります。リストは、`def`の中で作ります。")
        found = named(reply, name)
        for column in HINTS:
            if column in found - right:
                hint = (FALSE_ALARMS if name == NORMAL else HINTS)[column]
                retry(f"「{name}」を渡すと、`{column}`も問題だと返ります。{hint}")
            if column in right - found:
                hint = HINTS[column] if len(right) == 1 else TOGETHER
                hint = "表の初めのほうの行だけを調べていませんか。" if name == LONG else hint
                retry(f"「{name}」を渡しても、`{column}`の問題が返りません。{hint}")
    return "壊れた表を、学習や予測に使う前に止められます。"


def _check_untouched(find: Function, name: str, given: pd.DataFrame) -> None:
    """渡した表の値が消えるか変わっていれば退ける。列を足すのはよい。"""
    left = find.received[0]
    if not set(given) <= set(left) or not left[list(given)].equals(given):
        retry(
            f"渡された`{name}`の中身が、関数の中で書き換わります。`{name}.copy()`で作った写しを使います。"
        )


def named(reply: Answer, name: str) -> set[str]:
    """返事の文に書かれた、問題のある列。1つの文に1つの列、1つの列に1つの文でなければ退ける。"""
    found: list[str] = []
    for sentence in sentences(reply, name):
        columns = [column for column in HINTS if column in plain(sentence)]
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


# --- 練習3 --------------------------------------------------------------------

# 見込みと実際（比は1.25）、どちらも2進数で端数が出ない。
AT_LIMIT = (0.125, 0.15625)


def months(*rates: tuple[float, float], names: list[str] | None = None) -> pd.DataFrame:
    """月ごとの、見込みと実際の表。"""
    names = names or [f"2027-{month:02}" for month in range(1, len(rates) + 1)]
    return pd.DataFrame(rates, columns=["predicted", "churned"], index=names)


# 並びが昇順でなく、本文の月より早い月も遅い月もある。
MIXED = ["2031-02", "2025-09", "1999-12", "2025-10", "2024-07"]
DOUBLE, SAME = (0.1, 0.2), (0.1, 0.1)
# 表の説明、表、比が1.25を超える月の番号、見直す所。
WATCHED = (
    ("2か月続けて実際が2倍の表", months(SAME, DOUBLE, DOUBLE), [2, 3], "割り算の式と、条件"),
    ("途中で一度収まる表", months(DOUBLE, SAME, (0.1, 0.3)), [1, 3], "1行ごとに調べているか"),
    ("実際が見込みより少ない表", months((0.2, 0.1), (0.3, 0.2)), [], "どちらが多い月を選ぶか"),
    ("見込みが月ごとに違う表", months(SAME, (0.3, 0.3), (0.1, 0.3)), [3], "同じ行どうしで割っているか"),
    ("差は小さくても比が大きい表", months((0.01, 0.02), (0.4, 0.4)), [1], "引き算ではなく割り算か"),
    ("差は大きくても比が小さい表", months((0.5, 0.55), SAME), [], "引き算ではなく割り算か"),
    ("比が1.1、1.2、1.24の表", months((0.1, 0.11), (0.1, 0.12), (0.1, 0.124)), [], "境目の値"),
    ("比が1.3と1.5の表", months((0.1, 0.13), (0.1, 0.15)), [1, 2], "境目の値"),
    ("比が1.252の表", months((0.1, 0.1252)), [1], "境目の値と、比べる前に丸めていないか"),
    ("比がちょうど1.25の月のある表", months((0.125, 0.25), AT_LIMIT), [1], "「超えた」の境目"),
    ("差も比も大きい表", months(*[(0.1, 0.9)] * 6), [1, 2, 3, 4, 5, 6], "比べる値"),
    ("平らに続いた後で、最後だけ超える表", months(*[SAME] * 11, DOUBLE), [12], "行の数"),
    ("1行だけの表", months((0.2, 0.3)), [1], "1行でも動くか"),
    ("見込みと実際の列が逆に並ぶ表", months(SAME, DOUBLE)[["churned", "predicted"]], [2], "列を、順番でなく名前で取り出しているか"),
    ("月が順に並んでいない表", months(*[DOUBLE] * 3, SAME, DOUBLE, names=MIXED), [1, 2, 3, 5], "どの月の行も調べているか"),
)  # fmt: skip


@check.judge(3)
def _(find_alerts):
    find = function(find_alerts, ["table"])
    for case, table, numbers, hint in WATCHED:
        right = [table.index[number - 1] for number in numbers]
        given = row_names(find(table, said=f"find_alerts（{case}）"), case)
        _check_untouched(find, "table", table)
        if any(re.fullmatch(r"\d{4}-\d\d", name) for name in set(given) - set(table.index)):
            retry(
                f"「{case}」に、渡した表に無い月が返ります。"
                "`by_month`や書き並べた月でなく、渡された`table`から選びます。"
            )
        if not set(given) <= set(table.index):
            retry(
                f"「{case}」に、行の名前でないものが返ります。"
                "`.index`に並んでいる、予測した月の文字列を返します。"
            )
        if sorted(given) == sorted(right) and given != right:
            retry(f"「{case}」に返る月の順が、表の順と違います。")
        if given != right:
            retry(
                f"「{case}」に返る行が合いません。{len(given)}行が返りました。{hint}を見てください。"
            )
    return "答えは翌月末に出るので、警報が鳴るのは予測した月の1か月後です。"


def row_names(reply: Answer, case: str) -> list[str]:
    value = reply.value
    if value is None:
        retry(f"「{case}」を渡すと、`None`が返ります。`return`でリストを返します。")
    if isinstance(value, pd.DataFrame) or (
        isinstance(value, pd.Series) and not pd.api.types.is_string_dtype(value)
    ):
        retry(f"「{case}」に返ったのが、値の入った表か列です。行の名前は`.index`に並んでいます。")
    if isinstance(value, str):
        retry(f"「{case}」に返ったのが、1つの文字列です。行の数によらず、リストで返します。")
    return [str(part.value) for part in sequence(Answer("find_alerts(…)", value), empty=True)]
