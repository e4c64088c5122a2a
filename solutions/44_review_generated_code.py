# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: AIが書いた学習コードを点検する

# %% [markdown]
# 3つとも、コードの文字ではなく、返ってきた列や表と、設定の中身を調べます。
# `clean_test`が調べるのは、失敗を隠すかどうかだけです。
# 止まる`clean`は隠していないので、呼び出しを`try`の中に置きます。


# %% 解答 1
def columns_test(script):
    late = set(script.features(small)) - set(churn_steps.FEATURES)
    return "予測する夜に分からない列がある" if late else ""


def clean_test(script):
    try:
        fee = script.clean(small)["monthly_fee"]
    except Exception:
        return ""
    return "" if pd.api.types.is_numeric_dtype(fee) else "月額が数になっていない"


def job_test(script):
    is_old = any("client" in one["spec"] for one in script.JOB["environments"])
    return "環境のバージョンの書き方が古い" if is_old else ""


# %% [markdown]
# コードの文字を探しています。
# クーポンを名前で選ぶ`features`も、`except`の代わりに`contextlib.suppress`と書いた`clean`も見逃します。


# %% 誤答 1
def columns_test(script):
    text = inspect.getsource(script.features)
    return "数の列をすべて使う" if "select_dtypes" in text else ""


def clean_test(script):
    return "失敗を隠す" if "except" in inspect.getsource(script.clean) else ""


def job_test(script):
    return "client" if "client" in str(script.JOB) else ""


# %% [markdown]
# 列の一覧を、1つの正解とまるごと比べています。
# 列を1つ減らした正しいスクリプトまで断ります。


# %% 誤答 1b
def columns_test(script):
    return "" if list(script.features(small)) == churn_steps.NUMERIC else "列が違う"


def clean_test(script):
    fee = script.clean(small)["monthly_fee"]
    return "" if pd.api.types.is_numeric_dtype(fee) else "月額が数になっていない"


def job_test(script):
    return "古い" if "client" in script.JOB["environments"][0]["spec"] else ""


# %% [markdown]
# `if`の中でしか`return`していません。
# おかしくないときに`None`が返ると、`review`は理由があるとみなします。


# %% 誤答 1c
def columns_test(script):
    if "retention_coupon" in script.features(small):
        return "クーポンを使っている"


def clean_test(script):
    if not pd.api.types.is_numeric_dtype(script.clean(small)["monthly_fee"]):
        return "月額が数になっていない"


def job_test(script):
    if "client" in str(script.JOB["environments"]):
        return "古い項目がある"


# %% [markdown]
# 読めない月額で止まるスクリプトまで、途中で止まったとして断ります。
# 止まるのは、失敗を隠さない正しい動きです。


# %% 誤答 1d
def columns_test(script):
    return "クーポン" if "retention_coupon" in script.features(small) else ""


def clean_test(script):
    fee = script.clean(small)["monthly_fee"]
    return "" if pd.api.types.is_numeric_dtype(fee) else "月額が数になっていない"


def job_test(script):
    return "古い項目がある" if "client" in str(script.JOB["environments"]) else ""


# %% [markdown]
# 最初の環境だけを見ています。
# 2つ目の環境だけが古いスクリプトを見逃します。


# %% 誤答 1e
def columns_test(script):
    return "漏れ" if "retention_coupon" in script.features(small) else ""


def clean_test(script): ...


def job_test(script):
    return "古い項目がある" if "client" in script.JOB["environments"][0]["spec"] else ""


# %% [markdown]
# `for`の中で、`reason`を毎回入れ直しています。
# 最後の環境の答えだけが残り、前の環境だけが古いスクリプトを見逃します。


# %% 誤答 1f
def columns_test(script):
    return "漏れ" if "retention_coupon" in script.features(small) else ""


def clean_test(script): ...


def job_test(script):
    for one in script.JOB["environments"]:
        reason = "古い項目がある" if "client" in one["spec"] else ""
    return reason


# %% [markdown]
# ジョブの設定を文字列に直し、`client`という文字を探しています。
# 名前に`client`の付くパッケージを使うだけの、正しいジョブまで断ります。


# %% 誤答 1g
def columns_test(script):
    return "漏れ" if "retention_coupon" in script.features(small) else ""


def clean_test(script): ...


def job_test(script):
    return "古い項目がある" if "client" in str(script.JOB) else ""


# %% [markdown]
# 届いたスクリプトではクーポンが最後の列だったので、最後の列だけを見ています。
# 途中にある漏れを見逃します。


# %% 誤答 1h
def columns_test(script):
    return "漏れ" if list(script.features(small))[-1] == "retention_coupon" else ""


def clean_test(script): ...


def job_test(script):
    return (
        "古い項目がある" if any("client" in e["spec"] for e in script.JOB["environments"]) else ""
    )


# %% [markdown]
# `features`の打ち間違いで、どのスクリプトでも途中で止まります。


# %% 誤答 1i
def columns_test(script):
    return "漏れ" if "retention_coupon" in script.feature(small) else ""


def clean_test(script): ...


def job_test(script):
    return (
        "古い項目がある" if any("client" in e["spec"] for e in script.JOB["environments"]) else ""
    )


# %% 別解 1
def columns_test(script):
    return "クーポン" * ("retention_coupon" in list(script.features(raw)))


def clean_test(script):
    table = pd.DataFrame({"monthly_fee": ["4,980円", "5,480円"], "churned": [0.0, 1.0]})
    try:
        fees = script.clean(table)["monthly_fee"].tolist()
    except Exception:
        return ""
    return "" if fees == [4980, 5480] else f"月額が{fees}になる"


def job_test(script):
    items = {item for one in script.JOB["environments"] for item in one["spec"]}
    return "、".join(items - {"environment_version", "dependencies"})


# %% [markdown]
# 5つで足りるので、ジョブのテストは書いていません。


# %% 別解 1b
columns_test = lambda script: "、".join(set(script.features(small)) & {"retention_coupon"})


def clean_test(script):
    try:
        types = script.clean(small.head(50)).dtypes
    except Exception:
        types = {"monthly_fee": float}
    return "" if types["monthly_fee"] in (int, float) else "月額が文字のまま"


def job_test(script): ...


# %% [markdown]
# 項目の名前を、1つずつ取り出して比べる書き方です。


# %% 別解 1c
def columns_test(script):
    for name in script.features(small):
        if name not in churn_steps.FEATURES:
            return f"{name}は、予測する夜に分からない"
    return ""


def clean_test(script): ...


def job_test(script):
    reason = ""
    for one in script.JOB["environments"]:
        if one["spec"].get("client") is not None:
            reason = "古い項目がある"
    return reason


# %% [markdown]
# 採った後のコードに、図の問いをもう一度当てます。
# Bは失敗を知らせますが、月額が抜けたモデルが本番に出ることは、止められません。
# Hは、違う行で測った点数を比べるうえに、漏れる列で学習したものを1位にします。
# Aでは、同じ表から毎回違う点数が出て、後で再現できません。
# Dの3月末の人は、まだ結果が分からないので、0は答えではありません。
# Fで割合がそろっても、訓練にテストより後の月が混ざります。

# %% 解答 2
replies = {
    "A": "断る",
    "B": "断る",
    "C": "採る",
    "D": "断る",
    "E": "採る",
    "F": "断る",
    "G": "採る",
    "H": "断る",
}

# %% [markdown]
# Bを採ると、記録に1行が残るだけで、月額の抜けた学習が続きます。

# %% 誤答 2
replies = dict(zip("ABCDEFGH", ["断る", "採る"] * 4, strict=True)) | {"C": "採る", "E": "採る"}

# %% [markdown]
# Fで割合はそろいますが、テストより後の月で学習することは変わりません。

# %% 誤答 2b
replies = {name: "採る" if name in "CEFG" else "断る" for name in "ABCDEFGH"}

# %% [markdown]
# Hの点数は、それぞれのランが別の行で測ったもので、ゲートの代わりになりません。

# %% 誤答 2c
replies = {name: "採る" if name in "CEGH" else "断る" for name in "ABCDEFGH"}

# %% 別解 2
replies = pd.Series("断る", index=list("ABCDEFGH"))
replies[["C", "E", "G"]] = "採る"

# %% 別解 2b
replies = {name: "採用" if name in {"C", "E", "G"} else "却下" for name in "ABCDEFGH"}

# %% 裏付け
given, repaired = found["届いたもの"], found["直したもの"]
assert given[0] > 0.88 and 0.79 < repaired[0] < 0.81  # 34の最も良い0.81も超える
assert (given[1], repaired[1]) == (False, True)
assert given[2] < 0.1 / 3 < 0.08 < repaired[2] < 0.1
assert given[3] == 8 and len(march) == 1700 and repaired[3] > 70
assert march["retention_coupon"].mean() < 0.03
assert review(fixed(), tests) == [] and review(with_fault("features"), tests) == []
for part, test in {"split": split_test, "tune": tune_test, "promote": promote_test}.items():
    reasons = review(with_fault(part), tests)
    assert len(reasons) == 1 and reasons[0].startswith(test.__name__)

# %% 裏付け 2
assert answers == {
    "届いたもの": [True, True],
    "sampled": [False, True],
    "by_month": [True, False],
}
for part in ("split", "tune"):
    changed = ladder[f"{part}だけ誤り"]
    assert abs(changed[0] - repaired[0]) < 0.015 and abs(changed[3] - repaired[3]) < 20
assert ladder["featuresだけ誤り"][0] > 0.9 and ladder["featuresだけ誤り"][3] < 15
assert ladder["featuresだけ誤り"][0] > given[0]  # 新しい月だけのテストでは、漏れがもっと効く
stayed = raw[raw["churned"] == 0].groupby("month")["retention_coupon"].mean()
assert stayed.iloc[-2:].max() < 0.15 < 0.3 < stayed.mean()
stopped = review(with_fault("clean"), [result])
assert len(stopped) == 1 and "途中で止まった" in stopped[0]
assert 45 <= len(inspect.getsource(train_churn).splitlines()) <= 60
