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
# `c`は届いた時点の範囲の検査で、`d`は動いている間の比較で気づけます。
# どちらも「データがおかしい」話に見えますが、調べる時と相手が違います。

# %% 解答 1
causes = {
    "a": "特徴量エンジニアリング",
    "b": "プロセス管理ツール",
    "c": "データ検証",
    "d": "モニタリング",
    "e": "計算リソース管理",
    "f": "設定管理",
}

# %% [markdown]
# 検証とモニタリングが入れ替わっています。
# 検証は入口で1回ごとに、モニタリングは動いている間ずっと見ます。

# %% 誤答 1
causes = {
    "a": "特徴量エンジニアリング",
    "b": "プロセス管理ツール",
    "c": "モニタリング",
    "d": "データ検証",
    "e": "計算リソース管理",
    "f": "設定管理",
}

# %% [markdown]
# 実行されなかった理由を、計算機の不足だと考えています。
# 計算機は空いていて、動かす人がいなかったのです。

# %% 誤答 1b
causes = {
    "a": "特徴量エンジニアリング",
    "b": "計算リソース管理",
    "c": "データ検証",
    "d": "モニタリング",
    "e": "プロセス管理ツール",
    "f": "設定管理",
}


# %% [markdown]
# 3つを別々の`if`で調べるので、2つ壊れていれば2つの文が返ります。

# %% 解答 2
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].min() < 1000:
        problems.append("monthly_feeが1000円より小さい行があります。単位を確かめてください。")
    if batch["orders"].isna().mean() > 0.1:
        problems.append("ordersの1割より多くが空です。")
    if set(batch["channel"]) - set(churn.CHANNELS):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# `elif`でつないだので、最初の1つしか見つかりません。
# 2つ壊れた表で、片方を見落とします。

# %% 誤答 2
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].min() < 1000:
        problems.append("monthly_feeが小さすぎます。")
    elif batch["orders"].isna().mean() > 0.1:
        problems.append("ordersに空が多すぎます。")
    elif set(batch["channel"]) - set(churn.CHANNELS):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# 空が1つでもあれば問題にしています。
# アンケートの未回答のような、いつもある空まで止めるので、警報を誰も読まなくなります。

# %% 誤答 2b
def check_batch(batch):
    problems = []
    if batch["monthly_fee"].min() < 1000:
        problems.append("monthly_feeが小さすぎます。")
    if batch["orders"].isna().any():
        problems.append("ordersに空があります。")
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
        problems.append("monthly_feeの平均が小さすぎます。")
    if batch["orders"].isna().mean() > 0.1:
        problems.append("ordersの1割より多くが空です。")
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
        problems.append("monthly_feeが小さすぎます。")
    if batch["orders"].isna().mean() > 0.1:
        problems.append("ordersの1割より多くが空です。")
    if set(churn.CHANNELS) - set(batch["channel"]):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# 実際を見込みで割り、1.3を超えた月を取り出します。

# %% 解答 3
over = by_month["churned"] / by_month["predicted"] > 1.3
first_alert = by_month.index[over][0]
n_alerts = over.sum()

# %% [markdown]
# 少しでも見込みを上回れば、警報にしています。
# 9月のようなわずかな差でも鳴るので、本当に外れた月が埋もれます。

# %% 誤答 3
over = by_month["churned"] > by_month["predicted"]
first_alert = by_month.index[over][0]
n_alerts = over.sum()

# %% [markdown]
# 月は合っていますが、警報の対象でない月を数えています。

# %% 誤答 3b
over = by_month["churned"] / by_month["predicted"] > 1.3
first_alert = by_month.index[over][0]
n_alerts = (~over).sum()

# %% [markdown]
# 10月の予測の答えが出る月を書いています。
# `by_month`の行の名前は、答えの出る月ではなく、予測した月です。

# %% 誤答 3c
over = by_month["churned"] / by_month["predicted"] > 1.3
first_alert = "2025-11"
n_alerts = over.sum()

# %% 裏付け
gap = by_month["churned"] / by_month["predicted"]
assert gap.iloc[1:].between(1.3, 1.75).all() and gap.iloc[1:].is_monotonic_decreasing
assert 0.005 < by_month["churned"].iloc[0] - by_month["predicted"].iloc[0] < 0.015
assert by_month["predicted"].max() - by_month["predicted"].min() < 0.02

# %% 裏付け 2
aucs = [roc_auc_score(g["churned"], g["predicted"]) for _, g in used.groupby("month")]
assert 0.04 < aucs[0] - min(aucs) < 0.05
assert (1 / gap.iloc[1:]).between(0.55, 0.8).all() and gap.iloc[0] < 1.1
assert 0.4 < correlation < 0.6
before, after = fee[:"2025-09"], fee["2025-10":]
assert after.min() - before.max() > 4 * (before.max() - before.min())
assert abs(everyone.iloc[1] / everyone.iloc[0] - 1) < 0.05

# %% 裏付け 3
july_mean, wrong_mean = (
    model.predict_proba(table[churn_steps.FEATURES])[:, 1].mean() for table in (july, in_thousands)
)
assert wrong_mean < july_mean / 3
assert both.loc["number__orders", "前"] - both.loc["number__orders", "後"] > 0.1
assert both.loc["number__app_days", "後"] == 0
