"""Where a session's PL/SQL is: the calls under way, innermost first, each with its line.

A list of statements knows the line of each. It keeps no record of which one is running, since that
would cost every statement; Python's own stack tells, when somebody asks.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

from deploy.localdb.plsql.compile_calls import CallCompiler
from deploy.localdb.plsql.compile_statements import StatementCompiler
from deploy.localdb.plsql.scopes import SESSION

if TYPE_CHECKING:
    from deploy.localdb.plsql.interpreter import Interpreter

_ANONYMOUS = "anonymous block"
_HEADER = "----- PL/SQL Call Stack -----\n  object      line  object\n  handle    number  name\n"


@dataclass(frozen=True)
class Call:
    """A call under way.

    Attributes:
        title: 'anonymous block', 'procedure ORAQ.P', 'package body ORAQ.K.P'.
    """

    title: str
    line: int


def _closures(function: Callable[..., Any], name: str) -> CodeType:
    """The code of what a method of the compiler makes."""
    for constant in function.__code__.co_consts:
        if isinstance(constant, CodeType) and constant.co_name == name:
            return constant
    raise LookupError(name)


_ONE_STEP = _closures(StatementCompiler.steps, "run_one")
_STEPS = frozenset(
    {
        _closures(StatementCompiler.steps, "run"),
        _closures(StatementCompiler._jumping, "run"),
    }
)
_CALL = _closures(CallCompiler._invocation, "invoke")


def calls(session: Interpreter) -> list[Call]:
    """The calls of a session, innermost first, from the Python code that asks for them."""
    found: list[Call] = []
    line: int | None = None
    where = ""
    current: object = None
    python: FrameType | None = sys._getframe(1)
    while python is not None:
        code = python.f_code
        if code is _ONE_STEP or code in _STEPS:
            names = python.f_locals
            frame = names["f"]
            if frame is not current and frame[SESSION] is session:
                if line is not None:
                    found.append(Call(_untitled(where), line))
                current, where = frame, names["where"]
                line = names["line"] if code is _ONE_STEP else names["lines"].get(names["step"], 0)
        elif code is _CALL:
            names = python.f_locals
            if line is not None and names.get("frame") is current:
                found.append(Call(names["routine"].title, line))
                line = None
        python = python.f_back
    if line is not None:
        found.append(Call(_untitled(where), line))
    return found


def _untitled(where: str) -> str:
    """Of statements that no call has begun: those of a block, and of a package's initialisation."""
    name = where.removeprefix('at "').partition('"')[0] if where.startswith('at "') else ""
    return f"package body {name}" if name else _ANONYMOUS


def format_call_stack(session: Interpreter) -> str:
    """DBMS_UTILITY.FORMAT_CALL_STACK; what stands for a handle is the same for one unit always."""
    lines = []
    for call in calls(session):
        unit = ".".join(call.title.split(".")[:2])
        handle = f"0x{zlib.crc32(unit.encode()) | 1 << 31:08x}"
        lines.append(f"{handle:10}{call.line:10}  {call.title}\n")
    return _HEADER + "".join(lines)
