"""Scheduler jobs as the dictionary has them: what DBMS_SCHEDULER creates, changes and drops.

Every change commits what is open before it, and itself.

States: DISABLED; SCHEDULED, until next_run; RUNNING; then SCHEDULED again, or SUCCEEDED, FAILED,
STOPPED and COMPLETED where there is no next run, BROKEN after max_failures.

Source: PL/SQL Packages and Types Reference 19c, DBMS_SCHEDULER; error texts: Database Error Messages
19c.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.calendar import next_run, parse_calendar
from deploy.localdb.plsql.builtins.formats import to_char
from deploy.localdb.queue_definitions import QueueHost, parse_name
from deploy.localdb.values import Value
from deploy.localdb.zones import find_zone

_JOB_TYPES = ("PLSQL_BLOCK", "STORED_PROCEDURE")
_MOST_RETRIES = 6
_LONGEST_RETRY_SECONDS = 86_400
_LOGGING_LEVELS = {32: "OFF", 64: "RUNS", 128: "FAILED RUNS", 256: "FULL"}


class JobEngine(Protocol):
    """The part of the scheduler that runs jobs."""

    def wake(self) -> None:
        """Jobs have changed."""

    def stop_job(self, owner: str, name: str) -> bool:
        """End a run that is under way; False: there is none."""

    def run_now(self, owner: str, name: str) -> None:
        """Run a job once, besides its schedule."""


class SchedulerHost(QueueHost, Protocol):
    """What scheduler jobs need of a session."""

    @property
    def scheduler(self) -> JobEngine: ...

    def run_block(self, text: str) -> None:
        """Run an anonymous block without binds, now and in this session."""


@dataclass(frozen=True)
class Job:
    """A row of localdb.effective_jobs: what is run and when, also where a program or schedule says it."""

    owner: str
    name: str
    job_type: str
    job_action: str
    number_of_arguments: int
    start_date: datetime.datetime | None
    start_zone: str | None
    repeat_interval: str | None
    end_date: datetime.datetime | None
    enabled: bool
    auto_drop: bool
    state: str
    run_count: int
    failure_count: int
    max_failures: int | None
    max_runs: int | None
    next_run: datetime.datetime | None
    program_owner: str | None
    program_name: str | None
    program_enabled: bool
    restart_on_failure: bool
    retry_count: int

    @property
    def text(self) -> str:
        """Its name in messages."""
        return f'"{self.owner}"."{self.name}"'

    def start(self, now: datetime.datetime) -> datetime.datetime:
        """The start date in its zone; now where there is none."""
        if self.start_date is None:
            return now
        if self.start_zone is None:
            return self.start_date
        return self.start_date.astimezone(find_zone(self.start_zone))

    def first_run(self, now: datetime.datetime) -> datetime.datetime:
        """When it runs for the first time after it has been enabled.

        Raises:
            OraError: 27419 never.
        """
        if self.repeat_interval is None:
            return self.start(now)
        start = self.start(now)
        # A start date of SYSTIMESTAMP is a moment ago by now, and means at once.
        current = now - datetime.timedelta(seconds=1)
        return next_run(self.repeat_interval, start, max(current, start), inclusive=True)

    def run_after(self, moment: datetime.datetime) -> datetime.datetime | None:
        """When it runs next; None: never again."""
        if self.repeat_interval is None:
            return None
        if self.max_runs is not None and self.run_count + 1 >= self.max_runs:
            return None
        try:
            found = next_run(self.repeat_interval, self.start(moment), moment)
        except OraError as error:
            if error.code != 27419:
                raise
            return None
        return None if self.end_date is not None and found > self.end_date else found

    def retry_after(
        self, moment: datetime.datetime, next_date: datetime.datetime | None
    ) -> datetime.datetime | None:
        """When a run that has failed at a moment is tried again; None: it is not.

        After one second, then each time ten times as long, at most a day; six times, and not beyond the
        next date of its schedule.
        """
        if not self.restart_on_failure or self.retry_count >= _MOST_RETRIES:
            return None
        seconds = min(10**self.retry_count, _LONGEST_RETRY_SECONDS)
        found = moment + datetime.timedelta(seconds=seconds)
        return None if next_date is not None and found >= next_date else found

    def block(self, arguments: Sequence[str | None]) -> str:
        """The job's action as an anonymous block."""
        if self.job_type == "PLSQL_BLOCK":
            return f"begin {self.job_action}\nend;"
        literals = ", ".join(
            "null" if value is None else "'" + value.replace("'", "''") + "'" for value in arguments
        )
        call = f"{self.job_action}({literals})" if literals else self.job_action
        return f"begin {call};\nend;"


#: In the order of Job's fields.
COLUMNS = (
    "owner, name, job_type, job_action, number_of_arguments, start_date, start_zone,"
    " repeat_interval, end_date, enabled, auto_drop, state, run_count, failure_count,"
    " max_failures, max_runs, next_run, program_owner, program_name, program_enabled,"
    " restart_on_failure, retry_count"
)


def as_job(row: tuple[Value, ...]) -> Job:
    """A row of COLUMNS."""
    return Job(*row)


#: What the job has set, else what its program has for a default.
ARGUMENTS_QUERY = (
    "select position, value from localdb.scheduler_arguments where owner = $1 and job_name = $2"
    " union all select a.position, a.default_value from localdb.scheduler_jobs j"
    " join localdb.scheduler_program_arguments a"
    " on (a.owner, a.program_name) = (j.program_owner, j.program_name) and a.has_default"
    " where j.owner = $1 and j.name = $2 and not exists (select 1 from localdb.scheduler_arguments s"
    " where (s.owner, s.job_name, s.position) = (j.owner, j.name, a.position))"
)


def job_arguments(job: Job, rows: Sequence[tuple[Value, ...]]) -> list[str | None]:
    """The values of a job's arguments, from ARGUMENTS_QUERY.

    Raises:
        OraError: 27457 where one is missing.
    """
    values = {int(position): value for position, value in rows}
    for position in range(1, job.number_of_arguments + 1):
        if position not in values:
            raise OraError(27457, f"argument {position} of job {job.text} has no value")
    return [values[n] for n in range(1, job.number_of_arguments + 1)]


# ---- names ----


def parse_scheduler_name(host: SchedulerHost, text: str | None) -> tuple[str, str]:
    if not text:
        raise OraError(27451, "JOB_NAME cannot be NULL")
    found = parse_name(text, host.current_schema)
    if found is None:
        raise OraError(27452, f'"{text}" is an invalid name for a database object.')
    if found[0] != host.rights.user and not host.has_system("CREATE ANY JOB"):
        raise OraError(27486, "insufficient privileges")
    return found


def find_job(host: SchedulerHost, text: str | None) -> Job:
    """A job by its name.

    Raises:
        OraError: 27475 no such job.
    """
    owner, name = parse_scheduler_name(host, text)
    rows = host.native(
        f"select {COLUMNS} from localdb.effective_jobs where owner = $1 and name = $2", owner, name
    )
    if not rows:
        raise OraError(27475, f'unknown job "{owner}"."{name}"')
    return as_job(rows[0])


@contextmanager
def change(host: SchedulerHost) -> Iterator[None]:
    host.commit()
    try:
        yield
    except BaseException:
        host.rollback()
        raise
    host.commit()
    host.scheduler.wake()


def zone_name(moment: datetime.datetime | None) -> str | None:
    if moment is None or moment.tzinfo is None:
        return None
    return to_char(moment, "TZR")


# ---- jobs ----


def create_job(
    host: SchedulerHost,
    job_name: str | None,
    job_type: str | None = None,
    job_action: str | None = None,
    *,
    program: tuple[str, str] | None = None,
    schedule: tuple[str, str] | None = None,
    number_of_arguments: int = 0,
    start_date: datetime.datetime | None = None,
    repeat_interval: str | None = None,
    end_date: datetime.datetime | None = None,
    enabled: bool = False,
    auto_drop: bool = True,
    comments: str | None = None,
) -> None:
    """CREATE_JOB: with an action or a program, with dates or a schedule.

    Raises:
        OraError: 27477 exists, 27465 a wrong type, 27418 and others a wrong repeat interval.
    """
    owner, name = parse_scheduler_name(host, job_name)
    require_create(host)
    kind = None
    if program is None:
        kind = job_type_of(job_type)
        if not job_action:
            raise OraError(27465, "invalid value  for attribute JOB_ACTION")
        if kind == "PLSQL_BLOCK" and number_of_arguments:
            raise OraError(
                27465, f"invalid value {number_of_arguments} for attribute NUMBER_OF_ARGUMENTS"
            )
    check_interval(repeat_interval)
    check_free(host, owner, name)
    with change(host):
        host.native(
            "insert into localdb.scheduler_jobs (owner, name, job_type, job_action,"
            " number_of_arguments, start_date, start_zone, repeat_interval, end_date, auto_drop,"
            " comments, program_owner, program_name, schedule_owner, schedule_name)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            owner,
            name,
            kind,
            job_action,
            number_of_arguments,
            start_date,
            zone_name(start_date),
            repeat_interval,
            end_date,
            auto_drop,
            comments,
            *(program or (None, None)),
            *(schedule or (None, None)),
        )
        if enabled:
            _enable(host, find_job(host, job_name))


def require_create(host: SchedulerHost) -> None:
    if not (host.has_system("CREATE JOB") or host.has_system("CREATE ANY JOB")):
        raise OraError(27486, "insufficient privileges")


def check_free(host: SchedulerHost, owner: str, name: str) -> None:
    """Jobs, programs and schedules share their names with the other objects.

    Raises:
        OraError: 27477.
    """
    if host.native(
        "select 1 from localdb.scheduler_jobs where owner = $1 and name = $2"
        " union all select 1 from localdb.scheduler_programs where owner = $1 and name = $2"
        " union all select 1 from localdb.scheduler_schedules where owner = $1 and name = $2"
        " union all select 1 from localdb.objects where owner = $1 and name = $2"
        " and type <> 'INDEX' limit 1",
        owner,
        name,
    ):
        raise OraError(27477, f'"{owner}"."{name}" already exists')


def job_type_of(text: str | None) -> str:
    kind = (text or "").strip().upper()
    if kind in ("EXECUTABLE", "CHAIN", "EXTERNAL_SCRIPT", "SQL_SCRIPT", "BACKUP_SCRIPT"):
        raise Unsupported(f"scheduler jobs of type {kind}")
    if kind not in _JOB_TYPES:
        raise OraError(27465, f"invalid value {text or ''} for attribute JOB_TYPE")
    return kind


def check_interval(text: str | None) -> None:
    if text is None:
        return
    if not text.lstrip().upper().startswith("FREQ"):
        if re.search(r"[()+]|\bSYS", text, re.IGNORECASE):
            raise Unsupported("a PL/SQL expression as repeat interval")
        if "=" not in text:
            raise Unsupported("a schedule's name as repeat interval")
    parse_calendar(text)


def _enable(host: SchedulerHost, job: Job) -> None:
    if not job.program_enabled:
        raise Unsupported(f"enabling job {job.text}, whose program is disabled")
    rows = host.native(ARGUMENTS_QUERY, job.owner, job.name)
    job_arguments(job, rows)
    host.native(
        "update localdb.scheduler_jobs set enabled = true, failure_count = 0, retry_count = 0,"
        " state = case when state = 'RUNNING' then state else 'SCHEDULED' end, next_run = $3"
        " where owner = $1 and name = $2",
        job.owner,
        job.name,
        job.first_run(host.now()),
    )


def schedule_anew(host: SchedulerHost, name: str) -> None:
    """An enabled job's next date, after its schedule has changed."""
    _enable(host, find_job(host, name))


def enable(host: SchedulerHost, names: str | None) -> None:
    """ENABLE of one or more jobs, with commas between them."""
    jobs = [find_job(host, name) for name in _split(names)]
    with change(host):
        for job in jobs:
            if not job.enabled:
                _enable(host, job)


def disable(host: SchedulerHost, names: str | None, *, force: bool = False) -> None:
    """DISABLE; force: also while it runs, which goes on."""
    jobs = [find_job(host, name) for name in _split(names)]
    for job in jobs:
        if job.state == "RUNNING" and not force:
            raise OraError(27478, f"job {job.text} is running")
    with change(host):
        for job in jobs:
            host.native(
                "update localdb.scheduler_jobs set enabled = false, next_run = null,"
                " state = case when state = 'RUNNING' then state else 'DISABLED' end"
                " where owner = $1 and name = $2",
                job.owner,
                job.name,
            )


def drop_job(host: SchedulerHost, names: str | None, *, force: bool = False) -> None:
    """DROP_JOB; force: stops it first if it runs."""
    jobs = [find_job(host, name) for name in _split(names)]
    for job in jobs:
        if job.state == "RUNNING" and not force:
            raise OraError(27478, f"job {job.text} is running")
    with change(host):
        for job in jobs:
            for statement in DROP_STATEMENTS:
                host.native(statement, job.owner, job.name)
    for job in jobs:
        host.scheduler.stop_job(job.owner, job.name)


DROP_STATEMENTS = (
    "delete from localdb.scheduler_arguments where owner = $1 and job_name = $2",
    "delete from localdb.scheduler_jobs where owner = $1 and name = $2",
)


def run_job(host: SchedulerHost, name: str | None, *, use_current_session: bool = True) -> None:
    """RUN_JOB: in this session, whose caller gets its error; or as the scheduler runs it."""
    job = find_job(host, name)
    if not job.program_enabled:
        raise Unsupported(f"running job {job.text}, whose program is disabled")
    if not use_current_session:
        if job.state == "RUNNING":
            raise OraError(27478, f"job {job.text} is running")
        host.commit()
        host.scheduler.run_now(job.owner, job.name)
        return
    host.run_block(job.block(job_arguments(job, host.native(ARGUMENTS_QUERY, job.owner, job.name))))


def stop_job(host: SchedulerHost, names: str | None) -> None:
    """STOP_JOB."""
    for job in [find_job(host, name) for name in _split(names)]:
        if not host.scheduler.stop_job(job.owner, job.name):
            raise OraError(27366, f"job {job.text} is not running")


def copy_job(host: SchedulerHost, old: str | None, new: str | None) -> None:
    """COPY_JOB: the copy is disabled."""
    job = find_job(host, old)
    owner, name = parse_scheduler_name(host, new)
    require_create(host)
    check_free(host, owner, name)
    columns = (
        "program_owner, program_name, schedule_owner, schedule_name,"
        "job_type, job_action, number_of_arguments, start_date, start_zone, repeat_interval,"
        " end_date, auto_drop, max_failures, max_runs, logging_level, comments, restart_on_failure"
    )
    with change(host):
        host.native(
            f"insert into localdb.scheduler_jobs (owner, name, {columns})"
            f" select $3, $4, {columns} from localdb.scheduler_jobs where owner = $1 and name = $2",
            job.owner,
            job.name,
            owner,
            name,
        )
        host.native(
            "insert into localdb.scheduler_arguments (owner, job_name, position, value)"
            " select $3, $4, position, value from localdb.scheduler_arguments"
            " where owner = $1 and job_name = $2",
            job.owner,
            job.name,
            owner,
            name,
        )


def _split(names: str | None) -> list[str]:
    return [name.strip() for name in (names or "").split(",")]


# ---- attributes ----

#: Attribute -> column.
_ATTRIBUTES = {
    "JOB_TYPE": "job_type",
    "JOB_ACTION": "job_action",
    "NUMBER_OF_ARGUMENTS": "number_of_arguments",
    "START_DATE": "start_date",
    "REPEAT_INTERVAL": "repeat_interval",
    "END_DATE": "end_date",
    "AUTO_DROP": "auto_drop",
    "COMMENTS": "comments",
    "MAX_FAILURES": "max_failures",
    "MAX_RUNS": "max_runs",
    "LOGGING_LEVEL": "logging_level",
    "RESTARTABLE": "restart_on_failure",
    "RESTART_ON_FAILURE": "restart_on_failure",
}
#: Attributes of Oracle's that change nothing that is here.
_OTHER_ATTRIBUTES = frozenset(
    {
        "ALLOW_RUNS_IN_RESTRICTED_MODE",
        "CREDENTIAL_NAME",
        "DATABASE_ROLE",
        "DESTINATION",
        "EVENT_SPEC",
        "INSTANCE_ID",
        "INSTANCE_STICKINESS",
        "JOB_CLASS",
        "JOB_PRIORITY",
        "JOB_WEIGHT",
        "MAX_RUN_DURATION",
        "PARALLEL_INSTANCES",
        "PROGRAM_NAME",
        "RAISE_EVENTS",
        "RESTART_ON_RECOVERY",
        "SCHEDULE_LIMIT",
        "SCHEDULE_NAME",
        "STOP_ON_WINDOW_CLOSE",
        "STORE_OUTPUT",
    }
)
_NOT_NULL = frozenset(
    {
        "JOB_TYPE",
        "JOB_ACTION",
        "NUMBER_OF_ARGUMENTS",
        "AUTO_DROP",
        "RESTARTABLE",
        "RESTART_ON_FAILURE",
    }
)


def set_attribute(
    host: SchedulerHost, job_name: str | None, attribute: str | None, value: Value
) -> None:
    """SET_ATTRIBUTE and SET_ATTRIBUTE_NULL of a job; an enabled job gets its next date anew.

    Raises:
        OraError: 27469 no such attribute, 27465 a wrong value, 27475 no such job.
    """
    job = find_job(host, job_name)
    name = (attribute or "").strip().upper()
    column = _ATTRIBUTES.get(name)
    if column is None:
        if name in _OTHER_ATTRIBUTES:
            raise Unsupported(f"scheduler attribute {name}")
        raise OraError(27469, f"{name} is not a valid job attribute")
    if value is None and name in _NOT_NULL:
        raise OraError(27465, f"invalid value NULL for attribute {name}")
    value = _attribute_value(name, value)
    with change(host):
        host.native(
            f"update localdb.scheduler_jobs set {column} = $3 where owner = $1 and name = $2",
            job.owner,
            job.name,
            value,
        )
        if name == "START_DATE":
            host.native(
                "update localdb.scheduler_jobs set start_zone = $3 where owner = $1 and name = $2",
                job.owner,
                job.name,
                zone_name(value if isinstance(value, datetime.datetime) else None),
            )
        if job.enabled and name in ("START_DATE", "REPEAT_INTERVAL"):
            _enable(host, find_job(host, job_name))


def _attribute_value(name: str, value: Value) -> Value:
    match name:
        case "JOB_TYPE":
            return job_type_of(str(value))
        case "REPEAT_INTERVAL":
            check_interval(None if value is None else str(value))
        case "LOGGING_LEVEL":
            level = _LOGGING_LEVELS.get(value) if isinstance(value, int) else None
            if level is None:
                raise OraError(27465, f"invalid value {value!r} for attribute LOGGING_LEVEL")
            return level
        case "START_DATE" | "END_DATE":
            if value is not None and not isinstance(value, datetime.datetime):
                raise OraError(27465, f"invalid value {value!r} for attribute {name}")
        case "AUTO_DROP" | "RESTARTABLE" | "RESTART_ON_FAILURE":
            if isinstance(value, str):
                return value.upper() == "TRUE"
        case "MAX_FAILURES" | "MAX_RUNS":
            if value is not None and (not isinstance(value, int) or not 1 <= value <= 1_000_000):
                raise OraError(27465, f"invalid value {value!r} for attribute {name}")
        case _:
            pass
    return value


def set_argument(
    host: SchedulerHost, job_name: str | None, position: int | str | None, value: str | None
) -> None:
    """SET_JOB_ARGUMENT_VALUE; the position may be a name of the program's.

    Raises:
        OraError: 27475 no such job, 27465 no such argument.
    """
    job = find_job(host, job_name)
    if isinstance(position, str):
        rows = host.native(
            "select position from localdb.scheduler_program_arguments"
            " where owner = $1 and program_name = $2 and name = $3",
            job.program_owner,
            job.program_name,
            position.upper(),
        )
        if not rows:
            raise OraError(27465, f"invalid value {position} for attribute ARGUMENT_NAME")
        position = int(rows[0][0])
    if position is None or not 1 <= position <= job.number_of_arguments:
        raise OraError(27465, f"invalid value {position} for attribute ARGUMENT_POSITION")
    with change(host):
        host.native(
            "insert into localdb.scheduler_arguments (owner, job_name, position, value)"
            " values ($1, $2, $3, $4) on conflict (owner, job_name, position)"
            " do update set value = excluded.value",
            job.owner,
            job.name,
            position,
            value,
        )


# ---- the log ----


def purge_log(host: SchedulerHost, days: int, job_names: str | None) -> None:
    """Delete what the log says of runs; of the user's own jobs.

    Args:
        host: the session.
        days: what is younger stays.
        job_names: with commas between them; None: of all jobs.
    """
    jobs = [parse_scheduler_name(host, name) for name in _split(job_names)] if job_names else [None]
    with change(host):
        for job in jobs:
            owner, name = job or (host.current_schema, None)
            host.native(
                "delete from localdb.scheduler_runs where owner = $1"
                " and ($2::text is null or job_name = $2)"
                " and log_date <= now() - $3::int * interval '1 day'",
                owner,
                name,
                days,
            )
