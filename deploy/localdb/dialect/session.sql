-- Who asks: USER, SYS_CONTEXT.

set local search_path = pg_catalog;

create function ora.user_name() returns text
language sql stable parallel safe return nullif(current_setting('ora.user', true), '');
create function ora.user_number() returns numeric
language sql stable parallel safe
return (select u.user_id::numeric from localdb.users as u where u.name = ora.user_name());
create function ora.sys_context(namespace text, name text) returns text
language sql stable strict parallel safe
return case
    when upper(namespace) <> 'USERENV' then null
    when upper(name) in ('SESSION_USER', 'CURRENT_USER', 'USER', 'AUTHENTICATED_IDENTITY')
        then ora.user_name()
    when upper(name) = 'DB_NAME' then 'LOCALDB'
    when name ~ '^[A-Za-z_#]+$' then nullif(current_setting('ora.' || lower(translate(name, '#', '')), true), '')
end;
create function ora.sys_context(namespace text, name text, size numeric) returns text
language sql stable strict parallel safe return left(ora.sys_context(namespace, name), size::int);
create function ora.userenv(name text) returns text
language sql stable strict parallel safe return ora.sys_context('USERENV', name);

set local search_path = ora, pg_catalog;
