"""Times, spans and tables as a person reads them."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from rich.console import Console
from rich.text import Text

from deploy.commands.options import moment, seconds
from deploy.commands.screen import new_table, open_console, show_span
from deploy.settings import mask_dsn


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, ""),
        (-0.5, "0.0s"),
        (0.26, "0.3s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.4, "59s"),
        (59.6, "1m"),
        (303, "5m 3s"),
        (7800, "2h 10m"),
        (86400, "1d"),
        (277_000, "3d 4h"),
    ],
)
def test_a_span_has_at_most_two_units(number: float | None, text: str) -> None:
    assert show_span(number) == text


@pytest.mark.parametrize(
    ("text", "number"), [("90", 90), ("1.5", 1.5), ("5m", 300), ("2H", 7200), (" 1d ", 86400)]
)
def test_seconds_may_have_a_unit(text: str, number: float) -> None:
    assert seconds(text) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30m", timedelta(minutes=30)),
        ("1w", timedelta(weeks=1)),
        ("2026-02-28", datetime.fromisoformat("2026-02-28")),
        ("2026-02-28T13:00", datetime.fromisoformat("2026-02-28T13:00")),
        ("2026-02-28T13:00+01:00", datetime.fromisoformat("2026-02-28T12:00")),
        ("2026-02-28T13:00Z", datetime.fromisoformat("2026-02-28T13:00")),
    ],
)
def test_a_moment_is_a_span_back_or_a_time_in_utc(text: str, value: timedelta | datetime) -> None:
    assert moment(text) == value


@pytest.mark.parametrize(
    ("dsn", "masked"),
    [
        ("db:1521/SVC", "db:1521/SVC"),
        ("tcps://db:1522/SVC?wallet_location=/w", "tcps://db:1522/SVC?wallet_location=/w"),
        ("scott/tiger@db:1521/SVC", "scott/********@db:1521/SVC"),
        ('scott/"ti@ger/1"@db/SVC', "scott/********@db/SVC"),
        ("db/SVC?wallet_password=hush&ssl=1", "db/SVC?wallet_password=********&ssl=1"),
        (
            "(DESCRIPTION=(SECURITY=(WALLET_PASSWORD=hush))(CONNECT_DATA=(SERVICE_NAME=S)))",
            "(DESCRIPTION=(SECURITY=(WALLET_PASSWORD=********))(CONNECT_DATA=(SERVICE_NAME=S)))",
        ),
        ("alias", "alias"),
    ],
)
def test_no_password_of_a_connect_string_is_shown(dsn: str, masked: str) -> None:
    assert mask_dsn(dsn) == masked


def test_only_flexible_columns_give_way_on_a_narrow_terminal() -> None:
    rows = [(Text("0123456789"), Text("a long remark that does not fit"), Text("12"))]
    console = Console(width=24, no_color=True)
    table = new_table(("ID", "NOTE", "N"), rows, right=("N",), flexible=("NOTE",), console=console)

    with console.capture() as capture:
        console.print(table)

    heading, line = capture.get().splitlines()
    assert heading.startswith("ID")
    assert line.startswith("0123456789  a long")
    assert line.rstrip().endswith("12")


def test_a_table_for_a_reader_who_has_gone_ends_as_print_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as output:
        monkeypatch.setattr("sys.stdout", output)
        with pytest.raises(BrokenPipeError):
            open_console().print("one line")
        # What could not be written would be tried again when the file is closed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def test_output_that_cannot_be_written_is_said_in_a_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "deploy.cli", "config"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr == "oraq: the output cannot be written: No space left on device\n"
