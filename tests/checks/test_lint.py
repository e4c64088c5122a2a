"""tools.checks.lint の規則の一つずつに、見つかる例と、見つからない例を置く。"""

import re
from pathlib import Path

import pytest

from tools.checks import lint, serverless
from tools.course.lesson import LESSONS, lesson_paths, module_paths

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
"""
LESSON = (
    HEADER
    + """\
#   textbook:
#     minutes: 10
#     runs_on: [local, databricks]
#     environment_version: 6
# ---

# %% [markdown]
# # 解約率を数える
#
# 朝、電話が鳴ります。
# 解約は何件だったかと聞かれました。

# %% [markdown]
# ## このレッスンで学ぶこと
#
# - 解約率を計算する。続けて比べる。

# %% [markdown]
# ## 数える
#
# 3件の **解約**（churn）を数えます。

# %%
churned = [1, 0, 1]

# %%
pass

# %% [markdown]
# ## 練習

# %%
from checks.lesson_11 import check

# %% [markdown]
# ### 練習 1: 解約率を求める
#
# `rate`に入れます。
#
# <details><summary>ヒント</summary>
#
# 割り算です。
#
# </details>

# %% 練習 1
rate = ...

# %% 確認 1
check(1)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** どれですか。
#
# <details><summary>ア. 乙</summary>
#
# 正解です。
#
# </details>
# <details><summary>イ. 甲</summary>
#
# 字の形で選ぶと甲になります。
#
# </details>
#
# **問 2.** どれですか。
#
# <details><summary>ア. 甲</summary>
#
# 字の形で選ぶと甲になります。
#
# </details>
# <details><summary>イ. 乙</summary>
#
# 正解です。
#
# </details>
#
# **問 3.** どれですか。
#
# <details><summary>ア. 甲</summary>
#
# 字の形で選ぶと甲になります。
#
# </details>
# <details><summary>イ. 乙</summary>
#
# 正解です。
#
# </details>

# %% [markdown]
# ## まとめ
#
# 割合を求めました。

# %%
check.summary()
"""
)
SOLUTIONS = (
    HEADER
    + """\
# ---

# %% [markdown]
# # 解答: 解約率を数える

# %% [markdown]
# 平均が割合になります。

# %% 解答 1
rate = sum(churned) / len(churned)

# %% [markdown]
# 件数と割合を取り違えています。

# %% 誤答 1
rate = sum(churned)

# %% 別解 1
rate = 2 / 3

# %% 別解 1b
import statistics

rate = statistics.mean(churned)

# %% 裏付け
assert sum(churned) == 2
"""
)
SPARK = (
    "from pyspark.sql import SparkSession\n\n"
    "spark = SparkSession.builder.getOrCreate()\n"
    'spark.sql("CREATE SCHEMA IF NOT EXISTS tested")\n'
    'spark.sql("USE tested")\n'
)

# 規則、見つかるコード、同じことをする見つからないコード。SPARK の後に置く。
CODE = [
    ("RDD", "spark.table('t').rdd.count()", "spark.table('t').count()"),
    ("RDD", "spark.sparkContext.parallelize([1])", "spark.createDataFrame([[1]])"),
    ("RDD", "sc.textFile('t')", "spark.read.text('t')"),
    ("RDD", "from pyspark import SparkContext", "from pyspark.sql import functions as F"),
    ("RDD", "from pyspark.sql import SQLContext", "from pyspark.sql import Window"),
    ("RDD", "from pyspark.mllib.stat import Statistics", "from pyspark.ml.stat import Correlation"),
    ("RDD", "spark.sparkContext.setLogLevel('ERROR')", "spark.version"),
    (
        "RDD",
        "spark.table('t').rdd.map(len)",
        "spark.table('t').groupBy('a').applyInPandas(len, 'a INT').orderBy('a').toPandas()",
    ),
    ("キャッシュ", "spark.table('t').cache()", "import functools\n\nfunctools.cache(len)"),
    ("キャッシュ", "spark.table('t').persist()", "persist = 1"),
    ("キャッシュ", "spark.table('t').unpersist()", "spark.table('t')"),
    ("キャッシュ", "spark.table('t').checkpoint()", "checkpoint = 1"),
    ("キャッシュ", "spark.sql('CACHE TABLE t')", "spark.sql('SELECT 1')"),
    ("キャッシュ", "spark.sql('REFRESH TABLE t')", "spark.sql('SELECT 1 AS refresh')"),
    ("キャッシュ", "spark.catalog.cacheTable('t')", "spark.catalog.listTables()"),
    ("キャッシュ", "spark.catalog.clearCache()", "clearCache = 1"),
    (
        "グローバル一時ビュー",
        "spark.table('t').createGlobalTempView('v')",
        "spark.table('t').createOrReplaceTempView('v')",
    ),
    (
        "グローバル一時ビュー",
        "spark.sql('CREATE GLOBAL TEMP VIEW v AS SELECT 1')",
        "spark.sql('CREATE OR REPLACE TEMP VIEW v AS SELECT 1')",
    ),
    (
        "グローバル一時ビュー",
        "spark.catalog.dropGlobalTempView('v')",
        "spark.catalog.dropTempView('v')",
    ),
    ("JVM", "spark._jvm.System", "spark.version"),
    ("JVM", "spark.table('t')._jdf", "spark.table('t').schema"),
    ("JVM", "spark._jsc", "spark.catalog"),
    ("JVM", "spark._jsparkSession", "spark.catalog"),
    ("JVM", "spark.newSession()", "spark.version"),
    ("JVM", "spark.udf.registerJavaFunction('f', 'a.B')", "spark.udf.register('f', len)"),
    (
        "Spark設定",
        "spark.conf.set('spark.executor.memory', '1g')",
        "spark.conf.set('spark.sql.shuffle.partitions', '2')",
    ),
    (
        "Spark設定",
        "spark.sql('SET spark.executor.memory = 1g')",
        "spark.sql('SET spark.sql.ansi.enabled = true')",
    ),
    ("Spark設定", "spark.conf.set('spark.sql.adaptive.enabled', 'true')", "spark.version"),
    (
        "Spark設定",
        "spark.conf.get('spark.driver.memory')",
        "spark.conf.get('spark.sql.session.timeZone')",
    ),
    ("SQL変数", "spark.sql('SET city = 1')", "spark.sql('SET VAR city = 1')"),
    ("SQL変数", "spark.sql('SET hivevar:city = 1')", "spark.sql('UPDATE t SET city = 1')"),
    ("SQL変数", "spark.sql('SELECT ${city}')", "city = 1\nspark.sql(f'SELECT {city}')"),
    (
        "セッション",
        "SparkSession.builder.appName('x').getOrCreate()",
        "SparkSession.builder.getOrCreate()",
    ),
    ("セッション", "spark.stop()", "spark.catalog"),
    ("dbutils", "dbutils.fs.ls('x')", "import os\n\nos.listdir('.')"),
    (
        "ストリーミング",
        "spark.readStream.table('t').writeStream.toTable('u').start()",
        "spark.readStream.table('t').writeStream.trigger(availableNow=True).start()",
    ),
    (
        "ストリーミング",
        "spark.readStream.table('t').writeStream.toTable('u')",
        "spark.readStream.table('t').writeStream.trigger(availableNow=True).toTable('u')",
    ),
    (
        "ストリーミング",
        "spark.readStream.table('t').writeStream.trigger(processingTime='1 second').start()",
        "spark.readStream.table('t')",
    ),
    (
        "ストリーミング",
        "spark.readStream.table('t').writeStream.trigger(once=True).toTable('u')",
        "spark.readStream.table('t')",
    ),
    (
        "foreachBatch",
        "def save(batch, number):\n    spark.sql('SELECT 1').collect()\n\n\nwriter.foreachBatch(save)",
        "def save(batch, number):\n    batch.sparkSession.sql('SELECT 1').collect()\n\n\n"
        "writer.foreachBatch(save)",
    ),
    (
        "foreachBatch",
        "writer.foreachBatch(lambda batch, number: spark.table('t').count())",
        "writer.foreachBatch(lambda batch, number: batch.count())\nspark.table('t').count()",
    ),
    (
        "foreachBatch",
        "save = lambda batch, number: spark.table('t').count()\nwriter.foreachBatch(func=save)",
        "save = lambda batch, number: spark.table('t').count()\nsave(1, 2)",
    ),
    (
        "foreachBatch",
        "def known():\n    return spark.table('t')\n\n\n"
        "def save(batch, number):\n    known().count()\n\n\nwriter.foreachBatch(save)",
        "def known(session):\n    return session.table('t')\n\n\n"
        "def save(batch, number):\n    known(batch.sparkSession).count()\n\n\n"
        "writer.foreachBatch(save)",
    ),
    (
        "foreachBatch",
        "session = SparkSession.builder.getOrCreate()\n\n\n"
        "def save(batch, number):\n    session.table('t').count()\n\n\nwriter.foreachBatch(save)",
        "def save(batch, number):\n    spark = batch.sparkSession\n    spark.table('t').count()\n\n\n"
        "writer.foreachBatch(save)",
    ),
    (
        "foreachBatch",
        "def save(batch, number, session=spark):\n    session.table('t').count()\n\n\n"
        "writer.foreachBatch(save)",
        "def save(batch, number, size=1):\n    batch.count()\n\n\nwriter.foreachBatch(save)",
    ),
    ("通信", "import requests", "import json"),
    ("通信", "import urllib.request", "from urllib.parse import quote"),
    ("通信", "import httpx", "import html"),
    ("通信", "import socket", "import string"),
    (
        "通信",
        "import pandas as pd\n\npd.read_csv('https://example.com/a.csv')",
        "import pandas as pd\n\npd.read_csv('a.csv')",
    ),
    (
        "通信",
        "import pandas as pd\n\npd.read_csv(filepath_or_buffer='https://example.com/a.csv')",
        "import pandas as pd\n\npd.read_csv(filepath_or_buffer='a.csv')",
    ),
    (
        "通信",
        "spark.read.option('header', True).csv('https://example.com/a.csv')",
        "spark.read.option('header', True).csv('a.csv')",
    ),
    (
        "通信",
        "spark.read.format('csv').load('s3://bucket/a.csv')",
        "spark.read.format('csv').load('a.csv')",
    ),
    (
        "通信",
        "from sklearn.datasets import fetch_openml",
        "from sklearn.datasets import load_breast_cancer",
    ),
    (
        "通信",
        "from sklearn import datasets\n\ndatasets.fetch_california_housing()",
        "from sklearn import datasets\n\ndatasets.load_iris()",
    ),
    ("外部コマンド", "import subprocess", "import sys"),
    ("外部コマンド", "import os\n\nos.system('ls')", "import os\n\nos.getcwd()"),
    ("入力", "city = input()", "city = 'input'"),
    ("入力", "import getpass\n\ngetpass.getpass()", "import getpass"),
    ("import", "import plotly.express as px", "import matplotlib.pyplot as plt"),
    ("import", "import seaborn", "import figures"),
    ("import", "from statsmodels import api", "from scipy import stats"),
    ("import", "import polars", "import pyarrow"),
    ("import", "import lightgbm", "import joblib"),
    ("import", "from delta.tables import DeltaTable", "import mlflow.sklearn"),
    ("置き場所", "open('/dbfs/a.csv')", "open('a.csv')"),
    (
        "置き場所",
        "spark.table('t').write.format('delta').save('/data/t')",
        "spark.table('t').write.format('delta').save('/Volumes/workspace/tested/files/t')",
    ),
    ("置き場所", "spark.read.json('/data/a.json')", "import json\n\njson.loads('1')"),
    (
        "置き場所",
        "spark.sql(\"CREATE TABLE IF NOT EXISTS t (a INT) LOCATION '/data/t'\")",
        "spark.sql('CREATE TABLE IF NOT EXISTS t (location INT)')",
    ),
    (
        "場合分け",
        "import os\n\nif 'DATABRICKS_RUNTIME_VERSION' in os.environ:\n    x = 1",
        "import os\n\nif 'HOME' in os.environ:\n    x = 1",
    ),
    (
        "場合分け",
        "spark.sql('CREATE VOLUME IF NOT EXISTS files')",
        "spark.sql('SELECT 1 AS volume')",
    ),
    (
        "場合分け",
        "from pyspark.errors import ParseException\n\n"
        "try:\n    spark.sql('SELECT 1')\nexcept (ValueError, ParseException):\n    x = 1",
        "from pyspark.errors import AnalysisException\n\n"
        "try:\n    spark.sql('SELECT 1')\nexcept AnalysisException:\n    x = 1",
    ),
    ("表の名前", "spark.table('main.sales.orders')", "spark.table('orders')"),
    (
        "表の名前",
        "spark.sql('SELECT * FROM sales.orders')",
        "spark.sql('SELECT EXTRACT(year FROM t.day) FROM orders AS t')",
    ),
    (
        "表の名前",
        "spark.table('t').write.mode('overwrite').saveAsTable('a.b')",
        "spark.table('t').write.mode('overwrite').saveAsTable('b')",
    ),
    (
        "再実行",
        "spark.sql('CREATE SCHEMA other')",
        "spark.sql('CREATE SCHEMA IF NOT EXISTS other')",
    ),
    ("再実行", "spark.sql('DROP TABLE t')", "spark.sql('DROP TABLE IF EXISTS t')"),
    (
        "再実行",
        "spark.sql('CREATE TEMP VIEW v AS SELECT 1')",
        "spark.sql('CREATE OR REPLACE TEMP VIEW v AS SELECT 1')",
    ),
    (
        "再実行",
        "spark.table('t').createTempView('v')",
        "spark.table('t').createOrReplaceTempView('v')",
    ),
    (
        "書き込み",
        "spark.table('t').write.saveAsTable('u')",
        "spark.table('t').write.mode('overwrite').saveAsTable('u')",
    ),
    (
        "並び順",
        "spark.table('t').groupBy('a').count().show()",
        "spark.table('t').groupBy('a').count().orderBy('a').show()",
    ),
    (
        "並び順",
        "display(spark.sql('SELECT a, count(*) FROM t GROUP BY a'))",
        "display(spark.sql('SELECT a, count(*) FROM t GROUP BY a ORDER BY a'))",
    ),
    (
        "並び順",
        "spark.table('t').select('a').distinct().toPandas()",
        "spark.table('t').select('a').distinct().toPandas().sort_values('a')",
    ),
    (
        "並び順",
        "spark.sql('SELECT a, count(*) FROM t GROUP BY a').toPandas()",
        "spark.sql('SELECT count(*) FROM (SELECT a FROM t GROUP BY a)').toPandas()",
    ),
    (
        "乱数",
        "import numpy as np\n\nnp.random.rand(3)",
        "import numpy as np\n\nnp.random.default_rng(0).random(3)",
    ),
    (
        "乱数",
        "import numpy as np\n\nrng = np.random.default_rng()",
        "import numpy as np\n\nrng = np.random.RandomState(0)",
    ),
    ("乱数", "import random\n\nrandom.random()", "import random\n\nrandom.Random(0).random()"),
    (
        "乱数",
        "from sklearn.cluster import KMeans\n\nKMeans(3)",
        "from sklearn.cluster import KMeans\n\nKMeans(3, random_state=0)",
    ),
    (
        "乱数",
        "from sklearn.model_selection import KFold\n\nKFold(5, shuffle=True)",
        "from sklearn.model_selection import KFold\n\nKFold(5)",
    ),
    ("乱数", "spark.table('t').sample(0.1)", "spark.table('t').sample(0.1, seed=0)"),
    (
        "時刻",
        "import time\n\nstart = time.time()\nprint(time.time() - start)",
        "import time\n\nstart = time.time()\nprint(3)",
    ),
    (
        "時刻",
        "from datetime import datetime\n\nnow = datetime.now()\nprint(now)",
        "from datetime import datetime\n\nday = datetime(2026, 1, 1)\nprint(day)",
    ),
    (
        "ステージ",
        "client.transition_model_version_stage('m', 1)",
        "client.set_registered_model_alias('m', 'champion', 1)",
    ),
    (
        "ステージ",
        "client.get_latest_versions('m')",
        "client.get_model_version_by_alias('m', 'champion')",
    ),
    ("ステージ", "client.update(stage='x')", "client.update(alias='x')"),
    ("ステージ", "uri = 'models:/m/Production'", "uri = 'models:/m@champion'"),
    ("マジック", "%pip install x", "x = 7 % 3"),
    ("マジック", "!ls", "x = not True"),
    ("構文", "x = (", "x = ()"),
    ("コメント", "# 一\n# 二\n# 三\nx = 1", "# 一\nx = '# 二 # 三'"),
    ("セルの長さ", "x = 1\n" * 21, "x = 1\n" * 20),
]
FIGURE = "import matplotlib.pyplot as plt\n\nfig, ax = plt.subplots()\n"
ALT = '# %% mystnb={"image": {"alt": "縦軸は件数の棒グラフ"}}\n'
TAGGED = ALT.replace("# %% ", '# %% tags=["figure"] ')
FOLDED = TAGGED + FIGURE + "low = 2\nplt.show()\n\n"
PLOT = "ax.plot([1])\n"

# 規則、見つかる書き換え（元、先）、見つからない書き換え。どちらも LESSON に行う。
SHAPE = [
    (
        "ファイル",
        ("# ---\n\n# %% [markdown]\n# # 解", "# ---\nx = 1\n# %% [markdown]\n# # 解"),
        None,
    ),
    ("ヘッダー", ("#     language: python\n", ""), None),
    ("ヘッダー", ("minutes: 10", 'minutes: "10"'), ("minutes: 10", "minutes: 15")),
    ("ヘッダー", ("#     minutes: 10\n", ""), None),
    (
        "ヘッダー",
        ("#   textbook:", "#   jupytext:\n#     jupytext_version: 1.19\n#   textbook:"),
        None,
    ),
    ("ヘッダー", ("[local, databricks]", "[colab]"), ("[local, databricks]", "[local]")),
    ("ヘッダー", ("environment_version: 6", "environment_version: v6"), None),
    ("ヘッダー", ("environment_version: 6", "environment_version: 6\n#     level: 1"), None),
    ("題", ("# # 解約率を数える\n#\n", ""), None),
    ("題", ("# ## 数える", "# # 数える"), None),
    ("導入", ("#\n# 朝、電話が鳴ります。\n# 解約は何件だったかと聞かれました。\n", ""), None),
    ("見出し", ("# ## 数える", "# #### 数える"), ("# ## 数える", "# ### 数える")),
    ("節", ("# ## まとめ", "# ## おわり"), None),
    ("節", ("# ## このレッスンで学ぶこと", "# ## 学ぶこと"), None),
    ("節", ("# ## 練習\n", "# ## 演習\n"), None),
    ("節", ("# ## 理解度チェック", "# ## 問題"), None),
    ("節", ("# ## 理解度チェック【自習】", "# ## 理解度チェック"), None),
    ("節", ("# ## まとめ", "# ## まとめ【自習】"), None),
    ("印", ("# ## 数える", "# ## 【自習】数える"), ("# ## 数える", "# ## 数える【自習】")),
    ("印", ("# # 解約率を数える", "# # 解約率を数える【自習】"), None),
    ("教室の練習", ("解約率を求める", "解約率を求める【自習】"), None),
    (
        "教室の練習",
        ("### 練習 1: 解約率を求める", "### 練習 1: 解約率を求める【自習】"),
        ("minutes: 10", "minutes: 5"),
    ),
    (
        "節",
        ("# 割合を求めました。", "# 割合を求めました。\n#\n# ## 次"),
        ("# 割合を求めました。", "# 割合を求めました。\n#\n# ### 次"),
    ),
    ("理解度チェック", ("**問 3.**", "**問 4.**"), None),
    ("理解度チェック", ("# **問 3.** どれですか。\n", ""), None),
    (
        "理解度チェック",
        ("イ. 甲</summary>\n#\n# 字の形で選ぶと甲になります。\n", "イ. 甲</summary>\n#\n"),
        None,
    ),
    (
        "理解度チェック",
        ("ア. 乙</summary>\n#\n# 正解です。", "ア. 乙</summary>\n#\n# 違います。"),
        None,
    ),
    (
        "理解度チェック",
        ("イ. 甲</summary>\n#\n# 字の形で", "イ. 甲</summary>\n#\n# 正解です。\n# 字の形で"),
        None,
    ),
    (
        "理解度チェック",
        ("ア. 乙</summary>", "ア. どちらかと言えば乙</summary>"),
        ("ア. 乙</summary>", "ア. <code>乙</code>です</summary>"),
    ),
    (
        "理解度チェック",
        ("ア. 乙</summary>\n#\n# 正解です。", "ア. 甲</summary>\n#\n# 字の形です。"),
        (
            "ア. 乙</summary>\n#\n# 正解です。",
            "ア. 乙</summary>\n#\n# 正解です。\n# 形ではありません。",
        ),
    ),
    (
        "記法",
        ("# 3件の", "# ```{note}\n# 注\n# ```\n# 3件の"),
        ("# 3件の", "# ```python\n# 1\n# ```\n# 3件の"),
    ),
    ("記法", ("# 3件の", "# {ref}`a` 3件の"), ("# 3件の", "# `{ref}` 3件の")),
    ("記法", ("# 3件の", "# :::note\n#\n# 3件の"), ("# 3件の", "# `:::` 3件の")),
    ("記法", ("# 3件の", "# <b>3</b>件の"), ("# 3件の", "# `<b>` 3件の")),
    ("消える行", ("# 3件の", "# %run は3件の"), ("# 3件の", "# `%run` は3件の")),
    ("数式", ("# 3件の", "# $10が$8になった3件の"), ("# 3件の", "# `$10`が$8になった3件の")),
    ("強調", ("**解約**（churn）を", "**解約（churn）**を"), ("**解約**（", "`**kwargs`（")),
    ("折りたたみ", ("</summary>\n#\n# 割り算", "</summary>\n# 割り算"), None),
    ("折りたたみ", ("# 割り算です。\n#\n", "# 割り算です。\n"), None),
    (
        "折りたたみの題",
        ("<summary>ヒント", "<summary>`a`のヒント"),
        ("<summary>ヒント", "<summary><code>a</code>のヒント"),
    ),
    (
        "改行",
        ("朝、電話が鳴ります。\n# 解", "朝、電話が\n# 解"),
        ("電話が鳴ります。\n# 解", "電話（外線）\n# 解"),
    ),
    (
        "改行",
        ("鳴ります。\n# 解約", "鳴ります。解約"),
        ("朝、電話が鳴ります。", "「はい。誰」と言います。"),
    ),
    ("文字", ("朝、", "朝、\u3000"), ("朝、", "朝、 ")),
    ("文字", ("3件の", "３件の"), ("3件の", "`３`件の")),
    ("セルの題", ("# %% 練習 1\n", "# %% 練習1\n"), None),
    ("セルの題", ("# %%\npass", "# %% 解答 1\npass"), ("# %%\npass", "# %% 下ごしらえ\npass")),
    ("セルの題", ("# %%\npass", "# %% 練習 1\npass"), None),
    (
        "セルの長さ",
        ("# %%\npass", ("# %%\n" + "x = 1\n" * 6) * 5),
        ("# %%\npass", ("# %%\n" + "x = 1\n\n" * 5) * 5),
    ),
    ("練習", ("練習 1: 解約率を", "練習 2: 解約率を"), ("練習 1: 解約率を", "練習 1: 率を")),
    ("練習", ("rate = ...", "rate = None"), ("rate = ...", "rate = [...]")),
    ("練習", ("# %% 確認 1", "# %% 確認 2"), None),
    ("確認", ("# %% 確認 1", "# %%\nx = 1\n\n# %% 確認 1"), None),
    ("確認", ("# %% 確認 1\ncheck(1)", "# %% 確認 1\ncheck(2)"), None),
    (
        "確認",
        ("# %% 確認 1\ncheck(1)", '# %% 確認 1\nassert rate, "率がありません。"\ncheck(1)'),
        None,
    ),
    ("確認", ("\n# %%\ncheck.summary()\n", ""), None),
    ("確認", ("\n# %%\ncheck.summary()\n", "\n# %%\ncheck.summary()\n\n# %%\npass\n"), None),
    ("練習", ("# %%\nfrom checks.lesson_11 import check\n\n", ""), None),
    ("練習", ("from checks.lesson_11 import check", "from checks.lesson_12 import check"), None),
    (
        "練習",
        ("from checks.lesson_11 import check", "import math\nfrom checks.lesson_11 import check"),
        None,
    ),
    ("練習", ("# %% 確認 1\n", "# %% 確認 1\nfrom checks.lesson_11 import check\n\n"), None),
    (
        "練習の変数",
        (
            "# ## 理解度チェック",
            "# ## 次\n\n# %%\nprint(rate)\n\n# %% [markdown]\n# ## 理解度チェック",
        ),
        (
            "# ## 理解度チェック",
            "# ## 次\n\n# %%\nrate = 1\nprint(rate)\n\n# %% [markdown]\n# ## 理解度チェック",
        ),
    ),
    (
        "図の説明",
        ("# %%\npass", "# %%\n" + FIGURE + "plt.show()"),
        ("# %%\npass", ALT + FIGURE + "plt.show()"),
    ),
    (
        "図の説明",
        ("# %%\npass", ALT.replace("縦軸は件数の棒グラフ", "bar") + FIGURE + "plt.show()"),
        None,
    ),
    (
        "図の説明",
        ("# %%\npass", "# %%\nchurned.mean().plot.bar()\nprint()"),
        ("# %%\npass", "# %%\nchurned.mean().round()\nprint()"),
    ),
    (
        "図の終わり",
        ("# %%\npass", ALT + FIGURE + "ax.plot([1])"),
        ("# %%\npass", ALT + FIGURE + "plt.show()"),
    ),
    (
        "図のコード",
        ("# %%\npass", ALT + FIGURE + PLOT * 4 + "plt.show()"),
        ("# %%\npass", TAGGED + FIGURE + PLOT * 4 + "plt.show()"),
    ),
    (
        "図のコード",
        ("# %%\npass", "# %%\ndef draw():\n    plt.figure()\n" + "    print()\n" * 5),
        ("# %%\npass", ALT + FIGURE + PLOT * 3 + "plt.show()"),
    ),
    (
        "図の変数",
        ("# %%\npass", FOLDED + "# %%\nprint(low)"),
        ("# %%\npass", FOLDED + "# %%\nlow = 3\nprint(low)"),
    ),
    (
        "図の変数",
        ("# %%\npass", FOLDED + "# %%\nprint(plt)"),
        ("# %%\npass", FOLDED + TAGGED + "plt.show()"),
    ),
    (
        "図の変数",
        ("# %% 練習 1\nrate = ...", FOLDED + "# %% 練習 1\nrate = [low, ...]"),
        ("# %%\npass", TAGGED + "def draw():\n    pass\n\n\n# %%\ndraw()"),
    ),
    (
        "スキーマ",
        ("# %%\npass", "# %%\nspark.table('t')"),
        ("# %%\npass", "# %%\n" + SPARK + "spark.table('t')"),
    ),
]

# 規則、SOLUTIONS の書き換え（元、先）、見つからない書き換え。
ANSWERS = [
    ("ヘッダー", ("Python 3 (ipykernel)", "Python 3"), None),
    ("ヘッダー", ("# ---\n\n", "#   level: 1\n# ---\n\n"), None),
    ("解答", ("# # 解答: 解約率を数える", "# # 解答: 率"), None),
    ("解答", ("# 平均が割合", "# ## 考え方\n#\n# 平均が割合"), None),
    ("解答", ("# %% 解答 1\nrate = sum(churned) / len(churned)\n", ""), None),
    ("解答", ("# %% 誤答 1\nrate = sum(churned)\n", ""), None),
    ("解答", ("# %% [markdown]\n# 平均が割合になります。\n\n", ""), None),
    (
        "解答",
        ("# %% 裏付け\n", "# %% [markdown]\n# 文。\n\n# %% 解答 2\nx = 1\n\n# %% 裏付け\n"),
        ("# %% 裏付け\n", "# %% [markdown]\n# 文。\n\n# %% 誤答 1b\nx = 1\n\n# %% 裏付け 2\n"),
    ),
    ("解答", ("assert sum(churned) == 2", "sum(churned)"), None),
    ("解答", ("# %% 別解 1b\n", "# %% 裏付け 2\nassert sum(churned)\n"), None),
    (
        "解答",
        ("# %% 別解 1\n", "# %% [markdown]\n# 手で割ります。\n\n# %% 別解 2\n"),
        ("# %% 別解 1\n", "# %% [markdown]\n# 手で割ります。\n\n# %% 別解 1\n"),
    ),
    ("セルの題", ("# %% 裏付け", "# %%"), None),
    ("セルの題", ("# %% 誤答 1", "# %% 解答 1"), None),
    (
        "import",
        ("# %% 解答 1\n", "# %% 解答 1\nimport seaborn\n"),
        ("# %% 解答 1\n", "# %% 解答 1\nimport math\n"),
    ),
    ("文字", ("# 平均", "# \u3000平均"), None),
]


def rules_of(folder: Path, lesson: str = LESSON, solutions: str = SOLUTIONS) -> set[str]:
    """書いた授業と解答から見つかった規則の名前。"""
    paths = folder / "11_tested.py", folder / "11_tested_solutions.py"
    for path, text in zip(paths, (lesson, solutions), strict=True):
        path.write_text(text, encoding="utf-8")
    return {finding.rule for finding in lint.lint_lesson(*paths)}


def replaced(text: str, change: tuple[str, str]) -> str:
    assert change[0] in text, "書き換える文字が、例にありません。"
    return text.replace(*change, 1)


def with_code(code: str) -> str:
    return replaced(LESSON, ("# %%\npass", f"# %%\n{SPARK}\n# %%\n{code}"))


def test_clean_example_has_no_findings(tmp_path):
    assert rules_of(tmp_path) == set()


@pytest.mark.parametrize(("rule", "bad", "good"), CODE)
def test_code_rule(tmp_path, rule, bad, good):
    assert rule in rules_of(tmp_path, with_code(bad))
    assert rules_of(tmp_path, with_code(good)) == set()


@pytest.mark.parametrize(("rule", "bad", "good"), SHAPE)
def test_lesson_rule(tmp_path, rule, bad, good):
    assert rule in rules_of(tmp_path, replaced(LESSON, bad))
    assert not good or rules_of(tmp_path, replaced(LESSON, good)) == set()


@pytest.mark.parametrize(("rule", "bad", "good"), ANSWERS)
def test_solutions_rule(tmp_path, rule, bad, good):
    assert rule in rules_of(tmp_path, solutions=replaced(SOLUTIONS, bad))
    assert not good or rules_of(tmp_path, solutions=replaced(SOLUTIONS, good)) == set()


def test_every_rule_has_an_example():
    assert {row[0] for row in [*CODE, *SHAPE, *ANSWERS]} | {"判定"} == set(lint.RULES)


def test_line_points_into_the_source_file(tmp_path):
    lesson = tmp_path / "11_tested.py"
    solutions = tmp_path / "solutions.py"
    lesson.write_text(with_code("x = 1\nimport seaborn"), encoding="utf-8")
    solutions.write_text(SOLUTIONS, encoding="utf-8")
    [finding] = lint.lint_lesson(lesson, solutions)
    assert lesson.read_text(encoding="utf-8").splitlines()[finding.line - 1] == "import seaborn"
    assert str(finding).startswith(f"{lesson}:{finding.line}: [import] `seaborn` は")


def test_line_in_a_paragraph_is_exact(tmp_path):
    lesson = tmp_path / "11_tested.py"
    solutions = tmp_path / "solutions.py"
    lesson.write_text(replaced(LESSON, ("# 解約は何件", "# <b>解約</b>は何件")), encoding="utf-8")
    solutions.write_text(SOLUTIONS, encoding="utf-8")
    lines = {finding.line for finding in lint.lint_lesson(lesson, solutions)}
    assert [lesson.read_text(encoding="utf-8").splitlines()[n - 1][:5] for n in lines] == ["# <b>"]


def test_missing_solutions_are_reported(tmp_path):
    lesson = tmp_path / "11_tested.py"
    lesson.write_text(LESSON, encoding="utf-8")
    [finding] = lint.lint_lesson(lesson, tmp_path / "nothing.py")
    assert finding.rule == "ファイル"


def test_check_environment_needs_neither_minutes_nor_quiz(tmp_path):
    lesson = replaced(LESSON, ("#     minutes: 10\n", ""))
    lesson = replaced(lesson, ("lesson_11", "lesson_00"))
    quiz = lesson[
        lesson.index("# %% [markdown]\n# ## 理解度") : lesson.index("# %% [markdown]\n# ## まとめ")
    ]
    path, solutions = tmp_path / "00_check_environment.py", tmp_path / "solutions.py"
    path.write_text(lesson.replace(quiz, ""), encoding="utf-8")
    solutions.write_text(SOLUTIONS, encoding="utf-8")
    assert lint.lint_lesson(path, solutions) == []
    timed = replaced(lesson, ("#   textbook:\n", "#   textbook:\n#     minutes: 10\n"))
    path.write_text(timed.replace(quiz, ""), encoding="utf-8")
    assert [finding.rule for finding in lint.lint_lesson(path, solutions)] == ["ヘッダー"]


def test_module_rules(tmp_path):
    module = tmp_path / "helper.py"
    module.write_text("import numpy\n", encoding="utf-8")
    assert lint.lint_module(module) == []
    module.write_text("import requests\nx = '\u3000'\n", encoding="utf-8")
    assert [(f.line, f.rule) for f in lint.lint_module(module)] == [(1, "通信"), (2, "文字")]


def test_only_the_checkpoint_folder_may_depend_on_the_platform(tmp_path):
    name, function = serverless.BRANCHING_PLACE
    real = (LESSONS / f"{name}.py").read_text(encoding="utf-8")
    [place] = [path for path in module_paths() if f"def {function}(" in path.read_text("utf-8")]
    assert place.stem == name and lint.lint_module(place) == []

    def found(stem: str, text: str) -> list[tuple[int, str]]:
        module = tmp_path / f"{stem}.py"
        module.write_text(text, encoding="utf-8")
        return [(finding.line, finding.rule) for finding in lint.lint_module(module)]

    lines = [
        i
        for i, line in enumerate(real.splitlines(), 1)
        if re.search("CREATE VOLUME IF|except P", line)
    ]
    wanted = [(line, "場合分け") for line in lines]
    assert len(wanted) == 2 and found(name, real) == []
    assert found("another", real) == wanted  # ほかのモジュールでは許さない
    assert found(name, real.replace(f"def {function}", "def another")) == wanted  # ほかの関数でも
    nested = "def outer():\n" + "".join(f"    {line}\n" for line in real.splitlines())
    assert [rule for _, rule in found(name, nested)] == ["場合分け"] * 2
    assert rules_of(tmp_path, with_code(real.partition("from pathlib import Path\n\n")[2])) >= {
        "場合分け"
    }


JUDGES = """\
from checks import Exercises, near, retry, share

check = Exercises()


@check.judge(1)
def _(rate, *, churned):
    if not near(share(rate), sum(churned) / 3):
        retry("分母を見てください。")
    return "3件のうち2件が解約です。"
"""
# 判定のモジュールの書き換え（元、先）、見つかる行。
JUDGING = [
    (("judge(1)", "judge(2)"), {1, 7}),
    (("def _(rate, *, churned)", "def _(rate, churned)"), {7}),
    (("分母を見てください。", "分母を見てください！"), {9}),
    (("分母を見てください。", "分母を見てください"), {9}),
    (("分母を見てください。", "Look at it."), {9}),
    (("        retry(", "        assert rate\n        retry("), {9}),
    (("check = Exercises()", "check = Exercises()\nA, B = 1, 2\nB = 3"), {5}),
]


def lines_of_judges(folder: Path, judges: str) -> list[tuple[int, str]]:
    (folder / "checks").mkdir(exist_ok=True)
    (folder / "11_tested.py").write_text(LESSON, encoding="utf-8")
    module = folder / "checks" / "lesson_11.py"
    module.write_text(judges, encoding="utf-8")
    return [(finding.line, finding.rule) for finding in lint.lint_module(module)]


@pytest.mark.parametrize(("change", "lines"), JUDGING)
def test_judges_fit_their_lesson(tmp_path, change, lines):
    assert lines_of_judges(tmp_path, JUDGES) == []
    found = lines_of_judges(tmp_path, replaced(JUDGES, change))
    assert {line for line, _ in found} == lines and {rule for _, rule in found} == {"判定"}


def test_exit_code_and_summary(tmp_path, capsys):
    module = tmp_path / "helper.py"
    module.write_text("import numpy\n", encoding="utf-8")
    assert lint.main([str(module)]) == 0
    assert capsys.readouterr().out == "1 ファイルを調べました。直すところは 0 件です。\n"
    module.write_text("import requests\n", encoding="utf-8")
    assert lint.main([str(module)]) == 1
    assert "直すところは 1 件です。" in capsys.readouterr().out


@pytest.mark.parametrize("path", lesson_paths(), ids=lambda path: path.stem)
def test_real_lesson(path):
    assert [str(finding) for finding in lint.lint_lesson(path)] == []


@pytest.mark.parametrize("path", module_paths(), ids=lambda path: path.stem)
def test_real_module(path):
    assert [str(finding) for finding in lint.lint_module(path)] == []


def test_no_solutions_without_a_lesson():
    names = {path.name for path in lesson_paths(LESSONS.with_name("solutions"))}
    assert names == {path.name for path in lesson_paths()}
