"""The packages that Oracle supplies, and the functions of package STANDARD."""
