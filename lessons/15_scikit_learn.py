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
# # scikit-learnによるモデル開発
#
# 検査センターに、画像診断の会社から売り込みがありました。
# 「うちのモデルは正解率94%です。見本のデータでは100%でした」。
# 担当の佐藤さんは、契約書を前に手が止まります。
# 94%は高いのでしょうか。
# 外した6%は、どんな検体だったのでしょうか。
#
# 気になることが、もう1つあります。
# 来月から検査を引き受ける病院では、検体の95%が良性です。
# そこでは何も見ずに「良性」とだけ答えても95%当たり、それでいて、がんは1件も見つかりません。
#
# つまり、数字1つではモデルの良し悪しを決められません。
# ここではscikit-learnでモデルを作り、同じ94%の中身を調べて、佐藤さんの問いに答えます。
#
# ## このレッスンで学ぶこと
#
# - データを学習用と採点用に分け、モデルを作って採点する。
# - 何も学ばないモデルと比べ、学んだ分の価値を言う。
# - 外れを見逃しと誤報に分け、場面に合う指標とモデルを選ぶ。
# - どちらの答えを探しているかを確かめ、指標の取り違えを直す。
# - 片方の答えが少ないデータで、正解率の代わりに見るものを選ぶ。

# %% [markdown]
# ## scikit-learnにあるもの【自習】
#
# **scikit-learn**（サイキットラーン）は、Pythonの機械学習のライブラリです。
#
# | 備わっているもの | 何ができるか | この本で使う所 |
# |---|---|---|
# | 豊富なアルゴリズム群 | 分類、回帰、クラスタリングなどを、同じ書き方で試せる | このレッスン |
# | Pipelineによる処理統合 | 前処理とモデルを1つの部品にまとめられる | 次のレッスン |
# | モデルの学習と評価 | データの分け方と、点数を測る指標がそろっている | このレッスン |
# | ハイパーパラメータ調整 | 人が決める設定の値を、自動で試して選べる | 次のレッスン |
#
# **アルゴリズム**（algorithm）は計算の手順のことで、ここでは学習のしかたを指します。

# %% [markdown]
# ## 採点用のデータを先に取り分ける
#
# レッスン14の検査データを読み、測定値の30列と診断に分けます。
# 見つけたいのは悪性なので、診断は悪性を1、良性を0にします。

# %%
import cell_samples

samples = cell_samples.load()
X = samples.drop(columns=["sample_id", "diagnosis"])
y = (samples["diagnosis"] == "悪性").astype(int)
print(f"検体は{len(X)}件、うち悪性は{y.sum()}件です。")

# %% [markdown]
# 手がかりになる`X`の列を **特徴量**（feature）、当てたい答え`y`を **目的変数**（target）と呼びます。
# 表は大文字、1列の答えは小文字で書くのが慣例です。
#
# 「見本のデータでは100%」という売り文句から調べます。
# 全体の4分の3を学習に使う **訓練データ**（training data）、残りを採点に使う **テストデータ**（test data）とします。
# 悪性の割合は`stratify=y`で両方にそろえ、分け方は`random_state`で毎回同じにします。

# %%
from sklearn.model_selection import train_test_split

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.25, stratify=y, random_state=0
)
print(f"訓練データは{len(X_train)}件、テストデータは{len(X_test)}件です。")

# %% [markdown]
# モデルは、12で使った決定木です。
# `fit`で学習し、`score`で採点すると、正解率（当たった割合）が返ります。

# %%
from sklearn.tree import DecisionTreeClassifier

tree = DecisionTreeClassifier(random_state=0)
tree.fit(X_train, y_train)
print(f"訓練データの正解率は{tree.score(X_train, y_train):.3f}です。")
print(f"テストデータの正解率は{tree.score(X_test, y_test):.3f}です。")

# %% [markdown]
# 訓練データでは1件も外さないのに、テストデータでは外しました。
# 質問をいくつ重ねてもよい木は、訓練データの1件1件を言い当てるまで質問を増やせるからです。
# 訓練データの細かな偶然まで覚えてしまい、初めて見るデータで外れることを **過学習**（overfitting）と呼びます。
#
# つまり「見本のデータで100%」は、訓練データの点数かもしれません。
# 売り込みを受けたら、まず「学習に使っていないデータで測りましたか」と聞きます。

# %% [markdown]
# ## 木の深さと過学習【自習】
#
# 質問の回数の上限（`max_depth`）を変えると、過学習はどう変わるでしょうか。
# ここで、深さごとにテストデータの点数を見比べたくなります。
# ところが、選ぶのに使ったテストデータは、もう「初めて見るデータ」ではありません。
#
# そこで、訓練データだけを使います。
# 訓練データを5つの組に分け、4つの組で学習して残りの1組で採点することを、採点する組を替えて5回繰り返します。
# これが **交差検証**（cross-validation）で、レッスン16で詳しく扱います（下の`test_score`は、採点した組の点数です）。

# %%
import pandas as pd
from sklearn.model_selection import cross_validate

rows = []
for depth in range(1, 9):
    model = DecisionTreeClassifier(max_depth=depth, random_state=0)
    scores = cross_validate(model, X_train, y_train, cv=5, return_train_score=True)
    rows.append([depth, scores["train_score"].mean(), scores["test_score"].mean()])
by_depth = pd.DataFrame(rows, columns=["深さ", "学習した組", "採点した組"]).set_index("深さ")

# %% tags=["figure"] mystnb={"image": {"alt": "深さごとの正解率の折れ線。学習した組は右上へ進んで1に届く。採点した組は深さ3から先で伸びず、2本の間は右へ行くほど開く"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.5, 3.4))
for name, style in [("学習した組", "s--"), ("採点した組", "o-")]:
    ax.plot(by_depth.index, by_depth[name], style, label=name)
ax.set_xlabel("質問の回数の上限（max_depth）", fontsize=11)
ax.set_ylabel("正解率（5回の平均）", fontsize=11)
ax.legend(fontsize=11)
plt.show()

# %% [markdown]
# 2本の間は、右へ行くほど開きます。
# 左端で3ポイントに届かない差が、右端では8ポイントまで広がりました。
# というのも、破線の学習した組は1に届くまで上がるのに、実線の採点した組は3回を過ぎると伸びないからです。
# 学習に使ったデータの点数だけが上がっていく、この離れ方が過学習のしるしです。

# %% [markdown]
# ## どのモデルも同じ3つのメソッドで使える
#
# scikit-learnで`fit`を持つ部品を **推定器**（estimator）と呼びます。
# `fit`で学んだ値は部品が持ち、その後の予測や採点で使います。
#
# | メソッド | 渡すもの | 返すもの |
# |---|---|---|
# | `fit(X, y)` | 特徴量と答え | 学習したモデル自身 |
# | `predict(X)` | 特徴量だけ | 予測した答え |
# | `score(X, y)` | 特徴量と答え | 点数（分類なら正解率） |
#
# だから、考え方のまったく違うモデルも、名前を替えるだけで試せます。
# `KNeighborsClassifier`は値の近い5件の多数決で答え、`RandomForestClassifier`は少しずつ違う決定木をたくさん作って予測を平均します。
# （多数決では、本来は列の大きさをそろえますが、それはレッスン16で扱います。）

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier

models = {
    "決定木": tree,
    "近い5件の多数決": KNeighborsClassifier().fit(X_train, y_train),
    "ランダムフォレスト": RandomForestClassifier(random_state=0).fit(X_train, y_train),
}
for name, model in models.items():
    print(f"{name}: {model.score(X_test, y_test):.3f}")
print(f"テストデータ1件の重み: {1 / len(X_test):.3f}")

# %% [markdown]
# 1件の当たり外れで、正解率は最後の行の分だけ動きます。
# 3つの差は検体に直すと数件なので、別の検体で測れば順位は入れ替わりそうです。

# %% [markdown]
# ## 基準モデルと比べる
#
# 94%が高いかどうかは、何も学ばない場合の点数を知らないと決まりません。
# そこで、12の基準モデルを`DummyClassifier`で作ります。
# 特徴量を見ず、訓練データで多かったほうの答えをいつも返すモデルです。

# %%
from sklearn.dummy import DummyClassifier

dummy = DummyClassifier().fit(X_train, y_train)
print(f"基準モデルの正解率は{dummy.score(X_test, y_test):.3f}です。")
print(f"基準モデルが悪性とした検体は{dummy.predict(X_test).sum()}件です。")

# %% [markdown]
# いつも「良性」と答えるだけで、6割を超えました。
# だから決定木の価値は、94%そのものではなく、ここから伸びた分です。

# %% [markdown]
# ## どちら向きに外したかを数える
#
# 次は、外した検体の中身です。
# 良性を悪性と言えば、受けなくてよい再検査になります。
# 一方、悪性を良性と言えば、治療が遅れます。
# そこで、実際の答えと予測の組み合わせを数えます。
# この表が **混同行列**（confusion matrix）です。

# %% tags=["figure"] mystnb={"image": {"alt": "縦が実際、横が予測の2行2列の表。良性を良性、悪性を悪性と当てた左上と右下の数が大きく、外した右上と左下の数は小さい"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font
from sklearn.metrics import ConfusionMatrixDisplay

use_japanese_font()
fig, ax = plt.subplots(figsize=(4, 3.4))
ConfusionMatrixDisplay.from_predictions(
    y_test, tree.predict(X_test),
    display_labels=["良性", "悪性"], cmap="Blues", colorbar=False, ax=ax,
    text_kw={"fontsize": 14},
)
ax.set_xlabel("予測", fontsize=11)
ax.set_ylabel("実際", fontsize=11)
plt.show()

# %% [markdown]
# 外れは、左下の見逃し（悪性を良性と予測）と、右上の誤報（良性を悪性と予測）に分かれます。
# この決定木の外れは、誤報のほうに偏っています。
#
# 探している側の答えを **陽性**（positive）、反対側を **陰性**（negative）と呼びます。
# ここでは悪性が陽性です。
# 4つの数を`ravel`で左上、右上、左下、右下の順に取り出し、2つの割合を作ります。

# %%
from sklearn.metrics import confusion_matrix

counts = confusion_matrix(y_test, tree.predict(X_test))
true_negative, false_alarm, missed, found = counts.ravel()
print(f"悪性と予測したうち、本当に悪性: {found / (found + false_alarm):.3f}")
print(f"本当に悪性のうち、悪性と予測: {found / (found + missed):.3f}")

# %% [markdown]
# 分子は同じ「当てた悪性の数」で、分母が違います。
#
# | 指標 | 分母 | 下がる原因 | 高くしたいとき |
# |---|---|---|---|
# | **適合率**（precision） | 陽性と予測した数 | 誤報 | 誤報の後始末が高くつく |
# | **再現率**（recall） | 実際に陽性の数 | 見逃し | 見逃すと取り返しがつかない |
#
# 片方だけなら、いくらでも良く見せられます。
# 全部を悪性と言えば再現率は1になり、最も確かな1件だけを悪性と言って当てれば適合率は1です。
# だから、2つは並べて読みます。

# %% [markdown]
# ## F1と、指標をまとめた表【自習】
#
# 2つを1つの数にまとめたのが **F1**（F1 score）です。
# F1は調和平均（2 × 適合率 × 再現率 ÷ 2つの和）なので、片方だけ高くても上がりません。
# 適合率が1で再現率が0.1なら、ふつうの平均は0.55でも、F1は0.18です。

# %%
from sklearn.metrics import classification_report

names = ["良性", "悪性"]
report = classification_report(y_test, tree.predict(X_test), target_names=names, digits=3)
print(report)

# %% [markdown]
# `precision`が適合率、`recall`が再現率、`f1-score`がF1、`support`が実際の件数です。
# 良性と悪性の2行があるのは、どちらを陽性と見るかで値が変わるからです。
# `accuracy`は正解率、下の2行は良性と悪性の平均です（`weighted`は件数の重み付き）。

# %% [markdown]
# ## どちらを陽性としたかを確かめる
#
# `recall_score`などの関数は、指定しなければ **1を陽性** とします。
# この本では悪性を1にしましたが、scikit-learnに付いてくる元の答えは良性が1です。
# そこで`1 - y_test`で元の付け方に戻し、同じ計算をします。

# %%
from sklearn.metrics import recall_score

benign_is_one = 1 - y_test
benign_predicted = 1 - tree.predict(X_test)
print(f"指定しない: {recall_score(benign_is_one, benign_predicted):.3f}")
print(f"pos_label=0: {recall_score(benign_is_one, benign_predicted, pos_label=0):.3f}")

# %% [markdown]
# 上の行は「良性のうち、良性と予測した割合」で、がんの見逃しについては何も言っていません。
# 下の行のように`pos_label`で陽性の値を指定すると、先ほどの再現率と一致します。
# ところがエラーも警告も出ないので、値だけを見ても取り違えに気づけません。
# 指標を書き残すときは「悪性の再現率」のように、陽性の名前も書きます。

# %% [markdown]
# ## 少ない側を探すとき、正解率では見分けられない
#
# 来月からの病院の「95%が良性」を、手元の検体で再現します。
# 良性はすべて残し、悪性は20件だけを選んで、半分ずつ学習とテストに使います。

# %%
import pandas as pd

rare = pd.concat([X[y == 0], X[y == 1].sample(20, random_state=0)])
rare_y = y[rare.index]
rare_train, rare_test, rare_y_train, rare_y_test = train_test_split(
    rare, rare_y, test_size=0.5, stratify=rare_y, random_state=0
)
print(f"テストデータは{len(rare_test)}件、うち悪性は{rare_y_test.sum()}件です。")

# %% [markdown]
# 片方の答えがとても少ないことを **クラス不均衡**（class imbalance）と呼びます。
# `predict_proba`は答えの代わりに確率を返し、`[:, 1]`で取り出す2列目が悪性の確率です。
# 確率がいくつ以上なら悪性とするか、その境目が **しきい値**（threshold）です。
# `predict`のしきい値は0.5ですが、ここでは0.1も試します。

# %%
from sklearn.metrics import accuracy_score, precision_score

forest = RandomForestClassifier(random_state=0).fit(rare_train, rare_y_train)
chance = forest.predict_proba(rare_test)[:, 1]
policies = {"いつも良性": 0 * chance, "しきい値0.5": chance >= 0.5, "しきい値0.1": chance >= 0.1}

# %%
rows = []
for name, given in policies.items():
    rows.append({
        "答え方": name,
        "悪性とした件数": int(sum(given)),
        "正解率": accuracy_score(rare_y_test, given),
        "悪性の適合率": precision_score(rare_y_test, given, zero_division=0),
        "悪性の再現率": recall_score(rare_y_test, given),
    })
pd.DataFrame(rows).round(3)

# %% [markdown]
# 冒頭の話のとおり、何も見ない「いつも良性」の正解率が高く出ました。
# （適合率は分母が0なので、0にしてあります。）
#
# 正解率が最も高い「しきい値0.5」は、悪性10件のうち1件を見逃しました。
# いちばん下の行を見てください。
# しきい値を0.1まで下げると、正解率は「いつも良性」に負けますが、悪性を1件も見逃していません。
# その代わり、悪性とした検体の3分の2は誤報です。
# 再検査が増えるだけで済む病院なら、それでもこの行を選びます。
# だから少ない側を探すときは、正解率の順に並べず、適合率と再現率から損得を考えます。
# （仕事で使うしきい値は、テストデータを見ずに決めます。）

# %% [markdown]
# ## しきい値をすべて試した2つの図【自習】
#
# しきい値を1から0まで下げていくと、見つかる悪性も、誤報も増えていきます。
# その様子を1本の線にした図が2つあります。
#
# - **ROC曲線**（ROC curve）: 良性のうち誤報になった割合を横に、再現率を縦に取る。
# - **PR曲線**（precision-recall curve）: 再現率を横に、適合率を縦に取る。
#
# 比べるのは、先ほどのランダムフォレストと、輪郭のくぼみ（`mean_concavity`）の値をそのまま「悪性らしさ」とした1列だけの順位です。

# %%
from sklearn.metrics import average_precision_score, roc_auc_score

likeliness = {
    "ランダムフォレスト": chance,
    "くぼみの1列": rare_test["mean_concavity"],
    "いつも良性": policies["いつも良性"],
}
for name, values in likeliness.items():
    auc = roc_auc_score(rare_y_test, values)
    average = average_precision_score(rare_y_test, values)
    print(f"{name}: AUC {auc:.3f}、平均適合率 {average:.3f}")

# %% tags=["figure"] mystnb={"image": {"alt": "左のROC曲線では、ランダムフォレストとくぼみの1列の線がどちらも左上の角の近くを通る。右のPR曲線では、くぼみの1列の線だけがずっと下を通る"}}
from sklearn.metrics import precision_recall_curve, roc_curve

fig, (left, right) = plt.subplots(1, 2, figsize=(6, 3.6), layout="constrained")
for name, style in [("ランダムフォレスト", "-"), ("くぼみの1列", "--")]:
    alarms, finds, _ = roc_curve(rare_y_test, likeliness[name])
    left.plot(alarms, finds, style, label=name)
    precisions, recalls, _ = precision_recall_curve(rare_y_test, likeliness[name])
    right.plot(recalls[recalls > 0], precisions[recalls > 0], style)
right.set_ylim(0, 1.05)
left.set_title("ROC曲線", fontsize=11)
left.set_xlabel("良性のうち、誤報の割合", fontsize=11)
left.set_ylabel("再現率", fontsize=11)
right.set_title("PR曲線", fontsize=11)
right.set_xlabel("再現率", fontsize=11)
right.set_ylabel("適合率", fontsize=11)
fig.legend(loc="outside lower center", ncols=2, fontsize=11)
plt.show()

# %% [markdown]
# 左の図では、2本とも左上の角の近くを通り、どちらもよく見分けているように見えます。
# ところが右の図では、破線がずっと下を通ります。
# くぼみの1列で悪性をすべて見つけようとすると、悪性と言った検体の4分の3ほどが誤報になるのです。
#
# 見え方が違うのは、誤報を何で割るかが違うからです。
# 先ほどの表の「しきい値0.1」では、誤報が20件出ました。
# ROC曲線はこれを179件の良性で割るので、1割ほどにしか見えません。
# 一方、適合率の分母は悪性とした30件なので、同じ20件が3分の2になります。
#
# ROC曲線の下の面積が **AUC**（area under the curve）です。
# 悪性と良性を1件ずつ組にしたとき、悪性のほうに高い値が付く組の割合でもあります（同じ値の組は半分と数えます）。
# だからランダムなら0.5、完全に分けられれば1です。
# PR曲線のほうは、**平均適合率**（average precision）にまとめます。
# ランダムなら陽性の割合ほど（ここでは約0.05）なので、AUCの0.5とは目盛りが違います。
#
# どちらも、しきい値を決める前に、順番を付ける力を比べるための指標です。
# 陽性が少なく、誤報の後始末が重いなら、AUCだけで安心せずにPR曲線も見ます。
# ここの悪性は10件だけなので、値の細かな桁は当てになりません。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_15 import check

# %% [markdown]
# 練習1では、別の会社のモデルを調べます。
# 良性を1とする元の付け方で学習した、近い15件の多数決です。

# %%
report_model = KNeighborsClassifier(n_neighbors=15).fit(X_train, 1 - y_train)
report_value = recall_score(1 - y_test, report_model.predict(X_test))
print(f"報告書の「がんの発見率」: {report_value:.3f}")

# %% [markdown]
# ### 練習 1: 報告書の取り違えを直す
#
# 下のセルの`answer`は実際の答え、`predicted`はこの会社のモデルの予測で、どちらも良性が1です。
# 報告書は`recall_score(answer, predicted)`の値を「がんの発見率」と呼んでいますが、そうではありません。
# 同じ`answer`と`predicted`から、本当のがんの発見率（悪性の再現率）を計算して`malignant_recall`に入れてください。
#
# <details><summary>ヒント</summary>
#
# `answer`では、悪性はどちらの数字ですか。
# 「どちらを陽性としたかを確かめる」の節に、陽性の値を指定する書き方があります。
#
# </details>

# %% 練習 1
answer = 1 - y_test
predicted = report_model.predict(X_test)
malignant_recall = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 数字と場面から、モデルを選ぶ【自習】
#
# 3つのモデルを、陽性が1割のデータで採点しました。
# 正解率、適合率、再現率は、モデルごとに決まったしきい値で測ったものです。
#
# | モデル | 正解率 | 適合率 | 再現率 | AUC |
# |---|---|---|---|---|
# | A | 0.955 | 0.923 | 0.600 | 0.970 |
# | B | 0.817 | 0.350 | 0.970 | 0.940 |
# | C | 0.965 | 0.810 | 0.850 | 0.950 |
#
# 次の5つの場面で、どのモデルを使いますか。
# 辞書`choices`の`...`を、`"A"`、`"B"`、`"C"`のどれかに書き換えてください。
# 同じモデルを何度選んでもかまいません。
#
# - `screening`: 命に関わる病気の一次検査。疑いがあれば、全員が安い再検査を受ける。
# - `freezing`: 不正の疑いがある口座を、確認なしにその場で止める。止められた本人は生活に困り、逃した不正は後から補償できる。
# - `ranking`: 解約しそうな順に、電話をかける相手を並べる。何人にかけられるかは、その週になるまで決まらず、モデルのしきい値は使わない。
# - `sorting`: 荷物を2つの倉庫のどちらかに振り分ける。どちらに間違えても、送り直しの手間は同じ。
# - `brake`: 工場で、ひびの入ったブレーキ部品を見つける。見逃せば事故になり、疑わしい部品の調べ直しは1分で済む。
#
# <details><summary>ヒント</summary>
#
# 場面ごとに、困るのは誤報か見逃しか、どちらも同じか、それともしきい値がまだ決まらないのかを考えます。
# それで見る列が決まり、その列でいちばん高いモデルが答えです。
#
# </details>

# %% 練習 2
choices = {
    "screening": ...,
    "freezing": ...,
    "ranking": ...,
    "sorting": ...,
    "brake": ...,
}

# %% 確認 2
check(2)

# %% [markdown]
# 練習3では、決定木の深さを選びます。
# 次の関数`cv_auc(depth)`は、訓練データだけを使った交差検証で、AUCの平均を返します。

# %%
from sklearn.model_selection import cross_val_score


def cv_auc(depth):
    model = DecisionTreeClassifier(max_depth=depth, random_state=0)
    return cross_val_score(model, X_train, y_train, cv=5, scoring="roc_auc").mean()


# %% [markdown]
# 関数`open_test(model)`は、テストデータでのAUCを返し、使った木を`opened`に残します。

# %%
opened = []


def open_test(model):
    auc = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    opened.append(model)
    return auc


# %% [markdown]
# ### 練習 3: テストデータを開けずに、深さを選ぶ【自習】
#
# 決定木の`max_depth`を、1から7の中から選びます。
# テストデータで採点することを、ここでは「開ける」と呼びます。
# 開けてよいのは、選び終えた後の1本の木だけです。
#
# 1. `cv_auc`が最も高い深さを`best_depth`に入れる。
# 2. その深さの決定木（`random_state=0`）を、訓練データの全部で学習して`final_tree`に入れる。
# 3. `open_test(final_tree)`の結果を`test_auc`に入れる。
#
# 違う木を開けてしまったら、`opened = []`のあるセルから実行し直します。
#
# <details><summary>ヒント</summary>
#
# `max(range(1, 8), key=関数)`は、1から7のうち、関数の値が最も大きくなる数を返します。
# 返すのは点数ではなく、深さです。
# 関数は名前だけを書きます（`( )`を付けると、その場で呼んでしまいます）。
#
# </details>

# %% 練習 3
best_depth = ...
final_tree = ...
test_auc = ...

# %% 確認 3
check(3)

# %% [markdown]
# 選んだ深さは、本文の図の正解率で選ぶ深さと違ったはずです。
# 何で測るかによって選ばれるものが変わるので、指標は選ぶ前に決めておきます。

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 訓練データの正解率が1.00、テストデータの正解率が0.94でした。
# ここから言えることはどれですか。
#
# <details><summary>ア. 訓練データの偶然まで覚えた分が、差に現れている</summary>
#
# 正解です。
# 差が大きいほど、過学習を疑います。
#
# </details>
# <details><summary>イ. 訓練データで満点なので、本番でも満点に近い点数が見込める</summary>
#
# 満点は安心できる数字に見えますが、覚えたデータで答え合わせをした点数です。
# 初めて見るデータでの見込みは、0.94のほうです。
#
# </details>
# <details><summary>ウ. テストデータに難しい検体が集まったので、分け直して測る</summary>
#
# 偶然の偏りを疑うのはもっともです。
# けれども良い値が出るまで分け直せば、テストデータに合わせて選んだことになります。
#
# </details>
#
# **問 2.** 不正な取引は1万件に10件です。
# ある検知モデルの正解率は99.9%でした。
# 正しい読み方はどれですか。
#
# <details><summary>ア. 99.9%も当たるので、ほぼ完璧である</summary>
#
# 高い数字ですが、「いつも正常」と答えるだけで同じ値になります。
#
# </details>
# <details><summary>イ. 不正の99.9%を見つけている</summary>
#
# 「不正の検知」の正解率なので、そう読みたくなります。
# それは再現率の説明で、正解率の分母はすべての取引です。
#
# </details>
# <details><summary>ウ. これだけでは、役に立つか分からない</summary>
#
# 正解です。
# 1件も見つけていないのか、全部見つけたうえで誤報が10件あるのか、正解率では区別できません。
#
# </details>
#
# **問 3.** しきい値を0.5から0.2に下げました。
# 必ず言えることはどれですか。
#
# <details><summary>ア. 適合率が下がる</summary>
#
# 誤報が増えて下がることが多いのは確かです。
# けれども、新しく陽性にした検体が全部当たっていれば上がります。
#
# </details>
# <details><summary>イ. 再現率は下がらない</summary>
#
# 正解です。
# 陽性と予測する検体が増えるだけなので、見つけていた陽性を失うことはありません。
#
# </details>
# <details><summary>ウ. より多く見つかるので、AUCが上がる</summary>
#
# 見つかる数と順番を付ける力は、別のものです。
# AUCはすべてのしきい値を試した線の面積なので、1つを選んでも変わりません。
#
# </details>
#
# **問 4.** 陽性が1%のデータで、AUCが0.95のモデルがあります。
# 陽性と言われた人には、1人ずつ電話で確認します。
# 次に見るものはどれですか。
#
# <details><summary>ア. PR曲線。電話のうち、どれだけが無駄になるかを見る</summary>
#
# 正解です。
# 陰性が99%もいると、その数%の誤報でも、電話のほとんどが無駄になることがあります。
#
# </details>
# <details><summary>イ. 何も見なくてよい。AUCが0.95なら、誤報は5%ほどと分かる</summary>
#
# AUCは順番の正しさを表す値で、誤報の割合ではありません。
# 誤報の量は、しきい値を決めて初めて決まります。
#
# </details>
# <details><summary>ウ. 正解率。陽性と陰性の両方を合わせて見る</summary>
#
# 両方を見るのは公平に思えますが、99%いる陰性だけで点数が決まってしまいます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# 会社のモデルの中は見えないので、同じ94%の決定木で佐藤さんの問いに答えると、こうなります。
#
# - 94%は高いか: いつも「良性」と答えても63%なので、この決定木が学んだ分は約31ポイントです。
# - この決定木が外した6%は何か: 8件のうち7件は誤報、1件は見逃しでした。
# - 来月からの病院では: いつも「良性」と答えても95%なので、適合率と再現率から損得を考えます。
#
# 会社のモデルではどうかを、佐藤さんはこの3つで尋ねます。
# 答えを読むために使うのは、次の4つです。
#
# - 点数は学習に使わないデータで測り、基準モデルからの伸びで読みます。
# - 混同行列で、外れを見逃しと誤報に分けます。
# - 指標の関数は1を陽性とするので、探している側が1でなければ`pos_label`で指定します。
# - しきい値を決める前の順番の良さは、AUCとPR曲線で比べます。
#
# 次のレッスンでは、前処理とモデルを1つにまとめ、1回の分け方に頼らない採点をします。

# %%
check.summary()
