"""Everything that Python knows of the database."""
