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
# 2025年の秋、ひだまり便の配送部に、夜勤の担当者から電話がきました。
# 「今夜から、遅れの見込みが変です。昼に差し替えたモデルを、前のものに戻してください」。
#
# 森さんが前の年に作り始めた遅れ予測は、いまでは毎晩の配車に使われています。
# ところが共有フォルダーには`model.pkl`、`model_new.pkl`、`model_0920_ok.pkl`が並び、昼まで使っていたのがどれかは分かりません。
# 勘で1つを選んで`model.pkl`に名前を変えたところ、翌朝、列の順番が違うというエラーで見込みの画面が止まりました。
#
# モデルに名前とバージョン番号が付き、「いま使うバージョン」を指す名前を付け替えられれば、戻す作業は1行で終わります。
# ここでは登録から昇格、差し替え、ロールバックまでを順に動かし、この電話に1行で応えられるようにします。
#
# ## このレッスンで学ぶこと
#
# - モデルを登録し、バージョン番号、説明、タグを付ける。
# - 署名が断る入力と、断らない入力を確かめる。
# - エイリアスで「いま使うバージョン」を指し、使う側のコードを変えずに差し替え、戻す。
# - 昇格の条件をコードに書き、条件を満たさないバージョンを止める。
# - バージョンから、学習したランと、使った表のバージョンまでたどる。
# - 古い資料の「ステージ」を、エイリアスに読み替える。

# %% [markdown]
# ## 材料: 3回届いた記録と、3つのモデル
#
# 配達の記録は、モジュール`late_deliveries`が作る架空のものです。
# 列は13と同じで、`distance`は距離（km）、`parcels`は荷物の数、`rain`は雨なら1、`late`は遅れたら1です。
# 当てたいのは`late`で、残りの3列が特徴量になります。
#
# 記録は3回に分けて届き、森さんはそのたびに表`deliveries`を上書きしました。
#
# | 回 | 届いた記録 | 表のバージョン |
# |---|---|---|
# | 1回目 | 200便 | 0 |
# | 2回目 | 2,000便（1回目の200便を含む） | 1 |
# | 3回目 | 2,000便（2回目と同じ便の出し直し） | 2 |
#
# なぜ出し直しになったのかは、どこにも書かれていません。

# %%
import late_deliveries
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS model_registry_demo")
spark.sql("USE model_registry_demo")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %%
spark.sql("DROP TABLE IF EXISTS deliveries")
for records in late_deliveries.received():
    spark.createDataFrame(records).write.mode("overwrite").saveAsTable("deliveries")


# %%
def deliveries_at(version):
    query = f"SELECT * FROM deliveries VERSION AS OF {version} ORDER BY delivery_id"
    return spark.sql(query).toPandas()


# %% [markdown]
# 候補を比べるために、どの回にも入っていない500便を取っておきます。
# 別々のデータで測った点数は比べられないので、どのモデルもこの **検証データ**（validation data）で採点します。

# %%
FEATURES = ["distance", "parcels", "rain"]
validation = late_deliveries.make(500, seed=9)

# %% [markdown]
# 学習を記録するエクスペリメントも用意します。
# `setLevel`の行は、モデルを保存するたびに出る長い注意書きを止めるためのものです。

# %%
import logging

import mlflow

logging.getLogger("mlflow").setLevel(logging.ERROR)
mlflow.end_run()
user = spark.sql("SELECT current_user()").first()[0]
path = f"/Users/{user}/24_model_registry_demo"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)

# %% [markdown]
# モデルをランに残すときは、使う人のための情報を4つ添えます。
#
# | 引数 | 残すもの |
# |---|---|
# | `signature` | 入力と出力の列の名前と型 |
# | `input_example` | 入力の例を数行 |
# | `pip_requirements` | 読み込むのに必要なパッケージと、そのバージョン |
# | `pyfunc_predict_fn` | 読み込んだ後の`predict`が呼ぶメソッド |
#
# 4つ目を書くのは、分類のモデルの`predict`が、そのままでは0か1しか返さないからです。
# 知りたいのは遅れる確率なので、`predict_proba`を呼ぶように書いておきます。

# %%
import pandas as pd
import sklearn
from mlflow.models import infer_signature

PACKAGES = [f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"]


def log_model(model, example):
    return mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict_proba(example)),
        input_example=example,
        pip_requirements=PACKAGES,
        pyfunc_predict_fn="predict_proba",
    )


# %% [markdown]
# 表のバージョンを1つ読んで学習し、データ、条件、検証データのAUC、モデルを1つのランに残します。
# 書き方は17と同じです。

# %%
from mlflow.data.delta_dataset_source import DeltaDatasetSource
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

home = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}"


def train(version):
    data = deliveries_at(version)[[*FEATURES, "late"]]
    source = DeltaDatasetSource(delta_table_name=f"{home}.deliveries", delta_table_version=version)
    model = RandomForestClassifier(max_depth=4, random_state=0).fit(data[FEATURES], data["late"])
    with mlflow.start_run(run_name=f"table_v{version}") as run:
        mlflow.log_input(mlflow.data.from_pandas(data, source=source, name="deliveries"))
        mlflow.log_params({"rows": len(data), "table_version": version})
        probability = model.predict_proba(validation[FEATURES])[:, 1]
        mlflow.log_metric("val_auc", roc_auc_score(validation["late"], probability))
        info = log_model(model, data[FEATURES].head(3))
    return run.info.run_id, info.model_uri


# %%
trained = [train(version) for version in (0, 1, 2)]
for run_id, _ in trained:
    run = mlflow.get_run(run_id)
    print(run.info.run_name, run.data.params["rows"], f"{run.data.metrics['val_auc']:.3f}")

# %% [markdown]
# 左から、ランの名前、学習に使った行の数、検証データのAUCです。
# `table_v1`は行が10倍あるのに、`table_v0`より低くなっています。
# 学習は3回とも最後まで進んだので、点数を並べなければ、この違いには気づけませんでした。

# %% [markdown]
# ## 登録すると、名前とバージョン番号が付く
#
# ランに残したモデルにはMLflowがIDを付けますが、長い文字の並びなので、電話で「どのモデルですか」と聞かれても答えられません。
# そこで、モデルに名前を付け、登録のたびにバージョン番号を振ります。
# その場所が **モデルレジストリ**（model registry）で、画面や文書では英語のままModel Registryと書かれます。
# 載せたモデルは **登録モデル**（registered model）といい、名前は表と同じ`カタログ.スキーマ.名前`の3つの部分で付けます。

# %%
client = mlflow.MlflowClient()
model_name = f"{home}.late_model"
print(model_name)

# %% [markdown]
# このレッスンは番号も見せるので、前に実行したときの登録が残っていれば消します（仕事では消さずに、番号を増やします）。
# 見過ごすのは「まだ登録がない」というエラーだけで、権限などのエラーはそのまま表示されます。
#
# `register_model`に、`log_model`が返した`model_uri`と、登録する名前を渡します。
# 登録のたびに出る英語の知らせは、`redirect_stderr`で隠します。

# %%
import contextlib
import io

from mlflow.exceptions import MlflowException

try:
    client.delete_registered_model(model_name)
except MlflowException as error:
    if error.error_code != "RESOURCE_DOES_NOT_EXIST":
        raise
with contextlib.redirect_stderr(io.StringIO()):
    versions = [int(mlflow.register_model(uri, model_name).version) for _, uri in trained]
versions

# %% [markdown]
# 名前は1つで、登録した順に1、2、3と番号が付きました。
# 表のバージョンは0から、モデルのバージョンは1から始まるので、取り違えないようにします。
#
# 少し前の資料では、登録を次の2行で書いています。
#
# ```python
# mlflow.set_registry_uri("databricks-uc")
# mlflow.register_model(f"runs:/{run_id}/model", model_name)
# ```
#
# 1行目は、登録先をUnity Catalogにするという意味です。
# MLflow 3を使うサーバーレスでは、何も書かなくてもUnity Catalogに登録されるので、この本では書きません（手元では、手元のレジストリに登録されます）。
#
# 2行目の`runs:/`は、モデルを、ランのIDと残したときの名前で指します。
# 一方、`log_model`が返す`model_uri`は、モデルのIDで指します。
# 指しているモデルは、どちらも同じです。

# %%
run_id, uri = trained[0]
print(f"いまの書き方の始まり: {uri[:10]}")
print("同じモデルか:", mlflow.models.get_model_info(f"runs:/{run_id}/model").model_uri == uri)

# %% [markdown]
# `runs:/`はまだ動きますが、MLflow 3の文書には、`runs:/`での読み込みは将来なくなるとあります。
# だから、新しく書くコードでは`model_uri`を使います。
#
# 番号だけでは、後で見た人に何のバージョンか分かりません。
# そこで、人が読む説明と、プログラムが読むタグ（名前と値の組）を付け、学習したときの成績と並べます。
# 成績は、バージョンが覚えているランのIDから引いてきます。

# %%
notes = ["1回目に届いた200便で学習", "2回目に届いた2,000便で学習", "3回目に届いた2,000便で学習"]
client.update_registered_model(model_name, description="便ごとの、遅れる確率を予測する")
for version, note in zip(versions, notes, strict=True):
    client.update_model_version(model_name, version, description=note)
    client.set_model_version_tag(model_name, version, "contact", "配達分析係")


# %%
def val_auc(version):
    run_id = client.get_model_version(model_name, version).run_id
    return client.get_run(run_id).data.metrics["val_auc"]


# %%
rows = []
for version in versions:
    one = client.get_model_version(model_name, version)
    auc = round(val_auc(version), 3)
    rows.append({"番号": version, "説明": one.description, **one.tags, "AUC": auc})
registry = pd.DataFrame(rows).set_index("番号")
registry

# %% [markdown]
# 3つのファイルからは読み取れなかったことが、1つの表になりました。
# 何で学習し、何点で、誰に聞けばよいか（`contact`）です。

# %% [markdown]
# ## 署名が、間違った入力を断る
#
# 共有フォルダーのファイルには、何を渡せばよいかも書かれていません。
# 登録したモデルは、`log_model`に渡した **署名**（signature）を持ち運びます。
# 署名は、入力と出力の列の名前と型です。
#
# `models:/名前/番号`と書いてバージョン1を読み込み、署名と **入力例**（input example）を見ます。

# %%
loaded = mlflow.pyfunc.load_model(f"models:/{model_name}/{versions[0]}")
print({column.name: column.type.name for column in loaded.metadata.signature.inputs})
loaded.input_example

# %% [markdown]
# `double`は小数です。
# では、署名と違う表を渡すと、どうなるでしょうか。
# 4通りのうち、通ってしまうものを先に予想してください。


# %%
def attempt(rows):
    try:
        return f"{len(loaded.predict(rows))}便の予測が出ました"
    except MlflowException as error:
        return "断られました。" + str(error).split("Error: ")[-1]


# %%
good = validation[FEATURES]
print("列の順番が違う:", attempt(good[["rain", "parcels", "distance"]]))
print("列が足りない:", attempt(good[["distance", "parcels"]]))
print("距離が文字:", attempt(good.assign(distance="5km")))
print("距離がマイナス:", attempt(good.assign(distance=-5.0)))

# %% [markdown]
# 足りない列（`missing inputs`）と、小数に直せない文字（`Failed to convert`）は、列の名前を挙げて断られました。
# 順番の違いは、名前を見て並べ直してから予測するので、正しい順番と同じ答えになります。
# つまり、森さんの画面を止めた間違いは、もう事故になりません。
#
# ところが、ありえないマイナスの距離は通ってしまいました。
# 署名が調べるのは列の名前と型だけで、値がおかしいかどうかは見ないからです。
# 値の検査は、21の練習2のように、データの側で別にします。
#
# Unity Catalogは、署名のないモデルと、署名に出力が書かれていないモデルの登録を断ります。
# 登録したモデルはほかのチームにも使われるので、何を渡せば何が返るかの分からないものは載せられません。

# %% [markdown]
# ## エイリアスで「いま使うバージョン」を指す
#
# 使う側のコードにバージョン番号を書くと、差し替えのたびにコードを直すことになります。
# そこで、バージョンに付け替えのできる名前を付けます。
# これが **エイリアス**（alias）で、1つのエイリアスが指すのは、いつも1つのバージョンです。
# このレッスンでは2つ使います。
#
# | エイリアス | 意味 |
# |---|---|
# | `champion` | 検査を通った中で、いちばん良いバージョン |
# | `production` | いま予測に使っているバージョン |
#
# 名前は自分で決められますが、`latest`と、`v1`のような番号に見える名前は使えません。
# 最初は比べる基準がないので、検査なしで、バージョン1に2つとも付けます。
# 後で振り返れるように、指す先を`log`に書き留めておきます。

# %%
client.set_registered_model_alias(model_name, "champion", versions[0])
client.set_registered_model_alias(model_name, "production", versions[0])


# %%
def current(alias):
    return int(client.get_model_version_by_alias(model_name, alias).version)


log = {"開始": (current("champion"), current("production"))}

# %% [markdown]
# 夜勤の画面が呼ぶ関数では、番号の代わりに`@production`と書きます。
# この関数は、この後1文字も変えません。
# `predict`が返すのは遅れない確率と遅れる確率の2列なので、`[:, 1]`で遅れるほうを取り出します。


# %%
def predict_tonight(rows):
    model = mlflow.pyfunc.load_model(f"models:/{model_name}@production")
    return model.predict(rows[FEATURES])[:, 1]


def report():
    late = predict_tonight(tonight).sum()
    print(f"バージョン{current('production')}の見込み: {len(tonight)}便のうち{late:.1f}便が遅れる")


# %%
tonight = late_deliveries.make(300, seed=11)
report()

# %% [markdown]
# 便ごとの遅れる確率を合計すると、今夜遅れそうな便の数になります。

# %% [markdown]
# ## 条件を満たしたバージョンだけを昇格させる
#
# 次の候補は、2と3です。
# 昼の差し替えが事故になったのは、点数を見ずに「新しいから」と替えたためでした。
# だから、替えてよい条件を先にコードで書きます。
# 候補を`champion`にすることを **昇格**（promotion）、その条件の検査を **ゲート**（gate）と呼びます。
# 判断するセルの1行目は、もう一度動かしたときも、同じ所から始めるためのものです。


# %%
def challenge(version):
    gain = val_auc(version) - val_auc(current("champion"))
    if gain > 0:
        client.set_registered_model_alias(model_name, "champion", version)
    print(f"バージョン{version}: AUCの差{gain:+.3f}、{'昇格' if gain > 0 else '見送り'}")


# %%
client.set_registered_model_alias(model_name, "champion", versions[0])
challenge(versions[1])
challenge(versions[2])
log["昇格"] = (current("champion"), current("production"))
print(f"championは{current('champion')}、productionは{current('production')}")

# %% [markdown]
# 2は見送られ、3が`champion`になりました。
# `production`はまだ1のままです。
# 検査を通すことと、今夜から使うことは、別々に決められます。
#
# このゲートには、まだ穴があります。
# AUCは、たまたまどの500便で測ったかによっても動くのに、差が0.001でも通してしまうからです。
# どのくらい動くかを、同じ便を何度も引き直して測ります（詳しくは34で扱います）。


# %%
def predict_by(version, rows):
    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    return model.predict(rows[FEATURES])[:, 1]


# %%
import numpy as np

late = validation["late"].to_numpy()
old, new = (predict_by(version, validation) for version in (versions[0], versions[2]))
draws = np.random.RandomState(0).randint(0, len(late), (300, len(late)))
gains = [roc_auc_score(late[d], new[d]) - roc_auc_score(late[d], old[d]) for d in draws]
print(f"3と1の差は、引き直すたびに{np.std(gains):.3f}ほど動く")

# %% [markdown]
# `draws`の1行が、重なりを許して引き直した500便です。
# 差はこれだけ動くので、0.01くらいの差は、たまたま選んだ便のせいかもしれません。
# そこで練習1では、動く幅の2倍を超える0.03を、昇格の目安にします。
# 3と1の差は、それも超えています。

# %% [markdown]
# ## 差し替える前に、並べて予測する
#
# 夜勤の担当者が見る数字がどう変わるかは、AUCからは分かりません。
# そこで、今夜の便を1と3の両方に予測させます。

# %%
pair = pd.DataFrame({"1": predict_by(versions[0], tonight), "3": predict_by(versions[2], tonight)})
change = pair["3"] - pair["1"]
print(pair.sum().round(1).to_dict())
print(f"確率が0.2以上変わる便: {(change.abs() >= 0.2).sum()}便")

# %% tags=["figure"] mystnb={"image": {"alt": "今夜の300便の散布図。横軸はバージョン1の確率、縦軸はバージョン3の確率。多くは対角線の近くに並び、確率が0.2以上変わる便だけが、対角線から離れた上と下に橙色で描かれている"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(4.6, 4.2))
far = change.abs() >= 0.2
ax.plot([0, 1], [0, 1], color="0.6", linewidth=1)
ax.scatter(pair["1"][~far], pair["3"][~far], s=12, color="0.55", label="0.2未満")
ax.scatter(pair["1"][far], pair["3"][far], s=22, color="#c65d00", label="0.2以上変わる")
ax.set_xlabel("バージョン1の確率", fontsize=11)
ax.set_ylabel("バージョン3の確率", fontsize=11)
ax.legend(fontsize=10, loc="lower right")
plt.show()

# %% [markdown]
# 合計の差は、300便のうち7便ほどです。
# ところが、対角線から離れた橙色の便は、確率が大きく上がるか下がるかしています。
# その便を受け持つ配達員には、見込みが急に変わったように見えるはずです。

# %% [markdown]
# ## 差し替える、戻す
#
# 夕方の会議で、差し替えが承認されました。
# 替える前に、`production`を読み込んだままの画面を1つ、`screen`として開いておきます。

# %%
screen = mlflow.pyfunc.load_model(f"models:/{model_name}@production")

# %%
client.set_registered_model_alias(model_name, "production", current("champion"))
log["差し替え"] = (current("champion"), current("production"))
report()

# %% [markdown]
# `predict_tonight`はそのままで、使うモデルだけが替わりました。
# では、開いたままの画面は、どちらのバージョンで予測するでしょうか。

# %%
shown = screen.predict(tonight[FEATURES])[:, 1]
print("1の予測と同じか:", (shown == pair["1"]).all())

# %% [markdown]
# 画面は、読み込んだときの1を持ち続けています。
# エイリアスがどのバージョンを指すかは、読み込むときに1度だけ調べられるからです。
# そのため、呼ぶたびに読み込むか、1時間ごとに読み直すかを、使う側で決めておきます。
#
# その夜、また電話がきました。
# 「いつもなら2割と出るような便に、5割と出ています。配達員たちが、この見込みは信用できないと言っています」。
# 原因を調べるのは明日にして、いまは前のバージョンに戻します。
# 戻すことが、22で見たロールバックです。

# %%
client.set_registered_model_alias(model_name, "production", versions[0])
log["戻す"] = (current("champion"), current("production"))
report()

# %% [markdown]
# 1行で戻り、見込みも最初と同じになりました。
# 3は消えていないので、ゆっくり調べられます。
# 翌朝に届いた結果と、確率が0.2以上変わった便の見込みを比べ、終わりに300便すべての合計も並べます。

# %%
night = pair.add_suffix("の見込み").assign(遅れた便=tonight["late"])
moved = {"上がった便": night[change >= 0.2], "下がった便": night[change <= -0.2], "すべて": night}
totals = [{"便の数": len(rows), **rows.sum().round(1)} for rows in moved.values()]
pd.DataFrame(totals, index=list(moved))

# %% [markdown]
# 見込みは、遅れる確率の合計です。
# 確率が上がった便でも下がった便でも、すべての便を合わせても、実際に遅れた数に近いのは3でした。
# 1晩の結果では言い切れませんが、3のほうが悪いと言える証拠は、見つかりませんでした。
# 足りなかったのは、便ごとの見込みが変わると前もって知らせることです。
# 配達員に説明してから、もう一度3にします。

# %%
client.set_registered_model_alias(model_name, "production", versions[2])
log["もう一度"] = (current("champion"), current("production"))

# %% tags=["figure"] mystnb={"image": {"alt": "3つのバージョンを横線で並べた時間の図。championは昇格の時に1から3へ移り、そのまま動かない。productionは差し替えで3へ移り、戻すで1へ下がり、もう一度3へ移る。2を指したエイリアスは無い"}}
from figures.registry import alias_timeline

alias_timeline(log)

# %% [markdown]
# 灰色の線がバージョンで、登録した後は3本とも右端まで残ります。
# 動いたのはエイリアスだけです。
# 2はゲートを通らなかったので、一度も指していません。
#
# この図は、自分で書き留めた`log`から描きました。
# レジストリが覚えているのは、エイリアスがいま指すバージョンだけだからです。
# Databricksでは、付け替えの操作が、23の監査ログ（操作の記録）に残ります。

# %% [markdown]
# ## バージョンから、データまでさかのぼる
#
# 「いま使っているモデルは、どのデータで学習したのですか」。
# バージョンはランのIDを、ランは使った表の名前とバージョンを覚えています。


# %%
def data_of(version):
    run = client.get_run(client.get_model_version(model_name, version).run_id)
    source = mlflow.data.get_source(run.inputs.dataset_inputs[0])
    return source.delta_table_name, int(run.data.params["table_version"])


# %%
print(data_of(current("production")))

# %% [markdown]
# エイリアスからバージョン、ラン、表までが、1本につながりました。
# すべてのバージョンで同じことをして逆向きにたどれば、「この表の間違いで、作り直すのはどのモデルか」にも答えられます。
# この道筋が、モデルのリネージです。
# たどれるのは自分で残したものだけなので、書き忘れたデータには誰もたどり着けません。
#
# ただし、同じ行を`VERSION AS OF`で読み直せるのは、保持期間の間だけです（14で見たとおり、Unity Catalogの管理テーブルでは既定で7日）。
# 後で学習し直すかもしれないデータは、別の表にコピーしておきます。
#
# > **Databricksでは** ノートブックかジョブで記録したランなら、`log_input`に渡したUnity Catalogの表が登録のときに一緒に送られ、画面でもたどれます。
# > これはMLflowのコードで確かめたことで、Databricksの上で動かして確かめてはいません。

# %% [markdown]
# ## 誰が登録し、誰が替えてよいか【読むだけ】【自習】
#
# 共有フォルダーの`model.pkl`は、開ける人なら誰でも書き換えられました。
# Unity Catalogでは、登録モデルにも表と同じように権限を付けます。
#
# | したいこと | 必要なもの（ほかに、`USE CATALOG`と`USE SCHEMA`） |
# |---|---|
# | 新しい名前で登録する | スキーマへの`CREATE MODEL` |
# | バージョンを足す | モデルの持ち主であること、またはモデルへの`CREATE MODEL VERSION` |
# | エイリアスを付け替える | モデルの持ち主であること |
# | 読み込んで予測する | モデルへの`EXECUTE` |
#
# だから、夜勤の担当者には`EXECUTE`だけを渡します（23で見たとおり、`GRANT`では種類を`FUNCTION`と書きます）。
# すると、モデルを読み込んで予測できますが、エイリアスは替えられません。
#
# 持ち主のほかに文書で確かめられたのは、メタストアの管理者です。
# 持ち主に似た権限の`MANAGE`を渡した人も付け替えられるという報告がありますが、文書では確かめられませんでした。
# 持ち主は1人にせず、休みの日にも戻せるようにグループにします。
# なお、タグの`contact`は連絡先のメモで、書き換えても持ち主は変わりません。

# %% [markdown]
# ## 「ステージ」と書かれた資料を読むとき【自習】
#
# エイリアスができる前は、バージョンの状態を **ステージ**（stage）で表していました。
# `None`で始まり、`Staging`、`Production`、`Archived`と移ります（None → Staging → Production → Archived）。
# 名前はこの4つに決まっていて、1つのバージョンが持てるステージは1つだけです。
# そのため、「試験の環境か本番の環境か」と「候補か採用済みか」を、1つの言葉で表すしかありませんでした。
#
# | ステージ | いまの書き方 |
# |---|---|
# | `None` | エイリアスを付けない |
# | `Staging` | 試験の環境のカタログに登録するか、検査中を表すエイリアス（`challenger`が慣例）を付ける |
# | `Production` | 本番の環境のカタログに登録し、`champion`や`production`を付ける |
# | `Archived` | エイリアスを外し、タグに理由を書く |
#
# 試験の環境から本番の環境へは、`client.copy_model_version`でバージョンをコピーします。
# 学習し直さないので、検査したモデルと本番のモデルが同じものになります。
#
# ステージは、MLflow 2.9から非推奨になり、Unity Catalogでは使えません。
# 古いコードを動かすと、次の文で始まるエラーが出ます。
#
# ```text
# Method 'transition_model_version_stage' is unsupported for models in the Unity Catalog.
# We recommend using aliases instead of stages for more flexible model deployment management.
# ```
#
# 手元ではまだ動きますが、動いたからといって、新しいコードには書かないでください。

# %% [markdown]
# ## 画面で見る【自習】
#
# 同じことは、MLflowの画面でも見られます（下の写真は、手元で開くオープンソースのMLflow 3.12の画面です）。
# `make mlflow`が表示する登録モデルのうち、`late_model`で終わる名前の下のURLを開きます。
# 「Model registry」から一覧をたどっても、同じページに着きます。
# 新しい画面の案内が重なって出たら、「Try it now」を押してください。
#
# 「Versions」の表に、①の番号と「Tags」「Aliases」「Description」が並びます。
# ②の「Aliases」を見れば、いま使うバージョンが分かり、その列の鉛筆の印から付け替えられます。
#
# ![MLflowの登録モデルの表で、Versionに①、Aliasesに②の印が付き、championとproductionがVersion 3の行にある写真](pictures/24_versions.png)

# %% [markdown]
# 「Version 3」を押すと、①の「Schema」に署名が出ます（「Inputs」と「Outputs」は、押すと開きます）。
#
# ![MLflowのVersion 3のページで、Schemaに①の印が付き、入力のdistance、parcels、rainの型が並ぶ写真](pictures/24_version.png)
#
# 同じページの「Source Run」のランを開けば、AUCのほかに、①の「Datasets」に残した表までたどれます。
# ランの側からも、②の「Registered models」で、どのバージョンになったかが分かります。
#
# ![MLflowのtable_v2のページで、データdeliveriesのあるDatasetsに①、v3とあるRegistered modelsに②の印が付いた写真](pictures/24_source_run.png)
#
# > **Databricksでは** モデルの置き場所は「Model registry」ではなく、左のメニューの「カタログ」（Catalog）です。
# > スキーマの中のモデルを開くと、バージョンの一覧が出ます（カタログエクスプローラーの画面で、実機では未確認です）。
#
# > **注意** Free Editionで登録の行が権限のエラーになったら、付録「Databricks Free Editionで動かす」の「モデルを登録する授業の前に」を見てください。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_24 import check

# %% [markdown]
# ### 練習 1: ゲートを直す
#
# 配送部で最初に書かれたゲートは、次のとおりでした。
# 候補と`champion`の情報を、1つずつの辞書で受け取ります。
#
# ```python
# def passes_gate(candidate, champion):
#     return candidate["auc"] > champion["auc"]
#
# passes_gate(
#     {"auc": 0.84, "inputs": ["distance", "parcels", "rain"], "description": "2,000便で学習"},
#     {"auc": 0.80, "inputs": ["distance", "parcels", "rain"], "description": "200便で学習"},
# )
# ```
#
# このゲートが通した3つの候補は、どれも困りごとになりました。
# 1つ目はAUCの差が0.002しかなく、差し替えの手間だけがかかりました。
# 2つ目は入力の列が1つ増えていて、夜勤の画面が止まりました。
# 3つ目は説明がなく、何のモデルかを誰も答えられませんでした。
#
# 次の3つをすべて満たすときだけ`True`、そうでなければ`False`を返すように、`passes_gate`を書き直してください。
#
# 1. `candidate`の`auc`が、`champion`より0.03以上高い。
# 2. 2つの`inputs`が等しい（並びの違いは、どちらに判断してもかまいません）。
# 3. `candidate`の`description`が書いてある（`None`でも空の文字列でもない）。
#
# <details><summary>ヒント</summary>
#
# 3つの条件を別々の変数に入れ、最後に`and`でつなぐと読みやすくなります。
# 空の文字列も`None`も、`bool(…)`に渡すと`False`になります。
#
# </details>

# %% 練習 1
passes_gate = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 2の点数が低い理由を突き止める【自習】
#
# ゲートは2を止めましたが、なぜ低いのかは分からないままです。
# レジストリの記録をたどって調べ、次の3つに入れてください。
#
# - `table_version`: モデルのバージョン2の学習に使った、表のバージョン（整数）
# - `wrong_column`: その表と、出し直した表（表のバージョン2）を便ごとに比べたとき、値の違う行がある列の名前（文字列）
# - `ratio`: 値の違う行では、出し直す前の値が、出し直した後の値の何倍か（数）
#
# <details><summary>ヒント</summary>
#
# 表のバージョンは`data_of`で調べます。
# 表は`deliveries_at(番号)`で読めて、どちらも`delivery_id`の順に並びます。
# 2つの表を`before`と`after`とすると、`(before != after).sum()`が、列ごとの違う行の数です。
# 倍率は、`before[列] / after[列]`を、違う行について見ます。
#
# </details>

# %% 練習 2
table_version = ...
wrong_column = ...
ratio = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 戻す先を決めて、戻す【自習】
#
# 別の夜、3の見込みがまたおかしいと電話がきて、今夜は3を使わないことに決まりました。
# 同僚は「すぐ前の番号の2に戻せばよい」と言っています。
# それでよいかを、レジストリの記録とこれまでの出来事から判断し、1か2のどちらかに戻してください。
#
# - 戻す先の番号を、`safe_version`に入れる。
# - `production`を、そのバージョンに付け替える。
# - 付け替えた後の`predict_tonight(tonight)`の結果を、手を加えずに`restored`に入れる。
#
# <details><summary>ヒント</summary>
#
# 表`registry`のAUCと、ゲートの判断を見直します。
# pandasの`idxmax`などで選んだときは、`int(…)`でPythonの整数にしてからエイリアスを付けます。
#
# </details>

# %% 練習 3
safe_version = ...
restored = ...

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 使う側のコードに`models:/名前/3`と書くのと、`models:/名前@production`と書くのは、何が違いますか。
#
# <details><summary>ア. いま同じバージョンを指しているなら、書き方が違うだけで、この先も結果は変わらない</summary>
#
# いまの結果だけを見れば、違いはありません。
# 違いが出るのは、`production`を付け替えた後です。
# 前者は3のままで、後者は付け替えた先に変わります。
#
# </details>
# <details><summary>イ. 後者は、いつも番号の最も大きいバージョンを指す</summary>
#
# 「新しいものが本番になる」と考えた人の答えです。
# 新しいバージョンを登録しても、エイリアスは自分では動きません。
#
# </details>
# <details><summary>ウ. 前者は固定され、後者はエイリアスの付け替えに従う</summary>
#
# 正解です。
# 結果を後で再現したいときは番号、そのとき使うと決めたバージョンに従いたいときはエイリアスを使います。
#
# </details>
#
# **問 2.** 登録のときに署名を付けると、何ができますか。
#
# <details><summary>ア. 列の足りない入力や、型の違う入力を、予測の前に断れる</summary>
#
# 正解です。
# どの列がおかしいかも、名前を挙げて知らせます。
#
# </details>
# <details><summary>イ. 誰がモデルを作ったかを証明でき、途中で書き換えられていないことも確かめられる</summary>
#
# 電子署名からの連想です。
# ここでの署名は、入力と出力の列の名前と型のことで、作った人は書かれていません。
#
# </details>
# <details><summary>ウ. マイナスの距離のような、ありえない値を断れる</summary>
#
# 入力を調べるのだから値も見るはずだ、と考えたくなります。
# しかし、型が同じなら通ります。
# 値の検査は、データの側で別に作ります。
#
# </details>
#
# **問 3.** ゲートが候補を見送りました。
# 最初にすることはどれですか。
#
# <details><summary>ア. 条件が厳しすぎたと考え、AUCの差の目安を下げて、もう一度ゲートにかける</summary>
#
# 目安は人が決めたものなので、動かしたくなります。
# しかし、結果を見てから条件を変えると、ゲートは何も止めなくなります。
#
# </details>
# <details><summary>イ. バージョンからランと表をたどり、低い理由を調べる</summary>
#
# 正解です。
# たどれるように、学習のときに記録を残してあります。
#
# </details>
# <details><summary>ウ. 同じデータで、すぐに学習し直す</summary>
#
# 「学習の運が悪かった」と考えた人は、ここを選びます。
# このレッスンのようにデータも`random_state`も同じなら、学習し直しても同じモデルになります。
#
# </details>
#
# **問 4.** `production`を3から1に戻しました。
# その前の夕方、`production`が3を指していたときに読み込んで、開いたままの画面があります。
# この画面は、どのバージョンで予測しますか。
#
# <details><summary>ア. 1。エイリアスは全員で共有しているので、付け替えはすぐに行き渡る</summary>
#
# 共有なのは、レジストリにあるエイリアスです。
# 読み込み終えたモデルは、もうエイリアスを見に行きません。
#
# </details>
# <details><summary>イ. どちらでもない。指す先が変わったので、予測がエラーになる</summary>
#
# 読み込んだモデルは画面のメモリーにあります。
# そのため、エイリアスが動いても、外されても、予測は続きます。
#
# </details>
# <details><summary>ウ. 3。読み込み直すまで、そのまま</summary>
#
# 正解です。
# 戻したと伝えるときは、画面が読み直すまでの時間も伝えます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 登録すると、モデルに名前とバージョン番号が付き、説明とタグを添えられます。
# - 署名は、足りない列や型の違う列を断ります。値がおかしいかどうかは調べません。
# - 使う側は`@production`と書くので、差し替えもロールバックも、エイリアスの付け替えで済みます。
# - 昇格の条件をコードに書いておくと、条件を満たさないバージョンが止まります。差の目安は、検証データの揺れより大きく取ります。
# - バージョンからラン、ランから表のバージョンへとさかのぼれます。
# - ステージは以前の方法で、いまはエイリアスと環境ごとのカタログで表します。
#
# 次のレッスンでは、モデルの入力になる特徴量を、同じように名前を付けて管理します。
# 自分で作ったモデルを登録し、予測の行にバージョン番号を添えて残すのは、35です。

# %%
check.summary()
