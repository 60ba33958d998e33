"""A REST client as users write them, with the waiting that every one of them needs."""

from typing import Any

import httpx

from tests.waiting import eventually

Job = dict[str, Any]

ENDED = ("completed", "failed")


def in_params(values: dict[str, object]) -> list[dict[str, object]]:
    return [{"name": name, "value": value} for name, value in values.items()]


class JobClient:
    """Calls of the contract."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def submit(
        self,
        name: str,
        params: dict[str, object] | None = None,
        out: dict[str, str | None] | None = None,
        **more: object,
    ) -> str:
        """Submit IN parameters and typed (None: untyped) OUT parameters; gives the job's id."""
        outs = [
            {"name": param, "direction": "OUT", **({"type": kind} if kind else {})}
            for param, kind in (out or {}).items()
        ]
        body = {"name": name, "params": [*in_params(params or {}), *outs], **more}
        answer = self.http.post("/procedure/async", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["job_id"])

    def get(self, job_id: str) -> Job:
        answer = self.http.get(f"/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        job: Job = answer.json()
        return job

    def wait(self, job_id: str, *statuses: str, seconds: float = 30.0) -> Job:
        """Wait for one of these states; without any: for the end."""
        wanted = statuses or ENDED

        def look() -> Job | None:
            job = self.get(job_id)
            return job if job["status"] in wanted else None

        return eventually(look, seconds=seconds, what=f"job {job_id} {wanted}")

    def run(
        self,
        name: str,
        params: dict[str, object] | None = None,
        out: dict[str, str | None] | None = None,
        **more: object,
    ) -> Job:
        """Submit and wait for the end."""
        return self.wait(self.submit(name, params, out, **more))
