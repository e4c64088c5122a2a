# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 35
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # リネージと監査
#
# 2027年3月15日、法務の小林さんに、1通の手紙が届きました。
# 「去年の10月2日に、電話をもらいました。
# 解約しそうな人にかけていると、後で知りました。
# アンケートには『とても満足』と書いたのに、私の何を見て、そう決めたのですか」。
#
# 分析チームは、いまの表といまのモデルで、この人の9月末の確率を計算し直しました。
# 出てきたのは0.08で、電話をかける分かれ目の0.3125（31）に届きません。
# 「一覧に載るはずがない。手違いで電話したのでしょう」。
# 小林さんがそう書きかけたとき、奈良さんが10月1日の一覧を見つけました。
# そこにあった確率は、0.41です。
#
# どちらの計算も、間違ってはいません。
# 半年のあいだに、表は直され、モデルは替わっていたのです。
# ここでは、予測の1行から、その日の表とモデルまで戻り、0.41を作り直します。
# そのうえで、足すだけの記録が書き換えられることと、消した行がまだ読めることも、自分の手で確かめます。
#
# ## このレッスンで学ぶこと
#
# - 後で同じ値を作り直すために、予測の行に何を書いておくかを決める。
# - 1件の予測を、データ、コード、モデルまでたどり、計算し直す。
# - 変更データフィードで、後から直された行と、直す前の値を読む。
# - 足すだけの監査の表が書き換えられたことを見つける。
# - 消した行が、どこから、いつまで読めるかを言う。

# %% [markdown]
# ## 後で聞かれることを、先に書いておく
#
# 51の値上げの世界から、初めの6,000人を使います（2026年9月末までは、値上げの前です）。
# 2025年6月から10月までの行を特徴量の表に入れ、33の勾配ブースティングに学習させます。
# 52と62の会社が使うのはロジスティック回帰ですが、たどり方はモデルの種類によりません。

# %%
import churn_steps
import churn_trace
import pandas as pd
from churn_steps import FEATURES, THRESHOLD, rows_between
from churn_worlds import LEARNED, PRICE_RISE, make_world

world = make_world(n_customers=6_000, **PRICE_RISE)
world["month"] = world["month"].dt.date

# %% slide="notes"
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS lineage_and_audit")
used = spark.sql("USE lineage_and_audit")

# %% [markdown]
# 特徴量の表には、`delta.enableChangeDataFeed`を付けます（後の節で使います）。
# 書き込みに添える`userMetadata`は、表の変更履歴に残るメモです。


# %%
def append(table, rows, note):
    writer = spark.createDataFrame(rows).write.option("userMetadata", note)
    writer.mode("append").saveAsTable(table)


def newest(table):
    return spark.sql(f"DESCRIBE HISTORY {table} LIMIT 1").first()["version"]


def whole_table(version):
    rows = spark.sql(f"SELECT * FROM features VERSION AS OF {version}").toPandas()
    return rows.sort_values(["customer_id", "month"], ignore_index=True)


# %%
dropped = spark.sql("DROP TABLE IF EXISTS features")
created = spark.sql(f"""
    CREATE TABLE features ({churn_steps.FEATURE_TABLE_SCHEMA})
    TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')
""")
append("features", rows_between(world, LEARNED), "学習の5か月分")
learned_from = newest("features")
learning = whole_table(learned_from)

# %% [markdown]
# 学習では、データとコードの2つをランに残します。
#
# - データは、表の名前とバージョンを`log_input`で残します（17）。
# - コードは、`churn_steps`のソース（`inspect.getsource`が返す文字列）を、短い文字列（ダイジェスト、17）にしてタグに残します。
#
# 残す表の名前は、モデルの名前（`カタログ.スキーマ.churn_model`）の終わりを替えて作ります。
# モデルを残して登録するところは、入力例を付けないほかは24と同じなので、`churn_trace.log_model`にまとめてあります。

# %% slide="notes"
import hashlib
import inspect

import mlflow
from mlflow.data.delta_dataset_source import DeltaDatasetSource

model_name = churn_trace.open_registry(spark, "61_lineage_and_audit")
table_name = model_name.replace("churn_model", "features")
client = mlflow.MlflowClient()


# %%
def code_digest():
    return hashlib.sha256(inspect.getsource(churn_steps).encode()).hexdigest()[:12]


def fit(rows):
    model = churn_steps.make_model(churn_steps.candidates()["boosting"])
    return model.fit(rows[FEATURES], rows["churned"])


# %%
def register(rows, run_name, version=None):
    model = fit(rows)
    with mlflow.start_run(run_name=run_name):
        if version is not None:
            source = DeltaDatasetSource(delta_table_name=table_name, delta_table_version=version)
            data = rows[[*FEATURES, "churned"]]
            mlflow.log_input(mlflow.data.from_pandas(data, source=source, name="features"))
            mlflow.set_tag("code", code_digest())
        return churn_trace.log_model(model, rows, model_name)


# %%
first = register(learning, "10月1日に使うモデル", learned_from)
client.set_registered_model_alias(model_name, "production", first)

# %% [markdown]
# 10月1日の朝になりました。
# 9月末の行が届いたので、まず特徴量の表に足します（答えはまだ出ていないので、`churned`は空です）。
# 知ったきっかけが店頭の人には、アンケートを紙で配っています。
# そのうち関東の分は、満足度が逆の順（1は5、5は1）に入力されていました。
# 気づいている人は、まだいません。
# `if`は、このセルを2度動かしたときに、同じ行を2度足さないためのものです。

# %%
september = world[world["month"] == pd.Timestamp("2026-09-01").date()].assign(churned=float("nan"))
paper = (september["channel"] == "店頭") & (september["region"] == "関東")
reversed_score = september["survey_score"].mask(paper, 6 - september["survey_score"])
if newest("features") == learned_from:
    append("features", september.assign(survey_score=reversed_score), "9月末の行")

# %% [markdown]
# 予測の表は、1行が1件の予測です。
# 確率のほかに、モデルのバージョン、読んだ表のバージョン、予測した時刻を書きます。
# エイリアスの名前（`production`）ではなく番号を書くのは、指す先が替わるからです（35）。

# %%
read_features = churn_trace.features_reader(spark, "features")
load_model = churn_trace.model_loader(model_name)


def score(month, made_at):
    table_version = newest("features")
    model_version = str(client.get_model_version_by_alias(model_name, "production").version)
    rows = read_features(table_version, month)
    return rows[["customer_id", "month"]].assign(
        probability=load_model(model_version).predict_proba(rows[FEATURES])[:, 1],
        model_version=model_version,
        table_version=table_version,
        made_at=pd.Timestamp(made_at),
    )


# %%
made = spark.createDataFrame(score("2026-09-01", "2026-10-01 06:00"))
dropped = spark.sql("DROP TABLE IF EXISTS predictions")
made.writeTo("predictions").tableProperty("delta.appendOnly", "true").create()

# %% [markdown]
# 予測の表は、足すだけの表（`delta.appendOnly`、53）にします。
# 来月からは、`append`で足していきます。
#
# `read_features`は、`VERSION AS OF`で、決めたバージョンの、決めた月の行を読みます。
# 先に番号を調べ、その番号の表を読むので、書いた番号と読んだ中身は食い違いません。

# %% [markdown]
# ## 半年のあいだに、表とモデルが変わった
#
# 11月10日、逆の入力が見つかり、表が直されました。

# %%
wrong = paper & (reversed_score != september["survey_score"]) & september["survey_score"].notna()
columns = ["customer_id", "month", "survey_score"]
spark.createDataFrame(september.loc[wrong, columns]).createOrReplaceTempView("corrections")
merged = spark.sql("""
    MERGE INTO features AS old USING corrections AS new
    ON old.customer_id = new.customer_id AND old.month = new.month
    WHEN MATCHED AND old.survey_score != new.survey_score
        THEN UPDATE SET survey_score = new.survey_score
""").first()
now = newest("features")
print(f"直した行: {merged['num_updated_rows']}行、表のバージョンは{now}")

# %% [markdown]
# 12月31日には、値上げを学んだ候補が昇格し（52）、`production`もこれに替えました。
# 52の手順は、学習した月は残しましたが、表のバージョンもコードも残しませんでした。
# ここでも、残さずに登録します。

# %%
autumn = rows_between(world, ("2026-08-01", "2026-10-01"))
second = register(autumn, "12月に昇格したモデル")
client.set_registered_model_alias(model_name, "production", second)

# %% [markdown]
# ## いまの表と、いまのモデルでは作り直せない
#
# 手紙の人は、顧客番号100729です。
# まず、10月1日の記録を見ます。

# %%
predictions = spark.table("predictions").toPandas().sort_values("customer_id")
person = 100729
records = predictions[predictions["customer_id"] == person].set_index("customer_id")
record = records.iloc[0]
records

# %% [markdown]
# この人の確率を、表2通りとモデル2通りで計算し直します。
# 10月1日にメモリーへ読んだ表は使わず、番号から読み直します。

# %%
read_features = churn_trace.features_reader(spark, "features")
tables = {"その日の表": record["table_version"], "いまの表": now}
models = {"その日のモデル": record["model_version"], "いまのモデル": second}


def probabilities(rows, model_version):
    p = load_model(model_version).predict_proba(rows[FEATURES])[:, 1]
    return pd.Series(p, rows["customer_id"])


# %%
rows_of = {name: read_features(version, record["month"]) for name, version in tables.items()}
everyone = {(t, m): probabilities(rows_of[t], models[m]) for t in tables for m in models}
four = pd.DataFrame({m: {t: everyone[t, m][person] for t in tables} for m in models})
four.round(3)

# %% [markdown]
# 記録と同じなのは、その日の表とその日のモデルの組だけです。
# 片方だけを戻しても、0.41にはなりません。
# ほかの3つは、どれも分かれ目の0.3125より低く、「一覧に載るはずがない」という返事になるところでした。

# %% tags=["figure"] mystnb={"image": {"alt": "2026年10月から2027年3月までの時間の図。上の段は特徴量の表で、11月10日にバージョン2から3へ変わる。下の段はproductionのモデルで、12月31日に1から2へ替わる。10月1日の縦線は表2とモデル1、3月の縦線は表3とモデル2を通る"}}
from figures.lineage_audit import draw_timeline

draw_timeline()

# %% [markdown]
# 横は月で、上の段が特徴量の表、下の段が`production`のモデルのバージョンです。
# 左の縦線は表2とモデル1、右の縦線は表3とモデル2を通り、記録と同じ確率になるのは左の組だけです。

# %% [markdown]
# ## その月の全員で、差が0になるか
#
# 1人だけの偶然ではないことを、9月末の全員で確かめます。

# %%
stored = predictions.set_index("customer_id")["probability"]
for name in tables:
    gap = (everyone[name, "その日のモデル"] - stored).abs()
    print(f"{name}: {len(gap):,}人のうち、差があるのは{(gap > 0).sum()}人、最大{gap.max():.3f}")

# %% [markdown]
# その日の表では、差は全員で0です。
# 四捨五入した0ではなく、最後の桁まで同じ値です（行の並びや道具のバージョンを替えると、最後の桁が動くモデルもあります）。
# いまの表では、ちょうど直された人だけが違います。
#
# 直された行は、行がどう変わったかを残す変更データフィード（change data feed、CDF、54）で読めます。
# `table_changes`に表の名前と番号を渡すと、その番号のバージョンからの変更が並びます。
# 知りたいのは、予測に使ったバージョンより後の変更なので、番号に1を足して渡します。

# %%
changes = spark.sql(f"""
    SELECT customer_id, _change_type, _commit_version, survey_score, orders, tenure_months
    FROM table_changes('features', {record["table_version"] + 1}) ORDER BY customer_id, _change_type DESC
""").toPandas()
print(changes.groupby("_change_type").size().to_dict())
changes[changes["customer_id"] == person]

# %% [markdown]
# 1行の訂正が、直す前（`update_preimage`）と直した後（`update_postimage`）の2行になります。
# この人の満足度は、あの日の表では1、本当は5でした。
# あの日のモデルが見ていたのは、21か月続けていて、9月の注文が1回で、満足度が1という人だったのです。
#
# どの値がどれだけ効いたのかは、まだ言えません。
# それでも、満足度だけを直した計算（4つの確率の左下）では分かれ目に届かないので、「正しく入力されていれば、電話していません」とは言えます。

# %% [markdown]
# ## データ、コード、モデルまでたどる
#
# 予測の行には、モデルの番号があります。
# 番号からランへ、ランから学習の表とコードへ、24と同じ道をたどります。


# %%
def made_from(model_version):
    run = client.get_run(client.get_model_version(model_name, model_version).run_id)
    found = {"ラン": run.info.run_name, "学習の表": None, "コード": None}
    for one in run.inputs.dataset_inputs:
        source = mlflow.data.get_source(one)
        found["学習の表"] = (source.delta_table_name.split(".")[-1], source.delta_table_version)
    if "code" in run.data.tags:
        found["コード"] = "いまと同じ" if run.data.tags["code"] == code_digest() else "違う"
    return found


# %%
pd.DataFrame({f"バージョン{version}": made_from(version) for version in (first, second)})

# %% [markdown]
# バージョン1は、学んだ表のバージョンと、`churn_steps`のコードが今と同じことまで言えます（道具のバージョンと、このノートブックの`fit`は含みません）。
# 仕事では、学習のコードをすべてGitに置き、コミットの番号を残します（42）。
# バージョン2は、ランから先が空です。
# 学習した月は、52の記録から分かります。
# ところが、月の範囲だけでは、後で表が直されたときに、どの中身で学んだのかが決まりません。

# %% tags=["figure"] mystnb={"image": {"alt": "予測の1行を中心にした図。元の4つの表から特徴量の表へ、特徴量の表バージョン1からランとモデルのバージョン1へ、特徴量の表バージョン2とモデルから予測の1行へ、予測から電話の一覧へ矢印が進む。特徴量の表からランと予測へ向かう2本は、toPandasを通るので破線。コードからランへも矢印がある"}}
from figures.lineage_audit import draw_trace

draw_trace()

# %% [markdown]
# 1件の予測のリネージ（23）です。
# 左上の「元の4つの表」は、32のように、特徴量の表をSparkで作る会社のものです（ここでは、できあがった行を入れました）。
# 破線の2本は`toPandas()`を通る所で、計算はノートブックのメモリーの中で進みます。
# Databricksが自動で残すのは、SQLかSparkのDataFrameの処理なので、この2本はつながるとは限りません（23）。
# しかも、自動の記録が言うのは「どの表か」までで、リネージのシステムテーブルに、表のバージョンの列はありません。
# 作り直すための番号は、自分で書きます。
#
# | 予測までの道 | Databricksが自動で残すもの | 自分で書いたもの |
# |---|---|---|
# | 元の表 → 特徴量の表 | 表と列のリネージ | `userMetadata` |
# | 特徴量の表 → ラン | `log_input`を呼べば、モデルとのつながり | 表のバージョン |
# | コード → ラン | Gitフォルダーなら、コミットの番号のタグ | ダイジェスト |
# | 特徴量の表、モデル → 予測 | 表を読み、表に書いたこと | `table_version`、`model_version` |
#
# 問い合わせのたびに、同じことを手でしなくて済むように、1つの関数にします。
# 電話の時刻までに作った予測から、いちばん新しいものを選び、その番号の表とモデルで計算し直します。
# 関数は練習1で書くので、ここでは同じ働きのものを先に使います。

# %%
called_at = pd.Timestamp("2026-10-02 10:00")
pd.Series(churn_trace.explain(predictions, person, called_at, read_features, load_model))

# %% [markdown]
# `stored`は記録の値、`rebuilt`は計算し直した値で、同じになりました。

# %% [markdown]
# ## 返事を書く
#
# 小林さんの返事は、次のようになりました。
#
# > 9月のアンケートで、満足度を誤って1と入力していました。
# > その値を使って、当時のモデルが、解約の確率を0.41と計算しました。
# > 11月に正しい5へ直しており、正しく入力していれば、お電話はしていません。
#
# 作り直せるのは、この人の1行だけではありません。
# 同じ誤りのあった全員に、同じことを聞けます。

# %%
corrected = september.loc[wrong, "customer_id"]
called = stored[corrected] >= THRESHOLD
should = everyone["いまの表", "その日のモデル"][corrected] >= THRESHOLD
extra, lost = (called & ~should).sum(), (~called & should).sum()
print(f"{len(corrected)}人のうち、一覧に載った{called.sum()}人、正しければ載らなかった{extra}人")
print(f"載るはずだったのに、載らなかった{lost}人")

# %% [markdown]
# 手紙を書いた人のほかにも、誤った値で一覧に載った人と、載らなかった人がいます。
# 小林さんは、満足度を誤って記録していたことを、71人の全員に知らせることにしました。

# %% [markdown]
# ## システムテーブルで答えられること【読むだけ】【自習】
#
# Databricksには、操作や使用量の記録が、会社の全体から集まる **システムテーブル**（system tables）があります。
# 監査ログ（23）も、その1つです。
# 特徴量の表を、どのジョブが読み、どこへ書いたかは、次のように聞きます。
#
# ```sql
# SELECT event_time, created_by, entity_type, entity_id, target_table_full_name
# FROM system.access.table_lineage
# WHERE source_table_full_name = 'prod.churn.features'
#   AND event_date BETWEEN '2026-09-30' AND '2026-10-02';
# ```
#
# | 手紙の問い | 答える所 |
# |---|---|
# | 一覧を作ったのは、どのジョブか | `table_lineage`の`entity_type`と`entity_id` |
# | `production`を替えたのは誰か | 監査ログ（`system.access.audit`） |
# | どの列が使われたか | `column_lineage`（捉えられた処理だけ） |
# | どの行の、どの値を見たか | 答えられない。予測の行に書いた番号から、表を読み直す |
#
# システムテーブルはDatabricksが書き込む表なので、次の節の、自分たちの監査の表とは別の証拠になります。
# 上の3つの表が残る期間は、1年ほどです（文書では365日か395日）。
# リネージは、2024年9月1日より後のものなら、1年を過ぎてもカタログエクスプローラーで見られます。
# 読むには管理者の許可が必要で、Free Editionでは読めないことがあります。
#
# > **Databricksでは** カタログエクスプローラーの「リネージ」に、自動で残った線が図で出ます。
# > 変更データフィードには、表ごとの設定がいらない自動の方法も、プレビューとして加わりました。
# > このレッスンのDatabricksの話は、文書とMLflowのコードで確かめたことで、実機では動かしていません。

# %% [markdown]
# ## モデルも作り直せるか【自習】
#
# 登録したモデルのファイルが失われたときのことも、試しておきます。
# ランに残した表のバージョンとコードから、学習し直します。

# %%
_, table_version = made_from(first)["学習の表"]
again = fit(whole_table(table_version))
chances = [
    m.predict_proba(rows_of["その日の表"][FEATURES])[:, 1] for m in (again, load_model(first))
]
gap = abs(chances[0] - chances[1])
print("差の最大:", gap.max())

# %% [markdown]
# 行の並びをそろえ、同じ道具で学習すれば、モデルも同じになります。
# 道具のバージョンが違えば、同じとは限りません。
# だから、モデルのファイルは消さず、道具のバージョンも一緒に残します（24の`pip_requirements`）。

# %% [markdown]
# ## 監査の記録を、足すだけの表に書く
#
# 返事は書けましたが、`production`を替えた理由のように、どの表の履歴にも載らないことがあります。
# 変更履歴のメモ（`userMetadata`）も、表への書き込みにしか付けられず、履歴と一緒に消えます。
# こうしたことのために、分析チームは、10月から監査の表を書いていました。
# 誰がいつ何をなぜしたかを、1行ずつ足す表です。

# %%
dropped = spark.sql("DROP TABLE IF EXISTS audit")
created = spark.sql("""
    CREATE TABLE audit
    TBLPROPERTIES ('delta.appendOnly' = 'true', 'delta.enableChangeDataFeed' = 'true')
    AS SELECT * FROM VALUES
    (1, '2026-10-01 06:00', '予測ジョブ', '9月末を予測（モデル1、表2）', '毎月の一覧'),
    (2, '2026-11-10 14:20', 'データ係', '特徴量の表を訂正（71行）', '紙の満足度を逆に入力'),
    (3, '2026-12-31 21:00', '再学習ジョブ', 'productionを1から2へ', '値上げを学んだ候補が合格')
    AS t (number, at, who, what, why)
""")

# %% [markdown]
# 1月に、この表の2行目を見た人が、行数の書き間違いだと思い込みました。
# 直された71人のうち、電話の一覧に載っていたのは20人だからです。
# その人は「71行」を「20行」に直そうとし、断られます。

# %%
FIX = "UPDATE audit SET what = '特徴量の表を訂正（20行）' WHERE number = 2"
try:
    spark.sql(FIX).collect()
except Exception as error:
    print(str(error).split("]")[0] + "]")

# %% [markdown]
# 足すだけの表（53）なので、1行も変わりません。
# ところが表に書ける人なら、設定を外し、直し、また付けられます。
# Unity Catalogでは、持ち主でなくても、表に書く権限（`MODIFY`、23）があれば足ります。
# 行を足す人に、`MODIFY`の代わりに`INSERT`（と`SELECT`）を渡せば、設定は変えられません。
# ただし、分けて渡す機能は、2026年11月の時点でベータです。


# %%
def append_only(value):
    spark.sql(f"ALTER TABLE audit SET TBLPROPERTIES ('delta.appendOnly' = '{value}')")


append_only("false")
fixed = spark.sql(FIX).collect()
append_only("true")

# %% [markdown]
# 行は増えも減りもせず、設定も元どおりです。
# 表を眺めただけでは、気づけません。
# それでも、変更履歴と変更データフィードには残ります。

# %%
history = spark.sql("DESCRIBE HISTORY audit").toPandas().sort_values("version")
history[["version", "operation", "userName"]]

# %%
feed = spark.sql("SELECT * FROM table_changes('audit', 1)").toPandas()
feed.sort_values("_change_type", ascending=False)[["number", "what", "_change_type"]]

# %% [markdown]
# 足すだけの表の履歴に、`UPDATE`のような行を変える操作や、設定の変更があれば、人が調べます。
# 手元では空の`userName`に、Databricksでは操作した人が入ります（23）。
# 悪意があったとは限らないので、直し方を決めておきます。
# 間違えた行は変えず、「2行目は、正しくは…」という行を足します。
#
# 履歴も、期間が過ぎれば消えます。
# 表を`DROP`して作り直されれば、新しい表に前の履歴はありません。
# だから、記録を守るのは設定ではなく、書いた人の手の届かない所にある控えです。
# たとえば、毎日増えた行を、法務のジョブだけが書けるスキーマにコピーし、表と食い違わないかを調べます。
# その日のうちに直された行は控えにも元の値が残らないので、変更データフィードも一緒にコピーします。

# %% [markdown]
# ## 消してほしいと言われたデータが、まだ読める
#
# 返事を読んだ人から、2通目の手紙が届きました。
# 「分かりました。では、私の記録を消してください」。

# %%
print("消した行:", spark.sql(f"DELETE FROM features WHERE customer_id = {person}").first()[0])
before = spark.sql(f"SELECT * FROM features VERSION AS OF {now} WHERE customer_id = {person}")
print("1つ前のバージョンの行:", before.count())

# %% [markdown]
# 学習に使った5か月分と9月末の、6行が消えました。
# ところが、1つ前のバージョンには、6行ともまだあります。
# `DELETE`は、行のない新しいバージョンを作っただけだからです（14）。
# さきほど0.41を作り直せた仕組みが、今度は消すことを妨げます。
#
# 予測の表からは、足すだけの設定を外さないかぎり、消すことさえできません。

# %%
try:
    spark.sql(f"DELETE FROM predictions WHERE customer_id = {person}").collect()
except Exception as error:
    print(str(error).split("]")[0] + "]")

# %% [markdown]
# 行は残して番号だけを空にすること（54）も、足すだけの表では断られます。
# この人の行が残る所は、ほかにもあります。
#
# | 残る所 | なくすには |
# |---|---|
# | 前のバージョンと変更データフィード | 保持期間を待ち、`VACUUM`でファイルを消す。印だけで消す設定（削除ベクトル、deletion vector）の表では、先に`REORG TABLE … APPLY (PURGE)`で、その行のないファイルに書き直す |
# | 足すだけの表 | 設定を付けたままでは消せず、外して消せば、書き換えと見分けにくい。初めから、本人の番号を書かない |
# | MLflowの入力例（`input_example`） | 実在の人の行を使わず、作った行にする |
# | コピー、書き出したファイル、監査の文 | 一覧を作り、同じ日に消す |
# | この人の行から学んだモデル | 消しても、モデルの中には影響が残る。学習し直すかを法務と決める |
#
# 作り直せることと、消せることは、同じ表では両立しにくいのです。
# そこで、予測と監査の表には、顧客番号の代わりに仮の番号を書きます（特徴量の表からは、これまでどおり行を消します）。
# 顧客番号と仮の番号を結ぶのは、別に持つ1つの対応表だけです。
# これを **仮名化**（pseudonymization）といいます。
# 対応表は足すだけにせず、保持期間も短くしておき、頼まれたら、その人の1行を消します。
# ただし、残った値の組み合わせから本人が分かるなら、消したことにはなりません。
#
# 何を何日残し、何を消すかは、法律と会社の決まりで決まります。
# 小林さんと決めてから、表の設定にします。

# %% tags=["figure"] mystnb={"image": {"alt": "11月10日の訂正から何日後まで残るかの横棒。直す前の行のファイルは7日、訂正したという変更履歴は30日、リネージと監査ログは1年ほど。手紙が届いた125日後の縦線を越えるのは、リネージと監査ログ、予測の表、月ごとのコピー"}}
from figures.lineage_audit import draw_retention

draw_retention()

# %% [markdown]
# 訂正した11月10日から数えた、Databricksの初めの設定での期間です（予測の表とコピーの期間は、会社の決まりによります。7日の棒は、見えるように長くしました）。
# 直す前の行のファイルは、`MERGE`で表から外れて7日を過ぎると`VACUUM`で消えます（削除ベクトルの表では、先に`REORG`が必要です）。
# 訂正の履歴も、30日を過ぎると消えていきます。
# 手紙の届いた3月15日（縦線）には、直す前の行も、直したという履歴も、あてにできません。
# しかも、予測に使ったバージョン2の履歴は、訂正した日ではなく、できた10月1日から数えます。
# だから、40日後の訂正の日には、もう30日を過ぎていました。
# 管理テーブルなら、7日の保持期間より前のバージョンは、ファイルが残っていても断られます（14）。
# このレッスンで作り直せたのは、手元の表が、いま作ったばかりだからです。
# 本番で同じことをするには、保持期間を延ばすか、コピーを残します（14）。

# %% [markdown]
# ### タイムトラベルに頼らない【自習】
#
# 1年後にも答えたいなら、選び方は3つあります。
#
# | 方法 | よい所 | 困る所 |
# |---|---|---|
# | 保持期間を延ばす（ファイルと履歴の両方） | 読み方が変わらない | 全部の変更のファイルが残り、消すのも遅れる |
# | 予測に使った行を、毎月コピーする | 必要な列と月だけを、決めた日に消せる | コピーの分だけ、消す所が増える |
# | 訂正を上書きせず、記録した時刻を付けた行として足す | いまの表だけで、どの日の値も選べる（25の、時点をそろえた結合） | 読むたびに、最新の行を選ぶ |
#
# 3つ目の表なら、直した行だけが増えます。
# 「10月1日の6時までに記録された中で、いちばん新しい行」を選べば、逆の入力のままの値が出てきます。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_61 import check

# %% [markdown]
# ### 練習 1: 電話した時の予測を作り直す
#
# 本文で使った`churn_trace.explain`と同じ働きの関数`explain`を書いてください。
#
# - `predictions`: 予測の表（本文の`predictions`と同じ列。行の順は決まっていません）
# - `customer_id`、`at`: 顧客番号と、電話の時刻
# - `read_features(table_version, month)`: 決めたバージョンの、決めた月の特徴量の表を返す関数
# - `load_model(model_version)`: `predict_proba`のあるモデルを返す関数
#
# 使っていたのは、`made_at`が`at`より前か、ちょうど同じ予測のうち、いちばん新しいものです（同じ日に、モデルを戻して予測し直すこともあります）。
# 無ければ`None`を返します。
# あれば、次のキーの辞書を返します。
#
# | キー | 値 |
# |---|---|
# | `month`、`model_version`、`table_version` | その予測の行にある値 |
# | `stored` | その予測の行の確率 |
# | `rebuilt` | その表とそのモデルで計算し直した、解約の確率 |
#
# <details><summary>ヒント</summary>
#
# 顧客番号と時刻で行を絞り、`sort_values("made_at")`の最後の行を取り出します。
# 特徴量の表には、その月の全員が入っています。
# `predict_proba(…)[:, 1]`が、解約の確率です。
#
# </details>


# %% 練習 1
def explain(predictions, customer_id, at, read_features, load_model): ...


# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 監査の記録の、書き換えられた行を見つける【自習】
#
# 足すだけのはずの監査の表から、変更データフィード`changes`を取り出しました。
# 列は、本文の監査の表の5列と、`_change_type`、`_commit_version`です。
#
# 番号（`number`）をキー、`"書き換え"`か`"削除"`を値とする辞書を返す関数`tampered`を書いてください。
# 2番を書き換え、4番を消した表なら、`{2: "書き換え", 4: "削除"}`を返します。
#
# - `delete`のある番号は、`"削除"`です（前に書き換えられていても、後で同じ番号が足し直されていても）。
# - `update_preimage`（直す前）と`update_postimage`（直した後）で、5列のどれかが違う番号は、`"書き換え"`です。同じ値で上書きしただけなら、入れません。空の値（`None`）どうしは、同じ値です。
# - 1度でも値が変わっていれば、後で元に戻っていても`"書き換え"`です。
# - 1つの番号が何度も変わったときは、`_commit_version`が同じ2行が、1度の操作の前と後です。番号が変わることはありません。
#
# <details><summary>ヒント</summary>
#
# `changes.groupby(["number", "_commit_version"])`で、1度の操作の、1つの番号の行に分かれます。
# `drop_duplicates()`は、同じ値の行を1つにまとめます。
#
# </details>


# %% 練習 2
def tampered(changes): ...


# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 消したはずの人が残る表を探す【自習】
#
# `stores`は、名前をキー、pandasの表（DataFrame）のリストを値とする辞書です。
# リストは古いバージョンから順に並び、最後がいまの表です。
# 番号の列の名前は表によって違い、`ids`に書いてあります（`ids["calls"]`が`"user_id"`など）。
# 番号は、整数の表も、文字列の表もあります。
#
# `(今も残る表, 前のバージョンにだけ残る表)`の、名前の集合2つの組を返す関数`find_person`を書いてください。
#
# <details><summary>ヒント</summary>
#
# `astype(str)`で、整数の列も文字列になります。
# 番号は、全体が同じかどうかで比べます。
#
# </details>


# %% 練習 3
def find_person(stores, ids, customer_id): ...


# %% 確認 3
check(3)

# %% [markdown]
# 練習4で使う、8つの会社の例です。
# 「その後の行」は、予測に使った行が、予測したその日のうちにどうなったかです（ファイルの日数も、同じ日から数えられます）。
# 「コピー」は、予測に使った行が、別の表にもあるかです。
# 「聞かれた日」と2つの保持期間は、どれも予測した日から数えた日数です。

# %%
cases = pd.DataFrame(
    [
        ("A", 5, 7, 30, "直された", "なし"),
        ("B", 20, 7, 30, "直された", "なし"),
        ("C", 165, 400, 30, "直された", "なし"),
        ("D", 165, 400, 400, "直された", "なし"),
        ("E", 165, 7, 30, "そのまま", "なし"),
        ("F", 165, 7, 30, "消された", "なし"),
        ("G", 165, 7, 30, "直された", "あり"),
        ("H", 500, 400, 400, "直された", "なし"),
    ],
    columns=["会社", "聞かれた日", "ファイルの保持", "履歴の保持", "その後の行", "コピー"],
).set_index("会社")
cases

# %% [markdown]
# ### 練習 4: 聞かれた日に、作り直せるか【自習】
#
# 8つの会社で、聞かれた日に、予測に使った行の値を確かめられますか。
# 会社の名前をキー、`True`か`False`を値とする辞書を`answerable`に入れてください。
#
# - 前のバージョンを読めるのは、ファイルも履歴も、保持期間の中のときです（どの会社も、過ぎたものはすぐ消えるとします）。
# - 予測に使ったモデルと、表のバージョンは、どの会社も記録してあります。行が直されたか、消されたかも分かっています。
# - 行がそのままなら、いまの表の値が、予測に使った値です。

# %% 練習 4
answerable = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ..., "G": ..., "H": ...}

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 予測の表に、モデルのバージョンの代わりに、エイリアスの名前`production`を書いていました。
# 半年後に、あの日の確率を計算し直そうとすると、どうなりますか。
#
# <details><summary>ア. いまの<code>production</code>から番号が分かり、同じモデルを読める</summary>
#
# 調べて分かるのは、いま指しているバージョンです。
# あの日に指していたバージョンは、替えた記録が別に残っていなければ分かりません。
#
# </details>
# <details><summary>イ. モデルは残っていても、どれを読めばよいかが決まらない</summary>
#
# 正解です。
# 名前の指す先は替わるので、番号を書きます。
#
# </details>
# <details><summary>ウ. <code>production</code>から外れたバージョンなので、もう読み込めない</summary>
#
# エイリアスが外れると使えなくなる、と考えた人の答えです。
# 外れたバージョンも、番号を指定すれば読み込めます。
#
# </details>
#
# **問 2.** Unity Catalogのリネージの図に、特徴量の表からモデルへの線がありました。
# この線だけから言えることはどれですか。
#
# <details><summary>ア. その表の、どのバージョンの行で学習したか</summary>
#
# 図が詳しく見えるので、そこまで分かる気がします。
# 線が結ぶのは表とモデルの名前で、行の中身は決まりません。
#
# </details>
# <details><summary>イ. いまの表から学習し直せば、同じモデルになること</summary>
#
# 線があるなら同じものが出る、とは限りません。
# 表が直されていれば、違うモデルになります。
#
# </details>
# <details><summary>ウ. その表を直したら、調べ直すモデルの候補であること</summary>
#
# 正解です。
# 影響を受けるかもしれないものを探すのに役立ちます。
# 同じ値を作り直すには、バージョンの番号が必要です。
#
# </details>
#
# **問 3.** 監査の表に`delta.appendOnly`を付けました。
# まだ防げないことはどれですか。
#
# <details><summary>ア. 表に書ける人が、設定を外してから行を直すこと</summary>
#
# 正解です。
# だから、書く人の手の届かない所にも控えを送ります。
#
# </details>
# <details><summary>イ. ジョブが、条件を間違えた<code>DELETE</code>を実行すること</summary>
#
# 間違いは何でも起きる、と考えた人の答えです。
# 設定が付いている間は、行を消す操作は断られます。
#
# </details>
# <details><summary>ウ. 誰かが、同じ行を<code>MERGE</code>で上書きすること</summary>
#
# `MERGE`は足す操作だから通る、と思うかもしれません。
# ある行を変える分は、`UPDATE`と同じように断られます。
#
# </details>
#
# **問 4.** 頼まれた顧客の行を`DELETE`し、いまの表では0行になりました。
# 「もう誰も読めません」と返事をする前に、ほかに確かめることはどれですか。
#
# <details><summary>ア. 変更履歴に、<code>DELETE</code>と消した行の数が残っていること</summary>
#
# 消す操作をした証拠にはなります。
# けれども、その1つ前のバージョンからは、消した行をまだ読めるかもしれません。
#
# </details>
# <details><summary>イ. 前のバージョンや入力例に、その人の行が残っていないこと</summary>
#
# 正解です。
# 消す所の一覧を、あらかじめ作っておきます。
#
# </details>
# <details><summary>ウ. その行から学習したモデルが、すべて削除されていること</summary>
#
# モデルに影響が残るのは本当ですが、この勾配ブースティングは、行そのものを持っていません（行を持つモデルもあります）。
# 学習し直すかどうかは、法務と決める別の問いです。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 予測の行に、モデルのバージョン、表のバージョン、時刻を書いておけば、同じ値を作り直せます。
# - 自動のリネージは「どの表か」まで、それも`toPandas()`で切れることがあります。番号は自分で書きます。
# - 変更データフィードは、直す前と直した後の値を残します。
# - 監査の表は足すだけにし、書く人の手の届かない所にも控えを送ります。
# - `DELETE`した行は、前のバージョンに残ります。残す期間と消す手順を、一緒に決めます。
#
# 1件の予測に答えられたら、次は、全員に約束できることを考えます。
#
# - 誰に当たり、誰に当たらないかを測り、1枚のカードにまとめるのは、[[62_fairness_and_model_card]]

# %%
check.summary()
