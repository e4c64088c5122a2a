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
# # 実験管理と結果比較
#
# 5つのモデルの成績を、奈良さんに見せました。
# 「1位は、正解率なら`logistic`の0.901、AUCなら`boosting`の0.813、F1なら`logistic_balanced`の0.383です」。
# 奈良さんは少し黙ってから言います。
# 「それで、どれを使うと、いくら得するの」。
#
# 1位は割れていて、どの数字も円ではありません。
# そこで成績を31の金額に直し、奈良さんへのメモまで書きます。
#
# ## このレッスンで学ぶこと
#
# - 記録したランを、条件と成績の表にして比べる。
# - 予測した確率を、実際の割合と照らし合わせる。
# - 計算した分かれ目で電話した損得を、紙の規則と比べる。
# - 差が偶然の範囲かどうかを引き直して確かめ、先に決めた決まりで選ぶ。
# - テストの結果に、揺れと前提を添えて報告する。

# %% [markdown]
# ## 比べる前に、決め方を書いておく
#
# 結果を見てから決め方を選ぶと、気に入ったモデルに合う決め方が、たいてい見つかってしまいます。
# だから、確率のずれと損得を調べる前に、奈良さんと次の4つを決めました。
#
# 1. 100人以上いる確率の帯のどこかで、予測の平均と実際の割合が10ポイントより大きく違うモデルは、使わない。
# 2. 残ったモデルを、31の分かれ目で電話したときの損得で比べる。
# 3. 差が偶然の範囲なら、検証データの対数損失が小さいほうを取る。
# 4. ここまでは検証の2か月で決め、テストの2か月は、決めた後に1度だけ使う。
#
# 1で100人以上の帯に限るのは、人数の少ない帯では、偶然だけでも10ポイントほどずれることがあるからです。
# ただ、3の対数損失の順位は33でもう見たので、次は学習する前に書いておきます。

# %% [markdown]
# ## 記録を1つの表にする
#
# `open_runs`は、33で記録した5つのランの目印（タグ`batch`の値）を返します。

# %% slide="notes"
import logging

import churn_steps
import mlflow
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn")
spark.sql("USE churn")
logging.getLogger("mlflow").setLevel(logging.ERROR)
churn_steps.open_features(spark)
batch = churn_steps.open_runs(spark)

# %% [markdown]
# この目印のランを、検証の対数損失の小さい順（`ASC`）に並べます。

# %%
runs = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'", order_by=["metrics.val_log_loss ASC"]
).set_index("tags.mlflow.runName")
metrics = ["training_roc_auc", "val_accuracy", "val_auc", "val_f1", "val_log_loss"]
runs[[f"metrics.{name}" for name in metrics]].round(3).fillna("")

# %% [markdown]
# `training_roc_auc`は訓練データのAUCで、学んだデータで測る分だけ高く出ます（33）。
# だから、比べるのは、ほかの4列の検証の値です。

# %% [markdown]
# ## 画面で見る【自習】
#
# 同じ記録を、MLflowの画面でも比べられます（開き方は17と同じで、下の言葉はMLflow 3.12のものです）。
# 名前が`/churn`で終わるエクスペリメントを開くと、ランが1行ずつ並びます。
#
# | したいこと | 押す所 |
# |---|---|
# | 一覧に成績の列を足す | 「Columns」で`val_log_loss`や`val_auc`に印を付ける |
# | 今回の5つに絞る | 検索の欄に`tags.batch = "目印の値"`と書く |
# | 2つのランの違いを見る | ランの左の四角に印を付けて「Compare」を押す |
# | 違う行だけを残す | 比べる画面で「Show diff only」を入れる |
#
# 「Show diff only」はパラメータと指標のそれぞれにあり、初めは切れているので、入れるまでは同じ値の行も並びます。
# `logistic`と`logistic_balanced`を選んで入れると、条件で残るのは`class_weight`と、それを含む行だけです。
# 眺めて仮説を立てるなら画面、決まった手順で選ぶなら`search_runs`が向いています。
#
# > **LoggedModel** MLflow 3では、`log_model`で残したモデルも、ランとつながった独立の記録（LoggedModel）になり、`models:/m-`で始まる名前を持ちます。
# > `mlflow.log_metric`に`model_id`と`dataset`を渡せば、その指標は、どのモデルをどのデータで測ったものかと一緒に残ります。
# > だから、同じモデルを3つの月で測った成績を、`mlflow.search_logged_models`で、モデルのほうから探せます（2026年11月に、文書とMLflow 3.12のソースで確かめました）。
#
# 画面を開けたら、`forest`のランで、33では指定しなかった木の深さ`model__max_depth`を探してください。
#
# <details><summary>何と記録されていますか</summary>
#
# `None`（深さを決めない）です。
# 自動ロギングは、指定しなかった条件も既定の値のまま残すので、後から「何も変えていなかった」と確かめられます。
#
# </details>

# %% [markdown]
# 手元で開く、オープンソースのMLflow 3.12の画面です（Databricksの画面ではありません）。
# ①の「Show diff only」を入れたので、`class_weight`と、それを含む行だけが残りました。
#
# ![MLflowでlogistic_balancedとlogisticを並べ、Show diff onlyに①の印が付き、class_weightの違いが残った写真](pictures/34_compare.png)
#
# 4つのランに印を付けて「Compare」を押し、①の「Scatter Plot」を選ぶと、点の1つが1つのランになります。
# ②の「X-axis」に訓練のAUC、③の「Y-axis」に検証のAUCを選びました。
# いちばん右の点が`forest`で、訓練のAUCが最も高いのに、検証のAUCは2番目だと、ひと目で分かります。
#
# ![MLflowの散布図の画面で、Scatter Plotに①、X-axisに②、Y-axisに③の印が付き、4つの点が並ぶ写真](pictures/34_scatter.png)
#
# > **Databricksでは** 「Compare」と「Show diff only」は、文書によれば同じ言葉です。
# > 図は、エクスペリメントのページでグラフの記号（Chart view）を押して作ると書かれています（実機では未確認）。

# %% [markdown]
# ## 確率は実際の割合と合っているか
#
# 33で残したモデルの`predict`は、続ける確率と解約の確率の2列を返します。
# 検証データでの、解約の確率を集めます。

# %%
import pandas as pd

data = spark.table("churn_features").orderBy("customer_id", "month").toPandas()
data["month"] = pd.to_datetime(data["month"])
valid = data[data["month"].between("2025-11-01", "2025-12-01")]
answers = valid["churned"].to_numpy() == 1

# %%
names = ["boosting", "logistic", "forest", "logistic_balanced"]
models = {name: mlflow.pyfunc.load_model(f"runs:/{runs.loc[name, 'run_id']}/model") for name in names}
probabilities = {
    name: model.predict(valid[churn_steps.FEATURES])[:, 1] for name, model in models.items()
}

# %% [markdown]
# 1人の確率が正しかったかは、誰にも分かりません。
# けれども、「3割くらい」と言われた人を集めれば、本当に3割が解約したかを数えられます。
# 予測した確率が実際の割合と合っていることを、**校正**（calibration）されていると言います。


# %%
def bands(probability):
    rows = pd.DataFrame({"予測の平均": probability, "実際の割合": answers, "人数": 1})
    edges = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 1]
    labels = ["5%まで", "10%まで", "20%まで", "30%まで", "50%まで", "それより上"]
    band = pd.cut(probability, edges, labels=labels, include_lowest=True)
    means = {"予測の平均": "mean", "実際の割合": "mean", "人数": "sum"}
    table = rows.groupby(band, observed=True).agg(means)
    return table.assign(ずれ=table["実際の割合"] - table["予測の平均"])


# %%
bands(probabilities["boosting"]).round(3)

# %% tags=["figure"] mystnb={"image": {"alt": "横に予測の平均、縦に実際の割合を取った折れ線。boostingとlogisticは斜めの線のすぐ上に沿う。forestは右で急に上へ離れる。logistic_balancedは斜めの線のずっと下を通る"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.2, 4.2), layout="constrained")
ax.plot([0, 0.7], [0, 0.7], color="gray", linewidth=0.8)
for name, style in zip(names, ["o-", "s--", "^-.", "x:"], strict=True):
    rows = bands(probabilities[name]).query("人数 >= 30")
    ax.plot(rows["予測の平均"], rows["実際の割合"], style, label=name)
ax.set_xlabel("予測の平均", fontsize=11)
ax.set_ylabel("実際に解約した割合", fontsize=11)
ax.legend(fontsize=11)
plt.show()

# %% [markdown]
# 点が斜めの線に乗れば、確率は合っています。
# `boosting`と`logistic`は線に沿い、やや上を通ります。
# 一方、`logistic_balanced`は線のずっと下を通り、`forest`は右で上へ離れました。
# 100人以上いる帯のうち、いちばんずれの大きい帯を、決め方の1の10ポイント（0.1）と比べます。

# %%
worst_bands = {}
for name, probability in probabilities.items():
    rows = bands(probability).query("人数 >= 100")
    worst_bands[name] = rows.loc[rows["ずれ"].abs().idxmax()]
pd.DataFrame(worst_bands).T.round(3)

# %% [markdown]
# 決め方の1に従い、`forest`と`logistic_balanced`は使いません。
# `boosting`も、表を見ると、どの帯でも低めです。
# 訓練の月より検証の月のほうが、解約の割合が高かったこと（33）も一因と考えられます。
# そのため、この2か月では、確率から計算した金額の見込みが控えめに出ます。

# %% [markdown]
# ### ずれを1つの数にする【自習】
#
# 図の離れ方を1つの数にするなら、33の対数損失か、**ブライアスコア**（Brier score）を使います。
# 確率と答え（0か1）の差を2乗して平均した値で、こちらも0に近いほど良い指標です。

# %%
from sklearn.metrics import brier_score_loss

scores = {name: brier_score_loss(answers, p) for name, p in probabilities.items()}
pd.Series(scores).round(4).to_frame("ブライアスコア")

# %% [markdown]
# 対数損失と同じ順で、`logistic_balanced`だけが大きく離れました。

# %% [markdown]
# ## 計算した分かれ目で電話する
#
# 確率が`p`の人に電話すると、平均で`4800 × p − 1500`円の得でした（31）。
# 確率が合っていれば、これが0になる分かれ目の0.3125が、そのまましきい値になります。
# 紙の規則（33）も並べます。
# 「見込み」は、結果を見ずに、確率だけから計算した損得の合計です。


# %%
def yen(answers, called):
    return called * (4800 * answers - 1500)


def paper_rule(rows):
    early_complaint = (rows["complaints_3m"] > 0) & (rows["tenure_months"] <= 6)
    return (early_complaint | (rows["orders"] == 0)).to_numpy()


# %%
threshold = 1500 / 4800
called = {name: p >= threshold for name, p in probabilities.items()}
called["紙の規則"] = paper_rule(valid)
gains = pd.DataFrame(
    {name: [c.sum(), (answers & c).sum(), yen(answers, c).sum()] for name, c in called.items()},
    index=["電話", "そのうち解約", "損得（円）"],
).T
expected = {name: yen(p, called[name]).sum() for name, p in probabilities.items()}
gains["見込み（円）"] = pd.Series(expected).round().astype("Int64")
gains

# %% [markdown]
# 「損得」は、誰にも電話しなかった月に解約した人へ、4割を当てはめた答え合わせです。
# `boosting`と`logistic`は2か月で20万円近い得で、どちらも見込みより5万円ほど多めです。
# ところが`logistic_balanced`は、見込みでは200万円の得だったのに、答え合わせでは97万円の損になりました。
# 順番を付ける力がほぼ同じでも、膨らんだ確率を金額に使うと、これだけ外れます。

# %% [markdown]
# ## 何人に電話すると、いくらになるか
#
# 確率の高い人から順に電話したときの損得を、人数を増やしながら描きます。

# %%
import numpy as np


def gain_curve(probability):
    order = np.argsort(-probability, kind="stable")
    return np.cumsum(yen(answers, True)[order])


# %% tags=["figure", "cover"] mystnb={"image": {"alt": "電話した人数と損得の折れ線。boostingとlogisticは200人あたりまで勢いよく上がり、300人あたりまでゆるやかに上下し、その後は下がって600人台で損に変わる。0.3125の印は200人の手前にあり、紙の規則の印は線のずっと下にある"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
for name, style, mark, size in [("boosting", "-", "o", 13), ("logistic", "--", "s", 7)]:
    curve = gain_curve(probabilities[name])[:1200] / 10_000
    ax.plot(np.arange(1, len(curve) + 1), curve, style, label=name)
    n = called[name].sum()
    color = ax.lines[-1].get_color()
    ax.plot(n, curve[n - 1], mark, color=color, markersize=size, fillstyle="none", mew=2)
n = called["紙の規則"].sum()
ax.plot(n, yen(answers, called["紙の規則"]).sum() / 10_000, "k^", label="紙の規則")
ax.axhline(0, color="black", linewidth=0.8)
ax.set_xlabel("2か月で電話した人数（丸と四角は0.3125のところ）", fontsize=11)
ax.set_ylabel("2か月の損得（万円）", fontsize=11)
ax.legend(fontsize=11)
plt.show()

# %%
curve = gain_curve(probabilities["boosting"])
print(f"boostingの頂上は{curve.argmax() + 1}人で{curve.max():,}円")

# %% [markdown]
# 丸と四角は、線の勢いがなくなる所にあるので、計算した分かれ目は大きく外れていません。
# 頂上へ動かせば、この2か月に限っては3万円あまり増えます。
# けれども頂上の位置は偶然で動くので、しきい値は0.3125のままにします。
# 紙の規則の三角は、ずっと下です。
#
# 人手が足りない月は、この順番のまま上から区切ります（余る月は練習2）。

# %%
scored = valid.assign(probability=probabilities["boosting"])
december = scored[scored["month"] == "2025-12-01"]
print(f"12月末の顧客で上から40人なら、解約は{december.nlargest(40, 'probability')['churned'].sum():.0f}人")

# %% [markdown]
# ## 差は偶然の範囲か
#
# 損得では`boosting`が1万円ほど上でしたが、たまたまこの2か月に合っただけかもしれません。
# そこで、手元の顧客から、重なりを許して同じ人数をランダムに引き直し、値の揺れを見ます。
# これが **ブートストラップ**（bootstrap）です。
# 同じ人の11月と12月は似ているので、行を別々に引くと、よく似た人が多くいるのと同じになり、揺れを小さく見積もります。
# だから、引くのは行ではなく **顧客** です。


# %%
def redraw(rows, times=500):
    by_customer = rows.groupby("customer_id").sum()
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(by_customer), size=(times, len(by_customer)))
    return pd.DataFrame(by_customer.to_numpy()[drawn].sum(axis=1), columns=by_customer.columns)


def loss(answers, probability):
    return -np.log(np.where(answers, probability, 1 - probability))


# %%
ours, simple = probabilities["boosting"], probabilities["logistic"]
differences = pd.DataFrame({
    "customer_id": valid["customer_id"].to_numpy(),
    "対数損失の差": (loss(answers, ours) - loss(answers, simple)) / len(valid),
    "損得の差（円）": yen(answers, ours >= threshold) - yen(answers, simple >= threshold),
})
spread = redraw(differences).quantile([0.025, 0.975])
spread.loc["実際の差"] = differences.drop(columns="customer_id").sum()
spread.round(4)

# %% [markdown]
# 0.025と0.975の行の間に、500回の95%が入りました。
# どちらの列も、下の端は負、上の端は正です。
# つまり、同じような顧客を引き直すと順位が入れ替わることもあり、偶然の差ではないとは言えません。
# これを、決め方の3の「偶然の範囲」とします。
#
# そこで決め方の3に従い、対数損失の小さい`boosting`を選びます。
# もし「説明しやすいほうを取る」と先に決めていたら、`logistic`を選んでも誤りではありません。
# 選んだランに、しきい値と理由を残します。

# %%
reason = "損得と対数損失の差は偶然の範囲。先に決めたとおり、対数損失の小さいほう"
with mlflow.start_run(run_id=runs.loc["boosting", "run_id"]):
    mlflow.set_tags({"selected_threshold": str(threshold), "selection_reason": reason})
    mlflow.log_metric("val_gain_yen", yen(answers, called["boosting"]).sum())

# %% [markdown]
# ## テストの2か月で、1度だけ測る
#
# 検証の損得は、選ぶのに使った分だけ良く見えやすい値です。
# だから、報告する金額は、取っておいた1月末と2月末の行で測り、引き直した揺れの範囲（95%）を添えます。

# %%
test = data[data["month"].between("2026-01-01", "2026-02-01")]
test_answers = test["churned"].to_numpy() == 1
test_probability = models["boosting"].predict(test[churn_steps.FEATURES])[:, 1]
test_called = test_probability >= threshold
outcome = pd.DataFrame({
    "customer_id": test["customer_id"].to_numpy(),
    "boosting": yen(test_answers, test_called),
    "紙の規則": yen(test_answers, paper_rule(test)),
})
outcome["規則との差"] = outcome["boosting"] - outcome["紙の規則"]
test_gain = outcome.drop(columns="customer_id").sum()
low, high = redraw(outcome).quantile([0.025, 0.975]).to_numpy()
pd.DataFrame({"損得（円）": test_gain, "下の端": low, "上の端": high}).astype(int)

# %% [markdown]
# モデルの値打ちは、`boosting`の損得そのものではなく、いちばん下の差です。
# その範囲は0をまたいでいないので、4割を前提にすれば、この2か月の顧客では規則より得だったと言えます。
# ほかの月でもそうかは、月が増えないと分かりません。
# 規則のほうは、得かどうかさえはっきりしません。

# %% [markdown]
# ## 奈良さんへのメモを書く

# %%
calls, found = int(test_called.sum()), int((test_answers & test_called).sum())
span = [f"{low[i] / 10_000:.0f}万〜{high[i] / 10_000:.0f}万円" for i in (0, 2)]
print(f"1. boostingで、解約の確率が{threshold}以上の人に電話します。")
print(f"2. 1月末と2月末の顧客なら、{calls}人に電話することになり、そのうち{found}人が解約しました。")
print(f"3. 4割を当てはめると{test_gain['boosting']:,}円の得（顧客が替わったときの揺れは{span[0]}）です。")
print(f"4. 紙の規則なら{test_gain['紙の規則']:,}円で、差の{test_gain['規則との差']:,}円（{span[1]}）がモデルの値打ちです。")
print("5. logisticとの差は偶然の範囲なので、先に決めたとおり、確率の外れの小さいほうにしました。")
worst, best_case = (round(12_000 * saved * found - 1500 * calls) for saved in (0.24, 0.55))
print(f"6. 4割が思いとどまる前提です。0.24なら{worst:,}円、0.55なら{best_case:,}円なので、4月に測り直します。")

# %% [markdown]
# 金額には、揺れ、比べた基準、前提の3つを必ず添えます。
# 3と4の揺れに入っているのは顧客の入れ替わりだけで、月ごとの違いも、4割の幅も入っていません。
# そこで、4割の幅（31の95%の区間の両端）は、6に分けて書きました。
# 割合が区間の端から端まで動くと、損得は33万円も変わります。
# モデルを磨くより、4割を測り直すほうが先です（35）。
#
# テストデータで選ぶことは、もうしません。
# この結果を見て別のモデルに替えると、テストデータも選ぶのに使ったことになります。

# %% [markdown]
# ## 「4割」が違っていたら【自習】
#
# 同じ名簿のまま思いとどまる割合を変え、さらに割合に合わせて分かれ目も計算し直します。
# 0.24と0.55は、31の95%の区間の両端です。

# %%
rows = []
for saved in [0.55, 0.4, 0.3, 0.24, 0.2]:
    worth = 12_000 * saved
    again = test_probability >= 1500 / worth
    each = worth * test_answers - 1500
    same, rule, new = (round(each[c].sum()) for c in (test_called, paper_rule(test), again))
    rows.append([saved, same, rule, 1500 / worth, again.sum(), new])
columns = ["割合", "同じ名簿（円）", "紙の規則（円）", "分かれ目", "電話", "選び直した名簿（円）"]
sensitivity = pd.DataFrame(rows, columns=columns)
sensitivity.round(4)

# %% [markdown]
# 区間の下の端（0.24）では差し引きがほぼ0円になり、2割なら損です。
# 割合が低いと先に分かっていれば、分かれ目を上げて、2割でも少しの得が残ります（電話は2か月で22人）。
# 規則は電話の多い分だけ大きく損をするので、モデルとの差は縮みません。

# %% [markdown]
# ## あとどれだけ良くなりうるか【自習】
#
# 「もっと良いモデルを」と言われたら、いつまで続ければよいのでしょうか。
# 誰が解約するかには偶然が残るので、AUCは1になりません。
# 現実には上限が分かりませんが、作りもののこのデータなら、4つの表から分かることだけで計算した最良の確率`p`が`make_truth`にあります。
# 解約の4分の1は1日の未明に処理され、当てる対象から外れます（31）。
# 未明に外れるのは`0.25 × p`なので、残った人の中で解約する確率は、`0.75 × p ÷ (1 − 0.25 × p)`です。

# %%
import churn
from sklearn.metrics import roc_auc_score

truth = churn.make_truth()[["customer_id", "month", "reachable_probability"]]
p = test.merge(truth, on=["customer_id", "month"])["reachable_probability"].to_numpy()
best = 0.75 * p / (1 - 0.25 * p)

# %%
model_auc = roc_auc_score(test_answers, test_probability)
best_auc = roc_auc_score(test_answers, best)
gains_on_average = [yen(best, chosen).sum() for chosen in (test_called, best >= threshold)]
print(f"AUC: boosting {model_auc:.3f}、およその上限 {best_auc:.3f}、差 {best_auc - model_auc:.3f}")
print("平均の損得: boosting {:,.0f}円、最良の確率なら {:,.0f}円".format(*gains_on_average))

# %% [markdown]
# 2行目は、解約した人を数える代わりに、最良の確率で平均した損得です。
# 上の16万9,200円が`boosting`の平均より多いのは、偶然の分です。
# AUCの差はわずかですが、金額では、2か月で2万5千円ほどがまだ残っています。
# 現実には、この上限は見えません。
# まず新しい手がかりを探し、列を足して検証の対数損失がどれだけ下がるかを見て、続けるかどうかを決めます。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_34 import check

# %% [markdown]
# ### 練習 1: 費用が上がったら計算し直す
#
# 声をかける費用が、1人2,100円に上がりました。
# 4割が思いとどまり、12,000円の利益が守られることは変わりません。
# 新しい分かれ目を計算し、その確率以上の人に`boosting`で電話するとします。
# 検証データで電話する人数と、2か月の損得（円）を、`(人数, 損得)`の組で`new_plan`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 分かれ目は、費用を「解約するはずの人に電話したとき、平均で守られる利益」で割った値です。
# 本文の`yen`は費用が1,500円のままなので、式を書き直して使います。
#
# </details>

# %% 練習 1
new_plan = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 電話できる人数が限られた月の名簿
#
# 電話できる人数の上限は、月によって変わります。
# その月の表`scored`と上限`limit`から、見込みの損得（`4800 × 確率 − 1500`の合計）がいちばん大きくなる名簿を作る関数`pick`を書いてください。
# `scored`は`december`と同じ形の表で、使うのは`customer_id`と`probability`の2列です。
# 選んだ人の`customer_id`の並び（リストでも、pandasの列でもよい）を返します。
#
# <details><summary>ヒント</summary>
#
# 12月末の顧客に、40人まで電話できるときと、200人まで電話できるときを比べます。
# 200人目の確率は、分かれ目より上ですか。
#
# </details>


# %% 練習 2
def pick(scored, limit):
    ...


# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 膨らんだ確率を直す【自習】
#
# `logistic_balanced`の確率は、解約した1人を`k`人分に数えて学習したために膨らんでいます。
# `k`は、訓練データ（2025年6月から10月）で、続けた人の数を解約した人の数で割った値です。
# 膨らんだ確率`p`は、次の式で、ほぼ元の大きさに戻せます。
#
# `p ÷ (p + (1 − p) × k)`
#
# 検証データでの`logistic_balanced`の確率をすべて直し、`fixed`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 訓練の行は、`data`から`month`で選びます。
# `probabilities["logistic_balanced"]`はNumPyの配列なので、式をそのまま書くと、全員分がまとめて計算されます。
#
# </details>

# %% 練習 3
fixed = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 選んだ理由と、使わない理由を書く【自習】
#
# 来月、別の人がこの選び方を見直します。
# 次の5つのキーを持つ辞書を、`decision`に入れてください。
#
# - `"ラン"`: あなたが選ぶランの名前（`boosting`でなくてもよい）
# - `"しきい値"`: そのランで使うしきい値。検証データの損得が15万円を超えるものにする
# - `"選ぶ理由"`: 比べた値を、何の値か分かるように算用数字で1つ以上入れて、20字以上
# - `"使わない理由"`: 選ばなかったランの名前を1つ挙げ、その理由を算用数字の値と一緒に20字以上
# - `"見直す時"`: どうなったら（または、いつ）選び直すか。15字以上
#
# <details><summary>ヒント</summary>
#
# 字数に、空白は数えません。
# 本文の表から、損得、対数損失、電話の人数、予測と実際の割合のどれかを引いて書きます。
# 「見直す時」は、「損得が10万円を下回る月が2回続いたら」のように、出来事か数字で決めます。
#
# </details>

# %% 練習 4
decision = ...

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 2つのモデルのAUCは同じなのに、0.3125で電話した損得は、片方だけが大きな損でした。
# いちばんありそうな理由はどれですか。
#
# <details><summary>ア. 損をしたほうは、順番を付けるのが下手だった</summary>
#
# 損をしたのだから順番も悪い、と考えたくなります。
# 順番を付ける力はAUCに表れ、そのAUCは2つとも同じです。
#
# </details>
# <details><summary>イ. 損得は、AUCとは別の顧客のデータで測っている</summary>
#
# 食い違いを見ると、測った相手を疑いたくなります。
# このレッスンでは、どちらも同じ検証データで測りました。
#
# </details>
# <details><summary>ウ. 損をしたほうは、確率が実際の割合より高かった</summary>
#
# 正解です。
# 確率が膨らむと、分かれ目を超える人が増えすぎて、電話の費用だけがかさみます。
#
# </details>
#
# **問 2.** 引き直した500回で、損得の差（新しいモデルから今のモデルを引いた値）の95%が−4万円から+6万円に入りました。
# 言えることはどれですか。
#
# <details><summary>ア. このデータでは、どちらが得かを決められない</summary>
#
# 正解です。
# 月が増えれば範囲は狭くなり、決められるようになるかもしれません。
#
# </details>
# <details><summary>イ. 2つのモデルの損得は、まったく同じである</summary>
#
# 0をまたぐと「差がない」と言いたくなります。
# 言えるのは、差があるともないとも決められない、までです。
#
# </details>
# <details><summary>ウ. 新しいモデルに替えると、95%の確率で得をする</summary>
#
# 95%を「当たる確率」と読んだ人がいるかもしれません。
# 95%は引き直した値がその範囲に入った割合で、範囲の中には損になる値もあります。
#
# </details>
#
# **問 3.** 声をかける費用が下がりました。
# 確率の合ったモデルなら、しきい値はどうしますか。
#
# <details><summary>ア. 検証データの損得の頂上を探して、そこにする</summary>
#
# 頂上がいちばん得に見えますが、その位置は偶然で動きます。
# 確率が合っているなら、費用から計算した分かれ目が使えます。
#
# </details>
# <details><summary>イ. 費用を、平均で守れる額で割り直し、下げる</summary>
#
# 正解です。
# 誤報の損が小さくなるので、確率の低い人にも電話する価値が出ます。
#
# </details>
# <details><summary>ウ. モデルは同じなので、変えない</summary>
#
# しきい値をモデルの一部だと考えると、こうなります。
# しきい値は損得から決まるので、費用が変われば動きます。
#
# </details>
#
# **問 4.** テストデータの成績を見たら、選ばなかったモデルのほうが良さそうでした。
# どうしますか。
#
# <details><summary>ア. 決めたモデルのまま報告し、新しい月の結果で見直す</summary>
#
# 正解です。
# 新しい月は、選ぶのにまだ使っていないデータです（電話をかけた後の月なので、電話の影響を分けて見ます）。
#
# </details>
# <details><summary>イ. 良かったほうのモデルに替えて、その成績を報告する</summary>
#
# 良いほうを選ぶのは、自然に見えます。
# けれども、選ぶのに使った成績は、たまたま良かった分だけ高く出ます。
#
# </details>
# <details><summary>ウ. テストデータを訓練データに混ぜ、学習し直してもう一度測る</summary>
#
# データを増やせば良くなると考えたくなります。
# しかし、答えを見せた人に同じ問題を解かせることになり、その成績は当てになりません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 決め方は、結果を見る前に書きます。差が偶然の範囲なら、その決まりで選びます。
# - 確率を金額に使う前に、実際の割合と照らし合わせます。合っていれば、計算した分かれ目がしきい値です。
# - 人手の上限があれば、分かれ目以上の人を上から区切ります。
# - モデルの値打ちは紙の規則との差で言い、テストの揺れと前提を添えます。
#
# 次のレッスンでは、選んだモデルを登録し、4月に声をかける人の一覧を作ります。

# %%
check.summary()
