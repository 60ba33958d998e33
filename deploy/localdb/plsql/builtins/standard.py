"""Functions of package STANDARD that PL/SQL expressions call: NULL in gives NULL out, mostly.

Importing this module registers all of them; those on text and on numbers stand in modules of their
own. What is evaluated lazily (COALESCE, NVL2, DECODE) and operators are the language's own.

Source: SQL Language Reference 19c, Functions; PL/SQL Language Reference 19c, "SQL Functions in
PL/SQL Expressions".
"""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any, Protocol

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins import (
    date_functions,
    formats,
    standard_numbers,
    standard_text,
)
from deploy.localdb.plsql.builtins.arguments import (
    MISSING,
    datetime_of,
    integer_of,
    number_of,
    text_of,
)
from deploy.localdb.plsql.builtins.intervals import (
    day_second,
    parse_day_second,
    parse_year_month,
    year_month,
)
from deploy.localdb.plsql.builtins.nls import Nls, session_nls, with_argument
from deploy.localdb.plsql.builtins.number_formats import to_number
from deploy.localdb.plsql.builtins.registry import standard
from deploy.localdb.plsql.host import Host
from deploy.localdb.values import Date, Lob, Value, YearMonth
from deploy.localdb.zones import find_zone, on_clock, settled

__all__ = ["standard_numbers", "standard_text", "userenv_value"]


# ---- comparing ----


def _extreme(host: Host, values: tuple[Value, ...], *, greatest: bool) -> Value:
    """GREATEST and LEAST: all are converted to the type of the first."""
    if any(value is None for value in values):
        return None
    first = values[0]
    items: list[Any]
    if isinstance(first, int | Decimal | float) and not isinstance(first, bool):
        items = [number_of(host, value) for value in values]
    elif isinstance(first, datetime.datetime):
        items = [datetime_of(host, value) for value in values]
    elif isinstance(first, datetime.timedelta | YearMonth | bytes):
        items = list(values)
    else:
        items = [text_of(host, value) for value in values]
    try:
        return max(items) if greatest else min(items)
    except TypeError:
        raise OraError(
            932,
            f"inconsistent datatypes: expected {formats.type_text(first)} got"
            f" {formats.type_text(next(v for v in values if type(v) is not type(first)))}",
        ) from None


@standard("GREATEST")
def greatest(host: Host, *values: Value) -> Value:
    return _extreme(host, values, greatest=True)


@standard("LEAST")
def least(host: Host, *values: Value) -> Value:
    return _extreme(host, values, greatest=False)


@standard("NVL")
def nvl(host: Host, value: Value, default: Value) -> Value:
    return default if value is None else value


@standard("NULLIF")
def nullif(host: Host, left: Value, right: Value) -> Value:
    return None if left == right else left


@standard("NANVL")
def nanvl(host: Host, value: Value, default: Value) -> Value:
    return default if isinstance(value, float) and math.isnan(value) else value


# ---- conversions ----


def _nls(host: Host, argument: Value) -> Nls:
    return with_argument(session_nls(host), text_of(host, argument))


@standard("TO_CHAR", "TO_NCHAR")
def to_char(host: Host, value: Value, model: Value = MISSING, argument: Value = None) -> Value:
    if isinstance(value, str) and model is not MISSING:
        value = number_of(host, value)
    wanted = None if model is MISSING else text_of(host, model)
    if value is None or (model is not MISSING and wanted is None):
        return None
    return formats.to_char(value, wanted, _nls(host, argument))


@standard("TO_NUMBER")
def to_number_(host: Host, value: Value, model: Value = MISSING, argument: Value = None) -> Value:
    if value is None or model is None:
        return None
    nls = _nls(host, argument)
    if model is MISSING or isinstance(value, int | Decimal | float):
        return formats.to_number(value, nls)
    return to_number(text_of(host, value) or "", text_of(host, model), nls)


@standard("TO_DATE")
def to_date(host: Host, value: Value, model: Value = MISSING, argument: Value = None) -> Value:
    if value is None or model is None:
        return None
    wanted = None if model is MISSING else text_of(host, model)
    return formats.to_date(value, wanted, host.now().date(), _nls(host, argument))


@standard("TO_TIMESTAMP")
def to_timestamp(host: Host, value: Value, model: Value = MISSING, argument: Value = None) -> Value:
    if value is None or model is None:
        return None
    wanted = None if model is MISSING else text_of(host, model)
    return formats.to_timestamp(value, wanted, host.now().date(), _nls(host, argument))


@standard("TO_TIMESTAMP_TZ")
def to_timestamp_tz(
    host: Host, value: Value, model: Value = MISSING, argument: Value = None
) -> Value:
    if value is None or model is None:
        return None
    wanted = None if model is MISSING else text_of(host, model)
    today, zone = host.now().date(), host.session_time_zone()
    return formats.to_timestamp_tz(value, wanted, today, zone, _nls(host, argument))


@standard("TO_DSINTERVAL")
def to_dsinterval(host: Host, value: Value) -> Value:
    if isinstance(value, datetime.timedelta):
        return value
    found = text_of(host, value)
    return None if found is None else parse_day_second(found)


@standard("TO_YMINTERVAL")
def to_yminterval(host: Host, value: Value) -> Value:
    if isinstance(value, YearMonth):
        return value
    found = text_of(host, value)
    return None if found is None else parse_year_month(found)


@standard("NUMTODSINTERVAL")
def numtodsinterval(host: Host, value: Value, unit: Value) -> Value:
    number, name = number_of(host, value), text_of(host, unit)
    return None if number is None or name is None else day_second(number, name)


@standard("NUMTOYMINTERVAL")
def numtoyminterval(host: Host, value: Value, unit: Value) -> Value:
    number, name = number_of(host, value), text_of(host, unit)
    return None if number is None or name is None else year_month(number, name)


@standard("TO_CLOB", "TO_NCLOB")
def to_clob(host: Host, value: Value) -> Value:
    if isinstance(value, Lob) and not value.is_binary:
        return value
    found = text_of(host, value)
    return None if found is None else Lob(found)


@standard("TO_BLOB")
def to_blob(host: Host, value: Value) -> Value:
    if value is None or (isinstance(value, Lob) and value.is_binary):
        return value
    if isinstance(value, bytes):
        return Lob(value)
    raise OraError(932, f"inconsistent datatypes: expected BINARY got {formats.type_text(value)}")


@standard("EMPTY_CLOB")
def empty_clob(host: Host) -> Value:
    return Lob("")


@standard("EMPTY_BLOB")
def empty_blob(host: Host) -> Value:
    return Lob(b"")


@standard("TO_BINARY_DOUBLE", "TO_BINARY_FLOAT")
def to_binary_double(host: Host, value: Value, model: Value = None) -> Value:
    number = number_of(host, value)
    return None if number is None else float(number)


# ---- dates ----


@standard("SYSDATE")
def sysdate(host: Host) -> Value:
    return formats.as_date(host.now().replace(tzinfo=None))


@standard("SYSTIMESTAMP")
def systimestamp(host: Host, precision: Value = 6) -> Value:
    return host.now()


def _session_now(host: Host) -> datetime.datetime:
    return settled(host.now().astimezone(host.session_time_zone()))


@standard("CURRENT_TIMESTAMP")
def current_timestamp(host: Host, precision: Value = 6) -> Value:
    return _session_now(host)


@standard("LOCALTIMESTAMP")
def localtimestamp(host: Host, precision: Value = 6) -> Value:
    return _session_now(host).replace(tzinfo=None)


@standard("CURRENT_DATE")
def current_date(host: Host) -> Value:
    return formats.as_date(_session_now(host).replace(tzinfo=None))


@standard("SYS_EXTRACT_UTC")
def sys_extract_utc(host: Host, value: Value) -> Value:
    found = datetime_of(host, value)
    if found is None:
        return None
    if found.tzinfo is None:
        found = on_clock(formats.as_timestamp(found), host.session_time_zone())
    return found.astimezone(datetime.UTC).replace(tzinfo=None)


@standard("FROM_TZ")
def from_tz(host: Host, value: Value, zone: Value) -> Value:
    found, name = datetime_of(host, value), text_of(host, zone)
    if found is None or name is None:
        return None
    return on_clock(formats.as_timestamp(found).replace(tzinfo=None), find_zone(name))


@standard("TZ_OFFSET")
def tz_offset(host: Host, zone: Value) -> Value:
    name = text_of(host, zone)
    if name is None:
        return None
    if name.upper() == "SESSIONTIMEZONE":
        name = str(sessiontimezone(host))
    return date_functions.zone_offset(
        "+00:00" if name.upper() == "DBTIMEZONE" else name, host.now()
    )


@standard("SESSIONTIMEZONE")
def sessiontimezone(host: Host) -> Value:
    return formats.to_char(_session_now(host), "TZR")


@standard("DBTIMEZONE")
def dbtimezone(host: Host) -> Value:
    return "+00:00"


@standard("ADD_MONTHS")
def add_months(host: Host, value: Value, months: Value) -> Value:
    found, count = datetime_of(host, value), integer_of(host, months)
    return None if found is None or count is None else date_functions.add_months(found, count)


@standard("MONTHS_BETWEEN")
def months_between(host: Host, later: Value, earlier: Value) -> Value:
    first, second = datetime_of(host, later), datetime_of(host, earlier)
    if first is None or second is None:
        return None
    return date_functions.months_between(first, second)


@standard("LAST_DAY")
def last_day(host: Host, value: Value) -> Value:
    found = datetime_of(host, value)
    return None if found is None else date_functions.last_day(found)


@standard("NEXT_DAY")
def next_day(host: Host, value: Value, day: Value) -> Value:
    found = datetime_of(host, value)
    if found is None or day is None:
        return None
    wanted = int(day) if isinstance(day, int | Decimal) else text_of(host, day) or ""
    return date_functions.next_day(found, wanted, session_nls(host))


@standard("EXTRACT")
def extract(host: Host, field: Value, value: Value) -> Value:
    """EXTRACT(field FROM value), with the field as text."""
    if value is None:
        return None
    if not isinstance(value, datetime.datetime | datetime.timedelta | YearMonth):
        raise OraError(30076, "invalid extract field for extract source")
    return date_functions.extract(str(field), value)


# ---- the session ----


@standard("USER")
def user(host: Host) -> Value:
    return host.user


@standard("UID")
def uid(host: Host) -> Value:
    return int(host.attribute("SESSION_USERID") or 0)


#: USERENV parameters that a session may have no value for; any other is not known.
_USERENV = frozenset(
    {
        "ACTION",
        "AUTHENTICATED_IDENTITY",
        "AUTHENTICATION_METHOD",
        "BG_JOB_ID",
        "CLIENT_IDENTIFIER",
        "CLIENT_INFO",
        "CLIENT_PROGRAM_NAME",
        "CON_ID",
        "CON_NAME",
        "CURRENT_EDITION_NAME",
        "CURRENT_SCHEMA",
        "CURRENT_USER",
        "DATABASE_ROLE",
        "DB_DOMAIN",
        "DB_NAME",
        "DB_UNIQUE_NAME",
        "HOST",
        "INSTANCE",
        "INSTANCE_NAME",
        "IP_ADDRESS",
        "ISDBA",
        "LANG",
        "LANGUAGE",
        "MODULE",
        "NETWORK_PROTOCOL",
        "NLS_CALENDAR",
        "NLS_CURRENCY",
        "NLS_DATE_FORMAT",
        "NLS_DATE_LANGUAGE",
        "NLS_SORT",
        "NLS_TERRITORY",
        "ORACLE_HOME",
        "OS_USER",
        "PID",
        "PLATFORM_SLASH",
        "PROXY_USER",
        "SERVER_HOST",
        "SERVICE_NAME",
        "SESSIONID",
        "SESSION_EDITION_NAME",
        "SESSION_USER",
        "SESSION_USERID",
        "SID",
        "TERMINAL",
    }
)


class ContextHost(Host, Protocol):
    """A session with an application context of its client's."""

    def client_context(self, name: str) -> str | None:
        """An attribute of CLIENTCONTEXT, by its name in upper case."""


@standard("SYS_CONTEXT")
def sys_context(
    host: ContextHost, namespace: Value, parameter: Value, length: Value = 256
) -> Value:
    space, name = text_of(host, namespace), text_of(host, parameter)
    if space is None or name is None:
        return None
    if space.upper() == "CLIENTCONTEXT":
        return host.client_context(name.upper())
    if space.upper() != "USERENV":
        return None
    found = userenv_value(host, name.upper())
    return found[: integer_of(host, length) or 256] if found else None


def userenv_value(host: Host, name: str) -> str | None:
    """SYS_CONTEXT('USERENV', name).

    Raises:
        OraError: 2003 for a parameter that there is not.
    """
    sid, serial = host.session_id()
    match name:
        case "CURRENT_USER":
            return host.rights.user
        case "SESSION_USER" | "AUTHENTICATED_IDENTITY":
            return host.attribute(name) or host.user
        case "CURRENT_SCHEMA":
            return host.current_schema
        case "SID":
            return str(sid)
        case "SESSIONID":
            return host.attribute(name) or str(sid * 65536 + serial)
    found = host.attribute(name)
    if found is None and name not in _USERENV:
        raise OraError(2003, "invalid USERENV parameter")
    return found


@standard("USERENV")
def userenv(host: Host, parameter: Value) -> Value:
    name = (text_of(host, parameter) or "").upper()
    if name == "SESSIONID":
        return int(userenv_value(host, name) or 0)
    if name in ("LANG", "LANGUAGE", "TERMINAL", "SID", "INSTANCE", "CLIENT_INFO", "ISDBA"):
        return userenv_value(host, name)
    raise OraError(2003, "invalid USERENV parameter")


@standard("VSIZE")
def vsize(host: Host, value: Value) -> Value:
    if value is None or isinstance(value, str):
        return None if value is None else len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Date):
        return 7
    raise Unsupported(f"VSIZE of {formats.type_text(value)}")
