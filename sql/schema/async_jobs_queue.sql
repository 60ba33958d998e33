-- ASYNC_JOBS_QUEUE: the wake-ups, in the order of their jobs' priority. The payload is the 16 bytes of
-- the job's id, the correlation its text.

declare
    l_count pls_integer;
begin
    select count(*)
    into l_count
    from user_queue_tables
    where queue_table = 'ASYNC_JOBS_QUEUE_TABLE';
    if l_count = 0 then
        dbms_aqadm.create_queue_table(
            queue_table => 'ASYNC_JOBS_QUEUE_TABLE',
            queue_payload_type => 'RAW',
            sort_list => 'PRIORITY,ENQ_TIME',
            multiple_consumers => false,
            comment => 'OraQ: wake-ups of workers'
        );
    end if;

    select count(*)
    into l_count
    from user_queues
    where name = 'ASYNC_JOBS_QUEUE';
    if l_count = 0 then
        -- Attempts are counted in ASYNC_JOBS: a message must never move to the exception queue.
        dbms_aqadm.create_queue(
            queue_name => 'ASYNC_JOBS_QUEUE',
            queue_table => 'ASYNC_JOBS_QUEUE_TABLE',
            max_retries => 2147483647,
            retry_delay => 0,
            retention_time => 0,
            comment => 'OraQ: wake-ups of workers'
        );
        dbms_aqadm.start_queue(queue_name => 'ASYNC_JOBS_QUEUE');
    end if;
end;
/
