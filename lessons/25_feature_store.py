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
# どちらも「これまでの注文回数」を使いますが、片方は記録の始まりから、もう片方は今年の1月から数えていました。
# 同じ顧客の数字が、2つの画面で違います。
#
# 解約モデルには、もう1つ謎がありました。
# 手元の採点ではAUCが0.9を超えたのに、使い始めると0.6ほどしか出ません。
# 調べると、学習の表に、予測の時点ではまだ起きていない注文が混ざっていました。
#
# 1つ目の失敗は、計算をモデルごとに書いたために、2つ目は、取り出すときに日付を見なかったために起きています。
# 計算の決まりを1か所に書き、結果を日付の付いた表に置き、予測の時点までの行だけを取り出せば、どちらも防げます。
# そのための置き場所が **特徴量ストア**（feature store）です。
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
# 実践演習で使う架空のデータを、3,000人分だけ作ります。
# 2025年4月から2026年3月までの1年分で、いまは2026年4月の初めとします。
# 元の表には月の1日が入っているので、その月の最後の日に直します。
# 「この日が終われば、この行の数字がそろう」という日付です。

# %%
import churn_steps
import numpy as np
import pandas as pd

usage = churn_steps.make_features(n_customers=3000)
usage["month_end"] = pd.to_datetime(usage["month"]) + pd.offsets.MonthEnd(0)
usage = usage[["customer_id", "month_end", "orders", "app_days", "complaints_3m", "churned"]]
usage.head(3)

# %% [markdown]
# 1行が1人の顧客の1か月です。
# `orders`は注文回数、`app_days`はアプリを開いた日数、`complaints_3m`は3か月の苦情の数です。
# 途中で契約した人と解約した人がいるので、どの月も3,000人より少なくなります。
# `churned`は、翌月に解約すれば1、続ければ0です。
# 2026年3月末の行は、翌月の結果がまだ出ていないので空です。
#
# 「これまでの注文回数」は、どこから数えるかで変わります。
# 1人の顧客について、2通りに数えます。

# %%
orders = usage.loc[usage["customer_id"] == 100002].set_index("month_end")["orders"]
print("記録の始まりから:", orders.sum(), "今年の1月から:", orders["2026-01-01":].sum())

# %% [markdown]
# どちらも計算としては正しく、エラーも出ません。
# 名前が同じなので、違う数字だと気づくこともできません。
# そこで、数え始めの決まりを1つに定め、関数に書きます。


# %%
def build_features(usage):
    """記録の始まりから数えた注文の合計（total_orders）などを、顧客と月ごとに求める。"""
    rows = usage.sort_values(["customer_id", "month_end"])
    features = rows[["customer_id", "month_end", "orders", "app_days", "complaints_3m"]].copy()
    features["total_orders"] = rows.groupby("customer_id")["orders"].cumsum()
    return features


features = build_features(usage)
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
# 行は、顧客（`customer_id`）と月末（`month_end`）の組で1つに決まります。
# 1つの行を決める列を **主キー**（primary key）と呼びます。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS feature_store")
spark.sql("USE feature_store")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %% [markdown]
# 先に、空の表を説明つきで作ります。
# 説明には、単位と、どこから数えたかを書きます。

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


# %%
def save_features(features):
    if features.duplicated(["customer_id", "month_end"]).any():
        raise ValueError("同じ顧客と月末の行が2つあります。")
    rows = features.assign(month_end=features["month_end"].dt.date)
    schema = spark.table("customer_features").schema
    spark.createDataFrame(rows, schema).write.mode("overwrite").saveAsTable("customer_features")


# %%
save_features(features)
print(f"{spark.table('customer_features').count()}行を置きました。")

# %% [markdown]
# 主キーが重なると、1人の顧客に2通りの数字ができます。
# `save_features`は、重なりがあれば置く前に止めます。
# 最初の1行を重ねて、試します。

# %%
try:
    save_features(pd.concat([features, features.head(1)]))
except ValueError as error:
    print(f"置きませんでした。{error}")

# %% [markdown]
# Databricksでは、主キーを表に宣言できます【読むだけ】。
# `TIMESERIES`は、時点を表す列の印です。
#
# ```sql
# ALTER TABLE customer_features
#   ADD CONSTRAINT customer_features_pk PRIMARY KEY (customer_id, month_end TIMESERIES);
# ```
#
# ただし宣言は「こうなっているはず」という印で、重なった行を断りはしません。
# 調べるのは、`save_features`のような自分のコードの仕事です。

# %% [markdown]
# ## 表に置くと手に入るもの【自習】
#
# 1つ目は、Pythonを使わない人も読めることです。
# 何の列があるかは、表に聞けば分かります。

# %%
display(spark.sql("DESCRIBE TABLE customer_features"))

# %% [markdown]
# 右端の`comment`に、主キー、単位、数え始めが書いてあります。
# 「これまでの注文回数」の食い違いは、この1行を読めば起こりません。
# 値も、SQLで読めます。

# %%
display(spark.sql("""
    SELECT month_end, count(*) AS customers, round(avg(total_orders), 2) AS avg_total_orders
    FROM customer_features
    GROUP BY month_end
    ORDER BY month_end
    LIMIT 4
"""))  # fmt: skip

# %% [markdown]
# 最初の4つの月末の、顧客の数と合計の平均です。
# 積み上げた数なので、月が進むほど平均が増えています。
#
# 2つ目は権限です。
# 表なので、読める人を`GRANT`で決められます（「Unity Catalogによるガバナンス」）【読むだけ】。
# 誰に何を許すかの一覧を **ACL**（access control list）と呼びます。
#
# ```sql
# GRANT SELECT ON TABLE customer_features TO `marketing`;
# ```
#
# 3つ目はバージョンです。
# 特徴量の計算を直して置き直しても、Deltaの履歴から、直す前の値を読み返せます。

# %%
for version in (0, 1):
    rows = spark.sql(f"SELECT * FROM customer_features VERSION AS OF {version}").count()
    print(f"バージョン{version}: {rows}行")

# %% [markdown]
# バージョン0は作ったばかりの空の表、バージョン1が値を置いた表です。
# 学習のときにバージョン番号をランに残しておけば、半年後でも同じ値で学習し直せます。
#
# 4つ目は速さです。
# 計算は1度で済み、読むときの速さは表の側で整えられます。
# 同じ顧客の行を近くに集め、細かく分かれたファイルをまとめます。
# この小さな表では速さの違いが見えないので、置き方が変わったことだけを、前と後で確かめます。

# %%
def show_layout():
    detail = spark.sql("DESCRIBE DETAIL customer_features").first()
    print(f"近くに集める列: {detail['clusteringColumns']}、ファイルの数: {detail['numFiles']}")


# %%
show_layout()
spark.sql("ALTER TABLE customer_features CLUSTER BY (customer_id)")
spark.sql("OPTIMIZE customer_features")
show_layout()

# %% [markdown]
# 数億行の表ではファイルがたくさんに分かれます。
# 近くに集めておくと、1人分を探すときに開くファイルが減ります。
# 手元では、`save_features`で置き直すと並べ方も元に戻るので、そのたびに整え直します。

# %% [markdown]
# ## 学習用の表を取り出す: 時点をそろえる
#
# 学習には、答えと特徴量を並べた表が要ります。
# 答えの表`labels`には、6月末と9月末の時点で、翌月に解約したかが入っています。
# `as_of`が、予測する時点です。

# %%
when = pd.to_datetime(["2025-06-30", "2025-09-30"])
labels = usage.loc[usage["month_end"].isin(when), ["customer_id", "month_end", "churned"]]
labels = labels.rename(columns={"month_end": "as_of"})
labels.head(3)

# %% [markdown]
# SQLから使えるように、`labels`という名前の一時的な表にします。


# %%
def use_labels(labels):
    rows = labels.assign(as_of=labels["as_of"].dt.date)
    spark.createDataFrame(rows).createOrReplaceTempView("labels")


# %%
use_labels(labels)

# %% [markdown]
# 前の担当者は、顧客ごとにいちばん新しい特徴量を付けていました。
# 特徴量に新しい順の番号を振り、番号が1の行だけを`labels`の横につなぎます。
# 2つの表の行を横につなぐことを、結合（join）と呼びます。
# 次のSQLに出てくる書き方は、4つです。
#
# | 書き方 | 意味 |
# |---|---|
# | `labels l` | `labels`を、この文の中では`l`と呼ぶ。`l.as_of`は`labels`の列 |
# | `JOIN 表 f ON 条件` | 条件に合う行どうしを横につなぐ。合う相手のない行は落ちる |
# | `WITH numbered AS (…)` | かっこの中の結果に名前を付け、続きで表として使う |
# | `row_number() OVER (PARTITION BY 甲 ORDER BY 乙 DESC)` | 甲が同じ行の中で、乙の大きい順に1、2、3と番号を振る |

# %%
latest_join = """
    WITH numbered AS (
        SELECT *, row_number() OVER (PARTITION BY customer_id ORDER BY month_end DESC) AS position
        FROM customer_features
    )
    SELECT l.customer_id, l.as_of, f.month_end, f.orders, f.app_days, f.complaints_3m,
           f.total_orders, l.churned
    FROM labels l JOIN numbered f ON f.customer_id = l.customer_id AND f.position = 1
    ORDER BY l.customer_id, l.as_of
"""

# %%
latest = spark.sql(latest_join).toPandas()
latest[["customer_id", "as_of", "month_end", "total_orders", "churned"]].head(3)

# %% [markdown]
# `as_of`と`month_end`を見比べてください。
# 6月末の予測に、翌年3月末の特徴量が付いている行があります。
# 予測の時点では、まだ存在しない数字です。
# それでも結合は成功し、学習もできてしまいます。
#
# 番号が偶数の顧客で学習し、奇数の顧客で採点します。
# `HistGradientBoostingClassifier`は、前の木の外れを次の小さな木で直していく分類のモデルです。

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
# ここでも、採点するのは番号が奇数の顧客です。

# %%
answers = usage[["customer_id", "month_end", "churned"]]
february = features.merge(answers, on=["customer_id", "month_end"])
february = february[february["month_end"] == "2026-02-28"]


# %%
def score_in_use(model, rows=february):
    odd = rows[rows["customer_id"] % 2 == 1]
    return roc_auc_score(odd["churned"], model.predict_proba(odd[COLUMNS])[:, 1])


print(f"使い始めてから: AUC {score_in_use(latest_model):.3f}")

# %% [markdown]
# 大きく落ちました。
# 何が起きたのかを、6月末までの注文の合計が同じ2人で見ます。

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は月末、縦軸は注文の合計。6月末の破線で2人の合計は同じ。解約した人の線はそこで終わり、続けた人の線は3月末まで上がり続ける。それぞれの線の最後の印を囲む星が、最新の特徴量として付いた値"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.2, 3.2))
for customer_id, name, mark in ((100002, "続けた人", "o-"), (100111, "7月に解約した人", "s--")):
    one = features[features["customer_id"] == customer_id]
    ax.plot(one["month_end"], one["total_orders"], mark, label=name)
    ax.plot(one["month_end"].iloc[-1], one["total_orders"].iloc[-1], "r*", ms=18, mfc="none")
ax.axvline(pd.Timestamp("2025-06-30"), color="gray", ls=":")
ax.text(pd.Timestamp("2025-07-10"), 30, "6月末に予測する")
ax.set_xticks(features["month_end"].drop_duplicates().sort_values().iloc[1::2])
ax.set_xticklabels(["5月", "7月", "9月", "11月", "1月", "3月"])
ax.set(xlabel="月末", ylabel="注文の合計（total_orders）")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# 横軸は月末、縦軸は注文の合計です。
# 点線の6月末では、2人の合計は同じで印も重なり、合計では見分けが付きません。
# 赤い星で囲んだ最後の印が、前の担当者の結合で付いた値です。
# 解約した人の合計は6月で止まり、続けた人の合計は3月末まで積み上がります。
# 合計の少なさが「もう解約した」ことを教えるので、手元の点数は高くなります。
# 6月末の時点では、この人もまだ解約していません。
# 点線より右の手がかりは、使えないのです。
#
# 正しくは、**予測する時点までに分かっていた** 特徴量のうち、いちばん新しいものを付けます。
# この付け方を **時点をそろえた結合**（point-in-time join）と呼びます。
#
# 直したSQLは、練習1で書きます。
# 先にpandasで結果だけ見ておきます。
# `merge_asof`は、`by`の列が同じ行の中から、左の日付以前でいちばん近い行を選んで付けます。


# %%
def align(labels):
    return pd.merge_asof(
        labels.sort_values("as_of"),
        features.sort_values("month_end"),
        left_on="as_of",
        right_on="month_end",
        by="customer_id",
    ).sort_values(["customer_id", "as_of"], ignore_index=True)


# %%
aligned = align(labels)
aligned_model, aligned_auc = fit_and_score(aligned)
print(f"手元の採点: AUC {aligned_auc:.3f}")
print(f"使い始めてから: AUC {score_in_use(aligned_model):.3f}")

# %% [markdown]
# 手元の点数は下がり、使い始めてからの点数は上がりました。
# 2つの点数が近づいたので、手元の点数から、使ったときの点数の見当が付きます。
#
# 「時点」は、さきほどの「バージョン」とは別のものです。
#
# | | 表すこと | 選び方 |
# |---|---|---|
# | バージョン | 表がいつ書き換わったか | `VERSION AS OF`に番号を書く |
# | 時点 | その行の数字がいつ分かったか | `month_end`を`as_of`と比べる |
#
# 古いバージョンを読むだけでは、時点はそろいません。

# %% [markdown]
# ## 予測用の表を取り出す: バッチスコアリング【自習】
#
# たくさんの顧客をまとめて予測することを **バッチスコアリング**（batch scoring）と呼びます。
# 渡すのは顧客番号だけで、特徴量は表から引きます。
# 予測する側に、特徴量の計算を書かずに済みます。
# 3人について、2月末の時点で予測します。

# %%
asked = [100002, 100003, 100005]
keys = spark.createDataFrame([(number,) for number in asked], ["customer_id"])
keys.createOrReplaceTempView("targets")
found = spark.sql("""
    SELECT f.customer_id, f.orders, f.app_days, f.complaints_3m, f.total_orders
    FROM targets t JOIN customer_features f
      ON f.customer_id = t.customer_id AND f.month_end = DATE '2026-02-28'
    ORDER BY f.customer_id
""").toPandas()

# %%
for number in sorted(set(asked) - set(found["customer_id"].tolist())):
    last = features.loc[features["customer_id"] == number, "month_end"].max()
    print(f"2月末の行のない顧客: {number}（最後の行は{last:%Y年%m月%d日}）")
found.assign(chance=aligned_model.predict_proba(found[COLUMNS])[:, 1].round(3))

# %% [markdown]
# `chance`が翌月に解約する確率です。
# 3人を頼んで、返ってきたのは2人でした。
# もう1人は、最後の行の翌月に解約していて、2月末の行がありません。
# 結合は、行のない人を黙って落とします。
# 頼んだ人数と返った人数を、毎回突き合わせます。

# %% [markdown]
# ## 学習と予測の計算がずれていないか【自習】
#
# 予測の画面を作る別のチームが、特徴量の計算をJavaで書き直したとします。
# 2月末の結果が届いたので、特徴量テーブルの2月末の行と突き合わせます。
# ここでは、わざとずれを入れた表で代わりにします。

# %%
served = february.assign(app_days=(february["app_days"] / 7).round(1))
print({name: f"{(february[name] != served[name]).mean():.0%}" for name in COLUMNS})

# %% [markdown]
# 表の値と違う行の割合です。
# 違うのは`app_days`だけで、日数ではなく、週の数が届いていました。
# 学習と予測で特徴量の計算が食い違うことを **学習と予測のずれ**（training-serving skew）と呼びます。
# このまま予測すると、どうなるでしょうか。

# %%
skewed = score_in_use(aligned_model, served)
print(f"表の特徴量で予測: AUC {score_in_use(aligned_model):.3f}")
print(f"ずれた特徴量で予測: AUC {skewed:.3f}")

# %% [markdown]
# エラーは出ず、点数だけが落ちました。
# 落ち幅は小さく、点数だけを見ていたら、月ごとの揺れだと思って見過ごしそうです。
# 使い始めたばかりで答えがまだない時期には、点数そのものが出ません。
# 値を突き合わせれば、ほとんどの行が違うとすぐに分かり、答えを待たずに見つかります。
# 画面のチームも表から引くようにすれば、ずれは起こりません。

# %% [markdown]
# ## 1人分をすぐに返す: オンラインサービング【自習】
#
# アプリの画面は、目の前の1人の予測を、待たせずに出さなければなりません。
# 大きな表をSparkで調べるのは、1人分には向きません。
# そこで、最新の特徴量だけを、キーですぐに引ける置き場所に写します。
# 1人ずつの求めにその場で答えることを **オンラインサービング**（online serving）と呼びます。
#
# 手元では、Pythonに付属するSQLiteを使います。
# いつの値かが分かるように、月末の日付も写します。

# %%
import sqlite3

newest = features.loc[features["month_end"] == features["month_end"].max()]
newest = newest[["customer_id", "month_end", *COLUMNS]]
newest = newest.assign(month_end=newest["month_end"].dt.strftime("%Y-%m-%d"))
online = sqlite3.connect(":memory:")
online.execute(
    f"CREATE TABLE latest (customer_id INTEGER PRIMARY KEY, month_end, {', '.join(COLUMNS)})"
)
online.executemany("INSERT INTO latest VALUES (?, ?, ?, ?, ?, ?)", newest.values.tolist())
print(f"{len(newest)}人分を写しました。")


# %%
def look_up(customer_id):
    return online.execute("SELECT * FROM latest WHERE customer_id = ?", (customer_id,)).fetchone()


print(look_up(100002))
print(look_up(999999))

# %% [markdown]
# 左から、顧客番号、月末、4つの特徴量です。
# 登録したばかりの人や、解約した人には行がないので、`None`が返ります。
# 画面では「まだ予測できません」と出すなど、ないときの答えを決めておきます。
#
# 1人分を引くのに、どのくらいかかるでしょうか。
# SQLiteとSparkで同じ1人を10回ずつ引き、かかった時間の中央値を比べます。

# %%
import time


def milliseconds(look):
    costs = []
    for _ in range(10):
        start = time.perf_counter()
        look()
        costs.append((time.perf_counter() - start) * 1000)
    return float(np.median(costs))


# %%
customer = spark.table("customer_features").where("customer_id = 100002")
costs = {"SQLite": milliseconds(lambda: look_up(100002)), "Spark": milliseconds(customer.collect)}

# %%
for name, cost in costs.items():
    if cost < 1:
        print(f"{name}: 1ミリ秒より短い")
    elif cost <= 10:
        print(f"{name}: 1から10ミリ秒")
    else:
        print(f"{name}: 10ミリ秒より長い")

# %% [markdown]
# 1ミリ秒は1000分の1秒です。
# 数字そのものは動かすたびに変わるので、3つの大きさに分けて表示しました。
# Sparkは大勢をまとめて計算するのが得意で、1人分のために動かすと支度のほうが長くなります。
# 2つの置き場所は、次のように使い分けます。
#
# | | 特徴量テーブル（Delta） | オンラインの置き場所 |
# |---|---|---|
# | 持つもの | すべての月末 | 最新の1行だけ |
# | 得意なこと | まとめて読む、過去の時点に戻る | 1人分をすぐに返す |
# | 使い道 | 学習用の表（training dataset）の生成、バッチスコアリング | オンラインサービング |
#
# 右は写しなので、左を更新したら写し直します。
# 写し忘れると、画面だけが先月の値で予測し、これも学習と予測のずれになります。

# %% [markdown]
# ## Databricksでは何が加わるか【読むだけ】【自習】
#
# Databricksでは、主キーを宣言したUnity Catalogの表が、そのまま特徴量テーブルになります。
# ここで手で書いたことは、`FeatureEngineeringClient`に任せられます。
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
# `df`に渡すのは、`labels`のような、キーと時点と答えだけの表です。
# pandasではなく、Sparkの **DataFrame** にして渡します。
# 表の側で`month_end`を`TIMESERIES`と宣言し、`timestamp_lookup_key`に`as_of`を渡すと、時点をそろえた結合になります。
#
# | このレッスンで手で書いたこと | 任せる先 |
# |---|---|
# | 時点をそろえた結合 | `FeatureLookup`の`timestamp_lookup_key` |
# | どの表のどの列を使ったかの記録 | `fe.log_model`で残したモデルが覚え、リネージにも残る |
# | 予測の前に表から引くこと | `fe.score_batch`にキーと時点を渡す |
# | オンラインの置き場所への写し | `fe.publish_table`でDatabricks Online Feature Storeへ |
#
# このコードと表は文書で確かめただけで、実機では動かしていません。

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
# 月の途中の日でも働くように書いてください。
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
# ### 練習 2: 2つのモデルで使う特徴量を足す【自習】
#
# 2つのチームが「利用した月の数」を使いたいと言っています。
# `build_features`と同じ行に、列`months_used`を足して返す関数`build_features_v2(usage)`を書いてください。
# `months_used`は、顧客ごとに行を古い月から数えた番号で、最初の行を1とします。
# 間の月の行が抜けていても、番号は続けます。
# 計算を書き写さずに、中で`build_features(usage)`を呼び、その結果に列を1つ足します。
#
# <details><summary>ヒント</summary>
#
# `build_features(usage)`の結果は、顧客と月末の順に並んでいます。
# `groupby(列).cumcount()`は、グループの中で0から始まる番号を振ります。
#
# </details>

# %% 練習 2
build_features_v2 = ...

# %% 確認 2
check(2)

# %% [markdown]
# 練習3で突き合わせる、特徴量テーブルの2月末の行と、別のチームから届いた特徴量です。

# %%
february_rows = february[["customer_id", *COLUMNS]]
this_year = usage[usage["month_end"].between("2026-01-01", "2026-02-28")]
this_year = february_rows["customer_id"].map(this_year.groupby("customer_id")["orders"].sum())
delivered = february_rows.assign(total_orders=this_year, complaints_3m=0.0)
delivered.loc[delivered.index[:140], "orders"] += 1
delivered.loc[delivered.index[-110:], "app_days"] += 1

# %% [markdown]
# ### 練習 3: ずれた列を見つける【自習】
#
# `delivered`を、特徴量テーブルの2月末の行`february_rows`と突き合わせます。
# 2つの表の行は、同じ顧客の順に並んでいます。
#
# - `COLUMNS`の4列について、値の違う行の数を数え、`{"orders": 12, …}`のような辞書`mismatches`に入れる。
# - 違う行が、全体の1割を超える列の名前を、リスト`skewed_columns`に入れる。
#
# <details><summary>ヒント</summary>
#
# 本文では、`(february[name] != served[name]).mean()`で割合を求めました。
# 数を求めるには、`mean`を`sum`に替えます。
#
# </details>

# %% 練習 3
mismatches = ...
skewed_columns = ...

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
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
# 日付が食い違えば止まりそうに思えますが、結合の条件は顧客番号だけでした。
# 1人に1行ずつ付くので、エラーも警告も出ません。
#
# </details>
#
# **問 2.** 特徴量の計算を、使う側がそれぞれ書き直しています。
# 気づかれないまま予測が外れる原因になるのは、どれですか。
#
# <details><summary>ア. 計算の時間が余分にかかる</summary>
#
# 不正解です。
# 時間も無駄ですが、遅くても値が正しければ、予測は外れません。
#
# </details>
# <details><summary>イ. 同じ名前の列に、違う値が入る</summary>
#
# 正解です。
# 日数の列に週の数が入ってもエラーは出ず、AUCだけが落ちました。
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
# <details><summary>ウ. 最新の値で学習すれば、時点をそろえなくて済むから</summary>
#
# 不正解です。
# 置き場所が1つなら楽に見えますが、最新の値で学習すると、問1と同じことが起きます。
#
# </details>
#
# **問 4.** Databricksで、表に`PRIMARY KEY`を宣言しました。
# 重なった行を書き込むと、どうなりますか。
#
# <details><summary>ア. 書き込みが必ず断られる</summary>
#
# 不正解です。
# 多くのデータベースではそうですが、Databricksの表の主キーは印で、断りません。
#
# </details>
# <details><summary>イ. 同じキーの行が、新しい値に置き換わる</summary>
#
# 不正解です。
# キーで引く置き場所には、そう働くものもあります。
# Deltaの表では、置き換えたいときは`MERGE`を自分で書きます。
#
# </details>
# <details><summary>ウ. そのまま入るので、書き込む前に自分で調べる</summary>
#
# 正解です。
# `save_features`が、その検査をしています。
#
# </details>
#
# **問 5.** 特徴量テーブルを、毎月末に置き直しています。
# 6月末と9月末の予測を学習に使うため、9月末に置いた1つのバージョンを`VERSION AS OF`で読み、顧客ごとに最新の行を付けます。
# これで時点はそろいますか。
#
# <details><summary>ア. そろう。9月末に置いたバージョンには、それより後の行がないから</summary>
#
# 不正解です。
# 9月末の予測には合います。
# 6月末の予測には、7月から9月に分かった値が付いてしまいます。
#
# </details>
# <details><summary>イ. そろわない。行の日付と予測の時点を比べていないから</summary>
#
# 正解です。
# バージョンは表が書き換わった時の番号で、時点の代わりにはなりません。
# バージョンを選ぶことと時点をそろえることは、両方します。
#
# </details>
# <details><summary>ウ. バージョンを指定すると、結合はできない</summary>
#
# 不正解です。
# バージョンを指定して読んだ結果も表なので、結合できます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 特徴量の計算を1つの関数に書けば、モデルごとの食い違いがなくなります。
# - 特徴量テーブルは、主キーと時点を持つDeltaの表で、SQL、権限、バージョン、速さの調整が使えます。
# - 学習用の表は、予測する時点までに分かっていた特徴量だけで作ります。
# - 予測する側もキーだけで表から引けば、計算の食い違いによるずれは起こりません。
# - 1人分をすぐに返すには、最新の値を別の置き場所に写します。
#
# 次のレッスンでは、こうした仕組みを会社の中で広げる進め方を扱います。

# %%
check.summary()
