# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 【デモ】Model Registry

# %% [markdown]
# 3つの条件を`and`でつなぎます。
# `None`も空の文字列も、`bool`に渡すと偽になります。

# %% 解答 1
def passes_gate(candidate, champion):
    better = candidate["auc"] - champion["auc"] >= 0.01
    same_inputs = candidate["inputs"] == champion["inputs"]
    described = bool(candidate["description"])
    return better and same_inputs and described


# %% [markdown]
# 点数だけを比べています。
# 入力の列が変わったバージョンを通すと、使う側のコードが止まります。


# %% 誤答 1
def passes_gate(candidate, champion):
    return candidate["auc"] - champion["auc"] >= 0.01


# %% [markdown]
# 0.01の幅を忘れ、少しでも高ければ通しています。


# %% 誤答 1b
def passes_gate(candidate, champion):
    better = candidate["auc"] > champion["auc"]
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and bool(candidate["description"])


# %% [markdown]
# 説明が`None`のときを考えていません。
# `len(None)`はエラーになり、ゲートそのものが止まります。


# %% 誤答 1c
def passes_gate(candidate, champion):
    better = candidate["auc"] - champion["auc"] >= 0.01
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and len(candidate["description"]) > 0


# %% [markdown]
# 差ではなく、倍率で比べています。
# 0.60の1.01倍は0.606なので、0.008の差が通ってしまいます。


# %% 誤答 1d
def passes_gate(candidate, champion):
    better = candidate["auc"] >= champion["auc"] * 1.01
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and bool(candidate["description"])


# %% [markdown]
# 条件にない`champion`の説明まで求めています。
# いまのバージョンに説明がないだけで、良い候補が止まります。


# %% 誤答 1e
def passes_gate(candidate, champion):
    better = candidate["auc"] - champion["auc"] >= 0.01
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and all(card["description"] for card in (candidate, champion))


# %% [markdown]
# 最後の`and`が、説明の文字列や`None`をそのまま返します。
# `bool`に渡すと、`True`か`False`になります。


# %% 誤答 1f
def passes_gate(candidate, champion):
    better = candidate["auc"] - champion["auc"] >= 0.01
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and candidate["description"]


# %% 別解 1
def passes_gate(candidate, champion):
    if candidate["auc"] < champion["auc"] + 0.01:
        return False
    if list(candidate["inputs"]) != list(champion["inputs"]):
        return False
    return candidate["description"] not in (None, "")


# %% 別解 1b
def passes_gate(candidate, champion):
    gain = np.round(np.subtract(candidate["auc"], champion["auc"]), 3)
    conditions = [gain >= 0.01, candidate["inputs"] == champion["inputs"]]
    return np.all([*conditions, len(candidate["description"] or "") > 0])


# %% [markdown]
# ランの記録から表のバージョンをたどり、そのバージョンを読んで数えます。

# %% 解答 2
table_version = data_of(versions[1])[1]
strange = spark.sql(f"SELECT * FROM deliveries VERSION AS OF {table_version} WHERE distance > 100")
n_strange = strange.count()

# %% [markdown]
# モデルのバージョン番号を、表のバージョンだと思っています。
# 表のバージョン2は、直した後の表です。

# %% 誤答 2
table_version = 2
n_strange = spark.sql("SELECT * FROM deliveries VERSION AS OF 2 WHERE distance > 100").count()

# %% [markdown]
# 表のバージョンは合っていますが、いまの表を数えています。
# いまの表は、もう直っています。

# %% 誤答 2b
table_version = data_of(versions[1])[1]
n_strange = spark.table("deliveries").where("distance > 100").count()

# %% [markdown]
# コードの0.6を見て、2,000便の6割だろうと、数えずに答えています。
# 行ごとにくじを引いて決めたので、ちょうど6割にはなりません。

# %% 誤答 2c
table_version = data_of(versions[1])[1]
n_strange = 1200

# %% 別解 2
table_version = np.int64(data_of(2)[1])
n_strange = spark.sql(f"""
    SELECT count(*) AS rows FROM deliveries VERSION AS OF {table_version} WHERE distance > 100
""").first()

# %% 別解 2b
run = client.get_run(run_ids[1])
table_version = json.loads(run.inputs.dataset_inputs[0].dataset.source)["delta_table_version"]
old = spark.read.option("versionAsOf", table_version).table("deliveries").toPandas()
n_strange = (old["distance"] > 100).sum()

# %% [markdown]
# バージョンに名札を付け、読み込みには名札を使います。

# %% 解答 3
client.set_registered_model_alias(model_name, "challenger", 2)
client.set_registered_model_alias(model_name, "production", 3)
model_uri = f"models:/{model_name}@production"

# %% [markdown]
# 番号で読み込んでいます。
# 差し替えのたびに、このコードを直すことになります。

# %% 誤答 3
client.set_registered_model_alias(model_name, "challenger", 2)
client.set_registered_model_alias(model_name, "production", 3)
model_uri = f"models:/{model_name}/3"

# %% [markdown]
# バージョン番号が入れ替わっています。
# 点検中のバージョン2が、本番で使われてしまいます。

# %% 誤答 3b
client.set_registered_model_alias(model_name, "challenger", 3)
client.set_registered_model_alias(model_name, "production", 2)
model_uri = f"models:/{model_name}@production"

# %% [markdown]
# 名札は付けましたが、読み込む文字列がステージのままです。
# 手元では動くことがあっても、Unity Catalogではエラーになります。

# %% 誤答 3c
client.set_registered_model_alias(model_name, "challenger", 2)
client.set_registered_model_alias(model_name, "production", 3)
model_uri = f"models:/{model_name}/Production"

# %% [markdown]
# いまは`champion`もバージョン3なので、同じモデルが読み込めます。
# 点検を通ったバージョンが変わると、使うと決める前に差し替わります。

# %% 誤答 3d
client.set_registered_model_alias(model_name, "challenger", 2)
client.set_registered_model_alias(model_name, "production", 3)
model_uri = f"models:/{model_name}@champion"

# %% [markdown]
# 文字列ではなく、読み込んだモデルを入れています。
# どう指して読み込んだかが、モデルからは分かりません。

# %% 誤答 3e
client.set_registered_model_alias(model_name, "challenger", 2)
client.set_registered_model_alias(model_name, "production", 3)
model_uri = mlflow.pyfunc.load_model(f"models:/{model_name}@production")

# %% 別解 3
new_aliases = {"production": "3", "challenger": "2"}
for alias, version in new_aliases.items():
    client.set_registered_model_alias(name=model_name, alias=alias, version=version)
model_uri = "models:/" + model_name + "@production"

# %% 別解 3b
client.set_registered_model_alias(model_name, "challenger", versions[1])
client.set_registered_model_alias(model_name, "production", current("champion"))
model_uri = f"models:/{client.get_registered_model(model_name).name}@production"

# %% [markdown]
# 前のバージョンをAUCで比べ、良いほうに付け替えてから予測します。

# %% 解答 4
safe_version = max((1, 2), key=holdout_auc)
client.set_registered_model_alias(model_name, "production", safe_version)
after = predict_tonight(tonight)

# %% [markdown]
# すぐ前のバージョン2に戻しています。
# 単位の混ざったデータで学習したバージョンなので、事故が続きます。

# %% 誤答 4
safe_version = 2
client.set_registered_model_alias(model_name, "production", safe_version)
after = predict_tonight(tonight)

# %% [markdown]
# 予測してから付け替えています。
# `after`は、戻す前のバージョン3の予測です。

# %% 誤答 4b
safe_version = max((1, 2), key=holdout_auc)
client.set_registered_model_alias(model_name, "production", 3)
after = predict_tonight(tonight)
client.set_registered_model_alias(model_name, "production", safe_version)

# %% [markdown]
# 見やすいように、予測を3桁に丸めています。
# 記録に残す予測は、そのままの値でないと、後で別の予測と突き合わせられません。

# %% 誤答 4c
safe_version = max((1, 2), key=holdout_auc)
client.set_registered_model_alias(model_name, "production", safe_version)
after = predict_tonight(tonight).round(3)

# %% 別解 4
scores = registry_table()["AUC"]
safe_version = scores[scores.index < 3].idxmax()
client.set_registered_model_alias(model_name, "production", int(safe_version))
after = pd.Series(predict_by(int(safe_version)), index=tonight.index, dtype="float32")

# %% 別解 4b
found = [client.get_model_version(model_name, str(version)) for version in (1, 2)]
safe_version = max(found, key=lambda one: client.get_run(one.run_id).data.metrics["holdout_auc"])
client.set_registered_model_alias(model_name, "production", safe_version.version)
after = predict_tonight(tonight).tolist()

# %% 裏付け
assert abs((mistaken["distance"] > 100).sum() - 1200) > 10
scores = [holdout_auc(version) for version in versions]
assert scores[1] < scores[0] < scores[2] and scores[2] - scores[0] >= 0.01
assert [version for _, version in log] == [1, 3, 1, 3]
assert [str(data_of(version)[1]) for version in versions] == ["0", "1", "2"]
assert passes_gate(card(3), card(1)) and not passes_gate(card(2), card(1))

# %% 裏付け 2
late = tonight["late"].sum()
assert abs(pair["バージョン3"].sum() - late) < abs(pair["バージョン1"].sum() - late)
assert 1 < pair["バージョン1"].sum() - pair["バージョン3"].sum() < 10
assert ((pair["バージョン1"] - pair["バージョン3"]).abs() >= 0.2).sum() > 0
assert version_of[screen.metadata.run_id] == 1 and version_of[copied.run_id] == 3

# %% 裏付け 3
from mlflow.store._unity_catalog.registry.rest_store import UcModelRegistryStore

move_stage = getattr(UcModelRegistryStore, "_".join(["transition", "model_version_stage"]))
try:
    move_stage(None, "name", "1", "Production", False)
    message = ""
except MlflowException as error:
    message = str(error)
assert message.startswith(
    "Method 'transition_model_version_stage' is unsupported for models in the Unity Catalog. "
    "We recommend using aliases instead of stages for more flexible model deployment management."
)

# %% 裏付け 4
from tempfile import TemporaryDirectory

with TemporaryDirectory() as folder:
    sklearn_model = RandomForestRegressor(max_depth=1, random_state=0).fit(
        holdout[FEATURES], holdout["late"]
    )
    mlflow.sklearn.save_model(sklearn_model, f"{folder}/m", pip_requirements=PACKAGES)
    try:
        UcModelRegistryStore._validate_model_signature(None, f"{folder}/m")
        message = ""
    except MlflowException as error:
        message = str(error)
assert "did not contain any signature" in message

# %% 裏付け 5
for name in ("latest", "v1"):
    try:
        client.set_registered_model_alias(model_name, name, 1)
        message = ""
    except MlflowException as error:
        message = str(error)
    assert "reserved" in message
