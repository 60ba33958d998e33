"""What a terminal shows: tables, bars, times; and JSON for programs.

Colours are for terminals only and go with NO_COLOR set, as rich has it. Where the output is no
terminal, a table has all of its columns at their full width, so that other tools can read it.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType
from rich.live import Live
from rich.measure import Measurement
from rich.progress_bar import ProgressBar
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from deploy.commands.exits import CommandFailed, Exit
from sql.exact_json import JsonValue, dump_json

STATUS_STYLES: Final = {
    "pending": "dim",
    "running": "yellow",
    "completed": "green",
    "failed": "red",
}
BAR_WIDTH: Final = 10
#: Blanks between two columns.
_GAP: Final = 2
#: How often `--watch` looks.
WATCH_SECONDS: Final = 1.0
#: C0 but for tabs and line ends, DEL and C1.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: Wide enough for any line, where nobody's terminal says how wide it is.
_FILE_WIDTH: Final = 10_000


class _Console(Console):
    """One that lets a reader who has gone end the command as print does, with exit code 0.

    What clients and procedures have written is shown without control characters: with them it could
    move the cursor, rename the window and more.
    """

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or not _CONTROLS.search(segment.text):
                yield segment
            else:
                yield segment._replace(text=_CONTROLS.sub("", segment.text))


def open_console(*, errors: bool = False) -> Console:
    """A console on standard output, or on standard error."""
    stream = sys.stderr if errors else sys.stdout
    return _Console(
        stderr=errors,
        highlight=False,
        soft_wrap=not stream.isatty(),
        width=None if stream.isatty() else _FILE_WIDTH,
    )


def is_terminal() -> bool:
    return sys.stdout.isatty()


def print_json(value: JsonValue) -> None:
    print(dump_json(value))


def new_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[RenderableType]],
    *,
    right: Sequence[str] = (),
    flexible: Sequence[str] = (),
    console: Console | None = None,
) -> Table:
    """A table without lines.

    Args:
        headings: of the columns.
        rows: a cell for each column.
        right: columns of numbers.
        flexible: columns that give way where the terminal is too narrow; the others never do.
        console: whose width counts. None: that of standard output.
    """
    console = console or open_console()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    for heading in headings:
        justify: JustifyMethod = "right" if heading in right else "left"
        table.add_column(heading, no_wrap=True, justify=justify, overflow="ellipsis")
    widths = [len(heading) for heading in headings]
    for row in rows:
        table.add_row(*row)
        for place, cell in enumerate(row):
            width = Measurement.get(console, console.options, cell).maximum
            widths[place] = max(widths[place], width)
    # rich would take from all columns in proportion.
    given = [heading in flexible for heading in headings]
    fixed = sum(width for width, gives in zip(widths, given, strict=True) if not gives)
    left = console.width - fixed - _GAP * (len(headings) - 1)
    places = sorted((place for place, gives in enumerate(given) if gives), key=widths.__getitem__)
    for number, place in enumerate(places):
        share = max(left // (len(places) - number), 1)
        widths[place] = min(widths[place], share)
        left -= widths[place]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    return table


def new_facts(facts: dict[str, RenderableType]) -> Table:
    """Names and values, one a line."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        grid.add_row(name, value)
    return grid


def status_text(status: str) -> Text:
    return Text(status, STATUS_STYLES.get(status, ""))


def progress_bar(done: float, total: float = 100, *, label: str | None = None) -> RenderableType:
    """A bar and what it means; where there is no terminal, the label alone.

    Args:
        done: of the total.
        total: the whole bar.
        label: None: the percentage.
    """
    text = f"{100 * done / total if total else 0:3.0f}%" if label is None else label
    if not is_terminal():
        return Text(text.strip())
    grid = Table.grid(padding=(0, 1))
    grid.add_row(ProgressBar(total=total or 1, completed=done, width=BAR_WIDTH), text)
    return grid


def show_time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def show_span(seconds: float | None) -> str:
    """A span of time in at most two units: 0.3s, 42s, 5m 3s, 2h 10m, 3d 4h."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f}s"
    whole = round(seconds)
    for unit, size, next_unit, next_size in (
        ("d", 86400, "h", 3600),
        ("h", 3600, "m", 60),
        ("m", 60, "s", 1),
    ):
        if whole >= size:
            rest = whole % size // next_size
            return f"{whole // size}{unit} {rest}{next_unit}" if rest else f"{whole // size}{unit}"
    return f"{whole}s"


def iso_time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat(timespec='milliseconds')}Z"


async def watch(look: Callable[[], Awaitable[RenderableType]]) -> None:
    """Show what `look` gives, again and again, until Ctrl-C.

    Raises:
        CommandFailed: there is no terminal to show it on.
    """
    if not is_terminal():
        raise CommandFailed("--watch needs a terminal; for programs there is --json", Exit.USAGE)
    with Live(await look(), console=open_console(), screen=False, auto_refresh=False) as live:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            live.update(await look(), refresh=True)
