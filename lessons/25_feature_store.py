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
# ひだまり便には、モデルが2つあります。
# 解約を予測するモデルと、追加の注文を勧めるモデルです。
# どちらも「これまでの注文回数」を使いますが、片方は契約した月から、もう片方は今年の4月から数えていました。
# 同じ顧客の数字が、2つの画面で違います。
#
# 解約モデルには、もう1つ謎がありました。
# 手元の採点ではAUCが0.9を超えたのに、使い始めると0.6ほどしか出ません。
# 調べると、学習の表に、予測の時点ではまだ起きていない注文が混ざっていました。
#
# どちらの失敗も、特徴量をモデルごとに、その場で作ったために起きています。
# 計算の決まりを1か所に書き、結果を日付の付いた表に置き、誰もがそこから取り出せば防げます。
# そのための置き場所が **Feature Store**（特徴量ストア）です。
# ここでは、その3つの部品（定義、表、取り出し方）を、手元のDeltaの表で作ります。
#
# ## このレッスンで学ぶこと
#
# - 特徴量の計算を1つの関数に書き、2つのモデルで使う。
# - キーと日付を持つ特徴量テーブルを作り、説明を付け、SQLで読む。
# - 時点をそろえない結合で点数が膨らむことを確かめ、直す。
# - 特徴量テーブルから、学習用の表と、予測用の表を取り出す。
# - 学習と予測で計算がずれた列を見つける。
# - 1人分をすぐに返すための置き場所を作る。

# %% [markdown]
# ## 特徴量の定義: 計算を1か所に書く
#
# 材料は、ひだまり便の月ごとの利用です。
# 1行が1人の顧客の1か月で、`orders`は注文回数、`app_days`はアプリを開いた日数、`complaints_3m`は3か月の苦情の数です。
# `churned`は、翌月に解約すれば1です。

# %%
import churn_steps
import numpy as np
import pandas as pd

usage = churn_steps.make_features(n_customers=3000)
usage["month"] = pd.to_datetime(usage["month"])
usage = usage[["customer_id", "month", "orders", "app_days", "complaints_3m", "churned"]]
usage.head(3)

# %% [markdown]
# ここから特徴量を作ります。
# 数え始めの月のような決まりは、関数の説明に書きます。

# %%
def make_features(usage):
    """契約した月から数えた注文の合計（total_orders）などを、顧客と月ごとに求める。"""
    rows = usage.sort_values(["customer_id", "month"])
    features = rows[["customer_id", "month", "orders", "app_days", "complaints_3m"]].copy()
    features["total_orders"] = rows.groupby("customer_id")["orders"].cumsum()
    return features


features = make_features(usage)
features.head(3)

# %% [markdown]
# `total_orders`が「これまでの注文回数」です。
# 2つのモデルがこの関数を呼べば、数え方が食い違うことはありません。
# 関数の形にした、再利用できて共有できる計算の決まりを、**特徴量の定義** と呼びます。

# %% [markdown]
# ## 特徴量テーブル: キーと日付の付いた表に置く
#
# モデルのたびに計算し直すと、時間がかかり、材料の表が変われば結果も変わります。
# 計算した結果を、Deltaの表に置きます。
# 特徴量を置いた表が **特徴量テーブル**（feature table）です。
# 行は、顧客（`customer_id`）と月（`month`）の組で1つに決まります。
# 1つの行を決める列を **主キー**（primary key）と呼びます。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS feature_store")
spark.sql("USE feature_store")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %%
spark.sql("DROP TABLE IF EXISTS customer_features")
spark.sql("""
    CREATE TABLE customer_features (
        customer_id BIGINT NOT NULL COMMENT '主キー: 顧客番号',
        month DATE NOT NULL COMMENT '主キー: この月末までに分かることだけで計算した',
        orders DOUBLE COMMENT 'その月の注文回数（回）',
        app_days DOUBLE COMMENT 'その月にアプリを開いた日数（日）',
        complaints_3m DOUBLE COMMENT '3か月の苦情の数（件）',
        total_orders DOUBLE COMMENT '契約した月からの注文の合計（回）'
    ) USING DELTA COMMENT '顧客と月ごとの特徴量。定義はmake_features'
""")
print("空の特徴量テーブルを作りました。")

# %%
def save_features(features):
    if features.duplicated(["customer_id", "month"]).any():
        raise ValueError("同じ顧客と月の行が2つあります。")
    rows = features.assign(month=features["month"].dt.date)
    schema = spark.table("customer_features").schema
    spark.createDataFrame(rows, schema).write.mode("overwrite").saveAsTable("customer_features")


save_features(features)
print(f"{spark.table('customer_features').count()}行を置きました。")

# %% [markdown]
# 同じ顧客と月の行が2つあれば、置く前に止めます。
# Databricksでは、表に`PRIMARY KEY`を宣言し、日付の列に`TIMESERIES`という印を付けられます。
# ただし宣言は「こうなっているはず」という印で、重なった行を断りはしません。
# 調べるのは自分の仕事です。
#
# 表になったので、Pythonを使わない人もSQLで読めます。

# %%
display(spark.sql("""
    SELECT month, count(*) AS customers, round(avg(total_orders), 2) AS avg_total_orders
    FROM customer_features
    GROUP BY month
    ORDER BY month
    LIMIT 4
"""))  # fmt: skip

# %% [markdown]
# 表に置くと、次のことがまとめて手に入ります。
#
# | 得るもの | 何によって |
# |---|---|
# | 任意の言語から読める | SQL、Python、BIツールのどれからも同じ表を読む |
# | 権限（ACL） | 表への`GRANT`で、読める人を決める（「Unity Catalogによるガバナンス」） |
# | 版 | Deltaの履歴で、学習したときの値を読み返す |
# | 速さ | 計算は1度だけで、並べ方などの最適化はDeltaとDatabricksに任せる |
#
# **ACL**（access control list）は、誰に何を許すかの一覧です。

# %% [markdown]
# ## 学習用の表を取り出す: 時点をそろえる
#
# 学習には、答えと特徴量を並べた表が要ります。
# 答えの表`labels`には、「6月末と9月末の時点で、翌月に解約したか」が入っています。
# `as_of`が、予測する時点です。

# %%
when = pd.to_datetime(["2025-06-01", "2025-09-01"])
labels = usage.loc[usage["month"].isin(when), ["customer_id", "month", "churned"]]
labels = labels.rename(columns={"month": "as_of"})
labels.assign(as_of=labels["as_of"].dt.date).head(3)

# %%
rows = labels.assign(as_of=labels["as_of"].dt.date)
spark.createDataFrame(rows).createOrReplaceTempView("labels")

# %% [markdown]
# 前の担当者は、顧客ごとにいちばん新しい特徴量を付けていました。
# `row_number`は、顧客の中で新しい順に番号を振る関数です。

# %%
latest_join = """
    WITH numbered AS (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY month DESC) AS position
        FROM customer_features
    )
    SELECT l.customer_id, l.as_of, f.month, f.orders, f.app_days, f.complaints_3m,
           f.total_orders, l.churned
    FROM labels l JOIN numbered f ON f.customer_id = l.customer_id AND f.position = 1
    ORDER BY l.customer_id, l.as_of
"""

# %%
latest = spark.sql(latest_join).toPandas()
latest[["customer_id", "as_of", "month", "total_orders", "churned"]].head(3)

# %% [markdown]
# `as_of`と`month`を見比べてください。
# 6月末の予測に、翌年の特徴量が付いている行があります。
# 予測の時点では、まだ存在しない数字です。
#
# 番号が偶数の顧客で学習し、奇数の顧客で採点します。

# %%
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

COLUMNS = ["orders", "app_days", "complaints_3m", "total_orders"]


def fit_and_score(table):
    even = table["customer_id"] % 2 == 0
    model = HistGradientBoostingClassifier(max_iter=50, learning_rate=0.05, random_state=0)
    model.fit(table.loc[even, COLUMNS], table.loc[even, "churned"])
    chance = model.predict_proba(table.loc[~even, COLUMNS])[:, 1]
    return model, roc_auc_score(table.loc[~even, "churned"], chance)


# %%
latest_model, latest_auc = fit_and_score(latest)
print(f"いちばん新しい特徴量を付けた表: AUC {latest_auc:.3f}")

# %% [markdown]
# 見たことのない顧客で採点しても、この高さです。
# 使い始めてからの点数は、どうだったでしょうか。
# 2月末の時点の特徴量で予測し、3月の結果と比べます。

# %%
february = features.merge(usage[["customer_id", "month", "churned"]])
february = february[february["month"] == "2026-02-01"]


# %%
def score_in_use(model):
    return roc_auc_score(february["churned"], model.predict_proba(february[COLUMNS])[:, 1])


print(f"使い始めてから: AUC {score_in_use(latest_model):.3f}")

# %% [markdown]
# 大きく落ちました。
# 解約した人の注文は解約で止まり、続けた人の注文は3月まで積み上がります。
# `total_orders`の少なさが「もう解約した」ことを教えていたのです。
# 予測する日には、まだ誰も解約していないので、この手がかりは使えません。
#
# 正しくは、**予測する時点までに分かっていた** 特徴量のうち、いちばん新しいものを付けます。
# この付け方を **時点をそろえた結合**（point-in-time join）と呼びます。

# %% mystnb={"image": {"alt": "1人の顧客の特徴量が月ごとに点で並ぶ図。6月末の予測の線より左の点だけが使ってよい印で、右の点は使ってはいけない印になっている"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
months = ["4月", "5月", "6月", "7月", "8月", "9月"]
fig, ax = plt.subplots(figsize=(6.4, 2.4))
ax.plot(range(3), [0] * 3, "o", ms=12, label="使ってよい特徴量")
ax.plot(range(3, 6), [0] * 3, "x", ms=12, color="tab:red", label="まだ存在しない特徴量")
ax.axvline(2.5, color="gray", ls="--")
ax.text(2.45, 0.55, "6月末に予測する", ha="right")
ax.set_xticks(range(6), months)
ax.set(ylim=(-0.8, 1.4), yticks=[])
ax.legend(loc="upper right", ncols=2, fontsize=9)
plt.show()

# %% [markdown]
# 横に並ぶ印が、ある顧客の月ごとの特徴量です。
# 破線より左の丸だけが、6月末に手に入ります。
# 使うのは、その中でいちばん右の6月の丸です。
# 前の担当者の結合は、右端のばつを選んでいました。
#
# 直した結合は、練習1で書きます。
# 同じことをpandasでする`merge_asof`で、先に結果だけ見ておきます。

# %%
right = pd.merge_asof(
    labels.sort_values("as_of"), features.sort_values("month"),
    left_on="as_of", right_on="month", by="customer_id",
).sort_values(["customer_id", "as_of"], ignore_index=True)
right_model, right_auc = fit_and_score(right)
print(f"手元の採点: AUC {right_auc:.3f}")
print(f"使い始めてから: AUC {score_in_use(right_model):.3f}")

# %% [markdown]
# 手元の点数は下がり、使い始めてからの点数は上がりました。
# 2つの点数が近いことが、時点のそろった表の印です。

# %% [markdown]
# ## 予測用の表を取り出す: バッチスコアリング
#
# たくさんの顧客をまとめて予測することを **バッチスコアリング**（batch scoring）と呼びます。
# 渡すのはキーだけで、特徴量は表から引きます。
# 予測する側に、特徴量の計算を書かずに済みます。

# %%
targets = spark.createDataFrame([(100002,), (100003,), (100005,)], ["customer_id"])
targets.createOrReplaceTempView("targets")
found = spark.sql("""
    SELECT f.customer_id, f.orders, f.app_days, f.complaints_3m, f.total_orders
    FROM targets t JOIN customer_features f
      ON f.customer_id = t.customer_id AND f.month = DATE '2026-02-01'
    ORDER BY f.customer_id
""").toPandas()
found.assign(chance=right_model.predict_proba(found[COLUMNS])[:, 1].round(3))

# %% [markdown]
# `chance`が翌月に解約する確率です。
# 2月に契約のない顧客は、行がないので出てきません。

# %% [markdown]
# ## 学習と予測の計算がずれていないか
#
# 予測の画面を作る別のチームが、特徴量をJavaで書き直したとします。
# 2月末の結果が届いたので、特徴量テーブルの2月の行と突き合わせます。

# %%
table = february[["customer_id", *COLUMNS]]
served = table.assign(app_days=(table["app_days"] / 7).round(1))

# %%
print({name: f"{(table[name] != served[name]).mean():.0%}" for name in COLUMNS})

# %% [markdown]
# 表の値と違う行の割合です。
# 違うのは`app_days`だけです。
# 届いた計算は、日数ではなく週の数を数えていました（1つ前のセルで、そうなるように作りました）。
# 学習と予測で特徴量の計算が食い違うことを **学習と予測のずれ**（training-serving skew）と呼びます。
# エラーにならないので、このように値を突き合わせて見つけます。

# %%
skewed = roc_auc_score(february["churned"], right_model.predict_proba(served[COLUMNS])[:, 1])
print(f"表の特徴量で予測: AUC {score_in_use(right_model):.3f}")
print(f"ずれた特徴量で予測: AUC {skewed:.3f}")

# %% [markdown]
# モデルは同じでも、渡す特徴量がずれると点数が落ちます。
# 偶然あまり落ちないずれもあるので、点数ではなく、値そのものを突き合わせます。
# 画面のチームも表から引くようにすれば、ずれは起こりません。

# %% [markdown]
# ## 1人分をすぐに返す: オンラインサービング
#
# アプリの画面は、目の前の1人の予測を、待たせずに出さなければなりません。
# 大きな表をSparkで調べるのは、1人分には向きません。
# そこで、最新の特徴量だけを、キーですぐに引ける置き場所に写します。
# 1人ずつの求めにその場で答えることを **オンラインサービング**（online serving）と呼びます。
#
# 手元では、Pythonに付属するSQLiteを使います。

# %%
import sqlite3

online = sqlite3.connect(":memory:")
names = ", ".join(COLUMNS)
online.execute(f"CREATE TABLE latest (customer_id INTEGER PRIMARY KEY, {names})")
online.executemany("INSERT INTO latest VALUES (?, ?, ?, ?, ?)", table.values.tolist())
print(f"{len(table)}人分を写しました。")


# %%
def look_up(customer_id):
    query = f"SELECT {names} FROM latest WHERE customer_id = ?"
    return online.execute(query, (customer_id,)).fetchone()


print(look_up(int(table["customer_id"].iloc[0])))

# %% [markdown]
# 1人分を引くのに、どのくらいかかるでしょうか。
# SQLiteとSparkで同じ1人を20回ずつ引き、かかった時間の中央値を比べます。

# %%
import time

someone = int(table["customer_id"].iloc[0])


def milliseconds(look):
    found = []
    for _ in range(20):
        start = time.perf_counter()
        look()
        found.append((time.perf_counter() - start) * 1000)
    return sorted(found)[10]


# %%
customer = spark.table("customer_features").where(f"customer_id = {someone}")
costs = {"SQLite": milliseconds(lambda: look_up(someone)), "Spark": milliseconds(customer.collect)}

# %%
sizes = ["1ミリ秒より短い", "1から10ミリ秒", "10ミリ秒より長い"]
for name, cost in costs.items():
    print(f"{name}: {sizes[(cost > 1) + (cost > 10)]}")

# %% [markdown]
# 1ミリ秒は1000分の1秒です。
# 数字そのものは動かすたびに変わるので、3つの大きさに分けて表示しました。
# Sparkは大勢をまとめて計算するのが得意で、1人分のために動かすと支度のほうが長くなります。
# 2つの置き場所は、次のように使い分けます。
#
# | | 特徴量テーブル（Delta） | オンラインの置き場所 |
# |---|---|---|
# | 持つもの | すべての月 | 最新の1行だけ |
# | 得意なこと | まとめて読む、過去の時点に戻る | 1人分をすぐに返す |
# | 使い道 | 学習用の表（training dataset）の生成、バッチスコアリング | オンラインサービング |
#
# 写しなので、表を更新したら、オンラインの側も更新します。

# %% [markdown]
# ## Databricksでは何が加わるか【読むだけ】
#
# Databricksでは、Unity Catalogの表がそのまま特徴量テーブルになります。
# `FeatureEngineeringClient`を使うと、ここで手で書いたことを任せられます。
# このレッスンの環境には入っていないので、読むだけにします。
#
# ```python
# from databricks.feature_engineering import FeatureEngineeringClient, FeatureLookup
#
# fe = FeatureEngineeringClient()
# training_set = fe.create_training_set(
#     df=labels,
#     feature_lookups=[
#         FeatureLookup(
#             table_name="workspace.feature_store.customer_features",
#             lookup_key="customer_id",
#             timestamp_lookup_key="as_of",
#         )
#     ],
#     label="churned",
# )
# ```
#
# `timestamp_lookup_key`に時点の列を渡すと、時点をそろえた結合になります。
# `fe.log_model`で残したモデルは、どの表のどの列を使ったかを覚えています。
# そのため`fe.score_batch`にキーだけを渡せば予測でき、特徴量からモデルまでのリネージも残ります。
# このコードは文書で確かめただけで、実機では動かしていません。

# %% [markdown]
# ## 練習
#
# ### 練習 1: 時点をそろえた結合に直す
#
# `latest_join`を直し、`as_of`の月までの特徴量のうち、いちばん新しい行を付けるSQLを、文字列で`fixed_join`に入れてください。
# 結果の列と、並べ方は変えません。
#
# <details><summary>ヒント</summary>
#
# 番号を振る前に、`labels`と`customer_features`を結合し、`f.month <= l.as_of`の行だけを残します。
# 番号は、顧客と`as_of`の組ごとに振ります。
#
# </details>

# %% 練習 1
fixed_join = ...

# %% 確認 1
assert fixed_join is not ..., "まだ答えが入っていません。`...`を書き換えてください。"
try:
    joined = spark.sql(fixed_join).toPandas()
    problem = "" if list(joined.columns) == list(latest.columns) else f"列が{list(joined.columns)}です。"
except Exception as error:
    joined, problem = None, str(error).splitlines()[0]
assert not problem, f"SQLの結果を使えません。{problem}"
assert (joined["month"] <= joined["as_of"]).all(), (
    "予測の時点より後の特徴量が、まだ混ざっています。`month`と`as_of`を見比べてください。"
)
expected = right.assign(month=right["month"].dt.date, as_of=right["as_of"].dt.date)
keys = ["customer_id", "as_of"]
joined = joined.sort_values(keys, ignore_index=True)
assert joined.astype(str).equals(expected[joined.columns].astype(str)), (
    f"行が合いません（{len(joined)}行、正しくは{len(expected)}行）。"
    "時点までの行のうち、いちばん新しい1行だけを残してください。"
)
print("正解です。予測の日に手に入った数字だけで、学習用の表ができました。")

# %% [markdown]
# ### 練習 2: 2つのモデルで使う特徴量を足す
#
# 2つのチームが「利用した月の数」を使いたいと言っています。
# `make_features`と同じ行に、列`months_used`を足して返す関数`make_features_v2`を書いてください。
# `months_used`は、顧客ごとに数えた利用の月数で、最初の月を1とします。
# ほかの列は、`make_features`の結果から変えません。
#
# <details><summary>ヒント</summary>
#
# 中で`make_features(usage)`を呼びます。
# その結果は、顧客と月の順に並んでいます。
# `groupby(列).cumcount()`は、グループの中で0から始まる番号を振ります。
#
# </details>

# %% 練習 2
make_features_v2 = ...

# %% 確認 2
assert make_features_v2 is not ..., "まだ答えが入っていません。`...`を関数に書き換えてください。"
shuffled = usage.sample(frac=1, random_state=0)
try:
    made = make_features_v2(shuffled.copy()).sort_values(["customer_id", "month"])
    wanted = [*features.columns, "months_used"]
    problem = "" if sorted(made.columns) == sorted(wanted) else f"列は{wanted}にします。"
except Exception as error:
    made, problem = None, f"{type(error).__name__}: {error}"
assert not problem, f"関数の結果を使えません。{problem}"
same = len(made) == len(features) and made[list(features.columns)].to_numpy() == features.to_numpy()
assert np.all(same), "もとの列の値が変わりました。`make_features`の結果に足してください。"
position = features.assign(one=1).groupby("customer_id")["one"].cumsum()
assert made["months_used"].tolist() == position.tolist(), (
    "`months_used`が合いません。最初の月が1か、行の並びが違う表でも月の順に数えるかを見てください。"
)
print("正解です。2つのチームは、同じ関数から同じ値を受け取れます。")

# %% [markdown]
# 練習3で突き合わせる、別のチームから届いた特徴量です。

# %%
this_year = usage[usage["month"] >= "2026-01-01"].groupby("customer_id")["orders"].sum()
delivered = table.assign(total_orders=table["customer_id"].map(this_year))
delivered.loc[delivered.index[:30], "orders"] += 1

# %% [markdown]
# ### 練習 3: ずれた列を見つける
#
# `delivered`と、特徴量テーブルの2月の行`table`を突き合わせます。
# `COLUMNS`の4列について、値の違う行の数を、列の名前をキーにした辞書`mismatches`に入れてください。
# 違う行が1割を超える列を、リスト`skewed_columns`に入れてください。

# %% 練習 3
mismatches = ...
skewed_columns = ...

# %% 確認 3
assert mismatches is not ... and skewed_columns is not ..., "まだ答えの入っていない変数があります。"
counts = {name: int((table[name] != delivered[name]).sum()) for name in COLUMNS}
assert isinstance(mismatches, dict) and {key: int(value) for key, value in mismatches.items()} == counts, (
    "数が合いません。`table`と`delivered`の同じ列を比べ、違う行を数えてください。"
)
assert list(skewed_columns) == [name for name in COLUMNS if counts[name] > 0.1 * len(table)], (
    "列が合いません。行の数の1割と比べてください。"
)
print("正解です。注文の合計を、今年から数えていました。注文回数の違いは一部の行だけです。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** 学習用の表に、顧客ごとに最新の特徴量を付けました。
# 何が起きますか。
#
# <details><summary>ア. 新しい情報を使うので、モデルが良くなる</summary>
#
# 不正解です。
# 手元の点数は上がりますが、予測の日には手に入らない情報のおかげです。
#
# </details>
# <details><summary>イ. 予測の時点より後の情報が混ざり、手元の点数だけが上がる</summary>
#
# 正解です。
# 使い始めると、AUCは0.6ほどに落ちました。
#
# </details>
# <details><summary>ウ. 行が重なり、エラーになる</summary>
#
# 不正解です。
# 1人に1行ずつ付くので、エラーも警告も出ません。
#
# </details>
#
# **問 2.** 特徴量の計算を、使う側がそれぞれ書き直しています。
# いちばんの心配はどれですか。
#
# <details><summary>ア. 計算の時間が余分にかかる</summary>
#
# 不正解です。
# 時間も無駄ですが、遅くても値が正しければ、予測は外れません。
#
# </details>
# <details><summary>イ. 同じ名前で違う値になり、エラーの出ないまま予測が外れる</summary>
#
# 正解です。
# 数え始めの月が違うだけで、AUCが落ちました。
#
# </details>
# <details><summary>ウ. 言語が違うと、モデルを読み込めない</summary>
#
# 不正解です。
# 読み込めなければすぐに気づけます。
# 困るのは、動いてしまう間違いです。
#
# </details>
#
# **問 3.** オンラインの置き場所に、最新の1行だけを写すのはなぜですか。
#
# <details><summary>ア. 目の前の1人に返すには、最新の値だけをキーで引ければ足りるから</summary>
#
# 正解です。
# 学習に要る過去の値は、特徴量テーブルに残っています。
#
# </details>
# <details><summary>イ. 過去の値は、もう要らないから</summary>
#
# 不正解です。
# 学習には、それぞれの時点の値が要ります。
#
# </details>
# <details><summary>ウ. 古い値を見せると、個人情報の扱いに反するから</summary>
#
# 不正解です。
# 個人情報の扱いは別に決めます。
# 1行だけにするのは、速さのためです。
#
# </details>
#
# **問 4.** 表に`PRIMARY KEY`を宣言しました。
# 重なった行はどうなりますか。
#
# <details><summary>ア. 書き込みが必ず断られる</summary>
#
# 不正解です。
# ふつうのデータベースではそうですが、Databricksの表の主キーは印で、断りません。
#
# </details>
# <details><summary>イ. 古いほうが自動で消える</summary>
#
# 不正解です。
# 自動では消えません。
# 消したいときは`MERGE`などで書きます。
#
# </details>
# <details><summary>ウ. そのまま入るので、書き込む前に自分で調べる</summary>
#
# 正解です。
# `save_features`が、その検査をしています。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 特徴量の計算を1つの関数に書けば、モデルごとの食い違いがなくなります。
# - 特徴量テーブルは、主キーと時点を持つDeltaの表で、SQL、権限、版が使えます。
# - 学習用の表は、予測する時点までに分かっていた特徴量だけで作ります。
# - 予測する側もキーだけで表から引けば、学習と予測のずれが起こりません。
# - 1人分をすぐに返すには、最新の値を別の置き場所に写します。
#
# 次のレッスンでは、こうした仕組みを会社の中で広げる進め方を扱います。
