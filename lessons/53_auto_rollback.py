# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     minutes: 35
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # 自動ロールバック
#
# 2027年の春、ひだまり便は、月に1度の一覧のほかに、毎晩の予測からも電話する人を選び始めました。
# そのとき、決まりを1つ加えます。
# 「予測の平均が、いつもから1割を超えてずれたら、前のバージョンに戻す」。
#
# 決まりが最初に働いた夜は、うまくいきました。
# 昼に差し替えたバージョン3が、いつもの2倍近い人に電話しようとし、仕組みは夜中の2時に、ひとりでバージョン2へ戻したのです。
#
# 次に働いた夜は、違いました。
# 予測の平均がいつもの4分の3に下がり、仕組みは決まりどおり、2を1に戻します。
# ところが朝、奈良さんが一覧を開いても、平均は下がったままでした。
# 月額の列が、千円の単位で届いていたからです。
# 悪かったのは表で、2は何もしていません。
# しかも表が直った後も、ひだまり便はしばらく、古い1で電話をかけ続けました。
#
# 戻して直るのは、原因がバージョンにあるときだけです。
# ここでは、原因の分かっている夜を作り、見分けて戻し、記録するところまでを動かします。
#
# ## このレッスンで学ぶこと
#
# - 同じ表を2つのバージョンで予測し、原因がバージョンか表か世の中かを見分ける。
# - 信号から、4つの行動（続ける・戻す・止める・学習し直す）のどれかを決める。
# - 最後に良かったバージョンへエイリアスで戻し、足すだけの表に記録する。
# - 12晩の演習で、気づくまでと直るまでを数える。
# - 誤って学習し直す回数から、「何か月続いたら」を選ぶ。

# %% [markdown]
# ## 3つのバージョンを用意する
#
# 51の何も起きない世界を使います。
# バージョン1は33と同じ月（2025年6月から10月）、2は2026年8月から12月の行で学習しました。
# 3は2と同じ月ですが、月額が千円の単位のまま届いた表で学習しています（41のゲートなら断る候補です。ここでは、ゲートを通さずに差し替えてしまったとします）。
# どれも勾配ブースティング（33）です。

# %%
import churn_steps
from churn_steps import FEATURES, rows_between
from churn_worlds import LEARNED, make_world

world = make_world()
recent = rows_between(world, ("2026-08-01", "2026-12-01"))


def train(rows):
    model = churn_steps.make_model(churn_steps.candidates()["boosting"])
    return model.fit(rows[FEATURES], rows["churned"])


def in_thousands(rows):
    return rows.assign(monthly_fee=rows["monthly_fee"] / 1000)


# %%
models = {1: train(rows_between(world, LEARNED)), 2: train(recent), 3: train(in_thousands(recent))}

# %% [markdown]
# 今夜の表は、2027年2月末に契約中の、3,000人ほどの顧客です（51で顧客を増やした、値上げの起きない世界です）。
# 前のバージョンの「いつもの平均」は、その前の半年から求めておきます。


# %%
def chances(version, rows):
    return models[version].predict_proba(rows[FEATURES])[:, 1]


# %%
tonight = world[world["month"] == "2027-02-01"]
half_year = rows_between(world, ("2026-08-01", "2027-01-01"))
usual = {
    version: [chances(version, rows).mean() for _, rows in half_year.groupby("month")]
    for version in (1, 2)
}
print({version: f"{min(means):.3f}から{max(means):.3f}" for version, means in usual.items()})

# %% [markdown]
# 何もなければ、月ごとの平均はほとんど動きません。
# ただ、2の半年には2が学習した月も入っているので、仕事では、学習に使っていない月だけで求めます。

# %% [markdown]
# ## 原因の分かる夜を作る
#
# 4つの夜を作ります。
# どの夜も、いま使っているバージョン（`今`）と、その前に使っていたバージョン（`前`）の両方で、**同じ表** を予測します。
# コードでは、（前、今、表）の順に並べます。
# 本番に使わないバージョンにも裏で同じ表を予測させることを、**シャドー**（shadow）といいます。
# 出す前の候補に使うことが多く、ここでは前のバージョンに使います。
# 値上げの夜だけは、2027年2月に値上げをした別の世界の表です。

# %%
price = make_world(price_rise_month="2027-02", price_rise_yen=1500)
price_night = price[price["month"] == "2027-02-01"]
nights = {
    "いつもの夜": (1, 2, tonight),
    "悪いバージョン": (2, 3, tonight),
    "千円の表": (1, 2, in_thousands(tonight)),
    "値上げ": (1, 2, price_night),
}

# %%
import numpy as np
import pandas as pd

THRESHOLD = churn_steps.THRESHOLD


def signals(before, now, rows):
    old, new = chances(before, rows), chances(now, rows)
    return {
        "前の平均": old.mean(),
        "今の平均": new.mean(),
        "前÷いつも": old.mean() / np.mean(usual[before]),
        "今÷前": new.mean() / old.mean(),
        "電話（前）": (old >= THRESHOLD).sum(),
        "電話（今）": (new >= THRESHOLD).sum(),
    }


# %%
table = pd.DataFrame({name: signals(*night) for name, night in nights.items()}).T
table.round(3).astype({"電話（前）": int, "電話（今）": int})

# %% [markdown]
# 電話をかける人は、確率が31の分かれ目（0.3125）以上の人です。
#
# - **悪いバージョン** の夜、前のバージョンはいつもどおりで、今だけが1.5倍になりました。同じ表の同じ列を使っているので、違いはバージョンから来ています。
# - **千円の表** の夜は、前も今も一緒に下がりました。今÷前も1.04から0.94に下がりましたが、前÷いつもは0.84まで下がっています。
# - **値上げ** の夜は、どの信号も静かです。

# %% tags=["figure"] mystnb={"image": {"alt": "横が前のバージョンの平均÷いつも、縦が今÷前の図。いつもの夜と値上げの夜は真ん中の「続ける」の箱に、悪いバージョンの夜は真上の「戻す」の帯に、千円の表の夜は左の「止める」の帯にある"}}
from figures.rollback import draw_signals

draw_signals(table["前÷いつも"], table["今÷前"])

# %% [markdown]
# 横（前÷いつも）に動いたら、まず表を疑います。
# 縦（今÷前）に動いたら、バージョンを疑います。
# 前のバージョンも一緒に動いたかどうかが、2つを分けます。
# ただし、本当に顧客が変わった夜も両方が動くので、表が悪いと決まるわけではありません。
# 値上げの夜がいつもの夜に重なるのは、変わったのが、おもに前からの顧客の離れやすさだからです（51）。

# %% [markdown]
# ## AUCは、教えてくれない【自習】
#
# 翌月末になれば、AUCも計算できます。
# 悪いバージョンは、AUCでも分かるでしょうか。

# %%
from sklearn.metrics import roc_auc_score

answers = tonight["churned"]
by_version = [chances(version, tonight) for version in (2, 3)]
for version, p in zip((2, 3), by_version, strict=True):
    calls = int((p >= THRESHOLD).sum())
    print(f"バージョン{version}: AUC {roc_auc_score(answers, p):.3f}、電話 {calls}人")
extra = table.loc["悪いバージョン", "電話（今）"] - table.loc["悪いバージョン", "電話（前）"]
print(f"余分な電話の費用: {1500 * extra:,.0f}円")
gains = [4800 * answers[p >= THRESHOLD].sum() - 1500 * (p >= THRESHOLD).sum() for p in by_version]
print(f"損得: バージョン2は{gains[0]:,.0f}円、3は{gains[1]:,.0f}円")

# %% [markdown]
# AUCは0.01も下がりません。
# それでいて電話は2倍近くになり、1回の一覧で、費用が37万円ほど増えます（電話は1人に月1回です）。
# 余分な電話で見つかる解約を差し引いても、12万円ほどの損です。
# 月額を5円や6円の所で分けるように学んだ木には、本物の5,480円も6,980円も、同じくらい高く見えます。
# 多くの人の確率が一緒に上がるので、順番はあまり変わらないのです。

# %% [markdown]
# ## 決まりを、順番のある文にする
#
# AUCも実際の解約も、分かるのは翌月末です。
# 次の表のうち、今夜の決定に使えるのはアとイだけで、ウは、結果の分かった月から使います。
# 上から順に確かめ、当てはまった所で決めます。
#
# | 順 | 確かめること | 決めること |
# |---|---|---|
# | ア | 前÷いつもが、0.9から1.1の外 | **止める**。今夜の表を使わず、昨日の一覧から、もう電話した人を除いて配り、人を呼ぶ |
# | イ | 今÷前が、0.8から1.2の外 | **戻す**。前のバージョンで一覧を作り直す |
# | ウ | 実際÷見込み（電話した人を除き、対照群の1人を5人分に数える）が分かっていて、0.7から1.3の外 | **学習し直す**。季節の波でないこと（51）を確かめて候補を作り、テストに通してから替える |
# | エ | どれでもない | **続ける** |
#
# アを先にするのは、表が壊れた夜には、イの比（今÷前）も当てにならないからです。
# たとえば前が2で今が3の夜に千円の表が届くと、千円の表で学習した悪いはずの3のほうが、実際に近い見込みを出します。
# また、「翌月末まで分からない」は「0だった」とは違うので、分かるまでウは飛ばします。
#
# イで戻すのは用心で、悪いと決まったわけではありません。
# 値上げの後に学習し直したときのように、わざと見込みを変えた差し替えでは、予想される比に合わせて幅を書き換えてから出します。
#
# 1割と2割という幅は、何も起きない夜の揺れから確かめます（51と同じ考えです）。
# 今夜の行から、重なりを許して同じ人数を引き直し（ブートストラップ、34）、3,000通りの顔ぶれで信号を作ります。

# %%
old, new = chances(1, tonight), chances(2, tonight)
drawn = np.random.default_rng(0).integers(len(old), size=(3000, len(old)))
before_usual = old[drawn].mean(axis=1) / np.mean(usual[1])
now_before = new[drawn].mean(axis=1) / old[drawn].mean(axis=1)
for name, values in {"前÷いつも": before_usual, "今÷前": now_before}.items():
    print(f"{name}: {values.min():.2f}から{values.max():.2f}")

# %% [markdown]
# 人の入れ替わりの偶然だけなら、3,000回引いても、幅の外には出ません。
# 同じ人を2つのバージョンで比べる今÷前は、揺れの多くが打ち消し合うので、前÷いつもの半分より狭い幅に収まります。
# それでも2割まで許すのは、良いバージョンどうしでも、学習した月や列が違えば平均は変わるからです（1と2でも1.04倍です）。
# 揺れだけで幅を決めると、良い差し替えまで戻してしまいます。
# 人数の少ない支店では揺れが大きいので、幅もその人数で引き直して決めます。
#
# この決まりを、4つの夜に当てはめます。
# 関数は練習1で書くので、ここでは同じ働きのものを先に使います。

# %%
import churn_ops

for name, (before, _, _) in nights.items():
    means = table.loc[name, ["前の平均", "今の平均"]]
    print(f"{name}: {churn_ops.decide(*means, usual[before])}")

# %% [markdown]
# 値上げの夜の「続ける」も、正しい判断です。
# 今夜の時点では、戻せば良くなるとも、学習し直せば良くなるとも言えません。
# 種を替え、顧客を半分にした20の会社でも、悪いバージョンの夜は「戻す」、千円の表の夜は「止める」になります（この本の自動テストが毎回確かめます）。

# %% [markdown]
# ### 平均に出ない、悪いバージョン【自習】
#
# 契約3か月以内の人を除いた行で学習してしまったバージョン4は、どう見えるでしょうか。

# %%
models[4] = train(recent[recent["tenure_months"] > 3])
for who, rows in {"全員": tonight, "新規": tonight[tonight["tenure_months"] == 1]}.items():
    print(f"{who}: 今÷前は{chances(4, rows).mean() / chances(2, rows).mean():.2f}")

# %% [markdown]
# 全員では2割の幅の内側で、「続ける」になります（幅を1割に狭めれば見つかりますが、良い差し替えも戻しやすくなります）。
# ところが新規だけで比べると、4割も低くなっています。
# 新規は契約したばかりで離れやすい人たちなので（41）、見逃しが増えます。
# だから、同じ決まりを、新規のようなスライス（41）ごとにも当てはめます。
# 幅は、スライスの人数で引き直し、見る所が増えた分も広げます。
#
# - 出す前に、スライスごとのテストで止める方法は、[[41_model_tests]]

# %% [markdown]
# ## 戻す先を、番号ではなく記録で決める
#
# 戻すと決めても、「1つ前の番号」が良いバージョンとは限りません。
# 見送ったバージョンや、前に取り下げたバージョンかもしれないからです。
# そこで、使い始めたこと（`使う`）、ゲートで落ちたこと（`見送り`）、取り下げたこと（`取り下げ`）を、起きた順に記録します。

# %%
log = [(1, "使う"), (2, "使う"), (3, "使う")]
print("戻す先:", churn_ops.last_good(log))

# %% [markdown]
# 記録は、うっかり書き換えられない所に残します。
# Deltaの表は、`delta.appendOnly`を付けると、行を消したり直したりする操作を断ります。
# ただし、表ごと消す`DROP TABLE`は止められず、表に書ける人なら設定も外せるので、書く人の手の届かない所にも控えを残します（61）。

# %% slide="notes"
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS auto_rollback")
spark.sql("USE auto_rollback")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")

# %%
SWITCHES = "number INT, night INT, version INT, event STRING, reason STRING"
dropped = spark.sql("DROP TABLE IF EXISTS switches")
created = spark.sql(f"""
    CREATE TABLE switches ({SWITCHES})
    TBLPROPERTIES ('delta.appendOnly' = 'true')
""")


# %%
def read_log():
    return spark.table("switches").orderBy("number").toPandas()


def write_down(night, events, reason):
    first = len(read_log()) + 1
    rows = [(first + i, night, *event, reason) for i, event in enumerate(events)]
    spark.createDataFrame(rows, SWITCHES).write.mode("append").saveAsTable("switches")


# %%
write_down(0, [(1, "使う"), (2, "使う")], "これまでの記録")
try:
    spark.sql("DELETE FROM switches WHERE version = 1").collect()
except Exception as error:
    print(str(error).split("]")[0] + "]")

# %% [markdown]
# 消そうとすると、足すだけの表は変えられない（`DELTA_CANNOT_MODIFY_APPEND_ONLY`）と断られました。

# %% [markdown]
# ## エイリアスを付け替えて、戻す
#
# 3つのバージョンを登録し、`production`を付けます（24）。
# バージョン3を使い始めた、昼の状態です。

# %% slide="notes"
import contextlib
import io
import logging

import mlflow
import sklearn
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature

logging.getLogger("mlflow").setLevel(logging.ERROR)
mlflow.end_run()
path = f"/Users/{spark.sql('SELECT current_user()').first()[0]}/53_auto_rollback"
if mlflow.get_experiment_by_name(path) is None:
    mlflow.create_experiment(path)
experiment = mlflow.set_experiment(path)

# %% slide="notes"
client = mlflow.MlflowClient()
model_name = f"{spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}.churn_nightly"
try:
    client.delete_registered_model(model_name)
except MlflowException as error:
    if error.error_code != "RESOURCE_DOES_NOT_EXIST":
        raise


# %% slide="notes"
def register(version):
    example = tonight[FEATURES].head(3)
    with mlflow.start_run(run_name=f"version_{version}"), contextlib.redirect_stderr(io.StringIO()):
        info = mlflow.sklearn.log_model(
            models[version],
            name="model",
            signature=infer_signature(example, models[version].predict_proba(example)),
            pyfunc_predict_fn="predict_proba",
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
        )
        return int(mlflow.register_model(info.model_uri, model_name).version)


# %%
registered = [register(version) for version in (1, 2, 3)]
client.set_registered_model_alias(model_name, "production", 3)
client.set_registered_model_alias(model_name, "champion", 3)
write_down(4, [(3, "使う")], "昼の差し替え")


# %%
def alias(name):
    return int(client.get_model_version_by_alias(model_name, name).version)


def roll_back(bad, night, reason):
    aliases = {name: alias(name) for name in ("champion", "production")}
    rows = read_log()
    log = list(zip(rows["version"].tolist(), rows["event"], strict=True))
    after, new_log = churn_ops.rollback(aliases, log, bad)
    if aliases["production"] != bad:
        print(f"バージョン{bad}は、もう使われていません。何もしません。")
    elif after == aliases:
        print("戻す先がありません。人を呼びます。")
    else:
        client.set_registered_model_alias(model_name, "production", after["production"])
        write_down(night, new_log[len(log) :], reason)
        print(f"{bad}から{after['production']}へ戻しました。")


# %%
roll_back(3, night=4, reason="今÷前が1.2を超えた")
roll_back(3, night=4, reason="今÷前が1.2を超えた")
print("production:", alias("production"), "champion:", alias("champion"))

# %% [markdown]
# 2度目は、何もしませんでした。
# 夜のジョブは、自動でやり直されることがあります（52）。
# 呼ばれるたびに1つずつ古いバージョンへ落ちていく仕組みでは、やり直しが事故になります。
# そこで、「戻せ」ではなく「3を取り下げろ」と頼み、3がもう使われていなければ何もしないようにしました（練習3）。
# 52の手順は記録を先に書きますが、ここではエイリアスを先に動かします。
# 理由は2つあります。
# 1つは、途中で止まっても、悪い一覧をもう一晩配らないためです。
# もう1つは、戻す先を記録から選ぶためです。
# もし記録を先に書いて止まると、やり直しは記録の最後の2を「いま使っているもの」と読み、その前の1まで戻してしまいます。
#
# ただし、付け替えた直後に止まると、記録だけが残りません。
# だから毎晩、`production`と、記録の最後の`使う`を比べ、違えば人を呼びます。
#
# `champion`は3のままです。
# 動かすのは`production`だけです。
# 3がなぜ悪かったのか、なぜゲートを通さずに出たのかは、朝になってから人が調べます（それまで昇格と差し替えは止めます）。
# 悪いと決まったら、`champion`も2に戻します。
# 3を基準にしたままでは、3より悪くないだけの候補が通るからです。

# %%
read_log()

# %% [markdown]
# > **Databricksでは** エイリアスの付け替えは、監査ログ（23）にも残ります。
# > モデルを呼び出す宛先（エンドポイント、endpoint）を作って使うときは、宛先がバージョンを指定して動くので、エイリアスを戻しただけでは替わりません。
# > 24で開いたままの画面が前のバージョンで予測し続けたのと同じで、エンドポイントの設定も一緒に戻します（文書で確かめたことで、実機では動かしていません）。

# %% [markdown]
# ## 12晩の演習
#
# 決まりも、使う前に試します。
# 12晩を作り、4晩目の昼にバージョン3へ差し替え、7晩目と8晩目は千円の表を届け、10晩目からは値上げの世界にします。
# 毎晩の表は、その月の行から、重なりを許して同じ人数を引いて作ります。


# %%
def table_of(night):
    rows = price_night if night >= 10 else tonight
    drawn = np.random.default_rng(night).integers(len(rows), size=len(rows))
    return in_thousands(rows.iloc[drawn]) if night in (7, 8) else rows.iloc[drawn]


# %% [markdown]
# 冒頭の決まり（`simple_rule`）と、順番のある決まりを、同じ12晩で動かします。
# 戻す先のバージョンを`前`として、今と比べます（戻す先がない晩は、今どうしを比べます）。
# いつもの平均には、どちらの決まりも、前のバージョンのものを使います。


# %%
def simple_rule(before, now, usual):
    return "続ける" if 0.9 <= now / np.mean(usual) <= 1.1 else "戻す"


def replay(rule):
    aliases, log, rows = {"production": 2}, [(1, "使う"), (2, "使う")], []
    for night in range(1, 13):
        if night == 4:
            aliases, log = {"production": 3}, [*log, (3, "使う")]
        now = aliases["production"]
        good = churn_ops.last_good(log)
        before = now if good is None else good
        means = [chances(version, table_of(night)).mean() for version in (before, now)]
        decision = rule(*means, usual[before])
        if decision == "戻す":
            aliases, log = churn_ops.rollback(aliases, log, now)
        ratios = (means[0] / np.mean(usual[before]), means[1] / means[0])
        rows.append([night, now, *ratios, decision, aliases["production"]])
    columns = ["晩", "昼のバージョン", "前÷いつも", "今÷前", "決定", "朝のバージョン"]
    return pd.DataFrame(rows, columns=columns).set_index("晩")


# %%
drill = {"冒頭の決まり": replay(simple_rule), "順番のある決まり": replay(churn_ops.decide)}
drill["順番のある決まり"].round(2)

# %% tags=["figure"] mystnb={"image": {"alt": "12晩の図が2段。冒頭の決まりは4晩目に3から2へ、7晩目に2から1へ戻し、8晩目にも戻す印が付くが、その後も1のまま。順番のある決まりは4晩目に3から2へ戻し、7晩目と8晩目は止める印が付き、2のまま12晩目まで続く"}}
from figures.rollback import draw_drill

draw_drill(drill)

# %% [markdown]
# 横は12晩、縦は昼のバージョン、印は夜の決定です。
# 橙の地は千円の表の2晩、緑の地は値上げの後です。
# 4晩目は、どちらの決まりも3を2に戻しました。
# 違いは7晩目からです。
# 冒頭の決まりは、何も悪くない2を取り下げて1に戻し、千円の表から作った一覧を配りました。
# 8晩目にはまた「戻す」と決めましたが、戻す先がもうありません。
# 表が直った9晩目から後も、1のままです。
# 順番のある決まりは、2晩だけ止めて昨日の一覧を配り、表が直ると2で続けました。
#
# 仕組みの速さは、**平均検知時間**（MTTD、mean time to detect）と **平均復旧時間**（MTTR、mean time to restore）で表します。
# どちらも、起きた晩からの晩の数です。
# 検知は、「続ける」以外の決定が出た晩まで数えます。
# 復旧は、壊れていない表を本来のバージョン（どちらの出来事でも2）で予測し、一覧を配れた晩まで数えます。
# 10晩目からの値上げは、12晩のうちに気づけないので、この2つの平均から外します。


# %%
def times(run):
    found = {}
    for name, start, version in [("悪いバージョン", 4, 2), ("千円の表", 7, 2)]:
        noticed = run.index[(run.index >= start) & (run["決定"] != "続ける")].min() - start
        right = (run["朝のバージョン"] == version) & ~run.index.isin([7, 8])
        later = run.index[right & (run.index >= start)]
        found[name] = [noticed, later.min() - start if len(later) else np.nan]
    return pd.DataFrame(found, index=["気づくまで", "直るまで"]).T


# %%
pd.concat({name: times(run) for name, run in drill.items()})

# %% [markdown]
# 気づくまでは、どちらの決まりも0晩で変わりません。
# 違うのは、直るまでです。
# 順番のある決まりは、平均検知時間が0晩、平均復旧時間が1晩（0晩と2晩の平均）でした。
# この2晩は表が直るまでの長さなので、どんな決まりでも、これより短くはなりません。
# ただし、3つの出来事のうち値上げには、12晩では気づけませんでした。
# 平均だけを報告すると、見逃すほど良く見えるので、気づけなかった数も並べて伝えます。
# 冒頭の決まりでは、千円の表の後、12晩のうちに元へ戻りません（`NaN`）。
# いつもの夜の電話の人数は、1と2でほとんど同じです。
# だからひだまり便は、誰も選んでいない1を使い続けていることに、気づけません。

# %% [markdown]
# ## 値上げの月に、戻してはいけない
#
# 10晩目からの値上げを早く知らせるのは、51で作った入力のモニタリングです。
# 51が残した表（なければ同じものを作ります）から、新規の月額のPSIを読みます（51の世界では、値上げは2026年10月でした）。

# %%
churn_ops.open_monitor(spark)
fee = spark.sql("""
    SELECT window.start AS month, round(population_stability_index, 2) AS psi
    FROM drift_metrics
    WHERE column_name = 'monthly_fee' AND slice_key = 'tenure_months = 1'
    ORDER BY month
""").toPandas()
fee[4:8]

# %% [markdown]
# 値上げの月に、はっきり跳ね上がります。
# けれども、前のバージョンも値上げを知らないので、入力の警報では戻さずに人を呼び、翌月末の「実際÷見込み」を待ちます。
#
# その翌月末が来ました（この世界では誰にも電話していないので、全員で測ります）。

# %%
predicted = chances(2, price_night)
ratio = price_night["churned"].mean() / predicted.mean()
decision = churn_ops.decide(chances(1, price_night).mean(), predicted.mean(), usual[1], ratio)
print(f"実際÷見込みは{ratio:.2f}、決定は「{decision}」")

# %% [markdown]
# 結果がそろって初めて、「学習し直す」になります。
#
# - 学習し直すときの、月の選び方と審査のしかたは、[[52_auto_retraining]]

# %% [markdown]
# ## 何か月続いたら学習し直すか【自習】
#
# 「実際÷見込み」は人数が少ないほど揺れます。
# 小さな外れにも早く気づこうと、線を決まりの1.3倍より低い1.15倍に引くとします。
# 何も変わっていない会社と、解約が本当に見込みの1.2倍になった会社で、ランダムに解約させ、線を超える月を数えます。


# %%
def over(true_ratio):
    rng, found = np.random.default_rng(0), {}
    for people in (500, 1000, 3000):
        drawn = rng.choice(chances(2, tonight), size=(3_000, people))
        churned = rng.random(drawn.shape) < true_ratio * drawn
        ratios = churned.mean(axis=1) / drawn.mean(axis=1)
        once, high = (ratios > 1.15).mean(), (ratios > 1.3).mean()
        found[f"{people}人"] = [f"{once:.1%}", f"{once**2:.2%}", f"{high:.2%}"]
    return found


# %%
rates, rates_off = over(true_ratio=1), over(true_ratio=1.2)
columns = ["1.15倍を超える", "2か月続く", "1.3倍を超える"]
both = {"外れなし": rates, "本当に1.2倍": rates_off}
pd.concat({name: pd.DataFrame(found, index=columns).T for name, found in both.items()})

# %% [markdown]
# 500人の支店では、何もなくても1年に1度ほど、1.15倍を超えます。
# そこで「2か月続いたら」とすれば、表では、誤って学習し直す回数が10分の1より少なくなります（月ごとの偶然は別々だとしています）。
#
# 線を1.3倍に上げれば誤りはもっと減りますが、1.2倍の外れは見つけにくくなります。
# 本当に1.2倍でも、500人の支店が1.3倍を超えるのは5か月に1度ほどで、3,000人の会社ではほとんどありません。
# 「1.15倍が2か月続いたら」なら、500人でも平均で3か月半あまりで見つかります。
# その代わり、値上げのような大きな外れでも、必ず2か月待ちます。
# どちらを選ぶかは、見逃したくない外れの大きさと、遅れる損から決めます（練習4）。
#
# なお、この表は、確率がちょうど合い、全員の結果が分かる場合の数です。
# 見込みが実際より少し低いモデルでは、もっと増えます。
# 電話した人を除き、対照群の1人を5人分に数える会社でも揺れが大きく、1.15倍を超える割合は2倍ほどになるので、自分の数え方で引き直します。

# %% [markdown]
# ## 人を呼ぶ条件を決めておく【自習】
#
# 次のときは、仕組みだけで決めず、人を呼びます。
#
# | とき | 理由 |
# |---|---|
# | 「止める」になった | 表の直し方は、仕組みには分からない |
# | 戻す先がない（`last_good`が`None`） | 良いと分かっているバージョンがない |
# | 戻してから3晩のうちに、また「戻す」になった | 原因がバージョンではなかったか、戻す先も悪い。行ったり来たりを止める |
# | `production`と、記録の最後の`使う`が違う | 付け替えの途中で止まったか、誰かが手で替えた |
# | 入力の警報が鳴った（51） | 前のバージョンも、その変化を知らない |
# | 「学習し直す」になった | 候補を作るのは自動でも、替える前にテストと人の目を通す |
#
# 3つ目のような、最後に動いてから次に動くまでの休みを、**クールダウン**（cool-down）といいます（12晩の演習には入れていません）。

# %% [markdown]
# ## 練習
#
# 練習1から3で書く関数は、本文で先に使ったものと同じ働きをします。

# %%
from checks.lesson_53 import check

# %% [markdown]
# ### 練習 1: 今夜することを決める
#
# 本文の表の決まりを、関数`decide`にしてください。
#
# - `before`、`now`: 同じ表に、前のバージョンと今のバージョンが付けた確率の平均
# - `usual`: 前のバージョンの、これまでの平均のリスト
# - `actual_ratio`: 実際÷見込み。まだ分からなければ`None`
#
# 返すのは、`"止める"`、`"戻す"`、`"学習し直す"`、`"続ける"`のどれかです。
# いくつも当てはまるときは、本文の順で先のものを返します。
# 境目ちょうどの値は、幅の内側とします（ちょうどの値では試しません）。
# 試すときは、`decide(0.115, 0.120, usual[1], None)`のように、4つとも渡します。
#
# <details><summary>ヒント</summary>
#
# `usual`の平均は`np.mean(usual)`です。
# `None`は数と比べられないので、比べる前に、`None`でないことを確かめます。
#
# </details>

# %% 練習 1
def decide(before, now, usual, actual_ratio):
    ...


# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 戻す先を選ぶ
#
# 記録`log`から、戻す先のバージョンを返す関数`last_good`を書いてください。
# `log`は、`(バージョン, 出来事)`を起きた順に並べたリストです。
# 出来事は`"使う"`（使い始めた）、`"見送り"`（ゲートで落ち、使わなかった）、`"取り下げ"`（悪くて使うのをやめた）のどれかです。
#
# - いま使っているのは、最後に`"使う"`となったバージョンです。戻す先には選びません。
# - 使ったことのあるバージョンのうち、取り下げたままのものは除きます。取り下げた後に、もう一度`"使う"`となったものは良いバージョンです。
# - 残ったうち、いちばん後に使い始めたものを返します。無ければ`None`を返します。
#
# `"取り下げ"`のすぐ後には、代わりのバージョンの`"使う"`が必ず続きます。
#
# ```python
# last_good([(1, "使う"), (2, "見送り"), (3, "使う"), (3, "取り下げ"), (1, "使う"), (4, "使う")])  # 1
# ```
#
# <details><summary>ヒント</summary>
#
# `dict(log)`は、バージョンごとに、最後の出来事を残した辞書になります。
#
# </details>

# %% 練習 2
def last_good(log):
    ...


# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 2度呼んでも、1度だけ戻す【自習】
#
# 次の関数は、`aliases`（エイリアスの名前とバージョンの辞書）と記録`log`から、戻した後の`(aliases, log)`を返します。
#
# ```python
# def rollback(aliases, log, bad):
#     now = aliases["production"]
#     good = now - 1
#     for name in aliases:
#         aliases[name] = good
#     log.append((now, "取り下げ"))
#     log.append((good, "使う"))
#     return aliases, log
# ```
#
# 3つの事故が起きました。
#
# - 途中でやり直されて2度動き、2つ前まで戻った。
# - 見送ったバージョンに戻った。
# - `champion`まで動き、夜中の仮の判断で、ゲートの基準まで替わった。
#
# 次を守るように、`rollback`を書き直してください。
#
# - `bad`は、取り下げるバージョンです。`production`がもう`bad`でなければ、何も変えません。
# - 戻す先は`churn_ops.last_good(log)`で、`None`なら何も変えません。
# - 動かすのは`production`だけです（`aliases`には、ほかの名前も入っています）。
# - 記録には、`(bad, "取り下げ")`と`(戻す先, "使う")`をこの順に足します。
# - 受け取った`aliases`と`log`は書き換えず、新しいものを返します。何も変えないときは、受け取ったものをそのまま返してもかまいません。
#
# <details><summary>ヒント</summary>
#
# 1つのキーだけを替えた新しい辞書は`{**辞書, キー: 値}`、後ろに足した新しいリストは`[*リスト, 値]`で作れます。
#
# </details>

# %% 練習 3
def rollback(aliases, log, bad):
    ...


# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 何か月続いたら学習し直すか【自習】
#
# 500人の支店で、「実際÷見込みが1.15を超える月が`n`か月続いたら、学習し直す」と決めます。
# 何も起きない支店が1.15を超える割合は、月ごとに別々の偶然で、本文の表の500人の値とします（まだ電話を始めていない支店です）。
# 5年間（60か月）に誤って学習し直す回数の見込みを、`60 × 割合のn乗`とします。
#
# 見込みが1回以下になる、いちばん小さい`n`を`months_in_a_row`に入れてください。
# また、値上げのような変化で外れ始めたとき、その`n`では、変わった月も数えて何か月分の一覧が外れるかを`months_wrong`に入れてください。
# 変わってからは、毎月1.15を超えるとします。
# 実際÷見込みは、月に1度の一覧で測り、分かるのは配った翌月の末です（1月末に配った一覧の結果は、2月末に分かります）。
# 学習し直したモデルはテストと人の確認に回すので、結果が分かった月末の一覧には間に合わず、使うのは次の月末の一覧からです。
#
# <details><summary>ヒント</summary>
#
# 1月末の一覧から外れ始め、`n`が1なら、2月末に1月の結果を見て学習し直し、3月末の一覧から使います。
# `n`が2なら、いつ学習し直し、どの一覧から使えるでしょうか。
# ここでは月数だけを数え、学習し直したモデルが変わった後の行を学べているか（52）は問いません。
#
# </details>

# %% 練習 4
months_in_a_row = ...
months_wrong = ...

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 今夜、今のバージョンの平均がいつもの0.7倍、前のバージョンの平均もいつもの0.7倍でした。
# することはどれですか。
#
# <details><summary>ア. 今のバージョンが外れているので、前のバージョンに戻す</summary>
#
# 平均が下がれば戻したくなります。
# けれども前のバージョンも同じだけ下がっているので、戻しても0.7倍のままです。
#
# </details>
# <details><summary>イ. 今夜の表を止め、届いた表を調べる</summary>
#
# 正解です。
# 2つに共通なのは表です。
# 昨日の一覧を配り、表を直してから続けます。
#
# </details>
# <details><summary>ウ. 世の中が変わったので、届いた表で学習し直す</summary>
#
# 世の中が変わったのかもしれません。
# しかし表が壊れているなら、壊れた値を学ばせることになるので、先に表を調べます。
#
# </details>
#
# **問 2.** 悪いバージョンのAUCが、良いバージョンとほとんど同じでした。
# それでも困るのは、どの使い方ですか。
#
# <details><summary>ア. 確率の高い順に、毎月50人に電話する</summary>
#
# 確率が違えば困ると考えたくなります。
# 順番だけを使うなら、確率の膨らみは効きません（選ばれる50人が同じとは限らないので、上位50人の当たりは別に確かめます）。
#
# </details>
# <details><summary>イ. どの使い方でも、AUCが同じなら困らない</summary>
#
# AUCは成績を1つの数にしたものなので、これで足りると思いがちです。
# AUCが見るのは順番だけで、確率の大きさは見ません。
#
# </details>
# <details><summary>ウ. 確率が0.3125以上の人に電話する</summary>
#
# 正解です。
# 確率が膨らむと、線を超える人が増え、得より費用の大きい電話が増えます。
#
# </details>
#
# **問 3.** `roll_back`が、エイリアスを3から2へ付け替えた直後、記録を書く前に止まりました。
# 同じ引数でやり直されると、どうなりますか。
#
# <details><summary>ア. 本番は2のまま、記録は3を使ったままになる</summary>
#
# 正解です。
# やり直しは、3がもう使われていないと見て、何もしません。
# だから毎晩、`production`と記録の最後の`使う`を比べます。
#
# </details>
# <details><summary>イ. 本番は1になり、記録は2の取り下げで終わる</summary>
#
# 呼ばれるたびに1つ古いものへ戻す作りなら、そうなります。
# この関数が動くのは、頼まれた3をまだ使っているときだけです。
#
# </details>
# <details><summary>ウ. 本番は2のまま、足りない記録が書き足される</summary>
#
# やり直せば、止まった所の続きから動くように思えます。
# 実際には初めから動き、付け替えと記録は、どちらも飛ばされます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 戻して直るのは、原因がバージョンにあるときだけです。表なら止め、世の中なら学習し直します。
# - 同じ表を前と今の2つで予測します。一緒に動けば表、今だけ動けばバージョンを、まず疑います。
# - 戻す先は記録から選びます。動かすのは`production`だけで、2度呼ばれても1度だけ戻します。
# - 使う前に12晩で試し、気づくまでと直るまでを数えます。
# - 遅い信号の「何か月続いたら」は、何もないときに誤って学習し直す回数から選びます。
#
# ここでは、夜にそろった表を見張りました。
#
# - 夜を待たずに、届いた予測の記録を見張るのは、[[54_streaming_monitoring]]

# %%
check.summary()
