-- PL/SQL Language Reference 19c, 9 PL/SQL Triggers, "Trigger Restrictions"; 6 "Autonomous Triggers";
-- Error Messages, ORA-04092
create table trigger_works (id number, what varchar2(20))
/
create table trigger_notes (what varchar2(100))
/
create or replace trigger trigger_works_b before insert on trigger_works for each row
begin
  case :new.what
    when 'commit' then commit;
    when 'rollback' then rollback;
    when 'savepoint' then savepoint here;
    when 'to savepoint' then rollback to here;
    when 'ddl' then execute immediate 'create table trigger_never (id number)';
    when 'dynamic' then execute immediate 'begin commit; end;';
    else null;
  end case;
end;
/
insert into trigger_works values (1, 'commit')
-- expect error: ORA-04092: cannot COMMIT in a trigger
-- expect error: ORA-06512: at "ORAQ.TRIGGER_WORKS_B", line 3
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_WORKS_B'
/
insert into trigger_works values (1, 'rollback')
-- expect error: ORA-04092: cannot ROLLBACK in a trigger
-- expect error: ORA-06512: at "ORAQ.TRIGGER_WORKS_B", line 4
/
insert into trigger_works values (1, 'savepoint')
-- expect error: ORA-04092: cannot SAVEPOINT in a trigger
/
begin
  savepoint here;
  insert into trigger_works values (1, 'to savepoint');
end;
-- expect error: ORA-04092: cannot ROLLBACK in a trigger
-- expect error: ORA-06512: at line 3
/
insert into trigger_works values (1, 'ddl')
-- expect error: ORA-04092: cannot COMMIT in a trigger
/
insert into trigger_works values (1, 'dynamic')
-- expect error: ORA-04092: cannot COMMIT in a trigger
/
create or replace trigger trigger_works_b before insert or update or delete on trigger_works for each row
declare
  pragma autonomous_transaction;
begin
  insert into trigger_notes values (:old.what || '>' || :new.what);
  commit;
end;
/
declare
  l_text varchar2(200);
begin
  begin
    insert into trigger_works values (1, 'first');
    insert into trigger_works values (1 / 0, 'second');
  exception
    when zero_divide then
      dbms_output.put_line('not fired');  -- expect: not fired
  end;
  update trigger_works set what = 'third';
  rollback;
  select listagg(what, ',') within group (order by what) into l_text from trigger_notes;
  dbms_output.put_line(l_text);  -- expect: >first,first>third
  select count(*) into l_text from trigger_works;
  dbms_output.put_line(l_text);  -- expect: 0
end;
/
create or replace trigger trigger_works_b before insert on trigger_works for each row
declare
  pragma autonomous_transaction;
begin
  insert into trigger_notes values ('open');
end;
/
insert into trigger_works values (1, 'x')
-- expect error: ORA-06519: active autonomous transaction detected and rolled back
-- expect error: ORA-06512: at "ORAQ.TRIGGER_WORKS_B", line 5
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_WORKS_B'
/
create or replace trigger trigger_works_b before insert on trigger_works for each row
begin
  raise no_data_found;
exception
  when no_data_found then
    :new.what := 'handled ' || sqlcode;
end;
/
declare
  l_what varchar2(20);
begin
  raise too_many_rows;
exception
  when others then
    -- the trigger's errors are its own
    insert into trigger_works values (1, 'x') returning what into l_what;
    dbms_output.put_line(l_what || ' ' || sqlcode);  -- expect: handled 100 -1422
end;
/
drop table trigger_works
/
drop table trigger_notes
/
