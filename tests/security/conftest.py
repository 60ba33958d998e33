"""A stack of its own whose secrets are planted, so that they can be looked for in all that it says."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import oracledb
import pytest

from deploy.stack import Api, Stack

#: Passwords and tokens that no output may hold.
DATABASE_SECRET = "Planted_db_7f3a9c"
ADMIN_SECRET = "Planted-admin-51d0e2b8"
READ_SECRET = "Planted-read-0c77aa31"
SUBMIT_SECRET = "Planted-submit-9e42bd65"
SECRETS = (DATABASE_SECRET, ADMIN_SECRET, READ_SECRET, SUBMIT_SECRET)
#: Short, so that a slow client's end can be awaited.
BODY_SECONDS = 1


@dataclass(frozen=True)
class Answers:
    """A client, and the text of all that it was answered."""

    http: httpx.Client
    said: list[str]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("security")
    with Stack(folder=folder, environment={**os.environ, "LOG_LEVEL": "debug"}) as stack:
        stack.start_database(password=DATABASE_SECRET)
        stack.install(samples=True)
        yield stack


@pytest.fixture(scope="module")
def api(stack: Stack) -> Api:
    return stack.start_api(
        token=ADMIN_SECRET,
        API_TOKENS=f"reader:read:{READ_SECRET},clerk:submit:{SUBMIT_SECRET}",
        API_BODY_SECONDS=str(BODY_SECONDS),
    )


@pytest.fixture(scope="module")
def answers(api: Api) -> Iterator[Answers]:
    said: list[str] = []

    def keep(response: httpx.Response) -> None:
        response.read()
        said.append(f"{response.headers} {response.text}")

    with httpx.Client(
        base_url=api.url, headers=api.headers, timeout=20, event_hooks={"response": [keep]}
    ) as http:
        yield Answers(http, said)


@pytest.fixture(scope="module")
def http(answers: Answers) -> httpx.Client:
    return answers.http


@pytest.fixture
def db(stack: Stack) -> Iterator[oracledb.Connection]:
    database = stack.database
    with oracledb.connect(
        user=database.user, password=database.password, dsn=database.dsn
    ) as connection:
        yield connection
