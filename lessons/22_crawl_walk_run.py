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
# # 「這う・歩く・走る」アプローチ
#
# 「うちもMLOpsをやろう。半年で全部そろえて」。
# 部長の一言で、ひだまり便のチームは自動で再学習する仕組みから作り始めました。
# 半年後、仕組みは動き、毎週モデルが入れ替わります。
# ところがある週、解約予測が急に外れました。
# 入れ替わったモデルがどのデータで作られたのか、前のモデルは何点だったのか、どこにも記録がありません。
# 戻すこともできず、チームは仕組みを止めました。
#
# 走る仕組みを、這うこともできないうちに作ったからです。
# 赤ん坊が這い、歩き、走るように、前の段階で身に付けたものが次の段階を支えます。
# 一度に全部ではなく、1段ずつ足していけば、途中のどこで止まっても仕事は回ります。
# ここでは3つの段階が何をもたらし、何を払わせるかを見て、自分のチームの次の一歩を決めます。
#
# ## このレッスンで学ぶこと
#
# - 這う、歩く、走るの各段階ですることを挙げる。
# - 自動化にかける手間を、何か月で取り戻せるかを計算する。
# - チームの様子を点数にし、点数の合計だけでは分からない、いまの段階と次の一歩を決める。

# %% [markdown]
# ## 這う: 記録して、人の手で出す
#
# ひだまり便が仕組みを止めたのは、戻す先が分からなかったからです。
# 最初の段階では、自動のものを1つも作らずに、その記録から始めます。
# これを **這う**（crawl）段階と呼びます。
#
# | すること | 得るもの | 払うもの |
# |---|---|---|
# | MLflowで実験を記録し、モデルを登録する | 使っている版の根拠を言える | 記録の決まりを守る手間 |
# | 手動でモデルをデプロイする | 人の目で確かめてから出せる | 出すたびに人の時間がかかる |
# | 基本的なモニタリングをする | 外れに気づける | 毎月、数字を見る時間 |
#
# **デプロイ**（deployment）は、できたモデルを実際に使う場所へ置くことです。
# 手動といっても、思い付きで置くのではありません。
# 「成績を見て登録する」「使う版を書き換える」「翌日の予測を1件確かめる」という手順を紙に書き、毎回同じにします。
# 何度か繰り返して手順が変わらなくなれば、そこが自動にできる所です。
# モニタリングは、月に1度、見込みと実際の差を見るだけで始められます。

# %% [markdown]
# ## 歩く: 同じ手順を、仕組みに任せる
#
# 担当者が1人増え、モデルを月に何度も出すようになると、手順を飛ばす日が出ます。
# 次の段階では、決まった手順を少しずつ仕組みに任せます。
# これを **歩く**（walk）段階と呼びます。
#
# | すること | 得るもの | 払うもの |
# |---|---|---|
# | CI/CDパイプラインを組む | 誰が出しても同じ手順になる | 仕組みを作って直す時間 |
# | モデルを自動でテストする | 壊れたモデルが、出る前に止まる | テストを書く時間 |
# | A/Bテストをする | 本当に効いたかが分かる | 効かないほうを使う間の損 |
#
# **CI/CD**（continuous integration and continuous delivery）は、コードを直すたびに自動でテストし、デプロイまで自動で進める仕組みです。
# ここでいうパイプラインは、テストからデプロイまでの作業の流れのことで、scikit-learnの`Pipeline`とは別のものです。
# モデルの自動テストでは、「前の版より点数が下がっていないか」「空の行を渡しても止まらないか」を調べます。
#
# **A/Bテスト**（A/B testing）は、相手を2つに分けて別々のやり方を試し、結果を比べることです。
# 点数の高いモデルが、解約を多く減らすとは限りません。
# 半分の顧客には前のモデル、残りの半分には新しいモデルで電話をかけ、残った人の割合を比べて初めて分かります。

# %% [markdown]
# ## 走る: 変化に、自動で追いつく
#
# 顧客も商品も毎週変わり、人が気づいてから直すのでは遅いとします。
# 最後の段階では、気づいて直し、だめなら戻すところまでを自動にして、改善を続けます。
# これを **走る**（run）段階と呼びます。
#
# | すること | 得るもの | 払うもの |
# |---|---|---|
# | 再学習を自動にする | 変化に早く追いつける | 学習の費用と、見張る仕組み |
# | リアルタイムで見張る | その日のうちに気づける | 常に動く計算機の費用 |
# | 自動でロールバックする | 夜中でも被害が止まる | 戻す条件を誤ったときの損 |
#
# **ロールバック**（rollback）は、悪くなったときに前の版へ戻すことです。
# 自動で戻すには、戻す先の版と、見込みと実際の比較（這う）、下回ってはいけない点数（歩く）が要ります。
# 走る段階の3つは、下の2つの段階で作ったものを部品にして動きます。
#
# 3つの表の右の2列を見比べてください。
# 這うで得るのは根拠と気づき、歩くでは同じ手順と確かめ、走るでは早さです。
# 払うものも、人の時間から、仕組みを作る時間、動かし続ける費用へ移ります。
# 下の段階がないまま上の段階だけを作ると、早く間違えるだけになります。
# すべてのチームが走る必要もありません。
# 月に1度しか使わない予測なら、這う段階をていねいに続けるほうが安く、確かです。

# %% [markdown]
# ## 自動化は、何回使えば元が取れるか
#
# 「歩く」に進むかどうかを決める手がかりは、時間の見積もりから得られます。
# ひだまり便では、モデルを1回デプロイするのに、確かめる時間も入れて6時間かかります。
# CI/CDを作るのに80時間、できた後は1回につき1時間、ほかに毎月4時間の手入れが要ると見積もりました。
# 自動なら、作る80時間に、毎月のデプロイと手入れの時間を足していきます。
# 関数は0か月目からの合計を並べて返すので、12か月後の値を`[-1]`で取り出します。

# %%
def cumulative_hours(months, releases_per_month, build, per_release, upkeep):
    monthly = releases_per_month * per_release + upkeep
    return [build + month * monthly for month in range(months + 1)]


# %%
for releases in (1, 4):
    manual = cumulative_hours(12, releases, build=0, per_release=6, upkeep=0)[-1]
    automated = cumulative_hours(12, releases, build=80, per_release=1, upkeep=4)[-1]
    print(f"月{releases}回なら、1年で手動{manual}時間、自動{automated}時間です。")

# %% [markdown]
# 同じ仕組みでも、月1回しか出さないチームでは損、月4回なら得になりました。
# 取り戻すまでの月数は、作る時間を、1か月に節約できる時間で割れば求まります。

# %%
saved_per_month = 4 * 6 - (4 * 1 + 4)
payback = 80 / saved_per_month
print(f"月4回なら、1か月に{saved_per_month}時間を節約し、{payback:.0f}か月で80時間を取り戻します。")

# %% mystnb={"image": {"alt": "横軸は始めてからの月数、縦軸はかけた時間の合計。手動の線は0から急に上がり、80時間から始まる自動の線を途中で追い越す2本の直線。追い越す月に縦の点線がある"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.6))
ax.plot(cumulative_hours(12, 4, build=0, per_release=6, upkeep=0), "s--", label="手動（月4回）")
ax.plot(cumulative_hours(12, 4, build=80, per_release=1, upkeep=4), "o-", label="自動（月4回）")
ax.axvline(payback, color="gray", ls=":", label="取り戻す月")
ax.set(xlabel="始めてからの月数", ylabel="かけた時間の合計（時間）")
ax.legend()
plt.show()

# %% [markdown]
# 横軸は月数、縦軸はそれまでにかけた時間です。
# 破線の手動は0から始まりますが、傾きが急です。
# 実線の自動は、作る時間の分だけ上から始まり、ゆっくり増えます。
# 2本が交わる点線より右まで続けるつもりなら、作る価値があります。
# 時間に表れない得（間違いが減る、人が替わっても続く）もあるので、交わる所は目安です。

# %% [markdown]
# ## 自己診断をコードにする
#
# 自分のチームは、いまどこにいるのでしょうか。
# 3つの表の「すること」を、はいかいいえで答えられる問いに直しました。
# 「手動でデプロイする」だけは、自動に替えた後でも答えられるように、使っている版を言えるかを尋ねます。
# 「はい」なら`True`、「いいえ」なら`False`です。

# %%
QUESTIONS = {
    "record": ("這う", "学習の条件と成績が、MLflowに残っている"),
    "deploy": ("這う", "どの版のモデルが使われているかを、全員が言える"),
    "monitor": ("這う", "見込みと実際を、決まった日に比べている"),
    "ci_cd": ("歩く", "コードを直すと、テストとデプロイが自動で進む"),
    "model_test": ("歩く", "点数の足りないモデルは、自動で止まる"),
    "ab_test": ("歩く", "新しいモデルの効果を、分けて比べている"),
    "retrain": ("走る", "再学習が、決めた条件で自動に始まる"),
    "realtime": ("走る", "入力と予測を、その日のうちに見張っている"),
    "rollback": ("走る", "悪くなったら、自動で前の版に戻る"),
}


# %% [markdown]
# まず、段階ごとに「はい」の数を数え、点数にします。
# `True`は1、`False`は0として足せます。
# `for`の`_`は、使わない問いの文を受け取る名前です。


# %%
def score(answers):
    points = {"這う": 0, "歩く": 0, "走る": 0}
    for key, (stage, _) in QUESTIONS.items():
        points[stage] += answers[key]
    return points


# %% [markdown]
# 次に、いまの段階と、次の一歩を決めます。
# 段階の3つがすべて「はい」になって初めて、その段階に着いたと見なします。
# 点数の合計では決めません。
# `missing`は、その段階で「いいえ」の問いの名前です。
# 返すのは、着いた段階と、次に「はい」にする問いの文（組の2つ目なので`[1]`）です。


# %%
def diagnose(answers):
    reached = "這う前"
    for stage in ("這う", "歩く", "走る"):
        missing = [key for key, (where, _) in QUESTIONS.items() if where == stage and not answers[key]]
        if missing:
            return reached, QUESTIONS[missing[0]][1]
        reached = stage
    return reached, "いまの仕組みを保つ"


# %% [markdown]
# 再学習だけが自動の冒頭のひだまり便と、記録だけが欠けたチームを診断します。
# `dict.fromkeys`ですべて同じ答えにし、`|`の右の答えで置き換えます。

# %%
hidamari = dict.fromkeys(QUESTIONS, False) | {"retrain": True}
no_record = dict.fromkeys(QUESTIONS, True) | {"record": False}

# %%
for name, answers in {"ひだまり便": hidamari, "記録のないチーム": no_record}.items():
    stage, next_step = diagnose(answers)
    print(f"{name}の点数: {score(answers)}（各3点）")
    print(f"  段階は「{stage}」、次は「{next_step}」")

# %% [markdown]
# 点数の合計は1点と8点ですが、段階はどちらも「這う前」です。
# 8点のチームも、戻す先が分からない点では、冒頭のひだまり便と変わりません。
# 次に目指すことも、新しい仕組みではなく記録でした。
#
# 次の一歩を、この本のどこで作れるかを並べます。
#
# | 段階 | 足すもの | 扱う所 |
# |---|---|---|
# | 這う | 実験の記録 | 「MLflowによる実験管理」 |
# | 這う | モデルの登録と手動のデプロイ | 「【デモ】Model Registry」、「モデル登録とバッチ推論」 |
# | 這う | 基本的なモニタリング | 「なぜMLOpsが必要か」の練習3 |
# | 歩く | CI/CD | 発展「CI/CD」 |
# | 歩く | モデルの自動テスト | 発展「モデルの自動テスト」 |
# | 歩く | A/Bテスト | 発展「A/Bテスト」 |
# | 走る | 自動の再学習 | 発展「ドリフトの監視」「自動再学習」 |
# | 走る | リアルタイムのモニタリング | 発展「ストリームの監視」 |
# | 走る | 自動のロールバック | 発展「自動ロールバック」 |
#
# 発展のレッスンは、書き上げたものから公開します。
# 目次にまだない題は、これから足すものです。

# %% [markdown]
# ## 練習
#
# ### 練習 1: 6つのチームの段階を決める
#
# 6つのチームの様子です。
# 着いている段階を`"這う前"`、`"這う"`、`"歩く"`、`"走る"`から選び、辞書`stages`の`...`を書き換えてください。
# 書かれていないことは、していないと考えます。
#
# - `A`: 学習はノートPC。成績は発表資料にだけある。
# - `B`: MLflowに記録して登録し、決めた手順で人がデプロイして、使う版を全員が見る台帳に書く。毎月末に見込みと実際を比べる。
# - `C`: Bと同じ記録と比較を続け、テストとデプロイは自動に替えた。点数の足りないモデルは自動で止まり、新旧を分けて比べている。
# - `D`: テストとデプロイが自動で進み、再学習も自動。ただし見込みと実際は比べていない。
# - `E`: Cのすべてに加え、再学習、その日のうちのモニタリング、前の版への戻しが自動で動く。
# - `F`: Bと同じ記録と比較を続け、テストとデプロイは自動に替えた。モデルの点数は人が見て決める。

# %% 練習 1
stages = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ...}

# %% 確認 1
given = stages if isinstance(stages, dict) else {}
assert all(given.get(team, ...) is not ... for team in "ABCDEF"), (
    "まだ答えの入っていないチームがあります。辞書`stages`の`A`から`F`までを埋めてください。"
)
chosen = {team: str(given[team]).strip() for team in "ABCDEF"}
odd = [team for team in chosen if chosen[team] not in ("這う前", "這う", "歩く", "走る")]
assert not odd, f"{odd[0]}の「{chosen[odd[0]]}」を、`這う前`、`這う`、`歩く`、`走る`のどれかの表記にしてください。"
done = {"A": 0, "B": 3, "C": 6, "E": 9, "F": 4}
facts = {team: {key: i < count for i, key in enumerate(QUESTIONS)} for team, count in done.items()}
facts["D"] = {key: key in ("ci_cd", "retrain") for key in QUESTIONS}
wrong = sorted(team for team, answers in facts.items() if chosen[team] != diagnose(answers)[0])
assert not wrong, (
    f"合わないチームが{len(wrong)}つあります。{wrong[0]}の文を`QUESTIONS`の問いに、"
    "下の段階から順に当てはめてください。最初に「いいえ」が出た段階の、1つ下が答えです。"
)
print("正解です。進んだ仕組みの数ではなく、下から順にそろった所が、いまの段階です。")

# %% [markdown]
# 練習2で使う、あるチームの答えです。
# 這う段階の3つがそろい、月に3回、手動でデプロイしています。
# 次の一歩を作る時間`build`と、できた後に毎月節約できる時間`saved`は、本文と同じ見積もりから求めます。

# %%
our_team = dict.fromkeys(QUESTIONS, False) | {"record": True, "deploy": True, "monitor": True}
build, saved = 80, 3 * 6 - (3 * 1 + 4)

# %% [markdown]
# ### 練習 2: 次の一歩を計画にする
#
# `our_team`のチームの次の一歩を、辞書`plan`に書いてください。
#
# - `step`: `diagnose`が返す、次に「はい」にする問いの文を、そのまま入れる。
# - `payback_months`: かけた`build`時間を取り戻すまでの月数を、切り上げた整数で入れる。
# - `start`: `payback_months`が12以下なら`True`、そうでなければ`False`を入れる。
#
# 12か月を境にするのは、1年より先では手順も道具も変わり、見積もりが当てにならないからです。
#
# 正解したら、上のセルの`our_team`、`build`、`saved`を自分のチームの答えと見積もりに書き換え、もう一度動かしてください。
# 確認も、書き換えた値に合わせて調べます。
# `saved`が0以下なら、何か月たっても取り戻せません。
# その時は計算するまでもなく、いまは見送ります。
#
# <details><summary>ヒント</summary>
#
# `diagnose(our_team)`は、段階と問いの文の2つを返します。
# 切り上げには、`import math`をして`math.ceil`を使います。
#
# </details>

# %% 練習 2
plan = {
    "step": ...,
    "payback_months": ...,
    "start": ...,
}

# %% 確認 2
import math
from numbers import Integral, Real

given = plan if isinstance(plan, dict) else {}
step, months, start = [given.get(key, ...) for key in ("step", "payback_months", "start")]
assert all(one is not ... for one in (step, months, start)), (
    "まだ答えの入っていない項目があります。`step`、`payback_months`、`start`の3つを埋めてください。")
assert isinstance(our_team, dict) and all(type(our_team.get(key)) is bool for key in QUESTIONS), (
    "`our_team`には、9つの問いすべての答えを、引用符の付かない`True`か`False`で入れます。")
assert all(isinstance(one, Real) and one > 0 for one in (build, saved)), "`build`と`saved`には、0より大きい数を入れます。"
right, whole = math.ceil(build / saved), isinstance(months, Integral)
checks = {
    "`step`が違います。`diagnose(our_team)`の2つ目の値です。": str(step) == diagnose(our_team)[1],
    "`payback_months`は、小数や文字列ではなく、整数にします。": whole,
    "`payback_months`が合いません。毎月`saved`時間ずつ返すと、何か月目に`build`へ届きますか。": whole and months == right,
    "`start`は、`True`か`False`にします。": type(start).__name__ in ("bool", "bool_"),
    "`start`が合いません。12か月以下なら`True`です。": str(start) == str(right <= 12)}
failed = [message for message, passed in checks.items() if not passed]
assert not failed, f"直すところがあります。{failed[0]}"
print(f"正解です。{step if all(our_team.values()) else '始める' if start else 'いまは見送る'}と、言葉と数字で決められました。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** 這う段階で、デプロイを手動でする理由はどれですか。
#
# <details><summary>ア. まだ試しの段階で、間違えても困らないから</summary>
#
# 不正解です。
# 「這う」という言葉から試作を思い浮かべがちですが、予測はもう仕事で使われています。
# 間違えれば困るので、1回ずつ確かめます。
#
# </details>
# <details><summary>イ. 人の目で確かめながら、決まった手順を見つけるから</summary>
#
# 正解です。
# 何度か手で繰り返すと、自動にしてよい所が分かります。
#
# </details>
# <details><summary>ウ. 手動のほうが、間違いが少ないから</summary>
#
# 不正解です。
# 確かめながら進めれば安心に思えますが、回数が増えれば人は抜かします。
#
# </details>
#
# **問 2.** 月1回しかデプロイしないチームに、CI/CDを勧められました。
# どう考えますか。
#
# <details><summary>ア. 進んだ段階に早く着けるので、すぐに作る</summary>
#
# 不正解です。
# 段階は目的ではありません。
# 本文の見積もりでは、月1回なら手間が増えました。
#
# </details>
# <details><summary>イ. 本文と同じ月1回なので、損になると決めて断る</summary>
#
# 不正解です。
# 回数が同じでも、1回にかかる時間や、間違えたときの損は、チームごとに違います。
#
# </details>
# <details><summary>ウ. かける時間と節約できる時間を見積もり、時間に表れない得も足して決める</summary>
#
# 正解です。
# 見積もりがあれば、回数が増えたときに考え直せます。
#
# </details>
#
# **問 3.** 自動ロールバックを作る前に、最初に用意するものはどれですか。
#
# <details><summary>ア. どの版が使われ、前の版が何点だったかの記録</summary>
#
# 正解です。
# 戻す先が分からなければ、戻せません。
# 下回ってはいけない点数も要りますが、この記録から決められます。
#
# </details>
# <details><summary>イ. その日のうちに気づける、リアルタイムのモニタリング</summary>
#
# 不正解です。
# 早く気づけば被害は減りますが、戻す先が分からなければ止めるしかありません。
# 記録があれば、1日1回のモニタリングからでも始められます。
#
# </details>
# <details><summary>ウ. 再学習を自動で始める仕組み</summary>
#
# 不正解です。
# 同じ走る段階なので先に要りそうですが、再学習が作るのは新しい版です。
# ロールバックに要るのは、前の版です。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - MLOpsは、這う（記録して人の手で出す）、歩く（同じ手順を仕組みに任せる）、走る（変化に自動で追いつく）の順に進めます。
# - 下の段階がそろっていないと、上の仕組みは間違いを速くするだけです。
# - 自動化は、作る時間と節約できる時間を比べて決めます。
# - 自己診断では、点数の合計ではなく、下から順に見て最初に欠けているものを次の一歩にします。
#
# 次のレッスンでは、這う段階から要る、データとモデルの権限と来歴の管理を扱います。
