"""DBMS_RANDOM: a generator per session. Its numbers are not Oracle's for the same seed.

Source: PL/SQL Packages and Types Reference 19c, DBMS_RANDOM.
"""

from __future__ import annotations

import random
import string
from decimal import Decimal
from weakref import WeakKeyDictionary

from deploy.localdb.plsql.builtins.number_formats import as_number
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.host import Host
from deploy.localdb.plsql.values import Ref
from deploy.localdb.values import NUMBER_CONTEXT, Value

_DIGITS = 38
_LONGEST_TEXT = 4000
_ALPHABETS = {
    "u": string.ascii_uppercase,
    "l": string.ascii_lowercase,
    "a": string.ascii_letters,
    "x": string.digits + string.ascii_uppercase,
    "p": "".join(map(chr, range(32, 127))),
}

_generators: WeakKeyDictionary[Host, random.Random] = WeakKeyDictionary()


def _generator(host: Host) -> random.Random:
    found = _generators.get(host)
    if found is None:
        found = _generators[host] = random.Random()
    return found


@implements("DBMS_RANDOM.SEED")
def seed(host: Host, val: Ref) -> None:
    _generator(host).seed(str(val.value))


@implements("DBMS_RANDOM.INITIALIZE")
def initialize(host: Host, val: Ref) -> None:
    seed(host, val)


@implements("DBMS_RANDOM.TERMINATE")
def terminate(host: Host) -> None:
    """Deprecated, and does nothing in Oracle either."""


@implements("DBMS_RANDOM.RANDOM")
def random_(host: Host) -> Value:
    return _generator(host).randrange(-(2**31), 2**31)


@implements("DBMS_RANDOM.NORMAL")
def normal(host: Host) -> Value:
    return as_number(Decimal(repr(_generator(host).gauss(0, 1))))


@implements("DBMS_RANDOM.VALUE")
def value(host: Host, low: Ref | None = None, high: Ref | None = None) -> Value:
    fraction = Decimal(_generator(host).randrange(10**_DIGITS)).scaleb(-_DIGITS, NUMBER_CONTEXT)
    if low is None or high is None:
        return as_number(fraction)
    if low.value is None or high.value is None:
        return None
    bottom, top = Decimal(low.value), Decimal(high.value)
    width = NUMBER_CONTEXT.subtract(top, bottom)
    return as_number(NUMBER_CONTEXT.add(NUMBER_CONTEXT.multiply(fraction, width), bottom))


@implements("DBMS_RANDOM.STRING")
def string_(host: Host, opt: Ref, len: Ref) -> Value:
    option = (opt.value or "u")[0].lower()
    alphabet = _ALPHABETS.get(option, string.ascii_uppercase)
    count = min(int(len.value or 0), _LONGEST_TEXT)
    return "".join(_generator(host).choices(alphabet, k=max(count, 0))) or None
