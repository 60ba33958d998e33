"""What the bench asks the database itself: its own counters, states, times."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

import oracledb

#: A job that does nothing, so that all that is measured is the way there and back.
NO_OP = "BENCH_NO_OP"

#: A job that only waits: a slot is busy with it for so long.
PAUSE = "BENCH_PAUSE"

#: Statistics of V$STATNAME.
ROUND_TRIPS = "SQL*Net roundtrips to/from client"
COMMITS = "user commits"
LOG_WAITS = "redo synch writes"

#: Rows inserted by one statement.
_INSERT_ROWS = 100_000
#: Jobs submitted in one transaction.
_SUBMIT_ROWS = 2000


@dataclass(frozen=True)
class Counted:
    """The database's own counters, summed over the sessions of a program."""

    round_trips: int
    commits: int
    #: How often a session has waited until what it had committed was on disk.
    log_waits: int

    def __sub__(self, before: Self) -> Counted:
        return Counted(
            self.round_trips - before.round_trips,
            self.commits - before.commits,
            self.log_waits - before.log_waits,
        )


class BenchDatabase:
    """A connection beside what is measured; it does not pass the proxy."""

    def __init__(self, connection: oracledb.Connection) -> None:
        self._connection = connection

    def prepare(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(f"create or replace procedure {NO_OP} is begin null; end {NO_OP};")
            cursor.execute(
                f"create or replace procedure {PAUSE}(p_seconds in number) is "
                f"begin dbms_session.sleep(p_seconds); end {PAUSE};"
            )

    def counters(self, program: str) -> Counted:
        """Of the sessions that are logged on now with this program."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                """select n.name, sum(s.value)
                   from v$sesstat s
                   join v$statname n on n.statistic# = s.statistic#
                   join v$session v on v.sid = s.sid
                   where v.program = :program
                   and n.name in (:trips, :commits, :log_waits)
                   group by n.name""",
                program=program,
                trips=ROUND_TRIPS,
                commits=COMMITS,
                log_waits=LOG_WAITS,
            )
            found = {name: int(value) for name, value in cursor}
        return Counted(found[ROUND_TRIPS], found[COMMITS], found[LOG_WAITS])

    def submit_many(self, count: int, name: str = NO_OP, params: str = "[]") -> None:
        """So many jobs that become visible at once."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                """declare
                     l_id varchar2(32);
                   begin
                     for number in 1 .. :count loop
                       l_id := async_jobs_api.submit(
                         p_procedure_name => :name, p_params => :params);
                     end loop;
                     commit;
                   end;""",
                count=count,
                name=name,
                params=params,
            )

    def insert_finished(self, count: int) -> None:
        """So many rows of jobs that have ended, by SQL."""
        with self._connection.cursor() as cursor:
            for first in range(0, count, _INSERT_ROWS):
                cursor.execute(
                    """insert into async_jobs (
                         job_id, status, procedure_name, params, start_time, end_time, duration,
                         progress, created_at, run_after, attempt, submitter)
                       select lower(rawtohex(sys_guid())), 'completed', :name, '[]',
                         sys_extract_utc(systimestamp) - 1, sys_extract_utc(systimestamp) - 1,
                         '0.0s', 100, sys_extract_utc(systimestamp) - 1,
                         sys_extract_utc(systimestamp) - 1, 1, 'bench'
                       from dual
                       connect by level <= :row_count""",
                    name=NO_OP,
                    row_count=min(_INSERT_ROWS, count - first),
                )
                self._connection.commit()

    def fill_up(self, pending: int) -> None:
        """Submit until so many jobs wait for a worker."""
        waiting = self._one(
            "select count(*) from async_jobs where case"
            " when status = 'pending' and worker is null then 'free'"
            " when status = 'pending' then 'reserved'"
            " when status = 'running' then 'running' end = 'free'"
        )
        for first in range(waiting, pending, _SUBMIT_ROWS):
            self.submit_many(min(_SUBMIT_ROWS, pending - first))

    def claim_seconds(self, limit: int) -> float:
        """How long the claim of so many waiting jobs takes; they stay claimed."""
        with self._connection.cursor() as cursor:
            binds = {
                "ids": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, 200, 32),
                "attempts": cursor.arrayvar(oracledb.DB_TYPE_NUMBER, 200),
                "names": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, 200, 200),
                "params": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, 200, 32767),
                "options": cursor.arrayvar(oracledb.DB_TYPE_VARCHAR, 200, 4000),
            }
            began = time.perf_counter()
            cursor.execute(
                """begin async_jobs_worker.claim(
                     p_worker => 'bench', p_limit => :row_limit, p_wait => 0, p_lease => 600,
                     p_job_ids => :ids, p_attempts => :attempts, p_names => :names,
                     p_params => :params, p_options => :options); end;""",
                row_limit=limit,
                **binds,
            )
            seconds = time.perf_counter() - began
            claimed = len(binds["ids"].getvalue())
        assert claimed == limit, f"{claimed} of {limit} claimed"
        return seconds

    def unfinished(self) -> int:
        return self._one("select count(*) from async_jobs where status in ('pending', 'running')")

    def failed(self) -> int:
        return self._one("select count(*) from async_jobs where status = 'failed'")

    def drain_seconds(self) -> float:
        """From the first start to the last end, by the database's clock."""
        with self._connection.cursor() as cursor:
            cursor.execute("select max(end_time) - min(start_time) from async_jobs")
            row = cursor.fetchone()
        assert row is not None
        return float(row[0].total_seconds())

    def wake_up_seconds(self, job_id: str) -> float:
        """From the submission of a job to its start."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "select start_time - created_at from async_jobs where job_id = :id", id=job_id
            )
            row = cursor.fetchone()
        assert row is not None
        return float(row[0].total_seconds())

    def clear_all(self) -> None:
        """Forget all jobs, also those that wait. Their messages are taken out as claims meet them."""
        with self._connection.cursor() as cursor:
            cursor.execute("delete from async_job_attempts")
            cursor.execute("delete from async_jobs")
        self._connection.commit()

    def clear(self) -> None:
        """Forget the jobs of the last measure."""
        with self._connection.cursor() as cursor:
            cursor.execute("delete from async_job_attempts")
            cursor.execute("delete from async_jobs where status in ('completed', 'failed')")
        self._connection.commit()

    def version(self) -> str:
        with self._connection.cursor() as cursor:
            cursor.execute("select banner from v$version where rownum = 1")
            row = cursor.fetchone()
        return str(row[0]) if row else "unknown"

    def _one(self, text: str) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute(text)
            row = cursor.fetchone()
        assert row is not None
        return int(row[0])
