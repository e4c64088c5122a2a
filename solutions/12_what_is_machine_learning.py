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
# | `refund` | 分類 | 返金になったかの記録があり、当てるのは返金になるかの区分 |
# | `freezer` | 異常検知 | 故障の記録がなく、いつもと違う日を探したい |
# | `stars` | 分類 | 星の記録があり、当てるのは4以上かどうかの区分 |
# | `coupon` | 強化学習 | 出し分けてみて、使われたかという結果から選び方を直す |
# | `minutes` | 回帰 | 過去にかかった分数があり、当てるのは分数 |
# | `towns` | クラスタリング | 曜日はまとめた後で決めるので正解がなく、似た町を集めたい |
#
# 条件が変わると、冷凍庫と町には「知りたい答えの列」ができるので、どちらも分類に移ります。
# 星の平均は区分ではなく数なので、回帰です。
# 題材ではなく、記録にある列と、当てるものの形が種類を決めています。

# %% 解答 1
kinds = {
    "refund": "分類",
    "freezer": "異常検知",
    "stars": "分類",
    "coupon": "強化学習",
    "minutes": "回帰",
    "towns": "クラスタリング",
}
changed = {"freezer": "分類", "stars": "回帰", "towns": "分類"}

# %% [markdown]
# 星は1から5の数なので、回帰と思いたくなります。
# 当てるのは「4以上かどうか」という区分です。

# %% 誤答 1
kinds = {
    "refund": "分類",
    "freezer": "異常検知",
    "stars": "回帰",
    "coupon": "強化学習",
    "minutes": "回帰",
    "towns": "クラスタリング",
}
changed = {"freezer": "分類", "stars": "回帰", "towns": "分類"}

# %% [markdown]
# 曜日は7つの区分なので、町を分類と考えています。
# まとめる時点では、どの町がどの曜日かという記録がまだありません。

# %% 誤答 1b
kinds = {
    "refund": "分類",
    "freezer": "異常検知",
    "stars": "分類",
    "coupon": "強化学習",
    "minutes": "回帰",
    "towns": "分類",
}
changed = {"freezer": "分類", "stars": "回帰", "towns": "分類"}

# %% [markdown]
# 条件が変わっても、冷凍庫は異常検知のままだと考えています。
# 故障の記録がたまれば、その日に故障するかを当てる分類にできます。

# %% 誤答 1c
kinds = {
    "refund": "分類",
    "freezer": "異常検知",
    "stars": "分類",
    "coupon": "強化学習",
    "minutes": "回帰",
    "towns": "クラスタリング",
}
changed = {"freezer": "異常検知", "stars": "回帰", "towns": "分類"}

# %% 別解 1
supervised, found = "教師あり（{}）", "教師なし（{}）"
kinds = {
    "refund": supervised.format("分類"),
    "freezer": found.format("異常検知"),
    "stars": supervised.format("分類"),
    "coupon": "強化学習",
    "minutes": supervised.format("回帰"),
    "towns": found.format("クラスタリング"),
}
changed = pd.Series(["分類", "回帰 ", "分類"], index=["towns", "stars", "freezer"])

# %% 別解 1b
kinds = {name: "分類" for name in ["refund", "stars"]}
kinds |= {"minutes": "回帰", "towns": "ｸﾗｽﾀﾘﾝｸﾞ", "freezer": "異常検知", "coupon": "強化学習"}
changed = {**kinds, "freezer": "分類", "stars": "回帰", "towns": "分類"}

# %% [markdown]
# `fit`には規則作りの`past`を、`predict`には採点に使う`new`を渡します。
# 列の選び方は、`fit`と`predict`で同じにします。
#
# `answers == 1`の行だけを選んで`churned`を足すと、一覧の中で解約した人数です。
# 同じ数え方をした2列の決定木の人数を引くと、苦情の列のおかげで増えた分が出ます。

# %% 解答 2
three = ["app_days", "months", "complaints"]
model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(past[three], past["churned"])
answers = model.predict(new[three])
gained = new["churned"][answers == 1].sum() - new["churned"][by_tree == 1].sum()

# %% [markdown]
# 採点に使う`new`で規則を作っています。
# 答えを見てから作った規則なので、成績は良く見えますが、初めて見る客でどうなるかは分かりません。

# %% 誤答 2
three = ["app_days", "months", "complaints"]
model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(new[three], new["churned"])
answers = model.predict(new[three])
gained = new["churned"][answers == 1].sum() - new["churned"][by_tree == 1].sum()

# %% [markdown]
# 一覧の人数の差を数えています。
# 増えた人の中には、解約しなかった人もいます。

# %% 誤答 2b
three = ["app_days", "months", "complaints"]
model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(past[three], past["churned"])
answers = model.predict(new[three])
gained = answers.sum() - by_tree.sum()

# %% [markdown]
# 質問の回数が、本文の2回のままです。
# 列は足しましたが、3つ目の質問ができません。

# %% 誤答 2c
three = ["app_days", "months", "complaints"]
model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(past[three], past["churned"])
answers = model.predict(new[three])
gained = new["churned"][answers == 1].sum() - new["churned"][by_tree == 1].sum()

# %% [markdown]
# `predict`に`past`を渡しています。
# どちらも300人なので止まりませんが、規則作りに使った人への答えです。

# %% 誤答 2d
three = ["app_days", "months", "complaints"]
model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(past[three], past["churned"])
answers = model.predict(past[three])
gained = past["churned"][answers == 1].sum() - new["churned"][by_tree == 1].sum()

# %% 別解 2
model = DecisionTreeClassifier(random_state=0, max_depth=3)
hints = members.columns.drop("churned")
model.fit(past[hints], past["churned"])
answers = (model.predict(new[hints]) == 1).tolist()
listed = new.assign(wide=answers, narrow=by_tree)
gained = len(listed.query("wide == 1 and churned == 1")) - len(
    listed.query("narrow == 1 and churned == 1")
)

# %% 別解 2b
from sklearn.metrics import confusion_matrix

wide = ["complaints", "months", "app_days"]
three_columns = DecisionTreeClassifier(max_depth=3, random_state=0)
answers = pd.Series(three_columns.fit(past[wide], past.churned).predict(new[wide]), new.index)
gained = float(
    confusion_matrix(new.churned, answers)[1, 1] - confusion_matrix(new.churned, by_tree)[1, 1]
)

# %% [markdown]
# 大きいほうから30番目の値を、しきい値にします。
# その値以上の注文が、ちょうど30件になります。

# %% 解答 3
limit = np.sort(strangeness)[-30]

# %% [markdown]
# 小さいほうから30番目です。
# ほとんどの注文が調査係に回ります。

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
assert len(past) == len(new) == 300
accuracy = {name: (answer == new["churned"]).mean() for name, answer in results.items()}
assert accuracy["石井さんの規則"] < accuracy["いつも「解約しない」"] < accuracy["決定木"]
listed_by_hand = new["churned"][by_hand == 1]
assert 0 < listed_by_hand.sum() < (listed_by_hand == 0).sum()
assert listed_by_hand.sum() < new["churned"].sum() / 2
in_box = new[by_tree == 1]
assert 0.73 < in_box["churned"].mean() < 0.79
assert (in_box["app_days"].max() == 9) and (in_box["months"].max() == 14)
assert in_box["churned"].sum() < new["churned"].sum() / 2
rules = export_text(tree, feature_names=columns)
assert rules.count("class: 1") == 1 and rules.rstrip().endswith("class: 0")
assert (tree.predict(new[new["app_days"] > 9][columns]) == 0).all()

# %% 裏付け 2
assert np.abs(linear.coef_ - [52, -45, -38]).max() < 10
assert ((chances >= 0.5) == truth).sum() > (truth == 0).sum() and 0.2 < chances[-1] < 0.8
assert {"無料", "今す"} <= set(clues.tail(6).index) and "会議" in clues.head(6).index
assert clues.abs().max() < 3.2

# %% 裏付け 3
drops = [KMeans(n_clusters=k, n_init=10, random_state=0).fit(scaled).inertia_ for k in range(1, 5)]
assert drops[1] < drops[0] * 0.7 and drops[2] < drops[1] / 2 and drops[3] > drops[2] * 0.7
centers = buyers.groupby("cluster").mean().sort_values(["payment"])
assert centers["orders"].iloc[1:].max() < 4 and centers["payment"].iloc[-1] > 7000
table = pd.crosstab(samples["diagnosis"], pd.Series(groups, name="組"))
assert table.max(axis=1).sum() > 0.85 * len(samples)
assert fraud[top].sum() > 5 * 20 * fraud.mean()
false_alarms = payments.iloc[top][fraud[top] == 0]
assert (false_alarms["hour"] > 9).any() and (false_alarms["hour"] < 3).any()
assert 0 < fraud[top].sum() < fraud.sum()

# %% 裏付け 4
means = {name: np.mean([curve for _, curve in runs], axis=0) for name, runs in trials.items()}
last = {name: curve[-1] for name, curve in means.items()}
assert last["毎回試す"] < last["試さない"] < last["1割だけ試す"] < max(true_rates)
assert last["1割だけ試す"] - means["1割だけ試す"][999] > 0.002
assert abs(last["試さない"] - means["試さない"][999]) < 0.002
assert abs(last["毎回試す"] - np.mean(true_rates)) < 0.002
settled = [sum(shown.argmax() == 2 for shown, _ in runs) for runs in trials.values()]
assert settled[1] == 50 - 7 and settled[2] < 30

# %% 裏付け 5
from checks.lesson_12 import scored_payments

assert np.array_equal(strangeness, scored_payments()[0])
assert np.array_equal(fraud, scored_payments()[1])
