"""The users of the database: a schema each, and a verifier instead of a password."""

from __future__ import annotations

from deploy.localdb.errors import OraError
from deploy.localdb.postgres.backend import Query
from deploy.localdb.tns.authentication import Exchange, Verifier, make_verifier

#: Who owns an object, in each of localdb's tables.
_OWNED = (
    ("objects", "owner"),
    ("columns", "owner"),
    ("units", "owner"),
    ("triggers", "owner"),
    ("triggers", "table_owner"),
    ("unit_errors", "owner"),
    ("procedures", "owner"),
    ("arguments", "owner"),
    ("types", "owner"),
    ("queue_tables", "owner"),
    ("queues", "owner"),
    ("scheduler_jobs", "owner"),
    ("scheduler_arguments", "owner"),
    ("synonyms", "owner"),
    ("table_comments", "owner"),
    ("view_texts", "owner"),
    ("temporary_tables", "owner"),
    ("check_texts", "owner"),
    ("proxies", "client"),
    ("proxies", "proxy"),
    ("grants", "grantee"),
    ("grants", "grantor"),
    ("queue_privileges", "owner"),
    ("queue_privileges", "grantee"),
    ("grants", "object_owner"),
)


#: Bytes of a password, as of 23ai.
_LONGEST_PASSWORD = 1024


async def ensure_user(run: Query, name: str, password: str) -> bool:
    """Create the user where there is none, True; make this the password in any case."""
    if not await run("select from localdb.users where name = $1", name):
        await create_user(run, name, password)
        return True
    verifier = await find_verifier(run, name)
    if verifier is None or not Exchange(verifier).knows(password.encode()):
        await change_user(run, name, password, locked=False)
    return False


async def find_verifier(run: Query, name: str) -> Verifier | None:
    """What proves a user's password; None: there is no such user, or he may not log on."""
    rows = await run(
        """
        select password_salt, password_iterations, password_hash
        from localdb.users
        where name = $1 and password_hash is not null and not locked
        """,
        name,
    )
    return Verifier(*rows[0]) if rows else None


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
        OraError: 1918, there is no such user; 28218, the password is too long.
    """
    if password is not None and len(password.encode()) > _LONGEST_PASSWORD:
        raise OraError(28218, f"password length more than {_LONGEST_PASSWORD} bytes")
    verifier = make_verifier(password) if password is not None else None
    rows = await run(
        """
        update localdb.users
        set password_salt = coalesce($2, password_salt),
            password_iterations = coalesce($3, password_iterations),
            password_hash = coalesce($4, password_hash),
            locked = coalesce($5, locked)
        where name = $1
        returning name
        """,
        name,
        verifier.salt if verifier else None,
        verifier.iterations if verifier else None,
        verifier.hash if verifier else None,
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
