-- The methods of the object type of this name; CONSTRUCT is its constructor.
create or replace package json_object_t as
  function construct return json_object_t;
  function construct(jsn in varchar2) return json_object_t;
  function construct(jsn in clob) return json_object_t;
  function construct(jsn in blob) return json_object_t;
  function construct(jsn in json_element_t) return json_object_t;
  function parse(jsn in varchar2) return json_object_t;
  function parse(jsn in clob) return json_object_t;
  function parse(jsn in blob) return json_object_t;
  function get(self in json_object_t, key in varchar2) return json_element_t;
  function get_string(self in json_object_t, key in varchar2) return varchar2;
  function get_number(self in json_object_t, key in varchar2) return number;
  function get_boolean(self in json_object_t, key in varchar2) return boolean;
  function get_date(self in json_object_t, key in varchar2) return date;
  function get_timestamp(self in json_object_t, key in varchar2) return timestamp;
  function get_clob(self in json_object_t, key in varchar2) return clob;
  function get_blob(self in json_object_t, key in varchar2) return blob;
  function get_object(self in json_object_t, key in varchar2) return json_object_t;
  function get_array(self in json_object_t, key in varchar2) return json_array_t;
  function has(self in json_object_t, key in varchar2) return boolean;
  function get_type(self in json_object_t, key in varchar2) return varchar2;
  function get_keys(self in json_object_t) return json_key_list;
  function clone(self in json_object_t) return json_object_t;
  procedure put(self in json_object_t, key in varchar2, val in varchar2);
  procedure put(self in json_object_t, key in varchar2, val in number);
  procedure put(self in json_object_t, key in varchar2, val in boolean);
  procedure put(self in json_object_t, key in varchar2, val in date);
  procedure put(self in json_object_t, key in varchar2, val in timestamp);
  procedure put(self in json_object_t, key in varchar2, val in json_element_t);
  procedure put(self in json_object_t, key in varchar2, val in clob);
  procedure put_null(self in json_object_t, key in varchar2);
  procedure remove(self in json_object_t, key in varchar2);
  procedure rename_key(self in json_object_t, keyold in varchar2, keynew in varchar2);
end json_object_t;
/
