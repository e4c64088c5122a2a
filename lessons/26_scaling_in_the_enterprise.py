# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 10
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # 企業内でスケールさせる
#
# ひだまり便の解約予測は、1年目に成功しました。
# 話を聞いた配送部、商品部、コールセンターが、それぞれ自分たちで予測を始めます。
# 配送部は表計算ソフト、商品部は外部の会社、コールセンターは別のクラウドです。
#
# 2年目の終わりに、社長が尋ねました。
# 「予測は会社に4つあるが、どれが効いていて、次は何をすべきか」。
# 答えられる人はいませんでした。
# 顧客の数え方が4つで違い、事故が起きても誰が直すのか決まっていません。
# 1つ目の成功は、そのままでは2つ目の役に立たなかったのです。
#
# 3年目、会社は進め方を変えました。
# ここでは、ひだまり便の3年間を追いながら、1つの成功を会社に広げる3つの段階を、数字と表で確かめます。
#
# ## このレッスンで学ぶこと
#
# - 道具と知識を使い回すと、2つ目からの手間がどう変わるかを計算する。
# - 5つのチームの分担を、RACIの表に書き、抜けと重なりをコードで調べる。
# - 候補の順番を価値と手間から決め、順番で何が変わるかを数える。

# %% [markdown]
# ## 段階1: 成功を繰り返す
#
# 最初の段階では、新しい問題にも、前と同じ道具と知識、同じデータの置き方を使います。
# 知識を持つ人を集めた小さな組織を置き、各部署の相談に乗ります。
# この組織を **CoE**（center of excellence）と呼びます。
# ひだまり便では、解約予測を作った3人がデータサイエンスと機械学習のCoEになりました。
#
# 使い回しの効果を計算します。
# 1つの予測を作る手間を、部品ごとに週の数で見積もりました。

# %%
import pandas as pd

work = pd.DataFrame({
    "部品": ["データの取り込み", "特徴量", "モデル", "記録と登録", "監視", "使う画面"],
    "初めて": [6, 4, 2, 3, 4, 3],
    "使い回す": [2, 2, 2, 0.5, 1, 3],
}).set_index("部品")

# %%
work.T

# %% [markdown]
# モデルと画面は問題ごとに違うので、使い回しても減りません。
# 減るのは、その周りです。
# 4つの予測を作るまでの、手間の合計を比べます。

# %%
first, again = work["初めて"].sum(), work["使い回す"].sum()
separate = [first * count for count in range(1, 5)]
shared = [first + again * (count - 1) for count in range(1, 5)]
print(f"4つ作るまでに、ばらばらなら{separate[-1]:.0f}週、使い回せば{shared[-1]:.1f}週です。")

# %% mystnb={"image": {"alt": "横軸は作った予測の数、縦軸は手間の合計。1つ目は同じ高さで、2つ目からばらばらに作る線のほうが急に上がる2本の折れ線"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.2))
ax.plot(range(1, 5), separate, "s--", label="部署ごとにばらばら")
ax.plot(range(1, 5), shared, "o-", label="道具と知識を使い回す")
ax.set(xlabel="作った予測の数", ylabel="手間の合計（週）", ylim=(0, None))
ax.set_xticks(range(1, 5))
ax.legend()
plt.show()

# %% [markdown]
# 横軸は作った予測の数、縦軸はそれまでの手間です。
# 1つ目は同じで、差が付くのは2つ目からです。
# 1つ目だけを見て「共通の仕組みは回り道だ」と判断すると、その先の差を失います。
# 見積もりは架空のものなので、`work`の数字を自分の会社の見積もりに替えて動かしてみてください。

# %% [markdown]
# ## 段階2: 調整して構築する
#
# 予測が増えると、1つの組織では抱えきれません。
# 関わるチームの分担を調整し、全員が乗る共通の基盤を作ります。
#
# | チーム | 受け持つこと |
# |---|---|
# | DS/ML（データサイエンス・機械学習） | 問いを立て、モデルを作り、効果を測る |
# | DE（データエンジニアリング） | データを集め、検査し、使える表にする |
# | BI/アナリティクス | 数字を画面や報告にして、現場に届ける |
# | セキュリティ/インフラ | 権限、監査、ネットワークを守る |
# | プラットフォーム | 共通の基盤を用意し、動かし続ける |
#
# 仕事ごとの分担を、4つの文字で表に書きます。
# **RACI**（レイシー）と呼ばれる書き方です。
#
# | 文字 | 意味 |
# |---|---|
# | R（responsible） | 手を動かす |
# | A（accountable） | 結果に責任を持ち、最後に決める |
# | C（consulted） | 決める前に相談を受ける |
# | I（informed） | 決まったことを知らされる |

# %%
teams = ["DS/ML", "DE", "BI", "セキュリティ", "プラットフォーム"]

# %%
raci = pd.DataFrame(
    [
        ["C", "A", "I", "C", "R"],
        ["A", "R", "C", "I", "I"],
        ["R", "I", "C", "I", "R"],
        ["I", "C", "I", "A", "R"],
        ["A", "R", "A", "I", "C"],
    ],
    index=["元の表を集める", "特徴量を決める", "モデルを登録する", "権限を渡す", "効果を報告する"],
    columns=teams,
)
raci

# %% [markdown]
# 表の形になっても、正しいとは限りません。
# どの仕事にも、Aは1人だけ、Rは1人以上要ります。
# Aが2人いると決まらず、いないと誰も責任を持ちません。

# %%
def check_raci(table):
    problems = []
    for job, row in table.iterrows():
        accountable, responsible = (row == "A").sum(), (row == "R").sum()
        if accountable != 1:
            problems.append(f"{job}: Aが{accountable}人")
        if responsible == 0:
            problems.append(f"{job}: Rがいない")
    return problems


# %%
check_raci(raci)

# %% [markdown]
# 「モデルを登録する」にはAがなく、「効果を報告する」にはAが2人います。
# 事故の夜に誰も決められないのは、たいていこの2つのどちらかです。
# 直した表をもう一度調べます。

# %%
raci.loc["モデルを登録する", "DS/ML"] = "A"
raci.loc["効果を報告する", "BI"] = "C"
print(f"残った問題: {check_raci(raci)}")

# %% [markdown]
# ## 段階3: 部門を超えてスケールする
#
# 3年目には、分析の外の人が加わります。
#
# | 加わる人や物 | 何を持ち込むか |
# |---|---|
# | ビジネスリーダー | どの問題が会社にとって大きいかの判断と、使うと決める権限 |
# | 技術エキスパート（SME） | 現場のやり方と、数字の裏の事情 |
# | ソリューションアクセラレータ | よくある問題の、すぐに動かせるひな形 |
# | 事例（カスタマーサクセスストーリー） | 同じ問題を解いた会社の、効果と失敗 |
#
# **SME**（subject matter expert）は、その分野に詳しい人です。
# ソリューションアクセラレータは、Databricksが公開している、問題別のノートブックと手引きです。
# ひな形や事例は出発点で、自分の会社で効くかは、自分のデータで測ります。
#
# 人が集まると、候補も集まります。
# 各部署から出た10の候補に、1か月当たりの価値（万円）と、作る手間（週）の見積もりを付けました。

# %%
cases = pd.DataFrame({
    "name": ["解約の改善", "配送の遅れ", "在庫の予測", "電話の要約", "献立の提案",
             "値引きの最適化", "不正注文", "求人の応募", "広告の配分", "設備の故障"],
    "value": [120, 90, 200, 40, 60, 180, 70, 15, 110, 80],
    "weeks": [4, 6, 20, 3, 10, 16, 5, 4, 6, 14],
})  # fmt: skip

# %% mystnb={"image": {"alt": "横軸は作る手間、縦軸は1か月の価値。左上に手間が少なく価値の大きい候補、右上に手間も価値も大きい候補が、名前付きの点で並ぶ散布図"}}
fig, ax = plt.subplots(figsize=(6.4, 3.8))
ax.plot(cases["weeks"], cases["value"], "o")
for case in cases.itertuples():
    ax.annotate(case.name, (case.weeks, case.value), (4, 4), textcoords="offset points", fontsize=8)
ax.set(xlabel="作る手間（週）", ylabel="1か月の価値（万円）", xlim=(0, 24), ylim=(0, 230))
plt.show()

# %% [markdown]
# 横軸は手間、縦軸は価値です。
# 左上ほど、少ない手間で大きな価値を生みます。
# 右上の「在庫の予測」は価値が最も大きく、手間も最も大きい候補です。
#
# CoEは、1つずつ順に作ります。
# 作り終えた候補は、残りの期間ずっと価値を生みます。
# 2年（104週）の間に生む価値の合計を、順番ごとに数えます。

# %%
def total_value(order, horizon=104):
    table = cases.set_index("name").loc[list(order)]
    finished = table["weeks"].cumsum()
    running_months = (horizon - finished).clip(lower=0) * 12 / 52
    return int((running_months * table["value"]).sum())


# %%
by_value = cases.sort_values("value", ascending=False)["name"]
by_weeks = cases.sort_values("weeks", kind="stable")["name"]
print(f"価値の大きい順: {total_value(by_value):,}万円")
print(f"手間の少ない順: {total_value(by_weeks):,}万円")

# %% [markdown]
# 作るものは同じ10個なのに、順番だけで合計が変わります。
# 価値の大きいものから始めると、最初の長い間、何も生まれません。
# もっと良い順番があるかは、練習2で探します。

# %% [markdown]
# ## 練習
#
# ### 練習 1: 6つの事故の持ち主を決める
#
# 事故ごとに、最初に直すチームを`"DS/ML"`、`"DE"`、`"BI"`、`"セキュリティ"`、`"プラットフォーム"`から選び、辞書`owners`の`...`を書き換えてください。
# 1つのチームだけ、2回使います。
#
# - `a`: 毎朝の取り込みが止まり、昨日の注文が表にない。
# - `b`: 予測の確率が、半年前から高すぎる。
# - `c`: 退職した人が、まだ本番の表を読める。
# - `d`: すべてのチームのノートブックが、共通の環境の更新の後に動かなくなった。
# - `e`: 報告の画面で、先月と今月の色が逆になっている。
# - `f`: 表の注文日が、日本時間とUTCで混ざっている。

# %% 練習 1
owners = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}

# %% 確認 1
given = owners if isinstance(owners, dict) else {}
assert given and ... not in given.values(), "まだ答えの入っていない事故があります。"
assert set(given.values()) <= set(teams), f"チームは{teams}の表記で書いてください。"
reasons = {
    "a": ("DE", "表にデータが届くまでを受け持つのはどこですか"),
    "b": ("DS/ML", "モデルの効果を測るのはどこですか"),
    "c": ("セキュリティ", "権限と監査を守るのはどこですか"),
    "d": ("プラットフォーム", "共通の基盤を動かし続けるのはどこですか"),
    "e": ("BI", "数字を画面にして届けるのはどこですか"),
    "f": ("DE", "使える表に整えるのはどこですか"),
}
wrong = [f"`{key}`: {why}" for key, (team, why) in reasons.items() if given.get(key) != team]
assert not wrong, f"合わない事故が{len(wrong)}つあります。{wrong[0]}。"
print("正解です。持ち主が決まっていれば、事故の夜に電話する相手が分かります。")

# %% [markdown]
# ### 練習 2: 10の候補を並べる
#
# 2年間の価値の合計`total_value(order)`が、「価値の大きい順」と「手間の少ない順」のどちらよりも大きくなる順番を探してください。
# 10の候補の名前を、先に作る順に並べたリストを`order`に入れます。
# 手作業で並べるよりも、並べる物差しを1つ考えてください。
#
# <details><summary>ヒント</summary>
#
# 手間1週当たりの価値は、候補ごとにいくらですか。
# `cases.assign(…)`で列を足し、`sort_values`で並べられます。
#
# </details>

# %% 練習 2
order = ...

# %% 確認 2
assert order is not ..., "まだ答えが入っていません。`...`を書き換えてください。"
names = list(order) if isinstance(order, (list, tuple, pd.Series, pd.Index)) else []
assert sorted(map(str, names)) == sorted(cases["name"]), (
    "10の候補の名前を、1回ずつ並べてください。名前の列だけを取り出していますか。"
)
rivals = max(total_value(by_value), total_value(by_weeks))
assert total_value(names) > rivals, (
    f"いまの順番は{total_value(names):,}万円です。価値と手間の、片方だけで並べていませんか。"
)
ratio = cases.assign(ratio=cases["value"] / cases["weeks"]).sort_values("ratio")["name"][::-1]
assert total_value(names) >= total_value(ratio), (
    f"2つの順番より良くなりました（{total_value(names):,}万円）。まだ良い順番があります。"
)
print(f"正解です。{total_value(names):,}万円になりました。")

# %% [markdown]
# この順番が良いのは、見積もりが正しければの話です。
# `cases`の「値引きの最適化」の価値を2倍に書き換え、並びがどう動くかも試してください。

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** CoEの役目として合うものはどれですか。
#
# <details><summary>ア. 会社のすべての予測を、CoEだけで作る</summary>
#
# 不正解です。
# 詳しい人に集めたくなりますが、数人では順番待ちになり、現場の知識も入りません。
#
# </details>
# <details><summary>イ. 共通の道具とやり方を整え、各部署が自分で作れるように助ける</summary>
#
# 正解です。
# 2つ目からの手間が減るのは、この共通の部分です。
#
# </details>
# <details><summary>ウ. 各部署の道具の選び方には、口を出さない</summary>
#
# 不正解です。
# 自由に見えますが、2年目のひだまり便のように、数え方も直し方も部署の数だけ増えます。
#
# </details>
#
# **問 2.** RACIの表で、ある仕事のAが2人います。
# なぜ困りますか。
#
# <details><summary>ア. 人件費が2倍になる</summary>
#
# 不正解です。
# Aは決める人で、手を動かす人の数とは別です。
#
# </details>
# <details><summary>イ. 意見が割れたときに、誰が決めるか分からない</summary>
#
# 正解です。
# 互いに相手が決めると思い、誰も決めないことも起きます。
#
# </details>
# <details><summary>ウ. 困らない。責任者は多いほど安心である</summary>
#
# 不正解です。
# 多いほど確かに思えますが、最後に決める人は1人でなければ決まりません。
#
# </details>
#
# **問 3.** ほかの会社の成功事例に、効果が年に1億円とありました。
# 最初にすることはどれですか。
#
# <details><summary>ア. 同じものを作れば1億円の効果があると報告する</summary>
#
# 不正解です。
# 客の数もデータも違うので、同じ額になる理由がありません。
#
# </details>
# <details><summary>イ. 事例は宣伝なので、読まない</summary>
#
# 不正解です。
# 額は当てにならなくても、どんな失敗をしたかは参考になります。
#
# </details>
# <details><summary>ウ. 自分の会社の数字で価値と手間を見積もり、候補の表に加える</summary>
#
# 正解です。
# ほかの候補と同じ物差しで比べられるようになります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 成功を繰り返す段階では、同じ道具、データの置き方、知識を使い回し、CoEが助けます。
# - 調整して構築する段階では、5つのチームの分担をRACIに書き、抜けと重なりをコードで調べます。
# - 部門を超える段階では、ビジネスリーダーや現場に詳しい人が加わり、ひな形や事例を出発点にします。
# - 候補は、価値と手間の両方から並べると、同じ期間でより多くの価値を生みます。
#
# Part 2はここまでです。
# 実践演習では、ここまでの道具をすべて使い、ひだまり便の解約を予測します。
