"""授業のコードから、動かすたびに結果が変わる書き方を見つける。"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.checks.syntax import Problem, chain, chain_calls, dotted, is_constant, keywords, sql_text

# 規則の名前と、説明・置き換え。{} には見つけたものが入る。
RULES = {
    "並び順": "行の並びが毎回変わります。見せる前に `{}` で並べます。",
    "乱数": "`{}` に種がありません。`{}` のように種を書きます。",
    "時刻": "時刻や経過時間を出力しています（`{}`）。毎回変わる値は出力しません。",
}

SEEDED = set(
    "train_test_split ShuffleSplit StratifiedShuffleSplit RandomizedSearchCV KMeans MiniBatchKMeans"
    " RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor"
    " GradientBoostingClassifier GradientBoostingRegressor HistGradientBoostingClassifier"
    " HistGradientBoostingRegressor DecisionTreeClassifier DecisionTreeRegressor IsolationForest"
    " MLPClassifier MLPRegressor SGDClassifier permutation_importance resample sample randomSplit"
    " make_classification make_regression make_blobs make_moons".split()
)
SHUFFLED_BY_CHOICE = {"KFold", "StratifiedKFold", "StratifiedGroupKFold"}
CLOCKS = set(
    "time.time time.perf_counter time.monotonic time.process_time time.time_ns datetime.now"
    " datetime.utcnow datetime.today date.today Timestamp.now Timestamp.today".split()
)
OUTPUTS = {"print", "display"}
ROW_ACTIONS = {"show", "toPandas", "collect"}
ORDERING = {"orderBy", "sort", "sort_values", "sort_index"}
DATAFRAME_ENDS = ROW_ACTIONS | set("count agg sum avg mean min max distinct select sql".split())


def check(tree: ast.Module) -> Iterator[Problem]:
    """構文木の中の、時計の値の出力と、並べていない行。"""
    yield from _clock_outputs(tree)
    yield from _unordered(tree)


def seed(node: ast.Call) -> Iterator[Problem]:
    """乱数の種を書いていないか。"""
    name = dotted(node.func) or ".".join(reversed(chain(node)))
    leaf = name.split(".")[-1]
    given = keywords(node)
    seeds = {"random_state", "seed"} & {k for k, v in given.items() if not is_constant(v, None)}
    if re.fullmatch(r"(np|numpy)\.random\.[a-z]\w+", name) and leaf != "default_rng":
        yield node.lineno, "乱数", (name, "rng = np.random.default_rng(0)")
    elif re.fullmatch(r"random\.(?!Random$)\w+", name):
        yield node.lineno, "乱数", (name, "random.Random(0)")
    elif leaf in {"default_rng", "RandomState", "Random", "rand", "randn"}:
        if not node.args and not seeds:
            yield node.lineno, "乱数", (name, f"{leaf}(0)")
    elif leaf == "randomSplit":
        if len(node.args) < 2 and not seeds:
            yield node.lineno, "乱数", (leaf, "seed=0")
    elif leaf in SEEDED or (leaf in SHUFFLED_BY_CHOICE and is_constant(given.get("shuffle"), True)):
        if not seeds and not is_constant(given.get("shuffle"), False):
            yield node.lineno, "乱数", (leaf, "random_state=0")


def _clock_outputs(tree: ast.Module) -> Iterator[Problem]:
    """時計の値と、それを入れた変数が、print や display に渡っていないか。"""
    tainted: set[str] = set()

    def clock(node: ast.AST) -> str:
        for part in ast.walk(node):
            name = dotted(part.func) if isinstance(part, ast.Call) else ""
            if ".".join(name.split(".")[-2:]) in CLOCKS:
                return name
            if isinstance(part, ast.Name) and part.id in tainted:
                return part.id
        return ""

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign) and clock(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            tainted |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Call) and dotted(node.func) in OUTPUTS and clock(node):
            yield node.lineno, "時刻", (clock(node),)


def _unordered(tree: ast.Module) -> Iterator[Problem]:
    """集計した行が、並べずに画面か手元へ出ていないか。読める鎖だけを見る。"""
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    shown = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or id(node) in inner:
            continue
        if dotted(node.func) == "display" and node.args:
            shown.add(id(node.args[0]))
        methods = chain(node)
        calls = chain_calls(node)
        sql = _outermost(" ".join(sql_text(call) for call in calls))
        grouped = any(
            call.func.attr == "distinct" or (call.func.attr == "groupBy" and call.args)
            for call in calls
        ) or re.search(r"^\s*(SELECT|WITH)\b.*\bGROUP\s+BY\b", sql, re.I | re.S)
        ordered = ORDERING & set(methods) or re.search(r"\bORDER\s+BY\b", sql, re.I)
        out = ROW_ACTIONS & set(methods) or (id(node) in shown and DATAFRAME_ENDS & {*methods[:1]})
        if grouped and not ordered and out:
            yield node.lineno, "並び順", ("ORDER BY" if sql.strip() else "orderBy",)


def _outermost(sql: str) -> str:
    """かっこの中（副問い合わせや OVER）を除いた SQL。"""
    while (bare := re.sub(r"\([^()]*\)", " ", sql)) != sql:
        sql = bare
    return sql
