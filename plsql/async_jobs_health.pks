create or replace package async_jobs_health
  authid definer
  accessible by (package async_jobs_admin, package async_jobs_monitor)
is
  /** What can be wrong with an installation, as the owner sees it, and what mends it. */

  type t_finding is record (
    name     varchar2(30),
    -- error: jobs are not taken or not run, or will not be; warning: they are.
    severity varchar2(10),
    problem  varchar2(2000),
    -- Null: nothing that could be written down.
    remedy   varchar2(2000),
    -- owner or dba: the remedy is SQL; shell: it is a command.
    run_by   varchar2(10)
  );

  type t_findings is table of t_finding index by pls_integer;

  /** All findings.
   * @param p_findings elements 1 to n
   */
  procedure list_findings(p_findings out nocopy t_findings);

  /** A parameter of the database; null: this schema may not see it. */
  function parameter_value(p_name in varchar2) return varchar2;
end async_jobs_health;
/
