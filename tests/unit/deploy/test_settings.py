"""What the environment says, and how its faults are told."""

from pathlib import Path

import pytest

from deploy.settings import ConfigurationError, read_database, read_environment, read_port

COMPLETE = {"ORACLE_USER": "u", "ORACLE_PASSWORD": "s3cret", "ORACLE_DSN": "h:1/x"}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "oraq.env"
    file.write_text("ORACLE_USER=file\nPORT=1\n# a comment\nAPI_TOKEN='a # b'\n")

    environ = read_environment({"PORT": "2", "ENV_FILE": str(file)})

    assert environ["ORACLE_USER"] == "file"
    assert environ["PORT"] == "2"
    assert environ["API_TOKEN"] == "a # b"


def test_a_file_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.env cannot be read"):
        read_environment({}, env_file=str(tmp_path / "nowhere.env"))


def test_host_port_and_service_make_a_connect_string() -> None:
    parts = {"ORACLE_HOST": "db", "ORACLE_PORT": "1522", "ORACLE_SERVICE": "S"}

    settings = read_database({"ORACLE_USER": "u", "ORACLE_PASSWORD": "p", **parts})

    assert settings.connect_string == "db:1522/S"


@pytest.mark.parametrize("name", ["ORACLE_USER", "ORACLE_PASSWORD"])
def test_a_missing_variable_is_named(name: str) -> None:
    environ = {key: value for key, value in COMPLETE.items() if key != name}

    with pytest.raises(ConfigurationError) as caught:
        read_database(environ)

    assert str(caught.value) == f"{name} is not set"


def test_a_wrong_value_is_named_and_no_secret_is_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_database(COMPLETE | {"ORACLE_PORT": "many"})

    assert str(caught.value).startswith("ORACLE_PORT: ")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("text", ["-1", "65536", "x", "3000x"])
def test_a_port_is_a_number_in_range(text: str) -> None:
    with pytest.raises(ConfigurationError, match="PORT has to be a port number"):
        read_port({"PORT": text}, "PORT", 3000)


def test_a_port_has_a_default() -> None:
    assert read_port({}, "PORT", 3000) == 3000
