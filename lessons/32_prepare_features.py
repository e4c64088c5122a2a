# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 25
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # データ準備と特徴量エンジニアリング
#
# ひだまり便の4つの表を受け取った新人が、急いで集計した資料があります。
# 「3月の解約は140人」。
# ところが、奈良さんの手元の名簿では199人がいなくなっています。
# 月額の平均も、契約の人数も、聞く人ごとに違う数字が返ってきます。
#
# 元の表は、機械学習のために作られたものではありません。
# 同じ行が2回届き、数字が文字で入り、時刻は海の向こうの時計で書かれています。
# そのまま学習させると、モデルは間違いごと覚えます。
# しかも、手元の成績だけは良く見えることがあります。
#
# このページでは、表の変な所を自分で見つけて直し、月末の時点で分かることだけを集めた表を作ります。
# できた表は、誤った行を拒む形でDelta Lakeに保存します。

# %% [markdown]
# ## このレッスンで学ぶこと
#
# - 受け取った表の重複、文字の揺れ、時刻のずれを、数えて見つけて直す。
# - 答えを漏らしている列を見分ける。
# - 未来を見ない特徴量を、Sparkで作る。
# - データを時間で分け、誤った行を拒む表に保存する。

# %% [markdown]
# ## 表を開き、何が1行かを確かめる
#
# スキーマを選び、4つの表に名前を付けます。
# `functions`は、列を計算する道具をまとめたものです。
# 慣習で`F`という短い名前にします。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn")
spark.sql("USE churn")
print(f"使うスキーマは{spark.catalog.currentDatabase()}です。")

# %%
import churn_steps

churn_steps.open_raw_tables(spark)

# %% tags=["scale"]
from pyspark.sql import functions as F

# %% [markdown]
# 最初に見るのは、いつも同じ2つです。
# 1行が何を表すのか、そしてその通りになっているかです。
# 利用の表は「1人の顧客の1か月」が1行のはずです。
# 月ごとに、行の数と人の数を並べます。

# %%
spark.sql("""
    SELECT month AS `月`, count(*) AS `行`, count(DISTINCT customer_id) AS `人`
    FROM usage_monthly GROUP BY month ORDER BY month
""").toPandas()

# %% [markdown]
# 1人が1行なら、2つの列は同じになります。
# どの月も、行のほうが少し多くなっています。
# 何が余分なのかを、1人だけ取り出して見ます。
# `HAVING`は、まとめた後の条件です。

# %%
spark.sql("""
    SELECT * FROM usage_monthly
    WHERE customer_id = (
        SELECT min(customer_id) FROM (
            SELECT customer_id FROM usage_monthly GROUP BY customer_id, month HAVING count(*) > 1
        )
    )
    ORDER BY month
""").toPandas()

# %% [markdown]
# 同じ月に、すべての列が同じ行が2つあります。
# データを送り直したときなどに起きる **重複** です。
# このまま注文の回数を足すと、この人だけ2倍になります。
#
# すべての列が同じなので、どちらを残しても結果は変わりません。
# `distinct`で1行にまとめます。
# 値の違う2行だったら、どちらが正しいかを送り元に聞く所から始めます。

# %% tags=["scale"]
usage = spark.table("usage_monthly").distinct()

# %%
keys = usage.groupBy("customer_id", "month").count()
print(f"直した後で、2行以上ある顧客と月の組: {keys.where('count > 1').count()}組")

# %% [markdown]
# ## 数字に見える文字を直す
#
# 次は契約の表です。
# 月額の平均を出そうとすると、何が起きるでしょうか。
# `try_cast`は、数に直せない値を空（NULL）にする変換です。

# %%
spark.sql("""
    SELECT count(*) AS `契約`, count(try_cast(monthly_fee AS DOUBLE)) AS `数に直せた契約`
    FROM contracts
""").toPandas()

# %% [markdown]
# 数に直せない契約があります。
# エラーにならないので、数えなければ気づけません。
# 直せなかった値を、多い順に見ます。

# %%
spark.sql("""
    SELECT monthly_fee AS `月額`, count(*) AS `契約` FROM contracts
    WHERE try_cast(monthly_fee AS DOUBLE) IS NULL
    GROUP BY monthly_fee ORDER BY count(*) DESC, monthly_fee LIMIT 5
""").toPandas()

# %% [markdown]
# 数字の幅が広い全角数字です。
# 人には同じに見えますが、コンピューターには別の文字です。
# `translate`は、文字を1つずつ決めた文字に置き換えます。
# 直した後は、直せないものが残れば止まる`cast`を使います。
# `alias`は、計算した列に名前を付けます。
# 知らない揺れが増えたとき、黙って空にしないためです。
#
# 必要な列だけを選ぶので、この先の契約の表に氏名やメールが入ることはありません。

# %% tags=["scale"]
digits = F.translate("monthly_fee", "０１２３４５６７８９", "0123456789")
cancelled_on = F.to_date(F.from_utc_timestamp("cancelled_at", "Asia/Tokyo"))
contracts = spark.table("contracts").select(
    "customer_id",
    "plan",
    digits.cast("double").alias("monthly_fee"),
    "started_on",
    cancelled_on.alias("cancelled_on"),
)

# %% [markdown]
# 直す前は何円ずれていたのかを、2通りの平均で確かめます。

# %%
before = spark.sql("SELECT avg(try_cast(monthly_fee AS DOUBLE)) FROM contracts").first()[0]
after = contracts.select(F.avg("monthly_fee")).first()[0]
print(f"数に直せた契約だけの平均 {before:,.1f}円、すべての契約の平均 {after:,.1f}円")

# %% [markdown]
# 差は小さく、資料を見ても気づけません。
# ただし、月額のない契約が残ったままなら、その人たちはモデルから「月額不明の人」に見えます。

# %% [markdown]
# ## どこの時計かを確かめる【自習】
#
# 1つ上のセルで、`cancelled_on`という列も作りました。
# なぜ要るのかを、ここで確かめます。
# 解約の時刻`cancelled_at`を、書かれたとおりの月で数えます。
# `date_format`は、日時を文字に直します。

# %%
as_written = (
    spark.table("contracts")
    .groupBy(F.date_format("cancelled_at", "yyyy-MM").alias("月"))
    .agg(F.count("cancelled_at").alias("書かれたとおり"))
)
in_japan = contracts.groupBy(F.date_format("cancelled_on", "yyyy-MM").alias("月")).agg(
    F.count("cancelled_on").alias("日本時間")
)
counts = as_written.join(in_japan, "月", "left").where("`月` IS NOT NULL").orderBy("月").toPandas()
counts

# %% [markdown]
# 左の列の最後の行が、新人の資料の140人です。
# 右の列は、奈良さんの名簿と同じ199人になっています。
# また、左の列には4月の行があり、人数が少なくなっています。
# 記録は4月末に契約中だった人から始まるので、4月のうちの解約はないはずです。
#
# 何時に解約したのかを数えると、理由が分かります。

# %%
hours = spark.sql("""
    SELECT hour(cancelled_at) AS hour, count(*) AS n FROM contracts
    WHERE cancelled_at IS NOT NULL GROUP BY hour ORDER BY hour
""").toPandas()

# %% tags=["figure"] mystnb={"image": {"alt": "解約の時刻ごとの件数の棒グラフ。書かれた時刻の15時から23時が、ほかの時刻の約2倍ある。"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
ax.bar(hours["hour"], hours["n"], color="#3b6ea5")
ax.set(xlabel="cancelled_atに書かれた時刻（時）", ylabel="解約（件）", xticks=range(0, 24, 3))
plt.show()

# %% [markdown]
# 横軸は書かれた時刻、縦軸は件数です。
# 15時から23時の棒だけが高くなっています。
# 世界の基準となる時刻（UTC）の15時は、日本では翌日の0時です。
# 毎月1日の未明に、前の日までの解約をまとめて処理していたのです。
#
# `cancelled_at`はUTCで書かれているので、1日の未明の解約が前の月に数えられます。
# `from_utc_timestamp`で日本時間に直してから日付にしたのは、そのためです。
# 月をまたぐのは未明の9時間だけですが、処理がそこに集まっていました。
# 時刻の列を受け取ったら、どこの時計かを最初に聞きます。

# %% [markdown]
# ## 使ってよい列かを確かめる
#
# 列があれば、何でも手がかりにしてよいのでしょうか。
# 契約の表には`retention_coupon`という列があります。
# 引き止めのクーポンを出したかどうかです。
# 2月末に契約中だった人について、3月に解約した割合を比べます。

# %%
contracts.createOrReplaceTempView("clean_contracts")
usage.createOrReplaceTempView("clean_usage")
spark.sql("""
    SELECT retention_coupon AS `クーポン`, count(*) AS `人`,
           round(avg(CASE WHEN cancelled_on BETWEEN '2026-03-01' AND '2026-03-31'
                          THEN 1 ELSE 0 END), 3) AS `3月に解約した割合`
    FROM clean_usage JOIN clean_contracts USING (customer_id) JOIN contracts USING (customer_id)
    WHERE month = '2026-02-01' GROUP BY retention_coupon ORDER BY retention_coupon
""").toPandas()

# %% [markdown]
# クーポンのある人は、8割以上が解約しています。
# ない人は、ほとんど解約していません。
# たった1列でここまで分かれるのは、できすぎです。
# できすぎた列を見つけたら、喜ぶ前に「いつ埋まる列か」を調べます。
#
# 予測したい3月末の人では、どうなっているでしょうか。

# %%
spark.sql("""
    SELECT month AS `月末`, round(avg(CAST(retention_coupon AS INT)), 3) AS `クーポンのある割合`
    FROM clean_usage JOIN contracts USING (customer_id)
    WHERE month IN ('2026-01-01', '2026-02-01', '2026-03-01')
    GROUP BY month ORDER BY month
""").toPandas()

# %% [markdown]
# 3月末だけ、急に少なくなります。
# 4月に解約する人は、まだ解約の手続きを始めていません。
# この列は、**解約の手続きの途中で埋まる** のです。
# 1月末や2月末の行に見えていたのは、後から書き込まれた値でした。
#
# 予測する時点では手に入らない情報が学習に混ざることを、**リーク**（leakage）と呼びます。
# 過去の月では成績が上がり、4月の予測では役に立ちません。
# この列は使いません。
#
# 氏名、メール、電話も使いません。
# 解約の理由になるとは考えにくく、モデルや記録にコピーが増えるほど、漏れる場所も増えるためです。
# 残すのは、地方や世帯の人数のような、個人を指さない列だけにします。

# %% tags=["scale"]
customers = spark.table("customers").select(
    "customer_id", "region", F.col("household_size").cast("double"), "channel"
)

# %% [markdown]
# ## 空の値に理由がないかを確かめる
#
# 満足度は1から5ですが、空の月があります。
# 空の行を捨ててよいかは、なぜ空なのかで決まります。
# まず、翌月に解約したかどうかの答えを付けます。
# 月末に契約中の行ごとに、翌月のうちに`cancelled_on`があれば1です。
# `trunc`は日付を月の1日に、`add_months`は月を進めます。
# `when`は条件に合う行の値、`otherwise`は残りの行の値を決め、`withColumn`は列を足します。
#
# 3月末の行には、まだ答えがありません。
# 0ではなく、空にしておきます。
# 0にすると「4月に誰も解約しない」と教えることになるためです。

# %% tags=["scale"]
LAST_MONTH = "2026-03-01"
left_next_month = F.trunc("cancelled_on", "month") == F.add_months("month", 1)
answer = F.when(F.col("month") == LAST_MONTH, None).otherwise(
    F.coalesce(left_next_month, F.lit(False)).cast("double")
)
snapshots = usage.join(contracts, "customer_id").withColumn("churned", answer)

# %% [markdown]
# `coalesce`は、空でない最初の値を返します。
# 解約していない人は`cancelled_on`が空なので、比べた結果も空になります。
# そこを「いいえ」に直しました。
#
# 満足度ごとに、翌月に解約した割合を見ます。

# %%
by_score = (
    snapshots.where("churned IS NOT NULL")
    .groupBy("survey_score")
    .agg(F.count("*").alias("人月"), F.avg("churned").alias("翌月に解約した割合"))
    .orderBy("survey_score")
    .toPandas()
)
by_score.round(3)

# %% [markdown]
# 「人月」は、1人の1か月を1と数えた数です。
# `NaN`の行が、答えなかった人です。
# 解約した割合は、4や5と答えた人よりずっと高くなっています。
# 答えなかった人の中に、不満な人が多く混ざっていると考えると筋が通ります。
#
# 答えない理由が、知りたい答えと結びついているとき、空の行を捨てると残りが偏ります。

# %%
known = snapshots.where("churned IS NOT NULL")
everyone = known.select(F.avg("churned")).first()[0]
answered = known.where("survey_score IS NOT NULL").select(F.avg("churned")).first()[0]
print(f"全員では{everyone:.1%}、答えた人だけでは{answered:.1%}が翌月に解約しました。")

# %% [markdown]
# 空の行を捨てると、いちばん手を打ちたい人から消えます。
# 空のまま残し、どう埋めるかは次のレッスンで、学習と一緒に決めます。
# 「答えていない」こと自体を手がかりにできるからです。

# %% [markdown]
# ## 月末の時点に立って、手がかりを作る
#
# モデルへの入力になる列を **特徴量**（feature）と呼びます。
# 元の列から特徴量を作る仕事が **特徴量エンジニアリング** です。
# 守ることは1つだけです。
# **その行の月末に知っていたことだけ** を使います。
#
# うっかり破ることがあります。
# 1人の顧客の注文を、月の順に見てください。

# %%
usage.where("customer_id = 100012").select("month", "orders").orderBy("month").toPandas()

# %% [markdown]
# 「この人のふだんの注文」を全部の月の平均で作ると、最初の月の行にも、後の月の注文が混ざります。
# その月末には、まだ起きていないことです。
# 過去の行ではとてもよく当たり、4月の予測では作れない手がかりになります。
#
# そこで、行ごとに見てよい範囲を決めます。
# SQLの **ウィンドウ関数**（window function）は、その行から見た範囲で集計する道具です。
# `partitionBy`で顧客ごとに分け、`orderBy`で月の順に並べ、`rowsBetween`で範囲を選びます。
# 今の行が0、1つ前が-1、1つ後が1です。

# %% tags=["scale"]
from pyspark.sql import Window

by_month = Window.partitionBy("customer_id").orderBy("month")
two_before = by_month.rowsBetween(-2, -1)
three_months = by_month.rowsBetween(-2, 0)

# %% [markdown]
# どの範囲にも、正の数がありません。
# 1行が1か月で、途中の月が抜けないことは、上で数えて確かめた重複と同じように大事な前提です。
# 抜けた月がある人を数えておきます。

# %%
gaps = usage.groupBy("customer_id").agg(
    F.count("*").alias("n_months"),
    (F.months_between(F.max("month"), F.min("month")) + 1).alias("span"),
)
print(f"途中の月が抜けている人: {gaps.where('n_months <> span').count()}人")

# %% [markdown]
# 問い合わせは、顧客と月ごとに数えておきます。
# 配送と品質の問い合わせを、苦情とします。
# `count_if`は、条件に合う行を数えます。

# %% tags=["scale"]
tickets = (
    spark.table("support_tickets")
    .groupBy("customer_id", F.trunc("created_on", "month").alias("month"))
    .agg(
        F.count("*").alias("tickets"),
        F.count_if(F.col("category").isin("配送", "品質")).alias("complaints"),
    )
)

# %% [markdown]
# 問い合わせのない月は結合で空になるので、0で埋めます。
# ここの空は「0件」という意味だと分かっているからです。
# 満足度の空とは、意味が違います。
#
# `orders_change`は、今月の注文から前の2か月の平均を引いた値です。
# 減っていれば負になります。
# 契約したばかりで前の月がなければ、0にします。

# %% tags=["scale"]
recent = (
    snapshots.join(tickets, ["customer_id", "month"], "left")
    .fillna(0, ["tickets", "complaints"])
    .withColumn("usual_orders", F.avg("orders").over(two_before))
    .withColumn("orders_change", F.coalesce(F.expr("orders - usual_orders"), F.lit(0.0)))
    .withColumn("tickets_3m", F.sum("tickets").over(three_months))
    .withColumn("complaints_3m", F.sum("complaints").over(three_months))
)

# %% [markdown]
# 契約した月を1か月目として、契約の月数も作ります。
# 最後に顧客の表をつなぎ、使う列だけを選びます。
# 数の特徴量は、すべて小数（DOUBLE）にそろえます。
# 将来どこかの列に空が入っても、型を変えずに済みます。

# %% tags=["scale"]
NUMERIC = [
    "tenure_months", "monthly_fee", "household_size", "orders", "orders_change", "app_days",
    "add_on_yen", "survey_score", "tickets_3m", "complaints_3m",
]  # fmt: skip
CATEGORICAL = ["plan", "channel", "region"]
tenure_months = F.months_between("month", F.trunc("started_on", "month")) + 1
features = (
    recent.join(customers, "customer_id")
    .withColumn("tenure_months", tenure_months)
    .select(
        "customer_id",
        "month",
        *(F.col(name).cast("double").alias(name) for name in NUMERIC),
        *CATEGORICAL,
        "churned",
    )
)

# %% [markdown]
# 作った特徴量は、本当に解約と関係がありそうでしょうか。
# 契約の月数と、3か月以内の苦情の有無で分けて、解約した割合を図にします。
# 最後の`pivot`は、苦情の有無を横に並べた表に組み替えます。

# %%
tenure = (
    F.when(F.col("tenure_months") <= 3, "1〜3")
    .when(F.col("tenure_months") <= 12, "4〜12")
    .otherwise("13〜")
)
rates = (
    features.where("churned IS NOT NULL")
    .groupBy(tenure.alias("契約の月数"), (F.col("complaints_3m") > 0).alias("苦情"))
    .agg(F.avg("churned").alias("割合"))
    .toPandas()
    .pivot(index="契約の月数", columns="苦情", values="割合")
    .loc[["1〜3", "4〜12", "13〜"]]
)

# %% tags=["figure"] mystnb={"image": {"alt": "翌月に解約した割合の棒グラフ。契約1〜3か月で苦情のある人が最も高い。どの月数でも、苦情のある人はない人より高い。"}}
fig, ax = plt.subplots(figsize=(7, 3), layout="constrained")
rates.columns = ["苦情なし", "苦情あり"]
bars = rates.plot.bar(ax=ax, rot=0, color=["#9db4c0", "#c8553d"])
bars.containers[1][0].axes.legend(title="直近3か月")
for bar in ax.containers[1]:
    bar.set_hatch("//")
ax.set(xlabel="契約の月数", ylabel="翌月に解約した割合")
plt.show()

# %% [markdown]
# 横軸は契約の月数、縦軸は翌月に解約した割合です。
# どの月数でも、斜線の棒（苦情あり）が高くなっています。
# 差がいちばん大きいのは、契約したばかりの人です。
# ただし、苦情が解約を起こしたとまでは言えません。
# 配送の遅れやすい地域に新しい人が多い、というような別の理由もありえます。

# %% [markdown]
# ## 時間で分ける【自習】
#
# レッスン17では、データを無作為に訓練・検証・テストに分けました。
# ここで同じことをすると、困ったことが起きます。
# 同じ人の9月の行が訓練に、8月の行がテストに入ると、先の月で学んで前の月を当てることになります。
# 実際の仕事では、いつも過去で学んで先の月を当てます。
# そこで、月で分けます。
#
# | 使い道 | 月末 | 答え（翌月の解約） |
# |---|---|---|
# | 訓練: モデルを学習する | 2025年4月〜10月 | 分かる |
# | 検証: モデルを比べる | 2025年11月〜12月 | 分かる |
# | テスト: 最後に一度だけ測る | 2026年1月〜2月 | 分かる |
# | 予測: 奈良さんに渡す | 2026年3月 | まだ分からない |
#
# 同じ人が、訓練にもテストにも出てきます。
# 続けている顧客を毎月予測するので、仕事でも同じことが起きます。

# %%
use = (
    F.when(F.col("month") <= "2025-10-01", "1 訓練")
    .when(F.col("month") <= "2025-12-01", "2 検証")
    .when(F.col("month") <= "2026-02-01", "3 テスト")
    .otherwise("4 予測")
)
features.groupBy(use.alias("使い道")).agg(
    F.count("*").alias("行"), F.round(F.avg("churned"), 3).alias("解約した割合")
).orderBy("使い道").toPandas()

# %% [markdown]
# 予測の行は、解約した割合が空です。
# 解約する行は1割ほどで、どの使い道でも大きくは変わりません。

# %% [markdown]
# ## 誤った行を拒む表に保存する
#
# 来月は、別の人がこの表を作るかもしれません。
# 重複や文字の数字が戻ってきたとき、黙って保存されると困ります。
# そこで、表の側に決まりを持たせます。
# 列の型と、空を許さない`NOT NULL`を、表を作る時に書きます。
# `join`は、文字の並びを1つの文字列につなぐメソッドです。

# %% tags=["scale"]
number_columns = ", ".join(f"{name} DOUBLE" for name in NUMERIC)
text_columns = ", ".join(f"{name} STRING" for name in CATEGORICAL)
spark.sql(f"""
    CREATE TABLE IF NOT EXISTS churn_features (
        customer_id BIGINT NOT NULL, month DATE NOT NULL,
        {number_columns}, {text_columns}, churned DOUBLE
    )
""")
# %% [markdown]
# 値の範囲の決まりは **CHECK制約**（CHECK constraint）で足します。
# 同じ名前の制約は2つ作れないので、無いときだけ足します。
# `SHOW TBLPROPERTIES`は、表に付いた設定の一覧です。

# %%
rules = {
    "first_day": "month = trunc(month, 'month')",
    "known_fee": "monthly_fee BETWEEN 1000 AND 20000",
    "zero_or_one": "churned IS NULL OR churned IN (0, 1)",
}
existing = spark.sql("SHOW TBLPROPERTIES churn_features").toPandas()["key"]
for name, rule in rules.items():
    if f"delta.constraints.{name}" not in set(existing):
        spark.sql(f"ALTER TABLE churn_features ADD CONSTRAINT {name} CHECK ({rule})")

# %% [markdown]
# `writeTo`は、列の名前を合わせて表に書き込みます。
# `overwrite(F.lit(True))`は「すべての行を入れ替える」という意味です。
# 入れ替えは一度に起きるので、読んでいる人が半分だけの表を見ることはありません。

# %% tags=["scale"]
features.writeTo("churn_features").overwrite(F.lit(True))

# %%
saved = spark.table("churn_features")
print(f"{saved.count():,}行、{len(saved.columns)}列を保存しました。")

# %% [markdown]
# 決まりは効いているでしょうか。
# わざと誤った行を、4通り足そうとしてみます。
# `logging.disable`は、失敗の長い記録が画面に流れるのを止めます。

# %%
import logging

from pyspark.errors import PySparkException

logging.disable(logging.ERROR)

# %%
good = saved.orderBy("customer_id", "month").limit(1)
attempts = {
    "月額がマイナス": good.withColumn("monthly_fee", F.lit(-1.0)),
    "月が15日": good.withColumn("month", F.date_add("month", 14)),
    "顧客番号が空": good.withColumn("customer_id", F.lit(None).cast("bigint")),
    "知らない列": good.withColumn("retention_coupon", F.lit(True)),
}
for name, rows in attempts.items():
    try:
        rows.writeTo("churn_features").append()
    except PySparkException as error:
        print(f"{name}: {error.getCondition()}")

# %% [markdown]
# どれも、エラーの名前を残して断られました。
# `DELTA_VIOLATE_CONSTRAINT_WITH_VALUES`は制約に反した値、`DELTA_NOT_NULL_CONSTRAINT_VIOLATED`は空の値です。
# 列が合わない書き込みも、型や列の名前で断られます。
# 元の行は無事でしょうか。

# %%
print(f"行数は{spark.table('churn_features').count():,}行のままです。")
logging.disable(logging.NOTSET)

# %% [markdown]
# ## 練習
#
# 姉妹サービス「こかげ便」の表が届きました（これも架空です）。
# 列はひだまり便と同じですが、変な所の量は違います。
# 利用の表は、7月分がもう一度届いたので、続けて足してあります。
# 練習1から4は、この表で答えます。
# `kokage`は、表の名前からSparkのDataFrameを引く辞書です。
# 途中で名前を付けておくと、SQLでも調べられます。

# %%
import churn

kokage_settings = {
    "n_customers": 800, "months": 9, "seed": 13, "full_width_rate": 0.3, "month_edge_rate": 0.4,
}  # fmt: skip
resent_month = "2025-07-01"
kokage = churn.make_spark_tables(spark, **kokage_settings)
resent = kokage["usage_monthly"].where(f"month = '{resent_month}'")
kokage["usage_monthly"] = kokage["usage_monthly"].union(resent)
for name, table in kokage.items():
    table.createOrReplaceTempView(f"kokage_{name}")
    print(f"kokage_{name}: {', '.join(table.columns)}")

# %%
from checks.lesson_32 import check

# %% [markdown]
# ### 練習 1: 余分な行を数える【自習】
#
# こかげ便の利用の表には、余分な行が何行あるでしょうか。
# すべての列が同じ行が2つあれば余分なのは1行、3つあれば2行です。
# 行数を整数で`n_extra`に入れてください。

# %% 練習 1
n_extra = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: すべての契約の平均の月額【自習】
#
# こかげ便の800件の契約すべてについて、月額の平均（円）を求め、`mean_fee`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 本文の`digits`は列の式なので、ほかの表にもそのまま使えます。
# 1行1列の結果からは、`.first()[0]`で値を取り出せます。
#
# </details>

# %% 練習 2
mean_fee = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 10月に解約した人数【自習】
#
# こかげ便で、日本の2025年10月のうちに解約した人は何人でしょうか。
# 整数で`n_october`に入れてください。

# %% 練習 3
n_october = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 手がかりにしてはいけない列
#
# こかげ便の`customers`と`contracts`の列のうち、特徴量に使ってはいけないものを選んでください。
# 列の名前を、Pythonの集合（`{"列1", "列2"}`）で`banned`に入れます。
# つなぐための番号（`customer_id`と`contract_id`）は数えません。
#
# 使ってはいけないのは、次のどちらかに当たる列です。
#
# - 個人を指す
# - 予測する月末には、まだ決まっていない値が入っている
#
# <details><summary>ヒント</summary>
#
# 値が後から書き換わる列を探します。
# 月末に契約中だった人の行に、次の月に分かる値が見えていないでしょうか。
#
# </details>

# %% 練習 4
banned = ...

# %% 確認 4
check(4)

# %% [markdown]
# ### 練習 5: 直近3か月の追加の買い物
#
# ひだまり便に戻ります。
# 本文の`usage`から、その月末までの3か月（当月と前の2か月）の`add_on_yen`の合計を作ってください。
# 列は`customer_id`、`month`、`add_on_3m`の3つで、SparkのDataFrameのまま`add_on`に入れます。
# 契約したばかりの人は、ある月だけを足します。

# %% 練習 5
add_on = ...

# %% 確認 5
check(5)

# %% [markdown]
# ### 練習 6: 1か月後に分け直す【自習】
#
# 1か月たち、2026年5月1日になりました。
# 表には、2025年5月から2026年4月までの月末があります。
# 4月の解約の結果も分かりました。
# 本文と同じ考え方で、検証とテストを2か月ずつにして分け直してください。
# `{"訓練": ("2025-05-01", …), "検証": (…), …}`のように、最初と最後の月末を月の1日で書き、`split`に入れます。
# 1か月だけの使い道では、同じ月を2回書きます。
# 使い道は訓練、検証、テスト、予測の4つです。

# %% 練習 6
split = ...

# %% 確認 6
check(6)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 利用の表で、同じ顧客・同じ月の2行のうち、注文の回数だけが違っていました。
# 最初にすることはどれですか。
#
# <details><summary>ア. <code>distinct</code>で1行にする</summary>
#
# 不正解です。
# 本文ではこれで直りました。
# しかし`distinct`がまとめるのは、すべての列が同じ行だけです。
#
# </details>
# <details><summary>イ. 回数の多いほうを残す</summary>
#
# 不正解です。
# 決めてしまえば先へ進めますが、どちらが正しいかは表の中だけでは分かりません。
#
# </details>
# <details><summary>ウ. 送り元に、2行になる理由を聞く</summary>
#
# 正解です。
# 訂正を送り直したのか、別の注文なのかで、直し方が変わります。
#
# </details>
#
# **問 2.** 満足度の空の行を捨てずに残しました。
# 理由はどれですか。
#
# <details><summary>ア. 答えない人のほうが解約しやすく、捨てると残りが偏るから</summary>
#
# 正解です。
# 空になる理由が、知りたい答えと結びついていました。
#
# </details>
# <details><summary>イ. 行が減ると、必ず成績が下がるから</summary>
#
# 不正解です。
# 行は多いほど良いと思いたくなります。
# 空になる理由が答えと無関係なら、少し捨てても大きな害はありません。
#
# </details>
# <details><summary>ウ. 空の値は0点として扱えるから</summary>
#
# 不正解です。
# 0は「1より不満」という意味になります。
# 答えなかったことと、ひどく不満なことは別です。
#
# </details>
#
# **問 3.** ある列を足したら、過去の月での成績が急に良くなりました。
# 最初に調べることはどれですか。
#
# <details><summary>ア. その列の値が、いつ書き込まれるか</summary>
#
# 正解です。
# 予測する月末より後に書き込まれるなら、答えが漏れています。
#
# </details>
# <details><summary>イ. もっと似た列がないか</summary>
#
# 不正解です。
# 効いた列の仲間を足したくなります。
# 漏れている列なら、仲間も同じように漏れています。
#
# </details>
# <details><summary>ウ. 列の値が正規分布か</summary>
#
# 不正解です。
# 分布の形は、列が使えるかどうかを決めません。
#
# </details>
#
# **問 4.** `rowsBetween(-2, 0)`の範囲に入るのはどれですか。
#
# <details><summary>ア. 当月と、前の2か月</summary>
#
# 正解です。
# 0が今の行、負の数が前の行です。
# 月が抜けていないことを確かめたので、行と月が対応します。
#
# </details>
# <details><summary>イ. 前の2か月だけ</summary>
#
# 不正解です。
# 最後の0を「含まない」と読みたくなります。
# 前の2か月だけなら`rowsBetween(-2, -1)`です。
#
# </details>
# <details><summary>ウ. 後の2か月と、当月</summary>
#
# 不正解です。
# 負の数は、並べた順で前の行を指します。
# 後の行を含めると、未来を見ることになります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 1行が何かを決め、行の数と人の数を比べると、重複が見つかります。
# - 数に直せない値は、エラーにならず空になることがあります。直した前と後で数えます。
# - 時刻は、どこの時計かを確かめます。
# - できすぎた列は、いつ埋まるかを調べます。月末に分からない値は使えません。
# - 空の値は、なぜ空かで扱いを決めます。
# - 特徴量は月末の時点に立って作り、データは時間で分けます。
# - 決まりを表に持たせると、誤った行は保存の時に断られます。
#
# 次のレッスンでは、この表からモデルを学習し、条件と成績を記録します。

# %%
check.summary()
