# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 実験管理と結果比較

# %% [markdown]
# 分かれ目は2,100円を4,800円で割った値です。
# 損得は、当たった人の4,800円から、電話した全員の2,100円を引きます。

# %% 解答 1
chosen = probabilities["boosting"] >= 2100 / 4800
new_plan = (int(chosen.sum()), int(4800 * (answers & chosen).sum() - 2100 * chosen.sum()))

# %% [markdown]
# しきい値を前のままにして、費用だけを替えています。
# 費用が上がると、確率の低い人への電話は損になります。

# %% 誤答 1
chosen = probabilities["boosting"] >= 0.3125
new_plan = (int(chosen.sum()), int(4800 * (answers & chosen).sum() - 2100 * chosen.sum()))

# %% [markdown]
# 人数は合っていますが、本文の`yen`は、費用を1,500円で計算します。

# %% 誤答 1b
chosen = probabilities["boosting"] >= 2100 / 4800
new_plan = (int(chosen.sum()), int(yen(answers, chosen).sum()))

# %% [markdown]
# 12,000円で割っています。
# 電話した全員が思いとどまるなら、この分かれ目になります。

# %% 誤答 1c
chosen = probabilities["boosting"] >= 2100 / 12_000
new_plan = (int(chosen.sum()), int(4800 * (answers & chosen).sum() - 2100 * chosen.sum()))

# %% 別解 1
p = models["boosting"].predict(valid[churn_steps.FEATURES])[:, 1]
called_rows = valid.loc[p >= 0.4375, "churned"]
new_plan = [len(called_rows), called_rows.mul(4800).sub(2100).sum()]

# %% 別解 1b
scored = valid.assign(p=probabilities["boosting"]).query("p * 4800 > 2100")
new_plan = np.array([scored.shape[0], (scored["churned"] * 4800 - 2100).sum()])

# %% [markdown]
# 先に分かれ目より下の人を除き、残りを確率の高い順に、上限の人数まで選びます。
# 上限に余りがあっても、分かれ目より下の人を足すと、見込みの損得は減ります。


# %% 解答 2
def pick(scored, limit):
    worth_calling = scored[scored["probability"] >= threshold]
    return worth_calling.nlargest(limit, "probability")["customer_id"]


# %% [markdown]
# 上限いっぱいまで選んでいます。
# 分かれ目以上の人より上限が多い月は、損の見込まれる人にも電話することになります。


# %% 誤答 2
def pick(scored, limit):
    return scored.nlargest(limit, "probability")["customer_id"]


# %% [markdown]
# 上限を見ていません。
# 人手の少ない月に、かけきれない名簿ができます。


# %% 誤答 2b
def pick(scored, limit):
    return scored[scored["probability"] >= threshold]["customer_id"]


# %% [markdown]
# 分かれ目以上の人を、表に並んでいる順に区切っています。
# 確率の高い人が、上限からこぼれます。


# %% 誤答 2c
def pick(scored, limit):
    return scored[scored["probability"] >= threshold].head(limit)["customer_id"]


# %% [markdown]
# `sort_values`は小さい順なので、分かれ目に近い人から選んでいます。


# %% 誤答 2d
def pick(scored, limit):
    worth_calling = scored[scored["probability"] >= threshold]
    return worth_calling.sort_values("probability")[:limit]["customer_id"]


# %% [markdown]
# 受け取った表ではなく、本文の`december`から選んでいます。
# ほかの月の表を渡しても、いつも12月の名簿になります。


# %% 誤答 2e
def pick(scored, limit):
    worth_calling = december[december["probability"] >= threshold]
    return worth_calling.nlargest(limit, "probability")["customer_id"]


# %% 別解 2
def pick(scored, limit):
    gain = 4800 * scored["probability"] - 1500
    ranked = scored.assign(gain=gain).sort_values("gain", ascending=False).head(limit)
    return ranked.loc[ranked["gain"] > 0, "customer_id"].tolist()


# %% 別解 2b
def pick(scored, limit):
    people = sorted(zip(scored["probability"], scored["customer_id"], strict=True), reverse=True)
    return [number for p, number in people[:limit] if p > 1500 / 4800]


# %% 別解 2c
def pick(scored, limit):
    order = np.argsort(-scored["probability"].to_numpy())[:limit]
    chosen = scored.iloc[order].query("probability >= 0.3125")
    return set(chosen["customer_id"])


# %% [markdown]
# `k`を訓練の行で数え、式を配列のまま書きます。

# %% 解答 3
train = data[data["month"].between("2025-06-01", "2025-10-01")]
k = (train["churned"] == 0).sum() / (train["churned"] == 1).sum()
p = probabilities["logistic_balanced"]
fixed = p / (p + (1 - p) * k)

# %% [markdown]
# `k`を検証データから求めています。
# 膨らんだ量は、学習に使った行の数で決まります。

# %% 誤答 3
k = (valid["churned"] == 0).sum() / (valid["churned"] == 1).sum()
p = probabilities["logistic_balanced"]
fixed = p / (p + (1 - p) * k)

# %% [markdown]
# `k`が逆です。
# 確率がさらに膨らみます。

# %% 誤答 3b
train = data[data["month"].between("2025-06-01", "2025-10-01")]
k = (train["churned"] == 1).sum() / (train["churned"] == 0).sum()
p = probabilities["logistic_balanced"]
fixed = p / (p + (1 - p) * k)

# %% [markdown]
# 確率を`k`で割っただけです。
# 人数を`k`倍に数えると、確率ではなく、解約する人としない人の比が`k`倍になります。

# %% 誤答 3c
train = data[data["month"].between("2025-06-01", "2025-10-01")]
k = (train["churned"] == 0).sum() / (train["churned"] == 1).sum()
fixed = probabilities["logistic_balanced"] / k

# %% 別解 3
rate = data.loc[data["month"].between("2025-06-01", "2025-10-01"), "churned"].mean()
inflated = pd.Series(probabilities["logistic_balanced"])
odds = inflated / (1 - inflated) * rate / (1 - rate)
fixed = (odds / (1 + odds)).round(4)

# %% 別解 3b
rate = data.loc[data["month"].between("2025-06-01", "2025-10-01"), "churned"].mean()
k = (1 - rate) / rate
fixed = [p / (p + (1 - p) * k) for p in probabilities["logistic_balanced"].tolist()]

# %% [markdown]
# 例です。
# 「使わない理由」に値があると、来月の人は、同じ理由がまだ成り立つかを確かめられます。

# %% 解答 4
decision = {
    "ラン": "boosting",
    "しきい値": 0.3125,
    "選ぶ理由": "損得の差は偶然の範囲で、対数損失が0.269と、5つの中で最も小さい",
    "使わない理由": "logistic_balancedは確率の平均が0.35で、実際の割合0.10の3倍を超える",
    "見直す時": "2か月続けて損得が5万円を下回ったら選び直す",
}

# %% [markdown]
# 理由に、比べた値がありません。
# 読んだ人は、どれくらい良かったのかを確かめられません。

# %% 誤答 4
decision = {
    "ラン": "boosting",
    "しきい値": 0.3125,
    "選ぶ理由": "いちばん成績が良く、みんなも良いと言っていたから",
    "使わない理由": "logistic_balancedは確率の平均が0.35で、実際の割合0.10の3倍を超える",
    "見直す時": "2か月続けて損得が5万円を下回ったら選び直す",
}

# %% [markdown]
# 0.5では、得を取りこぼします。

# %% 誤答 4b
decision = {
    "ラン": "boosting",
    "しきい値": 0.5,
    "選ぶ理由": "検証のAUCが0.813で最大。logisticとの差は偶然の範囲",
    "使わない理由": "logistic_balancedは確率の平均が0.35で、実際の割合0.10の3倍を超える",
    "見直す時": "2か月続けて損得が5万円を下回ったら選び直す",
}

# %% [markdown]
# いつ、どうなったら見直すのかが決まっていません。

# %% 誤答 4c
decision = {
    "ラン": "boosting",
    "しきい値": 0.3125,
    "選ぶ理由": "損得の差は偶然の範囲で、対数損失が0.269と、5つの中で最も小さい",
    "使わない理由": "logistic_balancedは確率の平均が0.35で、実際の割合0.10の3倍を超える",
    "見直す時": "毎月しっかりがんばって見ていきたいと思います",
}

# %% [markdown]
# 使わないランの名前がありません。
# どれを、なぜ外したのかが、後から分かりません。

# %% 誤答 4d
decision = {
    "ラン": "boosting",
    "しきい値": 0.3125,
    "選ぶ理由": "損得の差は偶然の範囲で、対数損失が0.269と、5つの中で最も小さい",
    "使わない理由": "ほかの4つは、対数損失がboostingより大きかったから",
    "見直す時": "2か月続けて損得が5万円を下回ったら選び直す",
}

# %% 別解 4
decision = pd.Series(
    {
        "見直す時": "２０２６年１０月か、費用が変わった時に選び直す",
        "選ぶ理由": "検証の損得が１８万円を超え、boostingとの差は偶然の範囲で、重みを説明できる",
        "使わない理由": "ＢＯＯＳＴＩＮＧは損得で１万円しか上回らず、1人ずつの理由を説明しにくい",
        "しきい値": np.float32(0.3125),
        "ラン": "Logistic ",
    }
)

# %% 別解 4b
losses = runs["metrics.val_log_loss"]
decision = dict(
    zip(
        ["ラン", "しきい値", "選ぶ理由", "使わない理由", "見直す時"],
        [
            losses.idxmin(),
            threshold,
            f"対数損失が{losses.min():.4f}で、5つのモデルの中で最も小さいから",
            f"forestは対数損失が{losses['forest']:.4f}で、確率も実際の割合より低かったから",
            "AUCが0.75を下回る月が2回続いたら選び直す",
        ],
        strict=True,
    )
)

# %% 裏付け
assert churn_steps.THRESHOLD == threshold == 0.3125
selected_id, selected_threshold = churn_steps.open_selection(spark)
assert mlflow.get_run(selected_id).info.run_name == "boosting" and selected_threshold == threshold
assert mlflow.get_run(runs.loc["forest", "run_id"]).data.params["model__max_depth"] == "None"
best_scores = {
    "val_accuracy": ("logistic", 0.901),
    "val_auc": ("boosting", 0.813),
    "val_f1": ("logistic_balanced", 0.383),
}
for name, (model, value) in best_scores.items():
    assert runs[f"metrics.{name}"].idxmax() == model
    assert round(runs[f"metrics.{name}"].max(), 3) == value
assert (runs["metrics.training_roc_auc"] - runs["metrics.val_auc"]).idxmax() == "forest"
assert runs["metrics.val_log_loss"].idxmin() == "boosting"

# %% 裏付け 2
losses = runs["metrics.val_log_loss"][names].sort_values()
assert list(losses.index) == list(pd.Series(scores).sort_values().index)
assert scores["logistic_balanced"] > 1.9 * max(scores[name] for name in names[:3])
tables = {name: bands(probabilities[name]) for name in names}
learned = data[data["month"].between("2025-06-01", "2025-10-01")]["churned"].mean()
assert learned < valid["churned"].mean() - 0.01
assert (tables["boosting"]["実際の割合"] > tables["boosting"]["予測の平均"]).all()
worst_gaps = {name: abs(band["ずれ"]) for name, band in worst_bands.items()}
assert max(worst_gaps["boosting"], worst_gaps["logistic"]) < 0.08
assert min(worst_gaps["forest"], worst_gaps["logistic_balanced"]) > 0.1
small = np.random.default_rng(0).binomial(74, 0.6, 20_000) / 74  # 合っていても、偶然で外れる帯
assert (abs(small - 0.6) > 0.1).mean() > 0.05
top_band = tables["logistic_balanced"].iloc[-1]
assert 0.68 < top_band["予測の平均"] < 0.72 and top_band["実際の割合"] < 0.3
high_band = tables["forest"].query("人数 >= 30").iloc[-1]
assert round(high_band["予測の平均"], 2) == 0.35 and round(high_band["実際の割合"], 1) == 0.6

# %% 裏付け 3
gained = {name: int(yen(answers, chosen).sum()) for name, chosen in called.items()}
expected = {name: yen(probabilities[name], called[name]).sum() for name in names}
assert 180_000 < gained["logistic"] < gained["boosting"] < 200_000
extra = [gained[name] - expected[name] for name in ["boosting", "logistic"]]
assert all(45_000 < value < 55_000 for value in extra)
assert (
    expected["logistic_balanced"] > 2_000_000 and -980_000 < gained["logistic_balanced"] < -970_000
)

# %% 裏付け 4
assert 30_000 < curve.max() - gained["boosting"] < 40_000 and 290 < curve.argmax() < 330
for name in ["boosting", "logistic"]:
    assert 600 < np.flatnonzero(gain_curve(probabilities[name]) > 0).max() < 700
assert (curve[199:320] > 160_000).all()
assert gained["紙の規則"] < curve[called["紙の規則"].sum() - 1] / 2
assert spread.loc[0.025].max() < 0 < spread.loc[0.975].min()
assert 5_000 < spread.loc["実際の差", "損得の差（円）"] < 15_000
assert spread.loc["実際の差", "対数損失の差"] < 0
assert low[2] > 0 and low[1] < 0 < high[1]
by_share = sensitivity.set_index("割合")
same, rule = by_share["同じ名簿（円）"], by_share["紙の規則（円）"]
assert same[0.4] == test_gain["boosting"] and abs(same[0.24]) < 5_000 and same[0.2] < 0
assert (same[0.24], same[0.55]) == (worst, best_case)
assert (same - rule).is_monotonic_increasing  # 割合が低いほど、規則との差は開く
renewed = by_share["選び直した名簿（円）"]
assert (renewed > 0).all() and renewed.is_monotonic_decreasing and by_share["電話"][0.2] == 22
assert best_auc - model_auc < 0.02
assert 24_000 < gains_on_average[1] - gains_on_average[0] < 27_000
assert gains_on_average[0] < test_gain["boosting"] - 20_000
