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
# 同じ行の余分、数に直せない月額、答えのない満足度を数えます。
# ほかに、記録の始まる前の解約（時計のずれ）と、解約した人に偏ったクーポンもあります。

# %% 解答 1
usage_rows = spark.table("usage_monthly")
found = {
    "usage_monthly": usage_rows.count() - usage_rows.distinct().count(),
    "monthly_fee": spark.table("contracts")
    .where("try_cast(monthly_fee AS DOUBLE) IS NULL")
    .count(),
    "survey_score": usage_rows.where("survey_score IS NULL").count(),
}

# %% [markdown]
# まとめた後の行数を数えています。
# 余分な行の数は、まとめる前との差です。

# %% 誤答 1
found = {
    "usage_monthly": 20562,
    "monthly_fee": 591,
    "survey_score": 6465,
}

# %% [markdown]
# `cancelled_at`の空を、変な所と見ています。
# 契約中の人には解約の時刻がないので、空が正しい値です。

# %% 誤答 1b
found = {
    "cancelled_at": 1700,
    "monthly_fee": 591,
    "survey_score": 6465,
}

# %% [markdown]
# 数に直せるほうを数えています。
# `count(列)`は、空でない値の数です。

# %% 誤答 1c
found = {
    "usage_monthly": 419,
    "monthly_fee": spark.sql(
        "SELECT count(try_cast(monthly_fee AS DOUBLE)) FROM contracts"
    ).first(),
    "survey_score": 6465,
}

# %% [markdown]
# 同じ重複を、2つの列の名前で数えています。

# %% 誤答 1d
found = {"usage_monthly": 419, "customer_id": 419, "monthly_fee": 591}

# %% 別解 1
import pandas as pd

rows = spark.table("contracts").toPandas()
found = pd.Series(
    {
        "contracts.cancelled_at": (rows["cancelled_at"] < "2025-05-01").sum(),
        "contracts.retention_coupon": (
            rows["cancelled_at"].notna() & rows["retention_coupon"]
        ).sum(),
        "usage_monthly": spark.table("usage_monthly").toPandas().duplicated().sum(),
    }
)

# %% 別解 1b
found = {
    "contracts": spark.sql("""
        SELECT count(*) - count(try_cast(monthly_fee AS DOUBLE)) FROM contracts
    """).first(),
    "cancelled_at": spark.table("contracts").where("hour(cancelled_at) >= 15").count(),
    "usage_monthly.survey_score": spark.table("usage_monthly").distinct().where("survey_score IS NULL").count(),
}

# %% [markdown]
# 全角の数字を半角に直して数にし、時刻は日本時間に直してから月を比べます。

# %% 解答 2
in_japan = F.from_utc_timestamp("cancelled_at", "Asia/Tokyo")
report = {
    "月額の平均": kokage["contracts"].select(F.avg(digits.cast("double"))).first()[0],
    "10月の解約": kokage["contracts"].where(F.trunc(in_japan, "month") == "2025-10-01").count(),
}

# %% [markdown]
# 月額だけを直しています。
# 時刻は書かれたままなので、日本の11月1日の未明が10月に入り、10月1日の未明が9月に出ていきます。

# %% 誤答 2
report = {
    "月額の平均": kokage["contracts"].select(F.avg(digits.cast("double"))).first()[0],
    "10月の解約": kokage["contracts"]
    .where(F.trunc("cancelled_at", "month") == "2025-10-01")
    .count(),
}

# %% [markdown]
# 直せない月額を0円で埋めています。
# 0円の契約があることになり、平均が下がります。

# %% 誤答 2b
october = F.trunc(F.from_utc_timestamp("cancelled_at", "Asia/Tokyo"), "month") == "2025-10-01"
report = {
    "月額の平均": spark.sql("""
        SELECT avg(coalesce(try_cast(monthly_fee AS DOUBLE), 0)) FROM kokage_contracts
    """).first()[0],
    "10月の解約": kokage["contracts"].where(october).count(),
}

# %% [markdown]
# 時刻を直す向きが逆です。
# `to_utc_timestamp`は、日本の時刻をUTCに直す関数です。

# %% 誤答 2c
backwards = F.to_utc_timestamp("cancelled_at", "Asia/Tokyo")
report = {
    "月額の平均": kokage["contracts"].select(F.avg(digits.cast("double"))).first()[0],
    "10月の解約": kokage["contracts"].where(F.trunc(backwards, "month") == "2025-10-01").count(),
}

# %% [markdown]
# 日付だけを書いた`2025-10-31`は、31日の0時を指します。
# 31日に解約した人が、ほとんど抜けます。

# %% 誤答 2d
japan_time = F.from_utc_timestamp("cancelled_at", "Asia/Tokyo")
report = {
    "月額の平均": kokage["contracts"].select(F.avg(digits.cast("double"))).first()[0],
    "10月の解約": kokage["contracts"].where(japan_time.between("2025-10-01", "2025-10-31")).count(),
}

# %% 別解 2
left_at = kokage["contracts"].toPandas()["cancelled_at"] + pd.Timedelta(hours=9)
report = {
    "10月の解約": (left_at.dt.strftime("%Y-%m") == "2025-10").sum(),
    "月額の平均": round(kokage["contracts"].toPandas()["monthly_fee"].map(int).mean()),
}

# %% 別解 2b
report = spark.sql("""
    SELECT avg(CAST(translate(monthly_fee, '０１２３４５６７８９', '0123456789') AS DECIMAL(10, 0)))
               AS `月額の平均`,
           count_if(date_format(cancelled_at + INTERVAL 9 HOURS, 'yyyy-MM') = '2025-10')
               AS `10月の解約`
    FROM kokage_contracts
""").first()

# %% [markdown]
# 1人に結び付くのは、氏名、メール、電話です。
# 会社がまだ決めていないのは生まれた年、後から埋まるのはクーポンと解約の時刻です。

# %% 解答 3
banned = {"name", "email", "phone", "birth_year", "retention_coupon", "cancelled_at"}

# %% [markdown]
# `cancelled_at`が残っています。
# 答えを作る材料なので見慣れていますが、月末に契約中の人にはまだ無い値です。

# %% 誤答 3
banned = {"name", "email", "phone", "birth_year", "retention_coupon"}

# %% [markdown]
# 生まれた年が残っています。
# 個人を指さなくても、年齢で扱いを変えてよいかは会社が決めることです。

# %% 誤答 3b
banned = {"name", "email", "phone", "retention_coupon", "cancelled_at"}

# %% [markdown]
# 契約した日まで外しています。
# 契約した時に決まった値は、その後の月末にはいつも分かっています。

# %% 誤答 3c
banned = {
    "name", "email", "phone", "birth_year", "retention_coupon", "cancelled_at", "started_on",
}

# %% 別解 3
banned = frozenset(["phone", "email", "name", "cancelled_at", "retention_coupon", "birth_year"])

# %% 別解 3b
usable = {"region", "household_size", "channel", "plan", "monthly_fee", "started_on"}
banned = [c for t in ("customers", "contracts") for c in kokage[t].columns if c not in usable]

# %% [markdown]
# 本文の`three_months`と同じ範囲で足します。

# %% 解答 4
add_on = usage.select(
    "customer_id", "month", F.sum("add_on_yen").over(three_months).alias("add_on_3m")
)

# %% [markdown]
# 前後1か月ずつの3か月です。
# 次の月の買い物が、月末の時点の行に混ざります。

# %% 誤答 4
add_on = usage.select(
    "customer_id",
    "month",
    F.sum("add_on_yen").over(by_month.rowsBetween(-1, 1)).alias("add_on_3m"),
)

# %% [markdown]
# 範囲を選んでいないので、契約してから当月までのすべてを足しています。

# %% 誤答 4b
add_on = usage.select("customer_id", "month", F.sum("add_on_yen").over(by_month).alias("add_on_3m"))

# %% 別解 4
usage.createOrReplaceTempView("my_usage")
add_on = spark.sql("""
    SELECT now.month, now.customer_id, CAST(sum(past.add_on_yen) AS DOUBLE) AS add_on_3m
    FROM my_usage AS now JOIN my_usage AS past ON now.customer_id = past.customer_id
        AND past.month BETWEEN add_months(now.month, -2) AND now.month
    GROUP BY now.customer_id, now.month
""")

# %% 別解 4b
past = [F.coalesce(F.lag("add_on_yen", back).over(by_month), F.lit(0)) for back in (1, 2)]
add_on = usage.withColumn("add_on_3m", F.col("add_on_yen") + past[0] + past[1]).select(
    "add_on_3m", F.date_format("month", "yyyy-MM-dd").alias("month"), "customer_id"
)

# %% [markdown]
# 予測から過去へ向かって、2か月ずつ取ります。
# 残りのうち、2025年5月と6月は窓が3か月そろわないので、7月からが訓練です。

# %% 解答 5
split = {
    "訓練": ("2025-07-01", "2025-11-01"),
    "検証": ("2025-12-01", "2026-01-01"),
    "テスト": ("2026-02-01", "2026-03-01"),
    "予測": ("2026-04-01", "2026-04-01"),
}

# %% [markdown]
# 残りの月を、すべて訓練に入れています。
# 5月の行の窓には1か月分、6月の行の窓には2か月分しか入っていません。

# %% 誤答 5
split = {
    "訓練": ("2025-05-01", "2025-11-01"),
    "検証": ("2025-12-01", "2026-01-01"),
    "テスト": ("2026-02-01", "2026-03-01"),
    "予測": ("2026-04-01", "2026-04-01"),
}

# %% [markdown]
# 本文の分け方のままです。
# 3月末の答えはもう分かっていて、知りたいのは4月末の人の5月です。

# %% 誤答 5b
split = {
    "訓練": ("2025-06-01", "2025-10-01"),
    "検証": ("2025-11-01", "2025-12-01"),
    "テスト": ("2026-01-01", "2026-02-01"),
    "予測": ("2026-03-01", "2026-03-01"),
}

# %% [markdown]
# テストに4月末が入っています。
# 5月の解約が分からないので、答え合わせができません。

# %% 誤答 5c
split = {
    "訓練": ("2025-07-01", "2025-12-01"),
    "検証": ("2026-01-01", "2026-02-01"),
    "テスト": ("2026-03-01", "2026-04-01"),
    "予測": ("2026-04-01", "2026-04-01"),
}

# %% [markdown]
# 年をまたいだ後の年が、前の年のままです。
# 訓練より前の月で答え合わせをすることになります。

# %% 誤答 5d
split = {
    "訓練": ("2025-07-01", "2025-11-01"),
    "検証": ("2025-12-01", "2025-01-01"),
    "テスト": ("2025-02-01", "2025-03-01"),
    "予測": ("2026-04-01", "2026-04-01"),
}

# %% 別解 5
ends = pd.to_datetime(["2025-07-01", "2025-12-01", "2026-02-01", "2026-04-01", "2026-05-01"])
uses = ["訓練", "検証", "テスト", "予測"]
split = {use: (ends[i], ends[i + 1] - pd.DateOffset(months=1)) for i, use in enumerate(uses)}

# %% 別解 5b
from datetime import date

split = {
    "予測": [date(2026, 4, 1), date(2026, 4, 1)],
    "テスト": ["2026-02", "2026-03"],
    "検証": ["2025/12/01", "2026/1/1"],
    "訓練": ["2025年7月1日", "2025-11-01T00:00"],
}

# %% 裏付け
left = spark.table("churn_features").toPandas()
left = left.sort_values(["customer_id", "month"], ignore_index=True)
left["month"] = pd.to_datetime(left["month"])
pd.testing.assert_frame_equal(left, churn_steps.workshop_features(), check_dtype=False)
assert len(left) == 19_995

# %% 裏付け 2
assert counts.loc["2026-03", "written"] == 140 and counts.loc["2026-03", "japan"] == 199
assert counts["japan"].isna().sum() == 1 and 50 < 199 - 140 < 60
assert 0.24 < early / len(times) < 0.26 and later == 49
assert times["japan"].dt.day.between(2, 5).sum() > 4 * later
assert hours.loc[:8].sum(axis=1).min() > 1.2 * hours.loc[9:].sum(axis=1).max()
assert found["monthly_fee"] == 591

# %% 裏付け 4
# 表に書いた、日付の関数の働き
date_functions = spark.sql("""
    SELECT add_months(DATE'2025-06-01', 2) = DATE'2025-08-01'
           AND trunc(DATE'2025-06-18', 'month') = DATE'2025-06-01'
           AND months_between(DATE'2025-09-01', DATE'2025-06-01') = 3
""")
assert date_functions.first()[0]

# %% 裏付け 3
scores = by_score.set_index("survey_score")
shares = scores["解約した割合"]
assert shares[float("nan")] > 1.5 * max(shares[4.0], shares[5.0])
assert shares[3.0] < shares[float("nan")] < shares[2.0]
assert pd.isna(scores["行"].idxmax())
answered = scores[scores.index.notna()]
lost_if_dropped = (answered["行"] * answered["解約した割合"]).sum() / answered["行"].sum()
everyone = (scores["行"] * shares).sum() / scores["行"].sum()
assert lost_if_dropped < everyone - 0.01 < shares[float("nan")] - 0.01
rates = four_groups.set_index(["苦情あり", "6か月以内"])["解約した割合"]
gaps = rates[True] - rates[False]
assert gaps[True] > 2 * gaps[False] > 0
assert by_orders["解約した割合"].is_monotonic_decreasing and by_orders["解約した割合"][0] > 0.3
lost = by_orders["行"] * by_orders["解約した割合"]
assert by_orders["行"].idxmin() == 0 and lost[0] < 0.3 * lost.sum()
