"""Roles and grants in localdb's own tables. Who may do it is asked elsewhere, before."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.localdb.errors import OraError
from deploy.localdb.postgres.backend import Query

_OF_OBJECT = """
    privilege = $1 and object_owner is not distinct from $2::text
    and object_name is not distinct from $3::text
"""


async def create_role(run: Query, name: str, creator: str | None) -> None:
    """Make a role, and let the creator pass it on.

    Raises:
        OraError: 1921, there is one of that name.
    """
    rows = await run(
        "insert into localdb.roles (name) values ($1) on conflict do nothing returning name", name
    )
    if not rows:
        raise OraError(1921, f"role name '{name}' conflicts with another user or role name")
    if creator is not None:
        await grant(run, (name,), None, (creator,), "SYS", with_option=True)


async def drop_role(run: Query, name: str) -> None:
    """Take a role away from everybody.

    Raises:
        OraError: 1919, there is none.
    """
    if not await run("delete from localdb.roles where name = $1 returning name", name):
        raise OraError(1919, f"role '{name}' does not exist")
    await run("delete from localdb.grants where grantee = $1", name)
    await run("delete from localdb.grants where privilege = $1 and object_name is null", name)


async def grant(
    run: Query,
    privileges: Sequence[str],
    target: tuple[str, str] | None,
    grantees: Sequence[str],
    grantor: str,
    with_option: bool,
) -> None:
    """Give each privilege to each grantee.

    Args:
        run: on the transaction of the DDL.
        privileges: or roles.
        target: owner and name of the object; None: privileges of the system, roles.
        grantees: users, roles, PUBLIC.
        grantor: whose grant it is.
        with_option: GRANT OPTION, ADMIN OPTION.
    """
    owner, name = target or (None, None)
    for grantee in grantees:
        for privilege in privileges:
            await run(
                """
                insert into localdb.grants
                    (grantee, privilege, object_owner, object_name, grantable, grantor)
                values ($1, $2, $3, $4, $5, $6)
                on conflict (grantee, privilege, object_owner, object_name, grantor) do update
                set grantable = grants.grantable or excluded.grantable
                """,
                grantee,
                privilege,
                owner,
                name,
                with_option,
                grantor,
            )


async def revoke(
    run: Query,
    privileges: Sequence[str],
    target: tuple[str, str] | None,
    grantees: Sequence[str],
    grantor: str,
    everything: bool,
) -> None:
    """Take back what grantor has given, and what was passed on from there.

    Raises:
        OraError: 1927, 1951, 1952 where there is nothing to take back.
    """
    for grantee in grantees:
        taken = 0
        for privilege in privileges:
            found = await _take_back(run, privilege, target, grantee, grantor)
            if not found and not everything:
                raise await _not_granted(run, privilege, target, grantee)
            taken += found
        if not taken:
            raise await _not_granted(run, privileges[0], target, grantee)


async def _take_back(
    run: Query, privilege: str, target: tuple[str, str] | None, grantee: str, grantor: str
) -> bool:
    owner, name = target or (None, None)
    rows = await run(
        f"delete from localdb.grants where {_OF_OBJECT} and grantee = $4 and grantor = $5 returning 1",
        privilege,
        owner,
        name,
        grantee,
        grantor,
    )
    if rows and target is not None:
        await _take_back_passed_on(run, privilege, target, grantee)
    return bool(rows)


async def _take_back_passed_on(
    run: Query, privilege: str, target: tuple[str, str], grantor: str
) -> None:
    """What somebody has passed on goes with his last GRANT OPTION."""
    still = await run(
        f"select from localdb.grants where {_OF_OBJECT} and grantee = $4 and grantable limit 1",
        privilege,
        *target,
        grantor,
    )
    if still:
        return
    given = await run(
        f"select grantee from localdb.grants where {_OF_OBJECT} and grantor = $4",
        privilege,
        *target,
        grantor,
    )
    for (grantee,) in given:
        if grantee != target[0]:
            await _take_back(run, privilege, target, grantee, grantor)


async def _not_granted(
    run: Query, privilege: str, target: tuple[str, str] | None, grantee: str
) -> OraError:
    if target is not None:
        return OraError(1927, "cannot REVOKE privileges you did not grant")
    if await run("select from localdb.roles where name = $1", privilege):
        return OraError(1951, f"ROLE '{privilege}' not granted to '{grantee}'")
    return OraError(1952, f"system privileges not granted to '{grantee}'")


async def set_default_roles(run: Query, user: str, everything: bool, names: Sequence[str]) -> None:
    """ALTER USER ... DEFAULT ROLE: these alone, or all but these.

    Raises:
        OraError: 1955, one was not granted to the user.
    """
    for name in names:
        granted = await run(
            "select from localdb.grants where grantee = $1 and privilege = $2"
            " and object_name is null limit 1",
            user,
            name,
        )
        if not granted:
            raise OraError(1955, f"DEFAULT ROLE '{name}' not granted to user")
    await run(
        """
        update localdb.grants as g
        set default_role = (g.privilege = any (string_to_array($2, e'\\n'))) <> $3
        where g.grantee = $1 and g.object_name is null
            and exists (select from localdb.roles as r where r.name = g.privilege)
        """,
        user,
        "\n".join(names) or "\n",
        everything,
    )


async def forget_grants(run: Query, owner: str, name: str) -> None:
    """The object is dropped."""
    await run(
        "delete from localdb.grants where object_owner = $1 and object_name = $2", owner, name
    )
