"""Answers as servers give them, byte by byte."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from migration_assets.buckets.s3.wire import Lost, Server, Wire
from migration_assets.errors import MigrationError


@contextmanager
def _answering(*answers: bytes, hang_up: bool = True) -> Iterator[Wire]:
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


def _get(wire: Wire) -> tuple[int, bytes]:
    answer = wire.ask("GET", "/", {"host": "here"})
    return answer.status, answer.read()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n", b"abc"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", b"abc"),
        (b"HTTP/1.0 200 OK\r\n\r\nabc", b"abc"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    ],
)
def test_every_way_to_say_where_a_body_ends_is_understood(answer: bytes, body: bytes) -> None:
    with _answering(answer) as wire:
        assert _get(wire) == (200, body)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabc",
        b"HTTP/1.1 200 OK\r\nConte",
        b"",
        b"nothing of the kind\r\n\r\n",
    ],
)
def test_an_answer_that_ends_early_is_lost_and_never_short(answer: bytes) -> None:
    with _answering(answer) as wire, pytest.raises(Lost):
        _get(wire)


def test_a_kept_connection_that_the_server_closed_is_no_error() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    with _answering(answer, answer, answer) as wire:
        assert [_get(wire) for _ in range(3)] == [(200, b"a")] * 3


def test_a_connection_is_used_again() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    with _answering(answer, answer, hang_up=False) as wire:
        assert [_get(wire) for _ in range(2)] == [(200, b"a")] * 2


def test_a_header_never_becomes_two() -> None:
    with _answering(b"") as wire, pytest.raises(MigrationError, match="line's end"):
        wire.ask("GET", "/", {"x-amz-meta-a": "b\r\nx-amz-acl: public-read"})
