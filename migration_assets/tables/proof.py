"""Proof: what the rows that were read back say, as the checks `count` and `checksum`."""

from migration_assets.checks.from_contract import CHECKSUM, COUNT
from migration_assets.checks.outcome import CheckOutcome, RowKey
from migration_assets.ledger.postgres import Entry
from migration_assets.tables.fingerprint import Fingerprint


def counted(entry: Entry, found: Fingerprint, differing: tuple[RowKey, ...]) -> CheckOutcome:
    passed = found.rows == entry.loaded and entry.extracted == entry.loaded + entry.quarantined
    return CheckOutcome(
        COUNT,
        passed,
        True,
        f"{entry.extracted} rows read = {entry.loaded} loaded + {entry.quarantined} quarantined."
        if passed
        else f"{entry.loaded} rows should be in the target's partition, {found.rows} are.",
        {
            "source": entry.extracted,
            "quarantined": entry.quarantined,
            "expected": entry.loaded,
            "target": found.rows,
            "difference": found.rows - entry.loaded,
        },
        () if passed else differing,
    )


def checksummed(expected: Fingerprint, found: Fingerprint, differing: tuple[RowKey, ...]) -> CheckOutcome:
    return CheckOutcome(
        CHECKSUM,
        found == expected,
        True,
        "The rows in the target are the contract's, to the byte."
        if found == expected
        else "Rows in the target are not the ones that the contract makes from the source.",
        {"expected": str(expected), "found": str(found), "rows": found.rows},
        differing,
    )
