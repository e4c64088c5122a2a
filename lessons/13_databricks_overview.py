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
# 宅配会社の分析係、森さんの机の上は散らかっています。
# 配達の記録は、物流部から届くCSVファイルです。
# 集計は表計算ソフト、学習は自分のノートPC、成績はメモ帳、できたモデルはメールの添付で渡します。
#
# 記録が1年分になった日、表計算ソフトは開けなくなりました。
# 半分に切って学習したところ、今度は「先月のモデルは、どのCSVで作ったの」と聞かれて答えられません。
# 道具どうしの間を、森さんが手で運んでいたからです。
#
# データを置く所、計算する所、モデルを作る所、記録する所がつながっていれば、手で運ぶ仕事はなくなります。
# ここではDatabricksという1つの場所で、置くところから記録するところまでを10行のコードで通り抜けます。
#
# ## このレッスンで学ぶこと
#
# - Databricks Free Editionで使えるものと、使えないものを言う。
# - 5つの段階（Delta Lake、Spark DataFrame、`.toPandas()`、scikit-learn、MLflow）を、コードで1回通る。
# - コードのどの行が、データ層、ML層、管理層のどれに当たるかを見分ける。
# - サーバーレスで動かない書き方を、動く書き方に直す。

# %% [markdown]
# ## DatabricksとFree Edition
#
# **Databricks** は、データの保管、集計、機械学習、その記録を1か所でできるクラウドのサービスです。
# ブラウザーで自分の **ワークスペース**（workspace）を開き、**ノートブック**（notebook）にコードを書くと、クラウドの計算機で動きます。
# 期限なしで無料で使えるエディションが **Databricks Free Edition** です。
# 以前のCommunity Editionに代わるエディションで、次のものが使えます。
#
# | 使えるもの | 何をするものか | この本で扱う所 |
# |---|---|---|
# | ノートブック環境 | コードと文章と結果を1枚に並べて実行する | すべてのレッスン |
# | Apache Spark | 大きな表を、手分けして計算する | 次のレッスン |
# | Delta Lake | 変更の履歴が残る表を作る | 次のレッスン |
# | MLflow | 学習の条件と成績、モデルを記録する | 「MLflowによる実験管理」 |
# | Unity Catalog（一部の機能） | 表やモデルの名前と権限をまとめて管理する | Part 2 |
#
# この本のレッスンは、同じコードが手元のPCでも動きます。
# **カタログ**（catalog）は、表の置き場所のいちばん大きな区切りです。
# いまどこで動いているかは、その名前で分かります。
# `spark`は、Sparkに仕事を頼む窓口です。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print(f"カタログ: {spark.catalog.currentCatalog()}")

# %% [markdown]
# 手元のPCなら`spark_catalog`、Free Editionなら`workspace`と表示されます。

# %% [markdown]
# ## 材料を用意する
#
# 森さんの会社に似せた、架空の配達の記録です。
# `distance`は距離（km）、`parcels`はその便の荷物の数、`rain`は雨なら1、`late`は遅れたら1です。

# %%
import numpy as np
import pandas as pd

rng = np.random.RandomState(0)
records = pd.DataFrame({
    "delivery_id": range(1000),
    "distance": rng.gamma(3, 4, 1000).round(1),
    "parcels": rng.randint(1, 40, 1000),
    "rain": rng.randint(0, 2, 1000),
})

# %% [markdown]
# 遠いほど、荷物が多いほど、雨が降るほど、遅れる確率を高くします。
# `1 / (1 + np.exp(-risk))`は、点数を0から1の確率に直す式です。

# %%
risk = -5.0 + 0.15 * records["distance"] + 0.06 * records["parcels"] + 1.2 * records["rain"]
records["late"] = (rng.uniform(size=1000) < 1 / (1 + np.exp(-risk))).astype(int)

# %%
spark.sql("CREATE SCHEMA IF NOT EXISTS databricks_overview")
spark.sql("USE databricks_overview")
spark.sql("DROP TABLE IF EXISTS deliveries")
spark.createDataFrame(records).write.mode("overwrite").saveAsTable("deliveries")

# %% [markdown]
# はじめの2行で表の置き場所（スキーマ）を作り、そこを使うと決めました。
# 残りの2行で、前に実行したときの表があれば消し、記録をDelta Lakeの表`deliveries`に保存しました。
# 形式を指定しなければ、表はDelta Lakeの形になります。
# `mode("overwrite")`は、同じ名前の表があれば置き換える指定です。
# 物流部が毎日ここに書き足していると考えてください。
#
# 雨の日の便は、遅れやすいのでしょうか。
# 表を手元に移さなくても、SQLで聞けます。

# %%
display(spark.sql("""
    SELECT rain, count(*) AS trips, round(avg(late), 2) AS late_rate
    FROM deliveries
    GROUP BY rain
    ORDER BY rain
"""))

# %% [markdown]
# `late_rate`は遅れた便の割合で、雨の行のほうが高く出ました。
# 雨は、遅れを当てる手がかりになりそうです。
#
# 学習の記録を残す場所も、先に作っておきます。
# 名前は、Databricksでも使えるように`/Users/ユーザー名/`で始めます。
# `.first()[0]`は、結果の最初の行の1列目を取り出します。
# 場所がまだなければ、`create_experiment`で作ります。
# `end_run`は、前に途中で止めて開いたままの記録があれば閉じます。

# %%
import mlflow

user = spark.sql("SELECT current_user()").first()[0]
path = f"/Users/{user}/13_databricks_overview"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)
mlflow.end_run()

# %% [markdown]
# ## 5つの段階を通る
#
# 森さんの仕事は、次の5つに分かれます。
#
# | 段階 | 部品 | 役割 | 森さんのこれまで |
# |---|---|---|---|
# | 1 | Delta Lake | データ読込 | 届いたCSVを開く |
# | 2 | Spark DataFrame | 前処理・変換 | 表計算ソフトで整える |
# | 3 | `.toPandas()` | 変換 | 学習用に保存し直す |
# | 4 | scikit-learn | モデル学習 | 自分のPCで学習する |
# | 5 | MLflow | 記録・管理 | メモ帳に書く |
#
# 段階1から3で、表を読み、使う列だけを選び、手元に移します。
# 距離が25kmを超える便は別の部署が運ぶので、除きます。

# %%
deliveries = spark.table("deliveries")
short_trips = deliveries.where("distance <= 25").orderBy("delivery_id")
data = short_trips.select("distance", "parcels", "rain", "late").toPandas()
print(f"{deliveries.count()}便のうち{len(data)}便が手元に来ました。")

# %% [markdown]
# 1行目が段階1、2行目と3行目の途中までが段階2、`.toPandas()`が段階3です。
# `where`が行を、`select`が列を選ぶSparkの表を **DataFrame** と呼び、`.toPandas()`がそれをpandasの表にします。
# 表が1億行あっても、選ぶ計算はSparkが手分けして進め、手元に来るのは選ばれた分だけです。
#
# 段階4では、遅れる確率を出すモデルを学習します。
# 桁をそろえる前処理とモデルを、`make_pipeline`で1つにつなぎます。
# 書き方の意味は後のレッスンで扱うので、4行で済むことだけを見てください。

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

train, test = train_test_split(data, random_state=0)
features = ["distance", "parcels", "rain"]
model = make_pipeline(StandardScaler(), LogisticRegression()).fit(train[features], train["late"])
accuracy = model.score(test[features], test["late"])

# %% [markdown]
# 段階5では、モデルの種類、使った表と行の条件、成績をMLflowに記録します。
# `model[-1]`は、つないだ部品の最後、つまりモデルです。

# %%
with mlflow.start_run() as run:
    mlflow.log_params({"model": str(model[-1]), "table": "deliveries", "where": "distance <= 25"})
    mlflow.log_metric("accuracy", accuracy)

# %% [markdown]
# 準備のセルとimportと表示を除くと、5つの段階は10行です。
# メモ帳の代わりに残った記録を、読み戻します。

# %%
record = mlflow.get_run(run.info.run_id)
print(record.data.params)
print({name: round(value, 3) for name, value in record.data.metrics.items()})
print(f"いつも「遅れない」と答えたときの正解率: {(test['late'] == 0).mean():.3f}")

# %% [markdown]
# 1行目が学習の条件、2行目が成績です。
# 3行目は比べる相手の正解率で、学習したモデルはこれを上回りました。
# 「先月のモデルは、どのデータで作ったの」と聞かれたら、この記録を開き、表の名前と行の条件を答えられます。
# 表が書き足された後でも同じ行を読むには、表のバージョンも要ります。
# バージョンの残し方は、「MLflowによる実験管理」で扱います。

# %% [markdown]
# ## 3つの層で見る【自習】
#
# 5つの段階は、役割の違う3つの層に分けられます。
# どの段階が、どこの計算機で動いたのかを図にします。

# %% tags=["figure"] mystnb={"image": {"alt": "上からデータ層、ML層、管理層の3つの帯。データ層のDelta LakeとSpark DataFrameから、toPandasの矢印がML層のscikit-learnへ、条件と成績の矢印が管理層のMLflowへ下りる図"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5, 4))
bands = ["管理層\n記録のサーバー", "ML層\nノートブックの1台", "データ層\nたくさんの計算機"]
for y, name in enumerate(bands):
    ax.axhspan(y + 0.03, y + 0.97, alpha=0.12)
    ax.text(0.1, y + 0.5, name, va="center")
boxes = {2.72: "1 Delta Lake", 2.22: "2 Spark DataFrame", 1.5: "4 scikit-learn", 0.5: "5 MLflow"}
for y, name in boxes.items():
    ax.text(5, y, name, ha="center", va="center", bbox={"boxstyle": "round", "fc": "white"})
arrows = [(2.6, 2.35, ""), (2.1, 1.62, " 3 .toPandas()"), (1.38, 0.62, " 条件と成績")]
for start, end, label in arrows:
    ax.annotate("", (5, end), (5, start), arrowprops={"arrowstyle": "->"})
    ax.text(5, (start + end) / 2, label, va="center")
ax.set(xlim=(0, 8), ylim=(0, 3))
ax.axis("off")
plt.show()

# %% [markdown]
# 横の帯が層、箱か矢印に付いた番号が段階です。
# 帯をまたぐ矢印で、計算する場所が変わります。
# データ層だけが、たくさんの計算機で手分けできます（手元のPCでは、1台の中で手分けします）。
# ML層はノートブックの動く1台なので、`.toPandas()`で渡せるのは、その1台に入る量までです。
# いま管理層へ渡したのは条件と成績だけなので、データが増えても量は変わりません。
#
# それぞれの層が受け持つことを、いまのコードと並べます。
#
# | 層 | 受け持つこと | いまのコードではどこか |
# |---|---|---|
# | データ層（Spark） | 大規模データの効率的な読み込み | `spark.table("deliveries")` |
# | | 分散処理（何台もの計算機での手分け）による前処理 | `where`、`select`、`orderBy` |
# | | Delta Lakeによるデータ管理 | `saveAsTable("deliveries")` |
# | | SQLによるデータ探索 | 雨の便を数えた`spark.sql("SELECT …")` |
# | ML層（scikit-learn） | 豊富なアルゴリズム群 | `LogisticRegression`を選んだこと |
# | | Pipelineによる処理統合 | `make_pipeline`で前処理とモデルをつないだこと |
# | | モデル学習と評価 | `fit`と`score` |
# | | ハイパーパラメータ（人が決める設定の値）の調整 | まだない。「パイプライン構築」で扱う |
# | 管理層（MLflow） | 実験の追跡と比較 | `start_run`と`get_run` |
# | | パラメータ（条件）・メトリクス（成績）の記録 | `log_params`と`log_metric` |
# | | モデルのバージョン管理（何番目に作ったモデルか） | まだない。Part 2のModel Registry（モデルの保管庫）で扱う |
# | | Unity Catalog連携 | まだない。Part 2で扱う |
#
# 層に分けるのは、1か所を替えても他が動くようにするためです。
# モデルを決定木に替えるなら、直すのはML層の、importの行とモデルの名前だけです。
# データ層も、`model[-1]`から種類を書き出す管理層も、そのままで動きます。

# %% [markdown]
# ## Free Editionでできないこと【自習】
#
# 無料の代わりに、できないこともあります。
# 次の表は、2026年9月11日付のDatabricksの文書によります（くわしくは付録「出典と確認日」）。
#
# | 制限 | 困らないためにすること |
# |---|---|
# | 計算機は **サーバーレス**（serverless）だけで、種類を選べない | サーバーレスで動く書き方にする |
# | 使える量に上限があり、超えるとその日（極端なときはその月）は計算できない | 小さなデータで試してから本番を動かす。超えても、データと設定は残る |
# | 言語はPythonとSQLで、RとScalaは使えない | この本のコードはPythonとSQLだけ |
# | 決まった相手を除き、インターネットへ出られない | この本は、コードで作るかscikit-learnに付属するデータだけを使う |
# | 商用には使えず、稼働の保証もない | 仕事のデータを置かない |
# | 長く使わないと、アカウントが消えることがある | 残したいノートブックは手元にも写す |
#
# サーバーレスは、計算機の用意と後片付けをDatabricksに任せる使い方です。
# しばらく使わないと計算機が返されて変数は消えるので、残したいものは表か記録に保存します。
#
# ## サーバーレスで動かない書き方
#
# インターネットで見つかる古いコードは、サーバーレスで止まることがあります。
# サーバーレスのノートブックは、離れた所にあるSparkに計算の手順だけを送るからです。
# この頼み方を **Spark Connect** と呼びます。
# 計算機の中に直に触れる書き方は、手順として送れません。
#
# | 止まる書き方 | なぜ止まるか | 代わりの書き方 |
# |---|---|---|
# | `.rdd`で始まる処理 | RDDは、DataFrameより前からある表の持ち方で、Spark Connectでは送れない | DataFrameのメソッドとSQL |
# | `sc.parallelize(…)` | `sc`（SparkContext）は、計算機に直につながる入口 | `spark.createDataFrame(…)` |
# | `.cache()`、`.persist()` | 計算機のメモリーに結果を置く命令を、サーバーレスは受け付けない | 何も付けない。使い回すなら表に保存する |
#
# 手元のワークスペースも入口はSpark Connectだけなので、`.rdd`と`sc`は手元でも止まります。
# `.cache()`は、手元では動いてしまいます。
# サーバーレスで`[NOT_SUPPORTED_WITH_SERVERLESS] PERSIST TABLE …`というエラーを見たら、どこかに`.cache()`か`.persist()`があります。

# %% [markdown]
# ## 練習
#
# 練習1では表を1つ作ります。
# 前に実行したときの表や、メモリーに置いた結果が残っていれば、消しておきます。
# 元の表`deliveries`も、同じ中身で作り直します。

# %%
from checks.lesson_13 import check

# %%
spark.sql("DROP TABLE IF EXISTS trips_by_rain")
spark.sql("DROP TABLE IF EXISTS deliveries")
spark.createDataFrame(records).write.mode("overwrite").saveAsTable("deliveries")
print("練習1を始められます。")

# %% [markdown]
# ### 練習 1: 止まるコードを直す
#
# 森さんの前任者が残した3つのコードは、どれもサーバーレスで止まります。
# 同じ結果になるように、サーバーレスで動く書き方に直してください。
#
# `total_parcels`には、荷物の総数を整数で入れます。
#
# ```python
# total_parcels = spark.table("deliveries").rdd.map(lambda row: row["parcels"]).sum()
# ```
#
# `by_rain`は、`rain`ごとの便の数を数えたDataFrameです（`groupBy`の後の`count()`は表を、ただの`count()`は数を返します）。
# 前任者は、この後で何度も使うつもりで`.cache()`を付けていました。
# 代わりに、結果を表`trips_by_rain`に保存し、その表を読んだDataFrameを`by_rain`に入れます。
#
# ```python
# by_rain = spark.table("deliveries").groupBy("rain").count().cache()
# ```
#
# `depots`には、列`depot_id`と`name`を持つDataFrameを入れます。
#
# ```python
# depots = sc.parallelize([(1, "東"), (2, "西")]).toDF(["depot_id", "name"])
# ```
#
# 末尾の`.toDF([…])`は、DataFrameに付けるとエラーになります。
# DataFrameの`toDF`は、列の名前をリストではなく1つずつ受け取るからです。
#
# <details><summary>ヒント</summary>
#
# 合計は、`spark.sql("SELECT sum(列名) FROM 表名")`の結果の`.first()[0]`で取り出せます（`列名`と`表名`は置き換えます）。
# 表への保存（`saveAsTable`は何も返しません）は「材料を用意する」の最後の行、表の読み方は「5つの段階を通る」の1行目にあります。
# SQLで数えるなら、`count(*) AS count`で列の名前を付けます。
# `spark.createDataFrame`には、行の並びと、列の名前のリスト1つを渡します。
# 保存した表の列を後から変えるときは、「練習1を始められます。」と表示するセルで表を消してから保存し直します。
# 長いエラーが出たら、最後の行の`[`から後ろを読みます。
# `{"ts":`で始まる行は、読み飛ばしてかまいません。
#
# </details>

# %% 練習 1
total_parcels = ...
by_rain = ...
depots = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: どの層の仕事かを見分ける【自習】
#
# 次の6行は、どの層の仕事ですか。
# `"データ層"`、`"ML層"`、`"管理層"`のどれかを選び、辞書`layers`の`...`を書き換えてください。
#
# - `a`: `spark.sql("SELECT rain, avg(late) FROM deliveries GROUP BY rain")`（雨ごとに遅れの割合を求める）
# - `b`: `mlflow.log_metric("accuracy", 0.9)`（正解率を書き残す）
# - `c`: `RandomForestClassifier(max_depth=3).fit(X, y)`（木をたくさん作って学習する）
# - `d`: `spark.sql("SELECT * FROM deliveries VERSION AS OF 3")`（表のバージョン3の中身を読む）
# - `e`: `mlflow.search_runs(order_by=["metrics.accuracy DESC"])`（記録を正解率の高い順に並べる）
# - `f`: `GridSearchCV(model, {"max_depth": [2, 3, 4]}).fit(X, y)`（設定の値を3通り試して学習する）

# %% 練習 2
layers = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}

# %% 確認 2
check(2)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** Free Editionで、社外秘の顧客データを使って実際の業務のモデルを作れますか。
#
# <details><summary>ア. 作れる。ワークスペースには自分しか入れないので、漏れない</summary>
#
# 不正解です。
# 誰に見えるかとは別に、商用の利用が認められておらず、稼働の保証もありません。
#
# </details>
# <details><summary>イ. 作れない。業務に使うこと自体が認められていない</summary>
#
# 正解です。
# この本も、架空のデータだけを使います。
#
# </details>
# <details><summary>ウ. 顧客の名前を消してからなら作れる</summary>
#
# 不正解です。
# 商用に使えないという決まりは、データの中身によらず同じです。
#
# </details>
#
# **問 2.** 表が1億行に増えました。
# 5つの段階のうち、まず見直すのはどこですか。
#
# <details><summary>ア. 段階3。手元に移す前に、行と列を減らせているかを見る</summary>
#
# 正解です。
# 段階2まではSparkが手分けしますが、`.toPandas()`から先は1台のメモリーに入る量しか扱えません。
#
# </details>
# <details><summary>イ. 段階4。もっと速いアルゴリズムに替える</summary>
#
# 不正解です。
# 学習が遅くなる前に、データが手元に入りません。
#
# </details>
# <details><summary>ウ. 段階1。1つの表には入らないので、月ごとのファイルに切り分ける</summary>
#
# 不正解です。
# Delta Lakeの表は、多くのファイルに分けて置かれ、1つの表として読めます。
#
# </details>
#
# **問 3.** 手元のワークスペースで動いたコードは、Databricksのサーバーレスでも必ず動きますか。
#
# <details><summary>ア. 必ず動く。どちらもSpark Connectだからである</summary>
#
# 不正解です。
# 入口は同じでも、`.cache()`のように、手元では動いてサーバーレスでは止まるものがあります。
#
# </details>
# <details><summary>イ. 動かない。カタログの名前が違うので、表の名前をすべて書き換える</summary>
#
# 不正解です。
# `USE`で置き場所を選び、表の名前だけを書いたので、書き換えは要りません。
#
# </details>
# <details><summary>ウ. おおよそ動くが、サーバーレスだけの制限を確かめる</summary>
#
# 正解です。
# 入口が同じで大半は動きますが、`.cache()`のような違いには、手元だけだと気づけません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - Databricksは、データの保管から学習の記録までを1か所でつなぎ、Free Editionはそれを無料で試せるバージョンです。
# - 仕事は、Delta Lake、Spark DataFrame、`.toPandas()`、scikit-learn、MLflowの5段階に分かれます。
# - 5段階は、データ層、ML層、管理層の3つにまとまり、1つの層を替えても他は動きます。
# - Free Editionはサーバーレスだけなので、`.rdd`、`.cache()`、`sc`を使わずに書きます。
#
# 次のレッスンでは、データ層のDelta LakeとSparkを詳しく動かします。

# %%
check.summary()
