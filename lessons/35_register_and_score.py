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
# 2026年4月1日の朝です。
# 3月の記録は、昨日の夜に締まりました。
# 奈良さんが待っているのはモデルではなく、明日から電話する人の一覧です。
# しかも、あなたが休んだ月にも、同じ手順で出てこなければなりません。
#
# 手違いで2度実行すれば、同じ人に2度電話がかかります。
# 問題が見つかって昼に前のモデルへ戻せば、午前の電話がどのモデルの判断だったのか分からなくなります。
# そして一覧の全員に電話してしまうと、電話が効いたのかを、後から数えられません。
#
# ここでは、3月末の顧客に予測を付け、この3つに備えた一覧を奈良さんに渡します。
#
# ## このレッスンで学ぶこと
#
# - エイリアスで読んだモデルから、署名の検査が効いたまま確率を出す。
# - 効き目を測るために、電話をかけない組をランダムに残す。
# - 2度実行しても増えず、モデルを戻しても根拠が残る、予測の表を作る。
# - 見込みの損得と月次解約率の変化を、幅を付けて伝える。
# - 5月に数えられるものと、数えられないものを分ける。

# %% tags=["figure"] mystnb={"image": {"alt": "上から下への流れ図。元の4つの表、特徴量churn_features、エイリアスが1つを指すモデルのバージョン、行を足すだけの予測churn_predictions、ビューのいま使う一覧call_list、電話する組と続く。予測からは、電話しない組がランダムに分かれる。2つの組は5月1日から解約率を数える箱に集まり、そこから橙の線が元の表に戻る"}}
from figures.churn_flow import draw_scoring_flow

draw_scoring_flow()

# %% [markdown]
# 左の橙の線のように、4月の結果は次の月の記録に戻り、次のモデルはそこから学びます。
# 右の「電話しない組」がなければ、いちばん下の箱は作れません。

# %% [markdown]
# ## 使うモデルと、戻す先を登録する
#
# `open_selection`は、34で選んだランのIDと、しきい値を返します。

# %%
import churn_steps
import mlflow
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn")
spark.sql("USE churn")
churn_steps.open_features(spark)
selected_id, threshold = churn_steps.open_selection(spark)
selected = mlflow.get_run(selected_id)
print(f"選んだラン: {selected.info.run_name}、しきい値: {threshold}")

# %% [markdown]
# 問題が見つかったときの戻す先は、34で差が偶然の範囲だった、同じ`batch`のロジスティック回帰です。

# %%
batch = selected.data.tags["batch"]
fallback_id = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}' AND tags.mlflow.runName = 'logistic'"
).loc[0, "run_id"]

# %% [markdown]
# 2つを登録し、選んだほうにエイリアスを付けます（24）。
# 権限のエラーになったら、付録「Databricks Free Editionで動かす」を見ます。

# %%
import contextlib
import io
import logging

logging.getLogger("mlflow").setLevel(logging.ERROR)
client = mlflow.MlflowClient()
model_name = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.churn_model"


def register(run_id):
    model_id = mlflow.get_run(run_id).outputs.model_outputs[-1].model_id
    with contextlib.redirect_stderr(io.StringIO()):
        return str(mlflow.register_model(f"models:/{model_id}", model_name).version)


# %%
fallback_version, selected_version = register(fallback_id), register(selected_id)
client.set_registered_model_alias(model_name, "production", selected_version)

# %% [markdown]
# ### 登録した結果を画面で見る【自習】
#
# 手元で開く、オープンソースのMLflow 3.12の画面です（開き方は24と同じで、Databricksではカタログから開きます）。
# ①の「Version」に番号が2つ並び、②の「Aliases」で、`production`が選んだモデルを指していると分かります。
#
# ![MLflowの登録モデルchurn_modelの表で、Versionに①、Aliasesに②の印が付き、productionがVersion 2の行にある写真](pictures/35_versions.png)

# %% [markdown]
# ## 署名の検査が効いたまま、確率を出す
#
# 入力例の3人に予測を付けます。

# %%
model = mlflow.pyfunc.load_model(f"models:/{model_name}@production")
model.predict(model.input_example).round(3)

# %% [markdown]
# 左の列が続ける確率、右の列が解約する確率です。
# 署名に合わない表は、ここで断られます。
#
# エイリアスが指すバージョン番号も取り出します。

# %%
model_version = str(client.get_model_version_by_alias(model_name, "production").version)

# %% [markdown]
# ### 署名が断るものと、通すもの【自習】
#
# ほかの部署から届く表にありそうな間違いを、署名と突き合わせます。
# 満足度`survey_score`は、入力例に空があったので、無くてもよい列（`optional`）と記録されています。

# %%
from mlflow.exceptions import MlflowException

example = model.input_example
deliveries = {
    "署名どおり": example,
    "注文の列が無い": example.drop(columns="orders"),
    "注文が「2回」": example.assign(orders="2回"),
    "注文が整数": example.astype({"orders": int}),
    "注文が空": example.assign(orders=None),
    "月額が千円単位": example.assign(monthly_fee=example["monthly_fee"] / 1000),
}
for name, rows in deliveries.items():
    try:
        print(f"{name}: 通った。2人目は{model.predict(rows)[1, 1]:.3f}")
    except MlflowException:
        print(f"{name}: 断られた")

# %% [markdown]
# 列の不足と、数に読めない文字は断られました。
# 64ビットの整数が断られるのは、桁の多い整数を小数にすると、値が変わることがあるからです。
# ただ、0と1だけの列は通るので、月によって断られたり通ったりします。
# 一方、下の2つは通りました。
# 空は訓練データの中央値で埋められ、千円単位の月額からは、違う確率が黙って返ってきました。
# 値の検査は、署名とは別に、データの側でします（21）。

# %% [markdown]
# ## 3月末の顧客に予測を付ける
#
# まとめて予測する使い方が、**バッチ推論**（batch inference）です。
# 数千人なら、`toPandas()`で取り出して`predict`に渡せば足ります。
# ここでは同じコードが何百万人でも動くように、Sparkの **作業役**（worker）に手分けさせます。
# `mapInPandas`は、表を小さなpandasの表に分けて作業役に配り、関数が`yield`で返した表を1つにつなぎます。
# `model`も関数と一緒に届くので、署名の検査はそこでも効きます。

# %% tags=["scale"]
from pyspark.sql import functions as F

FEATURES = model.metadata.signature.inputs.input_names()


def predict_march(model):
    def score(batches):
        for rows in batches:
            probability = model.predict(rows[FEATURES])[:, 1]
            yield rows[["customer_id", "month"]].assign(churn_probability=probability)

    march = spark.table("churn_features").where("month = '2026-03-01'")
    return march.mapInPandas(score, "customer_id BIGINT, month DATE, churn_probability DOUBLE")


# %% [markdown]
# ## 電話をかけない組を、ランダムに残す
#
# 電話した人が4月の終わりに残っていても、電話のおかげとは限りません。
# そこで31の「こかげ便」と同じように、一覧の10人に2人へは、わざと電話をかけません。
# この組を **対照群**（control group）と呼びます。
# ランダムに分けておけば、電話の効き目は、2組の解約率の差から見積もれます。
#
# 番号は、顧客番号と施策の名前から`xxhash64`で作ります。
# 元の値が同じなら必ず同じになる、ばらばらに見える数で、**ハッシュ値**（hash value）といいます。
# それを10で割った余り（`pmod`）が0か1の人を残します。
# 施策の名前を混ぜるのは、ほかの試しでも同じ人ばかりが残されるのを避けるためです。
# 何度実行しても、モデルを替えても、月が替わっても組は同じなので、何か月続いたかまで2組で比べられます。


# %% tags=["scale"]
def predictions_of(model, model_version, job_run):
    lot = F.pmod(F.xxhash64("customer_id", F.lit("解約の電話")), F.lit(10))
    return predict_march(model).select(
        "customer_id",
        "month",
        F.lit(model_version).alias("model_version"),
        "churn_probability",
        (F.col("churn_probability") >= threshold).alias("contact"),
        F.when(lot < 2, "対照群").otherwise("電話").alias("call_group"),
        F.lit(job_run).alias("job_run"),
    )


# %% [markdown]
# `contact`は、確率がしきい値以上で、声をかける値打ちがあるかです。
# 組は全員に付きますが、電話するのは`contact`が真の人だけです。
# `model_version`と`job_run`（実行の名前）は、どのモデルがいつ判断したかをたどるために添えました。

# %% [markdown]
# ## 2度実行しても増えない表に足す
#
# 予測はDeltaの表に置き、上書きせずに足していきます。
# 上書きすると、モデルを戻したときに、済ませた電話の根拠が、期限のある履歴（14）の中にしか残らないからです。
# ところが、ただ足すだけでは、2度実行したときに同じ予測が2行になります。
#
# そこで`MERGE`を使い、顧客・月・モデルのバージョンの組がまだ無い行だけを足します。
# このレッスンを何度でも動かせるように、表は作り直します。
# 仕事では、会社が決めた保存期間まで残します。

# %%
dropped = spark.sql("DROP TABLE IF EXISTS churn_predictions")

# %% tags=["scale"]
created = spark.sql("""
    CREATE TABLE IF NOT EXISTS churn_predictions (
        customer_id BIGINT NOT NULL, month DATE NOT NULL, model_version STRING NOT NULL,
        churn_probability DOUBLE, contact BOOLEAN, call_group STRING, job_run STRING
    )
""")


# %% tags=["scale"]
def add_predictions(model, model_version, job_run):
    predictions_of(model, model_version, job_run).createOrReplaceTempView("new_predictions")
    return spark.sql("""
        MERGE INTO churn_predictions AS old USING new_predictions AS new
        ON old.customer_id = new.customer_id AND old.month = new.month
            AND old.model_version = new.model_version
        WHEN NOT MATCHED THEN INSERT *
    """).collect()


# %% tags=["scale"]
added = add_predictions(model, model_version, "4月1日の朝")

# %%
saved = spark.table("churn_predictions").toPandas()
print(f"{len(saved):,}人、確率の平均は{saved['churn_probability'].mean():.1%}")

# %% [markdown]
# 平均は、これまでの解約の割合（1割前後）から大きく外れていません。
# 手違いで、もう一度実行します。

# %%
added = add_predictions(model, model_version, "4月1日の朝（2度目）")
spark.table("churn_predictions").groupBy("job_run").count().orderBy("job_run").toPandas()

# %% [markdown]
# 2度目の行は、1つもありません。
# 何度実行しても行と予測が変わらないこの性質を、**べき等性**（idempotence）と呼びます。
#
# 奈良さんに見せるのは、表の一部を切り出すビュー（view）です。


# %%
def publish(model_version):
    spark.sql(f"""
        CREATE OR REPLACE VIEW call_list AS
        SELECT customer_id, month, churn_probability, model_version FROM churn_predictions
        WHERE month = '2026-03-01' AND contact AND call_group = '電話'
            AND model_version = '{model_version}'
    """)


# %%
publish(model_version)
print(f"電話する人: {spark.table('call_list').count()}人")

# %% [markdown]
# ### 元の記録が直ったら【自習】
#
# 元の記録が直って顧客が消えても、この書き方では行が残ります。
# `WHEN NOT MATCHED BY SOURCE THEN DELETE`を足せば消せますが、条件を付けなければ、ほかの月や前のモデルの行まで消えます。
# 直した記録で予測し直すなら、キーに元の表のバージョンも加えます。

# %% [markdown]
# ## 奈良さんに渡す
#
# 一覧の上の5人に、手がかりを添えて渡します。
# 氏名は電話の画面が顧客番号から引き、未明に解約が済んだ人も、その画面で外します。
# 電話を断っている人も同じですが、その一覧はまだ手元に届かないので、対照群からは外せません。

# %%
spark.sql("""
    SELECT customer_id AS `顧客番号`, round(churn_probability, 2) AS `確率`,
           orders AS `今月の注文`, complaints_3m AS `3か月の苦情`, tenure_months AS `契約の月数`
    FROM call_list JOIN churn_features USING (customer_id, month)
    ORDER BY churn_probability DESC, customer_id LIMIT 5
""").toPandas()

# %% [markdown]
# 手がかりは解約の理由とは限らないので、「お困りのことはありませんか」と聞くための材料にします。
#
# 次に、組ごとの見込みの損得です。
# 一覧には、未明に解約が済んで電話の前に外れる人も、まだ混ざっています。
# 解約は未明の1人に対して9時からが3人なので（32）、朝に残っている1人につき、未明に`確率 ÷ 3`人が抜けた計算です。
# つまり一覧の1人が朝に契約中である見込みは`3 ÷ (3 + 確率)`で、損得にはこれを掛けます。

# %%
listed = saved[saved["contact"]]
p = listed["churn_probability"]
listed = listed.assign(朝に契約中=3 / (3 + p), 損得=(4800 * p - 1500) * 3 / (3 + p))
by_group = listed.groupby("call_group")[["朝に契約中", "損得"]].sum().round().astype(int)
by_group.assign(一覧の人=listed.groupby("call_group").size())

# %% [markdown]
# 対照群の金額は、電話していれば得られる見込みだった分で、効き目を測るための費用です。
#
# 奈良さんが首をかしげます。
# 「2か月で17万円と聞いたけれど」。
# 34で見たテストの月と、3月末（2組の合計）を並べます。
# テストの月は、未明の人を外した後の行です。

# %%
recent = spark.table("churn_features").where("month >= '2026-01-01'").toPandas()
recent["確率"] = model.predict(recent[FEATURES])[:, 1]
recent["見込み（円）"] = 4800 * recent["確率"] - 1500
recent["答え合わせ（円）"] = 4800 * recent["churned"] - 1500
tested = recent[(recent["確率"] >= threshold) & recent["churned"].notna()].groupby("month")
by_month = tested[["見込み（円）", "答え合わせ（円）"]].sum().round().astype(int)
by_month.assign(声をかける人=tested.size())

# %%
print(f"3月末: 見込み {listed['損得'].sum():,.0f}円、声をかける人 {listed['朝に契約中'].sum():.0f}人")

# %% [markdown]
# 34の16万9,200円は、誰にも電話しなかった2か月の「答え合わせ」です。
# 3月末には、まだ見込みしかありません。
# 17万円は2か月分です。
# 1か月の見込みどうしで比べれば、3月末の6万4千円は1月末の6万5千円とほぼ同じで、食い違いはありません。
#
# どちらの月も、答え合わせが見込みを上回りました。
# ただ、4月も同じ向きに外れるとは限りません。
# だから奈良さんには、上乗せをせずに、見込みをそのまま伝えます。

# %% [markdown]
# ## 月次解約率はどれだけ下がるか
#
# 奈良さんの願いは、KPI（31）で言えば、月次解約率を下げることです。
# 月次解約率は未明に処理された人も数えるので、その人を除かない表`make_features`を使います。
# 4月も何もしなければ3月と同じだとして、電話で残る見込みの人数を引きます。
# 思いとどまる割合は、31の4割と、その95%の区間の両端です。

# %%
features = churn_steps.make_features()
monthly = features.groupby("month")["churned"].mean().dropna()
print(f"過去{len(monthly)}か月は{monthly.min():.1%}から{monthly.max():.1%}、3月は{monthly.iloc[-1]:.1%}")

# %%
import pandas as pd

called = listed[listed["call_group"] == "電話"]
people = called["朝に契約中"].sum()
leavers = (called["churn_probability"] * called["朝に契約中"]).sum()
plans = []
for share in (0.24, 0.40, 0.55):
    stays = share * leavers
    gain, rate = 12_000 * stays - 1500 * people, monthly.iloc[-1] - stays / len(saved)
    plans.append([share, round(stays), f"{gain:,.0f}", f"{rate:.1%}"])
print(f"損にならないのは、思いとどまる割合が{1500 * people / (12_000 * leavers):.2f}から")
pd.DataFrame(plans, columns=["思いとどまる割合", "思いとどまる人", "損得（円）", "月次解約率"])

# %% [markdown]
# 4割なら、14人 ÷ 1,700人で、月次解約率は0.8ポイントほど下がります（表とのずれは丸めのためです）。
#
# ところが、区間の下の端の0.24では、毎月同じ見込みなら、半年で10万円ほどの損になります。
# 34のメモで0.24がほぼ0円だったのは、見込みより多く解約したテストの月の答え合わせだからです。
# 分かれ目を上げれば損は避けられますが（34）、電話する人が減り、効き目を測るのに月数がかかるので、ここでは上げません。
#
# そこで、半年で10万円ほどまでの損を先に認めてもらい、対照群と比べて、自分たちの顧客の割合を測り始めます。

# %% [markdown]
# ## 前のモデルに戻す
#
# 一覧を渡した翌日、4月2日の昼に、選んだモデルに問題が見つかったとします。
# 毎月の手順を1つの関数にまとめておけば、戻す操作は、エイリアスの付け替えと再実行だけです。
# エイリアスを調べるのは1度だけにして、読むモデルと行に書く番号が食い違わないようにします。


# %%
def run_job(job_run):
    version = str(client.get_model_version_by_alias(model_name, "production").version)
    add_predictions(mlflow.pyfunc.load_model(f"models:/{model_name}/{version}"), version, job_run)
    publish(version)
    counts = spark.sql("""
        SELECT job_run AS `実行`, count(*) AS `予測`, count_if(contact) AS `声をかける人`
        FROM churn_predictions GROUP BY job_run ORDER BY job_run
    """)
    print(f"{job_run}の実行の後、電話する人は{spark.table('call_list').count()}人")
    return counts.toPandas()


# %%
client.set_registered_model_alias(model_name, "production", fallback_version)
run_job("4月2日の昼")

# %% [markdown]
# 一覧は入れ替わりましたが、朝に足した行もそのまま残っています。
# 午前に電話した人も一覧に載っているので、除き方を練習2で考えます。
#
# 夕方、問題は勘違いだったと分かり、選んだモデルに戻します。

# %%
client.set_registered_model_alias(model_name, "production", selected_version)
run_job("4月2日の夕方")

# %% [markdown]
# 夕方の実行の行はありません。
# 選んだモデルの予測はもう足してあるので、ビューが指す先だけが戻りました。
# 一覧をいつ切り替えたかは、この表には残りません。
# そこで、一覧の`model_version`を、電話の記録にも1件ずつ書き込んでもらいます（練習1）。

# %% [markdown]
# ## 5月1日に数えるもの
#
# | 知りたいこと | 5月1日に |
# |---|---|
# | 電話の効き目 | 差は数えられるが、1か月では幅が効き目より広い。声をかける人のうち、電話する組と対照群の解約率の差 |
# | 電話が通じた割合 | 数えられる。奈良さんの電話の記録から |
# | 予測した確率と、実際の割合が合っているか | 数えられる。一覧に載らなかった人と対照群だけで、未明の人を除いて比べる（確率の高い側は人が少ないので、何か月かためる） |
# | 月次解約率が下がったか | 数えられるが、何もしなくても月ごとに動くので、電話のおかげとは言えない |
# | 1人につき12,000円が守られたか | まだ数えられない。解約しそうな人は次の月も離れやすいので、何か月続いたかを2組で比べ続ける |
# | 電話したAさんが、かけなければ解約したか | 決して数えられない。同じ人で、電話した世界としなかった世界は見比べられない |
#
# 効き目は、4月1日の未明に解約が済んでいた人だけを2組から除いて数えます。
# 電話の通じなかった人も、断っていてかけなかった人も、電話する組に入れたままです。
# 効き目は小さめに出ますが、通じた人だけにすると、2組がそろわなくなるからです。
# 1か月では対照群が小さすぎるので、5月には結論を出さず、半年ほどためて見ます。
# 半年でも幅は残るので、効き目の見積もりがどこまで下がったら電話を止めるかを、先に奈良さんと決めておきます。
#
# 次に学習するときは、電話の影響が答えに混ざった人を見分けます（21）。
# `contact`が真で、`call_group`が「電話」の人です。

# %% [markdown]
# ### モデルを戻した月の数え方【自習】
#
# 昼にモデルを戻した月は、どちらのバージョンでも`contact`が真だった人だけで、2組を比べます。
# 対照群には電話の記録がなく、どちらの一覧で選ばれたはずかを決められないからです。
# 次の学習で電話の影響を受けた人は、電話の記録のほうで見分けます。

# %% [markdown]
# ### 対照群は何割がよいか【自習】
#
# 残す割合ごとに、2組の解約率の差が偶然でどれだけ揺れるか（95%）を計算します。
# 残す人数はちょうどその割合で、半年の揺れは、毎月同じくらいの人が載るとした値です。

# %%
p, n = listed["churn_probability"].mean(), listed["朝に契約中"].sum()
treated = p * (1 - 0.4)  # 4割が思いとどまった後の解約率
plans_of_group = []
for held in (0.1, 0.2, 0.3):
    variance = p * (1 - p) / (n * held) + treated * (1 - treated) / (n * (1 - held))
    month, lost = 1.96 * variance**0.5, held * listed["損得"].sum()
    plans_of_group.append([held, 100 * month, 100 * month / 6**0.5, lost])
print(f"見込む効き目: {100 * (p - treated):.0f}ポイント")
columns = ["残す割合", "1か月の揺れ（±ポイント）", "半年の揺れ（±ポイント）", "1か月に逃す見込み（円）"]
pd.DataFrame(plans_of_group, columns=columns).round(1)

# %% [markdown]
# 2割なら、1か月では揺れが効き目を超え、半年で効き目の半分ほどまで縮みます。
# 1割にすると逃す額は半分ですが、揺れは1.3倍ほどに広がります。
# 2度目に一覧へ載った人は、前の電話の影響が2組で違うので、効き目には初めて載った月だけを使います。
# その分、使える人が減り、揺れは表より少し大きくなります。

# %% [markdown]
# ## 自分の会社でやるなら【自習】
#
# 会社にあるのは、月末の利用の表ではなく、たいてい契約の始まりと終わりの日と、注文の明細です。
# そこで、契約の表だけから「月末に契約中」の行を作ってみます。
# `sequence`で月を並べ、その月末に契約中の顧客と結び付けます。

# %%
churn_steps.open_raw_tables(spark)
month_ends = spark.sql("""
    WITH months AS (
        SELECT explode(sequence(DATE'2025-04-01', DATE'2026-03-01', INTERVAL 1 MONTH)) AS month
    ), contract_days AS (
        SELECT customer_id, started_on,
               to_date(from_utc_timestamp(cancelled_at, 'Asia/Tokyo')) AS left_on
        FROM contracts
    )
    SELECT customer_id, month FROM months JOIN contract_days
    ON started_on <= last_day(month) AND (left_on IS NULL OR left_on > last_day(month))
""")
given = spark.table("usage_monthly").select("customer_id", "month").distinct()
print(f"契約から{month_ends.count():,}行、届いた表から{given.count():,}行")
print(f"違う行は{month_ends.exceptAll(given).count()}")

# %% [markdown]
# 1行も違いません。
# ここに、注文や問い合わせを月ごとに集計して結合し、無い月の回数を0で埋めれば、32の表のもとになります。
# 満足度のような答えは、0で埋めずに、空のまま残します。
#
# 最初に頼むものは、次の5つです。
#
# - 契約の始まりと終わりの日、解約を申し込んだ時刻、終わった理由。カードの期限切れのような解約は電話では止まらないので、分けて数えます。
# - 日付の付いた注文と問い合わせの明細。
# - 過去に誰へ、いつ声をかけたかの記録と、電話を断っている人の一覧。断っている人は、2組に分ける前に外します。
# - 1件の費用と、顧客ごとの利益。月額や続く月数が違えば、分かれ目の確率も人ごとに変わります。
# - そのデータを、その場所で扱ってよいという許可。
#
# モデルより先に、次の順に測ります。
#
# 1. 月末の行数が、社内の報告の人数と合うか。
# 2. 解約が月の何日に集まり、電話が間に合う人は何割か。
# 3. 紙の規則なら、何人に電話して何人当たるか。
# 4. 電話の効き目。記録がなければ、ランダムに2組に分けて試します。
#
# 一覧を渡す前に、最後の確かめをします。
#
# | 確かめること | レッスン |
# |---|---|
# | 対象・時点・起きること・期限が、電話できる期間と合っている | 31 |
# | どの列も、その月末の夜に分かっていた | 32 |
# | 何もしないモデルと紙の規則に、検証の月で勝っている | 33、34 |
# | 確率が実際の割合と合い、分かれ目を費用と利益から計算した | 34 |
# | 効き目の割合を低いほうにしても、引き受けられる損である | 31、35 |
# | 2度実行しても増えず、判断の根拠が残る | 35 |
# | 対照群があり、いつまで残すかと、それを認めた人の名前がある | 35 |
#
# なお、一覧を作る前に、2月までの行で学習し直す（refit）こともできます。
# ただ、34で測った成績は別のモデルのものになるので、ここでは測ったモデルを使い、5月に確率が合わなくなっていたら学習し直します。
#
# 一覧を毎月出し続けるための備えは、発展のレッスンから、必要になった順に選べます。
#
# - 入ってくる表が変わったことに気づくには、[[51_drift_monitoring]]
# - 次のモデルを出してよいかを調べるには、[[41_model_tests]]
# - 悪くなったら、前のモデルに戻すには、[[53_auto_rollback]]
# - いつ、何を使って学び直すかを決めるには、[[52_auto_retraining]]
# - 新しい試みが本当に効いたかを確かめるには、[[43_ab_test]]

# %% [markdown]
# ## 練習

# %%
from checks.lesson_35 import check

# %% [markdown]
# 練習1で使う、電話の結果の表を用意します。
# `call_results`には4月2日の分が入っていて、`today_calls`は4月3日の分です。
# `model_version`は、電話したときの一覧に書かれていたバージョンです。

# %%
schema = "customer_id BIGINT, called_on STRING, result STRING, model_version STRING"
yesterday = [(100012, "2026-04-02", "不在", "1"), (100031, "2026-04-02", "継続", "2")]
today = [(100012, "2026-04-03", "継続", "2"), (100044, "2026-04-03", "不在", "2")]
spark.createDataFrame(today, schema).createOrReplaceTempView("today_calls")
spark.createDataFrame(yesterday, schema).writeTo("call_results").createOrReplace()

# %% [markdown]
# ### 練習 1: 新しい結果に置き換わるMERGEを書く
#
# 予測と違い、電話の結果は新しいほうに置き換えます。
# 1人の顧客には、1日に1行だけが入ります。
# 今日の分は途中で止まって2度実行され、2度目には、結果やバージョンの変わった人がいます（昼に一覧が替わった日など）。
#
# `today_calls`を`call_results`に入れる`MERGE`の文を、文字列で`merge_calls`に入れてください。
# 2度実行しても行が増えず、同じ人の同じ日の行が、新しいほうに置き換わるようにします。
# 明日からも使うので、文の中に日付は書きません。
# 2つの表の列は同じです。
#
# <details><summary>ヒント</summary>
#
# 同じ行があったときの動きは、`WHEN MATCHED THEN UPDATE SET *`と書きます。
#
# </details>

# %% 練習 1
merge_calls = ...

# %% 確認 1
check(1)

# %% [markdown]
# 練習2の材料です。
# `predictions`は表`churn_predictions`のすべての行、`morning_calls`は、4月2日の午前に電話した30人の顧客番号です。

# %%
predictions = spark.table("churn_predictions").toPandas()
first_list = predictions.query(
    "model_version == @selected_version and contact and call_group == '電話'"
)
morning_calls = first_list.nlargest(30, "churn_probability")["customer_id"].tolist()

# %% [markdown]
# ### 練習 2: 戻した昼に、誰へ電話するか【自習】
#
# 4月2日の午後からは、戻す先のモデル（`fallback_version`）の判断で電話します。
# 同じ人に2度電話せず、効き目を2組で比べられるようにもします。
# `predictions`から午後に電話する人を選び、顧客番号の並びを`afternoon`に入れてください。
#
# <details><summary>ヒント</summary>
#
# `call_list`は夕方の実行で選んだモデルに戻っているので、`predictions`から選びます。
# 条件は4つです（モデルのバージョン、声をかけるか、電話する組か、午前に電話したか）。
# リストに入っているかは、`列.isin(リスト)`で調べます。
#
# </details>

# %% 練習 2
afternoon = ...

# %% 確認 2
check(2)

# %% [markdown]
# 練習3で使う、営業部が持ってきた2人分の表です。
# 元になったのは入力例の最初の2人で、今月の注文だけが、1回ずつ増えています。

# %%
from_sales = example.head(2).rename(columns={"app_days": "アプリの日数"})
from_sales["orders"] += 1
from_sales["orders"] = from_sales["orders"].map("{:.0f}回".format)
from_sales["monthly_fee"] = from_sales["monthly_fee"] / 1000
from_sales.T

# %% [markdown]
# ### 練習 3: 署名の断る表を直す【自習】
#
# `from_sales`には、直す所が3つあります。
# 2つは署名に断られますが、残る1つは断られず、誤った確率が返ります。
# 3つを直し、`model.predict`にも断られない表にして、pandasのDataFrameで`fixed`に入れてください。
# 直すのは書き方と単位で、注文の回数は営業部の値のままにします。
#
# <details><summary>ヒント</summary>
#
# 文字列の列`column`から「回」を取るのは、`column.str.replace("回", "")`です。
# 数に直すときは、署名の`double`（小数）に合わせます。
#
# </details>

# %% 練習 3
fixed = ...

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 予測を足す`MERGE`の`ON`から、モデルのバージョンの条件だけを消しました。
# 昼に、戻す先のモデルで実行すると、何が起きますか。
#
# <details><summary>ア. はじめの予測が戻す先の予測に置き換わり、午前の電話の根拠が消える</summary>
#
# `MERGE`はいつも置き換えるもの、と考えた人の答えです。
# ここの`MERGE`には`WHEN MATCHED`がないので、同じ行が見つかっても何もしません。
#
# </details>
# <details><summary>イ. 戻す先の予測が足されず、一覧が空になる</summary>
#
# 正解です。
# 顧客と月が同じなら「もうある行」とみなされるので、1行も足されません。
# そして、ビューが探すバージョンの行は、表のどこにもありません。
#
# </details>
# <details><summary>ウ. 同じ顧客の行が2つになる</summary>
#
# バージョンが違えば別の行だ、と考えたくなります。
# その違いを見ていたのが、消した条件でした。
#
# </details>
#
# **問 2.** 同僚が「電話しない2割は、ランダムでなく、確率の低いほうから選べば損が少ない」と言います。
# 5月に困ることはどれですか。
#
# <details><summary>ア. 2つの組がもともと違うので、解約率の差が電話の効き目だと言えない</summary>
#
# 正解です。
# 残した組の解約率が低くても、もともと解約しにくい人だからかもしれません。
#
# </details>
# <details><summary>イ. 確率の低い人は解約しないので、数える人がいなくなる</summary>
#
# 一覧に載るのはしきい値以上の人なので、低いほうでも3割を超えています。
# 解約する人は十分にいます。
#
# </details>
# <details><summary>ウ. 困ることはない。人数の割合が同じなら、どう選んでも比べられる</summary>
#
# 割合をそろえれば公平に見えます。
# けれども、比べるときにそろえたいのは、人数ではなく、電話のほかの条件です。
#
# </details>
#
# **問 3.** 4月に80人へ電話し、60人が契約を続けました。
# 電話で残った人は何人ですか。
#
# <details><summary>ア. 60人</summary>
#
# 電話の後に続けたのだから、電話のおかげに見えます。
# しかし、一覧の人の半分ほどは、電話がなくても続ける見込みでした。
#
# </details>
# <details><summary>イ. 4割が思いとどまるので、80人の4割で32人</summary>
#
# 4割は、解約するはずだった人のうちの割合です。
# 80人の全員が解約するはずだったわけではありません。
#
# </details>
# <details><summary>ウ. この数だけでは分からない</summary>
#
# 正解です。
# 対照群の解約率と比べると、組の平均としては見積もれます。
#
# </details>
#
# **問 4.** 半年後、4月の記録も加えて学習し直します。
# 電話した人の4月の答えを、そのまま使うとどうなりますか。
#
# <details><summary>ア. 影響はない。電話した人は全体の1割もいないから</summary>
#
# 人数だけを見れば、小さく思えます。
# しかしこの人たちは、モデルが最も危ないと見た人の大半です。
#
# </details>
# <details><summary>イ. 解約する人が実際より多く見え、確率が高めに出る</summary>
#
# 危ない人ばかりに電話したのだから、と考えた人の答えです。
# 電話が効いた人の答えは、解約から継続に変わっています。
#
# </details>
# <details><summary>ウ. 危ない人ほど続けると学び、確率が低めに出る</summary>
#
# 正解です。
# 学習には、一覧に載らなかった人と、対照群だけを使います。
# 対照群がいるので、危ない側の行もなくなりません。
# 成績を出すときは、対照群の1人を5人分に数えて、減った分を戻します。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - エイリアスで読み、署名の検査を受けた入力から、確率を出しました。
# - 予測は、顧客・月・モデルのバージョンをキーにして足すだけなので、2度実行しても増えず、戻しても根拠が残ります。
# - 10人に2人は対照群として残し、見込みの損得と月次解約率は、割合の幅と一緒に伝えました。
# - 5月に数えられるのは組どうしの差で、1か月では幅が広すぎます。1人ずつの効き目は、決して数えられません。
#
# 「お客さまが、毎月やめていくの」で始まった願いが、電話する人の一覧と、効き目を測り続ける仕組みになりました。

# %%
check.summary()
