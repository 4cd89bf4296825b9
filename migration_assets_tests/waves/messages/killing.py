"""A process that takes messages, and a server before S3 and SQS that kills it (SIGKILL) at a request of choice."""

import http.client
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

Moment = Literal["before", "after"]

#: processes are forked from one that has everything imported and no threads
_made = multiprocessing.get_context("forkserver")
_made.set_forkserver_preload(
    ["boto3", "migration_assets.waves.messages", "migration_assets.waves.places.s3", __name__]
)


@dataclass
class Killer:
    """Whom to kill, at which of its requests, and whether before or after the server has done what it asks."""

    upstream: str
    endpoint: str = ""
    victim: int = 0
    at: int = 0
    moment: Moment = "before"
    #: requests that may change something: all of SQS, and PUT of S3
    asked: list[str] = field(default_factory=list)

    def aim(self, victim: int, at: int, moment: Moment) -> None:
        self.victim, self.at, self.moment = victim, at, moment
        self.asked.clear()

    def strikes(self, moment: Moment) -> bool:
        if not self.victim or moment != self.moment or len(self.asked) != self.at:
            return False
        victim, self.victim = self.victim, 0
        os.kill(victim, signal.SIGKILL)
        return True


@contextmanager
def killer(upstream: str) -> Iterator[Killer]:
    made = Killer(upstream)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"killer": made}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *about: object) -> None:
        """The connections of the killed break off."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    killer: Killer

    def log_message(self, *said: object) -> None:
        pass

    def _serve(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.command != "GET":
            self.killer.asked.append(self.headers.get("X-Amz-Target", "").partition(".")[2] or self.command)
        if self.killer.strikes("before"):
            return
        status, headers, found = self._asked_upstream(body)
        if not self.killer.strikes("after"):
            self._answer(status, headers, found)

    def _asked_upstream(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.killer.upstream.removeprefix("http://"), timeout=60)
        left_out = ("connection", "expect")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), found

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815


def consumer(environment: Mapping[str, str]) -> Any:
    """A process of its own that takes what is on the queue, once; it waits for a line until it begins."""
    begins, told = _made.Pipe(duplex=False)
    process = _made.Process(target=_consume, args=(begins, dict(environment)), daemon=True)
    process.start()
    begins.close()
    return process, told


def _consume(begins: Any, environment: dict[str, str]) -> None:
    from migration_assets.waves.messages import delivered
    from migration_assets.waves.places import place_of

    begins.recv()
    print(delivered(environment, place_of(environment)))
