"""Puts the processes together: the `oraq` command and what runs it."""
