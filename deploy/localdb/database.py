"""The database behind the sessions: the embedded PostgreSQL with Oracle's dictionary in it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from deploy.localdb.catalog import Catalog
from deploy.localdb.connection import AsyncCursor, PreparedStatement, SqlConnection
from deploy.localdb.errors import OraError
from deploy.localdb.plsql.builtins.registry import package_names
from deploy.localdb.postgres.backend import Backend, Row
from deploy.localdb.postgres.cluster import SUPERUSER, Cluster, ClusterError
from deploy.localdb.postgres.codec import Codec, OwnTypes
from deploy.localdb.postgres.prepared import Described
from deploy.localdb.postgres.wire import ServerError
from deploy.localdb.privileges import Access, grant_development, install
from deploy.localdb.rights import Rights
from deploy.localdb.statements import Statements
from deploy.localdb.tns.authentication import Verifier
from deploy.localdb.users import change_user, ensure_user, find_verifier
from deploy.localdb.values import Value

__all__ = ["AsyncCursor", "Database", "PreparedStatement", "SqlConnection"]

_SYSTEM = "SYSTEM"
#: Connections that are kept open for the next who needs one.
_MOST_IDLE = 16
_WARM = 3
#: In this order: each uses what the ones before it have made.
_SCRIPTS = (
    ("deploy.localdb.postgres", "bootstrap.sql"),
    ("deploy.localdb.dialect", "types.sql"),
    ("deploy.localdb.dialect", "languages.sql"),
    ("deploy.localdb.dialect", "numbers.sql"),
    ("deploy.localdb.dialect", "times.sql"),
    ("deploy.localdb.dialect", "dates.sql"),
    ("deploy.localdb.dialect", "zones.sql"),
    ("deploy.localdb.dialect", "texts.sql"),
    ("deploy.localdb.dialect", "lobs.sql"),
    ("deploy.localdb.dialect", "session.sql"),
    ("deploy.localdb.dialect", "json.sql"),
    ("deploy.localdb.dialect", "functions.sql"),
    ("deploy.localdb.dialect", "dictionary.sql"),
    ("deploy.localdb.dialect", "dictionary_privileges.sql"),
    ("deploy.localdb.dialect", "performance.sql"),
)
_WAITING = """
select a.pid, array_to_string(pg_catalog.pg_blocking_pids(a.pid), ' ')
from pg_catalog.pg_stat_activity as a
where a.wait_event_type = 'Lock'
"""


class Database:
    """One per process. Made by `start`, ended by `stop`.

    Attributes:
        catalog: all names that exist, without I/O.
        statements: translations, for all sessions.
    """

    def __init__(self, cluster: Cluster, codec: Codec, internal: Backend) -> None:
        self.codec = codec
        self.catalog = Catalog(codec)
        self.statements = Statements(self.catalog, codec)
        self._cluster = cluster
        self._internal = internal
        self._internal_free = asyncio.Lock()
        self._idle: list[Backend] = []
        self._used: set[Backend] = set()
        self._loading = asyncio.Lock()
        #: Of autonomous transactions: who waits for whom, by PostgreSQL's process.
        self._connections: dict[int, SqlConnection] = {}

    @classmethod
    async def start(
        cls, *, data: Path, postgres_bin: Path | None, password: str, user: str
    ) -> Database:
        """Start PostgreSQL in the directory; make there what is missing.

        Args:
            data: of the database; durable. It is made where it is not there.
            postgres_bin: None: PostgreSQL from the wheel.
            password: of SYSTEM and of user, from now on.
            user: as the dictionary spells it.

        Raises:
            NoPostgres: PostgreSQL is missing or too old.
            ClusterError: it does not start, or the data are another version's.
        """
        cluster = await Cluster.start(data, postgres_bin)
        try:
            await _prepare_schema(cluster)
            codec = Codec(await _own_types(cluster))
            internal = await Backend.connect(cluster.socket, SUPERUSER, "postgres", codec)
            database = cls(cluster, codec, internal)
            await install(database.run, package_names())
            await ensure_user(database.run, _SYSTEM, password)
            if await ensure_user(database.run, user, password):
                await grant_development(database.run, user)
            # What sessions have left in temporary tables when the server ended.
            await database.run("select localdb.forget_session(null)")
            await database.catalog.load_system(database.run)
            await database.catalogue_changed()
            database._idle = [await database._open() for _ in range(_WARM)]
        except BaseException:
            await cluster.stop()
            raise
        return database

    async def stop(self) -> None:
        """End all connections and PostgreSQL; twice is fine."""
        backends = [*self._idle, *self._used, self._internal]
        self._idle = []
        self._used.clear()
        for backend in backends:
            with contextlib.suppress(OraError):
                await backend.close()
        await self._cluster.stop()

    # ---- connections ----

    async def connect(self, *, user: str, parent: SqlConnection | None = None) -> SqlConnection:
        """A connection for a session.

        Args:
            user: of the session.
            parent: for an autonomous transaction: the connection that waits until it has ended.
        """
        backend = self._take_idle() or await self._open()
        self._used.add(backend)
        backend.set("ora.user", user)
        backend.set("ora.current_schema", user)
        connection = SqlConnection(self, backend, parent)
        self._connections[backend.pid] = connection
        if parent is not None:
            backend.is_blocked = lambda: self._is_deadlocked(connection)
        return connection

    async def give_back(self, backend: Backend) -> None:
        """A connection that is not needed any more: rolled back, and kept for the next."""
        self._used.discard(backend)
        self._connections.pop(backend.pid, None)
        try:
            await backend.reset()
        except OraError:
            await backend.close()
            return
        if len(self._idle) < _MOST_IDLE and not backend.is_lost:
            self._idle.append(backend)
        else:
            await backend.close()

    def _take_idle(self) -> Backend | None:
        while self._idle:
            backend = self._idle.pop()
            if not backend.is_lost:
                return backend
        return None

    async def _open(self) -> Backend:
        return await Backend.connect(self._cluster.socket, SUPERUSER, "postgres", self.codec)

    async def run(self, sql: str, *params: Value) -> list[Row]:
        """PostgreSQL's own SQL, committed at once, on a connection of the server's own."""
        async with self._internal_free:
            if self._internal.is_lost:
                self._internal = await self._open()
            described = await self.statements.describe(self._internal, sql)
            result = await self._internal.run(described, params, begins=False)
            return self._internal.decode(described, result.rows)

    # ---- catalogue ----

    async def catalogue_changed(self) -> None:
        """Read the names again; what was prepared is prepared anew."""
        async with self._loading:
            await self.catalog.load(self.run)
        for backend in (*self._idle, *self._used, self._internal):
            backend.forget_statements()

    # ---- users ----

    async def verifier(self, user: str) -> Verifier | None:
        """What proves a user's password; None: there is no such user, or he may not log on."""
        return await find_verifier(self.run, user)

    async def set_password(self, user: str, password: str) -> None:
        await change_user(self.run, user, password)

    # ---- privileges ----

    def access(self, rights: Rights) -> Access:
        """What a privilege domain may do, as of the last DDL."""
        return self.catalog.privileges.access(rights)

    # ---- locks ----

    async def _is_deadlocked(self, connection: SqlConnection) -> bool:
        """Whether an autonomous transaction waits for somebody who waits for it.

        PostgreSQL does not know that the session around it waits as well.
        """
        waits_for: defaultdict[int, set[int]] = defaultdict(set)
        for pid, blockers in await self.run(_WAITING):
            waits_for[int(pid)].update(int(blocker) for blocker in (blockers or "").split())
        for other in self._connections.values():
            if other.parent is not None:
                waits_for[other.parent.backend_pid].add(other.backend_pid)
        own = connection.backend_pid
        return own in _reachable(waits_for, waits_for[own])


def _reachable(edges: defaultdict[int, set[int]], start: Iterable[int]) -> set[int]:
    found: set[int] = set()
    pending = list(start)
    while pending:
        pid = pending.pop()
        if pid not in found:
            found.add(pid)
            pending.extend(edges.get(pid, ()))
    return found


async def _prepare_schema(cluster: Cluster) -> None:
    """Run the scripts in a new cluster, all or none of them.

    Raises:
        ClusterError: an older or newer localdb has made it.
    """
    scripts = [(name, _read(package, name)) for package, name in _SCRIPTS]
    stamp = hashlib.sha256("\0".join(text for _, text in scripts).encode()).hexdigest()
    backend = await Backend.connect(cluster.socket, SUPERUSER, "postgres", Codec(OwnTypes()))
    try:
        if await _query(backend, "select to_regclass('localdb.parameters')") == [
            ("localdb.parameters",)
        ]:
            made = await _query(
                backend, "select value from localdb.parameters where name = '_schema'"
            )
            if made != [(stamp,)]:
                raise ClusterError(
                    "the data directory was made by another version of localdb: use a new one"
                )
            return
        await backend.begin("begin")
        for name, text in scripts:
            try:
                await backend.run_script(text)
            except OraError as error:
                raise ClusterError(f"{name}{_place(error, text)}: {error.__cause__}") from error
        await backend.run_script(
            f"insert into localdb.parameters (name, value) values ('_schema', '{stamp}')"
        )
        await backend.commit()
    finally:
        await backend.close()


def _place(error: OraError, script: str) -> str:
    cause = error.__cause__
    position = cause.fields.get("P") if isinstance(cause, ServerError) else None
    return f", line {script.count(chr(10), 0, int(position)) + 1}" if position else ""


def _read(package: str, name: str) -> str:
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


async def _own_types(cluster: Cluster) -> OwnTypes:
    backend = await Backend.connect(cluster.socket, SUPERUSER, "postgres", Codec(OwnTypes()))
    try:
        rows = await _query(
            backend,
            "select t.typname, t.oid from pg_catalog.pg_type as t"
            " where t.typnamespace = 'ora'::regnamespace",
        )
    finally:
        await backend.close()
    oids = {str(name): int(oid) for name, oid in rows}
    return OwnTypes(
        oids.get("date", 0), oids.get("clob", 0), oids.get("blob", 0), oids.get("tstz", 0)
    )


async def _query(backend: Backend, sql: str) -> list[Row]:
    described: Described = await backend.describe(sql, ())
    result = await backend.run(described, (), begins=False)
    return backend.decode(described, result.rows)
