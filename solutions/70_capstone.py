# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 修了課題

# %% [markdown]
# 余分な行を先に除いてから、人ごとに1行にまとめた表と、行ごとの表の両方で数えます。

# %% 解答 1
rows = handed.drop_duplicates()
people = rows.drop_duplicates("customer_id")
written = people["cancelled_at"].dropna()
left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
after = rows["month"] + pd.DateOffset(months=1)
late = (left >= after) & (left < after + pd.Timedelta(hours=churn_steps.CALLS_START))
inspection = {
    "余分な行": len(handed) - len(rows),
    "全角の月額の人": (~people["monthly_fee"].map(str.isascii)).sum(),
    "月がずれる解約": (written.dt.month != written.dt.tz_convert("Asia/Tokyo").dt.month).sum(),
    "間に合わない行": late.sum(),
    "漏れる列": "retention_coupon",
    "個人の列": ["name", "email", "phone"],
}

# %% [markdown]
# 余分な行を除かずに、人ではなく行を数えています。

# %% 誤答 1
inspection = {
    "余分な行": handed.duplicated(["customer_id"]).sum(),
    "全角の月額の人": (~handed["monthly_fee"].map(str.isascii)).sum(),
    "月がずれる解約": handed["cancelled_at"].notna().sum(),
    "間に合わない行": 0,
    "漏れる列": "retention_coupon",
    "個人の列": ["name", "email", "phone"],
}

# %% [markdown]
# 時計を直さず、UTCのまま、1日の9時より前を数えています。
# ほかの5つが合っていても、この1つで電話の対象が変わります。

# %% 誤答 1b
rows = handed.drop_duplicates()
people = rows.drop_duplicates("customer_id")
written = people["cancelled_at"].dropna()
early = (rows["cancelled_at"].dt.day == 1) & (rows["cancelled_at"].dt.hour < 9)
inspection = {
    "余分な行": len(handed) - len(rows),
    "全角の月額の人": (~people["monthly_fee"].map(str.isascii)).sum(),
    "月がずれる解約": (written.dt.month != written.dt.tz_convert("Asia/Tokyo").dt.month).sum(),
    "間に合わない行": early.sum(),
    "漏れる列": "retention_coupon",
    "個人の列": ["name", "email", "phone"],
}

# %% 別解 1
unique = handed.drop_duplicates()
one = unique.groupby("customer_id").first()
japan = unique["cancelled_at"] + pd.Timedelta(hours=9)
both = pd.DataFrame({"utc": one["cancelled_at"], "japan": one["cancelled_at"] + pd.Timedelta(hours=9)})
both = both.dropna().apply(lambda column: column.dt.strftime("%Y-%m"))
first_day = (unique["month"] + pd.DateOffset(months=1)).dt.strftime("%Y-%m-%d")
missed = (japan.dt.strftime("%Y-%m-%d") == first_day) & (japan.dt.hour < 9)
inspection = {
    "余分な行": int(handed.duplicated().sum()),
    "全角の月額の人": int(one["monthly_fee"].str.contains("[０-９]").sum()),
    "月がずれる解約": int((both["utc"] != both["japan"]).sum()),
    "間に合わない行": float(missed.sum()),
    "漏れる列": "`retention_coupon`",
    "個人の列": {"phone", "name", "email"},
}

# %% 別解 1b
kept = handed.drop_duplicates().assign(japan=lambda t: t["cancelled_at"].dt.tz_convert("Asia/Tokyo"))
person = kept.groupby("customer_id")[["monthly_fee", "cancelled_at", "japan"]].first().dropna()
fees = kept.drop_duplicates("customer_id")["monthly_fee"]
start = kept["month"] + pd.offsets.MonthBegin(1)
clock = kept["japan"].dt.tz_localize(None)
inspection = [
    ("余分な行", handed.shape[0] - kept.shape[0]),
    ("全角の月額の人", sum(not fee.isascii() for fee in fees)),
    ("月がずれる解約", sum(person["cancelled_at"].dt.month != person["japan"].dt.month)),
    ("間に合わない行", clock.between(start, start + pd.Timedelta(hours=9), inclusive="left").sum()),
    ("漏れる列", "retention_coupon"),
    ("個人の列", ("email", "phone", "name")),
]

# %% [markdown]
# 全角の数字は、Pythonの`float`がそのまま読めます。
# 答えは、日本時間に直した時刻が、翌月の中にあるかで決めます。


# %% 解答 2
def make_rows(handed):
    rows = handed.drop_duplicates().rename(columns={"active_days": "app_days"})
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    after = rows["month"] + pd.DateOffset(months=1)
    late = (left >= after) & (left < after + pd.Timedelta(hours=churn_steps.CALLS_START))
    gone = (left >= after) & (left < after + pd.DateOffset(months=1))
    rows = rows.assign(
        monthly_fee=rows["monthly_fee"].map(float),
        churned=gone.astype(float).mask(rows["month"] == rows["month"].max()),
    )
    return rows.loc[~late, ["customer_id", "month", *churn_steps.FEATURES, "churned"]]


features = make_rows(handed)

# %% [markdown]
# 余分な行を除いていません。
# 2回届いた人は2人分に数えられ、一覧でも2回電話がかかります。


# %% 誤答 2
def make_rows(handed):
    rows = handed.rename(columns={"active_days": "app_days"})
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    after = rows["month"] + pd.DateOffset(months=1)
    late = (left >= after) & (left < after + pd.Timedelta(hours=9))
    gone = (left >= after) & (left < after + pd.DateOffset(months=1))
    rows = rows.assign(
        monthly_fee=rows["monthly_fee"].map(float),
        churned=gone.astype(float).mask(rows["month"] == rows["month"].max()),
    )
    return rows.loc[~late, ["customer_id", "month", *churn_steps.FEATURES, "churned"]]


features = make_rows(handed)

# %% [markdown]
# 7月末の行の答えを、0で埋めています。
# 8月には誰も解約しない、と教えることになります。


# %% 誤答 2b
def make_rows(handed):
    rows = handed.drop_duplicates().rename(columns={"active_days": "app_days"})
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    after = rows["month"] + pd.DateOffset(months=1)
    late = (left >= after) & (left < after + pd.Timedelta(hours=9))
    gone = (left >= after) & (left < after + pd.DateOffset(months=1))
    rows = rows.assign(monthly_fee=rows["monthly_fee"].map(float), churned=gone.astype(float))
    return rows.loc[~late, ["customer_id", "month", *churn_steps.FEATURES, "churned"]]


features = make_rows(handed)

# %% [markdown]
# クーポンの列を残しています。
# 解約の手続きの途中で出すクーポンなので、7月末の人には、まだほとんど出ていません。


# %% 誤答 2c
def make_rows(handed):
    rows = handed.drop_duplicates().rename(columns={"active_days": "app_days"})
    left = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    after = rows["month"] + pd.DateOffset(months=1)
    late = (left >= after) & (left < after + pd.Timedelta(hours=9))
    gone = (left >= after) & (left < after + pd.DateOffset(months=1))
    rows = rows.assign(
        monthly_fee=rows["monthly_fee"].map(float),
        churned=gone.astype(float).mask(rows["month"] == rows["month"].max()),
    )
    kept = ["customer_id", "month", *churn_steps.FEATURES, "churned", "retention_coupon"]
    return rows.loc[~late, kept]


features = make_rows(handed)


# %% 別解 2
def make_rows(handed):
    clean = handed.groupby(["customer_id", "month"], as_index=False).first()
    clean["app_days"] = clean.pop("active_days")
    digits = str.maketrans("０１２３４５６７８９", "0123456789")
    clean["monthly_fee"] = pd.to_numeric(clean["monthly_fee"].str.translate(digits))
    japan = (clean["cancelled_at"] + pd.Timedelta(hours=9)).dt.tz_localize(None)
    ahead = 12 * (japan.dt.year - clean["month"].dt.year) + japan.dt.month - clean["month"].dt.month
    clean["churned"] = (ahead == 1).astype(float)
    clean.loc[clean["month"] == clean["month"].max(), "churned"] = None
    too_late = (ahead == 1) & (japan.dt.day == 1) & (japan.dt.hour < 9)
    return clean[~too_late].filter(["customer_id", "month", *churn_steps.FEATURES, "churned"])


features = make_rows(handed)


# %% 別解 2b
def make_rows(handed):
    rows = handed.sort_values(["customer_id", "month"]).drop_duplicates(["customer_id", "month"])
    until = pd.PeriodIndex(rows["month"], freq="M") + 1
    japan = rows["cancelled_at"].dt.tz_convert("Asia/Tokyo")
    left = pd.PeriodIndex(japan.dt.tz_localize(None), freq="M")
    same = left == until
    early = same & (japan.dt.day == 1) & (japan.dt.hour < 9)
    answer = np.where(rows["month"] == max(rows["month"]), np.nan, same)
    fees = [float(written) for written in rows["monthly_fee"]]
    made = rows.assign(churned=answer, monthly_fee=fees, app_days=rows["active_days"])
    return made[~early][["customer_id", "month", *churn_steps.FEATURES, "churned"]]


features = make_rows(handed)

# %% [markdown]
# 2番の会社では、新規の人の月額を月ごとに平均すると、3月に1,000円ほど上がっています。
# 動いた列は、値上げの前の新規と後の新規を、13列のPSIで比べます。
# 何か月分もまとめて人数が多いので、何も変わらない列のPSIは0.1よりずっと小さくなります（51の式）。

# %% 解答 3
fresh = features[features["tenure_months"] == 1]
fees = fresh.groupby("month")["monthly_fee"].mean()
rise = fees.diff().idxmax()
before, after = fresh[fresh["month"] < rise], fresh[fresh["month"] >= rise]
moved = {name: churn_ops.psi(before[name], after[name]) for name in churn_steps.FEATURES}


def rate(*months):
    return features.loc[features["month"].isin(pd.to_datetime(months)), "churned"].mean()


changes = {
    "値上げの月": f"{rise:%Y-%m}",
    "値上げの額": round(after["monthly_fee"].mean() - before["monthly_fee"].mean()),
    "夏の解約率": rate("2026-07-01", "2026-08-01"),
    "冬の解約率": rate("2026-12-01", "2027-01-01"),
    "動いた列": [name for name, value in moved.items() if value > 0.1],
}

# %% [markdown]
# 全員の月額で探しています。
# 前からの人の月額は契約した時のままなので、上がり方が薄まります。

# %% 誤答 3
fees = features.groupby("month")["monthly_fee"].mean()
changes = {
    "値上げの月": f"{fees.idxmax():%Y-%m}",
    "値上げの額": fees.max() - fees.min(),
    "夏の解約率": features.loc[features["month"].dt.month.isin([7, 8]), "churned"].mean(),
    "冬の解約率": features.loc[features["month"].dt.month.isin([12, 1]), "churned"].mean(),
    "動いた列": ["monthly_fee"],
}

# %% [markdown]
# 夏と冬を、解約した月で選んでいます。
# 7月と8月に解約した人は、6月末と7月末の行にいます（行の月は、解約の1か月前です）。

# %% 誤答 3b
by_month = features.sort_values("month").set_index("month")["churned"]
changes = {
    "値上げの月": "2027-03",
    "値上げの額": 1000,
    "夏の解約率": by_month["2026-06":"2026-07"].mean(),
    "冬の解約率": by_month["2026-11":"2026-12"].mean(),
    "動いた列": ["monthly_fee"],
}

# %% 別解 3
monthly = features.groupby(features["month"].dt.strftime("%Y-%m"))["churned"]
total, size = monthly.sum(), monthly.count()
changes = {
    "値上げの月": "2027年3月",
    "値上げの額": 1000.0,
    "夏の解約率": total[["2026-07", "2026-08"]].sum() / size[["2026-07", "2026-08"]].sum(),
    "冬の解約率": total[["2026-12", "2027-01"]].sum() / size[["2026-12", "2027-01"]].sum(),
    "動いた列": {"monthly_fee"},
}

# %% 別解 3b
picked = features.sort_values("month").set_index("month")["churned"]
changes = pd.Series(
    {
        "値上げの月": pd.Timestamp("2027-03-01"),
        "値上げの額": 960,
        "夏の解約率": picked["2026-07-01":"2026-08-01"].mean().round(3),
        "冬の解約率": picked["2026-12-01":"2027-01-01"].mean().round(3),
        "動いた列": ("monthly_fee",),
    }
)

# %% [markdown]
# 月から作る列を2つ足します。
# 季節は、8月末の行で高く2月末の行で低い波、値上げは、練習3で見つけた月から後かどうかです。
# 春の行が値上げを、去年の夏の行が季節を教えるので、8月の見込みには、2つの効き目（対数オッズ）が足されます。
# 波の代わりに、7月から9月までを1とする列でも、20の会社のすべてで線に入りました（この本の自動テストが毎回確かめます）。
# 木の集まりは、値上げの後の夏という、まだ見たことのない組み合わせで2つの効き目を足しきれず、低く見積もります。

# %% 解答 4
CALENDAR = ["season", "after_rise"]
wave = np.cos(2 * np.pi * (features["month"].dt.month - 8) / 12)
raised = features["month"] >= f"{changes['値上げの月']}-01"
seen = features.assign(season=wave, after_rise=raised.astype(float))
learned = seen[seen["month"] < "2027-06-01"]
judged = seen[seen["month"] == "2027-06-01"]
july = seen[seen["month"] == "2027-07-01"]
candidate = churn_steps.make_model(churn_steps.candidates()["logistic"])
candidate[0].transformers += [("calendar", "passthrough", CALENDAR)]
candidate = candidate.fit(learned[[*churn_steps.FEATURES, *CALENDAR]], learned["churned"])
reasons = churn_gate.gate(candidate, champion, judged)

# %% [markdown]
# 52の手順のとおりに、審査の前の3か月で学習しています。
# 52の会社に季節はありませんでした。
# 春の3か月は解約の少ない季節なので、8月の見込みが低くなります。

# %% 誤答 4
learned = features[features["month"].between("2027-03-01", "2027-05-01")]
judged = features[features["month"] == "2027-06-01"]
july = features[features["month"] == "2027-07-01"]
candidate = churn_steps.make_model(churn_steps.candidates()["logistic"])
candidate = candidate.fit(learned[churn_steps.FEATURES], learned["churned"])
reasons = churn_gate.gate(candidate, champion, judged)

# %% [markdown]
# 行をランダムに分けています。
# 同じ月の同じ会社を両方で見るので、先の月に合うかどうかは測れません。

# %% 誤答 4b
wave = np.cos(2 * np.pi * (features["month"].dt.month - 8) / 12)
seen = features.assign(season=wave, after_rise=(features["month"] >= "2027-03-01").astype(float))
answered = seen.dropna(subset="churned").sample(frac=1, random_state=0)
cut = len(answered) * 8 // 10
learned, judged = answered[:cut], answered[cut:]
july = seen[seen["month"] == "2027-07-01"]
candidate = churn_steps.make_model(churn_steps.candidates()["logistic"])
candidate[0].transformers += [("calendar", "passthrough", ["season", "after_rise"])]
columns = [*churn_steps.FEATURES, "season", "after_rise"]
candidate = candidate.fit(learned[columns], learned["churned"])
reasons = churn_gate.gate(candidate, champion, judged)

# %% [markdown]
# 前任者のモデルを、そのまま候補にしています。
# 値上げも季節も知らないので、見込みが低すぎます。

# %% 誤答 4c
learned = features[features["month"] < "2027-01-01"]
judged = features[features["month"] == "2027-06-01"]
july = features[features["month"] == "2027-07-01"]
candidate, reasons = champion, []

# %% [markdown]
# 漏れる列を足しています。
# 6月末のAUCは0.9を超えますが、7月末の人にはクーポンがまだほとんど出ていないので、見込みはずっと低くなります。

# %% 誤答 4d
coupon = handed.drop_duplicates("customer_id").set_index("customer_id")["retention_coupon"]
seen = features.assign(coupon=features["customer_id"].map(coupon).astype(float))
learned = seen[seen["month"] < "2027-06-01"]
judged = seen[seen["month"] == "2027-06-01"]
july = seen[seen["month"] == "2027-07-01"]
candidate = churn_steps.make_model(churn_steps.candidates()["logistic"])
candidate[0].transformers += [("calendar", "passthrough", ["coupon"])]
candidate = candidate.fit(learned[[*churn_steps.FEATURES, "coupon"]], learned["churned"])
reasons = churn_gate.gate(candidate, champion, judged)

# %% 別解 4
calendar = features.assign(
    summer=features["month"].dt.month.isin([7, 8, 9]).astype(float),
    raised=features["month"].ge("2027-03-01").astype(float),
)
june, now = pd.Timestamp("2027-06-01"), pd.Timestamp("2027-07-01")
learned = calendar.query("month < @june")
judged = calendar.query("month == @june")
july = calendar.query("month == @now").drop(columns="churned")
candidate = churn_steps.make_model(churn_steps.candidates()["logistic"])
candidate.named_steps["preprocess"].transformers.append(
    ("calendar", "passthrough", ["summer", "raised"])
)
candidate.fit(learned.drop(columns=["customer_id", "month", "churned"]), learned["churned"])
reasons = tuple(churn_gate.gate(candidate, champion, judged))

# %% 別解 4b
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

words = pd.get_dummies(features[["plan", "channel"]], dtype=float)
numbers = features[["tenure_months", "monthly_fee", "orders", "orders_change", "app_days", "complaints_3m"]]
warm = np.cos(2 * np.pi * (features["month"].dt.month - 8) / 12)
wide = features.join(words).assign(
    score=features["survey_score"].fillna(3), warm=warm, raised=(features["month"] > "2027-02-01") * 1.0,
    young=np.exp(-features["tenure_months"] / 3),
)  # fmt: skip
used = [*numbers, *words, "score", "warm", "raised", "young"]
learned, judged, july = (
    wide[wide["month"] <= "2027-05-01"],
    wide[wide["month"] == "2027-06-01"],
    wide[wide["month"] == "2027-07-01"],
)
candidate = make_pipeline(StandardScaler(), LogisticRegression())
candidate.fit(learned[used], learned["churned"])
reasons = churn_gate.gate(candidate, champion, judged)

# %% [markdown]
# 説明とタグを書いてから、エイリアスを動かします。
# `previous`は、番号で1に付けます（2度目に動かすと、`production`はもう新しい番号だからです）。
# 2番の候補はゲートに合格しますが、断られる番号もあるので、出すと決めた訳も書けるようにします（訳は例です。断られたら、`reasons`を読んで書き直します）。

# %% 解答 5
version = capstone.register_once(candidate, july, model_name)
about = (
    "2026年6月末から2027年5月末までの行で学習し、6月末で審査した。"
    "季節と値上げの列を足し、8月の見込みの低さを直すために選んだ。"
)
client.update_model_version(model_name, version, description=about)
client.set_model_version_tag(model_name, version, "gate", "見送り" if reasons else "合格")
if reasons:
    why = "外れたのは人数の少ないスライスで、前のモデルより8月の見込みが合うため"
    client.set_model_version_tag(model_name, version, "approved", why)
client.set_registered_model_alias(model_name, "previous", "1")
client.set_registered_model_alias(model_name, "production", version)

# %% [markdown]
# 登録だけして、`production`を、前任者が見送ったバージョン2に付けています。

# %% 誤答 5
version = capstone.register_once(candidate, july, model_name)
client.update_model_version(model_name, version, description="新しい候補")
client.set_model_version_tag(model_name, version, "gate", "未定")
client.set_registered_model_alias(model_name, "previous", "2")
client.set_registered_model_alias(model_name, "production", "2")

# %% [markdown]
# 前任者のバージョンを、そのまま使い続けています。

# %% 誤答 5b
version = 1
client.set_registered_model_alias(model_name, "production", "1")

# %% [markdown]
# 審査した候補ではなく、季節も値上げも知らないモデルを登録しています。

# %% 誤答 5c
plain = churn_steps.make_model(churn_steps.candidates()["logistic"])
plain = plain.fit(learned[churn_steps.FEATURES], learned["churned"])
version = capstone.register_once(plain, july, model_name)
client.update_model_version(model_name, version, description="8月の一覧のために学習し直した候補。" * 3)
client.set_model_version_tag(model_name, version, "gate", "合格")
client.set_registered_model_alias(model_name, "previous", "1")
client.set_registered_model_alias(model_name, "production", version)

# %% 別解 5
version = int(capstone.register_once(candidate, july, model_name))
note = "季節と値上げを知らない前のモデルは、8月の解約を少なく見込む。月から作る2つの列を足して学習し直した候補。"
client.update_model_version(model_name, str(version), note)
tags = {
    "gate": "見送り",
    "approved": "夏の行でまだ審査できないので見送りとし、8月だけは使うと決めた",
}
for key, value in tags.items():
    client.set_model_version_tag(model_name, str(version), key, value)
for alias, number in {"production": version, "previous": 1}.items():
    client.set_registered_model_alias(model_name, alias, str(number))

# %% 別解 5b
number = capstone.register_once(candidate, july, model_name)
client.set_model_version_tag(model_name, number, "gate", "合格")
client.update_model_version(model_name, number, description="8月の一覧のために学習し直した候補。" * 3)
for alias, to in (("previous", 1), ("production", number)):
    client.set_registered_model_alias(model_name, alias, to)
version = client.get_model_version_by_alias(model_name, "production")

# %% [markdown]
# 声をかける分かれ目は、31の0.3125です。
# 前任者のモデルより電話する人は増えますが、増えた人の見込みの損得は、合わせると正です。

# %% 解答 6
probability = churn_gate.chance(candidate, july)
scored = july.assign(probability=probability, model_version=str(version))
call_list = scored[scored["probability"] >= churn_steps.THRESHOLD]

# %% [markdown]
# 分かれ目を0.5にしています。
# 確率が3割から5割の人にかける得を、すべて逃します。

# %% 誤答 6
scored = july.assign(probability=churn_gate.chance(candidate, july), model_version=str(version))
call_list = scored[scored["probability"] >= 0.5]

# %% [markdown]
# 切り替えたのに、前のモデルの確率で選んでいます。

# %% 誤答 6b
scored = july.assign(probability=churn_gate.chance(champion, july), model_version="1")
call_list = scored[scored["probability"] >= churn_steps.THRESHOLD]

# %% 別解 6
model = mlflow.sklearn.load_model(f"models:/{model_name}@production")
now = client.get_model_version_by_alias(model_name, "production").version
scored = july.assign(probability=churn_gate.chance(model, july), model_version=int(now))
call_list = scored.loc[4800 * scored["probability"] > 1500, ["customer_id", "probability"]]

# %% 別解 6b
scored = july.copy()
scored["probability"] = candidate.predict_proba(july[list(candidate.feature_names_in_)])[:, 1]
scored["model_version"] = version
call_list = scored.sort_values("probability", ascending=False)
call_list = call_list[call_list["probability"] > 0.3]["customer_id"].to_frame()

# %% [markdown]
# 保存してから番号を調べ、その番号の表とモデルで計算し直します。

# %% 解答 7
spark.createDataFrame(scored).write.mode("overwrite").saveAsTable("scored_rows")
newest = spark.sql("DESCRIBE HISTORY scored_rows LIMIT 1").first()["version"]
predictions = scored[["customer_id", "month", "probability", "model_version"]].assign(
    table_version=newest, made_at=pd.Timestamp("2027-08-01 06:00")
)
saved = churn_trace.features_reader(spark, "scored_rows")(newest, "2027-07-01")
asked = saved.set_index("customer_id").loc[asked_people]
again = churn_gate.chance(churn_trace.model_loader(model_name)(version), asked)
rebuilt = dict(zip(asked_people, again, strict=True))

# %% [markdown]
# 表に保存せず、手元の確率をそのまま返しています。
# ノートブックを閉じれば、作り直す元がありません。

# %% 誤答 7
predictions = scored[["customer_id", "month", "probability", "model_version"]].assign(
    table_version=999, made_at=pd.Timestamp("2027-08-01 06:00")
)
rebuilt = scored.set_index("customer_id").loc[asked_people, "probability"].to_dict()

# %% [markdown]
# 番号の代わりに、エイリアスの名前を書いています。
# 指す先が替われば、どのモデルだったかが分かりません（61）。

# %% 誤答 7b
predictions = scored[["customer_id", "month", "probability"]].assign(
    model_version="production", table_version=0, made_at=pd.Timestamp("2027-08-01 06:00")
)
rebuilt = scored.set_index("customer_id").loc[asked_people, "probability"].to_dict()

# %% 別解 7
spark.createDataFrame(scored).write.mode("overwrite").saveAsTable("scored_rows")
number = int(spark.sql("DESCRIBE HISTORY scored_rows").agg({"version": "max"}).first()[0])
predictions = scored.assign(table_version=number, made_at="2027-08-01 06:00")
stored = spark.sql(f"SELECT * FROM scored_rows VERSION AS OF {number}").toPandas()
stored = stored[stored["customer_id"].isin(asked_people)]
rebuilt = pd.Series(churn_gate.chance(candidate, stored), stored["customer_id"])

# %% 別解 7b
if not spark.catalog.tableExists("scored_rows"):
    spark.createDataFrame(scored).write.mode("overwrite").saveAsTable("scored_rows")
history = spark.sql("DESCRIBE HISTORY scored_rows").toPandas()
predictions = scored.filter(["customer_id", "month", "probability", "model_version"])
predictions["table_version"] = history["version"].max()
predictions["made_at"] = pd.Timestamp("2027-08-01 06:00")
model = mlflow.sklearn.load_model(f"models:/{model_name}/{version}")
rebuilt = {
    person: float(churn_gate.chance(model, scored[scored["customer_id"] == person])[0])
    for person in asked_people
}

# %% [markdown]
# 測った数は`capstone.measured`に任せ、言葉だけを自分で書きます。

# %% 解答 8
june = judged.assign(probability=churn_gate.chance(candidate, judged))
found = capstone.measured(june)
gaps = found["グループごとの差"]
lowest = min(gaps["行"], key=lambda name: gaps["行"][name]["再現率"])
worst, by_chance = gaps["行"][lowest], gaps["偶然"]
word = "偶然で説明できる" if by_chance >= 0.05 else "偶然では説明しにくい"
fairness = {"地方": lowest, **{name: worst[name] for name in ("再現率", "下の端", "上の端")}}
fairness |= {"P値": by_chance, "判断": word}
record = found | {
    "題": f"こもれび便の解約予測 バージョン{version}",
    "モデル": {"種類": "ロジスティック回帰", "バージョン": int(version)},
    "使う場面": ["7月末の人から、8月の電話の一覧を作る"],
    "使ってはいけない場面": ["料金を人ごとに決める", "季節の違う、ほかの会社に使う"],
    "測っていないこと": ["電話を受けた人の気持ち", "地方以外の切り口での差"],
    "残った差と判断": [
        f"地方の差は{word}。次の月も測る",
        "数は、審査にも使った6月末の行で測ったので、少し良く出ているかもしれない",
    ],
}
card = model_card.render_card(record)

# %% [markdown]
# 前のカードの数を、手で打っています。
# いまのモデルの数ではありません。

# %% 誤答 8
june = judged.assign(probability=churn_gate.chance(candidate, judged))
found = capstone.measured(june)
rows = pd.DataFrame(found["グループごとの差"]["行"]).T
lowest, by_chance = rows["再現率"].idxmin(), found["グループごとの差"]["偶然"]
word = "偶然で説明できる" if by_chance >= 0.05 else "偶然では説明しにくい"
fairness = {**rows.loc[lowest, ["再現率", "下の端", "上の端"]], "地方": lowest}
fairness |= {"P値": by_chance, "判断": word}
bodies = {name: ["書いてある"] for name in model_card.HEADINGS}
bodies |= {"使ってはいけない場面": ["料金を決める", "ほかの会社に使う"]}
bodies["測った数"] = ["AUC: 0.86", "解約した人: 297"]
card = "\n".join(f"## {name}\n" + "\n".join(f"- {one}" for one in bodies[name]) for name in bodies)

# %% [markdown]
# 再現率の差だけを見て、P値を計算せずに「偶然ではない」としています。

# %% 誤答 8b
june = judged.assign(probability=churn_gate.chance(candidate, judged))
rows = model_card.by_group(june, june["probability"].to_numpy(), "region")
lowest = rows["再現率"].idxmin()
fairness = {**rows.loc[lowest, ["再現率", "下の端", "上の端"]], "地方": lowest}
fairness |= {"P値": 0.01, "判断": "偶然では説明しにくい"}
card = "公平です。"

# %% 別解 8
june = judged.assign(probability=churn_gate.chance(candidate, judged))[::-1]
numbers = capstone.measured(june)
rows = model_card.by_group(june, june["probability"].to_numpy(), "region")
lowest = rows["再現率"].idxmin()
left = (june["churned"] == 1).to_numpy()
hits = (june["probability"] >= churn_steps.THRESHOLD).to_numpy()[left].astype(float)
p_value = model_card.gap_by_chance(hits, june["region"].to_numpy()[left])
fairness = pd.Series({"地方": lowest, "P値": p_value})
fairness["判断"] = "偶然で説明できる" if p_value >= 0.05 else "偶然では説明しにくい"
fairness = fairness.to_dict() | rows.loc[lowest, ["再現率", "下の端", "上の端"]].to_dict()
texts = {name: ["まだ決めていない"] for name in model_card.HEADINGS if name not in numbers}
texts |= {"題": "こもれび便", "使ってはいけない場面": ["料金を決める", "ほかの会社に使う"]}
card = model_card.render_card(numbers | texts)

# %% 別解 8b
june = judged.copy()
june["probability"] = candidate.predict_proba(judged[list(candidate.feature_names_in_)])[:, 1]
gaps = capstone.measured(june)["グループごとの差"]
name, row = sorted(gaps["行"].items(), key=lambda pair: pair[1]["再現率"])[0]
fairness = {key: round(row[key], 3) for key in ("再現率", "下の端", "上の端")} | {"地方": name}
fairness |= {"P値": round(gaps["偶然"], 2)}
fairness["判断"] = ["偶然で説明できる", "偶然では説明しにくい"][gaps["偶然"] < 0.05]
numbers = capstone.measured(june)["測った数"]
sections = {heading: "- 下に書いた\n" for heading in model_card.HEADINGS}
sections["使ってはいけない場面"] = "- 料金を決める\n- ほかの会社に使う\n"
sections["測った数"] = "".join(f"- {k}: {model_card.written(v)}\n" for k, v in numbers.items())
card = "".join(f"## {heading}\n\n{body}\n" for heading, body in sections.items())

# %% [markdown]
# 5つとも、数の出どころと、弱い所を言う文にします。
# 文と数は、2番の会社の例です（ずれは、`churn_gate.slice_gaps`で出しました）。

# %% 解答 9
report = {
    "選んだ訳": "契約3か月目で、注文が0回、満足度が2の人です（どの列がどれだけ効いたかは、まだ計算していません）。前のモデルでも確率は0.84で、分かれ目の0.3125を超え、選んでいました。",
    "測った行": "学習に使っていない6月末の全員で測りました。審査にも使ったので、少し良く出ているかもしれません。",
    "やめる時": "配る朝に、人数が前のモデルの倍を超えたら配りません。8月末に、電話した人を除いた実際÷見込み（53、対照群の1人は5人分）が0.7から1.3の外なら、9月は作りません。",
    "外れる人": "6月末では、近畿の人がいちばん外れました（ずれを偶然の揺れで割って比べました）。14%の見込みに対して実際は11%です。41の線の中なので、次の月も測ります。",
    "次に直す所": "季節の波は去年の1年だけから決めました。1週間あれば、夏とする月をずらした列でも学習し、一覧がどれだけ変わるかを測ります。",
}
marks = list(report)

# %% [markdown]
# 一言ずつで、なぜそう言えるのかがありません。

# %% 誤答 9
report = {
    "選んだ訳": "確率が高いから", "測った行": "6月の行", "やめる時": "外れたとき",
    "外れる人": "新規の人", "次に直す所": "モデル",
}  # fmt: skip
marks = list(report)

# %% [markdown]
# 文は書きましたが、自分の印が1つも付いていません。

# %% 誤答 9b
report = {
    "選んだ訳": "契約3か月目で、注文が0回、満足度が2の人です（どの列がどれだけ効いたかは、まだ計算していません）。前のモデルでも確率は0.84で、分かれ目の0.3125を超え、選んでいました。",
    "測った行": "学習に使っていない6月末の全員で測りました。審査にも使ったので、少し良く出ているかもしれません。",
    "やめる時": "配る朝に、人数が前のモデルの倍を超えたら配りません。8月末に、電話した人を除いた実際÷見込み（53、対照群の1人は5人分）が0.7から1.3の外なら、9月は作りません。",
    "外れる人": "6月末では、近畿の人がいちばん外れました（ずれを偶然の揺れで割って比べました）。14%の見込みに対して実際は11%です。41の線の中なので、次の月も測ります。",
    "次に直す所": "季節の波は去年の1年だけから決めました。1週間あれば、夏とする月をずらした列でも学習し、一覧がどれだけ変わるかを測ります。",
}
marks = []

# %% 別解 9
long = "この問いには、隣の席の人に話しながら、30字より長い文で答えを書きました。"
report = dict.fromkeys(["選んだ訳", "測った行", "やめる時", "外れる人", "次に直す所"], long)
marks = {"選んだ訳", "測った行", "やめる時", "外れる人", "次に直す所"}

# %% 別解 9b
keys = ("次に直す所", "外れる人", "やめる時", "測った行", "選んだ訳")
report = pd.Series({key: f"{key}については、6月末の行で測った数と、まだ分からないことを分けて書きました。" for key in keys})
marks = keys

# %% 裏付け
# 冒頭とヒント: 前任者の見込みは低く、候補は合う。新しい一覧のほうが、損得の見込みが大きい
truth = capstone.july_truth(my_number)
old, new = churn_gate.chance(champion, july).mean(), probability.mean()
assert old < 0.85 * truth["chance"].mean() < new < 1.2 * truth["chance"].mean()
before = july.loc[churn_gate.chance(champion, july) >= churn_steps.THRESHOLD, "customer_id"]
assert truth["yen"].reindex(call_list["customer_id"]).sum() > truth["yen"].reindex(before).sum()
assert len(before) < len(call_list) < 2 * len(before)

# %% 裏付け
# 解答 9の文の数
top = scored.nlargest(1, "probability")
assert top[["tenure_months", "orders", "survey_score"]].to_numpy().tolist() == [[3, 0, 2]]
assert round(churn_gate.chance(champion, top)[0], 2) == 0.84
slices = churn_gate.slice_gaps(judged, churn_gate.chance(candidate, judged))
farthest = ((slices["予測"] - slices["実際"]).abs() / slices["揺れ"]).idxmax()
assert farthest == "近畿" and not slices["外れ"].any()
assert slices.loc["近畿", ["予測", "実際"]].astype(float).round(2).tolist() == [0.14, 0.11]

# %% 裏付け
# 夏は冬より解約が多い。値上げは3月
assert changes["夏の解約率"] > 1.5 * changes["冬の解約率"] and rise.month == 3
assert list(check.points().values()) == list(capstone.FULL.values())
assert sum(check.points().values()) == 100
