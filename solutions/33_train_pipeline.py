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
# 予測も答えも1の人数を、適合率では予測が1の人数で、再現率では答えが1の人数で割ります。

# %% 解答 1
predicted = models["boosting"].predict(valid[FEATURES]) == 1
answers = valid["churned"] == 1
n_hit = (predicted & answers).sum()
scores = n_hit / predicted.sum(), n_hit / answers.sum()

# %% [markdown]
# 2つの分母が入れ替わっています。

# %% 誤答 1
predicted = models["boosting"].predict(valid[FEATURES]) == 1
answers = valid["churned"] == 1
scores = (predicted & answers).sum() / answers.sum(), (predicted & answers).sum() / predicted.sum()

# %% [markdown]
# 訓練データで測っています。
# 学習に使った人なので、実際より良い値になります。

# %% 誤答 1b
predicted = models["boosting"].predict(train[FEATURES]) == 1
answers = train["churned"] == 1
scores = (predicted & answers).sum() / predicted.sum(), (predicted & answers).sum() / answers.sum()

# %% 別解 1
import numpy as np
from sklearn.metrics import precision_recall_fscore_support

flagged = models["boosting"].predict_proba(valid[FEATURES])[:, 1] >= 0.5
scores = np.array(precision_recall_fscore_support(valid["churned"], flagged, average="binary")[:2])

# %% 別解 1b
flagged = models["boosting"].predict(valid[FEATURES]) == 1
n_hit = valid.loc[flagged, "churned"].sum()
scores = pd.Series([n_hit / flagged.sum(), n_hit / valid["churned"].sum()]).round(2)

# %% [markdown]
# 埋める値は、訓練データの平均です。
# `fillna`は元の列を書き換えず、埋めた列を新しく返します。

# %% 解答 2
filled = valid["survey_score"].fillna(train["survey_score"].mean())

# %% [markdown]
# 検証データの平均で埋めています。
# 予測の時には、その月の全員の答えがそろっているとは限りません。

# %% 誤答 2
filled = valid["survey_score"].fillna(valid["survey_score"].mean())

# %% [markdown]
# すべての月の平均です。
# 検証やテストの月の値が、埋める値に混ざります。

# %% 誤答 2b
filled = valid["survey_score"].fillna(data["survey_score"].mean())

# %% [markdown]
# 訓練データの中央値です。
# 平均に替えることにしたので、値が変わります。

# %% 誤答 2c
filled = valid["survey_score"].fillna(train["survey_score"].median())

# %% 別解 2
score = valid["survey_score"]
filled = pd.Series(np.where(score.isna(), train["survey_score"].mean(), score))

# %% 別解 2b
imputer = SimpleImputer(strategy="mean").fit(train[["survey_score"]])
filled = pd.Series(imputer.transform(valid[["survey_score"]])[:, 0], name="filled")

# %% [markdown]
# `make_model`に分類器を渡すだけで、前処理は同じになります。
# 検証の成績とモデルは、`log_scores_and_model`が残します。

# %% 解答 3
from sklearn.tree import DecisionTreeClassifier

with mlflow.start_run(run_name="tree") as run:
    tree = make_model(DecisionTreeClassifier(max_depth=4, random_state=0))
    tree.fit(train[FEATURES], train["churned"])
    log_scores_and_model(tree)
tree_run_id = run.info.run_id

# %% [markdown]
# 指標だけを残し、学習したパイプラインを保存していません。

# %% 誤答 3
from sklearn.tree import DecisionTreeClassifier

with mlflow.start_run(run_name="tree") as run:
    tree = make_model(DecisionTreeClassifier(max_depth=4, random_state=0))
    tree.fit(train[FEATURES], train["churned"])
    mlflow.log_metrics(evaluate(tree, valid, "val"))
tree_run_id = run.info.run_id

# %% [markdown]
# 本文の`start_run`を、タグごとコピーしています。
# 目印で5つを取り出すときに、このランまで混ざります。

# %% 誤答 3b
with mlflow.start_run(run_name="tree", tags={"batch": batch, "lesson": "33"}) as run:
    tree = make_model(DecisionTreeClassifier(max_depth=4, random_state=0))
    tree.fit(train[FEATURES], train["churned"])
    mlflow.log_metrics(evaluate(tree, valid, "val"))
tree_run_id = run.info.run_id

# %% [markdown]
# 訓練データで測った値を、`val_`の名前で残しています。

# %% 誤答 3c
with mlflow.start_run(run_name="tree") as run:
    tree = make_model(DecisionTreeClassifier(max_depth=4, random_state=0))
    tree.fit(train[FEATURES], train["churned"])
    mlflow.log_metrics(evaluate(tree, train, "val"))
tree_run_id = run.info.run_id

# %% 別解 3
tree = make_model(DecisionTreeClassifier(max_depth=4, random_state=0))
tree.fit(train[FEATURES], train["churned"])
with mlflow.start_run(run_name="tree"):
    mlflow.log_metrics({k: round(v, 4) for k, v in evaluate(tree, valid, "val").items()})
    mlflow.sklearn.log_model(tree, name="model", pip_requirements=PACKAGES)
tree_run_id = mlflow.search_runs(filter_string="attributes.run_name = 'tree'").loc[0, "run_id"]

# %% 別解 3b
tree_run_id = mlflow.get_run(tree_run_id)

# %% [markdown]
# 解約した人としなかった人に分けて、それぞれの差を取ります。

# %% 解答 4
answers = (valid["churned"] == 1).to_numpy()
before = models["logistic"].predict(valid[FEATURES]) == 1
after = models["logistic_balanced"].predict(valid[FEATURES]) == 1
increase = (
    int((after & answers).sum() - (before & answers).sum()),
    int((after & ~answers).sum() - (before & ~answers).sum()),
)

# %% [markdown]
# 替えた後の人数です。
# 替える前から見つかっていた人も数えています。

# %% 誤答 4
answers = (valid["churned"] == 1).to_numpy()
after = models["logistic_balanced"].predict(valid[FEATURES]) == 1
increase = (int((after & answers).sum()), int((after & ~answers).sum()))

# %% [markdown]
# 声をかけた人すべての増え方を、誤報としています。

# %% 誤答 4b
answers = (valid["churned"] == 1).to_numpy()
before = models["logistic"].predict(valid[FEATURES]) == 1
after = models["logistic_balanced"].predict(valid[FEATURES]) == 1
increase = (
    int((after & answers).sum() - (before & answers).sum()),
    int(after.sum() - before.sum()),
)

# %% 別解 4
names = ["logistic", "logistic_balanced"]
tables = [pd.crosstab(models[n].predict(valid[FEATURES]), valid["churned"]) for n in names]
increase = (tables[1] - tables[0]).loc[1.0, [1.0, 0.0]].to_numpy()

# %% 別解 4b
from sklearn.metrics import confusion_matrix

before, after = (
    confusion_matrix(valid["churned"], models[name].predict(valid[FEATURES]))
    for name in ("logistic", "logistic_balanced")
)
increase = [float(after[1, 1] - before[1, 1]), float(after[0, 1] - before[0, 1])]

# %% 裏付け
assert FEATURES == churn_steps.FEATURES
assert list(models) == list(dict.fromkeys(models)) and set(models) == set(churn_steps.candidates())
assert 0.85 < table.loc["baseline", "正解率"] < 0.9 and table.loc["baseline", "F1"] == 0
assert table.loc["baseline", "AUC"] == 0.5
assert (table.drop("baseline")["AUC"] > 0.8).all() and (table.drop("baseline")["F1"] > 0).all()
assert abs(table.loc["logistic", "正解率"] - table.loc["baseline", "正解率"]) < 0.02
assert len({table[name].idxmax() for name in table}) > 1

# %% 裏付け 2
plain, balanced = rows["logistic"], rows["logistic_balanced"]
assert abs(plain["AUC"] - balanced["AUC"]) < 0.005
assert balanced["そのうち解約"] > 2 * plain["そのうち解約"]
assert balanced["解約と予測"] - balanced["そのうち解約"] > 5 * (
    plain["解約と予測"] - plain["そのうち解約"]
)
assert 2.5 < balanced["確率の平均"] / valid["churned"].mean() < 3.5
assert 0.125 < valid["churned"].mean() < 0.135
assert top["orders"] < 0 < min(top["complaints_3m"], top["missingindicator_survey_score"])
assert top["monthly_fee"] > 0 > top["channel_紹介"]
assert any(name.startswith("region_") for name in top.index)

# %% 裏付け 3
assert leaky_auc > honest_auc + 0.09 and leaky_auc > table["AUC"].max() + 0.09
assert 0.03 < leaky.predict_proba(march[leaky_columns])[:, 1].mean() < 0.05
assert 0.1 < models["logistic"].predict_proba(march[FEATURES])[:, 1].mean() < 0.15
assert scores[0] > 0.5 and scores[1] < 0.3
