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
# # パイプライン構築とモデル学習
#
# 新人が、3日かけて作ったモデルを見せてくれました。
# 「正解率は87%です」。
# 奈良さんは喜んで、声をかける人の一覧を頼みます。
# 一覧を開くと、1人も載っていません。
# 解約する人は8人に1人ほどなので、全員を「続ける」と答えるだけで、9割近く当たってしまうのです。
#
# 成績の数字は、何と比べるかを決めるまで、良いとも悪いとも言えません。
# このページでは、何もしないモデルを物差しにして、解約しそうな人を見分けるモデルを学習します。
# 条件と成績は、すべてMLflowに記録します。

# %% [markdown]
# ## このレッスンで学ぶこと
#
# - 何もしないモデルと比べて、成績を判断する。
# - 前処理とモデルを1つのパイプラインにし、訓練データだけで学習する。
# - ロジスティック回帰と木の集まりを学習し、自動ロギングで記録する。
# - 解約する人が少ないことへの手当てが、何を変えるかを言う。
# - できすぎた成績から、リークを疑う。

# %% [markdown]
# ## 表を読み、月で分ける
#
# `open_features`は、前のレッスンが保存した`churn_features`を使えるようにする関数です。
# 表がまだなければ、同じ中身を用意します。
# 手元のメモリーに載せる前に、行数を確かめます。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn")
spark.sql("USE churn")
print(f"使うスキーマは{spark.catalog.currentDatabase()}です。")

# %%
import churn_steps

churn_steps.open_features(spark)
print(f"{spark.table('churn_features').count():,}行")

# %% [markdown]
# 2万行なら、pandasの表にしても困りません。
# 毎回同じ順になるように、並べてから取り出します。

# %%
import pandas as pd

data = spark.table("churn_features").orderBy("customer_id", "month").toPandas()
data["month"] = pd.to_datetime(data["month"])

# %% [markdown]
# 月で分けます。
# 訓練で学習し、検証で比べます。
# テストは次のレッスンの最後まで、予測は35まで使いません。

# %%
train = data[data["month"] <= "2025-10-01"]
valid = data[data["month"].between("2025-11-01", "2025-12-01")]
print(f"訓練{len(train):,}行、検証{len(valid):,}行")

# %% [markdown]
# 特徴量は、数の列と、言葉の列に分けておきます。
# 扱い方が違うためです。

# %%
NUMERIC = [
    "tenure_months", "monthly_fee", "household_size", "orders", "orders_change", "app_days",
    "add_on_yen", "survey_score", "tickets_3m", "complaints_3m",
]  # fmt: skip
CATEGORICAL = ["plan", "channel", "region"]
FEATURES = NUMERIC + CATEGORICAL

# %% [markdown]
# ## 何もしないモデルを物差しにする
#
# 基準として、特徴量をまったく見ないモデルを作ります。
# これを **基準モデル**（baseline model）と呼びます。
# `DummyClassifier`の`strategy="prior"`は、全員に訓練データの解約率を答えます。

# %%
from sklearn.dummy import DummyClassifier

baseline = DummyClassifier(strategy="prior").fit(train[FEATURES], train["churned"])

# %% [markdown]
# 成績は、3つの指標で測ります。
#
# - **正解率**（accuracy）: 当たった行の割合です。
# - **AUC**: 解約した人と続けた人を1人ずつ取り出し、解約した人のほうに高い確率を付けた割合です。ランダムなら0.5です。
# - **F1**: 見つけた人の正しさと、見落としの少なさを1つにした値です。1人も見つけなければ0です。


# %%
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score


def evaluate(model, rows, prefix):
    answers, predicted = rows["churned"], model.predict(rows[model.feature_names_in_])
    probability = model.predict_proba(rows[model.feature_names_in_])[:, 1]
    return {
        f"{prefix}_accuracy": accuracy_score(answers, predicted),
        f"{prefix}_auc": roc_auc_score(answers, probability),
        f"{prefix}_f1": f1_score(answers, predicted),
    }


# %% [markdown]
# `feature_names_in_`は、学習に使った列の名前です。
# `predict_proba`の2列目が、解約する確率です。

# %%
pd.Series(evaluate(baseline, valid, "val")).round(3).to_frame("基準モデル")

# %% [markdown]
# 新人のモデルと同じ、9割近い正解率が出ました。
# しかしF1は0、AUCは0.5です。
# 誰を先にするかを、何も教えてくれません。
# この先のモデルは、AUCとF1でこの物差しを超える必要があります。
#
# > **注意** 解約する人が少ないデータでは、正解率だけでモデルを選びません。

# %% [markdown]
# ## 記録を始める
#
# 実践演習のランは、すべて`churn`というエクスペリメントに入れます。
# ランは1回の学習の記録、エクスペリメントはその入れ物です。
# 閉じ忘れたランがあれば、`end_run`で先に閉じます。

# %%
import mlflow

mlflow.end_run()
user = spark.sql("SELECT current_user()").first()[0]
experiment_path = f"/Users/{user}/churn"
if mlflow.get_experiment_by_name(experiment_path) is None:
    mlflow.create_experiment(experiment_path)
experiment = mlflow.set_experiment(experiment_path)

# %% [markdown]
# 検証の成績と、学習したモデルを残す関数を用意します。
# `log_model`は、モデルを後から読み戻せる形で保存します。
# 入力例（`input_example`）と、入力と出力の列の型（`signature`）も一緒に残します。
# この2つは、35でモデルを登録するときに使います。
# `pip_requirements`は、読み戻す時に要るパッケージです。
#
# 最後の行は、保存のたびに出るMLflowの注意書きを止めます。
# どれも、手元で作ったモデルを手元で読むこの演習では問題になりません。

# %%
import logging

import sklearn
from mlflow.models import infer_signature

PACKAGES = [f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"]
logging.getLogger("mlflow").setLevel(logging.ERROR)


# %%
def log_scores_and_model(model):
    mlflow.log_metrics(evaluate(model, valid, "val"))
    example = valid[FEATURES].head(3)
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict(example)),
        input_example=example,
        pip_requirements=PACKAGES,
    )


# %% [markdown]
# 基準モデルを記録します。
# `batch`は、今回まとめて学習したランに付ける共通の目印です。
# 何度実行しても、今回の分だけを後で取り出せます。

# %%
import uuid

batch = uuid.uuid4().hex
with mlflow.start_run(run_name="baseline", tags={"batch": batch, "lesson": "33"}):
    mlflow.log_param("model__strategy", baseline.strategy)
    log_scores_and_model(baseline)

# %% [markdown]
# ## 前処理とモデルを1本につなぐ
#
# 特徴量は、そのままではモデルに渡せません。
# 満足度には空があり、プランは言葉で、契約の月数と月額では桁が違います。
# 整える仕事を **前処理** と呼びます。
#
# | 列 | 困ること | 手当て |
# |---|---|---|
# | 数 | 空がある | 訓練データの中央値で埋め、「空だった」という印の列を足す |
# | 数 | 桁が違う | 平均を引き、標準偏差で割って大きさをそろえる（ **標準化** ） |
# | 言葉 | 計算できない | 言葉ごとに0か1の列にする（**ワンホットエンコーディング**、one-hot encoding） |
#
# `ColumnTransformer`は列ごとに違う手当てをし、`Pipeline`は前処理とモデルを順につなぎます。
# `handle_unknown="ignore"`は、学習の時に無かった言葉が来ても止まらないようにする指定です。


# %%
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def make_model(classifier, numeric=NUMERIC):
    numbers = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    preprocess = ColumnTransformer([("number", numbers, numeric), ("word", words, CATEGORICAL)])
    return Pipeline([("preprocess", preprocess), ("model", classifier)])


# %% [markdown]
# 中央値や平均も、データから決まる値です。
# つまり、前処理も学習しています。
# 全部のデータで先に済ませると、検証や予測の月の値が訓練に混ざります。
# どのくらい混ざるのか、注文の変化の平均で見ます。

# %%
for name, rows in {"訓練だけ": train, "すべての月": data}.items():
    scaler = StandardScaler().fit(rows[["orders_change"]])
    print(f"{name}で決めた平均 {scaler.mean_[0]:+.4f}、標準偏差 {scaler.scale_[0]:.4f}")

# %% [markdown]
# 今回の差はわずかです。
# 料金が大きく変わった年のデータなら、わずかとは限りません。
# パイプラインにしておけば、`fit`に訓練データを渡すだけで、この間違いは起きなくなります。
# 予測の時も、訓練で決めた値がそのまま使われます。

# %% [markdown]
# ## ロジスティック回帰を学習する
#
# 最初のモデルは **ロジスティック回帰**（logistic regression）です。
# 特徴量ごとに重みを決めて足し合わせ、合計を0から1の確率に変えます。
# 「苦情があれば足す、注文が多ければ引く」という点数表のようなモデルです。
#
# 学習して記録する関数を作り、その中で自動ロギングを有効にします。
# モデルは自分で保存するので、`log_models=False`にします。
# `log_post_training_metrics=False`は、学習の後に測った指標を自動では記録しない指定です。
# 検証の成績は、決めた名前で自分で残します。
# 学習が済めば、自動ロギングを止めます。

# %%
AUTOLOG = {
    "pos_label": 1, "log_models": False, "log_post_training_metrics": False, "silent": True,
}  # fmt: skip


# %%
def train_and_log(name, classifier):
    mlflow.sklearn.autolog(**AUTOLOG)
    with mlflow.start_run(run_name=name, tags={"batch": batch, "lesson": "33"}):
        model = make_model(classifier).fit(train[FEATURES], train["churned"])
        log_scores_and_model(model)
    mlflow.sklearn.autolog(disable=True)
    return model


# %%
from sklearn.linear_model import LogisticRegression

models = {"baseline": baseline}
models["logistic"] = train_and_log("logistic", LogisticRegression(max_iter=1000))
pd.Series(evaluate(models["logistic"], valid, "val")).round(3).to_frame("ロジスティック回帰")

# %% [markdown]
# `max_iter`は、重みを決め直す回数の上限です。
# AUCは0.8を超えました。
# 解約した人と続けた人を1人ずつ比べると、10組のうち8組で順番が合います。
# ところが、正解率は基準モデルからほとんど上がっていません。
#
# 自動で残った記録も確かめます。

# %%
found = mlflow.search_runs(filter_string=f"tags.batch = '{batch}'")
logistic_run = found[found["tags.mlflow.runName"] == "logistic"].iloc[0]
print(f"パラメータは{logistic_run.filter(like='params.').notna().sum()}個残りました。")
print(f"訓練のAUC {logistic_run['metrics.training_roc_auc']:.3f}")
print(f"検証のAUC {logistic_run['metrics.val_auc']:.3f}")

# %% [markdown]
# `training_`の付く指標とパラメータは自動で、`val_`の指標とモデルは自分で残したものです。

# %% [markdown]
# ## 木の集まりを学習する
#
# 「契約したばかりで、しかも苦情がある人」のように、条件の組み合わせが効くこともあります。
# ロジスティック回帰は重みを足すだけなので、組み合わせを自分では見つけません。
# 木のモデルは、「苦情があるか」「契約は6か月以内か」と質問を重ねて人を分けるので、見つけられます。
#
# 1本の木は偶然に振り回されやすいので、たくさん集めます。
# 集め方は2つ試します。
#
# - **ランダムフォレスト**（random forest）: 少しずつ違うデータで木を別々に育て、平均します。
# - **勾配ブースティング**（gradient boosting）: 前の木までが外した分を、次の小さな木が直します。これを繰り返します。

# %%
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

forest = RandomForestClassifier(n_estimators=200, min_samples_leaf=20, random_state=0)
models["forest"] = train_and_log("forest", forest)
boosting = HistGradientBoostingClassifier(
    learning_rate=0.05, max_iter=150, max_leaf_nodes=8, random_state=0
)
models["boosting"] = train_and_log("boosting", boosting)

# %% [markdown]
# `min_samples_leaf=20`は、20人より少ない集まりまで細かく分けないという指定です。
# `learning_rate`は1本の木がどれだけ直すか、`max_leaf_nodes`は1本の木が人を何組に分けるかを決めます。
# 小さな木を150本重ねる設定です。

# %% [markdown]
# ## 解約する人が少ないことに手当てをする
#
# 解約する人は約12%です。
# このような偏りを **クラス不均衡**（class imbalance）と呼びます。
# `class_weight="balanced"`を付けると、少ない側の1人を多く数えて学習します。
# 何が変わるでしょうか。

# %%
weighted = LogisticRegression(max_iter=1000, class_weight="balanced")
models["logistic_balanced"] = train_and_log("logistic_balanced", weighted)

# %% [markdown]
# 2つのロジスティック回帰を、検証データで並べます。
# 「解約と予測」は、確率が0.5以上の人の数です。

# %%
rows = {}
for name in ["logistic", "logistic_balanced"]:
    probability = models[name].predict_proba(valid[FEATURES])[:, 1]
    flagged = probability >= 0.5
    rows[name] = {
        "解約と予測": flagged.sum(),
        "そのうち解約": int(valid.loc[flagged, "churned"].sum()),
        "確率の平均": probability.mean().round(3),
        "AUC": round(roc_auc_score(valid["churned"], probability), 3),
    }
pd.DataFrame(rows).T

# %% [markdown]
# 手当てをすると、見つかる人が大きく増え、誤報はもっと増えます。
# 一方、AUCはほとんど変わりません。
# 並ぶ順番は同じままで、全員の確率が高いほうへずれただけだからです。
# 確率の平均を見ると、実際の解約率（約13%）の3倍近くになっています。
#
# 見つける人数を増やしたいだけなら、確率の境目を0.5から下げても同じことができます。
# どこまで下げるかは、次のレッスンで金額から決めます。
# 確率をそのまま金額の計算に使うので、ずれていない確率のほうが扱いやすくなります。

# %% [markdown]
# ## 何を手がかりにしたのか【自習】
#
# ロジスティック回帰の重みを見ます。
# 数の列は標準化してあるので、重みの大きさを比べられます。
# 絶対値の大きい順に10個を選びます。

# %%
pipeline = models["logistic"]
weights = pd.Series(
    pipeline["model"].coef_[0], index=pipeline["preprocess"].get_feature_names_out()
)
weights.index = weights.index.str.replace("^(number|word)__", "", regex=True)
top = weights.loc[weights.abs().nlargest(10).index].sort_values()

# %% tags=["figure"] mystnb={"image": {"alt": "ロジスティック回帰の重みの横棒グラフ。月額、苦情の数、満足度が空だった印は右へ、注文の回数と、紹介で知ったことは左へ伸びている。"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
ax.barh(top.index, top, color=["#3b6ea5" if value < 0 else "#c8553d" for value in top])
ax.axvline(0, color="black", linewidth=0.8)
ax.set(xlabel="重み（右は解約しやすい、左は続けやすい）")
plt.show()

# %% [markdown]
# 縦に特徴量、横に重みが並びます。
# 右へ伸びる棒は解約しやすい手がかり、左へ伸びる棒は続けやすい手がかりです。
# 注文の回数（`orders`）は左、苦情の数（`complaints_3m`）は右へ伸びています。
# `missingindicator_survey_score`は、満足度が空だった印です。
# 答えないこと自体が、解約しやすい手がかりになっていました。
# `channel_`や`plan_`で始まる言葉の列は0か1のままなので、数の列とは棒の長さを比べられません。
#
# 奈良さんの実感と合うかを聞く材料になります。
# ただし、重みには偶然も混ざります。
# このデータを作ったとき、地方は解約に効かないようにしましたが、`region_`の列にも重みが付きました。
# また、重みは「一緒に起きやすい」ことを表すだけです。
# 注文を無理に勧めても、解約が減るとは言えません。

# %% [markdown]
# ## できすぎた成績を疑う
#
# 前のレッスンで外した`retention_coupon`を、うっかり残していたらどうなるでしょうか。
# 元の契約の表から戻して、同じモデルを学習します。
# このモデルは記録しません。

# %%
churn_steps.open_raw_tables(spark)
coupon = spark.table("contracts").selectExpr(
    "customer_id", "CAST(retention_coupon AS DOUBLE) AS retention_coupon"
)
leaky_data = data.merge(coupon.toPandas(), on="customer_id")
leaky_train = leaky_data[leaky_data["month"] <= "2025-10-01"]
leaky_valid = leaky_data[leaky_data["month"].between("2025-11-01", "2025-12-01")]

# %%
leaky_columns = [*FEATURES, "retention_coupon"]
leaky = make_model(LogisticRegression(max_iter=1000), [*NUMERIC, "retention_coupon"])
leaky.fit(leaky_train[leaky_columns], leaky_train["churned"])
leaky_auc = evaluate(leaky, leaky_valid, "val")["val_auc"]
honest_auc = evaluate(models["logistic"], valid, "val")["val_auc"]
print(f"検証のAUC: クーポンあり {leaky_auc:.3f}、なし {honest_auc:.3f}")

# %% [markdown]
# 1列足しただけで、AUCが大きく上がりました。
# 2種類の木を試しても、ここまでは上がりませんでした。
# 喜ぶ前に、予測したい3月末の人で確かめます。
# 2つのモデルは、4月に何割が解約すると言うでしょうか。

# %%
march = leaky_data[leaky_data["month"] == "2026-03-01"]
for name, model, columns in [
    ("クーポンあり", leaky, leaky_columns),
    ("クーポンなし", models["logistic"], FEATURES),
]:
    print(f"{name}: {model.predict_proba(march[columns])[:, 1].mean():.1%}")

# %% [markdown]
# これまでの解約率は12%前後でした。
# クーポンを使ったモデルは、4月だけ急に3分の1ほどに減ると言います。
# 3月末の人には、まだクーポンが出ていないからです。
# 検証で良かったモデルほど、本番で役に立たないことになります。
#
# 成績から気づく手がかりは2つです。
# 1列で急に上がったこと、そして予測する月だけ確率の平均が変わったことです。

# %% [markdown]
# ## 5つのモデルを並べる

# %%
table = pd.DataFrame({name: evaluate(model, valid, "val") for name, model in models.items()}).T
table.columns = ["正解率", "AUC", "F1"]
table.round(3)

# %% [markdown]
# 3つの指標で、順位はそろっていません。
# どれを選ぶかは、次のレッスンで決めます。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_33 import check

# %% [markdown]
# ### 練習 1: 適合率と再現率を数える【自習】
#
# 勾配ブースティング（`models["boosting"]`）が、検証データで確率0.5以上とした人を「解約と予測」とします。
# 次の2つを計算し、`(適合率, 再現率)`の組で`scores`に入れてください。
#
# - **適合率**（precision）: 解約と予測した人のうち、実際に解約した割合
# - **再現率**（recall）: 実際に解約した人のうち、解約と予測できた割合
#
# <details><summary>ヒント</summary>
#
# `models["boosting"].predict(valid[FEATURES])`は、確率0.5以上の人に1を返します。
# 予測が1で答えも1の人数を、別々の分母で割ります。
#
# </details>

# %% 練習 1
scores = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 訓練データで決めた値で埋める
#
# 満足度の空を、中央値ではなく、丸めない **平均** で埋めることにしました。
# 検証データの満足度の空を正しく埋め、pandasのSeriesを`filled`に入れてください。
# `valid`は書き換えません。

# %% 練習 2
filled = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 候補を1つ足して記録する【自習】
#
# 1本の木だけなら、どのくらいの成績でしょうか。
# 次のランを作り、そのIDを`tree_run_id`に入れてください。
#
# - ランの名前は`tree`（タグは付けない）
# - 分類器は`sklearn.tree`の`DecisionTreeClassifier(max_depth=4, random_state=0)`で、`make_model`でパイプラインにする
# - 訓練データで学習し、検証データの`val_accuracy`、`val_auc`、`val_f1`を残す
# - 学習したパイプラインを、`model`という名前で保存する
#
# <details><summary>ヒント</summary>
#
# `with mlflow.start_run(run_name="tree") as run:`で始め、IDは`run.info.run_id`で取り出します。
# `log_scores_and_model`は、検証データの3つの指標とモデルを一度に残します。
# `train_and_log`は5つのランの目印を付けるので、ここでは使えません。
#
# </details>

# %% 練習 3
tree_run_id = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 手当てで増えた人を数える【自習】
#
# 確率0.5以上の人に声をかけるとします。
# 検証データで、`logistic`から`logistic_balanced`に替えると、次の2つは何人増えるでしょうか。
# `(見つかる人, 誤報)`の組で`increase`に入れてください。
#
# - 見つかる人: 声をかけた人のうち、解約した人
# - 誤報: 声をかけた人のうち、解約しなかった人

# %% 練習 4
increase = ...

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 正解率が基準モデルと同じ88%のモデルがあります。
# 言えることはどれですか。
#
# <details><summary>ア. 役に立たないモデルである</summary>
#
# 不正解です。
# 基準と同じなら、何も学んでいないように見えます。
# このページのロジスティック回帰も正解率は基準とほぼ同じですが、AUCは0.8を超えました。
#
# </details>
# <details><summary>イ. 正解率だけでは、役に立つかどうかは分からない</summary>
#
# 正解です。
# 解約する人が少ないと、正解率は「続ける」と答えるだけで高くなります。
#
# </details>
# <details><summary>ウ. 100人のうち88人の解約を当てている</summary>
#
# 不正解です。
# 正解率には、続ける人を「続ける」と当てた分も入っています。
# 解約した人をどれだけ見つけたかは、再現率で測ります。
#
# </details>
#
# **問 2.** 前処理をパイプラインに入れる理由はどれですか。
#
# <details><summary>ア. 学習が速くなるから</summary>
#
# 不正解です。
# まとまっていると速そうに見えますが、計算の量は変わりません。
#
# </details>
# <details><summary>イ. 埋める値や平均が、訓練データだけから決まるから</summary>
#
# 正解です。
# 予測の時にも同じ値が使われ、まだ見ていないデータが混ざりません。
#
# </details>
# <details><summary>ウ. 空の値があるとSparkで読めないから</summary>
#
# 不正解です。
# 空の値があっても、表は読めます。
# 困るのは、空を計算できないモデルに渡すときです。
#
# </details>
#
# **問 3.** `class_weight="balanced"`を付けて学習し直しました。
# 大きく変わるものはどれですか。
#
# <details><summary>ア. 誰が誰より解約しやすいかという順番</summary>
#
# 不正解です。
# 重みを変えたので、並び順も変わりそうです。
# 実際にはAUCがほとんど同じで、順番はあまり変わっていません。
#
# </details>
# <details><summary>イ. 予測される確率の大きさ</summary>
#
# 正解です。
# 全員の確率が高いほうへずれ、0.5を超える人が増えます。
#
# </details>
# <details><summary>ウ. 解約する人の数</summary>
#
# 不正解です。
# 変わるのは予測で、現実に解約する人は変わりません。
#
# </details>
#
# **問 4.** 列を1つ足すと、検証のAUCが0.81から0.95になりました。
# 次にすることはどれですか。
#
# <details><summary>ア. すぐに本番で使う</summary>
#
# 不正解です。
# 検証データは学習に使っていないので、信じてよさそうに見えます。
# しかし、検証の行にも後から書き込まれた値が入っていれば、同じようにだまされます。
#
# </details>
# <details><summary>イ. 木の本数を増やす</summary>
#
# 不正解です。
# もっと上げたくなりますが、上がった理由が分からないうちは意味がありません。
#
# </details>
# <details><summary>ウ. 予測したい月で、その列の値がどうなっているかを見る</summary>
#
# 正解です。
# 予測する時点で空や同じ値ばかりなら、答えが漏れた列です。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 成績は、何もしないモデルと比べて判断します。解約する人が少ないと、正解率は当てになりません。
# - 前処理も学習です。パイプラインにまとめ、訓練データだけで`fit`します。
# - 重みを足すモデルと、質問を重ねる木の集まりは、見つけられる手がかりが違います。
# - `class_weight`は確率をずらし、見つかる人と誤報を両方増やします。並び順はほとんど変えません。
# - できすぎた成績は、予測する月の値で確かめます。
#
# 次のレッスンでは、記録した5つのランを金額で比べ、1つを選びます。

# %%
check.summary()
