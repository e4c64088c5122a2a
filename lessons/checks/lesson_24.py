"""レッスン24の答えを判定する。"""

import unicodedata

import numpy as np
import pandas as pd

from checks import (
    Answer,
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
from checks.answers import Retry, is_spark_table

check = Exercises()


# --- 練習1 --------------------------------------------------------------------

CHAMPION = {"auc": 0.6, "inputs": ["rain", "distance"], "description": "説明"}
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
    ("最後の列の名前だけ違う候補", {"inputs": ["rain", "wind"]}, {}, False, INPUTS),
    ("最初の列の名前だけ違う候補", {"inputs": ["wind", "distance"]}, {}, False, INPUTS),
    ("列が1つ多い候補", {"inputs": ["rain", "distance", "wind"]}, {}, False, INPUTS),
    ("列が1つ少ない候補", {"inputs": ["rain"]}, {}, False, INPUTS),
    ("2枚とも列が別の3つ", {"inputs": list("abc")}, {"inputs": list("abc")}, True, INPUTS),
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
    """2枚のカードを渡した時の判断。真偽値でないものと、カードの書き換えは、その原因を言って退ける。"""
    try:
        reply = decide(candidate, champion, said=f"passes_gate（{case}）")
    except Retry as reason:
        if "MLflow" in str(reason):
            retry(f"{reason}`candidate`と`champion`は、バージョン番号でなく、`card`の返すカードです。")
        raise
    value = reply.value
    if decide.received != [candidate, champion]:
        retry("渡したカードの中身が書き換わります。カードは読むだけにして、判断を返します。")
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
    """3つの条件を満たす2枚のカードの、一部を替えたもの。"""
    return BETTER | of_candidate, CHAMPION | of_champion


def swapped(decide: object) -> bool:
    """2枚のカードを逆に渡すと、すべての場合の判断が合うか。"""
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
            retry("2枚のカードが逆です。先に渡すのが`candidate`、後が`champion`です。")
        if condition not in (SHORTFALL, INPUTS, DESCRIPTION):
            loosened = (one for one, *changes in LOOSENED if passed(decide, *cards(*changes)))
            condition = next(loosened, condition)
        retry(f"「{case}」の判断が合いません。{condition}を見直してください。")
    return "条件をコードに書いたので、誰が差し替えても同じ判断になります。"


# --- 練習2 --------------------------------------------------------------------

MODEL_VERSION, TABLE_VERSION = 2, 1


def trips(size: int, seed: int) -> pd.DataFrame:
    """授業の``deliveries``と同じ乱数から作る、便ごとの特徴量。"""
    rng = np.random.RandomState(seed)
    return pd.DataFrame(
        {
            "distance": rng.gamma(3, 4, size).round(1),
            "parcels": rng.randint(1, 40, size).astype(float),
            "rain": rng.randint(0, 2, size).astype(float),
        }
    )


def strange_rows() -> int:
    """表のバージョン1で、距離が100kmを超える行の数。"""
    kilometers = np.concatenate([trips(200, 1)["distance"], trips(1800, 2)["distance"]])
    in_meters = np.random.RandomState(0).uniform(size=len(kilometers)) < 0.6
    return int((np.where(in_meters, kilometers * 1000, kilometers) > 100).sum())


@check.judge(2)
def _(table_version, n_strange):
    if isinstance(table_version.value, tuple | list) and len(table_version.value) == 2:
        retry("`table_version`が組のままです。`data_of`の返す2つの値から、バージョン番号を取り出します。")
    version = whole(table_version)
    if version == MODEL_VERSION:
        retry("`table_version`が、モデルのバージョン番号です。表のバージョンは、ランの記録からたどります。")
    if version != TABLE_VERSION:
        retry("`table_version`が合いません。モデルのバージョン2の記録を、`data_of`で見てください。")
    if is_spark_table(n_strange.value) or isinstance(n_strange.value, pd.DataFrame):
        several = len(n_strange.value.columns) > 1
        how = "`count()`か`len(…)`で、行の数にします" if several else "中の数を取り出します"
        retry(f"`n_strange`が表のままです。{how}。")
    rows, right = whole(n_strange), strange_rows()
    if rows == 0:
        retry(
            "`n_strange`が0です。`table_version`のバージョンの表を読み、`distance`を100と比べましたか。"
            "いまの表には、そういう行がありません。"
        )
    if rows == 1:
        retry("`n_strange`が1です。数えた結果の表の行を、もう一度数えていませんか。")
    if rows == 2000 - right:
        retry("`n_strange`が、100km以下の行の数です。条件の向きを見てください。")
    if rows != right:
        retry("`n_strange`が合いません。読んだ表のバージョンと、「100を超える」の条件を見てください。")
    return "キロメートルの代わりに、メートルの入った行が混ざっていました。"


# --- 練習3と4 -----------------------------------------------------------------


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


def pointed(aliases: dict[str, int], alias: str) -> str:
    """``alias`` がいま指すバージョンを言う文。"""
    now = f"いまはバージョン{aliases[alias]}です" if alias in aliases else "いまは付いていません"
    return f"`{alias}`の指すバージョンが合いません。{now}。"


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
        retry(f"{pointed(aliases, wrong[0])}前任者のコードのバージョンと、読み替えた名前を見てください。")
    if hasattr(model_uri.value, "predict"):
        retry("`model_uri`が、読み込んだモデルです。`load_model`に渡す文字列のほうを入れます。")
    compare_uri(model_uri, f"models:/{model_name}@production", f"models:/{model_name}@champion")
    return "読み込む側は`@production`と書くだけで、バージョン番号を知らずに済みます。"


def compare_uri(model_uri: Answer, right: str, of_champion: str) -> None:
    """``right`` でなければ、その原因を言って退ける。"""
    if isinstance(model_uri.value, str) and not model_uri.value.strip():
        retry("`model_uri`が空です。`load_model`に渡す、`models:/`で始まる文字列を書きます。")
    uri = text(model_uri)
    if "{" in uri:
        retry("`model_uri`に`{`が残っています。引用符の前に`f`を付けましたか。")
    if uri != right and unicodedata.normalize("NFKC", uri) == right:
        retry("`model_uri`に全角の文字が混ざっています。`@`も`/`も、半角で書きます。")
    if not uri.startswith("models:/"):
        retry("`model_uri`を、`models:/`で始まる文字列にします。")
    if uri == of_champion:
        retry("`champion`は、点検を通ったバージョンを指す名札です。本番で使うバージョンの名札で指します。")
    if uri.startswith("models:/m-"):
        retry("`model_uri`が、1つのモデルに決まったIDです。名札で指す書き方に直します。")
    if "@" not in uri:
        retry("`model_uri`が、番号かステージで指しています。名札で指す書き方に直します。")
    if uri != right:
        retry(
            "`model_uri`の、モデルの名前か名札が合いません。`predict_tonight`と見比べてください。"
        )
    # 前の空白と、終わりの1つの改行は、`load_model`が読み飛ばす。
    if isinstance(model_uri.value, str) and model_uri.value.lstrip().removesuffix("\n") != uri:
        retry("`model_uri`の終わりに空白があり、`load_model`で読み込めません。")


def best_before(model_name: str, stopped: int) -> int:
    """止めるバージョンより前のバージョンのうち、AUCが最も高いバージョン。"""
    import mlflow

    client = mlflow.MlflowClient()

    def auc(version: int) -> float:
        run_id = client.get_model_version(model_name, str(version)).run_id
        return client.get_run(run_id).data.metrics["holdout_auc"]

    return max(range(1, stopped), key=auc)


def predicted(model_name: str, version: int, rows: pd.DataFrame) -> np.ndarray:
    """バージョンが出す、便ごとの予測。"""
    import mlflow

    model = mlflow.pyfunc.load_model(f"models:/{model_name}/{version}")
    return np.asarray(model.predict(rows))


def compare_predictions(given: np.ndarray, right: np.ndarray, others: list[np.ndarray]) -> None:
    """戻した後の予測 ``right`` でなければ、その原因を言って退ける。``others`` は、ほかのバージョンの予測。"""

    def same(one: np.ndarray) -> bool:
        return bool(np.abs(given - one).max() <= 1e-6)

    if same(right):
        return
    if any(map(same, others)):
        retry(
            "`after`が、ほかのバージョンの予測です。名札を付け替えた後で、`predict_tonight`を呼び直します。"
        )
    untouched = "`predict_tonight(tonight)`の結果を、手を加えずに入れます。"
    if set(given) <= {0, 1}:
        retry(f"`after`が0と1だけです。遅れたかどうかや、0か1に直した値でなく、{untouched}")
    if any(same(right.round(digits)) for digits in range(1, 6)):
        retry(f"`after`の値が丸められています。{untouched}")
    if same(100 * right):
        retry(f"`after`が百分率になっています。{untouched}")
    if np.abs(np.sort(given) - np.sort(right)).max() <= 1e-6:
        retry(f"`after`の並びが、便の並びと違います。{untouched}")
    retry(f"`after`が、戻した後の予測ではありません。付け替えた後の{untouched}")


@check.judge(4)
def _(safe_version, after, *, model_name, tonight):
    aliases = aliases_of(model_name)
    if isinstance(safe_version.value, float) and 0 < safe_version.value < 1:
        retry("`safe_version`が、AUCのような小数です。バージョン番号のほうを入れます。")
    chosen, best = model_version(safe_version), best_before(model_name, 3)
    if chosen == 3:
        retry("`safe_version`が、止めるバージョンです。それより前のバージョンから選びます。")
    if chosen != best:
        retry("`safe_version`が合いません。バージョン3より前のバージョンのAUCを、`holdout_auc`で比べてください。")
    if aliases.get("production") != best:
        retry(f"{pointed(aliases, 'production')}`safe_version`に付け替えます。")
    if after.value is None:
        retry(
            "`after`が`None`です。`report`は表示するだけなので、`predict_tonight`の結果を入れます。"
        )
    if isinstance(after.value, int | float | np.number):
        retry("`after`が1つの数です。合計せずに、便ごとの予測のまま入れます。")
    rows = trips(300, 11)
    right = predicted(model_name, best, rows)
    given = np.array(sequence(after, len(right), number))
    kept = isinstance(tonight, pd.DataFrame) and set(rows.columns) <= set(tonight.columns)
    if np.abs(given - right).max() > 1e-6 and not (
        kept and tonight[list(rows.columns)].reset_index(drop=True).equals(rows)
    ):
        retry(
            "授業の`tonight`の中身が変わっています。"
            "`tonight`を作るセルを実行し直し、`after`も入れ直してください。"
        )
    others = [predicted(model_name, version, rows) for version in (1, 2, 3) if version != best]
    compare_predictions(given, right, others)
    return "戻す先も、番号の近さではなく点数で選びました。"
