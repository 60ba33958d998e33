"""GET and DELETE of /jobs: bodies, order, filters."""

import re
import uuid

import httpx
import oracledb
import pytest

from tests.client import JobClient

ISO_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
UNKNOWN = "0" * 32


def test_a_completed_job_has_exactly_the_contracts_values(client: JobClient) -> None:
    job_id = client.submit("PROC_TEST", {"p_input": "hola"}, {"p_output": "STRING"})

    job = client.wait(job_id)

    assert job["id"] == job_id
    assert job["status"] == "completed"
    assert job["procedure_name"] == "PROC_TEST"
    assert job["params"]["p_input"] == "hola"
    assert job["progress"] == 100
    assert job["result"] == {"p_output": "Procesado: hola"}
    assert ISO_UTC.fullmatch(job["start_time"])
    assert ISO_UTC.fullmatch(job["end_time"])
    assert re.fullmatch(r"\d+(\.\d+)?s", job["duration"])
    assert "error" not in job


def test_a_failed_job_has_an_error_and_no_result(client: JobClient) -> None:
    job = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})

    assert job["status"] == "failed"
    assert "ORA-20001" in job["error"]
    assert "Error intencional de prueba" in job["error"]
    assert "result" not in job
    assert job["progress"] == 100


def test_an_unknown_job_is_404_in_the_contracts_words(http: httpx.Client) -> None:
    for answer in (http.get(f"/jobs/{UNKNOWN}"), http.delete(f"/jobs/{UNKNOWN}")):
        assert answer.status_code == 404
        assert answer.json() == {"error": "Job no encontrado"}


@pytest.mark.parametrize(
    "job_id",
    ["x", "'; drop table async_jobs", "%25", "%00", "%FF", "é" * 40, "a" * 500, "a" * 40000],
    ids=lambda job_id: job_id[:30],
)
@pytest.mark.parametrize(
    ("method", "end"),
    [("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/retry")],
    ids=["get", "delete", "cancel", "retry"],
)
def test_an_id_that_cannot_be_one_is_404(
    http: httpx.Client, job_id: str, method: str, end: str
) -> None:
    answer = http.request(method, f"/jobs/{job_id}{end}")

    assert answer.status_code == 404
    assert answer.json() == {"error": "Job no encontrado"}


def test_list_is_newest_first_and_counts_all(http: httpx.Client, client: JobClient) -> None:
    ids = [client.submit("PROC_TEST_DEMORA", {"segundos": 0}) for _ in range(3)]

    body = http.get("/jobs").json()

    listed = [job["id"] for job in body["jobs"]]
    assert [job_id for job_id in listed if job_id in ids] == ids[::-1]
    assert body["total"] >= len(listed) >= 3


def test_list_filters_by_status(http: httpx.Client, client: JobClient) -> None:
    good = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]
    bad = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]

    failed = http.get("/jobs", params={"status": "failed"}).json()["jobs"]

    assert {job["status"] for job in failed} == {"failed"}
    assert bad in {job["id"] for job in failed}
    assert good not in {job["id"] for job in failed}


@pytest.mark.parametrize("query", ["status=failed,pending", "status=failed&status=pending"])
def test_list_takes_several_states(http: httpx.Client, client: JobClient, query: str) -> None:
    waiting = client.submit("PROC_TEST_DEMORA", {"segundos": 0}, delay=3600)
    bad = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]

    found = {job["id"]: job["status"] for job in http.get(f"/jobs?{query}").json()["jobs"]}

    assert found[waiting] == "pending"
    assert found[bad] == "failed"
    assert set(found.values()) == {"pending", "failed"}
    http.delete(f"/jobs/{waiting}")


def test_list_filters_by_procedure_in_any_case(http: httpx.Client, client: JobClient) -> None:
    job_id = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]

    found = http.get("/jobs", params={"procedure_name": "proc_test_demora"}).json()["jobs"]

    assert job_id in {job["id"] for job in found}
    assert {job["procedure_name"].upper() for job in found} == {"PROC_TEST_DEMORA"}


def test_list_counts_more_than_it_shows(http: httpx.Client, client: JobClient) -> None:
    for _ in range(3):
        client.submit("PROC_TEST_DEMORA", {"segundos": 0})

    body = http.get("/jobs", params={"limit": "2"}).json()

    assert len(body["jobs"]) == 2
    assert body["total"] >= 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "1001", "-1", "x", "1.5", "٣")),
        *(("status", value) for value in ("done", "failed,oops")),
        *(("procedure_name", value) for value in ("x" * 201, "a\0b")),
        *(("tag", value) for value in ("a,b", "a b", "x" * 61)),
    ],
    ids=lambda value: ascii(value[:12]),
)
def test_list_refuses_filters_that_do_not_fit(http: httpx.Client, name: str, value: str) -> None:
    answer = http.get("/jobs", params={name: value})

    assert answer.status_code == 422
    assert name in answer.json()["error"]


def test_delete_cancels_a_running_job_and_rolls_back(
    http: httpx.Client, client: JobClient, db: oracledb.Connection
) -> None:
    mark = uuid.uuid4().hex
    with db.cursor() as cursor:
        cursor.execute(
            "create or replace procedure contract_slow_insert(p_mark in varchar2) is "
            "begin insert into async_jobs_test_rows(table_name, n) values (p_mark, 1); "
            "proc_test_demora(30); end contract_slow_insert;"
        )
    job_id = client.submit("CONTRACT_SLOW_INSERT", {"p_mark": mark})
    client.wait(job_id, "running")

    answer = http.delete(f"/jobs/{job_id}")

    assert answer.json() == {"message": "Job eliminado correctamente", "job_id": job_id}
    assert http.get(f"/jobs/{job_id}").status_code == 404

    # The slot is free again when a later job runs at once, and nothing was written.
    assert client.run("PROC_TEST_DEMORA", {"segundos": 0})["status"] == "completed"
    with db.cursor() as cursor:
        cursor.execute("select 1 from async_jobs_test_rows where table_name = :m", m=mark)
        assert cursor.fetchall() == []


def test_delete_removes_an_ended_job(http: httpx.Client, client: JobClient) -> None:
    job_id = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]

    answer = http.delete(f"/jobs/{job_id}")

    assert answer.status_code == 200
    assert answer.json() == {"message": "Job eliminado correctamente", "job_id": job_id}
    assert http.get(f"/jobs/{job_id}").status_code == 404


def test_delete_many_without_a_filter_is_400(http: httpx.Client) -> None:
    answer = http.delete("/jobs")

    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize(
    "params",
    [{"status": "done"}, {"older_than": "x"}, {"older_than": "-1"}, {"status": "failed,oops"}],
    ids=str,
)
def test_delete_many_refuses_filters_that_do_not_fit(
    http: httpx.Client, params: dict[str, str]
) -> None:
    answer = http.delete("/jobs", params=params)

    assert answer.status_code in (400, 422)
    assert isinstance(answer.json()["error"], str)


def test_delete_many_takes_only_the_named_states(http: httpx.Client, client: JobClient) -> None:
    good = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]
    bad = client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"]

    body = http.delete("/jobs", params={"status": "failed"}).json()

    assert body["message"] == "Jobs eliminados correctamente"
    assert body["deleted"] >= 1
    assert http.get(f"/jobs/{bad}").status_code == 404
    assert http.get(f"/jobs/{good}").status_code == 200


def test_delete_many_combines_its_filters_with_and(
    http: httpx.Client, client: JobClient, db: oracledb.Connection
) -> None:
    old_bad, new_bad = (client.run("PROC_TEST_ERROR", {"p_should_fail": 1})["id"] for _ in range(2))
    old_good = client.run("PROC_TEST_DEMORA", {"segundos": 0})["id"]
    with db.cursor() as cursor:
        cursor.execute(
            "update async_jobs set start_time = start_time - 8, end_time = end_time - 8,"
            " created_at = created_at - 8 where job_id in (:a, :b)",
            a=old_bad,
            b=old_good,
        )
    db.commit()

    http.delete("/jobs", params={"status": "failed", "older_than": "7"})

    assert http.get(f"/jobs/{old_bad}").status_code == 404
    assert http.get(f"/jobs/{new_bad}").status_code == 200
    assert http.get(f"/jobs/{old_good}").status_code == 200


def test_delete_many_spares_running_jobs_that_are_not_named(
    http: httpx.Client, client: JobClient
) -> None:
    job_id = client.submit("PROC_TEST_DEMORA", {"segundos": 30})
    client.wait(job_id, "running")

    http.delete("/jobs", params={"status": "completed,failed"})
    http.delete("/jobs", params={"older_than": "0"})

    assert client.get(job_id)["status"] == "running"
    http.delete(f"/jobs/{job_id}")


def test_two_lists_never_share_a_job_by_chance(client: JobClient) -> None:
    ids = {client.submit("PROC_TEST_DEMORA", {"segundos": 0}) for _ in range(20)}

    assert len(ids) == 20
    assert all(uuid.UUID(hex=job_id) for job_id in ids)
