"""Privilege domains: in whose name code runs, and with which roles.

A client's statements and anonymous blocks have the session's user with the roles that are enabled;
units with definer's rights have their owner without any role; units with invoker's rights have the
caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Rights:
    """A privilege domain: a user, and the roles that are enabled, with those granted to them."""

    user: str
    roles: frozenset[str] = frozenset()


@cache
def owner_rights(owner: str) -> Rights:
    """What a unit with definer's rights runs with."""
    return Rights(owner)
