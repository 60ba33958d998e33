"""Oracle's text as a tree: sqlglot's Oracle parser, with its knowledge of functions taken away.

A call stays a call, whatever its name; only what has a syntax of its own gets a node of its own.
Placeholders are found among the tokens, so a `:1` in a string or a comment is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.errors import ErrorLevel, ParseError, TokenError
from sqlglot.parsers.oracle import OracleParser
from sqlglot.tokenizer_core import Token, TokenType

from deploy.localdb.dialect.types import declared
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.statement import Placeholder
from deploy.localdb.values import SqlType

# Oracle's words with a role in the grammar; all others are names.
_KEYWORDS = frozenset(
    """
    ALL AND ANY ASC AS BETWEEN CASE COLLATE COLUMNS CONNECT|BY CONSTRAINT CROSS CUBE CREATE DEFAULT
    DELETE DESC DISTINCT DROP ELSE END ESCAPE EXCEPT EXISTS FALSE FETCH FIRST FOR FROM FULL GROUP|BY
    GROUPING|SETS HAVING IN INNER INSERT INTERSECT INTERVAL INTO IS JOIN KEEP LATERAL LEFT LIKE MERGE
    MINUS NATURAL NEXT NOT NULL OFFSET ON OR ORDER|BY ORDER|SIBLINGS|BY ORDINALITY OUTER OVER PARTITION
    PARTITION|BY PERCENT PIVOT UNPIVOT RANGE RETURNING RIGHT ROLLUP ROW ROWS SELECT SET SOME TABLE THEN
    TRUE UNION UNIQUE UPDATE USING VALUES WHEN WHERE WITH MATCH_RECOGNIZE SAMPLE APPLY
    CHAR CHARACTER VARCHAR VARCHAR2 NVARCHAR2 NCHAR CLOB BLOB DATE TIMESTAMP NUMBER NUMERIC DECIMAL DEC
    INTEGER INT SMALLINT FLOAT REAL DOUBLE|PRECISION BINARY_FLOAT BINARY_DOUBLE BOOLEAN JSON
    || >= <= <> != ^= => (+)
    """.replace("|BY", "\0BY")
    .replace("|SETS", "\0SETS")
    .replace("|SIBLINGS", "\0SIBLINGS")
    .replace("|PRECISION", "\0PRECISION")
    .split()
)


#: Words that cannot name a bind.
#: Source: SQL Language Reference 19c, Oracle SQL Reserved Words.
_RESERVED = frozenset(
    [
        "ACCESS",
        "ADD",
        "ALL",
        "ALTER",
        "AND",
        "ANY",
        "AS",
        "ASC",
        "AUDIT",
        "BETWEEN",
        "BY",
        "CHAR",
        "CHECK",
        "CLUSTER",
        "COLUMN",
        "COLUMN_VALUE",
        "COMMENT",
        "COMPRESS",
        "CONNECT",
        "CREATE",
        "CURRENT",
        "DATE",
        "DECIMAL",
        "DEFAULT",
        "DELETE",
        "DESC",
        "DISTINCT",
        "DROP",
        "ELSE",
        "EXCLUSIVE",
        "EXISTS",
        "FILE",
        "FLOAT",
        "FOR",
        "FROM",
        "GRANT",
        "GROUP",
        "HAVING",
        "IDENTIFIED",
        "IMMEDIATE",
        "IN",
        "INCREMENT",
        "INDEX",
        "INITIAL",
        "INSERT",
        "INTEGER",
        "INTERSECT",
        "INTO",
        "IS",
        "LEVEL",
        "LIKE",
        "LOCK",
        "LONG",
        "MAXEXTENTS",
        "MINUS",
        "MLSLABEL",
        "MODE",
        "MODIFY",
        "NESTED_TABLE_ID",
        "NOAUDIT",
        "NOCOMPRESS",
        "NOT",
        "NOWAIT",
        "NULL",
        "NUMBER",
        "OF",
        "OFFLINE",
        "ON",
        "ONLINE",
        "OPTION",
        "OR",
        "ORDER",
        "PCTFREE",
        "PRIOR",
        "PUBLIC",
        "RAW",
        "RENAME",
        "RESOURCE",
        "REVOKE",
        "ROW",
        "ROWID",
        "ROWNUM",
        "ROWS",
        "SELECT",
        "SESSION",
        "SET",
        "SHARE",
        "SIZE",
        "SMALLINT",
        "START",
        "SUCCESSFUL",
        "SYNONYM",
        "SYSDATE",
        "TABLE",
        "THEN",
        "TO",
        "TRIGGER",
        "UID",
        "UNION",
        "UNIQUE",
        "UPDATE",
        "USER",
        "VALIDATE",
        "VALUES",
        "VARCHAR",
        "VARCHAR2",
        "VIEW",
        "WHENEVER",
        "WHERE",
        "WITH",
    ]
)


class Bind(exp.Expression, exp.Condition):
    """`:name`; its index counts the placeholders of the text."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "index": True}


class TypeNode(exp.Expression):
    """A type; this is a SqlType, in_characters tells VARCHAR2(n CHAR), None where nothing does."""

    arg_types: ClassVar[dict[str, bool]] = {"in_characters": False}

    @property
    def sql_type(self) -> SqlType:
        found: SqlType = self.meta["sql_type"]
        return found


class TimeLiteral(exp.Expression, exp.Condition):
    """DATE '...' or TIMESTAMP '...'; kind is the word."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True, "kind": True}


class AtLocal(exp.Expression, exp.Condition):
    """`value AT LOCAL`."""

    arg_types: ClassVar[dict[str, bool]] = {"this": True}


class Returned(exp.Expression):
    """RETURNING expressions [INTO binds]."""

    arg_types: ClassVar[dict[str, bool]] = {"expressions": True, "into": False}


class JsonCall(exp.Expression, exp.Condition):
    """JSON_VALUE, JSON_QUERY and JSON_EXISTS; the clauses as words."""

    arg_types: ClassVar[dict[str, bool]] = {
        "name": True,
        "this": True,
        "path": False,
        "passing": False,
        "returning": False,
        "wrapper": False,
        "on_error": False,
        "on_empty": False,
    }


class JsonConstructor(exp.Expression, exp.Condition):
    """JSON_OBJECT, JSON_ARRAY and their aggregates."""

    arg_types: ClassVar[dict[str, bool]] = {
        "name": True,
        "expressions": False,  # JsonEntry
        "order": False,
        "null": False,
        "returning": False,
    }


class JsonEntry(exp.Expression):
    """A member of an object, or an element of an array (key None)."""

    arg_types: ClassVar[dict[str, bool]] = {"key": False, "this": True, "is_json": False}


class JsonRows(exp.Expression, exp.Condition):
    """JSON_TABLE."""

    arg_types: ClassVar[dict[str, bool]] = {
        "this": True,
        "path": True,
        "columns": True,
        "on_error": False,
        "on_empty": False,
    }


class CollectionRows(exp.Expression, exp.Condition):
    """TABLE(collection); text: the PL/SQL that gives it."""

    arg_types: ClassVar[dict[str, bool]] = {"text": True}


class JsonColumn(exp.Expression):
    """A column of JSON_TABLE: kind VALUE, QUERY, EXISTS, ORDINALITY or NESTED."""

    arg_types: ClassVar[dict[str, bool]] = {
        "this": False,
        "kind": True,
        "to": False,
        "path": False,
        "columns": False,
        "wrapper": False,
        "on_error": False,
        "on_empty": False,
    }


class Listagg(exp.Expression, exp.Condition):
    """LISTAGG's arguments; its WITHIN GROUP is the node around."""

    arg_types: ClassVar[dict[str, bool]] = {
        "this": True,
        "separator": False,
        "distinct": False,
        "overflow": False,
        "filler": False,
        "counts": False,
    }


class Dialect(Oracle):
    """Oracle's grammar for localdb."""

    PSEUDOCOLUMNS = set()  # noqa: RUF012

    class Tokenizer(Oracle.Tokenizer):
        """Oracle's words only."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            word: kind
            for word, kind in Oracle.Tokenizer.KEYWORDS.items()
            if word.replace(" ", "\0") in _KEYWORDS
        }
        COMMANDS: ClassVar[set[TokenType]] = set()
        VAR_SINGLE_TOKENS: ClassVar[set[str]] = {"$", "#"}

    class Parser(OracleParser):
        """Oracle's clauses in full, and nobody else's."""

        # SET is reserved: `update (select ...) set` has no alias.
        TABLE_ALIAS_TOKENS = OracleParser.TABLE_ALIAS_TOKENS - {TokenType.SET}
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Any]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            "CASE": lambda self: self._parse_case(),
            "PRIOR": lambda self: self.expression(exp.Prior(this=self._parse_unary())),
            "CONNECT_BY_ROOT": lambda self: self.expression(
                exp.ConnectByRoot(this=self._parse_unary())
            ),
        }
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            "CAST": lambda self: self._parse_cast(strict=True),
            "EXTRACT": lambda self: self._parse_extract(),
            "TRIM": lambda self: self._parse_trim(),
            "LISTAGG": lambda self: self._parse_listagg(),
            "JSON_VALUE": lambda self: self._parse_json_call("JSON_VALUE"),
            "JSON_QUERY": lambda self: self._parse_json_call("JSON_QUERY"),
            "JSON_EXISTS": lambda self: self._parse_json_call("JSON_EXISTS"),
            "JSON_OBJECT": lambda self: self._parse_json_object_call("JSON_OBJECT"),
            "JSON_OBJECTAGG": lambda self: self._parse_json_object_call("JSON_OBJECTAGG"),
            "JSON_ARRAY": lambda self: self._parse_json_array_call("JSON_ARRAY"),
            "JSON_ARRAYAGG": lambda self: self._parse_json_array_call("JSON_ARRAYAGG"),
            "JSON_TABLE": lambda self: self._parse_json_rows(),
            "TABLE": lambda self: self._parse_collection_rows(),
        }
        PLACEHOLDER_PARSERS: ClassVar[dict[TokenType, Any]] = {
            TokenType.PLACEHOLDER: lambda self: self._parse_bind(),
        }
        TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {
            exp.DType.DATE: lambda self, this, _: self.expression(
                TimeLiteral(this=this, kind="DATE")
            ),
            exp.DType.TIMESTAMP: lambda self, this, _: self.expression(
                TimeLiteral(this=this, kind="TIMESTAMP")
            ),
        }
        OPERATION_MODIFIERS: ClassVar[set[str]] = set()

        def _parse_bind(self) -> exp.Expr:
            token = self._prev
            bind = Bind(this=token.text, index=int(token.comments[0]))
            return self.expression(bind, token)

        def _parse_projections(self) -> tuple[list[exp.Expr], list[exp.Expr] | None]:
            items = self._parse_csv(self._parse_projection)
            if not items:
                self.raise_error("Required argument missing")
            return items, None

        def _parse_projection(self) -> exp.Expr | None:
            """An item of a select list, with its text as Oracle names the column by it."""
            first = self._index
            item = self._parse_expression()
            if item is not None:
                item.meta["heading"] = self._heading(first, self._index)
            return item

        def _heading(self, first: int, end: int) -> str:
            parts = []
            for token in self._tokens[first:end]:
                text = self.sql[token.start : token.end + 1]
                is_kept = "'" in text or '"' in text
                parts.append(text if is_kept else "".join(text.upper().split()))
            return "".join(parts)

        def _parse_returning(self) -> exp.Expr | None:  # type: ignore[override]
            if not self._match(TokenType.RETURNING) and not self._match_text_seq("RETURN"):
                return None
            expressions = self._parse_csv(self._parse_projection)
            into: list[exp.Expr] = []
            if self._match_text_seq("BULK"):
                self._require("COLLECT")
                self._require("INTO")
                into = self._parse_csv(self._parse_placeholder)
            elif self._match(TokenType.INTO):
                into = self._parse_csv(self._parse_placeholder)
            return self.expression(Returned(expressions=expressions, into=into))

        def _parse_insert_table(self) -> exp.Expr | None:
            # VALUES, SELECT and RETURNING are no aliases.
            this = self._parse_table_parts(schema=True)
            if isinstance(this, exp.Table):
                alias = self._parse_id_var(any_token=False)
                if alias:
                    this.set("alias", exp.TableAlias(this=alias))
                return self._parse_schema(this=this)
            return this

        def _parse_when_matched(self) -> exp.Whens:
            whens = []
            while self._match(TokenType.WHEN):
                matched = not self._match(TokenType.NOT)
                self._require("MATCHED")
                self._require("THEN")
                whens.append(self._parse_merge_update() if matched else self._parse_merge_insert())
            return self.expression(exp.Whens(expressions=whens))

        def _parse_merge_update(self) -> exp.When:
            self._require("UPDATE")
            self._require("SET")
            assignments = self._parse_csv(self._parse_update_assignment)
            where = self._parse_where()
            update = exp.Update(expressions=assignments, where=where)
            delete = None
            if self._match(TokenType.DELETE):
                delete = self._parse_where()
            when = exp.When(matched=True, then=update)
            when.set("condition", delete)
            return when

        def _parse_merge_insert(self) -> exp.When:
            self._require("INSERT")
            columns = None
            if self._match(TokenType.L_PAREN, advance=False):
                columns = self._parse_value(values=False)
            self._require("VALUES")
            insert = exp.Insert(
                this=columns, expression=self._parse_value(), where=self._parse_where()
            )
            return exp.When(matched=False, then=insert)

        def _parse_cast(self, strict: bool, safe: bool | None = None) -> exp.Expr:
            this = self._parse_disjunction()
            self._require("AS")
            to = self.parse_sql_type()
            if self._match(TokenType.COMMA):
                self.raise_error("CAST with a format is not known")
            return self.expression(exp.Cast(this=this, to=to))

        def parse_sql_type(self) -> TypeNode:
            """A type name with its bounds."""
            word = self._curr.text.upper()
            if self._curr.token_type == TokenType.IDENTIFIER or not word.isidentifier():
                self.raise_error("Expected a type")
            self._advance()
            numbers: list[int | None] = []
            characters: bool | None = None
            if word == "DOUBLE" and self._match_text_seq("PRECISION"):
                word = "DOUBLE PRECISION"
            elif word == "LONG" and self._match_text_seq("RAW"):
                word = "LONG RAW"
            elif word in ("CHAR", "CHARACTER") and self._match_text_seq("VARYING"):
                word = "CHAR VARYING"
            elif word == "INTERVAL":
                return self._parse_interval_type()
            if self._match(TokenType.L_PAREN):
                while True:
                    numbers.append(self._parse_bound())
                    if not self._match(TokenType.COMMA):
                        break
                if self._match_text_seq("CHAR"):
                    characters = True
                elif self._match_text_seq("BYTE"):
                    characters = False
                self._match_r_paren()
            if word == "TIMESTAMP" and self._match(TokenType.WITH):
                word += (
                    " WITH LOCAL TIME ZONE" if self._match_text_seq("LOCAL") else " WITH TIME ZONE"
                )
                self._require("TIME")
                self._require("ZONE")
            return self._type_node(word, numbers, characters)

        def _parse_interval_type(self) -> TypeNode:
            first = self._curr.text.upper()
            self._advance()
            numbers = self._parse_optional_bound()
            self._require("TO")
            second = self._curr.text.upper()
            self._advance()
            numbers += self._parse_optional_bound()
            return self._type_node(f"INTERVAL {first} TO {second}", numbers, False)

        def _parse_optional_bound(self) -> list[int | None]:
            if not self._match(TokenType.L_PAREN):
                return [None]
            bound = self._parse_bound()
            self._match_r_paren()
            return [bound]

        def _parse_bound(self) -> int | None:
            if self._match(TokenType.STAR):
                return None
            negative = self._match(TokenType.DASH)
            if not self._match(TokenType.NUMBER):
                self.raise_error("Expected a number")
            number = int(self._prev.text)
            return -number if negative else number

        def _type_node(
            self, word: str, numbers: list[int | None], characters: bool | None
        ) -> TypeNode:
            node = TypeNode(in_characters=characters)
            node.meta["sql_type"] = declared(word, numbers)
            return node

        def _parse_extract(self) -> exp.Expr:  # type: ignore[override]
            unit = self._parse_var(any_token=True, upper=True)
            self._require("FROM")
            return self.expression(exp.Extract(this=unit, expression=self._parse_bitwise()))

        def _parse_interval(
            self, require_interval: bool = True, parse_function_unit: bool = True
        ) -> exp.Interval | None:
            """INTERVAL '...' unit[(p[, f])] [TO unit[(f)]]."""
            if not self._match(TokenType.INTERVAL, advance=False):
                return None
            if self._next.token_type != TokenType.STRING:
                return None
            self._advance()
            value = self._parse_primary()
            first = self._parse_interval_unit()
            second = self._parse_interval_unit() if self._match_text_seq("TO") else None
            unit = exp.var(first if second is None else f"{first} TO {second}")
            return self.expression(exp.Interval(this=value, unit=unit))

        def _parse_interval_unit(self) -> str:
            unit = self._parse_var(any_token=True, upper=True)
            if unit is None:
                self.raise_error("Expected a unit")
            if self._match(TokenType.L_PAREN):
                self._parse_csv(self._parse_number)
                self._match_r_paren()
            return unit.name if unit is not None else ""

        def _parse_column_ops(self, this: exp.Expr | None) -> exp.Expr | None:
            # Past Oracle's own override, which takes `x DAY` for an interval.
            return super(OracleParser, self)._parse_column_ops(this)

        def _parse_at_time_zone(self, this: exp.Expr | None) -> exp.Expr | None:
            if self._match_text_seq("AT", "LOCAL"):
                return self._parse_at_time_zone(self.expression(AtLocal(this=this)))
            return super()._parse_at_time_zone(this)

        def _parse_lambda(self, alias: bool = False) -> exp.Expr | None:
            if self._match(TokenType.UNIQUE):
                return self.expression(exp.Distinct(expressions=[self._parse_disjunction()]))
            return super()._parse_lambda(alias)

        def _parse_listagg(self) -> exp.Expr:
            distinct = bool(self._match(TokenType.DISTINCT))
            if not distinct:
                self._match(TokenType.ALL)
            this = self._parse_disjunction()
            separator = self._parse_disjunction() if self._match(TokenType.COMMA) else None
            overflow = None
            if self._match(TokenType.ON):
                self._require("OVERFLOW")
                overflow = "ERROR" if self._match_text_seq("ERROR") else "TRUNCATE"
            call = Listagg(this=this, separator=separator, distinct=distinct, overflow=overflow)
            if overflow == "TRUNCATE":
                self._require("TRUNCATE")
                call.set("filler", self._parse_string())
                call.set("counts", not self._match_text_seq("WITHOUT", "COUNT"))
                self._match_text_seq("WITH", "COUNT")
            return self.expression(call)

        def _parse_is(self, this: exp.Expr | None) -> exp.Expr | None:
            found = super()._parse_is(this)
            if self._match_text_seq("FORMAT"):
                self._require("JSON")
            return found

        # ---- JSON ----

        def _parse_json_call(self, name: str) -> exp.Expr:
            this = self._parse_bitwise()
            self._skip_format_json()
            call = JsonCall(name=name, this=this)
            if self._match(TokenType.COMMA):
                call.set("path", self._parse_bitwise())
            if self._match_text_seq("PASSING"):
                call.set("passing", self._parse_csv(self._parse_passed))
            call.set("returning", self._parse_json_returning())
            self._parse_json_clauses(call)
            return self.expression(call)

        def _parse_passed(self) -> exp.Expr | None:
            return self._parse_alias(self._parse_bitwise())

        def _parse_json_returning(self) -> exp.Expr | None:
            if not self._match(TokenType.RETURNING):
                return None
            to = self.parse_sql_type()
            for word in ("PRETTY", "ASCII"):
                if self._match_text_seq(word):
                    self.raise_error(f"{word} is not known")
            return to

        def _parse_json_clauses(self, call: exp.Expr) -> None:
            """Wrapper, ON ERROR and ON EMPTY, in the words of both."""
            while True:
                if self._match_text_seq("WITHOUT"):
                    self._match_text_seq("ARRAY")
                    self._require("WRAPPER")
                elif self._match(TokenType.WITH):
                    kind = "CONDITIONAL" if self._match_text_seq("CONDITIONAL") else ""
                    self._match_text_seq("UNCONDITIONAL")
                    self._match_text_seq("ARRAY")
                    self._require("WRAPPER")
                    call.set("wrapper", f"WITH {kind or 'UNCONDITIONAL'} WRAPPER")
                else:
                    action = self._parse_json_action()
                    if action is None:
                        return
                    self._require("ON")
                    moment = "on_error" if self._match_text_seq("ERROR") else "on_empty"
                    if moment == "on_empty":
                        self._require("EMPTY")
                    call.set(moment, action)

        def _parse_json_action(self) -> exp.Expr | str | None:
            for word in ("NULL", "ERROR", "TRUE", "FALSE"):
                if self._match_text_seq(word, "ON", advance=False) and self._match_text_seq(word):
                    return word
            if self._match_text_seq("EMPTY"):
                if self._match_text_seq("ARRAY"):
                    return "EMPTY ARRAY"
                if self._match_text_seq("OBJECT"):
                    return "EMPTY OBJECT"
                return "EMPTY ARRAY"
            if self._match(TokenType.DEFAULT):
                return self._parse_bitwise()
            return None

        def _parse_json_object_call(self, name: str) -> exp.Expr:
            call = JsonConstructor(name=name)
            if not self._match(TokenType.R_PAREN, advance=False):
                call.set("expressions", self._parse_csv(self._parse_json_member))
            self._parse_json_constructor_clauses(call)
            return self.expression(call)

        def _parse_json_member(self) -> exp.Expr | None:
            if self._match(TokenType.STAR):
                self.raise_error("JSON_OBJECT(*) is not known")
            has_key_word = False
            if self._curr.text.upper() == "KEY" and self._next.token_type != TokenType.COMMA:
                has_key_word = bool(self._match_text_seq("KEY"))
            key = self._parse_bitwise()
            if (
                self._match_text_seq("VALUE")
                or self._match(TokenType.COLON)
                or (has_key_word and self._match(TokenType.IS))
                or self._match(TokenType.IS)
            ):
                return self._parse_json_entry(key)
            if isinstance(key, exp.Column):
                name = exp.Literal.string(key.name if key.this.args["quoted"] else key.name.upper())
                return self.expression(JsonEntry(key=name, this=key))
            self.raise_error("Expected VALUE")
            return None

        def _parse_json_entry(self, key: exp.Expr | None = None) -> exp.Expr:
            this = self._parse_bitwise()
            return self.expression(JsonEntry(key=key, this=this, is_json=self._skip_format_json()))

        def _parse_json_array_call(self, name: str) -> exp.Expr:
            call = JsonConstructor(name=name)
            if not self._match(TokenType.R_PAREN, advance=False):
                call.set("expressions", self._parse_csv(self._parse_json_entry))
            call.set("order", self._parse_order())
            self._parse_json_constructor_clauses(call)
            return self.expression(call)

        def _parse_json_constructor_clauses(self, call: exp.Expr) -> None:
            for word in ("NULL", "ABSENT"):
                if self._match_text_seq(word, "ON", "NULL"):
                    call.set("null", word)
            call.set("returning", self._parse_json_returning())
            if self._match_text_seq("STRICT"):
                self.raise_error("STRICT is not known")
            if self._match_text_seq("WITH", "UNIQUE", "KEYS"):
                self.raise_error("WITH UNIQUE KEYS is not known")

        def _skip_format_json(self) -> bool:
            return bool(self._match_text_seq("FORMAT", "JSON"))

        def _parse_json_rows(self) -> exp.Expr:
            rows = JsonRows(this=self._parse_bitwise(), path=exp.Literal.string("$"), columns=[])
            self._skip_format_json()
            if self._match(TokenType.COMMA):
                rows.set("path", self._parse_string())
            self._parse_json_clauses(rows)
            self._require("COLUMNS")
            rows.set("columns", self._parse_wrapped_csv(self._parse_json_column))
            return self.expression(rows)

        def _parse_range(
            self, this: exp.Expr | None = None, parse_is: bool = False
        ) -> exp.Expr | None:
            this = this or self._parse_bitwise()
            if self._curr and self._next and self._next.text.upper() == "MEMBER":
                if self._match(TokenType.NOT):
                    found = self._parse_member(this)
                    return self.expression(exp.Not(this=found))
            elif self._curr and self._curr.text.upper() == "MEMBER":
                return self._parse_member(this)
            return super()._parse_range(this, parse_is)

        def _parse_member(self, this: exp.Expr | None) -> exp.Expr:
            """X MEMBER [OF] collection: one of the rows of TABLE(collection)."""
            self._require("MEMBER")
            self._match_text_seq("OF")
            first = self._curr
            text = self._syntax_of_chain()
            rows = self.expression(CollectionRows(text=text), first)
            column = exp.Column(this=exp.to_identifier("COLUMN_VALUE"))
            select = exp.Select(expressions=[column], from_=exp.From(this=exp.Table(this=rows)))
            return self.expression(exp.In(this=this, query=exp.Subquery(this=select)))

        def _syntax_of_chain(self) -> str:
            """Past a name, call or chain of both; its text."""
            first = last = self._curr
            depth = 0
            while self._curr:
                kind = self._curr.token_type
                follows = last.token_type == TokenType.DOT or self._curr is first
                if depth == 0 and not follows and kind not in (TokenType.DOT, TokenType.L_PAREN):
                    break
                depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
                last = self._curr
                self._advance()
            return self.sql[first.start : last.end + 1]

        def _parse_collection_rows(self) -> exp.Expr:
            """TABLE(x) or TABLE(CAST(x AS type)); the parenthesis is open."""
            if self._curr.token_type == TokenType.SELECT:
                raise Unsupported("TABLE(subquery)", position=self._curr.start)
            is_cast = self._match_text_seq("CAST", "(")
            first = last = self._curr
            depth = 0
            while self._curr:
                kind = self._curr.token_type
                if kind == TokenType.PLACEHOLDER:
                    raise Unsupported("a bind in TABLE(...)", position=self._curr.start)
                if depth == 0 and (
                    kind == TokenType.R_PAREN or (is_cast and kind == TokenType.ALIAS)
                ):
                    break
                depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
                last = self._curr
                self._advance()
            if is_cast:
                if first.text.upper() == "MULTISET":
                    raise Unsupported("MULTISET", position=first.start)
                self._require("AS")
                while self._curr and self._curr.token_type != TokenType.R_PAREN:
                    self._advance()
                self._match_r_paren()
            rows = CollectionRows(text=self.sql[first.start : last.end + 1])
            return self.expression(rows, first)

        def _parse_json_column(self) -> exp.Expr | None:
            if self._match_text_seq("NESTED"):
                self._match_text_seq("PATH")
                path = self._parse_string()
                self._require("COLUMNS")
                columns = self._parse_wrapped_csv(self._parse_json_column)
                return self.expression(JsonColumn(kind="NESTED", path=path, columns=columns))
            column = JsonColumn(this=self._parse_id_var(), kind="VALUE")
            if self._match_text_seq("FOR", "ORDINALITY"):
                column.set("kind", "ORDINALITY")
                return self.expression(column)
            if not self._curr or self._curr.text.upper() not in {
                "EXISTS",
                "PATH",
                "FORMAT",
                ",",
                ")",
            }:
                column.set("to", self.parse_sql_type())
            if self._match(TokenType.EXISTS):
                column.set("kind", "EXISTS")
            elif self._skip_format_json():
                column.set("kind", "QUERY")
            self._parse_json_clauses(column)
            if self._match_text_seq("PATH"):
                column.set("path", self._parse_string())
            self._parse_json_clauses(column)
            return self.expression(column)

        def _require(self, word: str) -> None:
            if not self._match_text_seq(word):
                self.raise_error(f"Expected {word}")


@dataclass
class Syntax:
    """A text, its tokens and its placeholders."""

    text: str
    tokens: list[Token]
    placeholders: tuple[Placeholder, ...] = ()
    _starts: dict[int, int] = field(default_factory=dict)

    def parse(self) -> exp.Expr:
        """The one statement of the text.

        Raises:
            OraError: ORA-009xx, with the position.
        """
        parser = Dialect.Parser(dialect=Dialect(), error_level=ErrorLevel.IMMEDIATE)
        try:
            trees = parser.parse(list(self.tokens), self.text)
        except ParseError as error:
            raise to_oracle(error, self, parser) from None
        if len(trees) != 1 or trees[0] is None:
            raise OraError(900, "invalid SQL statement", position=0)
        return trees[0]

    def call_text(self, start: int) -> str:
        """The text of the name, call or chain of both whose first token begins at start."""
        index = next(i for i, token in enumerate(self.tokens) if token.start == start)
        first = self.tokens[index]
        last = first
        index += 1
        while index < len(self.tokens):
            kind = self.tokens[index].token_type
            if kind == TokenType.DOT and index + 1 < len(self.tokens):
                index += 2
            elif kind == TokenType.L_PAREN:
                index = self._behind_parenthesis(index)
            else:
                break
            last = self.tokens[index - 1]
        return self.text[first.start : last.end + 1]

    def _behind_parenthesis(self, index: int) -> int:
        depth = 0
        while index < len(self.tokens):
            kind = self.tokens[index].token_type
            depth += (kind == TokenType.L_PAREN) - (kind == TokenType.R_PAREN)
            index += 1
            if depth == 0:
                break
        return index


def read(text: str) -> Syntax:
    """Cut a text into tokens and find its placeholders.

    Raises:
        OraError: 1756 where a string does not end, 911 for what is no token.
        Unsupported: it has what the parser would take for a mistake, and Oracle does not.
    """
    try:
        raw = Dialect.Tokenizer(dialect=Dialect()).tokenize(text)
    except TokenError as error:
        raise OraError(1756, "quoted string not properly terminated") from error
    _refuse(raw)
    tokens: list[Token] = []
    placeholders: list[Placeholder] = []
    index = 0
    while index < len(raw):
        token = raw[index]
        token.comments = []
        following = raw[index + 1] if index + 1 < len(raw) else None
        # Behind a string it is the colon of a member of JSON_OBJECT.
        is_member = bool(tokens) and tokens[-1].token_type == TokenType.STRING
        if (
            token.token_type == TokenType.COLON
            and following is not None
            and _names(following)
            and not is_member
        ):
            name = following.text
            if following.token_type != TokenType.IDENTIFIER:
                name = name.upper()
                if name in _RESERVED:
                    raise OraError(1745, "invalid host/bind variable name", position=token.start)
            number = len(placeholders)
            placeholders.append(Placeholder(number, name))
            tokens.append(
                Token(
                    TokenType.PLACEHOLDER,
                    name,
                    line=token.line,
                    col=token.col,
                    start=token.start,
                    end=following.end,
                    comments=[str(number)],
                )
            )
            index += 2
            continue
        if (
            token.token_type == TokenType.NUMBER
            and following is not None
            and _is_suffix(token, following)
        ):
            token.text += following.text.lower()
            token.end = following.end
            index += 1
        is_unit = bool(tokens) and tokens[0].text.upper() == "CREATE"
        if token.token_type == TokenType.PLACEHOLDER or (
            token.token_type == TokenType.SEMICOLON and not is_unit
        ):
            raise OraError(911, "invalid character", position=token.start)
        tokens.append(token)
        index += 1
    return Syntax(text, tokens, tuple(placeholders))


def _refuse(tokens: list[Token]) -> None:
    words = [token.text.upper() for token in tokens]
    if words[:2] in (["WITH", "FUNCTION"], ["WITH", "PROCEDURE"]):
        raise Unsupported(f"WITH {words[1]}", position=tokens[1].start)
    for index, word in enumerate(words):
        if word == "CONVERSION" and words[index - 1 : index + 2] == ["ON", word, "ERROR"]:
            raise Unsupported("ON CONVERSION ERROR", position=tokens[index - 1].start)


def _is_suffix(number: Token, following: Token) -> bool:
    """Whether a D or F makes the number a BINARY_DOUBLE or BINARY_FLOAT."""
    return following.text in ("d", "D", "f", "F") and following.start == number.end + 1


def _names(token: Token) -> bool:
    return token.token_type in (TokenType.NUMBER, TokenType.IDENTIFIER, TokenType.VAR) or (
        token.text[:1].isalpha()
    )


def to_oracle(error: ParseError, syntax: Syntax, parser: OracleParser) -> OraError:
    details: dict[str, Any] = error.errors[0] if error.errors else {}
    description = str(details.get("description") or error)
    index = parser._index
    at_end = index >= len(syntax.tokens)
    position = len(syntax.text) if at_end else syntax.tokens[index].start
    if "is not known" in description:
        return OraError(3001, f"unimplemented feature: {description}", position=position)
    if "Expecting )" in description:
        return OraError(907, "missing right parenthesis", position=position)
    if "Expecting (" in description:
        return OraError(906, "missing left parenthesis", position=position)
    if "Required argument" in description or "missing" in description:
        return OraError(936, "missing expression", position=position)
    if "Expected table name" in description:
        return OraError(903, "invalid table name", position=position)
    if "Expected AS after CAST" in description or "Expected " in description:
        word = description.partition("Expected ")[2].partition(" ")[0].strip(".")
        return OraError(905, f"missing keyword ({word})", position=position)
    if index <= 1:
        return OraError(900, "invalid SQL statement", position=position)
    return OraError(933, "SQL command not properly ended", position=position)
