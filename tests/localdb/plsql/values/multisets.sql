-- PL/SQL Language Reference 19c, 5 PL/SQL Collections and Records, Collection Comparisons; SQL
-- Language Reference 19c, Multiset Operators
declare
  type t_list is table of number;
  a t_list := t_list(1, 2, 2, 3);
  b t_list := t_list(2, 3, 3, 4);
  procedure show(p_list t_list) is
    l_text varchar2(100);
  begin
    for i in 1 .. p_list.count loop
      l_text := l_text || p_list(i) || ' ';
    end loop;
    dbms_output.put_line(coalesce(trim(l_text), '-'));
  end;
begin
  show(a multiset union b);  -- expect: 1 2 2 3 2 3 3 4
  show(a multiset union all b);  -- expect: 1 2 2 3 2 3 3 4
  show(a multiset union distinct b);  -- expect: 1 2 3 4
  show(a multiset intersect b);  -- expect: 2 3
  show(a multiset intersect distinct b);  -- expect: 2 3
  show(a multiset except b);  -- expect: 1 2
  show(a multiset except distinct b);  -- expect: 1
  show(set(a));  -- expect: 1 2 3
  dbms_output.put_line(cardinality(a));  -- expect: 4
end;
/
declare
  type t_list is table of varchar2(10);
  l_none t_list;
  l_empty t_list := t_list();
  procedure show(p_what boolean) is
  begin
    dbms_output.put_line(case when p_what then 'true' when not p_what then 'false' else 'null' end);
  end;
begin
  show('a' member of t_list('a', 'b'));  -- expect: true
  show('c' member t_list('a', 'b'));  -- expect: false
  show('c' not member of t_list('a', 'b'));  -- expect: true
  show(null member of t_list('a'));  -- expect: null
  show('a' member of l_none);  -- expect: null
  show(t_list('a') submultiset of t_list('b', 'a'));  -- expect: true
  show(t_list('a', 'a') submultiset of t_list('b', 'a'));  -- expect: false
  show(l_empty submultiset of t_list('a'));  -- expect: true
  show(l_empty is empty);  -- expect: true
  show(l_empty is not empty);  -- expect: false
  show(l_none is empty);  -- expect: null
  show(t_list('a', 'b') is a set);  -- expect: true
  show(t_list('a', 'a') is a set);  -- expect: false
  show(t_list('a', 'a') is not a set);  -- expect: true
end;
/
declare
  type t_list is table of number;
  procedure show(p_what boolean) is
  begin
    dbms_output.put_line(case when p_what then 'true' when not p_what then 'false' else 'null' end);
  end;
begin
  show(t_list(1, 2) = t_list(2, 1));  -- expect: true
  show(t_list(1, 1) = t_list(1, 2));  -- expect: false
  show(t_list(1) <> t_list(1, 1));  -- expect: true
  show(t_list(1, null) = t_list(1, 2));  -- expect: null
  show(t_list(1, null) = t_list(2, 3));  -- expect: false
end;
/
declare
  type t_list is table of number;
  l_none t_list;
begin
  dbms_output.put_line(coalesce(to_char(cardinality(l_none)), 'null'));  -- expect: null
  l_none := l_none multiset union t_list(1);
  dbms_output.put_line(l_none.count);  -- expect error: ORA-06531: Reference to uninitialized collection
end;
/
declare
  type t_array is table of number index by pls_integer;
  a t_array;
begin
  a := a multiset union a;  -- expect error: PLS-00306: wrong number or types of arguments in call to 'MULTISET UNION'
end;
/
declare
  type t_row is varray(3) of number;
  a t_row := t_row(1);
begin
  if a = a then  -- expect error: PLS-00306: wrong number or types of arguments in call to '='
    null;
  end if;
end;
/
declare
  type t_one is table of number;
  type t_other is table of number;
  a t_one := t_one(1);
begin
  if a submultiset of t_other(1) then  -- expect error: PLS-00306: wrong number or types of arguments in call to 'SUBMULTISET'
    null;
  end if;
end;
/
