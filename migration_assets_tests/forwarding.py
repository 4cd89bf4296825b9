"""A server before another one: what is asked goes on to it, unless whoever stands between does something else."""

import http.client
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]


class Forwarding(BaseHTTPRequestHandler):
    """`between` decides about each request; `asked_upstream` and `answer` are what it does it with."""

    protocol_version = "HTTP/1.1"
    #: head and body of an answer are two writes: else the second waits 40 ms
    disable_nagle_algorithm = True
    upstream: str

    def between(self, body: bytes) -> None:
        self.answer(*self.asked_upstream(body))

    def asked_upstream(self, body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self.upstream.removeprefix("http://"), timeout=60)
        left_out = ("connection", "expect")
        headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        found = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), found

    def answer(self, status: int, headers: Mapping[str, str], body: bytes, length: int | None = None) -> None:
        """`length` is what is said of it, where that is not so."""
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        if length is None:
            length = int(headers.get("Content-Length", 0)) if self.command == "HEAD" else len(body)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
            self.wfile.flush()

    def cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def log_message(self, *said: object) -> None:
        pass

    def _serve(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        self.between(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve  # noqa: N815


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *about: object) -> None:
        """Connections that are cut, and those of the killed, break off."""


@contextmanager
def forwarding(handler: type[Forwarding], upstream: str, **attributes: object) -> Iterator[str]:
    """The address of a server with such a handler."""
    server = _Server(("127.0.0.1", 0), type("Handler", (handler,), {"upstream": upstream, **attributes}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
