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
# 2025年の夏、ひだまり便に、1人の顧客から手紙が届きました。
# 「私のメールアドレスと住所を、どこで、誰が、何に使っていますか」。
# 法務の小林さんは、分析チームに聞いて回ります。
#
# ところが、表は`customers`のほかに`customers_2`と`cust_for_test`があり、どれが本物か分かりません。
# 開発用の表は全員が読めるので、誰が見たかも言えません。
# 解約予測に使ったかと尋ねると、返ってきたのは「たぶん使っていない」でした。
# 返事を書き終えるまでに、3週間かかりました。
#
# 何がどこにあり、誰が読めて、誰が触り、何に使われたか。
# この4つにいつでも答えられるようにしておくことが **ガバナンス**（governance）です。
# ここでは4つを順に見て、手紙に答えられるようにします。
#
# ## このレッスンで学ぶこと
#
# - 3つの部分からなる名前で、表やモデルの置き場所を決める。
# - 表と列に説明を付け、個人情報の列をコードで探す。
# - 渡してよい列を選び、個人情報を除いたビューを作る。
# - 役割ごとに必要な権限を、`GRANT`の文で書く。
# - 表の変更履歴と監査ログを、問いによって使い分ける。
# - リネージをたどり、元の列を直したときの影響を挙げる。

# %% [markdown]
# ## 4つの問いと、Unity Catalogの4つの役目
#
# 表とモデルを別々の場所で管理していると、4つの問いに答えるたびに記録を突き合わせることになります。
# そこでDatabricksでは、表、ファイル、モデルを **Unity Catalog** の1か所で管理します。
#
# | 役目 | 答えられる問い | このレッスンでは |
# |---|---|---|
# | データカタログ | 何がどこにあるか | 【Databricksで本物】 |
# | アクセス制御 | 誰が読めるか | 【Databricksで本物】【手元で代替】 |
# | 監査ログ（操作の記録） | 誰がいつ触ったか | 【読むだけ】 |
# | リネージ追跡 | 何から作られ、何に使われたか | 【手元で代替】【読むだけ】 |
#
# 手元のワークスペースにあるのはこの一部だけなので、節の1行目に目印を置きます。
# 【Databricksで本物】の節は、Databricksで動かすとUnity Catalogそのものが働きます。
# 【手元で代替】の節では、Databricksが自動でする仕事を小さく作り、【読むだけ】の節では文だけを読みます。
# どれもDatabricksの文書と照らして書きました（付録「出典と確認日」）。

# %% [markdown]
# ## 名前は3つの部分からなる
#
# 【Databricksで本物】「本物の`customers`はどれか」に、名前だけで答えられるようにします。
# 表もモデルも、`カタログ.スキーマ.名前`の3つで1つに決まります。
# `setLevel`の行は、SQLを書き間違えたときの長い記録を止めます。

# %%
import logging

from pyspark.sql import SparkSession

logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE SCHEMA IF NOT EXISTS governance")
spark.sql("USE governance")
print(f"いまの場所: {spark.catalog.currentCatalog()}.{spark.catalog.currentDatabase()}")

# %% [markdown]
# 手元のカタログは`spark_catalog`だけで、Databricks Free Editionでは`workspace`が最初からあります。
# Databricksでは、カタログの外側に、すべてのカタログを登録する **メタストア**（metastore）もありますが、名前には書きません。
#
# 仕事では、カタログを環境の区切りに使います。
#
# | 名前 | 誰が使うか |
# |---|---|
# | `dev.churn.customers` | 開発者が自由に作り直す |
# | `staging.churn.customers` | 出す前の試験に使う |
# | `prod.churn.customers` | 本番。決まった手順でだけ書き換わる |
#
# 後の2つの部分はどの環境でも同じなので、先頭の1語を替えるだけで、同じコードが試験にも本番にも使えます。
# カタログを増やせない所では、`dev_churn`と`prod_churn`のように、スキーマの名前で分けます。
# `customers_2`のように表の名前で区別すると、環境ごとにまとめて権限を渡せず、いつか取り違えます。

# %% [markdown]
# ## 何がどこにあるか: データカタログ
#
# 【Databricksで本物】説明の付いた表を2つ作ります。
# 表と列の説明は、`COMMENT`の後に書きます。

# %%
spark.sql("DROP TABLE IF EXISTS customers")
spark.sql("""
    CREATE TABLE customers (
        customer_id BIGINT COMMENT '顧客番号',
        email STRING COMMENT '個人情報: 連絡先のメール',
        birth_year INT COMMENT '個人情報: 生まれた年',
        plan STRING COMMENT '料金プラン',
        memo STRING
    ) USING DELTA COMMENT '顧客の一覧。毎朝5時に更新。担当は顧客データ係'
""")
print("customersを作りました。")

# %%
spark.sql("DROP TABLE IF EXISTS orders")
spark.sql("""
    CREATE TABLE orders (
        order_id BIGINT COMMENT '注文番号',
        customer_id BIGINT COMMENT '顧客番号',
        ship_to STRING COMMENT '個人情報: 届け先の住所',
        yen BIGINT COMMENT '注文の金額（円）'
    ) USING DELTA COMMENT '定期便の注文。1行が1回の配達'
""")
print("ordersを作りました。")

# %% [markdown]
# 列の説明を、1つの表に集めます。

# %%
import pandas as pd

columns = pd.DataFrame(
    [
        {"table": name, "column": column.name, "comment": column.description}
        for name in ("customers", "orders")
        for column in spark.catalog.listColumns(name)
    ]
)
columns

# %% [markdown]
# 表の中身を開かなくても、どの列が個人情報かが分かります。
# `memo`だけは説明がなく、`None`になりました。
# この一覧にも問い合わせができます。
# 空の説明を`fillna("")`で空の文字列に替えてから、「個人情報」で始まる行を選びます。

# %%
personal = columns[columns["comment"].fillna("").str.startswith("個人情報")]
print((personal["table"] + "." + personal["column"]).tolist())

# %% [markdown]
# 手紙の「どこで」に、聞いて回らずに答えられました。
# メールアドレスは`customers.email`、住所は`orders.ship_to`にあります。
# ただし、見つかるのは説明を書いた列だけです。
# `memo`に何が入っているかは、この一覧からは分かりません。

# %% [markdown]
# ### タグで探す【自習】
#
# 【読むだけ】説明文を探す方法では、誰かが「個人データ」と書いた列を取りこぼします。
# Unity Catalogでは、列に名前と値の組の **タグ**（tag）を付け、SQLで探せます。
#
# ```sql
# ALTER TABLE workspace.governance.customers ALTER COLUMN email SET TAGS ('pii' = 'email');
#
# SELECT table_name, column_name FROM workspace.information_schema.column_tags
# WHERE tag_name = 'pii';
# ```
#
# `pii`は、個人を特定できる情報（personally identifiable information）の頭文字です。
# もっとも、ふつうのタグの名前は自由に書けるので、`PII`や`personal`と付ける人も現れます。
# 使ってよい名前と値、付けてよい人を会社で決めて守らせるには、**管理タグ**（governed tag）にします。

# %% [markdown]
# ## 渡してよいか: 列を選んでビューにする
#
# 【Databricksで本物】分析者のグループから、「顧客ごとに注文の金額を集計したいので、`orders`を読ませてください」と頼まれました。
# 渡してよいでしょうか。
# さきほどの一覧を見ると、`orders`には届け先の住所があります。
# 金額の集計に住所は必要ないので、表をそのまま渡すことはできません。
# かといって、住所を除いたコピーを作れば、`customers_2`のような表がまた1つ増えます。
#
# そこで、渡す列だけを選ぶ **ビュー**（view）を作ります。
# ビューは`SELECT`の文に名前を付けたもので、行は持たず、読むたびに元の表から取り出します。

# %%
spark.sql("""
    CREATE OR REPLACE VIEW orders_safe
    COMMENT '注文。住所を除いた分析用のビュー'
    AS SELECT order_id, customer_id, yen FROM orders
""")
print(spark.table("orders_safe").columns)

# %% [markdown]
# 住所のないビューができました。
# `customer_id`は、それだけでは誰か分かりませんが、`customers`も読める人には分かります。
# だから、これも集計に使うときだけ入れます。
# Databricksでは、ビューの権限だけを渡せば、元の表の権限がない人もビューを読めます。
# 除く列ではなく渡す列を挙げたので、後から`orders`に電話番号の列が増えても、ビューには出てきません。
#
# ### 読む人によって見せ分ける: 列マスク【自習】
#
# 【読むだけ】配送の担当者には住所を見せ、ほかの人には隠したい場合もあります。
# このときは、読む人に合わせて値を替える関数を作り、**列マスク**（column mask）として列に付けます。
#
# ```sql
# CREATE FUNCTION prod.churn.mask_address(address STRING)
# RETURN CASE WHEN is_account_group_member('delivery') THEN address ELSE '***' END;
#
# ALTER TABLE prod.churn.orders ALTER COLUMN ship_to SET MASK prod.churn.mask_address;
# ```
#
# 同じ`SELECT`を実行しても、`delivery`グループの人には住所が、ほかの人には`***`が返ります。
# 表は1つのままで、保存された値も変わりません。

# %% [markdown]
# ## 誰が読めるか: アクセス制御
#
# 【Databricksで本物】【手元で代替】手紙の次の問いは「誰が」です。
# 誰が見たかを言う前に、誰が見られるかを決めておきます。
# Databricksでは、権限を`GRANT`という文で、1人ずつではなく役割ごとのグループに渡します。
# 人が異動しても、グループから外すだけで済むからです。
#
# ```sql
# GRANT USE CATALOG ON CATALOG prod TO `analysts`;
# GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`;
# GRANT SELECT ON VIEW prod.churn.orders_safe TO `analysts`;
# ```
#
# 図は、この3文で渡した権限（左）と、予測を画面に出すアプリの権限（右）です。

# %% tags=["figure"] mystnb={"image": {"alt": "カタログprodの箱の中にスキーマprod.churnの箱、その中にビューorders_safe、住所のある表orders、モデルchurn_modelの箱が並ぶ。analystsからの矢印は、USE CATALOG、USE SCHEMA、SELECTを通ってorders_safeへ、appからの矢印は、USE CATALOG、USE SCHEMA、EXECUTEを通ってchurn_modelへ届く。ordersへの矢印はない"}}
from figures.grants import draw_grants

draw_grants()

# %% [markdown]
# 矢印は、カタログ、スキーマ、目当てのものの順に境目を越えます。
# 1つでも欠けるとそこで止まるので、`SELECT`だけを渡しても読めません。
# 中央の`orders`に届く矢印は、1本もありません。
#
# また、上の区切りに渡した権限は、中のすべてに及びます。
# `SELECT`をスキーマに渡すと、`orders`も、これから作る表も、全部読めるようになります。
#
# | 権限 | できること |
# |---|---|
# | `USE CATALOG`、`USE SCHEMA` | 中にあるものへたどり着く |
# | `SELECT` | 表やビューを読む |
# | `MODIFY` | 表に書き足す、書き換える、行を消す（`SELECT`も必要） |
# | `EXECUTE` | 登録したモデルや関数を使う |
#
# モデルは関数の一種として扱われるので、`GRANT`でモデルを指すときは、種類を`FUNCTION`と書きます。
#
# 手元のSparkは`GRANT`を受け付けないので、いまの決まりを短い関数にして確かめます。
# `grants`は、権限、場所、相手の組の集まりです。


# %%
def can_read(grants, who, name):
    catalog, schema, _ = name.split(".")
    places = [catalog, f"{catalog}.{schema}", name]

    def has(privilege, level):
        return any((privilege, place, who) in grants for place in places[:level])

    return has("USE CATALOG", 1) and has("USE SCHEMA", 2) and has("SELECT", 3)


# %%
grants = {
    ("SELECT", "prod.churn.orders_safe", "interns"),
    ("USE CATALOG", "prod", "analysts"),
    ("USE SCHEMA", "prod.churn", "analysts"),
    ("SELECT", "prod.churn.orders_safe", "analysts"),
}
for who in ("interns", "analysts"):
    for name in ("orders_safe", "orders"):
        print(f"{who}が{name}を読めるか: {can_read(grants, who, f'prod.churn.{name}')}")

# %% [markdown]
# `interns`は`SELECT`だけを持っていますが、カタログにもスキーマにも入れないので、どちらも読めません。
# `analysts`が読めるのは、渡したビューだけです。
# このように、仕事に必要な権限だけを渡す考え方を **最小権限の原則**（principle of least privilege）と呼びます。
#
# これで手紙の「どこで」と、「誰が」のうち読める人に答えられました。
# 触った人と「何に」は、自習の節で答えます。

# %% [markdown]
# ### Databricksで渡してみる【自習】
#
# 【Databricksで本物】権限を渡せるのは、持ち主（画面では「所有者」）と、管理を任された人だけです。
# このレッスンをDatabricksで動かすと、`orders_safe`の持ち主は自分になります。
# 次の3文を、1行目に`%sql`と書いたセルに1つずつ貼って試せます。
# `account users`は、全員が入っているグループです。
# ここでは架空の表なので、全員に渡して試せます。
# 試したら、3文目で取り消します。
#
# ```sql
# GRANT SELECT ON VIEW workspace.governance.orders_safe TO `account users`;
# SHOW GRANTS ON VIEW workspace.governance.orders_safe;
# REVOKE SELECT ON VIEW workspace.governance.orders_safe FROM `account users`;
# ```
#
# `SHOW GRANTS`に並ぶのは、渡した権限です。
# ところが、持ち主は渡されなくても読めますし、管理者は自分に権限を渡して読めます。
# 「誰が読めるか」と聞かれたら、渡した相手、持ち主、管理者の3つを答えます。

# %% [markdown]
# ## いつ、何が変わったか: 表の変更履歴【自習】
#
# 【Databricksで本物】次の問いは「誰がいつ触ったか」です。
# 触ったというのは、書き換えたか、読んだかのどちらかです。
# 書き換えた記録は、Deltaの表が自分で持っています（14で見たとおり）。
# 2件の注文を足し、1件の金額を直してから、履歴を読みます。

# %%
spark.sql("INSERT INTO orders VALUES (1, 101, '東京都', 3980), (2, 102, '大阪府', 5980)")
spark.sql("UPDATE orders SET yen = 4980 WHERE order_id = 1")
history = spark.sql("DESCRIBE HISTORY orders").orderBy("version")
history.select("version", "operation", "operationMetrics.numUpdatedRows", "userName").show()

# %% [markdown]
# 何をしたか（`operation`）が、バージョンごとに1行ずつ残りました。
# `INSERT`は`WRITE`と出て、直した行の数（`numUpdatedRows`）は直したときだけ入ります。
# 誰がしたか（`userName`）は、Databricksでは使った人のメールアドレスになり、手元では空です。
# バージョン2で金額を直したと分かったので、直す前と後を比べます。

# %%
for version in (1, 2):
    row = spark.sql(f"SELECT yen FROM orders VERSION AS OF {version} WHERE order_id = 1").first()
    print(f"バージョン{version}では{row['yen']}円です。")

# %% [markdown]
# 「誰かが書き換えたらしい」が、「このバージョンで、この行が、この額に変わった」になりました。
# けれども、表を読んだだけの人は、この履歴に出てきません。
# しかも、前の金額を読めるのは既定で7日、履歴の行が残るのは30日です（14で見たとおり）。

# %% [markdown]
# ## 誰がいつ触ったか: 監査ログ【自習】
#
# 【読むだけ】表の履歴とは別に、Unity Catalogへの操作は **監査ログ**（audit log）に残ります。
# Databricksでは、`system.access.audit`という表から読めます。
#
# ```sql
# SELECT event_time, user_identity.email, action_name
# FROM system.access.audit
# WHERE event_date >= date_sub(current_date(), 30)
#   AND action_name IN ('getTable', 'deleteTable')
#   AND request_params.full_name_arg = 'prod.churn.customers'
# ORDER BY event_time DESC;
# ```
#
# 会社の全部の操作が入る大きな表なので、日付（`event_date`）と操作の名前（`action_name`）で絞ります（表の名前の入る所は、操作によって違います）。
# `getTable`は、表の列などの情報を取り出したという記録です。
# 画面で表を開いただけでも残るので、「行の中身を読んだ」証拠にはなりません。
# 読んだ人を探すには、リネージの表とクエリの履歴も見ます。
#
# | 知りたいこと | 見る所 |
# |---|---|
# | いつ、何行が、どう変わったか | 表の変更履歴（`DESCRIBE HISTORY`） |
# | 誰が表の情報を開いたか、権限を変えたか | 監査ログ（`system.access.audit`） |
# | 誰が表を読み書きしたか | リネージの表（`system.access.table_lineage`） |
# | どんなSQLを実行したか | クエリの履歴（`system.query.history`） |
#
# 文書によると、リネージの表に残るのは、捉えられた読み書きだけです。
# クエリの履歴に残るのも、主にSQLウェアハウスとサーバーレス（ノートブックとジョブ）の分です。
# 下の3つを読むには管理者の許可が必要で、Free Editionでは読めないことがあります。

# %% [markdown]
# ## 何から作られ、何に使われたか: リネージ【自習】
#
# 【手元で代替】【読むだけ】手紙の最後の問いは「何に」です。
# Unity Catalogは、SQLやSparkのDataFrameの処理を見て、どの列からどの列が作られたかを自動で残します。
# このつながりが **リネージ**（lineage）です。
# 手元では残らないので、同じ形のつながりを、元と先の組で書きます。

# %%
edges = [
    ("customers.plan", "features.plan"),
    ("customers.birth_year", "features.age"),
    ("orders.yen", "features.spend_3m"),
    ("features.plan", "churn_model v1"),
    ("features.spend_3m", "churn_model v1"),
    ("churn_model v1", "predictions"),
    ("features.age", "monthly_report"),
    ("orders.ship_to", "delivery_routes"),
]

# %% [markdown]
# ある列から先へ、たどれるだけたどる関数を作ります。
# `waiting`から1つ取り出してはつながる先を足すことを、空になるまで繰り返します。


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
for column in ("customers.email", "orders.ship_to", "customers.plan"):
    print(f"{column} → {downstream(column)}")

# %% tags=["figure"] mystnb={"image": {"alt": "左に元の列、中央に特徴量、右にレポートやモデルや予測の箱が並び、右向きの矢印でつながる図。左上のcustomers.emailからは矢印が出ていない。左下のorders.ship_toからはdelivery_routesだけに矢印が出る"}}
from figures.lineage import draw_lineage

draw_lineage(edges)

# %% [markdown]
# 橙色の箱が、手紙で聞かれた2つの列です。
# 上のメールアドレスからは矢印が出ておらず、下の住所は、配達の道順を決める`delivery_routes`だけにつながります。
# 料金プラン（`customers.plan`）を使うのをやめるなら、特徴量、モデル、予測の3つが影響を受けます。
# `predictions`から矢印を逆にたどれば、予測の根拠になった列が分かります。
#
# 人が書いた図は、書き漏らした矢印があれば間違うので、実行のたびに自動で残す仕組みを使います。
# Databricksでは、カタログエクスプローラー（表やモデルを探す画面）の「リネージ」か、`system.access.column_lineage`の表で見られます。
#
# その自動の記録にも、限りがあります。
# 残るのは、表を名前で指定し、SQLかSparkのDataFrameで処理した分です。
# `.toPandas()`で取り出した先の計算は残らないので、モデルと学習に使った表のつながりは、17と同じ`mlflow.log_input`で残します。

# %% [markdown]
# ## 手紙に返事を書く【自習】
#
# 小林さんの3週間を、このレッスンの道具でやり直します。
#
# | 手紙の問い | 答える道具 | 返事 |
# |---|---|---|
# | どこで | 列の説明とタグ | メールアドレスは`customers`の`email`、住所は`orders`の`ship_to`です |
# | 誰が | 権限と監査ログ | 読めるのは、`SELECT`を渡した役割（練習1では`data_engineers`）、表の持ち主、管理者です。表に触れた人と日時は、監査ログで調べられます |
# | 何に | リネージ | 住所は配達の道順に使っています。分析と予測の処理で、メールアドレスを使った記録はありません |
#
# 「使っていません」ではなく「使った記録はありません」と書いたことに注意してください。
# 説明の書き忘れ、渡しすぎた権限、残らなかった矢印があれば、どの答えも間違えます。
# 仕組みを入れて終わりにせず、説明のない列を探すような点検を、毎月の仕事に入れます。

# %% [markdown]
# ## 練習

# %%
from checks.lesson_23 import check

# %% [markdown]
# ### 練習 1: 3つの役割に権限を渡す
#
# 本番のスキーマ`prod.churn`には、表`customers`と`orders`、ビュー`orders_safe`、モデル`churn_model`があります。
# 列は、本文で作ったものと同じです。
# 次の仕事に必要な権限だけを、役割ごとに`GRANT`の文のリストで書いてください。
# 余分な権限も、広すぎる権限も渡しません。
#
# - `analysts`: 注文の金額を集計する。個人情報は読めない。
# - `data_engineers`: `prod.churn`のすべての表を、これから作る表も含めて読み、書き換える。
# - `app`: 予測を画面に出すアプリ。モデルを使う。表とビューは読めない。
#
# 1つの文で渡す権限は1つにします。
# 種類は`CATALOG`、`SCHEMA`、`TABLE`、`VIEW`、`FUNCTION`から選び、省かずに書きます。
#
# <details><summary>ヒント</summary>
#
# どの役割も、図の境目を2つ越えなければなりません。
# 「これから作る表も含めて」なら、上の区切りに渡します。
# モデルを指すときの種類の書き方は、権限の表の下にあります。
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
# ### 練習 2: 渡してよいビューを設計する【自習】
#
# マーケティング部から、「プランと年代ごとに顧客を数えたいので、`customers`を読ませてください」と頼まれました。
# `customers`から作るビューの中身になる`SELECT`の文を、文字列で`safe_query`に入れてください。
#
# - 本文の`columns`を見て、個人情報の列と、説明のない列は入れない。
# - 頼まれた集計に使わない列も入れない。
# - 残りの列は、同じ名前で入れる。
# - 生まれた年の代わりに、10年ごとに切り捨てた数`birth_decade`を入れる（1987年なら1980）。
# - 行は減らさず、元の表と同じ1人1行にする。
#
# <details><summary>ヒント</summary>
#
# `列の式 AS 名前`と書くと、計算した値に名前が付きます。
# 割り算の余りは`%`で求められます。
# 1987を10で割った余りは7です。
#
# </details>

# %% 練習 2
safe_query = ...

# %% 確認 2
check(2)

# %% [markdown]
# ## 理解度チェック【自習】
#
# **問 1.** `prod.churn.orders_safe`の`SELECT`だけを渡された人が、このビューを読めません。
# なぜですか。
#
# <details><summary>ア. カタログとスキーマにたどり着く権限がないから</summary>
#
# 正解です。
# `USE CATALOG`と`USE SCHEMA`も渡します。
#
# </details>
# <details><summary>イ. 元の表<code>orders</code>の<code>SELECT</code>も渡さなければならないから</summary>
#
# ビューの中身は元の表の行なので、元の表の権限も必要だと考えた人がいるでしょう。
# それでは住所を隠せません。
# Databricksでは、ビューの権限だけで読めます。
#
# </details>
# <details><summary>ウ. 権限は、スキーマにまとめて渡さないと効かないから</summary>
#
# 「上から渡す」という決まりを、強く読みすぎています。
# 表やビューの1つだけにも渡せて、まとめて渡すと住所まで読めるようになります。
#
# </details>
#
# **問 2.** 表の変更履歴（`DESCRIBE HISTORY`）だけを見ても、分からないことを選んでください。
#
# <details><summary>ア. 行を消したのは、いつか</summary>
#
# 消した行はもう読めないから履歴にも無い、と考えたくなります。
# 残るのは操作の記録で、行を消したことも、時刻と一緒に1つのバージョンになります。
#
# </details>
# <details><summary>イ. 列が1つ増えたのは、どのバージョンからか</summary>
#
# 行の中身は変わっていないので、変更に数えないと思った人もいるでしょう。
# 列を足すことも表の変更なので、1つのバージョンになります。
#
# </details>
# <details><summary>ウ. 昨日、誰が表の情報を開いたか</summary>
#
# 正解です。
# 残るのは変更だけで、開いた人は監査ログで調べます。
#
# </details>
#
# **問 3.** `prod.churn.orders`にだけ届け先の住所があります。
# 分析者に注文の金額を集計してもらうには、どうしますか。
#
# <details><summary>ア. <code>orders</code>の<code>SELECT</code>を渡し、住所の列は使わないように頼む</summary>
#
# 相手を信じていても、読めるかどうかは別の話です。
# 手紙の「誰が」に、分析者の全員を挙げることになります。
#
# </details>
# <details><summary>イ. 住所を除いたビューを作り、その<code>SELECT</code>を渡す</summary>
#
# 正解です。
# 表は1つのままで、渡した列だけが読めます。
#
# </details>
# <details><summary>ウ. 住所を除いた表を別に作り、毎晩コピーする</summary>
#
# 住所は隠せますが、コピーの分だけ「どれが本物か」が分からなくなり、更新の時刻もずれます。
# ビューなら、コピーせずに同じことができます。
#
# </details>
#
# **問 4.** 手元で書いた`edges`と、Unity Catalogのリネージの違いはどれですか。
#
# <details><summary>ア. Unity Catalogなら、表からPythonに取り出した先の計算も残る</summary>
#
# 自動ならすべて残る、と考えた人が選びます。
# 列のつながりとして残るのは、SQLかSparkのDataFrameで処理した分です。
#
# </details>
# <details><summary>イ. Unity Catalogは、処理を実行したときに自動で残す</summary>
#
# 正解です。
# 捉えられる処理なら、書き忘れても残ります。
#
# </details>
# <details><summary>ウ. 手元で書くほうが、意味を確かめてから書くので抜けない</summary>
#
# 意味は書けますが、書いた後に処理が変わると、食い違っても誰も気づきません。
#
# </details>

# %% [markdown]
# ## まとめ
#
# - 表やモデルは`カタログ.スキーマ.名前`で1つに決まり、環境はカタログで分けます。
# - 列の説明はコードで読めるので、個人情報の列も、説明の書き忘れも探せます。
# - 個人情報のある表は、必要な列だけのビューにして渡します。
# - 読むには、`USE CATALOG`、`USE SCHEMA`、`SELECT`の3つの権限が必要です。
# - 表の変更は履歴に、表への操作は監査ログに残ります。
# - リネージを先へたどれば影響が、元へたどれば根拠が分かります。
#
# 次のレッスンでは、同じ名前の付け方で、モデルを登録してバージョンを管理します。

# %%
check.summary()
