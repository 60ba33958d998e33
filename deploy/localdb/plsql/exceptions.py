"""Errors of the compiler, and the exceptions that PL/SQL predefines.

CompileErrors     what is wrong with a unit, one CompileError for each message
Failure           raised inside the compiler to leave the statement that is wrong
└─ FailureAlone   one that says all
ExceptionValue    a declared exception, as RAISE and handlers know it
"""

from __future__ import annotations

from dataclasses import dataclass

from deploy.localdb.errors import OraError


@dataclass(frozen=True)
class CompileError:
    """A message; line and column count from 1, 0: of the whole. The text has its prefix, PLS-00201."""

    line: int
    column: int
    text: str


class CompileErrors(Exception):
    """A unit or block that does not compile."""

    def __init__(self, errors: list[CompileError]) -> None:
        super().__init__(errors)
        self.errors = errors

    def as_ora_error(self, text: str = "") -> OraError:
        """As a client sees the errors of its block: ORA-06550 for each.

        Args:
            text: the block; the position of the first error is that in it.
        """
        parts = [f"line {e.line}, column {e.column}:\n{e.text}" for e in self.errors]
        position = None
        if text and self.errors and self.errors[0].line:
            first = self.errors[0]
            lines = text.splitlines(keepends=True)[: first.line - 1]
            position = sum(map(len, lines)) + max(first.column - 1, 0)
        return OraError(6550, "\nORA-06550: ".join(parts), position=position)

    def __str__(self) -> str:
        return "\n".join(f"{e.line}/{e.column}: {e.text}" for e in self.errors)


class Failure(Exception):
    """What is wrong, and at which offset of the source; never leaves the compiler."""

    def __init__(self, text: str, at: int) -> None:
        super().__init__(text, at)
        self.text = text
        self.at = at


class FailureAlone(Failure):
    """One after which Oracle does not say that a statement was ignored."""


class ApplicationError(OraError):
    """What RAISE_APPLICATION_ERROR raises; keeps: together with the error that is being handled."""

    def __init__(self, code: int, message: str, *, keeps: bool) -> None:
        super().__init__(code, message)
        self.keeps = keeps


@dataclass(eq=False)
class ExceptionValue:
    """A declared exception; code None until EXCEPTION_INIT gives it a number (without sign)."""

    name: str
    code: int | None = None

    def error(self) -> OraError:
        """What RAISE raises."""
        if self.code is None:
            error = OraError(6510, "PL/SQL: unhandled user-defined exception")
            error.exception = self
            return error
        return OraError(self.code, message(self.code))

    def catches(self, error: OraError) -> bool:
        if self.code is None:
            return error.exception is self
        return self.code == error.code and error.exception is None and error.prefix == "ORA"


#: Messages of Oracle's own errors that PL/SQL raises itself, and of the predefined exceptions.
_MESSAGES = {
    1: "unique constraint (.) violated",
    51: "timeout occurred while waiting for a resource",
    54: "resource busy and acquire with NOWAIT specified or timeout expired",
    60: "deadlock detected while waiting for resource",
    942: "table or view does not exist",
    1001: "invalid cursor",
    1012: "not logged on",
    1013: "user requested cancel of current operation",
    1017: "invalid username/password; logon denied",
    1400: "cannot insert NULL into ()",
    1403: "no data found",
    1410: "invalid ROWID",
    1422: "exact fetch returns more than requested number of rows",
    1426: "numeric overflow",
    1428: "argument '' is out of range",
    1438: "value larger than specified precision allowed for this column",
    1476: "divisor is equal to zero",
    1722: "invalid number",
    1843: "not a valid month",
    2290: "check constraint (.) violated",
    2291: "integrity constraint (.) violated - parent key not found",
    2292: "integrity constraint (.) violated - child record found",
    4061: "existing state of has been invalidated",
    4068: "existing state of packages has been discarded",
    6500: "PL/SQL: storage error",
    6501: "PL/SQL: program error",
    6502: "PL/SQL: numeric or value error",
    6504: "PL/SQL: Return types of Result Set variables or query do not match",
    6508: "PL/SQL: could not find program unit being called",
    6510: "PL/SQL: unhandled user-defined exception",
    6511: "PL/SQL: cursor already open",
    6512: "at line ",
    6530: "Reference to uninitialized composite",
    6531: "Reference to uninitialized collection",
    6532: "Subscript outside of limit",
    6533: "Subscript beyond count",
    6548: "no more rows needed",
    6550: "line , column :",
    6592: "CASE not found while executing CASE statement",
    24381: "error(s) in array DML",
    25228: "timeout or end-of-fetch during message dequeue from .",
    30006: "resource busy; acquire with WAIT timeout expired",
    30625: "method dispatch on NULL SELF argument is disallowed",
}


def message(code: int) -> str:
    """The text of an Oracle error without its number, with nothing filled in."""
    if 20000 <= code <= 20999:
        return ""
    return _MESSAGES.get(code, f"Message {code} not found;  product=RDBMS; facility=ORA")


def sqlerrm(number: int) -> str:
    """SQLERRM(number).

    Source: PL/SQL Language Reference 19c, SQLERRM Function.
    """
    if number == 0:
        return "ORA-0000: normal, successful completion"
    if number == 1:
        return "User-Defined Exception"
    if number == 100:
        return "ORA-01403: no data found"
    if number > 0:
        return f"-{number}: non-ORACLE exception"
    text = message(-number)
    return f"ORA-{-number:05d}: {text}"


#: Source: PL/SQL Language Reference 19c, table 11-3, Predefined Exceptions.
PREDEFINED = {
    "ACCESS_INTO_NULL": 6530,
    "CASE_NOT_FOUND": 6592,
    "COLLECTION_IS_NULL": 6531,
    "CURSOR_ALREADY_OPEN": 6511,
    "DUP_VAL_ON_INDEX": 1,
    "INVALID_CURSOR": 1001,
    "INVALID_NUMBER": 1722,
    "LOGIN_DENIED": 1017,
    "NO_DATA_FOUND": 1403,
    "NO_DATA_NEEDED": 6548,
    "NOT_LOGGED_ON": 1012,
    "PROGRAM_ERROR": 6501,
    "ROWTYPE_MISMATCH": 6504,
    "SELF_IS_NULL": 30625,
    "STORAGE_ERROR": 6500,
    "SUBSCRIPT_BEYOND_COUNT": 6533,
    "SUBSCRIPT_OUTSIDE_LIMIT": 6532,
    "SYS_INVALID_ROWID": 1410,
    "TIMEOUT_ON_RESOURCE": 51,
    "TOO_MANY_ROWS": 1422,
    "VALUE_ERROR": 6502,
    "ZERO_DIVIDE": 1476,
}


def value_error(detail: str = "") -> OraError:
    """ORA-06502 with its detail."""
    suffix = f": {detail}" if detail else ""
    return OraError(6502, f"PL/SQL: numeric or value error{suffix}")
