"""Programs and schedules of DBMS_SCHEDULER: what several jobs run, and when.

Source: PL/SQL Packages and Types Reference 19c, DBMS_SCHEDULER.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from deploy.localdb.errors import OraError
from deploy.localdb.scheduler_jobs import (
    SchedulerHost,
    change,
    check_free,
    check_interval,
    job_type_of,
    parse_scheduler_name,
    require_create,
    schedule_anew,
    zone_name,
)
from deploy.localdb.values import Value


def _exists(host: SchedulerHost, table: str, key: tuple[str, str]) -> bool:
    return bool(host.native(f"select 1 from localdb.{table} where owner = $1 and name = $2", *key))


def find_program(host: SchedulerHost, text: str | None) -> tuple[str, str]:
    """Owner and name of a program.

    Raises:
        OraError: 27476, there is none.
    """
    return _find(host, "scheduler_programs", text)


def find_schedule(host: SchedulerHost, text: str | None) -> tuple[str, str]:
    """Owner and name of a schedule.

    Raises:
        OraError: 27476, there is none.
    """
    return _find(host, "scheduler_schedules", text)


def _find(host: SchedulerHost, table: str, text: str | None) -> tuple[str, str]:
    key = parse_scheduler_name(host, text)
    if not _exists(host, table, key):
        raise OraError(27476, f'"{key[0]}"."{key[1]}" does not exist')
    return key


def is_program(host: SchedulerHost, text: str) -> bool:
    return _exists(host, "scheduler_programs", parse_scheduler_name(host, text))


def is_schedule(host: SchedulerHost, text: str) -> bool:
    return _exists(host, "scheduler_schedules", parse_scheduler_name(host, text))


# ---- attributes ----

#: Attribute -> column.
_PROGRAM_ATTRIBUTES = {
    "PROGRAM_TYPE": "program_type",
    "PROGRAM_ACTION": "program_action",
    "NUMBER_OF_ARGUMENTS": "number_of_arguments",
    "COMMENTS": "comments",
}
_SCHEDULE_ATTRIBUTES = {
    "START_DATE": "start_date",
    "REPEAT_INTERVAL": "repeat_interval",
    "END_DATE": "end_date",
    "COMMENTS": "comments",
}


def set_program_attribute(
    host: SchedulerHost, text: str, attribute: str | None, value: Value
) -> None:
    """SET_ATTRIBUTE and SET_ATTRIBUTE_NULL of a program.

    Raises:
        OraError: 27469 no such attribute, 27465 a wrong value, 27456 an argument is not defined.
    """
    owner, name = find_program(host, text)
    attribute, column = _column(_PROGRAM_ATTRIBUTES, attribute)
    if value is None and attribute != "COMMENTS":
        raise OraError(27465, f"invalid value NULL for attribute {attribute}")
    if attribute == "PROGRAM_TYPE":
        value = job_type_of(str(value))
    ((enabled,),) = host.native(
        "select enabled from localdb.scheduler_programs where owner = $1 and name = $2", owner, name
    )
    with change(host):
        host.native(
            f"update localdb.scheduler_programs set {column} = $3 where owner = $1 and name = $2",
            owner,
            name,
            value,
        )
    if enabled and attribute == "NUMBER_OF_ARGUMENTS":
        # It is disabled, changed and enabled again.
        enable_program(host, text, enabled=False, force=True)
        enable_program(host, text, enabled=True)


def set_schedule_attribute(
    host: SchedulerHost, text: str, attribute: str | None, value: Value
) -> None:
    """SET_ATTRIBUTE and SET_ATTRIBUTE_NULL of a schedule; its enabled jobs get their next dates anew.

    Raises:
        OraError: 27469 no such attribute, 27465 a wrong value, 27418 and others a wrong interval.
    """
    owner, name = find_schedule(host, text)
    attribute, column = _column(_SCHEDULE_ATTRIBUTES, attribute)
    if attribute == "REPEAT_INTERVAL":
        check_interval(None if value is None else str(value))
    elif attribute != "COMMENTS" and not isinstance(value, datetime.datetime | None):
        raise OraError(27465, f"invalid value {value!r} for attribute {attribute}")
    with change(host):
        host.native(
            f"update localdb.scheduler_schedules set {column} = $3 where owner = $1 and name = $2",
            owner,
            name,
            value,
        )
        if attribute == "START_DATE":
            host.native(
                "update localdb.scheduler_schedules set start_zone = $3"
                " where owner = $1 and name = $2",
                owner,
                name,
                zone_name(value if isinstance(value, datetime.datetime) else None),
            )
        if attribute != "COMMENTS":
            for job_owner, job_name, enabled in _dependents(host, "schedule", owner, name):
                if enabled:
                    schedule_anew(host, f'"{job_owner}"."{job_name}"')


def _column(columns: Mapping[str, str], attribute: str | None) -> tuple[str, str]:
    name = (attribute or "").strip().upper()
    if name not in columns:
        raise OraError(27469, f"{name} is not a valid attribute")
    return name, columns[name]


# ---- programs ----


def create_program(
    host: SchedulerHost,
    program_name: str | None,
    program_type: str | None,
    program_action: str | None,
    *,
    number_of_arguments: int = 0,
    enabled: bool = False,
    comments: str | None = None,
) -> None:
    """CREATE_PROGRAM.

    Raises:
        OraError: 27477 exists, 27465 a wrong type or number; 27456 not all arguments are defined.
    """
    owner, name = parse_scheduler_name(host, program_name)
    require_create(host)
    kind = job_type_of(program_type)
    if not program_action:
        raise OraError(27465, "invalid value  for attribute PROGRAM_ACTION")
    if kind == "PLSQL_BLOCK" and number_of_arguments:
        raise OraError(
            27465, f"invalid value {number_of_arguments} for attribute NUMBER_OF_ARGUMENTS"
        )
    check_free(host, owner, name)
    if enabled and number_of_arguments:
        raise _undefined(owner, name)
    with change(host):
        host.native(
            "insert into localdb.scheduler_programs (owner, name, program_type, program_action,"
            " number_of_arguments, enabled, comments) values ($1, $2, $3, $4, $5, $6, $7)",
            owner,
            name,
            kind,
            program_action,
            number_of_arguments,
            enabled,
            comments,
        )


def _undefined(owner: str, name: str) -> OraError:
    return OraError(27456, f'not all arguments of program "{owner}"."{name}" have been defined')


def define_argument(
    host: SchedulerHost,
    program_name: str | None,
    position: int | None,
    name: str | None,
    type_: str | None,
    *,
    default: str | None = None,
    has_default: bool = False,
) -> None:
    """DEFINE_PROGRAM_ARGUMENT.

    Raises:
        OraError: 27476 no such program, 27465 no such position.
    """
    owner, program = find_program(host, program_name)
    ((count,),) = host.native(
        "select number_of_arguments from localdb.scheduler_programs where owner = $1 and name = $2",
        owner,
        program,
    )
    if position is None or not 1 <= position <= int(count):
        raise OraError(27465, f"invalid value {position} for attribute ARGUMENT_POSITION")
    with change(host):
        host.native(
            "insert into localdb.scheduler_program_arguments"
            " (owner, program_name, position, name, type, has_default, default_value)"
            " values ($1, $2, $3, $4, $5, $6, $7) on conflict (owner, program_name, position)"
            " do update set name = excluded.name, type = excluded.type,"
            " has_default = excluded.has_default, default_value = excluded.default_value",
            owner,
            program,
            position,
            name.upper() if name else None,
            (type_ or "VARCHAR2").upper(),
            has_default,
            default,
        )


def enable_program(host: SchedulerHost, text: str, *, enabled: bool, force: bool = False) -> None:
    """ENABLE and DISABLE of a program; force: also of one that jobs use, which run no more.

    Raises:
        OraError: 27476 no such program; 27456 not all arguments are defined; 27479 a job uses it.
    """
    owner, name = find_program(host, text)
    if not enabled and not force and _dependents(host, "program", owner, name):
        raise _needed("disable", owner, name)
    if enabled and not host.native(
        "select 1 from localdb.scheduler_programs p where p.owner = $1 and p.name = $2"
        " and p.number_of_arguments = (select count(*) from localdb.scheduler_program_arguments a"
        " where (a.owner, a.program_name) = (p.owner, p.name))",
        owner,
        name,
    ):
        raise _undefined(owner, name)
    with change(host):
        host.native(
            "update localdb.scheduler_programs set enabled = $3 where owner = $1 and name = $2",
            owner,
            name,
            enabled,
        )


def drop_program(host: SchedulerHost, text: str | None, *, force: bool = False) -> None:
    """DROP_PROGRAM; force: jobs that use it are disabled.

    Raises:
        OraError: 27476 no such program, 27479 a job uses it.
    """
    owner, name = find_program(host, text)
    _release(host, "program", owner, name, force=force)
    with change(host):
        host.native(
            "delete from localdb.scheduler_program_arguments where owner = $1 and program_name = $2",
            owner,
            name,
        )
        host.native(
            "delete from localdb.scheduler_programs where owner = $1 and name = $2", owner, name
        )


def _dependents(host: SchedulerHost, what: str, owner: str, name: str) -> list[tuple[Value, ...]]:
    """Owner and name of the jobs that use it, and whether they are enabled."""
    return host.native(
        f"select owner, name, enabled from localdb.scheduler_jobs"
        f" where {what}_owner = $1 and {what}_name = $2",
        owner,
        name,
    )


def _needed(verb: str, owner: str, name: str) -> OraError:
    return OraError(27479, f'Cannot {verb} "{owner}"."{name}" because other objects depend on it')


def _release(host: SchedulerHost, what: str, owner: str, name: str, *, force: bool) -> None:
    """See that no job needs it any more."""
    jobs = _dependents(host, what, owner, name)
    if jobs and not force:
        raise _needed("drop", owner, name)
    if jobs:
        with change(host):
            host.native(
                "update localdb.scheduler_jobs set enabled = false, next_run = null,"
                " state = 'DISABLED'"
                f" where {what}_owner = $1 and {what}_name = $2 and state <> 'RUNNING'",
                owner,
                name,
            )


# ---- schedules ----


def create_schedule(
    host: SchedulerHost,
    schedule_name: str | None,
    *,
    start_date: datetime.datetime | None = None,
    repeat_interval: str | None = None,
    end_date: datetime.datetime | None = None,
    comments: str | None = None,
) -> None:
    """CREATE_SCHEDULE.

    Raises:
        OraError: 27477 exists; 27418 and others: a wrong repeat interval.
    """
    owner, name = parse_scheduler_name(host, schedule_name)
    require_create(host)
    check_interval(repeat_interval)
    check_free(host, owner, name)
    with change(host):
        host.native(
            "insert into localdb.scheduler_schedules (owner, name, start_date, start_zone,"
            " repeat_interval, end_date, comments) values ($1, $2, $3, $4, $5, $6, $7)",
            owner,
            name,
            start_date,
            zone_name(start_date),
            repeat_interval,
            end_date,
            comments,
        )


def drop_schedule(host: SchedulerHost, text: str | None, *, force: bool = False) -> None:
    """DROP_SCHEDULE; force: jobs that use it are disabled.

    Raises:
        OraError: 27476 no such schedule, 27479 a job uses it.
    """
    owner, name = find_schedule(host, text)
    _release(host, "schedule", owner, name, force=force)
    with change(host):
        host.native(
            "delete from localdb.scheduler_schedules where owner = $1 and name = $2", owner, name
        )
