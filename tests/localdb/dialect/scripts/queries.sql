create table emp (empno number(4) constraint emp_pk primary key, ename varchar2(10), job varchar2(9), mgr number(4), hiredate date, sal number(7,2), comm number(7,2), deptno number(2))
    ~
create table dept (deptno number(2) primary key, dname varchar2(14), loc varchar2(13))
    ~
insert into dept values (10, 'ACCOUNTING', 'NEW YORK')
    # 1
insert into dept values (20, 'RESEARCH', 'DALLAS')
    # 1
insert into dept values (30, 'SALES', 'CHICAGO')
    # 1
insert into dept values (40, 'OPERATIONS', 'BOSTON')
    # 1
insert into emp values (7369, 'SMITH', 'CLERK', 7902, to_date('17-12-1980','dd-mm-yyyy'), 800, null, 20)
    # 1
insert into emp values (7499, 'ALLEN', 'SALESMAN', 7698, to_date('20-2-1981','dd-mm-yyyy'), 1600, 300, 30)
    # 1
insert into emp values (7566, 'JONES', 'MANAGER', 7839, to_date('2-4-1981','dd-mm-yyyy'), 2975, null, 20)
    # 1
insert into emp values (7698, 'BLAKE', 'MANAGER', 7839, date '1981-05-01', 2850, null, 30)
    # 1
insert into emp values (7839, 'KING', 'PRESIDENT', null, date '1981-11-17', 5000, null, 10)
    # 1
insert into emp values (7902, 'FORD', 'ANALYST', 7566, date '1981-12-03', 3000, null, 20)
    # 1
select e.ename, d.dname from emp e, dept d where e.deptno = d.deptno order by e.sal desc
    = KING | ACCOUNTING
    = FORD | RESEARCH
    = JONES | RESEARCH
    = BLAKE | SALES
    = ALLEN | SALES
    = SMITH | RESEARCH
select d.dname, count(e.empno) n from dept d left join emp e on e.deptno = d.deptno group by d.dname having count(*) > 0 order by n desc, dname
    = RESEARCH | 3
    = SALES | 2
    = ACCOUNTING | 1
    = OPERATIONS | 0
select d.dname, e.ename from emp e, dept d where e.deptno (+) = d.deptno and e.sal (+) > 2900 order by 1, 2
    = ACCOUNTING | KING
    = OPERATIONS | null
    = RESEARCH | FORD
    = RESEARCH | JONES
    = SALES | null
select d.dname, e.ename from dept d, emp e where e.deptno (+) = d.deptno and e.ename is null
    = OPERATIONS | null
select ename, sal, rank() over (partition by deptno order by sal desc) r, sum(sal) over (order by hiredate rows between unbounded preceding and current row) running from emp order by hiredate
    = SMITH | 800 | 3 | 800
    = ALLEN | 1600 | 2 | 2400
    = JONES | 2975 | 2 | 5375
    = BLAKE | 2850 | 1 | 8225
    = KING | 5000 | 1 | 13225
    = FORD | 3000 | 1 | 16225
select * from (select ename, sal from emp order by sal desc) where rownum <= 2
    = KING | 5000
    = FORD | 3000
select * from (select a.*, rownum rn from (select ename from emp order by ename) a where rownum <= 4) where rn > 2
    = FORD | 3
    = JONES | 4
select ename, rownum from emp where deptno = 20 order by ename
    = FORD | 3
    = JONES | 2
    = SMITH | 1
select ename from emp order by comm, ename
    = ALLEN
    = BLAKE
    = FORD
    = JONES
    = KING
    = SMITH
select ename, comm from emp order by comm desc nulls last, ename fetch first 2 rows only
    = ALLEN | 300
    = BLAKE | null
select ename from emp order by ename offset 1 rows fetch next 2 rows only
    = BLAKE
    = FORD
select deptno, listagg(ename, ', ') within group (order by ename) names from emp group by deptno order by deptno
    = 10 | KING
    = 20 | FORD, JONES, SMITH
    = 30 | ALLEN, BLAKE
select max(ename) keep (dense_rank first order by sal desc) top from emp
    = KING
select e.ename, m.ename boss from emp e join emp m on e.mgr = m.empno where m.ename like 'K%' order by 1
    = BLAKE | KING
    = JONES | KING
select ename from emp where sal > all (select sal from emp where deptno = 30) order by 1
    = FORD
    = JONES
    = KING
select ename from emp e where exists (select null from emp m where m.mgr = e.empno) order by 1
    = BLAKE
    = FORD
    = JONES
    = KING
select ename from emp where (deptno, job) in (select deptno, job from emp where ename = 'SMITH')
    = SMITH
select ename from emp where ename not like '%A%' and deptno = 10 order by ename
    = KING
select count(*) from emp where ename not like 'KI!%' escape '!' and ename like 'KI%'
    = 1
select count(*) from emp where null not like 'A%'
    = 0
select ename from emp where comm is null and mgr not in (select empno from emp where deptno = 10) order by ename
    = FORD
    = SMITH
select deptno, job, sum(sal), grouping(job) from emp group by rollup (deptno, job) order by deptno, job
    = 10 | PRESIDENT | 5000 | 0
    = 10 | null | 5000 | 1
    = 20 | ANALYST | 3000 | 0
    = 20 | CLERK | 800 | 0
    = 20 | MANAGER | 2975 | 0
    = 20 | null | 6775 | 1
    = 30 | MANAGER | 2850 | 0
    = 30 | SALESMAN | 1600 | 0
    = 30 | null | 4450 | 1
    = null | null | 16225 | 1
select distinct job from emp order by job
    = ANALYST
    = CLERK
    = MANAGER
    = PRESIDENT
    = SALESMAN
select count(distinct deptno), count(comm), count(*) from emp
    = 3 | 1 | 6
select ename || ' earns ' || sal from emp where empno = 7369
    = SMITH earns 800
select 'x' || rownum, ename from emp where rownum = 1
    = x1 | SMITH
select months_between(date '2024-03-31', date '2024-02-29'), add_months(date '2024-01-31', 1), last_day(date '2024-02-10'), next_day(date '2024-02-10', 'MONDAY') from dual
    = 1 | 2024-02-29 | 2024-02-29 | 2024-02-12
select trunc(to_date('2024-05-17 13:45:10', 'YYYY-MM-DD HH24:MI:SS'), 'MM'), trunc(to_date('2024-05-17 13:45:10', 'YYYY-MM-DD HH24:MI:SS'), 'HH24'), round(to_date('2024-05-17 13:45:10', 'YYYY-MM-DD HH24:MI:SS')) from dual
    = 2024-05-01 | 2024-05-17 13:00:00 | 2024-05-18
select round(2.5), round(-2.5), round(1234.567, -2), trunc(1234.567, 1), mod(10, 3), mod(-10, 3), power(2, 10), sqrt(16), ceil(1.2), floor(-1.2), sign(-4), abs(-3) from dual
    = 3 | -3 | 1200 | 1234.5 | 1 | -1 | 1024 | 4 | 2 | -2 | -1 | 3
select regexp_replace('abc123', '[0-9]+', '#'), regexp_substr('a,b,c', '[^,]+', 1, 2), regexp_instr('hello', 'l+'), regexp_count('aXbXc', 'X') from dual
    = abc# | b | 3 | 2
select ename from emp where regexp_like(ename, '^[AB]') order by 1
    = ALLEN
    = BLAKE
select greatest(1, 5, 3), least('b', 'a'), greatest(1, null), nullif(1, 1), nvl2(null, 'a', 'b') from dual
    = 5 | a | null | null | b
select to_char(date '2024-01-05', 'FMDay, DD Month YYYY'), to_char(date '2024-01-05', 'DY DDD Q WW IW'), to_char(date '2024-01-05', 'DD-MON-RR') from dual
    = Friday, 5 January 2024 | FRI 005 1 01 01 | 05-JAN-24
select to_timestamp('2024-01-05 10:20:30.123456', 'YYYY-MM-DD HH24:MI:SS.FF'), to_timestamp_tz('2024-01-05 10:20:30 +02:00', 'YYYY-MM-DD HH24:MI:SS TZH:TZM') from dual
    = 2024-01-05 10:20:30.123456 | 2024-01-05 10:20:30+02:00
select cast(timestamp '2024-01-05 10:20:30.9' as date), cast('5' as number), cast(5 as varchar2(10)) from dual
    = 2024-01-05 10:20:30 | 5 | 5
select timestamp '2024-01-05 10:20:30' - timestamp '2024-01-04 09:20:30', extract(day from (timestamp '2024-01-05 10:20:30' - timestamp '2024-01-03 09:20:30')) from dual
    = 1 day, 1:00:00 | 2
select date '2024-01-05' + interval '1' day, date '2024-01-31' + 0.5, interval '1 2:3:4' day to second, interval '1-2' year to month from dual
    = 2024-01-06 | 2024-01-31 12:00:00 | 1 day, 2:03:04 | 14 months
select to_number('1,234.5', '9,999.9'), to_char(1234567.891, '9,999,999.99'), to_char(-5, '999'), to_char(255, 'XX'), to_char(1e3) from dual
    = 1234.5 |  1,234,567.89 |   -5 |  FF | 1000
select translate('abc', 'ab', 'x'), initcap('hello world'), ascii('A'), chr(65), rpad('a', 3, 'x') || '|', ltrim('xxa', 'x'), trim('  a '), trim(both 'x' from 'xax') from dual
    = xc | Hello World | 65 | A | axx| | a | a | a
select rawtohex(hextoraw('0aff')), utl_raw.cast_to_varchar2(hextoraw('4142')), length(sys_guid()) from dual
    = 0AFF | AB | 16
select case job when 'CLERK' then 1 when 'ANALYST' then 2 else 0 end c, decode(deptno, 10, 'ten', 20, 'twenty') d from emp order by empno
    = 1 | twenty
    = 0 | null
    = 0 | twenty
    = 0 | null
    = 0 | ten
    = 2 | twenty
select ename from emp where ename like 'S\_%' escape '\' or ename like '%IT%'
    = SMITH
with t as (select deptno, avg(sal) a from emp group by deptno), u as (select * from t where a > 2000) select * from u order by deptno
    = 10 | 5000
    = 20 | 2258.333333333333333333333333333333333333
    = 30 | 2225
with r (n) as (select 1 from dual union all select n + 1 from r where n < 4) select n from r
    = 1
    = 2
    = 3
    = 4
select d.deptno, x.c from dept d cross join lateral (select count(*) c from emp e where e.deptno = d.deptno) x order by 1
    = 10 | 1
    = 20 | 3
    = 30 | 2
    = 40 | 0
merge into emp t using (select 7369 empno, 900 sal from dual union all select 1, 5 from dual) s on (t.empno = s.empno) when matched then update set t.sal = s.sal when not matched then insert (empno, ename, sal) values (s.empno, 'NEW', s.sal)
    # 2
select empno, ename, sal from emp where empno in (1, 7369) order by empno
    = 1 | NEW | 5
    = 7369 | SMITH | 900
update emp e set sal = (select max(sal) from emp x where x.deptno = e.deptno) where e.ename = 'SMITH' returning sal
    # 1
    = 3000
update emp set comm = nvl(comm, 0) + 1 where rownum <= 2
    # 2
delete from emp where rownum = 1
    # 1
delete emp where empno = 1
    # 1
select dbms_lob.getlength(to_clob('abc')), dbms_lob.substr(to_clob('abcdef'), 2, 3) from dual
    = 3 | cd
select lag(ename) over (order by empno) l, lead(ename, 1, 'none') over (order by empno) d, row_number() over (order by sal) rn, ntile(2) over (order by empno) nt from emp
    = null | ALLEN | 4 | 1
    = SMITH | JONES | 1 | 1
    = ALLEN | KING | 2 | 1
    = JONES | FORD | 5 | 2
    = KING | none | 3 | 2
select deptno from emp intersect select deptno from dept order by deptno
    = 10
    = 20
    = 30
select deptno from dept minus select deptno from emp
    = 40
select avg(sal), stddev(sal), median(sal), variance(sal) from emp
    = 3115 | 1213.929569620906796041012635812187031175 | 3000 | 1473625
select 1 a, 2 b from dual union select 3, 4 from dual order by b desc
    = 3 | 4
    = 1 | 2
select nvl(to_char(mgr), 'none') from emp where mgr is null
    = none
select count(*) from emp where hiredate between date '1981-01-01' and date '1981-12-31'
    = 4
select count(*) from emp where hiredate > '01-JAN-81'
    = 4
select count(*) from emp where sal > '2000'
    = 4
select ename from emp where empno = '7839'
    = KING
lock table emp in exclusive mode nowait
    ~
rollback
    ~
select json_object(key 'a' value 1.5, 'd' value date '2024-01-05' returning clob) from dual
    = {"a":1.5,"d":"2024-01-05T00:00:00"}
select x.id, x.tag from json_table('{"id":7,"tags":["a","b"]}', '$' columns (id number path '$.id', nested path '$.tags[*]' columns (tag varchar2(10) path '$'))) x
    = 7 | a
    = 7 | b
select case when '{"a":1}' is json then 1 else 0 end, case when 'x' is not json then 1 end from dual
    = 1 | 1
select * from dual where json_exists('{"a":1}', '$.a')
    = X
-- Aggregates convert text to numbers, as any use of text for a number does.
create table loose_texts (v varchar2(10), w varchar2(10))
    ~
insert into loose_texts select '5', 'a' from dual union all select '7', 'a' from dual union all select '5', 'b' from dual
    # 3
select sum(v), avg(distinct v), count(unique v), approx_count_distinct(w), median(v) from loose_texts
    = 17 | 6 | 2 | 2 | 5
select sum(w) from loose_texts
    ! ORA-01722: invalid number
select w, count(*) from loose_texts
    ! ORA-00937: not a single-group group function
select loose_texts.*, max(v) from loose_texts
    ! ORA-00937: not a single-group group function
select (select count(*) || o.v from dual) c, count(*) over () n from loose_texts o where v = '7'
    = 17 | 1
-- Sequence Pseudocolumns: a row takes one number, however often NEXTVAL and CURRVAL stand in it.
create sequence numbering
    ~
select numbering.nextval, numbering.nextval + 10, numbering.currval from dual
    = 1 | 11 | 1
select numbering.nextval, w, numbering.nextval from loose_texts where v = '5'
    = 2 | a | 2
    = 3 | b | 3
