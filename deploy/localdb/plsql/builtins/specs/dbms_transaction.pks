create or replace package dbms_transaction authid current_user as
  procedure commit;
  procedure commit_comment(cmnt in varchar2);
  function local_transaction_id(create_transaction in boolean default false) return varchar2;
  procedure read_only;
  procedure read_write;
  procedure rollback;
  procedure rollback_savepoint(savept in varchar2);
  procedure savepoint(savept in varchar2);
  function step_id return number;
end dbms_transaction;
/
