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
# # 機械学習とは何か
#
# ひだまり便のコールセンターで働く石井さんは、解約しそうな客を見つける規則を頼まれました。
# 経験から「先月アプリを開いた日が3日より少ない人は解約する」と決め、電話の一覧を作ります。
# ところが3か月後に確かめると、解約した人の多くは一覧になく、一覧にいた人の多くは残っていました。
# 5日にすべきだったのか、契約からの月数も見るべきだったのか。
# 規則を直しては3か月待つのでは、いつまでも終わりません。
#
# けれども、過去に誰が解約したかは記録に残っています。
# それなら、規則を人が考える代わりに、記録から作らせる手があります。
# ここではその方法を、答えのある記録、答えのない記録、試さないと答えの出ない場面の3つで動かします。
#
# ## このレッスンで学ぶこと
#
# - 人が書いた規則と、記録から作った規則を、同じ基準で比べる。
# - `fit`と`predict`で、記録から規則を作り、答えを出す。
# - 答えのない記録から、似た集まりと、ほかと違うものを見つける。
# - 強化学習で、試す割合が結果をどう変えるかを読む。
# - 仕事の課題が、どの種類の機械学習に当たるかを言う。

# %% [markdown]
# ## 規則をデータから作る
#
# 架空の会社ひだまり便の、600人分の記録を作ります。
# `app_days`は先月アプリを開いた日数、`months`は契約からの月数、`complaints`は先月の苦情の件数で、`churned`はその後3か月のうちに解約したら1です。
# 解約しやすい（`risky`）のは、開いた日が10日より少なく、しかも契約から15か月より短い人と、苦情が2件以上の人です。
# この人たちは85%、ほかの人は6%が解約しますが、石井さんはそれを知りません。
# このレッスンのデータは、検査センターの記録を除いて、見せたい手法に合わせて作りました。
# そのため、現実の記録よりもきれいに分かれます。

# %%
import numpy as np
import pandas as pd

rng = np.random.RandomState(1)
members = pd.DataFrame({
    "app_days": rng.randint(0, 31, 600),
    "months": rng.randint(1, 37, 600),
    "complaints": rng.poisson(0.5, 600),
})
risky = (members["app_days"] < 10) & (members["months"] < 15) | (members["complaints"] >= 2)
members["churned"] = (rng.uniform(size=600) < np.where(risky, 0.85, 0.06)).astype(int)
members.head(3)

# %% [markdown]
# 記録を300人ずつに分け、片方を規則作りに、もう片方を採点に使います。
# 採点に使うほうを規則作りに使わないのは、丸暗記しただけの規則でも当たったように見えるからです。
# `random_state`は、何度実行しても同じ分け方にするための番号です。

# %%
from sklearn.model_selection import train_test_split

past, new = train_test_split(members, test_size=0.5, random_state=0)

# %% [markdown]
# 石井さんの規則と比べるのは、**決定木**（decision tree）です。
# 決定木も「アプリを開いた日は10日より少ないか」のような質問を重ねて答えますが、どの列のどの値で分けるかは記録から決まります。
# 手がかりの列と答えの列を`fit`に渡すと規則ができ、手がかりの列を`predict`に渡すと、その規則で答えます。
# まずは2列だけを手がかりにし、`max_depth=2`で質問を2回までに抑えます。

# %%
from sklearn.tree import DecisionTreeClassifier

columns = ["app_days", "months"]
tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(past[columns], past["churned"])

# %%
by_tree = tree.predict(new[columns])
by_hand = (new["app_days"] < 3).astype(int)

# %% [markdown]
# もう1つ、全員に「解約しない」と答えるだけの規則も並べます。
# 何も学ばなくても出せる成績なので、比べるときの基準になり、**基準モデル**（baseline model）と呼ばれます。
# 3つを、答えが当たった割合である **正解率**（accuracy）と、一覧に入れた人のうち解約した人数で比べます。

# %%
results = {"いつも「解約しない」": new["churned"] * 0, "石井さんの規則": by_hand, "決定木": by_tree}
print(f"採点に使う{len(new)}人のうち、解約は{new['churned'].sum()}人")
for name, answer in results.items():
    found = new["churned"][answer == 1].sum()
    rate = (answer == new["churned"]).mean()
    print(f"{name}: 正解率 {rate:.3f}、一覧の{answer.sum()}人のうち解約は{found}人")

# %% [markdown]
# 石井さんの規則の正解率は、何も学ばない基準にも負けました。
# というのも、一覧に入れた人のうち解約した人は半分より少なく、続ける人のほうを多く入れたからです。
# 決定木の一覧は人数が違うので割合で比べると、4人のうち3人が解約した人でした。
# できた規則を図に描きます。

# %% tags=["figure"] mystnb={"image": {"alt": "横軸はアプリを開いた日数、縦軸は契約からの月数の散布図。左下の長方形だけが解約と答える範囲。中の点は解約した人の三角形が多いが、三角形の半分より多くは長方形の外に散らばっている"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
across, up = np.meshgrid(np.linspace(-0.5, 30.5, 200), np.linspace(0, 37, 200))
grid = pd.DataFrame({"app_days": across.ravel(), "months": up.ravel()})
fig, ax = plt.subplots(figsize=(5.6, 4), layout="constrained")
answers_on_grid = tree.predict(grid).reshape(across.shape)
ax.contourf(across, up, answers_on_grid, levels=[0.5, 1], colors=["tab:orange"], alpha=0.25)
for label, marker in [(0, "o"), (1, "^")]:
    part = new[new["churned"] == label]
    ax.plot(part["app_days"], part["months"], marker, ms=4, label=["継続", "解約"][label])
ax.text(0, 15.5, "解約と答える範囲", fontsize=11, color="#8a4200", va="bottom")
ax.set(xlabel="先月アプリを開いた日数", ylabel="契約からの月数", ylim=(0, 37))
ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
plt.show()

# %% [markdown]
# 左下の色の付いた長方形が、決定木が解約と答える範囲です。
# 中にいるのは解約した人（三角）がほとんどですが、三角の半分より多くは、外に散らばっています。
# この2列に表れない理由でやめる人は、2列からは当てられません（練習2で、もう1列を足します）。
#
# 石井さんが悩んだ「どの列を、どの値で区切るか」は、記録からの計算で決まりました。
# このように、答え方を人が書く代わりに、データから決めさせる方法が **機械学習**（machine learning）です。
# 決めるのに使うデータは、過去の記録のことも、試しながら集めるもののこともあります。
#
# この計算には、2つの学問が入っています。
# ばらつきのある記録から傾向を読むのは応用統計学、区切りの候補を残らず速く試すのはコンピューターサイエンスの仕事です。
# つまり機械学習は、応用統計学とコンピューターサイエンスを組み合わせた技術で、データサイエンスが使う道具の1つです。

# %% [markdown]
# ### 決定木の質問を読む【自習】
#
# 決定木の規則は、図の範囲だけでなく、質問の並びとしても読めます。

# %%
from sklearn.tree import export_text

print(export_text(tree, feature_names=columns))

# %% [markdown]
# 字下げされた行は、上の質問に当てはまった人への、次の質問です。
# アプリを開いた日が少なく、しかも契約から日の浅い人だけが`class: 1`、つまり解約と判定されます。
# データを作るセルの「10日より少なく、15か月より短い」と見比べると、同じ区切りを記録だけから見つけています。
# 下のほうには、どちらへ進んでも`class: 0`の質問があります。
# 解約する割合が違うので分けたものの、どちらも続ける人のほうが多いからです。

# %% [markdown]
# ## 答えのある記録から学ぶ
#
# いまの例には、解約したかどうかという答えが付いていました。
# 答えの付いた記録から、答えの当て方を学ばせる方法が **教師あり学習**（supervised learning）です。
# 答えの列は **ラベル**（label）とも呼びます。
#
# 教師あり学習は、答えの形でさらに2つに分かれます。
# 解約するかしないかのような区分を当てれば **分類**（classification）、金額のような数を当てれば **回帰**（regression）です。

# %% [markdown]
# ### 住宅の価格を当てる（回帰）【自習】
#
# 架空の町の売り家300軒です。
# `area`は面積（m²）、`walk`は駅から歩く分数、`age`は築年数、`price`は価格（万円）です。

# %%
rng = np.random.RandomState(1)
homes = pd.DataFrame({
    "area": rng.uniform(40, 120, 300).round(),
    "walk": rng.randint(1, 25, 300),
    "age": rng.randint(0, 40, 300),
})
value = 800 + 52 * homes["area"] - 45 * homes["walk"] - 38 * homes["age"]
homes["price"] = (value + rng.normal(0, 300, 300)).round()
homes.head(3)

# %% [markdown]
# 半分を売れた家として学習に使い、残りの半分を採点に使います。
# `LinearRegression`（線形回帰）は、列ごとに「1増えると価格がいくら動くか」を決め、足し合わせて予測します。
# 基準は、いつも **中央値**（median、小さい順に並べたときの真ん中の価格）を答える`DummyRegressor`です。
# 外れ方は、予測と実際の差の、向きを問わない大きさ（絶対値）の平均で測ります。

# %%
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error

sold, listed = train_test_split(homes, test_size=0.5, random_state=0)
facts = ["area", "walk", "age"]

# %%
linear = LinearRegression().fit(sold[facts], sold["price"])
middle = DummyRegressor(strategy="median").fit(sold[facts], sold["price"])

# %%
for name, model in {"いつも中央値": middle, "線形回帰": linear}.items():
    gap = mean_absolute_error(listed["price"], model.predict(listed[facts]))
    print(f"{name}: 平均{gap:.0f}万円外れる")

# %%
pd.DataFrame({"価格の動き（万円）": linear.coef_.round()}, index=facts)

# %% [markdown]
# いつも同じ価格を答える基準より、外れ方がずっと小さくなりました。
# 表の数は、ほかの2列が同じなら、その列が1増えると価格がいくら動くかです。
# つまり広いほど高く、駅から遠いほど安く、古いほど安くなります。
# データを作るセルの式の52、45、38と見比べると、教えていない式に近い値を、記録から見つけています。

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は予測した価格、縦軸は実際の価格。点は対角線に沿って並び、線からのずれはどの価格でも同じくらいの散布図"}}
fig, ax = plt.subplots(figsize=(4.6, 4))
ax.plot(linear.predict(listed[facts]), listed["price"], "o", ms=4, alpha=0.7)
ax.plot([0, 7000], [0, 7000], ":", color="gray")
ax.set(xlabel="予測した価格（万円）", ylabel="実際の価格（万円）", xlim=(0, 7000), ylim=(0, 7000))
plt.show()

# %% [markdown]
# 点が点線にちょうど重なれば、予測と実際が同じです。
# 点は線の両側に、どの価格でも同じくらいの幅で散らばっています。
# 日当たりのように3つの列に表れない事情が、この幅になります。

# %% [markdown]
# ### 迷惑メールを見分ける（分類）【自習】
#
# 手がかりが文章のこともあります。
# 短い件名を10件ずつ用意します。

# %%
spam = [
    "今だけ無料で当選しました至急クリック", "おめでとうございます現金が当選しました",
    "無料ポイントを今すぐ受け取る", "あなたの口座が停止されます至急確認",
    "今すぐ登録で高収入", "当選のお知らせ賞金の受け取りはこちら",
    "必ずもうかる副業を無料で紹介", "至急口座情報の確認が必要です",
    "高収入の副業を期間限定で無料登録", "賞金を今すぐ受け取るには登録が必要です",
]
normal = [
    "明日の会議は十時から始めます", "先週の議事録を添付します",
    "見積書の修正ありがとうございました", "来週の出張の予定を教えてください",
    "資料の三ページ目に誤字がありました", "今月の請求書を経理に回しました",
    "会議の時間を遅らせてもよいですか", "議事録の修正点を送ります",
    "来週の会議の資料を送ります", "請求書の確認が終わりました",
]

# %% [markdown]
# モデルが計算できるのは数だけなので、`CountVectorizer`で、続いた2文字がそれぞれ何回出るかを数えます。
# `fit_transform`は2文字の種類を覚えてから数え、`transform`は覚えた種類だけを数えます。
# その回数から、どの2文字が迷惑メールに多いかを`MultinomialNB`に学習させます。

# %%
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

titles, is_spam = spam + normal, [1] * len(spam) + [0] * len(normal)
pairs = CountVectorizer(analyzer="char", ngram_range=(2, 2))
judge = MultinomialNB().fit(pairs.fit_transform(titles), is_spam)

# %% [markdown]
# 学習に使わなかった6件の件名が届きました。
# 前の3件が迷惑メールです。
# `predict_proba`は「ふつう」と「迷惑」の確率を2列で返すので、後の列を`[:, 1]`で取り出します。

# %%
arrived = [
    "無料で賞金が当選今すぐ登録", "期間限定の副業の紹介", "口座が停止されます",
    "明日の出張の資料を送ります", "会議の議事録の修正", "無料で使える会議室の予定",
]
chances = judge.predict_proba(pairs.transform(arrived))[:, 1]
for title, chance in zip(arrived, chances, strict=True):
    print(f"{chance:.2f} {title}")

# %%
truth = np.array([1, 1, 1, 0, 0, 0])
print(f"モデルの正解: 6件中{((chances >= 0.5) == truth).sum()}件")
print(f"いつも「ふつう」の正解: 6件中{(truth == 0).sum()}件")

# %% [markdown]
# 上の出力の左の数が、迷惑メールである確率です。
# 0.5以上を迷惑メールとすると、いつも同じ答えを返す基準より多く当たりました。
# とはいえ6件だけなので、ほかの件名をどれだけ当てるかは、まだ言えません。
# 何を手がかりにしたのか、影響の強い2文字を並べます。

# %% tags=["figure"] mystnb={"image": {"alt": "横棒グラフ。「無料」「今す」などの2文字は迷惑メールの側へ、「会議」などの2文字はふつうのメールの側へ伸びる"}}
ratio = (judge.feature_log_prob_[1] - judge.feature_log_prob_[0]) / np.log(2)
clues = pd.Series(ratio, index=pairs.get_feature_names_out()).sort_values(kind="stable")
strongest = pd.concat([clues.head(6), clues.tail(6)])
fig, ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
ax.barh(strongest.index, strongest, color=["tab:blue"] * 6 + ["tab:orange"] * 6)
ax.set_xticks([-3, -2, -1, 0, 1, 2, 3], ["8倍", "4倍", "2倍", "同じ", "2倍", "4倍", "8倍"])
ax.set_xlabel("何倍出やすいか（左はふつうのメール、右は迷惑メール）")
plt.show()

# %% [markdown]
# 「無料」は迷惑メールに、「会議」はふつうのメールに出やすい2文字です。
# 言葉の切れ端も並ぶので、文の意味を理解しているのではなく、出方の偏りを数えているだけだと分かります。
# 最後の「無料で使える会議室の予定」がどちらとも言いにくい確率になったのも、「無料」と「会議」が逆向きに引いたからです。

# %% [markdown]
# ## 答えのない記録からパターンを見つける
#
# 答えの列がない記録もあります。
# 答えなしでデータのパターンを見つける方法が **教師なし学習**（unsupervised learning）です。
#
# ### 買い方の似た客をまとめる（クラスタリング）
#
# ひだまり便の客240人の、月の注文回数（半年の平均）と1回の支払額です。

# %%
rng = np.random.RandomState(2)
habits = [(3.2, 2600), (1.0, 7600), (1.2, 3200)]
buyers = pd.DataFrame(
    np.vstack([rng.normal(center, (0.35, 550), size=(80, 2)) for center in habits]).clip(min=0),
    columns=["orders", "payment"],
)

# %% [markdown]
# `KMeans`は、指定した数の中心を置いて、全員をいちばん近い中心の組に入れ、組の真ん中へ中心を動かします。
# これを、中心が動かなくなるまで繰り返します。
# 似たものどうしの組に分けることが **クラスタリング**（clustering）で、できた組をクラスターと呼びます。
# ところが、そのまま測ると、桁の大きい支払額の差だけで組が決まってしまいます。
# そこで先に`StandardScaler`で、どちらの列も平均0、標準偏差1にそろえます（**標準化**、standardization）。

# %%
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

scaled = StandardScaler().fit_transform(buyers[["orders", "payment"]])
buyers["cluster"] = KMeans(n_clusters=3, n_init=10, random_state=0).fit_predict(scaled)
buyers.groupby("cluster").mean().round(1)

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は月の注文回数、縦軸は1回の支払額。点は3つのかたまりに分かれ、かたまりごとに印の形が違う散布図"}}
fig, ax = plt.subplots(figsize=(5.6, 3.6), layout="constrained")
for cluster, marker in enumerate(["o", "^", "s"]):
    part = buyers[buyers["cluster"] == cluster]
    ax.plot(part["orders"], part["payment"], marker, ms=4, label=f"クラスター{cluster}")
ax.set(xlabel="月の注文回数", ylabel="1回の支払額（円）")
ax.legend()
plt.show()

# %% [markdown]
# まれにまとめて頼む人、少しずつ何度も頼む人、まれに少しだけ頼む人の3つに分かれました。
# クラスターの番号に意味はありません。
# だから、「常連」のような名前を付け、それぞれに何をするかは、人が中を見て決めます。

# %% [markdown]
# ### 組の数を決める【自習】
#
# いくつに分けるかも、計算だけでは決まりません。
# 中心からの離れ方（距離の2乗）の合計`inertia_`を、組の数ごとに並べます。
# 1組は、分けない場合の基準です。
# どの組の数でも、`n_init=10`で中心の置き始めを10通り試し、いちばんまとまったものを採ります。

# %%
for k in range(1, 7):
    fitted = KMeans(n_clusters=k, n_init=10, random_state=0).fit(scaled)
    print(f"{k}組: {fitted.inertia_:.0f}")

# %% [markdown]
# 組を増やすほど離れ方は減るので、いちばん小さい数を選ぶと、組の数はいくらでも増えます。
# そこで、減り方が急に緩む所を目安にします。
# ここでは3組までは大きく減り、その先はわずかです。

# %% [markdown]
# ### 診断を隠して、検体をまとめる【自習】
#
# 病院では、症状や検査値の似た患者をまとめ、治療の方針を考える材料にすることがあります。
# やり方は同じなので、検査センターの記録（レッスン11のもの）で試します。
# 1件の検体ごとに、細胞核を測った30列と、悪性か良性かの診断があります。
# 診断の列を隠し、測定値だけで2組に分けます。

# %%
import cell_samples

samples = cell_samples.load()
measured = StandardScaler().fit_transform(samples.drop(columns=["sample_id", "diagnosis"]))
groups = KMeans(n_clusters=2, n_init=10, random_state=0).fit_predict(measured)
pd.crosstab(samples["diagnosis"].rename("診断"), pd.Series(groups, name="組"))

# %% [markdown]
# 縦が隠しておいた診断、横が組の番号です。
# 診断を見せていないのに、悪性と良性におおよそ分かれました。
# というのも、この30列は、もともと腫瘍を診断するために設計された測定値だからです。
# 測るものが違えば、診断とは関係のない分かれ方をします。

# %% [markdown]
# ### ほかと違う注文を見つける（異常検知）【自習】
#
# カード払いの注文1,000件に、盗まれたカードによる深夜の高額な注文が12件混ざっています。
# `np.append`で、ふつうの988件の後ろに不正の12件をつなぎます。
# 不正だったかどうかの列は、モデルに見せません。

# %%
rng = np.random.RandomState(3)
payments = pd.DataFrame({
    "amount": np.exp(np.append(rng.normal(8, 0.6, 988), rng.normal(9.6, 0.7, 12))).round(),
    "hour": np.append(rng.normal(14, 3, 988) % 24, rng.uniform(0, 6, 12)).round(1),
})
fraud = np.append(np.zeros(988, dtype=int), np.ones(12, dtype=int))
payments.head(3)

# %% [markdown]
# `IsolationForest`は、ランダムな位置に区切りを入れ続け、少ない回数でほかから切り離せた注文ほど「変わっている」とします。
# 多数派から外れたものを見つけることが、**異常検知**（anomaly detection）です。
# `score_samples`は変わったものほど小さい値を返すので、符号を逆にして「変わり具合」にします。

# %%
from sklearn.ensemble import IsolationForest

detector = IsolationForest(random_state=0).fit(payments)
strangeness = -detector.score_samples(payments)

# %%
top = np.argsort(-strangeness, kind="stable")[:20]
print(f"変わっている順の20件: 不正は{fraud[top].sum()}件")
print(f"ランダムに選ぶ20件: 不正は平均{20 * fraud.mean():.2f}件")

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は時刻、縦軸は金額の対数。日中に注文が集まり、外れた20点に大きな丸が付く。丸は不正を表す×の多くを囲むが、×のない点も囲む散布図"}}
fig, ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
ax.plot(payments["hour"], payments["amount"], ".", ms=3, color="gray", label="注文")
ax.plot(
    payments["hour"].iloc[top], payments["amount"].iloc[top],
    "o", ms=9, mfc="none", color="tab:red", label="変わっている20件",
)
caught = payments[fraud == 1]
ax.plot(caught["hour"], caught["amount"], "x", ms=5, label="不正（答え合わせ）")
ax.set(xlabel="時刻", ylabel="金額（円、1目盛りで10倍）", yscale="log")
ax.minorticks_off()
ax.yaxis.set_major_formatter("{x:,.0f}")
ax.legend(loc="lower left", bbox_to_anchor=(-0.15, 1), ncols=3, frameon=False, columnspacing=1)
plt.show()

# %% [markdown]
# 赤い丸は、点の集まりから離れた所に付いています。
# ×は、モデルに見せなかった不正です。
# ところが、昼から夜の飛び抜けた高額や、夜中の少額の注文にも、×がないのに丸が付きました。
# 逆に、丸の付かない×は見逃しです。
#
# ランダムに選ぶよりずっと多くの不正を拾うので、調べる順番を決めるには役立ちます。
# けれども「珍しい」と「悪い」は別なので、丸が付いただけで不正とは決められません。

# %% [markdown]
# ## 行動しながら学ぶ
#
# アプリの先頭に出すおすすめのレシピを、AからCの3つから選びます。
# どれがよく注文されるかの記録は、まだありません。
# 出してみなければ分からず、出している間は、注文されないレシピの分だけ損をします。
#
# 行動を選び、結果の良し悪しを受け取りながら、より良い選び方を身に付ける方法が **強化学習**（reinforcement learning）です。
# 受け取る良し悪しを **報酬**（reward）と呼び、ここでは注文されれば1、されなければ0です。
#
# 次の`recommend`は、おすすめを2,000回出します。
# `explore`の割合でランダムに選び、残りの回は、それまでに注文された率が最も高いレシピを選びます（同じ率ならランダム）。
# 本当の率`true_rates`は、注文されたかどうかを決めるだけで、選ぶ側には見えません。
# コードで読む所は、`choice`を決める1行だけで足ります。

# %%
true_rates = [0.04, 0.06, 0.10]


def recommend(explore, seed, rounds=2000):
    rng = np.random.RandomState(seed)
    shown, ordered, rewards = np.zeros(3), np.zeros(3), []
    for _ in range(rounds):
        rates = ordered / np.maximum(shown, 1) + rng.uniform(0, 1e-9, size=3)  # 0では割らない
        choice = rng.randint(3) if rng.uniform() < explore else rates.argmax()
        rewards.append(rng.uniform() < true_rates[choice])
        shown[choice] += 1
        ordered[choice] += rewards[-1]
    return shown, np.cumsum(rewards) / np.arange(1, rounds + 1)


# %% [markdown]
# 返すものは2つで、レシピごとに出した回数と、それまでに注文された率の移り変わりです。
#
# 試す回を **探索**（exploration）、それまでの成績で選ぶ回を **活用**（exploitation）と呼びます。
# 探索の割合を3通りに変え、運の影響を小さくするために、乱数の種を変えた50回の平均で比べます。

# %%
explores = {"毎回試す": 1, "1割だけ試す": 0.1, "試さない": 0}
trials = {name: [recommend(e, seed) for seed in range(50)] for name, e in explores.items()}
for name, results_of in trials.items():
    rate = np.mean([curve[-1] for _, curve in results_of])
    best = sum(shown.argmax() == 2 for shown, _ in results_of)
    print(f"{name}: 注文された率は平均{rate:.3f}、Cを最も多く出したのは50回中{best}回")

# %% tags=["figure"] mystnb={"image": {"alt": "横軸はおすすめを出した回数、縦軸はそこまでに注文された率の、50回の平均。1割だけ試す線は右へ行くほど点線に近づく。試さない線は早くに頭打ちになり、毎回試す線は低いまま平らな折れ線"}}
fig, ax = plt.subplots(figsize=(5.6, 3.6), layout="constrained")
for (name, results_of), style in zip(trials.items(), ["--", "-", "-."], strict=True):
    ax.plot(np.mean([curve for _, curve in results_of], axis=0), style, label=name)
ax.axhline(max(true_rates), color="gray", ls=":", label="最も良いレシピの率")
ax.set(xlabel="おすすめを出した回数", ylabel="そこまでに注文された率")
ax.set(xlim=(50, 2000), ylim=(0.04, 0.11))
ax.legend(ncols=2, loc="lower right", frameon=False)
plt.show()

# %% [markdown]
# 1割だけ試す線は、良いレシピを見つけるにつれて点線に近づきます。
# 届かないのは、試す回には率の低いレシピも出るからで、50回のうち7回は、Cがいちばん多くはなりませんでした。
# 毎回試すと、良いレシピが分かった後もランダムに出すので、線は低いままです。
# 試さない線も、早くに頭打ちになります。
# はじめに偶然注文されたレシピを出し続け、もっと良いものがあっても、確かめる回がないためです。
# 探索と活用の釣り合いを考えるこの問題を、**多腕バンディット**（multi-armed bandit）と呼びます。

# %% [markdown]
# ### 囲碁やロボットの強化学習【自習】
#
# おすすめの例は、結果がその場で分かり、1回の選択が次の場面を変えないので、強化学習の中では最も単純です。
# ところが囲碁や将棋では、1手が次の場面を変え、勝ち負けは最後に分かります。
# ロボットの制御でも、いまの1歩の良し悪しは、続く何歩かを見ないと決まりません。
# そのため多くの試行が必要で、シミュレーターのような、失敗してもよい場所を用意できるかが、使えるかどうかを大きく左右します。

# %% [markdown]
# ## 3つの種類を見分ける
#
# 迷ったら、「知りたい答えが、過去の記録にあるか」から考えます。

# %% tags=["figure"] mystnb={"image": {"alt": "機械学習の種類を見分ける道順の図。知りたい答えが過去の記録にあり、区分を当てるなら分類、数を当てるなら回帰。答えがなく、試した結果を見て選び方を直すなら強化学習。どちらでもなければ、似た集まりを探すならクラスタリング、ほかと違うものを探すなら異常検知"}}
from figures.learning_kinds import learning_kinds

learning_kinds()

# %% [markdown]
# 青が教師あり学習、オレンジが強化学習、緑が教師なし学習です。
# 題材が同じでも、記録にあるものと知りたいことが変われば、種類も変わります。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_12 import check

# %% [markdown]
# ### 練習 1: 6つの課題を仕分け、決め手を確かめる
#
# 課題ごとに、`"分類"`、`"回帰"`、`"クラスタリング"`、`"異常検知"`、`"強化学習"`のどれかを選び、辞書`kinds`の`...`を書き換えてください。
#
# - `refund`: 過去の問い合わせと、返金になったかの記録から、新しい問い合わせが返金になるかを当てる。
# - `freezer`: 故障の記録がまだない冷凍庫で、いつもと違う温度の日を見つける。
# - `stars`: 1から5の星の付いた過去の感想から、新しい感想が星4以上かどうかを当てる。
# - `coupon`: 3種類のクーポンの出し分け方を、使われたかどうかを見ながら、出しながら身に付ける。
# - `minutes`: 距離と荷物の数と、過去の配達にかかった分数から、次の配達にかかる分数を当てる。
# - `towns`: 注文の入り方の似た町をまとめ、まとめたそれぞれに配達の曜日を決める。
#
# 次に、条件が1つ変わると種類も変わるかを考え、同じ5つの言葉で辞書`changed`に答えてください。
#
# - `freezer`: 故障した日の記録が200日分たまったので、それを使って、その日に故障するかを当てる。
# - `stars`: 星4以上かどうかではなく、1つのレシピに客たちが付ける星の平均（4.3など）を当てる。
# - `towns`: 町の曜日はもう決まっているので、その記録を見て、新しい町をどの曜日に入れるかを当てる。
#
# <details><summary>ヒント</summary>
#
# 「3つの種類を見分ける」の図を、左上の問いから順にたどります。
#
# </details>

# %% 練習 1
kinds = {
    "refund": ...,
    "freezer": ...,
    "stars": ...,
    "coupon": ...,
    "minutes": ...,
    "towns": ...,
}
changed = {"freezer": ..., "stars": ..., "towns": ...}

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 苦情の列を足して、学習し直す【自習】
#
# 図の長方形の外で解約した人には、2列に表れない理由がありそうです。
# 苦情の件数も集めれば、もっと見つかるかを確かめます。
#
# 1. `app_days`、`months`、`complaints`の3列から、質問が3回までの決定木を`past`で学習します（`random_state=0`を渡します）。
# 2. `new`の300人についての答えを、`answers`に入れます。
# 3. `answers`の一覧で見つかる解約の人数が、2列の決定木の一覧（`by_tree`）より何人多いかを、整数で`gained`に入れます。
#
# <details><summary>ヒント</summary>
#
# 本文の`tree`と`by_tree`を作るセルを、列と回数を替えて書きます。
# 見つかる人数は、結果を並べるセルの`found`と同じ数え方です。
#
# </details>

# %% 練習 2
answers = ...
gained = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 調べる注文のしきい値を決める【自習】
#
# 調査係が1日に調べられる注文は、多くて30件です。
# `strangeness`がしきい値以上の注文を、調査係に回します。
# 30件を超えない範囲で、不正をできるだけ多く回せるしきい値を、数で`limit`に入れてください。
#
# 実際の仕事では、不正かどうか（`fraud`）は調べ終わるまで分かりません。
# ここでも`fraud`を使わずに決め、30件の枠は使い切ります。
#
# <details><summary>ヒント</summary>
#
# しきい値を下げるほど、回す件数が増えます。
# しきい値「以上」を回すので、ちょうど30番目の値をしきい値にすると、その注文も入ります。
# `np.sort(strangeness)`は小さい順に並べます。
# 大きいほうから30番目の値は、後ろから数えて取り出せます。
#
# </details>

# %% 練習 3
limit = ...

# %% 確認 3
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 機械学習の説明として合うものはどれですか。
#
# <details><summary>ア. 専門家の規則を、漏れなくプログラムに書く</summary>
#
# 詳しく書けば機械が賢くなる、と考えた人もいるかもしれません。
# けれども、どんなに細かくても、規則を書くのが人なら石井さんの方法と同じです。
#
# </details>
# <details><summary>イ. 過去の例を残らず覚え、同じ例には同じ答えを返す</summary>
#
# 覚えることを学習だと考えた人は、初めて見る例をどう扱うかを思い浮かべてください。
# 決定木は過去の例から区切りを作ったので、採点に使った初めての客にも答えました。
#
# </details>
# <details><summary>ウ. 答え方を、データから決めさせる</summary>
#
# 正解です。
# 人の仕事は、データを用意し、決まった答え方を採点することに移ります。
#
# </details>
#
# **問 2.** 来月の売上について、「何円か」と「目標に届くか」を当てます。
# 種類はどうなりますか。
#
# <details><summary>ア. 前が回帰で、後が分類</summary>
#
# 正解です。
# 前は数、後は「届く・届かない」の区分を当てます。
#
# </details>
# <details><summary>イ. どちらも売上の話なので、両方とも回帰</summary>
#
# 題材が同じなら種類も同じだと考えた人は、当てるものの形を見てください。
# 「届くか」の答えは2つしかなく、数ではありません。
#
# </details>
# <details><summary>ウ. 前が教師あり学習で、後が教師なし学習</summary>
#
# 金額だけが「答え」に見えたかもしれません。
# 後の課題にも、過去の月に届いたかどうかという答えがあります。
#
# </details>
#
# **問 3.** 客を5つのクラスターに分けました。
# 言えることはどれですか。
#
# <details><summary>ア. 客の種類は5つだと、計算で確かめられた</summary>
#
# 計算の結果なので、5という数にも根拠があるように見えます。
# ところが5と指定すれば、どんなデータでも5つに分かれます。
#
# </details>
# <details><summary>イ. 5つが何を表すかは、まだ分からない</summary>
#
# 正解です。
# それぞれの平均などを見て、仕事に使える分け方かどうかを考えます。
#
# </details>
# <details><summary>ウ. 4つのときより離れ方の合計が小さいので、5つのほうが正しい</summary>
#
# 離れ方が小さいほど良い分け方だ、という考えは、組の数が同じなら合っています。
# 組を増やせば離れ方は減るので、数の違うものを比べる証拠にはなりません。
#
# </details>
#
# **問 4.** おすすめの例で、試す割合を0にしました。
# 起きやすいことはどれですか。
#
# <details><summary>ア. はじめに注文されたレシピを、出し続ける</summary>
#
# 正解です。
# 試す回は損にも見えますが、はじめの偶然から抜け出すための費用です。
#
# </details>
# <details><summary>イ. 試す無駄がなくなるので、最も良いレシピにたどり着く</summary>
#
# 1割だけ試す線が点線に届かない分を、すべて無駄だと考えた人が選びます。
# その回をなくすと、いまのレシピより良いものがあっても、気づくきっかけがなくなります。
#
# </details>
# <details><summary>ウ. 何も学ばず、3つをランダムに選び続ける</summary>
#
# 割合の向きを逆に読んだときの答えです。
# ランダムに選び続けるのは、割合を1にした「毎回試す」です。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 機械学習は、答え方を人が書く代わりに、データから決めさせる方法です。
# - 教師あり学習は答えのある記録から学び、区分を当てれば分類、数を当てれば回帰です。
# - 教師なし学習は答えのない記録から、似た集まりや、ほかと違うものを見つけます。
# - 強化学習は、行動の結果を受け取りながら、選び方を身に付けます。
#
# 次のレッスンでは、Databricksで学習を進める道具の全体を見渡します。

# %%
check.summary()
