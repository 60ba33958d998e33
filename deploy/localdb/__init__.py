"""A development database that speaks Oracle's network protocol in front of an embedded PostgreSQL."""
