"""A server before an S3 server that does what S3 does on bad days.

It also holds requests to what S3 does, and the server behind it does not always: bytes that are not those
which their Content-MD5, checksum or signed hash speaks of are refused, and so is what is written or deleted
on a condition that does not hold.
"""

import base64
import hashlib
import http.client
import re
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

Action = Literal[
    "503",
    "500",
    "429",
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
    "stranger",
]
#: what a request is about: an object, or what a probe tries out
About = Literal["object", "probe"]

#: seconds for which nothing is said at all: longer than a worker waits
HANG = 3.0
#: seconds that Retry-After says
LATER = 1
#: of the keys of a probe
CANARY = ".migration-assets/canary-"
CODES = {
    "503": "SlowDown",
    "500": "InternalError",
    "429": "TooManyRequests",
    "403 expired": "ExpiredToken",
    "200 error": "InternalError",
}
READING = frozenset({"get", "head", "list", "parts", "tags"})


@dataclass
class Fault:
    """What happens to the n-th to (n + times - 1)-th request of an operation."""

    action: Action
    operation: str
    nth: int = 1
    times: int = 1
    #: place of the byte that is changed, or how many bytes arrive
    at: int = 0
    about: About = "object"
    seen: int = 0
    done: int = 0

    def due(self, operation: str, about: About) -> bool:
        if (operation, about) != (self.operation, self.about):
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
    #: by operation and key: bodies of objects and parts that were sent
    sent: Counter[str] = field(default_factory=Counter)
    #: by operation and key: requests that change something, those of probes apart
    wrote: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: given the key when an object is to be another one from now on
    overwrite: Callable[[str], None] = lambda _key: None
    #: given the key when somebody else writes it
    stranger: Callable[[str], None] = lambda _key: None
    endpoint: str = ""
    #: requests that came again before the time that Retry-After had said
    hasty: list[str] = field(default_factory=list)
    _later: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _keys: tuple[threading.Lock, ...] = field(
        default_factory=lambda: tuple(threading.Lock() for _ in range(64))
    )

    def calm(self) -> None:
        """No more faults, and nothing asked yet."""
        with self._lock:
            self.faults, self.sent, self.wrote = [], Counter(), Counter()
            self.hasty, self._later = [], {}

    def due(self, operation: str, key: str, size: int) -> Fault | None:
        about: About = "probe" if CANARY in key else "object"
        with self._lock:
            if operation in ("put", "part"):
                self.sent[key] += size
            if operation not in READING and about == "object":
                self.wrote[operation, key] += 1
            return next((fault for fault in self.faults if fault.due(operation, about)), None)

    def asked(self, request: str, *, bar: bool) -> None:
        """Whether it comes too early; `bar`: from now on it has to wait."""
        now = time.monotonic()
        with self._lock:
            if now < self._later.get(request, 0.0):
                self.hasty.append(request)
            if bar:
                self._later[request] = now + LATER

    def alone(self, key: str) -> threading.Lock:
        """A condition is looked at and what hangs on it done while nobody else is at the key."""
        return self._keys[hash(key) % len(self._keys)]


def operation(method: str, target: str, *, copies: bool = False) -> tuple[str, str]:
    """`get`, `put`, `part`, `complete`, … and the key that it is about; of a listing, its prefix."""
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    _, _, key = parts.path.lstrip("/").partition("/")
    if not key:
        return ("list", query.get("prefix", [""])[0]) if method == "GET" else ("bucket", "")
    name = unquote(key)
    if "uploadId" in query:
        return {"PUT": "part", "POST": "complete", "DELETE": "abort", "GET": "parts"}[method], name
    if "uploads" in query:
        return "create", name
    if query.keys() & {"tagging", "acl", "retention", "legal-hold"}:
        return ("tags" if method == "GET" else "subresource"), name
    if copies:
        return "copy", name
    return {"GET": "get", "HEAD": "head", "PUT": "put", "DELETE": "delete", "POST": "post"}[method], name


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that were cut off or killed hang up: that alone is not told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def proxied(upstream: str) -> Generator[Proxy]:
    proxy = Proxy(upstream)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
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
        what, key = operation(self.command, self.path, copies="x-amz-copy-source" in self.headers)
        fault = self.proxy.due(what, key, len(body))
        action = fault.action if fault else ""
        request = f"{self.command} {self.path} {self.headers.get('Range', '')}"
        self.proxy.asked(request, bar=action == "429")
        if action in ("503", "500", "429", "403 expired"):
            return self._answered(_error(int(action[:3]), CODES[action]))
        if action == "reset":
            return self._cut()
        if action == "hang":
            time.sleep(HANG)
            return self._cut()
        if action == "overwrite":
            self.proxy.overwrite(key)
        if action == "stranger":
            self.proxy.stranger(key)
        if fault and action == "flip sent":
            body = self._flipped(fault, body)
        if self.command == "PUT" and (refused := self._unlike(body)):
            return self._answered(_error(400, refused))
        if fault and action == "flip stored":
            body = self._flipped(fault, body)
        answer = self._done(what, key, body)
        if action == "lost":
            return self._cut()
        if action == "200 error":
            said = {"Content-Type": "application/xml"}
            return self._answered(_Answer(200, said, _error(500, "InternalError").body))
        if fault and action == "truncate" and answer.status in (200, 206) and answer.body:
            return self._answered(answer, cut=fault.at % len(answer.body))
        if fault and action == "flip" and answer.status in (200, 206):
            answer.body = self._flipped(fault, answer.body)
        return self._answered(answer)

    def _flipped(self, fault: Fault, body: bytes) -> bytes:
        if not body:
            fault.done -= 1  # there is nothing to change in it
        return _flipped(body, fault.at)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                raise ConnectionAbortedError  # whoever sent it is gone: S3 keeps nothing of it
            return body
        found = b""
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
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

    def _done(self, what: str, key: str, body: bytes) -> _Answer:
        conditional = what in ("put", "copy", "complete", "delete")
        with self.proxy.alone(key) if conditional else nullcontext():
            if conditional and not self._holds():
                return _error(412, "PreconditionFailed")
            return self._upstream(self.command, self.path, body, self._kept())

    def _holds(self) -> bool:
        """Whether what If-None-Match and If-Match say holds."""
        none, only = self.headers.get("If-None-Match"), self.headers.get("If-Match")
        if none is None and only is None:
            return True
        may = {"Authorization": self.headers.get("Authorization", "")}
        found = self._upstream("HEAD", self.path.partition("?")[0], b"", may)
        if found.status not in (200, 404):
            raise RuntimeError(f"{found.status} for a HEAD: nothing can be said of a condition.")
        said = {name.lower(): value for name, value in found.headers.items()}
        there = said.get("etag", "") if found.status == 200 else None
        if none == "*" and there is not None:
            return False
        return only is None or (there is not None and there.strip('"') == only.strip('"'))

    def _kept(self) -> dict[str, str]:
        left_out = ("connection", "expect", "transfer-encoding", "if-none-match")
        # a read's condition is the server's own matter
        left_out += () if self.command in ("GET", "HEAD") else ("if-match",)
        return {name: value for name, value in self.headers.items() if name.lower() not in left_out}

    def _upstream(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> _Answer:
        connection = http.client.HTTPConnection(self.proxy.upstream.removeprefix("http://"), timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return _Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            connection.close()

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
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815


def _error(status: int, code: str) -> _Answer:
    # S3's own words may hold anything: none of them may be repeated
    text = f"<Error><Code>{code}</Code><Message>secret-of-the-server</Message></Error>"
    later = {"Retry-After": str(LATER)} if status == 429 else {}
    return _Answer(status, {"Content-Type": "application/xml", **later}, text.encode())


def _flipped(body: bytes, at: int) -> bytes:
    if not body:
        return body
    changed = bytearray(body)
    changed[at % len(changed)] ^= 1
    return bytes(changed)
