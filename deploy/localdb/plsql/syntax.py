"""The tree that the parser builds. Names are as the dictionary has them; `at` is an offset.

Expression   Literal Name Member Apply Attribute Placeholder Unary Binary Between InList Like
IsNull Case Convert Extract TimeZone Trim
TypeSyntax   NamedType AnchoredType
Declaration  of variables, constants, exceptions, types, cursors, subprograms, and pragmas
Statement    what stands between BEGIN and END
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from deploy.localdb.values import Value

if TYPE_CHECKING:
    from deploy.localdb.plsql.scanner import LineTable


class ParameterMode(Enum):
    """How a parameter or a client's bind is used."""

    IN = "IN"
    OUT = "OUT"
    IN_OUT = "IN/OUT"


# ---- expressions ----


class LiteralKind(Enum):
    """The type of a literal."""

    NULL = "null"
    NUMBER = "number"
    INTEGER = "integer"
    FLOAT = "binary_double"
    SINGLE = "binary_float"
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INTERVAL = "interval"


@dataclass(eq=False, slots=True)
class Literal:
    """A constant; of DATE, TIMESTAMP and INTERVAL the value is the text, detail the qualifier."""

    kind: LiteralKind
    value: Value
    at: int
    detail: str = ""


@dataclass(eq=False, slots=True)
class Name:
    """An identifier."""

    name: str
    at: int


@dataclass(eq=False, slots=True)
class Member:
    """`base.name`."""

    base: Expression
    name: str
    at: int


@dataclass(eq=False, slots=True)
class Argument:
    """`value`, `name => value`, or `key => value` in a qualified expression."""

    name: str | None
    value: Expression
    key: Expression | None = None


@dataclass(eq=False, slots=True)
class Apply:
    """`base(arguments)`: a call, an element of a collection, a constructor."""

    base: Expression
    arguments: list[Argument]
    at: int


@dataclass(eq=False, slots=True)
class Attribute:
    """`base%NAME`: FOUND, NOTFOUND, ROWCOUNT, ISOPEN, BULK_ROWCOUNT..."""

    base: Expression
    name: str
    at: int


@dataclass(eq=False, slots=True)
class Placeholder:
    """`:name` in a block of the client's."""

    name: str
    at: int


@dataclass(eq=False, slots=True)
class Unary:
    """`NOT`, `-` or `+`."""

    operator: str
    operand: Expression
    at: int


@dataclass(eq=False, slots=True)
class Binary:
    """Arithmetic, `||`, comparisons, AND, OR."""

    operator: str
    left: Expression
    right: Expression
    at: int


@dataclass(eq=False, slots=True)
class Between:
    """`operand [NOT] BETWEEN low AND high`."""

    operand: Expression
    low: Expression
    high: Expression
    negated: bool
    at: int


@dataclass(eq=False, slots=True)
class InList:
    """`operand [NOT] IN (items)`."""

    operand: Expression
    items: list[Expression]
    negated: bool
    at: int


@dataclass(eq=False, slots=True)
class Like:
    """`operand [NOT] LIKE pattern [ESCAPE escape]`."""

    operand: Expression
    pattern: Expression
    escape: Expression | None
    negated: bool
    at: int


@dataclass(eq=False, slots=True)
class IsNull:
    """`operand IS [NOT] NULL`."""

    operand: Expression
    negated: bool
    at: int


@dataclass(eq=False, slots=True)
class CaseExpression:
    """`CASE [operand] WHEN ... THEN ... [ELSE ...] END`."""

    operand: Expression | None
    branches: list[tuple[Expression, Expression]]
    otherwise: Expression | None
    at: int


@dataclass(eq=False, slots=True)
class Convert:
    """`CAST(operand AS type)`."""

    operand: Expression
    type: TypeSyntax
    at: int


@dataclass(eq=False, slots=True)
class Treat:
    """`TREAT(operand AS type)`."""

    operand: Expression
    type: TypeSyntax
    at: int


@dataclass(eq=False, slots=True)
class Extract:
    """`EXTRACT(part FROM operand)`."""

    part: str
    operand: Expression
    at: int


@dataclass(eq=False, slots=True)
class AtTimeZone:
    """`operand AT TIME ZONE zone` or AT LOCAL (zone None)."""

    operand: Expression
    zone: Expression | None
    at: int


@dataclass(eq=False, slots=True)
class Trim:
    """`TRIM([LEADING | TRAILING | BOTH] [characters] FROM operand)`."""

    side: str
    characters: Expression | None
    operand: Expression
    at: int


Expression: TypeAlias = (
    Literal
    | Name
    | Member
    | Apply
    | Attribute
    | Placeholder
    | Unary
    | Binary
    | Between
    | InList
    | Like
    | IsNull
    | CaseExpression
    | Convert
    | Treat
    | Extract
    | AtTimeZone
    | Trim
)


# ---- types ----


@dataclass(eq=False, slots=True)
class NamedType:
    """`NUMBER(10, 2)`, `VARCHAR2(30 CHAR)`, `t_ids`, `pkg.t_ids`; numbers in the brackets.

    in_characters: they count characters of a text, not bytes.
    """

    parts: tuple[str, ...]
    numbers: list[int]
    at: int
    in_characters: bool = False


@dataclass(eq=False, slots=True)
class AnchoredType:
    """`name%TYPE` or `name%ROWTYPE`."""

    parts: tuple[str, ...]
    is_row: bool
    at: int


TypeSyntax: TypeAlias = NamedType | AnchoredType


@dataclass(eq=False, slots=True)
class FieldSyntax:
    """A field of a record type."""

    name: str
    type: TypeSyntax
    not_null: bool
    default: Expression | None
    at: int


# ---- declarations ----


@dataclass(eq=False, slots=True)
class Parameter:
    """A formal parameter."""

    name: str
    mode: ParameterMode
    type: TypeSyntax
    default: Expression | None
    at: int
    #: NOCOPY.
    by_reference: bool = False


@dataclass(eq=False, slots=True)
class VariableDeclaration:
    """A variable or constant."""

    name: str
    type: TypeSyntax
    constant: bool
    not_null: bool
    initial: Expression | None
    at: int


@dataclass(eq=False, slots=True)
class ExceptionDeclaration:
    """`name EXCEPTION`."""

    name: str
    at: int


@dataclass(eq=False, slots=True)
class RecordDeclaration:
    """`TYPE name IS RECORD (...)`."""

    name: str
    fields: list[FieldSyntax]
    at: int


@dataclass(eq=False, slots=True)
class CollectionDeclaration:
    """`TYPE name IS TABLE OF ... [INDEX BY ...]` or `VARRAY(limit) OF ...`."""

    name: str
    element: TypeSyntax
    index: TypeSyntax | None
    limit: int | None
    at: int


@dataclass(eq=False, slots=True)
class CursorTypeDeclaration:
    """`TYPE name IS REF CURSOR [RETURN type]`."""

    name: str
    returns: TypeSyntax | None
    at: int


@dataclass(eq=False, slots=True)
class SubtypeDeclaration:
    """`SUBTYPE name IS type [RANGE low .. high] [NOT NULL]`."""

    name: str
    type: TypeSyntax
    range: tuple[int, int] | None
    not_null: bool
    at: int


@dataclass(eq=False, slots=True)
class CursorDeclaration:
    """`CURSOR name (parameters) [RETURN type] IS query`; query None: in a specification."""

    name: str
    parameters: list[Parameter]
    returns: TypeSyntax | None
    query: SqlText | None
    at: int


@dataclass(eq=False, slots=True)
class Subprogram:
    """A procedure or function; body None: declared, not defined."""

    name: str
    parameters: list[Parameter]
    returns: TypeSyntax | None
    properties: dict[str, Any]
    body: Body | None
    at: int


@dataclass(eq=False, slots=True)
class Pragma:
    """`PRAGMA name (arguments)`."""

    name: str
    arguments: list[Expression]
    at: int


Declaration: TypeAlias = (
    VariableDeclaration
    | ExceptionDeclaration
    | RecordDeclaration
    | CollectionDeclaration
    | CursorTypeDeclaration
    | SubtypeDeclaration
    | CursorDeclaration
    | Subprogram
    | Pragma
)


# ---- SQL ----


@dataclass(eq=False, slots=True)
class SqlText:
    """A statement of SQL as written, INTO clauses blanked out so that positions stay.

    Attributes:
        verb: its first word.
        into: targets of SELECT ... INTO or RETURNING ... INTO; [] where it has none.
        bulk: BULK COLLECT INTO.
        returning: the targets are RETURNING's.
    """

    text: str
    verb: str
    into: list[Expression]
    bulk: bool
    returning: bool
    at: int


# ---- statements ----


@dataclass(eq=False, slots=True)
class Assignment:
    """`target := value`."""

    target: Expression
    value: Expression
    at: int


@dataclass(eq=False, slots=True)
class CallStatement:
    """A procedure call."""

    call: Expression
    at: int


@dataclass(eq=False, slots=True)
class IfStatement:
    """IF with its ELSIFs."""

    branches: list[tuple[Expression, list[Statement]]]
    otherwise: list[Statement] | None
    at: int


@dataclass(eq=False, slots=True)
class CaseStatement:
    """CASE as a statement; otherwise None: ORA-06592 where nothing fits."""

    operand: Expression | None
    branches: list[tuple[Expression, list[Statement]]]
    otherwise: list[Statement] | None
    at: int


@dataclass(eq=False, slots=True)
class Loop:
    """LOOP and WHILE."""

    condition: Expression | None
    body: list[Statement]
    label: str | None
    at: int


@dataclass(eq=False, slots=True)
class NumericFor:
    """`FOR variable IN [REVERSE] low .. high`."""

    variable: str
    reverse: bool
    low: Expression
    high: Expression
    body: list[Statement]
    label: str | None
    at: int


@dataclass(eq=False, slots=True)
class CursorFor:
    """`FOR variable IN cursor(arguments)` or `(query)`."""

    variable: str
    source: Expression | SqlText
    body: list[Statement]
    label: str | None
    at: int


@dataclass(eq=False, slots=True)
class Leave:
    """EXIT or CONTINUE."""

    continues: bool
    label: str | None
    condition: Expression | None
    at: int


@dataclass(eq=False, slots=True)
class Goto:
    """GOTO."""

    label: str
    at: int


@dataclass(eq=False, slots=True)
class Label:
    """`<<name>>` before a statement."""

    name: str
    at: int


@dataclass(eq=False, slots=True)
class NullStatement:
    """NULL, and pragmas among the statements."""

    at: int


@dataclass(eq=False, slots=True)
class Return:
    """RETURN."""

    value: Expression | None
    at: int


@dataclass(eq=False, slots=True)
class Raise:
    """RAISE; exception None: again."""

    exception: Expression | None
    at: int


@dataclass(eq=False, slots=True)
class BlockStatement:
    """A nested block."""

    body: Body
    label: str | None
    at: int


@dataclass(eq=False, slots=True)
class Open:
    """`OPEN cursor(arguments)`."""

    cursor: Expression
    arguments: list[Argument]
    at: int


@dataclass(eq=False, slots=True)
class OpenFor:
    """`OPEN variable FOR query` or `FOR expression USING ...`."""

    cursor: Expression
    query: SqlText | Expression
    using: list[UsingItem]
    at: int


@dataclass(eq=False, slots=True)
class Fetch:
    """FETCH."""

    cursor: Expression
    into: list[Expression]
    bulk: bool
    limit: Expression | None
    at: int


@dataclass(eq=False, slots=True)
class Close:
    """CLOSE."""

    cursor: Expression
    at: int


@dataclass(eq=False, slots=True)
class SqlStatement:
    """An embedded statement of SQL."""

    sql: SqlText
    at: int


@dataclass(eq=False, slots=True)
class ForAll:
    """FORALL; of INDICES OF low and high may be None, of VALUES OF collection holds the indices."""

    variable: str
    low: Expression | None
    high: Expression | None
    indices_of: Expression | None
    values_of: Expression | None
    save_exceptions: bool
    body: SqlStatement | ExecuteImmediate
    at: int


@dataclass(eq=False, slots=True)
class UsingItem:
    """An argument of USING."""

    mode: ParameterMode
    value: Expression


@dataclass(eq=False, slots=True)
class ExecuteImmediate:
    """EXECUTE IMMEDIATE."""

    text: Expression
    into: list[Expression]
    bulk: bool
    using: list[UsingItem]
    returning: list[Expression]
    returning_bulk: bool
    at: int


@dataclass(eq=False, slots=True)
class TransactionControl:
    """COMMIT, ROLLBACK, SAVEPOINT; name is the savepoint's, waits is of COMMIT WRITE WAIT."""

    verb: str
    name: str | None
    at: int
    waits: bool = False


@dataclass(eq=False, slots=True)
class SetTransaction:
    """SET TRANSACTION, whole."""

    text: str
    at: int


@dataclass(eq=False, slots=True)
class PipeRow:
    """PIPE ROW."""

    value: Expression
    at: int


Statement: TypeAlias = (
    Assignment
    | CallStatement
    | IfStatement
    | CaseStatement
    | Loop
    | NumericFor
    | CursorFor
    | Leave
    | Goto
    | Label
    | NullStatement
    | Return
    | Raise
    | BlockStatement
    | Open
    | OpenFor
    | Fetch
    | Close
    | SqlStatement
    | ForAll
    | ExecuteImmediate
    | TransactionControl
    | SetTransaction
    | PipeRow
)


@dataclass(eq=False, slots=True)
class Handler:
    """`WHEN exceptions THEN`; exceptions []: OTHERS."""

    exceptions: list[Expression]
    body: list[Statement]
    at: int


@dataclass(eq=False, slots=True)
class Body:
    """Declarations, statements and handlers."""

    declarations: list[Declaration]
    statements: list[Statement]
    handlers: list[Handler]
    at: int
    #: Of the BEGIN and of the END.
    begins: int = 0
    ends: int = 0


# ---- wholes ----


@dataclass(eq=False)
class Block:
    """An anonymous block.

    Attributes:
        bind_names: the placeholders in order of appearance, each name once.
        compiled: what the interpreter made of it, by what it depends on.
    """

    source: str
    body: Body
    lines: LineTable
    bind_names: tuple[str, ...]
    label: str | None = None
    compiled: dict[object, Any] = field(default_factory=dict)


@dataclass(eq=False)
class TriggerSyntax:
    """The head of a trigger.

    Attributes:
        timing: 'BEFORE', 'AFTER', 'INSTEAD OF'.
        events: of 'INSERT', 'UPDATE', 'DELETE', in this order.
        columns: of UPDATE OF; none: any.
        table: [owner,] name.
        old, new: what the rows are called.
        follows: [owner,] name of the triggers after which it fires.
        body_at: where the block begins.
        description, condition, referencing: as the dictionary shows them.
    """

    timing: str
    events: tuple[str, ...]
    columns: tuple[str, ...]
    table: tuple[str, ...]
    old: str
    new: str
    each_row: bool
    enabled: bool
    follows: tuple[tuple[str, ...], ...]
    when: Expression | None
    body_at: int
    description: str
    condition: str | None
    referencing: str


@dataclass(eq=False)
class UnitSyntax:
    """A stored unit.

    Attributes:
        kind: 'PACKAGE', 'PACKAGE BODY', 'PROCEDURE' or 'FUNCTION'.
        source: from that word on.
        properties: AUTHID, ACCESSIBLE BY, DETERMINISTIC...
        declarations: of a package.
        initialisation: of a package body: its statements and handlers.
        subprogram: of a procedure or function; of a trigger, its block.
        trigger: of a trigger.
    """

    kind: str
    owner: str | None
    name: str
    source: str
    lines: LineTable
    properties: dict[str, Any]
    declarations: Sequence[Declaration] = ()
    initialisation: Body | None = None
    subprogram: Subprogram | None = None
    trigger: TriggerSyntax | None = None

    @property
    def is_definer(self) -> bool:
        return bool(self.properties.get("AUTHID", "DEFINER") == "DEFINER")
