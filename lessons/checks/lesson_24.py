"""レッスン24の答えを判定する。"""

import late_deliveries
import numpy as np
import pandas as pd

from checks import (
    Exercises,
    flag,
    function,
    model_version,
    near,
    number,
    retry,
    sequence,
    whole,
    word,
)
from checks.answers import Retry

check = Exercises()


# --- 練習1 --------------------------------------------------------------------

CHAMPION = {"auc": 0.6, "inputs": ["rain", "distance"], "description": "説明"}
BETTER = CHAMPION | {"auc": 0.65}
SHORTFALL, INPUTS, DESCRIPTION = "条件の1", "条件の2", "条件の3"

# 場合の名前、候補の辞書と champion の辞書のうち変える所、正しい判断、見直す条件。
# 差がちょうど0.03になる場合は、引き算に端数の出ない0.03と0で作る。
CASES = (
    ("AUCが0.05高い候補", {}, {}, True, "3つの条件"),
    ("AUCが0.032高い候補", {"auc": 0.632}, {}, True, SHORTFALL),
    ("AUCが0.02だけ高い候補", {"auc": 0.62}, {}, False, SHORTFALL),
    ("AUCが0.05低い候補", {"auc": 0.55}, {}, False, SHORTFALL),
    ("AUCが0.04低い候補", {"auc": 0.76}, {"auc": 0.8}, False, SHORTFALL),
    ("AUCの差がちょうど0.03の候補", {"auc": 0.03}, {"auc": 0.0}, True, SHORTFALL),
    ("最後の列の名前だけ違う候補", {"inputs": ["rain", "wind"]}, {}, False, INPUTS),
    ("最初の列の名前だけ違う候補", {"inputs": ["wind", "distance"]}, {}, False, INPUTS),
    ("列が1つ多い候補", {"inputs": ["rain", "distance", "wind"]}, {}, False, INPUTS),
    ("列が1つ少ない候補", {"inputs": ["rain"]}, {}, False, INPUTS),
    ("2つとも列が別の3つ", {"inputs": list("abc")}, {"inputs": list("abc")}, True, INPUTS),
    ("説明が空の文字列の候補", {"description": ""}, {}, False, DESCRIPTION),
    ("説明がNoneの候補", {"description": None}, {}, False, DESCRIPTION),
    ("説明が1文字の候補", {"description": "良"}, {}, True, DESCRIPTION),
    ("championの説明だけがNone", {}, {"description": None}, True, DESCRIPTION),
    ("championの説明だけが空の文字列", {}, {"description": ""}, True, DESCRIPTION),
)


# 3つの条件を満たす候補が止まる時に、緩めると通る条件を探すための、値の替え方。
LOOSENED = (
    (SHORTFALL, {"auc": 0.99}, {}),
    (SHORTFALL, {"auc": 0.6}, {"auc": 0.99}),
    (INPUTS, *2 * ({"inputs": ["distance", "parcels", "rain"]},)),
    (DESCRIPTION, {"description": "2,000便で学習した、候補のバージョンの説明"}, {}),
)


def decision(decide: object, case: str, candidate: dict, champion: dict) -> bool:
    """2つの辞書を渡した時の判断。真偽値でないものと、辞書の書き換えは、その原因を言って退ける。"""
    try:
        reply = decide(candidate, champion, said=f"passes_gate（{case}）")
    except Retry as reason:
        if "MLflow" in str(reason):
            retry(f"{reason}`candidate`と`champion`は、バージョン番号でなく、辞書です。")
        raise
    value = reply.value
    if decide.received != [candidate, champion]:
        retry("渡した辞書の中身が書き換わります。辞書は読むだけにして、判断を返します。")
    if value is None:
        retry(
            f"「{case}」のときに`None`が返ります。`return`の無い道や、`None`のままの式がありませんか。"
        )
    if isinstance(value, str) and value == candidate["description"]:
        retry(
            f"「{case}」のときに説明の文字列が返ります。"
            "`and`が最後に返す値は、`bool(…)`で真偽値にします。"
        )
    if isinstance(value, str):
        retry(f"「{case}」のときに文字列が返ります。引用符や`str(…)`を外し、真偽値のまま返します。")
    if isinstance(value, int | float) and not isinstance(value, bool):
        retry(f"「{case}」のときに数が返ります。`int(…)`などを外し、真偽値のまま返します。")
    return flag(reply)


def cards(of_candidate: dict, of_champion: dict) -> tuple[dict, dict]:
    """3つの条件を満たす2つの辞書の、一部を替えたもの。"""
    return BETTER | of_candidate, CHAMPION | of_champion


def swapped(decide: object) -> bool:
    """2つの辞書を逆に渡すと、すべての場合の判断が合うか。"""
    return all(
        passed(decide, *reversed(cards(of_candidate, of_champion))) == right
        for _, of_candidate, of_champion, right, _ in CASES
    )


def passed(decide: object, candidate: dict, champion: dict) -> bool | None:
    """原因を探すために動かした時の判断。判断にならなければ None。"""
    try:
        return decision(decide, "", candidate, champion)
    except Retry:
        return None


@check.judge(1)
def _(passes_gate):
    decide = function(passes_gate, ["candidate", "champion"])
    for case, of_candidate, of_champion, right, condition in CASES:
        if decision(decide, case, *cards(of_candidate, of_champion)) == right:
            continue
        if swapped(decide):
            retry("2つの辞書が逆です。先に渡すのが`candidate`、後が`champion`です。")
        if condition not in (SHORTFALL, INPUTS, DESCRIPTION):
            loosened = (one for one, *changes in LOOSENED if passed(decide, *cards(*changes)))
            condition = next(loosened, condition)
        retry(f"「{case}」の判断が合いません。{condition}を見直してください。")
    return "条件をコードに書いたので、誰が差し替えても同じ判断になります。"


# --- 練習2 --------------------------------------------------------------------

MODEL_VERSION, TABLE_VERSION, COLUMN = 2, 1, "distance"


def ratios() -> pd.Series:
    """出し直す前の距離が、出し直した距離の何倍か。便ごと。"""
    _, before, after = late_deliveries.received()
    return before[COLUMN] / after[COLUMN]


@check.judge(2)
def _(table_version, wrong_column, ratio):
    if isinstance(table_version.value, tuple | list) and len(table_version.value) == 2:
        retry(
            "`table_version`が組のままです。`data_of`の返す2つの値から、バージョン番号を取り出します。"
        )
    version = whole(table_version)
    if version == MODEL_VERSION:
        retry(
            "`table_version`が、モデルのバージョン番号です。表のバージョンは、ランの記録からたどります。"
        )
    if version != TABLE_VERSION:
        retry("`table_version`が合いません。モデルのバージョン2の記録を、`data_of`で見てください。")
    columns = late_deliveries.received()[0].columns
    if word(wrong_column, columns, {"距離": COLUMN, "荷物": "parcels", "雨": "rain"}) != COLUMN:
        retry(
            "`wrong_column`の列は、2つの表で値が同じです。"
            "1回目の表でなく、表のバージョン1と2を比べましたか。"
        )
    compare_ratio(number(ratio), ratios())
    return "2回目の記録には、距離をメートルで書いた行が混ざっていました。値を見ない署名は、止めません。"


def compare_ratio(value: float, every: pd.Series) -> None:
    """違う行の倍率でなければ、その原因を言って退ける。``every`` は、すべての便の倍率。"""
    right = every.max()
    if near(value, right, 0.01):
        return
    _, before, after = late_deliveries.received()
    if near(value, 1 / right, 1e-5):
        retry("`ratio`の割り算の向きが逆です。出し直す前の値を、出し直した値で割ります。")
    if any(
        near(value, one, 0.5) for one in (every.mean(), before[COLUMN].sum() / after[COLUMN].sum())
    ):
        retry("`ratio`に、値の同じ行も混ざっています。値の違う行だけを見てください。")
    if near(value, 1, 0.01):
        retry("`ratio`が1です。値の同じ行を見ていませんか。値の違う行を選びます。")
    retry("`ratio`が合いません。値の違う行を1つ選び、出し直す前と後の値を並べて見てください。")


# --- 練習3 --------------------------------------------------------------------


def aliases_of(model_name: object) -> dict[str, int]:
    """登録モデルの、エイリアス → バージョン番号。"""
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


def best_before(model_name: str, stopped: int) -> int:
    """止めるバージョンより前のバージョンのうち、AUCが最も高いバージョン。"""
    import mlflow

    client = mlflow.MlflowClient()

    def auc(version: int) -> float:
        run_id = client.get_model_version(model_name, str(version)).run_id
        return client.get_run(run_id).data.metrics["val_auc"]

    return max(range(1, stopped), key=auc)


def predicted(model_name: str, version: int, rows: pd.DataFrame) -> np.ndarray:
    """バージョンが出す、便ごとの予測。"""
    import mlflow

    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    return np.asarray(model.predict(rows))[:, 1]


def compare_predictions(given: np.ndarray, right: np.ndarray, others: list[np.ndarray]) -> None:
    """戻した後の予測 ``right`` でなければ、その原因を言って退ける。``others`` は、ほかのバージョンの予測。"""

    def same(one: np.ndarray) -> bool:
        return bool(np.abs(given - one).max() <= 1e-6)

    if same(right):
        return
    if any(map(same, others)):
        retry(
            "`restored`が、ほかのバージョンの予測です。"
            "エイリアスを付け替えた後で、`predict_tonight`を呼び直します。"
        )
    untouched = "`predict_tonight(tonight)`の結果を、手を加えずに入れます。"
    if set(given) <= {0, 1}:
        retry(f"`restored`が0と1だけです。遅れたかどうかや、0か1に直した値でなく、{untouched}")
    if any(same(right.round(digits)) for digits in range(1, 6)):
        retry(f"`restored`の値が丸められています。{untouched}")
    if same(100 * right):
        retry(f"`restored`が百分率になっています。{untouched}")
    if np.abs(np.sort(given) - np.sort(right)).max() <= 1e-6:
        retry(f"`restored`の並びが、便の並びと違います。{untouched}")
    retry(f"`restored`が、戻した後の予測ではありません。付け替えた後の{untouched}")


@check.judge(3)
def _(safe_version, restored, *, model_name, tonight):
    aliases = aliases_of(model_name)
    if isinstance(safe_version.value, float) and 0 < safe_version.value < 1:
        retry("`safe_version`が、AUCのような小数です。バージョン番号のほうを入れます。")
    chosen, best = model_version(safe_version), best_before(model_name, 3)
    if chosen == 3:
        retry("`safe_version`が、止めるバージョンです。それより前のバージョンから選びます。")
    if chosen not in (best, 2):
        retry("`safe_version`が合いません。1か2のどちらかを入れます。")
    if chosen != best:
        retry(
            "2は、ゲートが見送ったバージョンです。表`registry`のAUCを比べて、もう一度判断してください。"
        )
    if aliases.get("production") != best:
        now = (
            f"バージョン{aliases['production']}を指しています"
            if "production" in aliases
            else "付いていません"
        )
        retry(f"`production`は、いま{now}。`safe_version`に付け替えます。")
    if restored.value is None:
        retry(
            "`restored`が`None`です。`report`は表示するだけなので、`predict_tonight`の結果を入れます。"
        )
    if isinstance(restored.value, int | float | np.number):
        retry("`restored`が1つの数です。合計せずに、便ごとの予測のまま入れます。")
    if getattr(restored.value, "ndim", 1) == 2 and restored.value.shape[1] == 2:
        retry("`restored`が2列のままです。`predict_tonight`の結果を入れます。")
    rows = late_deliveries.make(300, seed=11)
    features = rows.drop(columns="late")
    right = predicted(model_name, best, features)
    given = np.array(sequence(restored, len(right), number))
    kept = isinstance(tonight, pd.DataFrame) and set(rows.columns) <= set(tonight.columns)
    if np.abs(given - right).max() > 1e-6 and not (
        kept and tonight[list(rows.columns)].reset_index(drop=True).equals(rows)
    ):
        retry(
            "授業の`tonight`の中身が変わっています。"
            "`tonight`を作るセルを実行し直し、`restored`も入れ直してください。"
        )
    others = [predicted(model_name, version, features) for version in (1, 2, 3) if version != best]
    compare_predictions(given, right, others)
    return "番号の近さではなく、記録から戻す先を選びました。"
