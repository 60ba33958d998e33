-- KEEP, and FETCH FIRST ... PERCENT.
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
