"""Transform: staged source rows become the target's rows, each judged before it may be loaded."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from migration_assets.checks.from_contract import SCHEMA
from migration_assets.checks.outcome import KEYS_SHOWN, CheckOutcome, RowKey
from migration_assets.checks.rules import holds, rules
from migration_assets.contracts.model import Contract
from migration_assets.errors import RowsRefused, StagingRefused
from migration_assets.staging.manifest import Manifest, StagedFile
from migration_assets.staging.partition import StagedPartition, StagedSet
from migration_assets.staging.scratch import Scratch
from migration_assets.tables.extract import table_of
from migration_assets.tables.fingerprint import Tally
from migration_assets.tables.mapping import Mapping as TableMapping
from migration_assets.tables.mapping import mapping

if TYPE_CHECKING:
    from migration_assets.tables.batch import BatchJudge, Judged

TRANSFORMED = "transformed"
QUARANTINE = "quarantine.jsonl"

#: bytes of staged lines that are judged at once
PIECE = 2 << 20


@dataclass
class Seen:
    """What a reading of the partition has seen so far."""

    rows: int = 0
    bad: int = 0
    #: whether all lines are the staged ones, but for bad rows
    as_staged: bool = True
    tally: Tally = field(default_factory=Tally)
    #: rows that break a check, and the keys of the first ones, by its name
    broken: dict[str, int] = field(default_factory=dict)
    shown: dict[str, list[RowKey]] = field(default_factory=dict)
    #: written files: the good rows and the quarantined ones
    files: tuple[StagedFile, ...] = ()
    quarantine: StagedFile | None = None
    #: hashes of keys, by the rule that says that they are unique
    hashes: dict[str, Scratch] = field(default_factory=dict)

    def add(self, judged: "Judged") -> None:
        self.rows += judged.rows
        self.as_staged = self.as_staged and judged.as_staged
        self.bad += len(judged.bad)
        for name, number in judged.broken.items():
            self.broken[name] = self.broken.get(name, 0) + number
        for bad in judged.bad:
            if SCHEMA in bad.reasons:
                self.broken[SCHEMA] = self.broken.get(SCHEMA, 0) + 1
            for check, reason in bad.reasons.items():
                self._show(check, RowKey(bad.key, reason))
        for name, keys in judged.warned.items():
            for key in keys:
                self._show(name, RowKey(key, "breaks the rule"))

    def _show(self, check: str, row: RowKey) -> None:
        shown = self.shown.setdefault(check, [])
        if len(shown) < KEYS_SHOWN:
            shown.append(row)


@dataclass(frozen=True)
class Transformed:
    """The stage's manifest (None when its rows were refused), and what its checks found."""

    manifest: Manifest | None
    outcomes: tuple[CheckOutcome, ...]
    rows: int
    quarantined: int
    refusal: RowsRefused | None = None


def transform(
    contract: Contract, extracted: Manifest, folder: StagedPartition, staged: StagedSet, run_id: str
) -> Transformed:
    """Maps and judges what `extracted` staged.

    StagingRefused when the files are not what was written, or were read for another contract.
    """
    planned = mapping(contract, table_of(extracted))
    if tuple(column.name for column in planned.reading) != extracted.columns:
        raise StagingRefused(
            f"Partition {extracted.partition} of {contract.name} was extracted for an earlier version of "
            "its contract, with other columns.",
            advice="Materialize `extracted` of this partition again.",
        )
    if planned.looks or extracted.facts["misfits"]:
        seen = _looked_at(planned, extracted, folder, staged)
    else:
        seen = Seen(rows=extracted.rows)
    return _concluded(contract, extracted, staged, run_id, seen)


def _looked_at(
    planned: TableMapping, extracted: Manifest, folder: StagedPartition, staged: StagedSet
) -> Seen:
    """Reads the rows as often as is needed to know, and to write down, which of them are good."""
    # DuckDB and Pandera take a second to import, which rows that pass untouched need not wait for
    from migration_assets.tables.batch import BatchJudge

    judge = BatchJudge(planned)
    with ExitStack() as hashes:
        read = partial(_read, judge, extracted, folder, staged, hashes)
        seen = read({}, write=planned.rearranges)
        if not seen.as_staged and not seen.files:
            # some value is spelled in another way than it came, so that lines have to be written after all
            seen = read({}, write=True)
        duplicates = _duplicates(seen)
        again = bool(seen.bad) and not seen.files and planned.contract.bad_rows == "quarantine"
        if duplicates or again:
            blocking = {rule.name for rule in planned.rules if rule.names_rows}
            named = {row: name for row, name in duplicates.items() if name in blocking}
            seen = read(named, write=True)
            for name in set(duplicates.values()) - blocking:
                seen.broken[name] = sum(1 for other in duplicates.values() if other == name)
        return seen


def _read(
    judge: "BatchJudge",
    extracted: Manifest,
    folder: StagedPartition,
    staged: StagedSet,
    scratch: ExitStack,
    duplicates: Mapping[int, str],
    *,
    write: bool,
) -> Seen:
    """One reading of all staged rows; writes good lines, quarantined rows, and hashes of keys.

    Without `write` it ends early at lines that are not as they were staged. Hashes of an earlier
    reading are gone then.
    """
    scratch.close()
    seen = Seen()
    with ExitStack() as files:
        rows = files.enter_context(staged.rows(TRANSFORMED)) if write else None
        aside = files.enter_context(staged.rows(TRANSFORMED, QUARANTINE)) if write else None
        seen.hashes = {
            rule.name: scratch.enter_context(staged.scratch())
            for rule in judge.mapping.rules
            if rule.kind == "unique"
        }
        for lines in folder.read(extracted, PIECE):
            judged = judge.judge(lines, seen.rows + 1, duplicates)
            seen.add(judged)
            if not write and not judged.as_staged:
                break
            if rows is not None and aside is not None:
                rows.write(judged.lines)
                seen.tally.add(judged.lines)
                for bad in judged.bad:
                    reason = "; ".join(bad.reasons.values())
                    entry = {"key": bad.key, "reason": reason, "row": json.loads(bad.row)}
                    aside.write(json.dumps(entry).encode() + b"\n")
            for name, pieces in judged.unique.items():
                seen.hashes[name].write(pieces)
            # or the lines would be kept while the next ones are judged
            del lines, judged
    if rows is not None and aside is not None:
        seen.files, seen.quarantine = (rows.staged(),), aside.staged()
    return seen


def _duplicates(seen: Seen) -> dict[int, str]:
    """Rows (from 1) that share a key, and the rule that they break."""
    duplicates: dict[int, str] = {}
    for name, hashes in seen.hashes.items():
        from migration_assets.tables.duplicates import repeated

        for place in repeated(hashes.written()):
            duplicates.setdefault(place + 1, name)
    return duplicates


def _concluded(
    contract: Contract, extracted: Manifest, staged: StagedSet, run_id: str, seen: Seen
) -> Transformed:
    outcomes = _outcomes(contract, seen)
    failed = [outcome.name for outcome in outcomes if not outcome.passed and outcome.blocking]
    if failed:
        refusal = RowsRefused(
            f"Partition {extracted.partition} of {contract.name}: {seen.bad} of {seen.rows} rows may not be "
            f"loaded ({', '.join(failed)}); the target is unchanged.",
            advice="Their keys and reasons are in the checks. Correct the source or the contract, or say "
            "`bad_rows: quarantine`, then run the partition again.",
        )
        return Transformed(None, outcomes, seen.rows, seen.bad, refusal)
    good = seen.rows - seen.bad
    same = not seen.files
    manifest = replace(
        extracted,
        contract_version=contract.version,
        digest=contract.digest,
        generation=staged.generation,
        run_id=run_id,
        stage=TRANSFORMED,
        rows=good,
        fingerprint=extracted.fingerprint if same else str(seen.tally.fingerprint()),
        files=extracted.files if same else seen.files,
        columns=tuple(column.name for column in contract.columns),
        written_at=datetime.now(UTC).isoformat(timespec="seconds"),
        facts={
            "extracted": extracted.rows,
            "quarantined": seen.bad,
            "snapshot": extracted.facts["snapshot"],
            "source": extracted.fingerprint,
            "meaning": extracted.facts.get("meaning"),
            "watermark": extracted.facts.get("watermark"),
            "quarantine": None if not seen.bad or seen.quarantine is None else vars(seen.quarantine),
        },
    )
    staged.seal(manifest)
    return Transformed(manifest, outcomes, good, seen.bad)


def _outcomes(contract: Contract, seen: Seen) -> tuple[CheckOutcome, ...]:
    """One outcome a check. Under quarantine, rows that were set aside make it a warning."""
    quarantined = contract.bad_rows == "quarantine"
    found = [_outcome(SCHEMA, seen, seen.broken.get(SCHEMA, 0), blocking=True, forgiven=quarantined)]
    for rule in rules(contract):
        number = seen.broken.get(rule.name, 0)
        if rule.tolerance is None:
            forgiven = quarantined and rule.names_rows
            found.append(_outcome(rule.name, seen, number, blocking=rule.blocking, forgiven=forgiven))
            continue
        operator, operand, unit = rule.tolerance
        value = float(seen.rows if rule.kind == "rows" else number)
        if unit == "percent":
            value = 100 * value / seen.rows if seen.rows else 0.0
        passed = holds(value, operator, operand)
        summary = f"{value:g} {unit}, {operator} {operand}."
        found.append(
            CheckOutcome(
                rule.name,
                passed,
                rule.blocking,
                summary,
                {"rows": seen.rows, "found": value},
                tuple(seen.shown.get(rule.name, ())),
            )
        )
    return tuple(found)


def _outcome(name: str, seen: Seen, broken: int, *, blocking: bool, forgiven: bool) -> CheckOutcome:
    if not broken:
        summary = f"All {seen.rows} rows hold."
    elif forgiven:
        summary = f"{broken} of {seen.rows} rows do not hold; they are in quarantine."
    else:
        summary = f"{broken} of {seen.rows} rows do not hold."
    return CheckOutcome(
        name,
        passed=not broken,
        blocking=blocking and not (broken and forgiven),
        summary=summary,
        counts={"rows": seen.rows, "bad_rows": broken},
        rows=tuple(seen.shown.get(name, ())),
    )
