"""CONNECT BY over tables: a recursive query in FROM, and what it makes known to the rest.

What is joined before becomes `localdb$base`, numbered in the order of siblings; `localdb$tree` walks it
by these numbers, and `localdb$row` is what the query around it sees of each row: the base's columns
(b1...), those of its parent (p1...) and its root (o1...), depth, path, CONNECT_BY_ISLEAF and such.

Source: SQL Language Reference 19c, Hierarchical Queries. A loop is a row among its own ancestors; as in
Oracle it is none where the condition has no PRIOR, or one of something that is always new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from deploy.localdb.dialect.calls import call_rule
from deploy.localdb.dialect.columns import find_column, names_of
from deploy.localdb.dialect.expressions import as_text
from deploy.localdb.dialect.naming import name_of, position_of, quote
from deploy.localdb.dialect.row_limits import conjuncts, outside_subqueries
from deploy.localdb.dialect.scopes import Level, Source, Tree
from deploy.localdb.dialect.sources import write_sources
from deploy.localdb.dialect.writer import Writer, rule
from deploy.localdb.errors import OraError, Unsupported

_BASE, _TREE = '"localdb$base"', '"localdb$tree"'
_ROW, _PRIOR, _CHILD = '"localdb$row"', '"localdb$prior"', '"localdb$child"'
_LOOP = "CONNECT BY loop in user data"
#: PRIOR of these never meets itself again.
_ALWAYS_NEW = frozenset({"SYS_GUID", "DBMS_RANDOM"})

OrderTerm = Callable[[exp.Expr], str]


@dataclass(frozen=True)
class _Columns:
    """The columns of all sources, as they are written before the tree."""

    texts: list[str]
    #: Source, its column, and the column's number.
    places: list[tuple[Source, str, int]]

    def sources(self, level: Level, alias: str, letter: str) -> list[Source]:
        """The same sources, with columns that are those of a part of the tree."""
        found = []
        for source in level.sources:
            written = {
                name: f"{alias}.{letter}{number}"
                for of, name, number in self.places
                if of is source
            }
            found.append(
                Source(source.name, source.columns, source.relation, source.owner, written)
            )
        return found


def write_tree(
    w: Writer, node: exp.Select, level: Level, write_order_term: OrderTerm
) -> tuple[str, exp.Expr | None]:
    """FROM, and what WHERE is left behind it; the level knows the tree from now on.

    Args:
        w: inside the level.
        node: has CONNECT BY.
        level: of the query.
        write_order_term: for ORDER SIBLINGS BY.
    """
    if node.args.get("locks"):
        raise Unsupported("CONNECT BY with FOR UPDATE", position=position_of(node))
    connect = node.args["connect"]
    from_text, condition = write_sources(w, node, level)
    if level.merged:
        raise Unsupported("CONNECT BY with JOIN ... USING", position=position_of(connect))
    before, after = _divide(w, level, condition)
    columns = _columns(level)
    base = _write_base(w, node, columns, from_text, before, write_order_term)
    tree = Tree()
    level.tree = tree
    level.depth = None
    calls = _calls(node, "SYS_CONNECT_BY_PATH")

    def write(part: exp.Expr, row: str, prior: str | None, depth: str) -> str:
        level.sources[:] = columns.sources(level_before, row, "b")
        tree.prior = (
            Level(level.parent, sources=columns.sources(level_before, prior, "b"))
            if prior
            else None
        )
        level.depth = depth
        return w.write(part)

    level_before = Level(level.parent, sources=list(level.sources))
    start = connect.args.get("start")
    start_text = f" where {write(start, _ROW, None, '1::numeric')}" if start is not None else ""
    roots = [_path_step(w, call) for call in calls] if start is not None else None
    if roots is None:
        level.sources[:] = columns.sources(level_before, _ROW, "b")
        level.depth = "1::numeric"
        roots = [_path_step(w, call) for call in calls]
    step = connect.args["connect"]
    step_text = write(step, _ROW, _PRIOR, f"({_TREE}.depth + 1)::numeric")
    steps = [_path_step(w, call) for call in calls]
    below = write(step, _CHILD, _ROW, f"({_TREE}.depth + 1)::numeric")
    paths = "".join(f", {text} as s{number}" for number, text in enumerate(roots, 1))
    longer = "".join(f", {_TREE}.s{number} || {text}" for number, text in enumerate(steps, 1))
    nocycle = bool(connect.args.get("nocycle"))
    path = f"{_TREE}.path || {_ROW}.n"
    if nocycle:
        step_text = f"{step_text} and {_ROW}.n <> all ({_TREE}.path)"
    elif _can_loop(step):
        path = (
            f"case when {_ROW}.n = any ({_TREE}.path)"
            f" then ora.raise(1436, '{_LOOP}')::bigint[] else {path} end"
        )
    tree_text = (
        f"select {_ROW}.n, 1 as depth, array[{_ROW}.n] as path{paths} from {_BASE} {_ROW}{start_text}"
        f" union all select {_ROW}.n, {_TREE}.depth + 1, {path}{longer}"
        f" from {_TREE} join {_BASE} {_PRIOR} on {_PRIOR}.n = {_TREE}.n"
        f" join {_BASE} {_ROW} on {step_text}"
    )
    shown = _write_shown(node, columns, len(calls), below, nocycle=nocycle)
    _show(level, level_before, columns, tree, calls, nocycle=nocycle)
    text = (
        f" from (with recursive {_BASE} as materialized ({base}), {_TREE} as ({tree_text})"
        f" {shown}) {_ROW}"
    )
    return text, after


def _divide(
    w: Writer, level: Level, condition: exp.Expr | None
) -> tuple[list[str], exp.Expr | None]:
    """Conditions that join come before the tree, all others behind it."""
    before: list[str] = []
    after: exp.Expr | None = None
    for part in conjuncts(condition):
        used = {
            id(found.source)
            for column in part.find_all(exp.Column)
            if (found := find_column(w, names_of(column))) is not None and found.level is level
        }
        if len(used) > 1:
            before.append(w.write(part))
        else:
            after = part if after is None else exp.And(this=after, expression=part)
    return before, after


def _columns(level: Level) -> _Columns:
    texts: list[str] = []
    places: list[tuple[Source, str, int]] = []
    for source in level.sources:
        for name in source.columns:
            texts.append(source.written.get(name) or f"{source.reference}.{quote(name)}")
            places.append((source, name, len(texts)))
        relation = source.relation
        if relation is not None and relation.kind.value == "TABLE" and not relation.temporary:
            texts.append(f"{source.reference}.ctid")
            places.append((source, "ROWID", len(texts)))
    return _Columns(texts, places)


def _write_base(
    w: Writer,
    node: exp.Select,
    columns: _Columns,
    from_text: str,
    before: Sequence[str],
    write_order_term: OrderTerm,
) -> str:
    order = node.args.get("order")
    siblings = ""
    if order is not None and order.args.get("siblings"):
        terms = [write_order_term(_sibling_term(node, one)) for one in order.expressions]
        siblings = f"order by {', '.join(terms)}"
    items = [f"{text} as b{number}" for number, text in enumerate(columns.texts, 1)]
    where = f" where {' and '.join(before)}" if before else ""
    return f"select {', '.join([f'row_number() over ({siblings}) as n', *items])}{from_text}{where}"


def _sibling_term(node: exp.Select, ordered: exp.Expr) -> exp.Expr:
    """A term by what it stands for: there is no select list yet."""
    term = ordered.this
    value: exp.Expr | None = None
    if isinstance(term, exp.Literal) and not term.is_string:
        place = int(term.name)
        if not 1 <= place <= len(node.expressions):
            raise OraError(1785, "ORDER BY item must be the number of a SELECT-list expression")
        value = node.expressions[place - 1]
    elif isinstance(term, exp.Column) and len(names_of(term)) == 1:
        name = names_of(term)[0]
        value = next(
            (
                item
                for item in node.expressions
                if isinstance(item, exp.Alias) and name_of(item.args["alias"]) == name
            ),
            None,
        )
    if value is None:
        return ordered
    ordered = ordered.copy()
    ordered.set("this", (value.this if isinstance(value, exp.Alias) else value).copy())
    return ordered


def _parts(node: exp.Select) -> Iterator[exp.Expr]:
    """All that is evaluated for a row of the tree."""
    parts: list[exp.Expr] = list(node.expressions)
    for name in ("where", "group", "having", "order"):
        if node.args.get(name) is not None:
            parts.append(node.args[name])
    for part in parts:
        yield from outside_subqueries(part)


def _calls(node: exp.Select, name: str) -> list[exp.Anonymous]:
    found: dict[exp.Anonymous, None] = {}
    for part in _parts(node):
        if isinstance(part, exp.Anonymous) and part.name.upper() == name:
            found[part] = None
    return list(found)


def _path_step(w: Writer, call: exp.Anonymous) -> str:
    if len(call.expressions) != 2:
        raise OraError(30003, "illegal parameter in SYS_CONNECT_BY_PATH function")
    value, separator = call.expressions
    return f"(coalesce({w.write(separator)}, '') || coalesce({as_text(w, value)}::text, ''))"


def _can_loop(condition: exp.Expr) -> bool:
    priors = list(condition.find_all(exp.Prior))
    return bool(priors) and not any(
        isinstance(inner, (exp.Anonymous, exp.Column, exp.Identifier))
        and inner.name.upper() in _ALWAYS_NEW
        for prior in priors
        for inner in prior.walk()
    )


def _write_shown(
    node: exp.Select, columns: _Columns, paths: int, below: str, *, nocycle: bool
) -> str:
    """What the query sees of the tree, as far as it asks."""
    kinds = {type(part) for part in _parts(node)}
    named = {part.name.upper() for part in _parts(node) if isinstance(part, exp.Column)}
    numbers = range(1, len(columns.texts) + 1)
    items = [f"{_TREE}.depth, {_TREE}.path", *(f"{_ROW}.b{number}" for number in numbers)]
    items += [f"{_TREE}.s{number}" for number in range(1, paths + 1)]
    text = f" from {_TREE} join {_BASE} {_ROW} on {_ROW}.n = {_TREE}.n"
    if exp.Prior in kinds:
        items += [f"{_PRIOR}.b{number} as p{number}" for number in numbers]
        text += f" left join {_BASE} {_PRIOR} on {_PRIOR}.n = {_TREE}.path[{_TREE}.depth - 1]"
    if exp.ConnectByRoot in kinds:
        items += [f'"localdb$root".b{number} as o{number}' for number in numbers]
        text += f' join {_BASE} "localdb$root" on "localdb$root".n = {_TREE}.path[1]'
    children = f"select from {_BASE} {_CHILD} where {below}"
    if "CONNECT_BY_ISLEAF" in named:
        unseen = f" and {_CHILD}.n <> all ({_TREE}.path)" if nocycle else ""
        items.append(f"case when exists ({children}{unseen}) then 0. else 1. end as leaf")
    if "CONNECT_BY_ISCYCLE" in named:
        seen = f" and {_CHILD}.n = any ({_TREE}.path)"
        items.append(f"case when exists ({children}{seen}) then 1. else 0. end as cycle")
    return f"select {', '.join(items)}{text}"


def _show(
    level: Level,
    before: Level,
    columns: _Columns,
    tree: Tree,
    calls: Sequence[exp.Anonymous],
    *,
    nocycle: bool,
) -> None:
    """Make the level's names those of the rows."""
    level.sources[:] = columns.sources(before, _ROW, "b")
    level.depth = f"{_ROW}.depth::numeric"
    level.row_order = f"{_ROW}.path"
    tree.prior = Level(level.parent, sources=columns.sources(before, _ROW, "p"))
    tree.root = Level(level.parent, sources=columns.sources(before, _ROW, "o"))
    tree.leaf = f"{_ROW}.leaf"
    tree.cycle = f"{_ROW}.cycle" if nocycle else None
    tree.paths = {call: f"{_ROW}.s{number}" for number, call in enumerate(calls, 1)}


# ---- in expressions ----


def _find(w: Writer) -> tuple[Level, Tree] | None:
    for level in w.level.outward() if w.level is not None else ():
        if level.tree is not None:
            return level, level.tree
    return None


@rule(exp.Prior)
def write_prior(w: Writer, node: exp.Prior) -> str:
    found = _find(w)
    if found is None:
        raise OraError(
            1788, "CONNECT BY clause required in this query block", position=position_of(node)
        )
    level, tree = found
    if tree.prior is None:
        raise Unsupported("PRIOR in START WITH", position=position_of(node))
    with w.inside(tree.prior):
        text = w.write(node.this)
    return level.deliver(f"({text})")


@rule(exp.ConnectByRoot)
def write_root(w: Writer, node: exp.ConnectByRoot) -> str:
    found = _find(w)
    if found is None or found[1].root is None:
        raise OraError(
            1788, "CONNECT BY clause required in this query block", position=position_of(node)
        )
    level, tree = found
    with w.inside(tree.root):
        text = w.write(node.this)
    return level.deliver(f"({text})")


@call_rule("SYS_CONNECT_BY_PATH")
def write_path_call(w: Writer, call: exp.Anonymous) -> str:
    found = _find(w)
    text = found[1].paths.get(call) if found is not None else None
    if found is None or text is None:
        raise OraError(
            30002, "SYS_CONNECT_BY_PATH function is not allowed here", position=position_of(call)
        )
    return found[0].deliver(text)
