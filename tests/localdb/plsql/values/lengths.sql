-- PL/SQL Language Reference 19c, 3 PL/SQL Data Types, "CHAR and VARCHAR2 Variables"; Globalization
-- Support Guide 19c, 2 Choosing a Character Set, "Length Semantics"; SQL Language Reference 19c,
-- SUBSTR, LENGTH, CAST. The database's character set is AL32UTF8: ñ has two bytes, € three.
declare
  l_text varchar2(4);
begin
  l_text := 'ññ';
  dbms_output.put_line(length(l_text) || ' ' || lengthb(l_text));  -- expect: 2 4
  l_text := 'ñññ';  -- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
end;
/
declare
  l_characters varchar2(4 char) := '€€€€';
  l_bytes varchar2(12 byte) := l_characters;
  l_national nvarchar2(4) := l_characters;
begin
  dbms_output.put_line(lengthb(l_characters) || ' ' || lengthb(l_bytes) || ' ' || length(l_national));  -- expect: 12 12 4
  l_characters := l_characters || 'x';  -- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
end;
/
declare
  l_bytes char(4) := 'ñ';
  l_characters char(4 char) := 'ñ';
begin
  dbms_output.put_line('[' || l_bytes || '] ' || length(l_bytes) || ' ' || lengthb(l_bytes));  -- expect: [ñ  ] 3 4
  dbms_output.put_line('[' || l_characters || '] ' || length(l_characters) || ' ' || lengthb(l_characters));  -- expect: [ñ   ] 4 5
  l_bytes := '€€';  -- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
end;
/
begin
  -- A part of a character is a blank.
  dbms_output.put_line('[' || substrb('añb', 1, 2) || '][' || substrb('añb', 3, 2) || '][' || substrb('añb', -3, 2) || ']');  -- expect: [a ][ b][ñ]
  for r in (select substrb('añb', 1, 2) a, substrb('añb', 3, 2) b, substrb('añb', -3, 2) c, substrb('añb', -5) d, substrb('€', 2) e from dual) loop
    dbms_output.put_line('[' || r.a || '][' || r.b || '][' || r.c || '][' || r.d || '][' || r.e || ']');  -- expect: [a ][ b][ñ][][  ]
  end loop;
  for r in (select cast('ñññ' as varchar2(4)) a, cast('ñññ' as varchar2(2 char)) b, lengthb(cast('ñ' as char(5))) c, lengthb(cast('ñ' as char(5 char))) d from dual) loop
    dbms_output.put_line(r.a || ' ' || r.b || ' ' || r.c || ' ' || r.d);  -- expect: ññ ññ 5 6
  end loop;
end;
/
begin
  execute immediate 'alter session set nls_length_semantics = char';
  execute immediate 'create table measured (a varchar2(2), b varchar2(2 byte), c char(3), d char(3 byte), e nvarchar2(2))';
  execute immediate 'create or replace procedure kept_characters is l_text varchar2(2) := ''ññ''; begin dbms_output.put_line(l_text || '' '' || $$nls_length_semantics); end;';
  execute immediate 'alter session set nls_length_semantics = byte';
  execute immediate 'begin kept_characters; end;';  -- expect: ññ CHAR
  execute immediate 'alter procedure kept_characters compile reuse settings';
  execute immediate 'begin kept_characters; end;';  -- expect: ññ CHAR
  execute immediate 'alter procedure kept_characters compile';
  execute immediate 'begin kept_characters; end;';  -- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
end;
/
begin
  for r in (
    select column_name || ' ' || data_length || ' ' || char_length || ' ' || char_used as shown
    from user_tab_columns where table_name = 'MEASURED' order by column_id
  ) loop
    -- expect: A 8 2 C
    -- expect: B 2 2 B
    -- expect: C 12 3 C
    -- expect: D 3 3 B
    -- expect: E 4 2 C
    dbms_output.put_line(r.shown);
  end loop;
end;
/
begin
  insert into measured values ('ññ', 'ñ', 'ñ', 'ñ', 'ññ');
  for r in (select length(c) || ' ' || lengthb(c) || ' ' || length(d) || ' ' || lengthb(d) as shown from measured where d = 'ñ') loop
    dbms_output.put_line(r.shown);  -- expect: 3 4 2 3
  end loop;
  update measured set b = a;  -- expect error: ORA-12899: value too large for column "ORAQ"."MEASURED"."B" (actual: 4, maximum: 2)
end;
/
begin
  insert into measured (d) values ('€x');  -- expect error: ORA-12899: value too large for column "ORAQ"."MEASURED"."D" (actual: 4, maximum: 3)
end;
/
declare
  l_characters measured.a%type := 'ññ';
  l_row measured%rowtype;
  cursor c is select b, a from measured;
  l_read c%rowtype;
begin
  l_row.a := l_characters;
  l_read.a := l_characters;
  begin
    l_row.b := l_characters;
  exception
    when value_error then dbms_output.put_line('row');  -- expect: row
  end;
  l_read.b := l_characters;  -- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
end;
/
declare
  l_bytes measured.b%type;
begin
  select 'ññ' into l_bytes from dual;  -- expect error: ORA-06502: PL/SQL: numeric or value error: character string buffer too small
end;
/
begin
  execute immediate 'alter table measured modify (d char(5), b varchar2(2 char))';
  execute immediate 'insert into measured (b, d) values (''ññ'', ''€'')';
  for r in (select b, lengthb(d) d from measured) loop
    dbms_output.put_line(r.b || ' ' || r.d);  -- expect: ññ 5
  end loop;
  execute immediate 'drop table measured';
  execute immediate 'drop procedure kept_characters';
end;
/
