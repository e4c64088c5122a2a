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
# # Unity Catalogによるガバナンス
#
# ひだまり便に、1人の顧客から手紙が届きました。
# 「私のメールアドレスを、どこで、誰が、何に使っていますか」。
# 法務の小林さんは、分析チームに聞いて回ります。
#
# 表は`customers`のほかに`customers_2`と`cust_for_test`があり、どれが本物か分かりません。
# 開発用の表を全員が読めるので、誰が見たかも分かりません。
# 解約予測に使ったかと聞くと、「たぶん使っていない」という返事でした。
# 返事を書き終えるまでに、3週間かかりました。
#
# 何がどこにあり、誰が読めて、誰が触り、何に使われたか。
# この4つにいつでも答えられるようにしておくことを **ガバナンス**（governance）と呼びます。
# ここでは4つを順に作り、同じ手紙に数分で答えられるようにします。
#
# ## このレッスンで学ぶこと
#
# - 3つの部分からなる名前で、表やモデルの置き場所を決める。
# - 表と列に説明を付け、個人情報の列をコードで探す。
# - 役割ごとに要る権限を、`GRANT`の文で書く。
# - 表の履歴から、いつ何が変わったかを調べる。
# - 来歴をたどり、元の列を直したときの影響を挙げる。

# %% [markdown]
# ## このレッスンの札
#
# **Unity Catalog** は、Databricksで表、ファイル、モデルをまとめて管理する仕組みです。
# 手元のワークスペースには、その一部しかありません。
# どこまでが本物かを、節ごとに札で示します。
#
# | 札 | 意味 |
# |---|---|
# | 【両方で本物】 | 同じコードが手元でもDatabricksでも動く |
# | 【手元で代替】 | Databricksが自動でする仕事を、仕組みが分かるように手元で作る |
# | 【読むだけ】 | Databricksで実行する文を読む。この本では、実機で確かめていない |
#
# Unity Catalogの役目は4つです。
#
# | 役目 | 答えられる問い | このレッスンでの札 |
# |---|---|---|
# | データカタログ | 何がどこにあるか | 【両方で本物】 |
# | アクセス制御 | 誰が読めるか | 【読むだけ】と【手元で代替】 |
# | 監査ログ | 誰がいつ触ったか | 【両方で本物】（表の変更だけ） |
# | リネージ追跡 | 何から作られ、何に使われたか | 【手元で代替】 |

# %% [markdown]
# ## 名前は3つの部分からなる【両方で本物】
#
# 表もモデルも、`カタログ.スキーマ.名前`の3つで1つに決まります。
# カタログがいちばん大きな区切りで、その中にスキーマ、その中に表やモデルがあります。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS unity_catalog")
spark.sql("USE unity_catalog")

# %%
catalog, schema = spark.catalog.currentCatalog(), spark.catalog.currentDatabase()
print(f"いまの場所: {catalog}.{schema}")

# %% [markdown]
# 手元のカタログは`spark_catalog`だけで、Databricks Free Editionでは`workspace`が最初からあります。
# 仕事では、カタログを環境の区切りに使います。
#
# | 名前 | 誰が使うか |
# |---|---|
# | `dev.churn.customers` | 開発者が自由に作り直す |
# | `staging.churn.customers` | 出す前の試験に使う |
# | `prod.churn.customers` | 本番。決まった手順でだけ書き換わる |
#
# 「本物の`customers`はどれか」という問いは、名前を見れば答えられます。
# `customers_2`のような名前で環境を区別すると、いつか取り違えます。

# %% [markdown]
# ## 何がどこにあるか: データカタログ【両方で本物】
#
# 説明の付いた表を2つ作ります。
# 表と列の説明は`COMMENT`で書きます。

# %%
for name in ("orders", "customers"):
    spark.sql(f"DROP TABLE IF EXISTS {name}")

# %%
spark.sql("""
    CREATE TABLE customers (
        customer_id BIGINT COMMENT '顧客番号',
        email STRING COMMENT '個人情報: 連絡先のメール',
        birth_year INT COMMENT '個人情報: 生まれた年',
        plan STRING COMMENT '料金プラン'
    ) USING DELTA COMMENT '顧客の一覧。毎朝5時に更新。持ち主は顧客データ係'
""")
print("customersを作りました。")

# %%
spark.sql("""
    CREATE TABLE orders (
        order_id BIGINT COMMENT '注文番号',
        customer_id BIGINT COMMENT '顧客番号',
        ship_to STRING COMMENT '個人情報: 届け先の住所',
        yen BIGINT
    ) USING DELTA COMMENT '定期便の注文。1行が1回の配達'
""")
print("ordersを作りました。")

# %% [markdown]
# この場所に、どんな表があるでしょうか。

# %%
for table in sorted(spark.catalog.listTables(), key=lambda table: table.name):
    if table.name in ("customers", "orders"):
        print(f"{table.name}: {table.description}")

# %% [markdown]
# 表を開かなくても、何の表で、誰に聞けばよいかが分かります。
# 列の説明もコードで読めるので、「個人情報の列はどれか」を数えられます。

# %%
import pandas as pd

columns = pd.DataFrame([
    {"table": name, "column": column.name, "comment": column.description}
    for name in ("customers", "orders")
    for column in spark.catalog.listColumns(name)
])
columns

# %%
personal = columns[columns["comment"].fillna("").str.startswith("個人情報")]
print(sorted(personal["table"] + "." + personal["column"]))

# %% [markdown]
# 手紙の最初の問い「どこで」に、聞いて回らずに答えられました。
# ただし、答えられるのは説明を書いた列だけです。
# 表の一覧を見ると、`orders.yen`の説明が空です。
# 説明のない列を探すコードを毎日動かせば、書き忘れも見つかります。
#
# Databricksでは、同じ一覧を`information_schema.columns`という表からSQLで読めます。
# 個人情報の目印には、説明文よりも専用の札が向きます【読むだけ】。
#
# ```sql
# ALTER TABLE prod.churn.customers ALTER COLUMN email SET TAGS ('pii' = 'email');
# ```

# %% [markdown]
# ## 誰が読めるか: アクセス制御【読むだけ】【手元で代替】
#
# Databricksでは、権限を`GRANT`という文で渡します。
# 渡す相手は1人ずつではなく、役割ごとのグループにします。
# 人が異動しても、グループから外すだけで済むからです。
#
# ```sql
# GRANT USE CATALOG ON CATALOG prod TO `analysts`;
# GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`;
# GRANT SELECT ON TABLE prod.churn.orders TO `analysts`;
# ```
#
# 3行とも要ります。
# 建物、階、部屋の3つの扉があり、`USE CATALOG`が建物、`USE SCHEMA`が階、`SELECT`が部屋の鍵だと考えてください。
# `SELECT`だけを渡しても、建物に入れないので読めません。
# また、上の区切りに渡した権限は、中のすべてに及びます。
# `SELECT`をスキーマに渡すと、そのスキーマの表が全部読めるようになります。
#
# よく使う権限を並べます。
#
# | 権限 | できること |
# |---|---|
# | `USE CATALOG`、`USE SCHEMA` | 中にあるものへたどり着く |
# | `SELECT` | 表を読む |
# | `MODIFY` | 表に書き足す、書き換える、行を消す |
# | `CREATE TABLE` | スキーマの中に表を作る |
# | `EXECUTE` | 登録したモデルや関数を使う |
#
# 手元には権限の仕組みがないので、決まりを短い関数にして確かめます。
# `grants`は、権限、対象、相手の組の一覧です。

# %%
def has(grants, who, privilege, target):
    parts = target.split(".")
    above = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return any((privilege, place, who) in grants for place in above)


def can_read(grants, who, table):
    catalog_name, schema_name, _ = table.split(".")
    return (
        has(grants, who, "USE CATALOG", catalog_name)
        and has(grants, who, "USE SCHEMA", f"{catalog_name}.{schema_name}")
        and has(grants, who, "SELECT", table)
    )


# %% [markdown]
# `has`は、対象そのものか、その上の区切りに権限があるかを調べます。
# `can_read`は、3つの扉がすべて開くかを調べます。
# `SELECT`だけを渡した人と、3つとも渡した人を比べます。

# %%
grants = {
    ("SELECT", "prod.churn.orders", "interns"),
    ("USE CATALOG", "prod", "analysts"),
    ("USE SCHEMA", "prod.churn", "analysts"),
    ("SELECT", "prod.churn.orders", "analysts"),
}

# %%
for who in ("interns", "analysts"):
    for table in ("prod.churn.orders", "prod.churn.customers"):
        print(f"{who}が{table}を読めるか: {can_read(grants, who, table)}")

# %% [markdown]
# `interns`には扉の鍵がないので、`orders`も読めません。
# `analysts`は`orders`だけを読めます。
# 「要るものだけを渡す」という考え方を **最小権限の原則**（principle of least privilege）と呼びます。

# %% [markdown]
# ## 誰がいつ触ったか: 監査ログ【両方で本物】
#
# Deltaの表は、変更のたびに履歴を残します。
# 2件の注文を足し、1件の金額を直してから、履歴を読みます。

# %%
spark.sql("INSERT INTO orders VALUES (1, 101, '東京都', 3980), (2, 102, '大阪府', 5980)")
spark.sql("UPDATE orders SET yen = 4980 WHERE order_id = 1")

# %%
history = spark.sql("DESCRIBE HISTORY orders").orderBy("version")
history.select("version", "operation").show(truncate=False)

# %% [markdown]
# いつ（`timestamp`）、何をしたか（`operation`）が版ごとに残ります。
# Databricksでは、誰がしたか（`userName`）も入ります。
# 手元では空です。
#
# この履歴には、読んだだけの人は残りません。
# Databricksでは、読んだ記録も`system.access.audit`という表に残ります【読むだけ】。
#
# ```sql
# SELECT event_time, user_identity.email, action_name
# FROM system.access.audit
# WHERE request_params.full_name_arg = 'prod.churn.customers'
# ORDER BY event_time DESC;
# ```
#
# この表を読むには管理者の許可が要り、Free Editionでは読めないことがあります。

# %% [markdown]
# ## 何から作られ、何に使われたか: リネージ【手元で代替】
#
# Unity Catalogは、SparkやSQLの実行を見て、表から表へのつながりを自動で残します。
# これがリネージ（来歴）です。
# 手元では自動で残らないので、同じ形のつながりを自分で書きます。
# 左が元、右がそこから作られたものです。

# %%
edges = [
    ("customers.plan", "features.plan"),
    ("customers.birth_year", "features.age"),
    ("orders.yen", "features.spend_3m"),
    ("features.plan", "churn_model v1"),
    ("features.spend_3m", "churn_model v1"),
    ("churn_model v1", "predictions"),
    ("features.age", "monthly_report"),
]

# %% [markdown]
# ある列から先へ、たどれるだけたどる関数を作ります。

# %%
def downstream(start):
    found, waiting = [], [start]
    while waiting:
        here = waiting.pop()
        for source, target in edges:
            if source == here and target not in found:
                found.append(target)
                waiting.append(target)
    return sorted(found)


# %%
for column in ("customers.email", "customers.birth_year", "orders.yen"):
    print(f"{column} → {downstream(column)}")

# %% mystnb={"image": {"alt": "左から元の列、特徴量、モデルとレポート、予測の順に箱が並び、線でつながる図。メールの列からはどこへも線が出ていない"}}
import matplotlib.pyplot as plt
from japanese_font import use_japanese_font

use_japanese_font()
places = {
    "customers.email": (0, 3), "customers.birth_year": (0, 2), "customers.plan": (0, 1),
    "orders.yen": (0, 0), "features.age": (1, 2), "features.plan": (1, 1),
    "features.spend_3m": (1, 0), "monthly_report": (2, 2), "churn_model v1": (2, 0.5),
    "predictions": (3, 0.5),
}
fig, ax = plt.subplots(figsize=(7, 3.4))
for source, target in edges:
    ax.plot(*zip(places[source], places[target], strict=True), color="gray", zorder=1)
for name, (x, y) in places.items():
    ax.text(x, y, name, ha="center", fontsize=8, bbox={"fc": "white", "ec": "tab:blue"})
ax.set(xlim=(-0.5, 3.4), ylim=(-0.5, 3.5))
ax.axis("off")
plt.show()

# %% [markdown]
# 左の元の列から右へ、線に沿ってたどります。
# `customers.email`からは、どこへも線が出ていません。
# 小林さんは「メールアドレスは、解約予測には使っていません」と書けます。
# 生まれた年は、モデルではなく月次のレポートに使われていました。
#
# この図は、書き漏らした線があれば間違います。
# 人の書いた来歴が当てにならないからこそ、実行から自動で残す仕組みに値打ちがあります。
# Databricksでは、カタログエクスプローラーの「リネージ」の画面か、`system.access.column_lineage`の表で見られます【読むだけ】。

# %% [markdown]
# ## 練習
#
# ### 練習 1: 3つの役割に権限を渡す
#
# 本番の表に、次の権限を渡します。
# 役割ごとに、`GRANT`の文のリストを書いてください。
# 余分な権限は渡しません。
#
# - `analysts`: `prod.churn.orders`を読む。`prod.churn.customers`は読めない。
# - `data_engineers`: スキーマ`prod.churn`のすべての表を読み、書き換える。
# - `app`: モデル`prod.churn.churn_model`を使う。表は読めない。モデルの種類は`FUNCTION`と書く。
#
# 1つの文で渡す権限は1つにします。
#
# <details><summary>ヒント</summary>
#
# どの役割にも、建物と階の鍵が要ります。
# スキーマに渡した権限は、中のすべての表に及びます。
# モデルを使う権限の名前は、権限の表にあります。
#
# </details>

# %% 練習 1
statements = {
    "analysts": [...],
    "data_engineers": [...],
    "app": [...],
}

# %% 確認 1
import re

lists = {who: one if isinstance(one, list) else [one] for who, one in statements.items()}
written = [(who, one) for who, given in lists.items() for one in given]
assert written and all(one is not ... for _, one in written), "まだ答えの入っていない役割があります。"
shape = r"GRANT ([A-Z ]+?) ON (CATALOG|SCHEMA|TABLE|FUNCTION) ([\w.]+) TO `?(\w+)`?;?"
matches = [(who, re.fullmatch(shape, " ".join(str(one).split()))) for who, one in written]
assert all(match and match[4] == who for who, match in matches), (
    "`GRANT 権限 ON 種類 対象 TO 相手`の形になっていない文か、相手の名前の違う文があります。"
)
got = {who: {match.groups()[:3] for name, match in matches if name == who} for who in lists}
keys = {("USE CATALOG", "CATALOG", "prod"), ("USE SCHEMA", "SCHEMA", "prod.churn")}
room = {"analysts": {("SELECT", "TABLE", "prod.churn.orders")},
        "data_engineers": {(p, "SCHEMA", "prod.churn") for p in ("SELECT", "MODIFY")},
        "app": {("EXECUTE", "FUNCTION", "prod.churn.churn_model")}}
wrong = [who for who in room if got.get(who) != keys | room[who]]
assert not wrong, f"{wrong[0]}の権限が合いません。扉の鍵が足りないか、余分な権限を渡しています。"
print("正解です。どの役割にも、要るものだけを渡しました。")

# %% [markdown]
# ### 練習 2: 説明のない列を探す
#
# `columns`の表から、説明（`comment`）のない列を探し、`"表.列"`の形の文字列のリストを`undocumented`に入れてください。
# 説明が空の文字列の列も、ないものとして数えます。
# 見つけた列のうち`orders.yen`には、`ALTER TABLE`で説明を付けてください。
# 文は自由ですが、単位の「円」を入れます。
#
# <details><summary>ヒント</summary>
#
# 説明を付ける文は`ALTER TABLE 表 ALTER COLUMN 列 COMMENT '説明'`です。
# `spark.sql("…")`で実行します。
#
# </details>

# %% 練習 2
undocumented = ...

# %% 確認 2
assert undocumented is not ..., "まだ答えが入っていません。`...`を書き換えてください。"
empty = columns[columns["comment"].fillna("") == ""]
assert isinstance(undocumented, list) and sorted(map(str, undocumented)) == sorted(empty["table"] + "." + empty["column"]), (
    "列が合いません。`columns`の`comment`が空の行だけを、`表.列`の形で並べてください。"
)
now = {column.name: column.description or "" for column in spark.catalog.listColumns("orders")}
assert "円" in now["yen"], "`orders.yen`に、単位の入った説明がまだ付いていません。"
print(f"正解です。いまの説明は「{now['yen']}」です。")

# %% [markdown]
# ### 練習 3: 影響の範囲を調べる
#
# 法務から「料金プランの列（`customers.plan`）の使用をやめる」と決まりました。
# 止まるか、作り直すことになるものを、`edges`からたどって、名前のリストで`affected`に入れてください。
# また、`predictions`を作るのに使われた、`customers`か`orders`の列をすべて、リストで`origins`に入れてください。
#
# <details><summary>ヒント</summary>
#
# `affected`は`downstream`で求められます。
# `origins`は、先をたどると`predictions`に着く列です。
# 元の列の候補は、`edges`の左側にあります。
#
# </details>

# %% 練習 3
affected = ...
origins = ...

# %% 確認 3
assert affected is not ... and origins is not ..., "まだ答えの入っていない変数があります。"
assert isinstance(affected, list) and sorted(map(str, affected)) == downstream("customers.plan"), (
    "`affected`が合いません。直接つながるものだけでなく、その先もたどってください。"
)
tables_only = {source for source, _ in edges if source.split(".")[0] in ("customers", "orders")}
right = sorted(name for name in tables_only if "predictions" in downstream(name))
assert isinstance(origins, list) and sorted(map(str, origins)) == right, (
    "`origins`が合いません。特徴量やモデルではなく、元の表の列だけを、漏れなく挙げてください。"
)
print("正解です。先へたどれば影響が、元へたどれば根拠が分かります。")

# %% [markdown]
# ## 理解度チェック
#
# **問 1.** `SELECT`だけを`prod.churn.orders`に渡された人が、この表を読めないのはなぜですか。
#
# <details><summary>ア. <code>SELECT</code>のほかに<code>MODIFY</code>も要るから</summary>
#
# 不正解です。
# `MODIFY`は書き換える権限で、読むだけなら要りません。
#
# </details>
# <details><summary>イ. カタログとスキーマにたどり着く権限がないから</summary>
#
# 正解です。
# `USE CATALOG`と`USE SCHEMA`が要ります。
#
# </details>
# <details><summary>ウ. 権限は、スキーマにまとめて渡さないと効かないから</summary>
#
# 不正解です。
# 表だけに渡すこともできます。
# まとめて渡すと、要らない表まで読めるようになります。
#
# </details>
#
# **問 2.** 表の履歴（`DESCRIBE HISTORY`）だけを見ても、分からないことを選んでください。
#
# <details><summary>ア. 昨日、誰が表を読んだか</summary>
#
# 正解です。
# 残るのは変更だけです。
# 読んだ記録は、Databricksの監査ログにあります。
#
# </details>
# <details><summary>イ. 行を消す命令が、いつ実行されたか</summary>
#
# 不正解です。
# 行を消すことも変更なので、時刻と操作が残ります。
#
# </details>
# <details><summary>ウ. 表の説明が、いつ書き換わったか</summary>
#
# 不正解です。
# 中身ではないので残らないと思いがちですが、説明の変更も1つの版になります。
#
# </details>
#
# **問 3.** 開発用と本番用の表を、どう分けますか。
#
# <details><summary>ア. 同じスキーマで、名前の後ろに<code>_dev</code>を付ける</summary>
#
# 不正解です。
# 見分けは付きますが、権限を分けられず、書き間違えれば本番を消します。
#
# </details>
# <details><summary>イ. カタログを分け、同じスキーマ名と表の名前にする</summary>
#
# 正解です。
# カタログの名前を替えるだけで同じコードが動き、権限もカタログごとに渡せます。
#
# </details>
# <details><summary>ウ. 1つの表に、環境を表す列を足す</summary>
#
# 不正解です。
# 1つにまとめると楽に見えますが、絞り込みを1回忘れると混ざります。
#
# </details>
#
# **問 4.** 手元で書いた来歴（`edges`）と、Unity Catalogのリネージの違いはどれですか。
#
# <details><summary>ア. 違いはない。どちらも同じ線を表す</summary>
#
# 不正解です。
# 形は同じでも、残し方が違います。
#
# </details>
# <details><summary>イ. 手元のほうが、意味まで書けるので正確である</summary>
#
# 不正解です。
# 意味は書けますが、書き忘れや、直した後の食い違いに気づけません。
#
# </details>
# <details><summary>ウ. Unity Catalogは、実行したときに自動で残す</summary>
#
# 正解です。
# 人が書き忘れても、使った事実が残ります。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 表やモデルは`カタログ.スキーマ.名前`で1つに決まり、環境はカタログで分けます。
# - 表と列の説明はコードで読めるので、個人情報の列も、書き忘れも探せます。
# - 権限は役割ごとに渡し、読むには`USE CATALOG`、`USE SCHEMA`、`SELECT`の3つが要ります。
# - 表の変更は履歴に残り、読んだ記録はDatabricksの監査ログに残ります。
# - 来歴を先へたどれば影響が、元へたどれば根拠が分かります。
#
# 次のレッスンでは、同じ名前の付け方で、モデルを登録して版を管理します。
