"""Putting back: one partition of a rollback, from what is there now to the rows of an earlier generation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from psycopg2 import extensions, sql

from migration_assets.checks.outcome import RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import RollbackRefused, StagingRefused
from migration_assets.ledger import restores
from migration_assets.ledger.postgres import Entry
from migration_assets.ledger.restores import Asked
from migration_assets.planning.partitions import Partition
from migration_assets.staging.partition import StagedPartition
from migration_assets.tables import read_back, restore_points
from migration_assets.tables.disagreement import differing_rows
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.kept import Kept, kept
from migration_assets.tables.replace import found_by_index, keyed_as, put_aside, put_in, rows_of, upsert
from migration_assets.tables.targets.catalog import identifier, place_of


@dataclass(frozen=True)
class Member:
    """One partition that is rolled back together with others."""

    contract: Contract
    partition: Partition
    folder: StagedPartition
    asked: Asked
    #: tells its temporary tables apart
    number: int = 0

    @property
    def name(self) -> str:
        return f"partition {self.partition.key} of {self.contract.name}"

    @property
    def place(self) -> tuple[str, str]:
        return self.contract.name, self.partition.key

    def is_done(self, history: Sequence[Entry]) -> bool:
        return restores.is_done(self.asked, history[0])

    @property
    def upserts(self) -> bool:
        return self.contract.load_mode == "upsert"

    def entry(self, history: Sequence[Entry], run_id: str) -> Entry:
        """What the ledger will say: the earlier generation's own words under a new number."""
        newest, earlier = history[0], restore_points.entry_of(history, self.asked.generation)
        if earlier is None:
            contract = self.contract
            none = str(Fingerprint(0, 0))
            said = (contract.version, 0, 0, 0, none, restore_points.ROLLED_BACK, restore_points.NOTHING)
            return Entry(contract.name, self.partition.key, newest.generation + 1, run_id, *said)
        state = restore_points.ROLLED_BACK
        return replace(earlier, generation=newest.generation + 1, run_id=run_id, state=state)

    def there(self, cursor: extensions.cursor, entry: Entry, name: str = "there") -> sql.Composable:
        """The condition of the rows in the target that the entry speaks of."""
        if not self.upserts:
            return rows_of(self.contract, self.partition)
        return put_aside(cursor, self.contract, self._table(name), self.kept(cursor, entry).lines())

    def kept(self, cursor: extensions.cursor, entry: Entry | None) -> Kept:
        return kept(cursor, self.contract, self.folder, entry)

    def found(self, cursor: extensions.cursor, where: sql.Composable) -> Fingerprint:
        with found_by_index(cursor, self.partition):
            return read_back.found(cursor, self.contract, where)

    def differing(self, cursor: extensions.cursor, rows: Kept, where: sql.Composable) -> tuple[RowKey, ...]:
        """The first rows of the target that are not these."""
        return differing_rows(
            self.contract, rows.lines, partial(read_back.lines, cursor, self.contract, where)
        )

    def edited(
        self, cursor: extensions.cursor, entry: Entry, where: sql.Composable
    ) -> tuple[RowKey, ...] | None:
        """The first rows of the target that are not the entry's; None where its files are gone."""
        try:
            return self.differing(cursor, self.kept(cursor, entry), where)
        except StagingRefused:
            return None

    def refuse_what_is_not_exact(self, cursor: extensions.cursor, history: Sequence[Entry]) -> None:
        """RollbackRefused where an upsert has touched rows of which nothing earlier is known.

        keys that later loads brought    before them                    can be put back
        all among the earlier load's     the earlier load's values      yes, exactly
        others too                       unknown: absent, or somebody's no
        any, and there was no load       unknown                        no
        """
        if not self.upserts:
            return
        earlier = restore_points.entry_of(history, self.asked.generation)
        if earlier is None or restore_points.is_empty(earlier):
            raise self._not_exact("what its rows were before the first load is not known")
        put_aside(cursor, self.contract, self._table("back"), self.kept(cursor, earlier).lines())
        later = {e.staged: e for e in history if e.generation > restore_points.origin(history, earlier)}
        for number, entry in enumerate(e for e in later.values() if e.staged != earlier.staged):
            table = self._table(f"later{number}")
            put_aside(cursor, self.contract, table, self.kept(cursor, entry).lines())
            key = sql.SQL(", ").join(map(sql.Identifier, self.contract.primary_key))
            cursor.execute(
                sql.SQL("SELECT count(*) FROM {} WHERE ({}) NOT IN (SELECT {} FROM {})").format(
                    table, key, key, self._table("back")
                )
            )
            (others,) = cursor.fetchone() or (0,)
            if others:
                raise self._not_exact(
                    f"generation {entry.generation} brought {others} keys that generation "
                    f"{earlier.generation} did not have, and what stood there before is not known"
                )

    def take_out(self, cursor: extensions.cursor) -> None:
        if not self.upserts:
            table, where = identifier(place_of(self.contract)), rows_of(self.contract, self.partition)
            with found_by_index(cursor, self.partition):
                cursor.execute(sql.SQL("DELETE FROM {} WHERE {}").format(table, where))

    def put_back(self, cursor: extensions.cursor, rows: Kept) -> sql.Composable:
        """Puts the rows in; the condition of those that now have to be the earlier generation's."""
        if self.upserts:
            upsert(cursor, self.contract, self._table("back"))
            return keyed_as(self.contract.primary_key, self._table("back"))
        put_in(cursor, identifier(place_of(self.contract)), self.contract, rows.lines())
        return rows_of(self.contract, self.partition)

    def _table(self, name: str) -> sql.Identifier:
        return sql.Identifier(f"migration_{name}_{self.number}")

    def _not_exact(self, why: str) -> RollbackRefused:
        name, partition = self.contract.name, self.partition.key
        return RollbackRefused(
            f"{self.name[0].upper()}{self.name[1:]} is loaded by `mode: upsert`, and {why}: it cannot be "
            "put back exactly. The target is unchanged.",
            advice=f"Correct the source, then `migrate run {name} --partitions {partition}`.",
        )
