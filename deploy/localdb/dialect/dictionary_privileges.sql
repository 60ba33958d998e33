-- The dictionary of roles and grants, and the public synonyms of the V$ views.

create view localdb.object_grants as
select
    g.grantee, g.object_owner as owner, g.object_name as name, g.grantor, g.privilege, g.grantable,
    coalesce(
        (
            select o.type
            from localdb.objects as o
            where o.owner = g.object_owner
                and o.name = g.object_name
                and o.type not in ('PACKAGE BODY', 'TYPE BODY', 'INDEX', 'SYNONYM')
            limit 1
        ),
        case when g.privilege = 'EXECUTE' then 'PACKAGE' else 'VIEW' end
    ) as type
from localdb.grants as g
where g.object_name is not null
union all
select q.grantee, q.owner, q.queue, q.owner, q.privilege, false, 'QUEUE'
from localdb.queue_privileges as q;

create view "SYS"."DBA_TAB_PRIVS" as
select
    g.grantee as "GRANTEE",
    g.owner as "OWNER",
    g.name as "TABLE_NAME",
    g.grantor as "GRANTOR",
    g.privilege as "PRIVILEGE",
    case when g.grantable then 'YES' else 'NO' end as "GRANTABLE",
    'NO'::text as "HIERARCHY",
    'NO'::text as "COMMON",
    g.type as "TYPE",
    'NO'::text as "INHERITED"
from localdb.object_grants as g;

-- What one has given, has got, or can use by a role; and what was given on one's own objects.
create view "SYS"."ALL_TAB_PRIVS" as
select
    "GRANTOR", "GRANTEE", "OWNER" as "TABLE_SCHEMA", "TABLE_NAME", "PRIVILEGE", "GRANTABLE",
    "HIERARCHY", "COMMON", "TYPE", "INHERITED"
from "SYS"."DBA_TAB_PRIVS"
where (select localdb.current_user_name()) in ("OWNER", "GRANTOR")
    or "GRANTEE" in (select n.name from localdb.grantees as n);

create view "SYS"."USER_TAB_PRIVS" as
select * from "SYS"."DBA_TAB_PRIVS"
where (select localdb.current_user_name()) in ("OWNER", "GRANTOR", "GRANTEE");

create view "SYS"."USER_TAB_PRIVS_MADE" as
select
    "GRANTEE", "TABLE_NAME", "GRANTOR", "PRIVILEGE", "GRANTABLE", "HIERARCHY", "COMMON", "TYPE",
    "INHERITED"
from "SYS"."DBA_TAB_PRIVS"
where "OWNER" = (select localdb.current_user_name());

create view "SYS"."USER_TAB_PRIVS_RECD" as
select
    "OWNER", "TABLE_NAME", "GRANTOR", "PRIVILEGE", "GRANTABLE", "HIERARCHY", "COMMON", "TYPE",
    "INHERITED"
from "SYS"."DBA_TAB_PRIVS"
where "GRANTEE" = (select localdb.current_user_name());

create view "SYS"."DBA_SYS_PRIVS" as
select
    g.grantee as "GRANTEE",
    g.privilege as "PRIVILEGE",
    case when g.grantable then 'YES' else 'NO' end as "ADMIN_OPTION",
    'NO'::text as "COMMON",
    'NO'::text as "INHERITED"
from localdb.grants as g
where g.object_name is null
    and not exists (select from localdb.roles as r where r.name = g.privilege);

create view "SYS"."USER_SYS_PRIVS" as
select "GRANTEE" as "USERNAME", "PRIVILEGE", "ADMIN_OPTION", "COMMON", "INHERITED"
from "SYS"."DBA_SYS_PRIVS"
where "GRANTEE" in ((select localdb.current_user_name()), 'PUBLIC');

create view "SYS"."DBA_ROLE_PRIVS" as
select
    g.grantee as "GRANTEE",
    g.privilege as "GRANTED_ROLE",
    case when g.grantable then 'YES' else 'NO' end as "ADMIN_OPTION",
    'NO'::text as "DELEGATE_OPTION",
    case when g.default_role then 'YES' else 'NO' end as "DEFAULT_ROLE",
    'NO'::text as "COMMON",
    'NO'::text as "INHERITED"
from localdb.grants as g
join localdb.roles as r on r.name = g.privilege
where g.object_name is null;

create view "SYS"."USER_ROLE_PRIVS" as
select
    "GRANTEE" as "USERNAME", "GRANTED_ROLE", "ADMIN_OPTION", "DELEGATE_OPTION", "DEFAULT_ROLE",
    'NO'::text as "OS_GRANTED", "COMMON", "INHERITED"
from "SYS"."DBA_ROLE_PRIVS"
where "GRANTEE" in ((select localdb.current_user_name()), 'PUBLIC');

create view "SYS"."DBA_ROLES" as
select
    r.name as "ROLE",
    r.role_id::numeric as "ROLE_ID",
    'NO'::text as "PASSWORD_REQUIRED",
    'NONE'::text as "AUTHENTICATION_TYPE",
    'NO'::text as "COMMON",
    case when r.is_oracles then 'Y' else 'N' end as "ORACLE_MAINTAINED",
    'NO'::text as "INHERITED",
    'NO'::text as "IMPLICIT",
    null::text as "EXTERNAL_NAME"
from localdb.roles as r;

create view "SYS"."SESSION_ROLES" as
select r.name as "ROLE"
from localdb.roles as r
where r.name in (select n.name from localdb.grantees as n);

create view "SYS"."SESSION_PRIVS" as
select distinct "PRIVILEGE"
from "SYS"."DBA_SYS_PRIVS"
where "GRANTEE" in (select n.name from localdb.grantees as n);

create view "SYS"."ROLE_ROLE_PRIVS" as
select "GRANTEE" as "ROLE", "GRANTED_ROLE", "ADMIN_OPTION", "COMMON", "INHERITED"
from "SYS"."DBA_ROLE_PRIVS"
where "GRANTEE" in (select s."ROLE" from "SYS"."SESSION_ROLES" as s);

create view "SYS"."ROLE_SYS_PRIVS" as
select "GRANTEE" as "ROLE", "PRIVILEGE", "ADMIN_OPTION", "COMMON", "INHERITED"
from "SYS"."DBA_SYS_PRIVS"
where "GRANTEE" in (select s."ROLE" from "SYS"."SESSION_ROLES" as s);

create view "SYS"."ROLE_TAB_PRIVS" as
select
    "GRANTEE" as "ROLE", "OWNER", "TABLE_NAME", null::text as "COLUMN_NAME", "PRIVILEGE", "GRANTABLE",
    "COMMON", "INHERITED"
from "SYS"."DBA_TAB_PRIVS"
where "GRANTEE" in (select s."ROLE" from "SYS"."SESSION_ROLES" as s);

-- ---- others ----

create view "SYS"."USER_CATALOG" as
select o."OBJECT_NAME" as "TABLE_NAME", o."OBJECT_TYPE" as "TABLE_TYPE"
from "SYS"."USER_OBJECTS" as o
where o."OBJECT_TYPE" in ('TABLE', 'VIEW', 'SYNONYM', 'SEQUENCE');
create view "SYS"."CAT" as select * from "SYS"."USER_CATALOG";
create view "SYS"."TAB" as
select o."OBJECT_NAME" as "TNAME", o."OBJECT_TYPE" as "TABTYPE", null::numeric as "CLUSTERID"
from "SYS"."USER_OBJECTS" as o
where o."OBJECT_TYPE" in ('TABLE', 'VIEW', 'SYNONYM');

create view "SYS"."DBA_TRIGGERS" as
select
    t.owner as "OWNER",
    t.name as "TRIGGER_NAME",
    t.timing || case
        when t.timing = 'INSTEAD OF' then '' when t.each_row then ' EACH ROW' else ' STATEMENT'
    end as "TRIGGER_TYPE",
    t.events as "TRIGGERING_EVENT",
    t.table_owner as "TABLE_OWNER",
    t.base_type as "BASE_OBJECT_TYPE",
    t.table_name as "TABLE_NAME",
    null::text as "COLUMN_NAME",
    t.referencing as "REFERENCING_NAMES",
    t.condition as "WHEN_CLAUSE",
    case when t.enabled then 'ENABLED' else 'DISABLED' end as "STATUS",
    t.description as "DESCRIPTION",
    'PL/SQL     '::text as "ACTION_TYPE",
    t.body as "TRIGGER_BODY"
from localdb.triggers as t;
create view "SYS"."ALL_TRIGGERS" as
select * from "SYS"."DBA_TRIGGERS"
where (select localdb.current_user_name()) in ("OWNER", "TABLE_OWNER")
    or "OWNER" <> 'SYS' and (select localdb.has_any('CREATE ANY TRIGGER'));
create view "SYS"."USER_TRIGGERS" as
select
    "TRIGGER_NAME", "TRIGGER_TYPE", "TRIGGERING_EVENT", "TABLE_OWNER", "BASE_OBJECT_TYPE",
    "TABLE_NAME", "COLUMN_NAME", "REFERENCING_NAMES", "WHEN_CLAUSE", "STATUS", "DESCRIPTION",
    "ACTION_TYPE", "TRIGGER_BODY"
from "SYS"."DBA_TRIGGERS"
where "OWNER" = localdb.current_user_name();

create view "SYS"."DICTIONARY" as
select c.relname::text as "TABLE_NAME", null::text as "COMMENTS"
from pg_catalog.pg_class as c
where c.relnamespace = '"SYS"'::regnamespace
    and c.relkind = 'v'
    and ('SYS', c.relname) in (select g.owner, g.name from localdb.granted as g);
create view "SYS"."DICT" as select * from "SYS"."DICTIONARY";
