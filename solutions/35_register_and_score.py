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
# 列の名前を署名に合わせ、注文から「回」を取って小数に直します。

# %% 解答 1
fixed = from_sales.rename(columns={"アプリの日数": "app_days"})
fixed["orders"] = fixed["orders"].str.replace("回", "").astype(float)

# %% [markdown]
# 値は合っていますが、注文が整数です。
# 署名の型は`double`なので、断られます。

# %% 誤答 1
fixed = from_sales.rename(columns={"アプリの日数": "app_days"})
fixed["orders"] = fixed["orders"].str.replace("回", "").astype(int)

# %% [markdown]
# 読めない文字を空にすると、断られなくなりますが、注文の回数が消えます。
# 空の注文は訓練データの中央値で埋められ、もっともらしい予測が出ます。

# %% 誤答 1b
import pandas as pd

fixed = from_sales.rename(columns={"アプリの日数": "app_days"})
fixed["orders"] = pd.to_numeric(fixed["orders"], errors="coerce")

# %% [markdown]
# 注文は直しましたが、`app_days`という名前の列がありません。
# 人が見れば同じ列でも、署名は名前で調べます。

# %% 誤答 1c
fixed = from_sales.assign(orders=from_sales["orders"].str.replace("回", "").astype(float))

# %% 別解 1
import pandas as pd

fixed = from_sales.assign(
    app_days=from_sales["アプリの日数"],
    orders=pd.to_numeric(from_sales["orders"].str.extract(r"(\d+)")[0]).astype("Float64"),
)

# %% 別解 1b
fixed = (
    spark.createDataFrame(from_sales)
    .withColumnRenamed("アプリの日数", "app_days")
    .withColumn("orders", F.regexp_replace("orders", "回", "").cast("double"))
    .toPandas()
)

# %% [markdown]
# エイリアスを付けてから、エイリアスで読み込みます。

# %% 解答 2
client.set_registered_model_alias(model_name, "practice", previous_version)
practice_model = mlflow.sklearn.load_model(f"models:/{model_name}@practice")

# %% [markdown]
# 選んだバージョンに付けています。

# %% 誤答 2
client.set_registered_model_alias(model_name, "practice", selected_version)
practice_model = mlflow.sklearn.load_model(f"models:/{model_name}@practice")

# %% [markdown]
# pyfuncとして読み込んだので、確率を返せません。

# %% 誤答 2b
client.set_registered_model_alias(model_name, "practice", previous_version)
practice_model = mlflow.pyfunc.load_model(f"models:/{model_name}@practice")

# %% [markdown]
# エイリアスを付け替えましたが、本番のエイリアスから読み込んでいます。

# %% 誤答 2c
client.set_registered_model_alias(model_name, "practice", previous_version)
practice_model = mlflow.sklearn.load_model(f"models:/{model_name}@production")

# %% 別解 2
client.set_registered_model_alias(name=model_name, alias="practice", version=int(previous_version))
practice_model = mlflow.pyfunc.load_model(f"models:/{model_name}@practice").get_raw_model()

# %% 別解 2b
mlflow.MlflowClient().set_registered_model_alias(model_name, "practice", previous_version)
source = client.get_model_version_by_alias(model_name, "practice")
practice_model = mlflow.sklearn.load_model(f"models:/{model_name}/{source.version}")

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
# 同じ行が見つかった時に、何もしていません。
# 二度目に変わった結果が、表に入りません。

# %% 誤答 3c
merge_calls = """
    MERGE INTO call_results AS old USING today_calls AS new
    ON old.customer_id = new.customer_id AND old.called_on = new.called_on
    WHEN NOT MATCHED THEN INSERT *
"""

# %% [markdown]
# 結果まで同じ行を、同じ行としています。
# 結果が変わると別の行とみなされ、同じ日の行が2つになります。

# %% 誤答 3d
merge_calls = """
    MERGE INTO call_results AS old USING today_calls AS new
    ON old.customer_id = new.customer_id AND old.called_on = new.called_on
        AND old.result = new.result
    WHEN MATCHED THEN UPDATE SET *
    WHEN NOT MATCHED THEN INSERT *
"""

# %% [markdown]
# 不在だった人だけを置き換えています。
# 「継続」と聞き違えて記録した人の結果は、直りません。

# %% 誤答 3e
merge_calls = """
    MERGE INTO call_results AS old USING today_calls AS new
    ON old.customer_id = new.customer_id AND old.called_on = new.called_on
    WHEN MATCHED AND old.result = '不在' THEN UPDATE SET *
    WHEN NOT MATCHED THEN INSERT *
"""

# %% 別解 3
merge_calls = """-- 今日の分を入れる
merge into churn.call_results using (select distinct * from today_calls) t
on call_results.called_on = t.called_on and t.customer_id = call_results.customer_id
when matched then update set result = t.result
when not matched then insert (result, called_on, customer_id)
    values (t.result, t.called_on, t.customer_id);"""

# %% 別解 3b
merge_calls = """
    MERGE INTO `call_results` AS old USING today_calls AS new
    ON struct(old.customer_id, old.called_on) = struct(new.customer_id, new.called_on)
    WHEN MATCHED AND old.result <> new.result THEN UPDATE SET old.result = new.result
    WHEN NOT MATCHED THEN INSERT *
"""

# %% 別解 3c
merge_calls = """
    WITH new AS (SELECT customer_id, called_on, result FROM today_calls)
    MERGE INTO call_results AS old USING new
    ON old.customer_id = new.customer_id AND old.called_on = new.called_on
    WHEN MATCHED THEN UPDATE SET *
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

# %% 別解 4
p = spark.table("churn_predictions").toPandas()["churn_probability"]
gain_of_80 = p.sort_values(ascending=False).head(80).mul(4800).sub(1500).sum()

# %% 別解 4b
gain_of_80 = spark.sql("""
    SELECT CAST(sum(4800 * churn_probability - 1500) AS DECIMAL(12, 0)) FROM (
        SELECT *, row_number() OVER (ORDER BY churn_probability DESC) AS place
        FROM churn_predictions WHERE month = '2026-03-01'
    ) WHERE place <= 80
""").first()[0]

# %% 裏付け
assert 0.1 < local.mean() < 0.14
assert set(np.unique(loaded.predict(example))) <= {0.0, 1.0}
assert FEATURES == churn_steps.FEATURES
versions = spark.sql("SELECT DISTINCT model_version FROM churn_predictions").collect()
assert [row.model_version for row in versions] == [selected_version]
assert client.get_model_version_by_alias(model_name, "production").version == int(selected_version)
assert np.allclose(checker.predict(example[example.columns[::-1]]), checker.predict(example))
