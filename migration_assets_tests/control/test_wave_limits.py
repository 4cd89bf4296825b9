"""Limits and windows of waves, as the queue of the `dagster.yaml` that is shipped keeps them."""

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.dagster_run import DagsterRun
from dagster._utils.tags import TagConcurrencyLimitsCounter

from migration_assets.control.names import WINDOW_TAG
from migration_assets.control.wave_limits import guard, run_tags, unkept
from migration_assets.waves.document import parsed
from migration_assets.waves.model import Wave
from migration_assets_tests.control.shop import CUSTOMERS

YAML = Path(__file__).resolve().parents[2] / "dagster.yaml"
TUESDAY = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)


@pytest.fixture
def shipped(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    shutil.copy(YAML, home / "dagster.yaml")
    monkeypatch.chdir(home)
    with dg.DagsterInstance.get() as instance:
        yield instance


def wave(more: str) -> Wave:
    return parsed(f"name: w\ncontracts: [customers]\n{more}\n".encode(), "w.yaml")


def run(tags: dict[str, str], status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED) -> DagsterRun:
    return DagsterRun(job_name="j", run_id=str(uuid.uuid4()), tags=tags, status=status)


def queue(instance: dg.DagsterInstance, *going: DagsterRun) -> TagConcurrencyLimitsCounter:
    found = instance.get_concurrency_config().run_queue_config
    assert found
    return TagConcurrencyLimitsCounter(found.tag_concurrency_limits, list(going))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 6, 8, 12, 16])
def test_as_many_runs_start_against_a_source_as_the_wave_allows(
    shipped: dg.DagsterInstance, limit: int
) -> None:
    limited = wave(f"limits: {{source: {limit}}}")
    assert unkept(shipped, limited) == ""
    tags = run_tags(limited, [CUSTOMERS])
    going = [run(tags) for _ in range(limit)]
    assert not queue(shipped, *going[1:]).is_blocked(run(tags))
    assert queue(shipped, *going).is_blocked(run(tags))
    assert not queue(shipped, *going).is_blocked(run({}))


def test_the_limits_of_source_and_target_are_kept_apart(shipped: dg.DagsterInstance) -> None:
    tags = run_tags(wave("limits: {source: 2, target: 1}"), [CUSTOMERS])
    assert tags == {"migration/source_at_most_2": "legacy", "migration/target_at_most_1": "cloud"}
    assert queue(shipped, run(tags)).is_blocked(run(tags))


def test_the_priority_of_a_wave_is_that_of_its_runs() -> None:
    assert run_tags(wave("priority: 7"), [CUSTOMERS]) == {"dagster/priority": "7"}


def test_what_waits_for_its_place_stays_in_the_queue_while_the_window_is_shut(
    shipped: dg.DagsterInstance,
) -> None:
    nightly = wave('window: {timezone: UTC, opens: "22:00", closes: "02:00"}')
    assert unkept(shipped, nightly) == ""
    waiting = run({"dagster/backfill": "b"}, dg.DagsterRunStatus.NOT_STARTED)
    going = run({"dagster/backfill": "b"})
    other = run({"dagster/backfill": "c"}, dg.DagsterRunStatus.NOT_STARTED)
    for each in (waiting, going, other):
        shipped.add_run(each)

    def tags(each: DagsterRun) -> dict[str, str]:
        found = shipped.get_run_by_id(each.run_id)
        assert found
        return dict(found.tags)

    guard(shipped, "b", nightly, TUESDAY)
    assert tags(waiting)[WINDOW_TAG] == "shut"
    assert WINDOW_TAG not in tags(going) | tags(other)
    assert queue(shipped).is_blocked(run(tags(waiting)))
    guard(shipped, "b", nightly, TUESDAY.replace(hour=23))
    assert not queue(shipped).is_blocked(run(tags(waiting)))
