"""レッスン14〜17が使う検査データ。乳房のしこりから採った検体の測定値と、診断。

scikit-learnに付いてくる ``load_breast_cancer``（Breast Cancer Wisconsin (Diagnostic)、
W. H. Wolberg, W. N. Street, O. L. Mangasarian, 1993、UCI Machine Learning Repository）を、
レッスン14と同じ列の名前に直したもの。実際の診断には使えない。
"""

import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

DIAGNOSES = {0: "悪性", 1: "良性"}


def load() -> pd.DataFrame:
    """569件の検体。レッスン14の表 ``cell_samples`` と同じ行と列。

    列は ``sample_id``（0からの通し番号）、測定値30列（``mean_radius`` など。単位は画像の画素から
    換算したもので、元のデータに書かれていない）、``diagnosis``（"悪性" か "良性"）の32列。
    """
    raw = load_breast_cancer(as_frame=True).frame
    samples = raw.drop(columns="target")
    samples.columns = samples.columns.str.replace(" ", "_")
    samples.insert(0, "sample_id", range(len(samples)))
    samples["diagnosis"] = raw["target"].map(DIAGNOSES)
    return samples


def split(samples: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Series]:
    """レッスン15と同じ分け方。訓練データ426件、テストデータ143件。

    返すのは ``X_train, X_test, y_train, y_test``。``X`` は測定値の30列、
    ``y`` は悪性が1、良性が0の整数。
    """
    X = samples.drop(columns=["sample_id", "diagnosis"])
    y = (samples["diagnosis"] == "悪性").astype(int).rename("malignant")
    return tuple(train_test_split(X, y, test_size=0.25, stratify=y, random_state=0))
