# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 機械学習とは何か

# %% [markdown]
# 返済と星は区分、販売数と家賃は数を当てます。
# 読者と店には、まとめ方の答えがありません。
# ポンプは故障の記録がないので、いつもと違う日を探すところから始めます。

# %% 解答 1
kinds = {
    "loan": "分類",
    "bento": "回帰",
    "readers": "クラスタリング",
    "pump": "異常検知",
    "stars": "分類",
    "elevator": "強化学習",
    "rent": "回帰",
    "stores": "クラスタリング",
}

# %% [markdown]
# 星は1から5の数なので、回帰と思いたくなります。
# 当てるのは「4以上かどうか」という区分です。

# %% 誤答 1
kinds = {
    "loan": "分類",
    "bento": "回帰",
    "readers": "クラスタリング",
    "pump": "異常検知",
    "stars": "回帰",
    "elevator": "強化学習",
    "rent": "回帰",
    "stores": "クラスタリング",
}

# %% [markdown]
# まとめることと、区分を当てることを取り違えています。
# 読者と店には、過去の「正しい組」の記録がありません。

# %% 誤答 1b
kinds = {
    "loan": "分類",
    "bento": "回帰",
    "readers": "分類",
    "pump": "異常検知",
    "stars": "分類",
    "elevator": "強化学習",
    "rent": "回帰",
    "stores": "分類",
}

# %% [markdown]
# 桁をそろえてから、6通りを試します。
# 4組までは1組増やすたびに大きく減り、5組では少ししか減りません。

# %% 解答 2
other_scaled = StandardScaler().fit_transform(other)
spreads = {
    k: KMeans(n_clusters=k, n_init=10, random_state=0).fit(other_scaled).inertia_
    for k in range(2, 8)
}
n_groups = 4

# %% [markdown]
# 桁をそろえていません。
# 円の列だけで組が決まり、来店回数は無視されます。

# %% 誤答 2
spreads = {
    k: KMeans(n_clusters=k, n_init=10, random_state=0).fit(other).inertia_ for k in range(2, 8)
}
n_groups = 4

# %% [markdown]
# 離れ方が最も小さい数を選んでいます。
# 増やせば必ず減るので、この選び方ではいつも最大の数になります。

# %% 誤答 2b
other_scaled = StandardScaler().fit_transform(other)
spreads = {
    k: KMeans(n_clusters=k, n_init=10, random_state=0).fit(other_scaled).inertia_
    for k in range(2, 8)
}
n_groups = min(spreads, key=spreads.get)

# %% [markdown]
# 大きいほうから30番目の値を、しきい値にします。
# その値以上の取引が、ちょうど30件になります。

# %% 解答 3
limit = np.sort(strangeness)[-30]

# %% [markdown]
# 小さいほうから30番目です。
# ほとんどの取引が調査係に回ります。

# %% 誤答 3
limit = np.sort(strangeness)[30]

# %% [markdown]
# 最も変わった1件だけを回しています。
# 外れは少なくなりますが、調べられる29件分を使っていません。

# %% 誤答 3b
limit = strangeness.max()

# %% 裏付け
accuracy = {name: (answer == new["churned"]).mean() for name, answer in results.items()}
assert accuracy["石井さんの規則"] < accuracy["いつも「解約しない」"] < accuracy["決定木"]
caught = new[by_tree == 1]
assert (caught["hours"].max() < 7) and (caught["months"].max() < 16)
assert caught["churned"].sum() > new["churned"].sum() / 2

# %% 裏付け 2
assert np.abs(linear.coef_ - [52, -45, -38]).max() < 10
answers = judge.predict_proba(pairs.transform(arrived))[:, 1]
assert (answers[:2] > 0.9).all() and answers[2] < 0.1
assert {"無料", "今す"} <= set(clues.tail(6).index) and "会議" in clues.head(6).index

# %% 裏付け 3
drops = [KMeans(n_clusters=k, n_init=10, random_state=0).fit(scaled).inertia_ for k in range(1, 5)]
assert drops[1] < drops[0] / 2 and drops[2] < drops[1] / 2 and drops[3] > drops[2] * 0.7
table = pd.crosstab(diagnosis, pd.Series(groups, name="組"))
assert table.max(axis=1).sum() > 0.85 * len(diagnosis)
assert fraud[top].sum() > 5 * max(1, fraud[by_chance].sum())

# %% 裏付け 4
assert learning_curve[-1] > random_curve[-1] + 0.02
assert mostly_best.argmax() == 2
assert learning_curve[-1] < max(true_rates) + 0.005
assert random_mean[-1] + 0.01 < learning_mean[-1] < max(true_rates) - 0.002
