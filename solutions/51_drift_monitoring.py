# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: ドリフトのモニタリング

# %% [markdown]
# 区切りを基準から決め、2つの列を同じ区切りで数えます。


# %% 解答 1
def psi(reference, current, bins):
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
        for values in (reference, current)
    ]
    before, after = (np.maximum(count / count.sum(), 1e-4) for count in counts)
    return ((after - before) * np.log(after / before)).sum()


# %% [markdown]
# 区切りを今月から決めています。
# 区切りが月ごとに変わるので、月どうしの値を比べられません。


# %% 誤答 1
def psi(reference, current, bins):
    edges = np.unique(np.quantile(current, np.linspace(0, 1, bins + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
        for values in (reference, current)
    ]
    before, after = (np.maximum(count / count.sum(), 1e-4) for count in counts)
    return ((after - before) * np.log(after / before)).sum()


# %% [markdown]
# 値の幅を等分しています。
# 飛び抜けて大きい値が少しだけ混ざる列では、ほとんどの人が下の少しの区間に入り、その中での変化が見えません。


# %% 誤答 1b
def psi(reference, current, bins):
    edges = np.linspace(reference.min(), reference.max(), bins + 1)[1:-1]
    counts = [
        np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
        for values in (reference, current)
    ]
    before, after = (np.maximum(count / count.sum(), 1e-4) for count in counts)
    return ((after - before) * np.log(after / before)).sum()


# %% [markdown]
# 割合が0の区間をそのままにしています。
# 基準か今月のどちらかに1人もいない区間があると、値が無限大になります。


# %% 誤答 1c
def psi(reference, current, bins):
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
    counts = [
        np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)
        for values in (reference, current)
    ]
    before, after = (count / count.sum() for count in counts)
    return ((after - before) * np.log(after / before)).sum()


# %% [markdown]
# 割合ではなく、人数を比べています。
# 今月の人数が基準より少ないだけで、大きな値になります。


# %% 誤答 1d
def psi(reference, current, bins):
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
    before, after = (
        np.maximum(np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1), 1e-4)
        for values in (reference, current)
    )
    return ((after - before) * np.log(after / before)).sum()


# %% 別解 1
def psi(reference, current, bins):
    cuts = reference.quantile([k / bins for k in range(1, bins)]).unique()
    intervals = [-np.inf, *cuts, np.inf]
    a, b = (
        pd.cut(values, intervals).value_counts(normalize=True, sort=False).clip(lower=0.0001)
        for values in (reference, current)
    )
    return float(sum((b - a) * np.log(b / a)))


# %% 別解 1b
def psi(reference, current, bins):
    edges = sorted(set(np.quantile(reference, [k / bins for k in range(1, bins)])))
    total = 0
    for low, high in zip([-np.inf, *edges], [*edges, np.inf], strict=True):
        a = max(((reference > low) & (reference <= high)).mean(), 0.0001)
        b = max(((current > low) & (current <= high)).mean(), 0.0001)
        total += (b - a) * (np.log(b) - np.log(a))
    return total


# %% [markdown]
# 1年の確かめは「12か月 × 列の数」回です。
# そのうち`per_year`回だけが超えるように、上から`per_year ÷ 回数`の所に線を引きます。


# %% 解答 2
def line(quiet, per_year):
    looks = 12 * quiet.shape[1]
    return quiet.quantile(1 - per_year / looks)


# %% [markdown]
# 1回の確かめで5%が超える線です。
# 13列を12か月見ると、1年に8回ほど鳴ります。


# %% 誤答 2
def line(quiet, per_year):
    return quiet.quantile(0.95)


# %% [markdown]
# 列の数だけで割っています。
# 1か月に1回鳴る線になります。


# %% 誤答 2b
def line(quiet, per_year):
    return quiet.quantile(1 - per_year / quiet.shape[1])


# %% [markdown]
# 月の数だけで割っています。
# 1列につき、年に1回鳴る線になります。


# %% 誤答 2c
def line(quiet, per_year):
    return quiet.quantile(1 - per_year / 12)


# %% [markdown]
# いちばん大きかった値を線にしています。
# 引き直しの回数を増やすほど線が高くなり、小さな変化に鳴らなくなります。


# %% 誤答 2d
def line(quiet, per_year):
    return quiet.max()


# %% [markdown]
# どの列にも同じ線を引いています。
# 区間の多い列ばかりが鳴り、区間の少ない列は変わっても鳴りにくくなります。


# %% 誤答 2e
def line(quiet, per_year):
    one = np.quantile(quiet, 1 - per_year / (12 * quiet.shape[1]))
    return pd.Series(one, index=quiet.columns)


# %% 別解 2
def line(quiet, per_year):
    share = per_year / 12 / len(quiet.columns)
    return {name: np.quantile(quiet[name], 1 - share) for name in quiet}


# %% 別解 2b
def line(quiet, per_year):
    place = round(len(quiet) * per_year / (12 * quiet.shape[1]))
    return quiet.apply(lambda column: column.nlargest(place + 1).iloc[-1])


# %% [markdown]
# 新規のPSIで`channel`が動いたのがA、`monthly_fee`が動いたのがDとEです。
# Eの月額は5円ほどで、予測の平均も半分より小さくなっています。
# 入力の静かなBとCのうち、見込みと実際が大きく違うのはCです。

# %% 解答 3
causes = {"A": "広告", "B": "何もない", "C": "季節", "D": "値上げ", "E": "単位"}

# %% [markdown]
# DとEは、どちらも新規の月額のPSIが大きくなります。
# PSIは、どちらへ動いたかを言いません。

# %% 誤答 3
causes = {"A": "広告", "B": "何もない", "C": "季節", "D": "単位", "E": "値上げ"}

# %% [markdown]
# BとCは、入力だけを見ていると見分けられません。

# %% 誤答 3b
causes = {"A": "広告", "B": "季節", "C": "何もない", "D": "値上げ", "E": "単位"}

# %% [markdown]
# Aも実際の解約が見込みより多いので、値上げに見えますが、新規の月額は動いていません。

# %% 誤答 3c
causes = {"A": "値上げ", "B": "何もない", "C": "季節", "D": "広告", "E": "単位"}

# %% 別解 3
new_base = newcomers(base)
moved = {
    name: max(FEATURES, key=lambda c: churn_ops.psi(new_base[c], newcomers(rows)[c]))
    for name, rows in cases.items()
}
causes = {}
for name, rows in cases.items():
    if newcomers(rows)["monthly_fee"].median() < 100:
        causes[name] = "単位"
    elif churn_ops.psi(new_base[moved[name]], newcomers(rows)[moved[name]]) > 0.3:
        causes[name] = {"monthly_fee": "値上げ", "channel": "広告"}[moved[name]]
    else:
        steady = rows["churned"].mean() > 0.8 * rows["predicted"].mean()
        causes[name] = "何もない" if steady else "季節"

# %% 別解 3b
causes = pd.Series(["広告", "何もない", "季節", "値上げ", "単位"], index=list("ABCDE"))

# %% [markdown]
# 見るのは新規、比べるのは見張り始める前の10か月、しきい値はその基準と今月の人数から計算します。


# %% 解答 4
def watch(rows, month):
    new = newcomers(rows)
    reference = rows_between(new, REFERENCE)
    current = new[new["month"] == month]
    lines = churn_ops.alarm_lines(churn_ops.quiet_psi(reference, len(current)))
    return [
        name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > lines[name]
    ]


# %% [markdown]
# 新規を見ていますが、基準が前の3か月のままです。
# ゆっくりした変化では、基準も一緒に動きます。


# %% 誤答 4
def watch(rows, month):
    new, month = newcomers(rows), pd.Timestamp(month)
    first, last = month - pd.DateOffset(months=3), month - pd.DateOffset(months=1)
    reference = new[new["month"].between(first, last)]
    current = new[new["month"] == month]
    lines = churn_ops.alarm_lines(churn_ops.quiet_psi(reference, len(current)))
    return [
        name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > lines[name]
    ]


# %% [markdown]
# 基準に、見張り始めた後の月まで入れています。
# 月がたつほど、変わった後の行が基準に増え、変化が見えなくなります。


# %% 誤答 4e
def watch(rows, month):
    new = newcomers(rows)
    reference = new[new["month"] < month]
    current = new[new["month"] == month]
    lines = churn_ops.alarm_lines(churn_ops.quiet_psi(reference, len(current)))
    return [
        name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > lines[name]
    ]


# %% [markdown]
# 本文の`reference`を使い回しています。
# もともとの月額が違う会社では、何も起きなくても鳴り続けます。


# %% 誤答 4f
def watch(rows, month):
    new = newcomers(rows)
    current = new[new["month"] == month]
    lines = churn_ops.alarm_lines(churn_ops.quiet_psi(reference, len(current)))
    return [
        name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > lines[name]
    ]


# %% [markdown]
# 本文の`lines`を使い回しています。
# 新規が月に380人の会社で引いた線なので、小さな会社では低すぎます。


# %% 誤答 4g
def watch(rows, month):
    new = newcomers(rows)
    before, current = rows_between(new, REFERENCE), new[new["month"] == month]
    return [name for name in FEATURES if churn_ops.psi(before[name], current[name]) > lines[name]]


# %% [markdown]
# 静かになるまで、線を上げています。
# 何も起きない月には鳴りませんが、広告で知った新規が増えても鳴りません。


# %% 誤答 4h
def watch(rows, month):
    new = newcomers(rows)
    before, current = rows_between(new, REFERENCE), new[new["month"] == month]
    return [name for name in FEATURES if churn_ops.psi(before[name], current[name]) > 0.5]


# %% [markdown]
# しきい値が0.1のままです。
# 大きな会社では静かでも、小さな会社では毎月のように鳴ります。


# %% 誤答 4b
def watch(rows, month):
    new = newcomers(rows)
    reference = rows_between(new, REFERENCE)
    current = new[new["month"] == month]
    return [name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > 0.1]


# %% [markdown]
# 基準としきい値は直しましたが、全員を見ています。
# 顔ぶれの入れ替わりで、何も起きない世界でも鳴ります。


# %% 誤答 4c
def watch(rows, month):
    reference = rows_between(rows, REFERENCE)
    current = rows[rows["month"] == month]
    lines = churn_ops.alarm_lines(churn_ops.quiet_psi(reference, len(current)))
    return [
        name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > lines[name]
    ]


# %% [markdown]
# 全員のまま、0.1を0.005に下げています。
# 値上げの月に鳴りますが、何も起きない月にも鳴ります。


# %% 誤答 4d
def watch(rows, month):
    reference = rows_between(rows, REFERENCE)
    current = rows[rows["month"] == month]
    return [name for name in FEATURES if churn_ops.psi(reference[name], current[name]) > 0.005]


# %% 別解 4
def watch(rows, month):
    new = rows.query("tenure_months == 1")
    before = new[new["month"] < "2026-04-01"]
    now = new[new["month"] == month]
    over = churn_ops.monitor_rows(before, now).set_index("column_name")[
        "population_stability_index"
    ]
    return list(over.index[over > churn_ops.alarm_lines(churn_ops.quiet_psi(before, len(now)))])


# %% 別解 4b
def watch(rows, month):
    new = newcomers(rows).assign(month=lambda table: table["month"].astype(str).str[:7])
    reference = new[new["month"].between("2025-06", "2026-03")]
    current = new[new["month"] == str(month)[:7]]
    quiet = churn_ops.quiet_psi(reference, len(current), times=3000)
    return {
        name
        for name in FEATURES
        if churn_ops.psi(reference[name], current[name]) > quiet[name].quantile(1 - 1 / 156)
    }


# %% 裏付け
# 練習4: 直す前の関数は、何も起きない1年も、値上げの10月も静か
def unfixed(rows, month):
    first, last = month - pd.DateOffset(months=3), month - pd.DateOffset(months=1)
    before, now = rows[rows["month"].between(first, last)], rows[rows["month"] == month]
    return [name for name in FEATURES if churn_ops.psi(before[name], now[name]) > 0.1]


assert not any(unfixed(quiet, month) for month in pd.date_range(*WATCHED, freq="MS"))
assert "monthly_fee" not in unfixed(price, pd.Timestamp("2026-10-01"))

# %% 裏付け
# 導入: 最初の3か月は4、6、4通、値上げの10月は6通。月額は1年中鳴りっぱなし
counts = {name: table.sum().tolist() for name, table in naive.items()}
assert counts["何も起きない世界"][:3] == [4, 6, 4] and counts["値上げの世界"][6] == 6
assert counts["何も起きない世界"][:6] == counts["値上げの世界"][:6]
a, b = naive["何も起きない世界"], naive["値上げの世界"]
october = a.columns[6]
assert (a[october] == b[october]).all() and b.loc["orders"].iloc[6:].all()
assert not a.loc["orders"].iloc[6:].all() and a.loc["orders", october]
assert naive["何も起きない世界"].loc["monthly_fee"].all()
assert naive["値上げの世界"].loc["monthly_fee"].all()
assert naive["何も起きない世界"].to_numpy().sum() > 60 > (quiet_p < 0.05 / 13).to_numpy().sum() > 55
assert 1.8 < ratios.loc["26-10", "値上げの世界"] < 2
calm = ratios["何も起きない世界"].round(2)
assert (calm.min(), calm.max()) == (0.98, 1.14) and calm[:"26-09"].between(1.04, 1.14).all()

# %% 裏付け
# 1.1前後になるのは、おもに新規の解約を少なめに見込むため。10月だけが基準の、1人1行でも鳴る
used = rows_between(quiet, WATCHED).dropna(subset="churned")
used = used.assign(
    predicted=model.predict_proba(used[FEATURES])[:, 1], new=used["tenure_months"] == 1
)
sums = used.groupby("new")[["churned", "predicted"]].sum()
assert (sums["churned"] / sums["predicted"]).round(2).tolist() == [1.03, 1.29]
short = sums["churned"] - sums["predicted"]
assert short[True] > 0.6 * short.sum()
assert one_month["customer_id"].is_unique and (one_row_each < 0.05 / 13).to_numpy().sum() == 29

# %% 裏付け
# 広告が減り紹介が増えた（記録の最初の月は、新規とほぼ同じ内訳）。PSIと0.1なら誤報は0回で、値上げは12月まで鳴らない
assert hand.loc["広告", "差"] < -0.03 and hand.loc["紹介", "差"] > 0.03
first_month = quiet.loc[quiet["month"] == "2025-04-01", "channel"].value_counts(normalize=True)
new_shares = reference["channel"].value_counts(normalize=True)
assert (first_month - new_shares).abs().max() < 0.02
assert round(hand["差×比の対数"].sum(), 4) == round(
    churn_ops.psi(learned["channel"], last["channel"]), 4
)
assert not (everyone["何も起きない世界"] > 0.1).to_numpy().any()
first = (everyone["値上げの世界"] > 0.1).any()
assert first.idxmax() == pd.Timestamp("2026-12-01")
assert fee.loc["26-10", "全員"] < fee.loc["26-09", "全員"] < 0.1 and fee.loc["26-10", "新規"] > 1

# %% 裏付け
# 記録の初めの月を基準にすると、注文の変化がずっと違って見える
early, usual = (part["orders_change"] for part in earlier.values())
by_orders = {month: one for month, one in rows_between(quiet, WATCHED).groupby("month")}
assert min(churn_ops.psi(early, one["orders_change"]) for one in by_orders.values()) > 0.08
assert max(churn_ops.psi(usual, one["orders_change"]) for one in by_orders.values()) < 0.01

# %% 裏付け
# しきい値は0.1より低く、列で2倍以上違う。380人では0.1を超えず、30人ではほとんど超える
large, small = (np.array(values) for values in drawn.values())
assert large.max() < 0.1 and (small > 0.1).mean() > 0.9 and few == 29 and 370 < size < 390
moving = lines[lines > 0]
assert lines.max() < 0.1 and moving.max() > 2 * moving.min()
assert set(lines.index[lines == 0]) == {"tenure_months", "orders_change"}
cuts = len(np.unique(np.quantile(reference["app_days"], np.arange(1, 10) / 10)))
theory = cuts * (1 / (len(reference) - size) + 1 / size)
assert 0.9 * theory < drawn_all["app_days"].mean() < 1.1 * theory
assert not ours["何も起きない世界"].to_numpy().any()
rang = ours["値上げの世界"]
assert rang.loc["monthly_fee"].tolist() == [False] * 6 + [True] * 6 and rang.to_numpy().sum() == 6

# %% 裏付け
# 問2: 人数が10分の1ならPSIは10倍。区間が1,000なら、静かな月のPSIの平均が2を超える
branch = churn_ops.quiet_psi(reference, 38)["channel"].mean()
assert 9 < branch / churn_ops.quiet_psi(reference, 380)["channel"].mean() < 11
thousand = [
    churn_ops.psi(mixed[size:], mixed[:size], 1000)
    for seed in range(10)
    for mixed in [pd.Series(np.random.default_rng(seed).random(len(reference)))]
]
assert np.mean(thousand) > 2

# %% 裏付け
# 全員のPSIは、千円の月なら0.25を大きく超える。季節の世界では入力が静かなまま外れる
september = rows_between(quiet, ("2026-09-01", "2026-09-01"))
broken = september["monthly_fee"] / 1000
assert churn_ops.psi(rows_between(quiet, REFERENCE)["monthly_fee"], broken) > 5
assert not season_psi.gt(season_lines, axis=0).to_numpy().any()
assert season_all.max().max() < 0.1
over = by_month["predicted"] / by_month["churned"]
assert (over > 2).tolist() == [False] * 9 + [True] * 2
assert by_month["predicted"].max() - by_month["predicted"].min() < 0.04
assert (
    abs(table["26-10"][0] - table["26-09"][0]) < 0.01 < 0.02 < table["26-09"][1] - table["26-10"][1]
)
actual = [table[month][1] for month in ("26-08", "26-09", "26-10")]
assert 0.8 < (actual[0] - actual[1]) / (actual[1] - actual[2]) < 1.25
october = price[price["month"] == "2026-10-01"].assign(
    new=lambda rows: rows["tenure_months"] == 1,
    missed=lambda rows: rows["churned"] - model.predict_proba(rows[FEATURES])[:, 1],
)
missed = october.groupby("new")["missed"].sum()
assert missed[False] > 5 * abs(missed[True])

# %% 裏付け
# 月額のいちばん上の区切りは最高額で、その上に1人もいない。値上げの後は人が入る
fees = reference["monthly_fee"]
assert np.quantile(fees, 0.9) == fees.max() == 8980
after = newcomers(rows_between(price, ("2026-10-01", "2026-10-01")))["monthly_fee"]
assert 0.1 < (after > 8980).mean() < 0.3
cuts = np.unique(np.quantile(fees, np.arange(1, 10) / 10))
filled = set(np.searchsorted(cuts, after))
assert len(set(np.searchsorted(cuts, fees)) - filled) == 4 and len(cuts) in filled

# %% 裏付け
# 表の0.25を超えた最初の月
saved = spark.table("features_drift_metrics")
assert saved.count() == 2 * 12 * len(FEATURES)
large = saved.where("population_stability_index > 0.25").groupBy("slice_key")
first = large.agg({"window.start": "min"}).toPandas().set_index("slice_key").iloc[:, 0]
assert {str(day) for day in first} == {"2026-10-01", "2027-02-01"}
assert str(first["tenure_months = 1"]) == "2026-10-01"
