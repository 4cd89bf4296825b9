"""Why a rollback is refused, in words that say what to do."""

from collections.abc import Sequence

import psycopg2
from psycopg2 import extensions

from migration_assets.checks.outcome import RowKey
from migration_assets.contracts.model import Contract
from migration_assets.errors import (
    Fenced,
    LoadRefused,
    MigrationError,
    Passing,
    ProofFailed,
    StructureDiffers,
    TargetChanged,
)
from migration_assets.ledger.postgres import Entry
from migration_assets.stores.postgres import classify
from migration_assets.tables.putting_back import Member
from migration_assets.tables.targets.catalog import place_of
from migration_assets.tables.targets.differences import compared


def busy(member: Member) -> Passing:
    return Passing(
        f"Another run is loading {member.name}.", advice="Wait for it, then run again.", cause="lock"
    )


def refuse_newer(member: Member, history: Sequence[Entry]) -> None:
    name, partition = member.contract.name, member.partition.key
    if not history or history[0].generation < member.asked.before:
        raise Fenced(
            f"The ledger has no generation {member.asked.before} of {member.name}; its rows stay.",
            advice=f"`migrate rollback {name} --preview` tells what it has.",
        )
    if history[0].generation > member.asked.before:
        raise Fenced(
            f"Generation {history[0].generation} of {member.name} was loaded by run {history[0].run_id} "
            "after the rollback was asked for; the target keeps it.",
            advice=f"If it is to be taken back too, `migrate rollback {name} --partitions {partition}`.",
        )


def refuse_another_table(cursor: extensions.cursor, contract: Contract) -> None:
    found = compared(cursor, contract, keys_wait=True)
    if found is None:
        found = ("there is no such table",)
    if found:
        raise StructureDiffers(str(place_of(contract)), found)


def changed(member: Member, differing: Sequence[RowKey] | None) -> TargetChanged:
    what = (
        "Which ones is not known, as the staged files of that generation are gone."
        if differing is None
        else f"Keys of the first {len(differing)} are in the check `checksum`: "
        + "; ".join(f"{row.key} ({row.reason})" for row in differing[:3])
        + "."
    )
    return TargetChanged(
        f"Rows of {member.name} were changed in the target since generation {member.asked.before}. {what} "
        "A rollback would lose that, so the target is unchanged.",
        advice="Look at them, then say `--discard-target-changes`.",
    )


def not_proven(place: tuple[str, str], failed: Sequence[str]) -> ProofFailed:
    return ProofFailed(
        f"Partition {place[1]} of {place[0]} did not pass {', '.join(failed)} with its earlier rows; the "
        "target is unchanged.",
        advice="The rows concerned are named in the checks. Roll back the contracts that they belong to.",
    )


def refused_by_target(error: psycopg2.Error) -> MigrationError:
    fault = classify(error)
    if isinstance(error, psycopg2.errors.ForeignKeyViolation | psycopg2.errors.UniqueViolation):
        return LoadRefused(
            f"{fault.what} The target is unchanged.",
            advice="Rows that stay need rows that would go, or have their keys: roll back their contract, or "
            "all partitions of this one, in the same command.",
        )
    return fault
