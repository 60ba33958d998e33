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

-- name: describe_types
-- What the records and collections among a procedure's arguments are made of. A line for each
-- collection ("C") and for each attribute ("A") of a record, its fields parted by double quotes, which
-- no name has. Of a collection's elements where they are records as well.
declare
  type t_lines is table of varchar2(1200) index by binary_integer;
  type t_names is table of boolean index by varchar2(1000);

  procedure describe_types(
    p_owner in varchar2, p_package in varchar2, p_procedure in varchar2, p_lines out t_lines
  ) is
    l_described t_names;

    procedure add_line(
      p_kind in varchar2, p_type in varchar2, p_name in varchar2, p_type_owner in varchar2,
      p_type_name in varchar2, p_type_package in varchar2, p_length in number,
      p_rest in varchar2 default null
    ) is
    begin
      p_lines(p_lines.count + 1) := p_kind || '"' || p_type || '"' || p_name || '"'
        || p_type_owner || '"' || p_type_name || '"' || p_type_package || '"' || p_length || p_rest;
    end add_line;

    -- Without a package it is a row of a table or view.
    procedure add_record(p_owner in varchar2, p_package in varchar2, p_name in varchar2) is
      l_type varchar2(1000) := p_owner || '"' || p_package || '"' || p_name;
    begin
      if l_described.exists(l_type) then
        return;
      end if;
      l_described(l_type) := true;
      for a in (
        select attr_name, attr_type_owner, attr_type_name, attr_type_package, length
        from all_plsql_type_attrs
        where owner = p_owner
          and package_name = p_package
          and type_name = p_name
        order by attr_no
      ) loop
        add_line(
          'A', l_type, a.attr_name, a.attr_type_owner, a.attr_type_name, a.attr_type_package, a.length
        );
      end loop;
      if p_package is not null then
        return;
      end if;
      for c in (
        select column_name, data_type_owner, data_type, data_length
        from all_tab_columns
        where owner = p_owner
          and table_name = p_name
        order by column_id
      ) loop
        add_line(
          'A', l_type, c.column_name, c.data_type_owner, c.data_type, null, c.data_length
        );
      end loop;
    end add_record;

    procedure add_collection(p_owner in varchar2, p_package in varchar2, p_name in varchar2) is
    begin
      for c in (
        select
          coll_type, upper_bound, index_by,
          elem_type_owner, elem_type_name, elem_type_package, length
        from all_plsql_coll_types
        where owner = p_owner
          and package_name = p_package
          and type_name = p_name
        union all
        select
          coll_type, upper_bound, null,
          elem_type_owner, elem_type_name, null, length
        from all_coll_types
        where p_package is null
          and owner = p_owner
          and type_name = p_name
      ) loop
        add_line(
          'C', p_owner || '"' || p_package || '"' || p_name, null,
          c.elem_type_owner, c.elem_type_name, c.elem_type_package, c.length,
          '"' || c.coll_type || '"' || c.upper_bound || '"' || c.index_by
        );
        if c.elem_type_owner is not null then
          add_record(
            c.elem_type_owner,
            c.elem_type_package,
            case
              when c.elem_type_package is null and c.elem_type_name like '%\%ROWTYPE' escape '\'
              then substr(c.elem_type_name, 1, length(c.elem_type_name) - length('%ROWTYPE'))
              else c.elem_type_name
            end
          );
        end if;
      end loop;
    end add_collection;
  begin
    for t in (
      select distinct
        data_type,
        type_owner,
        nvl2(type_subname, type_name, null) as type_package,
        nvl(type_subname, type_name) as type_name
      from all_arguments
      where owner = p_owner
        and object_name = p_procedure
        and nvl(package_name, ' ') = nvl(p_package, ' ')
        and data_level = 0
        and data_type in ('PL/SQL RECORD', 'PL/SQL TABLE', 'TABLE', 'VARRAY')
        and type_name is not null
    ) loop
      if t.data_type = 'PL/SQL RECORD' then
        add_record(t.type_owner, t.type_package, t.type_name);
      else
        add_collection(t.type_owner, t.type_package, t.type_name);
      end if;
    end loop;
  end describe_types;
begin
  describe_types(:owner, :package_name, :procedure_name, :lines);
end;

-- name: list_callable_names
-- The names among which one that does not exist may have been meant.
select owner, object_name, procedure_name
from all_procedures
where owner in (:home, :first_part)
    and (object_type in ('PROCEDURE', 'FUNCTION')
        or (object_type = 'PACKAGE' and procedure_name is not null))
    and rownum <= 20000;
