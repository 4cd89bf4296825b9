"""Where requests go, and a connection to there: urllib3 makes it (names, TLS, authorities, proxies)."""

import socket
import ssl
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from migration_assets.errors import ConnectionRefused, Passing

#: seconds to connect, and between two pieces of an answer
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 60.0


class Lost(Passing):
    """The connection broke; `sent` says whether the server may have the request."""

    def __init__(self, what: str, *, sent: bool) -> None:
        self.sent = sent
        super().__init__(what, advice="Run the same command again.", cause="connection")


class Damaged(Passing):
    """Bytes are not what was said of them; `code` is the server's own word, where it says so."""

    def __init__(self, what: str, code: str = "") -> None:
        self.code = code
        super().__init__(what, advice="Run the same command again.", cause="damage")


@dataclass(frozen=True)
class Server:
    """Where requests go."""

    scheme: Literal["http", "https"]
    host: str
    port: int | None
    authorities: str | None = None
    connect_timeout: float = CONNECT_TIMEOUT
    read_timeout: float = READ_TIMEOUT

    @property
    def name(self) -> str:
        """As the header `Host` has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


def connected(server: Server) -> Any:
    """A connection of urllib3's, open; Lost or ConnectionRefused where there is none to be had."""
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.exceptions import HTTPError, NewConnectionError
    from urllib3.util.ssl_ import create_urllib3_context

    options: list[tuple[int, int, int | bytes]] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    port = server.port or (443 if server.scheme == "https" else 80)
    proxy = _proxy(server)
    host, at = (proxy[0], proxy[1]) if proxy else (server.host, port)
    if server.scheme == "https":
        context = create_urllib3_context()
        context.load_default_certs() if not server.authorities else context.load_verify_locations(
            server.authorities
        )
        made: Any = HTTPSConnection(
            host,
            at,
            timeout=server.connect_timeout,
            socket_options=options,
            ssl_context=context,
            cert_reqs="CERT_REQUIRED",
            server_hostname=server.host,
        )
    else:
        made = HTTPConnection(host, at, timeout=server.connect_timeout, socket_options=options)
    if proxy:
        made.set_tunnel(server.host, port)
    try:
        made.connect()
    except ssl.SSLCertVerificationError:
        raise ConnectionRefused(
            f"The certificate of {server.name} is not signed by a known authority.",
            advice="Name the authority's file in AWS_CA_BUNDLE.",
        ) from None
    except (HTTPError, NewConnectionError, OSError) as error:
        raise Lost(f"{server.name} cannot be reached ({kind_of(error)}).", sent=False) from None
    made.sock.settimeout(server.read_timeout)
    return made


def _proxy(server: Server) -> tuple[str, int] | None:
    said = getproxies().get(server.scheme)
    if not said or proxy_bypass(server.host):
        return None
    parts = urlsplit(said if "//" in said else f"//{said}")
    return (parts.hostname, parts.port or 8080) if parts.hostname else None


def kind_of(error: BaseException) -> str:
    """A word that may be shown; an error's text may hold anything."""
    return "it did not answer in time" if isinstance(error, TimeoutError) else type(error).__name__
