"""The installer: tables, queue, packages and scheduler jobs, as the connected user's own.

It may run again at any time, and two may run at once: a lock lets one wait for the other. What is
there stays; a PL/SQL unit is replaced only if its text changed, as replacing it would wait for
every session in it and make them all meet ORA-04068.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import oracledb

from sql.errors import DatabaseError, convert_error
from sql.names import dictionary_name
from sql.pool import close_quietly, connect
from sql.scripts import ScriptStatement, Unit, read_script, source_of, unit_of
from sql.settings import DatabaseSettings
from sql.statements import Statements, load_statements

#: What the installer says while it works, a line each.
Report = Callable[[str], None]

_ROOT: Final = Path(__file__).parent.parent
INSTALL_SCRIPT: Final = _ROOT / "sql" / "install.sql"
UNINSTALL_SCRIPT: Final = _ROOT / "sql" / "uninstall.sql"
SAMPLES_SCRIPT: Final = _ROOT / "sql" / "create_test_procedures.sql"
#: What install.sql makes, and what this release works with.
SCHEMA_VERSION: Final = 3
#: Seconds to wait for another installer.
LOCK_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class CompileError:
    """A fault in a stored unit, at a line of its source."""

    unit: Unit
    line: int
    position: int
    text: str

    def __str__(self) -> str:
        return f"{self.unit.type} {self.unit.name} line {self.line}:{self.position}: {self.text}"


class CompilationFailed(DatabaseError):
    """Stored units do not compile.

    Attributes:
        errors: all that the dictionary says about them.
    """

    def __init__(self, errors: Sequence[CompileError]) -> None:
        super().__init__("ORA-24344", "\n".join(str(error) for error in errors))
        self.errors = list(errors)


class InstallerBusy(DatabaseError):
    """Another installer did not end in time."""

    def __init__(self) -> None:
        super().__init__("ORA-00054", f"another installer has run for {LOCK_SECONDS} seconds")


async def install(
    settings: DatabaseSettings, *, samples: bool = False, report: Report = lambda line: None
) -> None:
    """Install or upgrade.

    Args:
        settings: of the user who will own all.
        samples: the PROC_TEST procedures as well.
        report: told what happens.

    Raises:
        CompilationFailed: a unit has errors; the rest is installed.
        InstallerBusy: another installer holds the lock.
        DatabaseError: a statement failed; what came before it stays.
    """
    statements = load_statements(settings.owner)
    scripts = [INSTALL_SCRIPT, *([SAMPLES_SCRIPT] if samples else [])]
    connection = await connect(settings, program="oraq-install")
    try:
        async with _installer_lock(connection, statements, report):
            installer = _Installer(connection, statements, report)
            for script in scripts:
                await installer.run(script)
            await installer.check_units()
    finally:
        await close_quietly(connection)


async def changed_units(settings: DatabaseSettings) -> list[Unit]:
    """The PL/SQL units that `install` would make or replace: all of them where nothing is there.

    Raises:
        DatabaseError: no connection, mostly.
    """
    connection = await connect(settings, program="oraq-install")
    try:
        statements = load_statements(settings.owner)
        return await _Installer(connection, statements, lambda line: None).changed(INSTALL_SCRIPT)
    finally:
        await close_quietly(connection)


async def missing_privileges(settings: DatabaseSettings) -> list[str]:
    """What the user would need to install OraQ in his own schema and does not have; empty: nothing.

    Raises:
        DatabaseError: no connection.
    """
    if settings.owner != dictionary_name(settings.user):
        return [f"LOG ON AS {settings.owner}"]
    statements = load_statements(settings.owner)
    connection = await connect(settings, program="oraq-install")
    try:
        cursor = connection.cursor()
        await cursor.execute(statements["missing_privileges"])
        return [str(privilege) for (privilege,) in await cursor.fetchall()]
    except oracledb.Error as error:
        raise convert_error(error) from error
    finally:
        await close_quietly(connection)


async def uninstall(settings: DatabaseSettings) -> None:
    """Remove everything from the user's schema, the jobs and the samples included.

    Raises:
        InstallerBusy: an installer holds the lock.
        DatabaseError: a statement failed; what came before it is gone.
    """
    statements = load_statements(settings.owner)
    connection = await connect(settings, program="oraq-install")
    try:
        async with _installer_lock(connection, statements, lambda line: None):
            await _Installer(connection, statements, lambda line: None).run(UNINSTALL_SCRIPT)
    finally:
        await close_quietly(connection)


@asynccontextmanager
async def _installer_lock(
    connection: oracledb.AsyncConnection, statements: Statements, report: Report
) -> AsyncIterator[None]:
    """Hold the installers' lock; where DBMS_LOCK is not granted, say so and go on without."""
    cursor = connection.cursor()
    answer = cursor.var(int)
    try:
        binds = {"wait_seconds": LOCK_SECONDS, "answer": answer}
        await cursor.execute(statements["lock_installer"], binds)
        number = int(answer.getvalue())
    except oracledb.Error as error:
        converted = convert_error(error)
        if converted.code != "PLS-00201":
            raise converted from error
        report("no EXECUTE on DBMS_LOCK: make sure that no other installer runs now")
        yield
        return
    # 0: granted; 4: this session has it already.
    if number not in (0, 4):
        raise InstallerBusy
    try:
        yield
    finally:
        # It would also go with the session.
        await cursor.execute(statements["unlock_installer"])


class _Installer:
    """Runs scripts on one connection, and remembers which units they hold."""

    def __init__(
        self, connection: oracledb.AsyncConnection, statements: Statements, report: Report
    ) -> None:
        self._cursor = connection.cursor()
        self._statements = statements
        self._report = report
        self._units: dict[Unit, None] = {}

    async def run(self, script: Path) -> None:
        for statement in read_script(script):
            unit = unit_of(statement.text)
            if unit is None:
                await self._execute(statement)
            else:
                self._units[unit] = None
                await self._replace(unit, statement)

    async def changed(self, script: Path) -> list[Unit]:
        """The units of a script that are not there in the same text, or do not work."""
        units = []
        for statement in read_script(script):
            unit = unit_of(statement.text)
            if unit is not None and not await self._is_installed(unit, statement):
                units.append(unit)
        return units

    async def check_units(self) -> None:
        """Report the errors of all units at once.

        Raises:
            CompilationFailed: there are some.
        """
        errors = [error for unit in self._units for error in await self._errors_of(unit)]
        if errors:
            raise CompilationFailed(errors)

    async def _execute(self, statement: ScriptStatement) -> None:
        try:
            await self._cursor.execute(statement.text)
        except oracledb.Error as error:
            # A unit that does not compile is the likelier cause than the call that met it.
            await self.check_units()
            converted = convert_error(error)
            place = f"{statement.path.name}, line {statement.line}"
            raise type(converted)(converted.code, f"{converted.text}\n{place}") from error

    async def _replace(self, unit: Unit, statement: ScriptStatement) -> None:
        """Create a unit, unless the same text is there and valid."""
        if await self._is_installed(unit, statement):
            return
        installed = await self._source_of(unit)
        what = "created" if installed is None else "replaced"
        await self._execute(statement)
        self._report(f"{unit.type.lower()} {unit.name.lower()} {what}")

    async def _is_installed(self, unit: Unit, statement: ScriptStatement) -> bool:
        installed = await self._source_of(unit)
        return installed is not None and _same_text(installed, source_of(statement.text))

    async def _source_of(self, unit: Unit) -> str | None:
        """A unit's text; None: it is not there, or it does not work and is better made anew."""
        lines = await self._fetch("unit_source", unit)
        return "".join(str(text) for (text,) in lines) or None

    async def _errors_of(self, unit: Unit) -> list[CompileError]:
        rows = await self._fetch("unit_errors", unit)
        return [
            CompileError(unit, int(line), int(position), str(text).strip())
            for line, position, text in rows
        ]

    async def _fetch(self, name: str, unit: Unit) -> list[tuple[Any, ...]]:
        binds = {"unit_name": unit.name, "unit_type": unit.type}
        try:
            await self._cursor.execute(self._statements[name], binds)
            return list(await self._cursor.fetchall())
        except oracledb.Error as error:
            raise convert_error(error) from error


def _same_text(installed: str, wanted: str) -> bool:
    """Whether two sources differ in more than the blanks at the ends of their lines."""
    return [line.rstrip() for line in installed.rstrip().splitlines()] == [
        line.rstrip() for line in wanted.rstrip().splitlines()
    ]
