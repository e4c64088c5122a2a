# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: Databricksの全体像とFree Edition

# %% [markdown]
# 合計はSQLに任せ、何度も使う結果は表に保存し、行の並びは`createDataFrame`に渡します。
# 表に保存した結果は、計算機が返された後も残り、ほかのノートブックからも読めます。

# %% 解答 1
total_parcels = spark.sql("SELECT sum(parcels) FROM deliveries").first()[0]
spark.table("deliveries").groupBy("rain").count().write.mode("overwrite").saveAsTable("trips_by_rain")
by_rain = spark.table("trips_by_rain")
depots = spark.createDataFrame([(1, "東"), (2, "西")], ["depot_id", "name"])

# %% [markdown]
# `.cache()`を外しただけで、表に保存していません。
# 止まりはしませんが、`by_rain`を使うたびに、はじめから数え直します。

# %% 誤答 1
total_parcels = spark.sql("SELECT sum(parcels) FROM deliveries").first()[0]
by_rain = spark.table("deliveries").groupBy("rain").count()
depots = spark.createDataFrame([(1, "東"), (2, "西")], ["depot_id", "name"])

# %% [markdown]
# `total_parcels`で、便の数を数えています。
# 1便にはいくつもの荷物が載っています。

# %% 誤答 1b
total_parcels = spark.table("deliveries").count()
spark.table("deliveries").groupBy("rain").count().write.mode("overwrite").saveAsTable("trips_by_rain")
by_rain = spark.table("trips_by_rain")
depots = spark.createDataFrame([(1, "東"), (2, "西")], ["depot_id", "name"])

# %% [markdown]
# `by_rain`を、雨の便だけに絞っています。
# 雨と晴れに分けて数えるのとは違います。

# %% 誤答 1c
total_parcels = spark.sql("SELECT sum(parcels) FROM deliveries").first()[0]
rainy = spark.table("deliveries").where("rain = 1").groupBy("rain").count()
rainy.write.mode("overwrite").saveAsTable("trips_by_rain")
by_rain = spark.table("trips_by_rain")
depots = spark.createDataFrame([(1, "東"), (2, "西")], ["depot_id", "name"])

# %% [markdown]
# 表に保存しましたが、`by_rain`はその表を読んでいません。
# 使うたびに、元の表から数え直します。

# %% 誤答 1d
total_parcels = spark.sql("SELECT sum(parcels) FROM deliveries").first()[0]
by_rain = spark.table("deliveries").groupBy("rain").count()
by_rain.write.mode("overwrite").saveAsTable("trips_by_rain")
depots = spark.createDataFrame([(1, "東"), (2, "西")], ["depot_id", "name"])

# %% [markdown]
# `depots`に、列の名前を渡していません。
# 列の名前は`_1`と`_2`になります。

# %% 誤答 1e
total_parcels = spark.sql("SELECT sum(parcels) FROM deliveries").first()[0]
spark.table("deliveries").groupBy("rain").count().write.mode("overwrite").saveAsTable("trips_by_rain")
by_rain = spark.table("trips_by_rain")
depots = spark.createDataFrame([(1, "東"), (2, "西")])

# %% 別解 1
total_parcels = spark.table("deliveries").toPandas()["parcels"].sum()
spark.sql("""
    CREATE OR REPLACE TABLE trips_by_rain AS
    SELECT rain, count(*) AS count FROM deliveries GROUP BY rain
""")
by_rain = spark.sql("SELECT * FROM trips_by_rain ORDER BY rain DESC")
depots = spark.sql("SELECT * FROM VALUES (2, '西'), (1, '東') AS t(depot_id, name)")

# %% 別解 1b
total_parcels = spark.table("deliveries").agg({"parcels": "sum"}).first()
counted = spark.table("deliveries").groupBy("rain").count()
counted.writeTo("trips_by_rain").using("delta").createOrReplace()
by_rain = spark.read.table("trips_by_rain")
depots = spark.createDataFrame([(1, "東"), (2, "西")]).toDF("depot_id", "name")

# %% 別解 1c
total_parcels = float(sum(row["parcels"] for row in spark.table("deliveries").collect()))
trips = spark.table("deliveries").toPandas().groupby("rain").size().reset_index(name="count")
spark.createDataFrame(trips).write.mode("overwrite").saveAsTable("trips_by_rain")
by_rain = spark.table("trips_by_rain").select("count", "rain")
depots = spark.createDataFrame(pd.DataFrame({"name": ["東", "西"], "depot_id": [1, 2]}))

# %% [markdown]
# `spark`で始まる行がデータ層、`mlflow`で始まる行が管理層、scikit-learnの部品がML層です。
# `d`の前のバージョンを読む命令も、Delta Lakeの表を読む仕事なのでデータ層です。

# %% 解答 2
layers = {
    "a": "データ層",
    "b": "管理層",
    "c": "ML層",
    "d": "データ層",
    "e": "管理層",
    "f": "ML層",
}

# %% [markdown]
# バージョン番号を、管理層の仕事だと考えています。
# 表のバージョンを管理するのはDelta Lakeで、MLflowが管理するのは実験とモデルです。

# %% 誤答 2
layers = {
    "a": "データ層",
    "b": "管理層",
    "c": "ML層",
    "d": "管理層",
    "e": "管理層",
    "f": "ML層",
}

# %% [markdown]
# 値をいくつも試すことを、記録して比べることと取り違えています。
# 設定の値を試して学習するのは、scikit-learnの仕事です。

# %% 誤答 2b
layers = {
    "a": "データ層",
    "b": "管理層",
    "c": "ML層",
    "d": "データ層",
    "e": "管理層",
    "f": "管理層",
}

# %% 別解 2
names = ["データ層", "管理層", "ｍｌ層", "データ層 ", "管理層", "ML 層"]
layers = dict(zip("abcdef", names, strict=True))

# %% 別解 2b
layers = pd.Series({
    "f": "ML", "e": "管理", "d": "データ", "c": "ML", "b": "管理", "a": "データ",
})

# %% 裏付け
assert accuracy > (test["late"] == 0).mean()
late_rate = records.groupby("rain")["late"].mean()
assert late_rate[1] > late_rate[0] + 0.05
assert 0 < len(data) < len(records)
