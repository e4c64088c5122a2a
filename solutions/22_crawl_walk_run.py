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

# %% 別解 1
stages = dict(zip("FEDCBA", ["はう", "走る", "這う前 ", "「歩く」", "這う", "這う前"], strict=True))

# %% 別解 1b
import pandas as pd

stages = pd.Series(["這う前", "這う", "歩く", "這う前", "走る", "這う"], index=list("ABCDEF"))

# %% [markdown]
# 診断の文をそのまま使い、月数は切り上げます。
# `saved`が0以下の場合は、割る前に分けます。

# %% 解答 2
import math


def make_plan(team, build, saved):
    step = diagnose(team)[1]
    if saved <= 0:
        return {"step": step, "payback_months": None, "start": False}
    payback_months = math.ceil(build / saved)
    start = payback_months <= 12
    return {"step": step, "payback_months": payback_months, "start": start}


# %% [markdown]
# 渡されたチームでなく、`our_team`を診断しています。
# どのチームを渡しても、同じ一歩が返ります。

# %% 誤答 2
import math


def make_plan(team, build, saved):
    step = diagnose(our_team)[1]
    if saved <= 0:
        return {"step": step, "payback_months": None, "start": False}
    payback_months = math.ceil(build / saved)
    start = payback_months <= 12
    return {"step": step, "payback_months": payback_months, "start": start}


# %% [markdown]
# 端数を切り捨てています。
# 80時間を毎月11時間ずつなら、7か月では、まだ3時間分を取り戻せていません。

# %% 誤答 2b
import math


def make_plan(team, build, saved):
    step = diagnose(team)[1]
    if saved <= 0:
        return {"step": step, "payback_months": None, "start": False}
    payback_months = build // saved
    start = payback_months <= 12
    return {"step": step, "payback_months": payback_months, "start": start}


# %% [markdown]
# 0で割るエラーだけを避けています。
# `saved`が負のときも、時間は減らずに増えていきます。

# %% 誤答 2c
import math


def make_plan(team, build, saved):
    step = diagnose(team)[1]
    if saved == 0:
        return {"step": step, "payback_months": None, "start": False}
    payback_months = math.ceil(build / saved)
    start = payback_months <= 12
    return {"step": step, "payback_months": payback_months, "start": start}


# %% [markdown]
# 0以下の場合を分けていないので、0で割って止まります。

# %% 誤答 2d
import math


def make_plan(team, build, saved):
    step = diagnose(team)[1]
    payback_months = math.ceil(build / saved)
    start = payback_months <= 12
    return {"step": step, "payback_months": payback_months, "start": start}


# %% 別解 2
import numpy as np


def make_plan(team, build, saved):
    stage, step = diagnose(team)
    months = np.ceil(build / saved) if saved > 0 else None
    return pd.Series(
        {"step": step, "payback_months": months, "start": saved > 0 and np.bool_(months <= 12)}
    )


# %% 別解 2b
def make_plan(team, build, saved):
    missing = [text for key, (_, text) in QUESTIONS.items() if not team[key]]
    plan = dict(step=(missing + ["いまの仕組みを保つ"])[0], payback_months=None, start=False)
    if saved > 0:
        plan["payback_months"] = int(-(-build // saved))
        plan["start"] = build <= 12 * saved
    return plan


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

# %% 裏付け 2
from checks.lesson_22 import KEEP, STEPS

assert STEPS == {key: text for key, (_, text) in QUESTIONS.items()}
assert diagnose(dict.fromkeys(QUESTIONS, True)) == ("走る", KEEP)
