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
# ここでは3つの段階が何をもたらし、何を払わせるかを見て、自分のチームの次の一歩を決めます。
#
# ## このレッスンで学ぶこと
#
# - 這う、歩く、走るの各段階ですることを挙げる。
# - 自動化にかける手間を、何か月で取り戻せるかを計算する。
# - チームの様子から、いまの段階と、次に足すものを決める。

# %% [markdown]
# ## 3つの段階
#
# | 段階 | すること | 得るもの | 払うもの |
# |---|---|---|---|
# | **這う**（crawl） | MLflowで実験を記録する | 成績の根拠を後から言える | 記録の決まりを守る手間 |
# | | 手動でモデルをデプロイする | 人の目で確かめてから出せる | 出すたびに人の時間がかかる |
# | | 基本的なモニタリングをする | 外れに気づける | 毎月、数字を見る時間 |
# | **歩く**（walk） | CI/CDパイプラインを組む | 誰が出しても同じ手順になる | 仕組みを作って直す時間 |
# | | モデルを自動でテストする | 壊れたモデルが出る前に止まる | テストを書く時間 |
# | | A/Bテストをする | 本当に効いたかが分かる | 効かないほうを使う間の損 |
# | **走る**（run） | 再学習を自動にする | 変化に早く追いつける | 学習の費用と、見張る仕組み |
# | | リアルタイムで見張る | その日のうちに気づける | 常に動く計算機の費用 |
# | | 自動で前の版に戻す | 夜中でも被害が止まる | 戻す条件を誤ったときの損 |
#
# **デプロイ**（deployment）は、できたモデルを実際に使う場所へ置くことです。
# **CI/CD**（continuous integration and continuous delivery）は、コードを直すたびに自動で試し、出す手順まで自動で進める仕組みです。
# **A/Bテスト**は、相手を2つに分けて別々のやり方を試し、結果を比べることです。
#
# 右の2列を見比べてください。
# 段階が進むほど、得るものは早さになり、払うものは仕組みを保つ手間になります。
# 上の段がないまま下の段だけを作ると、早く間違えるだけになります。

# %% [markdown]
# ## 自動化は、何回使えば元が取れるか
#
# 「歩く」に進むかどうかは、気分ではなく時間で決められます。
# ひだまり便では、モデルを1回デプロイするのに、確かめる時間も入れて6時間かかります。
# CI/CDを作るのに80時間、できた後は1回につき1時間、ほかに毎月4時間の手入れが要ると見積もりました。

# %%
def cumulative_hours(months, releases_per_month, build, per_release, upkeep):
    monthly = releases_per_month * per_release + upkeep
    return [build + month * monthly for month in range(months + 1)]


# %%
for releases in (1, 4):
    manual = cumulative_hours(12, releases, 0, 6, 0)[-1]
    automated = cumulative_hours(12, releases, 80, 1, 4)[-1]
    print(f"月{releases}回なら、1年で手動{manual}時間、自動{automated}時間です。")

# %% [markdown]
# 同じ仕組みでも、月1回しか出さないチームでは損、月4回なら得になりました。
# 何か月目で追いつくかを図にします。

# %% mystnb={"image": {"alt": "横軸は始めてからの月数、縦軸はかけた時間の合計。手動の線は0から急に上がり、80時間から始まる自動の線を途中で追い越す2本の直線"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.3))
ax.plot(cumulative_hours(12, 4, 0, 6, 0), "s--", label="手動（月4回）")
ax.plot(cumulative_hours(12, 4, 80, 1, 4), "o-", label="自動（月4回）")
ax.set(xlabel="始めてからの月数", ylabel="かけた時間の合計（時間）")
ax.legend()
plt.show()

# %% [markdown]
# 横軸は月数、縦軸はそれまでにかけた時間です。
# 破線の手動は0から始まりますが、傾きが急です。
# 2本が交わる所より右へ進むつもりなら、作る価値があります。
# 時間に表れない得（間違いが減る、人が替わっても続く）もあるので、交わる所は目安です。

# %% [markdown]
# ## 自己診断をコードにする
#
# いまの段階は、していることを上から順に数えれば決まります。
# 9つの問いに「はい」なら`True`で答えます。

# %%
QUESTIONS = {
    "record": ("這う", "学習の条件と成績が、MLflowに残っている"),
    "deploy": ("這う", "どの版のモデルが使われているかを、全員が言える"),
    "monitor": ("這う", "見込みと実際を、決まった日に比べている"),
    "ci_cd": ("歩く", "コードを直すと、試験と配置が自動で進む"),
    "model_test": ("歩く", "点数の足りないモデルは、自動で止まる"),
    "ab_test": ("歩く", "新しいモデルの効果を、分けて比べている"),
    "retrain": ("走る", "再学習が、決めた条件で自動に始まる"),
    "realtime": ("走る", "入力と予測を、その日のうちに見張っている"),
    "rollback": ("走る", "悪くなったら、自動で前の版に戻る"),
}


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
# `diagnose`は、段階の3つがすべて「はい」になって初めて、その段階に着いたと見なします。
# 返すのは、着いた段階と、次に「はい」にする問いの文です。
# 冒頭のひだまり便を診断します。
# 再学習だけが自動で、ほかは何もしていません。

# %%
hidamari = dict.fromkeys(QUESTIONS, False) | {"retrain": True}

# %%
stage, next_step = diagnose(hidamari)
print(f"いまの段階: {stage}")
print(f"次に「はい」にすること: {next_step}")

# %% [markdown]
# 走る仕組みが1つあっても、段階は「這う前」です。
# 次に目指すことも、新しい仕組みではなく記録でした。
#
# 次の一歩を、この本のどこで作れるかを並べます。
#
# | 段階 | 足すもの | 扱う所 |
# |---|---|---|
# | 這う | 実験の記録 | 「MLflowによる実験管理」 |
# | | 手動のデプロイ | 「【デモ】Model Registry」、実践演習 |
# | | 基本的なモニタリング | 「なぜMLOpsが必要か」の練習 |
# | 歩く | CI/CD、自動テスト、A/Bテスト | 発展 |
# | 走る | 自動再学習、リアルタイムの監視、自動ロールバック | 発展 |
#
# **ロールバック**（rollback）は、悪くなったときに前の版へ戻すことです。

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
# - `B`: MLflowに記録し、使う版を台帳に書き、毎月末に見込みと実際を比べる。
# - `C`: Bのすべてに加え、試験と配置が自動で進み、点数の足りないモデルは止まり、新旧を分けて比べている。
# - `D`: 試験と配置が自動で進み、再学習も自動。ただし見込みと実際は比べていない。
# - `E`: Cのすべてに加え、再学習、その日のうちの監視、前の版への戻しが自動で動く。
# - `F`: Bのすべてに加え、試験と配置が自動で進む。モデルの点数は人が見て決める。

# %% 練習 1
stages = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ...}

# %% 確認 1
given = stages if isinstance(stages, dict) else {}
assert given and ... not in given.values(), "まだ答えの入っていないチームがあります。"
assert set(given.values()) <= {"這う前", "這う", "歩く", "走る"}, (
    "`這う前`、`這う`、`歩く`、`走る`のどれかの表記で書いてください。"
)
done = {"A": 0, "B": 3, "C": 6, "E": 9, "F": 4}
facts = {team: {key: i < count for i, key in enumerate(QUESTIONS)} for team, count in done.items()}
facts["D"] = {key: key in ("record", "deploy", "ci_cd", "retrain") for key in QUESTIONS}
wrong = sorted(team for team, answers in facts.items() if given.get(team) != diagnose(answers)[0])
assert not wrong, (
    f"合わないチームが{len(wrong)}つあります。{wrong[0]}は、下の段階の3つがそろっていますか。"
)
print("正解です。進んだ仕組みの数ではなく、下から順にそろった所が、いまの段階です。")

# %% [markdown]
# 練習2で使う、あるチームの答えです。
# 記録と手動のデプロイ、CI/CDがあります。
# 自分のチームの様子に書き換えて試してもかまいません。

# %%
our_team = dict.fromkeys(QUESTIONS, False) | {"record": True, "deploy": True, "ci_cd": True}

# %% [markdown]
# 次の一歩を作るのに`build`時間かかり、できた後は毎月`saved`時間を節約できると見積もりました。

# %%
build, saved = 30, 4

# %% [markdown]
# ### 練習 2: 次の一歩を計画にする
#
# `our_team`のチームの次の一歩を、辞書`plan`に書いてください。
#
# - `step`: `diagnose`が返す、次に「はい」にする問いの文を、そのまま入れる。
# - `payback_months`: かけた`build`時間を取り戻すまでの月数を、切り上げた整数で入れる。
# - `start`: `payback_months`が12以下なら`True`、そうでなければ`False`を入れる。
#
# <details><summary>ヒント</summary>
#
# 切り上げは、`math.ceil`でできます。
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

given = plan if isinstance(plan, dict) else {}
assert given and ... not in given.values(), "まだ答えの入っていない項目があります。"
assert given.get("step") == diagnose(our_team)[1], (
    "`step`が、診断の返す文と違います。`diagnose(our_team)`の2つ目の値を見てください。"
)
assert given.get("payback_months") == math.ceil(build / saved), (
    "`payback_months`が合いません。かけた時間を、1か月に節約する時間で割り、切り上げます。"
)
assert given.get("start") is (given["payback_months"] <= 12), (
    "`start`が合いません。取り戻すまでが12か月以下なら`True`です。"
)
print("正解です。何をするかと、しても損にならないことを、言葉と数字で言えました。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** 這う段階で、デプロイを手動でする理由はどれですか。
#
# <details><summary>ア. 自動化の道具がまだ世の中にないから</summary>
#
# 不正解です。
# 道具はあります。
# 手順が固まっていないうちに自動にすると、間違った手順が速く回ります。
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
# <details><summary>イ. 回数が少ないので、どんな場合も要らない</summary>
#
# 不正解です。
# 時間では損でも、間違いの損が大きい仕事なら、作る理由になります。
#
# </details>
# <details><summary>ウ. かける時間と節約できる時間を見積もり、時間に表れない得も足して決める</summary>
#
# 正解です。
# 見積もりがあれば、回数が増えたときに考え直せます。
#
# </details>
#
# **問 3.** 自動ロールバックを作る前に、要るものはどれですか。
#
# <details><summary>ア. どの版が使われ、前の版が何点だったかの記録</summary>
#
# 正解です。
# 戻す先と、悪くなったと決める物差しがなければ、戻せません。
#
# </details>
# <details><summary>イ. リアルタイムで動く計算機だけ</summary>
#
# 不正解です。
# 早く気づけても、戻す先が分からなければ止めるしかありません。
#
# </details>
# <details><summary>ウ. より正確なモデル</summary>
#
# 不正解です。
# どんなモデルも外れる日がきます。
# ロールバックは、そのための備えです。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - MLOpsは、這う（記録と手動）、歩く（部分的な自動化）、走る（完全な自動化）の順に進めます。
# - 下の段階がそろっていないと、上の仕組みは間違いを速くするだけです。
# - 自動化は、作る時間と節約できる時間を比べて決めます。
# - 自己診断では、下から順に、最初に欠けているものを次の一歩にします。
#
# 次のレッスンでは、這う段階から要る、データとモデルの権限と来歴の管理を扱います。
