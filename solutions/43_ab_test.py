# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: A/Bテスト

# %% [markdown]
# 差は、費用と120円を足して12,000円で割った値です。
# 必要なのは1組の人数なので、2倍してから対象の人数と比べます。
# 費用のかからないメールは、1ポイントの差でも値打ちがある分、いちばん多くの人数が必要です。

# %% 解答 1
d = (ideas["費用（円）"] + 120) / 12_000
rates = ideas["いまの解約率"]
sizes = [needed(rate, rate - one) for rate, one in zip(rates, d, strict=True)]
testable = [
    name for name, n in zip("ABCD", sizes, strict=True) if 2 * n <= ideas.loc[name, "対象（人）"]
]

# %% [markdown]
# 1組の人数を、対象の全員と比べています。
# 誕生日のはがきは、1組の分しか人がいません。

# %% 誤答 1
d = (ideas["費用（円）"] + 120) / 12_000
sizes = [needed(rate, rate - one) for rate, one in zip(ideas["いまの解約率"], d, strict=True)]
testable = [
    name for name, n in zip("ABCD", sizes, strict=True) if n <= ideas.loc[name, "対象（人）"]
]

# %% [markdown]
# 2組を合わせた人数を入れています。

# %% 誤答 1b
d = (ideas["費用（円）"] + 120) / 12_000
sizes = [2 * needed(rate, rate - one) for rate, one in zip(ideas["いまの解約率"], d, strict=True)]
testable = ["B"]

# %% [markdown]
# 31の4,800円は、思いとどまる4割を掛けた後の値です。
# ここでは、解約が1人減ったときの12,000円を使います。

# %% 誤答 1c
d = (ideas["費用（円）"] + 120) / 4_800
sizes = [needed(rate, rate - one) for rate, one in zip(ideas["いまの解約率"], d, strict=True)]
testable = ["B", "C"]

# %% [markdown]
# 差を、いまの解約率に掛けています。
# 差は割合の引き算（ポイント）で測ります。

# %% 誤答 1d
d = (ideas["費用（円）"] + 120) / 12_000
sizes = [needed(rate, rate * (1 - one)) for rate, one in zip(ideas["いまの解約率"], d, strict=True)]
testable = []

# %% 別解 1
table = ideas.assign(d=(ideas["費用（円）"] + 120) / 12_000)
table["n"] = [needed(p, p - one) for p, one in table[["いまの解約率", "d"]].to_numpy()]
sizes = table["n"]
testable = set(table.index[table["n"] <= table["対象（人）"] / 2])

# %% 別解 1b
sizes = np.array([needed(0.125, 0.115), needed(0.12, 0.07), needed(0.25, 0.2), needed(0.12, 0.09)])
testable = ("b",)

# %% [markdown]
# 表の上の行から順に調べます。
# 人数の比と決めた日を、P値より先に見るのが要点です。


# %% 解答 2
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if chisquare([n_a, n_b]).pvalue < 0.001:
        return "やり直し"
    if report["日"] < report["決めた日"]:
        return "待つ"
    if p_value(left_a, n_a, left_b, n_b) >= 0.05:
        return "決められない"
    return "広げる" if left_b / n_b < left_a / n_a else "やめる"


# %% [markdown]
# P値を先に見ているので、途中の日に広げます。


# %% 誤答 2
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if chisquare([n_a, n_b]).pvalue < 0.001:
        return "やり直し"
    if p_value(left_a, n_a, left_b, n_b) < 0.05:
        return "広げる" if left_b / n_b < left_a / n_a else "やめる"
    return "待つ" if report["日"] < report["決めた日"] else "決められない"


# %% [markdown]
# 有意でない試験を「効かない」とみなして、やめています。


# %% 誤答 2b
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if chisquare([n_a, n_b]).pvalue < 0.001:
        return "やり直し"
    if report["日"] < report["決めた日"]:
        return "待つ"
    won = p_value(left_a, n_a, left_b, n_b) < 0.05 and left_b / n_b < left_a / n_a
    return "広げる" if won else "やめる"


# %% [markdown]
# 人数の比を調べるのが、決めた日だけになっています。
# 5日目に壊れていると分かっても、30日まで待ってしまいます。


# %% 誤答 2c
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if report["日"] < report["決めた日"]:
        return "待つ"
    if chisquare([n_a, n_b]).pvalue < 0.001:
        return "やり直し"
    if p_value(left_a, n_a, left_b, n_b) >= 0.05:
        return "決められない"
    return "広げる" if left_b / n_b < left_a / n_a else "やめる"


# %% [markdown]
# 人数の比の線が0.05です。
# 壊れていない試験まで、20回に1回やり直すことになります。


# %% 誤答 2d
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if chisquare([n_a, n_b]).pvalue < 0.05:
        return "やり直し"
    if report["日"] < report["決めた日"]:
        return "待つ"
    if p_value(left_a, n_a, left_b, n_b) >= 0.05:
        return "決められない"
    return "広げる" if left_b / n_b < left_a / n_a else "やめる"


# %% [markdown]
# 解約した人数で比べています。
# 2組の人数は少しずつ違うので、割合に直します。


# %% 誤答 2e
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if chisquare([n_a, n_b]).pvalue < 0.001:
        return "やり直し"
    if report["日"] < report["決めた日"]:
        return "待つ"
    if p_value(left_a, n_a, left_b, n_b) >= 0.05:
        return "決められない"
    return "広げる" if left_b < left_a else "やめる"


# %% [markdown]
# 決めた日が、どの試験でも30日だとみなしています。


# %% 誤答 2f
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if chisquare([n_a, n_b]).pvalue < 0.001:
        return "やり直し"
    if report["日"] < 30:
        return "待つ"
    if p_value(left_a, n_a, left_b, n_b) >= 0.05:
        return "決められない"
    return "広げる" if left_b / n_b < left_a / n_a else "やめる"


# %% [markdown]
# 人数の比を、決まった幅（48%から52%）で調べています。
# 人数が少なければ偶然でも外れ、多ければ、幅の中でも偶然とは言えません。


# %% 誤答 2g
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if abs(n_a / (n_a + n_b) - 0.5) > 0.02:
        return "やり直し"
    if report["日"] < report["決めた日"]:
        return "待つ"
    if p_value(left_a, n_a, left_b, n_b) >= 0.05:
        return "決められない"
    return "広げる" if left_b / n_b < left_a / n_a else "やめる"


# %% [markdown]
# 決めた日にも待ってしまいます。
# 待つのは、決めた日より前だけです。


# %% 誤答 2h
def verdict(report):
    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    if chisquare([n_a, n_b]).pvalue < 0.001:
        return "やり直し"
    if report["日"] <= report["決めた日"]:
        return "待つ"
    if p_value(left_a, n_a, left_b, n_b) >= 0.05:
        return "決められない"
    return "広げる" if left_b / n_b < left_a / n_a else "やめる"


# %% 別解 2
def verdict(report):
    from scipy.stats import binomtest, chi2_contingency

    (n_a, n_b), (left_a, left_b) = report["人数"], report["解約"]
    counts = [[left_a, n_a - left_a], [left_b, n_b - left_b]]
    difference = left_b / n_b - left_a / n_a
    if binomtest(n_a, n_a + n_b).pvalue < 0.001:
        return "やり直し"
    elif report["日"] != report["決めた日"]:
        return "待つ"
    elif chi2_contingency(counts, correction=False).pvalue < 0.05:
        return ["広げる", "やめる"][difference > 0]
    return "決められない"


# %% 別解 2b
def verdict(report):
    n, left = np.array(report["人数"]), np.array(report["解約"])
    if abs(n[0] - n[1]) / np.sqrt(n.sum()) > norm.ppf(0.9995):
        return "やり直し"
    if report["日"] < report["決めた日"]:
        return "待つ"
    pooled = left.sum() / n.sum()
    z = (left[1] / n[1] - left[0] / n[0]) / np.sqrt(pooled * (1 - pooled) * (1 / n).sum())
    return "広げる" if z < -1.96 else "やめる" if z > 1.96 else "決められない"


# %% [markdown]
# ハッシュ値を0から1の間の数に直し、`share`と比べます。
# 同じ人なら、この0から1の数はいつも同じなので、`share`を増やしても、もう`"あり"`だった人は`"あり"`のままです。


# %% 解答 3
def assign(customer_id, salt, share):
    digest = hashlib.sha256(f"{salt}:{customer_id}".encode()).hexdigest()
    place = int(digest[:8], 16) / 2**32
    return "あり" if place < share else "なし"


# %% [markdown]
# 文字列の`hash`は、Pythonを起動するたびに変わります。
# 翌日の同じ人が、別の組になります。


# %% 誤答 3
def assign(customer_id, salt, share):
    return "あり" if hash(f"{salt}:{customer_id}") % 1000 < 1000 * share else "なし"


# %% [markdown]
# ソルトを使わず、顧客番号の余りで分けています。
# どの試験でも、同じ人が`"あり"`になります。


# %% 誤答 3b
def assign(customer_id, salt, share):
    return "あり" if customer_id % 100 < 100 * share else "なし"


# %% [markdown]
# 割合まで材料に混ぜたので、5割に広げると、はじめの1割の人も引き直されます。


# %% 誤答 3c
def assign(customer_id, salt, share):
    digest = hashlib.sha256(f"{salt}:{share}:{customer_id}".encode()).hexdigest()
    return "あり" if int(digest[:8], 16) / 2**32 < share else "なし"


# %% [markdown]
# 乱数の続きで分けています。
# 呼び出すたびに組が変わります。


# %% 誤答 3d
def assign(customer_id, salt, share):
    return "あり" if rng.random() < share else "なし"


# %% [markdown]
# 余りの2つだけを使うので、`share`が効くのは半々のときだけです。


# %% 誤答 3e
def assign(customer_id, salt, share):
    return arm(customer_id, salt)


# %% [markdown]
# 余りが10通りしかないので、`share`は1割きざみでしか効きません。


# %% 誤答 3f
def assign(customer_id, salt, share):
    digest = hashlib.sha256(f"{salt}:{customer_id}".encode()).hexdigest()
    return "あり" if int(digest, 16) % 10 < 10 * share else "なし"


# %% [markdown]
# 乱数で決めた値を、辞書に覚えています。
# 起動し直すと辞書は空になり、同じ人が別の組になります。


# %% 誤答 3g
places = {}


def assign(customer_id, salt, share):
    place = places.setdefault((customer_id, salt), rng.random())
    return "あり" if place < share else "なし"


# %% 別解 3
def assign(customer_id, salt, share):
    seed = [int.from_bytes(salt.encode(), "big"), customer_id]
    return "あり" if np.random.default_rng(seed).random() < share else "なし"


# %% 別解 3b
def assign(customer_id, salt, share):
    digest = hashlib.md5(f"{customer_id}{salt}".encode()).digest()
    return ["なし", "あり"][int.from_bytes(digest, "big") % 1000 < share * 1000]


# %% [markdown]
# 試験ごとに、見る日のP値のいちばん小さい値を取ります。
# それが線より小さければ、その試験はどこかの日に止まります。
# いちばん小さい値の5%点を線にすれば、止まる試験は5%です。


# %% 解答 4
def line_for(paths, days):
    smallest = paths[:, [day - 1 for day in days]].min(axis=1)
    return np.quantile(smallest, 0.05)


# %% [markdown]
# 1度だけ見るときの線のままです。


# %% 誤答 4
def line_for(paths, days):
    return 0.05


# %% [markdown]
# 見る回数で割っています。
# 5回までならこれでも間に合いますが、毎日見ると厳しすぎます。
# 続く日のP値は似ているので、30回分の別々の機会にはならないからです。


# %% 誤答 4b
def line_for(paths, days):
    return 0.05 / len(days)


# %% [markdown]
# 最後の日だけから線を引いています。


# %% 誤答 4c
def line_for(paths, days):
    return np.quantile(paths[:, days[-1] - 1], 0.05)


# %% [markdown]
# 見る日の表を平らにして、P値を混ぜています。
# 1回の試験に何度も機会があることが、数に入りません。


# %% 誤答 4d
def line_for(paths, days):
    return np.quantile(paths[:, [day - 1 for day in days]], 0.05)


# %% [markdown]
# 列は0番から数えるので、7日目は6番の列です。


# %% 誤答 4e
def line_for(paths, days):
    columns = [min(day, 29) for day in days]
    return np.quantile(paths[:, columns].min(axis=1), 0.05)


# %% [markdown]
# 線を見る回数ごとに決めておき、渡された`paths`を使っていません。
# 同じ回数でも、日ごとのP値がどれだけ似ているかで、線は変わります。


# %% 誤答 4f
def line_for(paths, days):
    return {1: 0.05, 3: 0.021, 5: 0.014, 30: 0.006}[len(days)]


# %% 別解 4
def line_for(paths, days):
    table = pd.DataFrame(paths, columns=range(1, 31))
    return table[list(days)].min(axis=1).quantile(0.05)


# %% 別解 4b
def line_for(paths, days):
    lowest = sorted(min(test[day - 1] for day in days) for test in paths)
    return lowest[len(lowest) // 20]


# %% [markdown]
# 線を0.05から少しずつ下げ、誤りが5%に収まった所で止めます。


# %% 別解 4c
def line_for(paths, days):
    line = 0.05
    while (paths[:, np.array(days) - 1] < line).any(axis=1).mean() > 0.05:
        line -= 0.001
    return line


# %% 裏付け 6月の画面
left_by_14 = june["解約"].to_numpy()
first = np.array([arm(number, "recipe-card") == "あり" for number in quiet["customer_id"]])
screen = daily(day, first)
assert np.allclose(quiet["なし"], quiet["あり"]) and len(quiet) == 1_704
assert (
    screen[13] < 0.025 and screen[29] > 0.3 and left_by_14[first].mean() < left_by_14[~first].mean()
)
assert 0.024 < gap(left_by_14, first) < 0.0255
assert abs((np.abs(redrawn) >= gap(left_by_14, first)).mean() - screen[13]) < 0.01

# %% 裏付け 見る回数
assert found["30日に1回"] < 0.06 and found["7、14、21、28、30日"] > 0.1 and found["毎日"] > 0.25
assert ((paths[40:60] < 0.05).any(axis=1).sum(), (paths[40:60, -1] < 0.05).sum()) == (5, 1)
assert 0.003 < paths[40:60].min()

# %% 裏付け 人数
year = churn.make_truth(first_month="2025-06")
assert year["month"].nunique() == 12 and year["month"].max() == pd.Timestamp("2026-05-01")
assert round(year["probability"].mean(), 3) == 0.125
assert needed(0.125, 0.095) == 1_704 and 9 < needed(0.125, 0.115) / needed(0.125, 0.095) < 10
assert 2 * 1_704 > len(quiet) and 2 * 1_704 < len(lively) and 4_800 < len(lively) < 5_000
assert 0.028 < truth < 0.0295 and abs(12_000 * truth - 150 - 193) < 1
for seed in range(4):
    few, many = (replay(lively, n, seed, 500) for n in (850, len(lively) // 2))
    assert 0.4 < (few["P値"] < 0.05).mean() < 0.6 and (many["P値"] < 0.05).mean() > 0.83
    assert few.loc[few["P値"] < 0.05, "差"].mean() > truth + 0.008
    assert abs(few["差"].mean() - truth) < 0.003
    spread = (many["P値"] < 0.05) & (12_000 * many["差"] - 150 >= 200)
    assert 0.4 < spread.mean() < 0.55
assert round(fell.mean(), 2) == 0.88 and round((fell & enough).mean(), 2) == 0.47

# %% 裏付け 人数の比
own = np.array([arm(number, "reply-card") == "あり" for number in lively["customer_id"]])
august = usage.loc[usage["month"] == "2026-08-01", "customer_id"].to_numpy()
assert (august == lively["customer_id"].to_numpy()).all()
for seed in range(5):
    fair = run(silent, own, np.random.default_rng(seed)) <= 30
    everyone, kept = report(fair, ~own, own), report(fair, ~own, own & reached)
    assert everyone["P値"] > 0.05 and kept["P値"] < 0.05
assert hits["全員"] < 0.06 and 0.93 < hits["届いた人だけ"] < 0.98
assert chisquare([(~own).sum(), own.sum()]).pvalue > 0.5
assert chisquare([(~own).sum(), (own & reached).sum()]).pvalue < 1e-10
assert (
    pd.crosstab(
        pd.Series([arm(n, "") for n in lively["customer_id"]]),
        pd.Series([arm(n, "") for n in lively["customer_id"]]),
    ).to_numpy()[0, 1]
    == 0
)

# %% 裏付け 9月の結果
september = run(lively, own, np.random.default_rng(0)) <= 30
shown = report(september, ~own, own)
assert shown["解約率"] == "12.0%と9.9%" and 0.001 < shown["P値"] < 0.05
assert span["下の端"] > 0 > 12_000 * span["下の端"] - 150
assert span["下の端"] < truth < span["上の端"]
assert (12_000 * span - 150).round().tolist() == [-112, 98, 309]
assert (100 * span).round(1).tolist() == [0.3, 2.1, 3.8]

# %% 裏付け 自習の節
assert same.all()
assert round(len(orders) / len(ids), 1) == 2.4
by_row = np.mean(
    [
        mean_p(orders, c[person]) < 0.05
        for c in [np.random.default_rng(s).random(len(ids)) < 0.5 for s in range(300)]
    ]
)
by_person = np.mean(
    [
        mean_p(average, c) < 0.05
        for c in [np.random.default_rng(s).random(len(ids)) < 0.5 for s in range(300)]
    ]
)
assert by_row > 0.085 and by_person < 0.07

# %% 裏付け 途中で変えた割合
monthly = by_month.drop("2か月を合わせる")
assert (monthly["カードあり"] > monthly["カードなし"]).all()
assert (monthly["カードあり"] - monthly["カードなし"]).max() < 0.012
both = by_month.loc["2か月を合わせる"]
assert both["カードなし"] - both["カードあり"] > 0.04
assert ways[0] == 1 and ways[1] < 0.06
