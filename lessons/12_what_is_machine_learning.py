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
# 動画配信会社の石井さんは、解約しそうな会員を見つける規則を頼まれました。
# 経験から「先月の視聴が3時間より短い人は解約する」と決め、一覧を作ります。
# 3か月後、解約した人の多くは一覧になく、一覧にいた人の多くは残っていました。
# 5時間にすべきだったのか、加入からの月数も見るべきだったのか。
# 規則を直すたびに試行錯誤が続き、会員の好みが変われば、またやり直しです。
#
# 過去に誰が解約したかは、記録に残っています。
# それなら、規則を人が考える代わりに、記録から作らせる手があります。
# ここではその方法を、答えのある記録、答えのない記録、行動してみないと答えの出ない場面の3つで動かします。
#
# ## このレッスンで学ぶこと
#
# - 人が書いた規則と、データから作った規則を、同じ物差しで比べる。
# - 分類と回帰の違いを、動かした例で説明する。
# - 答えのないデータから、似た集まりと、ほかと違うものを見つける。
# - 試しながら覚える強化学習を、3つの広告で動かす。
# - 仕事の課題を見て、どの種類の機械学習に当たるかを言う。

# %% [markdown]
# ## 規則をデータから作る
#
# 石井さんの会社の記録に似せたデータを作ります。
# `hours`は先月の視聴時間、`months`は加入からの月数、`churned`は翌月に解約したら1です。
# 本当の規則は、データを作るこのセルだけが知っています。
# このレッスンのデータを作るセルは、読み飛ばして結果だけを見てもかまいません。

# %%
import numpy as np
import pandas as pd

rng = np.random.RandomState(0)
members = pd.DataFrame({
    "hours": rng.gamma(2, 4, size=600).round(1),
    "months": rng.randint(1, 37, size=600),
})
leaves = (members["hours"] < 6) & (members["months"] < 15)
members["churned"] = (rng.uniform(size=600) < np.where(leaves, 0.85, 0.08)).astype(int)
members.head(3)

# %% [markdown]
# 記録を半分に分け、片方を規則作りに、もう片方を採点に使います。
# 採点に使うほうは、丸暗記で当たってしまわないように、規則を作る間は見ません。

# %%
from sklearn.model_selection import train_test_split

past, new = train_test_split(members, test_size=0.5, random_state=0)
print(f"規則作りに{len(past)}人、採点に{len(new)}人を使います。")

# %% [markdown]
# 石井さんの規則と、記録から規則を作る決定木を比べます。
# 決定木は、「視聴時間は6時間より短いか」のような質問を重ねて答えを出すモデルです。
# どの列の、どの値で分けるかは、記録から決まります。
# `fit`が規則を作る命令、`predict`がその規則で答える命令です。
# `max_depth=2`は、1人に重ねる質問を2回までにする指定です。

# %%
from sklearn.tree import DecisionTreeClassifier

columns = ["hours", "months"]
tree = DecisionTreeClassifier(max_depth=2, random_state=0).fit(past[columns], past["churned"])

# %%
by_tree = tree.predict(new[columns])
by_hand = (new["hours"] < 3).astype(int)

# %% [markdown]
# 比べる相手をもう1つ加えます。
# 全員に「解約しない」と答えるだけの、何も学ばないモデルです。
# 3つを、当たった割合（正解率）と、見つけた解約の人数で比べます。

# %%
results = {"いつも「解約しない」": new["churned"] * 0, "石井さんの規則": by_hand, "決定木": by_tree}
print(f"採点に使う{len(new)}人のうち、解約は{new['churned'].sum()}人")
for name, answer in results.items():
    found = new["churned"][answer == 1].sum()
    rate = (answer == new["churned"]).mean()
    print(f"{name}: 正解率 {rate:.3f}、一覧の{answer.sum()}人のうち解約は{found}人")

# %% [markdown]
# 石井さんの規則の正解率は、何も学ばない答えにも負けました。
# 一覧のうち解約した人は半分より少なく、残る人のほうを多く入れたからです。
# 決定木は、正解率と人数のどちらでも、ほかの2つを上回っています。
# どんな規則ができたのか、中をのぞきます。

# %%
from sklearn.tree import export_text

print(export_text(tree, feature_names=columns))

# %% [markdown]
# 字下げされた行は、上の質問に当てはまった人への次の質問です。
# 加入から日が浅く、しかも視聴時間の短い人だけが`class: 1`、つまり解約と判定されます。
# 加入から日の経った人は、次の質問がどちらでも`class: 0`で、続けると判定されます。
# データを作るセルでは、視聴が6時間より短く、加入から15か月より短い人を85%、ほかの人を8%の率で解約させました。
# 木の区切りと見比べると、近い値を記録だけから見つけたことが分かります。

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は視聴時間、縦軸は加入からの月数。左下の長方形の中だけが解約と判定され、解約した人を表す三角形の多くがその中に集まる散布図"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
across, up = np.meshgrid(np.linspace(0, 30, 200), np.linspace(0, 37, 200))
grid = pd.DataFrame({"hours": across.ravel(), "months": up.ravel()})
fig, ax = plt.subplots(figsize=(6, 3.6))
ax.contourf(across, up, tree.predict(grid).reshape(across.shape), levels=1, alpha=0.25)
for label, marker in [(0, "o"), (1, "^")]:
    part = new[new["churned"] == label]
    ax.plot(part["hours"], part["months"], marker, ms=4, label=["継続", "解約"][label])
ax.set(xlabel="先月の視聴時間", ylabel="加入からの月数", xlim=(0, 30))
ax.legend()
plt.show()

# %% [markdown]
# 横軸は視聴時間、縦軸は加入からの月数で、点は採点に使った会員です。
# 背景の色が違う左下の長方形が、決定木が解約と答える範囲です。
# 三角の解約の多くが、この中に集まっています。
# ただし外にも三角は散らばり、中にも丸があります。
# この2列に表れない理由でやめる人は、当てられません。
#
# 石井さんが試行錯誤した「どの列を、どの値で区切るか」を、記録からの計算が決めました。
# このように、過去の例から規則を作らせる方法が **機械学習**（machine learning）です。
# 作られた規則を **モデル**（model）と呼びます。
#
# この計算には、2つの学問が入っています。
# ばらつきのある記録から傾向を読むのは応用統計学、区切りの候補を残らず速く試すのはコンピューターサイエンスの仕事です。
# データサイエンスは、2つを組み合わせて仕事の問いに答えます。

# %% [markdown]
# ## 答えのある記録から学ぶ
#
# いまの例には、解約したかどうかという答えが付いていました。
# 答えの付いた記録を見せて、答えの当て方を学ばせる方法を **教師あり学習**（supervised learning）と呼びます。
# 答えの列は **ラベル**（label）とも呼びます。
#
# 教師あり学習は、答えの形で2つに分かれます。
# 解約するかしないかのような区分を当てるのが **分類**（classification）、金額のような数を当てるのが **回帰**（regression）です。
#
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
# 比べる相手は、いつも真ん中の価格（中央値）を答える`DummyRegressor`です。
# 外れ方は、予測と実際の差の平均で測ります。

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
print({name: f"{slope:+.0f}万円" for name, slope in zip(facts, linear.coef_, strict=True)})

# %% [markdown]
# いつも同じ価格を答える相手より、外れ方がずっと小さくなりました。
# 下の行は、列の値が1増えたときの価格の動きです。
# 広いほど高く、駅から遠いほど安く、古いほど安くなります。
# データを作るセルの式に書いた3つの数（52、45、38）と見比べてください。
# 式を教えていないのに、近い値を記録から見つけています。

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は予測した価格、縦軸は実際の価格。点は対角線に沿って並び、線からのずれはどの価格でも同じくらいの散布図"}}
fig, ax = plt.subplots(figsize=(4.6, 4))
ax.plot(linear.predict(listed[facts]), listed["price"], "o", ms=4, alpha=0.7)
ax.plot([0, 7000], [0, 7000], ":", color="gray")
ax.set(xlabel="予測した価格（万円）", ylabel="実際の価格（万円）", xlim=(0, 7000), ylim=(0, 7000))
plt.show()

# %% [markdown]
# 横軸が予測、縦軸が実際で、点線の上なら的中です。
# 点は線の両側に同じくらいの幅で並びます。
# 日当たりのように、3つの列では説明できない事情が、この幅に入ります。
#
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

# %%
titles = spam + normal
is_spam = [1] * len(spam) + [0] * len(normal)

# %% [markdown]
# モデルが計算できるのは数だけなので、文章を数にします。
# `CountVectorizer`で、続いた2文字がそれぞれ何回出るかを数えます。
# `fit_transform`は2文字の種類を覚えてから数え、`transform`は覚えた種類だけを数えます。
# `MultinomialNB`は、どの2文字が迷惑メールに多いかを覚え、新しい件名の確率を計算します。
# `predict_proba`が返す2列の確率のうち、迷惑メールの列を`[:, 1]`で取り出します。
# 学習に使わなかった6件の件名が届きました。
# 前の3件が迷惑メールです。

# %%
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB

pairs = CountVectorizer(analyzer="char", ngram_range=(2, 2))
judge = MultinomialNB().fit(pairs.fit_transform(titles), is_spam)

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
# 左の数が、迷惑メールである確率です。
# 0.5以上を迷惑メールとすると、いつも同じ答えを返す相手より多く当たりました。
# ただし6件だけなので、ほかの件名をどれだけ当てるかは、まだ言えません。
# どの2文字を手がかりにしたのか、判断を動かす力の強い順に並べます。
# 力は、その2文字が迷惑メールでふつうのメールの何倍出やすいかを、対数にした値です。
# 対数にすると、同じなら0、2倍と半分が左右に同じ長さになります。

# %%
weight = judge.feature_log_prob_[1] - judge.feature_log_prob_[0]
clues = pd.Series(weight, index=pairs.get_feature_names_out()).sort_values(kind="stable")
strongest = pd.concat([clues.head(6), clues.tail(6)])

# %% tags=["figure"] mystnb={"image": {"alt": "棒の長さは判断を動かす力。「無料」「今す」などの2文字は迷惑メールの側へ、「会議」などの2文字はふつうのメールの側へ伸びる横棒グラフ"}}
fig, ax = plt.subplots(figsize=(6, 3.6))
ax.barh(strongest.index, strongest, color=["tab:blue"] * 6 + ["tab:orange"] * 6)
ax.set_xlabel("判断を動かす力（負ならふつうのメール、正なら迷惑メール）")
plt.show()

# %% [markdown]
# 右に伸びた2文字が迷惑メールの、左に伸びた2文字がふつうのメールの手がかりです。
# 言葉の切れ端も並ぶので、文の意味を理解しているのではなく、出方の偏りを数えているだけだと分かります。
# 最後の「無料で使える会議室の予定」がどちらとも言いにくい値になったのも、「無料」と「会議」が逆向きに引いたからです。
#
# ここまでが教師あり学習です。
# 休むなら、ここが切りのよい所です。

# %% [markdown]
# ## 答えのない記録からパターンを見つける
#
# 答えの列がない記録もあります。
# 答えなしでデータのパターンを見つける方法を **教師なし学習**（unsupervised learning）と呼びます。
#
# ### 買い方の似た客をまとめる（クラスタリング）
#
# カフェの会員240人の、月の来店回数（半年の平均）と1回の支払額です。

# %%
rng = np.random.RandomState(2)
habits = [(3, 1200), (12, 400), (2, 4200)]
guests = pd.DataFrame(
    np.vstack([rng.normal(center, (1.2, 220), size=(80, 2)) for center in habits]).clip(min=0),
    columns=["visits", "payment"],
)
guests.head(3).round(1)

# %% [markdown]
# `KMeans`は、指定した数の中心を置き、全員をいちばん近い中心の組に入れます。
# 似たものどうしの組に分けることを **クラスタリング**（clustering）、できた組をクラスターと呼びます。
# 回数と円では桁が違うので、そのまま測ると円の差だけで組が決まります。
# 先に`StandardScaler`で、どちらの列も平均0、ばらつき1にそろえます。
# `n_init=10`は、中心の置き始めを10通り試し、いちばんまとまったものを採る指定です。

# %%
from sklearn.cluster import KMeans
from sklearn.preprocessing import StandardScaler

scaled = StandardScaler().fit_transform(guests[["visits", "payment"]])

# %%
guests["cluster"] = KMeans(n_clusters=3, n_init=10, random_state=0).fit_predict(scaled)
guests.groupby("cluster").mean().round(1)

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は来店回数、縦軸は1回の支払額。点は3つの離れたかたまりに分かれ、かたまりごとに印の形が違う散布図"}}
fig, ax = plt.subplots(figsize=(6, 3.4))
for cluster, marker in enumerate(["o", "^", "s"]):
    part = guests[guests["cluster"] == cluster]
    ax.plot(part["visits"], part["payment"], marker, ms=4, label=f"クラスター{cluster}")
ax.set(xlabel="月の来店回数", ylabel="1回の支払額（円）")
ax.legend()
plt.show()

# %% [markdown]
# 横軸は来店回数、縦軸は支払額です。
# よく来て少し買う人、たまに来て多く買う人、たまに来て中くらいに買う人に分かれました。
# クラスターの番号に意味はありません。
# 「常連」「ごほうび」のような名前を付け、それぞれに何をするかを決めるのは人です。
#
# いくつに分けるかも、人が決めます。
# 中心からの離れ方（距離の2乗）の合計`inertia_`を、組の数ごとに並べます。
# 1組は分けない場合で、比べる相手になります。

# %%
for k in range(1, 7):
    fitted = KMeans(n_clusters=k, n_init=10, random_state=0).fit(scaled)
    print(f"{k}組: {fitted.inertia_:.0f}")

# %% [markdown]
# 組を増やせば、離れ方は必ず減ります。
# 3組までは大きく減り、その先はわずかです。
# 減り方が急に緩む所を、組の数の目安にします。
#
# 症状や検査値の似た患者をまとめる仕事も、同じやり方です。
# 細胞の検査データから診断の列を隠し、測定値だけで2組に分けてみます。

# %%
from sklearn.datasets import load_breast_cancer

cancer = load_breast_cancer(as_frame=True)
measured = StandardScaler().fit_transform(cancer.data)
groups = KMeans(n_clusters=2, n_init=10, random_state=0).fit_predict(measured)

# %%
diagnosis = cancer.target.map({0: "悪性", 1: "良性"}).rename("診断")
pd.crosstab(diagnosis, pd.Series(groups, name="組"))

# %% [markdown]
# 縦が隠しておいた診断、横が組の番号です。
# 診断を見せていないのに、悪性と良性におおよそ分かれました。
# ただし、これで診断はできません。
# 測定値のいちばん目立つ違いが、たまたま診断と近かっただけで、いつもそうなるとは限らないからです。
#
# ### ほかと違う取引を見つける（異常検知）【自習】
#
# カードの取引1000件に、深夜の高額な取引が12件混ざっています。
# 不正だったかどうかの列は、モデルに見せません。

# %%
rng = np.random.RandomState(3)
payments = pd.DataFrame({
    "amount": np.exp(np.r_[rng.normal(8, 0.6, 988), rng.normal(9.6, 0.7, 12)]).round(),
    "hour": np.r_[rng.normal(14, 3, 988) % 24, rng.uniform(0, 6, 12)].round(1),
})
fraud = np.r_[np.zeros(988, dtype=int), np.ones(12, dtype=int)]
payments.head(3)

# %% [markdown]
# `IsolationForest`は、でたらめな位置で区切りを入れ続け、少ない回数で独りになる取引ほど「変わっている」とします。
# 多数派から外れたものを見つけることを **異常検知**（anomaly detection）と呼びます。
# `score_samples`は変わったものほど小さい値を返すので、符号を逆にして「変わり具合」にします。

# %%
from sklearn.ensemble import IsolationForest

detector = IsolationForest(random_state=0).fit(payments)
strangeness = -detector.score_samples(payments)

# %%
top = np.argsort(-strangeness, kind="stable")[:20]
by_chance = np.random.RandomState(0).choice(1000, size=20, replace=False)
print(f"変わっている順の20件: 不正は{fraud[top].sum()}件")
print(f"くじで選んだ20件: 不正は{fraud[by_chance].sum()}件")

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は時刻、縦軸は金額の対数。日中に取引が集まり、外れた20点に大きな丸が付く。丸は不正を表す×の多くを囲むが、×のない点も囲む散布図"}}
fig, ax = plt.subplots(figsize=(6, 3.4))
ax.plot(payments["hour"], payments["amount"], ".", ms=3, color="gray", label="取引")
ax.plot(
    payments["hour"].iloc[top], payments["amount"].iloc[top],
    "o", ms=9, mfc="none", color="tab:red", label="変わっている20件",
)
caught = payments[fraud == 1]
ax.plot(caught["hour"], caught["amount"], "x", ms=5, label="不正（答え合わせ）")
ax.set(xlabel="時刻", ylabel="金額（円）", yscale="log")
ax.yaxis.set_major_formatter("{x:,.0f}")
ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3)
plt.show()

# %% [markdown]
# 横軸は時刻、縦軸は金額（1目盛りで10倍になる対数）です。
# 丸は、点の集まりから離れた所に付いています。
# ×は、モデルに見せなかった不正です。
# 丸は左上の×だけでなく、×のない昼から夜の飛び抜けた額や、夜中の少額にも付きました。
# 丸の付かない×は、見逃しです。
# くじより不正をずっと多く拾いますが、丸の付いた取引がすべて不正とは限りません。
# 「珍しい」と「悪い」は別なので、最後は人が調べます。

# %% [markdown]
# ## 行動しながら学ぶ
#
# 3つの広告AからCのうち、どれがよく押されるかを知りたいとします。
# 記録はまだありません。
# 出してみなければ分からず、出している間は、押されない広告の分だけ損をします。
#
# 行動を選び、結果の良し悪しを受け取りながら、より良い選び方を身に付ける方法を **強化学習**（reinforcement learning）と呼びます。
# 受け取る良し悪しが **報酬**（reward）です。
# ここでは、押されたら1、押されなければ0です。
# 広告ごとの押される率は、次の関数`advertise`だけが使い、選ぶ側には見せません。
#
# `advertise`は、広告を何回も出し、押されたかどうかを受け取ります。
# `explore`は、でたらめに選ぶ割合です。
# 残りの回は、それまでに押された率（`clicked / shown`）の最も高い広告を、`np.argmax`で選びます。
# まだ1回も出していない広告があるうち（`shown.min() == 0`）は、でたらめに選びます。
# 返すのは広告ごとの回数と、「何回目までに押された割合」を並べた線です（`cumsum`は、そこまでの合計）。

# %%
true_rates = [0.04, 0.06, 0.10]


def advertise(explore, rounds=3000, seed=0):
    rng = np.random.RandomState(seed)
    shown, clicked, rewards = np.zeros(3), np.zeros(3), []
    for _ in range(rounds):
        trying = rng.uniform() < explore or shown.min() == 0
        choice = rng.randint(3) if trying else np.argmax(clicked / shown)
        reward = int(rng.uniform() < true_rates[choice])
        shown[choice] += 1
        clicked[choice] += reward
        rewards.append(reward)
    return shown.astype(int), np.cumsum(rewards) / np.arange(1, rounds + 1)


# %% [markdown]
# いつもでたらめに選ぶ場合と、1割だけ試す場合を比べます。

# %%
always_random, random_curve = advertise(explore=1.0)
mostly_best, learning_curve = advertise(explore=0.1)
print(f"いつもでたらめ: 出した回数{always_random.tolist()}、押された率{random_curve[-1]:.3f}")
print(f"1割だけ試す: 出した回数{mostly_best.tolist()}、押された率{learning_curve[-1]:.3f}")

# %% [markdown]
# 1割だけ試すほうは、広告Cに回数が集まり、押された率も高くなりました。
# Cが良いとは誰も教えていません。
# 報酬から、自分で選び方を変えたのです。
#
# 1回だけでは運に左右されるので、乱数の種を変えて50回ずつ試し、平均の線を描きます。

# %%
def mean_curve(explore):
    return np.mean([advertise(explore, rounds=1500, seed=seed)[1] for seed in range(50)], axis=0)


learning_mean, random_mean = mean_curve(0.1), mean_curve(1.0)

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は広告を出した回数、縦軸はそこまでの押された率。1割だけ試す線は右へ行くほど上がり、でたらめの線は低いまま平らな折れ線"}}
fig, ax = plt.subplots(figsize=(6, 3.3))
ax.plot(learning_mean, label="1割だけ試す")
ax.plot(random_mean, "--", label="いつもでたらめ")
ax.axhline(max(true_rates), color="gray", ls=":", label="最も良い広告の率")
ax.set(xlabel="広告を出した回数", ylabel="そこまでの押された率", ylim=(0, 0.15))
ax.legend()
plt.show()

# %% [markdown]
# 横軸は出した回数、縦軸はそこまでの押された率（50回の平均）です。
# 1割だけ試す線は、良い広告を見つけるにつれて、点線に近づきます。
# 点線との差は、試しに使った回と、どれが良いかまだ分からなかった頃の回の分です。
# 図の右端は、上で印字した1回の結果より低くなります。
# 図は1500回までで、最も良い広告を見つけるのが遅れた試行も平均に入るからです。
# 試すのをやめれば届きそうですが、はじめの頃の運で悪い広告を選ぶと、そこから抜けられません。
#
# これは、選んだ結果がその場で分かり、次の場面を変えない、最も単純な形の強化学習です。
# 囲碁や将棋のAI、歩くロボットの制御でも、強化学習は使われています。
# そこでは1手が次の場面を変え、良し悪しは後になって分かるので、はるかに多くの試行が要ります。
# 本物のロボットや客を相手に何万回も失敗はできないので、仕事で使えるかは、失敗してもよい試し場があるかに左右されます。

# %% [markdown]
# ## 3つの種類を見分ける
#
# | 種類 | 記録にあるもの | 知りたいこと | このレッスンの例 |
# |---|---|---|---|
# | 教師あり（分類） | 区分の答え | 新しい例の区分 | 解約、迷惑メール |
# | 教師あり（回帰） | 数の答え | 新しい例の数 | 住宅の価格 |
# | 教師なし（クラスタリング） | 答えなし | 似た集まり | カフェの会員、患者 |
# | 教師なし（異常検知） | 答えなし | ほかと違うもの | カードの取引 |
# | 強化学習 | 行動の結果 | 次に選ぶ行動 | 広告 |
#
# 迷ったら「過去の記録に、知りたい答えの列があるか」から考えます。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_12 import check

# %% [markdown]
# ### 練習 1: 8つの課題を仕分け、決め手を確かめる
#
# 課題ごとに、`"分類"`、`"回帰"`、`"クラスタリング"`、`"異常検知"`、`"強化学習"`のどれかを選び、辞書`kinds`の`...`を書き換えてください。
#
# - `loan`: 過去の融資が返済されたかの記録から、新しい申し込みが返済されるかを当てる。
# - `bento`: 天気と曜日と過去の販売数から、明日の弁当の販売数を当てる。
# - `readers`: 記事の読み方の似た読者をまとめる。まとめ方の正解はない。
# - `pump`: 故障の記録がまだないポンプで、いつもと違う振動の日を見つける。
# - `stars`: 1から5の星の付いた過去の感想から、新しい感想が星4以上かどうかを当てる。
# - `elevator`: 待ち時間が短くなるように、エレベーターの止まる階の選び方を、動かしながら身に付ける。
# - `rent`: 部屋の条件と過去の家賃から、新しい部屋の家賃を当てる。
# - `stores`: 売れ方の似た店をまとめ、まとめたそれぞれに担当を置く。
#
# 次に、条件が1つ変わると種類も変わるかを考え、同じ5つの言葉で辞書`changed`に答えてください。
# 何が決め手だったのかが、これで分かります。
#
# - `pump`: 故障した日の記録が200日分たまったので、それを使って故障する日を当てる。
# - `stars`: 星4以上かどうかではなく、1つの記事に読者たちが付ける星の平均（4.3など）を当てる。
# - `stores`: 店の担当はもう決まっているので、その記録を見て、新しい店をどの担当に入れるかを当てる。
#
# <details><summary>ヒント</summary>
#
# 「3つの種類を見分ける」の表で、「記録にあるもの」と「知りたいこと」の列を順に見ます。
#
# </details>

# %% 練習 1
kinds = {
    "loan": ...,
    "bento": ...,
    "readers": ...,
    "pump": ...,
    "stars": ...,
    "elevator": ...,
    "rent": ...,
    "stores": ...,
}
changed = {"pump": ..., "stars": ..., "stores": ...}

# %% 確認 1
check(1)

# %% [markdown]
# 練習2で使う、別のカフェの会員の記録を作っておきます。

# %%
rng = np.random.RandomState(7)
centers = [(2, 800), (2, 3600), (9, 600), (10, 2400)]
other = pd.DataFrame(
    np.vstack([rng.normal(center, (0.9, 260), size=(60, 2)) for center in centers]),
    columns=["visits", "payment"],
)

# %% [markdown]
# ### 練習 2: クラスターの数を決める【自習】
#
# 別のカフェの会員`other`を、来店回数`visits`と支払額`payment`の2列から、`KMeans`でまとめます。
# 2組から7組まで試し、中心からの離れ方の合計（`inertia_`）を、組の数をキーにした辞書`spreads`に入れてください。
# 桁は先に`StandardScaler`でそろえ、`KMeans`には`n_init=10, random_state=0`を渡します。
# 次に1組増やしても、わずかしか減らなくなる組の数を、整数で`n_groups`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 本文の`for k in range(1, 7):`のセルを写し、範囲とデータを替えます。
# 先に`spreads = {}`と書き、`print`の代わりに`spreads[k] = fitted.inertia_`とします。
# 1つ増やすと、前の何割に減るかを計算すると、緩む所が見えます。
#
# </details>

# %% 練習 2
spreads = ...
n_groups = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 調べる取引のしきい値を決める【自習】
#
# 調査係が1日に調べられる取引は、多くて30件です。
# `strangeness`がしきい値以上の取引を、調査係に回します。
# 30件を超えない範囲で、不正をできるだけ多く回せるしきい値を、数で`limit`に入れてください。
#
# 実際の仕事では、不正かどうか（`fraud`）は調べ終わるまで分かりません。
# ここでも`fraud`を使わずに決めてください。
# どれが不正か分からないので、30件の枠は使い切ります。
#
# <details><summary>ヒント</summary>
#
# しきい値を下げるほど、回す件数が増えます。
# しきい値「以上」を回すので、ちょうど30番目の値をしきい値にすると、その取引も入ります。
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
# <details><summary>ア. 専門家の規則を、人が漏れなくプログラムに書く</summary>
#
# 不正解です。
# 規則を書くのが人なら、どんなに細かくても石井さんの方法と同じです。
#
# </details>
# <details><summary>イ. 過去の例から、コンピューターに規則を作らせる</summary>
#
# 正解です。
# 人は、例を用意し、作られた規則を採点します。
#
# </details>
# <details><summary>ウ. 過去の例をすべて覚え、同じ例が来たら同じ答えを返す</summary>
#
# 不正解です。
# 丸暗記では、初めて見る例に答えられません。
# 決定木は過去の例から区切りを作ったので、採点に使った初めての会員にも答えました。
#
# </details>
#
# **問 2.** 来月の売上について、「何円か」と「目標に届くか」を当てます。
# 種類はどうなりますか。
#
# <details><summary>ア. どちらも売上の話なので、両方とも回帰</summary>
#
# 不正解です。
# 題材ではなく、当てるものの形で決まります。
#
# </details>
# <details><summary>イ. 前が回帰で、後が分類</summary>
#
# 正解です。
# 前は数、後は「届く・届かない」の区分を当てます。
#
# </details>
# <details><summary>ウ. 前が教師あり学習で、後が教師なし学習</summary>
#
# 不正解です。
# 後の課題にも、過去に届いたかどうかという答えがあります。
#
# </details>
#
# **問 3.** 客を5つのクラスターに分けました。
# 言えることはどれですか。
#
# <details><summary>ア. 客の種類が5つあると証明された</summary>
#
# 不正解です。
# 5と指定すれば、どんなデータでも5つに分かれます。
#
# </details>
# <details><summary>イ. 4つに分けたときより離れ方の合計が小さいので、5つのほうが正しい</summary>
#
# 不正解です。
# 小さいほど良さそうに見えますが、組を増やせば必ず減るので、減ったことは証拠になりません。
#
# </details>
# <details><summary>ウ. それぞれの平均などを見て、人が意味を考える</summary>
#
# 正解です。
# 仕事に使える分け方かどうかも、人が判断します。
#
# </details>
#
# **問 4.** 広告の例で、でたらめに試す割合を0にするとどうなりますか。
#
# <details><summary>ア. 試す無駄がなくなり、必ず最も良い広告にたどり着く</summary>
#
# 不正解です。
# 無駄がなくなるように見えますが、最初の運で選んだ広告が本当に良いかを、確かめ直せなくなります。
#
# </details>
# <details><summary>イ. 最初に運よく押された広告を、出し続けることがある</summary>
#
# 正解です。
# 試す回は損にも見えますが、間違いから抜け出すための費用です。
#
# </details>
# <details><summary>ウ. 何も学ばず、でたらめに選び続ける</summary>
#
# 不正解です。
# でたらめに選び続けるのは、割合を1にしたときです。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 機械学習は、規則を人が書く代わりに、過去の例から作らせる方法です。
# - 答えのある記録から学ぶのが教師あり学習で、区分を当てれば分類、数を当てれば回帰です。
# - 答えのない記録からパターンを見つけるのが教師なし学習で、クラスタリングと異常検知があります。
# - 強化学習は、行動の結果を受け取りながら、選び方を身に付けます。
# - どの種類でも、何も学ばない相手と比べて、学んだ分の価値を言います。
#
# 次のレッスンでは、こうした学習をDatabricksで進めるときの、道具の全体を見渡します。

# %%
check.summary()
