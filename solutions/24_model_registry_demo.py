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
    better = candidate["auc"] - champion["auc"] >= 0.03
    same_inputs = candidate["inputs"] == champion["inputs"]
    described = bool(candidate["description"])
    return better and same_inputs and described


# %% [markdown]
# 点数の条件だけを直しています。
# 入力の列が変わったバージョンを通すと、使う側のコードが止まります。


# %% 誤答 1
def passes_gate(candidate, champion):
    return candidate["auc"] - champion["auc"] >= 0.03


# %% [markdown]
# 0.03の幅を忘れ、少しでも高ければ通しています。


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
    better = candidate["auc"] - champion["auc"] >= 0.03
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and len(candidate["description"]) > 0


# %% [markdown]
# 差ではなく、倍率で比べています。
# 0.60の1.03倍は0.618なので、0.02の差が通ってしまいます。


# %% 誤答 1d
def passes_gate(candidate, champion):
    better = candidate["auc"] >= champion["auc"] * 1.03
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and bool(candidate["description"])


# %% [markdown]
# 条件にない`champion`の説明まで求めています。
# いまのバージョンに説明がないだけで、良い候補が止まります。


# %% 誤答 1e
def passes_gate(candidate, champion):
    better = candidate["auc"] - champion["auc"] >= 0.03
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and all(card["description"] for card in (candidate, champion))


# %% [markdown]
# 最後の`and`が、説明の文字列や`None`をそのまま返します。
# `bool`に渡すと、`True`か`False`になります。


# %% 誤答 1f
def passes_gate(candidate, champion):
    better = candidate["auc"] - champion["auc"] >= 0.03
    same_inputs = candidate["inputs"] == champion["inputs"]
    return better and same_inputs and candidate["description"]


# %% 別解 1
def passes_gate(candidate, champion):
    if candidate["auc"] < champion["auc"] + 0.03:
        return False
    if list(candidate["inputs"]) != list(champion["inputs"]):
        return False
    return candidate["description"] not in (None, "")


# %% 別解 1b
def passes_gate(candidate, champion):
    gain = np.round(np.subtract(candidate["auc"], champion["auc"]), 3)
    conditions = [gain >= 0.03, candidate["inputs"] == champion["inputs"]]
    return np.all([*conditions, len(candidate["description"] or "") > 0])


# %% [markdown]
# ランの記録から表のバージョンをたどり、出し直しの表と、同じ便どうしで比べます。
# 距離だけが違い、違う行はどれも同じ倍率です。
# キロメートルで書く列に、メートルの値が入っていました。

# %% 解答 2
table_version = data_of(versions[1])[1]
before, after = deliveries_at(table_version), deliveries_at(2)
different = before != after
wrong_column = different.sum().idxmax()
wrong_rows = different[wrong_column]
ratio = (before[wrong_column] / after[wrong_column])[wrong_rows].mean()

# %% [markdown]
# モデルのバージョン番号を、表のバージョンだと思っています。
# 表のバージョン2は、出し直した後の表です。

# %% 誤答 2
table_version = 2
wrong_column = "distance"
ratio = 1000

# %% [markdown]
# 違う列は見つけましたが、値の同じ行も混ぜて平均しています。

# %% 誤答 2b
table_version = data_of(versions[1])[1]
wrong_column = "distance"
ratio = (deliveries_at(1)["distance"] / deliveries_at(2)["distance"]).mean()

# %% [markdown]
# 割り算の向きが逆です。
# 出し直した値が、出し直す前の値の何倍かになっています。

# %% 誤答 2c
table_version = data_of(versions[1])[1]
wrong_column = "distance"
ratio = (deliveries_at(2)["distance"] / deliveries_at(1)["distance"]).min()

# %% [markdown]
# 「いつもより遅れた便が多かった」と考え、答えの列を挙げています。
# 2つの表の`late`は、1行も違いません。

# %% 誤答 2d
table_version = data_of(versions[1])[1]
wrong_column = "late"
ratio = (deliveries_at(1)["late"].mean() / deliveries_at(2)["late"].mean()).round(2)

# %% 別解 2
table_version = np.int64(data_of(2)[1])
joined = spark.sql(f"""
    SELECT DISTINCT round(old.distance / new.distance) AS ratio
    FROM deliveries VERSION AS OF {table_version} AS old
    JOIN deliveries VERSION AS OF 2 AS new USING (delivery_id)
    WHERE old.distance <> new.distance
""")
wrong_column = "`distance`"
ratio = joined.first()

# %% 別解 2b
run = client.get_run(client.get_model_version(model_name, 2).run_id)
table_version = mlflow.data.get_source(run.inputs.dataset_inputs[0]).delta_table_version
before, after = deliveries_at(table_version), deliveries_at(table_version + 1)
[wrong_column] = [name for name in before if not before[name].equals(after[name])]
row = (before[wrong_column] - after[wrong_column]).abs().idxmax()
ratio = before.loc[row, wrong_column] / after.loc[row, wrong_column]

# %% [markdown]
# 2は、1よりAUCが低く、ゲートが見送ったバージョンです。
# 番号が近いというだけでは、戻す理由になりません。
# 1は`production`で使った実績もあるので、1に付け替えてから予測します。

# %% 解答 3
safe_version = registry.loc[[1, 2], "AUC"].idxmax()
client.set_registered_model_alias(model_name, "production", int(safe_version))
restored = predict_tonight(tonight)

# %% [markdown]
# 同僚の言うとおり、すぐ前の番号に戻しています。
# 遅れる便をいまより見分けられないモデルが、今夜から使われてしまいます。

# %% 誤答 3
safe_version = 2
client.set_registered_model_alias(model_name, "production", safe_version)
restored = predict_tonight(tonight)

# %% [markdown]
# 予測してから付け替えています。
# `restored`は、戻す前の3の予測です。

# %% 誤答 3b
safe_version = max((1, 2), key=val_auc)
client.set_registered_model_alias(model_name, "production", 3)
restored = predict_tonight(tonight)
client.set_registered_model_alias(model_name, "production", safe_version)

# %% [markdown]
# 見やすいように、予測を3桁に丸めています。
# 記録に残す予測は、そのままの値でないと、後で別の予測と突き合わせられません。

# %% 誤答 3c
safe_version = max((1, 2), key=val_auc)
client.set_registered_model_alias(model_name, "production", safe_version)
restored = predict_tonight(tonight).round(3)

# %% [markdown]
# 1を指して予測していますが、`production`を付け替えていません。
# 夜勤の画面は、3のままです。

# %% 誤答 3d
safe_version = max((1, 2), key=val_auc)
client.set_registered_model_alias(model_name, "production", 3)
restored = predict_by(safe_version, tonight)

# %% 別解 3
safe_version = max((1, 2), key=val_auc)
client.set_registered_model_alias(model_name, "production", safe_version)
restored = pd.Series(predict_by(safe_version, tonight), index=tonight.index, dtype="float32")

# %% 別解 3b
found = [client.get_model_version(model_name, str(version)) for version in (1, 2)]
safe_version = max(found, key=lambda one: client.get_run(one.run_id).data.metrics["val_auc"])
client.set_registered_model_alias(model_name, "production", safe_version.version)
restored = predict_tonight(tonight).tolist()

# %% 裏付け
scores = [val_auc(version) for version in versions]
assert scores[1] < scores[0] < scores[2] and scores[2] - scores[0] >= 0.03
assert 0.01 <= np.std(gains) and 2 * np.std(gains) < 0.03 < np.mean(gains)
assert [len(deliveries_at(version)) for version in (0, 1, 2)] == [200, 2000, 2000]
assert len(validation) == 500
assert deliveries_at(0).equals(deliveries_at(2).head(200))
assert [data_of(version)[1] for version in versions] == [0, 1, 2]

# %% 裏付け 2
assert list(log.items()) == [
    ("開始", (1, 1)), ("昇格", (3, 1)), ("差し替え", (3, 3)), ("戻す", (3, 1)), ("もう一度", (3, 3)),
]
assert (screen.predict(tonight[FEATURES])[:, 1] == pair["1"]).all()
assert 6.5 < pair["1"].sum() - pair["3"].sum() < 7.5
for name, rows in moved.items():
    total = rows.sum()
    late_trips = total["遅れた便"]
    assert abs(total["3の見込み"] - late_trips) < abs(total["1の見込み"] - late_trips), name
assert len(moved["すべて"]) == len(tonight) == 300
# 2割ほどだった便が、5割ほどになっている
assert ((pair["1"].between(0.15, 0.25)) & (pair["3"].between(0.45, 0.55))).sum() > 0
assert (loaded.predict(good[["rain", "parcels", "distance"]]) == loaded.predict(good)).all()

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
    model = RandomForestClassifier(max_depth=1, random_state=0)
    mlflow.sklearn.save_model(
        model.fit(validation[FEATURES], validation["late"]),
        f"{folder}/m",
        pip_requirements=PACKAGES,
    )
    plain = mlflow.pyfunc.load_model(f"{folder}/m").predict(good)
    try:
        UcModelRegistryStore._validate_model_signature(None, f"{folder}/m")
        message = ""
    except MlflowException as error:
        message = str(error)
assert "did not contain any signature" in message
assert set(plain) <= {0, 1}

# %% 裏付け 5
for name in ("latest", "v1"):
    try:
        client.set_registered_model_alias(model_name, name, 1)
        message = ""
    except MlflowException as error:
        message = str(error)
    assert "reserved" in message

# %% 裏付け 6
copy_name = f"{model_name}_copied"
copied = client.copy_model_version(f"models:/{model_name}@champion", copy_name)
assert copied.run_id == client.get_model_version(model_name, versions[2]).run_id
client.delete_registered_model(copy_name)
