-- TIMESTAMP WITH TIME ZONE keeps its zone, and compares by the instant.
select timestamp '2024-01-01 10:00:00 +02:00' from dual
    = 2024-01-01 10:00:00+02:00
select to_char(timestamp '2024-01-01 10:00:00.5 +02:00', 'YYYY-MM-DD HH24:MI:SS.FF3 TZH:TZM') from dual
    = 2024-01-01 10:00:00.500 +02:00
create table moments (id number, at timestamp with time zone, l timestamp with local time zone, p timestamp(2) with time zone)
    ~
insert into moments values (1, timestamp '2024-01-01 10:00:00 +02:00', timestamp '2024-01-01 10:00:00 +02:00', timestamp '2024-01-01 10:00:00.126 +02:00')
    # 1
insert into moments (id, at) values (2, timestamp '2024-01-01 08:00:00 +00:00')
    # 1
-- Without a zone it is the session's.
insert into moments (id, at) values (3, timestamp '2024-01-01 09:00:00')
    # 1
insert into moments (id, at) values (4, '01-JAN-24 10.30.00.000000 AM -05:00')
    # 1
select id, at, p from moments order by at, id
    = 1 | 2024-01-01 10:00:00+02:00 | 2024-01-01 10:00:00.130000+02:00
    = 2 | 2024-01-01 08:00:00+00:00 | null
    = 3 | 2024-01-01 09:00:00+00:00 | null
    = 4 | 2024-01-01 10:30:00-05:00 | null
select count(*), count(distinct at) from moments where at = timestamp '2024-01-01 03:00:00 -05:00'
    = 2 | 1
select extract(timezone_hour from at), extract(hour from at), extract(day from at) from moments where id = 4
    = -5 | 15 | 1
select at at time zone '+05:30', at at local from moments where id = 1
    = 2024-01-01 13:30:00+05:30 | 2024-01-01 08:00:00+00:00
select to_char(at at time zone 'Europe/Madrid', 'HH24:MI TZH:TZM') from moments where id = 1
    = 09:00 +01:00
select cast(at as timestamp), cast(at as date), trunc(at), at + 1 from moments where id = 4
    = 2024-01-01 10:30:00 | 2024-01-01 10:30:00 | 2024-01-01 | 2024-01-02 10:30:00
select at + interval '1' hour, at - interval '1' day from moments where id = 4
    = 2024-01-01 11:30:00-05:00 | 2023-12-31 10:30:00-05:00
select (select at from moments where id = 4) - (select at from moments where id = 1) from dual
    = 7:30:00
select max(at), min(at) from moments
    = 2024-01-01 10:30:00-05:00 | 2024-01-01 10:00:00+02:00
select from_tz(timestamp '2024-07-01 10:00:00', 'America/New_York') from dual
    = 2024-07-01 10:00:00-04:00
select sys_extract_utc(at) from moments where id = 4
    = 2024-01-01 15:30:00
select to_timestamp_tz('2022-06-03 -05:30', 'YYYY-MM-DD TZH:TZM') + to_dsinterval('1 00:00:02.5') from dual
    = 2022-06-04 00:00:02.500000-05:30
select id from moments where at > systimestamp or at between sysdate - 1 and sysdate
select nvl(p, at) from moments where id = 2
    = 2024-01-01 08:00:00+00:00
select at from moments where at = 'nonsense'
    ! ORA-01858: a non-numeric character was found where a numeric was expected
-- Regions stay with the value. SQL Language Reference 19c, TZ_OFFSET, FROM_TZ, EXTRACT (datetime), Datetime
-- Format Elements; "Datetime/Interval Arithmetic": all arithmetic is done in UTC. Europe/Madrid changed its
-- clocks on 2024-03-31 02:00 to 03:00 and on 2024-10-27 03:00 to 02:00.
create table regions (id number, at timestamp with time zone)
    ~
insert into regions values (1, timestamp '2024-03-30 12:00:00 europe/madrid')
    # 1
insert into regions values (2, timestamp '2024-10-27 02:30:00 Europe/Madrid CEST')
    # 1
insert into regions values (3, from_tz(timestamp '2024-10-27 02:30:00', 'Europe/Madrid'))
    # 1
select id, to_char(at, 'YYYY-MM-DD HH24:MI TZR TZD TZH:TZM') from regions order by id
    = 1 | 2024-03-30 12:00 Europe/Madrid CET +01:00
    = 2 | 2024-10-27 02:30 Europe/Madrid CEST +02:00
    = 3 | 2024-10-27 02:30 Europe/Madrid CET +01:00
select to_char(at + interval '1' day, 'DD HH24:MI TZD'), to_char(at - interval '1' hour, 'DD HH24:MI TZD') from regions order by id
    = 31 13:00 CEST | 30 11:00 CET
    = 28 01:30 CET | 27 01:30 CEST
    = 28 02:30 CET | 27 02:30 CEST
select (select at from regions where id = 3) - (select at from regions where id = 2) from dual
    = 1:00:00
select extract(timezone_region from at), extract(timezone_abbr from at), extract(timezone_hour from at) from regions where id = 2
    = Europe/Madrid | CEST | 2
select extract(timezone_region from systimestamp), extract(timezone_abbr from systimestamp) from dual
    = UNKNOWN | UNK
select to_char(at at time zone 'America/New_York', 'DD HH24:MI TZR'), to_char(at at time zone 'UTC', 'DD HH24:MI TZR TZD') from regions where id = 2
    = 26 20:30 America/New_York | 27 00:30 UTC UTC
select to_char(to_timestamp_tz('2024-07-01 12:00 Asia/Kolkata', 'YYYY-MM-DD HH24:MI TZR'), 'HH24:MI TZR TZH:TZM') from dual
    = 12:00 Asia/Kolkata +05:30
select count(*) from regions where at = timestamp '2024-10-27 00:30:00 +00:00'
    = 1
select from_tz(timestamp '2024-03-31 02:30:00', 'Europe/Madrid') from dual
    ! ORA-01878: specified field not found in datetime or interval
select timestamp '2024-03-30 12:00:00 Europe/Madrid CEST' from dual
    ! ORA-01857: not a valid time zone
select systimestamp at time zone 'Europe/Atlantis' from dual
    ! ORA-01882: timezone region not found
select tz_offset('Asia/Kolkata'), tz_offset('-03:30'), tz_offset('UTC') from dual
    = +05:30 | -03:30 | +00:00
drop table regions
    ~
