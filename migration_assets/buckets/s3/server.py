"""Where requests go, and a connection to there: urllib3 makes it (names, TLS, authorities, proxies)."""

import base64
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from migration_assets.errors import ConnectionRefused, Passing

#: seconds to connect, and between two pieces of an answer
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 60.0


class Lost(Passing):
    """The connection broke; `sent` says whether the server may have the request."""

    def __init__(self, what: str, *, sent: bool, advice: str = "Run the same command again.") -> None:
        self.sent = sent
        super().__init__(what, advice=advice, cause="connection")


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

    options: list[tuple[int, int, int | bytes]] = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    port = server.port or (443 if server.scheme == "https" else 80)
    proxy = _proxy(server)
    host, at = (proxy[0], proxy[1]) if proxy else (server.host, port)
    if server.scheme == "https":
        made: Any = HTTPSConnection(
            host,
            at,
            timeout=server.connect_timeout,
            socket_options=options,
            ssl_context=_context(server.authorities),
            cert_reqs="CERT_REQUIRED",
            server_hostname=server.host,
        )
    else:
        made = HTTPConnection(host, at, timeout=server.connect_timeout, socket_options=options)
    if proxy:
        made.set_tunnel(server.host, port, headers=proxy[2])
    try:
        made.connect()
    except ssl.SSLCertVerificationError as error:
        raise ConnectionRefused(
            f"The certificate of {server.name} is not accepted ({error.verify_message}).",
            advice="Name the file of its authority in AWS_CA_BUNDLE, or correct the endpoint.",
        ) from None
    except (HTTPError, NewConnectionError, OSError) as error:
        raise Lost(
            f"{server.name} cannot be reached ({kind_of(error)}).",
            sent=False,
            advice="See that it runs and is the one that is meant, then run the same command again.",
        ) from None
    made.sock.settimeout(server.read_timeout)
    return made


@lru_cache(maxsize=8)
def _context(authorities: str | None) -> ssl.SSLContext:
    """To read the authorities takes longer than a connection does."""
    from urllib3.util.ssl_ import create_urllib3_context

    context = create_urllib3_context()
    if authorities:
        context.load_verify_locations(authorities)
    else:
        context.load_default_certs()
    return context


def _proxy(server: Server) -> tuple[str, int, dict[str, str]] | None:
    """Host, port and what it asks for, as the environment says it."""
    said = getproxies().get(server.scheme)
    if not said or proxy_bypass(server.host):
        return None
    parts = urlsplit(said if "//" in said else f"//{said}")
    if not parts.hostname:
        return None
    name, word = unquote(parts.username or ""), unquote(parts.password or "")
    secret = base64.b64encode(f"{name}:{word}".encode()).decode()
    return parts.hostname, parts.port or 8080, {"Proxy-Authorization": f"Basic {secret}"} if name else {}


def kind_of(error: BaseException) -> str:
    """A word that may be shown; an error's text may hold anything."""
    return "it did not answer in time" if isinstance(error, TimeoutError) else type(error).__name__
