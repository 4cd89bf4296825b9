"""A source that gives the first rows alone, through the reader that a migration reads with."""

import time
from collections.abc import Generator
from contextlib import AbstractContextManager
from typing import Any

from migration_assets.contracts.model import Scalar, Server, TableName
from migration_assets.tables.sources.base import Reading, Source, SourceColumn, SourceTable


class Sampled:
    """A `Source` whose rows end after so many bytes, or so many seconds."""

    def __init__(self, source: Source, most_bytes: int, most_seconds: float) -> None:
        self._source = source
        self._most_bytes = most_bytes
        self._most_seconds = most_seconds
        #: whether the last reading came to the end by itself
        self.whole = False

    def snapshot(self, server: Server, url: str) -> AbstractContextManager[Any]:
        return self._source.snapshot(server, url)

    def describe(self, snapshot: Any, table: TableName) -> SourceTable:
        return self._source.describe(snapshot, table)

    def count(self, snapshot: Any, reading: Reading) -> int:
        return self._source.count(snapshot, reading)

    def extent(self, snapshot: Any, reading: Reading, column: SourceColumn) -> tuple[int, str | None]:
        return self._source.extent(snapshot, reading, column)

    def read(self, snapshot: Any, reading: Reading) -> Generator[bytes, None, int]:
        """Returns how many rows it gave, as a source does."""
        end = time.monotonic() + self._most_seconds
        rows = size = 0
        self.whole = False
        pieces = self._source.read(snapshot, reading)
        try:
            for piece in pieces:
                rows += piece.count(b"\n")
                size += len(piece)
                yield piece
                if size >= self._most_bytes or time.monotonic() > end:
                    return rows
            self.whole = True
            return rows
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()

    def ranges(self, snapshot: Any, reading: Reading, rows: int) -> tuple[Scalar, ...]:
        return self._source.ranges(snapshot, reading, rows)

    def values(self, snapshot: Any, reading: Reading, limit: int) -> tuple[Scalar, ...]:
        return self._source.values(snapshot, reading, limit)

    def position(self, snapshot: Any) -> str:
        return self._source.position(snapshot)
