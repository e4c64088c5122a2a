# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: データ準備と特徴量エンジニアリング

# %% [markdown]
# 重複をまとめる前と後の行数の差が、余分な行の数です。

# %% 解答 1
n_extra = kokage["usage_monthly"].count() - kokage["usage_monthly"].distinct().count()

# %% [markdown]
# `customer_id`だけで数えています。
# 同じ人の4月と5月の行まで、余分に見えます。

# %% 誤答 1
n_extra = (
    kokage["usage_monthly"].count()
    - kokage["usage_monthly"].select("customer_id").distinct().count()
)

# %% [markdown]
# 直した後の行数です。
# 余分な行の数は、直す前との差です。

# %% 誤答 1b
n_extra = kokage["usage_monthly"].distinct().count()

# %% [markdown]
# 2行以上ある組を数えています。
# 3回届いた行では、余分な2行を1行と数えることになります。

# %% 誤答 1c
copies = kokage["usage_monthly"].groupBy(kokage["usage_monthly"].columns).count()
n_extra = copies.where("count > 1").count()

# %% 別解 1
n_extra = kokage["usage_monthly"].toPandas().duplicated().sum()

# %% 別解 1b
n_extra = spark.sql("""
    SELECT sum(n - 1) AS extra FROM (
        SELECT count(*) AS n FROM kokage_usage_monthly GROUP BY customer_id, month
    )
""").toPandas()["extra"]

# %% [markdown]
# 全角の数字を半角に直してから、数にします。

# %% 解答 2
mean_fee = kokage["contracts"].select(F.avg(digits.cast("double"))).first()[0]

# %% [markdown]
# 直せない値が空になり、平均から黙って抜けます。
# 平均は空の値を数えないためです。

# %% 誤答 2
mean_fee = spark.sql("SELECT avg(try_cast(monthly_fee AS DOUBLE)) FROM kokage_contracts").first()[0]

# %% [markdown]
# 空を0で埋めると、月額0円の契約があることになります。

# %% 誤答 2b
mean_fee = spark.sql("""
    SELECT avg(coalesce(try_cast(monthly_fee AS DOUBLE), 0)) FROM kokage_contracts
""").first()[0]

# %% 別解 2
mean_fee = spark.sql("""
    SELECT avg(CAST(translate(monthly_fee, '０１２３４５６７８９', '0123456789') AS DECIMAL(10, 0)))
    FROM kokage_contracts
""").first()

# %% 別解 2b
mean_fee = round(kokage["contracts"].toPandas()["monthly_fee"].map(int).mean())

# %% [markdown]
# 日本時間に直してから、月を比べます。

# %% 解答 3
in_japan = F.from_utc_timestamp("cancelled_at", "Asia/Tokyo")
n_october = kokage["contracts"].where(F.date_format(in_japan, "yyyy-MM") == "2025-10").count()

# %% [markdown]
# 書かれた時刻のままです。
# 日本の11月1日の未明が10月に入り、10月1日の未明が9月に出ていきます。

# %% 誤答 3
n_october = kokage["contracts"].where("date_format(cancelled_at, 'yyyy-MM') = '2025-10'").count()

# %% [markdown]
# 向きが逆です。
# `to_utc_timestamp`は、日本の時刻をUTCに直す関数です。

# %% 誤答 3b
n_october = (
    kokage["contracts"]
    .where(F.date_format(F.to_utc_timestamp("cancelled_at", "Asia/Tokyo"), "yyyy-MM") == "2025-10")
    .count()
)

# %% [markdown]
# 日付だけを書いた`2025-10-31`は、31日の0時を指します。
# 10月31日に解約した人が、ほとんど抜けます。

# %% 誤答 3c
japan = F.from_utc_timestamp("cancelled_at", "Asia/Tokyo")
n_october = kokage["contracts"].where(japan.between("2025-10-01", "2025-10-31")).count()

# %% 別解 3
import pandas as pd

left_at = kokage["contracts"].toPandas()["cancelled_at"] + pd.Timedelta(hours=9)
n_october = (left_at.dt.strftime("%Y-%m") == "2025-10").sum()

# %% 別解 3b
n_october = spark.sql("""
    SELECT count_if(year(t) = 2025 AND month(t) = 10)
    FROM (SELECT cancelled_at + INTERVAL 9 HOURS AS t FROM kokage_contracts)
""").first()

# %% [markdown]
# 個人を指すのは、氏名、メール、電話です。
# 後から埋まるのは、クーポンと解約の時刻です。
# 解約の時刻は、答えを作るためにだけ使います。

# %% 解答 4
banned = {"name", "email", "phone", "retention_coupon", "cancelled_at"}

# %% [markdown]
# `cancelled_at`が残っています。
# 答えを作る材料なので見慣れていますが、月末に契約中の人にはまだ無い値です。

# %% 誤答 4
banned = {"name", "email", "phone", "retention_coupon"}

# %% [markdown]
# 契約した日まで外しています。
# 契約した時に決まった値は、その後の月末にはいつも分かっています。

# %% 誤答 4b
banned = {"name", "email", "phone", "retention_coupon", "cancelled_at", "started_on"}

# %% 別解 4
banned = frozenset(["phone", "email", "name", "cancelled_at", "retention_coupon", "birth_year"])

# %% 別解 4b
usable = {"birth_year", "region", "household_size", "channel", "plan", "monthly_fee", "started_on"}
banned = [c for t in ("customers", "contracts") for c in kokage[t].columns if c not in usable]

# %% [markdown]
# 本文の`three_months`と同じ範囲で足します。

# %% 解答 5
add_on = usage.select(
    "customer_id", "month", F.sum("add_on_yen").over(three_months).alias("add_on_3m")
)

# %% [markdown]
# 前後1か月ずつの3か月です。
# 次の月の買い物が、月末の時点の行に混ざります。

# %% 誤答 5
add_on = usage.select(
    "customer_id",
    "month",
    F.sum("add_on_yen").over(by_month.rowsBetween(-1, 1)).alias("add_on_3m"),
)

# %% [markdown]
# 範囲を選んでいないので、契約してから当月までのすべてを足しています。

# %% 誤答 5b
add_on = usage.select("customer_id", "month", F.sum("add_on_yen").over(by_month).alias("add_on_3m"))

# %% 別解 5
usage.createOrReplaceTempView("my_usage")
add_on = spark.sql("""
    SELECT now.month, now.customer_id, CAST(sum(past.add_on_yen) AS DOUBLE) AS add_on_3m
    FROM my_usage AS now JOIN my_usage AS past ON now.customer_id = past.customer_id
        AND past.month BETWEEN add_months(now.month, -2) AND now.month
    GROUP BY now.customer_id, now.month
""")

# %% 別解 5b
past = [F.coalesce(F.lag("add_on_yen", back).over(by_month), F.lit(0)) for back in (1, 2)]
add_on = usage.withColumn("add_on_3m", F.col("add_on_yen") + past[0] + past[1]).select(
    "add_on_3m", F.date_format("month", "yyyy-MM-dd").alias("month"), "customer_id"
)

# %% [markdown]
# 予測から過去へ向かって、2か月ずつ取ります。
# 残りがすべて訓練です。

# %% 解答 6
split = {
    "訓練": ("2025-05-01", "2025-11-01"),
    "検証": ("2025-12-01", "2026-01-01"),
    "テスト": ("2026-02-01", "2026-03-01"),
    "予測": ("2026-04-01", "2026-04-01"),
}

# %% [markdown]
# 本文の分け方のままです。
# 3月末の答えはもう分かっていて、知りたいのは4月末の人の5月です。

# %% 誤答 6
split = {
    "訓練": ("2025-05-01", "2025-10-01"),
    "検証": ("2025-11-01", "2025-12-01"),
    "テスト": ("2026-01-01", "2026-02-01"),
    "予測": ("2026-03-01", "2026-03-01"),
}

# %% [markdown]
# テストに4月末が入っています。
# 5月の解約が分からないので、答え合わせができません。

# %% 誤答 6b
split = {
    "訓練": ("2025-05-01", "2025-12-01"),
    "検証": ("2026-01-01", "2026-02-01"),
    "テスト": ("2026-03-01", "2026-04-01"),
    "予測": ("2026-04-01", "2026-04-01"),
}

# %% [markdown]
# 年をまたいだ後の年が、前の年のままです。
# 訓練より前の月で答え合わせをすることになります。

# %% 誤答 6c
split = {
    "訓練": ("2025-05-01", "2025-11-01"),
    "検証": ("2025-12-01", "2025-01-01"),
    "テスト": ("2025-02-01", "2025-03-01"),
    "予測": ("2026-04-01", "2026-04-01"),
}

# %% 別解 6
ends = pd.to_datetime(["2025-05-01", "2025-12-01", "2026-02-01", "2026-04-01", "2026-05-01"])
uses = ["訓練", "検証", "テスト", "予測"]
split = {use: (ends[i], ends[i + 1] - pd.DateOffset(months=1)) for i, use in enumerate(uses)}

# %% 別解 6b
from datetime import date

split = {
    "予測": [date(2026, 4, 1), date(2026, 4, 1)],
    "テスト": ["2026-02", "2026-03"],
    "検証": ["2025/12/01", "2026/1/1"],
    "訓練": ["2025年5月1日", "2025-11-01T00:00"],
}

# %% 裏付け
left = features.toPandas().sort_values(["customer_id", "month"], ignore_index=True)
left["month"] = pd.to_datetime(left["month"])
pd.testing.assert_frame_equal(left, churn_steps.make_features(), check_dtype=False)
assert spark.table("churn_features").count() == len(left)

# %% 裏付け 2
by_month_counts = counts.set_index("月")
assert by_month_counts.loc["2026-03", "書かれたとおり"] == 140
assert by_month_counts.loc["2026-03", "日本時間"] == 199
assert by_month_counts["日本時間"].isna().sum() == 1
late = hours.set_index("hour")["n"]
assert late.loc[15:].min() > 1.3 * late.loc[:14].max()
assert 0 < after - before < 10

# %% 裏付け 3
scores = by_score.set_index("survey_score")["翌月に解約した割合"]
assert scores[float("nan")] > 1.5 * max(scores[4.0], scores[5.0]) and answered < everyone
assert (rates["苦情あり"] > rates["苦情なし"]).all()
assert (rates["苦情あり"] - rates["苦情なし"]).idxmax() == "1〜3"
coupons = spark.sql("""
    SELECT retention_coupon, avg(churned) AS rate FROM churn_features
    JOIN contracts USING (customer_id) WHERE month = '2026-02-01'
    GROUP BY retention_coupon ORDER BY retention_coupon
""").toPandas()
assert coupons["rate"][0] < 0.02 and coupons["rate"][1] > 0.8
