"""授業のコードから、サーバーレスで動かない書き方を見つける。

構文木だけを見る。文字列の検索では、文章やコメントまで拾ってしまう。
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator

from tools import ROOT
from tools.checks import repeat
from tools.checks.syntax import Problem, chain, chain_calls, dotted, keywords, literal, sql_text
from tools.course.legs import LEGS

# 規則の名前と、説明・置き換え。{} には見つけたものが入る。
# 規則ごとの書き換えの見本は book/serverless.yml にある。
RULES = {
    "RDD": "`{}` は RDD の道具で、サーバーレスにはありません。DataFrame のメソッドを使います。",
    "キャッシュ": "`{}` は環境によって、動かないか、計算する時が変わります。消すか、`saveAsTable` で表に残します。",
    "グローバル一時ビュー": "{} はサーバーレスで使えません。`createOrReplaceTempView` を使います。",
    "JVM": "`{}` は JVM に頼るので、サーバーレスで動きません。DataFrame と SQL だけで書きます。",
    "Spark設定": "`{}` はサーバーレスで読み書きできません。この行を消します。",
    "SQL変数": "`{}` はサーバーレスで値になりません。Python の変数を DataFrame のメソッドに渡します。",
    "セッション": "`{}` は要りません。`SparkSession.builder.getOrCreate()` だけを使います。",
    "dbutils": "`{}` は Databricks の外にありません。Python の標準ライブラリか SQL で書きます。",
    "ストリーミング": "終わらない処理は動きません。`.trigger(availableNow=True)` を付けます。",
    "foreachBatch": "`foreachBatch` の関数の中で、外の `{}` を使っています。渡された表の `sparkSession` を使います。",
    "通信": "`{}` は外部と通信します。scikit-learn 付属の `load_*` か授業のモジュールで作ります。",
    "外部コマンド": "`{}` は外部のコマンドを動かします。Python だけで書きます。",
    "入力": "`{}` は人の返事を待って止まります。値を変数に書きます。",
    "import": "`{}` は授業で使えません。{}",
    "置き場所": "`{}` はどこにでもある場所ではありません。表か `tempfile` を使います。",
    "場合分け": "動く場所で分けています（`{}`）。どこでも同じに動く書き方を一つだけ残します。",
    "表の名前": "`{}` は点で区切られています。`USE` したスキーマの中で、1語の名前を使います。",
    "再実行": "`{}` は二度目に失敗します。{}を付けます。",
    "書き込み": '`saveAsTable` に `mode(…)` がありません。`.mode("overwrite")` を付けます。',
    **repeat.RULES,
    "ステージ": "`{}` は Unity Catalog で使えません。エイリアス（`@champion` など）を使います。",
}

ALLOWED_CONF = {
    "spark.sql.session.timeZone",
    "spark.sql.shuffle.partitions",
    "spark.sql.ansi.enabled",
    "spark.sql.legacy.timeParserPolicy",
    "spark.sql.files.maxPartitionBytes",
    "spark.databricks.execution.timeout",
}
# 動く場所で分けてよい、ただ1つの所。モジュールの名前と、関数の名前。
BRANCHING_PLACE = ("checkpoints", "checkpoint_folder")
PYPROJECT = ROOT / "pyproject.toml"
# 配布の名前と import の名前が、- と _ の違いだけではないもの。
IMPORT_NAMES = {
    "ipython": "IPython",
    "mlflow-skinny": "mlflow",
    "pillow": "PIL",
    "pyspark-client": "pyspark",
    "pyyaml": "yaml",
    "scikit-learn": "sklearn",
}


def common_packages() -> set[str]:
    """まねた環境のすべてにあるパッケージの、import の名前。"""
    groups = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["dependency-groups"]
    common = set.intersection(
        *({re.match(r"[\w.-]+", one)[0] for one in groups[leg.group]} for leg in LEGS.values())
    )
    return {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in common}


ALLOWED_PACKAGES = common_packages() | set(sys.stdlib_module_names)
REPLACEMENTS = {
    **dict.fromkeys(["plotly", "seaborn"], "matplotlib で描きます。"),
    "statsmodels": "scipy か scikit-learn で書きます。",
    "delta": "SQL（`MERGE`、`DESCRIBE HISTORY` など）を使います。",
}
NETWORK_MODULES = set("requests urllib urllib3 httpx aiohttp socket http ftplib smtplib".split())
NETWORK_FREE = {"urllib.parse", "http.HTTPStatus"}

# 名前 → 規則。属性（x.名前）と、単独の名前と、メソッド呼び出し（x.名前()）で分ける。
ATTRIBUTES = {
    **dict.fromkeys(["rdd", "sparkContext", "parallelize", "mapPartitionsWithIndex"], "RDD"),
    **dict.fromkeys("_jvm _jdf _jsc _sc _jconf _jsparkSession newSession".split(), "JVM"),
    **dict.fromkeys(["registerJavaFunction", "registerJavaUDAF"], "JVM"),
    **dict.fromkeys(["transition_model_version_stage", "get_latest_versions"], "ステージ"),
    **dict.fromkeys(
        ["createGlobalTempView", "createOrReplaceGlobalTempView", "dropGlobalTempView"],
        "グローバル一時ビュー",
    ),
    **dict.fromkeys(["popen", "execv", "spawnl"], "外部コマンド"),
}
NAMES = {
    **dict.fromkeys(["sc", "SparkContext", "SQLContext", "HiveContext", "sqlContext"], "RDD"),
    **dict.fromkeys(["dbutils", "displayHTML"], "dbutils"),
}
METHODS = dict.fromkeys(
    "cache persist unpersist checkpoint localCheckpoint cacheTable uncacheTable clearCache"
    " refreshTable".split(),
    "キャッシュ",
)
RDD_MODULES = ("pyspark.mllib", "pyspark.streaming", "pyspark.rdd")
SQL_RULES = {
    "キャッシュ": r"\b(?:(?:UN)?CACHE\s+(?:LAZY\s+)?TABLE|CLEAR\s+CACHE|REFRESH\s+TABLE)\b",
    "グローバル一時ビュー": r"\bGLOBAL\s+TEMP\w*\s+VIEW\b|\bglobal_temp\.",
    "表の名前": (
        r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|VIEW|USE|SCHEMA|HISTORY|DETAIL|OPTIMIZE|VACUUM)\s+"
        r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(`?\w+`?\.[\w`.]+)"
    ),
    "再実行": (
        r"\b(CREATE\s+(?:SCHEMA|DATABASE|(?:TEMP(?:ORARY)?\s+)?VIEW)|DROP\s+(?:TABLE|VIEW|SCHEMA))"
        r"\s+(?!IF\b)"
    ),
    "Spark設定": r"^\s*SET\s+(spark\.[\w.]+)\s*=",
    "SQL変数": r"^\s*(SET\s+(?!spark\.)[\w.:]+)\s*=|(\$\{[^}]+\})",
    "置き場所": r"\bLOCATION\s+('[^']+'|\"[^\"]+\")",
    "場合分け": r"\b(CREATE\s+(?:EXTERNAL\s+)?VOLUME)\b",
}
# EXTRACT(year FROM t.d) や IS DISTINCT FROM t.x の FROM は、表を指さない。
SQL_NOT_TABLE = re.compile(
    r"\b(?:EXTRACT|TRIM|SUBSTRING|OVERLAY)\s*\([^)]*\)|\bDISTINCT\s+FROM\b", re.I
)
PLACES = re.compile(r"/dbfs/|dbfs:/|/mnt/|/tmp/|file:/|[A-Z]:\\")
SPARK_IO = {"read", "write", "readStream", "writeStream"}
PATH_CALLS = set("load save csv json parquet orc text start".split())
ADDRESS = re.compile(r"(https?|ftp|s3a?|abfss?|wasbs?|gs)://")
READERS = tuple("read_ load urlopen urlretrieve genfromtxt".split())
TABLE_CALLS = set("saveAsTable table insertInto writeTo tableExists".split())


def check(tree: ast.Module, lesson_modules: set[str], module: str = "") -> Iterator[Problem]:
    """構文木の中の問題を (行, 規則, 差し込む語) で返す。lesson_modules は授業のモジュール名。

    ``module`` は、調べているのが授業のモジュールなら、その名前。
    """
    branching = range(0)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and (module, node.name) == BRANCHING_PLACE:
            branching = range(node.lineno, node.end_lineno + 1)
    for problem in _problems(tree, ALLOWED_PACKAGES | lesson_modules):
        if problem[1] != "場合分け" or problem[0] not in branching:
            yield problem


def _problems(tree: ast.Module, allowed: set[str]) -> Iterator[Problem]:
    for node in ast.walk(tree):
        yield from _names(node)
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imports(node, allowed)
        elif isinstance(node, ast.Call):
            for rule in (_session, _sql, _tables, _paths, _network, repeat.seed, _stage_keyword):
                yield from rule(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _text(node)
        elif isinstance(node, ast.If | ast.IfExp):
            yield from _platform(node)
        elif isinstance(node, ast.ExceptHandler) and node.type:
            names = {dotted(part).split(".")[-1] for part in ast.walk(node.type)}
            if "ParseException" in names:  # その場所のSparkが読めない文かどうかで分けている
                yield node.lineno, "場合分け", ("except ParseException",)
    yield from _batch_functions(tree)
    yield from repeat.check(tree)


def _names(node: ast.AST) -> Iterator[Problem]:
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
        yield node.lineno, ATTRIBUTES[node.attr], (node.attr,)
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield node.lineno, NAMES[node.id], (node.id,)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = dotted(node.func)
        if node.func.attr in METHODS and not name.startswith("functools."):
            yield node.lineno, METHODS[node.func.attr], (node.func.attr,)
        elif node.func.attr == "createTempView":
            yield node.lineno, "再実行", (node.func.attr, " `OrReplace` ")
        elif name == "os.system":
            yield node.lineno, "外部コマンド", (name,)
    if isinstance(node, ast.Call) and dotted(node.func) in {"input", "getpass.getpass"}:
        yield node.lineno, "入力", (dotted(node.func),)


def _imports(node: ast.Import | ast.ImportFrom, allowed: set[str]) -> Iterator[Problem]:
    module = getattr(node, "module", None) or ""
    names = [f"{module}.{alias.name}" if module else alias.name for alias in node.names]
    for name in names:
        root, leaf = name.split(".")[0], name.split(".")[-1]
        if leaf in NAMES:
            yield node.lineno, NAMES[leaf], (leaf,)
        elif name.startswith(RDD_MODULES):
            yield node.lineno, "RDD", (name,)
        elif name.startswith("sklearn.datasets.fetch_"):
            yield node.lineno, "通信", (leaf,)
        elif root in NETWORK_MODULES and not any(name.startswith(free) for free in NETWORK_FREE):
            yield node.lineno, "通信", (root,)
        elif root == "subprocess":
            yield node.lineno, "外部コマンド", (root,)
        elif root not in allowed:
            fix = REPLACEMENTS.get(root, "環境バージョン 5 と 6 の両方にあるものだけで書きます。")
            yield node.lineno, "import", (root, fix)


def _session(node: ast.Call) -> Iterator[Problem]:
    name = dotted(node.func)
    if re.fullmatch(r"SparkSession\.builder\.(?!getOrCreate$)\w+", name) or name == "spark.stop":
        yield node.lineno, "セッション", (name,)
    if re.search(r"\bconf\.(set|get|unset)$", name) and node.args:
        if (key := literal(node.args[0])) and key not in ALLOWED_CONF:
            yield node.lineno, "Spark設定", (key,)
    methods = chain(node)
    if methods[:1] in (["start"], ["toTable"]) and "writeStream" in methods:
        triggers = [kw.arg for call in chain_calls(node) for kw in call.keywords]
        if "availableNow" not in triggers:
            yield node.lineno, "ストリーミング", ()


def _sql(node: ast.Call) -> Iterator[Problem]:
    text = SQL_NOT_TABLE.sub("", sql_text(node))
    for rule, pattern in SQL_RULES.items():
        for match in re.finditer(pattern, text, re.I):
            found = next(filter(None, match.groups()), match[0])
            if rule == "再実行":
                kind = found.upper()
                created = "OR REPLACE" if kind.endswith("VIEW") else "IF NOT EXISTS"
                fix = created if kind.startswith("CREATE") else "IF EXISTS"
                yield node.lineno, rule, (found, f" `{fix}` ")
            elif rule != "Spark設定" or found not in ALLOWED_CONF:
                yield node.lineno, rule, (found,)


def _tables(node: ast.Call) -> Iterator[Problem]:
    method = chain(node)[:1]
    if method and method[0] in TABLE_CALLS:
        for value in map(literal, node.args):
            if re.fullmatch(r"[\w`]+(\.[\w`]+)+", value):
                yield node.lineno, "表の名前", (value,)
    if method == ["saveAsTable"] and "mode" not in [*chain(node), *keywords(node)]:
        yield node.lineno, "書き込み", ()


def _paths(node: ast.Call) -> Iterator[Problem]:
    """Spark の読み書きに、コンピューターごとに違う絶対パスを直に書いていないか。"""
    if _is_spark_io(node):
        for value in map(literal, node.args):
            if re.match(r"/(?!Volumes/|Workspace/)", value) and not PLACES.match(value):
                yield node.lineno, "置き場所", (value,)


def _is_spark_io(node: ast.Call) -> bool:
    """`spark.read….csv(…)` や `….write….save(…)` か。"""
    methods = chain(node)
    return bool(PATH_CALLS & set(methods[:1]) and SPARK_IO & set(methods))


def _network(node: ast.Call) -> Iterator[Problem]:
    name = (chain(node) or [dotted(node.func)])[0]
    values = [*node.args, *keywords(node).values()]
    address = next((text for text in map(literal, values) if ADDRESS.match(text)), "")
    reads = name.startswith(READERS) or _is_spark_io(node)
    if name.startswith("fetch_") or (address and reads):
        yield node.lineno, "通信", (address or name,)


def _stage_keyword(node: ast.Call) -> Iterator[Problem]:
    if "stage" in keywords(node) or "stages" in keywords(node):
        yield node.lineno, "ステージ", ("stage=",)


def _text(node: ast.Constant) -> Iterator[Problem]:
    stage = r"models:/[^@\s]*/(Production|Staging|Archived|None)\b"
    if match := re.search(stage, node.value):
        yield node.lineno, "ステージ", (match[0],)
    elif match := PLACES.match(node.value):
        yield node.lineno, "置き場所", (match[0],)


def _platform(node: ast.If | ast.IfExp) -> Iterator[Problem]:
    for part in ast.walk(node.test):
        value = literal(part)
        if value in {"DATABRICKS_RUNTIME_VERSION", "SPARK_REMOTE", "COLAB_GPU"}:
            yield node.lineno, "場合分け", (value,)


def _batch_functions(tree: ast.Module) -> Iterator[Problem]:
    """``foreachBatch`` に渡した関数と、そこから呼ぶ関数が、外のSparkのセッションを使っていないか。"""
    functions: dict[str, list[ast.AST]] = {}
    sessions, waiting = {"spark"}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            if isinstance(node.value, ast.Lambda):
                for name in names:
                    functions.setdefault(name, []).append(node.value)
            elif dotted(getattr(node.value, "func", node)) == "SparkSession.builder.getOrCreate":
                sessions.update(names)
        elif isinstance(node, ast.Call) and chain(node)[:1] == ["foreachBatch"]:
            waiting += [*node.args, *keywords(node).values()]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        parts = list(ast.walk(node))
        own = {part.arg for part in parts if isinstance(part, ast.arg)}
        own |= {n.id for n in parts if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        own -= {name for part in parts if isinstance(part, ast.Global) for name in part.names}
        for part in parts:
            if isinstance(part, ast.Name) and part.id not in own:
                waiting += functions.get(part.id, [])
                if part.id in sessions:
                    yield part.lineno, "foreachBatch", (part.id,)
