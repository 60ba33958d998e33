"""How long a session waits while others keep localdb busy with long PL/SQL."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import oracledb

from deploy.stack import Database
from tests.waiting import eventually

#: How long is watched beside each.
SECONDS = 2.0
#: So many of the waits may be longer: what the machine does besides is not localdb's.
UNCOUNTED = 0.01

#: Blocks that have to be broken off, each busy in another way.
BUSY = {
    "loop": "declare n number := 0; begin loop n := mod(n * 7 + 1, 1000); end loop; end;",
    "long texts": """
        declare
          l_text varchar2(32767);
          l_n    pls_integer;
        begin
          loop
            l_text := rpad('x', 32767, 'abc');
            l_text := replace(translate(upper(l_text), 'ABC', 'BCD'), 'B', 'C');
            l_n := instr(l_text, 'D', -1, 3);
          end loop;
        end;""",
    "regular expressions": """
        declare
          l_text varchar2(32767) := rpad('a1 ', 32767, 'b22 c333 ');
          l_n    pls_integer;
        begin
          loop
            l_n := regexp_count(l_text, '[a-z][0-9]+ ');
            l_n := length(regexp_replace(l_text, '([a-z])([0-9]+)', '\\2\\1'));
          end loop;
        end;""",
    "large LOBs": """
        declare
          l_lob clob;
          l_n   pls_integer;
        begin
          loop
            dbms_lob.createtemporary(l_lob, true);
            for i in 1 .. 200 loop
              dbms_lob.writeappend(l_lob, 32767, rpad('x', 32767, 'abc'));
            end loop;
            l_n := dbms_lob.instr(l_lob, 'nothing of the kind');
          end loop;
        end;""",
    "large collections": """
        declare
          type t_list is table of varchar2(100) index by pls_integer;
          l_list  t_list;
          l_other t_list;
        begin
          loop
            for i in 1 .. 20000 loop
              l_list(i) := to_char(i * 3.14, 'FM999G990D00');
            end loop;
            l_other := l_list;
            l_other.delete(1, 10000);
          end loop;
        end;""",
}


def measure_wait(database: Database, text: str) -> float:
    """Seconds that a statement took at most while another session ran this; but for the rarest."""
    waits = []
    with _connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("select 1 from dual")
        with _busy(database, text):
            end = time.perf_counter() + SECONDS
            while (began := time.perf_counter()) < end:
                cursor.execute("select 1 from dual")
                cursor.fetchone()
                waits.append(time.perf_counter() - began)
    waits.sort()
    return waits[int(len(waits) * (1 - UNCOUNTED)) - 1]


@contextmanager
def _busy(database: Database, text: str) -> Iterator[None]:
    """Another session runs the block meanwhile, and is broken off in the end."""
    with _connect(database) as connection:
        outcome: list[oracledb.Error] = []

        def run() -> None:
            try:
                with connection.cursor() as cursor:
                    cursor.execute(text)
            except oracledb.Error as error:
                outcome.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
            assert not outcome, outcome
        finally:
            eventually(lambda: _break_off(connection, thread), what="the end of a broken block")


def _break_off(connection: oracledb.Connection, thread: threading.Thread) -> bool:
    if thread.is_alive():
        connection.cancel()
        thread.join(1)
    return not thread.is_alive()


def _connect(database: Database) -> oracledb.Connection:
    return oracledb.connect(user=database.user, password=database.password, dsn=database.dsn)
