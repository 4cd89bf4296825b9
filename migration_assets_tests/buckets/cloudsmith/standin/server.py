"""The stand-in's HTTP: who asks, how often, what is done, and what is answered."""

import contextlib
import json
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from migration_assets_tests.buckets.cloudsmith.standin import answers, data_host
from migration_assets_tests.buckets.cloudsmith.standin.answers import Answer
from migration_assets_tests.buckets.cloudsmith.standin.bodies import Short
from migration_assets_tests.buckets.cloudsmith.standin.faulty import OF_REQUESTS, Fault, Faults
from migration_assets_tests.buckets.cloudsmith.standin.rates import Rates
from migration_assets_tests.buckets.cloudsmith.standin.world import World

#: hosts of their own there, paths here
_DATA = re.compile(r"/(upload|basic|public|token)/")


@dataclass
class StandIn:
    """A Cloudsmith that is served, and what a test may see and set of it."""

    world: World
    rates: Rates
    faults: Faults
    api_key: str = "key"
    endpoint: str = ""
    #: method and path of every call of the API, those that were refused too
    asked: list[str] = field(default_factory=list)
    #: the same of the hosts that take and give files
    moved: list[str] = field(default_factory=list)

    def environment(self, name: str) -> dict[str, str]:
        return {f"{name}_API_KEY": self.api_key, f"{name}_ENDPOINT_URL": self.endpoint}


@contextmanager
def serving(port: int = 0, api_key: str = "key", delay: float = 0.2) -> Iterator[StandIn]:
    folder = Path(tempfile.mkdtemp(prefix="standin-"))
    faults = Faults()
    standin = StandIn(World(folder, faults, delay), Rates(), faults, api_key)
    server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"standin": standin}))
    standin.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield standin
    finally:
        server.shutdown()
        server.server_close()
        shutil.rmtree(folder, ignore_errors=True)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    standin: StandIn

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: object) -> None:
        pass

    def _serve(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        self._left = int(self.headers.get("Content-Length") or 0)
        what = f"{self.command} {self.path}"
        fault = self.standin.faults.due(what, OF_REQUESTS)
        if fault and fault.action == "cut before":
            self._cut()
            return
        parts = urlsplit(self.path)
        try:
            if _DATA.match(parts.path):
                self.standin.moved.append(what)
                answer = self._faulty(fault) or self._data(parts.path, parts.query)
            else:
                answer = self._api(what, parts.path, parts.query, fault)
        except Short:
            self._cut()
            return
        if fault and fault.action == "cut after":
            self._cut()
        else:
            self._answer(answer)

    def _api(self, what: str, path: str, query: str, fault: Fault | None) -> Answer:
        self.standin.asked.append(what)
        body = self.rfile.read(self._left)
        self._left = 0
        headers, wait = self.standin.rates.take()
        if wait:
            answer = _throttled(int(wait))
        else:
            answer = self._faulty(fault) or self._refused() or self._routed(path, query, body)
        return Answer(answer.status, answer.said, {**headers, **answer.headers}, answer.file)

    def _routed(self, path: str, query: str, body: bytes) -> Answer:
        asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        try:
            said = json.loads(body) if body.strip() else {}
        except ValueError:
            return Answer(400, {"detail": "JSON parse error"})
        parts = [unquote(part) for part in path.removeprefix("/v1").strip("/").split("/")]
        return answers.answer(
            self.standin.world, self.standin.rates, self.standin.endpoint, self.command, parts, asked, said
        )

    def _data(self, path: str, query: str) -> Answer:
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        if path.startswith("/upload/"):
            length, self._left = self._left, 0
            return data_host.taken(
                self.standin.world, self.command, path, asked, self.headers, self.rfile, length, self._knows
            )
        return data_host.given(self.standin.world, path, self._knows, self.headers.get("Range", ""))

    @property
    def _knows(self) -> bool:
        import base64

        given = self.headers.get("X-Api-Key") or ""
        scheme, _, value = (self.headers.get("Authorization") or "").partition(" ")
        if scheme.lower() in ("token", "bearer"):
            given = value
        elif scheme.lower() == "basic":
            with contextlib.suppress(ValueError):
                given = base64.b64decode(value).decode().partition(":")[2]
        return given == self.standin.api_key

    def _refused(self) -> Answer | None:
        if self._knows or self.path.startswith(("/status/", "/formats/", "/distros/")):
            return None
        said = self.headers.get("X-Api-Key") or self.headers.get("Authorization")
        detail = "Invalid API key." if said else "Authentication credentials were not provided."
        return Answer(401, {"detail": detail}, {"WWW-Authenticate": 'Basic realm="api"'})

    def _faulty(self, fault: Fault | None) -> Answer | None:
        if fault is None or fault.action == "cut after":
            return None
        if fault.action == "429":
            return _throttled(fault.seconds)
        if fault.action == "html":
            return Answer(200, b"<html>secret-of-the-server</html>", {"Content-Type": "text/html"})
        if fault.action == "expire":
            self.standin.world.uploads[urlsplit(self.path).path.strip("/").split("/")[1]].expired = True
            return None
        # words of a server, which nobody may repeat
        return Answer(int(fault.action), {"detail": "secret-of-the-server"})

    def _answer(self, answer: Answer) -> None:
        self.rfile.read(self._left)
        body = b"" if answer.said is None else answer.said
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        length = answer.file.stat().st_size if answer.file else len(body)
        if answer.said is not None and "Content-Type" not in answer.headers:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        if answer.file:
            with answer.file.open("rb") as opened:
                shutil.copyfileobj(opened, self.wfile, 2**18)
        else:
            self.wfile.write(body)

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _serve  # noqa: N815


def _throttled(seconds: int) -> Answer:
    said = {"detail": f"Request was throttled. Expected available in {seconds} seconds."}
    return Answer(429, said, {"Retry-After": str(seconds)})
