"""Limits, priorities and windows of waves, as the queue of the `dagster.yaml` that is shipped keeps them."""

import shutil
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.dagster_run import DagsterRun
from dagster._utils.tags import TagConcurrencyLimitsCounter

from migration_assets.control.names import LIMITS_TAG, WINDOW_TAG, server_tag
from migration_assets.control.run_queue import limits_in
from migration_assets.control.wave_limits import guard, run_tags, unkept
from migration_assets.waves.document import parsed
from migration_assets.waves.model import Wave
from migration_assets_tests.control.shop import CUSTOMERS

YAML = Path(__file__).resolve().parents[2] / "dagster.yaml"
TUESDAY = datetime(2026, 1, 6, 3, 0, tzinfo=UTC)
STARTED = dg.DagsterRunStatus.STARTED
#: what the queue puts on every run that reads and fills the servers of CUSTOMERS
SERVERS = {server_tag("source", "legacy"): "legacy", server_tag("target", "cloud"): "cloud"}


@pytest.fixture
def shipped(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    shutil.copy(YAML, home / "dagster.yaml")
    monkeypatch.chdir(home)
    with dg.DagsterInstance.get() as instance:
        yield instance


def wave(more: str) -> Wave:
    return parsed(f"name: w\ncontracts: [customers]\n{more}\n".encode(), "w.yaml")


def run(tags: dict[str, str], status: dg.DagsterRunStatus = STARTED) -> DagsterRun:
    return DagsterRun(job_name="j", run_id=str(uuid.uuid4()), tags=tags, status=status)


def limited(more: str) -> dict[str, str]:
    return {**SERVERS, **run_tags(wave(more), [CUSTOMERS])}


def blocks(instance: dg.DagsterInstance, waiting: DagsterRun) -> bool:
    """Whether the queue keeps the run waiting, by what the instance has of others."""
    found = instance.get_concurrency_config().run_queue_config
    assert found
    going = instance.get_runs(dg.RunsFilter(statuses=[STARTED]))
    return TagConcurrencyLimitsCounter(found.tag_concurrency_limits, list(going)).is_blocked(waiting)


@pytest.mark.parametrize("limit", [1, 5])
def test_as_many_runs_start_against_a_source_as_the_wave_allows(
    shipped: dg.DagsterInstance, limit: int
) -> None:
    said = f"limits: {{source: {limit}}}"
    assert unkept(shipped, wave(said)) == ""
    for _ in range(limit):
        assert not blocks(shipped, run(limited(said)))
        shipped.add_run(run(limited(said)))
    assert blocks(shipped, run(limited(said)))
    assert not blocks(shipped, run({}))


def test_all_runs_at_a_server_are_counted_and_the_smallest_limit_of_the_waves_at_work_holds(
    shipped: dg.DagsterInstance,
) -> None:
    wide, narrow = limited("limits: {source: 4}"), limited("limits: {source: 2}")
    shipped.add_run(run(wide))
    shipped.add_run(run(SERVERS))  # of `migrate run`, or of a click
    assert not blocks(shipped, run(wide))
    # one that is waiting or begins makes its wave one at work
    waiting = run(narrow, dg.DagsterRunStatus.STARTING)
    shipped.add_run(waiting)
    assert blocks(shipped, waiting)
    assert blocks(shipped, run(wide))
    assert blocks(shipped, run(SERVERS))
    shipped.delete_run(waiting.run_id)
    assert not blocks(shipped, run(wide))


def test_the_limits_of_source_and_target_are_kept_apart(shipped: dg.DagsterInstance) -> None:
    tags = run_tags(wave("limits: {source: 2, target: 1}"), [CUSTOMERS])
    assert tags == {LIMITS_TAG: "source/legacy 2, target/cloud 1"}
    assert limits_in(tags[LIMITS_TAG]) == {"migration.source/legacy": 2, "migration.target/cloud": 1}
    shipped.add_run(run({**SERVERS, **tags}))
    assert blocks(shipped, run({server_tag("target", "cloud"): "cloud"}))
    assert not blocks(shipped, run({server_tag("source", "legacy"): "legacy"}))


def test_what_somebody_else_wrote_into_the_tag_limits_nothing() -> None:
    assert limits_in("as many as you like, source/legacy") == {}


@pytest.mark.parametrize("limits", ["{max_concurrent_runs: 2}", "{tag_concurrency_limits: []}"])
def test_an_instance_without_the_queue_says_what_to_do(
    home: Path, limits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = "" if "max" in limits else YAML.read_text().partition("run_coordinator:")[2].partition("\n\n")[0]
    said = f"concurrency: {{runs: {limits}}}\n" + (f"run_coordinator:{queue}\n" if queue else "")
    (home / "dagster.yaml").write_text(said)
    with dg.DagsterInstance.get() as instance:
        assert "class: RunQueue" in unkept(instance, wave("limits: {source: 3}"))
        assert unkept(instance, wave("priority: 3")) == ""


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
    assert blocks(shipped, run(tags(waiting)))
    guard(shipped, "b", nightly, TUESDAY.replace(hour=23))
    assert not blocks(shipped, run(tags(waiting)))
