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
# モデルの段を差し替えるだけで、標準化は書き直しません。
# `fit`に渡すのは訓練データです。
# `scaler`はその平均と標準偏差を覚え、近さは標準化された値で測られます。

# %% 解答 1
from sklearn.neighbors import KNeighborsClassifier

knn_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", KNeighborsClassifier(n_neighbors=5)),
]).fit(X_train, y_train)

# %% [markdown]
# データは多いほうがよいと考えて、分ける前の表を渡した形です。
# テストデータの値が平均に混じり、近い5件の中にテストデータ自身も入ります。

# %% 誤答 1
from sklearn.neighbors import KNeighborsClassifier

knn_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", KNeighborsClassifier(n_neighbors=5)),
]).fit(X, y)

# %% [markdown]
# つないだだけで学習した気になりやすいところです。
# `fit`を呼ぶまで、`scaler`は平均を、モデルは検体を覚えていません。

# %% 誤答 1b
knn_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", KNeighborsClassifier(n_neighbors=5)),
])

# %% [markdown]
# モデルだけを替えようとして、標準化の段を落とした形です。
# 動きはしますが、面積のような桁の大きな列だけで近さが決まります。

# %% 誤答 1c
knn_pipeline = Pipeline([
    ("classifier", KNeighborsClassifier(n_neighbors=5)),
]).fit(X_train, y_train)

# %% [markdown]
# 判定の結果を入れた形です。
# 判定は残りますが、別の検体を渡せる部品が手元に残りません。

# %% 誤答 1d
knn_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", KNeighborsClassifier(n_neighbors=5)),
]).fit(X_train, y_train).predict(X_test)

# %% 別解 1
knn_pipeline = clone(pipeline).set_params(classifier=KNeighborsClassifier(n_jobs=-1))
knn_pipeline.fit(X_train.to_numpy(), y_train.to_numpy())

# %% 別解 1b
knn_pipeline = Pipeline(
    steps=[
        ("scaler", StandardScaler().set_output(transform="pandas")),
        ("classifier", KNeighborsClassifier(5, algorithm="brute")),
    ],
    memory=None,
).fit(X_train[sorted(X_train.columns)].sort_index(), y_train.sort_index())

# %% [markdown]
# 標準化、列選び、ロジスティック回帰の3段を1つのパイプラインにし、手を加える前の`survey`を渡します。
# 点数は下がりますが、0.5までは落ちません。
# 仕込んだ3列の手がかりを、学習側からある程度見つけられるからです。
# 漏れを止めた点数が低くても、手がかりがないとは限りません。

# %% 解答 2
honest_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("select", SelectKBest(f_classif, k=20)),
    ("classifier", LogisticRegression()),
])
honest_result = cross_validate(honest_pipeline, survey, reply, cv=cv, return_estimator=True)

# %% [markdown]
# 標準化とモデルはパイプラインに入れたのに、列選びだけが外に残った形です。
# `selected`は、採点側の答えも見て選ばれた列です。
# 漏れの大きい手順が外にある限り、点数は膨らんだままです。

# %% 誤答 2
leaky_pipeline = Pipeline([
    ("scaler", StandardScaler()),
    ("classifier", LogisticRegression()),
])
honest_result = cross_validate(leaky_pipeline, selected, reply, cv=cv, return_estimator=True)

# %% [markdown]
# 3段ともそろえたのに、全部の行で標準化した`tidy`を渡した形です。
# 段の中で標準化し直すので、点数はたまたま変わりません。
# それでも`scaler`が覚えるのは、採点側も見て作られた値の平均です。
# 外で済ませた処理が答えを使うものに変わった日には、点数も膨らみます。

# %% 誤答 2b
three_steps = Pipeline([
    ("scaler", StandardScaler()),
    ("select", SelectKBest(f_classif, k=20)),
    ("classifier", LogisticRegression()),
])
honest_result = cross_validate(three_steps, tidy, reply, cv=cv, return_estimator=True)

# %% [markdown]
# 漏れの元だからと、列選びそのものをやめた形です。
# 漏れは消えますが、2000列の大半は無関係なので、本物の手がかりが埋もれます。

# %% 誤答 2c
honest_result = cross_validate(leaky_pipeline, survey, reply, cv=cv, return_estimator=True)

# %% [markdown]
# `cross_val_score`が返すのは点数だけです。
# 点数は合っていますが、各回で何を覚えたかを確かめられません。

# %% 誤答 2d
honest_result = cross_val_score(three_steps, survey, reply, cv=cv)

# %% [markdown]
# 答えの列を取り違え、コインの表裏を渡した形です。
# アンケートとは関係のない答えなので、点数を読んでも離職のことは分かりません。

# %% 誤答 2e
honest_result = cross_validate(three_steps, survey, coin, cv=cv, return_estimator=True)

# %% 別解 2
from sklearn.pipeline import make_pipeline

honest_result = cross_validate(
    make_pipeline(StandardScaler(), SelectKBest(k=20), LogisticRegression(max_iter=1000)),
    pd.DataFrame(survey),
    pd.Series(reply),
    cv=cv,
    scoring=["accuracy"],
    return_estimator=True,
)

# %% 別解 2b
honest_result = pd.DataFrame(
    cross_validate(
        make_pipeline(StandardScaler(), select_and_fit),
        survey,
        reply,
        cv=list(cv.split(survey, reply)),
        scoring={"正解率": "accuracy", "AUC": "roc_auc"},
        return_estimator=True,
        return_train_score=True,
    )
)

# %% [markdown]
# `payment`だけの組を足し、埋めてから広げる小さなパイプラインを割り当てます。
# 欠けは「不明」という1つの値になり、自分の列を持ちます。
# `OneHotEncoder`の`handle_unknown="ignore"`は、新しい支払い方法が増えた日にも効きます。

# %% 解答 3
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "visits"]),
        ("category", category_step, ["plan", "prefecture"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 列名を足すだけでも動くので、これで済んだように見えます。
# `OneHotEncoder`は`NaN`も1つの値として数え、`payment_nan`という列を作ります。
# あとから「不明」と記録された顧客が来ると、欠けた顧客とは別の扱いになります。

# %% 誤答 3
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "visits"]),
        ("category", category_step, ["plan", "prefecture", "payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 新しい組にだけ気を取られ、`plan`と`prefecture`の部品から`handle_unknown`が抜けた形です。
# 訓練データでは何も起きず、初めての県の顧客が来た日に止まります。

# %% 誤答 3b
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
])
strict_step = OneHotEncoder(sparse_output=False)
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "visits"]),
        ("category", strict_step, ["plan", "prefecture"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 「加える」を「入れ替える」と読んだ形です。
# `ColumnTransformer`は書いた列だけを通すので、プランと県がモデルに届きません。

# %% 誤答 3c
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "visits"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# 数値の組を書き直したときに、標準化を落とした形です。
# 欠けは埋まるのでエラーは出ませんが、`model`とは手当てが違います。

# %% 誤答 3d
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", SimpleImputer(strategy="median"), ["age", "visits"]),
        ("category", category_step, ["plan", "prefecture"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% [markdown]
# `strategy="constant"`を書かず、最も多い支払い方法で埋めた形です。
# 欠けた人がカード払いの人と同じ扱いになり、欠けていたことが分からなくなります。

# %% 誤答 3e
payment_steps = Pipeline([
    ("fill", SimpleImputer(strategy="most_frequent")),
    ("onehot", OneHotEncoder(handle_unknown="ignore", sparse_output=False)),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("number", number_steps, ["age", "visits"]),
        ("category", category_step, ["plan", "prefecture"]),
        ("payment", payment_steps, ["payment"]),
    ])),
    ("classifier", LogisticRegression()),
]).fit(customer_train, churn_train)

# %% 別解 3
text_steps = Pipeline([
    ("fill", SimpleImputer(strategy="constant", fill_value="不明")),
    ("onehot", OneHotEncoder(handle_unknown="infrequent_if_exist")),
])
payment_model = Pipeline([
    ("prepare", ColumnTransformer([
        ("category", text_steps, ["payment", "plan", "prefecture"]),
        ("number", number_steps, ["visits", "age"]),
    ])),
    ("classifier", LogisticRegression(max_iter=1000, random_state=0)),
])
payment_model.fit(customer_train, churn_train)

# %% 別解 3b
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
).fit(customer_train.drop(columns="exit_survey"), churn_train.to_numpy())

# %% [markdown]
# 入れ子の段を、`prepare`、`number`、`fill`の順に下線2本でつなぎます。
# 選ばれたのは、欠けた印の列を加える側です。
# 会員ページに登録していない人は解約しやすく、日数が欠けていること自体が手がかりでした。
# 中央値で埋めるだけだと、その手がかりは消えてしまいます。

# %% 解答 4
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

# %% 誤答 4
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

# %% 誤答 4b
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

# %% 誤答 4c
tuned = GridSearchCV(
    model,
    {"classifier__C": [0.01, 0.1, 1]},
    cv=cv,
    scoring="roc_auc",
).fit(customer_train, churn_train)

# %% [markdown]
# 2つの候補を別々の辞書に分けた形です。
# 片方だけを変えて5通りを試し、組み合わせたときの成績は分かりません。

# %% 誤答 4d
tuned = GridSearchCV(
    model,
    [
        {"classifier__C": [0.01, 0.1, 1]},
        {"prepare__number__fill__add_indicator": [False, True]},
    ],
    cv=cv,
    scoring="roc_auc",
).fit(customer_train, churn_train)

# %% 別解 4
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

# %% 別解 4b
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
assert forgotten.all() and recall_score(y_test, forgotten) == 1.0
assert accuracy_score(y_test, by_hand) > 0.9 > accuracy_score(y_test, forgotten)
sizes_of_cell = ["mean_area", "worst_area", "mean_perimeter", "worst_perimeter"]
hand_weights = pd.Series(hand_model.coef_[0], index=X_train.columns)
assert (hand_weights[sizes_of_cell] > 0).all()
assert set((hand_weights * X_train.mean()).nlargest(4).index) >= {"mean_area", "worst_area"}
assert refit_count < kept_count
assert (predictions == by_hand).all()
assert np.allclose(means.iloc[:, 0], means.iloc[:, 1])
assert not np.isclose(means.iloc[:, 1], means.iloc[:, 2], rtol=1e-9).any()

# %% 裏付け 2
assert max(single_scores) - min(single_scores) > 0.02
assert np.std(mean_scores) < np.std(single_scores) / 2 and np.std(mean_scores) > 0
assert folds["再現率"].std() > folds["正解率"].std()

# %% 裏付け 3
assert leaked.mean() > 0.75 and abs(honest.mean() - 0.5) < 0.05
assert abs(outside[0] - inside[0]) < 1e-9 and outside == sorted(outside)
assert max(abs(value - 0.5) for value in inside) < 0.05
scaled_all = StandardScaler().fit_transform(X_train)
scaled_before = cross_val_score(LogisticRegression(), scaled_all, y_train, cv=cv)
assert abs(scaled_before.mean() - folds["正解率"].mean()) < 0.005
retidied = cross_val_score(honest_pipeline, tidy, reply, cv=cv)
assert np.allclose(retidied, honest_result["test_score"])
assert coin.sum() == reply.sum() == 50 and (coin != reply).any()
only_real = cross_val_score(LogisticRegression(), survey[:, :3], reply, cv=cv)
assert only_real.mean() > 0.6

# %% 裏付け 4
assert customers["prefecture"].nunique() == 47 and new_places.sum() > 0
assert set(customers.columns[customers.isna().any()]) == {"age", "visits", "payment"}
places = customer_train["prefecture"]
halves = cv.split(customer_train, churn_train)
unseen = [set(places.iloc[grade]) - set(places.iloc[learn]) for learn, grade in halves]
assert any(unseen)
assert survey_auc.mean() > auc.mean() + 0.1
empty_text = pd.DataFrame({"payment": ["カード", None]}, dtype=object)
filler = SimpleImputer(strategy="constant", fill_value="不明")
assert filler.fit_transform(empty_text)[1, 0] is None
assert filler.set_params(missing_values=None).fit_transform(empty_text)[1, 0] == "不明"
round_trip = spark.createDataFrame([("カード",), (None,)], "payment string").toPandas()
assert round_trip["payment"].iloc[1] is None

# %% 裏付け 5
train_curve, test_curve = list(grid["mean_train_score"]), list(grid["mean_test_score"])
assert train_curve == sorted(train_curve)
assert 0 < search.best_index_ < len(test_curve) - 1
assert test_curve[-1] < test_curve[search.best_index_] - 0.02
assert test_auc < search.best_score_
neighbours = test_curve[search.best_index_ - 1 : search.best_index_ + 2]
assert max(neighbours) - min(neighbours) < grid["std_test_score"][search.best_index_]
loose = clone(model).set_params(classifier__C=100).fit(customer_train, churn_train)
loose_weights = pd.Series(loose.named_steps["classifier"].coef_[0], index=names)
is_place = weights.index.str.contains("prefecture")
assert loose_weights[is_place].abs().mean() > 3 * weights[is_place].abs().mean()
top = list(order[:6])
assert "number__visits" in top and weights["number__visits"] < 0
assert "category__plan_お試し" in top and weights["category__plan_お試し"] > 0
assert any(name.startswith("category__prefecture_") for name in top)
plan_weights = weights[[f"category__plan_{plan}" for plan in ("お試し", "月払い", "年払い")]]
assert plan_weights.is_monotonic_decreasing and plan_weights.iloc[-1] < 0
for name in (name for name in top if name.startswith("category__prefecture_")):
    lived = places == name.removeprefix("category__prefecture_")
    assert np.sign(churn_train[lived].mean() - churn_train.mean()) == np.sign(weights[name])

# %% 裏付け 6
assert 0.55 < honest_result["test_score"].mean() < colleague_scores.mean() - 0.1
assert tuned.best_params_["prepare__number__fill__add_indicator"] is True
assert tuned.best_score_ > search.best_score_
