-- SQL Language Reference 19c, Datetime Functions and "Datetime/Interval Arithmetic"
begin
  dbms_output.put_line(to_char(date '2024-01-31' + 1, 'YYYY-MM-DD'));  -- expect: 2024-02-01
  dbms_output.put_line(to_char(date '2024-01-01' + 1/24, 'HH24:MI'));  -- expect: 01:00
  dbms_output.put_line(date '2024-03-01' - date '2024-02-28');  -- expect: 2
  dbms_output.put_line(to_char(add_months(date '2024-01-31', 1), 'YYYY-MM-DD') || ' ' || to_char(add_months(date '2024-02-29', 12), 'YYYY-MM-DD'));  -- expect: 2024-02-29 2025-02-28
  dbms_output.put_line(to_char(last_day(date '2023-02-10'), 'DD') || ' ' || to_char(next_day(date '2024-02-29', 'FRIDAY'), 'DD'));  -- expect: 28 01
  dbms_output.put_line(months_between(date '2024-03-31', date '2024-02-29') || ' ' || round(months_between(date '2024-03-15', date '2024-01-01'), 4));  -- expect: 1 2.4516
  dbms_output.put_line(to_char(trunc(date '2024-05-17', 'Q'), 'MM-DD') || ' ' || to_char(round(date '2024-05-17', 'MM'), 'MM-DD') || ' ' || to_char(trunc(date '2024-05-17', 'IW'), 'MM-DD'));  -- expect: 04-01 06-01 05-13
  dbms_output.put_line(extract(year from date '2024-05-17') || extract(month from date '2024-05-17') || extract(day from date '2024-05-17'));  -- expect: 2024517
end;
/
declare
  l_day date := to_date('31/12/99 23:59:58', 'DD/MM/RR HH24:MI:SS');
begin
  dbms_output.put_line(to_char(l_day, 'YYYY-MM-DD HH12:MI:SS PM'));  -- expect: 1999-12-31 11:59:58 PM
  dbms_output.put_line(to_char(l_day, 'DDD WW IW Q CC J SSSSS'));  -- expect: 365 53 52 4 20 2451544 86398
  dbms_output.put_line(to_char(l_day, 'fmDay, DD fmMonth YYYY'));  -- expect: Friday, 31 December  1999
  dbms_output.put_line(to_char(to_date('49', 'RR'), 'YYYY') || to_char(to_date('50', 'RR'), 'YYYY'));  -- expect: 20491950
end;
/
begin
  dbms_output.put_line(to_char(to_date('30-FEB-2024', 'DD-MON-YYYY')));  -- expect error: ORA-01839: date not valid for month specified
end;
/
begin
  dbms_output.put_line(to_char(to_date('2024-13-01', 'YYYY-MM-DD')));  -- expect error: ORA-01843: not a valid month
end;
/
begin
  dbms_output.put_line(to_char(to_date('2024-01', 'YYYY-MM-DD')));  -- expect error: ORA-01840: input value not long enough for date format
end;
/
begin
  dbms_output.put_line(to_char(to_date('2024-01-01 10', 'YYYY-MM-DD')));  -- expect error: ORA-01830: date format picture ends before converting entire input string
end;
/
begin
  dbms_output.put_line(to_char(to_date('10:70', 'HH24:MI')));  -- expect error: ORA-01851: minutes must be between 0 and 59
end;
/
begin
  dbms_output.put_line(to_char(to_date('25', 'HH24')));  -- expect error: ORA-01850: hour must be between 0 and 23
end;
/
begin
  dbms_output.put_line(to_char(sysdate, 'BLAH'));  -- expect error: ORA-01821: date format not recognized
end;
/
declare
  l_interval interval day to second := interval '1 02:03:04.5' day to second;
  l_months interval year to month := interval '2-6' year to month;
begin
  dbms_output.put_line(extract(hour from l_interval) || ' ' || extract(second from l_interval));  -- expect: 2 4.5
  dbms_output.put_line(to_char(date '2024-01-01' + l_interval, 'DD HH24:MI:SS'));  -- expect: 02 02:03:04
  dbms_output.put_line(to_char(date '2024-01-31' + l_months, 'YYYY-MM-DD'));  -- expect: 2026-07-31
  dbms_output.put_line(to_char(numtodsinterval(90, 'MINUTE') * 2 + date '2024-01-01', 'HH24:MI'));  -- expect: 03:00
  dbms_output.put_line(case when interval '1' day = interval '24' hour then 'equal' end);  -- expect: equal
end;
/
declare
  l_day date;
begin
  l_day := date '2024-01-31' + interval '1' month;  -- expect error: ORA-01839: date not valid for month specified
end;
/
declare
  l_zoned timestamp with time zone := timestamp '2024-07-01 12:00:00.25 +02:00';
begin
  dbms_output.put_line(to_char(sys_extract_utc(l_zoned), 'HH24:MI:SS.FF2'));  -- expect: 10:00:00.25
  dbms_output.put_line(to_char(l_zoned at time zone '-05:00', 'HH24:MI TZH:TZM'));  -- expect: 05:00 -05:00
  dbms_output.put_line(extract(timezone_hour from l_zoned));  -- expect: 2
  dbms_output.put_line(to_char(cast(l_zoned as date), 'HH24:MI:SS'));  -- expect: 12:00:00
end;
/
/
-- Regions. PL/SQL Language Reference 19c, 3 PL/SQL Data Types; SQL Language Reference 19c, "Datetime/Interval
-- Arithmetic": in UTC. Europe/Madrid changed its clocks on 2024-03-31 at 02:00, on 2024-10-27 at 03:00.
declare
  l_at timestamp with time zone := from_tz(timestamp '2024-03-30 12:00:00', 'europe/madrid');
  l_read timestamp with time zone;
begin
  dbms_output.put_line(to_char(l_at, 'HH24:MI TZR TZD TZH:TZM'));  -- expect: 12:00 Europe/Madrid CET +01:00
  dbms_output.put_line(to_char(l_at + interval '1' day, 'DD HH24:MI TZR TZD'));  -- expect: 31 13:00 Europe/Madrid CEST
  dbms_output.put_line(to_char(l_at at time zone 'America/New_York', 'HH24:MI TZR TZD'));  -- expect: 07:00 America/New_York EDT
  dbms_output.put_line(extract(timezone_region from l_at) || ' ' || extract(timezone_abbr from l_at));  -- expect: Europe/Madrid CET
  l_at := timestamp '2024-10-27 02:30:00 Europe/Madrid CEST';
  dbms_output.put_line(to_char(from_tz(timestamp '2024-10-27 02:30:00', 'Europe/Madrid') - l_at));  -- expect: +000000000 01:00:00.000000000
  select l_at + interval '1' hour into l_read from dual;
  dbms_output.put_line(to_char(l_read, 'HH24:MI TZR TZD'));  -- expect: 02:30 Europe/Madrid CET
  dbms_output.put_line(extract(timezone_region from systimestamp));  -- expect: UNKNOWN
  dbms_output.put_line(tz_offset('Asia/Kolkata'));  -- expect: +05:30
  l_at := from_tz(timestamp '2024-03-31 02:30:00', 'Europe/Madrid');  -- expect error: ORA-01878: specified field not found in datetime or interval
end;
/
declare
  l_local timestamp with local time zone;
begin
  execute immediate q'[alter session set time_zone = 'america/new_york']';
  l_local := timestamp '2024-07-01 12:00:00 +00:00';
  select l_local + interval '1' hour into l_local from dual;
  dbms_output.put_line(to_char(l_local, 'HH24:MI'));  -- expect: 09:00
  dbms_output.put_line(sessiontimezone || ' ' || extract(timezone_region from current_timestamp));  -- expect: America/New_York America/New_York
  for r in (select sessiontimezone as zone, to_char(cast(timestamp '2024-07-01 12:00:00' as timestamp with time zone), 'HH24 TZR') as shown from dual) loop
    dbms_output.put_line(r.zone || ' ' || r.shown);  -- expect: America/New_York 12 America/New_York
  end loop;
  execute immediate 'alter session set time_zone = dbtimezone';
  dbms_output.put_line(sessiontimezone);  -- expect: +00:00
  execute immediate q'[alter session set time_zone = 'Europe/Atlantis']';  -- expect error: ORA-01882: timezone region not found
end;
/
begin
  dbms_output.put_line(to_char(systimestamp at time zone 'Europe/Atlantis'));  -- expect error: ORA-01882: timezone region not found
end;
/
-- Globalization Support Guide 19c, 3 Setting Up a Globalization Support Environment: a territory sets the
-- formats of dates.
begin
  execute immediate q'[alter session set nls_date_format = 'YYYY']';
  execute immediate 'alter session set nls_territory = america';
  dbms_output.put_line(to_char(date '2024-07-01'));  -- expect: 01-JUL-24
  dbms_session.set_nls('nls_date_format', q'['YYYY']');
  dbms_session.set_nls('nls_territory', 'AMERICA');
  for r in (select to_char(date '2024-07-01') as shown from dual) loop
    dbms_output.put_line(r.shown);  -- expect: 01-JUL-24
  end loop;
end;
