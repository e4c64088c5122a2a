# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 生成AIの時代にデータサイエンスを学ぶ意義

# %% [markdown]
# 電話で引き止められるのは、一覧を作る日に契約中の人です。
# 解約は記録に残るので、当たり外れを後から確かめられます。
#
# 期間の始まりは、この一覧の電話がかかる15日目です。
# 終わりは、次の一覧を作る30日目ではありません。
# 次の一覧の電話は、その15日後の45日目までかからないからです。
# 44日目までの解約をこの一覧で当てれば、すき間も重なりもなくなります。

# %% 解答 1
question = {
    "相手": "契約中の全員",
    "出来事": "解約する",
    "何日目から": 15,
    "何日目まで": 44,
}

# %% [markdown]
# 一覧を作ってから次の一覧までの30日を、そのまま当てています。
# はじめの14日に解約する人は、当たっても電話が間に合いません。

# %% 誤答 1
question = {
    "相手": "契約中の全員",
    "出来事": "解約する",
    "何日目から": 1,
    "何日目まで": 30,
}

# %% [markdown]
# 次の一覧が、できた日から働くと考えています。
# 次の一覧にも準備の14日があるので、31日目から44日目までの解約には、どちらの電話も間に合いません。

# %% 誤答 1b
question = {
    "相手": "契約中の全員",
    "出来事": "解約する",
    "何日目から": 15,
    "何日目まで": 30,
}

# %% [markdown]
# 45日目の解約は、その日の朝に次の一覧の電話が間に合います。
# 2つの一覧に入り、同じ人に2度電話することになります。

# %% 誤答 1c
question = {
    "相手": "契約中の全員",
    "出来事": "解約する",
    "何日目から": 15,
    "何日目まで": 45,
}

# %% [markdown]
# 不満があるかどうかは、記録に残りません。
# 引き止めたい理由には近くても、答え合わせのできない問いです。

# %% 誤答 1d
question = {
    "相手": "契約中の全員",
    "出来事": "不満がある",
    "何日目から": 15,
    "何日目まで": 44,
}

# %% [markdown]
# もう解約した人を相手にしています。
# 規則を作る材料にはなっても、これから電話して引き止める相手ではありません。

# %% 誤答 1e
question = {
    "相手": "解約した全員",
    "出来事": "解約する",
    "何日目から": 15,
    "何日目まで": 44,
}

# %% 別解 1
first_call, cycle = 15, 30
question = pd.Series(
    {
        "相手": "「契約中の全員」",
        "出来事": "解約する ",
        "何日目から": first_call,
        "何日目まで": cycle + first_call - 1,
    }
)

# %% 別解 1b
import numpy as np

question = dict(
    何日目まで=44.0,
    何日目から=np.int64(15),
    出来事="解約する",
    相手="契約中の全員",
)

# %% [markdown]
# 小さい側と大きい側の両方を調べます。

# %% 解答 2
def needs_human(value):
    return value < radius.min() or value > radius.max()


# %% [markdown]
# 大きすぎる値だけを止めています。
# すべて0の検体が、そのままモデルに渡ります。

# %% 誤答 2
def needs_human(value):
    return value > radius.max()


# %% [markdown]
# 向きが逆です。
# 範囲の中の検体を人に回し、外れた検体をモデルに任せています。

# %% 誤答 2b
def needs_human(value):
    return radius.min() <= value <= radius.max()


# %% [markdown]
# 記録に同じ値があるかを調べています。
# 範囲の中でも、たまたま記録にない値が、すべて人に回ります。

# %% 誤答 2c
def needs_human(value):
    return value not in radius.values


# %% 別解 2
import numpy as np

needs_human = lambda value: not radius.between(value, value).any() and (
    np.clip(value, radius.min(), radius.max()) != value
)


# %% 別解 2b
def needs_human(size):
    ordered = sorted(radius)
    return size < ordered[0] or ordered[-1] < size


# %% 裏付け
assert [round(380 / 500, 2), round(290 / 500, 2)] == [0.76, 0.58]
from figures.campaigns import SENT as sent
from figures.campaigns import STAYED as stayed

for name in ["A", "B"]:
    rows = campaigns[campaigns["campaign"] == name].set_index("customer").loc[["1年未満", "1年以上"]]
    assert [*sent[name]] == [rows["sent"].sum(), *rows["sent"]]
    assert [*stayed[name]] == [rows["stayed"].sum(), *rows["stayed"]]
assert stayed["A"][0] / sent["A"][0] > stayed["B"][0] / sent["B"][0]
assert (rates["B"] > rates["A"]).all()
assert (rates["A"] * customers).sum() < campaigns["stayed"].sum() < (rates["B"] * customers).sum()
assert customers.sum() == 1000

# %% 裏付け 2
from figures.mislabeled import scores

seen, unseen, baseline = scores()
assert seen == [100] * len(seen)
assert 90 < unseen[0] and 57 < unseen[-1] < 65 and unseen == sorted(unseen, reverse=True)
assert abs(unseen[-1] - baseline) < 4
assert model.predict(nonsense).tolist() == [0, 1]

# %% 裏付け 3
only_radius = X_test.copy()
only_radius.loc[:, only_radius.columns != "mean_radius"] = 0
assert not only_radius["mean_radius"].map(needs_human).any()
assert (model.predict(only_radius) == 0).all()
# 採点に使う診断も同じ割合で書き間違えると、当たった割合が変わる
order = np.random.RandomState(0).permutation(len(y_train))[: len(y_train) // 5]
written = y_train.to_numpy().copy()
written[order] = 1 - written[order]
copied = DecisionTreeClassifier(random_state=0).fit(X_train, written)
graded = y_test.to_numpy().copy()
wrong = np.random.RandomState(0).permutation(len(graded))[: len(graded) // 5]
graded[wrong] = 1 - graded[wrong]
assert copied.score(X_test, y_test) - copied.score(X_test, graded) > 0.05
