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
# 今回のまとまりに絞り、対数損失の小さい順に並べ、先頭のランのIDを取ります。

# %% 解答 2
by_loss = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'", order_by=["metrics.val_log_loss ASC"]
)
best_run_id = by_loss.loc[0, "run_id"]

# %% [markdown]
# 大きい順に並べています。
# 正解率やAUCと違って、対数損失は小さいほど良い指標です。

# %% 誤答 2
by_loss = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'", order_by=["metrics.val_log_loss DESC"]
)
best_run_id = by_loss.loc[0, "run_id"]

# %% [markdown]
# まとまりで絞っていないので、去年のランが先頭に来ます。

# %% 誤答 2b
everything = mlflow.search_runs(order_by=["metrics.val_log_loss ASC"])
best_run_id = everything.loc[0, "run_id"]

# %% [markdown]
# 正解率で選んでいます。

# %% 誤答 2c
by_accuracy = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'", order_by=["metrics.val_accuracy DESC"]
)
best_run_id = by_accuracy.loc[0, "run_id"]

# %% 別解 2
best_run_id = run_ids[runs.set_index("tags.mlflow.runName")["metrics.val_log_loss"].idxmin()]

# %% 別解 2b
records = mlflow.search_runs(filter_string=f"tags.batch = '{batch}'", output_format="list")
best_run_id = min(records, key=lambda run: run.data.metrics["val_log_loss"])

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
losses = runs.set_index("tags.mlflow.runName")["metrics.val_log_loss"]
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
assert churn_steps.THRESHOLD == threshold == chosen_threshold == 0.3125
assert mlflow.get_run(chosen_id).info.run_name == "boosting"
by_name = runs.set_index("tags.mlflow.runName")
best_scores = {
    "val_accuracy": ("logistic", 0.901),
    "val_auc": ("boosting", 0.813),
    "val_f1": ("logistic_balanced", 0.383),
}
for name, (model, value) in best_scores.items():
    assert by_name[f"metrics.{name}"].idxmax() == model
    assert round(by_name[f"metrics.{name}"].max(), 3) == value
gaps = by_name["metrics.training_roc_auc"] - by_name["metrics.val_auc"]
assert gaps.idxmax() == "forest"
assert by_name["metrics.val_auc"].rank(ascending=False)["forest"] == 2
assert by_name["metrics.val_log_loss"].idxmin() == "boosting"

# %% 裏付け 2
losses = by_name["metrics.val_log_loss"][names].sort_values()
assert list(losses.index) == list(pd.Series(scores).sort_values().index)
assert scores["logistic_balanced"] > 1.9 * max(scores[name] for name in names[:3])
tables = {name: bands(probabilities[name]) for name in names}
learned = data[data["month"].between("2025-06-01", "2025-10-01")]["churned"].mean()
assert round(learned, 3) == 0.093 and round(valid["churned"].mean(), 3) == 0.105
assert (tables["boosting"]["実際の割合"] > tables["boosting"]["予測の平均"]).all()
for name in ["boosting", "logistic"]:
    assert (tables[name]["実際の割合"] - tables[name]["予測の平均"]).abs().max() < 0.08
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
assert 25_000 < curve[peak] - gained["boosting"] < 40_000 and 290 < peak < 330
assert (curve[199:320] > 160_000).all()
assert gained["紙の規則"] < curve[called["紙の規則"].sum() - 1] / 2
assert spread.loc[0.025].max() < 0 < spread.loc[0.975].min()
assert 5_000 < spread.loc["実際の差", "損得の差（円）"] < 15_000
assert spread.loc["実際の差", "対数損失の差"] < 0
assert low[2] > 0 and low[1] < 0 < high[1]
same = dict(zip(sensitivity["思いとどまる割合"], sensitivity["同じ名簿（円）"], strict=True))
assert same[0.4] == test_gain["boosting"] and 0 < same[0.25] < 20_000 and same[0.2] < 0
assert (sensitivity["選び直した名簿（円）"] > 0).all()
assert sensitivity["選び直した名簿（円）"].is_monotonic_decreasing
assert (model_auc - 0.5) / (best_auc - 0.5) > 0.95 and test_gain["boosting"] < best_gain
