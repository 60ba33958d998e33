"""Time zones: regions such as Europe/Madrid, and what a TIMESTAMP WITH TIME ZONE keeps of one.

A value's tzinfo never changes its offset, so that Python adds, subtracts and compares as Oracle does, in
UTC; who moves a value puts it into its region again with `settled`.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from deploy.localdb.errors import OraError

_OFFSET = re.compile(r"\s*([+-]?)(\d\d?):(\d\d)\s*")
_NO_OFFSET = datetime.timedelta()


@dataclass(frozen=True)
class Region(datetime.tzinfo):
    """A region at one moment: its name, and the offset that it has then."""

    name: str
    offset: datetime.timedelta

    def utcoffset(self, moment: datetime.datetime | None) -> datetime.timedelta:
        return self.offset

    def dst(self, moment: datetime.datetime | None) -> None:
        return None

    def tzname(self, moment: datetime.datetime | None) -> str:
        """The abbreviation, 'CEST'."""
        if moment is None:
            return self.name
        utc = (moment.replace(tzinfo=None) - self.offset).replace(tzinfo=datetime.UTC)
        return utc.astimezone(ZoneInfo(self.name)).tzname() or ""


def region_of(moment: datetime.datetime) -> str | None:
    """The name of a value's region; None: it has an offset, or no zone."""
    match moment.tzinfo:
        case Region(name=name):
            return name
        case ZoneInfo(key=name):
            return name
        case _:
            return None


def settled(moment: datetime.datetime) -> datetime.datetime:
    """A moment of any zone as a value keeps it; what its region's clock shows at that moment."""
    name = region_of(moment)
    if name is None:
        offset = moment.utcoffset() or _NO_OFFSET
        return moment.replace(tzinfo=datetime.timezone(offset), fold=0)
    shown = moment.astimezone(datetime.UTC).astimezone(ZoneInfo(name))
    return shown.replace(tzinfo=Region(name, shown.utcoffset() or _NO_OFFSET), fold=0)


def on_clock(
    shown: datetime.datetime, zone: datetime.tzinfo, abbreviation: str | None = None
) -> datetime.datetime:
    """What a zone's clock shows as a moment; where it shows it twice, standard time.

    Args:
        shown: its own zone does not count.
        zone: with an offset or a region.
        abbreviation: 'CEST', which of the two is meant.

    Raises:
        OraError: 1857, there is no such abbreviation then; 1878, the clock never shows it.
    """
    if isinstance(zone, Region):
        zone = ZoneInfo(zone.name)
    if not isinstance(zone, ZoneInfo):
        return settled(shown.replace(tzinfo=zone))
    first, second = (shown.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if abbreviation is not None:
        named = [each for each in (first, second) if each.tzname() == abbreviation]
        if not named:
            raise OraError(1857, "not a valid time zone")
        first = second = named[0]
    if first.utcoffset() == second.utcoffset():
        return settled(first)
    found = settled(second)
    if found.replace(tzinfo=None) != shown.replace(tzinfo=None, fold=0):
        raise OraError(1878, "specified field not found in datetime or interval")
    return found


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {name.upper(): name for name in available_timezones()}


@lru_cache(maxsize=256)
def find_zone(name: str) -> datetime.tzinfo:
    """A time zone by its region's name, in any case, or by its offset.

    Raises:
        OraError: 1882 where there is none.
    """
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        delta = datetime.timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return datetime.timezone(-delta if offset[1] == "-" else delta)
    known = _names().get(name.strip().upper())
    if known is None:
        raise OraError(1882, "timezone region not found")
    try:
        return ZoneInfo(known)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OraError(1882, "timezone region not found") from None
