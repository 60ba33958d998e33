"""STANDARD's functions on text, RAW and regular expressions.

Source: SQL Language Reference 19c, Functions, "Character Functions".
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins import text_functions
from deploy.localdb.plsql.builtins.arguments import (
    MISSING,
    as_text,
    integer_of,
    text_of,
)
from deploy.localdb.plsql.builtins.registry import FUNCTIONS, standard
from deploy.localdb.plsql.host import Host
from deploy.localdb.values import Lob, Value

T = TypeVar("T")

#: A regular expression that takes longer is begun again on a thread.
_AT_ONCE = text_functions.Effort(0.005)
#: So long it may take there, each time from the start: one that is broken off runs on for as long as
#: it has already run at most.
_ON_THREAD = tuple(text_functions.Effort(0.5 * 2**n, on_thread=True) for n in range(9))


@standard("SUBSTR", "SUBSTRC", "SUBSTR2", "SUBSTR4")
def substr(host: Host, text: Value, position: Value, length: Value = MISSING) -> Value:
    found, start = text_of(host, text), integer_of(host, position)
    count = None if length is MISSING else integer_of(host, length)
    if found is None or start is None or (length is not MISSING and count is None):
        return None
    return as_text(text_functions.substr(found, start, count), text)


@standard("SUBSTRB")
def substrb(host: Host, text: Value, position: Value, length: Value = MISSING) -> Value:
    found, start = text_of(host, text), integer_of(host, position)
    count = None if length is MISSING else integer_of(host, length)
    if found is None or start is None or (length is not MISSING and count is None):
        return None
    return text_functions.substr_bytes(found, start, count) or None


@standard("INSTR", "INSTRC", "INSTR2", "INSTR4")
def instr(
    host: Host, text: Value, part: Value, position: Value = 1, occurrence: Value = 1
) -> Value:
    found, wanted = text_of(host, text), text_of(host, part)
    start, count = integer_of(host, position), integer_of(host, occurrence)
    if found is None or wanted is None or start is None or count is None:
        return None
    return text_functions.instr(found, wanted, start, count)


@standard("INSTRB")
def instrb(
    host: Host, text: Value, part: Value, position: Value = 1, occurrence: Value = 1
) -> Value:
    found, wanted = text_of(host, text), text_of(host, part)
    start, count = integer_of(host, position), integer_of(host, occurrence)
    if found is None or wanted is None or start is None or count is None:
        return None
    # Latin-1 maps bytes to characters one by one, so the search counts bytes.
    return text_functions.instr(
        found.encode().decode("latin-1"), wanted.encode().decode("latin-1"), start, count
    )


@standard("LENGTH", "LENGTHC", "LENGTH2", "LENGTH4")
def length(host: Host, text: Value) -> Value:
    if isinstance(text, Lob):
        return text.length
    found = text_of(host, text)
    return None if found is None else len(found)


@standard("LENGTHB")
def lengthb(host: Host, text: Value) -> Value:
    found = text_of(host, text)
    return None if found is None else len(found.encode())


def _mapped(change: Callable[[str], str]) -> Callable[[Host, Value], Value]:
    def body(host: Host, text: Value) -> Value:
        found = text_of(host, text)
        return None if found is None else as_text(change(found), text)

    return body


FUNCTIONS["UPPER"] = FUNCTIONS["NLS_UPPER"] = _mapped(str.upper)
FUNCTIONS["LOWER"] = FUNCTIONS["NLS_LOWER"] = _mapped(str.lower)
FUNCTIONS["INITCAP"] = FUNCTIONS["NLS_INITCAP"] = _mapped(text_functions.initcap)
FUNCTIONS["REVERSE"] = _mapped(lambda text: text[::-1])
FUNCTIONS["SOUNDEX"] = _mapped(text_functions.soundex)
FUNCTIONS["UNISTR"] = _mapped(text_functions.unistr)
FUNCTIONS["ASCIISTR"] = _mapped(text_functions.asciistr)


@standard("LTRIM")
def ltrim(host: Host, text: Value, characters: Value = " ") -> Value:
    found, set_ = text_of(host, text), text_of(host, characters)
    return None if found is None or set_ is None else as_text(found.lstrip(set_), text)


@standard("RTRIM")
def rtrim(host: Host, text: Value, characters: Value = " ") -> Value:
    found, set_ = text_of(host, text), text_of(host, characters)
    return None if found is None or set_ is None else as_text(found.rstrip(set_), text)


@standard("TRIM")
def trim(host: Host, text: Value, character: Value = " ", where: Value = "BOTH") -> Value:
    """TRIM([LEADING | TRAILING | BOTH] [character] FROM text)."""
    found, set_ = text_of(host, text), text_of(host, character)
    if found is None or set_ is None:
        return None
    if len(set_) != 1:
        raise OraError(30001, "trim set should have only one character")
    if where != "TRAILING":
        found = found.lstrip(set_)
    if where != "LEADING":
        found = found.rstrip(set_)
    return as_text(found, text)


def _padded(*, left: bool) -> Callable[..., Value]:
    def body(host: Host, text: Value, length: Value, filler: Value = " ") -> Value:
        found, size, fill = text_of(host, text), integer_of(host, length), text_of(host, filler)
        if found is None or size is None or fill is None:
            return None
        return as_text(text_functions.pad(found, size, fill, left=left), text)

    return body


FUNCTIONS["LPAD"] = _padded(left=True)
FUNCTIONS["RPAD"] = _padded(left=False)


@standard("REPLACE")
def replace(host: Host, text: Value, old: Value, new: Value = None) -> Value:
    found, wanted, by = text_of(host, text), text_of(host, old), text_of(host, new)
    if found is None or wanted is None:
        return as_text(found, text)
    return as_text(found.replace(wanted, by or ""), text, new)


@standard("TRANSLATE")
def translate(host: Host, text: Value, old: Value, new: Value) -> Value:
    found, wanted, by = text_of(host, text), text_of(host, old), text_of(host, new)
    if found is None or wanted is None or by is None:
        return None
    return as_text(text_functions.translate(found, wanted, by), text)


@standard("CONCAT")
def concat(host: Host, left: Value, right: Value) -> Value:
    return as_text((text_of(host, left) or "") + (text_of(host, right) or ""), left, right)


@standard("CHR")
def chr_(host: Host, code: Value) -> Value:
    number = integer_of(host, code)
    return None if number is None else text_functions.character(number)


@standard("NCHR")
def nchr(host: Host, code: Value) -> Value:
    number = integer_of(host, code)
    return None if number is None else chr(number)


@standard("ASCII")
def ascii_(host: Host, text: Value) -> Value:
    found = text_of(host, text)
    return None if found is None else int.from_bytes(found[0].encode(), "big")


# ---- RAW ----


@standard("RAWTOHEX", "RAWTONHEX")
def rawtohex(host: Host, raw: Value) -> Value:
    if isinstance(raw, Lob):
        raw = raw.data
    if isinstance(raw, str):
        raw = raw.encode()
    return raw.hex().upper() or None if isinstance(raw, bytes) else text_of(host, raw)


@standard("HEXTORAW")
def hextoraw(host: Host, text: Value) -> Value:
    if isinstance(text, bytes):
        return text
    found = text_of(host, text)
    return None if found is None else text_functions.unhex(found) or None


@standard("SYS_GUID")
def sys_guid(host: Host) -> Value:
    return os.urandom(16)


# ---- regular expressions ----


def _match(host: Host, search: Callable[..., T], *arguments: Value) -> T:
    """Search, so that neither a long text nor an unlucky pattern stops other sessions."""
    try:
        return search(*arguments, effort=_AT_ONCE)
    except TimeoutError:
        return host.aside(partial(_match_patiently, search, arguments))


def _match_patiently(
    search: Callable[..., T], arguments: tuple[Value, ...], is_wanted: Callable[[], bool]
) -> T:
    for effort in _ON_THREAD:
        try:
            return search(*arguments, effort=effort)
        except TimeoutError:
            if not is_wanted():
                break
    raise Unsupported("a regular expression that takes minutes")


def _all(*values: Value) -> bool:
    return all(value is not None for value in values)


@standard("REGEXP_LIKE")
def regexp_like(host: Host, text: Value, pattern: Value, parameter: Value = None) -> Value:
    found, wanted = text_of(host, text), text_of(host, pattern)
    if found is None or wanted is None:
        return None
    return _match(host, text_functions.regexp_like, found, wanted, text_of(host, parameter))


@standard("REGEXP_SUBSTR")
def regexp_substr(
    host: Host,
    text: Value,
    pattern: Value,
    position: Value = 1,
    occurrence: Value = 1,
    parameter: Value = None,
    group: Value = 0,
) -> Value:
    found, wanted = text_of(host, text), text_of(host, pattern)
    start, count, part = (integer_of(host, v) for v in (position, occurrence, group))
    if found is None or wanted is None or start is None or count is None or part is None:
        return None
    parameters = text_of(host, parameter)
    substring = _match(
        host, text_functions.regexp_substr, found, wanted, start, count, parameters, part
    )
    return as_text(substring, text)


@standard("REGEXP_INSTR")
def regexp_instr(
    host: Host,
    text: Value,
    pattern: Value,
    position: Value = 1,
    occurrence: Value = 1,
    return_option: Value = 0,
    parameter: Value = None,
    group: Value = 0,
) -> Value:
    found, wanted = text_of(host, text), text_of(host, pattern)
    numbers = [integer_of(host, v) for v in (position, occurrence, return_option, group)]
    if found is None or wanted is None or not _all(*numbers):
        return None
    start, count, option, part = (number or 0 for number in numbers)
    parameters = text_of(host, parameter)
    return _match(
        host, text_functions.regexp_instr, found, wanted, start, count, option, parameters, part
    )


@standard("REGEXP_COUNT")
def regexp_count(
    host: Host, text: Value, pattern: Value, position: Value = 1, parameter: Value = None
) -> Value:
    found, wanted, start = text_of(host, text), text_of(host, pattern), integer_of(host, position)
    if found is None or wanted is None or start is None:
        return None
    parameters = text_of(host, parameter)
    return _match(host, text_functions.regexp_count, found, wanted, start, parameters)


@standard("REGEXP_REPLACE")
def regexp_replace(
    host: Host,
    text: Value,
    pattern: Value,
    replacement: Value = None,
    position: Value = 1,
    occurrence: Value = 0,
    parameter: Value = None,
) -> Value:
    found, wanted = text_of(host, text), text_of(host, pattern)
    start, count = integer_of(host, position), integer_of(host, occurrence)
    if found is None or start is None or count is None:
        return None
    if wanted is None:
        return as_text(found, text)
    by, parameters = text_of(host, replacement) or "", text_of(host, parameter)
    replaced = _match(
        host, text_functions.regexp_replace, found, wanted, by, start, count, parameters
    )
    return as_text(replaced, text)
