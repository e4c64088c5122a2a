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
# # CI/CDとバンドル
#
# 2027年6月1日の朝、月に1度奈良さんに届く電話の一覧が、先月のままでした。
# 毎月のジョブは6時に動き、画面には「成功」と出ています。
#
# ジョブにする前は、1日の午前に一覧ができていました（31）。
# だから、1日でも早く届けようとした人が、5月の終わりに、ジョブの画面で始まる日を2日から1日に替えたのです。
# ところが、日本の6月1日の朝6時は、UTCではまだ5月31日です。
# ジョブは、5月末ではなく4月末の分を動かそうとし、もう済んでいるので、何もせずに終わりました。
#
# 画面で直した1か所は、誰にも見られず、試されもせずに、本番で動きます。
# ここでは、ジョブの設定をファイルに書き、誰が出しても同じものが出るようにします。
# そのうえで、出す前に食い違いを見つけ、手元で最後まで動かし、この事故をテストに変えます。
#
# ## このレッスンで学ぶこと
#
# - ジョブ、スキーマ、モデルの設定を1組のファイルに書き、場所ごとに違うものだけを分ける。
# - ファイルどうしの食い違いを、Databricksにつながずに見つける。
# - タスクを順番どおりに手元で動かし、2度動かしても結果が変わらないことを確かめる。
# - 変更が本番に届くまでの段を読み、どの検査をどの段に置くかを決める。

# %% [markdown]
# ## 設定を、ファイルに書く
#
# 画面で直した所は、前と何が違うかを1行ずつ見比べられず、なぜ直したかも残りません。
# そこで、設定をすべてファイルに書き、変更の記録を残す道具（Git）に、コードと一緒に置きます。
# 毎月の解約予測のファイルを、`bundle`フォルダーに用意しました。

# %%
from bundle_project import read_files

files = read_files()
len(files)

# %% [markdown]
# 15個のうち、主なものは次のとおりです。
#
# | 主なファイル | 書いてあること |
# |---|---|
# | `databricks.yml` | 名前、変数、出す場所 |
# | `resources/assets.yml` | スキーマ、登録するモデル、エクスペリメント |
# | `resources/monthly.job.yml` | 毎月のジョブ |
# | `src/` | ジョブが動かすスクリプト |
# | `tests/` | 出す前のテスト |
# | `.github/workflows/ci.yml` | 変更が本番に届くまでの手順 |
#
# この1組を **バンドル**（bundle）と呼びます。
# Databricksでの名前は宣言型自動化バンドル（Declarative Automation Bundles）で、以前はDatabricksアセットバンドルといいました。
# Databricksに置いて動くようにすること（デプロイ）を、ここでは「出す」と書きます。
# 出すときは、端末で打つ`databricks`コマンド（CLI）か、画面を使います。
#
# このレッスンのDatabricksの動きは、文書と、公開されたCLIのコードで確かめました。
# 実機には、まだ出していません。
#
# 初めに、入口の`databricks.yml`を読みます。

# %% slide="notes"
print(files["databricks.yml"])

# %% [markdown]
# YAMLは、字下げで入れ子を表す書き方です。
# `:`の左が名前、右が値で、`-`で始まる行はリストの1つになります。
#
# - `include`は、一緒に読むファイルです。
# - `variables`は、設定のあちこちで使う値に付ける名前です。使う所には`${var.schema}`のように書きます。`default`は、場所ごとに替えないときの値です。
# - `targets`は、出す場所です。場所を言わずに出せば、`default: true`の`dev`に出ます。

# %% [markdown]
# ## 場所によって違うものだけを、分ける
#
# 出す場所を **ターゲット**（target）と呼びます。
# 試すための`dev`と、本番の`prod`で、コードは同じものを使います。
# 替えるのは、変数の値と、試す場所か本番かを表す`mode`です。
# ほかに、`prod`にだけ、ファイルの置き場所（`root_path`）と、直せる人（`permissions`の`CAN_MANAGE`）を書きました。
#
# 変数を値に置き換えて、2つを並べます。

# %%
import pandas as pd
from bundle_project import merged, resolve

whole = merged(files)
places = {target: resolve(whole, target) for target in ("dev", "prod")}


# %%
def names_of(place):
    schema = place["schemas"]["churn"]
    model = place["registered_models"]["churn_model"]
    return {
        "スキーマ": f"{schema['catalog_name']}.{schema['name']}",
        "モデル": f"{model['catalog_name']}.{model['schema_name']}.{model['name']}",
        "エクスペリメント": place["experiments"]["churn"]["name"],
        "引数date": place["jobs"]["monthly"]["parameters"][0]["default"],
    }


pd.DataFrame({target: names_of(place) for target, place in places.items()})

# %% [markdown]
# 上の3行の名前は、2つの場所でぶつかりません。
# もし同じスキーマを指し、`mode`も書き忘れていれば、試しに動かした1回が、奈良さんの一覧を書き換えます。
# `date`は始まった日で、本番では動かした時に決まります。
# `dev`では、いつ動かしても同じ結果になるように、2027年6月1日に決めておきます。
#
# スクリプトは、これらをジョブの引数で受け取ります。
# だから、スキーマの名前は、`databricks.yml`にしか書かれていません。

# %% tags=["figure"] mystnb={"image": {"alt": "上にGitにあるファイルの箱が1つあり、-t devの矢印が左の開発の箱へ、-t prodの矢印が右の本番の箱へ伸びる。開発はchurn_monthly_devに書き、予定の時刻には動かない。本番はchurn_monthlyに書き、毎月2日の6時に動く。どちらの下にも、モデルを学習し審査する箱がある"}}
from figures.bundle_targets import draw_targets

draw_targets()

# %% [markdown]
# `-t`は、CLIでターゲットを選ぶ書き方です。
# 図の上から下へ運ぶのは、ファイルだけです。
# `dev`で学習したモデルは、本番に持っていきません。
# 本番のモデルは、本番のデータで学習し、本番でいま使っている`champion`と比べて審査します。
# そうすれば、どのモデルも、Gitに残った手順とその場所の表から作り直せるからです。
#
# > **Databricksでは** `mode: development`で出すと、ジョブとエクスペリメントの名前に`[dev 利用者名]`が付き、スケジュールは止まります。
# > スキーマと登録モデルの名前の前にも`dev_利用者名_`が付くので、上の表の`churn_monthly_dev`は、出すと`dev_利用者名_churn_monthly_dev`になります。
# > 名前を`${resources.…}`で取り出して引数で渡せば、前に何が付いても、スクリプトを直す必要はありません。

# %% [markdown]
# ## ジョブを読む
#
# ジョブのファイルの前半を読みます。

# %% slide="notes"
job_text = files["resources/monthly.job.yml"]
print(*job_text.splitlines()[:34], sep="\n")

# %% [markdown]
# - `quartz_cron_expression`は、始まる時刻です。秒、分、時、日、月、曜日の順に6つ並べます。日と曜日は、使わないほうを`?`にします。ここでは毎月2日の6時です。
# - `timezone_id`は、その時刻がどこの時刻かを決めます。
# - `max_concurrent_runs: 1`で、同時に動くのは1回だけになります。後から始まった回は、`queue`で順番を待ちます。
# - `email_notifications`の`on_failure`には、失敗したときの知らせ先を書きます。冒頭のように「成功」で終わった朝には、知らせは届きません。
# - `parameters`は、ジョブの引数です。本番の`date`に入る`{{job.start_time.iso_date}}`は、始まった日を、UTCで数えたものです。
# - `depends_on`は、先に終わっていなければならないタスクです。`[ ]`はリストを、`{ }`は名前と値の組を、1行に書く形です。
# - `environment_key`は、使う環境の名前で、ファイルの終わりの`environments`にあります。サーバーレスでスクリプトを動かすタスクには、必ず書きます。
# - `&names`は、書いた値に付ける名前です。ほかのタスクは`*names`と書いて、同じ値を使います。
# - `${resources.schemas.churn.name}`は、出した後のスキーマの名前です。前に付いた`dev_利用者名_`も入ります（`${var.schema}`には入りません）。
# - タスクの中の`parameters`は、スクリプトに渡す引数です。`{{job.parameters.date}}`は、動かした時に、ジョブの引数`date`の値になります。
#
# 6つのタスクのつながりを、図にします。

# %% tags=["figure"] mystnb={"image": {"alt": "6つのタスクの図。featuresからinputsとoutcomesに分かれ、2つがtrainに集まり、gate、scoreの順に続く"}}
from figures.job_dag import draw_dag

draw_dag(whole["resources"]["jobs"]["monthly"]["tasks"])

# %% [markdown]
# 矢印が輪にならないこの形を、**DAG**（有向非巡回グラフ、directed acyclic graph）と呼びます。
# 同じ高さの2つは、どちらが先でもかまいません。
#
# | タスク | すること |
# |---|---|
# | `features` | その月と前の4か月の特徴量の表を作る（32） |
# | `inputs` | 前の月から分布が大きく動いた列があれば、例外で止める（動きの大きさはPSIで測る、51） |
# | `outcomes` | 見込みが外れたかを見て、学習し直すかを決める |
# | `train` | 学習し直す月だけ、候補を登録する |
# | `gate` | 候補を審査し、合格なら`champion`にする（41） |
# | `score` | `champion`で全員の確率を予測し、一覧の元の表に書く（35） |
#
# `score`は、審査に合格した`champion`をそのまま使います（52でも同じです）。
# 悪いバージョンを夜のうちに戻す仕組み（53）を足すなら、代わりに`production`を読ませます。
#
# スクリプトは短く、引数の読み取りと記録は、`src/monthly.py`の`run`に任せています。
# `outcomes`を読みます。

# %% slide="notes"
print(files["src/outcomes.py"])

# %% [markdown]
# `run`は、初めに`ops_log`という表を読み、その月の自分の記録があれば、何もしません。
# なければ関数を動かし、返った結果を1行書きます。
# だから、済んだタスクをもう1度動かしても、何も変わりません。
#
# ただし、1行を書く前に止まれば、やり直しで関数がもう1度動きます。
# そこで、関数のほうも、2度動いても同じになるように作ります。
# 表は月ごとに置き換え、`train`は、その月の候補がもう登録してあれば、登録し直さずにその番号を返します。
#
# `sys.path`の行は、隣の`monthly.py`を読み込むためのものです。

# %% [markdown]
# ## 食い違いを、出す前に見つける
#
# 設定をファイルに書いても、書き間違いはなくなりません。
# ファイルの中では、名前でほかの場所を指すので、片方だけを直すと、指す先がなくなります。
# たとえば、`depends_on`が指すタスクがあるかは、次のように調べられます。


# %%
def missing_tasks(job):
    names = {task["task_key"] for task in job["tasks"]}
    return [
        (task["task_key"], one["task_key"])
        for task in job["tasks"]
        for one in task.get("depends_on", [])
        if one["task_key"] not in names
    ]


# %%
monthly = whole["resources"]["jobs"]["monthly"]
fewer = {"tasks": [task for task in monthly["tasks"] if task["task_key"] != "inputs"]}
print(missing_tasks(monthly), missing_tasks(fewer))

# %% [markdown]
# 初めの空のリストが、いまのファイルです。
# 次は`inputs`を消したもので、`train`が待つ相手を失いました。
#
# 同じように、指す側と指される側を突き合わせ、時刻などの書き方も調べる検査を、`check_bundle`にまとめました（`bundle_check.py`）。
# Databricksには、つながりません。

# %%
from bundle_check import check_bundle

check_bundle(files)

# %% [markdown]
# 空のリストなら、食い違いは見つかっていません。
# ただし、何でも空にする検査かもしれません。
# 41でゲートを試したように、わざと8通りに壊して、1つずつ調べます。

# %%
JOB, MAIN = "resources/monthly.job.yml", "databricks.yml"
BREAKS = {
    "字下げがずれる": (JOB, "        timezone_id", "       timezone_id"),
    "先のタスクの名前が違う": (JOB, "{task_key: outcomes}", "{task_key: outcome}"),
    "環境の名前が違う": (JOB, "- environment_key: lesson", "- environment_key: serverless"),
    "cronが5つ": (JOB, "0 0 6 2 * ?", "0 6 2 * *"),
    "スクリプトがない": (JOB, "score.py", "scoring.py"),
    "変数の名前が違う": (MAIN, "  catalog:", "  catalogue:"),
    "devとprodが同じ場所": (MAIN, "churn_monthly_dev", "churn_monthly"),
    "読まれないファイル": (MAIN, "resources/*.yml", "resources/*.yaml"),
}


def broken(name):
    path, before, after = BREAKS[name]
    return files | {path: files[path].replace(before, after)}


# %% slide="notes"
seen = {}
for name in BREAKS:
    problems = check_bundle(broken(name))
    seen[name] = [len(problems), problems[0].replace("`", "")]
pd.set_option("display.max_colwidth", 90)
pd.DataFrame.from_dict(seen, orient="index", columns=["件数", "1つ目の食い違い"])

# %% [markdown]
# YAMLとして読めないのは、字下げの1つだけです。
# 残りの7つは、YAMLとしては正しいので、名前どうしを突き合わせるか、値の書き方を調べなければ見つかりません。
#
# 冒頭の事故も、同じ検査にかけます。
# 始まる日を、2日から1日に替えます。

# %%
early = files | {JOB: job_text.replace("0 0 6 2 * ?", "0 0 6 1 * ?")}
check_bundle(early)

# %% [markdown]
# 見つかりません。
# ファイルどうしは、食い違っていないからです。
# 間違っているのは、時刻と、スクリプトの日付の数え方の組み合わせです。
# そこで、1年分の始まる時刻を計算し、UTCで数えると違う月の分を動かしてしまう月を探します。


# %%
def wrong_months(files):
    schedule = merged(files)["resources"]["jobs"]["monthly"]["schedule"]
    _, minute, hour, day = map(int, schedule["quartz_cron_expression"].split()[:4])
    wrong = []
    for month in pd.date_range("2027-01-01", "2027-12-01", freq="MS"):
        start = month.replace(day=day, hour=hour, minute=minute)
        utc = start.tz_localize(schedule["timezone_id"]).tz_convert("UTC")
        if (utc.year, utc.month) != (month.year, month.month):
            wrong.append(f"{month:%Y-%m}")
    return wrong


# %%
print("2日の6時:", wrong_months(files))
print("1日の6時:", wrong_months(early))

# %% [markdown]
# 1日の6時に始めると、12か月のすべてで、UTCの日付が前の月になります。
# 6月だけの不運ではありません（日本とUTCの差は9時間なので、1日でも、9時以降なら合います）。
# 始まった時刻を渡して日本時間に直す手もありますが、ここでは、毎月2日に始める決まりを守ります。
#
# この計算を、バンドルのテスト（`tests/test_bundle.py`）にも入れました。
# テストに通ったものだけを出すことにすれば、同じ事故は本番に届きません（その決まりは、後で読む`ci.yml`に書いてあります）。
#
# ただし、このテストは、ジョブの画面で直したものを見ていません。
# だから、画面で直せる人を、`permissions`で絞ります。
# それでも管理者は直せるので、最後の備えは、配る前に記録を見ることです（次の節）。
#
# > **Databricksでは** バンドルから出したジョブに、CLIが、画面で編集できない状態（`UI_LOCKED`）を指定します。
# > 止めるのは画面での編集で、誰が変えてよいかを決めるのは`permissions`です。

# %% [markdown]
# ## 手元で、最後まで動かす
#
# ファイルが食い違っていなくても、スクリプトが最後まで動くとは限りません。
# そこで、`dev`に出す代わりに、同じ設定と同じスクリプトを、手元のワークスペースで動かします。
# まず、前に動かした跡が残っていれば、ジョブが書く表とモデルを消します。

# %% slide="notes"
import mlflow
from bundle_project import remove_traces, run_job
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS churn_monthly_dev")
spark.sql("USE churn_monthly_dev")
catalog = spark.catalog.currentCatalog()
model_name = f"{catalog}.churn_monthly_dev.churn_model"
client = mlflow.MlflowClient()
remove_traces(spark, client, model_name)

# %% [markdown]
# `run_job`は、`depends_on`を守る順にタスクを並べ、引数を渡して、1つずつ動かします。
# カタログの名前は、手元では違うので、変数で渡します（CLIの`--var`に当たります）。
# `date`は、`dev`に決めた2027年6月1日のままです。
# 日本の6月2日の朝6時は、UTCではまだ6月1日なので、本番の6月の回と同じ日付になります。

# %%
user = spark.sql("SELECT current_user()").first()[0]
job = resolve(whole, "dev", {"catalog": catalog}, user)["jobs"]["monthly"]

# %%
run_job(job)

# %% [markdown]
# 初めて動かす場所なので、`champion`はまだありません。
# だから`outcomes`は学習し直すと決め、`gate`は候補を、何もしないモデルと比べて審査しました（41）。
# データは、値上げのあった会社を小さくしたものです。
#
# ジョブは、失敗したタスクをやり直すことがあります。
# 心配した人が、もう1度押すこともあります。
# 表とモデルの様子を書き留めてから、同じ日付で、もう1度動かします。


# %%
def state():
    tables = ("churn_features", "predictions", "ops_log")
    changes = {name: spark.sql(f"DESCRIBE HISTORY {name}").count() for name in tables}
    return changes | {"モデル": len(client.search_model_versions(f"name = '{model_name}'"))}


before = state()
run_job(job)

# %%
pd.DataFrame({"1度目の後": before, "2度目の後": state()})

# %% [markdown]
# どのタスクも「済み」と答え、表の履歴も、モデルのバージョンも、1つも増えませんでした。
# 2度目が何もしないのは良いことですが、冒頭では、それが事故を隠しました。
# だから、動いたかどうかは「成功」の印では見ず、その月の記録があるかで見ます。

# %%
spark.table("ops_log").orderBy("month", "task").toPandas()

# %% [markdown]
# `month`は、始まった日（UTC）の前の月です。
# 6月に配る一覧なら、5月末の人から作るので、`2027-05`の行になります。
# 配る前に、`2027-05`の`score`の行があるかを確かめていれば、6月1日の朝に気づけました。
# 人が忘れないように、一覧を配る仕組みのほうで、その行がなければ配らない、と決めておきます。
# ジョブの中で確かめると、同じ日付の数え方で間違えるので、外に置きます。

# %% [markdown]
# ## 変更が、本番に届くまで
#
# ファイルを直してから本番に出すまでに、いつ、どの検査をするかも決めておきます。
# 先に、Gitの言葉を3つ決めておきます。
#
# - コミットは、Gitに残した1つずつの変更です。
# - `main`は、いつでも出せるコードを置く所です（このような置き場所をブランチ、branchといいます）。変更は、別のブランチで作ってコミットし、`main`に取り込んでほしいと提案します（プルリクエスト、pull request）。
# - タグは、コミットに付ける`v1.4`のような印です。
#
# 検査の手順もファイルに書きます。
# GitHub Actionsというサービスが読む、`ci.yml`です。

# %%
import yaml

ci = yaml.safe_load(files[".github/workflows/ci.yml"])
list(ci["jobs"])

# %% [markdown]
# GitHub Actionsでは、この3つもジョブと呼びます。
# Databricksのジョブと紛れるので、ここでは段と書きます。
# 段ごとに、待つ段、始まる条件、鍵のある環境、命令を並べます。
# 鍵とは、アクセストークンのような秘密の値で、GitHubではシークレット（secret）と呼びます。

# %% slide="notes"
table = {
    name: {
        "待つ段": stage.get("needs", ""),
        "条件": stage.get("if", "いつも"),
        "環境": stage.get("environment", ""),
        "命令": " / ".join(step["run"] for step in stage["steps"] if "run" in step),
    }
    for name, stage in ci["jobs"].items()
}
pd.set_option("display.max_colwidth", None)
pd.DataFrame(table)

# %% [markdown]
# 条件の`refs/heads/main`は`main`に取り込んだとき、`refs/tags/v`は`v`で始まるタグを付けたとき、という意味です。
# `event_name == 'push'`は、提案ではなく、取り込みやタグで動いたことを表します。
#
# - **`test`** は、変更を提案したとき、`main`に取り込んだとき、タグを付けたときの、どれでも動きます。コードの書き間違いを`ruff`で、ファイルの食い違いとゲートの働きを`pytest`で調べ、鍵は使いません。
# - **`deploy-dev`** は、`main`に取り込んだときだけ、`dev`を消してから（スキーマの中の表も消えます）出し直し、ジョブを1度動かします。その前の検証は、`--strict`を付けて、警告でも止めます。
# - **`deploy-prod`** は、タグを付けたときだけ、本番に出します。
#
# `deploy-dev`が出す前に`dev`を消すのには、理由があります。
# `dev`の`date`は決まった日なので、前の記録が残っていれば、どのタスクも「済み」で終わります。
# 冒頭と同じで、「成功」の印だけでは、試した証拠になりません。
#
# どちらの出す段も、`test`が通るまで始まりません。
# ただし、`deploy-prod`は`deploy-dev`を待ちません。
# `dev`で動いたことと、タグの付いたコミットが`main`のものであることを見るのは、タグを付ける人と承認する人です。
#
# `environment: prod`には、GitHubの設定で、承認する人と、本番の鍵を結び付けます。
# 承認する人が認めるまで、この段は始まらず、鍵も渡されません（公開していないコードでは、GitHubの契約によって使えません）。
#
# > **Databricksでは** 本番には、人ではなくサービスプリンシパル（service principal、プログラムのための利用者）で出すことを、文書が勧めています。
# > そのときは、`permissions`と知らせ先の`${workspace.current_user.userName}`も書き換えます。
#
# 3つの段に、毎月のジョブを4つ目の段として加えると、図のようになります（矢印はふつう進む順で、`deploy-prod`が`deploy-dev`を待つという意味ではありません）。

# %% tags=["figure"] mystnb={"image": {"alt": "上から下へ並ぶ4つの段。変更を提案すると、鍵を使わずにファイルを調べ部品を試す。mainに取り込むと、devの鍵でdevに出しジョブを1度動かす。タグを付けると、人が承認してからprodの鍵でprodに出す。毎月2日の朝は、届いた答えで審査し、合格した候補がchampionになる"}}
from figures.ci_stages import draw_stages

draw_stages()

# %% [markdown]
# 上の段ほど早く終わり、間違っても、困る人が少なくて済みます。
# だから、検査は、必要なものがそろう、いちばん上の段に置きます。
#
# 3つ目までは、コードを直したときに動きます。
# 変更をこまめに`main`へ取り込み、そのたびに試すことを **CI**（継続的インテグレーション）といいます。
# 取り込んだものを、いつでも出せるようにしておくことが **CD**（継続的デリバリー）です。
# 4つ目は、誰も何も直していなくても、毎月動きます。
# コードのテストは「正しく作ったか」を、モデルのゲートは「今月の顧客に合うか」を調べます。
# 片方で、もう片方の代わりはできません。
#
# なお、コードを前のタグに戻しても、`champion`と表は元に戻りません（モデルの戻し方は53で扱います）。

# %% [markdown]
# ## どこまで調べれば、何が言えるか【自習】
#
# 「検査に通った」と聞いたら、どの検査かを尋ねます。
#
# | 検査 | 見つかるもの | 必要なもの |
# |---|---|---|
# | `yaml.safe_load` | 字下げ、閉じ忘れ | PyYAML |
# | `tests`にある、項目の名前のテスト | 項目の名前と、必須の項目の抜け | PyPIの`databricks-bundles` |
# | `check_bundle` | 名前の食い違い、時刻の書き方 | PyYAML |
# | 手元での実行 | import、表の名前、順番 | SparkとMLflow |
# | `databricks bundle validate` | 設定の形、つないだ利用者から決まる名前と置き場所 | CLIとワークスペース |
# | `dev`での実行 | 環境のパッケージ、カタログの権限 | ワークスペース |
#
# どの検査も、ほかの検査の代わりにはなりません。
# たとえば`max_concurrent_run`という項目の書き間違いは、`check_bundle`では分からず、項目のテストが見つけます。
# `depends_on`が存在しないタスクを指していることは、項目のテストでは分からず、`check_bundle`が見つけます。
#
# 公開されている見本も、いまの項目と合わないことがあります。
# Databricksの見本「MLOps Stacks」は、エクスペリメントに`description`を書いています。
# ところが、`databricks-bundles` 1.22.1は、この項目を断りました（2026年11月に確認）。
# だから、コピーしたファイルも、自分で書いたファイルと同じように調べます。

# %% [markdown]
# ## MLflow 3のデプロイジョブ【読むだけ】【自習】
#
# `gate`は月に1度動き、候補があるときに審査します。
# MLflow 3では、モデルに新しいバージョンができるたびに動くジョブを、登録モデルに結び付けられます。
# これを **デプロイジョブ**（deployment job）といいます。
#
# > **Databricksでは** デプロイジョブは、`model_name`と`model_version`の2つの引数を受け取ります。
# > 見本のノートブックは、審査、承認、配信の3つで、承認のタスクは、バージョンのタグが`Approved`になっているかを見て、なければ例外で止まります。
# > タグの名前は、承認のタスクの名前です。
#
# このバンドルの`src/gate.py`は、`--model_name`と`--model_version`を渡せば、そのバージョンを審査します（`--date`などの5つも渡します）。
# 渡さなければ、その月の候補を審査します。
# だから、同じスクリプトを、毎月のジョブにも、デプロイジョブにも置けます。

# %% [markdown]
# ## Free Editionに出してみる【読むだけ】【自習】
#
# `notebooks`ブランチには、このバンドルが`project`というフォルダーで入っています。
# 中身は`bundle`と同じで、スクリプトが読み込む`churn_steps.py`なども、一緒に置いてあります。
#
# > **Databricksでは** Gitフォルダーの中の`project/databricks.yml`を開き、デプロイのアイコン（Deployments）を押します。
# > ターゲットに`dev`を選び、「デプロイ」（Deploy）を押すと、検証の結果が出ます。
# > 確かめて、もう1度「デプロイ」を押します。
# > 終わったら、「バンドルのリソース」（Bundle resources）に出るジョブの、再生の印を押すと動きます。
# > もう1度動かすと、どのタスクも「済み」で終わります。
# > 表とモデルは、`dev_利用者名_churn_monthly_dev`というスキーマにできます。
# > デプロイしたものは、同じ画面から消せます。
#
# 書き込み先のカタログは`workspace`です。
# 名前が違う場合は、`databricks.yml`の`default: workspace`を書き換えます。
#
# スクリプトは、作業フォルダーが自分の場所になるとみなして、隣の`monthly.py`を読み込みます。
# サーバーレスの文書は、それを保証していません。
# 見つからないと言われたら、置き場所（`${workspace.file_path}/src`）をタスクの最後の引数で渡します。
# スクリプトの先頭では、引数を読み取る前に`sys.path.append(sys.argv.pop())`として取り出します（実機では動かしていません）。
#
# 確かめてあるのは、`check_bundle`、`databricks-bundles`の項目の検査、手元のワークスペースでの実行までです。
# 出してみて違っていたら、付録「Databricksで動かす」にある質問の置き場で教えてください。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_42 import check

# %% [markdown]
# 練習1で使う、配送部の遅れ予測のジョブです。
# 毎朝7時（日本時間）に動くはずが、出そうとすると止まります。

# %%
delay_job = """
resources:
  jobs:
    delays:
      name: late_deliveries
      schedule: {quartz_cron_expression: "0 7 * * *", timezone_id: Asia/Tokyo}
      tasks:
        - task_key: features
          spark_python_task: {python_file: ../src/features.py}
          environment_key: lesson
        - task_key: score
          depends_on: [{task_key: feature}]
          spark_python_task: {python_file: ../src/score.py}
      environments:
        - environment_key: lesson
          spec: {environment_version: "6"}
"""

# %%
check_bundle(files | {JOB: delay_job})

# %% [markdown]
# ### 練習 1: 3か所を直す
#
# `delay_job`の3か所を直した、YAMLの文字列を`fixed_job`に入れてください。
# ほかの所は変えません。
# タスクの名前は`features`と`score`で、どちらも環境`lesson`で動かします。
#
# <details><summary>ヒント</summary>
#
# `delay_job.replace("前の文字", "後の文字")`は、置き換えた新しい文字列を返します。
# 続けて`.replace(…)`を付ければ、何か所でも直せます。
# 全部をコピーして、3か所を書き換えてもかまいません。
# 直したら、`check_bundle(files | {JOB: fixed_job})`で確かめられます。
#
# </details>

# %% 練習 1
fixed_job = ...

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 検査を、4つの段に置く
#
# 8つの検査を、必要なものがそろう、いちばん早い段に置きます。
# 検査の記号をキー、段を値とする辞書を`stages`に入れてください。
# 段は`"提案"`、`"main"`、`"タグ"`、`"毎月"`のどれかで、この順に早い段です。
#
# | 段 | 使えるもの |
# |---|---|
# | 提案 | ファイルとコード、テスト用の小さな表 |
# | main | 上に加えて、`dev`のワークスペースの鍵 |
# | タグ | 上に加えて、承認した人の確認と、本番の鍵 |
# | 毎月 | 上に加えて、その月の表と、届いた答え |
#
# - A: 壊した候補を、ゲートの関数が断るか
# - B: 今月の候補が、`champion`より悪くなっていないか
# - C: `depends_on`が指すタスクがあるか
# - D: 6つのタスクが、サーバーレスで最後まで動くか
# - E: 本番のスキーマに、書き込む権限があるか
# - F: 今月の月額が、先月から大きく動いていないか
# - G: アクセストークンが、ファイルに書かれていないか
# - H: 予測する月を間違えない時刻に始まるか
#
# <details><summary>ヒント</summary>
#
# 1つずつ、「これを調べるのに、ワークスペースへの接続が必要か」「今月のデータが必要か」と尋ねます。
# 本文の`wrong_months`が何を読んで計算したかも、思い出してください。
#
# </details>

# %% 練習 2
stages = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ..., "F": ..., "G": ..., "H": ...}

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 動かせる順に並べる【自習】
#
# ジョブの`tasks`を受け取り、`depends_on`を守って動かせる順に、タスクの名前を並べたリストを返す関数`run_order`を書いてください。
#
# - `tasks`は、`{"task_key": "train", "depends_on": [{"task_key": "inputs"}]}`のような辞書のリストです。`depends_on`のないタスクもあります。
# - 正しい順がいくつもあれば、どれでもかまいません。
# - 輪になっているときと、存在しないタスクを指しているときは、`None`を返します。
#
# ```python
# run_order([
#     {"task_key": "score", "depends_on": [{"task_key": "train"}]},
#     {"task_key": "train"},
# ])  # ["train", "score"]
# ```
#
# <details><summary>ヒント</summary>
#
# 「先のタスクがすべて終わったもの」を見つけて、終わったものに加えることを繰り返します。
# 1周しても1つも加わらなければ、そこから先へは進めません。
#
# </details>


# %% 練習 3
def run_order(tasks): ...


# %% 確認 3
check(3)

# %% [markdown]
# ### 練習 4: 2つのターゲットが書く場所【自習】
#
# `databricks.yml`を読み込んだ辞書`config`から、2つ以上のターゲットが書き込むスキーマの名前のリストを返す関数`shared_schemas`を書いてください。
# 名前は`"カタログ.スキーマ"`の形で、1つの名前は1度だけ入れます（順は問いません）。
# なければ、空のリストを返します。
#
# - `config["variables"]`には`catalog`と`schema`があり、既定の値（`default`）があることも、ないこともあります。
# - `config["targets"]`は、ターゲットの名前と中身の辞書です。中身の`variables`に値があれば、既定の値の代わりに使います。`variables`がないターゲットもあります。
# - `catalog`も`schema`も、既定の値かターゲットの値の、少なくとも片方があります。
#
# ```python
# shared_schemas({
#     "variables": {"catalog": {"default": "workspace"}, "schema": {"default": "churn"}},
#     "targets": {"dev": {"variables": {"schema": "churn_dev"}}, "prod": {}},
# })  # []
# ```
#
# <details><summary>ヒント</summary>
#
# ターゲットごとに「カタログ.スキーマ」を1つ求め、同じものがいくつあるかを数えます。
# `place.get("variables", {}).get("schema", …)`は、なければ2つ目の値を返します。
#
# </details>


# %% 練習 4
def shared_schemas(config): ...


# %% 確認 4
check(4)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** 本番のジョブのタスクが失敗したので、画面で引数を変えて実行し直すと、動きました。
# 次にすることはどれですか。
#
# <details><summary>ア. 動いたことを確かめたら、そのまま次の月まで様子を見る</summary>
#
# 動いていれば直す理由がないように見えます。
# けれども、次の月はファイルに書いた引数で動くので、同じ失敗が戻ってきます。
#
# </details>
# <details><summary>イ. <code>dev</code>でも引数を変えて動かし、2つの場所で動くことを確かめる</summary>
#
# 2つの場所で試す、という考えは正しいものです。
# けれども、ファイルの引数は元のままなので、次の月にまた失敗します。
#
# </details>
# <details><summary>ウ. 変えた引数をファイルに書き、テストを通して出し直す</summary>
#
# 正解です。
# 急いで引数を変えて動かすことはあります。
# その日のうちにファイルへ書き戻し、失敗をテストに変えておきます。
#
# </details>
#
# **問 2.** `databricks bundle validate -t prod`が通りました。
# 言えることはどれですか。
#
# <details><summary>ア. 設定が、出せる形になっている</summary>
#
# 正解です。
# 言えるのは設定の形までで、動くかどうかは、`dev`で動かして確かめます。
#
# </details>
# <details><summary>イ. 本番で、最後のタスクまで動く</summary>
#
# 「検証に通った」という言葉からは、そう受け取れます。
# 検証はスクリプトを動かさないので、表の名前の間違いは、動かすまで分かりません。
#
# </details>
# <details><summary>ウ. 始まる日時が、決めたとおりになっている</summary>
#
# 時刻の書き方が正しければ、検証は通ります。
# 1日と2日のどちらが正しいかは、会社の決まりを書いたテストだけが知っています。
#
# </details>
#
# **問 3.** `dev`で審査に合格したモデルを、そのまま本番の`champion`にしてよいでしょうか。
# このバンドルの考え方に合うものはどれですか。
#
# <details><summary>ア. よい。本番で学習し直すと、審査していないモデルが出てしまう</summary>
#
# 審査したものだけを出す、という考えは正しいものです。
# 本番で学習したモデルも、本番のゲートで審査し、合格してから`champion`になります。
#
# </details>
# <details><summary>イ. よくない。本番で学習し直し、本番のゲートで審査する</summary>
#
# 正解です。
# 運ぶのはコードで、モデルはそれぞれの場所で作ります。
#
# </details>
# <details><summary>ウ. よい。審査に合格したものを、もう1度審査するのは無駄になる</summary>
#
# 審査は、候補と、その場所の`champion`を、その場所の行で比べたものです。
# 比べるモデルも行も違えば、答えは変わります。
#
# </details>
#
# **問 4.** 毎月のジョブが、6月に2度動きました。
# 2度目は、どのタスクも「済み」でした。
# 正しい見方はどれですか。
#
# <details><summary>ア. 5月の予測の記録があれば、6月の一覧は新しい</summary>
#
# 正解です。
# 「済み」も「成功」も、どの月の話かまでは教えてくれません。
# 見るのは、`2027-05`の`score`の行です。
#
# </details>
# <details><summary>イ. 2度目の実行は、一覧を二重にしたかもしれない</summary>
#
# 2度動けば、行が2倍になると心配になります。
# 記録を見て何もしなかったので、表もモデルも変わっていません。
#
# </details>
# <details><summary>ウ. 何もしなかったのなら、2度目は失敗として扱うべきだ</summary>
#
# 仕事をしていないので、失敗に見えます。
# やり直しが安全なのは良い性質で、失敗にすると、正しいやり直しのたびに人が呼ばれます。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 設定をファイルに書き、場所で違うものだけを変数にします。
# - 運ぶのはコードで、モデルはそれぞれの場所で学習し、審査します。
# - 名前の食い違いは、Databricksにつながずに見つかります。
# - 手元で2度動かし、2度目は何も変わらないことを確かめます。
# - 検査は、必要なものがそろう、いちばん早い段に置きます。
#
# このジョブの中で動く審査と決め方は、次の2つにあります。
#
# - ゲートの6つのテストは、[[41_model_tests]]
# - 学習し直すかどうかの決め方は、[[52_auto_retraining]]

# %%
check.summary()
