"""Tokens as they are written, and who is found by a secret."""

import hashlib
import hmac

import pytest

from api.tokens import Caller, Scope, Token, find_caller, make_token, parse_tokens

HASH = hashlib.sha256(b"hidden").hexdigest()


def test_tokens_are_separated_by_blanks_commas_and_lines() -> None:
    tokens = parse_tokens("a:read:x1, b:submit:x:2\n# c:admin:no\n d:ADMIN:sha256:" + HASH + " # d")

    assert [(token.name, token.scope) for token in tokens] == [
        ("a", Scope.READ),
        ("b", Scope.SUBMIT),
        ("d", Scope.ADMIN),
    ]
    assert find_caller(tokens, "x:2") == Caller("b", Scope.SUBMIT)
    assert find_caller(tokens, "hidden") == Caller("d", Scope.ADMIN)


@pytest.mark.parametrize("secret", ["", "x", "X1", "x1 ", "é", HASH, f"sha256:{HASH}"])
def test_a_secret_of_nobody_finds_nobody(secret: str) -> None:
    tokens = parse_tokens(f"a:read:x1 d:admin:sha256:{HASH}")

    assert find_caller(tokens, secret) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("s3cret", "name:scope:secret"),
        ("a:s3cret", "name:scope:secret"),
        ("a:owner:s3cret", "read, submit or admin"),
        ("a:read:", "no secret"),
        ("a b:read:s3cret", "name:scope:secret"),
        (":read:s3cret", "name"),
        ("a:read:sha256:s3cret", "64 hexadecimal"),
        ("a:read:s3cret a:admin:s3cret2", "two tokens are named a"),
    ],
)
def test_what_is_no_token_is_refused_without_showing_it(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse_tokens(text)

    assert "s3cret" not in str(caught.value)


def test_a_token_shows_no_digest() -> None:
    token = make_token("a", Scope.READ, "hidden")

    assert HASH not in str(token)
    assert token.digest.hex() not in repr(token)
    assert token == Token("a", Scope.READ, bytes.fromhex(HASH), is_weak=True)


def test_each_scope_has_those_before_it() -> None:
    assert Scope.READ < Scope.SUBMIT < Scope.ADMIN


@pytest.mark.parametrize("secret", ["x1", "x3", "nobody's", ""])
def test_a_secret_is_compared_with_every_token_in_constant_time(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    """The comparison is hmac's, of digests of one length, and none is left out after a hit."""
    tokens = parse_tokens("a:read:x1 b:submit:x2 c:admin:x3")
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    find_caller(tokens, secret)

    assert compared == [(32, 32)] * 3
