"""Proves who the client is: the 12c verifier.

The server keeps a salt, the iterations and H, from which the password cannot be told. Both sides make
a session key of two random halves that only those who know H can read.

Source: python-oracledb, thin/crypto.pyx and thin/messages/auth.pyx.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_SPEEDY_KEY = b"AUTH_PBKDF2_SPEEDY_KEY"
_ITERATIONS = 4096
_SESSION_ITERATIONS = 3
_BLOCK = 16
#: Makes up the salts of users who do not exist.
_SECRET = os.urandom(32)


@dataclass(frozen=True)
class Verifier:
    """What is kept of a password."""

    salt: bytes  # 16 bytes
    iterations: int
    hash: bytes  # 32 bytes


def make_verifier(password: str) -> Verifier:
    """A new verifier of a password."""
    salt = os.urandom(16)
    return Verifier(
        salt, _ITERATIONS, _hash(_speedy_key(password.encode(), salt, _ITERATIONS), salt)
    )


def _speedy_key(password: bytes, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", password, salt + _SPEEDY_KEY, iterations, 64)


def _hash(speedy_key: bytes, salt: bytes) -> bytes:
    return hashlib.sha512(speedy_key + salt).digest()[:32]


def _encrypt(key: bytes, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK))).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _decrypt(key: bytes, data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(_BLOCK))).decryptor()
    return decryptor.update(data) + decryptor.finalize()


@dataclass
class Exchange:
    """One client's key exchange. An unknown user gets a verifier that nobody fits."""

    verifier: Verifier
    known: bool = True
    _half: bytes = field(default_factory=lambda: os.urandom(32))
    _session_salt: bytes = field(default_factory=lambda: os.urandom(16))
    _session_key: bytes = b""

    @classmethod
    def begin(cls, user: str, verifier: Verifier | None) -> Exchange:
        if verifier is None:
            # The same salt each time, as that of a user who exists.
            salt = hmac.digest(_SECRET, user.encode(), "sha256")[:16]
            return cls(Verifier(salt, _ITERATIONS, os.urandom(32)), known=False)
        return cls(verifier)

    def challenge(self) -> list[tuple[str, str, int]]:
        """Phase one's answer: key, value, flags."""
        return [
            ("AUTH_SESSKEY", _encrypt(self.verifier.hash, self._half).hex().upper(), 0),
            ("AUTH_VFR_DATA", self.verifier.salt.hex().upper(), 0x4815),
            ("AUTH_PBKDF2_CSK_SALT", self._session_salt.hex().upper(), 0),
            ("AUTH_PBKDF2_VGEN_COUNT", str(self.verifier.iterations), 0),
            ("AUTH_PBKDF2_SDER_COUNT", str(_SESSION_ITERATIONS), 0),
        ]

    def accepts(self, pairs: dict[str, str]) -> bool:
        """Whether phase two proves that the client knows the password."""
        try:
            theirs = _decrypt(self.verifier.hash, bytes.fromhex(pairs["AUTH_SESSKEY"]))[:32]
            self._session_key = hashlib.pbkdf2_hmac(
                "sha512",
                (theirs + self._half).hex().upper().encode(),
                self._session_salt,
                _SESSION_ITERATIONS,
                32,
            )
            if "AUTH_PBKDF2_SPEEDY_KEY" in pairs:
                # What the password's many iterations give: it proves as much, in no time.
                sent = _decrypt(self._session_key, bytes.fromhex(pairs["AUTH_PBKDF2_SPEEDY_KEY"]))
                return self._fits(sent[16:80])
            return self.knows(self.decrypt(pairs["AUTH_PASSWORD"]))
        except (KeyError, ValueError):
            return False

    def knows(self, password: bytes) -> bool:
        """Whether it is the user's password."""
        return self._fits(_speedy_key(password, self.verifier.salt, self.verifier.iterations))

    def _fits(self, speedy_key: bytes) -> bool:
        found = _hash(speedy_key, self.verifier.salt)
        return hmac.compare_digest(found, self.verifier.hash) and self.known

    def decrypt(self, text: str) -> bytes:
        """A password that was sent under the session key.

        Raises:
            ValueError: it was not.
        """
        plain = _decrypt(self._session_key, bytes.fromhex(text))[16:]
        padding = plain[-1] if plain else 0
        if not 1 <= padding <= _BLOCK:
            raise ValueError("padding")
        return plain[:-padding]

    def proof(self) -> str:
        """AUTH_SVR_RESPONSE: that the server knows H as well."""
        message = os.urandom(16) + b"SERVER_TO_CLIENT" + bytes([_BLOCK]) * _BLOCK
        return _encrypt(self._session_key, message).hex().upper()
