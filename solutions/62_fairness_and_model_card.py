# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 公平性とモデルカード

# %% [markdown]
# 種を決めた`rng`を1つ作り、名前だけを1,000回並べ替えます。


# %% 解答 1
def gap_by_chance(hits, groups):
    rng = np.random.default_rng(0)
    actual = gap(hits, groups)
    shuffled = np.array([gap(hits, rng.permutation(groups)) for _ in range(1000)])
    return (shuffled >= actual).mean()


# %% [markdown]
# 種を繰り返しの中で作っています。
# 毎回同じ並びになるので、1,000回が1回と変わりません。


# %% 誤答 1
def gap_by_chance(hits, groups):
    actual = gap(hits, groups)
    shuffled = [gap(hits, np.random.default_rng(0).permutation(groups)) for _ in range(1000)]
    return np.mean(np.array(shuffled) >= actual)


# %% [markdown]
# 載っていたかと名前を、一緒に並べ替えています。
# 1人ずつの組は変わらないので、差も動かず、いつも1になります。


# %% 誤答 1b
def gap_by_chance(hits, groups):
    rng = np.random.default_rng(0)
    actual = gap(hits, groups)
    count = 0
    for _ in range(1000):
        order = rng.permutation(len(hits))
        count += gap(hits[order], groups[order]) >= actual
    return count / 1000


# %% [markdown]
# `rng`を関数の外で作っています。
# 呼ぶたびに続きの乱数を使うので、同じ引数でも、P値が少しずつ変わります。


# %% 誤答 1c
rng = np.random.default_rng(0)


def gap_by_chance(hits, groups):
    actual = gap(hits, groups)
    shuffled = np.array([gap(hits, rng.permutation(groups)) for _ in range(1000)])
    return (shuffled >= actual).mean()


# %% [markdown]
# 本当の差より大きい回だけを数えています。
# 同じ差の回が抜け、P値が小さく出ます（割合がまったく同じ2つのグループなら1になるはずが、1に届きません）。


# %% 誤答 1d
def gap_by_chance(hits, groups):
    rng = np.random.default_rng(0)
    actual = gap(hits, groups)
    shuffled = np.array([gap(hits, rng.permutation(groups)) for _ in range(1000)])
    return (shuffled > actual + 1e-12).mean()


# %% [markdown]
# 全体の割合から、いちばん離れたグループとの差で測っています。
# 最大と最小の差とは、別の問いに答えています。


# %% 誤答 1e
def gap_by_chance(hits, groups):
    rng = np.random.default_rng(0)

    def away(names):
        return max(abs(hits[names == name].mean() - hits.mean()) for name in set(names))

    shuffled = np.array([away(rng.permutation(groups)) for _ in range(1000)])
    return (shuffled >= away(groups) - 1e-12).mean()


# %% [markdown]
# 重複を許して、名前を引き直しています。
# 地方の人数が回ごとに変わり、名前を付け直した世界ではなくなります。


# %% 誤答 1f
def gap_by_chance(hits, groups):
    rng = np.random.default_rng(0)
    actual = gap(hits, groups)
    shuffled = np.array([gap(hits, rng.choice(groups, len(groups))) for _ in range(1000)])
    return (shuffled >= actual).mean()


# %% [markdown]
# 100回だけ付け直しています。
# P値は0.01の刻みになり、4回の違いで0.04も動きます。


# %% 誤答 1g
def gap_by_chance(hits, groups):
    rng = np.random.default_rng(0)
    actual = gap(hits, groups)
    shuffled = np.array([gap(hits, rng.permutation(groups)) for _ in range(100)])
    return (shuffled >= actual).mean()


# %% [markdown]
# 引数ではなく、本文の`found`と`region`を使っています。
# どの表を渡しても、8月末の一覧のP値が返ります。


# %% 誤答 1h
def gap_by_chance(hits, groups):
    return at_least


# %% [markdown]
# 本当の差を、0.2と打っています。


# %% 誤答 1i
def gap_by_chance(hits, groups):
    rng = np.random.default_rng(0)
    shuffled = np.array([gap(hits, rng.permutation(groups)) for _ in range(1000)])
    return (shuffled >= 0.2).mean()


# %% 別解 1
def gap_by_chance(hits, groups):
    return model_card.gap_by_chance(hits, groups)


# %% 別解 1b
def gap_by_chance(hits, groups):
    size = pd.Series(groups).value_counts()
    rng = np.random.default_rng(0)
    drawn = rng.multivariate_hypergeometric(size.to_numpy(), int(hits.sum()), 1000)
    share = drawn / size.to_numpy()
    gaps = share.max(axis=1) - share.min(axis=1)
    return float((gaps >= gap(hits, groups) - 1e-12).sum()) / 1000


# %% 別解 1c
def gap_by_chance(hits, groups):
    generator = np.random.RandomState(0)
    names = pd.Series(groups)
    actual, count = gap(hits, groups), 0
    for _ in range(1000):
        mixed = names.sample(frac=1, random_state=generator).to_numpy()
        count += int(gap(hits, mixed) >= actual - 1e-9)
    return count / 1000


# %% [markdown]
# 表の順に、当てはまった所で決めます。
# `A`と`D`は、差があるとは言えません。
# `H`は揺れの3倍を超えますが、2割には届かないので、外れではありません。

# %% 解答 2
causes = {
    "A": "偶然", "B": "表", "C": "中身", "D": "偶然",
    "E": "人数", "F": "モデル", "G": "モデル", "H": "中身",
}  # fmt: skip

# %% [markdown]
# P値だけで決めています。
# 壊れた表と外れたモデルを、偶然や中身の違いとして見逃します。

# %% 誤答 2
causes = {
    "A": "偶然", "B": "偶然", "C": "中身", "D": "中身",
    "E": "中身", "F": "中身", "G": "偶然", "H": "中身",
}  # fmt: skip

# %% [markdown]
# P値の線を、切り口の数で割っていません。
# 6つも調べれば、0.03は珍しくありません。

# %% 誤答 2b
causes = {
    "A": "偶然", "B": "表", "C": "中身", "D": "中身",
    "E": "人数", "F": "モデル", "G": "モデル", "H": "中身",
}  # fmt: skip

# %% [markdown]
# 揺れの3倍だけで「外れ」としています。
# 人数の多いグループでは、困らないほど小さなずれも3倍を超えます。

# %% 誤答 2c
causes = {
    "A": "偶然", "B": "表", "C": "中身", "D": "偶然",
    "E": "人数", "F": "モデル", "G": "モデル", "H": "モデル",
}  # fmt: skip

# %% [markdown]
# 予測と実際が違えば、どれも「モデル」としています。
# 揺れの3倍に届かないずれは、外れではありません。

# %% 誤答 2d
causes = {
    "A": "モデル", "B": "表", "C": "モデル", "D": "モデル",
    "E": "モデル", "F": "モデル", "G": "モデル", "H": "モデル",
}  # fmt: skip

# %% 別解 2
causes = {
    "A": "「偶然」", "B": "表", "C": "中身", "D": "偶然",
    "E": "人数", "F": "モデル", "G": "モデル", "H": "中身",
}  # fmt: skip

# %% 別解 2b
off = (measurements["予測"] - measurements["実際"]).abs()
causes = pd.Series("偶然", index=measurements.index)
causes[measurements["P値"] < 0.05 / measurements["切り口の数"]] = "中身"
causes[measurements["最少の解約"] < 10] = "人数"
causes[(off > 3 * measurements["揺れ"]) & (off > 0.2 * measurements["実際"])] = "モデル"
causes[measurements["入力の記録"] != "同じ"] = "表"

# %% [markdown]
# 列を配列にして、確率と同じ順にそろえます。
# 解約した人がいないときだけ、割り算をせずにNaNを入れます。


# %% 解答 3
def by_group(rows, probability, column):
    called = probability >= churn_steps.THRESHOLD
    left, groups = rows["churned"].to_numpy() == 1, rows[column].to_numpy()
    found = {}
    for name in sorted(set(groups)):
        mine = groups == name
        churned, hits = (mine & left).sum(), (mine & left & called).sum()
        recall = hits / churned if churned else np.nan
        low, high = model_card.recall_range(hits, churned)
        found[name] = [mine.sum(), called[mine].mean(), churned, recall, low, high]
    columns = ["人数", "選ばれた割合", "解約", "再現率", "下の端", "上の端"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


# %% [markdown]
# 選ばれた割合は直りましたが、再現率の分母が、全体で解約した人のままです。


# %% 誤答 3
def by_group(rows, probability, column):
    called = probability >= churn_steps.THRESHOLD
    left, groups = rows["churned"].to_numpy() == 1, rows[column].to_numpy()
    found = {}
    for name in sorted(set(groups)):
        mine = groups == name
        churned, hits = (mine & left).sum(), (mine & left & called).sum()
        low, high = model_card.recall_range(hits, churned)
        found[name] = [mine.sum(), called[mine].mean(), churned, hits / left.sum(), low, high]
    columns = ["人数", "選ばれた割合", "解約", "再現率", "下の端", "上の端"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


# %% [markdown]
# 解約した人がいないグループの再現率を、0としています。
# 1人も見つけられなかったグループと、見分けが付きません。


# %% 誤答 3b
def by_group(rows, probability, column):
    called = probability >= churn_steps.THRESHOLD
    left, groups = rows["churned"].to_numpy() == 1, rows[column].to_numpy()
    found = {}
    for name in sorted(set(groups)):
        mine = groups == name
        churned, hits = (mine & left).sum(), (mine & left & called).sum()
        low, high = model_card.recall_range(hits, churned)
        found[name] = [mine.sum(), called[mine].mean(), churned, hits / max(churned, 1), low, high]
    columns = ["人数", "選ばれた割合", "解約", "再現率", "下の端", "上の端"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


# %% [markdown]
# 範囲を、正規分布の近似のまま計算しています。
# 人数が少ないと、端が0より小さくなります。


# %% 誤答 3c
def by_group(rows, probability, column):
    called = probability >= churn_steps.THRESHOLD
    left, groups = rows["churned"].to_numpy() == 1, rows[column].to_numpy()
    found = {}
    for name in sorted(set(groups)):
        mine = groups == name
        churned, hits = (mine & left).sum(), (mine & left & called).sum()
        recall = hits / churned if churned else np.nan
        width = 1.96 * np.sqrt(recall * (1 - recall) / churned) if churned else np.nan
        found[name] = [
            mine.sum(),
            called[mine].mean(),
            churned,
            recall,
            recall - width,
            recall + width,
        ]
    columns = ["人数", "選ばれた割合", "解約", "再現率", "下の端", "上の端"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


# %% [markdown]
# 確率がちょうど基準の人を、選ばれた人に入れていません。


# %% 誤答 3d
def by_group(rows, probability, column):
    return model_card.by_group(rows, probability - 1e-9, column)


# %% [markdown]
# 行の番号が0から並ぶものとして、確率を並べ替えています。
# 番号が合わず、確率が値なしになります。


# %% 誤答 3e
def by_group(rows, probability, column):
    p = pd.Series(probability).reindex(rows.index)
    return model_card.by_group(rows, p.to_numpy(), column)


# %% [markdown]
# グループの名前が列に入り、行の名前が番号になっています。
# `loc["中部"]`のように、名前で行を選べません。


# %% 誤答 3f
def by_group(rows, probability, column):
    return model_card.by_group(rows, probability, column).reset_index(names=column)


# %% 別解 3
def by_group(rows, probability, column):
    work = rows.assign(called=probability >= churn_steps.THRESHOLD, left=rows["churned"] == 1)
    groups = work.groupby(column)
    result = pd.DataFrame(
        {
            "人数": groups.size(),
            "選ばれた割合": groups["called"].mean(),
            "解約": groups["left"].sum(),
            "再現率": work[work["left"]].groupby(column)["called"].mean(),
        }
    )
    hits = (work["called"] & work["left"]).groupby(work[column]).sum()
    ends = [
        model_card.recall_range(int(hits[name]), int(result.loc[name, "解約"]))
        for name in result.index
    ]
    result[["下の端", "上の端"]] = ends
    return result


# %% 別解 3b
def by_group(rows, probability, column):
    return model_card.by_group(rows, probability, column)[::-1]


# %% [markdown]
# 見出しごとに行を足します。
# グループの数が替わっても、`items()`を繰り返せば、そのまま書けます。


# %% 解答 4
def make_card(record):
    lines = [f"# {record['題']}"]
    for heading in ("使う場面", "使ってはいけない場面"):
        lines += ["", f"## {heading}", *(f"- {one}" for one in record[heading])]
    lines += ["", "## 測った数", f"- AUC: {record['AUC']:.3f}", f"- 配達: {record['配達']:,}"]
    for name, value in record["再現率"].items():
        lines.append(f"- {name}の再現率: {'記録なし' if value is None else f'{value:.0%}'}")
    lines += ["", "## 測っていないこと", *(f"- {one}" for one in record["測っていないこと"])]
    return "\n".join(lines)


# %% [markdown]
# 数を打っています。
# 来月の記録を渡しても、今月の数が出ます。


# %% 誤答 4
def make_card(record):
    lines = [f"# {record['題']}"]
    for heading in ("使う場面", "使ってはいけない場面"):
        lines += ["", f"## {heading}", *(f"- {one}" for one in record[heading])]
    lines += ["", "## 測った数", "- AUC: 0.814", "- 配達: 12,480"]
    lines += ["- 平日の再現率: 41%", "- 週末の再現率: 36%", "- 祝日の再現率: 記録なし"]
    lines += ["", "## 測っていないこと", *(f"- {one}" for one in record["測っていないこと"])]
    return "\n".join(lines)


# %% [markdown]
# 記録がない再現率を、0%としています。
# 1人も見つけられなかったように読めます。


# %% 誤答 4b
def make_card(record):
    lines = [f"# {record['題']}"]
    for heading in ("使う場面", "使ってはいけない場面"):
        lines += ["", f"## {heading}", *(f"- {one}" for one in record[heading])]
    lines += ["", "## 測った数", f"- AUC: {record['AUC']:.2f}", f"- 配達: {record['配達']}"]
    lines += [f"- {name}の再現率: {value or 0:.0%}" for name, value in record["再現率"].items()]
    lines += ["", "## 測っていないこと", *(f"- {one}" for one in record["測っていないこと"])]
    return "\n".join(lines)


# %% [markdown]
# 記録のあるグループだけを書いています。
# 測っていないグループが、カードから消えます。


# %% 誤答 4c
def make_card(record):
    lines = [f"# {record['題']}"]
    for heading in ("使う場面", "使ってはいけない場面"):
        lines += ["", f"## {heading}", *(f"- {one}" for one in record[heading])]
    lines += ["", "## 測った数", f"- AUC: {record['AUC']:.2f}", f"- 配達: {record['配達']}"]
    lines += [f"- {name}の再現率: {value:.0%}" for name, value in record["再現率"].items() if value]
    lines += ["", "## 測っていないこと", *(f"- {one}" for one in record["測っていないこと"])]
    return "\n".join(lines)


# %% [markdown]
# 「測っていないこと」の見出しがありません。
# 読む人は、何でも測ってあると受け取ります。


# %% 誤答 4d
def make_card(record):
    lines = [f"# {record['題']}"]
    for heading in ("使う場面", "使ってはいけない場面"):
        lines += ["", f"## {heading}", *(f"- {one}" for one in record[heading])]
    lines += ["", "## 測った数", f"- AUC: {record['AUC']:.3f}", f"- 配達: {record['配達']:,}"]
    for name, value in record["再現率"].items():
        lines.append(f"- {name}の再現率: {'記録なし' if value is None else f'{value:.0%}'}")
    return "\n".join(lines)


# %% [markdown]
# 再現率が0のグループまで、「記録なし」としています。
# 測って0だったことが、測っていないことに変わります。


# %% 誤答 4e
def make_card(record):
    lines = [f"# {record['題']}"]
    for heading in ("使う場面", "使ってはいけない場面"):
        lines += ["", f"## {heading}", *(f"- {one}" for one in record[heading])]
    lines += ["", "## 測った数", f"- AUC: {record['AUC']:.3f}", f"- 配達: {record['配達']:,}"]
    for name, value in record["再現率"].items():
        lines.append(f"- {name}の再現率: {f'{value:.0%}' if value else '記録なし'}")
    lines += ["", "## 測っていないこと", *(f"- {one}" for one in record["測っていないこと"])]
    return "\n".join(lines)


# %% [markdown]
# AUCを、丸めずに書いています。


# %% 誤答 4f
def make_card(record):
    lines = [f"# {record['題']}"]
    for heading in ("使う場面", "使ってはいけない場面"):
        lines += ["", f"## {heading}", *(f"- {one}" for one in record[heading])]
    lines += ["", "## 測った数", f"- AUC: {record['AUC']}", f"- 配達: {record['配達']:,}"]
    for name, value in record["再現率"].items():
        lines.append(f"- {name}の再現率: {'記録なし' if value is None else f'{value:.0%}'}")
    lines += ["", "## 測っていないこと", *(f"- {one}" for one in record["測っていないこと"])]
    return "\n".join(lines)


# %% 別解 4
def make_card(record):
    def bullets(items):
        return "\n".join(f"* {item}" for item in items)

    numbers = [f"AUCは{record['AUC']:.2f}", f"配達は{record['配達']}件"]
    numbers += [f"{k}: {model_card.percent(v)}" for k, v in record["再現率"].items()]
    sections = {name: record[name] for name in ("使う場面", "使ってはいけない場面")}
    sections |= {"測った数": numbers, "測っていないこと": record["測っていないこと"]}
    body = "\n\n".join(f"## {name}\n\n{bullets(items)}" for name, items in sections.items())
    return f"# {record['題']}\n\n{body}\n"


# %% 別解 4b
def make_card(record):
    card = "# " + record["題"] + "\n"
    for heading in ["測った数", "使う場面", "使ってはいけない場面", "測っていないこと"]:
        card += "## " + heading + "\n"
        if heading == "測った数":
            card += f"AUC {round(record['AUC'], 3)}\n{record['配達']}件の配達\n"
            for name in record["再現率"]:
                value = record["再現率"][name]
                card += (
                    name
                    + " "
                    + ("記録なし" if value is None else str(round(100 * value)) + "%")
                    + "\n"
                )
        else:
            for one in record[heading]:
                card += one + "\n"
    return card


# %% 裏付け
# 冒頭と「何の差かを決める」: 東北は4人に1人未満、中国・四国は4割超、差は20ポイント、比は0.8未満。選ばれた割合は逆
low, high = by_region.loc["北海道・東北"], by_region.loc["中国・四国"]
assert (
    by_region["再現率"].idxmin() == "北海道・東北" and by_region["再現率"].idxmax() == "中国・四国"
)
assert low["再現率"] < 0.25 and high["再現率"] > 0.4
assert 0.19 < high["再現率"] - low["再現率"] < 0.21 and low["再現率"] / high["再現率"] < 0.8
assert by_region["選ばれた割合"].rank(ascending=False)[["北海道・東北", "中国・四国"]].tolist() == [
    2,
    6,
]
assert (low["解約"], round(low["再現率"] * low["解約"]), left.sum()) == (31, 7, 354)
spread = np.sqrt((perfect * (1 - perfect)).sum()) / len(perfect)
assert abs(perfect.mean() - known["churned"].mean()) < 2 * spread
fits = churn_gate.slice_gaps(known, perfect)
assert not fits["外れ"].any() and ((fits["予測"] - fits["実際"]).abs() < 2.5 * fits["揺れ"]).all()
assert (table.loc["広告"] > 2 * table.loc["紹介"]).all()

# %% 裏付け
# 偶然: 4割近く、10回に9回、比はほとんどいつも。2か月とも帯の中。翌月は最も高い所が最も低い
assert 0.34 < at_least < 0.42 and (chance_gaps > 0.1).mean() > 0.88 and (ratio < 0.8).mean() > 0.93
for rows, p in lists.values():
    gone = (rows["churned"] == 1).to_numpy()
    names_, taken = rows["region"].to_numpy()[gone], (p >= THRESHOLD)[gone].astype(float)
    bands = model_card.shuffled_shares(taken, names_).quantile([0.025, 0.975])
    recall = model_card.by_group(rows, p, "region")["再現率"]
    assert ((recall >= bands.loc[0.025]) & (recall <= bands.loc[0.975])).all()
assert recall.idxmin() == "中国・四国"
bands = shuffled.quantile([0.025, 0.975])
outside = ((shuffled < bands.loc[0.025]) | (shuffled > bands.loc[0.975])).any(axis=1).mean()
assert 0.15 < outside < 0.25 and alarms > 10

# %% 裏付け
# 害: 31日なら選ばれた割合は半分未満、7人が消え、P値は0.05より大きく、確率の当たり方だけが外れる。0日は再現率が上がり外れない
columns = ["選ばれた割合", "再現率", "地方の差のP値", "予測", "実際", "外れ"]
harmed = pd.DataFrame.from_dict(harm, orient="index", columns=columns)
right, full, zero = (harmed.loc[name] for name in meters)
people_there = by_region.loc[WATCHED, "解約"]
assert people_there == 45 and round(people_there * (right["再現率"] - full["再現率"])) == 7
assert full["選ばれた割合"] < right["選ばれた割合"] / 2 and full["地方の差のP値"] > 0.05
assert full["外れ"] and full["予測"] < full["実際"] / 2 and not right["外れ"] and not zero["外れ"]
assert zero["再現率"] > right["再現率"] and zero["選ばれた割合"] > 2 * right["選ばれた割合"]
assert zero["地方の差のP値"] < 0.05
assert low["再現率"] - 0.05 < full["再現率"] < low["再現率"]
fits = churn_gate.slice_gaps(meters["31日のまま"], chance(model, meters["31日のまま"]))
assert fits.loc[list(by_region.index), "外れ"].sum() == 1
assert fits.loc["北海道・東北", "予測"] > fits.loc["北海道・東北", "実際"]

# %% 裏付け
# 列を外しても東北は同じ、差は開く
shown = pd.DataFrame(recalls)
both = ["正しい記録、列あり", "正しい記録、列なし"]
assert np.allclose(shown.loc["北海道・東北", both], low["再現率"])
assert np.ptp(shown[both[1]]) > np.ptp(shown[both[0]])
leavers = august[august["churned"] == 1].assign(region="なし")
assert model_card.gap_by_chance(chance(blind, leavers) >= THRESHOLD, region) > 0.05
assert np.allclose(shown.loc[WATCHED, ["31日のまま、列あり", "31日のまま、列なし"]], 0.2)

# %% 裏付け
# 1人の説明: 押し下げた3つ、押し上げた2つ、地方の分はほとんどない
down, up = parts.nsmallest(3).index, parts.nlargest(2).index
assert list(down) == ["orders_change", "survey_score", "tenure_months"]
assert set(up) == {"orders", "app_days"} and abs(parts["region"]) < 0.05
answered = pushes.loc[106_165, ["missingindicator_survey_score", "survey_score"]]
assert answered.iloc[0] < answered.iloc[1] < 0  # 満足度より、答えたことのほうが大きい
one = august[august["customer_id"] == 106_165]
assert one[["region", "churned", "survey_score"]].to_numpy().tolist() == [["北海道・東北", 1, 4]]
assert chance(model, one)[0] < 0.05 and one["orders_change"].iloc[0] > 0

# %% 裏付け
# カード: 記録と合い、モジュールのものと同じ。9月末の記録とは食い違う
assert card == model_card.render_card(record) and model_card.card_problems(card, record) == []
assert len(problems) > 5
assert client.get_model_version(model_name, str(version)).description == short
