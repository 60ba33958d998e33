-- PL/SQL Language Reference 19c, 5 PL/SQL Collections and Records
declare
  type t_names is table of varchar2(10) index by pls_integer;
  l_names t_names;
  l_at pls_integer;
begin
  l_names(10) := 'ten';
  l_names(-1) := 'minus';
  l_names(5) := 'five';
  l_at := l_names.first;
  while l_at is not null loop
    dbms_output.put_line(l_at || ' ' || l_names(l_at));
    l_at := l_names.next(l_at);
  end loop;
  l_names.delete(5);
  dbms_output.put_line(l_names.count || ' ' || case when l_names.exists(5) then 'yes' else 'no' end);
  dbms_output.put_line(l_names(5));
end;
-- expect: -1 minus
-- expect: 5 five
-- expect: 10 ten
-- expect: 2 no
-- expect error: ORA-01403: no data found
/
declare
  type t_list is table of number;
  l_list t_list := t_list(1, 2, 3);
  l_none t_list;
begin
  l_list.extend;
  l_list(4) := 40;
  l_list.trim(1);
  dbms_output.put_line(l_list.count || ' ' || l_list.last);  -- expect: 3 3
  dbms_output.put_line(l_none.count);  -- expect error: ORA-06531: Reference to uninitialized collection
end;
/
declare
  type t_list is table of number;
  l_list t_list := t_list(1);
begin
  l_list(2) := 2;  -- expect error: ORA-06533: Subscript beyond count
end;
/
declare
  type t_row is varray(2) of number;
  l_row t_row := t_row(1, 2);
begin
  l_row.extend;  -- expect error: ORA-06532: Subscript outside of limit
end;
/
declare
  type t_point is record (x number := 1, y number);
  type t_points is table of t_point index by varchar2(10);
  l_point t_point;
  l_points t_points;
begin
  l_point.y := 2;
  l_points('a') := l_point;
  l_point.x := 9;
  l_points('b').y := 7;
  dbms_output.put_line(l_points('a').x || ' ' || l_points('a').y);  -- expect: 1 2
  dbms_output.put_line(l_points('b').x || ' ' || l_points('b').y);  -- expect: 1 7
end;
/
-- PL/SQL Language Reference 19c, "Assigning Values to Record Variables", "Assigning NULL to Record Variable"
declare
  type t_point is record (x number := 1, y number);
  l_point t_point;
  function moved(p_point in t_point := null) return t_point is
  begin
    if p_point.y is null then
      return null;
    end if;
    return p_point;
  end;
begin
  l_point.y := 2;
  l_point := null;
  dbms_output.put_line(nvl(to_char(l_point.x), 'null') || nvl(to_char(l_point.y), 'null'));  -- expect: nullnull
  dbms_output.put_line(nvl(to_char(moved().y), 'null'));  -- expect: null
  l_point.y := 3;
  dbms_output.put_line(moved(l_point).y);  -- expect: 3
end;
/
declare
  type t_array is table of number index by pls_integer;
  l_array t_array;
begin
  l_array := null;  -- expect error: PLS-00382: expression is of wrong type
end;
