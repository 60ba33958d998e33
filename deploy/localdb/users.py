"""The users of the database: a schema each, and a verifier instead of a password.

Source of the verifier: python-oracledb, thin/crypto.pyx and thin/messages/auth.pyx (12c, PBKDF2).
"""

from __future__ import annotations

import hashlib
import os

from deploy.localdb.errors import OraError
from deploy.localdb.postgres.backend import Query

_ITERATIONS = 4096
_SALT_BYTES = 16
_SPEEDY_KEY = b"AUTH_PBKDF2_SPEEDY_KEY"
#: Who owns an object, in each of localdb's tables.
_OWNED = (
    ("objects", "owner"),
    ("columns", "owner"),
    ("units", "owner"),
    ("unit_errors", "owner"),
    ("procedures", "owner"),
    ("arguments", "owner"),
    ("queue_tables", "owner"),
    ("queues", "owner"),
    ("scheduler_jobs", "owner"),
    ("synonyms", "owner"),
    ("table_comments", "owner"),
    ("view_texts", "owner"),
    ("grants", "grantee"),
    ("grants", "object_owner"),
)


def hash_password(password: str, salt: bytes, iterations: int = _ITERATIONS) -> bytes:
    """The 32 bytes from which the password cannot be told, but which prove that one knows it."""
    key = hashlib.pbkdf2_hmac("sha512", password.encode(), salt + _SPEEDY_KEY, iterations, 64)
    return hashlib.sha512(key + salt).digest()[:32]


async def ensure_user(run: Query, name: str, password: str) -> None:
    """Create the user where there is none; make this the password in any case."""
    rows = await run(
        "select password_salt, password_iterations, password_hash from localdb.users where name = $1",
        name,
    )
    if not rows:
        await create_user(run, name, password)
        return
    salt, iterations, known = rows[0]
    if salt is None or hash_password(password, salt, iterations) != known:
        await change_user(run, name, password)


async def create_user(run: Query, name: str, password: str | None) -> None:
    """Create a user and the schema of that name; password None: nobody can log on.

    Raises:
        OraError: 1920, there is one of that name.
    """
    rows = await run(
        "insert into localdb.users (name) values ($1) on conflict do nothing returning name", name
    )
    if not rows:
        raise OraError(1920, f"user name '{name}' conflicts with another user or role name")
    await run(f"create schema if not exists {_quote(name)}")
    if password is not None:
        await change_user(run, name, password)


async def change_user(
    run: Query, name: str, password: str | None = None, locked: bool | None = None
) -> None:
    """Change what is not None.

    Raises:
        OraError: 1918, there is no such user.
    """
    salt = hashed = None
    if password is not None:
        salt = os.urandom(_SALT_BYTES)
        hashed = hash_password(password, salt)
    rows = await run(
        """
        update localdb.users
        set password_salt = coalesce($2, password_salt),
            password_iterations = case when $2 is null then password_iterations else $3 end,
            password_hash = coalesce($4, password_hash),
            locked = coalesce($5, locked)
        where name = $1
        returning name
        """,
        name,
        salt,
        _ITERATIONS,
        hashed,
        locked,
    )
    if not rows:
        raise OraError(1918, f"user '{name}' does not exist")


async def drop_user(run: Query, name: str, *, cascade: bool) -> None:
    """Drop a user, with cascade all that belongs to the user as well.

    Raises:
        OraError: 1918 no such user, 1922 without cascade there must be no objects.
    """
    if not cascade and await run("select from localdb.objects where owner = $1 limit 1", name):
        raise OraError(1922, f"CASCADE must be specified to drop '{name}'")
    if not await run("delete from localdb.users where name = $1 returning name", name):
        raise OraError(1918, f"user '{name}' does not exist")
    await run(f"drop schema if exists {_quote(name)} cascade")
    for table, column in _OWNED:
        await run(f"delete from localdb.{table} where {column} = $1", name)


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
