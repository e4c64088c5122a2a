# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: MLflowによる実験管理

# %% [markdown]
# 条件を1つの辞書にまとめ、`log_params`とモデルの両方に渡します（`**conditions`は、辞書の中身を引数として渡す書き方です）。
# こうすると、記録した条件と実際の条件が食い違いません。

# %% 解答 1
conditions = {"n_estimators": 10, "max_depth": 5}
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params(conditions)
    log_cv(RandomForestClassifier(**conditions, random_state=0), mean_features)
few_trees_id = run.info.run_id

# %% [markdown]
# `fit`に渡したデータで、そのまま点数も測っています。
# 名前は`cv_`でも、中身は訓練データの点数です。
# 練習2の`quick_try`と同じ間違いで、値が高いために気づきにくくなります。

# %% 誤答 1
from sklearn.metrics import f1_score, roc_auc_score

with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params({"n_estimators": 10, "max_depth": 5})
    few_trees = RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0)
    few_trees.fit(X_train[mean_features], y_train)
    guessed = few_trees.predict(X_train[mean_features])
    chances = few_trees.predict_proba(X_train[mean_features])[:, 1]
    mlflow.log_metrics(
        {
            "cv_accuracy": accuracy_score(y_train, guessed),
            "cv_auc": roc_auc_score(y_train, chances),
            "cv_f1": f1_score(y_train, guessed),
            "cv_recall": recall_score(y_train, guessed),
        }
    )
few_trees_id = run.info.run_id

# %% [markdown]
# 記録には`max_depth`が5とありますが、モデルに渡すのを忘れています。
# `log_params`は書いたとおりに残すだけで、モデルの実際の条件とは照らし合わせません。

# %% 誤答 1b
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params({"n_estimators": 10, "max_depth": 5})
    log_cv(RandomForestClassifier(n_estimators=10, random_state=0), mean_features)
few_trees_id = run.info.run_id

# %% [markdown]
# 列の一覧を取り違え、30列をすべて使っています。
# 木を減らした影響と、列を増やした影響が混ざり、ほかのランと比べられません。

# %% 誤答 1c
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params({"n_estimators": 10, "max_depth": 5})
    log_cv(RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0), all_features)
few_trees_id = run.info.run_id

# %% [markdown]
# 条件を、パラメータではなくタグに書いています。
# タグでも目では読めますが、`params.n_estimators`で探したときに見つかりません。

# %% 誤答 1d
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.set_tags({"n_estimators": 10, "max_depth": 5})
    log_cv(RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0), mean_features)
few_trees_id = run.info.run_id

# %% 別解 1
client = mlflow.MlflowClient()
few_trees = RandomForestClassifier(10, max_depth=5, random_state=0)
scored = cross_validate(
    few_trees, X_train[mean_features].to_numpy(), y_train, cv=cv, scoring=scoring
)
few_trees_id = client.create_run(experiment.experiment_id).info.run_id
client.log_param(few_trees_id, "n_estimators", 10)
client.log_param(few_trees_id, "max_depth", 5.0)
for name in scoring:
    client.log_metric(few_trees_id, f"cv_{name}", round(scored[f"test_{name}"].mean(), 3))
client.set_terminated(few_trees_id)

# %% 別解 1b
mlflow.sklearn.autolog(silent=True, log_models=False)
with mlflow.start_run() as few_trees_id:
    few_trees = RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0)
    few_trees.fit(X_train[mean_features], y_train)
    log_cv(few_trees, mean_features)
mlflow.sklearn.autolog(disable=True)

# %% [markdown]
# 絞り込みの条件を2つとも書き、AUCの大きい順に並べて先頭を取ります。

# %% 解答 2
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
    order_by=["metrics.cv_auc DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# `DESC`がありません。
# `order_by`は小さい順に並べるので、1行目はAUCが最も低いランです。

# %% 誤答 2
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
    order_by=["metrics.cv_auc"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# `batch`で絞っていないため、測り方の違う`quick_try`が1位になります。
# AUCが1.0のように出来すぎた値のときは、どのデータで測ったのかをたどります。

# %% 誤答 2b
found = mlflow.search_runs(
    filter_string="params.n_features = '10'",
    order_by=["metrics.cv_auc DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# 本文と同じ並べ方のままで、30列を使うランも入っています。
# 検査室で測れない列を使うモデルは、点数が良くても動かせません。

# %% 誤答 2c
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'",
    order_by=["metrics.cv_auc DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# 条件は合っていますが、並べた指標がF1です。
# 順位は指標によって変わるので、何で選ぶかを先に決めておきます。

# %% 誤答 2d
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
    order_by=["metrics.cv_f1 DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# 並べる指標を書いていないので、1行目はいちばん新しいランです。
# 点数は比べられていません。

# %% 誤答 2e
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
)
best_run_id = found.loc[0, "run_id"]

# %% 別解 2
found = mlflow.search_runs()
found = found[(found["tags.batch"] == batch) & (found["params.n_features"].astype(float) == 10)]
best_run_id = found.loc[found["metrics.cv_auc"].idxmax(), "run_id"]

# %% 別解 2b
best_run_id = max(
    mlflow.search_runs(
        filter_string=f"params.n_features = '10' AND tags.`batch` = '{batch}'",
        output_format="list",
    ),
    key=lambda one: one.data.metrics["cv_auc"],
)

# %% 別解 2c
best_run_id = runs[runs["params.n_features"] == "10"].nlargest(1, "metrics.cv_auc")["run_id"]

# %% [markdown]
# `rf_v1`と`rf_final`のAUCの差はわずかで、どちらを選んでも間違いではありません。
# だからこそ、何組で上だったのかと、最後に何で決めたのかを残します。
# ここでは、木が浅くて軽いほうを選びました。
# `rf_v2`は、5組ともほかの2つより低いので、選ぶ理由がありません。

# %% 解答 3
count = (folds_of("rf_v1")["auc"] > folds_of("rf_final")["auc"]).sum()
with mlflow.start_run(run_id=run_ids["rf_v1"]):
    mlflow.set_tags(
        {
            "decision": "adopted",
            "reason": f"rf_finalとのAUCの差は揺れの中（上は5組のうち{count}組）。浅くて軽いほうを選ぶ",
        }
    )
decision_run_id = run_ids["rf_v1"]

# %% [markdown]
# `start_run`に何も渡さないと、新しいランができます。
# 理由だけが別のランに残り、選んだモデルの条件や点数と結びつきません。

# %% 誤答 3
with mlflow.start_run() as run:
    mlflow.set_tags(
        {
            "decision": "adopted",
            "reason": "rf_finalとのAUCの差は揺れの中。上は5組のうち4組で、浅くて軽いほうを選ぶ",
        }
    )
decision_run_id = run.info.run_id

# %% [markdown]
# 平均±標準偏差の幅は`rf_v1`と重なるので、差が無いように見えます。
# ところが組ごとに比べると、`rf_v2`は5組とも低く、揺れでは説明できません。

# %% 誤答 3b
with mlflow.start_run(run_id=run_ids["rf_v2"]):
    mlflow.set_tags(
        {
            "decision": "adopted",
            "reason": "AUCの差は標準偏差より小さく、rf_finalより上は5組のうち0組。最も浅くて軽い",
        }
    )
decision_run_id = run_ids["rf_v2"]

# %% [markdown]
# 「良かったから」では、何と比べて、どのくらい良かったのかが伝わりません。

# %% 誤答 3c
with mlflow.start_run(run_id=run_ids["rf_v1"]):
    mlflow.set_tags({"decision": "adopted", "reason": "AUCの平均がいちばん高くて良かったから"})
decision_run_id = run_ids["rf_v1"]

# %% [markdown]
# 点数を平均で見ただけで、「どの組でも上」と書いています。
# 平均が高くても、組によっては負けています。

# %% 誤答 3d
with mlflow.start_run(run_id=run_ids["rf_v1"]):
    mlflow.set_tags(
        {
            "decision": "adopted",
            "reason": "AUCの平均がrf_finalより高い。5組のうち5組で上だった",
        }
    )
decision_run_id = run_ids["rf_v1"]

# %% 別解 3
with mlflow.start_run(run_id=run_ids["rf_final"]) as decision_run_id:
    mlflow.set_tag("decision", "adopted")
    mlflow.set_tag("reason", "AUCはrf_v1より上が1組だけだが差は小さい。正解率とF1は高いほうだった")

# %% 別解 3b
client.set_tag(run_ids["rf_v1"], "decision", "adopted")
client.set_tag(run_ids["rf_v1"], "reason", "ＡＵＣは ｒｆ＿ｆｉｎａｌ より高く（４／５）、木も浅い")
decision_run_id = runs.loc[runs["tags.mlflow.runName"] == "rf_v1", "run_id"]

# %% 裏付け
from checks.models_17 import fold_aucs, scores

assert int(version) >= 1 and (len(X_train), len(X_test)) == (426, 143)
assert (captured.name, captured.source_type) == ("dataset", "code")
assert all(f'"{name}"' in captured.schema for name in mean_features)
assert all(v > 0.96 for k, v in record.data.metrics.items() if k != "training_log_loss")
assert record.data.metrics["training_log_loss"] < 0.15
assert record.data.params["max_features"] == "sqrt" and len(record.outputs.model_outputs) == 1

# %% 裏付け 2
ranked = runs.set_index("tags.mlflow.runName")
assert list(ranked.index) == ["pipeline", "rf_final2", "rf_v1", "rf_final", "rf_v2"]
lead = ranked.loc["pipeline", "metrics.cv_auc"] - ranked.loc["rf_final2", "metrics.cv_auc"]
assert 0.35 < lead / ranked.loc["pipeline", "metrics.cv_auc_std"] < 0.65
assert 0.3 < lead / ranked.loc["rf_final2", "metrics.cv_auc_std"] < 0.65
assert (gaps["auc"] < 0).sum() == 1 and (gaps["recall"] >= 0).all() and gaps["recall"].sum() > 0
for metric in ["metrics.cv_accuracy", "metrics.cv_f1", "metrics.train_accuracy"]:
    assert ranked.loc["rf_v1", metric] < ranked.loc["rf_final", metric]
assert ranked.loc["rf_v1", "start_time"] < ranked.loc["rf_final", "start_time"]

# %% 裏付け 3
assert ranked.loc["rf_final", "metrics.train_accuracy"] == 1.0
for metric in ["accuracy", "auc", "f1"]:
    close = (
        ranked.loc["rf_v1", f"metrics.cv_{metric}"] - ranked.loc["rf_final", f"metrics.cv_{metric}"]
    )
    assert abs(close) < ranked.loc["rf_v1", f"metrics.cv_{metric}_std"] / 2
assert count == 4 and (folds_of("rf_v2")["auc"] < folds_of("rf_v1")["auc"]).all()
assert (folds_of("rf_v2")["auc"] < folds_of("rf_final")["auc"]).all()
apart = ranked.loc["rf_v1", "metrics.cv_auc"] - ranked.loc["rf_v2", "metrics.cv_auc"]
assert apart < ranked.loc["rf_v2", "metrics.cv_auc_std"]
for name, depth in {"rf_v1": 5, "rf_v2": 1, "rf_final": None}.items():
    assert abs(fold_aucs(depth) - folds_of(name)["auc"]).max() < 1e-9
assert scores()["cv_auc"] < ranked.loc["rf_v1", "metrics.cv_auc"]

# %% 裏付け 4
for metric in ["accuracy", "recall"]:
    drift = chosen.data.metrics[f"test_{metric}"] - chosen.data.metrics[f"cv_{metric}"]
    assert abs(drift) < 2 * chosen.data.metrics[f"cv_{metric}_std"]
assert chosen.data.params["classifier__C"] == "1.0"
assert chosen.data.params["classifier"] == "LogisticRegression()"
digests = {name: data_of(name).digest for name in run_ids}
assert digests["rf_v1"] == digests["rf_v2"] == digests["rf_final"] != digests["rf_final2"]
assert digests["rf_final2"] == digests["pipeline"] == digest_of(version) != digest_of(0)
assert [name for name in run_ids if '"worst_area"' in data_of(name).schema] == [
    "pipeline",
    "rf_final2",
]
assert by_autolog == by_hand

# %% 裏付け 5
history = {
    name: [one.value for one in mlflow.MlflowClient().get_metric_history(boosting_id, name)]
    for name in ["learn_loss", "valid_loss"]
}
assert len(X_valid) == 86 and history["learn_loss"] == sorted(history["learn_loss"], reverse=True)
assert min(history["valid_loss"]) == history["valid_loss"][1] < history["valid_loss"][-1] - 0.01
assert history["valid_loss"][3] < history["valid_loss"][2]
assert history["valid_loss"][3:] == sorted(history["valid_loss"][3:])

# %% 裏付け 6
ends = {name: (a[-1].mean(), b[-1].mean()) for name, (_, a, b) in curves.items()}
(deep, deep_val), (stump, stump_val), (good, good_val) = ends.values()
assert deep == 1.0 and deep_val < 0.92 and abs(stump - stump_val) < 0.01
assert stump < 0.95 < good_val < good
assert round(ranked.loc["rf_final", "metrics.cv_auc"], 2) == 0.98 and deep_val < 0.92
deep_scores, stump_scores = (curves[name][2] for name in list(curves)[:2])
assert abs(deep_val - stump_val) < deep_scores[-1].std(ddof=1)
assert curves["深い木（10列）"][0][1] == 136
assert all(later.mean() <= deep_scores[1].mean() for later in deep_scores[2:])
