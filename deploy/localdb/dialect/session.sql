-- Who asks: USER, SYS_CONTEXT.

set local search_path = pg_catalog;

create function ora.user_name() returns text
language sql stable parallel safe return nullif(current_setting('ora.user', true), '');
-- The user of the privilege domain: of a unit with definer's rights its owner. Nobody: the server itself,
-- which may see everything.
create function localdb.current_user_name() returns text
language sql stable parallel safe
return coalesce(
    nullif(current_setting('ora.current_user', true), ''), current_setting('ora.user', true)
);
-- Whose privileges count.
create view localdb.grantees as
select localdb.current_user_name() as name
union all
select 'PUBLIC'
union all
select unnest(string_to_array(current_setting('ora.enabled_roles', true), e'\n'));
-- The objects of others that something is granted on.
create view localdb.granted as
select g.object_owner as owner, g.object_name as name, g.privilege
from localdb.grants as g
where g.object_name is not null and g.grantee in (select n.name from localdb.grantees as n);
create function localdb.has_any(variadic privileges text[]) returns boolean
language sql stable
return nullif(current_setting('ora.current_user', true), '') is null
    or exists (
        select from localdb.grants as g
        where g.object_name is null
            and g.privilege = any (privileges)
            and g.grantee in (select n.name from localdb.grantees as n)
    );
create function localdb.sees_any_table() returns boolean
language sql stable
return localdb.has_any(
    'SELECT ANY TABLE', 'READ ANY TABLE', 'INSERT ANY TABLE', 'UPDATE ANY TABLE', 'DELETE ANY TABLE',
    'LOCK ANY TABLE'
);
create function localdb.sees_any_unit() returns boolean
language sql stable
return localdb.has_any('EXECUTE ANY PROCEDURE', 'CREATE ANY PROCEDURE', 'ALTER ANY PROCEDURE');

create function ora.user_number() returns numeric
language sql stable parallel safe
return (select u.user_id::numeric from localdb.users as u where u.name = ora.user_name());
create function ora.sys_context(namespace text, name text) returns text
language sql stable strict parallel safe
return case
    when upper(namespace) = 'CLIENTCONTEXT'
        then nullif(current_setting('ora.client_context', true), '')::jsonb ->> upper(name)
    when upper(namespace) <> 'USERENV' then null
    when upper(name) = 'CURRENT_USER' then localdb.current_user_name()
    when upper(name) in ('SESSION_USER', 'USER', 'AUTHENTICATED_IDENTITY')
        then ora.user_name()
    when upper(name) in ('DB_NAME', 'DB_UNIQUE_NAME', 'INSTANCE_NAME') then 'FREE'
    when upper(name) in ('SERVICE_NAME', 'CON_NAME') then 'FREEPDB1'
    when upper(name) in ('CURRENT_EDITION_NAME', 'SESSION_EDITION_NAME') then 'ORA$BASE'
    when upper(name) = 'LANGUAGE' then 'AMERICAN_AMERICA.AL32UTF8'
    when upper(name) = 'LANG' then 'US'
    when upper(name) = 'INSTANCE' then '1'
    when upper(name) = 'AUTHENTICATION_METHOD' then 'PASSWORD'
    when upper(name) = 'IDENTIFICATION_TYPE' then 'LOCAL'
    when upper(name) = 'DATABASE_ROLE' then 'PRIMARY'
    when upper(name) = 'ISDBA' then 'FALSE'
    when upper(name) = 'CURRENT_USERID'
        then (select u.user_id::text from localdb.users as u where u.name = localdb.current_user_name())
    when upper(name) = 'SESSION_USERID'
        then (select u.user_id::text from localdb.users as u where u.name = ora.user_name())
    when upper(name) = 'SESSIONID'
        then (current_setting('ora.sid')::bigint * 65536 + current_setting('ora.serial')::bigint)::text
    when name ~ '^[A-Za-z_#]+$' then nullif(current_setting('ora.' || lower(translate(name, '#', '')), true), '')
end;
create function ora.sys_context(namespace text, name text, size numeric) returns text
language sql stable strict parallel safe return left(ora.sys_context(namespace, name), size::int);
create function ora.userenv(name text) returns text
language sql stable strict parallel safe return ora.sys_context('USERENV', name);

set local search_path = ora, pg_catalog;
