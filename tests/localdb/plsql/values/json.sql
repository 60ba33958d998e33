-- PL/SQL Packages and Types Reference 19c, JSON Data Structures; JSON Developer's Guide 19c, Overview
-- of PL/SQL Object Types for JSON
declare
  l_object json_object_t := json_object_t('{"name":"fork","price":12.50,"sold":true,"tags":["a","b"],"none":null}');
begin
  dbms_output.put_line(l_object.get_string('name'));  -- expect: fork
  dbms_output.put_line(l_object.get_number('price'));  -- expect: 12.5
  dbms_output.put_line(case when l_object.get_boolean('sold') then 'sold' end);  -- expect: sold
  dbms_output.put_line(l_object.get_size);  -- expect: 5
  dbms_output.put_line(case when l_object.has('tags') then 'has' end);  -- expect: has
  dbms_output.put_line(case when not l_object.has('TAGS') then 'has not' end);  -- expect: has not
  dbms_output.put_line(l_object.get_type('tags') || ' ' || l_object.get_type('name'));  -- expect: ARRAY SCALAR
  dbms_output.put_line(nvl(l_object.get_string('missing'), 'null'));  -- expect: null
  dbms_output.put_line(nvl(l_object.get_string('none'), 'null'));  -- expect: null
  dbms_output.put_line(case when l_object.get('none').is_null then 'JSON null' end);  -- expect: JSON null
end;
/
declare
  l_object json_object_t := json_object_t();
begin
  l_object.put('text', 'a "quoted" word');
  l_object.put('number', 42);
  l_object.put('flag', false);
  l_object.put('day', date '2024-02-29');
  l_object.put_null('nothing');
  l_object.put('list', json_array_t('[1,2]'));
  dbms_output.put_line(l_object.to_string);  -- expect: {"text":"a \"quoted\" word","number":42,"flag":false,"day":"2024-02-29T00:00:00","nothing":null,"list":[1,2]}
  dbms_output.put_line(to_char(l_object.get_date('day'), 'DD.MM.YYYY'));  -- expect: 29.02.2024
  l_object.put('number', 43);
  l_object.remove('text');
  l_object.rename_key('flag', 'is_on');
  dbms_output.put_line(l_object.stringify);  -- expect: {"number":43,"is_on":false,"day":"2024-02-29T00:00:00","nothing":null,"list":[1,2]}
end;
/
declare
  l_object json_object_t := json_object_t('{"b":1,"a":2}');
  l_keys json_key_list := l_object.get_keys;
begin
  for i in 1 .. l_keys.count loop
    dbms_output.put_line(l_keys(i));
  end loop;
end;
-- expect: b
-- expect: a
/
-- get_object and get_array give references: what is changed there is changed in the whole
declare
  l_object json_object_t := json_object_t('{"inner":{"list":[]}}');
  l_list json_array_t;
begin
  l_list := l_object.get_object('inner').get_array('list');
  l_list.append('x');
  l_list.append(json_object_t('{"y":1}'));
  dbms_output.put_line(l_object.to_string);  -- expect: {"inner":{"list":["x",{"y":1}]}}
end;
/
declare
  l_object json_object_t := json_object_t('{"a":1}');
  l_other json_object_t := l_object;
  l_copy json_object_t := l_object.clone;
begin
  l_object.put('a', 2);
  dbms_output.put_line(l_other.to_string || l_copy.to_string);  -- expect: {"a":2}{"a":1}
end;
/
declare
  l_list json_array_t := json_array_t('[10,20,30]');
begin
  dbms_output.put_line(l_list.get_size || ' ' || l_list.get_number(0) || ' ' || l_list.get_number(2));  -- expect: 3 10 30
  dbms_output.put_line(nvl(to_char(l_list.get_number(3)), 'null'));  -- expect: null
  l_list.put(1, 15);
  l_list.put(0, 5, true);
  l_list.remove(3);
  l_list.append_null;
  dbms_output.put_line(l_list.to_string);  -- expect: [5,15,20,null]
end;
/
declare
  l_element json_element_t := json_element_t.parse('{"a":[true,"x",1.5]}');
  l_list json_array_t;
begin
  if l_element.is_object then
    l_list := treat(l_element as json_object_t).get_array('a');
  end if;
  for i in 0 .. l_list.get_size - 1 loop
    l_element := l_list.get(i);
    dbms_output.put_line(
      case
        when l_element.is_boolean then 'boolean'
        when l_element.is_string then 'string'
        when l_element.is_number then 'number'
      end || ' ' || l_element.to_string
    );
  end loop;
end;
-- expect: boolean true
-- expect: string "x"
-- expect: number 1.5
/
declare
  l_number number := json_object_t('{"n":0.12345678901234567890123456789012345678}').get_number('n');
begin
  dbms_output.put_line(to_char(l_number, 'TM9'));  -- expect: .12345678901234567890123456789012345678
end;
/
declare
  l_object json_object_t := new json_object_t;
begin
  dbms_output.put_line(l_object.to_string);  -- expect: {}
end;
/
declare
  l_object json_object_t := json_object_t('{"a":"x"}');
begin
  dbms_output.put_line(nvl(to_char(l_object.get_number('a')), 'null'));  -- expect: null
  l_object.on_error(1);
  dbms_output.put_line(l_object.get_number('a'));  -- expect error: ORA-40566: JSON path expression selected a value of different data type.
end;
/
begin
  dbms_output.put_line(json_object_t.parse('{"a":}').to_string);  -- expect error: ORA-40441: JSON syntax error
end;
/
declare
  l_object json_object_t;
begin
  l_object.put('a', 1);  -- expect error: ORA-30625: method dispatch on NULL SELF argument is disallowed
end;
/
declare
  l_object json_object_t := json_object_t();
begin
  l_object.no_such_method;  -- expect error: PLS-00302: component 'NO_SUCH_METHOD' must be declared
end;
/
declare
  l_object json_object_t;
begin
  l_object := json_array_t('[]');  -- expect error: PLS-00382: expression is of wrong type
end;
/
declare
  l_object json_object_t := json_object_t();
begin
  l_object.put('a', null);  -- expect error: PLS-00307: too many declarations of 'PUT' match this call
end;
/
