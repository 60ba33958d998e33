"""The files of deploy/ that are not Python: each parses, and names only what is there."""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
import structlog
import yaml
from starlette.routing import Route

from api.app import build_app
from api.settings import VARIABLES as API_VARIABLES
from api.settings import ApiSettings
from deploy.cli import build_parser
from deploy.commands.config import OTHERS
from deploy.commands.processes import API_GRACE_SECONDS, API_PORT
from deploy.stack import ROOT
from sql.settings import VARIABLES as DATABASE_VARIABLES
from tests.unit.scripted import ScriptedJobs, scripted_services
from worker.settings import VARIABLES as WORKER_VARIABLES
from worker.settings import WorkerSettings

DEPLOY = ROOT / "deploy"
CONTAINERFILE = DEPLOY / "Containerfile"
COMPOSE = DEPLOY / "compose.yaml"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

#: All that OraQ reads from its environment.
KNOWN = {
    *DATABASE_VARIABLES.values(),
    *API_VARIABLES.values(),
    *WORKER_VARIABLES.values(),
    *(name for name, _, _ in OTHERS),
    "ENV_FILE",
}
#: Of Python, and of the shell.
FOREIGN = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
#: What the two Oracle images read.
DATABASE_IMAGE = {"ORACLE_PASSWORD"}

Document = dict[str, Any]


def load(path: Path) -> list[Document]:
    return [cast(Document, one) for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def compose_services() -> dict[str, Document]:
    return cast(dict[str, Document], load(COMPOSE)[0]["services"])


def manifests() -> Iterator[Document]:
    for path in MANIFESTS:
        yield from load(path)


def pod_templates() -> dict[str, Document]:
    return {
        document["metadata"].get("name") or document["metadata"]["generateName"]: document["spec"][
            "template"
        ]["spec"]
        for document in manifests()
        if "template" in document.get("spec", {})
    }


def read_unit(path: Path) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return {section: dict(parser[section]) for section in parser.sections()}


def seconds(text: str | int) -> int:
    found = re.fullmatch(r"(\d+)(s|m)?", str(text))
    assert found is not None, text
    return int(found[1]) * (60 if found[2] == "m" else 1)


def commands() -> dict[str, list[str]]:
    """Every command line of `oraq`, by where it stands."""
    found = {
        f"compose, {name}": service["command"]
        for name, service in compose_services().items()
        if "command" in service
    }
    found |= {
        f"kubernetes, {name}": container["args"]
        for name, pod in pod_templates().items()
        for container in pod["containers"]
    }
    for path in UNITS:
        program, *arguments = shlex.split(read_unit(path)["Service"]["ExecStart"])
        assert program.endswith("/bin/oraq")
        found[path.name] = arguments
    cmd = re.search(r"^CMD (\[.*\])$", CONTAINERFILE.read_text(), re.MULTILINE)
    assert cmd is not None
    found["Containerfile"] = json.loads(cmd[1])
    return found


COMMANDS = commands()


@pytest.mark.parametrize("place", COMMANDS)
def test_every_command_is_one(place: str) -> None:
    options = build_parser().parse_args([str(word) for word in COMMANDS[place]])

    assert callable(options.run)


def environments() -> dict[str, set[str]]:
    """Every variable that is set for OraQ, by where."""
    found = {
        f"compose, {name}": set(service["environment"])
        for name, service in compose_services().items()
        if service["image"] == "oraq"
    }
    shared = {
        name
        for document in manifests()
        if document["kind"] == "ConfigMap"
        for name in document["data"]
    }
    for name, pod in pod_templates().items():
        for container in pod["containers"]:
            assert container["envFrom"] == [{"configMapRef": {"name": "oraq"}}]
            found[f"kubernetes, {name}"] = shared | {entry["name"] for entry in container["env"]}
    for path in UNITS:
        text = path.read_text(encoding="utf-8")
        set_here = re.findall(r"^Environment=(.*)$", text, re.MULTILINE)
        found[path.name] = {
            word.partition("=")[0] for line in set_here for word in line.split()
        } | set(re.findall(r"\b([A-Z]+_[A-Z_]+)\b", re.sub(r"(?m)^[^#].*", "", text)))
    lines = re.search(r"^ENV (.*?[^\\])$", CONTAINERFILE.read_text(), re.MULTILINE | re.DOTALL)
    assert lines is not None
    found["Containerfile"] = set(re.findall(r"(\w+)=", lines[1])) - FOREIGN
    return found


ENVIRONMENTS = environments()


@pytest.mark.parametrize("place", ENVIRONMENTS)
def test_every_variable_is_known(place: str) -> None:
    assert ENVIRONMENTS[place]
    assert ENVIRONMENTS[place] <= KNOWN


def test_compose_asks_for_what_the_example_names() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    example = (DEPLOY / "compose" / "example.env").read_text()
    script = (DEPLOY / "compose" / "grants.sh").read_text()

    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == wanted
    assert set(re.findall(r"\$(\w+)", script)) == wanted - {"API_TOKEN"}
    assert set(compose_services()["users"]["environment"]) == wanted - {"API_TOKEN"}
    assert set(compose_services()["oracle"]["environment"]) == DATABASE_IMAGE


def test_compose_starts_each_step_after_the_one_before() -> None:
    services = compose_services()
    order = ["oracle", "users", "install", "grants"]

    for before, after in pairwise(order):
        assert list(services[after]["depends_on"]) == [before]
    assert list(services["api"]["depends_on"]) == list(services["worker"]["depends_on"])
    assert list(services["api"]["depends_on"]) == ["grants"]
    assert services["worker"]["deploy"]["replicas"] == 2
    assert set(services) == {*order, "api", "worker"}


def test_all_users_are_those_of_grants() -> None:
    grants = (ROOT / "sql" / "grants.sql").read_text()
    users = set(re.findall(r"^define (?:owner|api_user|worker_user) = (\w+)", grants, re.MULTILINE))
    services = compose_services()
    script = (DEPLOY / "compose" / "grants.sh").read_text()

    assert users == {"ORAQ", "ORAQ_API", "ORAQ_WORKER"}
    assert {
        service["environment"]["ORACLE_USER"]
        for service in services.values()
        if "ORACLE_USER" in service["environment"]
    } == users
    assert {
        entry["value"]
        for pod in pod_templates().values()
        for entry in pod["containers"][0]["env"]
        if entry["name"] == "ORACLE_USER"
    } == users
    assert {name.upper() for name in re.findall(r"alter user (\w+)", script)} == users


def test_every_path_of_the_checkout_is_there() -> None:
    services = compose_services()
    for service in services.values():
        for volume in service.get("volumes", []):
            source, target = volume.split(":")[:2]
            if source.startswith("."):
                assert (DEPLOY / source).is_dir(), volume
                assert target.startswith("/oraq/")
    build = services["api"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).is_file()
    assert services["users"]["entrypoint"][1] == "/oraq/deploy/compose/grants.sh"
    assert (DEPLOY / "compose" / "grants.sh").is_file()
    assert "@/oraq/sql/grants.sql" in (DEPLOY / "compose" / "grants.sh").read_text()
    for source in re.findall(r"^COPY (?!--from)(\S+)", CONTAINERFILE.read_text(), re.MULTILINE):
        assert (ROOT / source).exists()
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            assert (ROOT / line[1:]).exists(), line
    (kustomization,) = (one for one in manifests() if one["kind"] == "Kustomization")
    for name in kustomization["resources"]:
        assert (DEPLOY / "kubernetes" / name).is_file()


def routes() -> set[str]:
    app = build_app(
        ApiSettings(no_auth=True), scripted_services(ScriptedJobs(None)), structlog.get_logger()
    )
    return {route.path for route in app.routes if isinstance(route, Route)}


def test_every_port_and_path_is_the_apis() -> None:
    text = CONTAINERFILE.read_text()
    (container,) = pod_templates()["oraq-api"]["containers"]
    (port,) = container["ports"]
    probed = {container[name]["httpGet"]["path"] for name in PROBES}
    (service,) = (one for one in manifests() if one["kind"] == "Service")

    assert port["containerPort"] == API_PORT
    assert all(container[name]["httpGet"]["port"] == port["name"] for name in PROBES)
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    assert compose_services()["api"]["ports"] == [f"127.0.0.1:{API_PORT}:{API_PORT}"]
    assert re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE) == [str(API_PORT)]
    assert f"PORT={API_PORT}" in text
    assert probed | {"/healthz"} <= routes()
    assert re.findall(r"\}(/\w+)\\\"", text) == ["/healthz"]


def test_a_worker_is_probed_by_the_file_that_it_touches(tmp_path: Path) -> None:
    (container,) = pod_templates()["oraq-worker"]["containers"]
    (given,) = (one for one in container["env"] if one["name"] == "WORKER_ALIVE_FILE")
    (mount,) = container["volumeMounts"]
    shell, flag, script = container["livenessProbe"]["exec"]["command"]

    assert Path(given["value"]).parent == Path(mount["mountPath"])
    assert given["value"] in script.split()

    # The script itself: only a file that was touched lately will do.
    file = tmp_path / "alive"
    command = [shell, flag, script.replace(given["value"], str(file))]
    assert subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 1
    file.touch()
    assert subprocess.run(command).returncode == 0
    os.utime(file, (0, 0))
    assert subprocess.run(command).returncode == 1


PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


def test_a_worker_has_time_to_end() -> None:
    for place, end in (
        ("compose, worker", compose_services()["worker"]["stop_grace_period"]),
        (
            "kubernetes, oraq-worker",
            pod_templates()["oraq-worker"]["terminationGracePeriodSeconds"],
        ),
        (
            "oraq-worker@.service",
            read_unit(DEPLOY / "systemd" / "oraq-worker@.service")["Service"]["TimeoutStopSec"],
        ),
    ):
        grace = build_parser().parse_args([str(word) for word in COMMANDS[place]]).grace
        needed = grace + WorkerSettings().cancel_grace_seconds

        assert seconds(end) >= needed + 10, place


def test_the_api_has_time_to_end() -> None:
    pod = pod_templates()["oraq-api"]
    (container,) = pod["containers"]
    name, pause = container["lifecycle"]["preStop"]["exec"]["command"]

    assert name == "sleep"
    assert pod["terminationGracePeriodSeconds"] > int(pause) + API_GRACE_SECONDS
    assert seconds(compose_services()["api"]["stop_grace_period"]) > API_GRACE_SECONDS
    unit = read_unit(DEPLOY / "systemd" / "oraq-api.service")
    assert seconds(unit["Service"]["TimeoutStopSec"]) > API_GRACE_SECONDS


def test_no_container_is_root_or_may_become_it() -> None:
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", CONTAINERFILE.read_text(), re.MULTILINE)
    for pod in pod_templates().values():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert set(container["resources"]["requests"]) == {"cpu", "memory"}
            assert "memory" in container["resources"]["limits"]
    for service in compose_services().values():
        if service["image"] == "oraq":
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]


def test_no_secret_is_written_down() -> None:
    for name, pod in pod_templates().items():
        for entry in pod["containers"][0]["env"]:
            if entry["name"] not in ("ORACLE_USER", "WORKER_ALIVE_FILE"):
                assert set(entry) == {"name", "valueFrom"}, name
                assert "secretKeyRef" in entry["valueFrom"]
    for service in compose_services().values():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable or "TOKEN" in variable:
                assert str(value).startswith("${"), variable


def test_every_image_has_a_version() -> None:
    text = CONTAINERFILE.read_text()
    images = [service["image"] for service in compose_services().values()]
    images += re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", text, re.MULTILINE)
    images += [
        job["services"]["oracle"]["image"]
        for path in WORKFLOWS
        for job in load(path)[0]["jobs"].values()
        if "services" in job
    ]

    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${PYTHON_IMAGE}"] * 2
    for image in set(images) - {"oraq"}:
        assert re.search(r":\d+\.\d+", image), image
    assert len({image.rsplit("/", 1)[-1] for image in images if "oracle-free" in image}) == 1


def test_disruption_budgets_select_the_pods() -> None:
    budgets = {
        document["metadata"]["name"]: document["spec"]["selector"]["matchLabels"]
        for document in manifests()
        if document["kind"] == "PodDisruptionBudget"
    }
    labels = {
        document["metadata"]["name"]: document["spec"]["template"]["metadata"]["labels"]
        for document in manifests()
        if document["kind"] == "Deployment"
    }

    assert budgets == labels


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_is_hardened_and_restarts_what_failed(path: Path) -> None:
    service = read_unit(path)["Service"]

    assert service["DynamicUser"] == "yes"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["Restart"] == "on-failure"
    assert service["LoadCredential"].startswith("settings:/etc/oraq/")
    assert "ENV_FILE=%d/settings" in service["Environment"]


VERIFIER = shutil.which("systemd-analyze")


@pytest.mark.parametrize("path", UNITS if VERIFIER else [], ids=lambda path: path.name)
def test_systemd_takes_the_unit(path: Path, tmp_path: Path) -> None:
    name = path.name.replace("@.", "@1.")
    # It looks for the program as well, and OraQ is not installed here.
    text = path.read_text().replace("/opt/oraq/bin/oraq", "/bin/true")
    (tmp_path / name).write_text(text)

    done = subprocess.run(
        [str(VERIFIER), "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_what_is_there(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    steps = [step for job in load(path)[0]["jobs"].values() for step in job["steps"]]
    texts = "\n".join(step.get("run", "") for step in steps)

    assert texts
    for target in re.findall(r"^make (\w+)", texts, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for name in re.findall(r"(?:sql|deploy|tests|\.ci)/[\w./-]*\w", texts):
        assert (ROOT / name).exists(), name
    for name in re.findall(r"for script in ([\w ]+);", texts):
        for script in name.split():
            assert (ROOT / "sql" / f"{script}.sql").is_file()


def test_the_oracle_workflow_sets_what_the_tests_read() -> None:
    (workflow,) = load(ROOT / ".github" / "workflows" / "oracle.yml")
    (step,) = (
        step for step in workflow["jobs"]["oracle"]["steps"] if "make test" in step.get("run", "")
    )
    conftest = (ROOT / "tests" / "conftest.py").read_text()

    assert set(step["env"]) == set(re.findall(r'"(ORAQ_TEST_\w+)"', conftest))
