"""A connection in its snapshot: questions answered whole, and rows streamed as they come."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor, SSCursor

from migration_assets.tables.sources.mysql_connection import classify


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
        cursor = SSCursor(self.connection)
        ended = False

        def rows() -> Iterator[tuple[bytes | None, ...]]:
            nonlocal ended
            yield from cursor.fetchall_unbuffered()
            ended = True

        try:
            cursor.execute(query)
            yield rows()
        except pymysql.Error as error:
            ended = True
            raise classify(error) from None
        finally:
            if not ended:
                self._kill()
            self._let_go(cursor)

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
