"""COPY TO STDOUT as an iterator: psycopg2 pushes rows, the reader pulls pieces of whole lines."""

import io
import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from queue import Empty, Queue
from typing import Any

import psycopg2
from psycopg2.extensions import QueryCanceledError
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.stores.postgres import classify

#: bytes of a piece, and how many pieces wait for the reader
PIECE = 1 << 20
WAITING = 4


def copied(connection: Connection, statement: str) -> Generator[bytes, None, int]:
    """The lines of a COPY … TO STDOUT inside the connection's transaction; returns how many the
    server says that it sent.

    A reader that stops early cancels the statement; the transaction, and its snapshot, live on. An
    error of the driver is raised from here, classified."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT reading")
    except psycopg2.Error as error:
        raise classify(error) from None
    copying = _Copying(connection, statement)
    copying.thread.start()
    try:
        while isinstance(piece := copying.pieces.get(), bytes):
            yield piece
    finally:
        copying.stop()
    if piece is not None:
        raise classify(piece) if isinstance(piece, psycopg2.Error) else piece
    return copying.rows


class _Copying:
    """One COPY in a thread of its own; the last thing it gives is None, or what went wrong."""

    def __init__(self, connection: Connection, statement: str) -> None:
        self.pieces: Queue[bytes | BaseException | None] = Queue(WAITING)
        self.thread = threading.Thread(target=self._run, name="copy-out", daemon=True)
        self._connection = connection
        self._statement = statement
        self._stopped = threading.Event()
        #: what the server's last word says, once it is said
        self.rows = -1

    def _run(self) -> None:
        # BufferedWriter gathers the rows in C: a Python call for each row would halve the speed
        rows = io.BufferedWriter(_Lines(self._put), PIECE)
        try:
            with self._connection.cursor() as cursor:
                cursor.copy_expert(self._statement, rows)
                self.rows = cursor.rowcount
            rows.flush()
            end = None
        except BaseException as error:
            end = error
        self._stopped.set()
        rows.close()
        self.pieces.put(end)

    def _put(self, piece: bytes) -> None:
        if not self._stopped.is_set():
            self.pieces.put(piece)

    def stop(self) -> None:
        """Returns when the thread has ended, and the transaction is as it was before."""
        if self.thread.is_alive() and not self._stopped.is_set():
            self._stopped.set()
            with suppress(psycopg2.Error):
                self._connection.cancel()
        while self.thread.is_alive():
            with suppress(Empty):
                self.pieces.get(timeout=0.02)
        if not self._returned():
            # a cancellation that came too late for the COPY has hit the way back
            self._returned()

    def _returned(self) -> bool:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute("ROLLBACK TO SAVEPOINT reading; RELEASE SAVEPOINT reading")
        except QueryCanceledError:
            return False
        except psycopg2.Error:
            # the connection is gone, which its next statement will tell
            return True
        return True


class _Lines(io.RawIOBase):
    """Hands on whole lines, and keeps the rest until its end comes."""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._put = put
        self._rest = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        end = piece.rfind(b"\n") + 1
        if end:
            self._put(self._rest + piece[:end] if self._rest or end < len(piece) else piece)
            self._rest = piece[end:]
        else:
            self._rest += piece
        return len(piece)
