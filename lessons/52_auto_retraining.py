# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 40
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # 自動再学習
#
# 2026年12月の初め、奈良さんが電話の一覧を持ってきました。
# 「10月に値上げをしてから、一覧に載っていない人が次々にやめていく。毎月、自動で学習し直しているんじゃなかったの」。
#
# その仕組みは、夏から毎月動いています。
# 記録を開くと、値上げの前の行で学習した候補は、毎月審査に合格し、本番のモデルになっていました。
# 断られていたのは、11月末の、値上げを学んだ候補だけです。
# だから、いまも値上げを知らないモデルが使われています。
# 断った理由の行は、誰も読んでいませんでした。
#
# 審査に使っていたのは、6月と7月の2か月です。
# 値上げを学んだモデルは、値上げの前の夏で測れば、悪いモデルに見えます。
#
# 学習し直すだけなら1行で済みます。
# 難しいのは、いつ、どの行で学び、どの行で審査するかです。
# ここでは、答えがいつ届くかからこの3つを決め、途中で止まっても安全にやり直せる、1か月分の手順にまとめます。
# その手順を、何も起きない世界と値上げの世界、表が壊れた世界で1年ずつ動かします。
#
# ## このレッスンで学ぶこと
#
# - 答えの届く時から、学習に使える行と、審査に使える行を選ぶ。
# - 過去を再生して、学習の窓を選ぶ。
# - 学習し直す合図と、学習を止めて人が調べる合図を分ける。
# - 何もしなかった月も理由を残し、途中で止まってもやり直せる手順を書く。

# %% [markdown]
# ## 同じ1年を、2つの世界で用意する
#
# `make_world`で、51と同じ2つの世界の、2025年4月から2027年3月までの行を作ります（電話の効果は入れていません。先の月は、決めたことがどうなるかを確かめるための行です）。
# 値上げの世界では、2026年10月から新しい契約の月額が上がり、前からの顧客も離れやすくなります。
# 仕事では、電話した人の行を学習と審査から除き（35）、審査では対照群の1人を5人分に数えます（41）。

# %%
from churn_worlds import LEARNED, PRICE_RISE, REFERENCE, WATCHED, make_world

quiet, price = make_world(), make_world(**PRICE_RISE)

# %% [markdown]
# `gate`は41で作った関数で、候補を`champion`と比べる6つのテストを動かし、断る理由を返します。
# そのうち「点数」は、対数損失の差を調べます。
# 「スライス」は、契約の月数や知ったきっかけや地方で分けた顧客ごとに、見込みの外れを調べます。
#
# 41では2つの候補がゲートに合格し、登録したのは勾配ブースティングでした。
# ここでは、もう1つの合格と同じ作り方の、ロジスティック回帰を使います。
# 学習が速く、行が少なくても揺れにくいからです。
# `champion`はそのまま一覧に使い、24の`production`は省きます。
# 始まりの`champion`は、2025年6月から10月まで（`LEARNED`）の行で学習します。
# どの月に差し替えるかは、これから作る手順が決めます。

# %%
import churn_steps
import pandas as pd
from churn_gate import chance, gate, losses
from churn_steps import FEATURES, rows_between


# %%
def fit(rows):
    model = churn_steps.make_model(churn_steps.candidates()["logistic"])
    return model.fit(rows[FEATURES], rows["churned"])


# %%
first_champion = fit(rows_between(price, LEARNED))

# %% [markdown]
# ## 答えは、1か月遅れて届く
#
# 10月末の行の答えは、その人が11月のうちに解約したかどうかです。
# だから、11月が終わるまで分かりません。
# 値上げの後の行（10月末）をモデルが学べるのは、早くても11月末です。

# %% tags=["figure"] mystnb={"image": {"alt": "8月から1月までの時間の図。10月末の行の答えは11月末に、11月末の行の答えは12月末に届く。12月末に学習し直すときは、8月末から10月末の行で学習し、11月末の行で審査する。12月末の行には、まだ答えがない"}}
from figures.label_clock import draw_label_clock

draw_label_clock()

# %% [markdown]
# 上の2本の矢印は、月末の行の答えが、1か月後に届くことを表します。
# いちばん下の、12月末に学習し直すときを見てください。
# 答えが届いている中で最も新しい11月末の行は、審査のために取っておきます。
# 学習に使えるのは、その前の10月末までです。
# 12月末の行は、次の月の一覧を作るためのもので、答えはまだ1件もありません。
#
# `month`の末に立っているとして、この決まりを関数にします。
# 審査の行は`month`の1か月前になり、`window`は、学習に使う月の数です。


# %%
def judge_rows(rows, month):
    return rows[rows["month"] == month - pd.DateOffset(months=1)]


def train_rows(rows, month, window):
    last = month - pd.DateOffset(months=1)
    first = last - pd.DateOffset(months=window)
    return rows[(rows["month"] >= first) & (rows["month"] < last)]


# %%
def span(rows):
    first, last = (f"{month:%Y-%m}" for month in (rows["month"].min(), rows["month"].max()))
    return first if first == last else f"{first}から{last}"


december = pd.Timestamp("2026-12-01")
parts = {"学習": train_rows(price, december, 3), "審査": judge_rows(price, december)}
for name, part in parts.items():
    print(f"12月末に使える行、{name}: {span(part)}、{len(part):,}行")

# %% [markdown]
# `make_world`の表には、本当はまだ届いていない答えも入っています。
# 現実の表なら、そこは空です。
# どちらの表でも、空の行を落とすだけで済ませず、月で区切ります。
# 答えの一部だけが先に届く会社では、先に分かった解約だけを学んでしまうからです。

# %% [markdown]
# ## 同じ2つのモデルで、審査の結果が逆になる
#
# 12月末に学習し直した候補を、これまで使ってきた夏の2か月と、いちばん新しい11月末の行で審査します。

# %%
candidate = fit(train_rows(price, december, 3))
judges = {
    "夏の2か月": rows_between(price, ("2026-06-01", "2026-07-01")),
    "11月末": judge_rows(price, december),
}

# %%
table = {}
for name, part in judges.items():
    answers = part["churned"]
    ours, theirs = chance(candidate, part), chance(first_champion, part)
    gain = losses(answers, theirs).mean() - losses(answers, ours).mean()
    table[name] = [answers.mean(), theirs.mean(), ours.mean(), gain]
columns = ["実際の解約率", "championの見込み", "候補の見込み", "対数損失の差"]
pd.DataFrame.from_dict(table, orient="index", columns=columns).round(3)

# %%
for name, part in judges.items():
    print(f"{name}: {gate(candidate, first_champion, part) or '合格'}")

# %% [markdown]
# 夏で測ると、候補の見込みは高すぎ、ゲートは断ります。
# 11月末で測ると、見込みも対数損失も候補のほうが良く、ゲートは通します。
# 対数損失の差は`champion`の値から候補の値を引いたもので、正なら候補のほうが良いことになります。
# ゲートは壊れていません。
# 夏に合うかと聞かれ、夏には合わないと答えただけです。
#
# 毎月同じ行で審査すれば成績を並べて比べられる、という考えは自然です。
# けれども41では、同じ行に合う候補を選ばないために、審査の行を毎月入れ替えると決めました。
# 理由はもう1つあります。
# モデルが予測する相手は、夏の顧客ではなく、これからの顧客です。
# 審査の行には、答えのそろった最も新しい月を使い、学習には使いません。
# 冒頭の仕組みは、審査に夏の行を使うので、届いた答えをすべて学習に回し、11月末には10月末の行を学べました。
# こちらの手順は、最も新しい月を審査に取っておく分、学ぶのが1か月遅れます。
# その代わり、審査の行を学習に使うことはありません。
# 冒頭の仕組みでは、夏から秋の候補が審査の6月や7月の行を学習にも使い、そのぶん通りやすくなっていました（理由は、問2で考えます）。

# %% [markdown]
# ## 学習の窓を、過去を再生して選ぶ
#
# 学習に使う月の数（窓）は、長すぎるのも短すぎるのも困ります。
# 長い窓は、行が多くて揺れにくい代わりに、変わる前の行を引きずります。
# 短い窓は、すぐに追いつく代わりに、少ない行の偶然まで覚えます。
#
# どの長さにするかは、過去の月に戻ったつもりで試して決めます。
# これを **バックテスト**（backtest）と呼びます。
# 月末ごとに、その時に使えた行だけで学習し、その月末の人を予測し、後で届いた答えで採点します。


# %%
def backtest(rows, window):
    scores = {}
    for month in pd.date_range("2026-10-01", "2027-02-01", freq="MS"):
        used = rows[rows["month"] == month]
        model = fit(train_rows(rows, month, window))
        scores[month] = losses(used["churned"], chance(model, used)).mean()
    return pd.Series(scores)


# %%
WINDOWS = [1, 3, 6, 12]
replayed = {
    name: pd.DataFrame({window: backtest(rows, window) for window in WINDOWS})
    for name, rows in {"何も起きない世界": quiet, "値上げの世界": price}.items()
}

# %% tags=["figure"] mystnb={"image": {"alt": "値上げの世界の、10月末から2月末までの対数損失の折れ線が5本。10月と11月は灰色の帯で、10月は1か月の窓がいちばん高い。12月は、学習し直さないモデルがいちばん高く、12か月、6か月、3か月、1か月の順に低い。1月と2月は4つの窓がほぼ重なり、学習し直さないモデルだけが高い"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
scores = replayed["値上げの世界"]
labels = [f"{month.month}月" for month in scores.index]
fixed = [
    losses(part["churned"], chance(first_champion, part)).mean()
    for month, part in price.groupby("month")
    if month in scores.index
]
fig, ax = plt.subplots(figsize=(5.4, 3.4), layout="constrained")
ax.axvspan(-0.2, 1.2, color="0.92")
ax.text(0.5, 0.372, "値上げの後を\nまだ学べない", ha="center", fontsize=10)
ax.plot(labels, fixed, "k:", label="学習し直さない")
for window, style in zip(WINDOWS, ["^-.", "s--", "D-", "o-"], strict=True):
    ax.plot(labels, scores[window], style, label=f"直近{window}か月")
ax.set(xlabel="予測した人の月末", ylabel="対数損失（低いほど良い）")
ax.legend(fontsize=10)
plt.show()

# %% [markdown]
# 縦が対数損失（低いほど良い）、横が予測した月末で、線の違いは学習の窓です。
# 左の灰色の帯では、値上げの後の答えで学習したモデルが、まだ1つもありません。
# 帯の中の窓の差は、値上げに追いつく速さではありません。
# 10月の1か月の窓は、学習し直さないより悪くなりました。
# この決まりでは、帯は11月まで続きます。
# 審査の月を取っておかなければ11月は縮められますが、10月は、答えから学ぶ仕組みでは縮められません。
# 合格した後で審査の月も足して学習し直す手（35のrefit）もありますが、できたモデルは審査を受けていません。
#
# 帯を出た12月は、短い窓ほど低く、早く追いついています。
# 1月からは、窓による差がずっと小さくなります。
# ただし、短い窓が勝つのは、変化のあったときです。
# 何も起きない世界も並べ、5か月の平均が、それぞれの世界でいちばん良い窓よりどれだけ悪いか（損）を見ます（行は、窓の月数です）。

# %%
average = pd.DataFrame({name: scores.mean() for name, scores in replayed.items()})
regret = average - average.min()
regret.assign(悪いほう=regret.max(axis=1)).round(4)

# %% [markdown]
# 何も起きない世界では12か月が、値上げの世界では3か月が、いちばん良い窓です。
# 来年がどちらの世界になるかは、誰にも分かりません。
# そこで、悪いほうの世界になったときの損（右の列）を見ます（ミニマックス後悔、minimax regretと呼ぶ決め方です）。
# いちばん小さいのは6か月ですが、3か月との差は0.001もなく、会社を替えれば入れ替わります。
# 乱数の種を替えた8つの会社では、7社で3か月、1社で6か月がいちばん小さくなったので、ここでは3か月を選びます。
# 仕事で手に入る表は1社だけなので、この表のとおりに6か月を選んでも、誤りではありません（練習2）。
# 本物の会社では、同じ1年を2つの世界で見ることもできないので、過去の記録から、変化のあった時期となかった時期を選んで並べます。

# %% [markdown]
# ## 学習し直す合図を決める
#
# 毎月必ず学習し直せば、合図はいりません。
# しかし、学習し直すたびに、審査の手間と、壊れたモデルを出す危険が増えます。
# だから、理由のある月だけ学習し直します。
#
# 理由になるのは、見込みが外れたことです。
# 答えのそろった最も新しい月で、実際の解約が見込みの何倍だったかを測り、1からどれだけ離れたかを「ずれ」とします。


# %%
def off(model, rows):
    return abs(rows["churned"].sum() / chance(model, rows).sum() - 1)


# %%
months = pd.date_range(*WATCHED, freq="MS")
calm = pd.Series({month: off(first_champion, judge_rows(quiet, month)) for month in months})
print(f"何も起きない世界の12か月で、ずれは最大{calm.max():.2f}")

# %% [markdown]
# 何も変わらなくても、1年のうちには、このくらいずれる月があります。
# 種を替えた8つの会社でも、最大は0.07から0.16でした。
# そこで、この会社の最大の2倍より少し大きい0.3を超えたときを、学習し直す合図とします（51の0.7から1.3と同じ幅です）。
# ずれが0.3までなら、いまのモデルを残す、という決まりでもあります。
#
# ところが、表が壊れても、見込みは外れます。
# 月額が千円の単位で届いた世界を、2つ作ります。
# 1つは2026年8月末だけ、もう1つは8月末からずっと壊れたままです。

# %%
august = pd.Timestamp("2026-08-01")
once, lasting = quiet.copy(), quiet.copy()
once.loc[once["month"] == august, "monthly_fee"] /= 1000
lasting.loc[lasting["month"] >= august, "monthly_fee"] /= 1000
print(f"8月末の行のずれ: {off(first_champion, once[once['month'] == august]):.2f}")

# %% [markdown]
# ずれだけを見れば、値上げより急いで学習し直すべき月に見えます。
# しかし、このまま学習すると、壊れた値が正しいものとして学ばれます。
# 直すのはモデルではなく、表です。
#
# 見分ける手がかりは、51で残した入力のモニタリング（列ごとのPSI）です。
# `churn_ops.monitor_rows`は、51で作った、列と月ごとのPSIの表を返します。
# この会社の値上げは、新規の人から少しずつ広がるので、全員のPSIはゆっくり動きます。
# 一方、表が壊れると、全員の値が一度に変わります。
# 全員のPSIが前の月からどれだけ増えたかを、13列の中の最大で測ります（最初の月は、PSIそのもの）。

# %%
import churn_ops


def jumps_of(rows):
    found = churn_ops.monitor_rows(rows_between(rows, REFERENCE), rows_between(rows, WATCHED))
    psi = found.pivot(index="month", columns="column_name", values="population_stability_index")
    return psi.diff().fillna(psi).max(axis=1, skipna=False)


# %%
worlds = {"何も起きない": quiet, "値上げ": price, "8月だけ壊れた": once, "壊れが続く": lasting}
measured = {name: jumps_of(rows) for name, rows in worlds.items()}
pd.DataFrame(measured).round(2)

# %% [markdown]
# 値上げの世界では、3月まで、少しずつしか増えません。
# 表が壊れた8月だけが、桁違いです。
# 線には、51で全員の粗い目安にした0.25を借ります。
# ただし、PSIそのものではなく増え方に使うのは、PSIそのものなら、値上げの世界も2月に超えるからです（51）。
#
# この線は、壊れたと決めるものではありません。
# 全員を一度に値上げしても、同じように超えます。
# だから、学習を止めて、人が表を調べます。
# 今月の行を審査に使うのは翌月からですが、いま差し替えても、次の一覧はこの表から作ることになるので、その月のうちに止めます。
#
# 壊れが続く世界を、もう一度見てください。
# 9月からは、PSIが増えません。
# 壊れたままなら、前の月と同じだからです。
# 合図が消えたのは、直ったからではありません。
# そこで、一度線を超えたら、人が調べ終えるまで止めます。

# %% [markdown]
# ## 1か月分の判断を、1つの関数にする
#
# 合図、学習、審査をつなげます。
# 差し替えるのは外れを直すためなので、41のゲートにテストを1つ足します。
# ずれが半分以下にならない候補は断ります。
# 0.3以下までは求めません。
# 値上げの直後は学べる行が少なく、良くなる候補まで断ってしまうからです。
# ただし、合図の出た月で審査もするので、その月の外れに偶然が混ざれば、候補は少し良く見えます。

# %%
import churn_gate


def improve_test(candidate, champion, rows):
    before, after = off(champion, rows), off(candidate, rows)
    return "" if after <= before / 2 else f"ずれが{before:.2f}から{after:.2f}"


TESTS = churn_gate.TESTS | {"改善": improve_test}


# %%
def decide(rows, month, champion, jumps, cleared=()):
    known = jumps.reindex(pd.date_range(WATCHED[0], month, freq="MS"))
    safe = (known <= 0.25) | known.index.isin(cleared)
    if not safe.all():
        suspect = "、".join(f"{one:%Y-%m}" for one in known.index[~safe])
        return "表を調べる", f"調べ終えていない月: {suspect}", None
    judged = judge_rows(rows, month)
    before = off(champion, judged)
    if before <= 0.3:
        return "何もしない", f"ずれ{before:.2f}", None
    candidate = fit(train_rows(rows, month, 3))
    if reasons := gate(candidate, champion, judged, TESTS):
        return "見送り", "、".join(reasons), None
    return "昇格", f"ずれ{before:.2f}から{off(candidate, judged):.2f}", candidate


# %% [markdown]
# 初めに、見張り始めてからその月までの、すべての月を調べます。
# 「安全だと言えなければ止める」の向きに書いたので、PSIを測っていない月や列が1つでもあれば、学習には進みません。
# `skipna=False`を付けると、空の列があった月は、飛ばされずに空のまま残ります。
# `:=`が値に名前を付け、それが空でないかを`if`が調べます。
# `cleared`は、人が調べ終え、学習に使ってよいと決めた月です。
#
# `decide`は、判断、理由、新しいモデルの3つを返すだけで、何も書き込みません。
# だから、過去の月にも、起きてほしくない世界にも、何度でも試せます。
# 4つの世界で、12か月分を続けて動かします。


# %%
def replay(name):
    champion, found = first_champion, []
    for month in months:
        decision, reason, model = decide(worlds[name], month, champion, measured[name])
        champion = champion if model is None else model
        found.append((f"{month:%Y-%m}", decision, reason))
    return pd.DataFrame(found, columns=["月", "判断", "理由"])


# %%
histories = {name: replay(name) for name in worlds}

# %% tags=["figure"] mystnb={"image": {"alt": "4つの世界を縦に、12か月を横に取り、判断を印で並べた図。何も起きない世界は、12か月すべてが小さな点の何もしない。値上げの世界は、11月が見送り、12月が昇格で、ほかは何もしない。8月だけ壊れた世界と壊れが続く世界は、どちらも8月から3月まで表を調べる"}}
from figures.decisions import draw_decisions

draw_decisions(histories)

# %%
histories["値上げ"].query("判断 != '何もしない'")

# %% [markdown]
# 図の横が判断した月末、縦が4つの世界で、印がその月の判断です。
# 表の「月」は判断した月末で、ずれは、その1か月前の行で測った値です（窓を選んだ月も含むので、窓の良さの証拠にはなりません）。
#
# 何も起きない世界では、1度も昇格しませんでした。
# 値上げの世界では、11月末に合図が出ます。
# ところが、このとき学習に使えるのは7月末から9月末の行で、値上げはまだ入っていません。
# 学習し直しても直らない候補を、「スライス」と「改善」の2つが断りました。
# 12月末には10月末の行が学習に加わり、候補は合格します。
# それでも0.29のずれが残り、合図の線のすぐ下です。
# 学習の3か月のうち、値上げの後は10月末だけだからです。
# 1月末から後も線を超えないので、値上げ後の行が増えても、学習し直しません（昇格の翌月はもう一度学習し直す、と決めておく手もあります）。
# 会社が替われば、12月末も見送りになり、1月末に昇格することがあります。
# その間は、候補より外れているかもしれない今のモデルを使い続けるので、見送りは人に知らせ、急ぐかどうかを決めてもらいます。
#
# 表が壊れた2つの世界は、どちらも8月から止まったままです。
# 8月だけ壊れたときも、8月末の行は、9月末の審査と、10月末から12月末の学習に入ります。
# 1月末には外れますが、同じ壊れがほかの月にないかは、人が調べるまで分かりません。
# 表を直してPSIを測り直せば、増え方は線の下に戻り、判断が動き出します。
#
# では、表を直さずに、8月を「調べ終えた」ことにしたらどうなるでしょう。

# %%
october = pd.Timestamp("2026-10-01")
decide(lasting, october, first_champion, measured["壊れが続く"], cleared=[august])[:2]

# %% [markdown]
# 壊れた行で学習した候補が、壊れた行の審査に合格しました。
# ずれは見事に直ったように見えますが、月額の単位は壊れたままです。
# この候補は、円と千円の混ざった月額を学びました。
# 学習と審査の両方が壊れていると、審査では見つかりません。
# だから、`cleared`に入れてよいのは、2つの場合だけです（どちらも理由を記録に残します）。
# 1つは、全員の値上げのような本物の変化だと、人が確かめた月です。
# もう1つは、もう直せない月で、その行を学習と審査から除く作りを足した後です（ここでは作りません）。
# 直せるなら、入れずに表を直します。

# %% [markdown]
# ### 1か月早く追いつけるか【自習】
#
# 11月末に見送りになったのは、値上げ後の行を、すべて審査に回したからです。
# 学習の行と審査の行は、月だけでなく、顧客でも分けられます。
# 顧客番号が偶数の人の8月末から10月末の行で学習し、奇数の人の10月末の行で審査します。
# 偶数と奇数を入れ替えたものも、並べて動かします。

# %%
november = pd.Timestamp("2026-11-01")
even = price["customer_id"] % 2 == 0
for name, mine in {"偶数で学習": even, "奇数で学習": ~even}.items():
    early = fit(price[mine & price["month"].between("2026-08-01", "2026-10-01")])
    others = judge_rows(price[~mine], november)
    reasons = gate(early, first_champion, others, TESTS)
    shift = f"{off(first_champion, others):.3f}から{off(early, others):.3f}"
    print(f"{name}、審査は{len(others):,}行、ずれは{shift}: {reasons or '合格'}")

# %% [markdown]
# 偶数の人で学習した候補は、ずれが前の半分をわずかに上回り、「改善」で断られます（理由の文は2桁に丸めてあります）。
# 分け方を逆にすると、通ります。
# 使える行が減った分、同じ月の同じ会社でも、結果はこれだけ揺れます。
# だから、両方を試して通ったほうを使ってはいけません（合格するまで試すのと同じです）。
# 分け方は、審査の前に1つに決めます。
# 1か月の外れがいくらの損になるかを測り、急ぐ月だけに使います。

# %% [markdown]
# ## 記録し、やり直せるようにする
#
# 判断が決まったら、候補を登録し、エイリアスを動かし、記録を書きます。
# この3つの途中で止まることがあります。
# ジョブは、失敗した手順をやり直すことがあります。
# 2度動かしたときに、バージョンが2つできたり、記録が2行になったりしてはいけません（べき等性、35）。
#
# まず、記録の表と、登録するモデルの名前を用意します。

# %% slide="notes"
import contextlib
import io
import logging
import uuid

import mlflow
import sklearn
from mlflow.models import infer_signature
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS auto_retraining")
spark.sql("USE auto_retraining")
logging.getLogger("mlflow").setLevel(logging.ERROR)
mlflow.end_run()

# %% slide="notes"
path = f"/Users/{spark.sql('SELECT current_user()').first()[0]}/52_auto_retraining"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)
client = mlflow.MlflowClient()
model_name = f"{spark.catalog.currentCatalog()}.auto_retraining.churn_model"

# %%
LOG = """month STRING, decision STRING, reason STRING, version STRING,
    learned STRING, judged STRING"""
dropped = spark.sql("DROP TABLE IF EXISTS ops_log")
created = spark.sql(f"CREATE TABLE ops_log ({LOG})")

# %% [markdown]
# 登録する関数は、同じ月のバージョンがもうあれば、それを返します。
# どの月のものかは、登録と同時に付けるタグ`ops_key`で見分けます。
# Unity Catalogでは、検索の結果にタグが付いてこないことがあるので、1つずつ読み直します。
# `practice`は、このレッスンを動かすたびに替わる目印です（仕事では、月だけで足ります）。

# %%
practice = uuid.uuid4().hex


def version_of(key):
    for found in client.search_model_versions(f"name = '{model_name}'"):
        if client.get_model_version(model_name, found.version).tags.get("ops_key") == key:
            return str(found.version)
    return None


# %%
def register_once(model, month):
    key = f"{practice} {month}"
    if found := version_of(key):
        return found
    example = price[FEATURES].head(3)
    with mlflow.start_run(run_name=month), contextlib.redirect_stderr(io.StringIO()):
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(example, model.predict_proba(example)),
            pyfunc_predict_fn="predict_proba",
            pip_requirements=[f"scikit-learn=={sklearn.__version__}", f"pandas=={pd.__version__}"],
        )
        return str(mlflow.register_model(info.model_uri, model_name, tags={"ops_key": key}).version)


# %% [markdown]
# 順番を決めます。
# **判断と登録 → 記録 → エイリアス** の順にし、エイリアスは、記録のとおりに動かします。
#
# エイリアスを先に動かすと、止まった後のやり直しで、比べる`champion`が新しいモデルに替わっています。
# すると判断は「何もしない」に変わり、昇格させたのに、その記録がどこにも残りません。
# 登録の直後に止まったときは、やり直しの`register_once`が、もうあるバージョンの番号を返します。
#
# この作りには弱みもあります。
# 人が前のモデルに戻しても、次に動かせば、また記録のとおりに付け直されます。
# しかも、この記録は1か月に1行なので、月の途中で戻したことを書く所がありません。
# 戻すことがある仕組みでは、起きた順に番号を付けて、1行ずつ足す記録にします（53で作ります。そこでは、エイリアスを先に動かす理由も見ます）。


# %%
def write_decision(month):
    if spark.table("ops_log").where(f"month = '{month}'").count():
        return
    alias = f"models:/{model_name}@champion"
    champion = mlflow.sklearn.load_model(alias)
    now = pd.Timestamp(month)
    decision, reason, model = decide(price, now, champion, measured["値上げ"])
    version = str(client.get_model_version_by_alias(model_name, "champion").version)
    if model is not None:
        version = register_once(model, month)
    tried = decision in ("見送り", "昇格")
    learned = span(train_rows(price, now, 3)) if tried else "なし"
    judged = span(judge_rows(price, now))
    row = spark.createDataFrame([(month, decision, reason, version, learned, judged)], LOG)
    row.write.mode("append").saveAsTable("ops_log")


# %%
def follow_log():
    newest = spark.table("ops_log").orderBy("month", ascending=False).first()
    if newest is not None:
        client.set_registered_model_alias(model_name, "champion", newest["version"])


def monthly_step(month):
    follow_log()
    write_decision(month)
    follow_log()


# %% [markdown]
# `monthly_step`が判断の前にも記録に追いつくのは、止まった月をやり直さずに次の月が来ることもあるからです。
# 追いつかなければ、昇格を決めた翌月に、まだ古い`champion`と比べてしまいます。
#
# 始まりは、いまの`champion`を登録し、エイリアスを付けたところです。
# 10月末と11月末を、続けて動かします。

# %%
client.set_registered_model_alias(model_name, "champion", register_once(first_champion, "はじめ"))
monthly_step("2026-10-01")
monthly_step("2026-11-01")

# %% [markdown]
# 12月末は、記録を書いたところで止まったとします。


# %%
def state():
    rows = spark.table("ops_log").count()
    versions = [version_of(f"{practice} {month}") for month in ("はじめ", "2026-12-01")]
    champion = str(client.get_model_version_by_alias(model_name, "champion").version)
    moved = "12月の候補" if champion == versions[1] else "はじめのモデル"
    print(f"記録{rows}行、バージョン{len(set(versions) - {None})}つ、championは{moved}")


# %%
write_decision("2026-12-01")
state()

# %% [markdown]
# 記録は書かれましたが、エイリアスはまだ前のモデルを指しています。
# 朝になって、ジョブが同じ月をやり直しました。
# さらに、心配した人がもう一度動かします。

# %%
monthly_step("2026-12-01")
state()
monthly_step("2026-12-01")
state()

# %% [markdown]
# 記録もバージョンも増えず、エイリアスだけが正しい所に動きました。
# 判断に使う行が途中で変わらず、同時に動くのが1つだけなら、どこで止まってもやり直せます（Databricksのジョブは、初めの設定では同時に1つしか動きません）。
# 記録は、次のとおりです（学習と審査に使った月も残しました）。

# %%
spark.table("ops_log").orderBy("month").drop("version").toPandas()

# %% [markdown]
# 10月末の記録にも、「何もしない」とその理由があります。
# 動いて何もしなかったのか、動かなかったのかを、後から見分けるためです。
# 冒頭の仕組みでは、見送りの理由を誰も読んでいませんでした。
# その日のうちに人へ届いていれば、審査の行が古いことに、奈良さんより先に気づけたはずです。

# %% [markdown]
# ### Databricksで毎月動かすなら【読むだけ】【自習】
#
# > **Databricksでは** ジョブを、決まった時刻（スケジュール）か、表が新しくなったときに始められます。
# > 前のタスクの結果で、次に動かすタスクを分ける条件のタスクもあり、「見送り」なら知らせるだけ、と分けられます。
# > サーバーレスのジョブは、失敗したタスクを自動でやり直すことがあるので、べき等に書いておかないと、やり直しで二重になります。
# > どれも文書で確かめたことで、実機では動かしていません。
#
# このレッスンの`monthly_step`は、2度動かしても結果が変わらないので、そのまま1つのタスクにできます。
# `decide`だけを前のタスクに分けるなら、学習したモデルを先に登録し、次のタスクには番号を渡します。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_52 import check

# %% [markdown]
# ### 練習 1: 答えがもっと遅く届く会社
#
# 別の会社では、解約の手続きに時間がかかり、答えが`delay`か月遅れて届きます。
# `delay`が2なら、10月末の行の答えは12月末にそろいます（本文は1）。
#
# `month`の末に使える行を分け、`(学習の行, 審査の行)`の組を返す関数`split_rows`を書いてください。
#
# - 審査の行: 答えのそろった、最も新しい1か月。
# - 学習の行: その前の`window`か月。
#
# `rows`は`make_world`が作る形の表で、`month`は`pd.Timestamp`です。
# 列は、すべて残します。
# `split_rows(price, december, 3, 1)`は、本文と同じ行になります。
#
# <details><summary>ヒント</summary>
#
# 12月末に立ち、`delay`が2のとき、答えのそろった最も新しい月は何月ですか。
# 月を戻すのは`month - pd.DateOffset(months=2)`です。
#
# </details>


# %% 練習 1
def split_rows(rows, month, window, delay): ...


# %% 確認 1
check(1)

# %% [markdown]
# 練習2で使う、顧客が3分の1ほどの会社の値です。
# 本文と同じ5か月を、4つの窓で再生した対数損失の平均です。

# %%
small_company = pd.DataFrame(
    {
        "何も起きない世界": [0.2839, 0.2785, 0.2759, 0.2758],
        "値上げの世界": [0.4083, 0.4045, 0.4061, 0.4096],
    },
    index=pd.Index([1, 3, 6, 12], name="窓（か月）"),
)
small_company

# %% [markdown]
# ### 練習 2: 小さい会社の窓を選ぶ
#
# ほかの会社の表は手に入らず、この1社の表だけで窓を選びます。
# 選ぶのは、悪いほうの世界になったときの損が、いちばん小さい窓です。
# 損は、その世界でいちばん良い窓との差です。
# `(窓, 損)`の組を`choice`に入れてください。
# 窓は月の数、損は、選んだ窓の、悪いほうの世界での損です（小数第4位まで）。
#
# <details><summary>ヒント</summary>
#
# `small_company.min()`は、世界ごとの、いちばん小さい値です。
# 表からこれを引くと、世界ごとの損になります。
#
# </details>

# %% 練習 2
choice = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: どこで止まってもやり直せるようにする【自習】
#
# 配送部の月の手順は、次のように書かれていました。
#
# ```python
# def step(store, month):
#     decision = store.decide(month)
#     version = store.current()
#     if decision == "昇格":
#         version = store.register(month)
#         store.point(version)
#     store.write(month, decision, version)
# ```
#
# `store`は、レジストリと記録をまとめたものです。
#
# | メソッド | 働き |
# |---|---|
# | `decide(month)` | いまの`champion`と比べ、`"昇格"`か`"何もしない"`を返す |
# | `current()` | `champion`が指すバージョンの番号 |
# | `find(month)` | その月に登録したバージョンの番号。なければ`None` |
# | `register(month)` | 新しいバージョンを登録し、番号を返す。呼ぶたびに増える |
# | `read(month)` | その月の記録があれば`True` |
# | `write(month, decision, version)` | 記録に1行足す。呼ぶたびに増える |
# | `newest()` | いちばん新しい月の記録にある、バージョンの番号 |
# | `point(version)` | `champion`を、その番号に付け替える |
#
# 記録には、はじめから前の月の1行があります。
#
# 同時に1つだけ動かすとして、どこで止まっても、同じ月をもう1度動かせば、次のようになる`step`を書いてください。
#
# - その月のバージョンは多くて1つ、記録はちょうど1行。
# - 1度目に「昇格」と判断した月の記録は、やり直しても「昇格」のまま。
# - 記録の番号は、昇格ならその月のバージョン、そうでなければ、そのときの`champion`の番号。
# - `champion`は、いちばん新しい月の記録の番号を指す。前の月を動かし直しても、古い番号に戻らない。
#
# さらに、止まった月をやり直さないまま次の月を動かしても、その判断では、いちばん新しい月の記録の番号と比べるようにしてください。
#
# <details><summary>ヒント</summary>
#
# 本文の`write_decision`と`follow_log`の順番を見てください。
# `decide`の答えは、`champion`を動かした後では変わります。
#
# </details>


# %% 練習 3
def step(store, month): ...


# %% 確認 3
check(3)

# %% [markdown]
# 練習4で使う、7つの会社の、ある月末の値です。
# 「今月の増え方」は、全員のPSIが前の月から増えた量の、13列の中の最大です。
# 「前の月まで」は、調べ終えていない前の月の、増え方の最大です。
# 「下の端」は、候補と`champion`の対数損失の差（41）の、95%の範囲の下の端です。

# %%
month_end = pd.DataFrame(
    [
        ("A", 0.30, 0.25, 0.04, 0.02, 0.004),
        ("B", 0.55, 3.20, 0.03, 0.05, 0.020),
        ("C", 0.62, 0.04, 0.02, 0.32, -0.004),
        ("D", 0.46, 0.02, 0.05, 0.23, -0.013),
        ("E", 0.38, 0.03, 0.02, 0.12, -0.021),
        ("F", 0.05, 0.90, 0.03, 0.04, -0.001),
        ("G", 1.26, 0.01, 6.64, 0.06, 0.050),
    ],
    columns=["会社", "ずれ", "今月の増え方", "前の月まで", "候補のずれ", "下の端"],
).set_index("会社")
month_end

# %% [markdown]
# ### 練習 4: 7つの会社の、今月の判断【自習】
#
# 本文の`decide`と同じ決まりで、7つの会社の判断を決めます。
# 41の6つのテストのうち、ここで見るのは「点数」だけとし、本文で足した「改善」も見ます。
# 「点数」は、下の端が−0.013以上なら合格です（許す幅の0.013、41）。
# ほかの5つには合格しています。
# 会社の名前をキー、判断を値とする辞書を`decisions`に入れてください。
# 判断は、`"何もしない"`、`"表を調べる"`、`"見送り"`、`"昇格"`のどれかです。
#
# <details><summary>ヒント</summary>
#
# `decide`は、上から順に調べ、決まったところで返します。
# 候補の値は、そこまで来た会社だけで見ます。
#
# </details>

# %% 練習 4
decisions = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ..., "G": ...}

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 10月末に、新規の月額のPSIが、51の線を大きく超えました。
# その晩に学習し直しても、値上げに追いつけないのはなぜですか。
#
# <details><summary>ア. 値上げの後に誰が解約したかを、まだ1人分も知らないから</summary>
#
# 正解です。
# 10月末の行の答えが届くのは、11月末です。
#
# </details>
# <details><summary>イ. PSIが動いたのは新規だけで、前からの顧客の入力は動いていないから</summary>
#
# どちらの顧客が外れるかを考えるのは、良い見方です。
# けれども、前からの顧客の入力が動いていても、その晩に追いつけないことは変わりません。
#
# </details>
# <details><summary>ウ. 入力の警報には誤報があり、本当の変化とは限らないから</summary>
#
# 誤報を疑うのは正しい見方ですが、線を大きく超えたこの警報は本物でした。
# 本物だと分かっていても、学ぶ答えがありません。
#
# </details>
#
# **問 2.** 12月末に学習し直すとき、11月末の行も学習に加え、同じ11月末の行で審査しました。
# 何が起きますか。
#
# <details><summary>ア. 新しい月を学べて、審査も最も新しい月なので、いちばん良い候補が選ばれる</summary>
#
# どちらも新しいほうが良い、と考えた人の答えです。
# 答えを見て覚えた行で採点しているので、良さを測れていません。
#
# </details>
# <details><summary>イ. 候補の成績が実力より高く出て、悪い候補も通りやすくなる</summary>
#
# 正解です。
# `champion`は11月末の行を見ていないので、比べ方も不公平です。
#
# </details>
# <details><summary>ウ. 行が増えた分だけ候補の揺れが減り、審査が厳しくなる</summary>
#
# 行が増えると揺れは減りますが、審査は緩くなります。
# 学習に使った行では、どの候補も良く見えるからです。
#
# </details>
#
# **問 3.** 候補が3か月続けて見送られました。
# 最初にすることはどれですか。
#
# <details><summary>ア. ゲートが厳しすぎると考え、「点数」の許す幅を広げる</summary>
#
# 続けて断られると、線を疑いたくなります。
# 理由を読む前に線を動かすと、正しく止めていたものまで通します。
#
# </details>
# <details><summary>イ. 窓を短くした候補も作り、合格するまで試す</summary>
#
# 数を試せば、どれかは通ります。
# それは、その月にたまたま合った候補かもしれません（41）。
#
# </details>
# <details><summary>ウ. 記録の理由を読み、審査の行と候補のどちらが古いかを見る</summary>
#
# 正解です。
# 冒頭の会社では、古かったのは審査の行でした。
#
# </details>
#
# **問 4.** 記録を書く前にエイリアスを動かす手順にしました。
# エイリアスを動かした直後に止まり、ジョブが同じ月をやり直しました。
# 何が残りますか。
#
# <details><summary>ア. 記録が2行になり、昇格が2度あったように見える</summary>
#
# 2度動かせば2行になりそうですが、1度目は記録の前に止まっています。
#
# </details>
# <details><summary>イ. モデルは替わったのに、記録には「何もしない」とだけ残る</summary>
#
# 正解です。
# やり直しのときの`champion`は、もう新しいモデルです。
# ずれは小さくなっているので、判断は「何もしない」に変わります。
#
# </details>
# <details><summary>ウ. 何も残らない。やり直しは、止まった続きから始まる</summary>
#
# 続きから始まるように思えますが、ジョブのやり直しは、タスクを初めから動かします。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 答えは遅れて届きます。最も新しい答えのそろった月を審査に、その前の数か月を学習に使います。
# - 学習の窓は、過去を再生し、悪いほうの世界での損を比べて選びます。
# - 学習し直す合図は、見込みが外れたことです。入力が一度に動いたら、人が表を調べ終えるまで止めます。
# - 41のテストに通っても、外れが直らない候補は断ります。
# - 判断と登録、記録、エイリアスの順にします。判断に使う行が変わらず、同時に動くのが1つだけなら、どこで止まってもやり直せます。
#
# 学習し直しても直らない外れもあります。
# 差し替えたバージョンや、届いた表が壊れたときです。
#
# - どれが壊れたのかを見分けて戻すのは、[[53_auto_rollback]]

# %%
check.summary()
