"""Which partitions are not certified, and why."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from migration_assets.certificate.entry import Proven, entry
from migration_assets.certificate.readiness import after, before
from migration_assets.checks.outcome import CheckOutcome
from migration_assets.ledger.postgres import Entry, Standing
from migration_assets.planning.partitions import AllRows, Partition
from migration_assets.tables.fingerprint import Fingerprint
from migration_assets.tables.verify.findings import Finding
from migration_assets.tables.verify.proof import Compared, Proof
from migration_assets_tests.tables.shop import ORDERS

LOAD = Entry("orders", "all", 2, "run-1", "1.0.0", 3, 3, 0, str(Fingerprint(3, 7)), "loaded", "2-run-1")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
THERE = Standing(LOAD, NOW)
EQUAL = Proof("orders", "all", Compared(3, 0, 0, Fingerprint(3, 7), Fingerprint(3, 7)))
GREEN = CheckOutcome("count", True, True, "3 = 3.")
RED = replace(GREEN, passed=False, summary="3 rows should be in the target, 2 are.")


def proven(*checks: CheckOutcome, standing: Standing = THERE) -> Proven:
    return Proven(ORDERS, Partition("all", AllRows()), standing, EQUAL, checks, {}, NOW)


@pytest.mark.parametrize(
    ("standing", "state", "checks", "why"),
    [
        (None, "missing", {}, "Nothing of it was ever loaded."),
        (replace(THERE, entry=replace(LOAD, staged="")), "loaded", {}, "It was rolled back to no rows."),
        (THERE, "running", {}, "It is being moved."),
        (THERE, "failed", {}, "The last attempt to move it failed."),
        (THERE, "loaded", {"paid": (True, False)}, "The check paid does not hold."),
        (THERE, "loaded", {"paid": (True, None)}, "The check paid is not on record."),
        (THERE, "loaded", {"paid": (True, True), "nice": (False, False)}, ""),
        (THERE, "missing", {}, ""),
    ],
)
def test_what_is_not_there_or_red_is_not_even_compared(
    standing: Standing | None, state: str, checks: dict[str, tuple[bool, bool | None]], why: str
) -> None:
    reason = before(ORDERS, "all", standing, state, checks)
    assert (reason.why if reason else "") == why
    assert reason is None or "`migrate " in reason.next_step


@pytest.mark.parametrize(
    ("proof", "one", "again", "why"),
    [
        (replace(EQUAL, findings=(Finding("missing", "id=1"),)), proven(RED), THERE, RED.summary),
        (EQUAL, proven(GREEN, replace(RED, name="referential")), THERE, RED.summary),
        (replace(EQUAL, agreed=2), proven(GREEN), THERE, "2 of its rows changed while they were compared."),
        (
            EQUAL,
            proven(GREEN),
            replace(THERE, entry=replace(LOAD, generation=3)),
            "It was loaded again meanwhile.",
        ),
        (EQUAL, proven(GREEN), None, "It was loaded again meanwhile."),
        (EQUAL, proven(GREEN), THERE, ""),
    ],
)
def test_what_differs_or_does_not_hold_still_is_not_certified(
    proof: Proof, one: Proven, again: Standing | None, why: str
) -> None:
    reason = after(proof, one, again)
    assert (reason.why if reason else "") == why


def test_an_entry_holds_neither_user_nor_password() -> None:
    environment = {
        "LEGACY_URL": "mysql+pymysql://ann:s3cret@old.example:3306/shop?ssl_key=s3cret",
        "CLOUD_URL": "postgresql://bob:s3cret@new.example/shop?password=s3cret",
    }
    said = entry(proven(GREEN), "run-2", environment)
    assert said["source"] == {
        "server": "legacy",
        "engine": "mysql",
        "host": "old.example:3306",
        "database": "shop",
        "table": "ordhdr",
    }
    assert not [
        word for word in ("s3cret", "ann", "bob") if f"'{word}" in str(said) or f":{word}" in str(said)
    ]
