"""レッスン22の答えを判定する。"""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from checks import Answer, Exercises, flag, function, mapping, number, retry, word
from checks.values import unwrapped

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

TEST, CI_CD, RETRAIN = "自動テスト", "CI/CD", "自動再学習"
OTHER_NAMES = {"モデルの自動テスト": TEST, "CICD": CI_CD, "自動の再学習": RETRAIN}
# 候補 → (作る時間, いま1つだけ作った時に毎月節約できる時間)
ESTIMATES = {TEST: (20, 4), CI_CD: (80, 10), RETRAIN: (30, 10 - 12)}
NAIVE = 30 / 10  # 確かめる時間を入れ忘れた、自動再学習の月数


@check.judge(1)
def _(months, first):
    given = mapping(months, list(ESTIMATES))
    for name, (build, saved) in ESTIMATES.items():
        _check_months(given[name], name, build, saved)
    chosen = word(first, list(ESTIMATES), OTHER_NAMES)
    if chosen == RETRAIN:
        retry("`first`が、作っても時間の減らない候補です。`months`の`None`の意味を見てください。")
    if chosen != TEST:
        retry("`first`より早く取り戻せる候補があります。`months`の3つを比べてください。")
    return (
        "自動テストができれば、人が確かめる12時間が不要になり、"
        "次の自動再学習は見積もりどおりに取り戻せます。下の段階は、上の段階の見積もりも変えます。"
    )


def _check_months(answer: Answer, name: str, build: float, saved: float) -> None:
    value = unwrapped(answer)
    empty = value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
    if saved <= 0:
        if empty:
            return
        if number(answer) == NAIVE:
            retry(
                f"{answer}に、できたモデルを人が確かめる時間が入っていません。"
                "自動テストが無いまま作ると、毎月の時間は、合わせて何時間減りますか。それとも増えますか。"
            )
        retry(f"{answer}は、何か月たっても取り戻せません。毎月の時間が増えるか減るかを見ます。")
    if empty:
        retry(f"{answer}が`None`です。毎月節約できる時間があるので、いつかは取り戻せます。")
    if number(answer) != math.ceil(build / saved):
        retry(f"{answer}が合いません。作る時間を、毎月節約できる時間で割ります。")


# --- 練習2 --------------------------------------------------------------------


class Fixed:
    """行の名前ごとに、決まった確率を返すモデルの代わり。"""

    def __init__(self, chances: pd.Series) -> None:
        self.chances = chances

    def predict_proba(self, table: pd.DataFrame) -> np.ndarray:
        """続く確率と、解約する確率の2列。"""
        chance = self.chances.loc[table.index].to_numpy()
        return np.column_stack([1 - chance, chance])

    def predict(self, table: pd.DataFrame) -> np.ndarray:
        """確率が5割を超えれば1。"""
        return (self.predict_proba(table)[:, 1] > 0.5).astype(int)


def table_of(count: int, first: int = 0) -> pd.DataFrame:
    """``count`` 行の、行の名前が ``first`` から7つおきの表。"""
    index = pd.Index(range(first, first + 7 * count, 7))
    return pd.DataFrame({"orders": [float(n % 5) for n in range(count)]}, index=index)


def ranked(table: pd.DataFrame, order: Iterable[int]) -> Fixed:
    """``order`` は、確率の高い順に並べた行の番号。"""
    order = list(order)
    levels = np.linspace(0.95, 0.01, len(order))
    return Fixed(pd.Series(levels, index=table.index[order]).reindex(table.index))


def swapped(count: int, moved: int) -> list[int]:
    """上の100人のうち、後ろの ``moved`` 人を、101人目からの人と入れ替えた順。"""
    order = list(range(count))
    for step in range(moved):
        order[99 - step], order[100 + step] = order[100 + step], order[99 - step]
    return order


SMALL, LARGE, NAMED = table_of(250), table_of(900), table_of(300, first=5000)
STRAIGHT, BACKWARD = list(range(250)), list(range(99, -1, -1)) + list(range(100, 250))
# 低いほうの100人はまったく違い、高いほうの100人は同じ
LOW_DIFFERS = list(range(100)) + list(range(899, 99, -1))
# 低いほうの100人は同じで、高いほうの100人は違う
HIGH_DIFFERS = list(range(100, 800)) + list(range(100)) + list(range(800, 900))
# 上の30人が抜けて70人が残る。残る人の中に、候補の100位と、前の100位の人がいる
TOP_GONE = [*range(100, 130), *range(30, 100), *range(30), *range(130, 900)]
# 場合の説明、表、候補の順、前の順、正しい答え、合わない時に見る所
CASES = (
    ("同じ順に並べるモデル", SMALL, STRAIGHT, STRAIGHT, True, "2つの100人の選び方"),
    ("上の100人の中で順番だけが逆のモデル", SMALL, BACKWARD, STRAIGHT, True, "順番ではなく、顔ぶれを比べているか"),
    ("確率の高い100人がすべて入れ替わるモデル", LARGE, HIGH_DIFFERS, range(900), False, "確率の高いほうから選んでいるかと、確率の列"),
    ("確率の低い人だけが入れ替わるモデル", LARGE, LOW_DIFFERS, range(900), True, "確率の高いほうから選んでいるかと、確率の列"),
    ("30人が入れ替わるモデル", LARGE, swapped(900, 30), range(900), True, "70人の境目"),
    ("31人が入れ替わるモデル", LARGE, swapped(900, 31), range(900), False, "70人の境目と、100人の数"),
    ("29人が入れ替わるモデル", LARGE, swapped(900, 29), range(900), True, "70人の境目"),
    ("行の名前が5000から始まる表の、30人が入れ替わるモデル", NAMED, swapped(300, 30), range(300), True, "行の番号か名前の、どちらかにそろえているか"),
    ("行の名前が5000から始まる表の、31人が入れ替わるモデル", NAMED, swapped(300, 31), range(300), False, "行の番号か名前の、どちらかにそろえているか"),
    ("上の30人が抜けるモデル", LARGE, TOP_GONE, range(900), True, "選ぶ人数"),
    ("60人が入れ替わるモデル", SMALL, swapped(250, 60), STRAIGHT, False, "70人の境目と、比べる向き"),
)  # fmt: skip


@check.judge(2)
def _(same_people):
    same = function(same_people, ["candidate", "before", "table"])
    for case, table, candidate, before, right, hint in CASES:
        reply = same(
            ranked(table, candidate), ranked(table, before), table, said=f"same_people（{case}）"
        )
        if reply.value is None:
            retry(
                "`same_people`が`None`を返します。`return`で`True`か`False`を返しているか見てください。"
            )
        if isinstance(unwrapped(reply), int | float) and not isinstance(unwrapped(reply), bool):
            retry("`same_people`が数を返します。70人以上かどうかを、`True`か`False`で返します。")
        if flag(Answer("same_people(…)", reply.value)) != right:
            retry(f"「{case}」を渡したときの返事が合いません。{hint}を見てください。")
        if not same.received[2].equals(table):
            retry("渡された`table`の中身が書き換わります。列を足すときは`assign`を使います。")
    return "平均が同じでも、電話の相手が入れ替わるモデルを止められます。"
