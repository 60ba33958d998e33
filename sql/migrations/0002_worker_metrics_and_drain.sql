-- Version 2, the other tables: what a worker counts, the wish that it ends, and the lost attempts.

declare
    procedure add_column(
        p_table      in varchar2,
        p_column     in varchar2,
        p_definition in varchar2
    ) is
        l_count pls_integer;
    begin
        select count(*)
        into l_count
        from user_tab_columns
        where table_name = upper(p_table)
            and column_name = upper(p_column);
        if l_count = 0 then
            execute immediate 'alter table ' || p_table || ' add (' || p_column || ' '
                || p_definition || ')';
        end if;
    end add_column;
begin
    -- Workers may hold a table for a moment; without this the first one in the way ends it.
    execute immediate 'alter session set ddl_lock_timeout = 30';
    add_column(
        p_table      => 'async_job_workers',
        p_column     => 'metrics',
        p_definition => 'varchar2(4000)'
    );
    add_column(
        p_table      => 'async_job_workers',
        p_column     => 'drain',
        p_definition => 'varchar2(1) default ''N'' not null '
            || 'constraint async_job_workers_drain_ck check (drain in (''Y'', ''N''))'
    );
    add_column(
        p_table      => 'async_job_recovery',
        p_column     => 'lost_attempts',
        p_definition => 'number default 0 not null'
    );
end;
/

comment on column async_job_workers.metrics is 'JSON: counts of this process since its start';
comment on column async_job_workers.drain is 'Y: asked to finish its jobs and end';
comment on column async_job_recovery.lost_attempts is 'How many claims have lost their worker, ever';
