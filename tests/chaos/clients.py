"""REST clients that submit without pause, cancel and delete a part, and remember what they were told."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx

from tests.chaos.judgement import KINDS, Kind, Submission

#: Of a client's call; longer than any partition but a hung API must not stop the run.
CALL_SECONDS: Final = 15.0
#: Part of the jobs that is sent with an idempotency key, again and again until it is accepted.
KEYED_PART: Final = 0.5
#: How often, with half a second between.
REPEATS: Final = 60
#: Part of the jobs that is cancelled, and deleted, soon after the submission.
CANCEL_PART: Final = 0.03
DELETE_PART: Final = 0.03


class Clients:
    """Threads that submit the seeded jobs."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        seed: int,
        prefix: str,
        threads: int = 3,
        may_submit: Callable[[], bool],
    ) -> None:
        """Submit nothing yet.

        Args:
            url: of the API, through the proxy.
            headers: with the token.
            seed: decides kinds and order.
            prefix: of the keys, so that runs in one database do not meet.
            threads: clients at once.
            may_submit: asked before each submission; False: not now.
        """
        self.submissions: list[Submission] = []
        self._url, self._headers = url, headers
        self._chance = random.Random(f"jobs {seed}")
        self._prefix = prefix
        self._may_submit = may_submit
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        #: A step that the plan waits for: the next client does it.
        self._wanted: str | None = None
        self._threads = [
            threading.Thread(target=self._run, name=f"client {n}", daemon=True)
            for n in range(threads)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """No more submissions; those on the way get their answers. Twice is fine."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(2 * CALL_SECONDS + 5)

    @property
    def accepted(self) -> int:
        return sum(submission.job_id is not None for submission in list(self.submissions))

    def want(self, step: str) -> None:
        """Have a job cancelled or deleted soon."""
        if step in ("cancel", "delete"):
            self._wanted = step

    def _run(self) -> None:
        with httpx.Client(
            base_url=self._url, headers=dict(self._headers), timeout=CALL_SECONDS
        ) as http:
            while not self._stopping.is_set():
                submission = self._next()
                if submission is None:
                    time.sleep(0.05)
                    continue
                self._submit(http, submission)

    def _next(self) -> Submission | None:
        with self._lock:
            if not self._may_submit():
                return None
            names = list(KINDS)
            name = self._chance.choices(names, [KINDS[kind].weight for kind in names])[0]
            chance, wanted = self._chance.random(), self._wanted
            submission = Submission(key=f"{self._prefix}{len(self.submissions)}", kind=name)
            submission.keyed = self._chance.random() < KEYED_PART
            if wanted:
                submission.kind, self._wanted = "sleeps", None
            submission.cancel_asked = wanted == "cancel" or chance < CANCEL_PART
            submission.delete_asked = not submission.cancel_asked and (
                wanted == "delete" or chance < CANCEL_PART + DELETE_PART
            )
            self.submissions.append(submission)
            return submission

    def _submit(self, http: httpx.Client, submission: Submission) -> None:
        submission.sent_at = time.time()
        body = submission_body(KINDS[submission.kind], submission.key)
        headers = {"Idempotency-Key": submission.key} if submission.keyed else {}
        for _ in range(REPEATS if submission.keyed else 1):
            answer = self._call(http, "POST", "/procedure/async", body, headers)
            submission.sent += 1
            if answer is not None and answer.status_code == 201:
                break
            if self._stopping.wait(0.5 if submission.keyed else 0):
                break
        if answer is None or answer.status_code != 201:
            submission.told = f"{answer.status_code} {answer.text}" if answer else "no answer"
            submission.cancel_asked = submission.delete_asked = False
            # The API is on its way back.
            self._stopping.wait(0.3)
            return
        submission.job_id = str(answer.json()["job_id"])
        if submission.cancel_asked:
            self._call(http, "POST", f"/jobs/{submission.job_id}/cancel")
        if submission.delete_asked:
            done = self._call(http, "DELETE", f"/jobs/{submission.job_id}")
            submission.deleted = done is not None and done.status_code == 200

    def _call(
        self,
        http: httpx.Client,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response | None:
        try:
            return http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError:
            return None


def submission_body(kind: Kind, key: str, **values: str) -> dict[str, Any]:
    """What is posted for a job of this kind."""
    params: list[dict[str, Any]] = [{"name": "p_key", "value": key}]
    params += [{"name": name, "value": value} for name, value in values.items()]
    if kind.procedure == "CHAOS_HUGE":
        params.append({"name": "p_text", "direction": "OUT"})
    if kind.procedure == "CHAOS_DEADLOCK":
        # Neighbours in opposite orders.
        first, second = (1, 2) if sum(key.encode()) % 2 else (2, 1)
        params.append({"name": "p_first", "value": first})
        params.append({"name": "p_second", "value": second})
    return {"name": kind.procedure, "params": params, **kind.fields}
