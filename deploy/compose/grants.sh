#!/bin/sh
# Users and rights in the database of compose.yaml, as SYS. Any number of times.
set -eu
exec sqlplus -S -L /nolog <<SQL
whenever sqlerror exit failure
connect sys/"$ORACLE_PASSWORD"@oracle:1521/FREE as sysdba
-- The image has 1: recovery and clean-up would wait for each other.
alter system set job_queue_processes = 10;
connect sys/"$ORACLE_PASSWORD"@oracle:1521/FREEPDB1 as sysdba
@/oraq/sql/grants.sql
alter user oraq identified by "$ORAQ_PASSWORD" account unlock;
alter user oraq_api identified by "$ORAQ_API_PASSWORD" account unlock;
alter user oraq_worker identified by "$ORAQ_WORKER_PASSWORD" account unlock;
exit success
SQL
