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
# 電話をかける相手は会員で、月末に契約が残っている人です。
# 手続きは記録に残るので、当たり外れを後から確かめられます。
# 期限は14日より長く、31日以内なら正解です。
# 短ければ誰にも電話が間に合わず、長ければ次の一覧と重なります。

# %% 解答 1
question = {
    "unit": "会員",
    "population": "月末に契約中の会員",
    "event": "退会の手続きをする",
    "horizon_days": 31,
}

# %% [markdown]
# 満足していないかどうかは、記録に残りません。
# 店長の関心には近くても、答え合わせのできない問いです。

# %% 誤答 1
question = {
    "unit": "会員",
    "population": "月末に契約中の会員",
    "event": "満足していない",
    "horizon_days": 31,
}

# %% [markdown]
# 7日先では、電話の準備が終わる前に退会の日が来ます。

# %% 誤答 1b
question = {
    "unit": "会員",
    "population": "月末に契約中の会員",
    "event": "退会の手続きをする",
    "horizon_days": 7,
}

# %% [markdown]
# もう退会した人を相手にしています。
# 学習の材料にはなっても、これから電話をかける相手ではありません。

# %% 誤答 1c
question = {
    "unit": "会員",
    "population": "退会した会員",
    "event": "退会の手続きをする",
    "horizon_days": 31,
}


# %% 別解 1
question = pd.Series(
    {
        "unit": "「会員」",
        "population": "月末に契約中の会員 ",
        "event": "退会の手続きをする",
        "horizon_days": 30,
    }
)

# %% 別解 1b
question = dict(
    horizon_days=np.float64(28),
    event="退会の手続きをする",
    population="月末に契約中の会員",
    unit="会員",
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
needs_human = lambda value: not radius.between(value, value).any() and (
    np.clip(value, radius.min(), radius.max()) != value
)


# %% 別解 2b
def needs_human(size):
    ordered = sorted(radius)
    return size < ordered[0] or ordered[-1] < size


# %% 裏付け
overall = total["stayed"] / total["sent"]
assert [round(rate, 2) for rate in overall] == [0.76, 0.58]
assert (rates["B"] > rates["A"]).all()
assert (rates["A"] * customers).sum() < campaigns["stayed"].sum() < (rates["B"] * customers).sum()

# %% 裏付け 2
assert seen == [1.0] * len(wrong_rates)
assert 0.88 < unseen[0] < 0.94
assert unseen[0] - unseen[-1] > 0.2 and unseen == sorted(unseen, reverse=True)
assert (clean_model.predict_proba(nonsense).max(axis=1) == 1).all() and lowest == 1
