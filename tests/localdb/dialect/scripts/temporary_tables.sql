-- Global temporary tables.
create global temporary table gt (a number primary key, b varchar2(3), c number default 7 not null, constraint gt_uk unique (b, c), constraint gt_ck check (c > 0)) on commit delete rows
    ~
insert into gt (a, b) values (1, 'x')
    # 1
insert into gt (a, b) values (2, 'toolong')
    ! ORA-12899: value too large for column "SCOTT"."GT"."B" (actual: 7, maximum: 3)
insert into gt (a, b, c) values (2, 'y', null)
    ! ORA-01400: cannot insert NULL into ("SCOTT"."GT"."C")
insert into gt (a, b, c) values (2, 'y', -1)
    ! ORA-02290: check constraint (SCOTT.GT_CK) violated
insert into gt (a, b) values (2, 'x')
    ! ORA-00001: unique constraint (SCOTT.GT_UK) violated
update gt set b = 'q' where a = 1
    # 1
select * from gt for update
    = 1 | q | 7
commit
    ~
select count(*) from gt
    = 0
-- DELETE ROWS is the default.
create global temporary table gd (a number)
    ~
create global temporary table gp (a number, b date default sysdate) on commit preserve rows
    ~
create index gp_i on gp (a)
    ~
create unique index gp_u on gp (a, b)
    ~
insert into gp (a, b) values (2, null)
    # 1
insert into gp (a, b) values (2, null)
    ! ORA-00001: unique constraint (SCOTT.GP_U) violated
commit
    ~
select a from gp
    = 2
select table_name, temporary, duration from user_tables where table_name in ('GD', 'GP', 'GT') order by 1
    = GD | Y | SYS$TRANSACTION
    = GP | Y | SYS$SESSION
    = GT | Y | SYS$TRANSACTION
select column_name from user_ind_columns where index_name = 'GP_U' order by column_position
    = A
    = B
truncate table gp
    ~
select count(*) from gp
    = 0
merge into gp using dual on (1 = 0) when not matched then insert (a) values (4)
    # 1
create global temporary table child (a number references gt (a))
    ! ORA-14455: attempt to create referential integrity constraint on temporary table
alter table gp add x number
    ! ORA-03001: unimplemented feature: ALTER TABLE of a temporary table
drop table gp
    ~
select count(*) from gp
    ! ORA-00942: table or view does not exist
