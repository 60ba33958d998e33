"""The REST API: HTTP in front of the job packages."""
