"""授業に書いた SQL が、SQL として読めるか。実行できるのは Databricks だけなので、構文で確かめる。"""

import re

import pytest
import sqlglot
from checks.lesson_23 import SHAPE
from sqlglot import exp

from tools.course.lesson import LESSONS, SOLUTIONS

NAME = "23_unity_catalog.py"
LESSON = (LESSONS / NAME).read_text(encoding="utf-8")
STATEMENT = re.compile(r"GRANT [A-Z ]+ ON [A-Z]+ [\w.]+ TO `[^`]+`")
# sqlglot が知らない、Databricks の書き方。
UNKNOWN = ("SHOW GRANTS ON VIEW ", "ALTER TABLE ")


def grants() -> list[str]:
    text = LESSON + (SOLUTIONS / NAME).read_text(encoding="utf-8")
    return sorted(set(STATEMENT.findall(text)))


def blocks() -> list[str]:
    """文章の中の SQL を、1文ずつ。"""
    found = re.findall(r"^# ```sql\n(.*?)^# ```$", LESSON, re.S | re.M)
    lines = re.sub(r"^# ?", "", "\n".join(found), flags=re.M)
    return [one.strip() for one in lines.split(";") if one.strip()]


def read(statement: str) -> exp.Expression | None:
    """構文木。sqlglot は対象の種類 CATALOG を知らないので、SCHEMA に替えて読む。"""
    try:
        known = statement.replace("ON CATALOG", "ON SCHEMA")
        tree = sqlglot.parse_one(known, dialect="databricks")
    except sqlglot.errors.ParseError:
        return None
    return None if isinstance(tree, exp.Command) else tree


def granted(statement: str) -> tuple[str, str, str] | None:
    """構文木から取り出した、権限、対象、相手。GRANT でなければ None。"""
    tree = read(statement)
    if not isinstance(tree, exp.Grant):
        return None
    (privilege,), (principal,) = tree.args["privileges"], tree.args["principals"]
    return privilege.sql().upper(), tree.args["securable"].sql(), principal.name


def test_lesson_has_grants():
    assert len(grants()) >= 10
    assert len(blocks()) >= 8


@pytest.mark.parametrize("statement", grants())
def test_grant_is_sql(statement):
    assert granted(statement)


@pytest.mark.parametrize("statement", blocks())
def test_block_is_sql(statement):
    assert read(statement) or statement.startswith(UNKNOWN)


@pytest.mark.parametrize("statement", [one for one in grants() if "account users" not in one])
def test_check_reads_grants_like_a_parser(statement):
    """確認は正規表現で読む。構文木と同じ権限、対象、相手を取り出すこと。"""
    match = re.fullmatch(SHAPE, statement.replace("`", ""), re.IGNORECASE)
    assert match and (match[1], match[3], match[4]) == granted(statement)


@pytest.mark.parametrize(
    "broken",
    ["GRANT SELECT ON TABLE orders `app`", "GRANT ON TABLE orders TO `app`", "SELECT 1"],
)
def test_broken_grant_is_refused(broken):
    assert granted(broken) is None
    assert not re.fullmatch(SHAPE, broken.replace("`", ""), re.IGNORECASE)


def test_broken_block_is_refused():
    assert read("SELECT event_time FROM system.access.audit WHERE") is None
    assert read("REVOKE SELECT ON TABLE orders `app`") is None
