# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: なぜMLOpsが必要か

# %% [markdown]
# 予算に必要なのは確率の大きさで、答えの出た翌月の末に確かめます。
# 契約の変化と電話の一覧は答えを待てないので、入力と予測を見ます。
# しきい値は、普段の5か月の端と、知りたい行の端の間に置きます。
# その間なら、どの値でも正解です。

# %% 解答 1
plan = {
    "予算": ["実際÷見込み", "翌月の末", 1.2],
    "契約の変化": ["新しい契約の月額", "その月の末", 6000],
    "電話の一覧": ["予測の平均", "その月の末", 0.1],
}

# %% [markdown]
# 予算をAUCで見張っています。
# AUCも10月に下がりましたが、人数がどれだけ足りないかは分かりません。

# %% 誤答 1
plan = {
    "予算": ["AUC", "翌月の末", 0.79],
    "契約の変化": ["新しい契約の月額", "その月の末", 6000],
    "電話の一覧": ["予測の平均", "その月の末", 0.1],
}

# %% [markdown]
# 実際が見込みを少しでも上回れば鳴らしています。
# 普段の月の揺れでも鳴るので、警報を誰も読まなくなります。

# %% 誤答 1b
plan = {
    "予算": ["実際÷見込み", "翌月の末", 1.0],
    "契約の変化": ["新しい契約の月額", "その月の末", 6000],
    "電話の一覧": ["予測の平均", "その月の末", 0.1],
}

# %% [markdown]
# 差のいちばん大きい10月に合わせています。
# これでは、差の縮んだ2月に鳴りません。

# %% 誤答 1c
plan = {
    "予算": ["実際÷見込み", "翌月の末", 1.5],
    "契約の変化": ["新しい契約の月額", "その月の末", 6000],
    "電話の一覧": ["予測の平均", "その月の末", 0.1],
}

# %% [markdown]
# 実際と見込みの比が、予測した月の末に分かることになっています。
# 翌月が終わるまで、誰が解約するかは分かりません。

# %% 誤答 1d
plan = {
    "予算": ["実際÷見込み", "その月の末", 1.2],
    "契約の変化": ["新しい契約の月額", "その月の末", 6000],
    "電話の一覧": ["予測の平均", "その月の末", 0.1],
}

# %% [markdown]
# 単位の間違いを、月額で見張ろうとしています。
# この警報は上回ったときに鳴るので、千円の表では静かなままです。

# %% 誤答 1e
plan = {
    "予算": ["実際÷見込み", "翌月の末", 1.2],
    "契約の変化": ["新しい契約の月額", "その月の末", 6000],
    "電話の一覧": ["新しい契約の月額", "その月の末", 1000],
}

# %% 別解 1
plan = pd.Series(
    {
        "電話の一覧": ("予測の平均", "月末", numbers["予測の平均"].drop("千円の7月").min() * 0.8),
        "契約の変化": ("「新しい契約の月額」", "その月の末 ", 5_800),
        "予算": ("実際÷見込み", "翌月末", 1.2),
    }
)

# %% 別解 1b
from fractions import Fraction

calm = numbers[:"2024-09"]
plan = {
    "予算": [numbers.columns[1], "翌月の末", Fraction(5, 4)],
    "契約の変化": [numbers.columns[2], "その月の末", calm["新しい契約の月額"].max() * 1.1],
    "電話の一覧": [numbers.columns[3], "その月の末", 0.08],
}


# %% [markdown]
# `loose_check`には、4つの穴がありました。
# 平均で1行の間違いを見落とし、空が1つでもあれば騒ぎ、引き算の向きが逆で、`elif`が2つ目の問題を飛ばします。

# %% 解答 2
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].min() < 1000:
        problems.append("monthly_feeが1000円より小さい行があります。")
    if batch["orders"].isna().mean() > 0.1:
        problems.append("ordersの1割より多くが空です。")
    if set(batch["channel"]) - set(churn.CHANNELS):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# 条件は3つとも直りましたが、`elif`が残っています。
# 2つ壊れた表で、片方を見落とします。

# %% 誤答 2
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].min() < 1000:
        problems.append("monthly_feeが安すぎます。")
    elif batch["orders"].isna().mean() > 0.1:
        problems.append("ordersの空が多すぎます。")
    elif set(batch["channel"]) - set(churn.CHANNELS):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# 空が1つでもあれば問題にしています。
# アンケートの未回答のような、いつもある空まで止めてしまいます。

# %% 誤答 2b
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].min() < 1000:
        problems.append("monthly_feeが安すぎます。")
    if batch["orders"].isna().any():
        problems.append("ordersの空が多すぎます。")
    if set(batch["channel"]) - set(churn.CHANNELS):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# 最小値ではなく平均を見ています。
# 全員が千円の単位なら見つかりますが、1行だけ間違っていても平均は下がりません。

# %% 誤答 2c
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].mean() < 1000:
        problems.append("monthly_feeが安すぎます。")
    if batch["orders"].isna().mean() > 0.1:
        problems.append("ordersの空が多すぎます。")
    if set(batch["channel"]) - set(churn.CHANNELS):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# 引き算の向きが逆で、正しい言葉のうち使われなかったものを探しています。
# 知らない言葉が1行だけ混ざった表では、正しい言葉がすべて残っているので見つかりません。

# %% 誤答 2d
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].min() < 1000:
        problems.append("monthly_feeが安すぎます。")
    if batch["orders"].isna().mean() > 0.1:
        problems.append("ordersの空が多すぎます。")
    if set(churn.CHANNELS) - set(batch["channel"]):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% 別解 2
def check_batch(batch):
    found = {
        "orders: 空が多い": batch["orders"].notna().mean() < 0.9,
        "MONTHLY_FEE: 安すぎる": (batch["monthly_fee"] < 1000).any(),
        "channel: 知らない言葉": not batch["channel"].isin(churn.CHANNELS).all(),
    }
    return tuple(sentence for sentence, bad in found.items() if bad)


# %% 別解 2b
def check_batch(batch):
    def problems():
        unknown = sorted({word for word in batch.channel if word not in churn.CHANNELS})
        if unknown:
            yield f"channelの{unknown}は、知らない言葉です。"
        if batch.orders.isnull().sum() * 10 > len(batch):
            yield f"ordersの{batch.orders.isnull().sum()}行が空です。"
        if min(batch.monthly_fee) < 1000:
            yield f"monthly_feeの最小値が{min(batch.monthly_fee)}円です。"

    return list(problems())


# %% 裏付け
normal_months, after = numbers[:"2024-09"], numbers["2024-10":"2025-02"]
gap = after["実際÷見込み"]
assert 1.25 < gap.min() and gap.is_monotonic_decreasing and 1.7 < gap["2024-10"] < 1.8
assert numbers.loc["2024-09", "実際÷見込み"] < 1.1
assert 0.005 < by_month["churned"].iloc[0] - by_month["predicted"].iloc[0] < 0.015
assert by_month["predicted"].max() - by_month["predicted"].min() < 0.02
assert 0.55 < 1 / gap["2024-10"] < 0.65
assert after["AUC"].max() < normal_months["AUC"].min() - 0.01

# %% 裏付け 2
miss = split["実際の解約"] - split["解約の見込み"]
assert miss["前からの顧客"] > 0.9 * miss.sum()
new = split.loc["値上げ後の契約"]
assert 0 < new["実際の解約"] - new["解約の見込み"] < 0.2 * new["解約の見込み"]
fee_before, fee_after = normal_months["新しい契約の月額"], after["新しい契約の月額"]
assert fee_after.min() - fee_before.max() > 4 * (fee_before.max() - fee_before.min())
assert abs(october_mean / september - 1) < 0.05
assert abs(after["予測の平均"] / normal_months["予測の平均"].mean() - 1).max() < 0.06

# %% 裏付け 3
former = {
    month: one[one["tenure_months"] > (month.year - 2024) * 12 + month.month - 9]
    for month, one in watched[watched["month"] >= "2024-10-01"].groupby("month")
}
for one in former.values():
    assert 1.75 < one["churned"].sum() / one["predicted"].sum() < 1.95
stayed = pd.Series({month: len(one) for month, one in former.items()})
stayed = stayed / watched["month"].value_counts()
assert 0.86 < stayed["2024-10-01"] < 0.89 and 0.47 < stayed["2025-02-01"] < 0.52
assert 11.5 < new["実際の解約"] - new["解約の見込み"] < 12.5
assert 5.3 < numbers.loc["千円の7月", "新しい契約の月額"] < 6

# %% 裏付け 4
assert numbers.loc["千円の7月", "予測の平均"] < numbers.loc["2024-07", "予測の平均"] / 2
assert abs(both.loc["number__orders", "前"] - both.loc["number__orders", "後"]) > 0.1
assert both.loc["number__app_days", "後"] == 0
assert past.groupby("orders")["app_days"].mean().is_monotonic_increasing
assert [bool(loose_check(sample)) for sample in samples.values()] == [False, False, True, False]
