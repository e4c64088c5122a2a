"""レッスン24の答えを判定する。"""

import numpy as np
import pandas as pd

from checks import (
    Exercises,
    flag,
    function,
    model_version,
    number,
    retry,
    sequence,
    text,
    whole,
)

check = Exercises()


# --- 練習1 --------------------------------------------------------------------

CHAMPION = {"auc": 0.6, "inputs": ["distance", "rain"], "description": "説明"}
BETTER = CHAMPION | {"auc": 0.65}
SHORTFALL, INPUTS, DESCRIPTION = "条件の1", "条件の2", "条件の3"

# 場合の名前、候補のカードと champion のカードのうち変える所、正しい判断、見直す条件。
# 差がちょうど0.01になる場合は、引き算に端数の出ない0.01と0で作る。
CASES = (
    ("AUCが0.05高い候補", {}, {}, True, "3つの条件"),
    ("AUCが0.012高い候補", {"auc": 0.612}, {}, True, SHORTFALL),
    ("AUCが0.008だけ高い候補", {"auc": 0.608}, {}, False, SHORTFALL),
    ("AUCが0.05低い候補", {"auc": 0.55}, {}, False, SHORTFALL),
    ("AUCが0.02低い候補", {"auc": 0.78}, {"auc": 0.8}, False, SHORTFALL),
    ("AUCの差がちょうど0.01の候補", {"auc": 0.01}, {"auc": 0.0}, True, SHORTFALL),
    ("最後の列の名前だけ違う候補", {"inputs": ["distance", "wind"]}, {}, False, INPUTS),
    ("最初の列の名前だけ違う候補", {"inputs": ["wind", "rain"]}, {}, False, INPUTS),
    ("列が1つ多い候補", {"inputs": ["distance", "rain", "wind"]}, {}, False, INPUTS),
    ("列が1つ少ない候補", {"inputs": ["distance"]}, {}, False, INPUTS),
    ("2枚とも列が別の3つ", {"inputs": list("abc")}, {"inputs": list("abc")}, True, INPUTS),
    ("説明が空の文字列の候補", {"description": ""}, {}, False, DESCRIPTION),
    ("説明がNoneの候補", {"description": None}, {}, False, DESCRIPTION),
    ("説明が1文字の候補", {"description": "良"}, {}, True, DESCRIPTION),
    ("championの説明だけがNone", {}, {"description": None}, True, DESCRIPTION),
    ("championの説明だけが空の文字列", {}, {"description": ""}, True, DESCRIPTION),
)


@check.judge(1)
def _(passes_gate):
    decide = function(passes_gate, ["candidate", "champion"])
    for case, of_candidate, of_champion, right, condition in CASES:
        cards = BETTER | of_candidate, CHAMPION | of_champion
        reply = decide(*cards, said=f"passes_gate（{case}）")
        if reply.value is None:
            retry(
                f"「{case}」のときに`None`が返ります。`return`の無い道や、`None`のままの式がありませんか。"
            )
        if isinstance(reply.value, str):
            retry(
                f"「{case}」のときに文字列が返ります。`and`が最後に返す値は、`bool(…)`で真偽値にします。"
            )
        if flag(reply) != right:
            retry(f"「{case}」の判断が合いません。{condition}を見直してください。")
    return "条件をコードに書いたので、誰が差し替えても同じ判断になります。"


# --- 練習2 --------------------------------------------------------------------

MODEL_VERSION, TABLE_VERSION = 2, 1


def strange_rows() -> int:
    """表の版1で、距離が100kmを超える行の数。授業と同じ乱数から数え直す。"""
    kilometers = np.concatenate(
        [
            np.random.RandomState(seed).gamma(3, 4, size).round(1)
            for size, seed in ((200, 1), (1800, 2))
        ]
    )
    in_meters = np.random.RandomState(0).uniform(size=len(kilometers)) < 0.6
    return int((np.where(in_meters, kilometers * 1000, kilometers) > 100).sum())


@check.judge(2)
def _(table_version, n_strange):
    if isinstance(table_version.value, tuple | list):
        retry("`table_version`が組のままです。`data_of`の返す2つの値から、版の番号を取り出します。")
    version = whole(table_version)
    if version == MODEL_VERSION:
        retry("`table_version`が、モデルの版の番号です。表の版は、ランの記録からたどります。")
    if version != TABLE_VERSION:
        retry("`table_version`が合いません。モデルの版2の記録を、`data_of`で見てください。")
    rows, right = whole(n_strange), strange_rows()
    if rows == 0:
        retry("`n_strange`が0です。いまの表ではなく、`table_version`の版の表を読みましたか。")
    if rows == 2000 - right:
        retry("`n_strange`が、100km以下の行の数です。条件の向きを見てください。")
    if rows != right:
        retry("`n_strange`が合いません。読んだ表の版と、「100を超える」の条件を見てください。")
    return "キロメートルの代わりに、メートルの入った行が混ざっていました。"


# --- 練習3と4 -----------------------------------------------------------------


def aliases_of(model_name: object) -> dict[str, int]:
    """登録モデルの、エイリアス → 版の番号。"""
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        found = mlflow.MlflowClient().get_registered_model(model_name).aliases
    except MlflowException:
        retry(
            "登録モデルが見つかりません。"
            "`model_name`が授業のときのままかを見て、登録のセルから実行し直してください。"
        )
    return {alias: int(version) for alias, version in found.items()}


def pointed(aliases: dict[str, int], alias: str) -> str:
    """``alias`` がいま指す版を言う文。"""
    now = f"いまは版{aliases[alias]}です" if alias in aliases else "いまは付いていません"
    return f"`{alias}`の指す版が合いません。{now}。"


@check.judge(3)
def _(model_uri, *, model_name):
    aliases = aliases_of(model_name)
    wrong = [
        alias
        for alias, version in (("challenger", 2), ("production", 3))
        if aliases.get(alias) != version
    ]
    if wrong == ["production"] and aliases.get("production") == 1:
        retry(
            f"{pointed(aliases, 'production')}"
            "練習4で付け替えた後なら、練習3のセルを実行し直してから確認します。"
        )
    if wrong:
        retry(f"{pointed(aliases, wrong[0])}前任者のコードの版と、読み替えた名前を見てください。")
    if hasattr(model_uri.value, "predict"):
        retry("`model_uri`が、読み込んだモデルです。`load_model`に渡す文字列のほうを入れます。")
    uri = text(model_uri)
    if "{" in uri:
        retry("`model_uri`に`{`が残っています。引用符の前に`f`を付けましたか。")
    if not uri.startswith("models:/"):
        retry("`model_uri`を、`models:/`で始まる文字列にします。")
    if uri == f"models:/{model_name}@champion":
        retry("`champion`は、点検を通った版を指す名札です。本番で使う版の名札で指します。")
    if "@" not in uri:
        retry("`model_uri`が、番号かステージで指しています。名札で指す書き方に直します。")
    if uri != f"models:/{model_name}@production":
        retry(
            "`model_uri`の、モデルの名前か名札が合いません。`predict_tonight`と見比べてください。"
        )
    return "読み込む側は`@production`と書くだけで、版の番号を知らずに済みます。"


def best_before(model_name: str, stopped: int) -> int:
    """止める版より前の版のうち、AUCが最も高い版。"""
    import mlflow

    client = mlflow.MlflowClient()

    def auc(version: int) -> float:
        run_id = client.get_model_version(model_name, str(version)).run_id
        return client.get_run(run_id).data.metrics["holdout_auc"]

    return max(range(1, stopped), key=auc)


def predicted(model_name: str, version: int, tonight: object) -> np.ndarray:
    """版が出す、今夜の便ごとの予測。"""
    import mlflow

    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    columns = model.metadata.signature.inputs.input_names()
    if not isinstance(tonight, pd.DataFrame) or not set(columns) <= set(tonight.columns):
        retry("授業の`tonight`が書き換わっています。`tonight`を作るセルから実行し直してください。")
    return np.asarray(model.predict(tonight[columns]))


@check.judge(4)
def _(safe_version, after, *, model_name, tonight):
    aliases = aliases_of(model_name)
    if isinstance(safe_version.value, float) and 0 < safe_version.value < 1:
        retry("`safe_version`が、AUCのような小数です。版の番号のほうを入れます。")
    chosen, best = model_version(safe_version), best_before(model_name, 3)
    if chosen == 3:
        retry("`safe_version`が、止める版です。それより前の版から選びます。")
    if chosen != best:
        retry("`safe_version`が合いません。版3より前の版のAUCを、`holdout_auc`で比べてください。")
    if aliases.get("production") != best:
        retry(f"{pointed(aliases, 'production')}`safe_version`に付け替えます。")
    if after.value is None:
        retry(
            "`after`が`None`です。`report`は表示するだけなので、`predict_tonight`の結果を入れます。"
        )
    if isinstance(after.value, int | float | np.number):
        retry("`after`が1つの数です。合計せずに、便ごとの予測のまま入れます。")
    right = predicted(model_name, best, tonight)
    given = np.array(sequence(after, len(right), number))
    if np.abs(given - right).max() > 0.005:
        retry(
            "`after`が、戻した後の予測ではありません。付け替えた後で`predict_tonight`を呼びます。"
        )
    return "戻す先も、番号の近さではなく点数で選びました。"
