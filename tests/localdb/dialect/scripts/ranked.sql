-- KEEP, and FETCH FIRST ... PERCENT; IGNORE NULLS and RANGE over dates.
create table paid (id number, unit number, pay number, hired date)
    ~
insert into paid select 1, 10, 100, date '2001-01-01' from dual union all select 2, 10, 200, date '2001-01-01' from dual union all select 3, 10, 300, date '2003-01-01' from dual union all select 4, 20, 400, date '2004-01-01' from dual union all select 5, 20, null, null from dual
    # 5
select unit, sum(pay) keep (dense_rank first order by hired) s, count(*) keep (dense_rank first order by hired) c, avg(pay) keep (dense_rank first order by hired) a, max(pay) keep (dense_rank first order by hired) m from paid group by unit order by unit
    = 10 | 300 | 2 | 150 | 200
    = 20 | 400 | 1 | 400 | 400
-- NULL comes last, so it is the last; unless it is told otherwise.
select unit, sum(pay) keep (dense_rank last order by hired) s, count(*) keep (dense_rank last order by hired) c, min(pay) keep (dense_rank last order by hired nulls first) m from paid group by unit order by unit
    = 10 | 300 | 1 | 300
    = 20 | null | 1 | 400
select sum(pay) keep (dense_rank first order by unit, hired desc) from paid
    = 300
select id, max(pay) keep (dense_rank first order by hired) over (partition by unit) m from paid order by id
    = 1 | 200
    = 2 | 200
    = 3 | 200
    = 4 | 400
    = 5 | 400
select stddev(pay) keep (dense_rank first order by hired) from paid
    ! ORA-03001: unimplemented feature: STDDEV KEEP
select id from paid order by id fetch first 50 percent rows only
    = 1
    = 2
    = 3
select id from paid order by id fetch first 1 percent rows only
    = 1
select id from paid order by id offset 1 rows fetch next 40 percent rows only
    = 2
    = 3
select unit from paid order by unit fetch first 20 percent rows with ties
    = 10
    = 10
    = 10
select id, ratio_to_report(pay) over (partition by unit) r from paid where unit = 20 order by id
    = 4 | 1
    = 5 | null
select unit, grouping_id(unit, id) g, count(*) c from paid where unit = 20 group by rollup(unit, id) order by 2, 1
    = 20 | 0 | 1
    = 20 | 0 | 1
    = 20 | 1 | 2
    = null | 3 | 2
alter table paid add constraint paid_ck check (pay > 0 and upper('x') = 'X')
    ~
select search_condition from user_constraints where constraint_name = 'PAID_CK'
    = pay > 0 and upper('x') = 'X'
-- Database SQL Language Reference, FIRST_VALUE, LAST_VALUE, LAG, NTH_VALUE: IGNORE NULLS stands in either place.
create table measured (at date, n number)
    ~
insert into measured select date '2024-01-01', null from dual union all select date '2024-01-02', 5 from dual union all select date '2024-01-10', null from dual union all select date '2024-02-01', 7 from dual union all select date '2024-02-05', null from dual
    # 5
select to_char(at, 'MMDD') d, last_value(n ignore nulls) over (order by at) l, first_value(n) ignore nulls over (order by at) f, lag(n ignore nulls) over (order by at) g, lead(n, 1, -1) ignore nulls over (order by at) e from measured order by at
    = 0101 | null | null | null | 5
    = 0102 | 5 | 5 | null | 7
    = 0110 | 5 | 5 | 5 | 7
    = 0201 | 7 | 5 | 5 | -1
    = 0205 | 7 | 5 | 7 | -1
select nth_value(n, 2) ignore nulls over (order by at rows between unbounded preceding and unbounded following) v, lag(n, 2) ignore nulls over (order by at) g, lead(n, 2) ignore nulls over (order by at) e from measured order by at
    = 7 | null | 7
    = 7 | null | null
    = 7 | null | null
    = 7 | null | null
    = 7 | 5 | null
select sum(n) ignore nulls over (order by at) from measured
    ! ORA-03001: unimplemented feature: SUM IGNORE NULLS
-- Analytic Functions, windowing_clause: RANGE over a DATE takes days or an interval.
select count(*) over (order by at range between 8 preceding and current row) c, count(*) over (order by at range between interval '1' month preceding and interval '3' day following) m from measured order by at
    = 1 | 2
    = 2 | 2
    = 2 | 3
    = 1 | 4
    = 2 | 3
