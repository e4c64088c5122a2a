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
# 2年目、話を聞いた配送部、商品部、コールセンターが、それぞれ自分たちで予測を始めます。
# 配送部は表計算ソフト、商品部は外部の会社、コールセンターは別のクラウドです。
#
# その年の終わりに、社長が尋ねました。
# 「予測は会社に4つあるが、どれが効いていて、次は何をすべきか」。
# 答えられる人はいませんでした。
# 顧客の数え方が4つで違い、事故が起きても誰が直すのか決まっていません。
# 1つ目の成功は、そのままでは2つ目の役に立たなかったのです。
#
# 3年目、会社は進め方を変えました。
# ここでは、その1年を春、夏、秋と追いながら、1つの成功を会社に広げる3つの段階を、数字と表で確かめます。
#
# ## このレッスンで学ぶこと
#
# - 道具と知識を使い回すと、2つ目からの手間がどう変わるかを計算する。
# - 5つのチームの分担を、RACIの表に書き、抜けと重なりをコードで調べる。
# - 候補の順番を価値と手間から決め、順番で何が変わるかを数える。

# %% [markdown]
# ## 段階1: 成功を繰り返す
#
# 3年目の春、配送部は予測を作り直すことにしました。
# 今度は、解約予測を作った人に相談します。
# 顧客の表はもう検査されていて、記録のしかたも、登録の手順も、そのまま使えました。
# 新しく考えたのは、配送の遅れをどう定義するかと、モデルの中身だけです。
#
# このように、新しい問題にも、前と同じものを3つ使います。
#
# | 同じにするもの | ひだまり便では | ばらばらだと |
# |---|---|---|
# | 道具 | Spark、scikit-learn、MLflow | 人が移るたびに覚え直す |
# | データの置き方（データアーキテクチャ） | 元の表、整えた表、特徴量の順に作り、同じカタログに置く | 顧客の数え方が部署の数だけ増える |
# | 知識 | 手順書、検査のコード、失敗の記録 | 同じ失敗を部署ごとに繰り返す |
#
# 放っておいても、同じにはなりません。
# そこで、知識を持つ人を集めた小さな組織を置き、ひな形を配り、各部署の相談に乗ります。
# この組織を **CoE**（center of excellence）と呼びます。
# ひだまり便では、解約予測を作った3人がデータサイエンスと機械学習のCoEになりました。
# 3人ですべての予測を作るのではなく、各部署の人が作るのを助けます。
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
# 1つ目だけを見て「どちらでも同じだ」と判断すると、その先の差を失います。
# ただし、CoEの3人がひな形を作り、手入れする手間は、この線に入っていません。
# 3人が働く時間の1割を1年充てる（3人×52週×0.1）だけなら、4つ作れば2本の差のほうが大きくなります。
# 3人が専任なら、4つではまだ足りません。
# 見積もりは架空のものなので、`work`の数字を自分の会社のものに替えて比べてください。

# %% [markdown]
# ## 段階2: 調整して構築する
#
# 夏、予測が4つそろうと、3人のCoEでは相談に答えきれなくなりました。
# ある朝、取り込みが止まり、4つの予測がすべて古いままになります。
# CoEは取り込みの仕組みを知らず、取り込んでいる側は予測に使われていると知りません。
# そこで、関わる5つのチームの分担を調整し、全員が同じ基盤の上で働くようにしました。
#
# | チーム | 受け持つこと |
# |---|---|
# | DS/ML（データサイエンス・機械学習） | 問いを立て、モデルを作り、効果を測る |
# | DE（データエンジニアリング） | データを集め、検査し、使える表にする |
# | BI/アナリティクス | 数字を画面や報告にして、現場に届ける |
# | セキュリティ/インフラ | 権限、監査、ネットワークを守る |
# | プラットフォーム | 共通の基盤を用意し、動かし続ける |
#
# CoEの3人と、各部署でモデルを作る人が、DS/MLに入ります。
#
# 表、モデル、権限、画面が1つの場所にある基盤を、統合プラットフォームと呼びます。
# DEが直した表をDS/MLがそのまま学習に使い、同じ表をBIが画面に出します。
# 表のコピーを部署ごとに持たないので、数え方が食い違いません。
# 作った経験がなければ、同じ基盤を作ったことのある外の専門家に、設計を見てもらう手もあります。
#
# 動かし続けるのは自分たちなので、分担は自分たちで決め、仕事ごとに4つの文字で表に書きます。
# **RACI**（レイシー）と呼ばれる書き方です。
#
# | 文字 | 意味 |
# |---|---|
# | R（responsible） | 手を動かす |
# | A（accountable） | 結果に責任を持ち、最後に決める |
# | C（consulted） | 決める前に相談を受ける |
# | I（informed） | 決まったことを知らされる |
#
# 手を動かすチームが責任も持つときは、`AR`と並べて書きます。
# チームの名前は、表に収まるように縮めました。

# %%
teams = ["DS/ML", "DE", "BI", "セキュリティ", "プラットフォーム"]
jobs = ["元の表を集める", "特徴量を決める", "モデルを登録する", "権限を渡す", "効果を報告する"]

# %%
raci = pd.DataFrame(
    [
        ["C", "AR", "I", "C", "I"],
        ["AR", "R", "C", "I", "I"],
        ["R", "I", "C", "I", "R"],
        ["I", "C", "I", "AR", "R"],
        ["AR", "I", "AR", "I", "I"],
    ],
    index=jobs,
    columns=teams,
)

# %%
raci

# %% [markdown]
# 表の形になっても、正しいとは限りません。
# どの仕事にも、Aは1つだけ、Rは1つ以上要ります。
# Aが2つあると決まらず、ないと誰も責任を持ちません。
# `iterrows`で表を1行ずつ、仕事の名前と文字の並びに分けて取り出します。
# `.str.contains("A")`は、ますごとにAを含むかを返し、`sum`でその数になります。


# %%
def check_raci(table):
    problems = []
    for job, row in table.iterrows():
        accountable = row.str.contains("A").sum()
        responsible = row.str.contains("R").sum()
        if accountable != 1:
            problems.append(f"{job}: Aが{accountable}つ")
        if responsible == 0:
            problems.append(f"{job}: Rがない")
    return problems


# %%
check_raci(raci)

# %% [markdown]
# 「モデルを登録する」にはAがなく、「効果を報告する」にはAが2つあります。
# このままでは、登録した版の予測がおかしくなった夜に、前の版へ戻すと決める人がいません。
# 報告では、2つのチームが違う数字を出しかねません。
# 登録はDS/MLが決め、報告はDS/MLが決めてBIが画面を作ることにし、表を図にします。

# %%
raci.loc["モデルを登録する", "DS/ML"] = "AR"
raci.loc["効果を報告する", "BI"] = "R"

# %%
print(f"残った問題: {check_raci(raci)}")

# %% mystnb={"image": {"alt": "行が5つの仕事、列が5つのチームの表。Aを含むます目は橙色で各行に1つだけあり、Rだけのます目は青色で塗られている"}}
fig, ax = plt.subplots(figsize=(6, 3.2))
for y, (_, row) in enumerate(raci.iterrows()):
    for x, letters in enumerate(row):
        color = "tab:orange" if "A" in letters else "tab:blue" if "R" in letters else "none"
        ax.add_patch(plt.Rectangle((x - 0.45, y - 0.4), 0.9, 0.8, fc=color, ec="gray", alpha=0.5))
        ax.text(x, y, letters, ha="center", va="center", fontsize=11)
ax.set_xticks(range(len(teams)), [name.replace("フォ", "\nフォ").replace("リテ", "\nリテ") for name in teams])
ax.set_yticks(range(len(raci)), raci.index)
ax.set(xlim=(-0.5, len(teams) - 0.5), ylim=(len(raci) - 0.5, -0.5))
plt.show()

# %% [markdown]
# Aのあるますは橙色、AがなくRだけのますは青色です。
# 横に1行ずつ見ると、橙色のますはどの行にも1つです。
# 縦に見ると、仕事の偏りが分かります。
# DS/MLの列に橙色が3つあり、決めることがこのチームに集まっています。
# 人が足りなければ、ここから詰まります。
# 自分の会社の分担を調べるときは、`raci`を作ったセルの文字を書き換えます。
# 抜けを直した`raci.loc`のセルは飛ばし、`check_raci(raci)`と図のセルを動かしてください。

# %% [markdown]
# ## 段階3: 部門を超えてスケールする
#
# 秋、分担が決まると、分析の外の人も加わります。
# 配送部のベテランが「雨の日の遅れは、天気より人手の問題だ」と教え、予測の作り方が変わりました。
# このように、その仕事に詳しい人を **SME**（subject matter expert）と呼びます。
# 中小企業を指すSMEとは、別の言葉です。
# ほかの部署と組むときは、次の人と物を1つのチームに入れます。
#
# | 加わる人や物 | 何を持ち込むか |
# |---|---|
# | ビジネスリーダー | どの問題が会社にとって大きいかの判断と、使うと決める権限 |
# | SME | 現場のやり方と、数字の裏の事情 |
# | 技術エキスパート | 規模が増えても動く作り方と、道具の選び方 |
# | ソリューションアクセラレータ | よくある問題の、すぐに動かせるひな形 |
# | 事例 | 同じ問題を解いた会社の、効果と失敗 |
#
# ソリューションアクセラレータは、小売や製造のような業種と課題ごとに、Databricksが公開しているノートブックです。
# GitHubから自分のワークスペースにコピーし、見本のデータで最後まで動かしてから、自分のデータに替えて試します。
# 事例は、使って成果を出した会社の話で、カスタマーサクセスストーリーとも呼ばれます。
# どちらも出発点です。
# ほかの会社で効いたものが自分の会社で効くかは、自分のデータで測ります。
#
# 人が集まると、候補も集まります。
# 各部署から出た10の候補に、1か月当たりの価値（万円）と、CoEが付いて作る手間（週）の見積もりを付けました。

# %%
cases = pd.DataFrame(
    [
        ("解約の改善", 120, 4),
        ("返品の見込み", 90, 6),
        ("在庫の予測", 200, 20),
        ("電話の要約", 40, 3),
        ("献立の提案", 60, 10),
        ("値引きの最適化", 180, 16),
        ("不正注文", 70, 5),
        ("求人の応募", 15, 4),
        ("広告の配分", 110, 6),
        ("設備の故障", 80, 14),
    ],
    columns=["name", "value", "weeks"],
)

# %% mystnb={"image": {"alt": "横軸は作る手間、縦軸は1か月の価値。左上に手間が少なく価値の大きい候補、右上に手間も価値も大きい候補が、名前付きの点で並ぶ散布図"}}
fig, ax = plt.subplots(figsize=(6, 4.8))
ax.plot(cases["weeks"], cases["value"], "o")
for case in cases.itertuples():
    ax.annotate(case.name, (case.weeks, case.value), (4, 4), textcoords="offset points", fontsize=10)
ax.set(xlabel="作る手間（週）", ylabel="1か月の価値（万円）", xlim=(0, 25), ylim=(0, 230))
plt.show()

# %% [markdown]
# 横軸は手間、縦軸は価値です。
# 左上ほど、少ない手間で大きな価値を生みます。
# 右上の「在庫の予測」は価値が最も大きく、手間も最も大きい候補です。
#
# CoEが付けるのは一度に1つなので、候補は1つずつ順に作ります。
# 作り終えた候補は、残りの期間ずっと価値を生みます。
# 2年（104週）の間に生む価値の合計を、順番ごとに数えます。
# `.loc[…]`で行を`order`の順に並べます。
# `cumsum`は上から足した合計で、それぞれの候補ができあがる週になります。
# 残りの週は、期間内にできない候補では`clip`で0にし、`* 12 / 52`で月に直します。
# 手間が同じ候補は、`kind="stable"`で表の順のまま並べます。

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
# 作るものは同じ10個なのに、順番だけで合計が変わりました。
# 途中はどうだったのか、時間を追って描きます。

# %% mystnb={"image": {"alt": "横軸は始めてからの週、縦軸はそれまでに生んだ価値の合計。手間の少ない順の線が先に上がり、価値の大きい順の線は後から追いかけて、2年の終わりには近づく2本の曲線"}}
weeks = range(0, 105, 4)
fig, ax = plt.subplots(figsize=(6, 3.6))
ax.plot(weeks, [total_value(by_weeks, week) for week in weeks], "o-", label="手間の少ない順")
ax.plot(weeks, [total_value(by_value, week) for week in weeks], "s--", label="価値の大きい順")
ax.set(xlabel="始めてからの週", ylabel="それまでの価値の合計（万円）")
ax.legend()
plt.show()

# %% [markdown]
# 横軸は始めてからの週、縦軸はその週までに生んだ価値の合計です。
# 左の端を見てください。
# 破線の「価値の大きい順」は、最初の「在庫の予測」ができるまでの20週、何も生みません。
# その間に予算を打ち切られるかもしれません。
# 実線の「手間の少ない順」は早く上がりますが、価値の大きい候補が後回しになり、最後には差が縮まります。
# どちらも、価値と手間の片方しか見ていません。
# もっと良い順番があるかは、練習2で探します。

# %% [markdown]
# ## 練習
#
# ### 練習 1: 6つの事故の持ち主を決める
#
# 取り込みが止まった朝のように、起きてから持ち主を探すのでは遅れます。
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
assert all(given.get(key, ...) is not ... for key in "abcdef"), (
    "まだ答えの入っていない事故があります。`a`から`f`までを、チームの名前に書き換えてください。"
)
chosen = {key: str(given[key]).strip().split("（")[0] for key in "abcdef"}
long = {"BI/アナリティクス": "BI", "セキュリティ/インフラ": "セキュリティ"}
chosen = {key: long.get(team, team) for key, team in chosen.items()}
reasons = {
    "a": ("DE", "表にデータが届くまでを受け持つのはどこですか"),
    "b": ("DS/ML", "モデルの効果を測るのはどこですか"),
    "c": ("セキュリティ", "権限と監査を守るのはどこですか"),
    "d": ("プラットフォーム", "共通の基盤を動かし続けるのはどこですか"),
    "e": ("BI", "数字を画面にして届けるのはどこですか"),
    "f": ("DE", "使える表に整えるのはどこですか"),
}
odd = [key for key in chosen if chosen[key] not in dict(reasons.values())]
assert not odd, f"`{odd[0]}`のチームを、{list(dict(reasons.values()))}のどれかの表記にしてください。"
wrong = [f"`{key}`: {why}" for key, (team, why) in reasons.items() if chosen[key] != team]
assert not wrong, f"合わない事故が{len(wrong)}つあります。{wrong[0]}。5つのチームの表を見てください。"
print("正解です。持ち主が決まっていれば、事故の夜に電話する相手が分かります。")

# %% [markdown]
# ### 練習 2: 10の候補を並べる
#
# 2年間の価値の合計`total_value(order)`が、最も大きくなる順番を探してください。
# 10の候補の名前を、先に作る順に並べたリストを`order`に入れます。
# 手で入れ替えるのではなく、並べる物差しを1つ考えてください。
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
assert isinstance(cases, pd.DataFrame) and {"name", "value", "weeks"} <= set(cases) and len(cases) == 10, (
    "`cases`が書き換わっています。`cases`を作ったセルから動かし直し、並べた結果は`order`にだけ入れてください。"
)
ordered = order is not None and not isinstance(order, (str, dict, set, pd.DataFrame))
names = [str(one) for one in order] if ordered and hasattr(order, "__iter__") else []
assert sorted(names) == sorted(cases["name"]), (
    "10の候補の名前を、1回ずつ並べたリストにしてください。表のままなら、`name`の列を取り出します。"
)
ratio = cases.assign(ratio=cases["value"] / cases["weeks"]).sort_values("ratio")["name"][::-1]
best, now, rivals = total_value(ratio), total_value(names), max(map(total_value, (by_value, by_weeks)))
checks = {
    "表の順のままです。並べる物差しを1つ決めてください。": names != list(cases["name"]),
    "物差しは合っています。並べる向きを見てください。": total_value(names[::-1]) < best,
    "価値と手間の両方を使う物差しにしてください。": now > rivals,
    "本文の2つの順番より良いのですが、まだ上があります。物差しを替えてみてください。": now >= best,
}
failed = [message for message, passed in checks.items() if not passed]
assert not failed, f"合計は{now:,}万円です。{failed[0]}"
print(f"正解です。{now:,}万円になりました。順番は{'、'.join(names)}です。")

# %% [markdown]
# この順番が良いのは、見積もりが正しければの話です。
# `cases`を作ったセルで「値引きの最適化」の180を360に書き換え、そのセルから練習2の確認までを順に動かすと、並びがどう変わるかも試せます。
# 名前を手で並べた人は、並べる式に直してから試してください。

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
# **問 2.** RACIの表で、ある仕事にAが2つあります。
# なぜ困りますか。
#
# <details><summary>ア. 同じ仕事を2つのチームがするので、手間が2倍になる</summary>
#
# 不正解です。
# AとRを混同しやすいところです。
# Aは決める人で、手を動かすのはRです。
#
# </details>
# <details><summary>イ. 意見が割れたときに、誰が決めるか分からない</summary>
#
# 正解です。
# 互いに相手が決めると思い、誰も決めないことも起きます。
#
# </details>
# <details><summary>ウ. 困らない。2つのチームで確かめれば、間違いが減る</summary>
#
# 不正解です。
# 意見を言う人は多いほうがよいのですが、それはCです。
# 最後に決める所は、1つでなければ決まりません。
#
# </details>
#
# **問 3.** ほかの会社の成功事例に、効果が年に1億円とありました。
# 最初にすることはどれですか。
#
# <details><summary>ア. 従業員の数の比で1億円を割り引き、見込みとして報告する</summary>
#
# 不正解です。
# 控えめに見えますが、効果を決めるのは客の数やデータで、従業員の数ではありません。
#
# </details>
# <details><summary>イ. 事例の会社に効果を問い合わせ、返事を待つ</summary>
#
# 不正解です。
# 詳しく聞くのは役に立ちますが、分かるのはその会社の額です。
# 自分の会社の見積もりは、返事を待たずに始められます。
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
# - 部門を超える段階では、ビジネスリーダー、SME、技術エキスパートが加わり、ひな形や事例を出発点にします。
# - 候補は、価値と手間の両方から並べると、同じ期間でより多くの価値を生みます。
#
# 社長の「どれが効いていて」には効果を報告するチームが、「次は何をすべきか」には候補の順番が答えます。
#
# Part 2はここまでです。
# 実践演習では、ここまでの道具をすべて使い、ひだまり便の解約を予測します。
