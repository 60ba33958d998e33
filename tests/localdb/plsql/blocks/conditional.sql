-- PL/SQL Language Reference 19c, 2 PL/SQL Language Fundamentals, Conditional Compilation
begin
  $if dbms_db_version.version >= 12 $then
    dbms_output.put_line('at least 12');  -- expect: at least 12
  $else
    no_such_procedure;
  $end
  $if dbms_db_version.ver_le_11_2 $then
    this is no pl/sql at all but for its tokens;
  $end
  dbms_output.put_line($$plsql_line);  -- expect: 11
  dbms_output.put_line(nvl($$plsql_unit, 'none') || ' ' || $$plsql_unit_type);  -- expect: none ANONYMOUS BLOCK
  dbms_output.put_line(nvl(to_char($$no_such_flag), 'null'));  -- expect: null
  dbms_output.put_line($$plsql_optimize_level);  -- expect: 2
end;
/
-- DBMS_DB_VERSION is a package as well
begin
  if dbms_db_version.ver_le_10 or dbms_db_version.version < 19 then
    dbms_output.put_line('old');
  else
    dbms_output.put_line('new');  -- expect: new
  end if;
end;
/
-- error directive: PLS-00179
begin
  $if $$no_such_flag is null $then
    $error 'flag missing in line ' || $$plsql_line $end
  $end
  null;
end;
-- expect error: ORA-06550: line 4, column 5:
-- expect error: PLS-00179: $ERROR: flag missing in line 4
/
begin
  $if false $then
    $error 'not reached' $end
  $end
  dbms_output.put_line('compiled');  -- expect: compiled
end;
/
begin
  $if 'a' $then null; $end
  null;
end;
-- expect error: PLS-00174: a static boolean expression must be used ('a')
/
-- in SQL
declare
  l_unit varchar2(30);
  l_line number;
begin
  select nvl($$plsql_unit, 'none'), $$plsql_line
    $if true $then into l_unit, l_line $end
    from dual;
  dbms_output.put_line(l_unit || ' ' || l_line);  -- expect: none 6
end;
/
-- PLSQL_CCFLAGS; a unit keeps what it was compiled with
begin
  execute immediate q'[alter session set plsql_ccflags = 'tracing:true, level_of:3']';
  execute immediate q'[create or replace procedure conditional_sample authid definer is
begin
  $if $$tracing $then
    dbms_output.put_line($$plsql_unit || ' ' || $$plsql_unit_owner || ' ' || $$plsql_unit_type);
  $elsif $$level_of > 2 $then
    dbms_output.put_line('level');
  $else
    dbms_output.put_line('quiet');
  $end
  dbms_output.put_line($$plsql_line);
end conditional_sample;]';
  execute immediate 'begin conditional_sample; end;';
  execute immediate 'begin dbms_output.put_line($$level_of); end;';
end;
-- expect: CONDITIONAL_SAMPLE ORAQ PROCEDURE
-- expect: 10
-- expect: 3
/
begin
  conditional_sample;
end;
-- expect: CONDITIONAL_SAMPLE ORAQ PROCEDURE
-- expect: 10
/
alter procedure conditional_sample compile reuse settings
/
begin
  conditional_sample;
end;
-- expect: CONDITIONAL_SAMPLE ORAQ PROCEDURE
-- expect: 10
/
alter procedure conditional_sample compile
/
begin
  conditional_sample;
end;
-- expect: quiet
-- expect: 10
/
alter procedure conditional_sample compile plsql_ccflags = 'tracing:false, level_of:5'
/
begin
  conditional_sample;
end;
-- expect: level
-- expect: 10
/
alter session set plsql_ccflags = 'no value'
-- expect error: ORA-39962: invalid parameter for PLSQL_CCFLAGS
/
drop procedure conditional_sample
/
