# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 20
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # モデル登録とバッチ推論
#
# モデルは決まりました。
# けれども、奈良さんが欲しいのはモデルではありません。
# 4月1日の朝に、声をかける人の一覧です。
# 来月の朝も、あなたが休んだ朝も、同じように出てこなければなりません。
#
# 「どのノートブックの、どのモデルだったか」を人が覚えている間は、仕事になりません。
# 手違いで二度動かしたら、同じ人に二度電話がかかります。
# 新しいモデルに困ったことが起きたら、すぐに前のものへ戻す必要もあります。
#
# このページでは、モデルに名前とバージョンを付けて登録し、3月末の顧客に予測を付けて表に保存します。
# 二度流しても増えない書き方と、コードを変えずに前のモデルへ戻す方法まで確かめます。

# %% [markdown]
# ## このレッスンで学ぶこと
#
# - モデルに名前とバージョンを付けて登録し、エイリアスで読み込む。
# - 署名が、どんな誤った入力を断るかを説明する。
# - 予測を、手元でも、分担しても付ける。
# - 二度流しても行が増えない書き方で、予測を表に入れる。
# - エイリアスを戻し、コードを変えずに前のモデルへ切り替える。

# %% [markdown]
# ## 選んだモデルを探す
#
# `open_selection`は、34で選んだランのIDと、声をかける確率の境目（しきい値）を返します。
# まだ選んでいなければ、34と同じものを選びます。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn")
spark.sql("USE churn")
print(f"使うスキーマは{spark.catalog.currentDatabase()}です。")

# %%
import churn_steps
import mlflow

churn_steps.open_features(spark)
selected_id, threshold = churn_steps.open_selection(spark)
selected = mlflow.get_run(selected_id)
print(f"選んだラン: {selected.info.run_name}、しきい値: {threshold}")

# %% [markdown]
# 比べるために、もう1つ使います。
# 先月まで使っていたのは、同じまとまり（タグの`batch`）のロジスティック回帰だった、とします。

# %%
batch = selected.data.tags["batch"]
previous_id = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' AND tags.mlflow.runName = 'logistic'"
).loc[0, "run_id"]

# %% [markdown]
# ## 名前とバージョンを付けて登録する
#
# **モデルレジストリ**（model registry）は、モデルに名前を付け、登録するたびにバージョン番号を振る場所です。
# 名前は、表と同じ「カタログ.スキーマ.モデル」の3つの部分で付けます。
# いまのカタログとスキーマから作るので、手元とDatabricksで同じコードが動きます。

# %%
model_name = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.churn_model"
print(model_name.split(".", 1)[1])

# %% [markdown]
# 先月までのモデルと、選んだモデルを、順に登録します。
# `runs:/ランのID/model`は、そのランが`model`という名前で保存したモデルを指します。
# 登録のたびに新しいバージョンができるので、何度か実行すると番号が増えていきます。
#
# 登録するとバージョン番号を知らせる文が出ます。
# 番号は実行のたびに変わるので、`redirect_stderr`で画面に出さないようにします。

# %%
import contextlib
import io
import logging

logging.getLogger("mlflow").setLevel(logging.ERROR)


def register(run_id):
    with contextlib.redirect_stderr(io.StringIO()):
        version = mlflow.register_model(f"runs:/{run_id}/model", model_name)
    return str(version.version)


# %%
previous_version = register(previous_id)
selected_version = register(selected_id)
print("後から登録したバージョンのほうが大きいか:", int(selected_version) > int(previous_version))

# %% [markdown]
# 33では、モデルと一緒に **署名**（signature）と **入力例**（input example）を保存しました。
# 署名は、入力と出力の列の名前と型です。
# バージョンに付いてきた署名と入力例を見ます。

# %%
info = mlflow.models.get_model_info(f"models:/{model_name}/{selected_version}")
for column in info.signature.inputs.inputs[:3]:
    print(column.name, column.type)
print(f"入力は全部で{len(info.signature.inputs.inputs)}列")

# %%
checker = mlflow.pyfunc.load_model(f"models:/{model_name}/{selected_version}")
checker.input_example.T.iloc[:4]

# %% [markdown]
# 入力例を見れば、初めての人でもどんな表を渡せばよいかが分かります。
# Unity Catalogは、署名のないモデルの登録を断ります。
# 使う人が、作った人に聞かなくても使えるようにするためです。
#
# 署名は、説明のためだけにあるのではありません。
# 注文の列を落とした表、注文に文字が入った表、注文を整数にした表を渡してみます。
# `checker`は、署名で入力を調べてから予測する形（pyfunc）で読み込んだモデルです。

# %%
from mlflow.exceptions import MlflowException

example = checker.input_example
for name, rows in {
    "そのまま": example,
    "列が足りない": example.drop(columns="orders"),
    "文字が入っている": example.assign(orders="2回"),
    "整数になっている": example.astype({"orders": int}),
}.items():
    try:
        print(f"{name}: {len(checker.predict(rows))}人分の予測")
    except MlflowException:
        print(f"{name}: 断られました")

# %% [markdown]
# 列が足りない表も、文字の入った表も、予測する前に断られました。
# `double`は小数です。
# 整数の表も断られたのは、桁の多い整数が、小数では正しく表せないためです。
# 署名がなければ、順番の違う列から、もっともらしい確率が出ることもあります。

# %% [markdown]
# ## エイリアスで「いま使うバージョン」を指す
#
# バージョン番号をコードに書くと、モデルを替えるたびにコードも直すことになります。
# そこで、バージョンに **エイリアス**（alias）という名札を付けます。
# 読む側は「`production`のエイリアスが付いたバージョン」とだけ書きます。

# %%
client = mlflow.MlflowClient()
client.set_registered_model_alias(model_name, "production", selected_version)

# %% [markdown]
# エイリアスの付いたバージョンを読み込みます。

# %%
loaded = mlflow.pyfunc.load_model(f"models:/{model_name}@production")
loaded.predict(example)

# %% [markdown]
# 返ってきたのは、0か1です。
# pyfuncの`predict`は、モデルの`predict`と同じものを返します。
# 境目は0.5なので、34で選んだしきい値が使えません。
# 確率が欲しいときは、scikit-learnのモデルとして読み込みます。

# %%
model = mlflow.sklearn.load_model(f"models:/{model_name}@production")
model.predict_proba(example)[:, 1].round(3)

# %% [markdown]
# 予測の行に残すため、エイリアスの付いたバージョン番号も取り出します。

# %%
model_version = str(client.get_model_version_by_alias(model_name, "production").version)
print("選んだバージョンか:", model_version == selected_version)

# %% [markdown]
# > **注意** 古い資料には、`Production`という **ステージ** を付ける方法が出てきます。
# > Unity Catalogではステージを使えません。
# > 代わりに、自由に名付けられるエイリアスを使います。

# %% [markdown]
# ## 3月末の顧客に予測を付ける
#
# まとめて予測することを **バッチ推論**（batch inference）と呼びます。
# まず、手元で付けてみます。

# %%
march = spark.table("churn_features").where("month = '2026-03-01'").orderBy("customer_id")
march_rows = march.toPandas()
local = model.predict_proba(march_rows[churn_steps.FEATURES])[:, 1]
print(f"{len(local):,}人に予測を付けました。平均は{local.mean():.1%}です。")

# %% [markdown]
# これまでの解約率と同じくらいの平均です。
# 大きく外れていたら、特徴量の作り方を疑う所でした。
#
# 千人や1万人なら、これで十分です。
# 何百万人もいると、`toPandas()`で手元のメモリーがあふれます。
# そこで、Sparkの作業役に分担してもらいます。
# `mapInPandas`は、表を小さなpandasの表に分け、作業役の所で関数に通します。
# 関数には小さな表が次々に渡され、返した表がつながって1つの表になります。
#
# `model`は関数の中で使われているので、関数と一緒に作業役へ届きます。
# 作業役がMLflowの記録を読めなくてもかまいません。

# %% tags=["scale"]
from pyspark.sql import functions as F

FEATURES = list(model.feature_names_in_)


def score(batches):
    for batch in batches:
        probability = model.predict_proba(batch[FEATURES])[:, 1]
        yield batch[["customer_id", "month"]].assign(churn_probability=probability)


# %% tags=["scale"]
scored = (
    spark.table("churn_features")
    .where("month = '2026-03-01'")
    .mapInPandas(score, "customer_id BIGINT, month DATE, churn_probability DOUBLE")
)

# %% [markdown]
# 手元の予測と同じでしょうか。

# %%
import numpy as np

spread = scored.orderBy("customer_id").toPandas()
print("人も確率も同じか:", np.allclose(spread["churn_probability"], local))
print("行数:", len(spread) == len(local))

# %% [markdown]
# ## 二度流しても増えない表に入れる
#
# 予測の表には、確率のほかに3つの列を付けます。
#
# | 列 | 意味 |
# |---|---|
# | contact | 声をかけるか（確率がしきい値以上か） |
# | model_version | 予測したバージョン |
# | scored_at | 予測した時刻 |
#
# 後の2つがあれば、「この人に電話したのは、どのモデルの判断か」に後から答えられます。

# %% tags=["scale"]
predictions = scored.select(
    "customer_id",
    "month",
    "churn_probability",
    (F.col("churn_probability") >= threshold).alias("contact"),
    F.lit(model_version).alias("model_version"),
    F.current_timestamp().alias("scored_at"),
)

# %% tags=["scale"]
spark.sql("""
    CREATE TABLE IF NOT EXISTS churn_predictions (
        customer_id BIGINT NOT NULL, month DATE NOT NULL, churn_probability DOUBLE,
        contact BOOLEAN, model_version STRING, scored_at TIMESTAMP
    )
""")
# %% [markdown]
# 表に足す（append）だけだと、二度流した時に同じ人の行が2つになります。
# そこで`MERGE`を使います。
# 顧客と月の組が同じ行があれば置き換え、なければ足す書き込みです。
# `ON`に書いた列が、同じ行かどうかを決めます。

# %% tags=["scale"]
predictions.createOrReplaceTempView("new_predictions")
merge = """
    MERGE INTO churn_predictions AS old USING new_predictions AS new
    ON old.customer_id = new.customer_id AND old.month = new.month
    WHEN MATCHED THEN UPDATE SET *
    WHEN NOT MATCHED THEN INSERT *
"""
merged = spark.sql(merge).collect()

# %% [markdown]
# 手違いで、もう一度流します。


# %%
def count_march():
    return spark.table("churn_predictions").where("month = '2026-03-01'").count()


before = count_march()
merged = spark.sql(merge).collect()
print(f"一度目の後 {before:,}行、二度目の後 {count_march():,}行")

# %% [markdown]
# 行は増えません。
# 何度流しても結果が同じになる性質を **べき等性**（idempotence）と呼びます。
# 途中で止まった処理を、迷わずやり直せます。

# %% [markdown]
# ## 奈良さんに渡す
#
# 表から読み戻し、声をかける人数と、見込みの損得を出します。
# 確率`p`の人に声をかけると、平均で`4800 × p − 1500`円でした。

# %%
spark.sql("""
    SELECT count(*) AS `声をかける人`,
           CAST(round(sum(4800 * churn_probability - 1500)) AS INT) AS `見込みの損得（円）`,
           round(min(churn_probability), 2) AS `いちばん低い確率`
    FROM churn_predictions WHERE month = '2026-03-01' AND contact
""").toPandas()

# %% [markdown]
# 「見込み」は、確率が正しければ平均でこのくらい、という値です。
# 本当の損得は、4月が終わってから数えます。
#
# 一覧は、確率の高い順に上の10人を見ます。
# 氏名は載せません。
# 電話をかける画面が、顧客番号から氏名を引きます。

# %%
spark.sql("""
    SELECT customer_id AS `顧客番号`, round(churn_probability, 2) AS `解約の確率`,
           orders AS `今月の注文`, complaints_3m AS `3か月の苦情`, tenure_months AS `契約の月数`
    FROM churn_predictions JOIN churn_features USING (customer_id, month)
    WHERE month = '2026-03-01' AND contact
    ORDER BY churn_probability DESC, customer_id LIMIT 10
""").toPandas()

# %% [markdown]
# 電話をかける人が、なぜこの人なのかを想像できるように、手がかりも並べました。
# ただし、この列が解約の理由だとは言えません。
# 「苦情があったからお電話しました」ではなく、「お困りのことはありませんか」と聞く材料です。

# %% [markdown]
# ## 前のモデルに戻す
#
# 4月1日の昼、選んだモデルに問題が見つかったとします。
# 前のバージョンにエイリアスを付け替え、同じ手順でもう一度流します。
# 手順を関数にまとめます。
# エイリアスのバージョンを読み、手元で予測し、同じ`MERGE`で入れるだけで、バージョン番号は書きません。


# %%
def score_and_merge():
    current = client.get_model_version_by_alias(model_name, "production")
    sklearn_model = mlflow.sklearn.load_model(f"models:/{model_name}@production")
    rows = march_rows[["customer_id", "month"]].assign(
        churn_probability=sklearn_model.predict_proba(march_rows[FEATURES])[:, 1]
    )
    table = spark.createDataFrame(rows).withColumns(
        {
            "contact": F.col("churn_probability") >= threshold,
            "model_version": F.lit(str(current.version)),
            "scored_at": F.current_timestamp(),
        }
    )
    table.createOrReplaceTempView("new_predictions")
    spark.sql(merge).collect()


# %%
def show_versions():
    names = {previous_version: "前のバージョン", selected_version: "選んだバージョン"}
    counts = spark.sql("""
        SELECT model_version, count(*) AS n, count_if(contact) AS contact
        FROM churn_predictions WHERE month = '2026-03-01'
        GROUP BY model_version ORDER BY model_version
    """).collect()
    for row in counts:
        print(f"{names.get(row.model_version, 'ほかのバージョン')}: {row.n:,}人、うち声をかける{row.contact}人")


# %%
client.set_registered_model_alias(model_name, "production", previous_version)
score_and_merge()
show_versions()

# %% [markdown]
# この後でエイリアスを戻すときも、変えるのはエイリアスだけで、予測する関数は1文字も変えません。
# 声をかける人数が変わったのは、しきい値が選んだモデルに合わせたものだからです。
# 長く戻すなら、しきい値も前のものに戻します。
#
# 問題は勘違いだったと分かり、選んだバージョンに戻します。

# %%
client.set_registered_model_alias(model_name, "production", selected_version)
score_and_merge()
show_versions()

# %% [markdown]
# 表には、いつもどれか1つのバージョンの予測だけが入っています。
# 前の予測を後で使うなら、上書きする前に別の表へコピーしておきます（Databricksで前のバージョンを読めるのは、初めの設定では7日の間です）。
#
# > **補足** Databricks Free Editionでモデルを登録すると、権限のエラーになるという報告があります。
# > そのときは、登録の前に環境変数`MLFLOW_USE_DATABRICKS_SDK_MODEL_ARTIFACTS_REPO_FOR_UC`を`True`にすると通ったと報告されています。
# > わたしたちは実機で確かめていません。

# %% [markdown]
# ## 練習
#
# 本番のエイリアスや表に触らないように、練習では`practice`というエイリアスと、別の表を使います。

# %%
from checks.lesson_35 import check

# %% [markdown]
# 本番のエイリアスを、選んだバージョンに合わせます。
# 練習で間違えて動かしたときも、このセルをもう一度実行すると戻ります。

# %%
client.set_registered_model_alias(model_name, "production", selected_version)

# %% [markdown]
# 練習1で使う表を用意します。
# 営業部が持ってきた2人分の表です。

# %%
from_sales = example.head(2).rename(columns={"app_days": "アプリの日数"})
from_sales["orders"] = from_sales["orders"].map("{:.0f}回".format)
from_sales.T

# %% [markdown]
# 練習3で使う表も用意します。
# 声をかけた結果の記録`call_results`には、4月1日の分が入っています。
# `today_calls`は、4月2日の分です。

# %%
schema = "customer_id BIGINT, called_on STRING, result STRING"
yesterday = [(100012, "2026-04-01", "不在"), (100031, "2026-04-01", "継続")]
today = [(100012, "2026-04-02", "継続"), (100044, "2026-04-02", "不在")]
spark.createDataFrame(today, schema).createOrReplaceTempView("today_calls")
spark.createDataFrame(yesterday, schema).write.mode("overwrite").saveAsTable("call_results")

# %%
spark.sql("SELECT * FROM today_calls ORDER BY customer_id").toPandas()

# %% [markdown]
# ### 練習 1: 断られない入力を作る【自習】
#
# `from_sales`は署名に合わず、`checker.predict`に渡すと断られます。
# 直すところは2つあります。
# 断られないように直した表を、pandasのDataFrameで`fixed`に入れてください。
# 数は、署名の`double`に合わせて小数にします。
# 営業部が書いた値そのものは変えません。
#
# <details><summary>ヒント</summary>
#
# `info.signature.inputs`の列の名前と型を、`from_sales`と見比べます。
# 文字列の列`column`から「回」を取るのは、`column.str.replace("回", "")`です。
#
# </details>

# %% 練習 1
fixed = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: エイリアスを付け替える【自習】
#
# 同僚が、前のバージョンを試したいと言っています。
# `previous_version`のバージョンに、`practice`というエイリアスを付けてください。
# 次に、`practice`のエイリアスから読み込んだscikit-learnのモデルを`practice_model`に入れます。
#
# <details><summary>ヒント</summary>
#
# 読み込む住所は`models:/モデルの名前@エイリアス`です。
#
# </details>

# %% 練習 2
practice_model = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 二度流しても増えないMERGEを書く
#
# 声をかけた結果の表`call_results`に、今日の分`today_calls`を入れます。
# 1人の顧客には、1日に1行だけが入ります。
# 今日の分は、途中で止まったので二度流されます。
# 二度目には、電話がつながって結果が変わった人もいます。
# 二度流しても行が増えず、結果が新しいほうに置き換わる`MERGE`の文を、文字列で`merge_calls`に入れてください。
# 明日からも同じ文を使うので、文の中に今日の日付は書きません。
#
# 表の列は`customer_id`、`called_on`、`result`です。

# %% 練習 3
merge_calls = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 電話は80人まで【自習】
#
# 4月は80人にしか電話できないことになりました。
# 表`churn_predictions`（いまは3月末の行だけです）から、確率の高い順に80人を選びます。
# 選んだ80人の見込みの損得（`4800 × 確率 − 1500`の合計、円）を`gain_of_80`に入れてください。
#
# <details><summary>ヒント</summary>
#
# SQLなら、`ORDER BY … DESC LIMIT 80`で選んだ表を、`FROM ( … )`の中に書いて合計します。
# pandasの表にしてから計算してもかまいません。
#
# </details>

# %% 練習 4
gain_of_80 = ...

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 予測するコードに、バージョン番号ではなくエイリアスを書きました。
# 良いことはどれですか。
#
# <details><summary>ア. モデルを替えるとき、予測するコードを直さずに済む</summary>
#
# 正解です。
# エイリアスを付け替えるだけで、次の実行から新しいバージョンが使われます。
#
# </details>
# <details><summary>イ. 予測が速くなる</summary>
#
# 不正解です。
# エイリアスは、どのバージョンを読むかを決めるだけです。
# 読み込んだ後の速さは変わりません。
#
# </details>
# <details><summary>ウ. 成績の良いバージョンが自動で選ばれる</summary>
#
# 不正解です。
# 自動で良いほうに移ると思いたくなる名前です。
# 付け替えるのは、人か、人が書いた規則です。
#
# </details>
#
# **問 2.** 署名のあるモデルに、列の順番だけが違う表を渡しました。
# どうなりますか。
#
# <details><summary>ア. 断られる</summary>
#
# 不正解です。
# 少しでも違えば断られそうですが、署名は列を名前で調べます。
#
# </details>
# <details><summary>イ. 名前で並べ直して、正しく予測される</summary>
#
# 正解です。
# 署名にある名前の列がそろい、型が合っていれば、順番は問いません。
#
# </details>
# <details><summary>ウ. 左から順に使われ、誤った予測になる</summary>
#
# 不正解です。
# 名前のない数の並びだけを渡すと起きることです。
# 署名は、それを防ぐためにあります。
#
# </details>
#
# **問 3.** `MERGE`の`ON`に、`customer_id`だけを書きました。
# 5月1日に4月末の予測を流すと、何が起きますか。
#
# <details><summary>ア. 3月末の予測が、4月末の予測に置き換わる</summary>
#
# 正解です。
# 顧客が同じなら同じ行とみなされ、先月の予測が残りません。
# 先月の予測は、当たったかを確かめるために要ります。
#
# </details>
# <details><summary>イ. 同じ人の行が2つになる</summary>
#
# 不正解です。
# 月が違えば足されると思いたくなります。
# `ON`に月がないので、月の違いは見られません。
#
# </details>
# <details><summary>ウ. 何も起きない</summary>
#
# 不正解です。
# 同じ行が見つかると、置き換えが起きます。
#
# </details>
#
# **問 4.** 予測を`mapInPandas`で付けるのは、どんなときですか。
#
# <details><summary>ア. どんなときでも、速いので使う</summary>
#
# 不正解です。
# 分担すると速そうですが、分けて届ける手間もかかります。
# 数千人なら、手元で付けるほうが速いこともあります。
#
# </details>
# <details><summary>イ. 手元のメモリーに載らないほど行が多いとき</summary>
#
# 正解です。
# 作業役が小さく分けて予測するので、手元に全部を集めずに済みます。
#
# </details>
# <details><summary>ウ. モデルがscikit-learnでないとき</summary>
#
# 不正解です。
# このページでは、scikit-learnのモデルを`mapInPandas`で使いました。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 登録すると、モデルに名前とバージョンが付きます。署名は、合わない入力を断ります。
# - エイリアスは、いま使うバージョンを指すエイリアスです。付け替えれば、コードを変えずにモデルが替わります。
# - 予測は、少なければ手元で、多ければ`mapInPandas`で分担して付けます。
# - `MERGE`なら、二度流しても行が増えません。
# - バージョンと時刻を行に残すと、後から判断の出どころをたどれます。
#
# 曖昧な願いが、4月1日の朝の一覧になりました。
# 次は、この仕事を毎月続けるための仕組みを、発展のレッスンで動かします。

# %%
check.summary()
