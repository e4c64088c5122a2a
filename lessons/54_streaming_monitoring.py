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
# # ストリームのモニタリング
#
# 2027年の春から、ひだまり便の電話窓口では、かけてきたお客さんの解約の確率が画面に出ます。
# 出した予測は記録に残り、毎朝、各地の窓口から前の日の分が1つの表に届きます。
# 担当の人は、その表を初めから数え直し、前の日の件数と確率の平均を朝会で報告していました。
#
# 表は増え続け、もう数えた行まで読み直す時間も、日ごとに延びていました。
# そこで、増えた分だけを数えて足すように直したところ、「金曜の電話が、いつもの2倍」と出ました。
# 奈良さんは次の金曜の当番を増やしましたが、電話はいつもの数でした。
# 回線が途中で切れ、金曜の記録が2度送られていたのです。
# 一方、3日遅れで届いた土曜の中国・四国の分は、どの日の数にも入っていませんでした。
#
# 増えた分だけを読むコードは、数行で書けます。
# 難しいのは、2度届いても1度だけ数え、遅れて届いても正しい日に数え、途中で止まってもやり直せることです。
# ここでは、何が起きたか分かっている9日間を届け直して、この3つを満たす読み方を作ります。
#
# ## このレッスンで学ぶこと
#
# - 届いた分だけを読み、どこまで読んだかをチェックポイントに残す。
# - 2度届いても1行になるように、`foreachBatch`と`MERGE`で書く。
# - まだ出ていない日と、捨てられた行を、ウォーターマークから説明する。
# - 読んでいる表が書き換えられたとき、飛ばすか、変更を伝えるかを選ぶ。
# - 遅れをどれだけ待つかを、届き方の記録から決める。

# %% [markdown]
# ## 何が起きたか分かっている9日間
#
# 月曜から次の週の火曜までの予測を用意しました。
# `arrivals`は、窓口から届く順に並んだ行を返します。
# 事故がなければ、どの行も次の朝に1度だけ届きます。
# `week`では、金曜の分が2度届き、土曜の中国・四国の分が3日遅れて届きます。
# さらに日曜は、月額が千円の単位のままモデルに入りました（21）。
# `events`は、この9日間に窓口が本当に出した予測で、数えた結果の答え合わせに使います。

# %%
import prediction_log

quiet = prediction_log.arrivals(accident=False)
week = prediction_log.arrivals(accident=True)
events = prediction_log.events()
print(f"出した予測は{len(events):,}件、届いた行は{len(week):,}行")
week.head(2)

# %% tags=["figure"] mystnb={"image": {"alt": "横が予測した日、縦が届いた朝の図。翌朝に届いた丸が斜めに並ぶ。金曜の上にはもう1度届いた橙の丸が、土曜の上には3日遅れて届いた小さな橙の丸がある"}}
from figures.streams import draw_arrivals

draw_arrivals(week)

# %% [markdown]
# 斜めに並ぶ灰色の丸が、翌朝に届いた分です（丸が大きいほど、行が多いことを表します）。
# 橙の2つが届き方の事故で、斜めの並びから上に離れるほど、遅れて届いています（日曜の月額の誤りは、この図には出ません）。
# 出来事の起きた時刻（`predicted_at`）と、届いた時刻（`arrived`）は別のものです。
# 数えたいのは横の日ごとですが、手元に来るのは縦の順です。
#
# 何も起きない週なら、どう作っても、出てきた日の件数は同じです。
# 作り方の違いが出るのは事故のあった週だけなので、その週で試します。

# %% [markdown]
# ## 届いた分だけを読む
#
# 届いた記録を入れる表`prediction_log`を作ります。
# `delta.enableChangeDataFeed`は、表の変更を後から読むための設定です（後の自習の節で使います）。

# %% slide="notes"
import shutil

from checkpoints import checkpoint_folder
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS streaming_monitoring")
spark.sql("USE streaming_monitoring")
print(f"表の置き場所: {spark.catalog.currentDatabase()}")


# %%
def start_over(name):
    spark.sql(f"DROP TABLE IF EXISTS {name}")
    shutil.rmtree(checkpoint_folder(spark, name), ignore_errors=True)


# %% [markdown]
# `start_over`は、何度でも初めから試せるように、表と、どこまで読んだかの記録のフォルダー（すぐ後で説明します）を消します。
# `shutil.rmtree`は、フォルダーを中身ごと消します。

# %%
for name in ["prediction_log", "arrived_rows", "window_counts"]:
    start_over(name)
created = spark.sql(f"""
    CREATE TABLE prediction_log ({prediction_log.SCHEMA})
    TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')
""")
entered = set()


# %% [markdown]
# `arrive`は、`until`の朝までに届いた分のうち、まだ入れていないものを表に足します。
# 入れた朝は`entered`に控えます。


# %%
def arrive(until):
    mornings = week["arrived"].astype(str)
    new = week[(mornings <= until) & ~mornings.isin(entered)]
    if len(new):
        rows = spark.createDataFrame(new, prediction_log.SCHEMA)
        rows.write.mode("append").saveAsTable("prediction_log")
        entered.update(mornings[new.index])


# %% [markdown]
# 増え続ける表を、まだ読んでいない行だけ順に読むのが **ストリーム**（stream）です。
# `spark.table`を`spark.readStream.table`に替えると、表がストリームになります。
# 読んだ行を別の表に足すには、次のように書きます。

# %%
log = spark.readStream.option("startingVersion", 0).table("prediction_log")


def append_new(stream, name):
    (
        stream.writeStream.option("checkpointLocation", str(checkpoint_folder(spark, name)))
        .trigger(availableNow=True)
        .toTable(name)
        .awaitTermination()
    )


# %% [markdown]
# - `startingVersion`が0なら、表を作ったとき（バージョン0、14）からの変更を順に読みます。
# - `availableNow=True`を付けると、いま届いている分を終わりまで読んで止まります。付けないと、次の行を待ち続けます。
# - `checkpointLocation`は、どこまで読んだかを書いておくフォルダーです。この記録を **チェックポイント**（checkpoint）といい、本のしおりの働きをします。
#
# 1日に1度動かせば、毎朝のモニタリングになります。
# 行が届き続けるところなら、5分ごとに動かして、5分遅れのモニタリングにもできます。
# 書き方は同じで、どれだけ早く気づけるかは、動かす間隔で決まります。
#
# 火曜から金曜の朝に、月曜から木曜の分が届きました。

# %%
arrive("2027-06-11")
append_new(log, "arrived_rows")
print(f"1度目: {spark.table('arrived_rows').count():,}行")

# %% [markdown]
# 土曜から月曜の朝の分が届いてから、もう1度動かします。

# %%
arrive("2027-06-14")
append_new(log, "arrived_rows")
read = (week["arrived"].astype(str) <= "2027-06-14").sum()
print(f"2度目: {spark.table('arrived_rows').count():,}行、届いた行は{read:,}行")

# %% tags=["figure"] mystnb={"image": {"alt": "元の表の3つの箱のうち、火曜から金曜の朝は読み終えた分、火曜と水曜の朝はまだ届かない分。チェックポイントの続きの、土曜から月曜の朝の分だけが1回分として読まれ、書き込み先へ足される。チェックポイントには、月曜の朝まで、と書かれる"}}
from figures.streams import draw_checkpoint

draw_checkpoint()

# %% [markdown]
# 青が2度目に読まれた分で、どこまで読んだかは、橙のチェックポイントに残ります。
# 2度目は、増えた分だけが足されました。
# 新しい行がないときに動かしても、何も足しません。
# 途中で止まっても、同じチェックポイントで動かし直すなら、足すだけの書き込みで同じ行が2度足されることはありません。
# Deltaの表は、どの回まで書いたかを覚えていて、済んだ回の書き込みを飛ばすからです。
#
# ただし、チェックポイントを「古いファイルだから」と消すと、次は初めから読み直し、すべての行がもう1度足されます。
# チェックポイントは書き込み先の表と組なので、片方だけを消してはいけません。
# 数え方を変えて作り直すときは、新しい表と新しいチェックポイントを使います。
#
# > **Databricksでは** `checkpoint_folder`は、いまのスキーマにボリューム（ファイルを置く場所）を作り、その中のフォルダーを返します。
# > サーバーレスのノートブックとジョブで使えるのは`availableNow`だけで、時間を決めて動かし続ける指定は断られます。
# > 手元にはボリュームがないので、一時フォルダーになります。
# > この本の中で、動く場所によってすることを分けているのは、この関数だけです。
# > Databricksでの動きは文書で確かめたもので、実機では動かしていません。

# %% [markdown]
# ## 2度届いても、1度だけ数える
#
# チェックポイントが防ぐのは、こちらが同じ行を2度読むことです。
# 窓口が同じ記録を2度送ってきたら、どちらも新しい行なので、2度数えます。
# それを防ぐには、行そのものの番号（`prediction_id`）を見て、もうある行は足さないようにします。
# 35で使った`MERGE`です。
#
# `foreachBatch`は、読んだ行を1回分ずつ、ふつうの表として関数に渡します。


# %%
def upsert(batch, batch_id):
    batch.dropDuplicates(["prediction_id"]).createOrReplaceTempView("new_rows")
    batch.sparkSession.sql("""
        MERGE INTO predictions AS old USING new_rows AS new
        ON old.prediction_id = new.prediction_id
        WHEN NOT MATCHED THEN INSERT *
    """)


# %%
def merge_new(stream):
    (
        stream.writeStream.foreachBatch(upsert)
        .option("checkpointLocation", str(checkpoint_folder(spark, "predictions")))
        .trigger(availableNow=True)
        .start()
        .awaitTermination()
    )


# %% [markdown]
# `dropDuplicates`で、先に1回分の中の重なりを除きます。
# `MERGE`が比べるのは、もう表にある行とだけです。
# 同じ番号の新しい行が1回分の中に2行あると、どちらも「まだない行」なので、2行とも足されます。

# %%
start_over("predictions")
created = spark.sql(f"CREATE TABLE predictions ({prediction_log.SCHEMA})")
merge_new(log)
predicted = events[events["predicted_at"] < "2027-06-14"]
print(f"書いた行は{spark.table('predictions').count():,}行、出した予測は{len(predicted):,}件")

# %% [markdown]
# 2度届いた金曜の分は1度だけ入り、足りないのは、まだ届いていない土曜の中国・四国の分です。
#
# `foreachBatch`の関数は、1回分につき少なくとも1度は呼ばれますが、1度だけとは限りません。
# 書いた後、チェックポイントに記す前に止まると、次に動かしたときに同じ行をもう1度渡されるからです。
# `MERGE`のように、2度書いても結果の変わらない書き方（べき等、35）にしておけば、困りません。
#
# この関数には、もう1つ気をつけることがあります。
# Databricksでは、ノートブックとは別のPythonで動き、外の`spark`は使えません（手元では動くこともあります）。
# 渡された表の`batch.sparkSession`なら、どちらでも動きます。
# 外の変数は読めますが、それはコピーです。
# 関数の中で外のリストに足しても、リストは空のままなので、結果は表に書いて受け取ります。

# %% [markdown]
# ## 遅れて届く行と、まだ出ない日
#
# 表に足すだけでなく、ストリームのまま日ごとに数えることもできます。
# `window`は、時刻を1日ごとの区間（ウィンドウ）に分けます。
# 区切りは、世界標準時（UTC）の0時です。
# この記録の時刻は窓口の時計のままなので、そのまま日ごとに分かれます（UTCで届く記録なら、先に日本時間へ直します。32）。
#
# ただし、いつまでも遅れた行を待つと、その日の数はいつまでも決まりません。
# そこで、届いたいちばん新しい行の時刻から、決めた時間だけ前に線を引き、線より前に終わった区間は閉じます。
# この線が **ウォーターマーク**（watermark）です。
# ここでは、`withWatermark`で1時間前に引きます。
# 区間には`part`と名前を付け、その始まり（`part.start`）を日付にします。

# %%
by_day = (
    log.withWatermark("predicted_at", "1 hour")
    .groupBy(F.window("predicted_at", "1 day").alias("part"))
    .agg(F.count("*").alias("n"))
    .selectExpr("to_date(part.start) AS day", "n")
)
append_new(by_day, "window_counts")
spark.table("window_counts").orderBy("day").toPandas().T

# %% [markdown]
# 月曜から日曜の分が届いているのに、日曜がありません。
# 消えたのではなく、まだ閉じていないのです。

# %% tags=["figure"] mystnb={"image": {"alt": "金、土、日、月の4つの区間と、ウォーターマークの線。いちばん新しい行は日曜の夕方で、線はその1時間前にある。線より左で終わる金と土は閉じた、日は開いている、月はこれから"}}
from figures.streams import draw_watermark

draw_watermark()

# %% [markdown]
# 点線が届いた中でいちばん新しい行の時刻、橙の線がウォーターマークです。
#
# 足すだけの表では、一度出した数を後から直せません。
# だから、区間の終わりが線より前になり、もう変わらないと決まってから出します。
# 日曜の区間が終わるのは月曜の0時で、線はまだ日曜の夕方です。
# 月曜の行が届いて線が進むまで、日曜の数は出ません。
#
# 火曜と水曜の朝の分が届きます。
# 水曜の朝には、遅れていた土曜の中国・四国の分も入っています。
# `MERGE`のほうは、途中で止まってやり直したつもりで、もう書いた行も含めたすべての行を、`upsert`に直接渡します。
# `upsert`の受け取る表はふつうの表なので、ストリームでなくても呼べます（チェックポイントは進みません）。

# %%
arrive("2027-06-16")
append_new(by_day, "window_counts")
upsert(spark.table("prediction_log"), 0)

# %% [markdown]
# 3通りの数え方を、答え合わせします。

# %%
import pandas as pd

days = "to_date(predicted_at) AS day"
counted = {
    "出した予測": events.groupby(events["predicted_at"].dt.date).size(),
    "届いた行": week.groupby(week["predicted_at"].dt.date).size(),
    "ウィンドウ": spark.table("window_counts").toPandas().set_index("day")["n"],
    "MERGE": spark.table("predictions").selectExpr(days).toPandas()["day"].value_counts(),
}
table = pd.DataFrame(counted).sort_index().astype("Int64")
table.rename(index=lambda day: f"{day:%m-%d}").T

# %% [markdown]
# `MERGE`だけが、すべての日で、出した予測と一致しました。
# 同じ行をもう1度渡しても、増えていません。
#
# ウィンドウの行を見てください。
# 金曜は2倍のままで、土曜は足りません。
# 土曜の区間はもう閉じていたので、遅れて届いた行は、エラーにもならずに捨てられたのです。
# 捨てたことは、ストリームの動きの記録（`lastProgress`の`stateOperators`にある`numRowsDroppedByWatermark`）に残ります。
# この値は、日ごとにまとめた後の行を数えるので、捨てた37件とは合わず、見るのは0かどうかだけです。
# しかも、自分で見に行かなければ気づけません。
# 冒頭の土曜の分も、こうして消えていました。
# 日曜は出ましたが、今度は、最後の日の火曜がまだ出ていません。
#
# 線を2日前にすれば、毎朝動かしていても、土曜の分は捨てられません。
# 水曜の朝の分を読む前の線が、まだ土曜の夕方だからです。
# その代わり、どの日の数も、出るのがさらに2日遅れます。
# 毎朝の数がほしいモニタリングでは、行を`MERGE`で1度だけ入れ、直近の何日かを数え直すほうが向いています。
# 線を引くのは、知らせを送るときのように、出した数を後から直せない場合です。
#
# なお、待つ時間より遅い行が、必ず捨てられるわけではありません。
# 捨てるかどうかは、その回を読む前の線で決まります。
# 線が進むのは1回分を読み終えた後なので、区間が前の回までに閉じていなければ、遅い行も数に入ります。

# %% [markdown]
# ## 毎朝の数にする
#
# `predictions`を、毎朝、直近の7日だけ数え直します。
# いまは6月16日の朝なので、9日からの7日です。
# つまり、ふつうより7日以上遅れて届いた分は、毎朝の数に入れないと決めたのです。

# %%
daily = spark.sql("""
    SELECT to_date(predicted_at) AS day, count(*) AS n, avg(probability) AS mean
    FROM predictions WHERE predicted_at >= '2027-06-09'
    GROUP BY 1 ORDER BY 1
""").toPandas()

# %% [markdown]
# 平均がどこまで動いたら知らせるかは、53と同じように、何も起きない週から同じ人数を引き直して決めます。
# `quiet`は、この9日間に事故がなかったらという、作りものの世界でだけ手に入る記録です。
# 仕事では、事故がなかったと確かめた、前の月の記録を使います。

# %%
import numpy as np

usual = quiet["probability"].to_numpy()
fewest = daily["n"].min()
drawn = np.random.default_rng(0).choice(usual, size=(3000, fewest)).mean(axis=1) / usual.mean()
print(f"何も起きない日の、平均÷いつも: {drawn.min():.2f}から{drawn.max():.2f}")
daily["ratio"] = daily["mean"] / usual.mean()
daily.round(3)

# %% [markdown]
# いちばん少ない日の件数（`fewest`）では、何も起きなくても、平均が2割より大きく揺れることがあります（53の1割は、3,000人ほどの表の幅でした）。
# 少し外側に丸めて、幅を0.7から1.3とすると、外れるのは13日の日曜だけです。
# 月額が千円の単位で入った日でした。
# 53の千円の表より大きく下がるのは、この窓口のモデルが`logistic`で、月額が小さいほど確率を下げ続けるからです。
# 53の決まりは前のバージョンの平均を使いますが、この窓口では、前のバージョンに予測させていません。
# 代わりに今の平均をこの幅と比べれば、13日だけが **止める** になります。
# ただし、今の平均だけでは、表とモデルのどちらが悪いのかは分からないので、人が表を調べます。
#
# 3つの事故は、それぞれ別の所に表れました。
#
# | 事故 | 届いた行の数 | `MERGE`した後の数 | `MERGE`した後の確率の平均 |
# |---|---|---|---|
# | 同じ記録が2度届いた | 2倍になる | 変わらない | 動かない |
# | 一部が遅れて届いた | その日は足りない | 届けば増える | その分がほかと似ていれば、ほとんど動かない |
# | 月額が千円の単位だった | 変わらない | 変わらない | 大きく動く |
#
# 確率の平均だけを見ていたら、初めの2つは見逃します。
# 仕事では、届いた行の数と`MERGE`した後の数の差、地域ごとの件数、確率の平均を、毎朝並べて見ます。

# %% [markdown]
# ## 読んでいる表が書き換えられたら【自習】
#
# 法務の小林さんから、退会した1人の顧客番号を記録から消してほしいと頼まれました。
# 予測の記録は残し、番号だけを空にします。
# ここでは、金曜に予測の出た（記録が2度届いた）人で試します。
# 元の表を直してから、いつものようにストリームを動かします。

# %%
person = int(week.loc[week["prediction_id"].duplicated(), "customer_id"].iloc[0])
updated = spark.sql(
    f"UPDATE prediction_log SET customer_id = NULL WHERE customer_id = {person}"
).first()
print(f"番号を空にした行は{updated['num_affected_rows']}行")

# %% [markdown]
# エラーの長い記録は`logging`で隠し、`re.search`でエラーの名前だけを取り出します。

# %%
import logging
import re

logging.disable(logging.ERROR)
try:
    append_new(log, "arrived_rows")
except Exception as error:
    print(re.search(r"DELTA_\w+", str(error))[0])
logging.disable(logging.NOTSET)

# %% [markdown]
# ストリームは、このエラーで止まりました。
# 変わった行をもう1度渡せば2度数えるかもしれず、渡さなければ古いまま残ります。
# どちらがよいかをDeltaは知らないので、止まって人に決めさせます。
#
# 1つ目の決め方は、変更を **飛ばす** ことです。
# 読む側に、次の指定を足します。
#
# ```python
# log = spark.readStream.option("skipChangeCommits", "true").table("prediction_log")
# ```
#
# これでストリームは動きますが、変更が伝わらないので、こちらの表には番号が残ります。
# しかも、行を書き換えた変更（コミット）を丸ごと飛ばすので、その変更が一緒に足した新しい行も読みません。
#
# 2つ目は、変更そのものを読んで、こちらの表にも **伝える** ことです。
# 初めに付けておいた設定で、Deltaの表は、どの行がどう変わったかを記録しています。
# これが **変更データフィード**（change data feed）で、`table_changes`で読めます。

# %%
history = spark.sql("DESCRIBE HISTORY prediction_log").where("operation = 'UPDATE'")
version = history.agg(F.max("version")).first()[0]
changes = spark.sql(f"SELECT * FROM table_changes('prediction_log', {version})")
changes.groupBy("_change_type").count().orderBy("_change_type").show()

# %% [markdown]
# `preimage`が変わる前、`postimage`が変わった後の行です。
# `predictions`にも番号が残っているので、変わった後の行で直します。

# %%
changes.where("_change_type = 'update_postimage'").createOrReplaceTempView("changed")
merged = spark.sql("""
    MERGE INTO predictions AS old
    USING (SELECT DISTINCT prediction_id, customer_id FROM changed) AS new
    ON old.prediction_id = new.prediction_id
    WHEN MATCHED THEN UPDATE SET customer_id = new.customer_id
""").first()
left = spark.table("predictions").where(F.col("customer_id") == person).count()
print(f"直した行は{merged['num_affected_rows']}行、番号の残る行は{left}行")

# %% [markdown]
# 元の表の4行は3件の予測で、そのうち1件が2度届いていました。
# `DISTINCT`が必要なのは、2度届いた予測が、変更にも2行入っているからです。
# 1つの行を2つの行で直そうとすると、`MERGE`はエラーで止まります。
#
# どちらを選ぶかは、こちらの表に何を残したいかで決まります。
#
# | 元の表で起きたこと | こちらの表 | 選ぶもの |
# |---|---|---|
# | 確率を、見やすいように丸めた | 画面に出したときの確率を残したい | 飛ばす |
# | 退会した人の番号を空にした | こちらでも消す約束がある | 伝える |
#
# 消した番号は、表の前のバージョン（14）と、変更データフィードの変わる前の行からは、まだ読めます。
# 同じ記録を受け取った`arrived_rows`にも残っているので、同じように直します。
#
# 伝え終えたら、読んでいない書き換えがほかにないことを、変更履歴で確かめます。
# それから、飛ばす指定を付けて続きを読み、読み終えたら外します。
# 付けたままだと、次に消す約束のある変更が来ても、止まらずに飛ばすからです。
# 書き換えがたびたびあるなら、初めから変更データフィードのほうをストリームで読みます（`readChangeFeed`）。

# %% [markdown]
# ### 止めたままにしない
#
# 元の表の古いファイルは、いつまでも残りません（14）。
# Databricksの文書は、ストリームを、元の表の保持期間のうちに少なくとも1度は動かすように求めています。
# 初めの設定では、外れたファイルが7日、履歴が30日です。
# どちらかの期間より長く止めると、チェックポイントの続きが読めなくなることがあります。
# 読めなくなったら、新しい表と新しいチェックポイントで、初めからやり直します。
# そのときは`startingVersion`も外し、いま表にある行から読みます。

# %% [markdown]
# ### Databricksのパイプラインに任せるなら【読むだけ】
#
# > **Databricksでは** Lakeflow Spark宣言型パイプラインに、できあがる表を書いておくと、チェックポイント、やり直し、動かす順番を受け持ってくれます。
# > 下は、届いた行を読み、番号ごとに1行にまとめる書き方です。
# > 同じ番号が2度届けば、`sequence_by`の新しいほうで上書きします（本文の`MERGE`は、初めに届いた行を残しました）。
# > この節のことは文書で確かめただけで、実機では動かしていません。
#
# ```python
# from pyspark import pipelines as dp
#
# dp.create_streaming_table("predictions")
# dp.create_auto_cdc_flow(
#     target="predictions",
#     source="prediction_log",
#     keys=["prediction_id"],
#     sequence_by="arrived",
# )
# ```
#
# 待つ日数、何をもって同じ行とするか、書き換えを飛ばすかどうかは、任せても自分で決めます。

# %% [markdown]
# ## 練習
#
# 練習1で使う道具です。
# `rehearse`は、表`reports`をいつも同じ中身から作り直し、関数に1回分の行を渡して、その後の`reports`を返します。
# Databricksの`foreachBatch`と同じように、関数から外の`spark`は見えません。

# %%
import batch_rehearsal

pd.DataFrame(batch_rehearsal.BEFORE, columns=["region", "day", "calls", "sent"])

# %%
pd.DataFrame(batch_rehearsal.ARRIVED, columns=["region", "day", "calls", "sent"])

# %%
from checks.lesson_54 import check

# %% [markdown]
# ### 練習 1: 訂正が届く報告を、1日1行にする
#
# 各地の窓口は、1日の電話の件数`calls`を報告します。
# 間違いに気づけば、同じ日の報告を送り直し、`sent`（何度目に送ったか）が1つずつ増えます。
# 上の表が、いまの`reports`で、下の表が、次の1回に届いた行です。
#
# `foreachBatch`に渡せる関数`save_reports`を書き、`reports`を、`region`と`day`の組ごとに1行にしてください。
#
# - 組がまだない報告は足す。
# - もうある組は、`sent`の大きいほうを残す。古い報告が後から届いても、書き戻さない。
# - 同じ組の報告が、1回分の中に2つ以上入ることもある。
#
# 下の行の`rehearse`は、そのままにします。
#
# <details><summary>ヒント</summary>
#
# 1回分を、先に組ごとに1行にします。
# SQLの`max_by(calls, sent)`は、`sent`がいちばん大きい行の`calls`です。
# もうある組には、`WHEN MATCHED AND 条件 THEN UPDATE SET *`が使えます。
#
# </details>


# %% 練習 1
def save_reports(batch, batch_id): ...


delivered = batch_rehearsal.rehearse(save_reports, spark)

# %% 確認 1
check(1)

# %% [markdown]
# 練習2で使う、別の週に届いた行の数です。
# 行が届いた朝、列が予測した日で、どの日の予測も9時から18時までに出ました。

# %%
delivery = pd.DataFrame(
    [
        [380, 0, 0, 0, 0],
        [0, 365, 0, 0, 0],
        [0, 12, 350, 0, 0],
        [5, 0, 20, 390, 0],
        [0, 0, 8, 0, 400],
    ],
    index=["火曜の朝", "水曜の朝", "木曜の朝", "金曜の朝", "土曜の朝"],
    columns=["月", "火", "水", "木", "金"],
)
delivery

# %% [markdown]
# ### 練習 2: 出ていない日と、捨てられた行【自習】
#
# 毎朝1度、本文の`by_day`と同じ数え方を、待つ時間だけ`"1 day"`に替えて動かしました。
# 朝に届いた分が1回分になります。
# 土曜の朝に動かし終えたときについて、次の2つを入れてください。
#
# - `not_yet`: まだ数の出ていない日のリスト（`["月"]`のように書く）。
# - `dropped`: 捨てられた行の数の、合計。
#
# 区間が閉じるのは、その終わり（次の日の0時）が線より前か、線と同じになったときです。
# 線は、1回分を読み終えるたびに、それまでに届いたいちばん新しい行（予測した日の18時とします）から1日前へ進みます。
# 届いた行を捨てるかどうかは、その回を読む前の線で決まります。
#
# <details><summary>ヒント</summary>
#
# 火曜の朝に読み終えると、線は月曜の18時の1日前で、日曜の18時です。
# 朝ごとに、読む前の線と、読み終えた後の線を書き出します。
#
# </details>

# %% 練習 2
not_yet = ...
dropped = ...

# %% 確認 2
check(2)

# %% [markdown]
# 練習3で使う、前の月に届いた行です。
# `wait_days`日だけ待つときに、捨てられる行の数を返す関数も用意しました（練習2と同じ決まりです）。

# %%
may = prediction_log.month_of_arrivals()
print(f"{len(may):,}行")
{days: prediction_log.dropped_rows(may, days) for days in (0, 1)}

# %% [markdown]
# ### 練習 3: 何日待つかを決める【自習】
#
# 窓口に送る日報は、一度出した数を直せないので、ウィンドウで数えます。
# `may`と同じ届き方が続くとして、待つ日数（0以上の整数）を決めます。
#
# - 捨てられる行を、全体の0.1%以下にする。
# - そのうちで、数がいちばん早く出るようにする。
#
# 待つ日数を`wait_days`に、そのとき、ある日の数が出るのは翌朝から何朝後かを`mornings_late`に入れてください。
# どの朝にも、前の日の18時までの行が届くとします。
# 翌朝に出るなら0です。
#
# <details><summary>ヒント</summary>
#
# 待つ日数を1日ずつ増やして、捨てられる行の割合を調べます。
# 月曜の区間が閉じるのは、線が火曜の0時まで進んだときです。
# その線は、何曜の18時の行から引かれますか。
#
# </details>

# %% 練習 3
wait_days = ...
mornings_late = ...

# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: ストリームの直し方を選ぶ【自習】
#
# 配送部の森さんが動かす6つのストリームで、次のことが起きました。
# 書き込みは、どれも番号を見る`MERGE`です。
#
# - `"A"`: 夜中のジョブが途中で止まった。書き込みまで済んだかどうかは、分からない。
# - `"B"`: 遅れの定義を変えることになり、過去の日もすべて数え直したい。
# - `"C"`: 元の表で、退会した人の住所を空にした。こちらの表の住所も空にする約束がある。
# - `"D"`: 元の表で、確率を見やすいように小数第2位に丸めた。こちらの表には、出したときの確率を残したい。
# - `"E"`: 3週間止めていた。元の表のファイルの保持期間は7日で、先週、外れたファイルが消された。チェックポイントの続きは読めないと言われた。
# - `"F"`: 今朝は1件も届かず、動かしても行が増えなかった。
#
# することを、次の4つから選び、辞書`actions`に入れてください。
#
# - `"そのまま動かす"`: 同じチェックポイントで、いつもどおり動かす。
# - `"作り直す"`: 新しい表と新しいチェックポイントで、初めから読む。
# - `"飛ばす"`: `skipChangeCommits`を付けて、続きから読む。
# - `"伝える"`: 変更データフィードを読み、こちらの表も直す。

# %% 練習 4
actions = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ...}

# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** `availableNow=True`のストリームを、3日ぶりに動かしました。
# 何が読まれますか。
#
# <details><summary>ア. いちばん新しい朝に届いた分だけが読まれる</summary>
#
# 「いま」という名前から、最新の分だけと思いがちです。
# 前に読み終えた所から、いま届いている終わりまでを読みます。
#
# </details>
# <details><summary>イ. まだ読んでいない3日分が、すべて読まれる</summary>
#
# 正解です。
# チェックポイントの続きから読み、いまの終わりまで読むと止まります。
#
# </details>
# <details><summary>ウ. 表の初めから終わりまで、すべての行が読まれる</summary>
#
# チェックポイントがなければ、そうなります。
# 同じチェックポイントで動かす限り、読み終えた行は渡されません。
#
# </details>
#
# **問 2.** 表に足すだけのストリームを動かしたところ、同じ`prediction_id`の行が2つありました。
# チェックポイントは1度も消していません。
# 考えられるのはどれですか。
#
# <details><summary>ア. ストリームが途中で止まり、やり直したときに2度足した</summary>
#
# 止まったときがいちばん怪しく見えます。
# Deltaの表に足すだけなら、同じチェックポイントでのやり直しは、済んだ回を2度書きません。
#
# </details>
# <details><summary>イ. ストリームを1日に2度動かしたので、2度読んだ</summary>
#
# 動かした回数だけ読むと考えた人の答えです。
# 2度目は、増えた分しか足しません。
#
# </details>
# <details><summary>ウ. 送る側が、同じ記録を2度送ってきた</summary>
#
# 正解です。
# チェックポイントから見れば、どちらも新しい行です。
# 行の番号を見る`MERGE`で防ぎます。
#
# </details>
#
# **問 3.** ウィンドウで日ごとに数えるストリームを、毎朝動かしています。
# 今朝は1件も届かず、数の出ていない日が1日だけ残っています。
# 今朝動かすと、その日はどうなりますか。
#
# <details><summary>ア. 朝になって次の日に変わったので、数が出る</summary>
#
# 時計が進めば閉じると考えたくなります。
# 線を進めるのは時計ではなく、届いた行の時刻です。
#
# </details>
# <details><summary>イ. 新しい行が届くまで、出ないままになる</summary>
#
# 正解です。
# 線は、届いたいちばん新しい行から引かれるので、届かなければ動きません。
#
# </details>
# <details><summary>ウ. 待つ時間を過ぎたので、その日の行は捨てられる</summary>
#
# 捨てられるのは、閉じた区間に後から届いた行です。
# まだ閉じていない区間の行は、覚えられたまま次を待ちます。
#
# </details>
#
# **問 4.** `foreachBatch`の関数の中で、行の数を外のリスト`counts`に足しました。
# 動かし終えた後、`counts`は空のままでした。
# なぜですか。
#
# <details><summary>ア. 足した先は、別のPythonの中のコピーだった</summary>
#
# 正解です。
# 外へ渡したい値は、表に書きます。
#
# </details>
# <details><summary>イ. 遅延評価なので、関数がまだ呼ばれていない</summary>
#
# SparkのDataFrameの手順は、頼むまで動きません（14）。
# けれども`awaitTermination`から戻ったなら、関数はもう呼ばれています。
#
# </details>
# <details><summary>ウ. 届いた行がなかったので、足す数がなかった</summary>
#
# 行がなければ、確かに空のままです。
# 行が届いて表に書けていても、`counts`には何も戻りません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - ストリームは、チェックポイントの続きから、届いた分だけを読みます。チェックポイントと書き込み先の表は組で、片方だけを消しません。
# - チェックポイントが防ぐのは、こちらが2度読むことです。2度届く行は、行の番号を見る`MERGE`で1度だけにします。
# - 出来事の日と届いた日は別です。ウォーターマークで待つと、最後の日はまだ出ず、待つ時間より遅い行は捨てられることがあります。
# - 元の表が書き換えられたら、飛ばすか伝えるかを、こちらの表に残したいもので決めます。
# - 何も起きない週では、数え方の誤りに気づけません。事故のある週を作って、答え合わせします。
#
# 数え方が決まれば、次に聞かれるのは、1行ずつの由来です。
#
# - 予測の1行を、作った表とモデルまでさかのぼるのは、[[61_lineage_and_audit]]

# %%
check.summary()
