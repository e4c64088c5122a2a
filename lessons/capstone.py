"""修了課題の会社「こもれび便」と、前任者が残したもの。

受講番号から、1人に1つずつ違う会社を作る。人も会社も架空で、ライセンスはCC0。
本当の確率（``july_truth``）は、判定が採点に使う。答えのファイルは、どこにも置いていない。
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
from collections.abc import Mapping

import churn
import churn_steps
import churn_trace
import mlflow
import model_card
import pandas as pd
import sklearn
from churn_steps import FEATURES, THRESHOLD
from figures.certificate import draw_certificate
from mlflow.models import infer_signature
from sklearn.metrics import roc_auc_score

FIRST_SEED = 70_000  # 受講番号に足す数
JULY = pd.Timestamp("2027-07-01")  # 一覧を作る月末（電話は8月）
LEARNED = ("2026-06-01", "2026-12-01")  # 前任者のモデルが学習した月
PERSONAL = ["name", "email", "phone"]
EDGE = 0.25  # 解約のうち、1日の未明に処理される割合（churn.Settings.month_edge_rate）


def settings(number: int) -> dict:
    """受講番号 ``number`` の会社の設定（``churn.Settings`` の項目）。"""
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 9999:
        raise ValueError(
            f"受講番号は1から9999までの整数にしてください。いまの値は {number!r} です。"
        )
    return {
        "n_customers": 5_000, "months": 14, "first_month": "2026-06", "seed": FIRST_SEED + number,
        "season": 0.5, "price_rise_month": ("2027-03", "2027-02")[number % 2],
        "price_rise_yen": (1_200, 1_400, 1_000)[number % 3],
    }  # fmt: skip


def handed_table(number: int) -> pd.DataFrame:
    """受講番号 ``number`` の会社で、前任者が残した、直す前の表。"""
    return make_handed(**settings(number))


def make_handed(**company) -> pd.DataFrame:
    """直す前の表。``company`` は ``settings`` が返すもの。

    1行が、月末に契約中だった1人の1か月。手がかりは正しく計算してあり、記録の仕方だけが乱れている。
    """
    raw = churn.make_tables(**company)
    made = churn_steps.make_features(**company)[["customer_id", "month", *FEATURES]]
    rows = raw["usage_monthly"][["customer_id", "month"]].merge(made)
    names = ["customer_id", "monthly_fee", "cancelled_at", "retention_coupon"]
    rows = rows.drop(columns="monthly_fee").merge(raw["contracts"][names])
    rows = rows.merge(raw["customers"][["customer_id", *PERSONAL]])
    rows = rows.rename(columns={"app_days": "active_days"})
    return rows.sample(frac=1, random_state=0, ignore_index=True)


@functools.lru_cache(maxsize=2)
def right_rows(number: int) -> pd.DataFrame:
    """受講番号 ``number`` の会社の、正しく直した行（判定に使う）。"""
    rows = churn_steps.workshop_features(**settings(number))
    return rows.assign(month=pd.to_datetime(rows["month"]))


@functools.lru_cache(maxsize=2)
def july_truth(number: int) -> pd.DataFrame:
    """7月末に契約中の人の、電話が間に合う解約の本当の確率と、その人に電話した時の損得の見込み（円）。

    未明に処理される分を除く。損得には、電話の朝まで契約が続いている見込みを掛ける。
    """
    truth = churn.make_truth(**settings(number))
    truth = truth[pd.to_datetime(truth["month"]) == JULY].set_index("customer_id")
    everyone = truth["reachable_probability"]
    still_there = 1 - EDGE * everyone
    chance = (1 - EDGE) * everyone / still_there
    return pd.DataFrame({"chance": chance, "yen": still_there * (4800 * chance - 1500)})


def asked_people(number: int) -> list[int]:
    """7月末に契約中の人のうち、後で理由を尋ねてくる3人の顧客番号。"""
    people = sorted(july_truth(number).index)
    return [int(people[len(people) * part // 4]) for part in (1, 2, 3)]


# --- 前任者が登録したもの -------------------------------------------------------


def open_company(spark, number: int) -> str:
    """前任者の登録モデルを用意し、名前を返す。

    バージョン1は ``production`` で、2026年12月末までの行で学習した。
    バージョン2は、ゲートが見送ったもの（タグ ``gate``）で、中身は1と同じ。
    """
    name = churn_trace.open_registry(spark, "70_capstone")
    rows = right_rows(number)
    learned = churn_steps.rows_between(rows, LEARNED)
    model = churn_steps.make_model(churn_steps.candidates()["logistic"])
    model.fit(learned[FEATURES], learned["churned"])
    client = mlflow.MlflowClient()
    with mlflow.start_run(run_name="前任者のモデル"):
        first = churn_trace.log_model(model, learned, name)
    source = client.get_model_version(name, first)
    second = client.create_model_version(name, source.source, source.run_id).version
    client.set_model_version_tag(name, first, "gate", "合格")
    client.set_model_version_tag(name, second, "gate", "見送り")
    client.set_registered_model_alias(name, "production", first)
    return name


def register_once(model, rows: pd.DataFrame, name: str) -> str:
    """``model`` を登録モデル ``name`` に足し、バージョンの番号を返す。同じモデルがもうあれば、その番号を返す。

    署名は、学習に使った列を ``rows`` から取り出して作る。読み込んだモデルは、確率を返す。
    """
    seen = rows[list(model.feature_names_in_)]
    told = model.predict_proba(seen.head(200)).round(9)
    digest = hashlib.sha256(told.tobytes()).hexdigest()[:12]
    client = mlflow.MlflowClient()
    for found in client.search_model_versions(f"name = '{name}'"):
        if client.get_model_version(name, found.version).tags.get("digest") == digest:
            return str(found.version)
    with mlflow.start_run(run_name="候補"), contextlib.redirect_stderr(io.StringIO()):
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(seen.head(3), told[:3]),
            pyfunc_predict_fn="predict_proba",
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
        )
        return str(mlflow.register_model(info.model_uri, name, tags={"digest": digest}).version)


# --- カードに載せる数 -----------------------------------------------------------


def measured(scored: pd.DataFrame) -> dict:
    """カードの「測った数」と「グループごとの差」（62の ``measured_part`` と同じ形）。

    ``scored`` は、答え ``churned`` と確率 ``probability`` の付いた、1か月分の行。
    """
    probability = scored["probability"].to_numpy()
    rows = model_card.by_group(scored, probability, "region")
    left = scored["churned"].to_numpy() == 1
    hits = (probability >= THRESHOLD)[left].astype(float)
    numbers = {
        "契約中の人": len(scored),
        "解約した人": int(left.sum()),
        "AUC": float(roc_auc_score(left, probability)),
        "実際÷見込み": float(left.sum() / probability.sum()),
    }
    gaps = {
        "切り口": "地方", "行": rows.to_dict("index"),
        "差": float(rows["再現率"].max() - rows["再現率"].min()),
        "偶然": model_card.gap_by_chance(hits, scored["region"].to_numpy()[left]), "回数": 1000,
    }  # fmt: skip
    return {"測った数": numbers, "グループごとの差": gaps}


# --- 修了証 ---------------------------------------------------------------------

BOOK = "0.1.0"  # 本のバージョン（試験が、本のほうと突き合わせる）
PASS = 70
LONGEST = 24  # 修了証に入る名前の字数
FULL = {
    "データの検査": 12, "特徴量の表": 10, "変化を見つける": 14, "学習と審査": 18, "登録と切り替え": 8,
    "8月の一覧": 12, "再現": 8, "公平性とカード": 8, "報告（自己採点）": 10,
}  # fmt: skip


def check_word(name: str, points: Mapping[str, int], number: int) -> str:
    """修了証の12文字の確認の言葉。同じ名前、点、受講番号、本のバージョンからは、いつも同じものができる。"""
    text = "|".join([name, *(f"{key}={value}" for key, value in points.items()), str(number), BOOK])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def verdict(points: Mapping[str, int]) -> str:
    """合格か、まだ足りないものを言う文。"""
    empty = [name for name, value in points.items() if value == 0]
    if empty:
        return f"まだ合格ではありません。0点のブロックがあります: {'、'.join(empty)}。"
    if sum(points.values()) < PASS:
        return f"まだ合格ではありません。あと{PASS - sum(points.values())}点です。"
    return "合格です。"


def certificate(name: str, points: Mapping[str, int], number: int) -> None:
    """点と確認の言葉を表示し、合格していれば、修了証を描く。1点もなければ「0点」とだけ言う。"""
    if not isinstance(name, str) or not 1 <= len(name) <= LONGEST or not name.isprintable():
        print(f"名前を、1字から{LONGEST}字までの、改行のない文字列で入れてください。")
        return
    if points.keys() != FULL.keys() or any(not 0 <= points[key] <= FULL[key] for key in FULL):
        print("点は、`check.points()`が返すものを、そのまま渡してください。")
        return
    total = sum(points.values())
    if total == 0:
        print("0点です。確認のセルを実行してから、もう一度動かしてください。")
        return
    print(f"{total}点（満点は{sum(FULL.values())}点）。{verdict(points)}")
    if verdict(points) == "合格です。":
        word = check_word(name, points, number)
        print(f"確認の言葉: {word}")
        versions = f"scikit-learn {sklearn.__version__}、MLflow {mlflow.__version__}"
        edition = f"受講番号 {number}、本 {BOOK}、{versions}"
        draw_certificate(name, points, FULL, edition, word)
