"""Connections over TLS: to whom, and by whose word."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import create_server

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from migration_assets.buckets.s3.server import Server
from migration_assets.buckets.s3.wire import Wire
from migration_assets.errors import ConnectionRefused

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Has a certificate for 127.0.0.1 that nobody but itself has signed."""
    authority = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    listening = create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as connection:
                connection.recv(65536)
                connection.sendall(ANSWER)

    threading.Thread(target=serve, daemon=True).start()
    yield Server("https", "127.0.0.1", listening.getsockname()[1], str(authority), read_timeout=5)
    listening.close()


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def _got(server: Server) -> bytes:
    return Wire(server).ask("GET", "/", {"host": server.name}).read()


def test_a_server_that_a_named_authority_vouches_for_is_asked(server: Server) -> None:
    assert [_got(server) for _ in range(2)] == [b"ok", b"ok"]


def test_a_server_that_nobody_vouches_for_is_not_asked(server: Server) -> None:
    unknown = Server("https", "127.0.0.1", server.port)
    with pytest.raises(ConnectionRefused, match=r"self.signed certificate"):
        _got(unknown)


def test_a_certificate_of_another_name_is_not_accepted(server: Server) -> None:
    other = Server("https", "localhost", server.port, server.authorities)
    with pytest.raises(ConnectionRefused, match="mismatch"):
        _got(other)
