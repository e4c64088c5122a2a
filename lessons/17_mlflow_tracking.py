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
# 「来週から毎週の判定に使うモデルは、どれに替えるの。根拠は」。
# 上司に聞かれて、検査センターの佐藤さんは答えに詰まりました。
# フォルダーには、`rf_v1`、`rf_v2`、`rf_final`、`rf_final2`という4つのノートブックと、レッスン16のパイプラインがあります。
# 条件を書き換えては実行し、画面の点数を見て次へ進んだ跡です。
# ところが、どれがどの条件の点数だったのかは、誰も書き留めていません。
#
# 学習するたびに条件と点数が残っていれば、表を1つ見せるだけで済みました。
# ここでは5つを記録しながら実行し直し、根拠を添えて1つを選びます。

# %% [markdown]
# ## このレッスンで学ぶこと
#
# - MLflowの4つの部品が、それぞれ何のためにあるかを説明する。
# - 自動で残る記録と、自分で書き足す記録を見分ける。
# - 交差検証の平均とばらつきを表に並べ、差が揺れの中かどうかを読む。
# - 選んだモデルから、学習に使った表のバージョンと列をたどる。
# - 学習の途中の点数と、データの量を変えた点数を読み、次に試すことを選ぶ。

# %% [markdown]
# ## 表のバージョンを名指しして読む
#
# データはレッスン14、分け方はレッスン15と同じです。
# 検体が2回に分けて届いたことにして、Deltaの表に2度書き込みます。

# %%
import cell_samples
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS mlflow_tracking")
spark.sql("USE mlflow_tracking")
samples = cell_samples.load()

# %%
spark.sql("DROP TABLE IF EXISTS cell_samples")
spark.createDataFrame(samples[:400]).write.mode("overwrite").saveAsTable("cell_samples")
spark.createDataFrame(samples[400:]).write.mode("append").saveAsTable("cell_samples")

# %% [markdown]
# いまのバージョンの番号を調べ、名指しして読みます。
# 後から検体が足されても、同じ中身を読み直せるからです（読み直せる期間には限りがあります）。


# %%
def read_samples(version):
    query = f"SELECT * FROM cell_samples VERSION AS OF {version} ORDER BY sample_id"
    return spark.sql(query).toPandas()


# %%
version = spark.sql("DESCRIBE HISTORY cell_samples LIMIT 1").first()["version"]
X_train, X_test, y_train, y_test = cell_samples.split(read_samples(version))
all_features = list(X_train.columns)
mean_features = [name for name in all_features if name.startswith("mean_")]
print(f"バージョン{version}を読み、訓練{len(X_train)}件とテスト{len(X_test)}件に分けました。")
print(f"全部の測定値は{len(all_features)}列、mean_で始まるのは{len(mean_features)}列です。")

# %% [markdown]
# ## 学習するだけで記録が残る
#
# MLflowは、学習から使うまでの記録を管理するオープンソースの道具で、Databricksには初めから組み込まれています。
# 13で見たランを、同じ課題ごとに入れるフォルダーが **エクスペリメント**（experiment）です。
# `end_run`は開いたままのランがあれば閉じ、`setLevel`の行は細かな注意書きを止めます。

# %%
import logging

import mlflow

logging.getLogger("mlflow").setLevel(logging.ERROR)
mlflow.end_run()

# %%
user = spark.sql("SELECT current_user()").first()[0]
experiment_path = f"/Users/{user}/17_mlflow_tracking"
if mlflow.get_experiment_by_name(experiment_path) is None:
    mlflow.create_experiment(experiment_path)
experiment = mlflow.set_experiment(experiment_path)

# %% [markdown]
# `mlflow.sklearn.autolog()`を一度呼ぶと、その後の`fit`は自動で記録されます。
# これが **自動ロギング**（autologging）です。
# `with mlflow.start_run():`の中で記録したことが1つのランになり、`run.info.run_id`がそのランを指すIDです。
#
# > **注意** Databricksのサーバーレスでは、自動ロギングは最初から有効ではありません。
# > このように、自分で呼びます。

# %%
from sklearn.ensemble import RandomForestClassifier

mlflow.sklearn.autolog(pos_label=1, silent=True)
with mlflow.start_run(run_name="autolog") as run:
    model = RandomForestClassifier(n_estimators=100, max_depth=5, random_state=0)
    model.fit(X_train[mean_features], y_train)
autolog_run_id = run.info.run_id
mlflow.sklearn.autolog(disable=True)

# %% [markdown]
# 最後の行で止めたのは、この後で何度も呼ぶ`fit`や予測まで記録されるのを避けるためです。
# 何が残ったのか、ランを読み戻して、学習の条件である **パラメータ**（parameter）から確かめます。

# %%
record = mlflow.get_run(autolog_run_id)
print(f"パラメータは{len(record.data.params)}個残りました。")
for name in ["n_estimators", "max_depth", "max_features"]:
    print(f"{name} = {record.data.params[name]}")

# %% [markdown]
# コードに書かなかった`max_features`も残っています。
# 既定値はscikit-learnのバージョンが上がると変わることがあるので、残っていれば同じ条件に戻せます。
# 次に、モデルの点数にあたる **指標**（metric。画面では「メトリクス」とも）です。

# %%
import pandas as pd

pd.Series(record.data.metrics).sort_index().round(3).to_frame("値")

# %% [markdown]
# どれも良い値に見えます（`training_log_loss`は、0に近いほど良い指標です）。
# ところが、名前の先頭に`training_`が付いています。
# 学習に使った検体をもう一度当てさせた点数で、初めて見る検体での点数は、ここにはありません。

# %%
captured = record.inputs.dataset_inputs[0].dataset
files = mlflow.artifacts.list_artifacts(run_id=autolog_run_id)
print("ファイル:", sorted(file.path for file in files))
print(f"モデル: {len(record.outputs.model_outputs)}個")
print(f"データの名前: {captured.name}、出どころの種類: {captured.source_type}")
print("列の名前にmean_areaがあるか:", '"mean_area"' in captured.schema)

# %% [markdown]
# ランに添えたファイルを **アーティファクト**（artifact）と呼び、ここには点数の図があります。
# 学習に使った列の名前も残りました。
# けれどもデータの出どころは`code`、つまり「どこかのコード」としか書かれていないので、どの表のどのバージョンかは分かりません。
#
# | 自動で残ったもの | 自分で書き足すもの |
# |---|---|
# | 既定値も含むパラメータ | 何のために試したかという理由 |
# | 訓練データでの指標 | 学習に使わないデータでの指標 |
# | モデルと、点数の図 | 自分で描いた図 |
# | 列の名前と型 | 表の名前とバージョン |

# %% [markdown]
# ## MLflowの4つの部品
#
# いま使ったのは、4つの部品のうち上の2つです。
#
# | 部品 | 何のためにあるか | この本での扱い |
# |---|---|---|
# | Tracking | 条件と点数を残し、並べて比べる | このレッスンの中心 |
# | Models | モデルを決まった形で包み、使う場所に置けるようにする | このレッスンの後半 |
# | Model Registry | モデルに名前とバージョンを付け、どれを使うかを管理する | Part 2と実践演習 |
# | Projects | コードと実行環境をまとめ、別の場所で実行し直す | 終わりの節で、中身を読む |

# %% [markdown]
# ## 足りない記録を書き足す
#
# 学習に使わないデータでの点数は、16の交差検証（訓練データを5組に分ける）で測ります。
# 1回の分け方の点数は運で動くので、5組の平均と標準偏差を指標に、組ごとの値をファイルに残します。

# %%
from sklearn.model_selection import StratifiedKFold, cross_validate

cv = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
scoring = {"accuracy": "accuracy", "auc": "roc_auc", "f1": "f1", "recall": "recall"}


# %%
def log_cv(model, features):
    result = cross_validate(model, X_train[features], y_train, cv=cv, scoring=scoring)
    folds = {name: result[f"test_{name}"] for name in scoring}
    for name, scores in folds.items():
        mlflow.log_metrics({f"cv_{name}": scores.mean(), f"cv_{name}_std": scores.std(ddof=1)})
    mlflow.log_dict({name: scores.tolist() for name, scores in folds.items()}, "folds.json")


# %% [markdown]
# 次は、1つの候補を学習して記録する関数です。
# 条件は書き写さずに、`get_params`でモデル自身から取るので、実際と食い違いません。
# `SETTINGS`に並べた名前のうち、そのモデルにあるものだけが残ります（`classifier__C`は、パイプラインの中のロジスティック回帰の`C`）。
# `DeltaDatasetSource`は、表の名前とバージョンをデータの記録に書き込みます。

# %%
from mlflow.data.delta_dataset_source import DeltaDatasetSource

table = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.cell_samples"
source = DeltaDatasetSource(delta_table_name=table, delta_table_version=version)
SETTINGS = ["n_estimators", "max_depth", "random_state", "classifier", "classifier__C"]


# %%
def train_and_log(name, model, features):
    settings = model.get_params()
    data = mlflow.data.from_pandas(X_train[features], source=source, name="cell_samples")
    with mlflow.start_run(run_name=name, tags={"batch": batch}):
        mlflow.log_params({key: settings[key] for key in SETTINGS if key in settings})
        mlflow.log_param("n_features", len(features))
        mlflow.log_input(data, context="training")
        log_cv(model, features)
        model.fit(X_train[features], y_train)
        mlflow.log_metric("train_accuracy", model.score(X_train[features], y_train))


# %% [markdown]
# **タグ**（tag）は、後から探すための目印です。
# `batch`には、今回まとめて実行したランに共通の文字列を入れます（`uuid4().hex`は、呼ぶたびに違う文字列を作ります）。
# `max_depth`の`None`は、木の深さを制限しないという意味です。

# %%
import uuid

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def forest(max_depth):
    return RandomForestClassifier(n_estimators=100, max_depth=max_depth, random_state=0)


batch = uuid.uuid4().hex
pipeline = Pipeline([("scaler", StandardScaler()), ("classifier", LogisticRegression())])
train_and_log("rf_v1", forest(5), mean_features)
train_and_log("rf_v2", forest(1), mean_features)
train_and_log("rf_final", forest(None), mean_features)
train_and_log("rf_final2", forest(5), all_features)
train_and_log("pipeline", pipeline, all_features)

# %% [markdown]
# ## 1つの表に並べて比べる
#
# `mlflow.search_runs`は、条件に合うランをpandasの表で返します。
# `filter_string`で今回のランに絞り、`order_by`でAUCの平均が高い順（`DESC`）に並べます。

# %%
runs = mlflow.search_runs(filter_string=f"tags.batch = '{batch}'", order_by=["metrics.cv_auc DESC"])
labels = {
    "tags.mlflow.runName": "ラン", "params.n_features": "列の数", "params.max_depth": "深さ",
    "metrics.cv_accuracy": "正解率", "metrics.cv_auc": "AUC", "metrics.cv_auc_std": "AUCの標準偏差",
    "metrics.cv_recall": "再現率", "metrics.cv_f1": "F1", "metrics.train_accuracy": "訓練の正解率",
}
runs[list(labels)].rename(columns=labels).fillna("-").round(3)

# %% [markdown]
# いちばん上は`pipeline`ですが、2番目の`rf_final2`とのAUCの差は、標準偏差の半分ほどしかありません。
# つまり、AUCの平均だけでは、どちらが良いとも言えません。
#
# さいわい、どのランも同じ5組で測ったので、組ごとに引き算をして、差の向きがそろうかを見られます。
# 検査センターがいちばん避けたいのは悪性の見逃しなので、見逃しの少なさを表す再現率も並べます。

# %%
run_ids = dict(zip(runs["tags.mlflow.runName"], runs["run_id"], strict=True))


def folds_of(name):
    return pd.DataFrame(mlflow.artifacts.load_dict(f"runs:/{run_ids[name]}/folds.json"))


gaps = folds_of("pipeline") - folds_of("rf_final2")
gaps.index = [f"組{number}" for number in range(1, 6)]
gaps[["auc", "recall"]].round(3)

# %% [markdown]
# AUCの差（`auc`）は組によって向きが割れ、やはり決め手になりません。
# 一方、再現率の差（`recall`）は、負になった組が1つもありません。
# 見逃しを減らすことは、比べる前から決まっていた目的です。
# だから、再現率の高い`pipeline`を選びます。
# 5組だけなので言い切れはしませんが、何で決めたかは説明できます。

# %% [markdown]
# ## 選んだモデルを残し、テストの点数を添える【自習】
#
# 選んだモデルを、同じランに`log_model`で残します。
# `signature`は入力の列の名前と型、それに出力の型で、`pip_requirements`は読み戻すのに必要なパッケージです。

# %%
import sklearn
from mlflow.models import infer_signature

chosen_id = run_ids["pipeline"]
with mlflow.start_run(run_id=chosen_id):
    saved = mlflow.sklearn.log_model(
        pipeline,
        name="model",
        signature=infer_signature(X_train, pipeline.predict(X_train)),
        pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"],
    )

# %% [markdown]
# 来週、別のノートブックで使うつもりで読み戻します。
# `pyfunc`で読むと、どのライブラリーのモデルでも同じ`predict`で予測できます。
# テストデータをまとめて予測し、点数を同じランに書き足します。

# %%
from sklearn.metrics import accuracy_score, recall_score

loaded = mlflow.pyfunc.load_model(saved.model_uri)
predicted = loaded.predict(X_test)
with mlflow.start_run(run_id=chosen_id):
    mlflow.log_metric("test_accuracy", accuracy_score(y_test, predicted))
    mlflow.log_metric("test_recall", recall_score(y_test, predicted))

# %% [markdown]
# 読み戻したモデルは、自分のランのIDを覚えています。
# そこから、列、表のバージョン、点数をたどります。

# %%
columns = loaded.metadata.get_input_schema().input_names()
chosen = mlflow.get_run(loaded.metadata.run_id)
origin = mlflow.data.get_source(chosen.inputs.dataset_inputs[0])
print(f"入力は{len(columns)}列、表のバージョンは{origin.delta_table_version}")
for name in ["cv_accuracy", "test_accuracy", "cv_recall", "test_recall"]:
    print(f"{name} = {chosen.data.metrics[name]:.3f}")

# %% tags=["figure"] mystnb={"image": {"alt": "Deltaの表のあるバージョンを読んで学習し、1つのランにパラメータ、指標、タグ、データの記録、アーティファクト、モデルが入り、モデルを読み戻して新しい検体をまとめて予測する流れの図"}}
from figures.run_record import draw_run_record

draw_run_record()

# %% [markdown]
# 図のように、表のバージョンから予測までが1つのランでつながりました。
# テストの点数も、交差検証の平均から大きくは離れていません。
# この結果を見て別のモデルに乗り換えると、テストデータも「比べるのに使ったデータ」になります。
# しかも、このパイプラインのテストの点数は、16ですでに見ています。
# 仕事なら、まだ使っていない検体で確かめます。
# ここでは点数を残すだけで、選び直しません。
#
# 上司には、こう答えられます。
# 「`pipeline`です。見逃しの少なさで選び、モデルも根拠も、このランにあります」。

# %% [markdown]
# ## 列の記録を4つのことに使う【自習】
#
# 使った列とデータが、ランごとに残っています。
# **ダイジェスト**（digest、データの中身から計算した短い文字列）と、`worst_area`を使ったかを並べます。


# %%
def data_of(name):
    return mlflow.get_run(run_ids[name]).inputs.dataset_inputs[0].dataset


for name in run_ids:
    print(f"{name:10}", data_of(name).digest, '"worst_area"' in data_of(name).schema)

# %% [markdown]
# ダイジェストが同じランは、特徴量の値と列が同じだとみなせます。
# 答え（診断）は渡していないので、診断の直しは表のバージョンで確かめます。
# 表を読み直しても同じ値になるかを、いまのバージョンと、追記する前のバージョン0で確かめます。


# %%
def digest_of(version):
    rows = cell_samples.split(read_samples(version))[0]
    return mlflow.data.from_pandas(rows, name="cell_samples").digest


# %%
print("いまのバージョンと同じか:", digest_of(version) == data_of("pipeline").digest)
print("バージョン0と同じか:", digest_of(0) == data_of("pipeline").digest)
by_autolog = mlflow.get_run(autolog_run_id).data.metrics["training_accuracy_score"]
by_hand = mlflow.get_run(run_ids["rf_v1"]).data.metrics["train_accuracy"]
print("同じ条件のautologとrf_v1で、訓練の正解率は同じか:", by_autolog == by_hand)
print("選んだモデルはsample_idを使うか:", "sample_id" in columns)

# %% [markdown]
# この記録は、次の4つに役立ちます。
#
# | 利点 | 上の記録でできること |
# |---|---|
# | データガバナンス | 列が使われた先（**リネージ**、lineage）をたどり、`worst_area`の測り方に誤りがあれば、`True`の2つを作り直すと分かる |
# | 実験の追跡 | `rf_v1`と`rf_final`はダイジェストも表のバージョンも同じなので、点数の差はデータの差ではない |
# | 再現性 | 表のバージョン、条件、乱数の種、ライブラリーのバージョンがそろえば`autolog`と`rf_v1`のように同じ点数になる |
# | モデルガバナンス | `sample_id`のような使ってはいけない列がないかを、採用の前に点検できる |
#
# ダイジェストは、先頭1万行の数と文字の列の値に、行数と列の名前を合わせて計算します。
# 日付や真偽値の列、欠けのある文字の列、1万行より後の行は値が変わっても気づけません。
# そのため、表のバージョンも一緒に残します。
#
# > **注意** 番号を残しても、確実に読み直せるのは保持期間の間だけです（14で見たとおり）。
# > 半年後にも同じデータで学習し直したいなら、学習に使った行を別の表にコピーしておきます。

# %% [markdown]
# ## 学習の途中の点数を残す【自習】
#
# 木を1本ずつ足していく勾配ブースティングのように、少しずつ育つモデルでは、途中の点数も手がかりになります。
# 指標に`step`を付けると、同じ名前の値が何回目のものかと一緒に残ります。
# 訓練データの2割を取り分け、木が10本増えるたびに対数損失（確率の外れ方。0に近いほど良い）を記録します。

# %%
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split

X_learn, X_valid, y_learn, y_valid = train_test_split(
    X_train[mean_features], y_train, test_size=0.2, stratify=y_train, random_state=0
)
boosting = GradientBoostingClassifier(learning_rate=0.3, random_state=0).fit(X_learn, y_learn)
learned = list(boosting.staged_predict_proba(X_learn))
unseen = list(boosting.staged_predict_proba(X_valid))
with mlflow.start_run(run_name="boosting") as run:
    for step in range(10, 101, 10):
        mlflow.log_metric("learn_loss", log_loss(y_learn, learned[step - 1]), step=step)
        mlflow.log_metric("valid_loss", log_loss(y_valid, unseen[step - 1]), step=step)
boosting_id = run.info.run_id

# %% tags=["figure"] mystnb={"image": {"alt": "木の本数が増えるほど、学習した検体の対数損失は0に近づくが、取り分けた検体の対数損失は20本で最も小さく、いったん揺れてから少しずつ上がる折れ線"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3))
for name, style, color, label in [
    ("learn_loss", "o--", "tab:orange", "学習した検体"),
    ("valid_loss", "s-", "tab:blue", "取り分けた検体"),
]:
    history = mlflow.MlflowClient().get_metric_history(boosting_id, name)
    steps, values = [one.step for one in history], [one.value for one in history]
    ax.plot(steps, values, style, color=color, label=label)
ax.set(xlabel="木の本数（step）", ylabel="対数損失", ylim=(0, None))
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# 見てほしいのは、2本の線が別れる所です。
# 学習した検体の損失は0へ近づき続けるのに、取り分けた検体では20本を底に、いったん揺れてから、少しずつ上がります。
# だから、木をこれ以上足しません。
# 1回の分け方の86件で測ったので、20という数ではなく、上がりに転じるという形を読みます。

# %% [markdown]
# ## データの量を変えた学習曲線【自習】
#
# 途中の点数の線も学習曲線と呼ばれますが、データの量を横軸にした **学習曲線**（learning curve）は、別の問いに答えます。
# 検体をもっと集めれば良くなるのか、という問いです。
# 深さを制限しない木（深い木）、深さ1の木、選んだパイプラインで比べます。

# %%
from sklearn.model_selection import learning_curve
from sklearn.tree import DecisionTreeClassifier


def curve_of(model, features):
    return learning_curve(
        model, X_train[features], y_train, train_sizes=[0.15, 0.4, 0.7, 1.0],
        cv=cv, scoring="roc_auc", shuffle=True, random_state=0,
    )


curves = {
    "深い木（10列）": curve_of(DecisionTreeClassifier(random_state=0), mean_features),
    "深さ1の木（10列）": curve_of(
        DecisionTreeClassifier(max_depth=1, random_state=0), mean_features
    ),
    "pipeline（30列）": curve_of(pipeline, all_features),
}


# %% tags=["figure"]
def draw_curves():
    fig, axes = plt.subplots(1, 3, figsize=(6, 3.2), sharey=True, layout="constrained")
    for ax, (name, (sizes, *scores)) in zip(axes, curves.items(), strict=True):
        for values, style, color, label in zip(
            scores, ["o--", "s-"], ["tab:orange", "tab:blue"], ["訓練", "検証"], strict=True
        ):
            middle, spread = values.mean(axis=1), values.std(axis=1, ddof=1)
            ax.plot(sizes, middle, style, color=color, label=label)
            ax.fill_between(sizes, middle - spread, middle + spread, color=color, alpha=0.2)
        ax.set_title(name, fontsize=11)
        ax.set_xlabel("検体の数")
    axes[0].set(ylabel="AUC", ylim=(0.75, 1.02))
    axes[0].legend(loc="lower right")
    return fig


# %% mystnb={"image": {"alt": "検体の数とAUCの学習曲線が3つ並ぶ。左の深い木は訓練の線が1に張り付き、検証の線は離れて下にある。中央の深さ1の木は右端で2本がほぼ重なるが、左の訓練より低い。右のpipelineは2本とも1に近い"}}
import matplotlib.pyplot as plt

fig = draw_curves()
with mlflow.start_run(run_id=chosen_id):
    mlflow.log_figure(fig, "learning_curve.png")
plt.show()

# %% [markdown]
# 右端で、2本の線がどれだけ離れ、どの高さにあるかを見てください（帯は5組の標準偏差で、縦軸は0.75から始まります）。
# 右だけは30列を使うので、左の2つとの差には、モデルの違いと列の違いが混ざっています。
#
# 左の深い木は、訓練の線だけが1に張り付いています。
# 訓練データの偶然まで覚え、初めて見る検体で外れるこの状態を **バリアンスが高い**（high variance）と呼びます。
# 手当ては、検体を増やすか、木を浅くするか、たくさんの木を平均するかです。
# この図では136件から先、検体を増やしても検証の線が上がりません。
# 一方、平均のほうは、もう結果があります。
# 深い木を100本平均した`rf_final`のAUCは、0.98でした（上の表）。
# しかも`rf_final`も訓練データは満点なので（同じ表）、それだけで過学習とは言えません。
#
# 中央の深さ1の木は、右端で2本がほぼ重なりました。
# 訓練データさえ当てきれないこの状態を **バイアスが高い**（high bias）と呼びます。
# 2本の間がもう無いので、検体を増やしても伸びる余地はわずかです。
# 木を深くするか、右のように、使う列やモデルを変えて手がかりを増やします。

# %% [markdown]
# ## MLflowの画面で見る【自習】
#
# エクスペリメントには、同僚のランも入ることがあります。
# 訓練データで測った点数を、うっかり`cv_auc`という名前で残したランを1つ作ってから、画面で見ます。

# %%
with mlflow.start_run(run_name="quick_try", tags={"batch": "colleague"}):
    mlflow.log_params({"n_estimators": 10, "n_features": 10})
    mlflow.log_metric("cv_auc", 1.0)

# %% [markdown]
# 手元では、ターミナルで`make mlflow`を実行します。
# ランのあるエクスペリメントが新しい順に並ぶので、`17_mlflow_tracking`で終わる名前の下のURLをブラウザーで開くと、ランの一覧が出ます。
# 左上で「Model training」が選ばれていることを確かめてください（隣の「GenAI」は、生成AIのための画面です）。
#
# この節の写真は、どれも手元で開くオープンソースのMLflow 3.12の画面です（Databricksの画面ではありません）。
# 文の中の①や②は、写真の赤い丸の番号です。
#
# まず一覧です。
# ①の「Columns」を押し、「Metrics」の中の`cv_auc`と`cv_recall`に印を付けると、③のように点数の列が増えます。
# ②の下の名前を押すと、そのランのページへ進みます。
#
# ![MLflowのランの一覧に8つのランが並び、Columnsに①、Run Nameに②、足したcv_aucの列に③の印が付いた写真](pictures/17_runs.png)
#
# 一覧では、測り方の違う`quick_try`も並んで見えます。
# 条件を決めて比べるなら、`batch`で絞れる`search_runs`が確かです。

# %% [markdown]
# 2つのランの違いを見るには、ランの左の四角に印を付けて「Compare」を押します。
# 下は、`rf_v1`と`rf_v2`を比べたところです。
# ①と②の「Show diff only」を入れると、条件も点数も、値の違う行だけになります。
# 条件で違うのは木の深さ（`max_depth`）だけなので、点数の差は深さの差だと分かります。
#
# ![MLflowでrf_v1とrf_v2を並べ、2つのShow diff onlyに①と②の印を付けた写真で、条件はmax_depthの行だけが残っている](pictures/17_compare.png)

# %% [markdown]
# `pipeline`のページを開くと、次のように見えます。
#
# ![MLflowのpipelineのページで、Overviewに①、Model metricsに②、Artifactsに③、Datasetsに④の印が付いた写真](pictures/17_run.png)
#
# | 番号 | 見たいもの | 押す所 |
# |---|---|---|
# | ① | 条件、点数、使ったデータ | 「Overview」（初めに開いている） |
# | ② | 途中の点数の線 | 「Model metrics」（`boosting`のページで開く） |
# | ③ | 図とファイル | 「Artifacts」（学習曲線と`folds.json`） |
# | ④ | 使ったデータ | 「Datasets」（かっこの中がダイジェスト） |
#
# `boosting`の「Model metrics」には、指標ごとに線が出ます。
# ②の「Step」が木の本数で、①の`valid_loss`は、20本を底に上がっています。
#
# ![MLflowのboostingのModel metricsで、valid_lossの折れ線に①、横軸のStepに②の印が付き、20本で最も低くなる写真](pictures/17_steps.png)
#
# > **Databricksでは** 左のメニューの「エクスペリメント」（Experiments）から開きます。
# > 「Columns」「Compare」「Show diff only」「Artifacts」は、文書によれば同じ言葉です。
# > 一方、「Model training」を選ぶ所は文書に出てこず、ランのページの「About this run」にあたる表は「Details」と書かれています（実機では未確認）。

# %% [markdown]
# ## デプロイの形とProjects【自習】
#
# モデルを使う場所に置くことを **デプロイ**（deployment）と呼びます。
# 先ほどのように届いた分をまとめて予測する形のほかに、問い合わせのたびに1件ずつ答える形もあります。
# JupyterLabのターミナルで次のように実行すると、保存したモデルが予測を返すサーバーになります（`<モデルのID>`は`saved.model_id`の値）。
#
# ```bash
# mlflow models serve -m models:/<モデルのID> --port 5001 --env-manager local
# ```
#
# 4つ目の部品のProjectsは、学習のコードのほうを包みます。
# フォルダーに`MLproject`というファイルを置き、実行の入り口と、渡せる条件を書きます。
#
# ```yaml
# name: cell_samples
# python_env: python_env.yaml
# entry_points:
#   main:
#     parameters:
#       max_depth: {type: float, default: 5}
#     command: "python train.py --max-depth {max_depth}"
# ```
#
# 別の人は`mlflow run . -P max_depth=3`と打つだけで、同じ環境を作り、条件を替えて実行できます。
# ただしDatabricksの文書は、Projectsのサポートは終わり、Free Editionでは動かないと案内しています。
# Databricksで同じ役目をするのは、コードとジョブの設定をまとめて配るDeclarative Automation Bundles（旧Databricks Asset Bundles）です。

# %% [markdown]
# ## 練習
#
# ランは`with`で始めれば、記録の後に自動で閉じます。

# %%
from checks.lesson_17 import check

# %% [markdown]
# ### 練習 1: ランを1つ記録する
#
# 木を10本に減らすと、点数はどう変わるでしょうか。
# 新しいランを1つ作り、そのIDを`few_trees_id`に入れてください。
#
# - モデルは`n_estimators=10`、`max_depth=5`、`random_state=0`のランダムフォレスト
# - パラメータ`n_estimators`と`max_depth`を残す
# - `mean_features`の列での交差検証の点数を、`log_cv`で残す
#
# <details><summary>ヒント</summary>
#
# `with mlflow.start_run(run_name="few_trees") as run:`で始めます。
# その中で`mlflow.log_params`に条件の辞書を、`log_cv`にモデルと列の一覧を渡します。
# ランのIDは、`run.info.run_id`で取り出せます。
#
# エラーに`is already active`と出たら、前のランが開いたままです。
# `mlflow.end_run()`を実行してから、もう一度試してください。
#
# </details>

# %% 練習 1
few_trees_id = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 条件の中で最良のランを探す【自習】
#
# 検査室から「測れるのは`mean_`の10列だけ」と言われました。
# `mlflow.search_runs`で次の条件に合うランを探し、そのIDを`best_run_id`に入れてください。
#
# - 今回のまとまり（タグの`batch`が変数`batch`と同じ）
# - 列の数（パラメータの`n_features`）が10
# - その中で、AUCの平均（`cv_auc`）が最も高い
#
# パラメータは文字列として残るので、数も`params.n_features = '10'`のように引用符で囲みます。
#
# <details><summary>ヒント</summary>
#
# 2つの条件は`and`でつなぎます。
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
# ### 練習 3: 揺れの中の候補から選び、理由を残す【自習】
#
# 10列で測れるランは、`rf_v1`、`rf_v2`、`rf_final`の3つです。
# 使うものを1つ選び、そのランにタグを2つ書き足して、ランのIDを`decision_run_id`に入れてください。
#
# - `decision`: `adopted`
# - `reason`: 選んだ理由を書いた20字以上の文
#
# `reason`には、残りの2つのうちAUCの平均が近いほうのランの名前と、選んだランのAUCがそれより高かった組の数を、「5組のうち2組」のように入れます。
#
# <details><summary>ヒント</summary>
#
# 組ごとのAUCは、本文の`folds_of`で読めます。
# `(表["列"] > 別の表["列"]).sum()`は、大きいほうだった行の数です。
# 新しいランは作らず、`start_run`に`run_id`を渡して元のランを開きます。
#
# </details>

# %% 練習 3
decision_run_id = ...

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 自動ロギングの`training_accuracy_score`が1.0でした。
# 言えることはどれですか。
#
# <details><summary>ア. 本番でも、ほぼ必ず当たる</summary>
#
# 1.0という数字は心強く見えます。
# しかし、答えを見た検体をもう一度当てた点数なので、初めて見る検体での点数は分かりません。
#
# </details>
# <details><summary>イ. 学習に使った検体は、すべて当てられた</summary>
#
# 正解です。
# `training_`は、学習に使ったデータで測ったという意味です。
#
# </details>
# <details><summary>ウ. 過学習しているので、木を浅くしないといけない</summary>
#
# 満点と聞けば、覚えすぎを疑いたくなります。
# ところが深い木を平均する`rf_final`は、満点でも、浅くした`rf_v1`と交差検証の点数がほとんど変わりません。
#
# </details>
#
# **問 2.** Databricksのサーバーレスで`fit`したのに、ランが1つも増えません。
# 最初に確かめることはどれですか。
#
# <details><summary>ア. 自動ロギングを始める行を、自分で実行したか</summary>
#
# 正解です。
# サーバーレスでは、自動ロギングは最初から有効ではありません。
#
# </details>
# <details><summary>イ. モデルの点数が、前に残したランより低くないか</summary>
#
# 良いモデルだけが残ると考えた人は、自動ロギングに選ぶ働きがあると思っています。
# 点数にかかわらず、学習したものはすべて残ります。
#
# </details>
# <details><summary>ウ. モデルに名前とバージョンを付けて登録したか</summary>
#
# 登録しないと記録されないように思えますが、順番は逆です。
# 登録は、ランに残したモデルに後からする作業です。
#
# </details>
#
# **問 3.** 5組のAUCの平均は、AがBより0.003高く、標準偏差はどちらも0.006でした。
# 次にすることはどれですか。
#
# <details><summary>ア. 平均が高いので、Aを採用する</summary>
#
# 順位が付いていると、上を選びたくなります。
# けれども差が揺れより小さいので、分け方を変えれば順位は入れ替わりえます。
#
# </details>
# <details><summary>イ. 取っておいたテストデータで両方を測り、高いほうを採用する</summary>
#
# 決着を付けたくなりますが、選ぶために使ったテストデータは、もう「初めて見るデータ」ではありません。
#
# </details>
# <details><summary>ウ. 組ごとの差の向きや、仕事で大事な別の指標を見る</summary>
#
# 正解です。
# それでも決め手がなければ、軽さや説明のしやすさで選び、そう書き残します。
#
# </details>
#
# **問 4.** データの量の学習曲線で、訓練と検証の線が近づいたまま低い所で止まっています。
# 先に試すことはどれですか。
#
# <details><summary>ア. 同じ種類の検体を10倍に増やす</summary>
#
# データは多いほど良いと思いたくなります。
# ところが2本が近づいた後は、検体を増やしても線はほとんど上がりません。
#
# </details>
# <details><summary>イ. モデルが使える手がかりを増やす</summary>
#
# 正解です。
# 訓練データさえ当てきれていないので、役に立つ列を加えるか、木を深くします。
#
# </details>
# <details><summary>ウ. 過学習を抑えるために木を浅くする</summary>
#
# 検証の点数が低い原因を、いつも過学習だと考えると、こうなります。
# 過学習なら、2本の線は離れているはずです。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 1回の学習の記録がランで、ランを入れるフォルダーがエクスペリメントです。
# - 自動ロギングは、パラメータ、訓練データの指標、モデル、列の名前を残します。
# - 学習に使わないデータでの点数、表のバージョン、選んだ理由は、自分で書き足します。
# - 候補の差は、交差検証の平均とばらつきで読み、揺れの中なら組ごとの差や別の指標で決めます。
# - 選んだモデルを同じランに残せば、モデルから列、表のバージョン、点数までたどれます。
#
# 次のPart 2では、選んだモデルを業務で使い続けるために、何が必要かを考えます。

# %%
check.summary()
