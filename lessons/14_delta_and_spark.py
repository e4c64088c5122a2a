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
# 検査センターに、診断の記録を1件だけ直す依頼が届きました。
# 悪性とされていた検体が、再検査で良性と分かったからです。
# ところが、使い回したSQLに行を絞る条件が無く、すべての検体が「良性」に変わりました。
# もとのファイルは上書きされ、正しい診断はどこにも残っていません。
#
# 表が変更の履歴を持っていれば、間違える前に戻せます。
# ここでは履歴の残る表で同じ失敗を起こし、元に戻します。
# 1件だけの直しは、練習でします。
#
# ## このレッスンで学ぶこと
#
# - Deltaの表を作り、変更の履歴を読む。
# - 間違えて書き換えた表を元に戻し、直したい1件だけを直す。
# - 前のバージョンをいつまで読めるかを言い、長く残す方法を選ぶ。
# - 同じ集計をSQLとSparkのDataFrameで書き、表のどの列が読まれるかを確かめる。
# - 量を見積もってから、`.toPandas()`でpandasに渡す。

# %% [markdown]
# ## 検査データ
#
# レッスン17まで、scikit-learnに付いてくる乳がんの検査データを使います。

# %%
from sklearn.datasets import load_breast_cancer

raw = load_breast_cancer(as_frame=True).frame
cells = raw.drop(columns="target")
cells.columns = cells.columns.str.replace(" ", "_")
cells.insert(0, "sample_id", range(len(cells)))
cells["diagnosis"] = raw["target"].map({0: "悪性", 1: "良性"})
print(f"検体は{len(cells)}件、列は{len(cells.columns)}列です。")
cells[["sample_id", "mean_radius", "radius_error", "worst_radius", "diagnosis"]].head(3)

# %% [markdown]
# 1行が1件の検体で、乳房のしこりから採った細胞の画像を測ったものです。
# 測定値の30列は、細胞核の半径（radius）や面積（area）など10の性質を、3通りにまとめています。
# `mean`は検体の中での平均、`error`はその平均の誤差（標準誤差）、`worst`は大きいほうから3つの平均です。
# `sample_id`は、この本で足した通し番号です。
# 1990年代に公開された記録で、いまの診断には使えません。
#
# 診断の`diagnosis`は、悪性（がん）か良性かです。
# 元の`target`は、探したい悪性のほうが0で読み違えやすいので、言葉に直しました。
# 列名の空白も、Deltaの表に合わせて`_`に替えました。

# %% [markdown]
# ## Deltaの表に保存する
#
# pandasの表をSparkに渡し、`cell_samples`という名前で保存します。
# 履歴を最初から見るために、前に実行したときの表は消しておきます。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS delta_and_spark")
spark.sql("USE delta_and_spark")
spark.sql("DROP TABLE IF EXISTS cell_samples")
spark.createDataFrame(cells).write.mode("overwrite").saveAsTable("cell_samples")

# %% [markdown]
# 保存先には、2種類のファイルができています。
# 1つは表の中身で、列ごとに値をまとめて圧縮する **Parquet** という形式です。
# もう1つの **トランザクションログ**（transaction log）は、どのファイルを表に加え、どれを外したかを、変更のたびに書き足した記録です。
# この2つを組にした表が **Deltaの表**（Delta table、Databricksの画面では`Deltaテーブル`）、読み書きする仕組みが **Delta Lake** です。
#
# 変更の記録は`DESCRIBE HISTORY`で読めます。

# %%
def show_history():
    history = spark.sql("DESCRIBE HISTORY cell_samples")
    history.select("version", "operation").orderBy("version").show(truncate=False)


show_history()

# %% [markdown]
# `version`は表が変わるたびに1つ増える番号で、0で表を作りました。

# %% [markdown]
# ## 間違えて書き換え、元に戻す
#
# まず、診断ごとの件数を見ておきます。

# %%
def count_by_diagnosis(version=""):
    return spark.sql(f"""
        SELECT diagnosis, count(*) AS n_samples
        FROM cell_samples {version}
        GROUP BY diagnosis ORDER BY diagnosis
    """)


display(count_by_diagnosis())

# %% [markdown]
# 冒頭の失敗、`WHERE`のない`UPDATE`を起こします。

# %%
updated = spark.sql("UPDATE cell_samples SET diagnosis = '良性'").first()
print(f"書き換えた行は{updated['num_affected_rows']}行です。")
display(count_by_diagnosis())

# %% [markdown]
# 悪性の検体が、1件も残っていません。
# `UPDATE`は`spark.sql`を呼んだ行ですぐに動くので、取り消す間もありません。
# そこで履歴を調べます。

# %%
show_history()

# %% [markdown]
# `UPDATE`が **バージョン**（version）1で、失敗する前が0です。
# 表の名前に`VERSION AS OF 0`と添え、その時の中身を数えます。

# %%
display(count_by_diagnosis("VERSION AS OF 0"))

# %% [markdown]
# 悪性の検体が、元と同じだけ残っています。
# 前のバージョンを読むことを **タイムトラベル**（time travel）と呼びます。
# 読めるのは、`UPDATE`がもとのファイルに手を付けず、直した中身を新しいファイルに書くからです。
# だから、読むファイルを選び直せば元に戻せます。

# %%
spark.sql("RESTORE TABLE cell_samples TO VERSION AS OF 0")
display(count_by_diagnosis())
show_history()

# %% [markdown]
# 悪性が戻り、失敗したバージョン1も残っています。

# %% tags=["figure"] mystnb={"image": {"alt": "バージョンごとのログの行と、読むファイルの図。0はAを加えてAを読む。1はAを外しBを加えてBを読む。2はBを外しAを加え、またAを読む。3はAを外しCを加えてCを読む。読まないファイルも残っている"}}
from figures.delta import versions

versions()

# %% [markdown]
# 右側のファイルを、上から順に見てください（1つにまとめて描きました）。
# ファイルは書き直されずに増えていき、どれを読むかをログの行が決めています。
# だからバージョン2では、新しいファイルを作らずに戻れました。
#
# バージョン3にあたる1件だけの直しは、練習1で、この表のコピーを使って試します。
# `UPDATE`の前に、同じ`WHERE`で`SELECT count(*)`を実行し、件数を確かめます。

# %% [markdown]
# ## 前のバージョンを読める期間【自習】
#
# 読まないファイルを残し続けると、保管の費用がかさみます。
# そこで、表から外れて7日（既定の保持期間）を過ぎたファイルを消す、`VACUUM`という操作があります。
# Databricksでは自動で動くこともあり、ファイルの消えたバージョンにはもう戻れません。
#
# しかもDatabricksでは、`saveAsTable`で作る表（Unity Catalogの管理テーブル）の、保持期間より前のバージョンは読めません。
# `VACUUM`の前で、ファイルが残っていても断られます。
# エラーの名前は`DELTA_UNSUPPORTED_TIME_TRAVEL_BEYOND_DELETED_FILE_RETENTION_DURATION`です。
# ところが履歴の行は既定で30日残るので、`DESCRIBE HISTORY`に出ていても読めるとは限りません。
#
# つまりタイムトラベルは、間違いにすぐ気づいたときの道具です。
# 半年後にも同じ中身を読みたいなら、そのバージョンを別の表にコピーします。

# %%
spark.sql("""
    CREATE OR REPLACE TABLE cell_samples_copy AS
    SELECT * FROM cell_samples VERSION AS OF 0
""")
print(f"コピーした行は{spark.table('cell_samples_copy').count()}行です。")

# %% [markdown]
# もう1つの方法は、保持期間を延ばすことです。
# 表の設定`delta.deletedFileRetentionDuration`（ファイル）と`delta.logRetentionDuration`（履歴）を、どちらも残したい日数にします。
# その間に書き換えたファイルがすべて残るので、費用は増えます。

# %% [markdown]
# ## 頼むまで計算しない【自習】
#
# 半径の平均が20を超える検体を、SparkのDataFrameで取り出します。

# %%
samples = spark.table("cell_samples")
large = samples.where("mean_radius > 20").select("sample_id", "mean_radius")

# %% [markdown]
# 何件あったかは、まだ誰も数えていません。
# SparkのDataFrameの中にあるのは、pandasと違って値ではなく、計算の手順だからです。
# `where`や`select`は手順を書き足すだけで、`count`や`toPandas`のように結果を求めたとき、はじめて計算が始まります。
# この性質を **遅延評価**（lazy evaluation）、結果を求める操作を **アクション**（action）と呼びます。

# %%
print(f"半径の平均が20を超える検体は{large.count()}件です。")

# %% [markdown]
# `spark.sql`に渡す文も、`SELECT`なら頼むまで動きません。
# 一方、`UPDATE`、`CREATE`、`RESTORE`は、前に見たとおり、書いた行ですぐに動きます。
#
# 手順がそろうまで待てば、使わない列を読まずに済みます。
# `explain`が表示する計算の計画から、表のどの列を読むか（ReadSchema）を抜き出します。

# %%
import contextlib
import io
import re


def columns_read(table):
    with contextlib.redirect_stdout(io.StringIO()) as plan:
        table.explain()
    return " ".join(re.findall(r"ReadSchema: struct<([\w:,.]+)", plan.getvalue()))


print(f"表の全体: {columns_read(samples)}")
print(f"2列だけ: {columns_read(large)}")

# %% [markdown]
# 表の全体は32列もあるので途中で省かれましたが、2列を選んだほうは、その2列しか読みません。
# Parquetでは列ごとに値がまとまっているため、残りの列を読み飛ばせるのです。
# これを **列プルーニング**（column pruning）と呼び、列の多い大きな表ほど効きます。
# 行のほうは、レッスン13で見たとおり、何台もの計算機が手分けします。
#
# この本のSpark（Spark Connect）では、列名の確認も、結果を求めるまで後回しです。
# だから列名のつづりを間違えても、書いたときには分かりません。

# %%
wrong = samples.select("mean_radus")
print("まだ何も起きていません。")

# %% [markdown]
# 結果を求めたところで失敗します。
# エラーの最初の2文だけを表示します（`logging`の2行は、長い記録を画面に出さないためのものです）。

# %%
import logging

from pyspark.errors import AnalysisException

logging.disable(logging.ERROR)
try:
    wrong.count()
except AnalysisException as error:
    print(*str(error).split(". ")[:2], sep="\n")
logging.disable(logging.NOTSET)

# %% [markdown]
# 「`mean_radus`という列が見つからない」に続いて、候補が並びます。
# 直す場所は、失敗したセルではなく、手順を書いたセルにあります。
# （Spark Connectでない従来のSparkでは、手順を書いた行で失敗します。）

# %% [markdown]
# ## SQLで調べる、DataFrameで調べる【自習】
#
# 悪性と良性で、細胞核の大きさに差があるかを調べます。

# %%
by_sql = spark.sql("""
    SELECT diagnosis, count(*) AS n_samples, round(avg(mean_radius), 2) AS avg_radius
    FROM cell_samples
    GROUP BY diagnosis
    ORDER BY diagnosis
""")
display(by_sql)

# %% [markdown]
# 悪性は件数が少なく、半径の平均は大きめです。
# 同じ集計を、DataFrameのメソッドでも書けます（`F`は計算の関数を集めたもの、`alias`は結果の列の名前です）。

# %%
from pyspark.sql import functions as F

by_dataframe = (
    samples.groupBy("diagnosis")
    .agg(F.count("*").alias("n_samples"), F.round(F.avg("mean_radius"), 2).alias("avg_radius"))
    .orderBy("diagnosis")
)
print(f"SQLと同じ結果か: {by_dataframe.collect() == by_sql.collect()}")

# %% [markdown]
# どちらも同じ計算の手順になるので、読みやすいほうで書いてかまいません。
# 列を足しながら整える作業なら、DataFrameのほうが読みやすくなります。
# 大きな核（`worst_radius`）が平均の何倍あるかという列を、`withColumn`で足します。

# %%
with_ratio = samples.withColumn("size_ratio", F.col("worst_radius") / F.col("mean_radius"))
display(with_ratio.groupBy("diagnosis").agg(F.round(F.avg("size_ratio"), 2)).orderBy("diagnosis"))

# %% [markdown]
# 倍率も悪性のほうが高いので、悪性の核は大きさがよりふぞろいだと読めます。
# 分析の前に列を作ったり値を直したりする作業が **前処理**（preprocessing）です。
# Sparkで書いておけば、表が大きくなっても同じコードで動きます。

# %% [markdown]
# ## 列の合わない追加は断られる【自習】
#
# 新しい検体を1件、列名のつづりを間違えたまま表に足してみます（`append`は追加です）。

# %%
typo = spark.createDataFrame([(9001, 14.2, "良性")], ["sample_id", "mean_radus", "diagnosis"])
try:
    typo.write.mode("append").saveAsTable("cell_samples")
except AnalysisException as error:
    print(f"断られました: {error.getCondition()}")
print(f"行数は{samples.count()}のままです。")

# %% [markdown]
# Deltaの表は列の名前と型を覚えていて、表にない列や、数値の列に入れた`"abc"`のような値を断ります。
# この検査が **スキーマ強制**（schema enforcement）です。
# ここでいうスキーマは列の名前と型の組のことで、表の置き場所のスキーマとは別の意味です。
#
# 守られるのは形だけです。
# 断られた理由は、表にない`mean_radus`という列があったことで、足りない列があったことではありません。
# だから、表にある列が足りない追加は受け入れられ、足りない列は値なし（NULL）になります。
# 半径がマイナスの検体も、型が合えば入ります。

# %% [markdown]
# ## pandasに渡す前に量を見る【自習】
#
# scikit-learnは、ノートブックのメモリーにあるデータで学習します。
# そこで`.toPandas()`を使い、Sparkの結果をpandasのDataFrameにします。
# 結果のすべての行がノートブックの動く1台に集まるので、入りきらなければノートブックごと止まります。
#
# だから、呼ぶ前に量を見積もります。
# 数値1つを8バイトとして、行数と列数を掛けます。

# %%
rows, columns = samples.count(), len(samples.columns)
print(f"{rows}行 × {columns}列 × 8バイト = {rows * columns * 8 / 1e6:.2f} MB")
print(f"同じ列で1億行なら {100_000_000 * columns * 8 / 1e9:.1f} GB")

# %% [markdown]
# この表なら、そのまま渡せる量です。
# ところが、同じ列で1億行あれば、メモリーが16GBのPCには入りません。
# 文字の列や加工の途中のコピーはもっと場所をとるので、見積もりの数倍の空きを見込みます。
#
# 多すぎるときは、渡す前に次の順で減らします。
#
# 1. 使う列だけを`select`で選ぶ。
# 2. 使う行だけを`where`で絞る、または`sample`で一部を抜き出す。
# 3. 合計や平均までSparkで計算し、結果だけを渡す。
#
# 半径の分布を見るだけなら、2列で足ります。

# %%
radius = samples.select("diagnosis", "mean_radius").toPandas()
print(f"pandasに渡したのは{len(radius)}行 × {radius.shape[1]}列です。")

# %% tags=["figure"] mystnb={"image": {"alt": "半径の平均ごとの検体の数のヒストグラム。良性の山は左、悪性の山は右にあり、真ん中で重なる"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.5, 3.4))
for name, pattern in [("良性", ""), ("悪性", "//")]:
    values = radius.loc[radius["diagnosis"] == name, "mean_radius"]
    ax.hist(values, bins=range(6, 30), alpha=0.6, hatch=pattern, label=name)
ax.set_xlabel("半径の平均（mean_radius）", fontsize=11)
ax.set_ylabel("検体の数", fontsize=11)
ax.legend(fontsize=11)
plt.show()

# %% [markdown]
# 見てほしいのは、2つの山が重なる真ん中です。
# 良性（斜線なし）は左に山を作り、悪性（斜線）は右に広く散らばりますが、重なった所では半径だけから診断を決められません。
# そこで、ほかの列も合わせて判断するモデルを、次のレッスンで作ります。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_14 import check

# %% [markdown]
# ### 練習 1: 1件だけを直す
#
# 再検査の依頼書には、検体の番号がありませんでした。
#
# > `mean_radius`が14.25の検体を、良性に直してください。
# > 同じ値の検体がほかにもあれば、`mean_area`が最も大きいものです。
#
# 検査データのコピー`rechecked`で、この1件だけを直してください。
#
# 1. `SELECT`で検体を調べ、1件に決まる条件を考える。
# 2. その条件の行を`count(*)`で数え、件数を`matched`に入れる。
# 3. 件数が1なら、同じ条件で`UPDATE`する。
#
# 最初の行が表を作り直すので、セルは何度でも実行できます。
#
# <details><summary>ヒント</summary>
#
# `WHERE mean_radius = 14.25`の行を、`.show()`で表示します。
# 1件に決まる条件には、`sample_id`が使えます。
# 件数は`spark.sql("SELECT count(*) …").first()[0]`で取り出せます。
#
# </details>

# %% 練習 1
spark.sql("CREATE OR REPLACE TABLE rechecked AS SELECT * FROM cell_samples VERSION AS OF 0")
matched = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 使う分だけをpandasに渡す【自習】
#
# 表`cell_samples`から、`mean_radius`が15を超える検体を、pandasのDataFrameにします。
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

# %% 練習 2
to_send = ...
large_samples = ...

# %% 確認 2
check(2)

# %% [markdown]
# 練習3の表`followup`は、次の関数が作ります。

# %%
def start_followup():
    spark.sql("DROP TABLE IF EXISTS followup")
    labels = spark.createDataFrame(cells[["sample_id", "diagnosis"]])
    labels.where("sample_id < 300").write.mode("overwrite").saveAsTable("followup")
    labels.where("sample_id >= 300").write.mode("append").saveAsTable("followup")
    spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id <= 118")
    spark.sql("UPDATE followup SET diagnosis = '良性' WHERE sample_id = 300")


# %% [markdown]
# ### 練習 3: 正しい直しを残して、間違いだけを戻す【自習】
#
# 118番と300番の2件だけを良性に直すはずでしたが、118番で`=`を`<=`と打ち間違えました。
#
# | バージョン | したこと |
# |---|---|
# | 0 | 299番までの検体で、表を作った |
# | 1 | 300番からの検体を足した |
# | 2 | `sample_id <= 118`の検体を良性に直した（打ち間違い） |
# | 3 | `sample_id = 300`の検体を良性に直した |
#
# 表`followup`を、すべての検体があり、2件だけが良性に変わった状態に直してください。
#
# - 打ち間違いの直前のバージョンの番号を`good_version`に入れ、表をそこへ戻す。
# - 足りない直しを、入れ直す。
#
# 表は消さず、履歴を残したまま直します。
#
# <details><summary>ヒント</summary>
#
# `RESTORE`で戻すと、戻した先より後の変更は、正しいものも表から外れます。
#
# </details>

# %% 練習 3
start_followup()
good_version = ...

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
# recent = spark.table("orders").where("year >= 2025").select("order_id", "amont")
# fixed = spark.sql("UPDATE orders SET amount = 0 WHERE year < 2000")
# ```
#
# <details><summary>ア. どちらも手順ができただけで、表はまだ読みも書きもしていない</summary>
#
# 「Sparkは頼むまで動かない」と覚えた人は、こう答えたくなります。
# 頼むまで動かないのは`SELECT`や`where`のような読む手順で、`UPDATE`は書いた行で動きます。
#
# </details>
# <details><summary>イ. 1行目で列名の間違いが見つかり、2行目は動かない</summary>
#
# pandasなら、存在しない列を選んだ行で止まります。
# Spark ConnectのDataFrameは手順を書き足しただけなので、本文の`mean_radus`と同じく、まだ気づきません。
#
# </details>
# <details><summary>ウ. 1行目の間違いには気づかず、2行目は書き換え終えた</summary>
#
# 正解です。
# 1行目の間違いが分かるのは、`count`や`toPandas`などのアクションを呼んだときです。
#
# </details>
#
# **問 2.** DatabricksのUnity Catalogの管理テーブルで、20日前の失敗を調べています。
# 保持期間は既定のままで、`VACUUM`は1度も実行していません。
# `DESCRIBE HISTORY`には、20日前のバージョン4と、その後のバージョンが出ています。
# `VERSION AS OF 4`で読むと、どうなりますか。
#
# <details><summary>ア. 履歴に出ているバージョンなので、その時の中身が読める</summary>
#
# 履歴の行と中身のファイルでは、残る期間が違います。
# 履歴は既定で30日残りますが、読めるのは保持期間の7日までです。
#
# </details>
# <details><summary>イ. 保持期間を過ぎているので、断られる</summary>
#
# 正解です。
# 7日を過ぎても必要なバージョンなら、別の表にコピーしておくか、保持期間を延ばしておきます。
#
# </details>
# <details><summary>ウ. 消えたファイルの代わりに、いまの中身が返る</summary>
#
# 「読めるものを返してくれる」と考えた人もいるはずです。
# 別のバージョンの中身が黙って返ることはなく、読めなければエラーになります。
#
# </details>
#
# **問 3.** 2億行、40列の数値の表から、店ごとの売上合計をグラフにします。
# ノートブックのメモリーは16GBです。
# どう進めますか。
#
# <details><summary>ア. Sparkで店ごとに合計し、結果だけをpandasに渡す</summary>
#
# 正解です。
# pandasに渡るのは、店の数と同じ行数だけです。
#
# </details>
# <details><summary>イ. <code>limit(1000)</code>で1000行だけを取り出し、pandasで合計する</summary>
#
# 「まず小さくする」という考えは合っています。
# けれども出てくるのは1000行分の合計で、知りたい合計ではありません。
#
# </details>
# <details><summary>ウ. 使う列が少ないので、表を丸ごとpandasに渡して合計する</summary>
#
# 使い慣れたpandasで進めたくなりますが、丸ごと渡せば使わない列まで集まります。
# 見積もりは2億×40×8バイトで64GBです。
#
# </details>
#
# **問 4.** 表の列は`sample_id`、`mean_radius`、`diagnosis`です。
# `mode("append")`で足すとき、Deltaの表が断るのはどれですか。
#
# <details><summary>ア. <code>mean_radius</code>が-5の行</summary>
#
# 半径としてはおかしな値でも、数値なので型は合います。
# 値の意味は、自分で確かめる必要があります。
#
# </details>
# <details><summary>イ. 表にない<code>memo</code>という列のあるデータ</summary>
#
# 正解です。
# 列を増やしたいなら、書き込むときに`option("mergeSchema", "true")`を付けて明示します。
#
# </details>
# <details><summary>ウ. <code>diagnosis</code>がなく、残りの2列だけのデータ</summary>
#
# 列が足りなければ断られそうに思えますが、`diagnosis`が値なし（NULL）の行として入ります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - Deltaの表は、中身のファイルと変更の記録の組で、変更のたびにバージョンが増えます。
# - `UPDATE`は書いた行で動くので、先に同じ条件で件数を数えます。
# - 間違えたら`DESCRIBE HISTORY`で調べ、`RESTORE`で戻します。
# - 前のバージョンを確実に読めるのは保持期間（既定は7日）の間だけなので、長く残すものはコピーします。
# - SparkのDataFrameはアクションを呼ぶまで動かず、使う列だけを読みます。
# - `.toPandas()`の前に、量を見積もります。
#
# 次のレッスンでは、悪性を見分けるモデルを作ります。

# %%
check.summary()
