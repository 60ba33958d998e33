"""All sessions of the server: who is logged on, what they share, and how one begins."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping

from deploy.localdb import performance
from deploy.localdb.channels import Channels
from deploy.localdb.database import Database
from deploy.localdb.errors import OraError
from deploy.localdb.host import SessionHost
from deploy.localdb.library import Library
from deploy.localdb.plsql.builtins import register_all
from deploy.localdb.plsql.builtins.locks import LockTable
from deploy.localdb.privileges import log_on_refused
from deploy.localdb.queue_buffers import Buffers
from deploy.localdb.scheduler import Scheduler
from deploy.localdb.session import Session
from deploy.localdb.tns.authentication import Verifier
from deploy.localdb.zones import find_zone

#: Names of USERENV, and what a client calls it at log-on.
_TOLD = {
    "CLIENT_PROGRAM_NAME": "PROGRAM",
    "HOST": "MACHINE",
    "OS_USER": "OSUSER",
}
#: USERENV of every session; SQL has the same in dialect/session.sql.
ENVIRONMENT = {
    "CON_ID": "3",
    "CON_NAME": "FREEPDB1",
    "CURRENT_EDITION_NAME": "ORA$BASE",
    "DB_NAME": "FREE",
    "DB_UNIQUE_NAME": "FREE",
    "INSTANCE": "1",
    "INSTANCE_NAME": "FREE",
    "ISDBA": "FALSE",
    "LANG": "US",
    "LANGUAGE": "AMERICAN_AMERICA.AL32UTF8",
    "SERVICE_NAME": "FREEPDB1",
    "SESSION_EDITION_NAME": "ORA$BASE",
}
#: SERIAL# has 16 bits on the wire.
_SERIAL_LIMIT = 65_536


class Sessions:
    """Opens sessions and knows those that are open."""

    def __init__(self, database: Database, *, release: str = "23.4.0.0.0") -> None:
        """Open nothing yet; release: what V$VERSION says, as the wire does."""
        self.database = database
        self.release = release
        self.channels = Channels()
        self.library = Library(database)
        self.locks = LockTable()
        self.buffers = Buffers()
        self.scheduler = Scheduler(database, self.open_internal)
        self._open: dict[int, Session] = {}
        # By chance: after a restart no old (SID, SERIAL#) may look alive. From the clock they did,
        # where sessions had come faster than one a second.
        self._serial = secrets.randbelow(_SERIAL_LIMIT)

    async def start(self) -> None:
        register_all()
        await self.library.load()
        await self.scheduler.start()

    async def stop(self) -> None:
        await self.scheduler.stop()
        for session in list(self._open.values()):
            await session.close()

    async def verifier(self, user: str) -> Verifier | None:
        rows = await self.database.run(
            "select password_salt, password_iterations, password_hash from localdb.users"
            " where name = $1 and not locked and password_hash is not null",
            user,
        )
        return Verifier(*rows[0]) if rows else None

    def _check_log_on(self, user: str) -> None:
        rights = self.database.catalog.privileges.default_rights(user)
        if not self.database.access(rights).has("CREATE SESSION"):
            raise log_on_refused(user)

    async def _check_proxy(self, user: str, client: str) -> None:
        """Whether user may work as client.

        Raises:
            OraError: 28150, the client has not been altered to let it.
        """
        if not await self.database.run(
            "select from localdb.proxies as p join localdb.users as u on u.name = p.client"
            " where p.proxy = $1 and p.client = $2 and not u.locked",
            user,
            client,
        ):
            raise OraError(28150, "proxy not authorized to connect as client")

    async def open_session(
        self,
        user: str,
        attributes: Mapping[str, str],
        *,
        client: str | None = None,
        is_internal: bool = False,
    ) -> Session:
        """A session for a user who has been authenticated.

        Args:
            user: as the dictionary spells it.
            attributes: what the client says of itself: program, machine, osuser, time_zone...
            client: as whom the user, a proxy, works.
            is_internal: it needs no CREATE SESSION.

        Raises:
            OraError: 1045; 28150, the user is no proxy of the client.
        """
        known = {**ENVIRONMENT, **{name.upper(): value for name, value in attributes.items()}}
        for name, told in _TOLD.items():
            known.setdefault(name, known.get(told, ""))
        if client is not None:
            await self._check_proxy(user, client)
            known["PROXY_USER"] = user
            user = client
        if not is_internal:
            self._check_log_on(user)
        connection = await self.database.connect(user=user)
        sid = next(n for n in range(1, len(self._open) + 2) if n not in self._open)
        self._serial = (self._serial + 1) % _SERIAL_LIMIT or 1
        host = SessionHost(
            self,
            connection,
            user,
            (sid, self._serial),
            dict(known),
        )
        session = Session(self, host)
        self._open[sid] = session
        await session.start()
        return session

    async def open_internal(self, user: str) -> Session:
        """A session of the server's own, for a scheduler job."""
        attributes = {"program": "localdb (J000)", "time_zone": "+00:00"}
        return await self.open_session(user, attributes, is_internal=True)

    async def set_parameter(self, name: str, value: str) -> None:
        """ALTER SYSTEM SET."""
        await self.database.run(
            "insert into localdb.parameters (name, value) values ($1, $2)"
            " on conflict (name) do update set value = excluded.value",
            name,
            value,
        )
        self.scheduler.wake()

    async def kill(self, sid: int, serial: int) -> bool:
        """End a session: its client hears of it with its next call; False: there is none."""
        session = self._open.get(sid)
        if session is None or session.serial != serial:
            return False
        await session.kill()
        return True

    def closed(self, session: Session) -> None:
        self._open.pop(session.sid, None)

    def is_alive(self, sid: int, serial: int) -> bool:
        session = self._open.get(sid)
        return session is not None and session.serial == serial

    def performance_settings(self, own_sid: int) -> dict[str, str]:
        """The settings behind V$SESSION and V$MYSTAT."""
        return performance.settings(
            (session.describe() for session in self._open.values()),
            {sid: session.host.statistics for sid, session in self._open.items()},
            own_sid,
        )

    @staticmethod
    def zone(name: str | None) -> datetime.tzinfo:
        """A session's zone, by its offset or region; None: the host's."""
        if name:
            return find_zone(name)
        local = datetime.datetime.now().astimezone().tzinfo
        assert local is not None
        return local
