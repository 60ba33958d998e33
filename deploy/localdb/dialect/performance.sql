-- The V$ views about sessions. Their rows come with the statement, as JSON in a setting
-- (deploy/localdb/performance.py): PostgreSQL does not know the sessions.

create view "SYS"."V_$SESSION" as
select
    s."sid"::numeric as "SID",
    s."serial#"::numeric as "SERIAL#",
    s."username" as "USERNAME",
    s."schemaname" as "SCHEMANAME",
    s."status" as "STATUS",
    s."osuser" as "OSUSER",
    s."process" as "PROCESS",
    s."machine" as "MACHINE",
    s."terminal" as "TERMINAL",
    s."program" as "PROGRAM",
    s."type" as "TYPE",
    s."module" as "MODULE",
    s."action" as "ACTION",
    s."client_info" as "CLIENT_INFO",
    s."client_identifier" as "CLIENT_IDENTIFIER",
    s."logon_time"::timestamp::ora.date as "LOGON_TIME"
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.sessions', true), ''), '[]')::jsonb)
    as s (
        "sid" int, "serial#" int, "username" text, "schemaname" text, "status" text,
        "osuser" text, "process" text, "machine" text, "terminal" text, "program" text,
        "type" text, "module" text, "action" text, "client_info" text,
        "client_identifier" text, "logon_time" text
    );

-- Of all instances of a cluster; there is one.
create view "SYS"."GV_$SESSION" as
select 1::numeric as "INST_ID", s.* from "SYS"."V_$SESSION" as s;

create view "SYS"."V_$SESSION_CONNECT_INFO" as
select
    s."sid"::numeric as "SID",
    s."serial#"::numeric as "SERIAL#",
    'DATABASE'::text as "AUTHENTICATION_TYPE",
    s."osuser" as "OSUSER",
    s."client_driver" as "CLIENT_DRIVER"
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.sessions', true), ''), '[]')::jsonb)
    as s ("sid" int, "serial#" int, "osuser" text, "client_driver" text);

-- The database operations that clients have named, while their sessions run something.
create view "SYS"."V_$SQL_MONITOR" as
select
    s."sid"::numeric as "SID",
    s."serial#"::numeric as "SESSION_SERIAL#",
    'EXECUTING'::text as "STATUS",
    s."username" as "USERNAME",
    s."module" as "MODULE",
    s."action" as "ACTION",
    s."dbop" as "DBOP_NAME"
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.sessions', true), ''), '[]')::jsonb)
    as s (
        "sid" int, "serial#" int, "status" text, "username" text, "module" text, "action" text,
        "dbop" text
    )
where s."status" = 'ACTIVE' and s."dbop" is not null;

create view "SYS"."V_$STATNAME" as
select distinct
    c."statistic"::numeric as "STATISTIC#",
    c."name" as "NAME",
    1::numeric as "CLASS"
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.statistics', true), ''), '[]')::jsonb)
    as c ("sid" int, "own" boolean, "statistic" int, "name" text, "value" bigint);

create view "SYS"."V_$SESSTAT" as
select
    c."sid"::numeric as "SID",
    c."statistic"::numeric as "STATISTIC#",
    c."value"::numeric as "VALUE"
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.statistics', true), ''), '[]')::jsonb)
    as c ("sid" int, "own" boolean, "statistic" int, "name" text, "value" bigint);

create view "SYS"."V_$MYSTAT" as
select
    c."sid"::numeric as "SID",
    c."statistic"::numeric as "STATISTIC#",
    c."value"::numeric as "VALUE"
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.statistics', true), ''), '[]')::jsonb)
    as c ("sid" int, "own" boolean, "statistic" int, "name" text, "value" bigint)
where c."own";

-- The last script: each V_$ view of SYS is called V$ by everybody, and each GV_$ view GV$.
insert into localdb.synonyms (owner, name, table_owner, table_name)
select 'PUBLIC', replace(c.relname, 'V_$', 'V$'), 'SYS', c.relname
from pg_catalog.pg_class as c
where c.relnamespace = '"SYS"'::regnamespace and c.relname ~ '^G?V_\$';
insert into localdb.objects (owner, name, type)
select s.owner, s.name, 'SYNONYM' from localdb.synonyms as s where s.owner = 'PUBLIC';
