"""What a server answers: status, headers, and a body that is read once."""

import re
from collections.abc import Callable, Iterator

from migration_assets.buckets.s3.connection import Connection, Head
from migration_assets.buckets.s3.server import Lost

#: takes a connection back when its answer has been read whole
Keep = Callable[[Connection, Head], None]
_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,12}")
Piece = bytes | bytearray | memoryview


class Answer:
    """Status and headers, lower case; the body is read once, and the connection is free afterwards."""

    __slots__ = ("_connection", "_keep", "_left", "headers", "length", "status")

    def __init__(self, keep: Keep, connection: "Connection", status: int, headers: dict[str, str]) -> None:
        self._keep = keep
        self._connection: Connection | None = connection
        self.status = status
        self.headers = headers
        #: bytes of the body where they are known; None: in chunks, or up to the end of the connection
        self.length: int | None = None
        self._left = 0

    def measures(self, said: str) -> None:
        """Lost where `content-length` says no number of bytes."""
        if not said.isdecimal() or not said.isascii():
            raise _unclear()
        self.expects(int(said))

    def expects(self, length: int | None) -> None:
        self.length = length
        self._left = length or 0
        if length == 0:
            self._free()

    def pieces(self, size: int) -> Iterator[Piece]:
        """The body, in pieces of so many bytes; Lost where it ends early."""
        if self.length is None:
            yield from self._unmeasured(size)
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

    def read(self, most: int | None = None) -> bytes:
        """All of it; no more than `most` bytes where said, and then the rest is not read at all."""
        found = bytearray()
        for piece in self.pieces(1 << 20):
            found += piece
            if most is not None and len(found) >= most:
                self.close()
                return bytes(found[:most])
        return bytes(found)

    def close(self) -> None:
        """Gives the connection back, or away where something of the body is still to come."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _unmeasured(self, size: int) -> Iterator[Piece]:
        connection = self._connection
        if connection is None:
            return
        if "chunked" not in self.headers.get("transfer-encoding", "").lower():
            yield from connection.rest()
            self.close()
            return
        while left := _chunk(connection.line()):
            while left:
                piece = connection.take(min(size, left))
                left -= len(piece)
                yield piece
            if connection.line():
                raise _unclear()
        while connection.line():
            pass
        self._free()

    def _free(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._keep(connection, self.headers)


def _chunk(line: bytes) -> int:
    """The size that a chunk's first line says, 0 for the last one."""
    said = line.split(b";")[0].strip()
    if not _CHUNK.fullmatch(said):
        raise _unclear()
    return int(said, 16)


def _unclear() -> Lost:
    return Lost("An answer does not say where it ends.", sent=True)
