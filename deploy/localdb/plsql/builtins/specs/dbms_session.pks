create or replace package dbms_session authid current_user as
  free_all_resources constant pls_integer := 1;
  reinitialize       constant pls_integer := 2;

  procedure clear_identifier;
  procedure free_unused_user_memory;
  function is_role_enabled(rolename in varchar2) return boolean;
  function is_session_alive(uniqueid in varchar2) return boolean;
  procedure modify_package_state(action_flags in pls_integer);
  procedure reset_package;
  procedure set_identifier(client_id in varchar2);
  procedure set_nls(param in varchar2, value in varchar2);
  procedure set_role(role_cmd in varchar2);
  procedure set_sql_trace(sql_trace in boolean);
  procedure set_context(
    namespace in varchar2,
    attribute in varchar2,
    value     in varchar2,
    username  in varchar2 default null,
    client_id in varchar2 default null
  );
  procedure clear_context(
    namespace in varchar2,
    client_id in varchar2 default null,
    attribute in varchar2 default null
  );
  procedure clear_all_context(namespace in varchar2);
  procedure sleep(seconds in number);
  function unique_session_id return varchar2;
end dbms_session;
/
