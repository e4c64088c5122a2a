"""読み手のコードが止まった理由を、日本語の一文にする。"""

from __future__ import annotations

import linecache
import traceback
from types import TracebackType

SPARK = {
    "TABLE_OR_VIEW_NOT_FOUND": "表が見つかりません。表の名前と、スキーマを見てください",
    "TABLE_OR_VIEW_ALREADY_EXISTS": '表がもうあります。`mode("overwrite")`で置き換えます',
    "UNRESOLVED_COLUMN": "列が見つかりません。列の名前を見てください",
    "PARSE_SYNTAX_ERROR": "SQLの書き方に誤りがあります",
    "CAST_INVALID_INPUT": "数や日付に直せない文字が混ざっています",
    "DIVIDE_BY_ZERO": "0で割っています",
    "DELTA_MERGE_UNRESOLVED_EXPRESSION": "列が見つかりません。列の名前を見てください",
    "DELTA_MULTIPLE_SOURCE_ROW_MATCHING": "`MERGE`で、1つの行に2つ以上の行が合いました。`ON`の条件を見てください",
    "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES": "列の名前に使えない文字があります。別名を付けます",
    "DELTA_METADATA_MISMATCH": "列の名前か型が、前に保存した表と違います。表を消してから保存し直します",
    "DELTA_FAILED_TO_MERGE_FIELDS": "列の型が、前に保存した表と違います。表を消してから保存し直します",
    "NOT_EXPECTED_TYPE": "引数の種類が違います。リストで渡すか、1つずつ渡すかも見てください",
    "AMBIGUOUS_REFERENCE": "同じ名前の列が2つあります",
    "DATATYPE_MISMATCH": "列の型が合いません",
    "NOT_IMPLEMENTED": "サーバーレスでは使えない書き方です",
    "SCHEMA_NOT_FOUND": "スキーマが見つかりません",
    "REQUIRES_SINGLE_PART_NAMESPACE": "その名前のカタログがありません。表の名前だけで書きます",
    "INVALID_STATEMENT_OR_CLAUSE": "ここでは使えないSQLの文です",
}
PYTHON = (
    (RecursionError, "自分自身を呼び続けて、終わりません"),
    (NotImplementedError, "まだ作られていない処理を呼んでいます"),
    (SystemExit, "`exit()`でプログラムを終わらせています"),
    (KeyboardInterrupt, "途中で止められました"),
    (ZeroDivisionError, "0で割っています"),
    (IndexError, "番号が、並びの長さを超えています"),
    (FileNotFoundError, "ファイルが見つかりません"),
    (ModuleNotFoundError, "importした名前のモジュールが見つかりません"),
    (ImportError, "importした名前が、モジュールの中に見つかりません"),
    (IndentationError, "字下げがそろっていません"),
    (SyntaxError, "Pythonの文として読めません。かっこ、引用符、全角の記号を見てください"),
    (MemoryError, "メモリーが足りません"),
    (AssertionError, "`assert`の条件が成り立ちません"),
    (TypeError, "値の種類か、引数の数や名前が合いません"),
    (OverflowError, "数が大きすぎます"),
    (ValueError, "種類は合っていますが、中身が受け付けられない値があります"),
    (OSError, "ファイルか通信を扱えませんでした"),
)


def explain(error: BaseException, namespace: dict | None = None) -> str:
    """止まった理由と、``namespace`` に書かれたコードならその行を、句点の無い日本語で返す。"""
    return f"{_reason(error)}{_place(error, namespace)}"


def _reason(error: BaseException) -> str:
    name = type(error).__name__
    try:
        return f"{_named(error)}（{name}）"
    except Exception:  # 例外の作りが思いがけないもの
        return f"`{name}`というエラーです"


def _named(error: BaseException) -> str:
    if type(error).__name__ == "PythonException":
        return "Sparkの中で動く、自分で書いた関数（UDF）が、途中で止まりました"
    condition = _spark_condition(error)
    if condition is not None:
        known = (text for key, text in SPARK.items() if condition.startswith(key))
        return next(known, "Sparkが、この処理を受け付けませんでした")
    match error:
        case UnboundLocalError():
            return "関数の中で、値を入れる前の変数を使っています"
        case NameError() if getattr(error, "name", None):
            return f"`{error.name}`という名前がまだありません"
        case AttributeError() if getattr(error, "name", None):
            return f"`.{error.name}`は、ここでは使えません"
        case TypeError() if str(error) == "'Column' object is not callable":
            return "Sparkの表か列に、その名前のメソッドはありません"
        case TypeError() if str(error).endswith("object is not callable"):
            return (
                "関数でないものを、かっこで呼び出しています。"
                "`list`や`max`のような名前を変数に使ったなら、`del`で消します"
            )
        case Exception() if "is already active" in str(error):
            return (
                "前に始めたMLflowのランが開いたままです。`mlflow.end_run()`で閉じてから実行します"
            )
        case ValueError() if "truth value of a" in str(error):
            return "列や表の全体を、そのまま`if`や`and`で調べています。1つの値にしてから調べます"
        case IndexError() if "only integers" in str(error):
            return "配列からは、列の名前で取り出せません。番号で取り出すか、表のまま使います"
        case KeyError() if len(error.args) == 1 and len(str(error.args[0])) <= 30:
            return f"`{error.args[0]}`というキーか列が見つかりません"
        case LookupError() if isinstance(error, KeyError):
            return "キーか列が見つかりません"
    for base in type(error).__mro__:
        if base.__name__ == "NotFittedError":
            return "まだ`fit`していないモデルを使っています"
        if base.__name__ == "MlflowException":
            return "MLflowが、この操作を受け付けませんでした。名前、番号、エイリアスを見てください"
    return next(
        (text for kind, text in PYTHON if isinstance(error, kind)),
        "思いがけない理由で止まりました",
    )


def _spark_condition(error: BaseException) -> str | None:
    """Spark の例外なら、エラーの条件の名前（無ければ空）。"""
    if not any(base.__name__ == "PySparkException" for base in type(error).__mro__):
        return None
    for method in ("getCondition", "getErrorClass"):
        if hasattr(error, method):
            return getattr(error, method)() or ""
    return ""


def _place(error: BaseException, namespace: dict | None) -> str:
    if isinstance(error, SyntaxError) and error.lineno:
        return f"。{error.lineno}行目です"
    lines = reader_lines(error.__traceback__, namespace)
    return f"。{lines[-1][0]}行目の`{lines[-1][1]}`です" if lines else ""


def reader_lines(trace: TracebackType | None, namespace: dict | None) -> list[tuple[int, str]]:
    """``namespace`` に書かれたコードのうち、止まるまでに通った（行の番号、その行）。"""
    found = []
    for frame, number in traceback.walk_tb(trace):
        if frame.f_globals is namespace:
            line = linecache.getline(frame.f_code.co_filename, number).strip()
            if line and not line.startswith("check("):
                found.append((number, line))
    return found
