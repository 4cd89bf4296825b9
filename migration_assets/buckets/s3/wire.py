"""HTTP/1.1 to one server over connections that are kept: what the bytes of many objects go through.

urllib3 makes each connection (names, TLS, authorities, proxies); one request and its answer are read here,
since a general client costs several times what an object of 10 KB does.
"""

import os
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from migration_assets.errors import ConnectionRefused, MigrationError, Passing

#: seconds to connect, and between two pieces of an answer
CONNECT_TIMEOUT, READ_TIMEOUT = 10.0, 60.0
#: bytes that are read at once while an answer's head is looked for
_FIRST = 65536
_LONGEST_HEAD = 256 * 1024
#: seconds after which a kept connection is looked at before it is used
_IDLE = 0.5

Head = Mapping[str, str]
Body = Iterable[bytes | bytearray | memoryview]


class Lost(Passing):
    """The connection broke; `sent` says whether the server may have the request."""

    def __init__(self, what: str, *, sent: bool) -> None:
        self.sent = sent
        super().__init__(what, advice="Run the same command again.", cause="connection")


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


class Answer:
    """Status and headers, lower case; the body is read once, and the connection is free afterwards."""

    __slots__ = ("_connection", "_left", "_wire", "headers", "length", "status")

    def __init__(self, wire: "Wire", connection: "_Connection", status: int, headers: dict[str, str]) -> None:
        self._wire = wire
        self._connection: _Connection | None = connection
        self.status = status
        self.headers = headers
        #: bytes of the body where they are known; None: in chunks, or up to the end of the connection
        self.length: int | None = None
        self._left = 0

    def expects(self, length: int | None) -> None:
        self.length = length
        self._left = length or 0
        if length == 0:
            self._free()

    def pieces(self, size: int) -> Iterator[bytes | bytearray | memoryview]:
        """The body, in pieces of so many bytes; Lost where it ends early."""
        if self.length is None:
            yield from self._unmeasured()
            return
        while self._left:
            connection = self._connection
            if connection is None:
                raise Lost("The body of an answer was read twice.", sent=True)
            piece = connection.take(min(size, self._left))
            self._left -= len(piece)
            if not self._left:
                self._free()
            yield piece

    def read(self) -> bytes:
        return b"".join(self.pieces(1 << 20))

    def close(self) -> None:
        """Gives the connection back, or away where something of the body is still to come."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _unmeasured(self) -> Iterator[bytes]:
        connection = self._connection
        if connection is None:
            return
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            yield from connection.rest()
            self.close()
            return
        while size := int(connection.line().split(b";")[0] or b"0", 16):
            yield bytes(connection.take(size))
            connection.line()
        while connection.line():
            pass
        self._free()

    def _free(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._wire.keep(connection, self.headers)


class _Connection:
    __slots__ = ("_buffer", "_made", "idle_since", "sock", "used")

    def __init__(self, made: Any) -> None:
        self._made = made
        self.sock: socket.socket = made.sock
        self._buffer = b""
        self.used = False
        self.idle_since = 0.0

    def send(self, head: bytes, body: Body) -> None:
        first = bytearray(head)
        rest = iter(body)
        for piece in rest:
            if len(first) + len(piece) <= _FIRST:
                first += piece
                continue
            self.sock.sendall(first)
            self.sock.sendall(piece)
            for each in rest:
                self.sock.sendall(each)
            return
        self.sock.sendall(first)

    def head(self) -> tuple[int, str, dict[str, str]]:
        """Status, the protocol's version and headers; EOFError where the connection ended before."""
        while True:
            found = self._buffer
            while (end := found.find(b"\r\n\r\n")) < 0:
                more = self.sock.recv(_FIRST)
                if not more or len(found) > _LONGEST_HEAD:
                    raise EOFError
                found = found + more if found else more
            self._buffer = found[end + 4 :]
            status, version, headers = _parsed(found[:end])
            if status >= 200:
                return status, version, headers

    def take(self, size: int) -> bytes | bytearray | memoryview:
        """Exactly so many bytes."""
        buffer = self._buffer
        if len(buffer) >= size:
            self._buffer = buffer[size:]
            return buffer if len(buffer) == size else buffer[:size]
        piece = bytearray(size)
        piece[: len(buffer)] = buffer
        at = len(buffer)
        self._buffer = b""
        with memoryview(piece) as view:
            while at < size:
                try:
                    got = self.sock.recv_into(view[at:])
                except OSError as error:
                    raise Lost(
                        f"The connection was lost within an answer ({_kind(error)}).", sent=True
                    ) from None
                if not got:
                    raise Lost("An answer ended early.", sent=True)
                at += got
        return piece

    def line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            try:
                more = self.sock.recv(_FIRST)
            except OSError as error:
                raise Lost(f"The connection was lost within an answer ({_kind(error)}).", sent=True) from None
            if not more:
                raise Lost("An answer ended early.", sent=True)
            self._buffer += more
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def rest(self) -> Iterator[bytes]:
        if self._buffer:
            yield self._buffer
        while more := self.sock.recv(_FIRST):
            yield more

    def is_alive(self) -> bool:
        """Whether nothing came while nobody asked: a server that hangs up can be read."""
        if self._buffer:
            return False
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return not poll.poll(0)

    def close(self) -> None:
        with suppress(OSError):
            self._made.close()


class Wire:
    """Requests to one server; safe to use from several threads, and made anew in a forked process."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._kept: deque[_Connection] = deque()
        self._process = os.getpid()

    def ask(
        self, method: str, target: str, headers: Head, body: Body = (), *, replayable: bool = True
    ) -> Answer:
        """The answer, whatever its status. Lost where there is none.

        A kept connection that the server had closed meanwhile is not an error: where the request can do no
        harm twice, and its body can be sent again, it is sent again at once.
        """
        head = _head(method, target, headers)
        while True:
            connection = self._connection()
            used = connection.used
            try:
                return self._asked(connection, method, head, body)
            except (OSError, EOFError) as error:
                connection.close()
                again = (
                    used and replayable and method in ("GET", "HEAD") and not isinstance(error, TimeoutError)
                )
                if not again:
                    raise Lost(f"The connection was lost ({_kind(error)}).", sent=True) from None
            except BaseException:
                connection.close()
                raise

    def keep(self, connection: _Connection, headers: Head) -> None:
        if headers.get("connection", "").lower() == "close" or os.getpid() != self._process:
            connection.close()
            return
        connection.used = True
        connection.idle_since = time.monotonic()
        self._kept.append(connection)

    def close(self) -> None:
        while self._kept:
            self._kept.pop().close()

    def _asked(self, connection: _Connection, method: str, head: bytes, body: Body) -> Answer:
        broken: OSError | None = None
        try:
            connection.send(head, body)
        except ssl.SSLError:
            raise
        except OSError as error:
            # a server that refuses answers before it has read everything
            broken = error
        try:
            status, version, headers = connection.head()
        except (OSError, EOFError):
            raise broken or EOFError from None
        if broken or version == "HTTP/1.0":
            headers["connection"] = "close"
        answer = Answer(self, connection, status, headers)
        said = headers.get("content-length")
        if method == "HEAD" or status in (204, 304):
            answer.expects(0)
        elif "chunked" in headers.get("transfer-encoding", "").lower() or said is None:
            answer.expects(None)
        else:
            answer.expects(int(said))
        return answer

    def _connection(self) -> _Connection:
        if os.getpid() != self._process:
            self._kept, self._process = deque(), os.getpid()
        while True:
            try:
                kept = self._kept.pop()
            except IndexError:
                return _Connection(_made(self.server))
            if time.monotonic() - kept.idle_since < _IDLE or kept.is_alive():
                return kept
            kept.close()


def _made(server: Server) -> Any:
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
        raise Lost(f"{server.name} cannot be reached ({_kind(error)}).", sent=False) from None
    made.sock.settimeout(server.read_timeout)
    return made


def _proxy(server: Server) -> tuple[str, int] | None:
    said = getproxies().get(server.scheme)
    if not said or proxy_bypass(server.host):
        return None
    parts = urlsplit(said if "//" in said else f"//{said}")
    return (parts.hostname, parts.port or 8080) if parts.hostname else None


def _head(method: str, target: str, headers: Head) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") > len(headers) or lines.count("\r") > len(headers) or " " in target:
        raise MigrationError(
            "A header of an object would hold a line's end.", advice="Correct the expression that makes it."
        )
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("utf-8", "surrogateescape")


def _parsed(head: bytes) -> tuple[int, str, dict[str, str]]:
    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    version, _, rest = lines[0].partition(" ")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name = name.lower()
        value = value.strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    try:
        return int(rest[:3]), version, headers
    except ValueError:
        raise EOFError from None


def _kind(error: BaseException) -> str:
    """A word that may be shown; an error's text may hold anything."""
    return "it did not answer in time" if isinstance(error, TimeoutError) else type(error).__name__
