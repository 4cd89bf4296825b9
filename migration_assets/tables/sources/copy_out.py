"""COPY TO STDOUT as an iterator: psycopg2 pushes rows, the reader pulls pieces of whole lines."""

import threading
from collections.abc import Callable, Generator
from contextlib import suppress
from queue import Empty, Queue

import psycopg2
from psycopg2.extensions import QueryCanceledError
from psycopg2.extensions import connection as Connection  # noqa: N812

from migration_assets.stores.postgres import classify
from migration_assets.tables.fingerprint import Lines

#: bytes of a piece, and how many pieces wait for the reader
PIECE = 1 << 20
WAITING = 4


def copied(
    connection: Connection, statement: str, most_rows: int | None = None
) -> Generator[bytes, None, int]:
    """The lines of a COPY … TO STDOUT inside the connection's transaction; returns how many the
    server says that it sent. A piece has at most `most_rows` lines, where that is said.

    A reader that stops early cancels the statement; the transaction, and its snapshot, live on. An
    error of the driver is raised from here, classified."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT reading")
    except psycopg2.Error as error:
        raise classify(error) from None
    copying = _Copying(connection, statement, most_rows)
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

    def __init__(self, connection: Connection, statement: str, most_rows: int | None) -> None:
        self.pieces: Queue[bytes | BaseException | None] = Queue(WAITING)
        self.thread = threading.Thread(target=self._run, name="copy-out", daemon=True)
        self._connection = connection
        self._statement = statement
        self._most_rows = most_rows
        self._stopped = threading.Event()
        #: what the server's last word says, once it is said
        self.rows = -1

    def _run(self) -> None:
        gathered = Gathered(self._put, self._most_rows)
        try:
            with self._connection.cursor() as cursor:
                cursor.copy_expert(self._statement, gathered)  # type: ignore[arg-type]
                self.rows = cursor.rowcount
            gathered.flush()
            end = None
        except BaseException as error:
            end = error
        self._stopped.set()
        self.pieces.put(end)

    def _put(self, rows: list[bytes]) -> None:
        if not self._stopped.is_set():
            self.pieces.put(Lines.of(rows))

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


class Gathered:
    """What psycopg2's COPY writes rows into; hands them on in lists of about `PIECE` bytes.

    PostgreSQL sends one message a row, and psycopg2 one call a message.
    """

    def __init__(self, put: Callable[[list[bytes]], None], most_rows: int | None = None) -> None:
        rows: list[bytes] = []
        size = 0

        def write(row: bytes) -> None:
            nonlocal rows, size
            rows.append(row)
            size += len(row)
            if size >= PIECE:
                self.flush()

        def write_few(row: bytes) -> None:
            write(row)
            if len(rows) >= (most_rows or 1):
                self.flush()

        def flush() -> None:
            nonlocal rows, size
            if rows:
                put(rows)
                rows, size = [], 0

        # closures, as this is called for every row
        self.write, self.flush = write_few if most_rows else write, flush
