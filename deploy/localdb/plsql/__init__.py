"""PL/SQL: scanner, parser, resolver, interpreter and the built-in packages. No I/O."""
