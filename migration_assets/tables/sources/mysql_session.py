"""A connection in its snapshot: questions answered whole, and rows streamed as they come."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor, SSCursor

from migration_assets.tables.sources.mysql_connection import classify
from migration_assets.tables.sources.mysql_packets import CellMissing, Cells, cells

T = TypeVar("T")


@dataclass(frozen=True)
class Session:
    """One connection in its snapshot, and how to make another one beside it."""

    connection: "Connection[Any]"
    beside: "Callable[[], Connection[Any]]"

    @property
    def is_mariadb(self) -> bool:
        return "mariadb" in str(self.connection.get_server_info()).lower()

    def ask(self, query: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        try:
            with Cursor(self.connection) as cursor:
                cursor.execute(query, parameters)
                return list(cursor.fetchall())
        except pymysql.Error as error:
            raise classify(error) from None

    @contextmanager
    def streamed(self, query: str) -> Generator[Iterator[tuple[bytes | None, ...]]]:
        """The rows one by one; a reader that stops early has the query killed, and not the snapshot."""
        with self._streaming(query, lambda cursor: cursor.fetchall_unbuffered()) as rows:
            yield rows

    @contextmanager
    def cells(self, query: str) -> Generator[Iterator[Cells]]:
        """The same for a query of one column whose cells end with `END`, many of them at once."""
        with self._streaming(query, self._cells) as blocks:
            yield blocks

    @contextmanager
    def _streaming(self, query: str, rows_of: Callable[[SSCursor], Iterator[T]]) -> Generator[Iterator[T]]:
        cursor = SSCursor(self.connection)
        ended = False
        found: Iterator[T] = iter(())

        def rows() -> Iterator[T]:
            nonlocal ended
            # not `yield from`, or a reader that stops would close what is to be read to its end
            for row in found:  # noqa: UP028
                yield row
            ended = True

        try:
            cursor.execute(query)
            found = rows_of(cursor)
            yield rows()
        except pymysql.Error as error:
            ended = True
            raise classify(error) from None
        finally:
            if not ended:
                self._kill()
                with suppress(pymysql.Error, CellMissing):
                    for _ in found:
                        pass
            self._let_go(cursor)

    def _cells(self, cursor: SSCursor) -> Iterator[Cells]:
        """Reads beside PyMySQL, which calls Python several times for each row."""
        connection: Any = self.connection
        result: Any = getattr(cursor, "_result")  # noqa: B009

        def read(size: int) -> bytes:
            try:
                some = connection._rfile.read1(size)
            except OSError:
                some = b""
            if not some:
                connection._force_close()
            return some

        try:
            yield from cells(read, connection.encoding)
        finally:
            result.unbuffered_active = False
            result.connection = None

    def _let_go(self, cursor: SSCursor) -> None:
        result = getattr(cursor, "_result", None)
        if result is not None and not self.connection.open:
            # or PyMySQL would go on reading what is left, from a connection that is gone
            result.unbuffered_active = False
        with suppress(pymysql.Error):
            cursor.close()

    def _kill(self) -> None:
        with suppress(Exception):
            connection = self.beside()
            try:
                with Cursor(connection) as cursor:
                    cursor.execute(f"KILL QUERY {int(self.connection.thread_id())}")
            finally:
                connection.close()
