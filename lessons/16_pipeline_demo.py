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
# # 【デモ】パイプライン構築
#
# 月曜の朝、検査室から電話がきます。
# 「先週もらったモデルですが、今週の検体が1件残らず『悪性』と出ています」。
#
# 金曜の発表では、同じモデルがほとんどの検体を正しく判定していました。
# エラーは出ておらず、警告もありません。
# 調べると、学習のノートブックにあった1行が、毎週動かすノートブックにはありませんでした。
# 測定値の桁をそろえる1行です。
#
# 学習の前にデータを整える処理を、前処理と呼びます。
# 前処理とモデルを別々に書いている限り、片方だけ直す日がいつか来ます。
# ここでは2つを1つの部品にまとめ、点数を正しく測り、設定の値を選ぶところまで進めます。
# 読み終えると、学習と本番で同じ手順が動くモデルを作れるようになります。
#
# ## このレッスンで学ぶこと
#
# - 前処理とモデルを`Pipeline`にまとめ、`fit`と`predict`だけで使う。
# - データを何通りにも分けて採点し、点数の平均とばらつきを報告する。
# - 答えが前処理に漏れたときの点数と、漏れを止めたときの点数を比べる。
# - 文字の列と欠けた値を含む表を、`ColumnTransformer`で列ごとに整える。
# - `GridSearchCV`で設定の値を選び、テストデータで1回だけ確かめる。
# - 学習したパイプラインから、列の名前、埋めた値、係数を取り出して読む。

# %% [markdown]
# ## 検査データをDeltaの表から読む
#
# この講座のデータは、次の順に渡ります。
#
# 1. Delta Lakeの表に置く。
# 2. Spark DataFrameとして読む。
# 3. `.toPandas()`でpandasに移す。
# 4. scikit-learnで学習する。
# 5. MLflowに記録する。
#
# ここで通るのは4番目までで、MLflowは次のレッスンで使います。
#
# まずSparkにつなぎ、このレッスン専用のスキーマを用意します。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS pipeline_demo")
spark.sql("USE pipeline_demo")
print(f"使うスキーマは{spark.catalog.currentDatabase()}です。")

# %% [markdown]
# 使うのは、scikit-learnに付いてくる乳がんの検査データです。
# しこりから採った細胞を撮影し、核の大きさや形を測った数値が並びます。
# 元のデータは良性が1ですが、見逃したくないのは悪性です。
# そこで、悪性を1、良性を0とする列`malignant`を作ってから、Deltaの表に保存します。
# 初期設定のDeltaの表は列名に空白を許さないため、空白は下線に置き換えます。

# %%
from sklearn.datasets import load_breast_cancer

source = load_breast_cancer(as_frame=True)
measured = source.data.rename(columns=lambda name: name.replace(" ", "_"))
measured = measured.assign(malignant=1 - source.target, sample_id=range(len(measured)))
spark.createDataFrame(measured).write.mode("overwrite").saveAsTable("samples")

# %% [markdown]
# 保存した表を読み、手元のpandasに移します。
# 表から読んだ行の順番は決まっていません。
# 順番が変わると、このあとの分け方も変わってしまうので、ここで並べておきます。

# %%
samples = spark.table("samples").orderBy("sample_id").toPandas()
X = samples.drop(columns=["sample_id", "malignant"])
y = samples["malignant"]
print(f"{len(samples)}件の検体があり、悪性は{y.sum()}件です。測定値は{X.shape[1]}列あります。")

# %% [markdown]
# 学習に使う訓練データと、採点にだけ使うテストデータに分けます。
# `stratify=y`は、悪性の割合を両方でそろえる指定です。
# `random_state`に渡す数を乱数の種と呼び、同じ数なら何度動かしても同じ分かれ方になります。

# %%
from sklearn.model_selection import train_test_split

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.25, stratify=y, random_state=42
)
print(f"訓練データは{len(X_train)}件、テストデータは{len(X_test)}件です。")

# %% [markdown]
# ## 前処理を2か所に書くと、ずれる
#
# 測定値の桁は、列ごとにどのくらい違うでしょうか。

# %%
some_columns = ["mean_area", "mean_smoothness", "worst_concavity"]
X_train[some_columns].describe().loc[["mean", "std"]].round(3)

# %% [markdown]
# 1行目が平均、2行目がばらつき（標準偏差）です。
# 面積の`mean_area`は数百、なめらかさの`mean_smoothness`は1に届きません。
# 単位が違うだけなのに、桁の大きな列ばかりが計算を左右してしまいます。
#
# そこで、どの列からもその列の平均を引き、標準偏差で割ります。
# すると全部の列が、平均0、標準偏差1にそろいます。
# この処理を**標準化**（standardization）と呼びます。
# scikit-learnでは`StandardScaler`が受け持ちます。
# `fit`で平均と標準偏差を覚え、`transform`で引いて割ります。

# %%
from sklearn.preprocessing import StandardScaler

scaler = StandardScaler().set_output(transform="pandas")
scaled_train = scaler.fit_transform(X_train)
scaled_train[some_columns].head(3).round(2)

# %% [markdown]
# `fit_transform`は、覚えるのと引いて割るのを続けて済ませます。
# 値が正なら平均より大きく、負なら小さい検体です。
# 桁の違いが消え、3つの列を同じ物差しで比べられるようになりました。
# `set_output(transform="pandas")`は、結果を列名の付いた表で受け取る指定です。
#
# 金曜の発表と同じ手順で、ロジスティック回帰を学習して採点します。
# ロジスティック回帰は、列ごとの重み（係数）を掛けて足し、悪性の確率を出すモデルです。
# 点数は2つ見ます。
# 1つは正解率で、全体のうち判定が当たった割合です。
# もう1つは再現率で、悪性のうち悪性と判定できた割合です。

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, recall_score

hand_model = LogisticRegression().fit(scaled_train, y_train)
by_hand = hand_model.predict(scaler.transform(X_test))
print(f"正解率は{accuracy_score(y_test, by_hand):.3f}です。")
print(f"再現率は{recall_score(y_test, by_hand):.3f}です。")

# %% [markdown]
# 次は月曜のノートブックです。
# `scaler.transform`を書き忘れ、測ったままの値をモデルに渡します。

# %%
forgotten = hand_model.predict(X_test)
print(f"{len(X_test)}件のうち、{forgotten.sum()}件を悪性と判定しました。")
print(f"正解率は{accuracy_score(y_test, forgotten):.3f}です。")
print(f"再現率は{recall_score(y_test, forgotten):.3f}です。")

# %% [markdown]
# 1件残らず悪性です。
# 標準化した値は、ほとんどが-3から3に収まります。
# その値で学んだモデルには、数百という面積が桁外れに大きく見えます。
# 細胞の核が大きいほど悪性らしい、と学んでいるので、どの検体も悪性になりました。
# それでも列の数と名前は合っているので、エラーは出ません。
# 再現率だけを見張っていたら、満点なので気づけません。
#
# 書き忘れさえしなければ安全、というわけでもありません。
# 悪性だけが20件届いた日に、その20件で`fit_transform`をやり直すとどうなるでしょうか。

# %%
one_day = X_test[y_test == 1].head(20)
refit = StandardScaler().set_output(transform="pandas").fit_transform(one_day)
kept_count = hand_model.predict(scaler.transform(one_day)).sum()
refit_count = hand_model.predict(refit).sum()
print(f"覚えた平均で標準化: {len(one_day)}件中{kept_count}件を悪性と判定")
print(f"その日の平均で標準化: {len(one_day)}件中{refit_count}件を悪性と判定")

# %% [markdown]
# 検体とモデルは同じなのに、悪性と判定された件数が減りました。
# その日の平均を引くと、悪性どうしを比べて大きいか小さいかしか残らないからです。
# 使ってよいのは、学習のときに覚えた平均と標準偏差だけです。
# 人が気をつけて守るには、約束が細かすぎます。

# %% [markdown]
# ## 前処理とモデルを1つにまとめる
#
# 標準化とモデルを、順番の付いた1つの部品にします。
# 前の段の結果が次の段へ流れるこの部品を、**パイプライン**（pipeline）と呼びます。
# `Pipeline`には、名前と部品の組を並べて渡します。

# %%
from sklearn.pipeline import Pipeline

pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", LogisticRegression()),
])
pipeline.fit(X_train, y_train)
predictions = pipeline.predict(X_test)
print(f"手書きの正しい手順と違う判定は{(predictions != by_hand).sum()}件です。")

# %% [markdown]
# `fit`と`predict`のどちらにも、測ったままの表を渡しています。
# それでも、正しく手書きしたときと判定が全部そろいました。
# 中では次の順に動いています。
#
# | 呼び出し | `scaler`の段 | `classifier`の段 |
# |---|---|---|
# | `pipeline.fit(X_train, y_train)` | 平均と標準偏差を覚えて標準化する | 係数を決める |
# | `pipeline.predict(X_test)` | 覚えた値で標準化する | 決めた係数で判定する |
#
# 予測のときに`scaler`が覚え直すことはありません。
# 本番へ渡すのも`pipeline`という変数1つなので、前処理だけを置き忘れることもなくなります。
#
# 覚えた平均が本当に訓練データだけのものか、`named_steps`で段を取り出して比べます。
# `mean_`のように下線で終わる名前は、`fit`で覚えた値を指します。

# %%
import pandas as pd

remembered = pd.Series(pipeline.named_steps["scaler"].mean_, index=X_train.columns)
means = pd.DataFrame({
    "パイプラインが覚えた平均": remembered,
    "訓練データの平均": X_train.mean(),
    "全データの平均": X.mean(),
})
means.loc[some_columns].round(4)

# %% [markdown]
# 左の2列は同じで、右の1列だけ違います。
# テストデータの値は、平均の計算に入っていません。

# %% [markdown]
# ## 1回の分け方では、点数が運で動く
#
# ここまでの点数は、`random_state=42`という分け方1つで測ったものです。
# 乱数の種を変えて30通りに分け、同じパイプラインを学習から採点までやり直します。
# 運の大きさを見せるため、ここではテストデータも混ぜた全部の検体を分け直します。
# 仕事では、テストデータはしまったまま、訓練データの中だけで比べます。
#
# `clone`は、設定が同じでまだ何も学んでいない写しを作ります。
# 分類器の`score`が返すのは正解率です。

# %%
from sklearn.base import clone

single_scores = []
for seed in range(30):
    X_learn, X_grade, y_learn, y_grade = train_test_split(
        X, y, test_size=0.25, stratify=y, random_state=seed
    )
    single_scores.append(clone(pipeline).fit(X_learn, y_learn).score(X_grade, y_grade))
print(f"正解率は{min(single_scores):.3f}から{max(single_scores):.3f}まで動きました。")

# %% [markdown]
# データとモデルを変えていないのに、これだけ動きます。
# 難しい検体がテストデータに何件入るかは、運だからです。
# 分け方1つで測った点数を比べて「モデルAの方が0.01高い」と言っても、運の差と区別できません。
#
# そこで、データを5組に分け、どの組も1回ずつ採点側に回します。
#
# | 回 | 組1 | 組2 | 組3 | 組4 | 組5 |
# |---|---|---|---|---|---|
# | 1 | **採点** | 学習 | 学習 | 学習 | 学習 |
# | 2 | 学習 | **採点** | 学習 | 学習 | 学習 |
# | 3 | 学習 | 学習 | **採点** | 学習 | 学習 |
# | 4 | 学習 | 学習 | 学習 | **採点** | 学習 |
# | 5 | 学習 | 学習 | 学習 | 学習 | **採点** |
#
# 点数は5つ出るので、平均とばらつきを報告できます。
# このやり方を**交差検証**（cross-validation）と呼びます。
# `StratifiedKFold`は、悪性の割合をそろえて組に分けます。
# `cross_validate`は、渡した部品の写しを組ごとに作り、毎回`fit`からやり直します。

# %%
from sklearn.model_selection import StratifiedKFold, cross_validate

cv = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
result = cross_validate(pipeline, X_train, y_train, cv=cv, scoring=["accuracy", "recall"])
folds = pd.DataFrame({"正解率": result["test_accuracy"], "再現率": result["test_recall"]})
folds.index = [f"{number}回目" for number in range(1, 6)]
folds.round(3)

# %%
for name in folds.columns:
    print(f"{name}: 平均{folds[name].mean():.3f}、標準偏差{folds[name].std():.3f}")

# %% [markdown]
# ここで渡したのは、仕事のときと同じく訓練データだけです。
# 再現率は、正解率よりも大きくばらついています。
# 再現率は悪性の検体だけで測るので、1組で採点に使える件数が少ないからです。
# どれか1回の再現率だけを見て、喜んだり作り直したりするのは早すぎます。
#
# 平均をとると、運の影響は本当に小さくなるのでしょうか。
# 交差検証も全部の検体で30通り繰り返し、1回だけ分けたときの点数と並べます。
# `cross_val_score`は、1種類の点数だけを返す短い書き方です。

# %%
from sklearn.model_selection import cross_val_score

mean_scores = []
for seed in range(30):
    shuffled = StratifiedKFold(n_splits=5, shuffle=True, random_state=seed)
    mean_scores.append(cross_val_score(pipeline, X, y, cv=shuffled).mean())

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は正解率。上の段は1回だけ分けた30個の点で左右に広く散らばり、下の段は5組の平均の30個の点で狭い範囲に集まる図"}}
import matplotlib.pyplot as plt
import numpy as np
from figures import use_japanese_font

use_japanese_font()
height = np.linspace(-0.25, 0.25, 30)
fig, ax = plt.subplots(figsize=(6, 2.8))
ax.plot(single_scores, 1 + height, "o", color="tab:orange", alpha=0.7)
ax.plot(mean_scores, height, "o", color="tab:blue", alpha=0.7)
ax.set_yticks([0, 1], ["5組の平均", "1回だけ分ける"])
ax.set_ylim(-0.5, 1.5)
ax.set_xlabel("正解率")
plt.show()

# %% [markdown]
# 横軸は正解率、1つの点が1通りの分け方です。
# 点の上下の位置に意味はなく、重ならないようにずらしてあります。
# 上の段は左右に広がり、下の段は狭い範囲に集まりました。
# 同じデータでも、5組の平均のほうが、分け方の運に左右されにくいと分かります。
# ただし運がすっかり消えるわけではないので、ばらつきも添えて報告します。

# %% [markdown]
# ## 採点側を先に見ると、点数が膨らむ
#
# 交差検証をしていても、点数がうそをつくことがあります。
# 極端な例で確かめます。
#
# 100人にコインを投げてもらい、表か裏かを記録したところ、50人ずつでした。
# 別に、コインとは何の関係もないでたらめな数を、1人につき2000個用意します。
# この2000列からコインの表裏を当てるモデルは、当てずっぽうと同じ0.5あたりの正解率になるはずです。
# `permutation`は、並びをでたらめに混ぜます。

# %%
import numpy as np

noise = np.random.RandomState(5).normal(size=(100, 2000))
coin = np.random.RandomState(0).permutation([0, 1] * 50)

# %% [markdown]
# 列が多すぎるので、答えと関係が強そうな20列に絞ってから学習することにします。
# `SelectKBest`は、列を1つずつ採点し、上位`k`列だけを残す部品です。
# 採点に使う`f_classif`は、表の人と裏の人で平均がどれだけ離れているかを測ります。
# 先に絞り込みを済ませ、それから交差検証にかけます。

# %%
from sklearn.feature_selection import SelectKBest, f_classif

best_columns = SelectKBest(f_classif, k=20).fit_transform(noise, coin)
leaked = cross_val_score(LogisticRegression(), best_columns, coin, cv=cv)
print(f"先に列を選ぶ: 正解率の平均は{leaked.mean():.2f}です。")

# %% [markdown]
# でたらめな数から、コインの表裏が当たってしまいました。
# 同じ絞り込みをパイプラインの中に入れて、もう一度測ります。

# %%
select_and_fit = Pipeline([
    ("select", SelectKBest(f_classif, k=20)),
    ("classifier", LogisticRegression()),
])
honest = cross_val_score(select_and_fit, noise, coin, cv=cv)
print(f"中で列を選ぶ: 正解率の平均は{honest.mean():.2f}です。")

# %% [markdown]
# 今度は、当てずっぽうの0.5あたりに戻りました。
#
# 2000列もあれば、100人分の表裏とたまたまよく合う列がいくつも見つかります。
# 最初の手順では、あとで採点側に回る人の表裏まで見て、その列を選びました。
# 採点される答えを知ったうえで選んだのですから、採点側でも当たります。
# パイプラインの中で選べば、各回の学習側80人だけで列を決めるので、採点側の答えは使えません。
#
# 予測するときには手に入らない情報が、学習や前処理に入り込むことを**リーク**（leakage）と呼びます。
# 漏れた点数は本番では出ません。
#
# 点数の膨らみ方は、試した列の数で変わるでしょうか。
# でたらめな数を10回作り直し、列の数ごとに平均を取ります。

# %%
sizes = [20, 100, 500, 2000]
outside, inside = [], []
for width in sizes:
    leaky, safe = [], []
    for seed in range(10):
        table = np.random.RandomState(seed).normal(size=(100, width))
        chosen = SelectKBest(f_classif, k=20).fit_transform(table, coin)
        leaky.append(cross_val_score(LogisticRegression(), chosen, coin, cv=cv).mean())
        safe.append(cross_val_score(select_and_fit, table, coin, cv=cv).mean())
    outside.append(np.mean(leaky))
    inside.append(np.mean(safe))

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は試した列の数、縦軸は正解率。先に列を選ぶ線は列が増えるほど上がり、パイプラインの中で選ぶ線は0.5付近のまま動かない折れ線"}}
fig, ax = plt.subplots(figsize=(6, 3.5))
ax.plot(sizes, outside, "o-", color="tab:orange", label="先に列を選ぶ")
ax.plot(sizes, inside, "s-", color="tab:blue", label="パイプラインの中で選ぶ")
ax.axhline(0.5, color="gray", linestyle=":")
ax.set(xscale="log", ylim=(0.3, 1), xlabel="試した列の数", ylabel="正解率の平均")
ax.set_xticks(sizes, sizes)
ax.set_xticks([], minor=True)
ax.legend()
plt.show()

# %% [markdown]
# 横軸は試した列の数（目盛りは対数）、縦軸は正解率の平均、点線が当てずっぽうの0.5です。
# 左端では2本が同じ高さにあります。
# 20列から20列を選ぶのですから、答えを見て選ぶ余地がありません。
# 右へ進むほど、先に選ぶ線だけが上がります。
# 候補が多いほど、たまたま合う列も増えるからです。
# パイプラインの線は、列をいくら増やしても0.5のあたりから離れません。
#
# 先に済ませたのが標準化だけなら、点数はほとんど変わらないこともあります。
# 平均と標準偏差の計算には、答えの列を使わないからです。
# それでも、漏れが大きいか小さいかを毎回見積もるより、全部を中に入れるほうが確かです。
#
# 最後に、同僚から「100人のアンケートで離職を当てられた」と報告が届いたとします。
# アンケート`survey`は2000列の作り物です。
# 答えの`reply`は、離職した人が1、しなかった人が0で、50人ずつ混ざっています。
# 最初の3列だけ、離職した人の値を1大きくして、本物の手がかりを仕込みます。

# %%
reply = np.random.RandomState(3).permutation([0, 1] * 50)
survey = np.random.RandomState(8).normal(size=(100, 2000))
survey[reply == 1, :3] += 1.0

# %% [markdown]
# 同僚のコードは次のとおりです。
# 列を選ぶ前に標準化もしていて、手順はていねいに見えます。

# %%
tidy = StandardScaler().fit_transform(survey)
selected = SelectKBest(f_classif, k=20).fit_transform(tidy, reply)
colleague_scores = cross_val_score(LogisticRegression(), selected, reply, cv=cv)
print(f"同僚の報告: 正解率の平均は{colleague_scores.mean():.2f}です。")

# %% [markdown]
# この点数を信じてよいかは、練習2で確かめます。

# %% [markdown]
# ## 文字の列と欠けた値を、列ごとに手当てする【自習】
#
# 検査データは、どの列も数値で、欠けもありませんでした。
# 仕事の表には文字の列が混じり、あちこちが欠けています。
# コーヒー豆の定期便を売る会社の顧客表で試します。
# 会社と顧客は架空で、当てたいのは翌月の解約です。
#
# 仕事ではこの表もDeltaから読みますが、ここでは仕掛けが見えるように、pandasでその場で作ります。
# 次の2つのセルはデータ作りなので、動かしたら中身は読み飛ばしてかまいません。
# 県の並びは、先頭に近いほど顧客が多くなるように偏らせます。

# %%
prefectures = (
    "東京 神奈川 大阪 愛知 埼玉 千葉 兵庫 福岡 北海道 静岡 茨城 広島 京都 宮城 新潟 長野 "
    "岐阜 群馬 栃木 岡山 福島 三重 熊本 鹿児島 沖縄 滋賀 山口 愛媛 奈良 長崎 青森 岩手 "
    "石川 大分 宮崎 山形 富山 秋田 香川 和歌山 山梨 佐賀 福井 徳島 高知 島根 鳥取"
).split()
rng = np.random.RandomState(5)
size = 600
share = 1 / np.arange(1, 48)
profiles = pd.DataFrame({
    "plan": rng.choice(["月払い", "年払い", "お試し"], size, p=[0.5, 0.3, 0.2]),
    "prefecture": rng.choice(prefectures, size, p=share / share.sum()),
    "payment": rng.choice(["カード", "口座振替", "コンビニ払い"], size, p=[0.6, 0.2, 0.2]),
    "age": rng.randint(20, 75, size).astype(float),
    "visits": rng.poisson(6, size).astype(float),
})
luck = rng.uniform(size=(5, size))

# %% [markdown]
# `plan`は料金プラン、`payment`は支払い方法、`visits`は先月に会員ページを見た日数です。
# 続いて、解約したかどうかの`churned`と、退会アンケートに答えたかどうかの`exit_survey`を作ります。
# `tendency`は、プランや日数から決めた解約のしやすさで、大きい人ほど高い確率で解約します。
# 最後に値をところどころ消します。
# 会員ページに登録していない人は、見た日数が記録されていません。

# %%
customers = profiles.copy()
unregistered = luck[0] < 0.25
tendency = (
    -1.9 + 0.9 * (customers["plan"] == "月払い") + 1.6 * (customers["plan"] == "お試し")
    + 1.0 * (customers["payment"] == "コンビニ払い") + 1.5 * unregistered
    - 0.3 * (customers["visits"] - 6) - 0.02 * (customers["age"] - 45)
)
customers["churned"] = (luck[1] < 1 / (1 + np.exp(-tendency))).astype(int)
customers["exit_survey"] = customers["churned"] * (luck[2] < 0.8)
customers.loc[unregistered, "visits"] = np.nan
customers.loc[luck[3] < 0.15, "age"] = np.nan
customers.loc[luck[4] < 0.10, "payment"] = np.nan
customers.head()

# %%
print(f"{size}人のうち、解約したのは{customers['churned'].sum()}人です。")
pd.DataFrame({"欠けた件数": customers.isna().sum(), "値の種類": customers.nunique()})

# %% [markdown]
# `NaN`が欠けた値です。
# 文字の列が3つあり、県は47種類、年齢と日数と支払い方法に欠けがあります。
# 何よりも先に、テストデータを分けておきます。
# 検査データでは、ずれや運を目で見るためにテストデータを何度も開けました。
# 顧客表では、最後の1回まで開けません。

# %%
customer_train, customer_test, churn_train, churn_test = train_test_split(
    customers.drop(columns="churned"), customers["churned"],
    test_size=0.25, stratify=customers["churned"], random_state=42,
)
new_places = ~customer_test["prefecture"].isin(customer_train["prefecture"])
print(f"訓練データは{len(customer_train)}人、テストデータは{len(customer_test)}人です。")
print(f"訓練データに1人もいない県の顧客が、テストデータに{new_places.sum()}人います。")

# %% [markdown]
# このままロジスティック回帰に渡すと、どこで止まるでしょうか。
# 数値の列と文字の列を別々に試し、エラーの1行目を表示します。

# %%
for columns in (["age", "visits"], ["plan"]):
    try:
        LogisticRegression().fit(customer_train[columns], churn_train)
    except ValueError as error:
        print(columns, "→", str(error).splitlines()[0])

# %% [markdown]
# 止まった理由は、数値の列では欠け（NaN）、文字の列では数に直せない値です。
# 手当ては列の種類で変わります。
#
# 欠けた数値には、その列の真ん中の値（中央値）を入れます。
# `SimpleImputer`は、`fit`で訓練データの中央値を覚え、`transform`で欠けを埋めます。
#
# 文字は、値ごとに0か1の列に広げます。
# プランの違う3人を広げると、次の形になります。

# %%
from sklearn.preprocessing import OneHotEncoder

encoder = OneHotEncoder(sparse_output=False).set_output(transform="pandas")
encoder.fit_transform(customers[["plan"]].drop_duplicates())

# %% [markdown]
# 1人につき、自分のプランの列だけが1になります。
# これを**ワンホットエンコーディング**（one-hot encoding）と呼びます。
# お試しを1、月払いを2、年払いを3と書くと、年払いがお試しの3倍という意味になります。
# 列を分ければ、そのような大小は生まれません。
#
# 困るのは、学習のときに見なかった県です。
# 何も指定しない`OneHotEncoder`は、知らない値が来ると予測の途中でエラーになります。
# `handle_unknown="ignore"`を付けると、どの県の列も0にして先へ進みます。
#
# 数値の列と文字の列に別の手当てを割り当てるのが`ColumnTransformer`です。
# 名前、部品、列名の3つを1組にして並べます。
# 列名は、1列だけのときも`["plan"]`のようにリストで書きます。

# %%
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer

number_steps = Pipeline([
    ("fill", SimpleImputer(strategy="median")),
    ("scaler", StandardScaler()),
])
category_step = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
prepare = ColumnTransformer([
    ("number", number_steps, ["age", "visits"]),
    ("category", category_step, ["plan", "prefecture"]),
])

# %% [markdown]
# 数値の列には、埋めてから標準化する小さなパイプラインを割り当てました。
# ここに書かなかった`payment`と`exit_survey`は、モデルに渡りません。
# `payment`は練習3で加えます。
# `sparse_output=False`は、0の多い表を省略せず、ふつうの表で受け取る指定です。
#
# 整える段とモデルの段を、もう1つのパイプラインでつなぎます。
# 点数にはROC AUCを使います。
# 解約した人としなかった人の2人組を全部作り、解約した人のほうに、より高い確率を付けられた組の割合です。
# でたらめなら0.5のあたり、全部の組で正しければ1になります。

# %%
model = Pipeline([("prepare", prepare), ("classifier", LogisticRegression())])
model.set_output(transform="pandas")
auc = cross_val_score(model, customer_train, churn_train, cv=cv, scoring="roc_auc")
print(f"ROC AUCの平均は{auc.mean():.3f}、標準偏差は{auc.std():.3f}です。")

# %% [markdown]
# 欠けた値や文字や知らない県を含んだ表を、そのまま渡して採点できました。
# 2行目の`set_output`は、段から段へ渡す表に列名を残すための指定で、最後の節で使います。
# 中央値も県の一覧も、各回の学習側だけから作り直されています。
#
# > **注意** Deltaの表で空になっている文字列は、`.toPandas()`を通ると`NaN`ではなく`None`になります。
# > `SimpleImputer`は指定しない限り`None`を欠けと見なしません。
# > その列には`missing_values=None`を付けてください。

# %% [markdown]
# ## パイプラインでも防げない漏れ【自習】
#
# 表には`exit_survey`という列が残っています。
# 試しに数値の列へ加えて測ります。

# %%
with_survey = ColumnTransformer([
    ("number", number_steps, ["age", "visits", "exit_survey"]),
    ("category", category_step, ["plan", "prefecture"]),
])
survey_model = Pipeline([("prepare", with_survey), ("classifier", LogisticRegression())])
survey_auc = cross_val_score(survey_model, customer_train, churn_train, cv=cv, scoring="roc_auc")
print(f"ROC AUCの平均は{survey_auc.mean():.3f}、標準偏差は{survey_auc.std():.3f}です。")

# %% [markdown]
# 点数は跳ね上がりました。
# しかし退会アンケートに答えるのは、解約を決めたあとです。
# 来月の解約を当てたい今日の時点では、在籍中の全員が0で、手がかりになりません。
# これもリークです。
#
# パイプラインが防ぐのは、採点側の行が前処理に混じる漏れです。
# 答えのあとで決まる列は、学習側と採点側の両方にそろって入っています。
# そのため交差検証の点数は高いままで、漏れに気づけません。
# 1列ずつ「予測する日に、この値はもう分かっているか」と尋ねるしかありません。
# 点数が良すぎると感じたら、まず列の由来を調べます。

# %% [markdown]
# ## 設定の値を選ぶ【自習】
#
# ロジスティック回帰の係数は、`fit`がデータから決めます。
# 一方、係数をどこまで大きくしてよいかは、`fit`の前に人が`C`という値で決めます。
# `C`が小さいほど係数は0の近くに縛られ、大きいほど訓練データに細かく合わせられます。
# このように学習の前に人が決める値を、**ハイパーパラメータ**（hyperparameter）と呼びます。
#
# パイプラインの中の値は、段の名前と値の名前を下線2本でつないで指します。
# 使える名前は`get_params`で調べられます。

# %%
[name for name in model.get_params() if name.endswith(("__C", "__strategy"))]

# %% [markdown]
# 入れ子になった段も、外側から順につなぎます。
# `GridSearchCV`に候補の一覧を渡すと、候補ごとに交差検証をして、平均が最も高いものを選びます。
# `return_train_score=True`は、学習側の点数も残す指定です。

# %%
from sklearn.model_selection import GridSearchCV

candidates = {"classifier__C": [0.001, 0.01, 0.1, 1, 10, 100]}
search = GridSearchCV(model, candidates, cv=cv, scoring="roc_auc", return_train_score=True)
search.fit(customer_train, churn_train)
print(f"選ばれた値は{search.best_params_}、ROC AUCの平均は{search.best_score_:.3f}です。")

# %% [markdown]
# 選ばれた値だけでなく、候補全体でどう変わったかを図にします。

# %% tags=["figure"] mystnb={"image": {"alt": "横軸はC、縦軸はROC AUC。学習側の線は右へ上がり続け、採点側の線は途中で山になってから下がり、2本の間が開いていく折れ線"}}
grid = pd.DataFrame(search.cv_results_)
tried_c = candidates["classifier__C"]
fig, ax = plt.subplots(figsize=(6, 3.5))
ax.plot(tried_c, grid["mean_train_score"], "s--", color="tab:orange", label="学習側の4組")
ax.plot(tried_c, grid["mean_test_score"], "o-", color="tab:blue", label="採点側の1組")
ax.fill_between(
    tried_c, grid["mean_test_score"] - grid["std_test_score"],
    grid["mean_test_score"] + grid["std_test_score"], color="tab:blue", alpha=0.15,
)
ax.set(xscale="log", xlabel="C（右ほど縛りがゆるい）", ylabel="ROC AUCの平均")
ax.set_xticks(tried_c, tried_c)
ax.set_xticks([], minor=True)
ax.legend()
plt.show()

# %% [markdown]
# 横軸は`C`（目盛りは対数）、縦軸はROC AUCの平均、青い帯は5回の平均±標準偏差です。
# 破線の学習側は、右へ行くほど上がり続けます。
# 実線の採点側は、途中で山になり、その先は下がります。
#
# 縛りをゆるめるほど、数人しかいない県でたまたま起きたことにも係数を合わせられます。
# その分、学習した人にはよく当たり、初めて見る人では外れやすくなります。
# この状態を**過学習**（overfitting）と呼びます。
# 学習側の点数で`C`を選ぶと、いちばん右を選んでしまいます。
# 見るのは実線です。
# ただし青い帯は、山とそのとなりの高さの差よりも広くなっています。
# どの`C`が本当に最も良いかまでは、この人数では決められません。

# %% [markdown]
# ## テストデータは最後に1回だけ【自習】
#
# `search`は、選んだ値で訓練データ全体から学習し直したパイプラインを持っています。
# しまっておいたテストデータを、ここで初めて使います。

# %%
test_auc = search.score(customer_test, churn_test)
print(f"選んだときの平均は{search.best_score_:.3f}、テストデータでは{test_auc:.3f}です。")

# %% [markdown]
# テストデータのほうが少し低くなりました。
# 6つの候補から最高のものを選んだので、選んだときの平均には運の良さも含まれています。
# テストデータ自体も人数が少なく、この差だけでは良し悪しを言えません。
#
# ここで`C`を選び直し、テストデータの点数が上がるまで繰り返したくなります。
# しかし選ぶために使えば、テストデータはもう初めて見るデータではありません。
# 報告するのは、1回だけ測ったこの値です。

# %% [markdown]
# ## パイプラインが覚えたことを読む【自習】
#
# まとめた部品は、中を開けて確かめられます。
# まず、欠けをどんな値で埋めているでしょうか。

# %%
best = search.best_estimator_
fill = best.named_steps["prepare"].named_transformers_["number"].named_steps["fill"]
for column, value in zip(fill.feature_names_in_, fill.statistics_, strict=True):
    print(f"{column}の欠けは{value:.0f}で埋めます。")

# %% [markdown]
# 次は、モデルに届く直前の表です。
# `best[:-1]`は、最後の段を除いたパイプラインを指します。
# `model`を作るときに`set_output`を付けておいたので、列名の付いた表で出てきます。

# %%
arriving = best[:-1].transform(customer_train)
print(f"モデルに届くのは{arriving.shape[1]}列です。")
arriving.iloc[:3, :7].round(2)

# %% [markdown]
# 列名の前半は、`ColumnTransformer`で付けた組の名前です。
# 県の数だけ0と1の列が増えたので、`prepare`に渡した4列が、ずっと横に長くなりました。
#
# 係数には名前が付いていません。
# `get_feature_names_out`で列名を受け取り、並べて読みます。

# %%
names = best.named_steps["prepare"].get_feature_names_out()
weights = pd.Series(best.named_steps["classifier"].coef_[0], index=names)
order = weights.abs().sort_values(ascending=False).index
weights[order].head(6).round(2).to_frame("係数")

# %% [markdown]
# 係数が正の列は確率を解約へ、負の列は継続へ動かします。
# 上位には、料金プランと会員ページを見た日数が入っています。
# 年払いの人とよく見ている人は続け、お試しの人はやめる、という学び方です。
#
# 表を作ったときの`tendency`に、年払いの項はありませんでした。
# 月払いとお試しだけを解約しやすくしたので、何も足していない年払いは、3つの中で最も続けやすいプランです。
# 3つの列はどれか1つだけが必ず1になるので、プランの差は3つの係数に分かれて表れます。
# そこで、お試しが正、年払いが負になりました。
#
# 県による差は作っていないのに、県の列も上位に入っています。
# この訓練データで、その県の解約がたまたま多いか少なかったためです。
#
# ただし係数は、一緒に動いたことを示すだけです。
# 会員ページを無理に見てもらえば解約が減る、とまでは言えません。

# %% [markdown]
# ## 練習
#
# どの練習でも、テストデータは使いません。

# %%
from checks.lesson_16 import check

# %% [markdown]
# ### 練習 1: 近い5件で判定するパイプラインを作る【自習】
#
# `KNeighborsClassifier(n_neighbors=5)`は、測定値が近い5件の多数決で判定します。
# `from sklearn.neighbors import KNeighborsClassifier`と書くと使えます。
# 近さは列の桁に引きずられるので、標準化が欠かせません。
#
# `StandardScaler`と`KNeighborsClassifier(n_neighbors=5)`をこの順につないでください。
# 段の名前は`scaler`と`classifier`です。
# 検査データの訓練データで学習させ、`knn_pipeline`に入れます。
#
# <details><summary>ヒント</summary>
#
# 「前処理とモデルを1つにまとめる」の`pipeline`と、違うのはモデルの段だけです。
# `fit`は学習した部品そのものを返すので、組み立てと`fit`を続けて書いて代入できます。
#
# </details>

# %% 練習 1
knn_pipeline = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 同僚の点数を測り直す
#
# 同僚のコードは、`survey`の標準化と列選びを、交差検証の前に済ませていました。
# `StandardScaler()`、`SelectKBest(f_classif, k=20)`、`LogisticRegression()`を、漏れのない形に直してください。
# 3つをこの順に1つのパイプラインへ入れ、`reply`を答え、`cv`を分け方として`cross_validate`にかけます。
# 点数は、同僚と同じ正解率です。
# `return_estimator=True`も付けて、各回の学習済みパイプラインを残します。
# 戻り値は、そのまま`honest_result`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 「採点側を先に見ると、点数が膨らむ」の`select_and_fit`に、標準化の段を足します。
# `scaler`が平均を覚えるのは、各回の学習側の、まだ誰も手を加えていない値からです。
#
# </details>

# %% 練習 2
honest_result = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 支払い方法の列を加える【自習】
#
# `model`と同じ段に、文字の列`payment`を加えたパイプラインを作ってください。
# `payment`の欠けは「不明」という文字で埋め、それからワンホットエンコーディングにします。
# `SimpleImputer`は、`strategy="constant", fill_value="不明"`を渡すと、欠けを「不明」で埋めます。
# 初めて見る県の顧客が来ても止まらず、予測を返すようにします。
#
# 段の名前は`prepare`と`classifier`、分類器は`LogisticRegression()`です。
# 顧客の訓練データで学習させ、`payment_model`に入れます。
#
# <details><summary>ヒント 1</summary>
#
# 埋める部品と`OneHotEncoder`を、`number_steps`と同じように小さなパイプラインにします。
#
# </details>
# <details><summary>ヒント 2</summary>
#
# `ColumnTransformer`の組は3つ以上あってもかまいません。
# `plan`と`prefecture`の組はそのまま残し、`payment`だけの組を足せます。
# 列が1つでも、列名は`["payment"]`とリストで書きます。
#
# </details>

# %% 練習 3
payment_model = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 「欠けていること」も候補にして選ぶ【自習】
#
# `SimpleImputer`に`add_indicator=True`を付けると、欠けていたかどうかを示す列が加わります。
# この指定（`True`と`False`の2通り）と、`C`の3通り（0.01、0.1、1）を組み合わせて比べてください。
# 比べるのは、2つを掛け合わせた6通りです。
# もとにするのは`model`です。
# 分け方は`cv`、点数はROC AUC、渡すのは顧客の訓練データとします。
# 選んだ値で学習し直すところまで終えた`GridSearchCV`を、`tuned`に入れます。
# 6通りを全部比べるなら、`RandomizedSearchCV`などでもかまいません。
#
# <details><summary>ヒント</summary>
#
# 候補の辞書に2つの名前を並べると、全部の組み合わせを試します。
# `add_indicator`の名前は、「設定の値を選ぶ」で表示した`…__strategy`の最後を差し替えた形です。
#
# </details>

# %% 練習 4
tuned = ...

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 標準化とモデルをつないだパイプラインを、5組の交差検証にかけました。
# 3回目の採点で標準化に使う平均は、どのデータから計算したものですか。
#
# <details><summary>ア. 渡したデータ全体</summary>
#
# 不正解です。
# 先に全体を標準化してから交差検証にかけた場合は、そうなります。
# パイプラインごと渡すと、平均は回ごとに計算し直されます。
#
# </details>
# <details><summary>イ. 3回目の学習側の4組</summary>
#
# 正解です。
# 回ごとに写しが作られ、`scaler`も学習側の4組だけで`fit`されます。
# 採点側の1組には、その平均を当てはめるだけです。
#
# </details>
# <details><summary>ウ. 3回目の採点側の1組</summary>
#
# 不正解です。
# 採点側でも平均が0にそろうべきだと考えると、これを選びたくなります。
# それは届いた日の20件で覚え直した例と同じで、学習のときと物差しが変わってしまいます。
#
# </details>
#
# **問 2.** パイプラインと交差検証を正しく使っても、防げない漏れはどれですか。
#
# <details><summary>ア. 答えと関係の強い列を、全部の行を見て選ぶこと</summary>
#
# 不正解です。
# 列選びをパイプラインの段にすれば、学習側の行だけで選ばれ、漏れを防げます。
#
# </details>
# <details><summary>イ. 欠けを埋める中央値を、全部の行から計算すること</summary>
#
# 不正解です。
# `SimpleImputer`を段に入れれば、学習側の行だけで計算され、漏れを防げます。
#
# </details>
# <details><summary>ウ. 解約の手続きが済んでから記録される列を、手がかりに使うこと</summary>
#
# 正解です。
# その列は学習側と採点側の両方に入っているので、点数は高いままで、漏れに気づけません。
# 予測する日に値が分かっているかを、列の由来から確かめます。
#
# </details>
#
# **問 3.** `C`を小さいほうから6通り試し、それぞれROC AUCを5組の交差検証で平均しました。
# ある値から先は、`C`を大きくするほど学習側の平均は上がり、採点側の平均は下がりました。
# 何が起きていますか。
#
# <details><summary>ア. 採点側の組の分け方が悪く、点数が当てにならない</summary>
#
# 不正解です。
# 1回だけの採点なら、分け方の運を疑うのももっともです。
# 5組の平均が候補に沿ってなだらかに下がるなら、運だけでは説明できません。
#
# </details>
# <details><summary>イ. 訓練データの偶然まで覚え、初めて見るデータで外れている</summary>
#
# 正解です。
# 過学習です。
# 採点側の平均が高い、もっと小さい`C`を選びます。
#
# </details>
# <details><summary>ウ. 学習が足りないので、<code>C</code>をもっと大きくするとよい</summary>
#
# 不正解です。
# 点数が低いと学習不足に見えますが、学習側の点数はもう十分に高くなっています。
# `C`を大きくすると、2つの点数はさらに離れます。
#
# </details>
#
# **問 4.** `GridSearchCV`で値を選んだあと、テストデータの点数が思ったより低く出ました。
# 次にすることはどれですか。
#
# <details><summary>ア. テストデータの点数が上がるまで、候補を変えて選び直す</summary>
#
# 不正解です。
# 上がった点数は、テストデータに合わせて選んだ結果です。
# 初めて見るデータでの点数は、もう分からなくなります。
#
# </details>
# <details><summary>イ. テストデータも加えて<code>GridSearchCV</code>をやり直し、その平均を報告する</summary>
#
# 不正解です。
# データを増やすと良くなりそうですが、選んだあとに確かめるデータが残りません。
#
# </details>
# <details><summary>ウ. その点数を報告し、差の理由を訓練データの中で調べる</summary>
#
# 正解です。
# 選ぶときの平均は少し高めに出るものです。
# 改良を続けるなら訓練データの交差検証で比べ、最後の確認には新しいデータを用意します。
#
# </details>
#
# **問 5.** `OneHotEncoder(handle_unknown="ignore")`で、訓練データにいなかった県の顧客を予測します。
# 何が起きますか。
#
# <details><summary>ア. 県の列が全部0になり、ほかの列だけで予測する</summary>
#
# 正解です。
# 県については何も言わず、プランや年齢などから確率を出します。
#
# </details>
# <details><summary>イ. その県の列が新しく増える</summary>
#
# 不正解です。
# 増えると便利に思えますが、新しい列には学習した係数がありません。
# 列の数は`fit`のときに決まります。
#
# </details>
# <details><summary>ウ. いちばん人数の多い県として扱われる</summary>
#
# 不正解です。
# 欠けを最も多い値で埋める`SimpleImputer`の指定と混同すると、こう考えたくなります。
# `ignore`は、どの県にも当てはめません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 前処理とモデルを`Pipeline`にまとめると、学習と予測で同じ手順が動きます。
# - 1回の分け方では点数が運で動くので、交差検証の平均とばらつきで比べます。
# - 採点側を見て列を選ぶと、でたらめなデータでも高い点数が出るので、選ぶ手順もパイプラインに入れます。
# - 答えのあとで決まる列は、パイプラインでは防げないので、予測する日に分かっているかを1列ずつ尋ねます。
# - 設定の値は訓練データの交差検証で選び、テストデータは最後に1回だけ使います。
# - `named_steps`と`get_feature_names_out`で、覚えた値と係数を列名と一緒に読めます。
#
# 次のレッスンでは、こうして試した設定と点数をMLflowに記録し、あとから比べられるようにします。

# %%
check.summary()
