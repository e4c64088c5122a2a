"""解答のコードを、構文木の上で小さく変える。

変えたものの一つずつが変異（``Mutation``）である。同じコードと名前からは、いつも同じ変異が同じ順に選ばれる。
"""

from __future__ import annotations

import ast
import os.path
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, zip_longest

LIMIT = 40
CHOICES = 2  # 取り違える相手の数
CONTEXT = 12  # 変異の要約で、変わった所の前後に見せる字数
LONGEST = 80  # 変異の要約の片側の字数

COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
ARITHMETIC = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
# 呼び間違えやすい関数とメソッドの組
LOOKALIKES = (
    ("min", "max"),
    ("sum", "mean"),
    ("avg", "sum"),
    ("any", "all"),
    ("head", "tail"),
    ("first", "last"),
    ("nlargest", "nsmallest"),
    ("idxmax", "idxmin"),
    ("argmax", "argmin"),
    ("fit_transform", "transform"),
    ("predict_proba", "predict"),
    ("count", "sum"),
    ("distinct", "count"),
)
SQL_SWAPS = {
    "AND": "OR",
    "OR": "AND",
    "DESC": "ASC",
    "ASC": "DESC",
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "=": "<>",
    "==": "!=",
    "!=": "==",
    "<>": "=",
    "+": "-",
    "*": "/",
    "/": "*",
}
# 裸の `*` は、SQLでは「すべての列」なので、変えない。
TOKENS = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?(?!\w)|[^\W\d]\w*|<>|<=|>=|==|!=|[<>=]|(?<=\w )[-+*/](?= \w)"
)


@dataclass(frozen=True)
class Names:
    """取り違えの相手。

    ``variables`` は 名前 → 種類、``tables`` は表ごとの列名、``strings`` は授業の文字列。
    ``answers`` は答えの変数で、これから作るので相手にしない。
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    tables: Sequence[Sequence[str]] = ()
    strings: Sequence[str] = ()
    answers: Sequence[str] = ()

    def beside(self, column: str) -> list[str]:
        """``column`` と同じ表にある、ほかの列。"""
        near = [name for table in self.tables if column in table for name in table]
        return [name for name in dict.fromkeys(near) if name != column]


@dataclass(frozen=True)
class Mutation:
    """変異一つ。``change`` は変わった所の要約。

    ``effect`` は、値を作らない文（表や名札を書き換える呼び出しなど）の中を変えたか。
    """

    kind: str
    code: str
    change: str
    effect: bool = False


def mutate(source: str, names: Names, seed: str, limit: int = LIMIT) -> list[Mutation]:
    """``source`` の変異を、種類が偏らないように最大 ``limit`` 個選ぶ。"""
    chance = random.Random(seed)  # noqa: S311
    by_kind: dict[str, list[Mutation]] = {}
    seen = {ast.unparse(ast.parse(source))}
    changes: dict[str, int] = {}
    for kind, code, effect in _all(source, names, chance):
        if code in seen:
            continue
        seen.add(code)
        change = summary(ast.unparse(ast.parse(source)), code)
        changes[change] = changes.get(change, 0) + 1
        if changes[change] > 1:
            change += f"（{changes[change]}か所目）"
        by_kind.setdefault(kind, []).append(Mutation(kind, code, change, effect))
    for found in by_kind.values():
        chance.shuffle(found)
    rounds = zip_longest(*map(reversed, by_kind.values()))
    return [one for one in chain.from_iterable(rounds) if one][:limit]


def summary(before: str, after: str) -> str:
    """変わった所と、その前後を ``前 → 後`` の形で言う。"""
    start = len(os.path.commonprefix([before, after]))
    rest = len(os.path.commonprefix([before[start:][::-1], after[start:][::-1]]))
    shown = []
    for text in (before, after):
        end = len(text) - rest
        left = max(text.rfind("\n", 0, start) + 1, start - CONTEXT)
        stop = text.find("\n", end)
        right = min(len(text) if stop < 0 else stop, end + CONTEXT)
        while left and re.fullmatch(r"\w\w", text[left - 1 : left + 1]):  # 語の途中で切らない
            left -= 1
        while re.fullmatch(r"\w\w", text[right - 1 : right + 1]):
            right += 1
        part = text[left:right].strip().replace("\n", " ⏎ ")
        half = LONGEST // 2
        shown.append(part if len(part) <= LONGEST else f"{part[:half]} … {part[-half:]}")
    return " → ".join(shown)


def _all(source: str, names: Names, chance: random.Random) -> Iterator[tuple[str, str, bool]]:
    """すべての変異の（種類、コード、effect）。"""
    tree = ast.parse(source)
    effects = {id(node) for call in effect_calls(tree) for node in ast.walk(call)}
    local = [name for name in _local_names(tree) if name not in names.answers]
    for parent, name, put, node in list(_slots(tree)):
        for kind, new in _replacements(parent, name, node, names, local, chance):
            put(new)
            try:
                code = ast.unparse(ast.fix_missing_locations(tree))
                compile(code, "<変異>", "exec")
            except (SyntaxError, ValueError):
                continue
            finally:
                put(node)
            yield kind, code, id(node) in effects or id(parent) in effects
    for node in list(ast.walk(tree)):
        for kind in _rearranged(node):
            yield kind, ast.unparse(tree), id(node) in effects


def _slots(tree: ast.AST) -> Iterator[tuple[ast.AST, str, Callable, ast.AST]]:
    """構文木の中で置き換えられる所（親、欄、そこに節を置く関数、今の節）。"""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield parent, name, partial(setattr, parent, name), value
            elif isinstance(value, list):
                for position, node in enumerate(value):
                    if isinstance(node, ast.AST):
                        yield parent, name, partial(value.__setitem__, position), node


def effect_calls(tree: ast.AST) -> Iterator[ast.stmt]:
    """関数の外にある、値を使わない呼び出しの文。"""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield from effect_calls(node)


def without_effects(source: str) -> str:
    """関数の外にある、値を使わない呼び出しを外したコード。``with`` や ``for`` の中も外す。"""
    tree = ast.parse(source)
    for statement in effect_calls(tree):
        statement.value = ast.Constant(None)
    return ast.unparse(tree)


def _local_names(tree: ast.AST) -> list[str]:
    """解答の中で作る名前（引数も）。"""
    found = [node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)]
    found += [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    return list(dict.fromkeys(found))


def _replacements(
    parent: ast.AST,
    name: str,
    node: ast.AST,
    names: Names,
    local: list[str],
    chance: random.Random,
) -> Iterator[tuple[str, ast.AST]]:
    """節一つの置き換え方（種類、新しい節）。"""
    if isinstance(node, ast.Constant):
        if not (isinstance(parent, ast.Dict) and name == "keys" and isinstance(node.value, str)):
            yield from _constants(parent, node, names, chance)
    elif isinstance(node, ast.cmpop):
        yield from (("比較", new()) for new in COMPARISONS.get(type(node), ()))
    elif isinstance(node, ast.operator):
        yield from (("算術", new()) for new in ARITHMETIC.get(type(node), ()))
    elif isinstance(node, ast.boolop):
        yield "論理", ast.Or() if isinstance(node, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        yield "論理" if isinstance(node.op, ast.Not) else "算術", node.operand
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (
            ("名前", ast.Name(new, node.ctx)) for new in _others(node.id, names, local, chance)
        )
    elif isinstance(node, ast.Attribute) and isinstance(parent, ast.Call) and name == "func":
        for new in _lookalikes(node.attr):
            yield "関数", ast.Attribute(node.value, new, node.ctx)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "呼び出し", ast.Pass()
    if name == "test" or (name == "ifs" and isinstance(parent, ast.comprehension)):
        yield "論理", ast.UnaryOp(ast.Not(), node)
    ranged = isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "range"
    ranged = ranged and name == "args" or isinstance(parent, ast.Slice)
    if ranged and isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
        yield "範囲", ast.BinOp(node, ast.Add(), ast.Constant(1))


def _constants(
    parent: ast.AST, node: ast.Constant, names: Names, chance: random.Random
) -> Iterator[tuple[str, ast.AST]]:
    value = node.value
    if isinstance(value, bool):
        yield "真偽", ast.Constant(not value)
    elif isinstance(value, int | float):
        factors = [value * 2, value * 1.1] if isinstance(value, float) else [value * 2]
        for new in dict.fromkeys([value + 1, value - 1, *factors]):
            if new < 0:
                yield "数", ast.UnaryOp(ast.USub(), ast.Constant(-new))
            elif new != value:
                yield "数", ast.Constant(new)
    elif isinstance(value, str) and not isinstance(parent, ast.Expr):
        for kind, new in _strings(value, isinstance(parent, ast.JoinedStr), names, chance):
            yield kind, ast.Constant(new)


def _strings(
    value: str, part: bool, names: Names, chance: random.Random
) -> Iterator[tuple[str, str]]:
    """文字列の変え方。``part`` は f文字列の一部か。"""
    beside = names.beside(value)
    if beside:
        yield from (("列名", new) for new in _sample(beside, chance))
        return
    changed = [*_tokens(value, names, chance)] if _is_code(value) or part else []
    yield from changed
    if not changed and not part:
        others = [other for other in names.strings if other != value and not _is_code(other)]
        yield from (("文字列", new) for new in _sample(others, chance))


def _is_code(value: str) -> bool:
    """SQLや式のような、半角の語を並べた文字列か、日付のような数の並びか。"""
    return bool(re.search(r"\w\s+[<>=!A-Za-z*]|\w\(|^\d{4}-\d\d|^[<>=]", value))


def _tokens(value: str, names: Names, chance: random.Random) -> Iterator[tuple[str, str]]:
    """SQLや式の文字列の中で、語を一つ変える。"""
    for match in TOKENS.finditer(value):
        word = match[0]

        def put(new: str, match: re.Match = match) -> str:
            return value[: match.start()] + new + value[match.end() :]

        if word[0].isdigit():
            width = len(word) if word.startswith("0") else 0
            for step in (1, -1):
                new = float(word) + step if "." in word else int(word) + step
                if new >= 0:
                    yield "文字列の中の数", put(str(new).zfill(width))
        elif word.upper() in SQL_SWAPS:
            yield "文字列の中の演算", put(SQL_SWAPS[word.upper()])
        elif beside := names.beside(word):
            yield from (("列名", put(new)) for new in _sample(beside, chance))
        elif value[match.end() : match.end() + 1] == "(":
            yield from (("関数", put(new)) for new in _lookalikes(word.lower()))


def _calls(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    """呼び出しを外す、引数を外す、関数を取り違える。"""
    if isinstance(node.func, ast.Attribute):
        yield "呼び出し", node.func.value
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield "呼び出し", node.args[0]
    for keyword in node.keywords:
        kept = [other for other in node.keywords if other is not keyword]
        yield "引数", ast.Call(node.func, node.args, kept)
    if isinstance(node.func, ast.Name):
        for new in _lookalikes(node.func.id):
            yield "関数", ast.Call(ast.Name(new, ast.Load()), node.args, node.keywords)


def _lookalikes(name: str) -> list[str]:
    return [b if name == a else a for a, b in LOOKALIKES if name in (a, b)]


def _others(name: str, names: Names, local: list[str], chance: random.Random) -> list[str]:
    """取り違えやすい名前。同じ種類の変数どうし、関数の中では引数と変数どうしを取り違える。"""
    kind = names.variables.get(name)
    if kind:
        same = [other for other, its in sorted(names.variables.items()) if its == kind]
    else:
        same = [other for other in local if other not in names.variables] if name in local else []
    return _sample([other for other in same if other != name], chance)


def _sample(choices: Sequence[str], chance: random.Random) -> list[str]:
    return chance.sample(list(choices), min(CHOICES, len(choices)))


def _rearranged(node: ast.AST) -> Iterator[str]:
    """並びと辞書の要素を入れ替えるか、外す。作った形のまま一つずつ渡し、最後に元に戻す。"""
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    ):
        parts, field_name = node.elts, "elts"
    elif isinstance(node, ast.Dict):
        parts, field_name = node.values, "values"
    elif isinstance(node, ast.BoolOp):
        parts, field_name = node.values, "values"
    else:
        return
    ordered = not isinstance(node, ast.BoolOp | ast.Set)
    for position in range(len(parts) - 1 if ordered else 0):
        if ast.dump(parts[position]) != ast.dump(parts[position + 1]):
            swapped = list(parts)
            swapped[position : position + 2] = reversed(swapped[position : position + 2])
            setattr(node, field_name, swapped)
            yield "入れ替え"
    keys = getattr(node, "keys", None)
    for position in range(len(parts) if len(parts) > 1 else 0):
        setattr(node, field_name, [*parts[:position], *parts[position + 1 :]])
        if keys:
            node.keys = [*keys[:position], *keys[position + 1 :]]
        yield "要素"
        if keys:
            node.keys = keys
    setattr(node, field_name, parts)
