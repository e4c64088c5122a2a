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
# ここではDatabricksという1つの場所で、置くところから記録するところまでを10行ほどで通り抜けます。
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
# ブラウザーで開き、ノートブックにコードを書くと、クラウドの計算機で動きます。
# 無料で試せる版が **Databricks Free Edition** です。
# 以前のCommunity Editionに代わる版で、次のものが使えます。
#
# | 使えるもの | 何をするものか | この本で扱う所 |
# |---|---|---|
# | ノートブック環境 | コードと文章と結果を1枚に並べて実行する | すべてのレッスン |
# | Apache Spark | 大きな表を、手分けして計算する | 次のレッスン |
# | Delta Lake | 変更の履歴が残る表を作る | 次のレッスン |
# | MLflow | 学習の条件と成績、モデルを記録する | 「MLflowによる実験管理」 |
# | Unity Catalog（一部の機能） | 表やモデルの名前と権限をまとめて管理する | Part 2 |
#
# 無料の代わりに、できないこともあります（2026年9月11日付の公式の文書による）。
#
# | 制限 | 困らないためにすること |
# |---|---|
# | 計算機は **サーバーレス**（serverless）だけで、種類を選べない | サーバーレスで動く書き方にする |
# | 使える量に上限があり、超えるとその日は計算できない | 終わったノートブックを閉じる。データは残る |
# | 言語はPythonとSQLで、RとScalaは使えない | この本のコードはPythonとSQLだけ |
# | 信頼された場所を除き、インターネットへ出られない | この本のデータは、コードで作るか部品に付属するもの |
# | 商用には使えず、稼働の保証もない | 仕事のデータを置かない |
# | 長く使わないと、アカウントが消えることがある | 残したいノートブックは手元にも写す |
#
# サーバーレスは、計算機の用意と後片付けをDatabricksに任せる使い方です。
# ノートブックを実行すると計算機が割り当てられ、使わなければ返されます。
#
# この本のレッスンは、同じコードが手元のPCでも動きます。
# いまどこで動いているかは、カタログの名前で分かります。
# **カタログ**（catalog）は、表の置き場所のいちばん大きな区切りです。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print(f"カタログ: {spark.catalog.currentCatalog()}")

# %% [markdown]
# 手元のPCなら`spark_catalog`、Free Editionなら`workspace`と表示されます。
# 違うのはこの名前だけで、下のコードは変わりません。

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
risk = -5.0 + 0.15 * records["distance"] + 0.06 * records["parcels"] + 1.2 * records["rain"]
records["late"] = (rng.uniform(size=1000) < 1 / (1 + np.exp(-risk))).astype(int)

# %%
spark.sql("CREATE SCHEMA IF NOT EXISTS databricks_overview")
spark.sql("USE databricks_overview")
spark.createDataFrame(records).write.mode("overwrite").saveAsTable("deliveries")

# %% [markdown]
# 最後の行で、記録をDelta Lakeの表`deliveries`に保存しました。
# 物流部が毎日ここに書き足していると考えてください。

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
# 同じことをコードにします。
# 段階1から3で、表を読み、使う列だけを選び、手元に移します。
# 距離が25kmを超える便は別の部署が運ぶので、除きます。

# %%
deliveries = spark.table("deliveries")
short_trips = deliveries.where("distance <= 25").orderBy("delivery_id")
data = short_trips.select("distance", "parcels", "rain", "late").toPandas()
print(f"{deliveries.count()}便のうち{len(data)}便が手元に来ました。")

# %% [markdown]
# 1行目が段階1、2行目と3行目の途中までが段階2、`.toPandas()`が段階3です。
# 表が1億行あっても、選ぶ計算はSparkが手分けして進め、手元に来るのは選ばれた分だけです。
#
# 段階4では、遅れる確率を出すモデルを学習します。
# 書き方の意味は、後のレッスンで順に扱います。
# ここでは、4行で済むことだけを見てください。

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

train, test = train_test_split(data, random_state=0)
features = ["distance", "parcels", "rain"]
model = LogisticRegression(max_iter=1000).fit(train[features], train["late"])
accuracy = model.score(test[features], test["late"])

# %% [markdown]
# 段階5では、学習の条件と成績をMLflowに記録します。
# 記録の置き場所の名前は、Databricksでも使えるように`/Users/ユーザー名/`で始めます。

# %%
import mlflow

user = spark.sql("SELECT current_user()").first()[0]
path = f"/Users/{user}/13_databricks_overview"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)

# %%
with mlflow.start_run() as run:
    mlflow.log_params({"model": "LogisticRegression", "rows": len(train)})
    mlflow.log_metric("accuracy", accuracy)

# %% [markdown]
# メモ帳の代わりに残った記録を、読み戻します。

# %%
record = mlflow.get_run(run.info.run_id)
print(record.data.params)
print({name: round(value, 3) for name, value in record.data.metrics.items()})
print(f"いつも「遅れない」と答えたときの正解率: {(test['late'] == 0).mean():.3f}")

# %% [markdown]
# 最後の行は、比べる相手の正解率です。
# 学習したモデルは、これを上回りました。
# 表から記録まで、途中で手で運んだものはありません。
#
# モデルが何を学んだのかも、1枚の図で見ておきます。

# %% mystnb={"image": {"alt": "横軸は距離、縦軸は遅れる確率。距離が伸びるほど確率が上がり、雨の線は晴れの線よりいつも上にある2本の曲線"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.3))
for rain, style, label in [(1, "-", "雨"), (0, "--", "晴れ")]:
    trips = pd.DataFrame({"distance": np.arange(0, 26), "parcels": 20, "rain": rain})
    ax.plot(trips["distance"], model.predict_proba(trips)[:, 1], style, label=label)
ax.set(xlabel="距離（km）", ylabel="遅れる確率", ylim=(0, 1))
ax.legend(title="荷物20個の便")
plt.show()

# %% [markdown]
# 横軸は距離、縦軸はモデルの答えた遅れる確率です。
# どの距離でも実線（雨）が上にあり、右へ行くほど両方とも上がります。
# データを作った式の向きと合っています。

# %% [markdown]
# ## 3つの層で見る
#
# 5つの段階は、役割の違う3つの層に分けられます。
#
# | 層 | 受け持つこと | いまのコードではどこか |
# |---|---|---|
# | データ層（Spark） | 大規模データの効率的な読み込み | `spark.table("deliveries")` |
# | | 分散処理による前処理 | `where`、`select`、`orderBy` |
# | | Delta Lakeによるデータ管理 | `saveAsTable("deliveries")` |
# | | SQLによるデータ探索 | `spark.sql("SELECT …")` |
# | ML層（scikit-learn） | 豊富なアルゴリズム群 | `LogisticRegression`を選んだこと |
# | | Pipelineによる処理統合 | まだない。「パイプライン構築」で扱う |
# | | モデル学習と評価 | `fit`と`score` |
# | | ハイパーパラメータ調整 | まだない。「パイプライン構築」で扱う |
# | 管理層（MLflow） | 実験の追跡と比較 | `start_run`と`get_run` |
# | | パラメータ・メトリクス記録 | `log_params`と`log_metric` |
# | | モデルのバージョン管理 | まだない。Part 2のModel Registryで扱う |
# | | Unity Catalog連携 | まだない。Part 2で扱う |
#
# 層に分けるのは、1か所を替えても他が動くようにするためです。
# モデルを決定木に替えるならML層の1行、表が100倍になっても直すのはデータ層だけです。
# 間をつなぐのは、`.toPandas()`で移した表と、記録に残した名前だけだからです。

# %% [markdown]
# ## サーバーレスで動かない書き方
#
# インターネットで見つかる古いコードは、サーバーレスで止まることがあります。
# よくあるのは次の3つです。
#
# | 止まる書き方 | なぜ止まるか | 代わりの書き方 |
# |---|---|---|
# | `.rdd`で始まる処理 | RDDは、計算機に直接触れる古い入口で、サーバーレスにはない | DataFrameのメソッドとSQL |
# | `.cache()`、`.persist()` | 計算機を使い回さないので、覚えておく場所がない | 何も付けない。使い回すなら表に保存する |
# | `sc.parallelize(…)` | `sc`（SparkContext）も、計算機に直接触れる入口である | `spark.createDataFrame(…)` |
#
# 手元のワークスペースもサーバーレスと同じ入口（Spark Connect）だけを開けているので、`.rdd`と`sc`は同じように止まります。
# `.cache()`だけは、手元では止まりません。
# 動いたからといって、Databricksでも動くとは限らない例です。

# %% [markdown]
# ## 練習
#
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
# `by_rain`には、`rain`ごとの便の数を数えたDataFrameを入れます。
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
# <details><summary>ヒント</summary>
#
# 合計は、`spark.sql("SELECT sum(列) FROM 表")`の結果の`.first()[0]`で取り出せます。
# `spark.createDataFrame`には、行の並びと列の名前を渡します。
#
# </details>

# %% 練習 1
total_parcels = ...
by_rain = ...
depots = ...

# %% 確認 1
assert total_parcels is not ... and by_rain is not ... and depots is not ..., (
    "まだ答えの入っていない変数があります。上のセルがエラーで止まっていないかも見てください。"
)
assert total_parcels == records["parcels"].sum(), (
    "荷物の総数が合いません。合計する列と、絞り込みを付けていないかを見てください。"
)
try:
    cached = by_rain.storageLevel.useMemory
    counted = {row["rain"]: row["count"] for row in by_rain.collect()}
except Exception:
    cached, counted = False, None
assert counted == records["rain"].value_counts().to_dict() and not cached, (
    "`by_rain`は、`rain`ごとの行数を`count`列に持つDataFrameです。`.cache()`は外します。"
)
try:
    rows = sorted((row["depot_id"], row["name"]) for row in depots.collect())
except Exception:
    rows = None
assert rows == [(1, "東"), (2, "西")], "`depots`は、列`depot_id`と`name`、行が2つのDataFrameにします。"
print("正解です。3つとも、DataFrameとSQLだけで書けました。")

# %% [markdown]
# ### 練習 2: どの層の仕事かを見分ける
#
# 次の6行は、どの層の仕事ですか。
# `"データ層"`、`"ML層"`、`"管理層"`のどれかを選び、辞書`layers`の`...`を書き換えてください。
#
# - `a`: `spark.sql("SELECT rain, avg(late) FROM deliveries GROUP BY rain")`
# - `b`: `mlflow.log_metric("accuracy", 0.9)`
# - `c`: `RandomForestClassifier(max_depth=3).fit(X, y)`
# - `d`: `spark.sql("SELECT * FROM deliveries VERSION AS OF 3")`
# - `e`: `mlflow.search_runs(order_by=["metrics.accuracy DESC"])`
# - `f`: `GridSearchCV(model, {"max_depth": [2, 3, 4]}).fit(X, y)`

# %% 練習 2
layers = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}

# %% 確認 2
given = layers if isinstance(layers, dict) else {}
assert given and ... not in given.values(), "まだ答えの入っていない行があります。"
assert set(given.values()) <= {"データ層", "ML層", "管理層"}, (
    "`データ層`、`ML層`、`管理層`のどれかの表記で書いてください。"
)
starts = {"a": "データ層", "b": "管理層", "c": "ML層", "d": "データ層", "e": "管理層", "f": "ML層"}
wrong = sorted(name for name, layer in starts.items() if given.get(name) != layer)
assert not wrong, f"合わない行が{len(wrong)}つあります。`{wrong[0]}`は、どの部品の命令で始まりますか。"
print("正解です。層は、どの部品の命令かで見分けられます。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** Free Editionで、社外秘の顧客データを使って実際の業務のモデルを作れますか。
#
# <details><summary>ア. 作れる。無料なだけで、機能は同じである</summary>
#
# 不正解です。
# 主な機能は試せますが、商用の利用は認められておらず、稼働の保証もありません。
#
# </details>
# <details><summary>イ. 作れない。学習や試用のための版である</summary>
#
# 正解です。
# この本も、架空のデータだけを使います。
#
# </details>
# <details><summary>ウ. データが小さければ作れる</summary>
#
# 不正解です。
# 量の上限もありますが、問題は量ではなく、使い道の決まりです。
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
# 学習が遅くなると考えたくなりますが、その前に、データが手元に入りません。
#
# </details>
# <details><summary>ウ. 段階5。記録の量を減らす</summary>
#
# 不正解です。
# 記録するのは条件と成績で、行が増えても量は変わりません。
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
# <details><summary>イ. まったく別の物なので、動くかどうか見当も付かない</summary>
#
# 不正解です。
# 同じSparkとDelta Lakeの命令なので、DataFrameとSQLの範囲ならおおよそ見当が付きます。
#
# </details>
# <details><summary>ウ. おおよそ動くが、サーバーレスだけの制限を確かめる</summary>
#
# 正解です。
# この本のコードは、その制限に触れる書き方を機械で調べています。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - Databricksは、データの保管から学習の記録までを1か所でつなぎ、Free Editionはそれを無料で試せる版です。
# - 仕事は、Delta Lake、Spark DataFrame、`.toPandas()`、scikit-learn、MLflowの5段階に分かれます。
# - 5段階は、データ層、ML層、管理層の3つにまとまり、1つの層を替えても他は動きます。
# - Free Editionはサーバーレスだけなので、`.rdd`、`.cache()`、`sc`を使わずに書きます。
#
# 次のレッスンでは、データ層のDelta LakeとSparkを詳しく動かします。
