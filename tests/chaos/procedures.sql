-- What the jobs of a chaos run call. Each writes to the ledger in its own transaction; parts 8 and
-- 9 are written apart, as some effects cannot be rolled back.
create table chaos_ledger (
  job_id varchar2(32),
  key    varchar2(30) not null,
  part   number       not null,
  noted  timestamp    default sys_extract_utc(systimestamp) not null
);

create index chaos_ledger_key_ix on chaos_ledger (key);

create table chaos_rows (
  id number primary key,
  n  number not null
);

insert into chaos_rows (id, n) select level, 0 from dual connect by level <= 20;

commit;

create or replace procedure chaos_note(p_key in varchar2, p_part in number) is
begin
  insert into chaos_ledger (job_id, key, part)
  values (async_jobs_progress.current_job_id, p_key, p_part);
end chaos_note;
/

create or replace procedure chaos_note_apart(p_key in varchar2, p_part in number) is
  pragma autonomous_transaction;
begin
  chaos_note(p_key => p_key, p_part => p_part);
  commit;
end chaos_note_apart;
/

create or replace procedure chaos_plain(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
end chaos_plain;
/

create or replace procedure chaos_half(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  dbms_session.sleep(0.05);
  commit;
  dbms_session.sleep(0.2);
  chaos_note(p_key => p_key, p_part => 2);
end chaos_half;
/

create or replace procedure chaos_rollback(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 0);
  rollback;
  dbms_session.sleep(0.05);
  chaos_note(p_key => p_key, p_part => 1);
end chaos_rollback;
/

create or replace procedure chaos_autonomous(p_key in varchar2) is
begin
  chaos_note_apart(p_key => p_key, p_part => 9);
  chaos_note(p_key => p_key, p_part => 1);
end chaos_autonomous;
/

create or replace procedure chaos_raises(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  raise_application_error(-20042, 'Raised for ' || p_key);
end chaos_raises;
/

create or replace procedure chaos_flaky(p_key in varchar2) is
  l_count number;
begin
  select count(*)
  into l_count
  from chaos_ledger
  where key = p_key
    and part = 8;
  chaos_note(p_key => p_key, p_part => 1);
  chaos_note_apart(p_key => p_key, p_part => 8);
  if l_count = 0 then
    raise_application_error(-20043, 'The first call of ' || p_key);
  end if;
end chaos_flaky;
/

create or replace procedure chaos_sleeps(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  for i in 1 .. 10 loop
    dbms_session.sleep(0.1);
  end loop;
end chaos_sleeps;
/

create or replace procedure chaos_loops(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  for i in 1 .. 6000 loop
    dbms_session.sleep(0.02);
  end loop;
end chaos_loops;
/

create or replace procedure chaos_ddl(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  execute immediate 'create table chaos_' || p_key || ' (n number)';
  execute immediate 'drop table chaos_' || p_key;
  chaos_note(p_key => p_key, p_part => 2);
end chaos_ddl;
/

create or replace procedure chaos_progress(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  for i in 1 .. 8 loop
    async_jobs_progress.set_progress(i * 10, 'step ' || i);
    dbms_session.sleep(0.15);
  end loop;
end chaos_progress;
/

create or replace procedure chaos_huge(p_key in varchar2, p_text out clob) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  p_text := rpad('h', 30000, 'h');
  for i in 1 .. 9 loop
    p_text := p_text || rpad('h', 30000, 'h');
  end loop;
end chaos_huge;
/

create or replace procedure chaos_own(p_key in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  dbms_session.sleep(0.1);
end chaos_own;
/

create or replace procedure chaos_deadlock(
  p_key    in varchar2,
  p_first  in number,
  p_second in number
) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  update chaos_rows set n = n + 1 where id = p_first;
  dbms_session.sleep(0.1);
  update chaos_rows set n = n + 1 where id = p_second;
end chaos_deadlock;
/

-- For the table of steps and faults. It stops, with its arrival noted apart, until the test lets it
-- go on: before or after a commit of its own, or with nothing committed.
create table chaos_gates (
  key  varchar2(30) not null,
  note varchar2(30) not null
);

create or replace procedure chaos_arrive(p_key in varchar2) is
  pragma autonomous_transaction;
begin
  insert into chaos_gates (key, note) values (p_key, 'arrived');
  commit;
end chaos_arrive;
/

create or replace procedure chaos_wait(p_key in varchar2) is
  l_count number;
begin
  chaos_arrive(p_key => p_key);
  for i in 1 .. 1200 loop
    select count(*)
    into l_count
    from chaos_gates
    where key = p_key
      and note = 'go';
    exit when l_count > 0;
    dbms_session.sleep(0.05);
  end loop;
end chaos_wait;
/

-- Row 11 is taken before the stop and row 12 after it: who does it the other way round meets it.
create or replace procedure chaos_take_and_wait(p_key in varchar2) is
begin
  update chaos_rows set n = n + 1 where id = 11;
  chaos_wait(p_key => p_key);
  update chaos_rows set n = n + 1 where id = 12;
end chaos_take_and_wait;
/

create or replace procedure chaos_stops(p_key in varchar2, p_commit in varchar2) is
begin
  chaos_note(p_key => p_key, p_part => 1);
  if p_commit <> 'after' then
    chaos_take_and_wait(p_key => p_key);
  end if;
  if p_commit <> 'never' then
    commit;
    chaos_note(p_key => p_key, p_part => 2);
  end if;
  if p_commit = 'after' then
    chaos_take_and_wait(p_key => p_key);
  end if;
  async_jobs_progress.set_progress(70, 'gone on');
end chaos_stops;
/
