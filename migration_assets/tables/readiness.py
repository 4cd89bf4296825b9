"""Whether the target is ready for rows: its ledger is there, and its table is what the contract says."""

from dataclasses import dataclass

from psycopg2 import extensions

from migration_assets.contracts.model import Contract
from migration_assets.ledger import postgres as ledger
from migration_assets.tables.arriving import Arriving
from migration_assets.tables.extract import EXTRACTED, table_of
from migration_assets.tables.late_keys import keys_may_wait
from migration_assets.tables.mapping import mapping
from migration_assets.tables.sources.base import SourceTable
from migration_assets.tables.targets.structure import prepare


@dataclass
class Readiness:
    """Of one contract's target, as long as its run goes on."""

    contract: Contract
    _ready: bool = False
    _keys_wait: bool = False

    def look_at_keys(self, table: SourceTable, parted_by: str | None) -> None:
        """MappingFault where contract and source do not fit; `parted_by`: see `bring_about`."""
        planned = mapping(self.contract, table)
        self._keys_wait = keys_may_wait(self.contract, planned, table, parted_by)

    def bring_about(self, connection: extensions.connection, parted_by: str | None) -> None:
        """The ledger and the target's table, made or compared.

        `parted_by`: the target's column that tells partitions apart, None where there is one partition.
        """
        if not self._ready:
            ledger.prepare(connection)
        prepare(connection, self.contract, keys_wait=self._keys_wait, parted_by=parted_by)
        self._ready = True

    def bring_about_for(
        self, connection: extensions.connection, one: Arriving, parted_by: str | None
    ) -> None:
        """For a load without an extraction before it."""
        if not self._ready:
            if (extracted := one.staged.manifest(EXTRACTED)) is not None:
                self.look_at_keys(table_of(extracted), parted_by)
            self.bring_about(connection, parted_by)
