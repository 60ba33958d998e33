"""Named tokens and what each may do.

A token is written `name:scope:secret`, or `name:scope:sha256:` and the 64 hexadecimal digits of the
secret's SHA-256, so that no secret need be kept. Only digests are held in memory.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_HASH = re.compile(r"sha256:([0-9A-Fa-f]{64})")
_SEPARATORS = re.compile(r"[\s,]+")
_COMMENT = re.compile(r"(?:^|\s)#[^\n]*", re.MULTILINE)

#: The name of the one token of the existing deployments, API_TOKEN.
SINGLE_TOKEN_NAME = "default"  # noqa: S105
#: A shorter secret can be guessed.
ADVISED_LENGTH = 16


class Scope(IntEnum):
    """What a token may do; each may also do what those before it may."""

    #: Look at jobs, and at the metrics.
    READ = 1
    #: Submit, and cancel, retry and delete single jobs.
    SUBMIT = 2
    #: Delete many jobs at once, and install the schema.
    ADMIN = 3

    @classmethod
    def parse(cls, text: str) -> Scope:
        """From `read`, `submit` or `admin`.

        Raises:
            ValueError: it is none of them.
        """
        try:
            return cls[text.strip().upper()]
        except KeyError:
            raise ValueError("a scope is read, submit or admin") from None


@dataclass(frozen=True, slots=True)
class Token:
    """Who has it, what it may do, and the SHA-256 of its secret."""

    name: str
    scope: Scope
    digest: bytes = field(repr=False)
    #: Whether the secret is known to be short enough to be guessed.
    is_weak: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request."""

    #: The token's name, recorded with the jobs that it submits. None: nobody asked for a token.
    name: str | None
    scope: Scope


def make_token(name: str, scope: Scope, secret: str) -> Token:
    """A token from its secret, or from `sha256:` and the secret's hash.

    Raises:
        ValueError: the name does not fit, or there is no secret.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("a token's name has up to 64 letters, digits and _ . @ -")
    if not secret:
        raise ValueError(f"the token {name} has no secret")
    hashed = _HASH.fullmatch(secret)
    if hashed:
        return Token(name, scope, bytes.fromhex(hashed[1]))
    if secret.lower().startswith("sha256:"):
        raise ValueError(f"the hash of the token {name} has to be 64 hexadecimal digits")
    return Token(name, scope, digest_of(secret), is_weak=len(secret) < ADVISED_LENGTH)


def parse_tokens(text: str) -> tuple[Token, ...]:
    """Tokens separated by blanks, commas or line ends; `#` begins a comment.

    Raises:
        ValueError: one does not fit, or two have one name. The message shows no secret.
    """
    tokens = []
    for part in filter(None, _SEPARATORS.split(_COMMENT.sub("", text))):
        name, colon, rest = part.partition(":")
        scope, second_colon, secret = rest.partition(":")
        if not (colon and second_colon):
            raise ValueError("a token is written name:scope:secret")
        tokens.append(make_token(name, Scope.parse(scope), secret))
    check_distinct(tokens)
    return tuple(tokens)


def check_distinct(tokens: Iterable[Token]) -> None:
    """Refuse two tokens of one name.

    Raises:
        ValueError: there are some.
    """
    names: set[str] = set()
    for token in tokens:
        if token.name in names:
            raise ValueError(f"two tokens are named {token.name}")
        names.add(token.name)


def find_caller(tokens: Iterable[Token], secret: str) -> Caller | None:
    """The owner of a secret; None: nobody's.

    All digests are compared, each in constant time, so that the time tells nothing.
    """
    digest = digest_of(secret)
    found: Token | None = None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return Caller(found.name, found.scope) if found else None


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
