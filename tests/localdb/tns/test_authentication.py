"""The key exchange, with the client's side written out."""

import hashlib
import os

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from deploy.localdb.tns.authentication import Exchange, make_verifier


def cipher(key):
    return Cipher(algorithms.AES(key), modes.CBC(bytes(16)))


def decrypt(key, text):
    decryptor = cipher(key).decryptor()
    return decryptor.update(bytes.fromhex(text)) + decryptor.finalize()


def encrypt(key, data):
    padding = 16 - len(data) % 16
    encryptor = cipher(key).encryptor()
    return (encryptor.update(data + bytes((padding,)) * padding) + encryptor.finalize()).hex()


class Client:
    """What a driver does with the challenge."""

    def __init__(self, password, challenge):
        values = {key: value for key, value, _ in challenge}
        salt = bytes.fromhex(values["AUTH_VFR_DATA"])
        iterations = int(values["AUTH_PBKDF2_VGEN_COUNT"])
        key = hashlib.pbkdf2_hmac(
            "sha512", password.encode(), salt + b"AUTH_PBKDF2_SPEEDY_KEY", iterations, 64
        )
        verifier = hashlib.sha512(key + salt).digest()[:32]
        theirs = decrypt(verifier, values["AUTH_SESSKEY"])
        own = os.urandom(32)
        self.session_key = hashlib.pbkdf2_hmac(
            "sha512",
            (own + theirs).hex().upper().encode(),
            bytes.fromhex(values["AUTH_PBKDF2_CSK_SALT"]),
            int(values["AUTH_PBKDF2_SDER_COUNT"]),
            32,
        )
        self.pairs = {
            "AUTH_SESSKEY": encrypt(verifier, own)[:64],
            "AUTH_PBKDF2_SPEEDY_KEY": encrypt(self.session_key, os.urandom(16) + key)[:160],
            "AUTH_PASSWORD": encrypt(self.session_key, os.urandom(16) + password.encode()),
        }


@pytest.fixture(scope="module")
def verifier():
    return make_verifier("geheim ö")


@pytest.mark.parametrize("without", [set(), {"AUTH_PBKDF2_SPEEDY_KEY"}], ids=["key", "password"])
def test_the_right_password_is_accepted_and_the_server_proves_itself(verifier, without):
    exchange = Exchange.begin("A", verifier)
    client = Client("geheim ö", exchange.challenge())
    pairs = {key: value for key, value in client.pairs.items() if key not in without}

    assert exchange.accepts(pairs)
    assert decrypt(client.session_key, exchange.proof())[16:32] == b"SERVER_TO_CLIENT"


@pytest.mark.parametrize("without", [set(), {"AUTH_PBKDF2_SPEEDY_KEY"}], ids=["key", "password"])
def test_another_password_is_not(verifier, without):
    exchange = Exchange.begin("A", verifier)
    client = Client("geheim o", exchange.challenge())
    pairs = {key: value for key, value in client.pairs.items() if key not in without}

    assert not exchange.accepts(pairs)


@pytest.mark.parametrize(
    "pairs", [{}, {"AUTH_SESSKEY": "zz"}, {"AUTH_SESSKEY": "00" * 32}, {"AUTH_SESSKEY": "00" * 5}]
)
def test_an_incomplete_proof_is_none(verifier, pairs):
    assert not Exchange.begin("A", verifier).accepts(pairs)


def test_an_unknown_user_looks_like_a_known_one():
    first, again, other = (
        {key: value for key, value, _ in Exchange.begin(user, None).challenge()}
        for user in ("A", "A", "B")
    )

    assert first["AUTH_VFR_DATA"] == again["AUTH_VFR_DATA"] != other["AUTH_VFR_DATA"]
    assert first["AUTH_SESSKEY"] != again["AUTH_SESSKEY"]


def test_a_new_password_is_read_under_the_session_key(verifier):
    exchange = Exchange.begin("A", verifier)
    client = Client("geheim ö", exchange.challenge())
    exchange.accepts(client.pairs)

    assert exchange.decrypt(encrypt(client.session_key, bytes(16) + b"new")) == b"new"
