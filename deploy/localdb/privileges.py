"""Who may do what: users, roles and what was granted to them, in memory as of the last DDL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from deploy.localdb.dialect.catalog import SYS
from deploy.localdb.dialect.privileges import (
    DEVELOPER,
    DEVELOPER_OBJECTS,
    RESTRICTED_PACKAGES,
    ROLES,
    SEES_ANY,
    STAND_INS,
)
from deploy.localdb.errors import OraError
from deploy.localdb.postgres.backend import Query, Row
from deploy.localdb.rights import Rights

PUBLIC = "PUBLIC"

_READ_GRANTS = """
select
    g.grantee, g.privilege, g.object_owner, g.object_name, g.grantable, g.default_role,
    r.name is not null
from localdb.grants as g
left join localdb.roles as r on r.name = g.privilege and g.object_name is null
"""


@dataclass
class _Grantee:
    """What a user, a role or PUBLIC was granted; the value: with GRANT OPTION or ADMIN OPTION."""

    system: dict[str, bool] = field(default_factory=dict)
    roles: dict[str, bool] = field(default_factory=dict)
    default_roles: set[str] = field(default_factory=set)
    objects: dict[tuple[str, str], dict[str, bool]] = field(default_factory=dict)


class Access:
    """What a privilege domain may do; `dialect.catalog.Access`."""

    def __init__(self, rights: Rights, grantees: list[_Grantee]) -> None:
        self.user = rights.user
        self._grantees = grantees

    def has(self, privilege: str) -> bool:
        """Whether it has a system privilege."""
        return any(privilege in grantee.system for grantee in self._grantees)

    def may_grant(self, privilege: str) -> bool:
        """Whether it has a system privilege or role with ADMIN OPTION."""
        return any(
            grantee.system.get(privilege) or grantee.roles.get(privilege)
            for grantee in self._grantees
        )

    def may_grant_on(self, owner: str, name: str, privilege: str) -> bool:
        """Whether it has a privilege on an object WITH GRANT OPTION."""
        return any(
            grantee.objects.get((owner, name), {}).get(privilege) for grantee in self._grantees
        )

    def may(self, owner: str, name: str, type_: str, privilege: str) -> bool:
        """Whether it may use an object in a way; READ is satisfied by SELECT as well."""
        if owner == self.user:
            return True
        wanted = ("READ", "SELECT") if privilege == "READ" else (privilege,)
        for grantee in self._grantees:
            granted = grantee.objects.get((owner, name))
            if granted is not None and any(one in granted for one in wanted):
                return True
        if owner == SYS:
            return privilege == "READ" and self.has("SELECT ANY DICTIONARY")
        return any(map(self.has, STAND_INS.get((type_, privilege), ())))

    def sees(self, owner: str, name: str, type_: str) -> bool:
        """Whether it may know that an object is there."""
        if owner == self.user:
            return True
        if any((owner, name) in grantee.objects for grantee in self._grantees):
            return True
        if owner == SYS:
            return self.has("SELECT ANY DICTIONARY")
        return any(map(self.has, SEES_ANY.get(type_, ())))


class Privileges:
    """All grants. `load` replaces them as a whole."""

    def __init__(self) -> None:
        self._grantees: dict[str, _Grantee] = {}
        self._accesses: dict[Rights, Access] = {}

    async def load(self, query: Query) -> None:
        """Read what was granted."""
        self._grantees = _read(await query(_READ_GRANTS))
        self._accesses = {}

    def forget_object(self, owner: str, name: str) -> None:
        """The object is gone, and what was granted on it."""
        for grantee in self._grantees.values():
            grantee.objects.pop((owner, name), None)

    def access(self, rights: Rights) -> Access:
        found = self._accesses.get(rights)
        if found is None:
            names = (rights.user, PUBLIC, *rights.roles)
            found = Access(rights, [g for name in names if (g := self._grantees.get(name))])
            self._accesses[rights] = found
        return found

    def granted_roles(self, user: str) -> frozenset[str]:
        """The roles that a user was granted directly."""
        found = self._grantees.get(user)
        return frozenset(found.roles) if found else frozenset()

    def default_rights(self, user: str) -> Rights:
        """Those that a session begins with."""
        found = self._grantees.get(user)
        return self.rights_with(user, found.default_roles if found else ())

    def rights_with(self, user: str, roles: Iterable[str]) -> Rights:
        """Those with some roles enabled, and all that were granted to these."""
        return Rights(user, self._closure(roles))

    def _closure(self, roles: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        pending = [*roles, *self.granted_roles(PUBLIC)]
        while pending:
            role = pending.pop()
            if role not in found:
                found.add(role)
                pending.extend(self.granted_roles(role))
        return frozenset(found)

    def contains_role(self, outer: str, inner: str) -> bool:
        """Whether inner is outer, or was granted to it, at whatever depth."""
        return inner in self._closure([outer])


def _read(rows: Iterable[Row]) -> dict[str, _Grantee]:
    found: defaultdict[str, _Grantee] = defaultdict(_Grantee)
    for name, privilege, owner, object_name, grantable, is_default, is_role in rows:
        grantee = found[name]
        if object_name is not None:
            granted = grantee.objects.setdefault((owner, object_name), {})
            granted[privilege] = granted.get(privilege, False) or grantable
        elif is_role:
            grantee.roles[privilege] = grantable
            if is_default:
                grantee.default_roles.add(privilege)
        else:
            grantee.system[privilege] = grantable
    return dict(found)


def log_on_refused(user: str) -> OraError:
    return OraError(1045, f"user {user} lacks CREATE SESSION privilege; logon denied")


# ---- what each database begins with ----

_SYSTEM_PRIVILEGES = (
    "DBA",
    "CREATE MATERIALIZED VIEW",
    "CREATE TABLE",
    "DEQUEUE ANY QUEUE",
    "ENQUEUE ANY QUEUE",
    "GLOBAL QUERY REWRITE",
    "MANAGE ANY QUEUE",
    "SELECT ANY TABLE",
    "UNLIMITED TABLESPACE",
)

_GRANT = """
insert into localdb.grants (grantee, privilege, object_owner, object_name, grantable, grantor)
values ($1, $2, $3, $4, $5, 'SYS')
on conflict do nothing
"""


_DICTIONARY = """
insert into localdb.grants (grantee, privilege, object_owner, object_name, grantor)
select
    case when c.relname ~ '^(DBA_|G?V_\\$)' and c.relname not in ('V_$VERSION', 'V_$NLS_PARAMETERS')
        then 'SELECT_CATALOG_ROLE' else 'PUBLIC' end,
    'SELECT', 'SYS', c.relname, 'SYS'
from pg_catalog.pg_class as c
where c.relnamespace = '"SYS"'::regnamespace and c.relkind in ('r', 'v')
on conflict do nothing
"""


async def install(run: Query, packages: Iterable[str]) -> None:
    """Make the predefined roles, and grant what SYS grants; nothing where they are there."""
    if await run("select from localdb.roles limit 1"):
        return
    for role in ROLES:
        await run("insert into localdb.roles (name, is_oracles) values ($1, true)", role)
    for role, privileges in ROLES.items():
        for privilege in privileges:
            await run(_GRANT, role, privilege, None, None, role == "DBA")
    for privilege in _SYSTEM_PRIVILEGES:
        await run(_GRANT, "SYSTEM", privilege, None, None, privilege == "DBA")
    for name in packages:
        for grantee in RESTRICTED_PACKAGES.get(name, (PUBLIC,)):
            await run(_GRANT, grantee, "EXECUTE", SYS, name, False)
    await run(_DICTIONARY)


async def grant_development(run: Query, user: str) -> None:
    """What the user may do for whom localdb is started."""
    for privilege in DEVELOPER:
        await run(_GRANT, user, privilege, None, None, False)
    for privilege, name in DEVELOPER_OBJECTS:
        await run(_GRANT, user, privilege, SYS, name, False)
