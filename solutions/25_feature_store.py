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
# 6月末と9月末が同じまとまりに入り、片方の時点の行が消えます。

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
# 古すぎる特徴量を付けないように、3か月で区切っています。
# しばらく行のない顧客の答えが、表から消えます。

# %% 誤答 1f
condition = "f.month_end <= l.as_of AND f.month_end > add_months(l.as_of, -3)"
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
# `build_features`の結果は月の順に並んでいるので、番号を振って1を足します。


# %% 解答 2
def build_features_v2(usage):
    features = build_features(usage)
    return features.assign(months_used=features.groupby("customer_id").cumcount() + 1)


# %% [markdown]
# 渡された表の並びのまま数えています。
# 月の順に並んでいない表を渡すと、違う番号になります。


# %% 誤答 2
def build_features_v2(usage):
    months = usage.assign(months_used=usage.groupby("customer_id").cumcount() + 1)
    return build_features(usage).merge(months[["customer_id", "month_end", "months_used"]])


# %% [markdown]
# 番号が0から始まっています。


# %% 誤答 2b
def build_features_v2(usage):
    features = build_features(usage)
    return features.assign(months_used=features.groupby("customer_id").cumcount())


# %% [markdown]
# 渡された表を使わず、外にある`features`を返しています。
# 別の表を渡しても、同じ結果になってしまいます。


# %% 誤答 2c
def build_features_v2(usage):
    return features.assign(months_used=features.groupby("customer_id").cumcount() + 1)


# %% [markdown]
# 最初の月から何か月たったかを数えています。
# 間の月の行が抜けている顧客では、行の番号より大きくなります。


# %% 誤答 2d
def build_features_v2(usage):
    made = build_features(usage)
    month = made["month_end"].dt.year * 12 + made["month_end"].dt.month
    first = month.groupby(made["customer_id"]).transform("min")
    return made.assign(months_used=month - first + 1)


# %% 別解 2
def build_features_v2(usage):
    made = build_features(usage=usage).reset_index(drop=True)
    made.insert(0, "months_used", made.groupby("customer_id")["month_end"].rank())
    return made.sample(frac=1, random_state=0)


# %% 別解 2b
def build_features_v2(usage):
    made = build_features(usage)
    keys = made[["customer_id", "month_end"]]
    pairs = keys.merge(keys, on="customer_id", suffixes=("", "_other"))
    pairs = pairs[pairs["month_end_other"] <= pairs["month_end"]]
    months = pairs.groupby(["customer_id", "month_end"]).size().rename("months_used")
    return made.merge(months.reset_index(), on=["customer_id", "month_end"])


# %% [markdown]
# 列ごとに違う行を数え、行の数の1割と比べます。

# %% 解答 3
mismatches = {name: int((february_rows[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0.1 * len(february_rows)]

# %% [markdown]
# 同じ行の数を数えています。

# %% 誤答 3
mismatches = {name: int((february_rows[name] == delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0.1 * len(february_rows)]

# %% [markdown]
# 1行でも違えば挙げています。
# `app_days`の違いは、全体の1割に届きません。

# %% 誤答 3b
mismatches = {name: int((february_rows[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0]

# %% [markdown]
# 1割を、行の数でなく、全体の人数の3,000人から求めています。
# 2月末にいるのは、そのうちの一部です。

# %% 誤答 3c
mismatches = {name: int((february_rows[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name, count in mismatches.items() if count > 0.1 * 3000]

# %% [markdown]
# 1割を、4列の違う行の合計から求めています。
# ほかの列の違いが多いほど、境目が上がってしまいます。

# %% 誤答 3d
mismatches = {name: int((february_rows[name] != delivered[name]).sum()) for name in COLUMNS}
skewed_columns = [name for name in COLUMNS if mismatches[name] > 0.1 * sum(mismatches.values())]

# %% 別解 3
different = february_rows[COLUMNS].ne(delivered[COLUMNS])
mismatches = different.sum()
skewed_columns = different.columns[different.mean() > 0.1]

# %% 別解 3b
spark.createDataFrame(february_rows).createOrReplaceTempView("tables_25_february")
spark.createDataFrame(delivered).createOrReplaceTempView("tables_25_delivered")
counted = ", ".join(f"count_if(f.{name} != d.{name}) AS {name}" for name in COLUMNS)
mismatches = spark.sql(f"""
    SELECT {counted}
    FROM tables_25_february f JOIN tables_25_delivered d ON f.customer_id = d.customer_id
""").first()
skewed_columns = {name for name in COLUMNS if mismatches[name] / len(february_rows) > 0.1}

# %% 裏付け
assert latest_auc > 0.9 and 0.55 < score_in_use(latest_model) < 0.66
assert aligned_auc < latest_auc and score_in_use(aligned_model) > score_in_use(latest_model)
assert abs(aligned_auc - score_in_use(aligned_model)) < 0.08
assert skewed < score_in_use(aligned_model)
assert (latest["month_end"] > latest["as_of"]).any() and len(latest) == len(labels)

# %% 裏付け 2
assert costs["SQLite"] < 1 and costs["Spark"] > 10
assert look_up(100002)[1] == "2026-03-31" and look_up(999999) is None
assert set(asked) - set(found["customer_id"]) == {100005}
assert (february["app_days"] != served["app_days"]).mean() > 0.7

# %% 裏付け 3
averages = features.groupby("month_end")["total_orders"].mean().head(4)
assert averages.is_monotonic_increasing
assert 0 < score_in_use(aligned_model) - skewed < 0.06
assert usage["churned"].isna().equals(usage["month_end"] == "2026-03-31")
left = usage[usage["customer_id"] == 100005].iloc[-1]
assert left["churned"] == 1 and str(left["month_end"])[:10] == "2025-08-31"
june = features[features["month_end"] == "2025-06-30"].set_index("customer_id")["total_orders"]
assert june[100002] == june[100111]
last_month = features.groupby("customer_id")["month_end"].max()
assert str(last_month[100111])[:10] == "2025-06-30" and str(last_month[100002])[:10] == "2026-03-31"
assert spark.table("customer_features").count() == len(features)
