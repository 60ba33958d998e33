create or replace package dbms_random authid definer as
  procedure initialize(val in binary_integer);
  procedure seed(val in binary_integer);
  procedure seed(val in varchar2);
  function normal return number;
  function random return binary_integer;
  function string(opt in char, len in number) return varchar2;
  procedure terminate;
  function value return number;
  function value(low in number, high in number) return number;
end dbms_random;
/
