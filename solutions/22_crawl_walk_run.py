# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 「這う・歩く・走る」アプローチ

# %% [markdown]
# Dには走る仕組みもありますが、モニタリングがないので「這う前」です。
# Fは歩く途中で、3つがそろうまでは「這う」です。

# %% 解答 1
stages = {"A": "這う前", "B": "這う", "C": "歩く", "D": "這う前", "E": "走る", "F": "這う"}

# %% [markdown]
# いちばん進んだ仕組みで決めています。
# Dは再学習が自動でも、外れたことに気づけません。

# %% 誤答 1
stages = {"A": "這う前", "B": "這う", "C": "歩く", "D": "走る", "E": "走る", "F": "歩く"}

# %% [markdown]
# Fを「歩く」としています。
# 点数の足りないモデルを止める仕組みと、分けて比べる仕組みが、まだありません。

# %% 誤答 1b
stages = {"A": "這う前", "B": "這う", "C": "歩く", "D": "這う前", "E": "走る", "F": "歩く"}

# %% [markdown]
# 診断の文をそのまま使い、月数は切り上げます。

# %% 解答 2
import math

plan = {
    "step": diagnose(our_team)[1],
    "payback_months": math.ceil(build / saved),
    "start": math.ceil(build / saved) <= 12,
}

# %% [markdown]
# 記録がそろったので、再学習の自動化を選んでいます。
# 歩く段階のCI/CDが、まだ欠けています。

# %% 誤答 2
plan = {
    "step": QUESTIONS["retrain"][1],
    "payback_months": math.ceil(build / saved),
    "start": True,
}

# %% [markdown]
# 端数を切り捨てています。
# 7か月では、まだ3時間分を取り戻せていません。

# %% 誤答 2b
plan = {
    "step": diagnose(our_team)[1],
    "payback_months": build // saved,
    "start": True,
}

# %% 裏付け
yearly = {
    releases: (
        cumulative_hours(12, releases, 0, 6, 0)[-1], cumulative_hours(12, releases, 80, 1, 4)[-1]
    )
    for releases in (1, 4)
}
assert yearly[1][0] < yearly[1][1] and yearly[4][0] > yearly[4][1]
assert payback == int(payback) <= 12
assert score(hidamari) == {"這う": 0, "歩く": 0, "走る": 1}
assert sum(score(no_record).values()) == 8
for answers in (hidamari, no_record):
    assert diagnose(answers) == ("這う前", QUESTIONS["record"][1])
assert build - (build // saved) * saved == 3 and build // saved == 7
