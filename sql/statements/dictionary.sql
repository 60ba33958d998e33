-- name: describe_procedure
-- The arguments of a procedure, a row each; one row without a position where it has none. Several
-- subprogram ids are overloads. Without a package it stands alone.
select
    p.subprogram_id,
    a.position,
    a.argument_name,
    a.in_out,
    a.data_type,
    a.pls_type,
    a.defaulted,
    a.type_owner,
    a.type_name,
    a.type_subname,
    (select u.oracle_maintained from all_users u where u.username = p.owner) as oracle_maintained
from all_procedures p
left join all_arguments a
    on a.owner = p.owner
    and a.object_name = :procedure_name
    and nvl(a.package_name, ' ') = nvl(:package_name, ' ')
    and a.subprogram_id = p.subprogram_id
    and a.data_level = 0
where p.owner = :owner
    and p.object_name = nvl(:package_name, :procedure_name)
    and nvl(p.procedure_name, ' ') = nvl2(:package_name, :procedure_name, ' ')
    and p.object_type in ('PROCEDURE', 'FUNCTION', 'PACKAGE')
    and case p.object_type when 'PACKAGE' then 'Y' else 'N' end = nvl2(:package_name, 'Y', 'N')
order by p.subprogram_id, a.sequence;

-- name: find_synonym
-- Where a synonym leads.
select table_owner, table_name, db_link
from all_synonyms
where owner = :owner
    and synonym_name = :synonym_name;

-- name: describe_array
-- What a package's associative array by integer holds.
select elem_type_name, length
from all_plsql_coll_types
where owner = :owner
    and package_name = :package_name
    and type_name = :type_name
    and coll_type = 'PL/SQL INDEX TABLE';

-- name: list_callable_names
-- The names among which one that does not exist may have been meant.
select owner, object_name, procedure_name
from all_procedures
where owner in (:home, :first_part)
    and (object_type in ('PROCEDURE', 'FUNCTION')
        or (object_type = 'PACKAGE' and procedure_name is not null))
    and rownum <= 20000;
