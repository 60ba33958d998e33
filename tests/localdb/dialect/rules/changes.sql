-- VALUES
insert into t (id, name) values (s.nextval, '')
-> insert into "SCOTT"."T" as "T" ("ID", "NAME") values (nextval('"SCOTT"."S"')::numeric, null)

-- all columns but virtual ones
insert into t values (1, 'a', sysdate, systimestamp, 'doc', hextoraw('0A'))
-> insert into "SCOTT"."T" as "T" ("ID", "NAME", "MADE", "AT", "DOC", "KEY") values (1, 'a', ora.sysdate(), ora.systimestamp(), 'doc', ora.hextoraw('0A'))

-- DEFAULT ON NULL
insert into u (t_id, kind) values (1, null)
-> insert into "SCOTT"."U" as "U" ("T_ID", "KIND") values (1, coalesce(null, 'new'::text))

-- INSERT of a query
insert into u (t_id, kind) select id, name from t
-> insert into "SCOTT"."U" as "U" ("T_ID", "KIND") select c0, coalesce(c1, 'new'::text) from (select "T"."ID" as "ID", "T"."NAME" as "NAME" from "SCOTT"."T" "T") "localdb$given" (c0, c1)

-- RETURNING
insert into t (id) values (1) returning id, name into :a, :b
-> insert into "SCOTT"."T" as "T" ("ID") values (1) returning "T"."ID" as "ID", "T"."NAME" as "NAME"

-- UPDATE
update t x set x.name = 'b', at = sysdate where x.id = 1
-> update "SCOTT"."T" as "X" set "NAME" = 'b', "AT" = ora.sysdate() where ("X"."ID" = 1)

-- several columns of a query
update t set (name, made) = (select kind, sysdate from u where u.t_id = t.id)
-> update "SCOTT"."T" as "T" set ("NAME", "MADE") = (select "U"."KIND" as "KIND", ora.sysdate() as "SYSDATE" from "SCOTT"."U" "U" where ("U"."T_ID" = "T"."ID"))

-- some rows
update t set name = null where rownum <= 2
-> update "SCOTT"."T" as "T" set "NAME" = null where "T".ctid in (select "T".ctid from "SCOTT"."T" as "T" limit 2)

-- text into RAW
update t set key = '0A0B' where id = 1
-> update "SCOTT"."T" as "T" set "KEY" = ora.hextoraw('0A0B') where ("T"."ID" = 1)

-- DELETE without FROM
delete t where name = 'a'
-> delete from "SCOTT"."T" as "T" where ("T"."NAME" = 'a')

-- MERGE
merge into t using (select t_id, kind from u) q on (t.id = q.t_id) when matched then update set name = q.kind where q.kind is not null when not matched then insert (id, name) values (q.t_id, q.kind)
-> merge into "SCOTT"."T" as "T" using (select "U"."T_ID" as "T_ID", "U"."KIND" as "KIND" from "SCOTT"."U" "U") "Q" on (("T"."ID" = "Q"."T_ID")) when matched and (not ("Q"."KIND" is null)) then update set "NAME" = "Q"."KIND" when not matched then insert ("ID", "NAME") values ("Q"."T_ID", "Q"."KIND")

-- a table's lock
lock table t in share row exclusive mode nowait
-> lock table "SCOTT"."T" in share row exclusive mode nowait
