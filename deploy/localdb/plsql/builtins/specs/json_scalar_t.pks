-- The methods of the object type of this name; CONSTRUCT is its constructor.
create or replace package json_scalar_t as
  function parse(jsn in varchar2) return json_scalar_t;
  function parse(jsn in clob) return json_scalar_t;
  function parse(jsn in blob) return json_scalar_t;
  function clone(self in json_scalar_t) return json_scalar_t;
end json_scalar_t;
/
