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
    a.defaulted
from all_procedures p
left join all_arguments a
    on a.owner = p.owner
    and a.object_name = :procedure_name
    and nvl(a.package_name, ' ') = nvl(:package_name, ' ')
    and a.subprogram_id = p.subprogram_id
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
