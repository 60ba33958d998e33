"""The worker: claims jobs, runs their procedures, keeps their leases."""
