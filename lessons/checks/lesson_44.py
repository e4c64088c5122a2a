"""レッスン44の答えを判定する。"""

import contextlib
import unicodedata
from types import SimpleNamespace

import pandas as pd
import script_review
import train_churn
import train_churn_fixed
from churn_steps import NUMERIC
from pandas.util import hash_pandas_object

from checks import Exercises, function, mapping, retry, sequence, word
from checks.answers import Retry

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

ENOUGH = 5
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


def other_job(spec):
    """2つの環境のうち、後の1つの ``spec`` が、渡したもの。"""
    environments = [
        {"environment_key": "report", "spec": {"environment_version": "5"}},
        {"environment_key": "ml", "spec": spec},
    ]
    return {**train_churn.JOB, "environments": environments}


def silent_clean(rows):
    with contextlib.suppress(Exception):
        rows = rows.assign(monthly_fee=rows["monthly_fee"].astype(float))
    return rows.dropna(subset=["churned"])


def named_leak(rows):
    return [*NUMERIC, "retention_coupon"]


def sampled(rows):
    train = rows.sample(frac=0.8, random_state=0)
    return train, rows.drop(train.index)


def tuned_on_test(train, test, columns):
    """テストの行で設定を選び、訓練の行で学習し直す。"""
    scores = {
        strength: train_churn_fixed._auc(
            train_churn_fixed._fit(train, columns, strength), test, columns
        )
        for strength in (0.01, 10)
    }
    best = train_churn_fixed._fit(train, columns, max(scores, key=scores.get))
    return best, max(scores.values())


def promote_last(client, name):
    versions = client.search_model_versions(f"name = '{name}'")
    client.set_registered_model_alias(name, "production", versions[-1].version)


VERSION = {"environment_version": "6", "dependencies": ["scikit-learn"]}
# 正しいスクリプト: 言い方、直したスクリプトから取り替える部品。
GOOD = (
    ("本文の直したスクリプト", {}),
    (
        "書き方の違う、正しいスクリプト",
        {
            "JOB": other_job(VERSION),
            "clean": other_clean,
            "features": other_features,
            "split": other_split,
        },
    ),
)
# 部品 → 同じ誤りの、別の書き方。
OTHER_WAYS = {
    "JOB": other_job({"client": "4", "dependencies": ["scikit-learn"]}),
    "clean": silent_clean,
    "features": named_leak,
    "split": sampled,
    "tune": tuned_on_test,
    "promote": promote_last,
}
STOPPED = "途中で止まりました"  # テストが止まった時の文にある言葉
MODELS: dict = {}  # tune → 渡された表と列 → 返したもの
WHERE = {
    "JOB": "`JOB`の`environments`を1つずつ見て、`spec`の項目を調べます。",
    "clean": "`clean(small)`が返す表で、月額の列の型を見てください。",
    "features": "`features(small)`が返す列に、解約の手続き中に書かれる列がないか見てください。",
    "split": "本文の`split_test`を`my_tests`に入れていますか。",
    "tune": "本文の`tune_test`を`my_tests`に入れていますか。",
    "promote": "本文の`promote_test`を`my_tests`に入れていますか。",
}


def quick(script):
    """``tune`` が、同じ表と列では学習し直さないスクリプト。答えは同じで、速く終わる。"""
    known = MODELS.setdefault(script.tune, {})

    def tune(train, test, columns):
        try:
            used = [rows[[*columns, "churned"]] for rows in (train, test)]
            key = (tuple(columns), *(hash_pandas_object(rows).sum() for rows in used))
        except (KeyError, TypeError):  # 見分けられない表と列
            return script.tune(train, test, columns)
        if key not in known:
            known[key] = script.tune(train, test, columns)
        return known[key]

    return SimpleNamespace(**{**vars(script), "tune": tune})


def reason_of(test, script) -> str:
    """``script`` についての ``test`` の返事。途中で止まれば、止まったことが返事になる。"""
    try:
        reply = test(quick(script))
    except Retry as stopped:
        return str(stopped)
    if not isinstance(reply.value, str):
        retry(
            f"`{name_of(test)}`が、理由の文字列の代わりに`{reply.value!r}`を返します。"
            "おかしくないときも、`return`で空の文字列を返します。"
        )
    return reply.value


def name_of(test) -> str:
    return getattr(test.answer.value, "__name__", "テスト")


def refuse_false_alarms(tests) -> None:
    """正しいスクリプトに、理由を返すテストがないか。"""
    for said, changed in GOOD:
        for test in tests:
            if reason := reason_of(test, script_review.with_parts(changed)):
                retry(f"{said}に、`{name_of(test)}`が理由を返します。{_why_alarm(test, reason)}")


def _why_alarm(test, reason) -> str:
    if STOPPED in reason:
        return reason
    if all(reason_of(test, script_review.with_fault(part)) for part in script_review.PARTS):
        return "何を渡しても、理由を返していませんか。"
    return "1つの書き方だけを正しいことにしていませんか。"


def caught(tests, part) -> list[list[bool]]:
    """``part`` の誤りを、どのテストが捕まえるか。届いたときの書き方と、別の書き方のそれぞれ。"""
    other = script_review.with_parts({part: OTHER_WAYS[part]})
    scripts = (script_review.with_fault(part), other)
    return [[bool(reason_of(test, script)) for test in tests] for script in scripts]


@check.judge(1)
def _(my_tests):
    tests = [function(one, ["script"]) for one in sequence(my_tests, form="テストのリスト")]
    refuse_false_alarms(tests)
    found = {part: caught(tests, part) for part in script_review.PARTS}
    missed = [part for part, ways in found.items() if not all(map(any, ways))]
    if len(missed) > len(script_review.PARTS) - ENOUGH:
        part = missed[0]
        if any(found[part][0]):
            retry(
                f"`{part}`の同じ誤りを別の書き方にすると、見逃します。"
                "コードの文字や、1つの環境だけを見ていませんか。動かした結果をすべて調べます。"
            )
        names = "、".join(f"`{one}`" for one in missed)
        retry(f"まだ捕まらない誤りが{names}にあります。{WHERE[part]}")
    for place, test in enumerate(tests):
        only = [part for part, ways in found.items() if ways[0][place]] == ["clean"]
        if only and reason_of(test, script_review.with_parts({"clean": strict_clean})):
            retry(
                f"読めない月額で止まるスクリプトに、`{name_of(test)}`が理由を返します。"
                "`clean`を`try`の中で呼び、止まったときは空の文字列を返します。"
            )
    if missed:
        return f"6つのうち5つを捕まえました。残りは`{missed[0]}`にあります。"
    return "6つとも捕まえ、正しいスクリプトは1つも断りませんでした。"


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
    return "半分は断る指摘でした。もっともらしい指摘も、採った後のコードで確かめます。"
