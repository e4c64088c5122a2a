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
# 文は整っていて、計算も合っています。
# 中村さんはAに決めました。
#
# 翌月、継続率は下がりました。
# AIは計算を間違えていません。
# 間違っていたのは、中村さんが出した問いのほうでした。
#
# 答えを出す仕事が速くなるほど、問いを決め、材料を選び、答えを使ってよいか判断する仕事が人に残ります。
# ここではその3つを、短いコードで1つずつ確かめます。
#
# ## このレッスンで学ぶこと
#
# - 集計の数字が正しくても、問いが違えば結論が逆になる例を読む。
# - 答えの汚れたデータで学習すると、モデルに何が起きるかを確かめる。
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

# %%
campaigns["rate"] = campaigns["stayed"] / campaigns["sent"]
campaigns.pivot(index="customer", columns="campaign", values="rate").map("{:.0%}".format)

# %% [markdown]
# 新規でも得意客でも、Bのほうが上です。
# 全体でAが勝って見えたのは、もともと残りやすい得意客にAを多く送っていたからです。
# 翌月に継続率が下がったのは、どちらの客にも、残りにくいAを送ったためでした。
# 「どちらの数字が大きいか」ではなく「同じ客に送ったら、どちらが残るか」と問えば、結論は逆でした。
#
# 生成AIに2つ目の問いを渡せば、正しく計算してくれます。
# ただし、その問いを思いつくのは、誰にどう送ったかを知っている人です。
# 何を解くべきかを決める力を、この本では **問いを立てる力** と呼びます。

# %% [markdown]
# ## データを見極める力
#
# 次は材料です。
# 検査の記録から、しこりが悪性（がん）か良性かを見分けるモデルを作ります。
# 使うのは **決定木**（decision tree）で、「この値より大きいか」のような質問を重ねて答えを決めるモデルです。
# `X`が検査の値、`y`が診断です。
# 4分の3を学習に使い、残りは初めて見る検体として採点に使います。

# %%
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

# %% [markdown]
# もし記録係が、良性と悪性を書き間違えていたら、モデルはどうなるでしょうか。
# 学習に使う記録の0割から4割を、わざと逆にします。
# `order`は、どの記録から逆にするかを決めるでたらめな順番です。

# %%
import numpy as np
from sklearn.tree import DecisionTreeClassifier

order = np.random.RandomState(0).permutation(len(y_train))
wrong_rates = [0, 0.1, 0.2, 0.3, 0.4]

# %% [markdown]
# 割合を変えるたびに学習し直し、2通りに採点します。
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

# %% mystnb={"image": {"alt": "横軸は書き間違えた記録の割合、縦軸は当たった割合。手元の記録との一致は1のまま動かず、新しい検体で当たる割合は右へ行くほど下がる折れ線"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.3))
ax.plot(wrong_rates, seen, "s--", label="学習に使った記録と一致した割合")
ax.plot(wrong_rates, unseen, "o-", label="新しい検体で当たった割合")
ax.set(xlabel="書き間違えた記録の割合", ylabel="割合", ylim=(0.4, 1.05))
ax.legend()
plt.show()

# %% [markdown]
# 横軸は書き間違えた記録の割合、縦軸は当たった割合です。
# 実線を左から右へたどると、間違いが増えるほど、新しい検体で当たらなくなります。
# 次に破線を見てください。
# 汚れた記録と照らし合わせている限り、モデルは満点のままです。
# モデルは間違った答えを、間違ったとおりに覚えています。
#
# 「ゴミを入れればゴミが出る」という、昔からの言い習わしがあります。
# 英語の頭文字を取って **GIGO**（garbage in, garbage out）と呼びます。
# 破線の点数しか見ない人には、ゴミが入ったことが分かりません。
# 点数の計算は機械に任せられますが、記録の作られ方は表の外にあるので、機械には見えません。
# 記録がどう作られたかを調べ、使ってよいかを決める力が **データを見極める力** です。

# %% [markdown]
# ## AIを制御する力
#
# 最後は、できたモデルの使い方です。
# 正しい記録で学習したモデルに、ありえない検体を見せます。
# 1件目はすべての値が0、2件目はすべての値が100万です。
# `predict_proba`は、答えごとの確信の度合いを返します。

# %%
clean_model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)

# %%
nonsense = pd.DataFrame([[0.0] * 30, [1e6] * 30], columns=X.columns)
for certainty in clean_model.predict_proba(nonsense).max(axis=1):
    print(f"確信の度合い: {certainty:.0%}")

# %% [markdown]
# 存在しない細胞にも、迷わず答えました。
# 中の見えない箱（ブラックボックス）のまま使っていたら、この100%を信じるしかありません。
# 決定木の仕組みを知っていれば、理由が分かります。
# 質問を重ねて行き着いた所の答えを返すだけで、見たことのない値だと気づく仕組みがないのです。
# それなら、モデルの外に見張りを置けます。
# たとえば、細胞の核の半径（`mean radius`）が学習に使った範囲から外れた検体は、人に回します。

# %%
radius = X_train["mean radius"]
print(f"学習に使った半径は{radius.min():.1f}から{radius.max():.1f}です。")

# %% [markdown]
# 中身を知り、任せる範囲と止める条件を決める力が **AIを制御する力** です。
# 生成AIも、もっともらしい続きを作る仕組みで動くので、知らないことを尋ねても文は返ってきます。
# 3つの力がそろうと、AIに使われる側ではなく、使いこなす側に立てます。

# %% [markdown]
# ## 練習
#
# ### 練習 1: 願いを、当てられる問いにする
#
# スポーツジムの店長が言います。
# 「やめそうな会員さんを、早めに知りたいんだよね」。
# 聞き取ると、次のことが分かりました。
#
# - 電話をかけて引き止めるには、準備に14日かかる。
# - 退会は、窓口で手続きをすると記録に残る。
# - 一覧は月末に作り、31日後に作り直す。
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
given = question if isinstance(question, dict) else {}
assert given and all(value is not ... for value in given.values()), (
    "まだ答えの入っていない項目があります。`question`は辞書のまま、`...`だけを書き換えてください。"
)
unit, population, event = (str(given.get(name)) for name in ["unit", "population", "event"])
days = given.get("horizon_days")
assert (unit, population) == ("会員", "月末に契約中の会員"), (
    "`unit`か`population`を見直してください。電話をかける相手は誰で、一覧を作る日に残っているのは誰ですか。"
)
assert event == "退会の手続きをする", (
    "`event`は、後から記録で当たり外れを確かめられる出来事にします。やめることを表すのはどれですか。"
)
assert type(days) is int and 14 < days <= 31, (
    "`horizon_days`は、電話の準備より長く、一覧を作り直す日までに収まる整数にします。"
)
print("正解です。誰の、いつまでの、何を当てるかが決まり、答え合わせができます。")

# %% [markdown]
# ### 練習 2: 人に回す条件を書く
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
assert needs_human is not ..., "まだ答えが入っていません。`...`を関数に書き換えてください。"
inside = [radius.min(), radius.median(), radius.max()]
outside = [radius.min() - 0.1, radius.max() + 0.1, 0.0, 1e6]
try:
    replies = [needs_human(value) for value in inside + outside]
except Exception as error:
    replies = f"{type(error).__name__}: {error}"
assert isinstance(replies, list), (
    f"呼び出すと止まります。`def needs_human(value):`で始まる関数ですか。Pythonの言う理由: {replies}"
)
assert all(isinstance(reply, bool | np.bool_) for reply in replies), (
    "返ってきた値が`True`か`False`ではありません。関数の最後に`return 条件`がありますか。"
)
assert replies == [False] * len(inside) + [True] * len(outside), (
    "判断の合わない値があります。小さすぎる値、大きすぎる値、端ちょうどの値を1つずつ試してください。"
)
print("正解です。モデルに任せる範囲を、モデルの外から決めました。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** 生成AIの返した集計が、計算としては正しいと確かめました。
# 次に人がすることはどれですか。
#
# <details><summary>ア. 計算が正しいので、結論もそのまま採用する</summary>
#
# 不正解です。
# 計算が合うと結論まで正しく見えますが、中村さんの例では計算が合っていて結論が逆でした。
#
# </details>
# <details><summary>イ. その集計が、決めたいことに答える問いだったかを確かめる</summary>
#
# 正解です。
# 比べる相手がそろっているか、知りたい人たちの数字かを見ます。
#
# </details>
# <details><summary>ウ. 別の生成AIにも聞き、多数決で決める</summary>
#
# 不正解です。
# 同じ問いと同じ表を渡せば、正しい計算がもう1つ届くだけで、問いの間違いは残ります。
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
# データの間違いは、記録の作られ方を調べるか、別に確かめた答えと比べて見つけます。
#
# </details>
# <details><summary>ウ. 言える。ただしデータが多いときに限る</summary>
#
# 不正解です。
# 多ければ安心に思えますが、同じ間違え方をした記録は、増やしても間違えたままです。
#
# </details>
#
# **問 3.** モデルが「確信の度合い100%」と答えました。
# どう受け取りますか。
#
# <details><summary>ア. 学習に使ったような入力かどうかを、別に確かめる</summary>
#
# 正解です。
# ありえない細胞にも100%と答えたように、モデル自身は入力が見慣れたものかを調べていません。
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
# 学習に使った記録を全部言い当てるまで質問を重ねた決定木なので、いつも100%と答えます。
# 壊れているのではなく、そういう仕組みです。
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
