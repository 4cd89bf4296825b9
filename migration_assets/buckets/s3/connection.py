"""One connection: a request goes out, an answer's head and body come in, byte by byte."""

import select
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from migration_assets.buckets.s3.server import Damaged, Lost, kind_of
from migration_assets.errors import MigrationError

#: bytes that are read at once while an answer's head is looked for
_FIRST = 65536
_LONGEST_HEAD = 256 * 1024

Head = Mapping[str, str]
Body = Iterable[bytes | bytearray | memoryview]


class Connection:
    __slots__ = ("_buffer", "_made", "idle_since", "sock", "used")

    def __init__(self, made: Any) -> None:
        self._made = made
        self.sock: socket.socket = made.sock
        self._buffer = b""
        self.used = False
        self.idle_since = 0.0

    def send(self, head: bytes, body: Body, size: int) -> None:
        """Damaged, and nothing of the surplus sent, where the body has not exactly so many bytes."""
        first = bytearray(head)
        rest = _measured(body, size)
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
            status, version, headers = parsed_head(found[:end])
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
                    raise _lost(error) from None
                if not got:
                    raise Lost("An answer ended early.", sent=True)
                at += got
        return piece

    def line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise Lost("An answer does not say where it ends.", sent=True)
            try:
                more = self.sock.recv(_FIRST)
            except OSError as error:
                raise _lost(error) from None
            if not more:
                raise Lost("An answer ended early.", sent=True)
            self._buffer += more
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        return line

    def rest(self) -> Iterator[bytes]:
        if self._buffer:
            yield self._buffer
        try:
            while more := self.sock.recv(_FIRST):
                yield more
        except OSError as error:
            raise _lost(error) from None

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


def _lost(error: OSError) -> Lost:
    return Lost(f"The connection was lost within an answer ({kind_of(error)}).", sent=True)


def _measured(body: Body, size: int) -> Iterator[bytes | bytearray | memoryview]:
    left = size
    for piece in body:
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise Damaged(f"A body that was to be sent had not the {size:,} bytes that were said.")


def head_of(method: str, target: str, headers: Head) -> bytes:
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if lines.count("\n") > len(headers) or lines.count("\r") > len(headers) or " " in target:
        raise MigrationError(
            "A header of an object would hold a line's end.", advice="Correct the expression that makes it."
        )
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("utf-8", "surrogateescape")


def parsed_head(head: bytes) -> tuple[int, str, dict[str, str]]:
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
