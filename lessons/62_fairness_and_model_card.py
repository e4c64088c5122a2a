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
# # 公平性とモデルカード
#
# 2026年10月の初め、社長室に1つの投稿が回ってきました。
# 「東北の母が定期便を解約した。引き止めの電話は1度もなかった。広島のいとこには、あったのに」。
#
# 奈良さんが地方ごとに数えると、投稿と同じ向きの差がありました。
# 9月に解約した人のうち、解約予測の一覧に載っていた人は、北海道・東北では4人に1人もいません。
# 中国・四国では、10人に4人を超えます。
# 差は、およそ20ポイントです。
#
# 社長室の案は2つでした。
# モデルから地方の列を外すことと、東北だけ、電話をかける確率のしきい値を下げることです。
# 返事を任された法務の小林さんは、先に尋ねました。
# 「それは、何の差ですか。偶然ではないと言えますか」。
#
# 差があることと、偶然ではないことと、誰かが損をしていることは、別の話です。
# ここでは、差を測り、偶然だけで開く幅と比べ、何をするかを決めます。
# 同じ調べ方を、何も起きない世界と、記録が壊れたと分かっている世界の両方で動かします。
# 決めたことは、記録から作る1枚の文書に残します。
#
# ## このレッスンで学ぶこと
#
# - 差を、選ばれた割合、再現率、確率の当たり方の3つに分けて測る。
# - グループの名前を付け直して、偶然だけで開く差の幅を求める。
# - 意味のある差を見分け、原因に合わせて、することを決める。
# - モデルカードを記録から作り、カードの数を記録と突き合わせる。

# %% [markdown]
# ## 8月末の一覧を、もう一度作る
#
# 51と52で使った、何も起きない世界を作ります。
# モデルは、この世界の1年を通して差し替わらなかった、52のロジスティック回帰です。

# %%
import churn_steps
from churn_gate import chance
from churn_steps import FEATURES, THRESHOLD, rows_between
from churn_worlds import LEARNED, make_world

# %%
world = make_world()
learned = rows_between(world, LEARNED)
model = churn_steps.make_model(churn_steps.candidates()["logistic"])
model = model.fit(learned[FEATURES], learned["churned"])

# %% [markdown]
# 9月の電話に使ったのは、2026年8月末の一覧です。
# 声をかけるのは、解約の確率が0.3125以上の人です（31）。
# その人たちが9月に解約したかどうかは、9月末にそろいました。

# %%
august = world[world["month"] == "2026-08-01"]
probability = chance(model, august)
called = probability >= THRESHOLD
print(f"{len(august):,}人のうち、声をかけるのは{called.sum()}人")

# %% [markdown]
# この記録に、電話の効果は入れていません。
# 仕事では、電話で思いとどまった人が「解約した人」から抜け、再現率が低く出ます。
# そのときは、41のように電話した人を除き、一覧に載っても電話しなかった対照群（載った人の10人に2人）の1人を、5人分に数えます。

# %% [markdown]
# ## 何の差かを決める
#
# 「不公平だ」という訴えが指すものは、少なくとも3つあり、測り方がそれぞれ違います。
#
# | 測るもの | 誰のうち、何の割合か | 訴えの例 |
# |---|---|---|
# | 選ばれた割合 | 全員のうち、一覧に載った人 | うちの地方には、電話がほとんど来ない |
# | 再現率（15） | 解約した人のうち、一覧に載っていた人 | やめる人を、見つけてもらえなかった |
# | 確率の当たり方（校正、34） | 予測した確率の平均と、実際に解約した割合 | うちの地方だけ、低く見積もられている |
#
# 社長室に届いた投稿が言うのは、2つ目の再現率です。
# 1つ目と2つ目を、地方ごとに数えます。
# `by_group`は練習3で直して作るので、ここでは完成品を使います。

# %%
import model_card

by_region = model_card.by_group(august, probability, "region")
by_region.round(3)

# %% [markdown]
# 「下の端」と「上の端」は、再現率の95%の範囲です。
# **ウィルソンの方法**（Wilson score interval）で求めたので、人数が少なくても、0や1をはみ出しません。
#
# 再現率は、北海道・東北の23%が最も低く、中国・四国の42%が最も高い値です。
# ところが、選ばれた割合では、この2つの順番が入れ替わります。
# 北海道・東北は9%で2番目に高く、中国・四国は6%で最も低いのです。
# 同じ一覧でも、どれを見るかで「損をした地方」が入れ替わります。
# だから、訴えがどれを指すのかを決めてから、数を読みます。

# %% [markdown]
# ### 3つは、同時にはそろわない
#
# 3つともそろえればよい、と思うかもしれません。
# そこで、1人ずつの本当の確率を知っている予測者を呼びます。
# この会社は架空なので、`make_truth`が教えてくれます。
# 地方の代わりに、離れやすさが本当に違う「知ったきっかけ」（33）で分けます。

# %%
import churn
import pandas as pd

truth = churn.make_truth(n_customers=12_000, months=24)
truth = truth.assign(month=pd.to_datetime(truth["month"])).drop(columns="churned")
known = august.merge(truth, on=["customer_id", "month"])
perfect = known["probability"].to_numpy()

# %%
table = model_card.by_group(known, perfect, "channel")[["選ばれた割合", "再現率"]]
means = known.groupby("channel")[["probability", "churned"]].mean()
table.join(means.set_axis(["予測", "実際"], axis=1)).round(3)

# %% [markdown]
# 予測と実際は、偶然の範囲で合っています。
# それでも、広告で知った人の選ばれた割合と再現率は、紹介で知った人の2倍を超えます。
# 離れやすい人が多いグループほど、しきい値の0.3125を超える人も、見つかる人も増えるからです。
# だから、離れやすさの違うグループでは、確率が正しくても、ほかの2つはふつうそろいません。
# しきい値をグループごとに変えれば、どちらか1つはそろいますが、同じ確率の人が違う扱いを受けます。
# どれをそろえるかは、使う目的から人が決めます。

# %% [markdown]
# ## 偶然だけで、どこまで開くか
#
# 地方の20ポイントに戻ります。
# 北海道・東北で解約したのは31人で、一覧に載っていたのは7人でした。
# これだけ少ないと、数人の違いで割合は大きく動きます。
#
# 偶然の大きさは、地方の名前を付け直すと測れます。
# 解約した354人の「載っていたか」はそのままにして、地方の名前だけをランダムに配り直すのです。
# 配り直した名前に意味はないので、そこで開く差は、すべて偶然です。

# %%
import numpy as np

left = (august["churned"] == 1).to_numpy()
found, region = called[left].astype(float), august["region"].to_numpy()[left]


# %%
def gap(hits, groups):
    share = [hits[groups == name].mean() for name in set(groups)]
    return max(share) - min(share)


# %%
rng = np.random.default_rng(0)
print(f"本当の名前: {gap(found, region):.3f}")
for _ in range(3):
    print(f"付け直した名前: {gap(found, rng.permutation(region)):.3f}")

# %% [markdown]
# 3回付け直しただけでも、10ポイントを超える差が出ます。
# 1,000回繰り返した割合の表は、`model_card.shuffled_shares`で作れます。

# %%
shuffled = model_card.shuffled_shares(found, region)
chance_gaps = shuffled.max(axis=1) - shuffled.min(axis=1)
at_least = (chance_gaps >= gap(found, region)).mean()
print(f"20ポイント以上: {at_least:.0%}、10ポイント超: {(chance_gaps > 0.1).mean():.0%}")
ratio = shuffled.min(axis=1) / shuffled.max(axis=1)
print(f"いちばん低い割合÷高い割合が0.8より小さい: {(ratio < 0.8).mean():.0%}")

# %% tags=["figure"] mystnb={"image": {"alt": "付け直した1,000回の差の分布。17ポイント前後を山に、2から40ポイントまで広がる。実際の差の20ポイントは、山の少し右にあり、それより右に全体の4割ほどがある"}}
from figures.group_gaps import draw_chance_gaps

draw_chance_gaps(chance_gaps, gap(found, region))

# %% [markdown]
# 横が付け直した名前で開いた差、縦が回数で、色を付けた部分が、偶然だけで20ポイント以上開いた回です。
# その割合がP値（51）で、4割近くあります。
# ここでは慣例の0.05を線にし、P値がこれより小さいときだけ、偶然では説明しにくい差とみなします。
# だから、この20ポイントは、偶然だけで十分に説明できます。
#
# 「差が10ポイントを超えたら警報」という決まりなら、何もなくても、10回に9回は鳴ります。
# 割合の比が0.8を切ったら疑う **4/5ルール**（four-fifths rule）も同じです。
# もとは米国の採用選考で、選ばれた割合に使われる目安です。
# この会社の再現率に当てると、偶然だけで、20回に19回は破れます。
#
# 偶然なら、翌月も同じ地方が低いとは限りません。
# 1か月後に分かった9月末の一覧を、8月末と並べます。

# %%
september = world[world["month"] == "2026-09-01"]
lists = {"8月末の一覧": (august, probability), "9月末の一覧": (september, chance(model, september))}

# %% tags=["figure"] mystnb={"image": {"alt": "6つの地方の再現率を点で、付け直した時の95%の幅を灰色の帯で描いた図が2枚。8月末は中国・四国が最も高く北海道・東北が最も低い。9月末は中国・四国が最も低い。どちらの月も、点はすべて帯の中にある"}}
from figures.group_gaps import draw_bands

draw_bands(lists)

# %% [markdown]
# 横が再現率で、点が実際の値、灰色の帯は、名前を付け直した再現率の95%が入る幅です。
# 人数の少ない地方ほど、帯が広くなります。
# どちらの月も、点はすべて帯の中にあります。
# しかも、8月末に最も高かった中国・四国が、9月末には最も低くなりました。
# 帯は1つずつ95%なので、6つのどれかは、何もなくても5回に1回ほど外れます。
# だから、偶然で説明できるかどうかは、帯ではなく、全体の差のP値で決めます。
#
# ここで答え合わせをします。
# この会社では、地方は解約に効かず（データカード）、8月末の記録の仕方にも違いはありません。
# モデルが地方に付けたわずかな重みも、訓練データの偶然です（33）。
# 20ポイントの差は、まったくの偶然でした。
# 乱数の種を替えた20の会社でも、何も起きていないのに、8社で20ポイント以上開きました。
# 差はすべての会社で10ポイントを超え、比もすべての会社で0.8を切りました。
# 一方、P値が0.05より小さくなったのは1社だけでした（この本の自動テストが毎回確かめます）。
#
# 現実の会社では、この答え合わせができません。
# 言えるのは「偶然で説明できる」までで、「差がない」とは言えません。
# 31人ほどでは、本当の差があっても、偶然の幅に隠れることがあるからです。

# %% [markdown]
# ### 切り口を増やすと、どれかは線を超える
#
# 地方や年代のような、グループの分け方を **切り口** と呼びます。
# 地方は6つに分かれますが、最大と最小の差を1度だけ調べるので、切り口は1つと数えます。
#
# 念のため年代や世帯も調べよう、と考えるのは自然です。
# ところが、何も違わない切り口でも、P値は20回に1回、0.05より小さくなります。
# 意味のないグループ分けを6つ作り、1つでも0.05を切る割合を数えます。

# %%
alarms = 0
for trial in range(50):
    rng = np.random.default_rng(trial)
    cuts = [rng.permutation(region) for _ in range(6)]
    p = min(model_card.gap_by_chance(found, cut, times=100) for cut in cuts)
    alarms += p < 0.05
print(f"50回のうち{alarms}回、どれかの切り口でP値が0.05より小さい")

# %% [markdown]
# 1つの切り口なら50回に2、3回のはずが、6つ調べると10回を超えました。
# だから、調べる切り口を先に決め、線の0.05をその数で割ります。
# 見つけてから理由を探すと、偶然に理由が付いてしまいます。

# %% [markdown]
# ## 差が目立たなくても、害は起きる
#
# もう1つの世界を作ります。
# 九州・沖縄だけ、8月のアプリの集計が壊れ、全員が同じ日数で届きました。
# 31日のまま止まった場合と、0日のまま止まった場合を、正しい記録と並べます。

# %%
WATCHED = "九州・沖縄"


def with_meter(days):
    stuck = august.copy()
    stuck.loc[stuck["region"] == WATCHED, "app_days"] = days
    return stuck


# %%
meters = {"正しい記録": august, "31日のまま": with_meter(31.0), "0日のまま": with_meter(0.0)}


# %% [markdown]
# 確率の当たり方は、41の`slice_gaps`で調べます。
# 予測と実際のずれが、揺れの3倍を超え、しかも実際の2割を超えたら「外れ」です。

# %%
import churn_gate


# %%
def examine(rows):
    p = chance(model, rows)
    group = model_card.by_group(rows, p, "region").loc[WATCHED]
    fit = churn_gate.slice_gaps(rows, p).loc[WATCHED]
    hits = (p >= THRESHOLD)[left].astype(float)
    by_chance = model_card.gap_by_chance(hits, region)
    return [group["選ばれた割合"], group["再現率"], by_chance, *fit[["予測", "実際", "外れ"]]]


# %%
names = ["選ばれた割合", "再現率", "地方の差のP値", "予測", "実際", "外れ"]
harm = {name: examine(rows) for name, rows in meters.items()}
pd.DataFrame.from_dict(harm, orient="index", columns=names).round(3)

# %% tags=["figure"] mystnb={"image": {"alt": "31日のまま止まった世界の図が2枚。左は再現率で、九州・沖縄と北海道・東北がどちらも2割ほどで並び、九州・沖縄だけが帯の端からわずかに出ている。右は予測と実際を線で結んだ図で、九州・沖縄だけが外れの色になり、予測が実際の半分より小さい"}}
from figures.group_gaps import draw_harm

draw_harm(meters["31日のまま"], chance(model, meters["31日のまま"]))

# %% [markdown]
# 31日のままだと、九州・沖縄の人は、熱心な顧客に見えます。
# 選ばれた割合は半分より小さくなり、解約した45人のうち7人が、一覧から消えました。
# こちらは本物の害です。
# それなのに、この会社では、地方の差のP値は0.05より大きく、警報は鳴りません。
# 6つの地方のどこかの差を探すこのP値では、1つの地方で、見つかる人が16人から9人に減っても、偶然と区別がつかないのです。
# 左の図でも、害を受けた九州・沖縄は帯の端からわずかに出ただけで、たまたま低かった北海道・東北とほとんど同じ値です。
#
# 2つを見分けたのは、右の図の、確率の当たり方です。
# 丸が実際、白い四角が予測で、41の線で外れた地方を橙にしています。
# 九州・沖縄の予測は実際の半分より小さく、41の線でも外れました。
# 北海道・東北の予測は、実際より低くありません。
#
# 0日のままの世界では、P値が小さいので、差があることには気づけます。
# ところが、九州・沖縄の再現率は上がっていて、「よく見つかる地方」に見えます。
# 実際には、離れる気のない人まで一覧に載り、電話代が増えました。
# しかも、この害は、41の線では「外れ」になりません。
#
# 結果を待たずに、その晩に分かる手がかりもあります。

# %%
meters["31日のまま"].groupby("region")["app_days"].agg(["min", "median", "max"])

# %% [markdown]
# 九州・沖縄だけ、最小も最大も31日です。
# この会社では、測り方ごとに、気づける壊れ方が違いました。
#
# | 壊れ方 | 地方の差のP値 | 41の線 | 入力の最小と最大 |
# |---|---|---|---|
# | 31日のまま | 気づけない | 気づける | 気づける |
# | 0日のまま | 気づける | 気づけない | 気づける |
#
# 先ほどの20の会社でもアプリの集計を31日で止めると、P値は6社、確率の当たり方は4社を見逃しました。
# 全員が同じ値になる壊れ方なら、最小と最大を並べるだけで、どの会社でもその晩のうちに分かります。
# 一部の人だけが壊れたときは、51のように、前の月と分布を比べます。
# だから、グループごとの差を調べるときは、入力の記録がほかのグループと同じように届いているかを、最初に見ます。

# %% [markdown]
# ### 列を消しても、差は消えない
#
# 社長室の案の1つ目、地方の列を外したモデルを試します。
# 全員の地方を「なし」にそろえると、地方では区別できなくなり、列を外したのと同じになります。

# %%
blind = churn_steps.make_model(churn_steps.candidates()["logistic"])
blind = blind.fit(learned.assign(region="なし")[FEATURES], learned["churned"])

# %%
recalls = {}
for name in ("正しい記録", "31日のまま"):
    rows = meters[name]
    for kind, one, seen in (("列あり", model, rows), ("列なし", blind, rows.assign(region="なし"))):
        recalls[f"{name}、{kind}"] = model_card.by_group(rows, chance(one, seen), "region")[
            "再現率"
        ]
pd.DataFrame(recalls).round(3)

# %% [markdown]
# 北海道・東北の23%は変わらず、地方のあいだの差も消えません（20ポイントが26ポイントになったのも、偶然の幅の中です）。
# 壊れた記録のほうも、九州・沖縄は20%のままです。
# 害を運んでいるのは地方の列ではなく、壊れたアプリの列だからです。
# ほかの列から、地方が透けて見えることもあります。
# こうした列を **代理変数**（proxy）といいます。
# だから、列を消しただけで公平になるとは限りません。
# そのうえ、地方の記録そのものを捨てれば、差があるかどうかも測れなくなります。

# %% [markdown]
# ## 差に出会ったら、順に確かめる
#
# ここまでの見分け方を、上から順に確かめる決まりにします。
#
# | 順 | 確かめること | 答え | すること |
# |---|---|---|---|
# | ア | 入力の記録が、ほかのグループと明らかに違う | **表** | 一覧を止めて表を直し、影響を受けた人に対応する |
# | イ | 予測と実際が外れている（41の線） | **モデル** | そのグループの行を足すなどして、学び直す |
# | ウ | 解約した人が10人より少ないグループがある | **人数** | 判断しない。月を足して測り直す |
# | エ | P値が、0.05÷調べた切り口の数より小さい | **中身** | 離れやすさや、手がかりの効き方が違う。何をそろえるかを人が決め、理由を書く |
# | オ | どれでもない | **偶然** | 差があるともないとも言わない。書き留めて、次の月も測る |
#
# ウの10人は、ここで決めた目安です。
# 毎月測り続けるなら、試す回数は月の数だけ増えます。
# 0.05のままでは、何も起きていなくても、1年のうちに1度は鳴る会社が2社に1社近くあります（51のように、1年の回数から線を決めます）。
#
# 投稿の差は、オでした。
# 社長室の案の2つ目、東北だけしきい値を下げることはしません。
# 0.3125は、電話代と得が釣り合う確率です（31）。
# 北海道・東北の予測は実際より低くないので、そこだけ下げても、得にならない電話が増えるだけです。
# ただし、お母さまを見つけられなかったことは事実です。

# %% [markdown]
# ### 1人に、言葉で説明する
#
# 「では、なぜ母は載らなかったのか」という問いも残ります。
# ロジスティック回帰は列ごとの分を足すだけなので（33）、平均の顧客と比べて、どの列がどれだけ確率を押し上げたかに分けられます。
# お母さまは、顧客番号106165の人だとします。
# `model[:-1]`は最後の段を除いた前処理、`model[-1]`は最後のロジスティック回帰です。

# %%
steps, weights = model[:-1], model[-1].coef_[0]
values = steps.transform(august[FEATURES])
pushes = pd.DataFrame((values - values.mean(axis=0)) * weights, index=august["customer_id"])
pushes.columns = [name.split("__")[1] for name in steps.get_feature_names_out()]

# %% [markdown]
# 知ったきっかけのように、いくつかに分かれた列（33）は、`column_of`で元の列にまとめます。


# %%
def column_of(part):
    return max((name for name in FEATURES if name in part), key=len)


# %% slide="notes"
parts = pushes.loc[106_165].groupby(column_of).sum().sort_values().round(2)
one = august.set_index("customer_id").loc[106_165, parts.index]
usual = august[churn_steps.NUMERIC].mean().round(2).reindex(parts.index)
print(f"解約の確率: {probability[august['customer_id'] == 106_165][0]:.3f}")
reasons = pd.DataFrame({"値": one, "全員の平均": usual, "押し上げ（負なら押し下げ）": parts})
reasons.astype(object).where(reasons.notna(), "")

# %% [markdown]
# 押し上げの数は、確率に直す前の足し算の値なので、何ポイント上がったとは読めません。
# 読むのは、正か負かと、ほかの列より大きいかです。
#
# 注文が前より増えたこと、アンケートに答えたこと（満足度は4）、契約が長いことが、確率を押し下げました。
# `survey_score`の分には、答えなかった印の列（`missingindicator_survey_score`、33）の分も入っています。
# この人では、満足度の4よりも、答えたことのほうが大きく効きました。
# 注文の回数は前より増えても平均より少なく、アプリを開いた日も少ないので、この2つが押し上げています。
# 地方（`region`）の分は、ほとんどありません。
# 載らなかったのは、東北の人だからではありません。
# 注文が増え、アンケートにも答えた、続けそうな人に見えたからです。
# これはモデルの答えの理由で、お母さまがやめた理由ではありません。
#
# 1人の記録の説明は、本人にだけします。
# 投稿した家族にも、本人の同意がなければ、満足度や注文のことは伝えません。
# 小林さんは、投稿にはおわびと測った数を返し、次の月も測ると約束しました。

# %% [markdown]
# ## モデルカードを、記録から作る
#
# 同じ質問は、また来ます。
# 次に答える人のために、使ってよい所といけない所、測った数と測っていないこと、決めたことを1枚にまとめます。
# この文書を **モデルカード**（model card）といいます。
#
# 手で打ったカードは、モデルを替えた日から古くなります。
# そこで、数はすべて、バージョンからたどったランと、表の記録から取ります。
# まず、記録のほうを用意します。
# `churn_trace.open_registry`は、登録するモデルの名前を返します（前に動かしたときのバージョンは消します）。
# `churn_trace.log_model`は、24のようにモデルを残して登録し、バージョンの番号を返します。

# %% slide="notes"
import churn_trace
import mlflow
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS fairness_and_model_card")
spark.sql("USE fairness_and_model_card")
model_name = churn_trace.open_registry(spark, "62_fairness_and_model_card")
client = mlflow.MlflowClient()

# %% [markdown]
# 人が書く言葉も、記録の1つとしてランに残します。
# 数は入れません。

# %%
WORDS = {
    "使う場面": ["契約中の顧客から、翌月の電話の一覧を作る"],
    "使ってはいけない場面": [
        "契約を続けるかどうかや、料金を、顧客ごとに決める",
        "記録の仕方が違う、ほかの会社の顧客に使う",
    ],
    "測っていないこと": [
        "電話を受けた人の気持ち",
        "年代や世帯など、地方のほかの切り口の差",
        "性別や障害など、記録のない切り口の差",
    ],
}

# %%
from sklearn.metrics import roc_auc_score

params = {
    "algorithm": "ロジスティック回帰",
    "learned": "から".join(month[:7] for month in LEARNED),
    "learned_rows": f"{len(learned):,}",
    "threshold": THRESHOLD,
}
fits = churn_gate.slice_gaps(august, probability).loc[by_region.index]
metrics = {
    "auc": roc_auc_score(left, probability),
    "off_regions": fits["外れ"].sum(),
    "region_gap_p": at_least,
    "shuffles": len(shuffled),
}

# %%
with mlflow.start_run(run_name="churn") as run:
    mlflow.log_params(params)
    mlflow.log_metrics(metrics)
    mlflow.log_dict(WORDS, "words.json")
    version = int(churn_trace.log_model(model, august, model_name))

# %% [markdown]
# 地方ごとの数と、決めたことは、表に残します。
# `replaceWhere`を付けた上書きは、条件に合う行だけを置き換えるので、前のバージョンの記録は残ります。

# %%
month = f"{august['month'].iloc[0]:%Y-%m}"
measured = by_region.rename_axis("グループ").reset_index()
measured = measured.assign(month=month, version=version)
ours = {"replaceWhere": f"version = {version}"}
spark.createDataFrame(measured).write.mode("overwrite").options(**ours).saveAsTable("group_gaps")
decisions = pd.DataFrame(
    [("2026-10", "しきい値は変えず、次の月も測る", "偶然で説明できる", version, "法務の小林")],
    columns=["month", "decision", "reason", "version", "decided_by"],
)
spark.createDataFrame(decisions).write.mode("overwrite").options(**ours).saveAsTable("decisions")

# %% [markdown]
# カードを作る間は、`model`も`by_region`も使いません。
# バージョンの番号だけを頼りに、残っているものを読み集めます（`collect`）。
# `measured_part`は、測った数と差を、カードの見出しごとに分けます。


# %%
def collect(version):
    run = mlflow.get_run(client.get_model_version(model_name, str(version)).run_id)
    mine = f"version = {version}"
    rows = spark.table("group_gaps").where(mine).toPandas().set_index("グループ").sort_index()
    decided = spark.table("decisions").where(mine).toPandas()
    return run, rows, decided


# %%
def spread(values):
    return values.max() - values.min()


def measured_part(rows, metrics):
    numbers = {
        "測った月末": rows["month"].iloc[0],
        "契約中の人": int(rows["人数"].sum()),
        "解約した人": int(rows["解約"].sum()),
        "AUC": metrics["auc"],
        "予測が外れた地方": int(metrics["off_regions"]),
    }
    gaps = {
        "切り口": "地方", "行": rows.to_dict("index"), "差": spread(rows["再現率"]),
        "偶然": metrics["region_gap_p"], "回数": int(metrics["shuffles"]),
    }  # fmt: skip
    return {"測った数": numbers, "グループごとの差": gaps}


# %% [markdown]
# 残りは、ランに残した言葉と設定、決めたことの表から取ります（`redirect_stderr`は、読む間に出る進み具合を隠します）。

# %%
import contextlib
import io

# %%
PARAMS = {
    "種類": "algorithm", "学習した月": "learned", "学習した行": "learned_rows",
    "声をかける確率": "threshold",
}  # fmt: skip


def record_of(version):
    run, rows, decided = collect(version)
    with contextlib.redirect_stderr(io.StringIO()):
        record = mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/words.json")
    record |= measured_part(rows, run.data.metrics)
    record["題"] = f"解約予測 バージョン{version}"
    record["モデル"] = {name: run.data.params[key] for name, key in PARAMS.items()}
    record["残った差と判断"] = [
        f"{one.month}: {one.decision}。理由: {one.reason}（{one.decided_by}）"
        for one in decided.itertuples()
    ]
    return record


# %%
record = record_of(version)
print(list(record))

# %% [markdown]
# あとは、記録を決まった順に文にします。
# 1行ずつの書き方は、`model_card`の`group_line`、`gap_line`、`written`に任せます。
# グループの割合がNaNのとき、ほかの値が`None`のときは、0にも空にもせず、「記録なし」と書きます。


# %%
def render_card(record):
    parts = [f"# モデルカード: {record['題']}"]
    for heading in model_card.HEADINGS:
        body = record[heading]
        if heading == "グループごとの差":
            lines = [model_card.group_line(*item) for item in body["行"].items()]
            body = [*lines, model_card.gap_line(body)]
        elif isinstance(body, dict):
            body = [f"{name}: {model_card.written(value)}" for name, value in body.items()]
        parts.append("\n".join([f"## {heading}", "", *(f"- {line}" for line in body)]))
    return "\n\n".join(parts) + "\n"


# %% slide="notes"
card = render_card(record)
print(card)

# %% [markdown]
# 測った数は、1つも打っていません。
# 「使ってはいけない場面」と「測っていないこと」があるのは、読む人が、書いていないことまで良いほうへ受け取らないようにするためです。
# カードに「公平です」とは書きません。
# 書けるのは、何を測り、何を決めたかです。
#
# 最後に、カードをランに残し、題と使う場面をバージョンの説明にも入れます。

# %%
client.log_text(run.info.run_id, card, "model_card.md")
short = f"{record['題']}。使う場面: {record['使う場面'][0]}。カードはランのmodel_card.md"
described = client.update_model_version(model_name, str(version), description=short)
print(described.description)

# %% [markdown]
# ### 古くなったカードを見つける【自習】
#
# 古くなったカードは、記録と突き合わせると分かります。
# `card_problems`は、カードの困る所をリストで返します。
# 見出しがそろい、「使ってはいけない場面」が2つ以上あり、どの数も記録の値か、それを丸めた値かを調べます。
# 8月末のカードを、8月末の記録と、グループごとの差だけを9月末に替えた記録で調べます。

# %%
newer = model_card.by_group(september, chance(model, september), "region")
gaps = record["グループごとの差"] | {"行": newer.to_dict("index"), "差": spread(newer["再現率"])}
print("8月末の記録:", model_card.card_problems(card, record))
problems = model_card.card_problems(card, record | {"グループごとの差": gaps})
print(f"9月末の記録: {len(problems)}個、", problems[:3])

# %% [markdown]
# 偶然同じ値になった打ち間違いは、この方法では見つかりません。
# だから、カードは手で直さず、毎回作り直します。
# また、数人しかいないグループの数は、誰のことか分かってしまう場合があります。
# 社外に出すカードでは、人数の少ない行を伏せます。

# %% [markdown]
# ### 公平性のための道具と指針【読むだけ】【自習】
#
# > **Databricksでは** データプロファイリング（51）に、グループを分ける式（`age < 25`のような、真偽になる条件）を渡すと、分類の予測の記録では、公平性の指標も計算されます。
# > `statistical_parity`は選ばれた割合を、`equal_opportunity`は再現率を、`predictive_parity`は適合率（15）を、2つのグループで比べます。
# > これは文書で確かめたことで、実機では動かしていません。
#
# 指標が並んでも、偶然の幅は自分で測り、どれを使うかは目的から決めます。
# Pythonには`fairlearn`という道具もあり、0.10からは、グループごとの値の範囲も引き直しで求められます（この本の環境には入っていません）。
#
# モデルカードは、2019年に論文で提案されました。
# 日本では、総務省と経済産業省の「AI事業者ガイドライン」があります。
# 2024年のチェックリスト（案）には、なくせないバイアスが許容できるかを評価しているか、という項目があります。
# カードの最後の「残った差と判断」は、この問いへの答えです。
# 指針は改定が続いています（2026年3月にも改められました）。
# 使うときは、そのとき新しいものを読んでください。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_62 import check

# %% [markdown]
# ### 練習 1: 差が偶然で出る割合を求める
#
# 名前の付け直しで、P値を求める関数`gap_by_chance`を書いてください。
#
# - `hits`: 0か1の配列（1が、載っていた人）
# - `groups`: グループの名前の配列（`hits`と同じ順、同じ長さ）
#
# 差は、グループごとの割合の、最大と最小の差です。
# `groups`を1,000回、ランダムに並べ替えて付け直します。
# 返すのは、付け直した差が本当の差以上になった回の割合です。
# 乱数の種は`0`とし、同じ引数なら同じ値を返すようにします。
#
# <details><summary>ヒント</summary>
#
# 本文の`gap`を使えます。
# 繰り返しの前に`rng = np.random.default_rng(0)`を1度だけ作り、繰り返しの中で`rng.permutation(groups)`を呼びます。
#
# </details>


# %% 練習 1
def gap_by_chance(hits, groups): ...


# %% 確認 1
check(1)

# %% [markdown]
# 練習2で使う、8つの会社の測定値です。
# 「予測」から「揺れ」までは、いちばんずれたグループの値です。
# 「最少の解約」は、解約した人がいちばん少ないグループの、その人数です。

# %%
measurements = pd.DataFrame(
    [
        ("A", "同じ", 0.105, 0.085, 0.014, 31, 1, 0.380),
        ("B", "1つだけ全員31日", 0.063, 0.141, 0.013, 45, 1, 0.240),
        ("C", "同じ", 0.067, 0.071, 0.008, 57, 1, 0.003),
        ("D", "同じ", 0.121, 0.131, 0.012, 40, 6, 0.030),
        ("E", "同じ", 0.100, 0.130, 0.040, 4, 1, 0.010),
        ("F", "同じ", 0.110, 0.182, 0.010, 120, 2, 0.001),
        ("G", "同じ", 0.154, 0.112, 0.012, 60, 3, 0.600),
        ("H", "同じ", 0.121, 0.103, 0.004, 300, 4, 0.008),
    ],
    columns=["会社", "入力の記録", "予測", "実際", "揺れ", "最少の解約", "切り口の数", "P値"],
).set_index("会社")
measurements

# %% [markdown]
# ### 練習 2: その差は、何の差か
#
# 「順に確かめる」の表のとおりに、8つの会社の差の原因を決めてください。
# 会社の名前をキー、`"表"`、`"モデル"`、`"人数"`、`"中身"`、`"偶然"`のどれかを値とする辞書を、`causes`に入れます。
# いくつも当てはまるときは、表で先のものを選びます。
#
# <details><summary>ヒント</summary>
#
# 「外れ」は、予測と実際のずれが、揺れの3倍を超え、しかも実際の2割を超えたときです。
# P値は、0.05を切り口の数で割った値と比べます。
#
# </details>

# %% 練習 2
causes = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ..., "G": ..., "H": ...}

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: グループの表を直す【自習】
#
# 前任者が書いた関数は、次のとおりです。
#
# ```python
# def by_group(rows, probability, column):
#     called = probability > 0.5
#     left = rows["churned"] == 1
#     found = {}
#     for name in set(rows[column]):
#         mine = rows[column] == name
#         churned = (mine & left).sum()
#         recall = (mine & left & called).sum() / left.sum()
#         width = 1.96 * np.sqrt(recall * (1 - recall) / max(churned, 1))
#         found[name] = [mine.sum(), called.mean(), churned, recall, recall - width, recall + width]
#     columns = ["人数", "選ばれた割合", "解約", "再現率", "下の端", "上の端"]
#     return pd.DataFrame.from_dict(found, orient="index", columns=columns)
# ```
#
# 3つの困りごとが報告されています。
# 選ばれた割合はどの地方も同じで、再現率は足すと会社全体の再現率になり、下の端は負の値になることがあります。
# 次を守るように書き直してください。
#
# - 選ばれた人は、確率が`churn_steps.THRESHOLD`以上の人です。
# - 選ばれた割合は、そのグループの全員のうちの割合、再現率は、そのグループで解約した人のうちの割合です。
# - 再現率の範囲は、`model_card.recall_range(見つけた人数, 解約した人数)`が返す`(下の端, 上の端)`です。
# - 解約した人がいないグループの再現率と範囲は、0ではなくNaN（値なし）にします。
# - 行の名前はグループの名前、列の名前は上のコードと同じです（行の順番は問いません）。
#
# <details><summary>ヒント</summary>
#
# `rows`は、前の月の表から取り出したもので、行の番号が0から並ぶとは限りません。
# 列を`to_numpy()`で配列にすると、確率の配列と同じ順にそろいます。
# NaNは`np.nan`で作れます。
#
# </details>


# %% 練習 3
def by_group(rows, probability, column): ...


# %% 確認 3
check(3)

# %% [markdown]
# 練習4で使う、配送部の森さんの遅れ予測（24）の記録です。

# %%
late_record = {
    "題": "遅れ予測 バージョン3",
    "使う場面": ["明日の配達から、早めに連絡する先を選ぶ"],
    "使ってはいけない場面": ["配達員の評価に使う", "雪の日の配達時刻を約束する"],
    "AUC": 0.8137,
    "配達": 12480,
    "再現率": {"平日": 0.412, "週末": 0.358, "祝日": None},
    "測っていないこと": ["連絡を受けた人が、予定を変えられたか"],
}

# %% [markdown]
# ### 練習 4: 記録からカードを作る【自習】
#
# `late_record`と同じ形の辞書`record`から、カードの文字列を返す関数`make_card`を書いてください。
# 来月の記録を渡せば、来月のカードになるようにします。
#
# - 1行目は、`# `と`題`です。
# - 見出しは、`## 使う場面`、`## 使ってはいけない場面`、`## 測った数`、`## 測っていないこと`の4つです。
# - 「測った数」のほかの3つには、その名前のリストの文を、1行に1つずつ書きます。
# - 「測った数」には、AUC（小数第2位か3位まで）、配達の数、グループごとの再現率（百分率の整数、`41%`のように）を書きます。グループは増えたり減ったりします。
# - 値が`None`なら、そのグループの行に「記録なし」と書きます（0なら`0%`です）。
# - 記録にない数は書きません。
#
# <details><summary>ヒント</summary>
#
# 行をリストに足していき、最後に`"\n".join(lines)`でつなげます。
# 百分率の整数は`f"{value:.0%}"`です。
#
# </details>


# %% 練習 4
def make_card(record): ...


# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 訴えがきました。
# 「65歳以上の解約者が、一覧にほとんど載っていなかった」。
# 最初に計算するのは、どの割合ですか。
#
# <details><summary>ア. 65歳以上の顧客の全員を分母にした、一覧に載った人の割合</summary>
#
# 一覧に載った割合、という言葉は訴えと似ています。
# しかし訴えが言うのは、65歳以上の全員ではなく、そのうち解約した人のことです。
#
# </details>
# <details><summary>イ. 65歳以上で解約した人のうち、一覧に載った割合</summary>
#
# 正解です。
# 再現率です。
# ほかの年代の再現率との差を、名前の付け直しと比べます。
#
# </details>
# <details><summary>ウ. 一覧に載った人の全員を分母にした、65歳以上の人の割合</summary>
#
# 一覧の中身を見れば分かる、と考えたくなります。
# この割合は、65歳以上の顧客がもともと何人いるかで決まってしまいます。
#
# </details>
#
# **問 2.** 地方の再現率の差が25ポイントあり、P値は0.12でした。
# 言えることはどれですか。
#
# <details><summary>ア. 名前を付け直しただけでも、100回に12回はこれ以上開く</summary>
#
# 正解です。
# 偶然でも珍しくない大きさだ、という所までが言えます。
#
# </details>
# <details><summary>イ. 地方のあいだに差がない確率は、12%である</summary>
#
# P値を「差がない確率」と読むのは、よくある誤解です。
# P値は、差がないと仮定したときに、これ以上の差が出る割合です。
#
# </details>
# <details><summary>ウ. P値が0.05より大きいので、どの地方にも害は起きていない</summary>
#
# 警報が鳴らなければ安心したくなります。
# 31日のままの世界では、本物の害があっても、P値は0.05より大きい値でした。
#
# </details>
#
# **問 3.** 知ったきっかけで分けると、広告の人が選ばれた割合は、紹介の人の3倍でした。
# 予測と実際はどちらも合っていて、入力の記録にも違いはありません。
# 解約した人はどのグループも40人より多く、調べた切り口は1つで、P値は0.001でした。
# 次にすることはどれですか。
#
# <details><summary>ア. 2つのグループの選ばれた割合がそろうまで、広告の人のしきい値を上げる</summary>
#
# 割合がそろえば公平に見えます。
# その代わり、離れそうな広告の人を、離れそうだと分かっていて見送ります。
#
# </details>
# <details><summary>イ. 知ったきっかけの列を外して、学習し直す</summary>
#
# 列が原因なら、外せば消えるはずです。
# 離れやすさそのものが違うので、ほかの列からも差が表れますし、予測が外れることもあります。
#
# </details>
# <details><summary>ウ. 中身の違いだと書き、何をそろえるかを人が決める</summary>
#
# 正解です。
# 表、モデル、人数のどれでもなく、P値が線より小さいので、中身の違いです。
# 電話が割引のような得を配るものなら、選ばれた割合をそろえる理由があるかもしれません。
# それは、数からは決まりません。
#
# </details>
#
# **問 4.** 前の担当者のカードに「AUC 0.86」とありました。
# いまのバージョンの記録では0.846で、ほかの数は、見たところ合っています。
# することはどれですか。
#
# <details><summary>ア. カードの0.86を0.846に直し、直した日を書いておく</summary>
#
# その数は正しくなります。
# ただ、見ただけでは、ほかの数と判断が同じバージョンのものかは分かりません。
# 次にモデルを替えた日には、また古くなります。
#
# </details>
# <details><summary>イ. いまのバージョンの記録から、カードを作り直す</summary>
#
# 正解です。
# 作り直せば、すべての数と判断が、同じバージョンの記録にそろいます。
#
# </details>
# <details><summary>ウ. 「AUC 0.8ほど」に改め、モデルを替えても合うようにする</summary>
#
# 細かすぎる桁を減らすのは、良い書き方です。
# その数は0.846とも合いますが、ほかの数と判断は、前のバージョンのものかもしれません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 差を読む前に、選ばれた割合か再現率か確率の当たり方か、どれの差かを決めます。元の割合が違えば、3つはふつう同時にそろいません。
# - 人数の少ないグループの差は、偶然でも大きく開きます。名前を付け直して、偶然の幅と比べます。
# - 偶然で説明できることは、害がないことを意味しません。入力の記録と、確率の当たり方も調べます。
# - 列を消しても、差が消えるとは限りません。原因が表かモデルか中身の違いか偶然かを順に確かめ、することを選びます。
# - モデルカードは記録から作り、測っていないことと、決めた人まで書きます。
#
# カードに載らない1人1人の予測にも、答えられなければなりません。
#
# - 1件の予測を、作った表とモデルまでさかのぼるのは、[[61_lineage_and_audit]]
# - ここまでの道具を使って、1人で仕上げるのは、[[70_capstone]]

# %%
check.summary()
