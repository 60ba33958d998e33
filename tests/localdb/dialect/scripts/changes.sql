-- Keys that are NULL in part: only rows all of whose columns are NULL may repeat.
create table keyed (a number, b number, constraint keyed_uk unique (a, b))
    ~
insert into keyed values (1, null)
    # 1
insert into keyed values (1, null)
    ! ORA-00001: unique constraint (SCOTT.KEYED_UK) violated
insert into keyed values (null, null)
    # 1
insert into keyed values (null, null)
    # 1
create unique index keyed_i on keyed (b, a)
    ~
select index_name from user_indexes where table_name = 'KEYED' order by 1
    = KEYED_I
    = KEYED_UK
drop index keyed_i
    ~
alter table keyed drop constraint keyed_uk
    ~
insert into keyed values (1, null)
    # 1
create unique index keyed_i on keyed (a, b)
    ! ORA-01452: cannot CREATE UNIQUE INDEX; duplicate keys found
alter table keyed add constraint keyed_uk unique (a, b)
    ! ORA-02299: cannot validate (SCOTT.KEYED_UK) - duplicate keys found
delete from keyed
    # 4
-- INSERT ALL and FIRST.
create table noted (n number default 3, s number)
    ~
create sequence numbers
    ~
insert all into keyed (a) values (x) into noted (n) values (x) select 5 x from dual
    # 2
insert all into keyed into noted (n, s) values (a, numbers.nextval) into noted (n, s) values (default, numbers.nextval) select 6 a, level b from dual connect by level <= 2
    # 6
select * from noted order by 1, 2
    = 3 | 1
    = 3 | 2
    = 5 | null
    = 6 | 1
    = 6 | 2
insert all when x > 6 then into keyed (a, b) values (x, 9) else into noted (n, s) values (x, 100) select level + 4 x from dual connect by level <= 3
    # 3
insert first when x > 6 then into noted (n, s) values (x, 200) into noted (n, s) values (x, 201) when x > 5 then into noted (n, s) values (x, 202) select level + 4 x from dual connect by level <= 3
    # 3
select n, s from noted where s >= 100 order by s
    = 5 | 100
    = 6 | 100
    = 7 | 200
    = 7 | 201
    = 6 | 202
insert all into noted (n) values (1, 2) select 1 a from dual
    ! ORA-00913: too many values
-- MERGE ... DELETE looks at the row as it is after the update.
merge into noted using (select 5 a, 9 s from dual) g on (noted.n = g.a) when matched then update set s = g.s delete where noted.s = 9 when not matched then insert (n, s) values (g.a, g.s)
    # 2
select count(*) from noted where n = 5
    = 0
-- Views.
create view only_read as select * from keyed with read only
    ~
select read_only from user_views where view_name = 'ONLY_READ'
    = Y
delete from only_read
    ! ORA-42399: cannot perform a DML operation on a read-only view
create or replace view only_read as select * from keyed where a < 5 with check option constraint only_read_ck
    ~
insert into only_read values (7, 1)
    ! ORA-01402: view WITH CHECK OPTION where-clause violation
insert into only_read values (2, 1)
    # 1
create view counted as select a, count(*) c from keyed group by a
    ~
delete from counted
    ! ORA-01732: data manipulation operation not legal on this view
-- Changes through a subquery: SQL Language Reference 19c, UPDATE, DELETE and CREATE VIEW, "Notes on Updatable Views".
create table goods (id number primary key, name varchar2(20), price number)
    ~
insert into goods select level, 'good ' || level, level * 10 from dual connect by level <= 5
    # 5
update (select id, name as label, price + 1 as more from goods where id > 1) x set x.label = x.label || '!' where id < 4 and more > 21
    # 1
select name from goods where name like '%!'
    = good 3!
update (select price from goods where id = 1) set price = price + 1
    # 1
update (select * from goods) v set (v.name, price) = (select 'best', 0 from dual) where v.id = 2
    # 1
select id, name, price from goods where id < 3 order by id
    = 1 | good 1 | 11
    = 2 | best | 0
update (select id, name label from goods) set label = 'z' where name = 'good 1'
    ! ORA-00904: "NAME": invalid identifier
update (select id, price + 1 more from goods) set more = 3
    ! ORA-01733: virtual column not allowed here
update (select distinct price from goods) set price = 3
    ! ORA-01732: data manipulation operation not legal on this view
update (select price from goods where rownum < 2) set price = 3
    ! ORA-01732: data manipulation operation not legal on this view
update (select count(*) c from goods) set c = 3
    ! ORA-01732: data manipulation operation not legal on this view
update (select price from goods union all select price from goods) set price = 3
    ! ORA-01732: data manipulation operation not legal on this view
update (select a.price from goods a join goods b on a.id = b.id) set price = 3
    ! ORA-03001: unimplemented feature: a change through a join
delete from (select * from goods where id > 4) where price < 60
    # 1
delete (select id from (select id, price p from goods where price > 10) where p > 30)
    # 1
select id from goods order by id
    = 1
    = 2
    = 3
delete from (select id from goods) where rownum < 3
    # 2
