-- localdb's own tables, and what it does with them. Run at every start: it must change nothing that is there.
create schema if not exists localdb;
create schema if not exists ora;
create schema if not exists "SYS";

create table if not exists localdb.users (
    name                text primary key,
    -- null: nobody can log on as this user
    password_salt       bytea,
    password_iterations int,
    password_hash       bytea,
    created             timestamptz not null default now(),
    user_id             bigint generated always as identity (start with 8),
    locked              boolean not null default false
);

-- Who may work as whom: ALTER USER client GRANT CONNECT THROUGH proxy.
-- The regions of time zones.
create table if not exists localdb.regions (
    upper_name text primary key,
    name       text not null
);
insert into localdb.regions
select upper(z.name), min(z.name)
from pg_catalog.pg_timezone_names as z
where not exists (select from localdb.regions) and z.name not in ('Factory', 'localtime', 'posixrules')
group by upper(z.name);

create table if not exists localdb.proxies (
    client text not null,
    proxy  text not null,
    primary key (client, proxy)
);

create table if not exists localdb.roles (
    name       text primary key,
    role_id    bigint generated always as identity (start with 5000),
    created    timestamptz not null default now(),
    -- one of those that each database has
    is_oracles boolean not null default false
);

-- object_name null: a system privilege or a role.
create table if not exists localdb.grants (
    grantee      text not null,
    privilege    text not null,
    object_owner text,
    object_name  text,
    -- WITH GRANT OPTION, WITH ADMIN OPTION
    grantable    boolean not null default false,
    -- of an object's privilege: the owner, or who has passed on what he had with GRANT OPTION
    grantor      text not null,
    -- of a role: enabled when a session begins
    default_role boolean not null default true,
    unique nulls not distinct (grantee, privilege, object_owner, object_name, grantor)
);
create index if not exists grants_object on localdb.grants (object_owner, object_name);

create table if not exists localdb.objects (
    owner     text not null,
    name      text not null,
    type      text not null,
    status    text not null default 'VALID' check (status in ('VALID', 'INVALID')),
    created   timestamptz not null default now(),
    last_ddl  timestamptz not null default now(),
    object_id bigint generated always as identity (start with 20000),
    primary key (owner, name, type)
);

create table if not exists localdb.columns (
    owner        text not null,
    table_name   text not null,
    column_name  text not null,
    position     int not null,
    type         text not null,
    size         int,
    precision    int,
    scale        int,
    nullable     boolean not null default true,
    default_text text,
    comments     text,
    -- DEFAULT ON NULL
    on_null       boolean not null default false,
    -- 'ALWAYS', 'BY DEFAULT', 'BY DEFAULT ON NULL'
    identity      text,
    virtual       boolean not null default false,
    -- VARCHAR2(n CHAR), not n bytes
    in_characters boolean not null default false,
    primary key (owner, table_name, column_name)
);

create table if not exists localdb.units (
    owner  text not null,
    name   text not null,
    type   text not null check (type in ('PACKAGE', 'PACKAGE BODY', 'PROCEDURE', 'FUNCTION', 'TYPE', 'TRIGGER')),
    source text not null,
    -- PLSQL_CCFLAGS and NLS_LENGTH_SEMANTICS = CHAR of its last compilation
    flags  text,
    in_characters boolean not null default false,
    primary key (owner, name, type)
);

-- Of the units that are triggers.
create table if not exists localdb.triggers (
    number      bigint generated always as identity,
    owner       text not null,
    name        text not null,
    table_owner text not null,
    table_name  text not null,
    -- TABLE, VIEW
    base_type   text not null,
    -- BEFORE, AFTER, INSTEAD OF
    timing      text not null,
    each_row    boolean not null,
    -- 'INSERT OR UPDATE'
    events      text not null,
    -- of UPDATE OF, one a line; '': any
    columns     text,
    enabled     boolean not null,
    referencing text,
    condition   text,
    description text not null,
    body        text,
    -- OWNER.NAME of those that it follows, one a line
    follows     text,
    primary key (owner, name)
);

create table if not exists localdb.unit_errors (
    owner     text not null,
    name      text not null,
    type      text not null,
    sequence  int not null,
    line      int not null,
    position  int not null,
    text      text not null,
    attribute text not null default 'ERROR',
    primary key (owner, name, type, sequence)
);

create table if not exists localdb.procedures (
    owner          text not null,
    object_name    text not null,
    procedure_name text,
    object_type    text not null,
    authid         text not null,
    subprogram_id  int not null,
    overload       text
);
create index if not exists procedures_object on localdb.procedures (owner, object_name);

create table if not exists localdb.arguments (
    owner          text not null,
    package_name   text,
    object_name    text not null,
    overload       text,
    position       int not null,
    sequence       int not null,
    argument_name  text,
    in_out         text not null,
    data_type      text,
    pls_type       text,
    defaulted      text not null default 'N',
    char_length    int,
    data_length    int,
    data_precision int,
    data_scale     int,
    type_owner     text,
    type_name      text,
    type_subname   text,
    subprogram_id  int not null
);
create index if not exists arguments_object on localdb.arguments (owner, package_name, object_name);

-- Records and collections: a row for each attribute of a record, one for what a collection holds.
create table if not exists localdb.types (
    owner            text not null,
    package_name     text,
    name             text not null,
    kind             text not null,
    upper_bound      int,
    index_by         text,
    attribute_number int not null,
    attribute_name   text,
    type_owner       text,
    type_name        text not null,
    type_package     text,
    length           int,
    precision        int,
    scale            int
);
create index if not exists types_name on localdb.types (owner, name);

create table if not exists localdb.queue_tables (
    owner              text not null,
    name               text not null,
    payload_type       text not null,
    sort_list          text not null,
    multiple_consumers boolean not null default false,
    comments           text,
    primary key (owner, name)
);

create table if not exists localdb.queues (
    owner           text not null,
    name            text not null,
    queue_table     text not null,
    queue_type      text not null,
    max_retries     numeric,
    retry_delay     numeric,
    retention       numeric,
    enqueue_enabled boolean not null default false,
    dequeue_enabled boolean not null default false,
    qid             bigint generated always as identity (start with 20000),
    comments        text,
    primary key (owner, name)
);

create table if not exists localdb.queue_privileges (
    owner     text not null,
    queue     text not null,
    grantee   text not null,
    privilege text not null check (privilege in ('ENQUEUE', 'DEQUEUE')),
    primary key (owner, queue, grantee, privilege)
);

create table if not exists localdb.scheduler_jobs (
    owner               text not null,
    name                text not null,
    -- Null where a program or a schedule has it.
    job_type            text,
    job_action          text,
    number_of_arguments int not null default 0,
    program_owner       text,
    program_name        text,
    schedule_owner      text,
    schedule_name       text,
    start_date          timestamptz,
    repeat_interval     text,
    end_date            timestamptz,
    enabled             boolean not null default false,
    auto_drop           boolean not null default true,
    state               text not null default 'DISABLED',
    run_count           int not null default 0,
    failure_count       int not null default 0,
    max_failures        int,
    last_start          timestamptz,
    last_duration       interval,
    next_run            timestamptz,
    logging_level       text not null default 'OFF',
    comments            text,
    primary key (owner, name)
);

-- The zone of the start date: a repeat interval is evaluated in it.
alter table localdb.scheduler_jobs add column if not exists start_zone text;
alter table localdb.scheduler_jobs add column if not exists max_runs int;
alter table localdb.scheduler_jobs add column if not exists restart_on_failure boolean not null default false;
alter table localdb.scheduler_jobs add column if not exists retry_count int not null default 0;

create table if not exists localdb.scheduler_programs (
    owner               text not null,
    name                text not null,
    program_type        text not null,
    program_action      text not null,
    number_of_arguments int not null default 0,
    enabled             boolean not null default false,
    comments            text,
    primary key (owner, name)
);

create table if not exists localdb.scheduler_program_arguments (
    owner         text not null,
    program_name  text not null,
    position      int not null,
    name          text,
    type          text not null,
    has_default   boolean not null,
    default_value text,
    primary key (owner, program_name, position)
);

create table if not exists localdb.scheduler_schedules (
    owner           text not null,
    name            text not null,
    start_date      timestamptz,
    start_zone      text,
    repeat_interval text,
    end_date        timestamptz,
    comments        text,
    primary key (owner, name)
);

-- Jobs with what their programs and schedules say of them.
create or replace view localdb.effective_jobs as
select
    j.owner, j.name,
    coalesce(p.program_type, j.job_type) as job_type,
    coalesce(p.program_action, j.job_action) as job_action,
    coalesce(p.number_of_arguments, j.number_of_arguments) as number_of_arguments,
    case when j.schedule_name is null then j.start_date else s.start_date end as start_date,
    case when j.schedule_name is null then j.start_zone else s.start_zone end as start_zone,
    case when j.schedule_name is null then j.repeat_interval else s.repeat_interval end as repeat_interval,
    case when j.schedule_name is null then j.end_date else s.end_date end as end_date,
    j.enabled, j.auto_drop, j.state, j.run_count, j.failure_count, j.max_failures, j.max_runs, j.next_run,
    j.program_owner, j.program_name, coalesce(p.enabled, true) as program_enabled,
    j.schedule_owner, j.schedule_name, j.restart_on_failure, j.retry_count
from localdb.scheduler_jobs as j
left join localdb.scheduler_programs as p on (p.owner, p.name) = (j.program_owner, j.program_name)
left join localdb.scheduler_schedules as s on (s.owner, s.name) = (j.schedule_owner, j.schedule_name);

create table if not exists localdb.scheduler_arguments (
    owner    text not null,
    job_name text not null,
    position int not null,
    value    text,
    primary key (owner, job_name, position)
);

create table if not exists localdb.scheduler_runs (
    log_id          bigint generated always as identity primary key,
    log_date        timestamptz not null default now(),
    owner           text not null,
    job_name        text not null,
    status          text,
    error           int,
    errors          text,
    output          text,
    requested_start timestamptz,
    actual_start    timestamptz,
    run_duration    interval,
    session_id      text,
    additional_info text
);
create index if not exists scheduler_runs_job on localdb.scheduler_runs (owner, job_name);

create table if not exists localdb.synonyms (
    owner       text not null,
    name        text not null,
    table_owner text not null,
    table_name  text not null,
    primary key (owner, name)
);

create table if not exists localdb.table_comments (
    owner    text not null,
    name     text not null,
    comments text not null,
    primary key (owner, name)
);

create table if not exists localdb.parameters (
    name  text primary key,
    value text
);
insert into localdb.parameters (name, value)
values
    ('job_queue_processes', '20'),
    ('aq_tm_processes', '1'),
    ('open_cursors', '300'),
    ('processes', '300'),
    ('sessions', '472'),
    ('db_name', 'FREE'),
    ('db_unique_name', 'FREE'),
    ('db_domain', null),
    ('instance_name', 'FREE'),
    ('service_names', 'FREEPDB1'),
    ('sql92_security', 'TRUE'),
    ('nls_date_format', 'DD-MON-RR'),
    ('compatible', '19.0.0'),
    ('db_block_size', '8192'),
    ('global_names', 'FALSE'),
    ('nls_language', 'AMERICAN'),
    ('nls_territory', 'AMERICA'),
    ('nls_length_semantics', 'BYTE'),
    ('max_string_size', 'STANDARD'),
    ('undo_management', 'AUTO'),
    ('recyclebin', 'OFF')
on conflict do nothing;

-- The conditions of CHECK constraints as they were written; PostgreSQL keeps only the translation.
create table if not exists localdb.check_texts (
    owner text not null,
    name  text not null,
    text  text not null,
    primary key (owner, name)
);

-- Global temporary tables; a row's session is in a column of the table behind them.
create table if not exists localdb.temporary_tables (
    owner     text not null,
    name      text not null,
    preserves boolean not null,
    primary key (owner, name)
);
create or replace function localdb.session_key() returns text
language sql stable
return coalesce(
    nullif(current_setting('ora.sid', true), '') || '.' || current_setting('ora.serial', true),
    'p' || pg_backend_pid()
);
create or replace function localdb.delete_rows_of_session() returns trigger
language plpgsql as $$
begin
    execute format('delete from %s where "localdb$session" = localdb.session_key()', tg_argv[0]);
    return null;
end
$$;
-- The rows that a session has left; null: all of them.
create or replace function localdb.forget_session(key text) returns void
language plpgsql as $$
declare
    t record;
begin
    for t in select owner, 'localdb$' || name as name from localdb.temporary_tables loop
        execute format(
            'delete from %I.%I where $1 is null or "localdb$session" = $1', t.owner, left(t.name, 63)
        ) using key;
    end loop;
end
$$;

-- A view's text as it was written; PostgreSQL keeps only the translation.
create table if not exists localdb.view_texts (
    owner     text not null,
    name      text not null,
    text      text not null,
    read_only boolean not null default false,
    -- it calls PL/SQL functions: statements take its text in place of its name
    calls     boolean not null default false,
    primary key (owner, name)
);
