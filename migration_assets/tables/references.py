"""References of a load: orphans among its rows, judged, or set aside where the contract says so."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from psycopg2 import extensions, sql

from migration_assets.checks.from_contract import REFERENTIAL
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey
from migration_assets.contracts.model import Contract, Reference
from migration_assets.tables import copy_text, referential
from migration_assets.tables.fingerprint import Fingerprint, Tally
from migration_assets.tables.replace import LinesKept
from migration_assets.tables.row_key import shown_key
from migration_assets.tables.targets.catalog import columns_of


@dataclass
class SetAside:
    """Orphans that were taken out of the target again, to be quarantined."""

    #: (key, reason, row as JSON)
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)

    def fingerprint(self) -> Fingerprint:
        return self.tally.fingerprint()


@dataclass(frozen=True)
class References:
    """The contract's references, and which contracts are whole once this load is committed."""

    contract: Contract
    contracts: Mapping[str, Contract]
    whole: Mapping[str, bool]

    def set_aside(self, cursor: extensions.cursor, where: sql.Composable, aside: SetAside) -> bool:
        """Takes orphans out of the target, until none is left: a row that goes may leave others alone.

        Whether there were any; they are added to `aside`."""
        first = len(aside.rows)
        while True:
            before = len(aside.rows)
            for reference in self._strict():
                self._take_out(cursor, reference, where, aside)
            if len(aside.rows) == before:
                return before > first

    def judge(self, cursor: extensions.cursor, where: sql.Composable, aside: SetAside) -> CheckOutcome:
        """Orphans among the loaded rows, and among rows that waited for this contract to be whole."""
        contract, strict, pending = self.contract, [], 0
        for reference in contract.references:
            parent = self.contracts[reference.parent]
            orphans = referential.outgoing(cursor, contract, reference, parent, where)
            if referential.judgement(reference, contract, self.whole[parent.name]) == "strict":
                strict.append(orphans)
            else:
                pending += orphans.total
        if self.whole[contract.name]:
            strict += referential.incoming(cursor, contract, self.contracts)
        total = sum(orphans.total for orphans in strict)
        rows = [row for orphans in strict for row in orphans.rows]
        rows += [RowKey(key, reason) for key, reason, _ in aside.rows[:KEYS_SHOWN]]
        return CheckOutcome(
            REFERENTIAL,
            passed=not total and not aside.rows,
            blocking=bool(total) or not aside.rows,
            summary=self._summary(strict, total, pending, aside),
            counts={
                "references": len(contract.references),
                "orphans": total + len(aside.rows),
                "pending": pending,
                "quarantined": len(aside.rows),
            },
            rows=tuple(rows[:KEYS_SHOWN]),
        )

    def _summary(self, strict: list[referential.Orphans], total: int, pending: int, aside: SetAside) -> str:
        said = [
            f"{total} rows refer to rows that are not there." if total else "Every reference has its row."
        ]
        parents = {o.reference.parent for o in strict if o.total}
        missing = sorted(name for name in parents if not self.whole.get(name, True))
        if missing:
            said.append(f"Not all partitions of {', '.join(missing)} are loaded: load them first.")
        if pending:
            said.append(f"{pending} references wait for rows that are not loaded yet.")
        if aside.rows:
            said.append(f"{len(aside.rows)} rows without the row that they refer to are in quarantine.")
        return " ".join(said)

    def _strict(self) -> Iterator[Reference]:
        for reference in self.contract.references:
            whole = self.whole[reference.parent]
            if referential.judgement(reference, self.contract, whole) == "strict":
                yield reference

    def _take_out(
        self, cursor: extensions.cursor, reference: Reference, where: sql.Composable, aside: SetAside
    ) -> None:
        parent = self.contracts[reference.parent]
        if not referential.outgoing(cursor, self.contract, reference, parent, where, 1).total:
            return
        statement = referential.taking_out(
            self.contract, reference, parent, where, columns_of(self.contract, "c")
        )
        kept = LinesKept()
        cursor.copy_expert(sql.SQL("COPY ({}) TO STDOUT").format(statement).as_string(cursor), kept)
        reason = f"{', '.join(reference.columns)}: no row in {parent.target_table}"
        for line in kept.lines:
            aside.tally.add(line)
            fields = copy_text.columns_of(line, len(self.contract.columns))
            row = {
                column.name: copy_text.decoded(values)[0].as_py()
                for column, values in zip(self.contract.columns, fields, strict=True)
            }
            key = {name: row[name] for name in self.contract.primary_key}
            shown = shown_key(self.contract, key, len(aside.rows) + 1)
            aside.rows.append((shown, reason, json.dumps(row)))
