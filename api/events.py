"""Waiting for a job: GET /jobs/{id}?wait=30, and its changes as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.answers import JobBody, present_job, present_state
from api.endpoints import Answer, Deadline, Endpoint
from api.observation import CLIENT_GONE, Logger
from api.queries import WaitQuery
from api.responses import ExactJsonResponse, RequestRefused, error_response
from api.settings import ApiSettings
from api.targets import JOB_NOT_FOUND, read_id
from api.tokens import Scope
from api.watcher import TooManyWaiting, Watch, Watcher, WatchingEnded
from sql.errors import DatabaseError
from sql.exact_json import JsonValue, dump_json
from sql.jobs import Job, Jobs, JobState

#: How long a browser waits before it asks again when the stream broke, in milliseconds.
RECONNECT_MILLISECONDS: Final = 2000

_EVENTS = """\
`state`: how far the job is, at once and at each change. `end`: the whole job as `GET /jobs/{id}` \
shows it; nothing follows. `gone`: it was deleted; nothing follows. In between comments keep the \
connection open. A stream that ends without `end` or `gone` is asked for again. The browser's \
`EventSource` cannot send a token: read the stream with `fetch`."""


def waiting_endpoints(
    settings: ApiSettings, jobs: Jobs, watcher: Watcher, deadline: Deadline, logger: Logger
) -> list[Endpoint]:
    """What shows one job, now or when something happens to it."""

    async def show(request: Request) -> Response:
        query = WaitQuery.read(request)
        job_id = read_id(request)
        job = await deadline.limit(jobs.get(job_id))
        if query.wait:
            # Its time is the job's, and would say nothing among those that are answered at once.
            request.state.route = f"{request.state.route}?wait"
        if job is not None and query.wait and not state_of(job).has_ended:
            try:
                with watcher.watch(job_id, state_of(job)) as watch:
                    if not await _wait(request, watch, query.wait):
                        return Response(status_code=CLIENT_GONE)
            except WatchingEnded:
                # The process ends: what the job is now is a right answer to who cannot wait longer.
                pass
            except TooManyWaiting as error:
                raise RequestRefused(503, "Demasiados clientes esperan") from error
            else:
                job = await deadline.limit(watcher.read_once(job_id, lambda: jobs.get(job_id)))
        return ExactJsonResponse(present_job(job)) if job else error_response(404, JOB_NOT_FOUND)

    async def follow(request: Request) -> Response:
        job_id = read_id(request)
        job = await deadline.limit(jobs.get(job_id))
        if job is None:
            return error_response(404, JOB_NOT_FOUND)
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers=headers)
        return StreamingResponse(stream(job), media_type="text/event-stream", headers=headers)

    async def stream(job: Job) -> AsyncIterator[str]:
        yield f"retry: {RECONNECT_MILLISECONDS}\n\n"
        state: JobState | None = state_of(job)
        try:
            with watcher.watch(job.id, state) as watch:
                while state is not None:
                    yield _event("state", present_state(job.id, state))
                    if state.has_ended:
                        break
                    while (told := await _next(watch, settings.keep_alive_seconds)) is _QUIET:
                        yield ": keep-alive\n\n"
                    assert told is None or isinstance(told, JobState)
                    state = told
            ended = await watcher.read_once(job.id, lambda: jobs.get(job.id)) if state else None
        except (WatchingEnded, TooManyWaiting):
            return
        except DatabaseError as error:
            logger.warning("events cut short", job=job.id, code=error.code)
            return
        if ended is None:
            yield _event("gone", {"id": job.id, "error": JOB_NOT_FOUND})
        else:
            yield _event("end", present_job(ended))

    return [
        Endpoint(
            method="GET",
            path="/jobs/{job_id}",
            call=show,
            scope=Scope.READ,
            name="getJob",
            summary="Look at a job, or wait for its end",
            description="With `wait` the answer comes when the job has ended or the time is up, "
            "whichever is first; waiting costs the database nothing.",
            query=WaitQuery,
            answers={200: Answer(description="The job", model=JobBody)},
            refusals=(404, 422),
            timed=False,
        ),
        Endpoint(
            method="GET",
            path="/jobs/{job_id}/events",
            call=follow,
            scope=Scope.READ,
            name="followJob",
            summary="Follow a job by server-sent events",
            description=_EVENTS,
            answers={200: Answer(description="The events", media_type="text/event-stream")},
            refusals=(404,),
        ),
    ]


def state_of(job: Job) -> JobState:
    return JobState(job.status, job.progress, job.progress_note, job.attempt)


async def _wait(request: Request, watch: Watch, seconds: float) -> bool:
    """Wait until the job ends, the time is up, or the client leaves (False).

    Raises:
        WatchingEnded: the process ends.
    """
    ending = asyncio.create_task(watch.until_end())
    leaving = asyncio.create_task(_leave(request))
    try:
        await asyncio.wait({ending, leaving}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            ending.result()
            return True
        return not leaving.done()
    finally:
        ending.cancel()
        leaving.cancel()


async def _leave(request: Request) -> None:
    """Return when the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _Quiet:
    """Nothing has happened for a while."""


_QUIET: Final = _Quiet()


async def _next(watch: Watch, seconds: float) -> JobState | _Quiet | None:
    try:
        async with asyncio.timeout(seconds):
            return await watch.next()
    except TimeoutError:
        return _QUIET


def _event(name: str, content: dict[str, JsonValue]) -> str:
    # The text has no line end: JSON escapes those in strings, and it is written compactly.
    return f"event: {name}\ndata: {dump_json(content)}\n\n"
