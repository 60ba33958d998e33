-- Oracle's dictionary, over localdb's own tables and PostgreSQL's catalogue. Names and types of the
-- columns are those of Oracle's Database Reference. A view that could not be filled truthfully is
-- left out, so that it is an error and not a wrong answer.
--
-- For each family: DBA_ is the definition, ALL_ shows of it what the one who asks may use in some way,
-- USER_ what belongs to him. Who asks is the privilege domain of the statement (session.sql).

create view "SYS"."DUAL" as select 'X'::text as "DUMMY";

create function localdb.is_user_schema(name text) returns boolean
language sql stable
return exists (select from localdb.users as u where u.name = is_user_schema.name);

-- Times of localdb's own, which are instants, as the dates that Oracle shows.
create function localdb.to_date(instant timestamptz) returns ora.date
language sql stable
return date_trunc('second', instant)::timestamp::ora.date;

create function localdb.data_type(type text, scale int) returns text
language sql immutable
return case type
    when 'TIMESTAMP' then format('TIMESTAMP(%s)', coalesce(scale, 6))
    when 'TIMESTAMP WITH TIME ZONE' then format('TIMESTAMP(%s) WITH TIME ZONE', coalesce(scale, 6))
    when 'TIMESTAMP WITH LOCAL TIME ZONE'
        then format('TIMESTAMP(%s) WITH LOCAL TIME ZONE', coalesce(scale, 6))
    when 'INTERVAL DAY TO SECOND' then format('INTERVAL DAY(2) TO SECOND(%s)', coalesce(scale, 6))
    when 'INTERVAL YEAR TO MONTH' then 'INTERVAL YEAR(2) TO MONTH'
    else type
end;

create function localdb.data_length(type text, size int, in_characters boolean) returns int
language sql immutable
return case type
    when 'NUMBER' then 22
    when 'FLOAT' then 22
    when 'DATE' then 7
    when 'TIMESTAMP' then 11
    when 'TIMESTAMP WITH LOCAL TIME ZONE' then 11
    when 'TIMESTAMP WITH TIME ZONE' then 13
    when 'INTERVAL DAY TO SECOND' then 11
    when 'INTERVAL YEAR TO MONTH' then 5
    when 'BINARY_FLOAT' then 4
    when 'BINARY_DOUBLE' then 8
    when 'ROWID' then 10
    when 'LONG' then 0
    when 'NCHAR' then size * 2
    when 'NVARCHAR2' then size * 2
    when 'CLOB' then 4000
    when 'NCLOB' then 4000
    when 'BLOB' then 4000
    else case when in_characters then least(size * 4, 4000) else size end
end;

create view "SYS"."DBA_OBJECTS" as
with all_objects as (
    select o.owner, o.name, o.type, o.status, o.object_id, o.created, o.last_ddl
    from localdb.objects as o
    union all
    select q.owner, q.name, 'QUEUE', 'VALID', 1000000 + q.qid, u.created, u.created
    from localdb.queues as q
    join localdb.users as u on u.name = q.owner
    where not exists (
        select from localdb.objects as o
        where o.owner = q.owner and o.name = q.name and o.type = 'QUEUE'
    )
    union all
    select
        j.owner, j.name, 'JOB', 'VALID',
        2000000000 + abs(pg_catalog.hashtext(j.owner || '.' || j.name)::bigint),
        u.created, u.created
    from localdb.scheduler_jobs as j
    join localdb.users as u on u.name = j.owner
    union all
    select distinct on (g.object_name) 'SYS', g.object_name, 'PACKAGE', 'VALID', 3000000000
        + abs(pg_catalog.hashtext(g.object_name)::bigint), u.created, u.created
    from localdb.grants as g
    join (select min(created) as created from localdb.users) as u on true
    where g.object_owner = 'SYS' and g.privilege = 'EXECUTE'
    union all
    select 'SYS', c.relname::text, 'VIEW', 'VALID', c.oid::bigint, u.created, u.created
    from pg_catalog.pg_class as c
    join (select min(created) as created from localdb.users) as u on true
    where c.relnamespace = '"SYS"'::regnamespace and c.relkind = 'v'
)
select
    o.owner as "OWNER",
    o.name as "OBJECT_NAME",
    null::text as "SUBOBJECT_NAME",
    o.object_id::numeric as "OBJECT_ID",
    case when o.type in ('TABLE', 'INDEX') then o.object_id end::numeric as "DATA_OBJECT_ID",
    o.type as "OBJECT_TYPE",
    localdb.to_date(o.created) as "CREATED",
    localdb.to_date(o.last_ddl) as "LAST_DDL_TIME",
    to_char(o.last_ddl, 'YYYY-MM-DD:HH24:MI:SS') as "TIMESTAMP",
    o.status as "STATUS",
    'N'::text as "TEMPORARY",
    'N'::text as "GENERATED",
    'N'::text as "SECONDARY",
    case o.type when 'INDEX' then 4 when 'PACKAGE BODY' then 2 when 'TRIGGER' then 3
        when 'QUEUE' then 10 else 1 end::numeric as "NAMESPACE",
    case when o.owner in ('SYS', 'SYSTEM') then 'Y' else 'N' end as "ORACLE_MAINTAINED"
from all_objects as o;

create view "SYS"."ALL_OBJECTS" as
select * from "SYS"."DBA_OBJECTS"
where "OWNER" in ((select localdb.current_user_name()), 'PUBLIC')
    or "OBJECT_TYPE" not like '%BODY'
    and (
        ("OWNER", "OBJECT_NAME") in (select v.owner, v.name from localdb.granted as v)
        or "OWNER" <> 'SYS'
        and case
            when "OBJECT_TYPE" in ('TABLE', 'VIEW', 'INDEX') then (select localdb.sees_any_table())
            when "OBJECT_TYPE" in ('PACKAGE', 'PROCEDURE', 'FUNCTION', 'TYPE', 'TRIGGER')
                then (select localdb.sees_any_unit())
            when "OBJECT_TYPE" = 'SEQUENCE' then (select localdb.has_any('SELECT ANY SEQUENCE'))
            when "OBJECT_TYPE" = 'JOB' then (select localdb.has_any('CREATE ANY JOB'))
            when "OBJECT_TYPE" = 'QUEUE' then (select localdb.has_any('MANAGE ANY QUEUE'))
            else (select localdb.has_any('CREATE ANY SYNONYM'))
        end
    );

create view "SYS"."USER_OBJECTS" as
select
    "OBJECT_NAME", "SUBOBJECT_NAME", "OBJECT_ID", "DATA_OBJECT_ID", "OBJECT_TYPE", "CREATED",
    "LAST_DDL_TIME", "TIMESTAMP", "STATUS", "TEMPORARY", "GENERATED", "SECONDARY", "NAMESPACE",
    "ORACLE_MAINTAINED"
from "SYS"."DBA_OBJECTS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_TABLES" as
select
    o.owner as "OWNER",
    o.name as "TABLE_NAME",
    case when t.name is null then 'USERS' end as "TABLESPACE_NAME",
    null::text as "CLUSTER_NAME",
    null::text as "IOT_NAME",
    'VALID'::text as "STATUS",
    'YES'::text as "LOGGING",
    'N'::text as "BACKED_UP",
    null::numeric as "NUM_ROWS",
    null::numeric as "BLOCKS",
    null::numeric as "AVG_ROW_LEN",
    null::ora.date as "LAST_ANALYZED",
    'NO'::text as "PARTITIONED",
    null::text as "IOT_TYPE",
    case when t.name is null then 'N' else 'Y' end as "TEMPORARY",
    'N'::text as "SECONDARY",
    'NO'::text as "NESTED",
    case when t.preserves then 'SYS$SESSION' when t.name is not null then 'SYS$TRANSACTION' end
        as "DURATION",
    'DISABLED'::text as "COMPRESSION",
    'NO'::text as "DROPPED",
    'NO'::text as "READ_ONLY"
from localdb.objects as o
left join localdb.temporary_tables as t on t.owner = o.owner and t.name = o.name
where o.type = 'TABLE';

create view "SYS"."ALL_TABLES" as
select * from "SYS"."DBA_TABLES"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_TABLES" as
select
    "TABLE_NAME", "TABLESPACE_NAME", "CLUSTER_NAME", "IOT_NAME", "STATUS", "LOGGING",
    "BACKED_UP", "NUM_ROWS", "BLOCKS", "AVG_ROW_LEN", "LAST_ANALYZED", "PARTITIONED",
    "IOT_TYPE", "TEMPORARY", "SECONDARY", "NESTED", "DURATION", "COMPRESSION", "DROPPED",
    "READ_ONLY"
from "SYS"."DBA_TABLES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_TAB_COLUMNS" as
select
    c.owner as "OWNER",
    c.table_name as "TABLE_NAME",
    c.column_name as "COLUMN_NAME",
    localdb.data_type(c.type, c.scale) as "DATA_TYPE",
    null::text as "DATA_TYPE_MOD",
    null::text as "DATA_TYPE_OWNER",
    localdb.data_length(c.type, c.size, c.in_characters)::numeric as "DATA_LENGTH",
    case c.type when 'FLOAT' then coalesce(c.precision, 126) when 'INTERVAL DAY TO SECOND' then 2
        when 'INTERVAL YEAR TO MONTH' then 2 else c.precision end::numeric as "DATA_PRECISION",
    case
        when c.type like 'TIMESTAMP%' or c.type = 'INTERVAL DAY TO SECOND' then coalesce(c.scale, 6)
        when c.type = 'INTERVAL YEAR TO MONTH' then 0
        else c.scale
    end::numeric as "DATA_SCALE",
    case when c.nullable then 'Y' else 'N' end as "NULLABLE",
    c.position::numeric as "COLUMN_ID",
    length(c.default_text)::numeric as "DEFAULT_LENGTH",
    c.default_text as "DATA_DEFAULT",
    case when c.type like '%CHAR%' or c.type like '%CLOB' or c.type = 'LONG' then 'CHAR_CS' end
        as "CHARACTER_SET_NAME",
    case when c.type like '%CHAR%' then c.size else 0 end::numeric as "CHAR_LENGTH",
    case
        when c.type like 'N%CHAR%' or c.in_characters and c.type like '%CHAR%' then 'C'
        when c.type like '%CHAR%' then 'B'
    end as "CHAR_USED",
    case when c.on_null then 'YES' else 'NO' end as "DEFAULT_ON_NULL",
    case when c.identity is not null then 'YES' else 'NO' end as "IDENTITY_COLUMN"
from localdb.columns as c
join pg_catalog.pg_namespace as n on n.nspname = c.owner
join pg_catalog.pg_class as r on r.relnamespace = n.oid and r.relname = c.table_name
join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attname = c.column_name;

create view "SYS"."ALL_TAB_COLUMNS" as
select * from "SYS"."DBA_TAB_COLUMNS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_TAB_COLUMNS" as
select
    "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "DATA_TYPE_MOD", "DATA_TYPE_OWNER", "DATA_LENGTH",
    "DATA_PRECISION", "DATA_SCALE", "NULLABLE", "COLUMN_ID", "DEFAULT_LENGTH", "DATA_DEFAULT",
    "CHARACTER_SET_NAME", "CHAR_LENGTH", "CHAR_USED", "DEFAULT_ON_NULL", "IDENTITY_COLUMN"
from "SYS"."DBA_TAB_COLUMNS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_TAB_COLS" as
select
    c.owner as "OWNER",
    c.table_name as "TABLE_NAME",
    c.column_name as "COLUMN_NAME",
    localdb.data_type(c.type, c.scale) as "DATA_TYPE",
    null::text as "DATA_TYPE_MOD",
    null::text as "DATA_TYPE_OWNER",
    localdb.data_length(c.type, c.size, c.in_characters)::numeric as "DATA_LENGTH",
    case c.type when 'FLOAT' then coalesce(c.precision, 126) when 'INTERVAL DAY TO SECOND' then 2
        when 'INTERVAL YEAR TO MONTH' then 2 else c.precision end::numeric as "DATA_PRECISION",
    case
        when c.type like 'TIMESTAMP%' or c.type = 'INTERVAL DAY TO SECOND' then coalesce(c.scale, 6)
        when c.type = 'INTERVAL YEAR TO MONTH' then 0
        else c.scale
    end::numeric as "DATA_SCALE",
    case when c.nullable then 'Y' else 'N' end as "NULLABLE",
    c.position::numeric as "COLUMN_ID",
    length(c.default_text)::numeric as "DEFAULT_LENGTH",
    c.default_text as "DATA_DEFAULT",
    case when c.type like '%CHAR%' or c.type like '%CLOB' or c.type = 'LONG' then 'CHAR_CS' end
        as "CHARACTER_SET_NAME",
    case when c.type like '%CHAR%' then c.size else 0 end::numeric as "CHAR_LENGTH",
    case
        when c.type like 'N%CHAR%' or c.in_characters and c.type like '%CHAR%' then 'C'
        when c.type like '%CHAR%' then 'B'
    end as "CHAR_USED",
    case when c.on_null then 'YES' else 'NO' end as "DEFAULT_ON_NULL",
    case when c.identity is not null then 'YES' else 'NO' end as "IDENTITY_COLUMN",
    'NO'::text as "HIDDEN_COLUMN",
    case when c.virtual then 'YES' else 'NO' end as "VIRTUAL_COLUMN",
    c.position::numeric as "SEGMENT_COLUMN_ID",
    c.position::numeric as "INTERNAL_COLUMN_ID",
    c.column_name as "QUALIFIED_COL_NAME",
    'YES'::text as "USER_GENERATED"
from localdb.columns as c
join pg_catalog.pg_namespace as n on n.nspname = c.owner
join pg_catalog.pg_class as r on r.relnamespace = n.oid and r.relname = c.table_name
join pg_catalog.pg_attribute as a on a.attrelid = r.oid and a.attname = c.column_name;

create view "SYS"."ALL_TAB_COLS" as
select * from "SYS"."DBA_TAB_COLS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_TAB_COLS" as
select
    "TABLE_NAME", "COLUMN_NAME", "DATA_TYPE", "DATA_TYPE_MOD", "DATA_TYPE_OWNER", "DATA_LENGTH",
    "DATA_PRECISION", "DATA_SCALE", "NULLABLE", "COLUMN_ID", "DEFAULT_LENGTH", "DATA_DEFAULT",
    "CHARACTER_SET_NAME", "CHAR_LENGTH", "CHAR_USED", "DEFAULT_ON_NULL", "IDENTITY_COLUMN", "HIDDEN_COLUMN",
    "VIRTUAL_COLUMN", "SEGMENT_COLUMN_ID", "INTERNAL_COLUMN_ID", "QUALIFIED_COL_NAME",
    "USER_GENERATED"
from "SYS"."DBA_TAB_COLS"
where "OWNER" = localdb.current_user_name();

-- PostgreSQL's indexes and constraints of users' tables, with Oracle's names.
create view localdb.user_indexes as
select
    n.nspname::text as owner,
    i.relname::text as name,
    replace(t.relname, 'localdb$', '') as table_name,
    x.indexrelid,
    x.indrelid,
    x.indkey,
    x.indoption,
    x.indnkeyatts,
    x.indisunique,
    x.indexprs is not null as has_expressions
from pg_catalog.pg_index as x
join pg_catalog.pg_class as i on i.oid = x.indexrelid
join pg_catalog.pg_class as t on t.oid = x.indrelid
join pg_catalog.pg_namespace as n on n.oid = i.relnamespace
where t.relkind in ('r', 'p') and localdb.is_user_schema(n.nspname::text)
    and i.relname not like 'localdb$%';

-- PostgreSQL makes a constraint of the NOT NULL of a primary key's column, and names each NOT NULL. A
-- CHECK that only holds up the length of a VARCHAR2 is no constraint of Oracle's.
create view localdb.user_constraints as
select
    n.nspname::text as owner,
    case
        when c.contype = 'n' and c.conname like '%\_not\_null'
            then format('SYS_C%s', lpad(c.oid::text, 6, '0'))
        else c.conname::text
    end as name,
    replace(t.relname, 'localdb$', '') as table_name,
    case c.contype when 'p' then 'P' when 'u' then 'U' when 'f' then 'R' else 'C' end as type,
    c.oid,
    c.contype,
    c.conrelid,
    c.conkey,
    c.confrelid,
    c.confdeltype,
    c.condeferrable,
    c.condeferred,
    c.convalidated,
    c.conindid
from pg_catalog.pg_constraint as c
join pg_catalog.pg_class as t on t.oid = c.conrelid
join pg_catalog.pg_namespace as n on n.oid = c.connamespace
where c.contype in ('p', 'u', 'f', 'c', 'n')
    and localdb.is_user_schema(n.nspname::text)
    and not localdb.is_length_check(c.conname::text)
    and not (
        c.contype = 'n'
        and exists (
            select from pg_catalog.pg_constraint as k
            where k.conrelid = c.conrelid and k.contype = 'p' and c.conkey[1] = any (k.conkey)
        )
    );

create view "SYS"."DBA_INDEXES" as
select
    x.owner as "OWNER",
    x.name as "INDEX_NAME",
    case when x.has_expressions then 'FUNCTION-BASED NORMAL' else 'NORMAL' end as "INDEX_TYPE",
    x.owner as "TABLE_OWNER",
    x.table_name as "TABLE_NAME",
    'TABLE'::text as "TABLE_TYPE",
    case when x.indisunique then 'UNIQUE' else 'NONUNIQUE' end as "UNIQUENESS",
    'DISABLED'::text as "COMPRESSION",
    'USERS'::text as "TABLESPACE_NAME",
    'YES'::text as "LOGGING",
    'VALID'::text as "STATUS",
    null::numeric as "NUM_ROWS",
    null::ora.date as "LAST_ANALYZED",
    '1'::text as "DEGREE",
    '1'::text as "INSTANCES",
    'NO'::text as "PARTITIONED",
    'N'::text as "TEMPORARY",
    case when x.name like 'SYS\_C%' then 'Y' else 'N' end as "GENERATED",
    'N'::text as "SECONDARY",
    case when x.has_expressions then 'ENABLED' end as "FUNCIDX_STATUS",
    'NO'::text as "JOIN_INDEX",
    'NO'::text as "DROPPED",
    'VISIBLE'::text as "VISIBILITY"
from localdb.user_indexes as x;

create view "SYS"."ALL_INDEXES" as
select * from "SYS"."DBA_INDEXES"
where "TABLE_OWNER" = (select localdb.current_user_name())
    or ("TABLE_OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "TABLE_OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_INDEXES" as
select
    "INDEX_NAME", "INDEX_TYPE", "TABLE_OWNER", "TABLE_NAME", "TABLE_TYPE", "UNIQUENESS",
    "COMPRESSION", "TABLESPACE_NAME", "LOGGING", "STATUS", "NUM_ROWS", "LAST_ANALYZED",
    "DEGREE", "INSTANCES", "PARTITIONED", "TEMPORARY", "GENERATED", "SECONDARY",
    "FUNCIDX_STATUS", "JOIN_INDEX", "DROPPED", "VISIBILITY"
from "SYS"."DBA_INDEXES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_IND_COLUMNS" as
select
    x.owner as "INDEX_OWNER",
    x.name as "INDEX_NAME",
    x.owner as "TABLE_OWNER",
    x.table_name as "TABLE_NAME",
    coalesce(a.attname::text, format('SYS_NC%s$', lpad(k.number::text, 5, '0'))) as "COLUMN_NAME",
    k.number::numeric as "COLUMN_POSITION",
    localdb.data_length(c.type, c.size, c.in_characters)::numeric as "COLUMN_LENGTH",
    case when c.type like '%CHAR%' then c.size else 0 end::numeric as "CHAR_LENGTH",
    case when x.indoption[k.number - 1] & 1 = 1 then 'DESC' else 'ASC' end as "DESCEND"
from localdb.user_indexes as x
cross join lateral unnest(x.indkey::int2[]) with ordinality as k (attribute, number)
left join pg_catalog.pg_attribute as a on a.attrelid = x.indrelid and a.attnum = k.attribute and k.attribute > 0
left join localdb.columns as c
    on c.owner = x.owner and c.table_name = x.table_name and c.column_name = a.attname
where k.number <= x.indnkeyatts and a.attname is distinct from 'localdb$session';

create view "SYS"."ALL_IND_COLUMNS" as
select * from "SYS"."DBA_IND_COLUMNS"
where "TABLE_OWNER" = (select localdb.current_user_name())
    or ("TABLE_OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "TABLE_OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_IND_COLUMNS" as
select
    "INDEX_NAME", "TABLE_NAME", "COLUMN_NAME", "COLUMN_POSITION",
    "COLUMN_LENGTH", "CHAR_LENGTH", "DESCEND"
from "SYS"."DBA_IND_COLUMNS"
where "INDEX_OWNER" = localdb.current_user_name();

create view "SYS"."DBA_CONSTRAINTS" as
select
    c.owner as "OWNER",
    c.name as "CONSTRAINT_NAME",
    c.type as "CONSTRAINT_TYPE",
    c.table_name as "TABLE_NAME",
    case c.contype
        when 'n' then (
            select format('"%s" IS NOT NULL', a.attname)
            from pg_catalog.pg_attribute as a
            where a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        )
        when 'c' then coalesce(
            (select k.text from localdb.check_texts as k where k.owner = c.owner and k.name = c.name),
            pg_catalog.pg_get_expr(
                (select k.conbin from pg_catalog.pg_constraint as k where k.oid = c.oid), c.conrelid
            )
        )
    end as "SEARCH_CONDITION",
    r.owner as "R_OWNER",
    r.name as "R_CONSTRAINT_NAME",
    case when c.contype = 'f' then
        case c.confdeltype when 'c' then 'CASCADE' when 'n' then 'SET NULL' else 'NO ACTION' end
    end as "DELETE_RULE",
    'ENABLED'::text as "STATUS",
    case when c.condeferrable then 'DEFERRABLE' else 'NOT DEFERRABLE' end as "DEFERRABLE",
    case when c.condeferred then 'DEFERRED' else 'IMMEDIATE' end as "DEFERRED",
    case when c.convalidated then 'VALIDATED' else 'NOT VALIDATED' end as "VALIDATED",
    case when c.name like 'SYS\_C%' or c.contype = 'n' then 'GENERATED NAME' else 'USER NAME' end
        as "GENERATED",
    case when c.type in ('P', 'U') then c.owner end as "INDEX_OWNER",
    case when c.type in ('P', 'U') then c.name end as "INDEX_NAME"
from localdb.user_constraints as c
left join localdb.user_constraints as r
    on c.contype = 'f' and r.conrelid = c.confrelid and r.type in ('P', 'U') and r.conindid = c.conindid;

create view "SYS"."ALL_CONSTRAINTS" as
select * from "SYS"."DBA_CONSTRAINTS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_CONSTRAINTS" as
select
    "CONSTRAINT_NAME", "CONSTRAINT_TYPE", "TABLE_NAME", "SEARCH_CONDITION", "R_OWNER",
    "R_CONSTRAINT_NAME", "DELETE_RULE", "STATUS", "DEFERRABLE", "DEFERRED", "VALIDATED",
    "GENERATED", "INDEX_OWNER", "INDEX_NAME"
from "SYS"."DBA_CONSTRAINTS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_CONS_COLUMNS" as
select
    c.owner as "OWNER",
    c.name as "CONSTRAINT_NAME",
    c.table_name as "TABLE_NAME",
    a.attname::text as "COLUMN_NAME",
    case when c.type <> 'C' then k.number end::numeric as "POSITION"
from localdb.user_constraints as c
cross join lateral unnest(c.conkey) with ordinality as k (attribute, number)
join pg_catalog.pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.attribute;

create view "SYS"."ALL_CONS_COLUMNS" as
select * from "SYS"."DBA_CONS_COLUMNS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_CONS_COLUMNS" as
select
    "OWNER", "CONSTRAINT_NAME", "TABLE_NAME", "COLUMN_NAME", "POSITION"
from "SYS"."DBA_CONS_COLUMNS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_VIEWS" as
select
    v.owner as "OWNER",
    v.name as "VIEW_NAME",
    length(v.text)::numeric as "TEXT_LENGTH",
    v.text as "TEXT",
    left(v.text, 4000) as "TEXT_VC",
    case when v.read_only then 'Y' else 'N' end as "READ_ONLY"
from localdb.view_texts as v;

create view "SYS"."ALL_VIEWS" as
select * from "SYS"."DBA_VIEWS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "VIEW_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_VIEWS" as
select
    "VIEW_NAME", "TEXT_LENGTH", "TEXT", "TEXT_VC", "READ_ONLY"
from "SYS"."DBA_VIEWS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SEQUENCES" as
select
    n.nspname::text as "SEQUENCE_OWNER",
    c.relname::text as "SEQUENCE_NAME",
    s.seqmin::numeric as "MIN_VALUE",
    s.seqmax::numeric as "MAX_VALUE",
    s.seqincrement::numeric as "INCREMENT_BY",
    case when s.seqcycle then 'Y' else 'N' end as "CYCLE_FLAG",
    'N'::text as "ORDER_FLAG",
    (case when s.seqcache = 1 then 0 else s.seqcache end)::numeric as "CACHE_SIZE",
    coalesce(pg_catalog.pg_sequence_last_value(s.seqrelid) + s.seqincrement, s.seqstart)::numeric as "LAST_NUMBER",
    'N'::text as "SCALE_FLAG",
    'N'::text as "EXTEND_FLAG",
    'N'::text as "SHARDED_FLAG",
    'N'::text as "SESSION_FLAG",
    'N'::text as "KEEP_VALUE"
from pg_catalog.pg_sequence as s
join pg_catalog.pg_class as c on c.oid = s.seqrelid
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where localdb.is_user_schema(n.nspname::text)
    and not exists (
        select from pg_catalog.pg_depend as d
        where d.objid = s.seqrelid and d.deptype = 'i'
            and d.classid = 'pg_catalog.pg_class'::regclass
    );

create view "SYS"."ALL_SEQUENCES" as
select * from "SYS"."DBA_SEQUENCES"
where "SEQUENCE_OWNER" = (select localdb.current_user_name())
    or ("SEQUENCE_OWNER", "SEQUENCE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "SEQUENCE_OWNER" <> 'SYS' and (select localdb.has_any('SELECT ANY SEQUENCE'));

create view "SYS"."USER_SEQUENCES" as
select
    "SEQUENCE_NAME", "MIN_VALUE", "MAX_VALUE", "INCREMENT_BY", "CYCLE_FLAG", "ORDER_FLAG",
    "CACHE_SIZE", "LAST_NUMBER", "SCALE_FLAG", "EXTEND_FLAG", "SHARDED_FLAG", "SESSION_FLAG",
    "KEEP_VALUE"
from "SYS"."DBA_SEQUENCES"
where "SEQUENCE_OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SOURCE" as
select
    u.owner as "OWNER",
    u.name as "NAME",
    u.type as "TYPE",
    l.line::numeric as "LINE",
    l.text || case when l.line < count(*) over (partition by u.owner, u.name, u.type) then e'\n' else '' end
        as "TEXT"
from localdb.units as u
cross join lateral regexp_split_to_table(
    regexp_replace(
        u.source,
        '^\s*create\s+(or\s+replace\s+)?((non)?editionable\s+)?', '', 'i'
    ),
    e'\n'
) with ordinality as l (text, line);

create view "SYS"."ALL_SOURCE" as
select * from "SYS"."DBA_SOURCE"
where "OWNER" = (select localdb.current_user_name())
    or "TYPE" not like '%BODY'
    and ("OWNER", "NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.has_any('CREATE ANY PROCEDURE', 'DEBUG ANY PROCEDURE'));

create view "SYS"."USER_SOURCE" as
select
    "NAME", "TYPE", "LINE", "TEXT"
from "SYS"."DBA_SOURCE"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_ERRORS" as
select
    e.owner as "OWNER",
    e.name as "NAME",
    e.type as "TYPE",
    e.sequence::numeric as "SEQUENCE",
    e.line::numeric as "LINE",
    e.position::numeric as "POSITION",
    e.text as "TEXT",
    e.attribute as "ATTRIBUTE",
    coalesce(substring(e.text from '^[A-Z]+-(\d+)')::numeric, 0) as "MESSAGE_NUMBER"
from localdb.unit_errors as e;

create view "SYS"."ALL_ERRORS" as
select * from "SYS"."DBA_ERRORS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_unit());

create view "SYS"."USER_ERRORS" as
select
    "NAME", "TYPE", "SEQUENCE", "LINE", "POSITION", "TEXT", "ATTRIBUTE", "MESSAGE_NUMBER"
from "SYS"."DBA_ERRORS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_PROCEDURES" as
select
    p.owner as "OWNER",
    p.object_name as "OBJECT_NAME",
    p.procedure_name as "PROCEDURE_NAME",
    o.object_id::numeric as "OBJECT_ID",
    p.subprogram_id::numeric as "SUBPROGRAM_ID",
    p.overload as "OVERLOAD",
    p.object_type as "OBJECT_TYPE",
    'NO'::text as "AGGREGATE",
    'NO'::text as "PIPELINED",
    null::text as "IMPLTYPEOWNER",
    null::text as "IMPLTYPENAME",
    'NO'::text as "PARALLEL",
    'NO'::text as "INTERFACE",
    p.authid as "AUTHID"
from localdb.procedures as p
left join localdb.objects as o
    on o.owner = p.owner and o.name = p.object_name and o.type = p.object_type;

create view "SYS"."ALL_PROCEDURES" as
select * from "SYS"."DBA_PROCEDURES"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "OBJECT_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_unit());

create view "SYS"."USER_PROCEDURES" as
select
    "OBJECT_NAME", "PROCEDURE_NAME", "OBJECT_ID", "SUBPROGRAM_ID", "OVERLOAD", "OBJECT_TYPE",
    "AGGREGATE", "PIPELINED", "IMPLTYPEOWNER", "IMPLTYPENAME", "PARALLEL", "INTERFACE", "AUTHID"
from "SYS"."DBA_PROCEDURES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_ARGUMENTS" as
select
    a.owner as "OWNER",
    a.object_name as "OBJECT_NAME",
    a.package_name as "PACKAGE_NAME",
    o.object_id::numeric as "OBJECT_ID",
    a.overload as "OVERLOAD",
    a.subprogram_id::numeric as "SUBPROGRAM_ID",
    a.argument_name as "ARGUMENT_NAME",
    a.position::numeric as "POSITION",
    a.sequence::numeric as "SEQUENCE",
    0::numeric as "DATA_LEVEL",
    a.data_type as "DATA_TYPE",
    a.defaulted as "DEFAULTED",
    null::text as "DEFAULT_VALUE",
    null::numeric as "DEFAULT_LENGTH",
    a.in_out as "IN_OUT",
    a.data_length::numeric as "DATA_LENGTH",
    a.data_precision::numeric as "DATA_PRECISION",
    a.data_scale::numeric as "DATA_SCALE",
    case when a.data_type in ('NUMBER', 'BINARY_INTEGER', 'FLOAT') then 10 end::numeric as "RADIX",
    case when a.data_type like '%CHAR%' or a.data_type like '%CLOB' then 'CHAR_CS' end
        as "CHARACTER_SET_NAME",
    a.type_owner as "TYPE_OWNER",
    a.type_name as "TYPE_NAME",
    a.type_subname as "TYPE_SUBNAME",
    null::text as "TYPE_LINK",
    case
        when a.type_subname is not null then 'PACKAGE'
        else (
            select v.type
            from localdb.objects as v
            where v.owner = a.type_owner
                and v.name = a.type_name
                and v.type in ('TABLE', 'VIEW', 'TYPE')
        )
    end as "TYPE_OBJECT_TYPE",
    a.pls_type as "PLS_TYPE",
    coalesce(a.char_length, 0)::numeric as "CHAR_LENGTH",
    case when a.data_type like '%CHAR%' then 'B' else '0' end as "CHAR_USED"
from localdb.arguments as a
left join localdb.objects as o
    on o.owner = a.owner
    and o.name = coalesce(a.package_name, a.object_name)
    and o.type in ('PACKAGE', 'PROCEDURE', 'FUNCTION');

create view "SYS"."ALL_ARGUMENTS" as
select * from "SYS"."DBA_ARGUMENTS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", coalesce("PACKAGE_NAME", "OBJECT_NAME")) in (
        select v.owner, v.name from localdb.granted as v
    )
    or "OWNER" <> 'SYS' and (select localdb.sees_any_unit());

create view "SYS"."USER_ARGUMENTS" as
select
    "OBJECT_NAME", "PACKAGE_NAME", "OBJECT_ID", "OVERLOAD", "SUBPROGRAM_ID", "ARGUMENT_NAME",
    "POSITION", "SEQUENCE", "DATA_LEVEL", "DATA_TYPE", "DEFAULTED", "DEFAULT_VALUE",
    "DEFAULT_LENGTH", "IN_OUT", "DATA_LENGTH", "DATA_PRECISION", "DATA_SCALE", "RADIX",
    "CHARACTER_SET_NAME", "TYPE_OWNER", "TYPE_NAME", "TYPE_SUBNAME", "TYPE_LINK",
    "TYPE_OBJECT_TYPE", "PLS_TYPE", "CHAR_LENGTH", "CHAR_USED"
from "SYS"."DBA_ARGUMENTS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_PLSQL_TYPES" as
select
    t.owner as "OWNER",
    t.name as "TYPE_NAME",
    t.package_name as "PACKAGE_NAME",
    case when t.kind = 'PL/SQL RECORD' then t.kind else 'COLLECTION' end as "TYPECODE",
    case when t.kind = 'PL/SQL RECORD' then count(*) else 0 end::numeric as "ATTRIBUTES"
from localdb.types as t
where t.package_name is not null
group by t.owner, t.name, t.package_name, t.kind;

create view "SYS"."ALL_PLSQL_TYPES" as
select * from "SYS"."DBA_PLSQL_TYPES"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "PACKAGE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_unit());

create view "SYS"."USER_PLSQL_TYPES" as
select "TYPE_NAME", "PACKAGE_NAME", "TYPECODE", "ATTRIBUTES"
from "SYS"."DBA_PLSQL_TYPES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_PLSQL_TYPE_ATTRS" as
select
    t.owner as "OWNER",
    t.name as "TYPE_NAME",
    t.package_name as "PACKAGE_NAME",
    t.attribute_name as "ATTR_NAME",
    null::text as "ATTR_TYPE_MOD",
    t.type_owner as "ATTR_TYPE_OWNER",
    t.type_name as "ATTR_TYPE_NAME",
    t.type_package as "ATTR_TYPE_PACKAGE",
    t.length::numeric as "LENGTH",
    t.precision::numeric as "PRECISION",
    t.scale::numeric as "SCALE",
    t.attribute_number::numeric as "ATTR_NO"
from localdb.types as t
where t.package_name is not null and t.kind = 'PL/SQL RECORD';

create view "SYS"."ALL_PLSQL_TYPE_ATTRS" as
select * from "SYS"."DBA_PLSQL_TYPE_ATTRS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "PACKAGE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_unit());

create view "SYS"."USER_PLSQL_TYPE_ATTRS" as
select
    "TYPE_NAME", "PACKAGE_NAME", "ATTR_NAME", "ATTR_TYPE_MOD", "ATTR_TYPE_OWNER", "ATTR_TYPE_NAME",
    "ATTR_TYPE_PACKAGE", "LENGTH", "PRECISION", "SCALE", "ATTR_NO"
from "SYS"."DBA_PLSQL_TYPE_ATTRS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_PLSQL_COLL_TYPES" as
select
    t.owner as "OWNER",
    t.name as "TYPE_NAME",
    t.package_name as "PACKAGE_NAME",
    t.kind as "COLL_TYPE",
    t.upper_bound::numeric as "UPPER_BOUND",
    t.type_owner as "ELEM_TYPE_OWNER",
    t.type_name as "ELEM_TYPE_NAME",
    t.type_package as "ELEM_TYPE_PACKAGE",
    t.length::numeric as "LENGTH",
    t.precision::numeric as "PRECISION",
    t.scale::numeric as "SCALE",
    t.index_by as "INDEX_BY"
from localdb.types as t
where t.package_name is not null and t.kind <> 'PL/SQL RECORD';

create view "SYS"."ALL_PLSQL_COLL_TYPES" as
select * from "SYS"."DBA_PLSQL_COLL_TYPES"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "PACKAGE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_unit());

create view "SYS"."USER_PLSQL_COLL_TYPES" as
select
    "TYPE_NAME", "PACKAGE_NAME", "COLL_TYPE", "UPPER_BOUND", "ELEM_TYPE_OWNER", "ELEM_TYPE_NAME",
    "ELEM_TYPE_PACKAGE", "LENGTH", "PRECISION", "SCALE", "INDEX_BY"
from "SYS"."DBA_PLSQL_COLL_TYPES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_COLL_TYPES" as
select
    t.owner as "OWNER",
    t.name as "TYPE_NAME",
    t.kind as "COLL_TYPE",
    t.upper_bound::numeric as "UPPER_BOUND",
    null::text as "ELEM_TYPE_MOD",
    t.type_owner as "ELEM_TYPE_OWNER",
    t.type_name as "ELEM_TYPE_NAME",
    t.length::numeric as "LENGTH",
    t.precision::numeric as "PRECISION",
    t.scale::numeric as "SCALE"
from localdb.types as t
where t.package_name is null;

create view "SYS"."ALL_COLL_TYPES" as
select * from "SYS"."DBA_COLL_TYPES"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TYPE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_unit());

create view "SYS"."USER_COLL_TYPES" as
select
    "TYPE_NAME", "COLL_TYPE", "UPPER_BOUND", "ELEM_TYPE_MOD", "ELEM_TYPE_OWNER", "ELEM_TYPE_NAME",
    "LENGTH", "PRECISION", "SCALE"
from "SYS"."DBA_COLL_TYPES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_USERS" as
select
    u.name as "USERNAME",
    u.user_id::numeric as "USER_ID",
    case when u.locked then 'LOCKED' else 'OPEN' end as "ACCOUNT_STATUS",
    null::ora.date as "LOCK_DATE",
    null::ora.date as "EXPIRY_DATE",
    'USERS'::text as "DEFAULT_TABLESPACE",
    'TEMP'::text as "TEMPORARY_TABLESPACE",
    localdb.to_date(u.created) as "CREATED",
    'DEFAULT'::text as "PROFILE",
    'N'::text as "EDITIONS_ENABLED",
    '12C'::text as "PASSWORD_VERSIONS",
    'PASSWORD'::text as "AUTHENTICATION_TYPE",
    'NO'::text as "COMMON",
    case when u.name in ('SYS', 'SYSTEM') then 'Y' else 'N' end as "ORACLE_MAINTAINED"
from localdb.users as u;

create view "SYS"."ALL_USERS" as
select "USERNAME", "USER_ID", "CREATED", "COMMON", "ORACLE_MAINTAINED"
from "SYS"."DBA_USERS";

create view "SYS"."USER_USERS" as
select
    "USERNAME", "USER_ID", "ACCOUNT_STATUS", "LOCK_DATE", "EXPIRY_DATE", "DEFAULT_TABLESPACE",
    "TEMPORARY_TABLESPACE", "CREATED", "COMMON", "ORACLE_MAINTAINED"
from "SYS"."DBA_USERS"
where "USERNAME" = localdb.current_user_name();

create view "SYS"."DBA_TAB_COMMENTS" as
select
    o.owner as "OWNER",
    o.name as "TABLE_NAME",
    o.type as "TABLE_TYPE",
    t.comments as "COMMENTS"
from localdb.objects as o
left join localdb.table_comments as t on t.owner = o.owner and t.name = o.name
where o.type in ('TABLE', 'VIEW');

create view "SYS"."ALL_TAB_COMMENTS" as
select * from "SYS"."DBA_TAB_COMMENTS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_TAB_COMMENTS" as
select
    "TABLE_NAME", "TABLE_TYPE", "COMMENTS"
from "SYS"."DBA_TAB_COMMENTS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_COL_COMMENTS" as
select
    c.owner as "OWNER",
    c.table_name as "TABLE_NAME",
    c.column_name as "COLUMN_NAME",
    c.comments as "COMMENTS"
from localdb.columns as c;

create view "SYS"."ALL_COL_COMMENTS" as
select * from "SYS"."DBA_COL_COMMENTS"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" <> 'SYS' and (select localdb.sees_any_table());

create view "SYS"."USER_COL_COMMENTS" as
select
    "TABLE_NAME", "COLUMN_NAME", "COMMENTS"
from "SYS"."DBA_COL_COMMENTS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SYNONYMS" as
select
    s.owner as "OWNER",
    s.name as "SYNONYM_NAME",
    s.table_owner as "TABLE_OWNER",
    s.table_name as "TABLE_NAME",
    null::text as "DB_LINK"
from localdb.synonyms as s;

create view "SYS"."ALL_SYNONYMS" as
select * from "SYS"."DBA_SYNONYMS"
where "TABLE_OWNER" = (select localdb.current_user_name())
    or ("TABLE_OWNER", "TABLE_NAME") in (select v.owner, v.name from localdb.granted as v)
    or "OWNER" in ((select localdb.current_user_name()), 'PUBLIC')
    or (select localdb.has_any('CREATE ANY SYNONYM'));

create view "SYS"."USER_SYNONYMS" as
select
    "SYNONYM_NAME", "TABLE_OWNER", "TABLE_NAME", "DB_LINK"
from "SYS"."DBA_SYNONYMS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_QUEUE_TABLES" as
select
    t.owner as "OWNER",
    t.name as "QUEUE_TABLE",
    case when t.payload_type = 'RAW' then 'RAW' else 'OBJECT' end as "TYPE",
    case when t.payload_type <> 'RAW' then t.payload_type end as "OBJECT_TYPE",
    replace(replace(replace(t.sort_list, ' ', ''), 'ENQ_TIME', 'ENQUEUE_TIME'), ',', ', ')
        as "SORT_ORDER",
    case when t.multiple_consumers then 'MULTIPLE' else 'SINGLE' end as "RECIPIENTS",
    'NONE'::text as "MESSAGE_GROUPING",
    '10.0.0'::text as "COMPATIBLE",
    0::numeric as "PRIMARY_INSTANCE",
    0::numeric as "SECONDARY_INSTANCE",
    1::numeric as "OWNER_INSTANCE",
    t.comments as "USER_COMMENT",
    'NO'::text as "SECURE"
from localdb.queue_tables as t;

create view "SYS"."ALL_QUEUE_TABLES" as
select * from "SYS"."DBA_QUEUE_TABLES"
where "OWNER" = (select localdb.current_user_name())
    or (select localdb.has_any('MANAGE ANY QUEUE'));

create view "SYS"."USER_QUEUE_TABLES" as
select
    "QUEUE_TABLE", "TYPE", "OBJECT_TYPE", "SORT_ORDER", "RECIPIENTS", "MESSAGE_GROUPING",
    "COMPATIBLE", "PRIMARY_INSTANCE", "SECONDARY_INSTANCE", "OWNER_INSTANCE", "USER_COMMENT",
    "SECURE"
from "SYS"."DBA_QUEUE_TABLES"
where "OWNER" = localdb.current_user_name();

-- The blanks around YES and NO are Oracle's.
create view "SYS"."DBA_QUEUES" as
select
    q.owner as "OWNER",
    q.name as "NAME",
    q.queue_table as "QUEUE_TABLE",
    q.qid::numeric as "QID",
    q.queue_type as "QUEUE_TYPE",
    q.max_retries as "MAX_RETRIES",
    q.retry_delay as "RETRY_DELAY",
    case when q.enqueue_enabled then '  YES  ' else '  NO  ' end as "ENQUEUE_ENABLED",
    case when q.dequeue_enabled then '  YES  ' else '  NO  ' end as "DEQUEUE_ENABLED",
    q.retention::text as "RETENTION",
    q.comments as "USER_COMMENT",
    null::text as "NETWORK_NAME",
    'FALSE'::text as "SHARDED"
from localdb.queues as q;

create view "SYS"."ALL_QUEUES" as
select * from "SYS"."DBA_QUEUES"
where "OWNER" = (select localdb.current_user_name())
    or ("OWNER", "NAME") in (
        select p.owner, p.queue
        from localdb.queue_privileges as p
        where p.grantee in (select g.name from localdb.grantees as g)
    )
    or (select localdb.has_any('MANAGE ANY QUEUE', 'ENQUEUE ANY QUEUE', 'DEQUEUE ANY QUEUE'));

create view "SYS"."USER_QUEUES" as
select
    "NAME", "QUEUE_TABLE", "QID", "QUEUE_TYPE", "MAX_RETRIES", "RETRY_DELAY", "ENQUEUE_ENABLED",
    "DEQUEUE_ENABLED", "RETENTION", "USER_COMMENT", "NETWORK_NAME", "SHARDED"
from "SYS"."DBA_QUEUES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SCHEDULER_JOBS" as
select
    j.owner as "OWNER",
    j.name as "JOB_NAME",
    null::text as "JOB_SUBNAME",
    'REGULAR'::text as "JOB_STYLE",
    j.owner as "JOB_CREATOR",
    j.program_owner as "PROGRAM_OWNER",
    j.program_name as "PROGRAM_NAME",
    j.job_type as "JOB_TYPE",
    j.job_action as "JOB_ACTION",
    j.number_of_arguments::numeric as "NUMBER_OF_ARGUMENTS",
    j.schedule_owner as "SCHEDULE_OWNER",
    j.schedule_name as "SCHEDULE_NAME",
    case when j.schedule_name is not null then 'NAMED' when j.repeat_interval is not null then 'CALENDAR' when j.start_date is not null then 'ONCE'
        else 'IMMEDIATE' end as "SCHEDULE_TYPE",
    j.start_date as "START_DATE",
    j.repeat_interval as "REPEAT_INTERVAL",
    j.end_date as "END_DATE",
    'DEFAULT_JOB_CLASS'::text as "JOB_CLASS",
    case when j.enabled then 'TRUE' else 'FALSE' end as "ENABLED",
    case when j.auto_drop then 'TRUE' else 'FALSE' end as "AUTO_DROP",
    case when j.restart_on_failure then 'TRUE' else 'FALSE' end as "RESTARTABLE",
    j.state as "STATE",
    3::numeric as "JOB_PRIORITY",
    j.run_count::numeric as "RUN_COUNT",
    j.max_runs::numeric as "MAX_RUNS",
    j.failure_count::numeric as "FAILURE_COUNT",
    j.max_failures::numeric as "MAX_FAILURES",
    j.retry_count::numeric as "RETRY_COUNT",
    j.last_start as "LAST_START_DATE",
    j.last_duration as "LAST_RUN_DURATION",
    j.next_run as "NEXT_RUN_DATE",
    null::interval as "SCHEDULE_LIMIT",
    null::interval as "MAX_RUN_DURATION",
    j.logging_level as "LOGGING_LEVEL",
    'FALSE'::text as "STOP_ON_WINDOW_CLOSE",
    'TRUE'::text as "INSTANCE_STICKINESS",
    'FALSE'::text as "SYSTEM",
    j.comments as "COMMENTS",
    case when j.restart_on_failure then 'TRUE' else 'FALSE' end as "RESTART_ON_FAILURE"
from localdb.scheduler_jobs as j;

create view "SYS"."ALL_SCHEDULER_JOBS" as
select * from "SYS"."DBA_SCHEDULER_JOBS"
where "OWNER" = (select localdb.current_user_name())
    or (select localdb.has_any('CREATE ANY JOB', 'MANAGE SCHEDULER'));

create view "SYS"."USER_SCHEDULER_JOBS" as
select
    "JOB_NAME", "JOB_SUBNAME", "JOB_STYLE", "JOB_CREATOR", "PROGRAM_OWNER", "PROGRAM_NAME",
    "JOB_TYPE", "JOB_ACTION", "NUMBER_OF_ARGUMENTS", "SCHEDULE_OWNER", "SCHEDULE_NAME",
    "SCHEDULE_TYPE", "START_DATE", "REPEAT_INTERVAL", "END_DATE", "JOB_CLASS", "ENABLED",
    "AUTO_DROP", "RESTARTABLE", "STATE", "JOB_PRIORITY", "RUN_COUNT", "MAX_RUNS",
    "FAILURE_COUNT", "MAX_FAILURES", "RETRY_COUNT", "LAST_START_DATE", "LAST_RUN_DURATION",
    "NEXT_RUN_DATE", "SCHEDULE_LIMIT", "MAX_RUN_DURATION", "LOGGING_LEVEL",
    "STOP_ON_WINDOW_CLOSE", "INSTANCE_STICKINESS", "SYSTEM", "COMMENTS", "RESTART_ON_FAILURE"
from "SYS"."DBA_SCHEDULER_JOBS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SCHEDULER_PROGRAMS" as
select
    p.owner as "OWNER",
    p.name as "PROGRAM_NAME",
    p.program_type as "PROGRAM_TYPE",
    p.program_action as "PROGRAM_ACTION",
    p.number_of_arguments::numeric as "NUMBER_OF_ARGUMENTS",
    case when p.enabled then 'TRUE' else 'FALSE' end as "ENABLED",
    p.comments as "COMMENTS"
from localdb.scheduler_programs as p;

create view "SYS"."ALL_SCHEDULER_PROGRAMS" as
select * from "SYS"."DBA_SCHEDULER_PROGRAMS"
where "OWNER" = (select localdb.current_user_name())
    or (select localdb.has_any('CREATE ANY JOB', 'MANAGE SCHEDULER'));

create view "SYS"."USER_SCHEDULER_PROGRAMS" as
select "PROGRAM_NAME", "PROGRAM_TYPE", "PROGRAM_ACTION", "NUMBER_OF_ARGUMENTS", "ENABLED", "COMMENTS"
from "SYS"."DBA_SCHEDULER_PROGRAMS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SCHEDULER_SCHEDULES" as
select
    s.owner as "OWNER",
    s.name as "SCHEDULE_NAME",
    case when s.repeat_interval is null then 'ONCE' else 'CALENDAR' end as "SCHEDULE_TYPE",
    s.start_date as "START_DATE",
    s.repeat_interval as "REPEAT_INTERVAL",
    s.end_date as "END_DATE",
    s.comments as "COMMENTS"
from localdb.scheduler_schedules as s;

create view "SYS"."ALL_SCHEDULER_SCHEDULES" as
select * from "SYS"."DBA_SCHEDULER_SCHEDULES";

create view "SYS"."USER_SCHEDULER_SCHEDULES" as
select "SCHEDULE_NAME", "SCHEDULE_TYPE", "START_DATE", "REPEAT_INTERVAL", "END_DATE", "COMMENTS"
from "SYS"."DBA_SCHEDULER_SCHEDULES"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SCHEDULER_JOB_ARGS" as
select
    a.owner as "OWNER",
    a.job_name as "JOB_NAME",
    null::text as "ARGUMENT_NAME",
    a.position::numeric as "ARGUMENT_POSITION",
    'VARCHAR2'::text as "ARGUMENT_TYPE",
    a.value as "VALUE",
    'FALSE'::text as "OUT_ARGUMENT"
from localdb.scheduler_arguments as a;

create view "SYS"."ALL_SCHEDULER_JOB_ARGS" as
select * from "SYS"."DBA_SCHEDULER_JOB_ARGS"
where "OWNER" = (select localdb.current_user_name())
    or (select localdb.has_any('CREATE ANY JOB', 'MANAGE SCHEDULER'));

create view "SYS"."USER_SCHEDULER_JOB_ARGS" as
select "JOB_NAME", "ARGUMENT_NAME", "ARGUMENT_POSITION", "ARGUMENT_TYPE", "VALUE", "OUT_ARGUMENT"
from "SYS"."DBA_SCHEDULER_JOB_ARGS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SCHEDULER_JOB_RUN_DETAILS" as
select
    r.log_id::numeric as "LOG_ID",
    r.log_date as "LOG_DATE",
    r.owner as "OWNER",
    r.job_name as "JOB_NAME",
    null::text as "JOB_SUBNAME",
    r.status as "STATUS",
    coalesce(r.error, 0)::numeric as "ERROR#",
    r.requested_start as "REQ_START_DATE",
    r.actual_start as "ACTUAL_START_DATE",
    r.run_duration as "RUN_DURATION",
    1::numeric as "INSTANCE_ID",
    r.session_id as "SESSION_ID",
    r.additional_info as "ADDITIONAL_INFO",
    r.errors as "ERRORS",
    r.output as "OUTPUT"
from localdb.scheduler_runs as r
where r.status is not null;

create view "SYS"."ALL_SCHEDULER_JOB_RUN_DETAILS" as
select * from "SYS"."DBA_SCHEDULER_JOB_RUN_DETAILS"
where "OWNER" = (select localdb.current_user_name())
    or (select localdb.has_any('CREATE ANY JOB', 'MANAGE SCHEDULER'));

create view "SYS"."USER_SCHEDULER_JOB_RUN_DETAILS" as
select
    "LOG_ID", "LOG_DATE", "OWNER", "JOB_NAME", "JOB_SUBNAME", "STATUS", "ERROR#",
    "REQ_START_DATE", "ACTUAL_START_DATE", "RUN_DURATION", "INSTANCE_ID", "SESSION_ID",
    "ADDITIONAL_INFO", "ERRORS", "OUTPUT"
from "SYS"."DBA_SCHEDULER_JOB_RUN_DETAILS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SCHEDULER_JOB_LOG" as
select
    r.log_id::numeric as "LOG_ID",
    r.log_date as "LOG_DATE",
    r.owner as "OWNER",
    r.job_name as "JOB_NAME",
    null::text as "JOB_SUBNAME",
    'DEFAULT_JOB_CLASS'::text as "JOB_CLASS",
    'RUN'::text as "OPERATION",
    r.status as "STATUS",
    r.additional_info as "ADDITIONAL_INFO"
from localdb.scheduler_runs as r
where r.status is not null;

create view "SYS"."ALL_SCHEDULER_JOB_LOG" as
select * from "SYS"."DBA_SCHEDULER_JOB_LOG"
where "OWNER" = (select localdb.current_user_name())
    or (select localdb.has_any('CREATE ANY JOB', 'MANAGE SCHEDULER'));

create view "SYS"."USER_SCHEDULER_JOB_LOG" as
select
    "LOG_ID", "LOG_DATE", "OWNER", "JOB_NAME", "JOB_SUBNAME", "JOB_CLASS", "OPERATION",
    "STATUS", "ADDITIONAL_INFO"
from "SYS"."DBA_SCHEDULER_JOB_LOG"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DBA_SCHEDULER_RUNNING_JOBS" as
select
    j.owner as "OWNER",
    j.name as "JOB_NAME",
    null::text as "JOB_SUBNAME",
    'REGULAR'::text as "JOB_STYLE",
    'FALSE'::text as "DETACHED",
    1::numeric as "RUNNING_INSTANCE",
    clock_timestamp() - j.last_start as "ELAPSED_TIME"
from localdb.scheduler_jobs as j
where j.state = 'RUNNING';

create view "SYS"."ALL_SCHEDULER_RUNNING_JOBS" as
select * from "SYS"."DBA_SCHEDULER_RUNNING_JOBS"
where "OWNER" = (select localdb.current_user_name())
    or (select localdb.has_any('CREATE ANY JOB', 'MANAGE SCHEDULER'));

create view "SYS"."USER_SCHEDULER_RUNNING_JOBS" as
select
    "JOB_NAME", "JOB_SUBNAME", "JOB_STYLE", "DETACHED", "RUNNING_INSTANCE", "ELAPSED_TIME"
from "SYS"."DBA_SCHEDULER_RUNNING_JOBS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."V_$VERSION" as
select
    b.banner as "BANNER",
    b.banner as "BANNER_FULL",
    b.banner as "BANNER_LEGACY",
    0::numeric as "CON_ID"
from (
    values (
        'localdb Release ' || coalesce(nullif(current_setting('ora.release', true), ''), '23.4.0.0.0')
        || ' - a development database that speaks like Oracle, on PostgreSQL '
        || current_setting('server_version')
    )
) as b (banner);

create view "SYS"."PRODUCT_COMPONENT_VERSION" as
select
    'localdb (a development database)'::text as "PRODUCT",
    coalesce(nullif(current_setting('ora.release', true), ''), '23.4.0.0.0') as "VERSION",
    coalesce(nullif(current_setting('ora.release', true), ''), '23.4.0.0.0') as "VERSION_FULL",
    'Development'::text as "STATUS";

create view "SYS"."V_$INSTANCE" as
select
    1::numeric as "INSTANCE_NUMBER",
    'FREE'::text as "INSTANCE_NAME",
    coalesce(nullif(current_setting('ora.release', true), ''), '23.4.0.0.0') as "VERSION",
    coalesce(nullif(current_setting('ora.release', true), ''), '23.4.0.0.0') as "VERSION_FULL",
    localdb.to_date(pg_catalog.pg_postmaster_start_time()) as "STARTUP_TIME",
    'OPEN'::text as "STATUS",
    'NO'::text as "PARALLEL",
    'ALLOWED'::text as "LOGINS",
    'ACTIVE'::text as "DATABASE_STATUS",
    'PRIMARY_INSTANCE'::text as "INSTANCE_ROLE";

create view "SYS"."V_$DATABASE" as
select
    1::numeric as "DBID",
    'FREE'::text as "NAME",
    localdb.to_date((select min(u.created) from localdb.users as u)) as "CREATED",
    'NOARCHIVELOG'::text as "LOG_MODE",
    'READ WRITE'::text as "OPEN_MODE",
    'PRIMARY'::text as "DATABASE_ROLE",
    'FREE'::text as "DB_UNIQUE_NAME",
    'NO'::text as "CDB";

create view "SYS"."GLOBAL_NAME" as select 'FREEPDB1'::text as "GLOBAL_NAME";

create view "SYS"."V_$PARAMETER" as
select
    row_number() over (order by p.name)::numeric as "NUM",
    p.name as "NAME",
    case when p.value ~ '^[0-9]+$' then 3 when p.value in ('TRUE', 'FALSE') then 1 else 2 end::numeric
        as "TYPE",
    p.value as "VALUE",
    p.value as "DISPLAY_VALUE"
from localdb.parameters as p
where p.name not like '\_%';

create view "SYS"."NLS_SESSION_PARAMETERS" as
select
    n.name as "PARAMETER",
    coalesce(nullif(current_setting('ora.' || lower(n.name), true), ''), n.value) as "VALUE"
from (
    values
        ('NLS_LANGUAGE', 'AMERICAN'),
        ('NLS_TERRITORY', 'AMERICA'),
        ('NLS_NUMERIC_CHARACTERS', '.,'),
        ('NLS_CALENDAR', 'GREGORIAN'),
        ('NLS_DATE_FORMAT', 'DD-MON-RR'),
        ('NLS_DATE_LANGUAGE', 'AMERICAN'),
        ('NLS_SORT', 'BINARY'),
        ('NLS_TIMESTAMP_FORMAT', 'DD-MON-RR HH.MI.SSXFF AM'),
        ('NLS_TIMESTAMP_TZ_FORMAT', 'DD-MON-RR HH.MI.SSXFF AM TZR'),
        ('NLS_COMP', 'BINARY'),
        ('NLS_LENGTH_SEMANTICS', 'BYTE'),
        ('NLS_NCHAR_CONV_EXCP', 'FALSE')
) as n (name, value);

create view "SYS"."V_$NLS_PARAMETERS" as
select "PARAMETER", "VALUE", 0::numeric as "CON_ID" from "SYS"."NLS_SESSION_PARAMETERS"
union all
select v.name, v.value, 0
from (values ('NLS_CHARACTERSET', 'AL32UTF8'), ('NLS_NCHAR_CHARACTERSET', 'AL16UTF16')) as v (name, value);

create view "SYS"."NLS_DATABASE_PARAMETERS" as
select n.name as "PARAMETER", n.value as "VALUE"
from (
    values
        ('NLS_CHARACTERSET', 'AL32UTF8'),
        ('NLS_NCHAR_CHARACTERSET', 'AL16UTF16'),
        ('NLS_LANGUAGE', 'AMERICAN'),
        ('NLS_TERRITORY', 'AMERICA'),
        ('NLS_NUMERIC_CHARACTERS', '.,'),
        ('NLS_CALENDAR', 'GREGORIAN'),
        ('NLS_DATE_FORMAT', 'DD-MON-RR'),
        ('NLS_DATE_LANGUAGE', 'AMERICAN'),
        ('NLS_SORT', 'BINARY'),
        ('NLS_COMP', 'BINARY'),
        ('NLS_LENGTH_SEMANTICS', 'BYTE'),
        ('NLS_RDBMS_VERSION', '19.0.0.0.0')
) as n (name, value);
