# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 15
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # Feature Store
#
# 2025年10月、ひだまり便は、9月に止めた解約モデルを調べ始めました。
# 残っていたのは学習用の表を作るコードだけでしたが、そこからおかしな所が2つ見つかります。
#
# 1つ目は数え方です。
# 「これまでの注文回数」を、解約モデルは記録の始まりから、追加の注文を勧めるもう1つのモデルは今年の1月から数えていました。
# 同じ顧客の同じ名前の数字が、2つの画面で違います。
#
# 2つ目はAUCです。
# 残っていたコードで8月末のモデルを作り直すと、AUCは0.9を超えます。
# ところが8月末の予測を9月の解約と比べると、0.7にも届きません。
# 学習用の表に、予測の時点ではまだ起きていない注文が混ざっていたからです。
#
# どちらも、計算のしかたと取り出し方を、モデルごとに決めていたために起きました。
# だから、計算の決まりを1か所に書き、結果を日付の付いた表に置き、予測の時点までの行だけを取り出します。
# この仕組みが **特徴量ストア**（feature store）で、ここでは手元のDeltaの表で作ります。
#
# ## このレッスンで学ぶこと
#
# - 特徴量の計算を1つの関数に書き、キーと日付の付いた表に置く。
# - 時点をそろえない結合でAUCが膨らむことを確かめ、直す。
# - 学習、まとめての予測、1人分の予測に、同じ表を使う。
# - 届いた特徴量のずれを見つけ、原因を数字で決める。

# %% [markdown]
# ## 特徴量の定義: 計算を1か所に書く
#
# 材料は月ごとの利用で、実践演習と同じ架空のデータを、2024年10月から1年分、3,000人について作ります。
# 日付は、その行の数字がそろう、月の最後の日に直します。

# %%
import churn_steps
import pandas as pd

# %%
usage = churn_steps.make_features(n_customers=3000, first_month="2024-10")
usage["month_end"] = pd.to_datetime(usage["month"]) + pd.offsets.MonthEnd(0)
usage = usage[["customer_id", "month_end", "orders", "app_days", "complaints_3m", "churned"]]
usage.head(3)

# %% [markdown]
# 1行が、契約している1人の顧客の1か月です。
# `orders`は注文回数、`app_days`はアプリを開いた日数、`complaints_3m`は3か月の苦情の数です。
# `churned`は翌月に解約すれば1、続ければ0で、結果のまだ出ていない9月末の行では空です。
#
# 「これまでの注文回数」を、1人の顧客について2通りに数えます。

# %%
orders = usage.loc[usage["customer_id"] == 100011].set_index("month_end")["orders"]
print("記録の始まりから:", orders.sum(), "今年の1月から:", orders["2025-01-01":].sum())

# %% [markdown]
# どちらも計算としては正しいので、エラーになりません。
# しかも名前が同じなので、違う数字だと気づけません。
# そこで、数え始めを1つに決め、関数に書きます。


# %%
def build_features(usage):
    """記録の始まりから数えた注文の合計（total_orders）などを、顧客と月ごとに求める。"""
    rows = usage.sort_values(["customer_id", "month_end"])
    features = rows[["customer_id", "month_end", "orders", "app_days", "complaints_3m"]].copy()
    features["total_orders"] = rows.groupby("customer_id")["orders"].cumsum()
    return features


features = build_features(usage)

# %% [markdown]
# 2つのモデルがこの関数を呼べば、数え方は食い違いません。
# このように、共有して使い回せる形で書いた計算の決まりを、**特徴量の定義**（feature definition）と呼びます。

# %% [markdown]
# ## 特徴量テーブル: キーと日付の付いた表に置く
#
# モデルのたびに計算し直すと時間がかかるうえ、材料の表が変われば、同じ月の値まで変わってしまいます。
# そこで、計算した結果をDeltaの表に置きます。
# これが **特徴量テーブル**（feature table）です。
# 1行を決める列を **主キー**（primary key）といい、ここでは顧客（`customer_id`）と時点（`month_end`）の組です。
# `setLevel`の行は23と同じです。

# %%
import logging

from pyspark.sql import SparkSession

logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS feature_store")
spark.sql("USE feature_store")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %%
spark.sql("DROP TABLE IF EXISTS customer_features")
spark.sql("""
    CREATE TABLE customer_features (
        customer_id BIGINT NOT NULL COMMENT '主キー: 顧客番号',
        month_end DATE NOT NULL COMMENT '主キー: この日までに分かった値',
        orders DOUBLE COMMENT 'その月の注文回数（回）',
        app_days DOUBLE COMMENT 'その月にアプリを開いた日数（日）',
        complaints_3m DOUBLE COMMENT '3か月の苦情の数（件）',
        total_orders DOUBLE COMMENT '記録の始まりからの注文の合計（回）'
    ) USING DELTA COMMENT '顧客と月末ごとの特徴量。定義はbuild_features'
""")
print("空の特徴量テーブルを作りました。")

# %% [markdown]
# 毎月末に、新しい月の行を足します。
# 表全体を上書きすると過去の月の値まで書き換わるので、同じキーの行があれば置き換え、なければ足す **MERGE** を使います。


# %%
def save_features(features):
    if features.duplicated(["customer_id", "month_end"]).any():
        raise ValueError("同じ顧客と月末の行が2つあります。")
    rows = features.assign(month_end=features["month_end"].dt.date)
    schema = spark.table("customer_features").schema
    spark.createDataFrame(rows, schema).createOrReplaceTempView("new_features")
    spark.sql("""
        MERGE INTO customer_features t USING new_features n
        ON t.customer_id = n.customer_id AND t.month_end = n.month_end
        WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *
    """)


# %%
september = features[features["month_end"] == "2025-09-30"]
save_features(features[features["month_end"] < "2025-09-30"])
for _ in range(2):
    save_features(september)
    print(f"9月末の分を置いた後: {spark.table('customer_features').count():,}行")

# %% [markdown]
# 9月末の分を2度置いても、行は増えません。
# 渡した行の中でキーが重なっていれば、`save_features`の初めの2行が止めます。

# %% [markdown]
# ### 主キーの宣言と、表に置くと手に入るもの【自習】
#
# Databricksでは、表に主キーを宣言できます【読むだけ】。
# `TIMESERIES`は、時点を表す列の印です。
#
# ```sql
# ALTER TABLE customer_features
#   ADD CONSTRAINT customer_features_pk PRIMARY KEY (customer_id, month_end TIMESERIES);
# ```
#
# 宣言は「こうなっているはず」という印で、重なった行を断りはしません。
# だから、`save_features`のような検査が必要です。
#
# 特徴量テーブルはふつうの表なので、モデルと関係のない道具がそのまま使えます。
#
# | 手に入るもの | 使いみち |
# |---|---|
# | SQL | PythonでもRでもScalaでもBIツールでも、SQLを送れるものなら同じ値を読める |
# | **ACL**（access control list、誰に何を許すかの一覧） | 使うチームには`SELECT`だけを、行を足すチームには`MODIFY`も渡す（`GRANT`の書き方は23と同じ） |
# | バージョン | 計算を直して置き直しても、直す前の値を読み返せる |
# | 性能の最適化 | キーの近い行を同じファイルに集めておくと、引くときに読むファイルが減る |
#
# 9月末の分を置く前の、バージョン1をSQLで読みます。

# %%
before = spark.sql("SELECT count(*), max(month_end) FROM customer_features VERSION AS OF 1").first()
print(f"バージョン1: {before[0]:,}行、いちばん新しい月末は{before[1]}")

# %% [markdown]
# バージョンを読み返せるのは保持期間の間だけなので、半年後にも使う行は別の表にコピーします（14で見たとおり）。
#
# 性能の最適化は、表を作るときに`CLUSTER BY (customer_id, month_end)`と書いて頼みます【読むだけ】。
# この **リキッドクラスタリング**（liquid clustering）は、`CLUSTER BY AUTO`なら列の選び方も任せられます。

# %% [markdown]
# ## 学習用の表: 時点をそろえる
#
# 学習には、答えと特徴量を並べた表が必要です。
# 答えの表`labels`には、2024年12月末と2025年3月末に予測するとして、翌月に解約したかが入っています。
# `as_of`が予測の時点で、SQLからも同じ名前で読めるようにします。

# %%
when = pd.to_datetime(["2024-12-31", "2025-03-31"])
labels = usage.loc[usage["month_end"].isin(when), ["customer_id", "month_end", "churned"]]
labels = labels.rename(columns={"month_end": "as_of"})

# %%
rows = labels.assign(as_of=labels["as_of"].dt.date)
spark.createDataFrame(rows).createOrReplaceTempView("labels")
labels.head(3)

# %% [markdown]
# 残っていたコードは、顧客ごとにいちばん新しい特徴量を付けていました。
# モデルを作った8月末に戻ったつもりで、8月末までの行だけを使い、同じことをSQLでします。
# `row_number() OVER (PARTITION BY customer_id ORDER BY month_end DESC)`は、顧客ごとに、新しい行から順に番号を振ります。
#
# | customer_id | month_end | 番号 |
# |---|---|---|
# | 甲 | 8月末 | 1 |
# | 甲 | 7月末 | 2 |
# | 乙 | 1月末 | 1 |
# | 乙 | 12月末 | 2 |
#
# 番号が1の行だけを、`JOIN`で`labels`の横につなぎます。
# `WITH`は途中の結果に名前を付ける書き方で、`l`と`f`は表の短い呼び名、`f.*`は`f`のすべての列です。

# %%
latest_join = """
    WITH numbered AS (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY month_end DESC) AS position
        FROM customer_features WHERE month_end <= DATE '2025-08-31'
    )
    SELECT l.as_of, l.churned, f.*
    FROM labels l JOIN numbered f ON f.customer_id = l.customer_id AND f.position = 1
    ORDER BY l.customer_id, l.as_of
"""

# %%
latest = spark.sql(latest_join).toPandas()
latest[["customer_id", "as_of", "month_end", "total_orders", "churned"]].head(3)

# %% [markdown]
# `as_of`と`month_end`を見比べてください。
# 12月末の予測に、翌年8月末の特徴量が付いた行があります。
# 予測の時点ではまだ無い数字なのに、学習までできてしまいます。
#
# 番号が偶数の顧客で学習し、奇数の顧客でAUCを計算します。
# `HistGradientBoostingClassifier`は、前の木の外れを次の小さな木で直していく分類のモデルです。

# %%
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

COLUMNS = ["orders", "app_days", "complaints_3m", "total_orders"]


def fit(table):
    even = table[table["customer_id"] % 2 == 0]
    model = HistGradientBoostingClassifier(max_iter=50, learning_rate=0.05, random_state=0)
    return model.fit(even[COLUMNS], even["churned"])


# %%
def auc(model, table):
    odd = table[table["customer_id"] % 2 == 1]
    return roc_auc_score(odd["churned"], model.predict_proba(odd[COLUMNS])[:, 1])


# %% [markdown]
# 使い始めてからの値は、8月末の特徴量で予測し、9月に解約したかと比べます。

# %%
august = features.merge(usage[["customer_id", "month_end", "churned"]])
august = august[august["month_end"] == "2025-08-31"]

# %%
model = fit(latest)
print(f"学習したとき: AUC {auc(model, latest):.3f}、使い始めてから: AUC {auc(model, august):.3f}")

# %% [markdown]
# 見たことのない顧客で計算したのに、使い始めると大きく落ちました。
# 何が起きたのかを、12月末まで同じ回数だけ注文していた2人で見ます。

# %% tags=["figure"] mystnb={"image": {"alt": "2人の注文の合計の折れ線。12月末の点線まで2本は重なる。1月に解約した人の線は12月末で終わり、続けた人の線は8月末まで上がり続ける。それぞれの線の最後の点を星が囲む"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
known = features[features["month_end"] <= "2025-08-31"]
fig, ax = plt.subplots(figsize=(4.8, 3.2), layout="constrained")
for customer_id, name, mark in ((100011, "続けた人", "o-"), (100182, "1月に解約した人", "s--")):
    one = known[known["customer_id"] == customer_id]
    ax.plot(one["month_end"], one["total_orders"], mark, label=name)
    ax.plot(one["month_end"].iloc[-1], one["total_orders"].iloc[-1], "r*", ms=18, mfc="none")
ax.axvline(pd.Timestamp("2024-12-31"), color="gray", ls=":")
ax.text(pd.Timestamp("2025-01-08"), 29, "12月末に予測する", fontsize=11)
ax.set_xticks(known["month_end"].drop_duplicates().sort_values().iloc[::2])
ax.set_xticklabels(["10月", "12月", "2月", "4月", "6月", "8月"], fontsize=11)
ax.set_xlabel("月末", fontsize=11)
ax.set_ylabel("注文の合計（total_orders）", fontsize=11)
ax.legend(loc="lower right", fontsize=11)
plt.show()

# %% [markdown]
# 点線の12月末まで2人の線は重なり、注文の合計では見分けが付きません。
# ところが、最新の行を付ける **結合**（join）は、赤い星で囲んだ最後の値を選びます。
# 解約した人の合計は12月で止まり、続けた人の合計は8月末まで積み上がるので、合計の少なさが「もう解約した」ことを教えてしまうのです。
#
# 正しくは、予測の時点までに分かっていた特徴量のうち、いちばん新しい行を付けます。
# この付け方が **時点をそろえた結合**（point-in-time join）です。

# %% tags=["figure"] mystnb={"image": {"alt": "10月から8月までの月末の行が左から並ぶ。12月と1月の間に、12月末に予測するという縦線がある。線の左の10月、11月、12月は使ってよい行で、付ける行は12月。線の右の1月から8月はまだ無い行で、最新の行を付ける結合は8月を選ぶ"}}
from figures.point_in_time import draw_point_in_time

draw_point_in_time()

# %% [markdown]
# 縦線の左が使ってよい行、右が漏れる行です。
# SQLは練習1で直すので、先にpandasで結果だけ見ておきます。
# `merge_asof`は、`by`の列が同じ行の中から、左の日付以前でいちばん近い行を選びます。

# %%
left, right = labels.sort_values("as_of"), features.sort_values("month_end")
aligned = pd.merge_asof(left, right, left_on="as_of", right_on="month_end", by="customer_id")

# %%
aligned_model = fit(aligned)
print(f"学習したとき: AUC {auc(aligned_model, aligned):.3f}")
print(f"使い始めてから: AUC {auc(aligned_model, august):.3f}")

# %% [markdown]
# 学習したときのAUCは下がり、使い始めてからの値とほぼ同じになりました。
# 使い始めてからの値も前より高く見えますが、24の便のように顧客を引き直すと、差は0.05ほど動きます。
# つまり、その違いはこの人数では揺れの範囲で、直ったのは、使う前の見込みのほうです。
#
# なお、「時点」は表のバージョンとは別のものです。
# バージョンは表がいつ書き換わったかを、時点はその行の数字がいつ分かったかを表します。
# 古いバージョンを読むだけでは、時点はそろいません。

# %% [markdown]
# ## 予測に使う: まとめて引く、1人分をすぐ引く【自習】
#
# 予測する側も、同じ表から引きます。
# 渡すのは顧客番号だけで、特徴量の計算を書かずに済みます。
#
# ### まとめて予測する: バッチスコアリング
#
# たくさんの顧客をまとめて予測するのが、**バッチスコアリング**（batch scoring。バッチ推論とも）です。
# 3人分を、8月末の時点で頼みます。

# %%
asked = [100002, 100006, 100007]
keys = spark.createDataFrame([(number,) for number in asked], ["customer_id"])
keys.createOrReplaceTempView("targets")

# %%
found = spark.sql("""
    SELECT f.customer_id, f.orders, f.app_days, f.complaints_3m, f.total_orders
    FROM targets t JOIN customer_features f
      ON f.customer_id = t.customer_id AND f.month_end = DATE '2025-08-31'
    ORDER BY f.customer_id
""").toPandas()
found.assign(chance=aligned_model.predict_proba(found[COLUMNS])[:, 1].round(3))

# %% [markdown]
# `chance`が翌月に解約する確率です。
# 3人分を頼んで、返ってきたのは2人分です。
# 残る1人は1月に解約していて、8月末の行がありません。
# 結合は行のない人を黙って落とすので、頼んだ人数と返った人数を毎回突き合わせます。
#
# ### 1人分をすぐに返す: オンラインサービング
#
# アプリの画面は、目の前の1人の予測を、待たせずに出さなければなりません。
# そこで、最新の特徴量だけを、キーですぐに引ける置き場所へコピーしておきます。
# この置き場所から1人ずつの求めに答えるのが、**オンラインサービング**（online serving）です。
# 手元では、Pythonの辞書で代わりにします。

# %%
newest = features[features["month_end"] == features["month_end"].max()]
online = newest.set_index("customer_id").to_dict("index")
print(online.get(100006))
print(online.get(100002))

# %% [markdown]
# 解約した人や登録したばかりの人には行がなく、`None`が返ります。
# 行がないときに画面へ何を出すか（「まだ予測できません」など）を決めておきます。
#
# | | 特徴量テーブル（Delta） | オンラインの置き場所 |
# |---|---|---|
# | 持つもの | すべての月末 | 最新の1行だけ |
# | 得意なこと | まとめて読む、過去の時点に戻る | 1人分をすぐに返す |
# | 使う場面 | 学習用の表（training dataset）の生成、バッチスコアリング | オンラインサービング |
#
# 右はコピーなので、左に行を足したら、右も更新します。

# %% [markdown]
# ## 学習と予測で値がずれていないか【自習】
#
# 予測の画面を作る別のチームが、特徴量の計算を自分たちで書き直したとします。
# 8月末の`total_orders`を、冒頭の話のように、今年の1月から数えていました。

# %%
this_year = usage[usage["month_end"].between("2025-01-01", "2025-08-31")]
this_year = august["customer_id"].map(this_year.groupby("customer_id")["orders"].sum())

# %%
served = august.assign(total_orders=this_year)
print(f"値の違う行: {(august['total_orders'] != served['total_orders']).mean():.0%}")
print(f"表の値で予測: AUC {auc(aligned_model, august):.3f}")
print(f"届いた値で予測: AUC {auc(aligned_model, served):.3f}")

# %% [markdown]
# このように、学習と予測で特徴量の計算が食い違うことを **学習と予測のずれ**（training-serving skew）と呼びます。
# 4割を超える行で値が違うのに、この月のAUCは下がりませんでした。
# つまり、AUCを見張るだけでは気づけないずれがあります。
# ところが値そのものを突き合わせれば、翌月の答えを待たずに見つかります。
# 画面のチームも表から引くようにすれば、ずれは起こりません。

# %% [markdown]
# ## Databricksでは何が加わるか【自習】
#
# 【読むだけ】Databricksでは、主キーを宣言したUnity Catalogの表が、そのまま特徴量テーブルになります。
# この仕組みは、いまは「Unity Catalogの特徴量エンジニアリング」（Feature Engineering in Unity Catalog）という名前です。
# 文書では、全体をDatabricks Feature Storeとも呼びます。
# ここまで手で書いた結合は、`FeatureEngineeringClient`に任せられます。
# 標準のベース環境には入っていませんが、MLのベース環境には入っています。
#
# ```python
# import mlflow
# from databricks.feature_engineering import FeatureEngineeringClient, FeatureLookup
#
# fe = FeatureEngineeringClient()
# training_set = fe.create_training_set(
#     df=spark.table("labels"),
#     feature_lookups=[
#         FeatureLookup(
#             table_name="workspace.feature_store.customer_features",
#             lookup_key="customer_id",
#             timestamp_lookup_key="as_of",
#         )
#     ],
#     label="churned",
#     exclude_columns=["customer_id", "as_of"],
# )
# table = training_set.load_df().toPandas()
#
# with mlflow.start_run():
#     model = HistGradientBoostingClassifier(random_state=0)
#     model.fit(table.drop(columns="churned"), table["churned"])
#     fe.log_model(
#         model=model,
#         artifact_path="model",
#         flavor=mlflow.sklearn,
#         training_set=training_set,
#         registered_model_name="workspace.feature_store.churn_model",
#     )
#
# predictions = fe.score_batch(
#     model_uri="models:/workspace.feature_store.churn_model/1",
#     df=new_keys,
# )
# ```
#
# `create_training_set`に渡すのは、`labels`のような、キーと時点と答えだけのSparkの表です。
# `month_end`を`TIMESERIES`と宣言した表に、`timestamp_lookup_key`で予測の時点の列を教えると、時点をそろえた結合になります。
# `exclude_columns`に挙げた2列は、結合には使いますが、`load_df`の結果からは除かれます。
# 忘れると、顧客番号と予測の日付まで特徴量として学習してしまいます。
#
# 要は`log_model`に渡した`training_set`です。
# どの表のどの列を、どのキーで引いたかをモデルが覚えるので、予測するときに渡す`new_keys`は、`customer_id`と`as_of`の列だけの表で足ります。
# `score_batch`が特徴量を引き、`prediction`という列を足して返します。
# 中身は`predict`の答えなので、分類のモデルでは0か1です。
# 確率が必要なら、`log_model`に`pyfunc_predict_fn="predict_proba"`を足します（24と同じ）。
# そのときは2列が返るので、`score_batch`に`result_type="array<double>"`も渡します。
# オンラインの置き場所へのコピーは、`fe.publish_table`でDatabricks Online Feature Storeへ頼めます。
#
# > **Lakebase** Databricks Online Feature Storeの中身は、Databricksが管理するPostgreSQLの、Lakebaseです。
# > コピーのしかたは3つから選びます。
# > 変わった分を、決めた時にまとめて送る`TRIGGERED`（初めの設定）、書き込まれるたびに送り続ける`CONTINUOUS`、全部を1度に送り直す`SNAPSHOT`です。
# > 2026年11月の文書では、新しい置き場所は、使わない間は計算を止められるLakebase Autoscalingのプロジェクトになります。
#
# このコードは、文書と、パッケージ`databricks-feature-engineering`のソースで確かめたものです。
# 新しい文書は、定義を宣言して計算ごと任せるFeature Viewsも勧めていますが、ここでは扱いません。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_25 import check

# %% [markdown]
# ### 練習 1: 時点をそろえた結合に直す
#
# `labels`の行に、`month_end`が`as_of`以前の特徴量のうち、いちばん新しい行を付けます。
# 本文の`latest_join`と違い、先に`labels`と結合し、その後で番号を振る形にしてあります。
# SQLの3か所が空いているので、入れる文字列を書いてください。
#
# - `condition`: 結合の条件に足す、時点の条件。
# - `groups`: 新しい順の番号を1から振るまとまり（`PARTITION BY`の後に書く列）。
# - `keep`: 残す行の条件。
#
# 予測する日は、月末とは限りません。
# 月の途中の日でも、正しい行が付くように書いてください。
#
# <details><summary>ヒント</summary>
#
# `condition`は、`f.`の列と`l.`の列を、以前を表す`<=`で比べます。
# 1人の顧客に2つの時点があるので、`groups`には2つの列を、コンマで区切って並べます。
# `keep`は、番号の列`position`についての条件です。
#
# </details>

# %% 練習 1
condition = ...
groups = ...
keep = ...

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

# %% 確認 1
check(1)

# %% [markdown]
# 練習2の材料です。
# 画面のチームから、直したという8月末の特徴量が届きました。
# それが`delivered`で、`august`と同じ顧客の順に並んでいます。
# `suspects`には、考えられる2通りの数え方で求めた`total_orders`が入っています。

# %%
import screen_features

delivered = screen_features.received(august, features)
july = features[features["month_end"] == "2025-07-31"].set_index("customer_id")["total_orders"]
until_july = august["customer_id"].map(july).fillna(0)
suspects = pd.DataFrame({"今年の1月から数えた": this_year, "先月末までしか数えていない": until_july})

# %% [markdown]
# ### 練習 2: ずれた列を見つけ、原因を決める【自習】
#
# `delivered`を`august`と突き合わせます。
#
# - `mismatches`: `COLUMNS`の4列について、値の違う行の数を入れた`{"orders": 12, …}`のような辞書。
# - `skewed_columns`: 違う行が、全体の1割を超える列の名前のリスト。
# - `cause`: `total_orders`がずれた原因。`suspects`の2つの列の名前から、1つを選ぶ。
#
# <details><summary>ヒント</summary>
#
# 本文では、`(august["total_orders"] != served["total_orders"]).mean()`で割合を求めました。
# 数を求めるには、`mean`を`sum`に替えます。
# 原因は、`suspects`の列のうち、`delivered`の値とすべての行で同じになるほうです。
#
# </details>

# %% 練習 2
mismatches = ...
skewed_columns = ...
cause = ...

# %% 確認 2
check(2)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 学習用の表に、顧客ごとに最新の特徴量を付けました。
# 何が起きますか。
#
# <details><summary>ア. 新しい情報を使うので、使い始めてからの予測も良くなる</summary>
#
# 「情報は新しいほうが良い」と考えた人が選びます。
# 良く見えるのは学習したときだけで、予測の日には、その情報はまだありません。
#
# </details>
# <details><summary>イ. 日付が食い違う行があるので、結合がエラーになる</summary>
#
# 結合の条件は顧客番号だけなので、日付の食い違いは調べられません。
# 1人に1行ずつ付き、エラーも警告も出ません。
#
# </details>
# <details><summary>ウ. 学習したときのAUCだけが上がる</summary>
#
# 正解です。
# 使い始めると、AUCは0.7にも届きませんでした。
#
# </details>
#
# **問 2.** Databricksで、表に`PRIMARY KEY`を宣言しました。
# 重なった行を書き込むと、どうなりますか。
#
# <details><summary>ア. そのまま入る</summary>
#
# 正解です。
# 宣言は印なので、書き込む前に自分で調べます。
#
# </details>
# <details><summary>イ. 書き込みが断られ、エラーになる</summary>
#
# 多くのデータベースではそうなるので、そう思うのも無理はありません。
# Databricksの表の主キーは宣言だけで、断りません。
#
# </details>
# <details><summary>ウ. 同じキーの行が、新しい値に置き換わる</summary>
#
# キーと値で保存するデータベースには、そう動くものもあります。
# Deltaの表で置き換えるには、`save_features`のように`MERGE`を書きます。
#
# </details>
#
# **問 3.** 12月末と3月末の予測を学習に使います。
# 3月末に置いた特徴量テーブルのバージョンを`VERSION AS OF`で読み、顧客ごとに最新の行を付けました。
# 時点はそろいますか。
#
# <details><summary>ア. そろう。3月末に置いたバージョンには、それより後の行がないから</summary>
#
# 3月末の予測には合います。
# ところが12月末の予測には、1月から3月に分かった値が付いてしまいます。
#
# </details>
# <details><summary>イ. そろわない。行の日付を予測の時点と比べていないから</summary>
#
# 正解です。
# バージョンは表が書き換わった時の番号で、時点の代わりになりません。
#
# </details>
# <details><summary>ウ. そろえられない。バージョンを指定して読んだ表は結合できないから</summary>
#
# バージョンを指定すると特別な読み方になる、と思ったかもしれません。
# 読んだ結果はふつうの表なので、結合できます。
#
# </details>
#
# **問 4.** Databricksの管理テーブルに、特徴量を置いています。
# 半年後に、今日と同じ値で学習し直せるようにするには、どうしますか。
#
# <details><summary>ア. 学習に使った行を、別の表にコピーしておく</summary>
#
# 正解です。
# コピー先の表の名前を、ランに残しておきます。
#
# </details>
# <details><summary>イ. 主キーを宣言して、今日の行が変わらないようにする</summary>
#
# 主キーは行を守るものだと思うと、こう考えます。
# 宣言は印で、書き換えを止めません。
#
# </details>
# <details><summary>ウ. 今日のバージョン番号をランに残し、半年後に<code>VERSION AS OF</code>で読む</summary>
#
# 番号があればいつでも戻れる、と考えた人が選びます。
# 既定では、7日より前のバージョンは読めません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 特徴量の計算を1つの関数に書けば、モデルごとの食い違いがなくなります。
# - 特徴量テーブルは主キー（と、必要なら時点）を持つ表で、新しい月の行は`MERGE`で足します。
# - 学習用の表は、予測の時点までに分かっていた特徴量だけで作ります。
# - 予測する側も同じ表からキーで引き、1人分をすぐに返すには、最新の行をコピーした置き場所を使います。
# - AUCが下がらないずれもあるので、値そのものを突き合わせます。
#
# 次のレッスンでは、こうした仕組みを会社の中で広げる進め方を扱います。

# %%
check.summary()
