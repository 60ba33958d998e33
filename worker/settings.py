"""What a worker process needs to know beside the database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: Fields of the settings, and the names that people set; `oraq worker` has an option for most.
VARIABLES: Final = {
    "slots": "WORKER_SLOTS",
    "grace_seconds": "WORKER_GRACE_SECONDS",
    "cancel_grace_seconds": "WORKER_CANCEL_GRACE_SECONDS",
    "lease_seconds": "WORKER_LEASE_SECONDS",
    "heartbeat_seconds": "WORKER_HEARTBEAT_SECONDS",
    "wait_seconds": "WORKER_POLL_SECONDS",
    "cancel_check_seconds": "WORKER_CANCEL_CHECK_SECONDS",
    "alive_file": "WORKER_ALIVE_FILE",
}


class WorkerSettings(BaseModel):
    """How many jobs at once, and how long everything may take."""

    model_config = ConfigDict(frozen=True)

    #: Jobs that run at once, each on a connection of its own. Default: 4.
    slots: int = Field(default=4, ge=1, le=100)
    #: Seconds until the claims of a silent worker are given up. Default: 15.
    lease_seconds: float = Field(default=15, gt=0)
    #: Seconds between two signs of life. Default: 5.
    heartbeat_seconds: float = Field(default=5, gt=0)
    #: Seconds between two looks for cancel requests while a job runs. Default: 1.
    cancel_check_seconds: float = Field(default=1, gt=0)
    #: Seconds that one claim call waits for a wake-up. Default: 3.
    wait_seconds: int = Field(default=3, ge=1, le=60)
    #: Seconds in which a reserved job has to start, else it is given back. Default: 2.
    start_seconds: float = Field(default=2, gt=0)
    #: Seconds between breaking a call off and dropping its connection. Default: 10.
    cancel_grace_seconds: float = Field(default=10, ge=0)
    #: Seconds that running jobs get to end at shutdown. Default: 30.
    grace_seconds: float = Field(default=30, ge=0)
    #: Longest pause between two attempts to reach the database. Default: 10.
    reconnect_seconds: float = Field(default=10, gt=0)
    #: A file that is touched as long as the worker's heartbeat goes on, with or without a database.
    #: Default: none.
    alive_file: Path | None = None
    #: What V$SESSION and ASYNC_JOB_WORKERS show as the version.
    version: str = "0.1.0"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **given: float | None) -> Self:
        """Read VARIABLES.

        Args:
            environ: the process's own.
            given: fields that win, such as a command's options; None: not given.

        Raises:
            ValidationError: a value does not fit; it names the fields.
        """
        found = {field: environ[name] for field, name in VARIABLES.items() if environ.get(name)}
        options = {field: value for field, value in given.items() if value is not None}
        return cls.model_validate(found | options)

    @model_validator(mode="after")
    def _renew_in_time(self) -> Self:
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError("the lease has to last at least two heartbeats")
        return self
