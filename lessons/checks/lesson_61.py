"""レッスン61の答えを判定する。"""

import functools

import churn_steps
import churn_trace
import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype
from sklearn.linear_model import LogisticRegression

from checks import Exercises, flag, function, mapping, near, number, retry, sequence, text, word

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

AUGUST, SEPTEMBER = (pd.Timestamp(f"2026-{month}-01").date() for month in ("08", "09"))
PEOPLE = [101, 102, 103, 104, 105]
NEWEST = 9  # いまの表のバージョン。105の行は、もう無い
TABLES = (3, 4, 5, NEWEST)


def made_up_rows(seed, people):
    """特徴量の列を持つ、作り物の行。"""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(rng.integers(0, 9, (len(people), len(churn_steps.NUMERIC))).astype(float))
    rows.columns = churn_steps.NUMERIC
    for name in churn_steps.CATEGORICAL:
        rows[name] = rng.choice(["ア", "イ"], len(people))
    return rows.assign(customer_id=people)


@functools.cache
def models():
    """3つのモデル。番号 → 学習済みのパイプライン。"""
    found = {}
    for version in ("1", "2", "3"):
        rows = made_up_rows(int(version), list(range(80)))
        answers = np.random.default_rng(int(version)).integers(0, 2, 80)
        pipeline = churn_steps.make_model(LogisticRegression(max_iter=1000))
        found[version] = pipeline.fit(rows[churn_steps.FEATURES], answers)
    return found


def load_model(model_version):
    return models()[str(model_version)]


def read_features(table_version, month):
    """どのバージョンのどの月にも、値の違う行がある。"""
    if int(table_version) not in TABLES:
        raise ValueError("その番号のバージョンはありません")
    when = pd.Timestamp(month).date()
    people = [one for one in PEOPLE if (table_version, one) != (NEWEST, 105)]
    rows = made_up_rows(100 * int(table_version) + when.month, people)
    return rows.assign(month=when)[["customer_id", "month", *churn_steps.FEATURES]]


# 顧客、月、モデル、表、予測した時刻。行の順は、時刻の順ではない。
MADE = [
    (102, SEPTEMBER, "2", 4, "2026-10-01 06:00"),
    (101, AUGUST, "1", 3, "2026-09-01 06:00"),
    (103, SEPTEMBER, "1", 5, "2026-10-01 12:30"),
    (103, SEPTEMBER, "2", 4, "2026-10-01 06:00"),
    (102, AUGUST, "1", 3, "2026-09-01 06:00"),
    (105, SEPTEMBER, "2", 4, "2026-10-01 06:00"),
    (103, AUGUST, "1", 3, "2026-09-01 06:00"),
]
ALTERED = 105  # 予測の行の確率が、後から書き換えられている


@functools.cache
def predictions():
    rows = []
    for person, month, model, table, made_at in MADE:
        p = probability(person, month, model, table) * (0.5 if person == ALTERED else 1)
        rows.append((person, month, p, model, table, pd.Timestamp(made_at)))
    columns = ["customer_id", "month", "probability", "model_version", "table_version", "made_at"]
    return pd.DataFrame(rows, columns=columns)


def probability(person, month, model, table, column=1):
    rows = read_features(table, month)
    one = rows[rows["customer_id"] == person]
    if one.empty:
        return np.nan
    return load_model(model).predict_proba(one[churn_steps.FEATURES])[0, column]


CALLS = [
    ("9月の電話", 101, "2026-09-02 10:00"),
    ("10月の電話", 102, "2026-10-02 10:00"),
    ("10月の予測より前の電話", 102, "2026-09-20 10:00"),
    ("モデルを戻す前の、午前の電話", 103, "2026-10-01 10:00"),
    ("モデルを戻した後の、午後の電話", 103, "2026-10-01 15:00"),
    ("予測とちょうど同じ時刻の電話", 103, "2026-10-01 12:30"),
    ("予測したことのない人", 104, "2026-10-02 10:00"),
    ("予測の前の電話", 105, "2026-09-30 10:00"),
    ("予測の行が書き換えられた人", ALTERED, "2026-10-02 10:00"),
]
KEYS = ["month", "model_version", "table_version", "stored", "rebuilt"]


@check.judge(1)
def _(explain):
    names = ["predictions", "customer_id", "at", "read_features", "load_model"]
    run = function(explain, names)
    for said, person, at in CALLS:
        materials = (predictions(), person, pd.Timestamp(at), read_features, load_model)
        right = churn_trace.explain(*materials)
        answer = run(*materials, said=f"explain（{said}）")
        if right is None:
            if answer.value is not None:
                retry(f"{said}には、電話までに作った予測がありません。`None`を返します。")
            continue
        if answer.value is None:
            retry(f"{said}で`None`が返りました。電話までに作った予測の行があります。")
        given = mapping(answer, KEYS)
        compare_row(said, given, right, person, at)
        compare_rebuilt(said, number(given["rebuilt"]), right, person)
    return "どの電話も、その時に使っていた表とモデルから作り直せます。"


def compare_row(said, given, right, person, at):
    """選んだ予測の行が違えば、どの行を選んだかを言って退ける。"""
    stored = number(given["stored"])
    month = pd.Timestamp(given["month"].value)
    same = (
        near(stored, right["stored"], 1e-9)
        and str(given["model_version"].value) == right["model_version"]
        and number(given["table_version"]) == right["table_version"]
        and month == pd.Timestamp(right["month"])
    )
    if same:
        return
    mine = predictions()[predictions()["customer_id"] == person].sort_values("made_at")
    late = mine[mine["made_at"] > pd.Timestamp(at)]["probability"]
    if any(near(stored, value, 1e-9) for value in late):
        retry(f"{said}で、電話の後に作った予測を選んでいます。`at`までの行に絞ります。")
    if near(stored, right["stored"], 1e-9):
        retry(
            f"{said}の`month`か番号が、選んだ予測の行と違います。"
            "いまの番号ではなく、行にある値を返します。"
        )
    if any(near(stored, value, 1e-9) for value in mine["probability"]):
        retry(f"{said}で、古い予測を選んでいます。電話までの中で、いちばん新しい行を選びます。")
    retry(f"{said}の`stored`が、その人の予測の行の確率と違います。顧客番号で絞っていますか。")


def compare_rebuilt(said, rebuilt, right, person):
    """計算し直した値が違えば、何で計算したかを言って退ける。"""
    if near(rebuilt, right["rebuilt"], 1e-9):
        return
    month, model, table = right["month"], right["model_version"], right["table_version"]
    other = AUGUST if month == SEPTEMBER else SEPTEMBER
    causes = [
        (right["stored"], "記録をそのまま返しています。表とモデルから計算し直すと、記録の誤りも見つかります。"),
        (probability(person, month, model, table, 0), "続ける確率になっています。解約の確率は、2列目です。"),
        *((probability(person, when, one, other_table), "違うバージョンの表で計算しています。行の`table_version`の表を読みます。")
          for other_table in TABLES if other_table != table
          for when in (month, other) for one in ("1", "2", "3")),
        *((probability(person, month, one, table), "違うモデルで計算しています。行の`model_version`のモデルを読みます。")
          for one in ("1", "2", "3")),
        (probability(person, other, model, table), "違う月の行で計算しています。行の`month`の表を読みます。"),
        *((probability(one, month, model, table), "別の人の行で計算しています。その月の全員から、1人の行を選びます。")
          for one in PEOPLE if one != person),
    ]  # fmt: skip
    for value, cause in causes:
        if near(rebuilt, value, 1e-9):
            retry(f"{said}の`rebuilt`が違います。{cause}")
    retry(
        f"{said}の`rebuilt`が違います。"
        "行の`table_version`と`month`の表から1人の行を選び、行の`model_version`のモデルに渡します。"
    )


# --- 練習2 --------------------------------------------------------------------

COLUMNS = ["number", "at", "who", "what", "why"]
ROW = {"at": "2026-10-01 06:00", "who": "予測ジョブ", "what": "予測（表2）", "why": "毎月の一覧"}


def feed(*events):
    """``(番号, 種類, バージョン, 変えた列)`` から作る変更データフィード。行は、混ぜた順に並ぶ。"""
    rows = [
        {"number": n, **ROW, **values, "_change_type": kind, "_commit_version": version}
        for n, kind, version, values in events
    ]
    order = np.random.default_rng(0).permutation(len(rows))
    return pd.DataFrame([rows[place] for place in order])


def update(number, version, before, after):
    return (
        (number, "update_preimage", version, before),
        (number, "update_postimage", version, after),
    )


FIRST = [(n, "insert", 1, {}) for n in (1, 2, 3, 4)]
FIX, BACK = {"what": "予測（表3）"}, {}
FEEDS = [
    ("足しただけの表", [*FIRST, (5, "insert", 3, {})], {}),
    ("2が直された表", [*FIRST, *update(2, 3, {}, FIX)], {2: "書き換え"}),
    ("4が消された表", [*FIRST, (4, "delete", 3, {})], {4: "削除"}),
    ("同じ値で上書きした表", [*FIRST, *update(1, 3, {}, {})], {}),
    ("理由だけが直された表", [*FIRST, *update(3, 3, {}, {"why": "臨時"})], {3: "書き換え"}),
    ("時刻だけが直された表", [*FIRST, *update(3, 3, {}, {"at": "2026-10-02 06:00"})], {3: "書き換え"}),
    ("人だけが直された表", [*FIRST, *update(3, 3, {}, {"who": "データ係"})], {3: "書き換え"}),
    ("直して、元に戻した表", [*FIRST, *update(2, 3, {}, FIX), *update(2, 5, FIX, BACK)], {2: "書き換え"}),
    ("2度目の上書きだけが同じ値の表",
     [*FIRST, *update(2, 3, {}, FIX), *update(2, 5, FIX, FIX)], {2: "書き換え"}),
    ("1度目の上書きだけが同じ値の表",
     [*FIRST, *update(2, 3, {}, {}), *update(2, 5, {}, FIX)], {2: "書き換え"}),
    ("直してから消した表", [*FIRST, *update(2, 3, {}, FIX), (2, "delete", 5, FIX)], {2: "削除"}),
    ("消した番号を、後で足し直した表",
     [*FIRST, (4, "delete", 3, {}), (4, "insert", 5, FIX)], {4: "削除"}),
    ("足し直した番号を、また直した表",
     [*FIRST, (4, "delete", 3, {}), (4, "insert", 5, {}), *update(4, 6, {}, FIX)], {4: "削除"}),
    ("空の理由のまま、同じ値で上書きした表",
     [*FIRST, *update(1, 3, {"why": None}, {"why": None})], {}),
    ("理由が空にされた表", [*FIRST, *update(3, 3, {}, {"why": None})], {3: "書き換え"}),
    ("いくつも変わった表",
     [*FIRST, *update(1, 3, {}, FIX), *update(3, 3, {}, {}), (4, "delete", 4, {})],
     {1: "書き換え", 4: "削除"}),
]  # fmt: skip


def hint_of(said):
    """値の変わった番号を見逃した時に、次に見る所。"""
    if "だけが直された" in said:
        return "比べる列に、5列が全部入っていますか。"
    if "元に戻した" in said:
        return "初めと最後だけでなく、操作の1つずつで、直す前と後を比べます。"
    if "度目" in said:
        return "同じ番号が何度も変わることがあります。番号と`_commit_version`の両方で、前と後を組にします。"
    if "空にされた" in said:
        return "値が`None`になったことも、書き換えです。"
    return "`update_preimage`と`update_postimage`の値を比べます。"


@check.judge(2)
def _(tampered):
    run = function(tampered, ["changes"])
    for said, events, right in FEEDS:
        answer = run(feed(*events), said=f"tampered（{said}）")
        found = mapping(answer, of=lambda one: word(one, ("書き換え", "削除")))
        given = {int(float(key)): kind for key, kind in found.items()}
        if given == right:
            continue
        missed = [n for n in right if n not in given]
        extra = [n for n in given if n not in right]
        if extra and not right and "空の理由" in said:
            retry(
                f"{said}で、値の変わらない行が入っています。"
                "pandasの`!=`は、空の値どうしを、違う値とみなします。"
            )
        if extra and not right and "同じ値" in said:
            retry(f"{said}で、値の変わらない行が入っています。直す前と後の5列を比べます。")
        if extra:
            retry(
                f"{said}で、変わっていない番号{extra[0]}が入っています。"
                "足した行か、同じ値で上書きしただけの行です。"
            )
        if missed:
            gone = right[missed[0]] == "削除"
            kind, hint = (
                (
                    "消された",
                    "`delete`の行を見ます。後で足し直されていても、消されたことは変わりません。",
                )
                if gone
                else ("値の変わった", hint_of(said))
            )
            retry(f"{said}で、{kind}番号{missed[0]}が入っていません。{hint}")
        wrong = next(n for n in right if given[n] != right[n])
        retry(
            f"{said}で、番号{wrong}が「{given[wrong]}」です。"
            "`delete`が1度でもあれば「削除」で、前や後の書き換えでは変わりません。"
        )
    return "行の数が同じでも、書き換えも削除も見つけられます。"


# --- 練習3 --------------------------------------------------------------------

IDS = {
    "features": "customer_id", "calls": "user_id", "survey": "member", "copy": "customer_id",
    "report": "id", "empty": "user_id", "orders": "buyer",
}  # fmt: skip


def kept(name, *versions):
    return [pd.DataFrame({IDS[name]: list(people), "値": 1.0}) for people in versions]


STORES = {
    "features": kept("features", [100729, 100730], [100729, 100730, 100731], [100730, 100731]),
    "calls": kept("calls", ["100729", "101200"], ["100729", "101200", "101201"]),
    "survey": kept("survey", ["100729"], ["100729", "100740"], ["100740"], ["100740", "101141"]),
    "copy": kept("copy", [100729, 101300]),
    "report": kept("report", [100730], [100731]),
    "empty": kept("empty", ["100730"], []),
    "orders": kept("orders", ["1007290"], ["1007290", "2100729"]),  # 番号の一部だけが同じ人
}
PERSONS = [100729, 100730, 100731, 100740, 101300, 999999]


def holding(person):
    """（今も残る表、前のバージョンにだけ残る表）。"""
    found = {
        name: [str(person) in set(version[IDS[name]].astype(str)) for version in versions]
        for name, versions in STORES.items()
    }
    now = {name for name, seen in found.items() if seen[-1]}
    return now, {name for name, seen in found.items() if any(seen) and not seen[-1]}


def similar(name, person):
    """表 ``name`` の、``person`` を一部に含む、ほかの番号。"""
    numbers = {str(one) for version in STORES[name] for one in version[IDS[name]]}
    return {one for one in numbers if str(person) in one and one != str(person)}


@check.judge(3)
def _(find_person):
    run = function(find_person, ["stores", "ids", "customer_id"])
    for person in PERSONS:
        answer = run(STORES, IDS, person, said=f"find_person（{person}）")
        form = "`(今も残る表, 前のバージョンにだけ残る表)`の、集合2つの組"
        given = [
            set(sequence(part, of=text, ordered=False, empty=True, form="名前の集合"))
            for part in sequence(answer, 2, form=form)
        ]
        for place, mine, right in zip(
            ("今も残る表", "前だけの表"), given, holding(person), strict=True
        ):
            if mine == right:
                continue
            both = given[0] & given[1]
            if both:
                retry(
                    f"{person}で、`{min(both)}`が両方に入っています。今も残る表は、1つ目だけに入れます。"
                )
            if lost := right - mine:
                kind = (
                    "整数" if is_numeric_dtype(STORES[min(lost)][0][IDS[min(lost)]]) else "文字列"
                )
                retry(
                    f"{person}の{place}に、`{min(lost)}`が入っていません。"
                    f"番号の列は`{IDS[min(lost)]}`で、値は{kind}です。"
                    + (
                        "いまの表は、リストの最後です。"
                        if place == "今も残る表"
                        else "前のバージョンも、すべて見ていますか。"
                    )
                )
            extra = min(mine - right)
            if parts := sorted(similar(extra, person)):
                retry(
                    f"{person}の{place}に、`{extra}`が入っています。"
                    f"この表には、番号の一部が同じ{parts[0]}の人がいます。番号の全体で比べます。"
                )
            retry(f"{person}の{place}に、`{extra}`が入っています。いまの表は、リストの最後です。")
    return "列の名前が違っても、前のバージョンでも、見つけられます。"


# --- 練習4 --------------------------------------------------------------------


def can_answer(case):
    readable = case["聞かれた日"] <= min(case["ファイルの保持"], case["履歴の保持"])
    return bool(readable or case["その後の行"] == "そのまま" or case["コピー"] == "あり")


def reason(case):
    """見直す時に、次に見る列。"""
    if not can_answer(case):
        kept = ("ファイルの保持", "履歴の保持")
        past = next(column for column in kept if case["聞かれた日"] > case[column])
        return f"「聞かれた日」と「{past}」を比べてください。過ぎていれば、ほかに読む所を探します。"
    if case["コピー"] == "あり":
        return "「コピー」の列も見てください。前のバージョンのほかに、読む所はありませんか。"
    if case["その後の行"] == "そのまま":
        return "「その後の行」の列も見てください。いまの表には、どの値がありますか。"
    return "「聞かれた日」を、2つの保持期間の両方と比べてください。"


@check.judge(4)
def _(answerable, *, cases):
    for name, given in mapping(answerable, list(cases.index), of=flag).items():
        if given != can_answer(cases.loc[name]):
            retry(f"会社{name}を見直してください。{reason(cases.loc[name])}")
    return "前のバージョンに頼れるのは、短い間だけです。長く残す行は、設計で決めます。"
