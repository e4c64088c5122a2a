"""レッスン23の答えを判定する。"""

import re

import pandas as pd
from pyspark.sql import SparkSession

from checks import (
    Answer,
    Exercises,
    explain,
    mapping,
    numeric,
    retry,
    same_rows,
    sequence,
    table,
    text,
    unanswered,
)
from checks.answers import is_spark_table

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

COMMENT = r"--[^\n]*|/\*.*?\*/"  # SQLの注釈
# バッククォートを外した GRANT の、権限、種類、対象、相手。
SHAPE = r"GRANT ([A-Z_ ]+?) ON (\w+) ([\w.-]+) TO ([\w.@-]+)"
NO_KIND = r"GRANT [A-Z_ ]+ ON [\w.-]+ TO [\w.@-]+"
LEVELS = {"CATALOG": 1, "SCHEMA": 2, "TABLE": 3, "VIEW": 3, "FUNCTION": 3}
# 権限と、それを渡せる種類。上の区切りに渡すと、中のすべてに及ぶ。
PLACES = {
    "USE CATALOG": {"CATALOG"},
    "USE SCHEMA": {"CATALOG", "SCHEMA"},
    "SELECT": {"CATALOG", "SCHEMA", "TABLE", "VIEW"},
    "MODIFY": {"CATALOG", "SCHEMA", "TABLE"},
    "CREATE TABLE": {"CATALOG", "SCHEMA"},
    "EXECUTE": {"CATALOG", "SCHEMA", "FUNCTION"},
    "ALL PRIVILEGES": set(LEVELS),
}
# 対象の名前 → 書いてよい種類。ビューは、TABLEと書いても指せる。
TARGETS = {
    "prod": {"CATALOG"},
    "prod.churn": {"SCHEMA"},
    "prod.churn.orders": {"TABLE"},
    "prod.churn.customers": {"TABLE"},
    "prod.churn.orders_safe": {"VIEW", "TABLE"},
    "prod.churn.churn_model": {"FUNCTION"},
}
WAY = {("USE CATALOG", "prod"): "カタログ", ("USE SCHEMA", "prod.churn"): "スキーマ"}
WORK = {
    "analysts": {("SELECT", "prod.churn.orders_safe"): "注文の金額を集計する"},
    "data_engineers": {
        ("SELECT", "prod.churn"): "これから作る表も含めて、表を読む",
        ("MODIFY", "prod.churn"): "これから作る表も含めて、表を書き換える",
    },
    "app": {("EXECUTE", "prod.churn.churn_model"): "モデルを使う"},
}
PERSONAL = ("prod.churn.orders", "prod.churn.customers")
Grant = tuple[str, str]  # 権限と対象


@check.judge(1)
def _(statements):
    given: dict[str, dict[Grant, str]] = {}
    for who, answer in mapping(statements, list(WORK)).items():
        given[who] = granted(who, answer)
    for who, grants in given.items():
        needed = set(WAY) | set(WORK[who])
        for grant, sentence in grants.items():
            if grant not in needed:
                retry(f"{surplus(grant, needed)}余分な文は、`{who}`の`{sentence}`です。")
    for who, grants in given.items():
        lacking = [place for grant, place in WAY.items() if grant not in grants]
        if lacking:
            retry(
                f"`{who}`に、{'と'.join(lacking)}を通る権限がありません。"
                "使いたいものまでたどり着けません。"
            )
        for grant, work in WORK[who].items():
            if grant not in grants:
                retry(f"`{who}`が「{work}」には、権限が足りません。権限の表を見てください。")
    return "どの役割にも、必要な権限だけを渡しました。"


def granted(who: str, answer: Answer) -> dict[Grant, str]:
    """役割のリストにある文が渡す、権限と対象 → その文。読めない文があれば、直す所を言う。"""
    if isinstance(answer.value, str):
        retry(f"`{who}`が1つの文字列です。文が1つでも、`[…]`で囲んだリストにします。")
    found = {}
    for part in sequence(answer, ordered=False):
        if not isinstance(part.value, str):
            retry(f"`{who}`のリストに、文字列でないものがあります。文ごとに引用符で囲みます。")
        written = re.sub(COMMENT, " ", text(part), flags=re.S)
        sentence = re.sub(r"[ \t\r\n]+", " ", written).strip().rstrip("; ")
        if not sentence:
            retry(
                f"`{who}`のリストに、文の無い文字列があります。`--`の後は注釈で、実行されません。"
            )
        brief = sentence.replace("`", "")
        brief = brief if len(brief) <= 80 else f"{brief[:80]}…"
        fault = fault_in(who, sentence)
        if fault:
            retry(f"書き間違いがあります。{fault}。その文は、`{who}`の`{brief}`です。")
        privilege, _, target, _ = re.fullmatch(SHAPE, bare(sentence), re.I).groups()
        found[privilege.upper(), target.lower()] = brief
    return found


def bare(sentence: str) -> str:
    """バッククォートを外した文。"""
    return re.sub(r"`([\w@-]+)`", r"\1", sentence)


def fault_in(who: str, sentence: str) -> str:
    """GRANT の文として直す所。無ければ空文字列。"""
    if re.search(r"[^\x00-\x7f]", sentence):
        return "全角の文字か空白が混ざっています"
    if len(re.findall(r"\b(?:GRANT|REVOKE)\b(?! OPTION)", sentence, re.I)) > 1 or ";" in sentence:
        return "1つの文字列に文が2つ以上あります。文ごとに引用符で囲み、コンマで区切ります"
    if re.search("[\"']", sentence):
        return "文の中に引用符があります。相手の名前は、バッククォートで囲むか、そのまま書きます"
    if re.match("(?:REVOKE|DENY) ", sentence, re.I):
        return "書くのは`GRANT`の文だけです。渡していない権限は、初めから使えません"
    whom = re.search("(?i) TO `?([^`]+?)`?$", sentence)
    if whom and whom[1].lower() != who and not re.search("(?i) WITH ", whom[1]):
        return f"`{who}`のリストなのに、「{whom[1]}」へ渡しています"
    sentence = bare(sentence)
    if "*" in sentence:
        return "`*`は書けません。中のすべてに及ぼすには、上の区切りに渡します"
    if re.match(r"GRANT [^,]*,.* ON ", sentence, re.I):
        return "1つの文で、2つ以上の権限を渡しています。権限ごとに文を分けます"
    marked = re.search("`([^`]*)", sentence)
    if marked:
        return f"「{marked[1]}」のバッククォートは、点で区切った名前の1つずつを、前後から囲みます"
    match = re.fullmatch(SHAPE, sentence, re.I)
    if not match:
        if re.fullmatch(NO_KIND, sentence, re.I):
            return "`ON`の後に、対象の種類がありません"
        return "`GRANT 権限 ON 種類 対象 TO 役割`の形になっていません"
    privilege, kind, target = match[1].upper(), match[2].upper(), match[3].lower()
    if privilege not in PLACES:
        return "権限の名前が、権限の表にありません"
    if kind not in LEVELS:
        return "対象の種類が、5つのどれでもありません"
    if target.count(".") + 1 != LEVELS[kind]:
        return f"`{kind}`の名前は、点で区切った{LEVELS[kind]}つの部分で書きます"
    if target not in TARGETS:
        return "対象の名前が、問題文にあるものと違います"
    if kind not in TARGETS[target]:
        return "対象の名前と種類が合いません。表、ビュー、モデルで、種類の書き方が違います"
    if kind not in PLACES[privilege]:
        return f"`{privilege}`は、`{kind}`に渡す権限ではありません"
    return ""


def surplus(grant: Grant, needed: set[Grant]) -> str:
    """``needed`` にない権限が、なぜ余分か。"""
    privilege, target = grant
    same = [place for wanted, place in needed if wanted == privilege]
    if any(place.startswith(f"{target}.") for place in same):
        return "範囲の広すぎる権限があります。頼まれていないものにまで及びます。"
    if target in PERSONAL and "prod.churn.orders_safe" in same:
        return "個人情報の列がある表を読めてしまいます。本文の`columns`を見てください。"
    if any(target.startswith(f"{place}.") for place in same):
        return "表の1つだけに渡す権限があります。これから作る表にも及ぶように渡せば、この文は必要ありません。"
    return "頼まれていない権限があります。"


# --- 練習2 --------------------------------------------------------------------

KEPT = ["plan", "birth_decade"]
# 顧客番号、メール、生まれた年、プラン、メモ。
# 切り捨てと四捨五入の違う年、プランも年代も同じ2人、空の値を含む。
ROWS = [
    (101, "'aoba@example.com'", 1980, "'ライト'", "NULL"),
    (102, "'ikeya@example.com'", 1987, "'ファミリー'", "'電話は夜に'"),
    (103, "NULL", 1989, "'ライト'", "''"),
    (104, "'seno@example.com'", 2004, "NULL", "NULL"),
    (105, "'tani@example.com'", "NULL", "'スタンダード'", "'猫がいる'"),
    (106, "'mori@example.com'", 1995, "'ライト'", "NULL"),
]
MARKED = {"email", "birth_year"}
AS_VIEW = r"(?is)^\s*create\s.*?\bview\s+[\w.`]+.*?\bas\b(?=\s*(?:select|with|\())"


@check.judge(2)
def _(safe_query):
    if is_spark_table(safe_query.value):
        retry("`safe_query`が表です。実行した結果ではなく、`SELECT`の文を文字列で入れます。")
    sql = text(safe_query)
    if "Ellipsis" in sql:
        unanswered("まだ`...`が残っています。`SELECT`の文に書き換えて実行してください。")
    try:
        made = run_query(sql)
    except Exception as error:
        retry(f"SQLが動きません。{sql_advice(sql) or f'{explain(error)}。'}")
    made = made.rename(columns=str.lower)
    compare_columns(made)
    made = table(Answer("safe_query", made), KEPT)
    if any(isinstance(value, str) for value in made["birth_decade"]):
        retry("`birth_decade`が文字列です。「年代」などの言葉を付けず、数のまま入れます。")
    compare_decades(made)
    right = [
        {"plan": plain_sql(plan), "birth_decade": decade(year)} for _, _, year, plan, _ in ROWS
    ]
    same_rows(Answer("safe_query", made), made, right, KEPT)
    return "年代ごとの集計には足りて、誰かを言い当てる列は入っていません。"


def sql_advice(sql: str) -> str:
    """SQLが動かない、よくある原因を言う文。無ければ空文字列。"""
    wide = re.search("[、，．＝（）＊％\u3000]", re.sub(r"'[^']*'|--[^\n]*", "", sql))
    if wide:
        return f"SQLで使えない文字「{wide[0]}」があります。記号も空白も半角で書きます。"
    if "//" in sql:
        return "SQLに`//`はありません。10で割った余りを`%`で求め、元の年から引けます。"
    if not re.match(r"(?i)\s*(?:select|with|create)\b", sql):
        return "`SELECT`から始まるSQLの文だけを、文字列で入れます。"
    return ""


def plain_sql(value: str) -> str | None:
    return None if value == "NULL" else value.strip("'")


def decade(year: int | str) -> int | None:
    return None if isinstance(year, str) else year // 10 * 10


def run_query(sql: str) -> pd.DataFrame:
    """``customers`` を小さな表に見立てて、読み手のSQLを動かす。置いた表には触らない。"""
    sql = re.sub(AS_VIEW, "", sql.strip().rstrip(";").rstrip())
    sql = re.sub(r"(?i)(?:`?\w+`?\.)+`?customers`?(?![\w.])", "customers", sql)
    rows = ", ".join(
        f"({customer}L, {email}, CAST({year} AS INT), {plan}, {memo})"
        for customer, email, year, plan, memo in ROWS
    )
    query = f"""
        WITH customers AS (
            SELECT * FROM VALUES {rows} AS t(customer_id, email, birth_year, plan, memo)
        )
        SELECT * FROM (
            {sql}
        )
    """
    return SparkSession.builder.getOrCreate().sql(query).toPandas()


def compare_columns(made: pd.DataFrame) -> None:
    """渡してはいけない列か、頼まれていない列があれば、その列を言って退ける。"""
    for name in made.columns:
        if name in MARKED:
            retry(f"個人情報の列`{name}`が入っています。`columns`の説明をもう一度見てください。")
        if name == "memo":
            retry(
                "説明のない列`memo`が入っています。"
                "個人情報の印がなくても、何が入っているか分からない列は渡しません。"
            )
        if name == "customer_id":
            retry(
                "`customer_id`が入っています。プランと年代ごとに数えるとき、その列を使いますか。"
                "1人1行なら、行の数が人数です。"
            )
        if name not in KEPT and "(" in name:
            retry("計算した列に名前がありません。式の後に、`AS`で名前を付けます。")
        if name not in KEPT:
            retry(f"頼まれていない列`{name}`が入っています。渡す列だけを並べます。")
    if len(made) < len(ROWS):
        retry("行が減っています。集計や条件を外し、元の表と同じ1人1行にします。")


def compare_decades(made: pd.DataFrame) -> None:
    """``birth_decade`` が合わなければ、その原因を言って退ける。"""
    years = [year for _, _, year, _, _ in ROWS if not isinstance(year, str)]
    given = sorted(numeric("`birth_decade`", made["birth_decade"]).dropna())
    causes = (
        (lambda year: year, "生まれた年のままです。10年ごとに切り捨てます。"),
        (lambda year: (year + 5) // 10 * 10, "四捨五入になっています。1987年なら1980です。"),
        (lambda year: year // 10, "10で割った数になっています。1987年なら1980です。"),
        (lambda year: year / 10, "10で割った数になっています。1987年なら1980です。"),
        (lambda year: year % 10, "10で割った余りになっています。余りを元の年から引きます。"),
        (lambda year: year // 100 * 100, "100年ごとになっています。10年ごとに切り捨てます。"),
    )
    for mistaken, said in causes:
        if given == sorted(map(mistaken, years)):
            retry(f"`birth_decade`が、{said}")
