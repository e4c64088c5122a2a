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
# 「正解率は0.885、AUCは0.811、F1は0.427」。
# 奈良さんは少し黙ってから言います。
# 「それで、どれを使うと、いくら得するの」。
#
# 成績の数字が3つあり、1位が3つとも違うと、表を眺めても決まりません。
# しかも、どの数字も円ではありません。
# このページでは、5つの記録を呼び出し、31で決めた値段を使って金額で比べます。
# 差が偶然ではないかを確かめ、これ以上どれだけ良くなりうるかも測ってから、1つを選びます。

# %% [markdown]
# ## このレッスンで学ぶこと
#
# - 記録したランを、条件と成績の表にして比べる。
# - MLflowの画面で、2つのランを並べる。
# - 金額から、声をかける確率の境目を選ぶ。
# - モデルの差が偶然で説明できるかを、引き直して確かめる。
# - 届きうる上限と比べて、改良を続けるかを判断する。

# %% [markdown]
# ## 記録を1つの表にする
#
# `open_runs`は、33で記録した5つのランの目印（タグ`batch`の値）を返します。
# 同じ名前のランが2つ以上あれば、新しいほうにだけ目印を残します。
# まだ記録がなければ、ここで学習して記録します。

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
batch = churn_steps.open_runs(spark)

# %% [markdown]
# `mlflow.search_runs`で、この目印のランを表にします。
# 何も指定しなければ新しい順なので、検証データのAUCの高い順に並べます。

# %%
runs = mlflow.search_runs(
    filter_string=f"tags.batch = '{batch}'", order_by=["metrics.val_auc DESC"]
)
labels = {
    "tags.mlflow.runName": "ラン",
    "params.model__class_weight": "class_weight",
    "params.model__learning_rate": "learning_rate",
    "metrics.training_roc_auc": "訓練のAUC",
    "metrics.val_accuracy": "正解率",
    "metrics.val_auc": "AUC",
    "metrics.val_f1": "F1",
}
runs.reindex(columns=labels).rename(columns=labels).round(3).fillna("")

# %% [markdown]
# 「訓練のAUC」だけが、学習に使った行で測った値です。
# ほかの3つの成績は、検証データで測っています。
# `params.`で始まる列が条件、`metrics.`で始まる列が成績です。
#
# 読み取れることが2つあります。
# `forest`は訓練のAUCがとても高いのに、検証では1位ではありません。
# 訓練データを覚えすぎています。
# そして、正解率・AUC・F1の1位は、どれも違うモデルです。

# %% [markdown]
# ## 画面で見る
#
# 同じ記録を、MLflowの画面で見ます。
#
# | 動かしている場所 | 開き方 |
# |---|---|
# | 手元のPC | ターミナルで`make mlflow`を実行し、表示されたURLをブラウザーで開く |
# | Databricks | 左のメニューの「エクスペリメント」から開く（実機では未確認） |
# | Binder | 画面を開く設定は、まだ用意していない。このページの表で比べる |
#
# 名前が`/churn`で終わるエクスペリメントを開くと、ランが1行ずつ並びます。
# 「Columns」から、`val_auc`や`class_weight`の列を足せます。
# 5つのランに印を付けて「Compare」を押すと、条件と成績が横に並びます。
# 違う条件だけが目立つので、何を変えたら何が動いたかを追えます。
#
# ざっと眺めて仮説を立てるなら画面、決まった手順で選ぶなら`search_runs`が向いています。

# %% [markdown]
# ## 金額で比べる
#
# 31で決めた値段は、次の式でした。
# 声をかける費用は1人1,500円、解約するはずの人に声をかけると平均4,800円の利益が守られます。


# %%
def gain_yen(answers, contacted):
    return int(4800 * (answers & contacted).sum() - 1500 * contacted.sum())


# %% [markdown]
# `answers`は「翌月に解約した」、`contacted`は「声をかける」の、はい・いいえの列です。
# 検証データで、モデルごとに解約の確率を出します。
# モデルは、ランのIDを使って記録から読み戻します。

# %%
import pandas as pd

data = spark.table("churn_features").orderBy("customer_id", "month").toPandas()
data["month"] = pd.to_datetime(data["month"])
valid = data[data["month"].between("2025-11-01", "2025-12-01")]
answers = valid["churned"].to_numpy() == 1

# %%
run_ids = runs.set_index("tags.mlflow.runName")["run_id"]
models = {name: mlflow.sklearn.load_model(f"runs:/{run_ids[name]}/model") for name in run_ids.index}
probabilities = {
    name: model.predict_proba(valid[churn_steps.FEATURES])[:, 1] for name, model in models.items()
}

# %% [markdown]
# どの確率から声をかけるかの境目を **しきい値**（threshold）と呼びます。
# 0.05から0.95まで0.01刻みで動かし、損得を計算します。

# %%
import numpy as np

thresholds = np.arange(0.05, 0.96, 0.01).round(2)
gains = pd.DataFrame(
    {
        name: [gain_yen(answers, probability >= t) for t in thresholds]
        for name, probability in probabilities.items()
    },
    index=thresholds,
)

# %% tags=["figure"] mystnb={"image": {"alt": "しきい値と損得の折れ線グラフ。3つのモデルは0.25から0.3付近で最も高く、手当てをしたロジスティック回帰だけは0.7付近で最も高い。基準モデルは0円より上に出ない。"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(7, 4), layout="constrained")
for name, style in zip(sorted(gains), ["-", "--", "-.", ":", (0, (3, 1, 1, 1))], strict=True):
    ax.plot(gains.index, gains[name] / 10_000, linestyle=style, label=name)
ax.axvline(0.5, color="gray", linewidth=0.8)
ax.axhline(0, color="black", linewidth=0.8)
ax.set(xlabel="しきい値", ylabel="2か月の損得（万円）", ylim=(-60, 40), xlim=(0, 1))
ax.legend()
plt.show()

# %% [markdown]
# 横軸はしきい値、縦軸は検証データ2か月分の損得です。
# 灰色の縦線が、`predict`の使う0.5です。
# 山の頂上は、0.5よりずっと左にあります。
# 0.5を境目にしていたら、どのモデルでも得を取りこぼしていました。
# `logistic_balanced`だけは、頂上が右へずれています。
# 33で見たとおり、確率が全員分ずれているためです。
#
# 31で計算した分かれ目は0.3125でした。
# 確率が正しければ、頂上はその近くに来ます。
# 実際の頂上は、モデルごとに少しずれています。
# `idxmax`は、列ごとに、値が最大になる行の名前（ここではしきい値）を返します。

# %%
best = pd.DataFrame({"しきい値": gains.idxmax(), "損得（円）": gains.max()})
best["0.5での損得（円）"] = gains.loc[0.5]
best["声をかける人"] = [(probabilities[n] >= t).sum() for n, t in best["しきい値"].items()]
best.sort_values("損得（円）", ascending=False)

# %% [markdown]
# 基準モデルのいちばん良い使い方は、誰にも声をかけないことでした。
# ほかの4つはどれも得を生み、F1が1位だった`logistic_balanced`は4つの中で最も少なくなりました。
# 金額で選ぶと、`boosting`が1位です。
#
# この結果もランに残しておくと、後から同じ表で比べられます。

# %%
for name, row in best.iterrows():
    with mlflow.start_run(run_id=run_ids[name]):
        mlflow.log_metrics({"val_gain_yen": row["損得（円）"], "best_threshold": row["しきい値"]})

# %% [markdown]
# ## 差は偶然ではないか
#
# `boosting`は`logistic`より良い、と言い切ってよいでしょうか。
# たまたまこの2か月の顧客と相性が良かっただけかもしれません。
# もう一度同じ会社の2か月をやり直せれば分かりますが、できません。
#
# 代わりに、手元の顧客をくじで引き直します。
# 同じ人が2回入ってもよいことにして、同じ人数を引きます。
# これを何度も繰り返し、差がどれだけ揺れるかを見る方法が **ブートストラップ**（bootstrap）です。
#
# くじは行ではなく **顧客** で引きます。
# 同じ人の11月と12月は似ているので、別々に引くと、揺れを小さく見積もるためです。

# %%
rows_of = valid.reset_index().groupby("customer_id").indices
customers = np.array(list(rows_of))
rng = np.random.default_rng(0)


def draw_rows():
    drawn = rng.choice(customers, size=len(customers))
    return np.concatenate([rows_of[customer] for customer in drawn])


# %% [markdown]
# 引き直すたびに、2つのモデルのAUCと金額の差を計算します。

# %%
from sklearn.metrics import roc_auc_score

differences = []
for _ in range(200):
    rows = draw_rows()
    picked = {name: probabilities[name][rows] for name in ["boosting", "logistic"]}
    auc = {name: roc_auc_score(answers[rows], p) for name, p in picked.items()}
    yen = {n: gain_yen(answers[rows], p >= best["しきい値"][n]) for n, p in picked.items()}
    differences.append(
        {
            "AUCの差": auc["boosting"] - auc["logistic"],
            "金額の差": yen["boosting"] - yen["logistic"],
        }
    )

# %%
pd.DataFrame(differences).quantile([0.025, 0.5, 0.975]).round(4)

# %% [markdown]
# 行の名前の0.025と0.975は、200回のうち下から2.5%と97.5%の所です。
# 真ん中の95%が、この間に入ります。
# どちらの列も、下の端は負、上の端は正です。
# 顧客が少し入れ替わるだけで、順位が入れ替わることがあります。
# 検証データから言えるのは、「`boosting`のほうが良さそうだが、差があるとは言い切れない」までです。
#
# 差が小さいときは、成績のほかの理由で選んでもかまいません。
# 説明のしやすさ、学習の速さ、直しやすさです。
# ここでは金額の真ん中の値が正であることを取り、`boosting`に決めます。

# %% [markdown]
# ## あとどれだけ良くなりうるか
#
# 「もっと良いモデルを」と言われたら、いつまで続ければよいでしょうか。
# 確率30%の人が10人いても、誰が解約するかは決まっていません。
# 偶然が残るかぎり、AUCは1になりません。
#
# 現実には、上限は分かりません。
# このデータは作りものなので、4つの表から分かることだけで計算した最良の確率が分かります。
# それが`make_truth`の`reachable_probability`です。
# ここで、取っておいたテストデータ（1月末と2月末）を、1度だけ使います。

# %%
import churn

test = data[data["month"].between("2026-01-01", "2026-02-01")]
test = test.merge(churn.make_truth().drop(columns="churned"), on=["customer_id", "month"])
test_answers = test["churned"].to_numpy() == 1
test_probability = models["boosting"].predict_proba(test[churn_steps.FEATURES])[:, 1]

# %%
model_auc = roc_auc_score(test_answers, test_probability)
best_auc = roc_auc_score(test_answers, test["reachable_probability"])
print(f"boostingのAUC {model_auc:.3f}、届く上限 {best_auc:.3f}")
print(f"0.5から上限までの{(model_auc - 0.5) / (best_auc - 0.5):.1%}に届きました。")

# %% [markdown]
# ランダムの0.5から上限までの道のりの、ほとんどを来ています。
# モデルを磨いて得られるのは、残りのわずかです。
# これ以上を望むなら、新しい手がかりを集めるほうが見込みがあります。
# 現実では上限が見えないので、新しいデータを足して成績がどれだけ上がるかで判断します。
#
# テストデータでの金額も測ります。

# %%
threshold = float(best["しきい値"]["boosting"])
test_gain = gain_yen(test_answers, test_probability >= threshold)
best_possible = gain_yen(test_answers, test["reachable_probability"].to_numpy() >= 1500 / 4800)
print(f"しきい値{threshold}で声をかけると、2か月で{test_gain:,}円")
print(f"最良の確率を知っていたら、{best_possible:,}円")
print(f"全員に声をかけると、{gain_yen(test_answers, np.ones(len(test), bool)):,}円")

# %% [markdown]
# 奈良さんへの答えが出ました。
# 2か月でおよそ30万円、全員に声をかけるのに比べれば、損を避けた分がずっと大きくなります。
# テストデータはここまでです。
# この結果を見て別のモデルに替えると、テストデータも選ぶのに使ったことになります。

# %% [markdown]
# ## 選んだ理由を残す
#
# 選んだランに、しきい値と理由のタグを付けます。
# 35は、このタグを見てモデルを探します。

# %%
reason = "検証の損得が最大。AUCの差は偶然の範囲だが、引き直しの中央値でも損得が上回る"
with mlflow.start_run(run_id=run_ids["boosting"]):
    mlflow.set_tags({"selected_threshold": str(threshold), "selection_reason": reason})
    mlflow.log_metrics({"test_auc": model_auc, "test_gain_yen": test_gain})

# %%
chosen_id, chosen_threshold = churn_steps.open_selection(spark)
print(f"選んだラン: {mlflow.get_run(chosen_id).info.run_name}、しきい値: {chosen_threshold}")

# %% [markdown]
# ## 練習

# %%
from checks.lesson_34 import check

# %% [markdown]
# 練習1で使う記録を1つ足します。
# 去年、別の顧客のデータで測ったランです。
# 成績は高く見えますが、測ったデータが違うので、今回の5つとは比べられません。

# %%
with mlflow.start_run(run_name="logistic", tags={"batch": "last_year"}):
    mlflow.log_metrics({"val_accuracy": 0.953, "val_auc": 0.874, "val_f1": 0.512})

# %% [markdown]
# ### 練習 1: 正解率が最も高いランを探す【自習】
#
# `mlflow.search_runs`で、今回のまとまり（タグの`batch`が変数`batch`と同じ）の中から、検証データの正解率が最も高いランを探してください。
# そのランの **ID** を`best_accuracy_id`に入れます。
#
# <details><summary>ヒント</summary>
#
# `order_by`に`DESC`を付けると、大きい順に並びます。
# IDの列は`run_id`です。
#
# </details>

# %% 練習 1
best_accuracy_id = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 計算で決めた分かれ目を使う【自習】
#
# 検証データでしきい値を選ばず、31で計算した0.3125をそのまま使うとします。
# `logistic`で確率0.3125以上の人に声をかけると、検証データでの損得は何円でしょうか。
# `logistic_gain`に入れてください。

# %% 練習 2
logistic_gain = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 100人までしか声をかけられないとき
#
# 人手が足りず、12月末の顧客のうち100人までしか電話できません。
# `boosting`の確率が高い順に100人を選ぶと、そのうち何人が1月に解約したでしょうか。
# 整数で`n_hit_top100`に入れてください。
# 12月末の行は`valid["month"] == "2025-12-01"`で選べます。
#
# <details><summary>ヒント</summary>
#
# `valid.assign(probability=probabilities["boosting"])`とすると、確率の列が付いた表になります。
# 表の`nlargest(100, "列の名前")`は、値の大きい100行を選びます。
#
# </details>

# %% 練習 3
n_hit_top100 = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 費用が変わったら選び直す【自習】
#
# 声をかける費用が、1人2,400円に上がりました。
# `boosting`について、検証データの損得が最大になるしきい値を`thresholds`の中から選び、`new_threshold`に入れてください。
# 最大のしきい値が複数あれば、どれでもかまいません。

# %% 練習 4
new_threshold = ...

# %% 確認 4
check(4)

# %% [markdown]
# ### 練習 5: 選んだ理由を言葉にする
#
# 来月、別の人がこの選び方を見直します。
# 次の4つのキーを持つ辞書を、`decision`に入れてください。
#
# - `"ラン"`: あなたが選ぶランの名前（`boosting`でなくてもかまいません）
# - `"しきい値"`: そのランで使うしきい値。検証データの損得が20万円を超えるものにする
# - `"選ぶ理由"`: 比べた値を算用数字で1つ以上入れて、20字以上
# - `"見直す時"`: どうなったら（または、いつ）選び直すか。15字以上
#
# 字数に、空白は数えません。

# %% 練習 5
decision = ...

# %% 確認 5
check(5)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** AUCが1位のモデルと、金額が1位のモデルが違うことがあります。
# なぜですか。
#
# <details><summary>ア. AUCは並び順だけを見て、いくらの確率で線を引くかを見ないから</summary>
#
# 正解です。
# 金額は、線を引いた上側の人で決まります。
# 全体の並びが少し良くても、線の近くで負けていれば金額は下がります。
#
# </details>
# <details><summary>イ. AUCの計算が間違っているから</summary>
#
# 不正解です。
# 食い違うと、どちらかが誤りに見えます。
# 2つは違うものを測っているので、どちらも正しくて食い違います。
#
# </details>
# <details><summary>ウ. 金額は訓練データで測ったから</summary>
#
# 不正解です。
# このページでは、どちらも検証データで測りました。
#
# </details>
#
# **問 2.** ブートストラップで、金額の差の95%の範囲が−4万円から+9万円でした。
# 言えることはどれですか。
#
# <details><summary>ア. 2つのモデルは、まったく同じ良さである</summary>
#
# 不正解です。
# 0をまたぐと「差がない」と言いたくなります。
# 言えるのは、このデータでは差があるともないとも決められない、までです。
#
# </details>
# <details><summary>イ. このデータだけでは、どちらが良いと言い切れない</summary>
#
# 正解です。
# 月が増えれば範囲は狭くなり、決められるようになるかもしれません。
#
# </details>
# <details><summary>ウ. 95%の確率で、9万円得をする</summary>
#
# 不正解です。
# 9万円は範囲の端で、そこまで得をするのはまれです。
#
# </details>
#
# **問 3.** 声をかける費用が下がりました。
# 損得が最大になるしきい値はどう動きますか。
#
# <details><summary>ア. 下がる</summary>
#
# 正解です。
# 誤報の損が小さくなるので、少し怪しいだけの人にも声をかける価値が出ます。
#
# </details>
# <details><summary>イ. 上がる</summary>
#
# 不正解です。
# 費用としきい値が逆に動くと考えると迷います。
# 費用が0円なら、全員に声をかけてよいことを思い出してください。
#
# </details>
# <details><summary>ウ. 0.5のまま</summary>
#
# 不正解です。
# 0.5は`predict`が使う既定の値で、損得とは関係がありません。
#
# </details>
#
# **問 4.** テストデータの成績を見たら、別のモデルのほうが良さそうでした。
# どうしますか。
#
# <details><summary>ア. 良いほうに替えて、その成績を報告する</summary>
#
# 不正解です。
# 良いほうを選ぶのは自然に見えます。
# 選ぶのに使った成績は、たまたま良かった分だけ甘くなり、来月は下がります。
#
# </details>
# <details><summary>イ. 決めたモデルのまま報告し、次の月の結果で見直す</summary>
#
# 正解です。
# 次の月は、まだ誰も選ぶのに使っていないデータです。
#
# </details>
# <details><summary>ウ. テストデータを訓練データに混ぜて、もう一度測る</summary>
#
# 不正解です。
# 答えを見せた相手に同じ問題を解かせることになり、成績は当てになりません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 記録があれば、5つのモデルを学習し直さずに、条件と成績の表で比べられます。
# - 指標によって1位は変わります。値段があれば、金額という1つの物差しになります。
# - しきい値を0.5にする決まりはありません。損得の山の頂上を選びます。
# - 差は、顧客を引き直して揺れと比べます。
# - 伸びしろを知ると、モデルを磨くか、手がかりを集めるかを選べます。
# - 選んだ理由としきい値は、ランに残します。
#
# 次のレッスンでは、選んだモデルを登録し、4月に声をかける人の一覧を作ります。

# %%
check.summary()
