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
# 4月1日の朝、3月までの記録が届きました。
# 引き継いだSQLで3月の解約を数えると、140人です。
# ところが、奈良さんの名簿では199人がいなくなっています。
#
# 届いた表は、機械学習のために作られたものではありません。
# そのまま学習させると、モデルは間違いごと覚え、しかも手元の成績だけは良く見えることがあります。
# だから、変な所を数えて直し、月末の時点で分かることだけを集めた表を作ります。
#
# ## このレッスンで学ぶこと
#
# - 受け取った表の変な所を、数で示して直す。
# - 答えを漏らす列と、電話の間に合わない行を外す。
# - 未来を見ない特徴量をSparkで作り、データを月で分ける。
# - 訓練の月だけで、手がかりごとの解約の割合を調べる。

# %% [markdown]
# ## 表を開き、変な所を探す
#
# 4つの表を開きます（`setLevel`の行は、23と同じく、長いエラーの記録を止めます）。

# %% slide="notes"
import logging

import churn_steps
from pyspark.sql import SparkSession

logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn")
spark.sql("USE churn")
churn_steps.open_raw_tables(spark)

# %% [markdown]
# 最初に、列ごとに、空の数、値の種類、最小と最大を並べます。
# 顧客の表には氏名やメールが入っているので、画面には列の名前だけを出します。

# %%
import pandas as pd


def profile(name):
    rows = spark.table(name).toPandas()
    print(f"{name}: {len(rows):,}行")
    return pd.DataFrame({
        "空": rows.isna().sum(), "種類": rows.nunique(), "最小": rows.min(), "最大": rows.max()
    })


print("customers:", *spark.table("customers").columns)

# %%
profile("usage_monthly")

# %%
profile("contracts")

# %% [markdown]
# 利用の表は1人の1か月が1行、契約の表は1件の契約が1行で、1人に契約は1件です。
# `cancelled_at`は解約の処理が済んだ時刻で、契約中なら空です。
# `retention_coupon`は、引き止めのクーポン（31の電話で渡すものとは別）を出したかどうかです。
# `month`は月を表す日付で、2026年3月末の行なら2026-03-01と書きます。

# %%
from checks.lesson_32 import check

# %% [markdown]
# ### 練習 1: 変な所を3つ、数で示す
#
# この2つの表には、そのまま足したり平均したりすると間違える所があります。
# 3つ見つけ、間違いのもとになる行か契約の数を数えてください。
# `found`を`{"見つけた場所": 数, …}`の形の辞書にします。
# 場所は表の名前で、1つの表に2つ以上見つけたら列の名前で書きます。
# 先を読む前に3分ほど探し、見つからなければヒントを開いてください。
#
# <details><summary>ヒント</summary>
#
# - 表に、すべての列が同じ行はないでしょうか。`spark.table(…).count()`と`.distinct().count()`を比べます。
# - 数のはずの列に、文字が入っていないでしょうか。SQLの`try_cast(列 AS DOUBLE)`は、数に直せない値を空（NULL）にします。
# - アンケートの答え（`survey_score`）は、全員そろっているでしょうか。
# - 記録は2025年4月末に契約中だった人から始まるので、4月の解約はないはずです。
#
# </details>

# %% 練習 1
found = ...

# %% 確認 1
check(1)

# %% [markdown]
# ## 余分な行と、数字に見える文字を直す
#
# まず、利用の表です。
# `groupBy`ですべての列が同じ行をまとめ、2行以上あるものを見ます。

# %% tags=["scale"]
from pyspark.sql import functions as F

# %%
raw = spark.table("usage_monthly")
copies = raw.groupBy(raw.columns).count().where("count > 1")
copies.orderBy("customer_id").limit(2).toPandas()

# %% [markdown]
# データを送り直したときなどに起きる **重複** です。
# このまま注文の回数を足すと、この人のこの月だけ2倍になります。
# すべての列が同じなので、`distinct`で1行にまとめます。

# %% tags=["scale"]
usage = spark.table("usage_monthly").distinct()

# %% [markdown]
# 次は、契約の表の月額です。
# 条件に合う行を数える`count_if`で、数に直せない値を数えます。

# %%
spark.sql("""
    SELECT count(*) AS `契約`, max(monthly_fee) AS `最大の月額`,
           count_if(try_cast(monthly_fee AS DOUBLE) IS NULL) AS `数に直せない`
    FROM contracts
""").toPandas()

# %% [markdown]
# 数字の幅が広い全角数字が、4,000件のうち591件に混ざっていました。
# コンピューターには別の文字なので、このまま平均を求めると、エラーで止まります。
# かといって`try_cast`で通すと、今度は黙って空になり、「月額の分からない人」という偽の手がかりになります。
#
# そこで、`translate`で1文字ずつ半角に置き換えてから、`cast`で数にします。
# `cast`なら、知らない書き方が増えたときに、止まって知らせてくれます。
# ただし、止まるのはSpark 4とDatabricks Runtime 17からの既定で、前のバージョンでは黙って空になることがあります。
# 解約の時刻も、日本時間に直しておきます（理由は次の節）。

# %% tags=["scale"]
digits = F.translate("monthly_fee", "０１２３４５６７８９", "0123456789")
clean_contracts = spark.table("contracts").select(
    "customer_id",
    "plan",
    digits.cast("double").alias("monthly_fee"),
    "started_on",
    F.from_utc_timestamp("cancelled_at", "Asia/Tokyo").alias("left_at"),
)

# %% [markdown]
# ## どこの時計か、電話が間に合うか
#
# 140人と199人の食い違いは、時計の違いです。
# 解約の時刻を、書かれたとおりの月と、日本時間に直した月で数えます。
# 解約は数千件なので、pandasに渡します（レッスン14）。

# %%
times = spark.sql("""
    SELECT cancelled_at AS written, from_utc_timestamp(cancelled_at, 'Asia/Tokyo') AS japan
    FROM contracts WHERE cancelled_at IS NOT NULL
""").toPandas()
counts = times.apply(lambda column: column.dt.strftime("%Y-%m").value_counts()).sort_index()
counts.iloc[[0, 1, -2, -1]]

# %% [markdown]
# `cancelled_at`は、世界の基準となる時刻（UTC）で書かれていました。
# 日本の1日0時から8時台はUTCでは前の日なので、1日の未明の解約が前の月に数えられます。
# 左の列に、あるはずのない4月の解約があるのはこのためです。
# 3月は、3月1日の未明の分が2月へ移ったのに、4月1日の未明の分はまだ届いていないので、少なく見えました。
#
# それにしても、9時間のずれで60人近くも動くのは多すぎます。
# 解約が何日の何時に処理されたかを、日本時間で数えます。

# %%
hours = pd.crosstab(times["japan"].dt.hour, times["japan"].dt.day == 1)
early, later = hours.loc[:8, True].sum(), hours.loc[9:, True].sum()
print(f"1日の0時〜8時台: {early}件（解約の{early / len(times):.0%}）")
print(f"1日の9時から夜: {later}件")

# %% tags=["figure"] mystnb={"image": {"alt": "解約の件数を日本時間の時刻ごとに積み上げた棒グラフ。2日から末日の解約はどの時刻もほぼ同じ高さ。その上に積み上がる1日の解約は、0時から8時では同じくらい高く、9時からはごくわずか"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
ax.bar(hours.index, hours[False], color="#9db4c0", label="2日〜末日")
ax.bar(hours.index, hours[True], bottom=hours[False], color="#c8553d", hatch="//", label="1日")
ax.set_xlabel("解約が処理された時刻（日本時間、時）", fontsize=11)
ax.set_ylabel("解約（件）", fontsize=11)
ax.set_xticks(range(0, 24, 3))
ax.set_ylim(0, 190)
ax.legend(fontsize=11, ncols=2, frameon=False)
plt.show()

# %% [markdown]
# 斜線の「1日」の分が、0時から8時に集まっています。
# 前の月のうちに申し込まれた解約が、1日の未明にまとめて処理されるからで、解約の4分の1にもなります。
# 31で決めたとおり、この人たちには電話が間に合わないので、当てる対象から外します。
# 1日の9時から夜までの49件も、2日からの電話には間に合いませんが、少ないので答えに残します。
# 厳しく決めるなら、境を2日の0時にします。

# %% [markdown]
# ### 読む側の時計【自習】
#
# `from_utc_timestamp`は、時刻を9時間進めるだけの関数です。
# 結果を何時と読むかは、セッションの時間帯で決まります。

# %%
spark.conf.get("spark.sql.session.timeZone")

# %% [markdown]
# UTCなので、狙いどおりになりました（Databricksの既定もUTC）。
# 会社の設定が`Asia/Tokyo`なら、表示が日本時間になったうえに9時間進み、二重にずれます。
# 時刻の列を受け取ったら、書いた側の時計と、読む側の時計の両方を確かめます。

# %% [markdown]
# ## 使ってよい列かを確かめる
#
# クーポンの列を、解約した人と契約中の人に分けて調べます。

# %%
spark.sql("""
    SELECT cancelled_at IS NOT NULL AS `解約済み`, count(*) AS `契約`,
           round(avg(CAST(retention_coupon AS INT)), 3) AS `クーポンあり`
    FROM contracts GROUP BY `解約済み` ORDER BY `解約済み`
""").toPandas()

# %% [markdown]
# 解約した人のほとんどにクーポンがあり、この1列だけで答えが分かりそうです。
# できすぎた列を見つけたら、喜ぶ前に「いつ埋まる列か」を調べます。
# 奈良さんに聞くと、クーポンは **解約の手続きの途中で** 出すものでした。
# 表に書き込まれるのは、手続きが済んだ時か、思い直してやめた時です。
# 契約中の人の2%が、思い直した人です。
#
# ところが契約の表には、いまの値しか残っていません。
# だから去年の6月末の行につなぐと、7月や8月に書き込まれたクーポンまで付いてきます。
# 予測する時点では手に入らない情報が混ざる、リークです（16）。
# 過去の月では成績が上がりますが、これから手続きをする3月末の人にはまだほとんど値がないので、4月の予測では役に立ちません。
# この列は使いません。
# プラン、月額、地域、人数も「いまの値」ですが、奈良さんによれば、この会社では契約した時のまま変わらないので使えます。
#
# 氏名、メール、電話も持ち込みません。
# 当てる役に立たないうえ、コピーが増えるほど漏れる場所も増えるからです。
# 生まれた年は、年齢で扱いを変えてよいかを会社が決めるまでは使いません。
# なお、顧客番号で名簿と結び付くので、氏名のない表も個人情報として扱います。

# %% tags=["scale"]
customers = spark.table("customers").select("customer_id", "region", "household_size", "channel")

# %% [markdown]
# ## 月末の行に、答えを付ける
#
# 利用の表の1行を、1つの問い「この月末の人は、翌月に解約するか」にします。
# ここから先で使う、新しい書き方をまとめておきます。
#
# | 書き方 | すること |
# |---|---|
# | `CASE WHEN` | 条件に合う値を、上から順に選ぶ（SQL） |
# | `F.expr(式)` | SQLの式を、DataFrameの列にする |
# | `add_months(日付, n)` | 日付を`n`か月進める |
# | `trunc(日付, 'month')` | 日付を、その月の1日に直す |
# | `months_between(後, 前)` | 2つの日付が何か月離れているかを返す |
# | `fillna(値, 列)` | 列の空を、値で埋める |
#
# まず、翌月1日の9時より前に処理された行を外します。
# 残った行には、翌月の末日までに解約していれば1、していなければ0を付けます。
#
# 3月末の行は、まだ答えがないので空です。
# 0にすると、「4月には誰も解約しない」と教えることになります。

# %% tags=["scale"]
answer = """
    CASE WHEN month = '2026-03-01' THEN NULL
         WHEN left_at < add_months(month, 2) THEN 1 ELSE 0 END
"""
snapshots = (
    usage.join(clean_contracts, "customer_id")
    .where("left_at IS NULL OR left_at >= add_months(month, 1) + INTERVAL 9 HOURS")
    .withColumn("churned", F.expr(answer))
)

# %% [markdown]
# ## その月末までの手がかりを作る
#
# モデルに渡す特徴量を、元の列から作る仕事が **特徴量エンジニアリング** です。
# 守ることは1つで、**その行の月末に知っていたことだけ** を使います。
# たとえば「ふだんの注文」を全部の月の平均で作ると、6月末の行に、まだ起きていない7月の注文が混ざります。

# %% tags=["figure"] mystnb={"image": {"alt": "6月から11月までの月の箱。9月末に立つ縦線の左にある7月、8月、9月がthree_monthsの窓、7月と8月がtwo_beforeの窓。縦線の右の10月と11月はまだ起きていない"}}
from figures.churn_time import draw_visible_window

draw_visible_window()

# %% [markdown]
# 9月末の行から見てよいのは、縦線の左だけです。
# 行ごとに決めた範囲（窓、ウィンドウ）で集計するのが **ウィンドウ関数**（window function）です。
# 図のように、当月までの3か月と、前の2か月だけの、2つの範囲を作ります。
# 顧客ごとに分けて（`partitionBy`）月の順に並べ、今の行を0として、前の行を負の数で選びます。

# %% tags=["scale"]
from pyspark.sql import Window

by_month = Window.partitionBy("customer_id").orderBy("month")
two_before = by_month.rowsBetween(-2, -1)
three_months = by_month.rowsBetween(-2, 0)

# %% [markdown]
# 問い合わせの表は、日付を月に直してから、顧客と月ごとに数えます。
# 配送と品質の問い合わせが苦情です。

# %% tags=["scale"]
tickets = spark.sql("""
    SELECT customer_id, trunc(created_on, 'month') AS month, count(*) AS tickets,
           count_if(category IN ('配送', '品質')) AS complaints
    FROM support_tickets GROUP BY customer_id, month
""")

# %% [markdown]
# ウィンドウを`over`に渡すと、その範囲だけを集計した列になります。
# `orders_change`は、今月の注文から前の2か月の平均を引いた値で、減っていれば負です。
# 問い合わせのない月と、前の月がない行は空になるので、0で埋めます。

# %% tags=["scale"]
recent = (
    snapshots.join(tickets, ["customer_id", "month"], "left")
    .fillna(0, ["tickets", "complaints"])
    .withColumn("orders_change", F.col("orders") - F.avg("orders").over(two_before))
    .withColumn("tickets_3m", F.sum("tickets").over(three_months))
    .withColumn("complaints_3m", F.sum("complaints").over(three_months))
    .fillna(0, ["orders_change"])
)

# %% [markdown]
# 契約した月を1か月目として契約の月数を作り、顧客の表をつなぎます。
# モデルに渡す列の名前は、`churn_steps`の`NUMERIC`（数の列）と`CATEGORICAL`（言葉の列）に並べてあります。
# 数の列は、空が入っても型が変わらないように、すべて小数（DOUBLE）にします。

# %% tags=["scale"]
from churn_steps import CATEGORICAL, NUMERIC

tenure_months = F.months_between("month", F.trunc("started_on", "month")) + 1
with_tenure = recent.withColumn("tenure_months", tenure_months).join(customers, "customer_id")
features = with_tenure.select(
    "customer_id",
    "month",
    *[F.col(name).cast("double") for name in NUMERIC],
    *CATEGORICAL,
    F.col("churned").cast("double"),
)

# %% [markdown]
# ### 途中の月が抜けていないか【自習】
#
# 窓の範囲は行の数で決まります。
# だから途中の月が1つ抜けると、3か月のつもりが4か月の幅に広がります。
# 顧客ごとに、行の数と、最初から最後までの月数を比べます。

# %%
spans = usage.groupBy("customer_id").agg(
    F.count("*").alias("rows"),
    (F.months_between(F.max("month"), F.min("month")) + 1).alias("months"),
)
print(f"途中の月が抜けている人: {spans.where('rows <> months').count()}人")

# %% [markdown]
# ## 表に保存する
#
# 使う列がそろったので、Deltaの表にします。
# `overwrite`で置き換えるので、もう一度動かしても行は増えません。

# %% tags=["scale"]
features.write.mode("overwrite").saveAsTable("churn_features")

# %%
saved = spark.table("churn_features")
print(f"{saved.count():,}行、{len(saved.columns)}列")
print(*saved.columns)

# %% [markdown]
# 初めの2列が「だれの、どの月末か」を表し、終わりの`churned`が答え、間の13列が特徴量です。

# %% [markdown]
# ### 誤った行を拒む【自習】
#
# 来月は、別の人がこの表を作るかもしれません。
# 単位の違う月額や、月の初日でない日付が来たときに黙って保存されないように、値の決まりを **CHECK制約**（CHECK constraint）として表に足します。
# 1行ずつ調べる決まりなので、重複は見つけられません。
# 重複は、行の数とキーの数を比べて見つけます。
#
# 同じ名前の制約は2つ作れないので、表の設定の一覧（`SHOW TBLPROPERTIES`）に無いときだけ足します。

# %%
rules = {
    "known_key": "customer_id IS NOT NULL AND month = trunc(month, 'month')",
    "known_fee": "monthly_fee BETWEEN 1000 AND 20000",
}
existing = set(spark.sql("SHOW TBLPROPERTIES churn_features").toPandas()["key"])
for name, rule in rules.items():
    if f"delta.constraints.{name}" not in existing:
        spark.sql(f"ALTER TABLE churn_features ADD CONSTRAINT {name} CHECK ({rule})")

# %% [markdown]
# わざと誤った行を、3通り足そうとしてみます。
# どの行も同じ値の列は、`F.lit`で作ります。

# %%
from pyspark.errors import PySparkException

good = saved.orderBy("customer_id", "month").limit(1)
attempts = {
    "月額がマイナス": good.withColumn("monthly_fee", F.lit(-1.0)),
    "月が15日": good.withColumn("month", F.date_add("month", 14)),
    "知らない列": good.withColumn("retention_coupon", F.lit(True)),
}
for name, rows in attempts.items():
    try:
        rows.write.mode("append").saveAsTable("churn_features")
    except PySparkException as error:
        print(f"{name}: {error.getCondition()}")
print(f"行数は{saved.count():,}行のままです。")

# %% [markdown]
# どれも、エラーの名前を残して断られました。
# `VIOLATE_CONSTRAINT`は制約に反した値、`METADATA_MISMATCH`は表にない列です。

# %% [markdown]
# ## 月で分ける
#
# 記録は2025年4月からしかないので、直近3か月の窓が、4月の行では1か月分、5月の行では2か月分しかありません。
# 名前は同じでも6月からの値と意味が違うので、4月と5月は学習に使わず、表にだけ残します。
#
# なお、7月から9月の解約には、去年の秋まで使っていた予測で電話した影響も混ざっているはずです（21）。
# 誰にかけたかの記録がないので除けません（作りもののこのデータには、その効果を入れていません）。
#
# ランダムに分けると（レッスン15）、同じ人の9月で学び、8月を当てることも起きます。
# 実際には、いつも過去で学んで先の月を当てるので、月で分けます。

# %% tags=["figure"] mystnb={"image": {"alt": "2025年4月から2026年3月までの12個の月の帯。4月と5月は使わない、6月から10月が訓練、11月と12月が検証、1月と2月がテスト、3月が予測"}}
from figures.churn_time import draw_month_bands

draw_month_bands()

# %% [markdown]
# 訓練で学び、検証で比べ、テストは最後に1度だけ使い、予測を奈良さんに渡します。
# 同じ人が訓練にもテストにも出ますが、続けている顧客を毎月予測する仕事でも同じことが起きます。
# 月の範囲は`churn_steps`に置いてあり、33からも使います。

# %%
parts = {
    "訓練": churn_steps.TRAIN, "検証": churn_steps.VALID,
    "テスト": churn_steps.TEST, "予測": churn_steps.SCORE,
}
months = saved.select("month").toPandas()
for use, ends in parts.items():
    print(f"{use}: {len(churn_steps.rows_between(months, ends)):,}行")

# %% [markdown]
# ## 訓練の月だけで、解約の割合を調べる
#
# 値の分布や、手がかりと解約の関係を調べる作業が、**探索的データ分析**（exploratory data analysis、EDA）です。
# テストの月を見て手がかりを選ぶと、テストが「初めて見る月」でなくなるので、訓練の月だけで調べます。
# 訓練の月の行に、`createOrReplaceTempView`で **一時ビュー**（temporary view）の名前を付けると、このセッションの間、SQLから読めます。
# まずSQLで、苦情と契約の月数の4つの組に分けます。
# `GROUP BY ALL`は集計しない列のすべてを、`ORDER BY ALL`は選んだ列のすべてを左から使います。

# %%
first, last = churn_steps.TRAIN
saved.where(F.col("month").between(first, last)).createOrReplaceTempView("train_rows")

# %%
four_groups = spark.sql("""
    SELECT complaints_3m > 0 AS `苦情あり`, tenure_months <= 6 AS `6か月以内`,
           count(*) AS `行`, round(avg(churned), 3) AS `解約した割合`
    FROM train_rows GROUP BY ALL ORDER BY ALL
""").toPandas()
four_groups

# %% [markdown]
# 苦情のある組は、どちらの月数でも解約した割合が高く、契約して6か月以内では差が大きく開きます。
# ただ、苦情が解約を起こしたとまでは言えません。
# 配送の遅れやすい地域には競合の店も多い、というような別の理由もありえます。
#
# 注文と満足度は、DataFrameの関数にして数えます。


# %%
def churn_by(column):
    share = F.round(F.avg("churned"), 3).alias("解約した割合")
    groups = spark.table("train_rows").groupBy(column)
    return groups.agg(F.count("*").alias("行"), share).orderBy(column).toPandas()


by_orders, by_score = churn_by("orders"), churn_by("survey_score")
by_score

# %% tags=["figure"] mystnb={"image": {"alt": "訓練の月の4つの棒グラフ。上の段は行の数、下の段は翌月に解約した割合。注文は0回から4回へ多いほど行が増え、割合は0回の3割あまりから下がる。満足度は答えない人の行がいちばん多く、割合は1がいちばん高く、5がいちばん低く、答えない人は2と3の間"}}
fig, axes = plt.subplots(2, 2, figsize=(5.5, 4.4), sharex="col", layout="constrained")
for column, (rates, name) in enumerate([(by_orders, "その月の注文（回）"), (by_score, "満足度")]):
    labels = rates.iloc[:, 0].map("{:.0f}".format).replace("nan", "空")
    axes[0, column].bar(labels, rates["行"], color="#9db4c0")
    axes[0, column].set_ylim(0, 3000)
    axes[1, column].bar(labels, rates["解約した割合"], color="#3b6ea5")
    axes[1, column].set_ylim(0, 0.4)
    axes[1, column].set_xlabel(name, fontsize=11)
axes[0, 0].set_ylabel("行の数", fontsize=11)
axes[1, 0].set_ylabel("解約した割合", fontsize=11)
plt.show()

# %% [markdown]
# 図は、上の段が行の数、下の段が解約した割合です。
# 左の列では、注文が少ないほど割合が高くなりますが、0回の行は少ないので、その人たちだけに電話しても大半の解約は防げません。
#
# 右の列では、空（表の`NaN`）の棒に目を向けてください。
# 答えなかった人がいちばん多く、しかも解約した割合は、4や5と答えた人よりずっと高くなっています。
# 空の行を捨てると、離れやすい人が多めに消え、残りの割合が低く偏るのです。
# だから空のまま残し、どう埋めるかは33で学習と一緒に決めます。

# %% [markdown]
# ## 練習
#
# ### こかげ便の表【自習】
#
# 練習2と3では、姉妹サービス「こかげ便」の契約から、800件だけを抜き出した表を使います（これも架空です）。
# 31の電話の試しとは別の記録で、人数も合いません。
# 列はひだまり便と同じですが、変な所の量は違います。
# `kokage`は、表の名前からSparkのDataFrameを引く辞書で、SQLでは`kokage_contracts`のような名前で読めます。

# %%
import churn

kokage_settings = {
    "n_customers": 800, "months": 9, "seed": 13, "full_width_rate": 0.3, "month_edge_rate": 0.4,
}
kokage = churn.make_spark_tables(spark, **kokage_settings)
for name, table in kokage.items():
    table.createOrReplaceTempView(f"kokage_{name}")
    print(f"kokage_{name}: {', '.join(table.columns)}")

# %% [markdown]
# こかげ便の前の担当者は、この800件について、次の2つの数を報告していました。

# %%
spark.sql("""
    SELECT avg(try_cast(monthly_fee AS DOUBLE)) AS `月額の平均`,
           count_if(trunc(cancelled_at, 'month') = '2025-10-01') AS `10月の解約`
    FROM kokage_contracts
""").toPandas()

# %% [markdown]
# ### 練習 2: 引き継いだ報告を直す【自習】
#
# すぐ上の報告を、800件すべての契約の月額の平均（円）と、日本の2025年10月のうちに解約した人数に直します。
# `report`を`{"月額の平均": …, "10月の解約": …}`の形の辞書にしてください。
# 10月の解約は、未明に処理された人も含めた全員です。
#
# <details><summary>ヒント</summary>
#
# 本文の`digits`は列の式なので、ほかの表にもそのまま使えます。
# 1行の結果からは、`.first()[0]`で値を取り出せます。
#
# </details>

# %% 練習 2
report = {"月額の平均": ..., "10月の解約": ...}

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 手がかりにしてはいけない列【自習】
#
# こかげ便の`customers`と`contracts`の列のうち、特徴量に使ってはいけないものを、Pythonの集合（`{"列1", "列2"}`）で`banned`に入れてください。
# つなぐための番号（`customer_id`と`contract_id`）は数えません。
# 使ってはいけないのは、次のどれかに当たる列です。
#
# - 1人に結び付く値が入っている
# - 使ってよいかを、会社がまだ決めていない（決まりは、ひだまり便と同じ）
# - 予測する月末には、まだ決まっていない値が入っている
#
# <details><summary>ヒント</summary>
#
# 3つ目は、値が後から書き込まれる列です。
# 答えを作るのに使った列も、手がかりにしてよいでしょうか。
#
# </details>

# %% 練習 3
banned = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 直近3か月の追加の買い物
#
# ひだまり便に戻ります。
# 本文の`usage`から、その月末までの3か月（当月と前の2か月）の`add_on_yen`の合計を作ってください。
# 列は`customer_id`、`month`、`add_on_3m`の3つで、SparkのDataFrameのまま`add_on`に入れます。
# 契約したばかりの人は、ある月だけを足します。
#
# <details><summary>ヒント</summary>
#
# `complaints_3m`を作った行を見ます。
# 3列だけを選ぶには、`usage.select("customer_id", "month", 合計の式.alias("add_on_3m"))`と書きます。
#
# </details>

# %% 練習 4
add_on = ...

# %% 確認 4
check(4)

# %% [markdown]
# ### 練習 5: 1か月後に分け直す【自習】
#
# 1か月たち、2026年5月1日の朝になりました。
# 古い4月の記録は消され、表には2025年5月から2026年4月までの月末があります。
# 4月の解約の結果も分かりました。
# 本文と同じ考え方で、検証とテストを2か月ずつにして分け直してください。
# 窓のそろわない月は、どの使い道にも入れません。
# `{"訓練": ("2025-05-01", …), "検証": (…), …}`のように、最初と最後の月を月の1日で書き、`split`に入れます。
# 使い道は訓練、検証、テスト、予測の4つで、1か月だけなら同じ月を2回書きます。
#
# <details><summary>ヒント</summary>
#
# 後ろから決めます。
# 5月1日に答えがまだ分からないのは、どの月末でしょうか。
#
# </details>

# %% 練習 5
split = ...

# %% 確認 5
check(5)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 利用の表で、同じ顧客・同じ月の2行のうち、注文の回数だけが違っていました。
# 最初にすることはどれですか。
#
# <details><summary>ア. <code>distinct</code>で、1行にまとめる</summary>
#
# 本文の重複はこれで直りました。
# しかし`distinct`がまとめるのは、すべての列が同じ行だけです。
#
# </details>
# <details><summary>イ. 送り元に、2行になる理由を聞く</summary>
#
# 正解です。
# 訂正を送り直したのか、別の注文なのかで、直し方が変わります。
#
# </details>
# <details><summary>ウ. 注文の回数が多いほうの行を残す</summary>
#
# 後から届いた行ほど新しく、回数も増えているはずだと考えると、こうしたくなります。
# 取り消しの訂正なら、正しいのは少ないほうです。
#
# </details>
#
# **問 2.** 満足度の空の行を捨てずに残しました。
# 理由はどれですか。
#
# <details><summary>ア. 答えない人のほうが解約しやすく、捨てると偏るから</summary>
#
# 正解です。
# 空になる理由が、知りたい答えと結び付いていました。
#
# </details>
# <details><summary>イ. 行が減ると、学習に使える例が減って成績が下がるから</summary>
#
# 行は多いほど良いと思いたくなります。
# 空になる理由が答えと無関係なら、学習の行を少し捨てても大きな害はありません（予測する月の人は捨てられません）。
#
# </details>
# <details><summary>ウ. 空の満足度は、0点と同じ意味として扱えるから</summary>
#
# 空を0で埋めた、問い合わせの列と同じ考え方です。
# 満足度の0は「1より不満」という意味になり、答えなかったこととは別です。
#
# </details>
#
# **問 3.** 同僚が、テストの2か月も入れて手がかりごとの解約の割合を調べ、差の大きかった列だけを残しました。
# 何が起きますか。
#
# <details><summary>ア. 何も起きない。モデルの学習には、テストの行を使っていない</summary>
#
# `fit`に渡さなければ見たことにならない、と考えた人が選びます。
# どの列を残すかを決めるのも、答えから学ぶことの1つです。
#
# </details>
# <details><summary>イ. 月によって解約の割合が違うので、列の差が正しく計算できなくなる</summary>
#
# 月を混ぜることが問題だと思いたくなりますが、訓練の月も5つ混ぜて数えました。
# 困るのは混ぜた月の数ではなく、その月の答えを見たことです。
#
# </details>
# <details><summary>ウ. テストの成績が、4月の成績より良く見えやすくなる</summary>
#
# 正解です。
# テストの月でたまたま差の開いた列が残るので、次の月では同じだけの差は出ません。
#
# </details>
#
# **問 4.** 電話の準備が遅れ、5月からは、電話の始まりが2日から6日に変わります。
# 行と答えをどうしますか。
#
# <details><summary>ア. 電話の日は予測と関係がないので、そのまま使う</summary>
#
# 当たるかどうかだけを見れば、変える所は無さそうです。
# しかし5日までに解約する人を当てても手を打てず、損得を多く見積もります。
#
# </details>
# <details><summary>イ. 翌月5日までに解約した行を外し、6日からの解約を答えにする</summary>
#
# 正解です。
# 手を打てる間に起きることだけを、答えにします。
# 1日の昼だけなら残しましたが、2日から5日までの解約は、それよりずっと多くなります。
#
# </details>
# <details><summary>ウ. 翌月5日までに解約した行の答えを、1から0に書き換える</summary>
#
# 電話で救えないなら0でよいと考えた人が選びます。
# 解約した人を「続ける人」と教えることになり、よく似た人の確率まで下がります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 1行が何かを決め、行の数、直せない値の数、空の数を数えると、変な所が見つかります。
# - 時刻は、書いた側の時計と、読む側の時計を確かめます。
# - 月末に分からない値と、電話の間に合わない行は使いません。
# - 特徴量は月末の時点に立って作り、窓のそろわない月を除いて、データは月で分けます。
# - 手がかりは訓練の月だけで、行の数と割合を並べて調べます。空の値にも理由があります。
#
# 次のレッスンでは、この表からモデルを学習し、条件と成績を記録します。

# %%
check.summary()
