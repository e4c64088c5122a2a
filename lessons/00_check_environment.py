# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   textbook:
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # 環境を確かめる
#
# 研修の朝、同じノートブックを開いた30人のうち、3人の画面にだけエラーが出ました。
# 1人目はパッケージが古く、2人目は表への書き込みに失敗し、3人目は学習の記録先につながりませんでした。
# ところが、どの画面も英語の長いエラーで埋まるので、何を直せばよいのかが読み取れません。
#
# そこで、つまずきやすい所を先に1つずつ試します。
# 上から動かして、次のように○だけが並べば、準備は終わりです。
#
# ```text
# ○ Sparkにつなぐ: バージョンは…
# ○ カタログ: …
# ○ スキーマ: …
# （中略）
# ○ MLflowに書いて読む: …
# ```
#
# うまくいかない所は×になり、長いエラーの代わりに「次にすること」が出ます。
# 1行目のかっこの中の英語は分からなくてもかまわないので、2行目のとおりにしてください。
#
# ```text
# × MLflowに書いて読む（MlflowException: …）
#   次にすること: Sparkの行が×なら、先にそちらを直します。…
# ```
#
# ## このレッスンで学ぶこと
#
# - 自分の環境のバージョンを、この本と照らし合わせる。
# - Deltaの表とMLflowに、書き込みと読み出しができるか確かめる。
# - 練習を1問解いて、答えの確かめ方を試す。

# %% [markdown]
# ## 動かし方
#
# ノートブックは、文章やコードの入った枠（セル）を縦に積んだものです。
# セルを選び、`Shift`と`Enter`を一緒に押すと、そのセルが動いて次へ進みます。
# 後のセルは前のセルの結果を使うので、上から順に動かしてください。
#
# 最初のセルは、検査を1つ実行する`step`などの道具を、隣のファイル`environment.py`から読み込みます。
# `No module named 'environment'`と出たら、そのファイルがありません。
# ノートブックだけでなく、`lessons`のフォルダーを丸ごと置いてください。

# %%
from environment import connect, step

# %% [markdown]
# ## Sparkにつなぐ
#
# Sparkは、大きな表を読み書きする道具です。
# この先の行はSparkを使うので、ここが×なら、先にここを直します。
# 1分待っても何も出ないときは、停止ボタン（■）を押すと「次にすること」が出ます。

# %%
spark = connect()

# %% [markdown]
# 表の置き場所は、カタログとスキーマの2段で決まります。
# フォルダーと、その中のフォルダーのような関係です。

# %%
step("カタログ", lambda: spark.catalog.currentCatalog())
step("スキーマ", lambda: spark.catalog.currentDatabase())

# %% [markdown]
# ## バージョンを照らし合わせる
#
# 同じコードでも、パッケージのバージョンが違うと、止まったり違う数字が出たりします。
# Databricks（データの保管から機械学習までを受け持つクラウドのサービス）は、Pythonとパッケージのバージョンの組に番号を付けています。
# この番号が **環境バージョン**（environment version）です。
# この本のコードは、環境バージョン6に合わせてあります。
#
# かっこの中は、左が環境バージョン6、右が5のものです（以下、環境6、環境5と略します）。

# %%
pins = {
    "Python": ("3.12", "3.12"),
    "Spark": ("4.2", "4.1"),
    "numpy": ("2.3", "2.1"),
    "pandas": ("2.3", "2.2"),
    "scipy": ("1.16", "1.15"),
    "pyarrow": ("21", "21"),
    "scikit-learn": ("1.7", "1.6"),
    "matplotlib": ("3.10", "3.10"),
    "mlflow": ("3.12", "3.8"),
}

# %% [markdown]
# 自分の環境が、環境6と環境5のどちらと同じかを右端に表示します。

# %%
from environment import compare, show_versions

show_versions(pins)

# %% [markdown]
# 「環境6」と出た行は、この本と同じバージョンです。
# 「環境5」だけの行があっても先へ進めますが、表示や数値が本と少し違うことがあります。
# Pythonは、3.11から3.13までなら使えます。
# ほかに「その他」の行がないかを、次のセルで確かめます。

# %%
step("バージョンを照らし合わせる", compare, pins)

# %% [markdown]
# ## Deltaの表に書いて読む
#
# この本の表は、Delta Lakeという形式で保存します（Databricksの画面では`Deltaテーブル`）。
# 3行の小さな表を書き、同じ数の行を読めるか試します。

# %%
def write_table():
    spark.sql("CREATE SCHEMA IF NOT EXISTS check_environment")
    spark.sql("USE check_environment")
    spark.range(3).write.mode("overwrite").saveAsTable("probe")
    form = spark.sql("DESCRIBE DETAIL probe").first()["format"]
    return f"{form}の形式で{spark.table('probe').count()}行を読めました"


# %%
step("Deltaの表に書いて読む", write_table)

# %% [markdown]
# ## MLflowに書いて読む
#
# MLflowは、モデルを学習したときの条件や点数を記録する道具です。
# まず、記録先の種類を調べます。

# %%
from environment import tracking_store

step("MLflowの記録先", tracking_store)

# %% [markdown]
# 続けて、数値を1つ記録し、同じ数値を読めるか試します。
# 何も出ないときは、ここでも停止ボタン（■）を押します。

# %%
def write_run():
    import mlflow

    with mlflow.start_run(run_name="check_environment") as run:
        mlflow.log_metric("answer", 42)
    return mlflow.get_run(run.info.run_id).data.metrics["answer"]


# %%
step("MLflowに書いて読む", write_run)

# %% [markdown]
# ここまでの行がすべて○なら、準備は終わりです。
# ×が残るときは「次にすること」をしてから、上から動かし直してください。

# %% [markdown]
# ## 練習
#
# ほかのレッスンの終わりにも、次のような練習があります。
# まず何も書き換えずに、練習と確認のセルを動かすと、「未回答」の札が出ます。
# 次に、わざと違う答えを入れて動かすと、「もう一歩」の札と、見直す場所が出ます。
# 正しい答えなら、札は「正解」です。
#
# 答えに書き間違いがあると、練習のセルが赤いエラーで止まります。
# それでも確認を動かせば、何行目を見るかを日本語で教えます。

# %%
from checks.lesson_00 import check

# %% [markdown]
# ### 練習 1: 環境バージョンを答える
#
# この本のコードが合わせている環境バージョンの番号を、整数で`book_version`に入れてください。
# `...`を番号に書き換えます。
#
# <details><summary>ヒント</summary>
#
# 「バージョンを照らし合わせる」の文章に書いてあります。
#
# </details>

# %% 練習 1
book_version = ...

# %% 確認 1
check(1)

# %% [markdown]
# ## まとめ
#
# - ×が出たら、「次にすること」をしてから上から動かし直します。
# - 確認の返事は、「未回答」「もう一歩」「正解」の3通りです。
#
# 次のレッスンでは、生成AIの時代にデータサイエンスを学ぶ意義を、自分の例で考えます。

# %%
check.summary()
