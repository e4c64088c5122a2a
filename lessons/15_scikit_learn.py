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
# 同じ検査を別の会社に頼んでいる病院では、検体の95%が良性です。
# そこでは、何も見ずに「良性」とだけ答えても95%当たります。
# それでいて、がんは1件も見つかりません。
#
# 数字1つでは、モデルの良し悪しを決められません。
# ここではscikit-learnでモデルを作り、同じ94%の中身を自分で調べます。
# 読み終えると、モデルを何と比べ、どの指標で測るかを言葉で説明できるようになります。
#
# ## このレッスンで学ぶこと
#
# - データを訓練データとテストデータに分け、`fit`、`predict`、`score`でモデルを作って採点する。
# - 何も学ばない基準モデルと比べ、学んだ分の価値を言う。
# - 混同行列を読み、適合率と再現率を計算する。
# - どちらの答えを陽性としたかを確かめ、指標の読み違いを見つける。
# - 片方の答えが少ないデータで、正解率の代わりに使う指標を選ぶ。
# - ROC曲線とAUCから、しきい値を動かしたときに何が起きるかを読む。

# %% [markdown]
# ## scikit-learnにあるもの【自習】
#
# **scikit-learn**（サイキットラーン）は、Pythonで書かれた機械学習のライブラリです。
# 備わっているものを4つに分けると、次のようになります。
#
# | 備わっているもの | 何ができるか | この本で使う所 |
# |---|---|---|
# | 豊富なアルゴリズム群 | 分類、回帰、クラスタリングなどを、同じ書き方で試せる | このレッスン |
# | Pipelineによる処理統合 | 前処理とモデルを1つの部品にまとめられる | 次のレッスン |
# | モデルの学習と評価 | データの分け方と、成績を測る指標がそろっている | このレッスン |
# | ハイパーパラメータ調整 | 人が決める設定の値を、自動で試して選べる | 次のレッスン |
#
# **アルゴリズム**（algorithm）は計算の手順のことで、ここでは学習のしかたを指します。
# どれくらい豊富なのか、`fit`で学習する部品（Pythonのクラス）の数を、種類ごとに数えます。

# %%
from sklearn.utils import all_estimators

kinds = {"分類": "classifier", "回帰": "regressor", "クラスタリング": "cluster", "前処理など": "transformer"}
print({name: len(all_estimators(type_filter=kind)) for name, kind in kinds.items()})

# %% [markdown]
# 全部を覚える必要はありません。
# 使い方がそろっているので、1つ使えれば、ほかの部品にも手が届きます。

# %% [markdown]
# ## 乳がんの検査データ
#
# 使うのは、乳がんの検査データです。
# 細胞の核を測った30列の数値から、悪性（がん）かどうかを当てます。
# 元のデータは良性が1ですが、見つけたいのは悪性なので、悪性を1にした`y`を作ります。

# %%
from sklearn.datasets import load_breast_cancer

source = load_breast_cancer(as_frame=True)
X = source.data
y = (source.target == 0).astype(int)
print(f"検体は{len(X)}件、うち悪性は{y.sum()}件です。")

# %% [markdown]
# 手がかりになる表`X`の列を **特徴量**（feature）、当てたい答え`y`を **目的変数**（target）と呼びます。
# 表は大文字、1列の答えは小文字で書くのが習わしです。

# %% [markdown]
# ## 採点用のデータを先に取り分ける
#
# 見本のデータでは100%だった、という売り文句から調べます。
# 全体の4分の3を学習に使い、残りの4分の1は採点のときまで取っておきます。
# 学習に使うほうが **訓練データ**（training data）、採点に使うほうが **テストデータ**（test data）です。
# `stratify=y`は悪性の割合を両方でそろえる指定、`random_state`は毎回同じ分け方にする番号です。

# %%
from sklearn.model_selection import train_test_split

X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.25, stratify=y, random_state=0
)
print(f"訓練データは{len(X_train)}件、テストデータは{len(X_test)}件です。")

# %% [markdown]
# モデルには **決定木**（decision tree）を使います。
# 「この列は16.8より大きいか」のような質問を重ね、最後にたどり着いた所で答えを決めるモデルです。
# `fit`に特徴量と答えを渡すと学習し、`score`に渡すと採点します。
# 分類のモデルの`score`が返すのは **正解率**（accuracy）、つまり答えが当たった割合です。

# %%
from sklearn.tree import DecisionTreeClassifier

tree = DecisionTreeClassifier(random_state=0)
tree.fit(X_train, y_train)
print(f"訓練データの正解率は{tree.score(X_train, y_train):.3f}です。")
print(f"テストデータの正解率は{tree.score(X_test, y_test):.3f}です。")

# %% [markdown]
# 訓練データでは1件も外しません。
# 質問をいくつ重ねてもよい木は、訓練データの1件1件を言い当てるまで質問を増やせます。
# 初めて見るテストデータでは、それが通じませんでした。
# 訓練データの細かな偶然まで覚えてしまい、初めて見るデータで外れることを **過学習**（overfitting）と呼びます。
#
# 「見本のデータで100%」は、この訓練データの点数かもしれません。
# 売り込みを受けたら、まず「学習に使っていないデータで測りましたか」と聞きます。
#
# 質問の回数を`max_depth`で減らすと、2つの点数はどう変わるでしょうか。

# %%
depths = range(1, 9)
trees = [DecisionTreeClassifier(max_depth=depth, random_state=0) for depth in depths]
for one in trees:
    one.fit(X_train, y_train)

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は質問の回数の上限、縦軸は正解率。訓練データの線は右上へ進んで1に届くが、テストデータの線は3回を過ぎると上がり下がりするだけで、2本の間が開く折れ線"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.5))
ax.plot(depths, [one.score(X_train, y_train) for one in trees], "o-", label="訓練データ")
ax.plot(depths, [one.score(X_test, y_test) for one in trees], "s--", label="テストデータ")
ax.set(xlabel="質問の回数の上限（max_depth）", ylabel="正解率")
ax.legend()
plt.show()

# %% [markdown]
# 横軸は1件に重ねてよい質問の回数、縦軸は正解率です。
# 実線の訓練データは、質問を増やすほど上がって1に届きます。
# 破線のテストデータは、3回を過ぎると上がり下がりするだけで、伸びません。
# 右側で2本の間が開いているところが、過学習の分です。
#
# この図からテストデータの一番高い深さを選びたくなりますが、それはできません。
# 選ぶのに使うと、テストデータはもう「初めて見るデータ」ではなくなるからです。
# 代わりの選び方は、練習3で試します。

# %% [markdown]
# ## どのアルゴリズムも同じ3つの命令で使える
#
# scikit-learnで`fit`を持つ部品を **推定器**（estimator）と呼びます。
# `fit`で覚えたことを部品の中にしまい、後の命令で使います。
# 予測するモデルなら、命令は3つです。
#
# | 命令 | 渡すもの | 返すもの |
# |---|---|---|
# | `fit(X, y)` | 特徴量と答え | 学習したモデル自身 |
# | `predict(X)` | 特徴量だけ | 予測した答え |
# | `score(X, y)` | 特徴量と答え | 点数（分類なら正解率） |
#
# 桁をそろえる`StandardScaler`のような前処理の部品は、`predict`の代わりに、値を変えて返す`transform`を持ちます。
#
# 考え方のまったく違うモデルも、名前を替えるだけで試せます。
# `KNeighborsClassifier`は、値の近い5件の多数決で答えます。
# 本来は桁をそろえてから使いますが、ここでは書き方を見るだけなので、そのまま渡します。
# `RandomForestClassifier`は、少しずつ違う決定木をたくさん作り、予測を平均します。

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
# 最後の行は、1件の当たり外れで正解率が動く幅です。
# 3つの差は、検体に直すと数件しかありません。
# 別の検体で測れば入れ替わりそうな差なので、どれが優れているとは言えません。

# %% [markdown]
# ## 何も学ばない相手と比べる
#
# 94%が高いかどうかは、比べる相手がいないと決まりません。
# `DummyClassifier`は特徴量を見ず、訓練データで多かったほうの答えをいつも返します。
# こうした比べるためのモデルを **基準モデル**（baseline）と呼びます。

# %%
from sklearn.dummy import DummyClassifier

dummy = DummyClassifier().fit(X_train, y_train)
print(f"基準モデルの正解率は{dummy.score(X_test, y_test):.3f}です。")
print(f"基準モデルが悪性とした検体は{dummy.predict(X_test).sum()}件です。")

# %% [markdown]
# いつも「良性」と答えるだけで、6割を超えました。
# 決定木の価値は94%そのものではなく、この数字からどれだけ伸びたかです。

# %% [markdown]
# ## どちら向きに外したかを数える
#
# 次は、外した検体の中身です。
# 良性を悪性と言えば、受けなくてよい再検査になります。
# 悪性を良性と言えば、治療が遅れます。
# 同じ1件の外れでも、困る人と困り方が違います。
#
# 実際の答えと予測の組み合わせを数えた表を **混同行列**（confusion matrix）と呼びます。

# %% tags=["figure"] mystnb={"image": {"alt": "縦が実際、横が予測の2行2列の表。良性を良性、悪性を悪性と当てた左上と右下の数が大きく、外した右上と左下の数は小さい"}}
from sklearn.metrics import ConfusionMatrixDisplay

fig, ax = plt.subplots(figsize=(4, 3.4))
ConfusionMatrixDisplay.from_predictions(
    y_test, tree.predict(X_test),
    display_labels=["良性", "悪性"], cmap="Blues", colorbar=False, ax=ax,
)
ax.set(xlabel="予測", ylabel="実際")
plt.show()

# %% [markdown]
# 縦に実際の診断、横にモデルの予測が並びます。
# 左上から右下への2つが当たりで、残りの2つは外れです。
# 左下が見逃し（悪性を良性と予測）、右上が誤報（良性を悪性と予測）です。
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
# 全員を悪性と言えば、再現率は1になります。
# 最も怪しい1件だけを悪性と言い、その1件が当たれば、適合率は1です。
# そこで2つを並べて読むか、1つの数にまとめた **F1**（F1 score）を使います。
# F1は2つの調和平均（2 × 適合率 × 再現率 ÷ 2つの和）です。
# 適合率が1で再現率が0.1なら、ふつうの平均は0.55ですが、F1は0.18にしかなりません。

# %%
from sklearn.metrics import classification_report

names = ["良性", "悪性"]
report = classification_report(y_test, tree.predict(X_test), target_names=names, digits=3)
print(report)

# %% [markdown]
# `precision`が適合率、`recall`が再現率、`f1-score`がF1、`support`が実際の件数です。
# 下の3行は全体の値です。
# `accuracy`が正解率、`macro avg`は2つの行の単純な平均、`weighted avg`は件数の重みを付けた平均です。
# 良性と悪性の2行があることに注目してください。
# 適合率も再現率も、どちらを陽性と見るかで別の値になります。

# %% [markdown]
# ## どちらを陽性としたかを確かめる
#
# `recall_score`などの関数は、何も言わなければ **1を陽性** とします。
# このレッスンでは悪性を1に付け替えましたが、元のデータの`target`は良性が1です。
# 付け替えないまま同じことをすると、どうなるでしょうか。
# `1 - y_test`で、良性が1の元の付け方に戻します。

# %%
from sklearn.metrics import recall_score

benign_is_one = 1 - y_test
predicted_target = 1 - tree.predict(X_test)
print(f"何も言わない: {recall_score(benign_is_one, predicted_target):.3f}")
print(f"pos_label=0: {recall_score(benign_is_one, predicted_target, pos_label=0):.3f}")

# %% [markdown]
# 上の行は「良性のうち、良性と予測した割合」です。
# がんの見逃しの少なさを表す値ではありません。
# 下の行のように`pos_label`で陽性の値を指定すると、先ほどの再現率と一致します。
# エラーも警告も出ないので、値だけを見ても取り違えに気づきません。
# 指標を書き残すときは「悪性の再現率」のように、陽性の名前も書きます。

# %% [markdown]
# ## 少ない側を探すとき、正解率では見分けられない
#
# その病院の「95%が良性」を再現します。
# 良性はすべて残し（`X[y == 0]`は、`y`が0の行）、悪性は20件だけにします。
# 半分を学習に、半分をテストに使います。

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
# `predict_proba`は、答えそのものではなく確率を返します。
# `[:, 1]`で取り出す2列目が、陽性（悪性）の確率です。
# 確率がいくつ以上なら悪性とするか、その境目を **しきい値**（threshold）と呼びます。
# `predict`は0.5を境目にしていますが、ここでは0.1も試します。

# %%
from sklearn.metrics import accuracy_score, precision_score

forest = RandomForestClassifier(random_state=0).fit(rare_train, rare_y_train)
chance = forest.predict_proba(rare_test)[:, 1]
answers = {
    "いつも良性": [0] * len(rare_test),
    "しきい値0.5": chance >= 0.5,
    "しきい値0.1": chance >= 0.1,
}

# %%
rows = []
for name, given in answers.items():
    rows.append({
        "答え方": name,
        "悪性とした件数": sum(given),
        "正解率": accuracy_score(rare_y_test, given),
        "悪性の適合率": precision_score(rare_y_test, given, zero_division=0),
        "悪性の再現率": recall_score(rare_y_test, given),
    })
pd.DataFrame(rows).round(3)

# %% [markdown]
# 何も見ない「いつも良性」の正解率が、冒頭の話のとおり高く出ました。
# 適合率は分母が0なので計算できず、`zero_division=0`で0にしてあります。
#
# 次に、いちばん下の行を見てください。
# しきい値を0.1まで下げると、正解率は「いつも良性」に負けます。
# それでも、悪性を1件も見逃していません。
# 再検査に回す人が増えるだけで済むなら、選びたいのはこちらです。
# ところが正解率の順に並べると、悪性をすべて見つけるこの行は、1件も見つけない「いつも良性」より下になります。
#
# 0.1は、違いを見せるためにここで置いた値です。
# 仕事で使うしきい値は、深さと同じように、テストデータを見ずに決めます。

# %% [markdown]
# ## しきい値をすべて試した図【自習】
#
# しきい値を1から0まで下げていくと、見つかる悪性も、誤報も増えていきます。
# 増え方を1本の線にしたものが **ROC曲線**（ROC curve）です。

# %%
from sklearn.metrics import roc_curve

false_rate, found_rate, _ = roc_curve(rare_y_test, chance)

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は良性のうち誤報になった割合、縦軸は悪性の再現率。ランダムフォレストの線は左上の角に沿って進み、でたらめの点線は左下から右上への対角線になる"}}
fig, ax = plt.subplots(figsize=(4.6, 4.2))
ax.plot(false_rate, found_rate, label="ランダムフォレスト")
ax.plot([0, 1], [0, 1], ":", color="gray", label="でたらめな確率")
for threshold, marker in [(0.5, "o"), (0.1, "s")]:
    alarms = (chance >= threshold)[rare_y_test == 0].mean()
    finds = (chance >= threshold)[rare_y_test == 1].mean()
    ax.plot(alarms, finds, marker, label=f"しきい値{threshold}")
ax.set(xlabel="良性のうち、誤報になった割合", ylabel="悪性の再現率")
ax.legend()
plt.show()

# %% [markdown]
# 横軸は良性のうち悪性と言われた割合、縦軸は悪性のうち見つけた割合です。
# 左下の角は誰も悪性と言わないとき、右上の角は全員を悪性と言うときです。
# 線の上を右上へ進むほど、しきい値は下がっています。
# 左上の角に近いほど、誤報を出さずに悪性を見つけています。
# 2つの印は、1つのモデルの、しきい値が違うだけの姿です。
#
# 線の下の面積が **AUC**（area under the curve）です。
# 悪性1件と良性1件の組をすべて作り、悪性のほうに高い確率を付けた組の割合を数えても、同じ値になります（同じ確率の組は半分と数えます）。
# 悪性2件と良性3件なら組は6つで、5つの組で悪性のほうが高ければ5/6です。
# でたらめなら0.5、完全に分けられれば1です。

# %%
from sklearn.metrics import roc_auc_score

print(f"AUCは{roc_auc_score(rare_y_test, chance):.3f}です。")
print(f"「いつも良性」のAUCは{roc_auc_score(rare_y_test, answers['いつも良性']):.3f}です。")

# %% [markdown]
# 正解率で高い点を取った「いつも良性」も、AUCではでたらめと同じです。
# AUCは、しきい値を決める前に、モデルが順番を付ける力だけを比べる指標です。
# しきい値を決めた後の良し悪しは、適合率と再現率で測ります。
# ここのテストデータにある悪性は10件だけなので、値の細かな桁は当てになりません。

# %% [markdown]
# ## 練習
#
# 練習1で使う、会社の報告書を再現しておきます。
# 良性を1とする元の`target`のまま、近い5件の多数決を学習しています。

# %%
from checks.lesson_15 import check

# %%
report_model = KNeighborsClassifier().fit(X_train, source.target[X_train.index])
report_value = recall_score(source.target[X_test.index], report_model.predict(X_test))
print(f"報告書の値: {report_value:.3f}")

# %% [markdown]
# ### 練習 1: 報告書の取り違えを直す
#
# 下のセルの`answer`は実際の答え、`predicted`は会社のモデルの予測です。
# 報告書は、`recall_score(answer, predicted)`の値を「がんの発見率」と呼んでいます。
# これは、がんの発見率ではありません。
# 同じ`answer`と`predicted`から、悪性の再現率を計算して`malignant_recall`に入れてください。
#
# <details><summary>ヒント</summary>
#
# `answer`では、悪性はどちらの数字ですか。
# 「どちらを陽性としたかを確かめる」の節に、陽性の値を指定する書き方があります。
#
# </details>

# %% 練習 1
answer = source.target[X_test.index]
predicted = report_model.predict(X_test)
malignant_recall = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 場面に合う指標を選ぶ【自習】
#
# 次の4つの場面で、最初に見る指標を`"正解率"`、`"適合率"`、`"再現率"`、`"AUC"`から1つずつ選びます。
# どの指標も1回ずつ使います。
# 辞書`choices`の`...`を書き換えてください。
#
# - `sorting`: 手紙の宛先から、行き先の県を当てる。47の県の手紙はほぼ同じ数で、どの県を間違えても送り直しの手間は同じ。
# - `screening`: 命に関わる病気の一次検査。疑いがあれば、全員が安い再検査を受ける。
# - `freezing`: 不正の疑いがある口座を、確認なしにその場で止める。止められた本人は生活に困る。
# - `ranking`: 営業が電話をかける順番を付ける。何人にかけられるかは、その週になるまで決まらない。

# %% 練習 2
choices = {
    "sorting": ...,
    "screening": ...,
    "freezing": ...,
    "ranking": ...,
}

# %% 確認 2
check(2)

# %% [markdown]
# 練習3では、決定木の深さを選びます。
# 次の関数`cv_auc(depth)`は、訓練データだけを5つに分け、4つで学習して残り1つで採点することを5回繰り返します。
# 返すのはAUCの平均です。
# この測り方を交差検証と呼び、次のレッスンで詳しく扱います。

# %%
from sklearn.model_selection import cross_val_score


def cv_auc(depth):
    model = DecisionTreeClassifier(max_depth=depth, random_state=0)
    return cross_val_score(model, X_train, y_train, cv=5, scoring="roc_auc").mean()


# %% [markdown]
# 関数`open_test(model)`は、テストデータでのAUCを返します。
# 開けた木を`opened`に残します。
# `tree.score(X_test, y_test)`のように、この関数を通さずに見た回数は数えられないので、そちらは自分との約束です。

# %%
opened = []


def open_test(model):
    auc = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])
    opened.append(model)
    return auc


# %% [markdown]
# ### 練習 3: テストデータを開けずに、深さを選ぶ【自習】
#
# 決定木の`max_depth`を1から7の中から選び、AUCを基準モデルの0.5から伸ばします。
# テストデータで採点することを、ここでは「開ける」と呼びます。
# 開けてよいのは、選び終えた後の1本の木だけです。
#
# 1. `cv_auc`が最も高い深さを`best_depth`に入れる。
# 2. その深さの決定木（`random_state=0`）を、訓練データの全部で学習して`final_tree`に入れる。
# 3. `open_test(final_tree)`の結果を`test_auc`に入れる。
#
# 同じ木なら、セルを何回実行しても1本と数えます。
# 違う木を開けた後でやり直すときは、`opened = []`のあるセルから実行すると、開けた木が0本に戻ります。
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
# テストデータで別の深さを試せば、もっと高いAUCが見つかるかもしれません。
# それを見てから選び直すと、その値は「たまたまテストデータと相性が良かった深さ」の点数になります。

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 訓練データの正解率が1.00、テストデータの正解率が0.94でした。
# ここから言えることはどれですか。
#
# <details><summary>ア. 訓練データで満点なので、学習は成功し、本番でも満点に近い</summary>
#
# 不正解です。
# 満点は安心できる数字に見えますが、覚えたデータで答え合わせをした点数です。
# 初めて見るデータでの見込みは、0.94のほうです。
#
# </details>
# <details><summary>イ. 訓練データの偶然まで覚えた分が、差に現れている</summary>
#
# 正解です。
# 差が大きいほど、過学習を疑います。
#
# </details>
# <details><summary>ウ. テストデータに難しい検体が集まったので、分け直して測る</summary>
#
# 不正解です。
# 偶然の偏りはありえますが、良い値が出るまで分け直すと、テストデータに合わせて選んだことになります。
#
# </details>
#
# **問 2.** 不正な取引は1万件に10件です。
# ある検知モデルの正解率は99.9%でした。
# 正しい読み方はどれですか。
#
# <details><summary>ア. ほぼ完璧なので、そのまま使える</summary>
#
# 不正解です。
# 99.9%は高く見えますが、「いつも正常」と答えるだけで同じ値になります。
#
# </details>
# <details><summary>イ. 不正の再現率と適合率を見るまで、役に立つかどうか分からない</summary>
#
# 正解です。
# 1件も見つけていないのか、全部見つけたうえで誤報が10件あるのか、正解率では区別できません。
#
# </details>
# <details><summary>ウ. 不正を99.9%見つけている</summary>
#
# 不正解です。
# それは再現率の説明です。
# 正解率の分母は、すべての取引です。
#
# </details>
#
# **問 3.** しきい値を0.5から0.2に下げました。
# 必ず言えることはどれですか。
#
# <details><summary>ア. 再現率は、上がるか変わらないかのどちらかである</summary>
#
# 正解です。
# 陽性と予測する検体が増えるだけなので、見つけていた陽性を失うことはありません。
#
# </details>
# <details><summary>イ. 適合率は必ず下がる</summary>
#
# 不正解です。
# 下がることが多いのは確かですが、新しく陽性にした検体が全部当たっていれば上がります。
#
# </details>
# <details><summary>ウ. AUCが上がる</summary>
#
# 不正解です。
# AUCは、すべてのしきい値を試した線の面積です。
# 1つのしきい値を選んでも変わりません。
#
# </details>
#
# **問 4.** 学習したモデルに、新しいデータ`X_new`を予測させます。
# 呼ぶのはどれですか。
#
# <details><summary>ア. <code>fit(X_new)</code>で慣れさせてから<code>predict(X_new)</code></summary>
#
# 不正解です。
# 慣れさせるほど当たりそうですが、`fit`には答えが要り、呼ぶたびに前に学んだことを捨てます。
#
# </details>
# <details><summary>イ. <code>transform(X_new)</code></summary>
#
# 不正解です。
# `transform`は、桁をそろえるような前処理の部品が、値を変えて返す命令です。
#
# </details>
# <details><summary>ウ. <code>predict(X_new)</code></summary>
#
# 正解です。
# 渡すのは特徴量だけです。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - scikit-learnのモデルは、どれも`fit`で学び、`predict`で答え、`score`で採点します。
# - 点数は学習に使わないデータで測り、基準モデルからの伸びで読みます。
# - 混同行列は外れを見逃しと誤報に分け、再現率と適合率はそれぞれの少なさを表します。
# - 指標の関数は1を陽性とするので、探している側が1でなければ`pos_label`で指定します。
# - 片方の答えが少ないと、正解率は「何も見つけないモデル」に高い点を付けます。
# - AUCはしきい値を決める前の順番付けの力、適合率と再現率は決めた後の働きを測ります。
#
# 次のレッスンでは、前処理とモデルを1つにまとめ、1回の分け方に頼らない採点をします。

# %%
check.summary()
