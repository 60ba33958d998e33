"""Embedded SQL: what it takes from PL/SQL, what it gives back; cursors; FORALL; EXECUTE IMMEDIATE."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.compile_calls import CallCompiler, align_arguments
from deploy.localdb.plsql.compile_expressions import is_unknown, start
from deploy.localdb.plsql.compile_targets import Target
from deploy.localdb.plsql.compiled import Program
from deploy.localdb.plsql.conversion import Converter, converter
from deploy.localdb.plsql.current_rows import is_mentioned, with_rowid
from deploy.localdb.plsql.exceptions import Failure, FailureAlone, value_error
from deploy.localdb.plsql.parser import Parser, parse_expression
from deploy.localdb.plsql.resolver import Code, dotted
from deploy.localdb.plsql.scanner import TokenKind
from deploy.localdb.plsql.scopes import (
    SESSION,
    Frame,
    NamedCursor,
    Overloads,
    Run,
    Scope,
    Shape,
    Store,
    Variable,
)
from deploy.localdb.plsql.statement_scope import StatementScope
from deploy.localdb.plsql.syntax import (
    Apply,
    Argument,
    Attribute,
    Close,
    ExecuteImmediate,
    Expression,
    Fetch,
    ForAll,
    Member,
    Name,
    Open,
    OpenFor,
    ParameterMode,
    Placeholder,
    SqlStatement,
    SqlText,
)
from deploy.localdb.plsql.types import (
    BOOLEAN,
    PLS_INTEGER,
    ROWID,
    VARCHAR2,
    ArrayBind,
    CollectionType,
    CursorType,
    Field,
    RecordType,
    ScalarType,
    Type,
    of_columns,
    to_sql,
)
from deploy.localdb.plsql.values import Collection, Cursor, Record, as_rows
from deploy.localdb.rights import Rights
from deploy.localdb.statement import Answers, Kind, Outcome, Prepared
from deploy.localdb.statement import Placeholder as SqlPlaceholder
from deploy.localdb.values import SqlType, Value

#: Errors that say nothing of a statement: a break, a lost connection.
_NOT_OF_THE_TEXT = frozenset({28, 600, 1012, 1013, 3113, 3114})
_PLSQL_IN_SQL = 6550
_NO_TARGET = "PLS-00363: "
#: Rows that are fetched at a time where all are wanted.
_CHUNK = 500
_BULK_COUNTS = CollectionType("SQL%BULK_ROWCOUNT", PLS_INTEGER, PLS_INTEGER)
_BULK_EXCEPTION = RecordType(
    "SQL%BULK_EXCEPTIONS", [Field("ERROR_INDEX", PLS_INTEGER), Field("ERROR_CODE", PLS_INTEGER)]
)
_BULK_EXCEPTIONS = CollectionType("SQL%BULK_EXCEPTIONS", _BULK_EXCEPTION, PLS_INTEGER)


def _rows_of(run: Run) -> Run:
    return lambda f: as_rows(run(f))


@dataclass(eq=False)
class SqlSite:
    """A statement of SQL in a text.

    Attributes:
        text: collections' elements and whole records are placeholders.
        inputs: of the placeholders, by name.
        elements: those of them that are more than a variable.
        hides_rowid: the last column of the query is the ROWID, for WHERE CURRENT OF.
        current: gives the cursor of WHERE CURRENT OF.
    """

    text: str
    program: Program
    scope: Scope
    shape: Shape
    at: int
    types: list[SqlType | None] = field(default_factory=list)
    inputs: dict[str, Run] = field(default_factory=dict)
    elements: set[str] = field(default_factory=set)
    hides_rowid: bool = False
    current: Callable[[Frame], Cursor] | None = None
    _is_simple: bool = False
    _key: tuple[int, str, Rights] | None = None
    _ready: tuple[Prepared, list[Run]] | None = None

    def prepare(self, session: Any) -> tuple[Prepared, list[Run]]:
        """The translated statement, and what gives the values of its inputs."""
        host = session.host
        schema = host.current_schema if self.program.invoker else self.program.schema
        key = (host.catalog_version, schema, host.rights)
        if self._ready is not None and self._key == key:
            return self._ready
        scope = StatementScope(session, self.program, self.scope, self.shape)
        owned = self.program.is_definers
        prepared = host.prepare(self.text, scope, schema, self.types, owned=owned)
        runs = []
        self._is_simple = True
        for wanted in prepared.inputs:
            if isinstance(wanted, SqlPlaceholder):
                name = wanted.name.upper()
                runs.append(self.inputs[name])
                self._is_simple = self._is_simple and name not in self.elements
            elif isinstance(wanted, Answers):
                runs.append(lambda f: None)
                self._is_simple = False
            else:
                node = parse_expression(wanted.text)
                run = self._compile(scope, node)
                if wanted.rows:
                    run = _rows_of(run)
                runs.append(_called(run, prepared.kind) if _is_function(scope, node) else run)
                parts = dotted(node)
                self._is_simple = (
                    self._is_simple
                    and parts is not None
                    and isinstance(self.scope.find(parts[0]), Variable)
                )
        self._key, self._ready = key, (prepared, runs)
        return self._ready

    @staticmethod
    def _compile(scope: StatementScope, node: Expression) -> Run:
        try:
            return scope.compiler().expression(node).run
        except Failure as failure:
            raise OraError(_PLSQL_IN_SQL, failure.text) from None

    def execute(self, f: Frame) -> Outcome:
        session = f[SESSION]
        prepared, runs = self.prepare(session)
        outcome: Outcome = session.host.execute(prepared, [run(f) for run in runs])
        session.sql_rows = outcome.row_count
        if self.current is not None:
            self._follow(self.current(f), outcome)
        return outcome

    def _follow(self, cursor: Cursor, outcome: Outcome) -> None:
        """An update gives the row another ROWID here, which it does not in Oracle."""
        if outcome.row_count != 1:
            raise Unsupported("WHERE CURRENT OF a row that was changed otherwise since its fetch")
        cursor.rowid = outcome.rows[0][0] if self.hides_rowid else None

    def select(self, f: Frame, most: int) -> list[tuple[Value, ...]]:
        """The first rows of a query."""
        session = f[SESSION]
        prepared, runs = self.prepare(session)
        rows: list[tuple[Value, ...]] = session.host.select(
            prepared, [run(f) for run in runs], most
        )
        return rows

    def simple(self, f: Frame) -> tuple[Prepared, list[Value]] | None:
        """DML with its values, if they are those of variables: nothing happens when they are read."""
        prepared, runs = self.prepare(f[SESSION])
        if not self._is_simple or prepared.kind is not Kind.DML or self.current is not None:
            return None
        if prepared.fires_triggers:
            return None
        return prepared, [run(f) for run in runs]

    def open(self, f: Frame) -> Cursor:
        session = f[SESSION]
        prepared, runs = self.prepare(session)
        opened = session.host.open(prepared, [run(f) for run in runs])
        return Cursor(opened, prepared.for_update, hides_rowid=self.hides_rowid)


def _is_function(scope: StatementScope, node: Expression) -> bool:
    parts = dotted(node.base if isinstance(node, Apply) else node)
    return parts is not None and isinstance(scope.compiler().package_member(parts, 0), Overloads)


def _called(run: Run, kind: Kind) -> Run:
    return lambda f: f[SESSION].host.called_by(kind, lambda: run(f))


def _no_cursor() -> OraError:
    return OraError(1001, "invalid cursor")


def _from(text: str) -> int:
    """Where a query's FROM stands."""
    depth = 0
    for token in Parser(text).tokens:
        depth += (token.word == "(") - (token.word == ")")
        if depth == 0 and token.word == "FROM":
            return token.start
    return 0


def _wrong_count() -> OraError:
    return OraError(6504, "PL/SQL: Return types of Result Set variables or query do not match")


class SqlCompiler(CallCompiler):
    """Statements of SQL, and cursors."""

    # ---- the text ----

    def site(self, sql: SqlText) -> SqlSite:
        """A statement with its PL/SQL parts found."""
        parser = Parser(sql.text)
        site = SqlSite("", self.program, self.scope, self.shape, sql.at)
        pieces: list[str] = []
        done = 0
        previous = ""
        while parser.token.kind is not TokenKind.END:
            token = parser.token
            index = parser.index
            replacement = None
            if token.kind is TokenKind.PLACEHOLDER and parser.peek().word == ".":
                field = _moved(parser.target(), sql.at)
                replacement = self._add_input(site, self.expression(field))
            elif token.kind is TokenKind.PLACEHOLDER:
                self._add_placeholder(site, token.value, sql.at + token.start)
            elif previous == "VALUES" and token.is_name:
                replacement = self._record_values(site, parser)
            elif token.word == "ROW" and previous == "SET" and parser.peek().word == "=":
                replacement = self._record_assignments(site, parser)
            elif token.word == "CURRENT" and parser.peek().word == "OF":
                replacement = self._current_row(site, parser)
            elif token.is_name and previous != ".":
                replacement = self._element_reference(site, parser)
            if replacement is not None:
                end = parser.tokens[parser.index - 1].end
                pieces += [sql.text[done : token.start], replacement]
                done = end
                previous = ")"
                continue
            if parser.index == index:
                parser.advance()
            previous = token.word
        site.text = "".join([*pieces, sql.text[done:]])
        if site.current is not None and sql.verb == "UPDATE" and not sql.into:
            site.hides_rowid = True
            site.text = (
                f"{site.text.rstrip().removesuffix(';')} returning rowid into :localdb_rowid"
            )
        self._check_site(site)
        return site

    def cursor_site(self, sql: SqlText) -> SqlSite:
        """The query of a declared cursor."""
        hidden = with_rowid(sql.text) if is_mentioned(self.program.lines.text) else None
        if hidden is None:
            return self.site(sql)
        site = self.site(replace(sql, text=hidden))
        site.hides_rowid = True
        return site

    def _current_row(self, site: SqlSite, parser: Parser) -> str:
        """`CURRENT OF cursor`, as a comparison of the ROWID."""
        at = site.at + parser.token.start
        parser.advance()
        parser.advance()
        node = _moved(parser.target(), site.at)
        named = self.declared_cursor(node)
        if named is None:
            self.fail("PLS-00413: identifier in CURRENT OF clause is not a cursor name", at)
        if named.site is None or not named.site.hides_rowid:
            if named.site is not None and "UPDATE" not in named.site.text.upper():
                self.fail(
                    f"PLS-00404: cursor '{named.name}' must be declared with FOR UPDATE to use with"
                    " CURRENT OF",
                    at,
                )
            self.fail("ORA-03001: unimplemented feature: WHERE CURRENT OF such a cursor", at)
        cursor = self.reader(named.shape, named.place, at)

        def current(f: Frame) -> Cursor:
            found: Cursor | None = cursor(f)
            if found is None or not found.is_open:
                raise _no_cursor()
            return found

        def rowid(f: Frame) -> Value:
            found = current(f).rowid
            if found is None:
                raise OraError(1410, "invalid ROWID")
            return found

        site.current = current
        return f"rowid = {self._add_input(site, Code(rowid, ROWID))}"

    def _check_site(self, site: SqlSite) -> None:
        """Have SQL check the statement.

        Raises:
            Failure: with the error of SQL.
        """
        try:
            prepared, _ = site.prepare(self.session)
            self._depend_on(prepared)
        except OraError as error:
            if error.code in _NOT_OF_THE_TEXT:
                raise
            text = error.text
            if error.code == _PLSQL_IN_SQL:
                text = error.message
            elif error.prefix == "ORA":
                text = f"PL/SQL: {text}"
            self.fail(text, site.at + (error.position or 0))

    def _depend_on(self, prepared: Prepared) -> None:
        """Tables that change, or go, have the unit compiled anew."""
        dependencies, schema = self.program.dependencies, self.program.schema
        for owner, name in prepared.relations:
            key = (owner, name, schema)
            if key not in dependencies.tables:
                dependencies.tables[key] = self.session.host.table_columns(
                    owner, name, schema, owned=dependencies.owned
                )

    def _add_placeholder(self, site: SqlSite, name: str, at: int) -> None:
        code = self.expression(Placeholder(name, at))
        site.inputs[name] = code.run
        site.types.append(to_sql(code.type))

    def _add_input(self, site: SqlSite, code: Code) -> str:
        name = f"LOCALDB_{len(site.inputs) + 1}"
        site.inputs[name] = code.run
        site.elements.add(name)
        site.types.append(to_sql(code.type))
        return f":{name.lower()}"

    def _element_reference(self, site: SqlSite, parser: Parser) -> str | None:
        """`collection(index)[.field]`: PL/SQL, whatever the tables' columns."""
        start_index = parser.index
        parts = [parser.token.value]
        distance = 1
        while parser.peek(distance).word == "." and parser.peek(distance + 1).is_name:
            parts.append(parser.peek(distance + 1).value)
            distance += 2
        if parser.peek(distance).word != "(" or self.scope.find(parts[0]) is None:
            return None
        found = self.package_member(tuple(parts), site.at)
        if not (isinstance(found, Variable | Code) and isinstance(found.type, CollectionType)):
            return None
        node = parser.target()
        if not isinstance(node, Apply | Member):
            parser.back_to(start_index)
            return None
        return self._add_input(site, self.expression(_moved(node, site.at)))

    def _record_values(self, site: SqlSite, parser: Parser) -> str | None:
        """`insert into t values record`."""
        node = _moved(parser.target(), site.at)
        code = self.expression(node)
        if not isinstance(code.type, RecordType):
            self.fail("PLS-00382: expression is of wrong type", site.at)
        fields = [self._field(code, number) for number in range(len(code.type.fields))]
        return f"({', '.join(self._add_input(site, field) for field in fields)})"

    def _record_assignments(self, site: SqlSite, parser: Parser) -> str:
        """`update t set row = record`."""
        parser.advance()
        parser.advance()
        code = self.expression(_moved(parser.target(), site.at))
        if not isinstance(code.type, RecordType):
            self.fail("PLS-00382: expression is of wrong type", site.at)
        parts = [
            f'"{known.name}" = {self._add_input(site, self._field(code, number))}'
            for number, known in enumerate(code.type.fields)
        ]
        return ", ".join(parts)

    @staticmethod
    def _field(code: Code, number: int) -> Code:
        run = code.run
        assert isinstance(code.type, RecordType)
        return Code(lambda f: run(f).values[number], code.type.fields[number].type)

    # ---- results ----

    def _into_target(self, node: Expression, query: bool) -> Target:
        """A target of INTO; query: of a query's."""
        try:
            return self.target(node)
        except Failure as failure:
            if not query or not failure.text.startswith(_NO_TARGET):
                raise
            name = failure.text.split("'")[1]
            text = (
                f"PLS-00403: expression '{name}' cannot be used as an INTO-target of a SELECT/FETCH"
                " statement"
            )
            raise Failure(text, failure.at) from None

    def row_receiver(
        self, nodes: Sequence[Expression], at: int, *, query: bool = True
    ) -> Callable[[Frame, Any], None]:
        """Puts a row into targets, or into one record."""
        targets = [self._into_target(node, query) for node in nodes]
        if len(targets) == 1 and isinstance(targets[0].type, RecordType):
            return _record_receiver(targets[0])
        stores: list[Store] = []
        for target, node in zip(targets, nodes, strict=True):
            if isinstance(target.type, RecordType):
                self.fail(
                    "PLS-00494: coercion into multiple record targets not supported", start(node)
                )
            if isinstance(target.type, CollectionType):
                self.fail(
                    "PLS-00642: local collection types not allowed in SQL statements", start(node)
                )
            stores.append(self.receiver(target, None))
        count = len(stores)

        def receive(f: Frame, row: Sequence[Value]) -> None:
            if len(row) != count:
                raise _wrong_count()
            for store, value in zip(stores, row, strict=True):
                store(f, value)

        return receive

    def bulk_receiver(
        self, nodes: Sequence[Expression], at: int, *, query: bool = True
    ) -> Callable[[Frame, Sequence[Sequence[Value]]], None]:
        """Puts rows into collections, or into one of records."""
        targets = [self._into_target(node, query) for node in nodes]
        makers: list[tuple[Target, CollectionType, Converter]] = []
        for target, node in zip(targets, nodes, strict=True):
            if not isinstance(target.type, CollectionType):
                if isinstance(target.type, ArrayBind):
                    self.fail(
                        "PLS-00497: cannot mix between single row and multi-row (BULK)"
                        " in INTO list",
                        start(node),
                    )
                self.fail(
                    "PLS-00497: cannot mix between single row and multi-row (BULK) in INTO list",
                    start(node),
                )
            makers.append((target, target.type, converter(target.type.element)))
        if len(makers) == 1 and isinstance(makers[0][1].element, RecordType):
            return _records_receiver(*makers[0], makers[0][1].element)

        def receive(f: Frame, rows: Sequence[Sequence[Value]]) -> None:
            session = f[SESSION]
            for column, (target, type_, convert) in enumerate(makers):
                if rows and len(rows[0]) != len(makers):
                    raise _wrong_count()
                values = [convert(session, row[column]) for row in rows]
                _check_limit(type_, len(values))
                target.store(f, Collection.of(type_, values))

        return receive

    # ---- statements ----

    def sql_statement(self, node: SqlStatement) -> Run:
        """SELECT INTO, INSERT, UPDATE, DELETE, MERGE, LOCK TABLE."""
        sql = node.sql
        if sql.verb in ("SELECT", "WITH"):
            if not sql.into:
                raise FailureAlone(
                    "PLS-00428: an INTO clause is expected in this SELECT statement", node.at
                )
            return self._select_into(sql)
        site = self.site(sql)
        if not sql.into:

            def execute(f: Frame) -> None:
                site.execute(f)

            return execute
        if sql.bulk:
            receive_all = self.bulk_receiver(sql.into, sql.at, query=False)

            def execute_bulk(f: Frame) -> None:
                receive_all(f, site.execute(f).rows)

            return execute_bulk
        receive = self.row_receiver(sql.into, sql.at, query=False)

        def execute_returning(f: Frame) -> None:
            rows = site.execute(f).rows
            if len(rows) > 1:
                raise OraError(1422, "exact fetch returns more than requested number of rows")
            for row in rows:
                receive(f, row)

        return execute_returning

    def _into_count(self, nodes: Sequence[Expression], *, bulk: bool) -> int:
        """How many values a row has to have for these targets; 0: any."""
        if len(nodes) != 1:
            return len(nodes)
        type_ = self._into_target(nodes[0], True).type
        if bulk and isinstance(type_, CollectionType):
            type_ = type_.element
        if isinstance(type_, RecordType):
            return len(type_.fields)
        return 1 if isinstance(type_, ScalarType) and not is_unknown(type_) else 0

    def _check_into(self, site: SqlSite, sql: SqlText) -> None:
        """As many columns as targets.

        Raises:
            Failure: ORA-00947, ORA-00913, at the statement's FROM.
        """
        columns = len(site.prepare(self.session)[0].columns)
        count = self._into_count(sql.into, bulk=sql.bulk)
        if not count or not columns or count == columns:
            return
        wrong = "00947: not enough values" if count < columns else "00913: too many values"
        self.fail(f"PL/SQL: ORA-{wrong}", sql.at + _from(sql.text))

    def _select_into(self, sql: SqlText) -> Run:
        site = self.site(sql)
        self._check_into(site, sql)
        if sql.bulk:
            receive_all = self.bulk_receiver(sql.into, sql.at)

            def select_bulk(f: Frame) -> None:
                session = f[SESSION]
                cursor = site.open(f)
                rows = _all_rows(cursor)
                session.sql_rows = len(rows)
                receive_all(f, rows)

            return select_bulk
        receive = self.row_receiver(sql.into, sql.at)

        def select(f: Frame) -> None:
            rows = site.select(f, 2)
            f[SESSION].sql_rows = min(len(rows), 1)
            if not rows:
                raise OraError(1403, "no data found")
            if len(rows) > 1:
                raise OraError(1422, "exact fetch returns more than requested number of rows")
            receive(f, rows[0])

        return select

    # ---- FORALL ----

    def forall(self, node: ForAll) -> Run:
        inner = Scope(self.shape, self.scope)
        place = self.shape.place()
        inner.names[node.variable] = Variable(
            node.variable, PLS_INTEGER, self.shape, place, "FORALL index"
        )
        indices = self._forall_indices(node)
        outer, self.scope = self.scope, inner
        try:
            execute, receive = self._forall_body(node)
        finally:
            self.scope = outer
        saves = node.save_exceptions

        def run(f: Frame) -> None:
            session = f[SESSION]
            counts = Collection(_BULK_COUNTS)
            failures: list[Record] = []
            rows: list[Sequence[Value]] = []
            total = 0
            session.bulk_counts, session.bulk_exceptions = counts, Collection(_BULK_EXCEPTIONS)
            for number, index in enumerate(indices(f), 1):
                f[place] = index
                try:
                    outcome = execute(f)
                except OraError as error:
                    if not saves:
                        session.sql_rows = total
                        raise
                    failures.append(Record(_BULK_EXCEPTION, [number, error.code]))
                    counts.set(index, 0)
                    continue
                total += outcome.row_count
                counts.set(index, outcome.row_count)
                rows.extend(outcome.rows)
            session.sql_rows = total
            if receive is not None:
                receive(f, rows)
            if failures:
                session.bulk_exceptions = Collection.of(_BULK_EXCEPTIONS, failures)
                raise OraError(24381, "error(s) in array DML")

        return run

    def _forall_indices(self, node: ForAll) -> Callable[[Frame], Sequence[int]]:
        source = node.indices_of or node.values_of
        low = high = None
        if node.low is not None and node.high is not None:
            low = self.converted(self.expression(node.low), PLS_INTEGER, start(node.low))
            high = self.converted(self.expression(node.high), PLS_INTEGER, start(node.high))
        if source is None:
            assert low is not None
            assert high is not None
            first, last = low, high

            def numbers(f: Frame) -> Sequence[int]:
                a, b = first(f), last(f)
                if a is None or b is None:
                    raise value_error()
                return range(a, b + 1)

            return numbers
        code = self.expression(source)
        if not isinstance(code.type, CollectionType):
            self.fail("PLS-00382: expression is of wrong type", start(source))
        run, is_values = code.run, node.values_of is not None

        def of_collection(f: Frame) -> Sequence[int]:
            collection = run(f)
            keys: list[Any] = list(collection) if is_values else collection.keys()
            if low is not None and high is not None:
                a, b = low(f), high(f)
                return [key for key in keys if a <= key <= b]
            return list(keys)

        return of_collection

    def _forall_body(
        self, node: ForAll
    ) -> tuple[Callable[[Frame], Outcome], Callable[[Frame, Any], None] | None]:
        body = node.body
        if isinstance(body, SqlStatement):
            site = self.site(body.sql)
            receive = None
            if body.sql.into:
                if not body.sql.bulk:
                    self.fail(
                        "PLS-00432: implementation restriction: FORALL needs RETURNING BULK"
                        " COLLECT INTO",
                        body.at,
                    )
                receive = self.bulk_receiver(body.sql.into, body.at)
            return site.execute, receive
        dynamic = self.dynamic(body)
        receive = self.bulk_receiver(body.returning, body.at) if body.returning else None
        return dynamic, receive

    # ---- cursors ----

    def declared_cursor(self, node: Expression) -> NamedCursor | None:
        """An explicit cursor, by name; None: an expression, of a cursor variable."""
        if isinstance(node, Name | Member):
            found = self.denote(node)
            if isinstance(found, NamedCursor):
                return found
        return None

    def cursor_value(self, node: Expression) -> Run:
        """Gives a Cursor; None where it was never opened."""
        named = self.declared_cursor(node)
        if named is not None:
            return self.reader(named.shape, named.place, start(node))
        code = self.expression(node)
        if isinstance(code.type, ScalarType) and code.type.family.name != "UNKNOWN":
            self.fail(f"PLS-00456: item '{_shown(node)}' is not a cursor", start(node))
        return code.run

    def open_cursor(self, node: Open) -> Run:
        named = self.declared_cursor(node.cursor)
        if named is None:
            self.fail(
                f"PLS-00456: item '{_shown(node.cursor)}' is not a cursor", start(node.cursor)
            )
        run, frame = self.opening(named, node.arguments, start(node.cursor))
        place = named.place

        def open_(f: Frame) -> None:
            around = frame(f)
            current = around[place]
            if current is not None and current.is_open:
                raise OraError(6511, "PL/SQL: cursor already open")
            run(f)

        return open_

    def opening(self, cursor: NamedCursor, arguments: list[Argument], at: int) -> tuple[Run, Run]:
        """What opens a cursor, and what gives the frame where it stands."""
        aligned = self.align(cursor.parameters, arguments, cursor.name, at)
        frame = self.frame_reader(cursor.shape, at)
        inputs: list[tuple[int, Run | None, Run | None]] = []
        for formal, place, node in zip(cursor.parameters, cursor.places, aligned, strict=True):
            if node is None:
                inputs.append((place, None, formal.default))
            else:
                value = self.converted(self.expression(node), formal.type, start(node))
                inputs.append((place, value, None))

        def open_(f: Frame) -> None:
            around = frame(f)
            given = [
                (place, value(f) if value is not None else default(around) if default else None)
                for place, value, default in inputs
            ]
            for place, value in given:
                around[place] = value
            site = cursor.site
            if site is None:
                raise Unsupported("cursor whose query stands in the package body")
            around[cursor.place] = site.open(around)

        return open_, frame

    def align(
        self, formals: Sequence[Any], arguments: list[Argument], name: str, at: int
    ) -> list[Expression | None]:
        """The arguments in the order of the formals."""
        order = align_arguments(formals, arguments)
        if order is None:
            self.fail(f"PLS-00306: wrong number or types of arguments in call to '{name}'", at)
        return [None if index is None else arguments[index].value for index in order]

    def cursor_row(self, cursor: NamedCursor, at: int) -> RecordType:
        """The type of a cursor's rows."""
        if cursor.returns is None:
            if cursor.site is None:
                self.fail(
                    f"PLS-00341: declaration of cursor '{cursor.name}' is incomplete or malformed",
                    at,
                )
            cursor.returns = self.query_row(cursor.site, f"{cursor.name}%ROWTYPE")
        return cursor.returns

    def query_row(self, site: SqlSite, name: str) -> RecordType:
        """The type of a query's rows."""
        prepared, _ = site.prepare(self.session)
        columns = prepared.columns[:-1] if site.hides_rowid else prepared.columns
        return of_columns(name, columns)

    def open_for(self, node: OpenFor) -> Run:
        target = self.target(node.cursor)
        if not isinstance(target.type, CursorType) and not _may_be_cursor(target.type):
            self.fail("PLS-00382: expression is of wrong type", start(node.cursor))
        store = target.store
        if isinstance(node.query, SqlText):
            site = self.site(node.query)

            def open_static(f: Frame) -> None:
                store(f, site.open(f))

            return open_static
        text = self.converted(self.expression(node.query), VARCHAR2, start(node.query))
        using = [self._using_value(item.value) for item in node.using]
        program = self.program

        def open_dynamic(f: Frame) -> None:
            session = f[SESSION]
            values = [(run(f), type_) for run, type_ in using]
            store(f, session.open_dynamic(program, text(f), values))

        return open_dynamic

    def _check_fetch(self, node: Fetch) -> None:
        """As many columns as targets, where the compiler knows them."""
        named = self.declared_cursor(node.cursor)
        row = None
        if named is not None and (named.site is not None or named.returns is not None):
            row = self.cursor_row(named, node.at)
        elif named is None:
            type_ = self.expression(node.cursor).type
            row = type_.returns if isinstance(type_, CursorType) else None
        count = self._into_count(node.into, bulk=node.bulk) if row is not None else 0
        if row is not None and count and count != len(row.fields):
            self.fail(
                "PLS-00394: wrong number of values in the INTO list of a FETCH statement", node.at
            )

    def fetch(self, node: Fetch) -> Run:
        cursor = self.cursor_value(node.cursor)
        self._check_fetch(node)
        if node.bulk:
            receive_all = self.bulk_receiver(node.into, node.at)
            limit = None
            if node.limit is not None:
                limit = self.converted(self.expression(node.limit), PLS_INTEGER, start(node.limit))

            def fetch_bulk(f: Frame) -> None:
                found = cursor(f)
                if found is None or not found.is_open:
                    raise _no_cursor()
                if limit is None:
                    rows = _rest(found)
                else:
                    most = limit(f)
                    if most is None or most < 1:
                        raise value_error()
                    rows = found.fetch(most)
                receive_all(f, rows)

            return fetch_bulk
        receive = self.row_receiver(node.into, node.at)

        def fetch(f: Frame) -> None:
            found = cursor(f)
            if found is None:
                raise _no_cursor()
            rows = found.fetch(1)
            if rows:
                receive(f, rows[0])

        return fetch

    def close(self, node: Close) -> Run:
        cursor = self.cursor_value(node.cursor)

        def close(f: Frame) -> None:
            found = cursor(f)
            if found is None:
                raise _no_cursor()
            found.close()

        return close

    def attribute(self, node: Attribute) -> Code:
        """%FOUND, %ROWCOUNT and so on."""
        name = node.name
        if isinstance(node.base, Name) and node.base.name == "SQL":
            return self._sql_attribute(name, node.at)
        cursor = self.cursor_value(node.base)

        def opened(f: Frame) -> Cursor:
            found: Cursor | None = cursor(f)
            if found is None or not found.is_open:
                raise _no_cursor()
            return found

        match name:
            case "ISOPEN":

                def is_open(f: Frame) -> bool:
                    found = cursor(f)
                    return found is not None and found.is_open

                return Code(is_open, BOOLEAN)
            case "FOUND":
                return Code(lambda f: opened(f).found, BOOLEAN)
            case "NOTFOUND":

                def not_found(f: Frame) -> bool | None:
                    found = opened(f).found
                    return None if found is None else not found

                return Code(not_found, BOOLEAN)
            case "ROWCOUNT":
                return Code(lambda f: opened(f).row_count, PLS_INTEGER)
        return self.fail(f"PLS-00208: identifier '{name}' is not a legal cursor attribute", node.at)

    def _sql_attribute(self, name: str, at: int) -> Code:
        match name:
            case "ROWCOUNT":
                return Code(lambda f: f[SESSION].sql_rows, PLS_INTEGER)
            case "FOUND":

                def found(f: Frame) -> bool | None:
                    rows = f[SESSION].sql_rows
                    return None if rows is None else rows > 0

                return Code(found, BOOLEAN)
            case "NOTFOUND":

                def not_found(f: Frame) -> bool | None:
                    rows = f[SESSION].sql_rows
                    return None if rows is None else rows == 0

                return Code(not_found, BOOLEAN)
            case "ISOPEN":
                return Code(lambda f: False, BOOLEAN)
            case "BULK_ROWCOUNT":
                return Code(lambda f: f[SESSION].bulk_counts, _BULK_COUNTS)
            case "BULK_EXCEPTIONS":
                return Code(lambda f: f[SESSION].bulk_exceptions, _BULK_EXCEPTIONS)
        return self.fail(f"PLS-00208: identifier '{name}' is not a legal cursor attribute", at)

    # ---- EXECUTE IMMEDIATE ----

    def execute_immediate(self, node: ExecuteImmediate) -> Run:
        dynamic = self.dynamic(node)
        nodes, bulk = (node.into, node.bulk) if node.into else (node.returning, node.returning_bulk)
        if not nodes:

            def execute(f: Frame) -> None:
                dynamic(f)

            return execute
        if bulk:
            receive_all = self.bulk_receiver(nodes, node.at)

            def execute_bulk(f: Frame) -> None:
                receive_all(f, dynamic(f).rows)

            return execute_bulk
        receive = self.row_receiver(nodes, node.at)
        needs_row = bool(node.into)

        def execute_into(f: Frame) -> None:
            rows = dynamic(f).rows
            if len(rows) > 1:
                raise OraError(1422, "exact fetch returns more than requested number of rows")
            if not rows and needs_row:
                raise OraError(1403, "no data found")
            for row in rows:
                receive(f, row)

        return execute_into

    def dynamic(self, node: ExecuteImmediate) -> Callable[[Frame], Outcome]:
        """Runs the text; of a query that has INTO, the outcome's rows are at most 2, or all."""
        text = self.expression(node.text).run
        values: list[tuple[Run | None, SqlType | None]] = []
        stores: list[Store | None] = []
        for item in node.using:
            store = None
            if item.mode is not ParameterMode.IN:
                store = self.receiver(self.target(item.value), None)
            stores.append(store)
            run, type_ = self._using_value(item.value)
            values.append((None if item.mode is ParameterMode.OUT else run, type_))
        most = None if not node.into else 0 if node.bulk else 2
        returns = bool(node.returning)
        program = self.program

        def execute(f: Frame) -> Outcome:
            session = f[SESSION]
            given = [(run(f) if run is not None else None, type_) for run, type_ in values]
            outcome, outs = session.execute_dynamic(program, text(f), given, most, returns)
            for store, value in zip(stores, outs, strict=False):
                if store is not None:
                    store(f, value)
            found: Outcome = outcome
            return found

        return execute

    def _using_value(self, node: Expression) -> tuple[Run, SqlType | None]:
        code = self.expression(node)
        if isinstance(code.type, ScalarType) and code.type is BOOLEAN:
            return code.run, to_sql(code.type)
        type_ = to_sql(code.type)
        if type_ is not None and type_.size is not None:
            type_ = SqlType(type_.name)
        return code.run, type_


def _moved(node: Expression, at: int) -> Expression:
    """A node of a statement's text: its offsets count from there."""
    inner: Any = node
    while inner is not None:
        inner.at += at
        inner = getattr(inner, "base", None)
    return node


def _shown(node: Expression) -> str:
    return node.name if isinstance(node, Name | Member) else "?"


def _may_be_cursor(type_: Type) -> bool:
    return isinstance(type_, ScalarType) and type_.family.name == "UNKNOWN"


def _record_receiver(target: Target) -> Callable[[Frame, Any], None]:
    type_ = target.type
    assert isinstance(type_, RecordType)
    convert = _row_converter(type_)
    store = target.store
    return lambda f, row: store(f, convert(f[SESSION], row))


def _row_converter(type_: RecordType) -> Callable[[Any, Sequence[Value]], Record]:
    converters = [converter(field.type) for field in type_.fields]

    def convert(session: Any, row: Sequence[Value]) -> Record:
        if len(row) != len(converters):
            raise _wrong_count()
        return Record(type_, [c(session, v) for c, v in zip(converters, row, strict=True)])

    return convert


def _records_receiver(
    target: Target, type_: CollectionType, element: Converter, record: RecordType
) -> Callable[[Frame, Sequence[Sequence[Value]]], None]:
    convert = _row_converter(record)
    store = target.store

    def receive(f: Frame, rows: Sequence[Sequence[Value]]) -> None:
        session = f[SESSION]
        _check_limit(type_, len(rows))
        store(f, Collection.of(type_, [convert(session, row) for row in rows]))

    return receive


def _check_limit(type_: CollectionType, count: int) -> None:
    if type_.limit is not None and count > type_.limit:
        raise OraError(
            22165, f"given index [{count}] must be in the range of [1] to [{type_.limit}]"
        )


def _all_rows(cursor: Cursor) -> list[tuple[Value, ...]]:
    try:
        return _rest(cursor)
    finally:
        cursor.close()


def _rest(cursor: Cursor) -> list[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = []
    while True:
        fetched = cursor.fetch(_CHUNK)
        rows.extend(fetched)
        if len(fetched) < _CHUNK:
            return rows
