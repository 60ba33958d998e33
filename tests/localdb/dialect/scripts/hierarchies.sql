-- Hierarchical queries. Expected after the SQL Language Reference: a child follows its parent, siblings
-- keep their order, WHERE without a join is looked at behind CONNECT BY.
create table staff (id number primary key, name varchar2(20), boss number, pay number, unit number)
    ~
create table units (id number, title varchar2(20))
    ~
insert into staff select 1, 'King', null, 5000, 10 from dual union all select 2, 'Blake', 1, 2850, 30 from dual union all select 3, 'Clark', 1, 2450, 10 from dual union all select 4, 'Allen', 2, 1600, 30 from dual union all select 5, 'Ward', 2, 1250, 30 from dual union all select 6, 'Miller', 3, 1300, 10 from dual
    # 6
insert into units select 10, 'Head' from dual union all select 30, 'Sales' from dual
    # 2
commit
    ~
select level, lpad(' ', level) || name, sys_connect_by_path(name, '/') p, connect_by_root name r, connect_by_isleaf l, prior name b from staff start with boss is null connect by prior id = boss order siblings by name desc
    = 1 |  King | /King | King | 0 | null
    = 2 |   Clark | /King/Clark | King | 0 | King
    = 3 |    Miller | /King/Clark/Miller | King | 1 | Clark
    = 2 |   Blake | /King/Blake | King | 0 | King
    = 3 |    Ward | /King/Blake/Ward | King | 1 | Blake
    = 3 |    Allen | /King/Blake/Allen | King | 1 | Blake
select name, level from staff where pay < 2500 start with id = 1 connect by boss = prior id
    = Allen | 3
    = Ward | 3
    = Clark | 2
    = Miller | 3
-- Upwards.
select name from staff start with name = 'Ward' connect by id = prior boss
    = Ward
    = Blake
    = King
-- Without START WITH each row is a root.
select connect_by_root name, count(*) - 1 from staff connect by prior id = boss group by connect_by_root name order by 2 desc, 1
    = King | 5
    = Blake | 2
    = Clark | 1
    = Allen | 0
    = Miller | 0
    = Ward | 0
select count(*), max(level) from staff start with boss is null connect by prior id = boss and level <= 2
    = 3 | 2
select s.name, u.title from staff s, units u where s.unit = u.id and u.title = 'Head' start with s.boss is null connect by prior s.id = s.boss order by s.id
    = King | Head
    = Clark | Head
    = Miller | Head
select s.name, u.title from staff s join units u on u.id = s.unit start with s.boss is null connect by prior s.id = s.boss and u.title = prior u.title
    = King | Head
    = Clark | Head
    = Miller | Head
select rownum, name from staff start with boss is null connect by prior id = boss order siblings by pay
    = 1 | King
    = 2 | Clark
    = 3 | Miller
    = 4 | Blake
    = 5 | Ward
    = 6 | Allen
select name from staff where rownum <= 3 start with boss is null connect by prior id = boss order siblings by name
    = King
    = Blake
    = Allen
select * from (select name, level depth from staff start with boss is null connect by prior id = boss) where depth = 3 order by name
    = Allen | 3
    = Miller | 3
    = Ward | 3
select u.title, (select listagg(name, '>') within group (order by level) from staff start with boss is null and unit = u.id connect by prior id = boss and unit = u.id) p from units u order by u.id
    = Head | King>Clark>Miller
    = Sales | null
-- Several rows for each step.
select regexp_substr('a,b,c', '[^,]+', 1, level) from dual connect by regexp_substr('a,b,c', '[^,]+', 1, level) is not null
    = a
    = b
    = c
select u.id, level from units u connect by prior u.id = u.id and level <= 2 and prior sys_guid() is not null order by u.id, level
    = 10 | 1
    = 10 | 2
    = 30 | 1
    = 30 | 2
-- Loops.
update staff set boss = 5 where id = 1
    # 1
select name from staff start with id = 1 connect by prior id = boss
    ! ORA-01436: CONNECT BY loop in user data
select name, connect_by_iscycle from staff start with id = 1 connect by nocycle prior id = boss order by id
    = King | 0
    = Blake | 0
    = Clark | 0
    = Allen | 0
    = Ward | 1
    = Miller | 0
select connect_by_iscycle from staff start with id = 1 connect by prior id = boss
    ! ORA-30930: NOCYCLE keyword is required with CONNECT_BY_ISCYCLE pseudocolumn
select prior name from staff
    ! ORA-01788: CONNECT BY clause required in this query block
select connect_by_isleaf from staff
    ! ORA-01788: CONNECT BY clause required in this query block
select sys_connect_by_path(name, '/') from staff
    ! ORA-30002: SYS_CONNECT_BY_PATH function is not allowed here
