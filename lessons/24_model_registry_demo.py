# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 25
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # 【デモ】Model Registry
#
# 宅配会社の夜勤の担当者から、電話がきました。
# 「今夜から、遅れの見込みが変です。昼に差し替えたモデルを、前のものに戻してください」。
#
# 森さんは共有フォルダーを開きます。
# `model.pkl`、`model_new.pkl`、`model_0920_ok.pkl`が並んでいます。
# 昼まで使っていたのは、どれでしょうか。
# 森さんは勘で1つを選び、名前を`model.pkl`に書き換えました。
# 翌朝、列の順番が違うというエラーで、見込みの画面が止まりました。
#
# モデルに名前とバージョン番号が付き、「いま使うバージョン」を指す名札があれば、戻す作業は名札を付け替える1行で終わります。
# ここでは、登録から昇格、ロールバックまでを順に動かし、この電話に1行で応えられるようにします。
#
# ## このレッスンで学ぶこと
#
# - ランに残したモデルを登録し、バージョン番号、説明、タグを付ける。
# - 署名と入力例の役目を、間違った入力で確かめる。
# - エイリアスで「いま使うバージョン」を指し、使う側のコードを変えずに差し替える。
# - 昇格の条件をコードに書き、条件を満たさないバージョンを止める。
# - 前のバージョンに戻し、どのバージョンが出した予測かを後から答える。
# - バージョンから、学習したランと、使ったデータのバージョンまでたどる。
# - 古い資料にある「ステージ」を、エイリアスに書き直す。

# %% [markdown]
# ## 材料: 3回届いたデータと、3つのモデル
#
# 配達の記録に似せた、架空のデータを使います。
# `distance`は距離（km）、`parcels`は荷物の数、`rain`は雨なら1、`late`は遅れたら1です。
# 当てたいのは`late`で、残りの3列が特徴量です。
# 次のセルは記録を作るだけなので、読み飛ばしてかまいません。
# 遠い便、荷物の多い便、雨の便ほど、遅れやすくしてあります。

# %%
import numpy as np
import pandas as pd


def deliveries(size, seed):
    rng = np.random.RandomState(seed)
    rows = pd.DataFrame(
        {
            "distance": rng.gamma(3, 4, size).round(1),
            "parcels": rng.randint(1, 40, size).astype(float),
            "rain": rng.randint(0, 2, size).astype(float),
        }
    )
    risk = -5.0 + 0.15 * rows["distance"] + 0.06 * rows["parcels"] + 1.2 * rows["rain"]
    return rows.assign(late=(rng.uniform(size=size) < 1 / (1 + np.exp(-risk))).astype(float))


# %% [markdown]
# 記録は3回に分けて届き、そのたびに表を上書きしました。
#
# | 回 | 届いた記録 | 表のバージョン |
# |---|---|---|
# | 1回目 | 200便 | 0 |
# | 2回目 | 2,000便。6割ほどの行で、距離がメートルで入っている | 1 |
# | 3回目 | 同じ2,000便。距離をキロメートルにそろえた | 2 |
#
# 2回目には、距離の単位を間違えた営業所の記録が混ざっていた、という設定です。

# %%
first = deliveries(200, seed=1)
second = pd.concat([first, deliveries(1800, seed=2)], ignore_index=True)
mistaken = second.copy()
in_meters = np.random.RandomState(0).uniform(size=len(mistaken)) < 0.6
mistaken.loc[in_meters, "distance"] *= 1000

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS model_registry_demo")
spark.sql("USE model_registry_demo")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %%
spark.sql("DROP TABLE IF EXISTS deliveries")
for rows in (first, mistaken, second):
    table = rows.assign(delivery_id=range(len(rows)))
    spark.createDataFrame(table).write.mode("overwrite").saveAsTable("deliveries")
history = spark.sql("DESCRIBE HISTORY deliveries").orderBy("version")
print([row["version"] for row in history.collect()])

# %% [markdown]
# Deltaの表に、0から2まで3つのバージョンができました。
#
# 採点には、どのバージョンにも入っていない500便を使います。
# 別々のデータで測った点数は比べられないので、どのモデルもこの500便で採点します。
# 候補を選ぶのに使うデータなので、「MLflowによる実験管理」の言い方では検証データです。
# 本当の力は、さらに別のデータで測ります。

# %%
FEATURES = ["distance", "parcels", "rain"]
holdout = deliveries(500, seed=9)

# %% [markdown]
# ランを入れるエクスペリメントを用意します。
# `end_run`は、閉じ忘れたランがあれば閉じます。
# `logging`の行は、モデルを保存するたびに出る長い注意書きと、SQLを間違えた時の長い記録を止めます。

# %%
import logging

import mlflow

logging.getLogger("mlflow").setLevel(logging.ERROR)
logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)

# %%
mlflow.end_run()
user = spark.sql("SELECT current_user()").first()[0]
path = f"/Users/{user}/24_model_registry_demo"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)

# %% [markdown]
# 次は、モデルをランに残す関数です。
# モデルのほかに、使う人のための情報を3つ添えます。
#
# | 引数 | 残すもの |
# |---|---|
# | `signature` | 入力と出力の列の名前と型 |
# | `input_example` | 入力の例を数行 |
# | `pip_requirements` | 読み込むのに要るパッケージと、そのバージョン |

# %%
import sklearn
from mlflow.models import infer_signature

PACKAGES = [f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"]


def log_model(model, example):
    return mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        pip_requirements=PACKAGES,
    )


# %% [markdown]
# 表のバージョンを指定して学習し、条件、成績、データ、モデルを1つのランに残します。
# データの残し方は「MLflowによる実験管理」と同じです。
#
# `RandomForestRegressor`は、ランダムフォレストの回帰バージョンです。
# 後で使う`mlflow.pyfunc`の`predict`は、分類のモデルだと0か1しか返しません。
# 回帰バージョンは、似た便のうち何割が遅れたかを0.3のような数で返し、足し合わせると「今夜は何便遅れそうか」の見込みになります。

# %%
from mlflow.data.delta_dataset_source import DeltaDatasetSource
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import roc_auc_score

home = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}"


def train(version):
    query = f"SELECT * FROM deliveries VERSION AS OF {version} ORDER BY delivery_id"
    data = spark.sql(query).toPandas()[[*FEATURES, "late"]]
    source = DeltaDatasetSource(delta_table_name=f"{home}.deliveries", delta_table_version=version)
    model = RandomForestRegressor(max_depth=4, random_state=0).fit(data[FEATURES], data["late"])
    with mlflow.start_run(run_name=f"table_v{version}") as run:
        mlflow.log_input(mlflow.data.from_pandas(data, source=source, name="deliveries"))
        mlflow.log_params({"rows": len(data), "max_depth": 4})
        auc = roc_auc_score(holdout["late"], model.predict(holdout[FEATURES]))
        mlflow.log_metric("holdout_auc", auc)
        info = log_model(model, data[FEATURES].head(3))
    return run.info.run_id, info.model_uri


# %%
trained = [train(version) for version in (0, 1, 2)]
run_ids = [run_id for run_id, _ in trained]
for run_id in run_ids:
    record = mlflow.get_run(run_id)
    print(
        record.info.run_name,
        record.data.params["rows"],
        round(record.data.metrics["holdout_auc"], 3),
    )

# %% [markdown]
# 1行が1つのランで、左から名前、学習に使った行の数、AUCです。
# AUCは、遅れた便を、遅れなかった便より上に並べられた割合でした。
# `table_v1`は、行の数が10倍あるのに、`table_v0`より低くなっています。
# 学習は3回ともエラーなく終わったので、点数を見なければ気づけません。

# %% [markdown]
# ## 登録すると、名前とバージョン番号が付く
#
# ランに残したモデルには、MLflowが`models:/m-`で始まる長い名前を付けます。
# この名前では、電話で「どのモデルですか」と聞かれても答えられません。
#
# モデルに名前を付け、登録のたびにバージョン番号を振る台帳が **モデルレジストリ**（model registry）です。
# MLflowやDatabricksでは、英語のままModel Registryと書かれます。
# 台帳に載ったモデルを **登録モデル**（registered model）と呼びます。
# 名前は、Unity Catalogと同じ`カタログ.スキーマ.名前`の3つの部分にします。
#
# `MlflowClient`は、台帳を読み書きする窓口です。
# 説明もタグも名札も、この`client`に頼みます。

# %%
client = mlflow.MlflowClient()
model_name = f"{home}.late_model"
print(model_name)

# %% [markdown]
# `register_model`に、`log_model`が返した`model_uri`と、台帳での名前を渡します。
# `redirect_stderr`は、登録を知らせる文を画面に出さないためのものです。

# %%
import contextlib
import io


def register(model_uri):
    with contextlib.redirect_stderr(io.StringIO()):
        return int(mlflow.register_model(model_uri, model_name).version)


# %% [markdown]
# このページはバージョン番号も見せるので、前に実行したときの登録は、名札も含めて先に消します。
# `suppress`は、まだ登録のないときに出るエラーを見過ごす指定です。
# 仕事では消さずに、番号を増やしていきます。

# %%
from mlflow.exceptions import MlflowException

with contextlib.suppress(MlflowException):
    client.delete_registered_model(model_name)
versions = [register(model_uri) for _, model_uri in trained]
print(versions)

# %% [markdown]
# 登録した順に、1、2、3と番号が付きました。
# 表のバージョンは0から、モデルのバージョンは1から始まるので、取り違えないようにします。
#
# 番号だけでは、後で見た人に何のバージョンか分かりません。
# 登録モデルとバージョンに、説明とタグを付けます。
# 説明は人が読む文で、タグはプログラムが読む、名前と値の組です。

# %%
client.update_registered_model(model_name, description="便ごとの、遅れる割合を予測する")
notes = ["1回目に届いた200便で学習", "2回目に届いた2,000便で学習", "3回目に届いた2,000便で学習"]
for version, note in zip(versions, notes, strict=True):
    client.update_model_version(model_name, version, description=note)
    client.set_model_version_tag(model_name, version, "owner", "配達分析係")

# %% [markdown]
# 台帳を読み戻し、成績と並べて表にします。
# 成績は、バージョンが覚えているランのIDから引いてきます。
# Unity Catalogでは、`search_model_versions`の返すバージョンからタグを読めません。
# そこで、見つけたバージョンを`get_model_version`で取り直します。
# `**one.tags`は、タグの名前と値を、辞書にそのまま足す書き方です。


# %%
def holdout_auc(version):
    run_id = client.get_model_version(model_name, version).run_id
    return client.get_run(run_id).data.metrics["holdout_auc"]


# %%
def registry_table():
    rows = []
    for found in client.search_model_versions(f"name = '{model_name}'"):
        one = client.get_model_version(model_name, found.version)
        auc = round(holdout_auc(one.version), 3)
        rows.append({"バージョン": int(one.version), "説明": one.description, **one.tags, "AUC": auc})
    return pd.DataFrame(rows).set_index("バージョン").sort_index()


# %%
registry_table()

# %% [markdown]
# 共有フォルダーの3つのファイルからは、どれがいつ作られ、どれだけ当たるのかを読み取れませんでした。
# 台帳なら、何で学習し、何点で、誰に聞けばよいか（`owner`）が1つの表になります。

# %% [markdown]
# ## 署名が、間違った入力を断る
#
# 共有フォルダーのファイルには、何を渡せばよいかも書かれていません。
# 登録したバージョンは、入力と出力の列の名前と型を覚えています。
# これを **署名**（signature）と呼びます。
# `log_model`に`signature`として渡したものです。
#
# バージョン1を読み込み、署名を見ます。
# `models:/名前/番号`と書くと、バージョンを指して読み込めます。
# `mlflow.pyfunc`で読み込むと、どのライブラリーで作ったモデルも、同じ`predict`で予測できます。

# %%
loaded = mlflow.pyfunc.load_model(f"models:/{model_name}/{versions[0]}")
for column in loaded.metadata.signature.inputs:
    print(f"{column.name}: {column.type}")

# %% [markdown]
# `DataType.double`は、小数の型です。
# 一緒に残した入力例も読み戻せます。

# %%
loaded.input_example

# %% [markdown]
# 使う人は、渡す表の形を実物で見られます。
# 次に、間違った表を4通り渡してみます。


# %%
def attempt(rows):
    try:
        return f"{len(loaded.predict(rows))}便の予測が出ました"
    except MlflowException as error:
        return "断られました。" + str(error).split("Error: ")[-1]


# %%
meters = holdout.assign(distance=holdout["distance"] * 1000)
print("列の順番が違う:", attempt(holdout[["rain", "parcels", "distance"]]))
print("列が足りない:", attempt(holdout[["distance", "parcels"]]))
print("距離が文字:", attempt(holdout[FEATURES].assign(distance="5km")))
print("距離がメートル:", attempt(meters[FEATURES]))

# %% [markdown]
# 足りない列と、数に直せない文字は、列の名前を挙げて断られました。
# 1つ目の英語は「入力の`rain`がない」、2つ目は「`distance`の列を小数に直せない」という意味です。
# 順番の違いは、名前を見て直してくれます。
# 正しい順番のときと、予測は同じでしょうか。

# %%
shuffled = holdout[["rain", "parcels", "distance"]]
print((loaded.predict(shuffled) == loaded.predict(holdout[FEATURES])).all())

# %% [markdown]
# 同じです。
# 森さんの画面を止めた順番の違いは、もう事故になりません。
#
# 4つ目のメートルの距離は、通ってしまいました。
# 署名が調べるのは列の名前と型だけで、値がおかしくないかは調べません。
# 値の検査は、「なぜMLOpsが必要か」で作ったように、データの側で別にします。
#
# Unity Catalogは、署名のないモデルと、署名に出力が書かれていないモデルの登録を断ります。
# 登録したモデルは、作った人の **ノートブック** を離れ、ほかのチームにも使われます。
# 何を渡せば何が返るかが分からないものは、台帳に載せられません。

# %% [markdown]
# ## エイリアスで「いま使うバージョン」を指す
#
# 使う側のコードにバージョン番号を書くと、差し替えのたびにコードを直すことになります。
# そこで、バージョンに名札を付けます。
# この名札を **エイリアス**（alias）と呼びます。
# この本では3つ使います。
#
# | エイリアス | 意味 |
# |---|---|
# | `champion` | 点検を通った中で、いちばん良いバージョン |
# | `challenger` | `champion`に挑んでいる、点検中のバージョン |
# | `production` | いま予測に使っているバージョン |
#
# 名前は自分で決められますが、`latest`と、`v1`のような番号に見える名前は使えません。
# 1つのエイリアスが指すのは、いつも1つのバージョンです。
# まずバージョン1に、2つの名札を付けます。
# 最初は比べる相手がいないので、点検なしで`champion`にします。
# 後で見返せるように、`production`の付け替えを`log`に書き留めます。

# %%
client.set_registered_model_alias(model_name, "champion", versions[0])
client.set_registered_model_alias(model_name, "production", versions[0])
log = [("バージョン1で開始", versions[0])]

# %% [markdown]
# 使う側は、番号の代わりに`@production`と書きます。
# 夜勤の画面が呼ぶ関数を作ります。
# この関数は、この後1文字も変えません。


# %%
def predict_tonight(rows):
    model = mlflow.pyfunc.load_model(f"models:/{model_name}@production")
    return model.predict(rows[FEATURES])


# %% [markdown]
# 名札がいま指しているバージョンは、`get_model_version_by_alias`で分かります。
# 今夜の300便で、遅れる便の見込みを出します。


# %%
def current(alias):
    return int(client.get_model_version_by_alias(model_name, alias).version)


def report():
    late = predict_tonight(tonight).sum()
    print(f"バージョン{current('production')}の見込み: {len(tonight)}便のうち{late:.1f}便が遅れる")


# %%
tonight = deliveries(300, seed=11)
report()

# %% [markdown]
# ## 条件を満たしたバージョンだけを昇格させる
#
# バージョン2とバージョン3が、次の候補です。
# 昼の差し替えが事故になったのは、点数を見ずに「新しいから」と替えたためでした。
# 替えてよい条件を、先にコードで書きます。
# バージョンを上の役目に進めることを **昇格**（promotion）、条件の検査を **ゲート**（gate）と呼びます。
#
# 候補に`challenger`の名札を付け、`champion`より点数が高ければ`champion`を移します。
# 点検が終わったら、`challenger`は外します。
# この先をもう一度試すときは、最初に2つの名札を付けたセルから実行し直します。


# %%
def challenge(version):
    client.set_registered_model_alias(model_name, "challenger", version)
    gain = holdout_auc(version) - holdout_auc(current("champion"))
    passed = gain > 0
    if passed:
        client.set_registered_model_alias(model_name, "champion", version)
    client.delete_registered_model_alias(model_name, "challenger")
    return f"バージョン{version}: AUCの差{gain:+.3f}、{'昇格' if passed else '見送り'}"


# %%
print(challenge(versions[1]))
print(challenge(versions[2]))
print(f"championはバージョン{current('champion')}、productionはバージョン{current('production')}です。")

# %% [markdown]
# バージョン2は見送られ、バージョン3が`champion`になりました。
# `production`はまだバージョン1のままです。
# 点検を通ったことと、今夜から使うことを、別々に決められます。

# %% [markdown]
# ## 差し替える前に、並べて予測する
#
# 夜勤の担当者が見る数字がどう変わるかは、点数からは分かりません。
# 今夜の便を両方のバージョンに予測させ、並べます。
# 名札は動くので、比べるときは番号で読み込みます。


# %%
def predict_by(version):
    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    return model.predict(tonight[FEATURES])


# %%
pair = pd.DataFrame({"バージョン1": predict_by(versions[0]), "バージョン3": predict_by(versions[2])})
print(pair.sum().round(1).to_dict())
print(f"遅れる割合が0.2以上違う便: {((pair['バージョン1'] - pair['バージョン3']).abs() >= 0.2).sum()}便")

# %% [markdown]
# 1行目は遅れる便の合計で、差は数便です。
# ところが便ごとに見ると、割合が0.2以上違うものがあります。
# その便を受け持つ人には、見込みが急に変わったように見えます。
#
# 夕方の会議で、差し替えが承認されました。
# 替える前に、`production`を読み込んだままの画面を1つ、`screen`として開いておきます。

# %%
screen = mlflow.pyfunc.load_model(f"models:/{model_name}@production")

# %%
client.set_registered_model_alias(model_name, "production", current("champion"))
log.append(("バージョン3に替える", current("production")))
report()

# %% [markdown]
# `predict_tonight`はそのままで、使うモデルだけが替わりました。
# では、開いたままの画面はどうなったでしょうか。

# %%
version_of = dict(zip(run_ids, versions, strict=True))
print(f"名札のバージョンは{current('production')}、画面のバージョンは{version_of[screen.metadata.run_id]}です。")

# %% [markdown]
# 画面は、読み込んだときのバージョン1を持ち続けています。
# 名札を見るのは、読み込む瞬間だけだからです。
# 呼ぶたびに読み込むか、1時間ごとに読み直すかを、使う側で決めておきます。

# %% [markdown]
# ## 前のバージョンに戻す
#
# その夜、また電話がきました。
# バージョン3の見込みで配達員を減らしたところ、手が足りないというのです。
# 原因を調べるのは明日にして、いまは前のバージョンに戻します。
# 戻すことを **ロールバック**（rollback）と呼びます。

# %%
client.set_registered_model_alias(model_name, "production", versions[0])
log.append(("バージョン1に戻す", current("production")))
report()

# %% [markdown]
# 1行で戻り、見込みも最初と同じになりました。
# バージョン3は消えていないので、明日ゆっくり調べられます。
# 翌朝、その夜の結果が届きました。

# %%
print(f"実際に遅れたのは{tonight['late'].sum():.0f}便でした。")

# %% [markdown]
# バージョン1の見込みよりも、バージョン3の見込みのほうが近い結果です。
# 調べると、配達員の出勤表に入力の間違いがあり、予定の人数がそろっていませんでした。
# 1晩の結果だけではバージョン3が良いとは言い切れませんが、戻し続ける理由もなくなりました。
# もう一度、バージョン3に差し替えます。

# %%
client.set_registered_model_alias(model_name, "production", versions[2])
log.append(("バージョン3に替える", current("production")))

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は出来事の順、縦軸はproductionが指すバージョン。バージョン1からバージョン3へ上がり、いったんバージョン1に戻り、またバージョン3へ上がる階段状の線"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.2, 3))
ax.step(range(len(log) + 1), [version for _, version in [*log, log[-1]]], where="post")
for number, (event, version) in enumerate(log):
    ax.text(number, version + 0.1, event)
ax.set(xlabel="出来事の順", ylabel="productionが指すバージョン", ylim=(0.5, 3.6))
ax.set_xticks(range(len(log)), range(1, len(log) + 1))
ax.set_yticks([1, 2, 3])
plt.show()

# %% [markdown]
# 横軸は出来事の順、縦軸は`production`の指すバージョンです。
# 線が上がったのが差し替え、下がったのがロールバックです。
# 右端の横線は、4つ目の付け替えがいまも続いていることを表します。
# バージョン2には一度も止まっていません。
# ゲートが見送ったからです。
#
# この図は、自分で書き留めた`log`から描きました。
# 台帳が覚えているのは、名札がいま指すバージョンだけで、前に指していたバージョンは残りません。
# Databricksでは、Unity Catalogへの操作が監査ログに残ります（「Unity Catalogによるガバナンス」）。

# %% [markdown]
# ## 誰が登録し、誰が替えてよいか【読むだけ】【自習】
#
# 共有フォルダーの`model.pkl`は、開ける人なら誰でも書き換えられました。
# Unity Catalogでは、登録モデルにも表と同じように権限を付けます。
#
# | したいこと | 要るもの |
# |---|---|
# | 新しい名前で登録する | スキーマへの`CREATE MODEL` |
# | バージョンを足す | モデルの持ち主であること、またはモデルへの`CREATE MODEL VERSION` |
# | エイリアスを付け替える | モデルの持ち主であること |
# | 読み込んで予測する | モデルへの`EXECUTE` |
#
# どの行でも、カタログへの`USE CATALOG`とスキーマへの`USE SCHEMA`も要ります。
# 夜勤の担当者には、使う権限だけを渡します。
# 権限の命令の中では、登録モデルの種類を`FUNCTION`と書く決まりです。
#
# ```sql
# GRANT EXECUTE ON FUNCTION prod.delivery.late_model TO `night-shift`;
# ```
#
# こうすると、夜勤の担当者は予測を読めますが、バージョンを替えられません。
# 替えられるのは持ち主だけなので、持ち主は1人にせず、休んでも困らないようにグループにします。
# 手元の台帳には権限の仕組みがないので、この節は読むだけです。

# %% [markdown]
# ## どのバージョンが出した予測かを残す
#
# 差し替えと戻しのあった夜に、「この見込みは、どちらのバージョンの数字ですか」と聞かれました。
# 予測の値だけを渡していると、答えられません。
# 予測の行に、バージョン番号を書き添えます。


# %%
def predict_with_version(rows):
    version = current("production")
    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    late_rate = model.predict(rows[FEATURES]).round(3)
    return rows[FEATURES].assign(late_rate=late_rate, model_version=version)


# %%
predict_with_version(tonight).head(3)

# %% [markdown]
# 先に名札から番号を引き、その番号で読み込みました。
# `@production`で読み込んでから番号を調べると、間に付け替えがあったとき、予測と番号が食い違います。

# %% [markdown]
# ## バージョンから、データまでさかのぼる【自習】
#
# 「いま使っているモデルは、どのデータで学習したのか」。
# バージョンはランのIDを、ランは使った表の名前とバージョンを覚えています。
# MLflowは、表のバージョンが0のときだけ、その番号を書き残しません。
# そこで`get`で0を補います。
# バージョンを渡し忘れたランも0に見えるので、この補い方は、`train`のように必ずバージョンを渡すときだけ使えます。

# %%
import json


def data_of(version):
    run = client.get_run(client.get_model_version(model_name, version).run_id)
    source = json.loads(run.inputs.dataset_inputs[0].dataset.source)
    return source["delta_table_name"], source.get("delta_table_version", 0)


# %%
print(data_of(current("production")))

# %% [markdown]
# `VERSION AS OF`で読み直せば、学習に使ったのと同じ行が手に入ります。
# 名札からデータまで、3つのバージョンのつながりを図にします。

# %% tags=["figure"] mystnb={"image": {"alt": "左から名札、モデルのバージョン、ラン、表のバージョンの4列の図。championとproductionはバージョン3につながり、バージョン1、バージョン2、バージョン3はそれぞれのランを通って表のバージョン0、バージョン1、バージョン2につながる"}}
fig, ax = plt.subplots(figsize=(5.2, 3))


def box(column, row, text):
    ax.text(column, row, text, ha="center", va="center", bbox={"fc": "white", "ec": "tab:blue"})


for row, version in enumerate(versions):
    run_name = client.get_run(run_ids[row]).info.run_name
    ax.plot([1, 2, 3], [row] * 3, color="gray", zorder=0)
    for column, text in enumerate([f"バージョン{version}", run_name, f"表のバージョン{data_of(version)[1]}"], 1):
        box(column, row, text)
for offset, alias in ((0.2, "champion"), (-0.3, "production")):
    row = versions.index(current(alias))
    ax.plot([0, 1], [row + offset, row], color="gray", zorder=0)
    box(0, row + offset, alias)
ax.set_xticks(range(4), ["名札", "モデルのバージョン", "ラン", "表のバージョン"])
ax.set(xlim=(-0.5, 3.5), ylim=(-0.6, 2.6), yticks=[])
plt.show()

# %% [markdown]
# 左端の名札から右へ、線に沿ってたどります。
# `production`からバージョン3、そのラン、表のバージョン2までが1本につながっています。
# 逆向きにたどれば、「表のバージョン1に間違いが見つかったら、作り直すのはどのモデルか」にも答えられます。
# バージョン2です。
#
# 何から作られたかをたどるこの道筋が、モデルのリネージです。
# ここでたどれるのは、自分で`log_input`に渡したものだけです。
# 書き忘れたデータは、誰にもたどれません。
# Databricksでは、`log_input`に渡したUnity Catalogの表が登録のときに一緒に送られ、画面でもバージョンから表までをたどれます【読むだけ】。

# %% [markdown]
# ## 「ステージ」と書かれた資料を読むとき【自習】
#
# 古い資料には、モデルの状態を **ステージ**（stage）で表すものがあります。
# バージョンは`None`で始まり、`Staging`、`Production`、`Archived`へ移ります（None → Staging → Production → Archived）。
# 名前は4つに決まっていて、1つのバージョンが持てるステージは1つだけです。
# 「試験の環境か本番の環境か」と「どの役目か」を、この1つの言葉で表していました。
# ステージは、MLflowでは2.9から非推奨になり、Unity Catalogでは使えません。
#
# 同じことを、いまは次のように書きます。
#
# | ステージ | いまの書き方 |
# |---|---|
# | `None` | エイリアスを付けない |
# | `Staging` | 試験の環境のカタログ（`staging.…`）に登録するか、`challenger`を付ける |
# | `Production` | 本番のカタログ（`prod.…`）に登録し、`champion`や`production`を付ける |
# | `Archived` | エイリアスを外し、タグに理由を書く |
#
# Unity Catalogで古いコードを動かすと、次の文で始まるエラーになります。
#
# ```text
# Method 'transition_model_version_stage' is unsupported for models in the Unity Catalog.
# We recommend using aliases instead of stages for more flexible model deployment management.
# ```
#
# 「Unity Catalogのモデルでは、このメソッドは使えません。ステージの代わりに、エイリアスを勧めます」という意味です。
# 手元の台帳ではまだ動いてしまうので、動いたからと書き残さないでください。

# %% [markdown]
# 試験の環境から本番の環境へ進めるときは、バージョンを`prod.delivery.late_model`のような別の名前へ写します。
# 手元にはカタログが1つしかないので、名前の終わりに`_prod`を付けて代わりにします。

# %%
prod_name = f"{model_name}_prod"
with contextlib.suppress(MlflowException):
    client.delete_registered_model(prod_name)
with contextlib.redirect_stderr(io.StringIO()):
    copied = client.copy_model_version(f"models:/{model_name}@champion", prod_name)
print(f"写した先のバージョンは{copied.version}、もとはバージョン{version_of[copied.run_id]}です。")

# %% [markdown]
# 学習し直さずに、点検を通ったバージョンがそのまま写りました。
# 番号は写した先で1から始まりますが、ランのIDは同じなので、学習したデータまでたどれます。
#
# > **注意** 登録先は、MLflow 3では最初からUnity Catalogです。
# > MLflow 2では設定しだいだったので、古いコードには`mlflow.set_registry_uri("databricks-uc")`という指定があります。
# > Free Editionで登録の行が権限のエラーになったら、付録「Databricks Free Editionで動かす」の「モデルを登録する授業の前に」を見てください。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_24 import check

# %% [markdown]
# 練習1で使う関数です。
# 昇格の判断に使う情報を、バージョン番号から1枚のカード（辞書）にまとめます。


# %%
def card(version):
    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    return {
        "auc": round(holdout_auc(version), 3),
        "inputs": model.metadata.signature.inputs.input_names(),
        "description": client.get_model_version(model_name, version).description,
    }


card(versions[2])

# %% [markdown]
# ### 練習 1: ゲートに条件を足す
#
# 本文のゲートは、AUCがわずかでも高ければ通します。
# 差がわずかなら、替える手間のほうが大きいと決まりました。
# 2枚のカードを受け取り、次の条件をすべて満たすときだけ`True`、そうでなければ`False`を返す関数`passes_gate(candidate, champion)`を書いてください。
#
# 1. `candidate`の`auc`が、`champion`より0.01以上高い。
# 2. 2枚の`inputs`が等しい（並びの違いは、どちらに判断してもかまいません）。
# 3. `candidate`の`description`が書いてある（`None`でも空の文字列でもない）。
#
# <details><summary>ヒント</summary>
#
# カードは辞書なので、AUCは`candidate["auc"]`で取り出せます。
# 空の文字列も`None`も、`bool(…)`に渡すと`False`になります。
# 書けたら、`passes_gate(card(3), card(1))`を試してください。
#
# </details>

# %% 練習 1
passes_gate = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: バージョン2を作ったデータを突き止める【自習】
#
# バージョン2の点数が低い理由を調べます。
# モデルのバージョン2の学習に使われた、表のバージョン番号を、整数で`table_version`に入れてください。
# 次に、そのバージョンの表を読み、距離が100kmを超える行の数を、整数で`n_strange`に入れてください。
#
# <details><summary>ヒント</summary>
#
# `data_of`の返す2つ目の値が、表のバージョンです。
# 表のバージョンを指す読み方は、`train`の中の`query`と同じです。
# `VERSION AS OF`は表の名前のすぐ後に書き、`WHERE`はその後に書きます。
# 行の数は、Sparkの`count()`で数えられます。
# SQLのエラーが出たら、英語の中の`^^^`が間違いの場所を指します。
#
# </details>

# %% 練習 2
table_version = ...
n_strange = ...

# %% 確認 2
check(2)

# %% [markdown]
# 練習3のために、`challenger`と`production`の名札を外しておきます。
# 付いたままだと、自分で付けたのか、本文で付けたのかが分からないからです。
# 付け直すまで、`@production`での読み込みは失敗します。

# %%
for alias in ("challenger", "production"):
    with contextlib.suppress(MlflowException):
        client.delete_registered_model_alias(model_name, alias)

# %% [markdown]
# ### 練習 3: ステージのコードを書き直す【自習】
#
# 前任者のコードです。
# 読むだけで、動かしません。
#
# ```python
# client.transition_model_version_stage(model_name, version=2, stage="Staging")
# client.transition_model_version_stage(model_name, version=3, stage="Production")
# old_model = mlflow.pyfunc.load_model(f"models:/{model_name}/Production")
# ```
#
# 同じ意味になるように、エイリアスで書き直してください。
# `Staging`は`challenger`に、`Production`は`production`に読み替えます。
#
# - バージョン2とバージョン3に、読み替えた名前の名札を付ける。
# - `load_model`に渡す`models:/`で始まる文字列を、書き直して`model_uri`に入れる。
#
# <details><summary>ヒント</summary>
#
# 名札は、本文の`set_registered_model_alias`で、モデルの名前、名札、バージョンの順に渡して付けます。
# 文字列は、`predict_tonight`の中の`load_model`に渡しているものが手本です。
# 書けたら、`mlflow.pyfunc.load_model(model_uri)`で読み込めるか試してください。
#
# </details>

# %% 練習 3
model_uri = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 戻してよいバージョンを選んで、戻す【自習】
#
# バージョン3を止めることになりました。
# 戻す先は、バージョン3より前のバージョンのうち、AUCが最も高いバージョンとします。
#
# - 戻す先のバージョン番号を、`safe_version`に入れる。
# - `production`を、そのバージョンに付け替える。
# - 付け替えた後の`predict_tonight(tonight)`の結果を、手を加えずに`after`に入れる。
#
# <details><summary>ヒント</summary>
#
# AUCは`holdout_auc(1)`のように調べられます。
# 数を目で見て選んでもかまいません。
# pandasの`idxmax`などで選んだときは、`int(…)`でPythonの整数にしてから名札を付けます。
#
# </details>

# %% 練習 4
safe_version = ...
after = ...

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 使う側のコードに`models:/名前/3`と書くのと、`models:/名前@production`と書くのは、何が違いますか。
#
# <details><summary>ア. 同じバージョンを指すので、違いはない</summary>
#
# 不正解です。
# いまは同じバージョンでも、差し替えた後に違いが出ます。
#
# </details>
# <details><summary>イ. 前者はバージョンを固定し、後者は名札の付け替えに従う</summary>
#
# 正解です。
# 結果を後で再現したいときは番号、そのとき使うと決めたバージョンに従いたいときは名札を使います。
#
# </details>
# <details><summary>ウ. 後者は、いつも番号の最も大きいバージョンを指す</summary>
#
# 不正解です。
# 新しいバージョンを登録しても、名札は自分では動きません。
#
# </details>
#
# **問 2.** 登録のときに署名を付けるのはなぜですか。
#
# <details><summary>ア. 列の足りない入力や、型の違う入力を、予測の前に断れるから</summary>
#
# 正解です。
# どの列がおかしいかを、名前を挙げて知らせます。
#
# </details>
# <details><summary>イ. 誰が作ったかを証明できるから</summary>
#
# 不正解です。
# 言葉からはそう思えますが、ここでの署名は、入力と出力の列の名前と型のことです。
#
# </details>
# <details><summary>ウ. 単位の違う距離のような、おかしな値を断れるから</summary>
#
# 不正解です。
# 入力を調べるので値も見ていそうですが、メートルの距離は通りました。
# 型が同じなら、値は調べません。
#
# </details>
#
# **問 3.** 登録したバージョン3を、`production`から外しました。
# バージョン3はどうなりますか。
#
# <details><summary>ア. 台帳から消える</summary>
#
# 不正解です。
# 名札を外しただけで、バージョンもモデルも残ります。
#
# </details>
# <details><summary>イ. 台帳に残り、番号でも、別の名札でも読み込める</summary>
#
# 正解です。
# だから後で調べられ、また使うこともできます。
#
# </details>
# <details><summary>ウ. 自動で<code>Archived</code>になる</summary>
#
# 不正解です。
# それはステージの考え方です。
# エイリアスには、決まった移り方がありません。
#
# </details>
#
# **問 4.** ゲートが候補を見送りました。
# 最初にすることはどれですか。
#
# <details><summary>ア. 条件を緩めて通す</summary>
#
# 不正解です。
# 急いでいると緩めたくなりますが、バージョン2のように、データの間違いが原因かもしれません。
#
# </details>
# <details><summary>イ. すぐに学習し直す</summary>
#
# 不正解です。
# データも`random_state`も同じなら、学習し直しても同じ点数になります。
#
# </details>
# <details><summary>ウ. バージョンからランとデータをたどり、点数の低い理由を調べる</summary>
#
# 正解です。
# たどれるように、学習のときに`log_input`で残してあります。
#
# </details>
#
# **問 5.** `production`をバージョン3からバージョン1に戻しました。
# その前の、`production`がバージョン3を指していた夕方に読み込み、開いたままの画面は、どのバージョンで予測しますか。
#
# <details><summary>ア. バージョン1。名札の付け替えは、すぐに全員に効く</summary>
#
# 不正解です。
# 名札は共有のものなので、そう思いたくなります。
# しかし、読み込み済みのモデルは、もう名札を見ません。
#
# </details>
# <details><summary>イ. バージョン3。読み込み直すまで、そのまま</summary>
#
# 正解です。
# 戻したと伝えるときは、画面が読み直すまでの時間も伝えます。
#
# </details>
# <details><summary>ウ. 名札が動いたので、予測がエラーになる</summary>
#
# 不正解です。
# 読み込んだモデルは手元にあるので、名札が動いても、外されても動きます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 登録すると、モデルに名前とバージョン番号が付き、説明とタグを添えられます。
# - 署名は、足りない列や型の違う列を断ります。値がおかしいかどうかは調べません。
# - 使う側は`@production`と書き、差し替えとロールバックは名札の付け替えで済みます。
# - 昇格の条件をコードに書いておくと、点数の落ちたバージョンが止まります。
# - 予測にバージョン番号を添えると、どのバージョンの数字かに後から答えられます。
# - バージョンからラン、ランからデータのバージョンへとさかのぼれます。
# - ステージは古い方法で、いまはエイリアスと環境ごとのカタログで表します。
#
# 次のレッスンでは、モデルの入力になる特徴量を、同じように名前を付けて管理します。

# %%
check.summary()
