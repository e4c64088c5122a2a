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
# # ドリフトのモニタリング
#
# 2026年の春、ひだまり便の解約予測に、入力のモニタリングが付きました。
# モデルに入る13列を毎月調べ、学習した月と様子が違う列があれば、1列につき1通の知らせが届きます。
#
# 最初の月、知らせは4通きました。
# 1日かけて調べましたが、値上げも、広告の出し直しもありません。
# 翌月は6通、その翌月は4通で、やはり何も見つからず、夏には誰も開かなくなりました。
#
# 10月、会社は2年ぶりの値上げをします。
# その月に届いたのは6通で、5月と変わりません。
# 見込みの倍近くが解約していたと分かったのは、結果の出そろった11月の末です。
#
# 足りなかったのは、見張る列や回数ではありません。
# 誰を何と比べるかを選ばず、何も起きない1年に何回鳴るかも確かめずに、スイッチを入れたのです。
# そこで、この1年を2度動かします。
# 1度目は何も起きない世界、2度目は値上げをした世界で、同じモニタリングの誤報と見逃しを数えます。
#
# ## このレッスンで学ぶこと
#
# - 何も起きない1年に何回鳴るかを、スイッチを入れる前に数える。
# - PSIを計算し、違いの大きさと、偶然らしさを分けて読む。
# - しきい値を、何も変わらない月の揺れから決める。
# - 変化が先に表れる人と、揺れの小さい基準を選ぶ。
# - 入力を見張っても分からない変化を挙げ、警報の後にすることを決める。

# %% [markdown]
# ## 同じ1年を、2度動かす
#
# 会社も顧客も架空なので、「もし値上げをしなかったら」という世界も作れます。
# `make_world`は、2025年4月から2027年3月までの、月末に契約中だった顧客の行を作ります。
# 何も渡さなければ何も起きず、`PRICE_RISE`を渡すと、2026年10月から新しい契約の月額が1,500円上がります。
# 前からの顧客の月額は変わりませんが、知らせをきっかけに離れやすくなります（21と同じ仕組みです）。

# %%
from churn_worlds import LEARNED, PRICE_RISE, REFERENCE, WATCHED, make_world, newcomers

worlds = {"何も起きない世界": make_world(), "値上げの世界": make_world(**PRICE_RISE)}
print(PRICE_RISE)

# %% [markdown]
# モデルは、33と同じ2025年6月から10月まで（`LEARNED`）の行で学習し、速い`logistic`を使います。
# 値上げより前の月なので、この行は2つの世界で同じです。
# 顧客は、途中で契約した人も合わせて1万2千人に増やしました（月末に契約中なのは、3,000人ほどです）。

# %%
import churn_steps
import pandas as pd
from churn_steps import FEATURES, rows_between

learned = rows_between(worlds["何も起きない世界"], LEARNED)
model = churn_steps.make_model(churn_steps.candidates()["logistic"])
model = model.fit(learned[FEATURES], learned["churned"])

# %% [markdown]
# 見張るのは、2026年4月からの12か月（`WATCHED`）です。
# まず答え合わせとして、実際の解約が見込みの何倍だったかを並べます。
# 4月から電話を始めていますが、この記録に電話の効果は入れていません（仕事では、電話した人を除き、対照群の1人を5人分に数えて測ります）。


# %%
def actual_over_predicted(rows):
    used = rows_between(rows, WATCHED).dropna(subset="churned")
    used = used.assign(predicted=model.predict_proba(used[FEATURES])[:, 1])
    sums = used.groupby(used["month"].dt.strftime("%y-%m"))[["churned", "predicted"]].sum()
    return sums["churned"] / sums["predicted"]


# %%
ratios = pd.DataFrame({name: actual_over_predicted(rows) for name, rows in worlds.items()})
ratios.round(2).T

# %% [markdown]
# 3月末の行の結果はまだ出ていないので、表は2月までです。
# 9月までは同じ数が並び、10月に値上げの世界だけが2倍近くになります。
# 何も起きない世界でも1ちょうどではなく、この年は9月まで1.1前後です。
# おもに、契約したばかりの人の解約を、モデルが少なめに見込むためです（1年を合わせると、その月に契約した人だけなら1.29倍、前からの顧客は1.03倍）。
#
# 入力のモニタリングに期待するのは、この10月を、結果の出る11月末より先に知らせることです。

# %% [markdown]
# ## 何も起きない1年で、鳴った回数を数える
#
# ひだまり便が付けたのは、よくある設定です。
# 数の列には、分布のずれを見る **KS検定**（Kolmogorov–Smirnov test）を使います。
# 言葉の列には、言葉ごとの人数のずれを見る **カイ二乗検定**（chi-squared test）を使い、どちらもP値が0.05より小さければ鳴らします。
# P値（43）は、2つの表が同じ所から引いたものだとして、いま以上の違いが偶然だけで出る割合です。


# %%
from scipy import stats


def p_value(reference, current):
    if pd.api.types.is_numeric_dtype(reference):
        return stats.ks_2samp(reference.dropna(), current.dropna()).pvalue
    counts = pd.DataFrame({"基準": reference.value_counts(), "今月": current.value_counts()})
    return stats.chi2_contingency(counts.fillna(0)).pvalue


# %% [markdown]
# 列ごと、月ごとに、学習した月の行と比べる関数です。
# 比べ方（`measure`）は、後で取り替えます。


# %%
def month_by_month(measure, reference, rows):
    return pd.DataFrame({
        month: {name: measure(reference[name], one[name]) for name in FEATURES}
        for month, one in rows_between(rows, WATCHED).groupby("month")
    })


# %%
p_values = {name: month_by_month(p_value, learned, rows) for name, rows in worlds.items()}
naive = {name: table < 0.05 for name, table in p_values.items()}

# %% tags=["figure"] mystnb={"image": {"alt": "13列と12か月のます目が2枚。どちらも契約の月数、月額、プラン、知ったきっかけの4列が毎月塗られ、ほかにapp_daysとordersにも塗りがある。2枚の違いは、11月から3月に、下だけに塗られたordersとorders_changeの数か所"}}
from figures.alarms import draw_alarms

draw_alarms(naive)

# %% [markdown]
# 塗った所が、鳴った列と月です。
# 下の図では`orders`が10月から続けて塗られていますが、10月に届いた知らせは、何も起きない世界の10月とまったく同じです。
# だから、値上げのその月に気づくことはできません。
# `monthly_fee`（月額）は1年を通して鳴りっぱなしなので、10月に鳴っても何も伝わりません。
#
# 何も起きない世界で鳴る警報を、ここでは **誤報** と呼びます（調べても、することがありません）。
# 13列を12か月調べると156回で、その0.05なら偶然の誤報は8回ほどのはずです。
# ところが、60回を超えました。
# 検定は行どうしが無関係だとみなしますが、学習した月には同じ人の行が何か月分もあり、その前提からして成り立っていません。
# そこで、0.05を列の数で割って厳しくし（ボンフェローニの補正、Bonferroni correction）、さらに基準を2025年10月だけにして、1人1行にしてみます。

# %%
quiet, quiet_p = worlds["何も起きない世界"], p_values["何も起きない世界"]
one_month = rows_between(quiet, ("2025-10-01", "2025-10-01"))
one_row_each = month_by_month(p_value, one_month, quiet)
for name, table in {"学習した月が基準": quiet_p, "10月だけが基準": one_row_each}.items():
    loose, strict = (table < 0.05).sum().sum(), (table < 0.05 / 13).sum().sum()
    print(f"{name}: 0.05なら{loose}回、0.05÷13なら{strict}回")

# %% [markdown]
# ## 偶然ではない、けれど小さな違い
#
# 0.05÷13にしても数回しか減らず、さらに1人1行にしても、半分ほどは鳴ります。
# それでも鳴り続けるのは、本当に違いがあるからです。
# 知ったきっかけの内訳を、学習した月と1年半後とで比べます。
# 差が1つの数になるところまで、手で計算してみます。

# %%
import numpy as np

last = quiet[quiet["month"] == "2027-03-01"]
hand = pd.DataFrame({
    "基準": learned["channel"].value_counts(normalize=True),
    "今月": last["channel"].value_counts(normalize=True),
})
hand["差"] = hand["今月"] - hand["基準"]
hand["比の対数"] = np.log(hand["今月"] / hand["基準"])
hand["差×比の対数"] = hand["差"] * hand["比の対数"]
hand.round(4)

# %%
print(f"合計: {hand['差×比の対数'].sum():.4f}")

# %% [markdown]
# 広告で知った人は早く去るので（33）、残った人の中では広告の割合が下がり、紹介の割合が上がりました。
# 記録が始まった2025年4月の顔ぶれは、新規の人とほとんど同じ内訳でした。
# そこから早く去る人が先に抜けていくので、会社が何もしなくても、顔ぶれは入れ替わります。
# 3,000人を超える表では、数ポイントの違いでも偶然とは言えず、P値は0に近くなります。
# つまりP値は、**偶然だけで説明できる違いか** を言うだけで、**困るほど大きいかどうか** は言いません。
#
# 大きさのほうを測るのが、いま計算した合計で、**PSI**（population stability index）と呼びます。
# 同じ割合なら0で、離れるほど大きくなります。
# 数の列では、基準の10等分点で区切った区間を、言葉の代わりに使います（`app_days`なら、少ないほうからおよそ1割ずつ）。
# 割合が0の区間は対数が計算できないので、0.0001とみなします。
#
# どちらの列にも使える完成品が、`churn_ops.psi`です（数の列の分は、練習1で書きます）。

# %%
import churn_ops

print(f"知ったきっかけ: {churn_ops.psi(learned['channel'], last['channel']):.4f}")

# %% [markdown]
# 手で計算した値と同じです。
# PSIには「0.1を超えたら注意、0.25を超えたら大きな変化」という目安が広く使われています。
# さっきの検定を、PSIと0.1に取り替えます。

# %%
everyone = {name: month_by_month(churn_ops.psi, learned, rows) for name, rows in worlds.items()}
for name, table in everyone.items():
    rang = table[table > 0.1].stack().rename_axis(["列", "月"])
    months = sorted({f"{month:%Y-%m}" for _, month in rang.index})
    print(f"{name}: {len(rang)}回、{months}")

# %% [markdown]
# 誤報は0回になりました。
# ところが、値上げの世界で初めて鳴ったのは12月です。
# 11月末には結果が出ているので、これでは間に合いません。

# %% [markdown]
# ## 変化が先に表れる人を見る
#
# 値上げで月額が上がるのは、10月以降に契約した人だけです。
# 全員の月額を見ていると、その人たちは3,000人の中に薄まります（21）。
# そこで、その月に契約した **新規** の人だけで、月額のPSIを計算します。

# %%
price = worlds["値上げの世界"]
new_psi = month_by_month(churn_ops.psi, newcomers(learned), newcomers(price))
fee = pd.DataFrame({
    "全員": everyone["値上げの世界"].loc["monthly_fee"],
    "新規": new_psi.loc["monthly_fee"],
})
fee.index = fee.index.strftime("%y-%m")
fee["26-08":"26-12"].round(3).T

# %% [markdown]
# 10月の全員のPSIは、9月より **小さく** なっています。
# 顔ぶれの入れ替わりで安いほうへ寄っていた月額を、値上げが打ち消したためです。
# 一方、新規は、10月のうちに桁違いの値になりました。
#
# 新規を見る良さは、もう1つあります。
# 月末の新規は、去る人が出る前の顔ぶれです。
# この会社では季節もないので、何も起きなければ、内訳は偶然の分しか動きません。

# %% [markdown]
# ## 基準にする月を選ぶ
#
# 対象の次は、比べる基準です。
# 「届いている最初の月から」を基準にすると、どうなるでしょうか。
# 何も起きない世界の全員で、注文の変化（`orders_change`）のPSIを、2つの基準から計算します。

# %%
earlier = {
    "2025年4月から7月": rows_between(quiet, ("2025-04-01", "2025-07-01")),
    "2025年6月から10月": learned,
}
changes = rows_between(quiet, WATCHED).groupby("month")["orders_change"]
for name, before in earlier.items():
    found = [churn_ops.psi(before["orders_change"], one) for _, one in changes]
    print(f"{name}が基準: {min(found):.3f}から{max(found):.3f}")

# %% [markdown]
# 4月からの基準では、1年を通して0.1前後になります。
# 注文の変化は、直前の2か月の平均との差です。
# 記録の始まる4月には前の月がなく、全員が0になるので、その後のどの月とも違って見えます。
#
# 基準に向くのは、履歴がそろい、何も起きていない、できるだけ長い期間です。
# 学習した月が、いつも向くとは限りません（季節のある会社で夏だけを基準にすると、冬は毎年違って見えます）。

# %% [markdown]
# ## しきい値を、何も変わらない月から決める
#
# では、新規のPSIが0.1を超えたら鳴らせばよいかというと、新規は月に380人ほどしかいません。
# 人数が少なければ、何も変わらなくても割合は揺れます。
#
# 揺れの大きさは、手元の記録から測れます。
# 見張り始める前の新規の行を混ぜ、ランダムに選んだ1か月分を「今月」、残りを「基準」とします。
# 混ぜたのですから、この「今月」には、どんな変化も起きていません。
# 混ぜてよいのは、新規では1人が1行しか持たないからです。
# 同じ人が何か月も並ぶ全員の表では、行どうしが似ているので、この方法で線を引けません。
#
# 基準には、履歴のそろう2025年6月から、見張り始める前の2026年3月まで（`REFERENCE`）の10か月を使います。

# %%
reference = newcomers(rows_between(quiet, REFERENCE))
size = round(newcomers(rows_between(quiet, WATCHED)).groupby("month").size().mean())
print(f"基準は{len(reference):,}人、新規は月に{size}人")


# %%
def draw_one(values, size, seed):
    mixed = values.sample(frac=1, random_state=seed)
    return churn_ops.psi(mixed[size:], mixed[:size])


# %%
all_days = reference["app_days"]
few_days = all_days[reference["region"] == "中国・四国"]
few = len(few_days) // 10
drawn = {
    f"新規（月に{size}人）": [draw_one(all_days, size, seed) for seed in range(200)],
    f"中国・四国の新規（月に{few}人）": [draw_one(few_days, few, seed) for seed in range(200)],
}

# %% tags=["figure"] mystnb={"image": {"alt": "何も変わらない月のPSIの分布が2つ。新規は0.08までにまとまり、目安の0.1に届かない。中国・四国の新規は0.1から1以上まで広がり、ほとんどが0.1の線より右にある"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(4.8, 3), layout="constrained")
for (name, values), color in zip(drawn.items(), ["#1f6fb2", "#c65d00"], strict=True):
    ax.hist(
        np.clip(values, 0, 1), bins=np.arange(0, 1.04, 0.02), color=color, alpha=0.7, label=name
    )
ax.axvline(0.1, color="black", linestyle="--", label="目安の0.1")
ax.set_xlabel("何も変わらない月の、app_daysのPSI（1以上は右端）", fontsize=11)
ax.set_ylabel("回数（200回のうち）", fontsize=11)
ax.legend(fontsize=11, loc="upper center")
plt.show()

# %% [markdown]
# 横が引き直した月のPSI、縦がその値になった回数です。
# 破線の右に目を向けてください（1より大きい値は、`np.clip`で右端に寄せています）。
# 380人なら、何も起きない月が0.1を超えたことは、200回のうち1度もありません。
# ところが30人ほどの中国・四国では、何も起きていないのに、ほとんどの月が超えます。
# 目安の0.1は、人数を考えに入れていません。
#
# だから、しきい値は自分の人数で、自分の列ごとに決めます。
# ここで使う379人は、見張る12か月の平均です。
# 仕事では、スイッチを入れる前に分かる、基準の月の平均（ここでは375人）を使います。
# 「誤報は年に1回まで」と決めたなら、何も変わらない月でも、156回に1回しか超えない値をしきい値（線）にします。
# `quiet_psi`は、いまの引き直しを、13列のそれぞれで1,000回繰り返す関数です。
# 156回に1回は1,000回のうちの6回ほどなので、種を替えると、しきい値も少し動きます。

# %%
drawn_all = churn_ops.quiet_psi(reference, size)
lines = churn_ops.alarm_lines(drawn_all, per_year=1)
lines.round(3).to_frame("しきい値")

# %% [markdown]
# どの線も0.1より低く、列によって2倍以上違います。
# 契約の月数（`tenure_months`）と注文の変化（`orders_change`）が0なのは、新規では全員が同じ値だからです。
# この2列は鳴らないので、見込みでは、誤報は年に1回より少し少なくなります。
#
# 線を超えたときに分かるのは、偶然では出にくい違いだ、ということだけで、困る大きさかどうかは分かりません。
# しかも人数が増えれば線は0に近づくので、大きな会社では「困る大きさ」を別に決め、2つのうち大きいほうを線にします。
# また、月ごとに顔ぶれの違う会社で全部の月を混ぜると、その普段の違いにまで鳴る、低すぎる線になります。
# そんな会社では、過去の月を1つずつ「今月」に見立て、何回鳴るかも数えておきます。

# %% [markdown]
# ## もう1度、2つの世界で動かす
#
# 新規だけを見て、列ごとの線を超えたら鳴らします。
# 基準は、2つの世界で同じ行です。

# %%
watched = {
    name: month_by_month(churn_ops.psi, reference, newcomers(rows)) for name, rows in worlds.items()
}
ours = {name: table.gt(lines, axis=0) for name, table in watched.items()}

# %% tags=["figure"] mystnb={"image": {"alt": "13列と12か月のます目が2枚。何も起きない世界は1か所も塗られず、値上げの世界は月額の行だけが、10月から3月まで塗られている"}}
from figures.alarms import draw_alarms

draw_alarms(ours)

# %% [markdown]
# 何も起きない世界は静かなままで、値上げの世界では、10月に月額が鳴りました。
# 結果の出る11月末より、1か月早い知らせです。
#
# この世界で0回だったのは、運にもよります。
# 年に1回までというのは平均の約束なので、2回鳴る年もあります。
# 種を替えた20の会社では、0回が5社、1回が11社、2回が4社でした。
# 値上げは、どの会社でも10月に鳴りました（どちらも、この本の自動テストが毎回確かめます）。
#
# ただし、新規では動かない列と、前からの顧客だけに起きる変化は、ここに映りません。
# 全員のPSIも残し、こちらは粗い目安（0.25）で、大きな変化だけを拾います。
# 表の壊れは1か月で跳ね上がり、値上げはゆっくり広がるので、超えるまでの動き方も見ます（52）。

# %% [markdown]
# ## 表に残す
#
# 毎月の値を表に足しておけば、後から「いつから」を調べられます。
# 列の名前は、Databricksのデータプロファイリングが作る表に合わせました。

# %% slide="notes"
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS drift_monitoring")
spark.sql("USE drift_monitoring")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %%
reference_all = rows_between(price, REFERENCE)
watched_all = rows_between(price, WATCHED)
found = pd.concat([
    churn_ops.monitor_rows(reference_all, watched_all).assign(slice_key=None, slice_value=None),
    churn_ops.monitor_rows(reference, newcomers(watched_all)).assign(
        slice_key="tenure_months = 1", slice_value="true"
    ),
])
spark.createDataFrame(found).selectExpr(
    "named_struct('start', DATE(month), 'end', DATE(add_months(month, 1))) AS window",
    "column_name", "drift_type", "slice_key", "slice_value", "population_stability_index",
).write.mode("overwrite").saveAsTable("features_drift_metrics")

# %%
spark.sql("""
    SELECT window.start AS `月`, column_name, drift_type, slice_key,
           round(population_stability_index, 2) AS psi
    FROM features_drift_metrics WHERE population_stability_index > 0.25
    ORDER BY window.start, slice_key LIMIT 5
""").toPandas()

# %% [markdown]
# 0.25を超えたのは、新規では10月、全員では翌年の2月からです。
# 新規の8という大きさに、意味はありません。
# みなしの0.0001で、値がほとんど決まっているからです。
# 基準の月額は、いちばん上の区切りが最高額の8,980円なので、その上の区間に1人もいません。
# 値上げの後はそこに人が入り、逆に、それまで人のいた区間が4つ空になります。
# さっきの5.3と違うのは、基準の月を替えたためです。
#
# `drift_type`の`BASELINE`は、決めた基準と比べた行です。
# 前の月と比べた行なら`CONSECUTIVE`と書きます。
# 前の月との比較は、毎月少しずつ進む変化を見逃すので、ここでは使いません（練習4）。
# `slice_key`と`slice_value`は対象を絞った条件で、空なら全員です。

# %% [markdown]
# ### Databricksの機能に任せるなら【読むだけ】【自習】
#
# > **Databricksでは** データプロファイリング（以前の名前はレイクハウスモニタリング）が、表に付けるだけで同じような表を作ります。
# > 予測の記録に付けるときは種類に`InferenceLog`を選び、時刻、モデルの番号、予測の列などを教えます。
# > 答えの列も教えると、成績も計算されます。
# > 列の要約は名前が`_profile_metrics`で終わる表に、基準や前の月との違いは`_drift_metrics`で終わる表に入ります。
# > 後者には、PSIのほかに`ks_test`や`chi_squared_test`の列もあります。
# > これは文書で確かめたことで、実機では動かしていません。
#
# 誰を、いつと比べ、どの値で鳴らすかは、自分で決めます。
# しかも、PSIの区間の切り方は文書に書かれていません（公式の掲示板には、数の列を基準の分位点で約1,000の区間に切るという社員の答えがあります）。
# 同じ値の人がほとんどいない列（細かい金額など）で区間を1,000に増やすと、新規が380人なら、何も変わらない月でもPSIは平均で2を超えます。
# 切り方が違えば値も変わるので、このレッスンの線も、よく使われる0.1や0.25の目安も持ち込まず、静かな月の値から引き直します。

# %% [markdown]
# ## 入力が静かなまま、外れる
#
# 最後に、3つ目の世界を動かします。
# 夏に解約が増え、冬に減る世界です（`season`は、その振れ幅です）。
# 学習したのは6月から10月なので、モデルは夏と秋しか知りません。

# %%
season = make_world(season=0.8)
season_learned = rows_between(season, LEARNED)
season_model = churn_steps.make_model(churn_steps.candidates()["logistic"])
season_model = season_model.fit(season_learned[FEATURES], season_learned["churned"])
used = rows_between(season, WATCHED).dropna(subset="churned")
used = used.assign(predicted=season_model.predict_proba(used[FEATURES])[:, 1])
by_month = used.groupby("month")[["churned", "predicted"]].mean()

# %%
season_new = newcomers(season)
season_reference = rows_between(season_new, REFERENCE)
season_size = len(rows_between(season_new, WATCHED)) // 12
season_lines = churn_ops.alarm_lines(churn_ops.quiet_psi(season_reference, season_size))
season_psi = month_by_month(churn_ops.psi, season_reference, season_new)
season_all = month_by_month(churn_ops.psi, season_learned, season)
print(f"新規の警報は{season_psi.gt(season_lines, axis=0).sum().sum()}回、", end="")
print(f"全員のPSIは最大で{season_all.max().max():.3f}")

# %% tags=["figure"] mystnb={"image": {"alt": "4月から2月までの折れ線。モデルの見込みは17%前後でほぼ平ら。実際は4月の11%から夏に19%へ上がり、冬には6%まで下がる"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(4.8, 3), layout="constrained")
labels = [f"{month.month}" for month in by_month.index]
ax.plot(labels, 100 * by_month["churned"], "o-", label="実際の解約率")
ax.plot(labels, 100 * by_month["predicted"], "s--", label="モデルの見込み")
ax.set_xlabel("予測した月（2026年4月から）", fontsize=11)
ax.set_ylabel("翌月に解約した割合（%）", fontsize=11)
ax.set_ylim(0, 25)
ax.legend(fontsize=11, loc="lower left")
plt.show()

# %% [markdown]
# 縦が翌月に解約した割合、横が予測した月です。
# 1月と2月には、見込みが実際の2倍を超えました。
# それでも新規は1度も鳴らず、全員のPSIも0.1に届きません。
#
# | 変わるもの | この1年の例 | 入力のPSI | 実際÷見込み |
# |---|---|---|---|
# | 入力（データドリフト、21） | 新しい契約の月額が上がる | 鳴る | 外れるとは限らない |
# | 入力と答えの関係（コンセプトドリフト、21） | 値上げの知らせで、前からの顧客が離れやすくなる。季節 | 鳴るとは限らない | 外れる |
# | 入力の記録 | 月額が千円の単位で届く | 鳴る | 外れる。ただし、直すのは表 |
#
# 値上げの世界では、1つ目と2つ目が同時に起きました。
# 鳴ったのは新しい契約の月額ですが、見込みを外したのは、おもに前からの顧客です（21）。
# その離れやすさだけが変わっていたら、その月の入力は鳴らなかったはずです（残る人の顔ぶれは、後から動きます）。
#
# **変わったことと、外れたことは別** なので、入力のPSIと、翌月末の「実際÷見込み」の両方を残します。

# %% [markdown]
# ### 答えを待たずに、成績を見積もれるか【自習】
#
# 「確率が合っていれば、確率だけからAUCを見積もれる」という方法があります（CBPE、confidence-based performance estimation）。
# 予測した確率のとおりに解約が起きるとして、AUCの期待値を見積もります。
# 値上げの世界で、見積もりと実際を比べます。
# `below`は、1人ずつの、自分より確率の低い「解約しない人」の見込み人数です（自分の分は半分と数えます）。


# %%
from sklearn.metrics import roc_auc_score


def estimated_auc(p):
    p = np.sort(p)
    below = np.cumsum(1 - p) - (1 - p) / 2
    return (p * below).sum() / (p.sum() * (1 - p).sum())


# %%
table = {}
for month in ["2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"]:
    one = price[price["month"] == month]
    p = model.predict_proba(one[FEATURES])[:, 1]
    auc = roc_auc_score(one["churned"], p)
    table[month[2:7]] = [estimated_auc(p), auc, p.mean(), one["churned"].mean()]
names = ["AUCの見積もり", "実際のAUC", "解約率の見積もり", "実際の解約率"]
pd.DataFrame(table, index=names).round(3)

# %% [markdown]
# 10月に解約率が9月の1.7倍になっても、見積もりはほとんど動きません。
# 計算に入っているのは予測した確率だけで、関係が変わったことを、その確率は知らないからです。
# 実際のAUCのほうは、何も起きていない8月から9月にも同じくらい動くので、10月の下がり方だけでは、関係が変わったとは言えません。
#
# この方法が答えるのは、「関係が変わっていないとしたら、入力の変化で成績はどうなるか」です。

# %% [markdown]
# ## 鳴った後に、することを決めておく
#
# 警報は学習し直す合図とは限らず、何が鳴ったかで、次にすることが違います。
#
# 「実際÷見込み」にも線が必要です。
# 何も起きない世界でも0.98から1.14まで動いたので、1との違いのすべてが変化ではありません。
# ここでは0.7と1.3に線を引きます（52と53でも使います）。
# 先ほどの20の会社では、何も起きない年に、この線を1度も超えませんでした。
#
# | 信号 | 分かる時 | まず疑うこと | 次にすること |
# |---|---|---|---|
# | 全員の入力か、予測の平均が、急に大きく動いた | その月の末 | 表の壊れ（単位など）。差し替えたばかりなら、そのバージョン（53） | 一覧を止め、表を調べる |
# | 新規の入力が線を大きく超えた | その月の末 | 値上げ、広告、商品 | 営業に聞き、翌月末の答えを待つ |
# | 新規の1列が線をわずかに超えた | その月の末 | 偶然（平均で年に1回ほど） | 書き留め、次の月も同じ列が超えたら、営業に聞く |
# | 実際÷見込みが0.7から1.3を外れた（入力は静かでも） | 翌月の末 | 関係の変化、季節 | 表が正しく、季節でなければ学習し直す |
#
# - 学習し直すかどうかの決め方は、[[52_auto_retraining]]
# - 予測の平均を毎晩の信号にする方法と、前のバージョンに戻して直るときは、[[53_auto_rollback]]

# %% [markdown]
# ## 練習

# %%
from checks.lesson_51 import check

# %% [markdown]
# ### 練習 1: PSIを書く
#
# 数の列のPSIを計算する関数`psi`を書いてください。
# `reference`（基準）と`current`（今月）は、空の値のないpandasの列で、`bins`は区間の数です。
#
# 1. 区切りは、`reference`の`bins`等分点です（`bins`が10なら、0.1から0.9までの9つの分位点で、同じ値は1つにまとめる）。
# 2. 区切りちょうどの値は、下の区間に入れます。いちばん上といちばん下の区間に、端はありません。
# 3. 区間ごとの割合を2つの列で数え、0の割合は0.0001とみなします。
# 4. （今月の割合 − 基準の割合）×（比の対数）を合計し、1つの数を返します。
#
# `churn_ops`は使わずに書きます。
# `psi(learned["monthly_fee"], last["monthly_fee"], 10)`のように試せます。
#
# <details><summary>ヒント</summary>
#
# 分位点は`np.quantile(列, [0.1, 0.2, …])`、重なりを除くのは`np.unique`です。
# `np.searchsorted(区切り, 列)`は、それぞれの値が下から何番目の区間に入るかを返します（区切りちょうどは下の区間です）。
# 区間ごとの個数は`np.bincount(番号, minlength=区間の数)`で数えます。
#
# </details>


# %% 練習 1
def psi(reference, current, bins): ...


# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 年に何回まで鳴ってよいかから、線を引く
#
# 見張る列の数も、許せる誤報の数も、会社によって違います。
# 何も変わらない月のPSIの表`quiet`と、1年に鳴ってよい回数`per_year`から、列ごとの線を返す関数`line`を書いてください。
#
# `quiet`は`drawn_all`と同じ形で、1行が1回の引き直し、1列が見張る列です（列の数は13とは限りません）。
# 本文の`quiet`（顧客の行）とは別の表で、試すなら`line(drawn_all, 1)`が、本文の`lines`と同じ値になります。
# 全部の列を毎月見たときに、何もない1年に鳴る回数の平均が、`per_year`回になるようにします。
# 線は、どの列も同じ割合で鳴るように引き、列の名前から値が引ける形（Seriesか辞書）で返します。
#
# <details><summary>ヒント</summary>
#
# 1年に、何回の確かめをしますか。
# そのうちの`per_year`回だけが線を超えるなら、1回の確かめで超える割合はいくつでしょうか。
# `drawn_all.quantile(0.99)`は、列ごとの、小さいほうから99%の所の値です。
#
# </details>


# %% 練習 2
def line(quiet, per_year): ...


# %% 確認 2
check(2)

# %% [markdown]
# 練習3の材料です。
# `cases`には、AからEまでの5つの会社の、ある月の月末の表が入っています。
# `predicted`は解約の確率、`churned`は翌月末に分かった結果です。
# `base`は、どの会社にも共通の、モデルが学習した月の行です。

# %%
import drift_cases

cases = drift_cases.load()
base = cases.pop("基準")
{name: len(rows) for name, rows in cases.items()}

# %% [markdown]
# ### 練習 3: 原因を見分ける【自習】
#
# 5つの会社には、次の5つが1つずつ起きています。
#
# - `"何もない"`
# - `"値上げ"`: 新しい契約の月額が上がった。
# - `"広告"`: 広告で知った新規が増え、広告で知った人が離れやすくなった。
# - `"季節"`: 解約しにくい季節になった。
# - `"単位"`: 月額が、円ではなく千円の単位で届いた。
#
# どの会社に何が起きたかを調べ、辞書`causes`に入れてください。
#
# <details><summary>ヒント</summary>
#
# 新規のPSIで、どの列が動いたかを見ます。
# 新規は月に180人ほどしかいないので、0.1くらいの値は偶然でも出ます。
# 同じ列が動いた会社は、中央値（`median`）や予測の平均を比べます。
# 入力が静かな会社は、`predicted`と`churned`の平均を比べます。
#
# </details>

# %% 練習 3
causes = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ...}

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 壊れたモニタリングを直す【自習】
#
# 次の関数は、月`month`に鳴った列のリストを返します。
# `rows`は`make_world`が作る形の表です。
#
# ```python
# def watch(rows, month):
#     month = pd.Timestamp(month)
#     first, last = month - pd.DateOffset(months=3), month - pd.DateOffset(months=1)
#     reference = rows[rows["month"].between(first, last)]
#     current = rows[rows["month"] == month]
#     return [name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > 0.1]
# ```
#
# 何も起きない世界では静かですが、知りたいときにも鳴りません。
#
# - 値上げの世界の2026年10月に、`monthly_fee`が鳴らない。
# - 広告で知った新規が6月から毎月少しずつ増え、10月に半分を大きく超えても、`channel`が鳴らない。
#
# 誰を、どの月と比べ、どの値で鳴らすかを直した`watch`を書いてください。
#
# - 見張るのは2026年4月以降の月で、基準は、その前の月から選びます。
# - `rows`には、人数も月額も違う会社の表が入ります。基準もしきい値も、本文の値を使わず、`rows`から決めます。
# - 何も起きなければ、2年間の延べで顧客が800人の小さな会社でも、鳴るのは平均で年に1回までにします。
#
# <details><summary>ヒント</summary>
#
# 本文で使った`newcomers`と、基準の月`REFERENCE`を使います。
# しきい値は、`rows`から選んだ基準と、その月の人数から、毎回計算します。
#
# </details>


# %% 練習 4
def watch(rows, month): ...


# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 会社が大きくなり、毎月の顧客が10倍になりました。
# 顔ぶれの入れ替わり方は前と同じです。
# P値が0.05より小さければ鳴らすモニタリングは、どうなりますか。
#
# <details><summary>ア. データが増えて見積もりが確かになり、誤報が減る</summary>
#
# 人数が増えれば、偶然の揺れは確かに減ります。
# けれども揺れが減ると、小さな本当の違いが見えるようになり、鳴る回数は増えます。
#
# </details>
# <details><summary>イ. 同じ大きさの違いでも、前より鳴りやすくなる</summary>
#
# 正解です。
# 違いの大きさが同じなら、P値は、人数が増えるほど小さくなります。
# 大きさを測るPSIは、違いが同じなら、人数が増えても大きくなりません（線を引き直しから決めるなら、こちらも人数とともに敏感になります）。
#
# </details>
# <details><summary>ウ. 0.05という割合は決まっているので、変わらない</summary>
#
# 0.05は「違いが何もないとき」に鳴る割合です。
# 顔ぶれは少しずつ入れ替わっているので、「何もない」が成り立ちません。
#
# </details>
#
# **問 2.** 新規が月に380人の本店と、38人の支店があります。
# どちらも、10か月分の新規を基準にします。
# 何も変わらない月の、知ったきっかけのPSIの平均は、支店では本店のおよそ何倍ですか。
#
# <details><summary>ア. 1倍</summary>
#
# PSIは割合で比べるので、人数は消えると考えた人の答えです。
# 人数が消えるのは式の上だけで、38人の割合は、380人の割合より大きく揺れます。
#
# </details>
# <details><summary>イ. 3倍</summary>
#
# 人数が10分の1なら揺れは約3倍、という覚え方は、平均や割合そのものの揺れの話です。
# PSIは、揺れを2乗したような大きさなので、もう1度3倍になります。
#
# </details>
# <details><summary>ウ. 10倍</summary>
#
# 正解です。
# 何も変わらない月のPSIの平均は、人数におよそ反比例します。
# だから、本店で引いた線を支店に持っていくと、支店は鳴り続けます。
# 区間が`B`個、基準が`n`人、今月が`m`人なら、平均はおよそ`(B - 1) × (1/n + 1/m)`です（どの区間にも、基準と今月の人が10人以上入るとき）。
#
# </details>
#
# **問 3.** 入力は静かで、予測した確率から見積もったAUC（CBPE）も、先月と同じでした。
# 結果は、まだ届いていません。
# ここから言えることはどれですか。
#
# <details><summary>ア. 入力の変化のせいでAUCが下がったとは、考えにくい</summary>
#
# 正解です。
# この見積もりが分かるのは、入力の変化による分だけです。
# 入力と答えの関係が変わったかどうかは、翌月末の結果を待ちます。
#
# </details>
# <details><summary>イ. モデルの当たり方は、先月と同じ程度に保たれている</summary>
#
# AUCという名前が付いているので、成績そのものだと思いがちです。
# 計算に使ったのは予測した確率だけで、その確率が今月も合っていることを、先に仮定しています。
#
# </details>
# <details><summary>ウ. 結果がないうちに計算した値なので、何も言えない</summary>
#
# 見積もりが外れる場面を見た後なら、そう言いたくなります。
# それでも、入力が動いて成績が下がる変化なら、この方法は結果を待たずに気づけます。
#
# </details>
#
# **問 4.** 入力の警報が鳴ったら、自動で学習し直すことにしました。
# いちばん困るのは、どの警報のときですか。
#
# <details><summary>ア. 値上げで、新規の月額が上がったとき</summary>
#
# 学習し直すこと自体は、いずれ必要になります。
# 困るとすれば、値上げの後の答えがまだ1件もないことです。
#
# </details>
# <details><summary>イ. 月額が、千円の単位で届いたとき</summary>
#
# 正解です。
# 壊れた値が正しいものとして学ばれ、表を直した後に、今度は正しい値で外れます。
#
# </details>
# <details><summary>ウ. 偶然に1列だけ鳴ったとき</summary>
#
# 余分な手間はかかりますが、何も変わっていないので、できるモデルはほとんど同じです。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - スイッチを入れる前に、何も起きない1年に何回鳴るかを数えます。鳴りすぎる警報は、鳴らないのと同じです。
# - P値は偶然だけで説明できるか、PSIは違いの大きさを言います。どちらの目安も、人数を抜きにしては決められません。
# - しきい値は、記録を混ぜて作った「何も変わらない月」の揺れと、1年の確かめの回数から引きます。
# - 変化が先に表れる人（値上げなら新規）を見張ります。基準には、履歴がそろい、何も起きていない月をできるだけ長く取ります。
# - 入力を見張っても、関係の変化は見えません。翌月末の「実際÷見込み」と組にして残し、鳴った後にすることを決めておきます。
#
# 鳴った後のことは、次の2つで決めます。
#
# - 警報の後に、学習し直すかを決めるのは、[[52_auto_retraining]]
# - 原因が、差し替えたバージョンか届いた表かを見分けるのは、[[53_auto_rollback]]

# %%
check.summary()
