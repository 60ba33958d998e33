-- The methods of the object type of this name; CONSTRUCT is its constructor.
create or replace package json_element_t as
  function parse(jsn in varchar2) return json_element_t;
  function parse(jsn in clob) return json_element_t;
  function parse(jsn in blob) return json_element_t;
  function to_string(self in json_element_t) return varchar2;
  function stringify(self in json_element_t) return varchar2;
  function to_number(self in json_element_t) return number;
  function to_date(self in json_element_t) return date;
  function to_timestamp(self in json_element_t) return timestamp;
  function to_boolean(self in json_element_t) return boolean;
  function to_clob(self in json_element_t) return clob;
  function to_blob(self in json_element_t) return blob;
  function get_size(self in json_element_t) return number;
  function is_object(self in json_element_t) return boolean;
  function is_array(self in json_element_t) return boolean;
  function is_scalar(self in json_element_t) return boolean;
  function is_string(self in json_element_t) return boolean;
  function is_number(self in json_element_t) return boolean;
  function is_boolean(self in json_element_t) return boolean;
  function is_true(self in json_element_t) return boolean;
  function is_false(self in json_element_t) return boolean;
  function is_null(self in json_element_t) return boolean;
  function is_date(self in json_element_t) return boolean;
  function is_timestamp(self in json_element_t) return boolean;
  procedure on_error(self in json_element_t, val in number);
end json_element_t;
/
