"""A server that gives answers byte by byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from migration_assets.buckets.s3.server import Server
from migration_assets.buckets.s3.wire import Wire


@contextmanager
def answering(*answers: bytes, hang_up: bool = True) -> Iterator[Wire]:
    """A server with one answer for each request, and a connection of its own for each where it hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            answer()

    def answer() -> None:
        waiting = list(answers)
        while waiting:
            connection, _ = listening.accept()
            with connection:
                while waiting:
                    while b"\r\n\r\n" not in (asked := connection.recv(65536)):
                        if not asked:
                            break
                    if not asked:
                        break
                    connection.sendall(waiting.pop(0))
                    if hang_up:
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Wire(Server("http", "127.0.0.1", listening.getsockname()[1], read_timeout=5))
    finally:
        listening.close()


def got(wire: Wire) -> tuple[int, bytes]:
    answer = wire.ask("GET", "/", {"host": "here"})
    return answer.status, answer.read()
