-- The V$ views about sessions. Their rows come with the statement, as JSON in a setting
-- (deploy/localdb/performance.py): PostgreSQL does not know the sessions.

create view localdb.sessions as
select s.*
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.sessions', true), ''), '[]')::jsonb)
    as s (
        "sid" int, "serial#" int, "username" text, "schemaname" text, "status" text,
        "osuser" text, "process" text, "machine" text, "terminal" text, "program" text,
        "type" text, "module" text, "action" text, "client_info" text,
        "client_identifier" text, "logon_time" text, "idle_seconds" int, "pids" jsonb
    );

-- PostgreSQL's processes of each session: what they do, and whom they wait for.
create view localdb.backends as
select
    s."sid" as sid, a.pid, a.xact_start, a.backend_xid, a.query_start, a.wait_event_type, a.wait_event,
    (
        select o."sid"
        from localdb.sessions as o
        where a.wait_event_type = 'Lock'
            and exists (
                select
                from jsonb_array_elements_text(o."pids") as p (pid)
                where p.pid::int = any (pg_blocking_pids(a.pid))
            )
        limit 1
    ) as blocker
from localdb.sessions as s
cross join lateral jsonb_array_elements_text(s."pids") as p (pid)
join pg_catalog.pg_stat_activity as a on a.pid = p.pid::int;

create view "SYS"."V_$SESSION" as
select
    decode(lpad(to_hex(s."sid"), 16, '0'), 'hex') as "SADDR",
    s."sid"::numeric as "SID",
    s."serial#"::numeric as "SERIAL#",
    s."sid"::numeric * 65536 + s."serial#" as "AUDSID",
    (select u.user_id::numeric from localdb.users as u where u.name = s."username") as "USER#",
    s."username" as "USERNAME",
    decode(lpad(to_hex(t.backend_xid::text::bigint), 16, '0'), 'hex') as "TADDR",
    s."status" as "STATUS",
    'DEDICATED'::text as "SERVER",
    (select u.user_id::numeric from localdb.users as u where u.name = s."schemaname") as "SCHEMA#",
    s."schemaname" as "SCHEMANAME",
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
    s."logon_time"::timestamp::ora.date as "LOGON_TIME",
    s."idle_seconds"::numeric as "LAST_CALL_ET",
    case when w.blocker is not null then 'VALID' else 'NO HOLDER' end as "BLOCKING_SESSION_STATUS",
    case when w.blocker is not null then 1 end::numeric as "BLOCKING_INSTANCE",
    w.blocker::numeric as "BLOCKING_SESSION",
    case
        when w.wait_event in ('transactionid', 'tuple') then 'enq: TX - row lock contention'
        when w.wait_event is not null then 'enq: TM - contention'
        when s."status" = 'INACTIVE' then 'SQL*Net message from client'
        else 'CPU'
    end as "EVENT",
    case when w.wait_event is not null then 'Application' when s."status" = 'INACTIVE' then 'Idle'
        else 'Other' end as "WAIT_CLASS",
    case when w.wait_event is not null or s."status" = 'INACTIVE' then 'WAITING'
        else 'WAITED KNOWN TIME' end as "STATE",
    case
        when w.wait_event is not null then trunc(extract(epoch from clock_timestamp() - w.query_start))
        else s."idle_seconds"
    end::numeric as "SECONDS_IN_WAIT",
    'FREEPDB1'::text as "SERVICE_NAME"
from localdb.sessions as s
left join lateral (
    select b.wait_event, b.query_start, b.blocker
    from localdb.backends as b
    where b.sid = s."sid" and b.wait_event_type = 'Lock'
    limit 1
) as w on true
left join lateral (
    select b.backend_xid
    from localdb.backends as b
    where b.sid = s."sid" and b.backend_xid is not null
    limit 1
) as t on true;

create view "SYS"."V_$TRANSACTION" as
select
    decode(lpad(to_hex(b.backend_xid::text::bigint), 16, '0'), 'hex') as "ADDR",
    (b.backend_xid::text::bigint / 65536)::numeric as "XIDUSN",
    (b.backend_xid::text::bigint % 65536)::numeric as "XIDSLOT",
    b.backend_xid::text::numeric as "XIDSQN",
    'ACTIVE'::text as "STATUS",
    to_char(b.xact_start, 'MM/DD/YY HH24:MI:SS') as "START_TIME",
    localdb.to_date(b.xact_start) as "START_DATE",
    decode(lpad(to_hex(b.sid), 16, '0'), 'hex') as "SES_ADDR"
from localdb.backends as b
where b.backend_xid is not null;

-- Locks on tables (TM) and of transactions (TX); those of DBMS_LOCK are not PostgreSQL's.
create view "SYS"."V_$LOCK" as
with locks as (
    select
        b.sid, b.pid, b.xact_start, l.granted, l.locktype, l.mode, o.object_id,
        l.transactionid::text::numeric as transaction
    from localdb.backends as b
    join pg_catalog.pg_locks as l on l.pid = b.pid
    left join pg_catalog.pg_class as c on c.oid = l.relation
    left join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    left join localdb.objects as o
        on o.owner = n.nspname and o.name = replace(c.relname, 'localdb$', '') and o.type = 'TABLE'
    where l.locktype = 'transactionid'
        or l.locktype = 'relation' and o.object_id is not null and l.mode <> 'AccessShareLock'
),
graded as (
    select
        k.*,
        case k.mode when 'RowShareLock' then 2 when 'RowExclusiveLock' then 3 when 'ShareLock' then 4
            when 'ShareRowExclusiveLock' then 5 else 6 end as grade
    from locks as k
)
select
    g.sid::numeric as "SID",
    case g.locktype when 'relation' then 'TM' else 'TX' end as "TYPE",
    coalesce(g.object_id, g.transaction)::numeric as "ID1",
    0::numeric as "ID2",
    case when not g.granted then 0 when g.locktype = 'relation' then g.grade else 6 end::numeric
        as "LMODE",
    case when g.granted then 0 when g.locktype = 'relation' then g.grade else 6 end::numeric
        as "REQUEST",
    trunc(extract(epoch from clock_timestamp() - g.xact_start))::numeric as "CTIME",
    case
        when g.granted and g.locktype <> 'relation' and exists (
            select from localdb.backends as w where w.blocker = g.sid
        ) then 1 else 0
    end::numeric as "BLOCK"
from graded as g;

create view "SYS"."V_$LOCKED_OBJECT" as
select
    k."ID1" as "OBJECT_ID",
    k."SID" as "SESSION_ID",
    s."USERNAME" as "ORACLE_USERNAME",
    s."OSUSER" as "OS_USER_NAME",
    s."PROCESS" as "PROCESS",
    k."LMODE" as "LOCKED_MODE"
from "SYS"."V_$LOCK" as k
join "SYS"."V_$SESSION" as s on s."SID" = k."SID"
where k."TYPE" = 'TM';

create view "SYS"."GV_$LOCK" as
select 1::numeric as "INST_ID", k.* from "SYS"."V_$LOCK" as k;
create view "SYS"."GV_$TRANSACTION" as
select 1::numeric as "INST_ID", t.* from "SYS"."V_$TRANSACTION" as t;

-- Of all instances of a cluster; there is one.
create view "SYS"."GV_$SESSION" as
select 1::numeric as "INST_ID", s.* from "SYS"."V_$SESSION" as s;

-- What DBMS_APPLICATION_INFO.SET_SESSION_LONGOPS has been told.
create view "SYS"."V_$SESSION_LONGOPS" as
select
    s."sid"::numeric as "SID",
    s."serial#"::numeric as "SERIAL#",
    o."opname" as "OPNAME",
    o."target"::text as "TARGET",
    o."target_desc" as "TARGET_DESC",
    o."sofar" as "SOFAR",
    o."totalwork" as "TOTALWORK",
    o."units" as "UNITS",
    o."start_time"::timestamp::ora.date as "START_TIME",
    o."last_update_time"::timestamp::ora.date as "LAST_UPDATE_TIME",
    case when o."sofar" > 0 then round(
        (o."totalwork" - o."sofar") * extract(epoch from o."last_update_time" - o."start_time") / o."sofar"
    ) end::numeric as "TIME_REMAINING",
    trunc(extract(epoch from o."last_update_time" - o."start_time"))::numeric as "ELAPSED_SECONDS",
    o."context"::numeric as "CONTEXT",
    null::text as "MESSAGE",
    s."username" as "USERNAME"
from jsonb_to_recordset(coalesce(nullif(current_setting('localdb.sessions', true), ''), '[]')::jsonb)
    as s ("sid" int, "serial#" int, "username" text, "longops" jsonb)
cross join lateral jsonb_to_recordset(s."longops") as o (
    "opname" text, "target" bigint, "context" bigint, "sofar" numeric, "totalwork" numeric,
    "target_desc" text, "units" text, "start_time" timestamptz, "last_update_time" timestamptz
);

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
