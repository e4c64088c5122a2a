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
# 定期便の会社「ひだまり便」では、9月から解約予測のモデルを使っています。
# 最初の月、モデルの言った人数と実際に解約した人数の差は1割もなく、部長は喜びました。
# 作った担当者は、次の仕事に移りました。
#
# 翌年の4月、経理から問い合わせがきます。
# 「モデルの見込みで予算を組んでいるのに、解約が毎月3割から7割も多い。いつからですか」。
# モデルは毎月、エラーも警告も出さずに動いていました。
# いつからかを答えられる人も、調べるための記録もありません。
#
# モデルを作る仕事は9月に終わりましたが、使う仕事はそこから始まっていました。
# ここでは、この半年間を手元で再現し、何が足りなかったのかを1つずつ挙げます。
#
# ## このレッスンで学ぶこと
#
# - エラーの出ないまま外れていくモデルを再現し、いつ気づけたかを数字で言う。
# - 答えを待つ監視と、答えを待たない監視を使い分ける。
# - 機械学習システムのうち、モデルのコードのほかに要る9つの部分を挙げる。
# - 1つの列を変えると、ほかの列の重みまで変わることを確かめる。
# - 起きた事故が、どの部分の不足によるものかを見分ける。
# - 入ってくるデータの検査を書き、壊れたデータを止める。

# %% [markdown]
# ## 9月のモデルを作る
#
# データは、この本のために作った架空の会社の記録です。
# 引数で、途中の月から世の中が変わるようにできます。
# ここでは2025年10月に、新しい契約の月額が1,500円上がったことにします。
# 前からの顧客の支払い（`monthly_fee`）は契約した時の額のままですが、値上げを知って契約を見直し、離れやすくなります。
# 1行は、ある顧客のある月です。

# %%
import churn_steps
import pandas as pd

rows = churn_steps.make_features(
    n_customers=8000, price_rise_month="2025-10", price_rise_yen=1500
)
rows["month"] = pd.to_datetime(rows["month"])
rows[["customer_id", "month", "orders", "monthly_fee", "channel", "churned"]].head(3)

# %% [markdown]
# `orders`はその月の注文回数、`monthly_fee`は契約の月額（円）、`channel`は知ったきっかけです。
# `churned`は、翌月に解約すれば1です。
#
# モデルは9月の初めに作られたので、結果の分かっている4月から7月までの行で学習します。
# 8月の行は、9月末に解約が分かるまで使えません。
# 前処理とロジスティック回帰をつないだパイプラインを、用意した関数で作ります。
# 中身は実践演習で書きます。

# %%
past = rows[rows["month"] < "2025-08-01"]
model = churn_steps.make_model(churn_steps.candidates()["logistic"])
model = model.fit(past[churn_steps.FEATURES], past["churned"])
print(f"学習に使った期間の解約率は{past['churned'].mean():.1%}です。")

# %% [markdown]
# 9月から2月まで、毎月末に予測したことにします。
# `predict_proba`は続く確率と解約する確率の2列を返すので、`[:, 1]`で解約のほうを取り出し、`predicted`に入れます。

# %%
used = rows[rows["month"].between("2025-09-01", "2026-02-01")].copy()
used["predicted"] = model.predict_proba(used[churn_steps.FEATURES])[:, 1]
by_month = used.groupby("month")[["predicted", "churned"]].mean()
by_month.index = by_month.index.strftime("%Y-%m")
by_month.map("{:.1%}".format)

# %% [markdown]
# 最後の行の`map(…)`は、ますの数を百分率の文字にして見せます。
# 左の列がモデルの見込み、右の列が実際です。

# %% mystnb={"image": {"alt": "横軸は月、縦軸は解約率。モデルの見込みは半年間ほぼ平らで、実際の解約率は10月に跳ね上がったまま高く、2本の線の間が開く折れ線"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
fig, ax = plt.subplots(figsize=(6, 3.4))
ax.plot(by_month.index, by_month["churned"], "o-", label="実際の解約率")
ax.plot(by_month.index, by_month["predicted"], "s--", label="モデルの見込み")
ax.set(xlabel="月", ylabel="翌月に解約した割合", ylim=(0, 0.25))
ax.legend(loc="lower left")
plt.show()

# %% [markdown]
# 横軸は予測した月、縦軸は翌月の解約率です。
# 左端の9月は、2つの線の差が1ポイントほどです。
# 10月に実線だけが跳ね上がり、破線はほとんど動きません。
# その後、差は少しずつ縮みますが、2月になっても閉じません。
# 値上げで離れやすくなったことを、値上げの前に学習したモデルは知らないからです。
#
# このように、学習したときと使うときで、データや世の中の様子が変わることを **ドリフト**（drift）と呼びます。
# ひだまり便では、2通りの変化が同時に起きています。
# 1つは入ってくる人の変化で、新しい契約の月額が前より高くなりました。
# もう1つは答えの変化で、前からの顧客は表の列が同じでも、解約しやすくなりました。
# どちらが起きてもモデルは壊れていないので、エラーは出ません。

# %% [markdown]
# ## 順位の成績だけを見ていると気づかない
#
# 担当者が1つだけ監視をしていたとします。
# 解約した人に高い確率を付けられているかを測る、AUCです。

# %%
from sklearn.metrics import roc_auc_score

for month, group in used.groupby("month"):
    auc = roc_auc_score(group["churned"], group["predicted"])
    print(f"{month:%Y-%m}  AUC {auc:.3f}")

# %% [markdown]
# 1に近いほど順番が合っていて、でたらめに並べると0.5になります。
# 10月からの見込みは実際の6割から8割ほどしかないのに、AUCは9月より0.05も下がっていません。
# 離れやすい人の順番は、値上げの後もあまり変わらなかったからです。
# 電話をかける順番に使うだけなら、このモデルはまだ役に立ちます。
# 外れたのは確率の大きさで、それを予算の計算に使った経理が困りました。
# 何を見張るかは、予測を何に使うかで決まります。

# %% [markdown]
# ## いつ気づけたか
#
# 見込みと実際を比べる監視があれば、気づけました。
# ただし、解約したかどうかが分かるのは翌月です。
# 10月末の予測の答えは、11月が終わるまで出ません。
#
# 答えを待たずに気づく方法はないでしょうか。
# モデルに入るデータの側を見ます。
# その月に契約したばかりの人の、月額の平均です。
# `tenure_months`は契約してからの月数で、最初の月が1です。
# 普段の動きと比べられるように、学習に使った4月から並べます。

# %%
newcomers = rows[(rows["tenure_months"] == 1) & (rows["month"] <= "2026-02-01")]
fee = newcomers.groupby("month")["monthly_fee"].mean()
fee.index = fee.index.strftime("%Y-%m")
fee.round(0).to_frame("新しい契約の月額（円）")

# %% [markdown]
# 9月までは、月ごとの差が小さく収まっています。
# 10月に跳ね上がり、そのまま戻りません。
# 10月の末には、11月の解約を待たずに「学習のときと違う人が入ってきた」と分かります。
# 全員の平均で見ていたら、どうだったでしょうか。

# %%
everyone = used.groupby("month")["monthly_fee"].mean()
for name, table in {"全員": everyone, "新しい契約": fee["2025-09":]}.items():
    print(f"{name}の月額の平均: 9月から10月に{table.iloc[1] / table.iloc[0] - 1:+.1%}")

# %% [markdown]
# 全員の平均では、前からの顧客に薄められて、わずかしか動きません。
# 監視では、変化が先に表れる所を選んで見ます。
#
# | 監視 | 答えを待つか | 気づける日 | 分かること |
# |---|---|---|---|
# | 見込みと実際の差 | 待つ | 11月末 | 予測が外れている |
# | 入力の分布 | 待たない | 10月末 | 何かが変わった。外れているかはまだ分からない |
#
# 2つを組み合わせ、早く気づき、後から確かめます。

# %% [markdown]
# ## 壊れたデータでも、モデルは止まらない
#
# 世の中が変わらなくても、予測は外れます。
# ある月、`monthly_fee`が円ではなく千円の単位で届いたとします。
# 5,480円の人が、5.48円の人としてモデルに入ります。

# %%
july = past[past["month"] == "2025-07-01"]
in_thousands = july.assign(monthly_fee=july["monthly_fee"] / 1000)
for name, table in {"円の表": july, "千円の表": in_thousands}.items():
    predicted = model.predict_proba(table[churn_steps.FEATURES])[:, 1]
    print(f"{name}: 解約の見込みは{predicted.mean():.1%}")

# %% [markdown]
# 見込みは3分の1よりも小さくなりましたが、エラーも警告も出ません。
# モデルにとっては5.48もただの数で、「月額にしては安すぎる」と疑う仕組みはないからです。
# これを止められるのは、モデルに渡す前の検査だけです。
# 最小値を1つ見れば分かる間違いで、練習2でその検査を書きます。

# %% [markdown]
# ## モデルのコードは、小さな1つの箱
#
# ひだまり便に足りなかったのは、モデルの出来ではありません。
# 監視、データの検査、作り直す手順といった、モデルの周りのものです。
#
# 同じことを、GoogleのD. Sculleyら10人が2015年に論文で指摘しました。
# 題は "Hidden Technical Debt in Machine Learning Systems"（機械学習システムに隠れた技術的負債）です。
# NIPS（いまのNeurIPS）という国際会議で発表されました。
# 実際に使われている機械学習システムのうち、モデルのコードはほんの一部で、周りの仕組みのほうが大きく複雑だ、という指摘です。
# 論文の図には、周りの部分として次の9つが描かれています。
# いまのひだまり便と照らし合わせます。

# %%
parts = pd.DataFrame(
    [
        ("設定管理", "使う列や期間を、1か所に書いて残す", "ノートブックに直書き"),
        ("データ収集", "表を決まった日に、欠けなく集める", "毎月、手でコピー"),
        ("データ検証", "入ってきた表が、いつもと同じ形と範囲かを調べる", "なし"),
        ("特徴量エンジニアリング", "学習と予測で、同じ計算の特徴量を作る", "学習用だけ関数にした"),
        ("計算リソース管理", "計算機の量と費用を、仕事に合わせる", "担当者のPC"),
        ("分析ツール", "予測がなぜ外れたかを、後から調べる", "予測を残していない"),
        ("プロセス管理ツール", "決まった順番と時刻に動かし、失敗を知らせる", "担当者が思い出して実行"),
        ("インフラストラクチャの提供", "予測を、使う人や画面へ安定して届ける", "メールに添付"),
        ("モニタリング", "動いている間の入力、予測、結果を見張る", "なし"),
    ],
    columns=["部分", "何をするか", "ひだまり便の9月"],
)
parts.set_index("部分")

# %% [markdown]
# 右端の列には、「なし」と手作業が並んでいます。
# この9つを、モデルのコードと一緒に1枚の図にします。
# 次のセルは図を描くだけなので、読み飛ばして構いません。

# %% mystnb={"image": {"alt": "9つの大きな箱に囲まれた真ん中に、モデルのコードと書かれた小さな箱が1つある図。箱の中身は直前の表の部分の名前"}}
fig, ax = plt.subplots(figsize=(6, 4))
names = parts["部分"].replace(r"(エンジ|ストラク|の提供|管理ツ)", r"\n\1", regex=True).tolist()
grid = [names[:3], [names[3], "", names[4]], names[5:]]
for y, row in zip((2, 1, 0), grid, strict=True):
    width = 12 / len(row)
    for x, name in enumerate(row):
        alpha = 0.18 if name else 0
        ax.add_patch(plt.Rectangle((x * width, y), width - 0.2, 0.9, fc="tab:blue", alpha=alpha))
        ax.text((x + 0.5) * width - 0.1, y + 0.45, name, ha="center", va="center", fontsize=11)
ax.add_patch(plt.Rectangle((5, 1.22), 1.8, 0.46, fc="tab:orange"))
ax.text(5.9, 1.45, "モデルの\nコード", ha="center", va="center", fontsize=10, color="black")
ax.set(xlim=(0, 12), ylim=(0, 3))
ax.axis("off")
plt.show()

# %% [markdown]
# 真ん中の小さな箱が、`fit`と`predict`のコードです。
# 9つの大きな箱が周りの部分で、どれが欠けても、予測は使う人に正しく届きません。
# 箱の大きさは説明のためのもので、測った量ではありません。
#
# 9つは、役目で3つに分けると覚えやすくなります。
#
# **データの側** は、データ収集、データ検証、特徴量エンジニアリングです。
# モデルは入ってきた数字を疑わないので、おかしな値はここで止めます。
# ひだまり便では、毎月のコピーを1回忘れても、先月の表のまま予測が動きます。
# 特徴量の計算も、学習用だけを関数にしたので、予測の日は手作業で同じ列を作り直しています。
#
# **動かす側** は、設定管理、計算リソース管理、プロセス管理ツール、インフラストラクチャの提供です。
# 決まった条件で、決まった日に、間に合うように動き、使う人の手元に届くかを受け持ちます。
# 「インフラストラクチャの提供」は、論文の言葉ではserving infrastructureで、予測を届けるための基盤を指します。
# 計算機を用意することではありません。
# メールに添付された予測では、誰がどの月のファイルを開いているのか、送った側には分かりません。
#
# **見る側** は、分析ツールとモニタリングです。
# モニタリングが「外れている」と知らせ、分析ツールで「なぜか」を調べます。
# 予測を残していないひだまり便では、4月に気づいても、9月から何を見込んできたのかをたどれません。

# %% [markdown]
# ## 後回しにした分は、負債になる
#
# 「なし」や「手でコピー」でも、最初の月は動きます。
# 後回しにした分は、借金の利息のように、後から少しずつ手間になって返ってきます。
# これを **技術的負債**（technical debt）と呼びます。
# 機械学習の負債には、コードを読んでも見つからないものがあります。
# 論文が挙げた中から、ひだまり便にも当てはまる3つを見ます。
#
# 1つ目は、名乗り出ていない利用者です。
# モデルは、電話をかける順番を決めるために作られました。
# 経理が同じ確率を予算に使っていることを、作った担当者は知りません。
# どこで使われているかが分からなければ、直すときに誰に知らせればよいかも分かりません。
#
# 2つ目は、絡み合いです。
# アプリの計測が止まり、`app_days`（アプリを使った日数）を全員同じ値（中央値の`median`）で埋めて学習し直したとします。
# ほかの列の重みは、そのまま残るでしょうか。
# 次のセルの`weights`は、パイプラインから重みを取り出すだけの関数です。
# 重みは、その列が大きいほど解約しやすいと見るなら正、しにくいと見るなら負の値です。


# %%
def weights(fitted):
    names = fitted["preprocess"].get_feature_names_out()
    return pd.Series(fitted["model"].coef_[0], index=names)


# %%
filled = past.assign(app_days=past["app_days"].median())
refit = churn_steps.make_model(churn_steps.candidates()["logistic"])
refit = refit.fit(filled[churn_steps.FEATURES], filled["churned"])
both = pd.DataFrame({"前": weights(model), "後": weights(refit)})
correlation = past["app_days"].corr(past["orders"])
print(f"app_daysとordersの相関係数: {correlation:.2f}")
both.loc[["number__app_days", "number__orders"]].round(2)

# %% [markdown]
# `number__`は、数の列に前処理が付ける印です。
# 全員が同じ値になった`app_days`の重みは0になり、触っていない`orders`（注文回数）の重みまで動きました。
# 相関係数は、2つの列が一緒に増え減りする強さで、1に近いほど強く、無関係なら0です。
# アプリをよく使う人は注文も多いので、`orders`が消えた列の分を肩代わりしたのです。
# 論文はこれを「何かを変えると、すべてが変わる」とまとめ、英語の頭文字でCACE（Changing Anything Changes Everything）と呼んでいます。
# 1列を直しただけのつもりでも、モデルの全体を測り直すことになります。
#
# 3つ目は、予測が次の学習に使うデータを変える **フィードバックループ**（feedback loop）です。
# 解約しそうな人に電話をかけると、思い直す人が出ます。
# その結果で学習し直したモデルは、「この様子の人は解約しない」と覚え、翌月の電話から外してしまいます。
# 誰に電話をかけたかを残していなければ、モデルが良くなったのか、電話が効いたのかを分けられません。
#
# 3つとも、コードは1文字も間違っていません。

# %% [markdown]
# ## MLOpsとは
#
# ふつうのソフトウェアは、コードを変えなければ動きもほとんど変わりません。
# 機械学習では、変わるものが3つあります。
#
# | 変わるもの | 例 | 変わったことを知る方法 |
# |---|---|---|
# | コード | 特徴量の計算を直した | コードの履歴、自動テスト |
# | データ | 値上げで顧客の様子が変わった | データの検査、モニタリング |
# | モデル | 学習し直して、別のモデルになった | 実験の記録、モデルの版 |
#
# 3つの変化を追いながら、開発から本番での運用までの全体を管理する取り組みが **MLOps**（machine learning operations）です。
# 道具の名前ではなく、仕事の進め方を指します。
# MLflowやUnity Catalogは、それを支える道具です。
#
# 全体は一本道ではなく、次の6つを回る輪になります。
# 作ってから引退するまでの一巡りを、モデルの **ライフサイクル**（lifecycle）と呼びます。
#
# | 段階 | すること | この本で扱う所 |
# |---|---|---|
# | 用意する | データを集め、検査し、特徴量にする | このレッスンの練習2、「Feature Store」 |
# | 学習する | 条件、成績、使ったデータを残す | 「MLflowによる実験管理」 |
# | 登録する | 版を付け、条件を満たした版だけを進める | 「【デモ】Model Registry」 |
# | 届ける | 予測を、使う人の所に置く | 「モデル登録とバッチ推論」 |
# | 見張る | 入力と、見込みと実際の差を見る | このレッスンの練習3 |
# | 直すか戻す | 学習し直すか、前の版に戻す | 「【デモ】Model Registry」 |
#
# ひだまり便にあったのは、用意、学習、届けるの3つの「1回目」だけで、そこでも検査と記録は抜けていました。
# 見張る人がいないので、最後の段階に進むきっかけがなく、輪が回らなかったのです。

# %% [markdown]
# ## 練習
#
# ### 練習 1: 事故の原因を見分ける
#
# 6つの事故の報告があります。
# どの部分があれば、最も早く防げたか、気づけたでしょうか。
# 辞書`causes`の`...`を、次の6つの名前に書き換えてください。
# 1つの名前は1回だけ使います。
#
# `"データ検証"`、`"モニタリング"`、`"特徴量エンジニアリング"`、`"プロセス管理ツール"`、`"計算リソース管理"`、`"設定管理"`
#
# - `a`: 学習では「直近3か月の平均」、予測では「直近30日の平均」で注文回数を計算していた。
# - `b`: 年末に担当者が休み、月末の予測を誰も実行しなかった。
# - `c`: ある朝から、月額の列が円ではなく千円の単位で届いていたが、そのまま学習に使われた。
# - `d`: 半年前から見込みが外れていたのに、予算を組み直すまで誰も知らなかった。
# - `e`: 顧客が10倍になり、予測が翌朝までに終わらなくなった。
# - `f`: 先月と同じモデルを作り直そうとしたが、学習に使った期間が分からなかった。

# %% 練習 1
causes = {"a": ..., "b": ..., "c": ..., "d": ..., "e": ..., "f": ...}

# %% 確認 1
given = causes if isinstance(causes, dict) else {"a": ...}
assert all(given.get(key, ...) is not ... for key in "abcdef"), (
    "まだ答えの入っていない事故があります。`causes`は辞書のまま、`a`から`f`までを部分の名前に書き換えてください。"
)
chosen = {key: str(given[key]).strip() for key in "abcdef"}
keys = {
    "a": ("特徴量エンジニアリング", "学習と予測で、計算が違います"),
    "b": ("プロセス管理ツール", "決まった日に動かす仕事が、人の記憶に頼っています"),
    "c": ("データ検証", "入ってきた時点で、値の範囲がいつもと違います"),
    "d": ("モニタリング", "動いている間の見込みと実際を、誰も比べていません"),
    "e": ("計算リソース管理", "仕事の量に、計算機の量が合っていません"),
    "f": ("設定管理", "何を使って学習したかが、残っていません"),
}
odd = [key for key in keys if chosen[key] not in {name for name, _ in keys.values()}]
assert not odd, f"`{odd[0]}`の「{chosen[odd[0]]}」は、選べる6つの名前にありません。"
wrong = [f"`{key}`は、{why}" for key, (name, why) in keys.items() if chosen[key] != name]
assert not wrong, (
    f"合わない事故が{len(wrong)}つあります。{wrong[0]}。表の「何をするか」と見比べてください。"
)
print("正解です。どの事故も、モデルのコードの外で起きています。")

# %% [markdown]
# 練習2では、次の8つの表を使います。
#
# - `healthy`: 7月の正常な表
# - `wrong_unit`: 月額が千円の単位になった表
# - `half_empty`: 注文回数の半分が空になった表
# - `new_word`: 知ったきっかけに、知らない言葉が入った表
# - `few_empty`、`many_empty`: 注文回数の11行に1行、7行に1行が空になった表
# - `one_cheap`、`one_word`: 1行だけ、月額が900円の表、知らない言葉の入った表
#
# 知ったきっかけの正しい言葉は、`churn.CHANNELS`にあります。

# %%
import churn

healthy = july[["orders", "monthly_fee", "channel"]].reset_index(drop=True)
wrong_unit = healthy.assign(monthly_fee=healthy["monthly_fee"] / 1000)
half_empty = healthy.assign(orders=healthy["orders"].where(healthy.index % 2 == 0))
new_word = healthy.assign(channel=healthy["channel"].replace({"広告": "AD"}))
print(churn.CHANNELS)

# %%
few_empty = healthy.assign(orders=healthy["orders"].mask(healthy.index % 11 == 0))
many_empty = healthy.assign(orders=healthy["orders"].mask(healthy.index % 7 == 0))
one_cheap = healthy.assign(monthly_fee=[900, *healthy["monthly_fee"][1:]])
one_word = healthy.assign(channel=["SNS", *healthy["channel"][1:]])

# %% [markdown]
# 確認では、次の表を順に渡します。
# 右の言葉は、問題のある列です。

# %%
both_broken = wrong_unit.assign(orders=half_empty["orders"])
at_limit = healthy[healthy["channel"] != "店頭"].assign(monthly_fee=1000)
batch_cases = {
    "healthy": (healthy, ""),
    "few_empty": (few_empty, ""),
    "half_empty": (half_empty, "orders"),
    "many_empty": (many_empty, "orders"),
    "new_word": (new_word, "channel"),
    "one_word": (one_word, "channel"),
    "wrong_unit": (wrong_unit, "monthly_fee"),
    "one_cheap": (one_cheap, "monthly_fee"),
    "2つ壊れた表": (both_broken, "monthly_fee orders"),
    "月額が1000円ちょうどで、店頭が0人の表": (at_limit, ""),
}

# %% [markdown]
# ### 練習 2: 入ってきたデータを検査する
#
# 1か月分の表`batch`を受け取り、見つけた問題を、日本語の文の一覧（リスト）で返す関数`check_batch`を書いてください。
# 問題がなければ、空のリストを返します。
# 調べることは3つです。
#
# 1. `monthly_fee`の最小値が1000円より小さい。
# 2. `orders`の空の割合が1割より大きい。
# 3. `channel`に、`churn.CHANNELS`にない言葉がある。
#
# 1つの列の問題は1つの文にまとめ、どの列の問題かが分かるように、その列の名前を入れてください。
# 書いた関数は、`check_batch(wrong_unit)`のように呼んで試せます。
#
# <details><summary>ヒント</summary>
#
# 空のリスト`problems = []`を作り、`if`で調べて`problems.append("文")`で足し、最後に返します。
# 空の割合は`batch["orders"].isna().mean()`、知らない言葉は`set(batch["channel"]) - set(churn.CHANNELS)`で調べられます。
#
# </details>

# %% 練習 2
check_batch = ...

# %% 確認 2
assert check_batch is not ..., "まだ答えが入っていません。`...`を関数に書き換えてください。"
assert callable(check_batch), "`check_batch`が関数ではありません。`def check_batch(batch):`で始めます。"
for name, (batch, columns) in batch_cases.items():
    try:
        found = check_batch(batch.copy())
    except Exception as error:
        found = f"途中で止まりました（{type(error).__name__}）"
    lines = list(map(str, found)) if isinstance(found, list) else None
    named = [c for c in ("channel", "monthly_fee", "orders") for one in lines or [] if c in one]
    hint = ("引数`batch`、列の名前、`if`に渡すのが`.min()`のような1つの値かを見てください。" if "途中で" in str(found)
            else "`return`でリストを返します。`append`の結果を変数に入れていないかも見てください。" if lines is None
            else "条件の境目と向き、`if`の分け方、列の名前を見ます。文は1つの列に1つで、`def`の中で作ったリストに`append`します。")
    assert lines is not None and len(lines) == len(named) and named == columns.split(), (
        f"{name}の問題は{len(columns.split())}件のはずですが、返事は`{str(found)[:80]}`でした。{hint}")
print("正解です。壊れた表を、学習や予測に使う前に止められます。")

# %% [markdown]
# ### 練習 3: 差が大きくなった最初の月を調べる
#
# 見込みと実際の差の監視を置きます。
# `by_month`の各行（予測した月）について、「実際の解約率 ÷ モデルの見込み」を求めます。
# 1.3を超えた行が、警報の対象です。
# 対象になる最初の「予測した月」を、`"2025-09"`のような行の名前のまま`first_alert`に入れてください。
# 対象になる行の数を、整数で`n_alerts`に入れてください。
# `by_month`は書き換えません。
#
# <details><summary>ヒント</summary>
#
# 割り算の結果を`ratio`に入れると、`ratio[ratio > 1.3]`で対象の行だけが残ります。
# 行の名前は`.index`に並んでいて、数は`len(…)`で分かります。
#
# </details>

# %% 練習 3
first_alert = ...
n_alerts = ...

# %% 確認 3
from numbers import Integral

assert first_alert is not ... and n_alerts is not ..., "まだ答えの入っていない変数があります。"
month = str(first_alert)
answers = used.groupby(used["month"].dt.strftime("%Y-%m"))[["predicted", "churned"]].mean()
assert month in answers.index, (
    "`first_alert`が`by_month`の行の名前ではありません。`\"2025-09\"`のような、行の名前のままの文字列にします。"
)
over = answers[answers["churned"] / answers["predicted"] > 1.3]
late = "答えの出る月ではなく、予測した月を答えます。"
hint = late if month > over.index[0] else "割り算の向きと、1.3を超えるかを見てください。"
assert month == over.index[0], f"月が合いません。{hint}"
assert isinstance(n_alerts, Integral) and n_alerts == len(over), (
    "`n_alerts`が合いません。1.3を超えた行をすべて数えて、整数で入れてください。"
)
print("正解です。答えは翌月末に出るので、警報が鳴るのは予測した月の1か月後です。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** 解約予測のモデルが、エラーを出さずに毎月動いています。
# 言えることはどれですか。
#
# <details><summary>ア. エラーがないので、予測も当たり続けている</summary>
#
# 不正解です。
# 止まらないことと当たることを同じに考えたくなりますが、ひだまり便のモデルは止まらずに外れました。
#
# </details>
# <details><summary>イ. 動いていることだけで、当たっているかは別に調べる</summary>
#
# 正解です。
# 見込みと実際を比べるか、入力の変化を見ます。
#
# </details>
# <details><summary>ウ. 半年もたてば外れているので、新しいモデルに差し替える</summary>
#
# 不正解です。
# 古くなるほど疑う理由は増えますが、世の中が変わらなければ当たり続けます。
# 差し替えるかどうかは、見込みと実際を比べてから決めます。
#
# </details>
#
# **問 2.** 入力の分布の監視だけが警報を鳴らしました。
# 見込みと実際の差は、まだ分かりません。
# どうしますか。
#
# <details><summary>ア. すぐに新しいデータで学習し直し、差し替える</summary>
#
# 不正解です。
# 急ぎたくなりますが、変化の理由が単位の間違いなら、壊れたデータで学習することになります。
#
# </details>
# <details><summary>イ. 何が変わったかを調べ、使う人に知らせ、答えが出たら比べる</summary>
#
# 正解です。
# 入力の変化は、外れた証拠ではなく、調べ始める合図です。
#
# </details>
# <details><summary>ウ. 答えが出る翌月末まで待ってから調べる</summary>
#
# 不正解です。
# 確かな答えを待ちたくなりますが、その間の予算が、外れた見込みで組まれるかもしれません。
#
# </details>
#
# **問 3.** 2015年の論文が指摘したことはどれですか。
#
# <details><summary>ア. 実際のシステムでは、モデルのコードはごく一部で、周りの仕組みが大きい</summary>
#
# 正解です。
# 後回しにした周りの仕組みが、見えにくい負債になるという話です。
#
# </details>
# <details><summary>イ. モデルのコードが長く複雑になりすぎている</summary>
#
# 不正解です。
# 複雑なのは、モデルのコードよりも、周りの仕組みとそのつながりです。
#
# </details>
# <details><summary>ウ. 機械学習の負債は、モデルのコードを読み直すと見つかる</summary>
#
# 不正解です。
# ふつうのソフトウェアの負債から考えるとそう思えます。
# 誰が予測を使っているか、どの列がどの列を肩代わりしているかは、コードを読んでも分かりません。
#
# </details>
#
# **問 4.** MLOpsの説明として合うものはどれですか。
#
# <details><summary>ア. MLflowやUnity Catalogを導入すること</summary>
#
# 不正解です。
# 道具は助けになりますが、入れただけでは、見張る人も直す手順も決まりません。
#
# </details>
# <details><summary>イ. 学習と予測を、人の手を借りずに動くプログラムにすること</summary>
#
# 不正解です。
# 自動化は手段の1つです。
# 見張らずに自動にすると、ひだまり便と同じ外れた予測が、休まずに出続けます。
#
# </details>
# <details><summary>ウ. コード、データ、モデルの変化を追いながら、運用を回し続ける取り組み</summary>
#
# 正解です。
# 何をどこまでするかは、次のレッスンで段階に分けます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - データや世の中が変わっても、入ってくる表が壊れても、モデルはエラーを出さずに外れます。
# - 順位の成績が保たれていても、確率の大きさが外れることがあるので、使い道に合わせて見張ります。
# - 入力の監視は早く、結果の監視は確かです。
# - モデルのコードの周りには、設定管理からモニタリングまで9つの部分が要り、後回しにした分は技術的負債になります。
# - 負債は、名乗り出ていない利用者、列どうしの絡み合い、フィードバックループのように、コードの外に隠れます。
# - MLOpsは、コード、データ、モデルの変化を追いながら、用意から見張りまでの輪を回し続ける取り組みです。
#
# 次のレッスンでは、これを一度にすべてそろえるのではなく、段階に分けて進めます。
