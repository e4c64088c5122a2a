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
# `SELECT sample_id, mean_area FROM rechecked WHERE mean_radius = 14.25`で調べると、2件あり、面積が大きいのは62番です。
# そこで`sample_id`を条件にし、件数が1だと確かめてから書き換えます。

# %% 解答 1
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
matched = spark.sql("SELECT count(*) FROM rechecked WHERE sample_id = 62").first()[0]
spark.sql("UPDATE rechecked SET diagnosis = '良性' WHERE sample_id = 62")

# %% [markdown]
# 依頼書の1行目だけで書き換え、半径の同じ2件を変えています。
# 先に数えた件数が2なので、そこで止まれるはずでした。

# %% 誤答 1
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
matched = spark.table("rechecked").where("mean_radius = 14.25").count()
spark.sql("UPDATE rechecked SET diagnosis = '良性' WHERE mean_radius = 14.25")

# %% [markdown]
# 数えただけで、書き換えていません。
# `SELECT`は表を変えません。

# %% 誤答 1b
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
matched = spark.sql("SELECT count(*) FROM rechecked WHERE sample_id = 62").first()[0]

# %% [markdown]
# 2件のうち、面積が小さいほうを選んでいます。

# %% 誤答 1c
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
matched = spark.table("rechecked").where("sample_id = 36").count()
spark.sql("UPDATE rechecked SET diagnosis = '良性' WHERE sample_id = 36")

# %% [markdown]
# 書き換えた後で数えています。
# 62番はもう良性なので、「悪性」を含む条件には1件も当てはまりません。

# %% 誤答 1d
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
condition = "mean_radius = 14.25 AND mean_area > 640 AND diagnosis = '悪性'"
spark.sql(f"UPDATE rechecked SET diagnosis = '良性' WHERE {condition}")
matched = spark.table("rechecked").where(condition).count()

# %% [markdown]
# 条件を数えるときにだけ付け、`UPDATE`に付け忘れています。
# 佐藤さんと同じ失敗です。

# %% 誤答 1e
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
matched = spark.table("rechecked").where("sample_id = 62").count()
spark.sql("UPDATE rechecked SET diagnosis = '良性'")

# %% 別解 1
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
condition = "mean_radius = 14.25 AND mean_area > 640 AND diagnosis = '悪性'"
matched = spark.table("rechecked").where(condition).count()
spark.sql(f"UPDATE rechecked SET diagnosis = '良性' WHERE {condition}")

# %% 別解 1b
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
largest = "(SELECT max(mean_area) FROM rechecked WHERE mean_radius = 14.25)"
condition = f"mean_radius = 14.25 AND mean_area = {largest}"
matched = spark.sql(f"SELECT count(*) FROM rechecked WHERE {condition}").first()
spark.sql(f"""
    MERGE INTO rechecked AS t
    USING (SELECT sample_id FROM rechecked WHERE {condition}) AS s
    ON t.sample_id = s.sample_id
    WHEN MATCHED THEN UPDATE SET diagnosis = '良性'
""")

# %% [markdown]
# `toPandas`は最後に置きます。
# 先に呼ぶと、要らない行と列までノートブックに集まります。

# %% 解答 2
to_send = samples.where("mean_radius > 15").select("sample_id", "mean_radius", "diagnosis")
large_samples = to_send.toPandas()

# %% [markdown]
# 「超える」を「以上」と読んでいます。
# ちょうど15の検体が1件あるので、1行多くなります。

# %% 誤答 2
to_send = samples.where("mean_radius >= 15").select("sample_id", "mean_radius", "diagnosis")
large_samples = to_send.toPandas()

# %% [markdown]
# 手順を作っただけで、まだpandasに渡していません。

# %% 誤答 2b
to_send = samples.where("mean_radius > 15").select("sample_id", "mean_radius", "diagnosis")
large_samples = to_send

# %% [markdown]
# 表をまるごとpandasに渡してから、減らしています。
# 結果は同じでも、すべての行と列がいったんノートブックに集まります。

# %% 誤答 2c
to_send = samples.toPandas()
large_samples = to_send.loc[to_send["mean_radius"] > 15, ["sample_id", "mean_radius", "diagnosis"]]

# %% [markdown]
# 行だけを絞り、列を選んでいません。
# 使わない列の分まで、メモリーを使います。

# %% 誤答 2d
to_send = samples.where("mean_radius > 15")
large_samples = to_send.toPandas()

# %% 別解 2
to_send = spark.sql("SELECT diagnosis, mean_radius, sample_id FROM cell_samples WHERE mean_radius > 15")
large_samples = to_send.orderBy("mean_radius").toPandas()

# %% 別解 2b
to_send = samples[samples["mean_radius"] > 15][["sample_id", "mean_radius", "diagnosis"]]
large_samples = to_send.toPandas().set_index("sample_id").sort_values("mean_radius", ascending=False)

# %% [markdown]
# バージョン1に戻すと、打ち間違いと一緒に、300番の正しい直しも表から外れます。
# そこで、118番と300番の直しを、正しい条件で入れ直します。

# %% 解答 3
start_followup()
good_version = 1
spark.sql(f"RESTORE TABLE followup TO VERSION AS OF {good_version}")
spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id IN (118, 300)")

# %% [markdown]
# 戻しただけで終わっています。
# 118番は直らないままで、300番の直しも外れました。

# %% 誤答 3
start_followup()
good_version = 1
spark.sql(f"RESTORE TABLE followup TO VERSION AS OF {good_version}")

# %% [markdown]
# いちばん最初に戻したので、後から足した検体まで外れました。

# %% 誤答 3b
start_followup()
good_version = 0
spark.sql(f"RESTORE TABLE followup TO VERSION AS OF {good_version}")
spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id IN (118, 300)")

# %% [markdown]
# 打ち間違えたバージョンそのものに戻しています。
# 戻したいのは、その1つ前です。

# %% 誤答 3c
start_followup()
good_version = 2
spark.sql(f"RESTORE TABLE followup TO VERSION AS OF {good_version}")
spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id = 300")

# %% [markdown]
# 300番の直しを入れ直していません。
# `RESTORE`は、間違いの後に足された正しい変更も一緒に外します。

# %% 誤答 3d
start_followup()
good_version = 1
spark.sql(f"RESTORE TABLE followup TO VERSION AS OF {good_version}")
spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id = 118")

# %% 別解 3
start_followup()
good_version = 1.0
good = spark.sql("SELECT * FROM followup VERSION AS OF 1")
good.write.mode("overwrite").saveAsTable("followup")
spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id = 118")
spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id = 300")

# %% 別解 3b
start_followup()
history = spark.sql("DESCRIBE HISTORY followup")
good_version = history.where("version < 2").agg(F.max("version")).first()
spark.sql("RESTORE followup VERSION AS OF 1")
spark.sql("UPDATE followup SET diagnosis = if(sample_id IN (118, 300), '良性', diagnosis)")

# %% 裏付け
assert sum(name.startswith("mean_") for name in cells.columns) == 10
assert sum(name.endswith("_error") for name in cells.columns) == 10
assert sum(name.startswith("worst_") for name in cells.columns) == 10
assert len(cells.columns) == 32
assert (raw["target"] == 0).sum() == (cells["diagnosis"] == "悪性").sum()

# %% 裏付け 2
ratio = cells["worst_radius"] / cells["mean_radius"]
by_name = cells.assign(ratio=ratio).groupby("diagnosis")[["mean_radius", "ratio"]]
assert (by_name.mean().loc["悪性"] > by_name.mean().loc["良性"]).all()
assert by_name.size()["悪性"] < by_name.size()["良性"]

# %% 裏付け 3
history = spark.sql("DESCRIBE HISTORY cell_samples").orderBy("version").collect()
assert [row["operation"] for row in history][1:] == ["UPDATE", "RESTORE"]
assert dict(count_by_diagnosis().collect()) == cells["diagnosis"].value_counts().to_dict()

# %% 裏付け 4
files = [
    set(spark.sql(f"SELECT * FROM cell_samples VERSION AS OF {version}").inputFiles())
    for version in range(3)
]
assert files[0] == files[2] and files[1] - files[0]

# %% 裏付け 5
assert columns_read(large) == "sample_id:bigint,mean_radius:double"
assert columns_read(samples).endswith("...")

# %% 裏付け 6
assert rows * columns * 8 < 1e6
assert 100_000_000 * columns * 8 > 16e9
assert 200_000_000 * 40 * 8 == 64e9

# %% 裏付け 7
by_name = radius.groupby("diagnosis")["mean_radius"]
assert by_name.median()["悪性"] > by_name.median()["良性"]
assert by_name.std()["悪性"] > by_name.std()["良性"]
assert by_name.max()["良性"] > by_name.min()["悪性"]
assert (cells["mean_radius"] == 15).sum() == 1

# %% 裏付け 8
asked = cells[cells["mean_radius"] == 14.25]
assert list(asked["sample_id"]) == [36, 62] and (asked["diagnosis"] == "悪性").all()
assert asked["mean_area"].idxmax() == 62
assert (cells.loc[[118, 300], "diagnosis"] == "悪性").all()

# %% 裏付け 9
short = spark.createDataFrame([(9002, -5.0)], ["sample_id", "mean_radius"])
short.write.mode("append").saveAsTable("cell_samples")
added = spark.table("cell_samples").where("sample_id = 9002").first()
assert added["mean_radius"] == -5.0 and added["diagnosis"] is None
spark.sql("RESTORE TABLE cell_samples TO VERSION AS OF 2")
