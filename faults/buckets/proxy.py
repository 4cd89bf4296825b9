"""A server before an S3 server that does what S3 does on bad days.

It also looks at checksums as S3 does, which the server behind it does not: bytes that are not those which
their Content-MD5, checksum or signed hash speaks of are refused.
"""

import base64
import hashlib
import http.client
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

Action = Literal[
    "503",
    "500",
    "403 expired",
    "reset",
    "hang",
    "truncate",
    "flip",
    "flip sent",
    "flip stored",
    "lost",
    "200 error",
    "overwrite",
]

#: seconds for which nothing is said at all
HANG = 4.0
CODES = {
    "503": "SlowDown",
    "500": "InternalError",
    "403 expired": "ExpiredToken",
    "200 error": "InternalError",
}


@dataclass
class Fault:
    """What happens to the n-th to (n + times - 1)-th request of an operation."""

    action: Action
    operation: str
    nth: int = 1
    times: int = 1
    #: place of the byte that is changed, or how many bytes arrive
    at: int = 0
    seen: int = 0
    done: int = 0

    def due(self, operation: str) -> bool:
        if operation != self.operation:
            return False
        self.seen += 1
        if self.nth <= self.seen < self.nth + self.times:
            self.done += 1
            return True
        return False


@dataclass
class Proxy:
    upstream: str
    faults: list[Fault] = field(default_factory=list)
    #: how often each operation was asked for
    asked: Counter[str] = field(default_factory=Counter)
    #: by key: bodies of objects and parts that were sent
    sent: Counter[str] = field(default_factory=Counter)
    #: given the key when an object is to be another one from now on
    overwrite: Callable[[str], None] = lambda _key: None
    endpoint: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def calm(self) -> None:
        """No more faults, and nothing asked yet."""
        with self._lock:
            self.faults, self.asked, self.sent = [], Counter(), Counter()

    def due(self, operation: str, key: str, size: int) -> Fault | None:
        with self._lock:
            self.asked[operation] += 1
            if operation in ("put", "part"):
                self.sent[key] += size
            return next((fault for fault in self.faults if fault.due(operation)), None)


def operation(method: str, target: str) -> tuple[str, str]:
    """`get`, `put`, `part`, `complete`, … and the key that it is about."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    _, _, key = parts.path.lstrip("/").partition("/")
    if not key:
        return ("list" if method == "GET" else "bucket"), ""
    name = unquote(key)
    if "uploadId" in query:
        return {"PUT": "part", "POST": "complete", "DELETE": "abort", "GET": "parts"}[method], name
    if "uploads" in query:
        return "create", name
    if query.keys() & {"tagging", "acl", "retention", "legal-hold"}:
        return "subresource", name
    return {"GET": "get", "HEAD": "head", "PUT": "put", "DELETE": "delete", "POST": "post"}[method], name


@contextmanager
def proxied(upstream: str) -> Generator[Proxy]:
    proxy = Proxy(upstream)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    proxy.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy

    def log_message(self, format: str, *args: object) -> None:
        pass

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _serve(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body = self._body()
        what, key = operation(self.command, self.path)
        fault = self.proxy.due(what, key, len(body))
        action = fault.action if fault else ""
        if action in ("503", "500", "403 expired"):
            return self._answered(_error(int(action[:3]), CODES[action]))
        if action == "reset":
            return self._cut()
        if action == "hang":
            time.sleep(HANG)
            return self._cut()
        if action == "overwrite":
            self.proxy.overwrite(key)
        if fault and action == "flip sent":
            body = _flipped(body, fault.at)
        if self.command == "PUT" and (refused := self._unlike(body)):
            return self._answered(_error(400, refused))
        if fault and action == "flip stored":
            body = _flipped(body, fault.at)
        answer = self._upstream(body)
        if action == "lost":
            return self._cut()
        if action == "200 error":
            return self._answered(
                _Answer(200, {"Content-Type": "application/xml"}, _error(500, "InternalError").body)
            )
        if fault and action == "truncate":
            return self._answered(answer, cut=fault.at % max(1, len(answer.body)))
        if fault and action == "flip" and answer.status in (200, 206):
            answer.body = _flipped(answer.body, fault.at)
        return self._answered(answer)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _unlike(self, body: bytes) -> str:
        """S3's code where the bytes are not those that were said."""
        said = self.headers.get("Content-MD5")
        if said and base64.b64decode(said) != hashlib.md5(body).digest():
            return "BadDigest"
        said = self.headers.get("x-amz-checksum-sha256")
        if said and base64.b64decode(said) != hashlib.sha256(body).digest():
            return "BadDigest"
        said = self.headers.get("x-amz-content-sha256", "")
        if re.fullmatch("[0-9a-f]{64}", said) and said != hashlib.sha256(body).hexdigest():
            return "XAmzContentSHA256Mismatch"
        return ""

    def _upstream(self, body: bytes) -> _Answer:
        connection = http.client.HTTPConnection(self.proxy.upstream.removeprefix("http://"), timeout=60)
        kept = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in ("connection", "expect", "transfer-encoding")
        }
        connection.request(self.command, self.path, body, kept)
        answer = connection.getresponse()
        found = _Answer(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        return found

    def _answered(self, answer: _Answer, cut: int | None = None) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = answer.headers.get("Content-Length") if self.command == "HEAD" else None
        self.send_header("Content-Length", length or str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[:cut])
            self.wfile.flush()
        if cut is not None:
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815


def _error(status: int, code: str) -> _Answer:
    # S3's own words may hold anything: none of them may be repeated
    text = f"<Error><Code>{code}</Code><Message>secret-of-the-server</Message></Error>"
    return _Answer(status, {"Content-Type": "application/xml"}, text.encode())


def _flipped(body: bytes, at: int) -> bytes:
    if not body:
        return body
    changed = bytearray(body)
    changed[at % len(changed)] ^= 1
    return bytes(changed)
