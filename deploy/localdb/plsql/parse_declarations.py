"""Declarations: what stands before BEGIN, and in a package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploy.localdb.plsql.exceptions import Failure
from deploy.localdb.plsql.parse_expressions import ExpressionParser
from deploy.localdb.plsql.syntax import (
    Body,
    CollectionDeclaration,
    CursorDeclaration,
    CursorTypeDeclaration,
    Declaration,
    ExceptionDeclaration,
    Expression,
    FieldSyntax,
    Parameter,
    ParameterMode,
    Pragma,
    RecordDeclaration,
    Subprogram,
    SubtypeDeclaration,
    TypeSyntax,
    VariableDeclaration,
)

if TYPE_CHECKING:
    from deploy.localdb.plsql.syntax import SqlText

_AFTER_DECLARATIONS = (
    "begin", "function", "pragma", "procedure", "subtype", "type", "<an identifier>",
    "<a double-quoted delimited-identifier>", "current", "cursor", "delete", "exists", "prior",
)  # fmt: skip
#: Clauses after a subprogram's parameters that change nothing here.
_FLAGS = frozenset({"DETERMINISTIC", "PIPELINED", "PARALLEL_ENABLE", "RESULT_CACHE", "AGGREGATE"})


class DeclarationParser(ExpressionParser):
    """Declarations and the heads of subprograms."""

    def sql_until(self, stop: str) -> SqlText:
        raise NotImplementedError

    def body(self, declarations: list[Declaration], name: str | None) -> Body:
        raise NotImplementedError

    def declarations(self, *, package: bool = False) -> list[Declaration]:
        """All declarations up to BEGIN or END."""
        found: list[Declaration] = []
        while not self.at("BEGIN") and not self.at("END"):
            found.append(self._declaration(package=package))
        return found

    def _declaration(self, *, package: bool) -> Declaration:
        token = self.token
        following = self.peek()
        if following.is_name or following.word:
            match token.word:
                case "PROCEDURE" | "FUNCTION":
                    return self._subprogram()
                case "TYPE":
                    return self._type_declaration()
                case "SUBTYPE":
                    return self._subtype()
                case "CURSOR":
                    return self._cursor()
                case "PRAGMA":
                    return self._pragma()
        if not self.at_name():
            self.fail(*_AFTER_DECLARATIONS)
        return self._variable()

    def _variable(self) -> Declaration:
        at = self.token.start
        name = self.name()
        if self.accept("EXCEPTION"):
            self.expect(";")
            return ExceptionDeclaration(name, at)
        constant = self.accept("CONSTANT")
        type_ = self.type()
        not_null = self.accept("NOT", "NULL")
        initial = self._default()
        if initial is None and constant:
            raise Failure(
                f"PLS-00322: declaration of a constant '{name}' must contain an"
                " initialization assignment",
                at,
            )
        if initial is None and not_null:
            raise Failure(
                "PLS-00218: a variable declared NOT NULL must have an initialization assignment", at
            )
        self.expect(";", ":=", "(", "not", "null", "default", "character")
        return VariableDeclaration(name, type_, constant, not_null, initial, at)

    def _default(self) -> Expression | None:
        if self.accept(":=") or self.accept("DEFAULT"):
            return self.expression()
        return None

    def _pragma(self) -> Pragma:
        at = self.advance().start
        name = self.name()
        arguments: list[Expression] = []
        if self.accept("("):
            while not self.accept(")"):
                if self.token.word == "," or self.at("DEFAULT"):
                    self.advance()
                else:
                    arguments.append(self.expression())
        self.expect(";")
        return Pragma(name, arguments, at)

    # ---- types ----

    def _type_declaration(self) -> Declaration:
        self.advance()
        at = self.token.start
        name = self.name()
        self.expect("IS")
        if self.accept("RECORD"):
            return RecordDeclaration(name, self._fields(), at)
        collection = self.collection(name, at)
        if collection is not None:
            self.expect(";", "index", "not")
            return collection
        if self.accept("REF"):
            self.expect("CURSOR")
            returns = self.type() if self.accept("RETURN") else None
            self.expect(";", "return")
            return CursorTypeDeclaration(name, returns, at)
        if self.at("OBJECT"):
            raise Failure("PLS-00540: object not supported in this context.", self.token.start)
        return self.fail(
            "(", "array", "limited", "new", "private", "range", "record", "VARRAY", "table", "ref"
        )

    def collection(self, name: str, at: int) -> CollectionDeclaration | None:
        """`TABLE OF ... [INDEX BY ...]` or `VARRAY(n) OF ...`; None: it is something else."""
        if self.accept("TABLE"):
            self.expect("OF")
            element = self._element()
            key = None
            if self.accept("INDEX"):
                self.expect("BY")
                key = self.type()
            return CollectionDeclaration(name, element, key, None, at)
        if self.at("VARRAY") or self.at("VARYING"):
            self.advance()
            self.accept("ARRAY")
            self.expect("(")
            limit = self.integer()
            self.expect(")")
            self.expect("OF")
            return CollectionDeclaration(name, self._element(), None, limit, at)
        return None

    def _element(self) -> TypeSyntax:
        element = self.type()
        self.accept("NOT", "NULL")
        return element

    def _fields(self) -> list[FieldSyntax]:
        self.expect("(")
        fields = []
        while True:
            at = self.token.start
            # A field may bear a name that a variable may not.
            name = self.advance().value if self.token.is_name else self.name()
            type_ = self.type()
            not_null = self.accept("NOT", "NULL")
            fields.append(FieldSyntax(name, type_, not_null, self._default(), at))
            if not self.accept(","):
                break
        self.expect(")", ",", "not", "null", ":=", "default")
        self.expect(";")
        return fields

    def _subtype(self) -> Declaration:
        self.advance()
        at = self.token.start
        name = self.name()
        self.expect("IS")
        type_ = self.type()
        bounds = None
        if self.accept("RANGE"):
            low = self.integer()
            self.expect("..")
            bounds = low, self.integer()
        not_null = self.accept("NOT", "NULL")
        self.expect(";")
        return SubtypeDeclaration(name, type_, bounds, not_null, at)

    def _cursor(self) -> CursorDeclaration:
        self.advance()
        at = self.token.start
        name = self.name()
        parameters = self.parameters() if self.at("(") else []
        returns = self.type() if self.accept("RETURN") else None
        if self.accept(";"):
            return CursorDeclaration(name, parameters, returns, None, at)
        if not self.accept("IS"):
            self.fail("(", ";", "is", "return")
        query = self.sql_until(";")
        self.expect(";")
        return CursorDeclaration(name, parameters, returns, query, at)

    # ---- subprograms ----

    def parameters(self) -> list[Parameter]:
        self.expect("(")
        parameters = []
        while True:
            at = self.token.start
            name = self.name()
            mode = self._mode()
            by_reference = self.accept("NOCOPY")
            type_ = self.type(constrained=False)
            default = self._default()
            parameters.append(Parameter(name, mode, type_, default, at, by_reference))
            if not self.accept(","):
                break
        self.expect(")", ":=", ".", ",", "@", "%", "default", "character")
        return parameters

    def _mode(self) -> ParameterMode:
        mode = ParameterMode.IN
        if self.accept("IN"):
            if self.accept("OUT"):
                mode = ParameterMode.IN_OUT
        elif self.accept("OUT"):
            mode = ParameterMode.OUT
        return mode

    def head(self) -> tuple[list[Parameter], TypeSyntax | None, dict[str, Any]]:
        """Parameters, return type and properties of a subprogram after its name."""
        parameters = self.parameters() if self.at("(") else []
        returns = self.type(constrained=False) if self.accept("RETURN") else None
        return parameters, returns, self.properties()

    def properties(self) -> dict[str, Any]:
        """AUTHID, ACCESSIBLE BY, DETERMINISTIC and the like."""
        found: dict[str, Any] = {}
        while True:
            if self.accept("AUTHID"):
                word = self.name("current_user", "definer")
                if word not in ("DEFINER", "CURRENT_USER"):
                    self.fail("current_user", "definer")
                found["AUTHID"] = word
            elif self.accept("ACCESSIBLE"):
                self.expect("BY")
                found["ACCESSIBLE BY"] = self._accessors()
            elif self.token.word in _FLAGS:
                word = self.advance().word
                found[word] = True
                if (word == "RESULT_CACHE" and self.accept("RELIES_ON")) or (
                    word in ("PARALLEL_ENABLE", "AGGREGATE") and self.at("(")
                ):
                    self._skip_brackets()
            elif self.accept("DEFAULT", "COLLATION"):
                self.name()
            else:
                return found

    def _accessors(self) -> list[tuple[str | None, str | None, str]]:
        """Kind, schema and name of each unit that may use this one."""
        self.expect("(")
        found = []
        while True:
            kind = None
            if self.token.word in ("PROCEDURE", "FUNCTION", "PACKAGE", "TRIGGER", "TYPE") and (
                self.peek().is_name
            ):
                kind = self.advance().word
            parts = self.dotted_name()
            found.append((kind, parts[0] if len(parts) > 1 else None, parts[-1]))
            if not self.accept(","):
                break
        self.expect(")")
        return found

    def _skip_brackets(self) -> None:
        self.expect("(")
        depth = 1
        while depth:
            word = self.token.word
            if self.token.kind.name == "END":
                self.fail(")")
            depth += (word == "(") - (word == ")")
            self.advance()

    def _subprogram(self) -> Subprogram:
        is_function = self.advance().word == "FUNCTION"
        at = self.token.start
        name = self.name()
        parameters, returns, properties = self.head()
        if is_function and returns is None:
            self.fail("(", "return")
        body = None
        if self.accept("IS") or self.accept("AS"):
            if self.at("LANGUAGE") or self.at("EXTERNAL"):
                raise Failure("ORA-03001: unimplemented feature: call specification", at)
            body = self.body(self.declarations(), name)
        self.expect(";", "is", "as", "deterministic", "authid", "pipelined", "result_cache")
        return Subprogram(name, parameters, returns, properties, body, at)
