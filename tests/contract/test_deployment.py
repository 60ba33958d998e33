"""What the files of deploy/ rely on, asked of running processes."""

import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

from deploy.processes import Process
from deploy.stack import ROOT, Api
from tests.client import JobClient
from tests.waiting import eventually

DASHBOARD = ROOT / "deploy" / "grafana" / "oraq.json"
CONTAINERFILE = ROOT / "deploy" / "Containerfile"


def check_health(port: int) -> int:
    """Run the image's health check here."""
    found = re.search(
        r"^HEALTHCHECK .*?CMD (\[.*?\])$", CONTAINERFILE.read_text(), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    program, *arguments = json.loads(found[1])
    assert program == "python"
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PORT": str(port)},
        capture_output=True,
        timeout=20,
        check=False,
    )
    return done.returncode


def test_the_health_check_tells_a_running_api_from_none(api: Api, worker: Process) -> None:
    port = urlsplit(api.url).port
    assert port is not None

    assert check_health(port) == 0
    # Nothing listens on port 1 of a machine.
    assert check_health(1) != 0


def expressions() -> dict[str, list[str]]:
    """The queries of each panel, by its title."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return {
        panel["title"]: [target["expr"] for target in panel["targets"]]
        for panel in panels
        if panel["type"] != "row"
    }


def test_the_dashboard_asks_for_metrics_that_the_api_shows(client: JobClient) -> None:
    client.run("PROC_TEST_DEMORA", {"segundos": 0})
    wanted = {
        name
        for queries in expressions().values()
        for query in queries
        for name in re.findall(r"\b(oraq_\w+)\{", query)
    }

    def missing() -> set[str]:
        lines = client.http.get("/metrics").text.splitlines()
        shown = {re.split(r"[{ ]", line)[0] for line in lines if not line.startswith("#")}
        return wanted - shown

    # A worker's counts come with its heartbeat, and what the database said is kept for 5 s.
    eventually(lambda: not missing(), what="metrics of the dashboard")
    assert len(wanted) >= 20


def test_the_dashboards_labels_are_those_of_the_metrics(client: JobClient) -> None:
    text = client.http.get("/metrics").text
    for queries in expressions().values():
        for query in queries:
            (name,) = set(re.findall(r"\b(oraq_\w+)\{", query))
            labels = {
                label
                for group in re.findall(r" by \(([\w, ]+)\)", query)
                for label in group.split(", ")
            }
            shown = set(re.findall(rf"^{name}{{(.*?)}} ", text, re.MULTILINE))
            assert labels <= {label for line in shown for label in re.findall(r"(\w+)=", line)}, (
                query
            )


def test_the_dashboard_is_laid_out_without_overlaps() -> None:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    assert {one["name"] for one in dashboard["templating"]["list"]} == {"datasource", "job"}
