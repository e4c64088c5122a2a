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
# ここでは4つを順に作り、最後に同じ手紙の返事を書きます。
#
# ## このレッスンで学ぶこと
#
# - 3つの部分からなる名前で、表やモデルの置き場所を決める。
# - 表と列に説明を付け、個人情報の列をコードで探す。
# - 役割ごとに要る権限を、`GRANT`の文で書く。
# - 表の履歴から、いつ何が変わったかを調べる。
# - 来歴をたどり、元の列を直したときの影響を挙げる。

# %% [markdown]
# ## どこまで手元で試せるか
#
# 表は表の係、モデルはモデルの係と、別々の台帳で管理すると、4つの問いに答えるたびに台帳を突き合わせることになります。
# **Unity Catalog** は、Databricksで表、ファイル、モデルを1か所で管理する仕組みです。
# 役目は4つあります。
#
# | 役目 | 答えられる問い | このレッスンでの目印 |
# |---|---|---|
# | データカタログ | 何がどこにあるか | 【Databricksで本物】 |
# | アクセス制御 | 誰が読めるか | 【Databricksで本物】と【手元で代替】 |
# | 監査ログ（操作の記録） | 誰がいつ触ったか | 表の変更は【Databricksで本物】、読んだ記録は【読むだけ】 |
# | リネージ追跡（来歴の記録） | 何から作られ、何に使われたか | 【手元で代替】と【読むだけ】 |
#
# 手元のワークスペースには、その一部しかありません。
# どこまでが本物かを、節ごとに目印で示します。
#
# | 目印 | 意味 |
# |---|---|
# | 【Databricksで本物】 | Databricksで動かすと、Unity Catalogそのものが働く。コードのセルは手元でも動き、文章の中のSQLは手元では動かない |
# | 【手元で代替】 | Databricksが自動でする仕事を、手元で小さく作って仕組みを確かめる |
# | 【読むだけ】 | 管理者の許可が要るなどの理由で試せないことがあるので、文だけを読む |
#
# > **注意** 【Databricksで本物】の部分も、実機ではまだ動かしていません（実機では未確認）。
# > Databricksの文書と照らして書き、照らした文書と日付を付録「出典と確認日」に載せました。

# %% [markdown]
# ## 名前は3つの部分からなる【Databricksで本物】
#
# 「本物の`customers`はどれか」に、名前だけで答えられるようにします。
# 表もモデルも、`カタログ.スキーマ.名前`の3つで1つに決まります。
# カタログがいちばん大きな区切りで、その中にスキーマ、その中に表やモデルがあります。

# %%
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS unity_catalog")
spark.sql("USE unity_catalog")
print(f"いまの場所: {spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}")

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
# スキーマと表の名前は、どの環境でも同じにします。
# すると、環境を表す言葉を1つ替えるだけで、同じコードが試験にも本番にも使えます。


# %%
def full_name(environment, name):
    return f"{environment}.churn.{name}"


for environment in ("dev", "staging", "prod"):
    print(full_name(environment, "customers"), "/", full_name(environment, "churn_model"))

# %% [markdown]
# 右の`churn_model`のように、モデルの名前も同じ決まりで付けます。
# カタログを増やせない所では、`dev_churn`と`prod_churn`のように、スキーマの名前で環境を分けます。
# `customers_2`のように表の名前で区別すると、環境ごとに権限を渡せず、いつか取り違えます。

# %% [markdown]
# ## 何がどこにあるか: データカタログ【Databricksで本物】【自習】
#
# 説明の付いた表を2つ作ります。
# 表と列の説明は`COMMENT`で書きます。
# 最初のセルは、SQLを間違えた時の長い記録を止めます。

# %%
import logging

logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)

# %%
spark.sql("DROP TABLE IF EXISTS customers")
spark.sql("""
    CREATE TABLE customers (
        customer_id BIGINT COMMENT '顧客番号',
        email STRING COMMENT '個人情報: 連絡先のメール',
        birth_year INT COMMENT '個人情報: 生まれた年',
        plan STRING COMMENT '料金プラン',
        memo STRING COMMENT ''
    ) USING DELTA COMMENT '顧客の一覧。毎朝5時に更新。持ち主は顧客データ係'
""")
print("customersを作りました。")

# %%
spark.sql("DROP TABLE IF EXISTS orders")
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
    print(f"{table.name}: {table.description}")

# %% [markdown]
# 表を開かなくても、何の表で、誰に聞けばよいかが分かります。
# 列の説明も一覧にします。

# %%
import pandas as pd

columns = pd.DataFrame([
    {"table": name, "column": column.name, "comment": column.description}
    for name in ("customers", "orders")
    for column in spark.catalog.listColumns(name)
])
columns

# %% [markdown]
# この一覧に問い合わせれば、個人情報の列も、ある顧客の行を持つ表も分かります。
# `columns[条件]`で条件に合う行だけが残り、文字列の列どうしは`+`でつながります。

# %%
personal = columns[columns["comment"].fillna("").str.startswith("個人情報")]
with_customer = columns.loc[columns["column"] == "customer_id", "table"]
print("個人情報の列:", sorted(personal["table"] + "." + personal["column"]))
print("顧客番号を持つ表:", sorted(with_customer))

# %% [markdown]
# 手紙の最初の問い「どこで」に、聞いて回らずに答えられました。
# メールアドレスの列は`customers.email`だけで、この顧客の行を探す表は2つに絞れました。
# ただし、答えられるのは説明を書いた列だけです。
# 一覧には、説明が空の列が残っています。
# 冒頭の`customers_2`のような写しも、スキーマにあればこの一覧に出ます。
# 説明がなければ、持ち主に聞くか、消すかを決めます。
#
# Databricksでは、同じ一覧を`information_schema.columns`という表からSQLでも読めます。
#
# また、「個人情報」という言葉を説明文で探すと、誰かが「個人データ」と書いた列を取りこぼします。
# 名前と値の組を付ける **タグ**（tag）なら、探す名前を全社で1つに決められます。
# 付けたタグも、SQLで探せます。
#
# ```sql
# ALTER TABLE workspace.unity_catalog.customers ALTER COLUMN email SET TAGS ('pii' = 'email');
#
# SELECT table_name, column_name FROM workspace.information_schema.column_tags
# WHERE tag_name = 'pii';
# ```
#
# `pii`は、個人を特定できる情報（personally identifiable information）の頭文字です。

# %% [markdown]
# ## 誰が読めるか: アクセス制御【Databricksで本物】【手元で代替】
#
# 手紙の次の問いは「誰が」です。
# 誰が見たかを言う前に、誰が見られるかを決めておきます。
# Databricksでは、権限を`GRANT`という文で渡します。
# 渡す相手は1人ずつではなく、役割ごとのグループにします。
# 人が異動しても、グループから外すだけで済むからです。
# 次は、`prod`というカタログがある会社での例です。
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
# `SELECT`をスキーマに渡すと、そのスキーマの表が、これから作る表も含めて全部読めるようになります。
#
# よく使う権限を並べます。
#
# | 権限 | できること |
# |---|---|
# | `USE CATALOG`、`USE SCHEMA` | 中にあるものへたどり着く |
# | `SELECT` | 表を読む |
# | `MODIFY` | 表に書き足す、書き換える、行を消す（`SELECT`も要る） |
# | `CREATE TABLE` | スキーマの中に表を作る |
# | `EXECUTE` | 登録したモデルや関数を使う |
#
# Unity Catalogでは、モデルは関数の一種として扱われます。
# そのため`GRANT`でモデルを指すときは、種類を`FUNCTION`と書きます。
#
# 渡せるのは、表の持ち主と、管理を任された人だけです。
# このレッスンをDatabricksで動かしたときは、自分で作った`orders`の持ち主は自分なので、次の3行を、1行目に`%sql`と書いたセルに1文ずつ貼って試せます。
# `account users`は、全員が入っている、最初からあるグループです。
# 誰に何を渡したかを見て、最後に取り消します。
#
# ```sql
# GRANT SELECT ON TABLE workspace.unity_catalog.orders TO `account users`;
# SHOW GRANTS ON TABLE workspace.unity_catalog.orders;
# REVOKE SELECT ON TABLE workspace.unity_catalog.orders FROM `account users`;
# ```
#
# 手元のSparkに`GRANT`を渡すと、使えない文だと断られます。
# 権限の仕組みがないので、決まりを短い関数にして確かめます。
# `grants`は、権限、対象、相手の組の一覧です。

# %%
def has(grants, who, privilege, target):
    parts = target.split(".")
    for count in range(1, len(parts) + 1):
        place = ".".join(parts[:count])
        if (privilege, place, who) in grants:
            return True
    return False


def can_read(grants, who, table):
    catalog_name, schema_name, _ = table.split(".")
    return (
        has(grants, who, "USE CATALOG", catalog_name)
        and has(grants, who, "USE SCHEMA", f"{catalog_name}.{schema_name}")
        and has(grants, who, "SELECT", table)
    )


# %% [markdown]
# `has`は、`prod`、`prod.churn`、`prod.churn.orders`の順に名前を伸ばし、どこかに権限があるかを調べます。
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
# 冒頭のように全員が開発用の表を読めれば、手紙の「誰が」には「全員」としか答えられません。
# 渡すのは要るものだけにします。
# この考え方を **最小権限の原則**（principle of least privilege）と呼びます。

# %% [markdown]
# ## 誰がいつ触ったか: 監査ログ【Databricksで本物】【読むだけ】【自習】
#
# 読める人が決まったら、実際に誰が触ったかを残します。
# この記録が監査ログです。
# Deltaの表は、変更のたびに履歴を残します。
# 2件の注文を足し、1件の金額を直してから、履歴を読みます。
# `operationMetrics`は操作ごとの数をまとめた列で、点の後に書いた名前の数だけを取り出せます。

# %%
spark.sql("INSERT INTO orders VALUES (1, 101, '東京都', 3980), (2, 102, '大阪府', 5980)")
updated = spark.sql("UPDATE orders SET yen = 4980 WHERE order_id = 1").first()
print(f"{updated['num_affected_rows']}行を直しました。")

# %%
history = spark.sql("DESCRIBE HISTORY orders").orderBy("version")
history = history.select("version", "operation", "operationMetrics.numUpdatedRows", "userName")
history.show(truncate=False)

# %% [markdown]
# 何をしたか（`operation`）が、バージョンごとに残ります。
# `numUpdatedRows`は直した行の数で、直す操作でないバージョンでは空（NULL）です。
# 表示していませんが、いつしたか（`timestamp`）も残っています。
# 誰がしたか（`userName`）は、Databricksでは使った人のメールアドレスが入り、手元では空です。
#
# バージョン2で金額を直したと分かったので、直す前と後を比べます。

# %%
for version in (1, 2):
    row = spark.sql(f"SELECT yen FROM orders VERSION AS OF {version} WHERE order_id = 1").first()
    print(f"バージョン{version}では{row['yen']}円です。")

# %% [markdown]
# 「誰かが書き換えたらしい」が、「このバージョンで、この行が、この額に変わった」になりました。
# ただし、表の履歴は監査ログの一部にすぎません。
# 履歴は、初めの設定では30日で消えます。
# 表を読んだだけの人は、もともと書かれません。
#
# Databricksでは、読んだ記録や権限を渡した記録が、`system.access.audit`という表に残ります【読むだけ】。
#
# ```sql
# SELECT event_time, user_identity.email, action_name
# FROM system.access.audit
# WHERE request_params.full_name_arg = 'prod.churn.customers'
# ORDER BY event_time DESC;
# ```
#
# 表の名前を指定し、いつ、誰が、何をしたかを新しい順に並べる文です。
# この表を読むには管理者の許可が要り、Free Editionでは読めないことがあります。

# %% [markdown]
# ## 何から作られ、何に使われたか: リネージ【手元で代替】【読むだけ】
#
# 手紙の最後の問いは「何に」です。
# Unity Catalogは、SQLやSparkのDataFrameの処理を見て、どの列からどの列が作られたかを自動で残します。
# このつながりを **リネージ**（lineage、来歴）と呼びます。
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
# `waiting`には、まだ先を調べていない名前が入ります。
# `pop`で1つ取り出し、つながる先を足すことを、空になるまで繰り返します。

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

# %% [markdown]
# 矢印を図にします。

# %% tags=["figure"] mystnb={"image": {"alt": "左から元の列、特徴量、モデルとレポート、予測の順に箱が並び、右向きの矢印でつながる図。いちばん上のメールの列からは、どこへも矢印が出ていない"}}
import matplotlib.pyplot as plt
from figures import use_japanese_font

use_japanese_font()
places = {
    "customers.email": (0, 3), "customers.birth_year": (0, 2), "customers.plan": (0, 1),
    "orders.yen": (0, 0), "features.age": (1, 2), "features.plan": (1, 1), "features.spend_3m": (1, 0),
    "monthly_report": (2, 2), "churn_model v1": (2, 0.5), "predictions": (3, 0.5),
}
fig, ax = plt.subplots(figsize=(6, 4), subplot_kw={"xlim": (-0.45, 3.45), "ylim": (-0.5, 3.5)})
boxes = {}
for name, (x, y) in places.items():
    label = name.replace(".", "\n.").replace("_report", "\n_report").replace(" v1", "\nv1")
    boxes[name] = ax.text(x, y, label, ha="center", va="center", fontsize=10, color="black",
                          bbox={"fc": "white", "ec": "tab:blue"})
for source, target in edges:
    ends = {"patchA": boxes[source].get_bbox_patch(), "patchB": boxes[target].get_bbox_patch()}
    ax.annotate("", places[target], places[source], arrowprops={"arrowstyle": "->", **ends})
ax.axis("off")
plt.show()

# %% [markdown]
# 左の元の列から右へ、矢印に沿ってたどります。
# 描いたのは、`edges`にある名前と、手紙で聞かれた`customers.email`だけです。
# 左上の`customers.email`からは、どこへも矢印が出ていません。
# 生まれた年は、モデルではなく月次のレポートに使われていました。
# 逆に右端の`predictions`から左へたどれば、予測の根拠になった列が分かります。
#
# この図は、書き漏らした矢印があれば間違います。
# `downstream`に渡す名前を打ち間違えても`[]`が返るので、空の結果だけでは使っていない証拠になりません。
# 人の書いた来歴は抜けるので、実行から自動で残す仕組みに値打ちがあります。
# Databricksでは、カタログエクスプローラー（表やモデルを探す画面）の「リネージ」か、`system.access.column_lineage`の表で見られます【読むだけ】。
#
# 自動で残るのは、表を名前で指定し、SQLかSparkのDataFrameで処理した分です。
# `.toPandas()`で取り出した先の計算までは、列のつながりとして残りません。
# モデルと学習に使った表のつながりは、「MLflowによる実験管理」で使った`mlflow.log_input`で残します。

# %% [markdown]
# ## 手紙に返事を書く【自習】
#
# 小林さんの3週間を、このレッスンの道具でやり直します。
#
# | 手紙の問い | 答える道具 | 返事 |
# |---|---|---|
# | どこで | 列の説明とタグ | `customers`の`email`の1か所です |
# | 誰が | 権限と、監査ログ | 見られるのは、`SHOW GRANTS`に出た顧客データ係だけです（グループの名前の例）。読んだ人と日時は、監査ログで調べられます |
# | 何に | リネージ | 解約予測にも、月次のレポートにも、使った記録はありません |
#
# 手元で答えた1行目と3行目は、自分で書いた説明と矢印の範囲の答えです。
# 2行目は、Databricksにある仕組みで答えます。
# どの答えも、説明の書き忘れ、渡しすぎた権限、残らなかった矢印があれば間違えます。
# 仕組みを入れたら終わりではなく、練習2のように、抜けを探すことも仕事に入れます。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_23 import check

# %% [markdown]
# ### 練習 1: 3つの役割に権限を渡す
#
# 本番の表とモデルに、次の権限を渡します。
# 役割ごとに、`GRANT`の文を文字列のリストで書いてください。
# 余分な権限も、広すぎる権限も渡しません。
#
# - `analysts`: `prod.churn.orders`を読む。`prod.churn.customers`は読めない。
# - `data_engineers`: スキーマ`prod.churn`のすべての表を、これから作る表も含めて読み、書き換える。
# - `app`: 予測を画面に出すアプリ。モデル`prod.churn.churn_model`を使う。表は読めない。
#
# 1つの文で渡す権限は1つにします。
# 種類は`CATALOG`、`SCHEMA`、`TABLE`、`FUNCTION`から選び、省かずに書きます。
#
# <details><summary>ヒント</summary>
#
# どの役割にも、建物と階の鍵が要ります。
# スキーマに渡した権限は、中のすべての表に及びます。
# モデルを使う権限の名前は権限の表に、モデルの種類の書き方はその下にあります。
#
# </details>

# %% 練習 1
statements = {
    "analysts": [...],
    "data_engineers": [...],
    "app": [...],
}

# %% 確認 1
check(1)

# %% [markdown]
# ### 練習 2: 説明のない列を探す【自習】
#
# `columns`の表から、説明（`comment`）のない列を探し、`"表.列"`の形の文字列のリストを`undocumented`に入れてください。
# 説明が空の文字列の列も、ないものとして数えます。
# さらに、`orders.yen`に説明を付けてください。
# 説明を付ける文は`ALTER TABLE 表 ALTER COLUMN 列 COMMENT '説明'`です。
# タグと違って`SET`は書かず、表の名前は`orders`だけにします。
# 説明は自由ですが、単位の「円」を入れます。
# `columns`は説明を付ける前に作った表なので、付けた後も中身は変わりません。
#
# <details><summary>ヒント</summary>
#
# SQLの文は、`spark.sql("…")`で実行します。
# 空の値（`None`）は`==`では見つからないので、`isna()`も使います。
# 条件の「または」は`|`で、条件をそれぞれかっこで囲みます。
# 列をリストにするのは`.tolist()`です。
#
# </details>

# %% 練習 2
undocumented = ...

# %% 確認 2
check(2)

# %% [markdown]
# ### 練習 3: 影響の範囲を調べる【自習】
#
# 法務から「料金プランの列（`customers.plan`）の使用をやめる」と決まりました。
# 止まるか、作り直すことになるものを、`edges`からたどって、名前のリストで`affected`に入れてください。
# `customers.plan`自身は入れません。
# また、`predictions`を作るのに使われた、`customers`か`orders`の列をすべて、名前のリストで`origins`に入れてください。
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
check(3)

# %% [markdown]
# ## 理解度チェック【自習】
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
# <details><summary>ウ. 列が1つ増えたのは、どのバージョンからか</summary>
#
# 不正解です。
# 行の中身は変わらないので残らないと思いがちですが、列を足すことも変更なので、1つのバージョンになります。
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
# <details><summary>イ. カタログを分け（増やせなければスキーマを分け）、表の名前はそろえる</summary>
#
# 正解です。
# 環境を表す言葉を替えるだけで同じコードが動き、権限も環境ごとに渡せます。
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
# <details><summary>ア. 手元では書いた分だけ、Unity Catalogでは表から取り出した先の計算まで分かる</summary>
#
# 不正解です。
# 自動ならすべて残ると思いたくなりますが、`.toPandas()`で取り出した先は、列のつながりとして残りません。
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
# - 表と列の説明はコードで読めるので、個人情報の列も、書き忘れも探せます。個人情報の列に付けるなら、名前を決められるタグが向きます。
# - 権限は役割ごとに渡し、読むには`USE CATALOG`、`USE SCHEMA`、`SELECT`の3つが要ります。
# - 表の変更は履歴に残り、読んだ記録はDatabricksの監査ログに残ります。
# - 来歴を先へたどれば影響が、元へたどれば根拠が分かります。
#
# 次のレッスンでは、同じ名前の付け方で、モデルを登録してバージョンを管理します。

# %%
check.summary()
