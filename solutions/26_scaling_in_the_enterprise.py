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
# 会議で決まった6つのマスだけを直します。
# 効果の報告は、下書きの文字を減らすだけでは足りません。
# 責任を使う側に移し、DS/MLとBIには手を動かすRを残します。

# %% 解答 1
fixed = raci.copy()
fixed.loc["モデルを登録する", "DS/ML"] = "AR"
fixed.loc["予測を使うと決める", "使う側"] = "AR"
fixed.loc["予測を使うと決める", "DS/ML"] = "C"
fixed.loc["効果を報告する", "使う側"] = "A"
fixed.loc["効果を報告する", ["DS/ML", "BI"]] = "R"

# %% [markdown]
# 文字の数だけを合わせています。
# `check_raci`は通りますが、予測を作ったチームが、自分の効果の数字に責任を持ったままです。

# %% 誤答 1
fixed = raci.copy()
fixed.loc["モデルを登録する", "DS/ML"] = "AR"
fixed.loc["予測を使うと決める", "使う側"] = "AR"
fixed.loc["予測を使うと決める", "DS/ML"] = "C"
fixed.loc["効果を報告する", "BI"] = "R"

# %% [markdown]
# 相談を受けるDS/MLを、知らされるだけのままにしています。
# 使うと決まった後で知らされても、その使い道に合わないモデルを止められません。

# %% 誤答 1b
fixed = raci.copy()
fixed.loc["モデルを登録する", "DS/ML"] = "AR"
fixed.loc["予測を使うと決める", "使う側"] = "AR"
fixed.loc["効果を報告する", "使う側"] = "A"
fixed.loc["効果を報告する", ["DS/ML", "BI"]] = "R"

# %% [markdown]
# 「最後に決める」を`A`だけで書き、手を動かす`R`を消しています。
# 手を動かすチームが最後に決めるときは、2つを並べます。

# %% 誤答 1c
fixed = raci.copy()
fixed.loc["モデルを登録する", "DS/ML"] = "A"
fixed.loc["予測を使うと決める", "使う側"] = "AR"
fixed.loc["予測を使うと決める", "DS/ML"] = "C"
fixed.loc["効果を報告する", "使う側"] = "A"
fixed.loc["効果を報告する", ["DS/ML", "BI"]] = "R"

# %% [markdown]
# 使う側に手を動かす役まで持たせ、計算するDS/MLと画面を作るBIを、知らされるだけにしています。

# %% 誤答 1d
fixed = raci.copy()
fixed.loc["モデルを登録する", "DS/ML"] = "AR"
fixed.loc["予測を使うと決める", "使う側"] = "AR"
fixed.loc["予測を使うと決める", "DS/ML"] = "C"
fixed.loc["効果を報告する"] = ["I", "I", "I", "I", "I", "AR"]

# %% 別解 1
fixed = pd.DataFrame(
    [
        ["C", "AR", "I", "C", "I", "I"],
        ["AR", "R", "C", "I", "I", "C"],
        ["RA", "I", "I", "I", "R", "I"],
        ["I", "C", "I", "AR", "R", "I"],
        ["C", "I", "I", "I", "I", "A/R"],
        ["R", "I", "R", "I", "I", "A"],
    ],
    index=raci.index,
    columns=teams,
)

# %% 別解 1b
decided = {
    ("モデルを登録する", "DS/ML"): "ar",
    ("予測を使うと決める", "使う側"): "ＡＲ",
    ("予測を使うと決める", "DS/ML"): "C ",
    ("効果を報告する", "使う側"): "A",
    ("効果を報告する", "DS/ML"): "R",
    ("効果を報告する", "BI"): "R",
}
fixed = raci[raci.columns[::-1]].copy()
for place, letters in decided.items():
    fixed.at[place] = letters

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
# 基準を決めずに、良さそうな2つだけを前に出しています。
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
assert len(check_raci(raci)) == 3 and check_raci(fixed) == []
for part in ("モデル", "使う画面"):
    assert work.loc[part, "初めて"] == work.loc[part, "使い回す"]
assert (work["使い回す"] < work["初めて"]).sum() == 4
assert total_value(by_weeks) > total_value(by_value)
assert cases["weeks"].sum() <= 104
assert total_value(by_value, 20) == 0 < total_value(by_weeks, 20)
assert cases.loc[cases["value"].idxmax(), "name"] == "在庫の予測"
assert cases.loc[cases["weeks"].idxmax(), "name"] == "在庫の予測"

# %% 裏付け 2
from checks.lesson_26 import CASES
from checks.lesson_26 import total_value as judged

assert [(case.name, case.value, case.weeks) for case in cases.itertuples()] == [
    (name, *case) for name, case in CASES.items()
]
assert int(judged(list(by_value), CASES)) == total_value(by_value)

# %% 裏付け 3
best = list(per_week.sort_values("per_week", ascending=False)["name"])
assert best[0] == "解約の改善"
for week in range(5, 105):
    others = [total_value(by_weeks, week), total_value(by_value, week)]
    assert total_value(best, week) > max(others), week
assert total_value(by_weeks, 4) > total_value(best, 4)
assert work["使い回す"].sum() == 10.5 and (cases["weeks"] < 10.5).sum() == 7
