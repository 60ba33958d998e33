"""The embedded PostgreSQL: its cluster, its connections, its errors as Oracle's."""
