# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 自動再学習

# %% [markdown]
# 答えのそろった最も新しい月は、`delay`か月前です。
# 学習の月は、そこから`window`か月前までさかのぼります。


# %% 解答 1
def split_rows(rows, month, window, delay):
    last = month - pd.DateOffset(months=delay)
    first = last - pd.DateOffset(months=window)
    train = rows[(rows["month"] >= first) & (rows["month"] < last)]
    return train, rows[rows["month"] == last]


# %% [markdown]
# `delay`を使わず、本文のままになっています。
# まだ届いていない答えで学習し、審査することになります。


# %% 誤答 1
def split_rows(rows, month, window, delay):
    last = month - pd.DateOffset(months=1)
    first = last - pd.DateOffset(months=window)
    train = rows[(rows["month"] >= first) & (rows["month"] < last)]
    return train, rows[rows["month"] == last]


# %% [markdown]
# 学習の終わりに、審査の月が入っています。


# %% 誤答 1b
def split_rows(rows, month, window, delay):
    last = month - pd.DateOffset(months=delay)
    first = last - pd.DateOffset(months=window - 1)
    train = rows[(rows["month"] >= first) & (rows["month"] <= last)]
    return train, rows[rows["month"] == last]


# %% [markdown]
# `between`は両端を含むので、学習の月が1つ多くなっています。


# %% 誤答 1c
def split_rows(rows, month, window, delay):
    last = month - pd.DateOffset(months=delay)
    train = rows[
        rows["month"].between(
            last - pd.DateOffset(months=window + 1), last - pd.DateOffset(months=1)
        )
    ]
    return train, rows[rows["month"] == last]


# %% [markdown]
# 空の答えを落とすだけでは、月を選んだことになりません。
# この表には未来の答えも入っているので、どの月の行も残ります。


# %% 誤答 1d
def split_rows(rows, month, window, delay):
    known = rows.dropna(subset="churned")
    newest = known["month"].max()
    first = newest - pd.DateOffset(months=window)
    return known[(known["month"] >= first) & (known["month"] < newest)], known[
        known["month"] == newest
    ]


# %% 別解 1
def split_rows(rows, month, window, delay):
    age = (month.year - rows["month"].dt.year) * 12 + month.month - rows["month"].dt.month
    return [rows[(age > delay) & (age <= delay + window)], rows[age == delay]]


# %% 別解 1b
def split_rows(rows, month, window, delay):
    periods = rows["month"].dt.to_period("M")
    newest = month.to_period("M") - delay
    learned = [newest - back for back in range(1, window + 1)]
    return rows.loc[periods.isin(learned)], rows.loc[periods == newest]


# %% [markdown]
# 世界ごとに、いちばん良い窓との差を取り、悪いほうで比べます。

# %% 解答 2
regret = small_company - small_company.min()
worst = regret.max(axis=1)
choice = (int(worst.idxmin()), float(worst.min()))

# %% [markdown]
# 値上げの世界だけで選んでいます。
# 何も起きなければ、いつまでも余分に外れ続けます。

# %% 誤答 2
choice = (3, 0.0027)

# %% [markdown]
# 2つの世界の対数損失を、そのまま足して比べています。
# 選ばれる窓が同じでも、入れるのは損です。

# %% 誤答 2b
choice = (6, small_company.loc[6].max())

# %% [markdown]
# 長いほど揺れない、という考えだけで選んでいます。
# 値上げがあったときに、追いつくのが遅れます。

# %% 誤答 2c
choice = (12, 0.0051)

# %% 別解 2
table = small_company.sub(small_company.min(axis=0), axis=1).max(axis=1).sort_values()
choice = [table.index[0], round(table.iloc[0], 4)]

# %% 別解 2b
quiet_loss, price_loss = (
    [value - min(column) for value in column] for column in small_company.to_numpy().T.tolist()
)
pairs = zip(map(max, quiet_loss, price_loss), small_company.index, strict=True)
loss, window = min(pairs)
choice = pd.Series([window, loss])

# %% [markdown]
# 記録を先に書き、エイリアスはいつも記録に従わせます。
# 登録の直後に止まったときは、`find`が前の番号を返します。


# %% 解答 3
def step(store, month):
    if not store.read(month):
        decision, version = store.decide(month), store.current()
        if decision == "昇格":
            version = store.find(month) or store.register(month)
        store.write(month, decision, version)
    store.point(store.newest())


# %% [markdown]
# 記録があれば何もしない、とだけ足しています。
# 登録や付け替えの後、記録の前に止まると、やり直しで二重になるか、記録が「何もしない」に変わります。


# %% 誤答 3
def step(store, month):
    if store.read(month):
        return
    decision = store.decide(month)
    version = store.current()
    if decision == "昇格":
        version = store.register(month)
        store.point(version)
    store.write(month, decision, version)


# %% [markdown]
# 登録は1度だけになりましたが、付け替えが記録より先です。
# 付け替えた直後に止まると、やり直しの判断が変わります。


# %% 誤答 3b
def step(store, month):
    if store.read(month):
        return
    decision = store.decide(month)
    version = store.current()
    if decision == "昇格":
        version = store.find(month) or store.register(month)
        store.point(version)
    store.write(month, decision, version)


# %% [markdown]
# 順番は合っていますが、記録を書いた直後に止まると、`champion`が古いまま残ります。


# %% 誤答 3c
def step(store, month):
    if store.read(month):
        return
    decision = store.decide(month)
    version = store.current()
    if decision == "昇格":
        version = store.find(month) or store.register(month)
    store.write(month, decision, version)
    store.point(version)


# %% [markdown]
# 動かした月のバージョンを指すので、前の月をやり直すと、古いモデルに戻ります。


# %% 誤答 3d
def step(store, month):
    if not store.read(month):
        decision, version = store.decide(month), store.current()
        if decision == "昇格":
            version = store.find(month) or store.register(month)
        store.write(month, decision, version)
    store.point(store.find(month) or store.newest())


# %% 別解 3
def step(store, month):
    if store.read(month) is False:
        if store.decide(month) == "昇格":
            version = store.find(month)
            if version is None:
                version = store.register(month)
            store.write(month, "昇格", version)
        else:
            store.write(month, "何もしない", store.current())
    if store.current() != store.newest():
        store.point(store.newest())


# %% 別解 3b
def step(store, month):
    found = store.find(month)
    if not store.read(month):
        promoted = found is not None or store.decide(month) == "昇格"
        if promoted and found is None:
            found = store.register(month)
        decision = "昇格" if promoted else "何もしない"
        store.write(month, decision, found if promoted else store.current())
    store.point(version=store.newest())


# %% [markdown]
# `decide`と同じ順に調べます。
# `B`の候補はよく見えますが、その答えを作った表のほうが疑わしいので、学び直しません。

# %% 解答 4
decisions = {
    "A": "何もしない",
    "B": "表を調べる",
    "C": "見送り",
    "D": "昇格",
    "E": "見送り",
    "F": "表を調べる",
}

# %% [markdown]
# `B`を、候補の良さだけで昇格させています。

# %% 誤答 4
decisions = {
    "A": "何もしない",
    "B": "昇格",
    "C": "見送り",
    "D": "昇格",
    "E": "見送り",
    "F": "表を調べる",
}

# %% [markdown]
# `F`のずれは小さいのですが、これは先月の行の値です。
# 今月の入力が一度に動いたことは、次の一覧に表れます。

# %% 誤答 4b
decisions = {
    "A": "何もしない",
    "B": "表を調べる",
    "C": "見送り",
    "D": "昇格",
    "E": "見送り",
    "F": "何もしない",
}

# %% [markdown]
# `C`の候補はずれを小さくしますが、半分にはなりません。

# %% 誤答 4c
decisions = dict(
    zip("ABCDEF", ["何もしない", "表を調べる", "昇格", "昇格", "見送り", "表を調べる"], strict=True)
)


# %% 別解 4
def decision_of(row):
    if row["PSIの増え方"] > 0.25:
        return "表を調べる"
    if row["ずれ"] <= 0.3:
        return "何もしない"
    improved = row["候補のずれ"] <= row["ずれ"] / 2
    return "昇格" if improved and row["下の端"] >= -0.013 else "見送り"


decisions = month_end.apply(decision_of, axis=1)

# %% 別解 4b
decisions = pd.Series("昇格", index=month_end.index)
decisions[(month_end["候補のずれ"] > month_end["ずれ"] / 2) | (month_end["下の端"] < -0.013)] = (
    "見送り"
)
decisions[month_end["ずれ"] <= 0.3] = "何もしない"
decisions[month_end["PSIの増え方"] > 0.25] = "表を調べる"
decisions = decisions.to_dict()

# %% 裏付け
summer, autumn = judges["夏の2か月"], judges["11月末"]
assert gate(candidate, first_champion, summer) and not gate(candidate, first_champion, autumn)
assert chance(candidate, summer).mean() > summer["churned"].mean() + 0.02
for part, better in ((summer, False), (autumn, True)):
    ours, theirs = (losses(part["churned"], chance(m, part)) for m in (candidate, first_champion))
    assert (ours.mean() < theirs.mean()) == better
assert list(average.idxmin()) == [12, 3]
assert (average - average.min()).max(axis=1).idxmin() == 3
price_scores = replayed["値上げの世界"]
assert price_scores.iloc[2].is_monotonic_decreasing  # 12月は、短い窓ほど低い
assert all(
    price_scores.loc[month].max() < value
    for month, value in zip(price_scores.index[2:], fixed[2:], strict=True)
)
assert round(calm.max(), 2) == 0.14
assert jumps["値上げの世界"].max() < 0.2 and jumps["表が壊れた世界"].max() > 5

# %% 裏付け 2
decided = {name: history.set_index("月")["判断"] for name, history in histories.items()}
assert set(decided["何も起きない世界"]) == {"何もしない"}
assert decided["値上げの世界"][decided["値上げの世界"] != "何もしない"].to_dict() == {
    "2026-11": "見送り",
    "2026-12": "昇格",
}
assert decided["表が壊れた世界"][decided["表が壊れた世界"] != "何もしない"].to_dict() == {
    "2026-08": "表を調べる",
    "2026-09": "表を調べる",
}

# %% 裏付け 3
assert off(first_champion, broken[august]) > off(first_champion, judge_rows(price, december))
logged = spark.table("ops_log").orderBy("month").toPandas()
assert list(logged["decision"]) == ["何もしない", "見送り", "昇格"]
assert "改善" in logged["reason"][1]
assert not gate(early, first_champion, others)
assert 0.4 < off(early, others) / off(first_champion, others) < 0.55
for rows in worlds.values():
    same = churn_ops.jumps_of(rows)
    assert same.equals(jumps_of(rows))
    for month in ("2026-08-01", "2026-11-01", "2026-12-01"):
        now = pd.Timestamp(month)
        ours = churn_ops.decide_month(rows, now, first_champion, same)
        assert ours[:2] == decide(rows, now, first_champion, same)[:2]
