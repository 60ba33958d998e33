-- SQL Language Reference 19c, CREATE VIEW; 5 Expressions, "Function Expressions"
begin
  execute immediate 'create table fun_parts (id number, name varchar2(20))';
  execute immediate q'[insert into fun_parts values (1, 'nut')]';
  execute immediate q'[insert into fun_parts values (2, 'bolt')]';
  execute immediate q'[create or replace function fun_loud(p_text in varchar2) return varchar2 is
begin
  return upper(p_text);
end fun_loud;]';
  execute immediate q'[create or replace function fun_root(p_n in number default 9) return number is
begin
  return sqrt(p_n);
end fun_root;]';
  execute immediate 'create or replace view fun_loud_parts (id, loud, three) as select id, fun_loud(name), fun_root() from fun_parts';
  execute immediate 'create or replace view fun_first_parts as select loud from fun_loud_parts where fun_root(id) = 1';
end;
/
-- a variable outside does not matter to the view
declare
  name varchar2(10) := 'no';
  l_three number;
begin
  for r in (select id, loud, three from fun_loud_parts order by id desc) loop
    dbms_output.put_line(r.id || ' ' || r.loud || ' ' || r.three);
  end loop;
  -- expect: 2 BOLT 3
  -- expect: 1 NUT 3
  select max(v.three) into l_three from fun_loud_parts v join fun_first_parts f on f.loud = v.loud;
  dbms_output.put_line(l_three);  -- expect: 3
end;
/
-- columns and text of the dictionary
declare
  l_type user_tab_columns.data_type%type;
  l_text user_views.text_vc%type;
begin
  select data_type into l_type from user_tab_columns where table_name = 'FUN_LOUD_PARTS' and column_name = 'LOUD';
  dbms_output.put_line(l_type);  -- expect: VARCHAR2
  select text_vc into l_text from user_views where view_name = 'FUN_FIRST_PARTS';
  dbms_output.put_line(l_text);  -- expect: select loud from fun_loud_parts where fun_root(id) = 1
end;
/
-- a view changes when its function does
begin
  execute immediate q'[create or replace function fun_loud(p_text in varchar2) return varchar2 is
begin
  return p_text || '!';
end fun_loud;]';
  for r in (select loud from fun_first_parts) loop
    dbms_output.put_line(r.loud);  -- expect: nut!
  end loop;
end;
/
-- and has errors when it is gone
begin
  execute immediate 'drop function fun_loud';
  execute immediate 'begin for r in (select three from fun_loud_parts) loop null; end loop; end;';
exception
  when others then
    dbms_output.put_line(sqlcode);  -- expect: -6550
end;
/
