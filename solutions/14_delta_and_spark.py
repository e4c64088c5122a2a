# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: Delta LakeとSparkでデータを読む

# %% [markdown]
# 先に行を絞り、残った行を診断ごとに数えます。
# 件数の列には`AS`で名前を付けます。
# 付けないと、列の名前は`count(1)`になります。

# %% 解答 1
large_counts = spark.sql("""
    SELECT diagnosis, count(*) AS n_samples
    FROM cell_samples
    WHERE worst_area > 750
    GROUP BY diagnosis
    ORDER BY diagnosis
""")

# %% [markdown]
# 似た名前の`mean_area`で絞っています。
# エラーにはならないので、件数を見るまで気づけません。

# %% 誤答 1
large_counts = (
    samples.where("mean_area > 750").groupBy("diagnosis").agg(F.count("*").alias("n_samples"))
)

# %% [markdown]
# 条件を書き忘れ、すべての検体を数えています。
# 本文の集計を写して、`WHERE`を足し忘れるとこうなります。

# %% 誤答 1b
large_counts = samples.groupBy("diagnosis").agg(F.count("*").alias("n_samples"))

# %% [markdown]
# 件数は合っていますが、列の名前が`count`です。
# `groupBy`に`count`をつなげると、列の名前は選べません。

# %% 誤答 1c
large_counts = samples.where("worst_area > 750").groupBy("diagnosis").count()

# %% 別解 1
large_counts = count_by_diagnosis(samples.filter(F.col("worst_area") > 750))

# %% 別解 1b
large_counts = spark.sql("""
    SELECT sum(if(worst_area > 750, 1, 0)) AS n_samples, diagnosis
    FROM cell_samples
    GROUP BY diagnosis
    ORDER BY n_samples
""")

# %% [markdown]
# バージョン0の悪性の数から、バージョン1に残った悪性の数を引きます。
# いまの表は直した後なので、間違えた直後のバージョン1は`VERSION AS OF`で読みます。

# %% 解答 2
version_0 = spark.sql("SELECT * FROM rechecked VERSION AS OF 0")
version_1 = spark.sql("SELECT * FROM rechecked VERSION AS OF 1")
malignant = "diagnosis = '悪性'"
changed = version_0.where(malignant).count() - version_1.where(malignant).count()

# %% [markdown]
# 書き換えた行をすべて数えています。
# もとから良性だった行は、書き換えても診断が変わりません。

# %% 誤答 2
changed = spark.table("rechecked").where("sample_id <= 99").count()

# %% [markdown]
# いまの表の悪性を数えています。
# いまの表は、間違いを直した後です。

# %% 誤答 2b
changed = spark.table("rechecked").where("diagnosis = '悪性'").count()

# %% [markdown]
# バージョン1に残った悪性の数です。
# 変わった数を知るには、変わる前のバージョン0と比べます。

# %% 誤答 2c
version_1 = spark.sql("SELECT * FROM rechecked VERSION AS OF 1")
changed = version_1.where("diagnosis = '悪性'").count()

# %% [markdown]
# バージョン0の代わりに、いまの表とバージョン1を比べています。
# いまの表は99番も良性に直した後なので、1件少なくなります。

# %% 誤答 2d
now = spark.table("rechecked")
version_1 = spark.sql("SELECT * FROM rechecked VERSION AS OF 1")
changed = now.exceptAll(version_1).count()

# %% 別解 2
changed = spark.sql("""
    SELECT count(*)
    FROM rechecked VERSION AS OF 0 AS a
    JOIN rechecked VERSION AS OF 1 AS b ON a.sample_id = b.sample_id
    WHERE a.diagnosis <> b.diagnosis
""").first()

# %% 別解 2b
version_0 = spark.sql("SELECT * FROM rechecked VERSION AS OF 0 ORDER BY sample_id").toPandas()
version_1 = spark.sql("SELECT * FROM rechecked VERSION AS OF 1 ORDER BY sample_id").toPandas()
changed = (version_0["diagnosis"] != version_1["diagnosis"]).sum()

# %% [markdown]
# `toPandas`は最後に置きます。
# 先に呼ぶと、要らない行と列まで手元に集まります。

# %% 解答 3
to_send = samples.where("mean_radius > 15").select("sample_id", "mean_radius", "diagnosis")
large_samples = to_send.toPandas()

# %% [markdown]
# 「超える」を「以上」と読んでいます。
# ちょうど15の検体が1件あるので、1行多くなります。

# %% 誤答 3
to_send = samples.where("mean_radius >= 15").select("sample_id", "mean_radius", "diagnosis")
large_samples = to_send.toPandas()

# %% [markdown]
# 手順を作っただけで、まだ何も手元に来ていません。

# %% 誤答 3b
to_send = samples.where("mean_radius > 15").select("sample_id", "mean_radius", "diagnosis")
large_samples = to_send

# %% [markdown]
# 表をまるごとpandasに渡してから、減らしています。
# 結果は同じでも、すべての行と列がいったん手元に集まります。

# %% 誤答 3c
to_send = samples.toPandas()
large_samples = to_send.loc[to_send["mean_radius"] > 15, ["sample_id", "mean_radius", "diagnosis"]]

# %% [markdown]
# 行だけを絞り、列を選んでいません。
# 使わない列の分まで、メモリーを使います。

# %% 誤答 3d
to_send = samples.where("mean_radius > 15")
large_samples = to_send.toPandas()

# %% 別解 3
to_send = spark.sql("SELECT diagnosis, mean_radius, sample_id FROM cell_samples WHERE mean_radius > 15")
large_samples = to_send.orderBy("mean_radius").toPandas()

# %% 別解 3b
to_send = samples[samples["mean_radius"] > 15][["sample_id", "mean_radius", "diagnosis"]]
large_samples = to_send.toPandas().set_index("sample_id").sort_values("mean_radius", ascending=False)

# %% 裏付け
assert sum(name.startswith("mean_") for name in cells.columns) == 10
assert sum(name.endswith("_error") for name in cells.columns) == 10
assert sum(name.startswith("worst_") for name in cells.columns) == 10
assert (raw["target"] == 0).sum() == (cells["diagnosis"] == "悪性").sum()

# %% 裏付け 2
ratio = cells["worst_radius"] / cells["mean_radius"]
by_name = cells.assign(ratio=ratio).groupby("diagnosis")[["mean_radius", "ratio"]]
assert (by_name.mean().loc["悪性"] > by_name.mean().loc["良性"]).all()
assert by_name.size()["悪性"] < by_name.size()["良性"]

# %% 裏付け 3
history = spark.sql("DESCRIBE HISTORY cell_samples").collect()
assert {row["version"]: row["operation"] for row in history}[1] == "UPDATE"
assert max(row["version"] for row in history) == 2
counts = dict(count_by_diagnosis(samples).collect())
assert counts == cells["diagnosis"].value_counts().to_dict()

# %% 裏付け 4
assert rows * columns * 8 < 1e6
assert 100_000_000 * columns * 8 > 16e9
assert 200_000_000 * 40 * 8 == 64e9

# %% 裏付け 5
by_name = radius.groupby("diagnosis")["mean_radius"]
assert by_name.median()["悪性"] > by_name.median()["良性"]
assert by_name.std()["悪性"] > by_name.std()["良性"]
assert by_name.max()["良性"] > by_name.min()["悪性"]
assert (cells["mean_radius"] == 15).sum() == 1
large_diagnoses = cells.loc[cells["worst_area"] > 750, "diagnosis"].value_counts(normalize=True)
assert 0.5 < large_diagnoses["悪性"] < 1

# %% 裏付け 6
short = spark.createDataFrame([(9002, -5.0)], ["sample_id", "mean_radius"])
short.write.mode("append").saveAsTable("cell_samples")
added = spark.table("cell_samples").where("sample_id = 9002").first()
assert added["mean_radius"] == -5.0 and added["diagnosis"] is None
