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
# | 課題 | 種類 | そう言える理由 |
# |---|---|---|
# | `loan` | 分類 | 返済されたかの記録があり、当てるのは返済されるかの区分 |
# | `bento` | 回帰 | 過去の販売数があり、当てるのは個数 |
# | `readers` | クラスタリング | まとめ方の正解がなく、似た読者を集めたい |
# | `pump` | 異常検知 | 故障の記録がなく、いつもと違う日を探したい |
# | `stars` | 分類 | 星の記録があり、当てるのは4以上かどうかの区分 |
# | `elevator` | 強化学習 | 止まり方を選び、待ち時間という結果から選び方を直す |
# | `rent` | 回帰 | 過去の家賃があり、当てるのは金額 |
# | `stores` | クラスタリング | まとめ方の正解がなく、似た店を集めたい |
#
# 条件が変わると、ポンプと店には「知りたい答えの列」ができるので、どちらも分類に移ります。
# 星の平均は区分ではなく数なので、回帰です。
# 題材ではなく、記録にある列と、当てるものの形が種類を決めています。

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
changed = {"pump": "分類", "stars": "回帰", "stores": "分類"}

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
changed = {"pump": "分類", "stars": "回帰", "stores": "分類"}

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
changed = {"pump": "分類", "stars": "回帰", "stores": "分類"}

# %% [markdown]
# 条件が変わっても、ポンプは異常検知のままだと考えています。
# 故障の記録がたまれば、故障した日としない日を見分ける分類にできます。

# %% 誤答 1c
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
changed = {"pump": "異常検知", "stars": "回帰", "stores": "クラスタリング"}

# %% 別解 1
supervised, found = "教師あり（{}）", "教師なし（{}）"
kinds = {
    "loan": supervised.format("分類"),
    "bento": supervised.format("回帰"),
    "readers": found.format("クラスタリング"),
    "pump": found.format("異常検知"),
    "stars": supervised.format("分類"),
    "elevator": "強化学習",
    "rent": supervised.format("回帰"),
    "stores": found.format("クラスタリング"),
}
changed = pd.Series(["分類", "回帰 ", "分類"], index=["stores", "stars", "pump"])

# %% 別解 1b
kinds = {name: "分類" for name in ["loan", "stars"]}
kinds |= {name: "回帰" for name in ["bento", "rent"]}
kinds |= {name: "ｸﾗｽﾀﾘﾝｸﾞ" for name in ["readers", "stores"]}
kinds |= {"pump": "異常検知", "elevator": "強化学習"}
changed = {**kinds, "pump": "分類", "stars": "回帰", "stores": "分類"}

# %% [markdown]
# 桁をそろえてから、6通りを試します。
# 4組までは1組増やすたびに大きく減り、5組では少ししか減りません。

# %% 解答 2
other_scaled = StandardScaler().fit_transform(other[["visits", "payment"]])
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
# 本文の`scaled`をそのまま使っています。
# 桁はそろっていますが、別のカフェの会員ではありません。

# %% 誤答 2c
spreads = {}
for k in range(2, 8):
    fitted = KMeans(n_clusters=k, n_init=10, random_state=0).fit(scaled)
    spreads[k] = fitted.inertia_
n_groups = 4

# %% 別解 2
even = (other - other.mean()) / other.std()
models = [KMeans(k, n_init=10, random_state=0).fit(even) for k in range(2, 8)]
spreads = pd.Series([round(-model.score(even), 1) for model in models], index=range(2, 8))
n_groups = np.int64(4)

# %% 別解 2b
from sklearn.pipeline import make_pipeline

spreads = {}
for k in np.arange(2, 8):
    grouping = make_pipeline(StandardScaler(), KMeans(int(k), n_init=10, random_state=0))
    spreads[k] = grouping.fit(other[["payment", "visits"]])[-1].inertia_
n_groups = 4.0

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

# %% [markdown]
# 番号は0から数えるので、大きい順の`[30]`は31番目です。
# 「以上」を回すと31件になり、調べきれません。

# %% 誤答 3c
limit = np.sort(strangeness)[::-1][30]

# %% 別解 3
limit = np.array(np.quantile(strangeness, 0.97))

# %% 別解 3b
limit = payments.assign(s=strangeness).nlargest(30, "s")["s"].tail(1)

# %% 裏付け
accuracy = {name: (answer == new["churned"]).mean() for name, answer in results.items()}
assert accuracy["石井さんの規則"] < accuracy["いつも「解約しない」"] < accuracy["決定木"]
caught = new[by_tree == 1]
assert (caught["hours"].max() < 7) and (caught["months"].max() < 16)
assert caught["churned"].sum() > new["churned"].sum() * 0.6
listed_by_hand = new["churned"][by_hand == 1]
assert 0 < listed_by_hand.sum() < (listed_by_hand == 0).sum()
assert abs(tree.tree_.threshold[0] - 15) < 1 and abs(tree.tree_.threshold[1] - 6) < 0.5
assert listed_by_hand.sum() < caught["churned"].sum()

# %% 裏付け 2
assert np.abs(linear.coef_ - [52, -45, -38]).max() < 10
assert ((chances >= 0.5) == truth).sum() > (truth == 0).sum() and 0.2 < chances[-1] < 0.8
assert {"無料", "今す"} <= set(clues.tail(6).index) and "会議" in clues.head(6).index

# %% 裏付け 3
drops = [KMeans(n_clusters=k, n_init=10, random_state=0).fit(scaled).inertia_ for k in range(1, 5)]
assert drops[1] < drops[0] / 2 and drops[2] < drops[1] / 2 and drops[3] > drops[2] * 0.7
table = pd.crosstab(diagnosis, pd.Series(groups, name="組"))
assert table.max(axis=1).sum() > 0.85 * len(diagnosis)
assert fraud[top].sum() > 5 * max(1, fraud[by_chance].sum())
false_alarms = payments.iloc[top][fraud[top] == 0]
assert (false_alarms["hour"] > 9).any() and (false_alarms["hour"] < 3).any()

# %% 裏付け 4
assert learning_curve[-1] > random_curve[-1] + 0.02
assert mostly_best.argmax() == 2
assert learning_curve[-1] < max(true_rates) + 0.005
assert random_mean[-1] + 0.01 < learning_mean[-1] < learning_curve[-1] - 0.005

# %% 裏付け 5
from checks.lesson_12 import other_members, scored_payments

pd.testing.assert_frame_equal(other, other_members())
assert np.array_equal(strangeness, scored_payments()[0])
assert np.array_equal(fraud, scored_payments()[1])
