"""The built-in packages as PL/SQL calls them: declarations, defaults, records and collections."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.localdb.database import Database
from deploy.localdb.plsql.builtins.dbms_output import start_output, take_output
from deploy.localdb.session import Session
from deploy.localdb.sessions import Sessions

pytestmark = pytest.mark.asyncio(loop_scope="module")

_QUEUE = """
begin
  dbms_aqadm.create_queue_table(
    queue_table => 'QT', queue_payload_type => 'RAW', sort_list => 'PRIORITY,ENQ_TIME');
  dbms_aqadm.create_queue(queue_name => 'Q', queue_table => 'QT', max_retries => 1000);
  dbms_aqadm.start_queue('Q');
end;
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[Session]:
    folder = Path(tempfile.mkdtemp(prefix="localdb-test-"))
    database = await Database.start(data=folder, postgres_bin=None, password="x", user="SCOTT")
    sessions = Sessions(database)
    await sessions.start()
    session = await sessions.open_session("SCOTT", {"time_zone": "+00:00"})
    await session.run_block(_QUEUE)
    yield session
    await sessions.stop()
    await database.stop()
    shutil.rmtree(folder)


async def lines(session, block):
    start_output(session.host)
    await session.run_block(block)
    return (take_output(session.host) or "").split("\n")


async def test_a_message_goes_through_a_queue(session):
    assert await lines(
        session,
        """
        declare
          l_enqueue    dbms_aq.enqueue_options_t;
          l_dequeue    dbms_aq.dequeue_options_t;
          l_properties dbms_aq.message_properties_t;
          l_payload    raw(100);
          l_msgid      raw(16);
          e_nothing    exception;
          pragma exception_init(e_nothing, -25228);
        begin
          dbms_output.put_line(l_properties.priority || ' ' || l_properties.expiration);
          l_properties.priority := 3;
          l_properties.correlation := 'abc';
          dbms_aq.enqueue(
            queue_name => 'scott.q', enqueue_options => l_enqueue,
            message_properties => l_properties, payload => hextoraw('0102'), msgid => l_msgid);
          commit;
          dbms_output.put_line(utl_raw.length(l_msgid));
          l_dequeue.wait := dbms_aq.no_wait;
          l_dequeue.navigation := dbms_aq.first_message;
          dbms_aq.dequeue('Q', l_dequeue, l_properties, l_payload, l_msgid);
          commit;
          dbms_output.put_line(rawtohex(l_payload) || ' ' || l_properties.correlation || ' '
            || l_properties.priority || ' ' || l_properties.attempts);
          dbms_aq.dequeue('Q', l_dequeue, l_properties, l_payload, l_msgid);
        exception
          when e_nothing then
            dbms_output.put_line('nothing');
        end;
        """,
    ) == ["1 -1", "16", "0102 abc 3 0", "nothing"]


async def test_arrays_go_through_a_queue(session):
    assert await lines(
        session,
        """
        declare
          type t_payloads is table of raw(100) index by pls_integer;
          l_enqueue    dbms_aq.enqueue_options_t;
          l_dequeue    dbms_aq.dequeue_options_t;
          l_property   dbms_aq.message_properties_t;
          l_properties dbms_aq.message_properties_array_t := dbms_aq.message_properties_array_t();
          l_payloads   t_payloads;
          l_msgids     dbms_aq.msgid_array_t;
          l_errors     dbms_aq.error_array_t;
          l_count      pls_integer;
        begin
          for i in 1 .. 3 loop
            l_properties.extend;
            l_property.priority := 4 - i;
            l_properties(i) := l_property;
            l_payloads(i) := utl_raw.cast_to_raw('m' || i);
          end loop;
          l_count := dbms_aq.enqueue_array(
            'Q', l_enqueue, 3, l_properties, l_payloads, l_msgids, l_errors);
          commit;
          dbms_output.put_line(l_count || ' ' || l_msgids.count);
          l_dequeue.wait := 0;
          l_count := dbms_aq.dequeue_array(
            'Q', l_dequeue, 10, l_properties, l_payloads, l_msgids, l_errors);
          for i in 1 .. l_count loop
            dbms_output.put_line(
              utl_raw.cast_to_varchar2(l_payloads(i)) || ' ' || l_properties(i).priority);
          end loop;
          rollback;
          select count(*) into l_count from aq$qt q where q.msg_state = 'READY';
          dbms_output.put_line(l_count);
        end;
        """,
    ) == ["3 3", "m3 1", "m2 2", "m1 3", "3"]


async def test_lobs(session):
    assert await lines(
        session,
        """
        declare
          l_clob   clob;
          l_blob   blob;
          l_amount integer := 3;
          l_text   varchar2(10);
        begin
          dbms_lob.createtemporary(l_clob, true);
          dbms_lob.append(l_clob, 'abc');
          dbms_lob.writeappend(l_clob, 2, 'de');
          dbms_output.put_line(dbms_lob.getlength(l_clob) || dbms_lob.substr(l_clob, 2, 2)
            || dbms_lob.instr(l_clob, 'd'));
          dbms_lob.read(l_clob, l_amount, 2, l_text);
          dbms_output.put_line(l_text || l_amount);
          dbms_lob.createtemporary(l_blob, true);
          dbms_lob.writeappend(l_blob, 1, hextoraw('FF'));
          dbms_output.put_line(dbms_lob.getlength(l_blob) || dbms_lob.istemporary(l_blob));
        end;
        """,
    ) == ["5bc4", "bcd3", "11"]


async def test_the_session(session):
    assert await lines(
        session,
        """
        begin
          if dbms_session.is_session_alive(dbms_session.unique_session_id) then
            dbms_output.put_line('alive');
          end if;
          dbms_application_info.set_module('m', 'a');
          dbms_output.put_line(sys_context('USERENV', 'MODULE') || sys_context('USERENV', 'ACTION'));
          dbms_output.put_line(dbms_lock.request(id => 5, lockmode => dbms_lock.x_mode, timeout => 0)
            || dbms_lock.request(5) || dbms_lock.release(5) || dbms_lock.release(5));
        end;
        """,
    ) == ["alive", "ma", "0404"]


async def test_errors(session):
    assert await lines(
        session,
        """
        declare
          l_number number;
        begin
          l_number := 1 / 0;
        exception
          when others then
            dbms_output.put(dbms_utility.format_error_stack);
            dbms_output.put(dbms_utility.format_error_backtrace);
        end;
        """,
    ) == ["ORA-01476: divisor is equal to zero", "ORA-06512: at line 5", ""]


async def test_a_job_in_this_session(session):
    assert await lines(
        session,
        """
        declare
          l_next timestamp with time zone;
        begin
          dbms_scheduler.create_job(
            job_name => 'J', job_type => 'PLSQL_BLOCK',
            job_action => 'dbms_output.put_line(''in the job'');', comments => 'x');
          dbms_scheduler.set_attribute('J', 'max_failures', 3);
          dbms_scheduler.set_attribute('J', 'auto_drop', false);
          dbms_scheduler.set_attribute(
            name => 'J', attribute => 'repeat_interval', value => 'FREQ=DAILY;BYHOUR=9');
          dbms_scheduler.set_attribute_null('J', 'comments');
          for r in (select * from user_scheduler_jobs where job_name = 'J') loop
            dbms_output.put_line(r.state || r.max_failures || r.auto_drop || r.comments);
          end loop;
          dbms_scheduler.run_job('J');
          dbms_scheduler.drop_job('J');
          l_next := to_timestamp_tz('2024-01-01 +00:00', 'YYYY-MM-DD TZH:TZM');
          dbms_scheduler.evaluate_calendar_string('FREQ=DAILY;BYHOUR=9', l_next, l_next, l_next);
          dbms_output.put_line(to_char(l_next, 'YYYY-MM-DD HH24:MI'));
        end;
        """,
    ) == ["DISABLED3FALSE", "in the job", "2024-01-01 09:00"]
