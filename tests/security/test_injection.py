"""Where text of a client becomes part of a statement, a header or a log line: it stays text.

Each place is tried with payloads that would write to a table if they ran.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import oracledb
import pytest

from deploy.stack import Stack
from tests.client import JobClient

HIT = "insert into security_hits values (1)"
PAYLOADS = (
    f"PROC_TEST(p_input => 'x'); {HIT}; --",
    f"'; begin {HIT}; commit; end; --",
    "' || (select 1 from security_hits) || '",
    f'PROC_TEST"; begin {HIT}; end; --',
    "x) or 1=1 union select password from user$ --",
    f":1; {HIT}",
    f"/* */ {HIT}",
)
ROOT = Path(__file__).resolve().parent.parent.parent
#: What moves a cursor, rings a bell or begins a sequence; tabs and line ends do not.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
FORGED = "\n2026-01-01T00:00:00Z [info     ] FORGED LINE"


@pytest.fixture(scope="module", autouse=True)
def hits(stack: Stack) -> None:
    database = stack.database
    with oracledb.connect(
        user=database.user, password=database.password, dsn=database.dsn
    ) as connection:
        connection.cursor().execute("create table security_hits (n number)")
    stack.start_worker("--slots", "2")


@pytest.fixture
def client(http: httpx.Client) -> JobClient:
    return JobClient(http)


def body(**more: Any) -> dict[str, Any]:
    return {"name": "PROC_TEST", "params": [{"name": "p_input", "value": "x"}], **more}


def parameter(**more: Any) -> dict[str, Any]:
    return body(params=[{"name": "p_input", "value": "x", **more}])


#: Where a submission's text goes.
PLACES: dict[str, Any] = {
    "name": lambda text: body(name=text),
    "quoted name": lambda text: body(name=f'"{text}"'),
    "package and name": lambda text: body(name=f'"{text[:20]}"."{text[:60]}"'),
    "schema": lambda text: body(schema=text),
    "quoted schema": lambda text: body(schema=f'"{text}"'),
    "parameter's name": lambda text: parameter(name=text),
    "parameter's type": lambda text: parameter(type=text),
    "parameter's direction": lambda text: parameter(direction=text),
    "value": lambda text: parameter(value=text),
    "key of a value": lambda text: parameter(value={text: text}),
    "tag": lambda text: body(tags=[text[:30]]),
    "transaction": lambda text: body(transaction=text),
    "idempotency key": lambda text: body(idempotency_key=text),
    "key of a record": lambda text: parameter(value=[{text: text}]),
    "run_after": lambda text: body(run_after=text),
    "field": lambda text: body(**{text: text}),
    "result's name": lambda text: body(
        name="PROC_TEST",
        params=[
            {"name": "p_input", "value": "x"},
            {"name": text, "direction": "OUT", "type": "STRING"},
        ],
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_text_of_a_submission_stays_text(
    client: JobClient, db: oracledb.Connection, place: str
) -> None:
    for payload in PAYLOADS:
        answer = client.http.post("/procedure/async", json=PLACES[place](payload))
        assert answer.status_code in (201, 400, 403, 422), answer.text
        if answer.status_code == 201:
            client.wait(answer.json()["job_id"])

    assert count_hits(db) == 0


@pytest.mark.parametrize(
    "name",
    [
        "status",
        "procedure_name",
        "submitter",
        "tag",
        "created_from",
        "created_to",
        "limit",
        "cursor",
        "order",
        "sort",
        "older_than",
    ],
)
def test_text_of_a_filter_stays_text(client: JobClient, db: oracledb.Connection, name: str) -> None:
    sentinel = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)
    for payload in PAYLOADS:
        found = client.http.get("/jobs", params={name: payload, "limit": "5"} | {name: payload})
        assert found.status_code in (200, 400, 422), found.text
        if found.status_code == 200 and name not in ("order", "older_than"):
            assert found.json()["jobs"] == []
        deleted = client.http.delete(
            "/jobs", params={"status": "completed,failed", "older_than": "36000"} | {name: payload}
        )
        assert deleted.status_code in (200, 400, 422), deleted.text

    assert count_hits(db) == 0
    assert client.get(sentinel)["status"] == "pending"
    client.http.delete(f"/jobs/{sentinel}")


def test_text_of_a_path_stays_text(client: JobClient, db: oracledb.Connection) -> None:
    for payload in PAYLOADS:
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/retry")):
            url = httpx.URL(f"{client.http.base_url}").copy_with(
                raw_path=b"/jobs/" + _percent(payload) + path.encode()
            )
            assert client.http.request(method, url).status_code in (404, 405)

    assert count_hits(db) == 0


def test_no_header_and_no_log_line_can_be_forged(
    stack: Stack, client: JobClient, db: oracledb.Connection
) -> None:
    http = client.http
    key = http.post("/procedure/async", json=body(), headers={"Idempotency-Key": "a b\tc"})
    assert key.status_code in (201, 400, 422)
    for text in (FORGED, "\r\nX-Injected: yes"):
        url = httpx.URL(f"{http.base_url}").copy_with(raw_path=b"/jobs/" + _percent(text))
        answers = [
            http.get(url),
            http.post("/procedure/async", json=body(name=f'"{text}"')),
            http.post("/procedure/async", json=parameter(name=text)),
            http.post("/procedure/async", json=body(tags=[text])),
            http.get("/jobs", params={"cursor": text, "tag": text}),
            http.post("/procedure/async", content=json.dumps({text: 1})),
        ]
        for answer in answers:
            assert "x-injected" not in answer.headers
            if answer.status_code == 201:
                client.wait(answer.json()["job_id"])

    for process in stack.processes:
        for line in process.read_log().splitlines():
            assert not line.startswith(("2026-01-01", "X-Injected")), (process.name, line)


def test_no_control_character_reaches_an_operators_terminal(
    stack: Stack, client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute("""
            create or replace procedure says(p_text in varchar2) authid definer is
            begin
              async_jobs_progress.set_progress(50, p_text);
              raise_application_error(-20001, p_text);
            end says;""")
    text = f"{FORGED} \x1b[31mred\x1b]0;title\x07 \x9b2J"
    job_id = client.run("SAYS", {"p_text": text}, tags=["t\u009b2J"])["id"]
    client.run(f'"{text}"')

    for arguments in (
        ["jobs"],
        ["job", job_id],
        ["submit", "SAYS", f"p_text={text}", "--wait"],
        ["jobs", "--procedure", text],
    ):
        done = stack.run(arguments, seconds=60)
        shown = done.stdout + done.stderr
        assert CONTROLS.search(shown) is None, (arguments, shown)
    for process in stack.processes:
        for line in process.read_log().splitlines():
            assert CONTROLS.search(line) is None, (process.name, line)
            assert not line.startswith("2026-01-01"), (process.name, line)


@pytest.mark.parametrize(
    "payload", [f"p'); {HIT}; --", f":1; {HIT}; /*", "x => 1); --", "a.b", "\\", "ñ[1]"]
)
def test_names_of_the_database_itself_stay_names(
    client: JobClient, db: oracledb.Connection, payload: str
) -> None:
    """Who may make objects chooses what they, their arguments, types and attributes are called."""
    name = f'"{payload}"'
    body = f"""
        package {name} is
          type "r{payload}" is record ({name} number);
          type "t{payload}" is table of "r{payload}";
          type "m{payload}" is table of number index by varchar2(200);
          procedure {name}(
            "a{payload}" in out "r{payload}",
            "t{payload}" in out "t{payload}",
            "m{payload}" in out "m{payload}");
        end;"""
    with db.cursor() as cursor:
        cursor.execute(f"create or replace {body}")
        cursor.execute(f"""
            create or replace package body {name} is
              procedure {name}(
                "a{payload}" in out "r{payload}",
                "t{payload}" in out "t{payload}",
                "m{payload}" in out "m{payload}") is
              begin
                "a{payload}".{name} := "a{payload}".{name} + 1;
              end;
            end;""")
    params: list[dict[str, Any]] = [
        {"name": f'"a{payload}"', "value": {name: 1}},
        {"name": f'"t{payload}"', "value": [{name: 2}]},
        {"name": f'"m{payload}"', "value": {payload: 3}},
    ]
    asked = {
        "name": f"{name}.{name}",
        "params": [{**parameter, "direction": "INOUT"} for parameter in params],
    }
    job = client.wait(client.http.post("/procedure/async", json=asked).json()["job_id"])

    assert job["status"] == "completed", job["error"]
    assert list(job["result"].values()) == [{payload: 2}, [{payload: 2}], {payload: 3}]
    assert count_hits(db) == 0


def test_keys_of_records_and_collections_stay_keys(
    client: JobClient, db: oracledb.Connection
) -> None:
    with db.cursor() as cursor:
        cursor.execute("""
            create or replace package composites authid definer is
              type t_record is record (a number);
              type t_map is table of number index by varchar2(200);
              procedure go(p_record in out t_record, p_map in out t_map);
            end composites;""")
        cursor.execute("""
            create or replace package body composites is
              procedure go(p_record in out t_record, p_map in out t_map) is
              begin
                null;
              end go;
            end composites;""")
    for payload in PAYLOADS:
        map_only = [
            {"name": "p_record", "value": {"a": 1}},
            {"name": "p_map", "value": {payload: 1}},
        ]
        both = [{"name": "p_record", "value": {payload: 1}}, *map_only[1:]]
        taken, refused = (
            client.wait(
                client.http.post(
                    "/procedure/async",
                    json={
                        "name": "COMPOSITES.GO",
                        "params": [{**parameter, "direction": "INOUT"} for parameter in params],
                    },
                ).json()["job_id"]
            )
            for params in (map_only, both)
        )
        assert taken["result"]["p_map"] == {payload: 1}
        assert refused["status"] == "failed"

    assert count_hits(db) == 0


#: Where a person's text goes; {} is the payload.
COMMANDS = (
    ["procedures", "allow", '"{}"', "--user", '"{}"'],
    ["procedures", "remove", '"{}"', "--user", '"{}"'],
    ["jobs", "--procedure", "{}", "--tag", "{}", "--submitter", "{}"],
    ["submit", '"{}"', '"{}":string={}', "--tag", "tag", "--key", "{}", "--wait"],
    ["drain", "{}", "--no-wait"],
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: " ".join(a[:3]))
def test_text_of_a_command_stays_text(
    stack: Stack, db: oracledb.Connection, arguments: list[str]
) -> None:
    payload = f"x'; begin {HIT}; commit; end; --"
    said = stack.run([argument.replace("{}", payload) for argument in arguments], seconds=60)

    assert "Traceback" not in said.stderr
    assert "unrecognized" not in said.stderr
    assert count_hits(db) == 0
    with db.cursor() as cursor:
        cursor.execute("delete from async_job_procedures")
    db.commit()


@pytest.mark.parametrize("variable", ["ORAQ_OWNER", "ORAQ_DEFAULT_SCHEMA"])
def test_a_schema_that_is_no_name_is_refused_at_the_start(
    stack: Stack, db: oracledb.Connection, variable: str
) -> None:
    done = stack.run(["api"], seconds=60, API_NO_AUTH="1", **{variable: f"ORAQ; {HIT}; --"})

    assert done.returncode == 2, done.stderr
    assert f"{variable}: not a schema's name" in done.stderr
    assert "Traceback" not in done.stderr
    assert count_hits(db) == 0


def test_plsql_makes_no_statement_from_text() -> None:
    """Of what callers pass nothing can become a statement where none is made from parts."""
    files = [*ROOT.glob("plsql/*.p[kr]*")]
    assert len(files) > 10
    for path in files:
        text = re.sub(r"--.*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        dynamic = re.findall(
            r"execute\s+immediate[^;]*;|dbms_sql\b[^;]*;|dbms_scheduler\.[^;]*;", text
        )
        for statement in dynamic:
            assert "||" not in statement, (path.name, statement)


def count_hits(db: oracledb.Connection) -> int:
    with db.cursor() as cursor:
        cursor.execute("select count(*) from security_hits")
        (count,) = cursor.fetchone() or (0,)
    return int(count)


def _percent(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()
