"""レッスン23の答えを判定する。"""

import re
import unicodedata

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

from checks import Answer, Exercises, mapping, retry, sequence, text
from checks.answers import shown
from checks.values import plain

check = Exercises()

# --- 練習1 --------------------------------------------------------------------

COMMENT = r"--[^\n]*|/\*.*?\*/"  # SQLの注釈
# バッククォートを外した GRANT の、権限、種類、対象、相手。
SHAPE = r"GRANT ([A-Z_ ]+?) ON (\w+) ([\w.-]+) TO ([\w.@-]+)"
NO_KIND = r"GRANT [A-Z_ ]+ ON [\w.-]+ TO [\w.@-]+"
LEVELS = {"CATALOG": 1, "SCHEMA": 2, "TABLE": 3, "FUNCTION": 3}
# 権限と、それを渡せる種類。上の区切りに渡すと、中のすべてに及ぶ。
PLACES = {
    "USE CATALOG": {"CATALOG"},
    "USE SCHEMA": {"CATALOG", "SCHEMA"},
    "SELECT": {"CATALOG", "SCHEMA", "TABLE"},
    "MODIFY": {"CATALOG", "SCHEMA", "TABLE"},
    "CREATE TABLE": {"CATALOG", "SCHEMA"},
    "EXECUTE": {"CATALOG", "SCHEMA", "FUNCTION"},
    "ALL PRIVILEGES": set(LEVELS),
}
TARGETS = {
    "prod": "CATALOG",
    "prod.churn": "SCHEMA",
    "prod.churn.orders": "TABLE",
    "prod.churn.customers": "TABLE",
    "prod.churn.churn_model": "FUNCTION",
}
DOORS = {("USE CATALOG", "prod"): "建物", ("USE SCHEMA", "prod.churn"): "階"}
ROOMS = {
    "analysts": {("SELECT", "prod.churn.orders"): "表を読む"},
    "data_engineers": {
        ("SELECT", "prod.churn"): "これから作る表も含めて、表を読む",
        ("MODIFY", "prod.churn"): "これから作る表も含めて、表を書き換える",
    },
    "app": {("EXECUTE", "prod.churn.churn_model"): "モデルを使う"},
}
Grant = tuple[str, str]  # 権限と対象


@check.judge(1)
def _(statements):
    given: dict[str, dict[Grant, str]] = {}
    for who, answer in mapping(statements, list(ROOMS)).items():
        given[who] = granted(who, answer)
    for who, grants in given.items():
        needed = set(DOORS) | set(ROOMS[who])
        for grant, sentence in grants.items():
            if grant not in needed:
                retry(f"{surplus(grant, needed)}余分な文は、`{who}`の`{sentence}`です。")
    for who, grants in given.items():
        lacking = [door for grant, door in DOORS.items() if grant not in grants]
        if lacking:
            retry(f"`{who}`に、{'と'.join(lacking)}の鍵が足りません。部屋までたどり着けません。")
        for grant, work in ROOMS[who].items():
            if grant not in grants:
                retry(f"`{who}`が「{work}」には、権限が足りません。権限の表を見てください。")
    return "どの役割にも、要るものだけを渡しました。"


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
        return "対象の種類が、4つのどれでもありません"
    if target.count(".") + 1 != LEVELS[kind]:
        return f"`{kind}`の名前は、点で区切った{LEVELS[kind]}つの部分で書きます"
    if target not in TARGETS:
        return "対象の名前が、問題文にあるものと違います"
    if TARGETS[target] != kind:
        return "対象の名前と種類が合いません。表とモデルで、種類の書き方が違います"
    if kind not in PLACES[privilege]:
        return f"`{privilege}`は、`{kind}`に渡す権限ではありません"
    return ""


def surplus(grant: Grant, needed: set[Grant]) -> str:
    """``needed`` にない権限が、なぜ余分か。"""
    privilege, target = grant
    same = [place for wanted, place in needed if wanted == privilege]
    if any(place.startswith(f"{target}.") for place in same):
        return "範囲の広すぎる権限があります。頼まれていないものにまで及びます。"
    if any(target.startswith(f"{place}.") for place in same):
        return (
            "表の1つだけに渡す権限があります。これから作る表にも及ぶように渡せば、要らない文です。"
        )
    return "頼まれていない権限があります。"


# --- 練習2 --------------------------------------------------------------------

SCHEMA = "unity_catalog"
UNDOCUMENTED = {"customers.memo", "orders.yen"}
DOCUMENTED = {
    f"{table}.{column}"
    for table, columns in {
        "customers": ["customer_id", "email", "birth_year", "plan"],
        "orders": ["order_id", "customer_id", "ship_to"],
    }.items()
    for column in columns
}
AGAIN = "`DROP TABLE`のある2つのセルから、`columns`を作るセルまでを実行し直してください。"
MISSED = {
    "orders.yen": "`undocumented`に足りない列があります。空の値は`==`で見つからないので、`isna()`も使います。",
    "customers.memo": "`undocumented`に、説明が空の文字列の列がありません。空の値だけを探していませんか。",
}  # fmt: skip
MISSED_BOTH = (
    "`undocumented`が空です。条件を`|`でつなぐ時に、`==`のほうもかっこで囲んでいるかと、"
    "空の値を`==`で探していないかを見てください。"
)


@check.judge(2)
def _(undocumented):
    given = [full_name(part) for part in sequence(undocumented, ordered=False, empty=True)]
    comments = comments_of("orders")
    if "yen" not in comments:
        retry(f"表`orders`に、列`yen`がありません。{AGAIN}")
    strange = [name for name in given if name not in UNDOCUMENTED | DOCUMENTED]
    if strange:
        retry(
            f"`undocumented`の{shown(strange[0])}は、2つの表の列の名前ではありません。"
            '`"表.列"`の形で、ほかには何も付けずに入れます。'
        )
    if set(given) & DOCUMENTED:
        retry(
            "`undocumented`に、説明のある列が入っています。条件の向きと、表と列の組を見てください。"
        )
    missing = UNDOCUMENTED - set(given)
    if missing:
        retry(MISSED.get("".join(missing), MISSED_BOTH) + _remade(missing, comments))
    if len(given) != len(set(given)):
        retry("`undocumented`に、同じ列が2回入っています。")
    _check_comment(comments)
    written = re.sub("`", "", comments["yen"])
    return f"いまの`orders.yen`の説明は、`{written}`です。"


def _remade(missing: set[str], comments: dict[str, str]) -> str:
    """見つからなかった列に説明が付いていれば、``columns`` を作り直した時にすること。"""
    now = {"orders.yen": comments["yen"]}
    if "customers.memo" in missing:
        now["customers.memo"] = comments_of("customers").get("memo", "")
    if not all(now[name] for name in missing):
        return ""
    return f"説明を付けた後で`columns`を作り直したのなら、{AGAIN}"


def full_name(part: Answer) -> str:
    if isinstance(part.value, tuple | list):
        retry(
            "`undocumented`の要素が組になっています。表と列の名前を`.`でつなぎ、1つの文字列にします。"
        )
    return plain(text(part))


def comments_of(table: str) -> dict[str, str]:
    """表の、列の名前 → いまの説明。"""
    try:
        columns = SparkSession.builder.getOrCreate().table(f"{SCHEMA}.{table}").schema
    except AnalysisException:
        retry(f"表`{table}`が見つかりません。{AGAIN}")
    return {column.name: column.metadata.get("comment") or "" for column in columns}


def _check_comment(comments: dict[str, str]) -> None:
    now = unicodedata.normalize("NFKC", comments["yen"])
    if "円" in re.sub("[十百千万億兆]円", "", now):
        return
    if "円" in now:
        retry("`orders.yen`の説明の単位が、「円」ではありません。いまは、別の単位で読まれます。")
    if now.strip():
        retry("`orders.yen`の説明に、単位の「円」がありません。")
    others = "`orders`の別の列の説明に「円」があるので、列の名前も見てください。"
    hint = others if any("円" in comment for comment in comments.values()) else ""
    retry(
        f"`orders.yen`の説明が、まだ空です。`ALTER TABLE`の文を`spark.sql`で実行しましたか。{hint}"
    )


# --- 練習3 --------------------------------------------------------------------

START = "customers.plan"
FROM_THE_LEFT = (
    "`predictions`の先には何もありません。元の列は、`edges`の左側の名前から、"
    "先をたどると`predictions`に着くものを選びます。"
)
AFFECTED = {"features.plan", "churn_model v1", "predictions"}
ORIGINS = {"customers.plan", "orders.yen"}
NAMES = AFFECTED | ORIGINS | {
    "customers.birth_year",
    "customers.email",
    "features.age",
    "features.spend_3m",
    "monthly_report",
}  # fmt: skip


@check.judge(3)
def _(affected, origins):
    reached = names_in(affected, "たどり始める名前のつづりを見てください。")
    sources = names_in(origins, FROM_THE_LEFT)
    if reached == ORIGINS and sources == AFFECTED:
        retry("`affected`と`origins`が逆です。先へたどったものを`affected`に入れます。")
    if START in reached:
        retry("`affected`に、`customers.plan`自身が入っています。その先だけを入れます。")
    if AFFECTED - reached:
        retry("`affected`に足りないものがあります。直接つながるものの、さらに先までたどります。")
    if reached - AFFECTED:
        retry("`affected`に、`customers.plan`からたどり着かないものがあります。")
    if any(not name.startswith(("customers.", "orders.")) for name in sources):
        retry("`origins`に、特徴量やモデルが入っています。元の2つの表の列だけを入れます。")
    if sources - ORIGINS:
        retry("`origins`に、先をたどっても`predictions`に着かない列があります。")
    if ORIGINS - sources:
        retry("`origins`に足りない列があります。もう1つの表の列も、先をたどってください。")
    return "先へたどれば影響が、元へたどれば根拠が分かります。"


def names_in(answer: Answer, when_empty: str) -> set[str]:
    """``edges`` にある名前の集まり。空白と大文字小文字の違いは除く。"""
    known = {plain(name): name for name in NAMES}
    given = [plain(part) for part in sequence(answer, of=text, ordered=False, empty=True)]
    if not given:
        retry(f"{answer}が空です。{when_empty}")
    pieces = {plain(piece) for name in NAMES for piece in re.split("[. ]", name)}
    if any(name in pieces - set(known) for name in given):
        retry(
            f"{answer}に、名前の一部だけのものがあります。`edges`にある名前を略さずに書きます。列なら`表.列`の形です。"
        )
    if any(name not in known for name in given):
        retry(f"{answer}に、`edges`に無い名前があります。つづりを見てください。")
    if len(given) != len(set(given)):
        retry(f"{answer}に、同じ名前が2回入っています。")
    return {known[name] for name in given}
