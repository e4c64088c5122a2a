"""レッスン54の答えを判定する。"""

import batch_rehearsal
import prediction_log

from checks import Exercises, explain, function, mapping, retry, table, whole, word, words

check = Exercises()


# --- 練習1 --------------------------------------------------------------------

COLUMNS = ["region", "day", "calls", "sent"]
BEFORE = {(region, day): (calls, sent) for region, day, calls, sent in batch_rehearsal.BEFORE}
RIGHT = dict(BEFORE)
for _region, _day, _calls, _sent in batch_rehearsal.ARRIVED:
    if _sent > RIGHT.get((_region, _day), (0, 0))[1]:
        RIGHT[_region, _day] = (_calls, _sent)


def stopped(error):
    """関数が止まった理由。"""
    if isinstance(error, NameError) and error.name == "spark":
        retry(
            "関数の中で、外の`spark`を使っています。Databricksでは、`foreachBatch`の関数は別のPythonで動くので、"
            "渡された表の`batch.sparkSession`を使います。"
        )
    if "MULTIPLE_SOURCE_ROW" in str(error):
        retry(
            "`MERGE`が止まりました。表の1行に、届いた2行以上が当てはまりました。"
            "先に組ごとに1行にしたかと、`ON`に`region`と`day`の両方があるかを見ます。"
        )
    if "InvalidPlanInput" in str(error):
        retry("手元のSparkでは`DeltaTable`を使えないので、SQLの`MERGE`で書きます。")
    retry(f"`save_reports`が、途中で止まりました。{explain(error)}。")


@check.judge(1)
def _(save_reports, delivered):
    function(save_reports, ["batch", "batch_id"])
    if isinstance(delivered.value, Exception):
        stopped(delivered.value)
    if delivered.value is None:
        retry(f"{delivered}が空です。`rehearse`の行を、元のまま残します。")
    made_by = getattr(delivered.value, "attrs", {}).get("function")
    if made_by is not save_reports.value:
        retry(
            f"{delivered}が、`save_reports`を動かした結果ではありません。"
            "`rehearse`の行を、元のまま残します。"
        )
    rows = {}
    for region, day, calls, sent in table(delivered, COLUMNS)[COLUMNS].itertuples(index=False):
        rows.setdefault((region, str(day)[:10]), []).append((int(calls), int(sent)))
    if rows == {key: [value] for key, value in BEFORE.items()}:
        retry(
            "`reports`が、前のまま変わっていません。関数の中で表に書いているか、"
            "`MERGE`の条件に合う行があるかを見てください。"
        )
    for region, day in BEFORE:
        if (region, day) not in rows:
            retry(f"前からあった{region}の{day}が消えました。届かなかった組は、そのまま残します。")
    for key, found in sorted(rows.items(), key=lambda row: row[0] not in BEFORE):
        if len(found) > 1:
            said = f"{key[0]}の{key[1]}が{len(found)}行あります。"
            if key in BEFORE:
                retry(f"{said}もうある組は、行を足さずに、その行を直します。")
            retry(f"{said}1回分の中の同じ組を、先に1行にします。`MERGE`は、それを除きません。")
    for key in RIGHT:
        if key not in rows:
            retry(f"{key[0]}の{key[1]}がありません。まだない組は足します。")
    for key, right in RIGHT.items():
        given = rows[key][0]
        if given == right:
            continue
        said = f"{key[0]}の{key[1]}の値が合いません。"
        if key in BEFORE and right == BEFORE[key]:
            retry(f"{said}後から届いた古い報告で、書き戻していませんか。`sent`を比べます。")
        if key in BEFORE and given == BEFORE[key]:
            retry(
                f"{said}訂正が入っていません。届いた分を、`region`と`day`の組ごとに1行にしたかと、"
                "`WHEN MATCHED`の条件を見ます。"
            )
        if key in BEFORE and given == (right[0], BEFORE[key][1]):
            retry(f"{said}`calls`は直りましたが、`sent`が前のままです。")
        if given[1] != right[1]:
            retry(f"{said}同じ組の中では、`sent`のいちばん大きい報告を残します。")
        retry(f"{said}`calls`は、残した`sent`と同じ報告のものにします。")
    return "訂正も、古い報告も、2度届いた報告も、正しく1行になりました。"


# --- 練習2 --------------------------------------------------------------------


def waited(delivery, wait_days):
    """``wait_days`` 日のウォーターマークで毎朝動かし終えたときの（閉じた日の数, 捨てた行の数）。

    時刻は、最初の日の0時を0とする日の数で表す。
    """
    line, lost = -1.0 - wait_days, 0
    for row in delivery.to_numpy():
        lost += sum(count for day, count in enumerate(row) if day + 1 <= line)
        newest = max(day for day, count in enumerate(row) if count) + 0.75
        line = max(line, newest - wait_days)
    return sum(day + 1 <= line for day in range(delivery.shape[1])), int(lost)


@check.judge(2)
def _(not_yet, dropped, *, delivery):
    days = list(delivery.columns)
    given, lost = words(not_yet, days), whole(dropped)
    closed, right = waited(delivery, 1)
    if given != set(days[closed:]):
        if given == set(days[waited(delivery, 1 / 24)[0] :]):
            retry(
                f"{not_yet}が足りません。本文と違い、線は、いちばん新しい行の1日前です。"
                "土曜の朝に読み終えた線が、何曜の何時かを書き出します。"
            )
        late = {day for day in days if delivery[day].astype(bool).sum() > 1}
        if given == late:
            retry(f"{not_yet}は、遅れて届いた行のある日です。区間が閉じたかどうかを見ます。")
        retry(
            f"{not_yet}が合いません。区間の終わりは次の日の0時です。"
            "それが、土曜の朝に読み終えた線より前か、同じなら、もう出ています。"
        )
    late_rows = sum(
        int(count)
        for morning, row in enumerate(delivery.to_numpy())
        for day, count in enumerate(row)
        if day < morning
    )
    if lost == late_rows:
        retry(
            "遅れて届いた行が、みな捨てられるわけではありません。"
            "捨てられるのは、区間が閉じた後に届いた行だけです。"
        )
    after = int(delivery.to_numpy()[3, 0] + delivery.to_numpy()[4, 2])
    if lost == after:
        retry(
            "1日より遅れた行を、みな数えています。捨てられるかどうかは遅れた日数ではなく、"
            "その朝に読む前の線で決まります。"
        )
    if lost == 0:
        retry("区間が閉じた後に届いた行があります。金曜の朝を、木曜の朝に読み終えた線と比べます。")
    if lost != right:
        retry(
            "捨てられた行の数が合いません。朝ごとに、読む前の線より前に終わった日の行を数えます。"
        )
    return "終わりの2日は、まだ閉じていないだけです。消えたのは、もう閉じた日の、後から届いた行だけです。"


# --- 練習3 --------------------------------------------------------------------


@check.judge(3)
def _(wait_days, mornings_late, *, may):
    wait, late = whole(wait_days), whole(mornings_late)
    if wait < 0:
        retry(f"{wait_days}は、0以上の整数です。")
    shares = [prediction_log.dropped_rows(may, days) / len(may) for days in range(15)]
    right = next(days for days, share in enumerate(shares) if share <= 0.001)
    if wait < right:
        retry(
            f"{wait}日では、全体の{shares[wait]:.2%}が捨てられます。0.1%以下になるまで増やします。"
        )
    if wait > right:
        retry(
            f"{wait}日でも0.1%以下ですが、もっと短くできます。長く待つほど、数の出るのが遅れます。"
        )
    if late == wait:
        retry(
            "待つ日数と同じ朝では、まだ出ません。線を引くもとになるのは前の日の18時の行なので、"
            "線が区間の終わりの0時に届くのは、その次の朝です。"
        )
    if late == wait + 2:
        retry("翌朝を1と数えていませんか。翌朝に出るなら0です。")
    if late != wait + 1:
        retry(
            f"月曜の区間が閉じるのは、線が火曜の0時まで進んだときです。線は、18時の行の{wait}日前です。"
            "どの日の18時の行が、どの朝に届けばよいかを数えます。"
        )
    return "捨てる行を減らすほど、数の出る朝は遅くなります。"


# --- 練習4 --------------------------------------------------------------------

AS_IS, REBUILD, SKIP, PASS_ON = "そのまま動かす", "作り直す", "飛ばす", "伝える"
ACTIONS = {"A": AS_IS, "B": REBUILD, "C": PASS_ON, "D": SKIP, "E": REBUILD, "F": AS_IS}
REASONS = {
    "A": "書き込みは`MERGE`なので、同じ回をもう1度書いても、行は増えません。",
    "B": "チェックポイントより前の行は、同じチェックポイントでは渡されません。過去の日も数え直すには、何が必要ですか。",
    "C": "こちらの表でも、同じ人の住所を空にする約束です。元の表のどの行が、どう変わったかが必要です。",
    "D": "こちらの表に残したいのは、丸める前の確率です。その変更は、こちらに必要ですか。",
    "E": "続きの行のファイルがもうありません。同じチェックポイントでは、付ける指定を変えても読めません。",
    "F": "新しい行がなければ、足さないのが正しい働きです。",
}


@check.judge(4)
def _(actions):
    given = mapping(actions, list(ACTIONS), of=lambda part: word(part, {*ACTIONS.values()}))
    for key, right in ACTIONS.items():
        if given[key] != right:
            retry(f"{key}を「{given[key]}」にしています。{REASONS[key]}")
    return "続きを読めるかと、こちらの表に何を残したいかで、することが決まります。"
