"""What the bench asks the database itself: its own counters, states, times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import oracledb

#: A job that does nothing, so that all that is measured is the way there and back.
NO_OP = "BENCH_NO_OP"

#: Statistics of V$STATNAME.
ROUND_TRIPS = "SQL*Net roundtrips to/from client"
COMMITS = "user commits"
LOG_WAITS = "redo synch writes"


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

    def submit_many(self, count: int) -> None:
        """So many no-op jobs that become visible at once."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"""declare
                     l_id varchar2(32);
                   begin
                     for number in 1 .. :count loop
                       l_id := async_jobs_api.submit(
                         p_procedure_name => '{NO_OP}', p_params => '[]');
                     end loop;
                     commit;
                   end;""",
                count=count,
            )

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
