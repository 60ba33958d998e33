create table k (id number primary key, c varchar2(10), ch char(4), d date, ts timestamp, tz timestamp with time zone, r raw(8), cl clob, bl blob, f binary_double)
    ~
insert into k (id, c, ch, d, ts, r, cl, bl, f) values (1, 5, 'ab', timestamp '2024-01-01 10:00:00.7', date '2024-01-02', '0A0B', 'x', hextoraw('01'), 1.5)
    # 1
insert into k (id, c, d) values ('2', 2.50, '01-FEB-24')
    # 1
insert into k (id, c) select 3, id + 0.5 from k where id = 1
    # 1
insert into k (id, c) with q as (select 5 n from dual) select n, n from q
    # 1
select id from k where c = 5
    = 1
    = 5
select id from k where c in (5, 2.5) order by 1
    = 1
    = 2
    = 5
select id from k where id in ('1', '2') order by 1
    = 1
    = 2
select id from k where ch = 'ab'
    = 1
select id from k where ch = 'ab  ' and ch || 'x' = 'ab  x'
    = 1
select id from k where ts > d
    = 1
select d, ts, r, cl, bl, f, tz - tz from k where id = 1
    = 2024-01-01 10:00:00 | 2024-01-02 00:00:00 | 0a0b | x | 01 | 1.5 | null
select id from k where cl like 'x%' and length(cl) = 1 and cl is not null
    = 1
select id from k where r = hextoraw('0a0b')
    = 1
select f * 2, f + 1, f / 3, round(f) from k where id = 1
    = 3.0 | 2.5 | 0.5 | 2.0
select distinct cl from k
    ! ORA-00932: inconsistent datatypes: expected - got CLOB
select id from k order by cl
    ! ORA-00932: inconsistent datatypes: expected - got CLOB
select max(d), min(ts), max(c), max(id) from k
    = 2024-02-01 | 2024-01-02 00:00:00 | 5 | 5
select extract(day from ((timestamp '2024-01-02 00:00:00') - ts)) * 24 from k where id = 1
    = 0
select /*+ full(k) */ count(*) from k
    = 4
select "ID", K."C" x, k.c "Mixed" from k where rownum < 2
    = 1 | 5 | 5
select 1., .5, 1e-3, 1.5E2 from dual
    = 1 | 0.5 | 0.001 | 150
select 1.5d, 2f from dual
    = 1.5 | 2.0
select * from k fetch first row only
    = 1 | 5 | ab   | 2024-01-01 10:00:00 | 2024-01-02 00:00:00 | null | 0a0b | x | 01 | 1.5
select id from k where exists (select 1 from dual where k.id = 1)
    = 1
select (select 1 from dual) + 1 from dual
    = 2
select n'x', q'[it's]', nq'!a!' from dual
    = x | it's | a
select id from k where not (id = 1 or id = 2) order by id
    = 3
    = 5
select id from k where id = any (1, 2) order by id
    = 1
    = 2
select id from k where id > all (select 1 from dual) order by id
    = 2
    = 3
    = 5
select count(*) "cnt" from k having count(*) > 1
    = 4
select c, count(*) from k group by c having c is not null order by c
    = 1.5 | 1
    = 2.5 | 1
    = 5 | 2
select sum(id) over () / count(*) over () from k where rownum = 1
    = 1
select listagg(id, ',') within group (order by id desc) over () l from k where rownum = 1
    = 1
select to_char(ts, 'HH24'), to_char(d), to_char(id) from k where id = 1
    = 00 | 01-JAN-24 | 1
select cast(null as date), cast(null as varchar2(5)), cast('' as number) from dual
    = null | null | null
update k set d = d + 1, ts = ts + interval '1' hour, c = default where id = 1
    # 1
merge into k a using dual on (a.id = 1) when matched then update set c = 'm'
    # 1
merge into k a using (select 9 id from dual) b on (a.id = b.id) when not matched then insert (id, c) values (b.id, 'n')
    # 1
delete from k where id in (select id from k where id > 5)
    # 1
select * from (select 1 a from dual), (select 2 b from dual)
    = 1 | 2
select * from (select 1 a from dual) x left join (select 2 a from dual) y on x.a = y.a
    = 1 | null
select a.id, b.id from k a full outer join k b on a.id = b.id + 100 where rownum = 1
    = null | 2
select level l, level * 2 from dual connect by level <= 3 order by l desc
    = 3 | 6
    = 2 | 4
    = 1 | 2
select rownum r from dual connect by rownum <= 2
    = 1
    = 2
select 'a' from dual union all select null from dual
    = a
    = null
select 1 from dual union all select 2.5 from dual order by 1 desc
    = 2.5
    = 1
select trim('x' from 'xax') || to_char(1) from dual
    = a1
select dbms_random.value from dual where 1 = 0
select id as "a""b" from k where 1 = 0
select case when 1 = 1 and (2 > 1 or 3 < 1) then 'yes' end from dual
    = yes
select coalesce(null, 1, 2.5), nullif('a', 'b'), nvl2('x', 1, 2.5) from dual
    = 1 | a | 1
select replace(cl, 'x', 'y'), substr(cl, 1, 1), upper(cl), cl || 'z' from k where id = 1
    = y | x | X | xz
select instr('abcabc', 'c', -1, 2), substr('abc', 2.9) from dual
    = 3 | bc
select to_char(12.5), '' || 12.50, 1/4 || '' from dual
    = 12.5 | 12.5 | .25
select c from k where c like 'm%' or c like '%\%' escape '\'
    = m
rollback
    ~
select 1.5d, 2f, 1.5d * 2 from dual
    = 1.5 | 2.0 | 3.0
select distinct cl from k
    ! ORA-00932: inconsistent datatypes: expected - got CLOB
select id from k order by cl
    ! ORA-00932: inconsistent datatypes: expected - got CLOB
select id from k where cl = 'x'
    ! ORA-00932: inconsistent datatypes: expected - got CLOB
select count(*) from k group by cl
    ! ORA-00932: inconsistent datatypes: expected - got CLOB
select id from k where id = any (1, 2) and id <> all (3) order by id
select 1 d, 2 f from dual
    = 1 | 2
select n'x' from dual
    = x
select to_char(date '2024-02-29', 'fmDay DD "de" month "de" YYYY', 'nls_date_language = SPANISH') from dual
    = Jueves 29 de febrero de 2024
select '[' || to_char(date '2024-02-29', 'DAY DY Month mon', 'nls_date_language=spanish') || ']' from dual
    = [JUEVES    JUE Febrero    feb]
select to_date('3-ENE-2024', 'DD-MON-YYYY', 'nls_date_language=SPANISH') - date '2024-01-01' from dual
    = 2
select to_date('29 de Febrero de 2024', 'DD "de" Month "de" YYYY', 'nls_date_language=SPANISH') - date '2024-02-01' from dual
    = 28
select to_char(1234567.891, 'FM999G999G990D00', 'nls_numeric_characters='',.''') from dual
    = 1.234.567,89
select to_char(-1234.5, 'FML9G999D00', 'nls_currency=''EUR'' nls_numeric_characters='',.''') from dual
    = -EUR1.234,50
select '[' || to_char(5, 'L99') || ']' from dual
    = [           $5]
select to_number('1.234,5', '9G999D9', 'nls_numeric_characters='',.''') from dual
    = 1234.5
select to_char(sysdate, 'D', 'nls_colour=blue') from dual
    ! ORA-12702: invalid NLS parameter string used in SQL function
select to_char(sysdate, 'Month', 'nls_date_language=KLINGON') from dual
    ! ORA-03001: unimplemented feature: NLS_DATE_LANGUAGE KLINGON
