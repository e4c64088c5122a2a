"""レッスン22の答えを判定する。"""

import contextlib
from collections.abc import Iterator
from typing import Any

from checks import Answer, Exercises, flag, function, mapping, number, retry, text, word
from checks.answers import Retry
from checks.functions import Function
from checks.values import plain

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

STAGES = ["這う前", "這う", "歩く", "走る"]
OTHER_WORDS = {
    "はう前": "這う前",
    "はうまえ": "這う前",
    "はう": "這う",
    "crawl": "這う",
    "あるく": "歩く",
    "walk": "歩く",
    "はしる": "走る",
    "run": "走る",
}
LOOK = "段階の表の「すること」に、下の段階から順に当てはめてください。"
TEAMS = {
    "A": ("這う前", "這う段階の3つのうち、しているものを数えてください。"),
    "B": ("這う", "這う段階の3つと、歩く段階の3つを、文の中に1つずつ探してください。"),
    "C": ("歩く", "続けていることと、自動に替えたことの両方を数えてください。"),
    "D": ("這う前", "上の仕組みがあっても、下の段階に欠けたものがないか見てください。"),
    "E": ("走る", "Cのしていることに、何が加わったかを見てください。"),
    "F": ("這う", "歩く段階の3つのうち、まだ無いものを探してください。"),
}


@check.judge(1)
def _(stages):
    chosen = mapping(stages, list(TEAMS), lambda part: word(part, STAGES, OTHER_WORDS))
    wrong = [team for team, (stage, _) in TEAMS.items() if chosen[team] != stage]
    if wrong:
        retry(f"合わないチームが{len(wrong)}つあります。{LOOK}`{wrong[0]}`は、{TEAMS[wrong[0]][1]}")
    return "進んだ仕組みの数ではなく、下から順にそろった所が、いまの段階です。"


# --- 練習2 --------------------------------------------------------------------

# 授業の問いの名前と文。下の段階から順に並べる。
STEPS = {
    "record": "学習の条件と成績が、MLflowに残っている",
    "deploy": "どのバージョンのモデルが使われているかを、全員が言える",
    "monitor": "見込みと実際を、決まった日に比べている",
    "ci_cd": "コードを直すと、テストとデプロイが自動で進む",
    "model_test": "点数の足りないモデルは、自動で止まる",
    "ab_test": "新しいモデルの効果を、分けて比べている",
    "retrain": "再学習が、決めた条件で自動に始まる",
    "realtime": "入力と予測を、その日のうちに見張っている",
    "rollback": "悪くなったら、自動で前のバージョンに戻る",
}
KEEP = "いまの仕組みを保つ"


def team(*missing: str) -> dict[str, bool]:
    """``missing`` のほかは、すべて「はい」のチーム。"""
    return {key: key not in missing for key in STEPS}


CRAWLING = team(*list(STEPS)[3:])
# チームの説明、チームの答え。
ANSWERS = (
    ("這う段階がそろったチーム", CRAWLING),
    ("まだ何もしていないチーム", team(*STEPS)),
    ("記録だけが欠けたチーム", team("record")),
    ("モデルのテストだけが欠けたチーム", team("model_test")),
    ("走る段階の途中のチーム", team("realtime", "rollback")),
    ("すべてそろったチーム", team()),
)
# かける時間、毎月節約できる時間、取り戻すまでの月数。
ESTIMATES = (
    (80, 11, 8),
    (80, 8, 10),
    (22, 5, 5),
    (7.5, 2.5, 3),
    (10, 1, 10),
    (3, 0.25, 12),
    (3, 11, 1),
    (60, 5, 12),
    (61, 5, 13),
    (1201, 100, 13),
    (500, 10, 50),
    (0, 5, 0),
    (80, 0, None),
    (80, -2, None),
    (80, -0.5, None),
)


@check.judge(2)
def _(make_plan):
    make = function(make_plan, ["team", "build", "saved"])
    for case, answers in ANSWERS:
        reply = make(answers, 80, 11, said=f"make_plan（{case}, 80, 11）")
        with told(f"「{case}」を渡した"):
            _check_untouched(make, answers)
            _check_step(plan_of(reply)["step"], answers)
    for build, saved, right in ESTIMATES:
        reply = make(CRAWLING, build, saved, said=f"make_plan(…, {build}, {saved})")
        with told(f"`build`が{build}、`saved`が{saved}の"):
            _check_untouched(make, CRAWLING)
            given = plan_of(reply)
            _check_months(given["payback_months"], right)
            if flag(given["start"]) != (right is not None and right <= 12):
                retry("`start`が合いません。12か月以下かどうかと、取り戻せるかで決めます。")
            _check_step(given["step"], CRAWLING)
    return "「始める」か「見送る」かを、言葉と数字で決められるようになりました。"


@contextlib.contextmanager
def told(case: str) -> Iterator[None]:
    """退ける文の初めに、どの場合のことかを付ける。"""
    try:
        yield
    except Retry as reason:
        retry(f"{case}とき、{reason}")


def _check_untouched(make: Function, answers: dict[str, bool]) -> None:
    if {**make.received[0], **answers} != make.received[0]:
        retry("渡された`team`の中身が書き換わります。`team`は読むだけにします。")


def plan_of(reply: Answer) -> dict[str, Answer]:
    """計画の3つの項目。文言では、項目の名前で呼ぶ。"""
    if reply.value is None:
        retry("`make_plan`が`None`を返します。`return`の行が、この場合にも動くか見てください。")
    parts = mapping(Answer("make_plan(…)", reply.value), ["step", "payback_months", "start"])
    return {key: Answer(key, part.value) for key, part in parts.items()}


def _check_step(answer: Answer, answers: dict[str, bool]) -> None:
    if isinstance(answer.value, tuple):
        retry("`step`が組のままです。`diagnose`の返す2つの値から、問いの文のほうを入れます。")
    given = plain(text(answer))
    if given in map(plain, STEPS):
        retry("`step`が、問いの名前です。「はい」か「いいえ」で答える文のほうを入れます。")
    if given in map(plain, STAGES):
        retry("`step`が、段階の名前です。`diagnose`の返す、もう1つの値を入れます。")
    right = plain(next((STEPS[key] for key, yes in answers.items() if not yes), KEEP))
    if given == f"{right}。":
        retry(
            "`step`の文の終わりに「。」が足されています。`diagnose`の返す文を、そのまま入れます。"
        )
    if given != right:
        retry(
            "`step`が合いません。どの場合も、渡された`team`を`diagnose`に渡した結果を入れていますか。"
            "`QUESTIONS`や`diagnose`を書き換えたのなら、そのセルから実行し直します。"
        )


def _check_months(answer: Answer, right: int | None) -> None:
    value: Any = answer.value
    if right is None:
        if value is not None:
            retry("何か月たっても取り戻せません。`payback_months`を`None`にします。")
        return
    if value is None:
        retry("`payback_months`が`None`です。`saved`が0より大きければ、取り戻せます。")
    months = number(answer)
    if months != int(months):
        retry("`payback_months`が小数です。切り上げた整数にします。")
    if right == 0 and months != 0:
        retry("`payback_months`が0ではありません。取り戻す時間が無いので、初めから0か月です。")
    if months == right - 1:
        retry("`payback_months`が1か月足りません。端数は切り上げます。")
    if months == right + 1:
        retry("`payback_months`が1か月多いです。割り切れる時は、足しません。")
    if months != right:
        retry(
            "`payback_months`が合いません。渡された`build`と`saved`で計算していますか。"
            "毎月`saved`時間ずつ取り戻すと、合計が`build`に届くのは何か月目ですか。"
        )
