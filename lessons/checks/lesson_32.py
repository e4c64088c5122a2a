"""レッスン32の答えを判定する。

正しい値は、授業の変数ではなく、元の表を作り直して求める。
読み手が表や変数を書き換えていても、判定は変わらない。
"""

import math
from functools import cache
from itertools import pairwise

import churn
import pandas as pd

from checks import (
    Answer,
    Exercises,
    day,
    mapping,
    month,
    near,
    number,
    numeric,
    retry,
    sequence,
    table,
    whole,
    word,
    words,
)
from checks.answers import Retry, shown

check = Exercises()

BANNED_PERSON = {"name", "email", "phone"}
BANNED_LATER = {"retention_coupon", "cancelled_at"}
UNDECIDED = {"birth_year"}
IDS = {"customer_id", "contract_id"}
USES = ["訓練", "検証", "テスト", "予測"]


@check.judge(1)
def _(found):
    given = mapping(found)
    columns = {name: list(_hidamari()[name].columns) for name in ("usage_monthly", "contracts")}
    names = list(dict.fromkeys([*columns, *sum(columns.values(), [])]))
    also = {f"{name}.{column}": column for name in columns for column in columns[name]}
    traps = {}
    for key, part in given.items():
        try:
            place = word(Answer("", key), names, also)
        except Retry:
            retry(
                f"{shown(key)}は、表の名前でも列の名前でもありません。見つけた場所の名前で書きます。"
            )
        traps.setdefault(_trap(place, key, whole(part)), []).append(key)
    doubled = next((keys for keys in traps.values() if len(keys) > 1), None)
    if doubled:
        first, second = (shown(key) for key in doubled[:2])
        retry(f"{first}と{second}は、同じ1つの変な所です。別の所も探してください。")
    if len(traps) < 3:
        retry(f"ここまでの{len(traps)}つは合っています。あと{3 - len(traps)}つ探してください。")
    rest = "" if len(traps) == 5 else "まだほかにもあるので、先を読みながら探してください。"
    return f"変な所が{len(traps)}つ見つかりました。{rest}"


def _trap(place, key, count):
    """``place`` で数えた ``count`` が指す変な所の名前。数が合わなければ、数え方を言って退ける。"""
    usage, contracts = _hidamari()["usage_monthly"], _hidamari()["contracts"]
    said = shown(key)
    readable = contracts["monthly_fee"].map(str.isascii)
    left = contracts["cancelled_at"].dropna()
    japan = left + pd.Timedelta(hours=9)
    moved = left.dt.month != japan.dt.month
    night = japan.dt.hour < 9
    coupon, gone = contracts["retention_coupon"], contracts["cancelled_at"].notna()
    copies = usage.duplicated()
    blank = usage["survey_score"].isna()
    traps = {
        "余分な行": (
            ("usage_monthly", "customer_id", "month", "orders", "app_days", "add_on_yen"),
            {copies.sum(), usage.duplicated(keep=False).sum(),
             usage.loc[copies, "customer_id"].nunique()},
        ),
        "数でない月額": (("monthly_fee", "contracts"), {(~readable).sum()}),
        "空の満足度": (("survey_score", "usage_monthly"), {blank.sum(), (blank & ~copies).sum()}),
        "時計のずれ": (
            ("cancelled_at", "contracts"),
            {_left_in(left, 0, "2025-04"), moved.sum(), night.sum(), (night & (japan.dt.day == 1)).sum(),
             abs(_left_in(left, 9, "2026-03") - _left_in(left, 0, "2026-03"))},
        ),
        "できすぎたクーポン": (
            ("retention_coupon", "contracts"),
            {(coupon & gone).sum(), (coupon & ~gone).sum(), (~coupon & gone).sum()},
        ),
    }  # fmt: skip
    for trap, (places, counts) in traps.items():
        if place in places and count in counts:
            return trap
    hints = {
        ("usage_monthly", len(usage)): "全体の行数です。余分な行だけを数えます。",
        ("usage_monthly", (~copies).sum()): "1行にまとめた後の行数です。まとめる前との差を見ます。",
        ("monthly_fee", readable.sum()): "数に直せるほうの契約です。困るのは、直せないほうです。",
        ("monthly_fee", contracts["monthly_fee"].nunique()): "値の種類の数です。契約の数を数えます。",
        ("survey_score", (~blank).sum()): "答えのある行です。困るのは、空のほうです。",
        ("cancelled_at", (~gone).sum()): "契約中の人です。まだ解約していないので、空で正しい値です。",
        ("cancelled_at", _left_in(left, 0, "2026-03")): "書かれたとおりの3月の解約です。食い違いの数か、ありえない行の数にします。",
        ("cancelled_at", gone.sum()): "解約した人の全員です。その時刻に、ありえない値はありませんか。",
        ("retention_coupon", coupon.sum()): "クーポンのある人の全員です。解約した人としていない人に分けます。",
    }  # fmt: skip
    for (where, one), hint in hints.items():
        if count == one and place in (where, "contracts"):
            retry(f"{said}の数は、{hint}")
    retry(f"{said}に、{count:,}と数えられる変な所は見つかりません。何を数えたか見直してください。")


@check.judge(2)
def _(report, *, kokage_settings):
    parts = mapping(report, ["月額の平均", "10月の解約"])
    tables = churn.make_tables(**kokage_settings)
    gap = _check_fee(number(parts["月額の平均"]), tables["contracts"]["monthly_fee"])
    _check_october(whole(parts["10月の解約"]), tables["contracts"]["cancelled_at"].dropna())
    return f"全角の契約を落とすと、平均が{abs(gap):,.1f}円{'低く' if gap < 0 else '高く'}なっていました。"


def _check_fee(fee, written):
    """平均の月額が合わなければ退け、合えば、全角の契約を落とした時のずれを返す。"""
    fees, readable = written.map(int), written.map(str.isascii)
    right = fees.mean()
    if near(fee, right, 0.5):
        return fees[readable].mean() - right
    if near(fee, fees[readable].mean(), 0.999):
        retry(
            "「月額の平均」は、数に直せなかった契約が抜けた値です。"
            "空になった行を数え、どんな文字かを見てください。"
        )
    if near(fee, fees.where(readable, 0).mean(), 0.999):
        retry(
            "「月額の平均」で、数に直せなかった契約を0円としています。"
            "0円の契約はありません。どんな文字かを見てください。"
        )
    if near(fee, fees.sum(), 0.999):
        retry("「月額の平均」が合計のようです。1件あたりの平均にします。")
    if near(fee, fees.median(), 0.999):
        retry("「月額の平均」が中央値のようです。求めるのは平均です。")
    if near(fee, _hidamari()["contracts"]["monthly_fee"].map(int).mean(), 0.999):
        retry("「月額の平均」がひだまり便の値です。こかげ便の表を使います。")
    if fee in {math.ceil(right), *(round(right, -digits) for digits in (1, 2, 3))}:
        retry("「月額の平均」の丸め方が粗いか、切り上げています。丸めずに入れます。")
    retry("「月額の平均」が合いません。800件の契約を、1件も落とさず、0で埋めずに使いましたか。")


def _check_october(count, written):
    """10月に解約した人数が合わなければ退ける。"""
    if count == _left_in(written, 9):
        return
    if count == _left_in(written, 0):
        retry(
            "「10月の解約」を、書かれた時刻のまま数えています。"
            "日本の月の変わり目は、UTCの何時でしたか。"
        )
    if count == _left_in(written, -9):
        retry("「10月の解約」で、時刻を直す向きが逆です。UTCの15時は、日本では翌日の0時でした。")
    if count == len(written):
        retry("「10月の解約」が、解約した人すべての数です。日本の2025年10月だけを数えます。")
    japan = (written + pd.Timedelta(hours=9)).dt.tz_localize(None)
    if count == japan.between("2025-10-01", "2025-10-31").sum():
        retry("「10月の解約」に、31日の人がいません。時刻の範囲を、月の終わりまで広げてください。")
    if count == japan.between("2025-10-01 09:00", "2025-10-31 23:59:59").sum():
        retry("「10月の解約」から、未明の人が抜けています。ここでは、解約した全員を数えます。")
    if count in (_left_in(written, 9, "2025-09"), _left_in(written, 9, "2025-11")):
        retry("「10月の解約」が、隣の月の人数のようです。選んだ月を見てください。")
    if count == _left_in(_hidamari()["contracts"]["cancelled_at"].dropna(), 9):
        retry("「10月の解約」がひだまり便の人数です。こかげ便の表を使います。")
    retry("「10月の解約」が合いません。時差と、選んだ月の始まりと終わりを見てください。")


def _left_in(written, hours, wanted="2025-10"):
    """UTCの時刻を ``hours`` 時間進めたとき、その月に入る件数。"""
    return int(((written + pd.Timedelta(hours=hours)).dt.strftime("%Y-%m") == wanted).sum())


@check.judge(3)
def _(banned, *, kokage_settings):
    tables = churn.make_tables(**kokage_settings)
    columns = {name: list(tables[name].columns) for name in ("customers", "contracts")}
    names = [name for name in dict.fromkeys(sum(columns.values(), [])) if name not in IDS]
    also = {f"{name}.{column}": column for name in columns for column in columns[name]}
    also |= {name: name for name in IDS}
    chosen = words(banned, names, also, "`{…, …}`の形の集合") - IDS
    wanted = BANNED_PERSON | BANNED_LATER | UNDECIDED
    if chosen and not chosen & wanted:
        retry("使ってよい列ばかりのようです。使ってはいけない列を選びます。")
    if BANNED_PERSON - chosen:
        retry("1人に結び付く値の列が、まだ残っています。その値だけで、誰かに行き着く列です。")
    if BANNED_LATER - chosen:
        retry(
            "月末にはまだ決まっていない列が、まだ残っています。"
            "解約の手続きの途中か後で、値が入る列を探してください。"
        )
    if UNDECIDED - chosen:
        retry(
            "会社が決めるまで使わない列が、まだ残っています。"
            "「使ってよい列かを確かめる」の終わりを見てください。"
        )
    surplus = chosen - wanted
    if surplus:
        # 名前を挙げるのは1つの時だけ。すべて挙げると、残りが答えになる。
        what = f"`{min(surplus)}`まで" if len(surplus) == 1 else f"使える列を{len(surplus)}つ"
        retry(
            f"{what}外しています。"
            "契約した時に決まって変わらない値や、多くの人に共通する値は使えます。"
        )
    return "`cancelled_at`は答えを作るためだけに使い、特徴量には入れません。"


@check.judge(4)
def _(add_on):
    columns = list(getattr(add_on.value, "columns", []))
    if "add_on_3m" not in columns and any("OVER (" in str(name) for name in columns):
        retry("合計の列に、まだ名前がありません。`.alias(…)`で`add_on_3m`と名前を付けます。")
    given = table(add_on, ["customer_id", "month", "add_on_3m"], spark=True)
    days = pd.to_datetime(given["month"], errors="coerce")
    given = pd.DataFrame(
        {
            "customer_id": pd.to_numeric(given["customer_id"], errors="coerce"),
            "month": days.dt.to_period("M"),
            "given": numeric(f"{add_on}の列`add_on_3m`", given["add_on_3m"]),
        }
    )
    right = _add_on()
    _check_keys(add_on, given, right)
    if (days.dt.day != 1).any():
        retry("`month`の日が、`usage`と違います。`usage`の`month`を、そのまま残します。")
    both = right.merge(given)
    if both["given"].isna().any():
        retry(
            "合計が空の行があります。"
            "契約したばかりの人は、ある月だけを足します。当月は範囲に入っていますか。"
        )
    wrong = (both["given"] - both["three"]).abs() > 1e-6
    if not wrong.any():
        return "どの行も、その月末までの買い物だけを足しています。"
    for column, message in ADD_ON_MISTAKES.items():
        if (both["given"] - both[column]).abs().max() <= 1e-6:
            retry(message)
    if wrong[both["first"]].any():
        retry(
            "契約した最初の月の行が、その月だけの合計になっていません。"
            "足す列、顧客ごとの分け方、前後の範囲を見てください。"
        )
    retry("合計が合いません。並べる列と、前へ何行さかのぼるかを見てください。")


def _check_keys(add_on, given, right):
    """顧客と月の組が ``usage`` と違えば、違い方を言って退ける。"""
    if given["month"].isna().any():
        retry(
            f"{add_on}の列`month`に、日付として読めない値があります。`usage`の`month`を使います。"
        )
    for column, name in {"month": "月", "customer_id": "顧客の番号"}.items():
        if not given[column].isin(right[column]).all():
            retry(
                f"{add_on}の列`{column}`に、`usage`に無い{name}があります。"
                f"`usage`の`{column}`を、そのまま残します。"
            )
    if given.duplicated(["customer_id", "month"]).any():
        retry(f"{add_on}に、同じ顧客の同じ月の行が2つ以上あります。重複を直した`usage`を使います。")
    keys = right[["customer_id", "month"]]
    if len(given.merge(keys)) < len(given):
        retry(
            f"{add_on}に、`usage`に無い顧客と月の組があります。"
            "ひだまり便の`usage`を使い、番号と月をそのまま残したかを見てください。"
        )
    if len(given) < len(keys):
        retry(
            f"{add_on}は{len(given):,}行で、`usage`より少なくなっています。"
            "`usage`と同じ、1人の1か月が1行の表にします。"
        )


ADD_ON_MISTAKES = {
    "one": "当月の買い物だけになっています。前の2か月も足します。",
    "two": "当月と前の1か月だけを足しています。前へ何行さかのぼるかを見てください。",
    "four": "前の3か月まで足しています。当月を入れて3か月です。",
    "before": "当月が入っていません。当月と前の2か月を足します。",
    "before_three": "当月が入っていません。当月と前の2か月を足します。",
    "around": "前後の1か月ずつを足していて、後の月が混ざっています。当月と前の2か月を足します。",
    "after": "後の2か月を足しています。さかのぼる向きを見てください。",
    "all": "契約してから当月までのすべてを足しています。範囲を3か月にします。",
    "total": "後の月も含めて、すべての月を足しています。範囲を3か月にします。",
    "mean": "平均になっています。求めるのは合計です。",
    "max": "いちばん多い月の値になっています。求めるのは合計です。",
    "filled": "3か月に足りない分を補っています。契約したばかりの人は、ある月だけを足します。",
    "dropped": "3か月に足りない行が0になっています。契約したばかりの人は、ある月だけを足します。",
    "thousands": "千円単位になっています。円のまま合計します。",
    "orders": "`orders`の合計になっています。足すのは`add_on_yen`です。",
}


@cache
def _hidamari():
    return churn.make_tables()


@cache
def _add_on():
    """顧客・月ごとの正しい合計 ``three`` と、よくある間違いの値。"""
    rows = _hidamari()["usage_monthly"].drop_duplicates(ignore_index=True)
    rows = rows.sort_values(["customer_id", "month"], ignore_index=True)
    by_customer = rows.groupby("customer_id")["add_on_yen"]
    shifted = {n: by_customer.shift(n) for n in range(-2, 4)}  # 正の数は、前の月

    def window(*back):
        return pd.concat([shifted[n] for n in back], axis=1)

    three = window(0, 1, 2)
    orders = rows.groupby("customer_id")["orders"]
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "month": pd.to_datetime(rows["month"]).dt.to_period("M"),
            "first": ~rows["customer_id"].duplicated(),
            "one": shifted[0],
            "two": window(0, 1).sum(axis=1),
            "three": three.sum(axis=1),
            "four": window(0, 1, 2, 3).sum(axis=1),
            "before": window(1, 2).sum(axis=1),
            "before_three": window(1, 2, 3).sum(axis=1),
            "around": window(-1, 0, 1).sum(axis=1),
            "after": window(-2, -1, 0).sum(axis=1),
            "all": by_customer.cumsum(),
            "total": by_customer.transform("sum"),
            "mean": three.mean(axis=1),
            "max": three.max(axis=1),
            "filled": 3 * three.mean(axis=1),
            "dropped": three.sum(axis=1, min_count=3).where(three.notna().all(axis=1), 0),
            "thousands": three.sum(axis=1) / 1000,
            "orders": sum(orders.shift(n).fillna(0) for n in range(3)),
        }
    )


def _month_label(part):
    """（年、月、日）。日を書かない時は1日とみなす。"""
    found = month(part)
    try:
        return *found, day(part).day
    except Retry:  # 日の無い書き方
        return *found, 1


@check.judge(5)
def _(split):
    pair = "`(…, …)`の形の、最初と最後の月の組"
    chosen = mapping(split, USES, lambda part: sequence(part, 2, _month_label, form=pair))
    months = {use: [12 * year + number for year, number, _ in ends] for use, ends in chosen.items()}
    known = range(12 * 2025 + 5, 12 * 2026 + 4 + 1)
    for use, ends in months.items():
        if not set(ends) <= set(known):
            retry(
                f"「{use}」に、表に無い月があります。年も見てください。表は2025年5月からの12か月です。"
            )
        if ends[0] > ends[1]:
            retry(f"「{use}」の最初の月が、最後の月より後です。年も見てください。")
    if set(months["予測"]) != {known[-1]}:
        retry(
            "「予測」は、翌月の結果がまだ分からない月末です。5月1日の朝に、それはどの月末ですか。"
        )
    for use in ("検証", "テスト"):
        if months[use][1] - months[use][0] != 1:
            retry(f"「{use}」を2か月にします。最初と最後の月を見てください。")
    neighbours = list(pairwise(USES))
    for before, after in neighbours:
        if months[after][0] <= months[before][1]:
            retry(
                f"「{before}」と「{after}」の月が重なっているか、前後しています。"
                "過去で学んで先の月を当てます。"
            )
    for before, after in neighbours:
        if months[after][0] != months[before][1] + 1:
            retry(f"「{before}」と「{after}」の間に、使わない月があります。隙間なく分けます。")
    if months["訓練"][0] < known[2]:
        retry("「訓練」に、窓のそろわない月が入っています。表の最初の月から3か月分の窓を数えます。")
    if months["訓練"][0] > known[2]:
        retry("「訓練」が短すぎます。窓のそろう月から始めます。")
    for use, ends in chosen.items():
        if any(date != 1 for *_, date in ends):
            retry(f"「{use}」の月は合っています。どの月も、月の1日で書きます。")
    return "分け目ごと、1か月ずつ先へ動きました。"
