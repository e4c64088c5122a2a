"""修了課題の答えを判定し、点を付ける。"""

import functools

import capstone
import mlflow
import model_card
import numpy as np
import pandas as pd
from churn_gate import chance, gate
from churn_steps import CATEGORICAL, FEATURES
from sklearn.metrics import roc_auc_score

from checks import capstone_70 as known
from checks import (
    fitted,
    function,
    mapping,
    model_version,
    month,
    near,
    number,
    numeric,
    retry,
    sequence,
    share,
    table,
    text,
    whole,
    word,
    words,
)
from checks.project import Item, Project

check = Project(dict(enumerate(capstone.FULL, 1)))

LEVEL = (0.85, 1.2)  # 7月末の見込み÷本当。試験が、20の会社で確かめる
GAIN = 0.80  # 損得の見込み÷本当の確率を知っている人の損得
AUC = (0.74, 0.90)  # 下は並びの悪いモデル、上は答えの漏れたモデル
NEWEST = pd.Timestamp("2027-06-01")  # 答えのそろった、最も新しい月


# --- 1: データの検査 -----------------------------------------------------------


WHERE = {
    "余分な行": "すべての列が同じ行の、2行目からを数えます。",
    "全角の月額の人": "行ではなく、人を数えます。全角の数字は`isascii()`が偽になります。",
    "月がずれる解約": "解約した人ごとに、UTCのままの月と、日本時間の月を比べます。",
    "間に合わない行": "余分な行を除き、翌月の1日の、日本時間で9時より前に解約が済んだ行を数えます。",
}


@check.judge(1)
def _(inspection, *, my_number):
    given = mapping(inspection, [*WHERE, "漏れる列", "個人の列"])

    def count(name):
        if whole(given[name]) != known.facts(my_number)[name]:
            retry(f"数が合いません。{WHERE[name]}")

    def leak():
        if word(given["漏れる列"], known.handed_columns()) != "retention_coupon":
            retry("その列ではありません。月末より後に埋まる列を探します（32）。")

    def personal():
        if words(given["個人の列"], known.handed_columns()) != set(capstone.PERSONAL):
            retry("予測に要らず、本人が直接分かる列の名前を、過不足なく入れます。")

    items = [Item(name, 2, functools.partial(count, name)) for name in WHERE]
    items += [Item("漏れる列", 2, leak), Item("個人の列", 2, personal)]
    return check.grade(1, items, "直す前に、何がいくつ乱れているかを言えました。")


# --- 2: 特徴量の表 -------------------------------------------------------------


@check.judge(2)
def _(make_rows, features, *, my_number):
    run = function(make_rows, ["handed"])
    made, untouched = [], True
    for seed in (1, 2):
        handed, right = known.small_company(seed)
        answer = run(handed, said="make_rows（小さな会社の表）")
        untouched &= run.received[0].equals(handed)
        made.append((known.dated(answer, *FEATURES, "churned"), right))
    made.append((known.dated(features, *FEATURES, "churned"), capstone.right_rows(my_number)))

    def keys():
        for rows, right in made:
            if rows.duplicated(known.KEY).any():
                retry("1人の1か月に、2行以上あります。")
            ours, theirs = (set(map(tuple, part[known.KEY].to_numpy())) for part in (rows, right))
            if ours - theirs:
                retry("多すぎる行があります。電話が間に合わない行（練習1）を除きましたか。")
            if theirs - ours:
                retry("足りない行があります。時刻を日本時間に直したか、直せる行まで捨てていないかを見てください。")

    def values():
        if not untouched:
            retry("渡された表が書き換わります。`assign`などで、新しい表を作ります。")
        for rows, right in made:
            extra = sorted(set(rows.columns) - {*known.KEY, *FEATURES, "churned"})
            if extra:
                retry(f"列`{extra[0]}`が残っています。使う列だけを選びます。")
            for name, ours, theirs in known.pairs(rows, right, FEATURES):
                if name in CATEGORICAL:
                    same = (ours == theirs).all()
                else:
                    same = np.allclose(numeric(f"`{name}`", ours), theirs, equal_nan=True)
                if not same:
                    retry(f"`{name}`の値が合いません。空を埋めず、数の列は数に直します。")

    def answers():
        for rows, right in made:
            for _, ours, theirs in known.pairs(rows, right, ["churned"]):
                ours, newest = numeric("`churned`", ours), theirs.isna()
                if ours[newest].notna().any():
                    retry("いちばん新しい月の答えは、まだ誰も知りません。空（NaN）にします。")
                if not np.allclose(ours[~newest], theirs[~newest]):
                    retry("答えが合いません。日本時間で、翌月のうちに解約した行だけが1です。")

    items = [Item("行", 3, keys, must=True), Item("特徴量", 4, values), Item("答え", 3, answers)]
    return check.grade(2, items, "同じ関数が、ほかの会社の表も直します。")


# --- 3: 変化を見つける ---------------------------------------------------------


@check.judge(3)
def _(changes, *, my_number):
    company = capstone.settings(my_number)
    keys = ["値上げの月", "値上げの額", "夏の解約率", "冬の解約率", "動いた列"]
    given = mapping(changes, keys)
    summer = known.rate_of(my_number, "2026-07-01", "2026-08-01")
    winter = known.rate_of(my_number, "2026-12-01", "2027-01-01")

    def when():
        year, at = map(int, company["price_rise_month"].split("-"))
        if month(given["値上げの月"]) != (year, at):
            retry("月が違います。契約したばかりの人の月額が、どのプランでも初めて上がった月です。")

    def how_much():
        if not near(number(given["値上げの額"]), company["price_rise_yen"], 300):
            retry("額が違います。契約したばかりの人の月額を、上がる前と後で比べます。")

    def season():
        for name, right in (("夏の解約率", summer), ("冬の解約率", winter)):
            if not near(share(given[name]), right, 0.002):
                retry(f"「{name}」が合いません。直した行の、指定の2か月の答えを平均します。")

    def moved():
        found = words(given["動いた列"], FEATURES)
        if "monthly_fee" not in found:
            retry("契約したばかりの人で、値上げと一緒に動いた列が入っていません。")
        if len(found) > 2:
            retry("動いていない列が入っています。何も変わらない月の揺れ（51）と比べます。")

    items = [
        Item("値上げの月", 4, when), Item("値上げの額", 2, how_much),
        Item("季節", 4, season), Item("動いた列", 4, moved),
    ]  # fmt: skip
    return check.grade(3, items, "夏と冬の差と値上げは、別の変化です。両方を見込みに入れます。")


# --- 4: 学習と審査 -------------------------------------------------------------


@check.judge(4)
def _(learned, judged, july, candidate, reasons, *, my_number, champion):
    past, review = (known.dated(one, "churned") for one in (learned, judged))
    rows, model = known.dated(july), fitted(candidate)
    for part, name in ((past, "learned"), (review, "judged"), (rows, "july")):
        if part.empty:
            retry(f"`{name}`に行がありません。月の選び方を見てください。")

    def times():
        if past["churned"].isna().any() or review["churned"].isna().any():
            retry("答えの空の行が入っています。7月末の答えは、まだ届いていません。")
        if review["month"].max() != NEWEST:
            retry("審査の行に、答えのそろった最も新しい月がありません（52）。")
        if past["month"].max() >= review["month"].min():
            retry("審査の月と同じか、それより新しい月の行で学習しています。月で分けます。")
        right = capstone.right_rows(my_number)
        for part, name in ((past, "learned"), (review, "judged")):
            if part.duplicated(known.KEY).any() or known.people_of(part) - known.people_of(right):
                retry(f"`{name}`に、同じ行か、`features`にない行が入っています。")
        if known.people_of(right[right["month"] == NEWEST]) - known.people_of(review):
            retry("`judged`に、最も新しい月の全員が入っているかを数えてください。")

    def level():
        truth = capstone.july_truth(my_number)["chance"]
        if set(rows["customer_id"]) != set(truth.index):
            retry("`july`が、7月末に契約中の人の全員ではありません。")
        if set(rows["month"]) != {capstone.JULY}:
            retry("`july`に、7月末でない行があります。")
        told = known.told_by(model, rows.drop_duplicates("customer_id")).mean()
        low, high = LEVEL
        if told < low * truth.mean():
            retry(
                "8月の見込みが低すぎます。去年の夏の増え方と、値上げの後は前からの人も離れやすくなったこと"
                "（51）の、両方を候補は知っていますか。列を足しても低いなら、モデルの種類と、夏とした月を替えてみます。"
            )
        if told > high * truth.mean():
            retry("8月の見込みが高すぎます。同じ変化を2度足したか、増え続ける列を足していませんか。")

    def order():
        left = review["churned"] == 1
        low, high = AUC
        auc = roc_auc_score(left, known.told_by(model, review))
        if auc > high:
            retry("審査の行のAUCが高すぎます。月末には分からない列を使っていませんか（33）。")
        if auc < low:
            retry("審査の行のAUCが低すぎます。手がかりの列が、足りているかを見てください。")

    def honest():
        said = set(sequence(reasons, of=text, ordered=False, empty=True))
        if said != set(gate(model, champion, review)):
            retry("ゲートの返事と違います。`gate(candidate, champion, judged)`の返事を、そのまま入れます。")

    items = [
        Item("時点", 5, times, must=True), Item("並び", 3, order),
        Item("見込み", 7, level), Item("審査", 3, honest),
    ]  # fmt: skip
    return check.grade(4, items, "季節と値上げの両方を知るモデルになりました。")


# --- 5: 登録と切り替え ---------------------------------------------------------


@check.judge(5)
def _(version, *, my_number, model_name, champion, candidate, july, reasons):
    client, aliases = known.registered(model_name)
    chosen = model_version(version)
    every = client.search_model_versions(f"name = '{model_name}'")
    if chosen not in {int(one.version) for one in every}:
        retry("その番号のバージョンは、登録されていません。")
    mine = client.get_model_version(model_name, str(chosen))

    def logged():
        if chosen in (1, 2):
            retry("前任者のバージョンです。練習4の候補を登録します。")
        if mlflow.models.get_model_info(f"models:/{model_name}/{chosen}").signature is None:
            retry("署名がありません。登録する時に付けます（24）。")
        model = known.model_of(model_name, chosen)
        rows = capstone.right_rows(my_number).tail(50)
        if set(model.feature_names_in_) <= {*FEATURES} and np.allclose(
            chance(model, rows), chance(champion, rows)
        ):
            retry("前任者のモデルと、同じ中身です。練習4の候補を登録します。")
        if candidate is not ... and not known.same_model(model, candidate, july):
            retry("登録したバージョンが、練習4で審査した候補と違います。")

    def described():
        if len((mine.description or "").strip()) < 40:
            retry("説明が40字より短いようです。何で学び、何を見て選んだかを書きます。")
        if mine.tags.get("gate") not in ("合格", "見送り"):
            retry("タグ`gate`に、ゲートの返事から決めた`合格`か`見送り`を書きます。")

    def switched():
        now = aliases.get("production")
        if now is None:
            retry("`production`が、どのバージョンも指していません。")
        tags = client.get_model_version(model_name, str(now)).tags
        if "gate" not in tags:
            retry("`production`のバージョンに、タグ`gate`がありません。")
        if tags["gate"] != "合格" and len(tags.get("approved", "").strip()) < 20:
            retry(
                "`production`が、見送られたバージョンを指しています。"
                "理由を読んで出すと決めたなら、その訳を、タグ`approved`に20字以上で書きます。"
            )
        if now in (1, 2):
            retry("`production`が、前任者のバージョンを指しています。練習4の候補に切り替えます。")
        if now != chosen:
            retry("`production`が、`version`を指していません。")
        refused = hasattr(reasons, "__len__") and len(reasons) > 0
        if tags["gate"] == "合格" and refused:
            retry("練習4の`reasons`に理由があります。タグ`gate`は`見送り`です。")
        if aliases.get("previous") != 1:
            retry("戻す先の`previous`が、前の`production`を指していません。")

    items = [Item("登録", 3, logged), Item("説明とタグ", 2, described)]
    items += [Item("本番", 3, switched, must=True)]
    return check.grade(5, items, "何を選んだかも、戻す先も、記録から分かります。")


# --- 6: 8月の一覧 --------------------------------------------------------------


@check.judge(6)
def _(scored, call_list, *, my_number, model_name):
    rows = known.dated(scored, "probability", "model_version")
    people = table(call_list, ["customer_id"], spark=False, extra=True)["customer_id"]
    truth = capstone.july_truth(my_number)

    def everyone():
        if rows["customer_id"].duplicated().any() or people.duplicated().any():
            retry("同じ人が2行あります。このまま配ると、2度電話がかかります。")
        if set(rows["customer_id"]) != set(truth.index):
            retry("`scored`が、7月末に契約中の人の全員ではありません。")
        if not set(people) <= set(truth.index):
            retry("`call_list`に、契約中でない人がいます。")

    def basis():
        _, aliases = known.registered(model_name)
        now = aliases.get("production", 1)
        if set(rows["model_version"].astype(str)) != {str(now)}:
            retry("`model_version`が、いま`production`の指す番号ではありません。")
        told = known.told_by(known.model_of(model_name, now), rows)
        if not np.allclose(told, rows["probability"]):
            retry("`probability`が、`production`のモデルが付ける確率と違います。丸めずに入れます。")

    def gain():
        best = truth["yen"].clip(lower=0).sum()
        got = truth["yen"].reindex(people.drop_duplicates()).sum()
        if got < GAIN * best:
            retry(
                "この一覧の損得の見込みは、8月に得られるはずの額に届きません。"
                "見込みの大きさと、声をかける分かれ目（31）を見てください。"
            )

    items = [Item("対象", 3, everyone), Item("根拠", 3, basis), Item("損得", 6, gain, must=True)]
    return check.grade(6, items, "誰に、どのモデルの判断でかけるかが、1行ずつ残りました。")


# --- 7: 再現 ------------------------------------------------------------------

RECORD = ["probability", "model_version", "table_version", "made_at"]
MADE_AT = pd.Timestamp("2027-08-01 06:00")


@check.judge(7)
def _(predictions, rebuilt, *, my_number, model_name, asked_people):
    rows = known.dated(predictions, *RECORD)

    def recorded():
        truth = capstone.july_truth(my_number)
        if rows["customer_id"].duplicated().any() or set(rows["customer_id"]) != set(truth.index):
            retry("7月末の全員に、予測の行が1つずつあるかを数えてください。")
        if set(rows["month"]) != {capstone.JULY}:
            retry("`predictions`に、7月末でない行があります。")
        for name in ("model_version", "table_version"):
            if rows[name].isna().any() or rows[name].nunique() != 1:
                retry(f"`{name}`に、空の値か、2つ以上の番号があります。")
        _, aliases = known.registered(model_name)
        if set(rows["model_version"].astype(str)) != {str(aliases.get("production"))}:
            retry("`model_version`が、いま`production`の指す番号ではありません。")
        if set(pd.to_datetime(rows["made_at"], errors="coerce")) != {MADE_AT}:
            retry("`made_at`が、時間帯の付かない`2027-08-01 06:00`ではありません。")

    def made_again():
        mine = rows.drop_duplicates("customer_id").set_index("customer_id")
        if not set(asked_people) <= set(mine.index):
            retry("尋ねられた3人の予測の行がありません。")
        first = mine.iloc[0]
        right = known.again(model_name, first["model_version"], first["table_version"], asked_people)
        if not np.allclose(mine.loc[asked_people, "probability"], right):
            retry("記録した番号の表とモデルから計算すると、`predictions`の確率になりません。")
        known.same_chances(rebuilt, right, asked_people)

    items = [Item("記録", 4, recorded), Item("作り直し", 4, made_again, must=True)]
    return check.grade(7, items, "尋ねられた日に、番号から同じ確率を作り直せます。")


# --- 8: 公平性とカード ---------------------------------------------------------

CHANCE, REAL = "偶然で説明できる", "偶然では説明しにくい"
TOLERANCE = 0.06  # 1,000回の付け直しどうしの、P値の違い（0.4なら、揺れの3倍ほど）


@check.judge(8)
def _(june, fairness, card, *, my_number, model_name):
    found = known.june_measured(june, my_number, model_name)
    gaps = found["グループごとの差"]
    recalls = {name: row["再現率"] for name, row in gaps["行"].items()}
    lowest = min(recalls, key=recalls.get)
    given = mapping(fairness, ["地方", "再現率", "下の端", "上の端", "P値", "判断"])

    def gap():
        if text(given["地方"]) not in [name for name in recalls if recalls[name] == recalls[lowest]]:
            retry("再現率がいちばん低い地方ではありません。")
        for name in ("再現率", "下の端", "上の端"):
            if not near(share(given[name]), gaps["行"][text(given["地方"])][name], 0.005):
                retry(f"「{name}」が、その地方の値と違います。")

    def judgement():
        told = share(given["P値"])
        if not near(told, gaps["偶然"], TOLERANCE):
            retry("P値が合いません。地方の名前を1,000回付け直します（62）。")
        right = CHANCE if told >= 0.05 else REAL
        if word(given["判断"], [CHANCE, REAL]) != right:
            retry("判断が、P値を0.05と比べた結果と合いません。")

    def from_record():
        problems = model_card.card_problems(text(card), known.card_numbers(found, model_name))
        if problems:
            made = "数は打たず、測った値から作ります。" if "記録にない数" in problems[0] else ""
            retry(f"カードに困る所があります。{problems[0]}。{made}")
        if f"{found['測った数']['AUC']:.3f}" not in card.value:
            retry("「測った数」に、6月末のAUCがありません。")

    items = [Item("差", 3, gap), Item("判断", 2, judgement), Item("カード", 3, from_record, must=True)]
    return check.grade(8, items, "差の大きさと、偶然の幅と、書けないことがそろいました。")


# --- 9: 報告（自己採点） --------------------------------------------------------

QUESTIONS = ("選んだ訳", "測った行", "やめる時", "外れる人", "次に直す所")


@check.judge(9)
def _(report, marks):
    given = mapping(report, QUESTIONS)
    marked = words(marks, QUESTIONS) if marks.value else set()

    def answered(name):
        if len(text(given[name])) < 30:
            retry("30字より短いようです。隣の人に話すつもりで、文にします。")
        if name not in marked:
            retry("自分の印が付いていません。これでよいと思えたら、`marks`に入れます。")

    items = [Item(name, 2, functools.partial(answered, name)) for name in QUESTIONS]
    return check.grade(9, items, "この10点は、自己採点です。")
