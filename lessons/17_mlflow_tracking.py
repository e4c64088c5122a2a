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
# # MLflowによる実験管理
#
# 金曜の夕方、上司に言われます。
# 「来週から使うモデルは、どれがいちばん良かったの。根拠は」。
# フォルダーには`train`、`train_2`、`train_final`、`train_final2`という4つのノートブックがあります。
# 条件を書き換えては実行し、画面に出た成績を見て次へ進んだ跡です。
# 木を何本にしたのか、どの列を使ったのか、成績はどのデータで測ったのか。
# 誰も書き留めていないので、4つとも実行し直すしかありません。
#
# 学習するたびに条件と結果が残っていれば、実行し直さずに答えられます。
# このページでは4つを記録しながら実行し直し、1つの表に並べて、使うモデルを根拠とともに選びます。

# %% [markdown]
# ## このレッスンで学ぶこと
#
# - MLflowの4つの部品が、それぞれ何のためにあるかを説明する。
# - 自動で残る記録と、自分で書き足す記録を見分ける。
# - 学習に使った表のバージョンと特徴量の名前を残す。
# - 複数の学習を、条件と指標の表に並べて比べる。
# - 学習曲線を読み、次に試すことを選ぶ。

# %% [markdown]
# ## 題材: 測定値から悪性の腫瘍を見分ける
#
# 使うのは、scikit-learnに付属する乳がんの診断データです。
# 1行が1人の患者で、細胞の核を測った30列の数値が並びます。
# 10種類の測り方それぞれに、平均（`mean_`）、標準誤差（`_error`）、大きい方から3つの平均（`worst_`）があります。
# 教材として使うもので、ここで作るモデルを実際の診断には使えません。
#
# 自分のスキーマを用意します。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS mlflow_tracking")
spark.sql("USE mlflow_tracking")
print(f"使うスキーマは{spark.catalog.currentDatabase()}です。")

# %% [markdown]
# 元のデータは、良性を1、悪性を0としています。
# 見つけたいのは悪性なので、**悪性を1、良性を0** に付け替えます。
# このページの指標は、すべて悪性を見つける側から測った値です。
# 答えの列は小数にしておきます。
# 整数の列は欠けた値を表せないので、MLflowが記録のときに警告を出すためです。
# `patient_id`は、この教材で付けた番号です。

# %%
from sklearn.datasets import load_breast_cancer

cancer = load_breast_cancer(as_frame=True)
tumors = cancer.data.rename(columns=lambda name: name.replace(" ", "_"))
tumors.insert(0, "patient_id", range(1, len(tumors) + 1))
tumors["malignant"] = (cancer.target == 0).astype(float)

# %% [markdown]
# 測定値は病院から2回に分けて届いた、という設定でDelta Lakeの表に書き込みます。
# 書き込むたびに表のバージョンが1つ進み、最初がバージョン0、追記した後がバージョン1です。

# %%
spark.sql("DROP TABLE IF EXISTS tumors")
spark.createDataFrame(tumors[:400]).write.mode("overwrite").saveAsTable("tumors")
spark.createDataFrame(tumors[400:]).write.mode("append").saveAsTable("tumors")

# %% [markdown]
# いまのバージョン番号を調べ、そのバージョンを名指しして読みます。
# 後から誰かが追記しても、読む中身は変わりません。


# %%
def read_tumors(version):
    query = f"SELECT * FROM tumors VERSION AS OF {version} ORDER BY patient_id"
    return spark.sql(query).toPandas()


version = spark.sql("DESCRIBE HISTORY tumors LIMIT 1").first()["version"]
data = read_tumors(version)
print(f"バージョン{version}には{len(data)}人分があり、うち悪性は{data['malignant'].sum():.0f}人です。")

# %% [markdown]
# データを3つに分けます。
# **訓練データ** で学習し、**検証データ**（validation data）で候補を比べます。
# **テストデータ** は、1つに決めた後で一度だけ使います。
# 何度も比べるのに使ったデータの成績は、たまたま相性の良い候補が選ばれるぶん甘くなるためです。

# %%
from sklearn.model_selection import train_test_split

rest, test = train_test_split(data, test_size=0.2, stratify=data["malignant"], random_state=42)
train, valid = train_test_split(rest, test_size=0.25, stratify=rest["malignant"], random_state=42)
print(f"訓練{len(train)}人、検証{len(valid)}人、テスト{len(test)}人に分けました。")

# %% [markdown]
# 列の使い方は2通り用意します。
# 名前が`mean_`で始まる10列だけを使うか、測定値の30列をすべて使うかです。

# %%
mean_features = [name for name in data.columns if name.startswith("mean_")]
all_features = [name for name in data.columns if name not in ["patient_id", "malignant"]]
print(mean_features)

# %% [markdown]
# ## 記録する場所を決める
#
# MLflowでは、1回の学習の記録を **ラン**（run）と呼びます。
# 同じ課題のランを入れるフォルダーが **エクスペリメント**（experiment）です。
# 名前は、Databricksでも手元でも使えるように`/Users/ユーザー名/`で始めます。
# `end_run`は、前に開いたままにしたランがあれば閉じます。

# %%
import mlflow

mlflow.end_run()
user = spark.sql("SELECT current_user()").first()[0]
experiment_path = f"/Users/{user}/17_mlflow_tracking"
if mlflow.get_experiment_by_name(experiment_path) is None:
    mlflow.create_experiment(experiment_path)
experiment = mlflow.set_experiment(experiment_path)

# %% [markdown]
# ## 学習するだけで記録が残る
#
# `mlflow.sklearn.autolog()`を一度呼ぶと、その後の`fit`が自動で記録されます。
# これを **自動ロギング**（autologging）と呼びます。
# `pos_label=1`は悪性を見つける側から指標を測る指定、`silent=True`は途中経過の表示を止める指定です。
#
# > **注意** Databricksのサーバーレスでは、自動ロギングは最初から有効ではありません。
# > このように自分で呼びます。

# %%
mlflow.sklearn.autolog(pos_label=1, silent=True)

# %% [markdown]
# ランダムフォレストを学習します。
# `with mlflow.start_run():`の中で記録したことが、1つのランになります。
# やり直すときは、`autolog`のセルから実行してください。
# `run.info.run_id`は、そのランを後から指すためのIDです。

# %%
from sklearn.ensemble import RandomForestClassifier

with mlflow.start_run(run_name="autolog") as run:
    model = RandomForestClassifier(n_estimators=100, max_depth=5, random_state=0)
    model.fit(train[mean_features], train["malignant"])
autolog_run_id = run.info.run_id

# %% [markdown]
# 自動で記録するのは、この1回だけにします。
# 止めないと、後で成績を測るための予測や、学習曲線のために繰り返す`fit`まで記録の対象になります。

# %%
mlflow.sklearn.autolog(disable=True)

# %% [markdown]
# 記録のための行は、ほとんど書いていません。
# 何が残ったのか、ランを読み戻して確かめます。
# まず、学習の条件である **パラメータ**（parameter）です。

# %%
record = mlflow.get_run(autolog_run_id)
print(f"パラメータは{len(record.data.params)}個残りました。")
for name in ["n_estimators", "max_depth", "max_features", "random_state"]:
    print(f"{name} = {record.data.params[name]}")

# %% [markdown]
# コードに書かなかった`max_features`のような既定値も残っています。
# 既定値は、scikit-learnのバージョンが上がると変わることがあります。
# 残っていれば、同じ条件を後から再現できます。
# 次に、成績を表す **指標**（metric）です。
# 画面や文書では「メトリクス」とも書かれます。

# %%
import pandas as pd

pd.Series(record.data.metrics).sort_index().round(3).to_frame("値")

# %% [markdown]
# 0に近いほど良い`training_log_loss`を除けば、どれも1に近い良い値です。
# ただし、名前の先頭に`training_`が付いています。
# 学習に使った人のデータで、もう一度予測した成績です。
# 初めて見る患者での成績は、ここにはありません。
#
# タグ、ファイル、モデル、データも残っています。

# %%
tags = {name: value for name, value in record.data.tags.items() if not name.startswith("mlflow.")}
files = mlflow.artifacts.list_artifacts(run_id=autolog_run_id)
print("タグ:", tags["estimator_name"])
print("ファイル:", sorted(file.path for file in files))
print(f"モデル: {len(record.outputs.model_outputs)}個")
print(f"データ: {len(record.inputs.dataset_inputs)}個")

# %% [markdown]
# **タグ**（tag）は、ランに付ける札です。
# ランに添えたファイルは **アーティファクト**（artifact）と呼び、ここには成績を表した図があります。
# モデルは、読み戻して予測に使えます。
# 学習したばかりのモデルと、同じ予測をするでしょうか。

# %%
model_id = record.outputs.model_outputs[0].model_id
restored = mlflow.sklearn.load_model(f"models:/{model_id}")
same = (restored.predict(valid[mean_features]) == model.predict(valid[mean_features])).all()
print(f"検証データでの予測はすべて同じか: {same}")

# %% [markdown]
# データの記録には、何が書いてあるでしょうか。

# %%
captured = record.inputs.dataset_inputs[0].dataset
print(f"名前: {captured.name}、出どころの種類: {captured.source_type}")

# %% [markdown]
# 名前は`dataset`、出どころは`code`です。
# どのコードで使ったかは分かっても、どの表のどのバージョンを読んだかは分かりません。
# ここまでをまとめます。
#
# | 自動で残ったもの | 自分で書き足すもの |
# |---|---|
# | 既定値も含むパラメータ | 何のために試したかという理由 |
# | 訓練データでの指標 | 検証データやテストデータでの指標 |
# | モデルと、成績の図 | 自分で描いた図 |
# | 列の名前と型 | 表の名前とバージョン |

# %% [markdown]
# ## MLflowの4つの部品
#
# いま使ったのは、MLflowを作る4つの部品のうち2つです。
#
# | 部品 | 何のためにあるか | この本での扱い |
# |---|---|---|
# | Tracking | 学習ごとの条件と結果を残し、並べて比べる | このページの中心 |
# | Models | モデルを、読み戻して使える決まった形で保存する | 上で保存し、読み戻した |
# | Model Registry | モデルに名前とバージョンを付け、どれを使うかを管理する | Part 2と実践演習 |
# | Projects | コードと実行環境をまとめ、ほかの場所でも実行し直す | 扱わない |
#
# Projectsは、いまではあまり使われていません。
# Databricksの文書も、サポートは終わったと案内しています。
# コードをまとめて動かし直す方法は、発展のCI/CDで扱います。

# %% [markdown]
# ## 足りない記録を書き足す
#
# 悪性を見分ける力を、3つの指標で測ります。
# **正解率**（accuracy）は、予測が当たった割合です。
# **AUC** は、悪性の人と良性の人のあらゆる組のうち、悪性の人のほうに高い確率を付けた組の割合です。
# **F1** は、悪性の見逃しと誤報の両方を見る値で、どちらが増えても下がります。
# どれも1に近いほど良い値です。


# %%
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score


def evaluate(model, rows, features, prefix):
    answers, predicted = rows["malignant"], model.predict(rows[features])
    return {
        f"{prefix}_accuracy": accuracy_score(answers, predicted),
        f"{prefix}_auc": roc_auc_score(answers, model.predict_proba(rows[features])[:, 1]),
        f"{prefix}_f1": f1_score(answers, predicted),
    }


# %% [markdown]
# `predict_proba`の2列目は、悪性である確率です。
#
# `start_run`に`run_id`を渡すと、終わったランを開き直して書き足せます。
# 指標は`log_metrics`、タグは`set_tags`で書きます。

# %%
with mlflow.start_run(run_id=autolog_run_id):
    mlflow.log_metrics(evaluate(model, valid, mean_features, "val"))
    mlflow.set_tags({"purpose": "平均の10列だけで、どこまで見分けられるかを知る"})

metrics = mlflow.get_run(autolog_run_id).data.metrics
print(f"訓練データの正解率 {metrics['training_accuracy_score']:.3f}")
print(f"検証データの正解率 {metrics['val_accuracy']:.3f}")

# %% [markdown]
# 初めて見る患者では、正解率が下がりました。
# ノートブックの画面で見ていたのが訓練データの成績なら、モデルを実際より良く見ていたことになります。

# %% [markdown]
# ## どのデータの、どの列で学習したかを残す【自習】
#
# データの記録は、`mlflow.data.from_pandas`で作ります。
# 表の名前とバージョンは、`DeltaDatasetSource`で渡します。

# %%
from mlflow.data.delta_dataset_source import DeltaDatasetSource

table = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.tumors"
source = DeltaDatasetSource(delta_table_name=table, delta_table_version=version)


def describe_data(rows, features):
    columns = rows[features + ["malignant"]]
    return mlflow.data.from_pandas(columns, source=source, targets="malignant", name="tumors")


# %% [markdown]
# できた記録には、名前のほかに列の一覧が入ります。
# モデルへの入力として使う列を **特徴量**（feature）と呼びます。
# 一覧の最後に出る`malignant`は答えの列で、特徴量ではありません。

# %%
described = describe_data(train, mean_features)
print(described.name, described.schema.input_names())

# %% [markdown]
# もう1つ、データの中身から計算した短い文字列も入ります。
# これを **ダイジェスト**（digest）と呼び、指紋のように使います。
# 同じバージョンを読み直したときと、追記する前のバージョン0を読んだときを比べます。

# %%
digest = describe_data(data, mean_features).digest
print("同じバージョンを読み直す:", describe_data(read_tumors(version), mean_features).digest == digest)
print("バージョン0を読む:", describe_data(read_tumors(0), mean_features).digest == digest)

# %% [markdown]
# 表の名前が同じでも、中身が変わればダイジェストが変わります。
# ただし、値は先頭の1万行しか計算に使わないので、大きな表ではバージョンも一緒に残しておきます。
#
# この記録は、次の4つに役立ちます。
#
# | 利点 | 何が残っているから、何ができるか |
# |---|---|
# | データガバナンス | 表と列の名前から、ある列を使ったモデルを探せる |
# | 実験の追跡 | ダイジェストを比べ、成績の差がデータの差かどうかを見分けられる |
# | 再現性 | 同じバージョンを読み直して同じ分け方をすれば、ダイジェストで同じデータだと確かめられる |
# | モデルガバナンス | 使ってはいけない列が混ざっていないか、採用の前に点検できる |
#
# 記録は、作っただけではまだランに入りません。
# 次の節で`mlflow.log_input`に渡します。
#
# ここで残るのは、自分で渡したデータの名前と列までです。
# 特徴量がどの表から作られ、どのモデルに使われたかをたどることを **リネージ**（lineage）と呼びます。
# Databricksで特徴量ごとのリネージを受け持つのは、Unity Catalogの特徴量エンジニアリングです。
# 「Feature Store」のレッスンで扱います。

# %% [markdown]
# ## 4つのノートブックを記録しながら実行し直す【自習】
#
# 1回分の学習と記録を、関数にまとめます。
# 条件は`log_params`、データは`log_input`、成績は`log_metrics`で残します。
# `split_random_state`は、データを3つに分けたときの乱数の種です。
# 表のバージョンは、後で探せるようにタグにも書きます。
#
# タグの`batch`は、今回まとめて実行したランに共通の目印です。
# エクスペリメントには前に実行したランも残っているので、今回の分だけを取り出すために使います。


# %%
def train_and_log(name, features, n_estimators, max_depth):
    with mlflow.start_run(run_name=name, tags={"batch": batch, "delta_version": str(version)}):
        conditions = {"n_estimators": n_estimators, "max_depth": max_depth}
        mlflow.log_params({**conditions, "random_state": 115, "split_random_state": 42})
        mlflow.log_param("n_features", len(features))
        mlflow.log_input(describe_data(train, features), context="training")
        model = RandomForestClassifier(**conditions, random_state=115)
        model.fit(train[features], train["malignant"])
        mlflow.log_metrics(evaluate(model, train, features, "train"))
        mlflow.log_metrics(evaluate(model, valid, features, "val"))
    return model


# %% [markdown]
# 4つのノートブックに最後に残っていた条件で呼びます。
# `max_depth`の`None`は、木の深さを制限しないという意味です。
# `uuid.uuid4().hex`は、呼ぶたびに違う文字列を作ります。

# %%
import uuid

batch = uuid.uuid4().hex
models = {
    "train": train_and_log("train", mean_features, 100, 4),
    "train_2": train_and_log("train_2", mean_features, 80, 1),
    "train_final": train_and_log("train_final", mean_features, 100, None),
    "train_final2": train_and_log("train_final2", all_features, 100, 4),
}

# %% [markdown]
# 同じエクスペリメントには、同僚のランも入っているかもしれません。
# 訓練データで測った値を、うっかり`val_auc`という名前で残したランを1つ作っておきます。

# %%
with mlflow.start_run(run_name="quick_try", tags={"batch": "colleague"}):
    mlflow.log_params({"n_estimators": 10, "n_features": 10})
    mlflow.log_metrics({"val_auc": 1.0})

# %% [markdown]
# ## 1つの表に並べて比べる【自習】
#
# `mlflow.search_runs`は、条件に合うランをpandasの表で返します。
# `filter_string`で今回のランに絞り、`order_by`で検証データのAUCが高い順に並べます。
# `DESC`は大きい順です。
# 何も付けなければ、小さい順になります。

# %%
runs = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'",
    order_by=["metrics.val_auc DESC"],
)
labels = {
    "tags.mlflow.runName": "ラン",
    "params.n_estimators": "木の本数",
    "params.max_depth": "深さ",
    "params.n_features": "特徴量の数",
    "metrics.val_accuracy": "正解率",
    "metrics.val_auc": "AUC",
    "metrics.val_f1": "F1",
}
runs[list(labels)].rename(columns=labels).round(3)

# %% [markdown]
# 上司の問いに、1つの表で答えられるようになりました。
# `train_final2`が、3つの指標のどれでも一番上です。
# `quick_try`はAUCが最も高いのに出てきません。
# `batch`で絞ったので、測り方の違うランが混ざらずに済みました。
#
# `train`と`train_final`は、AUCと正解率とで順位が逆になります。
# 正解率の差は、検証データの何人分でしょうか。

# %%
accuracy_of = dict(zip(runs["tags.mlflow.runName"], runs["metrics.val_accuracy"], strict=True))
gap = accuracy_of["train_final"] - accuracy_of["train"]
print(f"正解率の差は{gap:.3f}で、{len(valid)}人のうち{gap * len(valid):.0f}人分です。")

# %% [markdown]
# 1人の予測が変われば消える差なので、この2つの優劣は決められません。
#
# `train`と`train_final2`は、木の本数も深さも同じです。
# 違うのは特徴量の数ですが、数だけでは、どの列が増えたのか分かりません。
# 残しておいたデータの記録から、列の名前を取り出します。

# %%
import json


def recorded_features(run_id):
    dataset = mlflow.get_run(run_id).inputs.dataset_inputs[0].dataset
    names = [column["name"] for column in json.loads(dataset.schema)["mlflow_colspec"]]
    return [name for name in names if name != "malignant"]


run_ids = dict(zip(runs["tags.mlflow.runName"], runs["run_id"], strict=True))
features_of = {name: recorded_features(run_id) for name, run_id in run_ids.items()}
print(sorted(set(features_of["train_final2"]) - set(features_of["train"])))

# %% [markdown]
# `worst_`や`_error`の付く列が加わっていました。
# 逆に、ある列から、それを使ったランも探せます。
# たとえば`worst_area`の測り方に誤りが見つかったら、影響を受けるのはどのランでしょうか。

# %%
print(sorted(name for name, features in features_of.items() if "worst_area" in features))

# %% [markdown]
# 作り直すモデルが分かります。
# 表の「データガバナンス」の行に書いたのは、このような使い方です。
#
# 訓練データの成績も合わせて、図にします。

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は正解率、縦軸は4つのラン。白い丸の訓練データと黒い丸の検証データが線で結ばれ、train_finalは間が最も広く、train_2は狭いが両方とも低い。train_final2は検証データの値が最も高い"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
names = runs["tags.mlflow.runName"][::-1]
train_scores, val_scores = runs["metrics.train_accuracy"][::-1], runs["metrics.val_accuracy"][::-1]

fig, ax = plt.subplots(figsize=(6, 2.8))
ax.hlines(names, val_scores, train_scores, color="0.6")
ax.scatter(train_scores, names, facecolor="white", edgecolor="black", zorder=2, label="訓練データ")
ax.scatter(val_scores, names, color="black", zorder=2, label="検証データ")
ax.margins(y=0.15)
ax.set_xlabel("正解率")
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# 横軸は正解率で、1行が1つのランです。
# まず、2つの丸を結ぶ線の長さに目を向けてください。
# `train_final`が最も長く、訓練データを全部当てているのに、検証データでは下がります。
# `train_2`の線は短いものの、2つの丸がどちらも左にあります。
# 同じように成績が良くないモデルでも、様子が違います。

# %% [markdown]
# ## 学習曲線で次に試すことを選ぶ【自習】
#
# 違いを詳しく知るために、学習に使う人数を少しずつ増やし、成績の変わり方を調べます。
# 人数ごとの成績を結んだ線を **学習曲線**（learning curve）と呼びます。
# テストデータには触れず、残りの人たちを3組に分け、1組ずつ検証に回す交差検証を使います。

# %%
from sklearn.model_selection import learning_curve


def curve_of(name):
    return learning_curve(
        models[name],
        rest[mean_features],
        rest["malignant"],
        train_sizes=[0.15, 0.4, 0.7, 1.0],
        cv=3,
        scoring="accuracy",
        shuffle=True,
        random_state=0,
    )


curves = {name: curve_of(name) for name in ["train_final", "train_2"]}

# %% tags=["figure"]
def draw_curves():
    fig, axes = plt.subplots(1, 2, figsize=(7, 3.2), sharey=True)
    for ax, (name, (sizes, train_scores, val_scores)) in zip(axes, curves.items(), strict=True):
        ax.plot(sizes, train_scores.mean(axis=1), "o--", color="0.5", label="訓練")
        ax.plot(sizes, val_scores.mean(axis=1), "o-", color="black", label="検証")
        ax.set_title(name)
        ax.set_xlabel("学習に使った人数")
    axes[0].set_ylabel("正解率")
    axes[0].legend()
    return fig


# %% mystnb={"image": {"alt": "横軸は学習に使った人数、縦軸は正解率の学習曲線が2つ。左のtrain_finalは訓練の線が1に張り付き、検証の線は上がっていくが間が空いている。右のtrain_2は人数とともに2本が近づき、左の検証の線より低い所で間がわずかになる"}}
import matplotlib.pyplot as plt

fig = draw_curves()
plt.show()

# %% [markdown]
# 横軸は学習に使った人数、縦軸は正解率です。
# 破線の訓練と実線の検証が、どれだけ離れているかを見てください。
#
# 左の`train_final`は、右端でも2本の間が空いています。
# 訓練データのたまたまの特徴まで覚え、初めて見る人で外しています。
# これを **バリアンスが高い**（high variance）状態と呼びます。
# 次に試すのは、データを増やすか、木を浅くすることです。
# どこまで間が縮まるのかは、この図からは分かりません。
#
# 右の`train_2`は、人数とともに2本が近づき、左の実線より低い所で、間がわずかになりました。
# 深さ1の木は質問を1つしかできず、訓練データさえ当てきれません。
# これを **バイアスが高い**（high bias）状態と呼びます。
# 2本の間がもう狭いので、人数を増やして縮められる分はわずかです。
# 木を深くするか、役に立つ列を加えます。
#
# 図も、判断の材料としてランに残します。

# %%
for name in curves:
    with mlflow.start_run(run_id=run_ids[name]):
        mlflow.log_figure(fig, "learning_curve.png")

saved = mlflow.artifacts.list_artifacts(run_id=run_ids["train_final"])
print([file.path for file in saved])

# %% [markdown]
# ## 選んだ後で、一度だけテストする【自習】
#
# 3つの指標がそろって高い`train_final2`を選びます。
# 取っておいたテストデータで測り、同じランに書き足します。

# %%
chosen_id = run_ids["train_final2"]
test_scores = evaluate(models["train_final2"], test, all_features, "test")
with mlflow.start_run(run_id=chosen_id):
    mlflow.log_metrics(test_scores)
for name, value in test_scores.items():
    print(f"{name} = {value:.3f}")

# %% [markdown]
# 検証データの値から大きくは崩れていません。
# この結果を見て別のモデルに乗り換えると、テストデータも「比べるのに使ったデータ」になります。
# ここで止めます。
#
# > **注意** 4つのランに残したのは、条件とデータと成績です。
# > モデルそのものは、ノートブックを閉じると消えます。
# > 条件とデータの記録があるので、学習し直せば同じモデルを作れます。
# > モデルを保存し、名前とバージョンを付けて渡す方法は、Part 2で扱います。

# %% [markdown]
# ## 画面で見る【自習】
#
# 同じ記録は、MLflowの画面でも見られます。
# 手元では、ターミナルで`make mlflow`を実行し、表示されたURLをブラウザーで開きます。
# 左上で「Model training」を選び、名前が`17_mlflow_tracking`で終わるエクスペリメントを開きます。
# Databricksでは、左のメニューの「エクスペリメント」から開きます。
# 言葉や配置は少しずつ違うので、ここでは手元のMLflow 3.12の画面で説明します。
#
# 開くと、ランが1行ずつ並んだ表が出ます。
# 「Columns」から、パラメータや指標の列を加えられます。
# ランの名前を押すと、そのランのパラメータ、指標、タグ、使ったデータが1画面に出ます。
# `train_final`か`train_2`の「Artifacts」には、先ほどの学習曲線が入っています。
# 一覧に戻り、2つ以上のランに印を付けて「Compare」を押すと、条件と指標が横に並びます。
#
# ざっと眺めるなら画面、同じ手順で何度も比べるなら`search_runs`が向いています。

# %% [markdown]
# ## 練習
#
# どの練習でも、記録を終えたランは閉じておきます。
# `with`で囲めば、自動で閉じます。
# エラーに`is already active`と出たら、前のランが開いたままです。
# `mlflow.end_run()`を実行してから、もう一度試してください。

# %%
from checks.lesson_17 import check

# %% [markdown]
# ### 練習 1: ランを1つ記録する
#
# 木を10本に減らすと、成績はどう変わるでしょうか。
# 新しいランを1つ作り、そのランのIDを`few_trees_id`に入れてください。
#
# - モデルは`n_estimators=10`、`max_depth=5`、`random_state=0`のランダムフォレスト
# - 学習には訓練データと`mean_features`を使う
# - パラメータ`n_estimators`と`max_depth`を残す
# - 検証データで測った`val_accuracy`、`val_auc`、`val_f1`を残す（丸めるなら、小数第3位まで）
#
# <details><summary>ヒント</summary>
#
# `with mlflow.start_run(run_name="few_trees") as run:`で始めます。
# 指標は`evaluate`で計算でき、ランのIDは`run.info.run_id`で取り出せます。
#
# </details>

# %% 練習 1
few_trees_id = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 条件の中で最良のランを探す【自習】
#
# 病院から「測れるのは`mean_`の10列だけ」と言われました。
# `mlflow.search_runs`で次の条件に合うランを探し、そのIDを`best_run_id`に入れてください。
#
# - 今回のまとまり（タグの`batch`が変数`batch`と同じ）
# - 特徴量の数（パラメータの`n_features`）が10
# - その中で、検証データのAUC（`val_auc`）が最も高い
#
# パラメータは文字列として残るので、数も`params.n_features = '10'`のように引用符で囲みます。
# 2つの条件は`and`でつなぎます。
#
# <details><summary>ヒント</summary>
#
# 返ってきた表の1行目のIDは、`.loc[0, "run_id"]`で取り出せます。
# `KeyError: 0`は、条件に合うランが1つもないという意味です。
# 文字列の先頭の`f`と、引用符を見直してください。
#
# </details>

# %% 練習 2
best_run_id = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 使った列をランに残す【自習】
#
# 次は、名前が`worst_`で始まる10列だけで学習する予定です。
# 学習の前に、使うデータを記録しておきます。
# 新しいランを作り、訓練データの`worst_`の10列と`malignant`を`log_input`で残してください。
# このランに残すデータの記録は、1つだけにします。
# 記録の名前は`tumors`とし、ランのIDを`worst_run_id`に入れます。
#
# <details><summary>ヒント</summary>
#
# 列の一覧は、`mean_features`と同じ書き方で作れます。
# 記録は、本文の`describe_data`で作れます。
# `malignant`は`describe_data`が足すので、渡すのは10列だけです。
#
# </details>

# %% 練習 3
worst_run_id = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 選んだ理由を残す【自習】
#
# 半年後の同僚は、なぜこのモデルを選んだのかを知りたくなります。
# 本文で選んだラン（IDは`chosen_id`）に、タグを2つ書き足してください。
#
# - `decision`: `adopted`
# - `reason`: 選んだ理由。20字以上の文（続けた空白は1字と数える）
#
# 書き足したランのIDを、`decision_run_id`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 新しいランは作りません。
# 検証データの成績を書き足したときと同じように、`start_run`にランのIDを渡します。
#
# </details>

# %% 練習 4
decision_run_id = ...

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 自動ロギングの`training_accuracy_score`が1.0でした。
# 言えることはどれですか。
#
# <details><summary>ア. 学習に使ったデータは、すべて当てられた</summary>
#
# 正解です。
# `training_`は、学習に使ったデータで測ったという意味です。
# 初めて見るデータでの成績は、別に測って記録します。
#
# </details>
# <details><summary>イ. 本番でも、ほぼ必ず当たる</summary>
#
# 不正解です。
# 1.0という数字は心強く見えます。
# しかし、答えを見たデータをもう一度解いた成績なので、本番の成績は分かりません。
#
# </details>
# <details><summary>ウ. 自動ロギングの計算が間違っている</summary>
#
# 不正解です。
# 1.0は怪しく見えますが、深い木は訓練データをすべて覚えられます。
# このページの`train_final`でも、訓練データの正解率は1.0でした。
#
# </details>
#
# **問 2.** Databricksのサーバーレスで`fit`したのに、ランが1つも増えません。
# 最初に確かめることはどれですか。
#
# <details><summary>ア. モデルの成績が低すぎないか</summary>
#
# 不正解です。
# 良いモデルだけが残ると思うかもしれません。
# 自動ロギングは成績を見て選ばず、学習したものをすべて残します。
#
# </details>
# <details><summary>イ. <code>mlflow.sklearn.autolog()</code>を呼んだか</summary>
#
# 正解です。
# サーバーレスでは、自動ロギングは最初から有効ではありません。
#
# </details>
# <details><summary>ウ. モデルに名前とバージョンを付けて登録したか</summary>
#
# 不正解です。
# 登録は、ランの記録が終わった後の作業です。
# 登録していなくても、ランは残ります。
#
# </details>
#
# **問 3.** `search_runs`の表を`params.n_estimators`で小さい順に並べると、100が80より前に来ました。
# なぜですか。
#
# <details><summary>ア. 既定では大きい順に並ぶから</summary>
#
# 不正解です。
# `order_by`は、何も付けなければ小さい順に並べます。
#
# </details>
# <details><summary>イ. 100本のランのほうが新しいから</summary>
#
# 不正解です。
# 何も指定しなければ新しい順に並ぶので、そう見えるかもしれません。
# 並べる列を指定したときは、その列の値が先に比べられます。
#
# </details>
# <details><summary>ウ. パラメータが文字列として残っているから</summary>
#
# 正解です。
# 文字列は先頭の文字から比べるので、1で始まる100が8で始まる80より前に来ます。
# 数として並べるには、pandasの表で数に直してから並べます。
#
# </details>
#
# **問 4.** 学習曲線の訓練と検証の線が、近づいたまま低い所で止まっています。
# 先に試すことはどれですか。
#
# <details><summary>ア. 同じ種類のデータを10倍に増やす</summary>
#
# 不正解です。
# データは多いほど良いと思いたくなります。
# 2本が近づいた後は、人数を増やしても線はほとんど上がりません。
#
# </details>
# <details><summary>イ. 役に立つ特徴量を加えるか、木を深くする</summary>
#
# 正解です。
# 訓練データさえ当てきれていないので、モデルが使える手がかりを増やします。
#
# </details>
# <details><summary>ウ. 木をさらに浅くする</summary>
#
# 不正解です。
# 木を浅くするのは、2本が離れているときの手当てです。
# ここでさらに浅くすると、訓練データも今より当たらなくなります。
#
# </details>
#
# **問 5.** 2つのランは、パラメータもデータの名前も同じです。
# ところが、ダイジェストが違います。
# 最初に疑うことはどれですか。
#
# <details><summary>ア. 使った行か列が違う</summary>
#
# 正解です。
# ダイジェストは中身から計算します。
# 列の一覧、行数、表のバージョン、データの分け方の順に見比べると、違いを絞れます。
#
# </details>
# <details><summary>イ. 実行した日が違う</summary>
#
# 不正解です。
# 実行のたびに変わる番号のように見えますが、日時は計算に入りません。
# 同じバージョンを読み直すと、ダイジェストは一致しました。
#
# </details>
# <details><summary>ウ. モデルの種類が違う</summary>
#
# 不正解です。
# ダイジェストはデータの記録で、モデルは計算に入りません。
# 違うモデルでも、同じデータで学習すれば同じ値になります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 1回の学習の記録がランで、ランを入れるフォルダーがエクスペリメントです。
# - 自動ロギングは、パラメータと訓練データの指標、モデルと列の名前を残します。
# - 検証データの成績、表の名前とバージョン、選んだ理由は、自分で書き足します。
# - `search_runs`に絞り込みの条件と並べる向きを書くと、条件と成績が1つの表になります。
# - 学習曲線の2本が離れていればデータの不足か木の深すぎを、近いまま低ければ手がかりの不足を疑います。
#
# 次のPart 2では、選んだモデルを業務で使い続けるために何が要るのかを考えます。

# %%
check.summary()
