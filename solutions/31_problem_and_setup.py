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
# 当たった60人の分を足し、声をかけた200人の費用を引きます。

# %% 解答 2
result_yen = gain_yen(60, 200)

# %% [markdown]
# 当たりを3,300円とするなら、費用は引き終えています。
# そこから200人分の費用を引くと、60人分を2回引くことになります。

# %% 誤答 2
result_yen = 3300 * 60 - 1500 * 200

# %% [markdown]
# 費用を、誤報の140人分しか引いていません。

# %% 誤答 2b
result_yen = 4800 * 60 - 1500 * 140

# %% 別解 2
result_yen = spark.sql("SELECT CAST(4800 * 60 - 1500 * 200 AS DECIMAL(12, 0)) AS yen").first()

# %% 別解 2b
import numpy as np

result_yen = np.array([3300 * 60, -1500 * 140]).sum()

# %% [markdown]
# 平均の得`4800 × p − 2000`が0になる`p`を求めます。

# %% 解答 3
break_even = 2000 / 4800

# %% [markdown]
# 12,000円で割ると、声をかけた人が全員残る計算になります。

# %% 誤答 3
break_even = 2000 / 12000

# %% [markdown]
# 費用が変わる前の分かれ目のままです。

# %% 誤答 3b
break_even = 1500 / 4800

# %% 別解 3
from fractions import Fraction

break_even = Fraction(2000, 4800)

# %% 別解 3b
break_even = spark.sql("SELECT 2000.0 / (12000 * 0.4) AS p").toPandas()["p"]

# %% 裏付け
assert 7 < n_february / n_left < 9
assert gain_yen(n_left, n_february) < -1_000_000
assert 0.3 < 1500 / 4800 < 0.35 and gain_yen(60, 200) < 0
