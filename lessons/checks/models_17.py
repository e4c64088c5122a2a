"""レッスン17の正しいデータと成績を作り直す。判定は ``lesson_17`` にある。"""

import functools

from checks import untracked


@functools.cache
def tumors():
    from sklearn.datasets import load_breast_cancer

    cancer = load_breast_cancer(as_frame=True)
    table = cancer.data.rename(columns=lambda name: name.replace(" ", "_"))
    return table.assign(malignant=(cancer.target == 0).astype(float))


@functools.cache
def split(seed=42):
    """授業と同じ分け方の、名前 → 行。"""
    from sklearn.model_selection import train_test_split

    def halves(table, size):
        return train_test_split(
            table, test_size=size, stratify=table["malignant"], random_state=seed
        )

    rest, test = halves(tumors(), 0.2)
    train, valid = halves(rest, 0.25)
    return {"train": train, "valid": valid, "test": test, "rest": rest}


def starting(prefix):
    return [name for name in tumors().columns if name.startswith(prefix)]


@functools.cache
def scores(
    prefix="mean_", learned="train", graded="valid", auc_from="malignant", seed=0, **conditions
):
    """木を10本にした時の指標。

    ``learned`` は学習するデータ、``graded`` は成績を測るデータ、``auc_from`` はAUCを測る値
    （悪性の確率 ``malignant``、良性の確率 ``benign``、予測した答え ``answer``）。
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    rows, grade = split()[learned], split()[graded]
    features = starting(prefix) if prefix else list(tumors().columns[:-1])
    settings = {"n_estimators": 10, "max_depth": 5, **conditions}
    with untracked():
        model = RandomForestClassifier(**settings, random_state=seed).fit(
            rows[features], rows["malignant"]
        )
        answers, predicted = grade["malignant"], model.predict(grade[features])
        chance = model.predict_proba(grade[features])
    judged = {"malignant": chance[:, 1], "benign": chance[:, 0], "answer": predicted}
    return {
        "val_accuracy": accuracy_score(answers, predicted),
        "val_auc": roc_auc_score(answers, judged[auc_from]),
        "val_f1": f1_score(answers, predicted),
    }


def digests(rows, columns):
    """行の順序、見出しの番号、答えの型をいろいろに変えた、中身のダイジェスト。"""
    from mlflow.data.digest_utils import compute_pandas_digest

    for ordered in (rows, rows.sort_index()):
        for kind in (float, int, bool):
            frame = ordered[columns].astype({"malignant": kind})
            yield compute_pandas_digest(frame)
            yield compute_pandas_digest(frame.reset_index(drop=True))
            yield compute_pandas_digest(frame.set_axis(frame.index + 1))  # 患者の番号


def altered_rows():
    """訓練データと行数が同じで、中身の違う表と、その言い方。"""
    from sklearn.preprocessing import StandardScaler

    table, train = tumors(), split()["train"]
    size, worst = len(train), starting("worst_")
    cut = "分ける前の表から、行を切り出しています。`train`を渡します。"
    yield table[:size], cut
    yield table[-size:], cut
    yield (
        train.assign(malignant=1 - train["malignant"]),
        "`malignant`の0と1が、`train`と入れ替わっています。",
    )
    scaled = StandardScaler().set_output(transform="pandas").fit_transform(train[worst])
    by_hand = (train[worst] - train[worst].mean()) / train[worst].std()
    for values in (scaled, by_hand):
        yield train.assign(**values), "値が標準化されています。`train`の値を変えずに渡します。"
    for places in range(4):
        yield train.round(places), "値が丸められています。`train`の値を変えずに渡します。"
    for others in (starting("mean_"), worst[::-1]):
        renamed = dict(zip(worst, (train[name] for name in others), strict=True))
        yield train.assign(**renamed), "列の名前と中身が食い違っています。`train`の列を選びます。"
    for seed in (0, 1, 115):
        yield split(seed)["train"], "データの分け方が違います。本文の`train`を渡します。"
