-- The job table and its view. Runs in SQL*Plus and SQLcl as it is, any number of times; install.sql
-- does this and all the rest.

@@schema/async_jobs.sql
@@migrations/0002_job_tags_and_keys.sql
@@migrations/0003_submitted_by.sql
@@schema/async_jobs_local.sql
