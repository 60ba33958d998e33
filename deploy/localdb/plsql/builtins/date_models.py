"""Oracle's format models for dates and timestamps, as elements. Pure.

Source: SQL Language Reference 19c, Format Models, "Datetime Format Models" and "Format Model
Modifiers".
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from deploy.localdb.errors import OraError

#: The Julian day of 31 December of the year 0, Python's day 0.
JULIAN_OFFSET = 1721425
ROMAN_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")

#: FF and FF1 to FF9.
TIME_FRACTION = re.compile(r"FF[1-9]?")

#: Longest first: the longest one that fits is meant.
_ELEMENTS = sorted(
    [
        "AD",
        "A.D.",
        "AM",
        "A.M.",
        "BC",
        "B.C.",
        "CC",
        "SCC",
        "D",
        "DAY",
        "DD",
        "DDD",
        "DL",
        "DS",
        "DY",
        "FF1",
        "FF2",
        "FF3",
        "FF4",
        "FF5",
        "FF6",
        "FF7",
        "FF8",
        "FF9",
        "FF",
        "HH",
        "HH12",
        "HH24",
        "IW",
        "IYYY",
        "IYY",
        "IY",
        "I",
        "J",
        "MI",
        "MM",
        "MON",
        "MONTH",
        "PM",
        "P.M.",
        "Q",
        "RM",
        "RR",
        "RRRR",
        "SS",
        "SSSSS",
        "TS",
        "TZD",
        "TZH",
        "TZM",
        "TZR",
        "W",
        "WW",
        "X",
        "Y,YYY",
        "YEAR",
        "SYEAR",
        "YYYY",
        "SYYYY",
        "YYY",
        "YY",
        "Y",
        "E",
        "EE",
    ],
    key=len,
    reverse=True,
)
_MODIFIERS = ("FM", "FX")
_SUFFIXES = ("SPTH", "THSP", "SP", "TH")
_PUNCTUATION = "-/,.;: "
_TEXT_DATE = frozenset({"DL", "DS", "TS"})


@dataclass(frozen=True)
class Element:
    """An element of a model.

    literal: text that stands for itself, and name is ''. fill: FM is off. exact: FX is on.
    case: how a name is written, "upper", "title" or "lower".
    """

    name: str
    literal: str = ""
    quoted: bool = False
    suffix: str = ""
    case: str = "upper"
    fill: bool = True
    exact: bool = False


@functools.lru_cache(maxsize=512)
def parse_model(model: str) -> tuple[Element, ...]:
    """The elements of a model.

    Raises:
        OraError: 1821 where something in it is no element.
    """
    elements: list[Element] = []
    fill, exact = True, False
    upper = model.upper()
    position = 0
    while position < len(model):
        char = model[position]
        if char == '"':
            end = model.find('"', position + 1)
            if end < 0:
                raise OraError(1821, "date format not recognized")
            literal = model[position + 1 : end]
            elements.append(Element("", literal, quoted=True, fill=fill, exact=exact))
            position = end + 1
            continue
        modifier = next((m for m in _MODIFIERS if upper.startswith(m, position)), None)
        if modifier is not None:
            fill, exact = (not fill, exact) if modifier == "FM" else (fill, not exact)
            position += 2
            continue
        name = next((e for e in _ELEMENTS if upper.startswith(e, position)), None)
        if name is None:
            if char.isalnum():
                raise OraError(1821, "date format not recognized")
            elements.append(Element("", char, fill=fill, exact=exact))
            position += 1
            continue
        case = _case(model[position : position + len(name)])
        position += len(name)
        suffix = next((s for s in _SUFFIXES if upper.startswith(s, position)), "")
        if suffix and _takes_suffix(name):
            position += len(suffix)
        else:
            suffix = ""
        elements.append(Element(name, suffix=suffix, case=case, fill=fill, exact=exact))
    return tuple(elements)


def _takes_suffix(name: str) -> bool:
    return name not in _TEXT_DATE and name not in {"TZD", "TZH", "TZM", "TZR", "X", "RM"}


def _case(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    if letters[0].islower():
        return "lower"
    return "title" if len(letters) > 1 and letters[1].islower() else "upper"
