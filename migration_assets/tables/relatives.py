"""Relatives: rows that refer to one another across the contracts of a rollback and those around them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg2 import extensions, sql

from migration_assets.checks.from_contract import REFERENTIAL
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome
from migration_assets.contracts.model import Contract, Reference
from migration_assets.tables import referential
from migration_assets.tables.referential import Orphans
from migration_assets.tables.targets.catalog import find, place_of

#: the child's contract and one of its references, and how many orphans it had before
Waiting = Mapping[tuple[str, tuple[str, ...], str], int]
ALL_ROWS = sql.SQL("true")


@dataclass(frozen=True)
class Relatives:
    #: whose rows change
    changing: Mapping[str, Contract]
    contracts: Mapping[str, Contract]

    def waiting(self, cursor: extensions.cursor) -> Waiting:
        """Before anything changes, the orphans of references that may wait for their parents."""
        return {
            _name(child, reference): referential.outgoing(
                cursor, child, reference, self.contracts[reference.parent], ALL_ROWS, 1
            ).total
            for child, reference in self._incoming(cursor, self.changing)
            if _may_wait(child, reference)
        }

    def left_alone(
        self, cursor: extensions.cursor, contract: Contract, waiting: Waiting
    ) -> tuple[Orphans, ...]:
        """Rows, of this contract or others, that refer to rows of this contract which are gone now."""
        found = [
            (child, reference, referential.outgoing(cursor, child, reference, contract, ALL_ROWS))
            for child, reference in self._incoming(cursor, {contract.name: contract})
        ]
        return tuple(
            orphans
            for child, reference, orphans in found
            if orphans.total > waiting.get(_name(child, reference), 0)
        )

    def judge(
        self,
        cursor: extensions.cursor,
        contract: Contract,
        where: sql.Composable,
        whole: Mapping[str, bool],
        left_alone: tuple[Orphans, ...],
    ) -> CheckOutcome:
        """
        orphans                                                 judgement
        among the rows put back, of a reference that may wait   pending until the parent is complete
        among them, of any other reference                      strict
        elsewhere, of rows that refer to this contract's        strict, but for those that waited before
        """
        strict = list(left_alone)
        pending = 0
        for reference in contract.references:
            parent = self.contracts[reference.parent]
            orphans = referential.outgoing(cursor, contract, reference, parent, where)
            if referential.judgement(reference, contract, whole[reference.parent]) == "strict":
                strict.append(orphans)
            else:
                pending += orphans.total
        return _outcome(contract, strict, pending)

    def _incoming(
        self, cursor: extensions.cursor, parents: Mapping[str, Contract]
    ) -> Iterator[tuple[Contract, Reference]]:
        for _, child in sorted(self.contracts.items()):
            mine = [r for r in child.references if r.parent in parents]
            near = [r for r in mine if child.target.name == parents[r.parent].target.name]
            if near and find(cursor, place_of(child)) is not None:
                yield from ((child, reference) for reference in near)


def _may_wait(child: Contract, reference: Reference) -> bool:
    return reference.deferred or reference.parent == child.name


def _name(child: Contract, reference: Reference) -> tuple[str, tuple[str, ...], str]:
    return child.name, reference.columns, reference.parent


def _outcome(contract: Contract, strict: list[Orphans], pending: int) -> CheckOutcome:
    bad = [orphans for orphans in strict if orphans.total]
    total = sum(orphans.total for orphans in bad)
    said = [f"{total} rows refer to rows that are not there." if total else "Every reference has its row."]
    children = sorted({o.child for o in bad if o.child != contract.name})
    if children:
        said.append(f"Rows of {', '.join(children)} need rows that would go: roll back these contracts too.")
    parents = sorted({o.reference.parent for o in bad if o.child == contract.name} - {contract.name})
    if parents:
        said.append(f"Rows of {', '.join(parents)} are gone that are needed: roll back these contracts too.")
    if pending:
        said.append(f"{pending} references wait for rows that are not loaded yet.")
    return CheckOutcome(
        REFERENTIAL,
        passed=not total,
        blocking=True,
        summary=" ".join(said),
        counts={
            "references": len(contract.references),
            "orphans": total,
            "pending": pending,
            "quarantined": 0,
        },
        rows=tuple(row for orphans in bad for row in orphans.rows)[:KEYS_SHOWN],
    )
