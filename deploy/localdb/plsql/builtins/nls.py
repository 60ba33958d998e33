"""National language settings: the defaults of a session, and what a call overrides.

Source: Database Globalization Support Guide 19c, Setting Up a Globalization Support Environment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.host import Host


@dataclass(frozen=True)
class Language:
    """Names of months and days; AM and PM are written alike in all of them."""

    months: tuple[str, ...]
    months_short: tuple[str, ...]
    #: From Sunday on.
    days: tuple[str, ...]
    days_short: tuple[str, ...]


_AMERICAN = Language(
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    months_short=(
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    ),
    days=("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    days_short=("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"),
)
_SPANISH = Language(
    months=(
        "Enero",
        "Febrero",
        "Marzo",
        "Abril",
        "Mayo",
        "Junio",
        "Julio",
        "Agosto",
        "Septiembre",
        "Octubre",
        "Noviembre",
        "Diciembre",
    ),
    months_short=(
        "Ene",
        "Feb",
        "Mar",
        "Abr",
        "May",
        "Jun",
        "Jul",
        "Ago",
        "Sep",
        "Oct",
        "Nov",
        "Dic",
    ),
    days=("Domingo", "Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado"),
    days_short=("Dom", "Lun", "Mar", "Mié", "Jue", "Vie", "Sáb"),
)
_LANGUAGES = {
    "AMERICAN": _AMERICAN,
    "ENGLISH": _AMERICAN,
    "SPANISH": _SPANISH,
    "LATIN AMERICAN SPANISH": _SPANISH,
    "MEXICAN SPANISH": _SPANISH,
}


@dataclass(frozen=True)
class Nls:
    """The settings that formats depend on; the defaults are those of AMERICAN_AMERICA."""

    date_format: str = "DD-MON-RR"
    timestamp_format: str = "DD-MON-RR HH.MI.SSXFF AM"
    timestamp_tz_format: str = "DD-MON-RR HH.MI.SSXFF AM TZR"
    date_language: str = "AMERICAN"
    #: Decimal character and group separator.
    numeric_characters: str = ".,"
    currency: str = "$"
    iso_currency: str = "USD"
    dual_currency: str = "$"

    @property
    def language(self) -> Language:
        found = _LANGUAGES.get(self.date_language.upper())
        if found is None:
            raise Unsupported(f"NLS_DATE_LANGUAGE {self.date_language}")
        return found


DEFAULT = Nls()

#: Parameter -> field.
_PARAMETERS = {
    "NLS_DATE_FORMAT": "date_format",
    "NLS_TIMESTAMP_FORMAT": "timestamp_format",
    "NLS_TIMESTAMP_TZ_FORMAT": "timestamp_tz_format",
    "NLS_DATE_LANGUAGE": "date_language",
    "NLS_NUMERIC_CHARACTERS": "numeric_characters",
    "NLS_CURRENCY": "currency",
    "NLS_ISO_CURRENCY": "iso_currency",
    "NLS_DUAL_CURRENCY": "dual_currency",
}
#: What the third argument of a conversion may set.
_ARGUMENTS = frozenset(
    {
        "NLS_DATE_LANGUAGE",
        "NLS_NUMERIC_CHARACTERS",
        "NLS_CURRENCY",
        "NLS_ISO_CURRENCY",
        "NLS_DUAL_CURRENCY",
    }
)


def session_nls(host: Host) -> Nls:
    """The settings of a session: what it has set, else the defaults."""
    return _nls(tuple(map(host.attribute, _PARAMETERS)))


@lru_cache(maxsize=64)
def _nls(values: tuple[str | None, ...]) -> Nls:
    """Values of the parameters in their order; None: the default's."""
    changed = {
        field: value
        for field, value in zip(_PARAMETERS.values(), values, strict=True)
        if value is not None
    }
    return replace(DEFAULT, **changed)


_SETTING = re.compile(r"\s*(\w+)\s*=\s*(?:'((?:[^']|'')*)'|\"([^\"]*)\"|([^\s,']+))\s*,?")


def with_argument(nls: Nls, text: str | None) -> Nls:
    """The settings with those of a call's third argument, `NLS_DATE_LANGUAGE = Spanish`.

    Raises:
        OraError: 12702 where the argument is no list of such settings.
    """
    if not text:
        return nls
    changed: dict[str, str] = {}
    position = 0
    while position < len(text):
        match = _SETTING.match(text, position)
        if match is None or match[1].upper() not in _ARGUMENTS:
            raise OraError(12702, "invalid NLS parameter string used in SQL function")
        value = next(group for group in match.groups()[1:] if group is not None)
        changed[_PARAMETERS[match[1].upper()]] = value.replace("''", "'")
        position = match.end()
    return replace(nls, **changed)
