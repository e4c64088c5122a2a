# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 10
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # Delta LakeとSparkでデータを読む
#
# 木曜の夕方、検査センターの佐藤さんは、診断の記録を1件だけ直そうとしました。
# 悪性とされていた検体が、再検査で良性と分かったからです。
# ところが、実行した文から行を絞る条件が抜けていました。
# 画面には「更新しました」とだけ出て、表のすべての検体が良性に変わりました。
# もとのファイルは上書きされ、正しい診断はどこにも残っていません。
#
# 表が変更の履歴を持っていれば、間違える前の中身を読み出せます。
# ここでは履歴の残る表を作り、同じ失敗をわざと起こして、元に戻します。
# 読み終えると、SQLとSparkで表を調べ、必要な分だけをpandasに取り出せるようになります。
#
# ## このレッスンで学ぶこと
#
# - pandasの表からDeltaの表を作り、変更の履歴を読む。
# - 同じ集計を、SQLとSparkのDataFrameの両方で書く。
# - 間違えて書き換えた表を、前のバージョンの中身に戻す。
# - 列の合わない追加が断られるところを見て、何が守られ、何が守られないかを説明する。
# - 行数と列数からメモリーの量を見積もり、`.toPandas()`を呼んでよいか決める。

# %% [markdown]
# ## 表にするデータ
#
# 使うのは、乳房のしこりから細い針で採った細胞のデータです。
# scikit-learnに付いてくるので、ダウンロードは要りません。

# %%
from sklearn.datasets import load_breast_cancer

raw = load_breast_cancer(as_frame=True).frame
print(f"検体は{len(raw)}件、測定値は{raw.shape[1] - 1}列です。")
raw[["mean radius", "radius error", "worst radius", "target"]].head(3)

# %% [markdown]
# 1行が1件の検体です。
# 列には、顕微鏡の画像に写った細胞核を測った数値が並びます。
# 半径（radius）や面積（area）など10の性質を、3通りにまとめたものです。
# `mean`は検体の中での平均、`error`はその平均の誤差の目安、`worst`は大きいほうから3つの平均です。
#
# 最後の`target`が診断です。
# 悪性（malignant、がん）が0、良性（benign、がんではない）が1です。
# 探したい悪性のほうが0なので、読み違えやすい列です。
# そこで表には、「悪性」「良性」と文字で書いた`diagnosis`列を入れます。
# 列名の空白も`_`に替えます。
# Deltaの表は、空白やかっこの入った列名をそのままでは受け付けません。

# %%
cells = raw.drop(columns="target")
cells.columns = cells.columns.str.replace(" ", "_")
cells.insert(0, "sample_id", range(len(cells)))
cells["diagnosis"] = raw["target"].map({0: "悪性", 1: "良性"})
cells[["sample_id", "mean_radius", "diagnosis"]].head(3)

# %% [markdown]
# `sample_id`は、1件を名指しできるように足した通し番号です。

# %% [markdown]
# ## Deltaの表に保存する
#
# Sparkへの窓口になる`spark`を用意し、このレッスンの表を置く場所を作ります。
# 表の置き場所を、データベースでは **スキーマ**（schema）と呼びます。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS delta_and_spark")
spark.sql("USE delta_and_spark")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %% [markdown]
# pandasの表をSparkに渡し、`cell_samples`という名前で保存します。
# `mode("overwrite")`は、同じ名前の表があれば中身を置き換える指定です。
# このページは表の履歴も見せるので、前に実行したときの表は履歴ごと先に消します。

# %%
spark.sql("DROP TABLE IF EXISTS cell_samples")
spark.createDataFrame(cells).write.mode("overwrite").saveAsTable("cell_samples")

detail = spark.sql("DESCRIBE DETAIL cell_samples").first()
print(f"表の形式は{detail['format']}、行数は{spark.table('cell_samples').count()}です。")

# %% [markdown]
# 保存先には、2種類のファイルができています。
#
# 1つは表の中身で、列ごとにまとめて圧縮する **Parquet** という形式です。
# もう1つは変更の記録で、どのファイルが表に加わり、どれが外れたかを、変更のたびに書き足します。
# この記録を **トランザクションログ**（transaction log）と呼びます。
# 2つを合わせたものが **Deltaの表**（Delta table）です。
# それを読み書きする仕組みを **Delta Lake** といいます。
#
# 変更の記録は`DESCRIBE HISTORY`で読めます。
# 後で何度も使うので、関数にしておきます。

# %%
def show_history():
    history = spark.sql("DESCRIBE HISTORY cell_samples")
    history.select("version", "operation").orderBy("version").show(truncate=False)


show_history()

# %% [markdown]
# `version`はバージョン番号で、0から始まり、表が変わるたびに1つ増えます。
# `operation`は操作の名前で、バージョン0は表を作った（同じ名前があれば置き換えた）ことを表します。

# %% [markdown]
# ## 頼むまで計算しない【自習】
#
# 半径の平均が20を超える検体を取り出します。

# %%
samples = spark.table("cell_samples")
large = samples.where("mean_radius > 20").select("sample_id", "mean_radius")
print(type(large))

# %% [markdown]
# 出てきたのは、`pyspark`のDataFrameという型の名前だけです。
# 何件あったかは、まだ誰も数えていません。
#
# SparkのDataFrameは、名前はpandasと同じでも、中にあるのは値ではなく計算の手順です。
# `where`や`select`は手順を書き足すだけで、表を読みません。
# `count`や`toPandas`のように結果を求める命令が来て、はじめて計算が始まります。
# この性質を **遅延評価**（lazy evaluation）と呼びます。
# 結果を求める命令は **アクション**（action）と呼びます。

# %%
print(f"半径の平均が20を超える検体は{large.count()}件です。")

# %% [markdown]
# 手順がそろってから動くので、Sparkは要る列だけを読み、要らない行を早めに捨てる段取りを組めます。
# 表は **パーティション**（partition）という行のまとまりに分けられます。
# 手の空いた計算機が、まとまりを順に受け持ちます。
# この手分けを **分散処理**（distributed processing）と呼びます。
# この小さな表では効き目が見えませんが、1台に収まらない表も同じコードで扱えます。
#
# 頼むまで動かないことには、困る面もあります。
# 列名のつづりを間違えても、書いたときには分かりません。

# %%
wrong = samples.select("mean_radus")
print("まだ何も起きていません。")

# %% [markdown]
# 結果を求めたところで失敗します。
# `AnalysisException`は、手順に誤りが見つかったことを表すエラーです。
# その最初の2文だけを表示します。
# `logging.disable`の行は、同じ失敗の長い記録が画面に流れるのを止めるためのものです。

# %%
import logging

from pyspark.errors import AnalysisException

logging.disable(logging.ERROR)
try:
    wrong.count()
except AnalysisException as error:
    print(*str(error).split(". ")[:2], sep="\n")

# %% [markdown]
# 1行目は「`mean_radus`という列が見つからない」、2行目は「この列のことですか」という候補です。
# 直す場所は、失敗したセルではなく、手順を書いたセルにあります。
#
# > **注意** Spark Connectを使わない以前からのSparkでは、手順を書いた行で失敗します。
# > Databricksのサーバーレスは、この本と同じSpark Connectです。

# %% [markdown]
# ## SQLで調べる、DataFrameで調べる【自習】
#
# 悪性と良性で、細胞核の大きさに差はあるでしょうか。
# SQLで件数と平均を求め、`display`で見せます。

# %%
by_sql = spark.sql("""
    SELECT diagnosis, count(*) AS n_samples, round(avg(mean_radius), 2) AS avg_radius
    FROM cell_samples
    GROUP BY diagnosis
    ORDER BY diagnosis
""")
display(by_sql)

# %% [markdown]
# 悪性は良性より件数が少なく、半径の平均は大きめです。
# ただし平均だけでは、2つのグループがどのくらい重なるかまでは分かりません。
#
# 同じ集計を、DataFrameのメソッドで書きます。
# `F`は計算の関数を集めたもの、`alias`は結果の列に名前を付けるメソッドです。

# %%
from pyspark.sql import functions as F

by_dataframe = (
    samples.groupBy("diagnosis")
    .agg(F.count("*").alias("n_samples"), F.round(F.avg("mean_radius"), 2).alias("avg_radius"))
    .orderBy("diagnosis")
)
print(f"SQLと同じ結果か: {by_dataframe.collect() == by_sql.collect()}")

# %% [markdown]
# `collect`は、結果の行を手元に集めるアクションです。
# SQLもDataFrameも同じ計算の手順になるので、読みやすいほうで書けば足ります。
#
# 列を足しながら整える作業は、DataFrameのほうが読みやすくなります。
# 大きな核（`worst_radius`）が平均の何倍あるかを、検体ごとに計算します。

# %%
with_ratio = samples.withColumn("size_ratio", F.col("worst_radius") / F.col("mean_radius"))
ratio_by_diagnosis = with_ratio.groupBy("diagnosis").agg(
    F.round(F.avg("size_ratio"), 2).alias("avg_size_ratio")
)
display(ratio_by_diagnosis.orderBy("diagnosis"))

# %% [markdown]
# 倍率も悪性のほうが高く、核の大きさがよりふぞろいだと読めます。
# 分析の前に列を作ったり値を直したりする作業を **前処理**（preprocessing）と呼びます。
# Sparkで書いておけば、表が大きくなっても分散処理されます。

# %% [markdown]
# ## 間違えて書き換え、元に戻す
#
# 佐藤さんの失敗を起こします。
# 行を絞る`WHERE`のない`UPDATE`です。

# %%
display(spark.sql("UPDATE cell_samples SET diagnosis = '良性'"))

# %% [markdown]
# `num_affected_rows`は書き換えた行の数で、表の行数と同じです。
# 診断ごとの件数はどうなったでしょうか。

# %%
def count_by_diagnosis(table):
    return table.groupBy("diagnosis").agg(F.count("*").alias("n_samples")).orderBy("diagnosis")


display(count_by_diagnosis(spark.table("cell_samples")))

# %% [markdown]
# 悪性の検体が1件もありません。
# いつの変更でこうなったのか、履歴を見ます。

# %%
show_history()

# %% [markdown]
# バージョン1が`UPDATE`なので、失敗する前はバージョン0です。
# SQLで表の名前の後に`VERSION AS OF 0`と書くと、バージョン0の中身を読めます。

# %%
before = spark.sql("SELECT * FROM cell_samples VERSION AS OF 0")
display(count_by_diagnosis(before))

# %% [markdown]
# 悪性の検体が残っていました。
# 前のバージョンを読むことを **タイムトラベル**（time travel）と呼びます。
# それができるのは、`UPDATE`がもとのファイルを書き直さず、直した中身を新しいファイルに書くからです。
#
# | バージョン | したこと | 表の中身として読むファイル |
# |---|---|---|
# | 0 | 表を作る | A |
# | 1 | すべて良性に書き換える | B（Aも残っている） |
# | 2 | バージョン0の中身で上書きする | C（AもBも残っている） |
#
# 最後の行のとおり、バージョン0の中身で上書きして元に戻します。

# %%
before.write.mode("overwrite").saveAsTable("cell_samples")
display(count_by_diagnosis(spark.table("cell_samples")))
show_history()

# %% [markdown]
# 悪性の検体が戻りました。
# バージョン2の操作の名前はバージョン0と同じですが、表を消して作り直したのではありません。
# 上書きは新しいバージョンとして足されただけで、失敗したバージョン1も残っています。
# 何がいつ起きたかを、後から説明できます。
# 戻すだけなら`RESTORE TABLE cell_samples TO VERSION AS OF 0`の1文でもできます。
#
# 失敗を減らすには、`UPDATE`の前に同じ`WHERE`で`SELECT count(*)`を実行し、件数を確かめます。
#
# > **注意** 前のバージョンを、いつまでも読めるわけではありません。
# > 表から外れたファイルは、`VACUUM`という命令で消されます。
# > 既定では、外れて7日を過ぎたものが対象です。
# > Databricksには、この掃除を自動で走らせる設定もあります。
# > 長く残したいバージョンは、別の表に写しておきます。

# %% [markdown]
# ## 列の合わない追加は断られる【自習】
#
# 新しい検体を1件、列名のつづりを間違えたまま足してみます。
# `mode("append")`は、表の後ろに足す指定です。

# %%
typo = spark.createDataFrame([(9001, 14.2, "良性")], ["sample_id", "mean_radus", "diagnosis"])
try:
    typo.write.mode("append").saveAsTable("cell_samples")
except AnalysisException as error:
    print(f"断られました: {error.getCondition()}")
print(f"行数は{samples.count()}のままです。")

# %% [markdown]
# 出てきたのはエラーの種類で、表の列と合わないことを表します。
# Deltaの表は列の名前と型の組を覚えていて、表にない列や、数値の列に入れた`"abc"`のような値を断ります。
# 途中まで書き込まれることもありません。
# この検査を **スキーマ強制**（schema enforcement）と呼びます。
# ここでいうスキーマは列の名前と型の組のことで、表の置き場所のスキーマとは別の意味です。
#
# 守られるのは形だけです。
# いま断られたのは`mean_radus`という列のせいで、ほかの列が足りないせいではありません。
# 表にある列が足りない追加は受け入れられ、足りない列は値なし（NULL）になります。
# 半径がマイナスの検体も、型が合えば入ります。

# %% [markdown]
# ## pandasに渡す前に量を見る【自習】
#
# scikit-learnは、手元のメモリーにあるデータで学習します。
# そこで`.toPandas()`を使い、Sparkの結果をpandasのDataFrameにします。
# このとき、結果のすべての行がノートブックの動く1台に集まります。
# 入りきらない量なら、ノートブックが止まります。
#
# 呼ぶ前に、量を見積もります。
# 数値1つを8バイトとして、行数と列数を掛けます。

# %%
rows, columns = samples.count(), len(samples.columns)
print(f"{rows}行 × {columns}列 × 8バイト = {rows * columns * 8 / 1e6:.2f} MB")
print(f"同じ列で1億行なら {100_000_000 * columns * 8 / 1e9:.1f} GB")

# %% [markdown]
# この表なら、そのまま渡せる量です。
# 同じ列で1億行あれば、メモリーが16GBのPCには入りません。
# 文字の列はもっと場所をとり、加工の途中では写しもできるので、見積もりの数倍の空きを見込みます。
#
# 多すぎるときは、渡す前に次の順で減らします。
#
# 1. 使う列だけを`select`で選ぶ。
# 2. 使う行だけを`where`で絞る、または`sample`で一部を抜き出す。
# 3. 合計や平均までSparkで計算し、結果だけを渡す。
#
# 半径の分布を見るには、2列で足ります。

# %%
radius = samples.select("diagnosis", "mean_radius").toPandas()
print(f"手元に来たのは{len(radius)}行 × {radius.shape[1]}列です。")

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は半径の平均、縦軸は検体の数。良性の山は左、悪性の山は右にあり、間で重なることが分かるヒストグラム"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.5))
for name, pattern in [("良性", ""), ("悪性", "//")]:
    values = radius.loc[radius["diagnosis"] == name, "mean_radius"]
    ax.hist(values, bins=range(6, 30), alpha=0.6, hatch=pattern, label=name)
ax.set_xlabel("半径の平均（mean_radius）")
ax.set_ylabel("検体の数")
ax.legend()
plt.show()

# %% [markdown]
# 横軸は半径の平均、縦軸はその大きさの検体の数です。
# 斜線のない良性は左に山を作り、斜線の悪性は右に広く散らばります。
# 次に、2つが重なる真ん中を見てください。
# この範囲では、半径だけから悪性か良性かを決められません。
# ほかの列も合わせて判断するモデルを、次のレッスンから作ります。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_14 import check

# %% [markdown]
# ### 練習 1: 大きな核を持つ検体を数える【自習】
#
# `worst_area`が750を超える検体を、`diagnosis`ごとに数えてください。
# 結果はSparkのDataFrameのまま、`large_counts`に入れます。
# 列は`diagnosis`と、件数を表す`n_samples`の2つです。
# SQLとDataFrameのどちらで書いてもかまいません。
#
# <details><summary>ヒント</summary>
#
# SQLなら、`FROM`の後、`GROUP BY`の前に`WHERE 条件`を書きます。
# DataFrameなら、`samples.where("条件")`の結果に、`by_dataframe`のような集計をつなげます。
# 件数だけでよいので、平均の列は要りません。
#
# </details>

# %% 練習 1
large_counts = ...

# %% 確認 1
check(1)

# %% [markdown]
# 練習2では、別の表`rechecked`を使います。
# 99番の検体を良性に直すときに、`=`を`<=`と打ち間違え、すぐに直した表です。
# バージョン0は元の診断、バージョン1は間違えた`UPDATE`の後です。
# バージョン2は、バージョン0の中身から99番の1件だけを良性に変えて上書きした、正しい表です。

# %%
spark.sql("DROP TABLE IF EXISTS rechecked")
labels = spark.createDataFrame(cells[["sample_id", "diagnosis"]])
labels.write.mode("overwrite").saveAsTable("rechecked")
spark.sql("UPDATE rechecked SET diagnosis = '良性' WHERE sample_id <= 99")
corrected = spark.sql("""
    SELECT sample_id, if(sample_id = 99, '良性', diagnosis) AS diagnosis
    FROM rechecked VERSION AS OF 0
""")
corrected.write.mode("overwrite").saveAsTable("rechecked")

# %% [markdown]
# ### 練習 2: 失敗で診断が変わった検体を数える
#
# 表`rechecked`のバージョン1の`UPDATE`で、診断が悪性から良性に変わった検体は何件ですか。
# バージョン0とバージョン1を比べて件数を求め、整数で`changed`に入れてください。
#
# <details><summary>ヒント</summary>
#
# バージョン1に、悪性は何件残っていますか。
# `VERSION AS OF`でバージョンを読むDataFrameに、`where`と`count`をつなげて数えます。
# 文字の条件は、`"diagnosis = '悪性'"`のように二重の引用符で囲みます。
#
# </details>

# %% 練習 2
changed = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 使う分だけをpandasに渡す【自習】
#
# `mean_radius`が15を超える検体を、pandasのDataFrameにします。
# 列は`sample_id`、`mean_radius`、`diagnosis`の3つだけにします。
#
# - 行と列を減らす手順を、SparkのDataFrameのまま`to_send`に入れる。
# - `to_send`をpandasに渡した結果を、`large_samples`に入れる。
#
# <details><summary>ヒント</summary>
#
# `to_send`は、`samples`に`where`と`select`をつなげて作ります。
#
# </details>

# %% 練習 3
to_send = ...
large_samples = ...

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** `orders`という表の列は`order_id`、`year`、`amount`です。
# `amont`という列はありません。
# 次の2行を実行した直後の説明として、正しいものはどれですか。
#
# ```python
# orders = spark.table("orders")
# recent = orders.where("year >= 2025").select("order_id", "amont")
# ```
#
# <details><summary>ア. 2025年からの行を読み終え、メモリーに置いた</summary>
#
# 不正解です。
# pandasの`DataFrame`ならその場で計算しますが、Sparkは手順を書き足しただけです。
#
# </details>
# <details><summary>イ. 手順ができただけで、列名の間違いにはまだ気づいていない</summary>
#
# 正解です。
# 間違いが分かるのは、`count`や`toPandas`などのアクションを呼んだときです。
#
# </details>
# <details><summary>ウ. 表は読んでいないが、列名は確かめ終えた</summary>
#
# 不正解です。
# 列名くらいは見ていそうですが、本文の`mean_radus`は、書いたセルでは失敗しませんでした。
#
# </details>
#
# **問 2.** バージョン1の失敗を、バージョン2の上書きで直しました。
# 直したすぐ後に`VERSION AS OF 1`で読むと、どうなりますか。
#
# <details><summary>ア. 上書きで消えたので、エラーになる</summary>
#
# 不正解です。
# 「上書き」という言葉から前の中身が消えたと思いがちですが、バージョン1のファイルは残っています。
# 読めなくなるのは、`VACUUM`などでファイルが消された後です。
#
# </details>
# <details><summary>イ. いまの表と同じ、直した後の中身が出る</summary>
#
# 不正解です。
# 直した中身はバージョン2のもので、バージョン1の中身は後から変わりません。
#
# </details>
# <details><summary>ウ. 失敗した中身が、そのまま出る</summary>
#
# 正解です。
# だからこそ、何が起きたかを後から調べられます。
#
# </details>
#
# **問 3.** 2億行、40列の数値の表から、店ごとの売上合計をグラフにします。
# 手元のメモリーは16GBです。
# どう進めますか。
#
# <details><summary>ア. 表を丸ごとpandasに渡し、pandasで合計する</summary>
#
# 不正解です。
# 使い慣れたpandasで進めたくなりますが、見積もりは2億×40×8バイトで64GBです。
#
# </details>
# <details><summary>イ. <code>limit(1000)</code>で1000行だけ取り出し、pandasで合計する</summary>
#
# 不正解です。
# メモリーには収まりますが、出てくるのは1000行分の合計で、知りたい合計ではありません。
#
# </details>
# <details><summary>ウ. Sparkで店ごとに合計し、その結果だけをpandasに渡す</summary>
#
# 正解です。
# 手元に来るのは、店の数と同じ行数だけです。
#
# </details>
#
# **問 4.** 表の列は`sample_id`、`mean_radius`、`diagnosis`です。
# `mode("append")`で足すとき、Deltaの表が断るのはどれですか。
#
# <details><summary>ア. <code>mean_radius</code>が-5の行</summary>
#
# 不正解です。
# 半径としてはおかしな値ですが、数値なので型は合います。
# 値の意味は、自分で確かめる必要があります。
#
# </details>
# <details><summary>イ. 表にない<code>memo</code>という列が増えたデータ</summary>
#
# 正解です。
# 列を増やしたいなら、書き込むときに`option("mergeSchema", "true")`を付けて明示します。
#
# </details>
# <details><summary>ウ. <code>diagnosis</code>がなく、残りの2列だけのデータ</summary>
#
# 不正解です。
# 足りないので断られそうですが、`diagnosis`が値なし（NULL）の行として入ります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - Deltaの表は、中身のファイルと変更の記録の組で、変更のたびにバージョンが増えます。
# - 間違えて書き換えても、`DESCRIBE HISTORY`でバージョンを調べ、`VERSION AS OF`で前の中身を読めます。
# - SparkのDataFrameは計算の手順で、アクションを呼ぶまで動かず、間違いも分かりません。
# - SQLとDataFrameは、どちらで書いても同じ結果になります。
# - スキーマ強制が守るのは列の名前と型までで、値の意味は守りません。
# - `.toPandas()`の前に「行数 × 列数 × 8バイト」を見積もり、多ければSparkで減らします。
#
# 次のレッスンでは、取り出したデータを訓練データとテストデータに分け、scikit-learnで悪性を見分けるモデルを作ります。

# %%
check.summary()
