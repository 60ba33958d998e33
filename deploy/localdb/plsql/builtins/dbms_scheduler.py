"""DBMS_SCHEDULER: jobs, programs and schedules.

Source: PL/SQL Packages and Types Reference 19c, DBMS_SCHEDULER.
"""

from __future__ import annotations

import datetime
import itertools

from deploy.localdb import scheduler_jobs, scheduler_programs
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.calendar import next_run
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.values import Ref
from deploy.localdb.scheduler_jobs import SchedulerHost
from deploy.localdb.values import Value
from deploy.localdb.zones import on_clock

_DEFAULT_CLASS = "DEFAULT_JOB_CLASS"
_generated = itertools.count(1)


def _flag(ref: Ref | None, default: bool) -> bool:
    return default if ref is None else bool(ref.value)


def _value(ref: Ref | None) -> Value:
    return None if ref is None else ref.value


def _moment(host: SchedulerHost, ref: Ref | None) -> datetime.datetime | None:
    """A TIMESTAMP WITH TIME ZONE; one without zone is the session's."""
    moment = None if ref is None else ref.value
    if moment is None:
        return None
    if not isinstance(moment, datetime.datetime):
        raise OraError(6502, "PL/SQL: numeric or value error")
    return moment if moment.tzinfo is not None else on_clock(moment, host.session_time_zone())


@implements("DBMS_SCHEDULER.CREATE_JOB")
def create_job(
    host: SchedulerHost,
    job_name: Ref,
    job_type: Ref | None = None,
    job_action: Ref | None = None,
    program_name: Ref | None = None,
    schedule_name: Ref | None = None,
    number_of_arguments: Ref | None = None,
    start_date: Ref | None = None,
    repeat_interval: Ref | None = None,
    end_date: Ref | None = None,
    job_class: Ref | None = None,
    enabled: Ref | None = None,
    auto_drop: Ref | None = None,
    comments: Ref | None = None,
    credential_name: Ref | None = None,
    destination_name: Ref | None = None,
    job_style: Ref | None = None,
) -> None:
    if job_class is not None and (job_class.value or _DEFAULT_CLASS).upper() != _DEFAULT_CLASS:
        raise Unsupported("job classes")
    if _value(credential_name) is not None or _value(destination_name) is not None:
        raise Unsupported("remote scheduler jobs")
    if job_style is not None and (job_style.value or "REGULAR").upper() != "REGULAR":
        raise Unsupported("lightweight scheduler jobs")
    scheduler_jobs.create_job(
        host,
        job_name.value,
        _value(job_type),
        _value(job_action),
        program=None
        if program_name is None
        else scheduler_programs.find_program(host, program_name.value),
        schedule=None
        if schedule_name is None
        else scheduler_programs.find_schedule(host, schedule_name.value),
        number_of_arguments=int(_value(number_of_arguments) or 0),
        start_date=_moment(host, start_date),
        repeat_interval=_value(repeat_interval),
        end_date=_moment(host, end_date),
        enabled=_flag(enabled, False),
        auto_drop=_flag(auto_drop, True),
        comments=_value(comments),
    )


@implements("DBMS_SCHEDULER.CREATE_PROGRAM")
def create_program(
    host: SchedulerHost,
    program_name: Ref,
    program_type: Ref,
    program_action: Ref,
    number_of_arguments: Ref | None = None,
    enabled: Ref | None = None,
    comments: Ref | None = None,
) -> None:
    scheduler_programs.create_program(
        host,
        program_name.value,
        program_type.value,
        program_action.value,
        number_of_arguments=int(_value(number_of_arguments) or 0),
        enabled=_flag(enabled, False),
        comments=_value(comments),
    )


@implements("DBMS_SCHEDULER.DEFINE_PROGRAM_ARGUMENT")
def define_program_argument(
    host: SchedulerHost,
    program_name: Ref,
    argument_position: Ref,
    argument_type: Ref,
    argument_name: Ref | None = None,
    default_value: Ref | None = None,
    out_argument: Ref | None = None,
) -> None:
    if _flag(out_argument, False):
        raise Unsupported("OUT arguments of scheduler programs")
    position = argument_position.value
    scheduler_programs.define_argument(
        host,
        program_name.value,
        None if position is None else int(position),
        _value(argument_name),
        argument_type.value,
        default=_value(default_value),
        has_default=default_value is not None,
    )


@implements("DBMS_SCHEDULER.DROP_PROGRAM")
def drop_program(host: SchedulerHost, program_name: Ref, force: Ref | None = None) -> None:
    scheduler_programs.drop_program(host, program_name.value, force=_flag(force, False))


@implements("DBMS_SCHEDULER.CREATE_SCHEDULE")
def create_schedule(
    host: SchedulerHost,
    schedule_name: Ref,
    repeat_interval: Ref,
    start_date: Ref | None = None,
    end_date: Ref | None = None,
    comments: Ref | None = None,
) -> None:
    scheduler_programs.create_schedule(
        host,
        schedule_name.value,
        start_date=_moment(host, start_date),
        repeat_interval=repeat_interval.value,
        end_date=_moment(host, end_date),
        comments=_value(comments),
    )


@implements("DBMS_SCHEDULER.DROP_SCHEDULE")
def drop_schedule(host: SchedulerHost, schedule_name: Ref, force: Ref | None = None) -> None:
    scheduler_programs.drop_schedule(host, schedule_name.value, force=_flag(force, False))


@implements("DBMS_SCHEDULER.DROP_JOB")
def drop_job(
    host: SchedulerHost,
    job_name: Ref,
    force: Ref | None = None,
    defer: Ref | None = None,
    commit_semantics: Ref | None = None,
) -> None:
    if _flag(defer, False):
        raise Unsupported("DBMS_SCHEDULER.DROP_JOB with DEFER")
    scheduler_jobs.drop_job(host, job_name.value, force=_flag(force, False))


@implements("DBMS_SCHEDULER.RUN_JOB")
def run_job(host: SchedulerHost, job_name: Ref, use_current_session: Ref | None = None) -> None:
    scheduler_jobs.run_job(
        host, job_name.value, use_current_session=_flag(use_current_session, True)
    )


@implements("DBMS_SCHEDULER.STOP_JOB")
def stop_job(
    host: SchedulerHost,
    job_name: Ref,
    force: Ref | None = None,
    commit_semantics: Ref | None = None,
) -> None:
    scheduler_jobs.stop_job(host, job_name.value)


@implements("DBMS_SCHEDULER.COPY_JOB")
def copy_job(host: SchedulerHost, old_job: Ref, new_job: Ref) -> None:
    scheduler_jobs.copy_job(host, old_job.value, new_job.value)


@implements("DBMS_SCHEDULER.ENABLE")
def enable(host: SchedulerHost, name: Ref, commit_semantics: Ref | None = None) -> None:
    if name.value and scheduler_programs.is_program(host, name.value):
        scheduler_programs.enable_program(host, name.value, enabled=True)
        return
    scheduler_jobs.enable(host, name.value)


@implements("DBMS_SCHEDULER.DISABLE")
def disable(
    host: SchedulerHost,
    name: Ref,
    force: Ref | None = None,
    commit_semantics: Ref | None = None,
) -> None:
    if name.value and scheduler_programs.is_program(host, name.value):
        scheduler_programs.enable_program(
            host, name.value, enabled=False, force=_flag(force, False)
        )
        return
    scheduler_jobs.disable(host, name.value, force=_flag(force, False))


@implements("DBMS_SCHEDULER.SET_JOB_ARGUMENT_VALUE")
def set_job_argument_value(
    host: SchedulerHost,
    job_name: Ref,
    argument_value: Ref,
    argument_position: Ref | None = None,
    argument_name: Ref | None = None,
) -> None:
    position: int | str | None = _value(argument_name)
    if argument_position is not None and argument_position.value is not None:
        position = int(argument_position.value)
    scheduler_jobs.set_argument(host, job_name.value, position, argument_value.value)


@implements("DBMS_SCHEDULER.SET_ATTRIBUTE")
def set_attribute(
    host: SchedulerHost, name: Ref, attribute: Ref, value: Ref, value2: Ref | None = None
) -> None:
    found = value.value
    if isinstance(found, datetime.datetime):
        found = _moment(host, value)
    _set_attribute(host, name.value, attribute.value, found)


def _set_attribute(
    host: SchedulerHost, name: str | None, attribute: str | None, value: Value
) -> None:
    if name and scheduler_programs.is_program(host, name):
        scheduler_programs.set_program_attribute(host, name, attribute, value)
    elif name and scheduler_programs.is_schedule(host, name):
        scheduler_programs.set_schedule_attribute(host, name, attribute, value)
    else:
        scheduler_jobs.set_attribute(host, name, attribute, value)


@implements("DBMS_SCHEDULER.SET_ATTRIBUTE_NULL")
def set_attribute_null(host: SchedulerHost, name: Ref, attribute: Ref) -> None:
    _set_attribute(host, name.value, attribute.value, None)


@implements("DBMS_SCHEDULER.EVALUATE_CALENDAR_STRING")
def evaluate_calendar_string(
    host: SchedulerHost,
    calendar_string: Ref,
    start_date: Ref,
    return_date_after: Ref,
    next_run_date: Ref,
) -> None:
    now = host.now()
    start = _moment(host, start_date) or now
    after = _moment(host, return_date_after) or now
    next_run_date.value = next_run(calendar_string.value or "", start, after)


@implements("DBMS_SCHEDULER.PURGE_LOG")
def purge_log(
    host: SchedulerHost,
    log_history: Ref | None = None,
    which_log: Ref | None = None,
    job_name: Ref | None = None,
) -> None:
    if which_log is not None and (which_log.value or "").upper() == "WINDOW_LOG":
        return
    days = 0 if log_history is None else int(log_history.value or 0)
    scheduler_jobs.purge_log(host, days, None if job_name is None else job_name.value)


@implements("DBMS_SCHEDULER.GENERATE_JOB_NAME")
def generate_job_name(host: SchedulerHost, prefix: Ref | None = None) -> Value:
    start = "JOB$_" if prefix is None else (prefix.value or "").upper()
    sid, serial = host.session_id()
    return f"{start}{sid}_{serial}_{next(_generated)}"
