"""What is told again of a load after the instance was lost."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.control.rebuild import Vouched, decide, outcomes
from migration_assets.control.records import Attempt, Materialized
from migration_assets.ledger.postgres import Entry, Standing
from migration_assets_tests.tables.shop import CUSTOMERS, NO_NEGATIVE

ENTRY = Entry("customers", "all", 3, "run-3", "1.0.0", 100, 100, 0, "100:ff", "loaded", "3-run-3", "d")
STANDING = Standing(ENTRY, datetime(2024, 5, 1, 12, tzinfo=UTC))
AT = STANDING.loaded_at.timestamp()
CONTRACT = replace(CUSTOMERS, quality=(NO_NEGATIVE,))


def known(generation: int) -> Materialized:
    return Materialized("all", 100, 1.0, 0, AT, generation)


@pytest.mark.parametrize(
    ("event", "judged", "state", "attempt", "decision"),
    [
        (known(3), True, "loaded", None, "known"),
        (known(3), False, "loaded", None, "report checks"),
        (known(4), False, "loaded", None, "known"),
        (known(2), True, "loaded", None, "report"),
        (None, False, "missing", None, "report"),
        (None, False, "running", None, "newer"),
        (known(2), True, "running", None, "newer"),
        # the load was committed by the very run that then failed, or died
        (None, False, "failed", Attempt("run-3", AT - 60), "report"),
        (None, False, "failed", Attempt("run-9", AT - 60), "report"),
        (None, False, "failed", Attempt("run-9", AT + 60), "newer"),
        (known(2), True, "failed", Attempt("run-9", AT + 60), "newer"),
    ],
)
def test_the_ledger_never_contradicts_what_came_later(event, judged, state, attempt, decision) -> None:
    assert decide(STANDING, event, judged=judged, state=state, attempt=attempt) == decision


def implied(about: Vouched, stage) -> set[str]:
    return {each.name for each in outcomes(about, stage, specs(CONTRACT))}


def test_a_committed_load_implies_the_blocking_checks_of_the_same_contract() -> None:
    assert implied(Vouched(STANDING, True), "loaded") == {"count", "checksum", "referential", "no_negative"}


def test_of_another_contract_or_of_rows_put_back_it_implies_what_every_load_proves() -> None:
    assert implied(Vouched(STANDING, False), "loaded") == {"count", "checksum", "referential"}
    back = replace(STANDING, entry=replace(ENTRY, state="rolled_back"))
    assert implied(Vouched(back, True), "loaded") == {"count", "checksum", "referential"}


def test_what_was_quarantined_is_not_told_to_have_held() -> None:
    assert "schema" in implied(Vouched(STANDING, True), "transformed")
    aside = replace(STANDING, entry=replace(ENTRY, quarantined=2, loaded=98))
    assert implied(Vouched(aside, True), "transformed") == set()


def test_a_rebuilt_check_says_that_it_is_and_when_it_was_made() -> None:
    count = next(
        each for each in outcomes(Vouched(STANDING, True), "loaded", specs(CONTRACT)) if each.name == "count"
    )
    assert count.passed
    assert "Rebuilt from the ledger" in count.summary
    assert "2024-05-01T12:00:00+00:00" in count.summary
    assert count.counts["target"] == 100
