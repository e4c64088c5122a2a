# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 環境を確かめる

# %% [markdown]
# 整数なので、引用符は付けません。

# %% 解答 1
book_version = 6

# %% [markdown]
# 5は、表の右側に並べた比較用の番号です。

# %% 誤答 1
book_version = 5

# %% [markdown]
# 引用符で囲むと、数ではなく文字になります。
# 画面では同じに見えても、Pythonは別のものとして扱います。

# %% 誤答 1b
book_version = "6"

# %% 別解 1
import numpy as np

book_version = np.int64(6)

# %% 別解 1b
book_version = 6.0

# %% 裏付け
import environment

assert not environment.failed, environment.failed
assert spark is not None
assert spark.sql("DESCRIBE DETAIL probe").first()["format"] == "delta"
assert spark.table("probe").count() == 3
