# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 解答: scikit-learnによるモデル開発

# %% [markdown]
# 元のデータの悪性は0なので、`pos_label=0`で陽性を指定します。

# %% 解答 1
answer = source.target[X_test.index]
predicted = report_model.predict(X_test)
malignant_recall = recall_score(answer, predicted, pos_label=0)

# %% [markdown]
# 報告書と同じ書き方です。
# 1を陽性とするので、良性のうち良性と予測した割合になります。

# %% 誤答 1
malignant_recall = recall_score(answer, predicted)

# %% [markdown]
# 陽性は悪性になりましたが、適合率を計算しています。
# 分母が「悪性と予測した数」なので、見逃しが増えても下がりません。

# %% 誤答 1b
malignant_recall = precision_score(answer, predicted, pos_label=0)

# %% [markdown]
# 報告書とは別のモデルの再現率です。
# `tree`は本文の決定木で、`y_test`は悪性が1なので、悪性の再現率ではありますが、会社のモデルの値ではありません。

# %% 誤答 1c
malignant_recall = recall_score(y_test, tree.predict(X_test))

# %% [markdown]
# 1から引いても、悪性の再現率にはなりません。
# 引いて出るのは「良性のうち、悪性と予測した割合」です。

# %% 誤答 1d
malignant_recall = 1 - recall_score(answer, predicted)

# %% 別解 1
answer = 1 - source.target[X_test.index]
predicted = 1 - report_model.predict(X_test)
malignant_recall = recall_score(answer, predicted)

# %% 別解 1b
table = confusion_matrix(source.target[X_test.index], report_model.predict(X_test))
malignant_recall = (table[0, :1] / table[0].sum()).round(2)

# %% [markdown]
# 手紙の仕分けは、種類の数も間違いの重さもそろっているので、正解率で足ります。
# 一次検査は見逃しが、口座の凍結は誤報が重いので、再現率と適合率に分かれます。
# 電話の順番は、しきい値が決まる前に比べるのでAUCです。

# %% 解答 2
choices = {
    "sorting": "正解率",
    "screening": "再現率",
    "freezing": "適合率",
    "ranking": "AUC",
}

# %% [markdown]
# 検査と凍結が入れ替わっています。
# どちらも「怪しいものを見つける」仕事ですが、困る間違いが逆です。

# %% 誤答 2
choices = {
    "sorting": "正解率",
    "screening": "適合率",
    "freezing": "再現率",
    "ranking": "AUC",
}

# %% [markdown]
# 順番を付ける場面に正解率を選んでいます。
# 正解率には、陽性と陰性を分けるしきい値が要ります。

# %% 誤答 2b
choices = {
    "sorting": "AUC",
    "screening": "再現率",
    "freezing": "適合率",
    "ranking": "正解率",
}

# %% 別解 2
choices = {"ranking": "ＡＵＣ", "freezing": "precision", "screening": "recall", "sorting": " 正解率"}

# %% 別解 2b
choices = list(zip(
    ["screening", "ranking", "sorting", "freezing"],
    ["再現率", "auc", "「正解率」", "適合率"],
    strict=True,
))

# %% [markdown]
# 交差検証だけで選び、選んだ深さで訓練データの全部を学習し直し、最後に1回だけ開けます。
# 1行目は、前の答えを試したときに開けた木を0本に戻しています。

# %% 解答 3
opened.clear()
best_depth = max(range(1, 8), key=cv_auc)
final_tree = DecisionTreeClassifier(max_depth=best_depth, random_state=0).fit(X_train, y_train)
test_auc = open_test(final_tree)

# %% [markdown]
# テストデータで7つの深さを比べて選んでいます。
# 出てきた値は、テストデータと相性の良かった深さの点数です。

# %% 誤答 3
opened.clear()
trees = {depth: DecisionTreeClassifier(max_depth=depth, random_state=0) for depth in range(1, 8)}
scores = {depth: open_test(one.fit(X_train, y_train)) for depth, one in trees.items()}
best_depth = max(scores, key=scores.get)
final_tree, test_auc = trees[best_depth], scores[best_depth]

# %% [markdown]
# 訓練データの点数で選んでいます。
# 深いほど良く見えるので、いつも最も深い木が選ばれます。

# %% 誤答 3b
opened.clear()
trees = {depth: DecisionTreeClassifier(max_depth=depth, random_state=0) for depth in range(1, 8)}
best_depth = max(trees, key=lambda depth: trees[depth].fit(X_train, y_train).score(X_train, y_train))
final_tree = trees[best_depth]
test_auc = open_test(final_tree)

# %% [markdown]
# 選び方は合っていますが、最後の学習にテストデータを使っています。
# 答えを見て学習した木を、同じ答えで採点したことになります。

# %% 誤答 3c
opened.clear()
best_depth = max(range(1, 8), key=cv_auc)
final_tree = DecisionTreeClassifier(max_depth=best_depth, random_state=0).fit(X_test, y_test)
test_auc = open_test(final_tree)

# %% 別解 3
opened.clear()
best_depth = pd.Series({depth: cv_auc(depth) for depth in range(1, 8)}).idxmax()
final_tree = DecisionTreeClassifier(random_state=0).set_params(max_depth=best_depth)
final_tree.fit(X_train, y_train == 1)
test_auc = round(open_test(final_tree), 2)

# %% 別解 3b
from sklearn.model_selection import GridSearchCV

opened.clear()
search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": range(1, 8)}, scoring="roc_auc")
best_depth = float(search.fit(X_train, y_train).best_params_["max_depth"])
final_tree = search.best_estimator_
open_test(final_tree)
test_auc = open_test(final_tree)

# %% 裏付け

assert tree.score(X_train, y_train) == 1
assert 0.935 < tree.score(X_test, y_test) < 0.955
assert 0.6 < dummy.score(X_test, y_test) < 0.7 and dummy.predict(X_test).sum() == 0
assert false_alarm > missed
assert round(1 / len(X_test), 3) == 0.007 and len(X_test) == 143

# %% 裏付け 2
accuracy = {name: accuracy_score(rare_y_test, given) for name, given in answers.items()}
assert accuracy["しきい値0.1"] < accuracy["いつも良性"] < accuracy["しきい値0.5"]
assert round(accuracy["いつも良性"], 2) == 0.95
assert recall_score(rare_y_test, answers["しきい値0.1"]) == 1
assert rare_y_test.sum() == 10
assert roc_auc_score(rare_y_test, answers["いつも良性"]) == 0.5

# %% 裏付け 3
on_test = [
    DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X_train, y_train).score(X_test, y_test)
    for depth in depths
]
assert max(on_test) == on_test[2] and min(on_test[3:]) < on_test[2]
assert (predicted[answer == 0] == 0).mean() < recall_score(answer, predicted) - 0.02
by_test = {
    depth: roc_auc_score(
        y_test,
        DecisionTreeClassifier(max_depth=depth, random_state=0)
        .fit(X_train, y_train).predict_proba(X_test)[:, 1],
    )
    for depth in range(1, 8)
}
assert max(by_test, key=by_test.get) != max(range(1, 8), key=cv_auc)
pairs = chance[(rare_y_test == 1).to_numpy()][:, None] - chance[(rare_y_test == 0).to_numpy()]
assert abs(((pairs > 0) + (pairs == 0) / 2).mean() - roc_auc_score(rare_y_test, chance)) < 1e-9
