# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 自動ロールバック

# %% [markdown]
# 表の順に確かめ、当てはまった所で返します。


# %% 解答 1
def decide(before, now, usual, actual_ratio):
    if not 0.9 <= before / np.mean(usual) <= 1.1:
        return "止める"
    if not 0.8 <= now / before <= 1.2:
        return "戻す"
    if actual_ratio is not None and not 0.7 <= actual_ratio <= 1.3:
        return "学習し直す"
    return "続ける"


# %% [markdown]
# 今のバージョンが、いつもからずれたら戻しています。
# 冒頭の決まりと同じで、表が壊れた夜にも戻します。


# %% 誤答 1
def decide(before, now, usual, actual_ratio):
    if not 0.9 <= now / np.mean(usual) <= 1.1:
        return "戻す"
    if actual_ratio is not None and not 0.7 <= actual_ratio <= 1.3:
        return "学習し直す"
    return "続ける"


# %% [markdown]
# 戻すかどうかを先に確かめています。
# 壊れた表では、2つのバージョンの比も当てになりません。


# %% 誤答 1b
def decide(before, now, usual, actual_ratio):
    if not 0.8 <= now / before <= 1.2:
        return "戻す"
    if not 0.9 <= before / np.mean(usual) <= 1.1:
        return "止める"
    if actual_ratio is not None and not 0.7 <= actual_ratio <= 1.3:
        return "学習し直す"
    return "続ける"


# %% [markdown]
# 分からない結果を0とみなしています。
# 実際が1人もいなかったことになり、毎晩、学習し直します。


# %% 誤答 1c
def decide(before, now, usual, actual_ratio):
    if not 0.9 <= before / np.mean(usual) <= 1.1:
        return "止める"
    if not 0.8 <= now / before <= 1.2:
        return "戻す"
    if not 0.7 <= (actual_ratio or 0) <= 1.3:
        return "学習し直す"
    return "続ける"


# %% [markdown]
# 高いほうしか見ていません。
# 電話する人が半分に減る、悪いバージョンを通します。


# %% 誤答 1d
def decide(before, now, usual, actual_ratio):
    if before / np.mean(usual) > 1.1:
        return "止める"
    if now / before > 1.2:
        return "戻す"
    if actual_ratio is not None and actual_ratio > 1.3:
        return "学習し直す"
    return "続ける"


# %% 別解 1
def decide(before, now, usual, actual_ratio):
    average = sum(usual) / len(usual)
    checks = {
        "止める": abs(before - average) > 0.1 * average,
        "戻す": abs(now - before) > 0.2 * before,
        "学習し直す": actual_ratio is not None and abs(actual_ratio - 1) > 0.3,
    }
    return next((name for name, hit in checks.items() if hit), "続ける")


# %% 別解 1b
def decide(before, now, usual, actual_ratio):
    table, version = before / pd.Series(usual).mean(), now / before
    if table < 0.9 or table > 1.1:
        answer = "止める"
    elif version < 0.8 or version > 1.2:
        answer = "戻す"
    elif actual_ratio is not None and (actual_ratio < 0.7 or actual_ratio > 1.3):
        answer = "学習し直す"
    else:
        answer = "続ける"
    return answer


# %% [markdown]
# 使い始めた順に並べ、いま使っているものと、取り下げたままのものを除きます。


# %% 解答 2
def last_good(log):
    used = [version for version, event in log if event == "使う"]
    newest = dict(log)
    good = [version for version in used if version != used[-1] and newest[version] == "使う"]
    return good[-1] if good else None


# %% [markdown]
# 番号から1を引いています。
# 見送ったバージョンや、存在しない番号に戻ります。


# %% 誤答 2
def last_good(log):
    used = [version for version, event in log if event == "使う"]
    return used[-1] - 1


# %% [markdown]
# 使ったことのあるものを、取り下げたものも含めて選んでいます。
# 悪いと分かったバージョンに戻ります。


# %% 誤答 2b
def last_good(log):
    used = [version for version, event in log if event == "使う"]
    before = [version for version in used if version != used[-1]]
    return before[-1] if before else None


# %% [markdown]
# いちばん最初のバージョンに戻しています。
# 安全そうですが、ずっと前の世の中しか知りません。


# %% 誤答 2c
def last_good(log):
    used = [version for version, event in log if event == "使う"]
    newest = dict(log)
    good = [version for version in used if version != used[-1] and newest[version] == "使う"]
    return good[0] if good else None


# %% [markdown]
# 1度でも取り下げたものを、ずっと除いています。
# 24の夜のように、調べた後でまた使ったバージョンに戻れません。


# %% 誤答 2d
def last_good(log):
    used = [version for version, event in log if event == "使う"]
    dropped = {version for version, event in log if event == "取り下げ"}
    good = [version for version in used if version != used[-1] and version not in dropped]
    return good[-1] if good else None


# %% 別解 2
def last_good(log):
    stack = []
    for version, event in log:
        if version in stack and event != "見送り":
            stack.remove(version)
        if event == "使う":
            stack.append(version)
    return stack[-2] if len(stack) > 1 else None


# %% 別解 2b
def last_good(log):
    table = pd.DataFrame(log, columns=["version", "event"]).query("event != '見送り'")
    last = table.drop_duplicates("version", keep="last").query("event == '使う'")
    return int(last["version"].iloc[-2]) if len(last) > 1 else None


# %% [markdown]
# もう使っていないか、戻す先がなければ、受け取ったものをそのまま返します。


# %% 解答 3
def rollback(aliases, log, bad):
    good = churn_ops.last_good(log)
    if aliases["production"] != bad or good is None:
        return aliases, log
    return {**aliases, "production": good}, [*log, (bad, "取り下げ"), (good, "使う")]


# %% [markdown]
# `bad`を見ていません。
# もう戻した後に呼ばれると、良いバージョンを取り下げます。


# %% 誤答 3
def rollback(aliases, log, bad):
    now, good = aliases["production"], churn_ops.last_good(log)
    if good is None:
        return aliases, log
    return {**aliases, "production": good}, [*log, (now, "取り下げ"), (good, "使う")]


# %% [markdown]
# すべてのエイリアスを動かしています。
# ゲートが比べる`champion`まで変わります。


# %% 誤答 3b
def rollback(aliases, log, bad):
    good = churn_ops.last_good(log)
    if aliases["production"] != bad or good is None:
        return aliases, log
    return dict.fromkeys(aliases, good), [*log, (bad, "取り下げ"), (good, "使う")]


# %% [markdown]
# 受け取った辞書とリストを書き換えています。
# 戻した後の値は合っていても、戻す前の様子が失われます。


# %% 誤答 3c
def rollback(aliases, log, bad):
    good = churn_ops.last_good(log)
    if aliases["production"] == bad and good is not None:
        aliases["production"] = good
        log.extend([(bad, "取り下げ"), (good, "使う")])
    return aliases, log


# %% [markdown]
# 取り下げたことを書いていません。
# 次に戻す先を探すとき、悪いバージョンが良いものに見えます。


# %% 誤答 3d
def rollback(aliases, log, bad):
    good = churn_ops.last_good(log)
    if aliases["production"] != bad or good is None:
        return aliases, log
    return {**aliases, "production": good}, [*log, (good, "使う")]


# %% 別解 3
def rollback(aliases, log, bad):
    new_aliases, new_log = dict(aliases), list(log)
    good = churn_ops.last_good(log)
    if new_aliases["production"] == bad and good:
        new_aliases["production"] = good
        new_log += [(bad, "取り下げ"), (good, "使う")]
    return new_aliases, new_log


# %% 別解 3b
def rollback(aliases, log, bad):
    good = churn_ops.last_good(log)
    if good is not None and aliases["production"] == bad:
        aliases = aliases | {"production": good}
        log = log + [(bad, "取り下げ"), (good, "使う")]
    return [aliases, log]


# %% [markdown]
# 1か月では、60回のうち5回ほど誤って動きます。
# 2か月続くのは、その割合の2乗なので、見込みは1回より少なくなります。
# 1月末と2月末の一覧の結果がそろう3月末に学習し直し、3月末の一覧までは前のモデルなので、外れるのは3か月分です。

# %% 解答 4
rate = float(rates["500人"][0].rstrip("%")) / 100
months_in_a_row = next(n for n in range(1, 12) if 60 * rate**n <= 1)
months_wrong = months_in_a_row + 1

# %% [markdown]
# すぐに動けば早く止まりますが、何も起きない5年間に5回ほど、学習し直します。

# %% 誤答 4
months_in_a_row, months_wrong = 1, 2

# %% [markdown]
# 誤って学習し直すことはほぼなくなりますが、外れた一覧を7か月分も配ります。

# %% 誤答 4b
months_in_a_row, months_wrong = 6, 7

# %% [markdown]
# 3月末の一覧を数えていません。
# 3月末に学習し直しても、その月の一覧には間に合いません。

# %% 誤答 4c
months_in_a_row, months_wrong = 2, 2

# %% 別解 4
months_in_a_row, months_wrong = 2, 3

# %% 別解 4b
months_in_a_row = np.int64(2)
months_wrong = float(months_in_a_row) + 1

# %% 裏付け
# 悪いバージョンは今だけ、千円の表は前も今も動く。AUCは0.01も下がらず、電話は2倍近い
assert (
    table.loc["悪いバージョン", "今÷前"] > 1.4
    and abs(table.loc["悪いバージョン", "前÷いつも"] - 1) < 0.02
)
assert (
    0.8 < table.loc["千円の表", "前÷いつも"] < 0.87
    and abs(table.loc["千円の表", "今÷前"] - 1) < 0.1
)
quiet_nights = table.loc[["いつもの夜", "値上げ"], ["前÷いつも", "今÷前"]]
assert (abs(quiet_nights - 1) < 0.07).to_numpy().all()
aucs = [roc_auc_score(answers, chances(version, tonight)) for version in (2, 3)]
assert 0 < aucs[0] - aucs[1] < 0.01
calls = table.loc["悪いバージョン", ["電話（前）", "電話（今）"]]
assert 1.7 < calls["電話（今）"] / calls["電話（前）"] < 2 and 350_000 < 1500 * extra < 400_000

# %% 裏付け
# 冒頭: 予測の平均が4分の3に下がる。4つの決定。揺れは幅の内側。新規だけなら4割低い
assert 0.73 < table.loc["千円の表", "今の平均"] / np.mean(usual[2]) < 0.79
decisions = [
    churn_ops.decide(*(chances(v, rows).mean() for v in (before, now)), usual[before])
    for before, now, rows in nights.values()
]
assert decisions == ["続ける", "戻す", "止める", "続ける"]
assert 0.9 < before_usual.min() and before_usual.max() < 1.1
assert 0.8 < now_before.min() and now_before.max() < 1.2
assert np.ptp(now_before) < np.ptp(before_usual) / 2
newcomers_ratio = (
    chances(4, tonight[tonight["tenure_months"] == 1]).mean()
    / chances(2, tonight[tonight["tenure_months"] == 1]).mean()
)
assert 0.8 < chances(4, tonight).mean() / chances(2, tonight).mean() < 0.9 and newcomers_ratio < 0.65

# %% 裏付け
# 3は、41のゲートなら断る。千円の表を千円で学習した3に渡すと、3のほうが正しく見える
import churn_gate

january = rows_between(world, ("2027-01-01", "2027-01-01"))
assert len(churn_gate.gate(models[3], models[2], january)) == 3
thousand = in_thousands(tonight)
errors = [abs(chances(v, thousand).mean() / answers.mean() - 1) for v in (2, 3)]
assert errors[1] < errors[0] / 2
ours, simple = drill["順番のある決まり"], drill["冒頭の決まり"]
assert (
    ours["決定"].tolist()
    == ["続ける"] * 3 + ["戻す"] + ["続ける"] * 2 + ["止める"] * 2 + ["続ける"] * 4
)
assert simple.loc[[4, 7], "決定"].eq("戻す").all() and (simple.loc[7:, "朝のバージョン"] == 1).all()
assert (ours.loc[4:, "朝のバージョン"] == 2).all()
found = times(ours)
assert found.mean().tolist() == [0, 1] and np.isnan(times(simple).loc["千円の表", "直るまで"])
assert alias("production") == 2 and alias("champion") == 3
assert read_log()["event"].tolist() == ["使う"] * 3 + ["取り下げ", "使う"]

# %% 裏付け
# 51の表と、遅い信号
assert len(fee) == 12 and fee["psi"].iloc[6:].min() > 5 > 0.1 > fee["psi"].iloc[:6].max()
assert decision == "学習し直す" and 1.5 < ratio < 1.7
rate = float(rates["500人"][0].rstrip("%")) / 100
assert 0.07 < rate < 0.1 and 60 * rate > 1 > 60 * rate**2
# 本当に1.2倍のとき: 500人の1.3倍は5か月に1度、3,000人ではほとんどない。2か月続くまで平均3か月半あまり
off = {who: [float(text.rstrip("%")) / 100 for text in row] for who, row in rates_off.items()}
often, _, high = off["500人"]
assert 4.5 < 1 / high < 6 and off["3000人"][2] < 0.02
assert 3.5 < (1 + often) / often**2 < 3.8

# %% 裏付け
# 電話した人を除き、対照群（10人に2人）を5人分に数えると、1.15倍を超える月は2倍ほど
rng = np.random.default_rng(0)
p = rng.choice(new, size=(3_000, 500))
kept = np.where(p >= THRESHOLD, 5 * (rng.random(p.shape) < 0.2), 1)
weighted = (kept * (rng.random(p.shape) < p)).sum(axis=1) / (kept * p).sum(axis=1)
assert 1.7 < (weighted > 1.15).mean() / rate < 2.3

# %% 裏付け
# 余分な電話は、見つかる解約を差し引いても12万円ほどの損。見込みが3%低い1では、1.15倍を超える月が増える
assert 115_000 < gains[0] - gains[1] < 130_000
rng, over_rates, actual_ratios = np.random.default_rng(0), [], []
for _, rows in rows_between(world, ("2026-03-01", "2027-02-01")).groupby("month"):
    p, left = chances(1, rows), rows["churned"].to_numpy(float)
    people = rng.integers(len(rows), size=(500, 500))
    over_rates.append((left[people].mean(axis=1) > 1.15 * p[people].mean(axis=1)).mean())
    actual_ratios.append(left.mean() / p.mean())
assert 1.02 < np.mean(actual_ratios) < 1.04 and 1 / 7 < np.mean(over_rates) < 1 / 6
