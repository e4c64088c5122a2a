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
# この会社の付け方では悪性が0なので、`pos_label=0`で陽性を指定します。

# %% 解答 1
answer = 1 - y_test
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
answer = y_test
predicted = 1 - report_model.predict(X_test)
malignant_recall = recall_score(answer, predicted)

# %% 別解 1b
table = confusion_matrix(1 - y_test, report_model.predict(X_test))
malignant_recall = (table[0, :1] / table[0].sum()).round(2)

# %% [markdown]
# 一次検査とブレーキは見逃しが重いので再現率、口座の凍結は誤報が重いので適合率を見ます。
# 2つの倉庫は間違いの重さが同じなので、正解率で選びます。
# 電話の順番にはしきい値がないので、AUCで比べます。

# %% 解答 2
choices = {
    "screening": "B",
    "freezing": "A",
    "ranking": "A",
    "sorting": "C",
    "brake": "B",
}

# %% [markdown]
# どの場面でも、正解率が最も高いモデルを選んでいます。
# 正解率は、誤報と見逃しの重さの違いを見ません。

# %% 誤答 2
choices = dict.fromkeys(["screening", "freezing", "ranking", "sorting", "brake"], "C")

# %% [markdown]
# 順番を付ける場面に、再現率の高いモデルを選んでいます。
# 再現率は、しきい値を1つ決めた後の値です。

# %% 誤答 2b
choices = {
    "screening": "B",
    "freezing": "A",
    "ranking": "B",
    "sorting": "C",
    "brake": "B",
}

# %% [markdown]
# 検査とブレーキで、誤報の少ないモデルを選んでいます。
# 再検査や調べ直しは安く、取り返しがつかないのは見逃しのほうです。

# %% 誤答 2c
choices = {
    "screening": "A",
    "freezing": "B",
    "ranking": "A",
    "sorting": "C",
    "brake": "A",
}

# %% 別解 2
choices = {"ranking": "Ａ", "freezing": "モデルA", "screening": "b", "sorting": " C", "brake": "モデル B"}

# %% 別解 2b
choices = list(zip(
    ["brake", "screening", "ranking", "sorting", "freezing"],
    ["B", "B", "a", "「C」", "A"],
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
assert round(tree.score(X_test, y_test), 2) == 0.94
assert 0.6 < dummy.score(X_test, y_test) < 0.7 and dummy.predict(X_test).sum() == 0
assert round(dummy.score(X_test, y_test), 2) == 0.63
assert round(100 * (tree.score(X_test, y_test) - dummy.score(X_test, y_test))) == 31
assert (false_alarm, missed) == (7, 1)
assert round(1 / len(X_test), 3) == 0.007 and len(X_test) == 143
accuracies = [round(model.score(X_test, y_test) * len(X_test)) for model in models.values()]
assert 0 < max(accuracies) - min(accuracies) <= 5

# %% 裏付け 2
accuracy = {name: accuracy_score(rare_y_test, given) for name, given in policies.items()}
assert accuracy["しきい値0.1"] < accuracy["いつも良性"] < accuracy["しきい値0.5"]
assert round(accuracy["いつも良性"], 2) == 0.95
assert recall_score(rare_y_test, policies["しきい値0.1"]) == 1
assert (rare_y_test == 1).sum() == 10 and (rare_y_test == 0).sum() == 179
assert policies["しきい値0.1"].sum() == 30 and policies["しきい値0.1"][rare_y_test == 0].sum() == 20
assert roc_auc_score(rare_y_test, policies["いつも良性"]) == 0.5

# %% 裏付け 3
gap = by_depth["学習した組"] - by_depth["採点した組"]
assert gap[1] < 0.03 and gap[1] < gap[3] < gap[5] < gap[8]
assert by_depth["採点した組"].idxmax() == 3 != max(range(1, 8), key=cv_auc)
assert by_depth["学習した組"].iloc[-1] == 1

# %% 裏付け 4
auc = {name: roc_auc_score(rare_y_test, values) for name, values in likeliness.items()}
average = {name: average_precision_score(rare_y_test, v) for name, v in likeliness.items()}
assert auc["くぼみの1列"] > 0.95 and auc["ランダムフォレスト"] - auc["くぼみの1列"] < 0.05
assert average["ランダムフォレスト"] - average["くぼみの1列"] > 0.3
assert round(average["いつも良性"], 2) == 0.05
precisions, recalls, _ = precision_recall_curve(rare_y_test, likeliness["くぼみの1列"])
assert 0.2 < precisions[recalls == 1].max() < 0.28

# %% 裏付け 5
values = likeliness["ランダムフォレスト"]
pairs = values[(rare_y_test == 1).to_numpy()][:, None] - values[(rare_y_test == 0).to_numpy()]
assert abs(((pairs > 0) + (pairs == 0) / 2).mean() - auc["ランダムフォレスト"]) < 1e-9

# %% 裏付け 6
shown = {"A": (60, 5, 0.955, 0.923, 0.600), "B": (97, 180, 0.817, 0.350, 0.970), "C": (85, 20, 0.965, 0.810, 0.850)}
for found_here, alarms, *printed in shown.values():
    right = [(found_here + 900 - alarms) / 1000, found_here / (found_here + alarms), found_here / 100]
    assert [round(value, 3) for value in right] == printed

# %% 裏付け 7
benign_recall = recall_score(1 - y_test, report_model.predict(X_test))
malignant = recall_score(1 - y_test, report_model.predict(X_test), pos_label=0)
assert malignant < benign_recall - 0.05
printed = [model.score(X_test, y_test) for model in models.values()]
assert all(abs(report_value - value) > 0.001 for value in printed)
assert 2 * 1 * 0.1 / (1 + 0.1) < 0.19
