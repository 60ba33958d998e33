-- Recovery every minute and clean-up every day, also while no worker runs.

begin
    async_jobs_admin.create_scheduler_jobs;
end;
/
