"""Foreseen: what a rollback of a partition would do, told without doing it."""

from dataclasses import dataclass

from migration_assets.checks.outcome import RowKey
from migration_assets.ledger.restores import Asked


@dataclass(frozen=True)
class Foreseen:
    """One partition: generation from and to, rows (or objects of this migration) from and to, and what
    stands in the way."""

    contract: str
    partition: str
    before: int
    generation: int
    rows_before: int
    rows: int
    #: whether the rows of another load would be there
    changes: bool = False
    #: the loads that would be taken back, newest first
    undone: tuple[int, ...] = ()
    #: whether rows were changed in the target since the newest generation
    edited: bool = False
    #: the first of them; none where it cannot be told which
    edited_keys: tuple[RowKey, ...] = ()
    #: why it would be refused, as far as can be told beforehand
    refusals: tuple[str, ...] = ()
    #: back already; only Dagster may not have it on record
    done: bool = False
    #: of a bucket, the name of a rollback that was asked for and is not completed; empty: none
    begun: str = ""

    @property
    def idle(self) -> bool:
        """Whether these rows are there already, and nothing else."""
        return not (self.done or self.changes or self.edited or self.refusals)

    @property
    def asked(self) -> Asked:
        return Asked(self.contract, self.partition, self.before, self.generation)
