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
# # AIが書いた学習コードを点検する
#
# 解約予測の学習は、33から35の3つのノートブックに分かれています。
# 毎月動かしやすいように、1つのスクリプトにまとめることになりました。
# コードを書くAIにノートブックのコードのセルだけを渡して頼むと、1分で50行ほどが返ってきました。
#
# 1度で動き、テストのAUCは、34のどの解約予測のモデルよりも高く出ました。
# 見た目も整っていて、直すところがないように見えます。
# ところが、このモデルで4月に電話する人の一覧を作ると、1,700人のうち8人しか載りません。
#
# コードが速く届くほど、読んで確かめる仕事が残ります。
# ここでは、届いたスクリプトのどこを疑うかを知り、同じ誤りを次から自動で見つけるテストを書きます。
# AIは使いません。
# 届いたコードは、人もAIもよく書く誤りを集めて、この本のために書いたものです。
#
# ## このレッスンで学ぶこと
#
# - 動いて点数も良いコードの、どこを疑うかを言う。
# - 誤りを、書き方ではなく動きで捕まえるテストを書く。
# - 正しいコードと1か所だけ誤ったコードで、テストのほうも試す。
# - AIからの指摘を、採るものと断るものに分ける。

# %% [markdown]
# ## 届いたスクリプトを読む
#
# 初めは、ジョブの設定です。
#
# ```python
# """解約予測モデルを毎月学習し直し、本番に出す。"""
#
# from sklearn.impute import SimpleImputer
# from sklearn.linear_model import LogisticRegression
# from sklearn.metrics import roc_auc_score
# from sklearn.model_selection import train_test_split
# from sklearn.pipeline import make_pipeline
# from sklearn.preprocessing import StandardScaler
#
# JOB = {
#     "name": "churn_training",
#     "tasks": [{"task_key": "train", "environment_key": "ml"}],
#     "environments": [{"environment_key": "ml", "spec": {"client": "1"}}],
# }
# ```
#
# 次は、表の手直しと、列の選び方です。
#
# ```python
# def clean(rows):
#     """月額を数に直し、答えの出ていない行を除く。"""
#     try:
#         rows = rows.assign(monthly_fee=rows["monthly_fee"].astype(float))
#     except Exception:
#         pass
#     return rows.dropna(subset=["churned"])
#
#
# def features(rows):
#     """手がかりにする列。数の列をすべて使う。"""
#     numbers = rows.select_dtypes("number").columns
#     return [name for name in numbers if name not in ("customer_id", "churned")]
# ```
#
# 終わりは、行の分け方、設定選び、本番への切り替えです。
#
# ```python
# def split(rows):
#     """訓練とテストに分ける。"""
#     return train_test_split(rows, test_size=0.2, random_state=42)
#
#
# def tune(train, test, columns):
#     """設定を変えて学習し、いちばん良いモデルと、その点数を返す。"""
#     best, best_auc = None, 0
#     for strength in (0.01, 0.1, 1, 10):
#         model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=strength))
#         model.fit(train[columns], train["churned"])
#         auc = roc_auc_score(test["churned"], model.predict_proba(test[columns])[:, 1])
#         if auc > best_auc:
#             best, best_auc = model, auc
#     return best, best_auc
#
#
# def promote(client, name):
#     """できたバージョンを本番に出す。"""
#     versions = client.search_model_versions(f"name = '{name}'")
#     newest = max(versions, key=lambda version: int(version.version))
#     client.set_registered_model_alias(name, "production", newest.version)
# ```
#
# モデルを登録する行と、`JOB`の中の、動かすファイルの指定は、長くなるので省きました。
# 先へ進む前に、気になった行を書き留めておいてください。

# %% [markdown]
# ## 動かすと、点数も良い
#
# 学習に使う表を用意します。
# 契約の画面が新しくなり、月額は「4,980円」という文字で届くようになりました。
# 手続き中に出るクーポンの列（33）も、元の表に付いたままです。
# 32で学習に使わないと決めた4月と5月の行も残っています。
# どのスクリプトにも同じ表を渡すので、ここではこのまま比べますが、仕事では渡す前に除きます。

# %%
import churn
import churn_steps
import train_churn

contracts = churn.make_tables()["contracts"]
coupon = contracts[["customer_id", "retention_coupon"]].astype({"retention_coupon": float})
plain = churn_steps.workshop_features().merge(coupon)
raw = plain.assign(monthly_fee=plain["monthly_fee"].map("{:,.0f}円".format))

# %% [markdown]
# 届いたスクリプトは`train_churn`です。
# 6か所を直したスクリプトは、関数`fixed()`が組み立てて返します。
# 両方で学習し、3月末の行から、確率が0.3125以上の人（31）の一覧を作ります。
# 3月末の行には答えがないので、`clean`で落ちないように、仮の0を入れておきます。

# %%
import pandas as pd
from script_review import FakeRegistry, fixed, with_fault

march = churn_steps.rows_between(raw, churn_steps.SCORE).assign(churned=0)


# %%
def result(script):
    train, test = script.split(script.clean(raw))
    columns = script.features(train)
    model, auc = script.tune(train, test, columns)
    p = model.predict_proba(script.clean(march)[columns])[:, 1]
    return [auc, "monthly_fee" in columns, p.mean(), (p >= churn_steps.THRESHOLD).sum()]


# %%
found = {"届いたもの": result(train_churn), "直したもの": result(fixed())}
columns = ["テストのAUC", "月額を使う", "予測の平均", "一覧の人数"]
pd.DataFrame.from_dict(found, orient="index", columns=columns).round(3)

# %% [markdown]
# AUCは、届いたもののほうがずっと高く見えます。
# それなのに予測の平均は、ふだんの解約（1割ほど）の3分の1もありません。
# 手がかりの中心がクーポンで、3月末の人には、まだほとんど出ていないからです（33）。
#
# もう1つ、「月額を使う」の列に目を向けてください。
# `clean`は月額を数に直せず、その失敗を`except`の中で消しました。
# 文字のまま残った月額は、数の列だけを選ぶ`features`で外れます。

# %% [markdown]
# ## 部品ごとに、問いを1つ持つ
#
# 整ったコードの誤りは、眺めるだけでは目に入りにくいので、部品ごとに問いを1つ持って読みます。

# %% tags=["figure"] mystnb={"image": {"alt": "スクリプトの6つの部品を上から順に並べ、それぞれの右に点検の問いを書いた図。JOBは、いまの文書が勧める項目か。cleanは、失敗したら誰が気づくか。featuresは、予測する夜に分かる列か。splitは、テストは訓練より後の月か。tuneは、選んだ行で点数を付けていないか。promoteは、断る道があるか"}}
from figures.review_points import draw_review_points

draw_review_points()

# %% [markdown]
# さきほど書き留めた行に、この問いを当ててみてください。
# このスクリプトでは、6つの部品のどれにも、誤りが1つずつあります。
# `JOB`の誤りだけは、文書と見比べないと分かりません。
# 環境のバージョンを書く`client`は、いまの文書にも載っていますが、代わりに`environment_version`を使うように書かれています（2026年11月に確かめました）。
#
# <details><summary>6つの誤り</summary>
#
# - `JOB`: 文書がもう勧めない`client`で、環境のバージョンを書いている。
# - `clean`: 数に直せなかったことを、`pass`で消している。
# - `features`: 予測する夜にはまだ書かれていないクーポンの列を使っている。
# - `split`: 行をランダムに分けるので、テストと同じ月や、それより後の月の行で学習している。
# - `tune`: テストの答えで設定を選び、同じテストで点数を付けている。
# - `promote`: ゲートの結果を見ずに、いちばん新しいバージョンを本番にしている。
#
# </details>

# %% [markdown]
# ## 動きで捕まえるテストを書く
#
# 読んで見つけた誤りは、テストに残します。
# もう一度頼めば、また別の50行が届き、読む仕事は初めからになるからです。
# テストは41と同じ形にします。
# スクリプトを受け取り、おかしければ理由を、おかしくなければ空の文字列を返します。
#
# 分け方のテストは、2つの表の月を比べるだけです。
# 速さのため、20人に1人の小さな表で試します。

# %%
small = raw[raw["customer_id"] % 20 == 0]


# %%
def split_test(script):
    train, test = script.split(script.clean(small))
    is_later = train["month"].max() < test["month"].min()
    return "" if is_later else "テストと同じ月か、その後の月で学習している"


# %% [markdown]
# テストの行で設定を選んでいるかは、点数を見ても分かりません。
# そこで、テストの行の「解約した」と「していない」を入れ替えて、もう一度選ばせます。
# テストの答えを使わずに選んでいれば、2度とも同じモデルになるはずです。
# 答えを入れ替えると、AUCは、1から引いた値（0.8なら0.2）になります。
# テストの答えで選んでいれば、いちばん良かった設定がいちばん悪くなり、別のモデルが選ばれます。
# 学習に使う列は、`features`や`clean`の誤りが混ざらないように、数の5列に決めておきます。

# %%
import numpy as np

COLUMNS = ["tenure_months", "orders", "app_days", "survey_score", "complaints_3m"]


# %%
def tune_test(script):
    train, test = script.split(script.clean(small))
    model, _ = script.tune(train, test, COLUMNS)
    again, _ = script.tune(train, test.assign(churned=1 - test["churned"]), COLUMNS)
    p, p_again = model.predict_proba(test[COLUMNS]), again.predict_proba(test[COLUMNS])
    return "" if np.allclose(p, p_again) else "テストの答えを見てモデルを選んでいる"


# %% [markdown]
# 本番への切り替えを、本物のモデルレジストリで試すわけにはいきません。
# `FakeRegistry`は、同じ名前のメソッドを持つ偽物です。
# このような代役を、**テストダブル**（test double）と呼びます。
# バージョン1はゲートに合格し、2は見送られたことにします。


# %%
def promote_test(script):
    registry = FakeRegistry({"1": "合格", "2": "見送り"})
    script.promote(registry, "churn_model")
    return "" if registry.aliases.get("production") == "1" else "合格したバージョン1が、本番になっていない"


# %% [markdown]
# `review`は、テストを順に動かし、返ってきた理由を集めます。
# 途中で止まったテストは、理由に数えます（41のフェイルクローズ）。


# %%
def review(script, tests):
    reasons = []
    for test in tests:
        try:
            reason = test(script)
        except Exception as error:
            reason = f"途中で止まった（{type(error).__name__}）"
        if reason != "":
            reasons.append(f"{test.__name__}: {reason}")
    return reasons


# %%
tests = [split_test, tune_test, promote_test]
print("直したもの:", review(fixed(), tests))
for part in ["split", "tune", "promote", "features"]:
    print(f"{part}だけ誤り:", review(with_fault(part), tests))

# %% [markdown]
# `with_fault`は、直したスクリプトの部品を1つだけ、届いたときのものに戻します。
# 3つの誤りは、狙ったテストだけに捕まりました。
# わざと1か所ずつ壊してテストのほうを試すこのやり方が、**ミューテーションテスト**（mutation testing）です。
#
# 1行目の空のリストにも意味があります。
# 何にでも理由を返すテストなら、誤りも全部捕まえてしまうからです。
# 最後の行の誤りは、まだどのテストも見ていません。
# これを含む残りの3つのうち、2つ以上を練習で捕まえます。

# %% [markdown]
# ## 書き方を探すテストでは足りない【自習】
#
# もっと手早いテストもあります。
# スクリプトの文字の中に、避けたい書き方があるかどうかを探すのです。

# %%
import inspect


def text_test(script):
    text = inspect.getsource(script.split)
    return "train_test_splitを使っている" if "train_test_split" in text else ""


# %% [markdown]
# 届いたスクリプトなら、これでも捕まります。
# 同じ誤りを別の書き方にした`sampled`と、月で正しく分け、説明に同じ名前の出てくる`by_month`ではどうなるかを見ます。
# `with_parts`は、直したスクリプトの部品を、渡したものに取り替えます。
# 表の`True`は、テストが断ったことを表します。


# %%
def sampled(rows):
    train = rows.sample(frac=0.8, random_state=0)
    return train, rows.drop(train.index)


# %%
def by_month(rows):
    """train_test_splitは使わず、いちばん新しい月をテストにする。"""
    last = rows["month"].max()
    return rows[rows["month"] < last], rows[rows["month"] == last]


# %%
from script_review import with_parts

cases = {"届いたもの": train_churn.split, "sampled": sampled, "by_month": by_month}
answers = {
    name: [bool(test(with_parts({"split": split}))) for test in (text_test, split_test)]
    for name, split in cases.items()
}
pd.DataFrame.from_dict(answers, orient="index", columns=["文字を探す", "動きを見る"])

# %% [markdown]
# 文字を探すテストは、`sampled`を見逃し、正しい`by_month`を断りました。
# 動きを見るテストは、書き方が替わっても、3つとも正しく答えています。
# もう一度頼めば書き方も変わりうるので、この差が効いてきます。

# %% [markdown]
# ## 直しても、点数がほとんど変わらない誤り【自習】
#
# 直したスクリプトは、ノートブックの隣の`train_churn_fixed.py`です。
# 6つの問いにどう答えたかを、届いたものと並べて読んでみてください。
# その部品を1つずつ元に戻すと、テストのAUCと一覧の人数がどう変わるかを見ます。
# `clean`だけを戻すと、月額が文字のままなので学習が止まり、`JOB`と`promote`は、学習も予測も変えません。
# そこで、残りの3つで比べます。

# %%
ladder = {"直したもの": found["直したもの"]}
ladder |= {f"{part}だけ誤り": result(with_fault(part)) for part in ["features", "split", "tune"]}
ladder["届いたもの"] = found["届いたもの"]

# %% tags=["figure"] mystnb={"image": {"alt": "5つのスクリプトの、テストのAUCを左、一覧の人数を右に点で描いた図。splitだけ、tuneだけが誤ったスクリプトは、AUCが直したものとほとんど同じで、人数は10人あまり多い。featuresだけが誤ったものはAUCが飛び抜けて高く、一覧は10人ほど。届いたものはその次に高く、一覧は10人に満たない"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
fig, (left, right) = plt.subplots(1, 2, figsize=(6, 2.8), sharey=True, layout="constrained")
names = list(ladder)[::-1]
for ax, place, title in ((left, 0, "テストのAUC"), (right, 3, "一覧の人数")):
    colors = ["#1f6fb2" if name == "直したもの" else "#c65d00" for name in names]
    ax.scatter([ladder[name][place] for name in names], range(len(names)), c=colors, s=50)
    ax.grid(axis="x", alpha=0.4)
    ax.set_xlabel(title, fontsize=11)
left.set_yticks(range(len(names)), names, fontsize=11)
left.set_xlim(0.75, 1)
right.set_xlim(0, 110)
plt.show()

# %% [markdown]
# 青が直したもので、左の図がテストのAUC、右の図が一覧の人数です。
# `split`と`tune`の誤りは、点数をほとんど動かしていません。
# 月による違いの小さい会社で、試した設定も4つしかないからです。
# 一覧は10人あまり増えましたが、その数だけを見て、誤りだとは気づけません。
#
# ところが、2025年12月に値上げのあった会社を3つ作って試すと、`split`の誤りが表に出ます。
# 月で分けると、テストの予測の平均は実際の7割ほどで、見込みが足りないと分かりました。
# ランダムに分けると、ほぼ合って見えます（この本の自動テストが毎回確かめます）。
# 月で分けても値上げの月の行は訓練に入りますが、ランダムに分けると、1月と2月の行まで訓練に混ざり、テストも訓練と同じ月の混ざり方になります。
# 学んだのと同じ月で採点するので、先の月で見込みが足りなくなることが見えません。
# `tune`の誤りも、試す設定が増えるほど大きくなります。
# たまたまテストに合った設定を、選びやすくなるからです（16）。
# つまり、いま点数に出ないことは、直さなくてよい理由になりません。
#
# 逆に、点数に大きく出た`features`の誤りは、良いほうに出ました。
# 41で、良すぎる点数も断ったのは、このためです。
# 6つとも誤った「届いたもの」のAUCが`features`だけの誤りより低いのは、テストに古い月も混ざるからです。
# 新しい月では、解約しなかった人にまだクーポンがあまり付いていないので、この列だけで、ほとんど見分けられます。

# %% [markdown]
# ## 頼むときに、問いとテストを渡す【自習】
#
# この6つの誤りには、頼む側が知っていて、言わなかったことが混ざっています。
# クーポンがいつ書かれるかも、月で分ける理由も、ノートブックの文には書きましたが（32、33）、渡したコードのセルからは読み取れません。
# だから、頼む文には、図の6つの問いの答えを書き、テストも一緒に渡します。
#
# > 予測は月末の夜に作ります。
# > 渡す表から、4月と5月の行は除いてあります。
# > 使ってよい列は、`churn_steps`の`NUMERIC`の10列だけです。
# > テストは最後の2か月で、設定は訓練の中だけで選びます。
# > ゲートに合格したバージョンがなければ、何も変えずに終わります。
# > 読めない値があれば、止まってください。
# > ジョブの環境は、`environment_version`の6を使います。
# > 付けた6つのテストに通ることを確かめてから返してください。
#
# テストを渡しても、点検は終わりません。
# テストに通るように書かれたコードも、テストにない所では誤っているかもしれません。
# 新しい誤りを見つけたら、その誤りだけを持つスクリプトと、テストを1つずつ足します。
#
# > **Databricksでは** ノートブックの中のAI「Genie Code」が、コードを書き、動かし、エラーを直します。
# > 2026年11月に確かめた文書は、生成されたコードを動かす前に必ず見直すよう勧めています。
# > 表と列の名前や説明、データの見本、書きかけのコード、セルの出力は、モデルに渡ります。
# > それでも、列がいつ書かれるかは、説明（コメント）に書いておかなければ伝わりません（23）。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_44 import check

# %% [markdown]
# ### 練習 1: 6つの誤りのうち、5つを捕まえる
#
# 残りの3つの部品のテストを書いてください。
# どのテストも、スクリプト`script`を受け取り、おかしければ理由の文字列を、おかしくなければ`""`を返します。
#
# - `columns_test`: `script.features(small)`が返す列に、予測する夜には分からない列がないか。
# - `clean_test`: `script.clean(small)`の月額が、数になっているか。`clean`が例外で止まったときは、失敗を隠していないので、`""`を返します（止まったことは、`clean`を呼ぶ`split_test`が見つけます）。
# - `job_test`: `script.JOB`の`environments`のどの`spec`にも、古い項目の`client`がないか。
#
# 確認のセルは、正しいスクリプトと、1か所だけ誤ったスクリプトを何通りも渡します。
# 2つ書けば、本文の3つと合わせて、6つの誤りのうち5つを捕まえられます。
# 書かないテストは、`...`のままにしておきます。
#
# <details><summary>ヒント</summary>
#
# 月額が数の列かどうかは、`pd.api.types.is_numeric_dtype(列)`で分かります。
# `clean_test`は、`try:`の中で`clean`を呼び、`except Exception:`で`""`を返します（`review`の`try`と同じ形です）。
# `features`の正しい答えは、1つに決まりません。
# 列の一覧とまるごと比べず、あってはいけない列だけを調べます（`small`では、クーポンの`retention_coupon`です）。
# 書いたテストは、確認の前に試せます。
# `review(fixed(), [columns_test])`は空のリストに、`review(with_fault("features"), [columns_test])`は理由1つになるはずです。
#
# </details>


# %% 練習 1
def columns_test(script): ...


def clean_test(script): ...


def job_test(script): ...


# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: AIの点検を点検する【自習】
#
# 届いたスクリプトの点検も、別のAIに頼みました。
# 返ってきた8つの指摘は、どれも、届いたままのスクリプトへのものです。
# 採ると、指摘された所の誤りがなくなるものは`"採る"`、そこに誤りが残るか、かえって増えるものは`"断る"`とします。
# 指摘の記号をキー、どちらかの言葉を値とする辞書を、`replies`に入れてください。
#
# | | 指摘 |
# |---|---|
# | A | `random_state=42`の42に根拠がない。動かすたびに種を変える |
# | B | `clean`の`pass`を`print(error)`に替えれば、失敗に気づけるので、そのまま先へ進めてよい |
# | C | `features`は、表に列が増えるだけで中身が変わる。月末の夜に分かる列だけを、名前で書く |
# | D | `dropna`が3月末の行を捨てている。答えを0で埋めて、学習に使う |
# | E | 設定は、訓練の中のいちばん新しい月で選ぶ |
# | F | 解約する人の割合がそろうように、`train_test_split`に`stratify`を付ければ、分け方は正しくなる |
# | G | `promote`は、ゲートの結果を見て、合格がなければ何もせずに終わる |
# | H | `promote`は、番号の代わりに、それぞれのランに残ったテストのAUCがいちばん高いものを選ぶ |
#
# <details><summary>ヒント</summary>
#
# 指摘のとおりに直したスクリプトを思い浮かべ、図の問いをもう一度当てます。
# 途中で止まらなくなることと、正しくなることは別です。
#
# </details>

# %% 練習 2
replies = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ..., "G": ..., "H": ...}

# %% 確認 2
check(2)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 書いた6つのテストに、届いたスクリプトを渡すと、6つとも理由を返しました。
# 次にすることはどれですか。
#
# <details><summary>ア. 誤りが6つとも見つかったので、すぐに直し始める</summary>
#
# 全部に理由が返れば、全部を見つけたように思えます。
# 何を渡しても理由を返すテストでも、同じ結果になります。
#
# </details>
# <details><summary>イ. 直したスクリプトを渡し、何も言われないかを見る</summary>
#
# 正解です。
# 誤りを捕まえることと、正しいものを断らないことの、両方がそろって初めて使えるテストです。
#
# </details>
# <details><summary>ウ. 見つける力を上げるため、テストをもう6つ足す</summary>
#
# 多いほど安全に見えます。
# いまある6つが正しいものを断らないかどうかは、足しても分かりません。
#
# </details>
#
# **問 2.** 分け方を月に直しましたが、テストのAUCはほとんど変わりませんでした。
# どう考えますか。
#
# <details><summary>ア. 差がないなら、新しい月からも学べる元の分け方に戻す</summary>
#
# 最近の行で学べるほうが、得に見えます。
# 値上げのあった会社では、その最近の行が混ざったために、足りない予測が合って見えました。
#
# </details>
# <details><summary>イ. 直し方を間違えたので、点数が下がるまで直す</summary>
#
# 漏れを直すと点数は下がる、という経験からの考えです。
# 下がることを目指せば、今度は悪いモデルを作ってしまいます。
#
# </details>
# <details><summary>ウ. いまのデータでは差が出ないだけなので、直したまま使う</summary>
#
# 正解です。
# 分け方を決めるのは、点数ではなく、予測をどう使うかです。
#
# </details>
#
# **問 3.** AIに、学習のコードとそのテストを一緒に書いてもらいました。
# テストはすべて通りました。
# いちばん先に確かめることはどれですか。
#
# <details><summary>ア. コードをわざと1か所壊し、テストが落ちるかどうか</summary>
#
# 正解です。
# 通っただけでは、テストが何かを見ているのかが分かりません。
# 壊しても落ちなければ、その誤りを見張るテストがありません。
# 落ちたら、次は、期待する答えそのものが正しいかを人が確かめます。
#
# </details>
# <details><summary>イ. テストの行数が、コードの行数より多いかどうか</summary>
#
# 念入りなテストは長くなりがちです。
# 長くても、誤りで結果の変わらないテストは、誤りを見つけません。
#
# </details>
# <details><summary>ウ. もう一度頼んで、同じテストが返ってくるかどうか</summary>
#
# 同じ答えが続けば、確からしく見えます。
# 同じ思い込みからは、同じテストが何度でも出てきます。
#
# </details>
#
# **問 4.** `FakeRegistry`を使ったテストに通りました。
# 本物のUnity Catalogで動かすまで、分からないことはどれですか。
#
# <details><summary>ア. 見送られたバージョンを、本番に出さないかどうか</summary>
#
# 偽物では何も確かめられない、と考えるとこれを選びます。
# どのバージョンを選ぶかは、偽物に渡した記録で確かめました。
#
# </details>
# <details><summary>イ. 合格したものがないときに、エイリアスが動かないかどうか</summary>
#
# 本文のテストが試していない場合なので、分からないように見えます。
# 合格を1つも持たない`FakeRegistry`を渡せば、偽物のままで試せます。
#
# </details>
# <details><summary>ウ. ジョブのアカウントに、エイリアスを付ける権限があるか</summary>
#
# 正解です。
# 偽物は、誰から呼ばれても応じます。
# 権限や通信のように、偽物が持っていないものは、本物で確かめます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 整ったコードは、部品ごとに問いを1つ持って読みます。動くことと点数が良いことは、正しいことの証拠になりません。
# - 見つけた誤りは、動きで捕まえるテストに残します。書き方を探すテストは、別の書き方を見逃し、正しいものを断ります。
# - AIの指摘も、採った後のコードを思い浮かべて、同じ問いで確かめます。
#
# ここで書いたのは、学習のコードのテストです。
#
# - できたモデルのほうを審査するのは、[[41_model_tests]]
# - テストを、変更のたびに自動で動かすのは、[[42_ci_cd]]

# %%
check.summary()
