"""The packages that Oracle supplies, and the functions of package STANDARD."""

from __future__ import annotations

import importlib
import pkgutil


def register_all() -> None:
    """Import every module of this package: each registers what it implements."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
