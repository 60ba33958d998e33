-- Database Globalization Support Guide 19c, "NLS_DATE_LANGUAGE" and "NLS_LANGUAGE": in SQL and in PL/SQL
declare
  l_sql varchar2(100);
  procedure show is
  begin
    select to_char(date '2024-08-01', 'fmDay DD Month') into l_sql from dual;
    dbms_output.put_line(l_sql || ', ' || to_char(date '2024-08-01', 'fmDay DD Month'));
  end;
begin
  show;  -- expect: Thursday 1 August, Thursday 1 August
  execute immediate 'alter session set nls_date_language = ''SPANISH''';
  show;  -- expect: Jueves 1 Agosto, Jueves 1 Agosto
  select to_char(to_date('3-ABR-2024', 'DD-MON-YYYY'), 'MM') into l_sql from dual;
  dbms_output.put_line(l_sql);  -- expect: 04
  execute immediate 'alter session set nls_language = ''AMERICAN''';
  show;  -- expect: Thursday 1 August, Thursday 1 August
end;
/
