# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 15
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # なぜMLOpsが必要か
#
# 2024年9月、食材の定期便の会社「ひだまり便」のコールセンターは、解約予測のモデルを使い始めました。
# 最初の月は、モデルの見込みと実際の解約者数の差が1割もなく、部長は喜びました。
# 作った担当者は、次の仕事に移りました。
#
# 翌年の4月、経理から問い合わせがきます。
# 「モデルの見込みで予算を組んでいるのに、解約が毎月多すぎる。いつから外れているのですか」。
# モデルは毎月、エラーも警告も出さずに動いていました。
# ところが、いつからかを答えられる人も、調べるための記録もありません。
#
# モデルを作る仕事は9月に終わりましたが、使う仕事はそこから始まっていたのです。
# ここでは外れ続けた半年間を再現し、何を見張っていれば気づけたのかを数字で確かめます。
#
# ## このレッスンで学ぶこと
#
# - エラーの出ないまま外れていくモデルを再現し、外れた人がどこにいるかを調べる。
# - 使い道ごとに、見張る数と、警報を鳴らす値を決める。
# - 機械学習システムで、モデルのコードの周りに必要な9つの部分を挙げる。
# - 壊れた表を通してしまう検査を直す。

# %% [markdown]
# ## 9月のモデルを再現する
#
# データは、この本のために作った架空の会社の記録で、1行が、ある顧客のある月です。
# ひだまり便は2024年10月に値上げをし、新しい契約の月額を1,500円上げました。
# 前からの顧客の月額（`monthly_fee`）は、契約した時の額のままです。
# それでも値上げの知らせは契約を見直すきっかけになり、前からの顧客も離れやすくなった、という設定です。

# %%
import churn_steps
import pandas as pd

rows = churn_steps.make_features(
    n_customers=8000, first_month="2024-04", price_rise_month="2024-10", price_rise_yen=1500
)
rows["month"] = pd.to_datetime(rows["month"])
rows[["customer_id", "month", "orders", "monthly_fee", "channel", "churned"]].head(3)

# %% [markdown]
# `orders`はその月の注文回数、`channel`は知ったきっかけです。
# `churned`は、翌月に解約すれば1になります。
#
# モデルは9月の初めに作られました。
# その時点で結果が分かっている、4月から7月までの行で学習します。
# 前処理とロジスティック回帰をつないだパイプラインは、用意した関数で作ります（中身は実践演習で書きます）。

# %%
past = rows[rows["month"] < "2024-08-01"]
model = churn_steps.make_model(churn_steps.candidates()["logistic"])
model = model.fit(past[churn_steps.FEATURES], past["churned"])

# %% [markdown]
# 9月から2月まで、毎月の末に予測したことにします。
# `predict_proba`の2列目が、解約する確率です。

# %%
rows["predicted"] = model.predict_proba(rows[churn_steps.FEATURES])[:, 1]
used = rows[rows["month"].between("2024-09-01", "2025-02-01")]
by_month = used.groupby("month")[["predicted", "churned"]].mean()
by_month.index = by_month.index.strftime("%Y-%m")
by_month.map("{:.1%}".format)

# %% [markdown]
# 左の列がモデルの見込み、右の列が実際です。

# %% tags=["figure"] mystnb={"image": {"alt": "モデルの見込みは半年間ほぼ平らで、実際の解約率は10月に跳ね上がる。2本の線の間は開いたまま、少しずつ狭まる折れ線"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(4.8, 3.2))
labels = [f"{int(month[-2:])}月" for month in by_month.index]
ax.plot(labels, by_month["churned"] * 100, "o-", label="実際の解約率")
ax.plot(labels, by_month["predicted"] * 100, "s--", label="モデルの見込み")
ax.set_xlabel("予測した月", fontsize=11)
ax.set_ylabel("翌月に解約した割合（%）", fontsize=11)
ax.set_ylim(0, 25)
ax.tick_params(labelsize=10)
ax.legend(loc="lower left", fontsize=11)
plt.show()

# %% [markdown]
# 左端の9月は、2本の線の差が1ポイントほどです。
# ところが10月に実線だけが跳ね上がり、破線はほとんど動きません。
# 差はその後、少しずつ縮みますが、2月になっても閉じません。
# 値上げで離れやすくなったことを、値上げの前に学習したモデルは知らないからです。

# %% [markdown]
# ## 外れたのは、どの顧客か
#
# 次に知りたいのは、誰の予測が外れたのかです。
# 10月の行を、その月に契約した人と、前からの顧客に分けます。
# `tenure_months`は契約してからの月数で、最初の月が1です。
# 確率を足し合わせると、解約する人数の見込みになります。

# %%
october = used[used["month"] == "2024-10-01"]
newcomer = october["tenure_months"] == 1
who = newcomer.map({True: "値上げ後の契約", False: "前からの顧客"}).rename("顧客")
split = october.groupby(who).agg(
    人数=("churned", "size"),
    月額の平均=("monthly_fee", "mean"),
    解約の見込み=("predicted", "sum"),
    実際の解約=("churned", "sum"),
)
split.round().astype(int)

# %% [markdown]
# 値上げ後の契約は、月額が高いのに、見込みと実際が大きくは違いません。
# 外れた人数のほとんどは、前からの顧客です。
# この人たちの入力の列は値上げの前と変わらないので、モデルは同じ見込みを出し続け、その間に解約だけが増えました。
#
# 学習したときと使うときで、データや世の中の様子が変わることを **ドリフト**（drift）と呼びます。
# ひだまり便では、2種類のドリフトが同時に起きていました。
#
# | ドリフト | 変わるもの | ひだまり便では |
# |---|---|---|
# | **データドリフト**（data drift） | モデルに入るデータ | 新しい契約の月額が上がった |
# | **コンセプトドリフト**（concept drift） | データと答えの関係 | 前からの顧客が、同じ列の値でも解約しやすくなった |
#
# どちらが起きてもモデルのプログラムは壊れていないので、エラーは出ません。

# %% [markdown]
# ## 何を見張れば気づけたか
#
# 見張る数の候補を4つ、1か月分の行から計算します。
# 解約する人に高い確率を付けられたかを測るAUC、実際と見込みの比、新しい契約の月額、予測した確率の平均です。

# %%
from sklearn.metrics import roc_auc_score


def measure(one_month):
    new = one_month["tenure_months"] == 1
    return {
        "AUC": roc_auc_score(one_month["churned"], one_month["predicted"]),
        "実際÷見込み": one_month["churned"].mean() / one_month["predicted"].mean(),
        "新しい契約の月額": one_month.loc[new, "monthly_fee"].mean(),
        "予測の平均": one_month["predicted"].mean(),
    }


# %% [markdown]
# 値上げの前と比べられるように、5月から並べます。
# 初めの4月は、前の月の記録が無く、注文の増減の列を作れないので除きます。

# %%
DIGITS = {"AUC": 3, "実際÷見込み": 2, "新しい契約の月額": 0, "予測の平均": 3}
watched = rows[rows["month"].between("2024-05-01", "2025-02-01")]
numbers = pd.DataFrame(
    {f"{month:%Y-%m}": measure(one) for month, one in watched.groupby("month")}
).T
numbers.round(DIGITS)

# %% [markdown]
# - **実際÷見込み** は、10月から大きくなります。外れたことを確かめられるのはこの数ですが、答えが出るのは翌月の末です。
# - **新しい契約の月額** も、10月に跳ね上がります。こちらは答えを待たず、10月の末に「いつもと違う人が入ってきた」と分かります。
# - **予測の平均** は、ほとんど動きません。外れたのが、入力の変わっていない前からの顧客だからです。
# - **AUC** も、10月からはっきり下がりました。しかし、この数から「見込みが実際の6割しかない」とは読み取れません。AUCが見るのは順番だけで、確率の大きさは見ないからです。
#
# 電話をかける順番に使うだけなら、このモデルはまだ役に立ちます。
# 困ったのは、確率の大きさを足し合わせて予算にした経理でした。
# つまり、何を見張るかは、予測を何に使うかで決まります。
#
# しかも、警報が鳴る所と外れる所は違います。
# 月額の警報は新しい契約で鳴り、外れたのは前からの顧客でした。
# 値上げが前からの顧客だけに及んでいたら、この警報は鳴りません。
# だから、早く知らせる入力のモニタリングと、外れたことを確かめる結果のモニタリングの両方が必要です。

# %% [markdown]
# ### 変化の出る所を選ぶ【自習】
#
# 月額を、新しい契約ではなく全員の平均で見張っていたら、どうなったかを確かめます。

# %%
everyone = watched.groupby("month")["monthly_fee"].mean()
september, october_mean = everyone["2024-09-01"], everyone["2024-10-01"]
new_fee = numbers["新しい契約の月額"]
print(f"全員の平均: 9月から10月に{october_mean / september - 1:+.1%}")
print(f"新しい契約: 9月から10月に{new_fee['2024-10'] / new_fee['2024-09'] - 1:+.1%}")

# %% [markdown]
# 全員の平均は、前からの顧客に薄められて、わずかしか動きません。
# 同じ列でも、変化が先に表れる所を選んで見張ります。

# %% [markdown]
# ## 壊れたデータでも、モデルは止まらない
#
# 世の中が変わらなくても、予測は外れます。
# 7月の`monthly_fee`が、円ではなく千円の単位で届いたとします。
# 5,480円の人は、5.48円の人としてモデルに入ります。

# %%
july = past[past["month"] == "2024-07-01"]
in_thousands = july.assign(monthly_fee=july["monthly_fee"] / 1000)
in_thousands["predicted"] = model.predict_proba(in_thousands[churn_steps.FEATURES])[:, 1]
numbers.loc["千円の7月"] = measure(in_thousands)
numbers.loc[["2024-07", "千円の7月"]].round(DIGITS)

# %% [markdown]
# 予測の平均が半分より小さくなっても、モデルは黙って答えを返します。
# モデルにとっては5.48もただの数で、「月額にしては安すぎる」と疑う仕組みがないからです。
# いちばん早く止められるのは、モデルに渡す前の検査です。
# そこをすり抜けても、予測の平均を見張っていれば、その月の末に気づけます。
# 値上げでは動かなかった数が、今度は真っ先に動きます。

# %% [markdown]
# ### 急いで書かれた検査【自習】
#
# 検査なら何でもよいわけではありません。
# 担当者が急いで書いた`loose_check`は、1か月分の表`batch`を受け取り、見つけた問題を文のリストで返します。

# %%
import churn


def loose_check(batch):
    problems = []
    if batch["monthly_fee"].mean() < 1000:
        problems.append("monthly_feeが安すぎます。")
    elif batch["orders"].isna().any():
        problems.append("ordersの空が多すぎます。")
    elif set(churn.CHANNELS) - set(batch["channel"]):
        problems.append("channelに知らない言葉があります。")
    return problems


# %% [markdown]
# 7月の正常な表と、1行だけ変えた3つの表を渡します。

# %%
normal = july[["orders", "monthly_fee", "channel"]].reset_index(drop=True)
first = normal.index == 0
samples = {
    "正常": normal,
    "1人だけ5.48円": normal.assign(monthly_fee=normal["monthly_fee"].mask(first, 5.48)),
    "1人だけ注文が空": normal.assign(orders=normal["orders"].mask(first)),
    "1人だけ知らない言葉": normal.assign(channel=normal["channel"].mask(first, "SNS")),
}
for name, sample in samples.items():
    print(f"{name}: {loose_check(sample)}")

# %% [markdown]
# 5.48円の人も、知らない言葉の人も通してしまいました。
# 逆に、注文が1人だけ空という、よくある表では騒いでいます。
# この検査は、練習2で直します。

# %% [markdown]
# ## モデルのコードは、小さな1つの箱
#
# ひだまり便に足りなかったのは、モデルの出来ではなく、その周りのものでした。
# 同じことを、GoogleのD. Sculleyら10人が2015年に論文で指摘しています。
# 国際会議NIPS（いまのNeurIPS）で発表された、"Hidden Technical Debt in Machine Learning Systems"（機械学習システムに隠れた技術的負債）です。
# 実際に使われる機械学習システムのうち、モデルのコードはほんの一部で、周りの仕組みのほうが大きく複雑だ、という指摘です。
# 論文の図にある9つの部分を、渡すものの矢印と、ひだまり便の様子を足して描きます。

# %% tags=["figure"] mystnb={"image": {"alt": "モデルのコードの小さな箱を、役目で3色に塗り分けた9つの大きな箱が囲む図。データ収集からデータ検証、特徴量エンジニアリングを経てモデルのコードに特徴量が渡り、予測がインフラストラクチャの提供から使う人へ、記録がモニタリングと分析ツールへ流れ、データ収集に戻る。データ検証、モニタリング、分析ツールには、なしの印がある"}}
from figures.surroundings import surroundings

surroundings()

# %% [markdown]
# `fit`と`predict`のコードは、灰色の小さな箱だけです。
# 枠の太い3つは、ひだまり便に無かった部分です。
# かっこの中は、人の手に頼っていた様子です。
#
# | 役目 | 部分 | 何をするか |
# |---|---|---|
# | データの側 | データ収集 | 表を決まった日に、欠けなく集める |
# | | データ検証 | 届いた表が、いつもと同じ形と範囲かを調べる |
# | | 特徴量エンジニアリング | 学習と予測で、同じ計算の特徴量を作る（論文ではfeature extraction） |
# | 動かす側 | インフラストラクチャの提供 | 予測を、使う人や画面へ届ける基盤（serving infrastructure） |
# | | 設定管理 | 使う列や期間を、1か所に書いて残す |
# | | プロセス管理ツール | 決まった順番と時刻に動かし、失敗を知らせる |
# | | 計算リソース管理 | 計算機の量と費用を、仕事に合わせる |
# | 見る側 | モニタリング | 動いている間の入力、予測、結果を見張る |
# | | 分析ツール | 予測がなぜ外れたかを、記録から調べる |
#
# どの箱が欠けていても、最初の月は予測が届きます。
# しかし、続けるうちに届かなくなるか、届いても外れていることに気づけなくなります。

# %% [markdown]
# ## 後回しにした分は、負債になる【自習】
#
# 周りの部分を後回しにすると、今月の手間は減ります。
# 代わりに、直すまでの間、毎月の手間が余分にかかり続けます。
# 借金でいえば、後回しにした仕事が元本で、余分な手間が利息です。
# このような後回しを **技術的負債**（technical debt）と呼びます。
#
# 機械学習の負債には、コードを読んでも見つからないものがあります。
# 論文が挙げた中から、ひだまり便にも当てはまる3つを見ます。
#
# 1つ目は、名乗り出ていない利用者です。
# モデルは、電話をかける順番を決めるために作られました。
# 経理が同じ確率を予算に使っていることを、作った担当者は知りません。
# そのため、直すときに誰に知らせればよいかも分かりませんでした。
#
# 2つ目は、絡み合いです。
# アプリの計測が止まり、`app_days`（アプリを使った日数）を全員同じ中央値で埋めて学習し直すと、ほかの列の重みはどうなるでしょうか。
# `weights`は、パイプラインから重みを取り出す関数です。
# 重みは、その列が大きいほど解約しやすいと見るなら正、しにくいと見るなら負になります。


# %%
def weights(fitted):
    names = fitted["preprocess"].get_feature_names_out()
    return pd.Series(fitted["model"].coef_[0], index=names)


# %%
filled = past.assign(app_days=past["app_days"].median())
refit = churn_steps.make_model(churn_steps.candidates()["logistic"])
refit = refit.fit(filled[churn_steps.FEATURES], filled["churned"])
both = pd.DataFrame({"前": weights(model), "後": weights(refit)})
both.loc[["number__app_days", "number__orders"]].round(2)

# %% [markdown]
# `number__`は、数の列に前処理が付ける印です。
# `app_days`の重みは0になり、触っていない`orders`の重みまで動きました。
# アプリをよく使う人は注文も多いので、`orders`が消えた列の分を肩代わりしたのです。
# 論文はこれを「何かを変えると、すべてが変わる」とまとめ、頭文字でCACE（Changing Anything Changes Everything）と呼んでいます。
# だから、直したのが1列だけでも、モデル全体を測り直します。
#
# 3つ目の **フィードバックループ**（feedback loop）では、予測に応じた行動が、次の学習に使うデータを変えます。
# 電話で思い直した人は「解約しない人」として記録に残り、それで学習し直したモデルは、翌月の電話からその人を外してしまいます。

# %% [markdown]
# ## MLOpsとは
#
# ふつうのソフトウェアは、コードを変えなければ動きもほとんど変わりません。
# 機械学習では、コードのほかに、データとモデルも変わります。
# この3つの変化を追いながら、開発から本番での運用までの全体を管理する取り組みが **MLOps**（machine learning operations）です。
# MLflowやUnity Catalogはそれを支える道具で、MLOpsは仕事の進め方を指します。
#
# 作ってから引退するまでの、モデルの **ライフサイクル**（lifecycle）では、次の6つの段階を回ります。
#
# | 段階 | すること | この本で扱う所 |
# |---|---|---|
# | 用意する | データを集め、検査し、特徴量にする | このレッスンの練習2、「Feature Store」 |
# | 学習する | 条件、成績、使ったデータを残す | 「MLflowによる実験管理」 |
# | 登録する | バージョンを付け、条件を満たしたものだけを進める | 「【デモ】Model Registry」 |
# | 届ける | 予測を、使う人の所に置く | 「モデル登録とバッチ推論」 |
# | 見張る | 入力、予測、見込みと実際の差を見る | このレッスンの練習1 |
# | 直すか戻す | 学習し直すか、前のバージョンに戻す | 「【デモ】Model Registry」 |
#
# ひだまり便にあったのは、用意、学習、届けるの3つの「1回目」だけでした。
# 見張る人がいないので、直すきっかけも生まれず、輪が回らなかったのです。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_21 import check

# %% [markdown]
# 練習1では、ここまでに計算した数を使います。

# %%
numbers.round(DIGITS)

# %% [markdown]
# ### 練習 1: モニタリングを設計する
#
# 2024年9月に戻って、3つの使い道のモニタリングを決めます。
#
# - `予算`: 経理は、見込みの人数で予算を組む。10月から2月までのように、見込みが少なすぎる月を知りたい。
# - `契約の変化`: 営業は、10月から2月までのように、新しい契約の様子が変わった月を、解約の結果を待たずに知りたい。
# - `電話の一覧`: コールセンターは、`千円の7月`のような表で作った一覧を、その月の末に配る前に止めたい。
#
# 辞書`plan`に、使い道ごとの`[見る数, 分かる時, 鳴らす値]`を入れてください。
# 見る数は`numbers`の列の名前、分かる時は`"その月の末"`か`"翌月の末"`です。
# AUCと予測の平均は鳴らす値を下回ったとき、ほかの2つは上回ったときに警報が鳴ります。
# どの使い道でも、普段の月（2024年5月から9月まで）には1度も鳴らず、知りたい行ではすべて鳴る値にします。

# %% 練習 1
plan = {
    "予算": [..., ..., ...],
    "契約の変化": [..., ..., ...],
    "電話の一覧": [..., ..., ...],
}

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 壊れた検査を直す【自習】
#
# 「急いで書かれた検査」の`loose_check`を、次の3つをどの表でも正しく調べる関数`check_batch`に直してください。
#
# 1. `monthly_fee`が1000円より小さい行が、1行でもある。
# 2. `orders`の空の割合が、1割より大きい（1割までは、いつもあることなので問題にしない）。
# 3. `channel`に、`churn.CHANNELS`にない言葉がある。
#
# 返すのは、問題のある列の名前と、何が問題かを書いた文のリストです。
# 文は1つの列に1つで、問題がなければ空のリストを返します。
# 渡された`batch`の値は書き換えません。
# 確認では、2つの列がおかしい表なども渡します。
#
# <details><summary>ヒント</summary>
#
# `loose_check`の中身をコピーして、`if`の条件を1つずつ、上の3つと見比べます。
# 正しく動いているかは、`samples`の表を渡すと試せます。
# 2つの問題がある表を渡したとき、`elif`は2つ目を調べるでしょうか。
#
# </details>

# %% 練習 2
def check_batch(batch):
    ...


# %% 確認 2
check(2)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 解約予測のモデルが、エラーを出さずに毎月動いています。
# 言えることはどれですか。
#
# <details><summary>ア. 動いていることだけで、当たっているかは別に調べる</summary>
#
# 正解です。
# 見込みと実際を比べるか、入力の変化を見ます。
#
# </details>
# <details><summary>イ. 学習したときの成績が良ければ、予測もその成績のまま当たり続けている</summary>
#
# 成績は、学習したころのデータで測ったものです。
# ひだまり便のモデルも9月には当たっていましたが、10月に世の中のほうが変わりました。
#
# </details>
# <details><summary>ウ. 半年もたてば外れているはずなので、新しいモデルに差し替える</summary>
#
# 「古いものは悪くなる」と考えると、そうしたくなります。
# しかし世の中が変わらなければ当たり続けるので、差し替えは、見込みと実際を比べてから決めます。
#
# </details>
#
# **問 2.** 入力のモニタリングだけが警報を鳴らしました。
# 見込みと実際の差は、まだ分かりません。
# どうしますか。
#
# <details><summary>ア. 新しい傾向に早く合わせるため、今月のデータで学習し直して差し替える</summary>
#
# 変化の理由が単位の間違いなら、壊れたデータで学習することになります。
#
# </details>
# <details><summary>イ. 確かな答えが出る翌月の末まで待ち、それから調べ始める</summary>
#
# 確かな証拠を待つ間にも、予算は組まれます。
# 外れているかもしれないことを、使う人が知らないままになります。
#
# </details>
# <details><summary>ウ. 何が変わったかを調べ、使う人に知らせ、答えが出たら比べる</summary>
#
# 正解です。
# 入力の変化は、外れた証拠ではなく、調べ始める合図です。
#
# </details>
#
# **問 3.** 前からの顧客だけに効く出来事が起き、入ってくる列の値は変わりませんでした。
# 気づけるのはどれですか。
#
# <details><summary>ア. 見込みと実際の差のモニタリング</summary>
#
# 正解です。
# コンセプトドリフトは、答えが出て初めて、見込みとの差に表れます。
#
# </details>
# <details><summary>イ. 新しい契約の月額のような、入力のモニタリング</summary>
#
# 値上げで鳴ったので頼りたくなりますが、それは新しい契約も同時に変わったからでした。
# 入力が変わらない出来事では鳴りません。
#
# </details>
# <details><summary>ウ. 届いた表の範囲や空の割合を調べる、データの検査</summary>
#
# 表は正しい値のまま届くので、検査を通ります。
# 検査が見つけるのは、壊れたデータです。
#
# </details>
#
# **問 4.** MLOpsの説明として合うものはどれですか。
#
# <details><summary>ア. MLflowやUnity Catalogのような道具を、会社に導入すること</summary>
#
# 道具は助けになりますが、入れただけでは、見張る人も直す手順も決まりません。
#
# </details>
# <details><summary>イ. コード、データ、モデルの変化を追い、運用を回し続ける取り組み</summary>
#
# 正解です。
# 何をどこまでするかは、次のレッスンで段階に分けます。
#
# </details>
# <details><summary>ウ. 学習から予測までを、人の手を借りずに動くプログラムにすること</summary>
#
# 自動化は手段の1つです。
# 見張らずに自動にすると、外れた予測が休まずに出続けます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - データドリフトやコンセプトドリフトが起きても、入ってくる表が壊れても、モデルはエラーを出さずに外れます。
# - 警報が鳴る所と外れる所は違うことがあるので、早い入力のモニタリングと、確かな結果のモニタリングを組み合わせます。
# - 何をいくつで鳴らすかは、予測の使い道と、普段の月の動きから決めます。
# - モデルのコードの周りには9つの部分があり、後回しにした分は、利息の付く技術的負債になります。
# - MLOpsは、コード、データ、モデルの変化を追いながら、用意から見張りまでの輪を回し続ける取り組みです。
#
# 次のレッスンでは、これを一度にすべてそろえるのではなく、段階に分けて進めます。

# %%
check.summary()
