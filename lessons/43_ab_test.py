# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 45
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # A/Bテスト
#
# 2026年6月、ひだまり便は、箱にレシピカードを入れ始めました。
# 使い切れない野菜が減れば、解約も減ると考えたからです。
# 効くかどうかを確かめるため、カードを入れるのは半分の顧客だけにします。
#
# 奈良さんのチームは、毎朝、2つの組の解約率を見ました。
# 6月15日の朝、カードを入れた組は2.5ポイントも低く、画面には「p = 0.02」と出ています。
# チームは喜び、7月から全員の箱に入れました。
# ところが7月の解約率は、いつもと同じでした。
#
# 組はランダムに分けてあり、計算も合っています。
# 間違えたのは見方で、このカードには、初めから効き目がありませんでした。
# この本のデータは作りものなので、効き目のない世界も、ある世界も作れます。
# 2つの世界で同じ試験を1,000回繰り返し、どんな見方をすると、効かないものを「効いた」と言ってしまうかを数えます。
#
# ## このレッスンで学ぶこと
#
# - 途中で見る、届いた人だけを数える、といった見方が生む誤りを、効き目のない世界で数える。
# - 見逃したくない差から、試験に必要な人数を先に計算する。
# - 顧客番号と試験の名前から、いつも同じ組になるように分ける。
# - 結果より先に人数の比を調べ、壊れた試験を止める。
# - 決めた日に1度だけ見て、幅と金額を添えて判断を伝える。

# %% [markdown]
# ## 2つの世界を作る
#
# 35で見たとおり、同じ人で、働きかけた世界と働きかけなかった世界を見比べることは、現実にはできません。
# 作りもののデータなら、1人ずつの本当の解約の確率が`make_truth`の列`probability`にあるので（下では`p`と書きます）、両方を並べられます。
# `make_truth`は12か月分を作るので、見たい月の11か月前から始めます。
# `effect`は効き目の強さで、0なら効き目はなく、負なら解約が減ります。
# `p`に直接掛けると、増える向きの効き目では1を超えかねません。
# そこで、オッズと呼ばれる比`p ÷ (1 − p)`に直して`exp(effect)`を掛け、確率に戻します。

# %%
import churn
import numpy as np
import pandas as pd


def two_worlds(month, effect, **company):
    truth = churn.make_truth(first_month=str(pd.Period(month, "M") - 11), **company)
    rows = truth[truth["month"] == month].reset_index(drop=True)
    odds = rows["probability"] / (1 - rows["probability"]) * np.exp(effect)
    worlds = {"なし": rows["probability"], "あり": odds / (1 + odds)}
    return pd.DataFrame({"customer_id": rows["customer_id"], **worlds})


# %%
quiet = two_worlds("2026-05-01", effect=0)
quiet.head(3).round(3)

# %% [markdown]
# 5月末に契約中だった顧客の、6月に解約する確率です。
# カードに効き目のない世界なので、「なし」と「あり」は誰でも同じです。
# 31で分けた、1日の未明に済む解約も、ここでは分けずに数えます。
#
# 次の`run`は、試験を1回動かします。
# `card`は、その人がカードを入れる組なら真です。
# 確率のとおりに解約が起こり、その日付（1から30）が返ります。
# 続けた人は、1か月のどの日よりも大きい99にします。


# %%
def run(world, card, rng):
    left = rng.random(len(world)) < np.where(card, world["あり"], world["なし"])
    return np.where(left, rng.integers(1, 31, len(world)), 99)


# %% [markdown]
# ## 6月15日の朝の画面
#
# 組は、顧客番号から決めました。
# `arm`の仕組みは後で説明することにして、6月を再現します（乱数の種は、6月のようになるものを選んであります）。

# %%
import hashlib


def arm(customer_id, salt):
    digest = hashlib.sha256(f"{salt}:{customer_id}".encode()).hexdigest()
    return "あり" if int(digest[:8], 16) % 2 else "なし"


# %%
card = np.array([arm(number, "recipe-card") == "あり" for number in quiet["customer_id"]])
day = run(quiet, card, np.random.default_rng(7))
left = day <= 14
june = pd.DataFrame({"組": np.where(card, "あり", "なし"), "解約": left})
june.groupby("組")["解約"].agg(["size", "sum", "mean"]).round(4)

# %% [markdown]
# 14日までの解約率に、2.5ポイントの差があります。
# 分け方の偶然だけで、これほどの差がどのくらい出るかは、分け直してみれば分かります。
# 誰が解約したかはそのままにして、組だけを、ランダムに1,000回分け直します。


# %%
def gap(left, card):
    return left[~card].mean() - left[card].mean()


rng = np.random.default_rng(0)
redrawn = [gap(left, rng.permutation(card)) for _ in range(1000)]
print(f"差は{100 * gap(left, card):.1f}ポイント")
print(f"これ以上の差が出た割合: {(np.abs(redrawn) >= gap(left, card)).mean():.3f}")

# %% [markdown]
# 効き目がまったくなくても、40回に1回ほどは、これ以上の差が出ます（どちらの組が低い場合も数えました）。
# この割合を **P値**（p-value）と呼びます。
# P値が0.05より小さい差を、慣例で **有意**（significant）と呼びます（効き目がなくても、20回に1回ほどは出ます）。
# 画面の「p = 0.02」は、「効き目のない確率が2%」という意味ではありません。
# 分け直す計算では、効き目がないと初めから決めているからです。
#
# 分け直す代わりに、正規分布から計算しても、ほぼ同じ値になります（このあとは、速いこちらを使います）。
# `norm.sf`は、偶然の差がいまの差を超える割合で、減る側と増える側の両方を数えるために2倍します。

# %%
from scipy.stats import norm


def p_value(left_a, n_a, left_b, n_b):
    pooled = (left_a + left_b) / (n_a + n_b)
    error = np.sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b))
    return 2 * norm.sf(np.abs(left_b / n_b - left_a / n_a) / np.maximum(error, 1e-9))


def compare(left, a, b):
    return p_value(left[a].sum(), a.sum(), left[b].sum(), b.sum())


# %%
print(f"14日まで: {compare(day <= 14, ~card, card):.3f}")
print(f"30日まで: {compare(day <= 30, ~card, card):.3f}")

# %% [markdown]
# 30日まで待っていれば、P値は0.35で、広げる理由はありませんでした。
# では、チームの運が悪かっただけなのでしょうか。

# %% [markdown]
# ## 毎朝見ると、何回だまされるか
#
# 効き目のない世界で、分ける所から1か月の解約までを1,000回やり直し、毎日のP値を残します。
# `daily`は、日ごとの解約を`bincount`で数え、1日から30日までを取り出し（99は続けた人）、その日までの合計に直します。


# %%
def daily(day, card):
    a, b = (np.bincount(day[who], minlength=100)[1:31].cumsum() for who in (~card, card))
    return p_value(a, (~card).sum(), b, card.sum())


rng = np.random.default_rng(0)
paths = []
for _ in range(1000):
    drawn = rng.random(len(quiet)) < 0.5
    paths.append(daily(run(quiet, drawn, rng), drawn))
paths = np.array(paths)

# %% tags=["figure"] mystnb={"image": {"alt": "横に1日から30日、縦に対数目盛りのP値を取った20本の折れ線。ほとんどが0.05の破線の上を大きく上下する。20本のうち5本は途中で破線の下に入り、そこに赤い丸が付くが、30日に破線の下にあるのは、すれすれの1本しかない"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
days = np.arange(1, 31)
for path in paths[40:60]:
    below = path < 0.05
    ax.plot(days, path, color="tab:orange" if below.any() else "lightgray", linewidth=1)
    if below.any():
        first = below.argmax()
        ax.plot(days[first], path[first], "o", color="tab:red", markersize=7)
ax.axhline(0.05, color="black", linewidth=1, linestyle="--")
ax.set(xlim=(0.5, 30.5), ylim=(0.003, 1), yscale="log")
ax.set_yticks([0.01, 0.05, 0.1, 1], ["0.01", "0.05", "0.1", "1"])
ax.set_xlabel("試験を始めてからの日", fontsize=11)
ax.set_ylabel("その日までのP値", fontsize=11)
plt.show()

# %% [markdown]
# 縦が、その日までのP値（10倍ごとに同じ幅を取る対数の目盛り）、横が日で、1,000回のうちの20回を描きました。
# 赤い丸は、P値が初めて0.05（破線）より小さくなった日で、その日に見た人は「有意だ」と言います。
# ところが、橙の線の多くは、30日までに破線の上へ戻っています。
# 線は偶然に揺れ続けるので、見る回数が増えるほど、どこかで破線をくぐりやすくなるのです。

# %%
looks = {"30日に1回": [30], "7、14、21、28、30日": [7, 14, 21, 28, 30], "毎日": range(1, 31)}
found = {
    name: (paths[:, [day - 1 for day in days]] < 0.05).any(axis=1).mean()
    for name, days in looks.items()
}
pd.Series(found).to_frame("1度でも有意になった割合")

# %% [markdown]
# 決めた日に1度だけ見るなら、約束どおり20回に1回ほどです。
# 毎日見て、有意になった日に止めると、4回に1回あまりに増えます（種を替えた5回では、26%から31%でした）。
# 効き目のないカードが4枚あれば、平均で1枚は「効いた」か「逆効果だ」と言われることになります。
#
# だから **見る日を先に決め、その日に1度だけ見ます**。
# 途中でも画面を開いてかまいませんが、箱の入れ間違いのような故障を探すためで、勝ち負けを決めるためではありません。
# どうしても途中で決めたいときは、0.05の線をもっと厳しくします（練習4）。

# %% [markdown]
# ## 必要な人数を先に決める
#
# 1度しか見ないなら、その1度で見つけられるだけの人数が必要です。
# そこで、試験を始める前に「見逃したくない差」を決めます（**最小検出効果**、minimum detectable effect、MDEとも呼びます）。
# 差は、統計ではなく損得から決まります。
#
# 奈良さんの次の案は、困りごとを書いて返せる、返信はがきの付いたカードです。
# 1人に150円かかり、解約を1人減らせば12,000円の利益が守られます（31）。
# 解約率を`d`だけ下げると、1人あたり平均で`12000 × d − 150`円の得です。
# 奈良さんは「1人200円は得をしないと、手間に合わない」と言うので、見逃したくない差は2.9ポイントで、ここでは3に丸めます。
# 差を切り上げた分だけ、必要な人数は少なめに出ます（2.9のままなら、1組に1,800人あまりです）。

# %%
print(f"200円の得になる差: {(150 + 200) / 12_000:.3f}、損も得もない差: {150 / 12_000:.4f}")

# %% [markdown]
# カードなしの解約率（直近12か月の平均は12.5%ほど）を`p_a`、見逃したくない差の分だけ下がった解約率を`p_b`とします。
# 1組に必要な人数は、次の式で見積もれます。


# %%
import math


def needed(p_a, p_b, power=0.8):
    z = norm.ppf(0.975) + norm.ppf(power)
    return math.ceil(z**2 * (p_a * (1 - p_a) + p_b * (1 - p_b)) / (p_a - p_b) ** 2)


differences = [0.01, 0.02, 0.03, 0.05]
people = [needed(0.125, 0.125 - d) for d in differences]
pd.DataFrame({"見逃したくない差": differences, "1組に必要な人数": people})

# %% [markdown]
# `norm.ppf(0.975)`は、正規分布の97.5%がそこより下にある位置で、1.96です。
# 有意の線の0.05を、減る側と増える側に2.5%ずつ分けたので、0.95ではなく0.975になります。
# `power`は、本当にその差があるときに有意になる割合で、**検出力**（power）といいます（慣例は0.8です）。
# 分母は差の2乗なので、差を3分の1にすると、人数は9倍を超えて10倍近くになります（解約率の揺れも少し増えるためです）。
#
# 3ポイントなら、1組だけで1,704人、2組では3,408人が必要です。
# ところが、ひだまり便の顧客は全員でも1,704人（同じ数になったのは偶然です）なので、1組は850人ほどにしかなりません。

# %% tags=["figure"] mystnb={"image": {"alt": "横に1組の人数、縦に検出力を取った3本の曲線。差が5ポイントなら600人ほどで0.8に届き、3ポイントなら1,700人ほど、2ポイントなら4,000人近くかかる。ひだまり便の850人の縦線では、3ポイントの曲線は0.5ほどにしかならない"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.6, 3.6), layout="constrained")
size = np.arange(50, 4001, 25)
for d, style in [(0.05, ":"), (0.03, "-"), (0.02, "--")]:
    p_b = 0.125 - d
    error = np.sqrt((0.125 * 0.875 + p_b * (1 - p_b)) / size)
    ax.plot(size, norm.sf(norm.ppf(0.975) - d / error), style, label=f"{100 * d:.0f}ポイント")
ax.axhline(0.8, color="gray", linewidth=0.8)
for place, name, side in [(850, "ひだまり便", "left"), (2430, "こかげ便", "right")]:
    ax.axvline(place, color="dimgray", linewidth=1.5)
    ax.text(place + (40 if side == "left" else -40), 0.04, name, fontsize=11, color="dimgray", ha=side)
ax.set(xlim=(0, 4000), ylim=(0, 1))
ax.set_xlabel("1組の人数", fontsize=11)
ax.set_ylabel("検出力", fontsize=11)
ax.legend(title="本当の差", fontsize=11, title_fontsize=11, loc="lower right")
plt.show()

# %% [markdown]
# 横が1組の人数、縦が検出力で、曲線は本当の差ごとに引きました。
# 実線が、左の縦線と交わる所を見てください。
# ひだまり便だけで試すと、3ポイントの効き目があっても、半分は見逃します。
# 姉妹サービスのこかげ便は5,000人近くいるので、2組に分けても足ります。

# %% [markdown]
# ### 足りない人数で試すと、有意でも差を大きく見すぎる
#
# 「半分でも見つかるなら、試す価値はある」と思うかもしれません。
# そこで、カードが本当に効く世界を、こかげ便で作ります（`effect=-0.4`で、差はおよそ3ポイントになります）。
# まず、その中からひだまり便と同じ850人ずつを選ぶ試験を、1,000回やり直します。
# 次に、こかげ便の全員を使う試験も、同じ回数だけやり直します。

# %%
KOKAGE = {"n_customers": 12_000, "seed": 1}
lively = two_worlds("2026-08-01", effect=-0.4, **KOKAGE)
truth = lively["なし"].mean() - lively["あり"].mean()
print(f"{len(lively):,}人、本当の差は{100 * truth:.1f}ポイント")


# %%
def replay(world, n, seed, times=1000):
    rng = np.random.default_rng(seed)
    without, with_card = world[["なし", "あり"]].to_numpy().T
    rows = []
    for _ in range(times):
        drawn = rng.permutation(len(world))[: 2 * n]
        left = rng.random(2 * n) < np.append(without[drawn[:n]], with_card[drawn[n:]])
        a, b = left[:n].sum(), left[n:].sum()
        rows.append(((a - b) / n, p_value(a, n, b, n)))
    return pd.DataFrame(rows, columns=["差", "P値"])


# %%
small, large = replay(lively, 850, seed=0), replay(lively, len(lively) // 2, seed=0)
summary = {}
for name, tests in {"850人ずつ": small, "こかげ便の全員": large}.items():
    won = tests[tests["P値"] < 0.05]
    summary[name] = {
        "有意になった割合": len(won) / len(tests),
        "有意だった回の差": won["差"].mean(),
    }
pd.DataFrame(summary).round(3)

# %% tags=["figure"] mystnb={"image": {"alt": "850人ずつの試験を1,000回やり直した差のヒストグラム。本当の差2.9ポイントを中心に広がり、右半分の、およそ3ポイントより大きい所が有意として塗られている"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(5.4, 3.2), layout="constrained")
edges = np.arange(-3, 9.1, 0.5)
significant = small["P値"] < 0.05
shown = [100 * small.loc[who, "差"] for who in (significant, ~significant)]
ax.hist(shown, edges, stacked=True, color=["tab:orange", "lightgray"], label=["有意", "有意でない"])
ax.axvline(100 * truth, color="black", linestyle="--", label="本当の差")
ax.set_xlabel("850人ずつの試験に出た差（ポイント）", fontsize=11)
ax.set_ylabel("回数", fontsize=11)
ax.legend(fontsize=11)
plt.show()

# %% [markdown]
# 横が試験に出た差、縦がその回数です。
# 橙の回だけを合わせると、差の平均は4ポイントになり、本当の差（破線）より大きく出ました。
# 人数が足りないと、運よく大きく出た回しか有意にならないからです（勝者の呪い、winner's curse）。
# だから、小さな試験の「有意」から得を計算すると、たいてい見込みが膨らみます。
# 逆に、有意でなかった灰色の回も、効き目がない証拠にはなりません。
# どの回でも、カードは本当に効いていました。
#
# 人数が足りないときの手は、おもに4つです。
# 相手を増やすか、始める前に期間を長く決めるか、大きな差だけを狙うか、始めないかです。

# %% [markdown]
# ## 広げる決まりも先に書く
#
# 相手を増やせるこかげ便で、9月に試すことになりました。
# こかげ便で減っても、ひだまり便で同じだけ減るとは限らないので、この試験で決めるのは、こかげ便の分だけです。
# 始める前に、奈良さんと次の決まりを書きました。
#
# - 9月30日に1度だけ見る。人数の比がおかしければ、結果を見ずに原因を探す（後の節）。
# - 解約が有意に減り、1人あたりの得の見積もりが200円以上なら、こかげ便の全員に広げる。
# - 有意に減っても200円に届かなければ、広げない。測り直すなら、見る日と人数を先に決め、組も分け直した別の試験にする。
# - 有意に増えたら、やめる。有意な差がなければ、広げず、「効かない」とも言わない。
#
# 3つ目で、9月の試験をそのまま延ばさないのは、良い数字が出るまで見続けることになるからです。
# それに、10月の解約率だけを比べると、9月に解約した人が抜けた後の2組は、もうそろっていません。
#
# カードが本当に効く世界で、この決まりが何回「広げる」と言うかを、こかげ便の全員で試した1,000回（`large`）から数えます。

# %%
fell = (large["P値"] < 0.05) & (large["差"] > 0)
enough = 12_000 * large["差"] - 150 >= 200
print(f"有意に減った: {fell.mean():.0%}、しかも200円以上: {(fell & enough).mean():.0%}")

# %% [markdown]
# 検出力は「有意になる」割合で、「広げる」割合ではありません。
# 9割近くが有意になる試験でも、200円まで届くのは全体の半分ほどで、4割では、減ったと分かっても広げません。
# 本当の得がちょうど200円なら、何人集めても、見積もりが200円を超えるのは2回に1回だからです。
# それでは惜しいなら、200円より低い線で広げると、先に決めておきます。

# %% [markdown]
# ## いつも同じ組になるように分ける
#
# 分け方も、始める前に決めます。
# 6月に使った`arm`は、試験の名前と顧客番号をつないだ文字から、ハッシュ値を作ります（35）。
# その奇数と偶数で分ければ、同じ人は、いつ、どこで計算しても同じ組です。
# 試験の名前のように、ハッシュ値を変えるために足す文字を **ソルト**（salt）と呼びます。
#
# ソルトがないと困るのは、2つの試験が重なったときです。
# 同じ月に、配送の時間帯を選べるようにする別の試験も始まるとして、2つの試験の組を掛け合わせます。


# %%
def crossed(salt_1, salt_2):
    first, second = (
        [arm(number, salt) for number in lively["customer_id"]] for salt in (salt_1, salt_2)
    )
    return pd.crosstab(pd.Series(first, name="カード"), pd.Series(second, name="時間帯"))


# %%
pairs = {"ソルトなし": ("", ""), "ソルトあり": ("reply-card", "delivery-time")}
pd.concat({name: crossed(*salts) for name, salts in pairs.items()})

# %% [markdown]
# ソルトのない上の表では、カードの入った人が、1人残らず時間帯も選べる人になりました。
# これでは、解約が減っても、どちらのおかげか分かりません。
# 試験ごとにソルトを変えた下の表では、4つのマスがほぼ同じ人数で、カードの2組のどちらにも、時間帯を選べる人が半分ずついます。
# だから、時間帯の効き目は平均すれば2組に同じだけ混ざり、差を偏らせません。
#
# 35の対照群を選ぶときに、`xxhash64`に施策の名前「解約の電話」も入れたのは、ほかの試験と同じ組にならないようにするためで、この名前がソルトでした。

# %% [markdown]
# ### 分けた結果は表に残す【自習】
#
# Sparkでも同じ計算ができます（16進の文字を整数に直すのは`F.conv`です）。
# 分けた結果を表に残しておけば、あとでコードが直されても、誰がどちらの組だったかは変わりません（仕事では上書きせず、始めるときに1度だけ書きます）。

# %%
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS ab_test")
spark.sql("USE ab_test")
key = F.concat(F.lit("reply-card:"), F.col("customer_id").cast("string"))
hashed = F.conv(F.substring(F.sha2(key, 256), 1, 8), 16, 10).cast("long")

# %%
people = spark.createDataFrame(lively[["customer_id"]])
assigned = people.withColumn("arm", F.when(hashed % 2 == 1, "あり").otherwise("なし"))
assigned.write.mode("overwrite").saveAsTable("assignments")

# %%
saved = spark.table("assignments").toPandas()
same = saved["arm"] == [arm(number, "reply-card") for number in saved["customer_id"]]
print(f"{len(saved):,}人のうち、Pythonと同じ組は{same.sum():,}人")

# %% [markdown]
# Pythonの組と、1人も食い違いません。
# 25で見たように、同じ計算を2か所に書くときは、必ず突き合わせます。
#
# > **Databricksでは** Model Servingの1つのエンドポイント（endpoint、モデルを呼び出す宛先）に2つのモデルを置き、要求を90%と10%のように振り分けられます（`traffic_config`）。
# > 文書にあるのは要求の割合で、同じ顧客をいつも同じモデルへ送るとは書かれていません（2026年11月に確認）。
# > 顧客ごとに比べるなら、このレッスンのように組を先に決め、組に合わせてモデルを呼びます。

# %% [markdown]
# ## 途中で割合を変えると、季節が混ざる【自習】
#
# 新しいことは、はじめは1割の人だけに試し、慣れたら半分に広げたくなります。
# 8月末の顧客は1割、11月末の顧客は半分の人にカードを入れ、翌月の解約を、2か月分合わせて比べてみます。
# カードに効き目はなく、夏は解約の多い世界です。

# %%
yearly = churn.make_truth(first_month="2026-01", season=1.0, **KOKAGE)
plan = {
    month: (yearly.loc[yearly["month"] == f"{month}-01", "probability"].to_numpy(), share)
    for month, share in [("2026-08", 0.1), ("2026-11", 0.5)]
}


def ramp(plan, rng):
    return [(rng.random(len(p)) < share, rng.random(len(p)) < p) for p, share in plan.values()]


def merged(months):
    return [np.concatenate(both) for both in zip(*months, strict=True)]


# %%
months = ramp(plan, np.random.default_rng(0))
by_month = pd.DataFrame(
    [(left[~card].mean(), left[card].mean()) for card, left in [*months, merged(months)]],
    index=[*plan, "2か月を合わせる"],
    columns=["カードなし", "カードあり"],
)
by_month.round(3)

# %% [markdown]
# 月ごとに見れば2組はほとんど違わず、カードの組のほうが、わずかに高いくらいです。
# ところが合わせると、カードの組は4ポイント以上も低くなりました。
# 合わせた値は、人数の多い月の値に引き寄せられるからです。
# カードの組は、8月の1割と11月の5割からなるので、解約の少ない11月に寄ります。
# なしの組は、8月の9割と11月の5割からなるので、解約の多い8月に寄ります。
# 分けた結果と合わせた結果が逆になる、シンプソンのパラドックスです（11）。
#
# 割合を変えるなら、月ごとに比べてから、差を平均します。
# 2つの比べ方を300回ずつ試し、有意になる割合を数えます。


# %%
def two_ways(months):
    gaps = [gap(left, card) for card, left in months]
    spread = [left[who].var() / who.sum() for card, left in months for who in (card, ~card)]
    monthly = abs(np.mean(gaps)) > 1.96 * np.sqrt(sum(spread)) / len(months)
    card, left = merged(months)
    return compare(left, ~card, card) < 0.05, monthly


rng = np.random.default_rng(0)
ways = np.mean([two_ways(ramp(plan, rng)) for _ in range(300)], axis=0)
pd.Series(ways, ["合わせて比べる", "月ごとの差を平均する"]).to_frame("有意になった割合")

# %% [markdown]
# 効き目がないのに、合わせて比べると、毎回「有意」になりました。
# 月ごとの差を平均すれば、約束の5%ほどに戻ります。
# いちばん安全なのは、始めたら割合を変えないことです。

# %% [markdown]
# ## 結果より先に、人数の比を見る
#
# 9月30日の夜、こかげ便の結果がそろいました。
# ところが集計の担当者は、気を利かせて、カードの組から、アプリをあまり開かない人を除きました。
# 返信はがきの案内はアプリにも出るので、開かない人には「届いていない」と考えたのです。
#
# この除き方を、まず効き目のない世界で試します（人数の比を調べないと何を信じてしまうかを知るために、あえて結果のほうから並べます）。

# %%
usage = churn.make_tables(first_month="2025-09", duplicate_rate=0, **KOKAGE)["usage_monthly"]
usage = usage.sort_values(["customer_id", "month"])
app_days = usage.loc[usage["month"] == "2026-08-01", "app_days"].to_numpy()

# %%
silent = lively.assign(あり=lively["なし"])
card = np.array([arm(number, "reply-card") == "あり" for number in silent["customer_id"]])
reached = app_days >= 15


# %%
def report(left, a, b):
    rates = left[a].mean(), left[b].mean()
    return {
        "人数": (a.sum(), b.sum()),
        "解約率": f"{rates[0]:.1%}と{rates[1]:.1%}",
        "P値": round(compare(left, a, b), 4),
    }


left = run(silent, card, np.random.default_rng(0)) <= 30
pd.DataFrame(
    {"全員": report(left, ~card, card), "届いた人だけ": report(left, ~card, card & reached)}
).T

# %% [markdown]
# 効き目のないカードで、解約率が3ポイントほども下がりました。
# たまたまかどうか、組を300回分け直して、有意になる割合を数えます。

# %%
rng, hits = np.random.default_rng(0), []
for _ in range(300):
    drawn = rng.random(len(silent)) < 0.5
    left = run(silent, drawn, rng) <= 30
    hits.append([compare(left, ~drawn, who) < 0.05 for who in (drawn, drawn & reached)])
hits = pd.Series(np.mean(hits, axis=0), ["全員", "届いた人だけ"])
hits.to_frame("有意になった割合").round(3)

# %% [markdown]
# たまたまではなく、届いた人だけを数えると、20回のうち19回が「有意」になります。
# アプリをよく開く人は、もともと解約しにくい人です（33）。
# その人だけをカードの組に残し、なしの組は全員のままなので、組が違う人たちの集まりになりました。
#
# P値は、この間違いを教えてくれません。
# 教えてくれるのは **人数の比** です。
# 半々に分けたのなら、2組の人数はほぼ同じになるはずでした。

# %%
from scipy.stats import chisquare

for name, b in {"全員": card, "届いた人だけ": card & reached}.items():
    print(f"{name}: 人数の比のP値は{chisquare([(~card).sum(), b.sum()]).pvalue:.2g}")

# %% [markdown]
# `chisquare`は、2組が同じ人数になるはずなのに、これ以上ずれる偶然の割合（P値）を返します。
# 届いた人だけのほうは、偶然ではまず起きない値です（`e-`の後の数は、小数点の後に0がいくつ並ぶかの目安です）。
# 人数の比のずれは **SRM**（sample ratio mismatch）と呼ばれ、分け方か数え方のどこかが壊れた印です。
#
# ここでは線を0.05ではなく0.001に引きます。
# すべての試験で毎回調べるので、0.05では壊れていない試験まで20回に1回止まります。
# ただし、小さな壊れ方や、両方の組から同じ数だけ人が消えたことは、人数の比からは分かりません。
#
# 見つけたら、結果を見ずに原因を探します。
# 足りない人の分を掛け算で埋めても、いなくなった人がどんな人だったかは戻りません。
# 今回は、除くのをやめ、分けた全員を分けた組のまま数えれば直ります（ITT、intention-to-treatと呼びます）。
# 電話の通じなかった人も電話する組に入れたまま数えた、35と同じ理由です。

# %% [markdown]
# ## 行が増えた分だけ、証拠が増えるわけではない【自習】
#
# 注文の回数を比べるとき、3か月分を1人3行まで使うと、行は人数の2.4倍になります（途中で入った人とやめた人も数えます）。
# それで証拠も2.4倍になるのかを、効き目のない世界で300回分け直して確かめます。
# 行のまま比べた場合と、1人1行の平均にした場合で、有意になる割合を数えます。

# %%
recent = usage[usage["month"] >= "2026-06-01"]
ids, person = np.unique(recent["customer_id"], return_inverse=True)
orders = recent["orders"].to_numpy()
average = np.bincount(person, orders) / np.bincount(person)


def mean_p(values, card):
    a, b = values[~card], values[card]
    return 2 * norm.sf(abs(a.mean() - b.mean()) / np.sqrt(a.var() / len(a) + b.var() / len(b)))


# %%
rng = np.random.default_rng(0)
drawn = [rng.random(len(ids)) < 0.5 for _ in range(300)]
print(f"{len(orders):,}行のまま: {np.mean([mean_p(orders, c[person]) < 0.05 for c in drawn]):.1%}")
print(f"{len(ids):,}人の平均: {np.mean([mean_p(average, c) < 0.05 for c in drawn]):.1%}")

# %% [markdown]
# 行のまま比べると、5%のはずの誤りが、およそ2倍に増えました。
# よく頼む人は毎月よく頼むので、同じ人の3行は、3人分の証拠にはなりません。
# 人をランダムに分けたなら、数えるのも人にします（34で顧客ごとに引き直したのと同じです）。

# %% [markdown]
# ## 1度だけ見て、幅と金額を添える
#
# 担当者が除いた人を戻すと、こかげ便の試験の人数の比は正常でした。
# 決めた日なので、9月の結果を1度だけ見ます（ここからは、カードが本当に効く世界です）。

# %%
left = run(lively, card, np.random.default_rng(0)) <= 30
pd.DataFrame({"全員": report(left, ~card, card)}).T

# %% [markdown]
# P値は0.05より小さいので、解約は有意に減りました。
# しかし、奈良さんが知りたいのは、効いたかどうかではなく、いくら得かです。
# 差の95%の区間を作り、金額に直します。

# %%
rates = np.array([left[~card].mean(), left[card].mean()])
error = np.sqrt((rates * (1 - rates) / [(~card).sum(), card.sum()]).sum())
difference = rates[0] - rates[1]
span = pd.Series([-1.96, 0, 1.96], ["下の端", "見積もり", "上の端"]) * error + difference
pd.DataFrame({"差": span.round(4), "1人あたりの得（円）": (12_000 * span - 150).round()})

# %% [markdown]
# 差の区間は0をまたぎません。
# ところが、金額の区間は0円をまたぎます。
# **有意な差は、得をする差とは限りません**。
# 見積もりの98円は、奈良さんの望んだ200円に届かず、損になる可能性も残っています。
#
# この本では、答え合わせができます。
# 本当の差は2.9ポイント弱で、1人あたり193円の得でした。
# どちらも区間の中に入っています。
# 本当の得も200円には届かないので、広げないという判断は、この会社では合っていました。
# 奈良さんへは、次のように伝えます。
#
# > こかげ便では、返信はがきで解約が減りました（カードなしの組は12.0%、ありの組は9.9%で、差の95%の区間は0.3から3.8ポイント）。
# > 1人あたりの得は98円の見積もりで、95%の区間は112円の損から309円の得までです。
# > 200円に届かないので、先に決めたとおり広げません。
# > 続きは、見る日を決めた別の試験で測ります。
# > 12,000円は会社が決めた見込みの値です。
# > これが違ったときの差も、9月に残った人がその後も続けるかも、ひだまり便でも減るかも、この幅に入っていません。

# %% [markdown]
# ## モデルどうしを比べるとき【自習】
#
# 新しいモデルと今のモデルのA/Bテストも、手順は同じです。
# 半分の顧客には今のモデルの一覧で、残りの半分には新しいモデルの一覧で電話し、解約率を比べます。
#
# 違うのは、差の薄まり方です。
# 2つの一覧の9割が同じ人なら、電話の有無が変わるのは、一覧に載る人の1割ほどだけです。
# 組の差も、一覧がまるごと違うときの10分の1ほどになります。
# 必要な人数は差の2乗に反比例するので、およそ100倍です。
# だから34のように、まず過去のデータで損得を比べ、差が大きいと見込めるときだけ試します。
# 一覧の食い違う人だけをランダムに分ければ、ずっと少ない人数で済みます。
#
# 人数や日数を減らす方法には、途中で見ることを許す逐次検定（sequential test）や、試験の前の値で揺れを小さくするCUPEDがあります。
# この本では、名前だけにします。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_43 import check

# %% [markdown]
# 練習1の材料は、4つの案です。

# %%
ideas = pd.DataFrame(
    {
        "案": ["レシピ動画のメール", "お試し食材", "新しい人への手紙", "誕生日のはがき"],
        "対象（人）": [4_900, 1_700, 400, 1_700],
        "いまの解約率": [0.125, 0.12, 0.25, 0.12],
        "費用（円）": [0, 480, 480, 240],
    },
    index=list("ABCD"),
)
ideas

# %% [markdown]
# ### 練習 1: 試せる案を選ぶ
#
# どの案も、1人あたり120円の得になる差を、見逃したくない差とします（解約を1人減らすと12,000円が守られます）。
# 対象の全員を半分ずつに分け、検出力は0.8とします。
#
# - `sizes`に、4つの案の1組に必要な人数を、AからDの順のリストで入れます（`needed`を使えます）。
# - `testable`に、対象の人数で試せる案のリスト（`["A", "B"]`のような形）を入れます。
#
# <details><summary>ヒント</summary>
#
# 見逃したくない差は、費用と120円を足し、12,000円で割った値です。
# 必要な人数は1組の分なので、対象の人数と比べる前に、もう1組の分を考えます。
#
# </details>

# %% 練習 1
sizes = ...
testable = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 6月の判定を直す
#
# 6月の試験では、次の判定を使っていました。
#
# ```python
# def verdict(report):
#     (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
#     if p_value(left_a, n_a, left_b, n_b) < 0.05:
#         return "広げる"
#     return "やめる"
# ```
#
# `report`は、2組の人数と解約した人数（どちらもカードなし、カードありの順）、いまの日、決めた日を持つ辞書です（本文の関数とは別のものです）。
# 決めた日より後の`report`は届きません。
#
# ```python
# {"日": 14, "決めた日": 30, "人数": (812, 892), "解約": (56, 39)}
# ```
#
# この判定は、4つの試験で間違えました。
#
# - 途中の日に、有意だったので広げた。
# - 人が偏って消えた試験の結果を信じて、広げた。
# - 解約の増えたカードを、有意だったので広げた。
# - 人数の足りない試験を「効かない」とみなして、やめた。
#
# 金額の線は使わず、次の5つのどれかを返すように、`verdict`を書き直してください。
#
# | 返事 | どんなとき |
# |---|---|
# | `"やり直し"` | 人数の比のP値が0.001より小さい（何日目でも） |
# | `"待つ"` | 比は正常で、決めた日より前 |
# | `"広げる"` | 決めた日に、解約が有意に減った |
# | `"やめる"` | 決めた日に、解約が有意に増えた |
# | `"決められない"` | 決めた日に、有意な差がない |
#
# 有意かどうかは`p_value`と0.05で決めます（2組には、半々に分けました）。
# 確認では、効き目のない世界の試験も判定させ、誤って「広げる」か「やめる」と返した割合を数えます。
#
# <details><summary>ヒント</summary>
#
# 表の上の行から順に`if`で調べ、当てはまったら`return`します。
# 減ったか増えたかは、人数ではなく割合で比べます。
#
# </details>


# %% 練習 2
def verdict(report): ...


# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 後から広げられる分け方【自習】
#
# はじめは1割、翌月は5割の人に試します。
# 顧客番号、試験の名前、割合から、`"あり"`か`"なし"`を返す関数`assign`を書いてください。
#
# 1. `"あり"`の人の割合が、`share`とほぼ同じになる（0.02のような小さな割合でも）。
# 2. 同じ引数なら、何度動かしても、明日、別のコンピューターで動かしても、同じ返事になる。
# 3. 試験の名前が違えば、組も関係なくなる。
# 4. `share`を増やしても、もう`"あり"`だった人は`"あり"`のままになる。
#
# <details><summary>ヒント</summary>
#
# ハッシュ値を割って、0から1の間の数に直します。
# その数が`share`より小さい人を`"あり"`にすると、4はどうなりますか。
#
# </details>


# %% 練習 3
def assign(customer_id, salt, share): ...


# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 途中で見るための線【自習】
#
# 決めた何日かに見て、どの日でも有意なら止めてよいことにします。
# その代わり、P値の線を0.05より厳しくします。
#
# `line_for(paths, days)`は、効き目のない世界のP値の表`paths`（1行が1回の試験、列が1日から30日）と、見る日のリスト`days`から、線の値を返す関数です。
# その線を使えば、見る日のどこかでP値が線より小さくなる試験が、全体の約5%になるようにしてください。
# 確認では、別に作った`paths`で割合を数え、6%を超える線と、2.5%に届かない厳しすぎる線を退けます。
#
# <details><summary>ヒント</summary>
#
# 試験ごとに、見る日の中でいちばん小さいP値を求めます。
# それが線より小さくなる試験を5%にするには、線をどこに引けばよいでしょうか。
# 7日目は、`paths`の何番目の列ですか。
#
# </details>


# %% 練習 4
def line_for(paths, days): ...


# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 決めた日に1度だけ見たP値は、0.03でした。
# この0.03は、何の割合ですか。
#
# <details><summary>ア. カードに効き目がない確率</summary>
#
# 小さいほど効き目がありそうなので、こう読みたくなります。
# P値の計算は、効き目がないと決めてから始まるので、効き目がある確率もない確率も出てきません。
#
# </details>
# <details><summary>イ. 効き目がなくても、これ以上の差が出る割合</summary>
#
# 正解です。
# 組を分け直した1,000回のうち、これ以上の差が出た割合でした。
#
# </details>
# <details><summary>ウ. もう一度試したときに、有意でなくなる割合</summary>
#
# 0.03を失敗する割合と読むと、97%は再現すると思えます。
# もう一度有意になるかは、本当の差と人数で決まり、850人ずつなら半分ほどでした。
#
# </details>
#
# **問 2.** 300人ずつの試験で、P値は0.2でした。
# 報告に書けるのはどれですか。
#
# <details><summary>ア. 効き目があるとも、ないとも決められない</summary>
#
# 正解です。
# 人数が足りない試験は、効き目があっても有意になりにくいので、どちらとも言えません。
#
# </details>
# <details><summary>イ. 有意でないので、効き目はない</summary>
#
# 「有意でない」を「ない」と読むと、こうなります。
# 図の灰色の回は有意でなくても、カードは本当に効いていました。
#
# </details>
# <details><summary>ウ. もう300人ずつ足して、有意になるまで続ける</summary>
#
# 証拠を増やすのは良いことに見えます。
# 有意になった所で止めるのは、毎日見るのと同じで、効き目がなくてもいつか線をくぐります。
#
# </details>
#
# **問 3.** 半々に分けたはずの試験が、5,100人と4,500人でした。
# 最初にすることはどれですか。
#
# <details><summary>ア. 解約率を比べ、有意かどうかを見る</summary>
#
# 割合を比べるのだから、人数の違いは構わないと思いたくなります。
# 消えたり余分に入ったりした人が、解約しそうな人に偏っていれば、解約率も偏ります。
#
# </details>
# <details><summary>イ. 5,100人の組から、600人をランダムに除いてそろえる</summary>
#
# 人数はそろいますが、直したい所は人数ではありません。
# どんな人が消えたり余分に入ったりしたのかは、ランダムに除いても分からず、偏りは残ります。
#
# </details>
# <details><summary>ウ. 結果を開かずに、人数の比が崩れた所を探す</summary>
#
# 正解です。
# 偶然では起きない比です。
# 分け方、配り方、数え方のどこかで、人が消えたか余分に入っています。
#
# </details>
#
# **問 4.** 次の試験でも、ソルトを付け替えずに同じ組を使いました。
# 何が困りますか。
#
# <details><summary>ア. 2つの組の人数が、少しずつ偏っていく</summary>
#
# 使い続けると偏りそうに感じます。
# 組は人ごとに決まったままなので、人数の比は、ほとんど変わりません。
#
# </details>
# <details><summary>イ. 前の試験の影響が、2組の違いとして残る</summary>
#
# 正解です。
# 「あり」の組は、前の試験でも「あり」だった人たちなので、次の効き目と分けられません。
#
# </details>
# <details><summary>ウ. 試験のたびにハッシュ値が変わり、同じ人が別の組に移る</summary>
#
# ソルトの役目を逆に覚えると、こう考えます。
# 組が移るのはソルトを替えたときで、付け替えなければ全員が前と同じ組です。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 30日のあいだ毎日見ると、効き目のないものを、4回に1回あまり「差がある」と言ってしまいます。見る日を先に決め、1度だけ見ます。
# - 人数は、損得から決めた「見逃したくない差」から計算します。足りない試験は、有意でも差を大きく見すぎます。
# - 組は、試験の名前と顧客番号から決めます。数えるのは、分けた全員です。
# - 結果より先に、人数の比を見ます。おかしければ、P値を見ずに原因を探します。
# - 広げる線も先に決め、結果には、差の幅と金額を添えて伝えます。
#
# 試験で効くと分かったものも、使ううちに効き方が変わります。
#
# - 使い始めた後の変化に気づく仕組みは、[[51_drift_monitoring]]

# %%
check.summary()
