"""The target's side: rows as PostgreSQL prints them, in one snapshot; what a load reads back."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, BinaryIO

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.contracts import pgtypes
from migration_assets.contracts.model import Contract
from migration_assets.errors import MappingFault
from migration_assets.ledger import postgres as ledger
from migration_assets.planning.partitions import Partition
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.replace import LinesKept, rows_of
from migration_assets.tables.sources import postgres
from migration_assets.tables.sources.copy_out import Gathered
from migration_assets.tables.sources.rowwise import escaped
from migration_assets.tables.targets.catalog import find, identifier, place_of
from migration_assets.tables.verify import in_database, picking
from migration_assets.tables.verify.digests import Digests
from migration_assets.tables.verify.line_keys import key_of, key_places, plain
from migration_assets.tables.verify.mapped import Batch, chosen
from migration_assets.tables.verify.method import Trial
from migration_assets.tables.verify.side import Found, Key, Picked, SideRead

KEYS = 500


class TargetSide:
    """Open from its making until `close`."""

    def __init__(
        self, contract: Contract, columns: Sequence[str], environment: Mapping[str, str], file: BinaryIO
    ) -> None:
        self._contract = contract
        self._names = chosen(contract, columns)
        self._environment = environment
        self._file = file
        self._place = place_of(contract)
        self._connection = self._connected()
        try:
            self._begin()
        except psycopg2.Error as error:
            self._connection.close()
            raise classify(error) from None
        except BaseException:
            self._connection.close()
            raise

    def _begin(self) -> None:
        self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        picking.settle("postgres", self._connection)
        with self._connection.cursor() as cursor:
            # the snapshot is the one of the transaction's first statement
            cursor.execute("SELECT pg_current_snapshot()")
            self._snapshot = (cursor.fetchone() or ("",))[0]
            if find(cursor, self._place) is None:
                raise MappingFault(
                    f"The target has no table {self._place}.",
                    advice=f"Run `migrate run {self._contract.name}` first.",
                )

    def _connected(self) -> extensions.connection:
        url = url_of(self._contract.target, self._environment)
        return connect(self._contract.target, url, read_only=True)

    def position(self) -> str:
        return f"snapshot {self._snapshot}"

    def close(self) -> None:
        self._connection.close()

    def summed(self, partition: Partition) -> Fingerprint | None:
        """Hashed by the target itself; None where it is not able to."""
        return in_database.summed(self._connection, list(self._names), self._rows(partition))

    def trial(self, partition: Partition) -> Trial:
        hashed = Digests(self._file).add
        return in_database.trial(self._connection, list(self._names), self._rows(partition), hashed)

    def read(self, partition: Partition) -> SideRead:
        digests = Digests(self._file)
        gathered = Gathered(digests.add)
        query = sql.SQL("COPY (SELECT {}{}) TO STDOUT").format(self._columns, self._rows(partition))
        self._copy(self._connection, query, gathered)
        gathered.flush()
        return SideRead(digests.fingerprint(), digests.places)

    def pick(self, partition: Partition, places: Sequence[int]) -> list[Picked]:
        wanted = picking.Wanted(self._file, places)
        if len(places) <= picking.ONE_BY_ONE:
            straight = picking.of_postgres(self._connection, self._columns, self._rows(partition), places)
            if straight is not None and (found := wanted.matched(straight)) is not None:
                return found
        search = picking.Search(wanted)
        gathered = Gathered(lambda rows: search.add(Batch(len(rows), rows)))
        query = sql.SQL("COPY (SELECT {}{}) TO STDOUT").format(self._columns, self._rows(partition))
        self._copy(self._connection, query, gathered)
        gathered.flush()
        return search.found

    def again(self, keys: Sequence[Key]) -> Found:
        kept = LinesKept()
        names = sql.SQL(", ").join(map(sql.Identifier, self._contract.primary_key))
        connection = self._connected()
        try:
            for first in range(0, len(keys), KEYS):
                rows = sql.SQL(", ").join(
                    sql.SQL("({})").format(sql.SQL(", ").join(sql.Literal(plain(field)) for field in key))
                    for key in keys[first : first + KEYS]
                )
                query = sql.SQL("COPY (SELECT {} FROM {} WHERE ({}) IN ({})) TO STDOUT").format(
                    self._columns, identifier(self._place), names, rows
                )
                self._copy(connection, query, kept)
        finally:
            connection.close()
        wanted, places = set(keys), key_places(self._contract, self._names)
        return Found(tuple(line for line in kept.lines if key_of(line, places) in wanted))

    def entry(self, partition: str) -> ledger.Entry | None:
        """The partition's last load; None where the ledger has none, or is not there."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('migration.load') IS NOT NULL")
            if not (cursor.fetchone() or (False,))[0]:
                return None
            return ledger.latest(cursor, self._contract.name, partition)

    def set_aside(self, entry: ledger.Entry) -> list[bytes]:
        """The lines of rows that the load took out of the target again, as they had no parent."""
        query = (
            "SELECT row FROM migration.quarantine WHERE contract = %s AND partition = %s "
            "AND generation = %s AND reason LIKE '%%: no row in %%'"
        )
        with self._connection.cursor() as cursor:
            cursor.execute("SAVEPOINT quarantine")
            try:
                cursor.execute(query, [entry.contract, entry.partition, entry.generation])
                found: list[dict[str, Any]] = [row for (row,) in cursor.fetchall()]
            except psycopg2.errors.InsufficientPrivilege:
                found = []
            cursor.execute("ROLLBACK TO SAVEPOINT quarantine")
        names = {column.name for column in self._contract.columns}
        return [self._line(row) for row in found if row.keys() == names]

    def _line(self, row: Mapping[str, str | None]) -> bytes:
        fields = [row[name] for name in self._names]
        return "\t".join("\\N" if f is None else escaped(f) for f in fields).encode() + b"\n"

    @cached_property
    def _columns(self) -> sql.Composable:
        return sql.SQL(", ").join(map(sql.Identifier, self._names))

    def _rows(self, partition: Partition) -> sql.Composable:
        """` FROM … WHERE …`, found by an index where there is one"""
        meant = rows_of(self._contract, partition)
        column = partition.target_column
        if column and pgtypes.parse(self._contract.column(column).type).family in ("text", "char"):
            column = None
        postgres.found_by_index(self._connection, self._place, column)
        return sql.SQL(" FROM {} WHERE ({})").format(identifier(self._place), meant)

    def _copy(self, connection: extensions.connection, query: sql.Composable, file: Any) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.copy_expert(query.as_string(cursor), file)
        except psycopg2.Error as error:
            raise classify(error) from None
