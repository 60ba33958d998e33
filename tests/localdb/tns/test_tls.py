"""TCPS: the same protocol, inside TLS."""

import datetime
import os
import ssl
import subprocess
import sys
from pathlib import Path

import oracledb
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.localdb.server import Server
from tests.localdb.tns.canned import PASSWORD, CannedSessions


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of its own for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_file, key_file


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


@pytest.mark.parametrize("classic", [False, True], ids=["fast", "classic"])
async def test_a_client_connects_by_tls(certificate: tuple[Path, Path], classic: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = Server(CannedSessions(), classic=classic, tls=context)
    port = await server.start("127.0.0.1", 0)
    try:
        async with oracledb.connect_async(
            user="canned",
            password=PASSWORD,
            dsn=f"tcps://localhost:{port}/FREEPDB1",
            ssl_context=trusting(certificate[0]),
        ) as connection:
            cursor = connection.cursor()
            await cursor.execute("select numbers")
            assert len(await cursor.fetchall()) == 1000
    finally:
        await server.stop()


async def test_a_client_without_tls_is_not_answered(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = Server(CannedSessions(), tls=context)
    port = await server.start("127.0.0.1", 0)
    try:
        with pytest.raises(oracledb.DatabaseError):
            await oracledb.connect_async(
                user="canned", password=PASSWORD, dsn=f"127.0.0.1:{port}/FREEPDB1"
            )
    finally:
        await server.stop()


def test_the_process_listens_by_tls(certificate: tuple[Path, Path]) -> None:
    cert_file, key_file = certificate
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.localdb", "--host", "localhost", "--port", "0",
         "--tls-cert", str(cert_file), "--tls-key", str(key_file)],
        env={**os.environ, "LOCALDB_PASSWORD": PASSWORD},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout is not None
            dsn = process.stdout.readline().strip().removeprefix("localdb ready: ")
            assert dsn.startswith("tcps://")
            with oracledb.connect(
                user="system", password=PASSWORD, dsn=dsn, ssl_context=trusting(cert_file)
            ) as connection:
                connection.ping()
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--tls-key", "k.pem"], "needs --tls-cert"), (["--tls-cert", "none.pem"], "none.pem")],
)
def test_what_is_wrong_with_the_certificate_is_told(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.localdb", "--data", str(tmp_path / "data"), *arguments],
        env={**os.environ, "LOCALDB_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
