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
# # Databricksの全体像とFree Edition
#
# 2024年、食材の定期便「ひだまり便」の配送部で、森さんが配達の遅れ予測を作り始めました。
# 記録はCSVファイルで届くので、表計算ソフトで整え、自分のノートPCで学習し、点数はメモ帳に書きます。
#
# ところが、届くCSVは月ごとに増え、同じ月の出し直しも混じります。
# どれとどれをつないだのかが残らないので、「先月のモデルは、どのCSVで作ったの」と部長に聞かれても、答えられません。
#
# そこで、表の置き場所から学習の記録までを1か所でつなぎ、部長に答えられる記録を残します。
#
# ## このレッスンで学ぶこと
#
# - 表を読むところから学習の記録まで、5つの段階をコードでたどる。
# - 条件を替えたモデルを作って記録し、点数から使うほうを選ぶ。
# - 1つの計算がタスクに分かれる様子を見て、3つの層の役割を言う。
# - Free Editionで使えるものと、使えないものを言う。

# %% [markdown]
# ## DatabricksとFree Edition
#
# **Databricks** は、データの保管、集計、機械学習、その記録を1か所でできるクラウドのサービスです。
# ブラウザーで **ワークスペース**（workspace）を開き、**ノートブック**（notebook）にコードを書くと、クラウドで動きます。
#
# 無料で、期限なしに使えるエディションが **Databricks Free Edition** です。
# 期限のある「無料トライアル」とは別のもので、以前のCommunity Editionの後を継ぎました。
# この本では、次の5つを使います。
#
# | 使えるもの | 何をするものか |
# |---|---|
# | ノートブック環境 | 文章とコードと結果を1枚に並べる |
# | Apache Spark | 大きな表を、何台もの計算機で手分けして計算する |
# | Delta Lake | 変更の履歴が残る表を作る |
# | MLflow | 学習の条件と点数、モデルを記録する |
# | Unity Catalog（一部の機能） | 表とモデルの名前と、使ってよい人をまとめて管理する |

# %% [markdown]
# ## ノートブックの画面【自習】
#
# ノートブックは、**セル**（cell）という枠を縦に積んだものです。
# コードのセルを実行すると結果がすぐ下に出ますが、画面が計算しているわけではありません。
# コードはノートブックの接続先で動き、変数もそこにあります。
# JupyterLabでは、接続先で動くPythonを **カーネル**（kernel）と呼びます。
#
# | 役目 | 手元のJupyterLab | Databricks |
# |---|---|---|
# | コードを動かす相手 | 右上のカーネル | 右上の「接続」（Connect）で選ぶ「サーバーレス」（Serverless） |
# | ファイルの一覧 | 左のファイルの一覧 | 左の「ワークスペース」（Workspace） |
# | 表の一覧 | 画面には無く、SQLの`SHOW TABLES`で見る | 左の「カタログ」（Catalog） |
# | 学習の記録 | `make mlflow`で開く画面 | 左の「エクスペリメント」（Experiments） |
#
# 変数は接続先にあるので、しばらく触らずに接続が切れると消えます。
# Databricksでは、設定の「試験的な機能」にある「自動セッション復元」を有効にすると、戻せることもあります。
# 一方、保存した表と学習の記録は接続先とは別の所にあるので、切れても残ります。

# %% [markdown]
# ## 材料: 1年分の配達の記録【自習】
#
# 森さんの記録に似せて、架空の6,000便を作ります（読むのは後でも、この節のセルは先に動かします）。
# `month`は配達した月、`distance`は距離（km）、`parcels`は荷物の数、`rain`は雨なら1です。

# %%
import numpy as np
import pandas as pd

rng = np.random.RandomState(19)
records = pd.DataFrame({
    "delivery_id": range(6000),
    "month": rng.randint(1, 13, 6000),
    "distance": rng.gamma(3, 4, 6000).round(1),
    "parcels": rng.randint(1, 40, 6000),
    "rain": rng.randint(0, 2, 6000),
})
luck = rng.uniform(size=6000)

# %% [markdown]
# 晴れの日と雨の日で別の式から遅れる確率を決め、その確率で遅れた便の`late`を1にします。

# %%
dry, rainy = -5.5 + 0.13 * records["parcels"], -4.0 + 0.3 * records["distance"]
risk = np.where(records["rain"] == 1, rainy, dry)
records["late"] = (luck < 1 / (1 + np.exp(-risk))).astype(int)

# %% [markdown]
# Sparkの窓口`spark`を用意し、表の置き場所である **スキーマ**（schema）を選んで、記録を保存します。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS databricks_overview")
spark.sql("USE databricks_overview")
spark.sql("DROP TABLE IF EXISTS deliveries")
spark.createDataFrame(records).write.mode("overwrite").saveAsTable("deliveries")

# %% [markdown]
# これで記録は、Delta Lakeの表`deliveries`になりました。
# 学習の記録をまとめる場所も作ります。
# 名前を`/Users/ユーザー名/`で始めるのは、Databricksでもそのまま使えるようにするためです。
# `.first()[0]`は結果の先頭の値を取り出し、`mlflow.end_run()`は、閉じ忘れた記録が残っていれば閉じます。

# %%
import mlflow

user = spark.sql("SELECT current_user()").first()[0]
path = f"/Users/{user}/13_databricks_overview"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)
mlflow.end_run()

# %% [markdown]
# ## 5つの段階をたどる
#
# 森さんの仕事は、5つの段階に分かれます。
#
# | 段階 | 部品 | 役割 | 森さんのこれまで |
# |---|---|---|---|
# | 1 | Delta Lake | データ読込 | 届いたCSVを開く |
# | 2 | Spark DataFrame | 前処理・変換（行と列を選ぶ） | 表計算ソフトで整える |
# | 3 | `.toPandas()` | 変換（pandasの表にする） | 学習用に保存し直す |
# | 4 | scikit-learn | モデル学習 | 自分のPCで学習する |
# | 5 | MLflow | 記録・管理 | メモ帳に書く |
#
# 前の節のセルを動かしておくと、1行が1便の表`deliveries`ができています。
# 列は距離`distance`、荷物の数`parcels`、雨`rain`、遅れ`late`などで、中身はSQLで調べられます。

# %%
display(spark.sql("""
    SELECT rain, round(avg(late), 2) AS late_rate
    FROM deliveries GROUP BY rain ORDER BY rain
"""))

# %% [markdown]
# 遅れた便の割合は雨の日（`rain`が1）のほうがずっと高いので、雨は手がかりになりそうです。
#
# 段階1で表を読み、段階2で行と列を選びます（別の部署が運ぶ、25kmを超える便は除きます）。

# %%
deliveries = spark.table("deliveries")
short_trips = deliveries.where("distance <= 25").orderBy("delivery_id")
selected = short_trips.select("month", "distance", "parcels", "rain", "late")

# %% [markdown]
# Sparkで表を扱うときの入れ物も **DataFrame** と呼びます。
# pandasと同じ名前ですが、行はノートブックに来ていません（中身は次のレッスン）。
# 段階3の`.toPandas()`で、選んだ分だけがノートブックのメモリーに移り、pandasの表になります。

# %%
data = selected.toPandas()
print(f"{deliveries.count()}便のうち、{len(data)}便がノートブックに来ました。")

# %% [markdown]
# 段階4では、1〜9月の便で学習し、残る10〜12月の便で正解率を測ります。

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

features = ["distance", "parcels", "rain"]
train, test = data[data["month"] <= 9], data[data["month"] > 9]
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(train[features], train["late"])
accuracy = model.score(test[features], test["late"])

# %% [markdown]
# `make_pipeline`は、12で見た標準化と、遅れるかどうかを当てるモデルを1つにつなぎます（詳しくは16）。
# `LogisticRegression`は、名前に回帰（regression）と付いていても、分類のモデルです。
#
# 段階5では、モデルの種類、使った表、行の条件、学習に使った月、正解率をMLflowに記録します。
# `with`の中が1回の学習の記録で、**ラン**（run）と呼びます。
# `model[-1]`は、つないだ最後の部品、つまりモデルです。

# %%
with mlflow.start_run() as run:
    mlflow.log_params({"model": str(model[-1]), "table": "deliveries"})
    mlflow.log_params({"where": "distance <= 25", "train": "month <= 9"})
    mlflow.log_metric("accuracy", accuracy)

# %% [markdown]
# 残ったランを、IDで読み戻します。

# %%
record = mlflow.get_run(run.info.run_id)
print(record.data.params)
print(f"正解率: {record.data.metrics['accuracy']:.3f}")
print(f"いつも「遅れない」と答える基準: {(test['late'] == 0).mean():.3f}")

# %% [markdown]
# 正解率は、いつも「遅れない」と答える基準を上回りました。
# ただ、点数は測った便で変わるので、別のモデルと比べるときは、同じ便で測ります。
#
# 部長に聞かれても、今度は表の名前と、行の条件と、学習に使った月を答えられます。
# 表が書き換わった後にも答えられるように、レッスン17では表のバージョンも残します。

# %% [markdown]
# ## 表の名前は3段【自習】
#
# `deliveries`とだけ書けたのは、置き場所を先に選んだからです。
# 省かずに書くと、表の名前は「カタログ.スキーマ.表」の3段になります。

# %%
catalog, schema = spark.catalog.currentCatalog(), spark.catalog.currentDatabase()
full_name = f"{catalog}.{schema}.deliveries"
print(f"{full_name}: {spark.table(full_name).count()}行")

# %% [markdown]
# いちばん外側の入れ物が **カタログ**（catalog）で、手元では`spark_catalog`、Free Editionでは`workspace`という名前です。
# Databricksでは **Unity Catalog** がこの3段を管理し、カタログ、スキーマ、表のどの段にも、だれが使ってよいかを決められます。
# 左の「カタログ」を開くと、同じ3段を上からたどれます。
# Free Editionには会社全体の利用者を扱う管理画面が無いなど、使えるのは一部の機能です。
# 権限の決め方は、「Unity Catalogによるガバナンス」で見ます。

# %% [markdown]
# ## 3つの層で見る【自習】
#
# 部長は「記録が1億便になったら、どこが先に苦しくなるの」と続けて聞きます。
# どの段階がどの計算機で動き、その間をどれだけのデータが通るかが分かれば、答えられます。

# %% tags=["figure"] mystnb={"image": {"alt": "下から上へ、データ層、ML層、管理層の3つの枠。データ層では、1 Delta Lakeの表のファイルを4台の計算機が手分けして読み、2 Spark DataFrameの計算をする。3 .toPandas()の太い矢印が選んだ行と列をML層の4 scikit-learn（ノートブックの1台）へ渡し、細い矢印が条件と点数を管理層の5 MLflow（記録のサーバー）へ渡す"}}
from figures.five_steps import draw_five_steps

draw_five_steps()

# %% [markdown]
# 矢印の本数と太さが、通るデータの量です。
# 下のデータ層だけが表のたくさんの行を読むので、何台もの計算機で手分けします（手元のPCでは、3つの層がどれも1台の中で動きます）。
# ところがML層はノートブックの1台なので、`.toPandas()`で渡せるのは、その1台に入る量までです。
# だから先に苦しくなるのは`.toPandas()`で、管理層へ渡す条件と点数の量は、1億便でも変わりません。
#
# データ層の手分けを、数で確かめます。
# Sparkは表を、**パーティション**（partition）という行のまとまりに分けます。
# 1つのまとまりの計算が1つの **タスク**（task）で、空いた計算機に渡されます。
# そこで、便の番号をもとに4つに分けるように頼み、タスクごとに便の数と遅れた便の数を数えさせます。

# %%
from pyspark.sql import functions as F

parts = deliveries.repartition(4, "delivery_id").withColumn("task", F.spark_partition_id())
by_task = parts.groupBy("task").agg(F.count("*").alias("trips"), F.sum("late").alias("late_trips"))
subtotals = by_task.orderBy("task").toPandas()
subtotals

# %% [markdown]
# `spark_partition_id`は、その行が入ったパーティションの番号です。
# どのタスクも自分の行だけを見て小計を出したので、合わせれば表全体の答えになるはずです。

# %%
print(f"小計の合計: {subtotals['late_trips'].sum()}便")
print(f"表全体: {deliveries.where('late = 1').count()}便")

# %% [markdown]
# このように計算を分け、小計を合わせて答えにする進め方を **分散処理**（distributed processing）と呼びます。
# ふだんは`repartition`を書かなくても、分け方はSparkが決めます。
#
# それぞれの層が受け持つことを、いまのコードと並べます。
#
# | 層 | 受け持つこと | いまのコードではどこか |
# |---|---|---|
# | データ層（Spark） | 大規模データの効率的な読み込み | 遅れた割合のSQLでは、`rain`と`late`の2列だけが読まれる（14で確かめる） |
# | | 分散処理による前処理 | `where`と`select`も、パーティションごとのタスクで進む |
# | | Delta Lakeによるデータ管理 | `saveAsTable`で保存した表に、変更の履歴が残る |
# | | SQLによるデータ探索 | 遅れた割合を、雨の日と晴れの日で比べた |
# | ML層（scikit-learn） | 豊富なアルゴリズム群 | 分類だけでも何種類もある中から`LogisticRegression`を選んだ（ほかは15で試す） |
# | | Pipelineによる処理統合 | 標準化とモデルを`make_pipeline`でつないだ |
# | | モデル学習と評価 | 1〜9月の便で`fit`、10〜12月の便で`score` |
# | | ハイパーパラメータ（人が決める設定の値）の調整 | `LogisticRegression()`の値を、既定のまま使った（16で選ぶ） |
# | 管理層（MLflow） | 実験の追跡と比較 | 学習ごとに残したランを、`get_run`で読み戻した |
# | | パラメータ（条件）・メトリクス（指標）の記録 | `log_params`と`log_metric` |
# | | モデルのバージョン管理 | ここではモデルを残していない（24で、番号を付けて残す） |
# | | Unity Catalog連携 | 残したモデルも、表と同じ3段の名前と権限で扱える（24） |
#
# 層に分けておくと、1か所を替えても他は動きます。
# 決定木に替える時に直すのは、ML層のimportの行とモデルの名前だけです。

# %% [markdown]
# ## Free Editionでできないこと【自習】
#
# 2026年9月11日付のDatabricksの文書から、学ぶ時に当たりそうな制限を選びました（付録「出典と確認日」）。
#
# | 制限 | 困らないためにすること |
# |---|---|
# | 計算機は **サーバーレス**（serverless）だけで、種類を選べない | サーバーレスで動く書き方にする |
# | 使える量を超えると、その日（極端なときはその月）は計算できない | 終わったら接続を切る。表は残る |
# | RとScalaは使えない | この本のコードはPythonとSQLだけ |
# | 決まった相手を除き、インターネットへ出られない | この本のデータは、通信せずに用意できる |
# | 商用には使えず、稼働の保証もない | 仕事のデータを置かない |
# | 長く使わないと、アカウントが消えることがある | 自分のPCにもコピーを残す |
#
# サーバーレスは、計算機の用意と後片付けをDatabricksに任せる使い方です。
# サーバーレスのノートブックは、離れた所にあるSparkに計算の手順だけを送ります。
# このつなぎ方を **Spark Connect** と呼びます。
# そのため、Sparkの動く計算機を直接操作する古い書き方（`.rdd`や`sc.`で始まるもの）は、手順として送れずに止まります。
# 手元のワークスペースも同じつなぎ方なので、同じ所で止まります。
# 直し方は、付録「動かない書き方 → 動く書き方」にまとめました。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_13 import check

# %% [markdown]
# ### 練習 1: 雨の日のモデルを選ぶ
#
# 部長の「雨の日だけで学習したほうが当たるのでは」という問いに、数字で答えてください。
#
# 1. `deliveries`から、25km以下で雨の日の便を選び、本文と同じ列をpandasの表にします。
# 2. その1〜9月の便で、本文と同じモデルを学習します。
# 3. パラメータ`where`（1で`where`に渡した文字列）と`train`（本文と同じ）、10〜12月の便での正解率`accuracy`を新しいランに記録し、IDを`rainy_run_id`に入れます。
# 4. 本文の`model`も、3と同じ便で測り、正解率を`all_days_accuracy`に入れます。
# 5. 雨の日に使うほうを`for_rain`に入れます。本文のモデルなら`"全部の日"`、いま作ったモデルなら`"雨の日だけ"`です。
#
# 本文のセルをコピーして直し、新しい変数の名前は`rainy_`で始めます。
#
# <details><summary>ヒント</summary>
#
# 条件は`"distance <= 25 AND rain = 1"`です。
# これを変数に入れておけば、`where`にも`log_params`にも使えます。
# `rainy_data`、`rainy_train`、`rainy_test`、`rainy_model`の順に作ります。
# `with mlflow.start_run() as rainy_run:`と書けば、IDは`rainy_run.info.run_id`です。
#
# </details>

# %% 練習 1
rainy_run_id = ...
all_days_accuracy = ...
for_rain = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 小計から全体を求める【自習】
#
# 4つの営業所が、それぞれ自分の便だけを見て小計を送ってきました。
#
# | 営業所 | 便の数 | 遅れた便 | 遅れの割合 |
# |---|---|---|---|
# | 東 | 3,200 | 480 | 0.15 |
# | 西 | 400 | 160 | 0.40 |
# | 南 | 1,500 | 300 | 0.20 |
# | 北 | 900 | 270 | 0.30 |
#
# 報告書の下書きでは、会社全体の遅れの割合が、4つの割合の平均の0.2625になっています。
#
# 1. 4つの営業所を合わせた便のうち、遅れた便の割合を`late_rate`に入れてください。
# 2. 各営業所が次のどれか1つを、便の数と一緒に送ってきます。会社全体の値を計算できないものを、すべて`need_rows`にリストで入れてください。
#
# - `"荷物の合計"`
# - `"最長の距離"`
# - `"距離の平均"`
# - `"距離の中央値"`（小さい順に並べたとき、ちょうど真ん中の値）
# - `"お客さまの人数"`（同じ人は1人と数える。2つの営業所を使う人もいる）

# %% 練習 2
late_rate = ...
need_rows = [...]

# %% 確認 2
check(2)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 学んだことを、Free Editionで試します。
# 決まりに合うものはどれですか。
#
# <details><summary>ア. 名前と住所を消した自社の顧客データで、業務に使うモデルを作る</summary>
#
# 困るのは個人情報だけだと考えた人が選びます。
# 商用に使えないという決まりは、データの中身によらず同じです。
#
# </details>
# <details><summary>イ. 公開データで別のモデルを学習し、この本のモデルと比べる</summary>
#
# 正解です。
# 勉強のために公開データや架空のデータを使うなら、業務にはなりません。
#
# </details>
# <details><summary>ウ. 架空のデータで作った予測を、取引先の画面につないで試してもらう</summary>
#
# データが架空ならよい、と考えたくなります。
# けれども取引先に使ってもらうのは業務で、動き続ける保証もありません。
#
# </details>
#
# **問 2.** 表が1億行に増え、森さんのノートブックがメモリー不足で止まりました。
# まず見直すのはどこですか。
#
# <details><summary>ア. 段階2。渡す前に、行と列を減らせているか</summary>
#
# 正解です。
# 段階2まではSparkが手分けしますが、`.toPandas()`から先は1台のメモリーに入る量しか扱えません。
#
# </details>
# <details><summary>イ. 段階4。もっと速く学習できるアルゴリズムがないか</summary>
#
# 学習が重いから止まったと考えた人は、学習の前にデータを受け取る段階3を飛ばしています。
# 行がメモリーに入らなければ、学習は始まりません。
#
# </details>
# <details><summary>ウ. 段階1。1つの表には大きすぎるので、月ごとの表に切り分けられないか</summary>
#
# 表計算ソフトの行数の上限から考えると、こう思えます。
# Delta Lakeの表は多くのファイルに分けて置かれるので、1億行でも1つの表として読めます。
#
# </details>
#
# **問 3.** 昼休みの間に接続が切れました。
# つなぎ直して`.toPandas()`の次のセルから動かすと、`NameError: name 'data' is not defined`と出ます。
# 何が起きましたか。
#
# <details><summary>ア. 保存した表が消えたので、記録を保存するところからやり直す</summary>
#
# 変数も表も同じ所にあると考えた人の答えです。
# 保存した表は接続先の外にあるので、読み直すだけで使えます。
#
# </details>
# <details><summary>イ. 変数だけが消えた。表と記録は残っている</summary>
#
# 正解です。
# 上のセルから動かし直せば、変数は作り直せます。
#
# </details>
# <details><summary>ウ. ノートブックのコードが壊れたので、元のものをコピーし直す</summary>
#
# エラーが出るとコードを疑いたくなりますが、コードは画面に残っていて、朝は動きました。
# 変わったのは、コードを動かす相手のほうです。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - Databricksは、表の置き場所から学習の記録までを1か所でつなぎます。
# - 仕事は、Delta Lake、Spark DataFrame、`.toPandas()`、scikit-learn、MLflowの5段階に分かれます。
# - データ層は手分けし、ML層は1台で学習し、管理層は条件と点数を残します。
# - 測った便が違う点数は、そのまま比べられません。
#
# 次のレッスンでは、題材を検査センターの記録に替え、Delta LakeとSparkを詳しく動かします。

# %%
check.summary()
