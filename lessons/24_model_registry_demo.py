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
# 「今夜から、遅れの予測が変です。昼に差し替えたモデルを、前のものに戻してください」。
#
# 森さんは共有フォルダーを開きます。
# `model.pkl`、`model_new.pkl`、`model_0920_ok.pkl`が並んでいます。
# 昼まで使っていたのは、どれでしょうか。
# 森さんは勘で1つを選び、名前を`model.pkl`に書き換えました。
# 翌朝、列の順番が違うというエラーで、予測の画面が止まりました。
#
# モデルに名前と版の番号が付いていて、「いま使う版」を指す札があれば、戻す作業は札を付け替える1行で終わります。
# ここでは、登録、点検、昇格、読み込み、ロールバックを順に動かします。
#
# ## このレッスンで学ぶこと
#
# - ランに残したモデルを登録し、版の番号を付ける。
# - 署名と入力例の役目を、間違った入力で確かめる。
# - エイリアスで「いま使う版」を指し、コードを変えずに差し替える。
# - 昇格の条件をコードに書き、条件を満たさない版を止める。
# - 前の版に戻す。
# - 版から、学習したランと、使ったデータの版までたどる。
# - 古い資料にある「ステージ」を、エイリアスに書き直す。

# %% [markdown]
# ## 材料: 3回届いたデータと、3つのモデル
#
# 配達の記録に似せた、架空のデータを使います。
# `distance`は距離（km）、`parcels`は荷物の数、`rain`は雨なら1、`late`は遅れたら1です。

# %%
import numpy as np
import pandas as pd


def deliveries(size, seed):
    rng = np.random.RandomState(seed)
    rows = pd.DataFrame({
        "distance": rng.gamma(3, 4, size).round(1),
        "parcels": rng.randint(1, 40, size).astype(float),
        "rain": rng.randint(0, 2, size).astype(float),
    })
    risk = -5.0 + 0.15 * rows["distance"] + 0.06 * rows["parcels"] + 1.2 * rows["rain"]
    return rows.assign(late=(rng.uniform(size=size) < 1 / (1 + np.exp(-risk))).astype(float))


# %% [markdown]
# 記録は3回に分けて表に入ります。
# 2回目は、距離をキロメートルではなくメートルで送ってくる営業所が混ざり、そのまま上書きされました。
# 3回目で、正しい記録に入れ直しています。

# %%
first = deliveries(200, seed=1)
second = pd.concat([first, deliveries(1800, seed=2)], ignore_index=True)
mistaken = second.copy()
mistaken.loc[mistaken.index % 2 == 0, "distance"] *= 1000

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
# Deltaの表に、0から2まで3つの版ができました。
# 採点には、どの版にも入っていない500便を使います。
# 採点のデータは、どのモデルでも同じにします。
# 別々のデータで測った点数は、比べられないからです。

# %%
FEATURES = ["distance", "parcels", "rain"]
holdout = deliveries(500, seed=9)

# %% [markdown]
# 表の版を指定して学習し、条件、成績、データ、モデルをランに残す関数を作ります。
# 書き方は「MLflowによる実験管理」と同じです。
# `logging`の行は、保存のたびに出る長い注意書きを止めます。

# %%
import logging

import mlflow

logging.getLogger("mlflow").setLevel(logging.ERROR)
user = spark.sql("SELECT current_user()").first()[0]
path = f"/Users/{user}/24_model_registry_demo"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)

# %%
import sklearn
from mlflow.models import infer_signature

PACKAGES = [f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"]


def log_model(model, example):
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        pip_requirements=PACKAGES,
    )


# %%
from mlflow.data.delta_dataset_source import DeltaDatasetSource
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score

full_name = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.deliveries"


def train(version):
    query = f"SELECT * FROM deliveries VERSION AS OF {version} ORDER BY delivery_id"
    data = spark.sql(query).toPandas()[[*FEATURES, "late"]]
    source = DeltaDatasetSource(delta_table_name=full_name, delta_table_version=version)
    model = RandomForestClassifier(max_depth=4, random_state=0).fit(data[FEATURES], data["late"])
    auc = roc_auc_score(holdout["late"], model.predict_proba(holdout[FEATURES])[:, 1])
    with mlflow.start_run(run_name=f"table_v{version}") as run:
        mlflow.log_input(mlflow.data.from_pandas(data, source=source, name="deliveries"))
        mlflow.log_params({"rows": len(data), "max_depth": 4})
        mlflow.log_metric("holdout_auc", auc)
        log_model(model, data[FEATURES].head(3))
    return run.info.run_id


# %%
run_ids = [train(version) for version in (0, 1, 2)]
for run_id in run_ids:
    record = mlflow.get_run(run_id)
    print(record.info.run_name, record.data.params["rows"], round(record.data.metrics["holdout_auc"], 3))

# %% [markdown]
# 右端が、同じ500便で測ったAUCです。
# 表の版1で学習したモデルだけが落ちています。
# 学習は3回ともエラーなく終わったので、点数を見なければ気づけません。

# %% [markdown]
# ## 登録すると、名前と版の番号が付く
#
# ランに残ったモデルは、ランのIDという長い文字列でしか呼べません。
# モデルに名前を付け、登録のたびに版の番号を振る台帳が **Model Registry**（モデルレジストリ）です。
# 台帳に載ったモデルを **登録モデル** と呼びます。
#
# 名前は、Unity Catalogと同じ`カタログ.スキーマ.名前`の3つの部分にします。
# このページは版の番号も見せるので、前に実行したときの登録は先に消します。
# 仕事では消さずに、番号を増やしていきます。

# %%
client = mlflow.MlflowClient()
model_name = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.late_model"
for registered in client.search_registered_models(f"name = '{model_name}'"):
    client.delete_registered_model(registered.name)
print(model_name)

# %% [markdown]
# `register_model`に、ランのモデルと名前を渡します。
# `redirect_stderr`は、登録を知らせる文を画面に出さないためのものです。

# %%
import contextlib
import io


def register(run_id):
    with contextlib.redirect_stderr(io.StringIO()):
        return mlflow.register_model(f"runs:/{run_id}/model", model_name).version


versions = [register(run_id) for run_id in run_ids]
print([int(version) for version in versions])

# %% [markdown]
# 登録した順に、1、2、3と番号が付きました。
# 表の版は0から、モデルの版は1から始まるので、取り違えないようにします。
#
# 番号だけでは、後で見た人に何の版か分かりません。
# 説明と札（タグ）を付けておきます。

# %%
notes = ["最初の200便で学習", "2,000便で学習（距離の単位が混ざった表）", "2,000便で学習（単位を直した表）"]
for version, note in zip(versions, notes, strict=True):
    client.update_model_version(model_name, version, description=note)
    client.set_model_version_tag(model_name, version, "owner", "配達分析係")

# %% [markdown]
# 台帳を、成績と並べて表にします。
# 成績は、版が覚えているランのIDから引いてきます。

# %%
def registry_table():
    rows = []
    for one in client.search_model_versions(f"name = '{model_name}'"):
        auc = client.get_run(one.run_id).data.metrics["holdout_auc"]
        rows.append({"版": int(one.version), "説明": one.description, "AUC": round(auc, 3)})
    return pd.DataFrame(rows).sort_values("版").set_index("版")


registry_table()

# %% [markdown]
# ## 署名が、間違った入力を断る
#
# 共有フォルダーのモデルが翌朝止まったのは、受け取る列をモデルが覚えていなかったからです。
# 登録したモデルは、入力と出力の列の名前と型を覚えています。
# これを **署名**（signature）と呼びます。
# `log_model`に`signature`として渡したものです。

# %%
loaded = mlflow.pyfunc.load_model(f"models:/{model_name}/{versions[0]}")
for column in loaded.metadata.signature.inputs:
    print(f"{column.name}: {column.type}")

# %% [markdown]
# `models:/名前/番号`で、版を指して読み込めます。
# 列の順番を変えた表と、列の足りない表を渡してみます。

# %%
from mlflow.exceptions import MlflowException

shuffled = holdout[["rain", "parcels", "distance"]]
print("順番違い:", (loaded.predict(shuffled) == loaded.predict(holdout[FEATURES])).all())
try:
    loaded.predict(holdout[["distance", "parcels"]])
except MlflowException as error:
    print("列が足りない:", str(error).splitlines()[-1].split(". ")[-1][:60])

# %% [markdown]
# 順番の違いは名前を見て直し、足りない列は名前を挙げて断ります。
# 黙って別の列を読むことはありません。
#
# Unity Catalogは、署名のないモデルの登録を断ります。
# 登録したモデルは、作った人のいない所で、ほかのチームにも使われるからです。
# 何を渡せば何が返るかが分からないものは、台帳に載せられません。
# `input_example`で渡した入力例も一緒に残るので、使う人は渡す形を実物で見られます。

# %% [markdown]
# ## エイリアスで「いま使う版」を指す
#
# 使う側のコードに版の番号を書くと、差し替えのたびにコードを直すことになります。
# そこで、版に名札を付けます。
# この名札を **エイリアス**（alias）と呼びます。
# この本では3つ使います。
#
# | エイリアス | 意味 |
# |---|---|
# | `champion` | 点検を通った中で、いちばん良い版 |
# | `challenger` | `champion`に挑んでいる、点検中の版 |
# | `production` | いま予測に使っている版 |
#
# 名前は自由に決められますが、1つのエイリアスが指すのは、いつも1つの版だけです。
# まず版1に2つの名札を付けます。

# %%
client.set_registered_model_alias(model_name, "champion", versions[0])
client.set_registered_model_alias(model_name, "production", versions[0])
log = [("版1を使い始める", 1)]


# %% [markdown]
# 使う側は、番号の代わりに`@production`と書きます。
# 夜勤の画面が呼ぶ関数を作ります。
# この関数は、この後1文字も変えません。

# %%
def predict_tonight(rows):
    model = mlflow.pyfunc.load_model(f"models:/{model_name}@production")
    return model.predict(rows[FEATURES])


def current(alias):
    return int(client.get_model_version_by_alias(model_name, alias).version)


print(f"版{current('production')}が、{int(predict_tonight(holdout).sum())}便の遅れを見込みました。")

# %% [markdown]
# ## 条件を満たした版だけを昇格させる
#
# 版2と版3が、次の候補です。
# 昼の差し替えが事故になったのは、点数を見ずに「新しいから」と替えたためでした。
# 替えてよい条件を、先にコードで書きます。
# 版を上の役目に進めることを **昇格**（promotion）、条件の検査を **ゲート**（gate）と呼びます。

# %%
def holdout_auc(version):
    run_id = client.get_model_version(model_name, version).run_id
    return client.get_run(run_id).data.metrics["holdout_auc"]


def challenge(version):
    client.set_registered_model_alias(model_name, "challenger", version)
    gain = holdout_auc(version) - holdout_auc(current("champion"))
    passed = gain > 0
    if passed:
        client.set_registered_model_alias(model_name, "champion", version)
    client.delete_registered_model_alias(model_name, "challenger")
    return f"版{version}: AUCの差{gain:+.3f}、{'昇格' if passed else '見送り'}"


# %%
print(challenge(versions[1]))
print(challenge(versions[2]))
print(f"championは版{current('champion')}、productionは版{current('production')}です。")

# %% [markdown]
# 単位の混ざった版2は見送られ、版3が`champion`になりました。
# `production`はまだ版1のままです。
# 点検を通ったことと、今夜から使うことを、別々に決められます。
# 朝の会議で承認されたので、差し替えます。

# %%
client.set_registered_model_alias(model_name, "production", current("champion"))
log.append(("版3に差し替える", current("production")))
print(f"版{current('production')}が、{int(predict_tonight(holdout).sum())}便の遅れを見込みました。")

# %% [markdown]
# `predict_tonight`はそのままで、使うモデルだけが替わりました。

# %% [markdown]
# ## 前の版に戻す
#
# その夜、また電話がきました。
# 版3の見込みで配達員を減らしたところ、手が足りないというのです。
# 原因を調べるのは明日にして、いまは前の版に戻します。
# 戻すことを **ロールバック**（rollback）と呼びます。

# %%
client.set_registered_model_alias(model_name, "production", versions[0])
log.append(("版1に戻す", current("production")))
print(f"版{current('production')}が、{int(predict_tonight(holdout).sum())}便の遅れを見込みました。")

# %% [markdown]
# 1行で戻り、見込みの便数も最初と同じになりました。
# 版3は消えていないので、明日ゆっくり調べられます。
# 翌日、原因は配達員の表の入力の誤りで、モデルは正しかったと分かりました。
# もう一度、版3に差し替えます。

# %%
client.set_registered_model_alias(model_name, "production", versions[2])
log.append(("版3に差し替える", current("production")))

# %% mystnb={"image": {"alt": "横軸は出来事の順、縦軸はproductionが指す版。版1から版3へ上がり、いったん版1に戻り、また版3へ上がる階段状の線"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6.4, 3.2))
ax.step(range(len(log) + 1), [version for _, version in [*log, log[-1]]], where="post")
for number, (event, version) in enumerate(log):
    ax.text(number + 0.05, version + 0.08, event, fontsize=9)
ax.set(xlabel="出来事の順", ylabel="productionが指す版", ylim=(0.5, 3.6))
ax.set_xticks(range(len(log)), range(1, len(log) + 1))
ax.set_yticks([1, 2, 3])
plt.show()

# %% [markdown]
# 横軸は出来事の順、縦軸は`production`の指す版です。
# 線が上がったのが差し替え、下がったのがロールバックです。
# 版2には一度も止まっていません。
# ゲートが見送ったからです。

# %% [markdown]
# ## 版から、データまでさかのぼる
#
# 「いま使っているモデルは、どのデータで学習したのか」。
# 版はランのIDを、ランは使った表と版を覚えています。
# MLflowは表の版が0のときだけ書き残さないので、`get`で0を補います。

# %%
import json


def data_of(version):
    run = client.get_run(client.get_model_version(model_name, version).run_id)
    source = json.loads(run.inputs.dataset_inputs[0].dataset.source)
    return source["delta_table_name"], source.get("delta_table_version", 0)


print(data_of(current("production")))

# %% [markdown]
# 表の名前と版が出ました。
# `VERSION AS OF`で読み直せば、学習に使ったのと同じ行が手に入ります。
# 何から作られたかをたどるこの道筋が、モデルのリネージです。
# ここでは自分で`log_input`に渡した分だけがたどれます。
# Databricksでは、Unity Catalogの画面でも、モデルの版から表までをたどれます。

# %% [markdown]
# ## 「ステージ」と書かれた資料を読むとき
#
# 古い資料には、モデルの状態を **ステージ**（stage）で表すものがあります。
# 版は`None`で始まり、`Staging`、`Production`、`Archived`へ移ります（None → Staging → Production → Archived）。
# 名前が4つに決まっていて、環境の違いと役目の違いを1つの言葉で表していました。
# ステージは、MLflowでは2.9から非推奨になり、Unity Catalogでは使えません。
#
# 同じことを、いまは次のように書きます。
#
# | ステージ | いまの書き方 |
# |---|---|
# | `None` | エイリアスを付けない |
# | `Staging` | 試験の環境のカタログ（`staging.…`）に登録するか、`challenger`を付ける |
# | `Production` | 本番のカタログ（`prod.…`）に登録し、`champion`や`production`を付ける |
# | `Archived` | エイリアスを外し、札（タグ）に理由を書く |
#
# Unity Catalogで古いコードを動かすと、次の文で始まるエラーになります。
#
# ```text
# Method 'transition_model_version_stage' is unsupported for models in the Unity Catalog.
# We recommend using aliases instead of stages for more flexible model deployment management.
# ```
#
# 手元の台帳ではまだ動いてしまうので、動いたからと書き残さないでください。
#
# > **注意** Databricksでは、登録先を`mlflow.set_registry_uri("databricks-uc")`で指定します。
# > MLflow 3では最初からこの設定なので、この本のコードには書いていません。
# > Free Editionで登録すると、権限のエラーになるという報告があります。
# > 報告された対処は、`mlflow`を読み込む前に、環境変数`MLFLOW_USE_DATABRICKS_SDK_MODEL_ARTIFACTS_REPO_FOR_UC`を`True`にすることです。
# > この本では、実機で確かめていません。

# %% [markdown]
# ## 練習
#
# 練習1で使う、入力の列の名前を返す関数です。

# %%
def input_names(version):
    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    return model.metadata.signature.inputs.input_names()


# %% [markdown]
# ### 練習 1: ゲートに条件を足す
#
# 差がわずかなら、替える手間のほうが大きいと決まりました。
# 2つの版の番号を受け取り、次の条件をすべて満たすときだけ`True`を返す関数`passes_gate(candidate, champion)`を書いてください。
#
# 1. `candidate`のAUCが、`champion`より0.01以上高い。
# 2. 2つの版の、入力の列の名前が等しい。
# 3. `candidate`に説明（`description`）が付いている。
#
# <details><summary>ヒント</summary>
#
# AUCは`holdout_auc(版)`で分かります。
# 入力の列の名前は、上の`input_names(版)`が返します。
# 説明は`client.get_model_version(model_name, 版).description`です。
# 付いていない説明は、`None`か空の文字列です。
#
# </details>

# %% 練習 1
passes_gate = ...

# %% 確認 1
assert passes_gate is not ..., "まだ答えが入っていません。`...`を関数に書き換えてください。"
bare, real_names = versions[2], input_names
kept = client.get_model_version(model_name, bare).description
try:
    replies = [passes_gate(versions[2], versions[0]), passes_gate(versions[1], versions[0]),
               passes_gate(versions[0], versions[2]), passes_gate(versions[0], versions[0])]
    input_names = (dict.fromkeys(versions, ["rain"]) | {bare: ["distance"]}).get
    replies.append(passes_gate(bare, versions[0]))
    input_names = real_names
    client.update_model_version(model_name, bare, description="")
    replies.append(passes_gate(bare, versions[0]))
except Exception as error:
    replies = f"{type(error).__name__}: {error}"
input_names = real_names
client.update_model_version(model_name, bare, description=kept)
assert isinstance(replies, list), f"呼び出すと止まります。理由は次のとおりです。{replies}"
assert [bool(reply) for reply in replies] == [True, False, False, False, False, False], (
    "判断の合わない組があります。点数の差、列の名前、説明の3つを、すべて調べていますか。"
)
print("正解です。条件をコードに書いたので、誰が差し替えても同じ判断になります。")

# %% [markdown]
# ### 練習 2: 版2を作ったデータを突き止める
#
# 版2の点数が低い理由を調べます。
# 版2の学習に使われた表の版を、整数で`table_version`に入れてください。
# 次に、その版の表を読み、距離が100kmを超える行の数を、整数で`n_strange`に入れてください。
#
# <details><summary>ヒント</summary>
#
# `data_of`の返す2つ目の値が、表の版です。
# 表の版を指す読み方は、`train`の中の`query`と同じです。
#
# </details>

# %% 練習 2
table_version = ...
n_strange = ...

# %% 確認 2
assert table_version is not ... and n_strange is not ..., "まだ答えの入っていない変数があります。"
assert str(table_version) == str(data_of(versions[1])[1]), (
    "表の版が合いません。モデルの版2と、表の版は番号が違います。ランの記録からたどってください。"
)
assert n_strange == (mistaken["distance"] > 100).sum(), (
    "行の数が合いません。いまの表ではなく、その版の表を読んでいますか。"
)
print("正解です。キロメートルの代わりに、メートルの入った行が混ざっていました。")

# %% [markdown]
# 練習3のために、`production`の名札を外しておきます。
# 付け直すまで、`@production`での読み込みは失敗します。

# %%
client.delete_registered_model_alias(model_name, "production")

# %% [markdown]
# ### 練習 3: ステージのコードを書き直す
#
# 前任者のコードです。
#
# ```python
# client.transition_model_version_stage(model_name, version=2, stage="Staging")
# client.transition_model_version_stage(model_name, version=3, stage="Production")
# old_model = mlflow.pyfunc.load_model(f"models:/{model_name}/Production")
# ```
#
# 同じ意味になるように、エイリアスで書き直してください。
# `Staging`は`challenger`に、`Production`は`production`に読み替えます。
# 読み込んだモデルは、`rewritten_model`に入れます。

# %% 練習 3
rewritten_model = ...

# %% 確認 3
assert rewritten_model is not ..., "まだ答えが入っていません。`...`を書き換えてください。"
pointed = client.get_registered_model(model_name).aliases
assert {alias: int(version) for alias, version in pointed.items()} == {
    "champion": 3, "challenger": 2, "production": 3
}, "エイリアスの指す版が合いません。版2と版3に、読み替えた名前を付けましたか。"
assert getattr(getattr(rewritten_model, "metadata", None), "run_id", None) == run_ids[2], (
    "読み込んだモデルが違います。番号ではなく`@production`で読み込み、`rewritten_model`に入れます。"
)
print("正解です。読み込む側は`@production`と書くだけで、版の番号を知らずに済みます。")

# %% [markdown]
# ### 練習 4: 戻してよい版かを確かめて、戻す
#
# 版3を止めることになりました。
# 戻す先は、版3より前の版のうち、AUCが最も高い版とします。
# 戻す先の番号を整数で`safe_version`に入れ、`production`をその版に付け替えてください。
# 戻した後の`predict_tonight(holdout)`の結果を、`after`に入れてください。

# %% 練習 4
safe_version = ...
after = ...

# %% 確認 4
assert safe_version is not ... and after is not ..., "まだ答えの入っていない変数があります。"
best = max((1, 2), key=holdout_auc)
assert str(safe_version) == str(best), (
    "戻す先が合いません。すぐ前の版とは限りません。版1と版2のAUCを比べてください。"
)
assert current("production") == best, "`production`が、まだ戻す先を指していません。"
expected = mlflow.pyfunc.load_model(f"models:/{model_name}/{best}").predict(holdout[FEATURES])
assert np.shape(after) == np.shape(expected) and (np.asarray(after) == expected).all(), (
    "`after`が、戻した後の予測ではありません。付け替えた後で`predict_tonight`を呼んでください。"
)
print("正解です。戻す先も、番号の近さではなく点数で選びました。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** 使う側のコードに`models:/名前/3`と書くのと、`models:/名前@production`と書くのは、何が違いますか。
#
# <details><summary>ア. 同じ版を指すので、違いはない</summary>
#
# 不正解です。
# いまは同じ版でも、差し替えた後に違いが出ます。
#
# </details>
# <details><summary>イ. 前者は版を固定し、後者は名札の付け替えに従う</summary>
#
# 正解です。
# 結果を後で再現したいときは番号、いつも最新の判断に従いたいときは名札を使います。
#
# </details>
# <details><summary>ウ. 後者は、いつも番号の最も大きい版を指す</summary>
#
# 不正解です。
# 新しい版を登録しても、名札は自分では動きません。
#
# </details>
#
# **問 2.** 登録のときに署名を付けるのはなぜですか。
#
# <details><summary>ア. 間違った入力を、予測の前に断れるから</summary>
#
# 正解です。
# 足りない列や型の違う列を、名前を挙げて知らせます。
#
# </details>
# <details><summary>イ. 誰が作ったかを証明できるから</summary>
#
# 不正解です。
# 言葉からはそう思えますが、ここでの署名は、入力と出力の列の名前と型のことです。
#
# </details>
# <details><summary>ウ. モデルのファイルが小さくなるから</summary>
#
# 不正解です。
# 署名は情報を足すもので、大きさは変わりません。
#
# </details>
#
# **問 3.** 登録した版3を、`production`から外しました。
# 版3はどうなりますか。
#
# <details><summary>ア. 台帳から消える</summary>
#
# 不正解です。
# 名札を外しただけで、版もモデルも残ります。
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
# 急いでいると緩めたくなりますが、版2のように、データの間違いが原因かもしれません。
#
# </details>
# <details><summary>イ. すぐに学習し直す</summary>
#
# 不正解です。
# 同じデータで学習し直しても、同じ点数になります。
#
# </details>
# <details><summary>ウ. 版からランとデータをたどり、点数の低い理由を調べる</summary>
#
# 正解です。
# たどれるように、学習のときに`log_input`で残してあります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 登録すると、モデルに名前と版の番号が付き、説明と札を添えられます。
# - 署名は入力の列を覚え、足りない列を断ります。
# - 使う側は`@production`と書き、差し替えとロールバックは名札の付け替えで済みます。
# - 昇格の条件をコードに書いておくと、点数の落ちた版が止まります。
# - 版からラン、ランからデータの版へとさかのぼれます。
# - ステージは古い方法で、いまはエイリアスと環境ごとのカタログで表します。
#
# 次のレッスンでは、モデルの入力になる特徴量を、同じように名前を付けて管理します。
