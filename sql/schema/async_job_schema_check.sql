-- The first step of an installation: a schema that a newer release has made is left alone.

declare
    l_count   pls_integer;
    l_version number;
begin
    select count(*)
    into l_count
    from user_tables
    where table_name = 'ASYNC_JOB_SCHEMA';
    if l_count > 0 then
        -- Dynamic, as the table is not there before the first installation.
        execute immediate 'select max(version) from async_job_schema' into l_version;
        if l_version > 3 then
            raise_application_error(
                -20999,
                'The schema has version ' || to_char(l_version)
                    || ', this release knows 3: install with a newer one'
            );
        end if;
    end if;
end;
/
