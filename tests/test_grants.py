"""授業に書いた GRANT の文が、SQL として読めるか。実行できるのは Databricks だけなので、構文で確かめる。"""

import re

import pytest
import sqlglot
from sqlglot import exp

from tools.lesson import LESSONS, SOLUTIONS

STATEMENT = re.compile(r"GRANT [A-Z ]+ ON [A-Z]+ [\w.]+ TO `\w+`")


def statements() -> list[str]:
    paths = [folder / "23_unity_catalog.py" for folder in (LESSONS, SOLUTIONS)]
    return sorted({one for path in paths for one in STATEMENT.findall(path.read_text("utf-8"))})


def is_grant(statement: str) -> bool:
    """GRANT の文として読めるか。sqlglot は対象の種類 CATALOG を知らないので、SCHEMA に替えて読む。"""
    try:
        known = statement.replace("ON CATALOG", "ON SCHEMA")
        return isinstance(sqlglot.parse_one(known, dialect="databricks"), exp.Grant)
    except sqlglot.errors.ParseError:
        return False


def test_lesson_has_grants():
    assert len(statements()) >= 10


@pytest.mark.parametrize("statement", statements())
def test_grant_is_sql(statement):
    assert is_grant(statement)


@pytest.mark.parametrize(
    "broken",
    ["GRANT SELECT ON TABLE orders `app`", "GRANT ON TABLE orders TO `app`", "SELECT 1"],
)
def test_broken_grant_is_refused(broken):
    assert not is_grant(broken)
