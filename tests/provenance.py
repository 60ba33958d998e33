"""What a published figure says of where it comes from."""

from __future__ import annotations

import os
import platform
import subprocess


def commit() -> str:
    """The checkout's commit, `+` where it has changes."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip()

    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + (
        "+" if git("status", "--porcelain", "--untracked-files=no") else ""
    )


def machine() -> str:
    """What it ran on, without names."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPUs, Python " + (
        platform.python_version()
    )
