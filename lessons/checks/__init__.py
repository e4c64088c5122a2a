"""練習の答えを判定する言葉。

授業ごとの判定は ``lesson_NN.py`` にあり、どれもここの言葉だけで書く::

    from checks import Exercises, near, number, retry

    check = Exercises()

    @check.judge(1)
    def _(churn_rate, *, customers):
        rate = share(churn_rate)
        if not near(rate, customers["churned"].mean(), 0.001):
            retry("割合が合いません。分母に、解約していない顧客も入っていますか。")
        return "顧客の8人に1人が解約しています。"

判定する関数の引数の名前が、ノートブックの変数の名前になる。
``*`` の前は読み手の答え（``Answer`` に包まれて渡る）、後は授業が用意した材料（そのまま渡る）である。
退ける時は ``retry``、受け入れる時は「正解」の後に続ける文を返す。
"""

from checks.answers import Answer, retry, unanswered
from checks.errors import explain
from checks.exercises import Exercises, Summary, Verdict
from checks.functions import Function, function
from checks.models import estimator, fitted, model_version, run, steps, untracked
from checks.tables import numeric, plan, same_rows, table
from checks.values import (
    day,
    flag,
    mapping,
    month,
    near,
    number,
    pairs,
    rounds_to,
    sequence,
    share,
    text,
    whole,
    word,
    words,
    yen,
)

__all__ = [
    "Answer",
    "Exercises",
    "Function",
    "Summary",
    "Verdict",
    "day",
    "estimator",
    "explain",
    "fitted",
    "flag",
    "function",
    "mapping",
    "model_version",
    "month",
    "near",
    "number",
    "numeric",
    "pairs",
    "plan",
    "retry",
    "rounds_to",
    "run",
    "same_rows",
    "sequence",
    "share",
    "steps",
    "table",
    "text",
    "unanswered",
    "untracked",
    "whole",
    "word",
    "words",
    "yen",
]
