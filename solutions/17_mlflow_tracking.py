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
# 条件を1つの辞書にまとめ、`log_params`とモデルの両方に渡します。
# こうすると、記録した条件と実際の条件が食い違いません。

# %% 解答 1
conditions = {"n_estimators": 10, "max_depth": 5}
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params(conditions)
    few_trees = RandomForestClassifier(**conditions, random_state=0)
    few_trees.fit(train[mean_features], train["malignant"])
    mlflow.log_metrics(evaluate(few_trees, valid, mean_features, "val"))
few_trees_id = run.info.run_id

# %% [markdown]
# `fit`に渡したデータで、そのまま成績も測っています。
# 名前は`val_`でも、中身は訓練データの成績です。
# 本文の`quick_try`と同じ間違いで、値が高いために気づきにくくなります。

# %% 誤答 1
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params({"n_estimators": 10, "max_depth": 5})
    few_trees = RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0)
    few_trees.fit(train[mean_features], train["malignant"])
    mlflow.log_metrics(evaluate(few_trees, train, mean_features, "val"))
few_trees_id = run.info.run_id

# %% [markdown]
# 記録には`max_depth`が5とありますが、モデルに渡すのを忘れています。
# `log_params`は書いたとおりに残すだけで、モデルの実際の条件とは照らし合わせません。

# %% 誤答 1b
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params({"n_estimators": 10, "max_depth": 5})
    few_trees = RandomForestClassifier(n_estimators=10, random_state=0)
    few_trees.fit(train[mean_features], train["malignant"])
    mlflow.log_metrics(evaluate(few_trees, valid, mean_features, "val"))
few_trees_id = run.info.run_id

# %% [markdown]
# 指標の名前が`accuracy`や`auc`になっています。
# どのデータで測ったのかが名前から消え、ほかのランと同じ列に並びません。

# %% 誤答 1c
with mlflow.start_run(run_name="few_trees") as run:
    mlflow.log_params({"n_estimators": 10, "max_depth": 5})
    few_trees = RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0)
    few_trees.fit(train[mean_features], train["malignant"])
    scores = evaluate(few_trees, valid, mean_features, "val")
    mlflow.log_metrics({name.removeprefix("val_"): value for name, value in scores.items()})
few_trees_id = run.info.run_id

# %% 別解 1
client = mlflow.MlflowClient()
few_trees = RandomForestClassifier(10, max_depth=5, random_state=0, n_jobs=1)
few_trees.fit(train[mean_features].to_numpy(), train["malignant"].astype(int).to_numpy())
guessed = few_trees.predict(valid[mean_features].to_numpy())
chances = few_trees.predict_proba(valid[mean_features].to_numpy())[:, 1]
few_trees_id = client.create_run(experiment.experiment_id).info.run_id
client.log_param(few_trees_id, "n_estimators", 10)
client.log_param(few_trees_id, "max_depth", 5.0)
client.log_metric(few_trees_id, "val_accuracy", (guessed == valid["malignant"]).mean())
client.log_metric(few_trees_id, "val_auc", round(roc_auc_score(valid["malignant"], chances), 3))
client.log_metric(few_trees_id, "val_f1", f1_score(valid["malignant"], guessed))
client.set_terminated(few_trees_id)

# %% 別解 1b
mlflow.sklearn.autolog(silent=True)
with mlflow.start_run() as few_trees_id:
    few_trees = RandomForestClassifier(n_estimators=10, max_depth=5, random_state=0)
    few_trees.fit(train[mean_features], train["malignant"])
    mlflow.log_metrics(evaluate(few_trees, valid, mean_features, "val"))
mlflow.sklearn.autolog(disable=True)

# %% [markdown]
# 絞り込みの条件を2つとも書き、AUCの大きい順に並べて先頭を取ります。

# %% 解答 2
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
    order_by=["metrics.val_auc DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# `DESC`がありません。
# `order_by`は小さい順に並べるので、1行目はAUCが最も低いランです。

# %% 誤答 2
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
    order_by=["metrics.val_auc"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# `batch`で絞っていないため、測り方の違う`quick_try`が1位になります。
# AUCが1.0のように出来すぎた値のときは、どのデータで測ったのかをたどります。

# %% 誤答 2b
found = mlflow.search_runs(
    filter_string="params.n_features = '10'",
    order_by=["metrics.val_auc DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# 本文と同じ並べ方のままで、30列を使うランも入っています。
# 病院で測れない列を使うモデルは、成績が良くても動かせません。

# %% 誤答 2c
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'",
    order_by=["metrics.val_auc DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# 条件は合っていますが、並べた指標がF1です。
# 順位は指標によって変わるので、何で選ぶかを先に決めておきます。

# %% 誤答 2d
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
    order_by=["metrics.val_f1 DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# 並べる指標を書いていないので、1行目はいちばん新しいランです。
# 成績は比べられていません。

# %% 誤答 2e
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
)
best_run_id = found.loc[0, "run_id"]

# %% [markdown]
# 指標の名前の先頭が`train_`です。
# 深さを制限しない木は訓練データをすべて当てるので、必ず1位になります。

# %% 誤答 2f
found = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' and params.n_features = '10'",
    order_by=["metrics.train_auc DESC"],
)
best_run_id = found.loc[0, "run_id"]

# %% 別解 2
found = mlflow.search_runs()
found = found[(found["tags.batch"] == batch) & (found["params.n_features"].astype(float) == 10)]
best_run_id = found.loc[found["metrics.val_auc"].idxmax(), "run_id"]

# %% 別解 2b
best_run_id = max(
    mlflow.search_runs(
        filter_string=f"params.n_features = '10' AND tags.`batch` = '{batch}'",
        output_format="list",
    ),
    key=lambda one: one.data.metrics["val_auc"],
)

# %% 別解 2c
best_run_id = runs[runs["params.n_features"] == "10"].nlargest(1, "metrics.val_auc")["run_id"]

# %% [markdown]
# 学習に渡す列だけを選んで、`log_input`で残します。
# モデルを学習しないランでも、データの記録は残せます。

# %% 解答 3
worst_features = [name for name in data.columns if name.startswith("worst_")]
with mlflow.start_run(run_name="worst_only") as run:
    mlflow.log_input(describe_data(train, worst_features), context="training")
worst_run_id = run.info.run_id

# %% [markdown]
# 読み込んだ表をそのまま記録しています。
# 患者の番号まで「使った列」として残り、後で列から探しても正しく見つかりません。

# %% 誤答 3
with mlflow.start_run(run_name="worst_only") as run:
    everything = mlflow.data.from_pandas(
        train.astype(float), source=source, targets="malignant", name="tumors"
    )
    mlflow.log_input(everything, context="training")
worst_run_id = run.info.run_id

# %% [markdown]
# 記録を作りましたが、`log_input`に渡していません。
# 作っただけでは、ランに何も残りません。

# %% 誤答 3b
worst_features = [name for name in data.columns if name.startswith("worst_")]
with mlflow.start_run(run_name="worst_only") as run:
    described = describe_data(train, worst_features)
worst_run_id = run.info.run_id

# %% [markdown]
# 列は合っていますが、検証データを記録しています。
# 学習に使ったのがどの人たちなのかを、後から確かめられません。

# %% 誤答 3c
worst_features = [name for name in data.columns if name.startswith("worst_")]
with mlflow.start_run(run_name="worst_only") as run:
    mlflow.log_input(describe_data(valid, worst_features), context="training")
worst_run_id = run.info.run_id

# %% [markdown]
# `describe_data`が`malignant`を足すのに、渡す一覧にも入れた形です。
# 同じ名前の列が2つある表になり、列の名前が記録に残りません。

# %% 誤答 3d
with mlflow.start_run(run_name="worst_only") as run:
    mlflow.log_input(describe_data(train, worst_features + ["malignant"]), context="training")
worst_run_id = run.info.run_id

# %% 別解 3
with mlflow.start_run() as run:
    mlflow.log_input(describe_data(train, sorted(worst_features)))
worst_run_id = run.info.run_id

# %% 別解 3b
columns = train.filter(like="worst_").assign(malignant=train["malignant"])
with mlflow.start_run() as worst_run_id:
    mlflow.log_input(
        mlflow.data.from_pandas(columns.iloc[:, ::-1].reset_index(drop=True), name="tumors")
    )

# %% 別解 3c
with mlflow.start_run() as run:
    mlflow.log_input(describe_data(train.sample(frac=1, random_state=3), worst_features))
worst_run_id = run.info.run_id

# %% [markdown]
# `run_id`を渡して元のランを開き、タグを書き足します。
# 理由には、比べた範囲と、決め手になった事実を書きます。

# %% 解答 4
with mlflow.start_run(run_id=chosen_id):
    mlflow.set_tags(
        {
            "decision": "adopted",
            "reason": "4つのランのうち、検証データの正解率、AUC、F1がどれも最も高い",
        }
    )
decision_run_id = chosen_id

# %% [markdown]
# `start_run`に何も渡さないと、新しいランができます。
# 理由だけが別のランに残り、選んだモデルの条件や成績と結びつきません。

# %% 誤答 4
with mlflow.start_run() as run:
    mlflow.set_tags(
        {
            "decision": "adopted",
            "reason": "4つのランのうち、検証データの正解率、AUC、F1がどれも最も高い",
        }
    )
decision_run_id = run.info.run_id

# %% [markdown]
# パラメータは、学習の条件を残す場所です。
# 一度書いたパラメータは書き換えられないので、後から変わりうる判断には向きません。

# %% 誤答 4b
with mlflow.start_run(run_id=chosen_id):
    mlflow.log_params({"decision": "adopted"})
decision_run_id = chosen_id

# %% [markdown]
# 「良かったから」では、何と比べて、どの値が良かったのかが伝わりません。

# %% 誤答 4c
with mlflow.start_run(run_id=chosen_id):
    mlflow.set_tags({"decision": "adopted", "reason": "良かったから"})
decision_run_id = chosen_id

# %% 別解 4
with mlflow.start_run(run_id=chosen_id) as decision_run_id:
    mlflow.set_tag("decision", "adopted")
    mlflow.set_tag("reason", "Best accuracy, AUC and F1 of four runs on the validation data")

# %% 別解 4b
client.set_tag(chosen_id, "decision", "adopted")
client.set_tag(chosen_id, "reason", "検証データの３つの指標が、４つのランの中でどれも最も高い")
decision_run_id = runs.loc[runs["tags.mlflow.runName"] == "train_final2", "run_id"]

# %% 裏付け
assert int(version) >= 1 and digest != describe_data(read_tumors(0), mean_features).digest
assert list(mean_features) == recorded_features(run_ids["train"])
assert (captured.name, captured.source_type) == ("dataset", "code")
assert all(name in captured.schema for name in mean_features)
assert metrics["val_accuracy"] < metrics["training_accuracy_score"]
assert all(v > 0.97 for k, v in record.data.metrics.items() if k != "training_log_loss")
assert record.data.metrics["training_log_loss"] < 0.1
assert record.data.params["max_features"] == "sqrt" and len(record.outputs.model_outputs) == 1

# %% 裏付け 2
ranked = runs.set_index("tags.mlflow.runName")
assert list(ranked.index) == ["train_final2", "train", "train_final", "train_2"]
for metric in ["val_accuracy", "val_auc", "val_f1"]:
    assert ranked[f"metrics.{metric}"].idxmax() == "train_final2"
for metric in ["metrics.val_accuracy", "metrics.val_f1", "metrics.train_auc"]:
    assert ranked.loc["train", metric] < ranked.loc["train_final", metric]
assert ranked.loc["train", "start_time"] < ranked.loc["train_final", "start_time"]
assert round(gap * len(valid)) == 1

# %% 裏付け 3
gaps = ranked["metrics.train_accuracy"] - ranked["metrics.val_accuracy"]
assert gaps.idxmax() == "train_final" and gaps.idxmin() == "train_2"
assert ranked.loc["train_final", "metrics.train_accuracy"] == 1.0
assert ranked["metrics.val_accuracy"].idxmin() == ranked["metrics.train_accuracy"].idxmin()
assert ranked["metrics.val_accuracy"].idxmin() == "train_2"
assert set(ranked["params.n_estimators"]) == {"80", "100"} and sorted(["80", "100"])[0] == "100"

# %% 裏付け 4
means = {name: (a.mean(axis=1), b.mean(axis=1)) for name, (_, a, b) in curves.items()}
deep_train, deep_val = means["train_final"]
shallow_train, shallow_val = means["train_2"]
assert (deep_train > 0.99).all() and (deep_val[1:] > deep_val[:-1]).all()
assert deep_train[-1] - deep_val[-1] > 3 * (shallow_train[-1] - shallow_val[-1])
assert max(shallow_train[-1], shallow_val[-1]) < deep_val[-1]
assert shallow_train[0] - shallow_val[0] > shallow_train[-1] - shallow_val[-1]

# %% 裏付け 5
chosen_metrics = mlflow.get_run(chosen_id).data.metrics
for metric in ["accuracy", "auc", "f1"]:
    assert abs(chosen_metrics[f"test_{metric}"] - chosen_metrics[f"val_{metric}"]) < 0.02
assert features_of["train_final2"] == all_features
assert [name for name in features_of if "worst_area" in features_of[name]] == ["train_final2"]
