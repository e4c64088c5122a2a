"""レッスン52の答えを判定する。"""

import numpy as np
import pandas as pd

from checks import Exercises, function, mapping, near, number, retry, sequence, whole, word

check = Exercises()


def back(month, count):
    """``month`` の ``count`` か月前。"""
    return month - pd.DateOffset(months=count)


# --- 練習1 --------------------------------------------------------------------

# 立つ月末、窓、答えの遅れ
SPLITS = (
    ("2026-12-01", 3, 1),
    ("2026-12-01", 3, 2),
    ("2027-01-01", 1, 2),
    ("2027-02-01", 6, 3),
    ("2026-03-01", 4, 1),
    ("2026-05-01", 2, 4),
)


def small_rows():
    """2025年1月からの、月ごとに行の数の違う小さな表。行の順は、月の順ではない。"""
    months = pd.date_range("2025-01-01", "2027-03-01", freq="MS")
    repeated = months.repeat([2 + number % 3 for number in range(len(months))])
    rows = pd.DataFrame({"month": repeated, "customer_id": np.arange(len(repeated)) + 100_001})
    rows["churned"] = (rows["customer_id"] % 7 == 0).astype(float)
    return rows.sample(frac=1, random_state=0).set_index(rows.index + 700)


def months_in(part, name):
    """答えの表にある月。表でなければ退ける。"""
    value = part.value
    if not isinstance(value, pd.DataFrame) or "month" not in value.columns:
        retry(f"{name}が表ではありません。`rows`から選んだ行を返します。")
    return sorted(set(pd.to_datetime(value["month"])))


@check.judge(1)
def _(split_rows):
    split = function(split_rows, ["rows", "month", "window", "delay"])
    rows = small_rows()
    for month, window, delay in SPLITS:
        now = pd.Timestamp(month)
        said = f"split_rows（{now.year}年{now.month}月末、window={window}、delay={delay}）"
        reply = split(rows, now, window, delay, said=said)
        if isinstance(reply.value, pd.DataFrame):
            retry("表が1つだけ返ります。`(学習の行, 審査の行)`の、2つの表の組にします。")
        parts = sequence(reply, 2, form="`(学習の行, 審査の行)`の組")
        newest = back(now, delay)
        train = [back(newest, count) for count in range(window, 0, -1)]
        found = [months_in(part, name) for part, name in zip(parts, ("学習", "審査"), strict=True)]
        if found == [[newest], train]:
            retry("2つの順が逆です。学習の行、審査の行の順に返します。")
        _check_judge(said, found[1], newest)
        _check_train(said, found[0], train, newest)
        for part, name, wanted in zip(parts, ("学習", "審査"), (train, [newest]), strict=True):
            _check_rows(said, name, part.value, rows[rows["month"].isin(wanted)])
        if not split.received[0].equals(rows):
            retry("渡された`rows`が書き換わります。行を選ぶだけにします。")
    return "答えが遅い会社ほど、学べるのは古い月の行になります。"


def _check_rows(said, name, found, expected):
    """行の順と、行の番号は問わない。"""
    lost = [column for column in expected.columns if column not in found.columns]
    if lost:
        retry(f"`{said}`の{name}の行に、列`{lost[0]}`がありません。列はすべて残します。")
    ours, right = (
        sorted(table[list(expected.columns)].itertuples(index=False, name=None))
        for table in (found, expected)
    )
    if len(ours) != len(right):
        retry(
            f"`{said}`の{name}の行の数が合いません。月で選ぶほかに、行を落としたり増やしたりしていませんか。"
        )
    if ours != right:
        retry(f"`{said}`の{name}の行の中身が、`rows`と違います。行を選ぶだけにします。")


def _check_judge(said, found, newest):
    if found == [newest]:
        return
    if found and found[-1] > newest:
        retry(f"`{said}`の審査の行に、まだ答えの届いていない月があります。")
    if not found:
        retry(f"`{said}`の審査の行がありません。答えのそろった月を見てください。")
    if len(found) > 1:
        retry(f"`{said}`の審査の行が{len(found)}か月分あります。最も新しい1か月だけにします。")
    retry(f"`{said}`には、もっと新しい、答えのそろった月があります。")


def _check_train(said, found, wanted, newest):
    if found == wanted:
        return
    if newest in found:
        retry(f"`{said}`の学習の行に、審査に使う月が入っています。")
    if found and found[-1] > newest:
        retry(f"`{said}`の学習の行に、まだ答えの届いていない月があります。")
    if len(found) != len(wanted):
        retry(
            f"`{said}`の学習の行が{len(found)}か月分です。`window`か月にします。端の月を見てください。"
        )
    retry(f"`{said}`の学習の月が合いません。審査の月のすぐ前から、さかのぼります。")


# --- 練習2 --------------------------------------------------------------------

LOSSES = pd.DataFrame(
    {"quiet": [0.2839, 0.2785, 0.2759, 0.2758], "price": [0.4083, 0.4045, 0.4061, 0.4096]},
    index=[1, 3, 6, 12],
)


@check.judge(2)
def _(choice):
    first, second = sequence(choice, 2, form="`(窓, 損)`の組")
    window, loss = whole(first), number(second)
    regret = LOSSES - LOSSES.min()
    worst = regret.max(axis=1)
    right = int(worst.idxmin())
    if window not in LOSSES.index:
        retry("窓は、1、3、6、12の中から選びます。")
    if window != right:
        if window == LOSSES["price"].idxmin():
            retry("値上げの世界だけなら、その窓です。何も起きなかったときの損も見ます。")
        if window == LOSSES["quiet"].idxmin():
            retry("何も起きない世界だけなら、その窓です。値上げがあったときの損も見ます。")
        retry(
            "悪いほうの世界での損が、もっと小さい窓があります。世界ごとに、いちばん良い窓との差を取ります。"
        )
    if near(loss, worst[right], 2e-5):
        return "次に小さい3か月との差は0.001ほどです。顧客が替われば、入れ替わることもあります。"
    if any(near(loss, value, 2e-5) for value in (*LOSSES.loc[right], LOSSES.loc[right].mean())):
        retry("損の所に、対数損失そのものが入っています。その世界でいちばん良い窓との差にします。")
    if near(loss, regret.loc[right].min(), 2e-5) or near(loss, regret.loc[right].mean(), 2e-5):
        retry("損は、2つの世界のうち、大きいほうです。")
    retry(
        "窓は合っています。損は、その窓と、世界ごとにいちばん良い窓との差のうち、大きいほうです。"
    )


# --- 練習3 --------------------------------------------------------------------

YES, NO = "昇格", "何もしない"


class Stopped(KeyboardInterrupt):
    """手順が途中で止まった。``except Exception`` では受け止められない。"""


class Store:
    """レジストリと記録の代わり。``stop`` 回目の書き込みの、前か後で止まる。"""

    def __init__(self, good_months, stop=None, before=False, cured=()):
        self.good, self.cured = set(good_months), set(cured)  # curedの月の候補なら、もう外れない
        self.stop, self.before = stop, before
        self.versions = {1: "はじめ"}  # 番号 → その候補を作った月
        self.log = [("2026-09", NO, 1)]
        self.champion = 1

    def __deepcopy__(self, memo):
        return self

    def _write(self, change):
        if self.stop is not None:
            self.stop -= 1
            if self.stop == 0 and self.before:
                raise Stopped
        change()
        if self.stop == 0:
            self.stop = None
            raise Stopped

    def decide(self, month):
        now = self.versions[self.champion]
        return YES if month in self.good and now not in {month, *self.cured} else NO

    def current(self):
        return self.champion

    def find(self, month):
        return next((n for n, made in self.versions.items() if made == month), None)

    def register(self, month):
        number = len(self.versions) + 1
        self._write(lambda: self.versions.update({number: month}))
        return number

    def read(self, month):
        return any(row[0] == month for row in self.log)

    def write(self, month, decision, version):
        self._write(lambda: self.log.append((month, decision, version)))

    def newest(self):
        return max(self.log, key=lambda row: row[0])[2]

    def point(self, version):
        if version not in self.versions:
            retry("`point`に、登録されていない番号を渡しています。")

        def move():
            self.champion = version

        self._write(move)


STOPS = [(None, False), *((count, before) for count in (1, 2, 3, 4) for before in (True, False))]


@check.judge(3)
def _(step):
    call = function(step, ["store", "month"])
    for month, wanted in (("2026-12", YES), ("2026-11", NO)):
        for count, before in STOPS:
            store = Store(["2026-12"], count, before)
            times = 2 if count is None else 3
            for _ in range(times):
                try:
                    call(store, month, said="step(store, month)")
                except Stopped:
                    store.stop = None
            _check_store(store, month, wanted, stopped=count is not None)
    store = Store(["2026-10", "2026-12"])
    for month in ("2026-10", "2026-11"):
        call(store, month, said="step(store, month)")
        if store.champion != store.newest():
            retry(
                "1度動かしただけでは、`champion`が、いちばん新しい月の記録の番号を指していません。"
                "書いた記録にも追いつきます。"
            )
    if store.champion != 2 or store.log[-1][2] != 2:
        retry(
            "10月に昇格した後、何もしなかった11月の記録と`champion`は、10月のバージョンのままにします。"
        )
    for month in ("2026-12", "2026-10"):
        call(store, month, said="step(store, month)")
    if store.champion != store.newest():
        retry(
            "12月の後に10月を動かし直すと、`champion`が古い番号に戻ります。"
            "指すのは、いちばん新しい月の記録の番号です。"
        )
    for count, before in STOPS:
        _check_skipped(call, count, before)
    return "どこで止まっても、同じ月をもう1度動かすだけで直ります。"


def _check_skipped(call, count, before):
    """12月が途中で止まり、やり直さずに1月が来た時。12月の候補に替わっていれば、1月は何もしない。"""
    store = Store(["2026-12", "2027-01"], count, before, cured=["2026-12"])
    for month in ("2026-12", "2027-01", "2027-01"):
        try:
            call(store, month, said="step(store, month)")
        except Stopped:
            store.stop = None
    recorded = {month: (decision, version) for month, decision, version in store.log}
    december = recorded.get("2026-12")
    wanted = (NO, december[1]) if december else (YES, store.find("2027-01"))
    if recorded.get("2027-01") != wanted or store.champion != store.newest():
        retry(
            "12月が記録を書いた直後に止まり、やり直さずに1月を動かすと、1月が古い`champion`と比べられます。"
            "判断する前に、`champion`は、いちばん新しい月の記録の番号を指していますか。"
        )


def _check_store(store, month, wanted, stopped):
    when = "途中で止まった後にやり直すと" if stopped else "同じ月を2度動かすと"
    made = [number for number, made in store.versions.items() if made == month]
    rows = [row for row in store.log if row[0] == month]
    if len(made) > 1:
        retry(
            f"{when}、その月のバージョンが{len(made)}つできます。登録する前に、もうないかを調べます。"
        )
    if len(rows) > 1:
        retry(f"{when}、その月の記録が{len(rows)}行になります。書く前に、もうないかを調べます。")
    if not rows:
        retry(f"{when}、その月の記録がありません。何もしない月も書きます。")
    if wanted == YES and not made:
        retry("「昇格」の月に、バージョンが登録されません。")
    if wanted == NO and made:
        retry("「何もしない」の月に、バージョンが登録されます。")
    if rows[0][1] != wanted:
        retry(
            f"{when}、「{wanted}」のはずの記録が「{rows[0][1]}」になります。"
            "`champion`を動かすのと、記録を書くのと、どちらが先ですか。"
        )
    if rows[0][2] != (made[0] if made else 1):
        retry("記録のバージョンの番号が違います。昇格なら候補、そうでなければ、いまの番号です。")
    if store.champion != rows[0][2]:
        retry(
            f"{when}、`champion`が記録の番号を指していません。記録があった月でも、付け替えは確かめます。"
        )


# --- 練習4 --------------------------------------------------------------------

CHECK, REFUSE = "表を調べる", "見送り"
DECISIONS = {"A": NO, "B": CHECK, "C": REFUSE, "D": YES, "E": REFUSE, "F": CHECK, "G": CHECK}
LOOK = {
    "A": "`A`のずれと今月の増え方は、線にちょうど並びます。どちらの線も、まだ超えていません。",
    "B": "`B`は、候補を見る前に決まります。今月の増え方を見てください。",
    "C": "`C`の候補で、ずれは半分以下になりますか。",
    "D": "`D`は、どの決まりにも止められません。ちょうど半分、ちょうど0.013は合格です。",
    "E": "`E`の下の端を、許す幅と比べてください。",
    "F": "`F`のずれは小さくても、`decide`が先に調べるものがあります。",
    "G": "`G`の増え方は、今月は小さく見えます。前の月に超えた線は、解けていますか。",
}


@check.judge(4)
def _(decisions):
    options = [NO, CHECK, REFUSE, YES]
    given = mapping(decisions, list(DECISIONS), lambda part: word(part, options))
    for name, right in DECISIONS.items():
        if given[name] != right:
            retry(LOOK[name])
    return "候補がどんなに良く見えても、表が疑わしいうちは差し替えません。"
