"""What Dagster's instance knows, read back as it was written."""

from collections.abc import Iterator
from dataclasses import replace

import dagster as dg
import pytest

from migration_assets.checks.from_contract import specs
from migration_assets.control import records
from migration_assets.control.records import Failure, Tally
from migration_assets.defs.build import build_definitions
from migration_assets.errors import LoadRefused
from migration_assets.planning.keys import partitions
from migration_assets.stages.report import StageReport
from migration_assets_tests.control.shop import CONTRACTS, ORDERS
from migration_assets_tests.defs.scenario import FakeEngine, failed, passed

KEYS = ["a", "b", "c", "d", "rest"]


def report(stage: str, partition: str, **other) -> StageReport:
    outcomes = tuple(passed(spec.name) for spec in specs(ORDERS) if spec.stage == stage)
    return StageReport(
        **{  # type: ignore[arg-type]
            "stage": stage,
            "partition": partition,
            "generation": 1,
            "rows": 7,
            "bytes": 70,
            "seconds": 2.0,
            "fingerprint": "f",
            "outcomes": outcomes,
            **other,
        }
    )


@pytest.fixture
def after_a_run() -> Iterator[tuple[dg.DagsterInstance, dg.DagsterRun]]:
    """a is loaded, b was refused, c was not tried."""
    engine = FakeEngine()
    for partition in ("a", "b"):
        for stage in ("extracted", "transformed", "loaded"):
            engine.answers["orders", stage, partition] = [report(stage, partition)]  # type: ignore[list-item]
    refused = report("loaded", "b", outcomes=(failed("count"),), refusal=LoadRefused("No."))
    engine.answers["orders", "loaded", "b"] = [refused]  # type: ignore[list-item]
    made = build_definitions(CONTRACTS, planner=partitions, checks=specs, engine=engine)
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(
            made.resolve_asset_graph().assets_defs,
            selection=[records.key_of(ORDERS, stage) for stage in ("extracted", "transformed", "loaded")],
            instance=instance,
            tags={"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "b"},
            raise_on_error=False,
        )
        run = instance.get_run_by_id(result.run_id)
        assert run
        yield instance, run


def test_states_tell_what_the_last_attempt_came_to(after_a_run) -> None:
    instance, _ = after_a_run
    assert records.states(instance, ORDERS, KEYS) == {
        "a": "loaded",
        "b": "failed",
        "c": "missing",
        "d": "missing",
        "rest": "missing",
    }


def test_materializations_come_with_their_figures(after_a_run) -> None:
    instance, _ = after_a_run
    (found,) = records.materialized(instance, ORDERS, "loaded")
    assert (found.partition, found.rows, found.seconds) == ("a", 7, 2.0)
    anywhere = list(records.materialized_anywhere(instance, 0))
    assert [key.path[-1] for _, key, _ in anywhere] == [
        "extracted",
        "transformed",
        "loaded",
        "extracted",
        "transformed",
    ]
    assert list(records.materialized_anywhere(instance, anywhere[-1][0])) == []


def test_more_than_a_page_of_materializations_all_come(after_a_run, monkeypatch: pytest.MonkeyPatch) -> None:
    instance, _ = after_a_run
    monkeypatch.setattr(records, "PAGE", 2)
    assert len(list(records.materialized_anywhere(instance, 0))) == 5
    assert len(list(records.materialized(instance, ORDERS, "extracted"))) == 2


def test_a_failed_run_names_its_partitions(after_a_run) -> None:
    instance, run = after_a_run
    assert records.failures(instance, run) == [Failure("orders", "b", "loaded", "No.")]


def test_checks_are_counted_over_the_partitions_asked_for(after_a_run) -> None:
    instance, _ = after_a_run
    both = records.tallies(instance, ORDERS, specs(ORDERS), ["a", "b"])
    assert both["schema"] == Tally(True, 2, 0)
    assert both["count"] == Tally(True, 1, 1)
    assert both["checksum"] == Tally(True, 1, 0)
    assert records.tallies(instance, ORDERS, specs(ORDERS), ["a"])["count"] == Tally(True, 1, 0)


def test_what_is_set_aside_by_policy_is_a_warning(after_a_run) -> None:
    instance, _ = after_a_run
    lenient = replace(ORDERS, bad_rows="quarantine")
    found = records.tallies(instance, lenient, specs(lenient), ["a", "b"])
    assert found["schema"] == Tally(False, 2, 0)
    assert found["count"] == Tally(True, 1, 1)
