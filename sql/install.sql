-- All of OraQ in the connected user's schema. Runs in SQL*Plus and SQLcl, any number of times:
--
--     sqlplus user@database @sql/install.sql
--
-- What the user needs is in grants.sql. Stop the workers before an upgrade: a package is replaced
-- only when nobody is in it.

set define off
set sqlblanklines on
whenever sqlerror exit failure rollback

@@schema/async_job_schema_check.sql

prompt tables
@@create_async_jobs_table.sql
@@schema/async_job_attempts.sql
@@schema/async_job_workers.sql
@@schema/async_job_procedures.sql
@@schema/async_job_recovery.sql
@@migrations/0002_worker_metrics_and_drain.sql
@@schema/async_job_schema.sql

prompt views
@@views/async_jobs_backlog.sql
@@views/async_jobs_running.sql
@@views/async_jobs_waits.sql
@@views/async_jobs_slowest.sql
@@views/async_jobs_failures.sql
@@views/async_jobs_worker_load.sql

prompt queue
@@schema/async_jobs_queue.sql

prompt packages
@@../plsql/async_jobs_state.pks
@@../plsql/async_jobs_current.pks
@@../plsql/async_jobs_recovery.pks
@@../plsql/async_jobs_progress.pks
@@../plsql/async_jobs_api.pks
@@../plsql/async_jobs_worker.pks
@@../plsql/async_jobs_claims.pks
@@../plsql/async_jobs_health.pks
@@../plsql/async_jobs_monitor.pks
@@../plsql/async_jobs_admin.pks
@@../plsql/async_jobs_state.pkb
@@../plsql/async_jobs_current.pkb
@@../plsql/async_jobs_recovery.pkb
@@../plsql/async_jobs_progress.pkb
@@../plsql/async_jobs_api.pkb
@@../plsql/async_jobs_claims.pkb
@@../plsql/async_jobs_worker.pkb
@@../plsql/async_jobs_health.pkb
@@../plsql/async_jobs_monitor.pkb
@@../plsql/async_jobs_admin.pkb
@@../plsql/cleanup_old_async_jobs.prc

prompt scheduler jobs
@@schema/scheduler_jobs.sql
@@schema/async_job_schema_version.sql
