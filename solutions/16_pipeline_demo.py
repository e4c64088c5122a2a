# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: 【デモ】パイプライン構築

# %% [markdown]
# 標準化、列選び、ロジスティック回帰の3段を1つのパイプラインにし、手を加える前の`genes`を渡します。
# 点数は下がりますが、0.5までは落ちません。
# 仕込んだ3列の手がかりを、学習側からある程度見つけられるからです。
# 漏れを止めた点数が低くても、手がかりがないとは限りません。

# %% 解答 1
honest_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("select", SelectKBest(f_classif, k=20)),
    ("classifier", LogisticRegression()),
])
honest_result = cross_validate(honest_pipeline, genes, recurred, cv=cv, return_estimator=True)

# %% [markdown]
# 標準化とモデルはパイプラインに入れたのに、列選びだけが外に残った形です。
# `selected`は、採点側の答えも見て選ばれた列です。
# 漏れの大きい手順が外にある限り、点数は膨らんだままです。

# %% 誤答 1
leaky_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", LogisticRegression()),
])
honest_result = cross_validate(leaky_pipeline, selected, recurred, cv=cv, return_estimator=True)

# %% [markdown]
# 3段ともそろえたのに、全部の行で標準化した`tidy`を渡した形です。
# 段の中で標準化し直すので、点数はたまたま変わりません。
# それでも`scaler`が覚えるのは、採点側も見て作られた値の平均です。
# 外で済ませた処理が答えを使うものに変わった日には、点数も膨らみます。

# %% 誤答 1b
three_steps = Pipeline([
    ("scaler", StandardScaler()),
    ("select", SelectKBest(f_classif, k=20)),
    ("classifier", LogisticRegression()),
])
honest_result = cross_validate(three_steps, tidy, recurred, cv=cv, return_estimator=True)

# %% [markdown]
# 漏れの元だからと、列選びそのものをやめた形です。
# 漏れは消えますが、2000列の大半は無関係なので、本物の手がかりが埋もれます。

# %% 誤答 1c
honest_result = cross_validate(leaky_pipeline, genes, recurred, cv=cv, return_estimator=True)

# %% [markdown]
# `cross_val_score`が返すのは点数だけです。
# 点数は合っていますが、各回で何を覚えたかを確かめられません。

# %% 誤答 1d
honest_result = cross_val_score(three_steps, genes, recurred, cv=cv)

# %% [markdown]
# 答えの列を取り違え、コインの表裏を渡した形です。
# 遺伝子とは関係のない答えなので、点数を読んでも再発のことは分かりません。

# %% 誤答 1e
honest_result = cross_validate(three_steps, genes, coin, cv=cv, return_estimator=True)

# %% 別解 1
from sklearn.pipeline import make_pipeline

honest_result = cross_validate(
    make_pipeline(StandardScaler(), SelectKBest(k=20), LogisticRegression(max_iter=1000)),
    pd.DataFrame(genes),
    pd.Series(recurred),
    cv=cv,
    scoring=["accuracy"],
    return_estimator=True,
)

# %% 別解 1b
honest_result = pd.DataFrame(
    cross_validate(
        make_pipeline(StandardScaler(), select_and_fit),
        genes,
        recurred,
        cv=list(cv.split(genes, recurred)),
        scoring={"正解率": "accuracy", "AUC": "roc_auc"},
        return_estimator=True,
        return_train_score=True,
    )
)

# %% [markdown]
# `payment`だけの組を足し、埋めてから広げる小さなパイプラインを割り当てます。
# 欠けは「不明」という1つの値になり、自分の列を持ちます。
# `OneHotEncoder`の`handle_unknown="ignore"`は、新しい支払い方法が増えた日にも効きます。

# %% 解答 2
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="ignore")),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "app_days"]),
        ("category", category_step, ["plan", "depot"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 列名を足すだけでも動くので、これで済んだように見えます。
# `OneHotEncoder`は`NaN`も1つの値として数え、`payment_nan`という列を作ります。
# あとから「不明」と記録された顧客が来ると、欠けた顧客とは別の扱いになります。

# %% 誤答 2
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "app_days"]),
        ("category", category_step, ["plan", "depot", "payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 新しい組にだけ気を取られ、`plan`と`depot`の部品から`handle_unknown`が抜けた形です。
# 訓練データでは何も起きず、初めての拠点の顧客が来た日に止まります。

# %% 誤答 2b
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="ignore")),
])
strict_step = OneHotEncoder()
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "app_days"]),
        ("category", strict_step, ["plan", "depot"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 「加える」を「入れ替える」と読んだ形です。
# `ColumnTransformer`は書いた列だけを通すので、プランと拠点がモデルに届きません。

# %% 誤答 2c
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "app_days"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 数値の組を書き直したときに、標準化を落とした形です。
# 欠けは埋まるので、学習は最後まで進みます（計算が終わりきらないという英語の警告が出ることもあります）。
# それでも、`model`とは手当てが違います。

# %% 誤答 2d
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="ignore")),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", SimpleImputer(strategy="median"), ["age", "app_days"]),
        ("category", category_step, ["plan", "depot"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# `strategy="constant"`を書かず、最も多い支払い方法で埋めた形です。
# 欠けた人がカード払いの人と同じ扱いになり、欠けていたことが分からなくなります。

# %% 誤答 2e
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="most_frequent")),
    ("onehot", OneHotEncoder(handle_unknown="ignore")),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "app_days"]),
        ("category", category_step, ["plan", "depot"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% 別解 2
text_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="infrequent_if_exist")),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("category", text_steps, ["payment", "plan", "depot"]),
        ("number", number_steps, ["app_days", "age"]),
    ])),
    ("classifier", LogisticRegression(max_iter=1000, random_state=0)),
])
payment_model.fit(customer_train, churn_train)

# %% 別解 2b
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer

payment_model = clone(model).set_params(
    prepare__transformers=[
        *prepare.transformers,
        (
            "payment",
            Pipeline([
                ("fill", FunctionTransformer(lambda table: table.fillna("不明"))),
                ("onehot", OneHotEncoder(sparse_output=False)),
            ]),
            ["payment"],
        ),
    ]
).fit(customer_train[[*reversed(customer_train.columns)]], churn_train.to_numpy())

# %% [markdown]
# 入れ子の段を、`prepare`、`number`、`fill`の順に下線2本でつなぎます。
# 選ばれたのは、欠けた印の列を加える側です。
# アプリを入れていない人は解約しやすく、日数が欠けていること自体が手がかりでした。
# 中央値で埋めるだけだと、その手がかりは消えてしまいます。

# %% 解答 3
tuned = GridSearchCV(
    model,
    {
        "classifier__C": [0.01, 0.1, 1],
        "prepare__number__fill__add_indicator": [False, True],
    },
    cv=cv,
    scoring="roc_auc",
).fit(customer_train, churn_train)

# %% [markdown]
# `scoring`を書かないと、分類では正解率で選ばれます。
# エラーは出ないので、点数の意味が違うことに気づきにくいところです。

# %% 誤答 3
tuned = GridSearchCV(
    model,
    {
        "classifier__C": [0.01, 0.1, 1],
        "prepare__number__fill__add_indicator": [False, True],
    },
    cv=cv,
).fit(customer_train, churn_train)

# %% [markdown]
# 調整に使うデータも多いほうがよいと考え、テストデータまで渡した形です。
# 値を選ぶためにテストデータを使ったので、最後に確かめるデータが残りません。

# %% 誤答 3b
tuned = GridSearchCV(
    model,
    {
        "classifier__C": [0.01, 0.1, 1],
        "prepare__number__fill__add_indicator": [False, True],
    },
    cv=cv,
    scoring="roc_auc",
).fit(customers.drop(columns="churned"), customers["churned"])

# %% [markdown]
# 候補の辞書に2つ目の名前を入れ忘れ、`C`だけを比べた形です。
# 掛け合わせたい値は、1つの辞書に並べます。

# %% 誤答 3c
tuned = GridSearchCV(
    model,
    {"classifier__C": [0.01, 0.1, 1]},
    cv=cv,
    scoring="roc_auc",
).fit(customer_train, churn_train)

# %% [markdown]
# 2つの候補を別々の辞書に分けた形です。
# 片方だけを変えて5通りを試し、組み合わせたときの成績は分かりません。

# %% 誤答 3d
tuned = GridSearchCV(
    model,
    [
        {"classifier__C": [0.01, 0.1, 1]},
        {"prepare__number__fill__add_indicator": [False, True]},
    ],
    cv=cv,
    scoring="roc_auc",
).fit(customer_train, churn_train)

# %% [markdown]
# 点数の一覧だけを取り出した形です。
# 比べた結果は読めますが、選んだ値で学習し直したモデルが残りません。

# %% 誤答 3e
both = {"classifier__C": [0.01, 0.1, 1], "prepare__number__fill__add_indicator": [False, True]}
tuned = GridSearchCV(model, both, cv=cv, scoring="roc_auc")
tuned = tuned.fit(customer_train, churn_train).cv_results_

# %% 別解 3
from sklearn.base import clone

tuned = GridSearchCV(
    clone(model),
    [
        {"prepare__number__fill__add_indicator": [True], "classifier__C": np.logspace(0, -2, 3)},
        {"prepare__number__fill__add_indicator": [False], "classifier__C": (0.01, 0.1, 1.0)},
    ],
    cv=list(cv.split(customer_train, churn_train)),
    scoring={"正解率": "accuracy", "AUC": "roc_auc"},
    refit="AUC",
).fit(customer_train, churn_train)

# %% 別解 3b
from sklearn.model_selection import RandomizedSearchCV

tuned = RandomizedSearchCV(
    search.best_estimator_,
    {"classifier__C": [0.01, 0.1, 1], "prepare__number__fill__add_indicator": [True, False]},
    n_iter=6,
    cv=cv,
    scoring="roc_auc",
    random_state=0,
)
tuned.fit(customer_train, churn_train.tolist())

# %% 裏付け

assert 100 < X_train["mean_area"].mean() < 1000 and X_train["mean_smoothness"].max() < 1
assert (scaled_train.abs() < 3).to_numpy().mean() > 0.95
assert forgotten.all() and (by_hand == y_test).mean() > 0.9
sizes_of_cell = ["mean_area", "worst_area", "mean_perimeter", "worst_perimeter"]
hand_weights = pd.Series(hand_model.coef_[0], index=X_train.columns)
assert (hand_weights[sizes_of_cell] > 0).all()
assert set((hand_weights * X_train.mean()).nlargest(4).index) >= {"mean_area", "worst_area"}
assert refit_count < kept_count and len(one_day) == 20
assert (predictions == by_hand).all()
assert np.allclose(pipeline.named_steps["scaler"].mean_, X_train.mean())
tested = [one.score(X_test, y_test) for one in (dummy, tree, pipeline)]
assert tested == sorted(tested) and 0 < round((tested[2] - tested[1]) * len(X_test)) < 10

# %% 裏付け 2
assert single_scores.max() - single_scores.min() > 0.02
assert np.std(mean_scores) < np.std(single_scores) / 2 and np.std(mean_scores) > 0
gap = folds["パイプラインの正解率"] - folds["決定木の正解率"]
assert (gap > 0).all() and gap.mean() > folds.iloc[:, :2].std().max()

# %% 裏付け 3
assert leaked.mean() > 0.75 and abs(honest.mean() - 0.5) < 0.05
scaled_before = cross_val_score(LogisticRegression(), scaled_train, y_train, cv=cv)
assert abs(scaled_before.mean() - folds["パイプラインの正解率"].mean()) < 0.005
retidied = cross_val_score(honest_pipeline, tidy, recurred, cv=cv)
assert np.allclose(retidied, honest_result["test_score"])
assert coin.sum() == recurred.sum() == 50 and (coin != recurred).any()
only_real = cross_val_score(LogisticRegression(), genes[:, :3], recurred, cv=cv)
assert only_real.mean() > 0.6

# %% 裏付け 4
sizes = customers["depot"].value_counts()
assert sizes.max() > 100 and (sizes <= 5).any()
assert 0.12 < customers["churned"].mean() < 0.20 and new_depots.sum() > 0
assert set(customers.columns[customers.isna().any()]) == {"age", "app_days", "payment"}
stopped = []
for columns in (["age", "app_days"], ["plan"]):
    try:
        LogisticRegression().fit(customer_train[columns], churn_train)
    except ValueError as error:
        stopped.append(str(error))
assert "NaN" in stopped[0] and "could not convert string to float" in stopped[1]
rigid = OneHotEncoder().fit(customer_train[["depot"]])
try:
    rigid.transform(customer_test[["depot"]])
except ValueError as error:
    stopped.append(str(error))
assert "unknown categories" in stopped[2]
loose_depots = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
loose_depots.fit(customer_train[["depot"]])
assert (loose_depots.transform(customer_test.loc[new_depots, ["depot"]]) == 0).all()

# %% 裏付け 5
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
rows = [("カード",), (None,), ("",)]
read_back = spark.createDataFrame(rows, "payment string").toPandas()
assert read_back["payment"].tolist() == ["カード", None, ""]
assert read_back["payment"].iloc[1] is None
filler = SimpleImputer(strategy="constant", fill_value="不明")
assert filler.fit_transform(read_back).tolist() == [["カード"], [None], [""]]
filler.set_params(missing_values=None)
assert filler.fit_transform(read_back).tolist() == [["カード"], ["不明"], [""]]

# %% 裏付け 6
train_curve, test_curve = list(grid["mean_train_score"]), list(grid["mean_test_score"])
spread = [high - low for high, low in zip(train_curve, test_curve, strict=True)]
assert train_curve == sorted(train_curve) and spread == sorted(spread)
assert 0 < search.best_index_ < len(test_curve) - 1
assert test_curve[-1] < test_curve[search.best_index_] - 0.02
assert [round(search.best_score_, 2), round(test_auc, 2)] == [0.75, 0.73]
neighbours = test_curve[search.best_index_ - 1 : search.best_index_ + 2]
assert max(neighbours) - min(neighbours) < grid["std_test_score"][search.best_index_]

# %% 裏付け 7
from sklearn.base import clone

free = clone(model).set_params(classifier__C=100).fit(customer_train, churn_train)
free_weights = pd.Series(free.named_steps["classifier"].coef_[0], index=names)
is_place = weights.index.str.contains("depot")
assert free_weights[is_place].abs().mean() > 3 * weights[is_place].abs().mean()
assert len(names) == 2 + 3 + customer_train["depot"].nunique()
top = list(order[:6])
assert top[0] == "category__plan_ライト" and weights[top[0]] < 0
assert "number__app_days" in top and weights["number__app_days"] < 0
assert "category__plan_ファミリー" in top
plan_weights = weights[["category__plan_ファミリー", "category__plan_ライト"]]
assert abs(plan_weights.iloc[0] - 0.55) < 0.02 and abs(plan_weights.iloc[1] + 0.85) < 0.02
places = [name for name in top if name.startswith("category__depot_")]
assert places
for name in places:
    lived = customer_train["depot"] == name.removeprefix("category__depot_")
    assert churn_train[lived].mean() > churn_train.mean() and weights[name] > 0

# %% 裏付け 8
assert 0.55 < honest_result["test_score"].mean() < reported.mean() - 0.1
assert tuned.best_params_["prepare__number__fill__add_indicator"] is True
assert tuned.best_score_ > search.best_score_
