-- Sample procedures, for the demo, the tests, and first steps. Runs in SQL*Plus and SQLcl as it is,
-- any number of times, after install.sql.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'ASYNC_JOBS_TEST_ROWS';
    if l_count = 0 then
        execute immediate q'[
            create table async_jobs_test_rows (
                table_name varchar2(128 char) not null,
                n number not null,
                created_at timestamp default sys_extract_utc(systimestamp) not null
            )
        ]';
    end if;
end;
/

comment on table async_jobs_test_rows is 'OraQ samples: rows that PROC_TEST_DML makes';

-- One parameter in, one out.
create or replace procedure proc_test(
  p_input  in  varchar2,
  p_output out varchar2
)
  authid definer
is
begin
  p_output := 'Procesado: ' || p_input;
end proc_test;
/

-- Takes its time. In slices, as a sleeping server hears no break.
create or replace procedure proc_test_demora(segundos in number)
  authid definer
is
  l_left number := segundos;
begin
  while l_left > 0 loop
    dbms_session.sleep(least(l_left, 1));
    l_left := l_left - 1;
  end loop;
end proc_test_demora;
/

-- A parameter of each common type.
create or replace procedure proc_test_params(
  p_number  in  number,
  p_varchar in  varchar2,
  p_date    in  date,
  p_result  out varchar2
)
  authid definer
is
begin
  p_result := 'Number: ' || to_char(p_number)
    || ', String: ' || p_varchar
    || ', Date: ' || to_char(p_date, 'DD/MM/YYYY');
end proc_test_params;
/

-- Rows as a result.
create or replace procedure proc_test_cursor(
  p_limit  in  number,
  p_cursor out sys_refcursor
)
  authid definer
is
begin
  open p_cursor for
    select
      level as id,
      'Item ' || level as nombre,
      sysdate as fecha
    from dual
    -- CONNECT BY alone gives its first row whatever the limit.
    where p_limit > 0
    connect by level <= p_limit;
end proc_test_cursor;
/

-- An error of the application; 0 lets it succeed.
create or replace procedure proc_test_error(p_should_fail in number default 1)
  authid definer
is
begin
  if p_should_fail <> 0 then
    raise_application_error(-20001, 'Error intencional de prueba');
  end if;
end proc_test_error;
/

-- Work in the job's transaction.
create or replace procedure proc_test_dml(
  p_table_name   in  varchar2,
  p_rows_created out number
)
  authid definer
is
begin
  for i in 1 .. 100 loop
    insert into async_jobs_test_rows (table_name, n)
    values (p_table_name, i);
  end loop;
  select count(*)
  into p_rows_created
  from async_jobs_test_rows
  where table_name = p_table_name;
end proc_test_dml;
/

-- Reports how far it is, every half second.
create or replace procedure proc_test_progress(p_seconds in number default 5)
  authid definer
is
  l_steps pls_integer := ceil(p_seconds * 2);
begin
  for i in 1 .. l_steps loop
    dbms_session.sleep(p_seconds / l_steps);
    async_jobs_progress.set_progress(
      p_percent => round(100 * i / l_steps) - 1,
      p_note    => 'step ' || i || ' of ' || l_steps
    );
  end loop;
end proc_test_progress;
/
