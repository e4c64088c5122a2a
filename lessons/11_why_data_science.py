# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 5
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # 生成AIの時代にデータサイエンスを学ぶ意義
#
# 通販会社の中村さんは、2つの引き止めキャンペーンのうち、どちらを続けるかを決める係です。
# 集計表を生成AIに渡すと、数秒で返事がきました。
# 「継続率はAが76%、Bが58%です。Aを続けることをお勧めします」。
# 中村さんはAに決めました。
#
# 翌月、継続率は下がりました。
# AIは計算を間違えていません。
# 間違っていたのは、中村さんが出した問いのほうでした。
#
# 答えを出す仕事が速くなっても、問いを決め、材料を選び、答えを使ってよいか判断する仕事は人に残ります。
# ここではその3つを、短いコードで確かめます。
#
# ## このレッスンで学ぶこと
#
# - 集計の数字が正しくても、問いが違えば結論が逆になる例を読む。
# - 書き間違いの混ざった答えで学習すると、モデルに何が起きるかを確かめる。
# - モデルが知らない入力にも答えてしまうことを見て、人に回す条件を書く。
# - あいまいな願いを、当てられる問いに書き直す。

# %% [markdown]
# ## 問いを立てる力
#
# 中村さんが集計する前の表には、もう1つ列がありました。
# 客が新規か、以前からの得意客かです。

# %%
import pandas as pd

campaigns = pd.DataFrame({
    "campaign": ["A", "A", "B", "B"],
    "customer": ["新規", "得意客", "新規", "得意客"],
    "sent": [100, 400, 400, 100],
    "stayed": [40, 340, 200, 90],
})
campaigns

# %% [markdown]
# `sent`は送った人数、`stayed`は残った人数です。

# %%
total = campaigns.groupby("campaign")[["sent", "stayed"]].sum()
print((total["stayed"] / total["sent"]).map("{:.0%}".format).to_dict())

# %% [markdown]
# 全体の継続率は、AIの返事のとおりです。
# 客の種類ごとに分けると、どうなるでしょうか。
# `pivot`は、客の種類を縦に、キャンペーンを横に並べ替えます。

# %%
campaigns["rate"] = campaigns["stayed"] / campaigns["sent"]
rates = campaigns.pivot(index="customer", columns="campaign", values="rate")
rates.map("{:.0%}".format)

# %% [markdown]
# 新規でも得意客でも、Bのほうが上です。
# 全体でAが勝って見えたのは、残りやすい得意客にAを多く送っていたからです。
# 同じ顔ぶれの客に一方だけを送ると、全体の継続率はどうなるでしょうか。
# 客の種類ごとに率と人数を掛けて残る人を見積もり、全員の人数で割ります。

# %%
customers = campaigns.groupby("customer")["sent"].sum()
print(f"先月: {campaigns['stayed'].sum() / customers.sum():.1%}")
for name in ["A", "B"]:
    print(f"全員に{name}: {(rates[name] * customers).sum() / customers.sum():.1%}")

# %% [markdown]
# 全員にAを送ると、先月より下がる計算です。
# Bを送っていた客にも、残りにくいAを送ることになるからです。
# 「同じ客に送ったら、どちらが残るか」と問えば、結論は逆です。
#
# この問いを渡せば、生成AIも計算できます。
# けれども、誰にどう送ったかを知らない人は、この問いを思いつけません。
# 何を解くべきかを決める力を、この本では **問いを立てる力** と呼びます。

# %% [markdown]
# ## データを見極める力【自習】
#
# 検査の記録から、しこりが悪性（がん）か良性かを答える規則を、コンピューターに作らせます。
# 記録から規則を作ることを **学習**、できた規則を **モデル** と呼びます。
# `X`はしこりから採った細胞（検体）の大きさや形を測った値、`y`は診断（悪性が0、良性が1）です。
# 4分の3を学習に使い、残りは初めて見る検体として採点に使います。
# `stratify`などの指定は、「scikit-learnによるモデル開発」で扱います。

# %%
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %% [markdown]
# もし記録係が、良性と悪性を書き間違えていたら、モデルはどうなるでしょうか。
# 学習に使う記録の0割から4割を、わざと逆にします。
# `order`は、どの記録から逆にするかを決めるでたらめな順番です。
# モデルには、「この値より大きいか」のような質問を重ねて答えを決める **決定木**（decision tree）を使います。
# ここでは、学習の記録をすべて言い当てるまで質問を重ねます。

# %%
import numpy as np
from sklearn.tree import DecisionTreeClassifier

order = np.random.RandomState(0).permutation(len(y_train))
wrong_rates = [0, 0.1, 0.2, 0.3, 0.4]

# %% [markdown]
# 割合を変えるたびに`fit`で学習し直し、`score`で2通りに採点します。
# 1から引くと0と1が入れ替わるので、診断が逆になります。
# `seen`は学習に使った記録と一致した割合、`unseen`は書き間違いのない新しい検体で当たった割合です。

# %%
seen, unseen = [], []
for rate in wrong_rates:
    labels = y_train.to_numpy().copy()
    flipped = order[: int(rate * len(labels))]
    labels[flipped] = 1 - labels[flipped]
    model = DecisionTreeClassifier(random_state=0).fit(X_train, labels)
    seen.append(model.score(X_train, labels))
    unseen.append(model.score(X_test, y_test))

# %% tags=["figure"] mystnb={"image": {"alt": "横軸は書き間違えた記録の割合、縦軸は割合。破線の、学習に使った記録との一致は1のまま動かず、実線の、新しい検体で当たる割合は右へ行くほど下がる折れ線"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.3))
ax.plot(wrong_rates, seen, "s--", label="学習に使った記録と一致した割合")
ax.plot(wrong_rates, unseen, "o-", label="新しい検体で当たった割合")
ax.set(xlabel="書き間違えた記録の割合", ylabel="一致した・当たった割合", ylim=(0.4, 1.05))
ax.legend()
plt.show()

# %% [markdown]
# 横軸は書き間違えた記録の割合です。
# 実線の「新しい検体で当たった割合」は、右へ行くほど、つまり間違いが増えるほど下がります。
# 破線の「学習に使った記録と一致した割合」は、満点のままです。
# モデルは間違った答えを、間違ったとおりに覚えています。
#
# 「ゴミを入れればゴミが出る」という言い回しがあり、英語の頭文字を取って **GIGO**（garbage in, garbage out）と呼びます。
# 破線の点数しか見ない人には、ゴミが入ったことが分かりません。
# 記録がどう作られたかを調べ、使ってよいかを決める力が **データを見極める力** です。

# %% [markdown]
# ## AIを制御する力【自習】
#
# 最後は、できたモデルの使い方です。
# 正しい記録で学習したモデルに、ありえない検体を見せます。
# 1件目はすべての値が0、2件目はすべての値が100万です。
# `predict_proba`は、悪性と良性の、それぞれの確信の度合いを返します。
# `max(axis=1)`で、1件ごとに高いほうを取り出します。
# 採点に使ったふつうの検体でも、最も低い度合いを調べます。

# %%
clean_model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)

# %%
nonsense = pd.DataFrame([[0.0] * 30, [1e6] * 30], columns=X.columns)
for certainty in clean_model.predict_proba(nonsense).max(axis=1):
    print(f"ありえない検体: {certainty:.0%}")
lowest = clean_model.predict_proba(X_test).max(axis=1).min()
print(f"ふつうの検体で最も低い値: {lowest:.0%}")

# %% [markdown]
# 存在しない細胞にも、ふつうの検体にも、100%と答えました。
# ふつうの検体でも、当たるのは図の実線の左端のとおり9割ほどです。
# 100%は、当たる保証でも、見慣れた入力かどうかの手がかりになりません。
# この決定木は、質問を重ねて行き着いた所の答えを返すだけで、見たことのない値だと気づく仕組みがないからです。
# 中の見えない箱（ブラックボックス）にせず仕組みを知れば、外に見張りを置けます。
# たとえば、核の半径（`mean radius`）が学習に使った範囲から外れた検体は、人に回します。

# %%
radius = X_train["mean radius"]
print(f"学習に使った半径は{radius.min():.1f}から{radius.max():.1f}です。")

# %% [markdown]
# 中身を知り、任せる範囲と止める条件を決める力が **AIを制御する力** です。
# 生成AIも、もっともらしい続きを作る仕組みで動くので、知らないことを尋ねても文は返ってきます。
# 問いと材料と止める条件を自分で決める人は、AIに使われる側ではなく、使いこなす側に立てます。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_11 import check

# %% [markdown]
# ### 練習 1: 願いを、当てられる問いにする
#
# スポーツジムの店長が言います。
# 「やめそうな会員さんを、早めに知りたいんだよね」。
# 聞き取ると、次のことが分かりました。
#
# - 電話をかけて引き止めるには、準備に14日かかる。期限がそれ以内では、誰にも間に合わない。
# - 退会は、窓口で手続きをすると記録に残る。
# - 一覧は月末に作り、31日後に作り直す。その先の退会は、次の一覧で当てる。
#
# 下の候補から1つずつ選び、辞書`question`の`...`を書き換えてください。
# 期限（`horizon_days`）は、何日先までのことを当てるかを整数で書きます。
#
# | 項目 | 意味 | 候補 |
# |---|---|---|
# | `unit` | 1件の予測が何についてか | `"店舗"`、`"会員"`、`"来館1回"` |
# | `population` | 予測する相手 | `"過去の全会員"`、`"退会した会員"`、`"月末に契約中の会員"` |
# | `event` | 当てる出来事 | `"満足していない"`、`"退会の手続きをする"`、`"電話に出る"` |

# %% 練習 1
question = {
    "unit": ...,
    "population": ...,
    "event": ...,
    "horizon_days": ...,
}

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 人に回す条件を書く【自習】
#
# 半径`value`を受け取り、学習に使った範囲から外れていれば`True`、範囲の中なら`False`を返す関数`needs_human`を書いてください。
# 端の値ちょうどは、範囲の中とします。
# 学習に使った半径は`radius`に入っています。
#
# <details><summary>ヒント</summary>
#
# `...`の行を、`def needs_human(value):`で始まる関数に書き換えます。
# 外れ方は2通りあります。
#
# </details>

# %% 練習 2
needs_human = ...

# %% 確認 2
check(2)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 生成AIの返した集計が、計算としては正しいと確かめました。
# 次に人がすることはどれですか。
#
# <details><summary>ア. 計算が正しいので、結論もそのまま採用する</summary>
#
# 不正解です。
# 中村さんの例では、計算が合っていて結論が逆でした。
#
# </details>
# <details><summary>イ. その集計が、決めたいことに答える問いだったかを確かめる</summary>
#
# 正解です。
# 比べる相手がそろっているかを見ます。
#
# </details>
# <details><summary>ウ. 送る人数を10倍に増やし、同じ集計をもう一度頼む</summary>
#
# 不正解です。
# 人数が多いと確かに見えますが、得意客にAを多く送る偏りは、人数を増やしても残ります。
#
# </details>
#
# **問 2.** モデルを、学習に使ったデータで採点すると満点でした。
# データに間違いがないと言えますか。
#
# <details><summary>ア. 言える。間違いがあれば満点は取れない</summary>
#
# 不正解です。
# 図の破線のとおり、間違った答えも覚えてしまえば満点になります。
#
# </details>
# <details><summary>イ. 言えない。間違った答えを覚えても満点になる</summary>
#
# 正解です。
# 記録の作られ方を調べるか、別に確かめた答えと比べます。
#
# </details>
# <details><summary>ウ. 言える。ただしデータが多いときに限る</summary>
#
# 不正解です。
# 同じ間違え方をした記録は、増やしても間違えたままです。
#
# </details>
#
# **問 3.** モデルが「確信の度合い100%」と答えました。
# どう受け取りますか。
#
# <details><summary>ア. 学習に使ったような入力かどうかを、別に確かめる</summary>
#
# 正解です。
# ありえない細胞にも100%と答えたように、モデルは入力が見慣れたものかを調べていません。
#
# </details>
# <details><summary>イ. 100%なので、人が見直す必要はない</summary>
#
# 不正解です。
# 確信の度合いは、モデルの中の計算で出た値で、当たる保証ではありません。
#
# </details>
# <details><summary>ウ. 100%と言うモデルは壊れているので、使わない</summary>
#
# 不正解です。
# 学習に使った記録を全部言い当てるまで質問を重ねた決定木は、壊れていなくても100%と答えます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 計算が正しくても、問いが違えば結論は逆になります。
# - 汚れた答えで学習したモデルは、手元の採点では満点のまま、新しいデータで外れます。
# - モデルは知らない入力にも答えるので、任せる範囲と止める条件を人が決めます。
# - 「やめそう」は、対象、期限、出来事を決めて、はじめて当てられる問いになります。
#
# 次のレッスンでは、データから規則を作る機械学習を、3つの種類に分けて動かします。

# %%
check.summary()
