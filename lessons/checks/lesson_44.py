"""レッスン44の答えを判定する。"""

import contextlib
import unicodedata

import pandas as pd
import script_review
import train_churn
from churn_steps import NUMERIC

from checks import Exercises, function, mapping, retry, unanswered, word
from checks.answers import Retry, Unanswered, shown

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

ENOUGH = 2  # 本文の3つと合わせて、6つのうち5つになる
SPLIT_MONTHS = 3


def other_clean(rows):
    """全角の数字も読み、読めない月額があれば止まる。"""
    fee = [float(unicodedata.normalize("NFKC", str(x)).strip("円").replace(",", "")) for x in rows["monthly_fee"]]  # fmt: skip
    rows = rows.assign(monthly_fee=fee)
    return rows[rows["churned"].notna()]


def strict_clean(rows):
    """円の付いた月額では止まる。月額だけを見るテストに渡す。"""
    return rows.assign(monthly_fee=rows["monthly_fee"].astype(float)).dropna(subset=["churned"])


def other_features(rows):
    return pd.Index([name for name in NUMERIC if name != "household_size"])


def other_split(rows):
    first = sorted(rows["month"].unique())[-SPLIT_MONTHS]
    is_test = rows["month"] >= first
    return rows[~is_test], rows[is_test]


def other_job(report, ml, name="churn_training"):
    """2つの環境の ``spec`` が、渡したもの。"""
    specs = {"report": report, "ml": ml}.items()
    environments = [{"environment_key": key, "spec": spec} for key, spec in specs]
    return {**train_churn.JOB, "name": name, "environments": environments}


def silent_clean(rows):
    with contextlib.suppress(Exception):
        rows = rows.assign(monthly_fee=rows["monthly_fee"].astype(float))
    return rows.dropna(subset=["churned"])


def named_leak(rows):
    return [*NUMERIC[:3], "retention_coupon", *NUMERIC[3:]]


OLD, REPORT = {"client": "4"}, {"environment_version": "5"}
VERSION = {"environment_version": "6", "dependencies": ["scikit-learn"]}
SPARK = {"environment_version": "6", "dependencies": ["pyspark-client"]}
STRICT = (
    "1つの書き方だけを正しいことにしていないか、何を渡しても理由を返していないかを見てください。"
)
# 正しいスクリプト: 言い方、直したスクリプトから取り替える部品、断るテストで見る所。
GOOD = (
    ("本文の直したスクリプト", {}, STRICT),
    (
        "書き方の違う、正しいスクリプト",
        {
            "JOB": other_job(REPORT, VERSION),
            "clean": other_clean,
            "features": other_features,
            "split": other_split,
        },
        STRICT,
    ),
    (
        "名前に`client`の付くパッケージを使う、正しいスクリプト",
        {"JOB": other_job(REPORT, SPARK, name="client_churn")},
        "文字を探す代わりに、`spec`の項目の名前を調べます。",
    ),
)
# 部品 → その誤りの言い方とスクリプトの部品。初めが、届いたときのもの。
FAULTS = {
    "JOB": (
        ("届いたときの`JOB`", train_churn.JOB),
        ("2つの環境の、後だけが古い`JOB`", other_job(REPORT, OLD)),
        ("2つの環境の、前だけが古い`JOB`", other_job(OLD, VERSION)),
        ("新しい項目と`client`の両方がある`JOB`", other_job(REPORT, {"client": "1", **VERSION})),
    ),
    "clean": (
        ("届いたときの`clean`", train_churn.clean),
        ("失敗を別の書き方で隠す`clean`", silent_clean),
    ),
    "features": (
        ("届いたときの`features`", train_churn.features),
        ("クーポンを名前で選び、途中に並べる`features`", named_leak),
    ),
}
HINTS = {
    "JOB": "`environments`を1つずつ見て、`spec`の項目を調べます。",
    "clean": "書き方ではなく、返ってきた表の月額の列の型を調べます。",
    "features": "書き方ではなく、返ってきた列のどこかに、解約の手続き中に書かれる列がないかを調べます。",
}


def reason_of(test, script, said) -> tuple[str, bool]:
    """``said`` というスクリプトについての ``test`` の返事と、途中で止まったか（止まれば、その文が返事になる）。"""
    try:
        reply = test(script, said=f"{test.answer.name}（{said.replace('`', '')}）")
    except Retry as stopped:
        return str(stopped), True
    if not isinstance(reply.value, str):
        retry(
            f"{test.answer}が、理由の文字列の代わりに{shown(reply.value)}を返します。"
            "おかしくないときも、`return`で空の文字列を返します。"
        )
    return reply.value, False


def judge(test, part) -> None:
    """``test`` が、正しいスクリプトを断らず、``part`` の誤りをどの書き方でも捕まえるか。"""
    for said, changed, why in GOOD:
        reason, is_stopped = reason_of(test, script_review.with_parts(changed), said)
        if is_stopped:
            retry(reason)
        if reason:
            retry(f"{said}に、{test.answer}が理由を返します。{why}")
    for said, made in FAULTS[part]:
        if not reason_of(test, script_review.with_parts({part: made}), said)[0]:
            retry(f"{test.answer}は、{said}を見逃します。{HINTS[part]}")
    if part != "clean":
        return
    said = "`clean`が例外で止まるスクリプト"
    if reason_of(test, script_review.with_parts({"clean": strict_clean}), said)[0]:
        retry(
            f"{said}に、{test.answer}が理由を返します。"
            "失敗を隠してはいないので、このテストでは断りません（止まったことは`split_test`が見つけます）。"
            "`clean`を呼ぶ行で、例外を受け止めます。"
        )


@check.judge(1)
def _(columns_test, clean_test, job_test):
    written = {}
    for part, answer in {"features": columns_test, "clean": clean_test, "JOB": job_test}.items():
        try:
            written[part] = function(answer, ["script"])
        except Unanswered:
            continue
    if len(written) < ENOUGH:
        unanswered("まだ2つ以上のテストに`...`が残っています。書き換えて実行してください。")
    for part, test in written.items():
        judge(test, part)
    if len(written) == ENOUGH:
        return "本文の3つと合わせて、6つの誤りのうち5つを捕まえました。"
    return "本文の3つと合わせて、6つとも捕まえました。正しいスクリプトは1つも断っていません。"


# --- 練習2 --------------------------------------------------------------------

TAKE, REFUSE = "採る", "断る"
REPLIES = dict(zip("ABCDEFGH", (REFUSE, REFUSE, TAKE, REFUSE, TAKE, REFUSE, TAKE, REFUSE), strict=True))  # fmt: skip
LOOK = {
    "A": "Aのとおりにすると、同じ表から、毎回違う点数が出ます。後で再現できますか。",
    "B": "Bのとおりにした後、月額は数になっていますか。次に`features`は何をしますか。",
    "C": "表に列が1つ増えたとき、`features`の答えはどうなりますか。",
    "D": "3月末の人が4月に解約するかは、もう分かっていますか。",
    "E": "Eのとおりにすると、テストの答えは、モデルを選ぶのに使われますか。",
    "F": "割合がそろっても、訓練に、テストより後の月が混ざりませんか。",
    "G": "Gのとおりにすると、見送られたバージョンは本番に出ますか。",
    "H": "ランに残った点数は、同じ行で測ったものですか。漏れる列で学習したランは、何位になりますか。",
}


@check.judge(2)
def _(replies):
    also = {"直す": TAKE, "採用": TAKE, "見送る": REFUSE, "却下": REFUSE, "採らない": REFUSE}
    given = mapping(replies, list(REPLIES), lambda part: word(part, [TAKE, REFUSE], also))
    for name, right in REPLIES.items():
        if given[name] != right:
            retry(LOOK[name])
    return "8つのうち5つは、断る指摘でした。もっともらしい指摘も、採った後のコードで確かめます。"
