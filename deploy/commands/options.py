"""Values of the command line's options: read, checked, and told what is wrong with them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

#: A command: its options and the environment; gives the exit code.
Command = Callable[[argparse.Namespace, Mapping[str, str]], int]

#: Adds a command: its name, what runs it, one sentence.
AddCommand = Callable[[str, Command, str], argparse.ArgumentParser]

#: More than anything is ever counted to here, and what the database's whole numbers hold.
COUNT_LIMIT: Final = 1_000_000_000

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhdw])")


def port(text: str) -> int:
    number = _integer(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return number


def count(text: str) -> int:
    number = _integer(text)
    if not 1 <= number <= COUNT_LIMIT:
        raise argparse.ArgumentTypeError(f"has to be 1 to {COUNT_LIMIT}")
    return number


def seconds(text: str) -> float:
    """Seconds, or a span of time as 30s, 5m, 2h, 7d, 1w."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found:
        return float(found[1]) * _UNITS[found[2]]
    return number(text)


def number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"no number: {text!r}") from None
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("has to be 0 or more")
    return value


def moment(text: str) -> timedelta | datetime:
    """A span of time back from now, or a time in ISO 8601, without a zone in UTC.

    Returns:
        The span as it is, since only the database's clock says what is now; the time in UTC without
        a zone, as the tables have it.
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if found:
        try:
            return timedelta(seconds=float(found[1]) * _UNITS[found[2]])
        except OverflowError:
            raise argparse.ArgumentTypeError(f"too long ago: {text!r}") from None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"no time: {text!r}; write 30m, 2h, 7d, 2026-02-28 or 2026-02-28T13:00"
        ) from None
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"no whole number: {text!r}") from None


def add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def add_watch(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--watch", action="store_true", help="show it live until Ctrl-C")
