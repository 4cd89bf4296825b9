"""What a run refuses was foretold by the profile, with the same keys; and what it does not, was not."""

from collections.abc import Callable, Sequence

import pytest

from migration_assets.analyzer.profile.kinds import KINDS
from migration_assets.analyzer.profile.model import Hazard
from migration_assets_tests.analyzer.profile.conftest import BadRows, Came, Place, of
from migration_assets_tests.analyzer.profile.hazards import OF_MYSQL, OF_POSTGRES, OF_SQLITE, Case
from migration_assets_tests.tables.shop import ask

Make = Callable[..., Place]
STOPPING = ("refused", "quarantined")


def statements(cases: Sequence[Case]) -> list[str]:
    return [statement for case in cases for statement in case.statements]


def foretold(place: Place, cases: Sequence[Case], bad_rows: BadRows) -> None:
    """Profiles, then runs, and compares case by case."""
    place.take(cases, bad_rows)
    found = place.profile()
    came = place.run()
    wrong = [
        f"{case.id}: {fault}"
        for case in cases
        for fault in faults(case, of(found, case.contract.name), came[case.contract.name])
    ]
    assert not wrong, "\n".join(wrong)


def faults(case: Case, hazards: Sequence[Hazard], came: Came) -> list[str]:
    """What the profile said that did not come, and what came that it did not say."""
    kinds = {hazard.kind for hazard in hazards}
    stopping = [hazard for hazard in hazards if hazard.outcome in STOPPING]
    stopped = bool(came.why or came.quarantined)
    said = f"{sorted(kinds)}, and the run: {came.why or 'nothing'}"
    found: list[str] = []
    if case.kind and case.kind not in kinds:
        found.append(f"{case.kind} was not foretold, but {said}")
    if stopped and not stopping:
        found.append(f"stopped without a word: {said}")
    # whether a row refers to a quarantined one is not looked at
    certain = [hazard for hazard in stopping if not hazard.effect.startswith("may be")]
    if certain and not stopped:
        found.append(f"foretold, but it came about: {said}")
    foretold_keys = {key for hazard in stopping for key in hazard.keys}
    if came.keys and not came.keys <= foretold_keys and case.kind != "parent refused":
        found.append(f"keys {sorted(came.keys - foretold_keys)} were not foretold")
    return found


@pytest.mark.parametrize("bad_rows", ["fail", "quarantine"])
def test_what_a_run_refuses_of_sqlite_was_foretold(sqlite: Make, bad_rows: BadRows) -> None:
    foretold(sqlite(*statements(OF_SQLITE)), OF_SQLITE, bad_rows)


@pytest.mark.parametrize("bad_rows", ["fail", "quarantine"])
def test_what_a_run_refuses_of_mysql_was_foretold(mysql: Make, bad_rows: BadRows) -> None:
    foretold(mysql(*statements(OF_MYSQL)), OF_MYSQL, bad_rows)


@pytest.mark.parametrize("bad_rows", ["fail", "quarantine"])
def test_what_a_run_refuses_of_postgres_was_foretold(postgres: Make, bad_rows: BadRows) -> None:
    foretold(postgres(*statements(OF_POSTGRES)), OF_POSTGRES, bad_rows)


def test_every_kind_that_keeps_rows_out_has_a_case() -> None:
    rows = {case.kind for case in (*OF_SQLITE, *OF_MYSQL, *OF_POSTGRES)} - {""}
    others = {
        *("no key", "key not enforced", "long key", "column in the source only", "no contract"),
        *("names collide", "names differ by case", "long name", "reserved word", "counter near its end"),
        *("judged by the target", "not looked at", "reference not judged"),
    }
    assert rows | others == set(KINDS)


def test_a_table_that_may_not_be_read_is_foretold_and_the_others_are_profiled(postgres: Make) -> None:
    place = postgres(*statements(OF_POSTGRES))
    place.take(OF_POSTGRES, "fail")
    own = place.source
    ask(own, ["CREATE ROLE profile_half LOGIN", "GRANT SELECT ON good, words TO profile_half"])
    try:
        place.source = own.replace("postgres:@", "profile_half:@")
        found = place.profile("doubled", "good", "words")
    finally:
        ask(own, ["DROP OWNED BY profile_half", "DROP ROLE profile_half"])
    assert {hazard.outcome for hazard in of(found, "doubled")} >= {"refused"}
    rows = {table.contract: table.rows for table in found.tables}
    assert (rows["good"], rows["words"]) == (2, 2)
    assert "text in a number" in {hazard.kind for hazard in of(found, "words")}
