-- PL/SQL Language Reference 19c, 9 PL/SQL Triggers, "INSTEAD OF DML Triggers"
create table trigger_parents (id number primary key, name varchar2(20))
/
create table trigger_children (parent_id number, label varchar2(20))
/
create view trigger_families as
select p.id, p.name, c.label from trigger_parents p join trigger_children c on c.parent_id = p.id
/
create trigger trigger_families_x before insert on trigger_families for each row begin null; end;
-- expect error: ORA-25001: cannot create this trigger type on this type of view
/
create trigger trigger_families_x instead of insert on trigger_families when (new.id > 1) begin null; end;
-- expect error: ORA-25004: WHEN clause is not allowed in INSTEAD OF triggers
/
create trigger trigger_families_x instead of insert on trigger_families begin :new.id := 1; end;
-- expect error: ORA-04084: cannot change NEW values for this trigger type
/
create or replace trigger trigger_families_i instead of insert or update or delete on trigger_families
for each row
begin
  if inserting then
    insert into trigger_parents values (:new.id, :new.name);
    insert into trigger_children values (:new.id, :new.label);
  elsif updating('NAME') then
    update trigger_parents set name = :new.name where id = :old.id;
  elsif deleting then
    delete from trigger_children where parent_id = :old.id and label = :old.label;
  end if;
end;
/
begin
  insert into trigger_families (id, name, label) values (1, 'one', 'a');
  dbms_output.put_line(sql%rowcount);  -- expect: 1
  insert into trigger_families select 1 + level, 'n' || level, 'b' from dual connect by level <= 2;
  update trigger_families set name = upper(name) where id > 1;
  dbms_output.put_line(sql%rowcount);  -- expect: 2
  update trigger_families set label = 'ignored';
  delete from trigger_families where id = 2;
  for f in (select * from trigger_families order by id) loop
    dbms_output.put_line(f.id || f.name || f.label);
    -- expect: 1onea
    -- expect: 3N2b
  end loop;
end;
/
insert into trigger_families values (1, 'twice', 'x')
/
begin
  insert into trigger_families values (7, 'a', 'x');
  insert into trigger_families values (7, 'b', 'y');
end;
-- expect error: ORA-06512: at "ORAQ.TRIGGER_FAMILIES_I", line 3
-- expect error: ORA-04088: error during execution of trigger 'ORAQ.TRIGGER_FAMILIES_I'
-- expect error: ORA-06512: at line 3
/
drop view trigger_families
/
begin
  for t in (select trigger_name from user_triggers where table_name like 'TRIGGER_FAM%') loop
    dbms_output.put_line(t.trigger_name);
  end loop;
end;
/
drop table trigger_children
/
drop table trigger_parents
/
