# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: パイプライン構築とモデル学習

# %% [markdown]
# 埋める値は、訓練データの平均です。
# `fillna`は元の列を書き換えず、埋めた列を新しく返します。

# %% 解答 1
filled = valid["survey_score"].fillna(train["survey_score"].mean())

# %% [markdown]
# 検証データの平均で埋めています。
# 予測の時には、その月の全員の答えがそろっているとは限りません。

# %% 誤答 1
filled = valid["survey_score"].fillna(valid["survey_score"].mean())

# %% [markdown]
# すべての月の平均です。
# 検証やテストの月の値が、埋める値に混ざります。

# %% 誤答 1b
filled = valid["survey_score"].fillna(data["survey_score"].mean())

# %% [markdown]
# 訓練データの中央値です。
# 平均に替えることにしたので、値が変わります。

# %% 誤答 1c
filled = valid["survey_score"].fillna(train["survey_score"].median())

# %% 別解 1
score = valid["survey_score"]
filled = pd.Series(np.where(score.isna(), train["survey_score"].mean(), score))

# %% 別解 1b
imputer = SimpleImputer(strategy="mean").fit(train[["survey_score"]])
filled = pd.Series(imputer.transform(valid[["survey_score"]])[:, 0], name="filled")

# %% [markdown]
# 元の名簿の人数を数え、`logistic`の確率を並べて、上からその人数の所の値をしきい値にします。

# %% 解答 2
old = models["logistic_balanced"].predict(valid[FEATURES]) == 1
probability = models["logistic"].predict_proba(valid[FEATURES])[:, 1]
new_threshold = np.sort(probability)[-old.sum()]
same_size = (new_threshold, int((old & (probability >= new_threshold)).sum()))

# %% [markdown]
# しきい値は合っていますが、人数は名簿1つの人数です。
# 両方に入る人は、`&`で重ねて数えます。

# %% 誤答 2
old = models["logistic_balanced"].predict(valid[FEATURES]) == 1
probability = models["logistic"].predict_proba(valid[FEATURES])[:, 1]
new_threshold = np.sort(probability)[-old.sum()]
same_size = (new_threshold, int((probability >= new_threshold).sum()))

# %% [markdown]
# しきい値が0.5のままなので、`logistic`で選ばれる人が少なくなります。

# %% 誤答 2b
old = models["logistic_balanced"].predict(valid[FEATURES]) == 1
new = models["logistic"].predict(valid[FEATURES]) == 1
same_size = (0.5, int((old & new).sum()))

# %% [markdown]
# `np.sort`は小さい順に並べます。
# 前から数えると、確率の低い人を選んだことになります。

# %% 誤答 2c
old = models["logistic_balanced"].predict(valid[FEATURES]) == 1
probability = models["logistic"].predict_proba(valid[FEATURES])[:, 1]
new_threshold = np.sort(probability)[old.sum() - 1]
same_size = (new_threshold, int((old & (probability <= new_threshold)).sum()))

# %% 別解 2
scored = valid.assign(
    p=models["logistic"].predict_proba(valid[FEATURES])[:, 1],
    listed=models["logistic_balanced"].predict(valid[FEATURES]) == 1,
)
top = scored.nlargest(int(scored["listed"].sum()), "p")
same_size = [round(top["p"].min(), 4), top["listed"].sum()]

# %% 別解 2b
before = models["logistic_balanced"].predict_proba(valid[FEATURES])[:, 1]
after = models["logistic"].predict_proba(valid[FEATURES])[:, 1]
listed = set(np.flatnonzero(before >= 0.5))
order = np.argsort(-after)[: len(listed)]
same_size = np.array([after[order].min(), len(listed & set(order))])

# %% [markdown]
# `memo_count`は、訓練の月では解約した人だけがずっと多いのに、3月だけ平均が下がっています。
# `saved_recipes`は、3月もほかの月と同じように入っています。
# `push_opens`は2026年1月に始まった値で、訓練の月はすべて0です。

# %% 解答 3
decisions = {"memo_count": "疑う", "saved_recipes": "使う", "push_opens": "待つ"}

# %% [markdown]
# 解約との関係の強さだけで決めています。
# 予測する3月の値も見ると、`memo_count`は様子が変わります。

# %% 誤答 3
decisions = {"memo_count": "使う", "saved_recipes": "使う", "push_opens": "待つ"}

# %% [markdown]
# すべての月をまとめて比べると、`push_opens`にも関係がありそうに見えます。
# しかし、学習する月の値はすべて0です。

# %% 誤答 3b
decisions = {"memo_count": "疑う", "saved_recipes": "使う", "push_opens": "使う"}

# %% [markdown]
# 解約した人としなかった人で差があるだけで、疑っています。
# 差があるのは手がかりになる列なら同じで、疑うのは3月だけ様子が変わる列です。

# %% 誤答 3c
decisions = {"memo_count": "疑う", "saved_recipes": "疑う", "push_opens": "待つ"}

# %% 別解 3
decisions = pd.Series({"push_opens": "待つ", "memo_count": "疑う ", "saved_recipes": "「使う」"})

# %% 別解 3b
learned = candidates[candidates["month"].between("2025-06-01", "2025-10-01")]
march_mean = candidates[candidates["month"] == "2026-03-01"].mean(numeric_only=True)
decisions = {}
for name in ["memo_count", "saved_recipes", "push_opens"]:
    moved = abs(march_mean[name] / learned[name].mean() - 1) > 0.2 if learned[name].any() else True
    decisions[name] = ("疑う" if moved else "使う") if learned[name].any() else "待つ"

# %% 裏付け
assert set(models) == set(churn_steps.candidates())
assert len(train) < 10_000 and models["boosting"]["model"].n_iter_ == 150
assert 0.89 < table.loc["baseline", "正解率"] < 0.91 and table.loc["baseline", "F1"] == 0
assert 0.09 < train["churned"].mean() < valid["churned"].mean() < 0.11
assert table.loc["baseline", "AUC"] == 0.5 and round(table.loc["baseline", "対数損失"], 3) == 0.337
assert (table.drop("baseline")["AUC"] > 0.8).all()
assert abs(table.loc["logistic", "正解率"] - table.loc["baseline", "正解率"]) < 0.01
assert table["正解率"].idxmax() == "logistic" and table["F1"].idxmax() == "logistic_balanced"
assert table["AUC"].idxmax() == table["対数損失"].idxmin() == "boosting"
assert table["対数損失"].idxmax() == "logistic_balanced"
assert n_rule == 333 and hits["紙の規則"] > 3 * n_rule * valid["churned"].mean()
found = [hits[name] for name in hits if name != "紙の規則"]
assert min(found) >= hits["紙の規則"] + 20 and max(found) - min(found) < 10

# %% 裏付け 2
early_complaint = groups.mean().loc[("あり", "6か月以内")]
assert early_complaint["実際"] > 1 / 3 and 0.19 < early_complaint["logistic"] < 0.23
assert early_complaint["logistic"] + 0.05 < early_complaint["boosting"] < early_complaint["実際"]
late_complaint = groups.mean().loc[("あり", "7か月以上")]
assert late_complaint["boosting"] < late_complaint["logistic"] < late_complaint["実際"]
_, plain, balanced = rows
assert abs(plain["AUC"] - balanced["AUC"]) < 0.005
assert 5.5 < balanced["そのうち解約"] / plain["そのうち解約"] < 6
assert balanced["確率0.5以上"] - balanced["そのうち解約"] > 20 * (
    plain["確率0.5以上"] - plain["そのうち解約"]
)
assert balanced["確率の平均"] > 3 * valid["churned"].mean()
assert balanced["対数損失"] > table.loc["baseline", "対数損失"]

# %% 裏付け 3
assert words.idxmax() == "channel_広告" and words.idxmin() == "channel_紹介"
assert numbers["orders"] < 0 < min(numbers["complaints_3m"], numbers["monthly_fee"])
assert numbers["missingindicator_survey_score"] > 0
imputer = pipeline["preprocess"].named_transformers_["number"]["simpleimputer"]
filled_with = imputer.statistics_[NUMERIC.index("survey_score")]
assert filled_with == train["survey_score"].median() and filled_with in (1, 2, 3, 4, 5)
assert (words.filter(like="plan_").abs() < 0.05).all()
assert words.filter(like="region_").abs().idxmax() == "region_九州・沖縄"
assert (np.sign(comparison["学んだ重み"]) == np.sign(comparison["本当の値"])).all()
strength = (comparison["学んだ重み"] / comparison["本当の値"]).round(2)
assert strength[:3].between(0.9, 1.2).all()
assert strength[["channel_検索", "channel_紹介"]].min() > 1.4 and strength["channel_店頭"] < 0.6

# %% 裏付け 4
assert not baseline.predict(valid[FEATURES]).any()
assert leaky_auc > honest_auc + 0.1 and table["AUC"].max() < honest_auc + 0.01
assert 0.02 < leaky.predict_proba(march[leaky_columns])[:, 1].mean() < 0.03
assert 0.08 < models["logistic"].predict_proba(march[FEATURES])[:, 1].mean() < 0.1
