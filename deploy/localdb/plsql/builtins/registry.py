"""What Oracle supplies and Python implements.

A supplied package is a specification in PL/SQL (`specs/<package>.pks`, a unit of SYS) whose bodies are
Python functions registered here; package STANDARD's functions are registered by name alone.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from typing import Any, TypeVar

from deploy.localdb.values import Value

#: 'DBMS_AQ.ENQUEUE' to its body: body(host, **formals), each formal a Ref by its lower-case name.
BODIES: dict[str, Callable[..., Value]] = {}
#: 'SUBSTR' to its body: body(host, *values).
FUNCTIONS: dict[str, Callable[..., Value]] = {}

F = TypeVar("F", bound=Callable[..., Any])


def implements(name: str) -> Callable[[F], F]:
    """Register the body of a supplied subprogram, 'DBMS_AQ.ENQUEUE'.

    Overloads share one body: it is called with the formals of the overload that fits.
    """

    def register(body: F) -> F:
        BODIES[name] = body
        return body

    return register


def load_spec(name: str) -> str | None:
    """The specification of a supplied package; None: there is none of that name."""
    file = resources.files(__package__ or "").joinpath("specs", f"{name.lower()}.pks")
    return file.read_text(encoding="utf-8") if file.is_file() else None
