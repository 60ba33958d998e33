-- names are quoted, columns qualified
select id, t.name from t
-> select "T"."ID" as "ID", "T"."NAME" as "NAME" from "SCOTT"."T" "T"

-- an owner, an alias, a star
select a.*, 1 from scott.t a
-> select "A"."ID" as "ID", "A"."NAME" as "NAME", "A"."MADE" as "MADE", "A"."AT" as "AT", "A"."DOC" as "DOC", "A"."KEY" as "KEY", 1. as "1" from "SCOTT"."T" "A"

-- a synonym
select count(*) from x
-> select (count(*))::numeric as "COUNT(*)" from "SCOTT"."T" "X"

-- DUAL alone goes
select 1 from dual
-> select 1. as "1"

-- but not where it is asked for
select dummy from dual
-> select "DUAL"."DUMMY" as "DUMMY" from "SYS"."DUAL" "DUAL"

-- a comma join with a condition
select t.name from t, u where t.id = u.t_id
-> select "T"."NAME" as "NAME" from "SCOTT"."T" "T", "SCOTT"."U" "U" where ("T"."ID" = "U"."T_ID")

-- (+) is a left join
select t.name, u.kind from t, u where u.t_id (+) = t.id and u.kind (+) = 'a' and t.id > 0
-> select "T"."NAME" as "NAME", "U"."KIND" as "KIND" from "SCOTT"."T" "T" left join "SCOTT"."U" "U" on ("U"."T_ID" = "T"."ID") and ("U"."KIND" = 'a') where ("T"."ID" > 0)

-- USING merges the columns
select id, t.name from t join u using (id)
-> select "ID" as "ID", "T"."NAME" as "NAME" from "SCOTT"."T" "T" join "SCOTT"."U" "U" using ("ID")

-- ROWNUM as a limit
select id from t where name = 'a' and rownum <= 5
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where ("T"."NAME" = 'a') limit 5

-- ROWNUM before ORDER BY
select id from t where rownum < 3 order by name
-> select "localdb$rows".c1 as "ID" from (select "T"."ID" as c1, "T"."NAME" as c2 from "SCOTT"."T" "T" limit 2) "localdb$rows" order by "localdb$rows".c2

-- ROWNUM under an aggregate
select count(*) from t where rownum = 1
-> select (count(*))::numeric as "COUNT(*)" from (select  from "SCOTT"."T" "T" limit 1) "localdb$rows"

-- ROWNUM above a sorted query
select * from (select id from t order by name) where rownum <= 10
-> select "localdb$1"."ID" as "ID" from (select "T"."ID" as "ID" from "SCOTT"."T" "T" order by "T"."NAME") "localdb$1" limit 10

-- ROWNUM in the select list
select rownum, id from t
-> select (row_number() over ())::numeric as "ROWNUM", "T"."ID" as "ID" from "SCOTT"."T" "T"

-- rows out of nothing
select level from dual connect by level <= 5
-> select "localdb$level".n::numeric as "LEVEL" from generate_series(1, greatest((floor((5)::numeric))::bigint, 1)) "localdb$level" (n)

-- FETCH FIRST
select id from t order by id desc offset 2 rows fetch next 3 rows only
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" order by "T"."ID" desc offset 2 limit 3

-- the NULLs' place is PostgreSQL's own, unless it is said
select id from t order by name desc nulls last, made
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" order by "T"."NAME" desc nulls last, "T"."MADE"

-- an alias in an expression of ORDER BY
select upper(name) n from t order by n || 'x'
-> select ora.upper("T"."NAME") as "N" from "SCOTT"."T" "T" order by ((ora.upper("T"."NAME")) || 'x'::text)

-- MINUS
select id from t minus select t_id from u order by 1
-> (select "T"."ID" as "ID" from "SCOTT"."T" "T") except (select "U"."T_ID" as "T_ID" from "SCOTT"."U" "U") order by 1

-- WITH that refers to itself
with r (n) as (select 1 from dual union all select n + 1 from r where n < 3) select n from r
-> with recursive "R" ("N") as ((select 1. as "1") union all (select ("R"."N" + 1.) as "N+1" from "R" where ("R"."N" < 3))) select "R"."N" as "N" from "R"

-- a lock that skips
select id from t where id = 1 for update of name skip locked
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where ("T"."ID" = 1) for update of "T" skip locked

-- a lock on one of two
select t.id from t join u on u.t_id = t.id for update of t.id nowait
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" join "SCOTT"."U" "U" on ("U"."T_ID" = "T"."ID") for update of "T" nowait

-- a correlated subquery
select id from t where exists (select null from u where t_id = t.id)
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where exists (select null::text as "NULL" from "SCOTT"."U" "U" where ("U"."T_ID" = "T"."ID"))

-- GROUP BY with HAVING
select name, max(made) from t group by name having count(*) > 1
-> select "T"."NAME" as "NAME", max("T"."MADE") as "MAX(MADE)" from "SCOTT"."T" "T" group by "T"."NAME" having ((count(*))::numeric > 1)

-- an analytic function
select sum(id) over (partition by name order by made rows between 1 preceding and current row) from t
-> select sum("T"."ID") over (partition by "T"."NAME" order by "T"."MADE" rows between (1)::bigint preceding and current row) as "SUM(ID)OVER(PARTITIONBYNAMEORDERBYMADEROWSBETWEEN1PRECEDINGANDC" from "SCOTT"."T" "T"

-- LISTAGG
select listagg(name, ',') within group (order by id) from t
-> select ora.listagg_checked(string_agg("T"."NAME"::text, coalesce(',', '') order by "T"."ID")) as "LISTAGG(NAME,',')WITHINGROUP(ORDERBYID)" from "SCOTT"."T" "T"

-- KEEP
select max(id) keep (dense_rank last order by made) from t
-> select (array_agg("T"."ID" order by "T"."MADE" desc nulls first, "T"."ID" desc nulls last))[1] as "MAX(ID)KEEP(DENSE_RANKLASTORDERBYMADE)" from "SCOTT"."T" "T"

-- a sequence
select s.nextval, s.currval from dual
-> select nextval('"SCOTT"."S"')::numeric as "NEXTVAL", currval('"SCOTT"."S"')::numeric as "CURRVAL"
