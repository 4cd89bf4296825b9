"""The whole target: every reference of a contract in both directions, and its table's structure.

References are asked of the rows that are there, whether or not a constraint keeps them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg2
from psycopg2 import extensions, sql

from migration_assets.checks.from_contract import REFERENTIAL
from migration_assets.checks.outcome import CheckOutcome, RowKey
from migration_assets.contracts.model import Contract, Reference
from migration_assets.errors import MigrationError, PlanRefused
from migration_assets.ledger import postgres as ledger
from migration_assets.planning.keys import partitions
from migration_assets.planning.partitions import Partition
from migration_assets.stores.connections import url_of
from migration_assets.stores.postgres import classify, connect
from migration_assets.tables import referential
from migration_assets.tables.referential import Orphans
from migration_assets.tables.replace import rows_of
from migration_assets.tables.targets.catalog import find, place_of
from migration_assets.tables.targets.differences import compared
from migration_assets.tables.targets.foreign_keys import missing_foreign_key
from migration_assets.tables.targets.indexes import missing_indexes
from migration_assets.tables.targets.keys import missing_keys
from migration_assets.tables.verify import across
from migration_assets.tables.verify.next_values import next_values
from migration_assets.tables.verify.proof import LISTED


@dataclass(frozen=True)
class WholeTarget:
    """What was found beside the rows themselves."""

    #: the check `referential`, by partition
    referential: Mapping[str, CheckOutcome] = field(default_factory=dict)
    #: what the table is that the contract does not say
    structure: tuple[str, ...] = ()
    #: statements that would make what is missing, none of which was run
    proposed: tuple[str, ...] = ()


def looked_at(
    contract: Contract,
    contracts: Mapping[str, Contract],
    environment: Mapping[str, str],
    wanted: Sequence[Partition],
) -> WholeTarget:
    """ConnectionRefused and the like where a database cannot be asked."""
    with ExitStack() as opened:
        targets = _Targets(environment, opened)
        try:
            return _Look(contract, {**contracts, contract.name: contract}, targets).all(wanted)
        except psycopg2.Error as error:
            raise classify(error) from None


@dataclass(frozen=True)
class _Targets:
    """Connections to targets, each in one snapshot, opened when they are asked for."""

    environment: Mapping[str, str]
    opened: ExitStack
    _open: dict[str, extensions.connection] = field(default_factory=dict)

    def of(self, contract: Contract) -> extensions.connection:
        name = contract.target.name
        if name not in self._open:
            connection = connect(contract.target, url_of(contract.target, self.environment), read_only=True)
            self.opened.callback(connection.close)
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            self._open[name] = connection
        return self._open[name]


@dataclass(frozen=True)
class _Look:
    contract: Contract
    contracts: Mapping[str, Contract]
    targets: _Targets

    def all(self, wanted: Sequence[Partition]) -> WholeTarget:
        orphaned = [
            (reference, self._outgoing(self.contract, reference, sql.SQL("true")))
            for reference in self.contract.references
        ]
        incoming = [orphans for orphans in self._incoming() if orphans.total]
        found = {
            partition.key: self._outcome(partition, orphaned, incoming, alone=len(wanted) == 1)
            for partition in wanted
        }
        sound = {reference for reference, orphans in orphaned if not orphans.total}
        with self.targets.of(self.contract).cursor() as cursor:
            counted = next_values(cursor, self.contract)
            structure = (*(compared(cursor, self.contract) or ()), *(each.finding for each in counted))
            proposed = (*self._proposed(cursor, sound), *(each.proposed for each in counted))
        return WholeTarget(found, tuple(filter(None, structure)), tuple(filter(None, proposed)))

    def _outgoing(self, child: Contract, reference: Reference, where: sql.Composable) -> Orphans:
        parent = self.contracts[reference.parent]
        connection = self.targets.of(child)
        if parent.target.name != child.target.name:
            other = self.targets.of(parent)
            return across.outgoing(connection, other, child, reference, parent, where)
        with connection.cursor() as cursor:
            return referential.outgoing(cursor, child, reference, parent, where)

    def _incoming(self) -> Iterator[Orphans]:
        """The orphans of other contracts' references to this one; its own are outgoing."""
        if not self._is_whole(self.contract):
            return
        for name, child in sorted(self.contracts.items()):
            for reference in child.references if name != self.contract.name else ():
                if reference.parent == self.contract.name and self._is_there(child):
                    yield self._outgoing(child, reference, sql.SQL("true"))

    def _outcome(
        self,
        partition: Partition,
        orphaned: Sequence[tuple[Reference, Orphans]],
        incoming: Sequence[Orphans],
        *,
        alone: bool,
    ) -> CheckOutcome:
        strict, pending = [], 0
        for reference, orphans in orphaned:
            if orphans.total and not (alone and partition.target_column is None):
                orphans = self._outgoing(self.contract, reference, rows_of(self.contract, partition))
            whole = self._is_whole(self.contracts[reference.parent])
            if referential.judgement(reference, self.contract, whole) == "strict":
                strict.append(orphans)
            else:
                pending += orphans.total
        total, from_others = sum(o.total for o in strict), sum(o.total for o in incoming)
        said = [
            f"{total} rows refer to rows that are not there." if total else "Every reference has its row."
        ]
        if from_others:
            children = ", ".join(sorted({orphans.child for orphans in incoming}))
            said.append(f"{from_others} rows of {children} refer to rows that are not here.")
        if pending:
            said.append(f"{pending} references wait for rows that are not loaded yet.")
        rows = [row for orphans in strict for row in orphans.rows]
        rows += [RowKey(f"{o.child}: {row.key}", row.reason) for o in incoming for row in o.rows]
        return CheckOutcome(
            REFERENTIAL,
            not total and not from_others,
            True,
            " ".join(said),
            {
                "references": len(orphaned),
                "orphans": total,
                "pending": pending,
                "orphans_of_others": from_others,
                "proof": "migrate verify",
            },
            tuple(rows[:LISTED]),
        )

    def _is_there(self, contract: Contract) -> bool:
        try:
            with self.targets.of(contract).cursor() as cursor:
                return find(cursor, place_of(contract)) is not None
        except MigrationError:
            # another target whose connection is not set here: its own verification looks at it
            return False

    def _is_whole(self, contract: Contract) -> bool:
        """Whether all of its partitions are loaded, by the ledger of its target."""
        try:
            keys = {partition.key for partition in partitions(contract)}
        except PlanRefused:
            return False
        with self.targets.of(contract).cursor() as cursor:
            cursor.execute("SELECT to_regclass('migration.load') IS NOT NULL")
            if not (cursor.fetchone() or (False,))[0]:
                return True
            loaded = ledger.loaded_partitions(cursor, contract.name)
        # what this project did not load is taken as it is
        return not loaded or keys <= loaded

    def _proposed(self, cursor: extensions.cursor, sound: set[Reference]) -> Iterator[str]:
        """Keys, indexes and foreign keys that are missing; none that the rows would not let pass."""
        works = [*missing_keys(cursor, self.contract)[0], *missing_indexes(cursor, self.contract)[0]]
        for reference in self.contract.references:
            if reference in sound:
                parent = self.contracts[reference.parent]
                works += missing_foreign_key(cursor, self.contract, reference, parent)[0]
        for work in works:
            for statement in work.statements:
                yield f"{statement.as_string(cursor)};"
