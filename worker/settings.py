"""What a worker process needs to know beside the database."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


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
    #: What V$SESSION and ASYNC_JOB_WORKERS show as the version.
    version: str = "0.1.0"

    @model_validator(mode="after")
    def _renew_in_time(self) -> Self:
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError("the lease has to last at least two heartbeats")
        return self
