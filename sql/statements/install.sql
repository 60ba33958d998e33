-- name: lock_installer
-- Let one installer at a time work. 0: granted, 4: this session has it, 1: not in time.
begin
    :answer := dbms_lock.request(
        id => 736209117,
        lockmode => dbms_lock.x_mode,
        timeout => :wait_seconds,
        release_on_commit => false
    );
end;
/

-- name: unlock_installer
-- The next installer may work.
declare
    l_answer pls_integer;
begin
    l_answer := dbms_lock.release(id => 736209117);
end;
/

-- name: unit_source
-- The text of a unit that works, line by line; no rows: there is none.
select s.text
from user_source s
join user_objects o
    on o.object_name = s.name
    and o.object_type = s.type
where s.name = :unit_name
    and s.type = :unit_type
    and o.status = 'VALID'
order by s.line;

-- name: unit_errors
-- What the compiler says about a unit.
select line, position, text
from user_errors
where name = :unit_name
    and type = :unit_type
    and attribute = 'ERROR'
order by sequence;

-- name: missing_privileges
-- What the installer needs and the user does not have. Roles do not reach into definer's packages,
-- so rights on packages have to be granted directly.
select n.privilege
from (
    select 'CREATE TABLE' as privilege from dual
    union all
    select 'CREATE VIEW' from dual
    union all
    select 'CREATE PROCEDURE' from dual
    union all
    select 'CREATE JOB' from dual
) n
where not exists (
        select 1
        from session_privs s
        where s.privilege = n.privilege
    )
union all
select 'EXECUTE ON ' || n.package_name
from (
    select 'DBMS_AQ' as package_name from dual
    union all
    select 'DBMS_AQADM' from dual
) n
where not exists (
        select 1
        from all_tab_privs p
        where p.table_schema = 'SYS'
            and p.table_name = n.package_name
            and p.privilege = 'EXECUTE'
            and p.grantee in (user, 'PUBLIC')
    );
