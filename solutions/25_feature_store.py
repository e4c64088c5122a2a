# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: Feature Store

# %% [markdown]
# 先に時点で絞り、顧客と時点の組ごとに新しい順の番号を振ります。

# %% 解答 1
condition = "f.month_end <= l.as_of"
groups = "l.customer_id, l.as_of"
keep = "position = 1"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% [markdown]
# 月末の予測だけなら、等号でも同じ行が付きます。
# 予測する日が月の途中になると、合う行が1つもありません。

# %% 誤答 1
condition = "f.month_end = l.as_of"
groups = "l.customer_id, l.as_of"
keep = "position = 1"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% [markdown]
# 「以前」を`<`と書いています。
# 予測する日と同じ日に分かった値が外れ、1か月古い行が付きます。

# %% 誤答 1b
condition = "f.month_end < l.as_of"
groups = "l.customer_id, l.as_of"
keep = "position = 1"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% [markdown]
# 比べる向きが逆です。
# 予測の時点より後の行が付きます。

# %% 誤答 1c
condition = "f.month_end >= l.as_of"
groups = "l.customer_id, l.as_of"
keep = "position = 1"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% [markdown]
# 番号を顧客ごとに振っています。
# 12月末と3月末が同じまとまりに入り、片方の時点の行が消えます。

# %% 誤答 1d
condition = "f.month_end <= l.as_of"
groups = "l.customer_id"
keep = "position = 1"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% [markdown]
# 特徴量テーブルの主キーの`month_end`まで、まとまりに入れています。
# どのまとまりも1行になり、すべての行の番号が1になるので、1行に減りません。

# %% 誤答 1e
condition = "f.month_end <= l.as_of"
groups = "l.customer_id, l.as_of, f.month_end"
keep = "position = 1"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% [markdown]
# 列の前に`l.`も`f.`も付けていません。
# `customer_id`は両方の表にあるので、どちらの列か決められず、SQLが動きません。

# %% 誤答 1f
condition = "month_end <= as_of"
groups = "customer_id, as_of"
keep = "position = 1"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% 別解 1
condition = "datediff(l.as_of, f.month_end) >= 0"
groups = "l.as_of, f.customer_id"
keep = "position < 2"

fixed_join = f"""
    WITH numbered AS (
        SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
               f.total_orders, l.churned,
               row_number() OVER (PARTITION BY {groups} ORDER BY f.month_end DESC) AS position
        FROM labels l JOIN customer_features f ON f.customer_id = l.customer_id AND {condition}
    )
    SELECT customer_id, as_of, month_end, orders, app_days, complaints_3m, total_orders, churned
    FROM numbered WHERE {keep}
"""

# %% 別解 1b
fixed_join = """
    SELECT l.*, f.month_end, f.orders, f.app_days, f.complaints_3m, f.total_orders
    FROM labels AS l JOIN feature_store.customer_features AS f
      ON l.customer_id = f.customer_id
    WHERE f.month_end = (
        SELECT max(g.month_end) FROM customer_features g
        WHERE g.customer_id = l.customer_id AND g.month_end <= l.as_of
    )
    ORDER BY as_of DESC;
"""

# %% [markdown]
# 列ごとに違う行を数え、行の数の1割と比べます。
# 原因は、疑わしい数え方ごとに、届いた値と合う行を数えて決めます。

# %% 解答 2
mismatches = {name: int((august[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0.1 * len(august)]
same = {name: (suspects[name] == delivered["total_orders"]).sum() for name in suspects}
cause = max(same, key=same.get)

# %% [markdown]
# 本文と同じ原因だと決めつけています。
# `suspects`の値と比べると、合わない行が見つかります。

# %% 誤答 2
mismatches = {name: int((august[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0.1 * len(august)]
cause = "今年の1月から数えた"

# %% [markdown]
# 同じ行の数を数えています。

# %% 誤答 2b
mismatches = {name: int((august[name] == delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0.1 * len(august)]
cause = "先月末までしか数えていない"

# %% [markdown]
# 1行でも違えば挙げています。
# `app_days`の違いは、全体の1割に届きません。

# %% 誤答 2c
mismatches = {name: int((august[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0]
cause = "先月末までしか数えていない"

# %% [markdown]
# 1割を、行の数でなく、全体の人数の3,000人から求めています。
# 8月末にいるのは、そのうちの一部です。

# %% 誤答 2d
mismatches = {name: int((august[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0.1 * 3000]
cause = "先月末までしか数えていない"

# %% 別解 2
different = august[COLUMNS].ne(delivered[COLUMNS])
mismatches = different.sum()
skewed_columns = different.columns[different.mean() > 0.1]
cause = suspects.eq(delivered["total_orders"], axis=0).mean().idxmax()

# %% 別解 2b
rows = august[["customer_id"]].join(delivered)
spark.createDataFrame(august).createOrReplaceTempView("tables_25_august")
spark.createDataFrame(rows).createOrReplaceTempView("tables_25_delivered")
counted = ", ".join(f"count_if(f.{name} != d.{name}) AS {name}" for name in COLUMNS)
mismatches = spark.sql(f"""
    SELECT {counted}
    FROM tables_25_august f JOIN tables_25_delivered d ON f.customer_id = d.customer_id
""").first()
skewed_columns = {name for name in COLUMNS if mismatches[name] / len(august) > 0.1}
cause = suspects.columns[1]

# %% 裏付け
assert auc(model, latest) > 0.9 and 0.55 < auc(model, august) < 0.7
assert auc(aligned_model, aligned) < 0.8
assert abs(auc(aligned_model, aligned) - auc(aligned_model, august)) < 0.03
assert len(latest) == len(labels) == len(aligned)
row = latest[(latest["as_of"].astype(str) == "2024-12-31")]["month_end"].astype(str)
assert row.max() == "2025-08-31" and latest.head(3)["month_end"].astype(str).max() == "2025-08-31"
assert 0.4 < (august["total_orders"] != served["total_orders"]).mean() < 0.5
assert auc(aligned_model, served) >= auc(aligned_model, august)

odd = august[august["customer_id"] % 2 == 1]
draws = [odd.sample(frac=1, replace=True, random_state=seed) for seed in range(300)]
gains = pd.Series([auc(aligned_model, draw) - auc(model, draw) for draw in draws])
assert 0.045 < gains.std() < 0.055
assert 0 < auc(aligned_model, august) - auc(model, august) < 2 * gains.std()

# %% 裏付け 2
assert usage["churned"].isna().equals(usage["month_end"] == "2025-09-30")
assert spark.table("customer_features").count() == len(features)
assert before[0] == len(features) - len(september) and str(before[1]) == "2025-08-31"
assert online.get(100002) is None and str(online[100006]["month_end"])[:10] == "2025-09-30"
assert set(asked) - set(found["customer_id"]) == {100002}
left_at = usage[usage["customer_id"] == 100002].iloc[-1]
assert left_at["churned"] == 1 and str(left_at["month_end"])[:10] == "2024-12-31"

# %% 裏付け 3
two = features[features["customer_id"].isin([100011, 100182])]
lines = two.pivot(index="month_end", columns="customer_id", values="total_orders")
assert (lines.loc[:"2024-12-31", 100011] == lines.loc[:"2024-12-31", 100182]).all()
assert lines.loc["2025-01-01":, 100182].isna().all() and lines[100011].notna().all()
assert (suspects["先月末までしか数えていない"] == delivered["total_orders"]).all()
assert (suspects["今年の1月から数えた"] != delivered["total_orders"]).any()
