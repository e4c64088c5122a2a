# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 課題と準備

# %% [markdown]
# 月曜の朝に立つと、一度苦情を言った人は分かっていて、今週の苦情はまだ分かりません。
# 「もう一度苦情を言う」は、問い合わせの表を見れば誰が数えても同じです。

# %% 解答 1
question = {"対象": "イ", "時点": "ア", "起きること": "イ", "期限": "ア"}

# %% [markdown]
# 「不満を感じる」は奈良さんの言葉に近いのですが、感じたかどうかは記録に残りません。
# 残らないことは、当たったかどうかも言えません。

# %% 誤答 1
question = {"対象": "イ", "時点": "ア", "起きること": "ウ", "期限": "ア"}

# %% [markdown]
# 対象が「今週苦情を言う顧客」では、予測したい答えを知っていないと対象を選べません。

# %% 誤答 1b
question = {"対象": "ウ", "時点": "ア", "起きること": "イ", "期限": "ア"}

# %% 別解 1
question = dict(zip(["期限", "起きること", "時点", "対象"], ["ア", "ｲ", "ア ", "イ"], strict=True))

# %% 別解 1b
import pandas as pd

question = pd.Series({"対象": "「イ」", "時点": "ア", "起きること": "イ", "期限": "ア"})

# %% [markdown]
# かけなかった組では2割が解約したので、電話した800人も、かけなければ160人が解約したと見積もれます。
# 実際は104人だったので、思いとどまったのは56人です。

# %% 解答 2
expected = 800 * 40 / 200
result_yen = 12000 * (expected - 104) - 1500 * 800

# %% [markdown]
# 残った696人の中には、電話がなくても残った人がいます。
# かけなかった組でも、8割は残りました。

# %% 誤答 2
result_yen = 12000 * 696 - 1500 * 800

# %% [markdown]
# 人数をそのまま比べています。
# かけなかった組は4分の1の人数なので、40人は160人に当たります。

# %% 誤答 2b
result_yen = 12000 * (40 - 104) - 1500 * 800

# %% [markdown]
# 160人の全員が思いとどまる計算です。
# 104人は、電話しても解約しました。

# %% 誤答 2c
result_yen = 12000 * 160 - 1500 * 800

# %% 別解 2
result_yen = spark.sql("""
    SELECT CAST(12000 * 800 * (40 / 200 - 104 / 800) - 1500 * 800 AS DECIMAL(12, 0)) AS yen
""").first()

# %% 別解 2b
import numpy as np

left, called = np.array([40, 104]), np.array([200, 800])
result_yen = (-np.diff(left / called) * 800 * 12000 - 1500 * 800).round()

# %% [markdown]
# 1人あたりの得は`12000 × 割合 × 確率 − 1500`です。
# 2割5分で損になるAとBを除き、残るCとDから、4割のときの得が大きいほうを選びます。

# %% 解答 3
per_person = {s: 12000 * s * plans["chance"] - 1500 for s in (0.25, 0.4)}
safe = plans[per_person[0.25] >= 0]
best = (safe["people"] * per_person[0.4]).idxmax()
decision = {"計画": best, "割合": 1500 / (12000 * plans["chance"][best])}

# %% [markdown]
# 4割のときの得だけで選んでいます。
# 2割5分なら、この計画は損になります。

# %% 誤答 3
decision = {"計画": "B", "割合": 1500 / (12000 * 0.48)}

# %% [markdown]
# 2割5分のときの得がいちばん大きい計画です。
# 問題文は、そこでは損にならないことだけを求めています。

# %% 誤答 3b
decision = {"計画": "D", "割合": 1500 / (12000 * 0.70)}

# %% [markdown]
# 計画は合っていますが、割合が4割のときの分かれ目の確率です。

# %% 誤答 3c
decision = {"計画": "C", "割合": 1500 / (12000 * 0.4)}

# %% 別解 3
from fractions import Fraction

decision = {"割合": Fraction(1500, 6600), "計画": "計画Ｃ"}

# %% 別解 3b
decision = pd.Series({"計画": "c", "割合": np.float64(1500 / 12000 / 0.55)})

# %% 裏付け
assert 7 < n_january / n_left < 9
assert 4800 * n_left - 1500 * n_january < -1_000_000
assert 0.3 < 1500 / 4800 < 1 / 3

# %% 裏付け 2
rate = trial.groupby("called")["churned"].mean()
assert 0.55 < rate[True] / rate[False] < 0.65 and 1300 < len(trial) < 1320
assert 0.2 < low < 0.25 and 0.5 < high < 0.6
assert abs(stayed / leaving.sum() - (1 - rate[True] / rate[False])) < 0.02

# %% 裏付け 4
# 4月に申し込み、5月1日の未明に処理される人は、4月の答えが0になり、5月は行が無い
import churn

contracts = churn.make_tables()["contracts"]
left_at = contracts.set_index("customer_id")["cancelled_at"].dt.tz_convert("Asia/Tokyo")
rows = churn_steps.workshop_features().set_index("customer_id")
rows = rows.assign(month=pd.to_datetime(rows["month"]), left_at=left_at.dt.tz_localize(None))
rows = rows[rows["month"].between("2025-06-01", "2026-01-01")]
two_later = rows["month"] + pd.DateOffset(months=2)
at_dawn = rows["left_at"].between(two_later, two_later + pd.Timedelta(hours=9), inclusive="left")
assert at_dawn.sum() > 300 and (rows.loc[at_dawn, "churned"] == 0).all()
last_rows = rows[at_dawn].groupby("customer_id")["month"].max()
assert (last_rows == rows.loc[last_rows.index].groupby("customer_id")["month"].max()).all()

# %% 裏付け 3
gains = {s: plans["people"] * (12000 * s * plans["chance"] - 1500) for s in (0.25, 0.4)}
assert gains[0.4].idxmax() == "B" and gains[0.25].idxmax() == "D"
assert list(gains[0.25] >= 0) == [False, False, True, True]
