# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: モデル登録とバッチ推論

# %% [markdown]
# 文字になった注文を小数に直し、足りない満足度を空の列で足します。

# %% 解答 1
fixed = from_sales.astype({"orders": float}).assign(survey_score=float("nan"))

# %% [markdown]
# 文字を直しましたが、満足度の列がありません。
# 空でもよい列と、無くてもよい列は違います。

# %% 誤答 1
fixed = from_sales.astype({"orders": float})

# %% [markdown]
# 満足度に0を入れています。
# 署名には合いますが、「1よりもっと不満」という意味になります。

# %% 誤答 1b
fixed = from_sales.astype({"orders": float}).assign(survey_score=0.0)

# %% [markdown]
# 名札を付けてから、名札で読み込みます。

# %% 解答 2
client.set_registered_model_alias(model_name, "practice", previous_version)
practice_model = mlflow.sklearn.load_model(f"models:/{model_name}@practice")

# %% [markdown]
# 選んだ版に付けています。

# %% 誤答 2
client.set_registered_model_alias(model_name, "practice", selected_version)
practice_model = mlflow.sklearn.load_model(f"models:/{model_name}@practice")

# %% [markdown]
# pyfuncとして読み込んだので、確率を返せません。

# %% 誤答 2b
client.set_registered_model_alias(model_name, "practice", previous_version)
practice_model = mlflow.pyfunc.load_model(f"models:/{model_name}@practice")

# %% [markdown]
# 顧客と日付の組が同じ行を、同じ行とします。

# %% 解答 3
merge_calls = """
    MERGE INTO call_results AS old USING today_calls AS new
    ON old.customer_id = new.customer_id AND old.called_on = new.called_on
    WHEN MATCHED THEN UPDATE SET *
    WHEN NOT MATCHED THEN INSERT *
"""

# %% [markdown]
# 日付がないので、昨日の行が今日の結果に置き換わります。

# %% 誤答 3
merge_calls = """
    MERGE INTO call_results AS old USING today_calls AS new
    ON old.customer_id = new.customer_id
    WHEN MATCHED THEN UPDATE SET *
    WHEN NOT MATCHED THEN INSERT *
"""

# %% [markdown]
# 同じ行かどうかの条件が、いつも「いいえ」です。
# 足すだけになり、二度流すと行が増えます。

# %% 誤答 3b
merge_calls = """
    MERGE INTO call_results AS old USING today_calls AS new
    ON false
    WHEN NOT MATCHED THEN INSERT *
"""

# %% [markdown]
# 80人を選んでから、見込みを合計します。

# %% 解答 4
gain_of_80 = spark.sql("""
    SELECT sum(4800 * churn_probability - 1500) FROM (
        SELECT churn_probability FROM churn_predictions WHERE month = '2026-03-01'
        ORDER BY churn_probability DESC LIMIT 80
    )
""").first()[0]

# %% [markdown]
# `LIMIT`が、合計した後の表に掛かっています。
# 合計は1行なので、何も減りません。

# %% 誤答 4
gain_of_80 = spark.sql("""
    SELECT sum(4800 * churn_probability - 1500) FROM churn_predictions
    WHERE month = '2026-03-01' LIMIT 80
""").first()[0]

# %% [markdown]
# `DESC`がないので、確率の低い80人です。

# %% 誤答 4b
gain_of_80 = spark.sql("""
    SELECT sum(4800 * churn_probability - 1500) FROM (
        SELECT churn_probability FROM churn_predictions WHERE month = '2026-03-01'
        ORDER BY churn_probability LIMIT 80
    )
""").first()[0]

# %% 裏付け
assert 0.1 < local.mean() < 0.14
assert set(np.unique(loaded.predict(example))) <= {0.0, 1.0}
assert FEATURES == churn_steps.FEATURES
versions = spark.sql("SELECT DISTINCT model_version FROM churn_predictions").collect()
assert [row.model_version for row in versions] == [selected_version]
assert client.get_model_version_by_alias(model_name, "production").version == int(selected_version)
assert np.allclose(checker.predict(example[example.columns[::-1]]), checker.predict(example))
