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
# 1人はパッケージが古く、1人は表を書けず、1人は実験の記録先につながりません。
# 英語の長いエラーからは、どれが原因なのか読み取れません。
#
# このページは、つまずきやすい所を順に試します。
# うまくいかない所では、長いエラーの代わりに「次にすること」が出ます。
# すべての行に○が付けば、この本のほかのレッスンを始められます。
#
# ## このレッスンで学ぶこと
#
# - 自分の環境の版を、Databricksの環境バージョンと照らし合わせる。
# - Deltaの表とMLflowに、書き込みと読み出しができるか確かめる。
# - 練習を1問解いて、答えの確かめ方を試す。

# %% [markdown]
# ## 動かし方
#
# セルを選び、`Shift`と`Enter`を一緒に押すと、そのセルが動いて次へ進みます。
# 上から順に動かしてください。
#
# 最初のセルは、検査を1つ試す関数です。
# うまくいけば○と結果を、いかなければ×と「次にすること」を表示します。

# %%
def step(name, check, advice):
    try:
        print(f"○ {name}: {check()}")
    except (Exception, KeyboardInterrupt) as error:
        reason = " ".join(str(error).split())[:60]
        print(f"× {name}（{type(error).__name__}: {reason}）")
        print(f"  次にすること: {advice}")


# %% [markdown]
# ## Sparkにつなぐ
#
# Sparkは、大きな表を読み書きする道具です。
# つながるかどうかを試し、Sparkの版を`found`に控えます。
# 1分待っても何も出ないときは、停止ボタン（■）を押すと「次にすること」が出ます。
# ここが×なら、後の行もほとんどが×になるので、先にここを直します。

# %%
found = {}


def connect():
    global spark
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    found["Spark"] = session.version
    spark = session
    return f"版は{session.version}"


# %%
reconnect = (
    "手元のPCなら、ターミナルで make doctor を実行し、出てきた文に従います。"
    "Databricksなら、画面の右上でサーバーレスにつなぎ直します。"
)
step("Sparkにつなぐ", connect, reconnect)

# %% [markdown]
# 表の置き場所は、カタログとスキーマの2段で決まります。
# フォルダーと、その中のフォルダーのような関係です。

# %%
step("カタログ", lambda: spark.catalog.currentCatalog(), reconnect)
step("スキーマ", lambda: spark.catalog.currentDatabase(), reconnect)

# %% [markdown]
# ## 版を照らし合わせる
#
# Databricksは、Pythonとパッケージの版の組に番号を付けています。
# この番号を **環境バージョン**（environment version）と呼びます。
# この本のコードは、環境バージョン6に合わせてあります。
# 次の`pins`では、かっこの中の左が環境6、右が環境5の版です。

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
# 自分の環境に入っている版を調べます。
# MLflowは、機能を絞った`mlflow-skinny`だけが入っていることもあります。

# %%
import platform
from importlib.metadata import distributions

found |= {item.metadata["Name"]: item.version for item in reversed([*distributions()])}
found["mlflow"] = found.get("mlflow") or found.get("mlflow-skinny")
found["Python"] = platform.python_version()

# %% [markdown]
# どちらの版に当たるかを、右端に並べます。

# %%
def label(name):
    have, (six, five) = f"{found.get(name)}.", pins[name]
    matches = [f"環境{n}" for n, pin in [(6, six), (5, five)] if have.startswith(f"{pin}.")]
    return "・".join(matches) or "その他"


# %%
for name in pins:
    print(f"{name:<14}{found.get(name) or 'なし':<12}{label(name)}")

# %% [markdown]
# 「環境6」と出た行は、この本と同じ版です。
# 「環境5」だけの行があっても先へ進めますが、表示や数値が本と少し違うことがあります。
# Pythonは、3.11から3.13までなら「その他」でも差し支えありません。
# それ以外に「その他」の行がないかを、次のセルで確かめます。

# %%
def compare():
    others = [name for name in pins if name != "Python" and label(name) == "その他"]
    if not found["Python"].startswith(("3.11.", "3.12.", "3.13.")):
        others.append("Python")
    if others:
        raise LookupError("、".join(others))
    return "Pythonは3.11から3.13、ほかは環境6か環境5の版です"


# %%
version_advice = (
    "手元のPCなら、ターミナルの make lab から開き直します。"
    "Databricksなら、右側の環境パネルで、環境バージョンを6にします。"
)
step("版を照らし合わせる", compare, version_advice)

# %% [markdown]
# ## Deltaの表に書いて読む
#
# この本の表は、Delta Lakeという形式で保存します。
# 3行の小さな表を書き、同じ数の行を読めるか試します。

# %%
def write_table():
    spark.sql("CREATE SCHEMA IF NOT EXISTS check_environment")
    spark.sql("USE check_environment")
    spark.range(3).write.mode("overwrite").saveAsTable("probe")
    form = spark.sql("DESCRIBE DETAIL probe").first()["format"]
    return f"{form}の形式で{spark.table('probe').count()}行を読めました"


# %%
write_advice = (
    "Sparkの行が×なら、先にそちらを直します。"
    "手元のPCなら、make stop の後に make lab で開き直します。"
    "Databricksなら、スキーマを作る権限があるかを管理者に聞きます。"
)
step("Deltaの表に書いて読む", write_table, write_advice)

# %% [markdown]
# ## MLflowに書いて読む
#
# MLflowは、モデルを作ったときの設定や成績を記録する道具です。
# 記録先の種類を調べます。

# %%
def tracking_store():
    import mlflow

    kind = mlflow.get_tracking_uri().split(":")[0]
    kinds = {"sqlite": "SQLite", "file": "フォルダー", "databricks": "Databricks"}
    return kinds.get(kind, "MLflowのサーバー")


# %%
record_advice = (
    "Sparkの行が×なら、先にそちらを直します。"
    "手元のPCなら、ターミナルの make lab から開き直します。"
    "Databricksなら、接続をいったん切り、つなぎ直してから上から動かします。"
)
step("MLflowの記録先", tracking_store, record_advice)

# %% [markdown]
# 数値を1つ記録し、同じ数値を読めるか試します。
# 1分待っても何も出ないときは、ここでも停止ボタン（■）を押します。
# `os.environ`の行は、記録先の長いURLを表示しないための設定です。

# %%
def write_run():
    import mlflow

    with mlflow.start_run(run_name="check_environment") as run:
        mlflow.log_metric("answer", 42)
    return mlflow.get_run(run.info.run_id).data.metrics["answer"]


# %%
import os

os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
step("MLflowに書いて読む", write_run, record_advice)

# %% [markdown]
# ここまでの行がすべて○なら、準備は終わりです。
# ×が残るときは「次にすること」をしてから、このページを上から動かし直してください。

# %% [markdown]
# ## 練習
#
# ほかのレッスンの終わりにも、次のような練習があります。
# まず何も書き換えずに、練習と確認のセルを動かしてください。
# `AssertionError`という赤い枠が出て、最後の行に「まだ答えが入っていません」と書いてあります。
# 壊れたのではなく、確認のセルからの返事です。
#
# 次に、わざと違う答えを入れて動かすと、見直す場所が出ます。
# 正しい答えなら、「正解です。」で始まる1行が出ます。
#
# 答えに書き間違いがあると、練習のセルがエラーで止まります。
# そのまま確認を動かすと、確認も`NameError`で止まることがあります。
# その時は、先に練習のセルを直して動かしてください。
#
# ### 練習 1: 環境バージョンを答える
#
# この本のコードが合わせている環境バージョンの番号を、整数で`book_version`に入れてください。
# `...`を番号に書き換えます。
#
# <details><summary>ヒント</summary>
#
# 「版を照らし合わせる」の文章に書いてあります。
#
# </details>

# %% 練習 1
book_version = ...

# %% 確認 1
assert book_version is not ..., "まだ答えが入っていません。`...`を書き換えてください。"
assert isinstance(book_version, int), "整数ではありません。引用符を付けずに書いてください。"
assert book_version == 6, (
    "番号が違います。「版を照らし合わせる」で、この本が合わせている番号を見てください。"
)
print("正解です。版の表で「環境6」と出る行が、この本と同じ版です。")

# %% [markdown]
# ## まとめ
#
# - 版、Sparkへの接続、Deltaの表、MLflowの4つを確かめました。
# - ×が出たら、「次にすること」をしてから上から動かし直します。
# - 確認の返事は、「まだ」「見直す場所」「正解です。」の3通りです。
#
# 次のレッスンでは、生成AIの時代にデータサイエンスを学ぶ意義を、自分の例で考えます。
