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
# 検査センターは、モデルを買わずに、センターの中で作ることにしました。
# 作るのは佐藤さんで、できたモデルは、毎週の検体を判定する同僚のノートブックで動きます。
#
# 最初の週、届いた判定は1件残らず「悪性」でした。
# エラーも警告も、1つも出ていません。
# 佐藤さんが2つのノートブックを並べて読むと、違いは1行です。
# 学習のノートブックで測定値の大きさをそろえる1行が、毎週動かすほうには書かれていませんでした。
#
# データを整える前処理とモデルを別々に書いている限り、片方だけ直す日がいつか来ます。
# そこで、2つを1つの部品にまとめ、その部品を丸ごと採点します。
#
# ## このレッスンで学ぶこと
#
# - 前処理とモデルを`Pipeline`にまとめ、学習と予測で同じ手順を動かす。
# - 交差検証で、点数の平均とばらつきを報告する。
# - 答えが漏れて膨らんだ点数を見つけ、漏れを止めて測り直す。
# - 文字の列と欠けた値を含む表を、`ColumnTransformer`で列ごとに整える。
# - `GridSearchCV`で設定の値を選び、テストデータで1回だけ確かめる。
# - 学習したパイプラインの中を、列の名前と一緒に読む。

# %% [markdown]
# ## 前処理を2か所に書くと、ずれる
#
# 乳がんの検査データを読み、訓練データとテストデータに分けます（データはレッスン14、分け方はレッスン15と同じ）。
# 当てたい`y`は、悪性が1、良性が0です。

# %%
import cell_samples

X_train, X_test, y_train, y_test = cell_samples.split(cell_samples.load())
print(f"訓練データは{len(X_train)}件、テストデータは{len(X_test)}件です。")

some_columns = ["mean_area", "mean_smoothness", "worst_concavity"]
X_train[some_columns].agg(["mean", "std"]).round(3)

# %% [markdown]
# 上の行が平均、下の行がばらつき（標準偏差）です。
# 面積の`mean_area`は数百、なめらかさの`mean_smoothness`は1に届きません。
# 大小で質問する決定木なら、これで困りません。
# ところが、レッスン15の「近い5件の多数決」のように値の近さで答えるモデルでは、値の大きな列ばかりが効いてしまいます。
#
# そこで、12で見た標準化を使い、どの列も平均0、標準偏差1にそろえます。
# 列ごとに平均を引いて標準偏差で割る、この計算を受け持つのが`StandardScaler`です。

# %%
from sklearn.preprocessing import StandardScaler

scaler = StandardScaler().set_output(transform="pandas")
scaled_train = scaler.fit_transform(X_train)
scaled_train[some_columns].head(3).round(2)

# %% [markdown]
# 平均と標準偏差を覚えるのが`fit`、引いて割るのが`transform`で、`fit_transform`は2つを続けて済ませます。
# 3つの列の大きさがそろい、値が正なら平均より大きく、負なら小さい検体だと読めます。
# 列名の付いた表で受け取れるのは、`set_output`で頼んであるためです。
#
# この表で学習するのは、列ごとの重み（係数）を掛けて足し合わせ、悪性の確率に直すロジスティック回帰です。
# テストデータも、同じ`scaler`で標準化してから渡します。

# %%
from sklearn.linear_model import LogisticRegression

hand_model = LogisticRegression().fit(scaled_train, y_train)
by_hand = hand_model.predict(scaler.transform(X_test))
print(f"正解率は{(by_hand == y_test).mean():.3f}です。")

# %% [markdown]
# これが、開発のときの採点です。
# 毎週動かすノートブックからは`scaler.transform`が抜け、測ったままの値がモデルに渡っていました。

# %%
forgotten = hand_model.predict(X_test)
print(f"{len(X_test)}件のうち、{forgotten.sum()}件を悪性と判定しました。")
print(f"正解率は{(forgotten == y_test).mean():.3f}です。")

# %% [markdown]
# 1件残らず悪性です。
# 標準化した値は、ほとんどが-3から3に収まります。
# その値で学んだモデルには、数百という面積が桁外れに大きく見えます。
# しかも、核が大きいほど悪性らしいと学んでいるので、どの検体も悪性になりました。
# 列の数と名前は合っているため、エラーは出ません。
#
# では、毎週のノートブックにも同じ`fit_transform`を書き足せば直るかというと、それも違います。
# 悪性だけが20件届いた日に、その20件で平均を覚え直すと、次のようになります。

# %%
one_day = X_test[y_test == 1].head(20)
refit = StandardScaler().set_output(transform="pandas").fit_transform(one_day)
kept_count = hand_model.predict(scaler.transform(one_day)).sum()
refit_count = hand_model.predict(refit).sum()
print(f"学習のときの平均で標準化: {len(one_day)}件中{kept_count}件を悪性と判定")
print(f"その日の平均で標準化: {len(one_day)}件中{refit_count}件を悪性と判定")

# %% [markdown]
# 検体もモデルも同じなのに、悪性と判定された件数が減りました。
# その日の平均を引くと、悪性どうしを比べて大きいか小さいかしか残らないからです。
# 使ってよいのは、学習のときに覚えた平均と標準偏差だけです。
# 人が気をつけて守るには、約束が細かすぎます。

# %% [markdown]
# ## 前処理とモデルを1つにまとめる
#
# 標準化とモデルを、順番の付いた1つの部品にします。
# 前の段の結果が次の段に渡るこの部品が **パイプライン**（pipeline）で、段の名前と部品の組を並べて作ります。

# %%
from sklearn.pipeline import Pipeline

pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", LogisticRegression()),
])
pipeline.fit(X_train, y_train)
predictions = pipeline.predict(X_test)
print(f"前処理を別に書いた正しい手順と、判定が違うのは{(predictions != by_hand).sum()}件です。")

# %% [markdown]
# 測ったままの表を`fit`にも`predict`にも渡したのに、判定は、正しく書き分けたときと1件も違いません。
# 2つの段は、次のように働いています。

# %% tags=["figure"] mystnb={"image": {"alt": "左の列がfit、右の列がpredict。fitでは、訓練データの表がscalerで標準化され、標準化した表と答えからclassifierが係数を決める。predictでは、新しいデータの表が同じ2つの段を通って判定になる。scalerの平均と標準偏差、classifierの係数が、破線の矢印でfitからpredictへ渡る"}}
from figures.pipeline import draw_fit_and_predict

draw_fit_and_predict()

# %% [markdown]
# 見てほしいのは、左から右への2本の破線です。
# 学習で決めた平均と標準偏差と係数が、予測でそのまま使われ、覚え直されることはありません。
# 本番へ渡すのも`pipeline`という変数1つなので、前処理だけを置き忘れる心配もなくなります。
#
# ここまでの進み具合を、レッスン15の2つのモデルと同じテストデータで比べます。

# %%
from sklearn.dummy import DummyClassifier
from sklearn.tree import DecisionTreeClassifier

tree = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
dummy = DummyClassifier().fit(X_train, y_train)
for name, trained in {"基準モデル": dummy, "決定木": tree, "標準化とロジスティック回帰": pipeline}.items():
    print(f"{name}の正解率: {trained.score(X_test, y_test):.3f}")

# %% [markdown]
# 正解率は2段上がりました。
# 2段目を上げたのは、1つにまとめたことではなく、標準化してロジスティック回帰に替えたことです。
# もっとも、決定木との差は検体にして数件です。
# 実力の差なのか、たまたまこの分け方で勝っただけなのかは、まだ分かりません。

# %% [markdown]
# ## 1回の分け方では、点数が運で動く
#
# 難しい検体が採点側に何件入るかは、分け方の運です。
# 運の大きさを知るために、訓練データの4分の1を採点に回す分け方を30通り試します。

# %%
from sklearn.model_selection import StratifiedShuffleSplit, cross_val_score

many_ways = StratifiedShuffleSplit(n_splits=30, test_size=0.25, random_state=0)
single_scores = cross_val_score(pipeline, X_train, y_train, cv=many_ways)
print(f"正解率は{single_scores.min():.3f}から{single_scores.max():.3f}まで動きました。")

# %% [markdown]
# `cross_val_score`は、`cv`に渡した分け方の数だけ部品のコピーを作り、学習からやり直して採点します。
# データもモデルも変えていないのに、正解率はこれだけ動きます。
# だから、1つの分け方で測った「0.01高い」だけでは、運の差かどうかを見分けられません。
#
# そこで、15で見た交差検証の出番です。
# データを5組に分け、どの組も1回ずつ採点側に回します。
#
# | 回 | 組1 | 組2 | 組3 | 組4 | 組5 |
# |---|---|---|---|---|---|
# | 1 | **採点** | 学習 | 学習 | 学習 | 学習 |
# | 2 | 学習 | **採点** | 学習 | 学習 | 学習 |
# | 3 | 学習 | 学習 | **採点** | 学習 | 学習 |
# | 4 | 学習 | 学習 | 学習 | **採点** | 学習 |
# | 5 | 学習 | 学習 | 学習 | 学習 | **採点** |
#
# 悪性の割合をそろえて分ける`StratifiedKFold`を使い、決定木とパイプラインを同じ5組で測ります。

# %%
from sklearn.model_selection import StratifiedKFold, cross_validate

cv = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
result = cross_validate(pipeline, X_train, y_train, cv=cv, scoring=["accuracy", "recall"])

# %%
import pandas as pd

folds = pd.DataFrame({
    "決定木の正解率": cross_val_score(tree, X_train, y_train, cv=cv),
    "パイプラインの正解率": result["test_accuracy"],
    "パイプラインの再現率": result["test_recall"],
}, index=[f"{number}回目" for number in range(1, 6)])
pd.concat([folds, folds.agg(["mean", "std"])]).round(3)

# %% [markdown]
# `cross_validate`なら、いくつもの点数を一度に測れます。
# 結果の名前`test_accuracy`の`test`は、その回の採点側の1組を指し、しまってあるテストデータのことではありません。
#
# パイプラインの正解率は5回とも決定木を上回り、平均（`mean`）の差も、5回のばらつき（`std`）より大きく開いています。
# ここまでそろえば、運だけでは説明しにくい差です。
# 上司への報告には、見逃しの少なさを表す再現率と合わせて、平均とばらつきを書きます。

# %% [markdown]
# ### 5組の平均は、どれだけ動くか【自習】
#
# 交差検証も30通り繰り返し、5組の平均の動き方を、1回だけ分けた点数と比べます。

# %%
mean_scores = []
for seed in range(30):
    shuffled = StratifiedKFold(n_splits=5, shuffle=True, random_state=seed)
    mean_scores.append(cross_val_score(pipeline, X_train, y_train, cv=shuffled).mean())

# %% tags=["figure"] mystnb={"image": {"alt": "正解率の棒グラフが上下に2つ。上の、1回だけ分けた30個の点数は左右に広く散らばり、下の、5組の平均の30個の点数は狭い範囲に集まっている"}}
import matplotlib.pyplot as plt
import numpy as np
from figures import use_japanese_font

use_japanese_font()
fig, axes = plt.subplots(2, sharex=True, sharey=True, figsize=(5, 3.6), layout="constrained")
for ax, scores, name, color in [
    (axes[0], single_scores, "1回だけ分ける", "tab:orange"),
    (axes[1], mean_scores, "5組の平均", "tab:blue"),
]:
    ax.hist(scores, bins=np.arange(0.945, 1.006, 0.01), color=color, edgecolor="white")
    ax.set_title(name, fontsize=11)
    ax.set_ylabel("回数", fontsize=11)
axes[1].set_xlabel("正解率", fontsize=11)
plt.show()

# %% [markdown]
# 山の横幅を見比べると、上は左右に広がり、下は狭い範囲に集まりました。
# 5組の平均なら、分け方の運に左右されにくいと分かります。

# %% [markdown]
# ## 採点側を先に見ると、点数が膨らむ
#
# 交差検証をしていても、点数がうそをつくことがあります。
# 極端な例として、100人にコインを投げてもらい、表か裏かを記録します。
# 別に、コインと何の関係もないランダムな数を、1人につき2000個用意します。
# この2000列から表裏を当てようとしても、正解率は当てずっぽうの0.5あたりになるはずです。

# %%
import numpy as np

noise = np.random.RandomState(5).normal(size=(100, 2000))
coin = np.random.RandomState(0).permutation([0, 1] * 50)

# %% [markdown]
# 列が多すぎるので、表の人と裏の人で平均の離れた20列を`SelectKBest`で選び、交差検証にかけます。
# 離れ方を測るのが`f_classif`です。

# %%
from sklearn.feature_selection import SelectKBest, f_classif

best_columns = SelectKBest(f_classif, k=20).fit_transform(noise, coin)
leaked = cross_val_score(LogisticRegression(), best_columns, coin, cv=cv)
print(f"先に列を選ぶ: 正解率の平均は{leaked.mean():.2f}です。")

# %% [markdown]
# ランダムな数から、コインの表裏が当たってしまいました。
# 同じ選び方をパイプラインの中に入れて、もう一度測ります。

# %%
select_and_fit = Pipeline([
    ("select", SelectKBest(f_classif, k=20)),
    ("classifier", LogisticRegression()),
])
honest = cross_val_score(select_and_fit, noise, coin, cv=cv)
print(f"中で列を選ぶ: 正解率の平均は{honest.mean():.2f}です。")

# %% [markdown]
# 当てずっぽうの0.5あたりに戻りました。
#
# 2000列もあれば、100人分の表裏とたまたまよく合う列がいくつも見つかります。
# 最初の手順では、後で採点側に回る人の表裏まで見て、その列を選びました。
# 答えを知ったうえで選んだ列なので、採点側でも当たります。
# パイプラインの中で選べば、各回の学習側80人だけで列を決めるため、採点側の答えは使えません。
#
# 予測するときには手に入らない情報が、学習や前処理に入り込むことを **リーク**（leakage）と呼びます。
# 漏れた点数は、本番では出ません。
# 標準化のように答えの列を使わない処理なら、先に済ませても点数がほとんど変わらないこともあります。
# それでも、漏れの大きさを毎回見積もるより、すべてを中に入れるほうが確かです。
#
# ところが、パイプラインでは防げない漏れもあります。
# たとえば退会アンケートの答えのように、結果が決まった後で埋まる列です。
# 学習側にも採点側にも同じように入っているので、点数は高いままで、漏れに気づけません。
# 1列ずつ、「予測する日に、この値はもう分かっているか」と確かめます。

# %% [markdown]
# ## 文字の列と欠けた値を、列ごとに整える【自習】
#
# ここから表を替えます。
# 食材の定期便「ひだまり便」の顧客の表で、翌月の解約を当てますが、この表には文字の列と欠けた値が混じっています。
#
# 会社も顧客も架空なので、表はここで作ります。
# `depot`は配送の拠点（顧客の多い拠点と、数人しかいない拠点がある）、`app_days`は先月アプリを開いた日数です。
# 拠点の番号を決める`rng.zipf`は、小さな数ほど出やすい乱数です（81以上は80にまとめます）。
#
# 解約のしやすさ`tendency`が大きい人ほど、高い確率で解約します。
# アプリを入れていない人（`no_app`）は解約しやすく、開いた日数が記録されていません。
# 最後の3行では、`customers.loc[行の条件, 列名]`で指した値を消します。

# %%
rng = np.random.RandomState(2)
size = 1000
customers = pd.DataFrame({
    "plan": rng.choice(["ライト", "スタンダード", "ファミリー"], size, p=[0.4, 0.4, 0.2]),
    "depot": [f"拠点{number}" for number in np.minimum(rng.zipf(1.4, size), 80)],
    "payment": rng.choice(["カード", "口座振替", "コンビニ払い"], size, p=[0.6, 0.2, 0.2]),
    "age": rng.randint(20, 75, size).astype(float),
    "app_days": rng.binomial(30, 0.4, size).astype(float),
})
no_app = rng.uniform(size=size) < 0.2
tendency = (
    -3.5 + 1.0 * (customers["plan"] == "スタンダード") + 1.8 * (customers["plan"] == "ファミリー")
    + 0.8 * (customers["payment"] == "コンビニ払い") + 1.5 * no_app
    - 0.25 * (customers["app_days"] - 12) - 0.02 * (customers["age"] - 45)
)
customers["churned"] = (rng.uniform(size=size) < 1 / (1 + np.exp(-tendency))).astype(int)
customers.loc[no_app, "app_days"] = np.nan
customers.loc[rng.uniform(size=size) < 0.10, "age"] = np.nan
customers.loc[rng.uniform(size=size) < 0.10, "payment"] = np.nan
customers.head()

# %% [markdown]
# `NaN`が欠けた値です。
# 手当てを考える前に、テストデータを取り分けます。
# 検査データでは、失敗を目で見るためにテストデータを何度も使いましたが、今度は、点数を測るのは最後の1回だけにします。
# 次のセルでテストデータから数えるのは拠点だけで、答えは見ません。

# %%
from sklearn.model_selection import train_test_split

customer_train, customer_test, churn_train, churn_test = train_test_split(
    customers.drop(columns="churned"), customers["churned"],
    test_size=0.25, stratify=customers["churned"], random_state=0,
)
new_depots = ~customer_test["depot"].isin(customer_train["depot"])
print(f"訓練データは{len(customer_train)}人で、解約したのは{churn_train.mean():.1%}です。")
print(f"訓練データに1人もいない拠点の顧客が、テストデータに{new_depots.sum()}人います。")

# %% [markdown]
# この表をそのままロジスティック回帰に渡すと、欠けた値でも文字の列でもエラーで止まります。
# そこで、列の種類ごとに手当てを変えます。
#
# | 列 | 困ること | 手当て | 部品 |
# |---|---|---|---|
# | `age`、`app_days` | 値が欠けている | 訓練データの中央値で埋める | `SimpleImputer` |
# | `age`、`app_days` | 値の大きさが違う | 標準化する | `StandardScaler` |
# | `plan`、`depot` | 文字は計算できない | 値ごとに0か1の列に広げる | `OneHotEncoder` |
#
# 3行目の手当てを、プランの違う3人で試します。

# %%
from sklearn.preprocessing import OneHotEncoder

encoder = OneHotEncoder(sparse_output=False).set_output(transform="pandas")
encoder.fit_transform(customers[["plan"]].drop_duplicates())

# %% [markdown]
# 1人につき、自分のプランの列だけが1になります（`sparse_output=False`は、0を省略しない表で受け取るために付けました）。
# これを **ワンホットエンコーディング**（one-hot encoding）と呼びます。
# 番号にしないのは、ライトを1、ファミリーを3とすると、ありもしない3倍の大小を教えることになるからです。
#
# もう1つ困るのは、学習の後に増えた拠点です。
# 何も指定しない`OneHotEncoder`は、知らない値が来ると予測の途中でエラーになります。
# `handle_unknown="ignore"`を付けると、どの拠点の列も0にして先へ進みます。
#
# 手当てを列に割り当てるのが`ColumnTransformer`で、名前、部品、列名の3つを1組にして並べます。

# %%
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer

number_steps = Pipeline([
    ("fill", SimpleImputer(strategy="median")),
    ("scaler", StandardScaler()),
])
category_step = OneHotEncoder(handle_unknown="ignore")
prepare = ColumnTransformer([
    ("number", number_steps, ["age", "app_days"]),
    ("category", category_step, ["plan", "depot"]),
])

# %% [markdown]
# 数値の列には、埋めてから標準化する小さなパイプラインを割り当てました。
# ここに書かなかった列はモデルに届かないので、`payment`は練習2で加えます。
# 整える段とモデルの段をもう1つのパイプラインでつなぎ、レッスン15のAUCで測ります。

# %%
model = Pipeline([("prepare", prepare), ("classifier", LogisticRegression())])
auc = cross_val_score(model, customer_train, churn_train, cv=cv, scoring="roc_auc")
print(f"AUCの平均は{auc.mean():.3f}、標準偏差は{auc.std():.3f}です。")

# %% [markdown]
# 欠けた値も文字も混じった表を、そのまま渡して採点できました。
# 埋める中央値も拠点の一覧も、各回の学習側だけから決まっています。
#
# > **注意** Deltaの表で値のない（NULLの）文字列は、`.toPandas()`を通ると`NaN`ではなく`None`になります。
# > `SimpleImputer`は`None`を欠けと見なさないので、その列には`missing_values=None`を付けてください。

# %% [markdown]
# ## 設定を選び、テストデータは最後に1回だけ【自習】
#
# scikit-learnのロジスティック回帰は、係数が大きくなりすぎないように縛りながら学習します。
# この縛りを **正則化**（regularization）と呼びます。
# どの係数も同じ強さで縛るので、大きさのそろっていない列があると、縛りの効き方が列ごとに変わります（標準化したもう1つの理由です）。
# 縛りの強さは`C`という値で、小さいほど係数は0の近くに抑えられ、大きいほど訓練データに細かく合わせられます。
# `C`のように、学習の前に人が決める値が、13の表にあった **ハイパーパラメータ**（hyperparameter）です。
#
# 中の値は、段の名前と値の名前を、外側から順に下線2本でつないで指します。
# `C`なら`classifier__C`、数値の列の埋め方なら`prepare__number__fill__strategy`です。
# `GridSearchCV`に候補を渡すと、候補ごとに交差検証をして、平均が最も高いものを選びます。

# %%
from sklearn.model_selection import GridSearchCV

candidates = {"classifier__C": [0.001, 0.01, 0.1, 1, 10, 100]}
search = GridSearchCV(model, candidates, cv=cv, scoring="roc_auc", return_train_score=True)
search.fit(customer_train, churn_train)
print(f"選ばれた値は{search.best_params_}、AUCの平均は{search.best_score_:.3f}です。")

# %% [markdown]
# 候補全体でのAUCの変わり方を、図で確かめます。

# %% tags=["figure"] mystnb={"image": {"alt": "Cの値ごとのAUCの折れ線。学習側の破線は右へ上がり続け、採点側の実線は途中で山になってから下がり、2本の間が開いていく"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
grid = pd.DataFrame(search.cv_results_)
tried_c = candidates["classifier__C"]
fig, ax = plt.subplots(figsize=(5, 3.5), layout="constrained")
ax.plot(tried_c, grid["mean_train_score"], "s--", color="tab:orange", label="学習側の4組")
ax.plot(tried_c, grid["mean_test_score"], "o-", color="tab:blue", label="採点側の1組")
ax.fill_between(
    tried_c, grid["mean_test_score"] - grid["std_test_score"],
    grid["mean_test_score"] + grid["std_test_score"], color="tab:blue", alpha=0.15,
)
ax.set(xscale="log", xlabel="C（右ほど縛りがゆるい）", ylabel="AUCの平均")
ax.set_xticks(tried_c, tried_c)
ax.set_xticks([], minor=True)
ax.legend(loc="upper left")
plt.show()

# %% [markdown]
# 右へ行くほど、2本の線の間が開いていきます。
# 縛りをゆるめると、数人しかいない拠点でたまたま起きたことにも係数を合わせられるので、学習側は上がり続けます。
# ところが採点側は、途中で山になった後、下がります。
# レッスン15で見た過学習です。
#
# 選ぶときに見るのは、実線の採点側です。
# 青い帯（平均±標準偏差）は山とそのとなりの高さの差よりも広いので、どの`C`が本当に最も良いかまでは決められません。
#
# `search`は、選んだ値で訓練データ全体から学習し直したパイプラインを持っています。
# しまっておいたテストデータを、ここで初めて使います。

# %%
test_auc = search.score(customer_test, churn_test)
print(f"選んだときの平均は{search.best_score_:.3f}、テストデータでは{test_auc:.3f}です。")

# %% [markdown]
# テストデータでは、少し低くなりました。
# 6つの候補から最高のものを選んだので、選んだときの平均には運の良さも含まれています。
# テストデータの人数も少ないため、この差だけで悪くなったとは言えません。
#
# ここで、テストデータの点数が上がるまで`C`を選び直したくなります。
# しかし選ぶために使えば、もう初めて見るデータではありません。
# 報告するのは、1回だけ測ったこの値です。

# %% [markdown]
# ## パイプラインが覚えたことを読む【自習】
#
# 段は`named_steps`で取り出せるので、欠けを埋める値と、モデルに届く列の名前を調べます。

# %%
best = search.best_estimator_
prepared = best.named_steps["prepare"]
fill = prepared.named_transformers_["number"].named_steps["fill"]
names = prepared.get_feature_names_out()
for column, value in zip(fill.feature_names_in_, fill.statistics_, strict=True):
    print(f"{column}の欠けは{value:.0f}で埋めます。")
print(f"モデルに届くのは{len(names)}列です。")

# %% [markdown]
# 使ったのは4列ですが、プランと拠点の数だけ0と1の列が増えました。
# その1列ずつに決まった係数を、絶対値の大きい順に並べます。

# %%
weights = pd.Series(best.named_steps["classifier"].coef_[0], index=names)
order = weights.abs().sort_values(ascending=False).index
weights[order].head(6).round(2).to_frame("係数")

# %% [markdown]
# 係数が正の列は、値が大きいほど解約の確率を上げ、負の列は下げます。
# `app_days`は負なので、アプリをよく開く人ほど続けると学んでいます。
# ただ、数値の列は標準偏差1つ分、0か1の列は当てはまるかどうかの効き目なので、大小は目安にとどめます。
#
# いちばん上は、負のライトです。
# ところが表を作ったとき、ライトの人には何も足していません。
# `OneHotEncoder`は、指定しない限りすべての値の列を残し、どの人も3つのプランの列のどれか1つが1になります。
# そのためプランの違いは3つの係数に分かれて表れ、読めるのは引き算した値です。
# ファミリーとライトの差なら0.55−(−0.85)の1.4で、表を作ったときに入れた差は1.8でした。
#
# 拠点による差は作っていないのに、拠点の列も入りました。
# この訓練データで、その拠点の解約がたまたま多かったためです。
# また、係数が示すのは一緒に動いたことだけで、アプリを無理に開いてもらえば解約が減る、とまでは言えません。

# %% [markdown]
# ## 練習
#
# 検査センターの研究班から、「遺伝子の働きで、がんの再発を当てた」と報告が届いたとします。
# `genes`は100人について2000の遺伝子の働きを測った表、`recurred`は再発した人が1、しなかった人が0の答えです。
# どちらも作り物で、最初の3列だけ再発した人の値を1大きくして、本物の手がかりを仕込みます。

# %%
from checks.lesson_16 import check

# %%
recurred = np.random.RandomState(3).permutation([0, 1] * 50)
genes = np.random.RandomState(8).normal(size=(100, 2000))
genes[recurred == 1, :3] += 1.0

# %% [markdown]
# 研究班のコードは次のとおりです。

# %%
tidy = StandardScaler().fit_transform(genes)
selected = SelectKBest(f_classif, k=20).fit_transform(tidy, recurred)
reported = cross_val_score(LogisticRegression(), selected, recurred, cv=cv)
print(f"研究班の報告: 正解率の平均は{reported.mean():.2f}です。")

# %% [markdown]
# ### 練習 1: 研究班の点数を測り直す
#
# 研究班のコードを、漏れのない形に直してください。
# `StandardScaler()`、`SelectKBest(f_classif, k=20)`、`LogisticRegression()`を、この順に1つのパイプラインへ入れます。
# `recurred`を答え、`cv`を分け方として、`cross_validate`にかけます。
# 点数は、研究班と同じ正解率です。
# `return_estimator=True`も付けて、各回の学習済みパイプラインを残します。
# 戻り値は、そのまま`honest_result`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 「採点側を先に見ると、点数が膨らむ」の`select_and_fit`に、標準化の段を足します。
# `cross_validate`に渡すのは、まだ何も手を加えていない表です。
# 分類では、`scoring`を書かなければ、正解率が`test_score`という名前で返ります。
#
# </details>

# %% 練習 1
honest_result = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 支払い方法の列を加える【自習】
#
# `model`の手当てはそのままに、文字の列`payment`を加えたパイプラインを作ってください。
# `payment`の欠けは「不明」という文字で埋め、それからワンホットエンコーディングにします。
# `SimpleImputer(strategy="constant", fill_value="不明")`とすると、欠けを「不明」で埋められます。
# 初めて見る拠点の顧客が来ても止まらず、予測を返すようにします。
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
# `plan`と`depot`の組はそのまま残し、`payment`だけの組を足せます。
# 列が1つでも、列名は`["payment"]`とリストで書きます。
#
# </details>

# %% 練習 2
payment_model = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 「欠けていること」も候補にして選ぶ【自習】
#
# `SimpleImputer`に`add_indicator=True`を付けると、欠けていたかどうかを示す列が加わります。
# 数値の列のこの指定（`True`と`False`の2通り）と、`C`の3通り（0.01、0.1、1）を掛け合わせ、6通りを比べてください。
# もとにするのは`model`、分け方は`cv`、点数はAUC、渡すのは顧客の訓練データです。
# 選んだ値で学習し直すところまで終えた`GridSearchCV`を、`tuned`に入れます。
#
# <details><summary>ヒント</summary>
#
# 候補の辞書に2つの名前を並べると、すべての組み合わせを試します。
# `add_indicator`の名前は、「設定を選び、テストデータは最後に1回だけ」にある`prepare__number__fill__strategy`の、最後の`strategy`を差し替えた形です。
# 先頭の`prepare__`を落とすと、名前が見つからずに止まります。
#
# </details>

# %% 練習 3
tuned = ...

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 標準化とモデルをつないだパイプラインを、5組の交差検証にかけました。
# 3回目の採点で標準化に使う平均は、どのデータから計算したものですか。
#
# <details><summary>ア. 渡したデータ全体の5組</summary>
#
# 先に全体を標準化してから交差検証にかけたなら、そうなります。
# パイプラインごと渡すと、平均は回ごとに計算し直されます。
#
# </details>
# <details><summary>イ. 採点に使う3回目の1組</summary>
#
# 採点側でも平均が0にそろうべきだと考えると、これを選びたくなります。
# それは届いた日の20件で覚え直した例と同じで、学習のときと基準が変わってしまいます。
#
# </details>
# <details><summary>ウ. 3回目の学習側の4組</summary>
#
# 正解です。
# 回ごとにコピーが作られ、`scaler`も学習側の4組だけで`fit`されます。
# 採点側の1組には、その平均を当てはめるだけです。
#
# </details>
#
# **問 2.** 同じ5組で測ると、モデルAの正解率は平均0.951、Bは平均0.956、標準偏差はどちらも0.02でした。
# 5組のうち、Bが上だったのは3組です。
# Aはもう使われていて、替えるには手間がかかります。
# この数字からの判断として、無理のないものはどれですか。
#
# <details><summary>ア. この差では替える理由にならず、Aのままにする</summary>
#
# 正解です。
# 差はばらつきの4分の1しかなく、組によって勝ち負けも入れ替わっています。
# 替えるなら、点数のほかの理由を探します。
#
# </details>
# <details><summary>イ. 交差検証の平均なので運は消えており、Bに替える</summary>
#
# 平均をとると運は小さくなりますが、消えはしません。
# だから、平均の隣にばらつきを書きます。
#
# </details>
# <details><summary>ウ. 5組の分け方を変えて、Bがはっきり勝つまで測り直す</summary>
#
# もう一度測れば確かになりそうですが、望む結果が出たところで止めると、運の良い回を選んだことになります。
#
# </details>
#
# **問 3.** パイプラインと交差検証を正しく使っても、防げない漏れはどれですか。
#
# <details><summary>ア. 答えと関係の強い列を、すべての行を見て選ぶこと</summary>
#
# コインの例で点数がいちばん膨らんだので、防ぎにくいと感じるかもしれません。
# 列選びをパイプラインの段にすれば、学習側の行だけで選ばれます。
#
# </details>
# <details><summary>イ. 解約の手続きの後で記録される列を使うこと</summary>
#
# 正解です。
# その列は学習側と採点側の両方に入っているので、点数は高いままで、漏れに気づけません。
#
# </details>
# <details><summary>ウ. 欠けを埋める中央値を、すべての行から計算すること</summary>
#
# 前処理は学習ではないと考えると、段に入れる意味が見えなくなります。
# `SimpleImputer`を段に入れれば、中央値は学習側の行だけから決まります。
#
# </details>
#
# **問 4.** `GridSearchCV`で値を選ぶと、AUCの平均は0.75でした。
# テストデータで測ると0.73です。
# 次にすることはどれですか。
#
# <details><summary>ア. 5組の平均のほうが揺れは小さいので、0.75を報告する</summary>
#
# 揺れの小ささだけを見れば、平均のほうが確かです。
# けれどもこの平均は、候補の中で最高だったものなので、その分だけ高めに出ています。
#
# </details>
# <details><summary>イ. 過学習が疑わしいので、縛りを強めて測り直し、良ければその点数を報告する</summary>
#
# 過学習に縛りを強めるのは、正しい手当てです。
# けれどもテストデータの点数を見て決めれば、テストデータを選ぶのに使ったことになります。
#
# </details>
# <details><summary>ウ. 0.73を報告し、続けて改良するなら訓練データの中で比べる</summary>
#
# 正解です。
# 改良したモデルの最後の確認には、まだ使っていないデータを用意します。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 前処理とモデルを`Pipeline`にまとめると、学習と予測で同じ手順が動きます。
# - 点数は分け方の運で動くので、交差検証の平均とばらつきで比べます。
# - 採点側を見て列を選ぶと、ランダムなデータでも高い点数が出るので、選ぶ手順もパイプラインに入れます。
# - 結果が決まった後で埋まる列は、予測する日に分かっているかを1列ずつ確かめます。
# - 設定の値は訓練データの交差検証で選び、テストデータは最後に1回だけ使います。
#
# 次のレッスンでは、こうして試した設定と点数をMLflowに記録し、後から比べられるようにします。

# %%
check.summary()
