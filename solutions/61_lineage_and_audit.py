# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: リネージと監査

# %% [markdown]
# 電話までの予測から最後の行を選び、その行に書いてある番号だけを使います。


# %% 解答 1
def explain(predictions, customer_id, at, read_features, load_model):
    mine = predictions["customer_id"] == customer_id
    known = predictions[mine & (predictions["made_at"] <= at)]
    if known.empty:
        return None
    row = known.sort_values("made_at").iloc[-1]
    rows = read_features(row["table_version"], row["month"])
    one = rows[rows["customer_id"] == customer_id]
    model = load_model(row["model_version"])
    return {
        "month": row["month"],
        "model_version": row["model_version"],
        "table_version": row["table_version"],
        "stored": row["probability"],
        "rebuilt": model.predict_proba(one[FEATURES])[0, 1],
    }


# %% [markdown]
# 電話の時刻を見ていません。
# モデルを戻した日の午前の電話に、午後の予測で答えてしまいます。


# %% 誤答 1
def explain(predictions, customer_id, at, read_features, load_model):
    known = predictions[predictions["customer_id"] == customer_id]
    if known.empty:
        return None
    row = known.sort_values("made_at").iloc[-1]
    rows = read_features(row["table_version"], row["month"])
    one = rows[rows["customer_id"] == customer_id]
    p = load_model(row["model_version"]).predict_proba(one[FEATURES])[0, 1]
    return {
        **row[["month", "model_version", "table_version"]],
        "stored": row["probability"],
        "rebuilt": p,
    }


# %% [markdown]
# 予測の行の並びを信じています。
# 表の行の順は決まっていないので、古い予測を選ぶことがあります。


# %% 誤答 1b
def explain(predictions, customer_id, at, read_features, load_model):
    mine = predictions["customer_id"] == customer_id
    known = predictions[mine & (predictions["made_at"] <= at)]
    if known.empty:
        return None
    row = known.iloc[-1]
    rows = read_features(row["table_version"], row["month"])
    one = rows[rows["customer_id"] == customer_id]
    p = load_model(row["model_version"]).predict_proba(one[FEATURES])[0, 1]
    return {
        **row[["month", "model_version", "table_version"]],
        "stored": row["probability"],
        "rebuilt": p,
    }


# %% [markdown]
# 記録の確率を、計算し直した値として返しています。
# 記録が書き換えられていても、気づけません。


# %% 誤答 1c
def explain(predictions, customer_id, at, read_features, load_model):
    mine = predictions["customer_id"] == customer_id
    known = predictions[mine & (predictions["made_at"] <= at)]
    if known.empty:
        return None
    row = known.sort_values("made_at").iloc[-1]
    kept = row[["month", "model_version", "table_version"]].to_dict()
    return {**kept, "stored": row["probability"], "rebuilt": row["probability"]}


# %% [markdown]
# その月の全員の、いちばん上の人の確率を返しています。


# %% 誤答 1d
def explain(predictions, customer_id, at, read_features, load_model):
    mine = predictions["customer_id"] == customer_id
    known = predictions[mine & (predictions["made_at"] <= at)]
    if known.empty:
        return None
    row = known.sort_values("made_at").iloc[-1]
    rows = read_features(row["table_version"], row["month"])
    p = load_model(row["model_version"]).predict_proba(rows[FEATURES])[0, 1]
    return {
        **row[["month", "model_version", "table_version"]],
        "stored": row["probability"],
        "rebuilt": p,
    }


# %% 別解 1
def explain(predictions, customer_id, at, read_features, load_model):
    known = predictions.query("customer_id == @customer_id and made_at <= @at")
    if len(known) == 0:
        return None
    row = known.loc[known["made_at"].idxmax()]
    rows = read_features(row["table_version"], row["month"]).set_index("customer_id")
    p = load_model(row["model_version"]).predict_proba(rows[FEATURES])[:, 1]
    answer = row[["month", "model_version", "table_version"]].to_dict()
    return answer | {
        "stored": row["probability"],
        "rebuilt": pd.Series(p, rows.index)[customer_id],
    }


# %% 別解 1c
def explain(predictions, customer_id, at, read_features, load_model):
    known = predictions[predictions["customer_id"].eq(customer_id)].sort_values("made_at")
    known = known[known["made_at"].le(at)].to_dict("records")
    if not known:
        return None
    row = known[-1]
    rows = read_features(table_version=row["table_version"], month=row["month"])
    model = load_model(model_version=row["model_version"])
    one = rows.query("customer_id == @customer_id")
    kept = {key: row[key] for key in ("month", "model_version", "table_version")}
    return kept | {
        "stored": row["probability"],
        "rebuilt": model.predict_proba(one[FEATURES])[0, 1],
    }


# %% 別解 1b
def explain(predictions, customer_id, at, read_features, load_model):
    found = None
    for row in predictions.to_dict("records"):
        if row["customer_id"] == customer_id and row["made_at"] <= at:
            if found is None or row["made_at"] > found["made_at"]:
                found = row
    if found is not None:
        rows = read_features(found["table_version"], found["month"])
        one = rows.loc[rows["customer_id"] == customer_id, FEATURES]
        found = {
            key: found[key] for key in ("month", "model_version", "table_version", "probability")
        }
        found["stored"] = found.pop("probability")
        found["rebuilt"] = float(load_model(found["model_version"]).predict_proba(one)[0][1])
    return found


# %% [markdown]
# 1度の操作の、1つの番号の行に分けます。
# 直す前と後が違えば、同じ値の行をまとめても2行残ります。


# %% 解答 2
def tampered(changes):
    found = {}
    for (number, _), rows in changes.groupby(["number", "_commit_version"]):
        if "delete" in set(rows["_change_type"]):
            found[number] = "削除"
        elif len(rows.drop(columns="_change_type").drop_duplicates()) > 1:
            found.setdefault(number, "書き換え")
    return found


# %% [markdown]
# 番号ごとに、いちばん新しい変更の種類だけを見ています。
# 消した後で同じ番号が足し直されると、消されたことが見つかりません。


# %% 誤答 2d
def tampered(changes):
    found, newest = {}, {}
    for (number, _), rows in changes.groupby(["number", "_commit_version"]):
        newest[number] = rows["_change_type"].iloc[-1]
        if len(rows.drop(columns="_change_type").drop_duplicates()) > 1:
            found[number] = "書き換え"
    return found | {number: "削除" for number, kind in newest.items() if kind == "delete"}


# %% [markdown]
# 後の書き換えで、「削除」を上書きしています。


# %% 誤答 2e
def tampered(changes):
    found = {}
    for (number, _), rows in changes.groupby(["number", "_commit_version"]):
        if "delete" in set(rows["_change_type"]):
            found[number] = "削除"
        elif len(rows.drop(columns="_change_type").drop_duplicates()) > 1:
            found[number] = "書き換え"
    return found


# %% [markdown]
# pandasの`!=`で比べています。
# 空の値どうしを違う値とみなすので、同じ値の上書きまで入ります。


# %% 誤答 2f
def tampered(changes):
    columns = ["at", "who", "what", "why"]
    kinds = changes["_change_type"]
    keys = ["number", "_commit_version"]
    before = changes[kinds == "update_preimage"].set_index(keys)[columns].sort_index()
    after = changes[kinds == "update_postimage"].set_index(keys)[columns].sort_index()
    changed = before[(before != after).any(axis=1)].reset_index()["number"]
    found = dict.fromkeys(changed, "書き換え")
    return found | dict.fromkeys(changes.loc[kinds == "delete", "number"], "削除")


# %% [markdown]
# 直す操作があれば、書き換えとしています。
# 同じ値で上書きしただけの行も入ります。


# %% 誤答 2
def tampered(changes):
    kinds = changes["_change_type"]
    found = dict.fromkeys(changes.loc[kinds == "update_preimage", "number"], "書き換え")
    return found | dict.fromkeys(changes.loc[kinds == "delete", "number"], "削除")


# %% [markdown]
# 消された行を見ていません。
# 比べているのも`what`だけで、ほかの列の書き換えを見逃します。


# %% 誤答 2b
def tampered(changes):
    kinds = changes["_change_type"]
    both = changes[kinds == "update_preimage"].merge(
        changes[kinds == "update_postimage"], on=["number", "_commit_version"]
    )
    return dict.fromkeys(both.loc[both["what_x"] != both["what_y"], "number"], "書き換え")


# %% [markdown]
# 初めの値と最後の値だけを比べています。
# 直してから元に戻した行を、見逃します。


# %% 誤答 2c
def tampered(changes):
    found = {}
    for number, rows in changes.sort_values("_commit_version").groupby("number"):
        kinds = set(rows["_change_type"])
        first = rows[rows["_change_type"] == "insert"].iloc[0]
        last = rows[rows["_change_type"] != "update_preimage"].iloc[-1]
        columns = ["at", "who", "what", "why"]
        if "delete" in kinds:
            found[number] = "削除"
        elif list(first[columns]) != list(last[columns]):
            found[number] = "書き換え"
    return found


# %% 別解 2
def tampered(changes):
    kinds = changes["_change_type"]
    both = changes[kinds == "update_preimage"].merge(
        changes[kinds == "update_postimage"], on=["number", "_commit_version"]
    )
    columns = ["at", "who", "what", "why"]
    changed = (
        both[[f"{c}_x" for c in columns]].to_numpy() != both[[f"{c}_y" for c in columns]].to_numpy()
    )
    found = dict.fromkeys(both.loc[changed.any(axis=1), "number"], "書き換え")
    return found | dict.fromkeys(changes.loc[kinds == "delete", "number"], "削除")


# %% 別解 2b
def tampered(changes):
    columns = ["at", "who", "what", "why"]
    before, after, found = {}, {}, {}
    for row in changes.to_dict("records"):
        key = (row["number"], row["_commit_version"])
        values = [row[column] for column in columns]
        if row["_change_type"] == "update_preimage":
            before[key] = values
        elif row["_change_type"] == "update_postimage":
            after[key] = values
    found = {key[0]: "書き換え" for key in before if before[key] != after[key]}
    found.update((number, "削除") for number in changes.query("_change_type == 'delete'")["number"])
    return found


# %% [markdown]
# 番号を文字列にそろえて、すべてのバージョンを見ます。


# %% 解答 3
def find_person(stores, ids, customer_id):
    now, past = set(), set()
    for name, versions in stores.items():
        seen = [(one[ids[name]].astype(str) == str(customer_id)).any() for one in versions]
        if seen[-1]:
            now.add(name)
        elif any(seen):
            past.add(name)
    return now, past


# %% [markdown]
# いまの表だけを見ています。
# 消したはずの行が、前のバージョンに残っていることを見逃します。


# %% 誤答 3
def find_person(stores, ids, customer_id):
    now = {
        name
        for name, versions in stores.items()
        if (versions[-1][ids[name]].astype(str) == str(customer_id)).any()
    }
    return now, set()


# %% [markdown]
# 整数のまま比べています。
# 番号が文字列の表では、1行も見つかりません。


# %% 誤答 3b
def find_person(stores, ids, customer_id):
    now, past = set(), set()
    for name, versions in stores.items():
        seen = [(one[ids[name]] == customer_id).any() for one in versions]
        if seen[-1]:
            now.add(name)
        elif any(seen):
            past.add(name)
    return now, past


# %% [markdown]
# 今も残る表を、前のバージョンに残る表にも入れています。


# %% 誤答 3c
def find_person(stores, ids, customer_id):
    def seen(name, versions):
        return any((one[ids[name]].astype(str) == str(customer_id)).any() for one in versions)

    now = {name for name, versions in stores.items() if seen(name, versions[-1:])}
    return now, {name for name, versions in stores.items() if seen(name, versions[:-1])}


# %% [markdown]
# 番号の一部が同じ人まで、数えています。


# %% 誤答 3d
def find_person(stores, ids, customer_id):
    now, past = set(), set()
    for name, versions in stores.items():
        seen = [one[ids[name]].astype(str).str.contains(str(customer_id)).any() for one in versions]
        if seen[-1]:
            now.add(name)
        elif any(seen):
            past.add(name)
    return now, past


# %% 別解 3
def find_person(stores, ids, customer_id):
    def names(pick):
        return {
            name
            for name, versions in stores.items()
            if str(customer_id)
            in set(pd.concat(pick(versions) + [versions[0][:0]])[ids[name]].astype(str))
        }

    now = names(lambda versions: versions[-1:])
    return now, names(lambda versions: versions) - now


# %% 別解 3b
def find_person(stores, ids, customer_id):
    now, past = [], []
    for name in stores:
        for version in stores[name]:
            people = [int(value) for value in version[ids[name]]]
            if customer_id in people and version is stores[name][-1]:
                now.append(name)
            elif customer_id in people:
                past.append(name)
    return now, sorted(set(past) - set(now))


# %% [markdown]
# 前のバージョンが読めるか、行がそのままか、コピーがあるかのどれか1つで足ります。
# Cはファイルだけを延ばしていて、履歴がないので、どのファイルがあの日の表かが分かりません。

# %% 解答 4
readable = cases["聞かれた日"] <= cases[["ファイルの保持", "履歴の保持"]].min(axis=1)
answerable = (
    readable | (cases["その後の行"] == "そのまま") | (cases["コピー"] == "あり")
).to_dict()

# %% [markdown]
# 前のバージョンが読めるかだけで決めています。
# 行がそのままの会社と、コピーのある会社は、いまの表やコピーから答えられます。

# %% 誤答 4
answerable = (cases["聞かれた日"] <= cases[["ファイルの保持", "履歴の保持"]].min(axis=1)).to_dict()

# %% [markdown]
# ファイルの保持だけを見ています。

# %% 誤答 4b
kept = cases["聞かれた日"] <= cases["ファイルの保持"]
answerable = (kept | (cases["その後の行"] == "そのまま") | (cases["コピー"] == "あり")).to_dict()

# %% [markdown]
# 履歴があれば読める、と考えています。
# 20日後には、履歴は残っていても、ファイルがもうありません。

# %% 誤答 4c
kept = cases["聞かれた日"] <= cases["履歴の保持"]
answerable = (kept | (cases["その後の行"] == "そのまま") | (cases["コピー"] == "あり")).to_dict()

# %% 別解 4
answerable = {
    "A": True, "B": False, "C": False, "D": True, "E": True, "F": False, "G": True, "H": False
}  # fmt: skip

# %% 別解 4b
answerable = pd.Series([1, 0, 0, 1, 1, 0, 1, 0], cases.index).astype(bool)

# %% 裏付け
# 冒頭: 記録は0.41、いまの表といまのモデルでは0.08。同じになるのは、その日の組だけ
assert (
    round(record["probability"], 2) == 0.41
    and round(four.loc["いまの表", "いまのモデル"], 2) == 0.08
)
assert four.loc["その日の表", "その日のモデル"] == record["probability"] >= THRESHOLD
others = four.stack().drop(("その日の表", "その日のモデル"))
assert len(others) == 3 and (others < 0.29).all()
assert (record["model_version"], record["table_version"], now) == ("1", 2, 3)

# %% 裏付け
# 全員で、その日の表なら差は0。いまの表なら、直された71人だけが違う
same = (everyone["その日の表", "その日のモデル"] - stored).abs()
changed = everyone["いまの表", "その日のモデル"] != stored
assert len(same) > 1500 and same.max() == 0
assert set(changed.index[changed]) == set(changes["customer_id"]) and changed.sum() == 71
assert changes["_change_type"].value_counts().to_dict() == {
    "update_preimage": 71,
    "update_postimage": 71,
}
mine = changes[changes["customer_id"] == person].set_index("_change_type")
assert mine["survey_score"].to_dict() == {"update_preimage": 1, "update_postimage": 5}
assert mine["orders"].eq(1).all() and mine["tenure_months"].eq(21).all()

# %% 裏付け
# リネージ: バージョン1は表1とコードまで、2は空。学習し直しても差は0
assert made_from(first) == {
    "ラン": "10月1日に使うモデル",
    "学習の表": ("features", 1),
    "コード": "いまと同じ",
}
assert set(list(made_from(second).values())[1:]) == {None} and gap.max() == 0
found = churn_trace.explain(predictions, person, called_at, read_features, load_model)
assert found["stored"] == found["rebuilt"]
assert called.sum() == 20 and (called & ~should).sum() > 1 and (~called & should).sum() > 0

# %% 裏付け
# 監査の表は3行のまま書き換わり、消した行は前のバージョンに残る
assert spark.table("audit").count() == 3
operations = history["operation"].tolist()
assert operations[-3:] == ["SET TBLPROPERTIES", "UPDATE", "SET TBLPROPERTIES"]
assert spark.sql(f"SELECT count(*) FROM features WHERE customer_id = {person}").first()[0] == 0
before = f"SELECT count(*) FROM features VERSION AS OF {now} WHERE customer_id = {person}"
assert spark.sql(before).first()[0] == 6
assert (pd.Timestamp("2027-03-15") - pd.Timestamp("2026-11-10")).days == 125
