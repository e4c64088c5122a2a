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
# どの役割にも、カタログとスキーマの鍵を渡します。
# 部屋の鍵だけが、役割ごとに違います。

# %% 解答 1
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
# `analysts`の`SELECT`を、スキーマに渡しています。
# 読めないはずの`customers`まで読めてしまいます。

# %% 誤答 1
statements = {
    "analysts": [
        "GRANT USE CATALOG ON CATALOG prod TO `analysts`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`",
        "GRANT SELECT ON SCHEMA prod.churn TO `analysts`",
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
# 扉の鍵を渡していません。
# 権限の文が正しくても、たどり着けないので使えません。

# %% 誤答 1b
statements = {
    "analysts": ["GRANT SELECT ON TABLE prod.churn.orders TO `analysts`"],
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
        "GRANT EXECUTE ON TABLE prod.churn.churn_model TO `app`",
    ],
}

# %% [markdown]
# 書き換える権限だけを渡しています。
# `MODIFY`で表を書き換えるには、`SELECT`も要ります。

# %% 誤答 1d
statements = {
    "analysts": [
        "GRANT USE CATALOG ON CATALOG prod TO `analysts`",
        "GRANT USE SCHEMA ON SCHEMA prod.churn TO `analysts`",
        "GRANT SELECT ON TABLE prod.churn.orders TO `analysts`",
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
doors = ["USE CATALOG ON CATALOG prod", "USE SCHEMA ON SCHEMA prod.churn"]
rooms = {
    "app": ["EXECUTE ON FUNCTION prod.churn.churn_model"],
    "data_engineers": ["MODIFY ON SCHEMA prod.churn", "SELECT ON SCHEMA prod.churn"],
    "analysts": ["SELECT ON TABLE prod.churn.orders"],
}
statements = {
    who: tuple(f"GRANT {grant} TO {who};" for grant in doors + room) for who, room in rooms.items()
}

# %% 別解 1b
roles = {"analysts": "SELECT ON TABLE prod.churn.orders", "data_engineers": "SELECT ON SCHEMA prod.churn"}
roles["app"] = "EXECUTE ON FUNCTION `prod`.`churn`.`churn_model`"
statements = {
    who: {
        "grant use catalog on catalog `prod` to " + who,
        f"""
        -- 階の鍵
        GRANT USE SCHEMA
        ON SCHEMA prod.churn  /* 中のすべてに及ぶ */
        TO `{who}`;
        """,
        f"GRANT {room} TO `{who}`",
    }
    for who, room in roles.items()
}
statements["data_engineers"].add("Grant Modify On Schema PROD.CHURN To data_engineers")

# %% [markdown]
# 空の値と空の文字列の両方を探し、1列に説明を付けます。

# %% 解答 2
spark.sql("ALTER TABLE orders ALTER COLUMN yen COMMENT '注文の金額（円、税込み）'")
blank = columns[columns["comment"].fillna("") == ""]
undocumented = (blank["table"] + "." + blank["column"]).tolist()

# %% [markdown]
# 個人情報の列を並べています。
# 説明がある列を探しているので、向きが逆です。

# %% 誤答 2
undocumented = (personal["table"] + "." + personal["column"]).tolist()

# %% [markdown]
# 列は見つけましたが、説明に単位がありません。
# 読んだ人は、円なのか千円なのか分かりません。

# %% 誤答 2b
spark.sql("ALTER TABLE orders ALTER COLUMN yen COMMENT '注文の金額'")
undocumented = ["customers.memo", "orders.yen"]

# %% [markdown]
# 空の値だけを探しています。
# 空の文字列は値があるとみなされるので、`isna()`では見つかりません。

# %% 誤答 2c
spark.sql("ALTER TABLE orders ALTER COLUMN yen COMMENT '注文の金額（円）'")
blank = columns[columns["comment"].isna()]
undocumented = (blank["table"] + "." + blank["column"]).tolist()

# %% [markdown]
# 説明のない列を探しただけで、説明を付けていません。

# %% 誤答 2d
spark.sql("ALTER TABLE orders ALTER COLUMN yen COMMENT ''")
undocumented = ["customers.memo", "orders.yen"]

# %% 別解 2
spark.sql("ALTER TABLE orders CHANGE COLUMN yen yen BIGINT COMMENT '金額。単位は円'")
undocumented = {
    f"{row.table}.{row.column}" for row in columns.itertuples() if not (row.comment or "").strip()
}

# %% 別解 2b
spark.sql("alter table `orders` alter column `yen` comment '１回の配達の代金（円）'")
names = columns["table"].str.cat(columns["column"], sep=".")
undocumented = names[(columns["comment"].isna()) | (columns["comment"] == "")].to_numpy()

# %% [markdown]
# 先へたどるには`downstream`を使い、元へたどるには、候補の列ごとに先を調べます。

# %% 解答 3
affected = downstream("customers.plan")
starts = {source for source, _ in edges if source.split(".")[0] in ("customers", "orders")}
origins = sorted(name for name in starts if "predictions" in downstream(name))

# %% [markdown]
# 直接つながるものだけを挙げています。
# その先のモデルと予測も止まります。

# %% 誤答 3
affected = [target for source, target in edges if source == "customers.plan"]
origins = ["customers.plan", "orders.yen"]

# %% [markdown]
# `predictions`のすぐ手前だけを挙げています。
# モデルは元の列ではありません。

# %% 誤答 3b
affected = downstream("customers.plan")
origins = [source for source, target in edges if target == "predictions"]

# %% [markdown]
# `predictions`の先を調べています。
# 予測から作られたものはないので、空のリストになります。

# %% 誤答 3c
affected = downstream("customers.plan")
origins = downstream("predictions")

# %% 別解 3
affected = {"predictions", "features.plan", "churn_model v1"}
origins = pd.Series(["orders.yen", "customers.plan"])

# %% 別解 3b
affected, here = [], {"customers.plan"}
while here:
    here = {target for source, target in edges if source in here}
    affected += sorted(here)
wanted = {"predictions"}
for _ in edges:
    wanted |= {source for source, target in edges if target in wanted}
origins = tuple(name for name in wanted if name.startswith(("customers.", "orders.")))

# %% 裏付け
assert downstream("customers.email") == []
assert downstream("customers.birth_year") == ["features.age", "monthly_report"]
assert not can_read(grants, "interns", "prod.churn.orders")
assert can_read(grants, "analysts", "prod.churn.orders")
assert not can_read(grants, "analysts", "prod.churn.customers")
assert can_read(grants | {("SELECT", "prod.churn", "analysts")}, "analysts", "prod.churn.customers")
assert list(history.toPandas()["numUpdatedRows"].isna()) == [True, True, False]
assert {name for edge in edges for name in edge} | {"customers.email"} == set(places)
operations = [row["operation"] for row in spark.sql("DESCRIBE HISTORY orders").collect()]
assert {"CREATE TABLE", "WRITE", "UPDATE"} <= set(operations)
