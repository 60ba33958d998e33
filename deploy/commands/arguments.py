"""The parameters of a call as they are written on a command line.

name=value          IN, with the type that the procedure declares
name:number=5       IN, as a number; also :string, :date, :clob and the other types of the API
name:out            OUT;  name:out:number, name:out:date
name:inout=value    IN OUT
"""

from __future__ import annotations

from deploy.commands.exits import CommandFailed, Exit
from sql.exact_json import JsonValue
from sql.values import CLIENT_KINDS

DIRECTIONS = frozenset({"IN", "OUT", "INOUT"})


def parse_params(texts: list[str]) -> list[JsonValue]:
    """The list that POST /procedure/async has under `params`.

    Raises:
        CommandFailed: a text has none of the forms above.
    """
    return [_parse_param(text) for text in texts]


def _parse_param(text: str) -> JsonValue:
    left, equals, value = text.partition("=")
    name, *marks = left.split(":")
    param: dict[str, JsonValue] = {"name": name}
    for mark in (mark.upper() for mark in marks):
        if mark in DIRECTIONS and "direction" not in param:
            param["direction"] = mark
        elif mark in CLIENT_KINDS and "type" not in param:
            param["type"] = mark
        else:
            raise CommandFailed(
                f"not a direction or type: {mark.lower()!r} in {text!r}", Exit.USAGE
            )
    is_out = param.get("direction") == "OUT"
    if not name or bool(equals) == is_out:
        raise CommandFailed(f"write name=value or name:out, not {text!r}", Exit.USAGE)
    if not is_out:
        param["value"] = value
    return param
