"""Read back: the rows that are in the target now, as it prints them."""

import io
from collections.abc import Iterator
from typing import Any

from psycopg2 import extensions, sql

from migration_assets.contracts.model import Contract
from migration_assets.tables.fingerprint import Fingerprint, Tally
from migration_assets.tables.sources.copy_out import copied
from migration_assets.tables.targets.catalog import columns_of, identifier, place_of

#: bytes that psycopg2's rows are gathered to: a Python call for each row would halve the speed
PIECE = 1 << 20


def found(cursor: extensions.cursor, contract: Contract, where: sql.Composable) -> Fingerprint:
    """The fingerprint of the rows that are in the target's table now; nothing of them is kept."""
    hashed = _Hashed()
    rows = io.BufferedWriter(hashed, PIECE)
    cursor.copy_expert(_query(cursor, contract, where), rows)
    rows.flush()
    return hashed.tally.fingerprint()


def lines(cursor: extensions.cursor, contract: Contract, where: sql.Composable) -> Iterator[bytes]:
    """The rows that are in the target's table now, in pieces of whole lines."""
    return copied(cursor.connection, _query(cursor, contract, where))


def _query(cursor: extensions.cursor, contract: Contract, where: sql.Composable) -> str:
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {}) TO STDOUT").format(
        columns_of(contract), identifier(place_of(contract)), where
    )
    return query.as_string(cursor)


class _Hashed(io.RawIOBase):
    """A file of lines that are counted and hashed."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._rest = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        cut = piece.rfind(b"\n") + 1
        if cut:
            self.tally.add(self._rest + piece[:cut])
            self._rest = piece[cut:]
        else:
            self._rest += piece
        return len(piece)
