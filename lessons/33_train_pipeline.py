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
# 「去年の秋までの予測は、正解率が90%もあったのよ」。
# 奈良さんが、使い始めるときに配られた案内を開きます。
# 心強い数字ですが、隣であなたが計算してみると、「誰も解約しない」と答えるだけで正解率は9割ほどになりました。
# というのも、電話が間に合う解約は、1か月に10人に1人ほどしかないからです。
#
# つまり成績の数字は、何と比べるかを決めるまで、良いとも悪いとも言えません。
# ここでは、何もしないモデルと、奈良さんが紙に書ける規則を先に置き、それを超えるモデルを学習します。
# 条件と成績は、すべてMLflowに記録します。
#
# ## このレッスンで学ぶこと
#
# - 何もしないモデルと紙の規則の2つを基準にして、成績を判断する。
# - 確率の外れ方を、対数損失で測る。
# - 前処理とモデルをまとめて学習し、確率を返す形で記録する。
# - 少ない側を重くした学習が、何を変え、何を変えないかを言う。
# - できすぎた成績から、リークを疑う。

# %% [markdown]
# ## 表を読み、月で分ける
#
# `open_features`は、32が保存した`churn_features`を使えるようにします（表がなければ、同じ中身を用意します）。

# %% slide="notes"
import churn_steps
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn")
spark.sql("USE churn")
churn_steps.open_features(spark)

# %% [markdown]
# 2万行なので、毎回同じ順になるように並べて、pandasの表にします。

# %%
import pandas as pd

data = spark.table("churn_features").orderBy("customer_id", "month").toPandas()
data["month"] = pd.to_datetime(data["month"])

# %% [markdown]
# 32で決めたとおり、訓練は2025年6月から10月まで、モデルを比べる検証は11月と12月です。
# テストの1月と2月は次のレッスンの最後まで、予測する3月は35まで使いません。

# %%
train = churn_steps.rows_between(data, churn_steps.TRAIN)
valid = churn_steps.rows_between(data, churn_steps.VALID)
for name, rows in {"訓練": train, "検証": valid}.items():
    print(f"{name}: {len(rows):,}行、解約した割合 {rows['churned'].mean():.1%}")

# %% [markdown]
# ## 2つの基準を置く
#
# 1つ目の基準は、15で使った`DummyClassifier`です。
# `strategy="prior"`では、特徴量を見ずに、全員に訓練データの解約率を答えます。

# %%
from churn_steps import CATEGORICAL, FEATURES, NUMERIC
from sklearn.dummy import DummyClassifier

baseline = DummyClassifier(strategy="prior").fit(train[FEATURES], train["churned"])

# %% [markdown]
# ところが、この基準に勝っただけでは、機械学習を使う理由になりません。
# 奈良さんなら、モデルがなくても「契約して半年以内で苦情のあった人と、今月1度も注文しなかった人」に電話するはずです。
# この紙に書ける規則を、2つ目の基準にします。


# %%
def paper_rule(rows):
    early_complaint = (rows["complaints_3m"] > 0) & (rows["tenure_months"] <= 6)
    return early_complaint | (rows["orders"] == 0)


# %%
by_rule = paper_rule(valid)
n_rule = int(by_rule.sum())
print(f"規則で電話するのは{n_rule}人、そのうち解約は{valid.loc[by_rule, 'churned'].sum():.0f}人")
print(f"ランダムに{n_rule}人を選べば、解約は{n_rule * valid['churned'].mean():.0f}人ほど")

# %% [markdown]
# 紙の規則でも、ランダムに選んだときの3倍を超える人が見つかりました。
# だから、モデルの値打ちは、この規則をどれだけ超えるかで決まります。

# %% [markdown]
# ## 確率の外れ方を測る
#
# モデルの成績は、15で見た正解率、AUC、F1のほかに、もう1つの指標で測ります。
# 31で決めたとおり、電話するかどうかは、解約の確率に金額を掛けて決めるからです。
# ところが、AUCは解約した人を上に並べられたかどうかの順番しか見ないので、全員の確率を半分にしても同じ値になります。
# 確率の大きさそのものを測るのが **対数損失**（log loss）です。
#
# 1人ずつ、実際に起きたほうへ付けていた確率の対数を取り、符号を変えます。
# それを全員で平均した値なので、0に近いほど良い指標です。

# %% tags=["figure"] mystnb={"image": {"alt": "解約の確率と答えた値ごとの、外れの大きさの曲線。解約した人の線は、確率を低く答えるほど左上へ急に上がり、続けた人の線は、高く答えるほど右上へ急に上がる"}}
import matplotlib.pyplot as plt
import numpy as np
from figures import use_japanese_font

use_japanese_font()
answered = np.linspace(0.02, 0.98, 97)
fig, ax = plt.subplots(figsize=(5.5, 3), layout="constrained")
ax.plot(answered, -np.log(answered), "-", label="解約した人")
ax.plot(answered, -np.log(1 - answered), "--", label="続けた人")
for x in (0.1, 0.9):
    ax.plot(x, -np.log(x), "o", color="C0")
    ax.annotate(f"{-np.log(x):.1f}", (x, -np.log(x)), (6, 6), textcoords="offset points")
ax.set_xlabel("モデルが答えた、解約の確率", fontsize=11)
ax.set_ylabel("外れの大きさ", fontsize=11)
ax.legend(fontsize=11, loc="upper center")
plt.show()

# %% [markdown]
# 実線の2つの丸を比べてください。
# 解約した人に0.9と答えていれば0.1で済みますが、0.1と答えていると2.3になります。
# つまり、自信を持って外すほど重い指標です。
# 4つの指標を、1つの関数で測ります（`feature_names_in_`は、学習に使った列の名前です）。


# %%
from sklearn.metrics import accuracy_score, f1_score, log_loss, roc_auc_score


def evaluate(model, rows, prefix):
    answers, predicted = rows["churned"], model.predict(rows[model.feature_names_in_])
    probability = model.predict_proba(rows[model.feature_names_in_])[:, 1]
    return {
        f"{prefix}_accuracy": accuracy_score(answers, predicted),
        f"{prefix}_auc": roc_auc_score(answers, probability),
        f"{prefix}_f1": f1_score(answers, predicted),
        f"{prefix}_log_loss": log_loss(answers, probability),
    }


# %%
pd.Series(evaluate(baseline, valid, "val")).round(3).to_frame("基準モデル")

# %% [markdown]
# 何もしなくても正解率は9割近くあり、それでいてF1は0、AUCは0.5なので、誰に電話すればよいかは何も分かりません。
# 案内の90%は、作った時期も数え方も違うので、この値と直に比べることもできません。
# いちばん下の行が対数損失で、この先のモデルは0.337を下回って初めて、確率として役に立ちます。

# %% [markdown]
# ## 記録を始める
#
# 実践演習のランは、すべて`churn`というエクスペリメントに入れます（ランとエクスペリメントは17で見ました）。
# 注意書きを止める行と、開いたままのランを閉じる行も、17と同じです。

# %%
import logging

import mlflow

logging.getLogger("mlflow").setLevel(logging.ERROR)
mlflow.end_run()
user = spark.sql("SELECT current_user()").first()[0]
experiment_path = f"/Users/{user}/churn"
if mlflow.get_experiment_by_name(experiment_path) is None:
    mlflow.create_experiment(experiment_path)
experiment = mlflow.set_experiment(experiment_path)

# %% [markdown]
# 次は、検証の成績とモデルを残す関数です。
# 24と同じ`pyfunc_predict_fn="predict_proba"`を付けるので、読み戻したモデルの`predict`が、0か1ではなく確率を返すようになります。
# 署名（入力と出力の形、24）も確率から作り、入力例（`input_example`）と一緒に、35の登録で使います。

# %%
import sklearn
from mlflow.models import infer_signature

PACKAGES = [f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"]


# %%
def log_scores_and_model(model):
    mlflow.log_metrics(evaluate(model, valid, "val"))
    example = valid[FEATURES].head(3)
    mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(example, model.predict_proba(example)),
        input_example=example,
        pyfunc_predict_fn="predict_proba",
        pip_requirements=PACKAGES,
    )


# %% [markdown]
# 基準モデルを記録します。
# タグの`batch`は、今回まとめて学習したランに共通の目印です。

# %%
import uuid

batch = uuid.uuid4().hex
with mlflow.start_run(run_name="baseline", tags={"batch": batch, "lesson": "33"}):
    mlflow.log_param("model__strategy", baseline.strategy)
    log_scores_and_model(baseline)

# %% [markdown]
# ## 前処理とモデルをまとめる
#
# 部品は16と同じで、数の列は中央値で埋めて標準化し、言葉の列はワンホットエンコーディングにします。
# 1つだけ加える`add_indicator=True`は、空だったことを示す列を足します。
# 32で見たとおり、満足度は「答えなかった」こと自体が手がかりになるからです。


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
# `make_pipeline`は、段の名前を自動で付けるほかは`Pipeline`と同じです。
# 埋める中央値も標準化の平均も、`fit`に渡した訓練データだけから決まります。

# %% [markdown]
# ## ロジスティック回帰を学習する
#
# 最初のモデルは、16で使った **ロジスティック回帰**（logistic regression）です。
# 特徴量に重みを掛けて足し、合計を0から1の確率に変えます。
#
# 学習の条件と、訓練データでの指標は、自動ロギングに任せます。
# 一方、モデルは確率を返す形で自分で残すので、`log_models=False`とします。
# 検証の指標も決めた名前で残すため、学習が済んだら自動ロギングを止めます（動いたままだと、検証で計算した点数にも別の名前を付けて記録します）。


# %%
def train_and_log(name, classifier):
    mlflow.sklearn.autolog(pos_label=1, log_models=False, silent=True)
    with mlflow.start_run(run_name=name, tags={"batch": batch, "lesson": "33"}):
        model = make_model(classifier).fit(train[FEATURES], train["churned"])
        mlflow.sklearn.autolog(disable=True)
        log_scores_and_model(model)
    return model


# %%
from sklearn.linear_model import LogisticRegression

models = {"baseline": baseline}
models["logistic"] = train_and_log("logistic", LogisticRegression(max_iter=1000))
pd.Series(mlflow.last_active_run().data.metrics).round(3).to_frame("ロジスティック回帰")

# %% [markdown]
# `training_`で始まる行は、自動ロギングが訓練データで測って残した指標です。
# 比べるのは、`val_`で始まる検証データの指標です。
#
# AUCは0.8を超え、対数損失も基準モデルより小さくなりました。
# ところが正解率は、基準モデルからほとんど上がっていません。
# 順番と確率が良くなっても、0.5を超える人が少なければ、正解率には表れないためです。

# %% [markdown]
# ## 木の集まりを学習する
#
# ロジスティック回帰は重みを足すだけなので、「苦情があって、しかも契約したばかり」のような組み合わせを、自分では見つけません。
# 質問を重ねる木なら見つけられるので、木を集めたモデルを2つ試します。
#
# - **ランダムフォレスト**（15で見た）: 少しずつ違う木を別々に育て、予測を平均します。
# - **勾配ブースティング**（gradient boosting）: 前の木までが外した分を次の小さな木が直し、それを繰り返します。

# %%
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier

forest = RandomForestClassifier(n_estimators=200, min_samples_leaf=20, random_state=0)
models["forest"] = train_and_log("forest", forest)

# %%
boosting = HistGradientBoostingClassifier(
    learning_rate=0.05, max_iter=150, max_leaf_nodes=8, random_state=0
)
models["boosting"] = train_and_log("boosting", boosting)
print(f"勾配ブースティングの木は{models['boosting']['model'].n_iter_}本")

# %% [markdown]
# 勾配ブースティングの`max_iter`は、重ねる木の本数の上限です。
# 訓練データが1万行を超えると、既定では途中で木を足すのをやめることがありますが、ここではそれより少ないので、最後の1本まで足しました。
# 1本の木は人を8組まで（`max_leaf_nodes`）に分け、外れた分を少しずつ（`learning_rate`）直します。
#
# 組み合わせを見つけたかどうかは、苦情と契約の月数で検証の人を4組に分けると分かります。

# %%
import numpy as np

groups = pd.DataFrame({
    "苦情": np.where(valid["complaints_3m"] > 0, "あり", "なし"),
    "契約": np.where(valid["tenure_months"] <= 6, "6か月以内", "7か月以上"),
    "実際": valid["churned"],
    "logistic": models["logistic"].predict_proba(valid[FEATURES])[:, 1],
    "boosting": models["boosting"].predict_proba(valid[FEATURES])[:, 1],
}).groupby(["苦情", "契約"])
groups.mean().round(3).assign(人数=groups.size())

# %% [markdown]
# 苦情があって契約が6か月以内の、いちばん上の組を見てください。
# 実際には3人に1人より多く解約したのに、`logistic`は2割ほどと答えました。
# `boosting`は、まだ足りないものの、実際に近づいています。
# 2つが重なると、重みの足し算よりも危険が大きくなることを、木は拾えたようです。
# すぐ下の組では`logistic`のほうが実際に近いものの、人数にして6人ほどの差なので、偶然かもしれません。

# %% [markdown]
# ## 少ない側を重くして学習する
#
# 解約する人が1割しかいないクラス不均衡（15）には、`class_weight="balanced"`という手があります。
# 少ない側の1人を多く数えて学習する指定で、検証データでの働きを見ます。

# %%
weighted = LogisticRegression(max_iter=1000, class_weight="balanced")
models["logistic_balanced"] = train_and_log("logistic_balanced", weighted)

# %%
rows = []
for name in ["baseline", "logistic", "logistic_balanced"]:
    probability = models[name].predict_proba(valid[FEATURES])[:, 1]
    flagged = probability >= 0.5
    rows.append({
        "モデル": name,
        "確率0.5以上": int(flagged.sum()),
        "そのうち解約": int(valid.loc[flagged, "churned"].sum()),
        "確率の平均": probability.mean(),
        "AUC": roc_auc_score(valid["churned"], probability),
        "対数損失": log_loss(valid["churned"], probability),
    })
pd.DataFrame(rows).round(3)

# %% [markdown]
# 下の2行を比べてください。
# 見つかる人は6倍近くに増えましたが、誤報はそれ以上に増えました。
# 一方、AUCはほとんど同じです。
# つまり、順番はあまり変わらずに、全員の確率が高いほうへずれただけです。
# 確率の平均は実際の割合の3倍を超え、対数損失は、何もしない`baseline`の行より悪くなりました。
#
# 多くの人を見つけたいだけなら、しきい値を下げれば同じことができます（練習2で確かめます）。
# 次のレッスンでは確率をそのまま金額の計算に使うので、膨らんでいない確率のほうが役に立ちます。

# %% [markdown]
# ## 5つのモデルと規則を並べる

# %%
table = pd.DataFrame({name: evaluate(model, valid, "val") for name, model in models.items()}).T
table.columns = ["正解率", "AUC", "F1", "対数損失"]
table.round(3)

# %% [markdown]
# 正解率の1位は`logistic`、F1の1位は`logistic_balanced`、AUCと対数損失の1位は`boosting`です。
# 紙の規則は確率を出さないので、この表には並びません。
# その代わり、規則と同じ人数に、確率の高い順に電話したとして比べます。

# %%
hits = {"紙の規則": int(valid.loc[by_rule, "churned"].sum())}
for name in ["logistic", "logistic_balanced", "forest", "boosting"]:
    probability = models[name].predict_proba(valid[FEATURES])[:, 1]
    top = valid.assign(probability=probability).nlargest(n_rule, "probability")
    hits[name] = int(top["churned"].sum())
pd.Series(hits).to_frame(f"電話した{n_rule}人のうち解約")

# %% [markdown]
# 同じ人数に電話するなら、どのモデルも規則より20人以上多く見つけます。
# これが、規則に対するモデルの値打ちです。
# 一方、モデルどうしの差は10人もないので、どれを選ぶかは次のレッスンで慎重に決めます。

# %% [markdown]
# ## 何を手がかりにしたのか【自習】
#
# ロジスティック回帰の重みを読みます。
# 数の列は標準化してあるので、重みは「標準偏差1つ分増えたとき」の効き目です。
# 一方、言葉の列は、16で見たとおりすべての値の列を残しているので、1つの列の中での差だけに意味があります。
# そこで、言葉の列は列ごとに平均を引き、0を中心にそろえます。
# 単位の違う2種類は、別々に並べます。

# %%
pipeline = models["logistic"]
names = pipeline["preprocess"].get_feature_names_out()
weights = pd.Series(pipeline["model"].coef_[0], index=names)
numbers = weights.filter(like="number__").rename(lambda name: name.removeprefix("number__"))
words = weights.filter(like="word__").rename(lambda name: name.removeprefix("word__"))
for column in CATEGORICAL:
    same_column = words.index.str.startswith(f"{column}_")
    words[same_column] -= words[same_column].mean()

# %% tags=["figure"] mystnb={"image": {"alt": "重みの横棒グラフが2つ。上の数の列では、苦情の数、月額、満足度が空だった印が右へ、注文の回数、満足度、契約の月数などが左へ伸びる。下の言葉の列では、広告で知った人が右へ、紹介で知った人が左へ長く伸びる。プランの棒はほぼ無く、地方では九州・沖縄だけがやや左へ伸びる"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, (upper, lower) = plt.subplots(
    2, 1, figsize=(6, 6.6), height_ratios=[len(numbers), len(words)], sharex=True,
    layout="constrained",
)
titles = ["数の列（標準偏差1つ分の効き目）", "言葉の列（列ごとに平均を0にした差）"]
for ax, values, title in zip([upper, lower], [numbers, words], titles, strict=True):
    shown = values.sort_values()
    ax.barh(shown.index, shown, color=["#3b6ea5" if value < 0 else "#c8553d" for value in shown])
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_title(title, fontsize=11)
lower.set_xlabel("重み（右は解約しやすい、左は続けやすい）", fontsize=11)
plt.show()

# %% [markdown]
# 下の図で右へいちばん長いのは`channel_広告`で、広告で知った人は離れやすいと学んでいます。
# 上の図では、`complaints_3m`（苦情）や`monthly_fee`（月額）が右へ、`orders`（注文）が左へ伸びました。
# `missingindicator_survey_score`は、満足度が空だった印です。
# 空は中央値で埋めたので、中央値を答えた人より、答えなかった人のほうが解約しやすいと読めます。
#
# このデータは作りものなので、付録のデータカードにある本当のモデルと答え合わせができます。
# 数の列の重みは、標準偏差で割って、元の単位に戻します。

# %%
scaler = pipeline["preprocess"].named_transformers_["number"]["standardscaler"]
per_unit = numbers / scaler.scale_
channels = words.filter(like="channel_").to_dict()
learned = {
    "月額（1,000円ごと）": 1000 * per_unit["monthly_fee"],
    "注文（1回ごと）": per_unit["orders"],
    "アプリ（1日ごと）": per_unit["app_days"],
    **channels,
}
truth = {
    "月額（1,000円ごと）": 0.22, "注文（1回ごと）": -0.5, "アプリ（1日ごと）": -0.045,
    "channel_広告": 0.55, "channel_検索": 0.10, "channel_店頭": -0.15, "channel_紹介": -0.50,
}
comparison = pd.DataFrame({"学んだ重み": learned, "本当の値": truth})
comparison.round(3)

# %% [markdown]
# 向きはすべて合い、月額、注文、アプリは大きさも近くなりました。
# 知ったきっかけは、`検索`と`紹介`が実際よりかなり強く、`店頭`が弱く出ています。
# プランの重みがほぼ0なのも正しく、プランは月額を通してしか解約に効きません。
# 一方、地方は本当は効かないのに、九州・沖縄などにいくらか重みが付きました。
# 訓練データで解約した人たちの中の、偶然です。
#
# そして、どの重みも一緒に起きやすいことを表すだけです。
# 注文を無理に勧めても、解約が減るとは言えません。

# %% [markdown]
# ## できすぎた成績を疑う【自習】
#
# 32で外したクーポンの列を残していたら、成績はどう見えたのかを確かめます。
# 元の契約の表から戻して、同じロジスティック回帰を学習します（このモデルは記録しません）。

# %%
churn_steps.open_raw_tables(spark)
coupon = spark.table("contracts").selectExpr(
    "customer_id", "CAST(retention_coupon AS DOUBLE) AS retention_coupon"
)
leaky_data = data.merge(coupon.toPandas(), on="customer_id")
leaky_train = churn_steps.rows_between(leaky_data, churn_steps.TRAIN)
leaky_valid = churn_steps.rows_between(leaky_data, churn_steps.VALID)

# %%
leaky_columns = [*FEATURES, "retention_coupon"]
leaky = make_model(LogisticRegression(max_iter=1000), [*NUMERIC, "retention_coupon"])
leaky.fit(leaky_train[leaky_columns], leaky_train["churned"])
leaky_auc = evaluate(leaky, leaky_valid, "val")["val_auc"]
honest_auc = evaluate(models["logistic"], valid, "val")["val_auc"]
print(f"検証のAUC: クーポンあり {leaky_auc:.3f}、なし {honest_auc:.3f}")

# %% [markdown]
# 木の集まりに替えても0.01も上がらなかったAUCが、1列足しただけで0.1上がりました。
# 喜ぶ前に、予測したい3月末の人で、確率の平均を比べます。

# %%
march = churn_steps.rows_between(leaky_data, churn_steps.SCORE)
for name, model, columns in [
    ("クーポンあり", leaky, leaky_columns),
    ("クーポンなし", models["logistic"], FEATURES),
]:
    print(f"{name}: {model.predict_proba(march[columns])[:, 1].mean():.1%}")

# %% [markdown]
# これまで1割ほどだった解約が、クーポンを使ったモデルでは、4月だけ急に3%を下回ります。
# 手続き中に出るクーポンが、3月末の人にはまだほとんど出ていないからです。
# 検証データにも答えが混ざっているので、検証の成績は良いままです。
#
# 手がかりは2つありました。
# 1列で急に上がったことと、予測する月だけ確率の平均が変わったことです。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_33 import check

# %% [markdown]
# ### 練習 1: 訓練データで決めた値で埋める
#
# 満足度の空を、中央値ではなく、丸めない **平均** で埋めることにしました。
# 検証データの満足度の空を正しく埋め、pandasのSeriesを`filled`に入れてください。
# `valid`は書き換えません。
#
# <details><summary>ヒント</summary>
#
# 列の`fillna(値)`は、空の所だけを埋めた列を新しく返します。
# その値は、モデルが学習の時に知っているデータから計算します。
#
# </details>

# %% 練習 1
filled = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: しきい値を下げて、同じ人数に電話する【自習】
#
# `logistic_balanced`で確率0.5以上の人を、検証データから選んだ名簿があります。
# 同じ人数を、`logistic`の確率の高い順に選ぶとします。
# 次の2つを`(しきい値, 人数)`の組で`same_size`に入れてください。
#
# - しきい値: `logistic`で選んだ人のうち、いちばん低い確率
# - 人数: 2つの名簿の両方に入る行の数（同じ顧客の11月と12月は、別々に数える）
#
# <details><summary>ヒント</summary>
#
# 確率を`np.sort`で並べると、下から数えて何番目の値かを取り出せます。
# 名簿は「電話する」のはい・いいえの列にして、`&`で重ねると、両方に入る人が分かります。
#
# </details>

# %% 練習 2
same_size = ...

# %% 確認 2
check(2)

# %% [markdown]
# 練習3で使う表を用意します。
# 社内の3つの部署から届いた、手がかりの候補です（練習のために作った値です）。
#
# - `memo_count`: サポートの対応メモの数
# - `saved_recipes`: その月に保存したレシピの数
# - `push_opens`: アプリの通知を開いた回数

# %%
import candidate_columns

candidates = candidate_columns.load()
candidates.head(3)

# %% [markdown]
# ### 練習 3: 届いた列を使うかどうかを決める【自習】
#
# 本文と同じ月で学習し、3月末の人を予測するとします。
# `candidates`の3つの列を調べ、次のどれに当たるかを辞書`decisions`に入れてください。
#
# - `"使う"`: 解約との関係があり、訓練の月にも3月にも、同じように値が入っている。
# - `"疑う"`: 訓練の月では解約した人だけが大きく違うのに、3月だけ様子が変わる。使う前に、いつ書かれる値かを確かめる。
# - `"待つ"`: 訓練の月には値がなく、まだ学べない。
#
# <details><summary>ヒント</summary>
#
# 列ごとに、月ごとの平均と、訓練の月で解約した人としなかった人の平均を比べます。
# `candidates.groupby("month")[["memo_count", …]].mean()`のように書けます。
#
# </details>

# %% 練習 3
decisions = {
    "memo_count": ...,
    "saved_recipes": ...,
    "push_opens": ...,
}

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 正解率が、何もしない基準モデルとちょうど同じモデルがあります。
# 言えるのはどれですか。
#
# <details><summary>ア. 特徴量から何も学んでおらず、全員に同じ確率を答えている</summary>
#
# 基準と同じなら何も学んでいない、と考えたくなります。
# このページのロジスティック回帰も、正解率は基準とほぼ同じですが、AUCは0.8を超えました。
#
# </details>
# <details><summary>イ. 「解約する」と答えた人の、当たりと外れが同じ数である</summary>
#
# 正解です。
# 当たりは正解率を1人分上げ、外れは1人分下げます。
# 「解約する」と答えた人がいなければ、どちらも0人です。
#
# </details>
# <details><summary>ウ. 正解率と同じ割合の解約を、見つけている</summary>
#
# 正解率を「見つけた割合」と読んだ人は、分母を取り違えています。
# 正解率には、続ける人を「続ける」と当てた分がたくさん入っています。
#
# </details>
#
# **問 2.** 別の会社で、解約を当てるモデルのAUCが0.80になりました。
# 担当者は紙の規則で電話しています。
# モデルに替える値打ちがあるかを知るには、次に何を見ますか。
#
# <details><summary>ア. 何もしない基準モデルのAUCである0.5を、どれだけ超えたか</summary>
#
# 基準を大きく超えれば十分に思えますが、担当者が今していることは「何もしない」ではありません。
# 紙の規則でも、その0.5は超えられます。
#
# </details>
# <details><summary>イ. 同じ人数に電話したとき、規則より何人多く見つかるか</summary>
#
# 正解です。
# モデルの値打ちは、いましていることとの差です。
#
# </details>
# <details><summary>ウ. 特徴量や木の本数を増やせば、AUCがさらに0.9まで上がるか</summary>
#
# 良いモデルほど値打ちがある、と考えるとこうなります。
# AUCがいくつなら規則に勝つかは、比べてみるまで分かりません。
#
# </details>
#
# **問 3.** `class_weight="balanced"`を付けると、確率0.5以上の人が大きく増えました。
# 同じ人数に電話したいとき、ほかにできることはどれですか。
#
# <details><summary>ア. 少ない側の行を複製してから、もう一度学習する</summary>
#
# 少ない側を増やせば別の手当てになりそうですが、1人を多く数えるのと同じことです。
# 確率は、やはり膨らみます。
#
# </details>
# <details><summary>イ. 重みを付けずに学習し、しきい値を下げる</summary>
#
# 正解です。
# 順番がほとんど同じなので、名簿もほとんど同じになり、確率は膨らみません。
#
# </details>
# <details><summary>ウ. AUCが上がるまで、木の本数を増やす</summary>
#
# 見つかる人が増えたのはモデルが賢くなったからだ、と考えるとこうなります。
# AUCは変わっておらず、増えたのは0.5を超える人の数だけです。
#
# </details>
#
# **問 4.** `pyfunc_predict_fn`を付けずに残したモデルを読み戻し、`predict`の値に4,800円を掛けて、1人ずつの見込みの額にしました。
# どうなりますか。
#
# <details><summary>ア. 解約の確率に4,800円を掛けた、正しい見込みになる</summary>
#
# 確率を使って学習したのだから、返るのも確率だと考えた人が選びます。
# 分類器の`predict`は、確率が0.5を超えたかどうかだけを返します。
#
# </details>
# <details><summary>イ. 署名に確率の列がないので、<code>predict</code>がエラーになる</summary>
#
# 署名が間違いを止めてくれると思いたくなります。
# `predict`のときに署名と照らすのは入力だけで、出力の形は調べません。
#
# </details>
# <details><summary>ウ. 0円の人と4,800円の人だけになる</summary>
#
# 正解です。
# `predict`は0か1を返すので、エラーもなく、金額だけが粗くなります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 成績は、何もしないモデルと、紙に書ける規則の2つと比べます。モデルの値打ちは、規則との差です。
# - 確率を金額の計算に使うなら、順番を測るAUCのほかに、確率の外れ方を測る対数損失を見ます。
# - 前処理とモデルを1つにまとめて訓練データだけで学習し、確率を返す形で残しました。
# - `class_weight`は順番をほとんど変えずに、確率を膨らませます。
# - できすぎた成績は、予測する月の値と確率で確かめます。
#
# 次のレッスンでは、記録した5つのランから、金額と偶然の揺れを見て1つを選びます。

# %%
check.summary()
