# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: Unity Catalogによるガバナンス

# %% [markdown]
# カタログとスキーマを通る権限は、どの役割にも渡します。
# 違うのは最後の権限で、金額の集計に住所は必要ないので、`analysts`にはビューだけを渡します。

# %% 解答 1
statements = {
    "analysts": [
        "GRANT USE CATALOG ON CATALOG prod TO `analysts`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`",
        "GRANT SELECT ON VIEW prod.churn.orders_safe TO `analysts`",
    ],
    "data_engineers": [
        "GRANT USE CATALOG ON CATALOG prod TO `data_engineers`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT SELECT ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT MODIFY ON SCHEMA prod.churn TO `data_engineers`",
    ],
    "app": [
        "GRANT USE CATALOG ON CATALOG prod TO `app`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `app`",
        "GRANT EXECUTE ON FUNCTION prod.churn.churn_model TO `app`",
    ],
}

# %% [markdown]
# 金額は`orders`にあるので、`orders`の`SELECT`を渡しています。
# 金額と一緒に、届け先の住所まで読めてしまいます。

# %% 誤答 1
statements = {
    "analysts": [
        "GRANT USE CATALOG ON CATALOG prod TO `analysts`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`",
        "GRANT SELECT ON TABLE prod.churn.orders TO `analysts`",
    ],
    "data_engineers": [
        "GRANT USE CATALOG ON CATALOG prod TO `data_engineers`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT SELECT ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT MODIFY ON SCHEMA prod.churn TO `data_engineers`",
    ],
    "app": [
        "GRANT USE CATALOG ON CATALOG prod TO `app`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `app`",
        "GRANT EXECUTE ON FUNCTION prod.churn.churn_model TO `app`",
    ],
}

# %% [markdown]
# カタログとスキーマを通る権限を渡していません。
# 最後の権限が正しくても、たどり着けないので使えません。

# %% 誤答 1b
statements = {
    "analysts": ["GRANT SELECT ON VIEW prod.churn.orders_safe TO `analysts`"],
    "data_engineers": [
        "GRANT SELECT ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT MODIFY ON SCHEMA prod.churn TO `data_engineers`",
    ],
    "app": ["GRANT EXECUTE ON FUNCTION prod.churn.churn_model TO `app`"],
}

# %% [markdown]
# 種類を取り違えています。
# Unity Catalogでは、モデルは関数の一種なので、表としては指せません。

# %% 誤答 1c
statements = {
    "analysts": [
        "GRANT USE CATALOG ON CATALOG prod TO `analysts`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`",
        "GRANT SELECT ON VIEW prod.churn.orders_safe TO `analysts`",
    ],
    "data_engineers": [
        "GRANT USE CATALOG ON CATALOG prod TO `data_engineers`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT SELECT ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT MODIFY ON SCHEMA prod.churn TO `data_engineers`",
    ],
    "app": [
        "GRANT USE CATALOG ON CATALOG prod TO `app`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `app`",
        "GRANT EXECUTE ON TABLE prod.churn.churn_model TO `app`",
    ],
}

# %% [markdown]
# 書き換える権限だけを渡しています。
# `MODIFY`で表を書き換えるには、`SELECT`も必要です。

# %% 誤答 1d
statements = {
    "analysts": [
        "GRANT USE CATALOG ON CATALOG prod TO `analysts`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`",
        "GRANT SELECT ON VIEW prod.churn.orders_safe TO `analysts`",
    ],
    "data_engineers": [
        "GRANT USE CATALOG ON CATALOG prod TO `data_engineers`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `data_engineers`",
        "GRANT MODIFY ON SCHEMA prod.churn TO `data_engineers`",
    ],
    "app": [
        "GRANT USE CATALOG ON CATALOG prod TO `app`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `app`",
        "GRANT EXECUTE ON FUNCTION prod.churn.churn_model TO `app`",
    ],
}

# %% 別解 1
way = ["USE CATALOG ON CATALOG prod", "USE SCHEMA ON SCHEMA prod.churn"]
last = {
    "app": ["EXECUTE ON FUNCTION prod.churn.churn_model"],
    "data_engineers": ["MODIFY ON SCHEMA prod.churn", "SELECT ON SCHEMA prod.churn"],
    "analysts": ["SELECT ON TABLE prod.churn.orders_safe"],
}
statements = {
    who: tuple(f"GRANT {grant} TO {who};" for grant in way + rest) for who, rest in last.items()
}

# %% 別解 1b
roles = {
    "analysts": "SELECT ON VIEW prod.churn.orders_safe",
    "data_engineers": "SELECT ON SCHEMA prod.churn",
    "app": "EXECUTE ON FUNCTION `prod`.`churn`.`churn_model`",
}
statements = {
    who: {
        "grant use catalog on catalog `prod` to " + who,
        f"""
        -- スキーマを通る
        GRANT USE SCHEMA
        ON SCHEMA prod.churn  /* 中のすべてに及ぶ */
        TO `{who}`;
        """,
        f"GRANT {role} TO `{who}`",
    }
    for who, role in roles.items()
}
statements["data_engineers"].add("Grant Modify On Schema PROD.CHURN To data_engineers")

# %% [markdown]
# 人数は行の数で分かるので、`customer_id`は集計に使いません。
# 自由に書ける`memo`は、個人情報の印がなくても、何が入っているか分からないので渡しません。

# %% 解答 2
safe_query = "SELECT plan, birth_year - birth_year % 10 AS birth_decade FROM customers"

# %% [markdown]
# 個人情報の印のある列だけを除き、説明のない`memo`を残しています。

# %% 誤答 2
safe_query = "SELECT plan, memo, birth_year - birth_year % 10 AS birth_decade FROM customers"

# %% [markdown]
# `birth_decade`を足しただけで、生まれた年も渡しています。

# %% 誤答 2b
safe_query = """
    SELECT plan, birth_year, birth_year - birth_year % 10 AS birth_decade
    FROM customers
"""

# %% [markdown]
# `round`は四捨五入なので、1987年が1990になります。

# %% 誤答 2c
safe_query = "SELECT plan, round(birth_year, -1) AS birth_decade FROM customers"

# %% [markdown]
# 頼まれた集計まで済ませています。
# ビューは1人1行のままにし、集計は読む人がします。

# %% 誤答 2d
safe_query = """
    SELECT plan, birth_year - birth_year % 10 AS birth_decade, count(*) AS customers
    FROM customers GROUP BY 1, 2
"""

# %% [markdown]
# 1人1行だからと、顧客番号も渡しています。
# プランと年代ごとの人数は、番号がなくても数えられます。

# %% 誤答 2e
safe_query = """
    SELECT customer_id, plan, birth_year - birth_year % 10 AS birth_decade
    FROM customers
"""

# %% 別解 2
safe_query = "select birth_year div 10 * 10 as birth_decade, c.plan from governance.customers c;"

# %% 別解 2b
safe_query = """
    CREATE OR REPLACE VIEW customers_safe AS
    WITH kept AS (SELECT * EXCEPT (customer_id, email, memo) FROM customers)
    SELECT * EXCEPT (birth_year), floor(birth_year / 10) * 10 AS birth_decade FROM kept
"""

# %% 裏付け
assert downstream("customers.email") == []
assert downstream("orders.ship_to") == ["delivery_routes"]
assert downstream("customers.plan") == ["churn_model v1", "features.plan", "predictions"]
assert not can_read(grants, "interns", "prod.churn.orders_safe")
assert can_read(grants, "analysts", "prod.churn.orders_safe")
assert not can_read(grants, "analysts", "prod.churn.orders")
assert can_read(grants | {("SELECT", "prod.churn", "analysts")}, "analysts", "prod.churn.orders")
assert spark.table("orders_safe").columns == ["order_id", "customer_id", "yen"]
assert columns.loc[columns["comment"].isna(), "column"].tolist() == ["memo"]
operations = [row["operation"] for row in history.collect()]
assert operations == ["CREATE TABLE", "WRITE", "UPDATE"]
