"""Where the Python side of Oracle's packages and functions is found.

FUNCTIONS         functions of package STANDARD, by name: f(host, *values) -> value
IMPLEMENTATIONS   subprograms of the packages in specs/, by 'PACKAGE.SUBPROGRAM'
load_package      the specification of such a package, as PL/SQL text
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import TypeVar

from deploy.localdb.values import Value

F = TypeVar("F", bound=Callable[..., Value])

#: f(host, *values) -> value. Values come as PL/SQL passes them; NULL handling is the function's.
FUNCTIONS: dict[str, Callable[..., Value]] = {}
#: f(host, *, formal: Ref, ...) -> value; formals by lower-case name.
IMPLEMENTATIONS: dict[str, Callable[..., Value]] = {}

_NAME = re.compile(r"[a-z0-9_$#]+")


def implements(name: str) -> Callable[[F], F]:
    """The decorated function does what 'PACKAGE.SUBPROGRAM' does.

    It gets the host, then each formal of the chosen declaration as a Ref, by keyword. What it sets in
    OUT formals is assigned when it returns; an OraError leaves the arguments as they were.
    """

    def register(function: F) -> F:
        IMPLEMENTATIONS[name.upper()] = function
        return function

    return register


def standard(*names: str) -> Callable[[F], F]:
    """The decorated function is a function of STANDARD, under one or more names."""

    def register(function: F) -> F:
        for name in names:
            FUNCTIONS[name.upper()] = function
        return function

    return register


@cache
def load_package(name: str) -> str | None:
    """The specification of a package of SYS by its upper-case name; None: localdb has none."""
    lower = name.lower()
    if not _NAME.fullmatch(lower):
        return None
    path = resources.files("deploy.localdb.plsql.builtins") / "specs" / f"{lower}.pks"
    return path.read_text(encoding="utf-8") if path.is_file() else None


@cache
def package_names() -> tuple[str, ...]:
    """All packages that load_package knows, upper case."""
    folder = resources.files("deploy.localdb.plsql.builtins") / "specs"
    names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    return tuple(sorted(n[:-4].upper() for n in names if n.endswith(".pks")))
