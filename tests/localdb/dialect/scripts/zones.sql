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
