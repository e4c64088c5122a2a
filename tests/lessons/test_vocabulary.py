"""確認の言葉が、人が実際に書く形をすべて受け取り、壊れた入力に日本語で答えることを確かめる。"""

import datetime
import decimal
import fractions
import math
import re
import string
import types
import unicodedata

import numpy as np
import pandas as pd
import pytest
from checks import (
    Answer,
    day,
    estimator,
    fitted,
    flag,
    function,
    mapping,
    model_version,
    month,
    near,
    number,
    pairs,
    same_rows,
    sequence,
    share,
    table,
    text,
    whole,
    word,
    words,
    yen,
)
from checks.answers import Retry, Unanswered, has_ellipsis, kind_of, shown
from checks.errors import explain
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import Row

settings.register_profile("book", deadline=None, max_examples=60, derandomize=True)
settings.load_profile("book")

JAPANESE = re.compile("[ぁ-ヿ]")
ENGLISH = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,.:]+){4,}")


def answer(value):
    return Answer("x", value)


def refusal(reader, value):
    """``reader`` が退けた文。退けなければ試験を落とす。"""
    with pytest.raises((Retry, Unanswered)) as caught:
        reader(answer(value))
    message = str(caught.value)
    plain = re.sub("`[^`]*`", "", message)
    assert JAPANESE.search(plain) and not ENGLISH.search(plain), message
    assert message.endswith("。")
    return message


# --- 数 -----------------------------------------------------------------------

INTEGERS = st.integers(-(2**31), 2**31 - 1)
WRAPS = {
    "int": int,
    "float": float,
    "numpyの整数": np.int64,
    "numpyの小数": np.float64,
    "Decimal": decimal.Decimal,
    "Fraction": fractions.Fraction,
    "0次元の配列": np.array,
    "1要素の配列": lambda n: np.array([n]),
    "1要素のSeries": lambda n: pd.Series([n], index=["値"]),
    "1×1の表": lambda n: pd.DataFrame({"n": [n]}),
    "1列のRow": lambda n: Row(n=n),
    "DecimalのRow": lambda n: Row(n=decimal.Decimal(n)),
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS.keys())
@given(INTEGERS)
def test_a_whole_number_is_read_from_every_type(wrap, n):
    assert whole(answer(wrap(n))) == n
    assert number(answer(wrap(n))) == n
    assert yen(answer(wrap(n))) == n
    assert isinstance(whole(answer(wrap(n))), int)


@given(st.floats(0, 1), st.sampled_from([float, np.float64, decimal.Decimal, np.array]))
def test_a_share_is_read_from_every_type(value, wrap):
    assert share(answer(wrap(value))) == value
    assert near(share(answer(np.float32(value))), value, 1e-6)


@given(st.floats(1.01, 100))
def test_a_share_written_in_per_cent_is_told_so(value):
    assert "百分率" in refusal(share, value)
    assert "百分率" in refusal(share, f"{value:.1f}%")
    assert "百分率" in refusal(share, f"{value:.1f}％")


@given(st.one_of(st.floats(100.1, 1e9), st.floats(-1e9, -1e-9)))
def test_a_share_outside_its_range_is_refused(value):
    refusal(share, value)


@given(INTEGERS.filter(lambda n: n % 1 == 0), st.floats(0.01, 0.99))
def test_a_fraction_is_not_a_whole_number(n, rest):
    assert "整数" in refusal(whole, n + rest)
    assert number(answer(n + rest)) == n + rest


@pytest.mark.parametrize("reader", [number, whole, share, yen])
@pytest.mark.parametrize("value", [True, False, np.True_, np.array(True), pd.Series([True])])
def test_a_truth_value_is_not_a_number(reader, value):
    assert "真偽値" in refusal(reader, value)


@pytest.mark.parametrize("reader", [number, whole, share, yen])
@pytest.mark.parametrize(
    "make", [float, np.float64, decimal.Decimal, lambda v: pd.Series([float(v)])]
)
def test_nan_and_infinity_and_empty_are_told_apart(reader, make):
    assert "NaN" in refusal(reader, make("nan"))
    assert "無限大" in refusal(reader, make("inf")) or reader is share
    assert "空です" in refusal(reader, pd.Series([], dtype=float))
    assert "空です" in refusal(reader, np.array([]))


@given(INTEGERS, st.sampled_from(["{}", " {} ", "{}円", "{:,}"]))
def test_a_number_in_quotes_is_told_so(n, form):
    assert "引用符" in refusal(number, form.format(n))
    wide = form.format(n).translate({ord(c): ord(c) + 0xFEE0 for c in string.digits})
    assert "引用符" in refusal(number, wide)


def test_common_slips_are_named():
    assert "カンマ" in refusal(yen, (-12, 0))
    assert "None" in refusal(number, None)
    assert "呼び出し" in refusal(number, len)
    assert "リスト" in refusal(number, [1, 2])
    assert "Series" in refusal(number, pd.Series([1, 2]))


@given(st.booleans(), st.sampled_from([bool, np.bool_, np.array, lambda v: pd.Series([v])]))
def test_a_flag_is_read_from_every_type(value, wrap):
    assert flag(answer(wrap(value))) is value


@pytest.mark.parametrize("value", [0, 1, 1.0, "True", "はい", None, [True]])
def test_a_flag_is_only_a_truth_value(value):
    assert "`True`か`False`" in refusal(flag, value)


@pytest.mark.parametrize(
    ("value", "right", "tolerance", "same"),
    [
        (0.417, 2000 / 4800, 5e-4, True),
        (0.42, 2000 / 4800, 5e-4, False),
        (1e9 + 1, 1e9, 0.5, False),
        (0.1 + 0.2, 0.3, 0, True),
    ],
)
def test_near(value, right, tolerance, same):
    assert near(value, right, tolerance) is same


@given(st.floats(0.01, 0.99), st.integers(2, 6))
def test_rounding_is_accepted_and_nothing_else(right, places):
    from checks import rounds_to

    assert rounds_to(right, right) and rounds_to(round(right, places), right)
    assert not rounds_to(right + 0.0061, right)


# --- 言葉 ---------------------------------------------------------------------

OPTIONS = ["データ層", "ML層", "管理層", "ア", "AUC"]


def widened(word):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


@given(
    st.sampled_from(OPTIONS),
    st.sampled_from(
        [str, widened, str.lower, str.upper, lambda w: unicodedata.normalize("NFD", w)]
    ),
    st.sampled_from(["{}", " {}", "{}\u3000", "「{}」", '"{}"', "\n{}\n"]),
)
def test_a_word_is_read_however_it_is_typed(option, change, around):
    assert word(answer(around.format(change(option))), OPTIONS) == option


def test_half_width_kana_and_other_names_are_the_same_word():
    assert word(answer("ｱ"), OPTIONS) == "ア"
    also = {"教師あり（分類）": "分類"}
    assert word(answer("教師あり(分類)"), ["分類", "回帰"], also) == "分類"


@given(st.text(max_size=20))
def test_any_other_word_is_refused_with_the_choices(typed):
    wanted = {"甲", "乙"}
    if unicodedata.normalize("NFKC", re.sub(r"[\s「」『』\"'`]", "", typed)) in wanted:
        return
    message = refusal(lambda a: word(a, sorted(wanted)), typed)
    assert "甲" in message or "空" in message


@given(
    st.permutations(["甲", "乙", "丙"]), st.sampled_from([list, tuple, set, frozenset, pd.Series])
)
def test_words_come_in_any_order_and_container(chosen, container):
    assert words(answer(container(chosen[:2])), ["甲", "乙", "丙"]) == set(chosen[:2])


def test_text_is_one_string():
    assert text(answer("  理由 ")) == "理由"
    refusal(text, "")
    refusal(text, 3)


# --- 並び ---------------------------------------------------------------------

CONTAINERS = [list, tuple, np.array, pd.Series, pd.Index, lambda v: pd.DataFrame({"v": v})]


@given(st.lists(INTEGERS, min_size=1, max_size=6), st.sampled_from(CONTAINERS))
def test_a_sequence_is_read_from_every_container(values, container):
    assert sequence(answer(container(values)), len(values), number) == values


@pytest.mark.parametrize(
    "value", [iter([1, 2]), map(int, "12"), reversed([1, 2]), (n for n in "12")]
)
def test_what_can_be_read_only_once_is_told_so(value):
    assert "list" in refusal(sequence, value)


def test_rows_of_one_column_are_values():
    assert sequence(answer([Row(n=3), Row(n=4)]), 2, whole) == [3, 4]


@pytest.mark.parametrize("value", [{1, 2}, frozenset([1]), {1: 2}])
def test_a_set_has_no_order(value):
    assert "順序" in refusal(sequence, value)


@given(st.integers(0, 5))
def test_the_length_is_told(length):
    if length != 3:
        assert "3個" in refusal(lambda a: sequence(a, 3), list(range(length))) or length == 0


@given(st.dictionaries(st.sampled_from("甲乙丙丁"), INTEGERS, min_size=1))
def test_a_mapping_is_read_from_every_form(value):
    forms = [
        value,
        dict(reversed(value.items())),
        pd.Series(value),
        list(value.items()),
        Row(**value),
    ]
    for form in forms:
        assert mapping(answer(form), list(value), whole) == value
    assert {(k.value, v.value) for k, v in pairs(answer(value))} == set(value.items())


def test_missing_and_surplus_keys_are_told_apart():
    assert "ありません" in refusal(lambda a: mapping(a, ["甲", "乙"]), {"甲": 1})
    assert "無いキー" in refusal(lambda a: mapping(a, ["甲"]), {"甲": 1, "乙": 2})
    assert mapping(answer({"Ａ ": 1}), ["A"], number) == {"A": 1}
    assert mapping(answer({np.int64(3): 1}), [3], number) == {3: 1}


# --- 日付 ---------------------------------------------------------------------


@given(st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 12, 31)))
def test_a_date_is_read_from_every_form(date):
    forms = [
        date,
        datetime.datetime(date.year, date.month, date.day, 9, 30),
        pd.Timestamp(date),
        np.datetime64(date),
        date.isoformat(),
        f"{date.year}/{date.month}/{date.day}",
        f"{date.year}年{date.month}月{date.day}日",
        f"{date.isoformat()} 00:00:00",
    ]
    for form in forms:
        assert day(answer(form)) == date
        assert month(answer(form)) == (date.year, date.month)
    assert month(answer(f"{date:%Y-%m}")) == (date.year, date.month)
    assert month(answer(pd.Period(date, "M"))) == (date.year, date.month)


@pytest.mark.parametrize(
    "value", ["2026-02-30", "三月", "", 20260301, None, pd.NaT, ["2026-03-01"]]
)
def test_what_is_no_date_is_refused(value):
    refusal(day, value)
    refusal(month, value)


# --- 表 -----------------------------------------------------------------------

ROWS = st.lists(
    st.tuples(st.integers(-1000, 1000), st.sampled_from(["甲", "乙"])),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row[0],
)


@given(ROWS, st.randoms(use_true_random=False))
def test_rows_are_equal_in_any_order_and_type(rows, random):
    right = pd.DataFrame(rows, columns=["id", "name"])
    random.shuffle(rows)
    given_rows = pd.DataFrame(rows, columns=["id", "name"])[["name", "id"]]
    for kind in (int, float, decimal.Decimal, np.int32):
        changed = given_rows.assign(id=[kind(value) for value in given_rows["id"]])
        read = table(answer(changed), ["id", "name"])
        assert same_rows(answer(changed), read, right, "id") is None


@given(ROWS, st.data())
def test_any_change_of_the_rows_is_refused(rows, data):
    right = pd.DataFrame(rows, columns=["id", "name"])
    at = data.draw(st.integers(0, len(rows) - 1))
    changed = data.draw(
        st.sampled_from(
            [
                right.drop(index=at),
                pd.concat([right, right.iloc[[at]]]),
                right.assign(id=right["id"].where(right.index != at, 5000)),
                right.assign(name=right["name"].where(right.index != at, "丙")),
                right.assign(name=right["name"].where(right.index != at, None)),
            ]
        )
    )
    refusal(lambda a: same_rows(a, table(a, ["id", "name"]), right, "id"), changed)


def test_the_right_value_is_not_shown():
    right = pd.DataFrame({"id": [1], "total": [98765]})
    message = refusal(lambda a: same_rows(a, a.value, right, "id"), right.assign(total=[4]))
    assert "total" in message and "98765" not in message


def test_grouped_tables_keep_their_key_in_the_index():
    frame = pd.DataFrame({"plan": ["甲", "甲", "乙"], "n": [1, 2, 3]})
    grouped = frame.groupby("plan").sum()
    assert list(table(answer(grouped), ["plan", "n"]).columns) == ["plan", "n"]
    assert list(table(answer(frame.groupby("plan")["n"].sum()), ["plan", "n"])["n"]) == [3, 3]


def test_table_slips_are_named():
    frame = pd.DataFrame({"a": [1], "b": [2]})
    assert "`c`がありません" in refusal(lambda a: table(a, ["a", "c"]), frame)
    assert "余分な列`b`" in refusal(lambda a: table(a, ["a"]), frame)
    assert "Spark" in refusal(lambda a: table(a, ["a"], spark=True), frame)
    assert "`None`" in refusal(table, None)
    doubled = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    assert "同じ名前の列`a`" in refusal(lambda a: table(a, ["a", "b"]), doubled)
    words = frame.assign(b=["2"])
    assert "`b`が文字列" in refusal(lambda a: same_rows(a, a.value, frame, "a"), words)
    assert list(table(answer(frame), ["b"], extra=True).columns) == ["b"]


def test_spark_tables_are_read_too():
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.getOrCreate()
    frame = spark.sql("SELECT 1 AS id, CAST(2 AS DECIMAL(5, 1)) AS n, DATE'2026-03-01' AS day")
    right = [{"id": 1, "n": 2, "day": datetime.date(2026, 3, 1)}]
    for value in (frame, frame.collect(), frame.toPandas()):
        same_rows(answer(value), table(answer(value), ["id", "n", "day"]), right, "id")
    assert "toPandas" in refusal(lambda a: table(a, spark=False), frame)
    broken = spark.sql("SELECT CAST('３円' AS INT) AS n")
    assert "数や日付に直せない" in refusal(table, broken)
    assert "列が見つかりません" in refusal(table, frame.select("nothing"))
    assert "first()" in refusal(number, frame)
    assert kind_of(frame) == "Sparkの表（DataFrame）"


# --- 関数 ---------------------------------------------------------------------


class Strange(Exception):
    """文字にもできない例外。"""

    def __str__(self):
        raise ValueError("no text")


def raising(error):
    def reader_function(value):
        raise error

    return reader_function


ERRORS = [
    ValueError("could not convert string to float: 'abc'"),
    KeyError("age"),
    KeyError(),
    IndexError("list index out of range"),
    IndexError("only integers, slices (`:`) and boolean arrays are valid indices"),
    TypeError("unsupported operand"),
    ZeroDivisionError(),
    AttributeError("no such attribute"),
    NameError("name 'x' is not defined"),
    SystemExit(1),
    RecursionError(),
    UnboundLocalError("cannot access local variable"),
    StopIteration(),
    GeneratorExit(),
    MemoryError(),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "invalid start byte"),
    Strange(),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_function_that_stops_is_told_in_japanese(error):
    def call(function_answer):
        return function(function_answer, 1)(5)

    message = refusal(call, raising(error))
    assert "x(5)" in message and type(error).__name__ in message


def test_endless_recursion_and_exit_are_survived():
    def endless(value):
        return endless(value)

    def leaving(value):
        raise SystemExit

    assert "自分自身" in refusal(lambda a: function(a)(1), endless)
    assert "exit" in refusal(lambda a: function(a)(1), leaving)


def test_an_endless_loop_is_ended(monkeypatch):
    def endless(value):
        while True:
            pass

    monkeypatch.setattr("checks.functions.LIMIT", 0.2)
    assert "終わらない繰り返し" in refusal(lambda a: function(a)(1), endless)


def test_a_called_variable_is_told(monkeypatch):
    def reader_function(value):
        total = 3
        return total(value)

    assert "かっこで呼び出して" in refusal(lambda a: function(a)(1), reader_function)


@given(st.lists(INTEGERS, min_size=1))
def test_arguments_are_copied(values):
    def spoiling(given_values):
        given_values.clear()
        return 0

    before = list(values)
    function(answer(spoiling), 1)(values)
    assert values == before


def test_the_readers_own_line_is_shown():
    import linecache

    source = "def f(row):\n    limit = 3\n    return row['age'] > limit\n"
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    namespace = {}
    exec(compile(source, "<cell>", "exec"), namespace)  # noqa: S102
    message = refusal(lambda a: function(a)({}), namespace["f"])
    assert "3行目" in message and "row['age'] > limit" in message and "`age`" in message


@pytest.mark.parametrize("value", [3, "f", None, int, [len]])
def test_what_is_no_function_is_refused(value):
    assert "関数" in refusal(function, value)


def test_the_number_of_arguments_is_told():
    assert "引数1個" in refusal(lambda a: function(a, 1), lambda: 0)
    assert function(answer(lambda first, second=2: first), 1)(3).value == 3


def test_a_function_left_empty_is_unanswered():
    def empty(value): ...

    def stub(value):
        return ...

    def real(value):
        return value

    with pytest.raises(Unanswered):
        function(answer(empty))
    with pytest.raises(Unanswered):
        function(answer(stub))(1)
    assert function(answer(real))(1).value == 1


# --- モデル -------------------------------------------------------------------


def test_models():
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier()
    assert "クラス" in refusal(estimator, DecisionTreeClassifier)
    assert "`fit`" in refusal(fitted, tree)
    assert fitted(answer(tree.fit([[0], [1]], [0, 1]))) is tree
    assert "fit" in refusal(fitted, make_pipeline(StandardScaler(), DecisionTreeClassifier()))
    assert "scikit-learn" in refusal(estimator, "tree")


def registered(n):
    return types.SimpleNamespace(version=str(n))


@given(st.integers(1, 999), st.sampled_from([int, str, np.int64, float, registered]))
def test_a_model_version_is_read_from_every_type(n, wrap):
    assert model_version(answer(wrap(n))) == n


# --- どんな入力でも -----------------------------------------------------------


class Hostile:
    """比べることも、数えることも、文字にすることもできないもの。"""

    def __eq__(self, other):
        raise ValueError("cannot compare")

    __hash__ = None

    def __repr__(self):
        raise ValueError("cannot be written")

    def __len__(self):
        raise TypeError("no length")


SIMPLE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.complex_numbers(),
    st.decimals(),
    st.dates(),
    st.sampled_from([..., len, int, math, pd.NaT, pd.NA, np.nan, object(), range(3), lambda: 0]),
    st.builds(Hostile),
)
ANYTHING = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.lists(st.integers(), max_size=3).map(np.array),
        st.lists(st.one_of(st.integers(), st.text(max_size=2)), max_size=3).map(pd.Series),
        st.lists(st.integers(), max_size=3).map(lambda v: pd.DataFrame({"a": v, "b": v})),
    ),
    max_leaves=5,
)
READERS = {
    "number": number,
    "whole": whole,
    "share": share,
    "yen": yen,
    "flag": flag,
    "text": text,
    "word": lambda a: word(a, ["甲", "乙"]),
    "words": lambda a: words(a, ["甲", "乙"]),
    "sequence": lambda a: sequence(a, 2, number),
    "pairs": pairs,
    "mapping": lambda a: mapping(a, ["甲"], number),
    "day": day,
    "month": month,
    "table": lambda a: table(a, ["a"], extra=True),
    "function": lambda a: function(a, 1)(3),
    "estimator": estimator,
    "fitted": fitted,
    "model_version": model_version,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
@given(ANYTHING)
def test_any_input_is_read_or_refused_in_japanese(reader, value):
    try:
        reader(answer(value))
    except (Retry, Unanswered) as reason:
        plain = re.sub("`[^`]*`|「[^」]*」", "", str(reason))
        assert JAPANESE.search(plain) and not ENGLISH.search(plain), str(reason)


@given(ANYTHING)
def test_any_value_can_be_named(value):
    assert isinstance(kind_of(value), str) and isinstance(has_ellipsis(value), bool)
    assert isinstance(shown(value), str)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_is_explained_without_its_english(error):
    said = re.sub(r"（\w+）|`[^`]*`", "", explain(error))
    assert JAPANESE.search(said) and not re.search("[A-Za-z]{4,}", said.replace("import", ""))
