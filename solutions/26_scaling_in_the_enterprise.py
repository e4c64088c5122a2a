# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 企業内でスケールさせる

# %% [markdown]
# 取り込みが止まったことも、時刻が混ざったことも、表ができるまでの話なのでDEです。

# %% 解答 1
owners = {
    "a": "DE",
    "b": "DS/ML",
    "c": "セキュリティ",
    "d": "プラットフォーム",
    "e": "BI",
    "f": "DE",
}

# %% [markdown]
# 取り込みが止まったことを、基盤の事故と見ています。
# 基盤は動いていて、止まったのはその上のデータの流れです。

# %% 誤答 1
owners = {
    "a": "プラットフォーム",
    "b": "DS/ML",
    "c": "セキュリティ",
    "d": "プラットフォーム",
    "e": "BI",
    "f": "DE",
}

# %% [markdown]
# 使う人に最も近いチームに、時刻の混ざりを直させています。
# 画面で直すと、ほかの使い道では混ざったままです。

# %% 誤答 1b
owners = {
    "a": "DE",
    "b": "DS/ML",
    "c": "セキュリティ",
    "d": "プラットフォーム",
    "e": "BI",
    "f": "BI",
}

# %% 別解 1
owners = pd.Series(
    [
        "DE（データエンジニアリング）",
        "DS/ML（データサイエンス・機械学習）",
        "セキュリティ/インフラ",
        "プラットフォーム",
        "BI/アナリティクス",
        "ＤＥ",
    ],
    index=list("abcdef"),
)

# %% 別解 1b
owners = dict.fromkeys("af", "DE")
owners |= dict(zip("becd", [teams[0], teams[2], teams[3], teams[4]], strict=True))

# %% [markdown]
# 手間1週当たりの価値が大きい順に並べます。

# %% 解答 2
per_week = cases.assign(per_week=cases["value"] / cases["weeks"])
order = per_week.sort_values("per_week", ascending=False)["name"].tolist()

# %% [markdown]
# 価値だけで並べています。
# 手間の大きい候補が先に来て、長い間、何も生まれません。

# %% 誤答 2
order = cases.sort_values("value", ascending=False)["name"].tolist()

# %% [markdown]
# 並べる向きが逆です。
# 1週当たりの価値が小さいものから作っています。

# %% 誤答 2b
per_week = cases.assign(per_week=cases["value"] / cases["weeks"])
order = per_week.sort_values("per_week")["name"].tolist()

# %% [markdown]
# 物差しを使わず、良さそうな2つだけを前に出しています。
# 2つの順番には勝てても、残りの並べ方で損をします。

# %% 誤答 2c
front = ["解約の改善", "広告の配分"]
rest = cases[~cases["name"].isin(front)].sort_values("weeks", kind="stable")["name"]
order = [*front, *rest]

# %% 別解 2
ranked = sorted(cases.itertuples(), key=lambda case: case.weeks / case.value)
order = tuple(case.name for case in ranked)

# %% 別解 2b
order = cases.set_index("name").eval("value / weeks").sort_values().index[::-1]

# %% 裏付け
assert separate[0] == shared[0] and separate[-1] > 1.5 * shared[-1]
assert 3 * 52 * 0.1 < separate[-1] - shared[-1] < 3 * 52
assert total_value(by_weeks) > total_value(by_value)
assert cases["weeks"].sum() <= 104
assert check_raci(raci) == []
assert raci["DS/ML"].str.contains("A").sum() == 3
lead = [total_value(by_weeks, week) - total_value(by_value, week) for week in weeks]
assert total_value(by_value, 20) == 0 < total_value(by_weeks, 20)
assert max(lead) > 4 * lead[-1] > 0
assert cases.loc[cases["value"].idxmax(), "name"] == "在庫の予測"
assert cases.loc[cases["weeks"].idxmax(), "name"] == "在庫の予測"

# %% 裏付け 2
from checks.lesson_26 import CASES
from checks.lesson_26 import total_value as judged

assert [(case.name, case.value, case.weeks) for case in cases.itertuples()] == [
    (name, *case) for name, case in CASES.items()
]
assert int(judged(list(by_value), CASES)) == total_value(by_value)
