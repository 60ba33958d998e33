"""Oracle's SQL, translated to PostgreSQL's: one rule a function, nothing dropped silently."""
