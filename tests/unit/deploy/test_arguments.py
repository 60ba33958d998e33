"""Parameters as they are written on a command line."""

import pytest

from deploy.commands.arguments import parse_params
from deploy.commands.exits import CommandFailed, Exit


@pytest.mark.parametrize(
    ("text", "param"),
    [
        ("p=x", {"name": "p", "value": "x"}),
        ("p=", {"name": "p", "value": ""}),
        ("p=a=b:c", {"name": "p", "value": "a=b:c"}),
        ("p:Blob=QQ==", {"name": "p", "type": "BLOB", "value": "QQ=="}),
        ("p:number=5", {"name": "p", "type": "NUMBER", "value": "5"}),
        ("p:out", {"name": "p", "direction": "OUT"}),
        ("p:OUT:Date", {"name": "p", "direction": "OUT", "type": "DATE"}),
        ("p:inout=1", {"name": "p", "direction": "INOUT", "value": "1"}),
    ],
)
def test_each_form_is_understood(text: str, param: dict[str, object]) -> None:
    assert parse_params([text]) == [param]


@pytest.mark.parametrize("text", ["p", "=x", "", "p:out=1", "p:blub=1", "p:out:out", "p:in"])
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(CommandFailed) as caught:
        parse_params([text])

    assert caught.value.exit == Exit.USAGE
