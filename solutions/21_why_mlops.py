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

# %% 別解 1
causes = dict(
    zip(
        "abcdef",
        [
            "特徴量エンジニアリング ",
            "プロセス管理",
            "データ検証",
            "ﾓﾆﾀﾘﾝｸﾞ",
            "計算リソース管理",
            "設定管理",
        ],
        strict=True,
    )
)

# %% 別解 1b
causes = pd.Series(
    {
        "f": "「設定管理」",
        "e": "計算リソース管理",
        "d": "モニタリング",
        "c": "データ検証",
        "b": "プロセス管理ツール",
        "a": "特徴量エンジニアリング",
    }
)


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


# %% [markdown]
# 実際を見込みで割り、1.25を超えた月の名前を返します。


# %% 解答 3
def find_alerts(table):
    ratio = table["churned"] / table["predicted"]
    return ratio[ratio > 1.25].index.tolist()


# %% [markdown]
# 少しでも見込みを上回れば、警報にしています。
# 9月のようなわずかな差でも鳴るので、本当に外れた月が埋もれます。


# %% 誤答 3
def find_alerts(table):
    return table.index[table["churned"] > table["predicted"]].tolist()


# %% [markdown]
# 割り算の向きが逆です。
# 実際が見込みより多い月ほど、比は小さくなります。


# %% 誤答 3b
def find_alerts(table):
    ratio = table["predicted"] / table["churned"]
    return ratio[ratio > 1.25].index.tolist()


# %% [markdown]
# 行の名前ではなく、比の値を返しています。
# 何月に外れたのかが分かりません。


# %% 誤答 3c
def find_alerts(table):
    ratio = table["churned"] / table["predicted"]
    return ratio[ratio > 1.25].tolist()


# %% [markdown]
# 比ではなく差で、0.25を超えるかを調べています。
# 解約率の差が25ポイントを超えることはめったにないので、警報が鳴りません。


# %% 誤答 3d
def find_alerts(table):
    gap = table["churned"] - table["predicted"]
    return gap[gap > 0.25].index.tolist()


# %% 別解 3
def find_alerts(table):
    return [
        month
        for month, row in table.iterrows()
        if row["churned"] - row["predicted"] > 0.25 * row["predicted"]
    ]


# %% 別解 3b
def find_alerts(table):
    return table.query("churned > predicted * 1.25").index


# %% 別解 3c
def find_alerts(table):
    found = []
    for position in range(len(table)):
        row = table.iloc[position]
        if row["churned"] / row["predicted"] > 5 / 4:
            found.append(str(table.index[position]))
    return tuple(found)


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
